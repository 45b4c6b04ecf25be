package inventory

import (
	"errors"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/store"
)

// Source is how services read the inventory. What they read is no precondition of a commit: an inventory that changes
// meanwhile is looked at again at the next refresh.
type Source interface {
	// Items returns those of the named items that there are, in the order of their names.
	Items(u *forewarn.Unit, refs ...Ref) ([]Item, error)
	// Dependents returns a page of what stands on any of the given items, at most 100: the items of a type
	// that name one of them in a relation or a reference. A page has at most limit of them, 1 to 1,000; after is
	// the Next of the page before, whose limit may have been another.
	Dependents(u *forewarn.Unit, of []Ref, from Type, limit int, after string) (DependentPage, error)
}

// Dependent says that From stands on To.
type Dependent struct {
	From     Ref
	Relation string // of the item: depends_on, …; of_service and of_ci for references
	To       Ref
}

// DependentPage is a page of dependents, in the order of their ids.
type DependentPage struct {
	Dependents []Dependent
	Next       string // "" when there are no more
}

// Stored is the default Source: the items that were put into the store.
var Stored Source = stored{}

type stored struct{}

func (stored) Items(u *forewarn.Unit, refs ...Ref) ([]Item, error) {
	ids := make([]uuid.UUID, len(refs))
	for i, r := range refs {
		ids[i] = itemID(r)
	}
	if err := items.Prefetch(u, ids...); err != nil {
		return nil, err
	}
	found := make([]Item, 0, len(refs))
	for _, id := range ids {
		r, err := items.Peek(u, id)
		if errors.Is(err, forewarn.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		found = append(found, r.Item)
	}
	return found, nil
}

func (stored) Dependents(u *forewarn.Unit, of []Ref, from Type, limit int, after string) (DependentPage, error) {
	targets := make([]store.Value, len(of))
	for i, r := range of {
		targets[i] = target(from, r)
	}
	page, err := links.Where("target").AnyOf(targets...).Limit(limit).Page(u, after)
	if err != nil {
		return DependentPage{}, err
	}
	out := DependentPage{Next: page.Next}
	for _, l := range page.Items {
		out.Dependents = append(out.Dependents, Dependent{From: l.From, Relation: l.Relation, To: l.To})
	}
	return out, nil
}

// One returns one item of a source, or ErrNotFound.
func One(u *forewarn.Unit, s Source, r Ref) (Item, error) {
	found, err := s.Items(u, r)
	if err != nil {
		return Item{}, err
	}
	if len(found) == 0 {
		return Item{}, &forewarn.Error{Kind: forewarn.ErrNotFound, Field: string(r.Type), Rule: "the inventory has no " + r.String()}
	}
	return found[0], nil
}
