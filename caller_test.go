package forewarn_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/adapters/memory"
	"github.com/forewarn-go/forewarn/adapters/storagetest"
	"github.com/forewarn-go/forewarn/store"
	"github.com/forewarn-go/forewarn/ticket"
)

func call(ctx context.Context, e *forewarn.Engine, by forewarn.Caller) error {
	return second(forewarn.Do(ctx, e, by, "toy.Call", 1, func(u *forewarn.Unit, n int) (int, error) {
		return n, accounts.PutAny(u, &account{ID: id("called")})
	}))
}

// A plain actor under a unit's context would commit on his own, and again at every re-run.
func TestTripwire(t *testing.T) {
	m := memory.New()
	w := newWorld(t, m)
	other := newWorld(t, nil)
	refused := func(name string, err error) {
		t.Helper()
		e := wants(t, err, forewarn.ErrInvalid)
		if e.Field != "caller" || !strings.Contains(e.Error(), "Engine.As") {
			t.Errorf("%s: %v", name, e)
		}
	}
	ok(t, w.engine.Update(w.ctx, alice, func(ctx context.Context, u *forewarn.Unit) error {
		refused("actor", call(ctx, w.engine, alice))
		refused("request", call(ctx, w.engine, alice.Once("r")))
		refused("the unit's own context", call(u.Context(), w.engine, alice))
		refused("the engine itself", call(ctx, w.engine, w.engine.As(alice)))
		refused("read", second(forewarn.Read(ctx, w.engine, alice, "toy.Read", 1, func(*forewarn.Unit, int) (int, error) { return 1, nil })))
		refused("update", w.engine.Update(ctx, alice, func(context.Context, *forewarn.Unit) error { return nil }))
		ok(t, call(ctx, w.engine, u))
		ok(t, call(ctx, other.engine, alice)) // another store: nothing of this unit
		return other.engine.Update(ctx, alice, func(ctx context.Context, _ *forewarn.Unit) error {
			refused("through another engine's unit", call(ctx, w.engine, alice))
			return nil
		})
	}))

	ctx, in := w.engine.On(w.ctx, m)
	refused("under a joined transaction", call(ctx, w.engine, alice))
	refused("As of the engine itself", call(ctx, w.engine, w.engine.As(alice)))
	ok(t, call(ctx, w.engine, in.As(alice)))
	ok(t, call(w.ctx, w.engine, in.As(alice)))
	ok(t, call(ctx, in, alice))
	_, in2 := w.engine.On(w.ctx, m)
	refused("another transaction", call(ctx, w.engine, in2.As(alice)))
	ok(t, in.Update(ctx, alice, func(ctx context.Context, u *forewarn.Unit) error {
		refused("As under a joined unit", call(ctx, w.engine, in.As(alice)))
		return call(ctx, w.engine, u)
	}))
}

func TestCallersOfAnotherEngine(t *testing.T) {
	w, other := newWorld(t, nil), newWorld(t, nil)
	w.update(func(u *forewarn.Unit) error {
		wants(t, call(w.ctx, other.engine, u), forewarn.ErrInvalid)
		return nil
	})
	wants(t, call(w.ctx, w.engine, other.engine.As(alice)), forewarn.ErrInvalid)
	var none *forewarn.Unit
	wants(t, call(w.ctx, w.engine, none), forewarn.ErrInvalid)
	wants(t, call(w.ctx, w.engine, nil), forewarn.ErrInvalid)
	wants(t, call(w.ctx, w.engine, w.engine.As(nil)), forewarn.ErrInvalid)
}

// In a host's transaction a use case works over the host's store, with the engine's everything else.
func TestJoined(t *testing.T) {
	m := memory.New()
	w := newWorld(t, m)
	w.open(account{ID: id("a")})
	commits := 0
	host := storagetest.Wrap(m, storagetest.Faults{FailBefore: func(n int) error {
		if commits = n; n <= 2 {
			return conflict(store.Changed, accounts.Key("acme", id("a")))
		}
		return nil
	}})
	ctx, in := w.engine.On(w.ctx, host)
	got, err := forewarn.Do(ctx, w.engine, in.As(alice.Once("r")), "toy.Add", addCommand{id("a"), 2}, addTo)
	if err != nil || got.Balance != 2 || commits != 3 {
		t.Errorf("%+v, %v after %d commits", got, err, commits)
	}
	again, err := w.add(alice.Once("r"), id("a"), 2)
	if err != nil || again != got {
		t.Errorf("outside %+v, %v", again, err)
	}
	n1, n2, draws := int64(0), int64(0), 0
	ctx, in = w.engine.On(w.ctx, counting{m, &draws})
	ok(t, in.Update(ctx, alice, func(_ context.Context, u *forewarn.Unit) error {
		n1, _ = u.Number("JOINED")
		ok(t, reminders.At(u, "joined", u.Now(), ""))
		ok(t, u.Reserve("JOINED", 50))
		n2, err = u.Number("JOINED")
		return err
	}))
	if n1 != 1 || n2 != 2 || draws != 2 {
		t.Errorf("numbers %d and %d in %d draws, want one by one", n1, n2, draws)
	}
	if woken(w.engine) {
		t.Error("a joined unit woke the worker before the host committed")
	}
}

func woken(e *forewarn.Engine) bool {
	select {
	case <-e.Woken():
		return true
	default:
		return false
	}
}

func TestWake(t *testing.T) {
	w := newWorld(t, nil, func(c *forewarn.Config) { c.Rules = statusRules{} })
	for _, c := range []struct {
		name string
		use  func(u *forewarn.Unit) error
		want bool
	}{
		{"a record", func(u *forewarn.Unit) error { return accounts.PutAny(u, &account{ID: id("a")}) }, false},
		{"due work", func(u *forewarn.Unit) error { return reminders.At(u, "x", u.Now(), "") }, true},
		{"an event", func(u *forewarn.Unit) error {
			ok(t, accounts.PutAny(u, &account{ID: id("a")}))
			return u.Announce(nil, snapshot(id("a"), ticket.New, "x"))
		}, true},
		{"a failure", func(u *forewarn.Unit) error { ok(t, reminders.At(u, "x", u.Now(), "")); return errToy }, false},
	} {
		if err := w.try(alice, c.use); err != nil && err != errToy {
			t.Fatal(err)
		}
		if got := woken(w.engine); got != c.want {
			t.Errorf("%s: woken %v, want %v", c.name, got, c.want)
		}
	}
	w.engine.Wake()
	w.engine.Wake() // does not wait
	if !woken(w.engine) || woken(w.engine) {
		t.Error("waking twice is waking once")
	}
}

func TestReadRefusesWrites(t *testing.T) {
	w := newWorld(t, nil)
	w.open(account{ID: id("a")})
	w.update(func(u *forewarn.Unit) error { return toyFanout.Start(u, "f", "x", 1) })
	for name, write := range map[string]func(u *forewarn.Unit) error{
		"Put":    func(u *forewarn.Unit) error { return accounts.Put(u, &account{ID: id("b")}) },
		"PutAny": func(u *forewarn.Unit) error { return accounts.PutAny(u, &account{ID: id("b")}) },
		"Delete": func(u *forewarn.Unit) error { return accounts.Delete(u, &account{ID: id("a")}) },
		"At":     func(u *forewarn.Unit) error { return reminders.At(u, "r", u.Now(), "") },
		"Cancel": func(u *forewarn.Unit) error { return reminders.Cancel(u, "r") },
		"Notify": func(u *forewarn.Unit) error {
			return u.Notify(forewarn.Notification{To: forewarn.Recipient{ID: "x"}, Subject: "s"})
		},
		"Announce":   func(u *forewarn.Unit) error { return u.Announce(nil, snapshot(id("a"), ticket.New, "x")) },
		"Start":      func(u *forewarn.Unit) error { return toyFanout.Start(u, "g", "x", 1) },
		"Forget":     func(u *forewarn.Unit) error { return u.Forget(store.Position{Seq: 1}) },
		"PutUser":    func(u *forewarn.Unit) error { return forewarn.PutUser(u, forewarn.User{ID: "u"}) },
		"PutGroup":   func(u *forewarn.Unit) error { return forewarn.PutGroup(u, forewarn.Group{Name: "g"}) },
		"RemoveMemb": func(u *forewarn.Unit) error { return forewarn.RemoveMember(u, "g", "u") },
		"Post": func(u *forewarn.Unit) error {
			return second(u.Post(ticket.Activity{Kind: "account", Ticket: id("a"), Entry: ticket.Comment, Text: "x"}))
		},
		"nested Do": func(u *forewarn.Unit) error { return call(u.Context(), w.engine, u) },
		"As":        func(u *forewarn.Unit) error { return accounts.PutAny(u.As(bob), &account{ID: id("b")}) },
	} {
		read := func(by forewarn.Caller, u func(*forewarn.Unit) error) error {
			return second(forewarn.Read(w.ctx, w.engine, by, "toy.Read", 1, func(in *forewarn.Unit, n int) (int, error) { return n, u(in) }))
		}
		if e := wants(t, read(alice, write), forewarn.ErrInvalid); !strings.Contains(e.Error(), "a read writes nothing") {
			t.Errorf("%s: %v", name, e)
		}
		// and joined to a unit that writes, whether or not it minds
		w.update(func(u *forewarn.Unit) error {
			wants(t, read(u, write), forewarn.ErrInvalid)
			if name != "nested Do" { // what failed in a nested use case is taken back with it
				wants(t, read(u, func(u *forewarn.Unit) error { write(u); return nil }), forewarn.ErrInvalid)
			}
			return nil
		})
	}
	if w.version(accounts.Key("acme", id("b"))) != 0 || w.version(accounts.Key("acme", id("a"))) == 0 || len(w.items()) != 1 {
		t.Error("a read wrote")
	}
}

// Covers: SEC-021, SEC-024
func TestTenants(t *testing.T) {
	w := newWorld(t, nil)
	theirs := note{ID: id("n"), Text: "theirs"}
	ok(t, w.try(eve, func(u *forewarn.Unit) error { return notes.Put(u, &theirs) }))
	ours := note{ID: id("ours"), Text: "ours"}
	w.update(func(u *forewarn.Unit) error { return notes.Put(u, &ours) })
	if ours.Tenant != "acme" || theirs.Tenant != "other" {
		t.Errorf("tenants %q and %q", ours.Tenant, theirs.Tenant)
	}
	for name, use := range map[string]func(u *forewarn.Unit) error{
		"get":    func(u *forewarn.Unit) error { return second(notes.Get(u, theirs.ID)) },
		"peek":   func(u *forewarn.Unit) error { return second(notes.Peek(u, theirs.ID)) },
		"get at": func(u *forewarn.Unit) error { return second(notes.GetAt(u, theirs.ID, theirs.Version)) },
		"put":    func(u *forewarn.Unit) error { n := theirs; return notes.Put(u, &n) },
		"delete": func(u *forewarn.Unit) error { n := theirs; return notes.Delete(u, &n) },
		"find":   func(u *forewarn.Unit) error { return second(notes.Where("text", forewarn.Text("theirs")).First(u)) },
	} {
		for _, by := range []forewarn.Actor{alice, forewarn.SystemActor("acme")} {
			if e := wants(t, w.try(by, use), forewarn.ErrNotFound); e.Record.Tenant != "acme" {
				t.Errorf("%s names tenant %q", name, e.Record.Tenant)
			}
		}
	}
	if w.version(notes.Key("other", theirs.ID)) != int64(theirs.Version) {
		t.Error("their record changed")
	}
	// another record of the same id in this tenant is another record
	w.update(func(u *forewarn.Unit) error { return notes.Put(u, &note{ID: theirs.ID, Text: "mine"}) })

	system := forewarn.SystemActor(store.System)
	var texts []string
	ok(t, w.try(system, func(u *forewarn.Unit) error {
		texts = nil
		var all []note
		for n, err := range notes.Where("text").Limit(1).All(u) {
			ok(t, err)
			texts = append(texts, n.Tenant+" "+n.Text)
			all = append(all, n)
		}
		for _, n := range all {
			n.Text += "!"
			ok(t, notes.Put(u, &n))
		}
		return nil
	}))
	if got := strings.Join(texts, ","); got != "acme mine,acme ours,other theirs" {
		t.Errorf("over all tenants: %s", got)
	}
	ok(t, w.try(system, func(u *forewarn.Unit) error {
		n, err := notes.Where("text", forewarn.Text("theirs!")).First(u)
		ok(t, err)
		return notes.Delete(u, &n)
	}))
	if w.version(notes.Key("other", theirs.ID)) != 0 || w.version(notes.Key("acme", theirs.ID)) == 0 {
		t.Error("the wrong record was deleted")
	}
	// of a kind that is not global it sees its own tenant, which holds none
	err := w.try(system, func(u *forewarn.Unit) error { return second(accounts.Where("owner").First(u)) })
	wants(t, err, forewarn.ErrNotFound)
	// and the machine in one tenant sees that one
	ok(t, w.try(forewarn.SystemActor("other"), func(u *forewarn.Unit) error {
		page, err := notes.Where("text").Page(u, "")
		if len(page.Items) != 0 {
			t.Errorf("%+v", page.Items)
		}
		return err
	}))
}

func TestActors(t *testing.T) {
	w := newWorld(t, nil)
	for _, c := range []struct {
		name, field string
		by          forewarn.Actor
	}{
		{"nobody", "actor.tenant", forewarn.Actor{}},
		{"no tenant", "actor.tenant", forewarn.Actor{ID: "x"}},
		{"the machine's tenant", "actor.tenant", forewarn.Actor{Tenant: store.System, ID: "system"}},
		{"a long tenant", "actor.tenant", forewarn.Actor{Tenant: strings.Repeat("x", 101), ID: "x"}},
		{"a tenant with a NUL", "actor.tenant", forewarn.Actor{Tenant: "a\x00", ID: "x"}},
		{"a tenant that is no UTF-8", "actor.tenant", forewarn.Actor{Tenant: "a\xff", ID: "x"}},
		{"no id", "actor.id", forewarn.Actor{Tenant: "acme"}},
		{"a long id", "actor.id", forewarn.Actor{Tenant: "acme", ID: strings.Repeat("x", 201)}},
		{"a consumer with an account", "actor.consumer", forewarn.Actor{Tenant: "acme", ID: "x", Consumer: "x", Account: "y"}},
		{"a consumer with a contact", "actor.consumer", forewarn.Actor{Tenant: "acme", ID: "x", Consumer: "x", Contact: "y"}},
		{"an id with a line break", "actor.id", forewarn.Actor{Tenant: "acme", ID: "a\nb"}},
	} {
		for _, by := range []forewarn.Caller{c.by, c.by.Once("r"), w.engine.As(c.by)} {
			ran := false
			err := second(forewarn.Do(w.ctx, w.engine, by, "toy.Do", 1, func(*forewarn.Unit, int) (int, error) { ran = true; return 1, nil }))
			if e := wants(t, err, forewarn.ErrInvalid); e.Field != c.field || e.Op != "toy.Do" || ran {
				t.Errorf("%s: %v, ran %v", c.name, err, ran)
			}
		}
	}
	if got := w.engine.As(alice.Once("r")).By(); got.ID != "alice" {
		t.Errorf("As is by %+v", got)
	}
	if s := forewarn.SystemActor("t"); !s.System() || s.Portal() || s.By().Tenant != "t" {
		t.Errorf("%+v", s)
	}
	if alice.System() || alice.Portal() || !(forewarn.Actor{Account: "x"}).Portal() || !(forewarn.Actor{Contact: "x"}).Portal() || !(forewarn.Actor{Consumer: "x"}).Portal() {
		t.Error("portal and system")
	}
}

func TestConfig(t *testing.T) {
	m := memory.New()
	for _, c := range []struct {
		field string
		c     forewarn.Config
	}{
		{"config.store", forewarn.Config{}},
		{"config.numberBlock", forewarn.Config{Store: m, NumberBlock: -1}},
		{"config.attempts", forewarn.Config{Store: m, Attempts: -1}},
		{"roles", forewarn.Config{Store: m, Roles: forewarn.Roles{"a": {"b"}, "b": {"a"}}}},
	} {
		_, err := forewarn.New(c.c)
		if e := wants(t, err, forewarn.ErrInvalid); e.Field != c.field {
			t.Errorf("%v names %q, want %q", err, e.Field, c.field)
		}
	}
	e, err := forewarn.New(forewarn.Config{Store: m})
	ok(t, err)
	if e.Store() != store.Store(m) || e.Directory() == nil || e.Log() == nil || e.Now().Location() != time.UTC || e.Now().Nanosecond()%1000 != 0 {
		t.Errorf("defaults: now %v", e.Now())
	}
	// kinds that clash fail at wiring
	clash := forewarn.NewRecords("mail", forewarn.Shape[note]{
		ID: func(n *note) *uuidT { return &n.ID }, Version: func(n *note) *forewarn.Version { return &n.Version },
	})
	wants(t, e.Keep(clash.Kind()), forewarn.ErrInvalid)
	// what is not kept fails at first use, and says what to do
	err = e.Update(context.Background(), alice, func(_ context.Context, u *forewarn.Unit) error {
		return accounts.Put(u, &account{ID: id("a")})
	})
	if !strings.Contains(wants(t, err, forewarn.ErrInvalid).Error(), "Keep") {
		t.Errorf("%v", err)
	}
}

func TestNewRecordsPanics(t *testing.T) {
	type shape = forewarn.Shape[note]
	good := func() shape {
		return shape{ID: func(n *note) *uuidT { return &n.ID }, Version: func(n *note) *forewarn.Version { return &n.Version }}
	}
	for name, make := range map[string]func(){
		"no ID":      func() { s := good(); s.ID = nil; forewarn.NewRecords("x", s) },
		"no Version": func() { s := good(); s.Version = nil; forewarn.NewRecords("x", s) },
		"global":     func() { s := good(); s.Global = true; forewarn.NewRecords("x", s) },
		"name":       func() { forewarn.NewRecords("X y", good()) },
		"index": func() {
			s := good()
			s.Indexes = []store.Index{{Name: "x", Fields: []string{"y"}}}
			forewarn.NewRecords("x", s)
		},
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			make()
		}()
	}
}

func TestPost(t *testing.T) {
	w := newWorld(t, nil, func(c *forewarn.Config) { c.IDs = forewarn.SeededIDs(3) }) // ids in no order
	good := ticket.Activity{Kind: "account", Ticket: id("a"), Entry: ticket.Comment, Text: "x"}
	w.update(func(u *forewarn.Unit) error {
		for _, text := range []string{"one", "two", "three", "four", "five"} {
			a := good
			a.Text = text
			if text == "two" {
				a.Entry, a.By = ticket.WorkNote, "carol"
			}
			posted, err := u.Post(a)
			ok(t, err)
			if posted.ID == uuidNil || !posted.At.Equal(monday) {
				t.Errorf("%+v", posted)
			}
		}
		return nil
	})
	var texts, public []string
	for _, a := range w.stream("a") {
		texts = append(texts, a.Text+" by "+a.By)
	}
	w.update(func(u *forewarn.Unit) error {
		for a, err := range forewarn.Activities.Where("public", forewarn.StreamOf("account", id("a")), forewarn.Bool(true)).All(u) {
			ok(t, err)
			public = append(public, a.Text)
		}
		return nil
	})
	if strings.Join(texts, ",") != "one by alice,two by carol,three by alice,four by alice,five by alice" ||
		strings.Join(public, ",") != "one,three,four,five" {
		t.Errorf("%v, public %v", texts, public)
	}
	for field, change := range map[string]func(*ticket.Activity){
		"text":   func(a *ticket.Activity) { a.Text = "" },
		"ticket": func(a *ticket.Activity) { a.Kind = "" },
		"entry":  func(a *ticket.Activity) { a.Entry = "shout" },
	} {
		a := good
		change(&a)
		err := w.try(alice, func(u *forewarn.Unit) error { return second(u.Post(a)) })
		if e := wants(t, err, forewarn.ErrInvalid); e.Field != field {
			t.Errorf("%v names %q, want %q", e, e.Field, field)
		}
	}
	for _, text := range []string{strings.Repeat("x", ticket.MaxText+1), "a\xff"} {
		a := good
		a.Text = text
		wants(t, w.try(alice, func(u *forewarn.Unit) error { return second(u.Post(a)) }), forewarn.ErrInvalid)
	}
}

func TestNumbers(t *testing.T) {
	for _, c := range []struct{ block, draws int }{{0, 3}, {1, 50}, {7, 8}} {
		draws := 0
		s := counting{memory.New(), &draws}
		w := newWorld(t, s, func(c2 *forewarn.Config) { c2.NumberBlock = c.block })
		seen := map[int64]bool{}
		last := int64(0)
		for range 50 {
			w.update(func(u *forewarn.Unit) error {
				n, err := u.Number("INC")
				if seen[n] || n <= last {
					t.Errorf("%d after %d", n, last)
				}
				seen[n], last = true, n
				return err
			})
		}
		if draws != c.draws {
			t.Errorf("blocks of %d: %d draws, want %d", c.block, draws, c.draws)
		}
		ok(t, w.try(eve, func(u *forewarn.Unit) error {
			n, err := u.Number("INC")
			if n != 1 {
				t.Errorf("another tenant's first is %d", n)
			}
			return err
		}))
		w.update(func(u *forewarn.Unit) error {
			draws = 0
			ok(t, u.Reserve("CS", 1000))
			ok(t, u.Reserve("CS", 1000)) // stands
			for want := int64(1); want <= 1000; want++ {
				n, err := u.Number("CS")
				if err != nil || n != want {
					t.Fatalf("%d, %v, want %d", n, err, want)
				}
			}
			if draws != 1 {
				t.Errorf("%d draws for 1000 reserved", draws)
			}
			return u.Reserve("CS", 0)
		})
		wants(t, w.try(alice, func(u *forewarn.Unit) error { return second(u.Number("")) }), forewarn.ErrInvalid)
	}
	w := newWorld(t, broken{memory.New(), errors.New("down")})
	wants(t, w.try(alice, func(u *forewarn.Unit) error { return second(u.Number("INC")) }), forewarn.ErrUnavailable)
}

// Two processes over one store never give the same number, and each gives rising ones.
func TestNumbersOfManyProcesses(t *testing.T) {
	m := memory.New()
	type given struct {
		process int
		n       int64
	}
	all := make(chan given, 10_000)
	done := make(chan bool)
	for p := range 3 {
		w := newWorld(t, m)
		for range 4 {
			go func() {
				defer func() { done <- true }()
				for range 100 {
					if err := w.try(alice, func(u *forewarn.Unit) error {
						n, err := u.Number("INC")
						all <- given{p, n}
						return err
					}); err != nil {
						t.Error(err)
					}
				}
			}()
		}
	}
	for range 12 {
		<-done
	}
	close(all)
	seen := map[int64]bool{}
	for g := range all {
		if seen[g.n] {
			t.Fatalf("%d twice", g.n)
		}
		seen[g.n] = true
	}
	if len(seen) != 1200 {
		t.Errorf("%d numbers", len(seen))
	}
}

type counting struct {
	*memory.Store
	draws *int
}

func (c counting) Numbers(ctx context.Context, tenant, series string, n int) (int64, error) {
	*c.draws++
	return c.Store.Numbers(ctx, tenant, series, n)
}
