package catalog_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/adapters/memory"
	"github.com/forewarn-go/forewarn/decision"
	"github.com/forewarn-go/forewarn/decision/catalog"
)

var start = time.Date(2026, 11, 25, 9, 0, 0, 0, time.UTC)

var (
	admin = forewarn.Actor{Tenant: "acme", ID: "adam", Roles: []string{forewarn.RoleAdmin}}
	agent = forewarn.Actor{Tenant: "acme", ID: "anna", Roles: []string{forewarn.RoleAgent}}
	other = forewarn.Actor{Tenant: "globex", ID: "olga", Roles: []string{forewarn.RoleAdmin}}
)

type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.now }

func (c *clock) set(t time.Time) { c.mu.Lock(); defer c.mu.Unlock(); c.now = t }

type rig struct {
	ctx    context.Context
	clock  *clock
	engine *forewarn.Engine
	tables *catalog.Service
}

type fataler interface {
	Helper()
	Fatalf(string, ...any)
	Errorf(string, ...any)
}

func newRig(t fataler, shipped ...decision.Table) *rig {
	t.Helper()
	r := &rig{ctx: context.Background(), clock: &clock{now: start}}
	var err error
	if r.engine, err = forewarn.New(forewarn.Config{Store: memory.New(), Clock: r.clock, Strict: true}); err != nil {
		t.Fatalf("%v", err)
	}
	if r.tables, err = catalog.New(catalog.Config{Engine: r.engine, Shipped: shipped}); err != nil {
		t.Fatalf("%v", err)
	}
	return r
}

// discount is a table that gives every customer the same percentage.
func discount(percent int64) decision.Table {
	return decision.Table{
		Name:    "Discount",
		Inputs:  []decision.Input{{Name: "customer", Type: decision.Enum, Allowed: decision.OneOfTexts("new", "regular")}},
		Outputs: []decision.Output{{Name: "percent", Type: decision.Number}},
		Rules: []decision.Rule{
			{When: []decision.Cell{decision.OneOfTexts("new")}, Then: []decision.Value{decision.Int(percent)}},
			{When: []decision.Cell{decision.OneOfTexts("regular")}, Then: []decision.Value{decision.Int(percent)}},
		},
	}
}

func (r *rig) put(t fataler, by forewarn.Caller, cmd catalog.Put) catalog.Edition {
	t.Helper()
	e, err := r.tables.Put(r.ctx, by, cmd)
	if err != nil {
		t.Fatalf("Put: %v", err)
	}
	return e
}

// decide returns the percentage and the edition; -1 when there is no table.
func (r *rig) decide(t fataler, by forewarn.Caller, at time.Time) (percent int64, number int) {
	t.Helper()
	d, err := r.tables.Decide(r.ctx, by, catalog.Decide{Name: "Discount", At: at, Inputs: map[string]any{"customer": "new"}})
	if errors.Is(err, forewarn.ErrNotFound) {
		return -1, 0
	}
	if err != nil {
		t.Fatalf("Decide: %v", err)
	}
	percent, _ = d.Result.At(0).Int()
	return percent, d.Number
}

// refused checks an error's kind and field.
func refused(t *testing.T, err, kind error, field string) {
	t.Helper()
	var e *forewarn.Error
	if !errors.As(err, &e) || !errors.Is(err, kind) || e.Field != field {
		t.Errorf("got %v, want %v of the field %q", err, kind, field)
	}
}
