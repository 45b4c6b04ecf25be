package schedule_test

import (
	"errors"
	"fmt"
	"time"
	_ "time/tzdata" // so that the examples do not depend on the zones of the host

	"github.com/forewarn-go/forewarn/sla/schedule"
)

// A response within 8 business hours: reported on Friday afternoon, it is due on Monday.
func Example() {
	office, err := schedule.Compile(schedule.Schedule{
		Zone: "Europe/Berlin",
		Week: schedule.Weekdays(schedule.Hours(9, 17)),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	reported := time.Date(2024, time.June, 7, 15, 30, 0, 0, office.Location())
	due, err := office.Add(reported, 8*time.Hour)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(due.In(office.Location()).Format("Mon 15:04"))
	fmt.Println(office.Between(reported, time.Date(2024, time.June, 10, 10, 0, 0, 0, office.Location())))
	// Output:
	// Mon 15:30
	// 2h30m0s
}

// The same as a file, with what differs on some dates.
func ExampleParse() {
	s, err := schedule.Parse([]byte(`{
		"name": "Berlin",
		"zone": "Europe/Berlin",
		"week": {"mon": ["09:00-12:30", "13:15-17:45"], "tue": ["09:00-17:00"], "fri": ["22:00-06:00"]},
		"rules": [{"name": "open Saturday", "weekdays": ["sat"], "nth": 1, "hours": ["10:00-14:00"]}],
		"special": [{"dates": ["2024-12-24"], "hours": ["09:00-12:00"]}],
		"holidays": [{"name": "Easter Monday", "easter": 1}, {"name": "Christmas", "yearly": "12-25/12-26"}],
		"day_length": "8h"
	}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	berlin, err := schedule.Compile(s)
	if err != nil {
		fmt.Println(err)
		return
	}
	for w := range berlin.Windows(time.Date(2024, 12, 23, 0, 0, 0, 0, time.UTC), time.Date(2024, 12, 29, 0, 0, 0, 0, time.UTC)) {
		fmt.Println(w.From.In(berlin.Location()).Format("Mon 2 15:04"), "for", w.Length())
	}
	fmt.Println(berlin.Why(time.Date(2024, 4, 1, 10, 0, 0, 0, time.UTC)).Name)
	// Output:
	// Mon 23 09:00 for 3h30m0s
	// Mon 23 13:15 for 4h30m0s
	// Tue 24 09:00 for 3h0m0s
	// Fri 27 22:00 for 8h0m0s
	// Easter Monday
}

// An error names the entry and the rule.
func ExampleInvalidError() {
	_, err := schedule.Parse([]byte(`{"zone": "UTC", "holidays": [{"yearly": "12-25"}, {"yearly": "31.12."}]}`))
	var invalid *schedule.InvalidError
	if errors.As(err, &invalid) {
		fmt.Println(invalid.Field)
		fmt.Println(invalid.Rule)
	}
	// Output:
	// holidays[1].yearly
	// "31.12." is not a day of a year such as 12-25, nor a span such as 12-24/01-02
}

// Three regions that hand over to one another: one clock on the union of their hours.
func ExampleSchedule_followTheSun() {
	region := func(name, zone string) schedule.Schedule {
		return schedule.Schedule{Name: name, Zone: zone, Week: schedule.Weekdays(schedule.Hours(8, 16))}
	}
	world, err := schedule.Compile(schedule.Schedule{
		Name:      "follow the sun",
		Union:     []schedule.Schedule{region("APAC", "Australia/Sydney"), region("EMEA", "Europe/London"), region("AMER", "America/Los_Angeles")},
		DayLength: schedule.Duration(24 * time.Hour),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	at := time.Date(2024, time.June, 3, 4, 0, 0, 0, time.UTC)
	for range 4 {
		fmt.Println(at.Format("15:04"), world.Why(at).Schedule)
		at = at.Add(5 * time.Hour)
	}
	// Output:
	// 04:00 APAC
	// 09:00 EMEA
	// 14:00 EMEA
	// 19:00 AMER
}

// Working hours without the weekly maintenance, and only until the contract ends.
func ExampleSchedule_exclude() {
	covered, err := schedule.Compile(schedule.Schedule{
		Zone: "Europe/Paris",
		Week: schedule.EachOf(schedule.Days{time.Tuesday, time.Wednesday}, schedule.Hours(8, 18)),
		Exclude: []schedule.Schedule{{Name: "maintenance", Zone: "UTC",
			Week: schedule.Week{time.Tuesday: {schedule.Hours(6, 8)}}}},
		Intersect: []schedule.Schedule{{Name: "contract", Zone: "Europe/Paris",
			Rules: []schedule.Rule{{On: schedule.On{To: schedule.Date{Year: 2024, Month: time.June, Day: 4}}, Hours: []schedule.Window{schedule.AllDay()}}}}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for w := range covered.Windows(time.Date(2024, 6, 3, 0, 0, 0, 0, time.UTC), time.Date(2024, 7, 1, 0, 0, 0, 0, time.UTC)) {
		fmt.Println(w.From.Format(time.RFC3339), w.Length())
	}
	// Output:
	// 2024-06-04T08:00:00Z 8h0m0s
}

// Two business days are two times a day's hours, wherever they begin.
func ExampleCalendar_BusinessDays() {
	office, err := schedule.Compile(schedule.Schedule{Zone: "UTC", Week: schedule.Weekdays(schedule.Hours(9, 17))})
	if err != nil {
		fmt.Println(err)
		return
	}
	two, err := office.BusinessDays(2)
	if err != nil {
		fmt.Println(err)
		return
	}
	due, err := office.Add(time.Date(2024, time.June, 6, 11, 0, 0, 0, time.UTC), two)
	fmt.Println(two, due.Format("Mon 15:04"), err)
	// Output:
	// 16h0m0s Mon 11:00 <nil>
}

// Schedules in one file, which refer to one another.
func ExampleLibrary() {
	library, err := schedule.ParseLibrary([]byte(`{"schedules": {
		"germany": {"zone": "Europe/Berlin", "week": {"mon": ["09:00-17:00"], "fri": ["09:00-17:00"]},
			"holidays": [{"name": "Unity Day", "yearly": "10-03"}]},
		"bavaria": {"parent": {"ref": "germany"}, "week": {"fri": ["09:00-15:00"]},
			"holidays": [{"name": "Assumption", "yearly": "08-15"}]}
	}}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	s, err := library.Resolve("bavaria")
	if err != nil {
		fmt.Println(err)
		return
	}
	bavaria, err := schedule.Compile(s)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(bavaria.Name(), bavaria.Why(time.Date(2024, 10, 3, 10, 0, 0, 0, time.UTC)).Name)
	fmt.Println(bavaria.OpensOn(schedule.Date{Year: 2025, Month: time.August, Day: 15}))
	// Output:
	// bavaria Unity Day
	// false
}

// What is allowed and hardly meant.
func ExampleLint() {
	found, err := schedule.Lint(schedule.Schedule{
		Zone:      "America/New_York",
		Week:      schedule.Week{time.Sunday: {schedule.Hours(1, 4), schedule.Hours(3, 6)}},
		DayLength: schedule.Duration(5 * time.Hour),
	}, schedule.Date{Year: 2024, Month: 1, Day: 1}, schedule.Date{Year: 2024, Month: 6, Day: 30})
	for _, f := range found {
		fmt.Println(f.Code, f.Text)
	}
	fmt.Println(err)
	// Output:
	// overlaps 03:00-06:00 overlaps 01:00-04:00
	// loses-time 01:00-06:00 of 2024-03-10: the window of 5h0m0s lasts 4h0m0s
	// <nil>
}
