package psew

import (
	_ "embed"
	"encoding/json"
	"errors"
	"strings"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn"
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

// Match returns the row, from 1, and the rule that fits, in any spelling of the three; 0 when none does.
func (t Table) Match(category, subcategory, stage string) (int, Rule) {
	for i, r := range t.Rules {
		if same(r.Category, category) && same(r.Subcategory, subcategory) && same(r.Stage, stage) {
			return i + 1, r
		}
	}
	return 0, Rule{}
}

func same(a, b string) bool { return a == b || fold(a) == fold(b) }

// maxRules bounds what a tenant may write as its policy.
const maxRules = 400

// Check returns an ErrInvalid that names the rule: two rules that fit the same incident, a category, subcategory or stage
// that is none, a flow that is none, a rule without group.
func (t Table) Check(categories Categories, flows Flows) error {
	if len(t.Rules) == 0 || len(t.Rules) > maxRules {
		return forewarn.Invalid("policy.rules", "has %d; 1 to %d", len(t.Rules), maxRules)
	}
	if t.HitPolicy != "" && !strings.EqualFold(t.HitPolicy, "UNIQUE") {
		return forewarn.Invalid("policy.hitPolicy", "is UNIQUE, not %q", t.HitPolicy)
	}
	type input struct{ category, subcategory, stage string }
	seen := map[input]int{}
	for i, r := range t.Rules {
		bad := func(rule string, args ...any) error {
			return inRule(i+1, forewarn.Invalid("", rule, args...))
		}
		if _, _, err := categories.Parse(r.Category, r.Subcategory); err != nil {
			return inRule(i+1, err)
		}
		if _, err := ParseStage(r.Stage); err != nil {
			return inRule(i+1, err)
		}
		if r.Group == "" {
			return bad("has no assignment group")
		}
		flow, ok := flows.Subflow(r.Flow)
		if !ok {
			return bad("names flow %q, which is none", r.Flow)
		}
		if !flow.Stage.Works() {
			return bad("leads to stage %s, which resolving alone enters", flow.Stage)
		}
		in := input{fold(r.Category), fold(r.Subcategory), fold(r.Stage)}
		if first := seen[in]; first > 0 {
			return bad("fits the same incidents as rule %d", first)
		}
		seen[in] = i + 1
	}
	return nil
}

func inRule(n int, err error) error {
	var e *forewarn.Error
	if !errors.As(err, &e) {
		return err
	}
	named := *e
	named.Field = strings.TrimSuffix("policy.rules["+itoa(n)+"]."+e.Field, ".")
	return &named
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
type tablePolicy struct{ flows Flows }

func (p tablePolicy) Next(u *forewarn.Unit, i Incident) (Level, error) {
	// Peeked: a policy that changes meanwhile decides from the next escalation on.
	rec, err := policies.Peek(u, policyID)
	if errors.Is(err, forewarn.ErrNotFound) {
		return Level{}, noDefaults(u.By().Tenant)
	}
	if err != nil {
		return Level{}, err
	}
	return rec.Table.next(i, p.flows)
}

// next is the decision itself.
func (t Table) next(i Incident, flows Flows) (Level, error) {
	row, rule := t.Match(string(i.Category), string(i.Subcategory), string(i.Stage))
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
