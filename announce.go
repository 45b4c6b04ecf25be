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
	bytes  int // what its events will count in the commit
}

// announce merges a change into what the unit has announced of the ticket, and asks the rules again.
func (r *run) announce(before *ticket.Snapshot, after ticket.Snapshot) error {
	i := slices.IndexFunc(r.tickets, func(a *announced) bool { return a.key == after.Key })
	var a, previous *announced
	if i < 0 {
		if before != nil {
			first := *before // the caller's may change
			before = &first
		}
		a = &announced{key: after.Key, change: ticket.Change{Before: before, After: after}}
	} else {
		a = r.tickets[i]
		was := *a
		previous = &was
		after.Comments = union(was.change.After.Comments, after.Comments)
		a.change.After = after
	}
	r.undo = append(r.undo, undo{ticket: a, previous: previous})
	if previous == nil {
		r.tickets = append(r.tickets, a)
		previous = &announced{}
	}
	a.events = r.engine.cfg.Rules.Events(a.change)
	a.bytes = 0
	if len(a.events) > 0 {
		body, err := json.Marshal(a.change.After)
		if err != nil {
			return &Error{Kind: ErrInvalid, Record: after.Key, Field: "snapshot", Rule: "is no JSON", Cause: err}
		}
		a.bytes = len(a.events) * (len(body) + 256)
	}
	r.count(len(a.events)-len(previous.events), a.bytes-previous.bytes)
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

// stage makes the events of one ticket for the commit.
func (r *run) stage(a *announced) ([]store.Event, error) {
	if len(a.events) == 0 {
		return nil, nil
	}
	if r.correlation == uuid.Nil {
		r.correlation = r.newID()
	}
	snapshot := a.change.After
	snapshot.Description = ticket.Cut(snapshot.Description)
	snapshot.ResolutionNotes = ticket.Cut(snapshot.ResolutionNotes)
	snapshot.Cause = ticket.Cut(snapshot.Cause)
	events := make([]store.Event, 0, len(a.events))
	for _, e := range a.events {
		body, err := json.Marshal(ticket.Staged{Event: e, Correlation: r.correlation, Snapshot: snapshot})
		if err != nil {
			return nil, err
		}
		events = append(events, store.Event{ID: r.newID(), Ticket: a.key, Type: e.Type, At: r.now, Body: body})
	}
	return events, nil
}
