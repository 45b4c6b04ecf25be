package decision

import "iter"

// Result is what a table decided for one input: no row of outputs, one, or under
// RuleOrder, OutputOrder and Collect any number. It refers to the evaluator's
// data, does not change, and may be kept. The zero Result has no row.
type Result struct {
	e        *Evaluator
	rule     int32   // of the single row, from 1; 0: none
	kind     outcome // how the rows came to be
	rules    []int32 // of several rows, from 1
	computed Value   // the aggregated value
}

type outcome uint8

const (
	nothing outcome = iota
	byRules
	byDefault
	byAggregation
)

// Matched reports whether any rule matched.
func (r Result) Matched() bool { return r.rule > 0 || len(r.rules) > 0 }

// IsDefault reports whether no rule matched and the default outputs stand in.
func (r Result) IsDefault() bool { return r.kind == byDefault }

// Len returns how many rows of outputs there are.
func (r Result) Len() int {
	switch {
	case r.kind == nothing:
		return 0
	case r.kind == byRules && r.rules != nil:
		return len(r.rules)
	}
	return 1
}

// Rule returns the number of the first matching rule, from 1; 0 when none
// matched. Under Any it is the first of those that agree.
func (r Result) Rule() int {
	if len(r.rules) > 0 {
		return int(r.rules[0])
	}
	return int(r.rule)
}

// Rules returns the numbers of the rules that the result rests on, from 1, in
// the order of the rows.
func (r Result) Rules() iter.Seq[int] {
	return func(yield func(int) bool) {
		if r.rule > 0 {
			yield(int(r.rule))
		}
		for _, n := range r.rules {
			if !yield(int(n)) {
				return
			}
		}
	}
}

// At returns the value of an output, by its position, in the first row; null
// when there is no row. It panics when there is no such output.
func (r Result) At(output int) Value {
	return Value{}
}

// Get returns the value of an output, by its name, in the first row; null when
// there is no row, and missing when there is no such output.
func (r Result) Get(output string) Value {
	return Value{}
}

// Row returns the values of a row, in the order of the outputs. It panics when
// there is no such row.
func (r Result) Row(n int) []Value { return nil }
