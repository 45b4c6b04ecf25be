package techcase_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/internal/machine"
	"github.com/forewarn-go/forewarn/techcase"
	"github.com/forewarn-go/forewarn/ticket"
)

var update = flag.Bool("update", false, "write golden files and the generated page of the documentation anew")

// matrix is where each trigger leads from each state that is not final: "." is refused. Two targets are told apart by
// the facts behind them.
const matrix = `
                       Draft      New               Work in Progress   Awaiting Info      Solution Proposed
Submit case          | New      | .               | .                | .                | .
Finish case intake   | New      | .               | .                | .                | .
Assign to me         | .        | Work in Progress| .                | .                | .
Accept               | .        | Work in Progress| .                | .                | .
Request Information  | .        | Awaiting Info   | Awaiting Info    | .                | .
Information Received | .        | .               | .                | Work in Progress | .
Customer comment     | .        | New             | Work in Progress | Work in Progress | Solution Proposed
Propose Solution     | .        | .               | Solution Proposed| .                | .
Reject Solution      | .        | .               | .                | .                | Work in Progress
Accept Solution      | .        | .               | .                | .                | Closed
Close case           | .        | Closed          | Closed           | Closed           | Closed
Cancel               | Cancelled| Cancelled       | Cancelled        | Cancelled        | Cancelled
Auto close           | .        | .               | .                | .                | Closed
Resolve with origin  | .        | Solution Proposed| Solution Proposed| Solution Proposed| .
`

// Covers: TECH-004, TECH-005, TECH-006, TECH-007, TECH-008, TECH-009, TECH-010, TECH-011, TECH-012, TECH-013, TECH-014
// Covers: TECH-015, TECH-016, TECH-017, TECH-019, TECH-020, TECH-140, C-31
func TestEveryPairOfStateAndTrigger(t *testing.T) {
	flow := techcase.DefaultFlow()
	m, err := machine.New(flow.Table, machine.Words{})
	if err != nil {
		t.Fatal(err)
	}
	states := []techcase.State{techcase.StateDraft, techcase.StateNew, techcase.StateWorkInProgress, techcase.StateAwaitingInfo, techcase.StateSolutionProposed}
	seen := map[techcase.Trigger]bool{}
	for _, line := range strings.Split(strings.TrimSpace(matrix), "\n")[1:] {
		cells := strings.Split(line, "|")
		on := techcase.Trigger(strings.TrimSpace(cells[0]))
		seen[on] = true
		for i, want := range cells[1:] {
			for _, facts := range [][]techcase.Fact{nil, {techcase.CustomerActs}} {
				edge, err := m.Next(states[i], on, facts...)
				got := string(edge.To)
				if err != nil {
					got = "."
				}
				if got != strings.TrimSpace(want) {
					t.Errorf("%s in %s %v leads to %s, want %s", on, states[i], facts, got, want)
				}
			}
		}
	}
	for _, on := range techcase.Triggers() {
		if !seen[on] {
			t.Errorf("the matrix lacks %s", on)
		}
		for _, final := range []techcase.State{techcase.StateClosed, techcase.StateCancelled} {
			if edge, err := m.Next(final, on); err == nil {
				t.Errorf("%s leads from %s to %s", on, final, edge.To)
			}
		}
	}
	if _, err := m.Next(techcase.StateSolutionProposed, techcase.OnAutoClose, techcase.IsMajor); err == nil {
		t.Error("a major case closes by itself")
	}
}

// Covers: TECH-020
func TestARefusedTransitionNamesFromToAndAction(t *testing.T) {
	r := newRig(t)
	c := r.opened()
	_, err := r.cases.ProposeSolution(r.ctx, agent, techcase.ProposeSolution{Case: c.ID, ResolutionCode: "x"})
	var e *techcase.TransitionError
	if !errors.Is(err, forewarn.ErrRefused) || !errors.As(err, &e) {
		t.Fatal(err)
	}
	if e.From != techcase.StateNew || e.To != techcase.StateSolutionProposed || e.Action != techcase.OnProposeSolution ||
		e.Why != "work on the case has not begun" || !slices.Contains(e.Allowed, techcase.OnAssignToMe) {
		t.Errorf("%+v", e)
	}
	const want = `techcase.ProposeSolution: refused: case %s: state: does not allow it: "Propose Solution" does not lead from "New" to "Solution Proposed": work on the case has not begun`
	if err.Error() != fmt.Sprintf(want, c.ID) {
		t.Error(err)
	}
}

// Covers: TECH-018, TECH-020
func TestAFlowOfOnesOwn(t *testing.T) {
	const onHold, hold, resume = techcase.State("On Hold"), techcase.Trigger("Hold"), techcase.Trigger("Resume")
	own := func() techcase.Flow {
		f := techcase.DefaultFlow()
		f.Table.States = append(f.Table.States, onHold)
		f.Table.Triggers = append(f.Table.Triggers, hold, resume)
		f.Table.Edges = append(f.Table.Edges,
			techcase.Edge{From: techcase.StateWorkInProgress, On: hold, To: onHold},
			techcase.Edge{From: onHold, On: resume, To: techcase.StateWorkInProgress},
			techcase.Edge{From: onHold, On: techcase.OnCustomerComment, To: techcase.StateWorkInProgress})
		others := []techcase.State{techcase.StateDraft, techcase.StateNew, techcase.StateAwaitingInfo, techcase.StateSolutionProposed}
		f.Table.Refused = append(f.Table.Refused,
			techcase.Refusal{From: others, On: []techcase.Trigger{hold}, Why: "there is no work to hold"},
			techcase.Refusal{From: append(others, techcase.StateWorkInProgress), On: []techcase.Trigger{resume}, Why: "nothing is held"},
			techcase.Refusal{From: []techcase.State{onHold}, Why: "the case is held", On: slices.DeleteFunc(append(techcase.Triggers(), hold),
				func(on techcase.Trigger) bool { return on == techcase.OnCustomerComment })})
		f.Status[onHold] = ticket.OnHold
		return f
	}
	var order []string
	hook := func(name string, to techcase.State) techcase.Hook {
		return techcase.Hook{To: to, Do: func(_ *forewarn.Unit, tr techcase.Transition) error {
			order = append(order, fmt.Sprintf("%s: %s from %q to %q", name, tr.On, tr.Before.State, tr.After.State))
			return nil
		}}
	}
	r := newRig(t, func(c *techcase.Config) {
		c.Types = []techcase.Type{{Name: "own", Flow: own(), Hooks: []techcase.Hook{hook("first", ""), hook("never", techcase.StateClosed), hook("second", onHold), hook("third", "")}}}
	})
	c := r.working()
	order = nil
	held, err := r.cases.Fire(r.ctx, agent, techcase.Fire{Case: c.ID, On: hold, Note: "waits for spare parts"})
	if err != nil || held.State != onHold || held.Status != ticket.OnHold {
		t.Fatalf("%+v, %v", held, err)
	}
	want := []string{`first: Hold from "Work in Progress" to "On Hold"`, `second: Hold from "Work in Progress" to "On Hold"`,
		`third: Hold from "Work in Progress" to "On Hold"`}
	if !slices.Equal(order, want) {
		t.Errorf("hooks %q", order)
	}
	if _, err := r.cases.Fire(r.ctx, agent, techcase.Fire{Case: c.ID, On: techcase.OnAutoClose}); !errors.Is(err, forewarn.ErrInvalid) {
		t.Errorf("a trigger that has a use case was fired: %v", err)
	}
	if _, err := r.cases.Fire(r.ctx, agent, techcase.Fire{Case: c.ID, On: "Kick"}); !errors.Is(err, forewarn.ErrInvalid) {
		t.Errorf("a trigger that there is not: %v", err)
	}
	if _, err := r.cases.Comment(r.ctx, customer, techcase.Comment{Case: c.ID, Text: "any news?"}); err != nil {
		t.Fatal(err)
	}
	if got := r.get(c.ID).State; got != techcase.StateWorkInProgress {
		t.Error(got)
	}
}

func TestNewRefusesWhatIsNotWired(t *testing.T) {
	broken := func(change func(*techcase.Flow)) []techcase.Type {
		f := techcase.DefaultFlow()
		change(&f)
		return []techcase.Type{{Name: "own", Flow: f}}
	}
	for name, c := range map[string]struct {
		change func(*techcase.Config)
		says   string
	}{
		"no engine":    {func(c *techcase.Config) { c.Engine = nil }, "config.engine"},
		"no follower":  {func(c *techcase.Config) { c.Follower = nil }, "techcase.NoFollower"},
		"no types":     {func(c *techcase.Config) { c.Types = []techcase.Type{} }, "config.types"},
		"no name":      {func(c *techcase.Config) { c.Types = []techcase.Type{{}} }, "config.types[0].name"},
		"a name twice": {func(c *techcase.Config) { c.Types = []techcase.Type{{Name: "a"}, {Name: "a"}} }, "config.types[1].name"},
		"no hook":      {func(c *techcase.Config) { c.Types = []techcase.Type{{Name: "a", Hooks: []techcase.Hook{{}}}} }, "hooks[0]"},
		"reminders that fall": {func(c *techcase.Config) {
			c.Types = []techcase.Type{{Name: "a", AutoClose: techcase.AutoClose{After: 5, Reminders: days(3, 2)}}}
		}, "autoClose.reminders"},
		"a state without status": {func(c *techcase.Config) {
			c.Types = broken(func(f *techcase.Flow) { delete(f.Status, techcase.StateNew) })
		}, `"New"`},
		"a status that is none": {func(c *techcase.Config) {
			c.Types = broken(func(f *techcase.Flow) { f.Status[techcase.StateNew] = "fresh" })
		}, `"fresh"`},
		"a final state that is open": {func(c *techcase.Config) {
			c.Types = broken(func(f *techcase.Flow) { f.Status[techcase.StateClosed] = ticket.New })
		}, "not final alike"},
		"a pair undecided": {func(c *techcase.Config) {
			c.Types = broken(func(f *techcase.Flow) { f.Table.Refused = f.Table.Refused[1:] })
		}, "neither an edge nor a refusal"},
		"a word unknown": {func(c *techcase.Config) {
			c.Types = broken(func(f *techcase.Flow) { f.Table.Edges[0].Follows = []string{"ring the bell"} })
		}, "ring the bell"},
		"a trigger missing": {func(c *techcase.Config) {
			c.Types = broken(func(f *techcase.Flow) {
				gone := func(on techcase.Trigger) bool { return on == techcase.OnAccept }
				f.Table.Triggers = slices.DeleteFunc(f.Table.Triggers, gone)
				f.Table.Edges = slices.DeleteFunc(f.Table.Edges, func(e techcase.Edge) bool { return gone(e.On) })
				for i := range f.Table.Refused {
					f.Table.Refused[i].On = slices.DeleteFunc(f.Table.Refused[i].On, gone)
				}
			})
		}, `"Accept"`},
		"a start missing": {func(c *techcase.Config) {
			c.Types = broken(func(f *techcase.Flow) { f.Table.Starts = f.Table.Starts[:1] })
		}, `"New"`},
	} {
		t.Run(name, func(t *testing.T) {
			r := &rig{TB: t, ctx: context.Background(), clock: &clock{now: start}}
			config := techcase.Config{Engine: r.bareEngine(), Follower: techcase.NoFollower}
			c.change(&config)
			if _, err := techcase.New(config); err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%v; want an error that says %q", err, c.says)
			}
		})
	}
}

func TestTheStatesAreDocumented(t *testing.T) {
	flow := techcase.DefaultFlow()
	m, err := machine.New(flow.Table, machine.Words{})
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	b.WriteString("# The states of a case\n\n")
	b.WriteString("This page is made of `techcase.DefaultFlow` by `go test ./techcase -run Documented -update`. An embedder may give a type of\ncases another flow.\n\n")
	b.WriteString("```mermaid\n" + m.Mermaid() + "```\n\n")
	b.WriteString("## To the outside\n\n| State | Status | What follows from entering it |\n|---|---|---|\n")
	for _, s := range flow.Table.States {
		follows := map[ticket.Status]string{
			ticket.Resolved:  "Resolved is stamped, auto close begins to count unless the case is major; leaving it takes both back",
			ticket.Closed:    "Closed is stamped; read-only",
			ticket.Cancelled: "read-only",
			ticket.New:       "Opened is stamped, when it was a draft",
			ticket.Draft:     "not announced",
		}[flow.Status[s]]
		fmt.Fprintf(&b, "| %s | %s | %s |\n", s, flow.Status[s], follows)
	}
	b.WriteString("\n## Every state and trigger\n\n" + m.Markdown())
	golden(t, filepath.Join("..", "docs", "techcase-states.md"), b.String())
}

// golden compares a text with a file, or writes the file.
func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s is stale; with -update it is written anew. Now it would be:\n%s", file, got)
	}
}
