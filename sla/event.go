package sla

import (
	"fmt"
	"time"
)

// EventKind is what an event tells.
type EventKind string

// The kinds of events.
const (
	Attached       EventKind = "attached"
	PausedEvent    EventKind = "paused"
	ResumedEvent   EventKind = "resumed"
	ResetEvent     EventKind = "reset" // it is completed, and another may begin
	MilestoneHit   EventKind = "milestone"
	BreachedEvent  EventKind = "breached"
	CompletedEvent EventKind = "completed"
	CancelledEvent EventKind = "cancelled"
)

// Event is what a clock did, or what time did to it. A breach that was told at a closing time is taken back when the
// clock is stopped before the calendar opens again: see State.HasBreached.
type Event struct {
	At          time.Time `json:"at"`
	Kind        EventKind `json:"kind"`
	Clock       int       `json:"clock"` // its number in the timeline
	Definition  string    `json:"definition"`
	Milestone   string    `json:"milestone,omitempty"`
	Provisional bool      `json:"provisional,omitempty"`  // of paused: stopped until further notice
	HasBreached bool      `json:"has_breached,omitempty"` // the clock has, as of this event
}

// Key names the event within its timeline: who is told one twice can tell by it.
func (e Event) Key() string {
	if e.Milestone != "" {
		return fmt.Sprintf("%d/%s/%s", e.Clock, e.Kind, e.Milestone)
	}
	return fmt.Sprintf("%d/%s/%s", e.Clock, e.Kind, stamp(e.At))
}
