package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

// What a table of JSON holds that is not allowed is found with all else that is wrong with it, and with an example.
//
// Covers: DEC-025
func TestCheckFindsWhatIsNotAllowed(t *testing.T) {
	file := filepath.Join(t.TempDir(), "t.json")
	if err := os.WriteFile(file, []byte(`{"name":"D","inputs":[{"name":"x","type":"number","allowed":"[0..10]"}],
		"outputs":[{"name":"y","type":"enum","allowed":["a","b"]}],
		"rules":[{"x":"[0..4]","y":"a"},{"x":"(5..10]","y":"c"},{"x":"> 20","y":"b"},{"x":"11","y":"b"}]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	code, out, _ := decide("", "check", file)
	for _, want := range []string{`rule 2: y: "c" is none`, "rule 4: x: 11 is none", "for example x = 21", "gap"} {
		if code != 1 || !strings.Contains(out, want) {
			t.Errorf("%d, without %q:\n%s", code, want, out)
		}
	}
	var all []struct {
		Error    string
		Analysis struct{ Findings []any }
	}
	if _, out, _ = decide("", "check", "-format", "json", file); json.Unmarshal([]byte(out), &all) != nil || len(all) != 1 || all[0].Error != "" || len(all[0].Analysis.Findings) < 4 {
		t.Errorf("as JSON: %s", out)
	}
}

// The count of the matching rules is a number, whatever the column's type.
func TestCasesOfACount(t *testing.T) {
	dir := t.TempDir()
	table, cases := filepath.Join(dir, "t.csv"), filepath.Join(dir, "cases.csv")
	for file, text := range map[string]string{
		table: "table,Cnt\nhit policy,C#\ncolumn,input,output\ntype,number,string\nrule,x,y\n,> 0,a\n,> 10,b\n",
		cases: "x,y\n5,1\n15,2\n-1,0\n",
	} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if code, out, errs := decide("", "test", table, cases); code != 0 || !strings.Contains(out, "3 cases, 0 failed") {
		t.Errorf("%d: %s%s", code, out, errs)
	}
	if err := os.WriteFile(cases, []byte("x,y\n5,2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, out, _ := decide("", "test", table, cases); code != 1 || !strings.Contains(out, "y = 1, want 2") {
		t.Errorf("a wrong count: %d: %s", code, out)
	}
}

// unproved are the rows of a table with values that are not allowed, a gap and an overlap.
var unproved = [][]string{
	{"table", "D"}, {"column", "input", "input", "output"}, {"type", "number", "enum", "enum"}, {"allowed", "[0..10]", "one, two", "a, b"}, {"rule", "x", "s", "y"},
	{"", "[0..4]", "-", "a"}, {"", "(3..10]", "one", "c"}, {"", "11", "three", "b"}, {"", "", "two", "b"},
}

// files writes the same table in the three forms.
func files(t *testing.T, dir string) []string {
	t.Helper()
	var lines, rules []string
	book := excelize.NewFile()
	for i, row := range unproved {
		lines = append(lines, strings.Join(row, ";"))
		if i > 4 {
			rules = append(rules, fmt.Sprintf(`{"x": %q, "s": %q, "y": %q}`, row[1], row[2], row[3]))
		}
		if err := book.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i+1), &row); err != nil {
			t.Fatal(err)
		}
	}
	names := []string{filepath.Join(dir, "t.json"), filepath.Join(dir, "t.csv"), filepath.Join(dir, "t.xlsx")}
	if err := os.WriteFile(names[0], []byte(`{"name": "D", "inputs": [{"name": "x", "type": "number", "allowed": "[0..10]"}, {"name": "s", "type": "enum", "allowed": ["one", "two"]}],
		"outputs": [{"name": "y", "type": "enum", "allowed": ["a", "b"]}], "rules": [`+strings.Join(rules, ",")+`]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(names[1], []byte(strings.Join(lines, "\r\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := book.SaveAs(names[2]); err != nil {
		t.Fatal(err)
	}
	return names
}

// The findings of a table are the same in every form, with rule and column, and what is not allowed is one of them.
//
// Covers: DEC-025
func TestCheckFindsTheSameInEveryForm(t *testing.T) {
	var want string
	for _, file := range files(t, t.TempDir()) {
		code, out, errs := decide("", "check", "-format", "json", file)
		var all []struct {
			Error    string
			Analysis struct {
				Findings []struct {
					Kind, Column string
					Rules        []int
				}
			}
		}
		if err := json.Unmarshal([]byte(out), &all); err != nil || code != 1 || len(all) != 1 || all[0].Error != "" {
			t.Fatalf("%s: %d, %v: %s%s", file, code, err, out, errs)
		}
		if found := all[0].Analysis.Findings; len(found) < 7 || found[0].Kind != "outside" || found[0].Column != "y" || found[0].Rules[0] != 2 || found[1].Column != "x" || found[1].Rules[0] != 3 {
			t.Errorf("%s: %+v", file, found)
		}
		if out = strings.ReplaceAll(out, file, "FILE"); want == "" {
			want = out
		}
		if out != want {
			t.Errorf("%s: found\n%s\nwant\n%s", file, out, want)
		}
	}
}

// Each file is checked and named, whatever is wrong with the others, and the exit code is that of the worst.
func TestCheckOfSeveralFiles(t *testing.T) {
	dir := t.TempDir()
	good := files(t, dir)
	file := func(name, text string) string {
		name = filepath.Join(dir, name)
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	odd, none, broken := file("t.txt", "x"), filepath.Join(dir, "none.csv"), file("broken.json", "{")
	two := file("two.csv", "table,Two\ncolumn,input,input,output\ntype,number,number,number\nrule,a,a,\n")
	for _, c := range []struct {
		files []string
		code  int
		sum   string
	}{
		{[]string{odd, good[0], none, broken, two, dir, good[1]}, 2, "decide: "},
		{[]string{good[0], none, broken, two}, 1, "decide: "}, {[]string{good[2], odd}, 2, "decide: "}, {[]string{policy, none}, 1, "decide: 1 defect\n"}, {[]string{policy, odd}, 2, "decide: 1 defect; 1 of 2 files may not be a table's\n"},
	} {
		code, out, errs := decide("", append([]string{"check"}, c.files...)...)
		if code != c.code || !strings.HasPrefix(errs, c.sum) || strings.Count(errs, "\n") != 1 {
			t.Errorf("%s: %d, %s", c.files, code, errs)
		}
		for _, file := range c.files {
			if !strings.Contains(out, file+": ") {
				t.Errorf("%s is not told of:\n%s", file, out)
			}
		}
	}
	_, out, _ := decide("", "check", two)
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if len(lines) != 2 || !strings.HasPrefix(lines[0], two+": decision: table \"Two\"") || !strings.HasPrefix(lines[1], two+": decision: table \"Two\"") {
		t.Errorf("two errors of a file:\n%s", out)
	}
	if code, _, errs := decide("", "eval", two); code != 1 || strings.Count(errs, "decide: "+two+": ") != 2 {
		t.Errorf("two errors of a file: %d\n%s", code, errs)
	}
	if code, out, _ := decide("", "check", "-table", "E", good[2]); code != 1 || !strings.Contains(out, `has no table "E", but "D"`) {
		t.Errorf("no such table: %d\n%s", code, out)
	}
}

// Every command that takes -table says so where it says how it is called.
func TestSynopsesNameTheFlags(t *testing.T) {
	_, usage, _ := decide("", "help")
	for _, c := range program.Commands {
		_, help, _ := decide("", "help", c.Name)
		synopsis, rest, _ := strings.Cut(help, "\n")
		if !strings.Contains(usage, synopsis) {
			t.Errorf("%s: the usage does not have %q", c.Name, synopsis)
		}
		for _, line := range strings.Split(rest, "\n") {
			if flag, ok := strings.CutPrefix(line, "  -"); ok {
				flag, _, _ = strings.Cut(flag, " ")
				if !strings.Contains(synopsis, "-"+flag) {
					t.Errorf("%s: -%s is not in %q", c.Name, flag, synopsis)
				}
			}
		}
	}
}
