package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/forewarn-go/forewarn/sla/schedule"
)

// calendar is a calendar as the files write it.
type calendar struct {
	Zone     string                 `json:"tz"`
	Always   bool                   `json:"always"`
	Week     map[string][][2]string `json:"week"`
	Holidays []string               `json:"holidays"`        // dates
	Annual   []string               `json:"annual_holidays"` // MM-DD
	Special  map[string][][2]string `json:"overrides"`       // by date
	Breaks   map[string][][2]string `json:"breaks"`
	Mode     schedule.HolidayMode   `json:"holiday_mode"`
	Union    []string               `json:"union"`
	Meet     []string               `json:"intersect"`

	broken error // why it could not be read
}

// UnmarshalJSON keeps what is wrong with the calendar for those who ask for it. A field that is not known is wrong: it
// may be a holiday that would be lost.
func (c *calendar) UnmarshalJSON(b []byte) error {
	type plain calendar
	var p plain
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&p); err != nil {
		p = plain{broken: err}
	}
	*c = calendar(p)
	return nil
}

// calendars compiles the calendars of a file, each when it is first asked for.
type calendars struct {
	named map[string]calendar
	made  map[string]*schedule.Calendar
}

func newCalendars(named map[string]calendar) *calendars {
	return &calendars{named: named, made: map[string]*schedule.Calendar{}}
}

func (c *calendars) get(name string) (*schedule.Calendar, error) {
	if made, ok := c.made[name]; ok {
		return made, nil
	}
	s, err := c.schedule(name)
	if err != nil {
		return nil, err
	}
	made, err := schedule.Compile(s)
	if err != nil {
		return nil, fmt.Errorf("calendar %q: %w", name, err)
	}
	c.made[name] = made
	return made, nil
}

func (c *calendars) whole(name string) (schedule.Schedule, error) { return c.schedule(name) }

// schedule returns a calendar of the file as a schedule.
func (c *calendars) schedule(name string, within ...string) (schedule.Schedule, error) {
	given, ok := c.named[name]
	switch {
	case !ok:
		return schedule.Schedule{}, fmt.Errorf("there is no calendar %q", name)
	case slices.Contains(within, name):
		return schedule.Schedule{}, fmt.Errorf("calendar %q is a part of itself", name)
	case len(within) >= schedule.MaxDepth:
		return schedule.Schedule{}, fmt.Errorf("calendar %q lies deeper than %d in others", name, schedule.MaxDepth)
	}
	s, err := given.schedule()
	if err != nil {
		return s, fmt.Errorf("calendar %q: %w", name, err)
	}
	s.Name = name
	within = append(slices.Clone(within), name)
	for _, list := range []struct {
		names []string
		into  *[]schedule.Schedule
	}{{given.Union, &s.Union}, {given.Meet, &s.Intersect}} {
		for _, part := range list.names {
			p, err := c.schedule(part, within...)
			if err != nil {
				return s, err
			}
			*list.into = append(*list.into, p)
		}
	}
	return s, nil
}

var weekdays = map[string]time.Weekday{"sun": time.Sunday, "mon": time.Monday, "tue": time.Tuesday, "wed": time.Wednesday,
	"thu": time.Thursday, "fri": time.Friday, "sat": time.Saturday}

// schedule returns the calendar without the parts that it is made of.
func (c calendar) schedule() (schedule.Schedule, error) {
	if c.broken != nil {
		return schedule.Schedule{}, c.broken
	}
	s := schedule.Schedule{Zone: c.Zone, Always: c.Always, HolidayMode: c.Mode}
	for _, name := range slices.Sorted(maps.Keys(c.Week)) {
		day, ok := weekdays[name]
		if !ok {
			return s, fmt.Errorf("week.%s: is no day of the week", name)
		}
		windows, err := hours(c.Week[name])
		if err != nil {
			return s, fmt.Errorf("week.%s: %w", name, err)
		}
		if s.Week == nil {
			s.Week = schedule.Week{}
		}
		s.Week[day] = windows
	}
	if len(c.Holidays) > 0 {
		dates, err := dates(c.Holidays)
		if err != nil {
			return s, fmt.Errorf("holidays: %w", err)
		}
		s.Holidays = append(s.Holidays, schedule.Holiday{On: schedule.On{Dates: dates}})
	}
	for _, text := range c.Annual {
		month, day, ok := strings.Cut(text, "-")
		m, errM := strconv.Atoi(month)
		d, errD := strconv.Atoi(day)
		if !ok || errM != nil || errD != nil {
			return s, fmt.Errorf("annual_holidays: %q is no month and day", text)
		}
		s.Holidays = append(s.Holidays, schedule.Holiday{On: schedule.On{Yearly: schedule.Each(time.Month(m), d)}})
	}
	var err error
	if s.Special, err = rules(c.Special); err != nil {
		return s, fmt.Errorf("overrides: %w", err)
	}
	if s.Breaks, err = rules(c.Breaks); err != nil {
		return s, fmt.Errorf("breaks: %w", err)
	}
	return s, nil
}

func rules(of map[string][][2]string) ([]schedule.Rule, error) {
	var all []schedule.Rule
	for _, text := range slices.Sorted(maps.Keys(of)) {
		dates, err := dates([]string{text})
		if err != nil {
			return nil, err
		}
		windows, err := hours(of[text])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", text, err)
		}
		all = append(all, schedule.Rule{On: schedule.On{Dates: dates}, Hours: windows})
	}
	return all, nil
}

func dates(texts []string) ([]schedule.Date, error) {
	all := make([]schedule.Date, len(texts))
	for i, text := range texts {
		if err := all[i].UnmarshalText([]byte(text)); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func hours(pairs [][2]string) ([]schedule.Window, error) {
	all := make([]schedule.Window, len(pairs))
	for i, pair := range pairs {
		if err := all[i].UnmarshalText([]byte(pair[0] + "-" + pair[1])); err != nil {
			return nil, err
		}
	}
	return all, nil
}
