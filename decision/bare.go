package decision

import "strings"

// This file writes cells and values as people do: texts without quotes wherever
// reading them gives the same again.

// bareCell is the condition's text, quotes left out where they need not be.
func bareCell(c Cell, t Type) string {
	exact := c.String()
	if !t.IsText() {
		return exact
	}
	values, ok := c.values()
	if !ok || len(values) == 0 {
		return exact
	}
	parts := make([]string, len(values))
	for i, v := range values {
		parts[i] = v.bare()
	}
	text := strings.Join(parts, ", ")
	if formula(text) || strings.ContainsFunc(text, control) {
		return exact
	}
	if read, err := ParseCell(text, t); err != nil || read.String() != exact {
		return exact
	}
	return text
}

// bareValue is the value's text, quotes left out where they need not be.
func bareValue(v Value, t Type) string {
	text := v.bare()
	if v.kind != kindText {
		return text
	}
	if formula(text) || strings.ContainsFunc(text, control) {
		return v.String()
	}
	if read, err := ParseValue(text, t); err != nil || read != v {
		return v.String()
	}
	return text
}

// formula reports whether a spreadsheet would take the text for a formula.
func formula(text string) bool { return text != "" && strings.ContainsRune("=+-@", rune(text[0])) }

func control(r rune) bool { return r < ' ' || r == 0x7f }
