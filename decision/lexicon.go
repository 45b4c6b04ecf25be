package decision

// lexicon finds the rank of a text, in any spelling where spelling is loose.
type lexicon struct {
	loose  bool
	ranks  map[string]int32 // by the folded text, where spelling is loose
	spelt  []lexeme         // each spelling that the table has, most often that of its callers: it needs no folding
	exact  textTable        // of spelt
	folded textTable        // of ranks, where spelling is loose
}

type lexeme struct {
	text string
	rank int32
}

// add gives a rank to a text, and reports whether it was new.
func (l *lexicon) add(s string, rank int32) bool {
	if l.ranks == nil {
		l.ranks = map[string]int32{}
	}
	key := s
	if l.loose {
		key = fold(s)
	}
	known, ok := l.ranks[key]
	if ok {
		rank = known
	} else {
		l.ranks[key] = rank
	}
	if !ok || l.loose {
		l.spelt = append(l.spelt, lexeme{s, rank})
	}
	return !ok
}

// freeze makes the tables that are searched, when all texts have been added.
func (l *lexicon) freeze() {
	l.exact = newTextTable(l.spelt)
	if l.loose {
		keys := make([]lexeme, 0, len(l.ranks))
		for text, rank := range l.ranks {
			keys = append(keys, lexeme{text, rank})
		}
		l.folded = newTextTable(keys)
	}
	l.ranks, l.spelt = nil, nil
}

// rank returns the rank of a text, and rankFirst for one that is not named. Most
// columns name few texts, and most callers one of them in the table's spelling:
// that way is short, and calls nothing.
func (l *lexicon) rank(s string) int32 {
	if t := &l.exact; t.few {
		if e := &t.entries[t.placeFew(s)&(len(t.entries)-1)]; e.text == s && e.rank != 0 {
			return e.rank
		}
	} else if r := t.find(s); r != 0 {
		return r
	}
	if l.loose {
		return l.rankFolded(s)
	}
	return rankFirst
}

func (l *lexicon) rankFolded(s string) int32 {
	var buf [64]byte
	if r := l.folded.find(string(appendFold(buf[:0], s))); r != 0 {
		return r
	}
	return rankFirst
}

// textTable is a hash table that never changes. It hashes the length of a text
// and some of its bytes alone: for a few texts those two that tell them apart, for
// more the first eight and the last. Where that does not do, there is a map
// instead.
type textTable struct {
	entries []lexeme // a power of two of them; rank 0: free
	mult    uint64
	shift   uint8
	few     bool
	front   uint64 // of few texts: the bytes to hash, counted from the front
	back    uint64 // and from the back
	crowded map[string]int32
}

const (
	fewTexts  = 32 // texts for which a hash without collisions is looked for
	maxProbes = 8  // how far from its place a text may lie
)

// newTextTable makes the table of some texts, of which some may stand there
// twice.
func newTextTable(texts []lexeme) textTable {
	distinct := make(map[string]int32, len(texts))
	for _, e := range texts {
		distinct[e.text] = e.rank
	}
	size := 8
	for size < 4*len(distinct) {
		size *= 2
	}
	if len(distinct) <= fewTexts {
		for front := range uint64(4) {
			for back := range uint64(8) {
				for seed := range uint64(4) {
					t := textTable{few: true, front: front, back: back, mult: 0xd6e8feb86659fd93 + seed*0x9e3779b97f4a7c16}
					if t.fill(distinct, size, 1) {
						return t
					}
				}
			}
		}
	}
	t := textTable{mult: 0xd6e8feb86659fd93}
	if t.fill(distinct, size, maxProbes) || t.fill(distinct, 4*size, maxProbes) {
		return t
	}
	return textTable{crowded: distinct}
}

// fill puts the texts into a table of that size, and reports whether each lies
// near enough to its place.
func (t *textTable) fill(texts map[string]int32, size, probes int) bool {
	t.entries, t.shift = make([]lexeme, size), 64
	for n := size; n > 1; n /= 2 {
		t.shift--
	}
texts:
	for text, rank := range texts {
		at := t.place(text)
		for i := range probes {
			if e := &t.entries[(at+i)&(size-1)]; e.rank == 0 {
				*e = lexeme{text, rank}
				continue texts
			}
		}
		return false
	}
	return true
}

// find returns the rank of a text, and 0 when it is not there.
func (t *textTable) find(s string) int32 {
	mask := len(t.entries) - 1
	if mask < 0 {
		return t.crowded[s]
	}
	for at := t.place(s); ; at++ {
		e := &t.entries[at&mask]
		if e.text == s || e.rank == 0 {
			return e.rank
		}
	}
}

// place hashes a text.
func (t *textTable) place(s string) int {
	if t.few {
		return t.placeFew(s)
	}
	var head, tail uint64
	n := len(s)
	switch {
	case n >= 8:
		head, tail = load8(s), load8(s[n-8:])
	case n >= 4:
		head, tail = load4(s), load4(s[n-4:])
	case n > 0:
		head = uint64(s[0]) | uint64(s[n/2])<<8 | uint64(s[n-1])<<16
	}
	h := (head ^ uint64(n)) * 0x9e3779b97f4a7c15
	h = (h ^ h>>32 ^ tail) * t.mult
	return int(h >> (t.shift & 63))
}

// placeFew hashes one of few texts.
func (t *textTable) placeFew(s string) int {
	h := uint64(len(s))
	if h > 0 {
		h |= uint64(s[min(t.front, h-1)])<<32 | uint64(s[h-1-min(t.back, h-1)])<<48
	}
	return int(h * t.mult >> (t.shift & 63))
}

func load8(s string) uint64 {
	_ = s[7]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 | uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

func load4(s string) uint64 {
	_ = s[3]
	return uint64(uint32(s[0]) | uint32(s[1])<<8 | uint32(s[2])<<16 | uint32(s[3])<<24)
}
