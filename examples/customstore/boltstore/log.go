package boltstore

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"go.etcd.io/bbolt"

	"github.com/forewarn-go/forewarn/store"
)

// log forgets and appends, as the last part of a commit.
func log(tx *bbolt.Tx, b store.Batch) error {
	bucket := tx.Bucket(events)
	for _, p := range b.Forget {
		if p.Shard < 0 || p.Shard >= store.Shards {
			continue // nothing is there
		}
		if err := bucket.Delete(eventKey(p)); err != nil {
			return err
		}
	}
	for _, e := range b.Events {
		seq, err := bucket.NextSequence() // rises with the commits, since there is one writer
		if err != nil {
			return err
		}
		e.Shard, e.Seq = store.ShardOf(e.Ticket), int64(seq)
		e.At = e.At.UTC().Truncate(time.Microsecond)
		v, err := json.Marshal(e)
		if err != nil {
			return err
		}
		if err := bucket.Put(eventKey(e.Position), v); err != nil {
			return err
		}
	}
	return nil
}

// Reader returns a reader of these shards of a lane. One writer draws all
// sequences, so nothing becomes visible late and the sequence alone is the
// reader's place. A store with several writers needs more: see store.Log.
func (s *Store) Reader(lane string, shards ...int) (store.LogReader, error) {
	shards, err := store.CheckShards(shards...)
	if err != nil {
		return nil, err
	}
	return &reader{store: s, lane: lane, shards: shards, last: map[int]int64{}}, nil
}

type reader struct {
	store  *Store
	lane   string
	shards []int
	last   map[int]int64 // the highest sequence handed out, per shard
	closed bool
}

var errClosed = errors.New("boltstore: the log reader is closed")

// Next returns up to n events per shard that were not handed out yet, sorted by Seq.
func (r *reader) Next(ctx context.Context, n int) (found []store.Event, err error) {
	if r.closed {
		return nil, errClosed
	}
	if n < 1 {
		return nil, &store.InvalidError{Field: "n", Rule: "is below 1"}
	}
	err = r.store.view(ctx, func(tx *bbolt.Tx) error {
		for _, shard := range r.shards {
			c := tx.Bucket(events).Cursor()
			head := eventKey(store.Position{Lane: r.lane, Shard: shard})
			head = head[:len(head)-8] // without the sequence
			key, v := c.Seek(eventKey(store.Position{Lane: r.lane, Shard: shard, Seq: r.last[shard] + 1}))
			for left := n; left > 0 && hasPrefix(key, head); key, v = c.Next() {
				var e store.Event
				if err := json.Unmarshal(v, &e); err != nil {
					return err
				}
				found = append(found, e)
				r.last[shard] = e.Seq
				left--
			}
		}
		return nil
	})
	slices.SortFunc(found, func(a, b store.Event) int { return cmp.Compare(a.Seq, b.Seq) })
	return found, err
}

// Close ends the reader.
func (r *reader) Close() error {
	r.closed = true
	return nil
}
