package schedule

import "time"

// A Reason says why a calendar is open or closed at an instant.
type Reason struct {
	Open     bool
	Kind     Kind
	Schedule string // the name of the schedule that decides
	Name     string // the name of the rule or holiday that decides; empty for the week
}

// Kind is what of a schedule decides.
type Kind string

// The kinds of reasons.
const (
	ByWeek     Kind = "week"     // a window of the week
	ByAlways   Kind = "always"   // always open
	ByRule     Kind = "rule"     // a window that a rule adds
	BySpecial  Kind = "special"  // open within special hours, or closed outside of the special hours of the date
	ByHours    Kind = "hours"    // closed: outside of all hours
	ByBreak    Kind = "break"    // closed: a break
	ByHoliday  Kind = "holiday"  // closed: a holiday
	ByPart     Kind = "part"     // closed: a schedule of the intersection is closed
	ByExcluded Kind = "excluded" // closed: an excluded schedule is open
	ByRange    Kind = "range"    // closed: outside of the years 1970 to 2200
)

// Why says why the calendar is open or closed at the instant. Its Open is what IsOpen returns.
func (c *Calendar) Why(t time.Time) Reason {
	second := t.Unix()
	if second < first || second >= last {
		return Reason{Kind: ByRange, Schedule: c.Name()}
	}
	return c.root.why(second)
}

func (n *node) why(at int64) Reason {
	var r Reason
	switch {
	case n.all:
		r = Reason{Open: true, Kind: ByAlways}
	case n.own != nil:
		r = n.own.why(at)
	default:
		r = Reason{Kind: ByHours}
	}
	r.Schedule = n.name
	for _, part := range n.union {
		if r.Open {
			break
		}
		if of := part.why(at); of.Open {
			r = of
		}
	}
	if !r.Open {
		return r
	}
	for _, part := range n.intersect {
		if of := part.why(at); !of.Open {
			return Reason{Kind: ByPart, Schedule: part.name, Name: of.Name}
		}
	}
	for _, part := range n.exclude {
		if of := part.why(at); of.Open {
			return Reason{Kind: ByExcluded, Schedule: part.name, Name: of.Name}
		}
	}
	return r
}

func (o *own) why(at int64) Reason {
	if o.always {
		return Reason{Open: true, Kind: ByAlways}
	}
	reading := at + offsetAt(o.zone, at)
	today := dayOf(floorDay(reading))
	clock := reading - today.number*secondsPerDay
	yesterday := dayOf(today.number - 1)
	if h := o.holidayOn(&today); h != nil && !o.owner {
		return Reason{Kind: ByHoliday, Name: h.name}
	}
	for _, d := range []*day{&today, &yesterday} {
		for _, b := range o.breaks {
			if b.matches(d) && holds(b.hours, clock) {
				return Reason{Kind: ByBreak, Name: b.name}
			}
		}
		clock += secondsPerDay
	}
	clock -= 2 * secondsPerDay
	for _, d := range []*day{&today, &yesterday} {
		if r := o.startedOn(d, clock); r.Open {
			return r
		}
		clock += secondsPerDay
	}
	if h := o.holidayOn(&today); h != nil {
		return Reason{Kind: ByHoliday, Name: h.name}
	}
	if r := o.specialOn(&today); r != nil {
		return Reason{Kind: BySpecial, Name: r.name}
	}
	return Reason{Kind: ByHours}
}

// startedOn says which window that starts on the day holds the second, counted from the day's midnight.
func (o *own) startedOn(d *day, second int64) Reason {
	if o.holidayOn(d) != nil {
		return Reason{}
	}
	if r := o.specialOn(d); r != nil {
		return Reason{Open: holds(r.hours, second), Kind: BySpecial, Name: r.name}
	}
	if holds(o.week[d.weekday], second) {
		return Reason{Open: true, Kind: ByWeek}
	}
	for _, r := range o.rules {
		if r.matches(d) && holds(r.hours, second) {
			return Reason{Open: true, Kind: ByRule, Name: r.name}
		}
	}
	return Reason{}
}

func holds(list []span, second int64) bool {
	i := after(list, second)
	return i < len(list) && list[i].start <= second
}
