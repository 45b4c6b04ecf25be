package techcase

import (
	"fmt"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/ticket"
)

// autoCloses is the next step of auto close, one item a case, named by the case's id.
var autoCloses = forewarn.NewDue[autoCloseItem]("techcase_auto_close")

type autoCloseItem struct {
	Case uuid.UUID `json:"case"`
}

// What the system does to a case, as activities name it.
const (
	EventOpened     = "opened" // proactively, for its source
	EventReminded   = "reminded"
	EventAutoClosed = "auto_closed"
)

// schedule sets the case's due item to the next step of auto close, or takes it away.
func (s *Service) schedule(u *forewarn.Unit, t *caseType, before *Case, after Case) error {
	if after.Window.IsZero() && (before == nil || before.Window.IsZero()) {
		return nil
	}
	r, err := sharedSettings(u)
	if err != nil {
		return err
	}
	days := r.autoCloseOf(t)
	var had, has Step
	var hadOne, hasOne bool
	if before != nil {
		had, hadOne = days.Next(before.waiting())
	}
	has, hasOne = days.Next(after.waiting())
	switch {
	case hasOne == hadOne && has == had:
		return nil
	case hasOne:
		return autoCloses.At(u, after.ID.String(), has.At, autoCloseItem{Case: after.ID})
	}
	return autoCloses.Cancel(u, after.ID.String())
}

// autoClose is the job: it does the earliest step that is due, and the change of the case schedules the next.
func (s *Service) autoClose(u *forewarn.Unit, i autoCloseItem) error {
	c, err := cases.Get(u, i.Case)
	if isNotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	t, err := s.typeOf(c.Type)
	if err != nil {
		return err
	}
	r, err := sharedSettings(u)
	if err != nil {
		return err
	}
	days := r.autoCloseOf(t)
	waiting := c.waiting()
	step, due := days.Due(waiting, u.Now())
	if due && days.NotWhileEscalated {
		if waiting.AccountEscalated, err = s.accountEscalated(u, c); err != nil {
			return err
		}
		step, due = days.Due(waiting, u.Now())
	}
	switch {
	case !due && step == (Step{}):
		return nil
	case !due: // days or case were changed since it was scheduled, or the account is escalated
		return autoCloses.At(u, c.ID.String(), step.At, i)
	case step.Reminder == 0:
		return s.autoClosed(u, c)
	}
	return s.remind(u, days, c, step)
}

// accountEscalated reports whether the account of a case is escalated; one that is not known is not.
func (s *Service) accountEscalated(u *forewarn.Unit, c Case) (bool, error) {
	if c.Account == "" {
		return false, nil
	}
	p, err := s.parties.Party(u, PartyAccount, c.Account)
	if isNotFound(err) {
		return false, nil
	}
	return p.Escalation != "", err
}

func (s *Service) remind(u *forewarn.Unit, days AutoClose, c Case, step Step) error {
	after := c
	after.Reminded = step.Reminder
	closes := c.Window.Add(days.After)
	text := fmt.Sprintf("Reminder %d of %d: the case will be auto closed on %s.", step.Reminder, len(days.Reminders), closes.Format("2006-01-02"))
	if _, err := post(u, c, ticket.Activity{Entry: ticket.Notice, Event: EventReminded, Text: text}); err != nil {
		return err
	}
	if err := s.save(u, &c, &after, news{}); err != nil {
		return err
	}
	return s.tell(u, after, []mailing{{TemplateReminder, toContact}}, MailData{Closes: closes.Format("2006-01-02")})
}

func (s *Service) autoClosed(u *forewarn.Unit, c Case) error {
	if _, err := post(u, c, ticket.Activity{Entry: ticket.Notice, Event: EventAutoClosed, Text: "This case was auto closed by the system."}); err != nil {
		return err
	}
	_, err := s.take(u, c, turn{on: OnAutoClose}, words{})
	return err
}
