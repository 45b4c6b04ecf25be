package psew_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/psew"
	"github.com/forewarn-go/forewarn/techcase"
	"github.com/forewarn-go/forewarn/ticket"
)

// sent returns the accounts of which the view says that communication was sent.
func (d *desk) sent(i psew.Incident) (all []string) {
	d.t.Helper()
	for _, row := range must[psew.ImpactView](d)(d.incidents.ViewImpact(d.ctx, cora, psew.ViewImpact{Incident: i.ID})).Accounts {
		if row.CommunicationSent {
			all = append(all, row.ID)
		}
	}
	return all
}

func (d *desk) create(i psew.Incident, n ...int) int {
	d.t.Helper()
	return must[psew.Communicated](d)(d.incidents.CreateCommunication(d.ctx, cora, psew.CreateCommunication{Incident: i.ID, Accounts: accounts(n...)})).Mails
}

// That a customer was written to, in whatever way, is still known when the mails have been removed.
//
// Covers: PSEW-065, PSEW-082, PSEW-101
func TestCommunicationSentOutlivesTheMails(t *testing.T) {
	d := newDesk(t, deskConfig{accounts: 6, settings: func(s *psew.Settings) { s.CommentsSync, s.Broadcast = true, false }})
	i := d.hit()
	d.generate(psew.Generate{Incident: i.ID, Accounts: accounts(0), Communicate: true})
	d.generate(psew.Generate{Incident: i.ID, Accounts: accounts(1, 2, 3, 4)})
	d.work()
	must[psew.Incident](d)(d.incidents.NotifyCustomers(d.ctx, cora, psew.NotifyCustomers{Incident: i.ID, Cases: []uuid.UUID{d.caseOf(i, 1)}, Note: "x"}))
	must[psew.Incident](d)(d.incidents.Messages(d.ctx, cora, psew.Messages{Incident: i.ID, Accounts: accounts(2), Note: "x"}))
	if n := d.create(i, 3); n != 1 {
		t.Errorf("%d first mails", n)
	}
	for range 2 {
		if got, want := d.sent(i), accounts(0, 1, 2, 3); !slices.Equal(got, want) {
			t.Errorf("communication sent to %q, want %q", got, want)
		}
		d.work()
		d.clock.pass(100 * 24 * time.Hour)
		d.check(d.engine.Update(d.ctx, forewarn.SystemActor(tenant), func(_ context.Context, u *forewarn.Unit) error {
			if n, err := u.PurgeMails(d.clock.Now()); err != nil || n == 0 {
				return errors.Join(err, errors.New("no mail was there to be removed"))
			}
			return nil
		}))
		must[ticket.Activity](d)(d.incidents.Comment(d.ctx, cora, psew.Comment{Incident: i.ID, Text: "x"})) // goes to nobody
		if n := d.create(i, 0, 1, 2, 3); n != 0 {
			t.Errorf("%d first mails to who was written to long ago", n)
		}
		if n := d.create(i, 4); n == 1 { // so that the second time there is one to be removed
			d.check(d.engine.Update(d.ctx, forewarn.SystemActor(tenant), func(_ context.Context, u *forewarn.Unit) error {
				return d.cases.Book().Communicated(u, d.caseOf(i, 4), time.Time{})
			}))
		}
	}
	// a broadcast that is a comment is one too
	d.set(psew.PropertyBroadcast, "true")
	d.set(psew.PropertyBroadcastAs, "comment")
	must[ticket.Activity](d)(d.incidents.Comment(d.ctx, cora, psew.Comment{Incident: i.ID, Text: "x"}))
	d.work()
	if got, want := d.sent(i), accounts(0, 1, 2, 3, 4); !slices.Equal(got, want) {
		t.Errorf("after a broadcast: communication sent to %q, want %q", got, want)
	}
}

// A mail that fails for good was no communication, unless another one went out; sent after all it is one.
//
// Covers: PSEW-093, PSEW-101
func TestAFailedMailIsNoCommunication(t *testing.T) {
	d := newDesk(t, deskConfig{settings: func(s *psew.Settings) { s.CommentsSync, s.Broadcast = true, false }})
	i := d.hit()
	down := &forewarn.NotifyError{Err: errors.New("no such mailbox")}
	d.refuse = func(n forewarn.Notification) error {
		if n.Template == psew.TemplateProactive {
			return down
		}
		return nil
	}
	d.generate(psew.Generate{Incident: i.ID, Accounts: accounts(0, 1), Communicate: true})
	if got := d.sent(i); len(got) != 2 {
		t.Errorf("before any is sent: %q", got)
	}
	must[psew.Incident](d)(d.incidents.NotifyCustomers(d.ctx, cora, psew.NotifyCustomers{Incident: i.ID, Cases: []uuid.UUID{d.caseOf(i, 1)}, Note: "x"}))
	noted := d.get(i.ID).Updated
	d.work()
	if got, want := d.sent(i), accounts(1); !slices.Equal(got, want) {
		t.Errorf("the first mails have failed, one note went out: %q, want %q", got, want)
	}
	if c := d.theCase(d.caseOf(i, 1)); !c.Communicated.Equal(noted) {
		t.Errorf("written to at %s, want that of the note, %s", c.Communicated, noted)
	}
	down.Retry = true
	if n := d.create(i, 0, 1); n != 1 {
		t.Errorf("%d mails for the one whose first has failed", n)
	}
	for range 12 {
		d.work()
		d.clock.pass(time.Hour)
	}
	if got, want := d.sent(i), accounts(1); !slices.Equal(got, want) {
		t.Errorf("given up: %q, want %q", got, want)
	}
	d.refuse = nil
	status, err := d.worker.Status(d.ctx, forewarn.SystemActor(tenant))
	d.check(err)
	if len(status.Failed) != 1 {
		t.Fatalf("%d items are given up", len(status.Failed))
	}
	d.check(d.worker.Retry(d.ctx, forewarn.SystemActor(tenant), status.Failed[0].Kind, status.Failed[0].Name))
	d.work()
	if got, want := d.sent(i), accounts(0, 1); !slices.Equal(got, want) {
		t.Errorf("sent after all: %q, want %q", got, want)
	}

	// what was sent first and removed since is not taken back by a later one that fails
	when := d.theCase(d.caseOf(i, 1)).Communicated
	d.check(d.engine.Update(d.ctx, forewarn.SystemActor(tenant), func(_ context.Context, u *forewarn.Unit) error {
		_, err := u.PurgeMails(d.clock.Now().Add(time.Hour))
		return err
	}))
	d.refuse = func(forewarn.Notification) error { return &forewarn.NotifyError{Err: errors.New("no such mailbox")} }
	must[psew.Incident](d)(d.incidents.NotifyCustomers(d.ctx, cora, psew.NotifyCustomers{Incident: i.ID, Cases: []uuid.UUID{d.caseOf(i, 1)}, Note: "y"}))
	d.work()
	if c := d.theCase(d.caseOf(i, 1)); !c.Communicated.Equal(when) || when.IsZero() {
		t.Errorf("written to at %s, want %s", c.Communicated, when)
	}
}

// Only mails to the case's own customer say that he was written to: another one of them that went out, whatever wrote it, and none to who watches the case.
//
// Covers: PSEW-101
func TestWhoseMailsSayThatHeWasWrittenTo(t *testing.T) {
	failing := func(fails func(forewarn.Notification) bool) func(forewarn.Notification) error {
		return func(n forewarn.Notification) error {
			if fails(n) {
				return &forewarn.NotifyError{Err: errors.New("no such mailbox")}
			}
			return nil
		}
	}
	synced := deskConfig{settings: func(s *psew.Settings) { s.CommentsSync, s.Broadcast = true, false }}
	message := func(d *desk, i psew.Incident) {
		must[psew.Incident](d)(d.incidents.Messages(d.ctx, cora, psew.Messages{Incident: i.ID, Accounts: accounts(1), Note: "x"}))
	}
	t.Run("the first mail fails, a message goes out", func(t *testing.T) {
		d := newDesk(t, synced)
		i := d.hit()
		d.refuse = failing(func(n forewarn.Notification) bool { return n.Template == psew.TemplateProactive })
		d.generate(psew.Generate{Incident: i.ID, Accounts: accounts(0, 1), Communicate: true})
		message(d, i)
		d.work()
		if got := d.sent(i); !slices.Equal(got, accounts(1)) {
			t.Errorf("written to: %q, want %q", got, accounts(1))
		}
	})
	t.Run("a message fails and is sent after all", func(t *testing.T) {
		d := newDesk(t, synced)
		i := d.hit()
		d.generate(psew.Generate{Incident: i.ID, Accounts: accounts(0, 1)})
		d.work()
		d.refuse = func(forewarn.Notification) error { return &forewarn.NotifyError{Err: errors.New("down"), Retry: true} }
		message(d, i)
		for range 12 {
			d.work()
			d.clock.pass(time.Hour)
		}
		if got := d.sent(i); len(got) != 0 {
			t.Errorf("written to after all failed: %q", got)
		}
		d.refuse = nil
		status, err := d.worker.Status(d.ctx, forewarn.SystemActor(tenant))
		d.check(err)
		for _, f := range status.Failed {
			d.check(d.worker.Retry(d.ctx, forewarn.SystemActor(tenant), f.Kind, f.Name))
		}
		d.work()
		if got := d.sent(i); !slices.Equal(got, accounts(1)) {
			t.Errorf("written to: %q, want %q", got, accounts(1))
		}
	})
	t.Run("the customer's mail fails, a watcher's goes out", func(t *testing.T) {
		d := newDesk(t, synced)
		i := d.hit()
		d.generate(psew.Generate{Incident: i.ID, Accounts: accounts(0, 1)})
		d.work()
		watch := []string{"boss@other.example"}
		_, err := d.cases.Update(d.ctx, actor("ag", forewarn.RoleAgent), techcase.Update{Case: d.caseOf(i, 1), Watch: &watch})
		d.check(err)
		d.refuse = failing(func(n forewarn.Notification) bool { return n.To.Email != "boss@other.example" })
		message(d, i)
		d.work()
		if got := d.sent(i); len(got) != 0 {
			t.Errorf("written to: %q", got)
		}
	})
}
