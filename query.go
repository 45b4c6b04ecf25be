package forewarn

import (
	"iter"
	"slices"

	"github.com/forewarn-go/forewarn/store"
)

// Page is a page of what a query found.
type Page[T any] struct {
	Items []T
	// Next is the cursor of the next page; "" when there is none.
	Next string
}

// Query asks for records over one index. Its methods return a changed copy.
type Query[T any] struct {
	records Records[T]
	q       store.Query
}

// Where asks an index for the records whose leading fields have these values.
func (r Records[T]) Where(index string, equal ...store.Value) Query[T] {
	return Query[T]{records: r, q: store.Query{Kind: r.kind.Name, Index: index, Equal: equal}}
}

// AnyOf asks for any of these values of the next field, at most 100; of none it finds nothing.
func (q Query[T]) AnyOf(values ...store.Value) Query[T] {
	q.q.AnyOf = slices.Clone(values)
	if q.q.AnyOf == nil {
		q.q.AnyOf = []store.Value{}
	}
	return q
}

// Range bounds the next field: from and up to, but not to. A value that is not Set does not bound.
func (q Query[T]) Range(from, to store.Value) Query[T] {
	q.q.From, q.q.To = nil, nil
	if from.Set {
		q.q.From = &from
	}
	if to.Set {
		q.q.To = &to
	}
	return q
}

// Prefix asks for texts of the next field that begin with prefix.
func (q Query[T]) Prefix(prefix string) Query[T] {
	end, bounded := store.PrefixEnd(prefix)
	if !bounded {
		return q.Range(Text(prefix), store.Value{})
	}
	return q.Range(Text(prefix), Text(end))
}

// Descending reverses the order.
func (q Query[T]) Descending() Query[T] { q.q.Descending = true; return q }

// Limit sets the size of a page: 100 when it is not set, at most 1,000.
func (q Query[T]) Limit(n int) Query[T] { q.q.Limit = n; return q }

// Page returns the page after a cursor, "" for the first. It sees the unit's own writes, makes no precondition, and
// is ordered by the fields after those that are given, then by id. A unit of SystemActor(store.System) finds global
// kinds over all tenants.
func (q Query[T]) Page(u *Unit, after string) (Page[T], error) {
	var page Page[T]
	if u.err != nil {
		return page, u.err
	}
	q.q.After = after
	if u.actor.system && u.actor.Tenant == store.System && q.records.kind.Global {
		q.q.AllTenants = true
	} else {
		q.q.Tenant = u.actor.Tenant
	}
	found, next, err := u.find(u.ctx, q.records.kind, q.q)
	if err != nil {
		return page, u.stick(err)
	}
	page.Next = next
	page.Items = make([]T, 0, len(found))
	for _, rec := range found {
		t, err := q.records.decode(rec)
		if err != nil {
			return Page[T]{}, u.stick(err)
		}
		page.Items = append(page.Items, t)
	}
	return page, nil
}

// All goes through all pages. It ends with the first error.
func (q Query[T]) All(u *Unit) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		after := ""
		for {
			page, err := q.Page(u, after)
			if err != nil {
				var none T
				yield(none, err)
				return
			}
			for _, t := range page.Items {
				if !yield(t, nil) {
					return
				}
			}
			if page.Next == "" {
				return
			}
			after = page.Next
		}
	}
}

// First returns the first record, or ErrNotFound.
func (q Query[T]) First(u *Unit) (none T, err error) {
	page, err := q.Limit(1).Page(u, "")
	if err != nil {
		return none, err
	}
	if len(page.Items) == 0 {
		return none, NotFound(store.Key{Tenant: u.actor.Tenant, Kind: q.records.kind.Name})
	}
	return page.Items[0], nil
}
