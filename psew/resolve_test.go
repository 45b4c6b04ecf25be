package psew_test

import (
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/adapters/storagetest"
	"github.com/forewarn-go/forewarn/psew"
	"github.com/forewarn-go/forewarn/techcase"
	"github.com/forewarn-go/forewarn/ticket"
)

var solved = "Power supply failed"

func (d *desk) resolve(i psew.Incident) psew.Incident {
	d.t.Helper()
	out := must[psew.Incident](d)(d.incidents.Resolve(d.ctx, cora, psew.Resolve{Incident: i.ID, Code: "Solved (Permanently)", Notes: "Power supply replaced", Cause: &solved}))
	d.work()
	return out
}

// Covers: PSEW-103, PSEW-104, PSEW-008, PSEW-003, C-17
func TestResolveWithoutAMajorCase(t *testing.T) {
	d := newDesk(t, deskConfig{})
	i := d.hit()
	d.generate(psew.Generate{Incident: i.ID, Accounts: accounts(0, 1)})
	d.generate(psew.Generate{Incident: i.ID, Accounts: accounts(2, 3)})
	agent := actor("ann", forewarn.RoleAgent)
	must[techcase.Case](d)(d.cases.AssignToMe(d.ctx, agent, techcase.AssignToMe{Case: d.caseOf(i, 1)}))
	must[techcase.Case](d)(d.cases.RequestInformation(d.ctx, agent, techcase.RequestInformation{Case: d.caseOf(i, 2), Comment: "which site?"}))
	must[techcase.Case](d)(d.cases.Cancel(d.ctx, agent, techcase.Cancel{Case: d.caseOf(i, 3)}))
	reactive := must[psew.OpenedCase](d)(d.incidents.OpenReactive(d.ctx, cora, psew.OpenReactive{Incident: i.ID, Account: account(4)}))
	d.eventTypes()
	i = d.resolve(i)
	if i.State != psew.StateResolved || i.Stage != psew.StageResolution {
		t.Errorf("the incident is %s at %s", i.State, i.Stage)
	}
	for _, id := range []uuid.UUID{d.caseOf(i, 0), d.caseOf(i, 1), d.caseOf(i, 2), reactive.ID} {
		c := d.theCase(id)
		if c.State != techcase.StateSolutionProposed || c.ResolutionCode != "Solved (Permanently)" || c.ResolutionNotes != "Power supply replaced" || c.Cause != solved || c.Window.IsZero() {
			t.Errorf("case %+v", c)
		}
		if notes := d.notes(id, ticket.WorkNote); len(notes) != 1 || notes[0] != "Power supply replaced" {
			t.Errorf("work notes %q", notes)
		}
	}
	if c := d.theCase(d.caseOf(i, 3)); c.State != techcase.StateCancelled || c.ResolutionCode != "" {
		t.Errorf("a cancelled case: %+v", c)
	}
	for _, a := range d.stream(i.ID) {
		if a.Text == psew.MajorCaseNote {
			t.Error("there is a note of a major case")
		}
	}
	// one attribute change beside each change of state, and no more
	if n := d.eventTypes(); n["TroubleTicketAttributeChangeEvent"] != 5 || n["TroubleTicketStatusChangeEvent"] < 5 {
		t.Errorf("events %v", n)
	}
	before := d.casesOf(i.ID)
	must[psew.Incident](d)(d.incidents.Reopen(d.ctx, cora, psew.Reopen{Incident: i.ID, Note: "it is back"}))
	d.work()
	for n, c := range d.casesOf(i.ID) {
		if c != before[n] {
			t.Errorf("reopening has touched case %s", c.Number)
		}
	}
}

// Covers: PSEW-105, PSEW-106, PSEW-107, PSEW-103
func TestResolveWithAMajorCase(t *testing.T) {
	d := newDesk(t, deskConfig{})
	i := d.hit()
	out := d.all(i, false)
	d.eventTypes()
	i = d.resolve(i)
	notes := 0
	for _, a := range d.stream(i.ID) {
		if a.Text == "There is a major case associated with this incident." && a.Entry == ticket.WorkNote {
			notes++
		}
	}
	if notes != 1 {
		t.Errorf("%d notes of the major case", notes)
	}
	for _, booked := range d.casesOf(i.ID) {
		c := d.theCase(booked.ID)
		if c.State != techcase.StateNew || c.ResolutionCode != "Solved (Permanently)" || c.ResolutionNotes != "Power supply replaced" || c.Cause != solved {
			t.Errorf("case %+v", c)
		}
		if own := d.notes(c.ID, ticket.WorkNote); len(own) != 0 {
			t.Errorf("work notes %q", own)
		}
	}
	if n := d.eventTypes(); n["TroubleTicketAttributeChangeEvent"] != 7 || n["TroubleTicketStatusChangeEvent"] != 2 {
		t.Errorf("events %v, want an attribute change of each ticket, and the incident's way to Resolved", n)
	}
	must[techcase.Case](d)(d.cases.ResolveMajor(d.ctx, mia, techcase.ResolveMajor{Case: *out.MajorCase}))
	d.work()
	for _, booked := range d.casesOf(i.ID) {
		if c := d.theCase(booked.ID); c.State != techcase.StateSolutionProposed || c.ResolutionCode != "Solved (Permanently)" || c.Cause != solved {
			t.Errorf("after the manager's resolution: %+v", c)
		}
	}
}

// Whatever happened before, resolving an incident changes the state of no case that is or has a major case.
//
// Covers: PSEW-106
func TestNoPathToACaseUnderAMajorCase(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := newDesk(t, deskConfig{settings: func(s *psew.Settings) { s.Threshold = rapid.IntRange(1, 4).Draw(t, "threshold") }})
		i, other := d.hit(), d.hit()
		d.set(psew.PropertyThreshold, "1")
		d.generate(psew.Generate{Incident: other.ID, Accounts: accounts(0)})
		foreign := d.get(other.ID).MajorCase
		d.set(psew.PropertyThreshold, "3")
		for range rapid.IntRange(1, 8).Draw(t, "steps") {
			n := rapid.IntRange(0, 4).Draw(t, "account")
			switch rapid.IntRange(0, 5).Draw(t, "step") {
			case 0, 1:
				d.generate(psew.Generate{Incident: i.ID, Accounts: accounts(n, (n+1)%5, (n+2)%5)[:rapid.IntRange(1, 3).Draw(t, "n")]})
			case 2: // a case of the incident under the major case of another
				d.cases.AddChild(d.ctx, mia, techcase.AddChild{Major: *foreign, Case: d.caseOf(i, n)})
			case 3:
				d.cases.RemoveChild(d.ctx, mia, techcase.RemoveChild{Case: d.caseOf(i, n)})
			case 4:
				d.incidents.OpenReactive(d.ctx, cora, psew.OpenReactive{Incident: i.ID, Account: account(n)})
			case 5:
				d.cases.AssignToMe(d.ctx, actor("ann", forewarn.RoleAgent), techcase.AssignToMe{Case: d.caseOf(i, n)})
			}
		}
		before := map[uuid.UUID]ticket.BookedCase{}
		major := false
		for _, c := range d.casesOf(i.ID) {
			before[c.ID] = c
			major = major || c.Major
		}
		d.resolve(i)
		for _, c := range d.casesOf(i.ID) {
			was := before[c.ID]
			if touched := c.State != was.State; touched == (major || c.Major || c.Parent != uuid.Nil) {
				t.Fatalf("with a major case %v, a case under %s went from %s to %s", major, c.Parent, was.State, c.State)
			}
		}
	})
}

// Covers: PSEW-136, PSEW-003
func TestResolutionCodesAreTranslated(t *testing.T) {
	d := newDesk(t, deskConfig{settings: func(s *psew.Settings) {
		s.ResolutionCodes = map[string]string{"Solved (Permanently)": "Resolved by provider"}
	}})
	for code, want := range map[string]string{"Solved (Permanently)": "Resolved by provider", "Other": "Other"} {
		i := d.hit()
		d.generate(psew.Generate{Incident: i.ID, Accounts: accounts(0)})
		i = must[psew.Incident](d)(d.incidents.Resolve(d.ctx, cora, psew.Resolve{Incident: i.ID, Code: code, Notes: "done"}))
		if c := d.theCase(d.caseOf(i, 0)); c.ResolutionCode != want || i.ResolutionCode != code {
			t.Errorf("%q became %q", code, c.ResolutionCode)
		}
	}
	i := d.hit()
	_, err := d.incidents.Resolve(d.ctx, cora, psew.Resolve{Incident: i.ID, Code: "two\nlines", Notes: "done"})
	d.refused(err, forewarn.ErrInvalid, "code")
}

// Covers: PSEW-104, PSEW-105, LIB-008
func TestResolutionKilledAndGoneOn(t *testing.T) {
	for _, majorCases := range []string{"true", "false"} {
		for _, faults := range []storagetest.Faults{{}, {FailBefore: storagetest.Every(3, storagetest.ErrFault)},
			{FailAfter: storagetest.Every(4, storagetest.ErrFault)}, {FailBefore: storagetest.Odd(storagetest.Conflict())}} {
			d := newFaulty(t, 100, faults)
			d.set(psew.PropertyMajorCases, majorCases)
			i := d.hit()
			d.all(i, false)
			must[psew.Incident](d)(d.incidents.Resolve(d.ctx, cora, psew.Resolve{Incident: i.ID, Code: "Solved", Notes: "done", Cause: &solved}))
			d.workOn()
			state, notes := techcase.StateNew, 0
			if majorCases == "false" {
				state, notes = techcase.StateSolutionProposed, 1
			}
			for _, booked := range d.casesOf(i.ID) {
				c := d.theCase(booked.ID)
				if c.State != state || c.ResolutionCode != "Solved" || c.Cause != solved || len(d.notes(c.ID, ticket.WorkNote)) != notes {
					t.Fatalf("major cases %s: %+v", majorCases, c)
				}
			}
		}
	}
}
