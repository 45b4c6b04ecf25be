package storagetest

import (
	"slices"
	"sync"

	"github.com/forewarn-go/forewarn/store"
)

var tenantClauses = []part{
	{"tenants-do-not-see-each-other", func(x *fixture) {
		mine, theirs := x.key(item, "a"), x.key(item, "a")
		theirs.Tenant = newTenant()
		x.commit(write(mine, store.Absent, 4, doc{"state": "s", "at": 1}))
		x.stands(theirs, 0) // the same id
		x.commit(write(theirs, store.Absent, 5, doc{"state": "s", "at": 1}))
		x.stands(mine, 4)
		for _, index := range []string{"state", "state_at"} {
			for _, descending := range []bool{false, true} {
				q := store.Query{Tenant: mine.Tenant, Kind: item, Index: index, AnyOf: texts("s"), Descending: descending, Limit: 1}
				x.finds(q, mine)
				q.Tenant = theirs.Tenant
				x.finds(q, theirs)
			}
		}
		x.do(store.Batch{Deletes: []store.Read{{Key: theirs, Expect: 5}}})
		x.stands(mine, 4)
	}},
	{"a-global-kind-is-found-within-a-tenant-too", func(x *fixture) {
		mine, theirs := x.key(due, "a"), x.key(due, "b")
		theirs.Tenant = newTenant()
		d := doc{"run": x.tenant, "shard": 3, "at": 7}
		x.commit(write(mine, store.Absent, 4, d), write(theirs, store.Absent, 5, d))
		q := store.Query{Tenant: mine.Tenant, Kind: due, Index: "due", Equal: texts(x.tenant), Limit: 1}
		x.finds(q, mine)
		q.Tenant = theirs.Tenant
		x.finds(q, theirs)
	}},
	{"all-tenants-is-refused-for-kinds-that-are-not-global", func(x *fixture) {
		x.commit(write(x.key(item, "a"), store.Absent, 4, doc{"state": "s"}))
		for _, q := range []store.Query{{AllTenants: true, Kind: item, Index: "state", Equal: texts("s")}, {AllTenants: true, Kind: child, Index: "parent"}} {
			if _, err := x.s.Find(x.ctx, q); err == nil {
				x.Errorf("a query across tenants was taken for %s", q.Kind)
			} else {
				x.invalid(err)
			}
		}
	}},
	{"across-tenants-the-order-ends-in-id-and-tenant", func(x *fixture) {
		a, b, c := newTenant(), newTenant(), newTenant()
		tenants := []string{a, b, c}
		slices.Sort(tenants)
		var want []store.Key
		var puts []store.Put
		for at := range 3 {
			for id := range 3 {
				for _, tenant := range tenants {
					k := store.Key{Tenant: tenant, Kind: due, ID: numbered(200 + 10*at + id)}
					want = append(want, k)
					puts = append(puts, write(k, store.Absent, 1, doc{"run": x.tenant, "shard": (id + at) % 2, "at": at}))
				}
			}
		}
		slices.Reverse(puts)
		x.commit(puts...)
		q := store.Query{AllTenants: true, Kind: due, Index: "due", Equal: texts(x.tenant), AnyOf: ints(1, 0), Limit: 4}
		x.finds(q, want...)
		q.To = bound(store.IntValue(2))
		x.finds(q, want[:18]...)
		q.Descending = true
		reverse := slices.Clone(want[:18])
		slices.Reverse(reverse)
		x.finds(q, reverse...)
	}},
}

var numberClauses = []part{
	{"numbers-begin-at-one-and-are-consecutive", func(x *fixture) {
		want := int64(1)
		for _, n := range []int{1, 1, 20, 3, 1000, 1} {
			first, err := x.s.Numbers(x.ctx, x.tenant, "INC", n)
			if err != nil || first < want {
				x.Fatalf("Numbers of %d: %d, %v; want %d or above", n, first, err, want)
			}
			if want == 1 && first != 1 {
				x.Errorf("the first number of a series is %d", first)
			}
			want = first + int64(n)
		}
	}},
	{"numbers-of-series-and-tenants-are-apart", func(x *fixture) {
		for _, of := range [][2]string{{x.tenant, "INC"}, {x.tenant, "TASK"}, {newTenant(), "INC"}} {
			if first, err := x.s.Numbers(x.ctx, of[0], of[1], 5); err != nil || first != 1 {
				x.Errorf("the first of %v is %d, %v", of, first, err)
			}
		}
	}},
	{"numbers-are-unique-under-concurrency", func(x *fixture) {
		const workers, draws, most = 8, 25, 7
		var mu sync.Mutex
		drawn := map[int64]int{}
		race(workers, func(w int) error {
			last := int64(0)
			for i := range draws {
				n := (w+i)%most + 1
				first, err := x.s.Numbers(x.ctx, x.tenant, "INC", n)
				if err != nil {
					x.Errorf("Numbers: %v", err)
					return err
				}
				if first <= last {
					x.Errorf("Numbers gave %d after %d", first, last)
				}
				last = first + int64(n) - 1
				mu.Lock()
				for k := range int64(n) {
					drawn[first+k]++
				}
				mu.Unlock()
			}
			return nil
		})
		for n, times := range drawn {
			if times > 1 {
				x.Errorf("number %d was given %d times", n, times)
			}
		}
	}},
	{"numbers-refuse-what-names-no-series", func(x *fixture) {
		_, err := x.s.Numbers(x.ctx, x.tenant, "INC", 0)
		x.invalid(err)
		_, err = x.s.Numbers(x.ctx, x.tenant, "INC", -1)
		x.invalid(err)
		_, err = x.s.Numbers(x.ctx, "", "INC", 1)
		x.invalid(err)
		_, err = x.s.Numbers(x.ctx, x.tenant, "", 1)
		x.invalid(err)
	}},
}
