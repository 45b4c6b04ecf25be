package boltstore

import (
	"context"
	"encoding/json"

	"go.etcd.io/bbolt"

	"github.com/forewarn-go/forewarn/store"
)

// Commit does all that the batch says in one transaction, or nothing.
func (s *Store) Commit(ctx context.Context, b store.Batch) error {
	kinds := s.kept()
	if err := b.Check(kinds, store.MinEntries, store.MinBytes); err != nil {
		return err
	}
	return s.update(ctx, func(tx *bbolt.Tx) error {
		if err := check(tx, b); err != nil {
			return err // an error rolls the transaction back
		}
		for _, d := range b.Deletes {
			kind, err := kinds.Get(d.Kind)
			if err != nil {
				return err
			}
			if err := remove(tx, kind, d.Key); err != nil {
				return err
			}
		}
		for _, p := range b.Puts {
			kind, err := kinds.Get(p.Kind)
			if err != nil {
				return err
			}
			if err := remove(tx, kind, p.Key); err != nil {
				return err
			}
			if err := save(tx, kind, p.Key, row{Version: p.Version, Values: p.Values, Body: p.Body}); err != nil {
				return err
			}
		}
		return log(tx, b)
	})
}

// check returns a *store.ConflictError for a precondition that does not hold.
// There is one writer, so what holds here holds until the transaction ends.
func check(tx *bbolt.Tx, b store.Batch) error {
	expects := append(append([]store.Read{}, b.Reads...), b.Deletes...)
	for _, p := range b.Puts {
		expects = append(expects, store.Read{Key: p.Key, Expect: p.Expect})
	}
	for _, e := range expects {
		r, err := load(tx, e.Key)
		if err != nil {
			return err
		}
		switch {
		case e.Expect == store.Any || e.Expect == r.Version: // Absent is 0, the version of no record
		case e.Expect == store.Absent:
			return &store.ConflictError{Key: e.Key, Reason: store.Exists}
		case r.Version == 0:
			return &store.ConflictError{Key: e.Key, Reason: store.Gone}
		default:
			return &store.ConflictError{Key: e.Key, Reason: store.Changed}
		}
	}
	return nil
}

// save writes a row and its index keys.
func save(tx *bbolt.Tx, kind store.Kind, k store.Key, r row) error {
	v, err := json.Marshal(r)
	if err != nil {
		return err
	}
	if err := tx.Bucket(records).Put(recordKey(k), v); err != nil {
		return err
	}
	for _, key := range indexKeys(kind, k, r.Values) {
		if err := tx.Bucket(indexes).Put(key, recordKey(k)); err != nil {
			return err
		}
	}
	return nil
}

// remove takes the row at a key away, if there is one, and its index keys.
func remove(tx *bbolt.Tx, kind store.Kind, k store.Key) error {
	r, err := load(tx, k)
	if err != nil || r.Version == 0 {
		return err
	}
	for _, key := range indexKeys(kind, k, r.Values) {
		if err := tx.Bucket(indexes).Delete(key); err != nil {
			return err
		}
	}
	return tx.Bucket(records).Delete(recordKey(k))
}
