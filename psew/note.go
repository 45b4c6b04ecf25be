package psew

import (
	"context"
	"strings"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/ticket"
)

// Comment adds an additional comment to an incident.
type Comment struct {
	Incident uuid.UUID
	Text     string
	Channel  string // how it came in, as portal or email
}

// Comment adds an additional comment, which everybody may read who may see the incident. While the property of the broadcast is on, all open cases of
// the incident get it too, as work note or comment; of a comment their contacts get the case type's mail.
// CommunicationProgress tells how far that is. It returns ErrInvalid without text, ErrRefused for an incident that is closed or cancelled,
// ErrForbidden, ErrNotFound.
func (s *Service) Comment(ctx context.Context, by forewarn.Caller, cmd Comment) (ticket.Activity, error) {
	return forewarn.Do(ctx, s.engine, by, "psew.Comment", cmd, s.comment)
}

func (s *Service) comment(u *forewarn.Unit, cmd Comment) (none ticket.Activity, err error) {
	before, a, err := s.note(u, cmd.Incident, ticket.Activity{Entry: ticket.Comment, Text: cmd.Text, Channel: cmd.Channel})
	if err != nil {
		return none, err
	}
	if _, err := s.save(u, &before, before, a); err != nil {
		return none, err
	}
	set, err := settings(u)
	if err != nil || !set.Broadcast {
		return a, err
	}
	return a, broadcasts.Begin(u, sendingName(before.ID, a.ID), broadcast{Source: before.ID, Activity: a.ID, Entry: set.BroadcastAs, Text: a.Text, By: a.By}, 0)
}

// AddWorkNote adds a work note to an incident.
type AddWorkNote struct {
	Incident uuid.UUID
	Text     string
}

// AddWorkNote adds a work note, which customers never read. What the incident's assignee notes, here or when he holds, cancels, escalates or reopens the
// incident, his task gets as well. AddWorkNote returns what Comment returns.
func (s *Service) AddWorkNote(ctx context.Context, by forewarn.Caller, cmd AddWorkNote) (ticket.Activity, error) {
	return forewarn.Do(ctx, s.engine, by, "psew.AddWorkNote", cmd, s.addWorkNote)
}

func (s *Service) addWorkNote(u *forewarn.Unit, cmd AddWorkNote) (none ticket.Activity, err error) {
	i, a, err := s.note(u, cmd.Incident, ticket.Activity{Entry: ticket.WorkNote, Text: cmd.Text})
	if err != nil {
		return none, err
	}
	return a, toTask(u, i, a)
}

// workNote posts a work note that somebody gives with another act, before the act closes the task or after it has opened one.
func workNote(u *forewarn.Unit, i Incident, text, event, source string) error {
	a, err := post(u, i, ticket.WorkNote, text, event, source)
	if err != nil {
		return err
	}
	return toTask(u, i, a)
}

// toTask copies a work note to the open task when the incident's assignee has written it (PSEW-030, PSEW-031).
func toTask(u *forewarn.Unit, i Incident, a ticket.Activity) error {
	if i.OpenTask == nil || i.Assignee != u.By().ID {
		return nil
	}
	_, err := u.Post(ticket.Activity{Kind: kindTask, Ticket: *i.OpenTask, Entry: ticket.WorkNote, Text: a.Text, Origin: &a.ID})
	return err
}

func (s *Service) note(u *forewarn.Unit, id uuid.UUID, a ticket.Activity) (i Incident, out ticket.Activity, err error) {
	if i, err = incidents.Get(u, id); err != nil {
		return i, out, err
	}
	if err = u.Require(actWork, i.subject()); err != nil {
		return i, out, err
	}
	switch {
	case strings.TrimSpace(a.Text) == "":
		return i, out, forewarn.Invalid("text", "is empty")
	case i.State.Final():
		return i, out, forewarn.Refused(i.Key(), "state", "incident %s is %s", i.Number, i.State)
	}
	if err = checkText("text", a.Text, ticket.MaxText); err != nil {
		return i, out, err
	}
	if err = checkText("channel", a.Channel, 100); err != nil {
		return i, out, err
	}
	a.Kind, a.Ticket = kindIncident, i.ID
	out, err = u.Post(a)
	return i, out, err
}

// broadcast is a comment that all open cases of an incident get.
type broadcast struct {
	Source   uuid.UUID    `json:"source"`
	Activity uuid.UUID    `json:"activity"`
	Entry    ticket.Entry `json:"entry"`
	Text     string       `json:"text"`
	By       string       `json:"by"` // who made the comment, and so does not hear of it
}

// broadcasts is the business rule "Update case worknote for comments change".
var broadcasts = forewarn.NewFanout[broadcast]("psew_broadcast")

func (s *Service) broadcastJob() forewarn.Job {
	return broadcasts.Job(func(u *forewarn.Unit, b broadcast, after string) (string, int, error) {
		public := b.Entry == ticket.Comment
		author := u.As(forewarn.Actor{Tenant: u.By().Tenant, ID: b.By})
		var ahead func([]ticket.BookedCase) error
		if public {
			ahead = func(page []ticket.BookedCase) error { return s.readContacts(u, page) }
		}
		return s.eachCase(u, ticket.CaseQuery{Source: b.Source, Open: true}, after, ahead, func(c ticket.BookedCase) error {
			_, err := s.cases.Comment(author, ticket.CaseComment{Case: c.ID, Entry: b.Entry, Text: b.Text, Source: sourceBroadcast, Origin: b.Activity, Mail: public})
			if err == nil && public {
				err = s.wroteTo(u, c)
			}
			return err
		})
	})
}
