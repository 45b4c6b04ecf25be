package schedule

import (
	"iter"
	"time"
)

// An Interval is the time from an instant up to and without another.
type Interval struct {
	From, To time.Time
}

// Length returns how long the interval is.
func (i Interval) Length() time.Duration { return i.To.Sub(i.From) }

// Windows returns the open time from one instant to another as intervals in UTC, in order. Windows that touch are one,
// and the first and last are cut at from and to. There are none when to is not after from. Their lengths add up to
// Between.
func (c *Calendar) Windows(from, to time.Time) iter.Seq[Interval] {
	return func(yield func(Interval) bool) {
		for at := from; at.Before(to); {
			if at.Before(Begin()) {
				at = Begin()
				continue
			}
			start, err := c.NextOpen(at)
			if err != nil || !start.Before(to) {
				return
			}
			p, i := c.upcoming(start.Unix())
			end := time.Unix(c.endOf(p, i), 0).UTC()
			if to.Before(end) {
				end = to.UTC()
			}
			if !yield(Interval{start, end}) {
				return
			}
			at = end
		}
	}
}
