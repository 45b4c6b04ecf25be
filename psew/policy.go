package psew

import (
	_ "embed"
	"encoding/json"
	"errors"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/decision"
	"github.com/forewarn-go/forewarn/store"
)

// Level is what the escalation policy decides: the next stage, who works at it, and the subflow that says how.
type Level struct {
	Stage Stage
	Group string
	Flow  Subflow
	Why   Why
}

// Why tells which row of the policy decided.
type Why struct {
	Policy string `json:"policy"`
	Row    int    `json:"row"` // from 1
	Rule   Rule   `json:"rule"`
}

// Policy decides the next level of an incident.
type Policy interface {
	// Next returns the level after the incident's stage. It returns an ErrRefused that wraps ErrNoPath when
	// no row fits category, subcategory and stage.
	Next(u *forewarn.Unit, i Incident) (Level, error)
}

// Explainer is what a Policy may be besides: it tells why it decides as it does.
type Explainer interface {
	// Explain returns how the policy's table decides for an incident: every row, and why it fits or not.
	Explain(u *forewarn.Unit, i Incident) (decision.Explanation, error)
}

// ErrNoPath says that the policy has no row for an incident.
var ErrNoPath = errors.New("no escalation path")

// Table is the Incident Escalation Policy as data: at most one rule fits an incident.
type Table struct {
	Name      string          `json:"name"`
	HitPolicy string          `json:"hitPolicy"`
	Inputs    json.RawMessage `json:"inputs,omitempty"`
	Outputs   json.RawMessage `json:"outputs,omitempty"`
	Rules     []Rule          `json:"rules"`
}

// Rule is one row. An empty stage means that the incident's stage is empty, never any stage.
type Rule struct {
	Category    string `json:"category"`
	Subcategory string `json:"subcategory"`
	Stage       string `json:"stage"`
	Group       string `json:"assignmentGroup"`
	Flow        string `json:"flow"`
	Origin      string `json:"origin,omitempty"` // "row 7" of the sources, or "derived"
}

//go:embed escalation.json
var escalationJSON []byte

// DefaultTable returns the policy of the base system: 14 rows of the sources, and 6 that complete their pattern.
func DefaultTable() Table {
	var t Table
	if err := json.Unmarshal(escalationJSON, &t); err != nil {
		panic("psew: escalation.json: " + err.Error())
	}
	return t
}

// Match returns the row, from 1, and the rule that fits, in any spelling of the three; 0 when none does. Of several that
// fit, which Check refuses, it is the first.
func (t Table) Match(category, subcategory, stage string) (int, Rule) {
	e, err := t.compile()
	if err != nil {
		return 0, Rule{}
	}
	return t.match(e, category, subcategory, stage)
}

func (t Table) match(e *decision.Evaluator, category, subcategory, stage string) (int, Rule) {
	found, err := e.Eval(decision.Text(category), decision.Text(subcategory), decision.Text(stage))
	row := found.Rule()
	var twice *decision.Error
	if errors.As(err, &twice) {
		row = twice.Rule
	}
	if row == 0 {
		return 0, Rule{}
	}
	return row, t.Rules[row-1]
}

func (t Table) compile() (*decision.Evaluator, error) { return decision.Compile(t.decision()) }

// decision makes the decision table that the policy is. An empty condition says that the incident's field is empty.
func (t Table) decision() decision.Table {
	name := t.Name
	if name == "" {
		name = "escalation policy"
	}
	table := decision.Table{Name: name, HitPolicy: decision.Unique, Annotations: []string{"origin"},
		Inputs: []decision.Input{{Name: "category", Type: decision.LooseString}, {Name: "subcategory", Type: decision.LooseString},
			{Name: "stage", Type: decision.LooseString}},
		Outputs: []decision.Output{{Name: "assignmentGroup", Type: decision.String}, {Name: "flow", Type: decision.String}},
		Rules:   make([]decision.Rule, len(t.Rules))}
	for i, r := range t.Rules {
		stage := r.Stage
		if known, err := ParseStage(stage); err == nil {
			stage = string(known) // it may be written by its short name
		}
		table.Rules[i] = decision.Rule{When: []decision.Cell{decision.OneOfTexts(r.Category), decision.OneOfTexts(r.Subcategory), decision.OneOfTexts(stage)},
			Then: []decision.Value{decision.Text(r.Group), decision.Text(r.Flow)}, Annotations: []string{r.Origin}}
	}
	return table
}

// policyRecord is a tenant's policy.
type policyRecord struct {
	ID      uuid.UUID        `json:"id"`
	Version forewarn.Version `json:"version"`
	Table   Table            `json:"table"`
}

var policies = forewarn.NewRecords("escalation_policy", forewarn.Shape[policyRecord]{
	ID:      func(p *policyRecord) *uuid.UUID { return &p.ID },
	Version: func(p *policyRecord) *forewarn.Version { return &p.Version },
})

var policyID = store.NameID("escalation_policy")

// tablePolicy is the default Policy: the tenant's table.
type tablePolicy struct {
	flows    Flows
	compiled *compiledTables
}

func (p tablePolicy) Next(u *forewarn.Unit, i Incident) (Level, error) {
	t, err := p.table(u)
	if err != nil {
		return Level{}, err
	}
	e, err := p.compiled.of(u.By().Tenant, t)
	if err != nil {
		return Level{}, err
	}
	return t.next(e, i, p.flows)
}

// Explain makes tablePolicy an Explainer.
func (p tablePolicy) Explain(u *forewarn.Unit, i Incident) (decision.Explanation, error) {
	t, err := p.table(u)
	if err != nil {
		return decision.Explanation{}, err
	}
	e, err := p.compiled.of(u.By().Tenant, t)
	if err != nil {
		return decision.Explanation{}, err
	}
	x, err := e.Explain(decision.Text(string(i.Category)), decision.Text(string(i.Subcategory)), decision.Text(string(i.Stage)))
	if errors.Is(err, decision.ErrNotUnique) { // the explanation says so
		err = nil
	}
	return x, err
}

// table reads the tenant's table.
func (p tablePolicy) table(u *forewarn.Unit) (Table, error) {
	// Peeked: a policy that changes meanwhile decides from the next escalation on.
	rec, err := policies.Peek(u, policyID)
	if errors.Is(err, forewarn.ErrNotFound) {
		return Table{}, noDefaults(u.By().Tenant)
	}
	return rec.Table, err
}

// next is the decision itself.
func (t Table) next(e *decision.Evaluator, i Incident, flows Flows) (Level, error) {
	row, rule := t.match(e, string(i.Category), string(i.Subcategory), string(i.Stage))
	if row == 0 {
		return Level{}, &forewarn.Error{Kind: forewarn.ErrRefused, Record: store.Key{Kind: kindIncident, ID: i.ID}, Field: "stage",
			Rule:  "the policy has no row for category " + quote(i.Category) + ", subcategory " + quote(i.Subcategory) + " and stage " + quote(i.Stage),
			Cause: ErrNoPath}
	}
	flow, ok := flows.Subflow(rule.Flow)
	if !ok {
		return Level{}, &forewarn.Error{Kind: forewarn.ErrRefused, Record: store.Key{Kind: kindIncident, ID: i.ID}, Field: "flow",
			Rule: "row " + itoa(row) + " of the policy names flow " + quote(rule.Flow) + ", which is none"}
	}
	return Level{Stage: flow.Stage, Group: rule.Group, Flow: flow, Why: Why{Policy: t.Name, Row: row, Rule: rule}}, nil
}

func noDefaults(tenant string) error {
	return &forewarn.Error{Kind: forewarn.ErrRefused, Field: "tenant",
		Rule: "tenant " + quote(tenant) + " has no escalation policy, groups and messages yet: call psew.Service.Defaults once"}
}
