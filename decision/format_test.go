package decision

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// awkward are texts that formats get wrong.
var awkward = []string{"a", "Link failure", " lead", "trail ", "x\ny", "x\r\ny", "\r", `"`, `"quoted"`, `say "hi"`, "=1+1", "+1", "@a", "-", "-1", "empty",
	"null", "missing", "not(a)", "a, b", "a;b", "tab\t", "\x00", "\x7f", "ü → 中", "\u2028", "\ufeff", "table", "rule", "name", "id", "when", "|", "<b>&", "`", "0", "1e5",
	"true", "2026-11-25", "[1..2]", "_x000D_", "#", `\n`, " "}

var genAwkward = rapid.SampledFrom(awkward)

// genFull draws a valid table that has everything that a table can have.
func genFull(t *rapid.T) Table {
	policy := HitPolicy(rapid.IntRange(int(Unique), int(Collect)).Draw(t, "policy"))
	by := List
	if policy == Collect {
		by = Aggregation(rapid.IntRange(int(List), int(Count)).Draw(t, "aggregation"))
	}
	table := genTable(t, policy, by, 6)
	maybe := func(what string) string {
		if rapid.Bool().Draw(t, what) {
			return genAwkward.Draw(t, what)
		}
		return ""
	}
	table.Name = genAwkward.Draw(t, "name")
	table.Version, table.ItemName, table.Description, table.Application = maybe("version"), maybe("item"), maybe("description"), maybe("application")
	if rapid.Bool().Draw(t, "created") {
		table.Created = time.Date(2026, 11, 25, 10, rapid.IntRange(0, 59).Draw(t, "minute"), 0, rapid.SampledFrom([]int{0, 1, 500_000_000}).Draw(t, "nano"), time.UTC)
	}
	if rapid.Bool().Draw(t, "properties") {
		table.Properties = rapid.MapOfN(genAwkward, rapid.OneOf(rapid.Just(""), genAwkward), 1, 3).Draw(t, "properties")
	}
	names := rapid.Permutation(awkward).Draw(t, "names")
	for i := range table.Inputs {
		in := &table.Inputs[i]
		in.Name, in.Label, in.Expression = names[i], maybe("label"), maybe("expression")
		if in.Type == Enum || in.Type == LooseEnum {
			continue
		}
		switch rapid.IntRange(0, 5).Draw(t, "allowed") {
		case 0:
			in.Allowed = IsNot(Text("never"))
			if !in.Type.IsText() {
				in.Allowed = Cell{Not: true, Tests: []Test{{Value: Missing()}, {Op: Empty}}}
			}
		case 1:
			if in.Type.IsOrdered() {
				in.Allowed = Cell{Tests: []Test{{Op: AtLeast, Value: genPlain(t, in.Type)}, {Op: Less, Value: genPlain(t, in.Type)}, {Value: Null()}}}
			}
		}
		for r := range table.Rules { // what is not allowed any more
			if !in.Allowed.IsAny() {
				table.Rules[r].When[i] = Cell{}
			}
		}
	}
	from := len(table.Inputs)
	if rapid.IntRange(0, 3).Draw(t, "names clash") == 0 {
		from = 0
	}
	for i := range table.Outputs {
		table.Outputs[i].Name, table.Outputs[i].Label = names[from+i], maybe("label")
	}
	table.Annotations = nil
	for i := range rapid.IntRange(0, 2).Draw(t, "annotations") {
		table.Annotations = append(table.Annotations, names[len(table.Inputs)+len(table.Outputs)+i])
	}
	texts := rapid.Bool().Draw(t, "texts")
	for i := range table.Rules {
		r := &table.Rules[i]
		r.ID, r.Annotations = maybe("id"), nil
		for range rapid.IntRange(0, len(table.Annotations)).Draw(t, "annotated") {
			r.Annotations = append(r.Annotations, maybe("annotation"))
		}
		for j, in := range table.Inputs {
			if texts && (in.Type == String || in.Type == LooseString) && in.Allowed.IsAny() && !r.When[j].IsAny() && r.When[j].Tests[0].Op == Equal {
				r.When[j].Tests[0].Value = Text(genAwkward.Draw(t, "text"))
			}
		}
	}
	if texts && by == List && policy < Priority {
		table.Outputs = append(table.Outputs, Output{Name: "said", Type: String, Default: Text(maybe("default"))})
		for i := range table.Rules {
			table.Rules[i].Then = append(table.Rules[i].Then, Text(maybe("said")))
		}
	}
	if err := table.Validate(); err != nil {
		t.Fatalf("the generator made an invalid table: %v", err)
	}
	return table
}

// plainTable is the table with one form for what is empty.
func plainTable(t Table) Table {
	t = t.Clone()
	t.Created = t.Created.UTC()
	if len(t.Properties) == 0 {
		t.Properties = nil
	}
	if len(t.Inputs) == 0 {
		t.Inputs = nil
	}
	if len(t.Annotations) == 0 {
		t.Annotations = nil
	}
	if len(t.Rules) == 0 {
		t.Rules = nil
	}
	cell := func(c *Cell) {
		if len(c.Tests) == 0 {
			c.Tests = nil
		}
	}
	for i := range t.Inputs {
		cell(&t.Inputs[i].Allowed)
	}
	for i := range t.Outputs {
		cell(&t.Outputs[i].Allowed)
	}
	for i := range t.Rules {
		r := &t.Rules[i]
		if len(r.When) == 0 {
			r.When = nil
		}
		if len(r.Annotations) == 0 {
			r.Annotations = nil
		}
		for j := range r.When {
			cell(&r.When[j])
		}
	}
	return t
}

func sameTable(a, b Table) bool { return reflect.DeepEqual(plainTable(a), plainTable(b)) }

// refusal is what a parser says of a file that it refuses.
type refusal struct {
	name, text  string
	kind        error
	column      string
	rule        int
	place, says string
}

func (want refusal) check(t *testing.T, table Table, err error) {
	t.Helper()
	var got *Error
	switch {
	case err == nil:
		t.Errorf("%s: taken", want.name)
		return
	case !errors.As(err, &got):
		t.Errorf("%s: %v is no *Error", want.name, err)
		return
	}
	if !errors.Is(err, want.kind) || got.Column != want.column || got.Rule != want.rule || got.Place != want.place || !strings.Contains(err.Error(), want.says) {
		t.Errorf("%s: %v (%v, column %q, rule %d, place %q)\nwant %v, column %q, rule %d, place %q, %q", want.name, err, got.Kind, got.Column, got.Rule, got.Place,
			want.kind, want.column, want.rule, want.place, want.says)
	}
	var invalid Errors
	if errors.As(err, &invalid) == reflect.DeepEqual(table, Table{}) {
		t.Errorf("%s: a table comes with the error exactly when it was read and is not valid", want.name)
	}
}
