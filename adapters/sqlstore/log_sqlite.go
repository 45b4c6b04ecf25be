package sqlstore

import (
	"context"

	"github.com/forewarn-go/forewarn/store"
)

// liteReader needs the sequence alone: with one writer, numbers become visible in their order.
type liteReader struct{ reader }

// Next returns up to n events per shard.
func (r *liteReader) Next(ctx context.Context, n int) ([]store.Event, error) {
	return r.next(ctx, n, func() ([]store.Event, error) {
		conn, err := r.db.readers.Connx(ctx)
		if err != nil {
			return nil, err
		}
		defer conn.Close()
		var events []store.Event
		for i, shard := range r.shards {
			read := step{
				text: "SELECT " + eventFields + " FROM " + r.db.own("event") + " e" +
					" WHERE lane = ?1 AND shard = ?2 AND seq > ?3 ORDER BY seq LIMIT ?4",
				args: []any{r.lane, shard, r.cursors[i], n},
				each: func(row scanner) error {
					e, err := scanEvent(row, r.lane)
					events = append(events, e)
					return err
				},
			}
			if err := read.runOn(ctx, conn); err != nil {
				return nil, err
			}
		}
		return events, nil
	})
}
