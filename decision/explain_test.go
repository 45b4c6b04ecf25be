package decision

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
)

// pricing is a table for explanations.
func pricing(policy HitPolicy, by Aggregation) Table {
	return Table{Name: "Pricing", Version: "7", HitPolicy: policy, Aggregation: by, Annotations: []string{"source"},
		Inputs:  []Input{{Name: "customer", Type: LooseString, Optional: true}, {Name: "amount", Type: Number}},
		Outputs: []Output{{Name: "rate", Type: Number, Allowed: OneOf(Int(10), Int(5), Int(0)), Default: Int(0)}},
		Rules: []Rule{
			{ID: "r-1", When: []Cell{Is(Text("Business")), IsAtLeast(Int(1000))}, Then: []Value{Int(5)}, Annotations: []string{"contract"}},
			{When: []Cell{IsNot(Text("Private")), IsAtLeast(Int(2000))}, Then: []Value{Int(10)}},
			{When: []Cell{IsEmpty(), {}}, Then: []Value{Int(0)}},
		}}
}

// Covers: DEC-024
func TestExplanationText(t *testing.T) {
	for name, c := range map[string]struct {
		policy HitPolicy
		by     Aggregation
		in     []Value
		want   string
	}{
		"first": {First, List, []Value{Text("business"), Int(2500)}, `Pricing, version 7, FIRST
  customer is "business"
  amount is 2500
Rule 1 (of rules 1 and 2, which match): rate 5.
  rule 1 (r-1) matches: source contract
  rule 2 matches
  rule 3 does not match: customer is "business", not empty
`},
		"priority": {Priority, List, []Value{Text("business"), Int(2500)}, `Pricing, version 7, PRIORITY
  customer is "business"
  amount is 2500
Rule 2 (of rules 1 and 2, which match): rate 10.
  rule 1 (r-1) matches: source contract
  rule 2 matches
  rule 3 does not match: customer is "business", not empty
`},
		"sum": {Collect, Sum, []Value{Text("business"), Int(2500)}, `Pricing, version 7, COLLECT SUM
  customer is "business"
  amount is 2500
SUM of 5, 10 from rules 1 and 2: rate 15.
  rule 1 (r-1) matches: source contract
  rule 2 matches
  rule 3 does not match: customer is "business", not empty
`},
		"default": {Unique, List, []Value{Text("private"), Int(1)}, `Pricing, version 7, UNIQUE
  customer is "private"
  amount is 1
No rule matches. The default is rate 0.
  rule 1 (r-1) does not match: customer is "private", not "Business"
  rule 2 does not match: customer is "private", not other than "Private"
  rule 3 does not match: customer is "private", not empty
`},
		"contradiction": {Unique, List, []Value{Missing(), Int(2500)}, `Pricing, version 7, UNIQUE
  customer is missing
  amount is 2500
There is no result: decision: table "Pricing", rules 2 and 3: two rules match: the hit policy is UNIQUE
  rule 1 (r-1) does not match: customer is missing, not "Business"
  rule 2 matches
  rule 3 matches
`},
		"refused": {Unique, List, []Value{Null()}, `Pricing, version 7, UNIQUE
  customer is null
  amount is missing
There is no result: decision: table "Pricing", column "amount": missing input: the input was not given, and is not optional
`},
	} {
		x, err := compiled(t, pricing(c.policy, c.by)).Explain(c.in...)
		if (err != nil) != (x.Outcome == OutcomeError) {
			t.Errorf("%s: outcome %s, %v", name, x.Outcome, err)
		}
		if got := x.Text(); got != c.want {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got, c.want)
		}
	}
	table := pricing(Unique, List)
	table.Outputs[0].Default = Missing()
	if x, err := compiled(t, table).Explain(Text("private"), Int(1)); err != nil || x.Outcome != OutcomeNone || len(x.Outputs) != 0 {
		t.Errorf("no default: %+v, %v", x, err)
	}
}

// The JSON of an explanation is for other programs: a change of it breaks them.
//
// Covers: DEC-024
func TestExplanationJSON(t *testing.T) {
	x, err := compiled(t, pricing(Collect, Max)).ExplainMap(map[string]any{"amount": 2500.5})
	check(t, err)
	got, err := json.MarshalIndent(x, "", "  ")
	check(t, err)
	const want = `{
  "table": "Pricing",
  "version": "7",
  "hitPolicy": "COLLECT MAX",
  "inputs": [
    {
      "name": "customer",
      "type": "loose string",
      "value": null,
      "missing": true
    },
    {
      "name": "amount",
      "type": "number",
      "value": 2500.5
    }
  ],
  "outcome": "aggregation",
  "matched": [
    2,
    3
  ],
  "applied": [
    2,
    3
  ],
  "outputs": [
    {
      "rate": 10
    }
  ],
  "aggregation": {
    "by": "MAX",
    "values": [
      10,
      0
    ],
    "result": 10
  },
  "rules": [
    {
      "rule": 1,
      "id": "r-1",
      "matched": false,
      "failed": {
        "input": "customer",
        "condition": "\"Business\"",
        "value": null,
        "missing": true
      }
    },
    {
      "rule": 2,
      "matched": true
    },
    {
      "rule": 3,
      "matched": true
    }
  ]
}`
	if string(got) != want {
		t.Errorf("got\n%s", got)
	}
	x, err = compiled(t, pricing(Unique, List)).Explain(Null(), Int(2500))
	if !errors.Is(err, ErrNotUnique) || x.Outcome != OutcomeError {
		t.Errorf("got %v, %+v", err, x)
	}
	got, err = json.Marshal(x)
	check(t, err)
	if want := `"matched":[2,3],"applied":[],"outputs":[],`; !json.Valid(got) || !strings.Contains(string(got), want) {
		t.Errorf("got %s, want %s in it", got, want)
	}
}
