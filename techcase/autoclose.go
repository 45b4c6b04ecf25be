package techcase

import (
	"slices"
	"time"

	"github.com/forewarn-go/forewarn"
)

// AutoClose says when cases that stay in Solution Proposed are reminded of and closed. The zero value means
// DefaultAutoClose.
type AutoClose struct {
	// Off switches it off.
	Off bool `json:"off,omitempty"`
	// After is how long after the proposal, or after the customer's last comment, a case closes; 0 means 10 days.
	After time.Duration `json:"after"`
	// Reminders are the times after which the customer is reminded, at most 20, rising and below After; nil means 3, 5 and 8
	// days.
	Reminders []time.Duration `json:"reminders"`
	// NotWhileAttention holds it while the case needs attention. What was due meanwhile follows when that ends.
	NotWhileAttention bool `json:"notWhileAttention,omitempty"`
	// NotWhileEscalated holds it while the case or its account is escalated. What was due meanwhile follows when that ends,
	// the earliest first: of the case at once, of its account within LookAgain, since Parties tells nobody when that ends.
	NotWhileEscalated bool `json:"notWhileEscalated,omitempty"`
}

// LookAgain is how long after it found the account of a case escalated auto close looks at it again.
const LookAgain = time.Hour

const day = 24 * time.Hour

// maxReminders bounds what a tenant keeps, maxAfter what can be added to an instant.
const (
	maxReminders = 20
	maxAfter     = 10000 * day
)

// DefaultAutoClose closes after 10 days, with reminders after 3, 5 and 8.
func DefaultAutoClose() AutoClose {
	return AutoClose{After: 10 * day, Reminders: []time.Duration{3 * day, 5 * day, 8 * day}}
}

func (a AutoClose) orDefault() AutoClose {
	d := DefaultAutoClose()
	if a.After == 0 {
		a.After = d.After
	}
	if a.Reminders == nil {
		a.Reminders = d.Reminders
		// those of the default that a shorter time leaves no room for
		a.Reminders = slices.DeleteFunc(a.Reminders, func(r time.Duration) bool { return r >= a.After })
	}
	return a
}

func (a AutoClose) check(field string) error {
	if a.After < 0 {
		return forewarn.Invalid(field+".after", "is below 0")
	}
	if a.After > maxAfter {
		return forewarn.Invalid(field+".after", "is above %d days", maxAfter/day)
	}
	if len(a.Reminders) > maxReminders {
		return forewarn.Invalid(field+".reminders", "are %d; at most %d", len(a.Reminders), maxReminders)
	}
	last := time.Duration(0)
	for _, r := range a.Reminders {
		if r <= last || r >= a.After {
			return forewarn.Invalid(field+".reminders", "%v: they rise from above 0 to below %v", a.Reminders, a.After)
		}
		last = r
	}
	return nil
}

// Waiting is what auto close knows of a case.
type Waiting struct {
	Since     time.Time // when it began to count; zero: it does not
	Reminded  int       // reminders that went out since
	Attention bool      // the case needs attention
	Escalated bool      // the case is escalated
	// AccountEscalated says that the account of the case is escalated. Only Due asks for it, and only with
	// NotWhileEscalated.
	AccountEscalated bool
	Major            bool // a major case is never reminded of or closed
}

// Step is the next thing that auto close does to a case.
type Step struct {
	At time.Time
	// Reminder is which of the reminders it is, from 1; 0 means that the case closes.
	Reminder int
}

// Next returns the next step for a case; false when there is none. A step whose instant has passed is still done, the
// earliest first: so what was missed comes once and in order. It does not know whether the account is escalated when that
// instant comes: see Due.
func (a AutoClose) Next(w Waiting) (Step, bool) {
	a = a.orDefault()
	switch {
	case a.Off, w.Since.IsZero(), w.Major, a.NotWhileAttention && w.Attention, a.NotWhileEscalated && w.Escalated:
		return Step{}, false
	case w.Reminded < len(a.Reminders):
		return Step{At: w.Since.Add(a.Reminders[w.Reminded]), Reminder: w.Reminded + 1}, true
	}
	return Step{At: w.Since.Add(a.After)}, true
}

// Due returns Next, and whether its instant has come. What an escalated account holds is not due: its instant becomes
// LookAgain after now, until which nothing is done.
func (a AutoClose) Due(w Waiting, now time.Time) (Step, bool) {
	step, ok := a.Next(w)
	switch {
	case !ok || now.Before(step.At):
		return step, false
	case a.NotWhileEscalated && w.AccountEscalated:
		step.At = now.Add(LookAgain)
		return step, false
	}
	return step, true
}

func (c Case) waiting() Waiting {
	return Waiting{Since: c.Window, Reminded: c.Reminded, Attention: c.NeedsAttention, Escalated: c.Escalation.Open(), Major: c.Major}
}
