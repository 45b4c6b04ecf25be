package decision

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// A lexicon finds what a map finds, for few texts and many, and for texts that its hash does not tell apart.
func TestLexiconAgreesWithMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		loose := rapid.Bool().Draw(t, "loose")
		texts := rapid.SliceOfN(rapid.StringMatching(`[aA -]{0,4}|same start [a-z]{1,3} same end|[a-f]{1,12}`), 0, 80).Draw(t, "texts")
		l := lexicon{loose: loose}
		spell := func(s string) string {
			if loose {
				return fold(s)
			}
			return s
		}
		want := map[string]int32{}
		for i, s := range texts {
			rank := int32(rankFirst + 1 + i)
			known := want[spell(s)] != 0
			if l.add(s, rank) == known {
				t.Fatalf("%q was new: %v", s, !known)
			}
			if !known {
				want[spell(s)] = rank
			}
		}
		l.freeze()
		for _, s := range append(texts, "", "a", "same start q same end", "SAME START A SAME-END", strings.Repeat("long ", 40)) {
			r := want[spell(s)]
			if r == 0 {
				r = rankFirst
			}
			if got := l.rank(s); got != r {
				t.Fatalf("%q has rank %d, want %d", s, got, r)
			}
		}
	})
}

func TestLexiconOfTextsThatItsHashDoesNotTellApart(t *testing.T) {
	var l lexicon
	for i := range 500 {
		l.add("same start "+itoa(1000+i)+" same end", int32(rankFirst+1+i))
	}
	l.freeze()
	if l.exact.crowded == nil {
		t.Fatal("this test is for texts that fall on one place")
	}
	for i := range 500 {
		if got := l.rank("same start " + itoa(1000+i) + " same end"); got != int32(rankFirst+1+i) {
			t.Fatalf("text %d has rank %d", i, got)
		}
	}
	if got := l.rank("same start 1500 same end"); got != rankFirst {
		t.Errorf("an unknown text has rank %d", got)
	}
}
