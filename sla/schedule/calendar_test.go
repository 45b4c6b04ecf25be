package schedule_test

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/forewarn-go/forewarn/sla/schedule"
)

func instant(t testing.TB, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func office(zone string) schedule.Schedule {
	return schedule.Schedule{Name: "office", Zone: zone, Week: schedule.Weekdays(schedule.Hours(9, 17))}
}

// A target that is used up at the end of a window is due then, and not when the next one opens; to the nanosecond.
//
// Covers: SLA-020
func TestAdd(t *testing.T) {
	c := compile(t, office("UTC"))
	for _, test := range []struct {
		start string
		d     time.Duration
		want  string
	}{
		{"2024-06-03T09:00:00Z", 8 * time.Hour, "2024-06-03T17:00:00Z"},
		{"2024-06-03T09:00:00Z", 8*time.Hour + 1, "2024-06-04T09:00:00.000000001Z"},
		{"2024-06-03T09:00:00Z", 8*time.Hour - 1, "2024-06-03T16:59:59.999999999Z"},
		{"2024-06-03T16:59:59.999999999Z", 1, "2024-06-03T17:00:00Z"},
		{"2024-06-03T16:59:59.999999999Z", 2, "2024-06-04T09:00:00.000000001Z"},
		{"2024-06-03T16:59:59.5Z", time.Second, "2024-06-04T09:00:00.5Z"},
		{"2024-06-03T17:00:00Z", 1, "2024-06-04T09:00:00.000000001Z"},
		{"2024-06-07T17:00:00Z", time.Hour, "2024-06-10T10:00:00Z"},          // over a weekend
		{"2024-06-08T12:00:00.123Z", 0, "2024-06-08T12:00:00.123Z"},          // nothing to wait for, though closed
		{"2024-06-08T12:00:00Z", 16 * time.Hour, "2024-06-11T17:00:00Z"},     // from a closed instant
		{"2024-06-03T11:00:00+02:00", 8 * time.Hour, "2024-06-03T17:00:00Z"}, // whatever the location
		{"2024-06-10T10:00:00Z", -time.Hour, "2024-06-10T09:00:00Z"},         // backwards: the latest instant
		{"2024-06-10T10:00:00Z", -time.Hour - 1, "2024-06-07T16:59:59.999999999Z"},
		{"1970-01-01T00:00:00Z", 8 * time.Hour, "1970-01-01T17:00:00Z"},
		{"2200-12-31T16:00:00Z", time.Hour, "2200-12-31T17:00:00Z"},
	} {
		got, err := c.Add(instant(t, test.start), test.d)
		if err != nil || !got.Equal(instant(t, test.want)) || got.Location() != time.UTC {
			t.Errorf("Add(%s, %v) is %v (%v), want %s", test.start, test.d, got, err, test.want)
		}
	}
}

func TestSub(t *testing.T) {
	c := compile(t, office("UTC"))
	for _, test := range []struct {
		end  string
		d    time.Duration
		want string
	}{
		{"2024-06-03T17:00:00Z", 8 * time.Hour, "2024-06-03T09:00:00Z"},
		{"2024-06-04T09:00:00Z", 8 * time.Hour, "2024-06-03T09:00:00Z"},
		{"2024-06-04T09:00:00.000000001Z", 8*time.Hour + 1, "2024-06-03T09:00:00Z"},
		{"2024-06-04T09:00:00Z", 1, "2024-06-03T16:59:59.999999999Z"},
		{"2024-06-08T12:00:00Z", 0, "2024-06-08T12:00:00Z"},
		{"2024-06-10T09:00:00Z", 16 * time.Hour, "2024-06-06T09:00:00Z"},
		{"2024-06-07T17:00:00Z", -time.Hour, "2024-06-10T10:00:00Z"},
	} {
		got, err := c.Sub(instant(t, test.end), test.d)
		if err != nil || !got.Equal(instant(t, test.want)) || got.Location() != time.UTC {
			t.Errorf("Sub(%s, %v) is %v (%v), want %s", test.end, test.d, got, err, test.want)
		}
	}
}

func TestBetween(t *testing.T) {
	c := compile(t, office("UTC"))
	for _, test := range []struct {
		from, to string
		want     time.Duration
	}{
		{"2024-06-03T09:00:00Z", "2024-06-03T17:00:00Z", 8 * time.Hour},
		{"2024-06-03T16:59:59.999999999Z", "2024-06-04T09:00:00.000000001Z", 2},
		{"2024-06-03T12:00:00Z", "2024-06-03T12:00:00Z", 0},
		{"2024-06-04T17:00:00Z", "2024-06-03T09:00:00Z", -16 * time.Hour},
		{"2023-01-01T00:00:00Z", "2024-01-01T00:00:00Z", 260 * 8 * time.Hour},
		{"0001-01-01T00:00:00Z", "1970-01-02T00:00:00Z", 8 * time.Hour}, // before 1970 it is closed
		{"2200-12-31T00:00:00Z", "9999-01-01T00:00:00Z", 8 * time.Hour}, // after 2200 too
		{"0001-01-01T00:00:00Z", "1969-12-31T00:00:00Z", 0},
		{"2201-01-01T00:00:00Z", "2300-01-01T00:00:00Z", 0},
	} {
		if got := c.Between(instant(t, test.from), instant(t, test.to)); got != test.want {
			t.Errorf("from %s to %s is %v, want %v", test.from, test.to, got, test.want)
		}
	}
	always := compile(t, schedule.Schedule{Always: true})
	if got, want := always.Between(time.Time{}, schedule.End().AddDate(5, 0, 0)), schedule.End().Sub(schedule.Begin()); got != want {
		t.Errorf("all time is %v, want %v", got, want)
	}
}

// A window is open at its start and closed at its end.
func TestPoints(t *testing.T) {
	c := compile(t, office("UTC"))
	for _, test := range []struct {
		at                         string
		open                       bool
		nextOpen, openEnd, prevEnd string
	}{
		{"2024-06-03T08:59:59.999999999Z", false, "2024-06-03T09:00:00Z", "2024-06-03T17:00:00Z", "2024-05-31T17:00:00Z"},
		{"2024-06-03T09:00:00Z", true, "2024-06-03T09:00:00Z", "2024-06-03T17:00:00Z", "2024-05-31T17:00:00Z"},
		{"2024-06-03T09:00:00.000000001Z", true, "2024-06-03T09:00:00.000000001Z", "2024-06-03T17:00:00Z", "2024-06-03T09:00:00.000000001Z"},
		{"2024-06-03T16:59:59.999999999Z", true, "2024-06-03T16:59:59.999999999Z", "2024-06-03T17:00:00Z", "2024-06-03T16:59:59.999999999Z"},
		{"2024-06-03T17:00:00Z", false, "2024-06-04T09:00:00Z", "2024-06-04T17:00:00Z", "2024-06-03T17:00:00Z"},
		{"2024-06-03T17:00:00.5Z", false, "2024-06-04T09:00:00Z", "2024-06-04T17:00:00Z", "2024-06-03T17:00:00Z"},
	} {
		at := instant(t, test.at)
		if c.IsOpen(at) != test.open {
			t.Errorf("%s: open is %v", test.at, !test.open)
		}
		for _, question := range []struct {
			name string
			ask  func(time.Time) (time.Time, error)
			want string
		}{{"NextOpen", c.NextOpen, test.nextOpen}, {"OpenEnd", c.OpenEnd, test.openEnd}, {"PrevClose", c.PrevClose, test.prevEnd}} {
			if got, err := question.ask(at); err != nil || got.Format(time.RFC3339Nano) != question.want {
				t.Errorf("%s(%s) is %v (%v), want %s", question.name, test.at, got, err, question.want)
			}
		}
	}
}

// What needs open time says so where there is none; what lies outside of the years says that; nothing hangs.
func TestErrors(t *testing.T) {
	never := compile(t, schedule.Schedule{Name: "never", Zone: "Europe/Berlin", Week: schedule.Week{}})
	once := compile(t, schedule.Schedule{Name: "once", Zone: "UTC",
		Rules: []schedule.Rule{{On: schedule.On{Dates: []schedule.Date{{Year: 2024, Month: 6, Day: 3}}}, Hours: []schedule.Window{schedule.Hours(9, 17)}}}})
	always := compile(t, schedule.Schedule{Name: "always", Always: true})
	nothing := compile(t, schedule.Schedule{})
	at := instant(t, "2024-06-03T12:00:00Z")
	later, before := at.AddDate(0, 1, 0), at.AddDate(0, -1, 0)
	for i, test := range []struct {
		ask  func() (time.Time, error)
		want error
	}{
		{func() (time.Time, error) { return never.Add(at, 1) }, schedule.ErrNeverOpens},
		{func() (time.Time, error) { return never.Add(at, math.MaxInt64) }, schedule.ErrOutside},
		{func() (time.Time, error) { return never.Sub(at, 1) }, schedule.ErrNeverOpens},
		{func() (time.Time, error) { return never.Add(at, -1) }, schedule.ErrNeverOpens},
		{func() (time.Time, error) { return never.NextOpen(at) }, schedule.ErrNeverOpens},
		{func() (time.Time, error) { return never.OpenEnd(at) }, schedule.ErrNeverOpens},
		{func() (time.Time, error) { return never.PrevClose(at) }, schedule.ErrNeverOpens},
		{func() (time.Time, error) { return nothing.Add(at, 1) }, schedule.ErrNeverOpens},
		{func() (time.Time, error) { return once.Add(later, 1) }, schedule.ErrNeverOpens},
		{func() (time.Time, error) { return once.NextOpen(later) }, schedule.ErrNeverOpens},
		{func() (time.Time, error) { return once.OpenEnd(later) }, schedule.ErrNeverOpens},
		{func() (time.Time, error) { return once.Sub(before, 1) }, schedule.ErrNeverOpens},
		{func() (time.Time, error) { return once.PrevClose(before) }, schedule.ErrNeverOpens},
		{func() (time.Time, error) { return once.Add(at, 6*time.Hour) }, schedule.ErrOutside},
		{func() (time.Time, error) { return once.Sub(at, 4*time.Hour) }, schedule.ErrOutside},
		{func() (time.Time, error) { return always.OpenEnd(at) }, schedule.ErrOutside},
		{func() (time.Time, error) { return always.Add(at, math.MaxInt64) }, schedule.ErrOutside},
		{func() (time.Time, error) { return always.Add(at, math.MinInt64) }, schedule.ErrOutside},
		{func() (time.Time, error) { return always.Sub(at, math.MinInt64) }, schedule.ErrOutside},
		{func() (time.Time, error) { return always.Add(time.Time{}, 1) }, schedule.ErrOutside},
		{func() (time.Time, error) { return always.Add(time.Time{}, 0) }, schedule.ErrOutside},
		{func() (time.Time, error) { return always.Add(schedule.End(), -1) }, schedule.ErrOutside},
		{func() (time.Time, error) { return always.Sub(schedule.Begin().Add(-1), 0) }, schedule.ErrOutside},
		{func() (time.Time, error) { return always.NextOpen(schedule.End()) }, schedule.ErrOutside},
		{func() (time.Time, error) { return always.PrevClose(time.Unix(math.MaxInt64, 0)) }, schedule.ErrOutside},
		{func() (time.Time, error) { return always.OpenEnd(time.Unix(math.MinInt64, 0)) }, schedule.ErrOutside},
		{func() (time.Time, error) { return always.Sub(schedule.Begin().Add(5), 6) }, schedule.ErrOutside},
		{func() (time.Time, error) { return always.Add(schedule.End().Add(-5), 6) }, schedule.ErrOutside},
	} {
		got, err := test.ask()
		var typed *schedule.Error
		if !errors.Is(err, test.want) || !errors.As(err, &typed) || typed.Op == "" || !got.IsZero() {
			t.Errorf("case %d: %v (%v), want %v", i, got, err, test.want)
		}
	}
	if _, err := never.Add(at, 1); err == nil || err.Error() != "schedule: Add on never at 2024-06-03T12:00:00Z: the calendar has no open time in that direction" {
		t.Error(err)
	}
	for _, c := range []*schedule.Calendar{never, nothing} {
		if c.IsOpen(at) || c.Between(schedule.Begin(), schedule.End()) != 0 || len(slices.Collect(c.Windows(schedule.Begin(), schedule.End()))) != 0 {
			t.Error("what never opens is open")
		}
	}
}

// The ends of the years that calendars know, where every instant but the last counts.
func TestEnds(t *testing.T) {
	always := compile(t, schedule.Schedule{Always: true})
	begin, end := schedule.Begin(), schedule.End()
	if !always.IsOpen(begin) || always.IsOpen(begin.Add(-1)) || !always.IsOpen(end.Add(-1)) || always.IsOpen(end) {
		t.Error("open outside, or closed inside")
	}
	if got, err := always.Add(begin, end.Sub(begin)); err != nil || !got.Equal(end) {
		t.Error(got, err)
	}
	if got, err := always.Sub(end.Add(-1), end.Add(-1).Sub(begin)); err != nil || !got.Equal(begin) {
		t.Error(got, err)
	}
	if got := slices.Collect(always.Windows(begin.AddDate(-1, 0, 0), end.AddDate(1, 0, 0))); len(got) != 1 || !got[0].From.Equal(begin) || !got[0].To.Equal(end) {
		t.Error(got)
	}
	if got := slices.Collect(always.Windows(end, begin)); got != nil {
		t.Error(got)
	}
	if why := always.Why(end); why.Kind != schedule.ByRange || why.Open {
		t.Error(why)
	}
}

// An hour that is skipped adds nothing and one that is repeated counts twice (S17).
//
// Covers: SLA-020
func TestDaylightSaving(t *testing.T) {
	sunday := func(zone string, windows ...schedule.Window) *schedule.Calendar {
		return compile(t, schedule.Schedule{Zone: zone, Week: schedule.EachOf(schedule.Days{time.Sunday}, windows...)})
	}
	day := func(c *schedule.Calendar, date string) time.Duration {
		at := instant(t, date+"T00:00:00Z")
		return c.Between(at.Add(-24*time.Hour), at.Add(48*time.Hour))
	}
	night := sunday("America/New_York", schedule.Hours(1, 3))
	for _, test := range []struct {
		c    *schedule.Calendar
		date string
		want time.Duration
	}{
		{night, "2024-03-10", time.Hour},     // 02:00 to 03:00 is skipped
		{night, "2024-11-03", 3 * time.Hour}, // 01:00 to 02:00 is repeated
		{night, "2024-06-02", 2 * time.Hour},
		{sunday("America/New_York", schedule.Window{Start: schedule.At(2, 15), End: schedule.At(2, 45)}), "2024-03-10", 0},
		{sunday("America/New_York", schedule.AllDay()), "2024-03-10", 23 * time.Hour},
		{sunday("America/New_York", schedule.AllDay()), "2024-11-03", 25 * time.Hour},
		{sunday("Australia/Lord_Howe", schedule.Hours(1, 3)), "2024-04-07", 2*time.Hour + 30*time.Minute},
		{sunday("America/Sao_Paulo", schedule.AllDay()), "2018-11-04", 23 * time.Hour}, // it skips midnight
		{sunday("Europe/Berlin", schedule.Hours(2, 3)), "2200-03-30", 0},               // by the rule that lasts for ever
	} {
		if got := day(test.c, test.date); got != test.want {
			t.Errorf("%s in %v is %v, want %v", test.date, test.c.Location(), got, test.want)
		}
	}
	apia := compile(t, schedule.Schedule{Zone: "Pacific/Apia", Week: schedule.EachOf(schedule.Days{time.Friday}, schedule.AllDay())})
	if apia.OpensOn(schedule.Date{Year: 2011, Month: 12, Day: 30}) || !apia.OpensOn(schedule.Date{Year: 2011, Month: 12, Day: 23}) {
		t.Error("Samoa left out the 30th of December 2011")
	}
}

// time.Time.ZoneBounds ends where it begins on the 31st of December of leap years past the table of a zone: a loop over
// it hangs. Every leap year, in a zone of each kind.
func TestLeapYearsPastTheTable(t *testing.T) {
	for _, zone := range []string{"Europe/Berlin", "America/New_York", "Asia/Gaza", "Australia/Sydney", "Europe/Dublin", "America/Santiago"} {
		s := office(zone)
		c := compile(t, s)
		for year := 2040; year < 2200; year += 4 {
			eve := time.Date(year, 12, 31, 12, 0, 0, 0, located(zone))
			if got, want := c.IsOpen(eve), oracleOpen(s, eve); got != want {
				t.Errorf("%v in %s: open is %v", eve, zone, got)
			}
			if got, want := c.Between(eve.AddDate(0, 0, -1), eve.AddDate(0, 0, 1)), newStrip(s, eve.AddDate(0, 0, -1).UTC(), time.Hour, 48).between(eve.AddDate(0, 0, -1), eve.AddDate(0, 0, 1)); got != want {
				t.Errorf("around %v in %s: %v, want %v", eve, zone, got, want)
			}
		}
	}
}

// Where no end of an offset comes, the day is searched for a change.
func TestChange(t *testing.T) {
	from := instant(t, "2024-03-30T12:00:00Z").Unix()
	change := instant(t, "2024-03-31T01:00:00Z").Unix()
	if got := schedule.Change(located("Europe/Berlin"), from, from+86400); got != change {
		t.Errorf("the change is at %d, not at %d", got, change)
	}
	if got := schedule.Change(located("UTC"), from, from+86400); got != from+86400 {
		t.Errorf("UTC changes at %d", got)
	}
}

// A window that touches the next is one with it, over midnight and over the edge of a table.
func TestTouchingWindows(t *testing.T) {
	c := compile(t, schedule.Schedule{Zone: "UTC", Week: schedule.Week{
		time.Monday:  {schedule.Hours(8, 12), schedule.Hours(12, 24)},
		time.Tuesday: {schedule.Hours(0, 6), {Start: schedule.At(23, 0), End: schedule.At(1, 30)}},
	}})
	monday := instant(t, "2024-06-03T09:00:00Z")
	if got, err := c.OpenEnd(monday); err != nil || !got.Equal(instant(t, "2024-06-04T06:00:00Z")) {
		t.Error(got, err)
	}
	if got, err := c.OpenEnd(instant(t, "2024-06-04T23:30:00Z")); err != nil || !got.Equal(instant(t, "2024-06-05T01:30:00Z")) {
		t.Error(got, err)
	}
	const cut = 51 << 25 // 2024-03-24T10:27:12Z, a Sunday
	sunday := compile(t, schedule.Schedule{Zone: "UTC", Week: schedule.EachOf(schedule.Days{time.Sunday}, schedule.AllDay())})
	edge := time.Unix(cut, 0).UTC()
	if got, err := sunday.OpenEnd(edge.Add(-time.Hour)); err != nil || !got.Equal(instant(t, edge.AddDate(0, 0, 1).Format(time.DateOnly)+"T00:00:00Z")) {
		t.Error(got, err)
	}
	if got, err := sunday.PrevClose(edge); err != nil || !got.Equal(edge) {
		t.Error(got, err)
	}
	once := compile(t, schedule.Schedule{Zone: "UTC", Rules: []schedule.Rule{{On: schedule.On{Dates: []schedule.Date{schedule.DateOf(edge)}},
		Hours: []schedule.Window{{Start: schedule.Midnight, End: schedule.At(10, 27) + 12}}}}}) // up to the edge, and never again
	if got, err := once.OpenEnd(edge.Add(-time.Hour)); err != nil || !got.Equal(edge) {
		t.Error(got, err)
	}
	twice := compile(t, schedule.Schedule{Union: []schedule.Schedule{{Always: true}}, Exclude: []schedule.Schedule{{Zone: "UTC", // closed for an hour from the edge on
		Rules: []schedule.Rule{{On: schedule.On{Dates: []schedule.Date{schedule.DateOf(edge)}}, Hours: []schedule.Window{{Start: schedule.At(10, 27) + 12, End: schedule.At(11, 0)}}}}}}})
	if got, err := twice.OpenEnd(edge.Add(-time.Hour)); err != nil || !got.Equal(edge) {
		t.Error(got, err)
	}
	if got, err := once.PrevClose(edge.AddDate(3, 0, 0)); err != nil || !got.Equal(edge) {
		t.Error(got, err)
	}
}

// A business day is what the schedule gives, or the total of each of its days if that is one.
//
// Covers: SLA-002, SLA-007, SLA-020
func TestBusinessDays(t *testing.T) {
	lunch := schedule.Schedule{Zone: "UTC", Week: schedule.Weekdays(schedule.Hours(9, 17)),
		Breaks: []schedule.Rule{{On: schedule.On{Weekdays: schedule.Days{1, 2, 3, 4, 5}}, Hours: []schedule.Window{schedule.Hours(12, 13)}}}}
	given := schedule.Schedule{DayLength: schedule.Duration(8 * time.Hour), Union: []schedule.Schedule{office("Asia/Tokyo"), office("Europe/Paris")}}
	uneven := schedule.Schedule{Zone: "UTC", Week: schedule.Week{time.Monday: {schedule.Hours(9, 17)}, time.Friday: {schedule.Hours(9, 16)}}}
	special := office("UTC")
	special.Breaks = []schedule.Rule{{On: schedule.On{Dates: []schedule.Date{{Year: 2024, Month: 1, Day: 1}}}, Hours: []schedule.Window{schedule.Hours(9, 10)}}}
	for i, test := range []struct {
		s    schedule.Schedule
		want time.Duration
	}{
		{office("UTC"), 8 * time.Hour},
		{schedule.Schedule{Always: true}, 24 * time.Hour},
		{schedule.Schedule{Zone: "UTC", Week: schedule.Weekdays(schedule.Hours(20, 5))}, 9 * time.Hour},
		{schedule.Schedule{Zone: "UTC", Week: schedule.Weekdays(schedule.Hours(8, 12), schedule.Hours(11, 15))}, 7 * time.Hour},
		{lunch, 7 * time.Hour},
		{special, 8 * time.Hour},
		{given, 8 * time.Hour},
		{schedule.Schedule{Parent: &given}, 8 * time.Hour},
		{uneven, 0},
		{schedule.Schedule{}, 0},
		{schedule.Schedule{Union: []schedule.Schedule{office("UTC")}}, 0},
		{schedule.Schedule{Zone: "UTC", Week: schedule.Weekdays(schedule.Hours(9, 17)), Union: []schedule.Schedule{office("UTC")}}, 0},
	} {
		c := compile(t, test.s)
		got, err := c.DayLength()
		if got != test.want || (err != nil) != (test.want == 0) || err != nil && !errors.Is(err, schedule.ErrNoDayLength) {
			t.Errorf("case %d: %v (%v), want %v", i, got, err, test.want)
		}
		if two, err := c.BusinessDays(2); two != 2*test.want || (err != nil) != (test.want == 0) {
			t.Errorf("case %d: two days are %v (%v)", i, two, err)
		}
	}
	c := compile(t, office("UTC"))
	if d, err := c.BusinessDays(-3); err != nil || d != -24*time.Hour {
		t.Error(d, err)
	}
	for _, n := range []int{math.MaxInt, math.MinInt} {
		if d, err := c.BusinessDays(n); !errors.Is(err, schedule.ErrOutside) {
			t.Error(d, err)
		}
	}
}

// On which local dates it opens, and when a clock on the wall shows a reading.
func TestLocalDates(t *testing.T) {
	s := usOffice()
	c := compile(t, s)
	for date, want := range map[string]bool{"2024-07-03": true, "2024-07-04": false, "2024-07-06": false, "2021-12-31": false, "2022-01-03": true} {
		d := schedule.DateOf(instant(t, date+"T00:00:00Z"))
		if c.OpensOn(d) != want {
			t.Errorf("%s: opens is %v", date, !want)
		}
	}
	night := compile(t, schedule.Schedule{Zone: "America/St_Johns", Week: schedule.EachOf(schedule.Days{time.Saturday}, schedule.Window{Start: schedule.At(23, 30), End: schedule.EndOfDay})})
	if !night.OpensOn(schedule.Date{Year: 2006, Month: 10, Day: 28}) || night.OpensOn(schedule.Date{Year: 2006, Month: 10, Day: 29}) {
		t.Error("at 00:01 Newfoundland went back to 23:01 of the day before")
	}
	for _, test := range []struct {
		date  string
		clock schedule.Clock
		want  string
	}{
		{"2024-07-03", schedule.At(16, 0), "2024-07-03T20:00:00Z"},
		{"2024-01-03", schedule.At(16, 0) + 30, "2024-01-03T21:00:30Z"},
		{"2024-03-10", schedule.At(2, 30), "2024-03-10T07:00:00Z"}, // skipped
		{"2024-11-03", schedule.At(1, 30), "2024-11-03T05:30:00Z"}, // the first of two
		{"2024-11-03", schedule.EndOfDay, "2024-11-04T05:00:00Z"},
		{"2040-12-31", schedule.Midnight, "2040-12-31T05:00:00Z"},
	} {
		if got := c.Instant(schedule.DateOf(instant(t, test.date+"T00:00:00Z")), test.clock); !got.Equal(instant(t, test.want)) {
			t.Errorf("%s %s is %v, want %s", test.date, test.clock, got, test.want)
		}
	}
}

// Why says which entry decides.
func TestWhy(t *testing.T) {
	s := usOffice()
	s.Rules = []schedule.Rule{{Name: "inventory", On: schedule.On{Day: -1}, Hours: []schedule.Window{schedule.Hours(18, 20)}}}
	s.Special = []schedule.Rule{{Name: "short Friday", On: schedule.On{Dates: []schedule.Date{{Year: 2024, Month: 6, Day: 7}}}, Hours: []schedule.Window{schedule.Hours(9, 12)}}}
	s.Breaks = []schedule.Rule{{Name: "lunch", On: schedule.On{Weekdays: schedule.Days{1, 2, 3, 4, 5}}, Hours: []schedule.Window{schedule.Hours(12, 13)}}}
	whole := compile(t, schedule.Schedule{Name: "all", Union: []schedule.Schedule{s},
		Intersect: []schedule.Schedule{{Name: "before 2025", Zone: "UTC", Rules: []schedule.Rule{{On: schedule.On{To: schedule.Date{Year: 2024, Month: 12, Day: 31}}, Hours: []schedule.Window{schedule.AllDay()}}}}},
		Exclude:   []schedule.Schedule{{Name: "maintenance", Zone: "UTC", Rules: []schedule.Rule{{Name: "patch day", On: schedule.On{Weekdays: schedule.Days{time.Tuesday}, Nth: 2}, Hours: []schedule.Window{schedule.AllDay()}}}}}})
	own := compile(t, s)
	for _, test := range []struct {
		c    *schedule.Calendar
		at   string
		want schedule.Reason
	}{
		{own, "2024-06-03T14:00:00Z", schedule.Reason{Open: true, Kind: schedule.ByWeek, Schedule: "US office"}},
		{own, "2024-06-03T16:30:00Z", schedule.Reason{Kind: schedule.ByBreak, Schedule: "US office", Name: "lunch"}},
		{own, "2024-06-03T22:00:00Z", schedule.Reason{Kind: schedule.ByHours, Schedule: "US office"}},
		{own, "2024-05-31T22:30:00Z", schedule.Reason{Open: true, Kind: schedule.ByRule, Schedule: "US office", Name: "inventory"}},
		{own, "2024-06-07T14:00:00Z", schedule.Reason{Open: true, Kind: schedule.BySpecial, Schedule: "US office", Name: "short Friday"}},
		{own, "2024-06-07T18:00:00Z", schedule.Reason{Kind: schedule.BySpecial, Schedule: "US office", Name: "short Friday"}},
		{own, "2024-07-04T14:00:00Z", schedule.Reason{Kind: schedule.ByHoliday, Schedule: "US office", Name: "Independence Day"}},
		{whole, "2024-06-03T14:00:00Z", schedule.Reason{Open: true, Kind: schedule.ByWeek, Schedule: "US office"}},
		{whole, "2024-06-11T14:00:00Z", schedule.Reason{Kind: schedule.ByExcluded, Schedule: "maintenance", Name: "patch day"}},
		{whole, "2025-06-03T14:00:00Z", schedule.Reason{Kind: schedule.ByPart, Schedule: "before 2025"}},
		{whole, "2024-06-02T14:00:00Z", schedule.Reason{Kind: schedule.ByHours, Schedule: "all"}},
	} {
		if got := test.c.Why(instant(t, test.at)); got != test.want {
			t.Errorf("%s: %+v, want %+v", test.at, got, test.want)
		}
	}
}

// Easter Sundays as they stand in church tables, the earliest and the latest possible among them.
func TestEaster(t *testing.T) {
	zero := 0
	c := compile(t, schedule.Schedule{Zone: "UTC", Rules: []schedule.Rule{{On: schedule.On{Easter: &zero}, Hours: []schedule.Window{schedule.AllDay()}}}})
	for _, date := range []string{"1970-03-29", "1981-04-19", "2000-04-23", "2008-03-23", "2024-03-31", "2025-04-20", "2038-04-25", "2049-04-18", "2076-04-19", "2100-03-28", "2199-04-14"} {
		if !c.OpensOn(schedule.DateOf(instant(t, date+"T00:00:00Z"))) {
			t.Errorf("%s is no Easter Sunday", date)
		}
	}
	if got := len(slices.Collect(c.Windows(schedule.Begin(), schedule.End()))); got != 231 {
		t.Errorf("%d Easter Sundays in 231 years", got)
	}
}

// Where dates go that fall on a weekend, over the edges of months and years, and days that are counted from Easter.
func TestSelects(t *testing.T) {
	days := func(n int) *int { return &n }
	for _, test := range []struct {
		on   schedule.On
		date string
		want bool
	}{
		{schedule.On{Yearly: schedule.Each(3, 31), Observed: schedule.Monday}, "2024-04-01", true}, // from a Sunday
		{schedule.On{Yearly: schedule.Each(3, 31), Observed: schedule.Monday}, "2024-03-31", false},
		{schedule.On{Yearly: schedule.Each(12, 31), Observed: schedule.Monday}, "2023-01-02", true}, // from a Saturday
		{schedule.On{Yearly: schedule.Each(12, 31), Observed: schedule.Nearest}, "2022-12-30", true},
		{schedule.On{Yearly: schedule.Each(12, 31), Observed: schedule.Nearest}, "2023-01-02", false},
		{schedule.On{Yearly: schedule.Each(1, 1), Observed: schedule.Nearest}, "2021-12-31", true},
		{schedule.On{Yearly: schedule.Each(1, 1), Observed: schedule.Monday}, "2021-12-31", false},
		{schedule.On{Easter: days(-100)}, "2023-12-22", true}, // of the Easter of 2024
		{schedule.On{Easter: days(49)}, "2024-05-19", true},
		{schedule.On{Yearly: schedule.Yearly{From: schedule.MonthDay{Month: 12, Day: 24}, To: schedule.MonthDay{Month: 1, Day: 2}}}, "2024-01-02", true},
		{schedule.On{Yearly: schedule.Yearly{From: schedule.MonthDay{Month: 12, Day: 24}, To: schedule.MonthDay{Month: 1, Day: 2}}}, "2024-01-03", false},
		{schedule.On{Yearly: schedule.Yearly{From: schedule.MonthDay{Month: 1, Day: 20}, To: schedule.MonthDay{Month: 1, Day: 10}}}, "2024-06-01", true},
		{schedule.On{Dates: []schedule.Date{{Year: 2024, Month: 6, Day: 2}, {Year: 2024, Month: 6, Day: 1}}}, "2024-06-01", true},
		{schedule.On{Weekdays: schedule.Days{time.Friday}, Day: 13}, "2024-09-13", true},
		{schedule.On{To: schedule.Date{Year: 2024, Month: 6, Day: 1}}, "2024-06-01", true},
	} {
		if got := test.on.Selects(schedule.DateOf(instant(t, test.date+"T00:00:00Z"))); got != test.want {
			t.Errorf("%+v selects %s: %v", test.on, test.date, got)
		}
	}
}

// A calendar may be asked by many at once: what it finds out, it finds out once or twice, but never wrong.
func TestConcurrent(t *testing.T) {
	c := compile(t, usOffice())
	start := instant(t, "2024-06-03T13:00:00Z")
	want, err := compile(t, usOffice()).Add(start, 80*365*time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			got, err := c.Add(start, 80*365*time.Hour)
			if err != nil || !got.Equal(want) {
				t.Error(got, err)
			}
		})
	}
	all.Wait()
}

// What a compiled calendar answers, it answers without allocating.
func TestNoAllocations(t *testing.T) {
	c := compile(t, usOffice())
	start := instant(t, "2024-06-03T13:00:00Z")
	ask := func() {
		end, _ := c.Add(start, 240*time.Hour)
		_, _ = c.Sub(end, 240*time.Hour)
		_ = c.Between(start, end)
		_ = c.IsOpen(start)
		_, _ = c.NextOpen(start)
		_, _ = c.PrevClose(start)
		_, _ = c.OpenEnd(start)
	}
	ask()
	if n := testing.AllocsPerRun(100, ask); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// A calendar shares nothing with the schedule that it was compiled from.
func TestCompileCopies(t *testing.T) {
	s := office("UTC")
	s.Holidays = []schedule.Holiday{{On: schedule.On{Dates: []schedule.Date{{Year: 2024, Month: 6, Day: 3}}}}}
	c := compile(t, s)
	s.Week[time.Monday][0] = schedule.Hours(1, 2)
	s.Week[time.Tuesday] = nil
	s.Holidays[0].Dates[0] = schedule.Date{Year: 2024, Month: 6, Day: 10}
	at := instant(t, "2024-06-03T00:00:00Z")
	if got := c.Between(at, at.AddDate(0, 0, 7)); got != 32*time.Hour {
		t.Errorf("the week has %v", got)
	}
}

// Compile refuses what Parse does, in Go values.
func TestCompileRefuses(t *testing.T) {
	one := []schedule.Window{schedule.Hours(9, 17)}
	for i, test := range []struct {
		s           schedule.Schedule
		field, rule string
	}{
		{schedule.Schedule{Week: schedule.Weekdays(one...)}, "zone", "is needed"},
		{schedule.Schedule{Union: []schedule.Schedule{{Always: true}, {Rules: []schedule.Rule{{On: schedule.On{Day: 1}, Hours: one}}}}}, "union[1].zone", "is needed"},
		{schedule.Schedule{Always: true, Holidays: []schedule.Holiday{{On: schedule.On{Day: 1}}}}, "zone", "is needed"},
		{schedule.Schedule{Zone: "Mars/Olympus"}, "zone", "is not a time zone"},
		{schedule.Schedule{Zone: "UTC", Week: schedule.Week{8: one}}, "week", "not from Sunday to Saturday"},
		{schedule.Schedule{Zone: "UTC", Week: schedule.Week{1: {{Start: -1, End: 5}}}}, "week.mon[0]", "starts at"},
		{schedule.Schedule{Zone: "UTC", Week: schedule.Week{1: {{Start: 86400, End: 5}}}}, "week.mon[0]", "starts at"},
		{schedule.Schedule{Zone: "UTC", Week: schedule.Week{1: {{Start: 1, End: 86401}}}}, "week.mon[0]", "ends at"},
		{schedule.Schedule{Zone: "UTC", Holidays: []schedule.Holiday{{On: schedule.On{Dates: []schedule.Date{{}}}}}}, "holidays[0].dates[0]", "is no date"},
		{schedule.Schedule{Zone: "UTC", Holidays: []schedule.Holiday{{On: schedule.On{Yearly: schedule.Each(2, 30)}}}}, "holidays[0].yearly", "is no day"},
		{schedule.Schedule{Zone: "UTC", Holidays: []schedule.Holiday{{On: schedule.On{Weekdays: schedule.Days{-1}}}}}, "holidays[0].weekdays[0]", "from Sunday to Saturday"},
		{schedule.Schedule{Zone: "UTC", Holidays: []schedule.Holiday{{On: schedule.On{From: schedule.Date{Year: 2024, Month: 13, Day: 1}}}}}, "holidays[0].from", "is no date"},
		{schedule.Schedule{Ref: "x"}, "ref", "not resolved"},
	} {
		if _, err := schedule.Compile(test.s); !isInvalid(err, test.field, test.rule) {
			t.Errorf("case %d: %v; want %s: %s", i, err, test.field, test.rule)
		}
	}
}

// A child has what its parent has, save what it says itself.
func TestParent(t *testing.T) {
	base := schedule.Schedule{Name: "base", Zone: "Europe/Berlin", Week: schedule.Weekdays(schedule.Hours(9, 17)),
		Holidays: []schedule.Holiday{{On: schedule.On{Yearly: schedule.Each(time.December, 25)}}}}
	child := schedule.Schedule{Parent: &base, Week: schedule.Week{time.Friday: {}, time.Saturday: {schedule.Hours(10, 12)}},
		Holidays: []schedule.Holiday{{On: schedule.On{Yearly: schedule.Each(time.December, 24)}}}}
	c := compile(t, child)
	if c.Name() != "base" || c.Location().String() != "Europe/Berlin" {
		t.Error(c.Name(), c.Location())
	}
	var got []string
	for w := range c.Windows(instant(t, "2024-12-22T00:00:00Z"), instant(t, "2024-12-29T00:00:00Z")) {
		got = append(got, fmt.Sprint(w.From.Format("Mon 15:04"), "+", w.Length()))
	}
	if want := []string{"Mon 08:00+8h0m0s", "Thu 08:00+8h0m0s", "Sat 09:00+2h0m0s"}; !slices.Equal(got, want) {
		t.Errorf("open on %v, want %v", got, want)
	}
	always := schedule.Schedule{Zone: "UTC", Always: true,
		Union:   []schedule.Schedule{{Zone: "UTC", Week: schedule.EachOf(schedule.Days{time.Wednesday}, schedule.Hours(6, 8))}},
		Exclude: []schedule.Schedule{{Zone: "UTC", Week: schedule.EachOf(schedule.Days{time.Wednesday}, schedule.Hours(7, 10))}}}
	heir := compile(t, schedule.Schedule{Parent: &always})
	mondays := compile(t, schedule.Schedule{Parent: &always, Week: schedule.EachOf(schedule.Days{time.Monday}, schedule.Hours(9, 17))})
	for at, want := range map[string][2]bool{
		"2024-12-22T00:00:00Z": {true, false}, // a Sunday: a week of one's own does away with always
		"2024-12-23T09:00:00Z": {true, true},
		"2024-12-25T06:30:00Z": {true, true},   // what is added is inherited,
		"2024-12-25T07:30:00Z": {false, false}, // and what is taken away
	} {
		if heir.IsOpen(instant(t, at)) != want[0] || mondays.IsOpen(instant(t, at)) != want[1] {
			t.Errorf("%s: open is %v, %v", at, heir.IsOpen(instant(t, at)), mondays.IsOpen(instant(t, at)))
		}
	}
}
