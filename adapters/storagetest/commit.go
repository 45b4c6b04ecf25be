package storagetest

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn/store"
)

var commitClauses = []part{
	{"commit-creates-changes-and-deletes", func(x *fixture) {
		a, b, c, d := x.key(item, "a"), x.key(item, "b"), x.key(child, "c"), x.key(plain, "d")
		x.commit(write(a, store.Absent, 5, doc{"state": "new"}), write(b, store.Absent, 6, doc{"state": "new"}), write(d, store.Absent, 9, nil))
		x.do(store.Batch{
			Puts:    []store.Put{write(a, 5, 7, doc{"state": "open", "n": 3}), write(c, store.Absent, 8, doc{"parent": "a"})},
			Deletes: []store.Read{{Key: b, Expect: 6}},
			Reads:   []store.Read{{Key: d, Expect: 9}, {Key: x.key(plain, "none"), Expect: store.Absent}},
		})
		x.stands(a, 7)
		x.stands(b, 0)
		x.stands(c, 8)
		x.stands(d, 9)
		if r := x.get(a); !sameJSON(r.Body, []byte(`{"state":"open","n":3}`)) {
			x.Errorf("the body is %s", r.Body)
		}
		x.finds(store.Query{Tenant: x.tenant, Kind: item, Index: "state", Equal: texts("new")})
		x.finds(store.Query{Tenant: x.tenant, Kind: item, Index: "state", Equal: texts("open")}, a)
		x.finds(store.Query{Tenant: x.tenant, Kind: item, Index: "n", Equal: ints(3)}, a)
	}},
	{"versions-are-the-callers-and-only-compared-for-equality", func(x *fixture) {
		k := x.key(item, "a")
		last := store.Absent
		for _, v := range []int64{1 << 62, 3, 1, 1 << 40, 2} { // down as well as up
			x.commit(write(k, last, v, doc{"n": 1}))
			x.stands(k, v)
			last = v
		}
		x.conflict(x.s.Commit(x.ctx, store.Batch{Puts: []store.Put{write(k, 1, 9, nil)}}), store.Changed, k) // lower
		x.conflict(x.s.Commit(x.ctx, store.Batch{Puts: []store.Put{write(k, 3, 9, nil)}}), store.Changed, k) // higher
		x.stands(k, 2)
	}},
	{"versions-do-not-restart-after-delete-and-create", func(x *fixture) {
		k := x.key(item, "a")
		x.commit(write(k, store.Absent, 70, doc{"n": 1}))
		x.do(store.Batch{Deletes: []store.Read{{Key: k, Expect: 70}}})
		x.stands(k, 0)
		x.commit(write(k, store.Absent, 900, doc{"n": 2}))
		x.stands(k, 900)
		x.conflict(x.s.Commit(x.ctx, store.Batch{Puts: []store.Put{write(k, 70, 71, nil)}}), store.Changed, k)
		x.conflict(x.s.Commit(x.ctx, store.Batch{Puts: []store.Put{write(k, 1, 71, nil)}}), store.Changed, k)
		x.stands(k, 900)
	}},
	{"put-at-any-takes-effect-whatever-stands-there", func(x *fixture) {
		k := x.key(due, "a")
		x.commit(write(k, store.Any, 10, doc{"run": x.tenant, "shard": 1, "at": 1}))
		x.stands(k, 10)
		x.commit(write(k, store.Any, 4, doc{"run": x.tenant, "shard": 2, "at": 1}))
		x.stands(k, 4)
		x.finds(store.Query{Tenant: x.tenant, Kind: due, Index: "due", Equal: []store.Value{store.TextValue(x.tenant), store.IntValue(1)}})
		x.finds(store.Query{Tenant: x.tenant, Kind: due, Index: "due", Equal: []store.Value{store.TextValue(x.tenant), store.IntValue(2)}}, k)
	}},
	{"delete-at-any-takes-effect-whatever-stands-there", func(x *fixture) {
		k := x.key(due, "a")
		x.do(store.Batch{Deletes: []store.Read{{Key: k, Expect: store.Any}}})
		x.commit(write(k, store.Absent, 4, doc{"run": x.tenant, "shard": 2, "at": 1}))
		x.do(store.Batch{Deletes: []store.Read{{Key: k, Expect: store.Any}}, Puts: []store.Put{write(x.key(due, "b"), store.Any, 1, nil)}})
		x.stands(k, 0)
		x.stands(x.key(due, "b"), 1)
	}},
	{"an-empty-commit-does-nothing", func(x *fixture) { x.do(store.Batch{}) }},
	{"a-commit-that-only-reads-is-checked", func(x *fixture) {
		a := x.key(item, "a")
		x.commit(write(a, store.Absent, 4, nil))
		x.do(store.Batch{Reads: []store.Read{{Key: a, Expect: 4}}})
		x.stands(a, 4)
		x.conflict(x.s.Commit(x.ctx, store.Batch{Reads: []store.Read{{Key: a, Expect: 5}}}), store.Changed, a)
	}},
	{"a-batch-that-fails-leaves-nothing", func(x *fixture) {
		stands, gone := x.key(item, "stands"), x.key(child, "gone")
		x.commit(write(stands, store.Absent, 4, doc{"state": "s", "n": 1}))
		bad := []store.Batch{
			{Puts: []store.Put{write(stands, store.Absent, 5, nil)}},
			{Puts: []store.Put{write(stands, 3, 5, nil)}},
			{Puts: []store.Put{write(gone, 3, 5, nil)}},
			{Deletes: []store.Read{{Key: stands, Expect: 3}}},
			{Deletes: []store.Read{{Key: gone, Expect: 3}}},
			{Reads: []store.Read{{Key: stands, Expect: 3}}},
			{Reads: []store.Read{{Key: stands, Expect: store.Absent}}},
			{Reads: []store.Read{{Key: gone, Expect: 3}}},
		}
		for i, b := range bad {
			// Other entries before and behind, in kinds that sort before and after.
			made := []store.Key{x.key(child, "1"), x.key(item, "2"), x.key(plain, "3"), x.key(due, "4")}
			changed, dropped := x.key(child, "changed"), x.key(plain, "dropped")
			x.commit(write(changed, store.Any, 21, doc{"parent": "p"}), write(dropped, store.Any, 22, nil))
			for j, k := range made {
				b.Puts = slices.Insert(b.Puts, (j%2)*len(b.Puts), write(k, store.Absent, 30, doc{"state": "torn", "run": x.tenant, "shard": 1, "at": 1}))
			}
			b.Puts = append(b.Puts, write(changed, 21, 23, doc{"parent": "torn"}))
			b.Deletes = append(b.Deletes, store.Read{Key: dropped, Expect: 22})
			if err := x.s.Commit(x.ctx, b); err == nil {
				x.Errorf("batch %d was taken", i)
				return
			}
			for _, k := range made {
				x.stands(k, 0)
			}
			x.stands(changed, 21)
			x.stands(dropped, 22)
			x.stands(stands, 4)
			x.stands(gone, 0)
			x.finds(store.Query{Tenant: x.tenant, Kind: item, Index: "state", Equal: texts("torn")})
			x.finds(store.Query{Tenant: x.tenant, Kind: child, Index: "parent", Equal: texts("torn")})
			x.finds(store.Query{Tenant: x.tenant, Kind: child, Index: "parent", Equal: texts("p")}, changed)
		}
	}},
}

var conflictClauses = []part{
	{"a-put-succeeds-only-at-the-version-it-expects", func(x *fixture) {
		a, none := x.key(item, "a"), x.key(item, "none")
		x.commit(write(a, store.Absent, 4, doc{"n": 1}))
		x.conflict(x.s.Commit(x.ctx, store.Batch{Puts: []store.Put{write(a, 3, 5, nil)}}), store.Changed, a)
		x.conflict(x.s.Commit(x.ctx, store.Batch{Puts: []store.Put{write(none, 3, 5, nil)}}), store.Gone, none)
		x.stands(a, 4)
		x.stands(none, 0)
	}},
	{"a-creation-succeeds-only-where-nothing-stands", func(x *fixture) {
		a := x.key(item, "a")
		x.commit(write(a, store.Absent, 4, doc{"n": 1}))
		x.conflict(x.s.Commit(x.ctx, store.Batch{Puts: []store.Put{write(a, store.Absent, 5, doc{"n": 2})}}), store.Exists, a)
		if r := x.get(a); r.Version != 4 || !sameJSON(r.Body, []byte(`{"n":1}`)) {
			x.Errorf("the second creation left version %d, %s", r.Version, r.Body)
		}
	}},
	{"a-delete-succeeds-only-at-the-version-it-expects", func(x *fixture) {
		a, none := x.key(item, "a"), x.key(item, "none")
		x.commit(write(a, store.Absent, 4, nil))
		x.conflict(x.s.Commit(x.ctx, store.Batch{Deletes: []store.Read{{Key: a, Expect: 3}}}), store.Changed, a)
		x.conflict(x.s.Commit(x.ctx, store.Batch{Deletes: []store.Read{{Key: none, Expect: 3}}}), store.Gone, none)
		x.stands(a, 4)
	}},
	{"a-read-precondition-must-still-hold", func(x *fixture) {
		a, none, w := x.key(item, "a"), x.key(item, "none"), x.key(child, "w")
		x.commit(write(a, store.Absent, 4, nil))
		put := []store.Put{write(w, store.Absent, 1, nil)}
		x.conflict(x.s.Commit(x.ctx, store.Batch{Puts: put, Reads: []store.Read{{Key: a, Expect: 3}}}), store.Changed, a)
		x.conflict(x.s.Commit(x.ctx, store.Batch{Puts: put, Reads: []store.Read{{Key: none, Expect: 3}}}), store.Gone, none)
		x.stands(w, 0)
		x.do(store.Batch{Puts: put, Reads: []store.Read{{Key: a, Expect: 4}}})
		x.stands(w, 1)
	}},
	{"absence-that-was-read-must-still-hold", func(x *fixture) {
		a, none, w := x.key(item, "a"), x.key(item, "none"), x.key(child, "w")
		x.commit(write(a, store.Absent, 4, nil))
		put := []store.Put{write(w, store.Absent, 1, nil)}
		x.conflict(x.s.Commit(x.ctx, store.Batch{Puts: put, Reads: []store.Read{{Key: a, Expect: store.Absent}}}), store.Exists, a)
		x.stands(w, 0)
		x.do(store.Batch{Puts: put, Reads: []store.Read{{Key: none, Expect: store.Absent}}})
		x.stands(w, 1)
		x.stands(none, 0)
		x.finds(store.Query{Tenant: x.tenant, Kind: item, Index: "state"}) // nothing was left where absence was held
	}},
	{"a-conflict-names-the-record-and-the-reason", func(x *fixture) {
		var good []store.Put
		for _, name := range []string{"1", "2", "3", "4", "5"} {
			x.commit(write(x.key(item, name), store.Absent, 4, nil))
			good = append(good, write(x.key(item, name), 4, 5, nil))
		}
		exists, changed, gone := x.key(item, "exists"), x.key(child, "changed"), x.key(plain, "gone")
		x.commit(write(exists, store.Absent, 4, nil), write(changed, store.Absent, 4, nil))
		for _, c := range []struct {
			reason string
			key    store.Key
			b      store.Batch
		}{
			{store.Exists, exists, store.Batch{Puts: []store.Put{write(exists, store.Absent, 5, nil)}}},
			{store.Changed, changed, store.Batch{Puts: []store.Put{write(changed, 3, 5, nil)}}},
			{store.Gone, gone, store.Batch{Puts: []store.Put{write(gone, 3, 5, nil)}}},
			{store.Changed, changed, store.Batch{Deletes: []store.Read{{Key: changed, Expect: 3}}}},
			{store.Gone, gone, store.Batch{Deletes: []store.Read{{Key: gone, Expect: 3}}}},
			{store.Exists, exists, store.Batch{Reads: []store.Read{{Key: exists, Expect: store.Absent}}}},
			{store.Changed, changed, store.Batch{Reads: []store.Read{{Key: changed, Expect: 3}}}},
			{store.Gone, gone, store.Batch{Reads: []store.Read{{Key: gone, Expect: 3}}}},
		} {
			for _, at := range []int{0, 2, 5} { // where it stands in the batch does not matter
				b := c.b
				if len(b.Puts) > 0 {
					b.Puts = slices.Concat(good[:at], c.b.Puts, good[at:])
				} else {
					b.Puts = good
				}
				x.conflict(x.s.Commit(x.ctx, b), c.reason, c.key)
			}
		}
		// Of several any may be named, with its own reason.
		err := x.s.Commit(x.ctx, store.Batch{Puts: append(slices.Clone(good), write(exists, store.Absent, 5, nil)),
			Reads: []store.Read{{Key: changed, Expect: 3}}, Deletes: []store.Read{{Key: gone, Expect: 3}}})
		reason := map[store.Key]string{exists: store.Exists, changed: store.Changed, gone: store.Gone}
		if k, ok := conflictKey(err); !ok || reason[k] == "" {
			x.Errorf("got %v, want a conflict that names one of the three", err)
		} else {
			x.conflict(err, reason[k], k)
		}
	}},
}

var refusalClauses = []part{
	{"a-batch-that-can-never-succeed-is-refused-before-any-effect", func(x *fixture) {
		a := x.key(item, "a")
		x.commit(write(a, store.Absent, 4, nil))
		good := write(x.key(child, "good"), store.Absent, 1, nil)
		put := func(change func(*store.Put)) store.Batch {
			p := write(x.key(item, "bad"), store.Absent, 1, doc{"state": "s", "n": 1})
			change(&p)
			return store.Batch{Puts: []store.Put{good, p}}
		}
		event := func(change func(*store.Event)) store.Batch {
			e := store.Event{ID: a.ID, Ticket: a, Type: "t", Body: json.RawMessage(`{}`)}
			change(&e)
			return store.Batch{Puts: []store.Put{good}, Events: []store.Event{e}}
		}
		for name, b := range map[string]store.Batch{
			"a record twice among puts":      {Puts: []store.Put{good, write(a, 4, 5, nil), write(a, 4, 6, nil)}},
			"a record put and deleted":       {Puts: []store.Put{good, write(a, 4, 5, nil)}, Deletes: []store.Read{{Key: a, Expect: 4}}},
			"a record put and read":          {Puts: []store.Put{good, write(a, 4, 5, nil)}, Reads: []store.Read{{Key: a, Expect: 4}}},
			"version 0":                      put(func(p *store.Put) { p.Version = 0 }),
			"a version below 0":              put(func(p *store.Put) { p.Version = -3 }),
			"an expectation below Any":       put(func(p *store.Put) { p.Expect = -2 }),
			"the version that it expects":    {Puts: []store.Put{good, write(a, 4, 4, nil)}},
			"no body":                        put(func(p *store.Put) { p.Body = nil }),
			"a body that is no JSON":         put(func(p *store.Put) { p.Body = json.RawMessage(`{"a":`) }),
			"a body that is no UTF-8":        put(func(p *store.Put) { p.Body = json.RawMessage("\"\xff\"") }),
			"no values":                      put(func(p *store.Put) { p.Values = nil }),
			"a value too many":               put(func(p *store.Put) { p.Values = append(p.Values, store.Value{}) }),
			"an integer for a text":          put(func(p *store.Put) { p.Values[0] = store.IntValue(1) }),
			"a text for an integer":          put(func(p *store.Put) { p.Values[1] = store.TextValue("1") }),
			"a text with NUL":                put(func(p *store.Put) { p.Values[0] = store.TextValue("a\x00b") }),
			"a text that is no UTF-8":        put(func(p *store.Put) { p.Values[0] = store.TextValue("\xff") }),
			"a text over MaxText":            put(func(p *store.Put) { p.Values[0] = store.TextValue(strings.Repeat("x", store.MaxText+1)) }),
			"a delete that expects absence":  {Puts: []store.Put{good}, Deletes: []store.Read{{Key: a, Expect: store.Absent}}},
			"a read that expects Any":        {Puts: []store.Put{good}, Reads: []store.Read{{Key: a, Expect: store.Any}}},
			"an event without an id":         event(func(e *store.Event) { e.ID = uuid.Nil }),
			"an event without a ticket":      event(func(e *store.Event) { e.Ticket = store.Key{} }),
			"an event without a type":        event(func(e *store.Event) { e.Type = "" }),
			"an event without a body":        event(func(e *store.Event) { e.Body = nil }),
			"an event whose body is no JSON": event(func(e *store.Event) { e.Body = json.RawMessage(`{`) }),
		} {
			if err := x.s.Commit(x.ctx, b); err == nil {
				x.Errorf("%s was taken", name)
			} else {
				x.invalid(err)
			}
			if r := x.get(good.Key); r.Version != 0 {
				x.Fatalf("%s: the rest of the batch is there", name)
			}
			x.stands(a, 4)
		}
	}},
	{"a-text-of-the-full-length-is-taken", func(x *fixture) {
		k := x.key(item, "a")
		long := strings.Repeat("ü", store.MaxText/2)
		x.commit(write(k, store.Absent, 1, doc{"name": long}))
		x.finds(store.Query{Tenant: x.tenant, Kind: item, Index: "name", Equal: texts(long)}, k)
	}},
}

func conflictKey(err error) (store.Key, bool) {
	var c *store.ConflictError
	if !errors.As(err, &c) {
		return store.Key{}, false
	}
	return c.Key, true
}
