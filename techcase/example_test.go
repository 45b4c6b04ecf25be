package techcase_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/adapters/memory"
	"github.com/forewarn-go/forewarn/techcase"
)

func Example() {
	ctx := context.Background()
	engine, err := forewarn.New(forewarn.Config{Store: memory.New()})
	if err != nil {
		panic(err)
	}
	cases, err := techcase.New(techcase.Config{Engine: engine, Follower: techcase.NoFollower})
	if err != nil {
		panic(err)
	}
	agent := forewarn.Actor{Tenant: "acme", ID: "anna", Roles: []string{forewarn.RoleAgent}}
	customer := forewarn.Actor{Tenant: "acme", ID: "jane", Roles: []string{forewarn.RoleCustomer}, Account: "boxeo", Contact: "jane"}

	c, err := cases.Create(ctx, customer, techcase.Create{ShortDescription: "No signal", Submit: true})
	fmt.Println(c.Number, c.State, err)
	c, err = cases.AssignToMe(ctx, agent, techcase.AssignToMe{Case: c.ID})
	fmt.Println(c.Assignee, c.State, err)
	c, err = cases.ProposeSolution(ctx, agent, techcase.ProposeSolution{Case: c.ID, ResolutionCode: "Fixed", Notes: "Restarted the router."})
	fmt.Println(c.State, err)
	c, err = cases.AcceptSolution(ctx, customer, techcase.AcceptSolution{Case: c.ID})
	fmt.Println(c.State, err)

	_, err = cases.Comment(ctx, customer, techcase.Comment{Case: c.ID, Text: "One more thing"})
	var refused *techcase.TransitionError
	fmt.Println(errors.Is(err, forewarn.ErrRefused), errors.As(err, &refused), refused.Why)
	// Output:
	// CS0000001 New <nil>
	// anna Work in Progress <nil>
	// Solution Proposed <nil>
	// Closed <nil>
	// true true Closed is final
}

func ExampleAutoClose_Next() {
	w := techcase.Waiting{Since: start}
	for {
		step, ok := techcase.DefaultAutoClose().Next(w)
		if !ok {
			break
		}
		if step.Reminder == 0 {
			fmt.Println(step.At.Format("2006-01-02"), "closes")
			break
		}
		fmt.Println(step.At.Format("2006-01-02"), "reminder", step.Reminder)
		w.Reminded = step.Reminder
	}
	// Output:
	// 2026-01-08 reminder 1
	// 2026-01-10 reminder 2
	// 2026-01-13 reminder 3
	// 2026-01-15 closes
}
