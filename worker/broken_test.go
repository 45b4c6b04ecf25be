package worker_test

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/adapters/memory"
	"github.com/forewarn-go/forewarn/bus"
	"github.com/forewarn-go/forewarn/store"
	"github.com/forewarn-go/forewarn/worker"
	"github.com/forewarn-go/forewarn/worker/workertest"
)

// The model fails on purpose here: it need not shrink what it found, nor keep it.
func TestMain(m *testing.M) {
	flag.Parse()
	for name, value := range map[string]string{"rapid.nofailfile": "true", "rapid.shrinktime": "0s"} {
		if err := flag.Set(name, value); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}

// part is a worker with a part that is broken on purpose.
type part struct {
	name string
	// caught is the clause that must catch it, and says what its failure must tell.
	caught, says string
	make         func(worker.Config) (workertest.Worker, error)
	store        func(store.Store) store.Store // nil: none
}

// over makes a worker whose publisher is broken.
func over(broken func(bus.Publisher) bus.Publisher) func(worker.Config) (workertest.Worker, error) {
	return func(c worker.Config) (workertest.Worker, error) {
		c.Publisher = broken(c.Publisher)
		return worker.New(c)
	}
}

// crude is a worker that delivers by itself, one event after the other, and wrongly.
type crude struct {
	*worker.Worker
	config worker.Config
	// deliver hands events out and returns which to forget.
	deliver func(ctx context.Context, c worker.Config, events []store.Event) []store.Position
}

func (w *crude) Drain(ctx context.Context) error {
	log, ok := w.config.Engine.Store().(store.Log)
	if !ok {
		return fmt.Errorf("no log")
	}
	r, err := log.Reader("", store.AllShards()...)
	if err != nil {
		return err
	}
	defer func() { _ = r.Close() }()
	for {
		events, err := r.Next(ctx, 100)
		if err != nil {
			return err
		}
		if len(events) == 0 {
			return w.Worker.Drain(ctx) // delivers what is left, and due work
		}
		gone := w.deliver(ctx, w.config, events)
		err = w.config.Engine.Update(ctx, forewarn.SystemActor(store.System), func(_ context.Context, u *forewarn.Unit) error {
			return u.Forget(gone...)
		})
		if err != nil {
			return err
		}
	}
}

func crudely(deliver func(context.Context, worker.Config, []store.Event) []store.Position) func(worker.Config) (workertest.Worker, error) {
	return func(c worker.Config) (workertest.Worker, error) {
		w, err := worker.New(c)
		return &crude{Worker: w, config: c, deliver: deliver}, err
	}
}

func publish(ctx context.Context, c worker.Config, e store.Event) error {
	m, err := c.Encode(e)
	if err != nil {
		return err
	}
	return c.Publisher.Publish(ctx, m)
}

// rigged is a store that changes batches before it commits them.
type rigged struct {
	*memory.Store
	mu     sync.Mutex
	change func(b store.Batch) store.Batch
}

func (r *rigged) Commit(ctx context.Context, b store.Batch) error {
	r.mu.Lock()
	b = r.change(b)
	r.mu.Unlock()
	return r.Store.Commit(ctx, b)
}

func rig(change func(b store.Batch) store.Batch) func(store.Store) store.Store {
	return func(s store.Store) store.Store {
		m, _ := s.(*memory.Store)
		return &rigged{Store: m, change: change}
	}
}

// chainEnd is the cursor behind the last step of one call of Settle, which is read from the store again: the steps before
// it may be decided on what was to be committed.
const chainEnd = "56"

// cursor moves the cursor of a fan-out's record that a batch puts.
func cursor(b store.Batch, move func(from string) string) store.Batch {
	b.Puts = slices.Clone(b.Puts)
	for i, p := range b.Puts {
		if p.Kind != "fanout" {
			continue
		}
		var body map[string]any
		if json.Unmarshal(p.Body, &body) != nil {
			continue
		}
		if at, ok := body["cursor"].(string); ok {
			body["cursor"] = move(at)
			b.Puts[i].Body, _ = json.Marshal(body)
		}
	}
	return b
}

var parts = []part{
	{name: "an event forgotten that was not published",
		caught: "deliver: a drain names a bus that is down, and the next one delivers", says: "forgotten and never arrived",
		make: crudely(func(ctx context.Context, c worker.Config, events []store.Event) (gone []store.Position) {
			for _, e := range events {
				_ = publish(ctx, c, e)
				gone = append(gone, e.Position)
			}
			return gone
		})},
	{name: "a failed message that the publisher is believed to have taken",
		caught: "deliver: messages that fail now and then are neither overtaken within their ticket nor lost", says: "forgotten and never arrived",
		make: over(func(p bus.Publisher) bus.Publisher {
			return bus.Func(func(ctx context.Context, m ...bus.Message) error {
				_ = p.Publish(ctx, m...)
				return nil
			})
		})},
	{name: "reorder on a retry: what failed is put behind the others",
		caught: "deliver: messages that fail now and then are neither overtaken within their ticket nor lost", says: "arrived first after",
		make: crudely(func(ctx context.Context, c worker.Config, events []store.Event) (gone []store.Position) {
			for tries := 0; len(events) > 0 && tries < 1000; tries++ {
				e := events[0]
				if events = events[1:]; publish(ctx, c, e) != nil {
					events = append(events, e)
					continue
				}
				gone = append(gone, e.Position)
			}
			return gone
		})},
	{name: "a refused message that does not stop its ticket",
		caught: "stuck: what lies behind a refused message waits, other shards go on, and then all of it arrives", says: "have arrived, want 2",
		make: crudely(func(ctx context.Context, c worker.Config, events []store.Event) (gone []store.Position) {
			for _, e := range events {
				if publish(ctx, c, e) == nil {
					gone = append(gone, e.Position)
				}
			}
			return gone
		})},
	{name: "a bus that takes one event after another of a ticket, the last first",
		caught: "deliver: every event arrives, in the order of its ticket, and the log is empty", says: "arrived first after",
		make: over(func(p bus.Publisher) bus.Publisher {
			return bus.Func(func(ctx context.Context, m ...bus.Message) error {
				m = slices.Clone(m)
				slices.Reverse(m)
				return p.Publish(ctx, m...)
			})
		})},
	{name: "due work done early",
		caught: "due: an item is done once, at its instant and not before", says: "was done 1 times, want 0",
		make: func(c worker.Config) (workertest.Worker, error) {
			w, err := worker.New(c)
			return &early{Worker: w, engine: c.Engine}, err
		}},
	{name: "due work done twice: the item stays when its job has run",
		caught: "due: an item is done once, at its instant and not before", says: "times, want 1",
		store: rig(func() func(store.Batch) store.Batch {
			kept := 0
			return func(b store.Batch) store.Batch {
				b.Deletes = slices.DeleteFunc(slices.Clone(b.Deletes), func(d store.Read) bool {
					if d.Kind == "due" && kept < 2 {
						kept++
						return true
					}
					return false
				})
				return b
			}
		}())},
	{name: "due work done twice: whoever takes an item does not look whether it is gone",
		caught: "due: an item that both hold is done by the first, and the second finds it gone", says: "was done 2 times, want 1",
		store: rig(func(b store.Batch) store.Batch {
			b.Deletes = slices.Clone(b.Deletes)
			for i := range b.Deletes {
				if b.Deletes[i].Kind == "due" {
					b.Deletes[i].Expect = store.Any
				}
			}
			return b
		})},
	{name: "due work done after a cancel",
		caught: "due: an item that was cancelled is not done", says: "was done 1 times, want 0",
		store: rig(func(b store.Batch) store.Batch {
			b.Deletes = slices.DeleteFunc(slices.Clone(b.Deletes), func(d store.Read) bool {
				return d.Kind == "due" && d.Expect == store.Any
			})
			return b
		})},
	{name: "a fan-out that skips a page",
		caught: "fan-out: every page is done, once, and the record tells how far it is", says: "was done 0 times",
		store: rig(func(b store.Batch) store.Batch {
			return cursor(b, func(at string) string {
				if at == chainEnd {
					return "63"
				}
				return at
			})
		})},
	{name: "a fan-out that repeats a page",
		caught: "fan-out: every page is done, once, and the record tells how far it is", says: "was done 2 times",
		store: rig(func() func(store.Batch) store.Batch {
			repeated := false
			return func(b store.Batch) store.Batch {
				return cursor(b, func(at string) string {
					if at == chainEnd && !repeated {
						repeated = true
						return "49"
					}
					return at
				})
			}
		}())},
	{name: "a mail sent inside the unit",
		caught: "mail: it is sent outside of any unit of work, once, however often the unit runs", says: "times, want 1",
		make: func(c worker.Config) (workertest.Worker, error) {
			sent := forewarn.NewDue[struct{ ID uuid.UUID }]("mail").Job(func(u *forewarn.Unit, m struct{ ID uuid.UUID }) error {
				mail, err := forewarn.Mails.Get(u, m.ID)
				if err != nil {
					return err
				}
				if err := c.Notifier.Notify(u.Context(), mail.Notification); err != nil {
					return err
				}
				mail.State, mail.Ended = forewarn.MailSent, u.Now()
				return forewarn.Mails.Put(u, &mail)
			})
			return &dueOnly{engine: c.Engine}, c.Engine.Handle(sent)
		}},
	{name: "requests that are kept for ever",
		caught: "purge: mails and fan-outs go 90 days after their end, requests after 30, and nothing before", says: "after 30 days",
		make: func(c worker.Config) (workertest.Worker, error) {
			c.KeepRequests = 1000 * 24 * time.Hour
			return worker.New(c)
		}},
}

// dueOnly does due work alone, with the jobs that its engine has.
type dueOnly struct {
	*worker.Worker
	engine *forewarn.Engine
}

func (w *dueOnly) Drain(ctx context.Context) error { return settle(ctx, w.engine, 0) }

// early does due work before its time.
type early struct {
	*worker.Worker
	engine *forewarn.Engine
}

func (w *early) Drain(ctx context.Context) error {
	if err := settle(ctx, w.engine, 2*time.Hour); err != nil {
		return err
	}
	return w.Worker.Drain(ctx)
}

// settle does what will be due after a while.
func settle(ctx context.Context, e *forewarn.Engine, ahead time.Duration) error {
	page, err := e.Waiting(ctx, store.AllShards(), e.Now().Add(ahead), "")
	if err != nil {
		return err
	}
	for _, items := range e.Batches(page.Items) {
		if err := e.Settle(ctx, items); err != nil {
			return err
		}
	}
	return nil
}

// Each broken part is caught by the clause that it breaks, which says what is wrong; the clause passes without it.
func TestBrokenPartsAreCaught(t *testing.T) {
	for _, p := range parts {
		t.Run(p.name, func(t *testing.T) {
			clauses := workertest.Clauses()
			i := slices.IndexFunc(clauses, func(c workertest.Clause) bool { return c.Name == p.caught })
			if i < 0 {
				t.Fatalf("there is no clause %q", p.caught)
			}
			u := workertest.Under{Store: memory.New(), Make: p.make}
			if p.store != nil {
				u.Store = p.store(u.Store)
			}
			r := record(t, func(t testing.TB) { clauses[i].Run(t, u) })
			if !r.failed || !strings.Contains(strings.Join(r.lines, "\n"), p.says) {
				t.Errorf("the clause %q does not catch it: failed %v, and not by %q:\n%s", p.caught, r.failed, p.says, strings.Join(r.lines, "\n"))
			}
		})
	}
}

// recorder is a testing.TB that keeps what is reported instead of failing.
type recorder struct {
	testing.TB
	mu     sync.Mutex
	failed bool
	lines  []string
}

// record runs a clause to its end and returns what it reported.
func record(t testing.TB, clause func(testing.TB)) *recorder {
	r := &recorder{TB: t}
	done := make(chan struct{})
	go func() {
		defer close(done)
		clause(r)
	}()
	<-done
	return r
}

func (r *recorder) note(s string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failed = true
	r.lines = append(r.lines, s)
}

func (r *recorder) Helper()                           {}
func (r *recorder) Errorf(format string, args ...any) { r.note(fmt.Sprintf(format, args...)) }
func (r *recorder) Fatalf(format string, args ...any) {
	r.note(fmt.Sprintf(format, args...))
	runtime.Goexit()
}
