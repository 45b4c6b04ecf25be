package ticket

import (
	"time"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn/store"
)

// Type is the type of a ticket.
type Type string

// The types of tickets.
const (
	TypeIncident Type = "Incident"
	TypeCase     Type = "Case"
	TypeChange   Type = "Change"
	TypeProblem  Type = "Problem"
)

// Snapshot is what the outside may know of a ticket at an instant. The zero
// value of a field is absent.
type Snapshot struct {
	Key    store.Key `json:"key"`
	Type   Type      `json:"type"`
	Number string    `json:"number"`
	// TypeName and Severity are what an outside system called them, kept and answered as given.
	TypeName   string `json:"typeName,omitempty"`
	Severity   string `json:"severity,omitempty"`
	ExternalID string `json:"externalId,omitempty"`

	Name        string `json:"name"` // short description
	Description string `json:"description,omitempty"`
	Priority    int    `json:"priority"` // 1 - Critical to 5 - Planning
	Channel     string `json:"channel,omitempty"`
	Category    string `json:"category,omitempty"`
	Subcategory string `json:"subCategory,omitempty"`
	Stage       string `json:"stage,omitempty"`
	Group       string `json:"assignmentGroup,omitempty"`

	Status          Status    `json:"status"`
	StatusChanged   time.Time `json:"statusChanged"`
	Created         time.Time `json:"created"`
	Updated         time.Time `json:"updated"`
	Resolved        time.Time `json:"resolved,omitzero"`
	ResolutionCode  string    `json:"resolutionCode,omitempty"`
	ResolutionNotes string    `json:"resolutionNotes,omitempty"`
	Cause           string    `json:"cause,omitempty"`

	Proactive bool     `json:"proactive,omitempty"` // opened before a customer called
	Major     bool     `json:"major,omitempty"`
	Entities  []Entity `json:"entities,omitempty"`
	Parties   []Party  `json:"parties,omitempty"`

	// Comments are those that became public by the announced change, CommentCount is the number of all that
	// were announced for the ticket so far.
	Comments     []PublicComment `json:"comments,omitempty"`
	CommentCount int             `json:"commentCount,omitempty"`

	Custom Custom `json:"custom,omitempty"`
}

// Entity is a thing that a ticket is about: a configuration item, a service, a product.
type Entity struct {
	ID   string `json:"id"`
	Type string `json:"type"` // cmdb_ci, cmdb_ci_service, product, asset, …
	Role string `json:"role"`
	Name string `json:"name,omitempty"`
}

// Party is someone whom a ticket concerns.
type Party struct {
	ID   string `json:"id"`
	Type string `json:"type"` // customer, customer_contact, consumer
	Role string `json:"role"`
	Name string `json:"name,omitempty"`
}

// PublicComment is an additional comment as the outside may read it.
type PublicComment struct {
	ID   uuid.UUID `json:"id"`
	Text string    `json:"text"`
	By   string    `json:"by"`
	At   time.Time `json:"at"`
}

// MaxPublic is the length in bytes at which long texts of a snapshot are cut, and CutMark ends what was cut.
const (
	MaxPublic = 8 << 10
	CutMark   = " … [cut]"
)

// Cut shortens a text to MaxPublic bytes, with CutMark at its end, and never inside a character.
func Cut(s string) string {
	if len(s) <= MaxPublic {
		return s
	}
	end := MaxPublic - len(CutMark)
	for end > 0 && s[end]&0xC0 == 0x80 {
		end--
	}
	return s[:end] + CutMark
}

// Public returns the comment of an activity as a snapshot carries it.
func Public(a Activity) PublicComment {
	return PublicComment{ID: a.ID, Text: Cut(a.Text), By: a.By, At: a.At}
}
