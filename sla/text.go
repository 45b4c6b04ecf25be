package sla

import (
	"fmt"
	"strings"
	"time"
)

const localForm = "Mon 2006-01-02 15:04:05.999999999 -07:00"

// String returns the explanation as lines of text, with instants in the zone of the schedule.
func (e Explanation) String() string {
	var b strings.Builder
	zone := e.location
	if zone == nil {
		zone = time.UTC // read from JSON
	}
	at := func(t time.Time) string {
		if t.IsZero() {
			return "never, as things stand"
		}
		return t.In(zone).Format(localForm)
	}
	name := e.Definition
	if e.Name != "" {
		name = fmt.Sprintf("%s, %s", e.Definition, e.Name)
	}
	fmt.Fprintf(&b, "clock %d: %s\n", e.Clock, name)
	row := func(label, format string, args ...any) {
		fmt.Fprintf(&b, "  %-16s %s\n", label, fmt.Sprintf(format, args...))
	}
	on := "of every hour of every day"
	if e.Schedule != "" {
		on = "of " + e.Schedule
	}
	row("target", "%s: %s %s", e.Target, e.Allowed, on)
	row("zone", "%s", e.Zone)
	row("start", "%s", at(e.Start))
	if e.Attached.After(e.Start) {
		row("attached", "%s", at(e.Attached))
	}
	row("at", "%s", at(e.At))
	stage := string(e.Stage)
	if e.Provisional {
		stage += ", until further notice"
	}
	row("stage", "%s", stage)
	if !e.Stop.IsZero() {
		row("stop", "%s", at(e.Stop))
	}
	percent := State{Target: time.Duration(e.Allowed), Elapsed: time.Duration(e.Elapsed)}.Percent()
	row("elapsed", "%s (%.2f%%)", e.Elapsed, percent)
	row("left", "%s", e.Left)
	row("original breach", "%s", at(e.OriginalBreach))
	row("breach", "%s", at(e.Breach))
	answer := "no"
	if e.HasBreached {
		answer = "yes"
	}
	row("has breached", "%s: %s", answer, e.Verdict)
	b.WriteString("turns\n")
	for _, t := range e.Turns {
		line := fmt.Sprintf("  %s  %s", at(t.At), t.What)
		if len(t.Facts) > 0 {
			line += " by " + strings.Join(t.Facts, ", ")
		}
		if t.Why != "" {
			line += ": " + t.Why
		}
		b.WriteString(line + "\n")
	}
	b.WriteString("spans\n")
	for _, s := range e.Spans {
		mark, note := " ", ""
		if s.Counted {
			mark = "+"
		}
		if s.Projected {
			note = ", if nothing happens"
		}
		fmt.Fprintf(&b, "  %s %s  to  %s  %-12s used %-12s %s%s\n", mark, at(s.From), at(s.To), Duration(s.To.Sub(s.From)), s.Used, s.Why, note)
	}
	if e.Cut {
		fmt.Fprintf(&b, "  only the first %d spans are told apart\n", MaxSpans)
	}
	return b.String()
}
