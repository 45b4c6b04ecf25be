package sla_test

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/forewarn-go/forewarn/sla"
	"github.com/forewarn-go/forewarn/sla/schedule"
)

// at reads an instant of June 2024, a Monday being the 3rd, as "03 09:00".
func at(text string) time.Time {
	form := "2006-01 02 15:04"
	if len(text) > len("03 09:00") {
		form += ":05"
	}
	t, err := time.Parse(form, "2024-06 "+text)
	if err != nil {
		panic(err)
	}
	return t
}

// office is open Monday to Friday from 09:00 to 17:00 UTC.
func office(t testing.TB) sla.Fixed {
	t.Helper()
	c, err := sla.Compile([]sla.Source{{Name: sla.BusinessHours, Schedule: sla.ExampleHours("UTC")}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func rules(t testing.TB, definitions ...sla.Definition) *sla.Rules {
	t.Helper()
	r, err := sla.New(sla.Config{Definitions: definitions, Calendars: office(t)})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// story is a task that facts happen to.
type story struct {
	t      testing.TB
	rules  *sla.Rules
	line   sla.Timeline
	events []sla.Event
}

func begin(t testing.TB, definitions ...sla.Definition) *story {
	t.Helper()
	r := rules(t, definitions...)
	return &story{t: t, rules: r, line: r.Begin(sla.Task{Type: "case", ID: "CS1"})}
}

// fact happens: a kind, and fields as state=New.
func (s *story) fact(when, kind string, set ...string) *story {
	s.t.Helper()
	line, events, err := s.rules.Advance(s.line, fact(when, kind, set...))
	if err != nil {
		s.t.Fatal(err)
	}
	s.line, s.events = line, append(s.events, events...)
	return s
}

func fact(when, kind string, set ...string) sla.Fact {
	f := sla.Fact{At: at(when), Kind: kind}
	for _, pair := range set {
		name, value, _ := strings.Cut(pair, "=")
		if f.Set == nil {
			f.Set = map[string]string{}
		}
		f.Set[name] = value
	}
	return f
}

// clock returns the nth clock of the definition, from 1.
func (s *story) clock(definition string, nth int) *sla.Clock {
	s.t.Helper()
	for i := range s.line.Clocks {
		if s.line.Clocks[i].Definition == definition {
			if nth--; nth == 0 {
				return &s.line.Clocks[i]
			}
		}
	}
	s.t.Fatalf("there is no such clock of %s: %v", definition, s.line.Clocks)
	return nil
}

// look is what is expected of a clock at an instant; Breach "" is never.
type look struct {
	at, stop, breach string
	stage            sla.Stage
	elapsed          string
	breached         bool
}

func (s *story) expect(definition string, nth int, looks ...look) {
	s.t.Helper()
	c := s.clock(definition, nth)
	for _, l := range looks {
		got := c.At(at(l.at))
		want := struct {
			stop, breach time.Time
			elapsed      time.Duration
		}{}
		for _, x := range []struct {
			text string
			into *time.Time
		}{{l.stop, &want.stop}, {l.breach, &want.breach}} {
			if x.text != "" {
				*x.into = at(x.text)
			}
		}
		var err error
		if want.elapsed, err = time.ParseDuration(l.elapsed); err != nil {
			s.t.Fatal(err)
		}
		if got.Stage != l.stage || !got.Stop.Equal(want.stop) || !got.Breach.Equal(want.breach) || got.Elapsed != want.elapsed ||
			got.Left != got.Target-want.elapsed || got.HasBreached != l.breached {
			s.t.Errorf("%s %d at %s: %s, stop %v, elapsed %v, left %v, breach %v, breached %v; want %+v", definition, nth, l.at, got.Stage,
				got.Stop, got.Elapsed, got.Left, got.Breach, got.HasBreached, l)
		}
	}
}

// count fails unless there are so many clocks of the definition.
func (s *story) count(definition string, want int) {
	s.t.Helper()
	n := 0
	for _, c := range s.line.Clocks {
		if c.Definition == definition {
			n++
		}
	}
	if n != want {
		s.t.Errorf("%d clocks of %s, want %d", n, definition, want)
	}
}

func submitted(t testing.TB, priority string) *story {
	t.Helper()
	return begin(t, sla.TechnologySupport()...).fact("03 09:00", "submit", "state=New", "priority="+priority)
}

// Covers: SLA-001, SLA-002, SLA-006, SLA-007, SLA-012, SLA-013, SLA-018, S2, S3
func TestTheShippedDefinitionsHaveTheTargetsOfTheSources(t *testing.T) {
	for _, c := range []struct {
		definition, priority, name string
		target                     time.Duration
		breach                     string
	}{
		{"first_response_p2", "2", "First Response Time - P2 (8 Hours)", 8 * time.Hour, "03 17:00"},
		{"first_response_p3_p4", "3", "First Response Time - P3-P4 (2 Days)", 16 * time.Hour, "04 17:00"},
		{"first_response_p3_p4", "4", "First Response Time - P3-P4 (2 Days)", 16 * time.Hour, "04 17:00"},
		{"ongoing_response_p2", "2", "Ongoing Response Time - P2 (8 Hours)", 8 * time.Hour, "04 10:00"},
		{"ongoing_response_p3_p4", "3", "Ongoing Response Time - P3-P4 (2 Days)", 16 * time.Hour, "05 10:00"},
		{"ongoing_response_p3_p4", "4", "Ongoing Response Time - P3-P4 (2 Days)", 16 * time.Hour, "05 10:00"},
		{"case_resolution_p2", "2", "Case Resolution - P2 (14 days)", 14 * 24 * time.Hour, "17 09:00"},
	} {
		s := submitted(t, c.priority).fact("03 10:00", "agent_comment")
		got := s.clock(c.definition, 1).At(at("03 10:00"))
		if got.Target != c.target || !got.OriginalBreach.Equal(at(c.breach)) {
			t.Errorf("%s for priority %s: target %v, breach %v; want %v, %s", c.definition, c.priority, got.Target, got.OriginalBreach, c.target, c.breach)
		}
		i := slices.IndexFunc(sla.TechnologySupport(), func(d sla.Definition) bool { return d.ID == c.definition })
		if name := sla.TechnologySupport()[i].Name; name != c.name {
			t.Errorf("%s is named %q, want %q", c.definition, name, c.name)
		}
	}
	s := submitted(t, "3")
	if got := s.clock("case_resolution_p3_p4", 1).At(at("03 10:00")); !got.OriginalBreach.Equal(time.Date(2024, 7, 1, 9, 0, 0, 0, time.UTC)) {
		t.Errorf("28 days end at %v", got.OriginalBreach)
	}
	// Calendar days are physical time: 14 of them over the change to summer time are 14 times 24 hours.
	r := rules(t, sla.TechnologySupport()...)
	start := time.Date(2024, 3, 25, 8, 0, 0, 0, time.UTC)
	line, _, err := r.Advance(r.Begin(sla.Task{Type: "case"}), sla.Fact{At: start, Kind: "submit", Set: map[string]string{"state": "New", "priority": "2"}})
	if err != nil {
		t.Fatal(err)
	}
	if got := line.Clocks[1].At(start).Breach; !got.Equal(start.Add(14 * 24 * time.Hour)) {
		t.Errorf("14 days over a change of the clocks end at %v", got)
	}
}

// Covers: SLA-003, SLA-004, SLA-005
func TestTheFirstResponseRunsFromSubmitToTheFirstAnswer(t *testing.T) {
	for _, kind := range []string{"first_response", "agent_comment", "agent_mail"} {
		s := submitted(t, "2").fact("03 11:00", "assign", "state=Work in Progress").fact("03 11:30", "customer_comment").fact("03 15:00", kind)
		s.expect("first_response_p2", 1,
			look{at: "03 09:00", stage: sla.InProgress, elapsed: "0s", breach: "03 17:00"},
			look{at: "03 14:59:59", stage: sla.InProgress, elapsed: "5h59m59s", breach: "03 17:00"},
			look{at: "03 15:00", stop: "03 15:00", stage: sla.Completed, elapsed: "6h", breach: "03 17:00"},
			look{at: "28 15:00", stop: "03 15:00", stage: sla.Completed, elapsed: "6h", breach: "03 17:00"})
		s.count("first_response_p2", 1)
	}
	// What is saved without being posted is a fact of another kind, and answers nobody.
	s := submitted(t, "2").fact("03 11:00", "save", "first_response=we are on it")
	s.expect("first_response_p2", 1, look{at: "03 12:00", stage: sla.InProgress, elapsed: "3h", breach: "03 17:00"})
}

// Covers: SLA-008, SLA-009, C-29
func TestOngoingResponsesFollowOneAnother(t *testing.T) {
	s := submitted(t, "2").fact("03 10:00", "agent_comment").fact("03 12:00", "agent_comment").fact("04 12:00", "agent_mail")
	s.count("ongoing_response_p2", 3)
	s.expect("ongoing_response_p2", 1, look{at: "04 12:00", stop: "03 12:00", stage: sla.Completed, elapsed: "2h", breach: "04 10:00"})
	s.expect("ongoing_response_p2", 2, look{at: "04 12:00", stop: "04 12:00", stage: sla.Completed, elapsed: "8h", breach: "04 12:00"})
	s.expect("ongoing_response_p2", 3, look{at: "04 13:00", stage: sla.InProgress, elapsed: "1h", breach: "05 12:00"})
	if c := s.clock("ongoing_response_p2", 1); !c.Start.Equal(at("03 10:00")) {
		t.Errorf("the first one starts at %v, not when the first response was given", c.Start)
	}
}

// Covers: SLA-010, SLA-015, C-30
func TestAwaitingInfoPausesAndTheCustomersAnswerGoesOn(t *testing.T) {
	s := submitted(t, "2").fact("03 10:00", "agent_comment").fact("03 12:00", "request_info", "state=Awaiting Info").
		fact("05 11:00", "customer_comment", "state=Work in Progress")
	s.expect("ongoing_response_p2", 1,
		look{at: "03 12:00", stage: sla.Paused, elapsed: "2h"},
		look{at: "04 16:00", stage: sla.Paused, elapsed: "2h"},
		look{at: "05 11:00", stage: sla.InProgress, elapsed: "2h", breach: "05 17:00"}, // 6 hours are left: not from zero
		look{at: "05 12:00", stage: sla.InProgress, elapsed: "3h", breach: "05 17:00"})
	s.expect("case_resolution_p2", 1,
		look{at: "04 16:00", stage: sla.Paused, elapsed: "3h"},
		look{at: "05 12:00", stage: sla.InProgress, elapsed: "4h", breach: "19 08:00"})
	if got := s.clock("ongoing_response_p2", 1).PausesAt(at("04 16:00")); len(got) != 1 || !got[0].From.Equal(at("03 12:00")) || !got[0].To.IsZero() {
		t.Errorf("pauses while it lasts: %v", got)
	}
}

// Covers: S4
func TestTheFirstResponseDoesNotPause(t *testing.T) {
	s := submitted(t, "2").fact("03 12:00", "request_info", "state=Awaiting Info")
	s.expect("first_response_p2", 1, look{at: "03 16:00", stage: sla.InProgress, elapsed: "7h", breach: "03 17:00"})
	s = submitted(t, "2").fact("03 12:00", "request_info", "state=Awaiting Info").fact("03 12:00", "agent_comment")
	s.expect("first_response_p2", 1, look{at: "03 16:00", stop: "03 12:00", stage: sla.Completed, elapsed: "3h", breach: "03 17:00"})
}

// Covers: SLA-011, SLA-014, SLA-016, S5, C-29
func TestAProposalStopsAndARejectionGoesOn(t *testing.T) {
	s := submitted(t, "2").fact("03 10:00", "agent_comment").fact("03 10:00", "assign", "state=Work in Progress").
		fact("05 09:00", "propose", "state=Solution Proposed")
	s.expect("ongoing_response_p2", 1, look{at: "06 09:00", stop: "05 09:00", stage: sla.Completed, elapsed: "15h", breach: "04 10:00", breached: true})
	resolution := look{at: "06 09:00", stop: "05 09:00", stage: sla.Completed, elapsed: "48h", breach: "17 09:00"}
	s.expect("case_resolution_p2", 1, resolution)
	if c := s.clock("case_resolution_p2", 1); !c.At(at("06 09:00")).Provisional || len(c.PausesAt(at("06 09:00"))) != 0 {
		t.Error("the end is final, or shown as a pause")
	}

	s.fact("07 09:00", "reject", "state=Work in Progress")
	s.count("case_resolution_p2", 1)
	s.count("ongoing_response_p2", 2)
	s.expect("case_resolution_p2", 1, resolution, // as it was then
		look{at: "07 09:00", stage: sla.InProgress, elapsed: "48h", breach: "19 09:00"},
		look{at: "08 09:00", stage: sla.InProgress, elapsed: "72h", breach: "19 09:00"})
	s.expect("ongoing_response_p2", 2, look{at: "07 10:00", stage: sla.InProgress, elapsed: "1h", breach: "07 17:00"})
	if c := s.clock("ongoing_response_p2", 2); !c.Start.Equal(at("07 09:00")) {
		t.Errorf("the new one starts at %v", c.Start)
	}

	s.fact("10 09:00", "propose", "state=Solution Proposed").fact("12 09:00", "accept", "state=Closed")
	final := look{at: "12 09:00", stop: "10 09:00", stage: sla.Completed, elapsed: "120h", breach: "19 09:00"}
	s.expect("case_resolution_p2", 1, final)
	c := s.clock("case_resolution_p2", 1)
	if got := c.At(at("12 09:00")); got.Provisional {
		t.Error("accepted, and still until further notice")
	}
	if !c.End.Equal(at("10 09:00")) || !c.Settled.Equal(at("12 09:00")) {
		t.Errorf("end %v, settled %v", c.End, c.Settled)
	}
}

// Covers: S11, S12
func TestTheEndOfACaseEndsItsClocks(t *testing.T) {
	s := submitted(t, "2").fact("03 12:00", "close", "state=Closed")
	s.expect("first_response_p2", 1, look{at: "04 12:00", stop: "03 12:00", stage: sla.Completed, elapsed: "3h", breach: "03 17:00"})
	s.expect("case_resolution_p2", 1, look{at: "04 12:00", stop: "03 12:00", stage: sla.Completed, elapsed: "3h", breach: "17 09:00"})

	s = submitted(t, "2").fact("03 12:00", "cancel", "state=Cancelled")
	s.expect("first_response_p2", 1, look{at: "04 12:00", stop: "03 12:00", stage: sla.Cancelled, elapsed: "3h", breach: "03 17:00"})
	s.expect("case_resolution_p2", 1, look{at: "04 12:00", stop: "03 12:00", stage: sla.Cancelled, elapsed: "3h", breach: "17 09:00"})

	// Cancelled while a solution is proposed: the proposal was no end, and its time does not count.
	s = submitted(t, "2").fact("03 12:00", "propose", "state=Solution Proposed").fact("03 15:00", "cancel", "state=Cancelled")
	s.expect("case_resolution_p2", 1, look{at: "04 12:00", stop: "03 15:00", stage: sla.Cancelled, elapsed: "3h", breach: "17 12:00"})

	// Rejected before anybody answered: the first response runs on, and no ongoing one begins before it is given.
	s = submitted(t, "2").fact("03 12:00", "propose", "state=Solution Proposed").fact("03 13:00", "reject", "state=Work in Progress")
	s.expect("first_response_p2", 1, look{at: "03 14:00", stage: sla.InProgress, elapsed: "5h", breach: "03 17:00"})
	s.count("ongoing_response_p2", 0)
	s.fact("03 14:00", "agent_comment").count("ongoing_response_p2", 1)
}

// Covers: S9
func TestACommentWhilePausedBeginsAPausedOne(t *testing.T) {
	s := submitted(t, "2").fact("03 10:00", "agent_comment").fact("03 12:00", "request_info", "state=Awaiting Info").fact("03 14:00", "agent_comment")
	s.expect("ongoing_response_p2", 1, look{at: "03 15:00", stop: "03 14:00", stage: sla.Completed, elapsed: "2h", breach: "04 12:00"})
	s.expect("ongoing_response_p2", 2, look{at: "03 15:00", stage: sla.Paused, elapsed: "0s"})
	if got := s.clock("ongoing_response_p2", 2).Pauses; len(got) != 1 || !got[0].From.Equal(at("03 14:00")) {
		t.Errorf("pauses %v", got)
	}
}

// Covers: S10
func TestTheAgentsInformationReceivedIsAnAnswerToo(t *testing.T) {
	for _, kind := range []string{"customer_comment", "info_received"} {
		s := submitted(t, "2").fact("03 12:00", "request_info", "state=Awaiting Info").fact("03 14:00", kind, "state=Work in Progress")
		s.expect("case_resolution_p2", 1, look{at: "03 15:00", stage: sla.InProgress, elapsed: "4h", breach: "17 11:00"})
	}
}

// Covers: S6, S7, SLA-024
func TestExactlyAtTheDeadline(t *testing.T) {
	// The deadline is a closing instant.
	answer := func(when string) *story { return submitted(t, "2").fact(when, "agent_comment") }
	submitted(t, "2").expect("first_response_p2", 1,
		look{at: "03 16:59:59", stage: sla.InProgress, elapsed: "7h59m59s", breach: "03 17:00"},
		look{at: "03 17:00", stage: sla.InProgress, elapsed: "8h", breach: "03 17:00", breached: true},
		look{at: "04 08:00", stage: sla.InProgress, elapsed: "8h", breach: "03 17:00", breached: true})
	for _, c := range []struct {
		when     string
		elapsed  string
		breached bool
	}{
		{"03 17:00", "8h", false},
		{"04 09:00", "8h", false}, // no business time has passed since
		{"04 09:00:01", "8h0m1s", true},
	} {
		answer(c.when).expect("first_response_p2", 1, look{at: "10 09:00", stop: c.when, stage: sla.Completed, elapsed: c.elapsed, breach: "03 17:00", breached: c.breached})
	}
	// The deadline lies within a window.
	s := submitted(t, "2").fact("03 10:00", "agent_comment")
	s.expect("ongoing_response_p2", 1,
		look{at: "04 09:59:59", stage: sla.InProgress, elapsed: "7h59m59s", breach: "04 10:00"},
		look{at: "04 10:00", stage: sla.InProgress, elapsed: "8h", breach: "04 10:00", breached: true})
	s.fact("04 10:00", "agent_comment")
	s.expect("ongoing_response_p2", 1, look{at: "04 10:00", stop: "04 10:00", stage: sla.Completed, elapsed: "8h", breach: "04 10:00"})

	// A pause at the very deadline comes first; one nanosecond later it is too late, and nothing takes that back.
	pauseAt := func(when time.Time) *sla.Clock {
		s := submitted(t, "2").fact("03 10:00", "agent_comment")
		line, _, err := s.rules.AdvanceAll(s.line, sla.Fact{At: when, Set: map[string]string{"state": "Awaiting Info"}},
			sla.Fact{At: at("05 12:00"), Set: map[string]string{"state": "Work in Progress"}})
		if err != nil {
			t.Fatal(err)
		}
		return &line.Clocks[2]
	}
	in, late := pauseAt(at("04 10:00")), pauseAt(at("04 10:00").Add(1))
	if in.At(at("05 11:00")).HasBreached || !in.At(at("05 12:00")).HasBreached {
		t.Errorf("paused at its deadline: %+v, then %+v", in.At(at("05 11:00")), in.At(at("05 12:00")))
	}
	for _, when := range []string{"04 11:00", "05 11:00", "05 12:00", "06 12:00"} {
		if !late.At(at(when)).HasBreached || !late.Start.Equal(at("03 10:00")) {
			t.Errorf("paused after its deadline, at %s: %+v", when, late.At(at(when)))
		}
	}
}

// Covers: SLA-022, S8
func TestAnotherPriority(t *testing.T) {
	s := submitted(t, "3").fact("03 12:00", "request_info", "state=Awaiting Info").fact("03 13:00", "customer_comment", "state=Work in Progress").
		fact("03 14:00", "agent_comment").fact("03 15:00", "priority", "priority=4")
	if len(s.line.Clocks) != 3 {
		t.Fatalf("P3 to P4 changes something: %+v", s.line.Clocks)
	}
	s.fact("03 15:00", "request_info", "state=Awaiting Info").fact("03 16:00", "priority", "priority=2")
	s.expect("ongoing_response_p3_p4", 1, look{at: "03 17:00", stop: "03 16:00", stage: sla.Cancelled, elapsed: "1h", breach: "05 15:00"})
	if got := s.clock("case_resolution_p3_p4", 1).At(at("03 17:00")); got.Stage != sla.Cancelled || got.Elapsed != 5*time.Hour ||
		!got.Breach.Equal(time.Date(2024, 7, 1, 11, 0, 0, 0, time.UTC)) { // an hour each in two pauses, the second cut by the end
		t.Errorf("the old resolution: %+v", got)
	}
}

// Covers: SLA-022, S8
func TestAnotherPriorityKeepsStartAndPauses(t *testing.T) {
	s := submitted(t, "3").fact("03 12:00", "request_info", "state=Awaiting Info").fact("03 13:00", "customer_comment", "state=Work in Progress").
		fact("03 14:00", "agent_comment").fact("03 15:00", "request_info", "state=Awaiting Info").fact("03 16:00", "priority", "priority=2")
	old, now := s.clock("case_resolution_p3_p4", 1), s.clock("case_resolution_p2", 1)
	if !now.Start.Equal(old.Start) || !now.Attached.Equal(at("03 16:00")) {
		t.Errorf("start %v, attached %v", now.Start, now.Attached)
	}
	want := []sla.Pause{{From: at("03 12:00"), To: at("03 13:00")}, {From: at("03 15:00")}}
	if !reflect.DeepEqual(now.Pauses, want) {
		t.Errorf("pauses %v, want %v", now.Pauses, want)
	}
	want[1].To = at("03 16:00")
	if !reflect.DeepEqual(old.Pauses, want) {
		t.Errorf("pauses of the old one %v, want %v", old.Pauses, want)
	}
	if got := s.clock("ongoing_response_p2", 1); !got.Start.Equal(at("03 14:00")) || !reflect.DeepEqual(got.Pauses, []sla.Pause{{From: at("03 15:00")}}) {
		t.Errorf("ongoing response: %+v", got)
	}
	s.count("first_response_p2", 0) // it was given under the old priority

	// From a priority that has no definition, as from 1.
	s = submitted(t, "1").fact("03 10:00", "request_info", "state=Awaiting Info").fact("03 11:00", "info_received", "state=Work in Progress").
		fact("03 12:00", "agent_comment")
	if len(s.line.Clocks) != 0 {
		t.Fatalf("priority 1 has clocks: %+v", s.line.Clocks)
	}
	s.fact("04 09:00", "priority", "priority=2")
	s.expect("case_resolution_p2", 1, look{at: "04 09:00", stage: sla.InProgress, elapsed: "23h", breach: "17 10:00"})
	s.expect("ongoing_response_p2", 1, look{at: "04 09:00", stage: sla.InProgress, elapsed: "5h", breach: "04 12:00"})
	s.count("first_response_p2", 0)

	// While a solution is proposed: the new one is stopped where the old one was.
	s = submitted(t, "3").fact("04 09:00", "propose", "state=Solution Proposed").fact("05 09:00", "priority", "priority=2")
	s.expect("case_resolution_p2", 1, look{at: "06 09:00", stop: "04 09:00", stage: sla.Completed, elapsed: "24h", breach: "17 09:00"})
	s.fact("06 09:00", "reject", "state=Work in Progress")
	s.expect("case_resolution_p2", 1, look{at: "07 09:00", stage: sla.InProgress, elapsed: "48h", breach: "19 09:00"})
}

// Covers: SLA-017, S1, C-27
func TestPriorityOneHasNoDefinition(t *testing.T) {
	if s := submitted(t, "1"); len(s.line.Clocks) != 0 {
		t.Errorf("%+v", s.line.Clocks)
	}
	var told []string
	for _, f := range sla.Lint(sla.TechnologySupport(), sla.CaseDomain()) {
		told = append(told, f.String())
	}
	want := []string{
		"uncovered: priority 1 of a case has no clock of kind first_response",
		"uncovered: priority 1 of a case has no clock of kind ongoing_response",
		"uncovered: priority 1 of a case has no clock of kind resolution",
	}
	if !slices.Equal(told, want) {
		t.Errorf("%q", told)
	}
	// An embedder adds one.
	mine := sla.Definition{ID: "first_response_p1", Kind: sla.FirstResponse, Task: "case", Target: sla.Target{Duration: sla.Duration(time.Hour)},
		Start: sla.All(sla.Is("priority", "1"), sla.Not(sla.Ever("agent_comment"))), Stop: sla.Happened("agent_comment")}
	s := begin(t, append(sla.TechnologySupport(), mine)...).fact("03 22:00", "submit", "state=New", "priority=1")
	s.expect("first_response_p1", 1, look{at: "03 22:30", stage: sla.InProgress, elapsed: "30m", breach: "03 23:00"})
}

// Covers: SLA-028
func TestProactiveCasesAndOtherTasks(t *testing.T) {
	s := begin(t, sla.TechnologySupport()...).fact("03 09:00", "open", "state=New", "priority=2", "proactive=true").fact("03 10:00", "agent_comment")
	s.count("first_response_p2", 0)
	s.count("ongoing_response_p2", 0)
	s.expect("case_resolution_p2", 1, look{at: "03 12:00", stage: sla.InProgress, elapsed: "3h", breach: "17 09:00"})

	restore := sla.Definition{ID: "restore", Kind: sla.Resolution, Task: "incident", Target: sla.Target{Duration: sla.Duration(4 * time.Hour)},
		Start: sla.Is("state", "New", "In Progress"), Pause: sla.Is("state", "On Hold"), Stop: sla.Is("state", "Resolved", "Closed")}
	restore.Start.In = append(restore.Start.In, "On Hold")
	r := rules(t, append(sla.TechnologySupport(), restore)...)
	line, _, err := r.AdvanceAll(r.Begin(sla.Task{Type: "incident", ID: "INC1"}), fact("03 09:00", "open", "state=New", "priority=2"),
		fact("03 10:00", "", "state=On Hold"), fact("03 12:00", "", "state=In Progress"), fact("03 13:00", "", "state=Resolved"))
	if err != nil {
		t.Fatal(err)
	}
	if len(line.Clocks) != 1 {
		t.Fatalf("an incident has clocks of a case: %+v", line.Clocks)
	}
	if got := line.Clocks[0].At(at("04 09:00")); got.Elapsed != 2*time.Hour || got.Stage != sla.Completed || !got.Breach.Equal(at("03 15:00")) {
		t.Errorf("%+v", got)
	}
}

// Covers: SLA-019
func TestTheStagesOfAClock(t *testing.T) {
	s := submitted(t, "2").fact("03 10:00", "agent_comment").fact("03 12:00", "request_info", "state=Awaiting Info").
		fact("03 13:00", "info_received", "state=Work in Progress").fact("03 14:00", "cancel", "state=Cancelled")
	c := s.clock("ongoing_response_p2", 1)
	for _, x := range []struct {
		at   string
		want sla.Stage
	}{{"03 09:59:59", ""}, {"03 10:00", sla.InProgress}, {"03 12:00", sla.Paused}, {"03 13:00", sla.InProgress}, {"03 14:00", sla.Cancelled}} {
		if got := c.At(at(x.at)).Stage; got != x.want {
			t.Errorf("at %s: %q, want %q", x.at, got, x.want)
		}
	}
}

// Covers: SLA-020, S14, S15
func TestDefinitionsChooseTheirCalendar(t *testing.T) {
	_, err := sla.New(sla.Config{Definitions: sla.TechnologySupport()})
	var e *sla.Error
	if !errors.As(err, &e) || e.Field != "definitions[0].schedule" {
		t.Errorf("without calendars: %v", err)
	}
	r, err := sla.New(sla.Config{Definitions: sla.TechnologySupport(), Calendars: sla.Fixed{}})
	if err != nil {
		t.Fatal(err)
	}
	begun := r.Begin(sla.Task{Type: "case"})
	line, _, err := r.Advance(begun, fact("03 09:00", "submit", "state=New", "priority=2"))
	if !errors.As(err, &e) || !strings.Contains(err.Error(), "business_hours") || !reflect.DeepEqual(line, begun) {
		t.Errorf("without that calendar: %v", err)
	}

	// The zone comes from the first source that knows one, else it is the calendar's own.
	calendars, err := sla.Compile([]sla.Source{{Name: "office", Schedule: sla.ExampleHours("UTC")}}, "America/New_York", "Asia/Tokyo")
	if err != nil {
		t.Fatal(err)
	}
	d := sla.Definition{ID: "d", Kind: "k", Task: "case", Schedule: "office", Zone: []string{"caller", "ci_location", "system"},
		Target: sla.Target{Duration: sla.Duration(time.Hour)}, Start: sla.Ever("submit"), Stop: sla.Happened("stop")}
	zones := sla.FieldZones{Fields: map[string]string{"caller": "caller_zone", "ci_location": "ci_zone"}}
	for _, c := range []struct{ set, system, zone, breach string }{
		{"caller_zone=America/New_York", "", "America/New_York", "03 14:00"},
		{"ci_zone=Asia/Tokyo", "", "Asia/Tokyo", "03 01:00"},
		{"other=x", "Asia/Tokyo", "Asia/Tokyo", "03 01:00"},
		{"other=x", "", "", "03 10:00"},
	} {
		zones.System = c.system
		r, err := sla.New(sla.Config{Definitions: []sla.Definition{d}, Calendars: calendars, Zones: zones})
		if err != nil {
			t.Fatal(err)
		}
		line, _, err := r.Advance(r.Begin(sla.Task{Type: "case"}), fact("03 00:00", "submit", c.set))
		if err != nil {
			t.Fatal(err)
		}
		if got := line.Clocks[0]; got.Zone != c.zone || !got.At(at("03 00:00")).Breach.Equal(at(c.breach)) {
			t.Errorf("%s: zone %q, breach %v", c.set, got.Zone, got.At(at("03 00:00")).Breach)
		}
	}
	zones.System = "Mars/Olympus"
	r, err = sla.New(sla.Config{Definitions: []sla.Definition{d}, Calendars: calendars, Zones: zones})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := r.Advance(r.Begin(sla.Task{Type: "case"}), fact("03 00:00", "submit")); err == nil || !strings.Contains(err.Error(), "Mars/Olympus") {
		t.Errorf("a zone that is not prepared: %v", err)
	}
}

// Covers: S18
func TestFollowTheSunIsOneClock(t *testing.T) {
	day := func(zone string) schedule.Schedule {
		return schedule.Schedule{Zone: zone, Week: schedule.Weekdays(schedule.Hours(8, 16))}
	}
	calendars, err := sla.Compile([]sla.Source{{Name: sla.BusinessHours, Schedule: schedule.Schedule{DayLength: schedule.Duration(24 * time.Hour),
		Union: []schedule.Schedule{day("Australia/Sydney"), day("Europe/London"), day("America/Los_Angeles")}}}})
	if err != nil {
		t.Fatal(err)
	}
	r, err := sla.New(sla.Config{Definitions: sla.TechnologySupport(), Calendars: calendars})
	if err != nil {
		t.Fatal(err)
	}
	line, events, err := r.AdvanceAll(r.Begin(sla.Task{Type: "case"}), fact("03 12:00", "submit", "state=New", "priority=2"),
		fact("03 15:30", "assign", "assignment_group=NOC Americas", "state=Work in Progress"))
	if err != nil {
		t.Fatal(err)
	}
	got := line.Clocks[0].At(at("03 18:00"))
	if got.Elapsed != 6*time.Hour || !got.Breach.Equal(at("03 20:00")) || len(line.Clocks) != 2 || len(events) != 2 {
		t.Errorf("%+v, %v", got, events)
	}
}
