package schedule

import (
	"sync/atomic"
	"time"
)

// A Calendar answers when a schedule is open. [Compile] makes it. It does not change, and any number of goroutines may
// ask it at once. What it finds out about a year it keeps, some kilobytes each; so the first question about a year
// takes longer, and all others are answered without allocating.
type Calendar struct {
	root      *node
	location  *time.Location
	dayLength time.Duration

	totals [periods]atomic.Int64 // open seconds of the period, plus one; 0: not yet known
	tables [periods]atomic.Pointer[table]
}

// Begin is the first instant that calendars know, 1970-01-01 00:00 UTC.
func Begin() time.Time { return time.Unix(first, 0).UTC() }

// End is the instant at which calendars end, 2201-01-01 00:00 UTC; it is itself outside.
func End() time.Time { return time.Unix(last, 0).UTC() }

// Name returns the name of the schedule.
func (c *Calendar) Name() string { return c.root.name }

// Location returns the schedule's zone; UTC where it has none.
func (c *Calendar) Location() *time.Location { return c.location }

// Add returns the earliest instant at or after t at which d of open time has passed since t, in UTC: the deadline of a
// target. So a target that is used up at the end of a window is due then, not when the next window opens; and Add of 0
// is t. A negative d is Sub of its absolute value.
//
// It returns an [Error]: [ErrNeverOpens] when the calendar has no open time after t, [ErrOutside] when t, or the
// answer, is outside of the years that calendars know.
func (c *Calendar) Add(t time.Time, d time.Duration) (time.Time, error) {
	if d < 0 {
		return c.back("Add", t, negate(d))
	}
	return c.ahead("Add", t, d)
}

// Sub returns the latest instant at or before t from which d of open time passes until t, in UTC. For every start that
// is open, Sub of the answer of Add gives the start again. Sub of 0 is t, and a negative d is Add of its absolute
// value.
//
// It returns an [Error]: [ErrNeverOpens] when the calendar has no open time before t, [ErrOutside] when t, or the
// answer, is outside of the years that calendars know.
func (c *Calendar) Sub(t time.Time, d time.Duration) (time.Time, error) {
	if d < 0 {
		return c.ahead("Sub", t, negate(d))
	}
	return c.back("Sub", t, d)
}

// Between returns the open time from one instant to another; it is negative when to is before from. Time outside of
// the years that calendars know is closed.
func (c *Calendar) Between(from, to time.Time) time.Duration {
	if to.Before(from) {
		return -c.Between(to, from)
	}
	a, aNano := clamp(from)
	b, bNano := clamp(to)
	p, q := a>>periodBits, b>>periodBits
	open := c.elapsed(b, bNano) - c.elapsed(a, aNano)
	for ; p < q; p++ {
		open += c.total(int(p)) * int64(time.Second)
	}
	return time.Duration(open)
}

// IsOpen reports whether the calendar is open at the instant. A window is open at its start and closed at its end.
func (c *Calendar) IsOpen(t time.Time) bool {
	second := t.Unix()
	if second < first || second >= last {
		return false
	}
	table, rel := c.table(int(second>>periodBits)), second&(period-1)
	i := table.at(rel)
	return i >= 0 && rel < table.end(i)
}

// NextOpen returns the earliest open instant at or after t, in UTC: t itself when it is open.
//
// It returns an [Error] with [ErrNeverOpens] or [ErrOutside], as Add does.
func (c *Calendar) NextOpen(t time.Time) (time.Time, error) {
	second, nano, err := c.within("NextOpen", t)
	if err != nil {
		return time.Time{}, err
	}
	p, i := c.upcoming(second)
	if p < 0 {
		return time.Time{}, &Error{"NextOpen", c.Name(), t, ErrNeverOpens}
	}
	from, _ := bounds(p)
	if start := from + int64(c.table(p).start[i]); start > second {
		return time.Unix(start, 0).UTC(), nil
	}
	return time.Unix(second, nano).UTC(), nil
}

// OpenEnd returns the end of the window that t lies in or, when t is closed, of the next window, in UTC. Windows that
// touch are one.
//
// It returns an [Error] with [ErrNeverOpens] when there is no such window, and [ErrOutside] for an instant outside and
// when the window does not end before 2201, as that of a calendar which is always open.
func (c *Calendar) OpenEnd(t time.Time) (time.Time, error) {
	second, _, err := c.within("OpenEnd", t)
	if err != nil {
		return time.Time{}, err
	}
	p, i := c.upcoming(second)
	if p < 0 {
		return time.Time{}, &Error{"OpenEnd", c.Name(), t, ErrNeverOpens}
	}
	end := c.endOf(p, i)
	if end >= last {
		return time.Time{}, &Error{"OpenEnd", c.Name(), t, ErrOutside}
	}
	return time.Unix(end, 0).UTC(), nil
}

// PrevClose returns the latest instant at or before t up to which the calendar is open, in UTC: t itself when it is
// inside a window or at its end, else the end of the window before.
//
// It returns an [Error] with [ErrNeverOpens] or [ErrOutside], as Sub does.
func (c *Calendar) PrevClose(t time.Time) (time.Time, error) {
	second, nano, err := c.within("PrevClose", t)
	if err != nil {
		return time.Time{}, err
	}
	ceil := second
	if nano > 0 {
		ceil++ // a window that starts in this second, but before t, has begun
	}
	p := int(second >> periodBits)
	rel := ceil - int64(p)<<periodBits
	for ; p >= 0; p, rel = p-1, period {
		if c.total(p) == 0 {
			continue
		}
		table := c.table(p)
		i := table.at(rel - 1) // the last window that starts before t
		if i < 0 {
			continue
		}
		from, _ := bounds(p)
		if end := from + table.end(i); end <= second {
			return time.Unix(end, 0).UTC(), nil
		}
		return time.Unix(second, nano).UTC(), nil
	}
	return time.Time{}, &Error{"PrevClose", c.Name(), t, ErrNeverOpens}
}

// DayLength returns how long a business day is: what the schedule gives, else the total of each of its days of the week
// if that is the same for all.
//
// It returns an [Error] with [ErrNoDayLength] where it is neither given nor the same, and for unions, intersections and
// exclusions that do not give it.
func (c *Calendar) DayLength() (time.Duration, error) {
	if c.dayLength == 0 {
		return 0, &Error{Op: "DayLength", Calendar: c.Name(), Err: ErrNoDayLength}
	}
	return c.dayLength, nil
}

// BusinessDays returns the open time of n business days: n times DayLength, and never n times 24 hours. What is due
// in two business days is due at Add of it.
//
// It returns an [Error] as DayLength does, and with [ErrOutside] when n business days are more than 231 years.
func (c *Calendar) BusinessDays(n int) (time.Duration, error) {
	length, err := c.DayLength()
	if err != nil {
		return 0, err
	}
	if most := int((last - first) * int64(time.Second) / int64(length)); n > most || n < -most {
		return 0, &Error{Op: "BusinessDays", Calendar: c.Name(), Err: ErrOutside}
	}
	return time.Duration(n) * length, nil
}

func (c *Calendar) ahead(op string, t time.Time, d time.Duration) (time.Time, error) {
	second, nano, err := c.within(op, t)
	if err != nil {
		return time.Time{}, err
	}
	if d == 0 {
		return time.Unix(second, nano).UTC(), nil
	}
	p := int(second >> periodBits)
	done := c.elapsed(second, nano)
	need := done + int64(d) // open time since the period began
	if need < 0 || int64(d) > (last-first)*int64(time.Second) {
		return time.Time{}, &Error{op, c.Name(), t, ErrOutside}
	}
	// Rounded up, so that need on a whole second is the end of a window rather than the start of the next.
	seconds := (need-1)/int64(time.Second) + 1
	passed := int64(0)
	for {
		total := c.totals[p].Load() - 1
		if total < 0 {
			total = c.total(p)
		}
		if seconds <= total {
			break
		}
		seconds -= total
		passed += total
		if p++; p == periods {
			return time.Time{}, &Error{op, c.Name(), t, whyNot(passed*int64(time.Second) - done)}
		}
	}
	table := c.table(p)
	return instant(p, table, table.holding(seconds-1), need-passed*int64(time.Second)), nil
}

func (c *Calendar) back(op string, t time.Time, d time.Duration) (time.Time, error) {
	second, nano, err := c.within(op, t)
	if err != nil {
		return time.Time{}, err
	}
	if d == 0 {
		return time.Unix(second, nano).UTC(), nil
	}
	p := int(second >> periodBits)
	rest := c.elapsed(second, nano)
	found := rest
	rest -= int64(d)
	for rest < 0 {
		if p--; p < 0 {
			return time.Time{}, &Error{op, c.Name(), t, whyNot(found)}
		}
		total := c.total(p) * int64(time.Second)
		rest += total
		found += total
	}
	table := c.table(p)
	return instant(p, table, table.holding(rest/int64(time.Second)), rest), nil
}

// instant returns when open nanoseconds of the period have passed, of which the last lies in window i.
func instant(p int, t *table, i int, open int64) time.Time {
	rest := open - int64(t.before[i])*int64(time.Second)
	from, _ := bounds(p)
	return time.Unix(from+int64(t.start[i])+rest/int64(time.Second), rest%int64(time.Second)).UTC()
}

func whyNot(found int64) error {
	if found == 0 {
		return ErrNeverOpens
	}
	return ErrOutside
}

// negate returns -d, and the greatest duration for the one that has no negative.
func negate(d time.Duration) time.Duration {
	if d == -1<<63 {
		return 1<<63 - 1
	}
	return -d
}

// within returns the instant in seconds and nanoseconds, or an error when it is outside of what calendars know.
func (c *Calendar) within(op string, t time.Time) (second, nano int64, err error) {
	second = t.Unix()
	if second < first || second >= last {
		return 0, 0, &Error{op, c.Name(), t, ErrOutside}
	}
	return second, int64(t.Nanosecond()), nil
}

func clamp(t time.Time) (second, nano int64) {
	second = t.Unix()
	if second < first {
		return first, 0
	}
	if second >= last {
		return last, 0
	}
	return second, int64(t.Nanosecond())
}

// elapsed returns the open nanoseconds from the beginning of the instant's period to the instant.
func (c *Calendar) elapsed(second, nano int64) int64 {
	table, rel := c.table(int(second>>periodBits)), second&(period-1)
	i := table.at(rel)
	if i < 0 {
		return 0
	}
	if rel < table.end(i) {
		return (int64(table.before[i])+rel-int64(table.start[i]))*int64(time.Second) + nano
	}
	return int64(table.before[i+1]) * int64(time.Second)
}

// upcoming returns the window that holds the second or is the next after it, by its period and its number there; the
// period is -1 when there is none.
func (c *Calendar) upcoming(second int64) (p, i int) {
	p = int(second >> periodBits)
	rel := second & (period - 1)
	for ; p < periods; p, rel = p+1, 0 {
		if c.total(p) == 0 {
			continue
		}
		table := c.table(p)
		i := max(table.at(rel), 0)
		if table.end(i) <= rel {
			i++
		}
		if i < len(table.start) {
			return p, i
		}
	}
	return -1, 0
}

// endOf returns the end of the window; one that lasts to the end of its period may go on in the next.
func (c *Calendar) endOf(p, i int) int64 {
	from, to := bounds(p)
	end := from + c.table(p).end(i)
	for end == to && p+1 < periods {
		p++
		from, to = bounds(p)
		if total := c.total(p); total == to-from {
			end = to // open all the time: no need to look
			continue
		} else if total == 0 {
			break
		}
		if table := c.table(p); table.start[0] == 0 {
			end = from + table.end(0)
		}
		break
	}
	return end
}

// table returns the table of the period, and makes it when it is not there yet.
func (c *Calendar) table(p int) *table {
	if t := c.tables[p].Load(); t != nil {
		return t
	}
	t := c.build(p)
	c.tables[p].Store(t) // of two that were made at once either will do
	c.totals[p].Store(t.total() + 1)
	return t
}

// total returns the open seconds of the period. It keeps no table: a long way leads through many periods.
func (c *Calendar) total(p int) int64 {
	if known := c.totals[p].Load(); known > 0 {
		return known - 1
	}
	total := c.build(p).total()
	c.totals[p].Store(total + 1)
	return total
}

func (c *Calendar) build(p int) *table {
	from, to := bounds(p)
	return newTable(c.root.open(from, to), from)
}
