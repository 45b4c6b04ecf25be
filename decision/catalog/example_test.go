package catalog_test

import (
	"context"
	"fmt"
	"time"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/adapters/memory"
	"github.com/forewarn-go/forewarn/decision"
	"github.com/forewarn-go/forewarn/decision/catalog"
)

func Example() {
	ctx := context.Background()
	clock := &clock{now: time.Date(2026, 11, 25, 9, 0, 0, 0, time.UTC)}
	engine, err := forewarn.New(forewarn.Config{Store: memory.New(), Clock: clock})
	if err != nil {
		panic(err)
	}
	shipped := decision.Table{
		Name:    "Priority",
		Inputs:  []decision.Input{{Name: "customers", Type: decision.Number, Allowed: decision.IsAtLeast(decision.Int(0))}},
		Outputs: []decision.Output{{Name: "priority", Type: decision.Number}},
	}
	for _, row := range [][]string{{">= 100", "1"}, {"< 100", "3"}} {
		if err := shipped.Add(row...); err != nil {
			panic(err)
		}
	}
	tables, err := catalog.New(catalog.Config{Engine: engine, Shipped: []decision.Table{shipped}})
	if err != nil {
		panic(err)
	}
	admin := forewarn.Actor{Tenant: "acme", ID: "adam", Roles: []string{forewarn.RoleAdmin}}

	// From December on, acme is stricter.
	own := shipped.Clone()
	own.Rules[0].When[0] = decision.IsAtLeast(decision.Int(10))
	december := time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)
	_, err = tables.Put(ctx, admin, catalog.Put{Table: own, From: december, Tolerate: false})
	fmt.Println(err)
	own.Rules[1].When[0] = decision.IsLess(decision.Int(10))
	edition, err := tables.Put(ctx, admin, catalog.Put{Table: own, From: december})
	fmt.Println(edition.Number, err)

	for _, at := range []time.Time{clock.Now(), december} {
		d, err := tables.Decide(ctx, admin, catalog.Decide{Name: "Priority", At: at, Inputs: map[string]any{"customers": 40}})
		if err != nil {
			panic(err)
		}
		fmt.Println(at.Format(time.DateOnly), "edition", d.Number, "priority", d.Result.Get("priority"))
	}
	// Output:
	// catalog.Put: invalid: table: has defects: table "Priority" has 1 defects, the first: rules 1 and 2: both match, with different outputs
	// 1 <nil>
	// 2026-11-25 edition 0 priority 3
	// 2026-12-01 edition 1 priority 1
}
