package decision

import (
	"slices"
	"strings"
)

// Cell is the condition of one rule on one input: it matches a value for which
// any of its tests holds, or, with Not, none. The zero Cell matches every value,
// also null and missing.
type Cell struct {
	Not   bool   // with tests alone
	Tests []Test // none: any value
}

// Test is one test of a cell.
type Test struct {
	Op Op
	// Value is what the input is compared with: for Within the lower bound, for
	// Empty nothing.
	Value Value
	// High is the upper bound of Within; LowOpen and HighOpen leave the bounds
	// themselves out.
	High              Value
	LowOpen, HighOpen bool
}

// Op is the operator of a test.
type Op uint8

// The operators. All but Equal and Empty need an ordered type.
const (
	Equal   Op = iota // the value itself, which may be null or missing
	Less              // < Value
	AtMost            // <= Value
	Greater           // > Value
	AtLeast           // >= Value
	Within            // between Value and High
	Empty             // null, missing, or the empty text
)

// Is returns the cell that matches the value.
func Is(v Value) Cell { return Cell{Tests: []Test{{Value: v}}} }

// OneOf returns the cell that matches any of the values; without values it matches any value.
func OneOf(values ...Value) Cell {
	tests := make([]Test, len(values))
	for i, v := range values {
		tests[i].Value = v
	}
	return Cell{Tests: tests}
}

// OneOfTexts is OneOf of texts.
func OneOfTexts(texts ...string) Cell {
	tests := make([]Test, len(texts))
	for i, s := range texts {
		tests[i].Value = Text(s)
	}
	return Cell{Tests: tests}
}

// IsNot returns the cell that matches what the values are not; without values it matches any value.
func IsNot(values ...Value) Cell {
	c := OneOf(values...)
	c.Not = len(values) > 0
	return c
}

// IsLess, IsAtMost, IsGreater and IsAtLeast return the cells of the comparisons.
func IsLess(v Value) Cell { return Cell{Tests: []Test{{Op: Less, Value: v}}} }

// IsAtMost returns the cell <= v.
func IsAtMost(v Value) Cell { return Cell{Tests: []Test{{Op: AtMost, Value: v}}} }

// IsGreater returns the cell > v.
func IsGreater(v Value) Cell { return Cell{Tests: []Test{{Op: Greater, Value: v}}} }

// IsAtLeast returns the cell >= v.
func IsAtLeast(v Value) Cell { return Cell{Tests: []Test{{Op: AtLeast, Value: v}}} }

// IsFrom returns the cell [low..high): low itself and what is below high.
func IsFrom(low, high Value) Cell {
	return Cell{Tests: []Test{{Op: Within, Value: low, High: high, HighOpen: true}}}
}

// IsWithin returns the cell [low..high], both themselves included.
func IsWithin(low, high Value) Cell {
	return Cell{Tests: []Test{{Op: Within, Value: low, High: high}}}
}

// IsEmpty returns the cell that matches null, missing and the empty text.
func IsEmpty() Cell { return Cell{Tests: []Test{{Op: Empty}}} }

// IsAny reports whether the cell matches every value.
func (c Cell) IsAny() bool { return len(c.Tests) == 0 }

// String returns the cell as ParseCell reads it.
func (c Cell) String() string {
	if c.IsAny() {
		return "-"
	}
	var b strings.Builder
	if c.Not {
		b.WriteString("not(")
	}
	for i, t := range c.Tests {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(t.String())
	}
	if c.Not {
		b.WriteByte(')')
	}
	return b.String()
}

// String returns the test as it stands in a cell.
func (t Test) String() string {
	switch t.Op {
	case Equal:
		return t.Value.String()
	case Less:
		return "< " + t.Value.String()
	case AtMost:
		return "<= " + t.Value.String()
	case Greater:
		return "> " + t.Value.String()
	case AtLeast:
		return ">= " + t.Value.String()
	case Within:
		left, right := "[", "]"
		if t.LowOpen {
			left = "("
		}
		if t.HighOpen {
			right = ")"
		}
		return left + t.Value.String() + ".." + t.High.String() + right
	case Empty:
		return "empty"
	}
	return "invalid test"
}

func (c Cell) clone() Cell { return Cell{Not: c.Not, Tests: slices.Clone(c.Tests)} }

// values returns what the cell names one by one; ok is false when it has other tests.
func (c Cell) values() (values []Value, ok bool) {
	for _, t := range c.Tests {
		if t.Op != Equal {
			return nil, false
		}
		values = append(values, t.Value)
	}
	return values, !c.Not
}
