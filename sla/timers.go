package sla

import (
	"cmp"
	"slices"
	"time"
)

// Upto returns what time brings by itself from the last fact up to the instant, itself included, as things stand:
// milestones and breaches, by instant. It returns nothing for an instant before the last fact.
func (t Timeline) Upto(now time.Time) []Event {
	if len(t.Facts) == 0 {
		return nil
	}
	return t.passed(t.Last(), now.UTC().Round(0), true)
}

// Next returns the first event that time brings by itself after the instant, as things stand; false when there is
// none. It is what a host waits for: the event's instant is when to call Upto.
func (t Timeline) Next(after time.Time) (Event, bool) {
	var best Event
	found := false
	for i := range t.Clocks {
		for _, e := range t.Clocks[i].moments() {
			if e.At.After(after) && (!found || e.At.Before(best.At)) {
				best, found = e, true
			}
		}
	}
	return best, found
}

// passed returns the events of time in [from, to), or in [from, to].
func (t Timeline) passed(from, to time.Time, inclusive bool) []Event {
	var events []Event
	for i := range t.Clocks {
		if t.Clocks[i].Settled.IsZero() {
			for _, e := range t.Clocks[i].moments() {
				if !e.At.Before(from) && (e.At.Before(to) || inclusive && e.At.Equal(to)) {
					events = append(events, e)
				}
			}
		}
	}
	slices.SortStableFunc(events, func(a, b Event) int { return a.At.Compare(b.At) })
	return events
}

// moments returns the milestones and the breach of the clock that come by themselves, from its attachment on and
// before its end: each at the first instant at which so much is used and the clock goes on.
func (c *Clock) moments() []Event {
	if !c.Settled.IsZero() {
		return nil
	}
	var events []Event
	for _, m := range c.reached() {
		if !m.At.Before(c.Attached) {
			events = append(events, m)
		}
	}
	return events
}

// reached returns the milestones in the order of their time, with the breach after those of its instant.
func (c *Clock) reached() []Event {
	run := Run{c.hours, c.Start, c.Pauses}
	var events []Event
	due := c.due(run)
	for _, m := range c.definition.milestones() {
		used, ok := m.used(time.Duration(c.Target))
		if !ok {
			continue
		}
		at := due
		if used != time.Duration(c.Target) {
			_, _, at = run.reach(used)
		}
		if at.IsZero() {
			continue
		}
		events = append(events, Event{At: at, Kind: MilestoneHit, Clock: c.Number, Definition: c.Definition, Milestone: m.String(),
			HasBreached: !due.IsZero() && !at.Before(due)})
	}
	slices.SortStableFunc(events, func(a, b Event) int { return a.At.Compare(b.At) })
	if !due.IsZero() {
		breach := Event{At: due, Kind: BreachedEvent, Clock: c.Number, Definition: c.Definition, HasBreached: true}
		i, _ := slices.BinarySearchFunc(events, due, func(e Event, at time.Time) int {
			return cmp.Or(e.At.Compare(at), -1)
		})
		events = slices.Insert(events, i, breach)
	}
	return events
}

// due returns the first instant at which the target is used up and the clock goes on; zero when there is none.
func (c *Clock) due(run Run) time.Time {
	_, _, at := run.reach(time.Duration(c.Target))
	if at.IsZero() || !at.Before(c.Due) {
		return at
	}
	for _, p := range c.Pauses { // the instant of a relative target may lie in a pause
		if !p.From.After(c.Due) && (p.To.IsZero() || p.To.After(c.Due)) {
			return p.To
		}
	}
	return c.Due
}

// attachedEvents tells of a clock that was just attached: that it is paused, and what lay behind it by then. Of one
// that had breached before, only the breach is told.
func (c *Clock) attachedEvents() []Event {
	now := c.At(c.Attached)
	events := []Event{c.event(Attached, c.Attached)}
	if p := c.lasting(); p != nil {
		e := c.event(PausedEvent, c.Attached)
		e.Provisional = p.Hold
		events = append(events, e)
	}
	for _, e := range c.reached() {
		if e.At.Before(c.Attached) && (!now.HasBreached || e.Kind == BreachedEvent) {
			e.At = c.Attached
			events = append(events, e)
		}
	}
	return events
}
