package sla

import (
	"fmt"
	"slices"
	"time"

	"github.com/forewarn-go/forewarn/sla/schedule"
)

// Explanation says how a clock comes to what it shows at an instant. Its JSON is stable: fields are added, none is
// renamed. Its String is for people.
type Explanation struct {
	Task       Task      `json:"task"`
	Clock      int       `json:"clock"`
	Definition string    `json:"definition"`
	Version    int       `json:"version,omitempty"`
	Name       string    `json:"name,omitempty"`
	Target     string    `json:"target"` // in words
	Allowed    Duration  `json:"allowed"`
	Schedule   string    `json:"schedule,omitempty"` // "": every instant counts
	Zone       string    `json:"zone"`               // in which the text is written
	Start      time.Time `json:"start"`
	Attached   time.Time `json:"attached"`

	At             time.Time `json:"at"`
	Stage          Stage     `json:"stage"`
	Provisional    bool      `json:"provisional,omitempty"`
	Stop           time.Time `json:"stop,omitzero"`
	Elapsed        Duration  `json:"elapsed"`
	Left           Duration  `json:"left"`
	OriginalBreach time.Time `json:"original_breach,omitzero"`
	Breach         time.Time `json:"breach,omitzero"`
	HasBreached    bool      `json:"has_breached"`
	Verdict        string    `json:"verdict"` // why it has breached or not, in words

	Turns []Turn `json:"turns"`         // what facts and time did, by instant
	Spans []Span `json:"spans"`         // what counted and what did not: from the start on, without a gap
	Cut   bool   `json:"cut,omitempty"` // there are more spans than MaxSpans; the last one stands for the rest

	location *time.Location
}

// MaxSpans is how many spans an explanation has at most.
const MaxSpans = 2000

// Turn is a moment at which the clock turned.
type Turn struct {
	At    time.Time `json:"at"`
	What  string    `json:"what"`            // as attached, paused or 75%
	Why   string    `json:"why,omitempty"`   // the condition that held, in words
	Facts []string  `json:"facts,omitempty"` // the kinds of the facts of the instant
}

// Span is [From, To), all of which counts or does not.
type Span struct {
	From      time.Time `json:"from"`
	To        time.Time `json:"to"`
	Counted   bool      `json:"counted"`
	Why       string    `json:"why"`
	Used      Duration  `json:"used"`                // of the target, at its end
	Projected bool      `json:"projected,omitempty"` // not yet passed: up to the breach, if nothing happens
}

// Explain returns how the clock of that number comes to what it shows at the instant. It returns an *Error when there
// is no such clock, or when it was not attached yet.
func (t Timeline) Explain(number int, now time.Time) (Explanation, error) {
	c := t.Clock(number)
	if c == nil {
		return Explanation{}, invalid("clock", "%d: the timeline has %d clocks", number, len(t.Clocks))
	}
	now = now.UTC().Round(0)
	s := c.At(now)
	if s.Stage == "" {
		return Explanation{}, invalid("at", "%s: clock %d is attached at %s", stamp(now), number, stamp(c.Attached))
	}
	e := Explanation{Task: t.Task, Clock: number, Definition: c.Definition, Version: c.Version, Name: c.definition.Name,
		Target: c.definition.Target.String(), Allowed: c.Target, Schedule: c.Schedule, Start: c.Start, Attached: c.Attached,
		At: now, Stage: s.Stage, Provisional: s.Provisional, Stop: s.Stop, Elapsed: Duration(s.Elapsed), Left: Duration(s.Left),
		OriginalBreach: s.OriginalBreach, Breach: s.Breach, HasBreached: s.HasBreached, Verdict: verdict(c, s), location: time.UTC}
	if c.calendar != nil {
		e.location = c.calendar.Location()
	}
	e.Zone = e.location.String()
	e.Turns = t.turns(c, now)
	e.Spans, e.Cut = c.spans(s)
	return e, nil
}

func verdict(c *Clock, s State) string {
	stopped := !s.Stop.IsZero()
	switch {
	case s.HasBreached && stopped && c.Due.IsZero():
		return fmt.Sprintf("it stopped when %s more than the target was used", Duration(-s.Left))
	case s.HasBreached && stopped:
		return "it stopped after its deadline"
	case s.HasBreached:
		return "it was running at its deadline"
	case s.Breach.IsZero():
		return "it is paused, and has used less than its target"
	case stopped && s.Left == 0 && s.Stop.After(s.Breach):
		return "it stopped with its target used up and no more: no time of its schedule has passed since the deadline"
	case stopped && s.Stop.Equal(s.Breach):
		return "it stopped at its deadline, which is in time"
	case stopped:
		return "it stopped before its deadline"
	}
	return "its deadline has not come"
}

// turns lists what happened to the clock up to the instant.
func (t Timeline) turns(c *Clock, now time.Time) []Turn {
	d := c.definition
	turns := []Turn{}
	if c.Start.Before(c.Attached) {
		turns = append(turns, Turn{At: c.Start, What: "start", Why: "time counts since " + d.StartFrom.String()})
	}
	turns = append(turns, Turn{At: c.Attached, What: string(Attached), Why: d.Start.String()})
	for _, p := range c.Pauses {
		what, why := "paused", d.Pause.String()
		if p.Hold {
			what, why = "held", d.Hold.String()
		}
		turns = append(turns, Turn{At: p.From, What: what, Why: why})
		if !p.To.IsZero() && !p.To.Equal(c.Settled) {
			turns = append(turns, Turn{At: p.To, What: string(ResumedEvent), Why: "no longer " + why})
		}
	}
	if !c.Settled.IsZero() {
		if c.End.Before(c.Settled) {
			turns = append(turns, Turn{At: c.End, What: "held", Why: d.Hold.String()})
		}
		turns = append(turns, Turn{At: c.Settled, What: string(c.Outcome), Why: t.ending(c)})
	}
	for _, m := range c.reached() {
		what := string(m.Kind)
		if m.Kind == MilestoneHit {
			what = m.Milestone
		}
		if c.Settled.IsZero() || m.At.Before(c.End) {
			turns = append(turns, Turn{At: m.At, What: what})
		}
	}
	turns = slices.DeleteFunc(turns, func(x Turn) bool { return x.At.After(now) })
	slices.SortStableFunc(turns, func(a, b Turn) int { return a.At.Compare(b.At) })
	for i := range turns {
		if turns[i].Why == "" {
			continue // time alone did it
		}
		for _, f := range t.Facts {
			if f.At.Equal(turns[i].At) && f.Kind != "" {
				turns[i].Facts = append(turns[i].Facts, f.Kind)
			}
		}
	}
	return turns
}

// ending returns the condition that ended the clock, in words.
func (t Timeline) ending(c *Clock) string {
	v := newView()
	d := c.definition
	why := ""
	for i, f := range t.Facts {
		if f.At.After(c.Settled) {
			break
		}
		v.take(i, f)
		if !f.At.Equal(c.Settled) {
			continue
		}
		for _, x := range []struct {
			of      *Condition
			outcome Stage
		}{{&d.Stop, Completed}, {&d.Reset, Completed}, {&d.Cancel, Cancelled}} {
			if x.outcome == c.Outcome && x.of.holds(&v) {
				why = x.of.String()
				break
			}
		}
	}
	return why
}

// spans lists what counted from the start on, and what will count up to the breach.
func (c *Clock) spans(s State) (all []Span, cut bool) {
	until := s.At
	if !s.Stop.IsZero() {
		until = s.Stop
	}
	b := spanBuilder{c: c}
	from := c.Start
	for _, p := range c.PausesAt(s.At) {
		b.add(from, p.From, false)
		to := p.To
		if to.IsZero() || to.After(until) {
			to = until
		}
		why := "paused: " + c.definition.Pause.String()
		if p.Hold {
			why = "held: " + c.definition.Hold.String()
		}
		b.push(Span{From: p.From, To: to, Why: why})
		from = to
	}
	b.add(from, until, false)
	if s.Stage == InProgress {
		b.add(until, s.Breach, true)
	}
	if b.all == nil {
		b.all = []Span{}
	}
	return b.all, b.cut
}

// spanBuilder collects spans with what was used at their ends.
type spanBuilder struct {
	c    *Clock
	all  []Span
	used time.Duration
	cut  bool
}

func (b *spanBuilder) push(s Span) {
	if !s.To.After(s.From) {
		return
	}
	if s.Counted {
		b.used += s.To.Sub(s.From)
	}
	s.Used = Duration(b.used)
	if len(b.all) >= MaxSpans {
		last := &b.all[MaxSpans-1]
		last.To, last.Used, last.Why, last.Counted, b.cut = s.To, s.Used, "more spans", false, true
		return
	}
	b.all = append(b.all, s)
}

// add adds the windows of the clock's schedule in [from, to), and what is closed between them.
func (b *spanBuilder) add(from, to time.Time, projected bool) {
	if !to.After(from) {
		return
	}
	if b.c.calendar == nil {
		b.push(Span{From: from, To: to, Counted: true, Why: "every instant counts", Projected: projected})
		return
	}
	at := from
	for w := range b.c.calendar.Windows(from, to) {
		b.closed(at, w.From, projected)
		b.push(Span{From: w.From, To: w.To, Counted: true, Why: because(b.c.calendar.Why(w.From)), Projected: projected})
		at = w.To
	}
	b.closed(at, to, projected)
}

// closed adds closed time, told apart by its reasons at each local midnight.
func (b *spanBuilder) closed(from, to time.Time, projected bool) {
	zone := b.c.calendar.Location()
	for from.Before(to) {
		why, end := because(b.c.calendar.Why(from)), to
		for at := nextMidnight(from, zone); at.Before(to) && len(b.all) < MaxSpans; at = nextMidnight(at, zone) {
			if because(b.c.calendar.Why(at)) != why {
				end = at
				break
			}
		}
		b.push(Span{From: from, To: end, Why: why, Projected: projected})
		from = end
	}
}

func nextMidnight(t time.Time, zone *time.Location) time.Time {
	next := wall(schedule.DateOf(t.In(zone)).AddDays(1), 0, zone).UTC()
	if !next.After(t) { // midnight is skipped, or the date is
		return t.Add(day)
	}
	return next
}

// because returns a calendar's reason in words.
func because(r schedule.Reason) string {
	text := "closed"
	switch r.Kind {
	case schedule.ByWeek, schedule.ByRule, schedule.ByAlways:
		text = "open"
	case schedule.BySpecial:
		text = "special hours"
		if !r.Open {
			text = "closed by special hours"
		}
	case schedule.ByBreak, schedule.ByHoliday:
		text = string(r.Kind)
	case schedule.ByPart:
		text = "closed in " + r.Schedule
	case schedule.ByExcluded:
		text = "excluded by " + r.Schedule
	}
	if r.Name != "" {
		text += " (" + r.Name + ")"
	}
	return text
}
