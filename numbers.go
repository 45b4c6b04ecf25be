package forewarn

import (
	"context"
	"sync"
)

// numbers are the blocks of numbers that this process has drawn and not used up.
type numbers struct {
	mu sync.Mutex
	of map[series]*block
}

type series struct{ tenant, name string }

type block struct {
	mu         sync.Mutex
	next, last int64 // of the block in hand; empty when next is above last
}

func (n *numbers) block(s series) *block {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.of == nil {
		n.of = map[series]*block{}
	}
	b := n.of[s]
	if b == nil {
		b = &block{next: 1}
		n.of[s] = b
	}
	return b
}

// number returns the next number of a series. Joined to a host's transaction it is drawn one by one through it.
func (e *Engine) number(ctx context.Context, tenant, name string) (int64, error) {
	if e.joined {
		return e.store.Numbers(ctx, tenant, name, 1)
	}
	b := e.draws.block(series{tenant, name})
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.next > b.last {
		if err := e.draw(ctx, b, tenant, name, e.cfg.NumberBlock); err != nil {
			return 0, err
		}
	}
	n := b.next
	b.next++
	return n, nil
}

// reserve makes the block in hand at least n numbers long. What is left of a shorter one is not used.
func (e *Engine) reserve(ctx context.Context, tenant, name string, n int) error {
	if e.joined || n < 1 {
		return nil
	}
	b := e.draws.block(series{tenant, name})
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.last-b.next+1 >= int64(n) {
		return nil
	}
	return e.draw(ctx, b, tenant, name, n)
}

func (e *Engine) draw(ctx context.Context, b *block, tenant, name string, n int) error {
	first, err := e.store.Numbers(ctx, tenant, name, n)
	if err != nil {
		return err
	}
	b.next, b.last = first, first+int64(n)-1
	return nil
}
