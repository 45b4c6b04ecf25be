package sla

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Difference is what a repair changed, clock by clock.
type Difference struct {
	Facts   int           `json:"facts"` // how many were late
	Changes []ClockChange `json:"changes"`
}

// ClockChange is a clock that came, went, or is another one now. Clocks are matched by their definition and their order
// among those of it.
type ClockChange struct {
	Definition string        `json:"definition"`
	Nth        int           `json:"nth"`              // of the clocks of its definition, from 1
	Before     int           `json:"before,omitempty"` // its number; 0: it was not there
	After      int           `json:"after,omitempty"`  // its number now; 0: it is not there any more
	Fields     []FieldChange `json:"fields"`
}

// FieldChange is a field of a clock that has another value, as text; "" is none.
type FieldChange struct {
	Field  string `json:"field"`
	Before string `json:"before"`
	After  string `json:"after"`
}

// IsZero reports whether nothing is different.
func (d Difference) IsZero() bool { return d.Facts == 0 && len(d.Changes) == 0 }

// Repair derives the timeline anew from its facts and from those that come late, which take their place by their
// instant, after those of the same instant. It returns the new timeline and what is different; without late facts it
// shows what another version of a definition or calendar, or other rules, would have made of the same facts.
//
// Which version a clock follows is asked of the instant of its attachment, as ever: so a repair leaves the pinned
// versions as they are, unless a version was put in force for a time that is past.
//
// Events are not repeated: what was told before may have been told in error, and the difference says where. It returns
// an *Error as Advance does; then nothing has changed.
func (r *Rules) Repair(t Timeline, late ...Fact) (Timeline, Difference, error) {
	facts := slices.Clone(t.Facts)
	for i, f := range late {
		f = f.normal()
		if err := f.check(); err != nil {
			return t, Difference{}, within(fmt.Sprintf("late[%d]", i), err)
		}
		at, _ := slices.BinarySearchFunc(facts, f.At, func(other Fact, at time.Time) int {
			if other.At.After(at) {
				return 1
			}
			return -1
		})
		facts = slices.Insert(facts, at, f)
	}
	next, _, err := r.AdvanceAll(r.Begin(t.Task), facts...)
	if err != nil {
		return t, Difference{}, err
	}
	return next, differ(t, next, len(late)), nil
}

func differ(before, after Timeline, late int) Difference {
	d := Difference{Facts: late, Changes: []ClockChange{}}
	was, is := byDefinition(before.Clocks), byDefinition(after.Clocks)
	var order []string // as they are now, then those that are gone
	for _, clocks := range [][]Clock{after.Clocks, before.Clocks} {
		for _, c := range clocks {
			if !slices.Contains(order, c.Definition) {
				order = append(order, c.Definition)
			}
		}
	}
	for _, id := range order {
		for n := range max(len(was[id]), len(is[id])) {
			change := ClockChange{Definition: id, Nth: n + 1}
			var old, now *Clock
			if n < len(was[id]) {
				old = was[id][n]
				change.Before = old.Number
			}
			if n < len(is[id]) {
				now = is[id][n]
				change.After = now.Number
			}
			change.Fields = fields(old, now)
			if len(change.Fields) > 0 {
				d.Changes = append(d.Changes, change)
			}
		}
	}
	return d
}

func byDefinition(clocks []Clock) map[string][]*Clock {
	by := map[string][]*Clock{}
	for i := range clocks {
		by[clocks[i].Definition] = append(by[clocks[i].Definition], &clocks[i])
	}
	return by
}

// fields returns where two clocks differ; nil stands for a clock without any value.
func fields(old, now *Clock) []FieldChange {
	changes := []FieldChange{}
	was, is := values(old), values(now)
	for i := range was {
		if was[i].text != is[i].text {
			changes = append(changes, FieldChange{was[i].name, was[i].text, is[i].text})
		}
	}
	return changes
}

type fieldValue struct{ name, text string }

// values returns the fields of a clock that a difference tells of, as text; those of no clock are "".
func values(c *Clock) []fieldValue {
	names := []string{"version", "schedule", "schedule_version", "zone", "target", "due", "start", "attached", "pauses", "end",
		"settled", "outcome", "original_breach", "has_breached"}
	texts := make([]string, len(names))
	if c != nil {
		s := c.At(c.latest())
		texts = []string{number(c.Version), c.Schedule, number(c.ScheduleVersion), c.Zone, c.Target.String(), orNone(c.Due),
			stamp(c.Start), stamp(c.Attached), pauseText(c.Pauses), orNone(c.End), orNone(c.Settled), string(c.Outcome),
			orNone(s.OriginalBreach), strconv.FormatBool(s.HasBreached)}
	}
	all := make([]fieldValue, len(names))
	for i := range names {
		all[i] = fieldValue{names[i], texts[i]}
	}
	return all
}

func number(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func orNone(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return stamp(t)
}

func pauseText(pauses []Pause) string {
	texts := make([]string, len(pauses))
	for i, p := range pauses {
		texts[i] = stamp(p.From) + "/" + orNone(p.To)
		if p.Hold {
			texts[i] = "hold " + texts[i]
		}
	}
	return strings.Join(texts, ", ")
}

// latest returns the last instant of which the clock itself knows.
func (c *Clock) latest() time.Time {
	at := c.Attached
	if n := len(c.Pauses); n > 0 {
		for _, t := range []time.Time{c.Pauses[n-1].From, c.Pauses[n-1].To} {
			if t.After(at) {
				at = t
			}
		}
	}
	if c.Settled.After(at) {
		at = c.Settled
	}
	return at
}
