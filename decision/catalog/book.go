package catalog

import (
	"time"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/decision"
)

// Book hands out compiled tables to other use cases. It trusts the unit: whoever
// has one has been authorised.
type Book struct{ s *Service }

// Book returns the seam for other packages.
func (s *Service) Book() Book { return Book{s} }

// Held is the table that holds at an instant.
type Held struct {
	Number int // of the edition; 0: the shipped table
	Table  *decision.Evaluator
}

// Table returns the compiled table that holds at an instant for the unit's
// tenant; the zero time means the unit's now. What says which one holds becomes a
// precondition of the unit's commit. It returns ErrNotFound when there is none.
func (b Book) Table(u *forewarn.Unit, name string, at time.Time) (none Held, err error) {
	held, err := editionAt(u, name, orNow(u, at))
	if err != nil {
		return none, err
	}
	if held == nil || held.Shipped {
		shipped := b.s.shipped[name]
		if shipped == nil {
			return none, b.s.unknown(u, name)
		}
		number := 0
		if held != nil {
			number = held.Number
		}
		return Held{number, shipped}, nil
	}
	compiled, err := b.compiled(u, name, held)
	if err != nil {
		return none, err
	}
	return Held{held.Number, compiled}, nil
}

func (b Book) compiled(u *forewarn.Unit, name string, held *slot) (*decision.Evaluator, error) {
	key := cached{u.By().Tenant, editionID(name, held.Number), held.Version}
	if known := b.s.cache.get(key); known != nil {
		return known, nil
	}
	e, err := editions.Peek(u, key.id)
	if err != nil {
		return nil, err
	}
	compiled, err := decision.Compile(*e.Table)
	if err != nil {
		return nil, &forewarn.Error{Record: editions.Key(key.tenant, key.id), Rule: "the stored table cannot be compiled", Cause: err}
	}
	if e.Version == held.Version {
		b.s.cache.put(key, compiled)
	}
	return compiled, nil
}
