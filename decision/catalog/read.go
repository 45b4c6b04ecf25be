package catalog

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/decision"
)

// Get asks for a table.
type Get struct {
	Name string
	// Number asks for an edition; 0 for the one that holds at At.
	Number int
	At     time.Time // zero: now
}

// Get returns the edition that holds at an instant, or that of a number. It
// returns ErrNotFound when there is none, and the name is not that of a shipped
// table.
func (s *Service) Get(ctx context.Context, by forewarn.Caller, q Get) (Edition, error) {
	return forewarn.Read(ctx, s.engine, by, "catalog.Get", q, s.get)
}

func (s *Service) get(u *forewarn.Unit, q Get) (none Edition, err error) {
	if err := u.Require(actGet, forewarn.Subject{}); err != nil {
		return none, err
	}
	number := q.Number
	switch {
	case number < 0:
		return none, forewarn.Invalid("number", "is negative")
	case number == 0:
		held, err := editionAt(u, q.Name, orNow(u, q.At))
		if err != nil {
			return none, err
		}
		if held == nil {
			return s.shippedEdition(u, q.Name)
		}
		number = held.Number
	}
	e, err := editions.Get(u, editionID(q.Name, number))
	if err != nil {
		return none, err
	}
	e = s.filled(e)
	if q.Number == 0 && e.Table == nil {
		return none, s.unknown(u, q.Name)
	}
	return e, nil
}

func orNow(u *forewarn.Unit, at time.Time) time.Time {
	if at.IsZero() {
		return u.Now()
	}
	return at
}

// filled gives an edition that goes back to the shipped table that table.
func (s *Service) filled(e Edition) Edition {
	if shipped := s.shipped[e.Name]; e.Shipped && shipped != nil {
		t := shipped.Table()
		e.Table = &t
	}
	return e
}

func (s *Service) shippedEdition(u *forewarn.Unit, name string) (Edition, error) {
	e := s.filled(Edition{Name: name, Shipped: true})
	if e.Table == nil {
		return Edition{}, s.unknown(u, name)
	}
	return e, nil
}

// unknown says that there is no table of a name.
func (s *Service) unknown(u *forewarn.Unit, name string) error {
	return &forewarn.Error{Kind: forewarn.ErrNotFound, Record: heads.Key(u.By().Tenant, headID(name)), Field: "name", Rule: "no table is called " + name}
}

// History asks for the editions of a table.
type History struct {
	Name  string
	After string // the cursor of the page before; "" for the first
	Limit int    // 0: 100, at most 1,000
}

// History returns the tenant's editions of a table, the last first; none when he
// has not overridden it.
func (s *Service) History(ctx context.Context, by forewarn.Caller, q History) (forewarn.Page[Edition], error) {
	return forewarn.Read(ctx, s.engine, by, "catalog.History", q, s.history)
}

func (s *Service) history(u *forewarn.Unit, q History) (none forewarn.Page[Edition], err error) {
	if err := u.Require(actHistory, forewarn.Subject{}); err != nil {
		return none, err
	}
	page, err := editions.Where("name_number", forewarn.Text(q.Name)).Descending().Limit(q.Limit).Page(u, q.After)
	if err != nil {
		return none, err
	}
	for i := range page.Items {
		page.Items[i] = s.filled(page.Items[i])
	}
	return page, nil
}

// List asks for the tables of the tenant.
type List struct{}

// Listed is a table of a tenant.
type Listed struct {
	Name string `json:"name"`
	// Shipped says that there is a shipped table of that name.
	Shipped bool `json:"shipped,omitempty"`
	// Latest is the number of the tenant's last edition, 0 when he has none.
	Latest int `json:"latest"`
	// Holds is the number of the edition that holds now; 0 when it is the shipped
	// table that nobody has overridden.
	Holds int `json:"holds"`
	// Own says that what holds now is the tenant's own table.
	Own bool `json:"own,omitempty"`
}

// List returns all shipped tables and all that the tenant has put, in the order of
// their names.
func (s *Service) List(ctx context.Context, by forewarn.Caller, q List) ([]Listed, error) {
	return forewarn.Read(ctx, s.engine, by, "catalog.List", q, s.list)
}

func (s *Service) list(u *forewarn.Unit, _ List) (none []Listed, err error) {
	if err := u.Require(actList, forewarn.Subject{}); err != nil {
		return none, err
	}
	all := map[string]Listed{}
	for name := range s.shipped {
		all[name] = Listed{Name: name, Shipped: true}
	}
	for after := ""; ; {
		page, err := heads.Where("name").Limit(1_000).Page(u, after)
		if err != nil {
			return none, err
		}
		for _, h := range page.Items {
			held, _ := h.slotAt(u.Now())
			all[h.Name] = Listed{Name: h.Name, Shipped: s.shipped[h.Name] != nil, Latest: h.Latest, Holds: held.Number, Own: held.Number > 0 && !held.Shipped}
		}
		if after = page.Next; after == "" {
			break
		}
	}
	listed := make([]Listed, 0, len(all))
	for _, name := range slices.Sorted(maps.Keys(all)) {
		listed = append(listed, all[name])
	}
	return listed, nil
}

// Decide asks for a decision.
type Decide struct {
	Name   string
	At     time.Time      // the instant whose edition decides; zero: now
	Inputs map[string]any // by the names of the inputs, as decision.Evaluator.EvalMap takes them
}

// Decision is what a table decided.
type Decision struct {
	Name   string          `json:"name"`
	Number int             `json:"number"` // of the edition that decided; 0: the shipped table
	Result decision.Result `json:"result"`
}

// Decide decides by the edition that holds at an instant. It returns ErrNotFound
// when there is none, and ErrInvalid for inputs that the table refuses, with its
// *decision.Error as cause; that two rules contradict each other is such an error
// too.
func (s *Service) Decide(ctx context.Context, by forewarn.Caller, q Decide) (Decision, error) {
	return forewarn.Read(ctx, s.engine, by, "catalog.Decide", q, s.decide)
}

func (s *Service) decide(u *forewarn.Unit, q Decide) (none Decision, err error) {
	if err := u.Require(actDecide, forewarn.Subject{}); err != nil {
		return none, err
	}
	held, err := s.Book().Table(u, q.Name, q.At)
	if err != nil {
		return none, err
	}
	result, err := held.Table.EvalMap(q.Inputs)
	if err != nil {
		return none, undecided(err)
	}
	return Decision{Name: q.Name, Number: held.Number, Result: result}, nil
}

func undecided(err error) error {
	return &forewarn.Error{Kind: forewarn.ErrInvalid, Field: "inputs", Rule: "are not decided", Cause: err}
}

// Explain asks why a table decides as it does.
type Explain struct {
	Name   string
	At     time.Time      // as in Decide
	Inputs map[string]any // as in Decide
}

// Explained is a decision with its reasons.
type Explained struct {
	Name        string               `json:"name"`
	Number      int                  `json:"number"` // of the edition that decided; 0: the shipped table
	Explanation decision.Explanation `json:"explanation"`
}

// Explain tells why the edition that holds at an instant decides as it does: also
// when its rules contradict each other, of which the explanation tells. It returns
// the errors of Decide but for that one.
func (s *Service) Explain(ctx context.Context, by forewarn.Caller, q Explain) (Explained, error) {
	return forewarn.Read(ctx, s.engine, by, "catalog.Explain", q, s.explain)
}

func (s *Service) explain(u *forewarn.Unit, q Explain) (none Explained, err error) {
	if err := u.Require(actExplain, forewarn.Subject{}); err != nil {
		return none, err
	}
	held, err := s.Book().Table(u, q.Name, q.At)
	if err != nil {
		return none, err
	}
	x, err := held.Table.ExplainMap(q.Inputs)
	if err != nil && len(x.Matched) == 0 { // what matches twice is explained
		return none, undecided(err)
	}
	return Explained{Name: q.Name, Number: held.Number, Explanation: x}, nil
}
