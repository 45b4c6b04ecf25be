package techcase

import (
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/inventory"
	"github.com/forewarn-go/forewarn/ticket"
)

// Config is what a Service is made of.
type Config struct {
	// Engine runs the use cases. Required.
	Engine *forewarn.Engine
	// Follower hears of every change of a case's state and of every comment of a customer. Required: without it no
	// answer of a customer reaches the incident that his case came from. NoFollower says that none is wanted.
	Follower Follower
	// Types are the types of cases; the first is that of cases which name none. Nil means DefaultTypes.
	Types []Type
	// Parties knows contacts and consumers, and their addresses; nil means those of the stored inventory.
	Parties Parties
}

// Follower follows cases, in the unit of work that changes them.
type Follower interface {
	// CaseChanged is told of a case that was opened, whose state has changed, that became a major case, or on which its
	// customer commented; of a draft it is told nothing until it is opened. It trusts the unit. Its error fails the use case.
	CaseChanged(u *forewarn.Unit, c ticket.CaseChange) error
}

// NoFollower is for hosts whose cases come from nowhere else.
var NoFollower Follower = noFollower{}

type noFollower struct{}

func (noFollower) CaseChanged(*forewarn.Unit, ticket.CaseChange) error { return nil }

// The names of the types of DefaultTypes.
const (
	TechProductSupport = "sn_tech_product_support"
	ProactiveCase      = "sn_customerservice_proactive"
)

// Type is a type of cases.
type Type struct {
	Name string
	// Services are the service definitions whose cases are of this type, unless they name another. A definition that
	// no type has leads to the first type.
	Services []string
	// Flow is its states; the zero Flow means DefaultFlow.
	Flow Flow
	// AutoClose says when cases that nobody answers close, for tenants that have not set it themselves by SetAutoClose; the
	// zero value means DefaultAutoClose.
	AutoClose AutoClose
	// Hooks are called in their order after a case of this type has changed its state, in the same unit.
	Hooks []Hook
}

// Hook does something when a case comes into a state.
type Hook struct {
	// To is the state; "" means every state.
	To State
	// Do works in the unit of the change. Its error fails the use case.
	Do func(u *forewarn.Unit, t Transition) error
}

// Transition is a change of a case's state.
type Transition struct {
	On            Trigger
	Before, After Case
}

// DefaultTypes returns technology product support cases, and proactive cases of the base type, with the same states.
func DefaultTypes() []Type { return []Type{{Name: TechProductSupport}, {Name: ProactiveCase}} }

// Service has the use cases of cases. It is safe for concurrent use. The zero Service is of no use: call New.
type Service struct {
	engine   *forewarn.Engine
	follower Follower
	parties  Parties
	types    []*caseType
}

type caseType struct {
	Type
	flow
}

// New returns a Service and tells the engine of its kinds and jobs. It returns an ErrInvalid that says what is missing,
// or a *machine.TableError that lists what is wrong with a Flow. One engine takes one Service.
func New(c Config) (*Service, error) {
	if c.Engine == nil {
		return nil, forewarn.Invalid("config.engine", "is missing")
	}
	if c.Follower == nil {
		return nil, forewarn.Invalid("config.follower", "is missing: without it customers' answers reach no incident; techcase.NoFollower says that none is wanted")
	}
	if c.Parties == nil {
		c.Parties = FromInventory(inventory.Stored)
		if err := inventory.Keep(c.Engine); err != nil {
			return nil, err
		}
	}
	if c.Types == nil {
		c.Types = DefaultTypes()
	}
	if len(c.Types) == 0 {
		return nil, forewarn.Invalid("config.types", "has none")
	}
	s := &Service{engine: c.Engine, follower: c.Follower, parties: c.Parties}
	for i, t := range c.Types {
		field := fmt.Sprintf("config.types[%d]", i)
		if t.Name == "" {
			return nil, forewarn.Invalid(field+".name", "is empty")
		}
		if slices.ContainsFunc(s.types, func(o *caseType) bool { return o.Name == t.Name }) {
			return nil, forewarn.Invalid(field+".name", "%q stands twice", t.Name)
		}
		if t.Flow.Table.Name == "" && t.Flow.Table.States == nil && t.Flow.Status == nil {
			t.Flow = DefaultFlow()
		}
		f, err := newFlow(t.Flow)
		if err != nil {
			return nil, fmt.Errorf("%s.flow: %w", field, err)
		}
		t.AutoClose = t.AutoClose.orDefault()
		if err := t.AutoClose.check(field + ".autoClose"); err != nil {
			return nil, err
		}
		for j, h := range t.Hooks {
			if h.Do == nil {
				return nil, forewarn.Invalid(fmt.Sprintf("%s.hooks[%d].do", field, j), "is missing")
			}
		}
		for _, service := range t.Services {
			other := slices.IndexFunc(c.Types[:i], func(o Type) bool { return slices.Contains(o.Services, service) })
			if service == "" || other >= 0 {
				return nil, forewarn.Invalid(field+".services", "%q is empty or of another type too", service)
			}
		}
		t.Services = slices.Clone(t.Services)
		t.Hooks = slices.Clone(t.Hooks)
		s.types = append(s.types, &caseType{Type: t, flow: f})
	}
	if err := c.Engine.Keep(cases.Kind(), families.Kind(), impacteds.Kind(), settings.Kind(), templates.Kind()); err != nil {
		return nil, err
	}
	if err := c.Engine.Handle(autoCloses.Job(s.autoClose), resolutions.Job(s.resolveChildren), newDays.Job(s.reschedule)); err != nil {
		return nil, err
	}
	return s, nil
}

// typeFor returns the name of the type whose cases a service definition opens.
func (s *Service) typeFor(service string) string {
	for _, t := range s.types {
		if slices.Contains(t.Services, service) {
			return t.Name
		}
	}
	return s.types[0].Name
}

// typeOf returns a type by name; "" is the first.
func (s *Service) typeOf(name string) (*caseType, error) {
	if name == "" {
		return s.types[0], nil
	}
	for _, t := range s.types {
		if t.Name == name {
			return t, nil
		}
	}
	return nil, forewarn.Invalid("type", "there is no case type %q", name)
}

// find returns a case that the actor may do an act to, at the version that he saw. An actor who may not know of the
// case gets ErrNotFound before anything else.
func (s *Service) find(u *forewarn.Unit, act forewarn.Act, id uuid.UUID, expect forewarn.Version) (Case, error) {
	c, err := cases.Get(u, id)
	if err != nil {
		return Case{}, err
	}
	if by := u.By(); by.Portal() && c.private() && c.CreatedBy != by.ID {
		return Case{}, forewarn.NotFound(c.key())
	}
	if err := u.Require(act, c.subject()); err != nil {
		return Case{}, err
	}
	return cases.GetAt(u, id, expect)
}

// writable refuses changes of what is closed or cancelled.
func (c Case) writable() error {
	if c.Status.Final() {
		return forewarn.Refused(c.key(), "state", "the case is %s, and read-only", c.State)
	}
	return nil
}

// news is what a change of a case is besides the case itself.
type news struct {
	on       Trigger // "" when no trigger was pulled
	opened   bool
	comments []ticket.Activity // public ones
	customer *ticket.Activity  // the one that the customer has written
}

// saved saves a change and returns the case as it is then.
func (s *Service) saved(u *forewarn.Unit, before, after Case, n news) (Case, error) {
	if err := s.save(u, &before, &after, n); err != nil {
		return Case{}, err
	}
	return after.shownTo(u.By()), nil
}

// save puts a changed case, schedules auto close, announces the change, tells the follower and calls the hooks. Of a case
// that was never opened nobody is told. before is nil when the case is new.
func (s *Service) save(u *forewarn.Unit, before *Case, after *Case, n news) error {
	t, err := s.typeOf(after.Type)
	if err != nil {
		return err
	}
	after.Comments += len(n.comments)
	after.Updated, after.UpdatedBy = u.Now(), u.By().ID
	after.ActionStatus = ActionStatusOf(after.NeedsAttention, after.Responded, after.Blocked, after.Status == ticket.Waiting)
	if err := s.schedule(u, t, before, *after); err != nil {
		return err
	}
	if err := s.finish(u, before, *after); err != nil {
		return err
	}
	if before != nil {
		if err := moveParty(u, *before, *after); err != nil {
			return err
		}
	}
	if err := cases.Put(u, after); err != nil {
		return err
	}
	moved := before == nil || before.State != after.State
	if !after.private() {
		if err := s.spread(u, before, *after, n, moved); err != nil {
			return err
		}
	}
	if !moved {
		return nil
	}
	transition := Transition{On: n.on, After: *after}
	if before != nil {
		transition.Before = *before
	}
	for _, h := range t.Hooks {
		if h.To == "" || h.To == after.State {
			if err := h.Do(u, transition); err != nil {
				return err
			}
		}
	}
	return nil
}

// spread announces a change and tells the follower of it.
func (s *Service) spread(u *forewarn.Unit, before *Case, after Case, n news, moved bool) error {
	snapshot := after.Snapshot()
	for _, c := range n.comments {
		snapshot.Comments = append(snapshot.Comments, ticket.Public(c))
	}
	var was *ticket.Snapshot
	var statusBefore ticket.Status
	if before != nil {
		b := before.Snapshot()
		was, statusBefore = &b, before.Status
	}
	if err := u.Announce(was, snapshot); err != nil {
		return err
	}
	raised := before != nil && after.Major && !before.Major
	if !moved && !raised && n.customer == nil {
		return nil
	}
	return s.follower.CaseChanged(u, ticket.CaseChange{Case: after.booked(u.By().Tenant), Opened: n.opened, Raised: raised, Before: statusBefore, Comment: n.customer})
}
