package psew_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/adapters/storagetest"
	"github.com/forewarn-go/forewarn/psew"
	"github.com/forewarn-go/forewarn/techcase"
	"github.com/forewarn-go/forewarn/ticket"
)

// A comment of the incident, over a store whose commits fail before or after they took effect, reaches each open case once.
//
// Covers: PSEW-098, C-54, LIB-008
func TestBroadcastKilledAndGoneOn(t *testing.T) {
	for _, as := range []ticket.Entry{ticket.WorkNote, ticket.Comment} {
		for _, faults := range []storagetest.Faults{{}, {FailBefore: storagetest.Every(3, storagetest.ErrFault)},
			{FailAfter: storagetest.Every(4, storagetest.ErrFault)}, {FailBefore: storagetest.Odd(storagetest.Conflict())}} {
			d := newFaulty(t, 100, faults)
			d.set(psew.PropertyBroadcastAs, string(as))
			i := d.hit()
			d.all(i, false)
			closed := d.caseOf(i, 7)
			must[techcase.Case](d)(d.cases.Cancel(d.ctx, mia, techcase.Cancel{Case: closed}))
			d.mailed()
			must[ticket.Activity](d)(d.incidents.Comment(d.ctx, cora, psew.Comment{Incident: i.ID, Text: "a technician is on his way"}))
			d.workOn()
			for _, c := range d.casesOf(i.ID) {
				want := []string{"a technician is on his way"}
				if c.ID == closed {
					want = nil
				}
				if got := d.notes(c.ID, as); !slices.Equal(got, want) {
					t.Fatalf("as %s: case %s has %q", as, c.Number, got)
				}
			}
			mails := 0 // of comments to each who has an open case
			if as == ticket.Comment {
				mails = 99
			}
			if n := d.mailed(); n[techcase.TemplateCommented] != mails || len(n) > 1 {
				t.Errorf("as %s: mails %v, want %d", as, n, mails)
			}
		}
	}
}

// taskNotes returns the work notes of a task, the oldest first.
func (d *desk) taskNotes(id uuid.UUID) (texts []string) {
	d.t.Helper()
	d.check(d.engine.Update(d.ctx, forewarn.SystemActor(tenant), func(_ context.Context, u *forewarn.Unit) error {
		texts = nil
		for a, err := range forewarn.Activities.Where("ticket", forewarn.StreamOf("incident_task", id)).All(u) {
			if err != nil {
				return err
			}
			if a.Entry == ticket.WorkNote && a.Origin != nil {
				texts = append(texts, a.Text)
			}
		}
		return nil
	}))
	return texts
}

// What the assignee notes with an act reaches the task that he has then: the one that the act ends, or the one that it opens. What others note does not.
//
// Covers: PSEW-030, PSEW-031, PSEW-044
func TestNotesWithActsReachTheTask(t *testing.T) {
	for name, assigned := range map[string]bool{"assignee": true, "another": false} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, deskConfig{})
			want := func(id uuid.UUID, texts ...string) {
				t.Helper()
				if !assigned {
					texts = nil
				}
				if got := d.taskNotes(id); !slices.Equal(got, texts) {
					t.Errorf("the task has %q, want %q", got, texts)
				}
			}
			opened := func() (psew.Incident, uuid.UUID) {
				t.Helper()
				i := d.opened("link failure")
				if assigned {
					i = must[psew.Incident](d)(d.incidents.AssignToMe(d.ctx, cora, psew.AssignToMe{Incident: i.ID}))
				}
				return i, *i.OpenTask
			}
			i, task := opened()
			must[psew.Incident](d)(d.incidents.Hold(d.ctx, cora, psew.Hold{Incident: i.ID, Reason: psew.AwaitingVendor, Note: "held"}))
			must[psew.Incident](d)(d.incidents.Resume(d.ctx, cora, psew.Resume{Incident: i.ID}))
			d.resolve(i)
			i = must[psew.Incident](d)(d.incidents.Reopen(d.ctx, cora, psew.Reopen{Incident: i.ID, Note: "reopened"}))
			want(task, "held")
			if *i.OpenTask == task {
				t.Fatal("no new task")
			}
			task = *i.OpenTask
			i = must[psew.Incident](d)(d.incidents.Escalate(d.ctx, cora, psew.Escalate{Incident: i.ID, Note: "escalated"}))
			want(task, "reopened", "escalated")
			if got := d.taskNotes(*i.OpenTask); len(got) != 0 {
				t.Errorf("the next level's task has %q", got)
			}
			i, task = opened()
			must[psew.Incident](d)(d.incidents.Cancel(d.ctx, cora, psew.Cancel{Incident: i.ID, Note: "cancelled"}))
			want(task, "cancelled")
		})
	}
}

// Covers: PSEW-016, PSEW-030
func TestNotesOfAnIncident(t *testing.T) {
	d := newDesk(t, deskConfig{})
	i := d.hit()
	d.all(i, false)
	d.eventTypes()
	must[ticket.Activity](d)(d.incidents.AddWorkNote(d.ctx, cora, psew.AddWorkNote{Incident: i.ID, Text: "internal"}))
	must[ticket.Activity](d)(d.incidents.Comment(d.ctx, cora, psew.Comment{Incident: i.ID, Text: "public", Channel: "phone"}))
	// a work note is announced for nobody, a comment for the incident; as work notes its copies are for nobody either
	if n := d.eventTypes(); n["TroubleTicketAttributeChangeEvent"] != 1 || len(n) != 1 {
		t.Errorf("events %v", n)
	}
	page := must[forewarn.Page[ticket.Activity]](d)(d.incidents.Activities(d.ctx, cora, psew.Activities{Incident: i.ID, Public: true}))
	if len(page.Items) != 1 || page.Items[0].Text != "public" || page.Items[0].Channel != "phone" {
		t.Errorf("the public stream is %+v", page.Items)
	}
	must[psew.Incident](d)(d.incidents.AssignToMe(d.ctx, cora, psew.AssignToMe{Incident: i.ID}))
	task := *d.get(i.ID).OpenTask
	must[ticket.Activity](d)(d.incidents.AddWorkNote(d.ctx, cora, psew.AddWorkNote{Incident: i.ID, Text: "by the assignee"}))
	d.check(d.engine.Update(d.ctx, forewarn.SystemActor(tenant), func(_ context.Context, u *forewarn.Unit) error {
		page, err := forewarn.Activities.Where("ticket", forewarn.StreamOf("incident_task", task)).Page(u, "")
		if err == nil && (len(page.Items) != 1 || page.Items[0].Text != "by the assignee") {
			t.Errorf("the task has %+v", page.Items)
		}
		return err
	}))
}

// Covers: PSEW-016
func TestNotesRefuse(t *testing.T) {
	d := newDesk(t, deskConfig{})
	i := d.hit()
	comment := func(by forewarn.Actor, kind error, field string, cmd psew.Comment) {
		t.Helper()
		_, err := d.incidents.Comment(d.ctx, by, cmd)
		d.refused(err, kind, field)
		_, err = d.incidents.AddWorkNote(d.ctx, by, psew.AddWorkNote{Incident: cmd.Incident, Text: cmd.Text})
		if field != "channel" {
			d.refused(err, kind, field)
		}
	}
	comment(cora, forewarn.ErrInvalid, "text", psew.Comment{Incident: i.ID, Text: "\n"})
	comment(cora, forewarn.ErrInvalid, "text", psew.Comment{Incident: i.ID, Text: strings.Repeat("x", ticket.MaxText+1)})
	comment(cora, forewarn.ErrInvalid, "text", psew.Comment{Incident: i.ID, Text: "\xff"})
	comment(cora, forewarn.ErrInvalid, "channel", psew.Comment{Incident: i.ID, Text: "x", Channel: strings.Repeat("x", 101)})
	comment(nobody, forewarn.ErrForbidden, "", psew.Comment{Incident: i.ID, Text: "x"})
	comment(cora, forewarn.ErrNotFound, "", psew.Comment{Incident: uuid.New(), Text: "x"})
	must[psew.Incident](d)(d.incidents.Cancel(d.ctx, cora, psew.Cancel{Incident: i.ID, Note: "a mistake"}))
	comment(cora, forewarn.ErrRefused, "state", psew.Comment{Incident: i.ID, Text: "x"})
}
