package decision

import (
	"slices"
	"strconv"

	"github.com/shopspring/decimal"
)

// axis is the line of values of one input, cut into ranks: no cell of the column
// tells two values of a rank apart. Ranks of ordered types are in their order.
//
//	rank 0     missing
//	rank 1     null
//	texts      2 any text that the column does not name, then each that it names
//	booleans   2 false, 3 true
//	ordered    2 below the first bound, 3 the first bound, 4 between it and the second, … above the last
type axis struct {
	in    *Input
	kind  kind // of the values, but for null and missing
	size  int
	takes []bool // by rank: whether the input may have such values

	texts  lexicon
	named  []Value // texts by rank - 3
	bounds []Value // ordered: sorted, each once
	keys   keys    // the same, for a quick search
}

const (
	rankMissing = iota
	rankNull
	rankFirst
)

// span is a run of ranks, from lo to before hi.
type span struct{ lo, hi int32 }

var kindOf = [...]kind{String: kindText, LooseString: kindText, Enum: kindText, LooseEnum: kindText, Number: kindNumber,
	Boolean: kindBool, Date: kindDate, Time: kindTime, DateTime: kindDateTime, Duration: kindDuration, Months: kindMonths}

// newAxis cuts the line of an input by all cells of its column, and by its
// allowed values. The input and the cells are valid.
func newAxis(in *Input, cells []Cell) *axis {
	a := &axis{in: in, kind: kindOf[in.Type], texts: lexicon{loose: in.Type.IsLoose()}}
	switch {
	case in.Type.IsText():
		a.name(in.Allowed)
		for _, c := range cells {
			a.name(c)
		}
		a.texts.freeze()
		a.size = rankFirst + 1 + len(a.named)
	case in.Type == Boolean:
		a.size = rankFirst + 2
	default:
		a.bounds = appendBounds(a.bounds, in.Allowed)
		for _, c := range cells {
			a.bounds = appendBounds(a.bounds, c)
		}
		slices.SortFunc(a.bounds, func(x, y Value) int { c, _ := Compare(x, y); return c })
		a.bounds = slices.Compact(a.bounds)
		a.keys = newKeys(a.bounds)
		a.size = rankFirst + 2*len(a.bounds) + 1
	}
	a.takes = make([]bool, a.size)
	for _, s := range a.spans(in.Allowed) {
		for r := max(s.lo, rankFirst); r < s.hi; r++ {
			a.takes[r] = true
		}
	}
	a.takes[rankMissing], a.takes[rankNull] = in.Optional, in.Optional
	return a
}

// name gives a rank to each text that a cell names.
func (a *axis) name(c Cell) {
	for _, t := range c.Tests {
		switch {
		case t.Op == Equal && t.Value.kind == kindText:
			a.nameText(t.Value)
		case t.Op == Empty:
			a.nameText(Text(""))
		}
	}
}

func (a *axis) nameText(v Value) {
	if a.texts.add(v.s, int32(rankFirst+1+len(a.named))) {
		a.named = append(a.named, v)
	}
}

func appendBounds(bounds []Value, c Cell) []Value {
	for _, t := range c.Tests {
		if t.Value.Type() != 0 {
			bounds = append(bounds, t.Value)
		}
		if t.Op == Within {
			bounds = append(bounds, t.High)
		}
	}
	return bounds
}

// rank returns the rank of a value, and -1 for one that the type does not have.
func (a *axis) rank(v *Value) int32 {
	if v.kind != a.kind {
		if v.kind <= kindNull {
			return int32(v.kind) // missing and null
		}
		return -1
	}
	switch a.kind {
	case kindText:
		return a.texts.rank(v.s)
	case kindBool:
		return rankFirst + int32(v.n)
	}
	return a.keys.rank(v, a.bounds)
}

// spans returns the ranks of the values that a cell of the column matches,
// sorted, and no two next to each other.
func (a *axis) spans(c Cell) []span {
	if c.IsAny() {
		return []span{{0, int32(a.size)}}
	}
	var all []span
	missing, null := no, no // the most that a test says of them
	for _, t := range c.Tests {
		all = a.test(all, t)
		missing = max(missing, t.holds(Value{}, a.in.Type))
		null = max(null, t.holds(Null(), a.in.Type))
	}
	all = union(all)
	if c.Not {
		all = complement(all, rankFirst, int32(a.size))
	}
	// Null and missing stand apart from the line, since their order is unknown.
	var apart []span
	if c.holds(missing) {
		apart = append(apart, span{rankMissing, rankMissing + 1})
	}
	if c.holds(null) {
		apart = append(apart, span{rankNull, rankNull + 1})
	}
	return union(append(apart, all...))
}

// test appends the ranks of a test's values, but for null and missing.
func (a *axis) test(all []span, t Test) []span {
	point := func(v Value) []span {
		r := a.rank(&v)
		return append(all, span{r, r + 1})
	}
	end := int32(a.size)
	switch t.Op {
	case Empty:
		if a.kind == kindText {
			return point(Text(""))
		}
		return all
	case Equal:
		if t.Value.Type() == 0 {
			return all
		}
		return point(t.Value)
	case Less:
		return append(all, span{rankFirst, a.rank(&t.Value)})
	case AtMost:
		return append(all, span{rankFirst, a.rank(&t.Value) + 1})
	case Greater:
		return append(all, span{a.rank(&t.Value) + 1, end})
	case AtLeast:
		return append(all, span{a.rank(&t.Value), end})
	}
	low, high := a.rank(&t.Value), a.rank(&t.High)+1
	if t.LowOpen {
		low++
	}
	if t.HighOpen {
		high--
	}
	return append(all, span{low, high})
}

// union sorts spans and joins those that meet. It reuses the slice.
func union(all []span) []span {
	slices.SortFunc(all, func(a, b span) int { return int(a.lo - b.lo) })
	joined := all[:0]
	for _, s := range all {
		switch last := len(joined) - 1; {
		case s.lo >= s.hi:
		case last >= 0 && s.lo <= joined[last].hi:
			joined[last].hi = max(joined[last].hi, s.hi)
		default:
			joined = append(joined, s)
		}
	}
	return joined
}

// complement returns what the sorted spans leave of a run of ranks.
func complement(of []span, lo, hi int32) []span {
	var rest []span
	for _, s := range of {
		if lo < s.lo {
			rest = append(rest, span{lo, s.lo})
		}
		lo = s.hi
	}
	if lo < hi {
		rest = append(rest, span{lo, hi})
	}
	return rest
}

// sample returns a value of the rank that the input may have; ok is false when
// there is none.
func (a *axis) sample(rank int) (v Value, ok bool) {
	if !a.takes[rank] {
		return Value{}, false
	}
	switch {
	case rank == rankMissing:
		return Missing(), true
	case rank == rankNull:
		return Null(), true
	case a.kind == kindBool:
		return Bool(rank > rankFirst), true
	case a.kind == kindText && rank > rankFirst:
		return a.named[rank-rankFirst-1], true
	case a.kind == kindText:
		for n := 1; ; n++ {
			other := Text("other")
			if n > 1 {
				other.s += strconv.Itoa(n)
			}
			if a.rank(&other) == rankFirst {
				return other, true
			}
		}
	case rank%2 == 1:
		return a.bounds[(rank-rankFirst)/2], true
	}
	after := (rank - rankFirst) / 2 // the bound that follows
	var low, high *Value
	if after > 0 {
		low = &a.bounds[after-1]
	}
	if after < len(a.bounds) {
		high = &a.bounds[after]
	}
	return between(a.kind, low, high)
}

// between returns a value between two of its kind, the simplest at hand; nil is
// no bound. ok is false when there is none.
func between(k kind, low, high *Value) (v Value, ok bool) {
	if k == kindNumber {
		return numberBetween(low, high), true
	}
	unit := map[kind]int64{kindDate: 1, kindTime: 60e9, kindDateTime: 60, kindDuration: 60e9, kindMonths: 1}[k]
	fits := func(v Value) bool {
		if k == kindTime && (v.n < 0 || v.n >= daySeconds*1e9) {
			return false
		}
		above, below := 1, -1
		if low != nil {
			above, _ = Compare(v, *low)
		}
		if high != nil {
			below, _ = Compare(v, *high)
		}
		return above > 0 && below < 0
	}
	var tries []Value
	if low != nil {
		tries = append(tries, Value{kind: k, n: low.n + unit}, Value{kind: k, n: low.n + 1})
		if k == kindDateTime {
			tries = append(tries, Value{kind: k, n: low.n, exp: low.exp + 1})
		}
	}
	if high != nil {
		tries = append(tries, Value{kind: k, n: high.n - unit}, Value{kind: k, n: high.n - 1}, Value{kind: k, n: high.n})
	}
	tries = append(tries, Value{kind: k})
	for _, v := range tries {
		if v.exp < 1e9 && fits(v) {
			return v, true
		}
	}
	return Value{}, false
}

func numberBetween(low, high *Value) Value {
	one := decimal.New(1, 0)
	switch {
	case low == nil && high == nil:
		return Int(0)
	case low == nil:
		return Decimal(high.Decimal().Sub(one).Floor())
	case high == nil:
		return Decimal(low.Decimal().Add(one).Floor())
	}
	l, h := low.Decimal(), high.Decimal()
	if next := l.Floor().Add(one); next.LessThan(h) {
		return Decimal(next)
	}
	return Decimal(l.Add(h).Mul(decimal.New(5, -1)))
}
