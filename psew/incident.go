package psew

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/store"
	"github.com/forewarn-go/forewarn/ticket"
)

// Channel is how an incident came in.
type Channel string

// The channels.
const (
	Chat         Channel = "Chat"
	Email        Channel = "Email"
	Phone        Channel = "Phone"
	Monitoring   Channel = "Monitoring"
	SelfService  Channel = "Self-service"
	VirtualAgent Channel = "Virtual agent"
	WalkIn       Channel = "Walk-in"
)

// Channels returns all channels.
func Channels() []Channel {
	return []Channel{Chat, Email, Phone, Monitoring, SelfService, VirtualAgent, WalkIn}
}

// UnmarshalText refuses what is no channel.
func (c *Channel) UnmarshalText(b []byte) error { return known(c, b, append(Channels(), "")...) }

// Incident is an interruption of a service, or the threat of one.
type Incident struct {
	ID      uuid.UUID        `json:"id"`
	Version forewarn.Version `json:"version"`
	Tenant  string           `json:"tenant,omitempty"`
	Number  string           `json:"number"` // INC and 7 digits

	ShortDescription string `json:"shortDescription"`
	Description      string `json:"description,omitempty"`
	Company          string `json:"company,omitempty"`
	Caller           string `json:"caller,omitempty"`
	Location         string `json:"location,omitempty"`

	Channel  Channel  `json:"channel,omitempty"`
	Impact   int      `json:"impact"`  // 1 high to 3 low
	Urgency  int      `json:"urgency"` // 1 high to 3 low
	Priority Priority `json:"priority"`

	Service         string      `json:"service,omitempty"`
	ServiceOffering string      `json:"serviceOffering,omitempty"`
	CI              string      `json:"ci,omitempty"`
	CIName          string      `json:"ciName,omitempty"`
	Category        Category    `json:"category,omitempty"`
	Subcategory     Subcategory `json:"subcategory,omitempty"`

	State          State      `json:"state"`
	HoldReason     HoldReason `json:"holdReason,omitempty"`
	Stage          Stage      `json:"stage,omitempty"`
	Group          string     `json:"assignmentGroup,omitempty"`
	Assignee       string     `json:"assignedTo,omitempty"`
	NeedsAttention bool       `json:"needsAttention,omitempty"`
	// Triggered says that the workflow of its subcategory has begun.
	Triggered bool `json:"triggered,omitempty"`
	// OpenTask is the task of the present stage; nil while none is open.
	OpenTask *uuid.UUID `json:"openTask,omitempty"`
	// LastStage is the stage before Resolution, to which Reopen goes back.
	LastStage Stage `json:"lastStage,omitempty"`

	Cause           string    `json:"cause,omitempty"` // probable cause
	ResolutionCode  string    `json:"resolutionCode,omitempty"`
	ResolutionNotes string    `json:"resolutionNotes,omitempty"`
	Resolved        time.Time `json:"resolved,omitzero"`
	ResolvedBy      string    `json:"resolvedBy,omitempty"`
	Closed          time.Time `json:"closed,omitzero"`
	ClosedBy        string    `json:"closedBy,omitempty"`
	Reopened        int       `json:"reopened,omitempty"`
	Reassigned      int       `json:"reassigned,omitempty"`

	// Proactive says that it was opened of an alert, before a customer reported it.
	Proactive bool `json:"proactive,omitempty"`
	// MajorCase is the major case that generation has opened for it last, Majors how many there were.
	MajorCase *uuid.UUID `json:"majorCase,omitempty"`
	Majors    int        `json:"majors,omitempty"`

	// ExternalID, Severity and TicketType are what an outside system called them.
	ExternalID string `json:"externalId,omitempty"`
	Severity   string `json:"severity,omitempty"`
	TicketType string `json:"ticketType,omitempty"`

	Opened       time.Time `json:"opened"`
	OpenedBy     string    `json:"openedBy"`
	Updated      time.Time `json:"updated"`
	UpdatedBy    string    `json:"updatedBy"`
	StateChanged time.Time `json:"stateChanged"`
	// Comments is the number of its additional comments that were announced.
	Comments int `json:"comments,omitempty"`

	Custom ticket.Custom `json:"custom,omitempty"`
}

const kindIncident = "incident"

var incidents = forewarn.NewRecords(kindIncident, forewarn.Shape[Incident]{
	ID:      func(i *Incident) *uuid.UUID { return &i.ID },
	Version: func(i *Incident) *forewarn.Version { return &i.Version },
	Tenant:  func(i *Incident) *string { return &i.Tenant },
	Fields: []forewarn.Field[Incident]{
		{Name: "state", Type: store.Text, Of: func(i *Incident) store.Value { return forewarn.Text(i.State) }},
		{Name: "opened", Type: store.Int, Of: func(i *Incident) store.Value { return forewarn.Time(i.Opened) }},
		{Name: "number", Type: store.Text, Of: func(i *Incident) store.Value { return forewarn.Text(i.Number) }},
		{Name: "assignee", Type: store.Text, Of: func(i *Incident) store.Value { return forewarn.Text(i.Assignee) }},
		{Name: "assigned_group", Type: store.Text, Of: func(i *Incident) store.Value { return forewarn.Text(i.Group) }},
		{Name: "ci", Type: store.Text, Of: func(i *Incident) store.Value { return forewarn.OptionalText(i.CI) }},
		{Name: "external", Type: store.Text, Of: func(i *Incident) store.Value { return forewarn.OptionalText(i.ExternalID) }},
		{Name: "words", Type: store.Text, Of: func(i *Incident) store.Value { return forewarn.Text(words(i.ShortDescription)) }},
	},
	Indexes: []store.Index{
		{Name: "opened", Fields: []string{"opened"}},
		{Name: "state", Fields: []string{"state", "opened"}},
		{Name: "number", Fields: []string{"number"}},
		{Name: "assignee", Fields: []string{"assignee", "state", "opened"}},
		{Name: "assigned_group", Fields: []string{"assigned_group", "state", "opened"}},
		{Name: "ci", Fields: []string{"ci", "opened"}},
		{Name: "external", Fields: []string{"external"}},
		{Name: "words", Fields: []string{"words"}},
	},
})

// words is a short description as lists search it by its beginning.
func words(s string) string {
	s = strings.ToLower(s)
	if len(s) > 200 {
		s = s[:200]
		for !utf8.ValidString(s) {
			s = s[:len(s)-1]
		}
	}
	return s
}

// Key returns the key of the incident's record.
func (i Incident) Key() store.Key { return incidents.Key(i.Tenant, i.ID) }

// Snapshot is what the outside may know of the incident.
func (i Incident) Snapshot() ticket.Snapshot {
	s := ticket.Snapshot{
		Key: i.Key(), Type: ticket.TypeIncident, Number: i.Number,
		TypeName: i.TicketType, Severity: i.Severity, ExternalID: i.ExternalID,
		Name: i.ShortDescription, Description: i.Description, Priority: int(i.Priority), Channel: string(i.Channel),
		Category: string(i.Category), Subcategory: string(i.Subcategory), Stage: string(i.Stage), Group: i.Group,
		Status: i.status(), StatusChanged: i.StateChanged, Created: i.Opened, Updated: i.Updated, Resolved: i.Resolved,
		ResolutionCode: i.ResolutionCode, ResolutionNotes: i.ResolutionNotes, Cause: i.Cause,
		Proactive: i.Proactive, CommentCount: i.Comments, Custom: i.Custom,
	}
	if i.CI != "" {
		s.Entities = append(s.Entities, ticket.Entity{ID: i.CI, Type: "cmdb_ci", Role: "affected", Name: i.CIName})
	}
	if i.Service != "" {
		s.Entities = append(s.Entities, ticket.Entity{ID: i.Service, Type: "cmdb_ci_service", Role: "affected"})
	}
	if i.Company != "" {
		s.Parties = append(s.Parties, ticket.Party{ID: i.Company, Type: "customer", Role: "customer"})
	}
	return s
}

// subject is the incident as an Authorizer sees it.
func (i Incident) subject() forewarn.Subject {
	return forewarn.Subject{Key: i.Key(), Group: i.Group, Assignee: i.Assignee}
}

// Limits of texts in bytes.
const (
	maxShort = 1000
	maxLong  = 32 << 10
)

// checkText returns an ErrInvalid that names the field when a text is too long or no text.
func checkText(field, s string, limit int) error {
	if len(s) > limit {
		return forewarn.Invalid(field, "has %d bytes; at most %d", len(s), limit)
	}
	if !utf8.ValidString(s) || strings.IndexByte(s, 0) >= 0 {
		return forewarn.Invalid(field, "is no UTF-8 text")
	}
	return nil
}
