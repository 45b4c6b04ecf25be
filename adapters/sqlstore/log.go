package sqlstore

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/forewarn-go/forewarn/store"
)

// Reader returns a reader of these shards of a lane, which starts at the beginning.
func (db *DB) Reader(lane string, shards ...int) (store.LogReader, error) {
	shards, err := store.CheckShards(shards...)
	if err != nil {
		return nil, err
	}
	r := reader{db: db, lane: lane, shards: shards, cursors: make([]int64, len(shards))}
	if db.dialect == lite {
		return &liteReader{reader: r}, nil
	}
	return &snapshotReader{reader: r}, nil
}

// reader is what both readers of a log have in common.
type reader struct {
	db      *DB
	lane    string
	shards  []int
	cursors []int64 // per shard, the highest sequence that was handed out
	err     error   // the first error, which ends the reader
}

var errClosed = errors.New("sqlstore: the reader is closed")

// Close ends the reader.
func (r *reader) Close() error {
	r.err = errClosed
	return nil
}

// next runs poll unless the reader has ended, and sorts what it found.
func (r *reader) next(ctx context.Context, n int, poll func() ([]store.Event, error)) ([]store.Event, error) {
	if r.err != nil {
		return nil, r.err
	}
	if n < 1 {
		return nil, &store.InvalidError{Field: "n", Rule: "is below 1"}
	}
	if len(r.shards) == 0 {
		return nil, nil
	}
	err := ctx.Err()
	if err == nil {
		err = r.db.ready(ctx, r.db.readers)
	}
	var events []store.Event
	if err == nil {
		events, err = poll()
	}
	if err != nil {
		r.err = failed("next", err)
		return nil, r.err
	}
	slices.SortFunc(events, func(a, b store.Event) int { return cmp.Compare(a.Seq, b.Seq) })
	for _, e := range events {
		if i, _ := slices.BinarySearch(r.shards, e.Shard); e.Seq > r.cursors[i] {
			r.cursors[i] = e.Seq
		}
	}
	return events, nil
}

// eventFields are the columns of an event as scanEvent reads them.
const eventFields = "e.shard, e.seq, e.id, e.tenant, e.kind, e.ticket, e.type, e.at, e.body"

// scanEvent reads eventFields, behind what is given as first.
func scanEvent(row scanner, lane string, first ...any) (store.Event, error) {
	var e store.Event
	var at int64
	var body []byte
	err := row.Scan(append(first, &e.Shard, &e.Seq, &e.ID, &e.Ticket.Tenant, &e.Ticket.Kind, &e.Ticket.ID, &e.Type, &at, &body)...)
	e.Lane, e.At, e.Body = lane, instant(at), body
	return e, err
}
