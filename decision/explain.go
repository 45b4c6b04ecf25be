package decision

import (
	"slices"
	"strings"
)

// Explanation tells why a table decided as it did. Its JSON is stable: fields are
// added, never changed.
type Explanation struct {
	Table       string           `json:"table"`
	Version     string           `json:"version,omitempty"`
	HitPolicy   string           `json:"hitPolicy"` // UNIQUE … COLLECT SUM
	Inputs      []ExplainedInput `json:"inputs"`    // as they were given, in the table's order
	Outcome     Outcome          `json:"outcome"`
	Matched     []int            `json:"matched"`               // all rules that match, from 1, in their order
	Applied     []int            `json:"applied"`               // the rules whose outputs stand in the result, in its order
	Outputs     []ExplainedRow   `json:"outputs"`               // the rows of the result
	Aggregation *Aggregated      `json:"aggregation,omitempty"` // of COLLECT SUM, MIN, MAX and COUNT
	Rules       []ExplainedRule  `json:"rules"`                 // every rule, in their order
	Error       string           `json:"error,omitempty"`       // why there is no result
}

// Outcome says how a result came to be.
type Outcome string

// The outcomes.
const (
	OutcomeRules       Outcome = "rules"       // the outputs of the applied rules
	OutcomeDefault     Outcome = "default"     // no rule matched: the default outputs
	OutcomeAggregation Outcome = "aggregation" // computed from the outputs of the applied rules
	OutcomeNone        Outcome = "none"        // no rule matched, and there is no default
	OutcomeError       Outcome = "error"       // see Error
)

// ExplainedInput is an input and its value.
type ExplainedInput struct {
	Name    string `json:"name"`
	Type    Type   `json:"type"`
	Value   Value  `json:"value"`             // in JSON null also when it is missing
	Missing bool   `json:"missing,omitempty"` // it was not given
}

// ExplainedRow is one row of the result: in JSON an object.
type ExplainedRow []ExplainedOutput

// ExplainedOutput is an output and its value.
type ExplainedOutput struct {
	Name  string
	Value Value
}

// ExplainedRule tells of one rule whether it matched, and if not, why.
type ExplainedRule struct {
	Rule        int                   `json:"rule"` // from 1
	ID          string                `json:"id,omitempty"`
	Matched     bool                  `json:"matched"`
	Failed      *Failure              `json:"failed,omitempty"`      // the first condition that failed
	Annotations []ExplainedAnnotation `json:"annotations,omitempty"` // of a rule that matched
}

// ExplainedAnnotation is an annotation and its column.
type ExplainedAnnotation struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

// Failure is a condition that did not hold.
type Failure struct {
	Input     string `json:"input"`
	Condition string `json:"condition"` // the cell's text
	Value     Value  `json:"value"`     // what the input was
	Missing   bool   `json:"missing,omitempty"`
}

// Aggregated tells how COLLECT computed its value.
type Aggregated struct {
	By     string  `json:"by"`     // SUM, MIN, MAX or COUNT
	Values []Value `json:"values"` // of the applied rules
	Result Value   `json:"result"`
}

// Explain decides as Eval does, and tells why: it looks at every rule, without
// the index. With an error of Eval it returns the same error, and the explanation
// as far as it goes.
func (e *Evaluator) Explain(values ...Value) (Explanation, error) {
	t := &e.table
	x := Explanation{Table: t.Name, Version: t.Version, HitPolicy: t.HitPolicy.String(), Matched: []int{}, Applied: []int{},
		Outputs: []ExplainedRow{}, Inputs: []ExplainedInput{}, Rules: []ExplainedRule{}}
	if t.Aggregation != List {
		x.HitPolicy += " " + t.Aggregation.String()
	}
	for j, in := range t.Inputs {
		var v Value
		if j < len(values) {
			v = values[j]
		}
		x.Inputs = append(x.Inputs, ExplainedInput{Name: in.Name, Type: in.Type, Value: v, Missing: v.IsMissing()})
	}
	r, err := e.Eval(values...)
	if err != nil && !isContradiction(err) {
		return x.failed(err), err
	}
	for i := range t.Rules {
		rule := x.rule(t, i)
		if rule.Matched {
			x.Matched = append(x.Matched, rule.Rule)
		}
		x.Rules = append(x.Rules, rule)
	}
	if err != nil {
		return x.failed(err), err
	}
	x.Applied = slices.AppendSeq(x.Applied, r.Rules())
	x.Outputs = r.rows()
	switch {
	case r.IsDefault():
		x.Outcome = OutcomeDefault
	case r.Len() == 0:
		x.Outcome = OutcomeNone
	case t.Aggregation != List:
		x.Outcome = OutcomeAggregation
		x.Aggregation = &Aggregated{By: t.Aggregation.String(), Values: []Value{}, Result: r.At(0)}
		for _, n := range x.Applied {
			x.Aggregation.Values = append(x.Aggregation.Values, t.Rules[n-1].Then[0])
		}
	default:
		x.Outcome = OutcomeRules
	}
	return x, nil
}

// ExplainMap is Explain for the inputs of a map, as EvalMap takes them.
func (e *Evaluator) ExplainMap(inputs map[string]any) (Explanation, error) {
	values := make([]Value, len(e.axes))
	for j, in := range e.table.Inputs {
		if x, given := inputs[in.Name]; given {
			values[j], _ = ValueOf(x, in.Type) // what is no value of the type is refused below
		}
	}
	if _, err := e.EvalMap(inputs); err != nil && !isContradiction(err) {
		x, _ := e.Explain(values...)
		return x.failed(err), err
	}
	return e.Explain(values...)
}

func isContradiction(err error) bool {
	e, ok := err.(*Error)
	return ok && (e.Kind == ErrNotUnique || e.Kind == ErrUnequal)
}

// failed returns an explanation without result.
func (x Explanation) failed(err error) Explanation {
	x.Outcome, x.Error = OutcomeError, err.Error()
	x.Applied, x.Outputs, x.Aggregation = []int{}, []ExplainedRow{}, nil
	return x
}

// rule tells of the i-th rule.
func (x *Explanation) rule(t *Table, i int) ExplainedRule {
	r := &t.Rules[i]
	told := ExplainedRule{Rule: i + 1, ID: r.ID, Matched: true}
	for j, c := range r.When {
		if in := &x.Inputs[j]; !c.Matches(in.Value, in.Type) {
			told.Matched = false
			told.Failed = &Failure{Input: in.Name, Condition: c.String(), Value: in.Value, Missing: in.Missing}
			return told
		}
	}
	for j, text := range r.Annotations {
		if text != "" {
			told.Annotations = append(told.Annotations, ExplainedAnnotation{t.Annotations[j], text})
		}
	}
	return told
}

// Text returns the explanation as people read it, a line for each thing it
// tells.
func (x Explanation) Text() string {
	var b strings.Builder
	b.WriteString(x.Table)
	if x.Version != "" {
		b.WriteString(", version " + x.Version)
	}
	b.WriteString(", " + x.HitPolicy + "\n")
	for _, in := range x.Inputs {
		b.WriteString("  " + in.Name + " is " + in.Value.String() + "\n")
	}
	b.WriteString(x.conclusion() + "\n")
	for _, r := range x.Rules {
		b.WriteString("  rule " + itoa(r.Rule))
		if r.ID != "" {
			b.WriteString(" (" + r.ID + ")")
		}
		if r.Failed != nil {
			b.WriteString(" does not match: " + r.Failed.Input + " is " + r.Failed.Value.String() + ", not " + said(r.Failed.Condition) + "\n")
			continue
		}
		b.WriteString(" matches")
		for i, a := range r.Annotations {
			b.WriteString([]string{": ", "; "}[min(i, 1)] + a.Name + " " + a.Text)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// said puts a condition into a sentence after a "not".
func said(condition string) string {
	if rest, ok := strings.CutPrefix(condition, "not("); ok {
		return "other than " + strings.TrimSuffix(rest, ")")
	}
	return condition
}

func (x Explanation) conclusion() string {
	rows := func() string {
		var all []string
		for _, row := range x.Outputs {
			var cells []string
			for _, o := range row {
				cells = append(cells, o.Name+" "+o.Value.String())
			}
			all = append(all, strings.Join(cells, ", "))
		}
		return strings.Join(all, "; ")
	}
	switch x.Outcome {
	case OutcomeError:
		return "There is no result: " + x.Error
	case OutcomeNone:
		return "No rule matches, and there is no default."
	case OutcomeDefault:
		return "No rule matches. The default is " + rows() + "."
	case OutcomeAggregation:
		var values []string
		for _, v := range x.Aggregation.Values {
			values = append(values, v.String())
		}
		return x.Aggregation.By + " of " + strings.Join(values, ", ") + " from " + numbered(x.Applied) + ": " + rows() + "."
	}
	also := ""
	if len(x.Matched) > len(x.Applied) {
		also = " (of " + numbered(x.Matched) + ", which match)"
	}
	return strings.ToUpper(numbered(x.Applied)[:1]) + numbered(x.Applied)[1:] + also + ": " + rows() + "."
}

// numbered writes rule 3, or rules 3, 5 and 7.
func numbered(rules []int) string {
	switch len(rules) {
	case 0:
		return "no rule"
	case 1:
		return "rule " + itoa(rules[0])
	}
	var b strings.Builder
	b.WriteString("rules ")
	for i, n := range rules {
		switch i {
		case 0:
		case len(rules) - 1:
			b.WriteString(" and ")
		default:
			b.WriteString(", ")
		}
		b.WriteString(itoa(n))
	}
	return b.String()
}
