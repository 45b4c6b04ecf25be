package memory

import (
	"bytes"
	"context"
	"slices"
	"time"

	"github.com/forewarn-go/forewarn/store"
)

// Commit does all that the batch says, or nothing. A context that ends before
// the commit leaves nothing; one that ends during it does not stop it.
func (s *Store) Commit(ctx context.Context, b store.Batch) error {
	if err := stopped(ctx, "commit"); err != nil {
		return err
	}
	if err := b.Check(s.kinds.Load(), maxEntries, maxBytes); err != nil {
		return err
	}
	rows, events := copyIn(b) // outside of the lock

	s.mu.Lock()
	defer s.mu.Unlock()
	if err := stopped(ctx, "commit"); err != nil { // it may have waited long
		return err
	}
	if err := s.check(b); err != nil {
		return err
	}
	for i := range b.Deletes {
		s.drop(b.Deletes[i].Key)
	}
	for _, r := range rows {
		s.drop(r.key)
		s.rows[r.key] = r
		for _, x := range s.indexes[r.key.Kind] {
			x.insert(r)
		}
	}
	for _, p := range b.Forget {
		s.events.Delete(&store.Event{Position: p})
	}
	for _, e := range events {
		s.seq++
		e.Seq = s.seq
		s.events.ReplaceOrInsert(e)
	}
	return nil
}

// copyIn returns the rows and events of a batch in memory of their own.
func copyIn(b store.Batch) ([]*row, []*store.Event) {
	rows := make([]*row, len(b.Puts))
	for i, p := range b.Puts {
		rows[i] = &row{key: p.Key, version: p.Version, body: bytes.Clone(p.Body), values: slices.Clone(p.Values)}
	}
	events := make([]*store.Event, len(b.Events))
	for i, e := range b.Events {
		e.Body = bytes.Clone(e.Body)
		e.At = e.At.UTC().Truncate(time.Microsecond)
		e.Shard = store.ShardOf(e.Ticket)
		events[i] = &e
	}
	return rows, events
}

// check returns a *store.ConflictError for the first precondition that does not hold.
func (s *Store) check(b store.Batch) error {
	for i := range b.Puts {
		if err := s.expect(b.Puts[i].Key, b.Puts[i].Expect); err != nil {
			return err
		}
	}
	for i := range b.Deletes {
		if err := s.expect(b.Deletes[i].Key, b.Deletes[i].Expect); err != nil {
			return err
		}
	}
	for i := range b.Reads {
		if err := s.expect(b.Reads[i].Key, b.Reads[i].Expect); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) expect(k store.Key, version int64) error {
	r := s.rows[k]
	switch {
	case version == store.Any:
	case version == store.Absent && r != nil:
		return &store.ConflictError{Key: k, Reason: store.Exists}
	case version == store.Absent:
	case r == nil:
		return &store.ConflictError{Key: k, Reason: store.Gone}
	case r.version != version:
		return &store.ConflictError{Key: k, Reason: store.Changed}
	}
	return nil
}

// drop takes what stands at a key out of the rows and indexes, if anything does.
func (s *Store) drop(k store.Key) {
	r := s.rows[k]
	if r == nil {
		return
	}
	delete(s.rows, k)
	for _, x := range s.indexes[k.Kind] {
		x.remove(r)
	}
}
