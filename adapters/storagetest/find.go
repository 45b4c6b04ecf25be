package storagetest

import (
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn/store"
)

// placed returns the key of a record of the fixture's tenant whose id sorts by n.
func (x *fixture) placed(kind string, n byte) store.Key {
	k := x.key(kind, "placed")
	k.ID[0] = n
	return k
}

var findClauses = []part{
	{"find-orders-by-the-fields-after-equal-then-by-id", func(x *fixture) {
		p := func(n byte, at, state any) store.Key {
			k := x.placed(item, n)
			x.commit(write(k, store.Absent, int64(n)+1, doc{"state": state, "at": at}))
			return k
		}
		// Not in the order of the ids, and ids above 0x7f, which sort unsigned.
		e, d, c, b, a := p(0xf0, 20, "s"), p(1, 20, "s"), p(0x90, 10, "s"), p(9, 10, "s"), p(0xff, -5, "s")
		p(5, 0, "other")
		q := store.Query{Tenant: x.tenant, Kind: item, Index: "state_at", Equal: texts("s")}
		x.finds(q, a, b, c, d, e)
		q.Descending = true
		x.finds(q, e, d, c, b, a)
		x.finds(store.Query{Tenant: x.tenant, Kind: item, Index: "state", Equal: texts("s")}, d, b, c, e, a)
	}},
	{"find-orders-by-id-where-all-values-are-equal", func(x *fixture) {
		var want []store.Key
		for n := range 30 {
			want = append(want, x.placed(item, byte(n*8)))
		}
		for i := range want { // created in another order
			k := want[(i*7)%30]
			x.commit(write(k, store.Absent, 1, doc{"state": "s", "n": 1, "name": "m", "at": 2}))
		}
		for _, index := range []string{"state", "name", "n", "state_at", "state_n_name"} {
			q := store.Query{Tenant: x.tenant, Kind: item, Index: index, Limit: 7}
			x.finds(q, want...)
			q.Descending = true
			reverse := slices.Clone(want)
			slices.Reverse(reverse)
			x.finds(q, reverse...)
		}
	}},
	{"text-compares-by-bytes", func(x *fixture) {
		names := []string{"", " ", "-a", "A", "B", "Z", "_", "a", "a b", "a-b", "aB", "ab", "b", "ä", "é", "ﬀ", "\uffff", "😀"}
		var keys []store.Key
		for i, n := range names {
			k := x.placed(item, byte(200-i)) // the id's order is the other way round
			keys = append(keys, k)
			x.commit(write(k, store.Absent, 1, doc{"name": n}))
		}
		x.finds(store.Query{Tenant: x.tenant, Kind: item, Index: "name"}, keys...)
		for i, n := range names { // equality too: no trimming, no folding of case
			x.finds(store.Query{Tenant: x.tenant, Kind: item, Index: "name", Equal: texts(n)}, keys[i])
		}
		x.finds(store.Query{Tenant: x.tenant, Kind: item, Index: "name", From: bound(store.TextValue("Z")), To: bound(store.TextValue("ab"))}, keys[5:11]...)
	}},
	{"a-range-takes-its-start-and-not-its-end", func(x *fixture) {
		var keys []store.Key
		for n := range 10 {
			k := x.placed(item, byte(n))
			keys = append(keys, k)
			x.commit(write(k, store.Absent, 1, doc{"state": "s", "at": n, "n": n}))
		}
		q := store.Query{Tenant: x.tenant, Kind: item, Index: "state_at", Equal: texts("s")}
		for _, c := range []struct{ from, to int64 }{{0, 10}, {3, 7}, {3, 4}, {-5, 3}, {8, 100}, {4, 4}, {7, 3}, {10, 20}} {
			q.From, q.To = bound(store.IntValue(c.from)), bound(store.IntValue(c.to))
			lo, hi := max(0, min(c.from, 10)), max(0, min(c.to, 10))
			want := keys[lo:max(lo, hi)]
			q.Descending = false
			x.finds(q, want...)
			reverse := slices.Clone(want)
			slices.Reverse(reverse)
			q.Descending = true
			x.finds(q, reverse...)
		}
		x.finds(store.Query{Tenant: x.tenant, Kind: item, Index: "n", From: bound(store.IntValue(8))}, keys[8:]...)
		x.finds(store.Query{Tenant: x.tenant, Kind: item, Index: "n", To: bound(store.IntValue(2))}, keys[:2]...)
	}},
	{"a-range-after-some-fields-bounds-only-the-next", func(x *fixture) {
		for n := range byte(27) {
			x.commit(write(x.placed(item, n), store.Absent, 1, doc{"state": "s", "n": int(n / 9), "name": fmt.Sprint(n / 3 % 3)}))
		}
		q := store.Query{Tenant: x.tenant, Kind: item, Index: "state_n_name", Equal: texts("s"), From: bound(store.IntValue(1)), To: bound(store.IntValue(2))}
		var want []store.Key
		for n := byte(9); n < 18; n++ {
			want = append(want, x.placed(item, n))
		}
		x.finds(q, want...)
		q.Equal = append(texts("s"), store.IntValue(2))
		q.From, q.To = bound(store.TextValue("1")), nil
		want = want[:0]
		for n := byte(21); n < 27; n++ {
			want = append(want, x.placed(item, n))
		}
		x.finds(q, want...)
	}},
	{"a-prefix-is-a-range", func(x *fixture) {
		names := []string{"INC", "INC0", "INC0000001", "INC0000002", "INC000001", "INC1", "INCÿ", "INC\U0010ffff", "INC\U0010ffffx", "IND", "inc0", "IN", "J"}
		keys := map[string]store.Key{}
		for i, n := range names {
			keys[n] = x.placed(item, byte(i))
			x.commit(write(keys[n], store.Absent, 1, doc{"name": n}))
		}
		for prefix, want := range map[string][]string{
			"INC000": {"INC0000001", "INC0000002", "INC000001"},
			"INC": {"INC", "INC0", "INC0000001", "INC0000002", "INC000001", "INC1", "INCÿ",
				"INC\U0010ffff", "INC\U0010ffffx"},
			"INC\U0010ffff": {"INC\U0010ffff", "INC\U0010ffffx"},
			"":              {"IN", "INC", "INC0", "INC0000001", "INC0000002", "INC000001", "INC1", "INCÿ", "INC\U0010ffff", "INC\U0010ffffx", "IND", "J", "inc0"},
			"x":             nil,
		} {
			q := store.Query{Tenant: x.tenant, Kind: item, Index: "name", From: bound(store.TextValue(prefix))}
			if end, ok := store.PrefixEnd(prefix); ok {
				q.To = bound(store.TextValue(end))
			}
			var wanted []store.Key
			for _, n := range want {
				wanted = append(wanted, keys[n])
			}
			x.finds(q, wanted...)
		}
	}},
	{"any-of-merges-without-doubles", func(x *fixture) {
		var by [4][]store.Key // by state, in order of at
		for n := range byte(40) {
			k := x.placed(item, n)
			x.commit(write(k, store.Absent, 1, doc{"state": fmt.Sprint("s", n%4), "at": int(n / 2)}))
			by[n%4] = append(by[n%4], k)
		}
		merge := func(of ...int) []store.Key {
			var all []store.Key
			for _, i := range of {
				all = append(all, by[i]...)
			}
			slices.SortFunc(all, func(a, b store.Key) int { return int(a.ID[0]) - int(b.ID[0]) })
			return all
		}
		q := store.Query{Tenant: x.tenant, Kind: item, Index: "state_at", AnyOf: texts("s2", "s0"), Limit: 3}
		x.finds(q, merge(0, 2)...)
		q.AnyOf = texts("s1", "s3", "s1", "none", "s3", "s1")
		x.finds(q, merge(1, 3)...)
		reverse := merge(1, 3)
		slices.Reverse(reverse)
		q.Descending = true
		x.finds(q, reverse...)
		q.Descending, q.From, q.To = false, bound(store.IntValue(5)), bound(store.IntValue(6))
		x.finds(q, x.placed(item, 11))
		q = store.Query{Tenant: x.tenant, Kind: item, Index: "state", AnyOf: texts("s0"), Limit: 4}
		x.finds(q, by[0]...)
		many := texts("s0", "s1")
		for len(many) < store.MaxAnyOf {
			many = append(many, store.TextValue(fmt.Sprint("none", len(many))))
		}
		q.AnyOf = many
		x.finds(q, merge(0, 1)...)
	}},
	{"any-of-nothing-finds-nothing", func(x *fixture) {
		k := x.key(item, "a")
		x.commit(write(k, store.Absent, 1, doc{"state": "s", "at": 1}))
		x.finds(store.Query{Tenant: x.tenant, Kind: item, Index: "state_at", AnyOf: []store.Value{}})
		x.finds(store.Query{Tenant: x.tenant, Kind: item, Index: "state_at", Equal: texts("s"), AnyOf: []store.Value{}})
		x.finds(store.Query{Tenant: x.tenant, Kind: item, Index: "state_at"}, k) // nil asks nothing
	}},
	{"a-record-with-an-absent-value-is-not-in-that-index", func(x *fixture) {
		full, noName, noState, empty := x.key(item, "full"), x.key(item, "noname"), x.key(item, "nostate"), x.key(item, "empty")
		x.commit(write(full, store.Absent, 1, doc{"state": "s", "n": 1, "at": 3, "name": "m"}), write(noName, store.Absent, 1, doc{"state": "s", "n": 2, "at": 2}),
			write(noState, store.Absent, 1, doc{"n": 3, "at": 1, "name": "m2"}), write(empty, store.Absent, 1, doc{"state": "", "n": 0, "at": 0, "name": ""}))
		of := func(index string, equal ...store.Value) store.Query {
			return store.Query{Tenant: x.tenant, Kind: item, Index: index, Equal: equal}
		}
		x.finds(of("n"), empty, full, noName, noState)
		x.finds(of("state_n_name"), empty, full)
		x.finds(of("state_n_name", texts("s")...), full)
		x.finds(of("name"), empty, full, noState)
		x.finds(of("state_at"), empty, noName, full)
		x.finds(of("state", texts("")...), empty) // the empty text and zero are values
		x.finds(of("n", ints(0)...), empty)
		x.commit(write(full, 1, 2, doc{"n": 1, "name": "m"})) // a value that goes takes the record out
		x.finds(of("state_n_name", texts("s")...))
		x.commit(write(noState, 1, 2, doc{"state": "s", "n": 3, "at": 9, "name": "m2"}))
		x.finds(of("state_n_name", texts("s")...), noState)
	}},
	{"find-sees-what-was-committed", func(x *fixture) {
		k := x.key(item, "a")
		q := func(state string) store.Query {
			return store.Query{Tenant: x.tenant, Kind: item, Index: "state", Equal: texts(state)}
		}
		x.finds(q("new"))
		x.commit(write(k, store.Absent, 6, doc{"state": "new", "n": 1}))
		page := x.find(q("new"))
		if len(page.Records) != 1 || page.Records[0].Key != k || page.Records[0].Version != 6 || !sameJSON(page.Records[0].Body, []byte(`{"state":"new","n":1}`)) || page.Next != "" {
			x.Errorf("found %+v", page)
		}
		x.commit(write(k, 6, 7, doc{"state": "open"}))
		x.finds(q("new"))
		x.finds(q("open"), k)
		x.do(store.Batch{Deletes: []store.Read{{Key: k, Expect: 7}}})
		x.finds(q("open"))
	}},
	{"a-query-that-does-not-fit-is-refused", func(x *fixture) {
		one := bound(store.IntValue(1))
		for name, q := range map[string]store.Query{
			"no tenant":                          {Kind: item, Index: "state"},
			"an index that is none":              {Tenant: x.tenant, Kind: item, Index: "none"},
			"no index":                           {Tenant: x.tenant, Kind: item},
			"too many values":                    {Tenant: x.tenant, Kind: item, Index: "state", Equal: texts("a", "b")},
			"an integer for a text":              {Tenant: x.tenant, Kind: item, Index: "state", Equal: ints(1)},
			"a text for an integer":              {Tenant: x.tenant, Kind: item, Index: "n", From: bound(store.TextValue("1"))},
			"an absent value":                    {Tenant: x.tenant, Kind: item, Index: "state", Equal: []store.Value{{}}},
			"any of a field that is none":        {Tenant: x.tenant, Kind: item, Index: "state", Equal: texts("a"), AnyOf: texts("b")},
			"any of the wrong type":              {Tenant: x.tenant, Kind: item, Index: "state", AnyOf: ints(1)},
			"any of too many":                    {Tenant: x.tenant, Kind: item, Index: "n", AnyOf: make101()},
			"a range on a field that is none":    {Tenant: x.tenant, Kind: item, Index: "n", Equal: ints(1), From: one},
			"a range's end of the wrong type":    {Tenant: x.tenant, Kind: item, Index: "name", To: one},
			"a limit over MaxLimit":              {Tenant: x.tenant, Kind: item, Index: "n", Limit: store.MaxLimit + 1},
			"a limit below 0":                    {Tenant: x.tenant, Kind: item, Index: "n", Limit: -1},
			"a cursor that is none":              {Tenant: x.tenant, Kind: item, Index: "n", After: "none"},
			"a tenant beside all tenants":        {Tenant: x.tenant, AllTenants: true, Kind: due, Index: "due"},
			"a kind without fields and an index": {Tenant: x.tenant, Kind: plain, Index: "n"},
		} {
			if _, err := x.s.Find(x.ctx, q); err == nil {
				x.Errorf("%s was taken", name)
			} else {
				x.invalid(err)
			}
		}
	}},
}

func make101() []store.Value {
	var values []store.Value
	for n := range int64(store.MaxAnyOf + 1) {
		values = append(values, store.IntValue(n))
	}
	return values
}

// numbered returns an id that sorts by n.
func numbered(n int) uuid.UUID {
	var id uuid.UUID
	id[0], id[1], id[15] = byte(n>>8), byte(n), 1
	return id
}
