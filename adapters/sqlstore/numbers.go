package sqlstore

import (
	"context"

	"github.com/forewarn-go/forewarn/store"
)

// Numbers draws n consecutive numbers of a series of a tenant and returns the
// first. They are drawn at once and for good, whatever becomes of the caller.
func (db *DB) Numbers(ctx context.Context, tenant, series string, n int) (int64, error) {
	if err := store.CheckNumbers(tenant, series, n); err != nil {
		return 0, err
	}
	if db.dialect == lite {
		if err := db.write(ctx); err != nil {
			return 0, failed("numbers", err)
		}
		defer db.written()
	}
	first, err := db.numbers(ctx, db.main, tenant, series, n)
	return first, failed("numbers", err)
}

func (db *DB) numbers(ctx context.Context, on Querier, tenant, series string, n int) (int64, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	if err := db.ready(ctx, on); err != nil {
		return 0, err
	}
	name, place := db.own("number"), db.dialect.place
	var last int64
	err := queryRow(ctx, on, "INSERT INTO "+name+" AS n (tenant, series, last) VALUES ("+place(1)+", "+place(2)+", "+place(3)+")"+
		" ON CONFLICT (tenant, series) DO UPDATE SET last = n.last + excluded.last RETURNING last",
		[]any{tenant, series, int64(n)}, &last)
	return last - int64(n) + 1, err
}
