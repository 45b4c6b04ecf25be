package worker_test

import (
	"context"
	"encoding/json"
	"strings"
	"sync/atomic"
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

const (
	benchEvents  = 50_000
	benchTickets = 200
)

// BenchmarkDrain drains 50,000 staged events of 1 KB on 200 tickets to a publisher that takes 2 ms a call, beside the
// floor: claiming and deleting as many rows of a bare table in batches of 1,000, with no bus at all.
//
//	go test -run - -bench Drain -benchtime 3x ./worker
func BenchmarkDrain(b *testing.B) {
	url := postgresURL(b)
	versions := map[store.Key]int64{} // of the tickets, since a benchmark may run several times
	b.Run("floor", func(b *testing.B) { benchFloor(b, url) })
	b.Run("worker", func(b *testing.B) { benchWorker(b, url, versions) })
}

func perSecond(b *testing.B) {
	b.ReportMetric(float64(benchEvents*b.N)/b.Elapsed().Seconds(), "events/s")
}

func benchFloor(b *testing.B, url string) {
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, url)
	check(b, err)
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, "CREATE TABLE IF NOT EXISTS bare (seq bigserial PRIMARY KEY, ticket text NOT NULL, body bytea NOT NULL)")
	check(b, err)
	for b.Loop() {
		b.StopTimer()
		_, err := conn.Exec(ctx, "INSERT INTO bare (ticket, body) SELECT (n % $2)::text, $3 FROM generate_series(1, $1) n",
			benchEvents, benchTickets, []byte(strings.Repeat("x", 1024)))
		check(b, err)
		_, err = conn.Exec(ctx, "VACUUM ANALYZE bare")
		check(b, err)
		b.StartTimer()
		for got := 0; got < benchEvents; {
			rows, err := conn.Query(ctx, `WITH c AS (SELECT seq FROM bare ORDER BY seq LIMIT 1000 FOR UPDATE SKIP LOCKED)
				DELETE FROM bare USING c WHERE bare.seq = c.seq RETURNING bare.seq, bare.ticket, bare.body`)
			check(b, err)
			var seq int64
			var ticket string
			var body []byte
			tag, err := pgx.ForEachRow(rows, []any{&seq, &ticket, &body}, func() error { return nil })
			check(b, err)
			got += int(tag.RowsAffected())
		}
	}
	perSecond(b)
}

func benchWorker(b *testing.B, url string, version map[store.Key]int64) {
	ctx := context.Background()
	db, err := sqlstore.Open(ctx, url)
	check(b, err)
	defer func() { check(b, db.Close()) }()
	e, err := forewarn.New(forewarn.Config{Store: db})
	check(b, err)
	check(b, e.Keep(doors.Kind()))
	check(b, db.Migrate(ctx))
	var got atomic.Int64
	w, err := worker.New(worker.Config{Engine: e, Notifier: worker.NoMail,
		Encode: func(e store.Event) (bus.Message, error) {
			return bus.Message{ID: e.ID, Tenant: e.Ticket.Tenant, Topic: "t", Key: e.Ticket.ID.String(), Body: e.Body}, nil
		},
		Publisher: bus.Func(func(_ context.Context, m ...bus.Message) error {
			time.Sleep(2 * time.Millisecond)
			got.Add(int64(len(m)))
			return nil
		})})
	check(b, err)
	n := 0
	for b.Loop() {
		b.StopTimer()
		for range benchEvents / 5000 {
			var batch store.Batch
			for i := range benchTickets {
				k := doors.Key("acme", doorID(i))
				batch.Puts = append(batch.Puts, store.Put{Key: k, Expect: version[k], Version: version[k] + 1, Body: json.RawMessage(`{}`)})
				version[k]++
			}
			for range 5000 {
				n++
				batch.Events = append(batch.Events, store.Event{ID: uuid.New(), Ticket: doors.Key("acme", doorID(n%benchTickets)),
					Type: "changed", At: time.Now().UTC().Truncate(time.Microsecond), Body: json.RawMessage(`{"x":"` + strings.Repeat("x", 1015) + `"}`)})
			}
			check(b, db.Commit(ctx, batch))
		}
		_, err := db.SQL().ExecContext(ctx, "VACUUM ANALYZE forewarn__event")
		check(b, err)
		got.Store(0)
		b.StartTimer()
		check(b, w.Drain(ctx))
		if got.Load() != benchEvents {
			b.Fatalf("%d events have arrived, want %d", got.Load(), benchEvents)
		}
	}
	perSecond(b)
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
