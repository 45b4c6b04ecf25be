package psew

import (
	"context"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/ticket"
)

// Get asks for an incident.
type Get struct {
	Incident uuid.UUID
}

// Get returns an incident. It returns ErrNotFound, for customers and other tenants too, and ErrForbidden for staff without a role that reads.
func (s *Service) Get(ctx context.Context, by forewarn.Caller, q Get) (Incident, error) {
	return forewarn.Read(ctx, s.engine, by, "psew.Get", q, func(u *forewarn.Unit, q Get) (Incident, error) {
		return s.readable(u, q.Incident)
	})
}

// readable returns an incident that the actor may read.
func (s *Service) readable(u *forewarn.Unit, id uuid.UUID) (Incident, error) {
	i, err := incidents.Peek(u, id)
	if err != nil {
		return i, err
	}
	if err := u.Require(actRead, i.subject()); err != nil {
		return Incident{}, err
	}
	return i, nil
}

// Filter names a list of incidents.
type Filter string

// The lists, the newest first; by number, and by the beginning of the short description, in that order.
const (
	AllIncidents  Filter = "all"
	OpenIncidents Filter = "open"           // New, In Progress, On Hold
	AssignedToMe  Filter = "assigned_to_me" // open ones
	OfGroup       Filter = "group"          // open ones of the group in Text
	OnCI          Filter = "ci"             // of the CI in Text
	ByNumber      Filter = "number"         // whose number begins with Text
	ByWords       Filter = "words"          // whose short description begins with Text
	ByExternalID  Filter = "external_id"    // whose external id is Text
)

// ListIncidents asks for a page of a list.
type ListIncidents struct {
	Filter Filter // "" is all
	Text   string
	Limit  int // 100 when 0, at most 1,000
	After  string
}

// ListIncidents returns a page of a list of incidents. It returns ErrInvalid for an unknown list, and ErrForbidden.
func (s *Service) ListIncidents(ctx context.Context, by forewarn.Caller, q ListIncidents) (forewarn.Page[Incident], error) {
	return forewarn.Read(ctx, s.engine, by, "psew.ListIncidents", q, s.listIncidents)
}

func (s *Service) listIncidents(u *forewarn.Unit, q ListIncidents) (none forewarn.Page[Incident], err error) {
	if err := u.Require(actRead, own(u.By())); err != nil {
		return none, err
	}
	if u.By().Portal() {
		return none, nil
	}
	open := forewarn.Texts(StateNew, StateInProgress, StateOnHold)
	var list forewarn.Query[Incident]
	switch q.Filter {
	case "", AllIncidents:
		list = incidents.Where("opened").Descending()
	case OpenIncidents:
		list = incidents.Where("state").AnyOf(open...).Descending()
	case AssignedToMe:
		list = incidents.Where("assignee", forewarn.Text(u.By().ID)).AnyOf(open...).Descending()
	case OfGroup:
		list = incidents.Where("assigned_group", forewarn.Text(q.Text)).AnyOf(open...).Descending()
	case OnCI:
		list = incidents.Where("ci", forewarn.Text(q.Text)).Descending()
	case ByNumber:
		list = incidents.Where("number").Prefix(q.Text)
	case ByWords:
		list = incidents.Where("words").Prefix(words(q.Text))
	case ByExternalID:
		list = incidents.Where("external", forewarn.Text(q.Text))
	default:
		return none, forewarn.Invalid("filter", "%q is no list of incidents", q.Filter)
	}
	return list.Limit(q.Limit).Page(u, q.After)
}

// Activities asks for a page of an incident's activity stream.
type Activities struct {
	Incident uuid.UUID
	Oldest   bool // the oldest first; the newest otherwise
	Public   bool // additional comments alone
	Limit    int
	After    string
}

// Activities returns a page of an incident's activity stream. It returns what Get returns.
func (s *Service) Activities(ctx context.Context, by forewarn.Caller, q Activities) (forewarn.Page[ticket.Activity], error) {
	return forewarn.Read(ctx, s.engine, by, "psew.Activities", q, s.activities)
}

func (s *Service) activities(u *forewarn.Unit, q Activities) (none forewarn.Page[ticket.Activity], err error) {
	if _, err := s.readable(u, q.Incident); err != nil {
		return none, err
	}
	stream := forewarn.Activities.Where("ticket", forewarn.StreamOf(kindIncident, q.Incident))
	if q.Public || u.By().Portal() {
		stream = forewarn.Activities.Where("public", forewarn.StreamOf(kindIncident, q.Incident), forewarn.Bool(true))
	}
	if !q.Oldest {
		stream = stream.Descending()
	}
	return stream.Limit(q.Limit).Page(u, q.After)
}

// GetTask asks for an incident task.
type GetTask struct {
	Task uuid.UUID
}

// GetTask returns an incident task. It returns what Get returns.
func (s *Service) GetTask(ctx context.Context, by forewarn.Caller, q GetTask) (Task, error) {
	return forewarn.Read(ctx, s.engine, by, "psew.GetTask", q, func(u *forewarn.Unit, q GetTask) (none Task, err error) {
		t, err := tasks.Peek(u, q.Task)
		if err != nil {
			return none, err
		}
		if _, err := s.readable(u, t.Incident); err != nil {
			return none, err
		}
		return t, nil
	})
}

// ListTasks asks for the tasks of an incident, in the order in which they were opened.
type ListTasks struct {
	Incident uuid.UUID
	After    string
}

// ListTasks returns a page of an incident's tasks. It returns what Get returns.
func (s *Service) ListTasks(ctx context.Context, by forewarn.Caller, q ListTasks) (forewarn.Page[Task], error) {
	return forewarn.Read(ctx, s.engine, by, "psew.ListTasks", q, func(u *forewarn.Unit, q ListTasks) (none forewarn.Page[Task], err error) {
		if _, err := s.readable(u, q.Incident); err != nil {
			return none, err
		}
		return tasks.Where("incident", forewarn.ID(q.Incident)).Page(u, q.After)
	})
}

// ListCases asks for the cases of an incident.
type ListCases struct {
	Incident uuid.UUID
	Open     bool // neither closed nor cancelled
	Limit    int
	After    string
}

// ListCases returns a page of an incident's cases. It returns what Get returns.
func (s *Service) ListCases(ctx context.Context, by forewarn.Caller, q ListCases) (ticket.CasePage, error) {
	return forewarn.Read(ctx, s.engine, by, "psew.ListCases", q, func(u *forewarn.Unit, q ListCases) (none ticket.CasePage, err error) {
		if _, err := s.readable(u, q.Incident); err != nil {
			return none, err
		}
		return s.cases.Page(u, ticket.CaseQuery{Source: q.Incident, Open: q.Open, Limit: q.Limit, After: q.After})
	})
}
