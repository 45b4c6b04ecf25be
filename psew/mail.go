package psew

import (
	"strings"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/inventory"
	"github.com/forewarn-go/forewarn/store"
	"github.com/forewarn-go/forewarn/ticket"
)

// mailCase sends "Email to proactive case" to the contact of a case.
func (s *Service) mailCase(u *forewarn.Unit, c ticket.BookedCase, p party, to forewarn.Recipient) error {
	if err := s.mark(u, c); err != nil {
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
func (s *Service) mailNote(u *forewarn.Unit, c ticket.BookedCase, to forewarn.Recipient, note string) error {
	if err := s.mark(u, c); err != nil {
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

// recipients returns, by case, who gets the mails of cases: the contact, or the consumer himself. A case whose party nobody can write to
// has none, and neither has a major case, which is of nobody.
func (s *Service) recipients(u *forewarn.Unit, cases []ticket.BookedCase, of map[uuid.UUID]party) (map[uuid.UUID]forewarn.Recipient, error) {
	refs := make([]inventory.Ref, 0, len(cases))
	byCase := make(map[uuid.UUID]inventory.Ref, len(cases))
	for _, c := range cases {
		r := inventory.Ref{Type: inventory.TypeContact, ID: c.Contact}
		if c.Contact == "" {
			r.ID = of[c.ID].Contact
		}
		if c.Consumer != "" {
			r = inventory.Ref{Type: inventory.TypeConsumer, ID: c.Consumer}
		}
		if r.ID != "" {
			refs, byCase[c.ID] = append(refs, r), r
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
	to := make(map[uuid.UUID]forewarn.Recipient, len(byCase))
	for id, r := range byCase {
		if item, ok := found[r]; ok {
			to[id] = forewarn.Recipient{ID: r.ID, Name: item.Named(), Email: item.Email}
		}
	}
	return to, nil
}

// planned returns cases as they will be, as far as recipients looks at them.
func planned(cases []ticket.NewCase) []ticket.BookedCase {
	all := make([]ticket.BookedCase, len(cases))
	for n, c := range cases {
		all[n] = ticket.BookedCase{ID: c.ID, Contact: c.Contact, Consumer: c.Consumer}
	}
	return all
}

// readContacts reads in one round trip who is written to about cases, for the case type's own mails.
func (s *Service) readContacts(u *forewarn.Unit, cases []ticket.BookedCase) error {
	_, err := s.recipients(u, cases, nil)
	return err
}

func lines(l ...string) string { return strings.Join(l, "\n") }
