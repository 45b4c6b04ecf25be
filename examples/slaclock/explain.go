package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/forewarn-go/forewarn/internal/subcommand"
	"github.com/forewarn-go/forewarn/sla"
	"github.com/forewarn-go/forewarn/sla/schedule"
)

const explainHelp = `Says how an entry of a file of vectors or scenarios comes to its answer: what counted and what did not, and why.

`

func explain(c *subcommand.Call) error {
	asSVG := c.Bool("svg", false, "print a picture")
	asJSON := c.Bool("json", false, "print JSON")
	operands, err := c.Operands(2, 2)
	if err != nil {
		return err
	}
	if *asSVG && *asJSON {
		return subcommand.Usage("explain: -svg and -json exclude each other")
	}
	f, err := load(c, operands[0])
	if err != nil {
		return err
	}
	s, err := f.story(operands[1])
	if err != nil {
		return fmt.Errorf("%s: %w", operands[1], err)
	}
	switch {
	case *asSVG:
		return picture(c.Out, s)
	case *asJSON:
		return c.PrintJSON(s.clocks)
	}
	fmt.Fprintln(c.Out, s.title)
	for _, line := range s.lines {
		fmt.Fprintln(c.Out, line)
	}
	for _, clock := range s.clocks {
		fmt.Fprintf(c.Out, "\n%s", clock)
	}
	return nil
}

// story is what there is to tell of an entry.
type story struct {
	title  string
	lines  []string
	clocks []sla.Explanation
}

func (f *file) story(id string) (*story, error) {
	c := newCalendars(f.Calendars)
	if i := slices.IndexFunc(f.Scenarios, func(s scenario) bool { return s.ID == id }); i >= 0 {
		return f.Scenarios[i].story(c)
	}
	if i := slices.IndexFunc(f.Vectors, func(v vector) bool { return v.ID == id }); i >= 0 {
		return f.Vectors[i].story(c)
	}
	return nil, fmt.Errorf("there is no such entry")
}

func (s scenario) story(c *calendars) (*story, error) {
	l, err := s.lived(c)
	if err != nil {
		return nil, err
	}
	told := &story{title: fmt.Sprintf("%s: %s, on %s: %s at %s", s.ID, s.Name, s.Calendar, l.state, instant(s.Now))}
	for _, f := range l.line.Facts {
		told.lines = append(told.lines, "  "+f.String())
	}
	for _, note := range l.notes {
		told.lines = append(told.lines, "  refused: "+note)
	}
	for _, step := range l.steps {
		told.lines = append(told.lines, fmt.Sprintf("  %s %s", step.At, step.Kind))
	}
	for i := range l.line.Clocks {
		e, err := l.line.Explain(i+1, s.Now)
		if err != nil {
			return nil, err
		}
		told.clocks = append(told.clocks, e)
	}
	return told, nil
}

func (v vector) story(c *calendars) (*story, error) {
	got, err := v.answer(c)
	if err != nil {
		return nil, err
	}
	on, err := c.get(v.Calendar)
	if err != nil {
		return nil, err
	}
	start, err := readInstant("start", v.Start)
	if err != nil {
		return nil, err
	}
	b, err := json.Marshal(got)
	if err != nil {
		return nil, err
	}
	told := &story{title: fmt.Sprintf("%s: %s from %s on %s: %s", v.ID, v.Op, instant(start), v.Calendar, b)}
	why := on.Why(start)
	told.lines = append(told.lines, strings.TrimRight(fmt.Sprintf("  at the start the calendar is open: %v, by %s %s", why.Open, why.Kind, why.Name), " "))
	if string(b) == "null" {
		told.lines = append(told.lines, "  it never comes: the calendar has no such instant in that direction within the years 1970 to 2200")
		return told, nil
	}
	from, target, now := start, time.Duration(v.Target), start
	switch v.Op {
	case "sla":
	case "add":
		target = time.Duration(v.Amount)
	case "sub":
		if from, err = on.Sub(start, time.Duration(v.Amount)); err != nil {
			return nil, err
		}
		target, now = time.Duration(v.Amount), start
	case "between":
		end, err := readInstant("end", v.End)
		if err != nil {
			return nil, err
		}
		from, now = start, end
		if end.Before(start) {
			from, now = end, start
		}
		target = max(on.Between(from, now), 1)
	default:
		for w := range on.Windows(start.Add(-36*time.Hour), start.Add(72*time.Hour)) {
			told.lines = append(told.lines, fmt.Sprintf("  open %s to %s", instant(w.From), instant(w.To)))
		}
		return told, nil
	}
	e, err := clockOf(on, from, now, target, v.pauses())
	if err != nil {
		return nil, err
	}
	told.clocks = append(told.clocks, e)
	return told, nil
}

// clockOf explains a clock that starts and pauses as given.
func clockOf(on *schedule.Calendar, start, now time.Time, target time.Duration, pauses []sla.Pause) (none sla.Explanation, err error) {
	if target <= 0 {
		return none, fmt.Errorf("a target of %s has nothing to explain", sla.Duration(target))
	}
	rules, err := sla.New(sla.Config{
		Definitions: []sla.Definition{{ID: "vector", Kind: "vector", Task: "vector", Target: sla.Target{Duration: sla.Duration(target)},
			Schedule: "calendar", Start: sla.Ever("start"), Pause: sla.Is("paused", "true"), Stop: sla.Happened("stop")}},
		Calendars: sla.Fixed{{Name: "calendar", Hours: on}},
	})
	if err != nil {
		return none, err
	}
	facts := []sla.Fact{{At: start, Kind: "start"}}
	for _, p := range pauses {
		facts = append(facts, sla.Fact{At: p.From, Kind: "pause", Set: map[string]string{"paused": "true"}})
		if !p.To.IsZero() {
			facts = append(facts, sla.Fact{At: p.To, Kind: "resume", Set: map[string]string{"paused": "false"}})
		}
	}
	slices.SortStableFunc(facts, func(a, b sla.Fact) int { return a.At.Compare(b.At) })
	line, _, err := rules.AdvanceAll(rules.Begin(sla.Task{Type: "vector"}), facts...)
	if err != nil {
		return none, err
	}
	if last := line.Last(); last.After(now) {
		now = last
	}
	return line.Explain(1, now)
}
