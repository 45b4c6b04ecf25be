package techcase_test

import (
	"reflect"
	"testing"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/techcase"
	"github.com/forewarn-go/forewarn/ticket"
)

// Covers: TECH-021
func TestAContactOfAnotherAccount(t *testing.T) {
	r := newRig(t)
	for _, submit := range []bool{false, true} {
		_, err := r.cases.Create(r.ctx, agent, techcase.Create{ShortDescription: "x", Account: "boxeo", Contact: "sam", Submit: submit})
		invalid(t, err, "contact")
	}
	err := r.try(func(u *forewarn.Unit) error {
		return second(r.cases.Book().Open(u, ticket.NewCase{ID: uuid.MustParse("00000000-0000-4000-8000-0000000000e1"), Source: incident, Account: "boxeo", Contact: "sam",
			ShortDescription: "reactive", Priority: 4}))
	})
	invalid(t, err, "contact")
	c := r.opened()
	for _, wrong := range []struct {
		field            string
		account, contact *string
	}{{"contact", text("boxeo"), text("sam")}, {"contact", text("avid"), text("jane")}, {"account", text("avid"), nil}} {
		_, err := r.cases.Update(r.ctx, agent, techcase.Update{Case: c.ID, Account: wrong.account, Contact: wrong.contact})
		invalid(t, err, wrong.field)
	}
	if got := r.get(c.ID); !reflect.DeepEqual(got, c) {
		t.Errorf("half done: %+v", got)
	}
	// His own account, another contact who brings his, one who is not known, and none.
	got := do(r.cases.Update(r.ctx, agent, techcase.Update{Case: c.ID, Account: text("avid"), Contact: text("sam")}))(t)
	if got.Account != "avid" || got.Contact != "sam" {
		t.Errorf("%+v", got)
	}
	if got = do(r.cases.Update(r.ctx, agent, techcase.Update{Case: c.ID, Contact: text("jane")}))(t); got.Account != "boxeo" {
		t.Errorf("%+v", got)
	}
	do(r.cases.Update(r.ctx, agent, techcase.Update{Case: c.ID, Account: text("new customer"), Contact: text("new contact")}))(t)
	do(r.cases.Update(r.ctx, agent, techcase.Update{Case: c.ID, Account: text("avid"), Contact: text("")}))(t)
	do(r.cases.Create(r.ctx, agent, techcase.Create{ShortDescription: "x", Account: "boxeo", Contact: "jane"}))(t)
	// Who let a customer in knows whose contact he is.
	elsewhere := customer
	elsewhere.Account = "subsidiary"
	if got := do(r.cases.Create(r.ctx, elsewhere, techcase.Create{ShortDescription: "x", Submit: true}))(t); got.Account != "subsidiary" || got.Contact != "jane" {
		t.Errorf("%+v", got)
	}
}
