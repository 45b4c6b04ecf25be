package sla

import (
	"slices"
	"time"
)

// Hours is what a clock asks of a calendar; *schedule.Calendar has it. A nil Hours is open at every instant.
type Hours interface {
	// Between returns the open time in [from, to).
	Between(from, to time.Time) time.Duration
	// Add returns the earliest instant from t on at which d of open time has passed. It returns an error when there is
	// none.
	Add(t time.Time, d time.Duration) (time.Time, error)
}

// Pause is time that does not count: [From, To).
type Pause struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to,omitzero"`    // zero: it lasts
	Hold bool      `json:"hold,omitempty"` // the clock was stopped until further notice, and went on
}

// Run is time that counts: from Start on, on the Hours, without the Pauses. The zero Run counts every instant.
type Run struct {
	Hours  Hours
	Start  time.Time
	Pauses []Pause // in order and apart; see Merge
}

// Merge puts pauses in order, joins those that overlap or touch, and drops empty ones. It changes nothing that it is
// given.
func Merge(pauses []Pause) []Pause {
	sorted := slices.DeleteFunc(slices.Clone(pauses), func(p Pause) bool { return !p.To.IsZero() && !p.To.After(p.From) })
	slices.SortStableFunc(sorted, func(a, b Pause) int { return a.From.Compare(b.From) })
	var merged []Pause
	for _, p := range sorted {
		if n := len(merged); n > 0 {
			last := &merged[n-1]
			if last.To.IsZero() {
				break
			}
			if !p.From.After(last.To) {
				if p.To.IsZero() || p.To.After(last.To) {
					last.To = p.To
				}
				continue
			}
		}
		merged = append(merged, p)
	}
	return merged
}

// Elapsed returns the time that counts up to the instant; 0 up to the start.
func (r Run) Elapsed(to time.Time) time.Duration {
	total := time.Duration(0)
	from := r.Start
	for i := range r.Pauses {
		p := &r.Pauses[i]
		if !p.From.Before(to) {
			break
		}
		if p.From.After(from) {
			total += between(r.Hours, from, p.From)
		}
		if p.To.IsZero() {
			return total
		}
		if p.To.After(from) {
			from = p.To
		}
	}
	if to.After(from) {
		total += between(r.Hours, from, to)
	}
	return total
}

// measure returns what Elapsed returns for the instant and Reach for the time used, in one pass. No pause begins after
// the instant.
func (r *Run) measure(to time.Time, used time.Duration) (elapsed time.Duration, at time.Time, ok bool) {
	from := r.Start
	for i := range r.Pauses {
		p := &r.Pauses[i]
		if p.From.After(from) {
			open := between(r.Hours, from, p.From)
			if !ok && used <= elapsed+open {
				at, ok = add(r.Hours, from, used-elapsed)
			}
			elapsed += open
		} else if !ok && used == elapsed {
			at, ok = from, true
		}
		if p.To.After(from) {
			from = p.To
		}
	}
	if !ok {
		at, ok = add(r.Hours, from, used-elapsed)
	}
	if to.After(from) {
		elapsed += between(r.Hours, from, to)
	}
	return elapsed, at, ok
}

// Reach returns the earliest instant at which so much time is used up. It returns false when that never comes: a pause
// lasts, or the calendar does not open any more.
func (r Run) Reach(used time.Duration) (time.Time, bool) {
	t, ok, _ := r.reach(used)
	return t, ok
}

// reach also returns the earliest instant at which so much is used and the run goes on: another one where a pause
// begins at the first. It is zero when there is none.
func (r Run) reach(used time.Duration) (at time.Time, ok bool, running time.Time) {
	from := r.Start
	for i := range r.Pauses {
		p := &r.Pauses[i]
		if p.From.After(from) {
			open := between(r.Hours, from, p.From)
			if used <= open {
				t, found := add(r.Hours, from, used)
				switch {
				case !found:
					return at, ok, running
				case !ok:
					at, ok = t, true
				}
				if t.Before(p.From) {
					return at, ok, t
				}
				used = open // all that is left is to go on
			}
			used -= open
		} else if used == 0 && !ok {
			at, ok = from, true
		}
		if p.To.IsZero() {
			return at, ok, running
		}
		if p.To.After(from) {
			from = p.To
		}
	}
	t, found := add(r.Hours, from, used)
	switch {
	case !found:
		return at, ok, running
	case !ok:
		at = t
	}
	return at, true, t
}

func between(h Hours, from, to time.Time) time.Duration {
	if h == nil {
		return to.Sub(from)
	}
	return h.Between(from, to)
}

func add(h Hours, t time.Time, d time.Duration) (time.Time, bool) {
	if h == nil {
		t = t.Add(d)
		return t, t.Before(latest)
	}
	t, err := h.Add(t, d)
	return t, err == nil
}
