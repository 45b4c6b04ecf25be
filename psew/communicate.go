package psew

import (
	"context"
	"strings"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/inventory"
	"github.com/forewarn-go/forewarn/store"
	"github.com/forewarn-go/forewarn/ticket"
)

// Names of the mails' templates.
const (
	TemplateProactive = "Email to proactive case"
	TemplateNote      = "Notify Customers"
	TemplateManager   = "Major case notice"
)

// Sources of activities that the broadcast never picks up.
const (
	sourceNotify    = "notify"
	sourceMessages  = "messages"
	sourceBroadcast = "broadcast"
	sourceCustomer  = "customer"
)

// NotifyCustomers writes a note to the customers of selected cases.
type NotifyCustomers struct {
	Incident uuid.UUID
	Cases    []uuid.UUID // 1 to 500, of the incident
	Note     string
}

// NotifyCustomers writes a note as additional comment into the selected cases and into the incident's activity, and mails it to their contacts. It is
// off until the property additional_comments_sync is set.
//
// It returns ErrInvalid without note or cases; ErrRefused while it is off, and for a case that is not of the incident or is finished; ErrForbidden
// without PSEW_USER; ErrNotFound.
func (s *Service) NotifyCustomers(ctx context.Context, by forewarn.Caller, cmd NotifyCustomers) (Incident, error) {
	return forewarn.Do(ctx, s.engine, by, "psew.NotifyCustomers", cmd, s.notifyCustomers)
}

func (s *Service) notifyCustomers(u *forewarn.Unit, cmd NotifyCustomers) (none Incident, err error) {
	set, err := settings(u)
	if err != nil {
		return none, err
	}
	if !set.CommentsSync {
		return none, forewarn.Refused(store.Key{}, PropertyCommentsSync, "Notify Customers is off until this property is true")
	}
	return s.write(u, cmd.Incident, cmd.Cases, cmd.Note, sourceNotify, true)
}

// Messages writes a message to the customers of selected accounts or consumers.
type Messages struct {
	Incident            uuid.UUID
	Accounts, Consumers []string // who have a case of the incident; 1 to 500, never both
	Note                string
}

// Messages writes a note into the incident's activity and, as additional comment, into the case of each selected party. It returns what
// NotifyCustomers returns, but is always on; a party without a case is ErrRefused.
func (s *Service) Messages(ctx context.Context, by forewarn.Caller, cmd Messages) (Incident, error) {
	return forewarn.Do(ctx, s.engine, by, "psew.Messages", cmd, s.messages)
}

func (s *Service) messages(u *forewarn.Unit, cmd Messages) (none Incident, err error) {
	cases, err := s.casesOf(u, cmd.Incident, cmd.Accounts, cmd.Consumers)
	if err != nil {
		return none, err
	}
	ids := make([]uuid.UUID, len(cases))
	for n, c := range cases {
		ids[n] = c.ID
	}
	return s.write(u, cmd.Incident, ids, cmd.Note, sourceMessages, false)
}

// write writes a note into an incident and into cases of it.
func (s *Service) write(u *forewarn.Unit, incident uuid.UUID, cases []uuid.UUID, note, source string, mail bool) (none Incident, err error) {
	before, err := incidents.Get(u, incident)
	if err != nil {
		return none, err
	}
	if err := u.Require(actCommunicate, before.subject()); err != nil {
		return none, err
	}
	switch {
	case strings.TrimSpace(note) == "":
		return none, forewarn.Invalid("note", "is empty")
	case len(cases) == 0 || len(cases) > maxSelected:
		return none, forewarn.Invalid("cases", "has %d; 1 to %d", len(cases), maxSelected)
	}
	if before.State.Final() {
		return none, forewarn.Refused(before.Key(), "state", "incident %s is %s", before.Number, before.State)
	}
	a, err := post(u, before, ticket.Comment, note, "", source)
	if err != nil {
		return none, err
	}
	for _, id := range cases {
		c, err := s.cases.Get(u, id)
		if err != nil {
			return none, err
		}
		if c.Source.ID != before.ID {
			return none, forewarn.Refused(before.Key(), "cases", "case %s is not of incident %s", c.Number, before.Number)
		}
		if c.Status.Final() {
			return none, forewarn.Refused(before.Key(), "cases", "case %s is %s", c.Number, c.State)
		}
		_, err = s.cases.Comment(u, ticket.CaseComment{Case: id, Entry: ticket.Comment, Text: note, Source: source, Origin: a.ID})
		if err != nil {
			return none, err
		}
		if mail {
			if err := s.mailNote(u, before, c, note); err != nil {
				return none, err
			}
		}
	}
	return s.save(u, &before, before, a)
}

// casesOf returns the cases of selected parties, or says who has none.
func (s *Service) casesOf(u *forewarn.Unit, incident uuid.UUID, accounts, consumers []string) ([]ticket.BookedCase, error) {
	if len(accounts) > 0 && len(consumers) > 0 {
		return nil, forewarn.Invalid("consumers", "and accounts exclude each other: a selection holds one kind of party")
	}
	if n := len(accounts) + len(consumers); n == 0 || n > maxSelected {
		return nil, forewarn.Invalid("accounts", "has %d parties; 1 to %d", n, maxSelected)
	}
	var all []ticket.BookedCase
	find := func(q ticket.CaseQuery, who string) error {
		q.Source, q.Open = incident, true
		page, err := s.cases.Page(u, q)
		if err != nil {
			return err
		}
		if len(page.Cases) == 0 {
			return forewarn.Refused(store.Key{Kind: kindIncident, ID: incident}, "accounts", "%s has no open case of this incident", who)
		}
		all = append(all, page.Cases...)
		return nil
	}
	for _, a := range unique(accounts) {
		if err := find(ticket.CaseQuery{Account: a}, "account "+a); err != nil {
			return nil, err
		}
	}
	for _, c := range unique(consumers) {
		if err := find(ticket.CaseQuery{Consumer: c}, "consumer "+c); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// CreateCommunication sends the first mail to selected parties.
type CreateCommunication struct {
	Incident            uuid.UUID
	Accounts, Consumers []string // who have a case of the incident; 1 to 500, never both
}

// Communicated says how many mails a CreateCommunication has queued; who had one already gets none.
type Communicated struct {
	Mails int `json:"mails"`
}

// CreateCommunication sends "Email to proactive case" to the selected parties to whom none was sent yet. It returns what Messages returns.
func (s *Service) CreateCommunication(ctx context.Context, by forewarn.Caller, cmd CreateCommunication) (Communicated, error) {
	return forewarn.Do(ctx, s.engine, by, "psew.CreateCommunication", cmd, s.createCommunication)
}

func (s *Service) createCommunication(u *forewarn.Unit, cmd CreateCommunication) (out Communicated, err error) {
	i, err := incidents.Get(u, cmd.Incident)
	if err != nil {
		return out, err
	}
	if err := u.Require(actCommunicate, i.subject()); err != nil {
		return out, err
	}
	cases, err := s.casesOf(u, i.ID, cmd.Accounts, cmd.Consumers)
	if err != nil {
		return out, err
	}
	for _, c := range cases {
		sent, err := communicated(u, c.Key)
		if err != nil {
			return Communicated{}, err
		}
		if sent {
			continue
		}
		p, err := s.partyOf(u, c)
		if err != nil {
			return Communicated{}, err
		}
		if err := s.mailCase(u, c, p); err != nil {
			return Communicated{}, err
		}
		out.Mails++
	}
	return out, nil
}

// communicated reports whether the first mail of a case was sent, or is about to be (PSEW-101).
func communicated(u *forewarn.Unit, about store.Key) (bool, error) {
	for m, err := range forewarn.Mails.Where("about", forewarn.AboutRecord(about), forewarn.Text(TemplateProactive)).All(u) {
		if err != nil {
			return false, err
		}
		if m.State != forewarn.MailFailed {
			return true, nil
		}
	}
	return false, nil
}

func (s *Service) partyOf(u *forewarn.Unit, c ticket.BookedCase) (party, error) {
	r := inventory.Ref{Type: inventory.TypeAccount, ID: c.Account}
	if c.Consumer != "" {
		r = inventory.Ref{Type: inventory.TypeConsumer, ID: c.Consumer}
	}
	item, err := inventory.One(u, s.inventory, r)
	return party{item.ID, item.Named(), item.Contact}, err
}

// NotifyManager tells the major issue manager of the incident's major case.
type NotifyManager struct {
	Incident uuid.UUID
}

// NotifyManager mails the manager of the group that runs major cases (PSEW-091). It returns ErrRefused when the incident has no open major case, or
// the group no manager; ErrForbidden without PSEW_USER or admin; ErrNotFound.
func (s *Service) NotifyManager(ctx context.Context, by forewarn.Caller, cmd NotifyManager) (Incident, error) {
	return forewarn.Do(ctx, s.engine, by, "psew.NotifyManager", cmd, s.notifyManager)
}

func (s *Service) notifyManager(u *forewarn.Unit, cmd NotifyManager) (none Incident, err error) {
	i, err := incidents.Get(u, cmd.Incident)
	if err != nil {
		return none, err
	}
	if err := u.Require(actGenerate, i.subject()); err != nil {
		return none, err
	}
	set, err := settings(u)
	if err != nil {
		return none, err
	}
	id, err := s.openMajor(u, i)
	if err != nil {
		return none, err
	}
	if id == uuid.Nil {
		return none, forewarn.Refused(i.Key(), "majorCase", "incident %s has no open major case", i.Number)
	}
	major, err := s.cases.Get(u, id)
	if err != nil {
		return none, err
	}
	return i, s.mailManager(u, i, major, set)
}
