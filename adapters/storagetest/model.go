package storagetest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"sort"
	"strings"

	"pgregory.net/rapid"

	"github.com/forewarn-go/forewarn/store"
)

var modelClauses = []part{
	{"the-store-does-what-a-naive-model-does", func(x *fixture) {
		rapid.Check(x.test, func(t *rapid.T) {
			sub := *x
			sub.tb, sub.tenant = t, newTenant()
			m := &model{fixture: &sub, rows: map[store.Key]row{}, other: newTenant()}
			t.Repeat(map[string]func(*rapid.T){
				"commit": m.commitSome,
				"get":    m.getSome,
				"find":   m.findSome,
				"":       func(*rapid.T) {},
			})
		})
	}},
}

// row is a record of the model: its body is all that it is found by.
type row struct {
	version int64
	body    doc
}

// model is a map, and looks through all of it for whatever is asked.
type model struct {
	*fixture
	rows    map[store.Key]row
	other   string // a second tenant
	version int64
}

// drawKey draws one of a few keys, of both tenants, whose ids do not sort as they are numbered.
func (m *model) drawKey(t *rapid.T, kind string) store.Key {
	tenant := m.tenant
	if rapid.IntRange(0, 3).Draw(t, "tenant") == 0 {
		tenant = m.other
	}
	n := rapid.IntRange(0, 9).Draw(t, "n")
	return store.Key{Tenant: tenant, Kind: kind, ID: numbered(n * 7919)}
}

var someTexts = []string{"", "a", "ab", "b", "B", "ü", "\uffff", "😀"}

func drawDoc(t *rapid.T, kind string, run string) doc {
	d := doc{}
	for _, f := range kindOf(kind).Fields {
		switch {
		case f.Name == "run":
			d[f.Name] = run
		case rapid.IntRange(0, 5).Draw(t, "absent") == 0:
		case f.Type == store.Text:
			d[f.Name] = rapid.SampledFrom(someTexts).Draw(t, f.Name)
		default:
			d[f.Name] = rapid.IntRange(-2, 3).Draw(t, f.Name)
		}
	}
	d["more"] = rapid.StringMatching(`[a-z\x00"\\]{0,4}`).Draw(t, "more")
	return d
}

func (m *model) commitSome(t *rapid.T) {
	var b store.Batch
	seen := map[store.Key]bool{}
	failing := map[store.Key]string{} // why the commit cannot succeed
	next := map[store.Key]*row{}
	for range rapid.IntRange(1, 6).Draw(t, "entries") {
		kind := rapid.SampledFrom([]string{item, item, child, plain, due}).Draw(t, "kind")
		k := m.drawKey(t, kind)
		if seen[k] {
			continue
		}
		seen[k] = true
		stands, there := m.rows[k]
		expect := stands.version
		if rapid.IntRange(0, 11).Draw(t, "wrong") == 0 {
			expect = rapid.SampledFrom([]int64{store.Absent, stands.version + 1, 1 << 50}).Draw(t, "expect")
		}
		what := rapid.SampledFrom([]string{"put", "put", "put", "delete", "read"}).Draw(t, "what")
		if what == "delete" && expect == store.Absent || what != "read" && rapid.IntRange(0, 5).Draw(t, "any") == 0 {
			expect = store.Any
		}
		switch {
		case expect == store.Any || expect == stands.version:
		case expect == store.Absent:
			failing[k] = store.Exists
		case !there:
			failing[k] = store.Gone
		default:
			failing[k] = store.Changed
		}
		switch what {
		case "put":
			m.version += 2
			d := drawDoc(t, kind, m.tenant)
			b.Puts = append(b.Puts, write(k, expect, m.version, d))
			next[k] = &row{m.version, d}
		case "delete":
			b.Deletes = append(b.Deletes, store.Read{Key: k, Expect: expect})
			next[k] = nil
		case "read":
			b.Reads = append(b.Reads, store.Read{Key: k, Expect: expect})
		}
	}
	err := m.s.Commit(m.ctx, b)
	if len(failing) > 0 {
		k, ok := conflictKey(err)
		if !ok || failing[k] == "" {
			t.Fatalf("commit %s gave %v, want a conflict at one of %v", show(b), err, failing)
		}
		m.tb = t
		m.conflict(err, failing[k], k)
		return
	}
	if err != nil {
		t.Fatalf("commit %s: %v", show(b), err)
	}
	for k, r := range next {
		if r == nil {
			delete(m.rows, k)
		} else {
			m.rows[k] = *r
		}
	}
}

func (m *model) getSome(t *rapid.T) {
	var keys []store.Key
	for range rapid.IntRange(1, 5).Draw(t, "keys") {
		keys = append(keys, m.drawKey(t, rapid.SampledFrom([]string{item, child, plain, due}).Draw(t, "kind")))
	}
	records, err := m.s.Get(m.ctx, keys...)
	if err != nil || len(records) != len(keys) {
		t.Fatalf("Get: %d records of %d, %v", len(records), len(keys), err)
	}
	for i, r := range records {
		m.is(t, r, keys[i])
	}
}

// is checks a record against what the model has at the key.
func (m *model) is(t *rapid.T, r store.Record, k store.Key) {
	want, there := m.rows[k]
	if r.Key != k || r.Version != want.version {
		t.Fatalf("got %s at %d, want %s at %d", r.Key, r.Version, k, want.version)
	}
	if body, _ := json.Marshal(want.body); there && !sameJSON(r.Body, body) {
		t.Fatalf("%s has the body %s, want %s", k, r.Body, body)
	}
}

func (m *model) findSome(t *rapid.T) {
	kind := rapid.SampledFrom([]string{item, item, item, due, child}).Draw(t, "kind")
	k := kindOf(kind)
	x := k.Indexes[rapid.IntRange(0, len(k.Indexes)-1).Draw(t, "index")]
	q := store.Query{Tenant: m.tenant, Kind: kind, Index: x.Name, Descending: rapid.Bool().Draw(t, "descending"),
		Limit: rapid.SampledFrom([]int{1, 2, 3, 7, 0}).Draw(t, "limit")}
	if k.Global && rapid.Bool().Draw(t, "all") {
		q.Tenant, q.AllTenants = "", true
	}
	value := func(field string) store.Value {
		switch f := k.Fields[k.FieldIndex(field)]; {
		case field == "run":
			return store.TextValue(m.tenant)
		case f.Type == store.Text:
			return store.TextValue(rapid.SampledFrom(someTexts).Draw(t, field))
		default:
			return store.IntValue(int64(rapid.IntRange(-3, 4).Draw(t, field)))
		}
	}
	equal := rapid.IntRange(0, len(x.Fields)).Draw(t, "equal")
	if kind == due {
		equal = max(equal, 1) // the run: other clauses have rows of this kind too
	}
	for _, f := range x.Fields[:equal] {
		q.Equal = append(q.Equal, value(f))
	}
	rest := x.Fields[equal:]
	if len(rest) > 0 && rapid.IntRange(0, 2).Draw(t, "any of") == 0 {
		q.AnyOf = []store.Value{}
		for range rapid.IntRange(0, 4).Draw(t, "values") {
			q.AnyOf = append(q.AnyOf, value(rest[0]))
		}
		rest = rest[1:]
	}
	if len(rest) > 0 && rapid.Bool().Draw(t, "from") {
		q.From = bound(value(rest[0]))
	}
	if len(rest) > 0 && rapid.Bool().Draw(t, "to") {
		q.To = bound(value(rest[0]))
	}
	want := m.search(q, x)
	m.tb = t
	got := m.all(q)
	if len(got) != len(want) {
		t.Fatalf("Find %s found %d records, want %d", describe(q), len(got), len(want))
	}
	for i, r := range got {
		if r.Key != want[i] {
			t.Fatalf("Find %s: record %d is %s, want %s", describe(q), i, r.Key, want[i])
		}
		m.is(t, r, want[i])
	}
}

// search looks through all rows. It knows nothing of plans, values or places:
// it compares the members of bodies.
func (m *model) search(q store.Query, x store.Index) []store.Key {
	type found struct {
		key  store.Key
		sort []any
	}
	var all []found
rows:
	for k, r := range m.rows {
		if k.Kind != q.Kind || !q.AllTenants && k.Tenant != q.Tenant {
			continue
		}
		f := found{key: k}
		for i, name := range x.Fields {
			v, ok := r.body[name]
			if !ok {
				continue rows
			}
			fixed := i < len(q.Equal)
			if fixed && compareAny(v, plainOf(q.Equal[i])) != 0 {
				continue rows
			}
			next := len(q.Equal)
			if q.AnyOf != nil {
				if i == next {
					fixed = true
					if !slices.ContainsFunc(q.AnyOf, func(a store.Value) bool { return compareAny(v, plainOf(a)) == 0 }) {
						continue rows
					}
				}
				next++
			}
			if i == next && (q.From != nil && compareAny(v, plainOf(*q.From)) < 0 || q.To != nil && compareAny(v, plainOf(*q.To)) >= 0) {
				continue rows
			}
			if !fixed {
				f.sort = append(f.sort, v)
			}
		}
		all = append(all, f)
	}
	sort.Slice(all, func(i, j int) bool {
		a, b := all[i], all[j]
		if q.Descending {
			a, b = b, a
		}
		for n := range a.sort {
			if c := compareAny(a.sort[n], b.sort[n]); c != 0 {
				return c < 0
			}
		}
		if c := bytes.Compare(a.key.ID[:], b.key.ID[:]); c != 0 {
			return c < 0
		}
		return a.key.Tenant < b.key.Tenant
	})
	var keys []store.Key
	for _, f := range all {
		keys = append(keys, f.key)
	}
	return keys
}

// plainOf returns what a value holds, a string or an int.
func plainOf(v store.Value) any {
	if v.Text != "" {
		return v.Text
	}
	return v.Int
}

// compareAny compares two strings by bytes or two integers. A value of the
// empty text cannot be told from one of zero, so an integer beside a string is the empty text.
func compareAny(a, b any) int {
	if s, ok := a.(string); ok {
		t, _ := b.(string)
		return strings.Compare(s, t)
	}
	if _, ok := b.(string); ok {
		return -compareAny(b, a)
	}
	n, m := number(a), number(b)
	switch {
	case n < m:
		return -1
	case n > m:
		return 1
	}
	return 0
}

func number(v any) int64 {
	switch v := v.(type) {
	case int:
		return int64(v)
	case int64:
		return v
	}
	panic(fmt.Sprintf("%T is no number", v))
}
