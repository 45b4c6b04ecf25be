package schedule

import (
	"strconv"
	"time"
)

// A node is a compiled schedule without what a Calendar keeps of it: own hours and other nodes.
type node struct {
	name      string
	own       *own // nil: none
	all       bool // begin with all time: there are no own hours and no union, but something to take from
	union     []*node
	intersect []*node
	exclude   []*node
}

// own are the hours that a schedule has of its own, before they meet a zone's offsets. All spans in it are seconds
// since the midnight of a day.
type own struct {
	zone     *time.Location
	always   bool // open on every reading, and nothing is taken from it
	week     [7][]span
	rules    []*rule
	special  []*rule
	breaks   []*rule
	holidays []*holiday
	owner    bool
}

type rule struct {
	matcher
	name  string
	hours []span
}

type holiday struct {
	matcher
	name string
}

// Compile checks the schedule and makes it ready to be asked. The calendar shares nothing with the schedule, which may
// be changed afterwards.
//
// It returns an [InvalidError] that names the field and the rule: among others for a zone that is unknown, a [Schedule]
// that has a Ref (see [Library]), and sizes past the limits. A schedule that never opens compiles; the calls that need open
// time then return [ErrNeverOpens], and [Lint] says so before.
func Compile(s Schedule) (*Calendar, error) {
	known := zones{}
	if err := check(s, known); err != nil {
		return nil, err
	}
	s = inherit(s)
	root, err := known.compile(s, "")
	if err != nil {
		return nil, err
	}
	c := &Calendar{root: root, location: time.UTC}
	if s.Zone != "" {
		if c.location, err = known.load(s.Zone, "zone"); err != nil {
			return nil, err
		}
	}
	c.dayLength = time.Duration(s.DayLength)
	if c.dayLength == 0 && len(s.Union)+len(s.Intersect)+len(s.Exclude) == 0 && root.own != nil {
		c.dayLength = root.own.uniform()
	}
	return c, nil
}

func (z zones) compile(s Schedule, path string) (*node, error) {
	n := &node{name: s.Name}
	if s.hasHours() {
		var err error
		if n.own, err = z.compileOwn(s, path); err != nil {
			return nil, err
		}
	}
	n.all = n.own == nil && len(s.Union) == 0 && len(s.Intersect)+len(s.Exclude) > 0
	for _, group := range []struct {
		field string
		of    []Schedule
		into  *[]*node
	}{{"union", s.Union, &n.union}, {"intersect", s.Intersect, &n.intersect}, {"exclude", s.Exclude, &n.exclude}} {
		for i, part := range group.of {
			child, err := z.compile(inherit(part), path+group.field+"["+strconv.Itoa(i)+"].")
			if err != nil {
				return nil, err
			}
			*group.into = append(*group.into, child)
		}
	}
	return n, nil
}

// hasHours reports whether the schedule has hours of its own, if only on some dates.
func (s *Schedule) hasHours() bool {
	return s.Always || len(s.Week) > 0 || len(s.Rules) > 0 || len(s.Special) > 0
}

func (z zones) compileOwn(s Schedule, path string) (*own, error) {
	o := &own{zone: time.UTC, owner: s.HolidayMode == Owner}
	if s.Zone != "" {
		var err error
		if o.zone, err = z.load(s.Zone, path+"zone"); err != nil {
			return nil, err
		}
	} else if !s.Always || len(s.Rules)+len(s.Special)+len(s.Breaks)+len(s.Holidays) > 0 {
		return nil, invalid(path+"zone", "is needed: hours are read on the clock of a zone such as Europe/Berlin")
	}
	for d := range o.week {
		if s.Always {
			o.week[d] = []span{AllDay().span()}
		} else {
			o.week[d] = spansOf(s.Week[time.Weekday(d)])
		}
	}
	o.rules, o.special, o.breaks = rulesOf(s.Rules), rulesOf(s.Special), rulesOf(s.Breaks)
	for _, h := range s.Holidays {
		o.holidays = append(o.holidays, &holiday{newMatcher(h.On), h.Name})
	}
	o.always = s.Always && len(o.rules)+len(o.special)+len(o.breaks)+len(o.holidays) == 0
	return o, nil
}

// zones are the time zones that were loaded, by name: loading one reads a file.
type zones map[string]*time.Location

func (z zones) load(zone, field string) (*time.Location, error) {
	if known := z[zone]; known != nil {
		return known, nil
	}
	if zone == "Local" {
		return nil, invalid(field, "names a zone such as Europe/Berlin; Local would differ from host to host")
	}
	location, err := time.LoadLocation(zone)
	if err != nil {
		return nil, invalid(field, quote(zone)+" is not a time zone that this program knows (it may have to import time/tzdata)")
	}
	z[zone] = location
	return location, nil
}

func rulesOf(list []Rule) []*rule {
	var rules []*rule
	for _, r := range list {
		rules = append(rules, &rule{newMatcher(r.On), r.Name, spansOf(r.Hours)})
	}
	return rules
}

// spansOf returns the windows as a sorted list that does not touch.
func spansOf(windows []Window) []span {
	var list []span
	for _, w := range windows {
		list = append(list, w.span())
	}
	return merge(list)
}

// uniform returns the total of the days of the week that have hours, less the breaks of every week; zero when they
// differ or there are none.
func (o *own) uniform() time.Duration {
	var total int64
	for d, windows := range o.week {
		for _, b := range o.breaks {
			if b.everyWeek() && (b.weekdays == 0 || b.weekdays&(1<<d) != 0) {
				windows = subtract(windows, b.hours)
			}
		}
		var of int64
		for _, s := range windows {
			of += s.end - s.start
		}
		if of == 0 {
			continue
		}
		if total != 0 && total != of {
			return 0
		}
		total = of
	}
	return time.Duration(total) * time.Second
}

// everyWeek reports whether the only condition is the day of the week.
func (m *matcher) everyWeek() bool {
	return m.dates == nil && !m.yearly && !m.easter && m.months == allMonths && m.day == 0 && m.nth == 0 &&
		m.since == noSince && m.until == noUntil && m.observed == Stay
}
