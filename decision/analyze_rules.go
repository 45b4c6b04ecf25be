package decision

import (
	"cmp"
	"slices"
)

// outside reports the values outside the allowed ones: those that Validate
// refuses, and tests that hold for none of the values that the input may have.
func (a *analyzer) outside(refused Errors) {
	for _, e := range refused {
		a.found(FoundOutside, func() Finding {
			f := Finding{Defect: true, Column: e.Column, Message: e.Column + ": " + e.Reason}
			if e.Rule == 0 {
				return f
			}
			f.Rules, f.Message = []int{e.Rule}, "rule "+itoa(e.Rule)+": "+f.Message
			if j := slices.IndexFunc(a.t.Inputs, func(in Input) bool { return in.Name == e.Column }); j >= 0 {
				f.Example = a.withValue(e.Rule-1, j, e.Value)
			}
			return f
		})
	}
	for i, r := range a.t.Rules {
		for j, c := range r.When {
			in := &a.t.Inputs[j]
			for _, test := range c.Tests {
				if test.Op == Equal || test.Op == Empty || !a.space.set(&a.space.lines[j], Cell{Tests: []Test{test}}).empty() {
					continue
				}
				a.found(FoundOutside, func() Finding {
					f := Finding{Defect: true, Column: in.Name, Rules: []int{i + 1},
						Message: "rule " + itoa(i+1) + ": " + in.Name + ": " + test.String() + " holds for none of the values that the input may have"}
					if v, ok := holding(test, kindOf[in.Type]); ok {
						f.Example = a.withValue(i, j, v)
					}
					return f
				})
			}
		}
	}
}

// holding returns a value for which an ordered test holds; ok is false when there
// is none at all.
func holding(t Test, k kind) (Value, bool) {
	switch {
	case t.Op == Less:
		return between(k, nil, &t.Value)
	case t.Op == Greater:
		return between(k, &t.Value, nil)
	case t.Op == Within && t.LowOpen && !t.HighOpen:
		return t.High, true
	case t.Op == Within && t.LowOpen:
		return between(k, &t.Value, &t.High)
	}
	return t.Value, true
}

// withValue returns an input that meets a rule as far as it can be met, with a
// value that the input may not have.
func (a *analyzer) withValue(rule, input int, v Value) []ExplainedInput {
	values := make([]Value, len(a.t.Inputs))
	for j, side := range a.space.sides[rule] {
		if side.empty() {
			side = a.space.whole[j]
		}
		if !side.empty() {
			values[j] = a.space.lines[j].sample(side)
		}
	}
	values[input] = v
	return a.given(values)
}

// pairs finds the rules that match a common input: at the input where the fewest
// rules meet it walks from class to class, and compares those that meet there.
// Where the rules are so wide that this would compare a pair again and again, it
// compares each with each.
func (a *analyzer) pairs() {
	s := a.space
	defer func() { a.out.Disjoint = len(a.meets) == 0 && s.exceeded == "" }()
	var alive []int32
	for i := range a.t.Rules {
		if _, dead := s.dead(int32(i)); !dead {
			alive = append(alive, int32(i))
		}
	}
	defer func() {
		slices.SortFunc(a.meets, func(x, y pair) int { return cmp.Or(cmp.Compare(x.i, y.i), cmp.Compare(x.k, y.k)) })
	}()
	best, fewest := -1, len(alive)*len(alive)
	for j := range s.lines {
		n := 0
		for _, rules := range a.byClass(j, alive) {
			n += len(rules) * len(rules)
		}
		if n < fewest {
			best, fewest = j, n
		}
	}
	if best < 0 {
		a.meet(alive, func(i, k int32) bool { return s.meet(i, k, -1) })
		return
	}
	for class, rules := range a.byClass(best, alive) {
		a.meet(rules, func(i, k int32) bool {
			return s.meet(i, k, best) && s.sides[i][best].meetsAt(s.sides[k][best]) == int32(class) // once a pair
		})
		if s.exceeded != "" {
			return
		}
	}
}

// meet reports whether two rules match a common value at every input but one.
func (s *space) meet(i, k int32, but int) bool {
	for j, side := range s.sides[i] {
		if j != but && !side.meets(s.sides[k][j]) {
			return false
		}
	}
	return true
}

// byClass returns the rules that meet each class of an input.
func (a *analyzer) byClass(input int, rules []int32) [][]int32 {
	at := make([][]int32, a.space.lines[input].size)
	for _, i := range rules {
		a.space.sides[i][input].each(func(class int32) { at[class] = append(at[class], i) })
	}
	return at
}

// meetsAt returns the first class that two sets share, and -1 when they share
// none.
func (a set) meetsAt(b set) int32 {
	at := int32(-1)
	for w := range a {
		if both := a[w] & b[w]; both != 0 {
			set{both}.each(func(class int32) {
				if at < 0 {
					at = class + int32(w*64)
				}
			})
			break
		}
	}
	return at
}

// meet keeps the pairs of some rules of which do says that they meet.
func (a *analyzer) meet(rules []int32, do func(i, k int32) bool) {
	for n, i := range rules {
		if !a.space.spend((len(rules) - n) * 2) {
			return
		}
		for _, k := range rules[n+1:] {
			if !do(i, k) {
				continue
			}
			a.meets = append(a.meets, pair{i, k})
			if len(a.meets) > maxPairs {
				a.space.exceed("more than " + itoa(maxPairs) + " pairs of rules match common inputs")
				return
			}
		}
	}
}

// conflict says why two rules that match a common input contradict each other;
// empty when they do not.
func (a *analyzer) conflict(p pair) string {
	differ := a.outputs[p.i] != a.outputs[p.k]
	switch {
	case a.t.HitPolicy == Unique && differ:
		return "both match, with different outputs"
	case a.t.HitPolicy == Unique:
		return "both match, with the same outputs"
	case a.t.HitPolicy == Any && differ:
		return "both match, and ANY asks for the same outputs"
	case a.t.HitPolicy == Priority && differ && a.samePriority(p):
		return "both match, with different outputs of the same priority"
	}
	return ""
}

// samePriority reports whether the allowed values of the outputs say nothing of
// which of two rules comes first.
func (a *analyzer) samePriority(p pair) bool {
	for j, out := range a.t.Outputs {
		x, y := out.Type.key(a.t.Rules[p.i].Then[j]), out.Type.key(a.t.Rules[p.k].Then[j])
		if _, listed := out.Allowed.values(); listed && !out.Allowed.IsAny() && x != y {
			return false
		}
	}
	return true
}

// both returns a finding about what two rules have in common.
func (a *analyzer) both(p pair) Finding {
	both := a.space.rule(p.i).common(a.space.rule(p.k))
	return Finding{Rules: []int{int(p.i) + 1, int(p.k) + 1}, Box: a.box(both), Example: a.example(both)}
}

func (a *analyzer) overlaps() {
	for _, p := range a.meets {
		why := a.conflict(p)
		if why == "" {
			continue
		}
		a.found(FoundOverlap, func() Finding {
			f := a.both(p)
			f.Defect, f.Message = true, numbered(f.Rules)+": "+why
			return f
		})
	}
}

// gaps finds what no rule matches.
func (a *analyzer) gaps() {
	s := a.space
	var alive []int32
	for i := range a.t.Rules {
		if _, dead := s.dead(int32(i)); !dead {
			alive = append(alive, int32(i))
		}
	}
	for _, side := range s.whole {
		if side.empty() { // an input that can have no value: there are no inputs at all
			a.out.Complete = true
			return
		}
	}
	var pieces []region
	s.carve(s.whole, alive, func(int32) {}, func(piece region) bool {
		pieces = append(pieces, piece)
		s.spend(8 * s.words) // to keep it, and to join it with others
		if len(pieces) > maxPieces {
			s.exceed("the gaps are more than " + itoa(maxPieces) + " boxes")
		}
		return s.exceeded == ""
	})
	a.out.Complete = len(pieces) == 0 && s.exceeded == ""
	if s.exceeded != "" { // boxes that are certain, though not all of them
		pieces = pieces[:min(len(pieces), MaxFindings)]
		for _, piece := range pieces {
			a.gap(piece)
		}
		return
	}
	for _, piece := range s.merge(pieces) {
		a.gap(piece)
	}
}

func (a *analyzer) gap(piece region) {
	a.found(FoundGap, func() Finding {
		f := Finding{Defect: a.t.HitPolicy.Single() && !a.t.hasDefault(), Box: a.box(piece), Example: a.example(piece), Message: "no rule matches"}
		if a.t.hasDefault() {
			f.Message += "; the default stands in"
		}
		return f
	})
}
