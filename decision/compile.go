package decision

import (
	"slices"
)

// Evaluator is a compiled table. It never changes, and any number of goroutines
// may use it at once.
type Evaluator struct {
	table Table
	axes  []*axis        // of the inputs
	names map[string]int // of the inputs
	order []int32        // the rule, from 0, at each position of the index
	index *index
	// answers are what the index's hits of several positions come to, worked out
	// beforehand.
	answers []answer
	outputs []int32 // of each rule: equal numbers for equal outputs; under Any alone
	none    Result  // when no rule matches
}

// Compile checks a table and makes its evaluator. It copies what it keeps: the
// table may be changed afterwards. The error is Errors and names all defects, at
// most a hundred.
func Compile(t Table) (*Evaluator, error) {
	if err := t.Validate(); err != nil {
		return nil, err
	}
	return compile(t, newIndex), nil
}

// compile makes the evaluator of a valid table.
func compile(t Table, build func([]*axis, []box) *index) *Evaluator {
	e := &Evaluator{table: t.Clone(), names: make(map[string]int, len(t.Inputs))}
	rules := e.table.Rules
	boxes := make([]box, len(rules))
	spans := make([][]span, len(rules)*len(e.table.Inputs))
	for i := range boxes {
		boxes[i], spans = spans[:len(e.table.Inputs)], spans[len(e.table.Inputs):]
	}
	e.order = e.table.order()
	cells := make([]Cell, len(rules))
	for j := range e.table.Inputs {
		in := &e.table.Inputs[j]
		e.names[in.Name] = j
		for i := range rules {
			cells[i] = rules[i].When[j]
		}
		a := newAxis(in, cells)
		e.axes = append(e.axes, a)
		for p, i := range e.order {
			boxes[p][j] = a.spans(cells[i])
		}
	}
	e.table.respell()
	e.none = e.table.noMatch(e)
	if e.table.HitPolicy == Any {
		e.outputs = outputClasses(rules)
	}
	e.index = build(e.axes, boxes)
	for _, positions := range e.index.several() {
		e.answers = append(e.answers, e.answer(positions))
	}
	return e
}

// Table returns a copy of the table that was compiled, its outputs in the
// spelling of their allowed values.
func (e *Evaluator) Table() Table { return e.table.Clone() }

// order returns the rules in the order that the hit policy gives them.
func (t *Table) order() []int32 {
	order := make([]int32, len(t.Rules))
	for i := range order {
		order[i] = int32(i)
	}
	if t.HitPolicy != Priority && t.HitPolicy != OutputOrder {
		return order
	}
	ranks := make([]map[Value]int, len(t.Outputs))
	for j, out := range t.Outputs {
		values, listed := out.Allowed.values()
		if !listed {
			continue
		}
		ranks[j] = make(map[Value]int, len(values))
		for n, v := range values {
			ranks[j][out.Type.key(v)] = n - len(values) // all are before null, which has no rank
		}
	}
	slices.SortStableFunc(order, func(a, b int32) int {
		for j, out := range t.Outputs {
			if c := ranks[j][out.Type.key(t.Rules[a].Then[j])] - ranks[j][out.Type.key(t.Rules[b].Then[j])]; c != 0 {
				return c
			}
		}
		return 0
	})
	return order
}

// key returns the one value that stands for all that the type takes as equal.
func (t Type) key(v Value) Value {
	if t.IsLoose() && v.kind == kindText {
		v.s = fold(v.s)
	}
	return v
}

// respell gives outputs the spelling of their allowed values.
func (t *Table) respell() {
	for j := range t.Outputs {
		out := &t.Outputs[j]
		values, _ := out.Allowed.values()
		if !out.Type.IsLoose() || len(values) == 0 {
			continue
		}
		spelling := make(map[Value]Value, len(values))
		for _, v := range values {
			spelling[out.Type.key(v)] = v
		}
		spell := func(v *Value) {
			if known, ok := spelling[out.Type.key(*v)]; ok {
				*v = known
			}
		}
		spell(&out.Default)
		for i := range t.Rules {
			spell(&t.Rules[i].Then[j])
		}
	}
}

// outputClasses returns equal numbers for rules with equal outputs.
func outputClasses(rules []Rule) []int32 {
	classes := make([]int32, len(rules))
	type step struct {
		class int32
		value Value
	}
	seen := map[step]int32{}
	for i, r := range rules {
		for _, v := range r.Then {
			next, ok := seen[step{classes[i], v}]
			if !ok {
				next = int32(len(seen) + 1)
				seen[step{classes[i], v}] = next
			}
			classes[i] = next
		}
	}
	return classes
}
