package schedule

import (
	"fmt"
	"strings"
	"time"
)

// A Finding is something in a schedule that is allowed and hardly meant.
type Finding struct {
	Code  Code
	Field string // the way to it, as in an InvalidError
	Text  string // for people
	Date  Date   // for LosesTime and GainsTime: the local date on which the window starts
}

// Code is the kind of a finding.
type Code string

// The kinds of findings.
const (
	NeverOpens     Code = "never-opens"     // there is no open instant between the dates
	Overlaps       Code = "overlaps"        // two windows of one list, or of two days, overlap: the time counts once
	LosesTime      Code = "loses-time"      // daylight saving time skips a part of the window, or all of it
	GainsTime      Code = "gains-time"      // daylight saving time repeats a part of the window
	SelectsNothing Code = "selects-nothing" // the conditions of a rule or holiday contradict one another
	NoEffect       Code = "no-effect"       // breaks or holidays of a schedule without own hours
	NoDayLength    Code = "no-day-length"   // business days cannot be asked of it
)

// MaxFindings is how many findings Lint returns at most.
const MaxFindings = 1000

// Lint looks for what cannot be meant in the schedule, as it is from one date to another, both included: that it never
// opens, windows that overlap, time that is lost or gained where a zone changes its offset, and rules without effect.
// Parents, and the parts of unions, intersections and exclusions, are looked at too.
//
// It returns an [InvalidError] for a schedule that Compile refuses, and for dates that are not valid or in the wrong
// order.
func Lint(s Schedule, from, to Date) ([]Finding, error) {
	switch {
	case !from.Valid():
		return nil, invalid("from", "is a date")
	case !to.Valid() || to.Compare(from) < 0:
		return nil, invalid("to", "is a date, and not before from")
	}
	c, err := Compile(s)
	if err != nil {
		return nil, err
	}
	l := linter{from: from, to: to, zones: zones{}}
	if c.Between(c.Instant(from, Midnight), c.Instant(to, EndOfDay)) == 0 {
		when := fmt.Sprintf("from %s to %s", from, to)
		if c.Between(Begin(), End()) == 0 {
			when = "from 1970 to 2200"
		}
		l.add(Finding{Code: NeverOpens, Text: "does not open " + when})
	}
	if c.dayLength == 0 {
		l.add(Finding{Code: NoDayLength, Field: "day_length", Text: "is not given, and not every day of the week is as long: business days cannot be asked of it"})
	}
	if err := l.part(s, ""); err != nil {
		return nil, err
	}
	return l.found, nil
}

type linter struct {
	from, to Date
	zones    zones
	found    []Finding
}

func (l *linter) add(f Finding) {
	if len(l.found) < MaxFindings {
		l.found = append(l.found, f)
	}
}

func (l *linter) part(s Schedule, path string) error {
	l.entries(s, path)
	// What a child has from its parent counts for its effect and on its clock.
	whole := inherit(s)
	if whole.hasHours() {
		if err := l.changes(whole, path); err != nil {
			return err
		}
	} else if len(whole.Breaks)+len(whole.Holidays) > 0 {
		l.add(Finding{Code: NoEffect, Field: strings.TrimSuffix(path, "."), Text: "has breaks or holidays and no own hours that they could take from"})
	}
	for _, group := range []struct {
		field string
		of    []Schedule
	}{{"union", whole.Union}, {"intersect", whole.Intersect}, {"exclude", whole.Exclude}} {
		for i, part := range group.of {
			if err := l.part(part, path+index(group.field, i)+"."); err != nil {
				return err
			}
		}
	}
	return nil
}

// entries looks at what the schedule and its parents say themselves.
func (l *linter) entries(s Schedule, path string) {
	for day, name := range dayNames {
		l.overlaps(s.Week[time.Weekday(day)], path+"week."+name)
		l.tail(s, day, path)
	}
	for _, group := range []struct {
		field string
		of    []Rule
	}{{"rules", s.Rules}, {"special", s.Special}, {"breaks", s.Breaks}} {
		for i, r := range group.of {
			l.overlaps(r.Hours, path+index(group.field, i)+".hours")
			l.selects(r.On, path+index(group.field, i))
		}
	}
	for i, h := range s.Holidays {
		l.selects(h.On, path+index("holidays", i))
	}
	if s.Parent != nil {
		l.entries(*s.Parent, path+"parent.")
	}
}

func (l *linter) overlaps(windows []Window, path string) {
	for i, w := range windows {
		for j := range i {
			if overlap(w.span(), windows[j].span()) {
				l.add(Finding{Code: Overlaps, Field: index(path, i), Text: fmt.Sprintf("%s overlaps %s", w, windows[j])})
			}
		}
	}
}

// tail looks whether a window of the day runs into one of the next day.
func (l *linter) tail(s Schedule, day int, path string) {
	next := (day + 1) % 7
	for _, w := range s.Week[time.Weekday(day)] {
		late := w.span()
		for j, early := range s.Week[time.Weekday(next)] {
			if overlap(span{late.start - secondsPerDay, late.end - secondsPerDay}, early.span()) {
				l.add(Finding{Code: Overlaps, Field: index(path+"week."+dayNames[next], j),
					Text: fmt.Sprintf("%s overlaps %s of the day before", early, w)})
			}
		}
	}
}

func overlap(a, b span) bool { return a.start < b.end && b.start < a.end }

func (l *linter) selects(on On, path string) {
	if len(on.Dates) == 0 && on.Observed == Stay && len(on.Weekdays) == 0 && on.Day == 0 && on.Easter == nil &&
		(on.From.IsZero() && on.To.IsZero() || on.Yearly.IsZero() && len(on.Months) == 0) && (on.Yearly.IsZero() || len(on.Months) == 0) {
		return // one condition, or none that could contradict: no need to go through the years
	}
	m := newMatcher(on)
	m.observed = Stay // where the dates go says nothing about whether there are any
	for _, number := range m.dates {
		if d := dayOf(number); m.selects(&d) {
			return
		}
	}
	if m.dates == nil {
		for d := dayOf(0); d.number < last/secondsPerDay; d = d.next() {
			if m.selects(&d) {
				return
			}
		}
	}
	l.add(Finding{Code: SelectsNothing, Field: path, Text: "selects no date from 1970 to 2200"})
}

// changes looks for windows around changes of the zone's offset whose length on the clock is not their length in time.
func (l *linter) changes(s Schedule, path string) error {
	o, err := l.zones.compileOwn(s, path)
	if err != nil {
		return err
	}
	if o.always {
		return nil
	}
	start, end := l.from.number()*secondsPerDay, (l.to.number()+1)*secondsPerDay
	start, end = max(start, first), min(end, last)
	if start >= end {
		return nil
	}
	var at []int64
	offsets(o.zone, start, end, func(_, end, _ int64) { at = append(at, end) })
	var done int64 = -1 << 40
	for _, change := range at[:len(at)-1] {
		around := floorDay(change + offsetAt(o.zone, change))
		for d := dayOf(max(around-2, done+1)); d.number <= around+1; d = d.next() {
			done = d.number
			l.day(o, d, path)
		}
	}
	return nil
}

// day compares each window of the day on the clock and in time.
func (l *linter) day(o *own, d day, path string) {
	if o.holidayOn(&d) != nil {
		return
	}
	type stretch struct{ begin, end, offset int64 }
	var stretches []stretch
	midnight := d.number * secondsPerDay
	offsets(o.zone, midnight-2*secondsPerDay, midnight+4*secondsPerDay, func(begin, end, offset int64) {
		stretches = append(stretches, stretch{begin, end, offset})
	})
	for _, w := range o.windows(&d) {
		if len(l.found) >= MaxFindings {
			return
		}
		if w == AllDay().span() {
			continue // a whole day is as long as it is
		}
		w = span{w.start + midnight, w.end + midnight}
		var real int64
		for _, s := range stretches {
			real += max(0, min(w.end-s.offset, s.end)-max(w.start-s.offset, s.begin))
		}
		length := w.end - w.start
		switch lasts := time.Duration(real) * time.Second; {
		case real < length:
			l.add(Finding{Code: LosesTime, Field: strings.TrimSuffix(path, "."), Date: d.date, Text: fmt.Sprintf("%s of %s: the window of %s lasts %s",
				clockSpan(w, d), d.date, time.Duration(length)*time.Second, lasts)})
		case real > length:
			l.add(Finding{Code: GainsTime, Field: strings.TrimSuffix(path, "."), Date: d.date, Text: fmt.Sprintf("%s of %s: the window of %s lasts %s",
				clockSpan(w, d), d.date, time.Duration(length)*time.Second, lasts)})
		}
	}
}

// clockSpan returns the span as the clock on the wall reads it.
func clockSpan(s span, d day) string {
	midnight := d.number * secondsPerDay
	start, end := s.start-midnight, s.end-midnight
	if end > secondsPerDay {
		end -= secondsPerDay
	}
	return Clock(start).String() + "-" + Clock(end).String()
}
