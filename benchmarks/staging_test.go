package benchmarks

import (
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/forewarn-go/forewarn/adapters/sqlstore"
	"github.com/forewarn-go/forewarn/store"
)

var notes = store.Kind{Name: "bench_note",
	Fields:  []store.Field{{Name: "state", Type: store.Text}, {Name: "opened", Type: store.Int}},
	Indexes: []store.Index{{Name: "state", Fields: []string{"state", "opened"}}, {Name: "opened", Fields: []string{"opened"}}},
	Of: func(json.RawMessage) ([]store.Value, error) {
		return nil, errors.New("no row of this kind is ever filled")
	},
}

// BenchmarkStaging is what an event costs, of 1 KB, with 8 callers: a staged row alone beside a row of a bare outbox, each
// in a transaction of its own that goes to the server in one piece; and a new record with its event beside the record alone.
func BenchmarkStaging(b *testing.B) {
	ctx := context.Background()
	url := database(b)
	s, err := sqlstore.Open(ctx, url)
	check(b, err)
	b.Cleanup(func() { check(b, s.Close()) })
	check(b, s.Keep(notes))
	check(b, s.Migrate(ctx))
	db := byHand(b, url)
	run(b, db, "CREATE TABLE outbox (seq bigserial PRIMARY KEY, id uuid NOT NULL, aggregate_type text NOT NULL, aggregate_id uuid NOT NULL, type text NOT NULL, at timestamptz NOT NULL, body bytea NOT NULL)")
	body := json.RawMessage(`{"x":"` + letters(1015) + `"}`)

	event := func() store.Event {
		return store.Event{ID: uuid.New(), Ticket: store.Key{Tenant: tenant, Kind: notes.Name, ID: uuid.New()}, Type: "TroubleTicketAttributeChangeEvent",
			At: time.Now().UTC().Truncate(time.Microsecond), Body: body}
	}
	record := func(k store.Key) store.Put {
		return store.Put{Key: k, Version: int64(fresh()), Body: body, Values: []store.Value{store.TextValue("New"), store.IntValue(time.Now().UnixMicro())}}
	}
	staged := func(ctx context.Context, _ *rand.Rand) error {
		return s.Commit(ctx, store.Batch{Events: []store.Event{event()}})
	}
	bare := func(ctx context.Context, _ *rand.Rand) error {
		e := event()
		conn, err := db.Conn(ctx)
		if err != nil {
			return err
		}
		defer conn.Close()
		return conn.Raw(func(driver any) error {
			var batch pgx.Batch
			batch.Queue("BEGIN")
			batch.Queue("INSERT INTO outbox (id, aggregate_type, aggregate_id, type, at, body) VALUES ($1, $2, $3, $4, $5, $6)",
				[16]byte(e.ID), e.Ticket.Kind, [16]byte(e.Ticket.ID), e.Type, e.At, []byte(e.Body))
			batch.Queue("COMMIT")
			return driver.(*stdlib.Conn).Conn().SendBatch(ctx, &batch).Close()
		})
	}
	both := func(ctx context.Context, _ *rand.Rand) error {
		e := event()
		return s.Commit(ctx, store.Batch{Puts: []store.Put{record(e.Ticket)}, Events: []store.Event{e}})
	}
	alone := func(ctx context.Context, _ *rand.Rand) error {
		return s.Commit(ctx, store.Batch{Puts: []store.Put{record(event().Ticket)}})
	}
	for _, c := range []struct {
		name       string
		ours, peer func(context.Context, *rand.Rand) error
	}{{"staged-row", staged, bare}, {"record+event", both, alone}} {
		b.Run(c.name, func(b *testing.B) {
			for _, call := range []func(context.Context, *rand.Rand) error{c.ours, c.peer} {
				for range 100 { // so that nobody plans for empty tables
					check(b, call(ctx, nil))
				}
			}
			run(b, db, "VACUUM ANALYZE", "CHECKPOINT")
			compare(b, 9, calling(c.ours), calling(c.peer))
		})
	}
}

// letters returns n letters that no compressor makes much smaller.
func letters(n int) string {
	r := rand.New(rand.NewPCG(1, 2))
	var text strings.Builder
	for range n {
		text.WriteByte(byte('a' + r.IntN(26)))
	}
	return text.String()
}
