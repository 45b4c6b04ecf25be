package forewarn_test

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/adapters/memory"
	"github.com/forewarn-go/forewarn/adapters/storagetest"
	"github.com/forewarn-go/forewarn/store"
	"github.com/forewarn-go/forewarn/ticket"
)

func TestOnce(t *testing.T) {
	w := newWorld(t, nil)
	w.open(account{ID: id("a")})
	first, err := w.add(alice.Once("r1"), id("a"), 5)
	ok(t, err)
	w.add(alice, id("a"), 100) // the world goes on
	again, err := w.add(alice.Once("r1"), id("a"), 5)
	ok(t, err)
	if again != first || w.account(id("a")).Balance != 105 {
		t.Errorf("first %+v, repeat %+v, balance %d", first, again, w.account(id("a")).Balance)
	}
	for name, by := range map[string]forewarn.Caller{"another request": alice.Once("r2"), "no request": alice.Once(""), "another actor's": bob.Once("r1")} {
		before := w.account(id("a")).Balance
		_, err := w.add(by, id("a"), 5)
		ok(t, err)
		if w.account(id("a")).Balance != before+5 {
			t.Errorf("%s changed nothing", name)
		}
	}
}

func TestReused(t *testing.T) {
	w := newWorld(t, nil)
	w.open(account{ID: id("a")})
	_, err := w.add(alice.Once("r"), id("a"), 5)
	ok(t, err)
	_, err = w.add(alice.Once("r"), id("a"), 6)
	if e := wants(t, err, forewarn.ErrReused); e.Field != "request" || !strings.Contains(e.Error(), "toy.Add") {
		t.Errorf("%v", e)
	}
	_, err = forewarn.Do(w.ctx, w.engine, alice.Once("r"), "toy.Other", addCommand{id("a"), 5}, addTo)
	wants(t, err, forewarn.ErrReused)
	if w.account(id("a")).Balance != 5 {
		t.Error("it took effect")
	}
}

// A repeat is answered although the rules forbid it by now.
func TestRepeatAfterRuleError(t *testing.T) {
	w := newWorld(t, nil)
	w.open(account{ID: id("a")})
	shut := func(u *forewarn.Unit, who uuid.UUID) (account, error) {
		a, err := accounts.Get(u, who)
		if err != nil {
			return a, err
		}
		if a.State == "shut" {
			return a, forewarn.Refused(accounts.Key("acme", who), "state", "is shut")
		}
		a.State = "shut"
		return a, accounts.Put(u, &a)
	}
	first, err := forewarn.Do(w.ctx, w.engine, alice.Once("r"), "toy.Shut", id("a"), shut)
	ok(t, err)
	again, err := forewarn.Do(w.ctx, w.engine, alice.Once("r"), "toy.Shut", id("a"), shut)
	if err != nil || again != first {
		t.Errorf("%+v, %v; first %+v", again, err, first)
	}
	_, err = forewarn.Do(w.ctx, w.engine, alice.Once("r2"), "toy.Shut", id("a"), shut)
	wants(t, err, forewarn.ErrRefused)
	// a request that was refused is no request: it may be made again when the rule allows it
	w.update(func(u *forewarn.Unit) error { return accounts.PutAny(u, &account{ID: id("a")}) })
	_, err = forewarn.Do(w.ctx, w.engine, alice.Once("r2"), "toy.Shut", id("a"), shut)
	ok(t, err)
	w.update(func(u *forewarn.Unit) error { return accounts.Delete(u, &account{ID: id("a")}) })
	again, err = forewarn.Do(w.ctx, w.engine, alice.Once("r"), "toy.Shut", id("a"), shut)
	if err != nil || again != first {
		t.Errorf("after its record went: %+v, %v", again, err)
	}
}

// A request that writes nothing is kept as well.
func TestRequestThatWritesNothing(t *testing.T) {
	w := newWorld(t, nil)
	n := 0
	count := func(*forewarn.Unit, int) (int, error) { n++; return n, nil }
	for range 3 {
		got, err := forewarn.Do(w.ctx, w.engine, alice.Once("r"), "toy.Count", 1, count)
		if err != nil || got != 1 {
			t.Errorf("%d, %v", got, err)
		}
	}
}

// The outcome of a commit that failed is looked up: it is known whether it took effect.
func TestUnknownOutcome(t *testing.T) {
	for _, c := range []struct {
		name    string
		request string
		after   bool
		down    int // reads that fail after the commit
		want    error
		balance int
	}{
		{"took effect, no request", "", true, 0, forewarn.ErrUnavailable, 1},
		{"took effect", "r", true, 0, nil, 1},
		{"took effect, and the store is down for a while", "r", true, 5, nil, 1},
		{"took effect, and the store stays down", "r", true, 1 << 30, forewarn.ErrUnavailable, 1},
		{"did not take effect", "r", false, 0, forewarn.ErrUnavailable, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := memory.New()
				plain := newWorld(t, m)
				plain.open(account{ID: id("a")})
				failed, reads := false, 0
				fail := func(int) error { failed = true; return storagetest.ErrFault }
				f := storagetest.Faults{FailRead: func(int) error {
					if failed {
						if reads++; reads <= c.down {
							return storagetest.ErrFault
						}
					}
					return nil
				}}
				if c.after {
					f.FailAfter = fail
				} else {
					f.FailBefore = fail
				}
				w := newWorld(t, storagetest.Wrap(m, f))
				start := time.Now()
				got, err := w.add(alice.Once(c.request), id("a"), 1)
				if (err == nil) != (c.want == nil) || c.want != nil && !errors.Is(err, c.want) {
					t.Fatalf("got %v, want %v", err, c.want)
				}
				if time.Since(start) > 11*time.Second {
					t.Errorf("it took %v", time.Since(start))
				}
				a := plain.account(id("a"))
				if a.Balance != c.balance || err == nil && got != a {
					t.Errorf("result %+v, stored %+v", got, a)
				}
				if c.request != "" { // and the repeat, wherever it is made, takes effect once
					got, err = plain.add(alice.Once(c.request), id("a"), 1)
					ok(t, err)
					if a := plain.account(id("a")); a.Balance != 1 || a != got {
						t.Errorf("after the repeat %+v, stored %+v", got, a)
					}
				}
			})
		})
	}
}

// A store that fails before the commit was tried is asked once more, not for ten seconds.
func TestFailureBeforeTheCommit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, storagetest.Wrap(memory.New(), storagetest.Faults{FailRead: func(int) error { return storagetest.ErrFault }}))
		start := time.Now()
		_, err := w.add(alice.Once("r"), id("a"), 1)
		wants(t, err, forewarn.ErrUnavailable)
		if d := time.Since(start); d != 0 {
			t.Errorf("it waited %v", d)
		}
	})
}

func TestSameRequestAtOnce(t *testing.T) {
	w := newWorld(t, nil)
	w.open(account{ID: id("a")})
	var wg sync.WaitGroup
	results := make([]account, 16)
	for i := range results {
		wg.Go(func() {
			var err error
			results[i], err = w.add(alice.Once("r"), id("a"), 1)
			ok(t, err)
		})
	}
	wg.Wait()
	a := w.account(id("a"))
	if a.Balance != 1 {
		t.Errorf("balance %d: it took effect more than once", a.Balance)
	}
	for _, r := range results {
		if r != a {
			t.Errorf("result %+v, stored %+v", r, a)
		}
	}
}

// The ids of a repeat are those of the first: whatever it makes it makes once, also after the answer was lost.
func TestDerivedIDs(t *testing.T) {
	ids := func(w *world, by forewarn.Caller) (made []uuid.UUID) {
		_, err := forewarn.Do(w.ctx, w.engine, by, "toy.IDs", 1, func(u *forewarn.Unit, _ int) (int, error) {
			made = []uuid.UUID{u.NewID(), u.NewID(), u.NewID()}
			return 1, nil
		})
		ok(w, err)
		return made
	}
	w := newWorld(t, nil)
	first := ids(w, alice.Once("r"))
	for name, c := range map[string]struct {
		w    *world
		by   forewarn.Caller
		same bool
	}{
		"the repeat":           {w, alice.Once("r"), true},
		"in another store":     {newWorld(t, nil), alice.Once("r"), true},
		"another request":      {w, alice.Once("r2"), false},
		"another actor":        {w, bob.Once("r"), false},
		"another tenant":       {w, forewarn.Actor{Tenant: "other", ID: "alice"}.Once("r"), false},
		"no request":           {w, alice, false},
		"no request, once mor": {w, alice, false},
	} {
		got := ids(c.w, c.by)
		if slices.Equal(got, first) != c.same {
			t.Errorf("%s: %v, first %v", name, got, first)
		}
		if got[0] == got[1] || got[1] == got[2] {
			t.Errorf("%s: ids twice: %v", name, got)
		}
		if c.same && got[0].Version() != 5 {
			t.Errorf("version %d", got[0].Version())
		}
	}
}

func TestSeededIDs(t *testing.T) {
	a, b, c := forewarn.SeededIDs(1), forewarn.SeededIDs(1), forewarn.SeededIDs(2)
	seen := map[uuid.UUID]bool{}
	for range 1000 {
		x, y, z := a.NewID(), b.NewID(), c.NewID()
		if x != y || x == z || seen[x] || x.Version() != 4 || x.Variant() != uuid.RFC4122 {
			t.Fatalf("%v %v %v", x, y, z)
		}
		seen[x] = true
	}
}

func TestResults(t *testing.T) {
	w := newWorld(t, nil)
	do := func(request string, n int) error {
		return second(forewarn.Do(w.ctx, w.engine, alice.Once(request), "toy.Big", n, func(u *forewarn.Unit, n int) (string, error) {
			return strings.Repeat("x", n), accounts.PutAny(u, &account{ID: id("a")})
		}))
	}
	ok(t, do("fits", store.MaxBody/2-2))
	w.update(func(u *forewarn.Unit) error { return accounts.Delete(u, &account{ID: id("a")}) })
	if e := wants(t, do("r", store.MaxBody/2), forewarn.ErrInvalid); e.Field != "result" {
		t.Errorf("%v names %q", e, e.Field)
	}
	if w.version(accounts.Key("acme", id("a"))) != 0 {
		t.Error("a result that cannot be kept left its writes")
	}
	ok(t, do("", store.MaxBody))
}

type lossy struct {
	Kept string
	Lost string `json:"-"`
}

func TestStrict(t *testing.T) {
	for _, strict := range []bool{true, false} {
		w := newWorld(t, nil, func(c *forewarn.Config) { c.Strict = strict })
		do := func(by forewarn.Caller, lost string) error {
			return second(forewarn.Do(w.ctx, w.engine, by, "toy.Lossy", 1, func(*forewarn.Unit, int) (lossy, error) {
				return lossy{"x", lost}, nil
			}))
		}
		ok(t, do(alice, ""))
		err := do(alice, "y")
		if strict {
			if e := wants(t, err, forewarn.ErrInvalid); e.Field != "result" {
				t.Errorf("%v", e)
			}
		} else {
			ok(t, err)
		}
		w.update(func(u *forewarn.Unit) error {
			if err := do(u, "y"); (err != nil) != strict {
				t.Errorf("nested, strict %v: %v", strict, err)
			}
			return nil
		})
	}
	w := newWorld(t, nil)
	err := second(forewarn.Do(w.ctx, w.engine, alice, "toy.Chan", 1, func(*forewarn.Unit, int) (chan int, error) { return nil, nil }))
	wants(t, err, forewarn.ErrInvalid)
	err = second(forewarn.Do(w.ctx, w.engine, alice.Once("r"), "toy.Chan", make(chan int), func(*forewarn.Unit, chan int) (int, error) { return 1, nil }))
	if e := wants(t, err, forewarn.ErrInvalid); e.Field != "command" {
		t.Errorf("%v names %q", e, e.Field)
	}
}

func TestRequestNames(t *testing.T) {
	w := newWorld(t, nil)
	w.open(account{ID: id("a")})
	for _, r := range []string{strings.Repeat("x", 201), "a\nb", "a\x00", "a\xff"} {
		_, err := w.add(alice.Once(r), id("a"), 1)
		if e := wants(t, err, forewarn.ErrInvalid); e.Field != "request" {
			t.Errorf("%q: %v", r, e)
		}
	}
	_, err := w.add(alice.Once(strings.Repeat("ü", 100)), id("a"), 1)
	ok(t, err)
	// what keeps no result takes no request, however the caller is wrapped
	for name, by := range map[string]forewarn.Caller{"plain": alice.Once("r"), "on an engine": w.engine.As(alice.Once("r"))} {
		ran := false
		wants(t, w.try(by, func(*forewarn.Unit) error { ran = true; return nil }), forewarn.ErrInvalid)
		_, err := forewarn.Read(w.ctx, w.engine, by, "toy.Read", 1, func(*forewarn.Unit, int) (int, error) { ran = true; return 1, nil })
		wants(t, err, forewarn.ErrInvalid)
		if ran {
			t.Errorf("%s: it ran", name)
		}
	}
	ok(t, w.try(alice.Once(""), func(*forewarn.Unit) error { return nil }))
}

// A request's events, mails and due work leave once, whatever became of the first answer.
func TestRequestTakesEffectOnce(t *testing.T) {
	m := memory.New()
	w := newWorld(t, storagetest.Wrap(m, storagetest.Faults{FailAfter: func(n int) error {
		if n == 1 {
			return storagetest.ErrFault
		}
		return nil
	}}), func(c *forewarn.Config) { c.Rules = statusRules{} })
	for i := range 3 {
		n, err := forewarn.Do(w.ctx, w.engine, alice.Once("r"), "toy.All", 1, func(u *forewarn.Unit, _ int) (int64, error) {
			return 4, everything(u, "x")
		})
		if err != nil || n != 4 {
			t.Errorf("call %d: %d, %v", i, n, err)
		}
	}
	if len(w.events()) != 1 || len(w.mails()) != 1 || len(w.stream("x")) != 1 || len(w.waiting("reminder")) != 1 {
		t.Errorf("%d events, %d mails, %d activities, %v", len(w.events()), len(w.mails()), len(w.stream("x")), w.waiting("reminder"))
	}
	if a := w.stream("x")[0]; a.By != "alice" || !a.At.Equal(monday) || a.Entry != ticket.WorkNote {
		t.Errorf("%+v", a)
	}
}

func TestRequestAnswersAfterRestart(t *testing.T) {
	m := memory.New()
	first := newWorld(t, m)
	first.open(account{ID: id("a")})
	a, err := first.add(alice.Once("r"), id("a"), 1)
	ok(t, err)
	b, err := newWorld(t, m).add(alice.Once("r"), id("a"), 1)
	if err != nil || a != b {
		t.Errorf("%+v, %v, want %+v", b, err, a)
	}
}

// Ids made of names are fixed in the data: they must never change.
func TestNameIDs(t *testing.T) {
	for want, parts := range map[string][]string{
		"45f85574-9b22-57bf-8d65-bb52caceb239": {},
		"4148ea5c-dcd3-5a0e-b8e8-6bfc37c9dcf6": {""},
		"37f21345-c43e-51fe-8987-48c77b74d34e": {"a", "b"},
		"df66b846-5dd1-56d7-b590-6d7bfea73424": {"ab"},
		"c8c7b4cf-0e66-553f-879e-f562573975ee": {"due", "acme", "mail", strings.Repeat("ü", 200)},
	} {
		if got := store.NameID(parts...).String(); got != want {
			t.Errorf("%q: %s, want %s", parts, got, want)
		}
	}
}
