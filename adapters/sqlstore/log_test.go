package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/forewarn-go/forewarn/adapters/logtest"
	"github.com/forewarn-go/forewarn/adapters/storagetest"
	"github.com/forewarn-go/forewarn/store"
)

// TestLog runs the suite.
// Covers: LIB-003
func TestLog(t *testing.T) {
	onEach(t, func(t *testing.T, url string) {
		db := open(t, url, storagetest.Kinds()...)
		logtest.Run(t, func(testing.TB) storagetest.Under { return under(db) })
	})
}

// staging returns a batch that puts a ticket and stages n events for it, numbered from first on.
func staging(ticket store.Key, expect, version int64, first, n int) store.Batch {
	b := store.Batch{Puts: []store.Put{putThing(ticket, expect, version, "s", 1)}}
	for i := first; i < first+n; i++ {
		b.Events = append(b.Events, store.Event{ID: store.NameID(ticket.ID.String(), fmt.Sprint(i)), Ticket: ticket, Type: "e",
			Body: fmt.Appendf(nil, `{"n":%d}`, i)})
	}
	return b
}

// sink judges what a reader hands out: each event once, and those of a ticket in order.
type sink struct {
	t    *testing.T
	r    store.LogReader
	next map[store.Key]int
	all  int
}

func newSink(t *testing.T, db *DB) *sink {
	t.Helper()
	r, err := db.Reader("", store.AllShards()...)
	if err != nil {
		t.Fatal(err)
	}
	return &sink{t: t, r: r, next: map[store.Key]int{}}
}

// poll asks once and returns how many events came.
func (s *sink) poll(n int) int {
	s.t.Helper()
	events, err := s.r.Next(s.t.Context(), n)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, e := range events {
		if want := fmt.Sprintf(`{"n":%d}`, s.next[e.Ticket]); string(e.Body) != want {
			s.t.Fatalf("ticket %s: event %s came where %s was due", e.Ticket, e.Body, want)
		}
		s.next[e.Ticket]++
	}
	s.all += len(events)
	return len(events)
}

// drain polls until nothing comes.
func (s *sink) drain(n int) {
	s.t.Helper()
	for s.poll(n) > 0 {
	}
}

// inOneShard returns n tickets whose events stand in one shard.
func inOneShard(n int) []store.Key {
	var keys []store.Key
	for i := 0; len(keys) < n; i++ {
		if k := thing(fmt.Sprint("ticket", i)); store.ShardOf(k) == 3 {
			keys = append(keys, k)
		}
	}
	return keys
}

// TestLateJoins has two hosts stage thousands of events each in transactions
// that stay open, and others pass them by: more than a poll looks for at first.
func TestLateJoins(t *testing.T) {
	const many = 3 * lateBound / 2
	db := open(t, serverURL(t), things())
	ctx := t.Context()
	s := newSink(t, db)
	tickets := inOneShard(12)
	var hosts []*Tx
	version := map[store.Key]int64{}
	for h := range 2 {
		tx, err := db.Begin(ctx)
		if err != nil {
			t.Fatal(err)
		}
		defer tx.Rollback()
		if _, err := tx.ExecContext(ctx, "SET LOCAL idle_in_transaction_session_timeout = 0"); err != nil {
			t.Fatal(err)
		}
		in, err := db.Join(ctx, tx)
		if err != nil {
			t.Fatal(err)
		}
		k := tickets[10+h]
		if err := in.Commit(ctx, staging(k, store.Absent, 1, 0, many)); err != nil {
			t.Fatal(err)
		}
		hosts = append(hosts, tx)
	}
	pass := func(n int) {
		for i := range n {
			k := tickets[i%10]
			v := version[k]
			if err := db.Commit(ctx, staging(k, v, v+1, int(v), 1)); err != nil {
				t.Fatal(err)
			}
			version[k]++
			if i%3 == 0 {
				s.poll(2)
			}
		}
	}
	pass(30)
	for _, tx := range hosts {
		s.drain(50)
		if err := tx.Commit(); err != nil {
			t.Fatal(err)
		}
		pass(10)
	}
	s.drain(50)
	if want := 2*many + 50; s.all != want {
		t.Errorf("%d events came, %d were staged", s.all, want)
	}
}

// TestRestoredDump gives rows transaction ids as a dump of another server has
// them: to come, far away, and open at this moment. Each event comes once.
func TestRestoredDump(t *testing.T) {
	db := open(t, serverURL(t), things())
	ctx := t.Context()
	for i := range 30 {
		if err := db.Commit(ctx, staging(thing(fmt.Sprint(i)), store.Absent, 1, 0, 2)); err != nil {
			t.Fatal(err)
		}
	}
	open, err := db.Begin(ctx) // its id is one of the open ones
	if err != nil {
		t.Fatal(err)
	}
	defer open.Rollback()
	var id string
	if err := open.QueryRowContext(ctx, "SELECT pg_current_xact_id()::text").Scan(&id); err != nil {
		t.Fatal(err)
	}
	if _, err := db.SQL().ExecContext(ctx, `UPDATE forewarn__event SET xid = CASE seq % 3 WHEN 0 THEN $1::text::xid8
		WHEN 1 THEN '4000000000000'::xid8 ELSE (pg_snapshot_xmax(pg_current_snapshot())::text::bigint + 20)::text::xid8 END`, id); err != nil {
		t.Fatal(err)
	}
	s := newSink(t, db)
	for i := range 40 { // while ids pass by those that were to come
		s.poll(1)
		if err := db.Commit(ctx, staging(thing("x"), int64(i), int64(i+1), i, 1)); err != nil {
			t.Fatal(err)
		}
	}
	if err := open.Rollback(); err != nil {
		t.Fatal(err)
	}
	s.drain(10)
	if s.all != 100 {
		t.Errorf("%d events came, 100 were staged", s.all)
	}
	newSink(t, db).drain(10)
}

// TestReaderEnds shows that a reader is of no use after an error or its end.
func TestReaderEnds(t *testing.T) {
	onEach(t, func(t *testing.T, url string) {
		db := open(t, url, things())
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		r, err := db.Reader("", 1)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.Next(t.Context(), 0); !isInvalid(err) {
			t.Errorf("a page of 0 gave %v", err)
		}
		if _, err := r.Next(ctx, 1); !errors.Is(err, context.Canceled) {
			t.Errorf("Next gave %v", err)
		}
		if _, err := r.Next(t.Context(), 1); !errors.Is(err, context.Canceled) {
			t.Errorf("Next after an error gave %v", err)
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
		if _, err := db.Reader("", store.Shards); !isInvalid(err) {
			t.Errorf("a shard that is none gave %v", err)
		}
	})
}

// TestLateAboveTheSnapshot has a transaction that began first draw its number
// last, and commit: at the next poll the other one, which is open, lies above
// all that the snapshot lists, and its number below the cursor.
func TestLateAboveTheSnapshot(t *testing.T) {
	db := open(t, serverURL(t), things())
	ctx := t.Context()
	two := inOneShard(2)
	a, b := two[0], two[1]
	begin := func(stage func(store.Store) error) *Tx {
		tx, err := db.Begin(ctx)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = tx.Rollback() })
		if _, err := tx.ExecContext(ctx, "SELECT pg_current_xact_id()"); err != nil {
			t.Fatal(err)
		}
		s, err := db.Join(ctx, tx)
		if err != nil {
			t.Fatal(err)
		}
		if err := stage(s); err != nil {
			t.Fatal(err)
		}
		return tx
	}
	for round := range 5 { // other transactions of the server may end in between, and spoil a round
		s := newSink(t, db)
		s.drain(100)
		s.next, s.all = map[store.Key]int{a: round, b: round}, 0
		early := begin(func(store.Store) error { return nil })
		late := begin(func(in store.Store) error { return in.Commit(ctx, staging(a, int64(round), int64(round+1), round, 1)) })
		// Not through a joined store: its savepoint would draw an id above the other's.
		if _, err := early.ExecContext(ctx, `INSERT INTO forewarn__event (lane, shard, id, tenant, kind, ticket, type, at, body)
			VALUES ('', $1, $2, $3, $4, $2, 'e', 0, $5)`, store.ShardOf(b), b.ID.String(), b.Tenant, b.Kind, fmt.Appendf(nil, `{"n":%d}`, round)); err != nil {
			t.Fatal(err)
		}
		if err := early.Commit(); err != nil {
			t.Fatal(err)
		}
		s.drain(100)
		if err := late.Commit(); err != nil {
			t.Fatal(err)
		}
		s.drain(100)
		if s.all != 2 {
			t.Errorf("round %d: %d of 2 events came", round, s.all)
		}
	}
}
