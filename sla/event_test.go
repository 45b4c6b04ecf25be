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

// lines writes events as "03 09:00 attached 1", a milestone by its name.
func lines(events []sla.Event) []string {
	var all []string
	for _, e := range events {
		what := string(e.Kind)
		if e.Milestone != "" {
			what = e.Milestone
		}
		if e.Provisional {
			what += " until further notice"
		}
		if e.HasBreached {
			what += "!"
		}
		all = append(all, strings.TrimSuffix(e.At.Format("02 15:04:05.999999999"), ":00")+" "+what+" "+string(rune('0'+e.Clock)))
	}
	return all
}

func expectLines(t *testing.T, what string, got []sla.Event, want ...string) {
	t.Helper()
	if l := lines(got); !slices.Equal(l, want) {
		t.Errorf("%s:\n%s\nwant\n%s", what, strings.Join(l, "\n"), strings.Join(want, "\n"))
	}
}

// Covers: SLA-026
func TestEventsTellWhatHappenedAndWhatTimeBrought(t *testing.T) {
	s := submitted(t, "2").fact("03 12:00", "agent_comment").fact("03 14:00", "request_info", "state=Awaiting Info").
		fact("04 10:00", "info_received", "state=Work in Progress").fact("05 09:30", "agent_comment").
		fact("05 10:00", "propose", "state=Solution Proposed").fact("06 10:00", "accept", "state=Closed")
	expectLines(t, "events", s.events,
		"03 09:00 attached 1", "03 09:00 attached 2",
		"03 12:00 completed 1", "03 12:00 attached 3",
		"03 14:00 paused 3", "03 14:00 paused 2",
		"04 10:00 resumed 3", "04 10:00 resumed 2",
		"04 12:00 50% 3", "04 14:00 75% 3", "04 16:00 100%! 3", "04 16:00 breached! 3",
		"05 09:30 completed! 3", "05 09:30 reset! 3", "05 09:30 attached 4",
		"05 10:00 completed 4", "05 10:00 paused until further notice 2",
		"06 10:00 completed 2")
	if got := s.line.Upto(at("28 09:00")); len(got) != 0 {
		t.Errorf("after the end: %v", got)
	}
	keys := map[string]bool{}
	for _, e := range s.events {
		if keys[e.Key()] {
			t.Errorf("two events are named %s", e.Key())
		}
		keys[e.Key()] = true
	}
}

// Covers: SLA-026, S6
func TestTimeBringsMilestonesAndBreaches(t *testing.T) {
	s := submitted(t, "2")
	expectLines(t, "up to the deadline", s.line.Upto(at("03 17:00")), "03 13:00 50% 1", "03 15:00 75% 1", "03 17:00 100%! 1", "03 17:00 breached! 1")
	expectLines(t, "up to just before", s.line.Upto(at("03 16:59")), "03 13:00 50% 1", "03 15:00 75% 1")
	next, ok := s.line.Next(at("03 13:00"))
	if !ok || next.At != at("03 15:00") || next.Milestone != "75%" {
		t.Errorf("next %v", next)
	}
	// At a milestone's instant the fact comes first, and what stands still is not reached.
	s = submitted(t, "2").fact("03 10:00", "agent_comment")
	s.events = nil
	s.fact("03 14:00", "request_info", "state=Awaiting Info").fact("03 16:00", "info_received", "state=Work in Progress")
	expectLines(t, "paused at 50%", s.events, "03 14:00 paused 3", "03 14:00 paused 2", "03 16:00 resumed 3", "03 16:00 resumed 2")
	expectLines(t, "after it", s.line.Upto(at("03 16:30")), "03 16:00 50% 3")
	if _, ok := submitted(t, "2").fact("03 10:00", "cancel", "state=Cancelled").line.Next(at("03 10:00")); ok {
		t.Error("something comes after the end")
	}
	if got := (sla.Timeline{}).Upto(at("03 10:00")); got != nil {
		t.Errorf("of nothing: %v", got)
	}
}

// Covers: S8
func TestAttachedAlreadyBreachedTellsTheBreachAlone(t *testing.T) {
	s := submitted(t, "3").fact("04 12:00", "priority", "priority=2")
	expectLines(t, "late upgrade", s.events, "03 09:00 attached 1", "03 09:00 attached 2", "03 17:00 50% 1", "04 12:00 cancelled 1",
		"04 12:00 cancelled 2", "04 12:00 attached! 3", "04 12:00 breached! 3", "04 12:00 attached 4")
	expectLines(t, "after it", s.line.Upto(at("10 09:00")), "10 09:00 50% 4")
	if next, ok := s.line.Next(time.Time{}); !ok || next.At != at("10 09:00") {
		t.Errorf("what lay behind it is still to come: %v", next)
	}
	// Past a milestone and not breached: that is told at once.
	s = submitted(t, "3").fact("03 14:00", "priority", "priority=2")
	expectLines(t, "early upgrade", s.events[2:], "03 14:00 cancelled 1", "03 14:00 cancelled 2", "03 14:00 attached 3", "03 14:00 50% 3", "03 14:00 attached 4")
}

// simple runs from start to stop, and pauses while paused is yes.
func simple(target sla.Target, milestones ...sla.Milestone) sla.Definition {
	return sla.Definition{ID: "d", Kind: "k", Task: "case", Schedule: sla.BusinessHours, Target: target, Milestones: milestones,
		Start: sla.Ever("start"), Pause: sla.Is("paused", "yes"), Stop: sla.Happened("stop")}
}

// Covers: SLA-018, SLA-026
func TestFreeMilestones(t *testing.T) {
	s := begin(t, simple(sla.Target{Duration: sla.Duration(8 * time.Hour)}, sla.Milestone{Name: "an hour left", Left: sla.Duration(time.Hour)},
		sla.Milestone{After: sla.Duration(90 * time.Minute)}, sla.Milestone{Percent: 150}, sla.Milestone{Left: sla.Duration(9 * time.Hour)})).fact("03 09:00", "start")
	expectLines(t, "free ones", s.line.Upto(at("05 09:00")), "03 10:30 1h30m 1", "03 16:00 an hour left 1", "03 17:00 breached! 1", "04 13:00 150%! 1")
	// An empty list has none.
	s = begin(t, sla.Definition{ID: "d", Kind: "k", Task: "case", Target: sla.Target{Days: 1}, Milestones: []sla.Milestone{}, Start: sla.Ever("start"), Stop: sla.Happened("stop")}).fact("03 09:00", "start")
	expectLines(t, "none", s.line.Upto(at("05 09:00")), "04 09:00 breached! 1")
	// Parts of a target are rounded up to the nanosecond.
	s = begin(t, simple(sla.Target{Duration: 3}, sla.Milestone{Percent: 50})).fact("03 09:00", "start")
	if got := s.line.Upto(at("03 10:00"))[0].At; !got.Equal(at("03 09:00").Add(2)) {
		t.Errorf("half of 3 ns at %v", got)
	}
}

// Covers: SLA-018
func TestRelativeTargets(t *testing.T) {
	by := func(day int, by, cut string) sla.Target {
		return sla.Target{Relative: &sla.Relative{BusinessDay: day, By: by, CutOff: cut}}
	}
	for _, c := range []struct {
		name    string
		target  sla.Target
		start   string
		breach  string
		allowed time.Duration
	}{
		{"the second business day by 16:00", by(2, "16:00", ""), "03 14:00", "05 16:00", 3*time.Hour + 8*time.Hour + 7*time.Hour},
		{"over a weekend", by(2, "16:00", ""), "07 14:00", "11 16:00", 18 * time.Hour},
		{"from a Saturday", by(2, "16:00", ""), "08 14:00", "11 16:00", 15 * time.Hour},
		{"before the cut-off", by(1, "16:00", "10:00"), "03 09:59", "04 16:00", 14*time.Hour + time.Minute},
		{"at the cut-off", by(1, "16:00", "10:00"), "03 10:00", "05 16:00", 22 * time.Hour},
		{"the same day", by(0, "12:00", ""), "03 09:00", "03 12:00", 3 * time.Hour},
		{"the same day, past", by(0, "12:00", ""), "03 13:00", "03 13:00", 0},
		{"outside of the hours", by(1, "20:00", ""), "03 16:00", "04 20:00", 9 * time.Hour},
		{"the end of the day", by(1, "24:00", ""), "03 16:00", "05 00:00", 9 * time.Hour},
	} {
		s := begin(t, simple(c.target)).fact(c.start, "start")
		got := s.line.Clocks[0].At(at(c.start))
		if !got.Breach.Equal(at(c.breach)) || !got.OriginalBreach.Equal(at(c.breach)) || got.Target != c.allowed || got.HasBreached != (c.breach == c.start) {
			t.Errorf("%s: %+v, want %s", c.name, got, c.breach)
		}
	}
	// A pause moves the deadline by what it kept from the clock.
	s := begin(t, simple(by(1, "16:00", ""))).fact("03 14:00", "start").fact("03 16:00", "", "paused=yes").fact("04 10:00", "", "paused=no")
	s.expect("d", 1, look{at: "04 11:00", stage: sla.InProgress, elapsed: "3h", breach: "05 10:00"})
	// One that keeps nothing from it moves nothing, and a deadline outside of the hours stands.
	s = begin(t, simple(by(1, "20:00", ""))).fact("03 14:00", "start").fact("03 18:00", "", "paused=yes").fact("04 08:00", "", "paused=no")
	s.expect("d", 1, look{at: "04 17:00", stage: sla.InProgress, elapsed: "11h", breach: "04 20:00"},
		look{at: "04 20:00", stage: sla.InProgress, elapsed: "11h", breach: "04 20:00", breached: true})
	expectLines(t, "timers", s.line.Upto(at("05 00:00")), "04 11:30 50% 1", "04 14:15 75% 1", "04 20:00 100%! 1", "04 20:00 breached! 1")
	for when, late := range map[string]bool{"04 20:00": false, "04 20:01": true} {
		stopped := begin(t, simple(by(1, "20:00", ""))).fact("03 14:00", "start").fact(when, "stop")
		if got := stopped.line.Clocks[0].At(at("06 00:00")); got.HasBreached != late {
			t.Errorf("stopped at %s: %+v", when, got)
		}
	}
	// A deadline that lies in a pause is told when the clock goes on.
	s = begin(t, simple(by(1, "20:00", ""))).fact("03 14:00", "start").fact("04 19:00", "", "paused=yes").fact("04 22:00", "", "paused=no")
	expectLines(t, "timers", s.line.Upto(at("05 00:00")), "04 22:00 100%! 1", "04 22:00 breached! 1")
}

// Covers: SLA-018
func TestRetroactiveStartFromAField(t *testing.T) {
	d := simple(sla.Target{Duration: sla.Duration(8 * time.Hour)})
	d.StartFrom = &sla.Origin{Field: "opened_at"}
	opened := "opened_at=2024-06-03T11:00:00Z"
	s := begin(t, d).fact("03 10:00", "", "paused=yes").fact("03 12:00", "", "paused=no").fact("03 15:00", "start", opened)
	s.expect("d", 1, look{at: "03 16:00", stage: sla.InProgress, elapsed: "4h", breach: "04 12:00"}) // 12:00 is when a pause ended that began before
	if c := s.line.Clocks[0]; !c.Start.Equal(at("03 11:00")) || len(c.Pauses) != 1 || !c.Pauses[0].From.Equal(at("03 11:00")) {
		t.Errorf("%+v", c)
	}
	// Nothing between the start and the attachment: a pause that began before the start is there from the start on.
	s = begin(t, d).fact("03 10:00", "", "paused=yes").fact("03 15:00", "start", opened)
	s.expect("d", 1, look{at: "03 16:00", stage: sla.Paused, elapsed: "0s"})
	if c := s.line.Clocks[0]; len(c.Pauses) != 1 || !c.Pauses[0].From.Equal(at("03 11:00")) {
		t.Errorf("%+v", c)
	}
	// What only happened before the start did not happen to the clock; what happened at its instant did.
	d.Pause, d.Resume = sla.Happened("ask"), sla.Happened("tell")
	for when, paused := range map[string]bool{"03 10:59": false, "03 11:00": true, "03 11:01": true} {
		c := begin(t, d).fact(when, "ask").fact("03 12:00", "look").fact("03 15:00", "start", opened).line.Clocks[0]
		if got := c.At(at("03 16:00")).Stage == sla.Paused; got != paused {
			t.Errorf("asked at %s: paused %v; %+v", when, got, c)
		}
	}
	d.Pause, d.Resume = sla.Is("paused", "yes"), sla.Condition{}
	for _, set := range []string{"opened_at=", "other=x", "opened_at=2024-06-03T17:00:00Z"} {
		if c := begin(t, d).fact("03 15:00", "start", set).line.Clocks[0]; !c.Start.Equal(at("03 15:00")) {
			t.Errorf("%s: starts at %v", set, c.Start)
		}
	}
	r := rules(t, d)
	for _, set := range []string{"opened_at=yesterday", "opened_at=1969-12-31T23:59:59Z"} {
		var e *sla.Error
		if _, _, err := r.Advance(r.Begin(sla.Task{Type: "case"}), fact("03 15:00", "start", set)); !errors.As(err, &e) || e.Field != "d.start_from" {
			t.Errorf("%s: %v", set, err)
		}
	}
}

// Covers: SLA-018
func TestResumeHasAConditionOfItsOwn(t *testing.T) {
	d := simple(sla.Target{Duration: sla.Duration(8 * time.Hour)})
	d.Pause, d.Resume = sla.Happened("ask"), sla.Happened("tell")
	s := begin(t, d).fact("03 09:00", "start").fact("03 10:00", "ask").fact("03 11:00", "look").fact("03 12:00", "tell")
	s.expect("d", 1, look{at: "03 11:30", stage: sla.Paused, elapsed: "1h"}, look{at: "03 13:00", stage: sla.InProgress, elapsed: "2h", breach: "04 11:00"})
}

// Covers: S19
func TestClocksPinTheirVersions(t *testing.T) {
	first := simple(sla.Target{Duration: sla.Duration(8 * time.Hour)})
	first.Stop = sla.Is("state", "done")
	first.Start = sla.Is("state", "new")
	second := first
	second.Version, second.From, second.Target = 1, at("03 12:00"), sla.Target{Duration: sla.Duration(4 * time.Hour)}
	hours := sla.ExampleHours("UTC")
	longer := hours
	longer.Week = schedule.Week{time.Monday: {schedule.Hours(8, 20)}}
	sources := []sla.Source{{Name: sla.BusinessHours, Schedule: hours}, {Name: sla.BusinessHours, Version: 1, From: at("03 14:00"), Schedule: longer}}
	calendars, err := sla.Compile(sources)
	if err != nil {
		t.Fatal(err)
	}
	r, err := sla.New(sla.Config{Definitions: []sla.Definition{first, second}, Calendars: calendars})
	if err != nil {
		t.Fatal(err)
	}
	line, _, err := r.AdvanceAll(r.Begin(sla.Task{Type: "case"}), fact("03 10:00", "", "state=new"), fact("03 12:30", "", "state=done"),
		fact("03 13:00", "", "state=new"), fact("03 14:30", "", "state=done"), fact("03 15:00", "", "state=new"))
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []struct {
		version, schedule int
		breach            string
	}{{0, 0, "04 10:00"}, {1, 0, "03 17:00"}, {1, 1, "03 19:00"}} {
		c := line.Clocks[i]
		if c.Version != want.version || c.ScheduleVersion != want.schedule || !c.At(at("03 20:00")).Breach.Equal(at(want.breach)) {
			t.Errorf("clock %d: version %d on %d, breach %v", i+1, c.Version, c.ScheduleVersion, c.At(at("03 20:00")).Breach)
		}
	}
	// A repair leaves them as they are, and shows what a version would have made that is put in force for the past.
	same, diff, err := r.Repair(line)
	if err != nil || !diff.IsZero() || !reflect.DeepEqual(same, line) {
		t.Errorf("repaired without reason: %+v, %v", diff, err)
	}
	second.From = at("03 09:00")
	r, err = sla.New(sla.Config{Definitions: []sla.Definition{first, second}, Calendars: calendars})
	if err != nil {
		t.Fatal(err)
	}
	_, diff, err = r.Repair(line)
	if err != nil || len(diff.Changes) != 1 {
		t.Fatalf("%+v, %v", diff, err)
	}
	want := sla.ClockChange{Definition: "d", Nth: 1, Before: 1, After: 1, Fields: []sla.FieldChange{{Field: "version", After: "1"},
		{Field: "target", Before: "8h", After: "4h"}, {Field: "original_breach", Before: "2024-06-04T10:00:00Z", After: "2024-06-03T14:00:00Z"}}}
	if !reflect.DeepEqual(diff.Changes[0], want) {
		t.Errorf("%+v", diff.Changes[0])
	}
}

// Covers: SLA-024, S19
func TestALateFactIsRefusedOrRepaired(t *testing.T) {
	s := submitted(t, "2").fact("04 12:00", "agent_comment")
	before := s.line
	late := fact("03 16:00", "agent_comment")
	line, events, err := s.rules.Advance(s.line, late)
	var e *sla.LateError
	if !errors.As(err, &e) || e.Last != at("04 12:00") || e.Fact.Kind != "agent_comment" || events != nil || !reflect.DeepEqual(line, before) {
		t.Fatalf("%v, %v", events, err)
	}
	line, diff, err := s.rules.Repair(s.line, late)
	if err != nil {
		t.Fatal(err)
	}
	want := sla.Difference{Facts: 1, Changes: []sla.ClockChange{
		{Definition: "first_response_p2", Nth: 1, Before: 1, After: 1, Fields: []sla.FieldChange{
			{Field: "end", Before: "2024-06-04T12:00:00Z", After: "2024-06-03T16:00:00Z"},
			{Field: "settled", Before: "2024-06-04T12:00:00Z", After: "2024-06-03T16:00:00Z"},
			{Field: "has_breached", Before: "true", After: "false"}}},
		{Definition: "ongoing_response_p2", Nth: 1, Before: 3, After: 3, Fields: []sla.FieldChange{
			{Field: "start", Before: "2024-06-04T12:00:00Z", After: "2024-06-03T16:00:00Z"},
			{Field: "attached", Before: "2024-06-04T12:00:00Z", After: "2024-06-03T16:00:00Z"},
			{Field: "end", After: "2024-06-04T12:00:00Z"}, {Field: "settled", After: "2024-06-04T12:00:00Z"}, {Field: "outcome", After: "completed"},
			{Field: "original_breach", Before: "2024-06-05T12:00:00Z", After: "2024-06-04T16:00:00Z"}}},
		{Definition: "ongoing_response_p2", Nth: 2, After: 4, Fields: []sla.FieldChange{
			{Field: "schedule", After: "business_hours"}, {Field: "target", After: "8h"}, {Field: "start", After: "2024-06-04T12:00:00Z"},
			{Field: "attached", After: "2024-06-04T12:00:00Z"}, {Field: "original_breach", After: "2024-06-05T12:00:00Z"}, {Field: "has_breached", After: "false"}}},
	}}
	if !reflect.DeepEqual(diff, want) {
		t.Errorf("difference:\n%+v\nwant\n%+v", diff, want)
	}
	if !reflect.DeepEqual(s.line, before) || len(line.Clocks) != 4 {
		t.Errorf("the old timeline has changed, or the new one has %d clocks", len(line.Clocks))
	}
	if _, _, err := s.rules.Repair(s.line, sla.Fact{At: at("03 16:00")}); err == nil || !strings.Contains(err.Error(), "late[0]") {
		t.Errorf("an empty fact: %v", err)
	}
	// Of one instant, a late fact comes after those that were there.
	same, _, err := s.rules.Repair(s.line, fact("03 09:00", "assign"), fact("03 09:00", "look"))
	if err != nil || same.Facts[0].Kind != "submit" || same.Facts[1].Kind != "assign" || same.Facts[2].Kind != "look" {
		t.Errorf("%v, %v", same.Facts, err)
	}
	// A fact of the instant of the last one is not late.
	if _, _, err := s.rules.Advance(s.line, fact("04 12:00", "assign")); err != nil {
		t.Error(err)
	}
}
