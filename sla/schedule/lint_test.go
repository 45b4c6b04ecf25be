package schedule_test

import (
	"strings"
	"testing"
	"time"

	"github.com/forewarn-go/forewarn/sla/schedule"
)

func TestLint(t *testing.T) {
	from, to := schedule.Date{Year: 2024, Month: 1, Day: 1}, schedule.Date{Year: 2024, Month: 12, Day: 31}
	nights := schedule.Schedule{Zone: "Europe/Berlin", Week: schedule.EachOf(schedule.Days{time.Saturday}, schedule.Hours(22, 6))}
	gone := schedule.Schedule{Zone: "America/New_York", DayLength: schedule.Duration(time.Hour),
		Rules: []schedule.Rule{{On: schedule.On{Weekdays: schedule.Days{time.Sunday}}, Hours: []schedule.Window{schedule.Hours(2, 3)}}}}
	on := func(on schedule.On) schedule.Schedule {
		s := office("UTC")
		s.Holidays = []schedule.Holiday{{On: schedule.On{Day: 1}}, {On: on}}
		return s
	}
	for name, test := range map[string]struct {
		s    schedule.Schedule
		want []string // code, field and date
	}{
		"nothing to find":       {office("Europe/Berlin"), nil},
		"US holidays":           {usOffice(), nil},
		"empty":                 {schedule.Schedule{}, []string{"never-opens", "no-day-length day_length"}},
		"closed all the year":   {schedule.Schedule{Zone: "UTC", DayLength: 1, Rules: []schedule.Rule{{On: schedule.On{To: schedule.Date{Year: 2023, Month: 1, Day: 1}}, Hours: []schedule.Window{schedule.AllDay()}}}}, []string{"never-opens"}},
		"excludes itself":       {schedule.Schedule{DayLength: 1, Union: []schedule.Schedule{office("UTC")}, Exclude: []schedule.Schedule{{Always: true}}}, []string{"never-opens"}},
		"overlap":               {schedule.Schedule{Zone: "UTC", Week: schedule.Week{time.Monday: {schedule.Hours(9, 12), schedule.Hours(12, 15), schedule.Hours(14, 17)}}}, []string{"overlaps week.mon[2]"}},
		"overlap over midnight": {schedule.Schedule{Zone: "UTC", DayLength: 1, Week: schedule.Week{time.Sunday: {schedule.Hours(5, 9)}, time.Saturday: {schedule.Hours(22, 6)}}}, []string{"overlaps week.sun[0]"}},
		"night and change":      {nights, []string{"loses-time  2024-03-30", "gains-time  2024-10-26"}},
		"part":                  {schedule.Schedule{DayLength: 1, Union: []schedule.Schedule{office("UTC"), nights}}, []string{"loses-time union[1] 2024-03-30", "gains-time union[1] 2024-10-26"}},
		"skipped altogether":    {gone, []string{"loses-time  2024-03-10"}},
		"whole days":            {schedule.Schedule{Zone: "Europe/Berlin", Week: schedule.Weekdays(schedule.AllDay())}, nil},
		"never a date":          {on(schedule.On{Day: 31, Months: []time.Month{2, 4}}), []string{"selects-nothing holidays[1]"}},
		"not a listed date":     {on(schedule.On{Dates: []schedule.Date{from}, Weekdays: schedule.Days{time.Sunday}}), []string{"selects-nothing holidays[1]"}},
		"contradiction":         {on(schedule.On{Yearly: schedule.Each(12, 25), Months: []time.Month{1}}), []string{"selects-nothing holidays[1]"}},
		"leap days":             {on(schedule.On{Yearly: schedule.Each(2, 29), Weekdays: schedule.Days{time.Sunday}}), nil},
		"nothing to close":      {schedule.Schedule{Union: []schedule.Schedule{{Holidays: []schedule.Holiday{{On: schedule.On{Day: 1}}}}, office("UTC")}, DayLength: 1}, []string{"no-effect union[0]"}},
		"parent": {schedule.Schedule{DayLength: 1, Parent: &schedule.Schedule{Zone: "UTC", Week: schedule.Week{time.Monday: {schedule.Hours(9, 12), schedule.Hours(9, 12)}}}},
			[]string{"overlaps parent.week.mon[1]"}},
	} {
		found, err := schedule.Lint(test.s, from, to)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var got []string
		for _, f := range found {
			text := string(f.Code) + " " + f.Field
			if !f.Date.IsZero() {
				text += " " + f.Date.String()
			}
			got = append(got, strings.TrimSpace(text))
			if f.Text == "" {
				t.Errorf("%s: %s says nothing", name, text)
			}
		}
		if strings.Join(got, "; ") != strings.Join(test.want, "; ") {
			t.Errorf("%s: found %q, want %q", name, got, test.want)
		}
	}
}

func TestLintRefuses(t *testing.T) {
	day := schedule.Date{Year: 2024, Month: 1, Day: 1}
	for _, err := range []error{
		second(schedule.Lint(schedule.Schedule{}, schedule.Date{}, day)),
		second(schedule.Lint(schedule.Schedule{}, day, day.AddDays(-1))),
		second(schedule.Lint(schedule.Schedule{Zone: "x"}, day, day)),
	} {
		if !strings.HasPrefix(err.Error(), "schedule: ") {
			t.Error(err)
		}
	}
	noisy := schedule.Schedule{Zone: "UTC", DayLength: 1, Week: schedule.Week{1: make([]schedule.Window, 100)}}
	found, err := schedule.Lint(noisy, day, day)
	if err != nil || len(found) != schedule.MaxFindings {
		t.Errorf("%d findings (%v)", len(found), err)
	}
}

func second(_ []schedule.Finding, err error) error { return err }
