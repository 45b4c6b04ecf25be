package sqlstore

import (
	"cmp"
	"encoding/json"
	"slices"
	"time"

	"github.com/jackc/pgx/v5/pgtype"

	"github.com/forewarn-go/forewarn/store"
)

func (t *table) lockStep(some []*entry) step {
	if len(some) == 1 {
		e, text, version := some[0], t.texts.share, int64(0)
		if e.written {
			text = t.texts.lock
		}
		return step{
			text: text,
			args: []any{e.key.Tenant, pgID(e.key.ID)},
			each: func(row scanner) error { return row.Scan(&version) },
			end:  func(int64) error { return e.stands(version) },
		}
	}
	tenants, ids := keyArrays(some)
	expect, written := make([]int64, len(some)), make([]bool, len(some))
	for i, e := range some {
		expect[i], written[i] = e.expect, e.written
	}
	return step{
		text: t.texts.locks,
		args: []any{tenants, ids, expect, written},
		each: func(row scanner) error {
			var n, version int64
			if err := row.Scan(&n, &version); err != nil {
				return err
			}
			return some[n-1].stands(version)
		},
	}
}

func keyArrays(some []*entry) ([]string, []pgtype.UUID) {
	tenants, ids := make([]string, len(some)), make([]pgtype.UUID, len(some))
	for i, e := range some {
		tenants[i], ids[i] = e.key.Tenant, pgID(e.key.ID)
	}
	return tenants, ids
}

// noBody is the body of a placeholder, which nobody ever sees.
var noBody = json.RawMessage("null")

// row returns version, body and values of what is written for an entry; a
// placeholder has version 0 and no values.
func (e *entry) row() (int64, json.RawMessage, []store.Value) {
	if e.put == nil {
		return 0, noBody, nil
	}
	return e.put.Version, e.put.Body, e.put.Values
}

// arg returns a value as an argument.
func arg(v store.Value, t store.Type) any {
	switch {
	case !v.Set:
		return nil
	case t == store.Int:
		return v.Int
	}
	return v.Text
}

// rowArgs returns the arguments of the texts insert and update.
func (t *table) rowArgs(e *entry) []any {
	version, body, values := e.row()
	args := append(make([]any, 0, 5+len(t.columns)), e.key.Tenant, pgID(e.key.ID), version, t.generation.Load(), body)
	for _, c := range t.columns {
		if values == nil {
			args = append(args, nil)
			continue
		}
		args = append(args, arg(values[c.field], c.typ))
	}
	return args
}

// rowArrays returns the arguments of the texts inserts and updates.
func (t *table) rowArrays(some []*entry) []any {
	tenants, ids := keyArrays(some)
	versions, bodies := make([]int64, len(some)), make([]json.RawMessage, len(some))
	texts, ints := make([][]*string, len(t.columns)), make([][]*int64, len(t.columns))
	for i, e := range some {
		var values []store.Value
		versions[i], bodies[i], values = e.row()
		for j, c := range t.columns {
			if i == 0 && c.typ == store.Text {
				texts[j] = make([]*string, len(some))
			} else if i == 0 {
				ints[j] = make([]*int64, len(some))
			}
			switch {
			case values == nil || !values[c.field].Set:
			case c.typ == store.Text:
				texts[j][i] = &values[c.field].Text
			default:
				ints[j][i] = &values[c.field].Int
			}
		}
	}
	args := append(make([]any, 0, 5+len(t.columns)), tenants, ids, versions, t.generation.Load(), bodies)
	for j, c := range t.columns {
		if c.typ == store.Text {
			args = append(args, texts[j])
		} else {
			args = append(args, ints[j])
		}
	}
	return args
}

func (t *table) insertStep(some []*entry) step {
	if len(some) == 1 {
		return step{text: t.texts.insert, args: t.rowArgs(some[0]), end: func(n int64) error {
			if n == 1 {
				return nil
			}
			return creationsLost(some)
		}}
	}
	made := make(map[keyOf]bool, len(some))
	return step{
		text: t.texts.inserts,
		args: t.rowArrays(some),
		each: func(row scanner) error {
			var tenant string
			var id pgtype.UUID
			if err := row.Scan(&tenant, &id); err != nil {
				return err
			}
			made[keyOf{tenant, id.Bytes}] = true
			return nil
		},
		end: func(n int64) error {
			if n == int64(len(some)) {
				return nil
			}
			return creationsLost(slices.DeleteFunc(slices.Clone(some), func(e *entry) bool {
				return made[keyOf{e.key.Tenant, e.key.ID}]
			}))
		},
	}
}

// copyStep makes many rows at once. The primary key is the precondition: one
// that stands there already is an error of the server, and the plan is asked
// afterwards which it was.
func (t *table) copyStep(some []*entry) step {
	columns := []string{"tenant", "id", "version", "generation", "body"}
	for _, c := range t.columns {
		columns = append(columns, columnName(t.kind.Fields[c.field].Name))
	}
	return step{copy: &copied{table: t.bare, columns: columns, n: len(some), row: func(i int) []any {
		return t.rowArgs(some[i])
	}}}
}

func (t *table) updateStep(some []*entry) step {
	if len(some) == 1 {
		return step{text: t.texts.update, args: t.rowArgs(some[0])}
	}
	return step{text: t.texts.updates, args: t.rowArrays(some)}
}

func (t *table) removeStep(some []*entry) step {
	return t.keyStep(some, t.texts.remove, t.texts.removes)
}

func (t *table) unholdStep(some []*entry) step {
	return t.keyStep(some, t.texts.unhold, t.texts.unholds)
}

func (t *table) keyStep(some []*entry, one, many string) step {
	if len(some) == 1 {
		return step{text: one, args: []any{some[0].key.Tenant, pgID(some[0].key.ID)}}
	}
	tenants, ids := keyArrays(some)
	return step{text: many, args: []any{tenants, ids}}
}

// forgetStep takes positions out of the log, sorted, so that two who forget the same do it in one order.
func (p *plan) forgetStep() step {
	forget := slices.Clone(p.batch.Forget)
	slices.SortFunc(forget, func(a, b store.Position) int { return cmp.Compare(a.Seq, b.Seq) })
	lanes, shards, seqs := make([]string, len(forget)), make([]int64, len(forget)), make([]int64, len(forget))
	for i, f := range forget {
		lanes[i], shards[i], seqs[i] = f.Lane, int64(f.Shard), f.Seq
	}
	return step{
		text: "DELETE FROM " + p.db.own("event") + " e USING unnest($1::text[], $2::bigint[], $3::bigint[]) AS d(lane, shard, seq)" +
			" WHERE e.lane = d.lane AND e.shard = d.shard AND e.seq = d.seq",
		args: []any{lanes, shards, seqs},
	}
}

// eventColumns are the columns that are given; the transaction and, behind it, the sequence are the server's.
var eventColumns = []string{"lane", "shard", "id", "tenant", "kind", "ticket", "type", "at", "body"}

func eventArgs(e *store.Event) []any {
	return []any{e.Lane, int16(store.ShardOf(e.Ticket)), pgID(e.ID), e.Ticket.Tenant, e.Ticket.Kind, pgID(e.Ticket.ID),
		e.Type, e.At.UnixMicro(), []byte(e.Body)}
}

// eventStep appends the events, in their order.
func (p *plan) eventStep() step {
	events, name := p.batch.Events, p.db.own("event")
	const columns = " (lane, shard, id, tenant, kind, ticket, type, at, body) "
	if len(events) == 1 {
		return step{text: "INSERT INTO " + name + columns + "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)", args: eventArgs(&events[0])}
	}
	if p.bulk > 0 && len(events) >= p.bulk {
		return step{copy: &copied{table: p.db.prefix + "_event", columns: eventColumns, n: len(events), row: func(i int) []any {
			return eventArgs(&events[i])
		}}}
	}
	n := len(events)
	lanes, shards, ids, tenants, kinds := make([]string, n), make([]int16, n), make([]pgtype.UUID, n), make([]string, n), make([]string, n)
	tickets, types, ats, bodies := make([]pgtype.UUID, n), make([]string, n), make([]int64, n), make([][]byte, n)
	for i := range events {
		e := &events[i]
		lanes[i], shards[i], ids[i] = e.Lane, int16(store.ShardOf(e.Ticket)), pgID(e.ID)
		tenants[i], kinds[i], tickets[i] = e.Ticket.Tenant, e.Ticket.Kind, pgID(e.Ticket.ID)
		types[i], ats[i], bodies[i] = e.Type, e.At.UnixMicro(), e.Body
	}
	return step{
		text: "INSERT INTO " + name + columns + "SELECT * FROM unnest($1::text[], $2::smallint[], $3::uuid[], $4::text[], $5::text[]," +
			" $6::uuid[], $7::text[], $8::bigint[], $9::bytea[])",
		args: []any{lanes, shards, ids, tenants, kinds, tickets, types, ats, bodies},
	}
}

// instant returns microseconds as a time.
func instant(micros int64) time.Time { return time.UnixMicro(micros).UTC() }
