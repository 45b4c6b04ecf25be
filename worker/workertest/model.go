package workertest

import (
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/bus"
	"github.com/forewarn-go/forewarn/store"
	"github.com/forewarn-go/forewarn/worker"
)

var modelClauses = []part{
	{"model: whatever is staged, scheduled, cancelled, refused and interrupted, the promises hold", func(x *fixture) {
		x.handle(reminders.Job(remind))
		run := 0
		rapid.Check(x.test, func(t *rapid.T) {
			if run++; x.under.Stories == 0 || run <= x.under.Stories {
				x.model(t, run)
			}
		})
	}},
}

// plan is what the model knows of a reminder: when it is due, and how often it has to have been done.
type plan struct {
	at      time.Time
	waiting bool
	done    int
}

// model plays one random story on the fixture's store, and checks the promises after every step.
func (x *fixture) model(t *rapid.T, run int) {
	outer := x.tb
	x.tb = t
	defer func() { x.tb = outer }()
	x.bus.set(nil, nil)
	x.store.set(nil)
	w := x.modelWorker
	if w == nil {
		w = x.worker(func(c *worker.Config) { c.Page = 3 })
		x.modelWorker = w
	}
	x.drain(w) // what the story before has left
	toy := func(t *rapid.T) int { return run*100 + rapid.IntRange(0, 5).Draw(t, "toy") }
	name := func(t *rapid.T) string { return fmt.Sprintf("%d/%d", run, rapid.IntRange(0, 4).Draw(t, "reminder")) }
	x.staged, x.bus.got = map[uuid.UUID]int{}, nil
	plans := map[string]*plan{}
	planOf := func(name string) *plan {
		if plans[name] == nil {
			plans[name] = &plan{}
		}
		return plans[name]
	}
	drain := func(fails bool) {
		err := w.Drain(x.ctx)
		var undelivered *worker.UndeliveredError
		if err != nil && (!fails || !errors.As(err, &undelivered)) {
			t.Fatalf("Drain: %v", err)
		}
		now := x.clock.Now()
		for _, p := range plans {
			if p.waiting && !p.at.After(now) {
				p.waiting = false
				p.done++
			}
		}
		if err == nil && len(x.left()) > 0 {
			t.Fatalf("a drain without error has left %d events", len(x.left()))
		}
	}
	t.Repeat(map[string]func(*rapid.T){
		"stage": func(t *rapid.T) { x.stage(toy(t)) },
		"schedule": func(t *rapid.T) {
			n, p := name(t), x.clock.Now().Add(time.Duration(rapid.IntRange(0, 20).Draw(t, "minutes"))*time.Minute)
			x.at(p, n)
			planOf(n).at, planOf(n).waiting = p, true
		},
		"cancel": func(t *rapid.T) {
			n := name(t)
			x.do(func(u *forewarn.Unit) error { return reminders.Cancel(u, n) })
			planOf(n).waiting = false
		},
		"time": func(t *rapid.T) { x.clock.add(time.Duration(rapid.IntRange(1, 10).Draw(t, "minutes")) * time.Minute) },
		"drain": func(t *rapid.T) {
			drain(false)
		},
		"drain to a flaky bus": func(t *rapid.T) {
			bits := rapid.SliceOfN(rapid.IntRange(0, 9), 16, 16).Draw(t, "faults")
			calls := 0
			next := func() int { calls++; return bits[calls%len(bits)] }
			x.bus.set(func(int) error {
				if next() == 0 {
					return errors.New("down")
				}
				return nil
			}, func(_ int, m bus.Message) *bus.Failure {
				if next() < 3 {
					return &bus.Failure{Err: errors.New("refused"), Retry: next() < 5}
				}
				return nil
			})
			drain(true)
			x.bus.set(nil, nil)
		},
		"drain over a store in conflict": func(t *rapid.T) {
			every := rapid.IntRange(2, 4).Draw(t, "every")
			n := 0
			x.store.set(func(store.Batch) error {
				x.store.mu.Lock()
				defer x.store.mu.Unlock()
				if n++; n%every == 0 {
					return &store.ConflictError{Reason: store.Busy}
				}
				return nil
			})
			drain(false)
			x.store.set(nil)
		},
		"": func(t *rapid.T) {
			x.complete()
			done := map[string]int{}
			for _, e := range x.effectsBy(effects.Where("name").Prefix(fmt.Sprint(run, "/"))) {
				done[e.Name]++
			}
			for name, p := range plans {
				if done[name] != p.done {
					t.Fatalf("reminder %s was done %d times, want %d", name, done[name], p.done)
				}
			}
		},
	})
	drain(false)
	x.delivered()
}
