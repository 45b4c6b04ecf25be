package schedule_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/forewarn-go/forewarn/sla/schedule"
)

// usOffice is Monday to Friday, 9 to 17 in New York, with the 11 federal holidays.
func usOffice() schedule.Schedule {
	nth := func(name string, month time.Month, day time.Weekday, n int) schedule.Holiday {
		return schedule.Holiday{Name: name, On: schedule.On{Months: []time.Month{month}, Weekdays: schedule.Days{day}, Nth: n}}
	}
	each := func(name string, month time.Month, day int) schedule.Holiday {
		return schedule.Holiday{Name: name, On: schedule.On{Yearly: schedule.Each(month, day), Observed: schedule.Nearest}}
	}
	return schedule.Schedule{
		Name: "US office", Zone: "America/New_York", Week: schedule.Weekdays(schedule.Hours(9, 17)),
		Holidays: []schedule.Holiday{
			each("New Year", time.January, 1), nth("Martin Luther King Day", time.January, time.Monday, 3),
			nth("Presidents' Day", time.February, time.Monday, 3), nth("Memorial Day", time.May, time.Monday, -1),
			{Name: "Juneteenth", On: schedule.On{Yearly: schedule.Each(time.June, 19), From: schedule.Date{Year: 2021, Month: 1, Day: 1}, Observed: schedule.Nearest}},
			each("Independence Day", time.July, 4), nth("Labor Day", time.September, time.Monday, 1),
			nth("Columbus Day", time.October, time.Monday, 2), each("Veterans Day", time.November, 11),
			nth("Thanksgiving", time.November, time.Thursday, 4), each("Christmas", time.December, 25),
		},
	}
}

func compile(t testing.TB, s schedule.Schedule) *schedule.Calendar {
	t.Helper()
	c, err := schedule.Compile(s)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func benchmarkAdd(b *testing.B, span time.Duration) {
	c := compile(b, usOffice())
	start := time.Date(2024, 3, 6, 15, 30, 0, 0, time.UTC)
	amount := c.Between(start, start.Add(span))
	for b.Loop() {
		if _, err := c.Add(start, amount); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAdd30Days(b *testing.B)  { benchmarkAdd(b, 30*24*time.Hour) }
func BenchmarkAdd10Years(b *testing.B) { benchmarkAdd(b, 3652*24*time.Hour) }

// Starts and amounts drawn at random, so that no branch can be foreseen.
func BenchmarkAddCold(b *testing.B) {
	c := compile(b, usOffice())
	r := rand.New(rand.NewPCG(1, 2))
	var starts [1024]time.Time
	var amounts [1024]time.Duration
	for i := range starts {
		starts[i] = time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(r.Int64N(int64(365 * 24 * time.Hour))))
		amounts[i] = time.Duration(r.Int64N(int64(240 * time.Hour)))
	}
	i := 0
	for b.Loop() {
		if _, err := c.Add(starts[i%1024], amounts[i%1024]); err != nil {
			b.Fatal(err)
		}
		i++
	}
}

func BenchmarkBetween30Days(b *testing.B) {
	c := compile(b, usOffice())
	start := time.Date(2024, 3, 6, 15, 30, 0, 0, time.UTC)
	for b.Loop() {
		c.Between(start, start.Add(30*24*time.Hour))
	}
}

func BenchmarkBuildYear(b *testing.B) {
	c := compile(b, usOffice())
	var fresh *schedule.Calendar
	at := time.Date(2024, 3, 6, 15, 30, 0, 0, time.UTC)
	for b.Loop() {
		fresh = schedule.Fresh(c)
		fresh.IsOpen(at)
	}
}
