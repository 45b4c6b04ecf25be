package benchmarks_test

import (
	"testing"
	"time"

	"github.com/forewarn-go/forewarn/sla"
)

// pausedThrice is a clock of eight business hours that was paused three times on different days.
func pausedThrice(b *testing.B) (sla.Clock, time.Time) {
	b.Helper()
	calendars, err := sla.Compile([]sla.Source{{Name: sla.BusinessHours, Schedule: sla.ExampleHours("America/New_York")}})
	if err != nil {
		b.Fatal(err)
	}
	rules, err := sla.New(sla.Config{Definitions: sla.TechnologySupport(), Calendars: calendars})
	if err != nil {
		b.Fatal(err)
	}
	start := time.Date(2024, 6, 3, 14, 0, 0, 0, time.UTC)
	facts := []sla.Fact{
		{At: start, Kind: "submit", Set: map[string]string{"state": "New", "priority": "3"}},
		{At: start.Add(time.Hour), Kind: "agent_comment"},
	}
	for day := range 3 {
		at := start.AddDate(0, 0, day).Add(2 * time.Hour)
		facts = append(facts, sla.Fact{At: at, Kind: "request_info", Set: map[string]string{"state": "Awaiting Info"}},
			sla.Fact{At: at.Add(90 * time.Minute), Kind: "customer_comment", Set: map[string]string{"state": "Work in Progress"}})
	}
	line, _, err := rules.AdvanceAll(rules.Begin(sla.Task{Type: "case"}), facts...)
	if err != nil {
		b.Fatal(err)
	}
	for _, c := range line.Clocks {
		if c.Kind == sla.OngoingResponse && len(c.Pauses) == 3 {
			return c, line.Last()
		}
	}
	b.Fatalf("there is no clock with three pauses: %+v", line.Clocks)
	return sla.Clock{}, time.Time{}
}

// BenchmarkSLAClockState reads a clock with three pauses: stage, elapsed, left, projected and original breach, and
// whether it has breached.
func BenchmarkSLAClockState(b *testing.B) {
	clock, last := pausedThrice(b)
	b.Run("hot", func(b *testing.B) {
		b.ReportAllocs()
		now := last.Add(time.Hour)
		for b.Loop() {
			if clock.At(now).Stage != sla.InProgress {
				b.Fatal("it does not run")
			}
		}
	})
	b.Run("at many instants", func(b *testing.B) {
		b.ReportAllocs()
		i := 0
		for b.Loop() {
			if clock.At(last.Add(time.Duration(i&4095)*7*time.Minute)).Stage != sla.InProgress {
				b.Fatal("it does not run")
			}
			i++
		}
	})
}
