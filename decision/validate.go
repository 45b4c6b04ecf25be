package decision

import (
	"slices"
)

// Validate returns all that keeps the table from being compiled, as Errors: at
// most a hundred, in the order of columns and rules; nil when nothing does. It
// says nothing of gaps and overlaps; Analyze does.
func (t *Table) Validate() error {
	v := validator{t: t}
	v.table()
	for i := range t.Inputs {
		v.input(&t.Inputs[i])
	}
	for i := range t.Outputs {
		v.output(&t.Outputs[i])
	}
	// The rules are judged by sound columns only, which a default does not change.
	if !slices.ContainsFunc(v.found, func(e *Error) bool { return e.Kind != ErrNotAllowed }) {
		for _, in := range t.Inputs {
			v.inputs = append(v.inputs, newPermitted(in.Allowed, in.Type))
		}
		for _, out := range t.Outputs {
			v.outputs = append(v.outputs, newPermitted(out.Allowed, out.Type))
		}
		for i := 0; i < len(t.Rules) && !v.full(); i++ {
			v.rule(i+1, &t.Rules[i])
		}
	}
	if len(v.found) > 0 {
		return v.found
	}
	return nil
}

type validator struct {
	t       *Table
	found   Errors
	inputs  []permitted // of each input, and
	outputs []permitted // of each output, for the rules
}

// full reports whether there are as many errors as are told of.
func (v *validator) full() bool { return len(v.found) == maxErrors }

func (v *validator) bad(kind error, column string, rule int, value Value, reason string) {
	if !v.full() {
		v.found = append(v.found, &Error{Kind: kind, Table: v.t.Name, Column: column, Rule: rule, Value: value, Reason: reason})
	}
}

// located puts table, column and rule into an error of the parsers.
func located(err error, table, column string, rule int) error {
	if e, ok := err.(*Error); ok {
		named := *e
		named.Table, named.Column, named.Rule = table, column, rule
		return &named
	}
	return err
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return itoa(n) + " " + what + "s"
}

func (v *validator) table() {
	t := v.t
	if t.Name == "" {
		v.bad(ErrTable, "", 0, Value{}, "the table has no name")
	}
	limit := func(n, most int, what string) {
		if n > most {
			v.bad(ErrLimit, "", 0, Value{}, "the table has "+count(n, what)+", at most "+itoa(most))
		}
	}
	limit(len(t.Inputs), MaxInputs, "input")
	limit(len(t.Outputs), MaxOutputs, "output")
	limit(len(t.Rules), MaxRules, "rule")
	if len(t.Outputs) == 0 {
		v.bad(ErrTable, "", 0, Value{}, "the table has no output")
	}
	seen := map[string]bool{}
	name := func(n, kind string) {
		switch {
		case n == "":
			v.bad(ErrTable, "", 0, Value{}, "an "+kind+" has no name")
		case len(n) > MaxText:
			v.bad(ErrLimit, "", 0, Value{}, "an "+kind+" has a name of "+itoa(len(n))+" bytes, at most "+itoa(MaxText))
		case seen[kind+n]:
			v.bad(ErrTable, n, 0, Value{}, "two "+kind+"s have this name")
		}
		seen[kind+n] = true
	}
	for _, in := range t.Inputs {
		name(in.Name, "input")
	}
	for _, out := range t.Outputs {
		name(out.Name, "output")
	}
	for _, a := range t.Annotations {
		name(a, "annotation")
	}
	v.policy()
}

func (v *validator) policy() {
	t := v.t
	switch {
	case t.HitPolicy > Collect:
		v.bad(ErrTable, "", 0, Value{}, "the hit policy is none")
	case t.Aggregation > Count:
		v.bad(ErrTable, "", 0, Value{}, "the aggregation is none")
	case t.Aggregation != List && t.HitPolicy != Collect:
		v.bad(ErrTable, "", 0, Value{}, "the hit policy "+t.HitPolicy.String()+" has no aggregation")
	case t.HitPolicy == Priority || t.HitPolicy == OutputOrder:
		if !slices.ContainsFunc(t.Outputs, func(o Output) bool { _, ok := o.Allowed.values(); return ok && !o.Allowed.IsAny() }) {
			v.bad(ErrTable, "", 0, Value{}, "the hit policy "+t.HitPolicy.String()+" needs an output whose allowed values are listed one by one")
		}
	case t.Aggregation != List:
		if len(t.Outputs) > 1 {
			v.bad(ErrTable, "", 0, Value{}, "the aggregation "+t.Aggregation.String()+" needs exactly one output")
		}
		for _, o := range t.Outputs {
			if t.Aggregation != Count && !o.Type.IsOrdered() || t.Aggregation == Sum && o.Type != Number && o.Type != Duration && o.Type != Months {
				v.bad(ErrTable, o.Name, 0, Value{}, "the aggregation "+t.Aggregation.String()+" is not defined on "+o.Type.String())
			}
		}
	}
}

func (v *validator) input(in *Input) {
	v.column(in.Name, in.Type, in.Allowed)
}

func (v *validator) output(out *Output) {
	v.column(out.Name, out.Type, out.Allowed)
	if out.Default.IsMissing() || !out.Type.valid() {
		return
	}
	allowed := newPermitted(out.Allowed, out.Type)
	if reason, kind := refuse(out.Default, &allowed); kind != nil {
		v.bad(kind, out.Name, 0, out.Default, "the default "+reason)
	}
}

func (v *validator) column(name string, t Type, allowed Cell) {
	if !t.valid() {
		v.bad(ErrTable, name, 0, Value{}, "the column has no type")
		return
	}
	if _, listed := allowed.values(); (t == Enum || t == LooseEnum) && (!listed || allowed.IsAny()) {
		v.bad(ErrTable, name, 0, Value{}, "an "+Enum.String()+" needs its allowed values, listed one by one")
		return
	}
	if reason, kind := sound(allowed, t); kind != nil {
		v.bad(kind, name, 0, Value{}, "the allowed values: "+reason)
		return
	}
	values, _ := allowed.values()
	seen := map[Value]bool{}
	for _, one := range values {
		one.s = t.spell(one.s)
		if seen[one] {
			v.bad(ErrTable, name, 0, one, "the allowed value "+one.String()+" stands there twice")
		}
		seen[one] = true
	}
}

func (v *validator) rule(number int, r *Rule) {
	t := v.t
	if len(r.When) != len(t.Inputs) {
		v.bad(ErrTable, "", number, Value{}, "has "+count(len(r.When), "condition")+" for "+count(len(t.Inputs), "input"))
		return
	}
	if len(r.Then) != len(t.Outputs) {
		v.bad(ErrTable, "", number, Value{}, "has "+count(len(r.Then), "value")+" for "+count(len(t.Outputs), "output"))
		return
	}
	if len(r.Annotations) > len(t.Annotations) {
		v.bad(ErrTable, "", number, Value{}, "has "+count(len(r.Annotations), "annotation")+" for "+count(len(t.Annotations), "annotation column"))
	}
	for i := range t.Inputs {
		in := &t.Inputs[i]
		if reason, kind := sound(r.When[i], in.Type); kind != nil {
			v.bad(kind, in.Name, number, Value{}, reason)
			continue
		}
		v.condition(number, in, &v.inputs[i], r.When[i])
	}
	for i, out := range t.Outputs {
		if r.Then[i].IsMissing() {
			v.bad(ErrTable, out.Name, number, Value{}, "has no value")
		} else if reason, kind := refuse(r.Then[i], &v.outputs[i]); kind != nil {
			v.bad(kind, out.Name, number, r.Then[i], reason)
		}
	}
}

// condition refuses what no value of the input can ever be.
func (v *validator) condition(number int, in *Input, allowed *permitted, c Cell) {
	for _, test := range c.Tests {
		if v.full() {
			return
		}
		switch {
		case test.Op == Empty:
			if !in.Optional && !allowed.empty {
				v.bad(ErrNotAllowed, in.Name, number, Value{}, `the input is never empty; any value is written "-"`)
			}
		case test.Op != Equal:
		case test.Value.Type() == 0:
			if !in.Optional {
				v.bad(ErrNotAllowed, in.Name, number, test.Value, "the input is not optional, so it is never "+test.Value.String())
			}
		case !allowed.has(test.Value):
			v.bad(ErrNotAllowed, in.Name, number, test.Value, test.Value.String()+" is none of the allowed values "+in.Allowed.String())
		}
	}
}

// sound says what is wrong with a cell in a column of the type; the kind is nil when nothing is.
func sound(c Cell, t Type) (reason string, kind error) {
	if len(c.Tests) > MaxTests {
		return "the cell has " + count(len(c.Tests), "test") + ", at most " + itoa(MaxTests), ErrLimit
	}
	if c.Not && c.IsAny() {
		return "the cell negates nothing", ErrTable
	}
	for _, test := range c.Tests {
		for _, v := range []Value{test.Value, test.High} {
			if !v.is(t) {
				return v.String() + " is no " + t.String(), ErrType
			}
			if len(v.s) > MaxText {
				return "a value has " + itoa(len(v.s)) + " bytes, at most " + itoa(MaxText), ErrLimit
			}
		}
		if test.Op > Empty {
			return "the operator is none", ErrTable
		}
		if test.Op == Equal || test.Op == Empty {
			continue
		}
		if !t.IsOrdered() {
			return test.String() + " needs an ordered type, and the column's is " + t.String(), ErrType
		}
		if test.Value.Type() == 0 || test.Op == Within && test.High.Type() == 0 {
			return test.String() + " has no value", ErrTable
		}
		if test.Op == Within {
			if c, _ := Compare(test.Value, test.High); c > 0 || c == 0 && (test.LowOpen || test.HighOpen) {
				return test.String() + " holds nothing", ErrTable
			}
		}
	}
	return "", nil
}

// refuse says why a column of outputs does not take a value; the kind is nil when it does.
func refuse(v Value, allowed *permitted) (reason string, kind error) {
	switch {
	case !v.is(allowed.typ):
		return v.String() + " is no " + allowed.typ.String(), ErrType
	case len(v.s) > MaxText:
		return "a value has " + itoa(len(v.s)) + " bytes, at most " + itoa(MaxText), ErrLimit
	case v.IsNull():
		return "", nil
	case !allowed.has(v):
		return v.String() + " is none of the allowed values " + allowed.cell.String(), ErrNotAllowed
	}
	return "", nil
}
