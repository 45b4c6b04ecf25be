package techcase

import (
	"bytes"
	"context"
	"maps"
	"slices"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/ticket"
)

// Update changes the form's fields of a case. A nil field stays as it is.
type Update struct {
	Case   uuid.UUID
	Expect forewarn.Version // the version the caller saw; zero: any

	StepsToReproduce *string // the one field that customers and partners write

	ShortDescription *string
	Description      *string
	IssueType        *string
	BusinessImpact   *string
	SoldProduct      *string
	Category         *string
	Subcategory      *string
	Channel          *string
	Priority         *int
	Service          *string
	CI               *string
	Account          *string
	Company          *string
	Contact          *string // another contact brings his account; he cannot be of another than Account
	Consumer         *string
	Contract         *string
	ResolutionCode   *string
	ResolutionNotes  *string
	RootCause        *string
	Cause            *string
	Watch            *[]string
	Blocked          *bool         // work of ours has to be done first
	Custom           ticket.Custom // replaces fields of these names; null removes one, and the others stay
}

// Update changes fields of a case that is neither closed nor cancelled. A customer may write the steps to reproduce.
//
// It returns ErrInvalid for what no case can be and for a contact of another account, naming the field; ErrRefused in
// Closed and Cancelled; ErrForbidden without sn_tech_support.writer and for a customer's change of any other field,
// naming it; ErrStale, and ErrNotFound.
func (s *Service) Update(ctx context.Context, by forewarn.Caller, cmd Update) (Case, error) {
	return forewarn.Do(ctx, s.engine, by, "techcase.Update", cmd, s.update)
}

// field is a text that Update changes.
type field struct {
	name  string
	given *string
	of    func(*Case) *string
}

func (cmd Update) fields() []field {
	return []field{
		{"shortDescription", cmd.ShortDescription, func(c *Case) *string { return &c.ShortDescription }},
		{"description", cmd.Description, func(c *Case) *string { return &c.Description }},
		{"issueType", cmd.IssueType, func(c *Case) *string { return &c.IssueType }},
		{"businessImpact", cmd.BusinessImpact, func(c *Case) *string { return &c.BusinessImpact }},
		{"soldProduct", cmd.SoldProduct, func(c *Case) *string { return &c.SoldProduct }},
		{"category", cmd.Category, func(c *Case) *string { return &c.Category }},
		{"subcategory", cmd.Subcategory, func(c *Case) *string { return &c.Subcategory }},
		{"channel", cmd.Channel, func(c *Case) *string { return &c.Channel }},
		{"service", cmd.Service, func(c *Case) *string { return &c.Service }},
		{"ci", cmd.CI, func(c *Case) *string { return &c.CI }},
		{"account", cmd.Account, func(c *Case) *string { return &c.Account }},
		{"company", cmd.Company, func(c *Case) *string { return &c.Company }},
		{"contact", cmd.Contact, func(c *Case) *string { return &c.Contact }},
		{"consumer", cmd.Consumer, func(c *Case) *string { return &c.Consumer }},
		{"contract", cmd.Contract, func(c *Case) *string { return &c.Contract }},
		{"resolutionCode", cmd.ResolutionCode, func(c *Case) *string { return &c.ResolutionCode }},
		{"resolutionNotes", cmd.ResolutionNotes, func(c *Case) *string { return &c.ResolutionNotes }},
		{"rootCauseCode", cmd.RootCause, func(c *Case) *string { return &c.RootCause }},
		{"cause", cmd.Cause, func(c *Case) *string { return &c.Cause }},
	}
}

// ofStaff returns the name of the first field of staff's that is given.
func (cmd Update) ofStaff() string {
	for _, f := range cmd.fields() {
		if f.given != nil {
			return f.name
		}
	}
	switch {
	case cmd.Priority != nil:
		return "priority"
	case cmd.Watch != nil:
		return "watchList"
	case cmd.Blocked != nil:
		return "blocked"
	case len(cmd.Custom) > 0:
		return "custom"
	}
	return ""
}

func (s *Service) update(u *forewarn.Unit, cmd Update) (none Case, err error) {
	c, err := s.find(u, actUpdate, cmd.Case, cmd.Expect)
	if err != nil {
		return none, err
	}
	if name := cmd.ofStaff(); u.By().Portal() && name != "" {
		return none, forewarn.Forbidden("%s is not for customers: they write the steps to reproduce", name)
	}
	if err := c.writable(); err != nil {
		return none, err
	}
	after := cmd.apply(c)
	if cmd.Contact != nil && cmd.Account == nil && after.Contact != c.Contact {
		p, err := s.parties.Party(u, PartyContact, after.Contact)
		if err != nil && !isNotFound(err) {
			return none, err
		}
		replace(&after.Account, p.Account)
	}
	if after.Contact != c.Contact || after.Account != c.Account {
		field := "account"
		if cmd.Contact != nil {
			field = "contact"
		}
		if err := s.belongs(u, after, field); err != nil {
			return none, err
		}
	}
	if err := after.check(); err != nil {
		return none, err
	}
	if err := checkCode(u, c, after.ResolutionCode); err != nil {
		return none, err
	}
	if _, missing := lacks(after, NeedShortDescription); missing && after.Status != ticket.Draft {
		return none, forewarn.Invalid("shortDescription", "is empty")
	}
	return s.saved(u, c, after, news{})
}

// apply returns the case with what is given.
func (cmd Update) apply(c Case) Case {
	if cmd.StepsToReproduce != nil {
		c.StepsToReproduce = *cmd.StepsToReproduce
	}
	for _, f := range cmd.fields() {
		if f.given != nil {
			*f.of(&c) = *f.given
		}
	}
	if cmd.Priority != nil {
		c.Priority = *cmd.Priority
	}
	if cmd.Blocked != nil {
		c.Blocked = *cmd.Blocked
	}
	if cmd.Watch != nil {
		c.Watch = nil
		if len(*cmd.Watch) > 0 {
			c.Watch = slices.Clone(*cmd.Watch)
		}
	}
	if len(cmd.Custom) > 0 {
		custom := ticket.Custom{}
		maps.Copy(custom, c.Custom)
		maps.Copy(custom, cmd.Custom)
		c.Custom = withoutNull(custom)
	}
	return c
}

// withoutNull returns the fields that are not null; nil when there is none.
func withoutNull(c ticket.Custom) ticket.Custom {
	var fields ticket.Custom
	for name, value := range c {
		if text := bytes.TrimSpace(value); len(text) == 0 || string(text) == "null" {
			continue
		}
		if fields == nil {
			fields = ticket.Custom{}
		}
		fields[name] = value
	}
	return fields
}

// Assign gives a case to a group, an agent or both.
type Assign struct {
	Case     uuid.UUID
	Expect   forewarn.Version // the version the caller saw; zero: any
	Group    *string          // nil: as it is, "": none
	Assignee *string          // nil: as it is, "": nobody
}

// Assign sets assignment group and assignee without changing the state, and tells the new assignee, who then accepts
// the case.
//
// It returns ErrInvalid for a group or user that the directory does not know, ErrRefused for an assignee who is not in
// the group, and in Closed and Cancelled; ErrForbidden without sn_tech_support.resource_manager, ErrStale, and
// ErrNotFound.
func (s *Service) Assign(ctx context.Context, by forewarn.Caller, cmd Assign) (Case, error) {
	return forewarn.Do(ctx, s.engine, by, "techcase.Assign", cmd, s.assign)
}

func (s *Service) assign(u *forewarn.Unit, cmd Assign) (none Case, err error) {
	c, err := s.find(u, actAssign, cmd.Case, cmd.Expect)
	if err != nil {
		return none, err
	}
	if err := c.writable(); err != nil {
		return none, err
	}
	after := c
	var to forewarn.User
	directory := s.engine.Directory()
	if cmd.Group != nil {
		if after.Group = *cmd.Group; after.Group != "" {
			if _, err := directory.Group(u, after.Group); isNotFound(err) {
				return none, forewarn.Invalid("assignmentGroup", "there is no group %q", after.Group)
			} else if err != nil {
				return none, err
			}
		}
	}
	if cmd.Assignee != nil {
		if after.Assignee = *cmd.Assignee; after.Assignee != "" {
			if to, err = directory.User(u, after.Assignee); isNotFound(err) {
				return none, forewarn.Invalid("assignedTo", "there is no user %q", after.Assignee)
			} else if err != nil {
				return none, err
			}
		}
	}
	if err := s.inGroup(u, c, after.Assignee, after.Group); err != nil {
		return none, err
	}
	if after, err = s.saved(u, c, after, news{}); err != nil {
		return none, err
	}
	if to.ID == "" || after.Assignee == c.Assignee || to.ID == u.By().ID {
		return after, nil
	}
	t, err := templateOf(u, TemplateAssignedNotice)
	if err != nil {
		return none, err
	}
	return after, s.send(u, after, t, forewarn.Recipient{ID: to.ID, Staff: true, Name: to.Name, Email: to.Email}, MailData{})
}

// ClearNeedsAttention says that what happened to a case was seen.
type ClearNeedsAttention struct {
	Case   uuid.UUID
	Expect forewarn.Version // the version the caller saw; zero: any
}

// ClearNeedsAttention takes back Needs attention, and action status Customer Responded with it.
//
// It returns ErrRefused in Closed and Cancelled, ErrForbidden for who is neither admin nor the assignee nor the manager of
// the assignment group, ErrStale, and ErrNotFound.
func (s *Service) ClearNeedsAttention(ctx context.Context, by forewarn.Caller, cmd ClearNeedsAttention) (Case, error) {
	return forewarn.Do(ctx, s.engine, by, "techcase.ClearNeedsAttention", cmd, s.clearNeedsAttention)
}

func (s *Service) clearNeedsAttention(u *forewarn.Unit, cmd ClearNeedsAttention) (none Case, err error) {
	c, err := s.find(u, actClearNeedsAttention, cmd.Case, cmd.Expect)
	if err != nil {
		return none, err
	}
	if err := c.writable(); err != nil {
		return none, err
	}
	after := c
	after.NeedsAttention, after.Responded = false, false
	return s.saved(u, c, after, news{})
}
