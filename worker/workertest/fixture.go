package workertest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/bus"
	"github.com/forewarn-go/forewarn/store"
	"github.com/forewarn-go/forewarn/worker"
)

// tb is what a clause needs of a test; *rapid.T has it too.
type tb interface {
	Helper()
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
	Logf(format string, args ...any)
}

// clock is set by hand.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	c.now = c.now.Add(d)
	c.mu.Unlock()
}

// fixture is a clause at work: a store of its own, a clock set by hand, a bus and a post office that can fail.
type fixture struct {
	tb
	test        testing.TB
	under       Under
	store       *hooked
	ctx         context.Context
	clock       *clock
	engine      *forewarn.Engine
	by          forewarn.Actor
	bus         *flaky
	post        *post
	staged      map[uuid.UUID]int
	modelWorker Worker // of all stories of the model, since an engine has one
}

const tenant = "acme"

func newFixture(t testing.TB, u Under) *fixture {
	t.Helper()
	if u.Store == nil {
		t.Fatalf("the factory gave no store")
	}
	if u.Make == nil {
		u.Make = func(c worker.Config) (Worker, error) { return worker.New(c) }
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	t.Cleanup(cancel)
	x := &fixture{tb: t, test: t, under: u, ctx: ctx, clock: &clock{now: time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)},
		store: &hooked{Store: u.Store}, bus: &flaky{}, post: &post{}, staged: map[uuid.UUID]int{},
		by: forewarn.Actor{Tenant: tenant, ID: "tester", Roles: []string{forewarn.RoleAdmin}}}
	x.engine = x.newEngine()
	if u.Migrate != nil {
		if err := u.Migrate(ctx); err != nil {
			t.Fatalf("migrate: %v", err)
		}
	}
	return x
}

// newEngine returns an engine as another process would have it: over the same store, at the same clock.
func (x *fixture) newEngine() *forewarn.Engine {
	x.Helper()
	e, err := forewarn.New(forewarn.Config{Store: x.store, Clock: x.clock, Rules: rules{}, Strict: true,
		Retry: func(attempt int) time.Duration { return time.Duration(attempt) * time.Minute }, Attempts: 3})
	if err != nil {
		x.Fatalf("engine: %v", err)
	}
	if err := e.Keep(toys.Kind(), effects.Kind()); err != nil {
		x.Fatalf("keep: %v", err)
	}
	return e
}

// worker makes the worker of the fixture's engine. Its waits are short.
func (x *fixture) worker(change ...func(*worker.Config)) Worker {
	x.Helper()
	return x.workerOf(x.engine, change...)
}

func (x *fixture) workerOf(e *forewarn.Engine, change ...func(*worker.Config)) Worker {
	x.Helper()
	c := worker.Config{Engine: e, Publisher: x.bus, Encode: encode, Notifier: x.post,
		Retry: func(int) time.Duration { return 100 * time.Microsecond }}
	for _, f := range change {
		f(&c)
	}
	w, err := x.under.Make(c)
	if err != nil {
		x.Fatalf("worker: %v", err)
	}
	return w
}

func (x *fixture) handle(jobs ...forewarn.Job) {
	x.Helper()
	x.check("handle", x.engine.Handle(jobs...))
}

func (x *fixture) check(what string, err error) {
	x.Helper()
	if err != nil {
		x.Fatalf("%s: %v", what, err)
	}
}

func (x *fixture) drain(w Worker) {
	x.Helper()
	x.check("Drain", w.Drain(x.ctx))
}

// do runs a unit of work.
func (x *fixture) do(use func(*forewarn.Unit) error) {
	x.Helper()
	x.check("unit", x.engine.Update(x.ctx, x.by, func(_ context.Context, u *forewarn.Unit) error { return use(u) }))
}

// id returns the n-th toy's id.
func id(n int) uuid.UUID { return store.NameID("toy", fmt.Sprint(n)) }

// shardOf returns the shard of the n-th toy.
func shardOf(n int) int { return store.ShardOf(toys.Key(tenant, id(n))) }

// inShard returns n toys of one shard.
func inShard(shard, n int) []int {
	var all []int
	for i := 0; len(all) < n; i++ {
		if shardOf(i) == shard {
			all = append(all, i)
		}
	}
	return all
}

// stage changes toys, a commit each.
func (x *fixture) stage(ns ...int) {
	x.Helper()
	for _, n := range ns {
		x.do(func(u *forewarn.Unit) error { return change(u, id(n)) })
		x.staged[id(n)]++
	}
}

// left returns what is in the log.
func (x *fixture) left() []store.Event {
	x.Helper()
	r, err := x.store.Reader("", store.AllShards()...)
	x.check("reader", err)
	defer func() { x.check("close", r.Close()) }()
	var all []store.Event
	for {
		events, err := r.Next(x.ctx, 1000)
		x.check("next", err)
		if len(events) == 0 {
			return all
		}
		all = append(all, events...)
	}
}

// complete checks that every staged event has arrived or is in the log, and that by first delivery each toy's events
// arrived in their order.
func (x *fixture) complete() {
	x.Helper()
	inLog := map[uuid.UUID]map[int]bool{}
	for _, e := range x.left() {
		n, err := numbered(e.Body)
		x.check("body", err)
		if inLog[e.Ticket.ID] == nil {
			inLog[e.Ticket.ID] = map[int]bool{}
		}
		inLog[e.Ticket.ID][n] = true
	}
	first := x.bus.first()
	for toy, n := range x.staged {
		arrived := map[int]bool{}
		for i, got := range first[toy.String()] {
			arrived[got] = true
			if i > 0 && got < first[toy.String()][i-1] {
				x.Errorf("toy %s: event %d arrived first after event %d", toy, got, first[toy.String()][i-1])
			}
		}
		for i := 1; i <= n; i++ {
			if !arrived[i] && !inLog[toy][i] {
				x.Errorf("toy %s: event %d of %d was forgotten and never arrived", toy, i, n)
			}
		}
	}
}

// delivered is complete, with nothing left in the log.
func (x *fixture) delivered() {
	x.Helper()
	x.complete()
	if left := x.left(); len(left) > 0 {
		x.Errorf("%d events are left in the log", len(left))
	}
}

// effectsOf returns the executions of due work of a name, all of them when it is "".
func (x *fixture) effectsOf(name string) []effect {
	x.Helper()
	if name == "" {
		return x.effectsBy(effects.Where("name"))
	}
	return x.effectsBy(effects.Where("name", forewarn.Text(name)))
}

func (x *fixture) effectsBy(q forewarn.Query[effect]) []effect {
	x.Helper()
	var all []effect
	x.do(func(u *forewarn.Unit) error {
		all = nil
		for e, err := range q.All(u) {
			if err != nil {
				return err
			}
			all = append(all, e)
		}
		return nil
	})
	return all
}

func isNotFound(err error) bool { return errors.Is(err, forewarn.ErrNotFound) }

// hooked is a store that asks a function before each commit.
type hooked struct {
	store.Store
	mu     sync.Mutex
	before func(b store.Batch) error
}

func (h *hooked) set(before func(store.Batch) error) {
	h.mu.Lock()
	h.before = before
	h.mu.Unlock()
}

// Commit commits, unless the function returns an error.
func (h *hooked) Commit(ctx context.Context, b store.Batch) error {
	h.mu.Lock()
	before := h.before
	h.mu.Unlock()
	if before != nil {
		if err := before(b); err != nil {
			return err
		}
	}
	return h.Store.Commit(ctx, b)
}

// Reader reads the log underneath.
func (h *hooked) Reader(lane string, shards ...int) (store.LogReader, error) {
	log, ok := h.Store.(store.Log)
	if !ok {
		return nil, errors.New("the store is no store.Log")
	}
	return log.Reader(lane, shards...)
}

// Limits are those of the store underneath.
func (h *hooked) Limits() (entries, bytes int) { return store.LimitsOf(h.Store) }

// takesDue reports whether a batch takes an item of due work at the version that was read: as done, or with a later
// instant.
func takesDue(b store.Batch) bool {
	return slices.ContainsFunc(b.Deletes, func(d store.Read) bool { return d.Kind == "due" && d.Expect > 0 }) ||
		slices.ContainsFunc(b.Puts, func(p store.Put) bool { return p.Kind == "due" && p.Expect > 0 })
}

// flaky is a bus that keeps what arrives and fails as it is told.
type flaky struct {
	mu      sync.Mutex
	got     []bus.Message
	calls   int
	down    func(call int) error                       // nil: it answers
	refuses func(call int, m bus.Message) *bus.Failure // nil: it takes it
}

// Publish takes the messages, but none behind a refused one of the same key.
func (f *flaky) Publish(ctx context.Context, messages ...bus.Message) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls++
	if f.down != nil {
		if err := f.down(f.calls); err != nil {
			return &bus.Error{Down: err}
		}
	}
	e := &bus.Error{}
	refused := map[string]bool{}
	for i, m := range messages {
		failure := (*bus.Failure)(nil)
		if refused[m.Key] {
			failure = &bus.Failure{Err: errors.New("stands behind a refused message"), Retry: true}
		} else if f.refuses != nil {
			failure = f.refuses(f.calls, m)
		}
		if failure == nil {
			f.got = append(f.got, m)
			continue
		}
		refused[m.Key] = true
		failure.Index = i
		e.Failed = append(e.Failed, *failure)
	}
	if len(e.Failed) > 0 {
		return e
	}
	return nil
}

// set changes how the bus fails.
func (f *flaky) set(down func(int) error, refuses func(int, bus.Message) *bus.Failure) {
	f.mu.Lock()
	f.down, f.refuses = down, refuses
	f.mu.Unlock()
}

// first returns the numbers of each key in the order in which they arrived first.
func (f *flaky) first() map[string][]int {
	f.mu.Lock()
	defer f.mu.Unlock()
	seen := map[uuid.UUID]bool{}
	all := map[string][]int{}
	for _, m := range f.got {
		if !seen[m.ID] {
			seen[m.ID] = true
			var n int
			_, _ = fmt.Sscan(string(m.Body), &n)
			all[m.Key] = append(all[m.Key], n)
		}
	}
	return all
}

// count returns how many messages have arrived.
func (f *flaky) count() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.got)
}

// post is a post office that keeps what it is given and fails as it is told.
type post struct {
	mu    sync.Mutex
	sent  []forewarn.Notification
	fails func(n forewarn.Notification) error
}

// Notify takes a notification.
func (p *post) Notify(_ context.Context, n forewarn.Notification) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.fails != nil {
		if err := p.fails(n); err != nil {
			return err
		}
	}
	p.sent = append(p.sent, n)
	return nil
}

func (p *post) all() []forewarn.Notification {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]forewarn.Notification(nil), p.sent...)
}
