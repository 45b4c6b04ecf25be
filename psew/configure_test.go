package psew_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/psew"
	"github.com/forewarn-go/forewarn/ticket"
)

// The policy of a tenant is replaced whole or not at all, and decides from the next escalation on.
//
// Covers: DEC-001, SEC-023, SEC-025
func TestSetPolicy(t *testing.T) {
	d := newDesk(t, deskConfig{})
	set := func(by forewarn.Actor, cmd psew.SetPolicy) (psew.StoredPolicy, error) {
		return d.incidents.SetPolicy(d.ctx, by, cmd)
	}
	first := must[psew.StoredPolicy](d)(d.incidents.GetPolicy(d.ctx, cora, psew.GetPolicy{}))
	if len(first.Table.Rules) != 20 || first.Version == 0 {
		t.Fatalf("%d rows, version %s", len(first.Table.Rules), first.Version)
	}
	// from L1 a failure of links goes straight to L3, at a group without the role to escalate further
	table := first.Table
	table.Rules = append([]psew.Rule(nil), table.Rules...)
	row, rule := table.Match("SD-WAN", "Link failure", "L1 investigation")
	rule.Group, rule.Flow = psew.MajorIssueManagers, "Network Initiated Link Failure - L3"
	table.Rules[row-1] = rule
	i := d.opened("link failure")
	i = must[psew.Incident](d)(d.incidents.Escalate(d.ctx, cora, psew.Escalate{Incident: i.ID, Note: "up"}))

	twice := table
	twice.Rules = append(append([]psew.Rule(nil), table.Rules...), table.Rules[0])
	_, err := set(admin, psew.SetPolicy{Table: twice})
	d.refused(err, forewarn.ErrInvalid, "policy.rules[21]")
	_, err = set(admin, psew.SetPolicy{})
	d.refused(err, forewarn.ErrInvalid, "policy.rules")
	_, err = set(cora, psew.SetPolicy{Table: table})
	d.refused(err, forewarn.ErrForbidden, "")
	_, err = set(admin, psew.SetPolicy{Table: table, Expect: first.Version + 1})
	d.refused(err, forewarn.ErrStale, "")
	other := forewarn.Actor{Tenant: "other", ID: "admin", Roles: []string{forewarn.RoleAdmin}}
	_, err = set(other, psew.SetPolicy{Table: table})
	d.refused(err, forewarn.ErrRefused, "tenant")
	if now := must[psew.StoredPolicy](d)(d.incidents.GetPolicy(d.ctx, cora, psew.GetPolicy{})); now.Version != first.Version {
		t.Error("what was refused has changed the policy")
	}

	second := must[psew.StoredPolicy](d)(set(admin, psew.SetPolicy{Table: table, Expect: first.Version}))
	if second.Version == first.Version || len(second.Warnings) != 1 || !strings.Contains(second.Warnings[0], psew.MajorIssueManagers) {
		t.Errorf("version %s after %s, warnings %q", second.Version, first.Version, second.Warnings)
	}
	i = must[psew.Incident](d)(d.incidents.Escalate(d.ctx, liam, psew.Escalate{Incident: i.ID, Note: "up"}))
	if i.Stage != psew.StageL3 || i.Group != psew.MajorIssueManagers {
		t.Errorf("escalated to %s at %s", i.Stage, i.Group)
	}
	if again := must[psew.StoredPolicy](d)(set(admin, psew.SetPolicy{Table: table})); again.Version != second.Version {
		t.Error("the same policy was written again")
	}
	changes := must[forewarn.Page[ticket.Activity]](d)(d.incidents.ConfigurationHistory(d.ctx, admin, psew.ConfigurationHistory{})).Items
	if len(changes) != 1 || changes[0].By != "admin" || strings.Count(changes[0].Text, "\n- row ") != 1 ||
		!strings.Contains(changes[0].Text, `"SD-WAN", "Link failure", "L1 investigation" → "Major Issue Management" by "Network Initiated Link Failure - L3"`) {
		t.Errorf("the history has %+v", changes)
	}
}

// Where the host decides, no table does.
func TestSetPolicyOfAHostsOwn(t *testing.T) {
	d := newDesk(t, deskConfig{config: func(c *psew.Config) { c.Policy = hostPolicy{} }})
	_, err := d.incidents.SetPolicy(d.ctx, admin, psew.SetPolicy{Table: psew.DefaultTable()})
	d.refused(err, forewarn.ErrRefused, "policy")
}

type hostPolicy struct{}

func (hostPolicy) Next(*forewarn.Unit, psew.Incident) (psew.Level, error) {
	return psew.Level{}, psew.ErrNoPath
}

// Every setting can be changed later, by admin alone, and the history says who has changed what.
//
// Covers: PSEW-077, PSEW-097, PSEW-136, PSEW-137, SEC-023, SEC-025
func TestEverySettingIsAProperty(t *testing.T) {
	d := newDesk(t, deskConfig{})
	values := map[string]string{psew.PropertyThreshold: "7", psew.PropertyMajorCases: "false", psew.PropertyCommentsSync: "true", psew.PropertyBroadcast: "false",
		psew.PropertyBroadcastAs: "comment", psew.PropertyNeedsWorkflow: "false", psew.PropertyNeedsAlways: "true", psew.PropertyMembersClear: "true",
		psew.PropertyNotifyManager: "true", psew.PropertyManagerGroup: psew.L3NetworkEngineering, psew.PropertyCaseFields: "short_description",
		psew.PropertyCodes: `{"Solved":"Fixed"}`}
	for name, value := range values {
		d.set(name, value)
		d.set(name, value) // changes nothing
	}
	got := must[psew.Settings](d)(d.incidents.GetSettings(d.ctx, admin, psew.GetSettings{}))
	is, was := reflect.ValueOf(got), reflect.ValueOf(psew.DefaultSettings())
	for n := range is.NumField() {
		if reflect.DeepEqual(is.Field(n).Interface(), was.Field(n).Interface()) {
			t.Errorf("no property has changed %s", is.Type().Field(n).Name)
		}
	}
	must[psew.Message](d)(d.incidents.SetMessage(d.ctx, admin, psew.SetMessage{Key: "sd_wan.own", Text: "call Bern"}))
	changes := must[forewarn.Page[ticket.Activity]](d)(d.incidents.ConfigurationHistory(d.ctx, admin, psew.ConfigurationHistory{})).Items
	if len(changes) != len(values)+1 || changes[0].Text != `sd_wan.own: "" → "call Bern"` || changes[0].By != "admin" {
		t.Errorf("the history has %d entries, the last %+v", len(changes), changes[0])
	}
	d.set(psew.PropertyThreshold, "9")
	changes = must[forewarn.Page[ticket.Activity]](d)(d.incidents.ConfigurationHistory(d.ctx, admin, psew.ConfigurationHistory{Limit: 1})).Items
	if len(changes) != 1 || changes[0].Text != "Threshold: 7 → 9" {
		t.Errorf("the latest is %+v", changes)
	}
	for value, name := range map[string]string{"x": psew.PropertyNeedsAlways, `{"a":1}`: psew.PropertyCodes, `{"a":""}`: psew.PropertyCodes, "[]": psew.PropertyCodes} {
		_, err := d.incidents.SetProperty(d.ctx, admin, psew.SetProperty{Name: name, Value: value})
		d.refused(err, forewarn.ErrInvalid, name)
	}
	_, err := d.incidents.ConfigurationHistory(d.ctx, cora, psew.ConfigurationHistory{})
	d.refused(err, forewarn.ErrForbidden, "")
}
