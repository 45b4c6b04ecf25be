package xlsx

import (
	"archive/zip"
	"bytes"
	"errors"
	"flag"
	"io"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"

	"github.com/forewarn-go/forewarn/decision"
)

func canonical(t testing.TB, tables ...decision.Table) string {
	t.Helper()
	var b strings.Builder
	for _, table := range tables {
		data, err := decision.FormatJSON(table)
		if err != nil {
			t.Fatal(err)
		}
		b.Write(data)
	}
	return b.String()
}

func mustJSON(t testing.TB, file string) decision.Table {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	table, err := decision.ParseJSON(data)
	if err != nil {
		t.Fatal(err)
	}
	return table
}

func mustWrite(t testing.TB, tables ...decision.Table) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, tables...); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Covers: DEC-026
func TestRoundTripOfShippedTables(t *testing.T) {
	tables := []decision.Table{mustJSON(t, "../../psew/escalation.json"), mustJSON(t, "../testdata/tables/diagnostics-tabs.json"),
		mustJSON(t, "../testdata/tables/diagnostic-activity.json"), mustJSON(t, "../testdata/tables/hierarchical-test-runs.json")}
	read, err := Read(bytes.NewReader(mustWrite(t, tables...)))
	if err != nil {
		t.Fatal(err)
	}
	if have, want := canonical(t, read...), canonical(t, tables...); have != want {
		t.Errorf("read\n%s\nwant\n%s", have, want)
	}
}

// texts are what workbooks get wrong.
var texts = rapid.SampledFrom([]string{"a", "Link failure", " lead", "x\ny", "x\r\ny", "\r", `"`, `"quoted"`, "=1+1", "+1", "-", "empty", "null", "a, b", "\x00", "ü → 中", "\u2028",
	"\ufeff", "table", "rule", "<b>&", "1e5", "007", "true", "2026-11-25", "[1..2]", "_x000D_", "_x005F_", "_x000D_x0041_", "#", "'", "\t", strings.Repeat("long ", 40), "[a]:*?/\\"})

// A workbook costs far more to open and to pack than a table in it, so that there are few workbooks of many tables: a
// quarter of the checks that are asked for, with four times the tables.
func TestRoundTrip(t *testing.T) {
	asked := flag.Lookup("rapid.checks").Value.String()
	n, err := strconv.Atoi(asked)
	if err != nil {
		t.Fatal(err)
	}
	if err := flag.Set("rapid.checks", strconv.Itoa(max(1, n/4))); err != nil {
		t.Fatal(err)
	}
	defer flag.Set("rapid.checks", asked)
	rapid.Check(t, func(t *rapid.T) {
		var tables []decision.Table
		for range rapid.IntRange(1, 15).Draw(t, "tables") {
			text := func(what string) string { return texts.Draw(t, what) }
			table := decision.Table{Name: text("name"), Description: text("description"), HitPolicy: decision.First, Properties: map[string]string{text("key"): text("value")},
				Inputs: []decision.Input{{Name: "i" + text("input"), Label: text("label"), Type: decision.String, Optional: true},
					{Name: "n", Type: decision.Number}, {Name: "d", Type: decision.Date, Allowed: decision.IsAtLeast(decision.DateOf(time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC)))}},
				Outputs: []decision.Output{{Name: "o", Type: decision.Number, Default: decision.Int(7)}, {Name: "b", Type: decision.Boolean},
					{Name: "s", Type: decision.LooseEnum, Allowed: decision.OneOfTexts("one", "two")}, {Name: "at", Type: decision.DateTime}},
				Annotations: []string{"why" + text("annotation")}}
			if rapid.Bool().Draw(t, "created") {
				table.Created = time.Date(2026, 11, 25, 10, 0, 0, 0, time.UTC)
			}
			for range rapid.IntRange(0, 4).Draw(t, "rules") {
				number, err := decision.ParseValue(rapid.SampledFrom([]string{"0", "1", "-1", "0.1", "1.1", "12345678901234567890", "0.1234567890123456789", "1234567890.12345", "-0.5",
					"100", "999999999999999", "9999999999999999", "0.00001", "null"}).Draw(t, "number"), decision.Number)
				if err != nil {
					t.Fatal(err)
				}
				table.Rules = append(table.Rules, decision.Rule{ID: rapid.SampledFrom([]string{"", "1", "r 2"}).Draw(t, "id"),
					When:        []decision.Cell{decision.OneOfTexts(text("one"), text("other")), decision.IsLess(decision.Int(5)), {}},
					Then:        []decision.Value{number, decision.Bool(rapid.Bool().Draw(t, "truth")), decision.Text("two"), decision.DateTimeOf(time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC))},
					Annotations: []string{text("why")}})
			}
			tables = append(tables, table)
		}
		var b bytes.Buffer
		if err := Write(&b, tables...); err != nil {
			t.Fatal(err)
		}
		read, err := Read(&b)
		if err != nil {
			t.Fatal(err)
		}
		var have, want []byte
		for _, table := range read {
			data, _ := decision.FormatJSON(table)
			have = append(have, data...)
		}
		for _, table := range tables {
			data, _ := decision.FormatJSON(table)
			want = append(want, data...)
		}
		if !bytes.Equal(have, want) {
			t.Fatalf("read\n%s\nwant\n%s", have, want)
		}
	})
}

// sheetOf makes a workbook whose one sheet has these cells.
func sheetOf(t testing.TB, rows [][]any, change func(*excelize.File, string)) []byte {
	t.Helper()
	book := excelize.NewFile()
	const name = "Discount"
	if err := book.SetSheetName("Sheet1", name); err != nil {
		t.Fatal(err)
	}
	for i, row := range rows {
		axis, err := excelize.CoordinatesToCellName(1, i+1)
		if err != nil {
			t.Fatal(err)
		}
		if err := book.SetSheetRow(name, axis, &row); err != nil {
			t.Fatal(err)
		}
	}
	if change != nil {
		change(book, name)
	}
	b, err := book.WriteToBuffer()
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// edited changes the text of a workbook's first sheet.
func edited(t testing.TB, data []byte, change func(sheet string) string) []byte {
	t.Helper()
	in, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	out, changed := zip.NewWriter(&b), false
	for _, f := range in.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if f.Name == "xl/worksheets/sheet1.xml" {
			after := change(string(text))
			changed = after != string(text)
			text = []byte(after)
		}
		w, err := out.Create(f.Name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(text); err != nil {
			t.Fatal(err)
		}
	}
	if err := out.Close(); err != nil || !changed {
		t.Fatal("the sheet is as it was", err)
	}
	return b.Bytes()
}

func discount() [][]any {
	return [][]any{
		{"Hit policy", "first"},
		{"Column", "input", "input", "input", "output", "output", "annotation"},
		{"Type", "number", "boolean", "date", "number", "time", ""},
		{"Rule", "age", "member", "from", "percent", "until", "why"},
		{"young", 17, true, time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC), 1.1, 0.5, "a"},
		{2, ">= 65", "-", "> 2026-01-01", 0.1 + 0.2, "10:30:00", 3},
		{"", "-", "-", "-", "-5", "null"},
	}
}

// What people type into cells is read as they see it.
func TestReadTyped(t *testing.T) {
	data := sheetOf(t, discount(), func(book *excelize.File, name string) {
		for _, err := range []error{
			book.MergeCell(name, "C6", "C7"), book.MergeCell(name, "B1", "G1"),
			func() error { _, err := book.NewSheet("# notes"); return err }(), book.SetCellStr("# notes", "A1", "no table"),
			func() error { _, err := book.NewSheet("blank"); return err }(),
			func() error { _, err := book.NewSheet("hidden"); return err }(), book.SetCellStr("hidden", "A1", "no table"), book.SetSheetVisible("hidden", false),
		} {
			if err != nil {
				t.Fatal(err)
			}
		}
	})
	tables, err := Read(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	const want = `{
  "name": "Discount",
  "hitPolicy": "FIRST",
  "inputs": [
    {"name": "age", "type": "number"},
    {"name": "member", "type": "boolean"},
    {"name": "from", "type": "date"}
  ],
  "outputs": [
    {"name": "percent", "type": "number"},
    {"name": "until", "type": "time"}
  ],
  "annotations": ["why"],
  "rules": [
    {"id": "young", "age": "17", "member": "true", "from": "2026-11-25", "percent": 1.1, "until": "12:00:00", "why": "a"},
    {"id": "2", "age": ">= 65", "member": "-", "from": "> 2026-01-01", "percent": 0.3, "until": "10:30:00", "why": "3"},
    {"age": "-", "member": "-", "from": "-", "percent": -5, "until": null}
  ]
}
`
	if have := canonical(t, tables...); have != want {
		t.Errorf("read\n%s", have)
	}
}

func TestRefused(t *testing.T) {
	with := func(row, column int, value any) []byte {
		rows := discount()
		rows[row-1][column-1] = value
		return sheetOf(t, rows, nil)
	}
	// A cell is moved in the file: the library would fill all rows and cells before it.
	far := func(from, to string) []byte {
		return edited(t, sheetOf(t, discount(), nil), func(sheet string) string {
			row := func(axis string) string { return strings.TrimLeft(axis, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") }
			return strings.NewReplacer(`<row r="`+row(from)+`"`, `<row r="`+row(to)+`"`, `<c r="`+from+`"`, `<c r="`+to+`"`).Replace(sheet)
		})
	}
	formula := func(axis string) []byte {
		return sheetOf(t, discount(), func(book *excelize.File, name string) {
			if err := book.SetCellFormula(name, axis, "A5&B5"); err != nil {
				t.Fatal(err)
			}
		})
	}
	for _, c := range []struct {
		name        string
		data        []byte
		kind        error
		column      string
		rule        int
		place, says string
	}{
		{"nothing", nil, decision.ErrSyntax, "", 0, "", "no Excel workbook"},
		{"no zip", []byte("table,Discount"), decision.ErrSyntax, "", 0, "", "no Excel workbook"},
		{"blank", sheetOf(t, nil, nil), decision.ErrSyntax, "", 0, "", "no sheet with a table"},
		{"no table", sheetOf(t, [][]any{{"Shopping list"}}, nil), decision.ErrSyntax, "", 0, "cell Discount!A1", `begins with "Shopping list"`},
		{"policy", with(1, 2, "best"), decision.ErrSyntax, "", 0, "cell Discount!B1", `"best" is none of`},
		{"type", with(3, 3, "flag"), decision.ErrSyntax, "member", 0, "cell Discount!C3", `type "flag"`},
		{"condition", with(6, 2, ">= x"), decision.ErrSyntax, "age", 2, "cell Discount!B6", `"x" is no number`},
		{"value", with(5, 5, "ten"), decision.ErrSyntax, "percent", 1, "cell Discount!E5", `"ten" is no number`},
		{"a time of more than a day", with(5, 6, 1.5), decision.ErrSyntax, "until", 1, "cell Discount!F5", `"1.5" is no time`},
		{"empty", with(5, 2, ""), decision.ErrNotAllowed, "age", 1, "cell Discount!B5", `any value is written "-"`},
		{"far down", far("A7", "A1048576"), decision.ErrLimit, "", 0, "cell Discount!A101001", "more than 101000 rows"},
		{"far right", far("G5", "XFD5"), decision.ErrLimit, "", 0, "cell Discount!ALM5", "more than 1000 cells"},
		{"a formula without its value", formula("G7"), decision.ErrSyntax, "", 0, "cell Discount!G7", "the formula =A5&B5 has no value"},
		{"a formula without its value past the row", formula("H7"), decision.ErrSyntax, "", 0, "cell Discount!H7", "the formula =A5&B5 has no value"},
		{"a formula without its value above the rules", formula("H2"), decision.ErrSyntax, "", 0, "cell Discount!H2", "the formula =A5&B5 has no value"},
		{"large", make([]byte, MaxFile+1), decision.ErrLimit, "", 0, "", "bytes"},
	} {
		tables, err := Read(bytes.NewReader(c.data))
		var got *decision.Error
		if !errors.As(err, &got) {
			t.Errorf("%s: %v is no *Error", c.name, err)
			continue
		}
		if !errors.Is(err, c.kind) || got.Column != c.column || got.Rule != c.rule || got.Place != c.place || !strings.Contains(err.Error(), c.says) || (tables != nil) != (c.kind == decision.ErrNotAllowed) {
			t.Errorf("%s: %v (%v, column %q, rule %d, place %q)", c.name, err, got.Kind, got.Column, got.Rule, got.Place)
		}
	}
}

// A formula counts with the value that it had last.
func TestFormula(t *testing.T) {
	data := sheetOf(t, discount(), func(book *excelize.File, name string) {
		if err := book.SetCellFormula(name, "G7", "A5&B5"); err != nil {
			t.Fatal(err)
		}
	})
	data = edited(t, data, func(sheet string) string {
		return strings.Replace(sheet, `<f>A5&amp;B5</f>`, `<f>A5&amp;B5</f><v>young17</v>`, 1)
	})
	tables, err := Read(bytes.NewReader(data))
	if err != nil || tables[0].Rules[2].Annotations[0] != "young17" {
		t.Errorf("read %+v, %v", tables, err)
	}
}

// A sheet that is wrong keeps no other from being read: what is wrong is told of each, and the tables come that could be
// read.
//
// Covers: DEC-025
func TestErrorsOfAllSheets(t *testing.T) {
	data := sheetOf(t, discount(), func(book *excelize.File, name string) {
		if err := book.SetCellStr(name, "A6", "old"); err != nil {
			t.Fatal(err)
		}
		for _, sheet := range []struct {
			name string
			rows [][]any
		}{
			{"Second", [][]any{{"Column", "input", "output"}, {"Type", "number", "enum"}, {"Allowed", "[0..10]", "a, b"}, {"Rule", "x", "y"}, {"", "> 5", "a"}, {"", 11, "c"}}},
			{"Third", [][]any{{"Column", "input", "output"}, {"Type", "number", "number"}, {"Rule", "x", "y"}, {"", "> five", 1}}},
			{"Fourth", [][]any{{"Column", "output"}, {"Type", "number"}, {"Rule", "y"}, {"", 1}}},
		} {
			if _, err := book.NewSheet(sheet.name); err != nil {
				t.Fatal(err)
			}
			for i, row := range sheet.rows {
				if err := book.SetSheetRow(sheet.name, "A"+strconv.Itoa(i+1), &row); err != nil {
					t.Fatal(err)
				}
			}
		}
	})
	tables, err := Read(bytes.NewReader(data))
	var all decision.Errors
	if !errors.As(err, &all) {
		t.Fatalf("%v", err)
	}
	var places, names []string
	for _, e := range all {
		places = append(places, e.Place)
	}
	for _, table := range tables {
		names = append(names, table.Name)
	}
	if have, want := strings.Join(places, ", "), "cell Second!B6, cell Second!C6, cell Third!B4"; have != want {
		t.Errorf("wrong are %s, want %s", have, want)
	}
	if have, want := strings.Join(names, ", "), "Discount, Second, Fourth"; have != want {
		t.Errorf("read are %s, want %s", have, want)
	}
	found, err := decision.Analyze(tables[1])
	if err != nil || len(found.Findings) < 3 {
		t.Errorf("%v: %+v", err, found)
	}
}

// Of what does not say how long it is no more is read than the limit and a byte.
func TestLimitOfAStream(t *testing.T) {
	for n, refused := range map[int]bool{9: false, 10: false, 11: true, 100: true} {
		from := strings.NewReader(strings.Repeat("x", n))
		data, err := whole(io.MultiReader(from), 10)
		if errors.Is(err, decision.ErrLimit) != refused || !refused && (err != nil || len(data) != n) || n-from.Len() > 11 {
			t.Errorf("%d bytes: %d, %v, %d left", n, len(data), err, from.Len())
		}
	}
}

func TestNotWritten(t *testing.T) {
	table := decision.Table{Name: "t", Outputs: []decision.Output{{Name: "o", Type: decision.String}}, Rules: []decision.Rule{{Then: []decision.Value{decision.Text("a")}}}}
	long, odd, none := table.Clone(), table.Clone(), table.Clone()
	long.Rules[0].Then[0] = decision.Text(strings.Repeat("a", excelize.TotalCellChars+1))
	odd.Description = "\uffff"
	none.Name = ""
	for name, c := range map[string]struct {
		tables []decision.Table
		kind   error
	}{"none": {nil, decision.ErrTable}, "long": {[]decision.Table{long}, decision.ErrLimit}, "odd": {[]decision.Table{odd}, decision.ErrSyntax}, "invalid": {[]decision.Table{none}, decision.ErrTable}} {
		var b bytes.Buffer
		if err := Write(&b, c.tables...); !errors.Is(err, c.kind) || b.Len() > 0 {
			t.Errorf("%s: %v, and %d bytes", name, err, b.Len())
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add(mustWrite(f, mustJSON(f, "../testdata/tables/diagnostics-tabs.json")))
	f.Add(sheetOf(f, discount(), nil))
	f.Fuzz(func(t *testing.T, data []byte) {
		tables, err := parse(data)
		if err != nil {
			if err.Error() == "" {
				t.Fatal("an error without text")
			}
			return
		}
		var b bytes.Buffer
		if err := Write(&b, tables...); err != nil {
			if errors.Is(err, decision.ErrLimit) { // what a cell of a workbook cannot hold once it is quoted
				return
			}
			t.Fatalf("what was read cannot be written: %v", err)
		}
		again, err := Read(&b)
		if err != nil {
			t.Fatal(err)
		}
		if have, want := canonical(t, again...), canonical(t, tables...); have != want {
			t.Fatalf("read\n%s\nagain\n%s", want, have)
		}
	})
}
