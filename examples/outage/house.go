package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/adapters/inproc"
	"github.com/forewarn-go/forewarn/adapters/kafka"
	"github.com/forewarn-go/forewarn/adapters/memory"
	"github.com/forewarn-go/forewarn/adapters/sqlstore"
	"github.com/forewarn-go/forewarn/apinotif"
	"github.com/forewarn-go/forewarn/bus"
	"github.com/forewarn-go/forewarn/inventory"
	"github.com/forewarn-go/forewarn/psew"
	"github.com/forewarn-go/forewarn/store"
	"github.com/forewarn-go/forewarn/techcase"
	"github.com/forewarn-go/forewarn/worker"
)

// start is when the story begins.
var start = time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)

// clock is a clock that stands until somebody turns it.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) turn(to time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if to.After(c.now) {
		c.now = to
	}
}

// house is everything wired together.
type house struct {
	clock     *clock
	engine    *forewarn.Engine
	inventory *inventory.Service
	cases     *techcase.Service
	incidents *psew.Service
	worker    *worker.Worker
	read      func(context.Context) ([]bus.Message, error) // what has arrived on the bus
	closers   []func() error
}

func (h *house) close() {
	for i := len(h.closers) - 1; i >= 0; i-- {
		h.closers[i]()
	}
}

// open wires the house over the store and the bus that the flags name.
func open(ctx context.Context, o options, progress io.Writer) (_ *house, err error) {
	h := &house{clock: &clock{now: start}}
	defer func() {
		if err != nil {
			h.close()
		}
	}()
	var kept store.Store
	migrate := func(context.Context) error { return nil }
	switch {
	case o.store == "memory":
		kept = memory.New()
	case strings.HasPrefix(o.store, "sqlite:"), strings.HasPrefix(o.store, "postgres://"), strings.HasPrefix(o.store, "postgresql://"):
		db, err := sqlstore.Open(ctx, o.store)
		if err != nil {
			return nil, err
		}
		h.closers = append(h.closers, db.Close)
		kept, migrate = db, db.Migrate
	default:
		return nil, usageError{fmt.Sprintf("-store %q is neither memory nor sqlite:FILE nor postgres://…", o.store)}
	}
	rules, err := apinotif.NewRules(apinotif.Config{})
	if err != nil {
		return nil, err
	}
	if h.engine, err = forewarn.New(forewarn.Config{Store: kept, Clock: h.clock, IDs: forewarn.SeededIDs(o.seed), Rules: rules}); err != nil {
		return nil, err
	}
	if err := h.engine.Keep(runs.Kind(), outbox.Kind()); err != nil {
		return nil, err
	}
	if h.inventory, err = inventory.New(inventory.Config{Engine: h.engine}); err != nil {
		return nil, err
	}
	h.cases, err = techcase.New(techcase.Config{Engine: h.engine, Follower: psew.Follower{}, Parties: techcase.FromInventory(inventory.Stored)})
	if err != nil {
		return nil, err
	}
	h.incidents, err = psew.New(psew.Config{Engine: h.engine, Cases: h.cases.Book(), Changes: lastChanges{}})
	if err != nil {
		return nil, err
	}
	if err := migrate(ctx); err != nil {
		return nil, err
	}
	publisher, err := h.openBus(ctx, o)
	if err != nil {
		return nil, err
	}
	h.worker, err = worker.New(worker.Config{Engine: h.engine, Publisher: publisher, Encode: apinotif.Encode(o.topic), Notifier: mailbox{}})
	return h, err
}

// openBus opens the bus: in this process, where every message is kept as a record before it counts as delivered, or Kafka.
func (h *house) openBus(ctx context.Context, o options) (bus.Publisher, error) {
	if o.bus == "inproc" {
		b := inproc.New()
		b.Subscribe(o.topic, func(ctx context.Context, m bus.Message) error { return keepMessage(ctx, h.engine, m) })
		h.read = func(ctx context.Context) ([]bus.Message, error) { return keptMessages(ctx, h.engine, tenant(o.seed)) }
		return b, nil
	}
	broker, ok := strings.CutPrefix(o.bus, "kafka:")
	if !ok || broker == "" {
		return nil, usageError{fmt.Sprintf("-bus %q is neither inproc nor kafka:HOST:PORT", o.bus)}
	}
	p, err := kafka.New(kafka.Config{Brokers: strings.Split(broker, ",")})
	if err != nil {
		return nil, err
	}
	h.closers = append(h.closers, func() error { p.Close(); return nil })
	if err := p.EnsureTopic(ctx, o.topic, 4); err != nil {
		return nil, err
	}
	h.read = func(ctx context.Context) ([]bus.Message, error) {
		all, err := readKafka(ctx, strings.Split(broker, ","), o.topic)
		if err != nil {
			return nil, err
		}
		return all, inOrder(all)
	}
	return p, nil
}

// mailbox is a Notifier that takes every mail. What was sent is counted in the store.
type mailbox struct{}

func (mailbox) Notify(context.Context, forewarn.Notification) error { return nil }
