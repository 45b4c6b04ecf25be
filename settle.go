package forewarn

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/forewarn-go/forewarn/store"
)

// Waiting returns a page of the due work of some shards that is due at an
// instant or earlier, over all tenants, in the order of shard and instant. A
// pass pages to its end with one instant. It is for package worker.
func (e *Engine) Waiting(ctx context.Context, shards []int, to time.Time, after string) (Page[Item], error) {
	until := store.IntValue(to.UnixMicro() + 1)
	values := make([]store.Value, len(shards))
	for i, s := range shards {
		values[i] = store.IntValue(int64(s))
	}
	found, err := e.store.Find(ctx, store.Query{Kind: dues.kind.Name, Index: "due", AllTenants: true,
		AnyOf: values, To: &until, Limit: store.MaxLimit, After: after})
	if err != nil {
		return Page[Item]{}, storeError(err)
	}
	page := Page[Item]{Next: found.Next, Items: make([]Item, 0, len(found.Records))}
	for _, rec := range found.Records {
		i, err := dues.decode(rec)
		if err != nil {
			return Page[Item]{}, storeError(err)
		}
		page.Items = append(page.Items, newItem(i, rec.Tenant, rec.Version))
	}
	return page, nil
}

// Batches puts items together that go through one unit of work: of one tenant
// and kind, at most as many as the kind's job takes. Items whose kind has no job
// in this process are left out: another process may have it. It is for package worker.
func (e *Engine) Batches(items []Item) [][]Item {
	type group struct{ tenant, kind string }
	var order []group
	groups := map[group][]Item{}
	for _, i := range items {
		if _, ok := e.job(i.Kind); !ok {
			continue
		}
		g := group{i.Tenant, i.Kind}
		if groups[g] == nil {
			order = append(order, g)
		}
		groups[g] = append(groups[g], i)
	}
	var all [][]Item
	for _, g := range order {
		j, _ := e.job(g.kind)
		all = append(all, slices.Collect(slices.Chunk(groups[g], max(j.max, 1)))...)
	}
	return all
}

// Settle does items of one tenant and kind: each item goes, and its job's unit
// with it, in one commit. On a conflict, an error or no room, halves are tried,
// down to one; an item that fails alone is put back with a later instant, and
// after Config.Attempts it becomes a failed item. An item that has gone or
// changed meanwhile is left alone. The error is that of the store, never that of
// a job. It is for package worker.
func (e *Engine) Settle(ctx context.Context, items []Item) error {
	if len(items) == 0 {
		return nil
	}
	j, ok := e.job(items[0].Kind)
	if !ok {
		return nil
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	errs := make([]error, len(items))
	var ended error
	if j.before != nil {
		errs = j.before(ctx, items)
		if ended = ctx.Err(); ended != nil { // what has happened outside is settled, so that it does not happen again
			var cancel context.CancelFunc
			ctx, cancel = context.WithTimeout(context.WithoutCancel(ctx), commitTime)
			defer cancel()
		}
	}
	var ready []Item
	first := ended
	for i, item := range items {
		if errs[i] == nil {
			ready = append(ready, item)
			continue
		}
		if ended != nil {
			continue // that the caller is to stop is not charged to it
		}
		if err := e.putBack(ctx, j, item, errs[i]); err != nil && first == nil {
			first = err
		}
	}
	if err := e.settle(ctx, j, ready); err != nil && first == nil {
		first = err
	}
	return first
}

func (e *Engine) settle(ctx context.Context, j Job, items []Item) error {
	if len(items) == 0 {
		return nil
	}
	if j.chained {
		for _, item := range items {
			if err := e.chain(ctx, j, item); err != nil {
				return err
			}
		}
		return nil
	}
	err := e.settleUnit(ctx, j, items)
	if err == nil || len(items) == 1 || ctx.Err() != nil {
		return e.failed(ctx, j, items[0], err)
	}
	half := len(items) / 2
	if err := e.settle(ctx, j, items[:half]); err != nil {
		return err
	}
	return e.settle(ctx, j, items[half:])
}

// settleUnit does the items that still stand in one unit.
func (e *Engine) settleUnit(ctx context.Context, j Job, items []Item) error {
	return e.inUnit(ctx, items[0], func(u *Unit) error {
		standing, err := take(u, items)
		if err != nil || len(standing) == 0 {
			return err
		}
		return j.do(u, standing)
	})
}

// failed sees to an item whose unit has failed, and returns what is not the item's fault.
func (e *Engine) failed(ctx context.Context, j Job, item Item, err error) error {
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case ofTheStore(err):
		return err
	}
	return e.putBack(ctx, j, item, err)
}

// ofTheStore reports whether the store did not answer, which is not charged to the item.
func ofTheStore(err error) bool { return errors.Is(err, ErrUnavailable) }

// inUnit runs a function in a unit of the machine whose ids follow from the item.
func (e *Engine) inUnit(ctx context.Context, i Item, fn func(*Unit) error) error {
	return e.own(ctx, SystemActor(i.Tenant), "", frame{name: "due." + i.Kind, use: fn,
		idSpace: []string{"due", i.Tenant, i.Kind, i.Name, strconv.FormatInt(i.version, 10)}})
}

// take takes the items that still stand as they were read out of the store, in this unit.
func take(u *Unit, items []Item) ([]Item, error) {
	keys := make([]store.Key, len(items))
	for i, item := range items {
		keys[i] = item.key()
	}
	if err := u.Prefetch(keys...); err != nil {
		return nil, err
	}
	var standing []Item
	for i, item := range items {
		_, version, err := u.get(u.ctx, keys[i], false)
		if err != nil {
			return nil, u.stick(err)
		}
		if version != item.version {
			continue // somebody did it, cancelled it or gave it another instant
		}
		if err := u.delete(keys[i], item.version); err != nil {
			return nil, u.stick(err)
		}
		standing = append(standing, item)
	}
	return standing, nil
}

// putBack gives a failed item a later instant, or makes it a failed one.
func (e *Engine) putBack(ctx context.Context, j Job, item Item, cause error) error {
	e.cfg.Log.WarnContext(ctx, "due work failed", "tenant", item.Tenant, "kind", item.Kind, "name", item.Name,
		"attempt", item.Attempts+1, "error", cause)
	return e.inUnit(ctx, item, func(u *Unit) error {
		standing, err := take(u, []Item{item})
		if err != nil || len(standing) == 0 {
			return err
		}
		if item.Attempts+1 >= e.cfg.Attempts {
			f := FailedDue{ID: dueID(item.Tenant, item.Kind, item.Name), Kind: item.Kind, Name: item.Name,
				Body: item.body, Error: short(cause), Attempts: item.Attempts + 1, At: u.now}
			if j.failed != nil {
				err := u.nested(frame{name: "due." + item.Kind + ".failed", use: func(u *Unit) error { return j.failed(u, item, cause) }})
				if ofStore(err) {
					return err
				}
				if err != nil { // it is given up all the same
					f.Error = short(errors.Join(cause, err))
				}
			}
			return failedDues.PutAny(u, &f)
		}
		i := dueItem{ID: dueID(item.Tenant, item.Kind, item.Name), Kind: item.Kind, Name: item.Name, Body: item.body,
			Shard: store.ShardOf(item.key()), Attempts: item.Attempts + 1, At: u.now.Add(e.cfg.Retry(item.Attempts + 1))}
		return dues.Put(u, &i)
	})
}

// short is an error as a record keeps it.
func short(err error) string {
	s := fmt.Sprint(err)
	if len(s) > 1000 {
		s = s[:1000]
	}
	return strings.ToValidUTF8(s, "")
}
