package psew_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/decision"
	"github.com/forewarn-go/forewarn/psew"
)

// Why an incident goes where it goes is data: the row that fits, and of each other row the first condition that does not
// hold, with both values.
//
// Covers: DEC-024
func TestWhyLevelAsData(t *testing.T) {
	d := newDesk(t, deskConfig{})
	i := d.opened("protocol failure")
	why := must[psew.Explanation](d)(d.incidents.WhyLevel(d.ctx, cora, psew.WhyLevel{Incident: i.ID}))
	if r := why.Reached; r == nil || *r != (psew.Reached{Policy: "Incident Escalation Policy", Row: 15, Category: psew.SDWAN, Subcategory: psew.ProtocolFailure}) {
		t.Errorf("it got to Triage by %+v", r)
	}
	x := why.Decision
	if x == nil || x.Table != "Incident Escalation Policy" || x.HitPolicy != "UNIQUE" || x.Outcome != decision.OutcomeRules || len(x.Rules) != 20 {
		t.Fatalf("the decision is %+v", x)
	}
	if len(x.Applied) != 1 || x.Applied[0] != why.Why.Row || x.Applied[0] != 11 {
		t.Errorf("rows %v apply, and %d decided; want row 11", x.Applied, why.Why.Row)
	}
	if row := x.Outputs[0]; row[0].Value != decision.Text(why.Group) || row[1].Value != decision.Text(why.Why.Rule.Flow) {
		t.Errorf("the outputs are %v, the level %q by %q", row, why.Group, why.Why.Rule.Flow)
	}
	if r := x.Rules[10]; len(r.Annotations) != 1 || r.Annotations[0].Name != "origin" || r.Annotations[0].Text != "row 11" {
		t.Errorf("row 11 is %+v", r)
	}
	if f := x.Rules[1].Failed; f == nil || f.Input != "stage" || f.Condition != `"L1 investigation"` || f.Value != decision.Text("Triage") {
		t.Errorf("row 2 fails by %+v", f)
	}
	if text := x.Text(); !strings.Contains(text, `rule 1 does not match: subcategory is "Protocol failure", not "Software failure"`) {
		t.Errorf("the text is\n%s", text)
	}
	data, err := json.Marshal(why)
	if err != nil || !strings.Contains(string(data), `"outputs":[{"assignmentGroup":"L1 Network Engineering","flow":"Network Initiated Protocol Failure - L1"}]`) {
		t.Errorf("the JSON is %s, %v", data, err)
	}

	// at the top no row fits, and the data says so too
	for range 3 {
		i = must[psew.Incident](d)(d.incidents.Escalate(d.ctx, forewarn.Actor{Tenant: cora.Tenant, ID: "admin", Roles: []string{forewarn.RoleAdmin, forewarn.RoleNOCAgent, forewarn.RolePSEWUser}}, psew.Escalate{Incident: i.ID, Note: "up"}))
	}
	why = must[psew.Explanation](d)(d.incidents.WhyLevel(d.ctx, cora, psew.WhyLevel{Incident: i.ID}))
	if r := why.Reached; r == nil || r.From != psew.StageL2 || r.Policy != "Incident Escalation Policy" {
		t.Errorf("it got to the top by %+v", r)
	}
	if why.Decision.Outcome != decision.OutcomeNone || len(why.Decision.Matched) != 0 || why.Next != "" {
		t.Errorf("at the top: %+v", why)
	}
}

// A policy that is no table has no rows to tell of.
func TestWhyLevelOfAnotherPolicy(t *testing.T) {
	d := newDesk(t, deskConfig{config: func(c *psew.Config) { c.Policy = fixedPolicy{} }})
	i := d.opened("protocol failure")
	why := must[psew.Explanation](d)(d.incidents.WhyLevel(d.ctx, cora, psew.WhyLevel{Incident: i.ID}))
	if why.Decision != nil || why.Next != psew.StageTriage {
		t.Errorf("got %+v", why)
	}
}

// fixedPolicy sends every incident to the coordinators.
type fixedPolicy struct{}

func (fixedPolicy) Next(*forewarn.Unit, psew.Incident) (psew.Level, error) {
	flow, _ := psew.DefaultFlows().Subflow("Network Initiated Protocol Failure - Triage")
	return psew.Level{Stage: psew.StageTriage, Group: psew.NetworkCoordinators, Flow: flow}, nil
}
