package schedule

// A table holds the open windows of one period of 2^25 seconds, about 388 days. Windows begin and end on whole
// seconds, so two words of 32 bits are enough for each.
type table struct {
	start  []uint32 // of window i, in seconds since the period began
	before []uint32 // open seconds of the period before window i; one more than windows: the last is the total
}

const (
	periodBits = 25
	period     = 1 << periodBits // seconds
	first      = 0               // the instant Begin, in seconds since 1970
	last       = 7289654400      // the instant End
	periods    = last>>periodBits + 1
)

// bounds returns the instants of the period, in seconds since 1970.
func bounds(p int) (from, to int64) {
	return int64(p) << periodBits, min(int64(p+1)<<periodBits, last)
}

func newTable(open []span, from int64) *table {
	words := make([]uint32, 2*len(open)+1)
	t := &table{words[:len(open):len(open)], words[len(open):]}
	total := int64(0)
	for i, s := range open {
		t.start[i] = uint32(s.start - from)
		t.before[i] = uint32(total)
		total += s.end - s.start
	}
	t.before[len(open)] = uint32(total)
	return t
}

func (t *table) total() int64 { return int64(t.before[len(t.start)]) }

// end returns where window i ends.
func (t *table) end(i int) int64 { return int64(t.start[i]) + int64(t.before[i+1]-t.before[i]) }

// at returns the last window that starts at or before the second; -1 when none does.
func (t *table) at(second int64) int {
	return firstAbove(t.start, second) - 1
}

// holding returns the window in which the open second with this number lies, counted from 0; number is less than the
// total.
func (t *table) holding(number int64) int {
	return firstAbove(t.before[1:], number)
}

// firstAbove returns the index of the first word of the sorted list that is greater than the value; the length when
// none is.
func firstAbove(list []uint32, value int64) int {
	v := uint32(value) // at most 2^25
	base, n := 0, len(list)
	for n > 1 { // without a branch that cannot be foreseen
		half := n / 2
		if list[base+half-1] <= v {
			base += half
		}
		n -= half
	}
	if n == 1 && list[base] <= v {
		base++
	}
	return base
}
