package psew_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/adapters/memory"
	"github.com/forewarn-go/forewarn/decision"
	"github.com/forewarn-go/forewarn/decision/catalog"
	"github.com/forewarn-go/forewarn/psew"
	"github.com/forewarn-go/forewarn/techcase"
)

// editions is a Policy that decides by the edition of the tenant's table which holds at the time.
type editions struct {
	tables catalog.Book
	flows  psew.Flows
}

func (p editions) Next(u *forewarn.Unit, i psew.Incident) (psew.Level, error) {
	held, err := p.tables.Table(u, "Incident Escalation Policy", time.Time{})
	if err != nil {
		return psew.Level{}, err
	}
	found, err := held.Table.Eval(decision.Text(string(i.Category)), decision.Text(string(i.Subcategory)), decision.Text(string(i.Stage)))
	if errors.Is(err, decision.ErrNotAllowed) || err == nil && found.Rule() == 0 {
		return psew.Level{}, &forewarn.Error{Kind: forewarn.ErrRefused, Record: i.Key(), Field: "stage", Rule: "the policy has no row for it", Cause: psew.ErrNoPath}
	}
	if err != nil {
		return psew.Level{}, err
	}
	flow, _ := p.flows.Subflow(found.Get("flow").Text())
	return psew.Level{Stage: flow.Stage, Group: found.Get("assignmentGroup").Text(), Flow: flow,
		Why: psew.Why{Policy: fmt.Sprintf("edition %d of %s", held.Number, held.Table.Table().Name), Row: found.Rule()}}, nil
}

// A host that wants editions of the escalation policy, each of which is kept and holds from an instant, decides by a catalog.
func ExamplePolicy() {
	ctx := context.Background()
	text, _ := os.ReadFile("escalation.json")
	shipped, err := decision.ParseJSON(text)
	if err != nil {
		panic(err)
	}
	engine, _ := forewarn.New(forewarn.Config{Store: memory.New()})
	tables, _ := catalog.New(catalog.Config{Engine: engine, Shipped: []decision.Table{shipped}})
	cases, _ := techcase.New(techcase.Config{Engine: engine, Follower: psew.Follower{}})
	incidents, err := psew.New(psew.Config{Engine: engine, Cases: cases.Book(), Policy: editions{tables.Book(), psew.DefaultFlows()}})
	if err != nil {
		panic(err)
	}
	admin := forewarn.Actor{Tenant: "acme", ID: "ada", Roles: []string{forewarn.RoleAdmin}}
	if _, err := incidents.Defaults(ctx, admin, psew.Defaults{}); err != nil {
		panic(err)
	}
	open := func() {
		i, err := incidents.Open(ctx, admin, psew.Open{ShortDescription: "no carrier", Category: "SD-WAN", Subcategory: "Link failure"})
		fmt.Println(i.Stage, "at", i.Group, err)
		why, err := incidents.WhyLevel(ctx, admin, psew.WhyLevel{Incident: i.ID})
		fmt.Printf("by row %d of %s %v\n", why.Reached.Row, why.Reached.Policy, err)
	}
	open()
	own := shipped.Clone()
	own.Rules[2].Then[0] = decision.Text("Night Desk")
	_, err = tables.Put(ctx, admin, catalog.Put{Table: own, Note: "the night desk takes links"})
	fmt.Println(err)
	open()
	// Output:
	// Triage at Network Coordinators <nil>
	// by row 3 of edition 0 of Incident Escalation Policy <nil>
	// <nil>
	// Triage at Night Desk <nil>
	// by row 3 of edition 1 of Incident Escalation Policy <nil>
}
