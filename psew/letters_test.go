package psew_test

import (
	"slices"
	"testing"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/adapters/memory"
	"github.com/forewarn-go/forewarn/adapters/storagetest"
	"github.com/forewarn-go/forewarn/psew"
	"github.com/forewarn-go/forewarn/techcase"
	"github.com/forewarn-go/forewarn/ticket"
)

// plainBook is a case book that can only what each has to.
type plainBook struct{ psew.Cases }

var _ psew.PeekingCaseBook = techcase.Book{}

// told returns how many mails of a template each recipient got since the last call. One that was sent again, with its id, counts once.
func (d *desk) told(template string) map[string]int {
	n := map[string]int{}
	for _, m := range d.uniqueMails(template) {
		n[m.To.ID]++
	}
	d.mails = nil
	return n
}

// What goes to more cases than fit a commit of the store goes on in workers, whatever befalls their commits: each case gets it once, in the name of who
// wrote it, and each contact one mail.
//
// Covers: PSEW-093, PSEW-094, PSEW-096, LIB-008
func TestLettersKilledAndGoneOn(t *testing.T) {
	const customers = 120
	for n, faults := range []storagetest.Faults{{}, {FailBefore: storagetest.Every(3, storagetest.ErrFault)},
		{FailAfter: storagetest.Every(4, storagetest.ErrFault)}, {FailBefore: storagetest.Odd(storagetest.Conflict())}} {
		d := newFaulty(t, customers, faults)
		d.set(psew.PropertyBroadcast, "false")
		d.set(psew.PropertyCommentsSync, "true")
		i := d.hit()
		d.all(i, false)
		d.mailed()
		var ids []uuid.UUID
		var who []string
		for k := range customers {
			ids, who = append(ids, d.caseOf(i, k)), append(who, account(k))
		}
		last := func(what string, id uuid.UUID) forewarn.Progress {
			t.Helper()
			return must[forewarn.Progress](d)(d.incidents.CommunicationProgress(d.ctx, cora, psew.CommunicationProgress{Incident: i.ID, ID: id}))
		}
		each := func(what, template string, without ...int) {
			t.Helper()
			mails := d.told(template)
			for k := range customers {
				want := 1
				if slices.Contains(without, k) {
					want = 0
				}
				if got := mails["contact-of-"+account(k)]; got != want {
					t.Fatalf("faults %d: %s: %d mails to customer %d, want %d", n, what, got, k, want)
				}
			}
		}
		newest := func() ticket.Activity { s := d.stream(i.ID); return s[len(s)-1] }

		out := must[psew.Communicated](d)(d.incidents.CreateCommunication(d.ctx, cora, psew.CreateCommunication{Incident: i.ID, Accounts: who}))
		if out.Mails != customers {
			t.Errorf("faults %d: %d mails, want %d", n, out.Mails, customers)
		}
		// another before its end sends nobody a second one
		must[psew.Communicated](d)(d.incidents.CreateCommunication(d.ctx, cora, psew.CreateCommunication{Incident: i.ID, Accounts: who}))
		d.workOn()
		each("first mail", psew.TemplateProactive)
		if p := last("first mails", out.Sending); p.Done != customers || p.Finished.IsZero() {
			t.Errorf("faults %d: first mails: %+v", n, p)
		}
		again := must[psew.Communicated](d)(d.incidents.CreateCommunication(d.ctx, cora, psew.CreateCommunication{Incident: i.ID, Accounts: who}))
		if again != (psew.Communicated{}) {
			t.Errorf("faults %d: a second time: %+v", n, again)
		}

		must[psew.Incident](d)(d.incidents.NotifyCustomers(d.ctx, cora, psew.NotifyCustomers{Incident: i.ID, Cases: ids, Note: "notified"}))
		a := newest()
		if p := last("a note", a.ID); p.Done == 0 || p.Done >= customers || p.Total != customers || !p.Finished.IsZero() {
			t.Errorf("faults %d: when the call returns: %+v", n, p)
		}
		must[techcase.Case](d)(d.cases.Cancel(d.ctx, mia, techcase.Cancel{Case: ids[customers-1]})) // before its turn
		d.workOn()
		each("notified", psew.TemplateNote, customers-1)
		if p := last("a note", a.ID); p.Done != customers || p.Finished.IsZero() {
			t.Errorf("faults %d: at the end: %+v", n, p)
		}

		open := customers - 1
		must[psew.Incident](d)(d.incidents.Messages(d.ctx, cora, psew.Messages{Incident: i.ID, Accounts: who[:open], Note: "message"}))
		d.workOn()
		each("message", techcase.TemplateCommented, customers-1)

		for k, id := range ids {
			want := []string{"message", "notified"}
			if k == customers-1 {
				want = nil
			}
			var got []string
			page := must[forewarn.Page[ticket.Activity]](d)(d.cases.Activities(d.ctx, mia, techcase.Activities{Case: id, Limit: 100}))
			for _, a := range page.Items {
				if a.Entry == ticket.Comment {
					if got = append(got, a.Text); a.By != "cora" {
						t.Fatalf("faults %d: %q is by %s", n, a.Text, a.By)
					}
				}
			}
			if slices.Sort(got); !slices.Equal(got, want) {
				t.Fatalf("faults %d: case %d has %q", n, k, got)
			}
		}
	}
}

// A case book that can neither peek nor read many at once gets the same letters, and the same refusals.
//
// Covers: PSEW-096
func TestLettersOverAPlainBook(t *testing.T) {
	d := newDesk(t, deskConfig{store: minimalLog{memory.New()}, accounts: 30, settings: func(s *psew.Settings) { s.CommentsSync = true },
		config: func(c *psew.Config) { c.Cases = plainBook{c.Cases} }})
	i, other := d.hit(), d.hit()
	d.all(i, false)
	d.generate(psew.Generate{Incident: other.ID, Accounts: accounts(0)})
	d.mailed()
	var ids []uuid.UUID
	for k := range 30 {
		ids = append(ids, d.caseOf(i, k))
	}
	_, err := d.incidents.NotifyCustomers(d.ctx, cora, psew.NotifyCustomers{Incident: i.ID, Note: "x", Cases: append(ids[:3:3], d.caseOf(other, 0))})
	d.refused(err, forewarn.ErrRefused, "cases")
	_, err = d.incidents.NotifyCustomers(d.ctx, cora, psew.NotifyCustomers{Incident: i.ID, Note: "x", Cases: append(ids[:3:3], uuid.New())})
	d.refused(err, forewarn.ErrNotFound, "")
	must[psew.Incident](d)(d.incidents.NotifyCustomers(d.ctx, cora, psew.NotifyCustomers{Incident: i.ID, Note: "x", Cases: ids}))
	d.work()
	if n := d.told(psew.TemplateNote); len(n) != 30 {
		t.Errorf("%d were told, want 30", len(n))
	}
}

// Where the store has room for them, all cases have their note when the call returns.
//
// Covers: PSEW-094
func TestFewLettersGoAtOnce(t *testing.T) {
	d := newDesk(t, deskConfig{})
	i := d.hit()
	d.all(i, false)
	must[psew.Incident](d)(d.incidents.Messages(d.ctx, cora, psew.Messages{Incident: i.ID, Accounts: accounts(0, 1, 2, 3, 4), Note: "x"}))
	for k := range 5 {
		if got := d.notes(d.caseOf(i, k), ticket.Comment); !slices.Equal(got, []string{"x"}) {
			t.Errorf("case %d has %q", k, got)
		}
	}
}

// Progress is told of what was sent for that incident, to who may read it.
func TestCommunicationProgressRefuses(t *testing.T) {
	d := newDesk(t, deskConfig{})
	i, other := d.hit(), d.hit()
	d.all(i, false)
	a := must[ticket.Activity](d)(d.incidents.Comment(d.ctx, cora, psew.Comment{Incident: i.ID, Text: "x"}))
	ask := func(by forewarn.Actor, incident, id uuid.UUID) (forewarn.Progress, error) {
		return d.incidents.CommunicationProgress(d.ctx, by, psew.CommunicationProgress{Incident: incident, ID: id})
	}
	if p := must[forewarn.Progress](d)(ask(cora, i.ID, a.ID)); p.Done != 6 || p.Finished.IsZero() {
		t.Errorf("a broadcast: %+v", p)
	}
	for what, c := range map[string]struct {
		by   forewarn.Actor
		in   uuid.UUID
		id   uuid.UUID
		kind error
	}{
		"of another incident": {cora, other.ID, a.ID, forewarn.ErrNotFound},
		"nothing":             {cora, i.ID, uuid.New(), forewarn.ErrNotFound},
		"no incident":         {cora, uuid.New(), a.ID, forewarn.ErrNotFound},
		"no role":             {nobody, i.ID, a.ID, forewarn.ErrForbidden},
	} {
		_, err := ask(c.by, c.in, c.id)
		if err == nil {
			t.Errorf("%s: answered", what)
			continue
		}
		d.refused(err, c.kind, "")
	}
}
