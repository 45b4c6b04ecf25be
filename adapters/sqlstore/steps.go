package sqlstore

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// step is one statement, and what its answer means. Steps are planned once and
// run in two ways: pipelined on the driver's own connection, or one by one in a
// transaction of the host.
type step struct {
	text string
	args []any
	each func(row scanner) error // for each row that comes back; nil: none is wanted
	end  func(n int64) error     // rows that came back or were changed; nil: whatever it is
	copy *copied                 // instead of all of the above; only on our own connections
}

// copied is a COPY of many rows into a table.
type copied struct {
	table   string
	columns []string
	n       int
	row     func(i int) []any
}

// scanner is a row of either driver.
type scanner interface{ Scan(dest ...any) error }

// runOn runs steps one by one.
func runOn(ctx context.Context, on Querier, steps []step) error {
	for _, s := range steps {
		if err := s.runOn(ctx, on); err != nil {
			return err
		}
	}
	return nil
}

func (s step) runOn(ctx context.Context, on Querier) error {
	var n int64
	if s.each == nil {
		result, err := on.ExecContext(ctx, s.text, s.args...)
		if err != nil {
			return err
		}
		if s.end == nil {
			return nil
		}
		if n, err = result.RowsAffected(); err != nil {
			return err
		}
		return s.end(n)
	}
	rows, err := on.QueryContext(ctx, s.text, s.args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		n++
		if err := s.each(rows); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	if err := rows.Close(); err != nil { // before the next statement of the same connection
		return err
	}
	if s.end == nil {
		return nil
	}
	return s.end(n)
}

// pipeline runs steps on the driver's own connection.
type pipeline struct{ conn *pgx.Conn }

// run sends all steps at once and reads their answers, one round trip, save for
// what is copied. An answer that is refused stops none of the steps behind it.
func (p *pipeline) run(ctx context.Context, steps []step) error {
	for len(steps) > 0 {
		n := 0
		for n < len(steps) && steps[n].copy == nil {
			n++
		}
		if n > 0 {
			if err := p.send(ctx, steps[:n]); err != nil {
				return err
			}
		}
		if n < len(steps) {
			c := steps[n].copy
			rows := pgx.CopyFromSlice(c.n, func(i int) ([]any, error) { return c.row(i), nil })
			if _, err := p.conn.CopyFrom(ctx, pgx.Identifier{c.table}, c.columns, rows); err != nil {
				return err
			}
			n++
		}
		steps = steps[n:]
	}
	return nil
}

func (p *pipeline) send(ctx context.Context, steps []step) (err error) {
	var batch pgx.Batch
	for _, s := range steps {
		batch.Queue(s.text, s.args...)
	}
	answers := p.conn.SendBatch(ctx, &batch)
	defer func() {
		if e := answers.Close(); err == nil {
			err = e
		}
	}()
	for _, s := range steps {
		if err := s.read(answers); err != nil {
			return err
		}
	}
	return nil
}

func (s step) read(answers pgx.BatchResults) error {
	if s.each == nil {
		tag, err := answers.Exec()
		if err != nil || s.end == nil {
			return err
		}
		return s.end(tag.RowsAffected())
	}
	rows, err := answers.Query()
	if err != nil {
		return err
	}
	defer rows.Close()
	var n int64
	for rows.Next() {
		n++
		if err := s.each(rows); err != nil {
			return err
		}
	}
	rows.Close()
	if err := rows.Err(); err != nil {
		return err
	}
	if s.end == nil {
		return nil
	}
	return s.end(n)
}

// pipelined runs f on a connection of the pool and leaves no transaction open on it.
func (db *DB) pipelined(ctx context.Context, f func(*pipeline) error) error {
	conn, err := db.main.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	return conn.Raw(func(driver any) error {
		p := &pipeline{conn: driver.(*stdlib.Conn).Conn()}
		err := f(p)
		p.rollback(ctx)
		return err
	})
}

// rollback ends the transaction that is open, if there is one. A connection
// that does not even take that is closed, which ends it too.
func (p *pipeline) rollback(ctx context.Context) {
	if p.conn.IsClosed() || p.conn.PgConn().TxStatus() == 'I' {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), rollbackTimeout)
	defer cancel()
	if err := p.conn.PgConn().Exec(ctx, "ROLLBACK").Close(); err != nil {
		_ = p.conn.Close(ctx)
	}
}

// rollbackTimeout is how long a server may take for a ROLLBACK.
const rollbackTimeout = 5 * time.Second
