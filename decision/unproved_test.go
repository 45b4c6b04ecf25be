package decision

import (
	"errors"
	"reflect"
	"testing"
)

// unprovedJSON and unprovedCSV are one table that can be read and must not stand: it has values that are not allowed in
// the conditions and the outputs, an empty condition on what is never empty, a gap and an overlap.
const (
	unprovedJSON = `{"name": "D", "inputs": [{"name": "x", "type": "number", "allowed": "[0..10]"}, {"name": "s", "type": "loose enum", "allowed": ["one", "two"]}],
		"outputs": [{"name": "y", "type": "enum", "allowed": ["a", "b"], "default": "z"}],
		"rules": [{"x": "[0..4]", "s": "-", "y": "a"}, {"x": "(3..10]", "s": "ONE", "y": "c"}, {"x": "11", "s": "three", "y": "b"}, {"x": "", "s": "two", "y": null}]}`
	unprovedCSV = `table,D
column,input,input,output
type,number,loose enum,enum
allowed,[0..10],"one, two","a, b"
default,,,z
rule,x,s,y
,[0..4],-,a
,(3..10],ONE,c
,11,three,b
,,two,
`
)

// A table that is read and not valid comes with its errors, whatever its form, and its analysis is the same.
//
// Covers: DEC-025
func TestTheInvalidTableComesWithItsErrors(t *testing.T) {
	var raw Table
	if err := raw.UnmarshalJSON([]byte(unprovedJSON)); err != nil {
		t.Fatal(err)
	}
	want, err := Analyze(raw)
	if err != nil || len(want.Findings) < 7 {
		t.Fatalf("%v: %+v", err, want)
	}
	for name, parse := range map[string]func() (Table, error){
		"JSON": func() (Table, error) { return ParseJSON([]byte(unprovedJSON)) },
		"CSV":  func() (Table, error) { return ParseCSV([]byte(unprovedCSV)) },
	} {
		table, err := parse()
		var invalid Errors
		if !errors.As(err, &invalid) || len(invalid) != 5 || !sameTable(table, raw) {
			t.Errorf("%s: %v; read\n%+v, want\n%+v", name, err, table, raw)
			continue
		}
		if have, err := Analyze(table); err != nil || !reflect.DeepEqual(have, want) {
			t.Errorf("%s: %v: found\n%s, want\n%s", name, err, have.Text(), want.Text())
		}
	}
}
