package apinotif

import (
	"slices"

	"github.com/forewarn-go/forewarn/apinotif/tmf"
	"github.com/forewarn-go/forewarn/ticket"
)

// statuses are those that the outside knows of.
var statuses = []ticket.Status{
	ticket.New, ticket.InProgress, ticket.Waiting, ticket.OnHold, ticket.Resolved, ticket.Closed, ticket.Cancelled,
}

// Rules say which events a change of a ticket makes. They are immutable, pure
// and safe for concurrent use. Make them with [NewRules]; the zero Rules make no
// event.
type Rules struct {
	on         []rule
	kinds      []string // nil: all
	attributes []attribute
	paths      map[step][]ticket.Status
}

type step struct{ from, to ticket.Status }

var _ ticket.EventRules = Rules{}

// NewRules returns the rules of a configuration. It returns a *ConfigError for
// a rule or an attribute that does not exist, and for a lifecycle whose shortest
// path between two statuses of a ticket leads through rejected, which no ticket
// is.
func NewRules(c Config) (Rules, error) {
	if err := c.check(); err != nil {
		return Rules{}, err
	}
	lifecycle := c.Lifecycle
	if len(lifecycle.Edges()) == 0 {
		lifecycle = tmf.TMF621()
	}
	r := Rules{kinds: slices.Clone(c.Kinds), paths: map[step][]ticket.Status{}}
	for _, from := range statuses {
		for _, to := range statuses {
			path, err := path(lifecycle, from, to)
			if err != nil {
				return Rules{}, err
			}
			r.paths[step{from, to}] = path
		}
	}
	for _, line := range table {
		if !slices.Contains(c.Off, line.name) {
			r.on = append(r.on, line)
		}
	}
	for _, a := range announced {
		if c.Attributes == nil || slices.Contains(c.Attributes, a.name) {
			r.attributes = append(r.attributes, a)
		}
	}
	return r, nil
}

// path returns the statuses after from on the way to to. A change that no path
// of the lifecycle joins is one step, so that none goes unannounced.
func path(l tmf.Lifecycle, from, to ticket.Status) ([]ticket.Status, error) {
	if from == to {
		return nil, nil
	}
	a, _ := tmf.StatusOf(from)
	b, _ := tmf.StatusOf(to)
	steps := l.Path(a, b)
	if steps == nil {
		return []ticket.Status{to}, nil
	}
	out := make([]ticket.Status, len(steps))
	for i, s := range steps {
		status, ok := s.Ticket()
		if !ok {
			return nil, refuse("Lifecycle", "%s leads from %s to %s through %s, which no ticket is", l.Name(), a, b, s)
		}
		out[i] = status
	}
	return out, nil
}

// Events returns the events of a change in the order in which they are
// announced. A creation, or a draft that becomes a ticket, is one event whatever
// else has changed. Otherwise each edge on the path between the two statuses is
// one event, and then all changed attributes are one. A draft makes none.
func (r Rules) Events(c ticket.Change) []ticket.Event {
	if c.After.Status == ticket.Draft || r.kinds != nil && !slices.Contains(r.kinds, c.After.Key.Kind) {
		return nil
	}
	var events []ticket.Event
	for _, line := range r.on {
		if slices.Contains(line.tickets, c.After.Type) {
			events = append(events, r.fire(line, c)...)
		}
	}
	return events
}

func (r Rules) fire(line rule, c ticket.Change) []ticket.Event {
	now := c.After.Status
	if c.Created() || line.on == created {
		if c.Created() && line.on == created {
			return []ticket.Event{{Type: line.event, Before: ticket.Draft, After: now}}
		}
		return nil
	}
	if line.on == statusChanged {
		return r.edges(line.event, c.Before.Status, now)
	}
	if changed := r.changed(*c.Before, c.After); len(changed) > 0 {
		return []ticket.Event{{Type: line.event, Before: now, After: now, Changed: changed}}
	}
	return nil
}

// edges returns one event per edge between two statuses.
func (r Rules) edges(eventType string, from, to ticket.Status) []ticket.Event {
	var events []ticket.Event
	for _, next := range r.paths[step{from, to}] {
		events = append(events, ticket.Event{Type: eventType, Before: from, After: next})
		from = next
	}
	return events
}

// changed returns the names of the attributes that differ.
func (r Rules) changed(before, after ticket.Snapshot) []string {
	var names []string
	for _, a := range r.attributes {
		if a.differs(before, after) {
			names = append(names, a.name)
		}
	}
	return names
}
