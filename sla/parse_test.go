package sla_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/forewarn-go/forewarn/sla"
)

// good is a definition of which the tests change one part.
const good = `{"id":"d","kind":"k","task":"case","target":{"duration":"8h"},"schedule":"office","start":{"field":"state","in":["New"]},"stop":{"happened":["stop"]}}`

// published compiles the schema that is published.
func published(t testing.TB) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(sla.DefinitionsSchema()))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("definitions.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("definitions.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func valid(t testing.TB, s *jsonschema.Schema, data string) bool {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(data))
	return err == nil && s.Validate(doc) == nil
}

// Covers: SLA-018
func TestWrongDefinitionsAreNamed(t *testing.T) {
	schema := published(t)
	if !valid(t, schema, `{"definitions":[`+good+`]}`) {
		t.Fatal("the schema refuses what is right")
	}
	deep := strings.Repeat(`{"not":`, 16) + `{"ever":["x"]}` + strings.Repeat(`}`, 16)
	long := `"` + strings.Repeat("x", 101) + `"`
	for _, c := range []struct {
		from, to, field, rule string
		beyond                bool // what a schema cannot say
	}{
		{`"id":"d"`, `"id":""`, "id", "is empty", false},
		{`"id":"d"`, `"id":` + long, "id", "longer than 100", false},
		{`"kind":"k"`, `"kind":""`, "kind", "is empty", false},
		{`"task":"case"`, `"task":""`, "task", "is empty", false},
		{`"id":"d"`, `"id":"d","name":` + long, "name", "longer than 100", false},
		{`"id":"d"`, `"id":"d","version":-1`, "version", "outside", false},
		{`"id":"d"`, `"id":"d","from":"1969-12-31T00:00:00Z"`, "from", "outside", true},
		{`{"duration":"8h"}`, `{}`, "target", "uses 0 of", false},
		{`{"duration":"8h"}`, `{"duration":"8h","days":2}`, "target", "uses 2 of", false},
		{`{"duration":"8h"}`, `{"duration":"-8h"}`, "target.duration", "outside", true},
		{`{"duration":"8h"}`, `{"duration":"87841h"}`, "target.duration", "outside", true},
		{`{"duration":"8h"}`, `{"days":-1}`, "target.days", "outside", false},
		{`{"duration":"8h"}`, `{"business_days":3661}`, "target.business_days", "outside", false},
		{`{"duration":"8h"},"schedule":"office"`, `{"business_days":2}`, "target.business_days", "needs a schedule", true},
		{`{"duration":"8h"},"schedule":"office"`, `{"relative":{"business_day":2,"by":"16:00"}}`, "target.relative", "needs a schedule", true},
		{`{"duration":"8h"}`, `{"relative":{"business_day":1001,"by":"16:00"}}`, "target.relative.business_day", "outside", false},
		{`{"duration":"8h"}`, `{"relative":{"business_day":1,"by":"24:01"}}`, "target.relative.by", "no time of day", false},
		{`{"duration":"8h"}`, `{"relative":{"business_day":1,"by":"16:00","cut_off":"10"}}`, "target.relative.cut_off", "no time of day", false},
		{`"schedule":"office"`, `"zone":["caller"]`, "zone", "needs a schedule", false},
		{`"schedule":"office"`, `"schedule":"office","zone":[]`, "zone", "is empty", false},
		{`"schedule":"office"`, `"schedule":"office","zone":["caller","caller"]`, "zone[1]", "twice", false},
		{`"start":{"field":"state","in":["New"]},`, ``, "start", "is missing", false},
		{`"stop":{"happened":["stop"]}`, `"milestones":[]`, "stop", "would ever end", false},
		{`"start":`, `"resume":{"ever":["x"]},"start":`, "resume", "needs a pause", false},
		{`"start":`, `"start_from":{},"start":`, "start_from", "uses 0 of", false},
		{`"start":`, `"start_from":{"first":[]},"start":`, "start_from.first", "is empty", false},
		{`"start":`, `"start_from":{"first":["a"],"field":"x"},"start":`, "start_from", "uses 2 of", false},
		{`{"field":"state","in":["New"]}`, `{}`, "start", "is missing", false},
		{`{"field":"state","in":["New"]}`, `{"field":"state"}`, "start.in", "is empty", false},
		{`{"field":"state","in":["New"]}`, `{"field":"state","in":[]}`, "start.in", "is empty", false},
		{`{"field":"state","in":["New"]}`, `{"in":["New"]}`, "start.field", "is empty", false},
		{`{"field":"state","in":["New"]}`, `{"field":"state","in":["New","New"]}`, "start.in[1]", "twice", false},
		{`{"field":"state","in":["New"]}`, `{"all":[{"ever":["x"]},{"any":[{}]}]}`, "start.all[1].any[0]", "uses 0 of", false},
		{`{"field":"state","in":["New"]}`, `{"not":{"happened":[""]}}`, "start.not.happened[0]", "is empty", false},
		{`{"field":"state","in":["New"]}`, `{"ever":["x"],"happened":["y"]}`, "start", "uses 2 of", false},
		{`{"field":"state","in":["New"]}`, deep, "start.not.not.not.not.not.not.not.not.not.not.not.not.not.not.not.not", "nested deeper", true},
		{`{"field":"state","in":["New"]}`, `{"all":[` + strings.Repeat(`{"ever":["x"]},`, 500) + `{"ever":["x"]}]}`, "start.all[499]", "more than 500", true},
		{`"start":`, `"milestones":[{}],"start":`, "milestones[0]", "uses 0 of", false},
		{`"start":`, `"milestones":[{"percent":1001}],"start":`, "milestones[0].percent", "outside", false},
		{`"start":`, `"milestones":[{"after":"-1h"}],"start":`, "milestones[0].after", "outside", true},
		{`"start":`, `"milestones":[{"percent":50},{"percent":50}],"start":`, "milestones[1]", "twice", true},
		{`"start":`, `"milestones":[` + strings.Repeat(`{"percent":50},`, 20) + `{"percent":50}],"start":`, "milestones", "at most 20", false},
		{`"start":`, `"labels":{"":"x"},"start":`, "labels", "is empty", false},
		{`"start":`, `"labels":{"x":"` + strings.Repeat("x", 1001) + `"},"start":`, "labels.x", "longer than 1000", false},
	} {
		if !strings.Contains(good, c.from) {
			t.Fatalf("%s is not in the definition", c.from)
		}
		data := `{"definitions":[` + good + `,` + strings.Replace(good, c.from, c.to, 1) + `]}`
		_, err := sla.ParseDefinitions([]byte(data))
		var e *sla.Error
		if !errors.As(err, &e) || e.Field != "definitions[1]."+c.field && !(c.field == "" && e.Field == "definitions[1]") || !strings.Contains(err.Error(), c.rule) {
			t.Errorf("%s: %v; want %s: %s", c.to, err, c.field, c.rule)
		}
		if got := valid(t, schema, data); got != c.beyond {
			t.Errorf("%s: the schema allows it: %v", c.to, got)
		}
	}
	for _, c := range []struct{ data, rule string }{
		{``, "no such JSON"}, {`[]`, "no such JSON"}, {`{"definitions":[]} x`, "something follows"}, {`{"definitions":[],"more":1}`, "unknown field"},
		{`{}`, "are missing"}, {`{"definitions":[{"id":"d","colour":"red"}]}`, "unknown field"},
		{`{"definitions":[{"target":{"duration":"8 hours"}}]}`, "no duration"},
		{`{"definitions":[` + strings.Repeat(good+`,`, 1000) + good + `]}`, "at most 1000"},
		{`{"definitions":[` + strings.Repeat(" ", 16<<20) + `]}`, "at most 16777216"},
	} {
		var e *sla.Error
		if _, err := sla.ParseDefinitions([]byte(c.data)); !errors.As(err, &e) || !strings.Contains(err.Error(), c.rule) {
			t.Errorf("%.60s: %v; want %s", c.data, err, c.rule)
		}
	}
}

// Covers: SLA-018
func TestDefinitionsAreDataThatIsKept(t *testing.T) {
	schema := published(t)
	all := append(sla.TechnologySupport(), sla.Definition{ID: "d", Version: 3, From: at("03 09:00"), Name: "n", Kind: "k", Task: "case",
		Target: sla.Target{Relative: &sla.Relative{BusinessDay: 2, By: "16:00", CutOff: "10:00"}}, Schedule: "s", Zone: []string{"caller"},
		Start: sla.All(), StartFrom: &sla.Origin{Field: "opened_at"}, Pause: sla.Any(sla.Is("a", "", "b"), sla.Not(sla.Ever("x"))), Resume: sla.Happened("y"),
		Hold: sla.Any(), Stop: sla.Happened("z"), Cancel: sla.Is("c", "d"), Reset: sla.Happened("r"),
		Milestones: []sla.Milestone{{Percent: 80}, {After: sla.Duration(time.Hour)}, {Left: sla.Duration(90 * time.Second), Name: "m"}},
		Workflow:   "w", Labels: map[string]string{"owner": "support"}})
	b, err := sla.FormatDefinitions(all)
	if err != nil {
		t.Fatal(err)
	}
	if !valid(t, schema, string(b)) || !valid(t, schema, string(sla.TechnologySupportJSON())) {
		t.Error("the schema refuses what is written")
	}
	again, err := sla.ParseDefinitions(b)
	if err != nil || !reflect.DeepEqual(again, all) {
		t.Errorf("read again: %v\n%s", err, b)
	}
	if b, err := sla.FormatDefinitions(nil); err != nil || !strings.Contains(string(b), "[]") {
		t.Errorf("none: %s, %v", b, err)
	}
	for i := range all {
		if err := all[i].Check(); err != nil {
			t.Error(err)
		}
	}
}

func TestWrongRulesAreNamed(t *testing.T) {
	d := simple(sla.Target{Days: 1})
	other := d
	other.Version, other.Task = 1, "incident"
	for _, c := range []struct {
		all   []sla.Definition
		field string
	}{
		{[]sla.Definition{d, d}, "definitions[1].version"},
		{[]sla.Definition{d, other}, "definitions[1].task"},
		{[]sla.Definition{d, {}}, "definitions[1].id"},
		{make([]sla.Definition, 1001), "definitions"},
	} {
		var e *sla.Error
		if _, err := sla.New(sla.Config{Definitions: c.all, Calendars: office(t)}); !errors.As(err, &e) || e.Field != c.field {
			t.Errorf("%v, want %s", err, c.field)
		}
	}
	for _, sources := range [][]sla.Source{{{}}, {{Name: "a", Schedule: sla.ExampleHours("Mars/Olympus")}},
		{{Name: "a", Schedule: sla.ExampleHours("UTC")}, {Name: "a", Schedule: sla.ExampleHours("UTC")}}} {
		var e *sla.Error
		if _, err := sla.Compile(sources); !errors.As(err, &e) || !strings.HasPrefix(e.Field, fmt.Sprintf("schedules[%d]", len(sources)-1)) {
			t.Errorf("%v", err)
		}
	}
}

func TestWrongFactsAreNamedAndChangeNothing(t *testing.T) {
	s := submitted(t, "2")
	many := map[string]string{}
	for i := range 51 {
		many[fmt.Sprint(i)] = ""
	}
	for _, c := range []struct {
		fact  sla.Fact
		field string
	}{
		{sla.Fact{Kind: "x"}, "fact.at"},
		{sla.Fact{At: time.Date(2300, 1, 1, 0, 0, 0, 0, time.UTC), Kind: "x"}, "fact.at"},
		{sla.Fact{At: at("04 09:00")}, "fact"},
		{sla.Fact{At: at("04 09:00"), Kind: strings.Repeat("x", 101)}, "fact.kind"},
		{sla.Fact{At: at("04 09:00"), Kind: "\xff"}, "fact.kind"},
		{sla.Fact{At: at("04 09:00"), Set: many}, "fact.set"},
		{sla.Fact{At: at("04 09:00"), Set: map[string]string{"": "x"}}, "fact.set"},
		{sla.Fact{At: at("04 09:00"), Set: map[string]string{"x": strings.Repeat("x", 1001)}}, "fact.set.x"},
	} {
		line, events, err := s.rules.AdvanceAll(s.line, fact("04 08:00", "agent_comment"), c.fact)
		var e *sla.Error
		if !errors.As(err, &e) || e.Field != c.field || events != nil || !reflect.DeepEqual(line, s.line) {
			t.Errorf("%v, %v; want %s", events, err, c.field)
		}
	}
	// A calendar that can never be due refuses the fact that would attach a clock to it.
	never := sla.ExampleHours("UTC")
	never.Week = nil
	calendars, err := sla.Compile([]sla.Source{{Name: sla.BusinessHours, Schedule: never}})
	if err != nil {
		t.Fatal(err)
	}
	for _, target := range []sla.Target{{Duration: 1}, {BusinessDays: 1}, {Relative: &sla.Relative{BusinessDay: 1, By: "10:00"}}} {
		r, err := sla.New(sla.Config{Definitions: []sla.Definition{simple(target)}, Calendars: calendars})
		if err != nil {
			t.Fatal(err)
		}
		var e *sla.Error
		if _, _, err := r.Advance(r.Begin(sla.Task{Type: "case"}), fact("03 09:00", "start")); !errors.As(err, &e) || !strings.HasPrefix(e.Field, "d.target") {
			t.Errorf("%s on a calendar that never opens: %v", target, err)
		}
	}
	uneven := sla.ExampleHours("UTC")
	uneven.DayLength, uneven.Week[time.Friday] = 0, nil
	uneven.Week[time.Monday] = append(uneven.Week[time.Monday], uneven.Week[time.Tuesday][0])
	uneven.Week[time.Monday][1].Start, uneven.Week[time.Monday][1].End = 20*3600, 21*3600
	if calendars, err = sla.Compile([]sla.Source{{Name: sla.BusinessHours, Schedule: uneven}}); err != nil {
		t.Fatal(err)
	}
	r, err := sla.New(sla.Config{Definitions: []sla.Definition{simple(sla.Target{BusinessDays: 2})}, Calendars: calendars})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := r.Advance(r.Begin(sla.Task{Type: "case"}), fact("03 09:00", "start")); err == nil || !strings.Contains(err.Error(), "d.target.business_days") {
		t.Errorf("business days without a length: %v", err)
	}
}

func TestWrongTimelinesAreNamed(t *testing.T) {
	s := submitted(t, "2").fact("03 10:00", "agent_comment").fact("03 12:00", "request_info", "state=Awaiting Info").fact("03 13:00", "info_received", "state=Work in Progress").
		fact("03 14:00", "agent_comment")
	b, err := json.Marshal(s.line)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ from, to, field string }{
		{`"facts":[{"at":"2024-06-03T09:00:00Z"`, `"facts":[{"at":"2024-06-03T11:00:00Z"`, "facts[1].at"},
		{`"kind":"submit"`, `"kind":"` + strings.Repeat("x", 101) + `"`, "facts[0].fact.kind"},
		{`"number":1`, `"number":2`, "clocks[0].number"},
		{`"definition":"case_resolution_p2"`, `"definition":"gone"`, "clocks[1].definition"},
		{`"schedule":"business_hours"`, `"schedule":"gone"`, "clocks[0].schedule"},
		{`"target":"8h"`, `"target":"-8h"`, "clocks[0].target"},
		{`"attached":"2024-06-03T09:00:00Z"`, `"attached":"2024-06-03T08:00:00Z"`, "clocks[0].attached"},
		{`"outcome":"completed"`, `"outcome":"lost"`, "clocks[0].outcome"},
		{`"outcome":"completed"`, `"outcome":""`, "clocks[0].outcome"},
		{`"end":"2024-06-03T10:00:00Z"`, `"end":"2024-06-03T08:00:00Z"`, "clocks[0].end"},
		{`"to":"2024-06-03T13:00:00Z"`, `"to":"2024-06-03T12:00:00Z"`, "clocks[1].pauses[0]"},
		{`"from":"2024-06-03T12:00:00Z"`, `"from":"2024-06-03T08:00:00Z"`, "clocks[1].pauses[0]"},
		{`"start":"2024-06-03T09:00:00Z"`, `"start":"2300-01-01T00:00:00Z"`, "clocks[0].start"},
		{`{"task"`, `{"more":1,"task"`, "timeline"},
	} {
		if !strings.Contains(string(b), c.from) {
			t.Fatalf("%s is not in %s", c.from, b)
		}
		var e *sla.Error
		if _, err := s.rules.Load([]byte(strings.Replace(string(b), c.from, c.to, 1))); !errors.As(err, &e) || e.Field != c.field {
			t.Errorf("%s: %v, want %s", c.to, err, c.field)
		}
	}
	r, err := sla.New(sla.Config{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Load(b); err == nil {
		t.Error("loaded by rules that know nothing")
	}
}
