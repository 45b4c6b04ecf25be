package workertest

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/store"
)

// spread is the fan-out of the suite: an effect for each number below a total, named by it.
var spread = forewarn.NewFanout[int]("suite_spread")

const spreadPage = 7

// spreadStep does one page. Its effects have ids of their own, so that a page done twice shows.
func spreadStep(u *forewarn.Unit, total int, after string) (next string, done int, err error) {
	from := 0
	if after != "" {
		if from, err = strconv.Atoi(after); err != nil {
			return "", 0, err
		}
	}
	to := min(from+spreadPage, total)
	for i := from; i < to; i++ {
		if err := effects.Put(u, &effect{ID: forewarn.RandomIDs.NewID(), Name: fmt.Sprint(i), At: u.Now()}); err != nil {
			return "", 0, err
		}
	}
	if to == total {
		return "", to - from, nil
	}
	return strconv.Itoa(to), to - from, nil
}

func (x *fixture) spread(total int) {
	x.Helper()
	x.do(func(u *forewarn.Unit) error { return spread.Start(u, "all", total, total) })
}

// spreadDone checks that the fan-out has done each of its numbers once, and says so.
func (x *fixture) spreadDone(total int) {
	x.Helper()
	x.eachOnce(total)
	p, err := forewarn.Read(x.ctx, x.engine, x.by, "suite.Progress", "all", spread.Progress)
	x.check("progress", err)
	if p.Done != total || p.Total != total || p.Finished.IsZero() {
		x.Errorf("the progress is %+v, want %d done of %d, and finished", p, total, total)
	}
}

// stepsDue reports whether a batch puts a fan-out's record, as each of its steps does.
func stepsDue(b store.Batch) bool {
	for _, p := range b.Puts {
		if p.Kind == "fanout" && takesDue(b) {
			return true
		}
	}
	return false
}

var fanoutClauses = []part{
	{"fan-out: every page is done, once, and the record tells how far it is", func(x *fixture) {
		x.handle(spread.Job(spreadStep))
		w := x.worker()
		const total = 100
		x.spread(total)
		if got := x.status(w, x.by).Fanouts; len(got) != 1 || got[0].Name != "all" || got[0].Kind != "suite_spread" || got[0].Total != total {
			x.Errorf("Status lists the fan-outs %+v, want the one that runs", got)
		}
		stranger := forewarn.Actor{Tenant: "other", ID: "x", Roles: []string{forewarn.RoleAdmin}}
		if got := x.status(w, stranger).Fanouts; len(got) != 0 {
			x.Errorf("another tenant sees the fan-outs %+v", got)
		}
		x.drain(w)
		x.spreadDone(total)
		if got := x.status(w, x.by).Fanouts; len(got) != 0 {
			x.Errorf("Status lists the fan-outs %+v after their end", got)
		}
	}},
	{"fan-out: stopped in the middle it goes on where it was", func(x *fixture) {
		x.handle(spread.Job(spreadStep))
		w := x.worker()
		const total = 60
		x.spread(total)
		steps := 0
		ctx, cancel := context.WithCancel(x.ctx)
		x.store.set(func(b store.Batch) error {
			if stepsDue(b) {
				if steps++; steps == 3 {
					cancel()
				}
			}
			return nil
		})
		if err := w.Drain(ctx); !errors.Is(err, context.Canceled) {
			x.Errorf("Drain under an ended context returned %v, want context.Canceled", err)
		}
		if got := len(x.effectsOf("")); got == 0 || got == total {
			x.Errorf("%d are done in the middle of %d", got, total)
		}
		x.drain(w)
		x.spreadDone(total)
	}},
	{"fan-out: steps that run again after a conflict repeat nothing", func(x *fixture) {
		x.handle(spread.Job(spreadStep))
		w := x.worker()
		const total = 50
		x.spread(total)
		n := 0
		x.store.set(func(b store.Batch) error {
			if n++; stepsDue(b) && n%2 == 1 {
				return &store.ConflictError{Reason: store.Busy}
			}
			return nil
		})
		x.drain(w)
		x.store.set(nil)
		x.spreadDone(total)
	}},
	{"fan-out: steps whose outcome is unknown are not done twice", func(x *fixture) {
		x.handle(spread.Job(spreadStep))
		w := x.worker()
		const total = 40
		x.spread(total)
		n := 0
		x.store.set(func(b store.Batch) error {
			if stepsDue(b) {
				if n++; n%3 == 2 {
					x.check("commit", x.under.Store.Commit(x.ctx, b))
					return errors.New("connection lost before the answer")
				}
			}
			return nil
		})
		for range 20 {
			if err := w.Drain(x.ctx); err == nil {
				break
			} else if !errors.Is(err, forewarn.ErrUnavailable) {
				x.Fatalf("Drain: %v", err)
			}
		}
		x.store.set(nil)
		x.drain(w)
		x.spreadDone(total)
	}},
	{"fan-out: two workers at once do every page once", func(x *fixture) {
		x.handle(spread.Job(spreadStep))
		other := x.newEngine()
		x.check("handle", other.Handle(spread.Job(spreadStep)))
		workers := []Worker{x.worker(), x.workerOf(other)}
		const total = 140
		x.spread(total)
		var all sync.WaitGroup
		errs := make([]error, len(workers))
		for i, w := range workers {
			all.Go(func() { errs[i] = w.Drain(x.ctx) })
		}
		all.Wait()
		x.check("two drains", errors.Join(errs...))
		x.clock.add(time.Hour) // for a step that lost a race so often that it was put off
		x.drain(workers[0])
		x.spreadDone(total)
	}},
}
