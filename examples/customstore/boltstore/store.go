// Package boltstore keeps records and the log in one file, with the embedded
// engine bbolt. It shows what a team that brings a storage engine of its own
// writes: the five methods of store.Store and the reader of store.Log, nothing
// else. docs/customstore.md walks through it.
//
// The engine must give one thing: a transaction that reads and writes several
// keys, all or nothing. bbolt has one writer at a time and readers beside it
// that each see one instant, which makes everything here short.
package boltstore

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"slices"
	"sync"

	"go.etcd.io/bbolt"

	"github.com/forewarn-go/forewarn/store"
)

// The buckets of the file. keys.go says what their keys are.
var (
	records = []byte("records") // key: a row
	indexes = []byte("indexes") // kind, index, values, id: the key of the record
	shapes  = []byte("shapes")  // kind: by what the records of this file are indexed
	events  = []byte("events")  // lane, shard, sequence: an event
	series  = []byte("series")  // tenant, series: the last number
)

// Store is a store.Store and a store.Log in a bbolt file. It takes what every
// store must take in a batch. All methods are safe for concurrent use.
type Store struct {
	db *bbolt.DB

	mu    sync.RWMutex
	kinds store.Kinds // replaced as a whole: Add copies
}

// row is what stands at a record's key.
type row struct {
	Version int64
	Values  []store.Value
	Body    json.RawMessage
}

// New returns a store over an open database, and makes its buckets. The caller
// closes the database when nothing uses the store any more.
func New(db *bbolt.DB) (*Store, error) {
	err := db.Update(func(tx *bbolt.Tx) error {
		for _, name := range [][]byte{records, indexes, shapes, events, series} {
			if _, err := tx.CreateBucketIfNotExists(name); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("boltstore: %w", err)
	}
	return &Store{db: db}, nil
}

// Keep tells the store of kinds. Where the file was written with other fields or
// indexes of a kind, its records are indexed anew, in one transaction.
func (s *Store) Keep(kinds ...store.Kind) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	next := s.kinds
	if err := next.Add(kinds...); err != nil {
		return err
	}
	err := s.db.Update(func(tx *bbolt.Tx) error {
		for _, k := range kinds {
			if err := reindex(tx, k); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("boltstore: keep: %w", err)
	}
	s.kinds = next
	return nil
}

// kept returns the kinds that are kept now.
func (s *Store) kept() *store.Kinds {
	s.mu.RLock()
	defer s.mu.RUnlock()
	kinds := s.kinds
	return &kinds
}

// Get returns one record per key, in the order of the keys.
func (s *Store) Get(ctx context.Context, keys ...store.Key) ([]store.Record, error) {
	if err := store.CheckKeys(s.kept(), keys...); err != nil {
		return nil, err
	}
	found := make([]store.Record, len(keys))
	err := s.view(ctx, func(tx *bbolt.Tx) error {
		for i, k := range keys {
			r, err := load(tx, k)
			if err != nil {
				return err
			}
			found[i] = store.Record{Key: k, Version: r.Version, Body: r.Body}
		}
		return nil
	})
	return found, err
}

// Numbers draws n consecutive numbers of a series of a tenant.
func (s *Store) Numbers(ctx context.Context, tenant, name string, n int) (first int64, err error) {
	if err := store.CheckNumbers(tenant, name, n); err != nil {
		return 0, err
	}
	err = s.update(ctx, func(tx *bbolt.Tx) error {
		b, key := tx.Bucket(series), slices.Concat([]byte(tenant), nul, []byte(name))
		last := uint64(0)
		if v := b.Get(key); v != nil {
			last = binary.BigEndian.Uint64(v)
		}
		first = int64(last) + 1
		return b.Put(key, binary.BigEndian.AppendUint64(nil, last+uint64(n)))
	})
	return first, err
}

// load returns the row at a key, the zero row when there is none.
func load(tx *bbolt.Tx, k store.Key) (r row, err error) {
	v := tx.Bucket(records).Get(recordKey(k))
	if v == nil {
		return row{}, nil
	}
	return r, json.Unmarshal(v, &r) // copies: bbolt's memory ends with the transaction
}

// view runs a reading transaction, update a writing one. A context that is done
// by then ends both before they begin; nothing stops one that has begun.
func (s *Store) view(ctx context.Context, do func(*bbolt.Tx) error) error {
	return s.run(ctx, s.db.View, do)
}

func (s *Store) update(ctx context.Context, do func(*bbolt.Tx) error) error {
	return s.run(ctx, s.db.Update, do)
}

func (s *Store) run(ctx context.Context, begin func(func(*bbolt.Tx) error) error, do func(*bbolt.Tx) error) error {
	err := begin(func(tx *bbolt.Tx) error {
		if err := ctx.Err(); err != nil { // the writer may have waited long for others
			return fmt.Errorf("boltstore: %w", err)
		}
		return do(tx)
	})
	return err
}

// reindex indexes all records of a kind anew when the file knows it by other fields or indexes.
func reindex(tx *bbolt.Tx, k store.Kind) error {
	shape, err := json.Marshal([]any{k.Fields, k.Indexes, k.Global})
	if err != nil {
		return err
	}
	old := tx.Bucket(shapes).Get([]byte(k.Name))
	if slices.Equal(old, shape) {
		return nil
	}
	if old != nil {
		all := tx.Bucket(indexes)
		for c, at := all.Cursor(), []byte(k.Name+"\x00"); ; {
			key, _ := c.Seek(at)
			if !hasPrefix(key, at) {
				break
			}
			if err := all.Delete(key); err != nil {
				return err
			}
		}
		c := tx.Bucket(records).Cursor()
		at := []byte(k.Name + "\x00")
		for key, v := c.Seek(at); hasPrefix(key, at); key, v = c.Next() {
			var r row
			if err := json.Unmarshal(v, &r); err != nil {
				return err
			}
			r.Values = make([]store.Value, len(k.Fields))
			if k.Of != nil {
				if r.Values, err = k.Of(r.Body); err != nil {
					return err
				}
			}
			if err := save(tx, k, parseRecordKey(key), r); err != nil {
				return err
			}
		}
	}
	return tx.Bucket(shapes).Put([]byte(k.Name), shape)
}
