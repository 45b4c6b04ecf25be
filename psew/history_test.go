package psew_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/psew"
	"github.com/forewarn-go/forewarn/ticket"
)

// history returns the texts of the tenant's changes, the oldest first, and forgets those before.
func (d *desk) history(before int) (texts []string) {
	d.t.Helper()
	for _, a := range must[forewarn.Page[ticket.Activity]](d)(d.incidents.ConfigurationHistory(d.ctx, admin, psew.ConfigurationHistory{Limit: 1000})).Items {
		texts = append(texts, a.Text)
	}
	slices.Reverse(texts)
	return texts[before:]
}

// A text that was overwritten can be read again, whatever was in it; one that is the same is no change.
//
// Covers: SEC-023
func TestHistoryOfMessagesKeepsOldAndNew(t *testing.T) {
	d := newDesk(t, deskConfig{})
	const key = "sd_wan.own"
	set := func(key, text string) psew.Message {
		t.Helper()
		return must[psew.Message](d)(d.incidents.SetMessage(d.ctx, admin, psew.SetMessage{Key: key, Text: text}))
	}
	first := set(key, "call Bern")
	if again := set(key, "call Bern"); again != first {
		t.Errorf("the same text was written again: %+v", again)
	}
	set(key, "call Bern,\nthen \"Basel\"")
	shipped := psew.MessageKey(psew.SDWAN, psew.LinkFailure, psew.StageL1)
	set(shipped, psew.DefaultMessages()[shipped])
	want := []string{`sd_wan.own: "" → "call Bern"`, `sd_wan.own: "call Bern" → "call Bern,\nthen \"Basel\""`}
	if got := d.history(0); !slices.Equal(got, want) {
		t.Errorf("the history has %q", got)
	}
	// two texts of the greatest length do not fit one entry, and so they are in several
	old, now := strings.Repeat("ä", 16<<10), strings.Repeat("ö", 16<<10)
	set(key, old)
	before := len(d.history(0))
	set(key, now)
	parts := d.history(before)
	if len(parts) < 2 {
		t.Fatalf("%d entries", len(parts))
	}
	all := ""
	for n, p := range parts {
		head, rest, ok := strings.Cut(p, ") ")
		if want := "(" + string(rune('1'+n)) + " of " + string(rune('0'+len(parts))); !ok || head != want || len(p) > ticket.MaxText {
			t.Fatalf("part %d begins with %q, want %q, and has %d bytes", n, head, want, len(p))
		}
		all += rest
	}
	if all != `sd_wan.own: "`+old+`" → "`+now+`"` {
		t.Error("the parts together are not the change")
	}
}

// A tenant without Defaults has the texts that ship, and the history says what was overwritten.
func TestHistoryOfAMessageThatShips(t *testing.T) {
	d := newDesk(t, deskConfig{})
	other := forewarn.Actor{Tenant: "other", ID: "admin", Roles: []string{forewarn.RoleAdmin}}
	key := psew.MessageKey(psew.SDWAN, psew.LinkFailure, psew.StageL1)
	must[psew.Message](d)(d.incidents.SetMessage(d.ctx, other, psew.SetMessage{Key: key, Text: "call Bern"}))
	changes := must[forewarn.Page[ticket.Activity]](d)(d.incidents.ConfigurationHistory(d.ctx, other, psew.ConfigurationHistory{})).Items
	if len(changes) != 1 || !strings.HasPrefix(changes[0].Text, key+`: "L1 investigation. Read`) || !strings.HasSuffix(changes[0].Text, `" → "call Bern"`) {
		t.Errorf("the history has %+v", changes)
	}
}

// Whatever of a policy was changed stands in the history: what it is called, what is said of its columns, and of its rows which have come, gone, moved,
// or decide otherwise.
//
// Covers: SEC-023, DEC-018
func TestHistoryOfThePolicy(t *testing.T) {
	shipped := psew.DefaultTable()
	for name, c := range map[string]struct {
		change func(*psew.Table)
		want   []string // all lines but the first
	}{
		"name":    {func(t *psew.Table) { t.Name = "Ours" }, []string{`name: "Incident Escalation Policy" → "Ours"`}},
		"policy":  {func(t *psew.Table) { t.HitPolicy = "unique" }, []string{`hitPolicy: "UNIQUE" → "unique"`}},
		"inputs":  {func(t *psew.Table) { t.Inputs = json.RawMessage(`[{"name":"category"}]`) }, []string{`inputs: ` + compact(shipped.Inputs) + ` → [{"name":"category"}]`}},
		"outputs": {func(t *psew.Table) { t.Outputs = nil }, []string{`outputs: ` + compact(shipped.Outputs) + ` → none`}},
		"order": {func(t *psew.Table) { t.Rules[2], t.Rules[3] = t.Rules[3], t.Rules[2] },
			[]string{`> row 4, before row 3: "SD-WAN", "Link failure", "" → "Network Coordinators" by "Network Initiated Link Failure - Triage" (row 3)`}},
		"last to the front": {func(t *psew.Table) { t.Rules = append([]psew.Rule{t.Rules[19]}, t.Rules[:19]...) },
			[]string{`> row 1, before row 20: "SD-WAN", "Soft-WAN link failure", "L2 investigation" → "L3 Network Engineering" by "Network Initiated Soft-WAN Link Failure - L3" (derived)`}},
		"one less": {func(t *psew.Table) { t.Rules = t.Rules[1:] },
			[]string{`- row 1: "SD-WAN", "Software failure", "" → "Network Coordinators" by "Network Initiated Software Failure - Triage" (row 1)`}},
		"one more": {func(t *psew.Table) {
			t.Rules = append(t.Rules, psew.Rule{Category: "SD-WAN", Stage: "Triage", Group: psew.L1NetworkEngineering, Flow: "Network Initiated Link Failure - L1"})
		}, []string{`+ row 21: "SD-WAN", "", "Triage" → "L1 Network Engineering" by "Network Initiated Link Failure - L1"`}},
		"another group": {func(t *psew.Table) { t.Rules[2].Group = "X" },
			[]string{`- row 3: "SD-WAN", "Link failure", "" → "Network Coordinators" by "Network Initiated Link Failure - Triage" (row 3)`,
				`+ row 3: "SD-WAN", "Link failure", "" → "X" by "Network Initiated Link Failure - Triage" (row 3)`}},
		"another origin": {func(t *psew.Table) { t.Rules[2].Origin = "ours" },
			[]string{`- row 3: "SD-WAN", "Link failure", "" → "Network Coordinators" by "Network Initiated Link Failure - Triage" (row 3)`,
				`+ row 3: "SD-WAN", "Link failure", "" → "Network Coordinators" by "Network Initiated Link Failure - Triage" (ours)`}},
		"changed and moved": {func(t *psew.Table) { t.Rules[0].Origin = "ours"; t.Rules = append(t.Rules[1:], t.Rules[0]) },
			[]string{`- row 1: "SD-WAN", "Software failure", "" → "Network Coordinators" by "Network Initiated Software Failure - Triage" (row 1)`,
				`+ row 20: "SD-WAN", "Software failure", "" → "Network Coordinators" by "Network Initiated Software Failure - Triage" (ours)`}},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, deskConfig{})
			table := shipped
			table.Rules = slices.Clone(shipped.Rules)
			c.change(&table)
			must[psew.StoredPolicy](d)(d.incidents.SetPolicy(d.ctx, admin, psew.SetPolicy{Table: table}))
			got := d.history(0)
			if len(got) != 1 {
				t.Fatalf("the history has %q", got)
			}
			lines := strings.Split(got[0], "\n")
			if want := "The escalation policy has " + number(len(table.Rules)) + " rows."; lines[0] != want {
				t.Errorf("begins with %q, want %q", lines[0], want)
			}
			if !slices.Equal(lines[1:], c.want) {
				t.Errorf("the changes are\n%s\nwant\n%s", strings.Join(lines[1:], "\n"), strings.Join(c.want, "\n"))
			}
		})
	}
}

func number(n int) string { b, _ := json.Marshal(n); return string(b) }

func compact(m json.RawMessage) string { b, _ := json.Marshal(m); return string(b) }

// Who is a customer learns that the configuration is not for him, as every other caller without the role does: it is no record that he might not know of.
//
// Covers: SEC-025
func TestTheConfigurationIsForbiddenToCustomers(t *testing.T) {
	d := newDesk(t, deskConfig{})
	for _, by := range []forewarn.Actor{customerOf(account(0)), {Tenant: tenant, ID: "jo", Consumer: "jo", Roles: []string{forewarn.RoleCustomer}}} {
		for name, err := range map[string]error{
			"GetPolicy":            second(d.incidents.GetPolicy(d.ctx, by, psew.GetPolicy{})),
			"SetPolicy":            second(d.incidents.SetPolicy(d.ctx, by, psew.SetPolicy{Table: psew.DefaultTable()})),
			"ConfigurationHistory": second(d.incidents.ConfigurationHistory(d.ctx, by, psew.ConfigurationHistory{})),
			"GetSettings":          second(d.incidents.GetSettings(d.ctx, by, psew.GetSettings{})),
			"SetProperty":          second(d.incidents.SetProperty(d.ctx, by, psew.SetProperty{Name: psew.PropertyThreshold, Value: "1"})),
			"SetMessage":           second(d.incidents.SetMessage(d.ctx, by, psew.SetMessage{Key: "k", Text: "t"})),
			"ListMessages":         second(d.incidents.ListMessages(d.ctx, by, psew.ListMessages{})),
			"Defaults":             second(d.incidents.Defaults(d.ctx, by, psew.Defaults{})),
			"AddMember":            second(d.incidents.AddMember(d.ctx, by, psew.AddMember{Group: psew.L3NetworkEngineering, User: forewarn.User{ID: "z"}})),
			"SetManager":           second(d.incidents.SetManager(d.ctx, by, psew.SetManager{Group: psew.L3NetworkEngineering, User: forewarn.User{ID: "z"}})),
			"Open":                 second(d.incidents.Open(d.ctx, by, psew.Open{ShortDescription: "x"})),
			"Report":               second(d.incidents.Report(d.ctx, by, psew.Report{Description: "x", Severity: "1", TicketType: "Incident"})),
		} {
			var e *forewarn.Error
			if !errors.Is(err, forewarn.ErrForbidden) || !errors.As(err, &e) || e.Op != "psew."+name || e.Rule == "" {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

// payroll is a host's own directory, which keeps groups that the store does not know.
type payroll struct{ forewarn.Directory }

func (p payroll) Group(u *forewarn.Unit, name string) (forewarn.Group, error) {
	switch name {
	case "Night shift":
		return forewarn.Group{Name: name, Roles: []string{"engineer"}}, nil
	case "Guests":
		return forewarn.Group{Name: name, Roles: []string{"guest"}}, nil
	}
	return p.Directory.Group(u, name)
}

// What is told of a policy's groups is told of those who will work by it: of the host's directory, and of the roles as they are configured.
//
// Covers: SEC-027
func TestWarningsAreOfTheHostsDirectoryAndRoles(t *testing.T) {
	roles := forewarn.DefaultRoles()
	roles["engineer"] = []string{forewarn.RoleNOCAgent}
	d := newDesk(t, deskConfig{engine: func(c *forewarn.Config) { c.Directory, c.Roles = payroll{forewarn.StoredDirectory}, roles }})
	set := func(group string) []string {
		t.Helper()
		table := psew.DefaultTable()
		table.Rules[4].Group = group
		return must[psew.StoredPolicy](d)(d.incidents.SetPolicy(d.ctx, admin, psew.SetPolicy{Table: table})).Warnings
	}
	if got := set("Night shift"); len(got) != 0 {
		t.Errorf("warned of a group that the host has, and whose members may escalate: %q", got)
	}
	if got := set("Guests"); len(got) != 1 || got[0] != `members of group "Guests" cannot escalate: the group lacks the role `+forewarn.RoleNOCAgent {
		t.Errorf("warned %q", got)
	}
	if got := set("Ghosts"); len(got) != 1 || got[0] != `the policy escalates to group "Ghosts", which is not there` {
		t.Errorf("warned %q", got)
	}
	table := psew.DefaultTable()
	table.Rules[4].Group = "Night shift"
	out := must[psew.DefaultsResult](d)(d.incidents.Defaults(d.ctx, forewarn.Actor{Tenant: "other", ID: "admin", Roles: []string{forewarn.RoleAdmin}}, psew.Defaults{Policy: &table}))
	if len(out.Warnings) != 0 {
		t.Errorf("Defaults warned %q", out.Warnings)
	}
}
