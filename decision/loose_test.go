package decision

import (
	"errors"
	"testing"
)

// What a loose column takes for the same text, to the letter.
//
// Covers: DEC-019
func TestWhatIsTheSameSpelling(t *testing.T) {
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"SD-WAN", "SD WAN", true}, {"SD-WAN", "sd_wan", true}, {"SD-WAN", "SDWAN", true}, {"SD-WAN", "  S d--w_A n\t", true}, {"Link Failure", "Link failure", true}, {"L1 investigation", "L1 Investigation", true},
		{"SD-WAN", "SD/WAN", false}, {"SD-WAN", "SD.WAN", false}, {"SD-WAN", "SD+WAN", false}, {"SD-WAN", "SD−WAN", false}, {"L1", "L2", false}, {"a b", "b a", false}, {"07", "7", false},
		{"SD-WAN", "SD\u2010WAN", true}, {"SD-WAN", "SD\u2013WAN", true}, {"SD-WAN", "SD\u2014WAN", true}, {"SD-WAN", "SD\u00a0WAN", true}, {"SD-WAN", "SD\u2003\u3000WAN", true}, {"SD-WAN", "SD\r\n\v\f\u0085\u2028WAN", true},
		{"SD-WAN", "SD\u200bWAN", false}, {"SD-WAN", "\ufeffSD-WAN", false}, {"SD-WAN", "SD\u00adWAN", false},
		{"Ärger", "ÄRGER", true}, {"Ärger", "A\u0308rger", false}, {"Straße", "STRASSE", false}, {"STRAẞE", "straße", true}, {"ΣΑΣ", "σασ", true}, {"ΣΑΣ", "σας", false}, {"\u212a", "k", true}, {"Сбой Связи", "сбой-связи", true}, {"链路 故障", "链路故障", true},
		{"", " ", true}, {"", "-", true}, {"", "_", true}, {"", "- _\t–\u00a0", true}, {"", ".", false}, {"", "0", false}, {"null", "NULL", true},
	} {
		for _, typ := range []Type{LooseString, String} {
			is := Is(Text(c.a)).Matches(Text(c.b), typ)
			if want := c.same && typ.IsLoose() || c.a == c.b; is != want {
				t.Errorf("%s: %q is %q: %v", typ, c.b, c.a, is)
			}
			e, err := Compile(Table{Name: "t", Inputs: []Input{{Name: "x", Type: typ}}, Outputs: []Output{{Name: "y", Type: Boolean}}, Rules: []Rule{{When: []Cell{Is(Text(c.a))}, Then: []Value{Bool(true)}}}})
			if err != nil {
				t.Fatal(err)
			}
			if r, err := e.Eval(Text(c.b)); err != nil || r.Matched() != is {
				t.Errorf("%s: %q is %q: by the index %v, %v", typ, c.b, c.a, r.Matched(), err)
			}
		}
		err := (&Table{Name: "t", Inputs: []Input{{Name: "x", Type: LooseEnum, Allowed: OneOfTexts(c.a, c.b)}}, Outputs: []Output{{Name: "y", Type: Boolean}}}).Validate()
		if c.same != errors.Is(err, ErrTable) {
			t.Errorf("%q and %q allowed beside each other: %v", c.a, c.b, err)
		}
	}
}

// What says empty and what says any, in columns of texts: an empty cell never says any.
//
// Covers: DEC-017, DEC-019
func TestWhatIsEmpty(t *testing.T) {
	for _, c := range []struct {
		cell         string
		typ          Type
		empty, dash  bool // whether it matches "" and "-"
		null, a, gap bool // null, "a" and " "
	}{
		{``, String, true, false, true, false, false}, {`  `, String, true, false, true, false, false}, {`empty`, String, true, false, true, false, false},
		{`-`, String, true, true, true, true, true}, {`""`, String, true, false, false, false, false}, {`"-"`, String, false, true, false, false, false}, {`" "`, String, false, false, false, false, true},
		{``, LooseString, true, true, true, false, true}, {`empty`, LooseString, true, true, true, false, true},
		{`-`, LooseString, true, true, true, true, true}, {`""`, LooseString, true, true, false, false, true}, {`"-"`, LooseString, true, true, false, false, true}, {`_`, LooseString, true, true, false, false, true},
		{`not("")`, LooseString, false, false, true, true, false}, {`not(empty)`, LooseString, false, false, false, true, false},
	} {
		cell, err := ParseCell(c.cell, c.typ)
		if err != nil {
			t.Fatal(err)
		}
		e, err := Compile(Table{Name: "t", Inputs: []Input{{Name: "x", Type: c.typ, Optional: true}}, Outputs: []Output{{Name: "y", Type: Boolean}}, Rules: []Rule{{When: []Cell{cell}, Then: []Value{Bool(true)}}}})
		if err != nil {
			t.Fatal(err)
		}
		for _, in := range []struct {
			v    Value
			want bool
		}{{Text(""), c.empty}, {Text("-"), c.dash}, {Null(), c.null}, {Text("a"), c.a}, {Text(" "), c.gap}} {
			if r, err := e.Eval(in.v); err != nil || r.Matched() != in.want || cell.Matches(in.v, c.typ) != in.want {
				t.Errorf("%s %q: %s: %v, %v, want %v", c.typ, c.cell, in.v, r.Matched(), err, in.want)
			}
		}
	}
	for name, parse := range map[string]func() (Table, error){
		"CSV": func() (Table, error) {
			return ParseCSV([]byte("table,t\ncolumn,input,output\ntype,loose string,string\noptional,yes\nrule,x,y\nr,,\n,-,\"\"\"\"\"\"\n"))
		},
		"JSON": func() (Table, error) {
			return ParseJSON([]byte(`{"name": "t", "inputs": [{"name": "x", "type": "loose string", "optional": true}], "outputs": [{"name": "y", "type": "string"}], "rules": [{"x": "", "y": null}, {"x": "-", "y": ""}]}`))
		},
	} {
		table, err := parse()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if r := table.Rules; r[0].When[0].String() != "empty" || !r[1].When[0].IsAny() || r[0].Then[0] != Null() || r[1].Then[0] != Text("") {
			t.Errorf("%s: %+v", name, r)
		}
	}
}
