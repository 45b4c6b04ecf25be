package ticket

import "github.com/google/uuid"

// Change is what one unit of work has made of a ticket.
type Change struct {
	Before *Snapshot // nil: created
	After  Snapshot
}

// Created reports whether the outside hears of the ticket for the first time: it was created, or was a draft.
func (c Change) Created() bool { return c.Before == nil || c.Before.Status == Draft }

// EventRules say which events a change of a ticket makes, in order. They are
// pure functions and may be asked several times for one change.
type EventRules interface {
	Events(Change) []Event
}

// Event is one event of a change.
type Event struct {
	Type    string   `json:"type"`
	Before  Status   `json:"before"` // of the edge that this event tells of
	After   Status   `json:"after"`
	Changed []string `json:"changed,omitempty"` // attributes, by the names of Snapshot's JSON
}

// Staged is the body of a store.Event: the event, and the ticket as it was then.
type Staged struct {
	Event
	Correlation uuid.UUID `json:"correlation"` // one for all events of a unit of work
	Snapshot    Snapshot  `json:"snapshot"`
}

// NoEvents are rules that make no event.
var NoEvents EventRules = noEvents{}

type noEvents struct{}

func (noEvents) Events(Change) []Event { return nil }
