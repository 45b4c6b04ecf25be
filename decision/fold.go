package decision

import (
	"unicode"
	"unicode/utf8"
)

// fold takes away what spellings differ in: case, spaces, hyphens and underscores.
func fold(s string) string {
	var buf [64]byte
	folded := appendFold(buf[:0], s)
	if string(folded) == s {
		return s
	}
	return string(folded)
}

// appendFold appends the folded text. It allocates only past the capacity of to.
func appendFold(to []byte, s string) []byte {
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c == ' ' || c == '-' || c == '_' || c >= '\t' && c <= '\r':
		case c >= 'A' && c <= 'Z':
			to = append(to, c+'a'-'A')
		case c >= utf8.RuneSelf:
			return appendFoldUnicode(to, s[i:])
		default:
			to = append(to, c)
		}
	}
	return to
}

func appendFoldUnicode(to []byte, s string) []byte {
	for _, r := range s {
		if r == '_' || unicode.IsSpace(r) || unicode.Is(unicode.Pd, r) {
			continue
		}
		to = utf8.AppendRune(to, unicode.ToLower(r))
	}
	return to
}

// spell is how a type compares texts.
func (t Type) spell(s string) string {
	if t.IsLoose() {
		return fold(s)
	}
	return s
}
