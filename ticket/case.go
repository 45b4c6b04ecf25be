package ticket

import (
	"time"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn/store"
)

// NewCase is what a source (an incident, a change, a problem) asks a case book to open.
type NewCase struct {
	// ID is the case's id. What may exist once has a version 5 id of source and party; opening a known id
	// gives the case that stands.
	ID     uuid.UUID
	Source store.Key // the record that causes it; its tenant is the unit's
	// Links are the case's links to other tickets by their role: incident, caused_by_incident, change, ….
	Links map[string]uuid.UUID

	Type      string // case type; "" is the book's own for the service
	Service   string // service definition
	Proactive bool
	// Major makes a major case, which has neither account nor contact nor consumer. That its source has no other is the
	// caller's to see to.
	Major  bool
	Parent uuid.UUID // the major case of a child

	Account, Contact, Consumer string // ids of the inventory
	Number                     string // "": the book draws one
	ShortDescription           string
	Description                string
	Channel                    string
	Priority                   int // 1 to 4
	Category, Subcategory      string
	CI                         string
	Entities                   []Entity
	Custom                     Custom
	// Quiet opens the case without the case type's own mail to the contact.
	Quiet bool
	// Communicated says that the source itself writes to the contact in the unit that opens the case.
	Communicated bool
}

// BookedCase is what a case book tells of a case.
type BookedCase struct {
	ID        uuid.UUID
	Key       store.Key // of the case's record, which activities and mails name
	Version   int64
	Number    string
	Source    store.Key
	Proactive bool
	Major     bool
	Parent    uuid.UUID
	State     string // the case type's own word
	Status    Status
	Account   string
	Contact   string
	Consumer  string

	ShortDescription string
	MajorState       string
	Assignee         string
	Group            string
	Opened           time.Time
	// Communicated is when the case's source has first written to its contact about it; zero: it has not.
	Communicated time.Time
}

// CaseQuery asks a case book for the cases of a source, page by page.
type CaseQuery struct {
	Source uuid.UUID
	// Open asks for cases that are neither closed nor cancelled.
	Open bool
	// Account and Consumer ask for those of a party.
	Account, Consumer string
	// Parent asks for the children of a major case instead of a source's cases.
	Parent uuid.UUID
	// Major asks for the major cases of a source alone. A page of them may be short, or empty, before the last.
	Major bool
	Limit int
	After string
}

// CasePage is a page of cases.
type CasePage struct {
	Cases []BookedCase
	Next  string
}

// Resolution is how a ticket was resolved.
type Resolution struct {
	Code, Notes, Cause string
}

// CaseComment is a comment or work note that a source writes into a case.
type CaseComment struct {
	Case   uuid.UUID
	Entry  Entry // Comment or WorkNote
	Text   string
	Source string    // notify, messages, broadcast
	Origin uuid.UUID // the activity it is copied from
	// Mail sends a comment to the case's contact.
	Mail bool
}

// CaseChange is what a case tells its followers, in the unit of work that changes it.
type CaseChange struct {
	Case    BookedCase
	Opened  bool      // it was opened, or linked to its source, by this change
	Raised  bool      // it stood, and became a major case by this change
	Before  Status    // the status before
	Comment *Activity // a comment that the customer made
}
