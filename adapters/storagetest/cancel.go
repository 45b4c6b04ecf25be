package storagetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/forewarn-go/forewarn/store"
)

var cancelClauses = []part{
	{"an-error-keeps-its-cause", func(x *fixture) {
		cancelled, cancel := context.WithCancel(x.ctx)
		cancel()
		expired, cancel := context.WithDeadline(x.ctx, time.Unix(1, 0))
		defer cancel()
		k := x.key(item, "a")
		x.commit(write(k, store.Absent, 4, doc{"state": "s"}))
		for cause, ctx := range map[error]context.Context{context.Canceled: cancelled, context.DeadlineExceeded: expired} {
			_, get := x.s.Get(ctx, k)
			_, find := x.s.Find(ctx, store.Query{Tenant: x.tenant, Kind: item, Index: "state"})
			_, numbers := x.s.Numbers(ctx, x.tenant, "series", 1)
			commit := x.s.Commit(ctx, store.Batch{Puts: []store.Put{write(k, 4, 5, nil)}})
			for method, err := range map[string]error{"Get": get, "Find": find, "Numbers": numbers, "Commit": commit} {
				if !errors.Is(err, cause) {
					x.Errorf("%s under a context that is done gave %v, want an error that is %v", method, err, cause)
				}
			}
		}
	}},
	{"a-cancelled-context-leaves-nothing", func(x *fixture) {
		ctx, cancel := context.WithCancel(x.ctx)
		cancel()
		k := x.key(item, "a")
		x.commit(write(k, store.Absent, 4, doc{"state": "s"}))
		if err := x.s.Commit(ctx, store.Batch{Puts: []store.Put{write(k, 4, 5, nil), write(x.key(child, "b"), store.Absent, 1, nil)}}); err == nil {
			x.Errorf("a commit under a cancelled context said that it succeeded")
		}
		x.stands(k, 4)
		x.stands(x.key(child, "b"), 0)
	}},
	{"a-context-that-ends-during-a-commit-leaves-all-or-nothing", func(x *fixture) {
		for n := range 40 { // wherever the store looks at the context
			ctx := &ending{Context: x.ctx, left: n, done: make(chan struct{})}
			var b store.Batch
			var keys []store.Key
			for i := range 12 {
				kind := []string{item, child, plain, due}[i%4]
				k := x.key(kind, fmt.Sprint("end", n, "-", i))
				keys = append(keys, k)
				b.Puts = append(b.Puts, write(k, store.Absent, int64(100+n), doc{"state": "end", "parent": "end", "run": x.tenant, "shard": 1, "at": 1}))
			}
			err := x.s.Commit(ctx, b)
			there := x.countOf(keys)
			for range 50 { // what was cancelled on its way may still be at work
				if err == nil || there == 0 || there == len(keys) {
					break
				}
				there = x.countOf(keys)
			}
			if there != 0 && there != len(keys) || err == nil && there == 0 {
				x.Fatalf("a context that ended at look %d of a commit of %d records (%v) left %d of them", n, len(keys), err, there)
			}
		}
	}},
}

// countOf returns how many of the keys have a record.
func (x *fixture) countOf(keys []store.Key) int {
	x.Helper()
	records, err := x.s.Get(x.ctx, keys...)
	if err != nil {
		x.Fatalf("Get: %v", err)
	}
	n := 0
	for _, r := range records {
		if r.Version != 0 {
			n++
		}
	}
	return n
}

// ending is a context that is cancelled when it has been looked at a number of
// times, which finds every place between the steps of a commit without waiting.
type ending struct {
	context.Context
	mu   sync.Mutex
	left int
	err  error
	done chan struct{}
}

func (c *ending) look() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.left--; c.left < 0 && c.err == nil {
		c.err = context.Canceled
		close(c.done)
	}
	return c.err
}

func (c *ending) Err() error            { return c.look() }
func (c *ending) Done() <-chan struct{} { c.look(); return c.done }
