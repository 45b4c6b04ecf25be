package worker_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/adapters/memory"
	"github.com/forewarn-go/forewarn/bus"
	"github.com/forewarn-go/forewarn/store"
	"github.com/forewarn-go/forewarn/ticket"
	"github.com/forewarn-go/forewarn/worker"
)

// door is a ticket that is knocked at: each knock is an event.
type door struct {
	ID      uuid.UUID        `json:"id"`
	Version forewarn.Version `json:"version"`
	Knocks  int              `json:"knocks"`
}

var doors = forewarn.NewRecords("door", forewarn.Shape[door]{
	ID:      func(d *door) *uuid.UUID { return &d.ID },
	Version: func(d *door) *forewarn.Version { return &d.Version },
})

var closing = forewarn.NewDue[uuid.UUID]("door_closing")

type everyChange struct{}

func (everyChange) Events(ticket.Change) []ticket.Event { return []ticket.Event{{Type: "knocked"}} }

// house is an engine over a memory store with a bus that keeps what it gets.
type house struct {
	t      testing.TB
	store  *memory.Store
	engine *forewarn.Engine
	by     forewarn.Actor

	mu      sync.Mutex
	got     []string
	calls   int
	publish func(ctx context.Context, m []bus.Message) error
	closed  []time.Time
	mails   int
}

func newHouse(t testing.TB, wrap func(store.Store) store.Store) *house {
	t.Helper()
	h := &house{t: t, store: memory.New(), by: forewarn.Actor{Tenant: "acme", ID: "ann", Roles: []string{forewarn.RoleAdmin}}}
	var s store.Store = h.store
	if wrap != nil {
		s = wrap(s)
	}
	h.engine = h.process(s)
	h.ok(h.engine.Handle(closing.Job(func(*forewarn.Unit, uuid.UUID) error {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.closed = append(h.closed, time.Now())
		return nil
	})))
	return h
}

// process returns an engine of another process over a store.
func (h *house) process(s store.Store) *forewarn.Engine {
	h.t.Helper()
	e, err := forewarn.New(forewarn.Config{Store: s, Rules: everyChange{}})
	h.ok(err)
	h.ok(e.Keep(doors.Kind()))
	return e
}

func (h *house) ok(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) worker(change ...func(*worker.Config)) *worker.Worker {
	h.t.Helper()
	c := worker.Config{Engine: h.engine, Publisher: bus.Func(h.take), Notifier: h, Encode: func(e store.Event) (bus.Message, error) {
		return bus.Message{ID: e.ID, Key: e.Ticket.ID.String(), Body: []byte(fmt.Sprint(e.Seq))}, nil
	}}
	for _, f := range change {
		f(&c)
	}
	w, err := worker.New(c)
	h.ok(err)
	return w
}

func (h *house) take(ctx context.Context, messages ...bus.Message) error {
	h.mu.Lock()
	h.calls++
	publish := h.publish
	h.mu.Unlock()
	if publish != nil {
		if err := publish(ctx, messages); err != nil {
			return err
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, m := range messages {
		h.got = append(h.got, m.Key)
	}
	return nil
}

// set changes how the bus takes what it is given.
func (h *house) set(publish func(ctx context.Context, m []bus.Message) error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.publish = publish
}

// Notify counts mails.
func (h *house) Notify(context.Context, forewarn.Notification) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.mails++
	return nil
}

func (h *house) arrived() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.got)
}

func (h *house) called() (calls int, closed []time.Time, mails int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.calls, h.closed, h.mails
}

// knock knocks at the n-th door, through an engine.
func (h *house) knock(e *forewarn.Engine, n int) {
	h.t.Helper()
	h.ok(e.Update(context.Background(), h.by, func(_ context.Context, u *forewarn.Unit) error {
		d, err := doors.Get(u, doorID(n))
		if err != nil && !errors.Is(err, forewarn.ErrNotFound) {
			return err
		}
		d.ID = doorID(n)
		d.Knocks++
		if err := doors.Put(u, &d); err != nil {
			return err
		}
		return u.Announce(nil, ticket.Snapshot{Key: doors.Key("", d.ID)})
	}))
}

func doorID(n int) uuid.UUID { return store.NameID("door", fmt.Sprint(n)) }

// left returns how many events are in the log.
func (h *house) left() int {
	h.t.Helper()
	r, err := h.store.Reader("", store.AllShards()...)
	h.ok(err)
	defer func() { h.ok(r.Close()) }()
	events, err := r.Next(context.Background(), 10_000)
	h.ok(err)
	return len(events)
}
