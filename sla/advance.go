package sla

import (
	"slices"
	"time"
)

// Advance returns the timeline after one more fact, and what happened since the fact before: first what time brought
// up to this instant and without it, by instant; then what the fact brought, to the clocks that were there and then by
// those that begin, each in the order of the definitions. A fact that is before the
// last one is refused with a *LateError; one that breaks a rule, or that attaches a clock which can never be due, with
// an *Error. Then the timeline is as it was.
func (r *Rules) Advance(t Timeline, f Fact) (Timeline, []Event, error) {
	return r.AdvanceAll(t, f)
}

// AdvanceAll is Advance for several facts in their order: all, or none when one is refused.
func (r *Rules) AdvanceAll(t Timeline, facts ...Fact) (Timeline, []Event, error) {
	next := t.clone()
	var events []Event
	for _, f := range facts {
		more, err := r.advance(&next, f)
		if err != nil {
			return t, nil, err
		}
		events = append(events, more...)
	}
	return next, events, nil
}

// advance takes one fact into a timeline that is the caller's own.
func (r *Rules) advance(t *Timeline, f Fact) ([]Event, error) {
	f = f.normal()
	if err := f.check(); err != nil {
		return nil, err
	}
	if len(t.Facts) >= maxFacts {
		return nil, invalid("fact", "the timeline has %d facts already, which is the most", maxFacts)
	}
	if last := t.Last(); f.At.Before(last) {
		return nil, &LateError{Fact: f, Last: last}
	}
	events := t.passed(t.Last(), f.At, false)
	t.Facts = append(t.Facts, f)
	t.view.take(len(t.Facts)-1, f)
	for _, g := range r.groups {
		if c := t.running(g.id); c != nil {
			events = append(events, c.take(&t.view, f.At)...)
		}
	}
	for _, g := range r.groups {
		if g.task != t.Task.Type || t.running(g.id) != nil {
			continue
		}
		d := g.at(f.At)
		if d == nil || !d.begins(&t.view) {
			continue
		}
		c, err := r.attach(t, d)
		if err != nil {
			return nil, within(d.ID, err)
		}
		t.Clocks = append(t.Clocks, *c)
		events = append(events, c.attachedEvents()...)
	}
	return events, nil
}

// running returns the clock of the definition that is not at its end, nil when there is none.
func (t *Timeline) running(id string) *Clock {
	for i := len(t.Clocks) - 1; i >= 0; i-- {
		if c := &t.Clocks[i]; c.Definition == id {
			if c.Settled.IsZero() {
				return c
			}
			return nil
		}
	}
	return nil
}

// begins reports whether a clock begins at the fact that the view shows.
func (d *Definition) begins(v *view) bool {
	return d.Start.holds(v) && !d.Stop.holds(v) && !d.Cancel.holds(v)
}

// take lets a clock that is not at its end see a fact.
func (c *Clock) take(v *view, at time.Time) []Event {
	d := c.definition
	switch {
	case d.Stop.holds(v):
		return c.end(Completed, at, CompletedEvent)
	case d.Reset.holds(v):
		return c.end(Completed, at, CompletedEvent, ResetEvent)
	case d.Cancel.holds(v):
		return c.end(Cancelled, at, CancelledEvent)
	}
	return c.pause(v, at)
}

// end settles the clock. One that was on hold and is completed ended where the hold began.
func (c *Clock) end(outcome Stage, at time.Time, tell ...EventKind) []Event {
	c.Outcome, c.Settled, c.End = outcome, at, at
	if p := c.lasting(); p != nil && p.Hold && outcome == Completed {
		c.End = p.From
		c.Pauses = c.Pauses[:len(c.Pauses)-1]
	} else if p != nil {
		c.close(at)
	}
	if len(c.Pauses) == 0 {
		c.Pauses = nil
	}
	var events []Event
	for _, kind := range tell {
		events = append(events, c.event(kind, at))
	}
	return events
}

// lasting returns the pause or hold that the clock is in.
func (c *Clock) lasting() *Pause {
	if n := len(c.Pauses); n > 0 && c.Pauses[n-1].To.IsZero() {
		return &c.Pauses[n-1]
	}
	return nil
}

// close ends the pause that the clock is in; one without length is forgotten.
func (c *Clock) close(at time.Time) {
	n := len(c.Pauses) - 1
	c.Pauses[n].To = at
	if !at.After(c.Pauses[n].From) {
		c.Pauses = c.Pauses[:n]
	}
	if len(c.Pauses) == 0 {
		c.Pauses = nil
	}
}

// pause lets the clock stand still or go on.
func (c *Clock) pause(v *view, at time.Time) []Event {
	d, p := c.definition, c.lasting()
	paused, held := p != nil && !p.Hold, p != nil && p.Hold
	hold, pause := d.Hold.holds(v), d.Pause.holds(v)
	if paused && !d.Resume.IsZero() {
		pause = !d.Resume.holds(v)
	}
	var events []Event
	if paused && (hold || !pause) || held && !hold {
		c.close(at)
		if !hold && !pause {
			return append(events, c.event(ResumedEvent, at))
		}
		paused, held = false, false
	}
	if hold && !held || !hold && pause && !paused {
		c.Pauses = append(c.Pauses, Pause{From: at, Hold: hold})
		e := c.event(PausedEvent, at)
		e.Provisional = hold
		events = append(events, e)
	}
	return events
}

func (c *Clock) event(kind EventKind, at time.Time) Event {
	return Event{At: at, Kind: kind, Clock: c.Number, Definition: c.Definition, HasBreached: c.At(at).HasBreached}
}

// attach makes a clock at the last fact, as though it had been there since its start.
func (r *Rules) attach(t *Timeline, d *Definition) (*Clock, *Error) {
	now := t.Last()
	c := &Clock{Number: len(t.Clocks) + 1, Definition: d.ID, Version: d.Version, Kind: d.Kind,
		Start: now, Attached: now, definition: d}
	if err := r.measure(c, t); err != nil {
		return nil, err
	}
	next, err := d.origin(c, t)
	if err != nil {
		return nil, err
	}
	if err := c.allot(); err != nil {
		return nil, err
	}
	last := len(t.Facts) - 1
	if next == last && c.Start.Equal(now) {
		c.pause(&t.view, now)
		return c, nil
	}
	v := newView()
	for i, f := range t.Facts {
		v.take(i, f)
		switch {
		case i == next-1 && c.Start.After(f.At): // the start lies between two facts
			v.kind = ""
			c.pause(&v, c.Start)
		case i >= next:
			c.pause(&v, f.At)
		}
	}
	return c, nil
}

// measure gives the clock its calendar.
func (r *Rules) measure(c *Clock, t *Timeline) *Error {
	d := c.definition
	if d.Schedule == "" {
		return nil
	}
	c.Schedule, c.Zone = d.Schedule, r.zone(d, t.Task, &t.view)
	found, err := r.calendars.Calendar(c.Schedule, c.Zone, c.Attached)
	if err != nil {
		return &Error{Field: "schedule", Rule: d.Schedule + inZone(c.Zone), Err: err}
	}
	if found.Hours == nil {
		return invalid("schedule", "%s has no hours", d.Schedule)
	}
	c.ScheduleVersion, c.calendar, c.hours = found.Version, found.Hours, found.Hours
	return nil
}

// origin sets the clock's start, and returns the first fact that it has to see: that of the start, or the first after
// it.
func (d *Definition) origin(c *Clock, t *Timeline) (int, *Error) {
	last := len(t.Facts) - 1
	o := d.StartFrom
	if o == nil {
		return last, nil
	}
	if o.Field != "" {
		text := t.view.fields[o.Field]
		if text == "" {
			return last, nil
		}
		at, err := time.Parse(time.RFC3339Nano, text)
		if err != nil {
			return 0, invalid("start_from", "field %s is %q, which is no instant", o.Field, text)
		}
		if err := checkInstant("start_from", at); err != nil {
			return 0, err
		}
		if !at.Before(c.Attached) {
			return last, nil
		}
		c.Start = at.UTC()
		next := slices.IndexFunc(t.Facts, func(f Fact) bool { return f.At.After(at) })
		if next > 0 && t.Facts[next-1].At.Equal(at) {
			next-- // the last fact of the instant itself
		}
		return next, nil
	}
	from := -1
	for _, kind := range o.First {
		if i, ok := t.view.first[kind]; ok && (from < 0 || i < from) {
			from = i
		}
	}
	for _, kind := range o.Last {
		if i, ok := t.view.last[kind]; ok && i > from {
			from = i
		}
	}
	if from < 0 {
		return last, nil
	}
	c.Start = t.Facts[from].At
	return from, nil
}

// allot gives the clock its target.
func (c *Clock) allot() *Error {
	target := c.definition.Target
	switch {
	case target.Days > 0:
		c.Target = Duration(time.Duration(target.Days) * day)
	case target.BusinessDays > 0:
		length, err := c.calendar.BusinessDays(target.BusinessDays)
		if err != nil {
			return &Error{Field: "target.business_days", Rule: "the schedule " + c.Schedule + " does not tell how long they are", Err: err}
		}
		c.Target = Duration(length)
	case target.Relative != nil:
		due, ok := target.Relative.deadline(c.calendar, c.Start)
		if !ok {
			return invalid("target.relative", "the schedule %s has no such day", c.Schedule)
		}
		c.Due, c.Target = due, Duration(c.hours.Between(c.Start, due))
	default:
		c.Target = target.Duration
	}
	c.withOriginal()
	if c.original.IsZero() {
		return invalid("target", "%s from %s is never used up on the schedule %s", target, stamp(c.Start), c.Schedule)
	}
	return nil
}
