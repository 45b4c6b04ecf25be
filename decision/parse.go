package decision

import (
	"strings"
)

// ParseCell reads the condition of a column of that type, in the form that the
// package's documentation shows. The error is an ErrSyntax or an ErrLimit.
func ParseCell(text string, t Type) (Cell, error) {
	if len(text) > MaxText {
		return Cell{}, &Error{Kind: ErrLimit, Reason: "a cell has " + itoa(len(text)) + " bytes, at most " + itoa(MaxText)}
	}
	if !t.valid() {
		return Cell{}, syntax("the column has no type")
	}
	text = strings.TrimSpace(text)
	switch text {
	case "":
		return IsEmpty(), nil
	case "-":
		return Cell{}, nil
	}
	p := cellParser{rest: text, typ: t}
	if inner, ok := negated(text); ok {
		p.rest, p.closing = inner, true
	}
	var c Cell
	c.Not = p.closing
	for {
		test, err := p.test()
		if err != nil {
			return Cell{}, err
		}
		if len(c.Tests) == MaxTests {
			return Cell{}, &Error{Kind: ErrLimit, Reason: "a cell has more than " + itoa(MaxTests) + " tests"}
		}
		c.Tests = append(c.Tests, test)
		if !p.take(",") {
			break
		}
	}
	if p.closing && !p.take(")") {
		return Cell{}, syntax("%s has no closing parenthesis", text)
	}
	if p.rest != "" {
		return Cell{}, syntax("%s goes on after its end with %s", text, quote(p.rest))
	}
	return c, nil
}

// negated returns what follows the parenthesis of not(, and the one of !=.
func negated(text string) (inner string, ok bool) {
	if rest, ok := strings.CutPrefix(text, "not"); ok {
		rest = strings.TrimSpace(rest)
		return strings.CutPrefix(rest, "(")
	}
	return "", false
}

type cellParser struct {
	rest    string
	typ     Type
	closing bool // within not( )
}

// take skips spaces and then the token, if it is there.
func (p *cellParser) take(token string) bool {
	p.rest = strings.TrimSpace(p.rest)
	rest, ok := strings.CutPrefix(p.rest, token)
	if ok {
		p.rest = rest
	}
	return ok
}

func (p *cellParser) test() (Test, error) {
	for _, o := range []struct {
		sign string
		op   Op
	}{{"<=", AtMost}, {"<", Less}, {">=", AtLeast}, {">", Greater}, {"=", Equal}} {
		if !p.take(o.sign) {
			continue
		}
		if o.op != Equal && !p.typ.IsOrdered() {
			return Test{}, syntax("%s needs an ordered type, and the column's is %s", o.sign, p.typ)
		}
		v, err := p.value(false)
		if err == nil && o.op != Equal && v.Type() == 0 {
			err = syntax("%s %s: there is no order", o.sign, v)
		}
		return Test{Op: o.op, Value: v}, err
	}
	if p.typ.IsOrdered() && p.rest != "" && strings.ContainsRune("[](", rune(p.rest[0])) {
		return p.within()
	}
	if p.word("empty") {
		return Test{Op: Empty}, nil
	}
	v, err := p.value(false)
	return Test{Value: v}, err
}

// word takes a word that stands alone.
func (p *cellParser) word(word string) bool {
	rest, ok := strings.CutPrefix(p.rest, word)
	if !ok {
		return false
	}
	after := strings.TrimSpace(rest)
	if after != "" && after[0] != ',' && (after[0] != ')' || !p.closing) {
		return false
	}
	p.rest = rest
	return true
}

func (p *cellParser) within() (t Test, err error) {
	t.Op, t.LowOpen = Within, p.rest[0] != '['
	p.rest = p.rest[1:]
	if t.Value, err = p.value(true); err != nil {
		return t, err
	}
	if !p.take("..") {
		return t, syntax("a range has no .. after %s", t.Value)
	}
	if t.High, err = p.value(true); err != nil {
		return t, err
	}
	switch {
	case p.take("]"):
	case p.take(")"), p.take("["):
		t.HighOpen = true
	default:
		return t, syntax("a range has no closing bracket after %s", t.High)
	}
	if t.Value.Type() == 0 || t.High.Type() == 0 {
		return t, syntax("the bounds of a range are values, not %s and %s", t.Value, t.High)
	}
	return t, nil
}

// value takes a value; within a range, it ends before the dots or the bracket.
func (p *cellParser) value(ranged bool) (Value, error) {
	p.rest = strings.TrimSpace(p.rest)
	if p.typ.IsText() && strings.HasPrefix(p.rest, `"`) {
		s, rest, err := unquoteText(p.rest)
		p.rest = rest
		return Text(s), err
	}
	end := p.end(ranged)
	text := strings.TrimSpace(p.rest[:end])
	p.rest = p.rest[end:]
	switch text {
	case "":
		return Value{}, syntax("a value is missing before %s", quote(p.rest))
	case "null":
		return Null(), nil
	case "missing":
		return Missing(), nil
	}
	if p.typ.IsText() {
		if text == "-" || text == "empty" || strings.ContainsAny(text, `"()[]<>=`) || strings.HasPrefix(text, "not ") {
			return Value{}, syntax("%s must stand in double quotes", text)
		}
		return Text(text), nil
	}
	return parseLiteral(text, p.typ)
}

// end returns where the value ends that the rest begins with.
func (p *cellParser) end(ranged bool) int {
	depth, quoted := 0, false
	for i := 0; i < len(p.rest); i++ {
		c := p.rest[i]
		switch {
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == ',':
			return i
		case c == '(':
			depth++
		case c == ')':
			if depth == 0 && (ranged || p.closing) {
				return i
			}
			depth--
		case ranged && (c == '[' || c == ']' || strings.HasPrefix(p.rest[i:], "..")):
			return i
		}
	}
	return len(p.rest)
}
