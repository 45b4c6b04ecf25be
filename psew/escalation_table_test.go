package psew_test

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/forewarn-go/forewarn/decision"
)

// The rows as the sources print them, in their spelling, and then those that complete the pattern.
const escalationRows = `SD WAN|Software failure||Network Coordinators|Network Initiated Software Failure - Triage|row 1
SD WAN|Protocol failure|L1 Investigation|L2 Network Engineering|Network Initiated Protocol Failure - L2|row 2
SD WAN|Link failure||Network Coordinators|Network Initiated Link Failure - Triage|row 3
SD WAN|Device failure|L1 Investigation|L2 Network Engineering|Network Initiated Device Failure - L2|row 4
SD WAN|Link failure|Triage|L1 Network Engineering|Network Initiated Link Failure - L1|row 5
SD WAN|Protocol failure|L2 Investigation|L3 Network Engineering|Network Initiated Protocol Failure - L3|row 6
SD WAN|Device failure|Triage|L1 Network Engineering|Network Initiated Device Failure - L1|row 7
SD WAN|Software failure|Triage|L1 Network Engineering|Network Initiated Software Failure - L1|row 8
SD WAN|Software failure|L2 Investigation|L3 Network Engineering|Network Initiated Software Failure - L3|row 9
SD WAN|Soft-WAN link failure||Network Coordinators|Network Initiated Soft-WAN Link Failure - Triage|row 10
SD WAN|Protocol failure|Triage|L1 Network Engineering|Network Initiated Protocol Failure - L1|row 11
SD WAN|Software failure|L1 Investigation|L2 Network Engineering|Network Initiated Software Failure - L2|row 12
SD WAN|Device failure|L2 Investigation|L3 Network Engineering|Network Initiated Device Failure - L3|row 13
SD WAN|Soft-WAN link failure|L1 Investigation|L2 Network Engineering|Network Initiated Soft-WAN Link Failure - L2|row 14
SD WAN|Protocol failure||Network Coordinators|Network Initiated Protocol Failure - Triage|derived
SD WAN|Device failure||Network Coordinators|Network Initiated Device Failure - Triage|derived
SD WAN|Link failure|L1 Investigation|L2 Network Engineering|Network Initiated Link Failure - L2|derived
SD WAN|Link failure|L2 Investigation|L3 Network Engineering|Network Initiated Link Failure - L3|derived
SD WAN|Soft-WAN link failure|Triage|L1 Network Engineering|Network Initiated Soft-WAN Link Failure - L1|derived
SD WAN|Soft-WAN link failure|L2 Investigation|L3 Network Engineering|Network Initiated Soft-WAN Link Failure - L3|derived`

// The file is a table in the form of package decision, and decides what each row says.
//
// Covers: DEC-001, DEC-002, DEC-003, DEC-004, DEC-005, DEC-006, DEC-007, DEC-008, DEC-009, DEC-010, DEC-011, DEC-012, DEC-013, DEC-014, DEC-015, DEC-016, DEC-017, DEC-026
func TestEscalationFile(t *testing.T) {
	data, err := os.ReadFile("escalation.json")
	if err != nil {
		t.Fatal(err)
	}
	table, err := decision.ParseJSON(data)
	if err != nil {
		t.Fatal(err)
	}
	written, err := decision.FormatJSON(table)
	if err != nil || !bytes.Equal(written, data) {
		t.Errorf("%v: the file is written as\n%s", err, written)
	}
	if table.Name != "Incident Escalation Policy" || table.HitPolicy != decision.Unique || table.Application == "" || table.Created.IsZero() {
		t.Errorf("the table is %q of %q, %v, created %v", table.Name, table.Application, table.HitPolicy, table.Created)
	}
	e, err := decision.Compile(table)
	if err != nil {
		t.Fatal(err)
	}
	rows := strings.Split(escalationRows, "\n")
	if len(rows) != len(table.Rules) {
		t.Fatalf("%d rules, want %d", len(table.Rules), len(rows))
	}
	for i, row := range rows {
		want := strings.Split(row, "|")
		r, err := e.Eval(decision.Text(want[0]), decision.Text(want[1]), decision.Text(want[2]))
		if err != nil {
			t.Errorf("row %d: %v", i+1, err)
			continue
		}
		if r.Rule() != i+1 || r.Get("assignmentGroup").Text() != want[3] || r.Get("flow").Text() != want[4] || r.Annotations()[0] != want[5] {
			t.Errorf("row %d: rule %d, %v, %v, %q, want %q", i+1, r.Rule(), r.At(0), r.At(1), r.Annotations(), want)
		}
	}
}
