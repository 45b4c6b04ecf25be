package benchmarks

import (
	"context"
	"testing"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/adapters/sqlstore"
	"github.com/forewarn-go/forewarn/apinotif"
	"github.com/forewarn-go/forewarn/inventory"
	"github.com/forewarn-go/forewarn/psew"
	"github.com/forewarn-go/forewarn/techcase"
)

const tenant = "bench"

var (
	admin = forewarn.Actor{Tenant: tenant, ID: "admin", Roles: []string{forewarn.RoleAdmin}}
	// agent has his roles from his token, so that neither side looks for his groups.
	agent = forewarn.Actor{Tenant: tenant, ID: "agent", Roles: []string{forewarn.RolePSEWUser, forewarn.RoleNOCAgent}}
)

// desk is an incident desk as a provider runs it.
type desk struct {
	db        *sqlstore.DB
	engine    *forewarn.Engine
	rules     apinotif.Rules
	inventory *inventory.Service
	cases     *techcase.Service
	incidents *psew.Service
}

// openDesk opens the desk over a database whose tables are there or not.
func openDesk(ctx context.Context, url string) (d desk, err error) {
	if d.db, err = sqlstore.Open(ctx, url); err != nil {
		return d, err
	}
	if d.rules, err = apinotif.NewRules(apinotif.Config{}); err != nil {
		return d, err
	}
	if d.engine, err = forewarn.New(forewarn.Config{Store: d.db, Rules: d.rules}); err != nil {
		return d, err
	}
	if d.inventory, err = inventory.New(inventory.Config{Engine: d.engine}); err != nil {
		return d, err
	}
	if d.cases, err = techcase.New(techcase.Config{Engine: d.engine, Follower: psew.Follower{}, Parties: techcase.FromInventory(inventory.Stored)}); err != nil {
		return d, err
	}
	d.incidents, err = psew.New(psew.Config{Engine: d.engine, Cases: d.cases.Book()})
	return d, err
}

// newDesk makes the tables, and what a tenant begins with.
func newDesk(b *testing.B, url string, policy psew.Table) desk {
	b.Helper()
	ctx := context.Background()
	d, err := openDesk(ctx, url)
	check(b, err)
	b.Cleanup(func() { check(b, d.db.Close()) })
	check(b, d.db.Migrate(ctx))
	_, err = d.incidents.Defaults(ctx, admin, psew.Defaults{Policy: &policy})
	check(b, err)
	_, err = d.cases.Defaults(ctx, admin, techcase.Defaults{})
	check(b, err)
	return d
}
