// Command embed is a stranger's service that escalates an incident and writes a
// row of its own in one transaction: both are there, or neither is.
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/adapters/sqlstore"
	"github.com/forewarn-go/forewarn/psew"
	"github.com/forewarn-go/forewarn/techcase"
)

func main() {
	dir := must(os.MkdirTemp("", "embed"))
	defer os.RemoveAll(dir)
	run(context.Background(), "sqlite:"+filepath.Join(dir, "ops.db"))
}

func run(ctx context.Context, url string) {
	db := must(sqlstore.Open(ctx, url))
	defer db.Close()
	engine := must(forewarn.New(forewarn.Config{Store: db}))
	cases := must(techcase.New(techcase.Config{Engine: engine, Follower: psew.Follower{}}))
	incidents := must(psew.New(psew.Config{Engine: engine, Cases: cases.Book()}))
	check(db.Migrate(ctx))
	must(db.SQL().ExecContext(ctx, `CREATE TABLE shift (engineer TEXT PRIMARY KEY, calls INT NOT NULL)`))

	admin := forewarn.Actor{Tenant: "acme", ID: "ada", Roles: []string{forewarn.RoleAdmin}}
	must(incidents.Defaults(ctx, admin, psew.Defaults{}))
	incident := must(incidents.Open(ctx, admin, psew.Open{ShortDescription: "Link to Bern is down", Category: "SD-WAN", Subcategory: "Link failure"}))

	check(db.Transact(ctx, engine, func(ctx context.Context, tx *sqlstore.Tx, in *forewarn.Engine) (err error) {
		if _, err = tx.ExecContext(ctx, `INSERT INTO shift (engineer, calls) VALUES ('noa', 1)`); err != nil {
			return err
		}
		incident, err = incidents.Escalate(ctx, in.As(admin), psew.Escalate{Incident: incident.ID, Note: "no light on the line"})
		return err
	}))
	var calls int
	check(db.SQL().GetContext(ctx, &calls, `SELECT calls FROM shift WHERE engineer = 'noa'`))
	fmt.Printf("%s is at %s with %s; noa has %d call\n", incident.Number, incident.Stage, incident.Group, calls)
}

func must[T any](v T, err error) T { check(err); return v }

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
