package decision

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

func compiled(t *testing.T, table Table) *Evaluator {
	t.Helper()
	e, err := Compile(table)
	check(t, err)
	return e
}

// Null, missing and the empty text are three things, and each test says which it means.
//
// Covers: DEC-017
func TestNullMissingAndEmptyTextAreApart(t *testing.T) {
	null, missing, none, a := Null(), Missing(), Text(""), Text("a")
	for cell, want := range map[string][]Value{
		"-":               {null, missing, none, a},
		"":                {null, missing, none},
		"empty":           {null, missing, none},
		"null":            {null},
		"missing":         {missing},
		`""`:              {none},
		`"a"`:             {a},
		"not(empty)":      {a},
		"not(null)":       {missing, none, a},
		"not(missing)":    {null, none, a},
		`not("a")`:        {null, missing, none},
		`not("", null)`:   {missing, a},
		`"a", null`:       {null, a},
		"null, missing":   {null, missing},
		`not("a", empty)`: {},
	} {
		table := Table{Name: "t", Inputs: []Input{{Name: "s", Type: String, Optional: true}}, Outputs: []Output{{Name: "x", Type: Number}}}
		check(t, table.Add(cell, "1"))
		for layer, build := range layers {
			e := compile(table, build)
			for _, v := range []Value{null, missing, none, a} {
				r, err := e.Eval(v)
				if err != nil || r.Matched() != slices.Contains(want, v) {
					t.Errorf("%s index: the cell %s matches %v: %v, %v", layer, cell, v, r.Matched(), err)
				}
			}
		}
	}
	for cell, want := range map[string]bool{"< 3": false, "not(< 3)": false, "not(5)": true, "[1..2], null": true, "not(< 3, 5)": false, "not(null)": false} {
		c, err := ParseCell(cell, Number)
		check(t, err)
		if got := c.Matches(null, Number); got != want {
			t.Errorf("null in %s: %v, want %v", cell, got, want)
		}
	}
	// By names: what is not in the map is missing, nil is null.
	table := Table{Name: "t", HitPolicy: First, Inputs: []Input{{Name: "s", Type: String, Optional: true}}, Outputs: []Output{{Name: "x", Type: String}}}
	check(t, table.Add("null", "null"))
	check(t, table.Add("missing", "not given"))
	check(t, table.Add(`""`, "empty text"))
	e := compiled(t, table)
	for want, in := range map[string]map[string]any{"null": {"s": nil}, "not given": {}, "empty text": {"s": ""}} {
		r, err := e.EvalMap(in)
		if got := r.At(0); err != nil || got.bare() != want {
			t.Errorf("%v: got %v, %v", in, got, err)
		}
	}
	if r, err := e.Eval(); err != nil || r.Rule() != 2 {
		t.Errorf("no value at all: rule %d, %v", r.Rule(), err)
	}
}

func TestEvalRefuses(t *testing.T) {
	in := []Input{{Name: "customer", Type: LooseEnum, Allowed: OneOfTexts("Business", "Private")}, {Name: "amount", Type: Number, Allowed: IsAtLeast(Int(0))},
		{Name: "day", Type: Date, Optional: true}}
	table := Table{Name: "refusing", HitPolicy: Unique, Inputs: in, Outputs: []Output{{Name: "x", Type: Number}}}
	check(t, table.Add("Business", "-", "-", "1"))
	check(t, table.Add("-", "> 5", "-", "2"))
	agree := table.Clone()
	agree.HitPolicy = Any
	b := Text("Business")
	for name, c := range map[string]struct {
		table  Table
		values []Value
		kind   error
		column string
		rules  [2]int
		reason string
	}{
		"too many":      {table, []Value{b, Int(1), Null(), Null()}, ErrInput, "", [2]int{}, "4 values for 3 inputs"},
		"too few":       {table, []Value{b}, ErrMissing, "amount", [2]int{}, "not given"},
		"missing":       {table, []Value{Missing(), Int(1)}, ErrMissing, "customer", [2]int{}, "not given"},
		"null":          {table, []Value{b, Null()}, ErrMissing, "amount", [2]int{}, "null"},
		"wrong type":    {table, []Value{b, Text("1")}, ErrType, "amount", [2]int{}, `"1" is no number`},
		"wrong type 2":  {table, []Value{b, Int(1), DateTimeOf(time.Unix(0, 0))}, ErrType, "day", [2]int{}, "is no date"},
		"NaN":           {table, []Value{b, Float(nan())}, ErrType, "amount", [2]int{}, "is no number"},
		"not allowed":   {table, []Value{Text("Partner"), Int(1)}, ErrNotAllowed, "customer", [2]int{}, `"Partner" is none of the allowed values "Business", "Private"`},
		"empty text":    {table, []Value{Text(""), Int(1)}, ErrNotAllowed, "customer", [2]int{}, `"" is none`},
		"not allowed 2": {table, []Value{b, Int(-1)}, ErrNotAllowed, "amount", [2]int{}, "-1 is none of the allowed values >= 0"},
		"two match":     {table, []Value{b, Int(6)}, ErrNotUnique, "", [2]int{1, 2}, "UNIQUE"},
		"unequal":       {agree, []Value{b, Int(6)}, ErrUnequal, "", [2]int{1, 2}, "ANY"},
	} {
		for layer, build := range layers {
			_, err := compile(c.table, build).Eval(c.values...)
			var e *Error
			if !errors.As(err, &e) || e.Kind != c.kind || e.Table != "refusing" || e.Column != c.column || e.Rule != c.rules[0] || e.Other != c.rules[1] ||
				!strings.Contains(e.Error(), c.reason) {
				t.Errorf("%s, %s index: %v", name, layer, err)
			}
		}
	}
	e := compiled(t, table)
	for name, c := range map[string]struct {
		in     map[string]any
		kind   error
		column string
	}{
		"unknown name":  {map[string]any{"customer": "Private", "amount": 1, "Amount": 2, "colour": 3}, ErrInput, "Amount"},
		"not given":     {map[string]any{"customer": "Private"}, ErrMissing, "amount"},
		"nil":           {map[string]any{"customer": nil, "amount": 1}, ErrMissing, "customer"},
		"a list":        {map[string]any{"customer": []string{"Private"}, "amount": 1}, ErrType, "customer"},
		"text":          {map[string]any{"customer": "Private", "amount": "1"}, ErrType, "amount"},
		"no date":       {map[string]any{"customer": "Private", "amount": 1, "day": "tomorrow"}, ErrType, "day"},
		"JSON number":   {map[string]any{"customer": json.Number("1"), "amount": 1}, ErrType, "customer"},
		"not allowed":   {map[string]any{"customer": "Partner", "amount": 1}, ErrNotAllowed, "customer"},
		"not allowed 2": {map[string]any{"customer": "Private", "amount": -0.5}, ErrNotAllowed, "amount"},
	} {
		_, err := e.EvalMap(c.in)
		var bad *Error
		if !errors.As(err, &bad) || bad.Kind != c.kind || bad.Column != c.column || !errors.Is(err, c.kind) {
			t.Errorf("%s: %v", name, err)
		}
		x, xerr := e.ExplainMap(c.in)
		if xerr == nil || xerr.Error() != err.Error() || x.Outcome != OutcomeError || x.Error != err.Error() {
			t.Errorf("%s: explained as %v, %+v", name, xerr, x)
		}
	}
}

// A map takes what Go programs and JSON have.
func TestEvalMapConverts(t *testing.T) {
	type level string
	amount, at := 7, time.Date(2026, 11, 25, 23, 0, 0, 0, time.FixedZone("", -3600))
	for name, c := range map[string]struct {
		typ  Type
		cell string
		in   any
	}{
		"named text": {String, `"a"`, level("a")}, "int": {Number, "7", 7}, "uint8": {Number, "7", uint8(7)}, "uint64": {Number, "18446744073709551615", uint64(1<<64 - 1)},
		"int64": {Number, "-7", int64(-7)}, "float": {Number, "0.1", 0.1}, "float32": {Number, "0.1", float32(0.1)}, "json.Number": {Number, "0.10", json.Number("0.1")},
		"pointer": {Number, "7", &amount}, "nil pointer": {Number, "null", (*int)(nil)}, "nil": {Number, "null", nil}, "bool": {Boolean, "true", true},
		"day of a time": {Date, "2026-11-25", at}, "clock of a time": {Time, "23:00", at}, "instant of a time": {DateTime, "2026-11-26T00:00:00Z", at},
		"date text": {Date, "2026-11-25", "2026-11-25"}, "date-time text": {DateTime, "2026-11-26T00:00:00Z", "2026-11-25T23:00:00-01:00"},
		"duration": {Duration, "PT1H", time.Hour}, "duration text": {Duration, "PT60M", "PT1H"}, "months": {Months, "P1Y", 12}, "value": {Number, "7", Int(7)},
		"pointer to time": {Date, "2026-11-25", &at},
	} {
		table := Table{Name: "t", Inputs: []Input{{Name: "in", Type: c.typ, Optional: true}}, Outputs: []Output{{Name: "x", Type: Number}}}
		check(t, table.Add(c.cell, "1"))
		if r, err := compiled(t, table).EvalMap(map[string]any{"in": c.in}); err != nil || !r.Matched() {
			t.Errorf("%s: %v in %s: matched %v, %v", name, c.in, c.cell, r.Matched(), err)
		}
	}
}

// Covers: DEC-019
func TestSpellingBelongsToTheType(t *testing.T) {
	table := Table{Name: "t", Inputs: []Input{{Name: "category", Type: LooseEnum, Allowed: OneOfTexts("SD-WAN")}, {Name: "stage", Type: LooseString}, {Name: "exact", Type: String}},
		Outputs: []Output{{Name: "x", Type: LooseEnum, Allowed: OneOfTexts("L1 investigation")}}}
	check(t, table.Add("SD WAN", "Link failure", "as it is", "L1 Investigation"))
	e := compiled(t, table)
	for _, spelling := range [][2]string{{"SD-WAN", "Link Failure"}, {"SD WAN", "Link failure"}, {"sd_wan", "LINK-FAILURE"}, {"SDWAN", " link  failure "}} {
		r, err := e.Eval(Text(spelling[0]), Text(spelling[1]), Text("as it is"))
		if err != nil || r.Get("x") != Text("L1 investigation") {
			t.Errorf("%q: %v, %v", spelling, r.Get("x"), err)
		}
	}
	if r, err := e.Eval(Text("SD-WAN"), Text("Link failure"), Text("As it is")); err != nil || r.Matched() {
		t.Errorf("exact texts: %v, %v", r.Rule(), err)
	}
}

func TestResultRows(t *testing.T) {
	table := Table{Name: "t", HitPolicy: Collect, Inputs: []Input{{Name: "n", Type: Number}}, Annotations: []string{"why"},
		Outputs: []Output{{Name: "z", Type: String, Default: Text("none")}, {Name: "a", Type: Number}}}
	check(t, table.Add("> 1", "one", "1", "because"))
	check(t, table.Add("> 2", "two", "null"))
	e := compiled(t, table)
	for n, want := range map[int64]string{
		3: `{"rules":[1,2],"outputs":[{"z":"one","a":1},{"z":"two","a":null}]}`,
		2: `{"rules":[1],"outputs":[{"z":"one","a":1}]}`,
		0: `{"rules":[],"default":true,"outputs":[{"z":"none","a":null}]}`,
	} {
		r, err := e.Eval(Int(n))
		check(t, err)
		if got, err := json.Marshal(r); err != nil || string(got) != want {
			t.Errorf("%d: got %s, %v", n, got, err)
		}
		if m := r.Map(0); m["z"] != r.Get("z") || len(m) != 2 {
			t.Errorf("%d: the map is %v", n, m)
		}
	}
	r, err := e.Eval(Int(3))
	check(t, err)
	if got := r.Annotations(); len(got) != 1 || got[0] != "because" {
		t.Errorf("annotations %v", got)
	}
	if got := r.Get("unknown"); !got.IsMissing() {
		t.Errorf("an unknown output is %v", got)
	}
	var zero Result
	if zero.Len() != 0 || zero.Matched() || !zero.At(3).IsNull() || !zero.Get("a").IsNull() || zero.Annotations() != nil {
		t.Error("the zero result has something")
	}
	if got, err := json.Marshal(zero); err != nil || string(got) != `{"rules":[],"outputs":[]}` {
		t.Errorf("the zero result is %s, %v", got, err)
	}
}

func TestAggregations(t *testing.T) {
	for _, c := range []struct {
		by     Aggregation
		typ    Type
		values []string
		want   string // of all; empty: not matched
	}{
		{Sum, Number, []string{"0.1", "0.2", "9223372036854775807"}, "9223372036854775807.3"}, {Sum, Number, []string{"null", "2"}, "2"}, {Sum, Number, []string{"null", "null"}, "null"},
		{Sum, Duration, []string{"PT1H", "PT30M"}, "PT1H30M"}, {Sum, Months, []string{"P1Y", "P1M"}, "P1Y1M"}, {Sum, Duration, []string{"P106751D", "P106751D"}, "null"},
		{Min, Number, []string{"3", "-1.5", "null"}, "-1.5"}, {Max, Date, []string{"2026-11-25", "2027-01-01"}, "2027-01-01"}, {Max, Number, []string{"1e30", "5"}, "1000000000000000000000000000000"},
		{Count, String, []string{"a", "a", "null"}, "3"}, {Count, String, []string{"a"}, "1"}, {Sum, Number, []string{"5"}, "5"}, {Min, Number, []string{"null"}, "null"},
	} {
		table := Table{Name: "t", HitPolicy: Collect, Aggregation: c.by, Inputs: []Input{{Name: "n", Type: Number}}, Outputs: []Output{{Name: "x", Type: c.typ}}}
		for _, v := range c.values {
			check(t, table.Add("> 0", v))
		}
		r, err := compiled(t, table).Eval(Int(1))
		if err != nil || r.Len() != 1 || r.At(0).String() != c.want || len(slices.Collect(r.Rules())) != len(c.values) {
			t.Errorf("%v of %v: got %v of %d rows, %v; want %s", c.by, c.values, r.At(0), r.Len(), err, c.want)
		}
		r, err = compiled(t, table).Eval(Int(0))
		switch {
		case err != nil || r.Matched():
			t.Errorf("%v of nothing: %v, %v", c.by, r.Rule(), err)
		case c.by == Count && (r.Len() != 1 || r.At(0) != Int(0)), c.by != Count && r.Len() != 0:
			t.Errorf("%v of nothing: %d rows, %v", c.by, r.Len(), r.At(0))
		}
	}
}

// Many goroutines share an evaluator; the race detector looks on.
func TestEvaluatorIsShared(t *testing.T) {
	e := compiled(t, discount())
	var all sync.WaitGroup
	for g := range 8 {
		all.Go(func() {
			for i := range 200 {
				want := Int(10)
				if (g+i)%2 == 0 {
					want = Int(0)
				}
				r, err := e.Eval(Text("b_u_s_i_n_e_s_s"), Int(int64(2000*((g+i)%2))))
				if err != nil || r.At(0) != want {
					t.Errorf("got %v, %v", r.At(0), err)
					return
				}
			}
		})
	}
	all.Wait()
}
