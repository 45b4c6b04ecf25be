package psew

import (
	"maps"
	"time"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/inventory"
	"github.com/forewarn-go/forewarn/psew/impact"
	"github.com/forewarn-go/forewarn/ticket"
)

// Config is what the service is made of. Engine and Cases have to be given.
type Config struct {
	Engine *forewarn.Engine
	// Cases are where cases are opened: techcase.Service.Book, or a provider's own.
	Cases Cases
	// Inventory is what impact is found in; nil means inventory.Stored.
	Inventory inventory.Source
	// Directions say which way impact takes over each type of relation of the inventory; nil means impact.DefaultDirections, to which a host adds its
	// own types. Over a type that is not there impact takes no way, and ViewImpact warns of it.
	Directions impact.Directions
	// Policy decides the next level of an escalation; nil means the tenant's table.
	Policy Policy
	// Flows are the flows of the workflow; the zero value means DefaultFlows.
	Flows Flows
	// Categories are the choices of category and subcategory; nil means DefaultCategories.
	Categories Categories
	// Matrix gives the priority of impact and urgency; the zero value means DefaultMatrix.
	Matrix Matrix
	// Changes knows of recent changes; nil means that none are known.
	Changes Changes
	// Refresh is the number of rows that one step of a refresh writes at most; 0 means 2,000.
	Refresh int
}

// Cases are the cases of other packages, as this one needs them.
type Cases interface {
	CaseBook
	CaseActions
}

// CaseBook opens and reads cases. Its methods work in the unit that they are given and do not authorise.
type CaseBook interface {
	// Open opens a case; of a known id it returns the case that stands.
	Open(u *forewarn.Unit, c ticket.NewCase) (ticket.BookedCase, error)
	// Get returns a case, or ErrNotFound.
	Get(u *forewarn.Unit, id uuid.UUID) (ticket.BookedCase, error)
	// Page returns cases of a source, or of a major case.
	Page(u *forewarn.Unit, q ticket.CaseQuery) (ticket.CasePage, error)
}

// CaseActions act on cases for their source. Its methods work in the unit that they are given and do not authorise.
type CaseActions interface {
	// Resolve resolves a case with its source, whatever its state that is not final, with a work note.
	Resolve(u *forewarn.Unit, id uuid.UUID, r ticket.Resolution) error
	// Describe copies resolution code, notes and cause, and leaves the state.
	Describe(u *forewarn.Unit, id uuid.UUID, r ticket.Resolution) error
	// Comment writes a comment or a work note into a case.
	Comment(u *forewarn.Unit, c ticket.CaseComment) (ticket.Activity, error)
	// Communicated keeps, for BookedCase.Communicated, when the case's contact was first written to; the zero time takes it back. A closed case
	// has it too.
	Communicated(u *forewarn.Unit, id uuid.UUID, at time.Time) error
}

// Changes knows of changes.
type Changes interface {
	// Recent returns the changes on a CI that ended in [since, until], the latest first.
	Recent(u *forewarn.Unit, ci string, since, until time.Time) ([]RecentChange, error)
}

// RecentChange is a change that may have caused an incident.
type RecentChange struct {
	Number           string    `json:"number"`
	ShortDescription string    `json:"shortDescription"`
	State            string    `json:"state"`
	CI               string    `json:"ci"`
	Ended            time.Time `json:"ended"`
}

// Service is the incident desk. It is safe for concurrent use.
type Service struct {
	engine     *forewarn.Engine
	cases      Cases
	inventory  inventory.Source
	directions impact.Directions
	policy     Policy
	flows      Flows
	categories Categories
	matrix     Matrix
	changes    Changes
	rows       int
}

// New returns the service, and tells the engine of its kinds and jobs. It returns an ErrInvalid that says what is missing.
func New(c Config) (*Service, error) {
	s := &Service{engine: c.Engine, cases: c.Cases, inventory: c.Inventory, policy: c.Policy, flows: c.Flows,
		categories: c.Categories, matrix: c.Matrix, changes: c.Changes, rows: c.Refresh, directions: maps.Clone(c.Directions)}
	switch {
	case s.engine == nil:
		return nil, forewarn.Invalid("config.engine", "is missing")
	case s.cases == nil:
		return nil, forewarn.Invalid("config.cases", "is missing: techcase.Service.Book gives one")
	case s.rows < 0:
		return nil, forewarn.Invalid("config.refresh", "is below 0")
	}
	if s.inventory == nil {
		s.inventory = inventory.Stored
		if err := inventory.Keep(s.engine); err != nil {
			return nil, err
		}
	}
	if s.directions == nil {
		s.directions = impact.DefaultDirections()
	}
	if err := s.directions.Check(); err != nil {
		return nil, forewarn.Invalid("config.directions", "%v", err)
	}
	if s.flows.flows == nil {
		s.flows = DefaultFlows()
	}
	if s.categories == nil {
		s.categories = DefaultCategories()
	}
	if err := s.categories.Check(); err != nil {
		return nil, err
	}
	if s.matrix == (Matrix{}) {
		s.matrix = DefaultMatrix()
	}
	if s.rows == 0 {
		s.rows = 2000
	}
	if err := s.flows.Check(); err != nil {
		return nil, err
	}
	if err := s.matrix.Check(); err != nil {
		return nil, err
	}
	if s.policy == nil {
		s.policy = tablePolicy{s.flows, &compiledTables{}}
	}
	err := s.engine.Keep(incidents.Kind(), tasks.Kind(), messages.Kind(), policies.Kind(), settingsRecords.Kind(),
		impacts.Kind(), affecteds.Kind())
	if err != nil {
		return nil, err
	}
	s.engine.OnMail(s.mailEnded)
	return s, s.engine.Handle(s.refreshJob(), s.generationJob(), s.resolutionJob(), s.broadcastJob(), s.sendingJob())
}
