package decision

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// String returns the value as it stands in a cell, and as ParseValue reads it:
// texts in double quotes, durations in ISO 8601.
func (v Value) String() string {
	switch v.kind {
	case kindMissing:
		return "missing"
	case kindNull:
		return "null"
	case kindText:
		return quoteText(v.s)
	case kindBool:
		return strconv.FormatBool(v.n == 1)
	}
	return v.bare()
}

// bare is the text without quotes.
func (v Value) bare() string {
	switch v.kind {
	case kindText:
		return v.s
	case kindNumber:
		if v.s != "" {
			return v.s
		}
		if v.exp == 0 {
			return strconv.FormatInt(v.n, 10)
		}
		digits := strconv.FormatInt(v.n, 10)
		rest, negative := strings.CutPrefix(digits, "-")
		return plain(negative, rest, int(v.exp))
	case kindDate:
		return v.Time().Format(time.DateOnly)
	case kindTime:
		return v.Time().Format("15:04:05.999999999")
	case kindDateTime:
		return v.Time().Format(time.RFC3339Nano)
	case kindDuration:
		return isoDuration(v.n)
	case kindMonths:
		return isoMonths(v.n)
	case kindInvalid:
		return "invalid"
	}
	return v.String()
}

// quoteText writes a text in double quotes, with the escapes of JSON where it must.
func quoteText(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case c == '\n':
			b.WriteString(`\n`)
		case c == '\r':
			b.WriteString(`\r`)
		case c == '\t':
			b.WriteString(`\t`)
		case c < ' ' || c == 0x7f:
			fmt.Fprintf(&b, `\u%04x`, c)
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// isoDuration writes nanoseconds as P1DT2H3M4.5S.
func isoDuration(n int64) string {
	if n == 0 {
		return "PT0S"
	}
	var b strings.Builder
	u := uint64(n)
	if n < 0 {
		b.WriteByte('-')
		u = -u
	}
	b.WriteByte('P')
	unit := func(size uint64, letter byte) {
		if u >= size {
			b.WriteString(strconv.FormatUint(u/size, 10))
			b.WriteByte(letter)
			u %= size
		}
	}
	unit(uint64(24*time.Hour), 'D')
	if u > 0 {
		b.WriteByte('T')
		unit(uint64(time.Hour), 'H')
		unit(uint64(time.Minute), 'M')
		if u > 0 {
			seconds := strconv.FormatUint(u/uint64(time.Second), 10)
			if frac := u % uint64(time.Second); frac > 0 {
				seconds += strings.TrimRight(fmt.Sprintf(".%09d", frac), "0")
			}
			b.WriteString(seconds + "S")
		}
	}
	return b.String()
}

// isoMonths writes months as P1Y2M.
func isoMonths(n int64) string {
	if n == 0 {
		return "P0M"
	}
	u, text := uint64(n), "P"
	if n < 0 {
		u, text = -u, "-P"
	}
	if u >= 12 {
		text += strconv.FormatUint(u/12, 10) + "Y"
	}
	if u%12 > 0 {
		text += strconv.FormatUint(u%12, 10) + "M"
	}
	return text
}

// ParseValue reads a value of a type: null, or what Value.String writes. Texts
// may stand without quotes, and then have no quote at their beginning; dates,
// times and durations may be written as FEEL does, date("2026-11-25"). No text is
// null. The error is an ErrSyntax.
func ParseValue(text string, t Type) (Value, error) {
	text = strings.TrimSpace(text)
	switch text {
	case "", "null":
		return Null(), nil
	case "missing":
		return Missing(), nil
	}
	if len(text) > MaxText {
		return Value{}, &Error{Kind: ErrLimit, Reason: "a text has " + itoa(len(text)) + " bytes, at most " + itoa(MaxText)}
	}
	if t.IsText() {
		if !strings.HasPrefix(text, `"`) {
			return Text(text), nil
		}
		s, rest, err := unquoteText(text)
		if err == nil && rest != "" {
			err = syntax("there is %s after the text", quote(rest))
		}
		return Text(s), err
	}
	return parseLiteral(text, t)
}

func syntax(format string, args ...any) error {
	return &Error{Kind: ErrSyntax, Reason: fmt.Sprintf(format, args...)}
}

// unquoteText reads a text in double quotes, and returns what follows it.
func unquoteText(text string) (s, rest string, err error) {
	end := 1
	for end < len(text) && text[end] != '"' {
		if text[end] == '\\' {
			end++
		}
		end++
	}
	if end >= len(text) {
		return "", "", syntax("%s has no closing quote", text)
	}
	inner := text[1:end]
	if !strings.Contains(inner, `\`) {
		return inner, text[end+1:], nil
	}
	var b strings.Builder
	for len(inner) > 0 {
		if inner[0] != '\\' {
			next := strings.IndexByte(inner, '\\')
			if next < 0 {
				next = len(inner)
			}
			b.WriteString(inner[:next])
			inner = inner[next:]
			continue
		}
		switch c := inner[1]; c {
		case '"', '\\', '/':
			b.WriteByte(c)
		case 'n':
			b.WriteByte('\n')
		case 'r':
			b.WriteByte('\r')
		case 't':
			b.WriteByte('\t')
		case 'u':
			if len(inner) < 6 {
				return "", "", syntax("%s has an unfinished escape", text)
			}
			code, err := strconv.ParseUint(inner[2:6], 16, 16)
			if err != nil || code >= 0xd800 && code < 0xe000 {
				return "", "", syntax("%s has the unknown escape %s", text, inner[:6])
			}
			b.WriteRune(rune(code))
			inner = inner[4:]
		default:
			return "", "", syntax("%s has the unknown escape %s", text, inner[:2])
		}
		inner = inner[2:]
	}
	return b.String(), text[end+1:], nil
}

// parseLiteral reads a value that is no text.
func parseLiteral(text string, t Type) (Value, error) {
	plain := feelCall(text, t)
	var (
		v  Value
		ok bool
	)
	switch t {
	case Number:
		v, ok = parseNumber(plain)
	case Boolean:
		switch plain {
		case "true", "TRUE", "True":
			return Bool(true), nil
		case "false", "FALSE", "False":
			return Bool(false), nil
		}
	case Date:
		if at, err := time.Parse(time.DateOnly, plain); err == nil {
			v, ok = DateOf(at), true
		}
	case Time:
		v, ok = parseTime(plain)
	case DateTime:
		v, ok = parseDateTime(plain)
	case Duration:
		v, ok = parseDuration(plain)
	case Months:
		v, ok = parseMonths(plain)
	}
	if !ok && t == Number && strings.Count(plain, ",") == 1 {
		return Value{}, syntax("%s is no %s, such as %s: its sign is a point", quote(text), t, examples[t])
	}
	if !ok {
		return Value{}, syntax("%s is no %s, such as %s", quote(text), t, examples[t%Type(len(examples))])
	}
	return v, nil
}

var examples = [...]string{Number: "12.5", Boolean: "true", Date: "2026-11-25", Time: "10:30:00", DateTime: "2026-11-25T10:30:00Z", Duration: "P1DT2H", Months: "P1Y6M"}

// feelCall takes date("…") and its like apart, and quotes.
func feelCall(text string, t Type) string {
	if t < Date {
		return text
	}
	inner := text
	if open := strings.IndexByte(text, '('); open > 0 && strings.HasSuffix(text, ")") {
		switch name := fold(text[:open]); {
		case name == "date" && t == Date, name == "time" && t == Time, name == "dateandtime" && t == DateTime, name == "duration" && t >= Duration:
			inner = strings.TrimSpace(text[open+1 : len(text)-1])
		}
	}
	if len(inner) >= 2 && inner[0] == '"' && inner[len(inner)-1] == '"' {
		return inner[1 : len(inner)-1]
	}
	if inner != text { // a call without quotes
		return ""
	}
	return text
}

func parseNumber(s string) (Value, bool) {
	if n, err := strconv.ParseInt(s, 10, 64); err == nil && s[0] != '+' {
		return Int(n), true
	}
	digits := 0
	for i, c := range []byte(s) {
		switch {
		case c >= '0' && c <= '9':
			digits++
		case c == '.' || c == 'e' || c == 'E':
		case c == '-' && (i == 0 || s[i-1] == 'e' || s[i-1] == 'E'), c == '+' && i > 0 && (s[i-1] == 'e' || s[i-1] == 'E'):
		default:
			return Value{}, false
		}
	}
	if digits == 0 || digits > 2*maxDigits+1 {
		return Value{}, false
	}
	d, err := decimal.NewFromString(s)
	if err != nil {
		return Value{}, false
	}
	v := Decimal(d)
	return v, v.kind == kindNumber
}
