package techcase_test

import (
	"errors"
	"reflect"
	"slices"
	"testing"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/techcase"
	"github.com/forewarn-go/forewarn/ticket"
)

// other is another consumer.
var other = forewarn.Actor{Tenant: tenant, ID: "portal-olga", Roles: []string{forewarn.RoleCustomer}, Consumer: "olga"}

// consumers is a proactive case for Carl in a state.
func (r *rig) consumers(in techcase.State) techcase.Case {
	r.Helper()
	c := r.book(ticket.NewCase{ID: uuid.MustParse("00000000-0000-4000-8000-0000000000ca"), Source: incident, Proactive: true, Consumer: "carl", ShortDescription: "No signal", Priority: 4})
	switch in {
	case techcase.StateAwaitingInfo:
		do(r.cases.RequestInformation(r.ctx, agent, techcase.RequestInformation{Case: c.ID}))(r)
	case techcase.StateSolutionProposed:
		r.in(func(u *forewarn.Unit) error {
			return r.cases.Book().Resolve(u, c.ID, ticket.Resolution{Code: "Fixed", Notes: "Restarted it"})
		})
	}
	return r.get(c.ID)
}

// A consumer is a customer of his own cases: he answers, accepts and rejects, and his answer is told like a contact's.
//
// Covers: TECH-014, TECH-016, TECH-017, TECH-091, TECH-101, SEC-018, SEC-019, SEC-020
func TestAConsumerAnswersHisOwnCase(t *testing.T) {
	for _, step := range []struct {
		name   string
		in, to techcase.State
		act    func(*rig, forewarn.Caller, uuid.UUID) error
	}{
		{"comments", techcase.StateNew, techcase.StateNew, (*rig).commented},
		{"answers", techcase.StateAwaitingInfo, techcase.StateWorkInProgress, (*rig).commented},
		{"says something about the solution", techcase.StateSolutionProposed, techcase.StateSolutionProposed, (*rig).commented},
		{"accepts", techcase.StateSolutionProposed, techcase.StateClosed, func(r *rig, by forewarn.Caller, id uuid.UUID) error {
			return second(r.cases.AcceptSolution(r.ctx, by, techcase.AcceptSolution{Case: id, Comment: "hello"}))
		}},
		{"rejects", techcase.StateSolutionProposed, techcase.StateWorkInProgress, func(r *rig, by forewarn.Caller, id uuid.UUID) error {
			return second(r.cases.RejectSolution(r.ctx, by, techcase.RejectSolution{Case: id, Comment: "hello"}))
		}},
	} {
		r := newRig(t)
		c := r.consumers(step.in)
		do(r.cases.WorkNote(r.ctx, agent, techcase.WorkNote{Case: c.ID, Text: "internal"}))(t)
		for _, by := range []forewarn.Actor{other, customer, {Tenant: tenant, ID: "x", Roles: []string{forewarn.RoleCustomer}, Account: "carl"}} {
			if err := step.act(r, by, c.ID); !errors.Is(err, forewarn.ErrNotFound) {
				t.Errorf("%s: by %+v: %v", step.name, by, err)
			}
		}
		mails := len(r.mails(c.ID))
		r.changes.told = nil
		if err := step.act(r, carl, c.ID); err != nil {
			t.Errorf("%s: %v", step.name, err)
			continue
		}
		got := do(r.cases.Get(r.ctx, carl, techcase.Get{Case: c.ID}))(t)
		if got.State != step.to || got.UpdatedBy != "portal-carl" {
			t.Errorf("%s: %+v", step.name, got)
		}
		if step.name == "answers" && got.ActionStatus != techcase.ActionCustomerResponded {
			t.Errorf("%s: %q", step.name, got.ActionStatus)
		}
		if n := len(r.changes.told); n != 1 || r.changes.told[0].Comment == nil || r.changes.told[0].Comment.Text != "hello" || r.changes.told[0].Comment.Channel != "portal" {
			t.Errorf("%s: the follower was told %+v", step.name, r.changes.told)
		}
		if n := len(r.mails(c.ID)); n != mails {
			t.Errorf("%s: he was mailed of his own act: %q", step.name, r.mails(c.ID))
		}
		page := do(r.cases.Activities(r.ctx, carl, techcase.Activities{Case: c.ID}))(t)
		if len(page.Items) != 1 || page.Items[0].Text != "hello" {
			t.Errorf("%s: he reads %+v", step.name, page.Items)
		}
	}
}

func (r *rig) commented(by forewarn.Caller, id uuid.UUID) error {
	return second(r.cases.Comment(r.ctx, by, techcase.Comment{Case: id, Text: "hello"}))
}

// Covers: SEC-018, SEC-019, TECH-087
func TestAConsumerOpensAndListsHisOwnCases(t *testing.T) {
	r := newRig(t)
	r.opened() // another's
	generated := r.consumers(techcase.StateNew)
	r.clock.set(start.Add(1e9))
	c := do(r.cases.Create(r.ctx, carl, techcase.Create{ShortDescription: "No signal", Submit: true}))(t)
	if c.Consumer != "carl" || c.Account != "" || c.Contact != "" || c.Channel != "portal" || c.State != techcase.StateNew {
		t.Errorf("%+v", c)
	}
	for name, cmd := range map[string]techcase.Create{
		"account": {Account: "boxeo"}, "contact": {Contact: "jane"}, "another consumer": {Consumer: "olga"}, "priority": {Priority: 1}, "major": {Major: true},
	} {
		cmd.ShortDescription = "x"
		if _, err := r.cases.Create(r.ctx, carl, cmd); !errors.Is(err, forewarn.ErrForbidden) {
			t.Errorf("%s: %v", name, err)
		}
	}
	list := func(by forewarn.Actor, f techcase.Filter) (ids []uuid.UUID) {
		for _, c := range do(r.cases.List(r.ctx, by, techcase.List{Filter: f}))(t).Items {
			ids = append(ids, c.ID)
		}
		return ids
	}
	if got := list(carl, ""); !reflect.DeepEqual(got, []uuid.UUID{c.ID, generated.ID}) {
		t.Errorf("he sees %v", got)
	}
	if got := list(other, ""); got != nil {
		t.Errorf("another sees %v", got)
	}
	if got := list(carl, techcase.FilterClosed); got != nil {
		t.Errorf("closed ones %v", got)
	}
	got := do(r.cases.Update(r.ctx, carl, techcase.Update{Case: c.ID, StepsToReproduce: text("push the button")}))(t)
	if got.StepsToReproduce != "push the button" {
		t.Errorf("%+v", got)
	}
	if _, err := r.cases.Update(r.ctx, carl, techcase.Update{Case: c.ID, ShortDescription: text("other")}); !errors.Is(err, forewarn.ErrForbidden) {
		t.Errorf("he has written a field of staff's: %v", err)
	}
	// By his address he may watch his own case, and is not told of what he does.
	do(r.cases.Update(r.ctx, agent, techcase.Update{Case: c.ID, Watch: &[]string{"CARL@example.org", "noc@x.example"}}))(t)
	if err := r.commented(carl, c.ID); err != nil {
		t.Fatal(err)
	}
	if got := r.mails(c.ID); !slices.Equal(got, []string{"case.commented.for.customer noc@x.example"}) {
		t.Errorf("told are %q", got)
	}
}
