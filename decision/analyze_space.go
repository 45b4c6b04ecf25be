package decision

import (
	"math/bits"
	"slices"
)

// space is all inputs of a table. The values of each input fall into classes
// that no rule of the table tells apart, so that it is finite, and what holds for
// one value of a class holds for all.
type space struct {
	lines    []line
	sides    [][]set // of each rule, one for each input; equal cells share theirs
	whole    region
	words    int   // of a box
	left     int64 // steps
	exceeded string
}

// line is one input.
type line struct {
	axis  *axis
	class []int32 // by rank; -1: the input has no such values
	size  int     // classes
	cells map[string]set
}

// set is a set of classes of one input.
type set []uint64

// region is a box: a set of classes for each input.
type region []set

func newSpace(t *Table) *space {
	s := &space{left: MaxAnalysis, sides: make([][]set, len(t.Rules)), whole: make(region, len(t.Inputs))}
	for i := range s.sides {
		s.sides[i] = make([]set, len(t.Inputs))
	}
	cells := make([]Cell, len(t.Rules))
	for j := range t.Inputs {
		for i, r := range t.Rules {
			cells[i] = r.When[j]
		}
		l := s.line(&t.Inputs[j], cells)
		for i, c := range cells {
			s.sides[i][j] = s.set(&l, c)
		}
		s.whole[j] = s.set(&l, Cell{})
		s.words += len(s.whole[j])
		s.lines = append(s.lines, l)
	}
	return s
}

// line finds the classes of an input: it starts with one of all values, and
// splits it by each cell.
func (s *space) line(in *Input, cells []Cell) line {
	l := line{axis: newAxis(in, cells), cells: map[string]set{}}
	l.class = make([]int32, l.axis.size)
	for r := range l.class {
		if _, ok := l.axis.sample(r); !ok {
			l.class[r] = -1
		}
	}
	next := int32(1)
	seen := map[string]bool{}
	for _, c := range cells {
		text := c.String()
		if seen[text] {
			continue
		}
		seen[text] = true
		split := map[int32]int32{} // what lies in the cell leaves its class for one of its own
		for _, run := range l.axis.spans(c) {
			if !s.spend(int(run.hi-run.lo)/4 + 1) {
				return l
			}
			for r := run.lo; r < run.hi; r++ {
				old := l.class[r]
				if old < 0 {
					continue
				}
				apart, ok := split[old]
				if !ok {
					apart = next
					split[old] = next
					next++
				}
				l.class[r] = apart
			}
		}
	}
	number := map[int32]int32{} // in the order of the ranks, without those that were left empty
	for r, old := range l.class {
		if old < 0 {
			continue
		}
		if _, ok := number[old]; !ok {
			number[old] = int32(len(number))
		}
		l.class[r] = number[old]
	}
	l.size = len(number)
	return l
}

// set returns the classes of an input that a cell matches.
func (s *space) set(l *line, c Cell) set {
	text := c.String()
	if known, ok := l.cells[text]; ok {
		return known
	}
	words := (l.size + 63) / 64
	if !s.spend(4 * words) {
		return nil
	}
	of := make(set, words)
	for _, run := range l.axis.spans(c) {
		s.spend(int(run.hi-run.lo)/4 + 1)
		for r := run.lo; r < run.hi; r++ {
			if n := l.class[r]; n >= 0 {
				of[n/64] |= 1 << (n % 64)
			}
		}
	}
	l.cells[text] = of
	return of
}

// spend takes steps from what the analysis may take, and reports whether it may
// go on.
func (s *space) spend(n int) bool {
	if s.left -= int64(n); s.left < 0 {
		s.exceed("the analysis takes more than " + itoa(MaxAnalysis) + " steps")
	}
	return s.exceeded == ""
}

func (s *space) exceed(reason string) { s.exceeded = reason }

// rule returns the box of a rule; its sides are shared.
func (s *space) rule(i int32) region { return s.sides[i] }

// dead returns the first input for which the rule matches no value.
func (s *space) dead(i int32) (input int, dead bool) {
	for j, side := range s.sides[i] {
		if side.empty() {
			return j, true
		}
	}
	return 0, false
}

// common returns the box that two boxes share.
func (r region) common(with region) region {
	both := make(region, len(r))
	for j := range r {
		both[j] = r[j].and(with[j])
	}
	return both
}

func (a set) and(b set) set {
	c := make(set, len(a))
	for w := range a {
		c[w] = a[w] & b[w]
	}
	return c
}

func (a set) without(b set) set {
	c := make(set, len(a))
	for w := range a {
		c[w] = a[w] &^ b[w]
	}
	return c
}

func (a set) or(b set) set {
	c := make(set, len(a))
	for w := range a {
		c[w] = a[w] | b[w]
	}
	return c
}

func (a set) meets(b set) bool {
	for w := range a {
		if a[w]&b[w] != 0 {
			return true
		}
	}
	return false
}

// within reports whether all of a lies in b.
func (a set) within(b set) bool {
	for w := range a {
		if a[w]&^b[w] != 0 {
			return false
		}
	}
	return true
}

// within reports whether all of a box lies in another.
func (r region) within(other region) bool {
	for j, side := range r {
		if !side.within(other[j]) {
			return false
		}
	}
	return true
}

func (a set) empty() bool {
	for _, w := range a {
		if w != 0 {
			return false
		}
	}
	return true
}

func (a set) has(class int32) bool { return a[class/64]&(1<<(class%64)) != 0 }

func (a set) len() int {
	n := 0
	for _, w := range a {
		n += bits.OnesCount64(w)
	}
	return n
}

func (a set) shared(b set) int {
	n := 0
	for w := range a {
		n += bits.OnesCount64(a[w] & b[w])
	}
	return n
}

// compare orders sets by the first class that only one of them has: that one
// comes first.
func (a set) compare(b set) int {
	for w := range a {
		if differ := a[w] ^ b[w]; differ != 0 {
			if a[w]&(1<<bits.TrailingZeros64(differ)) != 0 {
				return -1
			}
			return 1
		}
	}
	return 0
}

func (r region) compare(with region) int { return slices.CompareFunc(r, with, set.compare) }
