package store

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"
)

func planKind(global bool) Kind {
	return Kind{Name: "k", Global: global, Of: noValues,
		Fields:  []Field{{"at", Int}, {"state", Text}, {"name", Text}},
		Indexes: []Index{{"state", []string{"state"}}, {"state_at", []string{"state", "at"}}, {"again", []string{"state", "at"}}, {"all", []string{"state", "at", "name"}}, {"at", []string{"at"}}}}
}

func TestPlanErrors(t *testing.T) {
	one, text := IntValue(1), TextValue("x")
	base := Query{Tenant: "acme", Kind: "k", Index: "state_at"}
	with := func(change func(*Query)) Query { q := base; change(&q); return q }
	many := make([]Value, MaxAnyOf+1)
	for i := range many {
		many[i] = TextValue(fmt.Sprint(i))
	}
	for _, c := range []struct {
		name, field, rule string
		q                 Query
		global            bool
	}{
		{name: "plain", q: base},
		{name: "full", q: with(func(q *Query) { q.Equal, q.From, q.To, q.Limit = []Value{text}, &one, &one, MaxLimit })},
		{name: "any of the most", q: with(func(q *Query) { q.AnyOf = many[1:] })},
		{name: "all tenants", q: with(func(q *Query) { q.Tenant, q.AllTenants = "", true }), global: true},
		{name: "a tenant of a global kind", q: base, global: true},

		{name: "kind", q: with(func(q *Query) { q.Kind = "l" }), field: "kind", rule: `"l"`},
		{name: "no tenant", q: with(func(q *Query) { q.Tenant = "" }), field: "tenant", rule: "empty"},
		{name: "no tenant of a global kind", q: with(func(q *Query) { q.Tenant = "" }), global: true, field: "tenant", rule: "empty"},
		{name: "a tenant with NUL", q: with(func(q *Query) { q.Tenant = "\x00" }), field: "tenant", rule: "NUL"},
		{name: "all tenants of another", q: with(func(q *Query) { q.Tenant, q.AllTenants = "", true }), field: "allTenants", rule: "not global"},
		{name: "a tenant and all", q: with(func(q *Query) { q.AllTenants = true }), global: true, field: "allTenants", rule: "exclude"},
		{name: "index", q: with(func(q *Query) { q.Index = "none" }), field: "index", rule: "no index"},
		{name: "limit below", q: with(func(q *Query) { q.Limit = -1 }), field: "limit", rule: "-1"},
		{name: "limit above", q: with(func(q *Query) { q.Limit = MaxLimit + 1 }), field: "limit", rule: "1001"},
		{name: "equal too many", q: with(func(q *Query) { q.Equal = []Value{text, one, text} }), field: "equal", rule: "3 values for the 2 fields"},
		{name: "equal type", q: with(func(q *Query) { q.Equal = []Value{one} }), field: "equal", rule: "state: a text holds no integer"},
		{name: "equal absent", q: with(func(q *Query) { q.Equal = []Value{{}} }), field: "equal", rule: "absent"},
		{name: "any of too many", q: with(func(q *Query) { q.AnyOf = many }), field: "anyOf", rule: "101 values"},
		{name: "any of no field", q: with(func(q *Query) { q.Equal, q.AnyOf = []Value{text, one}, []Value{} }), field: "anyOf", rule: "no field"},
		{name: "any of type", q: with(func(q *Query) { q.Equal, q.AnyOf = []Value{text}, []Value{one, text} }), field: "anyOf", rule: "at: an integer holds no text"},
		{name: "from no field", q: with(func(q *Query) { q.Equal, q.From = []Value{text, one}, &one }), field: "from", rule: "no field"},
		{name: "to no field", q: with(func(q *Query) { q.Equal, q.AnyOf, q.To = []Value{text}, []Value{one}, &one }), field: "to", rule: "no field"},
		{name: "from type", q: with(func(q *Query) { q.From = &one }), field: "from", rule: "state"},
		{name: "to absent", q: with(func(q *Query) { q.To = &Value{} }), field: "to", rule: "absent"},
		{name: "cursor", q: with(func(q *Query) { q.After = "AAAA" }), field: "after", rule: "no cursor"},
		{name: "cursor that is no base64", q: with(func(q *Query) { q.After = "!" }), field: "after", rule: "no cursor"},
		{name: "cursor too long", q: with(func(q *Query) { q.After = strings.Repeat("A", maxCursor+1) }), field: "after", rule: "no cursor"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, err := planKind(c.global).Plan(c.q)
			if c.field == "" {
				if err != nil || p == nil {
					t.Errorf("got %v", err)
				}
				return
			}
			refused(t, err, c.field, c.rule)
		})
	}
}

func TestPlanTellsWhatToAsk(t *testing.T) {
	one, two := IntValue(1), IntValue(2)
	p, err := planKind(false).Plan(Query{Tenant: "acme", Kind: "k", Index: "all", AnyOf: []Value{TextValue("b"), TextValue("a"), TextValue("b")}, From: &one, To: &two})
	if err != nil {
		t.Fatal(err)
	}
	anyOf, asked := p.AnyOf()
	if !asked || !slices.Equal(anyOf, []Value{TextValue("a"), TextValue("b")}) {
		t.Errorf("any of is %v, %v", anyOf, asked)
	}
	if !slices.Equal(p.Order(), []Field{{"at", Int}, {"name", Text}}) || p.Limit() != DefaultLimit || p.Empty() || p.After() != nil || p.Index().Name != "all" {
		t.Errorf("order %v, limit %d, empty %v, after %v", p.Order(), p.Limit(), p.Empty(), p.After())
	}
	for _, q := range []Query{{AnyOf: []Value{}}, {Equal: []Value{TextValue("a")}, From: &two, To: &one}, {Equal: []Value{TextValue("a")}, From: &one, To: &one}} {
		q.Tenant, q.Kind, q.Index = "acme", "k", "all"
		if p, err := planKind(false).Plan(q); err != nil || !p.Empty() {
			t.Errorf("%+v is not empty: %v", q, err)
		}
	}
}

// scanRow is a row of the naive scan.
type scanRow struct {
	key    Key
	values []Value
}

func drawValue(t *rapid.T, f Field) Value {
	if f.Type == Int {
		return IntValue(rapid.Int64Range(-2, 2).Draw(t, f.Name))
	}
	return TextValue(rapid.SampledFrom([]string{"", "a", "ab", "B", "ü", "😀", "\uffff"}).Draw(t, f.Name))
}

// drawQuery draws a query that fits the kind.
func drawQuery(t *rapid.T, k Kind) Query {
	x := rapid.SampledFrom(k.Indexes).Draw(t, "index")
	q := Query{Tenant: rapid.SampledFrom([]string{"s", "t"}).Draw(t, "tenant"), Kind: k.Name, Index: x.Name,
		Descending: rapid.Bool().Draw(t, "descending"), Limit: rapid.IntRange(1, 5).Draw(t, "limit")}
	if k.Global && rapid.Bool().Draw(t, "all") {
		q.Tenant, q.AllTenants = "", true
	}
	field := func(name string) Field { return k.Fields[k.FieldIndex(name)] }
	n := rapid.IntRange(0, len(x.Fields)).Draw(t, "equal")
	for _, f := range x.Fields[:n] {
		q.Equal = append(q.Equal, drawValue(t, field(f)))
	}
	if n < len(x.Fields) && rapid.Bool().Draw(t, "any of") {
		q.AnyOf = []Value{}
		for range rapid.IntRange(0, 3).Draw(t, "values") {
			q.AnyOf = append(q.AnyOf, drawValue(t, field(x.Fields[n])))
		}
		n++
	}
	if n < len(x.Fields) {
		for _, b := range []**Value{&q.From, &q.To} {
			if rapid.Bool().Draw(t, "bound") {
				v := drawValue(t, field(x.Fields[n]))
				*b = &v
			}
		}
	}
	return q
}

// scan finds by looking at every row, without a Plan.
func scan(k Kind, q Query, rows []scanRow) []Key {
	x, _ := k.Index(q.Index)
	type hit struct {
		key   Key
		order []Value
	}
	var hits []hit
	for _, r := range rows {
		ok := q.AllTenants || r.key.Tenant == q.Tenant
		h := hit{key: r.key}
		for i, name := range x.Fields {
			v := r.values[k.FieldIndex(name)]
			ok = ok && v.Set
			n := len(q.Equal)
			switch {
			case i < n:
				ok = ok && v == q.Equal[i]
				continue
			case i == n && q.AnyOf != nil:
				ok = ok && slices.Contains(q.AnyOf, v)
				continue
			}
			if q.AnyOf != nil {
				n++
			}
			if i == n {
				ok = ok && (q.From == nil || !lessValue(v, *q.From)) && (q.To == nil || lessValue(v, *q.To))
			}
			h.order = append(h.order, v)
		}
		if ok {
			hits = append(hits, h)
		}
	}
	slices.SortFunc(hits, func(a, b hit) int {
		if q.Descending {
			a, b = b, a
		}
		for i := range a.order {
			if lessValue(a.order[i], b.order[i]) {
				return -1
			}
			if lessValue(b.order[i], a.order[i]) {
				return 1
			}
		}
		if c := bytes.Compare(a.key.ID[:], b.key.ID[:]); c != 0 {
			return c
		}
		return strings.Compare(a.key.Tenant, b.key.Tenant)
	})
	var keys []Key
	for _, h := range hits {
		keys = append(keys, h.key)
	}
	return keys
}

func lessValue(a, b Value) bool { return a.Int < b.Int || a.Int == b.Int && a.Text < b.Text }

// A store that can only scan finds by a plan what a naive scan finds, in its order, page by page.
func TestPlanFindsWhatAScanFinds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k := planKind(rapid.Bool().Draw(t, "global"))
		var rows []scanRow
		seen := map[Key]bool{}
		for range rapid.IntRange(0, 25).Draw(t, "rows") {
			r := scanRow{key: Key{Tenant: rapid.SampledFrom([]string{"s", "t"}).Draw(t, "tenant"), Kind: k.Name, ID: uuid.UUID{rapid.Byte().Draw(t, "id"), 1}}}
			for _, f := range k.Fields {
				v := drawValue(t, f)
				if rapid.IntRange(0, 5).Draw(t, "absent") == 0 {
					v = Value{}
				}
				r.values = append(r.values, v)
			}
			if !seen[r.key] {
				seen[r.key] = true
				rows = append(rows, r)
			}
		}
		q := drawQuery(t, k)
		want := scan(k, q, rows)
		var got []Key
		for pages := 0; ; pages++ {
			p, err := k.Plan(q)
			if err != nil {
				t.Fatalf("Plan %+v: %v", q, err)
			}
			var places []Place
			for _, r := range rows {
				if !p.Match(r.key, r.values) {
					continue
				}
				at := p.Place(r.key, r.values)
				if p.After() == nil || p.Compare(at, *p.After()) > 0 {
					places = append(places, at)
				}
			}
			if p.Empty() && len(places) > 0 {
				t.Fatalf("a plan that is said to be empty matches %v", places)
			}
			slices.SortFunc(places, p.Compare)
			for _, at := range places[:min(len(places), p.Limit())] {
				got = append(got, at.Key)
			}
			if len(places) <= p.Limit() {
				break
			}
			q.After = p.Cursor(places[p.Limit()-1])
		}
		if !slices.Equal(got, want) {
			t.Fatalf("%+v\n got %v\nwant %v", q, got, want)
		}
	})
}

// A cursor is read by queries that differ in From, To and Limit alone, and refused by all others.
func TestCursorsOfOtherQueriesAreRefused(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k := planKind(true)
		q, other := drawQuery(t, k), drawQuery(t, k)
		p, err := k.Plan(q)
		if err != nil {
			t.Fatal(err)
		}
		at := Place{Key: Key{Tenant: q.Tenant, Kind: k.Name, ID: uuid.UUID{7}}}
		if q.AllTenants {
			at.Key.Tenant = "s"
		}
		for _, f := range p.Order() {
			at.Values = append(at.Values, drawValue(t, f))
		}
		other.After = p.Cursor(at)
		of, err := k.Plan(other)
		anyOf, asked := p.AnyOf()
		otherAnyOf, otherAsked := set(other.AnyOf), other.AnyOf != nil
		same := q.Tenant == other.Tenant && q.Index == other.Index && q.Descending == other.Descending && slices.Equal(q.Equal, other.Equal) &&
			asked == otherAsked && slices.Equal(anyOf, otherAnyOf)
		if same != (err == nil) {
			t.Fatalf("a cursor of %+v in %+v: %v", q, other, err)
		}
		if same && (of.Compare(*of.After(), at) != 0 || of.After().Key != at.Key || !slices.Equal(of.After().Values, at.Values)) {
			t.Fatalf("the cursor of %+v is read as %+v", at, of.After())
		}
	})
}

// Queries whose cursors look alike: all are ordered by the same field, and each differs from the first in one thing.
func TestACursorKnowsItsQuery(t *testing.T) {
	k := planKind(true)
	a, b := TextValue("a"), TextValue("b")
	queries := map[string]Query{
		"first":      {Tenant: "t", Index: "state_at", Equal: []Value{a}},
		"tenant":     {Tenant: "s", Index: "state_at", Equal: []Value{a}},
		"all":        {AllTenants: true, Index: "state_at", Equal: []Value{a}},
		"index":      {Tenant: "t", Index: "again", Equal: []Value{a}},
		"equal":      {Tenant: "t", Index: "state_at", Equal: []Value{b}},
		"any of":     {Tenant: "t", Index: "state_at", AnyOf: []Value{a}},
		"more":       {Tenant: "t", Index: "state_at", AnyOf: []Value{a, b}},
		"descending": {Tenant: "t", Index: "state_at", Equal: []Value{a}, Descending: true},
		"no equal":   {Tenant: "t", Index: "at"},
	}
	for name, q := range queries {
		q.Kind = "k"
		p, err := k.Plan(q)
		if err != nil {
			t.Fatal(err)
		}
		cursor := p.Cursor(Place{Values: []Value{IntValue(3)}, Key: Key{Tenant: "t", Kind: "k", ID: uuid.UUID{1}}})
		if q.Tenant == "s" {
			cursor = p.Cursor(Place{Values: []Value{IntValue(3)}, Key: Key{Tenant: "s", Kind: "k", ID: uuid.UUID{1}}})
		}
		for other, o := range queries {
			o.Kind, o.After = "k", cursor
			if _, err := k.Plan(o); (err == nil) != (other == name) {
				t.Errorf("the cursor of %q in %q: %v", name, other, err)
			}
		}
	}
}

// A cursor that was made up may hold a tenant that is none.
func TestACursorsTenantIsChecked(t *testing.T) {
	for _, tenant := range []string{"a\x00b", "\xff", strings.Repeat("x", MaxText+1)} {
		q := Query{AllTenants: true, Kind: "k", Index: "at"}
		p, err := planKind(true).Plan(q)
		if err != nil {
			t.Fatal(err)
		}
		q.After = p.Cursor(Place{Values: []Value{IntValue(3)}, Key: Key{Tenant: tenant, Kind: "k", ID: uuid.UUID{1}}})
		_, err = planKind(true).Plan(q)
		refused(t, err, "after", "no cursor")
	}
	q := Query{Tenant: "t", Kind: "k", Index: "at"}
	p, err := planKind(true).Plan(q)
	if err != nil {
		t.Fatal(err)
	}
	q.After = p.Cursor(Place{Values: []Value{IntValue(3)}, Key: Key{Tenant: "s", Kind: "k", ID: uuid.UUID{1}}})
	_, err = planKind(true).Plan(q)
	refused(t, err, "after", "no cursor")
}

func set(values []Value) []Value {
	sorted := slices.Clone(values)
	slices.SortFunc(sorted, Value.Compare)
	return slices.Compact(sorted)
}

// FuzzCursor reads cursors from outside: whatever they hold, they are refused
// with an *InvalidError or stand at a place that fits the query.
func FuzzCursor(f *testing.F) {
	k := planKind(true)
	queries := []Query{
		{Tenant: "t", Kind: "k", Index: "all"},
		{AllTenants: true, Kind: "k", Index: "all", Descending: true},
		{Tenant: "t", Kind: "k", Index: "state", Equal: []Value{TextValue("a")}},
	}
	for _, q := range queries {
		p, err := k.Plan(q)
		if err != nil {
			f.Fatal(err)
		}
		at := Place{Key: Key{Tenant: "t", Kind: "k", ID: uuid.UUID{1}}}
		for _, o := range p.Order() {
			if o.Type == Int {
				at.Values = append(at.Values, IntValue(-5))
			} else {
				at.Values = append(at.Values, TextValue("ü"))
			}
		}
		raw, err := base64.RawURLEncoding.DecodeString(p.Cursor(at))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(p.Cursor(at), raw[8:])
		f.Add(p.Cursor(at)[:10], raw[:8])
		f.Add("", []byte{})
	}
	f.Fuzz(func(t *testing.T, cursor string, rest []byte) {
		for _, q := range queries {
			plain, err := k.Plan(q)
			if err != nil {
				t.Fatal(err)
			}
			raw, err := base64.RawURLEncoding.DecodeString(plain.Cursor(Place{}))
			if err != nil {
				t.Fatal(err)
			}
			// As it came, and with the hash of the query before it, so that the rest is read too.
			for _, after := range []string{cursor, base64.RawURLEncoding.EncodeToString(append(raw[:8:8], rest...))} {
				if q.After = after; after == "" {
					continue
				}
				p, err := k.Plan(q)
				if err != nil {
					refused(t, err, "after", "no cursor")
					continue
				}
				at := p.After()
				for i, f := range p.Order() {
					if v := at.Values[i]; !v.Set || v.check(f.Type) != "" {
						t.Errorf("%q stands at %+v, which is no %s", after, v, f.Type)
					}
				}
				if at.Key.check() != "" && at.Key.ID != uuid.Nil || !q.AllTenants && at.Key.Tenant != q.Tenant {
					t.Errorf("%q stands at %s", after, at.Key)
				}
				if again, err := p.readCursor(p.Cursor(*at)); err != nil || p.Compare(*at, *again) != 0 {
					t.Errorf("%q is written as another cursor: %v", after, err)
				}
			}
		}
	})
}

func TestPrefixEnd(t *testing.T) {
	for _, c := range []struct {
		prefix, end string
		ok          bool
	}{
		{"INC", "IND", true},
		{"a", "b", true},
		{"aü", "aý", true},
		{"\x7f", "\u0080", true},
		{"a\ud7ff", "a\ue000", true}, // not into the surrogates
		{"a\U0010ffff", "b", true},
		{"\U0010ffff", "", false},
		{"\U0010ffff\U0010ffff", "", false},
		{"", "", false},
		{strings.Repeat("x", MaxText-1) + "a", strings.Repeat("x", MaxText-1) + "b", true},
		{strings.Repeat("x", MaxText-1) + "\x7f", strings.Repeat("x", MaxText-2) + "y", true}, // \u0080 has two bytes
	} {
		end, ok := PrefixEnd(c.prefix)
		if end != c.end || ok != c.ok {
			t.Errorf("the end of %q is %q, %v; want %q, %v", c.prefix, end, ok, c.end, c.ok)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		prefix, text := rapid.String().Draw(t, "prefix"), rapid.String().Draw(t, "text")
		if rapid.Bool().Draw(t, "longer") {
			text = prefix + text
		}
		end, ok := PrefixEnd(prefix)
		if in := text >= prefix && (!ok || text < end); in != strings.HasPrefix(text, prefix) && (ok || prefix == "") {
			t.Fatalf("%q begins with %q: %v, within [%q, %q): %v", text, prefix, !in, prefix, end, in)
		}
	})
}
