package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/jmoiron/sqlx"

	"github.com/forewarn-go/forewarn/store"
)

// Tx is a transaction of the host on a DB. It ends by Commit or Rollback,
// which on SQLite let the next writer in.
type Tx struct {
	*sqlx.Tx
	end func()
}

// Begin begins a transaction for tables of the host's own and for [DB.Join].
// On PostgreSQL it is READ COMMITTED, the server ends it when it idles for more
// than 2 s, and it is undone when ctx ends. On SQLite it waits for the one
// writer and is the writer until it ends: whatever commits to the DB beside it
// waits, and so does whoever holds it if he commits by another way than Join.
func (db *DB) Begin(ctx context.Context) (*Tx, error) {
	end := func() {}
	if db.dialect == lite {
		if err := db.write(ctx); err != nil {
			return nil, failed("begin", err)
		}
		end = sync.OnceFunc(db.written)
	}
	tx, err := db.host.BeginTxx(ctx, nil)
	if err != nil {
		end()
		return nil, failed("begin", err)
	}
	return &Tx{Tx: tx, end: end}, nil
}

// Commit commits the transaction.
func (t *Tx) Commit() error {
	defer t.end()
	return t.Tx.Commit()
}

// Rollback undoes the transaction. After Commit it does nothing but return sql.ErrTxDone.
func (t *Tx) Rollback() error {
	defer t.end()
	return t.Tx.Rollback()
}

// Join returns a store that works inside a transaction of the host: one of
// [DB.Begin], or a *sql.Tx or *sqlx.Tx on the same database, on PostgreSQL of
// the pgx driver. It keeps the kinds of db.
//
//   - Reads see what the host wrote in its transaction, and what it committed
//     through the store. Others see it when the host commits; so do readers of
//     the log. Nobody tells the worker of this process then: call Engine.Wake.
//   - A commit stands in a savepoint. A conflict undoes what the store did, and
//     leaves the host's transaction usable. Locks of records that were written
//     last until the host ends, so it ends soon.
//   - No wait for a lock takes longer than 1 s; it ends as a conflict, busy. The
//     host's own lock_timeout stands again after each commit.
//   - At READ COMMITTED a conflict may be run again inside the transaction.
//     Above it, what the transaction's snapshot does not show can never be
//     written: such a conflict has the reason host, and the host begins anew.
//   - Numbers are drawn in the transaction: if it is rolled back they come again,
//     and others who draw of the series wait for its end.
//
// The store is safe for concurrent use as far as the transaction is; it does
// one thing at a time.
func (db *DB) Join(ctx context.Context, tx Querier) (store.Store, error) {
	if tx == nil {
		return nil, &store.InvalidError{Field: "tx", Rule: "is nil"}
	}
	if err := ctx.Err(); err != nil {
		return nil, failed("join", err)
	}
	return &joined{db: db, tx: tx}, nil
}

// joined is a store on a host's transaction.
type joined struct {
	db *DB
	mu sync.Mutex // a transaction is one connection
	tx Querier
}

func (j *joined) Keep(kinds ...store.Kind) error { return j.db.Keep(kinds...) }

func (j *joined) Limits() (entries, bytes int) { return j.db.Limits() }

func (j *joined) Get(ctx context.Context, keys ...store.Key) ([]store.Record, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	records, err := j.db.get(ctx, j.tx, keys)
	return records, failed("get", err)
}

func (j *joined) Find(ctx context.Context, q store.Query) (store.Page, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	page, err := j.db.find(ctx, j.tx, q)
	return page, failed("find", err)
}

func (j *joined) Numbers(ctx context.Context, tenant, series string, n int) (first int64, err error) {
	if err := store.CheckNumbers(tenant, series, n); err != nil {
		return 0, err
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	err = j.saved(ctx, func() error {
		first, err = j.db.numbers(ctx, j.tx, tenant, series, n)
		return err
	})
	return first, failed("numbers", err)
}

func (j *joined) Commit(ctx context.Context, b store.Batch) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	c, err := j.db.check(ctx, j.tx, b)
	if err != nil || b.Entries() == 0 {
		return failed("commit", err)
	}
	if j.db.dialect == lite {
		return failed("commit", j.saved(ctx, func() error { return j.db.commitLiteOn(ctx, j.tx, c, b) }))
	}
	for range mostRuns {
		err = j.saved(ctx, func() error {
			p := j.db.plan(c, b, 0)
			if err := runOn(ctx, j.tx, p.locks()); err != nil {
				return err
			}
			if err := runOn(ctx, j.tx, p.creates()); err != nil {
				return err
			}
			return runOn(ctx, j.tx, p.writes())
		})
		if !errors.Is(err, errAppeared) {
			return failed("commit", err)
		}
	}
	return &store.ConflictError{Reason: store.Busy, Err: err}
}

// saved runs f in a savepoint with a bound on its waits. What it did is undone when it fails.
func (j *joined) saved(ctx context.Context, f func() error) error {
	const name = "forewarn_store"
	if err := j.exec(ctx, "SAVEPOINT "+name); err != nil {
		return err
	}
	isolation, before, err := j.bound(ctx)
	if err == nil {
		err = f()
	}
	if err == nil && j.db.dialect == postgres {
		// A savepoint that is undone gives the host's values back by itself; one that is released does not.
		err = j.exec(ctx, restoreText, before...)
	}
	if err == nil {
		return j.exec(ctx, "RELEASE SAVEPOINT "+name)
	}
	undo, cancel := context.WithTimeout(context.WithoutCancel(ctx), rollbackTimeout)
	defer cancel()
	for _, text := range []string{"ROLLBACK TO SAVEPOINT " + name, "RELEASE SAVEPOINT " + name} {
		if e := j.exec(undo, text); e != nil {
			// The host's transaction is lost, and with it all that was done.
			return errors.Join(err, fmt.Errorf("undo to the savepoint: %w", e))
		}
	}
	if state(err) == serialization && isolation != "read committed" {
		return &store.ConflictError{Reason: store.Host, Err: err}
	}
	return err
}

// within are the settings under which a commit runs in a host's transaction.
var within = append([]setting{{"lock_timeout", "1000"}}, planner...)

// boundText sets what within says and returns the isolation and what the host
// had set; restoreText gives that back.
var boundText, restoreText = func() (string, string) {
	bound, restore := "SELECT current_setting('transaction_isolation')", "SELECT true"
	for i, s := range within {
		bound += fmt.Sprintf(", current_setting('%s'), set_config('%s', '%s', true)", s.name, s.name, s.value)
		restore += fmt.Sprintf(", set_config('%s', $%d, true)", s.name, i+1)
	}
	return bound, restore
}()

// bound sets what within says, and returns at which isolation the host runs and what it had set.
func (j *joined) bound(ctx context.Context) (isolation string, before []any, err error) {
	if j.db.dialect == lite {
		return "", nil, nil
	}
	values, set := make([]string, len(within)), make([]string, len(within))
	dest := []any{&isolation}
	for i := range within {
		dest = append(dest, &values[i], &set[i])
	}
	if err := queryRow(ctx, j.tx, boundText, nil, dest...); err != nil {
		return "", nil, err
	}
	for _, v := range values {
		before = append(before, v)
	}
	return isolation, before, nil
}

func (j *joined) exec(ctx context.Context, text string, args ...any) error {
	_, err := j.tx.ExecContext(ctx, text, args...)
	return err
}
