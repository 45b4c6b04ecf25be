package decision

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"
)

func TestParseValue(t *testing.T) {
	for _, c := range []struct {
		typ        Type
		text, want string // want: the text it is written as; empty: refused
	}{
		{String, `"a"`, `"a"`}, {String, `a`, `"a"`}, {String, ` two words `, `"two words"`}, {String, `""`, `""`},
		{String, "", "null"}, {String, "null", "null"}, {String, `"null"`, `"null"`}, {String, "missing", "missing"},
		{String, `"\"\\\/\n\r\t\u00e9"`, "\"\\\"\\\\/\\n\\r\\té\""}, {String, `"a" b`, ""}, {String, `"a`, ""}, {String, `"\q"`, ""},
		{String, `"\u12"`, ""}, {String, `"\ud800"`, ""}, {String, `"\`, ""}, {String, "\"\x01\"", `"\u0001"`},
		{Number, "1", "1"}, {Number, "1.50", "1.5"}, {Number, "-0.10", "-0.1"}, {Number, "-0", "0"}, {Number, "1e3", "1000"}, {Number, "12E-1", "1.2"},
		{Number, ".5", "0.5"}, {Number, "123456789012345678901234567890.10", "123456789012345678901234567890.1"},
		{Number, "1e30", "1000000000000000000000000000000"}, {Number, "9223372036854775808", "9223372036854775808"},
		{Number, "-9223372036854775808", "-9223372036854775808"},
		{Number, "1,5", ""}, {Number, "0x10", ""}, {Number, "1_000", ""}, {Number, "NaN", ""}, {Number, "Inf", ""}, {Number, "1e99999", ""}, {Number, "+1", ""},
		{Number, "1.2.3", ""}, {Number, "-", ""}, {Number, "e5", ""},
		{Boolean, "true", "true"}, {Boolean, "FALSE", "false"}, {Boolean, "yes", ""}, {Boolean, "1", ""},
		{Date, "2026-11-25", "2026-11-25"}, {Date, `date("2026-11-25")`, "2026-11-25"}, {Date, `"2026-11-25"`, "2026-11-25"},
		{Date, "1969-12-31", "1969-12-31"}, {Date, "2026-02-29", ""}, {Date, "25.11.2026", ""}, {Date, "date(2026-11-25)", ""}, {Date, "2026-11-25T00:00:00Z", ""},
		{Time, "10:30", "10:30:00"}, {Time, "23:59:59.5", "23:59:59.5"}, {Time, `time("10:30:00")`, "10:30:00"}, {Time, "24:00", ""}, {Time, "10:30:00Z", ""},
		{DateTime, "2026-11-25T10:30:00Z", "2026-11-25T10:30:00Z"}, {DateTime, "2026-11-25T12:30:00+02:00", "2026-11-25T10:30:00Z"},
		{DateTime, "2026-11-25 10:30:00", "2026-11-25T10:30:00Z"}, {DateTime, "2026-11-25T10:30", "2026-11-25T10:30:00Z"},
		{DateTime, `date and time("2026-11-25T10:30:00.25Z")`, "2026-11-25T10:30:00.25Z"}, {DateTime, "9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"}, {DateTime, "2026-11-25", ""},
		{Duration, "P1DT2H3M4.5S", "P1DT2H3M4.5S"}, {Duration, "PT36H", "P1DT12H"}, {Duration, "-PT1S", "-PT1S"}, {Duration, "PT0S", "PT0S"}, {Duration, `duration("PT5M")`, "PT5M"},
		{Duration, "PT0.000000001S", "PT0.000000001S"}, {Duration, "P", ""}, {Duration, "PT", ""}, {Duration, "P1M", ""}, {Duration, "PT1.5H", ""}, {Duration, "5m", ""},
		{Duration, "P999999999D", ""}, {Duration, "PT-1S", ""}, {Duration, "PT1e3S", ""}, {Duration, "PTS", ""},
		{Months, "P1Y6M", "P1Y6M"}, {Months, "P18M", "P1Y6M"}, {Months, "-P1M", "-P1M"}, {Months, "P0M", "P0M"}, {Months, "P1D", ""}, {Months, "P", ""}, {Months, "PY", ""},
	} {
		v, err := ParseValue(c.text, c.typ)
		switch {
		case c.want == "" && !errors.Is(err, ErrSyntax):
			t.Errorf("%s %q: got %v and %v, want ErrSyntax", c.typ, c.text, v, err)
		case c.want != "" && (err != nil || v.String() != c.want):
			t.Errorf("%s %q: got %v and %v, want %s", c.typ, c.text, v, err, c.want)
		}
	}
	if _, err := ParseValue(strings.Repeat("a", MaxText+1), String); !errors.Is(err, ErrLimit) {
		t.Errorf("a text past the limit: %v", err)
	}
	if _, err := ParseValue(strings.Repeat("9", maxDigits+1), Number); !errors.Is(err, ErrSyntax) {
		t.Errorf("a number past the limit: %v", err)
	}
}

// What a value writes of itself, it reads.
func TestValuesReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		typ := genType.Draw(t, "type")
		v := genPlain(t, typ)
		if typ == Number && rapid.Bool().Draw(t, "any number") {
			v = Decimal(decimal.New(rapid.Int64().Draw(t, "coefficient"), rapid.Int32Range(-30, 30).Draw(t, "exponent")))
		}
		if typ == Duration {
			v = DurationOf(time.Duration(rapid.Int64().Draw(t, "nanoseconds")))
			if v.n == math.MinInt64 { // no text of a duration is as long as this, but for its sign
				v.n++
			}
		}
		if typ == String {
			v = Text(rapid.String().Draw(t, "text"))
		}
		back, err := ParseValue(v.String(), typ)
		if err != nil || back != v {
			t.Fatalf("%#v is written as %s and read as %#v, %v", v, v, back, err)
		}
	})
}

// Equal numbers are one Value, however they came to be, and Compare is exact.
func TestNumbersAreExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := func() decimal.Decimal {
			return decimal.New(rapid.Int64().Draw(t, "coefficient"), rapid.Int32Range(-25, 25).Draw(t, "exponent"))
		}
		a, b := draw(), draw()
		if rapid.Bool().Draw(t, "near") {
			b = a.Add(decimal.New(rapid.Int64Range(-1, 1).Draw(t, "step"), a.Exponent()-1))
		}
		x, y := Decimal(a), Decimal(b)
		c, ok := Compare(x, y)
		if !ok || c != a.Cmp(b) || (x == y) != (c == 0) {
			t.Fatalf("%v and %v: compared as %d %v, == is %v; want %d", a, b, c, ok, x == y, a.Cmp(b))
		}
		if !x.Decimal().Equal(a) {
			t.Fatalf("%v becomes %v", a, x.Decimal())
		}
		if sum := add(x, y); !sum.Decimal().Equal(a.Add(b)) {
			t.Fatalf("%v + %v is %v", a, b, sum)
		}
	})
	if sum := add(Float(0.1), Float(0.2)); sum != mustValue("0.3", Number) {
		t.Errorf("0.1 + 0.2 is %v", sum)
	}
	for f, want := range map[float64]string{0.1: "0.1", -2.5e-7: "-0.00000025", 1e21: "1000000000000000000000", 123456.789: "123456.789",
		1 << 63: "9223372036854776000", 5e-324: "0." + strings.Repeat("0", 323) + "5"} {
		if got := Float(f).String(); got != want {
			t.Errorf("Float(%v) is %s, want %s", f, got, want)
		}
	}
	for _, f := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		if v := Float(f); v.is(Number) {
			t.Errorf("Float(%v) is a number: %v", f, v)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		f := rapid.Float64().Draw(t, "f")
		if got := Float(f).Decimal().InexactFloat64(); got != f {
			t.Fatalf("%v becomes %v", f, got)
		}
	})
}

func TestFold(t *testing.T) {
	for _, same := range [][]string{
		{"SD-WAN", "SD WAN", "sd_wan", "SDWAN", "sd‑wan", "sd\u00a0wan"},
		{"Ärger", "ÄRGER", "är-ger"},
		{"", " ", "-", "\t\n"},
	} {
		for _, s := range same {
			if fold(s) != fold(same[0]) {
				t.Errorf("%q folds to %q, and %q to %q", s, fold(s), same[0], fold(same[0]))
			}
			if fold(fold(s)) != fold(s) {
				t.Errorf("%q folds on to %q", fold(s), fold(fold(s)))
			}
		}
	}
	if fold("L1 investigation") == fold("L2 investigation") {
		t.Error("different texts fold to one")
	}
}
