package sla_test

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"github.com/forewarn-go/forewarn/sla"
)

func FuzzParseDefinitions(f *testing.F) {
	f.Add(sla.TechnologySupportJSON())
	f.Add([]byte(`{"definitions":[` + good + `]}`))
	f.Add([]byte(`{"definitions":[{"id":"d","kind":"k","task":"case","target":{"relative":{"business_day":2,"by":"16:00","cut_off":"10:00"}},` +
		`"schedule":"s","zone":["caller"],"start":{"all":[]},"start_from":{"field":"opened_at"},"pause":{"any":[{"not":{"ever":["x"]}}]},` +
		`"resume":{"happened":["y"]},"hold":{"any":[]},"reset":{"field":"a","in":[""]},"milestones":[{"left":"1h","name":"m"}]}]}`))
	hours := office(f)[0]
	f.Fuzz(func(t *testing.T, data []byte) {
		all, err := sla.ParseDefinitions(data)
		if err != nil {
			return
		}
		b, err := sla.FormatDefinitions(all)
		if err != nil {
			t.Fatal(err)
		}
		again, err := sla.ParseDefinitions(b)
		if err != nil {
			t.Fatalf("what was written is refused: %v\n%s", err, b)
		}
		if twice, err := sla.FormatDefinitions(again); err != nil || string(twice) != string(b) {
			t.Fatalf("written twice:\n%s\n%s, %v", b, twice, err)
		}
		if len(all) > 20 {
			all = all[:20]
		}
		for _, d := range all {
			for _, c := range []sla.Condition{d.Start, d.Pause, d.Stop} {
				_ = c.String()
			}
		}
		sla.Lint(all, sla.CaseDomain())
		calendars := sla.Fixed{}
		for _, d := range all {
			hours.Name = d.Schedule
			calendars = append(calendars, hours)
		}
		r, err := sla.New(sla.Config{Definitions: all, Calendars: calendars})
		if err != nil {
			return // two of a version
		}
		for _, d := range all {
			line, _, err := r.AdvanceAll(r.Begin(sla.Task{Type: d.Task}), fact("03 09:00", "submit", "state=New", "priority=2"),
				fact("03 12:00", "agent_comment", "state=Awaiting Info"), fact("04 12:00", "reject", "state=Closed"))
			if err != nil {
				continue
			}
			for i := range line.Clocks {
				if s := line.Clocks[i].At(at("05 12:00")); s.Left != s.Target-s.Elapsed || s.Elapsed < 0 {
					t.Fatalf("%+v", s)
				}
				e, err := line.Explain(i+1, at("05 12:00"))
				if err != nil {
					t.Fatal(err)
				}
				_ = e.String()
			}
			line.Upto(at("28 12:00"))
		}
	})
}

func FuzzLoad(f *testing.F) {
	r := rules(f, sla.TechnologySupport()...)
	s := submitted(f, "2").fact("03 10:00", "agent_comment").fact("03 12:00", "request_info", "state=Awaiting Info").
		fact("03 13:00", "", "state=Solution Proposed").fact("04 14:00", "accept", "state=Closed")
	for n := range s.line.Facts {
		line, _, err := r.AdvanceAll(r.Begin(s.line.Task), s.line.Facts[:n]...)
		if err != nil {
			f.Fatal(err)
		}
		b, err := json.Marshal(line)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		line, err := r.Load(data)
		if err != nil {
			return
		}
		b, err := json.Marshal(line)
		if err != nil {
			t.Fatal(err)
		}
		again, err := r.Load(b)
		if err != nil || !reflect.DeepEqual(again, line) {
			t.Fatalf("loaded again: %v\n%s", err, b)
		}
		for _, now := range []time.Time{at("03 12:00"), at("28 12:00")} {
			for i := range line.Clocks {
				s := line.Clocks[i].At(now)
				if s.Stage != "" && s.Left != s.Target-s.Elapsed {
					t.Fatalf("%+v", s)
				}
				if e, err := line.Explain(i+1, now); err == nil {
					_ = e.String()
				}
			}
			line.Upto(now)
			line.Next(now)
		}
		if next, _, err := r.Advance(line, sla.Fact{At: at("28 12:00"), Kind: "close", Set: map[string]string{"state": "Closed"}}); err == nil {
			if _, _, err := r.Repair(next, fact("03 11:00", "agent_comment")); err != nil {
				t.Logf("repair: %v", err)
			}
		}
	})
}
