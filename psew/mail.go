package psew

import (
	"strings"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/inventory"
	"github.com/forewarn-go/forewarn/store"
	"github.com/forewarn-go/forewarn/ticket"
)

// mailCase sends "Email to proactive case" to the contact of a case. A party whom nobody can write to gets none: the view shows that no
// communication was sent.
func (s *Service) mailCase(u *forewarn.Unit, c ticket.BookedCase, p party) error {
	to, ok, err := s.recipient(u, c, p)
	if err != nil || !ok {
		return err
	}
	return u.Notify(forewarn.Notification{To: to, Template: TemplateProactive, About: c.Key,
		Subject: "We are working on a problem with your service: " + c.ShortDescription + " (" + c.Number + ")",
		Text: lines("Dear "+to.Name+",", "",
			"we have noticed a problem that affects services of "+p.Name+", and are working on it: "+c.ShortDescription,
			"You do not need to report it. We have opened case "+c.Number+" for you, and will keep you informed there.", "",
			"To tell us more, answer to the case in the portal or reply to this mail.")})
}

// mailNote sends a note to the contact of a case.
func (s *Service) mailNote(u *forewarn.Unit, i Incident, c ticket.BookedCase, note string) error {
	if c.Account == "" && c.Consumer == "" {
		return nil // a major case is of nobody
	}
	p, err := s.partyOf(u, c)
	if err != nil {
		return err
	}
	to, ok, err := s.recipient(u, c, p)
	if err != nil || !ok {
		return err
	}
	return u.Notify(forewarn.Notification{To: to, Template: TemplateNote, About: c.Key,
		Subject: "News on case " + c.Number + ": " + c.ShortDescription,
		Text:    lines("Dear "+to.Name+",", "", note, "", "To answer, write into case "+c.Number+" in the portal or reply to this mail.")})
}

// mailManager tells the manager of the group that runs major cases of one.
func (s *Service) mailManager(u *forewarn.Unit, i Incident, major ticket.BookedCase, set Settings) error {
	directory := s.engine.Directory()
	g, err := directory.Group(u, set.ManagerGroup)
	if isNotFound(err) || err == nil && g.Manager == "" {
		return forewarn.Refused(store.Key{}, "manager", "group %q, which runs major cases, has no manager", set.ManagerGroup)
	}
	if err != nil {
		return err
	}
	to := forewarn.Recipient{ID: g.Manager, Staff: true, Name: g.Manager}
	user, err := directory.User(u, g.Manager)
	switch {
	case err == nil:
		to.Name, to.Email = user.Name, user.Email
	case !isNotFound(err):
		return err
	}
	return u.Notify(forewarn.Notification{To: to, Template: TemplateManager, About: major.Key,
		Subject: "Major case " + major.Number + ": " + major.ShortDescription,
		Text: lines("Incident "+i.Number+" ("+i.Priority.String()+") hits several customers: "+i.ShortDescription,
			"Major case "+major.Number+" was opened for it. Please take it over: the communication with technical teams and customers, and its resolution.")})
}

// recipient is the contact of a case, or the consumer himself.
func (s *Service) recipient(u *forewarn.Unit, c ticket.BookedCase, p party) (to forewarn.Recipient, ok bool, err error) {
	r := inventory.Ref{Type: inventory.TypeContact, ID: c.Contact}
	if c.Contact == "" {
		r.ID = p.Contact
	}
	if c.Consumer != "" {
		r = inventory.Ref{Type: inventory.TypeConsumer, ID: c.Consumer}
	}
	if r.ID == "" {
		return to, false, nil
	}
	found, err := s.inventory.Items(u, r)
	if err != nil || len(found) == 0 {
		return to, false, err
	}
	return forewarn.Recipient{ID: r.ID, Name: found[0].Named(), Email: found[0].Email}, true, nil
}

func lines(l ...string) string { return strings.Join(l, "\n") }
