package forewarn_test

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/adapters/memory"
	"github.com/forewarn-go/forewarn/store"
	"github.com/forewarn-go/forewarn/ticket"
)

// account is a record of the tests' own domain: money that must neither be lost nor made.
type account struct {
	ID      uuid.UUID        `json:"id"`
	Version forewarn.Version `json:"version"`
	Owner   string           `json:"owner"`
	State   string           `json:"state"`
	Balance int              `json:"balance"`
}

var accounts = forewarn.NewRecords("account", forewarn.Shape[account]{
	ID:      func(a *account) *uuid.UUID { return &a.ID },
	Version: func(a *account) *forewarn.Version { return &a.Version },
	Fields: []forewarn.Field[account]{
		{Name: "owner", Type: store.Text, Of: func(a *account) store.Value { return forewarn.Text(a.Owner) }},
		{Name: "state", Type: store.Text, Of: func(a *account) store.Value { return forewarn.OptionalText(a.State) }},
		{Name: "balance", Type: store.Int, Of: func(a *account) store.Value { return forewarn.Int(a.Balance) }},
	},
	Indexes: []store.Index{
		{Name: "owner", Fields: []string{"owner", "balance"}},
		{Name: "state", Fields: []string{"state", "balance"}},
	},
})

// note is a record of a global kind.
type note struct {
	ID      uuid.UUID        `json:"id"`
	Version forewarn.Version `json:"version"`
	Tenant  string           `json:"-"`
	Text    string           `json:"text"`
}

var notes = forewarn.NewRecords("note", forewarn.Shape[note]{
	ID:      func(n *note) *uuid.UUID { return &n.ID },
	Version: func(n *note) *forewarn.Version { return &n.Version },
	Tenant:  func(n *note) *string { return &n.Tenant },
	Fields: []forewarn.Field[note]{
		{Name: "text", Type: store.Text, Of: func(n *note) store.Value { return forewarn.Text(n.Text) }},
	},
	Indexes: []store.Index{{Name: "text", Fields: []string{"text"}}},
	Global:  true,
})

// tb is what the tests' world needs; *testing.T and *rapid.T have it.
type tb interface {
	Helper()
	Fatalf(format string, args ...any)
	Errorf(format string, args ...any)
}

// world is an engine over a store of its own, at a time that stands still until it is moved.
type world struct {
	tb
	ctx    context.Context
	store  store.Store
	engine *forewarn.Engine
	clock  *clock
}

var (
	monday = time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)
	alice  = forewarn.Actor{Tenant: "acme", ID: "alice"}
	bob    = forewarn.Actor{Tenant: "acme", ID: "bob"}
	eve    = forewarn.Actor{Tenant: "other", ID: "eve"}
)

// newWorld returns a world over s, or over a new memory store when s is nil.
func newWorld(t tb, s store.Store, change ...func(*forewarn.Config)) *world {
	t.Helper()
	if s == nil {
		s = memory.New()
	}
	w := &world{tb: t, ctx: context.Background(), store: s, clock: &clock{now: monday}}
	c := forewarn.Config{Store: s, Clock: w.clock, Strict: true}
	for _, f := range change {
		f(&c)
	}
	e, err := forewarn.New(c)
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	if err := e.Keep(accounts.Kind(), notes.Kind()); err != nil {
		t.Fatalf("Keep: %v", err)
	}
	w.engine = e
	return w
}

// clock is a clock that stands still.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// update runs fn in a unit of alice's, which must commit.
func (w *world) update(fn func(u *forewarn.Unit) error) {
	w.Helper()
	if err := w.try(alice, fn); err != nil {
		w.Fatalf("update: %v", err)
	}
}

// try runs fn in a unit of somebody's.
func (w *world) try(by forewarn.Caller, fn func(u *forewarn.Unit) error) error {
	return w.engine.Update(w.ctx, by, func(_ context.Context, u *forewarn.Unit) error { return fn(u) })
}

// open puts accounts that are new.
func (w *world) open(all ...account) {
	w.Helper()
	w.update(func(u *forewarn.Unit) error {
		for _, a := range all {
			if err := accounts.Put(u, &a); err != nil {
				return err
			}
		}
		return nil
	})
}

// account returns an account as it is stored.
func (w *world) account(id uuid.UUID) account {
	w.Helper()
	a, err := w.lookup(alice, id)
	if err != nil {
		w.Fatalf("account %s: %v", id, err)
	}
	return a
}

func (w *world) lookup(by forewarn.Actor, id uuid.UUID) (account, error) {
	return forewarn.Read(w.ctx, w.engine, by, "toy.Get", id, func(u *forewarn.Unit, id uuid.UUID) (account, error) {
		return accounts.Get(u, id)
	})
}

// version returns at which version a key stands in the store, 0 for absent.
func (w *world) version(k store.Key) int64 {
	w.Helper()
	r, err := w.store.Get(w.ctx, k)
	if err != nil {
		w.Fatalf("Get: %v", err)
	}
	return r[0].Version
}

// behind changes an account behind the backs of units: straight in the store.
func (w *world) behind(s store.Store, id uuid.UUID, change func(*account)) {
	w.Helper()
	k := accounts.Key(alice.Tenant, id)
	r, err := s.Get(w.ctx, k)
	if err != nil {
		w.Fatalf("Get: %v", err)
	}
	a := account{ID: id}
	if r[0].Version != 0 {
		if err := json.Unmarshal(r[0].Body, &a); err != nil {
			w.Fatalf("%v", err)
		}
	}
	change(&a)
	version := r[0].Version + 1
	if r[0].Version == 0 {
		version = 7 << 32
	}
	body, err := json.Marshal(a)
	if err != nil {
		w.Fatalf("%v", err)
	}
	values, err := accounts.Kind().Of(body)
	if err != nil {
		w.Fatalf("%v", err)
	}
	err = s.Commit(w.ctx, store.Batch{Puts: []store.Put{{Key: k, Expect: r[0].Version, Version: version, Body: body, Values: values}}})
	if err != nil {
		w.Fatalf("behind: %v", err)
	}
}

// events returns all events of the log, by sequence.
func (w *world) events() []store.Event {
	w.Helper()
	r, err := w.store.(store.Log).Reader("", store.AllShards()...)
	if err != nil {
		w.Fatalf("Reader: %v", err)
	}
	defer r.Close()
	all, err := r.Next(w.ctx, 10_000)
	if err != nil {
		w.Fatalf("Next: %v", err)
	}
	return all
}

// id returns an id that is the same for the same name.
func id(name string) uuid.UUID { return store.NameID("toy", name) }

// wants checks that err is of a kind.
func wants(t tb, err, kind error) *forewarn.Error {
	t.Helper()
	if !errors.Is(err, kind) {
		t.Fatalf("got %v, want %v", err, kind)
	}
	var e *forewarn.Error
	if !errors.As(err, &e) {
		t.Fatalf("%v is no *forewarn.Error", err)
	}
	return e
}

func ok(t tb, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%v", err)
	}
}

// statusRules make an event of each change of a status, and one of each change of the name.
type statusRules struct{}

func (statusRules) Events(c ticket.Change) []ticket.Event {
	if c.Created() {
		return []ticket.Event{{Type: "created", After: c.After.Status}}
	}
	var all []ticket.Event
	if c.Before.Status != c.After.Status {
		all = append(all, ticket.Event{Type: "status", Before: c.Before.Status, After: c.After.Status})
	}
	if c.Before.Name != c.After.Name || len(c.After.Comments) > 0 {
		all = append(all, ticket.Event{Type: "attribute", Before: c.After.Status, After: c.After.Status, Changed: []string{"name"}})
	}
	return all
}

// broken is a store of which a method fails.
type broken struct {
	store.Store
	numbers error
}

func (b broken) Numbers(ctx context.Context, tenant, series string, n int) (int64, error) {
	if b.numbers != nil {
		return 0, b.numbers
	}
	return b.Store.Numbers(ctx, tenant, series, n)
}

type uuidT = uuid.UUID

var uuidNil uuid.UUID

type (
	storeValue = store.Value
	storeIndex = store.Index
)
