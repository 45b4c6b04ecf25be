package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/forewarn-go/forewarn/internal/subcommand"
)

const policy = "../../psew/escalation.json"

// decide runs the program.
func decide(in string, args ...string) (code int, out, errs string) {
	var o, e bytes.Buffer
	code = program.Run(args, subcommand.Streams{In: strings.NewReader(in), Out: &o, Errs: &e})
	return code, o.String(), e.String()
}

func TestCommand(t *testing.T) {
	dir := t.TempDir()
	files := 0
	file := func(name, text string) string {
		files++
		path := filepath.Join(dir, strconv.Itoa(files)+name)
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	discount, err := os.ReadFile("testdata/discount.csv")
	if err != nil {
		t.Fatal(err)
	}
	link := []string{"-input", "category=SD-WAN", "-input", "subcategory=link failure"}
	with := func(args ...string) []string { return args }
	for _, c := range []struct {
		name      string
		args      []string
		in        string
		code      int
		out, errs string // what must be in it; "" for out and code 0 to 1 says nothing of it
	}{
		{"nothing", nil, "", 2, "", "which command?"},
		{"help", with("help"), "", 0, "decide convert -to", ""},
		{"help flag", with("--help"), "", 0, "Exit codes: 0 all well", ""},
		{"help of a command", with("help", "test"), "", 0, "the rules that no case has applied", ""},
		{"help of a command by flag", with("eval", "-h"), "", 0, "NAME=VALUE", ""},
		{"no command", with("guess"), "", 2, "", `"guess" is no command`},
		{"unknown flag", with("eval", "-wrong", policy), "", 2, "", "-wrong"},
		{"no file", with("eval"), "", 2, "", "got 0 operands"},
		{"file that is not there", with("eval", dir+"/none.json"), "", 1, "", "none.json"},
		{"file of another form", with("eval", file("t.txt", "x")), "", 2, "", "a .json, .csv or .xlsx file"},

		{"check", with("check", policy), "", 0, policy, ""},
		{"check finds", with("check", "testdata/gap.csv"), "", 1, "gap", "defects"},
		{"check finds in JSON", with("check", "-format", "json", "testdata/gap.csv"), "", 1, `"kind": "overlap"`, "defects"},
		{"check of a broken file", with("check", file("broken.json", "{"), policy), "", 1, "the file ends within the table", "1 defect"},
		{"check of a broken file in JSON", with("check", "-format=json", file("broken.json", "{")), "", 1, `"error": `, "1 defect"},
		{"check in a form that is none", with("check", "-format", "xml", policy), "", 2, "", "[text json]"},

		{"eval", append(with("eval", policy, "-input", "stage="), link...), "", 0, "assignmentGroup = \"Network Coordinators\"\nflow = \"Network Initiated Link Failure - Triage\"\n", ""},
		{"eval in JSON", append(with("eval", "-format", "json", policy, "-input", "stage=triage"), link...), "", 0, `"assignmentGroup": "L1 Network Engineering"`, ""},
		{"eval of JSON", with("eval", policy, "-json", "-"), `{"category": "SD-WAN", "subcategory": "Link failure", "stage": "Triage"}`, 0, "L1 Network Engineering", ""},
		{"flag before JSON", with("eval", policy, "-json", "-", "-input", "stage=L1 investigation"), `{"category": "SD-WAN", "subcategory": "Link failure", "stage": "Triage"}`, 0, "L2 Network Engineering", ""},
		{"eval of no JSON", with("eval", policy, "-json", "-"), `[]`, 1, "", "no JSON object"},
		{"eval of null", with("eval", policy, "-json", "-"), `null`, 1, "", "no JSON object"},
		{"table of the standard input", with("eval", "-", "-input", "a=2"), `{"name": "t", "inputs": [{"name": "a", "type": "number"}], "outputs": [{"name": "b", "type": "number"}], "rules": [{"a": "> 1", "b": 7}]}`, 0, "b = 7\n", ""},
		{"both of it", with("eval", "-", "-json", "-"), "", 2, "", "cannot both"},
		{"no rule matches", with("eval", "testdata/routes.csv", "-input", "size=0"), "", 0, "no rule matches\n", ""},
		{"input twice", with("eval", "testdata/discount.csv", "-input", "age=1", "-input", "age=2"), "", 2, "", "-input age: is given twice"},
		{"input twice in JSON", with("eval", "testdata/discount.csv", "-json", "-"), `{"age": 1, "age": 2}`, 1, "", `-: decision: invalid syntax: the input has the field "age" twice`},
		{"half a pair in JSON", with("eval", "testdata/discount.csv", "-json", "-"), `{"age\ud800": 1}`, 1, "", `half of a surrogate pair`},
		{"list in JSON", with("eval", "testdata/discount.csv", "-json", "-"), `{"age": [1]}`, 1, "", `column "age": invalid syntax`},
		{"several rows", with("eval", "testdata/routes.csv", "-input", "size=11"), "", 0, "route = \"small\"\n\nroute = \"large\"\n", ""},
		{"default", with("eval", "testdata/discount.csv", "-input", "age=30"), "", 0, "percent = 0\n", ""},
		{"input that is missing", with("eval", "testdata/discount.csv"), "", 1, "", `column "age": missing input`},
		{"unknown input", with("eval", "testdata/discount.csv", "-input", "size=1"), "", 1, "", "but age, member"},
		{"input of another type", with("eval", "testdata/discount.csv", "-input", "age=old"), "", 1, "", `"old" is no number`},
		{"input without value", with("eval", "testdata/discount.csv", "-input", "age"), "", 2, "", "NAME=VALUE"},

		{"explain", append(with("explain", policy, "-input", "stage=Triage"), link...), "", 0, "rule 5", ""},
		{"explain in JSON", append(with("explain", policy, "-format", "json", "-input", "stage=Triage"), link...), "", 0, "\"applied\": [\n    5\n  ]", ""},

		{"convert to CSV", with("convert", "testdata/discount.csv", "-to", "csv"), "", 0, string(discount), ""},
		{"convert to JSON", with("convert", "testdata/discount.csv", "-to", "json"), "", 0, `{"age": "< 18", "member": "-", "percent": 10}`, ""},
		{"convert to Markdown", with("convert", "testdata/discount.csv", "-to", "markdown"), "", 0, "| 2       | &gt;= 65 | true   | 12.5        |", ""},
		{"convert to nothing", with("convert", "testdata/discount.csv"), "", 2, "", "to what?"},
		{"convert to what is none", with("convert", "testdata/discount.csv", "-to", "pdf"), "", 2, "", "[json csv xlsx markdown]"},

		{"test", with("test", policy, "testdata/escalation-cases.csv"), "", 0, "3 cases, 0 failed; 2 of 20 rules applied, not 1, 2, 4, 6", ""},
		{"test fully", with("test", "-full", policy, "testdata/escalation-cases.csv"), "", 1, "2 of 20", "18 of 20 rules were applied by no case"},
		{"test fails", with("test", "testdata/discount.csv", file("c.csv", "case,age,member,percent,rule\na,17,,10,1\nb,70,true,12,1\n")), "", 1,
			"FAIL b: percent = 12.5, want 12; rule 2, want 1\n2 cases, 1 failed; 2 of 2 rules applied\n", "1 of 2 cases failed"},
		{"test of several rows", with("test", "-full", "testdata/routes.csv", file("c.csv", "size,route\n11,\"small, large\"\n1,small\n0,\n")), "", 0, "3 cases, 0 failed", ""},
		{"test of several rows fails", with("test", "testdata/routes.csv", file("c.csv", "size,route\n11,\"large, small\"\n")), "", 1, `FAIL line 2: route = "small", "large", want "large", "small"`, "failed"},
		{"cases as spreadsheets save them", with("test", "testdata/discount.csv", file("c.csv", "\ufeffage;member;percent\r\n70;true;12.5\r\n;;\r\n\r\n30;;0\r\n;;;;\r\n")), "", 0, "2 cases, 0 failed", ""},
		{"cases that are not UTF-8", with("test", "testdata/discount.csv", file("c.csv", "age,case\n1,\xe4\n")), "", 1, "", "c.csv: is not UTF-8; spreadsheets save that as CSV UTF-8"},
		{"table of a directory", with("check", dir), "", 2, dir + ": is a directory", "1 defect"},
		{"error that is not expected", with("test", "testdata/discount.csv", file("c.csv", "age,percent\n,1\n")), "", 1, "FAIL line 2: decision: table", "failed"},
		{"error that does not come", with("test", "testdata/discount.csv", file("c.csv", "age,error\n1,missing\n")), "", 1, "there is no error, want missing", "failed"},
		{"another error", with("test", "testdata/discount.csv", file("c.csv", "age,error\n,two rules\n")), "", 1, "want two rules", "failed"},
		{"cases with a column too much", with("test", "testdata/discount.csv", file("c.csv", "age,size\n")), "", 1, "", `the column "size"`},
		{"cases with a value of another type", with("test", "testdata/discount.csv", file("c.csv", "age\nold\n")), "", 1, "", `line 2: column "age"`},
		{"cases with a short line", with("test", "testdata/discount.csv", file("c.csv", "age,percent\n1\n")), "", 1, "", "line 2 has 1 cells for 2 columns"},
		{"no cases", with("test", "testdata/discount.csv", file("c.csv", "")), "", 1, "", "c.csv: has no line with the names of the columns\n"},

		{"bench", with("bench", "-time", "1ms", policy), "", 0, "20 different inputs", ""},
		{"bench of no time", with("bench", "-time", "0s", policy), "", 2, "", "more than 0"},
		{"bench of no rules", with("bench", "-time", "1ms", "-"), `{"name": "t", "outputs": [{"name": "b", "type": "number"}]}`, 1, "0 rules", "no input could be made"},
	} {
		code, out, errs := decide(c.in, c.args...)
		if code != c.code || !strings.Contains(out, c.out) || !strings.Contains(errs, c.errs) || c.errs == "" && errs != "" || c.out == "" && out != "" {
			t.Errorf("%s: exit code %d\nout: %s\nerrs: %s\nwant %d, %q, %q", c.name, code, out, errs, c.code, c.out, c.errs)
		}
	}
}

// A table goes through all forms and comes back the same.
//
// Covers: DEC-026
func TestConvertAround(t *testing.T) {
	dir := t.TempDir()
	at := policy
	for _, name := range []string{"a.csv", "b.xlsx", "c.csv", "d.xlsx", "e.json"} {
		next := filepath.Join(dir, name)
		if code, _, errs := decide("", "convert", at, "-to", strings.TrimPrefix(filepath.Ext(name), "."), "-o", next); code != 0 {
			t.Fatalf("to %s: %s", name, errs)
		}
		at = next
	}
	have, err := os.ReadFile(at)
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile(policy)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(have, want) {
		t.Errorf("came back as\n%s", have)
	}
}

func TestCheckAsJSON(t *testing.T) {
	code, out, _ := decide("", "check", "-format", "json", policy, "testdata/gap.csv")
	var all []struct {
		File     string
		Analysis struct{ Complete bool }
	}
	if err := json.Unmarshal([]byte(out), &all); err != nil || code != 1 || len(all) != 2 || all[0].File != policy || !all[0].Analysis.Complete || all[1].Analysis.Complete {
		t.Errorf("%d: %v: %s", code, err, out)
	}
}
