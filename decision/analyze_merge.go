package decision

import (
	"encoding/binary"
	"slices"
)

// merge joins disjoint boxes that differ in one input only, until no two do, and
// sorts them.
func (s *space) merge(boxes []region) []region {
	m := newMerger(len(s.lines), boxes)
	for j, still := 0, 0; still < len(s.lines); j = (j + 1) % len(s.lines) {
		if !s.spend(len(m.boxes) * len(s.lines)) {
			break
		}
		if still++; m.join(j) {
			still = 0
		}
	}
	merged := make([]region, len(m.boxes))
	for i, b := range m.boxes {
		merged[i] = make(region, len(s.lines))
		for j, n := range b.sides {
			merged[i][j] = m.sets[j].all[n]
		}
	}
	slices.SortFunc(merged, region.compare)
	return merged
}

// merger joins boxes whose sides are numbers, so that two are compared without
// looking at their classes.
type merger struct {
	sets  []sideSets // of each input
	boxes []sidedBox
}

// sidedBox is a box by the numbers of its sides. Its sum is that of all their
// marks, so that the sum without one side is a subtraction away.
type sidedBox struct {
	sides []int32
	sum   uint64
}

// sideSets are the different sets of classes of one input.
type sideSets struct {
	all    []set
	number map[string]int32
	key    []byte // for looking up
}

func newMerger(inputs int, boxes []region) *merger {
	m := &merger{sets: make([]sideSets, inputs), boxes: make([]sidedBox, len(boxes))}
	for j := range m.sets {
		m.sets[j].number = map[string]int32{}
	}
	sides := make([]int32, len(boxes)*inputs)
	for i, b := range boxes {
		m.boxes[i].sides = sides[i*inputs : (i+1)*inputs : (i+1)*inputs]
		for j, side := range b {
			m.boxes[i].put(j, m.sets[j].of(side))
		}
	}
	return m
}

// join makes one box of all that differ in one input only, and reports whether
// there were any.
func (m *merger) join(input int) bool {
	first := make(map[uint64]int, len(m.boxes)) // by the sum of the other inputs
	kept := m.boxes[:0]
	for _, b := range m.boxes {
		key := b.sum - mark(input, b.sides[input])
		at, known := first[key]
		for known && !kept[at].sameBut(input, b) { // another box of the same sum
			key++
			at, known = first[key]
		}
		if !known {
			first[key] = len(kept)
			kept = append(kept, b)
			continue
		}
		sets := &m.sets[input]
		union := sets.of(sets.all[kept[at].sides[input]].or(sets.all[b.sides[input]]))
		kept[at].sum -= mark(input, kept[at].sides[input])
		kept[at].put(input, union)
	}
	joined := len(kept) < len(m.boxes)
	m.boxes = kept
	return joined
}

// put gives a box that has no side at an input one.
func (b *sidedBox) put(input int, number int32) {
	b.sides[input] = number
	b.sum += mark(input, number)
}

// sameBut reports whether two boxes are equal at all inputs but one.
func (b sidedBox) sameBut(input int, c sidedBox) bool {
	for j, n := range b.sides {
		if j != input && n != c.sides[j] {
			return false
		}
	}
	return true
}

// of returns the number of a set, which is new when there was no such set.
func (n *sideSets) of(a set) int32 {
	n.key = a.appendTo(n.key[:0])
	at, ok := n.number[string(n.key)]
	if !ok {
		at = int32(len(n.all))
		n.number[string(n.key)] = at
		n.all = append(n.all, a)
	}
	return at
}

// mark spreads the number of a side over 64 bits, for each input otherwise.
func mark(input int, number int32) uint64 {
	x := uint64(input+1)<<32 | uint64(uint32(number))
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9 // the finaliser of SplitMix64
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// appendTo appends the bytes of a set.
func (a set) appendTo(b []byte) []byte {
	for _, w := range a {
		b = binary.LittleEndian.AppendUint64(b, w)
	}
	return b
}
