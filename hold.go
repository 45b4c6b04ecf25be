package forewarn

import (
	"context"
	"sync"

	"github.com/forewarn-go/forewarn/store"
)

// holds are the records that re-runs of this process hold. A unit that lost a
// race holds the record while it runs again, and first runs wait for it before
// they commit; else it could lose for ever against units that are quicker.
type holds struct {
	mu sync.Mutex
	of map[store.Key]*held
}

type held struct {
	turn  chan struct{} // holds one token while nobody has the record
	users int
}

// hold is a record held; the hold of no record is released without effect.
type hold struct {
	holds *holds
	key   store.Key
	held  *held
}

func (h *holds) none() *hold { return &hold{} }

// take waits for a record and holds it.
func (h *holds) take(ctx context.Context, key store.Key) (*hold, error) {
	if key == (store.Key{}) {
		return h.none(), nil
	}
	h.mu.Lock()
	if h.of == nil {
		h.of = map[store.Key]*held{}
	}
	r := h.of[key]
	if r == nil {
		r = &held{turn: make(chan struct{}, 1)}
		r.turn <- struct{}{}
		h.of[key] = r
	}
	r.users++
	h.mu.Unlock()
	select {
	case <-r.turn:
		return &hold{holds: h, key: key, held: r}, nil
	case <-ctx.Done():
		h.leave(key, r)
		return h.none(), ctx.Err()
	}
}

func (h *holds) leave(key store.Key, r *held) {
	h.mu.Lock()
	if r.users--; r.users == 0 {
		delete(h.of, key)
	}
	h.mu.Unlock()
}

// release gives the record to the next. A second release does nothing.
func (h *hold) release() {
	if h == nil || h.held == nil {
		return
	}
	h.held.turn <- struct{}{}
	h.holds.leave(h.key, h.held)
	h.held = nil
	h.key = store.Key{}
}

// wait returns when none of the records was held for a moment.
func (h *holds) wait(ctx context.Context, keys []store.Key) error {
	for _, key := range keys {
		h.mu.Lock()
		r := h.of[key]
		h.mu.Unlock()
		if r == nil {
			continue
		}
		taken, err := h.take(ctx, key)
		if err != nil {
			return err
		}
		taken.release()
	}
	return nil
}
