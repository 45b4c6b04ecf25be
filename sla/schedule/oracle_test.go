package schedule_test

import (
	"sync"
	"time"

	"github.com/forewarn-go/forewarn/sla/schedule"
)

// The oracle answers as the definition reads: it looks at the clock on the wall at one instant and asks the schedule
// whether that reading is open. It shares no code with the package.

// oracleOpen reports whether the schedule is open at the instant.
func oracleOpen(s schedule.Schedule, t time.Time) bool {
	open := false
	family := lineage(s)
	var unions, intersections, exclusions []schedule.Schedule
	hours := false
	for _, m := range family {
		unions = append(unions, m.Union...)
		intersections = append(intersections, m.Intersect...)
		exclusions = append(exclusions, m.Exclude...)
		hours = hours || m.Always || len(m.Week)+len(m.Rules)+len(m.Special) > 0
	}
	switch {
	case hours:
		open = oracleOwn(family, t)
	case len(unions) == 0:
		open = len(intersections)+len(exclusions) > 0
	}
	for _, part := range unions {
		open = open || oracleOpen(part, t)
	}
	for _, part := range intersections {
		open = open && oracleOpen(part, t)
	}
	for _, part := range exclusions {
		open = open && !oracleOpen(part, t)
	}
	return open
}

// lineage returns the schedule and its parents, the eldest first.
func lineage(s schedule.Schedule) []schedule.Schedule {
	if s.Parent == nil {
		return []schedule.Schedule{s}
	}
	return append(lineage(*s.Parent), s)
}

// youngest returns what the youngest that says something says.
func youngest[T comparable](family []schedule.Schedule, says func(schedule.Schedule) T) T {
	var none T
	for i := len(family) - 1; i >= 0; i-- {
		if v := says(family[i]); v != none {
			return v
		}
	}
	return none
}

// locations are the zones that were loaded, by name.
var locations sync.Map

func located(name string) *time.Location {
	if known, ok := locations.Load(name); ok {
		return known.(*time.Location)
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		panic(err)
	}
	locations.Store(name, zone)
	return zone
}

func oracleOwn(family []schedule.Schedule, t time.Time) bool {
	zone := time.UTC
	if name := youngest(family, func(s schedule.Schedule) string { return s.Zone }); name != "" {
		zone = located(name)
	}
	local := t.In(zone)
	today := time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, time.UTC)
	clock := local.Hour()*3600 + local.Minute()*60 + local.Second()
	owner := youngest(family, func(s schedule.Schedule) schedule.HolidayMode { return s.HolidayMode }) == schedule.Owner
	if !owner && oracleHoliday(family, today) {
		return false
	}
	for back := range 2 {
		day, second := today.AddDate(0, 0, -back), clock+back*86400
		for _, m := range family {
			for _, b := range m.Breaks {
				if oracleOn(b.On, day) && within(b.Hours, second) {
					return false
				}
			}
		}
	}
	for back := range 2 {
		day, second := today.AddDate(0, 0, -back), clock+back*86400
		if !oracleHoliday(family, day) && oracleStarted(family, day, second) {
			return true
		}
	}
	return false
}

// oracleStarted reports whether a window that starts on the day holds the second since its midnight.
func oracleStarted(family []schedule.Schedule, day time.Time, second int) bool {
	for i := len(family) - 1; i >= 0; i-- {
		for j := len(family[i].Special) - 1; j >= 0; j-- {
			if r := family[i].Special[j]; oracleOn(r.On, day) {
				return within(r.Hours, second)
			}
		}
	}
	for _, m := range family {
		for _, r := range m.Rules {
			if oracleOn(r.On, day) && within(r.Hours, second) {
				return true
			}
		}
	}
	for i := len(family) - 1; i >= 0; i-- {
		if family[i].Always {
			return second < 86400
		}
		if windows, ok := family[i].Week[day.Weekday()]; ok {
			return within(windows, second)
		}
		if len(family[i].Week) > 0 && i > 0 && !anyWeek(family[:i]) {
			return false // a week of one's own does away with an Always of before
		}
	}
	return false
}

func anyWeek(family []schedule.Schedule) bool {
	for _, m := range family {
		if len(m.Week) > 0 {
			return true
		}
	}
	return false
}

func within(windows []schedule.Window, second int) bool {
	for _, w := range windows {
		end := int(w.End)
		if w.End <= w.Start {
			end += 86400
		}
		if int(w.Start) <= second && second < end {
			return true
		}
	}
	return false
}

func oracleHoliday(family []schedule.Schedule, day time.Time) bool {
	for _, m := range family {
		for _, h := range m.Holidays {
			if oracleOn(h.On, day) {
				return true
			}
		}
	}
	return false
}

// oracleOn reports whether a date that is selected goes to the day.
func oracleOn(on schedule.On, day time.Time) bool {
	if on.Observed == schedule.Stay {
		return oracleSelects(on, day)
	}
	for shift := -3; shift <= 3; shift++ {
		nominal := day.AddDate(0, 0, shift)
		if !oracleSelects(on, nominal) {
			continue
		}
		observed := nominal
		switch {
		case on.Observed == schedule.Nearest && nominal.Weekday() == time.Saturday:
			observed = nominal.AddDate(0, 0, -1)
		case on.Observed != schedule.Stay && nominal.Weekday() == time.Sunday:
			observed = nominal.AddDate(0, 0, 1)
		case on.Observed == schedule.Monday && nominal.Weekday() == time.Saturday:
			observed = nominal.AddDate(0, 0, 2)
		}
		if observed.Equal(day) {
			return true
		}
	}
	return false
}

func oracleSelects(on schedule.On, day time.Time) bool {
	number := func(d schedule.Date) int { return d.Year*10000 + int(d.Month)*100 + d.Day }
	today := number(schedule.DateOf(day))
	if len(on.Dates) > 0 {
		found := false
		for _, d := range on.Dates {
			found = found || number(d) == today
		}
		if !found {
			return false
		}
	}
	if !on.Yearly.IsZero() {
		order := func(d schedule.MonthDay) int { return int(d.Month)*100 + d.Day }
		at, from, to := today%10000, order(on.Yearly.From), order(on.Yearly.To)
		inside := from <= at && at <= to
		if to < from {
			inside = at >= from || at <= to
		}
		if !inside {
			return false
		}
	}
	if len(on.Months) > 0 {
		found := false
		for _, m := range on.Months {
			found = found || m == day.Month()
		}
		if !found {
			return false
		}
	}
	if len(on.Weekdays) > 0 {
		found := false
		for _, w := range on.Weekdays {
			found = found || w == day.Weekday()
		}
		if !found {
			return false
		}
	}
	if on.Day > 0 && day.Day() != on.Day {
		return false
	}
	if on.Day < 0 && !day.AddDate(0, 0, -on.Day).Equal(time.Date(day.Year(), day.Month()+1, 1, 0, 0, 0, 0, time.UTC)) {
		return false // the next month does not begin so many days later
	}
	if on.Nth > 0 && (day.AddDate(0, 0, -7*(on.Nth-1)).Month() != day.Month() || day.AddDate(0, 0, -7*on.Nth).Month() == day.Month()) {
		return false
	}
	if on.Nth < 0 && (day.AddDate(0, 0, 7*(-on.Nth-1)).Month() != day.Month() || day.AddDate(0, 0, -7*on.Nth).Month() == day.Month()) {
		return false
	}
	if on.Easter != nil && !oracleEaster(day.AddDate(0, 0, -*on.Easter)) {
		return false
	}
	return (on.From.IsZero() || today >= number(on.From)) && (on.To.IsZero() || today <= number(on.To))
}

// oracleEaster reports whether the day is Easter Sunday, by Gauss's rule with its two exceptions.
func oracleEaster(day time.Time) bool {
	y := day.Year()
	a, b, c, k := y%19, y%4, y%7, y/100
	p := (13 + 8*k) / 25
	m := (15 - p + k - k/4) % 30
	n := (4 + k - k/4) % 7
	d := (19*a + m) % 30
	e := (2*b + 4*c + 6*d + n) % 7
	march := 22 + d + e
	if d == 29 && e == 6 || d == 28 && e == 6 && a > 10 {
		march -= 7
	}
	return time.Date(y, time.March, march, 0, 0, 0, 0, time.UTC).Equal(day)
}

// A strip is time cut into cells of equal length, each of which is open or closed throughout.
type strip struct {
	from time.Time
	cell time.Duration
	open []bool
}

func newStrip(s schedule.Schedule, from time.Time, cell time.Duration, cells int) strip {
	p := strip{from, cell, make([]bool, cells)}
	for i := range p.open {
		p.open[i] = oracleOpen(s, p.start(i))
	}
	return p
}

func (p strip) start(i int) time.Time { return p.from.Add(time.Duration(i) * p.cell) }

func (p strip) end() time.Time { return p.start(len(p.open)) }

func (p strip) at(t time.Time) int { return int(t.Sub(p.from) / p.cell) }

func (p strip) between(from, to time.Time) time.Duration {
	var sum time.Duration
	for i, open := range p.open {
		if open {
			a, b := latest(p.start(i), from), earliest(p.start(i+1), to)
			sum += max(0, b.Sub(a))
		}
	}
	return sum
}

// add returns the earliest instant with so much open time since t; false when it is not on the strip.
func (p strip) add(t time.Time, d time.Duration) (time.Time, bool) {
	if d == 0 {
		return t, true
	}
	for i := p.at(t); i < len(p.open); i++ {
		if p.open[i] {
			at := latest(p.start(i), t)
			if has := p.start(i + 1).Sub(at); d > has {
				d -= has
			} else {
				return at.Add(d), true
			}
		}
	}
	return t, false
}

// sub returns the latest instant with so much open time until t.
func (p strip) sub(t time.Time, d time.Duration) (time.Time, bool) {
	if d == 0 {
		return t, true
	}
	for i := min(p.at(t), len(p.open)-1); i >= 0; i-- {
		if p.open[i] {
			at := earliest(p.start(i+1), t)
			if has := at.Sub(p.start(i)); d > has {
				d -= has
			} else {
				return at.Add(-d), true
			}
		}
	}
	return t, false
}

func (p strip) nextOpen(t time.Time) (time.Time, bool) {
	for i := p.at(t); i < len(p.open); i++ {
		if p.open[i] {
			return latest(p.start(i), t), true
		}
	}
	return t, false
}

func (p strip) openEnd(t time.Time) (time.Time, bool) {
	t, ok := p.nextOpen(t)
	for i := p.at(t); ok && i < len(p.open); i++ {
		if !p.open[i] {
			return p.start(i), true
		}
	}
	return t, false
}

func (p strip) prevClose(t time.Time) (time.Time, bool) {
	for i := min(p.at(t), len(p.open)-1); i >= 0; i-- {
		if p.open[i] && p.start(i).Before(t) {
			return earliest(p.start(i+1), t), true
		}
	}
	return t, false
}

func earliest(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
