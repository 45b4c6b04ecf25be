package sla_test

import (
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/forewarn-go/forewarn/sla"
	"github.com/forewarn-go/forewarn/sla/schedule"
)

var update = flag.Bool("update", false, "write the golden files anew")

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s is not what is explained (go test -update writes it):\n%s", file, got)
	}
}

// Covers: SLA-021
func TestExplain(t *testing.T) {
	hours := sla.ExampleHours("Europe/Berlin")
	hours.Holidays = []schedule.Holiday{{Name: "Corpus Christi", On: schedule.On{Dates: []schedule.Date{{Year: 2024, Month: time.June, Day: 6}}}}}
	hours.Breaks = []schedule.Rule{{Name: "lunch", On: schedule.On{Weekdays: schedule.Days{time.Wednesday}}, Hours: []schedule.Window{schedule.Hours(12, 13)}}}
	calendars, err := sla.Compile([]sla.Source{{Name: sla.BusinessHours, Schedule: hours}})
	if err != nil {
		t.Fatal(err)
	}
	r, err := sla.New(sla.Config{Definitions: sla.TechnologySupport(), Calendars: calendars})
	if err != nil {
		t.Fatal(err)
	}
	line, _, err := r.AdvanceAll(r.Begin(sla.Task{Type: "case", ID: "CS0001"}), fact("04 13:00", "submit", "state=New", "priority=3"),
		fact("04 14:00", "agent_comment"), fact("05 08:00", "request_info", "state=Awaiting Info"), fact("05 11:30", "customer_comment", "state=Work in Progress"),
		fact("07 08:00", "priority", "priority=2"), fact("07 09:00", "propose", "state=Solution Proposed"), fact("10 09:00", "reject", "state=Work in Progress"))
	if err != nil {
		t.Fatal(err)
	}
	var texts []string
	var all []sla.Explanation
	for i := range line.Clocks {
		e, err := line.Explain(i+1, at("10 10:00"))
		if err != nil {
			t.Fatal(err)
		}
		texts, all = append(texts, e.String()), append(all, e)
	}
	golden(t, "explained.txt", strings.Join(texts, "\n"))
	b, err := json.MarshalIndent(all, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "explained.json", string(b)+"\n")
	// As it was, before what came later.
	e, err := line.Explain(5, at("07 10:00"))
	if err != nil || e.Stage != sla.Completed || !e.Provisional || e.Turns[len(e.Turns)-1].What != "held" {
		t.Errorf("on hold: %+v, %v", e, err)
	}
	// What was read from JSON is shown in UTC.
	var read sla.Explanation
	if err := json.Unmarshal([]byte(string(b)[strings.Index(string(b), "{"):strings.Index(string(b), "\n  },")+4]), &read); err != nil {
		t.Fatal(err)
	}
	if got := read.String(); !strings.Contains(got, "Tue 2024-06-04 13:00:00 +00:00  attached by submit") {
		t.Errorf("read from JSON:\n%s", got)
	}
	for _, c := range []struct {
		number int
		at     string
		field  string
	}{{0, "10 10:00", "clock"}, {7, "10 10:00", "clock"}, {1, "04 12:00", "at"}} {
		var bad *sla.Error
		if _, err := line.Explain(c.number, at(c.at)); !errors.As(err, &bad) || bad.Field != c.field {
			t.Errorf("clock %d at %s: %v", c.number, c.at, err)
		}
	}
}

// Covers: S6
func TestVerdicts(t *testing.T) {
	for _, c := range []struct {
		s    *story
		at   string
		want string
	}{
		{submitted(t, "2"), "03 12:00", "its deadline has not come"},
		{submitted(t, "2"), "03 17:00", "it was running at its deadline"},
		{submitted(t, "2").fact("03 12:00", "agent_comment"), "03 17:00", "it stopped before its deadline"},
		{submitted(t, "2").fact("03 17:00", "agent_comment"), "03 17:00", "it stopped at its deadline, which is in time"},
		{submitted(t, "2").fact("03 18:00", "agent_comment"), "03 18:00", "it stopped with its target used up and no more: no time of its schedule has passed since the deadline"},
		{submitted(t, "2").fact("04 11:00", "agent_comment"), "04 18:00", "it stopped when 2h more than the target was used"},
		{begin(t, simple(sla.Target{Days: 1})).fact("03 09:00", "start", "paused=yes"), "03 12:00", "it is paused, and has used less than its target"},
		{begin(t, simple(sla.Target{Relative: &sla.Relative{By: "12:00"}})).fact("03 09:00", "start").fact("03 12:01", "stop"), "03 13:00", "it stopped after its deadline"},
	} {
		e, err := c.s.line.Explain(1, at(c.at))
		if err != nil || e.Verdict != c.want {
			t.Errorf("%q, %v; want %q", e.Verdict, err, c.want)
		}
	}
}

func TestLongExplanationsAreCut(t *testing.T) {
	d := simple(sla.Target{Days: 3000})
	s := begin(t, d).fact("03 09:00", "start")
	e, err := s.line.Explain(1, time.Date(2034, 6, 3, 9, 0, 0, 0, time.UTC))
	if err != nil || !e.Cut || len(e.Spans) != sla.MaxSpans || !reflect.DeepEqual(e.Spans[sla.MaxSpans-1].To, e.Breach) {
		t.Errorf("%d spans, cut %v, to %v, breach %v, %v", len(e.Spans), e.Cut, e.Spans[len(e.Spans)-1].To, e.Breach, err)
	}
	if !strings.Contains(e.String(), "only the first 2000 spans") {
		t.Error("the text does not say so")
	}
}
