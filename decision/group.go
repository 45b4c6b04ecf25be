package decision

import "math/bits"

// group finds, among some rules, those that match on the columns that are left.
type group struct {
	positions []int32
	columns   []int
	spans     []span     // of each rule, one for each column; negative lo: all of more[^lo]
	more      [][]span   // of conditions with several runs
	sets      []rankSets // of each column; nil for a few rules, which are looked at one by one
	words     int
}

// rankSets are, for one column, the rules that may match a stretch of ranks, as
// bits.
type rankSets struct {
	shift uint8 // a stretch has 1 << shift ranks
	bits  []uint64
}

const (
	fewRules     = 12   // rules that are quicker looked at than indexed
	maxStretches = 1024 // of one column
)

func newGroup(axes []*axis, boxes []box, positions []int32, columns []int) *group {
	g := &group{positions: positions, columns: columns, spans: make([]span, 0, len(positions)*len(columns)),
		words: (len(positions) + 63) / 64}
	for _, p := range positions {
		for _, j := range columns {
			s := boxes[p][j]
			switch len(s) {
			case 0:
				g.spans = append(g.spans, span{})
			case 1:
				g.spans = append(g.spans, s[0])
			default:
				g.more = append(g.more, s)
				g.spans = append(g.spans, span{lo: -int32(len(g.more))})
			}
		}
	}
	if len(positions) <= fewRules {
		return g
	}
	g.sets = make([]rankSets, len(columns))
	for k, j := range columns {
		g.sets[k] = g.newSets(axes[j].size, boxes, j)
	}
	return g
}

func (g *group) newSets(ranks int, boxes []box, column int) rankSets {
	var s rankSets
	most := min(maxStretches, max(64, 4*len(g.positions)))
	for (ranks-1)>>s.shift >= most {
		s.shift++
	}
	s.bits = make([]uint64, ((ranks-1)>>s.shift+1)*g.words)
	for i, p := range g.positions {
		word, bit := i/64, uint64(1)<<(i%64)
		for _, run := range boxes[p][column] {
			for at := int(run.lo) >> s.shift; at <= int(run.hi-1)>>s.shift; at++ {
				s.bits[at*g.words+word] |= bit
			}
		}
	}
	return s
}

// matches reports whether the i-th rule of the group matches.
func (g *group) matches(i int, ranks []int32) bool {
	spans := g.spans[i*len(g.columns):][:len(g.columns)]
	for k, j := range g.columns {
		s := spans[k]
		if s.lo < 0 {
			if !inSpans(g.more[-s.lo-1], ranks[j]) {
				return false
			}
		} else if uint32(ranks[j]-s.lo) >= uint32(s.hi-s.lo) {
			return false
		}
	}
	return true
}

// next returns the first rule at or after the i-th that matches, and the number
// of rules when there is none.
func (g *group) next(i int, ranks []int32) int {
	if g.sets == nil {
		for ; i < len(g.positions) && !g.matches(i, ranks); i++ {
		}
		return i
	}
	var rows [MaxInputs]int32 // where each column's bits begin
	for k := range g.sets {
		rows[k] = ranks[g.columns[k]] >> g.sets[k].shift * int32(g.words)
	}
	first := g.sets[0].bits[rows[0]:][:g.words]
	skip := ^uint64(0) << (i % 64)
	for w := i / 64; w < g.words; w++ {
		candidates := first[w] & skip
		skip = ^uint64(0)
		for k := 1; k < len(g.sets) && candidates != 0; k++ {
			candidates &= g.sets[k].bits[int(rows[k])+w]
		}
		for ; candidates != 0; candidates &= candidates - 1 {
			if i := w*64 + bits.TrailingZeros64(candidates); g.matches(i, ranks) {
				return i
			}
		}
	}
	return len(g.positions)
}
