package workertest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/store"
)

// mail queues mails with these subjects, in one unit.
func (x *fixture) mail(subjects ...string) {
	x.Helper()
	x.do(func(u *forewarn.Unit) error {
		for _, s := range subjects {
			if err := u.Notify(forewarn.Notification{To: forewarn.Recipient{ID: "ann", Email: "ann@example.com"}, Template: "t",
				Subject: s, Text: "text", About: toys.Key(tenant, id(1))}); err != nil {
				return err
			}
		}
		return nil
	})
}

// sent checks how often a mail of a subject was accepted.
func (x *fixture) sent(subject string, want int) {
	x.Helper()
	got := 0
	for _, n := range x.post.all() {
		if n.Subject == subject {
			got++
		}
	}
	if got != want {
		x.Errorf("mail %q was sent %d times, want %d", subject, got, want)
	}
}

// mails returns the records of mails by subject.
func (x *fixture) mails() map[string]forewarn.Mail {
	x.Helper()
	all := map[string]forewarn.Mail{}
	x.do(func(u *forewarn.Unit) error {
		for m, err := range forewarn.Mails.Where("about", forewarn.AboutRecord(toys.Key("", id(1)))).All(u) {
			if err != nil {
				return err
			}
			all[m.Subject] = m
		}
		return nil
	})
	return all
}

func (x *fixture) mailIs(subject string, state forewarn.MailState) {
	x.Helper()
	if m := x.mails()[subject]; m.State != state || state == forewarn.MailQueued != m.Ended.IsZero() {
		x.Errorf("mail %q is %s, ended %s; want %s", subject, m.State, m.Ended, state)
	}
}

var mailClauses = []part{
	{"mail: each is sent once, with what it was queued with, and its record says so", func(x *fixture) {
		w := x.worker()
		var subjects []string
		for i := range 45 {
			subjects = append(subjects, fmt.Sprint("mail ", i))
		}
		x.mail(subjects[:30]...)
		x.mail(subjects[30:]...)
		x.drain(w)
		x.drain(w)
		for _, s := range subjects {
			x.sent(s, 1)
			x.mailIs(s, forewarn.MailSent)
		}
		for _, n := range x.post.all() {
			if n.Tenant != tenant || n.About != toys.Key(tenant, id(1)) || n.Text != "text" || n.ID == uuid.Nil {
				x.Errorf("the notifier was given %+v", n)
				break
			}
		}
	}},
	{"mail: what was not committed is not sent", func(x *fixture) {
		w := x.worker()
		wanted := errors.New("no")
		err := x.engine.Update(x.ctx, x.by, func(_ context.Context, u *forewarn.Unit) error {
			if err := u.Notify(forewarn.Notification{To: forewarn.Recipient{ID: "ann"}, Subject: "never"}); err != nil {
				return err
			}
			return wanted
		})
		if !errors.Is(err, wanted) {
			x.Errorf("the unit returned %v", err)
		}
		x.drain(w)
		x.sent("never", 0)
	}},
	{"mail: it is sent outside of any unit of work, once, however often the unit runs", func(x *fixture) {
		x.post.fails = func(forewarn.Notification) error { return nil }
		w := x.worker()
		x.mail("a", "b")
		n := 0
		x.store.set(func(b store.Batch) error {
			if n++; takesDue(b) && n < 4 {
				return &store.ConflictError{Reason: store.Busy}
			}
			return nil
		})
		x.drain(w)
		x.sent("a", 1)
		x.sent("b", 1)
		x.mailIs("a", forewarn.MailSent)
	}},
	{"mail: one that fails is tried again later with the same id, the others are sent", func(x *fixture) {
		w := x.worker()
		down := true
		var seen []uuid.UUID
		x.post.fails = func(n forewarn.Notification) error {
			if n.Subject != "late" {
				return nil
			}
			if seen = append(seen, n.ID); down {
				return errors.New("greylisted")
			}
			return nil
		}
		x.mail("early", "late")
		x.drain(w)
		x.sent("early", 1)
		x.sent("late", 0)
		x.mailIs("late", forewarn.MailQueued)
		x.drain(w)
		if len(seen) != 1 {
			x.Errorf("it was tried %d times before its time", len(seen))
		}
		down = false
		x.clock.add(time.Minute)
		x.drain(w)
		x.sent("early", 1)
		x.sent("late", 1)
		x.mailIs("late", forewarn.MailSent)
		if len(seen) != 2 || seen[0] != seen[1] {
			x.Errorf("it was tried as %v, want twice as the same", seen)
		}
	}},
	{"mail: one that can never be sent ends as failed at once", func(x *fixture) {
		w := x.worker()
		x.post.fails = func(n forewarn.Notification) error {
			return &forewarn.NotifyError{Err: errors.New("no such mailbox")}
		}
		x.mail("a")
		x.drain(w)
		x.mailIs("a", forewarn.MailFailed)
		if m := x.mails()["a"]; m.Error == "" {
			x.Errorf("its record tells no reason")
		}
	}},
	{"mail: one that was given up is sent when it is scheduled again", func(x *fixture) {
		w := x.worker()
		x.post.fails = func(forewarn.Notification) error { return errors.New("connection refused") }
		x.mail("a")
		for range 3 {
			x.drain(w)
			x.clock.add(time.Hour)
		}
		x.mailIs("a", forewarn.MailFailed)
		failed := x.status(w, x.by).Failed
		if len(failed) != 1 {
			x.Fatalf("%d items are set aside, want the mail's", len(failed))
		}
		x.post.fails = nil
		x.check("Retry", w.Retry(x.ctx, x.by, failed[0].Kind, failed[0].Name))
		x.drain(w)
		x.sent("a", 1)
		x.mailIs("a", forewarn.MailSent)
	}},
}
