package decision

import (
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
// each input. Each rule that covers a box, or was taken away from one, is used.
func (s *space) carve(box region, rules []int32, used func(rule int32), visit func(region) bool) bool {
	if len(rules) == 0 {
		return visit(box)
	}
	if !s.spend(len(rules) * s.words) {
		return false
	}
	best, most := int32(-1), -1.0
	sizes := make([]float64, len(box))
	for j, side := range box {
		sizes[j] = float64(side.len())
	}
	for _, i := range rules {
		part, whole := 1.0, true
		for j, side := range s.sides[i] {
			if box[j].within(side) {
				continue
			}
			whole = false
			part *= float64(box[j].shared(side)) / sizes[j]
		}
		if whole {
			used(i)
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
				if !s.carve(piece, s.meeting(rules, input, half, -1), used, visit) {
					return false
				}
			}
			return true
		}
	}
	used(best)
	rest := slices.Clone(box)
	for j, side := range s.sides[best] {
		if rest[j].within(side) {
			continue
		}
		piece := slices.Clone(rest)
		piece[j] = rest[j].without(side)
		if !s.carve(piece, s.meeting(rules, j, piece[j], best), used, visit) {
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

// covered reports whether the rules cover a box: by which of them it does, in
// their order, since seldom all are needed for it.
func (s *space) covered(box region, rules []int32) (by []int32, yes bool) {
	used := map[int32]bool{}
	yes = s.carve(box, rules, func(i int32) { used[i] = true }, func(region) bool { return false }) && s.exceeded == ""
	for _, i := range rules {
		if used[i] {
			by = append(by, i)
		}
	}
	return by, yes
}

// key tells a box from others by all inputs but one.
func (r region) key(but int) string {
	var b []byte
	for j, side := range r {
		if j == but {
			continue
		}
		b = side.appendTo(b)
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
