package forewarn

import (
	"context"
	"slices"

	"github.com/forewarn-go/forewarn/store"
)

// find returns a page of stored records with the unit's own writes among them, in the plan's order. It pages on
// until its own page is full.
func (r *run) find(ctx context.Context, kind store.Kind, q store.Query) ([]store.Record, string, error) {
	plan, err := kind.Plan(q)
	if err != nil {
		return nil, "", err
	}
	own := r.ownRows(plan)
	limit := plan.Limit()
	var out []store.Record
	var last store.Place
	ask := q
	ask.Limit = limit
	for {
		page, err := r.store.Find(ctx, ask)
		if err != nil {
			return nil, "", err
		}
		for i, rec := range page.Records {
			if e := r.entries[rec.Key]; e != nil && e.write.op != opNone {
				if err := r.found(rec); err != nil {
					return nil, "", err
				}
				continue // the unit's own stands for it
			}
			place := store.Place{}
			if len(own) > 0 || i == len(page.Records)-1 || len(out) == limit-1 {
				values, err := kind.Of(rec.Body)
				if err != nil {
					return nil, "", err
				}
				place = plan.Place(rec.Key, values)
			}
			for len(own) > 0 && plan.Compare(own[0].place, place) < 0 {
				if out, last = append(out, own[0].record), own[0].place; len(out) == limit {
					return out, plan.Cursor(last), nil
				}
				own = own[1:]
			}
			if err := r.found(rec); err != nil {
				return nil, "", err
			}
			if out, last = append(out, rec), place; len(out) == limit {
				if i == len(page.Records)-1 && page.Next == "" && len(own) == 0 {
					return out, "", nil
				}
				return out, plan.Cursor(last), nil
			}
		}
		if page.Next == "" {
			break
		}
		ask.After = page.Next
	}
	for _, row := range own {
		if len(out) == limit {
			return out, plan.Cursor(last), nil
		}
		out, last = append(out, row.record), row.place
	}
	return out, "", nil
}

type ownRow struct {
	record store.Record
	place  store.Place
}

// ownRows returns what the unit has put that the plan finds behind its cursor, in the plan's order.
func (r *run) ownRows(plan *store.Plan) []ownRow {
	var rows []ownRow
	after := plan.After()
	for _, e := range r.written[plan.Kind().Name] {
		key := e.key
		if e.write.op != opPut || !plan.Match(key, e.write.values) {
			continue
		}
		place := plan.Place(key, e.write.values)
		if after != nil && plan.Compare(place, *after) <= 0 {
			continue
		}
		rows = append(rows, ownRow{record: store.Record{Key: key, Version: e.write.version, Body: e.write.body}, place: place})
	}
	slices.SortFunc(rows, func(a, b ownRow) int { return plan.Compare(a.place, b.place) })
	return rows
}
