package store

import (
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"
	"time"
)

func noValues(json.RawMessage) ([]Value, error) { return nil, nil }

// refused checks that err is an *InvalidError of this field, whose rule contains a text.
func refused(t *testing.T, err error, field, rule string) {
	t.Helper()
	var e *InvalidError
	if !errors.As(err, &e) {
		t.Fatalf("got %v, want an *InvalidError of %s", err, field)
	}
	if e.Field != field || !strings.Contains(e.Rule, rule) {
		t.Errorf("got %q: %q, want field %q and a rule with %q", e.Field, e.Rule, field, rule)
	}
}

func TestKindCheck(t *testing.T) {
	text := Field{Name: "state", Type: Text}
	for _, c := range []struct {
		name, field, rule string // no field: well formed
		kind              Kind
	}{
		{name: "no fields", kind: Kind{Name: "plain"}},
		{name: "fields and indexes", kind: Kind{Name: "incident_task2", Fields: []Field{text, {Name: "n", Type: Int}}, Of: noValues,
			Indexes: []Index{{Name: "a", Fields: []string{"n", "state"}}, {Name: "b", Fields: []string{"state"}}}}},
		{name: "a name of 40", kind: Kind{Name: strings.Repeat("a", 40)}},
		{name: "a name of 41", kind: Kind{Name: strings.Repeat("a", 41)}, field: "kind", rule: "is no name"},
		{name: "no name", field: "kind", rule: "is no name"},
		{name: "upper case", kind: Kind{Name: "Incident"}, field: "kind", rule: "is no name"},
		{name: "a digit first", kind: Kind{Name: "1a"}, field: "kind", rule: "is no name"},
		{name: "an underscore first", kind: Kind{Name: "_a"}, field: "kind", rule: "is no name"},
		{name: "a dash", kind: Kind{Name: "a-b"}, field: "kind", rule: "is no name"},
		{name: "not ASCII", kind: Kind{Name: "ä"}, field: "kind", rule: "is no name"},
		{name: "fields and no Of", kind: Kind{Name: "k", Fields: []Field{text}}, field: "kind k", rule: "no Of"},
		{name: "a field's name", kind: Kind{Name: "k", Fields: []Field{{Name: "A b", Type: Int}}, Of: noValues}, field: "kind k", rule: `"A b" is no name`},
		{name: "a field twice", kind: Kind{Name: "k", Fields: []Field{text, text}, Of: noValues}, field: "kind k", rule: "stands twice"},
		{name: "a field without type", kind: Kind{Name: "k", Fields: []Field{{Name: "a"}}, Of: noValues}, field: "kind k", rule: "has no type"},
		{name: "a field of an unknown type", kind: Kind{Name: "k", Fields: []Field{{Name: "a", Type: 3}}, Of: noValues}, field: "kind k", rule: "has no type"},
		{name: "an index's name", kind: Kind{Name: "k", Fields: []Field{text}, Of: noValues, Indexes: []Index{{Name: "", Fields: []string{"state"}}}}, field: "kind k", rule: "is no name"},
		{name: "an index twice", kind: Kind{Name: "k", Fields: []Field{text}, Of: noValues,
			Indexes: []Index{{Name: "a", Fields: []string{"state"}}, {Name: "a", Fields: []string{"state"}}}}, field: "kind k", rule: "stands twice"},
		{name: "an index without fields", kind: Kind{Name: "k", Fields: []Field{text}, Of: noValues, Indexes: []Index{{Name: "a"}}}, field: "kind k", rule: "names no field"},
		{name: "an index of another field", kind: Kind{Name: "k", Fields: []Field{text}, Of: noValues, Indexes: []Index{{Name: "a", Fields: []string{"n"}}}}, field: "kind k", rule: "which is no field"},
		{name: "an index that names twice", kind: Kind{Name: "k", Fields: []Field{text}, Of: noValues,
			Indexes: []Index{{Name: "a", Fields: []string{"state", "state"}}}}, field: "kind k", rule: "twice"},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := c.kind.Check()
			if c.field == "" {
				if err != nil {
					t.Errorf("got %v", err)
				}
				return
			}
			refused(t, err, c.field, c.rule)
		})
	}
}

func TestKindsAdd(t *testing.T) {
	a := Kind{Name: "a", Fields: []Field{{Name: "n", Type: Int}}, Indexes: []Index{{Name: "n", Fields: []string{"n"}}}, Of: noValues}
	b := Kind{Name: "b"}
	var ks Kinds
	if _, err := ks.Get("a"); err == nil {
		t.Error("an empty set has a kind")
	} else {
		refused(t, err, "kind a", "not kept")
	}
	if err := ks.Add(b, a); err != nil {
		t.Fatal(err)
	}
	if err := ks.Add(a, Kind{Name: "a", Fields: a.Fields, Indexes: a.Indexes, Of: func(json.RawMessage) ([]Value, error) { return nil, nil }}); err != nil {
		t.Errorf("the same kind again: %v", err)
	}
	changed := a
	changed.Global = true
	refused(t, ks.Add(Kind{Name: "c"}, changed), "kind a", "is kept already")
	if _, err := ks.Get("c"); err == nil {
		t.Error("Add failed and added a kind")
	}
	before := ks
	if err := ks.Add(Kind{Name: "d"}); err != nil {
		t.Fatal(err)
	}
	if len(before.All()) != 2 || len(ks.All()) != 3 || ks.All()[0].Name != "a" || ks.All()[2].Name != "d" {
		t.Errorf("before %v, after %v", before.All(), ks.All())
	}
	a.Fields[0].Name, a.Indexes[0].Fields[0] = "x", "x" // the caller's memory is the caller's
	if kept, _ := ks.Get("a"); kept.Fields[0].Name != "n" || kept.Indexes[0].Fields[0] != "n" {
		t.Errorf("the kind that is kept changed with the caller's: %+v", kept)
	}
}

func TestKindSame(t *testing.T) {
	base := func() Kind {
		return Kind{Name: "k", Fields: []Field{{"a", Text}, {"b", Int}}, Indexes: []Index{{"x", []string{"a", "b"}}, {"y", []string{"b"}}}}
	}
	if !base().Same(base()) {
		t.Error("a kind is not the same as itself")
	}
	for name, change := range map[string]func(*Kind){
		"name":         func(k *Kind) { k.Name = "l" },
		"global":       func(k *Kind) { k.Global = true },
		"type":         func(k *Kind) { k.Fields[0].Type = Int },
		"field":        func(k *Kind) { k.Fields[0].Name = "c" },
		"order":        func(k *Kind) { k.Fields[0], k.Fields[1] = k.Fields[1], k.Fields[0] },
		"more fields":  func(k *Kind) { k.Fields = append(k.Fields, Field{"c", Int}) },
		"index name":   func(k *Kind) { k.Indexes[0].Name = "z" },
		"index fields": func(k *Kind) { k.Indexes[0].Fields = []string{"b", "a"} },
		"fewer":        func(k *Kind) { k.Indexes = k.Indexes[:1] },
	} {
		k := base()
		change(&k)
		if k.Same(base()) {
			t.Errorf("another %s is the same kind", name)
		}
	}
}

func TestCheckValues(t *testing.T) {
	k := Kind{Name: "k", Fields: []Field{{"a", Text}, {"b", Int}}, Of: noValues}
	for _, c := range []struct {
		name, field, rule string
		values            []Value
	}{
		{name: "both", values: []Value{TextValue("x"), IntValue(1)}},
		{name: "absent", values: []Value{{}, {}}},
		{name: "empty and zero", values: []Value{TextValue(""), IntValue(0)}},
		{name: "full length", values: []Value{TextValue(strings.Repeat("x", MaxText)), IntValue(math.MinInt64)}},
		{name: "too few", values: []Value{TextValue("x")}, field: "values", rule: "2 fields, not 1"},
		{name: "too many", values: make([]Value, 3), field: "values", rule: "2 fields, not 3"},
		{name: "text too long", values: []Value{TextValue(strings.Repeat("x", MaxText+1)), {}}, field: "k.a", rule: "1024"},
		{name: "NUL", values: []Value{TextValue("\x00"), {}}, field: "k.a", rule: "NUL"},
		{name: "no UTF-8", values: []Value{TextValue("\xff"), {}}, field: "k.a", rule: "UTF-8"},
		{name: "integer in a text", values: []Value{{Text: "x", Int: 1, Set: true}, {}}, field: "k.a", rule: "no integer"},
		{name: "text in an integer", values: []Value{{}, {Text: "x", Set: true}}, field: "k.b", rule: "no text"},
		{name: "absent with content", values: []Value{{Text: "x"}, {}}, field: "k.a", rule: "absent"},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := k.CheckValues(c.values)
			if c.field == "" {
				if err != nil {
					t.Errorf("got %v", err)
				}
				return
			}
			refused(t, err, c.field, c.rule)
		})
	}
}

func TestValues(t *testing.T) {
	at := time.Date(2026, 1, 5, 9, 0, 0, 123456789, time.FixedZone("", 3600))
	for _, c := range []struct{ got, want Value }{
		{BoolValue(true), IntValue(1)},
		{BoolValue(false), IntValue(0)},
		{TimeValue(time.Time{}), Value{}},
		{TimeValue(at), IntValue(1767600000123456)},
		{TimeValue(time.Unix(0, 0)), IntValue(0)},
	} {
		if c.got != c.want {
			t.Errorf("got %+v, want %+v", c.got, c.want)
		}
	}
	ordered := []Value{{}, TextValue(""), TextValue("B"), TextValue("a"), TextValue("ä"), TextValue("\uffff"), TextValue("😀")}
	numbers := []Value{{}, IntValue(math.MinInt64), IntValue(-1), IntValue(0), IntValue(math.MaxInt64)}
	for _, list := range [][]Value{ordered, numbers} {
		for i, a := range list {
			for j, b := range list {
				if got := a.Compare(b); sign(got) != sign(i-j) {
					t.Errorf("%+v against %+v: %d", a, b, got)
				}
			}
		}
	}
	if Text.String() != "text" || Int.String() != "int" || Type(9).String() != "Type(9)" {
		t.Error("the names of the types")
	}
}

func sign(n int) int { return min(max(n, -1), 1) }

// The texts of one index have a bound together, so that no engine fails at the commit.
func TestIndexedTextsHaveABound(t *testing.T) {
	kind := Kind{Name: "k", Of: func(json.RawMessage) ([]Value, error) { return nil, nil },
		Fields:  []Field{{"a", Text}, {"b", Text}, {"c", Text}},
		Indexes: []Index{{"abc", []string{"a", "b", "c"}}, {"a", []string{"a"}}}}
	text := func(n int) Value { return TextValue(strings.Repeat("x", n)) }
	if err := kind.CheckValues([]Value{text(MaxText), text(MaxText), text(0)}); err != nil {
		t.Errorf("exactly the bound: %v", err)
	}
	err := kind.CheckValues([]Value{text(MaxText), text(MaxText), text(1)})
	var bad *InvalidError
	if !errors.As(err, &bad) || bad.Field != "k.abc" {
		t.Errorf("one more: %v", err)
	}
}
