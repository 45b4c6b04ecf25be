package decision

import (
	"maps"
	"slices"
	"time"
)

// Table is a decision table as people write it: plain data that any code may
// fill, copy and store. Compile makes what evaluates from it.
type Table struct {
	// Name is what errors and explanations call the table. Required.
	Name string
	// Version is the caller's own, and stands in every explanation.
	Version string
	// ItemName is DMN's information item name: what the result is called. Empty
	// means the table's name.
	ItemName    string
	Description string
	Application string    // whom the table belongs to
	Created     time.Time // zero: not known
	// Properties are the caller's own.
	Properties map[string]string

	// HitPolicy says what several matching rules mean; zero is Unique.
	HitPolicy HitPolicy
	// Aggregation is of Collect alone; zero gives the list.
	Aggregation Aggregation

	Inputs      []Input
	Outputs     []Output
	Annotations []string // the names of the annotation columns
	Rules       []Rule
}

// Input is a condition column.
type Input struct {
	// Name is what callers give the value by, and unique in the table.
	Name string
	// Label is what people read; empty means the name.
	Label string
	// Expression is the text by which a model derives the value, in DMN the input
	// expression. It is kept and not evaluated.
	Expression string
	Type       Type
	// Allowed are the values that the input may have, as a condition without
	// order; the zero Cell allows all. An Enum must have it.
	Allowed Cell
	// Optional lets the input be missing or null.
	Optional bool
}

// Output is a result column.
type Output struct {
	// Name is what the value is found by in results, and unique in the table.
	Name  string
	Label string // what people read; empty means the name
	Type  Type
	// Allowed are the values that the output may have; the zero Cell allows all.
	// For Priority and OutputOrder they come in decreasing priority.
	Allowed Cell
	// Default is the value when no rule matches. Missing, as in the zero Output,
	// means none: then it is null where another output has a default.
	Default Value
}

// Rule is a row.
type Rule struct {
	// ID is the caller's own, such as that of a DMN file. It may be empty.
	ID string
	// When has a cell for each input, in their order.
	When []Cell
	// Then has a value for each output, in their order. Null is a value, missing
	// is not.
	Then []Value
	// Annotations has a text for each of the table's annotation columns, or fewer.
	Annotations []string
}

// Limits of a table. More is an ErrLimit.
const (
	MaxInputs  = 64
	MaxOutputs = 64
	MaxRules   = 100_000
	MaxTests   = 1_000  // tests of one cell
	MaxText    = 64_000 // bytes of one text: a name, a value, an annotation, the text of a cell
)

// Add appends a rule whose cells are given as text: a condition for each input,
// a value for each output, and then annotations, of which any may be left out.
// Conditions are read by ParseCell and values by ParseValue. It returns an
// *Error that names column and rule, and then leaves the table as it was.
func (t *Table) Add(cells ...string) error {
	number := len(t.Rules) + 1
	least, most := len(t.Inputs)+len(t.Outputs), len(t.Inputs)+len(t.Outputs)+len(t.Annotations)
	if len(cells) < least || len(cells) > most {
		return &Error{Kind: ErrSyntax, Table: t.Name, Rule: number, Reason: "has " + count(len(cells), "cell") + " for " +
			count(len(t.Inputs), "input") + ", " + count(len(t.Outputs), "output") + " and " + count(len(t.Annotations), "annotation")}
	}
	var rule Rule
	for i, in := range t.Inputs {
		cell, err := ParseCell(cells[i], in.Type)
		if err != nil {
			return located(err, t.Name, in.Name, number)
		}
		rule.When = append(rule.When, cell)
	}
	cells = cells[len(t.Inputs):]
	for i, out := range t.Outputs {
		value, err := ParseValue(cells[i], out.Type)
		if err != nil {
			return located(err, t.Name, out.Name, number)
		}
		rule.Then = append(rule.Then, value)
	}
	rule.Annotations = slices.Clone(cells[len(t.Outputs):])
	t.Rules = append(t.Rules, rule)
	return nil
}

// Clone returns a copy that shares nothing with the table.
func (t Table) Clone() Table {
	t.Properties = maps.Clone(t.Properties)
	t.Inputs = slices.Clone(t.Inputs)
	for i := range t.Inputs {
		t.Inputs[i].Allowed = t.Inputs[i].Allowed.clone()
	}
	t.Outputs = slices.Clone(t.Outputs)
	for i := range t.Outputs {
		t.Outputs[i].Allowed = t.Outputs[i].Allowed.clone()
	}
	t.Annotations = slices.Clone(t.Annotations)
	t.Rules = slices.Clone(t.Rules)
	for i, r := range t.Rules {
		when := slices.Clone(r.When)
		for j := range when {
			when[j] = when[j].clone()
		}
		t.Rules[i] = Rule{ID: r.ID, When: when, Then: slices.Clone(r.Then), Annotations: slices.Clone(r.Annotations)}
	}
	return t
}

// hasDefault reports whether any output has a default.
func (t *Table) hasDefault() bool {
	return slices.ContainsFunc(t.Outputs, func(o Output) bool { return !o.Default.IsMissing() })
}
