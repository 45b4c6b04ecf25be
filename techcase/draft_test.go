package techcase_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/techcase"
	"github.com/forewarn-go/forewarn/ticket"
)

// Whatever an agent does to a draft, nobody outside hears of it, and the portal does not know it.
//
// Covers: TECH-004, SEC-019
func TestADraftTellsNobody(t *testing.T) {
	for _, end := range []string{"kept", "cancelled", "submitted", "its intake finished"} {
		r := newRig(t)
		c := do(r.cases.Create(r.ctx, agent, techcase.Create{ShortDescription: "No signal", Contact: "jane", Watch: []string{"wendy", "w@x.example"}}))(t)
		do(r.cases.Comment(r.ctx, agent, techcase.Comment{Case: c.ID, Text: "we look at it"}))(t)
		do(r.cases.Update(r.ctx, agent, techcase.Update{Case: c.ID, Priority: new(1)}))(t)
		switch end {
		case "cancelled":
			do(r.cases.Cancel(r.ctx, agent, techcase.Cancel{Case: c.ID, Comment: "opened by mistake"}))(t)
		case "submitted":
			do(r.cases.Submit(r.ctx, agent, techcase.Submit{Case: c.ID}))(t)
		case "its intake finished":
			do(r.cases.FinishIntake(r.ctx, agent, techcase.FinishIntake{Case: c.ID}))(t)
		}
		list := do(r.cases.List(r.ctx, customer, techcase.List{}))(t)
		_, err := r.cases.Get(r.ctx, customer, techcase.Get{Case: c.ID})
		if end == "submitted" || end == "its intake finished" {
			if err != nil || len(list.Items) != 1 || !slices.Equal(r.events(c.ID), []string{"create"}) || len(r.mails(c.ID)) != 3 ||
				len(r.changes.told) != 1 || !r.changes.told[0].Opened || r.changes.told[0].Before != ticket.Draft {
				t.Errorf("%s: %v, %d listed, events %q, mails %q, told %+v", end, err, len(list.Items), r.events(c.ID), r.mails(c.ID), r.changes.told)
			}
			continue
		}
		if events, mails := r.events(c.ID), r.mails(c.ID); events != nil || mails != nil || r.changes.told != nil {
			t.Errorf("%s: events %q, mails %q, told %+v", end, events, mails, r.changes.told)
		}
		if len(list.Items) != 0 {
			t.Errorf("%s: the customer sees %+v", end, list.Items)
		}
		for name, call := range r.calls() {
			if aboutCase(name) {
				if err := call(r.ctx, customer, c.ID); !errors.Is(err, forewarn.ErrNotFound) {
					t.Errorf("%s of a draft that was %s: %v", name, end, err)
				}
			}
		}
		if len(r.stream(c.ID)) == 0 || r.get(c.ID).ID != c.ID {
			t.Errorf("%s: staff do not see it", end)
		}
	}
}

// A draft of a customer is his own until he submits it.
//
// Covers: TECH-004, TECH-011, SEC-019
func TestADraftOfTheCustomer(t *testing.T) {
	r := newRig(t)
	colleague := forewarn.Actor{Tenant: tenant, ID: "portal-joe", Roles: []string{forewarn.RoleCustomerAdmin}, Account: "boxeo", Contact: "joe"}
	c := do(r.cases.Create(r.ctx, customer, techcase.Create{ShortDescription: "No signal"}))(t)
	see := func(by forewarn.Actor) bool {
		_, err := r.cases.Get(r.ctx, by, techcase.Get{Case: c.ID})
		list := do(r.cases.List(r.ctx, by, techcase.List{Filter: techcase.FilterAll}))(t)
		if listed := slices.ContainsFunc(list.Items, func(o techcase.Case) bool { return o.ID == c.ID }); listed != (err == nil) {
			t.Errorf("%s: %v, listed %v", by.ID, err, listed)
		}
		return err == nil
	}
	if !see(customer) || see(colleague) || see(stranger) || !see(agent) {
		t.Error("not the one who made it sees the draft")
	}
	if list := do(r.cases.List(r.ctx, customer, techcase.List{Filter: techcase.FilterDraft}))(t); len(list.Items) != 1 {
		t.Errorf("drafts %+v", list.Items)
	}
	do(r.cases.Update(r.ctx, customer, techcase.Update{Case: c.ID, StepsToReproduce: text("push")}))(t)
	if _, err := r.cases.Submit(r.ctx, colleague, techcase.Submit{Case: c.ID}); !errors.Is(err, forewarn.ErrNotFound) {
		t.Errorf("submitted by another: %v", err)
	}
	do(r.cases.Submit(r.ctx, customer, techcase.Submit{Case: c.ID}))(t)
	if !see(customer) || !see(colleague) || see(stranger) || !see(agent) {
		t.Error("the account does not see the case")
	}
}

// Where a flow of one's own calls the first state something else, there are no drafts.
func TestAFlowWithoutDrafts(t *testing.T) {
	flow := techcase.DefaultFlow()
	flow.Status[techcase.StateDraft] = ticket.New
	r := newRig(t, func(c *techcase.Config) { c.Types = []techcase.Type{{Name: "own", Flow: flow}} })
	c := do(r.cases.Create(r.ctx, agent, techcase.Create{ShortDescription: "No signal", Contact: "jane"}))(t)
	if c.Opened != start || c.OpenedBy != "anna" {
		t.Errorf("%+v", c)
	}
	do(r.cases.Get(r.ctx, customer, techcase.Get{Case: c.ID}))(t)
	do(r.cases.Cancel(r.ctx, agent, techcase.Cancel{Case: c.ID}))(t)
	if got := r.events(c.ID); !slices.Equal(got, []string{"create", "status cancelled"}) {
		t.Errorf("%q", got)
	}
}

// aboutCase reports whether a call is about a case, and not about a tenant.
func aboutCase(name string) bool {
	switch name {
	case "Create", "Create major", "List", "Defaults", "GetSettings", "SetAutoClose", "SetResolutionCodes", "ResetTemplate", "Templates", "PutTemplate":
		return false
	}
	return true
}
