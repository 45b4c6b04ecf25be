package decision

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
	Value   Value  `json:"value"`             // null in JSON also when it is missing
	Missing bool   `json:"missing,omitempty"` // it was not given
}

// ExplainedRow is one row of the result.
type ExplainedRow []ExplainedOutput

// ExplainedOutput is an output and its value.
type ExplainedOutput struct {
	Name  string `json:"name"`
	Value Value  `json:"value"`
}

// ExplainedRule tells of one rule whether it matched, and if not, why.
type ExplainedRule struct {
	Rule        int      `json:"rule"` // from 1
	ID          string   `json:"id,omitempty"`
	Matched     bool     `json:"matched"`
	Failed      *Failure `json:"failed,omitempty"`      // the first condition that failed
	Annotations []string `json:"annotations,omitempty"` // of matching rules
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
	By     Aggregation `json:"by"`
	Values []Value     `json:"values"` // of the applied rules
	Result Value       `json:"result"`
}

// Explain decides as Eval does, by a scan of all rules, and tells why. With an
// error of Eval it returns the same error, and the explanation as far as it goes.
func (e *Evaluator) Explain(values ...Value) (Explanation, error) { return Explanation{}, nil }

// ExplainMap is Explain for the inputs of a map, as EvalMap takes them.
func (e *Evaluator) ExplainMap(inputs map[string]any) (Explanation, error) {
	return Explanation{}, nil
}

// Text returns the explanation as people read it, of several lines.
func (x Explanation) Text() string { return "" }
