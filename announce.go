package forewarn

import (
	"encoding/json"
	"slices"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn/store"
	"github.com/forewarn-go/forewarn/ticket"
)

// announced is what a unit has made of one ticket so far.
type announced struct {
	key    store.Key
	change ticket.Change
	events []ticket.Event
	bodies [][]byte // of its events
	bytes  int      // of all bodies
}

// announce merges a change into what the unit has announced of the ticket, and asks the rules again.
func (r *run) announce(before *ticket.Snapshot, after ticket.Snapshot) error {
	e := r.at(after.Key)
	a := e.ticket
	var previous *announced
	if a == nil {
		if before != nil {
			first := *before // the caller's may change
			before = &first
		}
		a = &announced{key: after.Key, change: ticket.Change{Before: before, After: after}}
	} else {
		was := *a
		previous = &was
		after.Comments = union(was.change.After.Comments, after.Comments)
		a.change.After = after
	}
	r.undo = append(r.undo, undo{ticket: a, previous: previous})
	if previous == nil {
		r.tickets = append(r.tickets, a)
		e.ticket = a
		previous = &announced{}
	}
	a.events = r.engine.cfg.Rules.Events(a.change)
	err := r.tell(a)
	if err != nil {
		a.events, a.bodies, a.bytes = nil, nil, 0
	}
	r.count(len(a.events)-len(previous.events), a.bytes-previous.bytes)
	if err != nil {
		return &Error{Kind: ErrInvalid, Record: after.Key, Field: "snapshot", Rule: "is no JSON", Cause: err}
	}
	return r.fits()
}

// union returns the comments of both, each once.
func union(a, b []ticket.PublicComment) []ticket.PublicComment {
	all := slices.Clone(a)
	for _, c := range b {
		if !slices.ContainsFunc(all, func(o ticket.PublicComment) bool { return o.ID == c.ID }) {
			all = append(all, c)
		}
	}
	return all
}

// tell makes the bodies of a ticket's events, as they are now.
func (r *run) tell(a *announced) error {
	a.bodies, a.bytes = nil, 0
	if len(a.events) == 0 {
		return nil
	}
	if r.correlation == uuid.Nil {
		r.correlation = r.newID()
	}
	snapshot := a.change.After
	snapshot.Description = ticket.Cut(snapshot.Description)
	snapshot.ResolutionNotes = ticket.Cut(snapshot.ResolutionNotes)
	snapshot.Cause = ticket.Cut(snapshot.Cause)
	for _, e := range a.events {
		body, err := json.Marshal(ticket.Staged{Event: e, Correlation: r.correlation, Snapshot: snapshot})
		if err != nil {
			return err
		}
		a.bodies = append(a.bodies, body)
		a.bytes += len(body)
	}
	return nil
}

// stage returns the events of one ticket for the commit.
func (r *run) stage(a *announced) []store.Event {
	events := make([]store.Event, len(a.bodies))
	for i, body := range a.bodies {
		events[i] = store.Event{ID: r.newID(), Ticket: a.key, Type: a.events[i].Type, At: r.now, Body: body}
	}
	return events
}
