package psew

import (
	"context"
	"slices"
	"strconv"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/store"
	"github.com/forewarn-go/forewarn/ticket"
)

// PeekingCaseBook is what a CaseBook may have besides, for what is written to hundreds of cases. Without it a selection of cases is looked for among all
// cases of their incident. techcase.Book has it.
type PeekingCaseBook interface {
	// Peek returns those of the ids that are cases, in the order of the ids. It makes no precondition.
	Peek(u *forewarn.Unit, ids ...uuid.UUID) ([]ticket.BookedCase, error)
}

// letters are what is sent to selected cases of an incident, or to those of selected parties.
type letters struct {
	Source uuid.UUID   `json:"source"`
	Cases  []uuid.UUID `json:"cases,omitempty"`
	// Parties are whose open cases they go to, where these are too many to be named.
	Parties chosen `json:"parties,omitzero"`
	// Activity is the incident's, whose text and author the note in each case has; zero: the first mail of each case.
	Activity uuid.UUID `json:"activity,omitzero"`
	From     string    `json:"from,omitempty"` // of a note: sourceNotify or sourceMessages
}

// sendings send them, as many in a commit as fit. The first part goes with the use case; where all of it fits, that is all.
var sendings = forewarn.NewFanout[letters]("psew_letters")

// sendingName is the name of what is sent for an incident: by the activity that it copies, or by an id of its own.
func sendingName(incident, id uuid.UUID) string { return incident.String() + "/" + id.String() }

func (s *Service) sendingJob() forewarn.Job {
	return sendings.Job(func(u *forewarn.Unit, l letters, after string) (string, int, error) {
		if l.Activity == uuid.Nil {
			return eachOf(u, l.Cases, after, func(some []uuid.UUID) error { return s.sendFirst(u, l, some) })
		}
		a, err := forewarn.Activities.Peek(u, l.Activity)
		if err != nil {
			return "", 0, err
		}
		send := func(some []uuid.UUID) error { return s.sendNote(u, l, a, some) }
		if len(l.Parties.Refs) > 0 {
			return s.eachOfParties(u, l.Source, l.Parties, after, send)
		}
		return eachOf(u, l.Cases, after, send)
	})
}

// sendNote writes a note into cases in its author's name, and mails it.
func (s *Service) sendNote(u *forewarn.Unit, l letters, a ticket.Activity, some []uuid.UUID) error {
	open, err := s.stillOpen(u, l.Source, some)
	if err != nil {
		return err
	}
	author := u.As(forewarn.Actor{Tenant: u.By().Tenant, ID: a.By})
	byCaseType := l.From == sourceMessages
	if byCaseType {
		if err := s.readContacts(u, open); err != nil {
			return err
		}
	}
	for _, c := range open {
		_, err := s.cases.Comment(author, ticket.CaseComment{Case: c.ID, Entry: ticket.Comment, Text: a.Text, Source: l.From, Origin: a.ID, Mail: byCaseType})
		if err == nil && byCaseType {
			err = s.wroteTo(u, c)
		}
		if err != nil {
			return err
		}
	}
	if byCaseType {
		return nil
	}
	return s.mailNotes(u, open, a.Text)
}

// sendFirst sends the first mail of cases that have had none.
func (s *Service) sendFirst(u *forewarn.Unit, l letters, some []uuid.UUID) error {
	open, err := s.stillOpen(u, l.Source, some)
	if err != nil {
		return err
	}
	of, err := s.partiesOf(u, open)
	if err != nil {
		return err
	}
	recipients, err := s.recipients(u, open, of)
	if err != nil {
		return err
	}
	for _, c := range open {
		to, ok := recipients[c.ID]
		if !ok {
			continue
		}
		if communicated([]ticket.BookedCase{c}) {
			continue // by another call meanwhile
		}
		if err := s.mailCase(u, c, of[c.ID], to); err != nil {
			return err
		}
	}
	return nil
}

// stillOpen returns those of an incident's cases that have not been closed or cancelled since they were selected.
func (s *Service) stillOpen(u *forewarn.Unit, incident uuid.UUID, ids []uuid.UUID) ([]ticket.BookedCase, error) {
	if _, err := s.standing(u, ids...); err != nil { // in one round trip
		return nil, err
	}
	open := make([]ticket.BookedCase, 0, len(ids))
	for _, id := range ids {
		c, err := s.cases.Get(u, id)
		switch {
		case isNotFound(err):
		case err != nil:
			return nil, err
		case !c.Status.Final() && c.Source.ID == incident:
			open = append(open, c)
		}
	}
	return open, nil
}

// selected returns the named cases, or an error for one that is not of the incident or is finished. It makes no precondition.
func (s *Service) selected(u *forewarn.Unit, i Incident, ids []uuid.UUID) ([]ticket.BookedCase, error) {
	found, err := s.peek(u, i.ID, ids)
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		n := slices.IndexFunc(found, func(c ticket.BookedCase) bool { return c.ID == id })
		if n < 0 {
			c, err := s.cases.Get(u, id)
			if err != nil {
				return nil, err
			}
			found, n = append(found, c), len(found)
		}
		if c := found[n]; c.Source.ID != i.ID {
			return nil, forewarn.Refused(i.Key(), "cases", "case %s is not of incident %s", c.Number, i.Number)
		} else if c.Status.Final() {
			return nil, forewarn.Refused(i.Key(), "cases", "case %s is %s", c.Number, c.State)
		}
	}
	return found, nil
}

// peek returns those of the cases that there are; in a book that cannot peek, those that are the incident's.
func (s *Service) peek(u *forewarn.Unit, incident uuid.UUID, ids []uuid.UUID) (found []ticket.BookedCase, err error) {
	if book, ok := s.cases.(PeekingCaseBook); ok {
		return book.Peek(u, ids...)
	}
	wanted := make(map[uuid.UUID]bool, len(ids))
	for _, id := range ids {
		wanted[id] = true
	}
	for q := (ticket.CaseQuery{Source: incident, Limit: store.MaxLimit}); ; {
		page, err := s.cases.Page(u, q)
		if err != nil {
			return nil, err
		}
		for _, c := range page.Cases {
			if wanted[c.ID] {
				found = append(found, c)
			}
		}
		if q.After = page.Next; q.After == "" {
			return found, nil
		}
	}
}

// eachOf does something to ids behind a step's cursor, as many as fit the unit. It returns the cursor of the next step, "" when all were done.
func eachOf(u *forewarn.Unit, ids []uuid.UUID, after string, do func([]uuid.UUID) error) (next string, done int, err error) {
	from := 0
	if after != "" {
		if from, err = strconv.Atoi(unmarked(after)); err != nil || from < 0 || from > len(ids) {
			return "", 0, forewarn.Invalid("cursor", "%q is no place in a list of %d", after, len(ids))
		}
	}
	for fits := newRoom(u); from < len(ids); {
		limit := fits.next()
		if limit == 0 {
			return marked(itoa(from)), done, nil
		}
		some := ids[from:min(from+limit, len(ids))]
		if err := do(some); err != nil {
			return "", done, err
		}
		from, done = from+len(some), done+len(some)
	}
	return "", done, nil
}

// CommunicationProgress asks how far something is that is written to the customers of an incident.
type CommunicationProgress struct {
	Incident uuid.UUID
	// ID is that of the activity which NotifyCustomers, Messages or Comment has written into the incident's stream, or the Sending of a
	// CreateCommunication.
	ID uuid.UUID
}

// CommunicationProgress tells into how many cases a note of NotifyCustomers or Messages, a comment that is broadcast, or the first mails of a
// CreateCommunication have gone. Cases that were closed since they were selected count as done. It returns ErrNotFound for what nobody has sent, and also
// 90 days after it ended; and what Get returns.
func (s *Service) CommunicationProgress(ctx context.Context, by forewarn.Caller, q CommunicationProgress) (forewarn.Progress, error) {
	return forewarn.Read(ctx, s.engine, by, "psew.CommunicationProgress", q, func(u *forewarn.Unit, q CommunicationProgress) (forewarn.Progress, error) {
		if _, err := s.readable(u, q.Incident); err != nil {
			return forewarn.Progress{}, err
		}
		name := sendingName(q.Incident, q.ID)
		found, err := sendings.Progress(u, name)
		if isNotFound(err) {
			found, err = broadcasts.Progress(u, name)
		}
		return found, err
	})
}
