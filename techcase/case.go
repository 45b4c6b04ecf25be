package techcase

import (
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/store"
	"github.com/forewarn-go/forewarn/ticket"
)

// Case is the record of a case.
type Case struct {
	ID      uuid.UUID        `json:"id"`
	Version forewarn.Version `json:"version"`
	Tenant  string           `json:"tenant,omitempty"`
	Number  string           `json:"number"` // CS and seven digits
	Type    string           `json:"type"`
	Service string           `json:"service,omitempty"` // service definition

	State State `json:"state"`
	// Status is what State means to the outside, by the type's Flow.
	Status        ticket.Status `json:"status"`
	StatusChanged time.Time     `json:"statusChanged"`

	// Source is the record that caused the case; its tenant is the case's.
	Source    Source               `json:"source,omitzero"`
	Links     map[string]uuid.UUID `json:"links,omitempty"` // other tickets by their role: incident, change, …
	Proactive bool                 `json:"proactive,omitempty"`

	Major      bool       `json:"major,omitempty"` // has neither account nor contact nor consumer
	MajorState MajorState `json:"majorState,omitempty"`
	Parent     uuid.UUID  `json:"parent,omitzero"` // the major case of a child

	Account  string `json:"account,omitempty"`
	Company  string `json:"company,omitempty"`
	Contact  string `json:"contact,omitempty"`
	Consumer string `json:"consumer,omitempty"`
	Contract string `json:"contract,omitempty"`

	ShortDescription string          `json:"shortDescription"`
	Description      string          `json:"description,omitempty"`
	IssueType        string          `json:"issueType,omitempty"`
	BusinessImpact   string          `json:"businessImpact,omitempty"`
	StepsToReproduce string          `json:"stepsToReproduce,omitempty"`
	SoldProduct      string          `json:"soldProduct,omitempty"`
	Category         string          `json:"category,omitempty"`
	Subcategory      string          `json:"subcategory,omitempty"`
	Channel          string          `json:"channel,omitempty"` // how the customer made contact
	Priority         int             `json:"priority"`          // 1 - Critical to 4 - Low
	CI               string          `json:"ci,omitempty"`
	Entities         []ticket.Entity `json:"entities,omitempty"`

	Group    string   `json:"assignmentGroup,omitempty"`
	Assignee string   `json:"assignedTo,omitempty"`
	Watch    []string `json:"watchList,omitempty"` // users' ids or mail addresses

	NeedsAttention bool `json:"needsAttention,omitempty"`
	// Responded: the customer has answered what he was asked, and nobody has looked yet.
	Responded bool `json:"customerResponded,omitempty"`
	// Blocked: work of ours has to be done first.
	Blocked      bool         `json:"blocked,omitempty"`
	ActionStatus ActionStatus `json:"actionStatus,omitempty"`
	// Escalation is staff's: what portal users read is without it, and events do not carry it.
	Escalation CaseEscalation `json:"escalation,omitzero"`

	ResolutionCode  string    `json:"resolutionCode,omitempty"`
	ResolutionNotes string    `json:"resolutionNotes,omitempty"`
	RootCause       string    `json:"rootCauseCode,omitempty"`
	Cause           string    `json:"cause,omitempty"`
	Resolved        time.Time `json:"resolved,omitzero"`
	ResolvedBy      string    `json:"resolvedBy,omitempty"` // the agent assigned then
	Closed          time.Time `json:"closed,omitzero"`
	ClosedBy        string    `json:"closedBy,omitempty"` // "system" for auto close
	CloseNotes      string    `json:"closeNotes,omitempty"`

	// Window is when auto close began to count, zero while it does not; Reminded is how many reminders went out since.
	Window   time.Time `json:"autoCloseFrom,omitzero"`
	Reminded int       `json:"reminded,omitempty"`

	Created   time.Time `json:"created"`
	CreatedBy string    `json:"createdBy"`
	Updated   time.Time `json:"updated"`
	UpdatedBy string    `json:"updatedBy"`
	Opened    time.Time `json:"opened,omitzero"` // submitted
	OpenedBy  string    `json:"openedBy,omitempty"`

	Comments int `json:"comments,omitempty"` // how many were made public
	// Communicated is when the case's source has first written to the contact about it; zero: it has not.
	Communicated time.Time     `json:"communicated,omitzero"`
	Custom       ticket.Custom `json:"custom,omitempty"`
}

// Source names the record that caused a case.
type Source struct {
	Kind string    `json:"kind"`
	ID   uuid.UUID `json:"id"`
}

// MajorState is how far a case is on its way to a major case.
type MajorState string

// The major case states.
const (
	MajorNone     MajorState = ""
	MajorProposed MajorState = "Proposed"
	MajorAccepted MajorState = "Accepted"
	MajorRejected MajorState = "Rejected"
)

// UnmarshalText refuses what is no major case state.
func (s *MajorState) UnmarshalText(b []byte) error {
	switch v := MajorState(b); v {
	case MajorNone, MajorProposed, MajorAccepted, MajorRejected:
		*s = v
		return nil
	}
	return fmt.Errorf("techcase: %q is no major case state", b)
}

// ActionStatus says in a short message what a case waits for.
type ActionStatus string

// The action statuses; the first two are shown blue, the others red.
const (
	ActionNone              ActionStatus = ""
	NeedsAttention          ActionStatus = "Needs attention"
	ActionCustomerResponded ActionStatus = "Customer Responded"
	BlockedInternally       ActionStatus = "Blocked internally"
	BlockedByCustomer       ActionStatus = "Blocked by customer"
)

// ActionStatusOf returns the action status of what holds of a case: it needs attention, the customer has responded,
// work of ours blocks it, the customer was asked for information. What needs attention is shown before what blocks.
func ActionStatusOf(attention, responded, blocked, waiting bool) ActionStatus {
	switch {
	case attention && responded:
		return ActionCustomerResponded
	case attention:
		return NeedsAttention
	case blocked:
		return BlockedInternally
	case waiting:
		return BlockedByCustomer
	}
	return ActionNone
}

// Kind is the kind of a case's record and of its activities.
const Kind = "case"

// series is the series of the numbers of cases.
const series = "CS"

var cases = forewarn.NewRecords(Kind, forewarn.Shape[Case]{
	ID:      func(c *Case) *uuid.UUID { return &c.ID },
	Version: func(c *Case) *forewarn.Version { return &c.Version },
	Tenant:  func(c *Case) *string { return &c.Tenant },
	Fields: []forewarn.Field[Case]{
		{Name: "id", Type: store.Text, Of: func(c *Case) store.Value { return forewarn.ID(c.ID) }},
		{Name: "number", Type: store.Text, Of: func(c *Case) store.Value { return forewarn.Text(c.Number) }},
		{Name: "state", Type: store.Text, Of: func(c *Case) store.Value { return forewarn.Text(c.State) }},
		{Name: "open", Type: store.Int, Of: func(c *Case) store.Value { return forewarn.Bool(c.Open()) }},
		{Name: "source", Type: store.Text, Of: func(c *Case) store.Value { return forewarn.ID(c.Source.ID) }},
		{Name: "parent", Type: store.Text, Of: func(c *Case) store.Value { return forewarn.ID(c.Parent) }},
		{Name: "account", Type: store.Text, Of: func(c *Case) store.Value { return forewarn.OptionalText(c.Account) }},
		{Name: "consumer", Type: store.Text, Of: func(c *Case) store.Value { return forewarn.OptionalText(c.Consumer) }},
		{Name: "assignee", Type: store.Text, Of: func(c *Case) store.Value { return forewarn.Text(c.Assignee) }},
		{Name: "major", Type: store.Int, Of: func(c *Case) store.Value { return forewarn.Bool(c.Major) }},
		{Name: "created", Type: store.Int, Of: func(c *Case) store.Value { return forewarn.Time(c.Created) }},
	},
	Indexes: []store.Index{
		{Name: "number", Fields: []string{"number"}},
		{Name: "created", Fields: []string{"created"}},
		{Name: "state", Fields: []string{"state", "created"}},
		{Name: "assignee", Fields: []string{"assignee", "open", "created"}},
		{Name: "major", Fields: []string{"major", "open", "created"}},
		{Name: "source", Fields: []string{"source", "open"}},
		{Name: "source_account", Fields: []string{"source", "account", "open"}},
		{Name: "source_consumer", Fields: []string{"source", "consumer", "open"}},
		{Name: "account", Fields: []string{"account", "open", "created"}},
		{Name: "consumer", Fields: []string{"consumer", "open", "created"}},
		{Name: "parent", Fields: []string{"parent", "open", "id"}},
	},
})

// Records are the records of cases, for reading in units of one's own.
func Records() forewarn.Records[Case] { return cases }

// Open reports whether the case is neither closed nor cancelled.
func (c Case) Open() bool { return !c.Status.Final() }

func (c Case) key() store.Key { return cases.Key(c.Tenant, c.ID) }

// subject is what acts are authorised on.
func (c Case) subject() forewarn.Subject {
	return forewarn.Subject{Key: c.key(), Account: c.Account, Contact: c.Contact, Consumer: c.Consumer, Group: c.Group, Assignee: c.Assignee}
}

// Snapshot returns what the outside may know of the case. Comments that a change has made public are the caller's to add.
func (c Case) Snapshot() ticket.Snapshot {
	return ticket.Snapshot{
		Key: c.key(), Type: ticket.TypeCase, Number: c.Number,
		Name: c.ShortDescription, Description: c.Description, Priority: c.Priority, Channel: c.Channel,
		Category: c.Category, Subcategory: c.Subcategory, Group: c.Group,
		Status: c.Status, StatusChanged: c.StatusChanged, Created: c.Created, Updated: c.Updated, Resolved: c.Resolved,
		ResolutionCode: c.ResolutionCode, ResolutionNotes: c.ResolutionNotes, Cause: c.Cause,
		Proactive: c.Proactive, Major: c.Major, Entities: slices.Clone(c.Entities), Parties: c.parties(),
		CommentCount: c.Comments, Custom: c.Custom,
	}
}

func (c Case) parties() []ticket.Party {
	var all []ticket.Party
	for _, p := range []ticket.Party{
		{ID: c.Account, Type: PartyAccount, Role: PartyAccount},
		{ID: c.Contact, Type: PartyContact, Role: PartyContact},
		{ID: c.Consumer, Type: PartyConsumer, Role: PartyConsumer},
	} {
		if p.ID != "" {
			all = append(all, p)
		}
	}
	return all
}

// booked is what the seam tells of the case.
func (c Case) booked(tenant string) ticket.BookedCase {
	b := ticket.BookedCase{
		ID: c.ID, Key: cases.Key(tenant, c.ID), Version: int64(c.Version), Number: c.Number, Proactive: c.Proactive, Major: c.Major, Parent: c.Parent,
		State: string(c.State), Status: c.Status, Account: c.Account, Contact: c.Contact, Consumer: c.Consumer,
		ShortDescription: c.ShortDescription, MajorState: string(c.MajorState), Assignee: c.Assignee, Group: c.Group,
		Opened: c.Opened, Communicated: c.Communicated,
	}
	if c.Source.ID != uuid.Nil {
		b.Source = store.Key{Tenant: tenant, Kind: c.Source.Kind, ID: c.Source.ID}
	}
	return b
}

// number makes the number of a case of the next number of its series.
func number(n int64) string { return fmt.Sprintf("CS%07d", n) }
