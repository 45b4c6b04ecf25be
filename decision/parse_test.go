package decision

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// Covers: DEC-017
func TestParseCell(t *testing.T) {
	for _, c := range []struct {
		typ        Type
		text, want string // want: the text it is written as; empty: refused
	}{
		{String, "-", "-"}, {String, " - ", "-"}, {String, "", "empty"}, {String, "  ", "empty"}, {String, "empty", "empty"}, {Number, "", "empty"},
		{String, `"a"`, `"a"`}, {String, "a", `"a"`}, {String, `"a","b"`, `"a", "b"`}, {String, "Link failure, Device failure", `"Link failure", "Device failure"`},
		{String, `not("a", b)`, `not("a", "b")`}, {String, "not( empty )", "not(empty)"}, {String, `"-"`, `"-"`}, {String, `"empty"`, `"empty"`},
		{String, `null, missing, ""`, `null, missing, ""`}, {String, "notable", `"notable"`}, {String, "= a", `"a"`}, {String, "empty, x", `empty, "x"`},
		{String, `a"b`, ""}, {String, `"a" "b"`, ""}, {String, `"a",`, ""}, {String, ",", ""}, {String, `not("a"`, ""}, {String, `not()`, ""}, {String, `not "a"`, ""},
		{String, `> "a"`, ""}, {String, `["a".."b"]`, ""}, {String, "a (b)", ""}, {String, `not("a"), "b"`, ""}, {String, "a, -", ""}, {String, `"a`, ""},
		{Number, "> 3", "> 3"}, {Number, ">=3", ">= 3"}, {Number, "< -3.50", "< -3.5"}, {Number, "<= 3", "<= 3"}, {Number, "= 3", "3"}, {Number, "3", "3"},
		{Number, "[1..5]", "[1..5]"}, {Number, "[1..5)", "[1..5)"}, {Number, "(1..5]", "(1..5]"}, {Number, "]1..5[", "(1..5)"}, {Number, "[ -1.5 .. .5 ]", "[-1.5..0.5]"},
		{Number, "<18, >=60, [20..30)", "< 18, >= 60, [20..30)"}, {Number, "not(< 3, 5)", "not(< 3, 5)"}, {Number, "not([1..2])", "not([1..2])"},
		{Number, "not((1..2))", "not((1..2))"}, {Number, "null, 3", "null, 3"},
		{Number, "[1..", ""}, {Number, "[1..5", ""}, {Number, "[..5]", ""}, {Number, "[1,5]", ""}, {Number, "> null", ""}, {Number, "[null..5]", ""}, {Number, "abc", ""},
		{Number, "> > 3", ""}, {Number, "3 4", ""}, {Number, "[1..5]]", ""}, {Number, "> missing", ""},
		{Boolean, "true", "true"}, {Boolean, "not(true)", "not(true)"}, {Boolean, "> true", ""},
		{Date, ">= 2026-01-01", ">= 2026-01-01"}, {Date, `[date("2026-01-01")..date("2027-01-01"))`, "[2026-01-01..2027-01-01)"}, {Date, "2026-01-01, 2026-05-01", "2026-01-01, 2026-05-01"},
		{Time, "[08:00..17:00)", "[08:00:00..17:00:00)"}, {DateTime, "< 2026-01-01T00:00:00Z", "< 2026-01-01T00:00:00Z"},
		{DateTime, `not(date and time("2026-01-01T00:00:00"))`, "not(2026-01-01T00:00:00Z)"},
		{Duration, "> PT4H", "> PT4H"}, {Months, "[P1Y..P2Y]", "[P1Y..P2Y]"}, {Duration, `(duration("PT1H")..duration("PT2H"))`, "(PT1H..PT2H)"},
	} {
		cell, err := ParseCell(c.text, c.typ)
		switch {
		case c.want == "" && !errors.Is(err, ErrSyntax):
			t.Errorf("%s %q: got %v and %v, want ErrSyntax", c.typ, c.text, cell, err)
		case c.want != "" && (err != nil || cell.String() != c.want):
			t.Errorf("%s %q: got %v and %v, want %s", c.typ, c.text, cell, err, c.want)
		}
	}
	if _, err := ParseCell(strings.Repeat("1,", MaxTests)+"1", Number); !errors.Is(err, ErrLimit) {
		t.Errorf("too many tests: %v", err)
	}
	if _, err := ParseCell(strings.Repeat("a", MaxText+1), String); !errors.Is(err, ErrLimit) {
		t.Errorf("too long a text: %v", err)
	}
	if _, err := ParseCell("a", 0); !errors.Is(err, ErrSyntax) {
		t.Errorf("no type: %v", err)
	}
}

// What a cell writes of itself, it reads.
func TestCellsReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := genInput(t, "in")
		cell := genCell(t, in)
		if in.Type == String {
			for i := range cell.Tests {
				if cell.Tests[i].Value.kind == kindText {
					cell.Tests[i].Value = Text(rapid.String().Draw(t, "text"))
				}
			}
		}
		if len(cell.Tests) == 0 {
			cell.Not = false
		}
		back, err := ParseCell(cell.String(), in.Type)
		if err != nil || !reflect.DeepEqual(back, cell) {
			t.Fatalf("%#v is written as %s and read as %#v, %v", cell, cell, back, err)
		}
	})
}

func FuzzParseCell(f *testing.F) {
	for _, s := range []string{"-", "", `"a","b"`, `not("a")`, "[1..5)", "> 3", "null", "empty", "]1..2[", "<18,>=60", `date("2026-01-01")`, "P1DT2H", "P1Y",
		`not(date and time("2026-01-01T00:00:00"))`, `"\u00e9`, "1e6000", "[-.5..5]"} {
		f.Add(s, byte(Number))
		f.Add(s, byte(String))
		f.Add(s, byte(Duration))
	}
	f.Fuzz(func(t *testing.T, text string, typ byte) {
		of := Type(typ)
		cell, err := ParseCell(text, of)
		if err != nil {
			if !errors.Is(err, ErrSyntax) && !errors.Is(err, ErrLimit) {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		written := cell.String()
		if len(written) > MaxText {
			return
		}
		back, err := ParseCell(written, of)
		if err != nil || !reflect.DeepEqual(back, cell) {
			t.Fatalf("%q is read as %#v, written as %s and read as %#v, %v", text, cell, written, back, err)
		}
	})
}

func FuzzParseValue(f *testing.F) {
	for _, s := range []string{"", "null", "missing", `"a\n"`, "a b", "-1.50", "1e30", "true", "2026-11-25", "10:30", "2026-11-25T10:30:00+02:00", "P1DT2H3M4.5S", "P1Y6M", `date("2026-01-01")`} {
		for _, typ := range []Type{String, LooseEnum, Number, Boolean, Date, Time, DateTime, Duration, Months} {
			f.Add(s, byte(typ))
		}
	}
	f.Fuzz(func(t *testing.T, text string, typ byte) {
		of := Type(typ)
		v, err := ParseValue(text, of)
		if err != nil {
			if !errors.Is(err, ErrSyntax) && !errors.Is(err, ErrLimit) {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		if !v.is(of) {
			t.Fatalf("%q is read as %v, which is no %s", text, v, of)
		}
		written := v.String()
		if len(written) > MaxText {
			return
		}
		if back, err := ParseValue(written, of); err != nil || back != v {
			t.Fatalf("%q is read as %#v, written as %s and read as %#v, %v", text, v, written, back, err)
		}
	})
}
