package psew_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/adapters/memory"
	"github.com/forewarn-go/forewarn/adapters/storagetest"
	"github.com/forewarn-go/forewarn/inventory"
	"github.com/forewarn-go/forewarn/psew"
	"github.com/forewarn-go/forewarn/store"
	"github.com/forewarn-go/forewarn/techcase"
	"github.com/forewarn-go/forewarn/ticket"
)

// hit opens an incident whose impact is found.
func (d *desk) hit() psew.Incident {
	d.t.Helper()
	i := d.opened("link failure")
	d.work()
	return i
}

func (d *desk) generate(g psew.Generate) psew.Generated {
	d.t.Helper()
	return must[psew.Generated](d)(d.incidents.Generate(d.ctx, cora, g))
}

// all generates for all affected accounts, and lets the workers finish.
func (d *desk) all(i psew.Incident, communicate bool) psew.Generated {
	d.t.Helper()
	out := d.generate(psew.Generate{Incident: i.ID, All: psew.ListAccounts, Communicate: communicate})
	d.work()
	return out
}

func (d *desk) set(name, value string) {
	d.t.Helper()
	must[psew.Settings](d)(d.incidents.SetProperty(d.ctx, admin, psew.SetProperty{Name: name, Value: value}))
}

func (d *desk) theCase(id uuid.UUID) techcase.Case {
	d.t.Helper()
	return must[techcase.Case](d)(d.cases.Get(d.ctx, mia, techcase.Get{Case: id}))
}

func (d *desk) caseOf(i psew.Incident, n int) uuid.UUID {
	return psew.CaseID(i.ID, inventory.TypeAccount, account(n))
}

func accounts(n ...int) (all []string) {
	for _, k := range n {
		all = append(all, account(k))
	}
	return all
}

// sortedCases returns what stands of an incident's cases: the major ones, and the others by the id of their party.
func (d *desk) sortedCases(id uuid.UUID) (majors []ticket.BookedCase, others map[string]ticket.BookedCase) {
	d.t.Helper()
	others = map[string]ticket.BookedCase{}
	for _, c := range d.casesOf(id) {
		if c.Major {
			majors = append(majors, c)
			continue
		}
		if _, twice := others[c.Account+c.Consumer]; twice {
			d.t.Fatalf("%s has two cases", c.Account+c.Consumer)
		}
		others[c.Account+c.Consumer] = c
	}
	return majors, others
}

// Two generations over any selections, at any threshold, against a model that is told what was decided in four lines.
//
// Covers: PSEW-076, PSEW-078, PSEW-079, PSEW-083, PSEW-088, PSEW-131, C-08, C-09, C-10, C-11
func TestThreshold(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		threshold := rapid.IntRange(1, 7).Draw(t, "threshold")
		majorCases := rapid.IntRange(0, 4).Draw(t, "major cases off at 0") > 0
		ofConsumers := rapid.Bool().Draw(t, "consumers")
		d := newDesk(t, deskConfig{settings: func(s *psew.Settings) { s.Threshold, s.MajorCases = threshold, majorCases }})
		party := func(n int) string { return account(n) }
		if ofConsumers {
			party = func(n int) string { return fmt.Sprint("consumer-", n) }
			var items []inventory.Item
			for n := range 5 {
				items = append(items, inventory.Item{Type: inventory.TypeConsumer, ID: party(n), Email: party(n) + "@example.com"})
			}
			must[inventory.Result](d)(d.inventory.Put(d.ctx, admin, inventory.Put{Items: items}))
		}
		i := d.opened("link failure")
		parents := map[string]bool{} // the model: who has a case, and whether under a major case
		major := false
		for call := range 2 {
			var selected []string
			for _, n := range rapid.SliceOfN(rapid.IntRange(0, 4), 1, 8).Draw(t, "selected") {
				selected = append(selected, party(n))
			}
			n := 0
			for _, p := range slices.Compact(slices.Sorted(slices.Values(selected))) {
				if _, has := parents[p]; !has {
					n++
				}
			}
			opens := majorCases && !major && n >= threshold
			major = major || opens
			for _, p := range selected {
				if _, has := parents[p]; !has {
					parents[p] = major
				}
			}
			cmd := psew.Generate{Incident: i.ID, Accounts: selected}
			if ofConsumers {
				cmd.Accounts, cmd.Consumers = nil, selected
			}
			out := d.generate(cmd)
			if out.Parties != n || out.NewMajor != opens || n > 0 && (out.MajorCase != nil) != major {
				t.Fatalf("call %d of %d at threshold %d: %+v, want new major %v", call, n, threshold, out, opens)
			}
		}
		majors, others := d.sortedCases(i.ID)
		if want := map[bool]int{true: 1}[major]; len(majors) != want || len(others) != len(parents) {
			t.Fatalf("%d major cases and %d others, want %d and %d", len(majors), len(others), want, len(parents))
		}
		for p, under := range parents {
			c := others[p]
			if (c.Parent != uuid.Nil) != under || under && c.Parent != majors[0].ID || (c.Account != "") == ofConsumers || c.Status != ticket.New {
				t.Fatalf("case of %s, under a major case %v: %+v", p, under, c)
			}
		}
		for _, m := range majors {
			if m.Account != "" || m.Contact != "" || m.Consumer != "" || m.MajorState != string(techcase.MajorAccepted) || !m.Proactive {
				t.Fatalf("major case %+v", m)
			}
		}
	})
}

// Covers: PSEW-077, C-08
func TestThresholdIsReadAtEachCall(t *testing.T) {
	for _, name := range []string{psew.PropertyThreshold, "major_case_affected_account_threshold", "major_case_affected_threshold",
		"sn_ind_tsm_core.major_case-affected_account_threshold"} {
		d := newDesk(t, deskConfig{})
		i := d.hit()
		if out := d.generate(psew.Generate{Incident: i.ID, Accounts: accounts(0, 1)}); out.MajorCase != nil {
			t.Errorf("2 accounts at the default threshold made a major case")
		}
		d.set(name, "2")
		if out := d.generate(psew.Generate{Incident: i.ID, Accounts: accounts(2, 3)}); !out.NewMajor {
			t.Errorf("%s: 2 accounts at threshold 2 made none", name)
		}
	}
}

// Covers: PSEW-080, PSEW-081, PSEW-083, PSEW-092, PSEW-130, PSEW-003
func TestGeneratedFields(t *testing.T) {
	d := newDesk(t, deskConfig{})
	i := must[psew.Incident](d)(d.incidents.Open(d.ctx, cora, psew.Open{ShortDescription: "Vmanage_10001 failed to restart", Description: "after a change",
		CI: "Vmanage_10001", Category: "SD-WAN", Subcategory: "protocol failure", Impact: 3, Urgency: 3, Channel: psew.Monitoring}))
	d.work()
	out := d.all(i, false)
	if out.Parties < 3 || !out.NewMajor {
		t.Fatalf("generated %+v", out)
	}
	majors, others := d.sortedCases(i.ID)
	if len(majors) != 1 || len(others) != 5 {
		t.Fatalf("%d major cases and %d children, want 1 and 5", len(majors), len(others))
	}
	for n := range 5 {
		c := d.theCase(others[account(n)].ID)
		if c.ShortDescription != i.ShortDescription || c.Description != "after a change" || c.Channel != "Monitoring" || !c.Proactive ||
			c.Account != account(n) || c.Contact != "contact-of-"+account(n) || c.State != techcase.StateNew || c.Priority != 4 ||
			c.Category != "SD-WAN" || c.Subcategory != "Protocol failure" || c.CI != "Vmanage_10001" || c.Source.ID != i.ID ||
			c.Links[psew.LinkIncident] != i.ID || c.Links[psew.LinkCausedByIncident] != i.ID || c.Parent != *out.MajorCase {
			t.Errorf("child %+v", c)
		}
	}
	if got := d.get(i.ID); got.MajorCase == nil || *got.MajorCase != majors[0].ID {
		t.Errorf("the incident names major case %v", got.MajorCase)
	}
}

// Covers: PSEW-081, PSEW-003
func TestTheFieldMapIsTheAdministrators(t *testing.T) {
	d := newDesk(t, deskConfig{})
	d.set(psew.PropertyCaseFields, "short_description, ci")
	i := d.hit()
	d.generate(psew.Generate{Incident: i.ID, Accounts: accounts(0)})
	c := d.theCase(d.caseOf(i, 0))
	if c.ShortDescription != i.ShortDescription || c.CI != i.CI || c.Category != "" || c.Subcategory != "" || c.Priority != 4 {
		t.Errorf("with two fields: %+v", c)
	}
	d.set(psew.PropertyCaseFields, "")
	d.generate(psew.Generate{Incident: i.ID, Accounts: accounts(1)})
	if c = d.theCase(d.caseOf(i, 1)); c.ShortDescription != "Service incident "+i.Number || c.CI != "" || !c.Proactive || c.Account != account(1) {
		t.Errorf("without fields: %+v", c)
	}
	_, err := d.incidents.SetProperty(d.ctx, admin, psew.SetProperty{Name: psew.PropertyCaseFields, Value: "ci,secret"})
	d.refused(err, forewarn.ErrInvalid, psew.PropertyCaseFields)
}

// What an incident may be and a case may not is fitted, not refused: the customers are told all the same.
//
// Covers: PSEW-080
func TestLongIncidentsHaveCasesToo(t *testing.T) {
	d := newDesk(t, deskConfig{})
	i := must[psew.Incident](d)(d.incidents.Open(d.ctx, cora, psew.Open{ShortDescription: "two\nlines", Description: strings.Repeat("ü", 12<<10),
		Category: "SD-WAN", Subcategory: "link failure"}))
	d.generate(psew.Generate{Incident: i.ID, Accounts: accounts(0)})
	c := d.theCase(d.caseOf(i, 0))
	if c.ShortDescription != "two lines" || len(c.Description) > 16<<10 || !strings.HasSuffix(c.Description, "ü"+ticket.CutMark) {
		t.Errorf("%q, %d bytes of description", c.ShortDescription, len(c.Description))
	}
}

// Covers: PSEW-073, PSEW-137, PSEW-072, C-49
func TestGenerateRefuses(t *testing.T) {
	d := newDesk(t, deskConfig{})
	i := d.opened("link failure")
	try := func(by forewarn.Actor, kind error, field string, cmd psew.Generate) {
		t.Helper()
		if cmd.Incident == uuid.Nil {
			cmd.Incident = i.ID
		}
		_, err := d.incidents.Generate(d.ctx, by, cmd)
		d.refused(err, kind, field)
		if n := len(d.casesOf(cmd.Incident)); n != 0 {
			t.Fatalf("a refused generation left %d cases", n)
		}
	}
	one := accounts(0)
	unknown := must[psew.Incident](d)(d.incidents.Open(d.ctx, cora, psew.Open{ShortDescription: "somewhere"}))
	try(cora, forewarn.ErrRefused, "impact", psew.Generate{Incident: unknown.ID, All: psew.ListAccounts})
	d.work()
	try(cora, forewarn.ErrInvalid, "consumers", psew.Generate{Accounts: one, Consumers: []string{"jo"}})
	try(cora, forewarn.ErrInvalid, "accounts", psew.Generate{})
	try(cora, forewarn.ErrInvalid, "accounts", psew.Generate{All: psew.ListServices})
	try(cora, forewarn.ErrInvalid, "all", psew.Generate{Accounts: one, All: psew.ListAccounts})
	try(cora, forewarn.ErrInvalid, "accounts", psew.Generate{Accounts: []string{account(0), "unknown"}})
	try(cora, forewarn.ErrInvalid, "accounts", psew.Generate{Accounts: make([]string, 501)})
	try(cora, forewarn.ErrInvalid, "service", psew.Generate{Accounts: one, Service: strings.Repeat("x", 201)})
	try(cora, forewarn.ErrStale, "", psew.Generate{Accounts: one, Expect: 1})
	try(nobody, forewarn.ErrForbidden, "", psew.Generate{Accounts: one})
	other := must[psew.Incident](d)(d.incidents.Open(d.ctx, cora, psew.Open{ShortDescription: "a fault"}))
	category, sub := "SD-WAN", "link failure"
	must[psew.Incident](d)(d.incidents.Update(d.ctx, cora, psew.Update{Incident: other.ID, Category: &category, Subcategory: &sub}))
	try(cora, forewarn.ErrRefused, "triggered", psew.Generate{Incident: other.ID, Accounts: one})
	none := ""
	i = must[psew.Incident](d)(d.incidents.Update(d.ctx, cora, psew.Update{Incident: i.ID, Group: &none}))
	try(cora, forewarn.ErrRefused, "assignmentGroup", psew.Generate{Accounts: one})
	i = d.hit()
	must[psew.Incident](d)(d.incidents.Resolve(d.ctx, cora, psew.Resolve{Incident: i.ID, Code: "Solved", Notes: "done"}))
	try(cora, forewarn.ErrRefused, "state", psew.Generate{Accounts: one})
	must[psew.Incident](d)(d.incidents.Close(d.ctx, cora, psew.Close{Incident: i.ID}))
	try(cora, forewarn.ErrRefused, "state", psew.Generate{Accounts: one})
}

// Covers: PSEW-137
func TestThePreconditionIsAnOptionForOtherIncidents(t *testing.T) {
	d := newDesk(t, deskConfig{})
	i := must[psew.Incident](d)(d.incidents.Open(d.ctx, cora, psew.Open{ShortDescription: "a fault"}))
	d.generate(psew.Generate{Incident: i.ID, Accounts: accounts(0)})
	strict := newDesk(t, deskConfig{settings: func(s *psew.Settings) { s.NeedsWorkflowAlways = true }})
	i = must[psew.Incident](d)(strict.incidents.Open(d.ctx, cora, psew.Open{ShortDescription: "a fault"}))
	_, err := strict.incidents.Generate(d.ctx, cora, psew.Generate{Incident: i.ID, Accounts: accounts(0)})
	strict.refused(err, forewarn.ErrRefused, "triggered")
	_, err = strict.incidents.Resolve(d.ctx, cora, psew.Resolve{Incident: i.ID, Code: "Solved", Notes: "done"})
	strict.refused(err, forewarn.ErrRefused, "triggered")
}

// Covers: PSEW-088, PSEW-076, PSEW-087
func TestGenerateAgain(t *testing.T) {
	d := newDesk(t, deskConfig{})
	i := d.hit()
	first := d.generate(psew.Generate{Incident: i.ID, Accounts: accounts(0, 1, 2)})
	d.eventTypes()
	if again := d.generate(psew.Generate{Incident: i.ID, Accounts: accounts(0, 1, 2), Communicate: true}); again.Parties != 0 || again.NewMajor {
		t.Errorf("again: %+v", again)
	}
	if n := d.eventTypes(); len(n) != 0 || len(d.mailed()) != 0 {
		t.Errorf("a repeat made events %v or mails", n)
	}
	// all others join the open major case, although there are less than the threshold
	second := d.all(i, false)
	if second.NewMajor || *second.MajorCase != *first.MajorCase {
		t.Errorf("second: %+v", second)
	}
	majors, others := d.sortedCases(i.ID)
	if len(majors) != 1 || len(others) != 5 {
		t.Fatalf("%d major cases, %d children", len(majors), len(others))
	}
	// a closed major case is joined no more
	must[techcase.Case](d)(d.cases.ResolveMajor(d.ctx, mia, techcase.ResolveMajor{Case: *first.MajorCase, ResolutionCode: "Solved", Notes: "done"}))
	for _, c := range others {
		must[techcase.Case](d)(d.cases.Close(d.ctx, mia, techcase.Close{Case: c.ID}))
	}
	must[techcase.Case](d)(d.cases.Close(d.ctx, mia, techcase.Close{Case: *first.MajorCase}))
	must[inventory.Result](d)(d.inventory.Put(d.ctx, admin, inventory.Put{Items: []inventory.Item{{Type: inventory.TypeAccount, ID: "x"},
		{Type: inventory.TypeAccount, ID: "y"}, {Type: inventory.TypeAccount, ID: "z"}}}))
	third := d.generate(psew.Generate{Incident: i.ID, Accounts: []string{"x", "y", "z"}})
	if !third.NewMajor || *third.MajorCase == *first.MajorCase {
		t.Errorf("third: %+v", third)
	}
}

// A major case that its manager has made of one of the incident's cases is the incident's major case.
//
// Covers: PSEW-076, PSEW-105, PSEW-106
func TestAMajorCaseOfTheManagers(t *testing.T) {
	d := newDesk(t, deskConfig{})
	i := d.hit()
	d.generate(psew.Generate{Incident: i.ID, Accounts: accounts(0, 1)})
	agent := actor("ann", forewarn.RoleAgent)
	must[techcase.Case](d)(d.cases.ProposeMajor(d.ctx, agent, techcase.ProposeMajor{Case: d.caseOf(i, 0)}))
	major := must[techcase.Case](d)(d.cases.ApproveMajor(d.ctx, mia, techcase.ApproveMajor{Case: d.caseOf(i, 0)}))
	out := d.all(i, false)
	if out.NewMajor || out.MajorCase == nil || *out.MajorCase != major.ID {
		t.Errorf("generated %+v beside major case %s", out, major.ID)
	}
	must[psew.Incident](d)(d.incidents.Resolve(d.ctx, cora, psew.Resolve{Incident: i.ID, Code: "Solved", Notes: "done"}))
	d.work()
	if last := d.stream(i.ID); last[len(last)-1].Text != psew.MajorCaseNote {
		t.Errorf("the last activity is %+v", last[len(last)-1])
	}
	for _, c := range d.casesOf(i.ID) {
		if c.Status != ticket.New {
			t.Errorf("case %s is %s", c.Number, c.State)
		}
	}
}

// Covers: PSEW-074, PSEW-075, PSEW-082, PSEW-080, TECH-072
func TestOptionsAAndB(t *testing.T) {
	for _, communicate := range []bool{true, false} {
		d := newDesk(t, deskConfig{})
		i := d.hit()
		d.mailed()
		d.all(i, communicate)
		want := 0
		if communicate {
			want = 5
		}
		d.mu.Lock()
		for _, m := range d.mails {
			if m.Template != psew.TemplateProactive || !strings.HasPrefix(m.To.ID, "contact-of-") || m.About.ID != psew.CaseID(i.ID, inventory.TypeAccount, m.To.ID[len("contact-of-"):]) {
				t.Errorf("mail %+v", m)
			}
		}
		d.mu.Unlock()
		if n := d.mailed(); n[psew.TemplateProactive] != want || len(n) > 1 {
			t.Errorf("with communication %v: mails %v", communicate, n)
		}
	}
	d := newDesk(t, deskConfig{})
	i := d.hit()
	d.generate(psew.Generate{Incident: i.ID, Consumers: []string{"jo"}, Communicate: true})
	d.work()
	if len(d.mails) != 1 || d.mails[0].To.Email != "jo@example.com" {
		t.Errorf("a consumer's mail: %+v", d.mails)
	}
}

// Covers: PSEW-091
func TestNotifyManager(t *testing.T) {
	d := newDesk(t, deskConfig{})
	i := d.hit()
	_, err := d.incidents.NotifyManager(d.ctx, cora, psew.NotifyManager{Incident: i.ID})
	d.refused(err, forewarn.ErrRefused, "majorCase")
	d.all(i, false)
	if n := d.mailed(); n[psew.TemplateManager] != 0 {
		t.Errorf("the manager was told without being asked for: %v", n)
	}
	_, err = d.incidents.NotifyManager(d.ctx, nobody, psew.NotifyManager{Incident: i.ID})
	d.refused(err, forewarn.ErrForbidden, "")
	must[psew.Incident](d)(d.incidents.NotifyManager(d.ctx, cora, psew.NotifyManager{Incident: i.ID}))
	d.work()
	if len(d.mails) != 1 || d.mails[0].To.ID != "mia" || !d.mails[0].To.Staff || d.mails[0].Template != psew.TemplateManager {
		t.Errorf("mails %+v", d.mails)
	}
	auto := newDesk(t, deskConfig{settings: func(s *psew.Settings) { s.NotifyManager = true }})
	i = auto.hit()
	auto.all(i, false)
	if n := auto.mailed(); n[psew.TemplateManager] != 1 {
		t.Errorf("with the option: %v", n)
	}
	lost := newDesk(t, deskConfig{settings: func(s *psew.Settings) { s.NotifyManager, s.ManagerGroup = true, "nobody's" }})
	i = lost.hit()
	lost.all(i, false)
	stream := lost.stream(i.ID)
	if last := stream[len(stream)-1]; last.Event != "manager_missing" || len(lost.casesOf(i.ID)) != 6 {
		t.Errorf("without a manager: %+v", last)
	}
	_, err = lost.incidents.NotifyManager(d.ctx, cora, psew.NotifyManager{Incident: i.ID})
	lost.refused(err, forewarn.ErrRefused, "manager")
}

// Covers: PSEW-084, PSEW-085
func TestServiceDefinitions(t *testing.T) {
	d := newDesk(t, deskConfig{})
	put := func(id, definition string, on ...inventory.Relation) {
		must[inventory.Result](d)(d.inventory.Put(d.ctx, admin, inventory.Put{Items: []inventory.Item{
			{Type: inventory.TypeService, ID: id, Definition: definition, Relations: on}}}))
	}
	hit := inventory.Relation{Type: "depends_on", To: "Vmanage_10001"}
	put("b", "Fibre broadband", hit)
	put("a", "SD-WAN support", hit)
	put("c", "Fibre broadband", hit)
	put("elsewhere", "Television", inventory.Relation{Type: "depends_on", To: "lonely"})
	unknown := must[psew.Incident](d)(d.incidents.Open(d.ctx, cora, psew.Open{ShortDescription: "somewhere"}))
	if got := must[[]string](d)(d.incidents.RecommendServices(d.ctx, cora, psew.RecommendServices{Incident: unknown.ID})); len(got) != 0 {
		t.Errorf("before the impact was found: %q", got)
	}
	i := d.hit()
	ask := psew.RecommendServices{Incident: i.ID}
	if got := must[[]string](d)(d.incidents.RecommendServices(d.ctx, cora, ask)); !slices.Equal(got, []string{"Fibre broadband", "SD-WAN support"}) {
		t.Errorf("recommended %q", got)
	}
	_, err := d.incidents.RecommendServices(d.ctx, nobody, ask)
	d.refused(err, forewarn.ErrForbidden, "")

	types := []techcase.Type{{Name: techcase.TechProductSupport}, {Name: techcase.ProactiveCase, Services: []string{"Fibre broadband"}}}
	e, err := forewarn.New(forewarn.Config{Store: memory.New()})
	d.check(err)
	typed, err := techcase.New(techcase.Config{Engine: e, Follower: techcase.NoFollower, Types: types})
	d.check(err)
	for service, want := range map[string]string{"Fibre broadband": techcase.ProactiveCase, "SD-WAN support": techcase.TechProductSupport, "": techcase.TechProductSupport} {
		id := uuid.New()
		d.check(e.Update(d.ctx, admin, func(_ context.Context, u *forewarn.Unit) error {
			_, err := typed.Book().Open(u, ticket.NewCase{ID: id, Service: service, ShortDescription: "x", Quiet: true})
			return err
		}))
		c := must[techcase.Case](d)(typed.Get(d.ctx, actor("mia", forewarn.RoleMajorCaseManager), techcase.Get{Case: id}))
		if c.Type != want || c.Service != service {
			t.Errorf("service %q opened a case of type %s, want %s", service, c.Type, want)
		}
	}
	i = d.hit()
	d.generate(psew.Generate{Incident: i.ID, Accounts: accounts(0), Service: "Fibre broadband"})
	if c := d.theCase(d.caseOf(i, 0)); c.Service != "Fibre broadband" {
		t.Errorf("the case is of service %q", c.Service)
	}
	types[0].Services = []string{"Fibre broadband"}
	_, err = techcase.New(techcase.Config{Engine: e, Follower: techcase.NoFollower, Types: types})
	d.refused(err, forewarn.ErrInvalid, "config.types[1].services")
}

// A generation over a store that takes little, whose commits fail before or after they took effect, gives what one commit gives.
//
// Covers: PSEW-076, PSEW-082, PSEW-088, LIB-008
func TestGenerationKilledAndGoneOn(t *testing.T) {
	for _, faults := range []storagetest.Faults{{}, {FailBefore: storagetest.Every(3, storagetest.ErrFault)},
		{FailAfter: storagetest.Every(4, storagetest.ErrFault)}, {FailBefore: storagetest.Odd(storagetest.Conflict())}} {
		d := newFaulty(t, 100, faults)
		i := d.hit()
		out := d.generate(psew.Generate{Incident: i.ID, All: psew.ListAccounts, Communicate: true})
		d.workOn()
		majors, others := d.sortedCases(i.ID)
		if len(majors) != 1 || len(others) != 100 {
			t.Fatalf("%d major cases and %d children", len(majors), len(others))
		}
		for _, c := range others {
			if c.Parent != *out.MajorCase {
				t.Errorf("case %s is under %s", c.Number, c.Parent)
			}
		}
		if n := len(d.uniqueMails(psew.TemplateProactive)); n != 100 {
			t.Errorf("%d mails", n)
		}
		p := must[forewarn.Progress](d)(d.incidents.GenerationProgress(d.ctx, cora, psew.GenerationProgress{Incident: i.ID}))
		if p.Done != 100 || p.Total != 100 || p.Finished.IsZero() {
			t.Errorf("progress %+v", p)
		}
	}
}

// minimalLog is a store that takes the least that every store takes.
type minimalLog struct{ *memory.Store }

func (minimalLog) Limits() (entries, bytes int) { return store.MinEntries, store.MinBytes }

// newFaulty is a desk over a store that takes the least, and has faults once the desk is set up.
func newFaulty(t *testing.T, customers int, f storagetest.Faults) *desk {
	t.Helper()
	on := false
	when := func(fail func(int) error) func(int) error {
		return func(n int) error {
			if !on || fail == nil {
				return nil
			}
			return fail(n)
		}
	}
	faulty := storagetest.Wrap(minimalLog{memory.New()}, storagetest.Faults{FailBefore: when(f.FailBefore), FailAfter: when(f.FailAfter)})
	d := newDesk(t, deskConfig{store: faulty, accounts: customers})
	d.arm = func(o bool) { on = o }
	return d
}

// workOn does due work over a store with faults until none is left, then drains without them.
func (d *desk) workOn() {
	d.t.Helper()
	d.arm(true)
	for range 400 {
		page, err := d.engine.Waiting(d.ctx, store.AllShards(), d.engine.Now(), "")
		d.check(err)
		if len(page.Items) == 0 {
			break
		}
		for _, batch := range d.engine.Batches(page.Items) {
			if err := d.engine.Settle(d.ctx, batch); err != nil && !errors.Is(err, forewarn.ErrUnavailable) {
				d.t.Fatal(err)
			}
		}
		d.clock.pass(6 * 60e9)
	}
	d.arm(false)
	d.work()
}

// uniqueMails returns the mails of a template by their ids.
func (d *desk) uniqueMails(template string) map[uuid.UUID]forewarn.Notification {
	d.mu.Lock()
	defer d.mu.Unlock()
	all := map[uuid.UUID]forewarn.Notification{}
	for _, m := range d.mails {
		if m.Template == template {
			all[m.ID] = m
		}
	}
	return all
}

// Covers: PSEW-083
func TestGenerationEndsWithItsIncident(t *testing.T) {
	d := newFaulty(t, 100, storagetest.Faults{})
	d.set(psew.PropertyMajorCases, "false")
	i := d.hit()
	d.generate(psew.Generate{Incident: i.ID, All: psew.ListAccounts})
	_, err := d.incidents.Generate(d.ctx, cora, psew.Generate{Incident: i.ID, All: psew.ListAccounts})
	d.refused(err, forewarn.ErrRefused, "fanout")
	must[psew.Incident](d)(d.incidents.Resolve(d.ctx, cora, psew.Resolve{Incident: i.ID, Code: "Solved", Notes: "done"}))
	d.work()
	all := d.casesOf(i.ID)
	if len(all) == 0 || len(all) >= 100 {
		t.Fatalf("%d cases: the generation did not end with its incident", len(all))
	}
	for _, c := range all {
		if c.Status != ticket.Resolved {
			t.Errorf("case %s is %s", c.Number, c.State)
		}
		if n := len(d.notes(c.ID, ticket.WorkNote)); n != 1 {
			t.Errorf("case %s has %d work notes", c.Number, n)
		}
	}
}

// notes returns the texts of a kind in a case's stream, the oldest first.
func (d *desk) notes(id uuid.UUID, entry ticket.Entry) (texts []string) {
	d.t.Helper()
	page := must[forewarn.Page[ticket.Activity]](d)(d.cases.Activities(d.ctx, mia, techcase.Activities{Case: id, Limit: 1000}))
	for _, a := range page.Items {
		if a.Entry == entry {
			texts = append(texts, a.Text)
		}
	}
	return texts
}
