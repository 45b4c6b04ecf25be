package catalog

import (
	"testing"

	"github.com/forewarn-go/forewarn/decision"
	"github.com/forewarn-go/forewarn/store"
)

// What was not used for the longest time goes first.
//
// Covers: DEC-026
func TestCacheForgetsTheOldest(t *testing.T) {
	key := func(name string) cached { return cached{tenant: "acme", id: store.NameID(name), version: 1} }
	c := newCache(2)
	first, second, third := new(decision.Evaluator), new(decision.Evaluator), new(decision.Evaluator)
	c.put(key("first"), first)
	c.put(key("second"), second)
	c.put(key("first"), second) // what is known stays
	if c.get(key("first")) != first {
		t.Error("the first is gone, or another")
	}
	c.put(key("third"), third)
	if c.get(key("second")) != nil || c.get(key("first")) != first || c.get(key("third")) != third || c.order.Len() != 2 || len(c.known) != 2 {
		t.Errorf("%d are kept: second %v", c.order.Len(), c.get(key("second")))
	}
	newer := key("third")
	newer.version = 2
	if c.get(newer) != nil {
		t.Error("another version is taken for the same")
	}
}
