package schedule_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/forewarn-go/forewarn/sla/schedule"
)

var wellFormed = []string{
	`{}`,
	`{"zone": "UTC", "always": true}`,
	`{"always": true}`,
	`{"name": "Berlin", "zone": "Europe/Berlin", "week": {"mon": ["08:00-12:30", "13:15-17:45"], "fri": ["20:00-05:00"], "sat": [], "sun": ["09:00:30-24:00"]}}`,
	`{"zone": "UTC", "rules": [{"name": "market", "weekdays": ["sat", "sun"], "nth": 1, "hours": ["10:00-14:00"]}]}`,
	`{"zone": "UTC", "week": {"mon": ["09:00-17:00"]}, "special": [{"dates": ["2024-12-24", "2024-02-29"], "hours": ["09:00-12:00"]}, {"yearly": "12-31"}, {"day": -1, "hours": []}]}`,
	`{"zone": "UTC", "week": {"mon": ["09:00-17:00"]}, "breaks": [{"weekdays": ["mon", "tue"], "hours": ["12:00-13:00"]}]}`,
	`{"zone": "UTC", "week": {"mon": ["09:00-17:00"]}, "holidays": [{"name": "Memorial Day", "weekdays": ["mon"], "nth": -1, "months": [5]},
	  {"yearly": "07-04", "observed": "nearest"}, {"yearly": "12-24/01-02", "from": "2020-01-01"}, {"easter": -2}, {"easter": 0}, {"from": "2024-07-08", "to": "2024-07-26"}]}`,
	`{"zone": "UTC", "week": {"mon": ["09:00-17:00"]}, "holiday_mode": "owner", "day_length": "7h30m"}`,
	`{"union": [{"ref": "a"}, {"always": true}]}`,
	`{"intersect": [{"always": true}], "exclude": [{"ref": "b"}]}`,
	`{"parent": {"ref": "base"}, "week": {"fri": []}}`,
	`{"ref": "base"}`,
}

// refused are texts that are no schedule, with the field and a part of the rule that the error names.
var refused = []struct {
	text, field, rule string
	beyondSchema      bool // the schema cannot say so
}{
	{``, "", "is not JSON", false},
	{`{`, "", "is not JSON", false},
	{`{"zone":`, "", "is not JSON", false},
	{`{} {}`, "", "followed by something else", false},
	{`[]`, "", "is not a JSON object", false},
	{`null`, "", "is not a JSON object", false},
	{`{"zne": "UTC"}`, "zne", "not a field", false},
	{`{"Zone": "UTC"}`, "Zone", "not a field", false},
	{`{"zone": "UTC", "zone": "UTC"}`, "zone", "given twice", true},
	{`{"zone": null}`, "zone", "is null", false},
	{`{"zone": ""}`, "zone", "is empty", false},
	{`{"ref": ""}`, "ref", "is empty", false},
	{`{"zone": 1}`, "zone", "cannot be a JSON number", false},
	{`{"zone": "Europe/Bärlin"}`, "zone", "is not a time zone", true},
	{`{"zone": "../etc/passwd"}`, "zone", "is not a time zone", true},
	{`{"zone": "Local"}`, "zone", "differ from host to host", false},
	{`{"week": []}`, "week", "is not a JSON object", false},
	{`{"week": {"monday": []}}`, "week.monday", "not a field", false},
	{`{"week": {"mon": "09:00-17:00"}}`, "week.mon", "not a JSON list", false},
	{`{"week": {"mon": ["09:00-17:00", "9-17"]}}`, "week.mon[1]", "is not a window such as 09:00-17:00", false},
	{`{"week": {"mon": ["24:00-17:00"]}}`, "week.mon[0]", "is not a window", false},
	{`{"week": {"mon": ["09:00-24:01"]}}`, "week.mon[0]", "is not a window", false},
	{`{"week": {"mon": ["09:60-24:00"]}}`, "week.mon[0]", "is not a window", false},
	{`{"week": {"mon": ["09:00–17:00"]}}`, "week.mon[0]", "is not a window", false},
	{`{"week": {"mon": [null]}}`, "week.mon[0]", "is null", false},
	{`{"always": true, "week": {"mon": ["09:00-17:00"]}}`, "week", "not given together with always", false},
	{`{"holidays": [{"yearly": "12-25"}, {"name": "x"}]}`, "holidays[1]", "selects no dates", false},
	{`{"holidays": [{"yearly": "02-30"}]}`, "holidays[0].yearly", "is not a day of a year", true},
	{`{"holidays": [{"yearly": "12-25-"}]}`, "holidays[0].yearly", "is not a day of a year", false},
	{`{"holidays": [{"dates": ["2023-02-29"]}]}`, "holidays[0].dates[0]", "is not a date", true},
	{`{"holidays": [{"dates": ["2023-2-9"]}]}`, "holidays[0].dates[0]", "is not a date", false},
	{`{"holidays": [{"months": [13]}]}`, "holidays[0].months[0]", "is from 1 to 12", false},
	{`{"holidays": [{"months": [0]}]}`, "holidays[0].months[0]", "is from 1 to 12", false},
	{`{"holidays": [{"months": [1.5]}]}`, "holidays[0].months[0]", "cannot be", false},
	{`{"holidays": [{"day": 32}]}`, "holidays[0].day", "is from 1 to 31", false},
	{`{"holidays": [{"weekdays": ["mo"]}]}`, "holidays[0].weekdays[0]", "is not a day of the week", false},
	{`{"holidays": [{"weekdays": ["mon"], "nth": 6}]}`, "holidays[0].nth", "is from 1 to 5", false},
	{`{"holidays": [{"day": 1, "nth": 2}]}`, "holidays[0].nth", "given with weekdays", true},
	{`{"holidays": [{"easter": 201}]}`, "holidays[0].easter", "is from -200 to 200", false},
	{`{"holidays": [{"from": "2024-02-01", "to": "2024-01-01"}]}`, "holidays[0].to", "is not before from", true},
	{`{"holidays": [{"yearly": "12-25", "observed": "sunday"}]}`, "holidays[0].observed", "is neither nearest nor monday", false},
	{`{"holidays": [{"yearly": "12-25", "hours": ["09:00-10:00"]}]}`, "holidays[0].hours", "not a field", false},
	{`{"rules": [{"day": 1, "hours": []}]}`, "rules[0].hours", "is empty", false},
	{`{"breaks": [{"day": 1}]}`, "breaks[0].hours", "is empty", false},
	{`{"special": [{"hours": ["09:00-10:00"]}]}`, "special[0]", "selects no dates", false},
	{`{"special": {"hours": ["09:00-10:00"]}}`, "special", "not a JSON list", false},
	{`{"holiday_mode": "none"}`, "holiday_mode", "is neither mask nor owner", false},
	{`{"day_length": "8 hours"}`, "day_length", "is not a duration", false},
	{`{"day_length": "-8h"}`, "day_length", "is from 1ns to 48h", false},
	{`{"day_length": "49h"}`, "day_length", "is from 1ns to 48h", true},
	{`{"union": [{"always": true}, {"ref": "a", "zone": "UTC"}]}`, "union[1].ref", "stands alone", false},
	{`{"union": [{"union": [{"week": {"mon": ["x"]}}]}]}`, "union[0].union[0].week.mon[0]", "is not a window", false},
	{`{"parent": {"exclude": [{"holidays": [{"day": 99}]}]}}`, "parent.exclude[0].holidays[0].day", "is from 1 to 31", false},
	{`{"name": "` + strings.Repeat("x", 201) + `"}`, "name", "is longer than 200 bytes", false},
	{`{"week": {"mon": [` + strings.Repeat(`"09:00-10:00",`, 2000) + `"09:00-10:00"]}}`, "week.mon", "more than 2000 windows", false},
	{`{"week": {"sun": [` + strings.Repeat(`"09:00-10:00",`, 1000) + `"09:00-10:00"]}, "union": [{"rules": [{"day": 1, "hours": [` + strings.Repeat(`"09:00-10:00",`, 1000) + `"09:00-10:00"]}]}]}`, "union[0].rules[0].hours", "more than 2000 windows", true},
	{`{"holidays": [` + strings.Repeat(`{"day":1},`, 2000) + `{"day":1}]}`, "holidays[2000]", "more than 2000 rules and holidays", false},
	{`{"holidays": [` + strings.Repeat(`{"day":1},`, 1999) + `{"day":1}], "parent": {"special": [{"day":1}]}}`, "parent.special[0]", "more than 2000 rules and holidays", true},
	{`{"holidays": [{"dates": [` + strings.Repeat(`"2024-01-01",`, 20000) + `"2024-01-01"]}]}`, "holidays[0].dates", "more than 20000 dates", true},
	{strings.Repeat(`{"parent":`, 20) + `{}` + strings.Repeat(`}`, 20), strings.Repeat("parent.", 15) + "parent", "schedules deep", true},
	{strings.Repeat(`{"union":[`, 1000) + `{}` + strings.Repeat(`]}`, 1000), strings.TrimSuffix(strings.Repeat("union[0].", 16), "."), "schedules deep", true},
	{`{"union": [` + strings.Repeat(`{"always":true},`, 100) + `{}]}`, "union[99]", "more than 100 schedules", true},
	{strings.Repeat(" ", schedule.MaxJSON+1), "", "is larger than", true},
}

// Bad JSON is refused with the field and the rule.
func TestParseRefuses(t *testing.T) {
	for _, c := range refused {
		s, err := schedule.Parse([]byte(c.text))
		var wrong *schedule.InvalidError
		if !errors.As(err, &wrong) || !errors.Is(err, schedule.ErrInvalid) {
			t.Errorf("%.80s: no InvalidError: %v", c.text, err)
			continue
		}
		if wrong.Field != c.field || !strings.Contains(wrong.Rule, c.rule) {
			t.Errorf("%.80s: field %q, rule %q; want %q, %q", c.text, wrong.Field, wrong.Rule, c.field, c.rule)
		}
		if !reflect.DeepEqual(s, schedule.Schedule{}) {
			t.Errorf("%.80s: comes with a schedule", c.text)
		}
	}
}

// What is written is read again as it was.
func TestParseRoundTrip(t *testing.T) {
	for _, text := range wellFormed {
		s, err := schedule.Parse([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		written, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		again, err := schedule.Parse(written)
		if err != nil {
			t.Fatalf("%s: %v", written, err)
		}
		// An empty list and none are the same, save in a week; so compare what is written.
		if second, _ := json.Marshal(again); string(second) != string(written) {
			t.Errorf("%s became %s", written, second)
		}
	}
}

// A part of a schedule is read and written by itself as in the whole.
func TestPartsRoundTrip(t *testing.T) {
	days := 1
	for _, value := range []any{
		&schedule.Rule{Name: "x", On: schedule.On{Weekdays: schedule.Days{time.Monday}, Nth: 2}, Hours: []schedule.Window{schedule.Hours(9, 17)}},
		&schedule.Holiday{On: schedule.On{Yearly: schedule.Each(time.December, 25), Observed: schedule.Nearest, Easter: &days}},
		&schedule.On{Months: []time.Month{1, 2}, Day: -1, From: schedule.Date{Year: 2024, Month: 1, Day: 2}, Weekdays: schedule.Days{6}},
		&schedule.Week{time.Sunday: {}, time.Monday: {schedule.AllDay(), {Start: schedule.At(22, 30), End: schedule.At(6, 0)}}},
		&schedule.Library{"a": {Zone: "UTC"}},
		&schedule.Schedule{Always: true, DayLength: schedule.Duration(90 * time.Minute)},
	} {
		text, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		read := reflect.New(reflect.TypeOf(value).Elem()).Interface()
		if err := json.Unmarshal(text, read); err != nil {
			t.Errorf("%s: %v", text, err)
		}
		if !reflect.DeepEqual(read, value) {
			t.Errorf("%s is read as %+v", text, read)
		}
	}
}

// Values that have no text are not written as something else.
func TestMarshalRefuses(t *testing.T) {
	for _, value := range []any{
		schedule.Date{Year: 2023, Month: 2, Day: 29}, schedule.Clock(-1), schedule.Clock(86401), schedule.Window{Start: 86400},
		schedule.Days{7}, schedule.Week{7: nil}, schedule.Yearly{From: schedule.MonthDay{Month: 2, Day: 30}},
	} {
		if text, err := json.Marshal(value); err == nil {
			t.Errorf("%#v is written as %s", value, text)
		}
	}
}

func TestLibrary(t *testing.T) {
	library, err := schedule.ParseLibrary([]byte(`{"schedules": {
		"base": {"zone": "Europe/Berlin", "week": {"mon": ["09:00-17:00"]}},
		"child": {"parent": {"ref": "base"}, "week": {"tue": ["10:00-11:00"]}},
		"both": {"union": [{"ref": "child"}, {"ref": "base"}]},
		"alias": {"ref": "both"}}}`))
	if err != nil {
		t.Fatal(err)
	}
	s, err := library.Resolve("alias")
	if err != nil {
		t.Fatal(err)
	}
	text, _ := json.Marshal(s)
	const want = `{"name":"both","union":[{"name":"child","week":{"tue":["10:00-11:00"]},"parent":{"name":"base","zone":"Europe/Berlin",` +
		`"week":{"mon":["09:00-17:00"]}}},{"name":"base","zone":"Europe/Berlin","week":{"mon":["09:00-17:00"]}}]}`
	if string(text) != want {
		t.Errorf("resolved to %s", text)
	}
	if _, err := schedule.Compile(s); err != nil {
		t.Error(err)
	}
	if _, err := schedule.Compile(library["both"]); !isInvalid(err, "union[0].ref", "not resolved") {
		t.Error(err)
	}
	if _, err := library.Resolve("other"); !isInvalid(err, "ref", "not in the library") {
		t.Error(err)
	}
}

func TestLibraryRefuses(t *testing.T) {
	double := ""
	for i := range 12 {
		double += fmt.Sprintf(`"s%d": {"union": [{"ref": "s%d"}, {"ref": "s%d"}]},`, i, i+1, i+1)
	}
	for _, c := range []struct{ text, field, rule string }{
		{`{"schedule": {}}`, "schedule", "not a field"},
		{`{"schedules": []}`, "schedules", "not a JSON object"},
		{`{"schedules": {"a": {"zone": 1}}}`, "schedules.a.zone", "cannot be"},
		{`{"schedules": {"a": {"holidays": [{"day": 99}]}}}`, "schedules.a.holidays[0].day", "is from 1 to 31"},
		{`{"schedules": {"a": {"union": [{"ref": "b"}]}}}`, "schedules.a.union[0].ref", "not in the library"},
		{`{"schedules": {"a": {"ref": "a"}}}`, "schedules.a.ref", "refers to itself: a, a"},
		{`{"schedules": {"a": {"parent": {"ref": "b"}}, "b": {"exclude": [{"ref": "a"}]}}}`, "schedules.a.parent.exclude[0].ref", "refers to itself: a, b, a"},
		{`{"schedules": {` + double + `"s12": {}}}`, "", "more than 100 schedules"},
	} {
		_, err := schedule.ParseLibrary([]byte(c.text))
		var wrong *schedule.InvalidError
		if !errors.As(err, &wrong) || c.field != "" && wrong.Field != c.field || !strings.Contains(wrong.Rule, c.rule) {
			t.Errorf("%.80s: %v; want %s: %s", c.text, err, c.field, c.rule)
		}
	}
}

func isInvalid(err error, field, rule string) bool {
	var wrong *schedule.InvalidError
	return errors.As(err, &wrong) && wrong.Field == field && strings.Contains(wrong.Rule, rule)
}
