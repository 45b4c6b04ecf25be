package schedule

import "time"

// offsets calls yield for the stretches of [from, to) in which the zone's offset to UTC does not change, in order.
//
// It does not trust [time.Time.ZoneBounds] alone: past the table of a zone, on the 31st of December of leap years, that
// returns an end that is not after the instant (golang/go #81583), and a loop over it never ends. Where no end comes,
// a step of a day is taken, and searched for a change.
func offsets(zone *time.Location, from, to int64, yield func(from, to, offset int64)) {
	begin, offset := from, offsetAt(zone, from)
	for at := from; at < to; {
		end := to
		if _, bound := time.Unix(at, 0).In(zone).ZoneBounds(); !bound.IsZero() {
			end = min(bound.Unix(), to)
		}
		if end <= at {
			end = change(zone, at, min(at+secondsPerDay, to))
		}
		if end >= to {
			break
		}
		if next := offsetAt(zone, end); next != offset { // where a zone changes its name alone, nothing changes here
			yield(begin, end, offset)
			begin, offset = end, next
		}
		at = end
	}
	yield(begin, to, offset)
}

func offsetAt(zone *time.Location, at int64) int64 {
	_, offset := time.Unix(at, 0).In(zone).Zone()
	return int64(offset)
}

// change returns the first instant in (from, to) whose offset is not that of from, if there is one such change; to
// otherwise.
func change(zone *time.Location, from, to int64) int64 {
	offset := offsetAt(zone, from)
	if offsetAt(zone, to-1) == offset {
		return to
	}
	low, high := from, to-1 // the offset at low is that of from, at high it is not
	for high-low > 1 {
		if mid := low + (high-low)/2; offsetAt(zone, mid) == offset {
			low = mid
		} else {
			high = mid
		}
	}
	return high
}
