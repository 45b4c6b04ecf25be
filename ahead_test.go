package forewarn_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/adapters/memory"
	"github.com/forewarn-go/forewarn/adapters/storagetest"
	"github.com/forewarn-go/forewarn/store"
)

// steps is a fan-out of so many steps, each of which opens an account; before runs at the beginning of a step.
func steps(total int, before func(u *forewarn.Unit, step int) error) forewarn.Job {
	open := accountsOf(total, 1)
	return toyFanout.Job(func(u *forewarn.Unit, owner, after string) (string, int, error) {
		step, _ := strconv.Atoi(after)
		if err := before(u, step); err != nil {
			return "", 0, err
		}
		return open(u, owner, after)
	})
}

func (w *world) balance(id uuid.UUID) int { w.Helper(); return w.account(id).Balance }

func nothing(*forewarn.Unit, int) error { return nil }

// begun is a world in which a fan-out has been started.
func begun(t tb, s store.Store, job forewarn.Job, total int) *world {
	t.Helper()
	w := newWorld(t, s)
	if err := w.engine.Handle(job); err != nil {
		t.Fatalf("Handle: %v", err)
	}
	w.update(func(u *forewarn.Unit) error { return toyFanout.Start(u, "f", "ann", total) })
	return w
}

func (w *world) settle() error { w.Helper(); return w.engine.Settle(w.ctx, w.items()) }

// whole checks that a fan-out has done each step once.
func (w *world) whole(total int) {
	w.Helper()
	p, err := w.progress("f")
	if err != nil || p.Done != total || p.Finished.IsZero() || w.owned("ann") != total || len(w.items()) != 0 {
		w.Errorf("%+v, %v, with %d accounts and %d items due: want %d done and nothing due", p, err, w.owned("ann"), len(w.items()), total)
	}
}

// A step is decided while the one before is being committed: the commit here waits for it.
func TestStepIsDecidedWhileTheOneBeforeIsCommitted(t *testing.T) {
	begins := make([]chan struct{}, 6)
	for i := range begins {
		begins[i] = make(chan struct{})
	}
	s := storagetest.Wrap(memory.New(), storagetest.Faults{Before: func(ctx context.Context, n int, _ store.Batch) {
		if step := n - 2; step >= 0 && step+1 < len(begins) { // commit 1 is that of Start
			select {
			case <-begins[step+1]:
			case <-ctx.Done():
				t.Errorf("step %d was not begun while step %d was being committed", step+1, step)
			}
		}
	}})
	w := begun(t, s, steps(len(begins), func(_ *forewarn.Unit, step int) error { close(begins[step]); return nil }), len(begins))
	ok(t, w.settle())
	w.whole(len(begins))
}

// Other due work has its turn after some steps.
func TestOneCallDoesSomeSteps(t *testing.T) {
	w := begun(t, nil, steps(20, nothing), 20)
	for _, want := range []int{8, 16, 20} {
		ok(t, w.settle())
		if p, err := w.progress("f"); err != nil || p.Done != want {
			t.Errorf("%+v, %v: want %d done", p, err, want)
		}
	}
	w.whole(20)
}

// slow is a store whose commits take longer than the step behind them needs to read.
func slow() store.Store {
	return storagetest.Wrap(memory.New(), storagetest.Faults{Before: func(context.Context, int, store.Batch) {
		for range 2000 {
			runtime.Gosched()
		}
	}})
}

// A step sees what the one before has written: by key before it is committed, and by a query.
func TestStepSeesTheOneBefore(t *testing.T) {
	for _, how := range []string{"Get", "Peek", "Find"} {
		t.Run(how, func(t *testing.T) {
			w := begun(t, slow(), steps(6, func(u *forewarn.Unit, step int) error {
				n := 0
				for i := range step {
					var err error
					switch how {
					case "Get":
						_, err = accounts.Get(u, id(fmt.Sprint("ann", i)))
					case "Peek":
						_, err = accounts.Peek(u, id(fmt.Sprint("ann", i)))
					}
					if err != nil {
						return err
					}
					n++
				}
				if how == "Find" {
					n = 0
					for _, err := range accounts.Where("owner", forewarn.Text("ann")).All(u) {
						if err != nil {
							return err
						}
						n++
					}
				}
				if n != step {
					return fmt.Errorf("step %d sees %d accounts", step, n)
				}
				return nil
			}), 6)
			ok(t, w.settle())
			w.whole(6)
		})
	}
}

// A step sees what the one before has deleted, and may make it again.
func TestStepSeesWhatTheOneBeforeDeleted(t *testing.T) {
	w := newWorld(t, slow())
	ok(t, w.engine.Handle(steps(4, func(u *forewarn.Unit, step int) error {
		a, err := accounts.Get(u, id("baton"))
		if step%2 == 0 {
			if err != nil {
				return err
			}
			return accounts.Delete(u, &a)
		}
		if !errors.Is(err, forewarn.ErrNotFound) {
			return fmt.Errorf("step %d finds %+v, %v", step, a, err)
		}
		return accounts.Put(u, &account{ID: id("baton"), Owner: "bea", Balance: step})
	})))
	w.open(account{ID: id("baton"), Owner: "bea"})
	w.update(func(u *forewarn.Unit) error { return toyFanout.Start(u, "f", "ann", 4) })
	ok(t, w.settle())
	w.whole(4)
	if w.owned("bea") != 1 {
		t.Error("the baton is lost")
	}
}

// A step that loses a race runs again, and the one that was decided on it is thrown away.
func TestStepThatRunsAgain(t *testing.T) {
	m := memory.New()
	var race sync.Once
	s := storagetest.Wrap(m, storagetest.Faults{Before: func(ctx context.Context, n int, _ store.Batch) {
		if n != 3 { // the second step's
			return
		}
		race.Do(func() {
			other := newWorld(t, m)
			other.update(func(u *forewarn.Unit) error {
				a, err := accounts.Get(u, id("rate"))
				if err != nil {
					return err
				}
				a.Balance = 7
				return accounts.Put(u, &a)
			})
		})
	}})
	setup := newWorld(t, m)
	setup.open(account{ID: id("rate"), Owner: "bea", Balance: 1})
	w := begun(t, s, toyFanout.Job(func(u *forewarn.Unit, owner, after string) (string, int, error) {
		step, _ := strconv.Atoi(after)
		rate, err := accounts.Get(u, id("rate"))
		if err != nil {
			return "", 0, err
		}
		total := rate.Balance
		if step > 0 { // each is made of the one before
			last, err := accounts.Get(u, id(fmt.Sprint(owner, step-1)))
			if err != nil {
				return "", 0, err
			}
			total += last.Balance
		}
		if err := accounts.Put(u, &account{ID: id(fmt.Sprint(owner, step)), Owner: owner, Balance: total}); err != nil {
			return "", 0, err
		}
		if step == 4 {
			return "", 1, nil
		}
		return strconv.Itoa(step + 1), 1, nil
	}), 5)
	w.settleAll()
	w.whole(5)
	if got := w.balance(id("ann4")); got != 1+4*7 {
		t.Errorf("the last account has %d, want %d: a step was committed that was decided on what was not", got, 1+4*7)
	}
}

// What fails ahead of time is charged once, and only if the step before it was committed.
func TestStepFailsAhead(t *testing.T) {
	t.Run("the one before is committed", func(t *testing.T) {
		w := begun(t, nil, steps(6, func(_ *forewarn.Unit, step int) error {
			if step == 3 {
				return errToy
			}
			return nil
		}), 6)
		ok(t, w.settle())
		items := w.items()
		if w.owned("ann") != 3 || len(items) != 1 || items[0].Attempts != 1 {
			t.Errorf("%d accounts, items %+v", w.owned("ann"), items)
		}
	})
	t.Run("the one before is not", func(t *testing.T) {
		var failed atomic.Bool
		var running atomic.Int32
		s := storagetest.Wrap(memory.New(), storagetest.Faults{FailBefore: func(n int) error {
			if n == 4 { // that of step 2
				return storagetest.ErrFault
			}
			return nil
		}})
		w := begun(t, s, steps(6, func(_ *forewarn.Unit, step int) error {
			running.Add(1)
			defer running.Add(-1)
			if step == 3 && failed.CompareAndSwap(false, true) {
				for range 2000 {
					runtime.Gosched()
				}
				return errToy
			}
			return nil
		}), 6)
		wants(t, w.settle(), forewarn.ErrUnavailable)
		if running.Load() != 0 {
			t.Error("a step is still running")
		}
		if items := w.items(); w.owned("ann") != 2 || len(items) != 1 || items[0].Attempts != 0 {
			t.Errorf("%d accounts, items %+v", w.owned("ann"), items)
		}
		failed.Store(true)
		ok(t, w.settle())
		w.whole(6)
	})
}

// When the context ends, what is in hand is committed, nothing further is begun, and nothing is left running.
func TestStepsEndWithTheContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	w := begun(t, nil, steps(8, func(_ *forewarn.Unit, step int) error {
		if step == 3 {
			cancel()
		}
		return nil
	}), 8)
	if err := w.engine.Settle(ctx, w.items()); !errors.Is(err, context.Canceled) {
		t.Errorf("Settle: %v", err)
	}
	if n := w.owned("ann"); n != 3 {
		t.Errorf("%d accounts, want those of the steps before", n)
	}
	w.settleAll()
	w.whole(8)
}

// Whatever fails, and whoever else writes, each step is done once, on what the one before has left.
func TestChainModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		total := rapid.IntRange(1, 20).Draw(t, "steps")
		faults := rapid.SliceOfN(rapid.SampledFrom([]string{"", "", "", "before", "after", "conflict", "race"}), 40, 40).Draw(t, "faults")
		fault := func(n int, kind string) bool { // none at every fifth commit, for a unit that loses eight times is given up
			return n >= 2 && n-2 < len(faults) && n%5 != 0 && faults[n-2] == kind
		}
		m := memory.New()
		setup := newWorld(t, m)
		setup.open(account{ID: id("sum"), Owner: "bea"})
		s := storagetest.Wrap(m, storagetest.Faults{
			Before: func(_ context.Context, n int, _ store.Batch) {
				if fault(n, "race") {
					setup.update(func(u *forewarn.Unit) error {
						sum, err := accounts.Get(u, id("sum"))
						if err != nil {
							return err
						}
						return accounts.Put(u, &sum)
					})
				}
			},
			FailBefore: func(n int) error {
				switch {
				case fault(n, "before"):
					return storagetest.ErrFault
				case fault(n, "conflict"):
					return storagetest.Conflict()
				}
				return nil
			},
			FailAfter: func(n int) error {
				if fault(n, "after") {
					return storagetest.ErrFault
				}
				return nil
			},
		})
		w := begun(t, s, steps(total, func(u *forewarn.Unit, step int) error {
			sum, err := accounts.Get(u, id("sum"))
			if err != nil {
				return err
			}
			if sum.Balance != step {
				return fmt.Errorf("step %d finds the sum at %d", step, sum.Balance)
			}
			sum.Balance++
			return accounts.Put(u, &sum)
		}), total)
		for range 200 {
			items := w.items()
			if len(items) == 0 {
				break
			}
			if items[0].Attempts > 0 {
				t.Fatalf("a step failed: %+v", items[0])
			}
			_ = w.engine.Settle(w.ctx, items) // an error is that of the store, which is asked again
		}
		w.whole(total)
		if got := w.balance(id("sum")); got != total {
			t.Errorf("the sum is %d, want %d", got, total)
		}
	})
}
