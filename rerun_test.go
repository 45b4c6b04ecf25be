package forewarn_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/adapters/memory"
	"github.com/forewarn-go/forewarn/adapters/storagetest"
	"github.com/forewarn-go/forewarn/store"
)

func conflict(reason string, k store.Key) error { return &store.ConflictError{Key: k, Reason: reason} }

// add is a use case that raises a balance by what was read.
func (w *world) add(by forewarn.Caller, who uuid.UUID, n int) (account, error) {
	return forewarn.Do(w.ctx, w.engine, by, "toy.Add", addCommand{who, n}, addTo)
}

type addCommand struct {
	Account uuid.UUID
	N       int
}

func addTo(u *forewarn.Unit, cmd addCommand) (account, error) {
	a, err := accounts.Get(u, cmd.Account)
	if err != nil {
		return a, err
	}
	a.Balance += cmd.N
	return a, accounts.Put(u, &a)
}

func TestEightRuns(t *testing.T) {
	key := accounts.Key("acme", id("a"))
	for _, c := range []struct {
		name    string
		fail    error
		lost    int // how many runs lose
		want    error
		commits int
	}{
		{"seven lost", conflict(store.Changed, key), 7, nil, 8},
		{"eight lost", conflict(store.Changed, key), 8, forewarn.ErrConflict, 8},
		{"always gone", conflict(store.Gone, key), 100, forewarn.ErrConflict, 8},
		{"always busy", conflict(store.Busy, store.Key{}), 100, forewarn.ErrConflict, 8},
		{"a read one that exists", conflict(store.Exists, key), 100, forewarn.ErrConflict, 8},
		{"a host's that must end", conflict(store.Host, store.Key{}), 100, forewarn.ErrConflict, 1},
		{"an outage is not run again", storagetest.ErrFault, 100, forewarn.ErrUnavailable, 1},
		{"an invalid batch is not", &store.InvalidError{Field: "x", Rule: "y"}, 100, forewarn.ErrInvalid, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { // the sleeps cost nothing here
				m := memory.New()
				newWorld(t, m).open(account{ID: id("a")})
				commits := 0
				w := newWorld(t, storagetest.Wrap(m, storagetest.Faults{FailBefore: func(n int) error {
					if commits = n; n <= c.lost {
						return c.fail
					}
					return nil
				}}))
				start := time.Now()
				_, err := w.add(alice, id("a"), 1)
				// from the second re-run on it sleeps, up to 2, 4, … 64 ms
				if d := time.Since(start); (d > 0) != (c.commits == 8) || d > 126*time.Millisecond {
					t.Errorf("slept %v in %d runs", d, c.commits)
				}
				if (err == nil) != (c.want == nil) || c.want != nil && !errors.Is(err, c.want) {
					t.Errorf("got %v, want %v", err, c.want)
				}
				if err != nil && !errors.Is(err, c.fail) {
					t.Errorf("%v lost its cause", err)
				}
				if commits != c.commits {
					t.Errorf("%d commits, want %d", commits, c.commits)
				}
				want := 0
				if c.want == nil {
					want = 1
				}
				if got := w.account(id("a")).Balance; got != want {
					t.Errorf("balance %d, want %d", got, want)
				}
			})
		})
	}
}

// exists on a record that the unit never read names it and is not run again, except under a request id.
func TestExistsOnUnread(t *testing.T) {
	for _, request := range []string{"", "r"} {
		t.Run("request "+request, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, nil)
				w.open(account{ID: id("a"), Balance: 5})
				runs := 0
				_, err := forewarn.Do(w.ctx, w.engine, alice.Once(request), "toy.Open", 1, func(u *forewarn.Unit, _ int) (int, error) {
					runs++
					return 1, accounts.Put(u, &account{ID: id("a")})
				})
				e := wants(t, err, forewarn.ErrRefused)
				if e.Record != accounts.Key("acme", id("a")) || e.Op != "toy.Open" {
					t.Errorf("%v names %v", e, e.Record)
				}
				if want := map[string]int{"": 1, "r": 8}[request]; runs != want {
					t.Errorf("%d runs, want %d", runs, want)
				}
			})
		})
	}
}

// A run that failed leaves the values that it was given as they were, so that the next may put them.
func TestRerunPutsTheSameValue(t *testing.T) {
	m := memory.New()
	w := newWorld(t, storagetest.Wrap(m, storagetest.Faults{FailBefore: storagetest.Odd(storagetest.Conflict())}))
	a := account{ID: id("a")}
	w.update(func(u *forewarn.Unit) error {
		if a.Version != 0 {
			t.Errorf("version %v at a run's start", a.Version)
		}
		return accounts.Put(u, &a)
	})
	if got := w.account(a.ID); got != a {
		t.Errorf("stored %+v, given back %+v", got, a)
	}
}

// The use case's own error does not hide that the unit has seen two states at once.
func TestConflictBehindARule(t *testing.T) {
	m := memory.New()
	w := newWorld(t, m)
	w.open(account{ID: id("a"), Owner: "ann"})
	runs := 0
	err := w.try(alice, func(u *forewarn.Unit) error {
		runs++
		ok(t, second(accounts.Get(u, id("a"))))
		if runs == 1 {
			w.behind(m, id("a"), func(a *account) { a.Balance++ })
		}
		if _, err := accounts.Where("owner").Page(u, ""); err != nil {
			return errToy
		}
		return nil
	})
	if err != nil || runs != 2 {
		t.Errorf("%v after %d runs", err, runs)
	}
}

// What a use case returns is returned as it is: it is no outage.
func TestOwnErrors(t *testing.T) {
	for _, request := range []string{"", "r"} {
		w := newWorld(t, nil)
		_, err := forewarn.Do(w.ctx, w.engine, alice.Once(request), "toy.Fail", 1, func(u *forewarn.Unit, _ int) (int, error) { return 0, errToy })
		if err != errToy || errors.Is(err, forewarn.ErrUnavailable) {
			t.Errorf("got %v", err)
		}
	}
}

func TestEndedContext(t *testing.T) {
	for name, end := range map[string]func(context.Context) (context.Context, func()){
		"before": func(c context.Context) (context.Context, func()) {
			c, stop := context.WithCancel(c)
			stop()
			return c, func() {}
		},
		"inside": func(c context.Context) (context.Context, func()) { return context.WithCancel(c) },
	} {
		for _, request := range []string{"", "r"} {
			t.Run(name+request, func(t *testing.T) {
				w := newWorld(t, nil)
				ctx, stop := end(w.ctx)
				_, err := forewarn.Do(ctx, w.engine, alice.Once(request), "toy.Open", 1, func(u *forewarn.Unit, _ int) (int, error) {
					ok(t, accounts.Put(u, &account{ID: id("a")}))
					stop()
					return 1, nil
				})
				wants(t, err, forewarn.ErrUnavailable)
				if !errors.Is(err, context.Canceled) {
					t.Errorf("%v lost its cause", err)
				}
				if w.version(accounts.Key("acme", id("a"))) != 0 {
					t.Error("it committed")
				}
			})
		}
	}
	w := newWorld(t, nil)
	ctx, stop := context.WithCancel(w.ctx)
	err := w.engine.Update(ctx, alice, func(ctx context.Context, u *forewarn.Unit) error { stop(); return ctx.Err() })
	wants(t, err, forewarn.ErrUnavailable)
}

// Once the store has the batch, the caller's deadline does not count any more.
func TestCommitHasItsOwnTime(t *testing.T) {
	ctx, stop := context.WithCancel(context.Background())
	m := memory.New()
	w := newWorld(t, storagetest.Wrap(m, storagetest.Faults{Before: func(ctx context.Context, n int, _ store.Batch) {
		stop()
		if _, limited := ctx.Deadline(); !limited || ctx.Err() != nil {
			t.Errorf("the commit's context: %v, limited %v", ctx.Err(), limited)
		}
	}}))
	err := w.engine.Update(ctx, alice, func(_ context.Context, u *forewarn.Unit) error {
		return accounts.Put(u, &account{ID: id("a")})
	})
	ok(t, err)
	if w.version(accounts.Key("acme", id("a"))) == 0 {
		t.Error("nothing was committed")
	}
}

// While a re-run holds a record, a first run on it waits before it commits, and one on another does not.
func TestFirstRunsWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := memory.New()
		newWorld(t, m).open(account{ID: id("a")}, account{ID: id("b")})
		key := accounts.Key("acme", id("a"))
		var lost atomic.Bool
		w := newWorld(t, storagetest.Wrap(m, storagetest.Faults{FailBefore: func(n int) error {
			if n == 1 {
				lost.Store(true)
				return conflict(store.Changed, key)
			}
			return nil
		}}))
		inSecondRun, goOn := make(chan bool), make(chan bool)
		var order []string
		var wg sync.WaitGroup
		wg.Go(func() {
			runs := 0
			w.update(func(u *forewarn.Unit) error {
				if runs++; runs == 2 {
					close(inSecondRun)
					<-goOn
				}
				_, err := addTo(u, addCommand{id("a"), 1})
				return err
			})
			order = append(order, fmt.Sprint("loser in ", runs))
		})
		<-inSecondRun
		firstDone, otherDone := false, false
		wg.Go(func() {
			_, err := w.add(bob, id("a"), 10)
			ok(t, err)
			firstDone = true
		})
		wg.Go(func() {
			_, err := w.add(bob, id("b"), 10)
			ok(t, err)
			otherDone = true
		})
		synctest.Wait()
		if firstDone {
			t.Error("a first run overtook the one that holds its record")
		}
		if !otherDone {
			t.Error("a unit on another record waits")
		}
		close(goOn)
		wg.Wait()
		if order[0] != "loser in 2" || w.account(id("a")).Balance != 11 {
			t.Errorf("%v, balance %d", order, w.account(id("a")).Balance)
		}
	})
}

// A re-run that loses again holds the record on: the first runs that wait for it do not come in between.
func TestHeldOverReruns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := memory.New()
		newWorld(t, m).open(account{ID: id("a")})
		w := newWorld(t, storagetest.Wrap(m, storagetest.Faults{FailBefore: func(n int) error {
			if n <= 4 {
				return conflict(store.Changed, accounts.Key("acme", id("a")))
			}
			return nil
		}}))
		inSecondRun, goOn := make(chan bool), make(chan bool)
		var order []string
		var wg sync.WaitGroup
		wg.Go(func() {
			runs := 0
			w.update(func(u *forewarn.Unit) error {
				if runs++; runs == 2 {
					close(inSecondRun)
					<-goOn
				}
				_, err := addTo(u, addCommand{id("a"), 1})
				return err
			})
			order = append(order, fmt.Sprint("loser in ", runs))
		})
		<-inSecondRun
		for range 3 {
			wg.Go(func() {
				_, err := w.add(bob, id("a"), 10)
				ok(t, err)
			})
		}
		synctest.Wait()
		close(goOn)
		wg.Wait()
		if order[0] != "loser in 5" || w.account(id("a")).Balance != 31 {
			t.Errorf("%v, balance %d: others committed while the loser held the record", order, w.account(id("a")).Balance)
		}
	})
}

// When the store cannot tell which record, the unit holds the first that it puts.
func TestBusyHoldsFirstPut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := memory.New()
		newWorld(t, m).open(account{ID: id("a")})
		w := newWorld(t, storagetest.Wrap(m, storagetest.Faults{FailBefore: func(n int) error {
			if n == 1 {
				return storagetest.Conflict()
			}
			return nil
		}}))
		second, goOn := make(chan bool), make(chan bool)
		var wg sync.WaitGroup
		wg.Go(func() {
			runs := 0
			w.update(func(u *forewarn.Unit) error {
				if runs++; runs == 2 {
					close(second)
					<-goOn
				}
				_, err := addTo(u, addCommand{id("a"), 1})
				return err
			})
		})
		<-second
		done := false
		wg.Go(func() {
			_, err := w.add(bob, id("a"), 1)
			ok(t, err)
			done = true
		})
		synctest.Wait()
		if done {
			t.Error("nothing was held")
		}
		close(goOn)
		wg.Wait()
	})
}

// Who waits for a record and is told to stop, stops.
func TestWaitingEndsWithTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := memory.New()
		newWorld(t, m).open(account{ID: id("a")})
		key := accounts.Key("acme", id("a"))
		w := newWorld(t, storagetest.Wrap(m, storagetest.Faults{FailBefore: func(n int) error {
			if n == 1 {
				return conflict(store.Changed, key)
			}
			return nil
		}}))
		held, goOn := make(chan bool), make(chan bool)
		var wg sync.WaitGroup
		wg.Go(func() {
			runs := 0
			w.update(func(u *forewarn.Unit) error {
				if runs++; runs == 2 {
					close(held)
					<-goOn
				}
				_, err := addTo(u, addCommand{id("a"), 1})
				return err
			})
		})
		<-held
		ctx, stop := context.WithCancel(w.ctx)
		var err error
		wg.Go(func() {
			_, err = forewarn.Do(ctx, w.engine, bob, "toy.Add", addCommand{id("a"), 10}, addTo)
		})
		synctest.Wait()
		stop()
		synctest.Wait()
		wants(t, err, forewarn.ErrUnavailable)
		close(goOn)
		wg.Wait()
		if got := w.account(id("a")).Balance; got != 1 {
			t.Errorf("balance %d", got)
		}
	})
}

// Many on few records: nobody fails, nothing is lost, and the sum stays.
func TestNoLostUpdates(t *testing.T) {
	w := newWorld(t, nil, func(c *forewarn.Config) { c.Clock = forewarn.SystemClock })
	const records, workers, each = 3, 24, 25
	for i := range records {
		w.open(account{ID: id(fmt.Sprint(i)), Balance: 100})
	}
	var wg sync.WaitGroup
	var failed atomic.Int64
	for n := range workers {
		wg.Go(func() {
			for i := range each {
				from, to := id(fmt.Sprint((n+i)%records)), id(fmt.Sprint((n+i+1)%records))
				err := w.try(alice, func(u *forewarn.Unit) error {
					if _, err := addTo(u, addCommand{from, -1}); err != nil {
						return err
					}
					if _, err := addTo(u, addCommand{to, 1}); err != nil {
						return err
					}
					_, err := addTo(u, addCommand{id("total"), 1})
					if errors.Is(err, forewarn.ErrNotFound) {
						return accounts.Put(u, &account{ID: id("total"), Balance: 1})
					}
					return err
				})
				if err != nil {
					failed.Add(1)
					t.Errorf("%v", err)
				}
			}
		})
	}
	wg.Wait()
	sum := 0
	for i := range records {
		sum += w.account(id(fmt.Sprint(i))).Balance
	}
	if sum != 100*records || w.account(id("total")).Balance != workers*each {
		t.Errorf("sum %d, %d transfers of %d", sum, w.account(id("total")).Balance, workers*each)
	}
}

// A unit that is slow between its reads and its commit gets through against many that are quick.
func TestNobodyStarves(t *testing.T) {
	m := memory.New()
	w := newWorld(t, m)
	w.open(account{ID: id("a")})
	stop := make(chan bool)
	var wg sync.WaitGroup
	var quick atomic.Int64
	for range 4 {
		wg.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				_, err := w.add(bob, id("a"), 1)
				ok(t, err)
				quick.Add(1)
			}
		})
	}
	for range 20 {
		runs := 0
		err := w.try(alice, func(u *forewarn.Unit) error {
			runs++
			_, err := addTo(u, addCommand{id("a"), 1})
			if runs == 1 { // in the first run the others get in between for certain
				for n := quick.Load(); quick.Load() < n+5; {
					select {
					case <-w.ctx.Done():
					default:
					}
				}
			}
			return err
		})
		// each of the others may have waited its turn already when the loser begins to hold, and commit once more
		if err != nil || runs > 2+4 {
			t.Errorf("%v after %d runs, want at most 6", err, runs)
		}
	}
	close(stop)
	wg.Wait()
	if got := w.account(id("a")).Balance; got != int(quick.Load())+20 {
		t.Errorf("balance %d after %d", got, quick.Load()+20)
	}
}
