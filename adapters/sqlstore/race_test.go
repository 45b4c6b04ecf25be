package sqlstore

import (
	"fmt"
	"sync"
	"testing"

	"github.com/forewarn-go/forewarn/store"
)

// linkKind is a second kind, whose name comes before thing.
func linkKind() store.Kind {
	k := things()
	k.Name = "link"
	return k
}

func link(name string) store.Key {
	return store.Key{Tenant: "acme", Kind: "link", ID: store.NameID("link", name)}
}

// TestRaces releases two batches at once, over and over. Of two that cannot
// both be right one fails, and none deadlocks.
func TestRaces(t *testing.T) {
	const races = 60
	put := func(k store.Key, expect, v int64) store.Put { return putThing(k, expect, v, "s", v) }
	read := func(k store.Key, v int64) store.Read { return store.Read{Key: k, Expect: v} }
	type batches struct{ before, a, b store.Batch }
	for _, race := range []struct {
		name    string
		most    int // how many of the two may succeed
		batches func(x, y store.Key) batches
	}{
		{"lost update", 1, func(x, y store.Key) batches {
			return batches{store.Batch{Puts: []store.Put{put(x, 0, 1)}}, store.Batch{Puts: []store.Put{put(x, 1, 2)}}, store.Batch{Puts: []store.Put{put(x, 1, 3)}}}
		}},
		{"write skew", 1, func(x, y store.Key) batches {
			return batches{store.Batch{Puts: []store.Put{put(x, 0, 1), put(y, 0, 1)}},
				store.Batch{Puts: []store.Put{put(x, 1, 2)}, Reads: []store.Read{read(y, 1)}},
				store.Batch{Puts: []store.Put{put(y, 1, 2)}, Reads: []store.Read{read(x, 1)}}}
		}},
		{"double creation", 1, func(x, y store.Key) batches {
			return batches{store.Batch{}, store.Batch{Puts: []store.Put{put(x, 0, 1)}}, store.Batch{Puts: []store.Put{put(x, 0, 2)}}}
		}},
		{"each reads that the other's is absent", 1, func(x, y store.Key) batches {
			return batches{store.Batch{},
				store.Batch{Puts: []store.Put{put(x, 0, 1)}, Reads: []store.Read{read(y, 0)}},
				store.Batch{Puts: []store.Put{put(y, 0, 1)}, Reads: []store.Read{read(x, 0)}}}
		}},
		{"a deletion of what the other puts beside a creation", 1, func(x, y store.Key) batches {
			return batches{store.Batch{Puts: []store.Put{put(x, 0, 1)}},
				store.Batch{Deletes: []store.Read{read(x, 1)}},
				store.Batch{Puts: []store.Put{put(x, 1, 2), put(y, 0, 1)}}}
		}},
		{"each puts its own and creates the other's", 0, func(x, y store.Key) batches {
			return batches{store.Batch{Puts: []store.Put{put(x, 0, 1), put(y, 0, 1)}},
				store.Batch{Puts: []store.Put{put(x, 1, 2), put(y, 0, 1)}},
				store.Batch{Puts: []store.Put{put(y, 1, 2), put(x, 0, 1)}}}
		}},
		{"one deletes whatever stands where the other creates", 2, func(x, y store.Key) batches {
			return batches{store.Batch{Puts: []store.Put{put(y, 0, 1)}},
				store.Batch{Deletes: []store.Read{read(x, store.Any)}, Puts: []store.Put{put(y, store.Any, 2)}},
				store.Batch{Puts: []store.Put{put(x, 0, 1), put(y, store.Any, 3)}}}
		}},
	} {
		t.Run(race.name, func(t *testing.T) {
			onEach(t, func(t *testing.T, url string) {
				db := open(t, url, things(), linkKind())
				for i := range races {
					x, y := thing(fmt.Sprint("x", i)), link(fmt.Sprint("y", i))
					if i%2 == 1 { // inside one kind
						y = thing(fmt.Sprint("y", i))
					}
					b := race.batches(x, y)
					if err := db.Commit(t.Context(), b.before); err != nil {
						t.Fatal(err)
					}
					var c count
					var both, start sync.WaitGroup
					start.Add(1)
					for _, one := range []store.Batch{b.a, b.b} {
						both.Go(func() { start.Wait(); c.commit(t, db, one) })
					}
					start.Done()
					both.Wait()
					if n := int(c.commits.Load()); n > race.most || n == 0 && race.most > 0 {
						t.Errorf("race %d: %d succeeded, at most %d may", i, n, race.most)
					}
					if c.deadlocks.Load() != 0 {
						t.Errorf("race %d: a deadlock", i)
					}
					if race.most == 2 {
						sameOrder(t, db, x, y)
					}
				}
			})
		})
	}
}

// sameOrder checks that the deletion and the creation of x took effect in the
// order in which both wrote y: 2 is the deletion's, 3 the creation's.
func sameOrder(t *testing.T, db *DB, x, y store.Key) {
	t.Helper()
	at, err := db.Get(t.Context(), x, y)
	if err != nil {
		t.Fatal(err)
	}
	if at[0].Version == 0 && at[1].Version == 3 || at[0].Version != 0 && at[1].Version == 2 {
		t.Errorf("x stands at %d and y at %d: the two batches took effect in two orders", at[0].Version, at[1].Version)
	}
}

// TestAppeared makes a record stand where a batch that expects anything found
// none before: the store runs the batch again, and its caller hears nothing.
func TestAppeared(t *testing.T) {
	for _, of := range []struct {
		joins   bool
		appears store.Key
	}{{false, link("a")}, {true, link("a")}, {false, link("b")}, {true, link("b")}} {
		t.Run(fmt.Sprintf("joined=%v/put=%v", of.joins, of.appears == link("a")), func(t *testing.T) {
			db := open(t, serverURL(t), things(), linkKind())
			ctx := t.Context()
			if err := db.Commit(ctx, store.Batch{Puts: []store.Put{putThing(thing("z"), store.Absent, 1, "s", 1)}}); err != nil {
				t.Fatal(err)
			}
			blocker, err := db.SQL().BeginTxx(ctx, nil)
			if err != nil {
				t.Fatal(err)
			}
			defer blocker.Rollback()
			if _, err := blocker.ExecContext(ctx, `SELECT FROM forewarn_thing FOR UPDATE`); err != nil {
				t.Fatal(err)
			}
			done := make(chan error, 1)
			go func() {
				b := store.Batch{
					Puts:    []store.Put{putThing(link("a"), store.Any, 7, "late", 1), putThing(thing("z"), 1, 2, "s", 2)},
					Deletes: []store.Read{{Key: link("b"), Expect: store.Any}},
				}
				if !of.joins {
					done <- db.Commit(ctx, b)
					return
				}
				tx, err := db.Begin(ctx)
				if err != nil {
					done <- err
					return
				}
				defer tx.Rollback()
				s, _ := db.Join(ctx, tx)
				if err := s.Commit(ctx, b); err != nil {
					done <- err
					return
				}
				done <- tx.Commit()
			}()
			waitFor(t, db, "somebody waits for a lock",
				`SELECT EXISTS (SELECT FROM pg_locks l JOIN pg_class c ON c.oid = l.relation WHERE c.oid = 'forewarn_thing'::regclass AND l.pid IN
				 (SELECT pid FROM pg_locks WHERE NOT granted))`)
			if err := db.Commit(ctx, store.Batch{Puts: []store.Put{putThing(of.appears, store.Absent, 5, "early", 1)}}); err != nil {
				t.Fatal(err)
			}
			if err := blocker.Rollback(); err != nil {
				t.Fatal(err)
			}
			if err := <-done; err != nil {
				t.Fatalf("the batch that expects anything: %v", err)
			}
			at, err := db.Get(ctx, link("a"), link("b"), thing("z"))
			if err != nil {
				t.Fatal(err)
			}
			if at[0].Version != 7 || at[1].Version != 0 || at[2].Version != 2 {
				t.Errorf("versions %d, %d, %d; want 7, 0, 2", at[0].Version, at[1].Version, at[2].Version)
			}
		})
	}
}

// waitFor asks until the answer is true.
func waitFor(t *testing.T, db *DB, what, question string) {
	t.Helper()
	for range 100_000 {
		var yes bool
		if err := db.SQL().QueryRowContext(t.Context(), question).Scan(&yes); err != nil {
			t.Fatal(err)
		}
		if yes {
			return
		}
	}
	t.Fatalf("it never came to pass that %s", what)
}

// TestPlaceholders shows that nobody sees what keeps an absence, not even the
// host whose transaction it stood in.
func TestPlaceholders(t *testing.T) {
	onEach(t, func(t *testing.T, url string) {
		db := open(t, url, things(), linkKind())
		ctx := t.Context()
		tx, err := db.Begin(ctx)
		if err != nil {
			t.Fatal(err)
		}
		defer tx.Rollback()
		s, err := db.Join(ctx, tx)
		if err != nil {
			t.Fatal(err)
		}
		b := store.Batch{Puts: []store.Put{putThing(thing("a"), store.Absent, 1, "s", 1)}, Deletes: []store.Read{{Key: thing("b"), Expect: store.Any}}}
		for i := range 3 {
			b.Reads = append(b.Reads, store.Read{Key: link(fmt.Sprint(i)), Expect: store.Absent})
		}
		if err := s.Commit(ctx, b); err != nil {
			t.Fatal(err)
		}
		for table, want := range map[string]int{"forewarn_thing": 1, "forewarn_link": 0} {
			var n int
			if err := tx.QueryRowContext(ctx, "SELECT count(*) FROM "+table).Scan(&n); err != nil || n != want {
				t.Errorf("%s has %d rows, %v; want %d", table, n, err, want)
			}
		}
	})
}
