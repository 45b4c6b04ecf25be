package forewarn_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/adapters/memory"
	"github.com/forewarn-go/forewarn/ticket"
)

// Numbers are drawn for good, so a use case that only reads draws none.
func TestReadDrawsNoNumbers(t *testing.T) {
	w := newWorld(t, nil)
	for name, draw := range map[string]func(*forewarn.Unit) error{
		"Number":  func(u *forewarn.Unit) error { return second(u.Number("INC")) },
		"Reserve": func(u *forewarn.Unit) error { return u.Reserve("INC", 5) },
	} {
		_, err := forewarn.Read(w.ctx, w.engine, alice, "toy.Draw", 1, func(u *forewarn.Unit, _ int) (int, error) { return 0, draw(u) })
		if e := wants(t, err, forewarn.ErrInvalid); e.Field != "INC" {
			t.Errorf("%s: %v names %q", name, err, e.Field)
		}
	}
	w.update(func(u *forewarn.Unit) error {
		n, err := u.Number("INC")
		if n != 1 {
			t.Errorf("the first number is %d", n)
		}
		return err
	})
}

// A change is of one ticket.
func TestAnnounceNamesOneTicket(t *testing.T) {
	w := newWorld(t, nil, func(c *forewarn.Config) { c.Rules = statusRules{} })
	err := w.try(alice, func(u *forewarn.Unit) error {
		ok(t, accounts.Put(u, &account{ID: id("a")}))
		before := snapshot(id("b"), ticket.New, "b")
		return u.Announce(&before, snapshot(id("a"), ticket.InProgress, "a"))
	})
	if e := wants(t, err, forewarn.ErrInvalid); e.Field != "snapshot.key" {
		t.Errorf("%v names %q", err, e.Field)
	}
	if n := len(w.events()); n != 0 {
		t.Errorf("%d events", n)
	}
}

// A nested use case that panics leaves nothing behind either, when somebody goes on after it.
func TestNestedPanicLeavesNothing(t *testing.T) {
	w := newWorld(t, nil, func(c *forewarn.Config) { c.Rules = statusRules{} })
	w.update(func(u *forewarn.Unit) error {
		room := u.Room()
		func() {
			defer func() {
				if recover() == nil {
					t.Error("the panic was swallowed")
				}
			}()
			_ = w.try(u, func(u *forewarn.Unit) error {
				ok(t, accounts.Put(u, &account{ID: id("a")}))
				ok(t, u.Announce(nil, snapshot(id("a"), ticket.New, "a")))
				_ = accounts.Put(u, &account{}) // its error goes with it
				panic("toy")
			})
		}()
		if u.Room() != room {
			t.Errorf("room for %d, want %d", u.Room(), room)
		}
		return accounts.Put(u, &account{ID: id("b")})
	})
	if w.version(accounts.Key("acme", id("a"))) != 0 || len(w.events()) != 0 || w.version(accounts.Key("acme", id("b"))) == 0 {
		t.Errorf("a stands at %d, b at %d, %d events", w.version(accounts.Key("acme", id("a"))), w.version(accounts.Key("acme", id("b"))), len(w.events()))
	}
}

// A command is what it was when it was given, whatever the use case makes of its slices: a repeat that ends before it
// gets so far, or behind it, gives the first result.
func TestCommandChangedByItsUseCase(t *testing.T) {
	type command struct {
		Tags []string
		At   forewarn.Version
	}
	for _, early := range []bool{true, false} {
		w := newWorld(t, nil)
		w.open(account{ID: id("a")})
		at := w.account(id("a")).Version
		for _, call := range []string{"first", "repeat"} {
			n, err := forewarn.Do(w.ctx, w.engine, alice.Once("r"), "toy.Tag", command{[]string{"b", "a"}, at}, func(u *forewarn.Unit, cmd command) (int, error) {
				if early {
					slices.Sort(cmd.Tags)
				}
				a, err := accounts.GetAt(u, id("a"), cmd.At)
				if err != nil {
					return 0, err
				}
				slices.Sort(cmd.Tags)
				a.Owner = strings.Join(cmd.Tags, "")
				return 7, accounts.Put(u, &a)
			})
			if n != 7 || err != nil {
				t.Errorf("sorted early %v, %s: %d, %v", early, call, n, err)
			}
		}
	}
}

// A unit of the engine's own does not work in a host's transaction, and is not taken there.
func TestUnitIsOfAnotherTransaction(t *testing.T) {
	w := newWorld(t, nil)
	hosts := memory.New()
	ok(t, hosts.Keep(accounts.Kind()))
	_, in := w.engine.On(w.ctx, hosts)
	_, other := w.engine.On(w.ctx, hosts)
	open := func(by forewarn.Caller) error {
		return second(forewarn.Do(w.ctx, w.engine, by, "toy.Open", 1, func(u *forewarn.Unit, _ int) (int, error) {
			return 1, accounts.Put(u, &account{ID: u.NewID()})
		}))
	}
	w.update(func(u *forewarn.Unit) error {
		if e := wants(t, open(in.As(u)), forewarn.ErrInvalid); e.Field != "caller" {
			t.Errorf("%v names %q", e, e.Field)
		}
		return open(w.engine.As(u))
	})
	ok(t, in.Update(w.ctx, alice, func(_ context.Context, u *forewarn.Unit) error {
		wants(t, open(other.As(u)), forewarn.ErrInvalid)
		return errors.Join(open(in.As(u)), open(u), open(w.engine.As(u)))
	}))
	count := func(e *forewarn.Engine) int {
		n := 0
		_, err := forewarn.Read(w.ctx, e, alice, "toy.Count", 1, func(u *forewarn.Unit, _ int) (int, error) {
			for _, err := range accounts.Where("owner").All(u) {
				ok(t, err)
				n++
			}
			return n, nil
		})
		ok(t, err)
		return n
	}
	if a, b := count(w.engine), count(in); a != 1 || b != 3 {
		t.Errorf("%d accounts of the engine's own, want 1; %d of the host's, want 3", a, b)
	}
}

// The context of a nested call is that of the unit; another one, which may have ended, is not looked at.
func TestNestedContextIsTheUnits(t *testing.T) {
	w := newWorld(t, nil)
	ended, end := context.WithCancel(w.ctx)
	end()
	w.update(func(u *forewarn.Unit) error {
		return second(forewarn.Do(ended, w.engine, u, "toy.Open", 1, func(u *forewarn.Unit, _ int) (int, error) {
			return 1, errors.Join(u.Context().Err(), accounts.Put(u, &account{ID: id("a")}))
		}))
	})
}

// What no job could be found by is refused where it is registered, and where it is scheduled.
func TestKindsOfJobs(t *testing.T) {
	w := newWorld(t, nil)
	for _, kind := range []string{"Bad Kind", "a\x00b", strings.Repeat("x", 1000), ""} {
		do := func(*forewarn.Unit, string) error { return nil }
		wants(t, w.engine.Handle(forewarn.NewDue[string](kind).Job(do)), forewarn.ErrInvalid)
	}
	err := w.try(alice, func(u *forewarn.Unit) error { return forewarn.NewDue[string]("").At(u, "x", u.Now(), "x") })
	wants(t, err, forewarn.ErrInvalid)
}

// A version has one text.
func TestVersionsHaveOneText(t *testing.T) {
	for _, bad := range []string{"+5", "-0", "A", "05", "00", "1_0", "0x5"} {
		v := forewarn.Version(7)
		if err := v.UnmarshalText([]byte(bad)); err == nil || v != 7 {
			t.Errorf("%q is version %d, %v", bad, int64(v), err)
		}
	}
}
