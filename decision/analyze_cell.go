package decision

// cell returns the condition that matches exactly those values of an input that
// are in the set, of those that the input may have.
func (l *line) cell(of set) Cell {
	in := make([]bool, len(l.class))
	var inside, outside []Value               // null, missing, and what texts and booleans name
	all, other, noOther := true, false, false // any text that no cell names
	for r, class := range l.class {
		if class < 0 {
			continue
		}
		in[r] = of.has(class)
		all = all && in[r]
		switch {
		case l.axis.kind == kindText && r == rankFirst:
			other, noOther = in[r], !in[r]
		case r < rankFirst || l.axis.kind == kindText || l.axis.kind == kindBool:
			v, _ := l.axis.sample(r)
			if in[r] {
				inside = append(inside, v)
			} else {
				outside = append(outside, v)
			}
		}
	}
	switch {
	case all:
		return Cell{}
	case l.axis.kind == kindText:
		if other || !noOther && len(outside) < 4 && len(inside) > 3*len(outside) {
			return IsNot(outside...)
		}
		return OneOf(inside...)
	case l.axis.kind == kindBool:
		return OneOf(inside...)
	}
	c := Cell{Tests: l.runs(in)}
	if len(c.Tests) == 1 && c.Tests[0].Op == Empty { // every value, but for null or missing
		return IsNot(outside...)
	}
	c.Tests = append(c.Tests, OneOf(inside...).Tests...)
	return c
}

// runs returns the tests for the ranks of an ordered input that are in a set. A
// single test with Empty stands for all of them.
func (l *line) runs(in []bool) []Test {
	var tests []Test
	first, last := len(in), -1 // ranks that the input has
	for r := rankFirst; r < len(in); r++ {
		if l.class[r] >= 0 {
			first, last = min(first, r), r
		}
	}
	for r := first; r <= last; r++ {
		if l.class[r] < 0 || !in[r] {
			continue
		}
		lo, hi := r, r
		for ; r <= last && (l.class[r] < 0 || in[r]); r++ {
			if l.class[r] >= 0 {
				hi = r
			}
		}
		tests = append(tests, l.run(lo, hi, lo == first, hi == last))
	}
	return tests
}

// run returns the test for a run of ranks: a bound belongs to it when it starts
// or ends at one, and not when it does between two.
func (l *line) run(lo, hi int, lowest, highest bool) Test {
	isBound := func(r int) bool { return r%2 != rankFirst%2 }
	bound := func(r int) Value { return l.axis.bounds[(r-rankFirst)/2] }
	if lo == hi && isBound(lo) {
		return Test{Op: Equal, Value: bound(lo)}
	}
	low, high := lo, hi
	if !isBound(lo) {
		low-- // the bound before; there is one unless lo is the lowest of all
	}
	if !isBound(hi) {
		high++
	}
	switch {
	case lowest && highest:
		return Test{Op: Empty}
	case lowest && isBound(hi):
		return Test{Op: AtMost, Value: bound(high)}
	case lowest:
		return Test{Op: Less, Value: bound(high)}
	case highest && isBound(lo):
		return Test{Op: AtLeast, Value: bound(low)}
	case highest:
		return Test{Op: Greater, Value: bound(low)}
	}
	return Test{Op: Within, Value: bound(low), High: bound(high), LowOpen: !isBound(lo), HighOpen: !isBound(hi)}
}

// sample returns a value of a set that is not empty: rather one that is named,
// and null or missing only where there is no other.
func (l *line) sample(of set) Value {
	at := -1
	for r, class := range l.class {
		if class < 0 || !of.has(class) {
			continue
		}
		if at = r; r > rankFirst {
			break
		}
	}
	v, _ := l.axis.sample(at)
	return v
}

// box describes a region.
func (a *analyzer) box(r region) []Side {
	sides := make([]Side, len(r))
	for j, side := range r {
		c := a.space.lines[j].cell(side)
		sides[j] = Side{Input: a.t.Inputs[j].Name, Cell: c, Condition: c.String()}
	}
	return sides
}

// example returns an input of a region.
func (a *analyzer) example(r region) []ExplainedInput {
	values := make([]Value, len(r))
	for j, side := range r {
		values[j] = a.space.lines[j].sample(side)
	}
	return a.given(values)
}

func (a *analyzer) given(values []Value) []ExplainedInput {
	inputs := make([]ExplainedInput, len(values))
	for j, v := range values {
		in := &a.t.Inputs[j]
		inputs[j] = ExplainedInput{Name: in.Name, Type: in.Type, Value: v, Missing: v.IsMissing()}
	}
	return inputs
}
