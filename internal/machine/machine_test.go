package machine_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/forewarn-go/forewarn/internal/machine"
)

type (
	state   string
	trigger string
	table   = machine.Table[state, trigger]
	edge    = machine.Edge[state, trigger]
	refusal = machine.Refusal[state, trigger]
)

// door is a table with one of everything.
func door() table {
	return table{
		Name:     "door",
		States:   []state{"Open", "Shut", "Walled up"},
		Triggers: []trigger{"push", "knock", "brick"},
		Starts:   []state{"Open", "Shut"},
		Final:    []state{"Walled up"},
		Edges: []edge{
			{From: "Open", On: "push", To: "Shut", Follows: []string{"bang"}},
			{From: "Shut", On: "push", To: "Open", Unless: []machine.Fact{"locked"}, Who: []string{"guest"}},
			{From: "Shut", On: "knock", To: "Shut"},
			{From: "Shut", On: "brick", To: "Walled up", Who: []string{"mason"}, Requires: []string{"bricks"}},
		},
		Refused: []refusal{
			{From: []state{"Shut"}, On: []trigger{"push"}, If: []machine.Fact{"locked"}, Why: "it is locked"},
			{From: []state{"Open"}, On: []trigger{"knock", "brick"}, Why: "nobody does that to an open door"},
		},
	}
}

func doorWords() machine.Words {
	return machine.Words{Facts: []machine.Fact{"locked"}, Who: []string{"guest", "mason"}, Requires: []string{"bricks"}, Follows: []string{"bang"}}
}

func build(t *testing.T, tab table) *machine.Machine[state, trigger] {
	t.Helper()
	m, err := machine.New(tab, doorWords())
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestNext(t *testing.T) {
	m := build(t, door())
	for _, c := range []struct {
		from  state
		on    trigger
		facts []machine.Fact
		to    state
		err   string
	}{
		{"Open", "push", nil, "Shut", ""},
		{"Open", "push", []machine.Fact{"locked", "raining"}, "Shut", ""},
		{"Shut", "push", nil, "Open", ""},
		{"Shut", "push", []machine.Fact{"locked"}, "", `door: "push" is refused in state "Shut": it is locked; allowed there: "knock", "brick"`},
		{"Shut", "knock", nil, "Shut", ""},
		{"Open", "brick", nil, "", `door: "brick" is refused in state "Open": nobody does that to an open door; allowed there: "push"`},
		{"Walled up", "push", nil, "", `door: "push" is refused in state "Walled up": Walled up is final; nothing is allowed there`},
		{"Ajar", "push", nil, "", `door: "Ajar" is no state; there are "Open", "Shut", "Walled up"`},
		{"Open", "kick", nil, "", `door: "kick" is no trigger; there are "push", "knock", "brick"`},
	} {
		e, err := m.Next(c.from, c.on, c.facts...)
		if e.To != c.to || (err == nil) != (c.err == "") || err != nil && err.Error() != c.err {
			t.Errorf("Next(%q, %q, %v) = %q, %v; want %q, %s", c.from, c.on, c.facts, e.To, err, c.to, c.err)
		}
	}
	var refused *machine.RefusedError
	if _, err := m.Next("Shut", "push", "locked"); !errors.As(err, &refused) || refused.From != "Shut" || refused.Trigger != "push" ||
		!reflect.DeepEqual(refused.Allowed, []string{"knock", "brick"}) {
		t.Errorf("refusal = %+v", refused)
	}
	var unknown *machine.UnknownError
	if _, err := m.Next("Ajar", "push"); !errors.As(err, &unknown) || unknown.What != "state" || unknown.Value != "Ajar" {
		t.Errorf("unknown = %+v", unknown)
	}
	if !m.IsFinal("Walled up") || m.IsFinal("Open") || m.Name() != "door" {
		t.Error("IsFinal or Name is wrong")
	}
}

func TestAllowedDependsOnFacts(t *testing.T) {
	m := build(t, door())
	ons := func(facts ...machine.Fact) (out []trigger) {
		for _, e := range m.Allowed("Shut", facts...) {
			out = append(out, e.On)
		}
		return out
	}
	if got := ons(); !slices.Equal(got, []trigger{"push", "knock", "brick"}) {
		t.Errorf("unlocked: %v", got)
	}
	if got := ons("locked"); !slices.Equal(got, []trigger{"knock", "brick"}) {
		t.Errorf("locked: %v", got)
	}
}

func TestPath(t *testing.T) {
	m := build(t, door())
	for _, c := range []struct {
		from, to state
		facts    []machine.Fact
		want     []state
		ok       bool
	}{
		{"Open", "Walled up", nil, []state{"Shut", "Walled up"}, true},
		{"Open", "Open", nil, nil, true},
		{"Shut", "Open", nil, []state{"Open"}, true},
		{"Shut", "Open", []machine.Fact{"locked"}, nil, false},
		{"Walled up", "Open", nil, nil, false},
		{"Ajar", "Ajar", nil, nil, false},
		{"Open", "Ajar", nil, nil, false},
	} {
		path, ok := m.Path(c.from, c.to, c.facts...)
		var got []state
		for _, e := range path {
			got = append(got, e.To)
		}
		if ok != c.ok || !slices.Equal(got, c.want) {
			t.Errorf("Path(%q, %q, %v) = %v, %v; want %v, %v", c.from, c.to, c.facts, got, ok, c.want, c.ok)
		}
	}
}

// Of two ways the shorter is taken, though the longer comes first.
func TestPathIsShortest(t *testing.T) {
	m, err := machine.New(table{
		Name: "ways", States: []state{"a", "b", "c", "d"}, Triggers: []trigger{"long", "short"},
		Starts: []state{"a"}, Final: []state{"d"},
		Edges: []edge{
			{From: "a", On: "long", To: "b"}, {From: "a", On: "short", To: "d"},
			{From: "b", On: "long", To: "c"}, {From: "b", On: "short", To: "a"},
			{From: "c", On: "long", To: "d"}, {From: "c", On: "short", To: "a"},
		},
	}, machine.Words{})
	if err != nil {
		t.Fatal(err)
	}
	if path, ok := m.Path("a", "d"); !ok || len(path) != 1 || path[0].On != "short" {
		t.Errorf("Path = %+v, %v", path, ok)
	}
	if path, ok := m.Path("b", "d"); !ok || len(path) != 2 || path[0].On != "long" {
		t.Errorf("Path = %+v, %v; of two equal ways the first trigger is taken", path, ok)
	}
}

// Each rule of verification is broken once in a table that is right otherwise.
func TestVerification(t *testing.T) {
	many := make([]machine.Fact, 11)
	for i := range many {
		many[i] = machine.Fact(rune('a' + i))
	}
	for _, c := range []struct {
		name, rule, state, trigger, detail string
		spoil                              func(*table)
	}{
		{"table without name", machine.Name, "", "", "one line", func(d *table) { d.Name = "" }},
		{"name over two lines", machine.Name, "", "", `"a\nb" among the states`, func(d *table) { d.States = append(d.States, "a\nb") }},
		{"state twice", machine.Duplicate, "", "", `"Open" stands twice among the states`, func(d *table) { d.States = append(d.States, "Open") }},
		{"trigger twice", machine.Duplicate, "", "", `"push" stands twice`, func(d *table) { d.Triggers = append(d.Triggers, "push") }},
		{"start twice", machine.Duplicate, "", "", `"Open" stands twice among the starts`, func(d *table) { d.Starts = append(d.Starts, "Open") }},
		{"no start", machine.NoStart, "", "", "state to start in", func(d *table) { d.Starts = nil }},
		{"start undeclared", machine.Undeclared, "Ajar", "", "is a start", func(d *table) { d.Starts = append(d.Starts, "Ajar") }},
		{"final undeclared", machine.Undeclared, "Gone", "", "is final", func(d *table) { d.Final = append(d.Final, "Gone") }},
		{"edge to an undeclared state", machine.Undeclared, "Ajar", "", `from "Open" on "push" to "Ajar"`, func(d *table) { d.Edges[0].To = "Ajar" }},
		{"edge on an undeclared trigger", machine.Undeclared, "", "pull", `from "Open" on "pull"`, func(d *table) { d.Edges[0].On = "pull" }},
		{"refusal of an undeclared trigger", machine.Undeclared, "", "kick", "stands in refusal 2", func(d *table) { d.Refused[1].On[0] = "kick" }},
		{"refusal without reason", machine.NoReason, "", "", "refusal 2, of [knock brick] in [Open]", func(d *table) { d.Refused[1].Why = "" }},
		{"refusal of nothing", machine.NoReason, "", "", "refusal 1", func(d *table) { d.Refused[0].On = nil }},
		{"unreachable state", machine.Unreachable, "Ajar", "", `from "Open", "Shut"`, func(d *table) {
			d.States = append(d.States, "Ajar")
			d.Edges = append(d.Edges, edge{From: "Ajar", On: "push", To: "Open"})
			d.Refused = append(d.Refused, refusal{From: []state{"Ajar"}, On: []trigger{"knock", "brick"}, Why: "no"})
		}},
		{"edge out of a final state", machine.FinalLeft, "Walled up", "push", `leads on to "Open"`, func(d *table) {
			d.Edges = append(d.Edges, edge{From: "Walled up", On: "push", To: "Open"})
		}},
		{"refusal in a final state", machine.FinalLeft, "Walled up", "", "must not name it", func(d *table) {
			d.Refused[1].From = append(d.Refused[1].From, "Walled up")
		}},
		{"state that only returns to itself", machine.DeadEnd, "Shut", "", "it is final", func(d *table) {
			d.Edges[1].To, d.Edges[3].To = "Shut", "Shut"
			d.Starts = append(d.Starts, "Walled up")
		}},
		{"undecided pair", machine.Undecided, "Open", "brick", "neither an edge nor a refusal", func(d *table) { d.Refused[1].On = []trigger{"knock"} }},
		{"undecided when a fact is true", machine.Undecided, "Shut", "push", `just these are true: ["locked"]`, func(d *table) { d.Refused = d.Refused[1:] }},
		{"undecided when a fact is false", machine.Undecided, "Shut", "push", `just these are true: []`, func(d *table) {
			d.Edges[1].If, d.Edges[1].Unless = []machine.Fact{"locked"}, nil
		}},
		{"edge twice", machine.Ambiguous, "Shut", "knock", `2 rows decide it: to "Shut"; to "Shut"`, func(d *table) { d.Edges = append(d.Edges, d.Edges[2]) }},
		{"edge and refusal", machine.Ambiguous, "Open", "push", `to "Shut"; refused, as never`, func(d *table) {
			d.Refused = append(d.Refused, refusal{From: []state{"Open"}, On: []trigger{"push"}, Why: "never"})
		}},
		{"guards that overlap", machine.Ambiguous, "Shut", "push", "2 rows decide it when", func(d *table) { d.Edges[1].Unless = nil }},
		{"guard that contradicts itself", machine.BadGuard, "Shut", "push", "both true and false", func(d *table) { d.Edges[1].If = []machine.Fact{"locked"} }},
		{"too many facts", machine.BadGuard, "Shut", "push", "11 facts, more than 10", func(d *table) { d.Edges[1].Unless, d.Refused[0].If = many, nil }},
		{"unknown fact", machine.UnknownWord, "Shut", "push", `fact "loked" is not known; there are "locked"`, func(d *table) { d.Edges[1].Unless[0] = "loked" }},
		{"unknown fact of a refusal", machine.UnknownWord, "Shut", "push", `fact "loked"`, func(d *table) { d.Refused[0].If[0] = "loked" }},
		{"unknown role", machine.UnknownWord, "Shut", "brick", `who "bricklayer"`, func(d *table) { d.Edges[3].Who[0] = "bricklayer" }},
		{"unknown requirement", machine.UnknownWord, "Shut", "brick", `requirement "brickz"`, func(d *table) { d.Edges[3].Requires[0] = "brickz" }},
		{"unknown effect", machine.UnknownWord, "Open", "push", `effect "boom"`, func(d *table) { d.Edges[0].Follows[0] = "boom" }},
		{"effect twice", machine.Duplicate, "Open", "push", `effect "bang" stands twice`, func(d *table) { d.Edges[0].Follows = []string{"bang", "bang"} }},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := door()
			c.spoil(&d)
			m, err := machine.New(d, doorWords())
			var bad *machine.TableError
			if m != nil || !errors.As(err, &bad) {
				t.Fatalf("New = %v, %v; want a TableError", m, err)
			}
			if bad.Machine != d.Name {
				t.Errorf("the error names the machine %q", bad.Machine)
			}
			ok := slices.ContainsFunc(bad.Faults, func(f machine.Fault) bool {
				return f.Rule == c.rule && f.State == c.state && f.Trigger == c.trigger && strings.Contains(f.Detail, c.detail)
			})
			if !ok {
				t.Errorf("no fault %q at %q on %q with %q in:\n%v", c.rule, c.state, c.trigger, c.detail, err)
			}
		})
	}
}

func TestErrorListsEveryFault(t *testing.T) {
	d := door()
	d.Refused = d.Refused[:1]
	_, err := machine.New(d, doorWords())
	want := `door: the table has 2 faults:
	state "Open" on "knock": neither an edge nor a refusal decides it
	state "Open" on "brick": neither an edge nor a refusal decides it`
	if err == nil || err.Error() != want {
		t.Errorf("got %v\nwant %s", err, want)
	}
}

func TestNilWordsAllowAnything(t *testing.T) {
	if _, err := machine.New(door(), machine.Words{}); err != nil {
		t.Error(err)
	}
	if _, err := machine.New(door(), machine.Words{Who: []string{}}); err == nil {
		t.Error("an empty list allowed a word")
	}
}

// What a caller does to its table, or to what it was given, is not the machine's.
func TestMachineSharesNoMemory(t *testing.T) {
	d := door()
	m := build(t, d)
	d.Edges[1].Unless[0], d.Refused[0].If[0], d.Edges[3].Who[0], d.States[0] = "x", "x", "x", "x"
	e, _ := m.Next("Shut", "brick")
	e.Who[0] = "x"
	m.Allowed("Shut")[0].Who[0] = "x"
	m.Table().Refused[0].From[0] = "x"
	if !reflect.DeepEqual(m.Table(), door()) {
		t.Errorf("the machine changed: %+v", m.Table())
	}
}

func TestTableIsJSON(t *testing.T) {
	text, err := json.Marshal(door())
	if err != nil {
		t.Fatal(err)
	}
	var back table
	if err := json.Unmarshal(text, &back); err != nil || !reflect.DeepEqual(back, door()) {
		t.Errorf("back = %+v, %v", back, err)
	}
}
