package decision

import "math"

// index finds the rules that match a tuple of ranks, one for each input. It is
// built in three layers, each for what the one before it cannot hold:
//
//   - a dense array with a cell for each tuple, where there are few tuples;
//   - a hash of the inputs whose conditions name single values, where the other
//     inputs do not matter or do not exist;
//   - within the rules of one hash key (of all rules, where no input is hashed), a
//     bit set for each input and stretch of ranks, whose intersection holds the
//     candidates.
//
// Rules are numbered here by position: their order under the hit policy, so that
// the first position wins and all positions in order are the result.
type index struct {
	positions int
	dense     *dense
	hashed    *hashed
	all       *group // neither: every rule
}

// box is what a rule matches: for each input, runs of ranks.
type box [][]span

func newIndex(axes []*axis, boxes []box) *index {
	x := &index{positions: len(boxes)}
	if x.dense = newDense(axes, boxes); x.dense != nil {
		return x
	}
	if x.hashed = newHashed(axes, boxes); x.hashed != nil {
		return x
	}
	x.all = newGroup(axes, boxes, upTo(int32(len(boxes))), upTo(len(axes)))
	return x
}

// upTo returns the numbers from 0 to before n.
func upTo[N int | int32](n N) []N {
	all := make([]N, n)
	for i := range all {
		all[i] = N(i)
	}
	return all
}

// ranksIn returns how many ranks the runs hold.
func ranksIn(spans []span) int {
	n := 0
	for _, s := range spans {
		n += int(s.hi - s.lo)
	}
	return n
}

// inSpans reports whether a rank lies in one of the runs.
func inSpans(spans []span, rank int32) bool {
	for _, s := range spans {
		if rank < s.lo {
			return false
		}
		if rank < s.hi {
			return true
		}
	}
	return false
}

// hits are the positions that match a tuple of ranks: none, one, or several.
// A code of 0 is none, up to the number of positions that position + 1, and above
// that an entry of several.
type hits struct {
	positions int
	several   [][]int32
}

// pack makes codes out of the positions of each cell, which come in order.
func (h *hits) pack(counts []int32, each func(put func(cell int, position int32))) []int32 {
	var total int32
	for _, n := range counts {
		if n > 1 {
			total += n
		}
	}
	codes, store := make([]int32, len(counts)), make([]int32, total)
	each(func(cell int, position int32) {
		n := counts[cell]
		if n == 1 {
			codes[cell] = position + 1
			return
		}
		if codes[cell] == 0 {
			h.several = append(h.several, store[:0:n])
			store = store[n:]
			codes[cell] = int32(h.positions + len(h.several))
		}
		list := &h.several[codes[cell]-int32(h.positions)-1]
		*list = append(*list, position)
	})
	return codes
}

// dense has a code for each tuple of ranks; a negative one for a tuple with a
// rank that its input does not take.
type dense struct {
	hits
	columns []denseColumn
	codes   []int32
}

type denseColumn struct {
	axis   *axis
	stride int32
}

// denseCells bounds the tuples that a dense array may have for so many rules.
func denseCells(rules int) int { return max(1<<14, 16*rules) }

func newDense(axes []*axis, boxes []box) *dense {
	limit := denseCells(len(boxes))
	d := &dense{hits: hits{positions: len(boxes)}, columns: make([]denseColumn, len(axes))}
	cells := 1
	for j, a := range axes {
		d.columns[j] = denseColumn{a, int32(cells)}
		if cells *= a.size; cells > limit {
			return nil
		}
	}
	work := 0
	for _, b := range boxes {
		volume := 1
		for _, spans := range b {
			volume *= ranksIn(spans)
		}
		if work += volume; work > 4*limit {
			return nil
		}
	}
	counts := make([]int32, cells)
	for _, b := range boxes {
		d.each(b, 0, 0, func(cell int) { counts[cell]++ })
	}
	d.codes = d.pack(counts, func(put func(int, int32)) {
		for p, b := range boxes {
			d.each(b, 0, 0, func(cell int) { put(cell, int32(p)) })
		}
	})
	d.refuse(axes)
	return d
}

// refuse marks the tuples that an input does not take.
func (d *dense) refuse(axes []*axis) {
	everything := make(box, len(axes))
	for j, a := range axes {
		everything[j] = []span{{0, int32(a.size)}}
	}
	for j, a := range axes {
		whole := everything[j]
		for r, taken := range a.takes {
			if !taken {
				everything[j] = []span{{int32(r), int32(r) + 1}}
				d.each(everything, 0, 0, func(cell int) { d.codes[cell] = -1 })
			}
		}
		everything[j] = whole
	}
}

// each calls do with every cell of a box, from the column on.
func (d *dense) each(b box, column, cell int, do func(cell int)) {
	if column == len(b) {
		do(cell)
		return
	}
	for _, s := range b[column] {
		for r := s.lo; r < s.hi; r++ {
			d.each(b, column+1, cell+int(r*d.columns[column].stride), do)
		}
	}
}

// hashed finds by the ranks of some columns the group of rules that they leave.
type hashed struct {
	hits
	columns []int
	radix   []uint64
	shift   uint8
	slots   []slot
	groups  []*group // by code - 1, where columns are left; else the code is that of hits
	left    bool
}

type slot struct {
	key  uint64 // the tuple + 1; 0: free
	code int32
}

// hashedWork bounds the tuples that the rules may be spread over.
func hashedWork(rules int) int { return 4*rules + 1<<10 }

func newHashed(axes []*axis, boxes []box) *hashed {
	h := &hashed{hits: hits{positions: len(boxes)}}
	tuples := make([]int, len(boxes)) // of each rule, over the columns so far
	for i := range tuples {
		tuples[i] = 1
	}
	next := make([]int, len(boxes))
	radix := uint64(1)
	var left []int
columns:
	for j, a := range axes {
		work := 0
		for i, b := range boxes {
			next[i] = tuples[i] * ranksIn(b[j])
			if work += next[i]; work > hashedWork(len(boxes)) {
				left = append(left, j)
				continue columns
			}
		}
		if radix > math.MaxInt64/uint64(a.size) {
			left = append(left, j)
			continue
		}
		tuples, next = next, tuples
		h.columns, h.radix = append(h.columns, j), append(h.radix, radix)
		radix *= uint64(a.size)
	}
	if len(h.columns) == 0 {
		return nil
	}
	h.left = len(left) > 0
	h.fill(axes, boxes, tuples, left)
	return h
}

func (h *hashed) fill(axes []*axis, boxes []box, tuples, left []int) {
	total := 0
	for _, n := range tuples {
		total += n
	}
	size := 4
	h.shift = 62
	for size < 2*total {
		size, h.shift = 2*size, h.shift-1
	}
	h.slots = make([]slot, size)
	keys := make([]uint64, 0, total) // of each rule, one after the other
	for _, b := range boxes {
		keys = h.appendKeys(keys, b, 0, 1)
	}
	cells := int32(0)
	at := make([]int32, len(keys))
	for i, key := range keys {
		s := h.slot(key)
		if s.key == 0 {
			cells++
			s.key, s.code = key, cells
		}
		at[i] = s.code - 1
	}
	counts := make([]int32, cells)
	for _, c := range at {
		counts[c]++
	}
	spread := func(put func(int, int32)) {
		i := 0
		for p := range boxes {
			for range tuples[p] {
				put(int(at[i]), int32(p))
				i++
			}
		}
	}
	if !h.left {
		codes := h.pack(counts, spread)
		for i := range h.slots {
			if s := &h.slots[i]; s.key != 0 {
				s.code = codes[s.code-1]
			}
		}
		return
	}
	members, store := make([][]int32, cells), make([]int32, len(keys))
	for c, n := range counts {
		members[c], store = store[:0:n], store[n:]
	}
	spread(func(c int, p int32) { members[c] = append(members[c], p) })
	h.groups = make([]*group, cells)
	for c, positions := range members {
		h.groups[c] = newGroup(axes, boxes, positions, left)
	}
}

// appendKeys appends the keys of a box, from the i-th hashed column on.
func (h *hashed) appendKeys(keys []uint64, b box, i int, key uint64) []uint64 {
	if i == len(h.columns) {
		return append(keys, key)
	}
	for _, s := range b[h.columns[i]] {
		for r := s.lo; r < s.hi; r++ {
			keys = h.appendKeys(keys, b, i+1, key+uint64(r)*h.radix[i])
		}
	}
	return keys
}

// slot returns where a key stands, or would.
func (h *hashed) slot(key uint64) *slot {
	mask := len(h.slots) - 1
	for i := int(key * 0x9e3779b97f4a7c15 >> h.shift); ; i++ {
		if s := &h.slots[i&mask]; s.key == key || s.key == 0 {
			return s
		}
	}
}

func (h *hashed) find(ranks []int32) int32 {
	key := uint64(1)
	for i, j := range h.columns {
		key += uint64(ranks[j]) * h.radix[i]
	}
	return h.slot(key).code
}

// several returns the lists of positions that the index holds.
func (x *index) several() [][]int32 {
	switch {
	case x.dense != nil:
		return x.dense.hits.several
	case x.hashed != nil:
		return x.hashed.hits.several
	}
	return nil
}
