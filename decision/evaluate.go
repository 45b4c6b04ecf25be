package decision

// Eval decides for the values, which are in the order of the inputs; fewer leave
// the last inputs missing. It does not allocate, but for a list of rules that no
// one has asked for before.
//
// It returns an *Error: ErrInput for too many values, ErrMissing, ErrType and
// ErrNotAllowed for a value that its input does not take, ErrNotUnique and
// ErrUnequal for rules that contradict each other. That no rule matches is no
// error: see Result.
func (e *Evaluator) Eval(values ...Value) (Result, error) {
	if len(values) > len(e.axes) {
		return Result{}, &Error{Kind: ErrInput, Table: e.table.Name, Reason: "there are " + count(len(values), "value") + " for " + count(len(e.axes), "input")}
	}
	var ranks [MaxInputs]int32
	for j, a := range e.axes {
		if j >= len(values) {
			break // missing, if the input takes that
		}
		r := a.rank(&values[j])
		if r < 0 || !a.takes[r] {
			return Result{}, e.refuse(j, values[j])
		}
		ranks[j] = r
	}
	for j := len(values); j < len(e.axes); j++ {
		if !e.axes[j].takes[rankMissing] {
			return Result{}, e.refuse(j, Value{})
		}
	}
	return e.decide(ranks[:len(e.axes)])
}

// EvalMap decides for the inputs of the map, by their names. A name that is not
// in it is a missing input. Values are what ValueOf takes.
//
// It returns ErrInput for a name that is no input, and the errors of Eval.
func (e *Evaluator) EvalMap(inputs map[string]any) (Result, error) {
	var ranks [MaxInputs]int32
	found := 0
	for j, a := range e.axes {
		x, given := inputs[a.in.Name]
		var v Value
		if given {
			found++
			var ok bool
			if v, ok = ValueOf(x, a.in.Type); !ok {
				return Result{}, e.refuse(j, v)
			}
		}
		r := a.rank(&v)
		if r < 0 || !a.takes[r] {
			return Result{}, e.refuse(j, v)
		}
		ranks[j] = r
	}
	if found < len(inputs) {
		return Result{}, e.unknown(inputs)
	}
	return e.decide(ranks[:len(e.axes)])
}

// unknown names the first of the names that are no input.
func (e *Evaluator) unknown(inputs map[string]any) error {
	first := ""
	for name := range inputs {
		if _, ok := e.names[name]; !ok && (first == "" || name < first) {
			first = name
		}
	}
	return &Error{Kind: ErrInput, Table: e.table.Name, Column: first, Reason: "the table has no such input"}
}

// refuse says why an input does not take a value.
func (e *Evaluator) refuse(input int, v Value) error {
	in := &e.table.Inputs[input]
	bad := &Error{Table: e.table.Name, Column: in.Name, Value: v}
	switch {
	case v.IsMissing():
		bad.Kind, bad.Reason = ErrMissing, "the input was not given, and is not optional"
	case v.IsNull():
		bad.Kind, bad.Reason = ErrMissing, "the input is null, and not optional"
	case !v.is(in.Type):
		bad.Kind, bad.Reason = ErrType, v.String()+" is no "+in.Type.String()
	default:
		bad.Kind, bad.Reason = ErrNotAllowed, v.String()+" is none of the allowed values "+in.Allowed.String()
	}
	return bad
}

// decide finds the rules for a tuple of ranks, and applies the hit policy.
func (e *Evaluator) decide(ranks []int32) (Result, error) {
	x := e.index
	var code int32
	switch {
	case x.dense != nil:
		cell := int32(0)
		for j, r := range ranks {
			cell += r * x.dense.strides[j]
		}
		code = x.dense.codes[cell]
	case x.hashed != nil:
		code = x.hashed.find(ranks)
		if x.hashed.left && code > 0 {
			return e.search(x.hashed.groups[code-1], ranks)
		}
	default:
		return e.search(x.all, ranks)
	}
	switch {
	case code == 0:
		return e.none, nil
	case code <= int32(x.positions):
		return Result{e: e, rule: e.order[code-1] + 1}, nil
	}
	return e.several(&e.answers[code-int32(x.positions)-1])
}

// several makes a result of an answer.
func (e *Evaluator) several(a *answer) (Result, error) {
	if a.fault != nil {
		return Result{}, e.contradiction(a)
	}
	if e.table.HitPolicy.Single() {
		return Result{e: e, rule: a.rules[0]}, nil
	}
	return Result{e: e, rule: a.rules[0], more: a}, nil
}

// search finds the rules in a group, no further than the hit policy needs.
func (e *Evaluator) search(g *group, ranks []int32) (Result, error) {
	i := g.next(0, ranks)
	if i == len(g.positions) {
		return e.none, nil
	}
	rule := e.order[g.positions[i]]
	policy := e.table.HitPolicy
	if policy == First || policy == Priority {
		return Result{e: e, rule: rule + 1}, nil
	}
	var positions []int32
	for j := g.next(i+1, ranks); j < len(g.positions); j = g.next(j+1, ranks) {
		other := e.order[g.positions[j]]
		switch {
		case policy == Unique:
			return Result{}, e.contradiction(&answer{fault: ErrNotUnique, by: rule + 1, but: other + 1})
		case policy == Any && e.outputs[rule] != e.outputs[other]:
			return Result{}, e.contradiction(&answer{fault: ErrUnequal, by: rule + 1, but: other + 1})
		case policy != Any:
			if positions == nil {
				positions = append(positions, g.positions[i])
			}
			positions = append(positions, g.positions[j])
		}
	}
	if positions == nil {
		return Result{e: e, rule: rule + 1}, nil
	}
	a := e.answer(positions)
	return e.several(&a)
}

func (e *Evaluator) contradiction(a *answer) error {
	reason := "the hit policy is UNIQUE"
	if a.fault == ErrUnequal {
		reason = "the hit policy is ANY, and the outputs of rule " + itoa(int(a.by)) + " are not those of rule " + itoa(int(a.but))
	}
	return &Error{Kind: a.fault, Table: e.table.Name, Rule: int(a.by), Other: int(a.but), Reason: reason}
}
