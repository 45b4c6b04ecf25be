package schedule

// A table holds the open windows of one period of 2^25 seconds, about 388 days. Windows begin and end on whole
// seconds, so two words of 32 bits are enough for each.
type table struct {
	start  []uint32 // of window i, in seconds since the period began
	before []uint32 // open seconds of the period before window i; one more than windows: the last is the total
	// started is how many windows start before a slot of 2^17 seconds (a day and a half) begins, so that only those of
	// one slot have to be searched.
	started [slots + 1]uint16
}

const (
	periodBits = 25
	period     = 1 << periodBits // seconds
	first      = 0               // the instant Begin, in seconds since 1970
	last       = 7289654400      // the instant End
	periods    = last>>periodBits + 1

	slotBits = 17
	slots    = 1 << (periodBits - slotBits)
	// mostCounted is how many windows a table counts by slots; past it, all windows are searched.
	mostCounted = 1<<16 - 1
)

// bounds returns the instants of the period, in seconds since 1970.
func bounds(p int) (from, to int64) {
	return int64(p) << periodBits, min(int64(p+1)<<periodBits, last)
}

func newTable(open []span, from int64) *table {
	words := make([]uint32, 2*len(open)+1)
	t := &table{start: words[:len(open):len(open)], before: words[len(open):]}
	total := int64(0)
	for i, s := range open {
		t.start[i] = uint32(s.start - from)
		t.before[i] = uint32(total)
		total += s.end - s.start
	}
	t.before[len(open)] = uint32(total)
	if len(open) > mostCounted {
		return t
	}
	i := 0
	for slot := range t.started {
		for i < len(open) && int64(t.start[i]) < int64(slot)<<slotBits {
			i++
		}
		t.started[slot] = uint16(i)
	}
	return t
}

func (t *table) total() int64 { return int64(t.before[len(t.start)]) }

// end returns where window i ends.
func (t *table) end(i int) int64 { return int64(t.start[i]) + int64(t.before[i+1]-t.before[i]) }

// at returns the last window that starts at or before the second of the period; -1 when none does.
func (t *table) at(second int64) int {
	if second < 0 {
		return -1
	}
	low, high := 0, len(t.start)
	if high <= mostCounted {
		slot := second >> slotBits & (slots - 1) // second is less than period: the mask is for the compiler
		low, high = int(t.started[slot]), int(t.started[slot+1])
	}
	return low + firstAbove(t.start[low:high], uint32(second)) - 1
}

// holding returns the window in which the open second with this number lies, counted from 0; number is less than the
// total.
func (t *table) holding(number int64) int {
	n := uint32(number)
	ends := t.before[1:]
	// Most calendars are even enough for a guess in proportion to fall near.
	const near = 8
	low := int(number*int64(len(ends))/t.total()) - near/2
	high := low + near
	if low > 0 && ends[low-1] > n || low < 0 {
		low = 0
	}
	if high < len(ends) && ends[high] <= n || high > len(ends) {
		high = len(ends)
	}
	return low + firstAbove(ends[low:high], n)
}

// firstAbove returns the index of the first word of the sorted list that is greater than the value; the length when
// none is.
func firstAbove(list []uint32, value uint32) int {
	base, n := 0, len(list)
	for n > 1 { // without a branch that cannot be foreseen
		half := n / 2
		if list[base+half-1] <= value {
			base += half
		}
		n -= half
	}
	if n == 1 && list[base] <= value {
		base++
	}
	return base
}
