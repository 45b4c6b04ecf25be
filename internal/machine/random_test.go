package machine_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/forewarn-go/forewarn/internal/machine"
)

var someFacts = []machine.Fact{"a", "b"}

// drawTable draws a table in which any row may be missing, doubled or guarded.
func drawTable(t *rapid.T) table {
	d := table{Name: "drawn"}
	for i := range rapid.IntRange(1, 4).Draw(t, "states") {
		d.States = append(d.States, state(fmt.Sprint("s", i)))
	}
	for i := range rapid.IntRange(1, 3).Draw(t, "triggers") {
		d.Triggers = append(d.Triggers, trigger(fmt.Sprint("t", i)))
	}
	d.Starts = d.States[:1]
	if rapid.Bool().Draw(t, "has a final state") {
		d.Final = d.States[len(d.States)-1:]
	}
	row := func(s state, on trigger, all, none []machine.Fact) {
		if rapid.IntRange(0, 3).Draw(t, "refuse") == 0 {
			d.Refused = append(d.Refused, refusal{From: []state{s}, On: []trigger{on}, If: all, Unless: none, Why: "drawn so"})
			return
		}
		d.Edges = append(d.Edges, edge{From: s, On: on, If: all, Unless: none, To: rapid.SampledFrom(d.States).Draw(t, "to")})
	}
	for _, s := range d.States {
		if slices.Contains(d.Final, s) && rapid.IntRange(0, 19).Draw(t, "leave a final state") > 0 {
			continue
		}
		for _, on := range d.Triggers {
			fact := rapid.SampledFrom(someFacts).Draw(t, "fact")
			switch rapid.IntRange(0, 40).Draw(t, "shape") {
			case 0: // undecided
			case 1:
				row(s, on, []machine.Fact{"a"}, nil)
				row(s, on, nil, []machine.Fact{"b"})
			case 2:
				row(s, on, nil, nil)
				row(s, on, []machine.Fact{fact}, nil)
			case 3, 4, 5, 6, 7, 8:
				row(s, on, []machine.Fact{fact}, nil)
				row(s, on, nil, []machine.Fact{fact})
			default:
				row(s, on, nil, nil)
			}
		}
	}
	return d
}

// deciding counts the rows that hold, straight from the table.
func deciding(d table, s state, on trigger, facts []machine.Fact) (edges []edge, refused int) {
	holds := func(all, none []machine.Fact) bool {
		for _, f := range all {
			if !slices.Contains(facts, f) {
				return false
			}
		}
		for _, f := range none {
			if slices.Contains(facts, f) {
				return false
			}
		}
		return true
	}
	for _, e := range d.Edges {
		if e.From == s && e.On == on && holds(e.If, e.Unless) {
			edges = append(edges, e)
		}
	}
	for _, r := range d.Refused {
		if slices.Contains(r.From, s) && slices.Contains(r.On, on) && holds(r.If, r.Unless) {
			refused++
		}
	}
	return edges, refused
}

// distance counts the edges from the start to a state when no fact is true.
func distance(d table, to state) (int, bool) {
	reach := map[state]bool{d.Starts[0]: true}
	for n := range d.States {
		if reach[to] {
			return n, true
		}
		next := maps.Clone(reach)
		for s := range reach {
			for _, on := range d.Triggers {
				edges, _ := deciding(d, s, on, nil)
				for _, e := range edges {
					next[e.To] = true
				}
			}
		}
		reach = next
	}
	return 0, false
}

// sound judges a drawn table by other means than New does.
func sound(d table) bool {
	reach := map[state]bool{d.Starts[0]: true}
	for range d.States {
		for _, e := range d.Edges {
			if reach[e.From] {
				reach[e.To] = true
			}
		}
	}
	for _, s := range d.States {
		final, leaves := slices.Contains(d.Final, s), false
		for _, on := range d.Triggers {
			for _, facts := range [][]machine.Fact{nil, {"a"}, {"b"}, {"a", "b"}} {
				edges, refused := deciding(d, s, on, facts)
				if n := len(edges) + refused; final && n != 0 || !final && n != 1 {
					return false
				}
			}
		}
		for _, e := range d.Edges {
			leaves = leaves || e.From == s && e.To != s
		}
		if !reach[s] || leaves == final {
			return false
		}
	}
	return true
}

// New takes exactly the sound tables, and a walk over a machine takes exactly
// the edges of its table.
func TestRandomTables(t *testing.T) {
	taken, walked := 0, 0
	check := func(t *rapid.T) {
		d := drawTable(t)
		m, err := machine.New(d, machine.Words{})
		if (err == nil) != sound(d) {
			t.Fatalf("New = %v, but sound is %v for %+v", err, sound(d), d)
		}
		if err != nil {
			return
		}
		taken++
		at := d.Starts[0]
		for range rapid.IntRange(0, 20).Draw(t, "steps") {
			on := rapid.SampledFrom(d.Triggers).Draw(t, "on")
			facts := rapid.SliceOfDistinct(rapid.SampledFrom(someFacts), rapid.ID[machine.Fact]).Draw(t, "facts")
			edges, _ := deciding(d, at, on, facts)
			got, err := m.Next(at, on, facts...)
			var refused *machine.RefusedError
			switch {
			case len(edges) == 1 && (err != nil || got.From != at || got.On != on || got.To != edges[0].To):
				t.Fatalf("Next(%q, %q, %v) = %+v, %v; the table has %+v", at, on, facts, got, err, edges[0])
			case len(edges) == 0 && (!errors.As(err, &refused) || refused.From != string(at) || refused.Trigger != string(on)):
				t.Fatalf("Next(%q, %q, %v) = %+v, %v; the table refuses it", at, on, facts, got, err)
			case len(edges) == 0 && slices.Contains(refused.Allowed, string(on)):
				t.Fatalf("refused %q, and called it allowed", on)
			}
			if err == nil {
				at, walked = got.To, walked+1
			}
			if !slices.Contains(d.States, at) {
				t.Fatalf("walked to %q", at)
			}
		}
		to := rapid.SampledFrom(d.States).Draw(t, "to")
		path, ok := m.Path(d.Starts[0], to)
		here := d.Starts[0]
		for _, e := range path {
			if next, err := m.Next(here, e.On); err != nil || next.To != e.To {
				t.Fatalf("a path takes %+v in %q", e, here)
			}
			here = e.To
		}
		if want, reached := distance(d, to); ok != reached || ok && (here != to || len(path) != want) {
			t.Fatalf("Path to %q is %v, ends in %q after %d edges; want %v after %d", to, ok, here, len(path), reached, want)
		}
	}
	for tries := 0; tries < 20 && (taken == 0 || walked == 0); tries++ { // a short run draws few tables, at times none that is sound
		rapid.Check(t, check)
	}
	if taken == 0 || walked == 0 {
		t.Errorf("%d tables were taken and %d edges walked: the test shows nothing", taken, walked)
	}
	t.Logf("%d tables taken, %d edges walked", taken, walked)
}
