package decision

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// readTable reads a table of testdata/tables, and checks that its file is what FormatJSON writes.
func readTable(t testing.TB, name string) Table {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "tables", name))
	if err != nil {
		t.Fatal(err)
	}
	table, err := ParseJSON(data)
	if err != nil {
		t.Fatal(err)
	}
	written, err := FormatJSON(table)
	if err != nil || !bytes.Equal(written, data) {
		t.Errorf("%s: %v: it is written as\n%s", name, err, written)
	}
	return table
}

// Covers: DEC-021, DEC-022, DEC-023, DEC-026
func TestShippedTables(t *testing.T) {
	type in = map[string]any
	for _, c := range []struct {
		file   string
		inputs in
		rule   int // 0: the default
		want   []Value
	}{
		{"diagnostics-tabs.json", in{"record": "Incident", "stage": "Diagnose"}, 1, []Value{Bool(true), Bool(true)}},
		{"diagnostics-tabs.json", in{"record": "change request", "stage": "diagnose"}, 1, []Value{Bool(true), Bool(true)}},
		{"diagnostics-tabs.json", in{"record": "Problem", "stage": "Diagnose"}, 1, []Value{Bool(true), Bool(true)}},
		{"diagnostics-tabs.json", in{"record": "Case", "stage": "Troubleshoot"}, 2, []Value{Bool(true), Bool(true)}},
		{"diagnostics-tabs.json", in{"record": "Case", "stage": "Diagnose"}, 0, []Value{Bool(false), Bool(false)}},
		{"diagnostics-tabs.json", in{"record": "Incident", "stage": "Resolve"}, 0, []Value{Bool(false), Bool(false)}},
		{"diagnostics-tabs.json", in{"record": "Incident", "stage": nil}, 0, []Value{Bool(false), Bool(false)}},
		{"diagnostics-tabs.json", in{"record": "Incident"}, 0, []Value{Bool(false), Bool(false)}},
		{"diagnostic-activity.json", in{"category": "Issue"}, 1, []Value{Bool(true)}},
		{"diagnostic-activity.json", in{"category": "ISSUE"}, 1, []Value{Bool(true)}},
		{"diagnostic-activity.json", in{"category": "Question"}, 2, []Value{Bool(false)}},
		{"diagnostic-activity.json", in{"category": ""}, 2, []Value{Bool(false)}},
		{"diagnostic-activity.json", in{}, 2, []Value{Bool(false)}},
		{"hierarchical-test-runs.json", in{"childRuns": 3, "scope": "Service"}, 1, []Value{Bool(true)}},
		{"hierarchical-test-runs.json", in{"childRuns": 0, "scope": "Service"}, 2, []Value{Bool(false)}},
		{"hierarchical-test-runs.json", in{"childRuns": 0, "scope": "Resource"}, 2, []Value{Bool(false)}},
		{"hierarchical-test-runs.json", in{"childRuns": 3, "scope": "Resource"}, 3, []Value{Bool(false)}},
	} {
		e, err := Compile(readTable(t, c.file))
		if err != nil {
			t.Fatal(err)
		}
		r, err := e.EvalMap(c.inputs)
		if err != nil {
			t.Errorf("%s %v: %v", c.file, c.inputs, err)
			continue
		}
		if r.Rule() != c.rule || r.IsDefault() != (c.rule == 0) || len(r.Row(0)) != len(c.want) {
			t.Errorf("%s %v: rule %d, default %t, want rule %d", c.file, c.inputs, r.Rule(), r.IsDefault(), c.rule)
			continue
		}
		for j, v := range c.want {
			if r.At(j) != v {
				t.Errorf("%s %v: output %d is %v, want %v", c.file, c.inputs, j, r.At(j), v)
			}
		}
	}
}
