package sqlstore

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/forewarn-go/forewarn/store"
)

// count says how often something happened in a contest.
type count struct{ commits, conflicts, deadlocks atomic.Int64 }

// commit commits and counts; any error but a conflict fails the test.
func (c *count) commit(t *testing.T, db *DB, b store.Batch) bool {
	err := db.Commit(t.Context(), b)
	if err == nil {
		c.commits.Add(1)
		return true
	}
	if _, ok := errors.AsType[*store.ConflictError](err); !ok {
		t.Errorf("a commit in a contest gave %v", err)
	}
	c.conflicts.Add(1)
	if state(err) == deadlock {
		c.deadlocks.Add(1)
	}
	return false
}

// contest lets writers run a step each, again and again, and fails on a deadlock.
func contest(t *testing.T, writers, rounds int, step func(c *count, r *rand.Rand, writer, round int)) {
	t.Helper()
	var c count
	var all sync.WaitGroup
	for w := range writers {
		all.Go(func() {
			r := rand.New(rand.NewPCG(uint64(w), 7))
			for i := range rounds {
				step(&c, r, w, i)
			}
		})
	}
	all.Wait()
	t.Logf("%d commits, %d conflicts, %d deadlocks", c.commits.Load(), c.conflicts.Load(), c.deadlocks.Load())
	if n := c.deadlocks.Load(); n != 0 {
		t.Errorf("%d deadlocks, want none", n)
	}
	if c.commits.Load() == 0 {
		t.Error("nothing was committed")
	}
}

// dueKind is a global kind as due work is one.
func dueKind() store.Kind {
	k := things()
	k.Name, k.Global = "due", true
	return k
}

func dueName(n int) store.Key {
	return store.Key{Tenant: "acme", Kind: "due", ID: store.NameID("due", fmt.Sprint(n))}
}

// shuffled returns n different numbers below most.
func shuffled(r *rand.Rand, n, most int) []int { return r.Perm(most)[:n] }

// TestAnyDoesNotDeadlock lets batches that schedule and cancel each other's
// names cross: what stands at Any is locked with everything else, in one order.
func TestAnyDoesNotDeadlock(t *testing.T) {
	const names, writers, rounds = 8, 12, 40
	version := func(w, i int) int64 { return int64(w*1000+i) + 1<<32 }
	putDue := func(n int, expect, v int64) store.Put {
		p := putThing(dueName(n), expect, v, "waits", v)
		return p
	}
	handler := func(t *testing.T, c *count, db *DB, r *rand.Rand, w, i int, more func(*store.Batch)) {
		two := shuffled(r, 2, names)
		at, err := db.Get(t.Context(), dueName(two[0]))
		if err != nil {
			t.Error(err)
			return
		}
		b := store.Batch{Puts: []store.Put{putDue(two[1], store.Any, version(w, i))}}
		if v := at[0].Version; v != 0 {
			b.Deletes = []store.Read{{Key: dueName(two[0]), Expect: v}}
		}
		more(&b)
		c.commit(t, db, b)
	}
	schedule := func(t *testing.T, c *count, db *DB, r *rand.Rand, w, i int) {
		five := shuffled(r, 5, names)
		var b store.Batch
		for _, n := range five[:3] {
			b.Puts = append(b.Puts, putDue(n, store.Any, version(w, i)))
		}
		for _, n := range five[3:] {
			b.Deletes = append(b.Deletes, store.Read{Key: dueName(n), Expect: store.Any})
		}
		c.commit(t, db, b)
	}
	shared := func(db *DB, t *testing.T, r *rand.Rand, w, i int) func(*store.Batch) {
		return func(b *store.Batch) {
			k := thing(fmt.Sprint("shared", r.IntN(4)))
			at, err := db.Get(t.Context(), k)
			if err != nil {
				t.Error(err)
				return
			}
			if v := at[0].Version; v != 0 {
				b.Deletes = append(b.Deletes, store.Read{Key: k, Expect: v})
			} else {
				b.Puts = append(b.Puts, putThing(k, store.Absent, version(w, i), "s", 1))
			}
		}
	}
	none := func(*store.Batch) {}
	for name, step := range map[string]func(t *testing.T, c *count, db *DB, r *rand.Rand, w, i int){
		"three puts and two deletes": schedule,
		"a handler that schedules": func(t *testing.T, c *count, db *DB, r *rand.Rand, w, i int) {
			handler(t, c, db, r, w, i, none)
		},
		"a handler that creates and deletes": func(t *testing.T, c *count, db *DB, r *rand.Rand, w, i int) {
			handler(t, c, db, r, w, i, shared(db, t, r, w, i))
		},
		"mixed": func(t *testing.T, c *count, db *DB, r *rand.Rand, w, i int) {
			switch r.IntN(3) {
			case 0:
				schedule(t, c, db, r, w, i)
			case 1:
				handler(t, c, db, r, w, i, none)
			default:
				handler(t, c, db, r, w, i, shared(db, t, r, w, i))
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			db := open(t, serverURL(t), things(), dueKind())
			contest(t, writers, rounds, func(c *count, r *rand.Rand, w, i int) { step(t, c, db, r, w, i) })
		})
	}
}

// TestForgetDoesNotDeadlock lets several hands forget overlapping positions.
func TestForgetDoesNotDeadlock(t *testing.T) {
	db := open(t, serverURL(t), things())
	const events = 600
	ticket := thing("t")
	b := store.Batch{Puts: []store.Put{putThing(ticket, store.Absent, 1, "s", 1)}}
	for i := range events {
		b.Events = append(b.Events, store.Event{ID: store.NameID(fmt.Sprint(i)), Ticket: ticket, Type: "e", Body: []byte(`{}`)})
	}
	if err := db.Commit(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	log, err := db.Reader("", store.AllShards()...)
	if err != nil {
		t.Fatal(err)
	}
	staged, err := log.Next(t.Context(), events)
	if err != nil || len(staged) != events {
		t.Fatalf("%d events, %v", len(staged), err)
	}
	contest(t, 8, 20, func(c *count, r *rand.Rand, w, i int) {
		var b store.Batch
		for _, n := range shuffled(r, 50+r.IntN(events/2), events) {
			b.Forget = append(b.Forget, staged[n].Position)
		}
		c.commit(t, db, b)
	})
}
