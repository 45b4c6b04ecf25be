package forewarn_test

import (
	"errors"
	"fmt"
	"testing"
	"testing/synctest"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/adapters/memory"
	"github.com/forewarn-go/forewarn/store"
)

// reads are the ways in which a unit sees a record.
var reads = map[string]func(*forewarn.Unit, uuidT) (account, error){
	"Get":  func(u *forewarn.Unit, id uuidT) (account, error) { return accounts.Get(u, id) },
	"Peek": func(u *forewarn.Unit, id uuidT) (account, error) { return accounts.Peek(u, id) },
	"Find": func(u *forewarn.Unit, _ uuidT) (account, error) {
		return accounts.Where("owner", forewarn.Text("ann")).First(u)
	},
	"Prefetch": func(u *forewarn.Unit, id uuidT) (account, error) {
		if err := accounts.Prefetch(u, id); err != nil {
			return account{}, err
		}
		return accounts.Peek(u, id)
	},
}

// Whoever reads a record twice in one unit, with a commit of others in between, loses nothing of theirs: what was
// computed from the older value is not written over the newer one.
func TestNoUpdateIsLostInsideAUnit(t *testing.T) {
	for first, read := range reads {
		for second, again := range reads {
			for _, older := range []bool{true, false} {
				for how, put := range map[string]func(*forewarn.Unit, account) error{
					"Put":                  func(u *forewarn.Unit, a account) error { return accounts.Put(u, &a) },
					"Put, without version": func(u *forewarn.Unit, a account) error { a.Version = 0; return accounts.Put(u, &a) },
					"PutAny":               func(u *forewarn.Unit, a account) error { return accounts.PutAny(u, &a) },
					"Delete and Put": func(u *forewarn.Unit, a account) error {
						return errors.Join(accounts.Delete(u, &a), accounts.Put(u, &a))
					},
					"Put in a nested frame": func(u *forewarn.Unit, a account) error { return putNested(u, a) },
				} {
					t.Run(fmt.Sprintf("%s, %s, %s, older %v", first, second, how, older), func(t *testing.T) {
						m := memory.New()
						w := newWorld(t, m)
						w.open(account{ID: id("a"), Owner: "ann"})
						runs := 0
						w.update(func(u *forewarn.Unit) error {
							runs++
							a, err := read(u, id("a"))
							if err != nil {
								return err
							}
							if runs == 1 {
								w.behind(m, id("a"), func(a *account) { a.Balance += 10 })
							}
							b, err := again(u, id("a"))
							if err != nil {
								return err
							}
							if older {
								b = a
							}
							b.Balance++
							return put(u, b)
						})
						if got := w.account(id("a")).Balance; got != 11 || runs > 2 {
							t.Errorf("balance %d after %d runs, want 11", got, runs)
						}
					})
				}
			}
		}
	}
}

func putNested(u *forewarn.Unit, a account) error {
	_, err := forewarn.Do(u.Context(), u.Engine(), u, "toy.Put", a, func(u *forewarn.Unit, a account) (account, error) {
		return a, accounts.Put(u, &a)
	})
	return err
}

// What appears, or goes, between two reads of one unit is not overwritten, and not made again.
func TestNoUpdateIsLostToCreationAndDeletion(t *testing.T) {
	key := accounts.Key("acme", id("a"))
	t.Run("appears", func(t *testing.T) {
		for second, again := range reads {
			m := memory.New()
			w := newWorld(t, m)
			runs := 0
			w.update(func(u *forewarn.Unit) error {
				runs++
				a, err := accounts.Peek(u, id("a"))
				if runs == 1 {
					w.behind(m, id("a"), func(a *account) { a.Owner, a.Balance = "ann", 10 })
				}
				if _, err := again(u, id("a")); err != nil && !errors.Is(err, forewarn.ErrNotFound) {
					return err
				}
				if err != nil {
					a = account{ID: id("a"), Owner: "ann"}
				}
				a.Balance++
				return accounts.Put(u, &a)
			})
			if got := w.account(id("a")).Balance; got != 11 || runs != 2 {
				t.Errorf("%s: balance %d after %d runs, want 11 after 2", second, got, runs)
			}
		}
	})
	t.Run("goes", func(t *testing.T) {
		for second, again := range reads {
			m := memory.New()
			w := newWorld(t, m)
			w.open(account{ID: id("a"), Owner: "ann"})
			runs := 0
			err := w.try(alice, func(u *forewarn.Unit) error {
				runs++
				a, err := accounts.Where("owner", forewarn.Text("ann")).First(u)
				if err != nil {
					return err
				}
				if runs == 1 {
					ok(t, m.Commit(w.ctx, store.Batch{Deletes: []store.Read{{Key: key, Expect: store.Any}}}))
				}
				if _, err := again(u, id("a")); err != nil && !errors.Is(err, forewarn.ErrNotFound) {
					return err
				}
				a.Balance++
				return accounts.Put(u, &a)
			})
			if !errors.Is(err, forewarn.ErrNotFound) || runs != 2 || w.version(key) != 0 {
				t.Errorf("%s: %v after %d runs, stands at %d: it was made again", second, err, runs, w.version(key))
			}
		}
	})
}

// Who decides on an older value that a record goes does not delete a newer one.
func TestNothingNewerIsDeleted(t *testing.T) {
	for second, again := range reads {
		m := memory.New()
		w := newWorld(t, m)
		w.open(account{ID: id("a"), Owner: "ann"})
		runs := 0
		w.update(func(u *forewarn.Unit) error {
			runs++
			a, err := accounts.Where("owner", forewarn.Text("ann")).First(u)
			if err != nil {
				return err
			}
			if runs == 1 {
				w.behind(m, id("a"), func(a *account) { a.Balance = 10 })
			}
			if _, err := again(u, id("a")); err != nil || a.Balance != 0 {
				return err
			}
			return accounts.Delete(u, &a)
		})
		if got := w.account(id("a")).Balance; got != 10 || runs != 2 {
			t.Errorf("%s: balance %d after %d runs, want 10 after 2", second, got, runs)
		}
	}
}

// A unit that has seen two versions, neither of which it got, and that writes another record, goes on: neither is a
// precondition. What it writes at the newer one commits at once.
func TestTwoVersionsSeenAreNoConflict(t *testing.T) {
	for name, write := range map[string]func(*forewarn.Unit, account) error{
		"another": func(u *forewarn.Unit, a account) error {
			return accounts.PutAny(u, &account{ID: id("b"), Balance: a.Balance})
		},
		"the newer": func(u *forewarn.Unit, a account) error { return accounts.Put(u, &a) },
		"the newer, twice": func(u *forewarn.Unit, a account) error {
			b := a
			return errors.Join(accounts.Put(u, &a), accounts.Put(u, &a), accounts.Put(u, &b))
		},
		"the newer, and deleted": func(u *forewarn.Unit, a account) error {
			return errors.Join(accounts.Put(u, &a), accounts.Delete(u, &a), accounts.PutAny(u, &account{ID: id("b")}))
		},
	} {
		m := memory.New()
		w := newWorld(t, m)
		w.open(account{ID: id("a"), Owner: "ann"})
		runs := 0
		w.update(func(u *forewarn.Unit) error {
			runs++
			ok(t, second(accounts.Peek(u, id("a"))))
			w.behind(m, id("a"), func(a *account) { a.Balance++ })
			a, err := accounts.Where("owner", forewarn.Text("ann")).First(u)
			ok(t, err)
			return write(u, a)
		})
		if runs != 1 {
			t.Errorf("%s: %d runs", name, runs)
		}
	}
}

// A put of a record that the unit has not read, at a version that it was given, cannot come to more by running again:
// it is ErrStale at once, and names the record. Under a request id every conflict is run again, since the next run may
// find the answer.
func TestStaleAsGiven(t *testing.T) {
	key := accounts.Key("acme", id("a"))
	put := func(u *forewarn.Unit, a account) error { return accounts.Put(u, &a) }
	for _, c := range []struct {
		name    string
		request string
		use     func(*forewarn.Unit, account) error
		runs    int
	}{
		{"put", "", put, 1},
		{"put, under a request id", "r", put, 8},
		{"put twice", "", func(u *forewarn.Unit, a account) error { return errors.Join(put(u, a), put(u, a)) }, 1},
		{"put and deleted", "", func(u *forewarn.Unit, a account) error {
			return errors.Join(put(u, a), accounts.Delete(u, &a), accounts.PutAny(u, &account{ID: id("beside")}))
		}, 1},
		{"put, deleted and put", "", func(u *forewarn.Unit, a account) error {
			return errors.Join(put(u, a), accounts.Delete(u, &a), put(u, a))
		}, 1},
		{"put and read, which finds the unit's own", "", func(u *forewarn.Unit, a account) error {
			return errors.Join(put(u, a), accounts.Prefetch(u, a.ID), second(accounts.Get(u, a.ID)))
		}, 1},
		{"put and found", "", func(u *forewarn.Unit, a account) error {
			return errors.Join(put(u, a), second(accounts.Where("owner", forewarn.Text("ann")).Page(u, "")))
		}, 1},
		{"put in a nested use case", "", putNested, 1},
		{"put in place of one that was taken back", "", func(u *forewarn.Unit, a account) error {
			_, err := forewarn.Do(u.Context(), u.Engine(), u, "toy.Fail", a, func(u *forewarn.Unit, a account) (account, error) {
				return a, errors.Join(put(u, a), errToy)
			})
			if !errors.Is(err, errToy) {
				return err
			}
			return put(u, a)
		}, 1},
	} {
		for _, gone := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, gone %v", c.name, gone), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					m := memory.New()
					w := newWorld(t, m)
					w.open(account{ID: id("a"), Owner: "ann"})
					a := w.account(id("a")) // of an earlier unit
					if gone {
						ok(t, m.Commit(w.ctx, store.Batch{Deletes: []store.Read{{Key: key, Expect: store.Any}}}))
					} else {
						w.behind(m, id("a"), func(a *account) { a.Balance = 10 })
					}
					before := w.version(key)
					runs := 0
					_, err := forewarn.Do(w.ctx, w.engine, alice.Once(c.request), "toy.Put", 1, func(u *forewarn.Unit, _ int) (int, error) {
						runs++
						return 1, c.use(u, a)
					})
					if e := wants(t, err, forewarn.ErrStale); e.Record != key || e.Op != "toy.Put" || errors.Is(err, forewarn.ErrConflict) {
						t.Errorf("%v names %v", e, e.Record)
					}
					if runs != c.runs || w.version(key) != before {
						t.Errorf("%d runs, want %d; it stands at %d, want %d", runs, c.runs, w.version(key), before)
					}
				})
			})
		}
	}
}

// A version that comes from a read of the same unit is run again, also when others are quicker a few times.
func TestStaleAsReadRunsAgain(t *testing.T) {
	for how, read := range reads {
		t.Run(how, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := memory.New()
				w := newWorld(t, m)
				w.open(account{ID: id("a"), Owner: "ann"})
				runs := 0
				w.update(func(u *forewarn.Unit) error {
					runs++
					a, err := read(u, id("a"))
					if err != nil {
						return err
					}
					if runs <= 3 {
						w.behind(m, id("a"), func(a *account) { a.Balance += 10 })
					}
					a.Balance++
					return accounts.Put(u, &a)
				})
				if got := w.account(id("a")).Balance; got != 31 || runs != 4 {
					t.Errorf("balance %d after %d runs, want 31 after 4", got, runs)
				}
			})
		})
	}
}

// What a unit has written without reading it may be found as others have put it, and then as they have changed it: a
// creation is refused at once, at a version given it is stale at once, and what is put whatever stands there runs again.
func TestWrittenUnreadAndFound(t *testing.T) {
	for _, c := range []struct {
		name    string
		version func(account) forewarn.Version
		any     bool
		want    error
		runs    int
	}{
		{"new", func(account) forewarn.Version { return 0 }, false, forewarn.ErrRefused, 1},
		{"given", func(a account) forewarn.Version { return a.Version }, false, forewarn.ErrStale, 1},
		{"any", func(account) forewarn.Version { return 0 }, true, nil, 2},
	} {
		for _, changes := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, changes %v", c.name, changes), func(t *testing.T) {
				m := memory.New()
				w := newWorld(t, m)
				w.open(account{ID: id("a"), Owner: "ann"})
				a := w.account(id("a"))
				w.behind(m, id("a"), func(a *account) { a.Balance++ })
				runs := 0
				err := w.try(alice, func(u *forewarn.Unit) error {
					runs++
					put := accounts.Put
					if c.any {
						put = accounts.PutAny
					}
					ok(t, put(u, &account{ID: id("a"), Version: c.version(a), Owner: "ann", Balance: 7}))
					find := func() error { return second(accounts.Where("owner", forewarn.Text("ann")).Page(u, "")) }
					ok(t, find())
					if changes && runs == 1 {
						w.behind(m, id("a"), func(a *account) { a.Balance++ })
					}
					return find()
				})
				want := c.runs
				if !changes {
					want = 1
				}
				if !errors.Is(err, c.want) || (err == nil) != (c.want == nil) || runs != want {
					t.Errorf("%v after %d runs, want %v after %d", err, runs, c.want, want)
				}
				if c.want == nil && w.account(id("a")).Balance != 7 {
					t.Errorf("it was not put: %+v", w.account(id("a")))
				}
			})
		}
	}
}

// That a record was seen at two versions is not forgotten when the last is read again.
func TestThreeReads(t *testing.T) {
	m := memory.New()
	w := newWorld(t, m)
	w.open(account{ID: id("a"), Owner: "ann"})
	runs := 0
	w.update(func(u *forewarn.Unit) error {
		runs++
		a, err := accounts.Peek(u, id("a"))
		ok(t, err)
		if runs == 1 {
			w.behind(m, id("a"), func(a *account) { a.Balance += 10 })
		}
		ok(t, second(reads["Find"](u, id("a"))))
		ok(t, second(accounts.Get(u, id("a"))))
		ok(t, second(reads["Find"](u, id("a"))))
		a.Balance++
		return accounts.Put(u, &a)
	})
	if got := w.account(id("a")).Balance; got != 11 || runs != 2 {
		t.Errorf("balance %d after %d runs, want 11 after 2", got, runs)
	}
}
