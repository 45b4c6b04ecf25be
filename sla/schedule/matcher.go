package schedule

import (
	"slices"
	"time"
)

// A day is a local date with what the conditions of On ask of it.
type day struct {
	number  int64
	date    Date
	weekday time.Weekday
	length  int // of its month
}

func dayOf(number int64) day {
	d := dateOf(number)
	return day{number, d, weekday(number), daysIn(d.Year, d.Month)}
}

// previous returns the day before.
func (d day) previous() day {
	d.number--
	d.weekday = (d.weekday + 6) % 7
	if d.date.Day--; d.date.Day == 0 {
		if d.date.Month--; d.date.Month < time.January {
			d.date.Month = time.December
			d.date.Year--
		}
		d.length = daysIn(d.date.Year, d.date.Month)
		d.date.Day = d.length
	}
	return d
}

// next returns the day after.
func (d day) next() day {
	d.number++
	d.weekday = (d.weekday + 1) % 7
	if d.date.Day++; d.date.Day > d.length {
		d.date.Day = 1
		if d.date.Month++; d.date.Month > time.December {
			d.date.Month = time.January
			d.date.Year++
		}
		d.length = daysIn(d.date.Year, d.date.Month)
	}
	return d
}

// A matcher is an On made ready to be asked about many days.
type matcher struct {
	dates     []int64 // sorted; nil: no condition
	yearly    bool
	from, to  int    // of yearly, as MonthDay.order
	months    uint16 // bit m: month m; what Months and Yearly leave, since most days fail here
	day       int
	weekdays  uint8 // bit d: time.Weekday d; 0: no condition
	nth       int
	easter    bool
	easterOff int64
	since     int64 // number of From
	until     int64 // number of To
	observed  Observed
}

func newMatcher(on On) matcher {
	m := matcher{months: allMonths, day: on.Day, nth: on.Nth, observed: on.Observed, since: noSince, until: noUntil}
	for _, d := range on.Dates {
		m.dates = append(m.dates, d.number())
	}
	slices.Sort(m.dates)
	if len(on.Months) > 0 {
		m.months = 0
		for _, month := range on.Months {
			m.months |= 1 << month
		}
	}
	if !on.Yearly.IsZero() {
		m.yearly, m.from, m.to = true, on.Yearly.From.order(), on.Yearly.To.order()
		m.months &= monthsOf(on.Yearly)
	}
	for _, d := range on.Weekdays {
		m.weekdays |= 1 << d
	}
	if on.Easter != nil {
		m.easter, m.easterOff = true, int64(*on.Easter)
	}
	if !on.From.IsZero() {
		m.since = on.From.number()
	}
	if !on.To.IsZero() {
		m.until = on.To.number()
	}
	return m
}

// reaches reports whether a day from the first to the last may be selected.
func (m *matcher) reaches(first, last int64) bool {
	first, last = first-observedBy, last+observedBy
	if m.since > last || m.until < first {
		return false
	}
	if m.dates == nil {
		return true
	}
	i, _ := slices.BinarySearch(m.dates, first)
	return i < len(m.dates) && m.dates[i] <= last
}

// matches reports whether the day is selected, where it is observed.
func (m *matcher) matches(d *day) bool {
	if m.observed == Stay {
		return m.selects(d)
	}
	switch d.weekday {
	case time.Saturday, time.Sunday:
		return false
	case time.Monday:
		sunday := d.previous()
		saturday := sunday.previous()
		return m.selects(d) || m.selects(&sunday) || m.observed == Monday && m.selects(&saturday)
	case time.Friday:
		saturday := d.next()
		return m.selects(d) || m.observed == Nearest && m.selects(&saturday)
	}
	return m.selects(d)
}

// selects reports whether the day meets every condition.
func (m *matcher) selects(d *day) bool {
	if m.months&(1<<d.date.Month) == 0 || d.number < m.since || d.number > m.until {
		return false
	}
	if m.weekdays != 0 && m.weekdays&(1<<d.weekday) == 0 {
		return false
	}
	if m.day > 0 && d.date.Day != m.day || m.day < 0 && d.date.Day != d.length+1+m.day {
		return false
	}
	if m.nth > 0 && (d.date.Day-1)/7+1 != m.nth || m.nth < 0 && (d.length-d.date.Day)/7+1 != -m.nth {
		return false
	}
	if m.yearly && !m.inYear(d.date) {
		return false
	}
	if m.dates != nil {
		if _, found := slices.BinarySearch(m.dates, d.number); !found {
			return false
		}
	}
	// A date so many days after Easter may lie in another year than that Easter.
	return !m.easter || easter(dateOf(d.number-m.easterOff).Year) == d.number-m.easterOff
}

const (
	allMonths = 1<<13 - 2
	noSince   = -1 << 40
	noUntil   = 1 << 40

	observedBy = 2 // days that a date goes at most from where it falls to where it is observed
)

// monthsOf returns the months in which days of the span lie, as bits.
func monthsOf(y Yearly) uint16 {
	var months uint16
	wraps := y.To.order() < y.From.order()
	for m := time.January; m <= time.December; m++ {
		if (m >= y.From.Month && m <= y.To.Month) || wraps && (m >= y.From.Month || m <= y.To.Month) {
			months |= 1 << m
		}
	}
	return months
}

func (m *matcher) inYear(d Date) bool {
	at := MonthDay{d.Month, d.Day}.order()
	if m.from <= m.to {
		return m.from <= at && at <= m.to
	}
	return at >= m.from || at <= m.to
}
