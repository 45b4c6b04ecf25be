package decision

import (
	"errors"
	"testing"
	"time"

	"github.com/shopspring/decimal"
)

// everyType has an input of each type, one rule that they all match, and each type as an output.
func everyType(t *testing.T) *Evaluator {
	t.Helper()
	table := Table{Name: "every type"}
	cells := []string{"a", "b c", "x", "Y", "> 1.5", "true", "[2026-01-01..2026-12-31]", "< 12:00", "> 2026-01-01T00:00:00Z", ">= PT1H", "P1Y"}
	values := []string{"a", "b c", "x", "Y", "2.5", "true", "2026-11-25", "10:30", "2026-11-25T10:30:00Z", "PT1H", "P1Y"}
	for i, typ := range []Type{String, LooseString, Enum, LooseEnum, Number, Boolean, Date, Time, DateTime, Duration, Months} {
		name := typ.String()
		in, out := Input{Name: name, Type: typ}, Output{Name: name, Type: typ}
		if typ == Enum || typ == LooseEnum {
			in.Allowed = OneOfTexts("x", "Y")
			out.Allowed = in.Allowed
		}
		table.Inputs, table.Outputs = append(table.Inputs, in), append(table.Outputs, out)
		_ = i
	}
	check(t, table.Add(append(cells, values...)...))
	e, err := Compile(table)
	check(t, err)
	return e
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

type text string

type everything struct {
	String      text
	LooseString *string
	Enum        Value
	Loose       string `decision:"loose enum"`
	Number      float64
	Boolean     bool
	Date        time.Time
	Time        time.Time
	DateTime    time.Time
	Duration    time.Duration
	Months      int8
	Other       []string // belongs to no column
}

func TestBindEveryType(t *testing.T) {
	typed, err := Bind[everything, everything](everyType(t))
	check(t, err)
	loose := "B-C"
	at := time.Date(2026, 11, 25, 10, 30, 0, 0, time.UTC)
	in := everything{"a", &loose, Text("x"), "y", 2.5, true, at, at, at, time.Hour, 12, nil}
	out, r, err := typed.Eval(&in)
	check(t, err)
	if r.Rule() != 1 {
		t.Fatalf("rule %d", r.Rule())
	}
	if out.String != "a" || *out.LooseString != "b c" || out.Enum != Text("x") || out.Loose != "Y" || out.Number != 2.5 || !out.Boolean ||
		!out.Date.Equal(time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC)) || out.Time.Hour() != 10 || !out.DateTime.Equal(at) || out.Duration != time.Hour || out.Months != 12 {
		t.Errorf("got %+v", out)
	}
	in.Number = 1.5
	if out, r, err = typed.Eval(&in); err != nil || r.Matched() || out.String != "" {
		t.Errorf("no rule matches: %+v, %v, %v", out, r, err)
	}
	in.LooseString = nil
	if _, _, err = typed.Eval(&in); !errors.Is(err, ErrMissing) {
		t.Errorf("a nil pointer: %v", err)
	}
}

func TestBindRefuses(t *testing.T) {
	table := Table{Name: "t", Inputs: []Input{{Name: "n", Type: Number}, {Name: "s", Type: String, Optional: true}},
		Outputs: []Output{{Name: "out", Type: Number}, {Name: "more", Type: String}}}
	check(t, table.Add("1", "-", "300", "null"))
	e, err := Compile(table)
	check(t, err)
	type fine struct{ N int }
	type out struct{ Out int }
	for name, c := range map[string]struct {
		err  error
		kind error
	}{
		"no field":   {bindErr[struct{ S string }, out](e), ErrInput},
		"wrong type": {bindErr[struct{ N string }, out](e), ErrType},
		"no value":   {bindErr[struct{ N []int }, out](e), ErrType},
		"unknown tag": {bindErr[struct {
			N int `decision:"m"`
		}, out](e), ErrInput},
		"no struct":        {bindErr[int, out](e), ErrType},
		"a map":            {bindErr[map[string]int, out](e), ErrType},
		"output too small": {bindErr[fine, struct{ Out int8 }](e), ErrType},
		"output wrong":     {bindErr[fine, struct{ Out string }](e), ErrType},
		"null output":      {bindErr[fine, struct{ More string }](e), ErrType},
	} {
		var bad *Error
		if !errors.As(c.err, &bad) || bad.Kind != c.kind || bad.Table != "t" {
			t.Errorf("%s: %v", name, c.err)
		}
	}
	check(t, bindErr[fine, struct{ More *string }](e))
	check(t, bindErr[struct {
		N decimal.Decimal
		S string `decision:"-"`
	}, struct{}](e))
}

func bindErr[In, Out any](e *Evaluator) error {
	_, err := Bind[In, Out](e)
	return err
}

type outer struct {
	inner
	Big uint64
}

type inner struct{ Low uint8 }

func TestBindScalarsEmbeddingAndAggregates(t *testing.T) {
	table := Table{Name: "points", HitPolicy: Collect, Aggregation: Sum, Inputs: []Input{{Name: "low", Type: Number}, {Name: "big", Type: Number}},
		Outputs: []Output{{Name: "points", Type: Number, Default: Int(-1)}}}
	check(t, table.Add("> 1", "-", "10"))
	check(t, table.Add("-", "> 18446744073709551614", "0.5"))
	e, err := Compile(table)
	check(t, err)
	typed, err := Bind[outer, float64](e)
	check(t, err)
	for _, c := range []struct {
		in   outer
		want float64
	}{{outer{inner{2}, 1<<64 - 1}, 10.5}, {outer{inner{2}, 0}, 10}, {outer{inner{0}, 1<<64 - 1}, 0.5}, {outer{}, -1}} {
		if got, _, err := typed.Eval(&c.in); err != nil || got != c.want {
			t.Errorf("%+v: got %v and %v, want %v", c.in, got, err, c.want)
		}
	}
	table.Aggregation = Count
	e, err = Compile(table)
	check(t, err)
	counted, err := Bind[outer, int](e)
	check(t, err)
	for in, want := range map[outer]int{{inner{2}, 1<<64 - 1}: 2, {inner{2}, 0}: 1} {
		if got, _, err := counted.Eval(&in); err != nil || got != want {
			t.Errorf("%+v: got %v and %v, want %v", in, got, err, want)
		}
	}
	table.HitPolicy, table.Aggregation = RuleOrder, List
	e, err = Compile(table)
	check(t, err)
	listed, err := Bind[outer, struct{ Points float32 }](e)
	check(t, err)
	_, r, err := listed.Eval(&outer{inner{2}, 1<<64 - 1})
	check(t, err)
	if second, err := listed.Row(r, 1); err != nil || r.Len() != 2 || second.Points != 0.5 {
		t.Errorf("row 2 of %d is %v, %v", r.Len(), second, err)
	}
}

// No way in allocates, but for the map's own conversions.
func TestNoAllocations(t *testing.T) {
	wide := Table{Name: "wide", HitPolicy: First, Outputs: []Output{{Name: "x", Type: Number}}}
	cells := []string{}
	for i := range 12 {
		wide.Inputs = append(wide.Inputs, Input{Name: "in" + itoa(i), Type: Number})
		cells = append(cells, "["+itoa(i)+"..100)")
	}
	for i := range 100 {
		check(t, wide.Add(append(append([]string{}, cells...), itoa(i))...))
		cells[i%12] = "[" + itoa(i+3) + ".." + itoa(i+300) + "]"
	}
	e, err := Compile(wide)
	check(t, err)
	values := make([]Value, 12)
	for i := range values {
		values[i] = mustValue("50.25", Number)
	}
	named := map[string]any{}
	for _, in := range wide.Inputs {
		named[in.Name] = 50.25
	}
	every := everyType(t)
	typed, err := Bind[everything, everything](every)
	check(t, err)
	loose, at := "B-C", time.Date(2026, 11, 25, 10, 30, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		most float64
		run  func() error
	}{
		"values": {0, func() error { _, err := e.Eval(values...); return err }},
		"map":    {2, func() error { _, err := e.EvalMap(named); return err }},
		"every type": {0, func() error {
			in := everything{"a", &loose, Text("x"), "y", 2.5, true, at, at, at, time.Hour, 12, nil}
			_, _, err := typed.Eval(&in)
			return err
		}},
	} {
		check(t, c.run())
		if got := testing.AllocsPerRun(100, func() { _ = c.run() }); got > c.most {
			t.Errorf("%s: %v allocations, at most %v", name, got, c.most)
		}
	}
}
