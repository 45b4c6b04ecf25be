package forewarn_test

import (
	"context"
	"errors"
	"maps"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/adapters/memory"
	"github.com/forewarn-go/forewarn/adapters/storagetest"
	"github.com/forewarn-go/forewarn/store"
	"github.com/forewarn-go/forewarn/ticket"
)

var (
	reminders = forewarn.NewDue[string]("reminder")
	errToy    = errors.New("toy: it went wrong")
	actWrite  = forewarn.Act{Name: "toy.Write", Roles: []string{"writer"}}
)

// waiting returns the names of the due work of a kind, of all tenants, whatever its instant.
func (w *world) waiting(kind string) []string {
	w.Helper()
	var names []string
	for _, i := range w.items() {
		if i.Kind == kind {
			names = append(names, i.Name)
		}
	}
	return names
}

func (w *world) items() []forewarn.Item {
	w.Helper()
	page, err := w.engine.Waiting(w.ctx, store.AllShards(), w.clock.Now().AddDate(10, 0, 0), "")
	if err != nil {
		w.Fatalf("Waiting: %v", err)
	}
	return page.Items
}

// mails returns all mails of alice's tenant.
func (w *world) mails() []forewarn.Mail {
	w.Helper()
	var all []forewarn.Mail
	w.update(func(u *forewarn.Unit) error {
		for m, err := range forewarn.Mails.Where("about").All(u) {
			if err != nil {
				return err
			}
			all = append(all, m)
		}
		return nil
	})
	return all
}

// everything writes, schedules, announces, posts, mails, starts and cancels.
func everything(u *forewarn.Unit, name string) error {
	return errors.Join(
		accounts.PutAny(u, &account{ID: id(name), Owner: name}),
		accounts.Delete(u, &account{ID: id("victim")}),
		reminders.At(u, name, u.Now().Add(time.Hour), name),
		reminders.Cancel(u, "standing"),
		u.Announce(nil, snapshot(id(name), ticket.New, name)),
		second(u.Post(ticket.Activity{Kind: "account", Ticket: id(name), Entry: ticket.WorkNote, Text: name})),
		u.Notify(forewarn.Notification{To: forewarn.Recipient{ID: "x"}, Subject: name}),
		toyFanout.Start(u, name, name, 3),
		u.Forget(store.Position{Seq: 1 << 40}),
	)
}

func TestNestedFailureLeavesNothing(t *testing.T) {
	w := newWorld(t, nil, func(c *forewarn.Config) { c.Rules = statusRules{} })
	w.open(account{ID: id("victim")}, account{ID: id("read")})
	w.update(func(u *forewarn.Unit) error { return reminders.At(u, "standing", u.Now(), "x") })
	given := account{ID: id("given")}
	w.update(func(u *forewarn.Unit) error {
		ok(t, accounts.Put(u, &account{ID: id("outer")}))
		room := u.Room()
		_, err := forewarn.Do(w.ctx, w.engine, u, "toy.Fail", "cmd", func(u *forewarn.Unit, _ string) (int, error) {
			ok(t, everything(u, "inner"))
			ok(t, accounts.Put(u, &given))
			return 7, errToy
		})
		if !errors.Is(err, errToy) {
			t.Errorf("got %v", err)
		}
		if given.Version != 0 {
			t.Errorf("version %v of a put that was taken back", given.Version)
		}
		if u.Room() != room-1 { // that there was no such fan-out was read, and stays a precondition
			t.Errorf("room for %d, want %d", u.Room(), room-1)
		}
		if _, err := accounts.Get(u, id("victim")); err != nil {
			t.Errorf("the deletion stands: %v", err)
		}
		return accounts.Put(u, &given) // and can be put, as new
	})
	if w.version(accounts.Key("acme", id("inner"))) != 0 || w.version(accounts.Key("acme", id("victim"))) == 0 {
		t.Error("writes of the failed use case stand")
	}
	w.account(id("outer"))
	w.account(id("given"))
	if got := w.waiting("reminder"); len(got) != 1 || got[0] != "standing" {
		t.Errorf("reminders %v", got)
	}
	if n := len(w.mails()); n != 0 {
		t.Errorf("%d mails", n)
	}
	if n := len(w.events()); n != 0 {
		t.Errorf("%d events", n)
	}
	if n := len(w.waiting("toy_fanout")); n != 0 {
		t.Errorf("%d fan-outs", n)
	}
	if n := len(w.stream("inner")); n != 0 {
		t.Errorf("%d activities", n)
	}
	// and the same, when nothing fails
	w.update(func(u *forewarn.Unit) error {
		return w.try(u, func(u *forewarn.Unit) error { return everything(u, "good") })
	})
	if len(w.mails()) != 1 || len(w.events()) != 1 || len(w.waiting("toy_fanout")) != 1 || len(w.stream("good")) != 1 ||
		w.version(accounts.Key("acme", id("victim"))) != 0 || w.waiting("reminder")[0] != "good" {
		t.Error("something of a good use case is missing")
	}
}

// stream returns the activities of a ticket.
func (w *world) stream(name string) []ticket.Activity {
	w.Helper()
	var all []ticket.Activity
	w.update(func(u *forewarn.Unit) error {
		for a, err := range forewarn.Activities.Where("ticket", forewarn.StreamOf("account", id(name))).All(u) {
			if err != nil {
				return err
			}
			all = append(all, a)
		}
		return nil
	})
	return all
}

func TestNestedStickyError(t *testing.T) {
	w := newWorld(t, nil)
	w.update(func(u *forewarn.Unit) error {
		err := w.try(u, func(u *forewarn.Unit) error {
			return accounts.Put(u, &account{}) // no id: sticks in this use case
		})
		wants(t, err, forewarn.ErrInvalid)
		// swallowed by the use case, it still fails it, and is taken back with it
		err = w.try(u, func(u *forewarn.Unit) error { accounts.Put(u, &account{}); return nil })
		wants(t, err, forewarn.ErrInvalid)
		return accounts.Put(u, &account{ID: id("a")})
	})
	w.account(id("a"))
}

// A conflict, and a store that does not answer, are not taken back: the unit is lost, whatever the outer use case makes of it.
func TestNestedStoreErrorStays(t *testing.T) {
	down := false
	s := storagetest.Wrap(memory.New(), storagetest.Faults{FailRead: func(int) error {
		if down {
			return storagetest.ErrFault
		}
		return nil
	}})
	w := newWorld(t, s)
	err := w.try(alice, func(u *forewarn.Unit) error {
		ok(t, accounts.Put(u, &account{ID: id("a")}))
		down = true
		err := w.try(u, func(u *forewarn.Unit) error { return second(accounts.Get(u, id("b"))) })
		wants(t, err, forewarn.ErrUnavailable)
		down = false
		return nil
	})
	e := wants(t, err, forewarn.ErrUnavailable)
	if !errors.Is(e, storagetest.ErrFault) {
		t.Errorf("%v lost its cause", e)
	}
	if w.version(accounts.Key("acme", id("a"))) != 0 {
		t.Error("the unit committed")
	}

	w.open(account{ID: id("c"), Owner: "ann"})
	runs := 0
	w.update(func(u *forewarn.Unit) error {
		runs++
		ok(t, second(accounts.Get(u, id("c"))))
		if runs == 1 {
			w.behind(s, id("c"), func(a *account) { a.Balance++ })
			err := w.try(u, func(u *forewarn.Unit) error {
				return second(accounts.Where("owner", forewarn.Text("ann")).Page(u, ""))
			})
			wants(t, err, forewarn.ErrConflict)
		}
		return nil
	})
	if runs != 2 {
		t.Errorf("%d runs: the conflict was swallowed", runs)
	}
}

// What a failed nested use case has read stays a precondition: what the outer one decided may rest on it.
func TestNestedReadStaysPrecondition(t *testing.T) {
	for name, nested := range map[string]func(w *world, u *forewarn.Unit) error{
		"failed": func(w *world, u *forewarn.Unit) error {
			err := w.try(u, func(u *forewarn.Unit) error {
				_, err := accounts.Get(u, id("limit"))
				return errors.Join(err, errToy)
			})
			if errors.Is(err, errToy) {
				return nil
			}
			return err
		},
		"read": func(w *world, u *forewarn.Unit) error {
			_, err := forewarn.Read(w.ctx, w.engine, u, "toy.Get", id("limit"), func(u *forewarn.Unit, id uuid.UUID) (account, error) {
				return accounts.Get(u, id)
			})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			m := memory.New()
			w := newWorld(t, m)
			w.open(account{ID: id("limit")})
			runs := 0
			w.update(func(u *forewarn.Unit) error {
				runs++
				if err := nested(w, u); err != nil {
					return err
				}
				if runs == 1 {
					w.behind(m, id("limit"), func(a *account) { a.Balance++ })
				}
				return accounts.PutAny(u, &account{ID: id("a")})
			})
			if runs != 2 {
				t.Errorf("%d runs, want 2: the read was no precondition", runs)
			}
		})
	}
}

// A use case that is called with a unit authorises for that unit's actor.
func TestNestedAuthorisesForTheUnitsActor(t *testing.T) {
	w := newWorld(t, nil)
	writer := forewarn.Actor{Tenant: "acme", ID: "wendy", Roles: []string{"writer"}}
	write := func(by forewarn.Caller) error {
		return second(forewarn.Do(w.ctx, w.engine, by, "toy.Write", "x", func(u *forewarn.Unit, _ string) (string, error) {
			if err := u.Require(actWrite, forewarn.Subject{}); err != nil {
				return "", err
			}
			return u.By().ID, nil
		}))
	}
	ok(t, write(writer))
	wants(t, write(alice), forewarn.ErrForbidden)
	w.update(func(u *forewarn.Unit) error {
		e := wants(t, write(u), forewarn.ErrForbidden)
		if e.Op != "toy.Write" {
			t.Errorf("%v names operation %q", e, e.Op)
		}
		ok(t, write(u.As(writer)))
		ok(t, write(u.As(forewarn.SystemActor("acme"))))
		if u.By().ID != "alice" {
			t.Error("As changed the unit that it was called on")
		}
		return nil
	})
	for _, bad := range []forewarn.Actor{{}, {Tenant: "*", ID: "x"}, {Tenant: "acme"}} {
		err := w.try(alice, func(u *forewarn.Unit) error { u.As(bad); return nil })
		wants(t, err, forewarn.ErrInvalid)
	}
}

// observed records what an Observer sees.
type observed struct{ began, ended []string }

type observedKey struct{}

func (o *observed) Begin(ctx context.Context, name string, by forewarn.Actor) (context.Context, func(int, error)) {
	depth, _ := ctx.Value(observedKey{}).(int)
	o.began = append(o.began, name)
	return context.WithValue(ctx, observedKey{}, depth+1), func(runs int, err error) {
		o.ended = append(o.ended, name)
		if depth > 0 && runs != 1 {
			o.ended = append(o.ended, "nested runs more than once")
		}
	}
}

func TestObserver(t *testing.T) {
	o := &observed{}
	w := newWorld(t, nil, func(c *forewarn.Config) { c.Observer = o })
	_, err := forewarn.Do(w.ctx, w.engine, alice, "toy.Outer", 1, func(u *forewarn.Unit, n int) (int, error) {
		if d := u.Context().Value(observedKey{}); d != 1 {
			t.Errorf("depth %v outside", d)
		}
		return forewarn.Do(u.Context(), w.engine, u, "toy.Inner", n, func(u *forewarn.Unit, n int) (int, error) {
			if d := u.Context().Value(observedKey{}); d != 2 {
				t.Errorf("depth %v inside", d)
			}
			return n, nil
		})
	})
	ok(t, err)
	if len(o.began) != 2 || len(o.ended) != 2 || o.began[0] != "toy.Outer" || o.ended[0] != "toy.Inner" {
		t.Errorf("%+v", o)
	}
}

// Frames within frames, any of which may fail, behave as copies of a map that are thrown away.
func TestNestedFrames(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t, memory.New(), func(c *forewarn.Config) { c.Rules = statusRules{} })
		type state struct {
			accounts map[uuid.UUID]account
			due      map[string]bool
			told     map[uuid.UUID]ticket.Status
		}
		clone := func(s state) state {
			return state{maps.Clone(s.accounts), maps.Clone(s.due), maps.Clone(s.told)}
		}
		model := state{map[uuid.UUID]account{}, map[string]bool{}, map[uuid.UUID]ticket.Status{}}
		w.update(func(u *forewarn.Unit) error {
			for range rapid.IntRange(0, 4).Draw(t, "stored") {
				a := drawAccount(t)
				model.accounts[a.ID] = a
				ok(t, accounts.PutAny(u, &a))
			}
			return nil
		})
		steps := 0
		var frame func(u *forewarn.Unit, s *state, depth int) error
		frame = func(u *forewarn.Unit, s *state, depth int) error {
			for range rapid.IntRange(0, 6).Draw(t, "steps") {
				if steps++; steps > 60 {
					break
				}
				switch rapid.IntRange(0, 7).Draw(t, "step") {
				case 0:
					a := drawAccount(t)
					s.accounts[a.ID] = a
					ok(t, accounts.PutAny(u, &a))
				case 1:
					a := drawAccount(t)
					if _, told := s.told[a.ID]; told {
						continue // what is announced has to be put, whatever else was done to it
					}
					delete(s.accounts, a.ID)
					ok(t, accounts.Delete(u, &a))
				case 2:
					a := id(toyNames.Draw(t, "name"))
					want, there := s.accounts[a]
					got, err := accounts.Get(u, a)
					got.Version = 0
					if there != (err == nil) || there && got != want {
						t.Fatalf("got %+v, %v, want %+v, %v", got, err, want, there)
					}
				case 3:
					name := toyNames.Draw(t, "due")
					s.due[name] = true
					ok(t, reminders.At(u, name, u.Now(), name))
				case 4:
					name := toyNames.Draw(t, "due")
					delete(s.due, name)
					ok(t, reminders.Cancel(u, name))
				case 5:
					a := drawAccount(t)
					status := rapid.SampledFrom([]ticket.Status{ticket.New, ticket.Closed}).Draw(t, "status")
					s.accounts[a.ID] = a
					ok(t, accounts.PutAny(u, &a))
					s.told[a.ID] = status
					ok(t, u.Announce(nil, snapshot(a.ID, status, "x")))
				default:
					if depth == 4 {
						continue
					}
					inner := clone(*s)
					room := u.Room()
					how := rapid.IntRange(0, 2).Draw(t, "how")
					err := w.try(u, func(u *forewarn.Unit) error {
						if err := frame(u, &inner, depth+1); err != nil {
							return err
						}
						switch how {
						case 1:
							return errToy
						case 2:
							accounts.Put(u, &account{}) // sticks
						}
						return nil
					})
					if (err == nil) != (how == 0) {
						t.Fatalf("nested: %v", err)
					}
					if err == nil {
						*s = inner
					} else if u.Room() > room {
						t.Fatalf("room for %d after a failed frame, %d before", u.Room(), room)
					}
				}
			}
			return nil
		}
		final := clone(model)
		ok(t, w.try(alice, func(u *forewarn.Unit) error { return frame(u, &final, 0) }))
		page, err := w.store.Find(w.ctx, store.Query{Tenant: "acme", Kind: "account", Index: "owner"})
		ok(t, err)
		if len(page.Records) != len(final.accounts) {
			t.Fatalf("%d accounts stand, want %d", len(page.Records), len(final.accounts))
		}
		for _, want := range final.accounts {
			got := w.account(want.ID)
			if got.Version = 0; got != want {
				t.Fatalf("got %+v, want %+v", got, want)
			}
		}
		if got := w.waiting("reminder"); len(got) != len(final.due) {
			t.Fatalf("due %v, want %v", got, final.due)
		}
		events := w.events()
		if len(events) != len(final.told) {
			t.Fatalf("%d events, want %d", len(events), len(final.told))
		}
		for _, e := range events {
			if got := staged(t, e).After; got != final.told[e.Ticket.ID] {
				t.Fatalf("told %v, want %v", got, final.told[e.Ticket.ID])
			}
		}
	})
}
