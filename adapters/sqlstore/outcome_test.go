package sqlstore

import (
	"context"
	"errors"
	"testing"

	"github.com/forewarn-go/forewarn/store"
)

// TestConnectionLost ends the server's side of a commit that waits: the error
// is none of the contract's words, keeps its cause, and nothing is left; the
// pool then gives a fresh connection.
func TestConnectionLost(t *testing.T) {
	ctx := t.Context()
	db := hosted(t, Config{URL: serverURL(t)})
	holder, err := db.Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer holder.Rollback()
	if _, err := holder.ExecContext(ctx, "SELECT FROM forewarn_thing FOR UPDATE"); err != nil {
		t.Fatal(err)
	}
	b := store.Batch{Puts: []store.Put{putThing(link("x"), store.Any, 1, "s", 1), putThing(thing("a"), 1, 2, "s", 1)}}
	const waiting = `FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%forewarn_thing%' AND pid IN
		(SELECT pid FROM pg_locks WHERE relation = 'forewarn_thing'::regclass)`
	done := make(chan error, 1)
	go func() { done <- db.Commit(ctx, b) }()
	waitFor(t, db, "a commit waits", "SELECT EXISTS (SELECT "+waiting+")")
	if _, err := db.SQL().ExecContext(ctx, "SELECT pg_terminate_backend(pid) "+waiting); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err == nil || typed(err) || state(err) != "57P01" {
		t.Errorf("a commit whose connection was ended gave %v", err)
	}

	cancelled, cancel := context.WithCancel(ctx)
	go func() { done <- db.Commit(cancelled, b) }()
	waitFor(t, db, "a commit waits", "SELECT EXISTS (SELECT "+waiting+")")
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("a commit that was cancelled gave %v", err)
	}
	if err := holder.Rollback(); err != nil {
		t.Fatal(err)
	}
	if v := versions(t, db, thing("a"), link("x")); v[0] != 1 || v[1] != 0 {
		t.Errorf("versions %v after what failed", v)
	}
	if err := db.Commit(ctx, b); err != nil {
		t.Errorf("the next commit: %v", err)
	}
}

// TestFrozenInACommit lets a connection idle between the locks and the writes,
// as a process does that is stopped there: the server ends it, and others go on.
func TestFrozenInACommit(t *testing.T) {
	ctx := t.Context()
	url := serverURL(t)
	db := hosted(t, Config{URL: url + "&idle_in_transaction_session_timeout=50"})
	p := db.plan(db.catalog.Load(), store.Batch{Puts: []store.Put{putThing(thing("a"), 1, 2, "s", 1)}}, 0)
	err := db.pipelined(ctx, func(on *pipeline) error {
		if err := on.run(ctx, append([]step{{text: "BEGIN"}}, p.locks()...)); err != nil {
			return err
		}
		for { // until the server has ended it
			if err := db.Commit(ctx, store.Batch{Puts: []store.Put{putThing(thing("a"), 1, 3, "s", 1)}}); err == nil {
				break
			}
		}
		return on.run(ctx, append(p.writes(), step{text: "COMMIT"}))
	})
	if err == nil {
		t.Error("the frozen commit went through")
	}
	if v := versions(t, db, thing("a")); v[0] != 3 {
		t.Errorf("version %d", v[0])
	}
}
