package psew_test

import (
	"testing"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/inventory"
	"github.com/forewarn-go/forewarn/psew"
	"github.com/forewarn-go/forewarn/techcase"
)

// Covers: PSEW-089, PSEW-054, PSEW-092, C-53
func TestOpenReactive(t *testing.T) {
	d := newDesk(t, deskConfig{})
	must[inventory.Result](d)(d.inventory.Put(d.ctx, admin, inventory.Put{Items: []inventory.Item{
		{Type: inventory.TypeAccount, ID: "caller", Contact: "pat"}, {Type: inventory.TypeContact, ID: "pat", Account: "caller", Email: "pat@example.com"},
		{Type: inventory.TypeContact, ID: "kim", Account: "caller"}}}))
	i := d.hit()
	d.all(i, false)
	d.mailed()
	d.eventTypes()
	opened := must[psew.OpenedCase](d)(d.incidents.OpenReactive(d.ctx, cora.Once("r"), psew.OpenReactive{Incident: i.ID, Account: "caller", ShortDescription: "we are down"}))
	again := must[psew.OpenedCase](d)(d.incidents.OpenReactive(d.ctx, cora.Once("r"), psew.OpenReactive{Incident: i.ID, Account: "caller", ShortDescription: "we are down"}))
	if again != opened {
		t.Errorf("a repeat opened %+v beside %+v", again, opened)
	}
	c := d.theCase(opened.ID)
	if c.Proactive || c.Parent != uuid.Nil || c.Source.ID != i.ID || c.Account != "caller" || c.Contact != "pat" || c.State != techcase.StateNew ||
		c.ShortDescription != "we are down" || c.CI != i.CI || c.Links[psew.LinkIncident] != i.ID || len(c.Links) != 1 {
		t.Errorf("the case is %+v", c)
	}
	if n := d.eventTypes(); n["TroubleTicketCreateEventForCase"] != 1 || len(n) != 1 {
		t.Errorf("events %v", n)
	}
	if n := d.mailed(); n[techcase.TemplateOpened] != 1 || len(n) != 1 {
		t.Errorf("mails %v", n)
	}
	page := must[forewarn.Page[psew.Affected]](d)(d.incidents.ListAffected(d.ctx, cora, psew.ListAffected{Incident: i.ID, List: psew.ListAccounts, Limit: 100}))
	if len(page.Items) != 6 {
		t.Errorf("%d affected accounts, want the caller's too", len(page.Items))
	}
	must[psew.OpenedCase](d)(d.incidents.OpenReactive(d.ctx, cora, psew.OpenReactive{Incident: i.ID, Account: "caller", Contact: "kim"}))
}

// Covers: PSEW-089
func TestOpenReactiveRefuses(t *testing.T) {
	d := newDesk(t, deskConfig{})
	i := d.hit()
	try := func(by forewarn.Actor, kind error, field string, cmd psew.OpenReactive) {
		t.Helper()
		if cmd.Incident == uuid.Nil {
			cmd.Incident = i.ID
		}
		_, err := d.incidents.OpenReactive(d.ctx, by, cmd)
		d.refused(err, kind, field)
	}
	try(cora, forewarn.ErrInvalid, "consumer", psew.OpenReactive{Consumer: "jo"})
	try(cora, forewarn.ErrInvalid, "consumer", psew.OpenReactive{Consumer: "jo", Account: account(0)})
	try(cora, forewarn.ErrInvalid, "account", psew.OpenReactive{})
	try(cora, forewarn.ErrInvalid, "account", psew.OpenReactive{Account: "unknown"})
	try(cora, forewarn.ErrInvalid, "contact", psew.OpenReactive{Account: account(0), Contact: "unknown"})
	try(cora, forewarn.ErrInvalid, "contact", psew.OpenReactive{Account: account(0), Contact: "contact-of-" + account(1)})
	try(nobody, forewarn.ErrForbidden, "", psew.OpenReactive{Account: account(0)})
	try(cora, forewarn.ErrNotFound, "", psew.OpenReactive{Incident: uuid.New(), Account: account(0)})
	if n := len(d.casesOf(i.ID)); n != 0 {
		t.Errorf("what was refused left %d cases", n)
	}
	must[psew.Incident](d)(d.incidents.Cancel(d.ctx, cora, psew.Cancel{Incident: i.ID, Note: "a mistake"}))
	try(cora, forewarn.ErrRefused, "state", psew.OpenReactive{Account: account(0)})
}
