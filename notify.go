package forewarn

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn/store"
)

// Notification is a mail or a notice to one recipient, rendered.
type Notification struct {
	// ID is stable over repeats; a mail's Message-ID is made of it. Unit.Notify sets it.
	ID     uuid.UUID `json:"id"`
	Tenant string    `json:"-"`
	// To is who gets it.
	To Recipient `json:"to"`
	// Template is the name of the template that it was made of.
	Template string `json:"template"`
	Subject  string `json:"subject"`
	Text     string `json:"text"`
	// About is the record that it tells of.
	About store.Key `json:"about"`
}

// Recipient is who gets a notification.
type Recipient struct {
	ID    string `json:"id"`              // of the user, contact or consumer
	Staff bool   `json:"staff,omitempty"` // a user of the provider, who gets it in the workspace as well
	Name  string `json:"name,omitempty"`
	Email string `json:"email,omitempty"`
}

// Notifier sends notifications. Its methods are safe for concurrent use.
type Notifier interface {
	// Notify returns nil once the notification is accepted. It may be called again for one that was: then
	// the ID is the same. An error that wraps a *NotifyError without Retry is final.
	Notify(ctx context.Context, n Notification) error
}

// NotifyError says whether another try may help.
type NotifyError struct {
	Err   error
	Retry bool
}

func (e *NotifyError) Error() string {
	if e.Err == nil {
		return "notify: failed"
	}
	return "notify: " + e.Err.Error()
}

// Unwrap returns the cause.
func (e *NotifyError) Unwrap() error { return e.Err }

// MailState is where a mail stands.
type MailState string

// The states of mails.
const (
	MailQueued MailState = "queued"
	MailSent   MailState = "sent"
	MailFailed MailState = "failed"
)

// UnmarshalText refuses what is no state of a mail.
func (s *MailState) UnmarshalText(b []byte) error {
	switch v := MailState(b); v {
	case MailQueued, MailSent, MailFailed:
		*s = v
		return nil
	}
	return Invalid("mail.state", "%q is none", b)
}

// Mail is the record of a notification.
type Mail struct {
	Notification           // with the ID and the Tenant of the record
	Version      Version   `json:"version"`
	State        MailState `json:"state"`
	Queued       time.Time `json:"queued"`
	Ended        time.Time `json:"ended,omitzero"` // sent or failed
	Error        string    `json:"error,omitempty"`
}

// Mails are the notifications of all packages, for reading. The index "about" finds those that tell of a record, by
// the value that AboutRecord returns, then by template; "ended" those that were sent or have failed, by time.
var Mails = NewRecords("mail", Shape[Mail]{
	ID:      func(m *Mail) *uuid.UUID { return &m.ID },
	Version: func(m *Mail) *Version { return &m.Version },
	Tenant:  func(m *Mail) *string { return &m.Tenant },
	Fields: []Field[Mail]{
		{"about", store.Text, func(m *Mail) store.Value { return AboutRecord(m.About) }},
		{"template", store.Text, func(m *Mail) store.Value { return Text(m.Template) }},
		{"ended", store.Int, func(m *Mail) store.Value { return Time(m.Ended) }},
	},
	Indexes: []store.Index{
		{Name: "about", Fields: []string{"about", "template"}},
		{Name: "ended", Fields: []string{"ended"}},
	},
	Global: true,
})

// AboutRecord is by what Mails are found: the kind and the id of the record that they tell of.
func AboutRecord(k store.Key) store.Value { return Text(k.Kind + "/" + k.ID.String()) }

const mailKind = "mail"

// mailItem is the body of a mail's due item.
type mailItem struct {
	ID uuid.UUID `json:"id"`
}

// Notify queues a notification: it is sent if and only if the unit commits, by a worker, outside of any unit.
func (u *Unit) Notify(n Notification) error {
	switch {
	case u.err != nil:
		return u.err
	case n.To.ID == "" && n.To.Email == "":
		return u.stick(Invalid("notification.to", "names nobody"))
	case n.Subject == "":
		return u.stick(Invalid("notification.subject", "is empty"))
	}
	n.ID = u.newID()
	n.About.Tenant = ""
	m := Mail{Notification: n, State: MailQueued, Queued: u.now}
	if err := Mails.Put(u, &m); err != nil {
		return err
	}
	return NewDue[mailItem](mailKind).At(u, n.ID.String(), u.now, mailItem{ID: n.ID})
}

// MailJob returns the job that sends queued mails through a Notifier. It is for package worker.
func (e *Engine) MailJob(to Notifier) Job {
	return Job{
		kind: mailKind,
		max:  defaultBatch,
		before: func(ctx context.Context, items []Item) []error {
			return e.sendMails(ctx, to, items)
		},
		do: func(u *Unit, items []Item) error { return settleMails(u, items) },
		failed: func(u *Unit, item Item, cause error) error {
			return endMail(u, item, MailFailed, short(cause))
		},
	}
}

// sendMails sends each item's mail. One that can never be sent is no error here: it ends as failed.
func (e *Engine) sendMails(ctx context.Context, to Notifier, items []Item) []error {
	errs := make([]error, len(items))
	var keys []store.Key
	var readable []int
	for i, item := range items {
		var m mailItem
		if errs[i] = item.decode(&m); errs[i] == nil && m.ID != uuid.Nil {
			keys = append(keys, Mails.Key(item.Tenant, m.ID))
			readable = append(readable, i)
		}
	}
	records, err := e.store.Get(ctx, keys...)
	for k, i := range readable {
		if err != nil {
			errs[i] = storeError(err)
			continue
		}
		if records[k].Version == store.Absent {
			continue
		}
		m, err := Mails.decode(records[k])
		if err != nil {
			errs[i] = err
			continue
		}
		if m.State == MailSent {
			continue
		}
		// One that has failed is sent when its item was scheduled again.
		n := m.Notification
		n.About.Tenant = n.Tenant
		errs[i] = to.Notify(ctx, n)
		items[i].outcome = errs[i]
		var final *NotifyError
		if errors.As(errs[i], &final) && !final.Retry {
			errs[i] = nil
		}
	}
	return errs
}

func settleMails(u *Unit, items []Item) error {
	keys := make([]uuid.UUID, 0, len(items))
	for _, item := range items {
		var m mailItem
		if err := item.decode(&m); err != nil {
			return err
		}
		keys = append(keys, m.ID)
	}
	if err := Mails.Prefetch(u, keys...); err != nil {
		return err
	}
	for _, item := range items {
		state, why := MailSent, ""
		if item.outcome != nil {
			state, why = MailFailed, short(item.outcome)
		}
		if err := endMail(u, item, state, why); err != nil {
			return err
		}
	}
	return nil
}

func endMail(u *Unit, item Item, state MailState, why string) error {
	var i mailItem
	if err := item.decode(&i); err != nil {
		return nil // there is no mail to tell of
	}
	m, err := Mails.Get(u, i.ID)
	if isNotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	before := m.State
	m.State, m.Error, m.Ended = state, why, u.now
	if err := Mails.Put(u, &m); err != nil || state == before {
		return err
	}
	for _, f := range u.engine.mailEnds() {
		if err := f(u, before, m); err != nil {
			return err
		}
	}
	return nil
}

// OnMail registers what else changes when a mail was sent, or has failed for good: f is called in the unit that keeps
// so, with the state before. A mail that has failed and was sent after all comes twice. Services call OnMail when they
// are made.
func (e *Engine) OnMail(f func(u *Unit, before MailState, m Mail) error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.onMail = append(e.onMail, f)
}

func (e *Engine) mailEnds() []func(*Unit, MailState, Mail) error {
	e.mu.RLock()
	defer e.mu.RUnlock()
	return e.onMail
}
