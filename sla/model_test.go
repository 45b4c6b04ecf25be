package sla_test

import (
	"encoding/json"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/forewarn-go/forewarn/sla"
)

// drawFacts draws what may happen to a case: states and priorities at will, in more orders than a case has.
func drawFacts(t *rapid.T, most int) []sla.Fact {
	now := at("03 08:00")
	facts := []sla.Fact{{At: now, Kind: "submit", Set: map[string]string{"state": "New", "priority": "2"}}}
	for range rapid.IntRange(0, most).Draw(t, "facts") {
		now = now.Add(time.Duration(rapid.IntRange(0, 40).Draw(t, "quarters")) * 15 * time.Minute)
		f := sla.Fact{At: now, Kind: rapid.SampledFrom([]string{"agent_comment", "agent_mail", "customer_comment", "reject", "assign", ""}).Draw(t, "kind")}
		f.Set = map[string]string{}
		if f.Kind == "" || rapid.Bool().Draw(t, "moves") {
			f.Set["state"] = rapid.SampledFrom([]string{"New", "Work in Progress", "Awaiting Info", "Solution Proposed", "Solution Proposed",
				"Work in Progress", "Closed", "Cancelled"}).Draw(t, "state")
		}
		if rapid.IntRange(0, 5).Draw(t, "priority changes") == 0 {
			f.Set["priority"] = rapid.SampledFrom([]string{"1", "2", "3", "4"}).Draw(t, "priority")
		}
		facts = append(facts, f)
	}
	return facts
}

// Covers: SLA-024, SLA-026
func TestEqualFactsGiveEqualTimelines(t *testing.T) {
	r := rules(t, sla.TechnologySupport()...)
	rapid.Check(t, func(t *rapid.T) {
		facts := drawFacts(t, 25)
		begun := r.Begin(sla.Task{Type: "case", ID: "CS1"})
		whole, events, err := r.AdvanceAll(begun, facts...)
		if err != nil {
			t.Fatal(err)
		}
		// In pieces, from a value that others branched off.
		line, told := begun, []sla.Event(nil)
		for rest := facts; len(rest) > 0; {
			n := rapid.IntRange(1, len(rest)).Draw(t, "piece")
			if _, _, err := r.Advance(line, sla.Fact{At: rest[0].At, Kind: "agent_comment"}); err != nil {
				t.Fatal(err)
			}
			before, _ := json.Marshal(line)
			next, more, err := r.AdvanceAll(line, rest[:n]...)
			if err != nil {
				t.Fatal(err)
			}
			if after, _ := json.Marshal(line); string(after) != string(before) {
				t.Fatalf("the timeline that was given has changed:\n%s\n%s", before, after)
			}
			// What is kept as JSON goes on as well.
			if rapid.Bool().Draw(t, "kept") {
				b, err := json.Marshal(next)
				if err != nil {
					t.Fatal(err)
				}
				loaded, err := r.Load(b)
				if err != nil {
					t.Fatalf("%v: %s", err, b)
				}
				if !reflect.DeepEqual(loaded, next) {
					t.Fatalf("loaded:\n%+v\nwas\n%+v", loaded, next)
				}
				next = loaded
			}
			line, told, rest = next, append(told, more...), rest[n:]
		}
		if !reflect.DeepEqual(line, whole) || !reflect.DeepEqual(told, events) {
			t.Fatalf("in pieces:\n%+v\n%v\nat once:\n%+v\n%v", line, told, whole, events)
		}
		// Out of order, each fact by a repair.
		order := rapid.Permutation(facts).Draw(t, "order")
		repaired := begun
		for _, f := range distinct(order) { // those of one instant have no order but that in which they come
			if repaired, _, err = r.Repair(repaired, f); err != nil {
				t.Fatal(err)
			}
		}
		again, _, err := r.AdvanceAll(begun, sorted(distinct(facts))...)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(repaired, again) {
			t.Fatalf("repaired:\n%+v\nin order:\n%+v", repaired, again)
		}
		invariants(t, whole)
	})
}

// distinct returns the facts of which no other has the instant.
func distinct(facts []sla.Fact) []sla.Fact {
	return slices.DeleteFunc(slices.Clone(facts), func(f sla.Fact) bool {
		n := 0
		for _, other := range facts {
			if other.At.Equal(f.At) {
				n++
			}
		}
		return n > 1
	})
}

func sorted(facts []sla.Fact) []sla.Fact {
	slices.SortStableFunc(facts, func(a, b sla.Fact) int { return a.At.Compare(b.At) })
	return facts
}

// invariants hold for every timeline.
func invariants(t *rapid.T, line sla.Timeline) {
	running := map[string]bool{}
	for i := range line.Clocks {
		c := &line.Clocks[i]
		if c.Number != i+1 || c.Attached.Before(c.Start) {
			t.Fatalf("clock %d: %+v", i, c)
		}
		if i > 0 && c.Attached.Before(line.Clocks[i-1].Attached) {
			t.Fatalf("clock %d was attached before the one before it", i)
		}
		if c.Settled.IsZero() {
			if running[c.Definition] {
				t.Fatalf("two clocks of %s run", c.Definition)
			}
			running[c.Definition] = true
		}
		breached, elapsed := false, time.Duration(0)
		for now := c.Attached; now.Before(line.Last().Add(48 * time.Hour)); now = now.Add(37 * time.Minute) {
			s := c.At(now)
			if s.Elapsed < elapsed {
				t.Fatalf("clock %d runs back at %v: %v, was %v", i, now, s.Elapsed, elapsed)
			}
			// What has breached stays breached; only who stops it before any more time of the calendar passes is in time.
			if breached && !s.HasBreached && !(!s.Stop.IsZero() && s.Elapsed == s.Target) {
				t.Fatalf("clock %d has not breached any more at %v: %+v", i, now, s)
			}
			breached, elapsed = s.HasBreached, s.Elapsed
			if s.Stage == sla.InProgress && s.HasBreached != !now.Before(s.Breach) {
				t.Fatalf("clock %d at %v: %+v", i, now, s)
			}
		}
		spansOf(t, line, c.Number, line.Last().Add(30*time.Hour))
	}
}

// spansOf checks that an explanation has no gap and adds up to what the clock shows.
func spansOf(t *rapid.T, line sla.Timeline, number int, now time.Time) {
	e, err := line.Explain(number, now)
	if err != nil {
		t.Fatal(err)
	}
	at, used := e.Start, time.Duration(0)
	for _, s := range e.Spans {
		if !s.From.Equal(at) || !s.To.After(s.From) {
			t.Fatalf("a gap at %v: %+v", at, s)
		}
		at = s.To
		if s.Counted && !s.Projected {
			used += s.To.Sub(s.From)
		}
		if s.Projected && time.Duration(s.Used) > time.Duration(e.Allowed) {
			t.Fatalf("projected past the target: %+v", s)
		}
	}
	if used != time.Duration(e.Elapsed) {
		t.Fatalf("the spans of clock %d add up to %v, it shows %v:\n%s", number, used, time.Duration(e.Elapsed), e)
	}
}

// Covers: SLA-024, S6
func TestTimersAndReadersSeeTheSameBreach(t *testing.T) {
	r := rules(t, sla.TechnologySupport()...)
	rapid.Check(t, func(t *rapid.T) {
		line, events, err := r.AdvanceAll(r.Begin(sla.Task{Type: "case"}), drawFacts(t, 15)...)
		if err != nil {
			t.Fatal(err)
		}
		end := line.Last().Add(60 * 24 * time.Hour)
		events = append(events, line.Upto(end)...)
		for i, e := range events {
			c := line.Clock(e.Clock)
			if i > 0 && e.At.Before(events[i-1].At) {
				t.Fatalf("event %d comes before the one before it: %v", i, events)
			}
			if e.Kind == sla.BreachedEvent {
				if at := c.At(e.At); !at.HasBreached && at.Stop.IsZero() || at.Breach.After(e.At) {
					t.Fatalf("told that %d breached at %v: %+v", e.Clock, e.At, at)
				}
				if before := c.At(e.At.Add(-1)); before.HasBreached {
					t.Fatalf("told late that %d breached at %v", e.Clock, e.At)
				}
			}
		}
		// Who waits for the next one each time is told the same.
		var waited []sla.Event
		for now := line.Last().Add(-1); ; {
			next, ok := line.Next(now)
			if !ok || next.At.After(end) {
				break
			}
			for _, e := range line.Upto(next.At) {
				if e.At.After(now) {
					waited = append(waited, e)
				}
			}
			now = next.At
		}
		if upto := line.Upto(end); !slices.Equal(waited, upto) {
			t.Fatalf("waited for %v, told at once %v", waited, upto)
		}
	})
}
