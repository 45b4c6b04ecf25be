package worker_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/adapters/storagetest"
	"github.com/forewarn-go/forewarn/bus"
	"github.com/forewarn-go/forewarn/store"
	"github.com/forewarn-go/forewarn/worker"
)

// running runs a worker until the function has returned, and returns what Run returned.
func running(w *worker.Worker, during func()) error {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- w.Run(ctx) }()
	synctest.Wait()
	during()
	cancel()
	return <-done
}

// after waits for some of the bubble's time and for all that comes of it.
func after(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func TestRunDoesWhatComesAndStopsCleanly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, nil)
		w := h.worker()
		h.knock(h.engine, 0) // before it runs
		start := time.Now()
		err := running(w, func() {
			if h.arrived() != 1 {
				t.Errorf("%d events have arrived at the start, want 1", h.arrived())
			}
			h.knock(h.engine, 1)
			h.ok(h.engine.Update(t.Context(), h.by, func(_ context.Context, u *forewarn.Unit) error {
				if err := u.Notify(forewarn.Notification{To: forewarn.Recipient{ID: "ann"}, Subject: "a"}); err != nil {
					return err
				}
				return closing.At(u, "one", start.Add(time.Hour), doorID(1))
			}))
			synctest.Wait() // no time passes: this process's own commits wake the worker
			if _, _, mails := h.called(); h.arrived() != 2 || mails != 1 {
				t.Errorf("%d events and %d mails have arrived at once, want 2 and 1", h.arrived(), mails)
			}
			h.knock(h.process(h.store), 2)
			after(250 * time.Millisecond) // what another process commits is found by polling
			if h.arrived() != 3 {
				t.Errorf("%d events have arrived after a poll, want 3", h.arrived())
			}
			after(time.Hour - 260*time.Millisecond)
			if _, closed, _ := h.called(); len(closed) != 0 {
				t.Errorf("due work was done at %v", closed)
			}
			after(500 * time.Millisecond)
			if _, closed, _ := h.called(); len(closed) != 1 || closed[0].Before(start.Add(time.Hour)) {
				t.Errorf("due work was done at %v, want once, from %v on", closed, start.Add(time.Hour))
			}
			if s, err := w.Status(t.Context(), h.by); err != nil || !s.Running || len(s.Troubles) != 0 {
				t.Errorf("Status is %+v, %v", s, err)
			}
		})
		if err != nil || h.left() != 0 {
			t.Errorf("Run returned %v and left %d events", err, h.left())
		}
	})
}

func TestRunBacksOffWhileTheBusIsDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, nil)
		w := h.worker()
		for n := range 40 {
			h.knock(h.engine, n)
		}
		h.set(func(context.Context, []bus.Message) error { return &bus.Error{Down: errors.New("connection refused")} })
		err := running(w, func() {
			first, _, _ := h.called()
			after(100 * time.Millisecond) // all calls made at once are one failure, so the first wait is the shortest
			if second, _, _ := h.called(); second != first+1 {
				t.Errorf("the bus was called %d times after the first wait, want once, to see whether it is there", second-first)
			}
			after(time.Hour)
			calls, _, _ := h.called()
			if calls > store.Shards+140 || calls < 100 {
				t.Errorf("the bus was called %d times in the hour that it was down; want one call every 30 s", calls)
			}
			s, err := w.Status(t.Context(), h.by)
			h.ok(err)
			if len(s.Troubles) != 1 || s.Troubles[0].What != "bus" || !strings.Contains(s.Troubles[0].Error, "connection refused") ||
				time.Since(s.Troubles[0].Since) < time.Hour {
				t.Errorf("the troubles are %+v", s.Troubles)
			}
			if len(s.Stuck) != 0 || h.left() != 40 {
				t.Errorf("%d events are charged with it, %d of 40 are in the log", len(s.Stuck), h.left())
			}
			h.set(nil)
			after(30 * time.Second)
			if h.arrived() != 40 {
				t.Errorf("%d events have arrived after the bus was back, want 40", h.arrived())
			}
			s, err = w.Status(t.Context(), h.by)
			h.ok(err)
			if len(s.Troubles) != 0 {
				t.Errorf("the troubles are %+v", s.Troubles)
			}
		})
		if err != nil || h.left() != 0 {
			t.Errorf("Run returned %v and left %d events", err, h.left())
		}
	})
}

func TestRunTriesARefusedMessageAgainAndDropFreesItAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, nil)
		w := h.worker()
		h.set(func(_ context.Context, messages []bus.Message) error {
			for i, m := range messages {
				if m.Key == doorID(0).String() {
					return &bus.Error{Failed: []bus.Failure{{Index: i, Err: errors.New("too large")}}}
				}
			}
			return nil
		})
		h.knock(h.engine, 0)
		err := running(w, func() {
			after(10 * time.Minute)
			calls, _, _ := h.called()
			if calls < 20 || calls > 40 {
				t.Errorf("it was tried %d times in ten minutes; want a back-off of up to 30 s", calls)
			}
			for n := range 30 { // its shard waits, the others go on, and a wake does not hurry it
				h.knock(h.engine, n+1)
			}
			synctest.Wait()
			behind := 0
			for n := range 30 {
				if shardOf(n+1) == shardOf(0) {
					behind++
				}
			}
			if h.arrived() != 30-behind || behind == 0 {
				t.Errorf("%d events have arrived, want the %d of other shards", h.arrived(), 30-behind)
			}
			s, err := w.Status(t.Context(), h.by)
			h.ok(err)
			if len(s.Stuck) != 1 || s.Stuck[0].Tries != calls || time.Since(s.Stuck[0].Since) != 10*time.Minute {
				t.Fatalf("stuck is %+v", s.Stuck)
			}
			h.ok(w.Drop(t.Context(), h.by, s.Stuck[0].Position, "too large for the bus"))
			synctest.Wait()
			if h.arrived() != 30 {
				t.Errorf("%d events have arrived after the drop, want 30", h.arrived())
			}
		})
		if err != nil || h.left() != 0 {
			t.Errorf("Run returned %v and left %d events", err, h.left())
		}
	})
}

func shardOf(n int) int { return store.ShardOf(doors.Key("acme", doorID(n))) }

func TestRunFinishesWhatIsInHandWhenItStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, nil)
		w := h.worker()
		h.set(func(ctx context.Context, _ []bus.Message) error {
			select {
			case <-time.After(2 * time.Second):
				return nil
			case <-ctx.Done():
				return &bus.Error{Down: ctx.Err()}
			}
		})
		h.knock(h.engine, 0)
		if err := running(w, func() {}); err != nil {
			t.Error(err)
		}
		if h.arrived() != 1 || h.left() != 0 {
			t.Errorf("%d events have arrived and %d are left; want the call in hand finished and forgotten", h.arrived(), h.left())
		}
	})
}

func TestRunStopsThoughThePublisherHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, nil)
		w := h.worker()
		h.set(func(ctx context.Context, _ []bus.Message) error { <-ctx.Done(); return ctx.Err() })
		h.knock(h.engine, 0)
		var stop time.Time
		err := running(w, func() { stop = time.Now() })
		if err != nil || time.Since(stop) != 5*time.Second {
			t.Errorf("Run returned %v after %v, want nil after the grace of 5 s", err, time.Since(stop))
		}
		if h.left() != 1 {
			t.Errorf("%d events are in the log, want the one that did not arrive", h.left())
		}
	})
}

func TestACallThatTakesTooLongIsABusThatIsDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, nil)
		w := h.worker(func(c *worker.Config) { c.PublishTimeout = time.Second })
		h.set(func(ctx context.Context, _ []bus.Message) error { <-ctx.Done(); return ctx.Err() })
		h.knock(h.engine, 0)
		h.ok(running(w, func() {
			after(90 * time.Second)
			s, err := w.Status(t.Context(), h.by)
			h.ok(err)
			if len(s.Troubles) != 1 || s.Troubles[0].What != "bus" || len(s.Stuck) != 0 {
				t.Errorf("Status is %+v", s)
			}
			h.set(nil)
			after(time.Minute)
		}))
		if h.arrived() != 1 || h.left() != 0 {
			t.Errorf("%d events have arrived, %d are left", h.arrived(), h.left())
		}
	})
}

func TestRunWaitsForAStoreThatDoesNotAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var down, unwritable atomic.Bool
		fault := func(of *atomic.Bool) func(int) error {
			return func(int) error {
				if of.Load() {
					return storagetest.ErrFault
				}
				return nil
			}
		}
		h := newHouse(t, func(s store.Store) store.Store {
			return deafLog{Faulty: storagetest.Wrap(s, storagetest.Faults{FailRead: fault(&down), FailBefore: fault(&unwritable)}), down: &down}
		})
		w := h.worker()
		h.ok(running(w, func() {
			h.set(func(context.Context, []bus.Message) error {
				down.Store(true)
				unwritable.Store(true)
				return nil
			})
			h.knock(h.process(h.store), 0) // past the faults
			after(time.Minute)
			// what was published could not be forgotten
			if h.arrived() != 1 || h.left() != 1 {
				t.Errorf("%d events have arrived, %d are in the log", h.arrived(), h.left())
			}
			down.Store(false) // it can be read: a new reader would find the event again
			after(time.Minute)
			unwritable.Store(false)
			after(time.Minute)
			if h.arrived() != 1 || h.left() != 0 {
				t.Errorf("the store is back: %d events have arrived, %d are in the log; want it forgotten and not published again", h.arrived(), h.left())
			}
		}))
	})
}

// deafLog is a store whose log cannot be read while it is down.
type deafLog struct {
	*storagetest.Faulty
	down *atomic.Bool
}

func (l deafLog) Reader(lane string, shards ...int) (store.LogReader, error) {
	r, err := l.Faulty.Reader(lane, shards...)
	return deafReader{LogReader: r, down: l.down}, err
}

type deafReader struct {
	store.LogReader
	down *atomic.Bool
}

func (r deafReader) Next(ctx context.Context, n int) ([]store.Event, error) {
	if r.down.Load() {
		return nil, storagetest.ErrFault
	}
	return r.LogReader.Next(ctx, n)
}

func TestRunSaysWhatItCouldNotForget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, func(s store.Store) store.Store {
			return storagetest.Wrap(s, storagetest.Faults{FailBefore: storagetest.Every(1, storagetest.ErrFault)})
		})
		w := h.worker()
		h.knock(h.process(h.store), 0)
		err := running(w, func() { after(time.Second) })
		if !errors.Is(err, storagetest.ErrFault) || !strings.Contains(err.Error(), "1 events were published") {
			t.Errorf("Run returned %v, want an error that tells of the event", err)
		}
	})
}

func TestOneRunAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, nil)
		w := h.worker()
		h.ok(running(w, func() {
			if err := w.Run(t.Context()); !errors.Is(err, forewarn.ErrRefused) {
				t.Errorf("a second Run returned %v, want ErrRefused", err)
			}
			if err := w.Drain(t.Context()); !errors.Is(err, forewarn.ErrRefused) {
				t.Errorf("Drain beside Run returned %v, want ErrRefused", err)
			}
		}))
		h.ok(w.Drain(t.Context()))
		h.ok(running(w, func() {}))
	})
}
