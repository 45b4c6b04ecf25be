package catalog

import (
	"fmt"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/decision"
)

// Config is what a Service is made of.
type Config struct {
	// Engine runs the use cases. Required.
	Engine *forewarn.Engine
	// Shipped are the tables that hold for every tenant until he has put his own of
	// the same name. What a tenant puts has the same inputs and outputs.
	Shipped []decision.Table
	// Cache is how many compiled tables are kept in memory, those that are shipped
	// not counted; 0 means 256.
	Cache int
}

// Service has the use cases of stored tables. It is safe for concurrent use. The
// zero Service is of no use: call New.
type Service struct {
	engine  *forewarn.Engine
	shipped map[string]*decision.Evaluator
	cache   *cache
}

// New returns a Service and tells the engine of its kinds. It returns an
// ErrInvalid that says what is missing, or which shipped table cannot be compiled
// and why. One engine takes one Service.
func New(c Config) (*Service, error) {
	if c.Engine == nil {
		return nil, forewarn.Invalid("config.engine", "is missing")
	}
	if c.Cache < 0 {
		return nil, forewarn.Invalid("config.cache", "is negative")
	}
	if c.Cache == 0 {
		c.Cache = 256
	}
	s := &Service{engine: c.Engine, shipped: map[string]*decision.Evaluator{}, cache: newCache(c.Cache)}
	for i, t := range c.Shipped {
		field := fmt.Sprintf("config.shipped[%d]", i)
		if err := checkName(field+".name", t.Name); err != nil {
			return nil, err
		}
		if s.shipped[t.Name] != nil {
			return nil, forewarn.Invalid(field+".name", "%q stands twice", t.Name)
		}
		compiled, err := decision.Compile(t)
		if err != nil {
			return nil, &forewarn.Error{Kind: forewarn.ErrInvalid, Field: field, Rule: "cannot be compiled", Cause: err}
		}
		s.shipped[t.Name] = compiled
	}
	if err := c.Engine.Keep(heads.Kind(), editions.Kind()); err != nil {
		return nil, err
	}
	return s, nil
}

// The acts of this package. Changing a table is for admins; every member of staff
// may see and try what is decided by.
var (
	actPut     = forewarn.Act{Name: "catalog.Put", Roles: []string{forewarn.RoleAdmin}}
	actReset   = forewarn.Act{Name: "catalog.Reset", Roles: []string{forewarn.RoleAdmin}}
	actGet     = forewarn.Act{Name: "catalog.Get"}
	actList    = forewarn.Act{Name: "catalog.List"}
	actHistory = forewarn.Act{Name: "catalog.History"}
	actDecide  = forewarn.Act{Name: "catalog.Decide"}
	actExplain = forewarn.Act{Name: "catalog.Explain"}
)

// Acts returns what an actor must be allowed to do, one act for each use case, in
// the order of their names.
func Acts() []forewarn.Act {
	return []forewarn.Act{actDecide, actExplain, actGet, actHistory, actList, actPut, actReset}
}
