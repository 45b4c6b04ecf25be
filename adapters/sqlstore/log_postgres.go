package sqlstore

import (
	"context"
	"fmt"
	"strings"

	"github.com/forewarn-go/forewarn/store"
)

// snapshotReader reads a log by a cursor that is a snapshot.
//
// The sequence alone is no cursor: a transaction draws its numbers and becomes
// visible later, behind others that drew theirs after it. So each poll returns
// what is visible now and was not visible in the snapshot of the poll before:
// what lies above the highest sequence of a shard, and below it what was written
// by a transaction that the last snapshot did not show. Those are the
// transactions in its list of open ones (xip), and all at or above its end
// (xmax): one past the highest that had ended, so an open one may lie above it.
//
// A ticket's events keep their order. Their commits hold the ticket's record
// from before the transaction gets its id and its numbers until its end, so an
// event of a lower number is visible wherever one of a higher number is.
type snapshotReader struct {
	reader
	started bool
	xip     string // as an array of xid8
	xmax    string
	found   int // by the last poll, which is what the next may find
}

const (
	// never is a transaction id that no server reaches.
	never = "4611686018427387904"
	// lateBound is how many late events of a transaction, and of all above the last snapshot, a poll looks for at
	// first. With a bound the late arms stay on their index, whatever the tables' statistics say.
	lateBound = 1000
)

// Next returns up to n events per shard, and all that became visible late.
func (r *snapshotReader) Next(ctx context.Context, n int) ([]store.Event, error) {
	return r.next(ctx, n, func() ([]store.Event, error) {
		if !r.started {
			if err := r.restamp(ctx); err != nil {
				return nil, err
			}
			r.started, r.xip, r.xmax = true, "{}", never
		}
		events, snapshot, full, err := r.poll(ctx, n, lateBound)
		if err == nil && full { // a transaction that staged thousands: the same question without the bound
			events, snapshot, _, err = r.poll(ctx, n, nil)
		}
		if err != nil {
			return nil, err
		}
		r.xip, r.xmax, err = parseSnapshot(snapshot)
		return events, err
	})
}

// pollText returns the statement of a poll: $1 shards, $2 cursors, $3 page,
// $4 and $5 xip and xmax of the poll before, $6 the bound of the late arms, $7
// the lane. What is new is looked for shard by shard; what is late, in all of
// them at once, among what the transactions in question have written. Only the
// late arms name transactions, and they name lane, shard and sequence by
// expressions, so each arm has one index that it can go through: through the
// other a late arm would walk all that is dead, and the first arm the whole
// shard. "ORDER BY xid" keeps their limit on it.
func pollText(event string) string {
	const fresh = "e.lane = $7 AND e.shard = s.shard AND e.seq > s.cur"
	const shards = "unnest($1::smallint[], $2::bigint[]) AS s(shard, cur)"
	arm := func(n int, from, source, where, order, limit string) string {
		return fmt.Sprintf("UNION ALL SELECT %d, e.* FROM %s CROSS JOIN LATERAL (SELECT %s FROM %s WHERE %s ORDER BY %s LIMIT %s) e",
			n, from, eventFields, source, where, order, limit)
	}
	late := event + " e JOIN " + shards + " ON s.shard = e.shard + 0 AND s.cur >= e.seq + 0"
	return strings.Join([]string{
		"SELECT 0, 0::smallint, 0::bigint, NULL::uuid, '', '', NULL::uuid, pg_current_snapshot()::text, 0::bigint, NULL::bytea",
		arm(1, shards, event+" e", fresh, "e.seq", "$3::bigint"),
		arm(2, "unnest($4::text::xid8[]) AS w(xid)", late, "e.xid = w.xid AND e.lane || '' = $7", "e.xid", "$6::bigint"),
		arm(3, "(SELECT $5::text::xid8 AS xid) AS w", late, "e.xid >= w.xid AND e.lane || '' = $7", "e.xid", "$6::bigint"),
	}, "\n")
}

func (r *snapshotReader) poll(ctx context.Context, n int, bound any) (events []store.Event, snapshot string, full bool, err error) {
	late := 0
	events = make([]store.Event, 0, r.found)
	read := step{
		text: pollText(r.db.own("event")),
		args: []any{toInt16(r.shards), r.cursors, n, r.xip, r.xmax, bound, r.lane},
		each: func(row scanner) error {
			var arm int
			e, err := scanEvent(row, r.lane, &arm)
			if err != nil {
				return err
			}
			if arm == 0 {
				snapshot = e.Type
				return nil
			}
			if arm > 1 {
				late++
			}
			events = append(events, e)
			return nil
		},
	}
	err = r.db.pipelined(ctx, func(on *pipeline) error { return on.run(ctx, []step{read}) }) // scans in half the time of database/sql
	r.found = len(events)
	return events, snapshot, late >= lateBound, err
}

// parseSnapshot reads xmin:xmax:xip, where xip is a list of ids.
func parseSnapshot(s string) (xip, xmax string, err error) {
	parts := strings.Split(s, ":")
	if len(parts) != 3 {
		return "", "", fmt.Errorf("%q is no snapshot", s)
	}
	return "{" + parts[2] + "}", parts[1], nil
}

// restamp gives rows whose transaction cannot have been one of this server an
// id of this server. After a dump was restored elsewhere, rows carry ids that
// mean nothing here: one that is still to come, or is open now, would be taken
// for late again and again. Such a row is one that is visible although its
// transaction is not. An id of the past does no harm: it never is open again.
func (r *snapshotReader) restamp(ctx context.Context) error {
	_, err := r.db.main.ExecContext(ctx, "UPDATE "+r.db.own("event")+" SET xid = pg_current_xact_id()"+
		" WHERE lane || '' = $1 AND shard + 0 = ANY ($2::smallint[]) AND xid >= pg_snapshot_xmin(pg_current_snapshot())"+
		" AND NOT pg_visible_in_snapshot(xid, pg_current_snapshot())", r.lane, toInt16(r.shards))
	return err
}

func toInt16(shards []int) []int16 {
	small := make([]int16, len(shards))
	for i, s := range shards {
		small[i] = int16(s)
	}
	return small
}
