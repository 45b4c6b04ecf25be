package decision

import "slices"

// unreachable finds the rules that never fire.
func (a *analyzer) unreachable() {
	s := a.space
	for i := range a.t.Rules {
		if j, dead := s.dead(int32(i)); dead {
			name := a.t.Inputs[j].Name
			a.found(FoundUnreachable, func() Finding {
				return Finding{Defect: true, Rules: []int{i + 1}, Column: name,
					Message: "rule " + itoa(i+1) + " never fires: " + name + " is never " + said(a.t.Rules[i].When[j].String())}
			})
		}
	}
	if a.t.HitPolicy != First && a.t.HitPolicy != Priority {
		return
	}
	before := a.before()
	for i := range a.t.Rules {
		rule, rivals := int32(i), before[i]
		if len(rivals) == 0 {
			continue
		}
		by, yes := s.covered(s.rule(rule), rivals)
		if !yes {
			continue
		}
		a.found(FoundUnreachable, func() Finding { return a.masked(rule, a.fewest(rule, rivals, by)) })
	}
}

// masked tells of a rule that others come before.
func (a *analyzer) masked(rule int32, by []int32) Finding {
	var all []int
	for _, k := range by {
		all = append(all, int(k)+1)
	}
	slices.Sort(all)
	matches := " before it matches all that it does"
	if len(all) > 1 {
		matches = " before it match all that it does"
	}
	box := a.space.rule(rule)
	return Finding{Defect: true, Rules: append([]int{int(rule) + 1}, all...), Box: a.box(box), Example: a.example(box),
		Message: "rule " + itoa(int(rule)+1) + " never fires: " + numbered(all) + matches}
}

// before returns for each rule those that match common inputs, and that the hit
// policy takes before it.
func (a *analyzer) before() [][]int32 {
	place := make([]int32, len(a.t.Rules))
	for p, i := range a.t.order() {
		place[i] = int32(p)
	}
	before := make([][]int32, len(a.t.Rules))
	for _, p := range a.meets {
		if place[p.i] < place[p.k] {
			before[p.k] = append(before[p.k], p.i)
		} else {
			before[p.i] = append(before[p.i], p.k)
		}
	}
	return before
}

// fewest returns one of the rivals that covers a rule alone, or else leaves out of
// those that cover it together the ones that are not needed.
func (a *analyzer) fewest(rule int32, rivals, by []int32) []int32 {
	s := a.space
	for _, k := range rivals {
		if s.spend(s.words) && s.rule(rule).within(s.rule(k)) {
			return []int32{k}
		}
	}
	var needed []int32
	for len(by) > 0 {
		last := by[len(by)-1]
		by = by[:len(by)-1]
		fewer, yes := s.covered(s.rule(rule), slices.Concat(needed, by))
		if !yes { // what is needed among more rules is among fewer
			needed = append(needed, last)
			continue
		}
		by = slices.DeleteFunc(fewer, func(i int32) bool { return slices.Contains(needed, i) })
	}
	return needed
}

// mergeable finds the rules that could be one: of equal outputs, and equal at all
// inputs but one.
func (a *analyzer) mergeable() {
	s := a.space
	meets := make([][]int32, len(a.t.Rules)) // later rules that match common inputs
	for _, p := range a.meets {
		meets[p.i] = append(meets[p.i], p.k)
		meets[p.k] = append(meets[p.k], p.i)
	}
	for j := range s.lines {
		groups := map[string][]int32{}
		var keys []string
		for i := range a.t.Rules {
			if _, dead := s.dead(int32(i)); dead || !s.spend(s.words) {
				continue
			}
			key := s.rule(int32(i)).key(j) + itoa(int(a.outputs[i]))
			if groups[key] == nil {
				keys = append(keys, key)
			}
			groups[key] = append(groups[key], int32(i))
		}
		for _, key := range keys {
			for rest := groups[key]; len(rest) > 1; {
				var group []int32
				group, rest = a.joinable(rest, meets)
				if len(group) < 2 || j > 0 && a.alike(group, j) { // equal at all inputs: reported at the first
					continue
				}
				a.found(FoundMergeable, func() Finding { return a.merged(group, j) })
			}
		}
	}
}

// joinable returns the first rule of a group with those that can move into it
// without any change of behaviour, and the others.
func (a *analyzer) joinable(group []int32, meets [][]int32) (kept, rest []int32) {
	kept = group[:1:1]
	for _, k := range group[1:] {
		if a.canJoin(kept, k, meets) {
			kept = append(kept, k)
		} else {
			rest = append(rest, k)
		}
	}
	return kept, rest
}

// canJoin reports whether a rule can move into one that was made of others.
func (a *analyzer) canJoin(kept []int32, k int32, meets [][]int32) bool {
	for _, m := range meets[k] {
		switch a.t.HitPolicy {
		case First, Any, Priority:
		default: // two that match count twice, or contradict each other
			if slices.Contains(kept, m) {
				return false
			}
		}
		// The rule moves up to the first of the group: past those between them that
		// could match in its stead.
		if m > kept[0] && m < k && a.outputs[m] != a.outputs[k] && a.ordered(pair{m, k}) {
			return false
		}
	}
	return true
}

// ordered reports whether it matters which of two rules stands first.
func (a *analyzer) ordered(p pair) bool {
	switch a.t.HitPolicy {
	case First, RuleOrder:
		return true
	case Priority, OutputOrder:
		return a.samePriority(p)
	case Collect:
		return a.t.Aggregation == List
	}
	return false
}

// alike reports whether the rules have the same values at an input.
func (a *analyzer) alike(group []int32, input int) bool {
	first := a.space.sides[group[0]][input]
	return !slices.ContainsFunc(group, func(i int32) bool { return first.compare(a.space.sides[i][input]) != 0 })
}

// merged tells of rules that could be one.
func (a *analyzer) merged(group []int32, input int) Finding {
	s, l := a.space, &a.space.lines[input]
	union := slices.Clone(s.rule(group[0]))
	var rules []int
	for _, i := range group {
		rules = append(rules, int(i)+1)
		union[input] = union[input].or(s.sides[i][input])
	}
	f := Finding{Rules: rules, Column: a.t.Inputs[input].Name, Box: a.box(union), Example: a.example(s.rule(group[0])),
		Suggestion: l.cell(union[input]).String()}
	f.Message = numbered(rules) + " could be one, with " + f.Column + " " + f.Suggestion
	return f
}

// policy reports a hit policy stricter or looser than the rules need.
func (a *analyzer) policy() {
	unequal := func(p pair) bool { return a.outputs[p.i] != a.outputs[p.k] }
	differ := slices.IndexFunc(a.meets, unequal)
	suggest := func(policy HitPolicy, p *pair, message string) {
		a.found(FoundPolicy, func() Finding {
			var f Finding
			if p != nil {
				f = a.both(*p)
			}
			f.Suggestion, f.Message = policy.String(), message+": "+policy.String()+" would do"
			return f
		})
	}
	name := a.out.HitPolicy
	switch policy := a.t.HitPolicy; {
	case len(a.t.Rules) < 2:
	case policy == Unique && len(a.meets) == 0:
	case policy == Unique && differ < 0:
		suggest(Any, &a.meets[0], name+" is stricter than the rules are: those that match one input have the same outputs")
	case policy == Unique:
		suggest(First, &a.meets[differ], name+" is stricter than the rules are: some that match one input have different outputs")
	case policy == Any && differ >= 0:
		suggest(First, &a.meets[differ], name+" is stricter than the rules are: some that match one input have different outputs")
	case len(a.meets) == 0 && a.t.Aggregation != Count:
		suggest(Unique, nil, name+" is looser than the rules need: no two match one input")
	case (policy == First || policy == Priority) && differ < 0:
		suggest(Any, &a.meets[0], name+" is looser than the rules need: those that match one input have the same outputs")
	}
}
