package benchmarks

import (
	"math/rand/v2"
	"runtime"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/rickar/cal/v2"
	"github.com/rickar/cal/v2/us"

	"github.com/forewarn-go/forewarn/sla/schedule"
)

// usOffice is Monday to Friday, 9 to 17 in New York, without the 11 holidays that us.Holidays has.
func usOffice() schedule.Schedule {
	nth := func(name string, month time.Month, day time.Weekday, n int) schedule.Holiday {
		return schedule.Holiday{Name: name, On: schedule.On{Months: []time.Month{month}, Weekdays: schedule.Days{day}, Nth: n}}
	}
	each := func(name string, month time.Month, day int) schedule.Holiday {
		return schedule.Holiday{Name: name, On: schedule.On{Yearly: schedule.Each(month, day), Observed: schedule.Nearest}}
	}
	juneteenth := each("Juneteenth", time.June, 19)
	juneteenth.From = schedule.Date{Year: 2021, Month: time.January, Day: 1}
	return schedule.Schedule{
		Name: "US office", Zone: "America/New_York", Week: schedule.Weekdays(schedule.Hours(9, 17)),
		Holidays: []schedule.Holiday{
			each("New Year's Day", time.January, 1), nth("Martin Luther King Jr. Day", time.January, time.Monday, 3),
			nth("Presidents' Day", time.February, time.Monday, 3), nth("Memorial Day", time.May, time.Monday, -1), juneteenth,
			each("Independence Day", time.July, 4), nth("Labor Day", time.September, time.Monday, 1),
			nth("Columbus Day", time.October, time.Monday, 2), each("Veterans Day", time.November, 11),
			nth("Thanksgiving Day", time.November, time.Thursday, 4), each("Christmas Day", time.December, 25),
		},
	}
}

// peerOffice is the same for rickar/cal.
func peerOffice(b *testing.B) (*cal.BusinessCalendar, *time.Location) {
	b.Helper()
	zone, err := time.LoadLocation("America/New_York")
	check(b, err)
	c := cal.NewBusinessCalendar()
	c.SetWorkHours(9*time.Hour, 17*time.Hour)
	c.AddHoliday(us.Holidays...)
	if len(us.Holidays) != 11 {
		b.Fatalf("the peer has %d holidays, not 11", len(us.Holidays))
	}
	return c, zone
}

func office(b *testing.B) *schedule.Calendar {
	b.Helper()
	c, err := schedule.Compile(usOffice())
	check(b, err)
	return c
}

// deadlines are starts and amounts of open time, drawn at random, whose deadlines lie about so long after the start.
type deadlines struct {
	starts  [256]time.Time
	amounts [256]time.Duration
}

func drawDeadlines(b *testing.B, c *schedule.Calendar, span time.Duration) *deadlines {
	b.Helper()
	r := rand.New(rand.NewPCG(7, 11))
	d := &deadlines{}
	begin := time.Date(2024, time.January, 1, 0, 0, 0, 0, time.UTC)
	for i := range d.starts {
		start, err := c.NextOpen(begin.Add(time.Duration(r.Int64N(int64(365 * 24 * time.Hour)))).Truncate(time.Second))
		check(b, err)
		d.starts[i], d.amounts[i] = start.In(c.Location()), c.Between(start, start.Add(span)).Truncate(time.Second)
	}
	return d
}

// agree stops the benchmark unless both give the same deadlines: rickar/cal is right where windows do not meet a change
// of the clock, except that it moves a deadline at the end of a window to the start of the next.
func (d *deadlines) agree(b *testing.B, c *schedule.Calendar, peer *cal.BusinessCalendar) {
	b.Helper()
	for i, start := range d.starts {
		ours, err := c.Add(start, d.amounts[i])
		check(b, err)
		theirs := peer.AddWorkHours(start, d.amounts[i])
		if next, err := c.NextOpen(ours); !ours.Equal(theirs) && (err != nil || !next.Equal(theirs)) {
			b.Fatalf("from %v, %v later: %v, the peer says %v", start, d.amounts[i], ours, theirs)
		}
	}
}

// adding makes a side that computes deadlines for the time of a slice.
func adding(d *deadlines, add func(start time.Time, amount time.Duration)) side {
	return func(*testing.B) (int, time.Duration) {
		begin, n := time.Now(), 0
		for {
			for i := range d.starts {
				add(d.starts[i], d.amounts[i])
			}
			n += len(d.starts)
			if in := time.Since(begin); in > slice()/8 {
				return n, in
			}
		}
	}
}

func benchmarkSLAAdd(b *testing.B, span time.Duration) {
	c := office(b)
	peer, _ := peerOffice(b)
	d := drawDeadlines(b, c, span)
	d.agree(b, c, peer)
	compare(b, 5,
		adding(d, func(start time.Time, amount time.Duration) {
			if _, err := c.Add(start, amount); err != nil {
				b.Fatal(err)
			}
		}),
		adding(d, func(start time.Time, amount time.Duration) { peer.AddWorkHours(start, amount) }))
}

const (
	thirtyDays = 30 * 24 * time.Hour
	tenYears   = 3652 * 24 * time.Hour
)

// BenchmarkSLAAdd30Days compares deadlines about 30 days ahead, over 11 holidays a year.
func BenchmarkSLAAdd30Days(b *testing.B) { benchmarkSLAAdd(b, thirtyDays) }

// BenchmarkSLAAdd10Years compares deadlines about ten years ahead.
func BenchmarkSLAAdd10Years(b *testing.B) { benchmarkSLAAdd(b, tenYears) }

// BenchmarkSLASpan compares our deadlines ten years ahead with ours 30 days ahead: how much longer the longer way takes.
func BenchmarkSLASpan(b *testing.B) {
	c := office(b)
	long, short := drawDeadlines(b, c, tenYears), drawDeadlines(b, c, thirtyDays)
	add := func(start time.Time, amount time.Duration) {
		if _, err := c.Add(start, amount); err != nil {
			b.Fatal(err)
		}
	}
	compare(b, 9, adding(short, add), adding(long, add))
}

// BenchmarkSLAHot is one deadline 30 days ahead, again and again: nanoseconds and allocations.
func BenchmarkSLAHot(b *testing.B) {
	c := office(b)
	d := drawDeadlines(b, c, thirtyDays)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.Add(d.starts[0], d.amounts[0]); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkSLABuild is what it takes to compile the calendar and build ten years of it, and what it holds then.
func BenchmarkSLABuild(b *testing.B) {
	const years = 10
	use := func(c *schedule.Calendar) {
		for year := range years {
			c.IsOpen(time.Date(2020+year, time.July, 1, 0, 0, 0, 0, time.UTC))
		}
	}
	check(b, nil)
	kept := make([]*schedule.Calendar, 200)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for i := range kept {
		kept[i] = office(b)
		use(kept[i])
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	held := float64(after.HeapAlloc-before.HeapAlloc) / float64(len(kept))
	runtime.KeepAlive(kept)

	var compiling, using time.Duration
	n := 0
	for b.Loop() {
		begin := time.Now()
		c := office(b)
		compiled := time.Now()
		use(c)
		compiling += compiled.Sub(begin)
		using += time.Since(compiled)
		n++
	}
	b.ReportMetric(held/1024, "KiB/calendar")
	b.ReportMetric(float64(compiling.Microseconds())/float64(n), "µs/compile")
	b.ReportMetric(float64(using.Microseconds())/float64(n)/years, "µs/year")
	b.ReportMetric(0, "ns/op") // of all years and the compiling
}
