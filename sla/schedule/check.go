package schedule

import (
	"strconv"
	"strings"
	"time"
)

// check returns an InvalidError when the schedule breaks a rule of its form, in whatever it is made of.
func check(s Schedule, known zones) error {
	c := checker{zones: known}
	return c.check(s, "", 1)
}

// A checker counts what the schedule and all its parts have together.
type checker struct {
	zones                        zones
	parts, rules, windows, dates int
}

func (c *checker) check(s Schedule, path string, depth int) error {
	if c.parts++; c.parts > MaxParts {
		return invalid(strings.TrimSuffix(path, "."), "makes the schedule one of more than "+strconv.Itoa(MaxParts)+" schedules")
	}
	if depth > MaxDepth {
		return invalid(strings.TrimSuffix(path, "."), "lies more than "+strconv.Itoa(MaxDepth)+" schedules deep")
	}
	if s.Ref != "" {
		return invalid(path+"ref", quote(s.Ref)+" is not resolved: a Library does that")
	}
	if len(s.Name) > MaxName {
		return invalid(path+"name", "is longer than "+strconv.Itoa(MaxName)+" bytes")
	}
	if s.Zone != "" {
		if _, err := c.zones.load(s.Zone, path+"zone"); err != nil {
			return err
		}
	}
	if s.Always && len(s.Week) > 0 {
		return invalid(path+"week", "is not given together with always")
	}
	switch s.HolidayMode {
	case "", Mask, Owner:
	default:
		return invalid(path+"holiday_mode", quote(string(s.HolidayMode))+" is neither mask nor owner")
	}
	if s.DayLength < 0 || s.DayLength > Duration(48*time.Hour) {
		return invalid(path+"day_length", "is from 1ns to 48h")
	}
	for day := range s.Week {
		if day < 0 || day > 6 {
			return invalid(path+"week", "has a day that is not from Sunday to Saturday")
		}
	}
	for day, name := range dayNames {
		if err := c.windowsOf(s.Week[time.Weekday(day)], path+"week."+name); err != nil {
			return err
		}
	}
	if err := c.rulesOf(s, path); err != nil {
		return err
	}
	if s.Parent != nil {
		if err := c.check(*s.Parent, path+"parent.", depth+1); err != nil {
			return err
		}
	}
	for _, group := range []struct {
		field string
		of    []Schedule
	}{{"union", s.Union}, {"intersect", s.Intersect}, {"exclude", s.Exclude}} {
		for i, part := range group.of {
			if err := c.check(part, path+index(group.field, i)+".", depth+1); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *checker) rulesOf(s Schedule, path string) error {
	for _, group := range []struct {
		field string
		of    []Rule
	}{{"rules", s.Rules}, {"special", s.Special}, {"breaks", s.Breaks}} {
		for i, r := range group.of {
			at := path + index(group.field, i)
			if err := c.windowsOf(r.Hours, at+".hours"); err != nil {
				return err
			}
			if len(r.Hours) == 0 && group.field != "special" {
				return invalid(at+".hours", "is empty: this rule does nothing")
			}
			if err := c.entry(r.Name, r.On, at); err != nil {
				return err
			}
		}
	}
	for i, h := range s.Holidays {
		if err := c.entry(h.Name, h.On, path+index("holidays", i)); err != nil {
			return err
		}
	}
	return nil
}

func (c *checker) entry(name string, on On, path string) error {
	if c.rules++; c.rules > MaxRules {
		return invalid(path, "makes the schedule one of more than "+strconv.Itoa(MaxRules)+" rules and holidays")
	}
	if len(name) > MaxName {
		return invalid(path+".name", "is longer than "+strconv.Itoa(MaxName)+" bytes")
	}
	if c.dates += len(on.Dates); c.dates > MaxDates {
		return invalid(path+".dates", "makes more than "+strconv.Itoa(MaxDates)+" dates in the schedule")
	}
	return checkOn(on, path)
}

func (c *checker) windowsOf(windows []Window, path string) error {
	if c.windows += len(windows); c.windows > MaxWindows {
		return invalid(path, "makes the schedule one of more than "+strconv.Itoa(MaxWindows)+" windows")
	}
	for i, w := range windows {
		if rule := w.check(); rule != "" {
			return invalid(index(path, i), rule)
		}
	}
	return nil
}

func checkOn(on On, path string) error {
	for i, d := range on.Dates {
		if !d.Valid() {
			return invalid(index(path+".dates", i), d.String()+" is no date")
		}
	}
	if !on.Yearly.IsZero() && (!on.Yearly.From.valid() || !on.Yearly.To.valid()) {
		return invalid(path+".yearly", on.Yearly.String()+" is no day of a year")
	}
	for i, m := range on.Months {
		if m < 1 || m > 12 {
			return invalid(index(path+".months", i), "is from 1 to 12")
		}
	}
	for i, d := range on.Weekdays {
		if d < 0 || d > 6 {
			return invalid(index(path+".weekdays", i), "is from Sunday to Saturday")
		}
	}
	switch {
	case on.Day < -31 || on.Day > 31:
		return invalid(path+".day", "is from 1 to 31, or from -1 to -31 counted from the end of the month")
	case on.Nth < -5 || on.Nth > 5:
		return invalid(path+".nth", "is from 1 to 5, or from -1 to -5 counted from the end of the month")
	case on.Nth != 0 && len(on.Weekdays) == 0:
		return invalid(path+".nth", "is given with weekdays: it is the how manieth of its day of the week")
	case on.Easter != nil && (*on.Easter < -200 || *on.Easter > 200):
		return invalid(path+".easter", "is from -200 to 200 days")
	case !on.From.IsZero() && !on.From.Valid():
		return invalid(path+".from", on.From.String()+" is no date")
	case !on.To.IsZero() && !on.To.Valid():
		return invalid(path+".to", on.To.String()+" is no date")
	case !on.From.IsZero() && !on.To.IsZero() && on.To.Compare(on.From) < 0:
		return invalid(path+".to", "is not before from")
	case on.Observed != Stay && on.Observed != Nearest && on.Observed != Monday:
		return invalid(path+".observed", quote(string(on.Observed))+" is neither nearest nor monday")
	case len(on.Dates) == 0 && on.Yearly.IsZero() && len(on.Months) == 0 && on.Day == 0 && len(on.Weekdays) == 0 &&
		on.Easter == nil && on.From.IsZero() && on.To.IsZero():
		return invalid(path, "selects no dates: give dates, yearly, months, day, weekdays, easter, from or to")
	}
	return nil
}

func index(field string, i int) string { return field + "[" + strconv.Itoa(i) + "]" }
