package decision

// lexicon finds the rank of a text, in any spelling where spelling is loose. It
// is a hash table without deletion; what is asked for never changes it.
type lexicon struct {
	loose   bool
	entries []lexeme // a power of two of them
	used    int
	shift   uint8
	crowded map[string]int32 // instead, where too many texts of the column fall on one place
}

type lexeme struct {
	text string
	rank int32 // 0: free
}

// maxProbes is how far from its place a text may lie. Texts that have the same
// beginning, end and length fall on one place.
const maxProbes = 8

// add gives a rank to a text, and reports whether it was new.
func (l *lexicon) add(s string, rank int32) bool {
	spelled := s
	if l.loose {
		spelled = fold(s)
	}
	if known := l.find(spelled); known != 0 {
		if spelled != s {
			l.put(s, known)
		}
		return false
	}
	l.put(spelled, rank)
	if spelled != s { // most callers use the table's own spelling: it needs no folding
		l.put(s, rank)
	}
	return true
}

// put stores a text that may be there already.
func (l *lexicon) put(s string, rank int32) {
	if l.crowded != nil {
		l.crowded[s] = rank
		return
	}
	if l.find(s) != 0 {
		return
	}
	if 2*(l.used+1) > len(l.entries) {
		l.grow()
		if l.crowded != nil {
			l.crowded[s] = rank
			return
		}
	}
	l.used++
	mask := len(l.entries) - 1
	at := l.place(s)
	for range maxProbes {
		if e := &l.entries[at&mask]; e.rank == 0 {
			*e = lexeme{s, rank}
			return
		}
		at++
	}
	l.crowded = make(map[string]int32, l.used)
	for _, e := range l.entries {
		if e.rank != 0 {
			l.crowded[e.text] = e.rank
		}
	}
	l.crowded[s] = rank
}

// grow doubles the table.
func (l *lexicon) grow() {
	old := l.entries
	size := max(8, 2*len(old))
	*l = lexicon{loose: l.loose, entries: make([]lexeme, size), shift: 64}
	for n := size; n > 1; n /= 2 {
		l.shift--
	}
	for _, e := range old {
		if e.rank != 0 {
			l.put(e.text, e.rank)
		}
	}
}

// rank returns the rank of a text, and rankFirst for one that is not named.
func (l *lexicon) rank(s string) int32 {
	if r := l.find(s); r != 0 {
		return r
	}
	if l.loose {
		return l.rankFolded(s)
	}
	return rankFirst
}

func (l *lexicon) rankFolded(s string) int32 {
	var buf [64]byte
	folded := appendFold(buf[:0], s)
	if l.crowded != nil {
		if r := l.crowded[string(folded)]; r != 0 {
			return r
		}
		return rankFirst
	}
	mask := len(l.entries) - 1
	if mask < 0 {
		return rankFirst
	}
	for at := l.place(string(folded)); ; at++ {
		switch e := &l.entries[at&mask]; {
		case e.rank == 0:
			return rankFirst
		case e.text == string(folded):
			return e.rank
		}
	}
}

// find returns the rank of a text in just that spelling, and 0 when there is
// none.
func (l *lexicon) find(s string) int32 {
	if l.crowded != nil {
		return l.crowded[s]
	}
	mask := len(l.entries) - 1
	if mask < 0 {
		return 0
	}
	for at := l.place(s); ; at++ {
		e := &l.entries[at&mask]
		if e.rank == 0 || e.text == s {
			return e.rank
		}
	}
}

// place hashes the length, the beginning and the end of a text.
func (l *lexicon) place(s string) int {
	const odd1, odd2 = 0x9e3779b97f4a7c15, 0xd6e8feb86659fd93
	var head, tail uint64
	switch n := len(s); {
	case n >= 8:
		head, tail = load8(s), load8(s[n-8:])
	case n >= 4:
		head, tail = load4(s), load4(s[n-4:])
	case n > 0:
		head = uint64(s[0]) | uint64(s[n/2])<<8 | uint64(s[n-1])<<16
	}
	h := (head ^ uint64(len(s))) * odd1
	h = (h ^ h>>32 ^ tail) * odd2
	return int(h >> l.shift)
}

func load8(s string) uint64 {
	_ = s[7]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 | uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

func load4(s string) uint64 {
	_ = s[3]
	return uint64(uint32(s[0]) | uint32(s[1])<<8 | uint32(s[2])<<16 | uint32(s[3])<<24)
}
