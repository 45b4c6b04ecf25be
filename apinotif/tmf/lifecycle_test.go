package tmf

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// naive returns the shortest simple path by trying all of them, the first found among equals.
func naive(edges []Edge, from, to Status) []Status {
	var best []Status
	var walk func(at Status, path []Status)
	walk = func(at Status, path []Status) {
		if at == to {
			if best == nil || len(path) < len(best) {
				best = slices.Clone(path)
			}
			return
		}
		for _, e := range edges {
			if e.From == at && e.To != from && !slices.Contains(path, e.To) {
				walk(e.To, append(path, e.To))
			}
		}
	}
	if from != to {
		walk(from, nil)
	}
	return best
}

// paths is every pair that a path joins in TMF621's lifecycle; all others have none.
const paths = `
acknowledged > rejected: rejected
acknowledged > pending: inProgress pending
acknowledged > held: inProgress held
acknowledged > inProgress: inProgress
acknowledged > cancelled: cancelled
acknowledged > closed: inProgress resolved closed
acknowledged > resolved: inProgress resolved
pending > held: inProgress held
pending > inProgress: inProgress
pending > cancelled: cancelled
pending > closed: inProgress resolved closed
pending > resolved: inProgress resolved
held > pending: inProgress pending
held > inProgress: inProgress
held > cancelled: inProgress cancelled
held > closed: inProgress resolved closed
held > resolved: inProgress resolved
inProgress > pending: pending
inProgress > held: held
inProgress > cancelled: cancelled
inProgress > closed: resolved closed
inProgress > resolved: resolved
resolved > pending: inProgress pending
resolved > held: inProgress held
resolved > inProgress: inProgress
resolved > cancelled: inProgress cancelled
resolved > closed: closed
`

// Covers: APIN-002
func TestEveryPathOfTMF621(t *testing.T) {
	var got strings.Builder
	for _, from := range Statuses() {
		for _, to := range Statuses() {
			if path := TMF621().Path(from, to); path != nil {
				fmt.Fprintf(&got, "%s > %s: %s\n", from, to, strings.Trim(fmt.Sprint(path), "[]"))
			}
		}
	}
	if want := strings.TrimPrefix(paths, "\n"); got.String() != want {
		t.Errorf("paths are\n%s\nwant\n%s", got.String(), want)
	}
}

func TestPathsAgainstNaiveSearch(t *testing.T) {
	for _, l := range []Lifecycle{TMF621(), TMF656()} {
		for _, from := range Statuses() {
			for _, to := range Statuses() {
				if got, want := l.Path(from, to), naive(l.Edges(), from, to); len(got) != len(want) {
					t.Errorf("%s: %s to %s: %v, naive %v", l.Name(), from, to, got, want)
				}
			}
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		status := rapid.SampledFrom(Statuses())
		var l Lifecycle
		for range rapid.IntRange(0, 20).Draw(t, "edges") {
			e := Edge{status.Draw(t, "from"), status.Draw(t, "to")}
			if e.From != e.To && !l.Allows(e.From, e.To) {
				l.edges = append(l.edges, e)
			}
		}
		from, to := status.Draw(t, "start"), status.Draw(t, "end")
		got, want := l.Path(from, to), naive(l.Edges(), from, to)
		if len(got) != len(want) {
			t.Fatalf("%s to %s over %v: %v, naive %v", from, to, l.edges, got, want)
		}
		at := from
		for _, next := range got {
			if !l.Allows(at, next) {
				t.Fatalf("%v takes a step from %s to %s that is no edge", got, at, next)
			}
			at = next
		}
		if len(got) > 0 && at != to {
			t.Fatalf("%v ends at %s, want %s", got, at, to)
		}
	})
}

func TestShippedLifecyclesAreSound(t *testing.T) {
	for _, l := range []Lifecycle{TMF621(), TMF656()} {
		if _, err := NewLifecycle(l.Name(), l.First(), l.Edges()...); err != nil {
			t.Error(err)
		}
	}
	if len(TMF621().Edges()) != 12 {
		t.Errorf("TMF656 has changed TMF621's table: %v", TMF621().Edges())
	}
	for _, e := range []Edge{{Held, Cancelled}, {Held, Resolved}, {Pending, Resolved}, {Closed, InProgress}} {
		if TMF621().Allows(e.From, e.To) || !TMF656().Allows(e.From, e.To) {
			t.Errorf("%v must be TMF656's alone", e)
		}
	}
}

func TestNewLifecycleRefuses(t *testing.T) {
	for _, c := range []struct {
		name  string
		first Status
		edges []Edge
		rule  string
	}{
		{"first", "new", nil, `the first status "new" is none of TMF621's`},
		{"unknown", Acknowledged, []Edge{{Acknowledged, "open"}}, "names a status that is none of TMF621's"},
		{"loop", Acknowledged, []Edge{{Acknowledged, Acknowledged}}, "leads to where it starts"},
		{"twice", Acknowledged, []Edge{{Acknowledged, Held}, {Acknowledged, Held}}, "stands in the table twice"},
		{"unreached", Acknowledged, []Edge{{Acknowledged, Held}, {Pending, Held}}, "starts where no ticket comes"},
	} {
		_, err := NewLifecycle(c.name, c.first, c.edges...)
		var bad *LifecycleError
		if !errors.As(err, &bad) || bad.Rule != c.rule || bad.Lifecycle != c.name {
			t.Errorf("%s: %v, want rule %q", c.name, err, c.rule)
		}
	}
}

func ExampleLifecycle_Mermaid() {
	l, err := NewLifecycle("short", Acknowledged, Edge{Acknowledged, InProgress}, Edge{InProgress, Closed})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(l.Mermaid())
	// Output:
	// stateDiagram-v2
	//     [*] --> acknowledged
	//     acknowledged --> inProgress
	//     inProgress --> closed
	//     closed --> [*]
}
