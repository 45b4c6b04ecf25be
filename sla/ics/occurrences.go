package ics

import (
	"slices"
	"strconv"
	"time"

	ical "github.com/arran4/golang-ical"

	"github.com/forewarn-go/forewarn/sla/schedule"
)

// occurrences returns what selects the dates of an event of so many days.
func (r *reader) occurrences(e *ical.VEvent, start moment, days int) ([]schedule.On, error) {
	rules := e.GetProperties(ical.ComponentPropertyRrule)
	if len(rules) > 1 {
		return nil, wrong("RRULE", "is given more than once")
	}
	if len(e.GetProperties("EXRULE")) > 0 {
		return nil, wrong("EXRULE", "is not read")
	}
	except, err := r.except(e, start)
	if err != nil {
		return nil, err
	}
	also, err := moments(e, ical.ComponentPropertyRdate, start)
	if err != nil {
		return nil, err
	}
	if len(rules) == 0 {
		return r.listed(append(also, start.date), except, days)
	}
	rule, err := recurrenceOf(rules[0].Value)
	if err != nil {
		return nil, err
	}
	last, err := rule.last(start)
	if err != nil {
		return nil, err
	}
	if last.Compare(start.date) < 0 {
		return nil, wrong("RRULE", "UNTIL is before DTSTART")
	}
	conditions := rule.conditions(start.date)
	if rule.interval == 1 && rule.count == 0 && len(except)+len(also) == 0 {
		if days > 1 && !rule.bounded && span(conditions[0], start.date, days) {
			to := start.date.AddDays(days - 1)
			conditions[0].Yearly.To = schedule.MonthDay{Month: to.Month, Day: to.Day}
			days = 1
		}
		if days == 1 {
			for i := range conditions {
				conditions[i].From = start.date
				if rule.bounded {
					conditions[i].To = last
				}
			}
			return conditions, nil
		}
	}
	dates, err := r.expand(rule, conditions, start.date, last)
	if err != nil {
		return nil, err
	}
	return r.listed(append(dates, also...), except, days)
}

// span reports whether so many days from a day of every year on are the same days in every year. They are not when a
// leap day is among them, which makes them end a day earlier.
func span(on schedule.On, start schedule.Date, days int) bool {
	if on.Yearly.IsZero() || days > 200 {
		return false
	}
	leap := schedule.Date{Year: 2024, Month: start.Month, Day: start.Day}
	for i := range days + 1 {
		if d := leap.AddDays(i); d.Month == time.February && d.Day == 29 {
			return false
		}
	}
	return true
}

// except returns the dates on which the series does not take place: those it excludes, and those that other events stand for.
func (r *reader) except(e *ical.VEvent, start moment) ([]schedule.Date, error) {
	except, err := moments(e, ical.ComponentPropertyExdate, start)
	if err != nil {
		return nil, err
	}
	if e.GetProperty(ical.ComponentPropertyRecurrenceId) != nil {
		return except, nil
	}
	if uid := e.GetProperty(ical.ComponentPropertyUniqueId); uid != nil {
		for _, m := range r.replaced[uid.Value] {
			if m, err = m.in(start.zone); err != nil {
				return nil, wrong("RECURRENCE-ID", "cannot be read in the zone of DTSTART")
			}
			except = append(except, m.date)
		}
	}
	return except, nil
}

// moments returns the dates of all properties of the name, as the clock of the event's start reads them.
func moments(e *ical.VEvent, name ical.ComponentProperty, start moment) ([]schedule.Date, error) {
	var dates []schedule.Date
	for _, p := range e.GetProperties(name) {
		list, err := momentsOf(p)
		if err != nil {
			return nil, err
		}
		for _, m := range list {
			if m, err = m.in(start.zone); err != nil {
				return nil, wrong(string(name), "cannot be read in the zone of DTSTART")
			}
			if name == ical.ComponentPropertyRdate && (m.whole != start.whole || m.clock != start.clock) {
				return nil, wrong(string(name), "has the time of DTSTART: a window at another time is not read")
			}
			dates = append(dates, m.date)
		}
	}
	return dates, nil
}

// expand lists the dates of a recurrence.
func (r *reader) expand(rule recurrence, conditions []schedule.On, start, last schedule.Date) ([]schedule.Date, error) {
	var dates []schedule.Date
	for d := start; d.Compare(last) <= 0 && (rule.count == 0 || len(dates) < rule.count); d = d.AddDays(1) {
		if r.sought++; r.sought > maxSought {
			return nil, wrong("RRULE", "makes too many days to go through: give it an UNTIL")
		}
		if rule.falls(start, d) && slices.ContainsFunc(conditions, func(on schedule.On) bool { return on.Selects(d) }) {
			dates = append(dates, d)
			if r.dates+len(dates) > MaxDates {
				return nil, wrong("RRULE", "makes more than "+strconv.Itoa(MaxDates)+" dates in the file: give it an UNTIL")
			}
		}
	}
	return dates, nil
}

// listed returns the dates, without those excepted, each with the days that follow it in an event of so many days.
func (r *reader) listed(starts, except []schedule.Date, days int) ([]schedule.On, error) {
	out := map[schedule.Date]bool{}
	for _, d := range except {
		out[d] = true
	}
	var dates []schedule.Date
	for _, d := range starts {
		if out[d] {
			continue
		}
		if r.dates += days; r.dates > MaxDates {
			return nil, wrong("", "makes more than "+strconv.Itoa(MaxDates)+" dates in the file")
		}
		for i := range days {
			dates = append(dates, d.AddDays(i))
		}
	}
	slices.SortFunc(dates, schedule.Date.Compare)
	dates = slices.Compact(dates)
	if len(dates) == 0 {
		return nil, nil
	}
	if last := dates[len(dates)-1]; !last.Valid() {
		return nil, wrong("DTEND", last.String()+" is no date")
	}
	return []schedule.On{{Dates: dates}}, nil
}
