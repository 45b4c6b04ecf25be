package inventory_test

import (
	"context"
	"testing"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/adapters/memory"
	"github.com/forewarn-go/forewarn/inventory"
	"github.com/forewarn-go/forewarn/store"
)

var admin = forewarn.Actor{Tenant: "acme", ID: "adam", Roles: []string{forewarn.RoleAdmin}}

// small is a store that takes what every store takes, and no more.
type small struct{ store.Store }

func (small) Limits() (entries, bytes int) { return store.MinEntries, store.MinBytes }

func newEngine(t testing.TB, s store.Store) *forewarn.Engine {
	t.Helper()
	e, err := forewarn.New(forewarn.Config{Store: s, IDs: forewarn.SeededIDs(1), Strict: true})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func newService(t testing.TB, s store.Store) (*forewarn.Engine, *inventory.Service) {
	t.Helper()
	e := newEngine(t, s)
	inv, err := inventory.New(inventory.Config{Engine: e})
	if err != nil {
		t.Fatal(err)
	}
	return e, inv
}

func newMemory(t testing.TB) (*forewarn.Engine, *inventory.Service) {
	return newService(t, memory.New())
}

// in runs a function of a unit of a tenant's machine.
func in(t testing.TB, e *forewarn.Engine, tenant string, do func(u *forewarn.Unit) error) {
	t.Helper()
	err := e.Update(context.Background(), forewarn.SystemActor(tenant), func(_ context.Context, u *forewarn.Unit) error { return do(u) })
	if err != nil {
		t.Fatal(err)
	}
}

// standing returns all that stands on an item, as "type id relation", paging by limit.
func standing(t testing.TB, e *forewarn.Engine, from inventory.Type, limit int, on ...inventory.Ref) (all []string) {
	t.Helper()
	in(t, e, admin.Tenant, func(u *forewarn.Unit) error {
		all = nil
		for after := ""; ; {
			page, err := inventory.Stored.Dependents(u, on, from, limit, after)
			if err != nil {
				return err
			}
			if len(page.Dependents) > limit {
				t.Errorf("a page of %d, of at most %d", len(page.Dependents), limit)
			}
			for _, d := range page.Dependents {
				all = append(all, d.From.String()+" "+d.Relation+" "+d.To.ID)
			}
			if page.Next == "" {
				return nil
			}
			after = page.Next
		}
	})
	return all
}

func put(t testing.TB, inv *inventory.Service, items ...inventory.Item) inventory.Result {
	t.Helper()
	r, err := inv.Put(context.Background(), admin, inventory.Put{Items: items})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func ci(id string) inventory.Ref { return inventory.Ref{Type: inventory.TypeCI, ID: id} }
