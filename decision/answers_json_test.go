package decision

import (
	"encoding/json"
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"
)

// Every kind of value through JSON: what comes back, and what it is again once the column's type is known.
func TestValueThroughJSON(t *testing.T) {
	at := time.Date(2026, 11, 25, 23, 30, 0, 5, time.UTC)
	huge := Decimal(decimal.RequireFromString("-123456789012345678901234567890.000000000000000000001"))
	for _, c := range []struct {
		v    Value
		of   Type
		json string
		back Value
	}{
		{Text("a"), String, `"a"`, Text("a")}, {Text(""), String, `""`, Text("")}, {Text("\x00 \" ü 😀 \u2028"), LooseString, `"\u0000 \" ü 😀 \u2028"`, Text("\x00 \" ü 😀 \u2028")}, {Text("2026-11-25"), Enum, `"2026-11-25"`, Text("2026-11-25")},
		{Int(0), Number, `0`, Int(0)}, {Int(-7), Number, `-7`, Int(-7)}, {Float(12.5), Number, `12.5`, Float(12.5)}, {huge, Number, huge.String(), huge},
		{Bool(true), Boolean, `true`, Bool(true)}, {Bool(false), Boolean, `false`, Bool(false)},
		{Null(), Number, `null`, Null()}, {Missing(), Number, `null`, Null()},
		{DateOf(at), Date, `"2026-11-25"`, Text("2026-11-25")}, {TimeOf(at), Time, `"23:30:00.000000005"`, Text("23:30:00.000000005")},
		{DateTimeOf(at), DateTime, `"2026-11-25T23:30:00.000000005Z"`, Text("2026-11-25T23:30:00.000000005Z")},
		{DurationOf(-time.Hour), Duration, `"-PT1H"`, Text("-PT1H")}, {MonthsOf(14), Months, `"P1Y2M"`, Text("P1Y2M")},
	} {
		data, err := json.Marshal(c.v)
		if err != nil || string(data) != c.json {
			t.Errorf("%v: %v, %s, want %s", c.v, err, data, c.json)
		}
		var back Value
		if err := json.Unmarshal([]byte(" "+c.json+"\n"), &back); err != nil || back != c.back {
			t.Errorf("%s: %v, %v, want %v", c.json, err, back, c.back)
		}
		if c.v.IsMissing() {
			continue
		}
		again := back
		if back.Type() == String {
			again, _ = ValueOf(back.Text(), c.of)
		}
		if again != c.v {
			t.Errorf("%s: as %s it is %v, not %v", c.json, c.of, again, c.v)
		}
	}
	for _, text := range []string{"", "[]", "{}", "[1]", "nul", "tru", `"a`, `"\ud800"`, "1e99999", "+1", "01", ".5", "1 2", "NaN", "0x1"} {
		v := Int(7)
		if err := v.UnmarshalJSON([]byte(text)); !errors.Is(err, ErrSyntax) || v != Int(7) {
			t.Errorf("%q: %v, %v", text, err, v)
		}
	}
}

// An explanation comes back as it was, its outputs up to their types, and is written as the same JSON again.
func TestExplanationThroughJSON(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		policy := HitPolicy(rapid.IntRange(int(Unique), int(Collect)).Draw(t, "policy"))
		by := List
		if policy == Collect {
			by = Aggregation(rapid.IntRange(int(List), int(Count)).Draw(t, "aggregation"))
		}
		table := genTable(t, policy, by, 6)
		e, err := Compile(table)
		if err != nil {
			t.Fatal(err)
		}
		in := map[string]any{}
		for _, input := range table.Inputs {
			if rapid.IntRange(0, 9).Draw(t, "given") > 0 {
				in[input.Name] = genPlain(t, input.Type)
			}
		}
		x, _ := e.ExplainMap(in)
		data, err := json.Marshal(x)
		if err != nil {
			t.Fatal(err)
		}
		var back Explanation
		if err := json.Unmarshal(data, &back); err != nil {
			t.Fatalf("%v: %s", err, data)
		}
		if again, err := json.Marshal(back); err != nil || string(again) != string(data) {
			t.Fatalf("%v: written\n%s\nagain\n%s", err, data, again)
		}
		if len(back.Outputs) != len(x.Outputs) {
			t.Fatalf("%d rows of %d: %s", len(back.Outputs), len(x.Outputs), data)
		}
		for i, row := range back.Outputs {
			for j := range row {
				row[j].Value = typed(row[j].Value, x.Outputs[i][j].Value)
			}
		}
		if a := back.Aggregation; a != nil {
			a.Result = typed(a.Result, x.Aggregation.Result)
			for i := range a.Values {
				a.Values[i] = typed(a.Values[i], x.Aggregation.Values[i])
			}
		}
		if !reflect.DeepEqual(back, x) || back.Text() != x.Text() {
			t.Fatalf("came back as %+v\nwas %+v\n%s", back, x, data)
		}
	})
}

// typed makes a value that came back what it was, by its type.
func typed(back, was Value) Value {
	if back.Type() == String && was.Type() >= Date {
		back, _ = ValueOf(back.Text(), was.Type())
	}
	return back
}

// What an analysis has found comes back as it was.
func TestAnalysisThroughJSON(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		policy := HitPolicy(rapid.IntRange(int(Unique), int(Collect)).Draw(t, "policy"))
		table := genTable(t, policy, List, 6)
		a, err := Analyze(table)
		if err != nil && !errors.Is(err, ErrLimit) {
			t.Fatal(err)
		}
		data, err := json.Marshal(a)
		if err != nil {
			t.Fatal(err)
		}
		var back Analysis
		if err := json.Unmarshal(data, &back); err != nil {
			t.Fatalf("%v: %s", err, data)
		}
		if again, err := json.Marshal(back); err != nil || string(again) != string(data) || back.Text() != a.Text() || back.Defects() != a.Defects() {
			t.Fatalf("%v: came back as\n%s\n%swas\n%s\n%s", err, again, back.Text(), data, a.Text())
		}
		for i, f := range back.Findings {
			for j, side := range f.Box {
				if side.Cell.String() != a.Findings[i].Box[j].Cell.String() {
					t.Fatalf("the cell %s was %s", side.Cell, a.Findings[i].Box[j].Cell)
				}
			}
			for j, in := range f.Example {
				if in != a.Findings[i].Example[j] {
					t.Fatalf("the example %v was %v", in, a.Findings[i].Example[j])
				}
			}
		}
	})
}

// What is no answer is refused.
func TestAnswersThatAreNone(t *testing.T) {
	for _, c := range []struct {
		to   any
		text string
	}{
		{&ExplainedRow{}, `[]`}, {&ExplainedRow{}, `{"a": []}`}, {&ExplainedInput{}, `{"type": "colour"}`}, {&ExplainedInput{}, `[]`}, {&Explanation{}, `{"outputs": [1]}`}, {&Explanation{}, `[]`},
		{&Finding{}, `{"box": [{"input": "x", "condition": "> a"}], "example": [{"name": "x", "type": "number", "value": 1}]}`}, {&Finding{}, `1`},
	} {
		if err := json.Unmarshal([]byte(c.text), c.to); err == nil {
			t.Errorf("%s is taken for a %T", c.text, c.to)
		}
	}
	row := ExplainedRow{{"a", Int(1)}}
	if err := json.Unmarshal([]byte("null"), &row); err != nil || row != nil {
		t.Error(err, row)
	}
}
