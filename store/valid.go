package store

import "bytes"

// valid reports what json.Valid does, in a fraction of its time: every body of a commit is looked through.
func valid(b []byte) bool {
	v := validator{b: b}
	return v.value(0) && v.space() == len(b)
}

// maxDepth is how deeply encoding/json lets arrays and objects be nested.
const maxDepth = 10_000

// validator walks over JSON. at is the place of the next byte.
type validator struct {
	b  []byte
	at int
}

// space walks over white space and returns where it ends.
func (v *validator) space() int {
	for v.at < len(v.b) {
		switch v.b[v.at] {
		case ' ', '\t', '\r', '\n':
			v.at++
		default:
			return v.at
		}
	}
	return v.at
}

// next walks over white space and takes the byte c.
func (v *validator) next(c byte) bool {
	if v.space() < len(v.b) && v.b[v.at] == c {
		v.at++
		return true
	}
	return false
}

// value takes a value that stands in depth arrays and objects.
func (v *validator) value(depth int) bool {
	if v.space() == len(v.b) || depth > maxDepth {
		return false
	}
	switch c := v.b[v.at]; c {
	case '"':
		return v.text()
	case '{':
		return v.members(depth + 1)
	case '[':
		return v.elements(depth + 1)
	case 't':
		return v.word("true")
	case 'f':
		return v.word("false")
	case 'n':
		return v.word("null")
	default:
		return v.number()
	}
}

func (v *validator) members(depth int) bool {
	v.at++
	if depth > maxDepth {
		return false
	}
	if v.next('}') {
		return true
	}
	for {
		if v.space() == len(v.b) || v.b[v.at] != '"' || !v.text() || !v.next(':') || !v.value(depth) {
			return false
		}
		if v.next('}') {
			return true
		}
		if !v.next(',') {
			return false
		}
	}
}

func (v *validator) elements(depth int) bool {
	v.at++
	if depth > maxDepth {
		return false
	}
	if v.next(']') {
		return true
	}
	for {
		if !v.value(depth) {
			return false
		}
		if v.next(']') {
			return true
		}
		if !v.next(',') {
			return false
		}
	}
}

func (v *validator) word(word string) bool {
	if !bytes.HasPrefix(v.b[v.at:], []byte(word)) {
		return false
	}
	v.at += len(word)
	return true
}

// text takes a string, whose first quote was seen.
func (v *validator) text() bool {
	b := v.b
	for i := v.at + 1; i < len(b); i++ {
		switch c := b[i]; {
		case c == '"':
			v.at = i + 1
			return true
		case c < ' ':
			return false
		case c == '\\':
			if i++; i == len(b) {
				return false
			}
			switch b[i] {
			case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
			case 'u':
				if i+4 >= len(b) || !hex(b[i+1]) || !hex(b[i+2]) || !hex(b[i+3]) || !hex(b[i+4]) {
					return false
				}
				i += 4
			default:
				return false
			}
		}
	}
	return false
}

func hex(c byte) bool { return c-'0' < 10 || c|0x20-'a' < 6 }

// number takes a number.
func (v *validator) number() bool {
	if v.b[v.at] == '-' {
		v.at++
	}
	if v.at < len(v.b) && v.b[v.at] == '0' {
		v.at++
	} else if !v.digits() {
		return false
	}
	if v.at < len(v.b) && v.b[v.at] == '.' {
		v.at++
		if !v.digits() {
			return false
		}
	}
	if v.at < len(v.b) && v.b[v.at]|0x20 == 'e' {
		v.at++
		if v.at < len(v.b) && (v.b[v.at] == '+' || v.b[v.at] == '-') {
			v.at++
		}
		return v.digits()
	}
	return true
}

// digits takes one digit or more.
func (v *validator) digits() bool {
	from := v.at
	for v.at < len(v.b) && v.b[v.at]-'0' < 10 {
		v.at++
	}
	return v.at > from
}
