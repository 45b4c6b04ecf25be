package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/forewarn-go/forewarn/internal/subcommand"
	"github.com/forewarn-go/forewarn/sla"
	"github.com/forewarn-go/forewarn/sla/schedule"
)

const lintHelp = `Tells what SLA definitions, or schedules, say that their author can hardly mean. FILE ("-": the standard input) has
definitions ({"definitions": […]}), a schedule, a library of schedules, or calendars in the format of the vectors.
The exit code is 1 when there is something to tell.

`

func lint(c *subcommand.Call) error {
	shipped := c.Bool("shipped", false, "look at the definitions that come with package sla, and take no FILE")
	year := time.Now().Year()
	l := linter{from: schedule.Date{Year: year, Month: time.January, Day: 1}, to: schedule.Date{Year: year + 1, Month: time.December, Day: 31}}
	c.TextVar(&l.from, "from", l.from, "look at schedules from this `DATE` on")
	c.TextVar(&l.to, "to", l.to, "look at schedules up to this `DATE`")
	operands, err := c.Operands(0, 1)
	switch {
	case err != nil:
		return err
	case *shipped == (len(operands) == 1):
		return subcommand.Usage("lint: takes a FILE, or -shipped and none; see slaclock help lint")
	}
	b, name := sla.TechnologySupportJSON(), "shipped"
	if !*shipped {
		name = operands[0]
		if b, err = c.ReadFile(name, maxFile); err != nil {
			return err
		}
	}
	if err = l.file(b); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	for _, f := range l.found {
		fmt.Fprintln(c.Out, f)
	}
	if len(l.found) > 0 {
		return fmt.Errorf("%s: %d findings", name, len(l.found))
	}
	return nil
}

// linter looks at a file; schedules between two dates.
type linter struct {
	from, to schedule.Date
	found    []string
}

func (l *linter) file(b []byte) error {
	var has map[string]json.RawMessage
	if err := json.Unmarshal(b, &has); err != nil {
		return fmt.Errorf("is no JSON object: %w", err)
	}
	switch {
	case has["calendars"] != nil:
		var f file
		if err := json.Unmarshal(b, &f); err != nil {
			return err
		}
		return each(f.Calendars, newCalendars(f.Calendars).whole, l.schedule)
	case has["schedules"] != nil:
		library, err := schedule.ParseLibrary(b)
		if err != nil {
			return err
		}
		return each(library, library.Resolve, l.schedule)
	case has["definitions"] != nil:
		definitions, err := sla.ParseDefinitions(b)
		if err != nil {
			return err
		}
		for _, f := range sla.Lint(definitions, sla.CaseDomain()) {
			l.found = append(l.found, f.String())
		}
		return nil
	case has["tz"] != nil:
		var c calendar
		if err := json.Unmarshal(b, &c); err != nil {
			return err
		}
		return each(map[string]calendar{"": c}, newCalendars(map[string]calendar{"": c}).whole, l.schedule)
	}
	s, err := schedule.Parse(b)
	if err != nil {
		return err
	}
	return l.schedule("", s)
}

// each looks at the schedules of several names.
func each[T any](named map[string]T, get func(string) (schedule.Schedule, error), look func(string, schedule.Schedule) error) error {
	for _, name := range slices.Sorted(maps.Keys(named)) {
		s, err := get(name)
		if err != nil {
			return err
		}
		if err := look(name, s); err != nil {
			return err
		}
	}
	return nil
}

func (l *linter) schedule(name string, s schedule.Schedule) error {
	found, err := schedule.Lint(s, l.from, l.to)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	for _, f := range found {
		parts := []string{name, string(f.Code), f.Field, f.Text}
		parts = slices.DeleteFunc(parts, func(p string) bool { return p == "" })
		l.found = append(l.found, strings.Join(parts, ": "))
	}
	return nil
}
