package decision

// answer is what several matching rules, or an aggregation, come to.
type answer struct {
	rules    []int32 // the numbers, from 1, of the rules whose outputs stand in the result
	computed Value   // the aggregated value
	fault    error   // why the rules have no result: a sentinel
	by, but  int32   // the numbers of the two rules that contradict each other
}

// answer applies the hit policy to the positions that match, at least two and in
// order.
func (e *Evaluator) answer(positions []int32) answer {
	first := e.order[positions[0]]
	a := answer{rules: []int32{first + 1}, by: first + 1}
	switch e.table.HitPolicy {
	case Unique:
		a.fault, a.but = ErrNotUnique, e.order[positions[1]]+1
	case Any:
		for _, p := range positions[1:] {
			if other := e.order[p]; e.outputs[other] != e.outputs[first] {
				a.fault, a.but = ErrUnequal, other+1
				break
			}
		}
	case First, Priority:
	default:
		a.rules = make([]int32, len(positions))
		for i, p := range positions {
			a.rules[i] = e.order[p] + 1
		}
		a.computed = e.aggregate(a.rules)
	}
	return a
}

// aggregate computes what Collect makes of rules, given by their numbers.
func (e *Evaluator) aggregate(rules []int32) Value {
	switch e.table.Aggregation {
	case List:
		return Value{}
	case Count:
		return Int(int64(len(rules)))
	}
	values := make([]Value, len(rules))
	for i, n := range rules {
		values[i] = e.table.Rules[n-1].Then[0]
	}
	return aggregate(e.table.Aggregation, values)
}

// aggregate returns the sum, the least or the greatest of the values that are
// not null; null when there is none, or when a sum does not fit its type.
func aggregate(by Aggregation, values []Value) Value {
	result := Null()
	for _, v := range values {
		switch {
		case v.IsNull():
		case result.IsNull():
			result = v
		case by == Sum:
			if result = add(result, v); result.IsNull() {
				return result
			}
		default:
			if c, _ := Compare(v, result); by == Min && c < 0 || by == Max && c > 0 {
				result = v
			}
		}
	}
	return result
}

// add returns the sum of two numbers, durations or lengths in months.
func add(a, b Value) Value {
	sum := a.n + b.n
	fits := (sum > a.n) == (b.n > 0)
	if a.kind != kindNumber {
		if !fits {
			return Null()
		}
		return Value{kind: a.kind, n: sum}
	}
	if a.s == "" && b.s == "" && a.exp == b.exp && fits {
		return number(sum, -int(a.exp))
	}
	if v := Decimal(a.Decimal().Add(b.Decimal())); v.kind != kindInvalid {
		return v
	}
	return Null()
}
