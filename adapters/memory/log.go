package memory

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/forewarn-go/forewarn/store"
)

func eventLess(a, b *store.Event) bool {
	if c := strings.Compare(a.Lane, b.Lane); c != 0 {
		return c < 0
	}
	if a.Shard != b.Shard {
		return a.Shard < b.Shard
	}
	return a.Seq < b.Seq
}

// Reader returns a reader of these shards of a lane, which starts at the
// beginning. A shard outside of 0 to store.Shards-1 is a *store.InvalidError.
//
// Commits happen one after the other here and draw their numbers as they
// happen, so that nothing becomes visible late: the number alone is the cursor.
func (s *Store) Reader(lane string, shards ...int) (store.LogReader, error) {
	shards, err := store.CheckShards(shards...)
	if err != nil {
		return nil, err
	}
	return &reader{store: s, lane: lane, shards: shards, last: make([]int64, len(shards))}, nil
}

type reader struct {
	store  *Store
	lane   string
	shards []int
	last   []int64 // the highest number handed out, per shard
	closed bool
}

var errClosed = errors.New("memory: the log reader is closed")

// Next returns up to n events per shard that were not handed out yet.
func (r *reader) Next(ctx context.Context, n int) ([]store.Event, error) {
	if r.closed {
		return nil, errClosed
	}
	if err := stopped(ctx, "next"); err != nil {
		return nil, err
	}
	if n < 1 {
		return nil, &store.InvalidError{Field: "n", Rule: "is below 1"}
	}
	var found []*store.Event
	r.store.mu.RLock()
	for i, shard := range r.shards {
		from := &store.Event{Position: store.Position{Lane: r.lane, Shard: shard, Seq: r.last[i] + 1}}
		left := n
		r.store.events.AscendGreaterOrEqual(from, func(e *store.Event) bool {
			if left == 0 || e.Lane != r.lane || e.Shard != shard {
				return false
			}
			left--
			found = append(found, e)
			r.last[i] = e.Seq
			return true
		})
	}
	r.store.mu.RUnlock()
	slices.SortFunc(found, func(a, b *store.Event) int { return cmp.Compare(a.Seq, b.Seq) })
	events := make([]store.Event, len(found))
	for i, e := range found {
		events[i] = *e
		events[i].Body = bytes.Clone(e.Body)
	}
	return events, nil
}

// Close ends the reader. It returns nil.
func (r *reader) Close() error {
	r.closed = true
	return nil
}
