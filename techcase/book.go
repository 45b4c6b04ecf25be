package techcase

import (
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/store"
	"github.com/forewarn-go/forewarn/ticket"
)

// Book opens, reads and resolves cases in the units of other packages, whom it trusts: they authorise. It is what
// psew.Config.Cases wants.
type Book struct{ s *Service }

// Book returns the seam through which other packages work on cases.
func (s *Service) Book() Book { return Book{s} }

// Prepare reads in one round trip what opening cases with these ids needs, and draws their numbers at once. It is for
// callers that open many; nothing depends on it.
func (b Book) Prepare(u *forewarn.Unit, ids ...uuid.UUID) error {
	keys := make([]store.Key, 0, len(ids))
	for _, id := range ids {
		keys = append(keys, cases.Key(u.By().Tenant, id))
	}
	if err := u.Prefetch(keys...); err != nil {
		return err
	}
	return u.Reserve(series, len(ids))
}

// Open opens a case in New for a source. An id that is known gives the case that stands, unchanged; without an id the
// unit gives one. It returns ErrInvalid for what no case can be, and ErrRefused for the child of a major case that is
// closed or is none.
func (b Book) Open(u *forewarn.Unit, n ticket.NewCase) (ticket.BookedCase, error) {
	if n.ID != uuid.Nil {
		switch c, err := cases.Get(u, n.ID); {
		case err == nil:
			return c.booked(u.By().Tenant), nil
		case !isNotFound(err):
			return ticket.BookedCase{}, err
		}
	}
	return b.open(u, n, b.s.open)
}

// Standing returns those of the ids that are cases, read in one round trip. It makes no precondition, and a Get that
// follows needs no further one.
func (b Book) Standing(u *forewarn.Unit, ids ...uuid.UUID) (map[uuid.UUID]bool, error) {
	if err := cases.Prefetch(u, ids...); err != nil {
		return nil, err
	}
	standing := make(map[uuid.UUID]bool)
	for _, id := range ids {
		switch _, err := cases.Peek(u, id); {
		case err == nil:
			standing[id] = true
		case !isNotFound(err):
			return nil, err
		}
	}
	return standing, nil
}

// Peek returns those of the ids that are cases, in the order of the ids, read in one round trip. It makes no
// precondition.
func (b Book) Peek(u *forewarn.Unit, ids ...uuid.UUID) ([]ticket.BookedCase, error) {
	if err := cases.Prefetch(u, ids...); err != nil {
		return nil, err
	}
	found := make([]ticket.BookedCase, 0, len(ids))
	for _, id := range ids {
		switch c, err := cases.Peek(u, id); {
		case err == nil:
			found = append(found, c.booked(u.By().Tenant))
		case !isNotFound(err):
			return nil, err
		}
	}
	return found, nil
}

// OpenAll is Open for many cases, with few round trips: it opens those that do not stand yet, whose ids have to be given,
// draws their numbers at once and counts them once in the families of their major cases. It returns those that it has
// opened.
func (b Book) OpenAll(u *forewarn.Unit, all []ticket.NewCase) ([]ticket.BookedCase, error) {
	ids := make([]uuid.UUID, len(all))
	for i, n := range all {
		ids[i] = n.ID
	}
	standing, err := b.Standing(u, ids...)
	if err != nil {
		return nil, err
	}
	var opening []ticket.NewCase
	var parents []uuid.UUID
	children := map[uuid.UUID]int{}
	for _, n := range all {
		if n.ID == uuid.Nil {
			return nil, forewarn.Invalid("case.id", "is missing: of many cases each has its own")
		}
		if standing[n.ID] {
			continue
		}
		standing[n.ID] = true // by now; an id that stands twice in the list is one case
		opening = append(opening, n)
		if n.Parent == uuid.Nil {
			continue
		}
		if children[n.Parent]++; children[n.Parent] == 1 {
			parents = append(parents, n.Parent)
		}
	}
	if err := u.Reserve(series, len(opening)); err != nil {
		return nil, err
	}
	for _, parent := range parents {
		if err := joinFamily(u, parent, children[parent]); err != nil {
			return nil, err
		}
	}
	opened := make([]ticket.BookedCase, 0, len(opening))
	for _, n := range opening {
		if _, err := cases.Get(u, n.ID); !isNotFound(err) { // for its absence to be a precondition
			return nil, err
		}
		c, err := b.open(u, n, b.s.openJoined)
		if err != nil {
			return nil, err
		}
		opened = append(opened, c)
	}
	return opened, nil
}

// open opens a case that does not stand.
func (b Book) open(u *forewarn.Unit, n ticket.NewCase, open func(*forewarn.Unit, *Case, Trigger) error) (ticket.BookedCase, error) {
	c := Case{
		ID: n.ID, Number: n.Number, Type: n.Type, Service: n.Service, Source: Source{Kind: n.Source.Kind, ID: n.Source.ID}, Links: n.Links,
		Proactive: n.Proactive, Major: n.Major, Parent: n.Parent,
		Account: n.Account, Contact: n.Contact, Consumer: n.Consumer,
		ShortDescription: n.ShortDescription, Description: n.Description, Channel: n.Channel, Priority: n.Priority,
		Category: n.Category, Subcategory: n.Subcategory, CI: n.CI, Entities: n.Entities, Custom: withoutNull(n.Custom),
	}
	if n.Major {
		c.MajorState = MajorAccepted
	}
	if n.Communicated {
		c.Communicated = u.Now()
	}
	if err := open(u, &c, OnSubmit); err != nil {
		return ticket.BookedCase{}, err
	}
	if c.Proactive && c.Source.ID != uuid.Nil {
		text := "Opened proactively, because of " + strings.ReplaceAll(c.Source.Kind, "_", " ") + " " + c.Source.ID.String() + "."
		if _, err := post(u, c, ticket.Activity{Entry: ticket.Notice, Event: EventOpened, Text: text}); err != nil {
			return ticket.BookedCase{}, err
		}
	}
	if !n.Quiet {
		if err := b.s.tell(u, c, mailings(OnSubmit, false), MailData{}); err != nil {
			return ticket.BookedCase{}, err
		}
	}
	return c.booked(u.By().Tenant), nil
}

// Get returns a case, or ErrNotFound.
func (b Book) Get(u *forewarn.Unit, id uuid.UUID) (ticket.BookedCase, error) {
	c, err := cases.Get(u, id)
	if err != nil {
		return ticket.BookedCase{}, err
	}
	return c.booked(u.By().Tenant), nil
}

// Page returns a page of the cases of a source, of the children of a major case, or of a party, in the order of their ids
// where they are of a source or major case. It returns ErrInvalid for a query that names none of them.
func (b Book) Page(u *forewarn.Unit, q ticket.CaseQuery) (ticket.CasePage, error) {
	open := []store.Value{forewarn.Bool(true)}
	if !q.Open {
		open = append(open, forewarn.Bool(false))
	}
	var find forewarn.Query[Case]
	switch {
	case q.Parent != uuid.Nil:
		if q.Source != uuid.Nil || q.Account != "" || q.Consumer != "" {
			return ticket.CasePage{}, forewarn.Invalid("query.parent", "stands alone")
		}
		find = cases.Where("parent", forewarn.ID(q.Parent))
	case q.Account != "" && q.Consumer != "":
		return ticket.CasePage{}, forewarn.Invalid("query.consumer", "and account are asked for one at a time")
	case q.Major:
		return b.majors(u, q, open)
	case q.Source != uuid.Nil && q.Account != "":
		find = cases.Where("source_account", forewarn.ID(q.Source), forewarn.Text(q.Account))
	case q.Source != uuid.Nil && q.Consumer != "":
		find = cases.Where("source_consumer", forewarn.ID(q.Source), forewarn.Text(q.Consumer))
	case q.Source != uuid.Nil:
		find = cases.Where("source", forewarn.ID(q.Source))
	case q.Account != "":
		find = cases.Where("account", forewarn.Text(q.Account))
	case q.Consumer != "":
		find = cases.Where("consumer", forewarn.Text(q.Consumer))
	default:
		return ticket.CasePage{}, forewarn.Invalid("query", "names no source, parent, account or consumer")
	}
	page, err := find.AnyOf(open...).Limit(q.Limit).Page(u, q.After)
	if err != nil {
		return ticket.CasePage{}, err
	}
	out := ticket.CasePage{Next: page.Next, Cases: make([]ticket.BookedCase, len(page.Items))}
	for i, c := range page.Items {
		out.Cases[i] = c.booked(u.By().Tenant)
	}
	return out, nil
}

// majors returns a page of the major cases of a source. There are few of a tenant, and so they are looked through.
func (b Book) majors(u *forewarn.Unit, q ticket.CaseQuery, open []store.Value) (ticket.CasePage, error) {
	if q.Source == uuid.Nil || q.Account != "" || q.Consumer != "" {
		return ticket.CasePage{}, forewarn.Invalid("query.major", "asks for the major cases of a source")
	}
	page, err := cases.Where("major", forewarn.Bool(true)).AnyOf(open...).Limit(q.Limit).Page(u, q.After)
	if err != nil {
		return ticket.CasePage{}, err
	}
	out := ticket.CasePage{Next: page.Next}
	for _, c := range page.Items {
		if c.Source.ID == q.Source {
			out.Cases = append(out.Cases, c.booked(u.By().Tenant))
		}
	}
	return out, nil
}

// Resolve takes the system edge to Solution Proposed, with the resolution data copied into the case and its notes posted
// as a work note. A case whose solution is proposed already only gets data and note, unless it has the data; a closed or
// cancelled one, and a draft, stay as they are.
func (b Book) Resolve(u *forewarn.Unit, id uuid.UUID, r ticket.Resolution) error {
	c, err := cases.Get(u, id)
	if err != nil {
		return err
	}
	return b.s.resolve(u, c, r)
}

// Describe copies code, notes and cause of a resolution into a case, and changes nothing else. What is empty is not
// copied; a closed or cancelled case stays as it is.
func (b Book) Describe(u *forewarn.Unit, id uuid.UUID, r ticket.Resolution) error {
	c, err := cases.Get(u, id)
	if err != nil || !c.Open() {
		return err
	}
	after := c
	after.describe(r)
	if after.ResolutionCode == c.ResolutionCode && after.ResolutionNotes == c.ResolutionNotes && after.Cause == c.Cause {
		return nil
	}
	return b.s.save(u, &c, &after, news{})
}

// Comment posts a comment or a work note into a case, with where it came from. A comment is public; with Mail it is sent
// to the contact and to who watches the case. It returns ErrRefused for a case that is closed or cancelled.
func (b Book) Comment(u *forewarn.Unit, n ticket.CaseComment) (ticket.Activity, error) {
	c, err := cases.Get(u, n.Case)
	if err != nil {
		return ticket.Activity{}, err
	}
	if err := c.writable(); err != nil {
		return ticket.Activity{}, err
	}
	if n.Entry != ticket.Comment && n.Entry != ticket.WorkNote {
		return ticket.Activity{}, forewarn.Invalid("entry", "%q is neither comment nor work note", n.Entry)
	}
	a := ticket.Activity{Entry: n.Entry, Text: n.Text, Source: n.Source}
	if n.Origin != uuid.Nil {
		a.Origin = &n.Origin
	}
	if a, err = post(u, c, a); err != nil || n.Entry != ticket.Comment {
		return a, err
	}
	after := c
	if err := b.s.save(u, &c, &after, news{comments: []ticket.Activity{a}}); err != nil {
		return ticket.Activity{}, err
	}
	if !n.Mail {
		return a, nil
	}
	return a, b.s.tell(u, after, []mailing{{TemplateCommented, toContact | toWatchers}}, MailData{Comment: n.Text})
}

// Communicated keeps when the case's source has first written to its contact about it; the zero time takes it back. It
// is no change of the case that anybody is told of, and may be made of a closed one.
func (b Book) Communicated(u *forewarn.Unit, id uuid.UUID, at time.Time) error {
	c, err := cases.Get(u, id)
	if err != nil || c.Communicated.Equal(at) {
		return err
	}
	c.Communicated = at
	return cases.Put(u, &c)
}

// post writes an activity into a case's stream.
func post(u *forewarn.Unit, c Case, a ticket.Activity) (ticket.Activity, error) {
	a.Kind, a.Ticket = Kind, c.ID
	a, err := u.Post(a)
	a.Tenant = u.By().Tenant
	return a, err
}
