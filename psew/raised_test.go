package psew_test

import (
	"context"
	"errors"
	"strings"
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

// An incident has one open major case: a second candidate of it is not approved while the first stands, but may become its child, or be approved when the
// first is closed.
//
// Covers: PSEW-076, TECH-135
func TestASecondMajorCaseOfAnIncidentIsRefused(t *testing.T) {
	d := newDesk(t, deskConfig{})
	i, other := d.hit(), d.hit()
	d.generate(psew.Generate{Incident: i.ID, Accounts: accounts(0, 1)})
	d.generate(psew.Generate{Incident: other.ID, Accounts: accounts(0)})
	ann := actor("ann", forewarn.RoleAgent)
	propose := func(id uuid.UUID) {
		t.Helper()
		must[techcase.Case](d)(d.cases.ProposeMajor(d.ctx, ann, techcase.ProposeMajor{Case: id}))
	}
	approve := func(id uuid.UUID) (techcase.Case, error) {
		return d.cases.ApproveMajor(d.ctx, mia, techcase.ApproveMajor{Case: id})
	}
	ofNobody := ticket.NewCase{ID: uuid.MustParse("00000000-0000-4000-8000-0000000000b1"), Source: store.Key{Kind: i.Key().Kind, ID: i.ID},
		ShortDescription: "backbone", Priority: 1}
	d.check(d.engine.Update(d.ctx, forewarn.SystemActor(tenant), func(_ context.Context, u *forewarn.Unit) error {
		return second(d.cases.Book().Open(u, ofNobody))
	}))
	for _, id := range []uuid.UUID{d.caseOf(i, 0), d.caseOf(i, 1), d.caseOf(other, 0), ofNobody.ID} {
		propose(id)
	}
	major := must[techcase.Case](d)(approve(d.caseOf(i, 0)))
	before := len(d.casesOf(i.ID))
	for name, id := range map[string]uuid.UUID{"another customer's": d.caseOf(i, 1), "nobody's": ofNobody.ID} {
		_, err := approve(id)
		d.refused(err, forewarn.ErrRefused, "majorState")
		var e *forewarn.Error
		if errors.As(err, &e); e.Record.ID != major.ID || e.Record.Kind != techcase.Kind || !strings.Contains(e.Rule, major.Number) {
			t.Errorf("%s: the error names %v: %v", name, e.Record, err)
		}
		if c := d.theCase(id); c.MajorState != techcase.MajorProposed || c.Major || c.Parent != uuid.Nil {
			t.Errorf("%s: half approved: %+v", name, c)
		}
	}
	_, err := approve(d.caseOf(i, 0)) // the same again
	d.refused(err, forewarn.ErrRefused, "majorState")
	if now := len(d.casesOf(i.ID)); now != before {
		t.Errorf("%d cases, and %d before what was refused", now, before)
	}
	must[techcase.Case](d)(approve(d.caseOf(other, 0))) // another incident has its own
	must[techcase.Case](d)(d.cases.AddChild(d.ctx, mia, techcase.AddChild{Major: major.ID, Case: d.caseOf(i, 1)}))
	for _, id := range []uuid.UUID{d.caseOf(i, 0), d.caseOf(i, 1), major.ID} {
		must[techcase.Case](d)(d.cases.Cancel(d.ctx, mia, techcase.Cancel{Case: id}))
	}
	if c := must[techcase.Case](d)(approve(ofNobody.ID)); c.ID != ofNobody.ID || !c.Major {
		t.Errorf("after the first was closed: %+v", c)
	}
}

// Two candidates that are approved at once: one commit comes first, and the other runs again and is refused.
//
// Covers: PSEW-076
func TestTwoCandidatesApprovedAtOnce(t *testing.T) {
	d := newDesk(t, deskConfig{})
	i := d.hit()
	d.generate(psew.Generate{Incident: i.ID, Accounts: accounts(0, 1)})
	for n := range 2 {
		must[techcase.Case](d)(d.cases.ProposeMajor(d.ctx, actor("ann", forewarn.RoleAgent), techcase.ProposeMajor{Case: d.caseOf(i, n)}))
	}
	runs := 0
	err := d.engine.Update(d.ctx, mia, func(ctx context.Context, u *forewarn.Unit) error {
		runs++
		_, err := d.cases.ApproveMajor(ctx, u, techcase.ApproveMajor{Case: d.caseOf(i, 0)})
		if runs == 1 && err == nil {
			must[techcase.Case](d)(d.cases.ApproveMajor(d.ctx, mia, techcase.ApproveMajor{Case: d.caseOf(i, 1)}))
		}
		return err
	})
	d.refused(err, forewarn.ErrRefused, "majorState")
	majors := 0
	for _, c := range d.casesOf(i.ID) {
		if c.Major {
			majors++
		}
	}
	if runs != 2 || majors != 1 {
		t.Errorf("after %d runs %d major cases", runs, majors)
	}
}
