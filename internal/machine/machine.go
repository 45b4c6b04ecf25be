// Package machine makes state machines of tables: one row for each way out of
// a state, saying who may take it, what it requires and what follows.
//
// A [Table] is plain data. [New] verifies it and returns a [Machine], or a
// [TableError] that lists everything that is wrong with the table:
//
//   - each state and trigger is declared, once, under a name that can be shown;
//   - each state can be reached from a start;
//   - nothing leaves a final state, and every other state can be left;
//   - each pair of state and trigger is decided: by an edge, or by a refusal
//     that says why; where guards decide, exactly one row holds for every
//     combination of the facts that the guards read;
//   - each word in the rows is one that the code behind the table knows.
//
// A Machine answers what follows on a trigger, and prints itself as a Mermaid
// diagram and as a Markdown table, of which the documentation is made.
//
// A package whose users may bring a table of their own names [Table] and the
// errors by aliases; the errors are written to be read by those users.
package machine

import "slices"

// Fact is the name of something that is true or not when a trigger comes, as
// "the assignee is set". A guard reads facts.
type Fact string

// Edge is one way out of a state. Who, Requires and Follows are words whose
// meaning is the caller's: a machine carries and prints them.
type Edge[S, T ~string] struct {
	From     S        `json:"from"`
	On       T        `json:"on"`
	To       S        `json:"to"`                 // may be From: something happens, the state stays
	If       []Fact   `json:"if,omitempty"`       // counts only when all of these are true
	Unless   []Fact   `json:"unless,omitempty"`   // and none of these
	Who      []string `json:"who,omitempty"`      // who may take it; none: anyone whom the use case lets in
	Requires []string `json:"requires,omitempty"` // what must be given with the trigger
	Follows  []string `json:"follows,omitempty"`  // what is done besides the new state, in this order
}

// Refusal says why triggers do nothing in some states: it stands for every
// pair of its From and On.
type Refusal[S, T ~string] struct {
	From   []S    `json:"from"`
	On     []T    `json:"on"`
	If     []Fact `json:"if,omitempty"`     // counts only when all of these are true
	Unless []Fact `json:"unless,omitempty"` // and none of these
	Why    string `json:"why"`              // the reason, as a clause: "the case is not submitted yet"
}

// Table is the definition of a machine. The order of its lists is the order
// in which it is printed, and decides nothing else but ties in [Machine.Path].
type Table[S, T ~string] struct {
	Name     string          `json:"name"` // as people read it: "case"
	States   []S             `json:"states"`
	Triggers []T             `json:"triggers"`
	Starts   []S             `json:"starts"`          // the states in which a record may begin
	Final    []S             `json:"final,omitempty"` // what nothing leaves
	Edges    []Edge[S, T]    `json:"edges"`
	Refused  []Refusal[S, T] `json:"refused,omitempty"`
}

// Words are the words that the code behind a table understands. A nil list
// allows any word, an empty one none.
type Words struct {
	Facts    []Fact
	Who      []string
	Requires []string
	Follows  []string
}

// Machine is a verified table. It is immutable, and safe for concurrent use.
// The zero Machine is of no use.
type Machine[S, T ~string] struct {
	table Table[S, T]
	rows  map[pair[S, T]][]row[S, T]
}

type pair[S, T ~string] struct {
	from S
	on   T
}

// row is what decides a pair, when its guard holds.
type row[S, T ~string] struct {
	guard
	edge *Edge[S, T] // nil when the row refuses
	why  string
}

// guard says when a row counts.
type guard struct{ all, none []Fact }

func (g guard) holds(facts ...Fact) bool {
	holds := func(f Fact) bool { return slices.Contains(facts, f) }
	return !slices.ContainsFunc(g.all, func(f Fact) bool { return !holds(f) }) && !slices.ContainsFunc(g.none, holds)
}

// New verifies a table and makes a machine of a copy of it. It returns a
// *[TableError] that lists every fault.
func New[S, T ~string](table Table[S, T], words Words) (*Machine[S, T], error) {
	m := &Machine[S, T]{table: table.clone()}
	m.rows = m.table.rows()
	if faults := verify(m.table, m.rows, words); len(faults) > 0 {
		return nil, &TableError{Machine: table.Name, Faults: faults}
	}
	return m, nil
}

// Table returns a copy of the table, for a caller that makes another of it.
func (m *Machine[S, T]) Table() Table[S, T] { return m.table.clone() }

// Name returns the name of the table.
func (m *Machine[S, T]) Name() string { return m.table.Name }

// IsFinal reports whether nothing leaves the state.
func (m *Machine[S, T]) IsFinal(s S) bool { return slices.Contains(m.table.Final, s) }

// Next returns the edge that a trigger takes when exactly the given facts are
// true. Facts that no guard reads decide nothing.
//
// It returns a *[RefusedError] when the table refuses the trigger in this
// state, and an *[UnknownError] for a state or trigger that it does not have.
func (m *Machine[S, T]) Next(from S, on T, facts ...Fact) (Edge[S, T], error) {
	if !slices.Contains(m.table.States, from) {
		return Edge[S, T]{}, &UnknownError{m.table.Name, "state", string(from), strs(m.table.States)}
	}
	if !slices.Contains(m.table.Triggers, on) {
		return Edge[S, T]{}, &UnknownError{m.table.Name, "trigger", string(on), strs(m.table.Triggers)}
	}
	why := string(from) + " is final"
	for _, r := range m.rows[pair[S, T]{from, on}] {
		if r.holds(facts...) {
			if r.edge != nil {
				return r.edge.clone(), nil
			}
			why = r.why
		}
	}
	var allowed []string
	for _, e := range m.Allowed(from, facts...) {
		allowed = append(allowed, string(e.On))
	}
	return Edge[S, T]{}, &RefusedError{m.table.Name, string(from), string(on), why, allowed}
}

// Allowed returns the edges that can be taken in a state when exactly the
// given facts are true, in the order of the triggers.
func (m *Machine[S, T]) Allowed(from S, facts ...Fact) []Edge[S, T] {
	var out []Edge[S, T]
	for _, t := range m.table.Triggers {
		for _, r := range m.rows[pair[S, T]{from, t}] {
			if r.edge != nil && r.holds(facts...) {
				out = append(out, r.edge.clone())
			}
		}
	}
	return out
}

// Path returns the fewest edges that lead from one state to another when
// exactly the given facts are true: none when the states are the same. Of
// several such paths it is the one whose triggers come first in the table.
// It reports false when no path leads there.
func (m *Machine[S, T]) Path(from, to S, facts ...Fact) ([]Edge[S, T], bool) {
	if from == to {
		return nil, slices.Contains(m.table.States, from)
	}
	came := map[S]Edge[S, T]{} // the edge over which a state was reached first
	for queue := []S{from}; len(queue) > 0; queue = queue[1:] {
		for _, e := range m.Allowed(queue[0], facts...) {
			if _, seen := came[e.To]; seen {
				continue
			}
			came[e.To] = e
			queue = append(queue, e.To)
		}
	}
	var path []Edge[S, T]
	for at := to; at != from; at = path[len(path)-1].From {
		e, ok := came[at]
		if !ok {
			return nil, false
		}
		path = append(path, e)
	}
	slices.Reverse(path)
	return path, true
}

// rows sorts edges and refusals by the pair that they decide.
func (t Table[S, T]) rows() map[pair[S, T]][]row[S, T] {
	rows := map[pair[S, T]][]row[S, T]{}
	for i := range t.Edges {
		e := &t.Edges[i]
		p := pair[S, T]{e.From, e.On}
		rows[p] = append(rows[p], row[S, T]{guard: guard{e.If, e.Unless}, edge: e})
	}
	for _, r := range t.Refused {
		for _, s := range r.From {
			for _, on := range r.On {
				p := pair[S, T]{s, on}
				rows[p] = append(rows[p], row[S, T]{guard: guard{r.If, r.Unless}, why: r.Why})
			}
		}
	}
	return rows
}

func (e Edge[S, T]) clone() Edge[S, T] {
	e.If, e.Unless = slices.Clone(e.If), slices.Clone(e.Unless)
	e.Who, e.Requires, e.Follows = slices.Clone(e.Who), slices.Clone(e.Requires), slices.Clone(e.Follows)
	return e
}

func (t Table[S, T]) clone() Table[S, T] {
	t.States, t.Triggers = slices.Clone(t.States), slices.Clone(t.Triggers)
	t.Starts, t.Final = slices.Clone(t.Starts), slices.Clone(t.Final)
	t.Edges, t.Refused = slices.Clone(t.Edges), slices.Clone(t.Refused)
	for i := range t.Edges {
		t.Edges[i] = t.Edges[i].clone()
	}
	for i, r := range t.Refused {
		r.From, r.On, r.If, r.Unless = slices.Clone(r.From), slices.Clone(r.On), slices.Clone(r.If), slices.Clone(r.Unless)
		t.Refused[i] = r
	}
	return t
}

func strs[X ~string](xs []X) []string {
	out := make([]string, len(xs))
	for i, x := range xs {
		out[i] = string(x)
	}
	return out
}
