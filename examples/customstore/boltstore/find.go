package boltstore

import (
	"bytes"
	"context"
	"slices"

	"go.etcd.io/bbolt"

	"github.com/forewarn-go/forewarn/store"
)

// Find returns a page of what a query finds. It reads at most a page for each
// value of AnyOf; the Plan knows what is asked, where the page begins and how
// its cursor is written.
func (s *Store) Find(ctx context.Context, q store.Query) (page store.Page, err error) {
	kind, err := s.kept().Get(q.Kind)
	if err != nil {
		return page, err
	}
	p, err := kind.Plan(q)
	if err != nil {
		return page, err
	}
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		if p.Empty() {
			return nil
		}
		hits := look(tx, p)
		for _, h := range hits[:min(len(hits), p.Limit())] {
			k := parseRecordKey(h.record)
			r, err := load(tx, k)
			if err != nil {
				return err
			}
			page.Records = append(page.Records, store.Record{Key: k, Version: r.Version, Body: r.Body})
			if len(page.Records) == p.Limit() && len(hits) > p.Limit() {
				page.Next = p.Cursor(p.Place(k, r.Values))
			}
		}
		return nil
	})
	return page, err
}

// hit is an index key without its head, by which hits of several heads are merged, and the record's key.
type hit struct{ order, record []byte }

// look returns the hits of a page and, if there is one, the hit behind it.
func look(tx *bbolt.Tx, p *store.Plan) []hit {
	fields := p.Kind().Fields
	at := p.Index().Fields
	head := indexHead(p.Kind().Name, p.Index().Name, p.Query().Tenant, p.Query().AllTenants)
	for i, v := range p.Equal() {
		head = appendValue(head, fields[p.Kind().FieldIndex(at[i])], v)
	}
	heads := [][]byte{head}
	if anyOf, asked := p.AnyOf(); asked {
		heads = nil
		for _, v := range anyOf {
			heads = append(heads, appendValue(slices.Clone(head), fields[p.Kind().FieldIndex(at[len(p.Equal())])], v))
		}
	}
	var hits []hit
	for _, head := range heads {
		hits = append(hits, walk(tx.Bucket(indexes).Cursor(), p, head)...)
	}
	slices.SortFunc(hits, func(a, b hit) int {
		if p.Query().Descending {
			a, b = b, a
		}
		return bytes.Compare(a.order, b.order)
	})
	return hits[:min(len(hits), p.Limit()+1)]
}

// walk returns the first hits under a head that lie within [low, high) and behind the cursor.
func walk(c *bbolt.Cursor, p *store.Plan, head []byte) (hits []hit) {
	q := p.Query()
	low, high := head, end(head)
	if order := p.Order(); len(order) > 0 {
		if q.From != nil {
			low = appendValue(slices.Clone(head), order[0], *q.From)
		}
		if q.To != nil {
			high = appendValue(slices.Clone(head), order[0], *q.To)
		}
	}
	var after []byte
	if place := p.After(); place != nil {
		after = slices.Clone(head)
		for i, f := range p.Order() {
			after = appendValue(after, f, place.Values[i])
		}
		after = append(after, place.Key.ID[:]...)
		if q.AllTenants {
			after = append(after, place.Key.Tenant...)
		}
	}
	take := func(key, record []byte) bool {
		if !bytes.Equal(key, after) { // the cursor's own row, if it is still there
			hits = append(hits, hit{order: key[len(head):], record: record})
		}
		return len(hits) <= p.Limit()
	}
	if q.Descending {
		if after != nil && bytes.Compare(after, high) < 0 {
			high = after
		}
		key, record := c.Seek(high)
		if key == nil {
			key, record = c.Last()
		}
		for ; key != nil && bytes.Compare(key, low) >= 0; key, record = c.Prev() {
			if bytes.Compare(key, high) < 0 && !take(key, record) {
				break
			}
		}
		return hits
	}
	if bytes.Compare(after, low) > 0 {
		low = after
	}
	for key, record := c.Seek(low); key != nil && bytes.Compare(key, high) < 0; key, record = c.Next() {
		if !take(key, record) {
			break
		}
	}
	return hits
}
