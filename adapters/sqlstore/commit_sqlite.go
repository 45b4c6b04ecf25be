package sqlstore

import (
	"context"
	"database/sql"
	"errors"

	"github.com/forewarn-go/forewarn/store"
)

// commitLite is a transaction of the one writer. Since nobody writes beside it,
// each statement checks what it changes.
func (db *DB) commitLite(ctx context.Context, b store.Batch) error {
	c, err := db.check(ctx, db.readers, b)
	if err != nil || b.Entries() == 0 {
		return err
	}
	if err := db.write(ctx); err != nil {
		return err
	}
	defer db.written()
	tx, err := db.main.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if err := db.commitLiteOn(ctx, tx, c, b); err != nil {
		return err
	}
	return tx.Commit()
}

// commitLiteOn does what a batch says inside a transaction; what it did before
// a conflict is for the caller to undo.
func (db *DB) commitLiteOn(ctx context.Context, on Querier, c *catalog, b store.Batch) error {
	w := liteWriter{ctx: ctx, on: on, prepared: map[string]*sql.Stmt{}}
	defer w.close()
	for i := range b.Reads {
		if err := w.expect(c.tables[b.Reads[i].Kind], b.Reads[i].Key, b.Reads[i].Expect); err != nil {
			return err
		}
	}
	for i := range b.Deletes {
		if err := w.remove(c.tables[b.Deletes[i].Kind], b.Deletes[i]); err != nil {
			return err
		}
	}
	for i := range b.Puts {
		if err := w.put(c.tables[b.Puts[i].Kind], &b.Puts[i]); err != nil {
			return err
		}
	}
	forget := "DELETE FROM " + db.own("event") + " WHERE seq = ?1 AND lane = ?2 AND shard = ?3"
	for _, p := range b.Forget {
		if _, err := w.exec(forget, p.Seq, p.Lane, p.Shard); err != nil {
			return err
		}
	}
	appended := "INSERT INTO " + db.own("event") + " (lane, shard, id, tenant, kind, ticket, type, at, body)" +
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"
	for i := range b.Events {
		e := &b.Events[i]
		if _, err := w.exec(appended, e.Lane, store.ShardOf(e.Ticket), e.ID[:], e.Ticket.Tenant, e.Ticket.Kind, e.Ticket.ID[:],
			e.Type, e.At.UnixMicro(), []byte(e.Body)); err != nil {
			return err
		}
	}
	return nil
}

// liteWriter runs statements, and prepares those that come more than once.
type liteWriter struct {
	ctx      context.Context
	on       Querier
	prepared map[string]*sql.Stmt // nil: came once
}

// exec returns the number of rows that were changed.
func (w *liteWriter) exec(text string, args ...any) (int64, error) {
	result, err := w.run(text, args)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

func (w *liteWriter) run(text string, args []any) (sql.Result, error) {
	stmt, again := w.prepared[text]
	preparer, can := w.on.(interface {
		PrepareContext(context.Context, string) (*sql.Stmt, error)
	})
	if !again || !can {
		w.prepared[text] = nil
		return w.on.ExecContext(w.ctx, text, args...)
	}
	if stmt == nil {
		var err error
		if stmt, err = preparer.PrepareContext(w.ctx, text); err != nil {
			return nil, err
		}
		w.prepared[text] = stmt
	}
	return stmt.ExecContext(w.ctx, args...)
}

func (w *liteWriter) close() {
	for _, s := range w.prepared {
		if s != nil {
			_ = s.Close()
		}
	}
}

// expect returns a conflict unless what stands at a key is what is expected.
func (w *liteWriter) expect(t *table, k store.Key, expect int64) error {
	var version int64
	var body sql.RawBytes
	err := queryRow(w.ctx, w.on, t.texts.get, []any{k.Tenant, k.ID[:]}, &version, &body)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	switch {
	case version == expect:
		return nil
	case expect == store.Absent:
		return &store.ConflictError{Key: k, Reason: store.Exists}
	case version == 0:
		return &store.ConflictError{Key: k, Reason: store.Gone}
	}
	return &store.ConflictError{Key: k, Reason: store.Changed}
}

// changed returns the conflict behind a statement that changed nothing.
func (w *liteWriter) changed(n int64, err error, t *table, k store.Key, expect int64) error {
	if err != nil || n == 1 {
		return err
	}
	return w.expect(t, k, expect)
}

func (w *liteWriter) remove(t *table, d store.Read) error {
	if d.Expect == store.Any {
		_, err := w.exec(t.texts.remove, d.Tenant, d.ID[:])
		return err
	}
	n, err := w.exec(t.texts.removeAt, d.Tenant, d.ID[:], d.Expect)
	return w.changed(n, err, t, d.Key, d.Expect)
}

func (w *liteWriter) put(t *table, p *store.Put) error {
	args := append(make([]any, 0, 6+len(t.columns)), p.Tenant, p.ID[:], p.Version, t.generation.Load(), string(p.Body))
	for _, c := range t.columns {
		args = append(args, arg(p.Values[c.field], c.typ))
	}
	text := t.texts.updateAt
	switch p.Expect {
	case store.Any:
		_, err := w.exec(t.texts.replace, args...)
		return err
	case store.Absent:
		text = t.texts.insert
	default:
		args = append(args, p.Expect)
	}
	n, err := w.exec(text, args...)
	return w.changed(n, err, t, p.Key, p.Expect)
}
