package techcase

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/store"
	"github.com/forewarn-go/forewarn/ticket"
)

// Get asks for a case.
type Get struct {
	Case uuid.UUID
}

// Get returns a case, or ErrNotFound, also where the actor may not know of it, and ErrForbidden without a role that reads
// cases.
func (s *Service) Get(ctx context.Context, by forewarn.Caller, q Get) (Case, error) {
	return forewarn.Read(ctx, s.engine, by, "techcase.Get", q, s.get)
}

func (s *Service) get(u *forewarn.Unit, q Get) (Case, error) {
	c, err := s.find(u, actGet, q.Case, 0)
	return c.shownTo(u.By()), err
}

// Filter is the name of a list of cases.
type Filter string

// The filters.
const (
	FilterAll              Filter = "All"
	FilterAssignedToMe     Filter = "Assigned to me"    // open ones
	FilterUnassigned       Filter = "Unassigned"        // open ones without an assignee
	FilterDraft            Filter = "Draft"             // by state
	FilterNew              Filter = "New"               // by state
	FilterWorkInProgress   Filter = "Work in Progress"  // by state
	FilterAwaitingInfo     Filter = "Awaiting Info"     // by state
	FilterSolutionProposed Filter = "Solution Proposed" // by state
	FilterClosed           Filter = "Closed"            // by state
	FilterCancelled        Filter = "Cancelled"         // by state
	FilterMajor            Filter = "Major"             // open major cases
)

// Filters returns the names of the lists.
func Filters() []Filter {
	return []Filter{FilterAll, FilterAssignedToMe, FilterUnassigned, FilterDraft, FilterNew, FilterWorkInProgress, FilterAwaitingInfo,
		FilterSolutionProposed, FilterClosed, FilterCancelled, FilterMajor}
}

// List asks for a page of cases, newest first.
type List struct {
	Filter Filter // "" means All
	Limit  int    // 100 when it is 0, at most 1,000
	After  string // the cursor of the page before
}

// List returns a page of cases. A portal user gets those of his account that he may read, a consumer his own; of drafts
// those that he has made; and no list but All, Draft and the other states, which are then cut out of his account's page by page. It returns ErrInvalid for a filter that there
// is not and for a cursor of another list.
func (s *Service) List(ctx context.Context, by forewarn.Caller, q List) (forewarn.Page[Case], error) {
	return forewarn.Read(ctx, s.engine, by, "techcase.List", q, s.list)
}

func (s *Service) list(u *forewarn.Unit, q List) (none forewarn.Page[Case], err error) {
	if q.Filter == "" {
		q.Filter = FilterAll
	}
	if !slices.Contains(Filters(), q.Filter) {
		return none, forewarn.Invalid("filter", "there is no list %q", q.Filter)
	}
	by := u.By()
	if err := u.Require(actList, own(by)); err != nil {
		return none, err
	}
	if by.Portal() {
		return s.listOwn(u, q)
	}
	var find forewarn.Query[Case]
	switch q.Filter {
	case FilterAll:
		find = cases.Where("created")
	case FilterAssignedToMe:
		find = cases.Where("assignee", forewarn.Text(by.ID), forewarn.Bool(true))
	case FilterUnassigned:
		find = cases.Where("assignee", forewarn.Text(""), forewarn.Bool(true))
	case FilterMajor:
		find = cases.Where("major", forewarn.Bool(true), forewarn.Bool(true))
	default:
		find = cases.Where("state", forewarn.Text(q.Filter))
	}
	return find.Descending().Limit(q.Limit).Page(u, q.After)
}

// listOwn is the list of a portal user: over the cases of his account alone, or over his own when he is a consumer.
func (s *Service) listOwn(u *forewarn.Unit, q List) (forewarn.Page[Case], error) {
	switch q.Filter {
	case FilterAssignedToMe, FilterUnassigned, FilterMajor:
		return forewarn.Page[Case]{}, forewarn.Forbidden("the list %q is not for customers", q.Filter)
	}
	whose := cases.Where("account", forewarn.Text(u.By().Account))
	if u.By().Consumer != "" {
		whose = cases.Where("consumer", forewarn.Text(u.By().Consumer))
	}
	page, err := whose.AnyOf(forewarn.Bool(false), forewarn.Bool(true)).
		Descending().Limit(q.Limit).Page(u, q.After)
	page.Items = slices.DeleteFunc(page.Items, func(c Case) bool {
		return c.private() && c.CreatedBy != u.By().ID || q.Filter != FilterAll && string(c.State) != string(q.Filter)
	})
	for i, c := range page.Items {
		page.Items[i] = c.shownTo(u.By())
	}
	return page, err
}

// Children asks for a page of the children of a major case.
type Children struct {
	Case  uuid.UUID // the major case
	Open  bool      // only those that are neither closed nor cancelled
	Limit int
	After string
}

// Children returns a page of the children of a major case, by their ids. It returns ErrNotFound and ErrForbidden as Get does.
func (s *Service) Children(ctx context.Context, by forewarn.Caller, q Children) (forewarn.Page[Case], error) {
	return forewarn.Read(ctx, s.engine, by, "techcase.Children", q, s.children)
}

func (s *Service) children(u *forewarn.Unit, q Children) (none forewarn.Page[Case], err error) {
	if _, err := s.find(u, actChildren, q.Case, 0); err != nil {
		return none, err
	}
	open := []store.Value{forewarn.Bool(true)}
	if !q.Open {
		open = append(open, forewarn.Bool(false))
	}
	return cases.Where("parent", forewarn.ID(q.Case)).AnyOf(open...).Limit(q.Limit).Page(u, q.After)
}

// Activities asks for a page of a case's activity stream, oldest first.
type Activities struct {
	Case  uuid.UUID
	Limit int
	After string
}

// Activities returns a page of a case's activity stream; to a portal user its comments alone. It returns ErrNotFound and
// ErrForbidden as Get does.
func (s *Service) Activities(ctx context.Context, by forewarn.Caller, q Activities) (forewarn.Page[ticket.Activity], error) {
	return forewarn.Read(ctx, s.engine, by, "techcase.Activities", q, s.activities)
}

func (s *Service) activities(u *forewarn.Unit, q Activities) (none forewarn.Page[ticket.Activity], err error) {
	c, err := s.find(u, actActivities, q.Case, 0)
	if err != nil {
		return none, err
	}
	stream := forewarn.Activities.Where("ticket", forewarn.StreamOf(Kind, c.ID))
	if u.By().Portal() {
		stream = forewarn.Activities.Where("public", forewarn.StreamOf(Kind, c.ID), forewarn.Bool(true))
	}
	return stream.Limit(q.Limit).Page(u, q.After)
}
