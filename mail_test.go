package forewarn_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/adapters/memory"
	"github.com/forewarn-go/forewarn/adapters/storagetest"
	"github.com/forewarn-go/forewarn/store"
)

// outbox is a Notifier that keeps what it is given, and answers as it is told.
type outbox struct {
	sent   []forewarn.Notification
	answer func(n forewarn.Notification) error
}

func (o *outbox) Notify(_ context.Context, n forewarn.Notification) error {
	if o.answer != nil {
		if err := o.answer(n); err != nil {
			return err
		}
	}
	o.sent = append(o.sent, n)
	return nil
}

func letter(subject string) forewarn.Notification {
	return forewarn.Notification{To: forewarn.Recipient{ID: "c1", Name: "Ann", Email: "ann@example.com"}, Template: "hello",
		Subject: subject, Text: "text of " + subject, About: accounts.Key("acme", id("a"))}
}

func (w *world) send(subjects ...string) {
	w.Helper()
	w.update(func(u *forewarn.Unit) error {
		for _, s := range subjects {
			ok(w, u.Notify(letter(s)))
		}
		return nil
	})
}

func TestMailIsSentOnce(t *testing.T) {
	w := newWorld(t, nil)
	o := &outbox{}
	ok(t, w.engine.Handle(w.engine.MailJob(o)))
	err := w.try(alice, func(u *forewarn.Unit) error { ok(t, u.Notify(letter("lost"))); return errToy })
	if err != errToy || w.settleAll() != 0 || len(w.mails()) != 0 {
		t.Errorf("a mail of a unit that failed is queued: %v", err)
	}
	w.send("one")
	m := w.mails()[0]
	if m.State != forewarn.MailQueued || !m.Queued.Equal(monday) || !m.Ended.IsZero() || m.Tenant != "acme" || m.ID == uuid.Nil {
		t.Errorf("%+v", m)
	}
	w.clock.advance(time.Minute)
	for range 3 {
		w.settleAll()
	}
	if len(o.sent) != 1 {
		t.Fatalf("sent %d times", len(o.sent))
	}
	want := letter("one")
	want.ID, want.Tenant = m.ID, "acme"
	if o.sent[0] != want {
		t.Errorf("sent %+v\nwant %+v", o.sent[0], want)
	}
	m = w.mails()[0]
	if m.State != forewarn.MailSent || !m.Ended.Equal(monday.Add(time.Minute)) || m.Error != "" {
		t.Errorf("%+v", m)
	}
	w.update(func(u *forewarn.Unit) error {
		page, err := forewarn.Mails.Where("about", forewarn.AboutRecord(accounts.Key("", id("a"))), forewarn.Text("hello")).Page(u, "")
		if len(page.Items) != 1 {
			t.Errorf("found %+v", page.Items)
		}
		return err
	})
}

// Many mails go in a few units, each sent once although the commits are lost and run again.
func TestManyMails(t *testing.T) {
	m := memory.New()
	plain := newWorld(t, m)
	var subjects []string
	for i := range 90 {
		subjects = append(subjects, fmt.Sprint(i))
	}
	plain.send(subjects...)
	s := storagetest.Wrap(m, storagetest.Faults{FailBefore: storagetest.Odd(storagetest.Conflict())})
	w := newWorld(t, s)
	o := &outbox{}
	ok(t, w.engine.Handle(w.engine.MailJob(o)))
	w.settleAll()
	if len(o.sent) != 90 || s.Commits() != 6 {
		t.Errorf("%d sent in %d commits, want 90 in 6", len(o.sent), s.Commits())
	}
	for _, m := range plain.mails() {
		if m.State != forewarn.MailSent {
			t.Errorf("%+v", m)
		}
	}
}

func TestMailFailures(t *testing.T) {
	w := newWorld(t, nil, func(c *forewarn.Config) { c.Attempts = 3 })
	o := &outbox{}
	tries := 0
	o.answer = func(n forewarn.Notification) error {
		switch n.Subject {
		case "never":
			return fmt.Errorf("smtp: %w", &forewarn.NotifyError{Err: errors.New("no such mailbox")})
		case "later":
			if tries++; tries == 1 {
				return &forewarn.NotifyError{Err: errors.New("busy"), Retry: true}
			}
		case "plain":
			return errToy
		}
		return nil
	}
	ok(t, w.engine.Handle(w.engine.MailJob(o)))
	w.send("good", "never", "later", "plain")
	states := func() map[string]forewarn.MailState {
		all := map[string]forewarn.MailState{}
		for _, m := range w.mails() {
			all[m.Subject] = m.State
			if (m.State == forewarn.MailFailed) != (m.Error != "") {
				t.Errorf("%+v", m)
			}
		}
		return all
	}
	expect := func(want map[string]forewarn.MailState) {
		t.Helper()
		if got := states(); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("got %v, want %v", got, want)
		}
	}
	w.settleAll()
	expect(map[string]forewarn.MailState{"good": "sent", "never": "failed", "later": "queued", "plain": "queued"})
	if len(w.failed()) != 0 {
		t.Errorf("what can never be sent is no failed work: %+v", w.failed())
	}
	for range 5 {
		w.clock.advance(time.Minute)
		w.settleAll()
	}
	expect(map[string]forewarn.MailState{"good": "sent", "never": "failed", "later": "sent", "plain": "failed"})
	f := w.failed()
	if len(f) != 1 || f[0].Kind != "mail" || len(o.sent) != 2 || len(w.items()) != 0 {
		t.Fatalf("failed %+v, sent %d", f, len(o.sent))
	}
	// what was given up can be tried again, and is sent then
	o.answer = nil
	w.update(func(u *forewarn.Unit) error { return u.RetryFailed("mail", f[0].Name) })
	w.settleAll()
	expect(map[string]forewarn.MailState{"good": "sent", "never": "failed", "later": "sent", "plain": "sent"})
	if len(o.sent) != 3 || o.sent[2].Subject != "plain" || o.sent[2].ID.String() != f[0].Name {
		t.Errorf("sent %+v", o.sent)
	}
}

// A crash between sending and settling sends again, with the same id.
func TestMailCrash(t *testing.T) {
	m := memory.New()
	plain := newWorld(t, m)
	plain.send("x")
	o := &outbox{}
	crash := newWorld(t, storagetest.Wrap(m, storagetest.Faults{FailBefore: func(int) error { return storagetest.ErrFault }}))
	ok(t, crash.engine.Handle(crash.engine.MailJob(o)))
	wants(t, crash.engine.Settle(crash.ctx, crash.ready()), forewarn.ErrUnavailable)
	ok(t, plain.engine.Handle(plain.engine.MailJob(o)))
	plain.settleAll()
	if len(o.sent) != 2 || o.sent[0] != o.sent[1] || o.sent[0].ID == uuid.Nil || plain.mails()[0].State != forewarn.MailSent {
		t.Errorf("sent %+v", o.sent)
	}
}

// A mail that was taken away, or cannot be read, does not stop the others.
func TestMailGone(t *testing.T) {
	w := newWorld(t, nil, func(c *forewarn.Config) { c.Attempts = 1 })
	o := &outbox{}
	ok(t, w.engine.Handle(w.engine.MailJob(o)))
	w.send("gone", "good")
	w.update(func(u *forewarn.Unit) error {
		for m, err := range forewarn.Mails.Where("about").All(u) {
			ok(t, err)
			if m.Subject == "gone" {
				ok(t, forewarn.Mails.Delete(u, &m))
			}
		}
		return forewarn.NewDue[int]("mail").At(u, "bad", u.Now(), 3)
	})
	w.settleAll()
	if len(o.sent) != 1 || o.sent[0].Subject != "good" || len(w.items()) != 0 || len(w.failed()) != 1 {
		t.Errorf("sent %+v, left %v, failed %v", o.sent, w.items(), w.failed())
	}
}

func TestNotifyRefuses(t *testing.T) {
	w := newWorld(t, nil)
	for field, n := range map[string]forewarn.Notification{
		"notification.to":      {Subject: "x"},
		"notification.subject": {To: forewarn.Recipient{Email: "a@b"}},
	} {
		err := w.try(alice, func(u *forewarn.Unit) error { return u.Notify(n) })
		if e := wants(t, err, forewarn.ErrInvalid); e.Field != field {
			t.Errorf("%v names %q, want %q", err, e.Field, field)
		}
	}
	var m forewarn.Mail
	if err := json.Unmarshal([]byte(`{"state":"lost"}`), &m); !errors.Is(err, forewarn.ErrInvalid) {
		t.Errorf("an unknown state: %v", err)
	}
	for _, e := range []*forewarn.NotifyError{{}, {Err: errToy}} {
		if e.Error() == "" || !errors.Is(e, e.Err) && e.Err != nil {
			t.Errorf("%v", e)
		}
	}
}

// Who is told to stop while he sends settles what is sent, so that it is not sent again, and leaves the rest as it was.
func TestStopWhileSending(t *testing.T) {
	w := newWorld(t, nil)
	ctx, stop := context.WithCancel(w.ctx)
	o := &outbox{}
	o.answer = func(forewarn.Notification) error {
		if len(o.sent) == 2 {
			stop()
		}
		return ctx.Err()
	}
	ok(t, w.engine.Handle(w.engine.MailJob(o)))
	w.send("a", "b", "c", "d")
	if err := w.engine.Settle(ctx, w.ready()); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	items := w.items()
	if len(items) != 2 || items[0].Attempts != 0 || items[1].Attempts != 0 {
		t.Errorf("left %+v", items)
	}
	o.answer = func(forewarn.Notification) error { t.Error("sent after the end"); return nil }
	if err := w.engine.Settle(ctx, items); !errors.Is(err, context.Canceled) || len(w.items()) != 2 {
		t.Errorf("settled after the end: %v, left %+v", err, w.items())
	}
	o.answer = nil
	w.settleAll()
	if len(o.sent) != 4 {
		t.Errorf("%d sent, want each of 4 once", len(o.sent))
	}
}

// A mail whose record cannot be read is given up in time.
func TestUnreadableMail(t *testing.T) {
	w := newWorld(t, nil, func(c *forewarn.Config) { c.Attempts = 2 })
	o := &outbox{}
	ok(t, w.engine.Handle(w.engine.MailJob(o)))
	w.send("bad", "good")
	for _, m := range w.mails() {
		if m.Subject != "bad" {
			continue
		}
		ok(t, w.store.Commit(w.ctx, store.Batch{Puts: []store.Put{{Key: forewarn.Mails.Key("acme", m.ID), Expect: store.Any, Version: 99,
			Body: json.RawMessage(`{"state":"eaten"}`), Values: []store.Value{{}, {}, {}}}}}))
	}
	for range 3 {
		w.settleAll()
		w.clock.advance(time.Minute)
	}
	if f := w.failed(); len(f) != 1 || len(w.items()) != 0 || len(o.sent) != 1 {
		t.Errorf("failed %+v, left %+v, sent %+v", f, w.items(), o.sent)
	}
}

// OnMail hears once of each mail that ends: as sent, as failed for good, and again when one that had failed is sent after all; in the unit that keeps so.
func TestOnMail(t *testing.T) {
	w := newWorld(t, nil)
	o := &outbox{}
	ok(t, w.engine.Handle(w.engine.MailJob(o)))
	var heard []string
	fail := false
	w.engine.OnMail(func(u *forewarn.Unit, before forewarn.MailState, m forewarn.Mail) error {
		if fail {
			fail = false
			return errToy
		}
		kept, err := forewarn.Mails.Get(u, m.ID)
		ok(t, err)
		heard = append(heard, fmt.Sprint(m.Subject, " ", before, " ", kept.State, " ", u.By().Tenant, " ", u.By().System()))
		return nil
	})
	w.send("one")
	w.settleAll()
	o.answer = func(forewarn.Notification) error { return &forewarn.NotifyError{Err: errToy} }
	w.send("two")
	w.settleAll()
	fail = true
	w.send("three")
	w.settleAll()
	w.clock.advance(time.Hour)
	w.settleAll()
	want := []string{"one queued sent acme true", "two queued failed acme true", "three queued failed acme true"}
	if fmt.Sprint(heard) != fmt.Sprint(want) {
		t.Errorf("heard %q\nwant  %q", heard, want)
	}
}
