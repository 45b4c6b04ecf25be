package sla_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/forewarn-go/forewarn/sla"
)

func TestReachIsTheEarliestInstant(t *testing.T) {
	hours := office(t)[0].Hours
	pause := func(from, to string) sla.Pause {
		p := sla.Pause{From: at(from)}
		if to != "" {
			p.To = at(to)
		}
		return p
	}
	for _, c := range []struct {
		name   string
		pauses []sla.Pause
		used   time.Duration
		want   string // "": never
	}{
		{"at the start", nil, 0, "03 10:00"},
		{"in a window", nil, 3 * time.Hour, "03 13:00"},
		{"at a closing", nil, 7 * time.Hour, "03 17:00"},
		{"where a pause begins", []sla.Pause{pause("03 12:00", "03 15:00")}, 2 * time.Hour, "03 12:00"},
		{"just after it", []sla.Pause{pause("03 12:00", "03 15:00")}, 2*time.Hour + 15*time.Second, "03 15:00:15"},
		{"where the last one begins", []sla.Pause{pause("03 12:00", "")}, 2 * time.Hour, "03 12:00"},
		{"never", []sla.Pause{pause("03 12:00", "")}, 2*time.Hour + 1, ""},
		{"paused from the start", []sla.Pause{pause("03 08:00", "03 11:00")}, 0, "03 10:00"},
		{"a pause over a night", []sla.Pause{pause("03 18:00", "04 08:00")}, 8 * time.Hour, "04 10:00"},
		{"pauses before the start", []sla.Pause{pause("03 07:00", "03 08:00"), pause("03 09:00", "03 09:30")}, time.Hour, "03 11:00"},
	} {
		run := sla.Run{Hours: hours, Start: at("03 10:00"), Pauses: c.pauses}
		got, ok := run.Reach(c.used)
		if ok != (c.want != "") || ok && !got.Equal(at(c.want)) {
			t.Errorf("%s: %v, %v; want %s", c.name, got, ok, c.want)
		}
	}
	run := sla.Run{Start: at("03 10:00")}
	if got, ok := run.Reach(time.Hour); !ok || !got.Equal(at("03 11:00")) {
		t.Errorf("without hours: %v, %v", got, ok)
	}
	if _, ok := run.Reach(1 << 62); !ok {
		t.Error("146 years later is within the years that are known")
	}
	if _, ok := (sla.Run{Start: time.Date(2200, 12, 31, 0, 0, 0, 0, time.UTC)}).Reach(48 * time.Hour); ok {
		t.Error("reached after the last year that is known")
	}
}

func TestMerge(t *testing.T) {
	p := func(from, to string) sla.Pause { return sla.Pause{From: at(from), To: at(to)} }
	open := sla.Pause{From: at("03 15:00")}
	given := []sla.Pause{p("03 12:00", "03 13:00"), p("03 10:00", "03 11:00"), p("03 11:00", "03 11:30"), p("03 11:15", "03 11:20"), p("03 14:00", "03 14:00")}
	kept := append([]sla.Pause(nil), given...)
	if got, want := sla.Merge(given), []sla.Pause{p("03 10:00", "03 11:30"), p("03 12:00", "03 13:00")}; !reflect.DeepEqual(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if !reflect.DeepEqual(given, kept) {
		t.Error("what was given has changed")
	}
	if got, want := sla.Merge(append(given, open, p("03 16:00", "03 17:00"))), []sla.Pause{p("03 10:00", "03 11:30"), p("03 12:00", "03 13:00"), open}; !reflect.DeepEqual(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if got := sla.Merge([]sla.Pause{p("03 14:00", "03 16:00"), open}); len(got) != 1 || !got[0].To.IsZero() || !got[0].From.Equal(at("03 14:00")) {
		t.Errorf("one that lasts joins: %v", got)
	}
}

func TestNoClockBeginsWhereOneIsCancelled(t *testing.T) {
	d := simple(sla.Target{Days: 1})
	d.Cancel = sla.Is("state", "gone")
	s := begin(t, d).fact("03 09:00", "start", "state=gone")
	s.count("d", 0)
	s.fact("03 10:00", "", "state=back").count("d", 1)
}

func TestReadingAClockTakesNoMemory(t *testing.T) {
	s := submitted(t, "2").fact("03 10:00", "agent_comment")
	for _, day := range []string{"03", "04", "05"} {
		s.fact(day+" 11:00", "request_info", "state=Awaiting Info").fact(day+" 12:00", "customer_comment", "state=Work in Progress")
	}
	c, now := s.clock("ongoing_response_p2", 1), at("06 12:00")
	if len(c.Pauses) != 3 {
		t.Fatalf("%+v", c)
	}
	if n := testing.AllocsPerRun(100, func() { _ = c.At(now) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestFactsAreNotSharedWithTheCaller(t *testing.T) {
	s := submitted(t, "2")
	given := fact("03 10:00", "assign", "state=Work in Progress")
	line, _, err := s.rules.Advance(s.line, given)
	if err != nil {
		t.Fatal(err)
	}
	given.Set["state"] = "Closed"
	if got := line.Facts[1].Set["state"]; got != "Work in Progress" {
		t.Errorf("the fact that is kept has become %q", got)
	}
}
