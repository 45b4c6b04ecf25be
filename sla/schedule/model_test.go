package schedule_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/forewarn-go/forewarn/sla/schedule"
)

// zones with changes of every kind: at midnight, by half an hour, by two hours, twice a year around Ramadan, a date
// that is left out, a year of one's own at the south pole.
var modelZones = []string{
	"UTC", "Europe/Berlin", "Europe/London", "America/New_York", "America/Sao_Paulo", "America/St_Johns", "America/Havana",
	"Africa/Casablanca", "Africa/Cairo", "Asia/Tehran", "Asia/Gaza", "Asia/Beirut", "Australia/Lord_Howe", "Pacific/Apia",
	"Pacific/Chatham", "Antarctica/Troll", "America/Caracas", "Europe/Dublin", "Asia/Kolkata", "Asia/Pyongyang", "America/Nuuk",
}

// drawn makes schedules whose windows begin and end on multiples of a grain.
type drawn struct {
	t     *rapid.T
	grain int // seconds
	near  time.Time
}

func (d drawn) window(label string) schedule.Window {
	start := rapid.IntRange(0, 86400/d.grain-1).Draw(d.t, label+" start") * d.grain
	end := rapid.IntRange(0, 86400/d.grain).Draw(d.t, label+" end") * d.grain
	if rapid.IntRange(0, 3).Draw(d.t, label+" shape") == 0 { // often around the hours at which zones change
		start = rapid.IntRange(0, 4*3600/d.grain).Draw(d.t, label+" early start") * d.grain
		end = start + rapid.IntRange(1, 2*3600/d.grain).Draw(d.t, label+" length")*d.grain
	}
	return schedule.Window{Start: schedule.Clock(start), End: schedule.Clock(end)}
}

func (d drawn) windows(least int) []schedule.Window {
	windows := []schedule.Window{}
	for range rapid.IntRange(least, 3).Draw(d.t, "windows") {
		windows = append(windows, d.window("window"))
	}
	return windows
}

func (d drawn) date() schedule.Date {
	return schedule.DateOf(d.near.AddDate(0, 0, rapid.IntRange(-3, 4).Draw(d.t, "date")))
}

// on draws dates near the time that is looked at, so that they matter.
func (d drawn) on() schedule.On {
	var on schedule.On
	date := d.date()
	switch rapid.SampledFrom([]string{"dates", "yearly", "span", "monthly", "weekday", "nth", "last", "easter", "range"}).Draw(d.t, "selection") {
	case "dates":
		on.Dates = []schedule.Date{date, d.date()}
	case "yearly":
		on.Yearly = schedule.Each(date.Month, date.Day)
	case "span":
		to := date.AddDays(rapid.IntRange(0, 3).Draw(d.t, "span"))
		on.Yearly = schedule.Yearly{From: schedule.MonthDay{Month: date.Month, Day: date.Day}, To: schedule.MonthDay{Month: to.Month, Day: to.Day}}
	case "monthly":
		on.Day, on.Months = date.Day, []time.Month{date.Month, 1}
	case "weekday":
		on.Weekdays, on.Months = schedule.Days{date.Weekday(), time.Monday}, []time.Month{date.Month}
	case "nth":
		on.Weekdays, on.Nth = schedule.Days{date.Weekday()}, (date.Day-1)/7+1
	case "last":
		on.Weekdays, on.Nth = schedule.Days{date.Weekday()}, -1
		if rapid.Bool().Draw(d.t, "last day") {
			on = schedule.On{Day: -rapid.IntRange(1, 31).Draw(d.t, "from the end")}
		}
	case "easter":
		days := rapid.IntRange(-60, 60).Draw(d.t, "easter")
		on.Easter = &days
	case "range":
		on.From, on.To = date, date.AddDays(rapid.IntRange(0, 3).Draw(d.t, "range"))
	}
	on.Observed = rapid.SampledFrom([]schedule.Observed{schedule.Stay, schedule.Stay, schedule.Nearest, schedule.Monday}).Draw(d.t, "observed")
	return on
}

func (d drawn) rules(most int) []schedule.Rule {
	var rules []schedule.Rule
	for range rapid.IntRange(0, most).Draw(d.t, "rules") {
		rules = append(rules, schedule.Rule{On: d.on(), Hours: d.windows(1)})
	}
	return rules
}

func (d drawn) schedule(depth int) schedule.Schedule {
	s := schedule.Schedule{Zone: rapid.SampledFrom(modelZones).Draw(d.t, "zone")}
	if rapid.IntRange(0, 9).Draw(d.t, "always") == 0 {
		s.Always = true
	} else {
		s.Week = schedule.Week{}
		for day := range 7 {
			if rapid.IntRange(0, 4).Draw(d.t, "day") > 0 {
				s.Week[time.Weekday(day)] = d.windows(0)
			}
		}
	}
	s.Rules, s.Breaks = d.rules(1), d.rules(1)
	for range rapid.IntRange(0, 2).Draw(d.t, "special") {
		s.Special = append(s.Special, schedule.Rule{On: d.on(), Hours: d.windows(0)})
	}
	for range rapid.IntRange(0, 2).Draw(d.t, "holidays") {
		s.Holidays = append(s.Holidays, schedule.Holiday{On: d.on()})
	}
	s.HolidayMode = rapid.SampledFrom([]schedule.HolidayMode{"", schedule.Mask, schedule.Owner}).Draw(d.t, "mode")
	if depth == 0 {
		return s
	}
	switch rapid.SampledFrom([]string{"own", "own", "union", "intersect", "exclude", "parent", "bare union", "bare rest"}).Draw(d.t, "made of") {
	case "union":
		s.Union = []schedule.Schedule{d.schedule(depth - 1)}
	case "intersect":
		s.Intersect = []schedule.Schedule{d.schedule(depth - 1)}
	case "exclude":
		s.Exclude = []schedule.Schedule{d.schedule(depth - 1)}
	case "parent":
		parent := d.schedule(depth - 1)
		s.Parent = &parent
		if rapid.Bool().Draw(d.t, "parent's clock") && parent.Zone != "" {
			s.Zone = ""
		}
		if rapid.Bool().Draw(d.t, "parent's week") {
			s.Week, s.Always = nil, false
		}
	case "bare union":
		s = schedule.Schedule{Union: []schedule.Schedule{d.schedule(depth - 1), d.schedule(depth - 1)}}
	case "bare rest":
		s = schedule.Schedule{Intersect: []schedule.Schedule{d.schedule(depth - 1)}, Exclude: []schedule.Schedule{d.schedule(depth - 1)}}
	}
	return s
}

// nearChange draws an instant, mostly a few days from a change of the offset of a zone.
func nearChange(t *rapid.T, least, most int) time.Time {
	if rapid.IntRange(0, 4).Draw(t, "where") == 0 { // a calendar's tables are cut at multiples of 2^25 seconds
		return time.Unix(rapid.Int64Range(0, 217).Draw(t, "table")<<25, 0).UTC()
	}
	year := rapid.IntRange(least, most).Draw(t, "year")
	zone := located(rapid.SampledFrom(modelZones).Draw(t, "zone of the change"))
	at := time.Date(year, 1, 3, 0, 0, 0, 0, time.UTC).AddDate(0, 0, rapid.IntRange(0, 360).Draw(t, "day of the year"))
	_, offset := at.In(zone).Zone()
	for d := range 200 {
		next := at.AddDate(0, 0, d)
		if _, now := next.In(zone).Zone(); now != offset && next.Year() <= most {
			return next
		}
	}
	return at
}

// checkAgainst asks the calendar everything about the strip's time, in places drawn at random.
func checkAgainst(t *rapid.T, c *schedule.Calendar, p strip) {
	for i, open := range p.open {
		if c.IsOpen(p.start(i)) != open {
			t.Fatalf("open at %v is %v, the oracle says %v", p.start(i), c.IsOpen(p.start(i)), open)
		}
	}
	span := int64(p.end().Sub(p.from)) - 1
	same := func(what string, got time.Time, err error, want time.Time, known bool) {
		if known && (err != nil || !got.Equal(want)) {
			t.Fatalf("%s is %v (%v), the oracle says %v", what, got, err, want)
		}
		if !known && err == nil && p.from.Before(got) && got.Before(p.end()) {
			t.Fatalf("%s is %v, the oracle finds nothing up to the end", what, got)
		}
	}
	for range 20 {
		offset := rapid.Int64Range(0, span).Draw(t, "instant")
		if rapid.Bool().Draw(t, "on a cell") {
			offset -= offset % int64(p.cell)
		}
		at := p.from.Add(time.Duration(offset))
		if cut := time.Unix((at.Unix()+1<<24)>>25<<25, 0); cut.After(p.from) && cut.Before(p.end()) && rapid.Bool().Draw(t, "on a table") {
			at = cut
		}
		amount := time.Duration(rapid.Int64Range(0, span/2).Draw(t, "amount"))
		if rapid.Bool().Draw(t, "whole cells") {
			amount -= amount % p.cell
		}

		got, err := c.Add(at, amount)
		want, known := p.add(at, amount)
		same("add", got, err, want, known)
		if known && p.open[p.at(at)] {
			back, err := c.Sub(got, amount)
			same("sub after add", back, err, at, true)
		}
		got, err = c.Sub(at, amount)
		want, known = p.sub(at, amount)
		same("sub", got, err, want, known)
		got, err = c.NextOpen(at)
		want, known = p.nextOpen(at)
		same("next open", got, err, want, known)
		got, err = c.OpenEnd(at)
		want, known = p.openEnd(at)
		same("open end", got, err, want, known)
		got, err = c.PrevClose(at)
		want, known = p.prevClose(at)
		same("previous close", got, err, want, known)

		to := p.from.Add(time.Duration(rapid.Int64Range(0, span).Draw(t, "to")))
		if to.Before(at) {
			at, to = to, at
		}
		sum := p.between(at, to)
		if got := c.Between(at, to); got != sum {
			t.Fatalf("from %v to %v is %v, the oracle says %v", at, to, got, sum)
		}
		if got := c.Between(to, at); got != -sum {
			t.Fatalf("back from %v to %v is %v, the oracle says %v", to, at, got, -sum)
		}
		var windows time.Duration
		before := at.Add(-1)
		for w := range c.Windows(at, to) {
			if !w.From.Before(w.To) || !before.Before(w.From) || w.To.After(to) {
				t.Fatalf("window %v after %v, from %v to %v", w, before, at, to)
			}
			before = w.To
			windows += w.Length()
		}
		if windows != sum {
			t.Fatalf("the windows from %v to %v add up to %v, the oracle says %v", at, to, windows, sum)
		}
		if why := c.Why(at); why.Open != c.IsOpen(at) || why.Kind == "" {
			t.Fatalf("why at %v is %+v", at, why)
		}
	}
}

// Over random schedules, minute by minute, around changes of their zones.
//
// Covers: SLA-020, SLA-021
func TestMinuteByMinute(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		near := nearChange(t, 1970, 2200)
		s := drawn{t, 60, near}.schedule(2)
		c, err := schedule.Compile(s)
		if err != nil {
			t.Fatal(err)
		}
		from := near.Add(-40 * time.Hour)
		if from.Before(schedule.Begin()) {
			from = schedule.Begin()
		}
		checkAgainst(t, c, newStrip(s, from.Truncate(time.Minute), time.Minute, 4*24*60))
	})
}

// The same second by second, for windows and offsets that have seconds, over shorter times.
func TestSecondBySecond(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		near := nearChange(t, 1970, 2200)
		s := drawn{t, 1, near}.schedule(1)
		c, err := schedule.Compile(s)
		if err != nil {
			t.Fatal(err)
		}
		from := near.Add(-time.Duration(rapid.IntRange(0, 24*3600).Draw(t, "before")) * time.Second)
		checkAgainst(t, c, newStrip(s, latest(from, schedule.Begin()), time.Second, 4000))
	})
}
