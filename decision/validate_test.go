package decision

import (
	"errors"
	"strings"
	"testing"
)

// discount is a small table that is valid.
func discount() Table {
	return Table{Name: "discount", HitPolicy: Unique,
		Inputs:  []Input{{Name: "customer", Type: LooseEnum, Allowed: OneOfTexts("Business", "Private")}, {Name: "amount", Type: Number, Optional: true}},
		Outputs: []Output{{Name: "rate", Type: Number, Allowed: OneOf(Int(0), Int(5), Int(10))}},
		Rules: []Rule{{When: []Cell{Is(Text("business")), IsAtLeast(Int(1000))}, Then: []Value{Int(10)}},
			{When: []Cell{{}, IsLess(Int(1000))}, Then: []Value{Int(0)}}},
		Annotations: []string{"why"}}
}

// Covers: DEC-025
func TestValidateNamesColumnAndRule(t *testing.T) {
	if d := discount(); d.Validate() != nil {
		t.Fatal(d.Validate())
	}
	long := strings.Repeat("a", MaxText+1)
	for name, c := range map[string]struct {
		spoil  func(*Table)
		kind   error
		column string
		rule   int
		reason string
	}{
		"no name":            {func(t *Table) { t.Name = "" }, ErrTable, "", 0, "no name"},
		"no output":          {func(t *Table) { t.Outputs = nil }, ErrTable, "", 0, "no output"},
		"nameless input":     {func(t *Table) { t.Inputs[0].Name = "" }, ErrTable, "", 0, "an input has no name"},
		"two inputs":         {func(t *Table) { t.Inputs[1].Name = "customer" }, ErrTable, "customer", 0, "two inputs"},
		"two annotations":    {func(t *Table) { t.Annotations = []string{"why", "why"} }, ErrTable, "why", 0, "two annotations"},
		"long name":          {func(t *Table) { t.Inputs[0].Name = long }, ErrLimit, "", 0, "64000"},
		"many inputs":        {func(t *Table) { t.Inputs = make([]Input, MaxInputs+1) }, ErrLimit, "", 0, "65 inputs"},
		"many rules":         {func(t *Table) { t.Rules = make([]Rule, MaxRules+1) }, ErrLimit, "", 0, "100001 rules"},
		"no type":            {func(t *Table) { t.Inputs[1].Type = 0 }, ErrTable, "amount", 0, "no type"},
		"enum of nothing":    {func(t *Table) { t.Inputs[0].Allowed = Cell{} }, ErrTable, "customer", 0, "allowed values"},
		"enum of a negation": {func(t *Table) { t.Inputs[0].Allowed.Not = true }, ErrTable, "customer", 0, "allowed values"},
		"allowed twice":      {func(t *Table) { t.Inputs[0].Allowed = OneOfTexts("Business", "BUSINESS") }, ErrTable, "customer", 0, "twice"},
		"allowed wrong":      {func(t *Table) { t.Inputs[1].Allowed = Is(Text("a")) }, ErrType, "amount", 0, "is no number"},
		"allowed order":      {func(t *Table) { t.Inputs[0] = Input{Name: "customer", Type: String, Allowed: IsLess(Text("a"))} }, ErrType, "customer", 0, "ordered"},
		"no policy":          {func(t *Table) { t.HitPolicy = 99 }, ErrTable, "", 0, "hit policy"},
		"no aggregation":     {func(t *Table) { t.HitPolicy, t.Aggregation = Collect, 99 }, ErrTable, "", 0, "aggregation"},
		"unique sum":         {func(t *Table) { t.Aggregation = Sum }, ErrTable, "", 0, "UNIQUE has no aggregation"},
		"no priority":        {func(t *Table) { t.HitPolicy, t.Outputs[0].Allowed = Priority, Cell{} }, ErrTable, "", 0, "PRIORITY needs"},
		"sum of two": {func(t *Table) {
			t.HitPolicy, t.Aggregation, t.Outputs = Collect, Sum, append(t.Outputs, Output{Name: "more", Type: Number})
		}, ErrTable, "", 0, "exactly one"},
		"sum of dates": {func(t *Table) {
			t.HitPolicy, t.Aggregation, t.Outputs[0] = Collect, Sum, Output{Name: "rate", Type: Date}
		}, ErrTable, "rate", 0, "not defined on date"},
		"min of texts": {func(t *Table) {
			t.HitPolicy, t.Aggregation, t.Outputs[0] = Collect, Min, Output{Name: "rate", Type: String}
		}, ErrTable, "rate", 0, "not defined on string"},
		"default wrong":       {func(t *Table) { t.Outputs[0].Default = Text("a") }, ErrType, "rate", 0, "the default"},
		"default not allowed": {func(t *Table) { t.Outputs[0].Default = Int(7) }, ErrNotAllowed, "rate", 0, "the default 7"},
		"few conditions":      {func(t *Table) { t.Rules[1].When = t.Rules[1].When[:1] }, ErrTable, "", 2, "1 condition for 2 inputs"},
		"few values":          {func(t *Table) { t.Rules[1].Then = nil }, ErrTable, "", 2, "0 values for 1 output"},
		"many annotations":    {func(t *Table) { t.Rules[1].Annotations = []string{"a", "b"} }, ErrTable, "", 2, "2 annotations"},
		"missing output":      {func(t *Table) { t.Rules[1].Then[0] = Missing() }, ErrTable, "rate", 2, "no value"},
		"output wrong":        {func(t *Table) { t.Rules[1].Then[0] = Bool(true) }, ErrType, "rate", 2, "true is no number"},
		"output not allowed":  {func(t *Table) { t.Rules[1].Then[0] = Int(7) }, ErrNotAllowed, "rate", 2, "none of the allowed values 0, 5, 10"},
		"condition wrong":     {func(t *Table) { t.Rules[0].When[1] = Is(Text("a")) }, ErrType, "amount", 1, "is no number"},
		"NaN":                 {func(t *Table) { t.Rules[0].When[1] = Is(Float(nan())) }, ErrType, "amount", 1, "is no number"},
		"not allowed":         {func(t *Table) { t.Rules[0].When[0] = Is(Text("Partner")) }, ErrNotAllowed, "customer", 1, `"Partner" is none of the allowed values "Business", "Private"`},
		"never empty":         {func(t *Table) { t.Rules[0].When[0] = IsEmpty() }, ErrNotAllowed, "customer", 1, `never empty; any value is written "-"`},
		"never null":          {func(t *Table) { t.Rules[0].When[0] = Is(Null()) }, ErrNotAllowed, "customer", 1, "not optional"},
		"no order":            {func(t *Table) { t.Rules[0].When[0] = IsGreater(Text("Business")) }, ErrType, "customer", 1, "ordered"},
		"order of nothing":    {func(t *Table) { t.Rules[0].When[1] = IsGreater(Null()) }, ErrTable, "amount", 1, "no value"},
		"backwards":           {func(t *Table) { t.Rules[0].When[1] = IsWithin(Int(5), Int(3)) }, ErrTable, "amount", 1, "holds nothing"},
		"open point":          {func(t *Table) { t.Rules[0].When[1] = IsFrom(Int(5), Int(5)) }, ErrTable, "amount", 1, "[5..5) holds nothing"},
		"empty negation":      {func(t *Table) { t.Rules[0].When[1] = Cell{Not: true} }, ErrTable, "amount", 1, "negates nothing"},
		"no operator":         {func(t *Table) { t.Rules[0].When[1].Tests[0].Op = 99 }, ErrTable, "amount", 1, "operator"},
		"many tests":          {func(t *Table) { t.Rules[0].When[1] = OneOf(make([]Value, MaxTests+1)...) }, ErrLimit, "amount", 1, "1001 tests"},
		"long value": {func(t *Table) {
			t.Inputs[0] = Input{Name: "customer", Type: String}
			t.Rules[0].When[0] = Is(Text(long))
		}, ErrLimit, "customer", 1, "64001 bytes"},
	} {
		table := discount()
		c.spoil(&table)
		_, err := Compile(table)
		var all Errors
		if !errors.As(err, &all) {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if e := all[0]; e.Kind != c.kind || e.Column != c.column || e.Rule != c.rule || !strings.Contains(e.Reason, c.reason) || !errors.Is(err, c.kind) {
			t.Errorf("%s: %v; want %v, column %q, rule %d, %q", name, e, c.kind, c.column, c.rule, c.reason)
		}
	}
}

func nan() float64 { zero := 0.0; return zero / zero }

func TestValidateListsEveryDefect(t *testing.T) {
	table := discount()
	table.Rules[0].Then[0], table.Rules[1].Then[0], table.Rules[1].When[0] = Int(7), Int(8), Is(Text("x"))
	var all Errors
	if err := table.Validate(); !errors.As(err, &all) || len(all) != 3 || len(strings.Split(err.Error(), "\n")) != 3 {
		t.Errorf("got %v", all)
	}
	for range 200 {
		table.Rules = append(table.Rules, table.Rules[0])
	}
	if err := table.Validate(); !errors.As(err, &all) || len(all) != maxErrors {
		t.Errorf("%d defects are listed, want %d", len(all), maxErrors)
	}
}

func TestAddNamesColumnAndRule(t *testing.T) {
	table := discount()
	for name, c := range map[string]struct {
		cells  []string
		column string
	}{
		"bad condition": {[]string{"-", "> x", "5"}, "amount"},
		"bad value":     {[]string{"-", "-", "five"}, "rate"},
		"few cells":     {[]string{"-", "-"}, ""},
		"many cells":    {[]string{"-", "-", "5", "why", "more"}, ""},
	} {
		err := table.Add(c.cells...)
		var e *Error
		if !errors.As(err, &e) || e.Kind != ErrSyntax || e.Table != "discount" || e.Rule != 3 || e.Column != c.column {
			t.Errorf("%s: %v", name, err)
		}
		if len(table.Rules) != 2 {
			t.Fatalf("%s: the table has %d rules", name, len(table.Rules))
		}
	}
	check(t, table.Add("-", "null", "5", "because"))
	if r := table.Rules[2]; r.Annotations[0] != "because" || r.Then[0] != Int(5) || r.When[1].String() != "null" {
		t.Errorf("got %v", r)
	}
}

// What is compiled does not change with the table that it came from, nor with what it hands out.
func TestCompiledTableIsItsOwn(t *testing.T) {
	table := discount()
	e, err := Compile(table)
	check(t, err)
	table.Rules[0].When[1].Tests[0].Value = Int(5000)
	table.Rules[0].Then[0] = Int(5)
	out := e.Table()
	out.Rules[0].Then[0] = Int(5)
	out.Inputs[0].Allowed.Tests[0].Value = Text("x")
	r, err := e.Eval(Text("BUSINESS"), Int(2000))
	if err != nil || r.At(0) != Int(10) {
		t.Errorf("got %v, %v", r.At(0), err)
	}
	r.Row(0)[0] = Int(5)
	if r.At(0) != Int(10) {
		t.Error("a row that was handed out changes the result")
	}
}

func TestHitPolicyNames(t *testing.T) {
	for _, p := range policies {
		name := p.policy.String()
		if p.by != List {
			name += " " + p.by.String()
		}
		for _, text := range []string{name, strings.ToLower(name), HitPolicyLetter(p.policy, p.by), strings.ReplaceAll(name, " ", "_")} {
			if policy, by, err := ParseHitPolicy(text); err != nil || policy != p.policy || by != p.by {
				t.Errorf("%q is read as %v %v, %v", text, policy, by, err)
			}
		}
	}
	for _, text := range []string{"X", "C*", "UNIQUE SUM", "COLLECT AVG", "LIST"} {
		if _, _, err := ParseHitPolicy(text); !errors.Is(err, ErrSyntax) {
			t.Errorf("%q: %v", text, err)
		}
	}
	for _, typ := range []Type{String, LooseString, Enum, LooseEnum, Number, Boolean, Date, Time, DateTime, Duration, Months} {
		if got, err := ParseType(strings.ToUpper(typ.String())); err != nil || got != typ {
			t.Errorf("%s is read as %v, %v", typ, got, err)
		}
	}
	for text, want := range map[string]Type{"dateTime": DateTime, "date and time": DateTime, "dayTimeDuration": Duration, "days and time duration": Duration, "yearMonthDuration": Months} {
		if got, err := ParseType(text); err != nil || got != want {
			t.Errorf("%q is read as %v, %v", text, got, err)
		}
	}
	if _, err := ParseType("int"); !errors.Is(err, ErrSyntax) {
		t.Errorf("int: %v", err)
	}
}
