package sqlstore

import (
	"context"
	"database/sql"
	"errors"

	"github.com/jackc/pgx/v5/pgtype"

	"github.com/forewarn-go/forewarn/store"
)

// Querier is what statements run on: *sql.DB, *sql.Tx, *sql.Conn, those of
// sqlx, and [*Tx].
type Querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

// Get returns one record per key, in the order of the keys. On PostgreSQL it is
// one round trip, and the records of one kind are as of one instant.
func (db *DB) Get(ctx context.Context, keys ...store.Key) ([]store.Record, error) {
	records, err := db.get(ctx, db.readers, keys)
	return records, failed("get", err)
}

func (db *DB) get(ctx context.Context, on Querier, keys []store.Key) ([]store.Record, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	c := db.catalog.Load()
	if err := store.CheckKeys(&c.kinds, keys...); err != nil {
		return nil, err
	}
	records := make([]store.Record, len(keys))
	var order []*table
	of := map[*table][]int{}
	for i, k := range keys {
		records[i].Key = k
		t := c.tables[k.Kind]
		if of[t] == nil {
			order = append(order, t)
		}
		of[t] = append(of[t], i)
	}
	if err := db.ready(ctx, on, order...); err != nil {
		return nil, err
	}
	if db.dialect == lite {
		return records, liteGet(ctx, on, c, records)
	}
	steps := make([]step, len(order))
	for i, t := range order {
		steps[i] = t.getStep(of[t], records)
	}
	if len(steps) > 1 && on == Querier(db.main) {
		return records, db.pipelined(ctx, func(p *pipeline) error { return p.run(ctx, steps) })
	}
	return records, runOn(ctx, on, steps)
}

// getStep reads the records of one table that stand at places of records.
func (t *table) getStep(places []int, records []store.Record) step {
	if len(places) == 1 {
		r := &records[places[0]]
		return step{
			text: t.texts.get,
			args: []any{r.Tenant, pgID(r.ID)},
			each: func(row scanner) error { return row.Scan(&r.Version, (*[]byte)(&r.Body)) },
		}
	}
	tenants, ids := make([]string, len(places)), make([]pgtype.UUID, len(places))
	for i, p := range places {
		tenants[i], ids[i] = records[p].Tenant, pgID(records[p].ID)
	}
	return step{
		text: t.texts.gets,
		args: []any{tenants, ids},
		each: func(row scanner) error {
			var n, version int64
			var body []byte
			if err := row.Scan(&n, &version, &body); err != nil {
				return err
			}
			r := &records[places[n-1]]
			r.Version, r.Body = version, body
			return nil
		},
	}
}

func liteGet(ctx context.Context, on Querier, c *catalog, records []store.Record) error {
	for i := range records {
		r := &records[i]
		text := c.tables[r.Kind].texts.get
		err := queryRow(ctx, on, text, []any{r.Tenant, r.ID[:]}, &r.Version, (*[]byte)(&r.Body))
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
	}
	return nil
}

// queryRow scans the first row, or returns sql.ErrNoRows.
func queryRow(ctx context.Context, on Querier, text string, args []any, dest ...any) error {
	rows, err := on.QueryContext(ctx, text, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	if !rows.Next() {
		if err := rows.Err(); err != nil {
			return err
		}
		return sql.ErrNoRows
	}
	if err := rows.Scan(dest...); err != nil {
		return err
	}
	return rows.Close()
}

func pgID(id [16]byte) pgtype.UUID { return pgtype.UUID{Bytes: id, Valid: true} }
