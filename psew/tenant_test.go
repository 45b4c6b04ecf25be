package psew_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/adapters/memory"
	"github.com/forewarn-go/forewarn/psew"
	"github.com/forewarn-go/forewarn/store"
	"github.com/forewarn-go/forewarn/techcase"
	"github.com/forewarn-go/forewarn/ticket"
)

// Covers: PSEW-005, PSEW-026, C-06
func TestFlows(t *testing.T) {
	flows := psew.DefaultFlows()
	if err := flows.Check(); err != nil {
		t.Fatal(err)
	}
	all := flows.All()
	if len(all) != 5 {
		t.Fatalf("%d flows, want 5", len(all))
	}
	for _, f := range all {
		if len(f.Subflows) != 5 {
			t.Errorf("%s has %d subflows", f.Name, len(f.Subflows))
		}
		for _, sub := range f.Subflows {
			if sub.Name != f.Name+" - "+sub.Stage.Short() {
				t.Errorf("subflow %q of stage %s", sub.Name, sub.Stage)
			}
		}
	}
	for _, r := range psew.DefaultTable().Rules {
		if _, ok := flows.Subflow(r.Flow); !ok {
			t.Errorf("the policy names %q, which is no subflow", r.Flow)
		}
	}
	// another flow of the name wins, and what it replaced is gone
	own := psew.Flow{Name: all[0].Name, Category: psew.SDWAN, Subcategory: all[0].Subcategory, Subflows: []psew.Subflow{{Name: "mine", Stage: psew.StageL1, Message: "own.key"}}}
	changed := flows.With(own)
	if sub, ok := changed.Subflow("Mine"); !ok || sub.Message != "own.key" {
		t.Errorf("the other flow's subflow is %+v", sub)
	}
	if _, ok := changed.Subflow(all[0].Subflows[0].Name); ok {
		t.Error("a subflow of the flow that was replaced is still there")
	}
	if _, ok := flows.Subflow("mine"); ok {
		t.Error("With has changed the flows that it was called on")
	}
	for name, bad := range map[string]psew.Flow{
		"no name":    {Name: "x", Subflows: []psew.Subflow{{Stage: psew.StageL1, Message: "m"}}},
		"no stage":   {Name: "x", Subflows: []psew.Subflow{{Name: "s", Message: "m"}}},
		"no message": {Name: "x", Subflows: []psew.Subflow{{Name: "s", Stage: psew.StageL1}}},
		"of two":     {Name: "x", Subflows: []psew.Subflow{{Name: all[1].Subflows[0].Name, Stage: psew.StageL1, Message: "m"}}},
	} {
		if err := flows.With(bad).Check(); err == nil {
			t.Errorf("%s: passes", name)
		}
	}
}

// Covers: PSEW-038, PSEW-039, PSEW-040
func TestMessages(t *testing.T) {
	d := newDesk(t, deskConfig{})
	defaults := psew.DefaultMessages()
	if len(defaults) != 25 {
		t.Errorf("%d texts ship, want one for each of 5 subcategories and 5 stages", len(defaults))
	}
	found := must[forewarn.Page[psew.Message]](d)(d.incidents.ListMessages(d.ctx, admin, psew.ListMessages{Prefix: "sd_wan"}))
	if len(found.Items) != len(defaults) {
		t.Errorf("a search by sd_wan finds %d of %d", len(found.Items), len(defaults))
	}
	for _, m := range found.Items {
		if m.Text != defaults[m.Key] || m.Text == "" {
			t.Errorf("%s: %q", m.Key, m.Text)
		}
	}
	key := psew.MessageKey(psew.SDWAN, psew.LinkFailure, psew.StageL1)
	if key != "sd_wan.link_failure.l1.engineer" {
		t.Errorf("key %q", key)
	}
	must[psew.Message](d)(d.incidents.SetMessage(d.ctx, admin, psew.SetMessage{Key: key, Text: "call Bern first"}))
	i := d.opened("link failure")
	must[psew.Incident](d)(d.incidents.Escalate(d.ctx, cora, psew.Escalate{Incident: i.ID, Note: "up"}))
	stream := d.stream(i.ID)
	if got := stream[len(stream)-1].Text; got != "call Bern first" {
		t.Errorf("posted %q", got)
	}
	// another tenant has its own
	other := forewarn.Actor{Tenant: "other", ID: "admin", Roles: []string{forewarn.RoleAdmin}}
	must[psew.DefaultsResult](d)(d.incidents.Defaults(d.ctx, other, psew.Defaults{}))
	found = must[forewarn.Page[psew.Message]](d)(d.incidents.ListMessages(d.ctx, other, psew.ListMessages{Prefix: key}))
	if len(found.Items) != 1 || found.Items[0].Text != defaults[key] {
		t.Errorf("the other tenant's text is %+v", found.Items)
	}
	// a second Defaults leaves what was changed
	must[psew.DefaultsResult](d)(d.incidents.Defaults(d.ctx, admin, psew.Defaults{}))
	found = must[forewarn.Page[psew.Message]](d)(d.incidents.ListMessages(d.ctx, admin, psew.ListMessages{Prefix: key}))
	if found.Items[0].Text != "call Bern first" {
		t.Error("Defaults has overwritten a text")
	}
	for field, cmd := range map[string]psew.SetMessage{"key": {Text: "x"}, "text": {Key: "x"}} {
		_, err := d.incidents.SetMessage(d.ctx, admin, cmd)
		d.refused(err, forewarn.ErrInvalid, field)
	}
}

// Covers: PSEW-033, PSEW-037, SEC-002, SEC-027
func TestGroups(t *testing.T) {
	d := newDesk(t, deskConfig{})
	for user := range map[string]string{"cora": "", "liam": "", "noa": "", "lea": ""} {
		i := d.opened("link failure")
		if _, err := d.incidents.Escalate(d.ctx, actor(user), psew.Escalate{Incident: i.ID, Note: "up"}); err != nil {
			t.Errorf("%s, a plain member, may not escalate: %v", user, err)
		}
	}
	i := d.opened("link failure")
	_, err := d.incidents.Escalate(d.ctx, actor("new"), psew.Escalate{Incident: i.ID, Note: "up"})
	d.refused(err, forewarn.ErrForbidden, "")
	must[forewarn.User](d)(d.incidents.AddMember(d.ctx, admin, psew.AddMember{Group: psew.L3NetworkEngineering, User: forewarn.User{ID: "new"}}))
	must[psew.Incident](d)(d.incidents.Escalate(d.ctx, actor("new"), psew.Escalate{Incident: i.ID, Note: "up"}))
	_, err = d.incidents.AddMember(d.ctx, admin, psew.AddMember{Group: "none", User: forewarn.User{ID: "new"}})
	d.refused(err, forewarn.ErrNotFound, "")
	_, err = d.incidents.AddMember(d.ctx, cora, psew.AddMember{Group: psew.L3NetworkEngineering, User: forewarn.User{ID: "x"}})
	d.refused(err, forewarn.ErrForbidden, "")
	_, err = d.incidents.AddMember(d.ctx, admin, psew.AddMember{Group: psew.L3NetworkEngineering})
	d.refused(err, forewarn.ErrInvalid, "user.id")

	groups := psew.DefaultGroups()
	if lint := psew.LintGroups(psew.DefaultTable(), groups, forewarn.DefaultRoles()); len(lint) != 0 {
		t.Errorf("the shipped groups: %q", lint)
	}
	groups[1].Roles = []string{forewarn.RolePSEWUser}
	if lint := psew.LintGroups(psew.DefaultTable(), groups[:3], forewarn.DefaultRoles()); len(lint) != 2 ||
		!strings.Contains(strings.Join(lint, " "), "L1 Network Engineering\" cannot escalate") || !strings.Contains(strings.Join(lint, " "), "L3 Network Engineering\", which is not there") {
		t.Errorf("lint says %q", lint)
	}
}

// Covers: PSEW-077, PSEW-097, PSEW-098, PSEW-131, C-08, C-18
func TestProperties(t *testing.T) {
	set := psew.DefaultSettings()
	if set.Threshold != 3 || set.CommentsSync || !set.Broadcast || set.BroadcastAs != ticket.WorkNote || !set.MajorCases {
		t.Errorf("defaults: %+v", set)
	}
	for _, name := range []string{psew.PropertyThreshold, "major_case_affected_account_threshold", "major_case_affected_threshold", "sn_ind_tsm_core.major_case-affected_account_threshold"} {
		if err := set.Set(name, " 7 "); err != nil || set.Threshold != 7 {
			t.Errorf("%s: %v, threshold %d", name, err, set.Threshold)
		}
		set.Threshold = 3
	}
	good := map[string]string{psew.PropertyCommentsSync: "true", psew.PropertyBroadcast: "false", psew.PropertyBroadcastAs: "comment", psew.PropertyMajorCases: "false",
		psew.PropertyNeedsWorkflow: "false", psew.PropertyNotifyManager: "true", psew.PropertyManagerGroup: "g", psew.PropertyMembersClear: "true", psew.PropertyCaseFields: "short_description, ci"}
	for name, value := range good {
		if err := set.Set(name, value); err != nil {
			t.Errorf("%s = %s: %v", name, value, err)
		}
	}
	if !set.CommentsSync || set.Broadcast || set.BroadcastAs != ticket.Comment || set.MajorCases || set.NeedsWorkflow || !set.NotifyManager || set.ManagerGroup != "g" ||
		!set.MembersClearAttention || strings.Join(set.CaseFields, "+") != "short_description+ci" {
		t.Errorf("after all: %+v", set)
	}
	for name, value := range map[string]string{psew.PropertyThreshold: "0", psew.PropertyCommentsSync: "maybe", psew.PropertyBroadcastAs: "notice", psew.PropertyCaseFields: "nothing",
		psew.PropertyManagerGroup: "", "odd": "1"} {
		if err := set.Set(name, value); err == nil {
			t.Errorf("%s takes %q", name, value)
		}
	}
	both := psew.DefaultSettings()
	both.CommentsSync = true
	if len(both.Warnings()) != 1 || len(psew.DefaultSettings().Warnings()) != 0 {
		t.Error("the pair of switches that goes badly together is not told")
	}
	d := newDesk(t, deskConfig{})
	after := must[psew.Settings](d)(d.incidents.SetProperty(d.ctx, admin, psew.SetProperty{Name: "major_case_affected_threshold", Value: "9"}))
	if read := must[psew.Settings](d)(d.incidents.GetSettings(d.ctx, cora, psew.GetSettings{})); after.Threshold != 9 || read.Threshold != 9 {
		t.Errorf("set %d, read %d", after.Threshold, read.Threshold)
	}
	_, err := d.incidents.SetProperty(d.ctx, cora, psew.SetProperty{Name: psew.PropertyThreshold, Value: "9"})
	d.refused(err, forewarn.ErrForbidden, "")
}

// Covers: SEC-025, PSEW-025, PSEW-043, SEC-026, C-20, C-55
func TestMatrixOfRoles(t *testing.T) {
	d := newDesk(t, deskConfig{})
	i := d.opened("link failure")
	must[psew.Generated](d)(d.incidents.Generate(d.ctx, admin, psew.Generate{Incident: i.ID, Accounts: []string{account(0), account(1), account(2)}}))
	acts := map[string]func(by forewarn.Actor) error{
		"psew.Open": func(by forewarn.Actor) error {
			_, err := d.incidents.Open(d.ctx, by, psew.Open{ShortDescription: "x"})
			return err
		},
		"psew.Report": func(by forewarn.Actor) error {
			_, err := d.incidents.Report(d.ctx, by, psew.Report{Description: "x", Severity: "1", TicketType: "Incident"})
			return err
		},
		"psew.Get": func(by forewarn.Actor) error {
			_, err := d.incidents.Get(d.ctx, by, psew.Get{Incident: i.ID})
			return err
		},
		"psew.Update": func(by forewarn.Actor) error {
			_, err := d.incidents.Update(d.ctx, by, psew.Update{Incident: i.ID})
			return err
		},
		"psew.Escalate": func(by forewarn.Actor) error {
			next := d.opened("link failure")
			_, err := d.incidents.Escalate(d.ctx, by, psew.Escalate{Incident: next.ID, Note: "x"})
			return err
		},
		"psew.Generate": func(by forewarn.Actor) error {
			_, err := d.incidents.Generate(d.ctx, by, psew.Generate{Incident: i.ID, Accounts: []string{account(0)}})
			return err
		},
		"psew.NotifyCustomers": func(by forewarn.Actor) error {
			_, err := d.incidents.Messages(d.ctx, by, psew.Messages{Incident: i.ID, Accounts: []string{account(0)}, Note: "x"})
			return err
		},
		"psew.Resolve": func(by forewarn.Actor) error {
			next := d.opened("link failure")
			_, err := d.incidents.Resolve(d.ctx, by, psew.Resolve{Incident: next.ID, Code: "c", Notes: "n"})
			return err
		},
		"psew.OpenReactive": func(by forewarn.Actor) error {
			_, err := d.incidents.OpenReactive(d.ctx, by, psew.OpenReactive{Incident: i.ID, Account: account(3)})
			return err
		},
		"psew.Close": func(by forewarn.Actor) error {
			next := d.opened("link failure")
			must[psew.Incident](d)(d.incidents.Resolve(d.ctx, admin, psew.Resolve{Incident: next.ID, Code: "c", Notes: "n"}))
			_, err := d.incidents.Close(d.ctx, by, psew.Close{Incident: next.ID})
			return err
		},
		"psew.ClearNeedsAttention": func(by forewarn.Actor) error {
			_, err := d.incidents.ClearNeedsAttention(d.ctx, by, psew.ClearNeedsAttention{Incident: i.ID})
			return err
		},
		"psew.SetProperty": func(by forewarn.Actor) error {
			_, err := d.incidents.SetProperty(d.ctx, by, psew.SetProperty{Name: psew.PropertyThreshold, Value: "3"})
			return err
		},
		"psew.SetPolicy": func(by forewarn.Actor) error {
			_, err := d.incidents.SetPolicy(d.ctx, by, psew.SetPolicy{Table: psew.DefaultTable()})
			return err
		},
		"psew.SetMessage": func(by forewarn.Actor) error {
			_, err := d.incidents.SetMessage(d.ctx, by, psew.SetMessage{Key: "k", Text: "t"})
			return err
		},
		"psew.AddMember": func(by forewarn.Actor) error {
			_, err := d.incidents.AddMember(d.ctx, by, psew.AddMember{Group: psew.L3NetworkEngineering, User: forewarn.User{ID: "z"}})
			return err
		},
	}
	// Who may do what, written down again: PSEW_USER, noc_agent, ticket_integrator, agent, customer, nobody; admin may all.
	want := map[string]string{
		"psew.Open": "u", "psew.Report": "t", "psew.Get": "unta", "psew.Update": "u", "psew.Escalate": "n", "psew.Generate": "u", "psew.NotifyCustomers": "u",
		"psew.Resolve": "u", "psew.OpenReactive": "u", "psew.Close": "u", "psew.ClearNeedsAttention": "", "psew.SetProperty": "", "psew.SetPolicy": "", "psew.SetMessage": "", "psew.AddMember": "",
	}
	roles := map[string]string{"u": forewarn.RolePSEWUser, "n": forewarn.RoleNOCAgent, "t": forewarn.RoleTicketIntegrator, "a": forewarn.RoleAgent, "c": forewarn.RoleCustomer}
	if len(psew.Acts()) != len(acts) {
		t.Errorf("%d acts, %d are tried", len(psew.Acts()), len(acts))
	}
	for _, act := range psew.Acts() {
		do, ok := acts[act.Name]
		if !ok {
			t.Errorf("%s is not tried", act.Name)
			continue
		}
		if err := do(admin); err != nil {
			t.Errorf("%s by admin: %v", act.Name, err)
		}
		for letter, role := range roles {
			err := do(actor("somebody", role))
			if allowed := strings.Contains(want[act.Name], letter); allowed != (err == nil) {
				t.Errorf("%s by %s: %v", act.Name, role, err)
			} else if err != nil && role == forewarn.RoleCustomer {
				d.refused(err, forewarn.ErrNotFound, "") // what a customer may not see does not exist for him
			} else if err != nil {
				d.refused(err, forewarn.ErrForbidden, "")
			}
		}
		if err := do(nobody); err == nil {
			t.Errorf("%s by nobody", act.Name)
		}
		if err := do(customerOf(account(0))); err == nil {
			t.Errorf("%s by a customer", act.Name)
		}
		if err := do(forewarn.Actor{}); err == nil {
			t.Errorf("%s by an actor without tenant", act.Name)
		}
	}
}

// What is not wired fails at wiring, and a tenant without Defaults is told so.
// Covers: PSEW-011
func TestWiring(t *testing.T) {
	engine, err := forewarn.New(forewarn.Config{Store: memory.New()})
	if err != nil {
		t.Fatal(err)
	}
	cases, err := techcase.New(techcase.Config{Engine: engine, Follower: psew.Follower{}})
	if err != nil {
		t.Fatal(err)
	}
	for field, c := range map[string]psew.Config{
		"config.engine":  {Cases: cases.Book()},
		"config.cases":   {Engine: engine},
		"config.refresh": {Engine: engine, Cases: cases.Book(), Refresh: -1},
		"matrix":         {Engine: engine, Cases: cases.Book(), Matrix: psew.Matrix{{9}}},
	} {
		_, err := psew.New(c)
		if err == nil || !strings.Contains(err.Error(), field) {
			t.Errorf("%s: %v", field, err)
		}
	}
	incidents, err := psew.New(psew.Config{Engine: engine, Cases: cases.Book()})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := psew.New(psew.Config{Engine: engine, Cases: cases.Book()}); err == nil {
		t.Error("two services have the same jobs on one engine")
	}
	ctx := context.Background()
	_, err = incidents.Open(ctx, admin, psew.Open{ShortDescription: "x", Category: "SD-WAN", Subcategory: "Link failure"})
	if err == nil || !strings.Contains(err.Error(), "Defaults") {
		t.Errorf("without Defaults: %v", err)
	}
	_, err = incidents.Defaults(ctx, admin, psew.Defaults{Policy: &psew.Table{Rules: []psew.Rule{{Category: "x"}}}})
	if err == nil || !strings.Contains(err.Error(), "policy.rules[1]") {
		t.Errorf("a policy that is none: %v", err)
	}
	if _, err := incidents.Get(ctx, admin, psew.Get{Incident: uuid.Nil}); err == nil {
		t.Error("the zero id is an incident")
	}
}

// Covers: SEC-018, SEC-019, SEC-020
func TestACustomerWithoutAnAccountIsStillOne(t *testing.T) {
	d := newDesk(t, deskConfig{})
	i := d.opened("link failure")
	must[psew.Generated](d)(d.incidents.Generate(d.ctx, admin, psew.Generate{Incident: i.ID, Accounts: []string{account(0)}}))
	id := d.casesOf(i.ID)[0].ID
	for _, role := range []string{forewarn.RoleCustomer, forewarn.RoleCustomerAdmin, forewarn.RolePartner, forewarn.RolePartnerAdmin} {
		carl := actor("carl", role)
		_, err := d.cases.Get(d.ctx, carl, techcase.Get{Case: id})
		d.refused(err, forewarn.ErrNotFound, "")
		_, err = d.cases.Activities(d.ctx, carl, techcase.Activities{Case: id})
		d.refused(err, forewarn.ErrNotFound, "")
		if page, err := d.cases.List(d.ctx, carl, techcase.List{}); err == nil && len(page.Items) > 0 {
			t.Errorf("%s lists %d cases", role, len(page.Items))
		}
		_, err = d.cases.WorkNote(d.ctx, carl, techcase.WorkNote{Case: id, Text: "x"})
		d.refused(err, forewarn.ErrNotFound, "")
	}
}

// What Defaults is given is checked before it is kept.
func TestDefaultsChecksSettings(t *testing.T) {
	d := newDesk(t, deskConfig{})
	for field, change := range map[string]func(*psew.Settings){
		"settings.threshold":       func(s *psew.Settings) { s.Threshold = 0 },
		"settings.broadcastAs":     func(s *psew.Settings) { s.BroadcastAs = "" },
		"settings.managerGroup":    func(s *psew.Settings) { s.ManagerGroup = "" },
		"settings.caseFields":      func(s *psew.Settings) { s.CaseFields = []string{"nonsense"} },
		"settings.resolutionCodes": func(s *psew.Settings) { s.ResolutionCodes = map[string]string{"a": "b\nc"} },
	} {
		set := psew.DefaultSettings()
		change(&set)
		other := forewarn.Actor{Tenant: "other", ID: "admin", Roles: []string{forewarn.RoleAdmin}}
		_, err := d.incidents.Defaults(d.ctx, other, psew.Defaults{Settings: &set})
		d.refused(err, forewarn.ErrInvalid, field)
	}
}

// Covers: PSEW-022
func TestReopenStopsWhatResolvingHadBegun(t *testing.T) {
	d := newDesk(t, deskConfig{accounts: 60, store: least{memory.New()}, settings: func(s *psew.Settings) { s.MajorCases = false }})
	i := d.opened("link failure")
	d.work() // until the impact is found
	must[psew.Generated](d)(d.incidents.Generate(d.ctx, admin, psew.Generate{Incident: i.ID, All: psew.ListAccounts}))
	d.work()
	must[psew.Incident](d)(d.incidents.Resolve(d.ctx, admin, psew.Resolve{Incident: i.ID, Code: "c", Notes: "n"}))
	must[psew.Incident](d)(d.incidents.Reopen(d.ctx, admin, psew.Reopen{Incident: i.ID, Note: "again"}))
	resolved := func() (n int) {
		for _, c := range d.casesOf(i.ID) {
			if c.Status == ticket.Resolved {
				n++
			}
		}
		return n
	}
	before := resolved()
	d.work()
	if after := resolved(); before >= 60 || after != before {
		t.Errorf("%d cases were resolved by the call, %d after the incident was reopened", before, after)
	}
}

// least is a store that takes as little at once as a store may.
type least struct{ *memory.Store }

func (least) Limits() (entries, bytes int) { return store.MinEntries, store.MinBytes }
