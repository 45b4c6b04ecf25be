package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/forewarn-go/forewarn/internal/subcommand"
	"github.com/forewarn-go/forewarn/sla"
	"github.com/forewarn-go/forewarn/sla/schedule"
)

const dueHelp = `Prints the deadline of a target and its milestones, in UTC and in the calendar's zone. FILE ("-": the standard
input) is a schedule of package sla/schedule, one of a library, or a calendar in the format of the vectors, alone or
one of a file of them; -name says which. A target is a duration, as 8h or 90m, or a number of business days, as 2bd.

`

// pauses are what a flag collects.
type pauses []sla.Pause

func (p *pauses) String() string { return "" }

// Set reads FROM/TO, or FROM/ for a pause that lasts.
func (p *pauses) Set(text string) error {
	from, to, ok := strings.Cut(text, "/")
	if !ok {
		return errors.New("is not FROM/TO")
	}
	var pause sla.Pause
	var err error
	if pause.From, err = time.Parse(time.RFC3339Nano, from); err != nil {
		return fmt.Errorf("%q is no instant, as 2024-06-06T10:00:00Z", from)
	}
	if to != "" {
		if pause.To, err = time.Parse(time.RFC3339Nano, to); err != nil {
			return fmt.Errorf("%q is no instant, as 2024-06-06T10:00:00Z", to)
		}
		if pause.To.Before(pause.From) {
			return errors.New("ends before it begins")
		}
	}
	*p = append(*p, pause)
	return nil
}

func due(c *subcommand.Call) error {
	var off pauses
	from := c.String("calendar", "", "the `FILE` with the calendar; required")
	name := c.String("name", "", "the calendar's name, where the file has several")
	startText := c.String("start", "", "when time begins to count, as 2024-06-06T10:00:00Z; required")
	targetText := c.String("target", "", "what may be used, as 8h or 2bd; required")
	c.Var(&off, "pause", "time that does not count, as `FROM/TO`; may be repeated")
	asJSON := c.Bool("json", false, "print JSON")
	if _, err := c.Operands(0, 0); err != nil {
		return err
	}
	for _, f := range []struct{ flag, value string }{{"calendar", *from}, {"start", *startText}, {"target", *targetText}} {
		if f.value == "" {
			return subcommand.Usage("due: -%s is missing; see slaclock help due", f.flag)
		}
	}
	start, err := time.Parse(time.RFC3339Nano, *startText)
	if err != nil {
		return subcommand.Usage("due: -start %q is no instant, as 2024-06-06T10:00:00Z", *startText)
	}
	on, err := oneCalendar(c, *from, *name)
	if err != nil {
		return err
	}
	target, err := targetOf(*targetText, on)
	if err != nil {
		return err
	}
	if _, err := on.Add(start, target); err != nil {
		return err
	}
	run := sla.Run{Hours: on, Start: start, Pauses: sla.Merge(off)}
	if _, ok := run.Reach(target); !ok && !slices.ContainsFunc(run.Pauses, func(p sla.Pause) bool { return p.To.IsZero() }) {
		return errors.New("due: after the pauses the calendar has too little open time up to the year 2200")
	}
	if *asJSON {
		return dueJSON(c.Out, run, target)
	}
	dueText(c.Out, on.Location(), run, target)
	return nil
}

// targetOf reads a duration, or a number of business days.
func targetOf(text string, on *schedule.Calendar) (time.Duration, error) {
	wrong := subcommand.Usage("due: -target %q is neither a duration, as 8h, nor a number of business days, as 2bd", text)
	if n, ok := strings.CutSuffix(text, "bd"); ok {
		var days int
		if rest, err := fmt.Sscanf(n+" ", "%d ", &days); err != nil || rest != 1 || fmt.Sprint(days) != n || days < 1 {
			return 0, wrong
		}
		return on.BusinessDays(days)
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		return 0, wrong
	}
	if d < 0 {
		return 0, subcommand.Usage("due: -target %q is below 0", text)
	}
	return d, nil
}

// parts are the milestones that due prints, in percent.
var parts = []int{50, 75, 100}

func part(target time.Duration, percent int) time.Duration {
	p := time.Duration(percent)
	return target/100*p + (target%100*p+99)/100
}

func dueText(out io.Writer, zone *time.Location, run sla.Run, target time.Duration) {
	row := func(label string, t time.Time, ok bool) {
		if !ok {
			fmt.Fprintf(out, "%-9s never: a pause lasts\n", label)
			return
		}
		fmt.Fprintf(out, "%-9s %-22s %s\n", label, instant(t), t.In(zone).Format("Mon 2006-01-02 15:04:05.999999999 MST"))
	}
	row("start", run.Start, true)
	for _, percent := range parts {
		t, ok := run.Reach(part(target, percent))
		row(fmt.Sprintf("%d%%", percent), t, ok)
	}
	t, ok := run.Reach(target)
	row("deadline", t, ok)
	fmt.Fprintf(out, "%-9s %s\n", "target", sla.Duration(target))
}

func dueJSON(out io.Writer, run sla.Run, target time.Duration) error {
	got := struct {
		Start      instant             `json:"start"`
		Target     seconds             `json:"target_s"`
		Milestones map[string]*instant `json:"milestones"`
		Deadline   *instant            `json:"deadline"`
	}{instant(run.Start), seconds(target), map[string]*instant{}, nil}
	for _, percent := range parts {
		if t, ok := run.Reach(part(target, percent)); ok {
			got.Deadline = maybe(t) // the last part is the whole
			got.Milestones[fmt.Sprint(percent)] = maybe(t)
		} else {
			got.Deadline, got.Milestones[fmt.Sprint(percent)] = nil, nil
		}
	}
	return json.NewEncoder(out).Encode(got)
}

// oneCalendar reads a calendar in any of the formats.
func oneCalendar(c *subcommand.Call, name, which string) (*schedule.Calendar, error) {
	b, err := c.ReadFile(name, maxFile)
	if err != nil {
		return nil, err
	}
	on, err := calendarOf(b, which)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return on, nil
}

func calendarOf(b []byte, which string) (*schedule.Calendar, error) {
	var has map[string]json.RawMessage
	if err := json.Unmarshal(b, &has); err != nil {
		return nil, fmt.Errorf("is no JSON object: %w", err)
	}
	many := has["schedules"] != nil || has["calendars"] != nil
	switch {
	case many && which == "":
		return nil, subcommand.Usage("due: -name is missing: the file has several calendars")
	case !many && which != "":
		return nil, subcommand.Usage("due: -name is for a file that has several calendars")
	case has["calendars"] != nil:
		var f file
		if err := json.Unmarshal(b, &f); err != nil {
			return nil, err
		}
		return newCalendars(f.Calendars).get(which)
	case has["schedules"] != nil:
		library, err := schedule.ParseLibrary(b)
		if err != nil {
			return nil, err
		}
		s, err := library.Resolve(which)
		if err != nil {
			return nil, err
		}
		return schedule.Compile(s)
	case has["tz"] != nil:
		var c calendar
		if err := json.Unmarshal(b, &c); err != nil {
			return nil, err
		}
		return newCalendars(map[string]calendar{"": c}).get("")
	}
	s, err := schedule.Parse(b)
	if err != nil {
		return nil, err
	}
	return schedule.Compile(s)
}
