package tmf

import (
	"fmt"
	"slices"
	"strings"
)

// Edge is a step that a lifecycle allows.
type Edge struct{ From, To Status }

// Lifecycle is a table of the steps that a ticket's status may take. It is
// immutable; the zero Lifecycle allows none. Make one with [NewLifecycle], or
// take [TMF621] or [TMF656].
type Lifecycle struct {
	name  string
	first Status
	edges []Edge
}

// LifecycleError says what is wrong with the table of a lifecycle.
type LifecycleError struct {
	Lifecycle string
	Edge      Edge // zero when the rule is about the whole table
	Rule      string
}

func (e *LifecycleError) Error() string {
	s := "tmf: lifecycle " + e.Lifecycle + ": "
	if e.Edge != (Edge{}) {
		s += fmt.Sprintf("edge %s to %s: ", e.Edge.From, e.Edge.To)
	}
	return s + e.Rule
}

// NewLifecycle returns a lifecycle of these edges, in which tickets begin with
// first. It returns a *LifecycleError for an edge that names no status of
// TMF621, that leads to where it starts or stands twice, and when a status that
// an edge names cannot be reached from first.
func NewLifecycle(name string, first Status, edges ...Edge) (Lifecycle, error) {
	l := Lifecycle{name: name, first: first, edges: slices.Clone(edges)}
	if !first.Valid() {
		return Lifecycle{}, &LifecycleError{Lifecycle: name, Rule: fmt.Sprintf("the first status %q is none of TMF621's", first)}
	}
	for i, e := range edges {
		rule := ""
		switch {
		case !e.From.Valid() || !e.To.Valid():
			rule = "names a status that is none of TMF621's"
		case e.From == e.To:
			rule = "leads to where it starts"
		case slices.Contains(edges[:i], e):
			rule = "stands in the table twice"
		case e.From != first && l.Path(first, e.From) == nil:
			rule = "starts where no ticket comes"
		}
		if rule != "" {
			return Lifecycle{}, &LifecycleError{Lifecycle: name, Edge: e, Rule: rule}
		}
	}
	return l, nil
}

// TMF621 returns the lifecycle that TMF621 draws for a trouble ticket. It is the default.
func TMF621() Lifecycle { return tmf621 }

// TMF656 returns the lifecycle of TMF656 Service Problem: TMF621's, where work
// that is held or waits may also be resolved, what is held be cancelled, and
// what is closed be taken up again.
func TMF656() Lifecycle { return tmf656 }

var tmf621 = Lifecycle{name: "TMF621", first: Acknowledged, edges: []Edge{
	{Acknowledged, InProgress}, {Acknowledged, Rejected}, {Acknowledged, Cancelled},
	{InProgress, Held}, {InProgress, Pending}, {InProgress, Resolved}, {InProgress, Cancelled},
	{Held, InProgress},
	{Pending, InProgress}, {Pending, Cancelled},
	{Resolved, Closed}, {Resolved, InProgress},
}}

var tmf656 = Lifecycle{name: "TMF656", first: Acknowledged, edges: append(slices.Clone(tmf621.edges),
	Edge{Held, Cancelled}, Edge{Held, Resolved}, Edge{Pending, Resolved}, Edge{Closed, InProgress})}

// Name returns the name of the lifecycle.
func (l Lifecycle) Name() string { return l.name }

// First returns the status with which a ticket begins.
func (l Lifecycle) First() Status { return l.first }

// Edges returns the table.
func (l Lifecycle) Edges() []Edge { return slices.Clone(l.edges) }

// Allows reports whether one step leads from one status to another.
func (l Lifecycle) Allows(from, to Status) bool { return slices.Contains(l.edges, Edge{from, to}) }

// Path returns the statuses that a ticket takes on the shortest way between
// two, the last included and the first not. Of ways of one length it is the one
// whose edges stand first in the table. It returns nil when there is none, and
// when from and to are the same.
func (l Lifecycle) Path(from, to Status) []Status {
	if from == to {
		return nil
	}
	came := map[Status]Status{from: ""}
	for queue := []Status{from}; len(queue) > 0; queue = queue[1:] {
		for _, e := range l.edges {
			if e.From != queue[0] {
				continue
			}
			if _, seen := came[e.To]; seen {
				continue
			}
			came[e.To] = e.From
			if e.To == to {
				return walk(came, from, to)
			}
			queue = append(queue, e.To)
		}
	}
	return nil
}

func walk(came map[Status]Status, from, to Status) []Status {
	var path []Status
	for s := to; s != from; s = came[s] {
		path = append(path, s)
	}
	slices.Reverse(path)
	return path
}

// Mermaid returns the lifecycle as a Mermaid state diagram.
func (l Lifecycle) Mermaid() string {
	var b strings.Builder
	fmt.Fprintf(&b, "stateDiagram-v2\n    [*] --> %s\n", l.first)
	for _, e := range l.edges {
		fmt.Fprintf(&b, "    %s --> %s\n", e.From, e.To)
	}
	for _, s := range Statuses() {
		into, out := slices.ContainsFunc(l.edges, func(e Edge) bool { return e.To == s }), slices.ContainsFunc(l.edges, func(e Edge) bool { return e.From == s })
		if into && !out {
			fmt.Fprintf(&b, "    %s --> [*]\n", s)
		}
	}
	return b.String()
}
