package storagetest_test

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/forewarn-go/forewarn/store"
)

// onQuery returns a store that asks something else than it was asked.
func onQuery(change func(q *store.Query)) func(*sound) *twisted {
	return func(s *sound) *twisted {
		return &twisted{sound: s, find: func(ctx context.Context, q store.Query) (store.Page, error) {
			if _, err := s.plan(q); err != nil {
				return store.Page{}, err
			}
			change(&q)
			page, err := s.Find(ctx, q)
			var invalid *store.InvalidError
			if errors.As(err, &invalid) && q.After != "" { // the change makes it another query: from the start, then
				q.After = ""
				return s.Find(ctx, q)
			}
			return page, err
		}}
	}
}

// onPage returns a store that changes the pages that it found.
func onPage(change func(s *sound, q store.Query, page *store.Page)) func(*sound) *twisted {
	return func(s *sound) *twisted {
		return &twisted{sound: s, find: func(ctx context.Context, q store.Query) (store.Page, error) {
			page, err := s.Find(ctx, q)
			if err == nil {
				change(s, q, &page)
			}
			return page, err
		}}
	}
}

// placeOf returns where a record stands in a query, by what is in its body.
func placeOf(s *sound, q store.Query, r store.Record) (*store.Plan, store.Place) {
	p, err := s.plan(q)
	if err != nil {
		panic(err)
	}
	values, err := p.Kind().Of(r.Body)
	if err != nil {
		panic(err)
	}
	return p, p.Place(r.Key, values)
}

// regroup sorts the records of a page anew where their order values are equal.
func regroup(s *sound, q store.Query, page *store.Page, less func(a, b store.Record) int) {
	slices.SortStableFunc(page.Records, func(a, b store.Record) int {
		p, at := placeOf(s, q, a)
		_, bt := placeOf(s, q, b)
		at.Key, bt.Key = store.Key{}, store.Key{}
		if c := p.Compare(at, bt); c != 0 {
			return c
		}
		return less(a, b)
	})
}

// find clauses that compare whole results in order.
var orders = []string{"find-orders-by-the-fields-after-equal-then-by-id", "find-orders-by-id-where-all-values-are-equal", "text-compares-by-bytes",
	"a-range-takes-its-start-and-not-its-end", "a-range-after-some-fields-bounds-only-the-next", "a-prefix-is-a-range", "any-of-merges-without-doubles",
	"a-record-with-an-absent-value-is-not-in-that-index", "across-tenants-the-order-ends-in-id-and-tenant", "times-keep-their-microseconds", "integers-keep-all-bits",
	"from-to-and-limit-may-differ-between-pages", "the-store-does-what-a-naive-model-does"}

// clauses that page.
var pages = []string{"pages-have-the-size-that-was-asked-for", "a-page-has-a-hundred-records-unless-asked", "paging-returns-what-stays-exactly-once-whatever-changes",
	"the-row-that-a-cursor-names-may-be-gone", "a-cursor-may-be-used-again", "from-to-and-limit-may-differ-between-pages", "a-cursor-of-another-query-is-refused"}

func brokenFinds() []broken {
	return []broken{
		{name: "the order ignores the id", twist: onPage(func(s *sound, q store.Query, page *store.Page) {
			regroup(s, q, page, func(a, b store.Record) int { return bytes.Compare(b.ID[:], a.ID[:]) })
		}),
			caught: []string{"find-orders-by-id-where-all-values-are-equal"}, beside: slices.Concat(orders, pages)},
		{name: "ids are compared as signed bytes", twist: onPage(func(s *sound, q store.Query, page *store.Page) {
			regroup(s, q, page, func(a, b store.Record) int {
				c := int(int8(a.ID[0])) - int(int8(b.ID[0]))
				if q.Descending {
					return -c
				}
				return c
			})
		}),
			caught: []string{"find-orders-by-id-where-all-values-are-equal", "find-orders-by-the-fields-after-equal-then-by-id"}, beside: slices.Concat(orders, pages)},
		{name: "descending turns the fields, not the id", twist: onPage(func(s *sound, q store.Query, page *store.Page) {
			regroup(s, q, page, func(a, b store.Record) int { return store.CompareID(a.ID, b.ID) })
		}),
			caught: []string{"find-orders-by-id-where-all-values-are-equal", "find-orders-by-the-fields-after-equal-then-by-id"}, beside: slices.Concat(orders, pages)},
		{name: "across tenants the tenant does not order", twist: onPage(func(s *sound, q store.Query, page *store.Page) {
			if q.AllTenants {
				regroup(s, q, page, func(a, b store.Record) int {
					if c := store.CompareID(a.ID, b.ID); c != 0 && !q.Descending {
						return c
					} else if c != 0 {
						return -c
					}
					return bytes.Compare([]byte(b.Tenant), []byte(a.Tenant))
				})
			}
		}),
			caught: []string{"across-tenants-the-order-ends-in-id-and-tenant"}, beside: []string{"the-store-does-what-a-naive-model-does"}},
		{name: "text is compared without case", twist: onPage(func(s *sound, q store.Query, page *store.Page) {
			if q.Index == "name" && len(page.Records) > 2 {
				slices.SortStableFunc(page.Records, func(a, b store.Record) int { return bytes.Compare(bytes.ToLower(a.Body), bytes.ToLower(b.Body)) })
			}
		}),
			caught: []string{"text-compares-by-bytes"}, beside: slices.Concat(orders, pages)},
		{name: "a range takes its end", twist: onQuery(func(q *store.Query) {
			if q.To != nil && q.To.Text == "" {
				q.To = &store.Value{Int: q.To.Int + 1, Set: true}
			} else if q.To != nil {
				q.To = &store.Value{Text: q.To.Text + "\x01", Set: true}
			}
		}),
			caught: []string{"a-range-takes-its-start-and-not-its-end", "a-prefix-is-a-range"}, beside: slices.Concat(orders, pages)},
		{name: "a range does not take its start", twist: onQuery(func(q *store.Query) {
			if q.From != nil && q.From.Text == "" {
				q.From = &store.Value{Int: q.From.Int + 1, Set: true}
			}
		}),
			caught: []string{"a-range-takes-its-start-and-not-its-end"}, beside: slices.Concat(orders, pages)},
		{name: "a range bounds the last field", twist: onQuery(func(q *store.Query) {
			if len(q.Equal) == 1 && q.Index == "state_n_name" {
				q.From, q.To = nil, nil
			}
		}),
			caught: []string{"a-range-after-some-fields-bounds-only-the-next"}, beside: []string{"the-store-does-what-a-naive-model-does"}},
		{name: "a prefix ends before the highest character", twist: onQuery(func(q *store.Query) {
			if q.From != nil && q.To != nil && q.To.Text != "" {
				q.To = &store.Value{Text: q.From.Text + "\U0010ffff", Set: true}
			}
		}),
			caught: []string{"a-prefix-is-a-range"}, beside: slices.Concat(orders, pages)},
		{name: "any of gives doubles", twist: func(s *sound) *twisted {
			return &twisted{sound: s, find: func(ctx context.Context, q store.Query) (store.Page, error) {
				page, err := s.Find(ctx, q)
				seen := map[store.Value]bool{}
				for _, v := range q.AnyOf {
					if seen[v] && err == nil && q.After == "" {
						again := q
						again.AnyOf, again.Limit = []store.Value{v}, 1
						more, err := s.Find(ctx, again)
						if err != nil {
							return page, err
						}
						page.Records = append(more.Records, page.Records...)
						page.Records = page.Records[:min(len(page.Records), max(q.Limit, 1))]
					}
					seen[v] = true
				}
				return page, err
			}}
		},
			caught: []string{"any-of-merges-without-doubles"}, beside: slices.Concat(orders, pages)},
		{name: "any of gives value after value", twist: onPage(func(s *sound, q store.Query, page *store.Page) {
			if q.Index != "state_at" {
				return
			}
			slices.SortStableFunc(page.Records, func(a, b store.Record) int {
				x, _ := s.kinds.Get(q.Kind)
				av, _ := x.Of(a.Body)
				bv, _ := x.Of(b.Body)
				return av[0].Compare(bv[0])
			})
		}),
			caught: []string{"any-of-merges-without-doubles"}, beside: []string{"the-store-does-what-a-naive-model-does"}},
		{name: "any of nothing asks nothing", twist: onQuery(func(q *store.Query) {
			if len(q.AnyOf) == 0 && q.From == nil && q.To == nil {
				q.AnyOf = nil
			}
		}),
			caught: []string{"any-of-nothing-finds-nothing"}, beside: []string{"the-store-does-what-a-naive-model-does"}},
		{name: "an absent value is kept as empty", twist: onPut(func(p *store.Put) {
			for i, v := range p.Values {
				switch {
				case v.Set:
				case p.Kind == "suite_item" && (i == 1 || i == 2):
					p.Values[i] = store.IntValue(0)
				default:
					p.Values[i] = store.TextValue("")
				}
				if p.Kind == "suite_due" && i > 0 && !v.Set {
					p.Values[i] = store.IntValue(0)
				}
			}
		}),
			caught: []string{"a-record-with-an-absent-value-is-not-in-that-index"}, beside: slices.Concat(orders, []string{"absence-that-was-read-must-still-hold"})},
		{name: "an empty value is kept as absent", twist: onPut(func(p *store.Put) {
			for i, v := range p.Values {
				if v.Text == "" && v.Int == 0 {
					p.Values[i] = store.Value{}
				}
			}
		}),
			caught: []string{"a-record-with-an-absent-value-is-not-in-that-index", "text-compares-by-bytes"}, beside: slices.Concat(orders, pages, []string{"paging-returns-what-stays-exactly-once-whatever-changes"})},
		{name: "an index is not kept when the record changes", twist: func(s *sound) *twisted {
			var mu sync.Mutex
			first := map[store.Key][]store.Value{}
			return onPut(func(p *store.Put) {
				mu.Lock()
				defer mu.Unlock()
				if len(first[p.Key]) > 0 {
					p.Values = slices.Clone(first[p.Key])
				}
				first[p.Key] = slices.Clone(p.Values)
			})(s)
		},
			caught: []string{"find-sees-what-was-committed", "commit-creates-changes-and-deletes", "put-at-any-takes-effect-whatever-stands-there"}, beside: all()},
		{name: "tenants leak in any of", twist: func(s *sound) *twisted {
			var mu sync.Mutex
			tenants := map[string]bool{}
			t := onCommit(func(s *sound, ctx context.Context, b store.Batch) error {
				mu.Lock()
				for _, p := range b.Puts {
					tenants[p.Tenant] = true
				}
				mu.Unlock()
				return s.Commit(ctx, b)
			})(s)
			t.find = func(ctx context.Context, q store.Query) (store.Page, error) {
				page, err := s.Find(ctx, q)
				if err != nil || q.AnyOf == nil || page.Next != "" {
					return page, err
				}
				mu.Lock()
				defer mu.Unlock()
				for other := range tenants {
					if other != q.Tenant && other != "" && !q.AllTenants {
						leak := q
						leak.Tenant, leak.After = other, ""
						more, err := s.Find(ctx, leak)
						if err != nil {
							return page, err
						}
						page.Records = append(page.Records, more.Records...)
					}
				}
				return page, nil
			}
			return t
		},
			caught: []string{"tenants-do-not-see-each-other"}, beside: []string{"the-store-does-what-a-naive-model-does", "paging-returns-what-stays-exactly-once-whatever-changes"}},
		{name: "a global kind is always found across tenants", twist: onQuery(func(q *store.Query) {
			if q.Kind == "suite_due" {
				q.Tenant, q.AllTenants = "", true
			}
		}),
			caught: []string{"a-global-kind-is-found-within-a-tenant-too"}, beside: []string{"the-store-does-what-a-naive-model-does"}},
		{name: "all tenants is allowed where it must not be", twist: func(s *sound) *twisted {
			return &twisted{sound: s, find: func(ctx context.Context, q store.Query) (store.Page, error) {
				if k, err := s.kinds.Get(q.Kind); err == nil && q.AllTenants && !k.Global && q.Tenant == "" {
					q.Tenant, q.AllTenants = "somebody", false
				}
				return s.Find(ctx, q)
			}}
		},
			caught: []string{"all-tenants-is-refused-for-kinds-that-are-not-global"}},
		{name: "a query that does not fit finds nothing", twist: func(s *sound) *twisted {
			return &twisted{sound: s, find: func(ctx context.Context, q store.Query) (store.Page, error) {
				page, err := s.Find(ctx, q)
				var invalid *store.InvalidError
				if errors.As(err, &invalid) && q.After == "" && !q.AllTenants && invalid.Field != "kind suite_unknown" {
					return store.Page{}, nil
				}
				return page, err
			}}
		},
			caught: []string{"a-query-that-does-not-fit-is-refused"}},
	}
}
