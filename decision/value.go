package decision

import (
	"bytes"
	"math"
	"math/big"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// Value is one value: of an input, of an output, or in a cell. It is small, and
// copied freely. The zero Value is missing. Two Values are the same exactly when
// == says so: 1.0 is 1, and an instant is itself in every time zone.
type Value struct {
	kind kind
	exp  int32  // numbers: digits after the point; date-times: nanoseconds within the second
	n    int64  // what the kind says
	s    string // texts; numbers whose digits do not fit into n
}

type kind uint8

const (
	kindMissing  kind = iota
	kindNull          // given, and no value
	kindText          // s
	kindNumber        // n / 10^exp, without zeros at the end; or all of it in s, and the sign in n
	kindBool          // n is 0 or 1
	kindDate          // days since 1970-01-01
	kindTime          // nanoseconds since midnight
	kindDateTime      // seconds since 1970-01-01T00:00:00Z, and nanoseconds in exp
	kindDuration      // nanoseconds
	kindMonths        // months
	kindInvalid       // not a number; no column takes it
)

// Null returns the value that says that there is none.
func Null() Value { return Value{kind: kindNull} }

// Missing returns the value that was not given: the zero Value.
func Missing() Value { return Value{} }

// Text returns a text, for columns of texts and enums.
func Text(s string) Value { return Value{kind: kindText, s: s} }

// Int returns a whole number.
func Int(n int64) Value { return Value{kind: kindNumber, n: n} }

// Bool returns true or false.
func Bool(b bool) Value {
	if b {
		return Value{kind: kindBool, n: 1}
	}
	return Value{kind: kindBool}
}

// maxDigits bounds the digits of a number before and after its point.
const maxDigits = 6_200

// Decimal returns a number, exactly. One with more than 6,200 digits before or
// after its point becomes a value that no column takes.
func Decimal(d decimal.Decimal) Value {
	exp := d.Exponent()
	if exp < -maxDigits || int(exp)+d.NumDigits() > maxDigits {
		return Value{kind: kindInvalid}
	}
	if d.NumDigits() <= 18 {
		return number(d.CoefficientInt64(), int(exp))
	}
	return bigNumber(d.Coefficient(), int(exp))
}

// Float returns the number that the shortest text of f says: 0.1 is a tenth. NaN
// and the infinities become a value that no column takes.
func Float(f float64) Value {
	if f == math.Trunc(f) && math.Abs(f) < 1<<53 {
		return Int(int64(f))
	}
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return Value{kind: kindInvalid}
	}
	var buf [32]byte
	text := strconv.AppendFloat(buf[:0], math.Abs(f), 'e', -1, 64) // d.dddde±dd: 17 digits at most
	mantissa, exponent, _ := bytes.Cut(text, []byte("e"))
	var coef int64
	for _, c := range mantissa {
		if c != '.' {
			coef = coef*10 + int64(c-'0')
		}
	}
	exp := 0
	for _, c := range exponent[1:] {
		exp = exp*10 + int(c-'0')
	}
	if exponent[0] == '-' {
		exp = -exp
	}
	if len(mantissa) > 1 {
		exp -= len(mantissa) - 2
	}
	if f < 0 {
		coef = -coef
	}
	return number(coef, exp)
}

// number returns coef × 10^exp in its one form.
func number(coef int64, exp int) Value {
	if coef == 0 {
		return Int(0)
	}
	for exp < 0 && coef%10 == 0 {
		coef, exp = coef/10, exp+1
	}
	if exp <= 0 {
		return Value{kind: kindNumber, n: coef, exp: int32(-exp)}
	}
	if scaled, ok := scaleUp(coef, exp); ok {
		return Int(scaled)
	}
	return bigNumber(big.NewInt(coef), exp)
}

// bigNumber is number for any coefficient.
func bigNumber(coef *big.Int, exp int) Value {
	digits := coef.Text(10)
	sign := int64(1)
	if rest, negative := strings.CutPrefix(digits, "-"); negative {
		digits, sign = rest, -1
	}
	for exp < 0 && len(digits) > 1 && digits[len(digits)-1] == '0' {
		digits, exp = digits[:len(digits)-1], exp+1
	}
	if exp > 0 {
		digits, exp = digits+strings.Repeat("0", exp), 0
	}
	signed := digits
	if sign < 0 {
		signed = "-" + digits // the least has no opposite that fits
	}
	if n, err := strconv.ParseInt(signed, 10, 64); err == nil {
		return Value{kind: kindNumber, n: n, exp: int32(-exp)}
	}
	return Value{kind: kindNumber, n: sign, exp: int32(-exp), s: plain(sign < 0, digits, -exp)}
}

// plain writes digits with a point before the last after ones.
func plain(negative bool, digits string, after int) string {
	if after > 0 {
		if len(digits) <= after {
			digits = strings.Repeat("0", after-len(digits)+1) + digits
		}
		digits = digits[:len(digits)-after] + "." + digits[len(digits)-after:]
	}
	if negative {
		return "-" + digits
	}
	return digits
}

// scaleUp returns n × 10^by; ok is false when it does not fit.
func scaleUp(n int64, by int) (scaled int64, ok bool) {
	if n == 0 {
		return 0, true
	}
	if by < 0 || by >= len(tens) {
		return 0, false
	}
	scaled = n * tens[by]
	return scaled, scaled/tens[by] == n
}

var tens = [...]int64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18}

const daySeconds = 24 * 60 * 60

// DateOf returns the day that t shows in its own location.
func DateOf(t time.Time) Value {
	y, m, d := t.Date()
	return Value{kind: kindDate, n: floorDiv(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix(), daySeconds)}
}

// TimeOf returns the time of day that t shows in its own location.
func TimeOf(t time.Time) Value {
	h, m, s := t.Clock()
	return Value{kind: kindTime, n: int64(h*3600+m*60+s)*int64(time.Second) + int64(t.Nanosecond())}
}

// DateTimeOf returns the instant t.
func DateTimeOf(t time.Time) Value {
	return Value{kind: kindDateTime, n: t.Unix(), exp: int32(t.Nanosecond())}
}

// DurationOf returns a length of time.
func DurationOf(d time.Duration) Value { return Value{kind: kindDuration, n: int64(d)} }

// MonthsOf returns a length of time in months.
func MonthsOf(n int64) Value { return Value{kind: kindMonths, n: n} }

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// IsMissing reports whether the value was not given.
func (v Value) IsMissing() bool { return v.kind == kindMissing }

// IsNull reports whether the value is null.
func (v Value) IsNull() bool { return v.kind == kindNull }

// Type returns the exact type that the value is of, String for all texts, and
// zero for null and missing.
func (v Value) Type() Type {
	switch v.kind {
	case kindText:
		return String
	case kindNumber:
		return Number
	case kindBool:
		return Boolean
	case kindDate:
		return Date
	case kindTime:
		return Time
	case kindDateTime:
		return DateTime
	case kindDuration:
		return Duration
	case kindMonths:
		return Months
	}
	return 0
}

// is reports whether a column of the type can hold the value; null and missing are of every type.
func (v Value) is(t Type) bool {
	switch v.kind {
	case kindMissing, kindNull:
		return true
	case kindText:
		return t.IsText()
	case kindInvalid:
		return false
	}
	return v.Type() == t
}

// Text returns a text as it is, and the empty text for any other value.
func (v Value) Text() string {
	if v.kind != kindText {
		return ""
	}
	return v.s
}

// Int returns a whole number; ok is false for any other value and for one that
// does not fit.
func (v Value) Int() (n int64, ok bool) {
	if v.kind != kindNumber || v.exp != 0 || v.s != "" {
		return 0, false
	}
	return v.n, true
}

// Decimal returns a number, and zero for any other value.
func (v Value) Decimal() decimal.Decimal {
	switch {
	case v.kind != kindNumber:
		return decimal.Decimal{}
	case v.s == "":
		return decimal.New(v.n, -v.exp)
	}
	coef, _ := new(big.Int).SetString(strings.Replace(v.s, ".", "", 1), 10)
	return decimal.NewFromBigInt(coef, -v.exp)
}

// Bool returns whether the value is true.
func (v Value) Bool() bool { return v.kind == kindBool && v.n == 1 }

// Time returns a date as its midnight in UTC, a time of day on 1970-01-01 in
// UTC, a date-time in UTC, and the zero time for any other value.
func (v Value) Time() time.Time {
	switch v.kind {
	case kindDate:
		return time.Unix(v.n*daySeconds, 0).UTC()
	case kindTime:
		return time.Unix(0, v.n).UTC()
	case kindDateTime:
		return time.Unix(v.n, int64(v.exp)).UTC()
	}
	return time.Time{}
}

// Duration returns a duration, and zero for any other value.
func (v Value) Duration() time.Duration {
	if v.kind != kindDuration {
		return 0
	}
	return time.Duration(v.n)
}

// Months returns a length in months, and zero for any other value.
func (v Value) Months() int64 {
	if v.kind != kindMonths {
		return 0
	}
	return v.n
}

// Compare returns -1, 0 or 1 as a is less than, the same as, or greater than b.
// ok is false when there is no order between them: texts, booleans, null,
// missing, and values of two types.
func Compare(a, b Value) (c int, ok bool) {
	if a.kind != b.kind || a.kind < kindNumber || a.kind == kindBool || a.kind == kindInvalid {
		return 0, false
	}
	switch {
	case a.kind == kindNumber && (a.exp != b.exp || a.s != "" || b.s != ""):
		return compareNumbers(a, b), true
	case a.n != b.n:
		return sign(a.n < b.n), true
	case a.kind == kindDateTime && a.exp != b.exp:
		return sign(a.exp < b.exp), true
	}
	return 0, true
}

func sign(less bool) int {
	if less {
		return -1
	}
	return 1
}

func compareNumbers(a, b Value) int {
	if a.s == "" && b.s == "" {
		x, y, okx, oky := a.n, b.n, true, true
		if a.exp < b.exp {
			x, okx = scaleUp(x, int(b.exp-a.exp))
		} else {
			y, oky = scaleUp(y, int(a.exp-b.exp))
		}
		if okx && oky {
			if x == y {
				return 0
			}
			return sign(x < y)
		}
	}
	return a.Decimal().Cmp(b.Decimal())
}
