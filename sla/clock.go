package sla

import (
	"time"

	"github.com/forewarn-go/forewarn/sla/schedule"
)

// Stage is where a clock stands. The zero Stage means that it is not attached yet.
type Stage string

// The stages of a clock. That it has breached is told apart from them: a clock that breached goes on.
const (
	InProgress Stage = "in_progress"
	Paused     Stage = "paused"
	Completed  Stage = "completed"
	Cancelled  Stage = "cancelled"
)

// Clock is one instance of a definition on a task. It is made by Rules, and never changes with time: ask At what it
// shows. It pins the versions of definition and calendar that it was attached with.
type Clock struct {
	Number     int    `json:"number"` // in its timeline, from 1, by attachment
	Definition string `json:"definition"`
	Version    int    `json:"version,omitempty"`
	Kind       Kind   `json:"kind"`

	Schedule        string `json:"schedule,omitempty"` // "": every instant counts
	ScheduleVersion int    `json:"schedule_version,omitempty"`
	Zone            string `json:"zone,omitempty"` // in which the schedule is read; "": its own

	Target   Duration  `json:"target"`            // what it may use
	Due      time.Time `json:"due,omitzero"`      // of a relative target: its instant, before pauses
	Start    time.Time `json:"start"`             // since when time counts
	Attached time.Time `json:"attached"`          // when it came to the task; after Start where that is retroactive
	Pauses   []Pause   `json:"pauses,omitzero"`   // in order and apart
	End      time.Time `json:"end,omitzero"`      // zero: not at its end
	Settled  time.Time `json:"settled,omitzero"`  // when the end was final; after End when it had been on hold
	Outcome  Stage     `json:"outcome,omitempty"` // Completed or Cancelled, from Settled on

	definition *Definition
	calendar   *schedule.Calendar // nil without a schedule
	hours      Hours              // the same; nil without one
	original   time.Time          // the breach as it stood at the attachment; it follows from what is above
}

// State is what a clock shows at an instant.
type State struct {
	At          time.Time
	Stage       Stage
	Provisional bool      // Completed until further notice: it may go on
	Stop        time.Time // zero: it has not stopped

	Target  time.Duration
	Elapsed time.Duration
	Left    time.Duration // Target less Elapsed: negative past the target

	OriginalBreach time.Time // as it stood without pauses; zero: never
	Breach         time.Time // when the target is used up, as things stand; zero: never, as while it is paused

	// HasBreached stays once it is true, with one exception: a clock that used exactly its target at a closing time, and
	// is stopped before the calendar opens again, has not breached, though it showed so while it ran.
	HasBreached bool
}

// Percent returns what is used of the target, in percent. It is for showing: nothing is decided on it.
func (s State) Percent() float64 {
	if s.Target == 0 {
		return 100
	}
	return float64(s.Elapsed) / float64(s.Target) * 100
}

// At returns what the clock shows at the instant, by what was known then: a pause that began later is not seen.
func (c *Clock) At(now time.Time) State {
	s := State{At: now, Target: time.Duration(c.Target)}
	if now.Before(c.Attached) {
		return s
	}
	run := Run{c.hours, c.Start, c.Pauses[:c.known(now)]}
	var paused time.Time // since when, where it is paused
	until := now
	switch open := c.open(len(run.Pauses), now); {
	case !c.Settled.IsZero() && !now.Before(c.Settled):
		s.Stage, s.Stop, until = c.Outcome, c.End, c.End
	case !c.End.IsZero() && !now.Before(c.End): // on the hold that came to be its end
		s.Stage, s.Stop, until, s.Provisional = Completed, c.End, c.End, true
	case open == nil:
		s.Stage = InProgress
	case open.Hold:
		s.Stage, s.Stop, until, s.Provisional = Completed, open.From, open.From, true
		run.Pauses = run.Pauses[:len(run.Pauses)-1]
	default:
		s.Stage, until, paused = Paused, open.From, open.From
		run.Pauses = run.Pauses[:len(run.Pauses)-1]
	}
	elapsed, breach, ok := run.measure(until, s.Target)
	s.Elapsed, s.Left, s.OriginalBreach = elapsed, s.Target-elapsed, c.original
	if ok && breach.Before(c.Due) {
		breach = c.Due
	}
	if !ok || !paused.IsZero() && breach.After(paused) {
		return s // as things stand, it never comes
	}
	s.Breach = breach
	switch {
	case s.Stop.IsZero() && paused.IsZero():
		s.HasBreached = !now.Before(breach)
	case s.Stop.IsZero():
		s.HasBreached = breach.Before(paused)
	case c.Due.IsZero():
		s.HasBreached = s.Elapsed > s.Target // on the calendar, all of a closed time is one instant
	default:
		s.HasBreached = s.Stop.After(breach)
	}
	return s
}

// known returns how many of the pauses had begun by the instant.
func (c *Clock) known(now time.Time) int {
	n := len(c.Pauses)
	for n > 0 && c.Pauses[n-1].From.After(now) {
		n--
	}
	return n
}

// open returns the last of the first n pauses when it is not over at the instant.
func (c *Clock) open(n int, now time.Time) *Pause {
	if n == 0 {
		return nil
	}
	p := &c.Pauses[n-1]
	if p.To.IsZero() || p.To.After(now) {
		return p
	}
	return nil
}

// withOriginal finds the breach as it stood when the clock was attached, without pauses: zero when it never comes.
func (c *Clock) withOriginal() {
	if c.original = c.Due; c.Due.IsZero() {
		c.original, _ = add(c.hours, c.Start, time.Duration(c.Target))
	}
}

// PausesAt returns the pauses that a report of the instant shows: those that had begun, without the hold that a
// clock is on, and with an open end where one lasts.
func (c *Clock) PausesAt(now time.Time) []Pause {
	var shown []Pause
	for _, p := range c.Pauses[:c.known(now)] {
		if p.To.IsZero() || p.To.After(now) {
			if p.Hold {
				continue
			}
			p.To = time.Time{}
		}
		shown = append(shown, p)
	}
	return shown
}
