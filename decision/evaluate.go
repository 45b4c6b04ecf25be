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
	if len(values) != len(e.axes) {
		return e.pad(values)
	}
	if d := e.index.dense; d != nil {
		cell := int32(0)
		for j := range d.columns {
			c, v := &d.columns[j], &values[j]
			var r int32
			if v.kind == kindText && c.axis.kind == kindText {
				r = c.axis.texts.rank(v.s)
			} else if r = c.axis.rank(v); r < 0 {
				return Result{}, e.refuse(j, *v)
			}
			cell += r * c.stride
		}
		code := d.codes[cell]
		if code < 0 {
			return Result{}, e.refuseFirst(values)
		}
		return e.coded(code)
	}
	if len(e.axes) > fewInputs {
		var ranks [MaxInputs]int32
		return e.ranked(values, ranks[:len(e.axes)])
	}
	var ranks [fewInputs]int32
	return e.ranked(values, ranks[:len(e.axes)])
}

// fewInputs is how many inputs most tables have at most.
const fewInputs = 8

// pad is Eval for fewer or more values than there are inputs.
func (e *Evaluator) pad(values []Value) (Result, error) {
	if len(values) > len(e.axes) {
		return Result{}, &Error{Kind: ErrInput, Table: e.table.Name, Reason: "there are " + count(len(values), "value") + " for " + count(len(e.axes), "input")}
	}
	var all [MaxInputs]Value
	copy(all[:], values)
	return e.Eval(all[:len(e.axes)]...)
}

// ranked is Eval with room for the ranks.
func (e *Evaluator) ranked(values []Value, ranks []int32) (Result, error) {
	for j, a := range e.axes {
		r := a.rank(&values[j])
		if r < 0 || !a.takes[r] {
			return Result{}, e.refuse(j, values[j])
		}
		ranks[j] = r
	}
	return e.decide(ranks)
}

// refuseFirst says what is wrong with the first value that its input does not take.
func (e *Evaluator) refuseFirst(values []Value) error {
	for j, a := range e.axes {
		if r := a.rank(&values[j]); r < 0 || !a.takes[r] {
			return e.refuse(j, values[j])
		}
	}
	return nil
}

// EvalMap decides for the inputs of the map, by their names. A name that is not
// in it is a missing input. Values are what ValueOf takes for the input's type: Go
// strings, bools, numbers of any kind, json.Number, decimal.Decimal, *big.Int,
// time.Time, time.Duration, Value, pointers to them, and nil. No list, map,
// struct or function is a value.
//
// It returns ErrInput for a name that is no input, and the errors of Eval: ErrType
// for what is not taken names column, Go type, and what would be.
func (e *Evaluator) EvalMap(inputs map[string]any) (Result, error) {
	if len(e.axes) > fewInputs {
		var ranks [MaxInputs]int32
		return e.named(inputs, ranks[:len(e.axes)])
	}
	var ranks [fewInputs]int32
	return e.named(inputs, ranks[:len(e.axes)])
}

// named is EvalMap with room for the ranks.
func (e *Evaluator) named(inputs map[string]any, ranks []int32) (Result, error) {
	found := 0
	for j, a := range e.axes {
		r := int32(rankMissing)
		if x, given := inputs[a.in.Name]; given {
			found++
			if s, ok := x.(string); ok && a.kind == kindText {
				r = a.texts.rank(s)
			} else {
				v, ok := ValueOf(x, a.in.Type)
				if !ok {
					return Result{}, e.mistyped(j, x, v)
				}
				r = a.rank(&v)
			}
		}
		if r < 0 || !a.takes[r] {
			v, _ := ValueOf(inputs[a.in.Name], a.in.Type)
			if r == rankMissing {
				v = Missing()
			}
			return Result{}, e.refuse(j, v)
		}
		ranks[j] = r
	}
	if found < len(inputs) {
		return Result{}, e.unknown(inputs)
	}
	return e.decide(ranks)
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
	case v.kind == kindInvalid:
		bad.Kind, bad.Reason = ErrType, "NaN, an infinity or a number of more than "+itoa(maxDigits)+" digits is no "+in.Type.String()
	case !v.is(in.Type):
		bad.Kind, bad.Reason = ErrType, v.String()+" is no "+in.Type.String()
	default:
		bad.Kind, bad.Reason = ErrNotAllowed, v.String()+" is none of the allowed values "+in.Allowed.String()
	}
	return bad
}

// decide finds the rules for a tuple of ranks that the inputs take, and applies
// the hit policy.
func (e *Evaluator) decide(ranks []int32) (Result, error) {
	x := e.index
	if x.dense != nil {
		cell := int32(0)
		for j, r := range ranks {
			cell += r * x.dense.columns[j].stride
		}
		return e.coded(x.dense.codes[cell])
	}
	if x.hashed == nil {
		return e.search(x.all, ranks)
	}
	code := x.hashed.find(ranks)
	if x.hashed.left && code > 0 {
		return e.search(x.hashed.groups[code-1], ranks)
	}
	return e.coded(code)
}

// coded makes a result of a code of the index.
func (e *Evaluator) coded(code int32) (Result, error) {
	switch {
	case code == 0:
		return e.none, nil
	case code <= int32(len(e.order)):
		return Result{e: e, rule: e.order[code-1] + 1}, nil
	}
	return e.several(&e.answers[code-int32(len(e.order))-1])
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
