package benchmarks

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/adapters/sqlstore"
	"github.com/forewarn-go/forewarn/bus"
	"github.com/forewarn-go/forewarn/store"
	"github.com/forewarn-go/forewarn/worker"
)

// BenchmarkDrain drains 50,000 staged events of 1 KB on 200 tickets through one worker to a publisher that takes 2 ms a
// call, in order per ticket, beside the floor: claiming and deleting as many rows of a bare table in batches of 1,000 with
// no publisher at all.
func BenchmarkDrain(b *testing.B) {
	const tickets = 200
	events := 50_000
	if testing.Short() {
		events = 5_000
	}
	ctx := context.Background()
	url := database(b)
	s, err := sqlstore.Open(ctx, url)
	check(b, err)
	b.Cleanup(func() { check(b, s.Close()) })
	e, err := forewarn.New(forewarn.Config{Store: s})
	check(b, err)
	check(b, e.Keep(notes))
	check(b, s.Migrate(ctx))
	db := byHand(b, url)
	run(b, db, "CREATE TABLE bare (seq bigserial PRIMARY KEY, ticket text NOT NULL, body bytea NOT NULL)")
	body := json.RawMessage(`{"x":"` + letters(1015) + `"}`)

	arrived := &order{next: map[string]int64{}}
	w, err := worker.New(worker.Config{Engine: e, Notifier: worker.NoMail, Publisher: bus.Func(func(_ context.Context, m ...bus.Message) error {
		time.Sleep(2 * time.Millisecond)
		return arrived.see(m)
	}), Encode: func(e store.Event) (bus.Message, error) {
		return bus.Message{ID: e.ID, Tenant: e.Ticket.Tenant, Topic: e.Type, Key: e.Ticket.ID.String(), Body: e.Body}, nil
	}})
	check(b, err)

	keys, versions := make([]store.Key, tickets), make([]int64, tickets)
	for i := range keys {
		keys[i] = store.Key{Tenant: tenant, Kind: notes.Name, ID: uuid.New()}
	}
	n := 0
	stage := func(b *testing.B) {
		for range events / 5_000 {
			var batch store.Batch
			for i, k := range keys {
				batch.Puts = append(batch.Puts, store.Put{Key: k, Expect: versions[i], Version: versions[i] + 1, Body: json.RawMessage("{}"),
					Values: []store.Value{store.TextValue("New"), store.IntValue(1)}})
				versions[i]++
			}
			for range 5_000 {
				batch.Events = append(batch.Events, store.Event{ID: uuid.New(), Ticket: keys[n%tickets], Type: fmt.Sprint(n / tickets),
					At: time.Now().UTC().Truncate(time.Microsecond), Body: body})
				n++
			}
			check(b, s.Commit(ctx, batch))
		}
		run(b, db, "VACUUM ANALYZE forewarn__event", "CHECKPOINT")
	}
	ours := func(b *testing.B) (int, time.Duration) {
		stage(b)
		before := arrived.count()
		begin := time.Now()
		check(b, w.Drain(ctx))
		took := time.Since(begin)
		if got := arrived.count() - before; got != events {
			b.Fatalf("%d events have arrived, want %d", got, events)
		}
		return events, took
	}
	conn, err := pgx.Connect(ctx, url)
	check(b, err)
	b.Cleanup(func() { check(b, conn.Close(ctx)) })
	floor := func(b *testing.B) (int, time.Duration) {
		_, err := conn.Exec(ctx, "INSERT INTO bare (ticket, body) SELECT (n % $2)::text, $3 FROM generate_series(1, $1) n", events, tickets, []byte(body))
		check(b, err)
		run(b, db, "VACUUM ANALYZE bare", "CHECKPOINT")
		begin := time.Now()
		for got := 0; got < events; {
			rows, err := conn.Query(ctx, "WITH c AS (SELECT seq FROM bare ORDER BY seq LIMIT 1000 FOR UPDATE SKIP LOCKED)"+
				" DELETE FROM bare USING c WHERE bare.seq = c.seq RETURNING bare.seq, bare.ticket, bare.body")
			check(b, err)
			var seq int64
			var ticket string
			var body []byte
			tag, err := pgx.ForEachRow(rows, []any{&seq, &ticket, &body}, func() error { return nil })
			check(b, err)
			got += int(tag.RowsAffected())
		}
		return events, time.Since(begin)
	}
	compare(b, 9, ours, floor)
}

// order sees that the messages of each ticket arrive in their order, each once. What would be the topic is their number.
type order struct {
	mu   sync.Mutex
	next map[string]int64
	n    int
}

func (o *order) count() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.n
}

func (o *order) see(messages []bus.Message) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, m := range messages {
		if want := fmt.Sprint(o.next[m.Key]); m.Topic != want {
			panic("ticket " + m.Key + ": event " + m.Topic + " arrives before event " + want)
		}
		o.next[m.Key]++
		o.n++
	}
	return nil
}
