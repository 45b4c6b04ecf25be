package psew_test

import (
	"testing"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/psew"
)

// A member of the network coordinators, with no role but his group's, does all that they are there for: he opens and looks
// through the queue, sets the priority, finds the impact and opens cases, correlates with open incidents and recent
// changes, assigns, and triages.
//
// Covers: PSEW-034
func TestDutiesOfANetworkCoordinator(t *testing.T) {
	d := newDesk(t, deskConfig{})
	coordinator := actor("cora")
	i := must[psew.Incident](d)(d.incidents.Open(d.ctx, coordinator, psew.Open{ShortDescription: "Vmanage_10001 failed to restart", CI: "Vmanage_10001",
		Category: "SD-WAN", Subcategory: "link failure"}))
	high := 1
	i = must[psew.Incident](d)(d.incidents.Update(d.ctx, coordinator, psew.Update{Incident: i.ID, Impact: &high, Urgency: &high}))
	if i.Priority != psew.Critical {
		t.Errorf("the priority is %v", i.Priority)
	}
	must[psew.Impact](d)(d.incidents.RefreshImpact(d.ctx, coordinator, psew.RefreshImpact{Incident: i.ID}))
	d.work()
	if view := must[psew.ImpactView](d)(d.incidents.ViewImpact(d.ctx, coordinator, psew.ViewImpact{Incident: i.ID})); len(view.Accounts) != 5 {
		t.Errorf("he sees no impact: %+v", view)
	}
	if out := must[psew.Generated](d)(d.incidents.Generate(d.ctx, coordinator, psew.Generate{Incident: i.ID, All: psew.ListAccounts})); out.Parties == 0 {
		t.Errorf("generated %+v", out)
	}
	if page := must[forewarn.Page[psew.Incident]](d)(d.incidents.ListIncidents(d.ctx, coordinator, psew.ListIncidents{})); len(page.Items) == 0 {
		t.Error("he sees no open incidents to correlate with")
	}
	must[psew.Related](d)(d.incidents.RecentChanges(d.ctx, coordinator, psew.RecentChanges{Incident: i.ID}))
	if i = must[psew.Incident](d)(d.incidents.AssignToMe(d.ctx, coordinator, psew.AssignToMe{Incident: i.ID})); i.Assignee != "cora" {
		t.Errorf("the assignee is %q", i.Assignee)
	}
	if i = must[psew.Incident](d)(d.incidents.Escalate(d.ctx, coordinator, psew.Escalate{Incident: i.ID, Note: "triaged"})); i.Stage != psew.StageL1 {
		t.Errorf("the stage is %v", i.Stage)
	}
}
