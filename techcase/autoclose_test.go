package techcase_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/internal/machine"
	"github.com/forewarn-go/forewarn/techcase"
)

func days(n ...int) []time.Duration {
	all := make([]time.Duration, len(n))
	for i, d := range n {
		all[i] = time.Duration(d) * 24 * time.Hour
	}
	return all
}

// Covers: TECH-098, TECH-099, TECH-100, TECH-101, S13
func TestTheNextStepOfAutoClose(t *testing.T) {
	shorter := techcase.AutoClose{After: days(4)[0]}
	none := techcase.AutoClose{Reminders: []time.Duration{}}
	for _, c := range []struct {
		name string
		of   techcase.AutoClose
		w    techcase.Waiting
		day  int // -1: nothing
		n    int
	}{
		{"nothing is proposed", techcase.AutoClose{}, techcase.Waiting{}, -1, 0},
		{"first reminder", techcase.AutoClose{}, techcase.Waiting{Since: start}, 3, 1},
		{"second reminder", techcase.AutoClose{}, techcase.Waiting{Since: start, Reminded: 1}, 5, 2},
		{"third reminder", techcase.AutoClose{}, techcase.Waiting{Since: start, Reminded: 2}, 8, 3},
		{"close", techcase.AutoClose{}, techcase.Waiting{Since: start, Reminded: 3}, 10, 0},
		{"a major case", techcase.AutoClose{}, techcase.Waiting{Since: start, Major: true}, -1, 0},
		{"needs attention", techcase.AutoClose{}, techcase.Waiting{Since: start, Attention: true}, 3, 1},
		{"held by attention", techcase.AutoClose{NotWhileAttention: true}, techcase.Waiting{Since: start, Attention: true}, -1, 0},
		{"not held any more", techcase.AutoClose{NotWhileAttention: true}, techcase.Waiting{Since: start}, 3, 1},
		{"escalated", techcase.AutoClose{}, techcase.Waiting{Since: start, Escalated: true, AccountEscalated: true}, 3, 1},
		{"held by its escalation", techcase.AutoClose{NotWhileEscalated: true}, techcase.Waiting{Since: start, Escalated: true}, -1, 0},
		{"attention does not hold what escalations hold", techcase.AutoClose{NotWhileEscalated: true}, techcase.Waiting{Since: start, Attention: true}, 3, 1},
		{"nor the other way", techcase.AutoClose{NotWhileAttention: true}, techcase.Waiting{Since: start, Escalated: true, AccountEscalated: true}, 3, 1},
		{"its escalation has ended", techcase.AutoClose{NotWhileEscalated: true}, techcase.Waiting{Since: start, Reminded: 1}, 5, 2},
		{"off", techcase.AutoClose{Off: true}, techcase.Waiting{Since: start}, -1, 0},
		{"four days have room for one reminder", shorter, techcase.Waiting{Since: start, Reminded: 1}, 4, 0},
		{"no reminders", none, techcase.Waiting{Since: start}, 10, 0},
	} {
		step, ok := c.of.Next(c.w)
		want := techcase.Step{At: start.AddDate(0, 0, c.day), Reminder: c.n}
		if ok != (c.day >= 0) || ok && step != want {
			t.Errorf("%s: %+v, %v; want %+v", c.name, step, ok, want)
		}
		if !ok {
			continue
		}
		if _, due := c.of.Due(c.w, step.At.Add(-1)); due {
			t.Errorf("%s is due before its instant", c.name)
		}
		if _, due := c.of.Due(c.w, step.At); !due {
			t.Errorf("%s is not due at its instant", c.name)
		}
	}
}

// Covers: S13
func TestWhatAnEscalatedAccountHoldsIsPutOff(t *testing.T) {
	on := techcase.AutoClose{NotWhileEscalated: true}
	third, late := start.Add(days(3)[0]), start.Add(days(30)[0])
	w := techcase.Waiting{Since: start, AccountEscalated: true}
	last := techcase.Waiting{Since: start, Reminded: 3, AccountEscalated: true}
	for _, c := range []struct {
		name string
		of   techcase.AutoClose
		w    techcase.Waiting
		now  time.Time
		step techcase.Step
		due  bool
	}{
		{"before its instant", on, w, third.Add(-1), techcase.Step{At: third, Reminder: 1}, false},
		{"at its instant", on, w, third, techcase.Step{At: third.Add(time.Hour), Reminder: 1}, false},
		{"long after", on, w, late, techcase.Step{At: late.Add(time.Hour), Reminder: 1}, false},
		{"the close", on, last, late, techcase.Step{At: late.Add(time.Hour)}, false},
		{"ended", on, techcase.Waiting{Since: start}, late, techcase.Step{At: third, Reminder: 1}, true},
		{"without the option", techcase.AutoClose{}, w, third, techcase.Step{At: third, Reminder: 1}, true},
		{"a case that is escalated too", on, techcase.Waiting{Since: start, Escalated: true, AccountEscalated: true}, late, techcase.Step{}, false},
		{"nothing is proposed", on, techcase.Waiting{AccountEscalated: true}, late, techcase.Step{}, false},
	} {
		if step, due := c.of.Due(c.w, c.now); step != c.step || due != c.due {
			t.Errorf("%s: %+v, %v; want %+v, %v", c.name, step, due, c.step, c.due)
		}
	}
}

// Covers: TECH-098, TECH-099, TECH-100, TECH-103, TECH-144, TECH-017, TECH-027
func TestACaseIsRemindedOfAndClosed(t *testing.T) {
	r := newRig(t)
	c := r.proposed()
	sent := len(r.mails(c.ID))
	for _, step := range []struct {
		after time.Duration
		mails int
		state techcase.State
	}{
		{days(3)[0] - 1, 0, techcase.StateSolutionProposed}, {days(3)[0], 1, techcase.StateSolutionProposed},
		{days(5)[0], 2, techcase.StateSolutionProposed}, {days(8)[0], 3, techcase.StateSolutionProposed},
		{days(10)[0] - time.Microsecond, 3, techcase.StateSolutionProposed}, {days(10)[0], 4, techcase.StateClosed},
		{days(30)[0], 4, techcase.StateClosed},
	} {
		r.at(step.after)
		if got := len(r.mails(c.ID)) - sent; got != step.mails || r.get(c.ID).State != step.state {
			t.Fatalf("after %v: %d mails, %s; want %d, %s", step.after, got, r.get(c.ID).State, step.mails, step.state)
		}
	}
	closed := r.get(c.ID)
	if closed.Closed != start.Add(days(10)[0]) || closed.ClosedBy != "system" {
		t.Errorf("closed %v by %q", closed.Closed, closed.ClosedBy)
	}
	var told []string
	for _, a := range r.activities(c.ID) {
		told = append(told, a.Event+" "+a.By+" "+string(a.Entry)+": "+a.Text)
	}
	want := []string{
		"reminded system notice: Reminder 1 of 3: the case will be auto closed on 2026-01-15.",
		"reminded system notice: Reminder 2 of 3: the case will be auto closed on 2026-01-15.",
		"reminded system notice: Reminder 3 of 3: the case will be auto closed on 2026-01-15.",
		"auto_closed system notice: This case was auto closed by the system.",
	}
	if !reflect.DeepEqual(told, want) {
		t.Errorf("activities %q", told)
	}
	if got := r.mails(c.ID); !slices.Contains(got, "case.closed.for.customer jane@boxeo.example") {
		t.Errorf("mails %q", got)
	}
	if got := r.events(c.ID); got[len(got)-1] != "status closed" || slices.Index(got, "status closed") != len(got)-1 {
		t.Errorf("events %q", got)
	}
}

// Covers: TECH-102, TECH-100
func TestAfterDowntimeEachReminderComesOnceAndInOrder(t *testing.T) {
	r := newRig(t)
	c := r.proposed()
	r.clock.set(start.Add(days(30)[0]))
	if n := r.drain(); n < 4 {
		t.Errorf("all was done in %d rounds: steps that come together may come out of order", n)
	}
	var events []string
	for _, a := range r.activities(c.ID) {
		events = append(events, a.Event)
	}
	if want := []string{"reminded", "reminded", "reminded", "auto_closed"}; !reflect.DeepEqual(events, want) {
		t.Errorf("activities %q", events)
	}
}

// Covers: TECH-101
func TestTheCustomersActionsStopAutoClose(t *testing.T) {
	r := newRig(t)
	for _, c := range []struct {
		name string
		act  func(techcase.Case) error
		// what came by day 30 besides the reminder of day 3
		events []string
		state  techcase.State
	}{
		{"a comment counts anew", func(c techcase.Case) error {
			_, err := r.cases.Comment(r.ctx, customer, techcase.Comment{Case: c.ID, Text: "I am trying it"})
			return err
		}, []string{"reminded", "reminded", "reminded", "auto_closed"}, techcase.StateClosed},
		{"accept", func(c techcase.Case) error {
			_, err := r.cases.AcceptSolution(r.ctx, customer, techcase.AcceptSolution{Case: c.ID})
			return err
		}, nil, techcase.StateClosed},
		{"reject", func(c techcase.Case) error {
			_, err := r.cases.RejectSolution(r.ctx, customer, techcase.RejectSolution{Case: c.ID})
			return err
		}, nil, techcase.StateWorkInProgress},
		{"reject and a new proposal", func(c techcase.Case) error {
			if _, err := r.cases.RejectSolution(r.ctx, customer, techcase.RejectSolution{Case: c.ID}); err != nil {
				return err
			}
			_, err := r.cases.ProposeSolution(r.ctx, agent, techcase.ProposeSolution{Case: c.ID})
			return err
		}, []string{"reminded", "reminded", "reminded", "auto_closed"}, techcase.StateClosed},
		{"an agent's comment does not count", func(c techcase.Case) error {
			_, err := r.cases.Comment(r.ctx, agent, techcase.Comment{Case: c.ID, Text: "Please answer"})
			return err
		}, []string{"reminded", "reminded", "auto_closed"}, techcase.StateClosed},
	} {
		r.clock.set(start)
		opened := r.proposed()
		r.at(days(4)[0])
		if err := c.act(opened); err != nil {
			t.Fatal(err)
		}
		r.at(days(30)[0])
		var events []string
		for _, a := range r.activities(opened.ID) {
			if a.Event != "" {
				events = append(events, a.Event)
			}
		}
		if got := r.get(opened.ID).State; !reflect.DeepEqual(events, append([]string{"reminded"}, c.events...)) || got != c.state {
			t.Errorf("%s: %q, %s", c.name, events, got)
		}
	}
}

// What no longer waits leaves nothing behind that a worker would have to look at.
//
// Covers: TECH-101
func TestAnAnsweredCaseWaitsForNothing(t *testing.T) {
	r := newRig(t)
	c, other := r.proposed(), r.proposed()
	if n := r.looks(); n != 2 {
		t.Errorf("%d items for two cases", n)
	}
	do(r.cases.AcceptSolution(r.ctx, customer, techcase.AcceptSolution{Case: c.ID}))(t)
	do(r.cases.RejectSolution(r.ctx, customer, techcase.RejectSolution{Case: other.ID}))(t)
	if n := r.looks(); n != 0 {
		t.Errorf("%d items are left", n)
	}
}

// Whichever commit of a worker fails, before or after it took effect, nothing is lost and nothing comes twice.
//
// Covers: TECH-102
func TestAutoCloseOverAStoreThatFails(t *testing.T) {
	for at := 1; at <= 8; at++ {
		for _, late := range []bool{false, true} {
			small := &smallStore{}
			r := newRigOn(t, small)
			ids := []uuid.UUID{r.proposed().ID, r.proposed().ID, r.proposed().ID}
			small.commits, small.failAt, small.late = 0, at, late
			for hour := 0; hour <= 11*24; hour += 12 {
				r.clock.set(start.Add(time.Duration(hour) * time.Hour))
				if hour%24 == 0 { // so that there are more commits than steps
					_, _ = r.cases.WorkNote(r.ctx, forewarn.SystemActor(tenant).Once(strconv.Itoa(hour)), techcase.WorkNote{Case: ids[2], Text: "a day"})
				}
				for range 4 {
					_, _ = r.drainOnce() // the error is the test's own
					r.clock.set(r.clock.Now().Add(10 * time.Second))
				}
			}
			if small.failed != 1 {
				t.Fatalf("%d commits failed of %d", small.failed, small.commits)
			}
			for _, id := range ids {
				var events []string
				for _, a := range r.activities(id) {
					if a.Event != "" {
						events = append(events, a.Event)
					}
				}
				mails := 0
				for _, m := range r.mails(id) {
					if strings.HasPrefix(m, techcase.TemplateReminder) || strings.HasPrefix(m, techcase.TemplateClosed) {
						mails++
					}
				}
				if !slices.Equal(events, []string{"reminded", "reminded", "reminded", "auto_closed"}) || mails != 4 {
					t.Errorf("commit %d, late %v: %q, %d mails", at, late, events, mails)
				}
			}
		}
	}
}

// At the very instant at which a case closes by itself, what the customer does before the worker runs wins.
//
// Covers: TECH-101
func TestAnActionAtTheVeryInstantWins(t *testing.T) {
	r := newRig(t)
	c := r.proposed()
	r.at(days(8)[0])
	r.clock.set(start.Add(days(10)[0]))
	do(r.cases.Comment(r.ctx, customer, techcase.Comment{Case: c.ID, Text: "wait"}))(t)
	r.drain()
	if got := r.get(c.ID); got.State != techcase.StateSolutionProposed || got.Reminded != 0 || got.Window != start.Add(days(10)[0]) {
		t.Errorf("%+v", got)
	}
}

// Covers: S13
func TestAttentionHoldsAutoClose(t *testing.T) {
	r := newRig(t, func(c *techcase.Config) {
		c.Types = []techcase.Type{{Name: "own", AutoClose: techcase.AutoClose{NotWhileAttention: true}}}
	})
	c := r.proposed()
	do(r.cases.Comment(r.ctx, customer, techcase.Comment{Case: c.ID, Text: "wait"}))(t)
	r.at(days(20)[0])
	if got := r.get(c.ID); got.Reminded != 0 || got.State != techcase.StateSolutionProposed {
		t.Errorf("held, but %+v", got)
	}
	do(r.cases.ClearNeedsAttention(r.ctx, agent, techcase.ClearNeedsAttention{Case: c.ID}))(t)
	r.drain()
	if got := r.get(c.ID); got.State != techcase.StateClosed || len(r.lived(c.ID)) != 4 {
		t.Errorf("what was due meanwhile did not follow: %+v", got)
	}
}

// A case whose type lets it close later than when its item was scheduled is put off, not closed.
func TestDaysThatChange(t *testing.T) {
	r := newRig(t)
	c := r.proposed()
	r.engine = r.newEngine(nil)
	longer, err := techcase.New(techcase.Config{Engine: r.engine, Follower: techcase.NoFollower, Parties: people,
		Types: []techcase.Type{{Name: techcase.TechProductSupport, AutoClose: techcase.AutoClose{After: days(20)[0], Reminders: days(6)}}}})
	if err != nil {
		t.Fatal(err)
	}
	r.cases = longer
	r.at(days(5)[0])
	if got := r.get(c.ID); got.Reminded != 0 {
		t.Errorf("reminded on day 5: %+v", got)
	}
	r.at(days(10)[0])
	if got := r.get(c.ID); got.Reminded != 1 || got.State != techcase.StateSolutionProposed {
		t.Errorf("on day 10: %+v", got)
	}
	r.at(days(20)[0])
	if got := r.get(c.ID); got.State != techcase.StateClosed {
		t.Errorf("on day 20: %+v", got)
	}
}

// scenario is a case's life of the published SLA scenarios; what concerns SLAs is left to another package.
type scenario struct {
	ID     string
	Name   string
	Events []struct {
		At   time.Time
		Type string
	}
	Now    time.Time
	Expect struct {
		State     string
		AutoClose []scenarioStep `json:"auto_close"`
	}
}

type scenarioStep struct {
	Kind string
	At   time.Time
}

var scenarioTriggers = map[string]techcase.Trigger{
	"submit": techcase.OnSubmit, "assign": techcase.OnAssignToMe, "customer_comment": techcase.OnCustomerComment,
	"request_info": techcase.OnRequestInformation, "info_received": techcase.OnInformationReceived, "propose": techcase.OnProposeSolution,
	"reject": techcase.OnRejectSolution, "accept": techcase.OnAcceptSolution, "close": techcase.OnClose, "cancel": techcase.OnCancel,
}

// Covers: TECH-098, TECH-099, TECH-100, TECH-101, TECH-020, S13
func TestTheScenariosOfTheSLAData(t *testing.T) {
	dir := os.Getenv("FOREWARN_SLA_DATA")
	if dir == "" {
		t.Skip("SKIPPED: FOREWARN_SLA_DATA names no folder with scenarios.json, so no scenario was replayed")
	}
	b, err := os.ReadFile(filepath.Join(dir, "scenarios.json"))
	if err != nil {
		t.Fatal(err)
	}
	var data struct{ Scenarios []scenario }
	if err := json.Unmarshal(b, &data); err != nil {
		t.Fatal(err)
	}
	if len(data.Scenarios) == 0 {
		t.Fatal("there is no scenario")
	}
	steps := 0
	for _, s := range data.Scenarios {
		state, told := replay(t, s)
		steps += len(s.Expect.AutoClose)
		if string(state) != s.Expect.State || !slices.Equal(told, s.Expect.AutoClose) {
			t.Errorf("%s %s: %s %v; want %s %v", s.ID, s.Name, state, told, s.Expect.State, s.Expect.AutoClose)
		}
	}
	if steps == 0 {
		t.Error("no scenario is reminded of or closed")
	}
	t.Logf("%d scenarios with %d steps of auto close", len(data.Scenarios), steps)
}

// replay takes a scenario's events through the table and the function of auto close, timers before later events and
// after those of their own instant.
func replay(t *testing.T, s scenario) (techcase.State, []scenarioStep) {
	t.Helper()
	m, err := machine.New(techcase.DefaultFlow().Table, machine.Words{})
	if err != nil {
		t.Fatal(err)
	}
	state := techcase.StateDraft
	var w techcase.Waiting
	var told []scenarioStep
	take := func(on techcase.Trigger, at time.Time, facts ...techcase.Fact) {
		edge, err := m.Next(state, on, facts...)
		if err != nil {
			t.Errorf("%s %s: %v", s.ID, s.Name, err)
			return
		}
		if edge.To != state || slices.Contains(edge.Follows, techcase.RestartAutoClose) {
			w = techcase.Waiting{}
			if edge.To == techcase.StateSolutionProposed {
				w.Since = at
			}
		}
		state = edge.To
	}
	timers := func(before time.Time, inclusive bool) {
		for {
			step, ok := techcase.AutoClose{}.Next(w)
			if !ok || step.At.After(before) || !inclusive && step.At.Equal(before) {
				return
			}
			if step.Reminder == 0 {
				told = append(told, scenarioStep{"auto_close", step.At})
				take(techcase.OnAutoClose, step.At)
				continue
			}
			told = append(told, scenarioStep{"reminder_" + string(rune('0'+step.Reminder)), step.At})
			w.Reminded = step.Reminder
		}
	}
	for _, e := range s.Events {
		timers(e.At, false)
		on, ok := scenarioTriggers[e.Type]
		if !ok {
			continue // priorities and agents' comments move no case
		}
		if on == techcase.OnProposeSolution && state == techcase.StateNew {
			take(techcase.OnAssignToMe, e.At) // the scenarios leave out who took it
		}
		if on == techcase.OnAssignToMe && state != techcase.StateNew {
			continue // assigned to another agent: no change of the state
		}
		facts := []techcase.Fact{}
		if strings.HasPrefix(e.Type, "customer") || e.Type == "accept" {
			facts = append(facts, techcase.CustomerActs)
		}
		take(on, e.At, facts...)
	}
	timers(s.Now, true)
	return state, told
}
