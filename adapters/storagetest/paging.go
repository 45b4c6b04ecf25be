package storagetest

import (
	"fmt"
	"slices"

	"github.com/forewarn-go/forewarn/store"
)

// rows creates n items of state "s" with at = their number, and returns their keys in that order.
func (x *fixture) rows(n int) []store.Key {
	x.Helper()
	var b store.Batch
	var keys []store.Key
	for i := range n {
		k := x.key(item, "row")
		k.ID = numbered(n - i) // ids the other way round
		keys = append(keys, k)
		b.Puts = append(b.Puts, write(k, store.Absent, 1, doc{"state": "s", "at": 10 * i}))
	}
	x.do(b)
	return keys
}

var pagingClauses = []part{
	{"pages-have-the-size-that-was-asked-for", func(x *fixture) {
		keys := x.rows(12)
		q := store.Query{Tenant: x.tenant, Kind: item, Index: "state_at", Equal: texts("s")}
		for _, limit := range []int{1, 5, 11, 12, 13} {
			q.Limit, q.After = limit, ""
			var got []store.Key
			for {
				page := x.find(q)
				for _, r := range page.Records {
					got = append(got, r.Key)
				}
				if page.Next != "" && len(page.Records) != limit {
					x.Errorf("a page that is not the last has %d records, the limit is %d", len(page.Records), limit)
				}
				if page.Next == "" || len(got) > len(keys) {
					break
				}
				q.After = page.Next
			}
			if !slices.Equal(got, keys) {
				x.Errorf("pages of %d gave %s, want %s", limit, ids(got), ids(keys))
			}
		}
	}},
	{"a-page-has-a-hundred-records-unless-asked", func(x *fixture) {
		var b store.Batch
		for i := range 101 {
			b.Puts = append(b.Puts, write(x.key(child, fmt.Sprint(i)), store.Absent, 1, doc{"parent": "p"}))
			if len(b.Puts) == 60 {
				x.do(b)
				b = store.Batch{}
			}
		}
		x.do(b)
		page := x.find(store.Query{Tenant: x.tenant, Kind: child, Index: "parent"})
		if len(page.Records) != store.DefaultLimit || page.Next == "" {
			x.Errorf("a page without a limit has %d records, next %q", len(page.Records), page.Next)
		}
	}},
	{"paging-returns-what-stays-exactly-once-whatever-changes", func(x *fixture) {
		for _, descending := range []bool{false, true} {
			for _, anyOf := range []bool{false, true} {
				sub := *x
				sub.tenant = newTenant()
				sub.pageThroughChanges(descending, anyOf)
			}
		}
	}},
	{"the-row-that-a-cursor-names-may-be-gone", func(x *fixture) {
		keys := x.rows(10)
		q := store.Query{Tenant: x.tenant, Kind: item, Index: "state_at", Equal: texts("s"), Limit: 1}
		for i := range keys { // read one, take it away, go on: as due work does
			page := x.find(q)
			if len(page.Records) != 1 || page.Records[0].Key != keys[i] {
				x.Fatalf("page %d has %v, want %s", i, page.Records, keys[i])
			}
			x.do(store.Batch{Deletes: []store.Read{{Key: keys[i], Expect: 1}}})
			q.After = page.Next
			if i == len(keys)-1 {
				if page.Next != "" {
					if rest := x.find(q); len(rest.Records) > 0 {
						x.Errorf("after the last page there is %v", rest.Records)
					}
				}
			} else if page.Next == "" {
				x.Fatalf("page %d is said to be the last", i)
			}
		}
	}},
	{"a-cursor-may-be-used-again", func(x *fixture) {
		keys := x.rows(9)
		q := store.Query{Tenant: x.tenant, Kind: item, Index: "state_at", Equal: texts("s"), Limit: 3}
		q.After = x.find(q).Next
		for range 2 {
			if page := x.find(q); len(page.Records) != 3 || page.Records[0].Key != keys[3] {
				x.Errorf("the second page is %v", page.Records)
			}
		}
	}},
	{"from-to-and-limit-may-differ-between-pages", func(x *fixture) {
		keys := x.rows(20)
		q := store.Query{Tenant: x.tenant, Kind: item, Index: "state_at", Equal: texts("s"), Limit: 5}
		q.After = x.find(q).Next
		next := q
		next.Limit, next.To = 10, bound(store.IntValue(80))
		x.finds(next, keys[5:8]...)
		next = q
		next.From = bound(store.IntValue(100))
		x.finds(next, keys[10:]...)
		next = q
		next.From = bound(store.IntValue(20)) // before the cursor, which counts
		x.finds(next, keys[5:]...)
		q = store.Query{Tenant: x.tenant, Kind: item, Index: "state_at", Equal: texts("s"), Limit: 5, Descending: true}
		q.After = x.find(q).Next
		q.To = bound(store.IntValue(190))
		want := slices.Clone(keys[:15])
		slices.Reverse(want)
		x.finds(q, want...)
	}},
	{"a-cursor-of-another-query-is-refused", func(x *fixture) {
		x.rows(6)
		q := store.Query{Tenant: x.tenant, Kind: item, Index: "state_at", AnyOf: texts("s", "t"), Limit: 2}
		cursor := x.find(q).Next
		other := newTenant()
		for name, change := range map[string]func(*store.Query){
			"tenant":    func(q *store.Query) { q.Tenant = other },
			"kind":      func(q *store.Query) { *q = store.Query{Tenant: x.tenant, Kind: child, Index: "parent"} },
			"index":     func(q *store.Query) { q.Index = "state" },
			"equal":     func(q *store.Query) { q.AnyOf, q.Equal = nil, texts("s") },
			"any of":    func(q *store.Query) { q.AnyOf = texts("s", "u") },
			"no any of": func(q *store.Query) { q.AnyOf = nil },
			"direction": func(q *store.Query) { q.Descending = true },
			"tampering": func(q *store.Query) { q.After = cursor[:len(cursor)-4] },
		} {
			another := q
			another.After = cursor
			change(&another)
			if another.After == "" {
				another.After = cursor
			}
			if _, err := x.s.Find(x.ctx, another); err == nil {
				x.Errorf("the cursor of a query with another %s was taken", name)
			} else {
				x.invalid(err)
			}
		}
		same := q
		same.After = cursor
		same.AnyOf = texts("t", "s", "t") // the same set
		if n := len(x.all(same)); n != 4 {
			x.Errorf("the rest behind the cursor has %d records, want 4", n)
		}
	}},
}

// pageThroughChanges reads page by page; between the pages records come, go,
// move and change before, at and behind the cursor, while others stay.
func (x *fixture) pageThroughChanges(descending, anyOf bool) {
	x.Helper()
	stay := x.rows(30)
	q := store.Query{Tenant: x.tenant, Kind: item, Index: "state_at", Equal: texts("s"), Limit: 4, Descending: descending}
	if anyOf {
		q.Equal, q.AnyOf = nil, texts("u", "s")
	}
	extra := map[int]int64{} // by number: the version of other records
	at := func(i int) store.Key { return x.key(item, fmt.Sprint("extra", i)) }
	seen := map[store.Key]int{}
	for page := 0; ; page++ {
		// Records come at places all over, between and beside those that stay.
		for i := range 6 {
			n := page*6 + i
			extra[n] = 50
			x.commit(write(at(n), store.Absent, 50, doc{"state": "s", "at": (n*37)%300 + i - 3}))
		}
		for n, v := range extra { // half of them go again, or move
			switch n % 4 {
			case 1:
				x.do(store.Batch{Deletes: []store.Read{{Key: at(n), Expect: v}}})
				delete(extra, n)
			case 2:
				x.commit(write(at(n), v, v+1, doc{"state": "s", "at": (n*91 + int(v)*17) % 300}))
				extra[n] = v + 1
			}
		}
		// Records that stay change beside their order fields.
		k := stay[(page*11)%len(stay)]
		v := x.get(k).Version
		x.commit(write(k, v, v+1, doc{"state": "s", "at": 10 * ((page * 11) % len(stay)), "name": fmt.Sprint(page)}))
		p := x.find(q)
		for _, r := range p.Records {
			seen[r.Key]++
		}
		if len(p.Records) > 0 { // the row that the cursor names moves to where paging has been, unless it stays
			if last := p.Records[len(p.Records)-1]; !slices.Contains(stay, last.Key) {
				x.do(store.Batch{Deletes: []store.Read{{Key: last.Key, Expect: store.Any}}})
				for n := range extra {
					if at(n) == last.Key {
						delete(extra, n)
					}
				}
			}
		}
		if p.Next == "" {
			break
		}
		if page > 500 {
			x.Fatalf("the pages do not end")
		}
		q.After = p.Next
	}
	for i, k := range stay {
		if seen[k] != 1 {
			x.Errorf("descending %v, any of %v: record %d, which stayed, was returned %d times", descending, anyOf, i, seen[k])
		}
	}
}
