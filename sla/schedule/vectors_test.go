package schedule_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/forewarn-go/forewarn/sla/schedule"
)

// vectorCalendar is a calendar in the format of the acceptance data.
type vectorCalendar struct {
	TZ             string                        `json:"tz"`
	Always         bool                          `json:"always"`
	Week           map[string][][2]string        `json:"week"`
	Holidays       []schedule.Date               `json:"holidays"`
	AnnualHolidays []schedule.Yearly             `json:"annual_holidays"`
	Overrides      map[schedule.Date][][2]string `json:"overrides"`
	Breaks         map[schedule.Date][][2]string `json:"breaks"`
	HolidayMode    schedule.HolidayMode          `json:"holiday_mode"`
	Union          []string                      `json:"union"`
	Intersect      []string                      `json:"intersect"`
}

var vectorDays = map[string]time.Weekday{"sun": 0, "mon": 1, "tue": 2, "wed": 3, "thu": 4, "fri": 5, "sat": 6}

func (c vectorCalendar) schedule(t *testing.T, name string) schedule.Schedule {
	t.Helper()
	s := schedule.Schedule{Name: name, Zone: c.TZ, Always: c.Always, HolidayMode: c.HolidayMode}
	for day, list := range c.Week {
		if s.Week == nil {
			s.Week = schedule.Week{}
		}
		s.Week[vectorDays[day]] = vectorWindows(t, list)
	}
	if len(c.Holidays) > 0 {
		s.Holidays = append(s.Holidays, schedule.Holiday{On: schedule.On{Dates: c.Holidays}})
	}
	for _, y := range c.AnnualHolidays {
		s.Holidays = append(s.Holidays, schedule.Holiday{On: schedule.On{Yearly: y}})
	}
	for date, list := range c.Overrides {
		s.Special = append(s.Special, schedule.Rule{On: schedule.On{Dates: []schedule.Date{date}}, Hours: vectorWindows(t, list)})
	}
	for date, list := range c.Breaks {
		s.Breaks = append(s.Breaks, schedule.Rule{On: schedule.On{Dates: []schedule.Date{date}}, Hours: vectorWindows(t, list)})
	}
	for _, part := range c.Union {
		s.Union = append(s.Union, schedule.Schedule{Ref: part})
	}
	for _, part := range c.Intersect {
		s.Intersect = append(s.Intersect, schedule.Schedule{Ref: part})
	}
	return s
}

func vectorWindows(t *testing.T, list [][2]string) []schedule.Window {
	t.Helper()
	windows := []schedule.Window{}
	for _, pair := range list {
		var w schedule.Window
		if err := w.UnmarshalText([]byte(pair[0] + "-" + pair[1])); err != nil {
			t.Fatal(err)
		}
		windows = append(windows, w)
	}
	return windows
}

type vector struct {
	ID              string          `json:"id"`
	Calendar        string          `json:"calendar"`
	Op              string          `json:"op"`
	Start           string          `json:"start"`
	End             string          `json:"end"`
	Amount          int64           `json:"amount_s"`
	Target          int64           `json:"target_s"`
	Pauses          [][2]*time.Time `json:"pauses"`
	Expect          json.RawMessage `json:"expect"`
	ExpectNextOpen  *time.Time      `json:"expect_next_open"`
	ExpectPrevClose *time.Time      `json:"expect_prev_close"`
	Count           int             `json:"count"`
	Excluded        bool            `json:"excluded"`
}

// acceptance reads the acceptance data, and skips the test where there is none.
func acceptance(t *testing.T) (map[string]*schedule.Calendar, []vector) {
	t.Helper()
	dir := os.Getenv("FOREWARN_SLA_DATA")
	if dir == "" {
		t.Skip("FOREWARN_SLA_DATA does not name the folder of the acceptance data: its vectors are NOT checked")
	}
	data, err := os.ReadFile(filepath.Join(dir, "vectors.json"))
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Calendars map[string]vectorCalendar `json:"calendars"`
		Vectors   []vector                  `json:"vectors"`
	}
	if err := json.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	library := schedule.Library{}
	for name, c := range file.Calendars {
		library[name] = c.schedule(t, name)
	}
	text, err := json.Marshal(library)
	if err != nil {
		t.Fatal(err)
	}
	library, err = schedule.ParseLibrary(text) // so that the JSON form is seen to express them all
	if err != nil {
		t.Fatal(err)
	}
	calendars := map[string]*schedule.Calendar{}
	for name := range library {
		s, err := library.Resolve(name)
		if err != nil {
			t.Fatal(err)
		}
		if calendars[name], err = schedule.Compile(s); err != nil {
			t.Fatal(err)
		}
	}
	return calendars, file.Vectors
}

// Every vector of the acceptance data that is a question to a calendar, field by field.
//
// Covers: SLA-020
func TestAcceptanceVectors(t *testing.T) {
	calendars, vectors := acceptance(t)
	asked := map[string]int{}
	for _, v := range vectors {
		if v.Excluded {
			continue
		}
		c := calendars[v.Calendar]
		if ask := questions[v.Op]; ask != nil && len(v.Pauses) == 0 && len(v.Start) > len(time.DateOnly) {
			start, err := time.Parse(time.RFC3339Nano, v.Start)
			if err != nil {
				t.Fatal(err)
			}
			asked[v.Op]++
			ask(t, c, v, start)
		}
	}
	t.Log(asked)
	for _, op := range []string{"add", "sub", "between", "is_open", "next_open", "prev_close", "open_end", "intervals_after"} {
		if asked[op] == 0 {
			t.Errorf("no vector asks %s", op)
		}
	}
}

var questions = map[string]func(*testing.T, *schedule.Calendar, vector, time.Time){
	"add": func(t *testing.T, c *schedule.Calendar, v vector, start time.Time) {
		got, err := c.Add(start, time.Duration(v.Amount)*time.Second)
		sameInstant(t, v, "expect", got, err, instantOf(t, v.Expect))
		if v.ExpectNextOpen != nil && err == nil {
			got, err = c.NextOpen(got)
			sameInstant(t, v, "expect_next_open", got, err, v.ExpectNextOpen)
		}
	},
	"sub": func(t *testing.T, c *schedule.Calendar, v vector, start time.Time) {
		got, err := c.Sub(start, time.Duration(v.Amount)*time.Second)
		sameInstant(t, v, "expect", got, err, instantOf(t, v.Expect))
		if v.ExpectPrevClose != nil && err == nil {
			got, err = c.PrevClose(got)
			sameInstant(t, v, "expect_prev_close", got, err, v.ExpectPrevClose)
		}
	},
	"between": func(t *testing.T, c *schedule.Calendar, v vector, start time.Time) {
		end, err := time.Parse(time.RFC3339Nano, v.End)
		if err != nil {
			t.Fatal(v.ID, err)
		}
		var want float64
		if err := json.Unmarshal(v.Expect, &want); err != nil {
			t.Fatal(v.ID, err)
		}
		if got := c.Between(start, end); got != time.Duration(want*float64(time.Second)) {
			t.Errorf("%s: between is %v, want %v s", v.ID, got, want)
		}
		var sum time.Duration
		for w := range c.Windows(start, end) {
			sum += w.Length()
		}
		if want >= 0 && sum != c.Between(start, end) {
			t.Errorf("%s: the windows add up to %v, want %v s", v.ID, sum, want)
		}
	},
	"is_open": func(t *testing.T, c *schedule.Calendar, v vector, start time.Time) {
		var want bool
		if err := json.Unmarshal(v.Expect, &want); err != nil {
			t.Fatal(v.ID, err)
		}
		if got := c.IsOpen(start); got != want {
			t.Errorf("%s: is_open is %v", v.ID, got)
		}
		if got := c.Why(start); got.Open != want {
			t.Errorf("%s: why is %+v", v.ID, got)
		}
	},
	"next_open": func(t *testing.T, c *schedule.Calendar, v vector, start time.Time) {
		got, err := c.NextOpen(start)
		sameInstant(t, v, "expect", got, err, instantOf(t, v.Expect))
	},
	"prev_close": func(t *testing.T, c *schedule.Calendar, v vector, start time.Time) {
		got, err := c.PrevClose(start)
		sameInstant(t, v, "expect", got, err, instantOf(t, v.Expect))
	},
	"open_end": func(t *testing.T, c *schedule.Calendar, v vector, start time.Time) {
		got, err := c.OpenEnd(start)
		sameInstant(t, v, "expect", got, err, instantOf(t, v.Expect))
	},
	"intervals_after": func(t *testing.T, c *schedule.Calendar, v vector, start time.Time) {
		var want [][2]time.Time
		if err := json.Unmarshal(v.Expect, &want); err != nil {
			t.Fatal(v.ID, err)
		}
		var got [][2]time.Time
		for w := range c.Windows(start, schedule.End()) {
			if got = append(got, [2]time.Time{w.From, w.To}); len(got) == v.Count {
				break
			}
		}
		if len(got) != len(want) {
			t.Fatalf("%s: windows %v, want %v", v.ID, got, want)
		}
		for i := range want {
			if !got[i][0].Equal(want[i][0]) || !got[i][1].Equal(want[i][1]) {
				t.Errorf("%s: window %v, want %v", v.ID, got[i], want[i])
			}
		}
	},
}

func instantOf(t *testing.T, raw json.RawMessage) *time.Time {
	t.Helper()
	var at *time.Time
	if err := json.Unmarshal(raw, &at); err != nil {
		t.Fatal(err)
	}
	return at
}

// sameInstant compares an answer with what is wanted; nil wants an error.
func sameInstant(t *testing.T, v vector, field string, got time.Time, err error, want *time.Time) {
	t.Helper()
	if want == nil {
		if err == nil {
			t.Errorf("%s: %s is %v, want an error", v.ID, field, got)
		}
		return
	}
	if err != nil || !got.Equal(*want) {
		t.Errorf("%s: %s is %v (%v), want %v", v.ID, field, got, err, *want)
	}
}
