package forewarn_test

import (
	"errors"
	"fmt"
	"strconv"
	"testing"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/adapters/memory"
	"github.com/forewarn-go/forewarn/adapters/storagetest"
	"github.com/forewarn-go/forewarn/store"
)

var toyFanout = forewarn.NewFanout[string]("toy_fanout")

// accountsOf is a step of a fan-out that opens accounts 0 to total-1 of an owner, some at a time.
func accountsOf(total, some int) func(u *forewarn.Unit, owner, after string) (string, int, error) {
	return func(u *forewarn.Unit, owner, after string) (string, int, error) {
		from := 0
		if after != "" {
			var err error
			if from, err = strconv.Atoi(after); err != nil {
				return "", 0, err
			}
		}
		to := min(from+some, total)
		for i := from; i < to; i++ {
			if err := accounts.Put(u, &account{ID: id(fmt.Sprint(owner, i)), Owner: owner, Balance: i}); err != nil {
				return "", 0, err
			}
		}
		if to == total {
			return "", to - from, nil
		}
		return strconv.Itoa(to), to - from, nil
	}
}

func (w *world) progress(name string) (forewarn.Progress, error) {
	return forewarn.Read(w.ctx, w.engine, alice, "toy.Progress", name, toyFanout.Progress)
}

func (w *world) owned(owner string) int {
	w.Helper()
	n := 0
	w.update(func(u *forewarn.Unit) error {
		n = 0
		for _, err := range accounts.Where("owner", forewarn.Text(owner)).All(u) {
			ok(w, err)
			n++
		}
		return nil
	})
	return n
}

func TestFanout(t *testing.T) {
	for _, c := range []struct {
		name  string
		start func(u *forewarn.Unit) error
		first int
	}{
		{"Start", func(u *forewarn.Unit) error { return toyFanout.Start(u, "f", "ann", 10) }, 0},
		{"Begin", func(u *forewarn.Unit) error { return toyFanout.Begin(u, "f", "ann", 10) }, 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, nil)
			n, step := 0, accountsOf(10, 3)
			ok(t, w.engine.Handle(toyFanout.Job(func(u *forewarn.Unit, owner, after string) (string, int, error) {
				n++
				return step(u, owner, after)
			})))
			if _, err := w.progress("f"); !errors.Is(err, forewarn.ErrNotFound) {
				t.Errorf("progress before the start: %v", err)
			}
			w.update(c.start)
			p, err := w.progress("f")
			ok(t, err)
			if p.Done != c.first || p.Total != 10 || !p.Finished.IsZero() || p.Started != monday || w.owned("ann") != c.first {
				t.Errorf("%+v with %d accounts", p, w.owned("ann"))
			}
			e := wants(t, w.try(alice, c.start), forewarn.ErrRefused)
			if e.Record.Kind != "fanout" {
				t.Errorf("%v names no fan-out", e)
			}
			w.settleAll()
			if n != 4 {
				t.Errorf("%d steps", n)
			}
			p, err = w.progress("f")
			ok(t, err)
			if p.Done != 10 || p.Finished.IsZero() || w.owned("ann") != 10 {
				t.Errorf("%+v with %d accounts", p, w.owned("ann"))
			}
			if len(w.items()) != 0 {
				t.Error("something is still due")
			}
		})
	}
}

// One that has finished begins again, from its start.
func TestFanoutAgain(t *testing.T) {
	w := newWorld(t, nil)
	ok(t, w.engine.Handle(toyFanout.Job(accountsOf(5, 3))))
	w.update(func(u *forewarn.Unit) error { return toyFanout.Start(u, "f", "ann", 5) })
	w.settleAll()
	w.update(func(u *forewarn.Unit) error { return toyFanout.Start(u, "f", "bea", 5) })
	if p, _ := w.progress("f"); p.Done != 0 || !p.Finished.IsZero() {
		t.Errorf("%+v", p)
	}
	w.settleAll()
	if w.owned("bea") != 5 || w.owned("ann") != 5 {
		t.Errorf("%d and %d accounts", w.owned("ann"), w.owned("bea"))
	}
}

// Killed before or after any commit, and gone on by another process, a fan-out gives the exact result.
func TestFanoutKilled(t *testing.T) {
	for at := 1; at <= 5; at++ {
		for _, after := range []bool{false, true} {
			t.Run(fmt.Sprint("commit ", at, " took effect: ", after), func(t *testing.T) {
				m := memory.New()
				start := newWorld(t, m)
				ok(t, start.engine.Handle(toyFanout.Job(accountsOf(10, 3))))
				start.update(func(u *forewarn.Unit) error { return toyFanout.Start(u, "f", "ann", 10) })
				kill := func(n int) error {
					if n == at {
						return storagetest.ErrFault
					}
					return nil
				}
				faults := storagetest.Faults{FailBefore: kill}
				if after {
					faults = storagetest.Faults{FailAfter: kill}
				}
				first := newWorld(t, storagetest.Wrap(m, faults))
				ok(t, first.engine.Handle(toyFanout.Job(accountsOf(10, 3))))
				var err error
				for err == nil {
					items := first.items()
					if len(items) == 0 {
						break
					}
					err = first.engine.Settle(first.ctx, items)
				}
				if at <= 4 {
					wants(t, err, forewarn.ErrUnavailable)
				}
				start.settleAll()
				p, err := start.progress("f")
				ok(t, err)
				if p.Done != 10 || p.Finished.IsZero() || start.owned("ann") != 10 || len(start.items()) != 0 {
					t.Errorf("%+v, %d accounts, %d items left", p, start.owned("ann"), len(start.items()))
				}
			})
		}
	}
}

func TestBeginWithoutJob(t *testing.T) {
	w := newWorld(t, nil)
	err := w.try(alice, func(u *forewarn.Unit) error { return toyFanout.Begin(u, "f", "x", 1) })
	e := wants(t, err, forewarn.ErrInvalid)
	if e.Field != "fanout toy_fanout" {
		t.Errorf("%v names %q", e, e.Field)
	}
}

// A step that fails takes back what it made, and is tried again later.
func TestFanoutStepFails(t *testing.T) {
	w := newWorld(t, nil)
	bad := true
	step := accountsOf(6, 3)
	ok(t, w.engine.Handle(toyFanout.Job(func(u *forewarn.Unit, owner, after string) (string, int, error) {
		next, n, err := step(u, owner, after)
		if bad && after == "3" {
			return "", 0, errToy
		}
		return next, n, err
	})))
	w.update(func(u *forewarn.Unit) error { return toyFanout.Start(u, "f", "ann", 6) })
	w.settleAll()
	items := w.items()
	if w.owned("ann") != 3 || len(items) != 1 || items[0].Attempts != 1 {
		t.Errorf("%d accounts, items %+v", w.owned("ann"), items)
	}
	bad = false
	w.clock.advance(w.items()[0].At.Sub(w.clock.Now()))
	w.settleAll()
	if w.owned("ann") != 6 {
		t.Errorf("%d accounts", w.owned("ann"))
	}
}

// settleAll does what is due until nothing is, and returns how many items it saw.
func (w *world) settleAll() int {
	w.Helper()
	n := 0
	for range 1000 {
		page, err := w.engine.Waiting(w.ctx, store.AllShards(), w.clock.Now(), "")
		if err != nil {
			w.Fatalf("Waiting: %v", err)
		}
		batches := w.engine.Batches(page.Items)
		if len(batches) == 0 {
			return n
		}
		for _, b := range batches {
			n += len(b)
			if err := w.engine.Settle(w.ctx, b); err != nil {
				w.Fatalf("Settle: %v", err)
			}
		}
	}
	w.Fatalf("it never ends")
	return n
}
