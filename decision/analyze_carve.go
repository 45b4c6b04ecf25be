package decision

import (
	"encoding/binary"
	"math/bits"
	"slices"
)

// carvedBy is how many rules a box may meet to be carved by one of them; with
// more it is split in two.
const carvedBy = 12

// carve calls visit for disjoint boxes that together are what the rules leave of
// a box. It ends early when visit returns false, or the steps are spent, and then
// returns false itself. The rules are those that meet the box, and the slice is
// not changed.
//
// A box that one rule covers is done. One that meets many rules is split at the
// input and the place that the fewest of them cross. Of one that meets few, the
// rule that covers most of it is taken away, which leaves at most one box for
// each input.
func (s *space) carve(box region, rules []int32, visit func(region) bool) bool {
	if len(rules) == 0 {
		return visit(box)
	}
	if !s.spend(len(rules) * s.words) {
		return false
	}
	best, most := int32(-1), -1.0
	for _, i := range rules {
		part, whole := 1.0, true
		for j, side := range s.sides[i] {
			if box[j].within(side) {
				continue
			}
			whole = false
			part *= float64(box[j].shared(side)) / float64(box[j].len())
		}
		if whole {
			return true
		}
		if part > most {
			best, most = i, part
		}
	}
	if len(rules) > carvedBy {
		if low, high, input, ok := s.split(box, rules); ok {
			for _, half := range []set{low, high} {
				piece := slices.Clone(box)
				piece[input] = half
				if !s.carve(piece, s.meeting(rules, input, half, -1), visit) {
					return false
				}
			}
			return true
		}
	}
	rest := slices.Clone(box)
	for j, side := range s.sides[best] {
		if rest[j].within(side) {
			continue
		}
		piece := slices.Clone(rest)
		piece[j] = rest[j].without(side)
		if !s.carve(piece, s.meeting(rules, j, piece[j], best), visit) {
			return false
		}
		rest[j] = rest[j].and(side)
		rules = s.meeting(rules, j, rest[j], -1)
	}
	return true
}

// meeting returns the rules that meet the side of a box, without one of them.
func (s *space) meeting(rules []int32, input int, side set, but int32) []int32 {
	s.spend(len(rules) * len(side))
	some := make([]int32, 0, len(rules))
	for _, i := range rules {
		if i != but && s.sides[i][input].meets(side) {
			some = append(some, i)
		}
	}
	return some
}

// split halves a box where the fewest rules lie in both halves; ok is false when
// most rules do wherever it is split.
func (s *space) split(box region, rules []int32) (low, high set, input int, ok bool) {
	fewest := len(rules)*3/4 + 1
	s.spend(len(rules) * s.words)
	for j, side := range box {
		size := side.len()
		if size < 2 {
			continue
		}
		lower := side.first(size / 2)
		upper := side.without(lower)
		both := 0
		for _, i := range rules {
			if of := s.sides[i][j]; of.meets(lower) && of.meets(upper) {
				both++
			}
		}
		if both < fewest {
			low, high, input, ok, fewest = lower, upper, j, true, both
		}
	}
	return low, high, input, ok
}

// first returns the first n classes of a set.
func (a set) first(n int) set {
	some := make(set, len(a))
	for w, word := range a {
		for ; word != 0 && n > 0; n-- {
			lowest := word & -word
			some[w] |= lowest
			word ^= lowest
		}
	}
	return some
}

// covered reports whether the rules cover a box; a piece that they leave is
// returned when they do not.
func (s *space) covered(box region, rules []int32) (left region, yes bool) {
	yes = s.carve(box, rules, func(piece region) bool { left = piece; return false })
	return left, yes
}

// merge joins disjoint boxes that differ in one input only, until no two do, and
// sorts them.
func (s *space) merge(boxes []region) []region {
	for done := false; !done && s.spend(len(boxes)*s.words); {
		done = true
		for j := range s.lines {
			at := make(map[string]int, len(boxes))
			kept := boxes[:0]
			for _, b := range boxes {
				key := b.key(j)
				if first, ok := at[key]; ok {
					kept[first][j] = kept[first][j].or(b[j])
					done = false
					continue
				}
				at[key] = len(kept)
				kept = append(kept, slices.Clone(b))
			}
			boxes = kept
		}
	}
	slices.SortFunc(boxes, region.compare)
	return boxes
}

// key tells a box from others by all inputs but one.
func (r region) key(but int) string {
	var b []byte
	for j, side := range r {
		if j == but {
			continue
		}
		for _, w := range side {
			b = binary.LittleEndian.AppendUint64(b, w)
		}
	}
	return string(b)
}

// each calls f for every class of the set, in order.
func (a set) each(f func(class int32)) {
	for w, word := range a {
		for ; word != 0; word &= word - 1 {
			f(int32(w*64 + bits.TrailingZeros64(word)))
		}
	}
}
