package storagetest_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/forewarn-go/forewarn/store"
)

func brokenPages() []broken {
	return []broken{
		{name: "a page cursor is an offset: it repeats and drops", twist: func(s *sound) *twisted {
			var mu sync.Mutex
			offsets := map[string]int{}
			return &twisted{sound: s, find: func(ctx context.Context, q store.Query) (store.Page, error) {
				mu.Lock()
				defer mu.Unlock()
				if _, err := s.plan(q); err != nil { // so cursors of other queries are refused
					return store.Page{}, err
				}
				limit, offset := q.Limit, offsets[q.After]
				if limit == 0 {
					limit = store.DefaultLimit
				}
				q.After, q.Limit = "", store.MaxLimit
				page, err := s.Find(ctx, q)
				if err != nil {
					return page, err
				}
				rest := page.Records[min(offset, len(page.Records)):]
				page.Records = rest[:min(limit, len(rest))]
				if page.Next = ""; len(rest) > limit {
					last := page.Records[limit-1]
					p, place := placeOf(s, q, last)
					page.Next = p.Cursor(place)
					offsets[page.Next] = offset + limit
				}
				return page, nil
			}}
		},
			caught: []string{"paging-returns-what-stays-exactly-once-whatever-changes", "the-row-that-a-cursor-names-may-be-gone"},
			beside: []string{"from-to-and-limit-may-differ-between-pages"}},
		{name: "a page cursor repeats the row that it names", twist: func(s *sound) *twisted {
			return &twisted{sound: s, find: func(ctx context.Context, q store.Query) (store.Page, error) {
				page, err := s.Find(ctx, q)
				if err == nil && page.Next != "" && len(page.Records) > 1 {
					p, place := placeOf(s, q, page.Records[len(page.Records)-2])
					page.Next = p.Cursor(place)
				}
				return page, err
			}}
		},
			caught: []string{"pages-have-the-size-that-was-asked-for", "paging-returns-what-stays-exactly-once-whatever-changes", "from-to-and-limit-may-differ-between-pages"},
			beside: slices.Concat(orders, pages)},
		{name: "a page cursor drops a row", twist: func(s *sound) *twisted {
			return &twisted{sound: s, find: func(ctx context.Context, q store.Query) (store.Page, error) {
				page, err := s.Find(ctx, q)
				if err != nil || page.Next == "" {
					return page, err
				}
				q.After, q.Limit = page.Next, 1
				skipped, err := s.Find(ctx, q)
				if err != nil || skipped.Next == "" {
					return page, err
				}
				page.Next = skipped.Next
				return page, nil
			}}
		},
			caught: []string{"pages-have-the-size-that-was-asked-for", "paging-returns-what-stays-exactly-once-whatever-changes", "a-cursor-may-be-used-again"},
			beside: slices.Concat(orders, pages)},
		{name: "a page cursor's row must be there", twist: func(s *sound) *twisted {
			return &twisted{sound: s, find: func(ctx context.Context, q store.Query) (store.Page, error) {
				p, err := s.plan(q)
				if err != nil {
					return store.Page{}, err
				}
				if at := p.After(); at != nil {
					if v, err := s.stands(ctx, at.Key); err != nil || v == 0 {
						return store.Page{}, err
					}
				}
				return s.Find(ctx, q)
			}}
		},
			caught: []string{"the-row-that-a-cursor-names-may-be-gone"}, beside: []string{"paging-returns-what-stays-exactly-once-whatever-changes"}},
		{name: "a cursor of another query is taken", twist: func(s *sound) *twisted {
			return &twisted{sound: s, find: func(ctx context.Context, q store.Query) (store.Page, error) {
				page, err := s.Find(ctx, q)
				var invalid *store.InvalidError
				if errors.As(err, &invalid) && invalid.Field == "after" && q.After != "none" {
					q.After = ""
					return s.Find(ctx, q)
				}
				return page, err
			}}
		},
			caught: []string{"a-cursor-of-another-query-is-refused"}},
		{name: "a cursor serves once", twist: func(s *sound) *twisted {
			var mu sync.Mutex
			used := map[string]bool{}
			return &twisted{sound: s, find: func(ctx context.Context, q store.Query) (store.Page, error) {
				mu.Lock()
				defer mu.Unlock()
				if used[q.After] {
					return store.Page{}, nil
				}
				used[q.After] = q.After != ""
				return s.Find(ctx, q)
			}}
		},
			caught: []string{"a-cursor-may-be-used-again"}, beside: slices.Concat(orders, pages)},
		{name: "a cursor keeps the bounds of its first page", twist: func(s *sound) *twisted {
			var mu sync.Mutex
			bounds := map[string][2]*store.Value{}
			return &twisted{sound: s, find: func(ctx context.Context, q store.Query) (store.Page, error) {
				mu.Lock()
				defer mu.Unlock()
				if b, ok := bounds[q.After]; ok {
					q.From, q.To = b[0], b[1]
				}
				page, err := s.Find(ctx, q)
				if page.Next != "" {
					bounds[page.Next] = [2]*store.Value{q.From, q.To}
				}
				return page, err
			}}
		},
			caught: []string{"from-to-and-limit-may-differ-between-pages"}, beside: []string{"the-store-does-what-a-naive-model-does"}},
		{name: "a page has fifty records unless asked", twist: onQuery(func(q *store.Query) {
			if q.Limit == 0 {
				q.Limit = 50
			}
		}), caught: []string{"a-page-has-a-hundred-records-unless-asked"}},
		{name: "a page has at most ten records", twist: onQuery(func(q *store.Query) { q.Limit = min(q.Limit, 10) }),
			caught: []string{"pages-have-the-size-that-was-asked-for"}, beside: []string{"from-to-and-limit-may-differ-between-pages"}},
	}
}

func brokenRest() []broken {
	return []broken{
		{name: "memory is shared: a body handed out is the body kept", twist: func(s *sound) *twisted {
			var mu sync.Mutex
			kept := map[string][]byte{}
			return &twisted{sound: s, get: func(ctx context.Context, keys ...store.Key) ([]store.Record, error) {
				records, err := s.Get(ctx, keys...)
				mu.Lock()
				defer mu.Unlock()
				for i, r := range records {
					if r.Version == 0 {
						continue
					}
					of := fmt.Sprint(r.Key, r.Version)
					if kept[of] == nil {
						kept[of] = r.Body
					}
					records[i].Body = kept[of]
				}
				return records, err
			}}
		}, caught: []string{"memory-is-not-shared-with-the-caller"}, beside: []string{"versions-do-not-restart-after-delete-and-create", "the-store-does-what-a-naive-model-does"}},
		{name: "records come in the order of the store", twist: func(s *sound) *twisted {
			return &twisted{sound: s, get: func(ctx context.Context, keys ...store.Key) ([]store.Record, error) {
				keys = slices.Clone(keys)
				slices.SortFunc(keys, store.Key.Compare)
				return s.Get(ctx, keys...)
			}}
		}, caught: []string{"get-in-the-order-of-the-keys", "get-of-many-keys"}, beside: []string{"the-store-does-what-a-naive-model-does"}},
		{name: "a key asked for twice comes once", twist: func(s *sound) *twisted {
			return &twisted{sound: s, get: func(ctx context.Context, keys ...store.Key) ([]store.Record, error) {
				var once []store.Key
				for _, k := range keys {
					if !slices.Contains(once, k) {
						once = append(once, k)
					}
				}
				return s.Get(ctx, once...)
			}}
		}, caught: []string{"get-in-the-order-of-the-keys"}, beside: []string{"the-store-does-what-a-naive-model-does"}},
		{name: "a kind that is not kept is empty", twist: func(s *sound) *twisted {
			return &twisted{sound: s, get: func(ctx context.Context, keys ...store.Key) ([]store.Record, error) {
				records, err := s.Get(ctx, keys...)
				var invalid *store.InvalidError
				if errors.As(err, &invalid) && strings.HasPrefix(invalid.Field, "kind ") {
					return make([]store.Record, len(keys)), nil
				}
				return records, err
			}}
		}, caught: []string{"a-kind-that-is-not-kept-is-refused"}},
		{name: "a key without a tenant finds nothing", twist: func(s *sound) *twisted {
			return &twisted{sound: s, get: func(ctx context.Context, keys ...store.Key) ([]store.Record, error) {
				records, err := s.Get(ctx, keys...)
				var invalid *store.InvalidError
				if errors.As(err, &invalid) && strings.HasPrefix(invalid.Field, "keys") {
					return make([]store.Record, len(keys)), nil
				}
				return records, err
			}}
		}, caught: []string{"an-incomplete-key-is-refused"}},
		{name: "a different kind replaces the one that is kept", twist: func(s *sound) *twisted {
			return &twisted{sound: s, keep: func(kinds ...store.Kind) error {
				err := s.Keep(kinds...)
				var invalid *store.InvalidError
				if errors.As(err, &invalid) && strings.Contains(invalid.Rule, "kept already") {
					return nil
				}
				return err
			}}
		}, caught: []string{"keep-refuses-another-kind-of-that-name"}},
		{name: "a kind cannot be kept again", twist: func(s *sound) *twisted {
			times := 0
			return &twisted{sound: s, keep: func(kinds ...store.Kind) error {
				if times++; times > 1 {
					return errors.New("kept already")
				}
				return s.Keep(kinds...)
			}}
		}, caught: []string{"keep-same-kind-twice"}, beside: []string{"keep-refuses-another-kind-of-that-name"}},
		{name: "a long text is cut", twist: onPut(func(p *store.Put) {
			for i, v := range p.Values {
				p.Values[i].Text = v.Text[:min(len(v.Text), 255)]
			}
		}), caught: []string{"a-text-of-the-full-length-is-taken"}},
		{name: "an error loses its cause", twist: func(s *sound) *twisted {
			lost := func(err error) error {
				if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
					return errors.New("the store could not answer: " + err.Error())
				}
				return err
			}
			return &twisted{sound: s,
				get: func(ctx context.Context, keys ...store.Key) ([]store.Record, error) {
					r, err := s.Get(ctx, keys...)
					return r, lost(err)
				},
				commit: func(ctx context.Context, b store.Batch) error { return lost(s.Commit(ctx, b)) }}
		}, caught: []string{"an-error-keeps-its-cause"}},
		{name: "a cancelled context does not stop a commit", twist: onCommit(func(s *sound, ctx context.Context, b store.Batch) error {
			if err := s.Commit(context.WithoutCancel(ctx), b); err != nil {
				return err
			}
			return ctx.Err()
		}), caught: []string{"a-cancelled-context-leaves-nothing"}, beside: []string{"an-error-keeps-its-cause"}},
		{name: "a cancelled context leaves half a commit", twist: onCommit(func(s *sound, ctx context.Context, b store.Batch) error {
			if err := b.Check(&s.kinds, store.MinEntries, store.MinBytes); err != nil || len(b.Puts) < 10 || len(b.Deletes)+len(b.Reads)+len(b.Events) > 0 {
				if err != nil {
					return err
				}
				return s.Commit(ctx, b)
			}
			if err := s.Commit(ctx, store.Batch{Puts: b.Puts[:5]}); err != nil {
				return err
			}
			return s.Commit(ctx, store.Batch{Puts: b.Puts[5:]})
		}), caught: []string{"a-context-that-ends-during-a-commit-leaves-all-or-nothing"}},
		{name: "numbers are given twice", twist: func(s *sound) *twisted {
			var mu sync.Mutex
			last := map[string]int64{}
			return &twisted{sound: s, numbers: func(ctx context.Context, tenant, series string, n int) (int64, error) {
				if err := errors.Join(ctx.Err(), store.CheckNumbers(tenant, series, n)); err != nil {
					return 0, err
				}
				mu.Lock()
				first := last[tenant+"/"+series] + 1
				mu.Unlock()
				gap()
				mu.Lock()
				last[tenant+"/"+series] = first + int64(n) - 1
				mu.Unlock()
				return first, nil
			}}
		}, caught: []string{"numbers-are-unique-under-concurrency"}},
		{name: "a block of numbers moves the series by one", twist: func(s *sound) *twisted {
			return &twisted{sound: s, numbers: func(ctx context.Context, tenant, series string, n int) (int64, error) {
				return s.Numbers(ctx, tenant, series, min(n, 1))
			}}
		}, caught: []string{"numbers-begin-at-one-and-are-consecutive", "numbers-are-unique-under-concurrency"}},
		{name: "numbers begin at zero", twist: func(s *sound) *twisted {
			return &twisted{sound: s, numbers: func(ctx context.Context, tenant, series string, n int) (int64, error) {
				first, err := s.Numbers(ctx, tenant, series, n)
				return first - 1, err
			}}
		}, caught: []string{"numbers-begin-at-one-and-are-consecutive", "numbers-of-series-and-tenants-are-apart"}, beside: []string{"numbers-are-unique-under-concurrency"}},
		{name: "all tenants share a series", twist: func(s *sound) *twisted {
			return &twisted{sound: s, numbers: func(ctx context.Context, tenant, series string, n int) (int64, error) {
				if tenant != "" {
					tenant = "everybody"
				}
				return s.Numbers(ctx, tenant, series, n)
			}}
		}, caught: []string{"numbers-of-series-and-tenants-are-apart"}},
		{name: "no numbers are given without an error", twist: func(s *sound) *twisted {
			return &twisted{sound: s, numbers: func(ctx context.Context, tenant, series string, n int) (int64, error) {
				if n < 1 {
					return 1, nil
				}
				return s.Numbers(ctx, tenant, series, n)
			}}
		}, caught: []string{"numbers-refuse-what-names-no-series"}},
		{name: "something is lost now and then", twist: func(s *sound) *twisted {
			var mu sync.Mutex
			commits := 0
			return onCommit(func(s *sound, ctx context.Context, b store.Batch) error {
				mu.Lock()
				commits++
				lose := commits%7 == 0 && len(b.Deletes) > 0 && len(b.Puts) > 0
				mu.Unlock()
				if err := b.Check(&s.kinds, store.MinEntries, store.MinBytes); err != nil || !lose {
					if err != nil {
						return err
					}
					return s.Commit(ctx, b)
				}
				if err := s.Commit(ctx, b); err != nil {
					return err
				}
				last := b.Puts[len(b.Puts)-1]
				return s.Commit(ctx, store.Batch{Deletes: []store.Read{{Key: last.Key, Expect: store.Any}}})
			})(s)
		}, caught: []string{"the-store-does-what-a-naive-model-does", "committed-batches-have-one-order"}, beside: all()},
	}
}
