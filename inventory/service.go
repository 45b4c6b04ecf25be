package inventory

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
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

// Put puts items into the inventory, in the place of those of the same type and id.
type Put struct {
	Items []Item
}

// Result says what a Put has changed.
type Result struct {
	Written, Unchanged int
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
		written, err := putItem(u, item)
		if err != nil {
			return r, err
		}
		if written {
			r.Written++
		} else {
			r.Unchanged++
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

// same compares two items as they are kept.
func same(a, b Item) bool {
	x, err := json.Marshal(a)
	if err != nil {
		return reflect.DeepEqual(a, b)
	}
	y, err := json.Marshal(b)
	return err == nil && bytes.Equal(x, y)
}

// maxLine is the length in bytes of a line that Import reads.
const maxLine = 256 << 10

// Import reads items as JSON lines and puts them, as many at once as the store
// takes. Empty lines are passed over. It returns what was written before the
// first error, which names the line; the lines before it stay.
func (s *Service) Import(ctx context.Context, by forewarn.Actor, r io.Reader) (Result, error) {
	var total Result
	entries, size := store.LimitsOf(s.engine.Store())
	entries, size = min(entries, 5000), min(size, 8<<20)
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 0, 64<<10), maxLine)
	var batch []Item
	var cost, volume, line, first int
	flush := func() error {
		if len(batch) == 0 {
			return nil
		}
		done, err := s.Put(ctx, by, Put{Items: batch})
		if err != nil {
			return fmt.Errorf("lines %d to %d: %w", first, line, err)
		}
		total.Written += done.Written
		total.Unchanged += done.Unchanged
		batch, cost, volume = batch[:0], 0, 0
		return nil
	}
	for lines.Scan() {
		line++
		text := bytes.TrimSpace(lines.Bytes())
		if len(text) == 0 {
			continue
		}
		var item Item
		decode := json.NewDecoder(bytes.NewReader(text))
		decode.DisallowUnknownFields()
		if err := decode.Decode(&item); err != nil {
			return total, fmt.Errorf("line %d: %w", line, forewarn.Invalid("item", "is no JSON of an item: %v", err))
		}
		if err := item.Check(); err != nil {
			return total, fmt.Errorf("line %d: %w", line, err)
		}
		// an item that changes takes away the links it had, so count them twice
		itemCost, itemSize := 1+2*max(len(item.links()), 2), 2*len(text)+512
		if cost+itemCost > entries || volume+itemSize > size {
			line--
			if err := flush(); err != nil {
				return total, err
			}
			line++
		}
		if len(batch) == 0 {
			first = line
		}
		batch = append(batch, item)
		cost, volume = cost+itemCost, volume+itemSize
	}
	if err := lines.Err(); err != nil {
		return total, fmt.Errorf("line %d: %w", line+1, forewarn.Invalid("line", "cannot be read: %v", err))
	}
	return total, flush()
}
