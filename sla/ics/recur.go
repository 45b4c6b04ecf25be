package ics

import (
	"strings"
	"time"

	"github.com/forewarn-go/forewarn/sla/schedule"
)

// A recurrence is an RRULE.
type recurrence struct {
	freq     string // DAILY, WEEKLY, MONTHLY, YEARLY
	interval int
	count    int    // 0: no end by count
	until    moment // of a date: the last day; of a time: no occurrence starts later
	bounded  bool   // there is an until
	months   []time.Month
	days     []int // of the month
	weekdays []nthDay
	week     time.Weekday // the day that weeks start with
}

// An nthDay is a day of the week, in each of a month's weeks (0) or the n-th or last but n-th of the month.
type nthDay struct {
	day time.Weekday
	nth int
}

var weekdayCodes = map[string]time.Weekday{"SU": 0, "MO": 1, "TU": 2, "WE": 3, "TH": 4, "FR": 5, "SA": 6}

// recurrenceOf reads an RRULE.
func recurrenceOf(text string) (recurrence, error) {
	r := recurrence{interval: 1, week: time.Monday}
	seen := map[string]bool{}
	for part := range strings.SplitSeq(text, ";") {
		name, value, ok := strings.Cut(part, "=")
		if !ok || value == "" {
			return r, wrong("RRULE", short(part)+" is not NAME=VALUE")
		}
		if seen[name] {
			return r, wrong("RRULE", name+" is given twice")
		}
		seen[name] = true
		if err := r.part(name, value); err != nil {
			return r, err
		}
	}
	switch {
	case r.freq == "":
		return r, wrong("RRULE", "has no FREQ")
	case r.count > 0 && r.bounded:
		return r, wrong("RRULE", "has COUNT and UNTIL")
	case r.freq == "WEEKLY" && len(r.days) > 0:
		return r, wrong("RRULE", "has BYMONTHDAY although it is WEEKLY")
	}
	for _, w := range r.weekdays {
		if w.nth != 0 && r.freq != "MONTHLY" && (r.freq != "YEARLY" || len(r.months) == 0) {
			return r, wrong("RRULE", "counts days of the week in BYDAY, which is read for MONTHLY, and for YEARLY with BYMONTH")
		}
	}
	return r, nil
}

func (r *recurrence) part(name, value string) error {
	bad := func(what string) error { return wrong("RRULE", name+" "+short(value)+" "+what) }
	switch name {
	case "FREQ":
		switch value {
		case "DAILY", "WEEKLY", "MONTHLY", "YEARLY":
			r.freq = value
			return nil
		}
		return bad("is none of DAILY, WEEKLY, MONTHLY, YEARLY")
	case "INTERVAL", "COUNT":
		n, ok := number(value)
		if !ok || n < 1 || n > 100_000 {
			return bad("is not a number from 1 to 100000")
		}
		if name == "COUNT" {
			r.count = n
		} else {
			r.interval = n
		}
	case "UNTIL":
		day, clock, timed := strings.Cut(value, "T")
		var ok bool
		if r.until.date, ok = dateOf(day); !ok {
			return bad("is not a date or time")
		}
		r.until.whole, r.bounded = !timed, true
		if timed {
			clock, utc := strings.CutSuffix(clock, "Z")
			if r.until.clock, ok = clockOf(clock); !ok {
				return bad("is not a date or time")
			}
			if utc {
				r.until.zone = "UTC"
			}
		}
	case "WKST":
		day, ok := weekdayCodes[value]
		if !ok {
			return bad("is not a day of the week")
		}
		r.week = day
	case "BYMONTH":
		for item := range strings.SplitSeq(value, ",") {
			n, ok := number(item)
			if !ok || n < 1 || n > 12 {
				return bad("is not a list of months from 1 to 12")
			}
			r.months = append(r.months, time.Month(n))
		}
	case "BYMONTHDAY":
		for item := range strings.SplitSeq(value, ",") {
			n, ok := signed(item)
			if !ok || n == 0 || n < -31 || n > 31 {
				return bad("is not a list of days from 1 to 31 or -1 to -31")
			}
			r.days = append(r.days, n)
		}
	case "BYDAY":
		for item := range strings.SplitSeq(value, ",") {
			at := max(0, len(item)-2)
			day, ok := weekdayCodes[item[at:]]
			nth, counted := 0, true
			if at > 0 {
				nth, counted = signed(item[:at])
				counted = counted && nth != 0 && -5 <= nth && nth <= 5
			}
			if !ok || !counted {
				return bad("is not a list of days such as MO, 4TH or -1FR")
			}
			r.weekdays = append(r.weekdays, nthDay{day, nth})
		}
	default:
		return wrong("RRULE", short(name)+" is not read")
	}
	return nil
}

func signed(s string) (int, bool) {
	if rest, ok := strings.CutPrefix(s, "-"); ok {
		n, ok := number(rest)
		return -n, ok
	}
	return number(strings.TrimPrefix(s, "+"))
}

// conditions returns what selects the dates on which the recurrence falls, of a start on the date, were it without
// interval and count: the dates that meet one of them.
func (r recurrence) conditions(start schedule.Date) []schedule.On {
	base := schedule.On{Months: r.months}
	days, weekdays := r.days, r.weekdays
	if len(days) == 0 && len(weekdays) == 0 { // then it is as the start
		switch r.freq {
		case "WEEKLY":
			weekdays = []nthDay{{start.Weekday(), 0}}
		case "MONTHLY":
			days = []int{start.Day}
		case "YEARLY":
			if len(r.months) == 0 {
				return []schedule.On{{Yearly: schedule.Each(start.Month, start.Day)}}
			}
			days = []int{start.Day}
		}
	}
	list := []schedule.On{base}
	if len(weekdays) > 0 {
		list = nil
		any := base
		for _, w := range weekdays {
			if w.nth == 0 {
				any.Weekdays = append(any.Weekdays, w.day)
				continue
			}
			counted := base
			counted.Weekdays, counted.Nth = schedule.Days{w.day}, w.nth
			list = append(list, counted)
		}
		if len(any.Weekdays) > 0 {
			list = append(list, any)
		}
	}
	if len(days) > 0 {
		var each []schedule.On
		for _, on := range list {
			for _, day := range days {
				on.Day = day
				each = append(each, on)
			}
		}
		list = each
	}
	return list
}

// falls reports whether the interval lets the recurrence fall on the date, of a start on another.
func (r recurrence) falls(start, d schedule.Date) bool {
	if r.interval == 1 {
		return true
	}
	n := 0
	switch r.freq {
	case "DAILY":
		n = daysBetween(start, d)
	case "WEEKLY":
		monday := func(d schedule.Date) schedule.Date { return d.AddDays(-int((d.Weekday() - r.week + 7) % 7)) }
		n = daysBetween(monday(start), monday(d)) / 7
	case "MONTHLY":
		n = (d.Year-start.Year)*12 + int(d.Month-start.Month)
	case "YEARLY":
		n = d.Year - start.Year
	}
	return n%r.interval == 0
}

func daysBetween(a, b schedule.Date) int {
	utc := func(d schedule.Date) time.Time { return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC) }
	return int(utc(b).Sub(utc(a)) / (24 * time.Hour))
}

// last returns the last date on which an event that starts at the moment may recur.
func (r recurrence) last(start moment) (schedule.Date, error) {
	end := schedule.DateOf(schedule.End()).AddDays(-1)
	if !r.bounded {
		return end, nil
	}
	until := r.until
	if start.whole != until.whole && !start.whole {
		// A date for an event with times is met in the wild; it means the whole of that day.
		return earlier(until.date, end), nil
	}
	if !start.whole {
		var err error
		if until, err = until.in(start.zone); err != nil {
			return end, wrong("RRULE", "UNTIL cannot be read in the zone of DTSTART")
		}
		if start.clock > until.clock {
			until.date = until.date.AddDays(-1)
		}
	}
	return earlier(until.date, end), nil
}

func earlier(a, b schedule.Date) schedule.Date {
	if b.Compare(a) < 0 {
		return b
	}
	return a
}
