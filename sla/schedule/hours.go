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
	const margin = 2 * secondsPerDay // no offset is as large
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

// readings returns the readings of the clock that are open, from the first to the last of the local dates, in seconds
// since 1970-01-01 00:00 on that clock.
func (o *own) readings(first, last int64) []span {
	open := make([]span, 0, last-first+2)
	var closed []span
	for d := dayOf(first - 1); d.number <= last; d = d.next() { // the day before has a tail
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

// windows returns the windows that start on the day, which is no holiday, before breaks and masks.
func (o *own) windows(d *day) []span {
	if r := o.specialOn(d); r != nil {
		return r.hours
	}
	windows := o.week[d.weekday]
	for i := range o.rules {
		if r := &o.rules[i]; r.matches(d) {
			windows = union(windows, r.hours)
		}
	}
	return windows
}

// closed returns what is taken away on the day: all of it on a masked holiday, and its breaks.
func (o *own) closed(d *day, holiday bool) []span {
	var closed []span
	if holiday && !o.owner {
		closed = []span{{0, secondsPerDay}}
	}
	for i := range o.breaks {
		if b := &o.breaks[i]; b.matches(d) {
			closed = union(closed, b.hours)
		}
	}
	return closed
}

// holidayOn returns the first holiday that falls on the day, nil when none does.
func (o *own) holidayOn(d *day) *holiday {
	for i := range o.holidays {
		if o.holidays[i].matches(d) {
			return &o.holidays[i]
		}
	}
	return nil
}

// specialOn returns the last special hours of the day, nil when it has none.
func (o *own) specialOn(d *day) *rule {
	for i := len(o.special) - 1; i >= 0; i-- {
		if o.special[i].matches(d) {
			return &o.special[i]
		}
	}
	return nil
}
