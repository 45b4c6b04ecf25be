package inventory

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/store"
)

// ActPut is putting items into the inventory.
var ActPut = forewarn.Act{Name: "inventory.Put", Roles: []string{forewarn.RoleAdmin}}

// Config is what the stored inventory is made of.
type Config struct {
	Engine *forewarn.Engine // required
}

// Service fills the stored inventory.
type Service struct{ engine *forewarn.Engine }

// New returns the service, and tells the engine of its kinds.
func New(c Config) (*Service, error) {
	if c.Engine == nil {
		return nil, forewarn.Invalid("config.engine", "is missing")
	}
	if err := c.Engine.Keep(items.Kind(), links.Kind()); err != nil {
		return nil, err
	}
	return &Service{engine: c.Engine}, nil
}

// Put puts items into the inventory, in the place of those of the same type and id. Those that say Removed take theirs away.
type Put struct {
	Items []Item
}

// Result says what a Put has changed.
type Result struct {
	Written, Unchanged, Removed int // what is to be removed and not there is unchanged
}

// Put puts items into the inventory, all or none. What it may hold is bounded by the store's limits; Import has no
// bound. It returns ErrInvalid when an item cannot be kept, and ErrForbidden without the role admin.
func (s *Service) Put(ctx context.Context, by forewarn.Caller, cmd Put) (Result, error) {
	return forewarn.Do(ctx, s.engine, by, "inventory.Put", cmd, s.put)
}

func (s *Service) put(u *forewarn.Unit, cmd Put) (Result, error) {
	var r Result
	if err := u.Require(ActPut, forewarn.Subject{}); err != nil {
		return r, err
	}
	keys := make([]store.Key, len(cmd.Items))
	for i, item := range cmd.Items {
		if err := item.Check(); err != nil {
			return r, inItem(i, err)
		}
		keys[i] = items.Key(u.By().Tenant, itemID(item.Ref()))
	}
	if err := u.Prefetch(keys...); err != nil {
		return r, err
	}
	for _, item := range cmd.Items {
		change := putItem
		if item.Removed {
			change = removeItem
		}
		changed, err := change(u, item)
		switch {
		case err != nil:
			return r, err
		case !changed:
			r.Unchanged++
		case item.Removed:
			r.Removed++
		default:
			r.Written++
		}
	}
	return r, nil
}

func inItem(i int, err error) error {
	var e *forewarn.Error
	if errors.As(err, &e) {
		named := *e
		named.Field = fmt.Sprintf("items[%d].%s", i, e.Field)
		return &named
	}
	return err
}

func putItem(u *forewarn.Unit, item Item) (bool, error) {
	r, err := items.Get(u, itemID(item.Ref()))
	if err != nil && !errors.Is(err, forewarn.ErrNotFound) {
		return false, err
	}
	if err == nil && same(r.Item, item) {
		return false, nil
	}
	stale := map[linkRecord]bool{}
	for _, l := range r.Item.links() {
		stale[newLink(r.Item.Ref(), l)] = true
	}
	r.Record, r.Item = itemID(item.Ref()), item
	if err := items.Put(u, &r); err != nil {
		return false, err
	}
	for _, l := range item.links() {
		rec := newLink(item.Ref(), l)
		if stale[rec] {
			delete(stale, rec)
			continue
		}
		if err := links.PutAny(u, &rec); err != nil {
			return false, err
		}
	}
	for rec := range stale {
		if err := links.Delete(u, &rec); err != nil {
			return false, err
		}
	}
	return true, nil
}

// removeItem removes an item with its ways to others. Ways of others to it stay, and lead nowhere until it comes again.
func removeItem(u *forewarn.Unit, item Item) (bool, error) {
	r, err := items.Get(u, itemID(item.Ref()))
	if errors.Is(err, forewarn.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	for _, l := range r.Item.links() {
		rec := newLink(item.Ref(), l)
		if err := links.Delete(u, &rec); err != nil {
			return false, err
		}
	}
	return true, items.Delete(u, &r)
}

// same compares two items as they are kept.
func same(a, b Item) bool {
	x, err := json.Marshal(a)
	if err != nil {
		return reflect.DeepEqual(a, b)
	}
	y, err := json.Marshal(b)
	return err == nil && bytes.Equal(x, y)
}
