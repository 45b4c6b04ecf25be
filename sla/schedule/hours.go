package schedule

// open returns the open spans of instants in [from, to), in seconds since 1970 in UTC.
func (n *node) open(from, to int64) []span {
	var list []span
	switch {
	case n.all:
		list = []span{{from, to}}
	case n.own != nil:
		list = n.own.open(from, to)
	}
	for _, part := range n.union {
		list = union(list, part.open(from, to))
	}
	for _, part := range n.intersect {
		list = intersect(list, part.open(from, to))
	}
	for _, part := range n.exclude {
		list = subtract(list, part.open(from, to))
	}
	return list
}

// open returns the open spans of instants in [from, to): what the clock may read, seen through each offset of the zone.
func (o *own) open(from, to int64) []span {
	if o.always {
		return []span{{from, to}}
	}
	const margin = 2 * secondsPerDay // one for the offset, and one for the tail of the day before
	readings := o.readings(floorDay(from-margin), floorDay(to+margin))
	var list []span
	offsets(o.zone, from, to, func(begin, end, offset int64) {
		for _, r := range readings[after(readings, begin+offset):] {
			if r.start-offset >= end {
				break
			}
			list = join(list, span{max(r.start-offset, begin), min(r.end-offset, end)})
		}
	})
	return list
}

// after returns the index of the first span that ends after the second.
func after(list []span, at int64) int {
	low, high := 0, len(list)
	for low < high {
		if mid := (low + high) / 2; list[mid].end <= at {
			low = mid + 1
		} else {
			high = mid
		}
	}
	return low
}

func floorDay(at int64) int64 {
	if at < 0 {
		return -((-at + secondsPerDay - 1) / secondsPerDay)
	}
	return at / secondsPerDay
}

// readings returns the readings of the clock that are open in the windows that start from the first to the last of the
// local dates, in seconds since 1970-01-01 00:00 on that clock.
func (o *own) readings(first, last int64) []span {
	o = o.during(first, last)
	open := make([]span, 0, last-first+2)
	var closed []span
	for d := dayOf(first); d.number <= last; d = d.next() {
		midnight := d.number * secondsPerDay
		holiday := o.holidayOn(&d) != nil
		if !holiday { // else no window starts on it
			for _, s := range o.windows(&d) {
				open = join(open, span{midnight + s.start, midnight + s.end})
			}
		}
		for _, s := range o.closed(&d, holiday) {
			closed = join(closed, span{midnight + s.start, midnight + s.end})
		}
	}
	return subtract(open, closed)
}

// during returns the hours without the entries that can match none of the days: of the many dated ones that a schedule
// gathers over the years, few are left for a period.
func (o *own) during(first, last int64) *own {
	some := *o
	some.rules, some.special, some.breaks = rulesDuring(o.rules, first, last), rulesDuring(o.special, first, last), rulesDuring(o.breaks, first, last)
	some.holidays = nil
	for _, h := range o.holidays {
		if h.reaches(first, last) {
			some.holidays = append(some.holidays, h)
		}
	}
	return &some
}

func rulesDuring(list []*rule, first, last int64) []*rule {
	var some []*rule
	for _, r := range list {
		if r.reaches(first, last) {
			some = append(some, r)
		}
	}
	return some
}

// windows returns the windows that start on the day, which is no holiday, before breaks and masks.
func (o *own) windows(d *day) []span {
	if r := o.specialOn(d); r != nil {
		return r.hours
	}
	week := o.week[d.weekday]
	var added []span
	for _, r := range o.rules {
		if r.matches(d) {
			added = append(added, r.hours...)
		}
	}
	if added == nil {
		return week
	}
	return merge(append(added, week...))
}

// closed returns what is taken away on the day: all of it on a masked holiday, and its breaks.
func (o *own) closed(d *day, holiday bool) []span {
	var closed []span
	if holiday && !o.owner {
		closed = []span{{0, secondsPerDay}}
	}
	for _, b := range o.breaks {
		if b.matches(d) {
			closed = append(closed, b.hours...)
		}
	}
	return merge(closed)
}

// holidayOn returns the first holiday that falls on the day, nil when none does.
func (o *own) holidayOn(d *day) *holiday {
	for _, h := range o.holidays {
		if h.matches(d) {
			return h
		}
	}
	return nil
}

// specialOn returns the last special hours of the day, nil when it has none.
func (o *own) specialOn(d *day) *rule {
	for i := len(o.special) - 1; i >= 0; i-- {
		if r := o.special[i]; r.matches(d) {
			return r
		}
	}
	return nil
}
