package techcase

import (
	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/ticket"
)

// words are what is written with an act.
type words struct {
	comment string // public
	note    string // a work note
	channel string
}

// take pulls a trigger on a case: it posts what is written with it, moves the case, saves it and sends its mails.
func (s *Service) take(u *forewarn.Unit, c Case, t turn, w words) (Case, error) {
	after, _, err := s.takeAndTell(u, c, t, w)
	return after, err
}

func (s *Service) takeAndTell(u *forewarn.Unit, c Case, t turn, w words) (none Case, n news, err error) {
	kind, err := s.typeOf(c.Type)
	if err != nil {
		return none, n, err
	}
	after, err := kind.take(c, t, u.By(), u.Now())
	if err != nil {
		return none, n, err
	}
	if err := after.check(); err != nil {
		return none, n, err
	}
	if n, err = s.write(u, c, w); err != nil {
		return none, n, err
	}
	n.on = t.on
	n.opened = c.Status == ticket.Draft && after.Status != ticket.Draft
	if err := s.save(u, &c, &after, n); err != nil {
		return none, n, err
	}
	d := MailData{Comment: w.comment, AutoClosed: t.on == OnAutoClose}
	return after, n, s.tell(u, after, mailings(t.on, u.By().Portal()), d)
}

// write posts what is written with an act.
func (s *Service) write(u *forewarn.Unit, c Case, w words) (news, error) {
	var n news
	if w.note != "" {
		if _, err := post(u, c, ticket.Activity{Entry: ticket.WorkNote, Text: w.note, Channel: w.channel}); err != nil {
			return n, err
		}
	}
	if w.comment != "" {
		a, err := post(u, c, ticket.Activity{Entry: ticket.Comment, Text: w.comment, Channel: w.channel})
		if err != nil {
			return n, err
		}
		n.comments = []ticket.Activity{a}
		if u.By().Portal() {
			n.customer = &a
		}
	}
	return n, nil
}

// resolve is the system edge: the incident, or the major case, was resolved.
func (s *Service) resolve(u *forewarn.Unit, c Case, r ticket.Resolution) error {
	if !c.Open() || c.Status == ticket.Draft {
		return nil
	}
	w := words{note: r.Notes}
	if c.Status != ticket.Resolved {
		_, err := s.take(u, c, turn{on: OnResolve, resolution: r}, w)
		return err
	}
	after := c
	after.describe(r)
	if after.ResolutionCode == c.ResolutionCode && after.ResolutionNotes == c.ResolutionNotes && after.Cause == c.Cause {
		return nil // it was told before
	}
	if err := after.check(); err != nil {
		return err
	}
	n, err := s.write(u, c, w)
	if err != nil {
		return err
	}
	return s.save(u, &c, &after, n)
}
