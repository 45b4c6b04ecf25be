package psew

import (
	"slices"
	"sync"

	"github.com/forewarn-go/forewarn/decision"
)

// compiledTables keeps the tenants' policies as they were last compiled.
type compiledTables struct {
	mu  sync.Mutex
	all map[string]compiledTable // by tenant
}

type compiledTable struct {
	name  string
	rules []Rule
	e     *decision.Evaluator
}

// maxCompiled bounds the tenants whose policies are kept.
const maxCompiled = 1000

// of returns the evaluator of a tenant's table. It goes by what the table says and not by a version, since a unit of work
// may read what it has written and not yet committed.
func (c *compiledTables) of(tenant string, t Table) (*decision.Evaluator, error) {
	c.mu.Lock()
	known := c.all[tenant]
	c.mu.Unlock()
	if known.e != nil && known.name == t.Name && slices.Equal(known.rules, t.Rules) {
		return known.e, nil
	}
	e, err := t.compile()
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.all == nil || len(c.all) >= maxCompiled {
		c.all = map[string]compiledTable{}
	}
	c.all[tenant] = compiledTable{t.Name, slices.Clone(t.Rules), e}
	return e, nil
}
