package techcase

import (
	"context"
	"strings"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/ticket"
)

// Comment writes an additional comment, which the customer reads.
type Comment struct {
	Case    uuid.UUID
	Text    string // required
	Channel string // how it came: "portal" for portal users who name none, "email" for a reply by mail
}

// Comment posts an additional comment. A customer's sets Needs attention, takes a case from Awaiting Info to Work in
// Progress with action status Customer Responded, lets auto close count anew, and is told to the Follower; an agent's is
// sent to the contact and to who watches the case.
//
// It returns ErrInvalid without a text, ErrRefused in Closed and Cancelled and for a customer's comment on a draft,
// ErrForbidden without sn_tech_support.writer, and ErrNotFound.
func (s *Service) Comment(ctx context.Context, by forewarn.Caller, cmd Comment) (ticket.Activity, error) {
	return forewarn.Do(ctx, s.engine, by, "techcase.Comment", cmd, s.comment)
}

func (s *Service) comment(u *forewarn.Unit, cmd Comment) (none ticket.Activity, err error) {
	c, err := s.find(u, actComment, cmd.Case, 0)
	if err != nil {
		return none, err
	}
	if err := checkNote(cmd.Text, cmd.Channel); err != nil {
		return none, err
	}
	w := words{comment: cmd.Text, channel: channelOf(u, cmd.Channel)}
	if u.By().Portal() {
		_, n, err := s.takeAndTell(u, c, turn{on: OnCustomerComment}, w)
		if err != nil {
			return none, err
		}
		return *n.customer, nil
	}
	if err := c.writable(); err != nil {
		return none, err
	}
	n, err := s.write(u, c, w)
	if err != nil {
		return none, err
	}
	after := c
	if err := s.save(u, &c, &after, n); err != nil {
		return none, err
	}
	return n.comments[0], s.tell(u, after, []mailing{{TemplateCommented, toContact | toWatchers}}, MailData{Comment: cmd.Text})
}

// WorkNote writes a note that no customer reads.
type WorkNote struct {
	Case    uuid.UUID
	Text    string // required
	Channel string // how it came; optional
}

// WorkNote posts a work note. The case itself does not change, so those who edit it are not disturbed.
//
// It returns ErrInvalid without a text, ErrRefused in Closed and Cancelled, ErrForbidden without sn_tech_support.writer
// and for customers, and ErrNotFound.
func (s *Service) WorkNote(ctx context.Context, by forewarn.Caller, cmd WorkNote) (ticket.Activity, error) {
	return forewarn.Do(ctx, s.engine, by, "techcase.WorkNote", cmd, s.workNote)
}

func (s *Service) workNote(u *forewarn.Unit, cmd WorkNote) (none ticket.Activity, err error) {
	c, err := s.find(u, actWorkNote, cmd.Case, 0)
	if err != nil {
		return none, err
	}
	if err := checkNote(cmd.Text, cmd.Channel); err != nil {
		return none, err
	}
	if err := c.writable(); err != nil {
		return none, err
	}
	return post(u, c, ticket.Activity{Entry: ticket.WorkNote, Text: cmd.Text, Channel: cmd.Channel})
}

func checkNote(text, channel string) error {
	if strings.TrimSpace(text) == "" {
		return forewarn.Invalid("text", "is empty")
	}
	if err := checkText("text", text, ticket.MaxText); err != nil {
		return err
	}
	if strings.ContainsAny(channel, "\r\n") {
		return forewarn.Invalid("channel", "has more than one line")
	}
	return checkText("channel", channel, maxLine)
}

// channelOf is how something came in.
func channelOf(u *forewarn.Unit, given string) string {
	if given == "" && u.By().Portal() {
		return "portal"
	}
	return given
}
