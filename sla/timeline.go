package sla

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"time"
)

// Timeline is the facts of one task and the clocks that follow from them. It is a value: functions return another one
// and leave what they were given as it was, so that a timeline may be kept, copied and shared. Do not change what its
// slices hold. Its JSON keeps the versions that clocks have pinned; Rules.Load reads it.
type Timeline struct {
	Task   Task    `json:"task"`
	Facts  []Fact  `json:"facts"`  // by instant; those of one instant in the order in which they came
	Clocks []Clock `json:"clocks"` // by attachment

	view view // the task after the last fact
}

// maxFacts bounds a timeline.
const maxFacts = 100_000

// Begin returns the timeline of a task of which nothing is known yet.
func (r *Rules) Begin(task Task) Timeline { return Timeline{Task: task, view: newView()} }

// Last returns the instant of the last fact, the zero time when there is none.
func (t Timeline) Last() time.Time {
	if len(t.Facts) == 0 {
		return time.Time{}
	}
	return t.Facts[len(t.Facts)-1].At
}

// Clock returns a clock by its number, nil when there is none.
func (t Timeline) Clock(number int) *Clock {
	if number < 1 || number > len(t.Clocks) {
		return nil
	}
	return &t.Clocks[number-1]
}

// clone returns a timeline that shares nothing which Advance changes.
func (t Timeline) clone() Timeline {
	t.Facts = slices.Clone(t.Facts)
	t.Clocks = slices.Clone(t.Clocks)
	if t.view.fields == nil {
		t.view = newView()
		for i, f := range t.Facts {
			t.view.take(i, f)
		}
	} else {
		t.view = t.view.clone()
	}
	for i := range t.Clocks {
		if t.Clocks[i].Settled.IsZero() {
			t.Clocks[i].Pauses = slices.Clone(t.Clocks[i].Pauses)
		}
	}
	return t
}

// MarshalJSON writes empty lists as [].
func (t Timeline) MarshalJSON() ([]byte, error) {
	type plain Timeline
	if t.Facts == nil {
		t.Facts = []Fact{}
	}
	if t.Clocks == nil {
		t.Clocks = []Clock{}
	}
	return json.Marshal(plain(t))
}

// maxJSON bounds what is parsed.
const maxJSON = 16 << 20

// decode reads one JSON value and nothing else; unknown fields are refused.
func decode(data []byte, into any) *Error {
	if len(data) > maxJSON {
		return invalid("", "the JSON has %d bytes, at most %d are allowed", len(data), maxJSON)
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return &Error{Rule: "is no such JSON", Err: err}
	}
	if _, err := d.Token(); err != io.EOF {
		return invalid("", "something follows the JSON value")
	}
	return nil
}

// Load reads a timeline from its JSON, and binds its clocks to the versions that they have pinned. It returns an Error
// when the JSON is no timeline, when facts or pauses are out of order, and when a version is not known any more.
func (r *Rules) Load(data []byte) (Timeline, error) {
	type plain Timeline
	var p plain
	if err := decode(data, &p); err != nil {
		return Timeline{}, within("timeline", err)
	}
	t := Timeline(p)
	if len(t.Facts) > maxFacts {
		return Timeline{}, invalid("facts", "has %d entries, at most %d are allowed", len(t.Facts), maxFacts)
	}
	t.view = newView()
	for i, f := range t.Facts {
		if err := f.check(); err != nil {
			return Timeline{}, within(fmt.Sprintf("facts[%d]", i), err)
		}
		if i > 0 && f.At.Before(t.Facts[i-1].At) {
			return Timeline{}, invalid(fmt.Sprintf("facts[%d].at", i), "is before that of the fact before")
		}
		t.Facts[i] = f.normal()
		t.view.take(i, f)
	}
	for i := range t.Clocks {
		if err := r.bind(&t.Clocks[i], i+1); err != nil {
			return Timeline{}, within(fmt.Sprintf("clocks[%d]", i), err)
		}
	}
	if len(t.Facts) == 0 {
		t.Facts = nil
	}
	if len(t.Clocks) == 0 {
		t.Clocks = nil
	}
	return t, nil
}

// bind verifies a clock that was read, and gives it its definition and calendar.
func (r *Rules) bind(c *Clock, number int) *Error {
	if c.Number != number {
		return invalid("number", "%d: clocks are numbered from 1 in order", c.Number)
	}
	if c.definition = r.pinned(c.Definition, c.Version); c.definition == nil {
		return invalid("definition", "%s version %d is not known", c.Definition, c.Version)
	}
	if err := c.bindCalendar(r.calendars); err != nil {
		return err
	}
	if c.Target < 0 || c.Target > Duration(maxTargetDays*day) {
		return invalid("target", "%s: lies outside of 0 to %d days", c.Target, maxTargetDays)
	}
	for _, f := range []struct {
		name string
		at   *time.Time
		may  bool
	}{{"start", &c.Start, false}, {"attached", &c.Attached, false}, {"due", &c.Due, true}, {"end", &c.End, true}, {"settled", &c.Settled, true}} {
		if f.may && f.at.IsZero() {
			*f.at = time.Time{}
			continue
		}
		if err := checkInstant(f.name, *f.at); err != nil {
			return err
		}
		*f.at = f.at.UTC()
	}
	c.withOriginal()
	return c.checkLoaded()
}

func (c *Clock) bindCalendar(calendars Calendars) *Error {
	if c.Schedule == "" {
		return nil
	}
	if calendars == nil {
		return invalid("schedule", "%s: there are no calendars", c.Schedule)
	}
	found, err := calendars.Version(c.Schedule, c.Zone, c.ScheduleVersion)
	if err != nil {
		return &Error{Field: "schedule", Rule: "is not known any more", Err: err}
	}
	if found.Hours == nil {
		return invalid("schedule", "%s has no hours", c.Schedule)
	}
	c.calendar, c.hours = found.Hours, found.Hours
	return nil
}

func (c *Clock) checkLoaded() *Error {
	ended := c.Outcome == Completed || c.Outcome == Cancelled
	switch {
	case c.Attached.Before(c.Start):
		return invalid("attached", "is before the start")
	case !ended && c.Outcome != "":
		return invalid("outcome", "%q: is neither completed nor cancelled", c.Outcome)
	case ended != !c.End.IsZero() || ended != !c.Settled.IsZero():
		return invalid("outcome", "goes with end and settled: all three or none are needed")
	case ended && (c.End.Before(c.Start) || c.Settled.Before(c.End) || c.Settled.Before(c.Attached)):
		return invalid("end", "start, end and settled are out of order")
	}
	from := c.Start
	for i := range c.Pauses {
		p, at := &c.Pauses[i], fmt.Sprintf("pauses[%d]", i)
		if err := checkInstant(at+".from", p.From); err != nil {
			return err
		}
		last := p.To.IsZero()
		switch {
		case p.From.Before(from):
			return invalid(at, "begins before the one before it is over, or before the start")
		case last && (i < len(c.Pauses)-1 || ended):
			return invalid(at, "has no end, and something follows")
		case !last && !p.From.Before(p.To):
			return invalid(at, "is empty")
		case ended && p.To.After(c.End):
			return invalid(at, "ends after the clock")
		}
		p.From = p.From.UTC()
		if !last {
			if err := checkInstant(at+".to", p.To); err != nil {
				return err
			}
			p.To = p.To.UTC()
		}
		from = p.To
	}
	if len(c.Pauses) == 0 {
		c.Pauses = nil
	}
	return nil
}
