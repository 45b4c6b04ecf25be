package psew_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/psew"
	"github.com/forewarn-go/forewarn/ticket"
)

// Every text of the configuration has a length, and is text: what is not is refused under its name, and nothing is written.
//
// Covers: SEC-023
func TestConfigurationIsBounded(t *testing.T) {
	d := newDesk(t, deskConfig{})
	policy := func(change func(*psew.Table)) func() error {
		return func() error {
			table := psew.DefaultTable()
			change(&table)
			return second(d.incidents.SetPolicy(d.ctx, admin, psew.SetPolicy{Table: table}))
		}
	}
	property := func(name, value string) func() error {
		return func() error {
			return second(d.incidents.SetProperty(d.ctx, admin, psew.SetProperty{Name: name, Value: value}))
		}
	}
	message := func(key, text string) func() error {
		return func() error {
			return second(d.incidents.SetMessage(d.ctx, admin, psew.SetMessage{Key: key, Text: text}))
		}
	}
	member := func(group string, u forewarn.User) func() error {
		return func() error {
			return second(d.incidents.AddMember(d.ctx, admin, psew.AddMember{Group: group, User: u}))
		}
	}
	manager := func(group string, u forewarn.User) func() error {
		return func() error {
			return second(d.incidents.SetManager(d.ctx, admin, psew.SetManager{Group: group, User: u}))
		}
	}
	defaults := func(cmd psew.Defaults) func() error {
		return func() error {
			fresh := forewarn.Actor{Tenant: "fresh", ID: "admin", Roles: []string{forewarn.RoleAdmin}}
			return second(d.incidents.Defaults(d.ctx, fresh, cmd))
		}
	}
	group := func(g forewarn.Group) func() error { return defaults(psew.Defaults{Groups: []forewarn.Group{g}}) }
	const l3 = psew.L3NetworkEngineering
	for _, c := range []struct {
		field string
		try   func(text string) func() error
	}{
		{"policy.name", func(s string) func() error { return policy(func(t *psew.Table) { t.Name = s }) }},
		{"policy.rules[3].category", func(s string) func() error { return policy(func(t *psew.Table) { t.Rules[2].Category = s }) }},
		{"policy.rules[3].subcategory", func(s string) func() error { return policy(func(t *psew.Table) { t.Rules[2].Subcategory = s }) }},
		{"policy.rules[3].stage", func(s string) func() error { return policy(func(t *psew.Table) { t.Rules[2].Stage = s }) }},
		{"policy.rules[3].assignmentGroup", func(s string) func() error { return policy(func(t *psew.Table) { t.Rules[2].Group = s }) }},
		{"policy.rules[3].flow", func(s string) func() error { return policy(func(t *psew.Table) { t.Rules[2].Flow = s }) }},
		{"policy.rules[3].origin", func(s string) func() error { return policy(func(t *psew.Table) { t.Rules[2].Origin = s }) }},
		{"policy.inputs", func(s string) func() error {
			return policy(func(t *psew.Table) { t.Inputs = json.RawMessage(`["` + s + `"]`) })
		}},
		{"policy.outputs", func(s string) func() error {
			return policy(func(t *psew.Table) { t.Outputs = json.RawMessage(`["` + s + `"]`) })
		}},
		{psew.PropertyManagerGroup, func(s string) func() error { return property(psew.PropertyManagerGroup, s) }},
		{psew.PropertyCodes, func(s string) func() error { return property(psew.PropertyCodes, `{"a":"`+s+`"}`) }},
		{psew.PropertyCodes, func(s string) func() error { return property(psew.PropertyCodes, `{"`+s+`":"a"}`) }},
		{psew.PropertyCaseFields, func(s string) func() error { return property(psew.PropertyCaseFields, s) }},
		{"key", func(s string) func() error { return message(s, "x") }},
		{"text", func(s string) func() error { return message("k", s) }},
		{"group", func(s string) func() error { return member(s, forewarn.User{ID: "z"}) }},
		{"user.id", func(s string) func() error { return member(l3, forewarn.User{ID: s}) }},
		{"user.name", func(s string) func() error { return member(l3, forewarn.User{ID: "z", Name: s}) }},
		{"user.email", func(s string) func() error { return member(l3, forewarn.User{ID: "z", Email: s}) }},
		{"user.roles[1]", func(s string) func() error { return member(l3, forewarn.User{ID: "z", Roles: []string{"a", s}}) }},
		{"group", func(s string) func() error { return manager(s, forewarn.User{ID: "z"}) }},
		{"user.id", func(s string) func() error { return manager(l3, forewarn.User{ID: s}) }},
		{"groups[0].name", func(s string) func() error { return group(forewarn.Group{Name: s}) }},
		{"groups[0].manager", func(s string) func() error { return group(forewarn.Group{Name: "g", Manager: s}) }},
		{"groups[0].email", func(s string) func() error { return group(forewarn.Group{Name: "g", Email: s}) }},
		{"groups[0].roles[0]", func(s string) func() error { return group(forewarn.Group{Name: "g", Roles: []string{s}}) }},
		{"messages.key", func(s string) func() error { return defaults(psew.Defaults{Messages: map[string]string{s: "x"}}) }},
		{"messages[k]", func(s string) func() error { return defaults(psew.Defaults{Messages: map[string]string{"k": s}}) }},
		{"settings.managerGroup", func(s string) func() error {
			set := psew.DefaultSettings()
			set.ManagerGroup = s
			return defaults(psew.Defaults{Settings: &set})
		}},
		{"settings.resolutionCodes", func(s string) func() error {
			set := psew.DefaultSettings()
			set.ResolutionCodes = map[string]string{"a": s}
			return defaults(psew.Defaults{Settings: &set})
		}},
	} {
		for what, text := range map[string]string{"long": strings.Repeat("-", ticket.MaxText+1), "no UTF-8": "a\xffb", "with a NUL": "a\x00b"} {
			err := c.try(text)()
			if err == nil {
				t.Errorf("%s: text that is %s was taken", c.field, what)
				continue
			}
			d.refused(err, forewarn.ErrInvalid, c.field)
		}
	}
	d.refused(message("k", "")(), forewarn.ErrInvalid, "text")
	d.refused(defaults(psew.Defaults{Messages: map[string]string{"k": ""}})(), forewarn.ErrInvalid, "messages[k]")
	d.refused(group(forewarn.Group{})(), forewarn.ErrInvalid, "groups[0].name")
	d.refused(defaults(psew.Defaults{Groups: make([]forewarn.Group, 1001)})(), forewarn.ErrInvalid, "groups")
	d.refused(member(l3, forewarn.User{ID: "z", Roles: make([]string, 101)})(), forewarn.ErrInvalid, "user.roles")
	d.refused(policy(func(t *psew.Table) { t.Inputs = json.RawMessage("{") })(), forewarn.ErrInvalid, "policy.inputs")
	// each of its rows may stand, and all of them are more than a record takes
	d.refused(policy(func(t *psew.Table) {
		for n := range t.Rules {
			t.Rules[n].Origin, t.Rules[n].Group = strings.Repeat("<", 200), strings.Repeat("<", 200) // each is six bytes of JSON
		}
		t.Inputs = json.RawMessage(`"` + strings.Repeat("x", 16000) + `"`)
	})(), forewarn.ErrInvalid, "policy")
	if changes := d.history(0); len(changes) != 0 {
		t.Errorf("what was refused has changed %q", changes)
	}
	if err := second(d.incidents.GetSettings(d.ctx, forewarn.Actor{Tenant: "fresh", ID: "admin", Roles: []string{forewarn.RoleAdmin}}, psew.GetSettings{})); err == nil {
		t.Error("a tenant whose Defaults were refused has settings")
	}
}

// What contradicts itself or can never be is refused, with an incident that shows it; what is missing is told of.
//
// Covers: DEC-025
func TestPolicyIsAnalysedWhenItIsSet(t *testing.T) {
	d := newDesk(t, deskConfig{})
	set := func(change func(*psew.Table)) (psew.StoredPolicy, error) {
		table := psew.DefaultTable()
		change(&table)
		return d.incidents.SetPolicy(d.ctx, admin, psew.SetPolicy{Table: table})
	}
	for name, c := range map[string]struct {
		change      func(*psew.Table)
		field, rule string
	}{
		"twice": {func(t *psew.Table) {
			t.Rules = append(t.Rules, psew.Rule{Category: "sd_wan", Subcategory: "link failure", Stage: "triage", Group: "g", Flow: t.Rules[4].Flow})
		}, "policy.rules[21]", `fits the same incidents as rule 5, as one of category "SD-WAN", subcategory "Link failure" and stage "Triage"`},
		"twice, by the stage's short name": {func(t *psew.Table) {
			t.Rules = append(t.Rules, psew.Rule{Category: "SD-WAN", Subcategory: "Link failure", Stage: "L1", Group: "g", Flow: t.Rules[4].Flow})
		}, "policy.rules[21]", `fits the same incidents as rule 17, as one of category "SD-WAN", subcategory "Link failure" and stage "L1 investigation"`},
		"twice, without a category": {func(t *psew.Table) {
			t.Rules = append(t.Rules, psew.Rule{Group: "g", Flow: t.Rules[4].Flow}, psew.Rule{Category: "-", Group: "g", Flow: t.Rules[4].Flow})
		}, "policy.rules[22]", `fits the same incidents as rule 21, as one of category "", subcategory "" and stage ""`},
		"never": {func(t *psew.Table) {
			t.Rules = append(t.Rules, psew.Rule{Category: "SD-WAN", Subcategory: "Link failure", Stage: "Resolution", Group: "g", Flow: t.Rules[4].Flow})
		}, "policy.rules[21].stage", `never fires: no incident that can be escalated has stage "Resolution"`},
		"the first of two": {func(t *psew.Table) { t.Rules[1] = t.Rules[0]; t.Rules[2].Group = "" },
			"policy.rules[2]", `fits the same incidents as rule 1`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := set(c.change)
			d.refused(err, forewarn.ErrInvalid, c.field)
			if !strings.Contains(err.Error(), c.rule) {
				t.Errorf("%v, want %s", err, c.rule)
			}
		})
	}
	for name, c := range map[string]struct {
		change func(*psew.Table)
		want   []string
	}{
		"as it ships": {func(*psew.Table) {}, nil},
		"no entry": {func(t *psew.Table) { t.Rules = append(t.Rules[:2:2], t.Rules[3:]...) },
			[]string{`no row of the policy fits category "SD-WAN", subcategory "Link failure" and stage "": such an incident cannot be escalated`}},
		"no way on": {func(t *psew.Table) { t.Rules = append(t.Rules[:4:4], t.Rules[5:]...) },
			[]string{`no row of the policy fits category "SD-WAN", subcategory "Link failure" and stage "Triage": such an incident cannot be escalated`}},
		"a level that nobody gets to": {func(t *psew.Table) {
			t.Rules = t.Rules[:0:0]
			for _, sub := range psew.DefaultCategories()[psew.SDWAN] {
				t.Rules = append(t.Rules, psew.Rule{Category: "SD-WAN", Subcategory: string(sub), Group: psew.NetworkCoordinators, Flow: "Network Initiated Link Failure - Triage"},
					psew.Rule{Category: "SD-WAN", Subcategory: string(sub), Stage: "Triage", Group: psew.L3NetworkEngineering, Flow: "Network Initiated Link Failure - L3"})
			}
		}, nil},
		"half of them": {func(t *psew.Table) {
			all := t.Rules
			t.Rules = nil
			for _, r := range all {
				if r.Stage == "" || r.Subcategory != "Link failure" && r.Subcategory != "Device failure" {
					t.Rules = append(t.Rules, r)
				}
			}
		}, []string{`no row of the policy fits category "SD-WAN", subcategory "Link failure", "Device failure" and stage "Triage", "L1 investigation", "L2 investigation": ` +
			`such an incident cannot be escalated, as one of category "SD-WAN", subcategory "Link failure" and stage "Triage"`}},
		"nothing of the workflow": {func(t *psew.Table) {
			t.Rules = []psew.Rule{{Group: psew.NetworkCoordinators, Flow: "Network Initiated Link Failure - Triage"}}
		}, []string{`no row of the policy fits category "", subcategory "" and stage "Triage"`, `no row of the policy fits category "SD-WAN": an incident of the workflow gets no level`}},
	} {
		t.Run(name, func(t *testing.T) {
			out, err := set(c.change)
			if err != nil {
				t.Fatal(err)
			}
			if len(out.Warnings) != len(c.want) {
				t.Fatalf("warned %q, want %q", out.Warnings, c.want)
			}
			for n, want := range c.want {
				if !strings.Contains(out.Warnings[n], want) {
					t.Errorf("warned %q, want %q", out.Warnings[n], want)
				}
			}
		})
	}
}

// A row is found by the stage's short name too, since a policy may be written so.
//
// Covers: DEC-019
func TestAPolicyMayUseShortNamesOfStages(t *testing.T) {
	table := psew.DefaultTable()
	for n := range table.Rules {
		table.Rules[n].Stage = strings.TrimSuffix(strings.ToLower(table.Rules[n].Stage), " investigation")
	}
	for n, r := range psew.DefaultTable().Rules {
		if row, _ := table.Match(r.Category, r.Subcategory, r.Stage); row != n+1 {
			t.Errorf("row %d is found as %d", n+1, row)
		}
	}
}

// The most that a policy may have is analysed, and what it warns of is bounded.
func TestALargePolicyIsAnalysed(t *testing.T) {
	categories := psew.Categories{psew.SDWAN: psew.DefaultCategories()[psew.SDWAN], "Fibre": nil}
	for n := range 400 {
		categories["Fibre"] = append(categories["Fibre"], psew.Subcategory(fmt.Sprint(n)))
	}
	d := newDesk(t, deskConfig{config: func(c *psew.Config) { c.Categories = categories }})
	table := psew.DefaultTable()
	for n := range 380 {
		table.Rules = append(table.Rules, psew.Rule{Category: "fibre", Subcategory: fmt.Sprint(n), Stage: []string{"", "L1", "L2", "Triage"}[n%4], Group: "L1 Network Engineering",
			Flow: "Network Initiated Link Failure - L1"})
	}
	out := must[psew.StoredPolicy](d)(d.incidents.SetPolicy(d.ctx, admin, psew.SetPolicy{Table: table}))
	if len(out.Warnings) == 0 || len(out.Warnings) > 21 {
		t.Errorf("%d warnings", len(out.Warnings))
	}
	for _, w := range out.Warnings {
		if len(w) > 1000 {
			t.Errorf("a warning of %d bytes: %s", len(w), w)
		}
	}
}
