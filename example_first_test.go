package forewarn_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/adapters/sqlstore"
	"github.com/forewarn-go/forewarn/psew"
	"github.com/forewarn-go/forewarn/techcase"
)

// The first program: a database, an engine over it, cases and incidents; then an incident is opened and escalated.
func Example_firstProgram() {
	dir := must(os.MkdirTemp("", "ops"))
	defer os.RemoveAll(dir)
	ctx := context.Background()

	db := must(sqlstore.Open(ctx, "sqlite:"+filepath.Join(dir, "ops.db")))
	defer db.Close()
	engine := must(forewarn.New(forewarn.Config{Store: db}))
	cases := must(techcase.New(techcase.Config{Engine: engine, Follower: psew.Follower{}}))
	incidents := must(psew.New(psew.Config{Engine: engine, Cases: cases.Book()}))
	check(db.Migrate(ctx)) // makes the tables of what was kept so far

	admin := forewarn.Actor{Tenant: "acme", ID: "ada", Roles: []string{forewarn.RoleAdmin}}
	noc := forewarn.Actor{Tenant: "acme", ID: "noa", Roles: []string{forewarn.RolePSEWUser, forewarn.RoleNOCAgent}}
	must(incidents.Defaults(ctx, admin, psew.Defaults{})) // groups, messages and policy of this tenant

	incident := must(incidents.Open(ctx, noc, psew.Open{ShortDescription: "Vmanage_10001 failed to restart",
		Category: "SD-WAN", Subcategory: "Device failure"}))
	fmt.Println(incident.Number, incident.Stage, incident.Group)
	incident = must(incidents.Escalate(ctx, noc, psew.Escalate{Incident: incident.ID, Note: "no answer"}))
	fmt.Println(incident.Number, incident.Stage, incident.Group)

	// Output:
	// INC0000001 Triage Network Coordinators
	// INC0000001 L1 investigation L1 Network Engineering
}

func must[T any](v T, err error) T { check(err); return v }

func check(err error) {
	if err != nil {
		panic(err)
	}
}
