package catalog

import (
	"container/list"
	"sync"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/decision"
)

// cache keeps compiled tables, as many as fit: what was not used for the longest
// time goes first.
type cache struct {
	mu    sync.Mutex
	size  int
	known map[cached]*list.Element
	order list.List // of entries, the last used first
}

// cached says what a compiled table was made of. The version of a record that was
// created is never given again, so a transaction that was taken back leaves
// nothing that another edition of the same number could be mistaken for.
type cached struct {
	tenant  string
	id      uuid.UUID
	version forewarn.Version
}

type entry struct {
	key   cached
	table *decision.Evaluator
}

func newCache(size int) *cache { return &cache{size: size, known: map[cached]*list.Element{}} }

// get returns a compiled table, and nil when it is not known.
func (c *cache) get(key cached) *decision.Evaluator {
	c.mu.Lock()
	defer c.mu.Unlock()
	at := c.known[key]
	if at == nil {
		return nil
	}
	c.order.MoveToFront(at)
	return at.Value.(entry).table
}

func (c *cache) put(key cached, table *decision.Evaluator) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if at := c.known[key]; at != nil {
		c.order.MoveToFront(at)
		return
	}
	c.known[key] = c.order.PushFront(entry{key, table})
	for c.order.Len() > c.size {
		last := c.order.Back()
		c.order.Remove(last)
		delete(c.known, last.Value.(entry).key)
	}
}
