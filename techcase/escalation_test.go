package techcase_test

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/inventory"
	"github.com/forewarn-go/forewarn/store"
	"github.com/forewarn-go/forewarn/techcase"
)

// told returns what the stream of a case tells of escalations, and fails where a customer reads it.
func (r *rig) told(c techcase.Case) (all []string) {
	r.Helper()
	for _, a := range r.activities(c.ID) {
		if a.Public() {
			r.Errorf("customers read %q", a.Text)
		}
		all = append(all, a.Event+" by "+a.By+": "+a.Text)
	}
	return all
}

// Covers: TECH-051
func TestACaseIsEscalated(t *testing.T) {
	r := newRig(t)
	c := r.opened()
	mails, events := r.mails(c.ID), r.events(c.ID)
	later := func() { r.clock.set(r.clock.Now().Add(time.Hour)) }
	other := staff("ben", forewarn.RoleWriter)

	got := do(r.cases.Escalate(r.ctx, agent, techcase.Escalate{Case: c.ID, Expect: c.Version, Severity: techcase.EscalationMedium, Reason: "they wait for days"}))(t)
	want := techcase.CaseEscalation{Severity: "Medium", Reason: "they wait for days", Since: start, By: "anna"}
	if got.Escalation != want || !want.Open() || r.get(c.ID).Escalation != want || c.Escalation.Open() {
		t.Errorf("escalated %+v", got.Escalation)
	}
	later()
	got = do(r.cases.Escalate(r.ctx, other, techcase.Escalate{Case: c.ID, Severity: techcase.EscalationHigh, Reason: "their board has called"}))(t)
	want.Severity, want.Reason = "High", "their board has called"
	if got.Escalation != want {
		t.Errorf("more severe %+v", got.Escalation)
	}
	if again := do(r.cases.Escalate(r.ctx, agent, techcase.Escalate{Case: c.ID, Severity: techcase.EscalationHigh, Reason: "their board has called"}))(t); again.Version != got.Version {
		t.Errorf("the same again has changed the case: %+v", again)
	}
	later()
	got = do(r.cases.Escalate(r.ctx, agent, techcase.Escalate{Case: c.ID, Severity: techcase.EscalationHigh, Reason: "and again"}))(t)
	if want.Reason = "and again"; got.Escalation != want {
		t.Errorf("another reason %+v", got.Escalation)
	}
	later()
	if got = do(r.cases.EndEscalation(r.ctx, other, techcase.EndEscalation{Case: c.ID, Note: "they are content"}))(t); got.Escalation != (techcase.CaseEscalation{}) {
		t.Errorf("ended %+v", got.Escalation)
	}
	if b, err := json.Marshal(got); err != nil || strings.Contains(string(b), "escalation") {
		t.Errorf("a case that is not escalated: %s, %v", b, err)
	}
	if stream := r.told(c); !slices.Equal(stream, []string{
		"escalated by anna: Escalated, severity Medium: they wait for days",
		"escalated by ben: Escalation changed from severity Medium to High: their board has called",
		"escalated by anna: Escalation stays at severity High: and again",
		"escalation_ended by ben: Escalation ended, severity High: and again",
		" by ben: they are content",
	}) {
		t.Errorf("stream %q", stream)
	}
	if !slices.Equal(r.mails(c.ID), mails) || !slices.Equal(r.events(c.ID), events) {
		t.Errorf("the outside was told: %q, %q", r.mails(c.ID), r.events(c.ID))
	}
	again := do(r.cases.Escalate(r.ctx, agent, techcase.Escalate{Case: c.ID, Severity: techcase.EscalationMedium, Reason: "anew"}))(t)
	if again.Escalation.Since != start.Add(3*time.Hour) || again.Escalation.By != "anna" {
		t.Errorf("escalated anew %+v", again.Escalation)
	}
}

// Covers: TECH-051
func TestEscalationsAreRefused(t *testing.T) {
	r := newRig(t)
	c := r.opened()
	good := techcase.Escalate{Case: c.ID, Severity: techcase.EscalationHigh, Reason: "x"}
	for field, cmd := range map[string]techcase.Escalate{
		"severity":                       {Case: c.ID, Reason: "x"},
		"severity: \"high\" is neither":  {Case: c.ID, Severity: "high", Reason: "x"},
		"reason":                         {Case: c.ID, Severity: techcase.EscalationHigh, Reason: " \n"},
		"reason: has 16385 bytes":        {Case: c.ID, Severity: techcase.EscalationHigh, Reason: strings.Repeat("x", 16<<10+1)},
		"reason: is no UTF-8 text":       {Case: c.ID, Severity: techcase.EscalationHigh, Reason: "a\xff"},
		"reason: is no UTF-8 text (nul)": {Case: c.ID, Severity: techcase.EscalationHigh, Reason: "a\x00"},
	} {
		_, err := r.cases.Escalate(r.ctx, agent, cmd)
		name, rule, _ := strings.Cut(strings.TrimSuffix(field, " (nul)"), ": ")
		invalid(t, err, name)
		if !strings.Contains(err.Error(), rule) {
			t.Errorf("%v, want %q", err, rule)
		}
	}
	refused := func(name string, err error) {
		t.Helper()
		var e *forewarn.Error
		if !errors.Is(err, forewarn.ErrRefused) || !errors.As(err, &e) || e.Field == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	refused("end of none", second(r.cases.EndEscalation(r.ctx, agent, techcase.EndEscalation{Case: c.ID, Note: "x"})))
	if _, err := r.cases.Escalate(r.ctx, agent, techcase.Escalate{Case: c.ID, Expect: c.Version + 1, Severity: "High", Reason: "x"}); !errors.Is(err, forewarn.ErrStale) {
		t.Errorf("another version: %v", err)
	}
	if got := r.get(c.ID); got.Version != c.Version || r.told(c) != nil {
		t.Errorf("half done: %+v, %q", got, r.told(c))
	}
	do(r.cases.Escalate(r.ctx, agent, good))(t)
	for name, err := range map[string]error{
		"escalate": second(r.cases.Escalate(r.ctx, customer, good)), "end": second(r.cases.EndEscalation(r.ctx, customer, techcase.EndEscalation{Case: c.ID})),
	} {
		if !errors.Is(err, forewarn.ErrForbidden) {
			t.Errorf("a customer's %s: %v", name, err)
		}
	}
	if page := do(r.cases.Activities(r.ctx, customer, techcase.Activities{Case: c.ID}))(t); len(page.Items) != 0 {
		t.Errorf("the customer reads %+v", page.Items)
	}
	draft := do(r.cases.Create(r.ctx, agent, techcase.Create{ShortDescription: "d"}))(t)
	refused("draft", second(r.cases.Escalate(r.ctx, agent, techcase.Escalate{Case: draft.ID, Severity: "High", Reason: "x"})))
	refused("end of a draft's", second(r.cases.EndEscalation(r.ctx, agent, techcase.EndEscalation{Case: draft.ID})))
	for _, end := range []func() techcase.Case{
		func() techcase.Case {
			return do(r.cases.Close(r.ctx, agent, techcase.Close{Case: c.ID, Notes: "done"}))(t)
		},
		func() techcase.Case {
			other := r.opened()
			do(r.cases.Escalate(r.ctx, agent, techcase.Escalate{Case: other.ID, Severity: "High", Reason: "x"}))(t)
			return do(r.cases.Cancel(r.ctx, agent, techcase.Cancel{Case: other.ID}))(t)
		},
	} {
		ended := end()
		refused(string(ended.State), second(r.cases.Escalate(r.ctx, agent, techcase.Escalate{Case: ended.ID, Severity: "Medium", Reason: "x"})))
		refused(string(ended.State), second(r.cases.EndEscalation(r.ctx, agent, techcase.EndEscalation{Case: ended.ID})))
		if ended.Escalation.Severity != techcase.EscalationHigh {
			t.Errorf("in %s it is %+v", ended.State, ended.Escalation)
		}
	}
	if b, err := json.Marshal(techcase.AutoClose{NotWhileEscalated: true}); err != nil || !strings.Contains(string(b), `"notWhileEscalated":true`) {
		t.Errorf("%s, %v", b, err)
	}
	for _, text := range []string{`"high"`, `"None"`, `"Low"`} {
		if err := json.Unmarshal([]byte(text), new(techcase.EscalationSeverity)); err == nil {
			t.Errorf("%s is a severity", text)
		}
	}
}

// escalations is a rig with own parties and auto close that escalations hold; account says how severe Boxeo's is.
func escalations(t testing.TB, around *smallStore) (r *rig, account func(severity string)) {
	t.Helper()
	known := maps.Clone(people)
	change := func(c *techcase.Config) {
		c.Parties = known
		c.Types = []techcase.Type{{Name: "own", AutoClose: techcase.AutoClose{NotWhileEscalated: true}}}
	}
	if around == nil {
		r = newRig(t, change)
	} else {
		r = newRigOn(t, around, change)
	}
	return r, func(severity string) { known["customer/boxeo"] = techcase.Party{Name: "Boxeo", Escalation: severity} }
}

// Covers: S13, TECH-102
func TestAnEscalatedCaseHoldsAutoClose(t *testing.T) {
	r, _ := escalations(t, nil)
	c := r.proposed()
	r.at(days(3)[0])
	escalate := func(severity techcase.EscalationSeverity) {
		do(r.cases.Escalate(r.ctx, agent, techcase.Escalate{Case: c.ID, Severity: severity, Reason: "x"}))(t)
	}
	escalate(techcase.EscalationMedium)
	if n := r.looks(); n != 0 {
		t.Errorf("%d items wait for a case that is held", n)
	}
	r.at(days(6)[0])
	escalate(techcase.EscalationHigh)
	r.at(days(20)[0])
	if got := r.lived(c.ID); !slices.Equal(got, []string{"reminded Jan 8", "escalated Jan 8", "escalated Jan 11"}) {
		t.Errorf("held, but %q", got)
	}
	do(r.cases.EndEscalation(r.ctx, agent, techcase.EndEscalation{Case: c.ID}))(t)
	r.clock.set(r.clock.Now().Add(time.Microsecond))
	if r.drain() < 3 {
		t.Error("what was due came in one round")
	}
	if got := r.lived(c.ID)[3:]; !slices.Equal(got, []string{"escalation_ended Jan 25", "reminded Jan 25", "reminded Jan 25", "auto_closed Jan 25"}) {
		t.Errorf("what was due meanwhile: %q", got)
	}
	// Without the option it holds nothing.
	r = newRig(t)
	c = r.proposed()
	escalate(techcase.EscalationHigh)
	r.at(days(20)[0])
	if got := r.get(c.ID); got.State != techcase.StateClosed || !got.Escalation.Open() {
		t.Errorf("%+v", got)
	}
}

// looks counts the items of auto close that wait.
func (r *rig) looks() (n int) {
	r.Helper()
	page, err := r.engine.Waiting(r.ctx, []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}, start.AddDate(1, 0, 0), "")
	if err != nil {
		r.Fatal(err)
	}
	for _, i := range page.Items {
		if i.Kind == "techcase_auto_close" {
			n++
		}
	}
	return n
}

// Covers: S13, TECH-102
func TestAnEscalatedAccountHoldsAutoClose(t *testing.T) {
	r, account := escalations(t, nil)
	c := r.proposed()
	account("high")
	third := days(3)[0]
	for _, step := range []struct {
		after    time.Duration
		severity string // from now on
		lived    int
	}{
		{third - time.Microsecond, "high", 0}, {third, "high", 0}, {third + 30*time.Minute, "", 0},
		{third + techcase.LookAgain - time.Microsecond, "", 0}, {third + techcase.LookAgain, "", 1},
		{days(4)[0], "medium", 1}, {days(5)[0], "medium", 1}, {days(9)[0], "medium", 1}, {days(20)[0], "medium", 1},
		{days(20)[0] + time.Minute, "", 1}, {days(20)[0] + techcase.LookAgain + time.Minute, "", 4},
	} {
		r.at(step.after)
		if got := r.lived(c.ID); len(got) != step.lived {
			t.Fatalf("after %v: %q", step.after, got)
		}
		account(step.severity)
	}
	if got := r.lived(c.ID); !slices.Equal(got, []string{"reminded Jan 8", "reminded Jan 25", "reminded Jan 25", "auto_closed Jan 25"}) {
		t.Errorf("%q", got)
	}
}

// A case that waits for its account's escalation to end is still moved by what its customer and an admin do.
//
// Covers: S13, TECH-101
func TestActsWhileTheAccountIsEscalated(t *testing.T) {
	r, account := escalations(t, nil)
	account("high")
	accepted, commented, noted := r.proposed(), r.proposed(), r.proposed()
	r.at(days(3)[0])
	do(r.cases.AcceptSolution(r.ctx, customer, techcase.AcceptSolution{Case: accepted.ID}))(t)
	do(r.cases.Comment(r.ctx, customer, techcase.Comment{Case: commented.ID, Text: "wait"}))(t)
	do(r.cases.ClearNeedsAttention(r.ctx, agent, techcase.ClearNeedsAttention{Case: commented.ID}))(t)
	do(r.cases.ProposeMajor(r.ctx, agent, techcase.ProposeMajor{Case: noted.ID}))(t)
	if n := r.looks(); n != 2 {
		t.Errorf("%d items for two cases that wait", n)
	}
	account("")
	r.at(days(3)[0] + techcase.LookAgain)
	if a, b := r.lived(commented.ID), r.lived(noted.ID); a != nil || !slices.Equal(b, []string{"reminded Jan 8"}) {
		t.Errorf("reminded of: commented %q, the other %q", a, b)
	}
	account("high")
	r.at(days(5)[0])
	do(r.cases.SetAutoClose(r.ctx, admin, techcase.SetAutoClose{AutoClose: &techcase.AutoClose{}}))(t)
	r.drain()
	if got := r.lived(noted.ID); !slices.Equal(got, []string{"reminded Jan 8", "reminded Jan 10"}) {
		t.Errorf("held after the option was taken back: %q", got)
	}
	do(r.cases.SetAutoClose(r.ctx, admin, techcase.SetAutoClose{AutoClose: &techcase.AutoClose{NotWhileEscalated: true}}))(t)
	r.at(days(20)[0])
	if got := r.lived(noted.ID); len(got) != 2 {
		t.Errorf("not held after the option was given again: %q", got)
	}
}

// asking counts how often the parties are asked for an account, and may be down.
type asking struct {
	techcase.Parties
	accounts int
	err      error
}

func (a *asking) Party(u *forewarn.Unit, kind, id string) (techcase.Party, error) {
	if kind == techcase.PartyAccount {
		if a.accounts++; a.err != nil {
			return techcase.Party{}, a.err
		}
	}
	return a.Parties.Party(u, kind, id)
}

// The account is asked for when a step is due and the option is on, and only then. Whom nobody knows is not escalated; a
// directory that is down puts the step off.
//
// Covers: S13
func TestWhenTheAccountIsAskedFor(t *testing.T) {
	for _, on := range []bool{false, true} {
		parties := &asking{Parties: people}
		r := newRig(t, func(c *techcase.Config) {
			c.Parties = parties
			c.Types = []techcase.Type{{Name: "own", AutoClose: techcase.AutoClose{NotWhileEscalated: on}}}
		})
		c := r.proposed()
		unknown := do(r.cases.Create(r.ctx, agent, techcase.Create{ShortDescription: "x", Account: "new customer", Submit: true}))(t)
		consumers := do(r.cases.Create(r.ctx, agent, techcase.Create{ShortDescription: "x", Consumer: "carl", Submit: true}))(t)
		for _, id := range []techcase.Case{unknown, consumers} {
			do(r.cases.AssignToMe(r.ctx, agent, techcase.AssignToMe{Case: id.ID}))(t)
			do(r.cases.ProposeSolution(r.ctx, agent, techcase.ProposeSolution{Case: id.ID, ResolutionCode: "Fixed"}))(t)
		}
		r.at(days(3)[0] - 1)
		if parties.accounts != 0 {
			t.Errorf("option %v: asked %d times before a step is due", on, parties.accounts)
		}
		parties.err = errDown
		r.clock.set(start.Add(days(3)[0]))
		_, _ = r.drainOnce() // the error is the test's own
		if got := r.get(c.ID).Reminded; got == 0 != on {
			t.Errorf("option %v, and the directory down: %d reminders", on, got)
		}
		parties.err = nil
		for h := range 24 * 18 {
			r.at(days(3)[0] + time.Duration(h)*time.Hour)
		}
		for _, id := range []techcase.Case{c, unknown, consumers} {
			if got := r.lived(id.ID); len(got) != 4 {
				t.Errorf("option %v: %q", on, got)
			}
		}
		if (parties.accounts > 0) != on || parties.accounts > 12 {
			t.Errorf("option %v: asked %d times", on, parties.accounts)
		}
	}
}

// A step that comes later than it was scheduled for is not asked for early.
func TestTheAccountIsNotAskedForBeforeTheStepIsDue(t *testing.T) {
	r := newRig(t)
	c := r.proposed()
	r.engine = r.newEngine(nil)
	parties := &asking{Parties: people}
	r.cases = do(techcase.New(techcase.Config{Engine: r.engine, Follower: techcase.NoFollower, Parties: parties, Types: []techcase.Type{{
		Name: techcase.TechProductSupport, AutoClose: techcase.AutoClose{After: days(20)[0], Reminders: days(6), NotWhileEscalated: true}}}}))(t)
	if r.at(days(3)[0]); parties.accounts != 0 || r.looks() != 1 {
		t.Errorf("asked %d times, %d items", parties.accounts, r.looks())
	}
	if r.at(days(6)[0]); parties.accounts == 0 || r.get(c.ID).Reminded != 1 {
		t.Errorf("asked %d times, %+v", parties.accounts, r.get(c.ID))
	}
}

// The stored inventory tells whether an account is escalated; reading it is no precondition of the reminder.
//
// Covers: S13
func TestTheInventorysAccountHoldsAutoClose(t *testing.T) {
	small := &smallStore{}
	r := newRigOn(t, small, func(c *techcase.Config) {
		c.Parties = techcase.FromInventory(inventory.Stored)
		c.Types = []techcase.Type{{Name: "own", AutoClose: techcase.AutoClose{NotWhileEscalated: true}}}
	})
	inv, err := inventory.New(inventory.Config{Engine: r.engine})
	if err != nil {
		t.Fatal(err)
	}
	put := func(escalation string) {
		t.Helper()
		do(inv.Put(r.ctx, admin, inventory.Put{Items: []inventory.Item{
			{Type: inventory.TypeAccount, ID: "boxeo", Name: "Boxeo", Escalation: escalation},
			{Type: inventory.TypeContact, ID: "jane", Name: "Jane Doe", Email: "jane@boxeo.example", Account: "boxeo"},
		}}))(t)
	}
	put("high")
	c := r.proposed()
	r.at(days(3)[0])
	if got := r.lived(c.ID); got != nil {
		t.Errorf("held, but %q", got)
	}
	put("")
	changed := false
	small.beforeCommit = func(store.Batch) {
		if !changed {
			changed = true
			put("high")
		}
	}
	r.at(days(3)[0] + techcase.LookAgain)
	small.beforeCommit = nil
	if got := r.lived(c.ID); !changed || !slices.Equal(got, []string{"reminded Jan 8"}) {
		t.Errorf("changed %v: %q", changed, got)
	}
}

// Whichever commit of a worker fails, before or after it took effect, what escalations have held comes once.
//
// Covers: TECH-102, S13
func TestHeldStepsOverAStoreThatFails(t *testing.T) {
	for at := 1; at <= 9; at++ {
		for _, late := range []bool{false, true} {
			small := &smallStore{}
			r, account := escalations(t, small)
			account("high")
			c := r.proposed()
			small.commits, small.failAt, small.late = 0, at, late
			for hour := 0; hour <= 16*24; hour += 6 {
				if hour == 14*24 {
					account("")
				}
				r.clock.set(start.Add(time.Duration(hour) * time.Hour))
				for range 6 {
					_, _ = r.drainOnce() // the error is the test's own
					r.clock.set(r.clock.Now().Add(10 * time.Second))
				}
			}
			if small.failed != 1 {
				t.Fatalf("%d commits failed of %d", small.failed, small.commits)
			}
			if got := r.lived(c.ID); len(got) != 4 || got[0] != "reminded Jan 19" || got[3] != "auto_closed Jan 19" {
				t.Errorf("commit %d, late %v: %q", at, late, got)
			}
		}
	}
}

// A customer reads his case without its escalation, whichever way he reads it, and what he does leaves it as it is.
//
// Covers: TECH-051
func TestCustomersDoNotReadEscalations(t *testing.T) {
	for name, read := range map[string]func(r *rig, c techcase.Case) (techcase.Case, error){
		"Get": func(r *rig, c techcase.Case) (techcase.Case, error) {
			return r.cases.Get(r.ctx, customer, techcase.Get{Case: c.ID})
		},
		"List": func(r *rig, c techcase.Case) (techcase.Case, error) {
			page, err := r.cases.List(r.ctx, customer, techcase.List{})
			if len(page.Items) != 1 {
				return c, err
			}
			return page.Items[0], err
		},
		"Update": func(r *rig, c techcase.Case) (techcase.Case, error) {
			return r.cases.Update(r.ctx, customer, techcase.Update{Case: c.ID, StepsToReproduce: text("push")})
		},
		"AcceptSolution": func(r *rig, c techcase.Case) (techcase.Case, error) {
			return r.cases.AcceptSolution(r.ctx, customer, techcase.AcceptSolution{Case: c.ID})
		},
		"RejectSolution": func(r *rig, c techcase.Case) (techcase.Case, error) {
			return r.cases.RejectSolution(r.ctx, customer, techcase.RejectSolution{Case: c.ID})
		},
	} {
		r := newRig(t)
		c := r.proposed()
		c = do(r.cases.Escalate(r.ctx, agent, techcase.Escalate{Case: c.ID, Severity: techcase.EscalationHigh, Reason: "their board has called"}))(t)
		if got := do(read(r, c))(t); got.ID != c.ID || got.Escalation.Open() || got.Escalation.Reason != "" {
			t.Errorf("%s: a customer reads %+v", name, got.Escalation)
		}
		if got := r.get(c.ID); got.Escalation != c.Escalation {
			t.Errorf("%s: the case has %+v", name, got.Escalation)
		}
	}
}

// Covers: TECH-051
func TestNoteOfAnEndedEscalation(t *testing.T) {
	r := newRig(t)
	c := r.opened()
	do(r.cases.Escalate(r.ctx, agent, techcase.Escalate{Case: c.ID, Severity: techcase.EscalationHigh, Reason: "their board has called"}))(t)
	for _, note := range []string{"a\x00b", "\xff", strings.Repeat("a", 1<<20)} {
		_, err := r.cases.EndEscalation(r.ctx, agent, techcase.EndEscalation{Case: c.ID, Note: note})
		var e *forewarn.Error
		if !errors.As(err, &e) || !errors.Is(err, forewarn.ErrInvalid) || e.Field != "note" {
			t.Errorf("%.5q: %v", note, err)
		}
	}
	if !r.get(c.ID).Escalation.Open() {
		t.Error("ended all the same")
	}
}
