package techcase

import (
	"errors"
	"strings"

	"github.com/forewarn-go/forewarn"
)

// The kinds of parties, as Parties is asked for them.
const (
	PartyAccount  = "customer"
	PartyContact  = "customer_contact"
	PartyConsumer = "consumer"
)

// Parties knows the accounts, contacts and consumers that cases are for. What it reads of a unit it peeks.
type Parties interface {
	// Party returns who has an id, or ErrNotFound. Kind is PartyAccount, PartyContact or PartyConsumer.
	Party(u *forewarn.Unit, kind, id string) (Party, error)
}

// Party is an account, a contact or a consumer.
type Party struct {
	Name    string
	Email   string
	Account string // of a contact: the id of his account
	// Escalation is the severity of an account's open escalation; "" when it has none. AutoClose.NotWhileEscalated reads it.
	Escalation string
}

// NoParties knows nobody: contacts are not checked, and mails go to their ids, whose addresses the Notifier has to know.
var NoParties Parties = noParties{}

type noParties struct{}

func (noParties) Party(_ *forewarn.Unit, kind, id string) (Party, error) { return Party{}, nil }

// audience is who gets a mail of a case.
type audience uint8

const (
	toContact audience = 1 << iota
	toWatchers
)

// mailing is a mail that follows from an act.
type mailing struct {
	template string
	to       audience
}

// mailings returns the mails of a trigger that somebody has pulled. Both audiences never get two for one event.
func mailings(on Trigger, customer bool) []mailing {
	switch on {
	case OnSubmit, OnFinishIntake:
		if !customer {
			return []mailing{{TemplateOpened, toContact | toWatchers}}
		}
	case OnRequestInformation:
		return []mailing{{TemplateAwaitingInfo, toContact | toWatchers}}
	case OnProposeSolution, OnResolve:
		return []mailing{{TemplateResolved, toContact}, {TemplateResolvedWatch, toWatchers}}
	case OnClose, OnAutoClose:
		return []mailing{{TemplateClosed, toContact | toWatchers}}
	case OnAcceptSolution:
		if customer {
			return []mailing{{TemplateClosed, toWatchers}}
		}
		return []mailing{{TemplateAccepted, toContact}, {TemplateClosed, toWatchers}}
	case OnRejectSolution:
		if !customer {
			return []mailing{{TemplateRejected, toContact}}
		}
	case OnCancel:
		return []mailing{{TemplateCancelled, toContact | toWatchers}}
	case OnCustomerComment:
		return []mailing{{TemplateCommented, toWatchers}}
	}
	return nil
}

// tell queues mails about a case that was opened: one per recipient, and none to who has acted himself.
func (s *Service) tell(u *forewarn.Unit, c Case, mails []mailing, d MailData) error {
	if c.private() {
		return nil
	}
	told, address := map[string]bool{}, ""
	for _, m := range mails {
		all, err := s.recipients(u, c, m.to)
		if err != nil {
			return err
		}
		if len(all) == 0 {
			continue
		}
		t, err := templateOf(u, m.template)
		if err != nil {
			return err
		}
		if address == "" {
			if address, err = s.address(u); err != nil {
				return err
			}
		}
		for _, to := range all {
			if told[identity(to)] || acts(u.By(), to) || address != "" && identity(to) == address {
				continue
			}
			told[identity(to)] = true
			if err := s.send(u, c, t, to, d); err != nil {
				return err
			}
		}
	}
	return nil
}

// send renders and queues one mail.
func (s *Service) send(u *forewarn.Unit, c Case, t Template, to forewarn.Recipient, d MailData) error {
	d.Recipient = to.Name
	d.Number, d.ShortDescription, d.Description = c.Number, c.ShortDescription, c.Description
	d.Priority, d.State = PriorityLabel(c.Priority), string(c.State)
	d.Account, d.Contact = c.Account, c.Contact
	d.ResolutionCode, d.ResolutionNotes, d.Cause, d.CloseNotes = c.ResolutionCode, c.ResolutionNotes, c.Cause, c.CloseNotes
	subject, text, err := t.render(d)
	if err != nil {
		return err
	}
	return u.Notify(forewarn.Notification{To: to, Template: t.Name, Subject: subject, Text: text, About: c.key()})
}

// recipients returns who is meant: the contact (or the consumer, who is his own), and who watches the case.
func (s *Service) recipients(u *forewarn.Unit, c Case, to audience) ([]forewarn.Recipient, error) {
	var all []forewarn.Recipient
	if to&toContact != 0 {
		kind, id := PartyContact, c.Contact
		if id == "" {
			kind, id = PartyConsumer, c.Consumer
		}
		if id != "" {
			p, err := s.parties.Party(u, kind, id)
			if err != nil && !isNotFound(err) {
				return nil, err
			}
			all = append(all, forewarn.Recipient{ID: id, Name: p.Name, Email: p.Email})
		}
	}
	if to&toWatchers != 0 {
		for _, w := range c.Watch {
			if strings.Contains(w, "@") {
				all = append(all, forewarn.Recipient{ID: w, Email: w})
				continue
			}
			user, err := s.engine.Directory().User(u, w)
			if err != nil && !isNotFound(err) {
				return nil, err
			}
			all = append(all, forewarn.Recipient{ID: w, Staff: true, Name: user.Name, Email: user.Email})
		}
	}
	return all, nil
}

// identity tells recipients apart: by address where one is known, since a contact may watch his own case.
func identity(r forewarn.Recipient) string {
	if r.Email != "" {
		return folded(r.Email)
	}
	if r.Staff {
		return "staff/" + r.ID
	}
	return "party/" + r.ID
}

func folded(address string) string { return strings.ToLower(strings.TrimSpace(address)) }

// address returns the mail address of the actor, as identity has it; "" when none is known. By it he may watch a case.
func (s *Service) address(u *forewarn.Unit) (string, error) {
	by := u.By()
	switch {
	case by.System():
		return "", nil
	case by.Portal():
		kind, id := PartyContact, by.Contact
		if by.Consumer != "" {
			kind, id = PartyConsumer, by.Consumer
		}
		if id == "" {
			return "", nil
		}
		p, err := s.parties.Party(u, kind, id)
		if err != nil && !isNotFound(err) {
			return "", err
		}
		return folded(p.Email), nil
	}
	user, err := s.engine.Directory().User(u, by.ID)
	if err != nil && !isNotFound(err) {
		return "", err
	}
	return folded(user.Email), nil
}

// acts reports whether the recipient is the actor himself, by his id.
func acts(by forewarn.Actor, to forewarn.Recipient) bool {
	if by.System() {
		return false
	}
	if to.Staff {
		return !by.Portal() && to.ID == by.ID
	}
	return by.Portal() && (to.ID == by.Contact || to.ID == by.Consumer || to.ID == by.ID)
}

// PriorityLabel returns a priority with its name: "1 - Critical" to "4 - Low".
func PriorityLabel(p int) string {
	switch p {
	case 1:
		return "1 - Critical"
	case 2:
		return "2 - High"
	case 3:
		return "3 - Moderate"
	case 4:
		return "4 - Low"
	}
	return ""
}

func isNotFound(err error) bool { return errors.Is(err, forewarn.ErrNotFound) }
