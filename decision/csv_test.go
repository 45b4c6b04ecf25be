package decision

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// Covers: DEC-026
func TestCSVRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		table := genFull(t)
		data, err := FormatCSV(table)
		if err != nil {
			t.Fatal(err)
		}
		read, err := ParseCSV(data)
		if err != nil {
			t.Fatalf("%v\n%s", err, data)
		}
		if !sameTable(table, read) {
			t.Fatalf("read %+v\nwrote %+v\n%s", read, table, data)
		}
		again, err := FormatCSV(read)
		if err != nil || !bytes.Equal(data, again) {
			t.Fatalf("%v: not the same bytes again:\n%s\n%s", err, data, again)
		}
	})
}

// A text that a spreadsheet would compute does not stand there as such.
func TestCSVNoFormula(t *testing.T) {
	table := Table{Name: "=name", Description: "@SUM(1)", Inputs: []Input{{Name: "+in", Type: String}}, Outputs: []Output{{Name: "-out", Type: String}},
		Annotations: []string{"=why"}, Rules: []Rule{{ID: "=1", When: []Cell{OneOfTexts("=a", "b")}, Then: []Value{Text("=HYPERLINK(1)")}, Annotations: []string{"+1"}}}}
	data, err := FormatCSV(table)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := table.Sheet()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		for _, cell := range row {
			if formula(cell) {
				t.Errorf("%q in\n%s", cell, data)
			}
		}
	}
	if read, err := ParseCSV(data); err != nil || !sameTable(read, table) {
		t.Errorf("%v: %+v", err, read)
	}
}

const discountCSV = `table,Discount
hit policy,FIRST
column,input,input,output,annotation
label,Age,,Percent,
type,number,boolean,number,
allowed,[0..150],,,
optional,,yes,,
default,,,0,
rule,age,member,percent,why
young,< 18,-,10,
,>= 65,true,"12.5","because, so"
,-,empty,0,
`

// goodCSV are files of the same table, as programs and people write them.
var goodCSV = map[string]string{
	"as written": discountCSV,
	"semicolons": strings.ReplaceAll(strings.ReplaceAll(discountCSV, "because, so", "because; so"), ",", ";"),
	"tabs":       strings.ReplaceAll(strings.ReplaceAll(discountCSV, "because, so", "because\tso"), ",", "\t"),
	"mark":       "\ufeff" + discountCSV,
	"sep":        "\ufeffsep=;\r\n" + strings.ReplaceAll(strings.ReplaceAll(discountCSV, "because, so", "because; so"), ",", ";"),
	"sep comma":  "sep=,\n" + discountCSV,
	"CRLF":       strings.ReplaceAll(discountCSV, "\n", "\r\n"),
	"padded":     strings.NewReplacer("table,Discount", "table,Discount,,,,", "hit policy,FIRST", "Hit Policy,first,,,,,,").Replace(discountCSV),
	"blank rows": strings.NewReplacer("column,", ",,,,\n\n,,,\ncolumn,", "young,", ",,,,\nyoung,").Replace(discountCSV) + ",,,,\n",
	"spaces":     strings.NewReplacer("boolean", " Boolean ", "< 18", " <18 ", "yes", " YES ").Replace(discountCSV),
	"shuffled": `column,annotation,output,input,input
rule,why,percent,member,age
,,10,-,< 18
`,
}

func TestCSVGood(t *testing.T) {
	want, err := ParseCSV([]byte(discountCSV))
	if err != nil {
		t.Fatal(err)
	}
	r := want.Rules[1]
	if want.Name != "Discount" || want.HitPolicy != First || want.Inputs[0].Label != "Age" || want.Inputs[0].Allowed.String() != "[0..150]" || !want.Inputs[1].Optional ||
		want.Outputs[0].Default != Int(0) || want.Rules[0].ID != "young" || r.When[0].String() != ">= 65" || r.Then[0] != Float(12.5) || r.Annotations[0] != "because, so" ||
		want.Rules[2].When[1].String() != "empty" || len(want.Rules[2].Annotations) != 0 {
		t.Errorf("read %+v", want)
	}
	for name, text := range goodCSV {
		if name == "shuffled" {
			continue
		}
		table, err := ParseCSV([]byte(text))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if len(table.Rules) > 1 && len(table.Rules[1].Annotations) > 0 {
			table.Rules[1].Annotations[0] = "because, so"
		}
		if !sameTable(table, want) {
			t.Errorf("%s: %+v", name, table)
		}
	}
	shuffled, err := ParseCSV([]byte("table,Discount\ntype,,number,boolean,number\n" + goodCSV["shuffled"]))
	if err != nil || shuffled.Inputs[0].Name != "member" || shuffled.Rules[0].When[1].String() != "< 18" || shuffled.Rules[0].Then[0] != Int(10) {
		t.Errorf("shuffled: %v: %+v", err, shuffled)
	}
}

func TestCSVOfEscalationPolicy(t *testing.T) {
	data, err := os.ReadFile("../psew/escalation.json")
	if err != nil {
		t.Fatal(err)
	}
	table, err := ParseJSON(data)
	if err != nil {
		t.Fatal(err)
	}
	written, err := FormatCSV(table)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(written), "\n,SD-WAN,Software failure,empty,Network Coordinators,Network Initiated Software Failure - Triage,row 1\n") {
		t.Errorf("written as\n%s", written)
	}
	if read, err := ParseCSV(written); err != nil || !sameTable(read, table) {
		t.Errorf("%v: %+v", err, read)
	}
}

func TestCSVRefused(t *testing.T) {
	change := func(old, new string) string {
		changed := strings.Replace(discountCSV, old, new, 1)
		if changed == discountCSV {
			t.Fatalf("%q does not stand in the table", old)
		}
		return changed
	}
	for _, c := range []refusal{
		{name: "nothing", text: "", kind: ErrSyntax, says: `no row "rule"`},
		{name: "after sep", text: "sep=;\n\npolicy;x\n", kind: ErrSyntax, place: "line 3", says: `begins with "policy"`},
		{name: "quote after sep", text: "sep=;\ntable;\"x\n", kind: ErrSyntax, place: "line 2", says: "is not CSV"},
		{name: "decimal comma", text: change(`"12.5"`, `"12,5"`), kind: ErrSyntax, column: "percent", rule: 2, place: "line 11", says: `"12,5" is no number, such as 12.5: its sign is a point`},
		{name: "no rule", text: "table,t\n", kind: ErrSyntax, place: "line 1", says: `no row "rule"`},
		{name: "no UTF-8", text: "table,t\xe4\n", kind: ErrSyntax, place: "line 1", says: "CSV UTF-8"},
		{name: "quote", text: change(`"12.5"`, `"12.5`), kind: ErrSyntax, place: "line 11", says: "is not CSV"},
		{name: "unknown row", text: change("hit policy", "policy"), kind: ErrSyntax, place: "line 2", says: `begins with "policy"`},
		{name: "twice", text: change("hit policy,FIRST", "table,u"), kind: ErrSyntax, place: "line 2", says: `second row "table"`},
		{name: "policy", text: change("FIRST", "BEST"), kind: ErrSyntax, place: "line 2", says: `"BEST" is none of`},
		{name: "too much", text: change("FIRST", "FIRST,UNIQUE"), kind: ErrSyntax, place: "line 2", says: `"UNIQUE" too much`},
		{name: "created", text: change("hit policy,FIRST", "created,x"), kind: ErrSyntax, place: "line 2", says: `created "x"`},
		{name: "property", text: change("hit policy,FIRST", "property,a,b\nproperty,a,c"), kind: ErrSyntax, place: "line 3", says: `property "a" is given twice`},
		{name: "text", text: change("hit policy,FIRST", `description,"""a"`), kind: ErrSyntax, place: "line 2", says: `closing quote`},
		{name: "no columns", text: change("column,input,input,output,annotation\n", ""), kind: ErrSyntax, place: "line 8", says: `no row "column"`},
		{name: "no types", text: change("type,number,boolean,number,\n", ""), kind: ErrSyntax, place: "line 8", says: `no row "type"`},
		{name: "kind", text: change("input,output", "entry,output"), kind: ErrSyntax, column: "member", place: "line 3", says: `entry" is none of input`},
		{name: "type", text: change("boolean", "flag"), kind: ErrSyntax, column: "member", place: "line 5", says: `type "flag"`},
		{name: "no type", text: change("boolean", ""), kind: ErrSyntax, column: "member", place: "line 5", says: `type ""`},
		{name: "annotation with type", text: change("boolean,number,", "boolean,number,string"), kind: ErrSyntax, column: "why", place: "line 5", says: "an annotation has no type"},
		{name: "input with default", text: change("default,,,0", "default,1,,0"), kind: ErrSyntax, column: "age", place: "line 8", says: "an input has no default"},
		{name: "allowed", text: change("[0..150]", "[0..150"), kind: ErrSyntax, column: "age", place: "line 6", says: "closing bracket"},
		{name: "optional", text: change("yes", "maybe"), kind: ErrSyntax, column: "member", place: "line 7", says: "neither yes nor no"},
		{name: "default", text: change("default,,,0", "default,,,x"), kind: ErrSyntax, column: "percent", place: "line 8", says: `"x" is no number`},
		{name: "condition", text: change("< 18", "< x"), kind: ErrSyntax, column: "age", rule: 1, place: "line 10", says: `"x" is no number`},
		{name: "value", text: change(",10,", ",ten,"), kind: ErrSyntax, column: "percent", rule: 1, place: "line 10", says: `"ten" is no number`},
		{name: "short", text: change("young,< 18,-,10,", "young,< 18,-"), kind: ErrSyntax, column: "percent", rule: 1, place: "line 10", says: "ends before the column"},
		{name: "long", text: change("young,< 18,-,10,", "young,< 18,-,10,a,b"), kind: ErrSyntax, rule: 1, place: "line 10", says: `"b" beyond the last column`},
		{name: "empty age", text: change("young,< 18", "young,"), kind: ErrNotAllowed, column: "age", rule: 1, place: "line 10", says: `any value is written "-"`},
		{name: "not allowed", text: change("< 18", "200"), kind: ErrNotAllowed, column: "age", rule: 1, place: "line 10", says: "none of the allowed"},
		{name: "no name", text: change("table,Discount\n", ""), kind: ErrTable, says: "has no name"},
		{name: "two of a name", text: change("rule,age,member", "rule,age,age"), kind: ErrTable, column: "age", place: "line 9", says: "two inputs have this name"},
		{name: "wide", text: "table,t\nrule" + strings.Repeat(",", MaxColumns), kind: ErrLimit, place: "line 2", says: "more than 1000 cells"},
		{name: "large", text: strings.Repeat(" ", MaxFile+1), kind: ErrLimit, says: "bytes, at most"},
		{name: "rules", text: "table,t\ncolumn,output\ntype,number\nrule,o\n" + strings.Repeat(",1\n", MaxRules+1), kind: ErrLimit, rule: MaxRules + 1, place: "line 100005", says: "more than 100000 rules"},
	} {
		table, err := ParseCSV([]byte(c.text))
		c.check(t, table, err)
	}
}

func FuzzParseCSV(f *testing.F) {
	for _, text := range goodCSV {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		table, err := ParseCSV(data)
		if err != nil {
			if err.Error() == "" {
				t.Fatal("an error without text")
			}
			return
		}
		written, err := FormatCSV(table)
		if err != nil {
			t.Fatalf("what was read cannot be written: %v", err)
		}
		again, err := ParseCSV(written)
		if err != nil || !sameTable(table, again) {
			t.Fatalf("%v: read %+v\nagain %+v\n%s", err, table, again, written)
		}
	})
}
