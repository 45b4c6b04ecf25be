// Package memory keeps records, numbers and the log in the memory of one
// process. It is for tests, examples and hosts that need nothing to outlive
// them; everything is gone when the process ends.
//
// It gives the whole contract of package store: commits are atomic and checked,
// every declared index is kept in order, so that no query scans a kind, and the
// log hands out what commits have staged.
//
//	s := memory.New()
//	engine, err := forewarn.New(forewarn.Config{Store: s})
package memory

import (
	"bytes"
	"context"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/google/btree"

	"github.com/forewarn-go/forewarn/store"
)

// What a Store takes in one batch.
const (
	maxEntries = 10_000
	maxBytes   = 32 << 20
)

// Store is a store.Store, a store.Log and a store.Limits in memory. Make one
// with New. All methods are safe for concurrent use: readers run beside each
// other, commits one after the other.
type Store struct {
	kinds atomic.Pointer[store.Kinds] // replaced as a whole by Keep

	mu      sync.RWMutex
	rows    map[store.Key]*row
	indexes map[string][]*index // by kind
	events  *btree.BTreeG[*store.Event]
	seq     int64 // of the last event

	numbers sync.Mutex
	series  map[[2]string]int64 // last number by tenant and series
}

// row is what stands at a key. It is never changed once it is in the store, so
// that readers may look at it after they have let go of the lock.
type row struct {
	key     store.Key
	version int64
	body    []byte
	values  []store.Value
}

// New returns an empty store.
func New() *Store {
	s := &Store{
		rows:    map[store.Key]*row{},
		indexes: map[string][]*index{},
		events:  btree.NewG(32, eventLess),
		series:  map[[2]string]int64{},
	}
	s.kinds.Store(&store.Kinds{})
	return s
}

// Keep tells the store of kinds before their first use. A different kind of a
// name that is kept is a *store.InvalidError, and then none of kinds is added.
func (s *Store) Keep(kinds ...store.Kind) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	next := *s.kinds.Load() // Add copies before it writes
	if err := next.Add(kinds...); err != nil {
		return err
	}
	for _, k := range next.All() {
		if _, kept := s.indexes[k.Name]; !kept {
			s.indexes[k.Name] = newIndexes(k)
		}
	}
	s.kinds.Store(&next)
	return nil
}

// Get returns one record per key, in the order of the keys. All are as of one instant.
func (s *Store) Get(ctx context.Context, keys ...store.Key) ([]store.Record, error) {
	if err := stopped(ctx, "get"); err != nil {
		return nil, err
	}
	if err := store.CheckKeys(s.kinds.Load(), keys...); err != nil {
		return nil, err
	}
	rows := make([]*row, len(keys))
	s.mu.RLock()
	for i, k := range keys {
		rows[i] = s.rows[k]
	}
	s.mu.RUnlock()
	records := make([]store.Record, len(keys))
	for i, r := range rows {
		if r == nil {
			records[i].Key = keys[i]
			continue
		}
		records[i] = r.record()
	}
	return records, nil
}

// record returns a copy of what stands in the row.
func (r *row) record() store.Record {
	return store.Record{Key: r.key, Version: r.version, Body: bytes.Clone(r.body)}
}

// Numbers draws n consecutive numbers of a series of a tenant and returns the first.
func (s *Store) Numbers(ctx context.Context, tenant, series string, n int) (int64, error) {
	if err := stopped(ctx, "numbers"); err != nil {
		return 0, err
	}
	if err := store.CheckNumbers(tenant, series, n); err != nil {
		return 0, err
	}
	s.numbers.Lock()
	defer s.numbers.Unlock()
	of := [2]string{tenant, series}
	first := s.series[of] + 1
	s.series[of] += int64(n)
	return first, nil
}

// Limits returns 10,000 entries and 32 MiB.
func (s *Store) Limits() (entries, bytes int) { return maxEntries, maxBytes }

// stopped returns an error when ctx is done. Once a method has passed it, it
// carries through: nothing here waits for anything but a lock.
func stopped(ctx context.Context, method string) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("memory: %s: %w", method, err)
	}
	return nil
}
