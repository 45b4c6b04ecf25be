package workertest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/store"
)

// reminders are the due work of the suite: each execution leaves an effect.
var reminders = forewarn.NewDue[reminder]("suite_reminder")

type reminder struct {
	Name  string
	Body  string
	Again int // how often it names itself again, at once
	Fail  bool
}

var errJob = errors.New("the job fails")

func remind(u *forewarn.Unit, r reminder) error {
	if r.Fail {
		return errJob
	}
	if r.Again > 0 {
		next := r
		next.Again--
		if err := reminders.At(u, r.Name, u.Now(), next); err != nil {
			return err
		}
	}
	return effects.Put(u, &effect{ID: forewarn.RandomIDs.NewID(), Name: r.Name, At: u.Now(), Body: r.Body})
}

// at schedules reminders of these names.
func (x *fixture) at(t time.Time, names ...string) {
	x.Helper()
	x.do(func(u *forewarn.Unit) error {
		for _, name := range names {
			if err := reminders.At(u, name, t, reminder{Name: name}); err != nil {
				return err
			}
		}
		return nil
	})
}

// once checks how often a reminder was done.
func (x *fixture) times(name string, want int) {
	x.Helper()
	if got := len(x.effectsOf(name)); got != want {
		x.Errorf("%s was done %d times, want %d", name, got, want)
	}
}

var dueClauses = []part{
	{"due: an item is done once, at its instant and not before", func(x *fixture) {
		x.handle(reminders.Job(remind))
		w := x.worker()
		due := x.clock.Now().Add(time.Hour)
		x.at(due, "a")
		x.drain(w)
		x.clock.add(time.Hour - time.Microsecond)
		x.drain(w)
		x.times("a", 0)
		if s := x.status(w, x.by); s.Due != 0 {
			x.Errorf("%d items are due, want 0", s.Due)
		}
		x.clock.add(time.Microsecond)
		if s := x.status(w, x.by); s.Due != 1 {
			x.Errorf("%d items are due, want 1", s.Due)
		}
		for range 3 {
			x.drain(w)
			x.clock.add(time.Hour)
		}
		x.times("a", 1)
		if got := x.effectsOf("a"); len(got) == 1 && !got[0].At.Equal(due) {
			x.Errorf("it was done at %s, want %s", got[0].At, due)
		}
	}},
	{"due: an item that was cancelled is not done", func(x *fixture) {
		x.handle(reminders.Job(remind))
		w := x.worker()
		x.at(x.clock.Now().Add(time.Minute), "a", "b")
		x.do(func(u *forewarn.Unit) error { return reminders.Cancel(u, "a") })
		x.clock.add(time.Hour)
		x.drain(w)
		x.times("a", 0)
		x.times("b", 1)
	}},
	{"due: a new instant and body replace the old ones", func(x *fixture) {
		x.handle(reminders.Job(remind))
		w := x.worker()
		x.at(x.clock.Now().Add(time.Minute), "a")
		x.do(func(u *forewarn.Unit) error {
			return reminders.At(u, "a", u.Now().Add(time.Hour), reminder{Name: "a", Body: "second"})
		})
		x.clock.add(30 * time.Minute)
		x.drain(w)
		x.times("a", 0)
		x.clock.add(time.Hour)
		x.drain(w)
		if got := x.effectsOf("a"); len(got) != 1 || got[0].Body != "second" {
			x.Errorf("the effects are %+v, want one of the second body", got)
		}
	}},
	{"due: one call does what comes of what it does", func(x *fixture) {
		x.handle(reminders.Job(func(u *forewarn.Unit, r reminder) error {
			if err := change(u, id(1)); err != nil {
				return err
			}
			return remind(u, r)
		}))
		w := x.worker()
		x.do(func(u *forewarn.Unit) error {
			return reminders.At(u, "a", u.Now(), reminder{Name: "a", Again: 9})
		})
		x.staged[id(1)] = 10
		x.drain(w)
		x.times("a", 10)
		x.delivered()
	}},
	{"due: more items than a page are each done once", func(x *fixture) {
		x.handle(reminders.Job(remind))
		w := x.worker()
		const items = 1200
		for i := 0; i < items; i += 50 {
			var names []string
			for j := range 50 {
				names = append(names, fmt.Sprint(i+j))
			}
			x.at(x.clock.Now(), names...)
		}
		x.drain(w)
		x.eachOnce(items)
	}},
	{"due: two workers at once do each item once", func(x *fixture) {
		x.handle(reminders.Job(remind))
		other := x.newEngine()
		x.check("handle", other.Handle(reminders.Job(remind)))
		workers := []Worker{x.worker(), x.workerOf(other)}
		const items = 300
		for i := 0; i < items; i += 50 {
			var names []string
			for j := range 50 {
				names = append(names, fmt.Sprint(i+j))
			}
			x.at(x.clock.Now(), names...)
		}
		var all sync.WaitGroup
		errs := make([]error, len(workers))
		for i, w := range workers {
			all.Go(func() { errs[i] = w.Drain(x.ctx) })
		}
		all.Wait()
		x.check("two drains", errors.Join(errs...))
		x.eachOnce(items)
	}},
	{"due: an item that both hold is done by the first, and the second finds it gone", func(x *fixture) {
		x.handle(reminders.Job(remind))
		other := x.newEngine()
		x.check("handle", other.Handle(reminders.Job(remind)))
		w, second := x.worker(), x.workerOf(other)
		x.at(x.clock.Now(), "a", "b")
		inside := false
		x.store.set(func(b store.Batch) error {
			if takesDue(b) && !inside { // the first is about to commit
				inside = true
				x.drain(second)
			}
			return nil
		})
		x.drain(w)
		x.times("a", 1)
		x.times("b", 1)
	}},
	{"due: an item that is cancelled while a worker holds it is not done", func(x *fixture) {
		x.handle(reminders.Job(remind))
		w := x.worker()
		x.at(x.clock.Now(), "a", "b")
		inside := false
		x.store.set(func(b store.Batch) error {
			if takesDue(b) && !inside {
				inside = true
				x.do(func(u *forewarn.Unit) error { return reminders.Cancel(u, "a") })
			}
			return nil
		})
		x.drain(w)
		x.times("a", 0)
		x.times("b", 1)
	}},
	{"due: a job that fails is put off, its neighbours are done, and at last it is set aside", func(x *fixture) {
		x.handle(reminders.Job(remind))
		w := x.worker()
		x.do(func(u *forewarn.Unit) error {
			for _, name := range []string{"a", "bad", "c"} {
				if err := reminders.At(u, name, u.Now(), reminder{Name: name, Fail: name == "bad"}); err != nil {
					return err
				}
			}
			return nil
		})
		x.drain(w)
		x.times("a", 1)
		x.times("c", 1)
		for _, wait := range []time.Duration{time.Minute, 2 * time.Minute} { // as the fixture's engine has it
			if n := len(x.status(w, x.by).Failed); n != 0 {
				x.Errorf("%d items are set aside before the third try", n)
			}
			x.clock.add(wait)
			x.drain(w)
		}
		failed := x.status(w, x.by).Failed
		if len(failed) != 1 || failed[0].Name != "bad" || failed[0].Kind != "suite_reminder" || failed[0].Attempts != 3 ||
			!strings.Contains(failed[0].Error, errJob.Error()) {
			x.Fatalf("set aside is %+v, want the item that failed three times", failed)
		}
		x.times("bad", 0)
	}},
	{"due: Retry schedules what was set aside again, for an admin", func(x *fixture) {
		broken := true
		x.handle(reminders.Job(func(u *forewarn.Unit, r reminder) error {
			if broken {
				return errJob
			}
			return remind(u, r)
		}))
		w := x.worker()
		x.at(x.clock.Now(), "a")
		for range 3 {
			x.drain(w)
			x.clock.add(time.Hour)
		}
		broken = false
		for _, c := range []struct {
			by         forewarn.Actor
			kind, name string
			want       error
			says       string
		}{
			{forewarn.Actor{Tenant: tenant, ID: "x"}, "suite_reminder", "a", forewarn.ErrForbidden, "worker.Retry"},
			{forewarn.Actor{Tenant: "other", ID: "x", Roles: []string{forewarn.RoleAdmin}}, "suite_reminder", "a", forewarn.ErrNotFound, "due_failed"},
			{x.by, "suite_reminder", "b", forewarn.ErrNotFound, "due_failed"},
			{x.by, "", "a", forewarn.ErrInvalid, "kind"},
			{x.by, "suite_reminder", "", forewarn.ErrInvalid, "name"},
		} {
			if err := w.Retry(x.ctx, c.by, c.kind, c.name); !errors.Is(err, c.want) || !strings.Contains(fmt.Sprint(err), c.says) {
				x.Errorf("Retry of %q %q by %+v returned %v; want %v that names %s", c.kind, c.name, c.by, err, c.want, c.says)
			}
		}
		x.drain(w)
		x.times("a", 0)
		x.check("Retry", w.Retry(x.ctx, x.by, "suite_reminder", "a"))
		x.drain(w)
		x.times("a", 1)
		if n := len(x.status(w, x.by).Failed); n != 0 {
			x.Errorf("%d items are still set aside", n)
		}
	}},
	{"due: a kind without a job in this process is left alone, for one that has it", func(x *fixture) {
		w := x.worker()
		x.at(x.clock.Now(), "a")
		x.drain(w)
		x.times("a", 0)
		other := x.newEngine()
		x.check("handle", other.Handle(reminders.Job(remind)))
		x.drain(x.workerOf(other))
		x.times("a", 1)
	}},
	{"due: a commit whose outcome is unknown does not do the work twice", func(x *fixture) {
		x.handle(reminders.Job(remind))
		w := x.worker()
		x.at(x.clock.Now(), "a")
		lost := false
		x.store.set(func(b store.Batch) error {
			if takesDue(b) && !lost {
				lost = true
				x.check("commit", x.under.Store.Commit(x.ctx, b))
				return errors.New("connection lost before the answer")
			}
			return nil
		})
		if err := w.Drain(x.ctx); !errors.Is(err, forewarn.ErrUnavailable) {
			x.Errorf("Drain over a store that does not answer returned %v, want ErrUnavailable", err)
		}
		x.drain(w)
		x.times("a", 1)
	}},
	{"due: a drain whose context ends returns, and the next one goes on", func(x *fixture) {
		ctx, cancel := context.WithCancel(x.ctx)
		x.handle(reminders.Job(func(u *forewarn.Unit, r reminder) error { cancel(); return remind(u, r) }))
		w := x.worker()
		x.at(x.clock.Now(), "a", "b", "c")
		x.stage(1)
		if err := w.Drain(ctx); !errors.Is(err, context.Canceled) {
			x.Errorf("Drain under an ended context returned %v, want context.Canceled", err)
		}
		x.drain(w)
		for _, name := range []string{"a", "b", "c"} {
			x.times(name, 1)
		}
		x.delivered()
	}},
}

// eachOnce checks that the reminders named 0 to n-1 were done once each.
func (x *fixture) eachOnce(n int) {
	x.Helper()
	done := map[string]int{}
	for _, e := range x.effectsOf("") {
		done[e.Name]++
	}
	for i := range n {
		if got := done[fmt.Sprint(i)]; got != 1 {
			x.Errorf("item %d was done %d times, want once", i, got)
			return
		}
	}
	if len(done) != n {
		x.Errorf("%d items were done, want %d", len(done), n)
	}
}
