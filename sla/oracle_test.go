package sla_test

import (
	"reflect"
	"slices"
	"testing"
	"time"
	_ "time/tzdata"

	"pgregory.net/rapid"

	"github.com/forewarn-go/forewarn/sla"
	"github.com/forewarn-go/forewarn/sla/schedule"
)

// zones are drawn from, with instants about their changes of the clocks.
var zones = []struct{ name, about string }{
	{"UTC", "2024-06-03"}, {"America/New_York", "2024-03-08"}, {"America/New_York", "2024-11-01"}, {"Europe/Berlin", "2024-10-25"},
	{"Australia/Lord_Howe", "2024-04-05"}, {"Asia/Kolkata", "2024-01-24"}, {"Pacific/Chatham", "2024-09-27"}, {"Africa/Casablanca", "2024-03-08"},
	{"America/Havana", "2024-03-08"},
}

// drawHours draws a schedule of windows in whole quarters of an hour: several a day, overnight, holidays, or a union
// or an intersection of two.
func drawHours(t *rapid.T, label string, depth int) (schedule.Schedule, time.Time) {
	zone := rapid.SampledFrom(zones).Draw(t, label+" zone")
	about, _ := time.Parse(time.DateOnly, zone.about)
	s := schedule.Schedule{Zone: zone.name, Week: schedule.Week{}}
	for day := range 7 {
		for range rapid.IntRange(0, 2).Draw(t, label+" windows") {
			from := schedule.Clock(rapid.IntRange(0, 95).Draw(t, label+" from") * 900)
			to := schedule.Clock(rapid.IntRange(0, 96).Draw(t, label+" to") * 900)
			s.Week[time.Weekday(day)] = append(s.Week[time.Weekday(day)], schedule.Window{Start: from, End: to})
		}
	}
	if rapid.Bool().Draw(t, label+" holiday") {
		s.Holidays = []schedule.Holiday{{On: schedule.On{Dates: []schedule.Date{schedule.DateOf(about.AddDate(0, 0, 2))}}}}
	}
	if depth > 0 {
		other, _ := drawHours(t, label+"+", depth-1)
		switch rapid.IntRange(0, 3).Draw(t, label+" with another") {
		case 1:
			s.Union = []schedule.Schedule{other}
		case 2:
			s.Intersect = []schedule.Schedule{other}
		}
	}
	return s, about
}

// walk counts minutes: what a clock has used at each, the slow and plain way.
type walk struct {
	used   time.Duration
	breach time.Time // when the target was used up
}

func walked(open func(time.Time) bool, start, now time.Time, target time.Duration, pauses []sla.Pause) walk {
	w := walk{}
	paused := func(t time.Time) bool {
		return slices.ContainsFunc(pauses, func(p sla.Pause) bool { return !t.Before(p.From) && (p.To.IsZero() || t.Before(p.To)) })
	}
	if target == 0 {
		w.breach = start
	}
	for t := start; t.Before(now); t = t.Add(time.Minute) {
		if open(t) && !paused(t) {
			w.used += time.Minute
		}
		if w.used == target && w.breach.IsZero() {
			w.breach = t.Add(time.Minute)
		}
	}
	return w
}

// Covers: SLA-020, SLA-021, S16, S17, S18
func TestClocksAgreeWithAWalkFromMinuteToMinute(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		hours, about := drawHours(t, "hours", 1)
		calendar, err := schedule.Compile(hours)
		if err != nil {
			t.Fatal(err)
		}
		minutes := func(label string, most int) time.Duration {
			return time.Duration(rapid.IntRange(0, most).Draw(t, label)) * time.Minute
		}
		start := about.Add(minutes("start", 3000))
		target := minutes("target", 2000) + time.Minute
		r, err := sla.New(sla.Config{Definitions: []sla.Definition{{ID: "d", Kind: "k", Task: "case", Schedule: "hours",
			Target: sla.Target{Duration: sla.Duration(target)}, Start: sla.Ever("start"), Pause: sla.Is("paused", "yes"), Stop: sla.Happened("stop")}},
			Calendars: sla.Fixed{{Name: "hours", Hours: calendar}}})
		if err != nil {
			t.Fatal(err)
		}
		facts := []sla.Fact{{At: start, Kind: "start"}}
		if rapid.Bool().Draw(t, "paused at once") {
			facts[0].Set = map[string]string{"paused": "yes"}
		}
		at, paused := start, facts[0].Set != nil
		for range rapid.IntRange(0, 8).Draw(t, "turns") {
			at = at.Add(minutes("then", 900))
			paused = !paused
			facts = append(facts, sla.Fact{At: at, Set: map[string]string{"paused": map[bool]string{true: "yes", false: "no"}[paused]}})
		}
		if rapid.Bool().Draw(t, "stops") {
			facts = append(facts, sla.Fact{At: at.Add(minutes("stop", 900)), Kind: "stop"})
		}
		line, _, err := r.AdvanceAll(r.Begin(sla.Task{Type: "case"}), facts...)
		if err != nil {
			t.Skip("it never opens") // a drawn schedule may
		}
		c := &line.Clocks[0]
		// The pauses, by the facts alone.
		var pauses []sla.Pause
		for i, f := range facts {
			yes := f.Set["paused"] == "yes" || i > 0 && f.Set == nil && len(pauses) > 0 && pauses[len(pauses)-1].To.IsZero()
			if open := len(pauses) > 0 && pauses[len(pauses)-1].To.IsZero(); open && (!yes || f.Kind == "stop") {
				pauses[len(pauses)-1].To = f.At
			} else if !open && yes && f.Kind != "stop" {
				pauses = append(pauses, sla.Pause{From: f.At})
			}
		}
		for range 3 {
			now := start.Add(minutes("now", 6000))
			until := now
			stopped := !c.Settled.IsZero() && !now.Before(c.Settled)
			if stopped {
				until = c.Settled
			}
			w := walked(calendar.IsOpen, start, until, target, pauses)
			got := c.At(now)
			if got.Elapsed != w.used || got.Left != target-w.used {
				t.Fatalf("at %v: used %v, left %v; walked %v of %v", now, got.Elapsed, got.Left, w.used, target)
			}
			if !w.breach.IsZero() && !got.Breach.Equal(w.breach) {
				t.Fatalf("at %v: breach %v, walked %v", now, got.Breach, w.breach)
			}
			if w.breach.IsZero() && !got.Breach.IsZero() && !got.Breach.After(until) {
				t.Fatalf("at %v: breach %v, and %v of %v are used", now, got.Breach, w.used, target)
			}
			want := !w.breach.IsZero()
			if stopped {
				want = w.used > target
			} else if got.Stage == sla.Paused {
				from := c.PausesAt(now)
				want = want && w.breach.Before(from[len(from)-1].From)
			}
			if got.HasBreached != want {
				t.Fatalf("at %v, %s: breached %v, want %v; %+v", now, got.Stage, got.HasBreached, want, got)
			}
		}
	})
}

// Covers: SLA-020
func TestTheTimeToTheBreachIsTheTarget(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		hours, about := drawHours(t, "hours", 1)
		calendar, err := schedule.Compile(hours)
		if err != nil {
			t.Fatal(err)
		}
		start := about.Add(time.Duration(rapid.Int64Range(0, int64(100*time.Hour)).Draw(t, "start")))
		used := time.Duration(rapid.Int64Range(1, int64(200*time.Hour)).Draw(t, "used"))
		var drawn []sla.Pause
		for range rapid.IntRange(0, 4).Draw(t, "pauses") {
			from := about.Add(time.Duration(rapid.Int64Range(0, int64(300*time.Hour)).Draw(t, "from")))
			drawn = append(drawn, sla.Pause{From: from, To: from.Add(time.Duration(rapid.Int64Range(0, int64(50*time.Hour)).Draw(t, "long")))})
		}
		run := sla.Run{Hours: calendar, Start: start, Pauses: sla.Merge(drawn)}
		at, ok := run.Reach(used)
		if !ok {
			t.Skip("it never opens")
		}
		if got := run.Elapsed(at); got != used {
			t.Fatalf("%v is reached at %v, when %v is used", used, at, got)
		}
		if got := run.Elapsed(at.Add(-1)); got >= used {
			t.Fatalf("%v is used up one nanosecond before %v already", used, at)
		}
		if !reflect.DeepEqual(sla.Merge(run.Pauses), run.Pauses) {
			t.Fatalf("merged twice: %v", run.Pauses)
		}
	})
}
