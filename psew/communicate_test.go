package psew_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/inventory"
	"github.com/forewarn-go/forewarn/psew"
	"github.com/forewarn-go/forewarn/techcase"
	"github.com/forewarn-go/forewarn/ticket"
)

// Covers: PSEW-096, PSEW-097, PSEW-004, APIN-032
func TestNotifyCustomers(t *testing.T) {
	d := newDesk(t, deskConfig{})
	i := d.hit()
	d.all(i, false)
	cmd := psew.NotifyCustomers{Incident: i.ID, Cases: []uuid.UUID{d.caseOf(i, 0), d.caseOf(i, 3)}, Note: "Please restart the edges."}
	_, err := d.incidents.NotifyCustomers(d.ctx, cora, cmd)
	d.refused(err, forewarn.ErrRefused, psew.PropertyCommentsSync)
	d.set(psew.PropertyCommentsSync, "true")
	d.set(psew.PropertyBroadcast, "false")
	d.eventTypes()
	d.mailed()
	must[psew.Incident](d)(d.incidents.NotifyCustomers(d.ctx, cora, cmd))
	d.work()
	for n := range 5 {
		want := []string(nil)
		if n == 0 || n == 3 {
			want = []string{cmd.Note}
		}
		if got := d.notes(d.caseOf(i, n), ticket.Comment); !slices.Equal(got, want) {
			t.Errorf("case %d has %q", n, got)
		}
	}
	stream := d.stream(i.ID)
	if last := stream[len(stream)-1]; last.Text != cmd.Note || last.Entry != ticket.Comment || last.Source != "notify" || last.By != "cora" {
		t.Errorf("the incident has %+v", last)
	}
	// announced for the incident and each selected case
	if n := d.eventTypes(); n["TroubleTicketAttributeChangeEvent"] != 3 || len(n) != 1 {
		t.Errorf("events %v", n)
	}
	if n := d.mailed(); n[psew.TemplateNote] != 2 || len(n) != 1 {
		t.Errorf("mails %v", n)
	}
	// a major case is of nobody: it gets the note, and nobody a mail
	cmd.Cases = []uuid.UUID{*d.get(i.ID).MajorCase}
	must[psew.Incident](d)(d.incidents.NotifyCustomers(d.ctx, cora, cmd))
	if n := d.mailed(); len(n) != 0 {
		t.Errorf("mails of a major case: %v", n)
	}
}

// A message is mailed to the contact of each case that it is written into, as the case type mails comments, and a broadcast is where it is a comment.
//
// Covers: PSEW-094, PSEW-098, APIN-032, C-54, TECH-087
func TestCommentsInCasesAreMailed(t *testing.T) {
	d := newDesk(t, deskConfig{})
	i := d.hit()
	d.all(i, false)
	d.mailed()
	sent := func() (all []string) {
		t.Helper()
		d.work()
		for _, m := range d.mails {
			if m.Template != techcase.TemplateCommented {
				t.Errorf("a mail %q to %s", m.Template, m.To.ID)
			}
			if !strings.Contains(m.Text, "a technician is on his way") {
				t.Errorf("a mail without the comment: %q", m.Text)
			}
			all = append(all, m.To.ID)
		}
		d.mails = nil
		slices.Sort(all)
		return all
	}
	must[psew.Incident](d)(d.incidents.Messages(d.ctx, cora, psew.Messages{Incident: i.ID, Accounts: accounts(0, 3), Note: "a technician is on his way"}))
	if got, want := sent(), []string{"contact-of-" + account(0), "contact-of-" + account(3)}; !slices.Equal(got, want) {
		t.Errorf("a message was mailed to %q, want %q", got, want)
	}
	// as work note a comment of the incident is nobody's outside, as comment everybody's; who has made it does not hear of it from his own watch list
	watch := []string{"cora", "noa"}
	must[techcase.Case](d)(d.cases.Update(d.ctx, mia, techcase.Update{Case: d.caseOf(i, 1), Watch: &watch}))
	must[ticket.Activity](d)(d.incidents.Comment(d.ctx, cora, psew.Comment{Incident: i.ID, Text: "a technician is on his way"}))
	if got := sent(); len(got) != 0 {
		t.Errorf("a work note was mailed to %q", got)
	}
	d.set(psew.PropertyBroadcastAs, "comment")
	must[ticket.Activity](d)(d.incidents.Comment(d.ctx, cora, psew.Comment{Incident: i.ID, Text: "a technician is on his way"}))
	var want []string
	for n := range 5 {
		want = append(want, "contact-of-"+account(n))
	}
	if got, want := sent(), append(want, "noa"); !slices.Equal(got, want) {
		t.Errorf("a comment was mailed to %q, want %q", got, want)
	}
}

// Covers: PSEW-094, PSEW-096, SEC-026
func TestCommunicationRefuses(t *testing.T) {
	d := newDesk(t, deskConfig{settings: func(s *psew.Settings) { s.CommentsSync = true }})
	i, other := d.hit(), d.hit()
	d.all(i, false)
	d.generate(psew.Generate{Incident: other.ID, Accounts: accounts(0)})
	mine := []uuid.UUID{d.caseOf(i, 0)}
	before := len(d.stream(i.ID))
	notify := func(by forewarn.Actor, kind error, field string, cmd psew.NotifyCustomers) {
		t.Helper()
		_, err := d.incidents.NotifyCustomers(d.ctx, by, cmd)
		d.refused(err, kind, field)
	}
	notify(cora, forewarn.ErrInvalid, "note", psew.NotifyCustomers{Incident: i.ID, Cases: mine, Note: " "})
	notify(cora, forewarn.ErrInvalid, "cases", psew.NotifyCustomers{Incident: i.ID, Note: "x"})
	notify(cora, forewarn.ErrInvalid, "cases", psew.NotifyCustomers{Incident: i.ID, Note: "x", Cases: make([]uuid.UUID, 501)})
	notify(cora, forewarn.ErrInvalid, "note", psew.NotifyCustomers{Incident: i.ID, Cases: mine, Note: string(make([]byte, ticket.MaxText+1))})
	notify(cora, forewarn.ErrRefused, "cases", psew.NotifyCustomers{Incident: i.ID, Note: "x", Cases: append(mine, d.caseOf(other, 0))})
	notify(cora, forewarn.ErrNotFound, "", psew.NotifyCustomers{Incident: i.ID, Note: "x", Cases: append(mine, uuid.New())})
	notify(cora, forewarn.ErrNotFound, "", psew.NotifyCustomers{Incident: uuid.New(), Note: "x", Cases: mine})
	notify(nobody, forewarn.ErrForbidden, "", psew.NotifyCustomers{Incident: i.ID, Note: "x", Cases: mine})
	messages := func(by forewarn.Actor, kind error, field string, cmd psew.Messages) {
		t.Helper()
		_, err := d.incidents.Messages(d.ctx, by, cmd)
		d.refused(err, kind, field)
	}
	messages(cora, forewarn.ErrInvalid, "consumers", psew.Messages{Incident: i.ID, Note: "x", Accounts: accounts(0), Consumers: []string{"jo"}})
	messages(cora, forewarn.ErrInvalid, "accounts", psew.Messages{Incident: i.ID, Note: "x"})
	messages(cora, forewarn.ErrInvalid, "accounts", psew.Messages{Incident: i.ID, Note: "x", Accounts: []string{""}})
	messages(cora, forewarn.ErrRefused, "consumers", psew.Messages{Incident: i.ID, Note: "x", Consumers: []string{"jo"}})
	messages(nobody, forewarn.ErrForbidden, "", psew.Messages{Incident: i.ID, Note: "x", Accounts: accounts(7)})
	must[techcase.Case](d)(d.cases.Cancel(d.ctx, mia, techcase.Cancel{Case: d.caseOf(i, 1)}))
	notify(cora, forewarn.ErrRefused, "cases", psew.NotifyCustomers{Incident: i.ID, Note: "x", Cases: []uuid.UUID{mine[0], d.caseOf(i, 1)}})
	messages(cora, forewarn.ErrRefused, "accounts", psew.Messages{Incident: i.ID, Note: "x", Accounts: accounts(0, 1)})
	if now := len(d.stream(i.ID)); now != before || len(d.notes(mine[0], ticket.Comment)) != 0 {
		t.Errorf("what was refused left %d activities", now-before)
	}
	d.resolve(i)
	must[psew.Incident](d)(d.incidents.Close(d.ctx, cora, psew.Close{Incident: i.ID}))
	notify(cora, forewarn.ErrRefused, "state", psew.NotifyCustomers{Incident: i.ID, Note: "x", Cases: mine})
	_, err := d.incidents.CreateCommunication(d.ctx, cora, psew.CreateCommunication{Incident: i.ID, Accounts: accounts(0)})
	d.refused(err, forewarn.ErrRefused, "state")
}

// Covers: PSEW-094, PSEW-098, C-18, C-54
func TestTheTwoSwitches(t *testing.T) {
	for _, sync := range []bool{false, true} {
		for _, rule := range []bool{false, true} {
			d := newDesk(t, deskConfig{settings: func(s *psew.Settings) { s.CommentsSync, s.Broadcast = sync, rule }})
			i := d.hit()
			d.generate(psew.Generate{Incident: i.ID, Accounts: accounts(0, 1)})
			_, err := d.incidents.NotifyCustomers(d.ctx, cora, psew.NotifyCustomers{Incident: i.ID, Cases: []uuid.UUID{d.caseOf(i, 0)}, Note: "notify"})
			if sync != (err == nil) {
				t.Errorf("sync %v: notify gave %v", sync, err)
			}
			must[psew.Incident](d)(d.incidents.Messages(d.ctx, cora, psew.Messages{Incident: i.ID, Accounts: accounts(1), Note: "message"}))
			must[ticket.Activity](d)(d.incidents.Comment(d.ctx, cora, psew.Comment{Incident: i.ID, Text: "comment"}))
			d.work()
			var notified, told []string
			if sync {
				notified = []string{"notify"}
			}
			if rule {
				told = []string{"comment"}
			}
			if got := d.notes(d.caseOf(i, 0), ticket.Comment); !slices.Equal(got, notified) {
				t.Errorf("sync %v, rule %v: the first case has %q", sync, rule, got)
			}
			if got := d.notes(d.caseOf(i, 1), ticket.Comment); !slices.Equal(got, []string{"message"}) {
				t.Errorf("sync %v, rule %v: the second case has %q", sync, rule, got)
			}
			for n := range 2 {
				if got := d.notes(d.caseOf(i, n), ticket.WorkNote); !slices.Equal(got, told) {
					t.Errorf("sync %v, rule %v: case %d has work notes %q", sync, rule, n, got)
				}
			}
			set := must[psew.Settings](d)(d.incidents.GetSettings(d.ctx, cora, psew.GetSettings{}))
			if warned := len(set.Warnings()) > 0; warned != (sync && rule) {
				t.Errorf("sync %v, rule %v: warned %v", sync, rule, warned)
			}
		}
	}
}

// Covers: PSEW-093, PSEW-101
func TestCreateCommunication(t *testing.T) {
	d := newDesk(t, deskConfig{})
	i := d.hit()
	d.generate(psew.Generate{Incident: i.ID, Accounts: accounts(0), Communicate: true})
	d.generate(psew.Generate{Incident: i.ID, Accounts: accounts(1, 2)})
	d.mailed()
	create := func(n ...int) int {
		t.Helper()
		return must[psew.Communicated](d)(d.incidents.CreateCommunication(d.ctx, cora, psew.CreateCommunication{Incident: i.ID, Accounts: accounts(n...)})).Mails
	}
	if n := create(0, 1); n != 1 {
		t.Errorf("%d mails for one who had his and one who had not", n)
	}
	if n := create(0, 1); n != 0 {
		t.Errorf("%d mails a second time, before the first was sent", n)
	}
	if n := d.mailed(); n[psew.TemplateProactive] != 1 || len(n) != 1 {
		t.Errorf("mails %v", n)
	}
	if n := create(0, 1); n != 0 {
		t.Errorf("%d mails a third time", n)
	}
	// a reactive case has no first mail of ours, and a party without a contact none at all
	must[psew.OpenedCase](d)(d.incidents.OpenReactive(d.ctx, cora, psew.OpenReactive{Incident: i.ID, Account: account(4)}))
	_, err := d.incidents.CreateCommunication(d.ctx, cora, psew.CreateCommunication{Incident: i.ID, Accounts: accounts(4)})
	d.refused(err, forewarn.ErrRefused, "accounts")
	must[inventory.Result](d)(d.inventory.Put(d.ctx, admin, inventory.Put{Items: []inventory.Item{{Type: inventory.TypeAccount, ID: "mute"}}}))
	d.generate(psew.Generate{Incident: i.ID, Accounts: []string{"mute"}})
	out := must[psew.Communicated](d)(d.incidents.CreateCommunication(d.ctx, cora, psew.CreateCommunication{Incident: i.ID, Accounts: []string{"mute", account(2)}}))
	if out.Mails != 1 {
		t.Errorf("%d mails, want that of the one who has a contact", out.Mails)
	}
	_, err = d.incidents.CreateCommunication(d.ctx, nobody, psew.CreateCommunication{Incident: i.ID, Accounts: accounts(0)})
	d.refused(err, forewarn.ErrForbidden, "")
}
