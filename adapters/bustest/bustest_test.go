package bustest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn/bus"
)

// fake is a bus in memory that keeps the contract.
type fake struct {
	mu     sync.Mutex
	topics map[string][]bus.Message
	made   int
	down   bool
}

var (
	errTooBig = errors.New("too big")
	errCutOff = errors.New("cut off")
	errBehind = errors.New("behind a message that failed")
)

func (f *fake) Publish(ctx context.Context, m ...bus.Message) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(m) == 0 {
		return nil
	}
	if ctx.Err() != nil {
		return &bus.Error{Down: ctx.Err()}
	}
	if f.down {
		return &bus.Error{Down: errCutOff}
	}
	var e bus.Error
	held := map[string]bool{}
	for i, x := range m {
		switch {
		case held[x.Key]:
			e.Failed = append(e.Failed, bus.Failure{Index: i, Err: errBehind, Retry: true})
		case len(x.Body) > 1<<20:
			held[x.Key] = true
			e.Failed = append(e.Failed, bus.Failure{Index: i, Err: errTooBig})
		default:
			f.put(clone(x))
		}
	}
	if len(e.Failed) > 0 {
		return &e
	}
	return nil
}

func clone(m bus.Message) bus.Message {
	m.Headers, m.Body = maps.Clone(m.Headers), slices.Clone(m.Body)
	return m
}

func (f *fake) put(m bus.Message) { f.topics[m.Topic] = append(f.topics[m.Topic], m) }

// under returns a publisher under test over a fresh fake, wrapped by a fault.
func under(fault func(*fake) bus.Publisher) Under {
	f := &fake{topics: map[string][]bus.Message{}}
	var p bus.Publisher = f
	if fault != nil {
		p = fault(f)
	}
	return Under{
		Publisher: p,
		Topic: func(context.Context) (string, error) {
			f.mu.Lock()
			defer f.mu.Unlock()
			f.made++
			return fmt.Sprint("topic", f.made), nil
		},
		Read: func(_ context.Context, topic string) ([]bus.Message, error) {
			f.mu.Lock()
			defer f.mu.Unlock()
			var out []bus.Message
			for _, m := range f.topics[topic] {
				out = append(out, clone(m))
			}
			return out, nil
		},
		Refused: func(topic, key string) bus.Message {
			m := message(topic, key, 0)
			m.Body = make([]byte, 2<<20)
			return m
		},
		Break: func() func() {
			set := func(down bool) { f.mu.Lock(); f.down = down; f.mu.Unlock() }
			set(true)
			return func() { set(false) }
		},
	}
}

func TestAPublisherThatKeepsTheContract(t *testing.T) {
	Run(t, func(testing.TB) Under { return under(nil) })
}

// broken is a publisher with one fault, and the clause that must catch it.
type broken struct {
	name, clause string
	fault        func(*fake) bus.Publisher
}

// edit wraps a fake whose messages are changed on their way.
func edit(change func(*bus.Message)) func(*fake) bus.Publisher {
	return func(f *fake) bus.Publisher {
		return bus.Func(func(ctx context.Context, m ...bus.Message) error {
			var out []bus.Message
			for _, x := range m {
				x = clone(x)
				change(&x)
				out = append(out, x)
			}
			return f.Publish(ctx, out...)
		})
	}
}

// told wraps a fake whose error is told in other words.
func told(change func(e *bus.Error, m []bus.Message) error) func(*fake) bus.Publisher {
	return func(f *fake) bus.Publisher {
		return bus.Func(func(ctx context.Context, m ...bus.Message) error {
			err := f.Publish(ctx, m...)
			var e *bus.Error
			if errors.As(err, &e) {
				return change(e, m)
			}
			return err
		})
	}
}

var faults = []broken{
	{"another id", "every field arrives byte for byte", edit(func(m *bus.Message) { m.ID = uuid.New() })},
	{"no tenant", "every field arrives byte for byte", edit(func(m *bus.Message) { m.Tenant = "" })},
	{"empty headers dropped", "every field arrives byte for byte", edit(func(m *bus.Message) {
		maps.DeleteFunc(m.Headers, func(_, v string) bool { return v == "" })
	})},
	{"body trimmed", "every field arrives byte for byte", edit(func(m *bus.Message) { m.Body = []byte(strings.TrimSpace(string(m.Body))) })},
	{"body made text", "every field arrives byte for byte", edit(func(m *bus.Message) { m.Body = []byte(strings.ToValidUTF8(string(m.Body), "?")) })},
	{"long body cut", "every field arrives byte for byte", edit(func(m *bus.Message) { m.Body = m.Body[:min(len(m.Body), 32<<10)] })},
	{"key dropped", "every field arrives byte for byte", edit(func(m *bus.Message) { m.Key = "" })},
	{"accepted before it arrives", "nil means that all were accepted", func(f *fake) bus.Publisher {
		var late []bus.Message // what is sent with the next call
		return bus.Func(func(ctx context.Context, m ...bus.Message) error {
			err := f.Publish(ctx, late...)
			late = m
			return err
		})
	}},
	{"last message lost", "nil means that all were accepted", func(f *fake) bus.Publisher {
		return bus.Func(func(ctx context.Context, m ...bus.Message) error { return f.Publish(ctx, m[:max(0, len(m)-1)]...) })
	}},
	{"one topic for all", "each message goes to its own topic", func(f *fake) bus.Publisher {
		return bus.Func(func(ctx context.Context, m ...bus.Message) error {
			out := slices.Clone(m)
			for i := range out {
				out[i].Topic = out[0].Topic
			}
			return f.Publish(ctx, out...)
		})
	}},
	{"reverses", "messages of a key keep their order in a call", func(f *fake) bus.Publisher {
		return bus.Func(func(ctx context.Context, m ...bus.Message) error {
			m = slices.Clone(m)
			slices.Reverse(m)
			return f.Publish(ctx, m...)
		})
	}},
	{"one message of many overtakes", "messages of a key keep their order in a call", func(f *fake) bus.Publisher {
		return bus.Func(func(ctx context.Context, m ...bus.Message) error {
			m = slices.Clone(m)
			if len(m) > 400 {
				m[300], m[307] = m[307], m[300]
			}
			return f.Publish(ctx, m...)
		})
	}},
	{"newest first", "messages of a key keep their order over calls", func(f *fake) bus.Publisher {
		return bus.Func(func(ctx context.Context, m ...bus.Message) error {
			f.mu.Lock()
			before := f.topics[m[0].Topic]
			f.topics[m[0].Topic] = nil
			f.mu.Unlock()
			err := f.Publish(ctx, m...)
			f.mu.Lock()
			defer f.mu.Unlock()
			f.topics[m[0].Topic] = append(f.topics[m[0].Topic], before...)
			return err
		})
	}},
	{"drops what runs beside another call", "calls may run at once", func(f *fake) bus.Publisher {
		var mu sync.Mutex
		running, met := 0, make(chan struct{})
		return bus.Func(func(ctx context.Context, m ...bus.Message) error {
			mu.Lock()
			running++
			if running == 2 {
				close(met)
				mu.Unlock()
				return nil // lost
			}
			mu.Unlock()
			<-met
			return f.Publish(ctx, m...)
		})
	}},
	{"an empty call fails", "a call without messages is nothing", func(f *fake) bus.Publisher {
		return bus.Func(func(ctx context.Context, m ...bus.Message) error {
			if len(m) == 0 {
				return errors.New("nothing to do")
			}
			return f.Publish(ctx, m...)
		})
	}},
	{"a repeat fails", "a repeat is taken", func(f *fake) bus.Publisher {
		seen := map[uuid.UUID]bool{}
		return bus.Func(func(ctx context.Context, m ...bus.Message) error {
			for i, x := range m {
				if seen[x.ID] {
					return &bus.Error{Failed: []bus.Failure{{Index: i, Err: errors.New("known")}}}
				}
				seen[x.ID] = true
			}
			return f.Publish(ctx, m...)
		})
	}},
	{"keeps the body", "nothing of the caller's is kept or changed", func(f *fake) bus.Publisher {
		return bus.Func(func(_ context.Context, m ...bus.Message) error {
			for _, x := range m {
				f.put(x)
			}
			return nil
		})
	}},
	{"adds a header to the caller's", "nothing of the caller's is kept or changed", func(f *fake) bus.Publisher {
		return bus.Func(func(ctx context.Context, m ...bus.Message) error {
			for _, x := range m {
				x.Headers["id"] = x.ID.String()
			}
			return f.Publish(ctx, m...)
		})
	}},
	{"a cancelled call is accepted", "a cancelled context is told as down", func(f *fake) bus.Publisher {
		return bus.Func(func(ctx context.Context, m ...bus.Message) error {
			if ctx.Err() != nil {
				return nil
			}
			return f.Publish(ctx, m...)
		})
	}},
	{"a cancelled call is a bare error", "a cancelled context is told as down", told(func(e *bus.Error, _ []bus.Message) error { return e.Down })},
	{"a cancelled call is charged", "a cancelled context is told as down", told(func(e *bus.Error, _ []bus.Message) error {
		return &bus.Error{Failed: []bus.Failure{{Err: e.Down, Retry: true}}}
	})},
	{"a cancelled call loses its cause", "a cancelled context is told as down", told(func(*bus.Error, []bus.Message) error {
		return &bus.Error{Down: errors.New("ended")}
	})},
	{"refused is down", "a refused message is told by its index and cannot be retried", told(func(e *bus.Error, _ []bus.Message) error {
		return &bus.Error{Down: e.Failed[0].Err}
	})},
	{"refused may be retried", "a refused message is told by its index and cannot be retried", told(func(e *bus.Error, _ []bus.Message) error {
		e.Failed[0].Retry = true
		return e
	})},
	{"another index", "a refused message is told by its index and cannot be retried", told(func(e *bus.Error, _ []bus.Message) error {
		e.Failed[0].Index = 0
		return e
	})},
	{"all are charged", "a refused message is told by its index and cannot be retried", told(func(_ *bus.Error, m []bus.Message) error {
		var all bus.Error
		for i := range m {
			all.Failed = append(all.Failed, bus.Failure{Index: i, Err: errTooBig})
		}
		return &all
	})},
	{"refused is swallowed", "a refused message is told by its index and cannot be retried", told(func(*bus.Error, []bus.Message) error { return nil })},
	{"neighbours are lost", "the neighbours of a refused message arrive", func(f *fake) bus.Publisher {
		return bus.Func(func(ctx context.Context, m ...bus.Message) error {
			for i, x := range m {
				if len(x.Body) > 1<<20 {
					return &bus.Error{Failed: []bus.Failure{{Index: i, Err: errTooBig}}}
				}
			}
			return f.Publish(ctx, m...)
		})
	}},
	{"overtakes", "nothing of a key overtakes a refused message", func(f *fake) bus.Publisher {
		return bus.Func(func(ctx context.Context, m ...bus.Message) error {
			var e bus.Error
			for i, x := range m {
				if f.Publish(ctx, x) != nil {
					e.Failed = append(e.Failed, bus.Failure{Index: i, Err: errTooBig})
				}
			}
			if len(e.Failed) > 0 {
				return &e
			}
			return nil
		})
	}},
	{"what waits is refused too", "nothing of a key overtakes a refused message", told(func(e *bus.Error, _ []bus.Message) error {
		for i := range e.Failed {
			e.Failed[i].Retry = false
		}
		return e
	})},
	{"down is charged", "a bus that is cut off is down and charges no message", told(func(e *bus.Error, _ []bus.Message) error {
		return &bus.Error{Failed: []bus.Failure{{Err: e.Down, Retry: true}}}
	})},
	{"down is refused", "a bus that is cut off is down and charges no message", told(func(e *bus.Error, _ []bus.Message) error {
		e.Failed = []bus.Failure{{Err: e.Down}}
		return e
	})},
	{"down is swallowed", "a bus that is cut off is down and charges no message", told(func(*bus.Error, []bus.Message) error { return nil })},
	{"down for good", "a bus that is back takes messages again", func(f *fake) bus.Publisher {
		var dead error
		return bus.Func(func(ctx context.Context, m ...bus.Message) error {
			if dead == nil {
				dead = f.Publish(ctx, m...)
			}
			return dead
		})
	}},
}

// recorder is a TB that keeps what a clause says of a publisher.
type recorder struct {
	testing.TB
	mu      sync.Mutex
	failed  []string
	skipped bool
}

func (r *recorder) Helper() {}
func (r *recorder) Errorf(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failed = append(r.failed, fmt.Sprintf(format, args...))
}
func (r *recorder) Fatalf(format string, args ...any) { r.Errorf(format, args...); runtime.Goexit() }
func (r *recorder) Fatal(args ...any)                 { r.Errorf("%s", fmt.Sprint(args...)); runtime.Goexit() }
func (r *recorder) Skip(...any)                       { r.skipped = true; runtime.Goexit() }

// record runs a clause as a test would and returns what it said.
func record(t testing.TB, c Clause, u Under) *recorder {
	r := &recorder{TB: t}
	done := make(chan struct{})
	go func() {
		defer close(done)
		c.Run(r, u)
	}()
	<-done
	return r
}

func TestEveryFaultIsCaughtByItsClause(t *testing.T) {
	caught := map[string]bool{}
	for _, b := range faults {
		t.Run(b.name, func(t *testing.T) {
			i := slices.IndexFunc(Clauses(), func(c Clause) bool { return c.Name == b.clause })
			if i < 0 {
				t.Fatalf("there is no clause %q", b.clause)
			}
			r := record(t, Clauses()[i], under(b.fault))
			if len(r.failed) == 0 {
				t.Fatalf("clause %q does not see it", b.clause)
			}
			t.Log(r.failed[0])
			caught[b.clause] = true
		})
	}
	for _, c := range Clauses() {
		if !caught[c.Name] {
			t.Errorf("no broken publisher shows that clause %q bites", c.Name)
		}
	}
}

func TestMissingPowersAreSaid(t *testing.T) {
	skipped := 0
	for _, c := range Clauses() {
		u := under(nil)
		u.Refused, u.Break = nil, nil
		r := record(t, c, u)
		if len(r.failed) > 0 {
			t.Errorf("%s: %s", c.Name, r.failed)
		}
		if r.skipped {
			skipped++
		}
	}
	if skipped != 5 {
		t.Errorf("%d clauses are skipped without Refused and Break, want 5", skipped)
	}
	for _, u := range []Under{{}, {Publisher: bus.Discard}, {Publisher: bus.Discard, Topic: under(nil).Topic}} {
		if r := record(t, Clauses()[0], u); len(r.failed) != 1 || !strings.HasPrefix(r.failed[0], "bustest: Under.") {
			t.Errorf("an incomplete Under says %q", r.failed)
		}
	}
}
