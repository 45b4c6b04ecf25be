package techcase

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/ticket"
)

// Limits of a case's texts, in bytes.
const (
	maxLine = 1000     // one-line fields
	maxText = 16 << 10 // description and the like
)

// open makes a case of its fields: it checks them, draws id and number, and takes it into its first state; on is
// OnSubmit for New, "" for Draft.
func (s *Service) open(u *forewarn.Unit, c *Case, on Trigger) error { return s.openFor(u, c, on, 1) }

// openJoined is open for a child whose family has counted it already.
func (s *Service) openJoined(u *forewarn.Unit, c *Case, on Trigger) error {
	return s.openFor(u, c, on, 0)
}

func (s *Service) openFor(u *forewarn.Unit, c *Case, on Trigger, joining int) error {
	if c.Type == "" {
		c.Type = s.typeFor(c.Service)
	}
	t, err := s.typeOf(c.Type)
	if err != nil {
		return err
	}
	c.Type = t.Name
	if c.Priority == 0 {
		c.Priority = 4
	}
	if err := s.fill(u, c); err != nil {
		return err
	}
	if err := c.check(); err != nil {
		return err
	}
	if c.ID == uuid.Nil {
		c.ID = u.NewID()
	}
	if c.Parent != uuid.Nil && joining > 0 {
		if err := joinFamily(u, c.Parent, joining); err != nil {
			return err
		}
	}
	if c.Number == "" {
		n, err := u.Number(series)
		if err != nil {
			return err
		}
		c.Number = number(n)
	}
	c.Created, c.CreatedBy = u.Now(), u.By().ID
	c.StatusChanged = u.Now()
	c.State, c.Status = StateDraft, t.status[StateDraft]
	if c.Status != ticket.Draft { // a flow of one's own may know no drafts
		c.Opened, c.OpenedBy = u.Now(), u.By().ID
	}
	if on != "" {
		if _, missing := lacks(*c, NeedShortDescription); missing {
			return forewarn.Invalid("shortDescription", "is empty")
		}
		t.enter(c, StateNew, u.By(), u.Now())
	}
	return s.save(u, nil, c, news{on: on, opened: true})
}

// private reports whether the case was never opened: it is a draft, or was cancelled as one. The outside hears nothing of
// it, and in the portal it is there for its maker alone.
func (c Case) private() bool { return c.Opened.IsZero() }

// fill takes the account from the contact where it is not given, and refuses a contact of another. A customer's own are
// known to who let him in, and those of a proactive case to its source.
func (s *Service) fill(u *forewarn.Unit, c *Case) error {
	if c.Contact == "" || c.Account != "" && (c.Proactive || u.By().Portal()) {
		return nil
	}
	if c.Account != "" {
		return s.belongs(u, *c, "contact")
	}
	p, err := s.parties.Party(u, PartyContact, c.Contact)
	if isNotFound(err) {
		return nil
	}
	c.Account = p.Account
	return err
}

// belongs refuses a contact who is known to be of another account than the case; field is what was given.
func (s *Service) belongs(u *forewarn.Unit, c Case, field string) error {
	if c.Contact == "" || c.Account == "" {
		return nil
	}
	p, err := s.parties.Party(u, PartyContact, c.Contact)
	if isNotFound(err) {
		return nil
	}
	if err == nil && p.Account != "" && p.Account != c.Account {
		return forewarn.Invalid(field, "contact %s is of account %s, not of %s", c.Contact, p.Account, c.Account)
	}
	return err
}

// check refuses what no case can be.
func (c Case) check() error {
	if c.Priority < 1 || c.Priority > 4 {
		return forewarn.Invalid("priority", "%d is none of 1 - Critical to 4 - Low", c.Priority)
	}
	if c.Major && (c.Account != "" || c.Contact != "" || c.Consumer != "") {
		return forewarn.Invalid("account", "a major case has neither account nor contact nor consumer: they are its children's")
	}
	if c.Consumer != "" && (c.Account != "" || c.Contact != "") {
		return forewarn.Invalid("consumer", "a case is for a consumer or for an account, not for both")
	}
	if c.Major && c.Parent != uuid.Nil {
		return forewarn.Invalid("parent", "a major case is no child")
	}
	for _, f := range []struct{ name, text string }{
		{"shortDescription", c.ShortDescription}, {"number", c.Number}, {"service", c.Service}, {"channel", c.Channel}, {"category", c.Category},
		{"subcategory", c.Subcategory}, {"ci", c.CI}, {"issueType", c.IssueType}, {"soldProduct", c.SoldProduct}, {"account", c.Account},
		{"company", c.Company}, {"contact", c.Contact}, {"consumer", c.Consumer}, {"contract", c.Contract}, {"assignmentGroup", c.Group},
		{"assignedTo", c.Assignee}, {"resolutionCode", c.ResolutionCode}, {"rootCauseCode", c.RootCause},
	} {
		if err := checkText(f.name, f.text, maxLine); err != nil {
			return err
		}
		if strings.ContainsAny(f.text, "\r\n") {
			return forewarn.Invalid(f.name, "has more than one line")
		}
	}
	for _, f := range []struct{ name, text string }{
		{"description", c.Description}, {"businessImpact", c.BusinessImpact}, {"stepsToReproduce", c.StepsToReproduce},
		{"resolutionNotes", c.ResolutionNotes}, {"cause", c.Cause}, {"closeNotes", c.CloseNotes},
	} {
		if err := checkText(f.name, f.text, maxText); err != nil {
			return err
		}
	}
	for i, w := range c.Watch {
		if strings.TrimSpace(w) == "" || len(w) > maxLine || strings.ContainsAny(w, "\r\n") || slices.Index(c.Watch, w) < i {
			return forewarn.Invalid("watchList", "%q is empty, stands twice or is no id or address", w)
		}
	}
	return nil
}

func checkText(field, text string, limit int) error {
	switch {
	case len(text) > limit:
		return forewarn.Invalid(field, "has %d bytes; at most %d", len(text), limit)
	case !utf8.ValidString(text) || strings.ContainsRune(text, 0):
		return forewarn.Invalid(field, "is no UTF-8 text")
	}
	return nil
}
