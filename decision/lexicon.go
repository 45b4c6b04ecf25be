package decision

// lexicon finds the rank of a text, in any spelling where spelling is loose.
type lexicon struct {
	ranks map[string]int32
}

// add gives a rank to a text, and reports whether it was new.
func (l *lexicon) add(s string, rank int32, loose bool) bool {
	if l.ranks == nil {
		l.ranks = map[string]int32{}
	}
	if !loose {
		if _, ok := l.ranks[s]; ok {
			return false
		}
		l.ranks[s] = rank
		return true
	}
	folded := fold(s)
	known, ok := l.ranks[folded]
	if ok {
		rank = known
	}
	l.ranks[folded] = rank
	l.ranks[s] = rank // most callers use the table's own spelling, and need no folding
	return !ok
}

func (l *lexicon) rank(s string, loose bool) int32 {
	if r, ok := l.ranks[s]; ok {
		return r
	}
	if loose {
		var buf [64]byte
		if r, ok := l.ranks[string(appendFold(buf[:0], s))]; ok {
			return r
		}
	}
	return rankFirst
}
