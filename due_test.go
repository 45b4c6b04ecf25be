package forewarn_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/adapters/memory"
	"github.com/forewarn-go/forewarn/adapters/storagetest"
	"github.com/forewarn-go/forewarn/store"
)

// ready returns what is due by now.
func (w *world) ready() []forewarn.Item {
	w.Helper()
	page, err := w.engine.Waiting(w.ctx, store.AllShards(), w.clock.Now(), "")
	if err != nil {
		w.Fatalf("Waiting: %v", err)
	}
	return page.Items
}

func (w *world) remind(name string, in time.Duration) {
	w.Helper()
	w.update(func(u *forewarn.Unit) error { return reminders.At(u, name, u.Now().Add(in), name) })
}

// done counts in the store what a job has done by name, so that it is taken back with the job's unit.
func done(u *forewarn.Unit, name string) error {
	a, err := accounts.Get(u, id(name))
	if err != nil && !errors.Is(err, forewarn.ErrNotFound) {
		return err
	}
	a.ID = id(name)
	a.Balance++
	return accounts.Put(u, &a)
}

func (w *world) doneBy(name string) int {
	w.Helper()
	a, err := w.lookup(alice, id(name))
	if errors.Is(err, forewarn.ErrNotFound) {
		return 0
	}
	ok(w, err)
	return a.Balance
}

// failed returns what was given up.
func (w *world) failed() []forewarn.FailedDue {
	w.Helper()
	var all []forewarn.FailedDue
	ok(w, w.try(forewarn.SystemActor(store.System), func(u *forewarn.Unit) error {
		all = nil
		for f, err := range forewarn.FailedDues().Where("at").All(u) {
			ok(w, err)
			all = append(all, f)
		}
		return nil
	}))
	return all
}

func TestDue(t *testing.T) {
	w := newWorld(t, nil)
	ok(t, w.engine.Handle(reminders.Job(done)))
	w.remind("hour", time.Hour)
	w.remind("past", -time.Hour)
	w.remind("cancelled", time.Minute)
	w.remind("replaced", time.Minute)
	w.update(func(u *forewarn.Unit) error {
		ok(t, reminders.Cancel(u, "cancelled"))
		ok(t, reminders.Cancel(u, "never was"))
		return reminders.At(u, "replaced", u.Now().Add(2*time.Hour), "replacement")
	})
	for _, i := range w.items() {
		if i.Name == "past" && !i.At.Equal(monday) {
			t.Errorf("an instant that has passed became %v", i.At)
		}
	}
	for _, c := range []struct {
		after time.Duration
		done  string
	}{
		{0, "past"}, {time.Hour - time.Microsecond, ""}, {time.Microsecond, "hour"}, {time.Hour - time.Microsecond, ""}, {time.Microsecond, "replacement"},
	} {
		w.clock.advance(c.after)
		want := 0
		if c.done != "" {
			want = 1
		}
		if n := w.settleAll(); n != want || c.done != "" && w.doneBy(c.done) != 1 {
			t.Errorf("at %v %d were done, want %q", w.clock.Now(), n, c.done)
		}
	}
	if len(w.items()) != 0 || w.doneBy("cancelled") != 0 || w.doneBy("replaced") != 0 {
		t.Errorf("left %+v", w.items())
	}
}

func TestDueNames(t *testing.T) {
	w := newWorld(t, nil)
	for _, name := range []string{"", strings.Repeat("x", 201), "a\xff"} {
		err := w.try(alice, func(u *forewarn.Unit) error { return reminders.At(u, name, u.Now(), "") })
		if e := wants(t, err, forewarn.ErrInvalid); e.Field != "due reminder" {
			t.Errorf("%q: %v", name, e)
		}
	}
	err := w.try(alice, func(u *forewarn.Unit) error {
		return reminders.At(u, "x", time.Date(12000, 1, 1, 0, 0, 0, 0, time.UTC), "")
	})
	wants(t, err, forewarn.ErrInvalid)
	floats := forewarn.NewDue[float64]("floats")
	wants(t, w.try(alice, func(u *forewarn.Unit) error { return floats.At(u, "x", u.Now(), math.NaN()) }), forewarn.ErrInvalid)
	// odd names are names
	ok(t, w.engine.Handle(reminders.Job(done)))
	for _, name := range []string{"a\nb", "ü/ö", "\u2028", strings.Repeat("x", 200), "a\x00b"} {
		w.remind(name, 0)
		if n := w.settleAll(); n != 1 || w.doneBy(name) != 1 || len(w.items()) != 0 {
			t.Errorf("%q: %d done", name, n)
		}
	}
}

func TestHandle(t *testing.T) {
	w := newWorld(t, nil)
	other := forewarn.NewDue[string]("other")
	ok(t, w.engine.Handle(reminders.Job(done)))
	for name, jobs := range map[string][]forewarn.Job{
		"handled already": {other.Job(done), reminders.Job(done)},
		"stands twice":    {other.Job(done), other.Job(done)},
		"is none":         {other.Job(done), {}},
	} {
		if e := wants(t, w.engine.Handle(jobs...), forewarn.ErrInvalid); !strings.Contains(e.Error(), name) {
			t.Errorf("%v, want %q", e, name)
		}
	}
	ok(t, w.engine.Handle(other.Job(done))) // none of the above was registered
}

// A kind without a job in this process is left alone: another process may have it.
func TestUnknownKind(t *testing.T) {
	w := newWorld(t, nil)
	w.remind("x", 0)
	if n := w.settleAll(); n != 0 {
		t.Errorf("%d were done", n)
	}
	ok(t, w.engine.Settle(w.ctx, w.ready()))
	ok(t, w.engine.Settle(w.ctx, nil))
	if items := w.items(); len(items) != 1 || items[0].Attempts != 0 {
		t.Errorf("%+v", items)
	}
}

// Two processes settle the same items at once, and each item is done once.
func TestSettleOnce(t *testing.T) {
	m := memory.New()
	first := newWorld(t, m)
	const items = 120
	first.update(func(u *forewarn.Unit) error {
		for i := range items {
			ok(t, reminders.At(u, fmt.Sprint(i), u.Now(), fmt.Sprint(i)))
		}
		return nil
	})
	page := first.ready()
	var wg sync.WaitGroup
	for range 4 {
		w := newWorld(t, m)
		ok(t, w.engine.Handle(reminders.Job(done)))
		wg.Go(func() {
			for _, b := range w.engine.Batches(page) {
				if err := w.engine.Settle(w.ctx, b); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	for i := range items {
		if n := first.doneBy(fmt.Sprint(i)); n != 1 {
			t.Errorf("%d was done %d times", i, n)
		}
	}
	if len(first.items()) != 0 {
		t.Error("something is left")
	}
}

// What was settled, cancelled or given another instant after it was read is left alone.
func TestSettleOfWhatChanged(t *testing.T) {
	w := newWorld(t, nil)
	ok(t, w.engine.Handle(reminders.Job(done)))
	for _, name := range []string{"cancelled", "replaced", "settled", "stands"} {
		w.remind(name, 0)
	}
	items := w.ready()
	w.update(func(u *forewarn.Unit) error {
		ok(t, reminders.Cancel(u, "cancelled"))
		return reminders.At(u, "replaced", u.Now().Add(time.Hour), "replaced")
	})
	for _, i := range items {
		if i.Name == "settled" {
			ok(t, w.engine.Settle(w.ctx, []forewarn.Item{i}))
		}
	}
	ok(t, w.engine.Settle(w.ctx, append(items, items...)))
	for name, want := range map[string]int{"cancelled": 0, "replaced": 0, "settled": 1, "stands": 1} {
		if got := w.doneBy(name); got != want {
			t.Errorf("%s was done %d times, want %d", name, got, want)
		}
	}
	if got := w.waiting("reminder"); !slices.Equal(got, []string{"replaced"}) {
		t.Errorf("left %v", got)
	}
}

func TestBatches(t *testing.T) {
	w := newWorld(t, nil)
	sized := forewarn.NewDue[string]("sized")
	ok(t, w.engine.Handle(reminders.Job(done), sized.Batch(10, func(u *forewarn.Unit, names []string) error {
		for _, n := range names {
			ok(t, done(u, n))
		}
		return done(u, "units")
	})))
	w.update(func(u *forewarn.Unit) error {
		for i := range 45 {
			ok(t, reminders.At(u, fmt.Sprint(i), u.Now(), fmt.Sprint(i)))
			ok(t, sized.At(u, fmt.Sprint(i), u.Now(), fmt.Sprint(i)))
		}
		return nil
	})
	ok(t, w.try(eve, func(u *forewarn.Unit) error { return reminders.At(u, "hers", u.Now(), "hers") }))
	sizes := map[string][]int{}
	for _, b := range w.engine.Batches(w.ready()) {
		for _, i := range b {
			if i.Kind != b[0].Kind || i.Tenant != b[0].Tenant {
				t.Errorf("%v and %v in one batch", i, b[0])
			}
		}
		k := b[0].Tenant + " " + b[0].Kind
		sizes[k] = append(sizes[k], len(b))
	}
	want := map[string][]int{"acme reminder": {30, 15}, "acme sized": {10, 10, 10, 10, 5}, "other reminder": {1}}
	if fmt.Sprint(sizes) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", sizes, want)
	}
	w.settleAll()
	if n := w.doneBy("units"); n != 5 {
		t.Errorf("%d units for 45 items in batches of 10", n)
	}
}

// One that fails is found by halves, put back with a later instant, and its neighbours are done.
func TestHalves(t *testing.T) {
	for name, job := range map[string]func(fail func(string) error) forewarn.Job{
		"Job": func(fail func(string) error) forewarn.Job {
			return reminders.Job(func(u *forewarn.Unit, n string) error { return errors.Join(done(u, n), fail(n)) })
		},
		"Batch": func(fail func(string) error) forewarn.Job {
			return reminders.Batch(30, func(u *forewarn.Unit, names []string) (err error) {
				for _, n := range names {
					err = errors.Join(err, done(u, n), fail(n))
				}
				return err
			})
		},
		"Effect": func(fail func(string) error) forewarn.Job {
			return reminders.Effect(func(_ context.Context, _ forewarn.Item, n string) error { return fail(n) }, done)
		},
		"sticky": func(fail func(string) error) forewarn.Job {
			return reminders.Job(func(u *forewarn.Unit, n string) error {
				if fail(n) != nil {
					accounts.Put(u, &account{}) // and says nothing
				}
				return done(u, n)
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, nil)
			ok(t, w.engine.Handle(job(func(n string) error {
				if n == "7" || n == "8" {
					return errToy
				}
				return nil
			})))
			w.update(func(u *forewarn.Unit) error {
				for i := range 20 {
					ok(t, reminders.At(u, fmt.Sprint(i), u.Now(), fmt.Sprint(i)))
				}
				return nil
			})
			ok(t, w.engine.Settle(w.ctx, w.ready()))
			for i := range 20 {
				want := 1
				if i == 7 || i == 8 {
					want = 0
				}
				if got := w.doneBy(fmt.Sprint(i)); got != want {
					t.Errorf("%d was done %d times", i, got)
				}
			}
			items := w.items()
			if len(items) != 2 || len(w.ready()) != 0 {
				t.Fatalf("left %+v", items)
			}
			for _, i := range items {
				if i.Attempts != 1 || !i.At.Equal(monday.Add(time.Second)) {
					t.Errorf("%+v", i)
				}
			}
		})
	}
}

// An error that is no error of ours is the job's all the same, and charged to the item.
func TestGivenUp(t *testing.T) {
	w := newWorld(t, nil, func(c *forewarn.Config) { c.Attempts = 4 })
	attempts := 0
	bad := true
	ok(t, w.engine.Handle(reminders.Job(func(u *forewarn.Unit, name string) error {
		attempts++
		if bad {
			return errToy
		}
		return done(u, name)
	})))
	w.remind("x", 0)
	for want := 1; want <= 3; want++ {
		if n := w.settleAll(); n != 1 {
			t.Fatalf("attempt %d: %d", want, n)
		}
		items := w.items()
		delay := time.Second << (want - 1)
		if len(items) != 1 || items[0].Attempts != want || items[0].At.Sub(w.clock.Now()) != delay {
			t.Fatalf("after attempt %d: %+v, want it in %v", want, items, delay)
		}
		w.clock.advance(delay - time.Microsecond)
		if n := w.settleAll(); n != 0 {
			t.Fatal("tried too early")
		}
		w.clock.advance(time.Microsecond)
	}
	w.settleAll()
	if attempts != 4 || len(w.items()) != 0 {
		t.Errorf("%d attempts, left %v", attempts, w.items())
	}
	f := w.failed()
	if len(f) != 1 || f[0].Name != "x" || f[0].Kind != "reminder" || f[0].Tenant != "acme" || f[0].Attempts != 4 ||
		!strings.Contains(f[0].Error, errToy.Error()) || string(f[0].Body) != `"x"` || !f[0].At.Equal(w.clock.Now()) {
		t.Fatalf("%+v", f)
	}
	retry := func(by forewarn.Actor, kind, name string) error {
		return w.try(by, func(u *forewarn.Unit) error { return u.RetryFailed(kind, name) })
	}
	wants(t, retry(alice, "reminder", "y"), forewarn.ErrNotFound)
	wants(t, retry(alice, "mail", "x"), forewarn.ErrNotFound)
	wants(t, retry(eve, "reminder", "x"), forewarn.ErrNotFound)
	ok(t, retry(alice, "reminder", "x"))
	if len(w.failed()) != 0 || len(w.ready()) != 1 || w.ready()[0].Attempts != 0 {
		t.Errorf("failed %v, ready %v", w.failed(), w.ready())
	}
	bad = false
	w.settleAll()
	if w.doneBy("x") != 1 || len(w.items()) != 0 {
		t.Errorf("done %d", w.doneBy("x"))
	}
}

// The default back-off is a second, doubled, up to five minutes.
func TestBackOff(t *testing.T) {
	w := newWorld(t, nil, func(c *forewarn.Config) { c.Attempts = 12 })
	ok(t, w.engine.Handle(reminders.Job(func(*forewarn.Unit, string) error { return errToy })))
	w.remind("x", 0)
	var got []time.Duration
	for range 11 {
		w.settleAll()
		d := w.items()[0].At.Sub(w.clock.Now())
		got = append(got, d/time.Second)
		w.clock.advance(d)
	}
	want := []time.Duration{1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300}
	if !slices.Equal(got, want) {
		t.Errorf("got %d, want %d", got, want)
	}
}

// The errors of jobs by their kinds: all are charged to the item, but the store's own are not.
func TestJobErrors(t *testing.T) {
	for _, err := range []error{
		errToy, forewarn.ErrNotFound, forewarn.ErrInvalid, forewarn.ErrRefused, forewarn.ErrForbidden, forewarn.ErrStale, context.Canceled,
		forewarn.Invalid("a", "b"), fmt.Errorf("x: %w", forewarn.ErrRefused),
	} {
		w := newWorld(t, nil)
		ok(t, w.engine.Handle(reminders.Job(func(*forewarn.Unit, string) error { return err })))
		w.remind("x", 0)
		ok(t, w.engine.Settle(w.ctx, w.ready()))
		if items := w.items(); len(items) != 1 || items[0].Attempts != 1 {
			t.Errorf("%v: %+v", err, items)
		}
	}
	m := memory.New()
	newWorld(t, m).remind("x", 0)
	down := true
	w := newWorld(t, storagetest.Wrap(m, storagetest.Faults{FailBefore: func(int) error {
		if down {
			return storagetest.ErrFault
		}
		return nil
	}}))
	ok(t, w.engine.Handle(reminders.Job(done)))
	wants(t, w.engine.Settle(w.ctx, w.ready()), forewarn.ErrUnavailable)
	if items := w.items(); len(items) != 1 || items[0].Attempts != 0 {
		t.Errorf("an outage was charged: %+v", items)
	}
	ctx, stop := context.WithCancel(w.ctx)
	items := w.ready()
	stop()
	if err := w.engine.Settle(ctx, items); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	down = false
	w.settleAll()
	if w.doneBy("x") != 1 {
		t.Error("it was not done")
	}
}

// An item that cannot be read is given up in time, and its neighbours are done.
func TestUnreadableItem(t *testing.T) {
	w := newWorld(t, nil, func(c *forewarn.Config) { c.Attempts = 1 })
	ok(t, w.engine.Handle(reminders.Job(done)))
	number := forewarn.NewDue[int]("reminder")
	w.update(func(u *forewarn.Unit) error { return number.At(u, "bad", u.Now(), 7) })
	w.remind("good", 0)
	w.settleAll()
	if f := w.failed(); w.doneBy("good") != 1 || len(f) != 1 || f[0].Name != "bad" {
		t.Errorf("%+v", f)
	}
}

// A job may name its item again, in its own unit: where steps must come in order there is one item.
func TestJobNamesItselfAgain(t *testing.T) {
	w := newWorld(t, nil)
	ok(t, w.engine.Handle(reminders.Job(func(u *forewarn.Unit, step string) error {
		ok(t, done(u, step))
		if len(step) < 3 {
			return reminders.At(u, "steps", u.Now().Add(time.Hour), step+"x")
		}
		return nil
	})))
	w.update(func(u *forewarn.Unit) error { return reminders.At(u, "steps", u.Now(), "x") })
	for _, step := range []string{"x", "xx", "xxx"} {
		if n := w.settleAll(); n != 1 || w.doneBy(step) != 1 {
			t.Errorf("step %s: %d done", step, n)
		}
		w.clock.advance(time.Hour)
	}
	if len(w.items()) != 0 {
		t.Errorf("left %v", w.items())
	}
}

// before is called once per attempt, however often the unit runs and in however many halves.
func TestEffectBefore(t *testing.T) {
	m := memory.New()
	plain := newWorld(t, m)
	plain.update(func(u *forewarn.Unit) error {
		for i := range 8 {
			ok(t, reminders.At(u, fmt.Sprint(i), u.Now(), fmt.Sprint(i)))
		}
		return nil
	})
	w := newWorld(t, storagetest.Wrap(m, storagetest.Faults{FailBefore: storagetest.Odd(storagetest.Conflict())}))
	calls, runs := map[string]int{}, 0
	bad := true
	ok(t, w.engine.Handle(reminders.Effect(func(_ context.Context, i forewarn.Item, name string) error {
		if i.Name != name || i.Tenant != "acme" || i.Kind != "reminder" || !i.At.Equal(monday) && bad {
			t.Errorf("%+v", i)
		}
		calls[name]++
		return nil
	}, func(u *forewarn.Unit, name string) error {
		runs++
		if name == "3" && bad {
			return errToy
		}
		return done(u, name)
	})))
	ok(t, w.engine.Settle(w.ctx, w.ready()))
	bad = false
	w.clock.advance(time.Hour)
	plain.clock.advance(time.Hour)
	ok(t, w.engine.Settle(w.ctx, w.ready()))
	for i := range 8 {
		want := 1
		if i == 3 {
			want = 2
		}
		if name := fmt.Sprint(i); calls[name] != want || plain.doneBy(name) != 1 {
			t.Errorf("%s: before %d times, want %d; done %d times", name, calls[name], want, plain.doneBy(name))
		}
	}
	if runs <= 10 {
		t.Errorf("only %d runs: nothing ran again", runs)
	}
}

// The ids of a due item's unit follow from the item: an item resumed in the same store makes the same records.
func TestDueIDs(t *testing.T) {
	m := memory.New()
	newWorld(t, m).remind("x", 0)
	var first []uuid.UUID
	for range 3 {
		w := newWorld(t, storagetest.Wrap(m, storagetest.Faults{FailBefore: func(int) error { return storagetest.ErrFault }}))
		var ids []uuid.UUID
		ok(t, w.engine.Handle(reminders.Job(func(u *forewarn.Unit, _ string) error {
			ids = append(ids, u.NewID(), u.NewID())
			if u.By().Tenant != "acme" || !u.By().System() {
				t.Errorf("by %+v", u.By())
			}
			return nil
		})))
		w.engine.Settle(w.ctx, w.ready())
		if first == nil {
			first = ids
		}
		if !slices.Equal(ids, first) || ids[0] == ids[1] || ids[0].Version() != 5 {
			t.Errorf("%v, first %v", ids, first)
		}
	}
}

// A page over all tenants is by shard and instant, and goes on by its cursor.
func TestWaitingPages(t *testing.T) {
	w := newWorld(t, nil)
	for _, by := range []forewarn.Actor{alice, eve} {
		for part := range 3 {
			ok(t, w.try(by, func(u *forewarn.Unit) error {
				for i := range 400 {
					n := fmt.Sprint(part*400 + i)
					ok(t, reminders.At(u, n, u.Now().Add(time.Duration(i)*time.Second), n))
				}
				return nil
			}))
		}
	}
	seen := map[string]bool{}
	pages, after := 0, ""
	to := monday.Add(199 * time.Second)
	for {
		page, err := w.engine.Waiting(w.ctx, store.AllShards(), to, after)
		ok(t, err)
		pages++
		for i, item := range page.Items {
			k := item.Tenant + item.Name
			if seen[k] || item.At.After(to) {
				t.Fatalf("%+v, twice %v", item, seen[k])
			}
			seen[k] = true
			if i > 0 && item.At.Before(page.Items[i-1].At) {
				t.Fatalf("%v after %v", item.At, page.Items[i-1].At)
			}
		}
		if after = page.Next; after == "" {
			break
		}
	}
	if len(seen) != 1200 || pages != 2 {
		t.Errorf("%d items on %d pages", len(seen), pages)
	}
	few := 0
	for shard := range store.Shards {
		page, err := w.engine.Waiting(w.ctx, []int{shard}, to, "")
		ok(t, err)
		few += len(page.Items)
	}
	if few != 1200 {
		t.Errorf("%d items by single shards", few)
	}
}
