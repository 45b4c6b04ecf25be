package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"testing"

	"github.com/jmoiron/sqlx"

	"github.com/forewarn-go/forewarn/store"
)

// hosted opens a DB with a table of the host's own, and things a and b at version 1.
func hosted(t *testing.T, c Config) *DB {
	t.Helper()
	db := openConfig(t, c, things(), linkKind())
	if _, err := db.SQL().ExecContext(t.Context(), "CREATE TABLE shift (id bigint PRIMARY KEY, taken bigint)"); err != nil {
		t.Fatal(err)
	}
	if err := db.Commit(t.Context(), store.Batch{Puts: []store.Put{
		putThing(thing("a"), store.Absent, 1, "s", 1), putThing(thing("b"), store.Absent, 1, "s", 1)}}); err != nil {
		t.Fatal(err)
	}
	return db
}

func isConflict(t *testing.T, err error, reason string, key store.Key) {
	t.Helper()
	c, ok := errors.AsType[*store.ConflictError](err)
	if !ok || c.Reason != reason || c.Key != key {
		t.Errorf("got %v, want a conflict, %s, at %s", err, reason, key)
	}
}

func versions(t *testing.T, s store.Store, keys ...store.Key) []int64 {
	t.Helper()
	records, err := s.Get(t.Context(), keys...)
	if err != nil {
		t.Fatal(err)
	}
	var vs []int64
	for _, r := range records {
		vs = append(vs, r.Version)
	}
	return vs
}

// TestJoinReadCommitted has another session move a record under a host's
// transaction: the conflict undoes our part, leaves the host's, lets go of our
// locks, and the same transaction then succeeds.
func TestJoinReadCommitted(t *testing.T) {
	ctx := t.Context()
	db := hosted(t, Config{URL: serverURL(t)})
	tx, err := db.Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	if _, err := tx.ExecContext(ctx, "SET LOCAL lock_timeout = '7s'"); err != nil {
		t.Fatal(err)
	}
	if _, err := tx.ExecContext(ctx, "INSERT INTO shift VALUES (1, 1)"); err != nil {
		t.Fatal(err)
	}
	s, err := db.Join(ctx, tx)
	if err != nil {
		t.Fatal(err)
	}
	versions(t, s, thing("a"), thing("b"))
	move := store.Batch{Puts: []store.Put{putThing(thing("b"), 1, 2, "other", 1)}}
	if err := db.Commit(ctx, move); err != nil {
		t.Fatal(err)
	}
	both := func(vb int64) store.Batch {
		return store.Batch{
			Puts:   []store.Put{putThing(link("x"), store.Absent, 1, "s", 1), putThing(thing("a"), 1, 3, "s", 1), putThing(thing("b"), vb, 3, "s", 1)},
			Events: []store.Event{{ID: thing("e").ID, Ticket: thing("a"), Type: "e", Body: []byte(`{}`)}},
		}
	}
	isConflict(t, s.Commit(ctx, both(1)), store.Changed, thing("b"))

	var timeout string
	if err := tx.QueryRowContext(ctx, "SHOW lock_timeout").Scan(&timeout); err != nil || timeout != "7s" {
		t.Errorf("after a conflict the host's lock_timeout is %s, %v", timeout, err)
	}
	// What we locked is free for others.
	if err := db.Commit(ctx, store.Batch{Puts: []store.Put{putThing(thing("a"), 1, 2, "other", 1)}}); err != nil {
		t.Errorf("another session: %v", err)
	}
	if v := versions(t, s, thing("a"), thing("b"), link("x")); v[0] != 2 || v[1] != 2 || v[2] != 0 {
		t.Errorf("the transaction reads versions %v, want 2 2 0", v)
	}
	again := both(2)
	again.Puts[1].Expect = 2
	if err := s.Commit(ctx, again); err != nil {
		t.Fatalf("run again: %v", err)
	}
	if err := tx.QueryRowContext(ctx, "SHOW lock_timeout").Scan(&timeout); err != nil || timeout != "7s" {
		t.Errorf("after a commit the host's lock_timeout is %s, %v", timeout, err)
	}
	// Others wait for the host, and give up.
	if v := versions(t, db, thing("b")); v[0] != 2 {
		t.Errorf("others see version %d before the host commits", v[0])
	}
	isConflict(t, db.Commit(ctx, store.Batch{Puts: []store.Put{putThing(thing("b"), 2, 9, "s", 1)}}), store.Busy, store.Key{})
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	var taken, events int
	if err := db.SQL().QueryRowContext(ctx, "SELECT (SELECT count(*) FROM shift), (SELECT count(*) FROM forewarn__event)").Scan(&taken, &events); err != nil {
		t.Fatal(err)
	}
	if v := versions(t, db, thing("a"), thing("b"), link("x")); v[0] != 3 || v[1] != 3 || v[2] != 1 || taken != 1 || events != 1 {
		t.Errorf("versions %v, %d rows of the host, %d events; want 3 3 1, 1, 1", v, taken, events)
	}
}

// TestJoinBusy shows that a joined commit does not wait for a lock longer than a
// second, whatever the host has set, and that the host goes on.
func TestJoinBusy(t *testing.T) {
	ctx := t.Context()
	db := hosted(t, Config{URL: serverURL(t)})
	holder, err := db.Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer holder.Rollback()
	if _, err := holder.ExecContext(ctx, "SET LOCAL idle_in_transaction_session_timeout = 0; SELECT FROM forewarn_thing FOR UPDATE"); err != nil {
		t.Fatal(err)
	}
	tx, err := db.Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	if _, err := tx.ExecContext(ctx, "SET LOCAL lock_timeout = 0"); err != nil {
		t.Fatal(err)
	}
	s, _ := db.Join(ctx, tx)
	isConflict(t, s.Commit(ctx, store.Batch{Puts: []store.Put{putThing(thing("a"), 1, 2, "s", 1)}}), store.Busy, store.Key{})
	if _, err := tx.ExecContext(ctx, "INSERT INTO shift VALUES (1, 1)"); err != nil {
		t.Errorf("the host's transaction: %v", err)
	}
	if err := tx.Commit(); err != nil {
		t.Error(err)
	}
}

// TestJoinAboveReadCommitted shows that what the host's snapshot does not show
// goes to the host, and leaves its transaction usable.
func TestJoinAboveReadCommitted(t *testing.T) {
	for _, level := range []sql.IsolationLevel{sql.LevelRepeatableRead, sql.LevelSerializable} {
		t.Run(level.String(), func(t *testing.T) {
			ctx := t.Context()
			db := hosted(t, Config{URL: serverURL(t)})
			tx, err := db.SQL().BeginTxx(ctx, &sql.TxOptions{Isolation: level})
			if err != nil {
				t.Fatal(err)
			}
			defer tx.Rollback()
			s, err := db.Join(ctx, tx)
			if err != nil {
				t.Fatal(err)
			}
			versions(t, s, thing("a"))
			if err := db.Commit(ctx, store.Batch{Puts: []store.Put{
				putThing(thing("b"), 1, 2, "other", 1), putThing(link("new"), store.Absent, 1, "s", 1)}}); err != nil {
				t.Fatal(err)
			}
			for range 2 { // a second run is no use
				isConflict(t, s.Commit(ctx, store.Batch{Puts: []store.Put{putThing(thing("b"), 1, 3, "s", 1)}}), store.Host, store.Key{})
			}
			isConflict(t, s.Commit(ctx, store.Batch{Reads: []store.Read{{Key: thing("b"), Expect: 1}}}), store.Host, store.Key{})
			isConflict(t, s.Commit(ctx, store.Batch{Puts: []store.Put{putThing(link("new"), store.Absent, 3, "s", 1)}}), store.Host, store.Key{})
			isConflict(t, s.Commit(ctx, store.Batch{Puts: []store.Put{putThing(link("new"), store.Any, 3, "s", 1)}}), store.Host, store.Key{})
			// What the snapshot shows is told as always: reading again helps.
			isConflict(t, s.Commit(ctx, store.Batch{Puts: []store.Put{putThing(thing("a"), 7, 8, "s", 1)}}), store.Changed, thing("a"))
			if err := s.Commit(ctx, store.Batch{Puts: []store.Put{putThing(thing("a"), 1, 3, "s", 1)}}); err != nil {
				t.Errorf("a record that nobody touched: %v", err)
			}
			if _, err := tx.ExecContext(ctx, "INSERT INTO shift VALUES (1, 1)"); err != nil {
				t.Errorf("the host's transaction: %v", err)
			}
			if err := tx.Commit(); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestJoinPoolOfOne shows that whatever a joined store does it does on the host's own connection.
func TestJoinPoolOfOne(t *testing.T) {
	onEach(t, func(t *testing.T, url string) {
		ctx := t.Context()
		hosted(t, Config{URL: url, MaxConns: 1})
		db := reopen(t, url, things(), linkKind()) // one that has not yet looked at the tables
		db.SQL().SetMaxOpenConns(1)
		tx, err := db.Begin(ctx)
		if err != nil {
			t.Fatal(err)
		}
		defer tx.Rollback()
		s, err := db.Join(ctx, tx)
		if err != nil {
			t.Fatal(err)
		}
		for want := int64(1); want < 5; want += 2 {
			if first, err := s.Numbers(ctx, "acme", "INC", 2); err != nil || first != want {
				t.Errorf("first %d, %v; want %d", first, err, want)
			}
		}
		if v := versions(t, s, thing("a"), link("x")); v[0] != 1 || v[1] != 0 {
			t.Errorf("versions %v", v)
		}
		if err := s.Commit(ctx, store.Batch{Puts: []store.Put{putThing(thing("a"), 1, 2, "new", 1)}}); err != nil {
			t.Error(err)
		}
		page, err := s.Find(ctx, store.Query{Tenant: "acme", Kind: "thing", Index: "state", Equal: []store.Value{store.TextValue("new")}})
		if err != nil || len(page.Records) != 1 {
			t.Errorf("found %d, %v", len(page.Records), err)
		}
		if err := tx.Rollback(); err != nil {
			t.Fatal(err)
		}
		if err := tx.Rollback(); !errors.Is(err, sql.ErrTxDone) {
			t.Errorf("a second end gave %v", err)
		}
		if first, err := db.Numbers(ctx, "acme", "INC", 1); err != nil || first != 1 {
			t.Errorf("after the rollback the first number is %d, %v", first, err)
		}
	})
}

// TestJoinRefuses shows what is no transaction, and a cancelled context, give.
func TestJoinRefuses(t *testing.T) {
	onEach(t, func(t *testing.T, url string) {
		db := open(t, url)
		if _, err := db.Join(t.Context(), nil); !isInvalid(err) {
			t.Errorf("no transaction gave %v", err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := db.Begin(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("Begin gave %v", err)
		}
		var tx *sqlx.Tx
		if _, err := db.Join(ctx, tx); !errors.Is(err, context.Canceled) {
			t.Errorf("Join gave %v", err)
		}
	})
}

func isInvalid(err error) bool {
	_, ok := errors.AsType[*store.InvalidError](err)
	return ok
}

// TestBeginFreesTheWriter shows that the end of a host's transaction on SQLite
// lets the next one write, and that a cancelled wait does not.
func TestBeginFreesTheWriter(t *testing.T) {
	ctx := t.Context()
	db := hosted(t, Config{URL: "sqlite:" + t.TempDir() + "/x.db"})
	for _, end := range []func(*Tx) error{(*Tx).Commit, (*Tx).Rollback} {
		tx, err := db.Begin(ctx)
		if err != nil {
			t.Fatal(err)
		}
		waits, cancel := context.WithCancel(ctx)
		done := make(chan error)
		go func() { _, err := db.Numbers(waits, "acme", "INC", 1); done <- err }()
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("a writer that waited gave %v", err)
		}
		if v := versions(t, db, thing("a")); v[0] == 0 {
			t.Error("a reader beside the writer sees nothing")
		}
		if err := end(tx); err != nil {
			t.Fatal(err)
		}
		if _, err := db.Numbers(ctx, "acme", "INC", 1); err != nil {
			t.Error(err)
		}
	}
}
