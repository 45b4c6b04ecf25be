package storagetest

import (
	"encoding/json"
	"math"
	"slices"
	"strings"

	"github.com/forewarn-go/forewarn/store"
)

var keepClauses = []part{
	{"keep-same-kind-twice", func(x *fixture) {
		if err := x.s.Keep(Kinds()...); err != nil {
			x.Errorf("the same kinds again: %v", err)
		}
		k := kindOf(item)
		k.Of = func(json.RawMessage) ([]store.Value, error) { return make([]store.Value, len(k.Fields)), nil }
		if err := x.s.Keep(k); err != nil {
			x.Errorf("the same kind with another Of, which is not compared: %v", err)
		}
	}},
	{"keep-refuses-another-kind-of-that-name", func(x *fixture) {
		changed := map[string]func(*store.Kind){
			"fields": func(k *store.Kind) {
				k.Fields = append(slices.Clone(k.Fields), store.Field{Name: "more", Type: store.Int})
			},
			"type":    func(k *store.Kind) { k.Fields = slices.Clone(k.Fields); k.Fields[3].Type = store.Int },
			"indexes": func(k *store.Kind) { k.Indexes = k.Indexes[:2] },
			"global":  func(k *store.Kind) { k.Global = true },
		}
		for what, change := range changed {
			k := kindOf(item)
			change(&k)
			if err := x.s.Keep(k); err == nil {
				x.Errorf("other %s were taken", what)
			} else {
				x.invalid(err)
			}
		}
		x.invalid(x.s.Keep(store.Kind{Name: "Not a name"}))
		x.commit(write(x.key(item, "a"), store.Absent, 1, doc{"state": "new"})) // it is what it was
	}},
	{"a-kind-that-is-not-kept-is-refused", func(x *fixture) {
		k := x.key("suite_unknown", "a")
		_, err := x.s.Get(x.ctx, k)
		x.invalid(err)
		_, err = x.s.Find(x.ctx, store.Query{Tenant: x.tenant, Kind: k.Kind, Index: "state"})
		x.invalid(err)
		x.invalid(x.s.Commit(x.ctx, store.Batch{Puts: []store.Put{write(x.key(item, "b"), store.Absent, 1, nil),
			{Key: k, Version: 1, Body: json.RawMessage(`{}`)}}}))
		x.stands(x.key(item, "b"), 0)
	}},
}

var getClauses = []part{
	{"get-in-the-order-of-the-keys", func(x *fixture) {
		a, b, c := x.key(item, "a"), x.key(child, "b"), x.key(plain, "c")
		x.commit(write(a, store.Absent, 11, doc{"state": "new"}), write(b, store.Absent, 12, doc{"parent": "a"}), write(c, store.Absent, 13, nil))
		keys := []store.Key{c, a, x.key(item, "none"), b, a, c}
		records, err := x.s.Get(x.ctx, keys...)
		if err != nil {
			x.Fatalf("Get: %v", err)
		}
		if len(records) != len(keys) {
			x.Fatalf("Get of %d keys gave %d records", len(keys), len(records))
		}
		for i, version := range []int64{13, 11, 0, 12, 11, 13} {
			if records[i].Key != keys[i] || records[i].Version != version {
				x.Errorf("record %d is %s at %d, want %s at %d", i, records[i].Key, records[i].Version, keys[i], version)
			}
		}
		if len(records[2].Body) != 0 {
			x.Errorf("a record that is not there has the body %s", records[2].Body)
		}
		none, err := x.s.Get(x.ctx)
		if err != nil || len(none) != 0 {
			x.Errorf("Get of no keys: %v, %v", none, err)
		}
	}},
	{"get-of-many-keys", func(x *fixture) {
		var b store.Batch
		var keys []store.Key
		for i := range 300 {
			k := x.key(item, string(rune('a'+i%26))+strings.Repeat("x", i/26))
			keys = append(keys, k)
			if i%3 != 0 {
				b.Puts = append(b.Puts, write(k, store.Absent, int64(i+1), doc{"n": i}))
			}
			if len(b.Puts) == 50 {
				x.do(b)
				b = store.Batch{}
			}
		}
		if len(b.Puts) > 0 {
			x.do(b)
		}
		records, err := x.s.Get(x.ctx, keys...)
		if err != nil || len(records) != len(keys) {
			x.Fatalf("Get of %d keys: %d records, %v", len(keys), len(records), err)
		}
		for i, r := range records {
			want := int64(i + 1)
			if i%3 == 0 {
				want = 0
			}
			if r.Key != keys[i] || r.Version != want {
				x.Errorf("record %d is %s at %d, want version %d", i, r.Key, r.Version, want)
			}
		}
	}},
	{"an-incomplete-key-is-refused", func(x *fixture) {
		for _, k := range []store.Key{{Kind: item, ID: x.key(item, "a").ID}, {Tenant: x.tenant, ID: x.key(item, "a").ID}, {Tenant: x.tenant, Kind: item}} {
			_, err := x.s.Get(x.ctx, k)
			x.invalid(err)
			x.invalid(x.s.Commit(x.ctx, store.Batch{Puts: []store.Put{write(x.key(item, "other"), store.Absent, 1, nil), write(k, store.Absent, 1, nil)}}))
		}
		x.stands(x.key(item, "other"), 0)
	}},
	{"bodies-come-back-equal-as-json", func(x *fixture) {
		bodies := []string{`{}`, `[]`, `"text"`, `null`, `0`, `{"a":{"b":[1,2,{"c":null}]},"d":true}`,
			`{"nul":"a\u0000b","quote":"\"\\","high":"\ud83d\ude00 ü"}`,
			`{"big":12345678901234567890123456789,"max":9223372036854775807,"fine":0.1,"exp":1.5e300,"neg":-0.000000000000000000012345}`,
			`{"empty":"","line":"a\nb\tc","html":"<&>"}`, `{"deep":` + strings.Repeat(`[`, 60) + strings.Repeat(`]`, 60) + `}`}
		for i, body := range bodies {
			k := x.key(plain, body)
			x.commit(store.Put{Key: k, Version: int64(i + 1), Body: json.RawMessage(body)})
			if got := x.get(k).Body; !sameJSON(got, []byte(body)) {
				x.Errorf("put %s, got %s", body, got)
			}
		}
	}},
	{"memory-is-not-shared-with-the-caller", func(x *fixture) {
		k := x.key(item, "a")
		p := write(k, store.Absent, 1, doc{"state": "aa", "n": 7})
		x.commit(p)
		for i := range p.Body {
			p.Body[i] = 'x'
		}
		p.Values[0] = store.TextValue("zz")
		r := x.get(k)
		if !sameJSON(r.Body, []byte(`{"state":"aa","n":7}`)) {
			x.Errorf("what the caller wrote into the body of his put after the commit is in the store: %s", r.Body)
		}
		inState := store.Query{Tenant: x.tenant, Kind: item, Index: "state", Equal: texts("aa")}
		x.finds(inState, k)
		x.finds(store.Query{Tenant: x.tenant, Kind: item, Index: "state", Equal: texts("zz")})
		for i := range r.Body {
			r.Body[i] = 'y'
		}
		if again := x.get(k); !sameJSON(again.Body, []byte(`{"state":"aa","n":7}`)) {
			x.Errorf("what the caller wrote into a record from Get is in the store: %s", again.Body)
		}
		found := x.find(inState)
		if len(found.Records) != 1 {
			x.Fatalf("found %d records, want 1", len(found.Records))
		}
		for i := range found.Records[0].Body {
			found.Records[0].Body[i] = 'y'
		}
		if again := x.get(k); !sameJSON(again.Body, []byte(`{"state":"aa","n":7}`)) {
			x.Errorf("what the caller wrote into a record from Find is in the store: %s", again.Body)
		}
	}},
	{"times-keep-their-microseconds", func(x *fixture) {
		const at = int64(1_767_603_600_123_456)
		a, b := x.key(item, "a"), x.key(item, "b")
		x.commit(write(a, store.Absent, 1, doc{"state": "s", "at": at}), write(b, store.Absent, 2, doc{"state": "s", "at": at + 1}))
		q := store.Query{Tenant: x.tenant, Kind: item, Index: "state_at", Equal: texts("s")}
		q.From, q.To = bound(store.IntValue(at)), bound(store.IntValue(at+1))
		x.finds(q, a)
		q.From, q.To = bound(store.IntValue(at+1)), nil
		x.finds(q, b)
		q.From, q.To = nil, bound(store.IntValue(at))
		x.finds(q)
	}},
	{"integers-keep-all-bits", func(x *fixture) {
		small, large, big := x.key(item, "a"), x.key(item, "b"), x.key(item, "c")
		x.commit(write(small, store.Absent, 1, doc{"n": int64(math.MinInt64)}),
			write(large, store.Absent, math.MaxInt64, doc{"n": int64(math.MaxInt64)}),
			write(big, store.Absent, 1<<53+1, doc{"n": int64(1<<53 + 1)}))
		x.stands(large, math.MaxInt64)
		x.stands(big, 1<<53+1)
		q := store.Query{Tenant: x.tenant, Kind: item, Index: "n"}
		x.finds(q, small, big, large)
		q.Equal = ints(1<<53 + 1)
		x.finds(q, big)
		q.Equal = ints(1 << 53)
		x.finds(q)
	}},
}
