package schedule

import "time"

// Instant returns the earliest instant at which a clock in the calendar's zone reads the time or a later one of the
// date: of a reading that daylight saving time repeats the first, and for one that it skips the instant of the change.
// The clock may read 24:00. The instant is in UTC. For a date that is not valid, what [time.Date] makes of it counts.
func (c *Calendar) Instant(d Date, clock Clock) time.Time {
	reading := d.number()*secondsPerDay + int64(clock)
	at := int64(0)
	found := false
	c.around(d, func(begin, end, offset int64) {
		if !found && end+offset > reading {
			at, found = max(begin, reading-offset), true
		}
	})
	return time.Unix(at, 0).UTC()
}

// OpensOn reports whether the calendar is open at any instant of the local date in its zone. So a business date is one
// that opens: not a weekend without hours, nor a holiday.
func (c *Calendar) OpensOn(d Date) bool {
	midnight := d.number() * secondsPerDay
	open := false
	c.around(d, func(begin, end, offset int64) { // more than once where a change repeats a part of the date
		begin, end = max(begin, midnight-offset), min(end, midnight+secondsPerDay-offset)
		open = open || begin < end && c.Between(time.Unix(begin, 0), time.Unix(end, 0)) > 0
	})
	return open
}

// around calls yield for the stretches of one offset from two days before the date to two days after it, in order.
func (c *Calendar) around(d Date, yield func(begin, end, offset int64)) {
	midnight := d.number() * secondsPerDay
	offsets(c.location, midnight-2*secondsPerDay, midnight+3*secondsPerDay, yield)
}
