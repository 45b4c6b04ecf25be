package psew_test

import (
	"context"
	"testing"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/psew"
	"github.com/forewarn-go/forewarn/store"
	"github.com/forewarn-go/forewarn/techcase"
	"github.com/forewarn-go/forewarn/ticket"
)

// A case of the incident's that is for nobody becomes the major case itself, while a generation that has not seen it is
// about to open another: the generation runs again and takes the one that stands.
//
// Covers: PSEW-076
func TestACaseBecomesTheMajorCaseWhileCasesAreGenerated(t *testing.T) {
	d := newDesk(t, deskConfig{})
	i := d.hit()
	backbone := ticket.NewCase{ID: uuid.MustParse("00000000-0000-4000-8000-0000000000b0"), Source: store.Key{Kind: i.Key().Kind, ID: i.ID},
		ShortDescription: "backbone", Priority: 1}
	d.check(d.engine.Update(d.ctx, forewarn.SystemActor(tenant), func(_ context.Context, u *forewarn.Unit) error {
		_, err := d.cases.Book().Open(u, backbone)
		return err
	}))
	must[techcase.Case](d)(d.cases.ProposeMajor(d.ctx, actor("ann", forewarn.RoleAgent), techcase.ProposeMajor{Case: backbone.ID}))
	runs := 0
	var out psew.Generated
	d.check(d.engine.Update(d.ctx, cora, func(ctx context.Context, u *forewarn.Unit) (err error) {
		runs++
		out, err = d.incidents.Generate(ctx, u, psew.Generate{Incident: i.ID, Accounts: accounts(0, 1, 2)})
		if runs == 1 && err == nil {
			raised := must[techcase.Case](d)(d.cases.ApproveMajor(d.ctx, mia, techcase.ApproveMajor{Case: backbone.ID}))
			if raised.ID != backbone.ID || !raised.Major {
				t.Errorf("approved %+v", raised)
			}
		}
		return err
	}))
	d.work()
	if runs != 2 || out.NewMajor || out.MajorCase == nil || *out.MajorCase != backbone.ID {
		t.Errorf("after %d runs %+v", runs, out)
	}
	majors, children := 0, 0
	for _, c := range d.casesOf(i.ID) {
		if c.Major {
			majors++
		} else if c.Parent == backbone.ID {
			children++
		}
	}
	if majors != 1 || children != 3 {
		t.Errorf("%d major cases, %d children of the one that stood", majors, children)
	}
}
