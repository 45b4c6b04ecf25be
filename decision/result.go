package decision

import "iter"

// Result is what a table decided for one input: no row of outputs, one, or under
// RuleOrder, OutputOrder and a plain Collect any number. It refers to the
// evaluator's data, does not change, and may be kept. The zero Result has no row.
type Result struct {
	e     *Evaluator
	rule  int32   // the first rule of the result, from 1; 0: none
	apart outcome // with rule 0: where the row comes from
	more  *answer // of several rules
}

type outcome uint8

const (
	nothing   outcome = iota
	defaults          // the outputs' defaults
	zeroCount         // COUNT without a matching rule
)

// noMatch returns what it comes to that no rule matches.
func (t *Table) noMatch(e *Evaluator) Result {
	switch {
	case t.hasDefault():
		return Result{e: e, apart: defaults}
	case t.Aggregation == Count:
		return Result{e: e, apart: zeroCount}
	}
	return Result{}
}

// Matched reports whether any rule matched.
func (r Result) Matched() bool { return r.rule > 0 }

// IsDefault reports whether no rule matched and the default outputs stand in.
func (r Result) IsDefault() bool { return r.apart == defaults }

// Len returns how many rows of outputs there are.
func (r Result) Len() int {
	switch {
	case r.more != nil && r.more.computed.IsMissing():
		return len(r.more.rules)
	case r.rule > 0 || r.apart != nothing:
		return 1
	}
	return 0
}

// Rule returns the number of the rule of the first row, from 1; 0 when none
// matched. Under Any it is the first of those that agree.
func (r Result) Rule() int { return int(r.rule) }

// Rules returns the numbers of the rules that the result rests on, from 1, in
// the order of the rows.
func (r Result) Rules() iter.Seq[int] {
	return func(yield func(int) bool) {
		if r.more == nil {
			if r.rule > 0 {
				yield(int(r.rule))
			}
			return
		}
		for _, n := range r.more.rules {
			if !yield(int(n)) {
				return
			}
		}
	}
}

// At returns the value of an output, by its position, in the first row; null
// when there is no row. It panics when there is no such output.
func (r Result) At(output int) Value {
	if r.Len() == 0 {
		return Null()
	}
	return r.value(0, output)
}

// Get returns the value of an output, by its name, in the first row; null when
// there is no row, and missing when there is no such output.
func (r Result) Get(output string) Value {
	if r.e == nil {
		return Null()
	}
	for j := range r.e.table.Outputs {
		if r.e.table.Outputs[j].Name == output {
			return r.At(j)
		}
	}
	return Missing()
}

// Row returns the values of a row, in the order of the outputs. It panics when
// there is no such row.
func (r Result) Row(row int) []Value {
	values := make([]Value, len(r.e.table.Outputs))
	for j := range values {
		values[j] = r.value(row, j)
	}
	return values
}

// Map returns the outputs of a row by their names. It panics when there is no
// such row.
func (r Result) Map(row int) map[string]Value {
	values := make(map[string]Value, len(r.e.table.Outputs))
	for j, v := range r.Row(row) {
		values[r.e.table.Outputs[j].Name] = v
	}
	return values
}

// Annotations returns those of the first row's rule, by the table's names of
// them; nil when no rule matched.
func (r Result) Annotations() []string {
	if r.rule == 0 {
		return nil
	}
	return append([]string(nil), r.e.table.Rules[r.rule-1].Annotations...)
}

// value returns a value of a row that is there.
func (r Result) value(row, output int) Value {
	t := &r.e.table
	switch {
	case r.more != nil && !r.more.computed.IsMissing():
		return r.more.computed
	case r.more != nil:
		return t.Rules[r.more.rules[row]-1].Then[output]
	case r.rule > 0 && t.Aggregation == Count:
		return Int(1)
	case r.rule > 0:
		return t.Rules[r.rule-1].Then[output]
	case r.apart == zeroCount:
		return Int(0)
	}
	if v := t.Outputs[output].Default; !v.IsMissing() {
		return v
	}
	return Null()
}
