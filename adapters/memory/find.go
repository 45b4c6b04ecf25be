package memory

import (
	"context"
	"slices"

	"github.com/forewarn-go/forewarn/store"
)

// Find returns a page of what a query finds. It reads at most a page for each
// value of AnyOf, however many rows there are. A page is as of one instant.
func (s *Store) Find(ctx context.Context, q store.Query) (store.Page, error) {
	if err := stopped(ctx, "find"); err != nil {
		return store.Page{}, err
	}
	kind, err := s.kinds.Load().Get(q.Kind)
	if err != nil {
		return store.Page{}, err
	}
	p, err := kind.Plan(q)
	if err != nil {
		return store.Page{}, err
	}
	if p.Empty() {
		return store.Page{}, nil
	}
	hits := s.hits(p)
	var page store.Page
	for _, h := range hits[:min(len(hits), p.Limit())] {
		page.Records = append(page.Records, h.row.record())
	}
	if len(hits) > p.Limit() {
		page.Next = p.Cursor(hits[p.Limit()-1].place)
	}
	return page, nil
}

type hit struct {
	row   *row
	place store.Place
}

// hits returns the rows of a page and, if there is one, the row behind it.
func (s *Store) hits(p *store.Plan) []hit {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var x *index
	for _, i := range s.indexes[p.Kind().Name] {
		if i.name == p.Index().Name && i.allTenants == p.Query().AllTenants {
			x = i
		}
	}
	heads := [][]store.Value{p.Equal()}
	anyOf, asked := p.AnyOf()
	if asked {
		heads = nil
		for _, v := range anyOf {
			heads = append(heads, append(slices.Clone(p.Equal()), v))
		}
	}
	var all []hit
	for _, head := range heads {
		left := p.Limit() + 1
		x.walk(p, head, func(r *row) bool {
			all = append(all, hit{r, p.Place(r.key, r.values)})
			left--
			return left > 0
		})
		if len(heads) > 1 { // keep what can still stand on the page
			slices.SortFunc(all, func(a, b hit) int { return p.Compare(a.place, b.place) })
			all = all[:min(len(all), p.Limit()+1)]
		}
	}
	return all
}

// walk calls each for the rows whose values begin with head and lie within the
// plan's range, behind its cursor, in its order, until each returns false.
func (x *index) walk(p *store.Plan, head []store.Value, each func(*row) bool) {
	q := p.Query()
	edge := func(to int, more ...store.Value) entry {
		return entry{tenant: q.Tenant, values: append(slices.Clone(head), more...), edge: to}
	}
	low, high := edge(-1), edge(1)
	if q.From != nil {
		low = edge(-1, *q.From)
	}
	if q.To != nil {
		high = edge(-1, *q.To)
	}
	less := tenantLess
	if x.allTenants {
		less = globalLess
	}
	var after *entry
	if at := p.After(); at != nil {
		e := edge(0, at.Values...)
		e.id, e.tenant = at.Key.ID, at.Key.Tenant
		after = &e
	}
	if q.Descending {
		if after != nil && less(*after, high) {
			high = *after
		}
		x.tree.DescendLessOrEqual(high, func(e entry) bool {
			if after != nil && !less(e, *after) {
				return true // the cursor's own row
			}
			return less(low, e) && each(e.row)
		})
		return
	}
	if after != nil && less(low, *after) {
		low = *after
	}
	x.tree.AscendGreaterOrEqual(low, func(e entry) bool {
		if after != nil && !less(*after, e) {
			return true
		}
		return less(e, high) && each(e.row)
	})
}
