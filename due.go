package forewarn

import (
	"context"
	"encoding/json"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn/store"
)

// Due is work that waits for an instant, named within its tenant and kind. It
// is a record like any other, so that what is scheduled in a unit of work is
// scheduled if and only if the unit commits, and survives any crash. A worker
// runs it, once: the job's own commit takes it away.
type Due[T any] struct{ kind string }

// NewDue returns the due work of a kind, which is named as kinds of records are.
func NewDue[T any](kind string) Due[T] { return Due[T]{kind: kind} }

// At schedules an item. A new instant and body replace those of an item of the
// same name. An instant that has passed becomes now.
func (d Due[T]) At(u *Unit, name string, at time.Time, body T) error {
	if u.err != nil {
		return u.err
	}
	b, err := json.Marshal(body)
	if err != nil {
		return u.stick(Invalid("due "+d.kind, "the body is no JSON: %v", err))
	}
	return u.schedule(d.kind, name, at, b)
}

// Cancel takes an item away, if it is there.
func (d Due[T]) Cancel(u *Unit, name string) error {
	if u.err != nil {
		return u.err
	}
	i := dueItem{ID: dueID(u.actor.Tenant, d.kind, name)}
	return dues.Delete(u, &i)
}

// Job makes a job of a function that does one item. It works in the unit that
// takes the item away, with others of its tenant and kind beside it, and may
// name the item again.
func (d Due[T]) Job(do func(*Unit, T) error) Job {
	return d.Effect(nil, do)
}

// Effect makes a job with a part outside the unit: before is called once per
// attempt, and do once it has succeeded, as often as the unit has to run. Mails
// are sent so. A crash between the two calls before again.
func (d Due[T]) Effect(before func(context.Context, Item, T) error, do func(*Unit, T) error) Job {
	j := Job{kind: d.kind, max: defaultBatch}
	if before != nil {
		j.before = func(ctx context.Context, items []Item) []error {
			errs := make([]error, len(items))
			for i, item := range items {
				var body T
				if errs[i] = item.decode(&body); errs[i] == nil {
					errs[i] = before(ctx, item, body)
				}
			}
			return errs
		}
	}
	j.do = func(u *Unit, items []Item) error {
		for _, item := range items {
			var body T
			if err := item.decode(&body); err != nil {
				return err
			}
			if err := do(u, body); err != nil {
				return err
			}
		}
		return nil
	}
	return j
}

// Batch makes a job that does up to max items of one tenant at once.
func (d Due[T]) Batch(max int, do func(*Unit, []T) error) Job {
	return Job{kind: d.kind, max: max, do: func(u *Unit, items []Item) error {
		bodies := make([]T, len(items))
		for i, item := range items {
			if err := item.decode(&bodies[i]); err != nil {
				return err
			}
		}
		return do(u, bodies)
	}}
}

// defaultBatch is how many items of a tenant and kind go through one unit.
const defaultBatch = 30

// Job does the due work of one kind. Make it with Due or Fanout, and register it with Engine.Handle.
type Job struct {
	kind   string
	max    int
	before func(context.Context, []Item) []error
	do     func(*Unit, []Item) error
	failed func(*Unit, Item, error) error // an item is given up
	// chained jobs go on by naming their item again, due at once: each step may be decided while the one before is committed.
	chained bool
}

// Item is an item of due work.
type Item struct {
	Tenant, Kind, Name string
	At                 time.Time
	Attempts           int // that have failed

	body    json.RawMessage
	version int64
	outcome error // of what a job did outside its unit
}

func newItem(d dueItem, tenant string, version int64) Item {
	return Item{Tenant: tenant, Kind: d.Kind, Name: d.Name, At: d.At, Attempts: d.Attempts, body: d.Body, version: version}
}

func (i Item) key() store.Key {
	return store.Key{Tenant: i.Tenant, Kind: dues.kind.Name, ID: dueID(i.Tenant, i.Kind, i.Name)}
}

func (i Item) decode(body any) error {
	if err := json.Unmarshal(i.body, body); err != nil {
		return Invalid("due "+i.Kind, "the body of %s cannot be read: %v", i.Name, err)
	}
	return nil
}

// dueItem is the record of an item.
type dueItem struct {
	ID       uuid.UUID       `json:"id"`
	Version  Version         `json:"version"`
	Tenant   string          `json:"-"`
	Kind     string          `json:"kind"`
	Name     string          `json:"name"`
	Shard    int             `json:"shard"`
	At       time.Time       `json:"at"`
	Attempts int             `json:"attempts,omitempty"`
	Body     json.RawMessage `json:"body"`
}

var dues = NewRecords("due", Shape[dueItem]{
	ID:      func(i *dueItem) *uuid.UUID { return &i.ID },
	Version: func(i *dueItem) *Version { return &i.Version },
	Tenant:  func(i *dueItem) *string { return &i.Tenant },
	Fields: []Field[dueItem]{
		{"shard", store.Int, func(i *dueItem) store.Value { return Int(i.Shard) }},
		{"at", store.Int, func(i *dueItem) store.Value { return Time(i.At) }},
	},
	Indexes: []store.Index{{Name: "due", Fields: []string{"shard", "at"}}},
	Global:  true,
})

func dueID(tenant, kind, name string) uuid.UUID { return store.NameID("due", tenant, kind, name) }

func (u *Unit) schedule(kind, name string, at time.Time, body json.RawMessage) error {
	if kind == "" {
		return u.stick(Invalid("due", "its kind has no name"))
	}
	if name == "" || len(name) > maxRequest {
		return u.stick(Invalid("due "+kind, "a name has 1 to %d bytes", maxRequest))
	}
	if !utf8.ValidString(name) {
		return u.stick(Invalid("due "+kind, "a name is valid UTF-8"))
	}
	i := dueItem{ID: dueID(u.actor.Tenant, kind, name), Kind: kind, Name: name, Body: body}
	i.Shard = store.ShardOf(dues.Key(u.actor.Tenant, i.ID))
	if i.At = at.UTC().Truncate(time.Microsecond); i.At.Before(u.now) {
		i.At = u.now
	}
	u.due = true
	return dues.PutAny(u, &i)
}

// FailedDue is an item of due work that was given up.
type FailedDue struct {
	ID       uuid.UUID       `json:"id"`
	Version  Version         `json:"version"`
	Tenant   string          `json:"-"`
	Kind     string          `json:"kind"`
	Name     string          `json:"name"`
	Body     json.RawMessage `json:"body"`
	Error    string          `json:"error"`
	Attempts int             `json:"attempts"`
	At       time.Time       `json:"at"` // when it was given up
}

var failedDues = NewRecords("due_failed", Shape[FailedDue]{
	ID:      func(i *FailedDue) *uuid.UUID { return &i.ID },
	Version: func(i *FailedDue) *Version { return &i.Version },
	Tenant:  func(i *FailedDue) *string { return &i.Tenant },
	Fields:  []Field[FailedDue]{{"at", store.Int, func(i *FailedDue) store.Value { return Time(i.At) }}},
	Indexes: []store.Index{{Name: "at", Fields: []string{"at"}}},
	Global:  true,
})

// FailedDues are the items of due work that were given up, found by "at".
func FailedDues() Records[FailedDue] { return failedDues }

// RetryFailed schedules an item that was given up again, now. It returns ErrNotFound when there is none.
func (u *Unit) RetryFailed(kind, name string) error {
	f, err := failedDues.Get(u, dueID(u.actor.Tenant, kind, name))
	if err != nil {
		return err
	}
	if err := failedDues.Delete(u, &f); err != nil {
		return err
	}
	return u.schedule(kind, name, u.now, f.Body)
}
