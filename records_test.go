package forewarn_test

import (
	"encoding/json"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/adapters/memory"
	"github.com/forewarn-go/forewarn/adapters/storagetest"
	"github.com/forewarn-go/forewarn/store"
)

func TestGetPutDelete(t *testing.T) {
	w := newWorld(t, nil)
	a := account{ID: id("a"), Owner: "ann", State: "open", Balance: 3}
	w.update(func(u *forewarn.Unit) error {
		if _, err := accounts.Get(u, a.ID); !errors.Is(err, forewarn.ErrNotFound) {
			t.Errorf("Get of what is not there: %v", err)
		}
		if err := accounts.Put(u, &a); err != nil {
			return err
		}
		if a.Version == 0 {
			t.Error("Put left the version 0")
		}
		got, err := accounts.Get(u, a.ID)
		if got != a {
			t.Errorf("own write: got %+v, want %+v", got, a)
		}
		return err
	})
	if got := w.account(a.ID); got != a {
		t.Errorf("stored: got %+v, want %+v", got, a)
	}
	first := a.Version
	w.update(func(u *forewarn.Unit) error {
		got, err := accounts.Get(u, a.ID)
		if err != nil {
			return err
		}
		got.Balance = 4
		if err := accounts.Put(u, &got); err != nil {
			return err
		}
		if got.Version != first+1 {
			t.Errorf("the second put gives %d, want %d", got.Version, first+1)
		}
		got.Balance = 5
		if err := accounts.Put(u, &got); err != nil {
			return err
		}
		if got.Version != first+1 {
			t.Errorf("a put again in one unit gives %d, want %d", got.Version, first+1)
		}
		return nil
	})
	if got := w.account(a.ID); got.Balance != 5 || got.Version != first+1 {
		t.Errorf("got %+v", got)
	}
	w.update(func(u *forewarn.Unit) error {
		got, err := accounts.Get(u, a.ID)
		if err != nil {
			return err
		}
		if err := accounts.Delete(u, &got); err != nil {
			return err
		}
		_, err = accounts.Get(u, a.ID)
		if !errors.Is(err, forewarn.ErrNotFound) {
			t.Errorf("own deletion is not seen: %v", err)
		}
		return nil // not found does not stick
	})
	if _, err := w.lookup(alice, a.ID); !errors.Is(err, forewarn.ErrNotFound) {
		t.Errorf("after delete: %v", err)
	}
	again := account{ID: a.ID}
	w.open(again)
	if v := w.account(a.ID).Version; v == first || v == first+1 || v == first+2 {
		t.Errorf("version %d came back after a deletion", v)
	}
}

func TestGetAt(t *testing.T) {
	w := newWorld(t, nil)
	w.open(account{ID: id("a")})
	a := w.account(id("a"))
	for _, c := range []struct {
		name   string
		expect forewarn.Version
		want   error
	}{{"any", 0, nil}, {"current", a.Version, nil}, {"other", a.Version + 1, forewarn.ErrStale}} {
		t.Run(c.name, func(t *testing.T) {
			err := w.try(alice, func(u *forewarn.Unit) error {
				_, err := accounts.GetAt(u, a.ID, c.expect)
				return err
			})
			if !errors.Is(err, c.want) || (err == nil) != (c.want == nil) {
				t.Errorf("got %v, want %v", err, c.want)
			}
			if c.want != nil && !strings.Contains(err.Error(), a.Version.String()) {
				t.Errorf("%v does not name the version", err)
			}
		})
	}
}

// What a unit expects when it writes: the version seen, otherwise the one given.
func TestPutExpects(t *testing.T) {
	w := newWorld(t, nil)
	stale := forewarn.Version(77)
	put := func(u *forewarn.Unit, a *account) error { return accounts.Put(u, a) }
	putAny := func(u *forewarn.Unit, a *account) error { return accounts.PutAny(u, a) }
	for _, c := range []struct {
		name    string
		there   bool
		seen    string // get, peek, find or nothing
		version forewarn.Version
		put     func(*forewarn.Unit, *account) error
		want    error
	}{
		{"create", false, "", 0, put, nil},
		{"create what is there", true, "", 0, put, forewarn.ErrRefused},
		{"at a version that never was", true, "", stale, put, forewarn.ErrStale},
		{"at a version, and it is gone", false, "", stale, put, forewarn.ErrStale},
		{"at a version below zero", true, "", -1, put, forewarn.ErrInvalid},
		{"at a version below zero, and it is gone", false, "", -2, put, forewarn.ErrInvalid},
		{"at the last version", true, "", 1<<63 - 1, put, forewarn.ErrInvalid},
		{"any, there", true, "", 0, putAny, nil},
		{"any, absent", false, "", 0, putAny, nil},
		{"seen by get", true, "get", stale, put, nil},
		{"seen by peek", true, "peek", stale, put, nil},
		{"seen by find", true, "find", stale, put, nil},
		{"any, seen by get", true, "get", stale, putAny, nil},
		{"absence seen", false, "get", stale, put, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := account{ID: id(c.name), Owner: c.name}
			if c.there {
				w.open(a)
			}
			err := w.try(alice, func(u *forewarn.Unit) error {
				switch c.seen {
				case "get":
					accounts.Get(u, a.ID)
				case "peek":
					accounts.Peek(u, a.ID)
				case "find":
					if _, err := accounts.Where("owner", forewarn.Text(c.name)).Page(u, ""); err != nil {
						return err
					}
				}
				b := account{ID: a.ID, Version: c.version, Owner: c.name, Balance: 1}
				return c.put(u, &b)
			})
			if (err == nil) != (c.want == nil) || c.want != nil && !errors.Is(err, c.want) {
				t.Fatalf("got %v, want %v", err, c.want)
			}
			if err == nil && w.account(a.ID).Balance != 1 {
				t.Error("nothing was written")
			}
		})
	}
}

func TestMadeAndUnmade(t *testing.T) {
	w := newWorld(t, nil)
	a := account{ID: id("a")}
	w.update(func(u *forewarn.Unit) error {
		ok(t, accounts.Put(u, &a))
		ok(t, accounts.Delete(u, &a))
		if _, err := accounts.Get(u, a.ID); !errors.Is(err, forewarn.ErrNotFound) {
			t.Errorf("what was made and unmade is found: %v", err)
		}
		a.Balance = 2
		return accounts.Put(u, &a)
	})
	if got := w.account(a.ID); got.Balance != 2 {
		t.Errorf("made, unmade and made again: %+v", got)
	}
	// The creation's expectation stays: it must not be there.
	err := w.try(alice, func(u *forewarn.Unit) error {
		b := account{ID: a.ID}
		ok(t, accounts.Put(u, &b))
		ok(t, accounts.Delete(u, &b))
		return accounts.Put(u, &account{ID: id("beside")})
	})
	wants(t, err, forewarn.ErrRefused)
	if w.account(a.ID).Balance != 2 {
		t.Error("unmaking deleted what stood there")
	}
}

func TestDeleteUnread(t *testing.T) {
	w := newWorld(t, nil)
	w.open(account{ID: id("a")})
	w.update(func(u *forewarn.Unit) error {
		ok(t, accounts.Delete(u, &account{ID: id("a")}))
		return accounts.Delete(u, &account{ID: id("never was")})
	})
	if v := w.version(accounts.Key("acme", id("a"))); v != 0 {
		t.Errorf("stands at %d", v)
	}
}

// Who peeked that nothing is there and deletes it has nothing to do, whatever comes to stand there meanwhile.
func TestDeletePeekedAbsent(t *testing.T) {
	m := memory.New()
	w := newWorld(t, m)
	runs := 0
	w.update(func(u *forewarn.Unit) error {
		runs++
		if _, err := accounts.Peek(u, id("a")); !errors.Is(err, forewarn.ErrNotFound) {
			t.Fatalf("%v", err)
		}
		w.behind(m, id("a"), func(*account) {})
		ok(t, accounts.Delete(u, &account{ID: id("a")}))
		return accounts.Put(u, &account{ID: id("b")})
	})
	if runs != 1 {
		t.Errorf("%d runs", runs)
	}
	w.account(id("a"))
}

// Forgotten events go with the commit, and stay when the use case that forgot them fails.
func TestForget(t *testing.T) {
	w := newWorld(t, nil, func(c *forewarn.Config) { c.Rules = statusRules{} })
	w.update(func(u *forewarn.Unit) error {
		for _, name := range []string{"a", "b", "c"} {
			ok(t, accounts.Put(u, &account{ID: id(name)}))
			ok(t, u.Announce(nil, snapshot(id(name), "new", name)))
		}
		return nil
	})
	e := w.events()
	w.update(func(u *forewarn.Unit) error {
		ok(t, u.Forget(e[0].Position))
		room := u.Room()
		err := w.try(u, func(u *forewarn.Unit) error { ok(t, u.Forget(e[1].Position)); return errToy })
		if err != errToy && !errors.Is(err, errToy) || u.Room() != room {
			t.Errorf("%v, room for %d, want %d", err, u.Room(), room)
		}
		return nil
	})
	left := w.events()
	if len(left) != 2 || left[0].ID != e[1].ID || left[1].ID != e[2].ID {
		t.Errorf("left %+v", left)
	}
}

// Under a request id the answer takes an entry, which Room keeps back.
func TestRoomUnderRequest(t *testing.T) {
	w := newWorld(t, limited{memory.New(), 10, store.MinBytes})
	_, err := forewarn.Do(w.ctx, w.engine, alice.Once("r"), "toy.Fill", 1, func(u *forewarn.Unit, n int) (int, error) {
		for u.Room() > 0 {
			ok(t, accounts.Put(u, &account{ID: u.NewID()}))
			n++
		}
		return n, nil
	})
	ok(t, err)
}

func TestFirstErrorSticks(t *testing.T) {
	w := newWorld(t, nil)
	w.open(account{ID: id("a")})
	err := w.try(alice, func(u *forewarn.Unit) error {
		first := accounts.Put(u, &account{})
		wants(t, first, forewarn.ErrInvalid)
		for name, err := range map[string]error{
			"Put":      accounts.Put(u, &account{ID: id("b")}),
			"PutAny":   accounts.PutAny(u, &account{ID: id("b")}),
			"Delete":   accounts.Delete(u, &account{ID: id("b")}),
			"Get":      second(accounts.Get(u, id("a"))),
			"Peek":     second(accounts.Peek(u, id("a"))),
			"Page":     second(accounts.Where("owner").Page(u, "")),
			"First":    second(accounts.Where("owner").First(u)),
			"Prefetch": accounts.Prefetch(u, id("a")),
			"Number":   second(u.Number("INC")),
			"Reserve":  u.Reserve("INC", 3),
			"Require":  u.Require(forewarn.Act{Name: "x"}, forewarn.Subject{}),
			"Notify":   u.Notify(forewarn.Notification{To: forewarn.Recipient{ID: "x"}, Subject: "s"}),
			"Forget":   u.Forget(store.Position{}),
		} {
			if err != first {
				t.Errorf("%s returns %v, not the first error", name, err)
			}
		}
		return nil // and yet the unit fails
	})
	wants(t, err, forewarn.ErrInvalid)
	if w.version(accounts.Key("acme", id("b"))) != 0 {
		t.Error("the unit committed")
	}
}

func second[T any](_ T, err error) error { return err }

func TestNoWriteCommitsNothing(t *testing.T) {
	faulty := storagetest.Wrap(memory.New(), storagetest.Faults{})
	w := newWorld(t, faulty)
	w.open(account{ID: id("a")})
	before := faulty.Commits()
	w.update(func(u *forewarn.Unit) error {
		_, err := accounts.Get(u, id("a"))
		return err
	})
	w.update(func(u *forewarn.Unit) error {
		b := account{ID: id("b")}
		ok(t, accounts.Put(u, &b))
		return accounts.Delete(u, &b)
	})
	if n := faulty.Commits() - before; n != 0 {
		t.Errorf("%d commits of units that write nothing", n)
	}
}

// A record that was got is a precondition although it is not written; a peeked one is not.
func TestReadPrecondition(t *testing.T) {
	for _, hold := range []bool{true, false} {
		memory := memory.New()
		w := newWorld(t, memory)
		w.open(account{ID: id("limit"), Balance: 10}, account{ID: id("a")})
		runs := 0
		w.update(func(u *forewarn.Unit) error {
			runs++
			read := accounts.Peek
			if hold {
				read = accounts.Get
			}
			limit, err := read(u, id("limit"))
			if err != nil {
				return err
			}
			if runs == 1 {
				w.behind(memory, id("limit"), func(a *account) { a.Balance = 20 })
			}
			return accounts.PutAny(u, &account{ID: id("a"), Balance: limit.Balance})
		})
		want := map[bool]int{true: 20, false: 10}[hold]
		if got := w.account(id("a")).Balance; got != want {
			t.Errorf("hold %v: balance %d, want %d (%d runs)", hold, got, want, runs)
		}
	}
}

func TestReadAbsenceIsPrecondition(t *testing.T) {
	memory := memory.New()
	w := newWorld(t, memory)
	runs := 0
	w.update(func(u *forewarn.Unit) error {
		runs++
		_, err := accounts.Get(u, id("guard"))
		if err != nil && !errors.Is(err, forewarn.ErrNotFound) {
			return err
		}
		if runs == 1 {
			w.behind(memory, id("guard"), func(*account) {})
		}
		return accounts.PutAny(u, &account{ID: id("a"), Balance: runs})
	})
	if runs != 2 || w.account(id("a")).Balance != 2 {
		t.Errorf("%d runs", runs)
	}
}

// Finding another version than was got is a conflict at once; what was peeked is replaced.
func TestFoundAtAnotherVersion(t *testing.T) {
	memory := memory.New()
	w := newWorld(t, memory)
	w.open(account{ID: id("a"), Owner: "ann", Balance: 1})
	runs := 0
	w.update(func(u *forewarn.Unit) error {
		runs++
		if _, err := accounts.Get(u, id("a")); err != nil {
			return err
		}
		if runs == 1 {
			w.behind(memory, id("a"), func(a *account) { a.Balance = 2 })
		}
		page, err := accounts.Where("owner", forewarn.Text("ann")).Page(u, "")
		if runs == 1 {
			if !errors.Is(err, forewarn.ErrConflict) {
				t.Errorf("got %v, want a conflict at once", err)
			}
			return forewarn.Invalid("x", "whatever the use case makes of it")
		}
		if err == nil && page.Items[0].Balance != 2 {
			t.Errorf("found %+v", page.Items)
		}
		return err
	})
	if runs != 2 {
		t.Errorf("%d runs, want 2", runs)
	}
	w.update(func(u *forewarn.Unit) error {
		if _, err := accounts.Peek(u, id("a")); err != nil {
			return err
		}
		w.behind(memory, id("a"), func(a *account) { a.Balance = 3 })
		if _, err := accounts.Where("owner", forewarn.Text("ann")).Page(u, ""); err != nil {
			return err
		}
		a, err := accounts.Get(u, id("a"))
		if a.Balance != 3 {
			t.Errorf("a peeked record was not replaced: %+v", a)
		}
		a.Balance = 4
		return errors.Join(err, accounts.Put(u, &a))
	})
	if w.account(id("a")).Balance != 4 {
		t.Error("the put at the found version failed")
	}
}

func TestOneNow(t *testing.T) {
	w := newWorld(t, nil)
	w.clock.advance(1234567 * time.Nanosecond)
	w.update(func(u *forewarn.Unit) error {
		before := u.Now()
		w.clock.advance(time.Hour)
		if u.Now() != before || u.As(bob).Now() != before {
			t.Error("the unit's time moved")
		}
		if before != monday.Add(1234*time.Microsecond) || before.Location() != time.UTC {
			t.Errorf("Now is %v", before)
		}
		return nil
	})
}

func TestBadRecords(t *testing.T) {
	w := newWorld(t, nil)
	for _, c := range []struct {
		name, field string
		a           account
	}{
		{"no id", "account.id", account{}},
		{"a NUL", "account.owner", account{ID: id("a"), Owner: "a\x00b"}},
		{"no UTF-8", "account.owner", account{ID: id("a"), Owner: "a\xffb"}},
		{"a long value", "account.state", account{ID: id("a"), State: strings.Repeat("x", store.MaxText+1)}},
		{"a large body", "account.owner", account{ID: id("a"), Owner: strings.Repeat("x", store.MaxBody)}},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := w.try(alice, func(u *forewarn.Unit) error {
				ok(t, accounts.Put(u, &account{ID: id("beside")}))
				err := accounts.Put(u, &c.a)
				if c.a.Version != 0 {
					t.Errorf("a refused put left version %d", c.a.Version)
				}
				return err
			})
			if e := wants(t, err, forewarn.ErrInvalid); e.Field != c.field {
				t.Errorf("%v names %q, want %q", err, e.Field, c.field)
			}
			if w.version(accounts.Key("acme", id("beside"))) != 0 {
				t.Error("half of the unit was written")
			}
		})
	}
}

// blob is a record that may not be made JSON of.
type blob struct {
	ID      uuid.UUID
	Version forewarn.Version
	X       float64
	Text    string
}

var blobs = forewarn.NewRecords("blob", forewarn.Shape[blob]{
	ID:      func(b *blob) *uuid.UUID { return &b.ID },
	Version: func(b *blob) *forewarn.Version { return &b.Version },
	Upgrade: func(body json.RawMessage) (json.RawMessage, error) {
		if strings.Contains(string(body), "unreadable") {
			return nil, errors.New("no such shape")
		}
		return json.RawMessage(strings.Replace(string(body), "old", "new", 1)), nil
	},
})

func TestBodies(t *testing.T) {
	w := newWorld(t, nil)
	ok(t, w.engine.Keep(blobs.Kind()))
	b := blob{ID: id("a"), X: math.NaN()}
	err := w.try(alice, func(u *forewarn.Unit) error { return blobs.Put(u, &b) })
	if e := wants(t, err, forewarn.ErrInvalid); e.Record.ID != b.ID || b.Version != 0 {
		t.Errorf("got %+v, version %d", e, b.Version)
	}
	large := blob{ID: id("a"), Text: strings.Repeat("x", store.MaxBody)}
	err = w.try(alice, func(u *forewarn.Unit) error { return blobs.Put(u, &large) })
	if e := wants(t, err, forewarn.ErrInvalid); e.Field != "body" || large.Version != 0 {
		t.Errorf("got %+v, version %d", e, large.Version)
	}
	w.update(func(u *forewarn.Unit) error {
		ok(t, blobs.Put(u, &blob{ID: id("a"), Text: "old"}))
		return blobs.Put(u, &blob{ID: id("b"), Text: "unreadable"})
	})
	get := func(u *forewarn.Unit, id uuid.UUID) (blob, error) { return blobs.Get(u, id) }
	got, err := forewarn.Read(w.ctx, w.engine, alice, "toy.Blob", id("a"), get)
	if err != nil || got.Text != "new" {
		t.Errorf("an old body: %+v, %v", got, err)
	}
	_, err = forewarn.Read(w.ctx, w.engine, alice, "toy.Blob", id("b"), get)
	if err == nil || errors.Is(err, forewarn.ErrUnavailable) || forewarn.HTTPStatus(err) != 500 || !strings.Contains(err.Error(), id("b").String()) {
		t.Errorf("what cannot be read: %v, status %d", err, forewarn.HTTPStatus(err))
	}
}

func TestRoom(t *testing.T) {
	const entries, bytes = store.MinEntries, store.MinBytes
	small := limited{memory.New(), entries, bytes}
	w := newWorld(t, small, func(c *forewarn.Config) { c.Rules = statusRules{} })
	w.update(func(u *forewarn.Unit) error {
		want := entries
		check := func(what string, n int) {
			t.Helper()
			if want -= n; u.Room() != want {
				t.Errorf("after %s: room for %d, want %d", what, u.Room(), want)
			}
		}
		check("nothing", 0)
		accounts.Get(u, id("absent"))
		check("a get", 1)
		accounts.Peek(u, id("peeked"))
		check("a peek", 0)
		a := account{ID: id("a")}
		ok(t, accounts.Put(u, &a))
		check("a put", 1)
		ok(t, accounts.Put(u, &a))
		check("a put again", 0)
		ok(t, u.Announce(nil, snapshot(a.ID, "new", "x")))
		check("an announcement", 1)
		got := account{ID: id("absent")}
		ok(t, accounts.Put(u, &got))
		check("a put of what was got", 0)
		ok(t, u.Forget(store.Position{Seq: 1}, store.Position{Seq: 2}))
		check("two forgotten", 2)
		ok(t, accounts.Delete(u, &account{ID: id("b")}))
		check("a deletion", 1)
		return nil
	})
	// Bytes count as well: a mail is two entries, and of mails of 60 KiB sixteen fit in a MiB.
	err := w.try(alice, func(u *forewarn.Unit) error {
		n := 0
		for u.Room() >= 2 {
			n++
			if err := u.Notify(forewarn.Notification{To: forewarn.Recipient{ID: "x"}, Subject: "s", Text: strings.Repeat("x", 60<<10)}); err != nil {
				t.Errorf("at %d: %v", n, err)
				return err
			}
		}
		if n != 16 {
			t.Errorf("%d mails of 60 KiB in 1 MiB", n)
		}
		return nil
	})
	ok(t, err)
}

// limited is a store that takes little.
type limited struct {
	*memory.Store
	entries, bytes int
}

func (l limited) Limits() (int, int) { return l.entries, l.bytes }

func TestOverTheLimit(t *testing.T) {
	w := newWorld(t, limited{memory.New(), 10, 1000}, func(c *forewarn.Config) { c.Rules = statusRules{} })
	for name, fill := range map[string]func(u *forewarn.Unit) error{
		"puts": func(u *forewarn.Unit) (err error) {
			for i := range 11 {
				err = accounts.PutAny(u, &account{ID: id(string(rune('a' + i)))})
			}
			return err
		},
		"bytes": func(u *forewarn.Unit) error {
			return accounts.Put(u, &account{ID: id("a"), Owner: strings.Repeat("x", 1000)})
		},
		"reads": func(u *forewarn.Unit) error {
			for i := range 10 {
				accounts.Get(u, id(string(rune('a'+i))))
			}
			return accounts.Put(u, &account{ID: id("z")})
		},
		"reads last": func(u *forewarn.Unit) error {
			ok(t, accounts.Put(u, &account{ID: id("z")}))
			for i := range 10 {
				accounts.Get(u, id(string(rune('a'+i))))
			}
			return nil
		},
		"events": func(u *forewarn.Unit) error {
			a := account{ID: id("a")}
			ok(t, accounts.Put(u, &a))
			return u.Announce(nil, snapshot(a.ID, "new", strings.Repeat("x", 900)))
		},
		"forgotten": func(u *forewarn.Unit) error { return u.Forget(make([]store.Position, 11)...) },
	} {
		t.Run(name, func(t *testing.T) {
			e := wants(t, w.try(alice, fill), forewarn.ErrInvalid)
			if e.Field != "unit" && e.Field != "batch" {
				t.Errorf("%v names %q", e, e.Field)
			}
			page, err := w.store.Find(w.ctx, store.Query{Tenant: "acme", Kind: "account", Index: "owner"})
			if err != nil || len(page.Records) != 0 {
				t.Errorf("%d records were written, %v", len(page.Records), err)
			}
		})
	}
}

func TestPrefetch(t *testing.T) {
	reads := 0
	s := storagetest.Wrap(memory.New(), storagetest.Faults{FailRead: func(int) error { reads++; return nil }})
	w := newWorld(t, s)
	w.open(account{ID: id("a"), Balance: 1}, account{ID: id("b"), Balance: 2})
	w.update(func(u *forewarn.Unit) error {
		reads = 0
		ok(t, accounts.Prefetch(u, id("b"), uuid.Nil, id("a"), id("b"), id("none")))
		a, err := accounts.Get(u, id("a"))
		b, err2 := accounts.Get(u, id("b"))
		_, err3 := accounts.Get(u, id("none"))
		if err != nil || err2 != nil || !errors.Is(err3, forewarn.ErrNotFound) || a.Balance != 1 || b.Balance != 2 {
			t.Errorf("%v %v %v %v %v", a, err, b, err2, err3)
		}
		if reads != 1 {
			t.Errorf("%d reads, want 1", reads)
		}
		return nil
	})
}

func TestUnitAfterItsEnd(t *testing.T) {
	w := newWorld(t, nil)
	var kept *forewarn.Unit
	w.update(func(u *forewarn.Unit) error { kept = u; return nil })
	wants(t, accounts.Put(kept, &account{ID: id("a")}), forewarn.ErrInvalid)
	wants(t, w.try(kept, func(*forewarn.Unit) error { return nil }), forewarn.ErrInvalid)
	wants(t, w.try(kept.As(bob), func(*forewarn.Unit) error { return nil }), forewarn.ErrInvalid)
}

func TestQueries(t *testing.T) {
	w := newWorld(t, nil)
	var all []account
	for i, owner := range []string{"ann", "ann", "anna", "bea", "cid", ""} {
		all = append(all, account{ID: id(string(rune('a' + i))), Owner: owner, Balance: i})
	}
	w.open(all...)
	type q = forewarn.Query[account]
	where := accounts.Where
	for _, c := range []struct {
		name string
		q    q
		want []int
	}{
		{"equal", where("owner", forewarn.Text("ann")), []int{0, 1}},
		{"the empty text", where("owner", forewarn.Text("")), []int{5}},
		{"all", where("owner"), []int{5, 0, 1, 2, 3, 4}},
		{"any of", where("owner").AnyOf(forewarn.Texts("cid", "ann")...), []int{0, 1, 4}},
		{"any of none", where("owner").AnyOf(), nil},
		{"prefix", where("owner").Prefix("ann"), []int{0, 1, 2}},
		{"the empty prefix", where("owner").Prefix(""), []int{5, 0, 1, 2, 3, 4}},
		{"from", where("owner").Range(forewarn.Text("anna"), store.Value{}), []int{2, 3, 4}},
		{"to", where("owner").Range(store.Value{}, forewarn.Text("anna")), []int{5, 0, 1}},
		{"range", where("owner", forewarn.Text("ann")).Range(forewarn.Int(1), forewarn.Int(2)), []int{1}},
		{"descending", where("owner").Prefix("a").Descending(), []int{2, 1, 0}},
		{"an absent value is in no index", where("state"), nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, limit := range []int{1, 2, 100} {
				var got []int
				w.update(func(u *forewarn.Unit) error {
					for a, err := range c.q.Limit(limit).All(u) {
						ok(t, err)
						got = append(got, a.Balance)
					}
					first, err := c.q.First(u)
					if len(c.want) == 0 && !errors.Is(err, forewarn.ErrNotFound) || len(c.want) > 0 && (err != nil || first.Balance != c.want[0]) {
						t.Errorf("First: %+v, %v", first, err)
					}
					return nil
				})
				if !slices.Equal(got, c.want) {
					t.Errorf("pages of %d: got %v, want %v", limit, got, c.want)
				}
			}
		})
	}
	for _, c := range []struct {
		name, field string
		q           q
		after       string
	}{
		{"no index", "index", where("none"), ""},
		{"limit", "limit", where("owner").Limit(1001), ""},
		{"cursor", "after", where("owner"), "nonsense"},
		{"type", "equal", where("owner", forewarn.Int(1)), ""},
	} {
		err := w.try(alice, func(u *forewarn.Unit) error { return second(c.q.Page(u, c.after)) })
		if e := wants(t, err, forewarn.ErrInvalid); e.Field != c.field {
			t.Errorf("%s: %v names %q", c.name, err, e.Field)
		}
	}
}
