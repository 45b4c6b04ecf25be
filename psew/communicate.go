package psew

import (
	"context"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/inventory"
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
// off until the property additional_comments_sync is set. Cases that do not fit the commit follow as fan-out, see CommunicationProgress; one that is closed
// by then is left out.
//
// It returns ErrInvalid without note or cases; ErrRefused while it is off, and for a case that is not of the incident or is finished; ErrForbidden
// without PSEW_USER; ErrNotFound.
func (s *Service) NotifyCustomers(ctx context.Context, by forewarn.Caller, cmd NotifyCustomers) (Incident, error) {
	return forewarn.Do(ctx, s.engine, by, "psew.NotifyCustomers", cmd, s.notifyCustomers)
}

func (s *Service) notifyCustomers(u *forewarn.Unit, cmd NotifyCustomers) (none Incident, err error) {
	i, err := s.communicating(u, cmd.Incident)
	if err != nil {
		return none, err
	}
	set, err := settings(u)
	if err != nil {
		return none, err
	}
	if !set.CommentsSync {
		return none, forewarn.Refused(i.Key(), PropertyCommentsSync, "Notify Customers is off until this property is true")
	}
	if n := len(cmd.Cases); n == 0 || n > maxSelected {
		return none, forewarn.Invalid("cases", "has %d; 1 to %d", n, maxSelected)
	}
	var once []uuid.UUID
	for _, id := range cmd.Cases {
		if !slices.Contains(once, id) {
			once = append(once, id)
		}
	}
	if _, err := s.selected(u, i, once); err != nil {
		return none, err
	}
	return s.write(u, i, letters{From: sourceNotify, Cases: once}, len(once), cmd.Note)
}

// Messages writes a message to the customers of selected accounts or consumers.
type Messages struct {
	Incident            uuid.UUID
	Accounts, Consumers []string // who have a case of the incident; 1 to 500 with 32 KiB of ids, never both
	Note                string
}

// Messages writes a note into the incident's activity and, as additional comment, into the case of each selected party, who gets the mail that the case
// type sends of a comment. It does and returns what NotifyCustomers does and returns, but is always on; a party without a case is ErrRefused. The parties are
// bounded, their cases are not: of more than 500 cases in all, those get the note that are open when it is their turn; one that goes to
// another selected party meanwhile may get it twice, or not at all.
func (s *Service) Messages(ctx context.Context, by forewarn.Caller, cmd Messages) (Incident, error) {
	return forewarn.Do(ctx, s.engine, by, "psew.Messages", cmd, s.messages)
}

func (s *Service) messages(u *forewarn.Unit, cmd Messages) (none Incident, err error) {
	i, err := s.communicating(u, cmd.Incident)
	if err != nil {
		return none, err
	}
	parties, err := choose(cmd.Accounts, cmd.Consumers)
	if err != nil {
		return none, err
	}
	found, err := s.casesOf(u, i, parties)
	if err != nil {
		return none, err
	}
	var ids []uuid.UUID
	for _, cases := range found {
		for _, c := range cases {
			ids = append(ids, c.ID)
		}
	}
	l := letters{From: sourceMessages, Cases: ids}
	if len(ids) > maxSelected {
		l.Cases, l.Parties = nil, parties
	}
	return s.write(u, i, l, len(ids), cmd.Note)
}

// communicating returns an incident from which the actor may write to customers.
func (s *Service) communicating(u *forewarn.Unit, id uuid.UUID) (none Incident, err error) {
	i, err := incidents.Get(u, id)
	if err != nil {
		return none, err
	}
	if err := u.Require(actCommunicate, i.subject()); err != nil {
		return none, err
	}
	if i.State.Final() {
		return none, forewarn.Refused(i.Key(), "state", "incident %s is %s", i.Number, i.State)
	}
	return i, nil
}

// write writes a note into an incident and, with letters, into cases of it, of which there are so many; what does not fit the commit follows.
func (s *Service) write(u *forewarn.Unit, before Incident, l letters, cases int, note string) (none Incident, err error) {
	if strings.TrimSpace(note) == "" {
		return none, forewarn.Invalid("note", "is empty")
	}
	if err := checkText("note", note, ticket.MaxText); err != nil {
		return none, err
	}
	a, err := post(u, before, ticket.Comment, note, "", l.From)
	if err != nil {
		return none, err
	}
	i, err := s.save(u, &before, before, a)
	if err != nil {
		return none, err
	}
	l.Source, l.Activity = i.ID, a.ID
	return i, sendings.Begin(u, sendingName(i.ID, a.ID), l, cases)
}

func (s *Service) mailNotes(u *forewarn.Unit, cases []ticket.BookedCase, note string) error {
	parties, err := s.partiesOf(u, cases)
	if err != nil {
		return err
	}
	recipients, err := s.recipients(u, cases, parties)
	if err != nil {
		return err
	}
	for _, c := range cases {
		to, ok := recipients[c.ID]
		if !ok {
			continue
		}
		if err := s.mailNote(u, c, to, note); err != nil {
			return err
		}
	}
	return nil
}

// CreateCommunication sends the first mail to selected parties.
type CreateCommunication struct {
	Incident            uuid.UUID
	Accounts, Consumers []string // who have a case of the incident; 1 to 500 with 32 KiB of ids, never both
}

// Communicated says what a CreateCommunication sends.
type Communicated struct {
	// Mails is how many mails are queued, or will be as the sending goes on. Who was written to before gets none, and neither does who has no contact.
	Mails int `json:"mails"`
	// Sending is the id by which CommunicationProgress tells how far it is; zero without mails.
	Sending uuid.UUID `json:"sending,omitzero"`
}

// CreateCommunication sends "Email to proactive case" to the selected parties to whom nothing was sent yet: no such mail, and no note either. Mails that do not fit the commit follow as fan-out.
// It returns ErrRefused for a party without a proactive case, and otherwise what Messages returns.
func (s *Service) CreateCommunication(ctx context.Context, by forewarn.Caller, cmd CreateCommunication) (Communicated, error) {
	return forewarn.Do(ctx, s.engine, by, "psew.CreateCommunication", cmd, s.createCommunication)
}

func (s *Service) createCommunication(u *forewarn.Unit, cmd CreateCommunication) (out Communicated, err error) {
	i, err := s.communicating(u, cmd.Incident)
	if err != nil {
		return out, err
	}
	chosen, err := choose(cmd.Accounts, cmd.Consumers)
	if err != nil {
		return out, err
	}
	parties, err := s.casesOf(u, i, chosen)
	if err != nil {
		return out, err
	}
	var silent []ticket.BookedCase
	for _, cases := range parties {
		proactive := slices.DeleteFunc(slices.Clone(cases), func(c ticket.BookedCase) bool { return !c.Proactive })
		if len(proactive) == 0 {
			return out, forewarn.Refused(i.Key(), chosen.field(), "%s has no proactive case of incident %s", cases[0].Account+cases[0].Consumer, i.Number)
		}
		if !communicated(cases) {
			silent = append(silent, proactive[0])
		}
	}
	of, err := s.partiesOf(u, silent)
	if err != nil {
		return out, err
	}
	recipients, err := s.recipients(u, silent, of)
	if err != nil {
		return out, err
	}
	var ids []uuid.UUID
	for _, c := range silent {
		if _, ok := recipients[c.ID]; ok {
			ids = append(ids, c.ID)
		}
	}
	if len(ids) == 0 {
		return out, nil
	}
	out = Communicated{Mails: len(ids), Sending: u.NewID()}
	return out, sendings.Begin(u, sendingName(i.ID, out.Sending), letters{Source: i.ID, Cases: ids}, len(ids))
}

// partiesOf returns, by case, whom cases are for. Who has gone from the inventory since is named by his id.
func (s *Service) partiesOf(u *forewarn.Unit, cases []ticket.BookedCase) (map[uuid.UUID]party, error) {
	refs := make([]inventory.Ref, 0, len(cases))
	for _, c := range cases {
		if r, ok := ownerOf(inventory.Item{Account: c.Account, Consumer: c.Consumer}); ok {
			refs = append(refs, r)
		}
	}
	items, err := s.inventory.Items(u, refs...)
	if err != nil {
		return nil, err
	}
	found := make(map[inventory.Ref]inventory.Item, len(items))
	for _, item := range items {
		found[item.Ref()] = item
	}
	of := make(map[uuid.UUID]party, len(cases))
	for _, c := range cases {
		r, ok := ownerOf(inventory.Item{Account: c.Account, Consumer: c.Consumer})
		if !ok {
			continue
		}
		of[c.ID] = party{Ref: r.ID, Name: r.ID}
		if item, ok := found[r]; ok {
			of[c.ID] = party{item.ID, item.Named(), item.Contact}
		}
	}
	return of, nil
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
