package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
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
