package forewarn_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/adapters/sqlstore"
	"github.com/forewarn-go/forewarn/bus"
	"github.com/forewarn-go/forewarn/inventory"
	"github.com/forewarn-go/forewarn/psew"
	"github.com/forewarn-go/forewarn/techcase"
	"github.com/forewarn-go/forewarn/worker"
)

// What the customers have: a line of JSON for each item.
const items = `{"type":"ci","id":"Vmanage_10001"}
{"type":"service","id":"sdwan","name":"SD-WAN","relations":[{"type":"depends_on","to":"Vmanage_10001"}]}
{"type":"account","id":"avid","name":"Avid","contact":"ann"}
{"type":"contact","id":"ann","name":"Ann","email":"ann@avid.example","account":"avid"}
{"type":"install_base","id":"avid-1","service":"sdwan","account":"avid"}`

// The first program: a database, an engine and its services over it; an incident, whom it hits, a case for them, and the next level.
func Example_firstProgram() {
	dir := must(os.MkdirTemp("", "ops"))
	defer os.RemoveAll(dir)
	ctx := context.Background()

	db := must(sqlstore.Open(ctx, "sqlite:"+filepath.Join(dir, "ops.db")))
	defer db.Close()
	engine := must(forewarn.New(forewarn.Config{Store: db}))
	stock := must(inventory.New(inventory.Config{Engine: engine}))
	cases := must(techcase.New(techcase.Config{Engine: engine, Follower: psew.Follower{}}))
	incidents := must(psew.New(psew.Config{Engine: engine, Cases: cases.Book()}))
	work := must(worker.New(worker.Config{Engine: engine, Publisher: bus.Discard, Notifier: worker.NoMail}))
	check(db.Migrate(ctx)) // makes the tables of what was kept so far

	admin := forewarn.Actor{Tenant: "acme", ID: "ada", Roles: []string{forewarn.RoleAdmin}}
	noc := forewarn.Actor{Tenant: "acme", ID: "noa", Roles: []string{forewarn.RolePSEWUser, forewarn.RoleNOCAgent}}
	must(incidents.Defaults(ctx, admin, psew.Defaults{})) // groups, messages and policy of this tenant
	must(stock.Import(ctx, admin, strings.NewReader(items)))

	incident := must(incidents.Open(ctx, noc, psew.Open{ShortDescription: "Vmanage_10001 failed to restart",
		CI: "Vmanage_10001", Category: "SD-WAN", Subcategory: "Device failure"}))
	fmt.Println(incident.Number, incident.Stage, incident.Group)
	must(incidents.Generate(ctx, noc, psew.Generate{Incident: incident.ID, All: psew.ListAccounts, Communicate: true}))
	incident = must(incidents.Escalate(ctx, noc, psew.Escalate{Incident: incident.ID, Note: "no answer"}))
	fmt.Println(incident.Number, incident.Stage, incident.Group)
	check(work.Drain(ctx)) // sends the mails, and whatever else waits

	for _, c := range must(incidents.ListCases(ctx, noc, psew.ListCases{Incident: incident.ID})).Cases {
		fmt.Println(c.Number, c.State, c.Account, c.ShortDescription)
	}

	// Output:
	// INC0000001 Triage Network Coordinators
	// INC0000001 L1 investigation L1 Network Engineering
	// CS0000001 New avid Vmanage_10001 failed to restart
}

func must[T any](v T, err error) T { check(err); return v }

func check(err error) {
	if err != nil {
		panic(err)
	}
}
