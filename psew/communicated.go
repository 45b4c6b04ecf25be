package psew

import (
	"slices"
	"time"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/ticket"
)

// communicated reports whether the party of these cases was written to about one of them, or is about to be (PSEW-101). The case keeps it, since mails are
// removed after a while.
func communicated(cases []ticket.BookedCase) bool {
	return slices.ContainsFunc(cases, func(c ticket.BookedCase) bool { return !c.Communicated.IsZero() })
}

// mark keeps that the contact of a case is written to in this unit, unless he was before.
func (s *Service) mark(u *forewarn.Unit, c ticket.BookedCase) error {
	if !c.Communicated.IsZero() {
		return nil
	}
	return s.cases.Communicated(u, c.ID, u.Now())
}

// wroteTo keeps that the case type mails a comment to the contact of a case, who may be nobody.
func (s *Service) wroteTo(u *forewarn.Unit, c ticket.BookedCase) error {
	if c.Contact == "" && c.Consumer == "" {
		return nil
	}
	return s.mark(u, c)
}

// mailEnded takes back that a customer was written to when the mail that said so has failed for good, unless another one went out; and keeps it when it
// was sent after all.
func (s *Service) mailEnded(u *forewarn.Unit, before forewarn.MailState, m forewarn.Mail) error {
	if m.To.Staff || m.State == forewarn.MailSent && before != forewarn.MailFailed {
		return nil
	}
	c, err := s.cases.Get(u, m.About.ID)
	switch {
	case isNotFound(err):
		return nil // it is about something else
	case err != nil:
		return err
	case c.Key.Kind != m.About.Kind || c.Source.Kind != kindIncident || !toCustomer(c, m):
		return nil
	case m.State == forewarn.MailSent:
		if c.Communicated.IsZero() {
			return s.cases.Communicated(u, c.ID, m.Queued)
		}
		return nil
	case !c.Communicated.Equal(m.Queued):
		return nil // another one said so
	}
	var first time.Time
	for o, err := range forewarn.Mails.Where("about", forewarn.AboutRecord(m.About)).All(u) {
		if err != nil {
			return err
		}
		if o.State == forewarn.MailFailed || !toCustomer(c, o) {
			continue
		}
		if first.IsZero() || o.Queued.Before(first) {
			first = o.Queued
		}
	}
	return s.cases.Communicated(u, c.ID, first)
}

// toCustomer reports whether a mail goes to the case's own contact or consumer, and not to somebody who watches the case.
func toCustomer(c ticket.BookedCase, m forewarn.Mail) bool {
	return !m.To.Staff && m.To.ID != "" && (m.To.ID == c.Contact || m.To.ID == c.Consumer)
}
