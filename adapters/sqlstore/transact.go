package sqlstore

import (
	"context"
	"fmt"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/store"
)

// Transact runs fn in a transaction of the host and commits it when fn returns
// nil; otherwise, or when fn panics, it undoes all of it. Use cases that are
// called with what in.As returns work in that transaction: they see what the
// host wrote in it, and take effect when it does.
//
//	err := db.Transact(ctx, engine, func(ctx context.Context, tx *sqlstore.Tx, in *forewarn.Engine) error {
//		if _, err := tx.ExecContext(ctx, "UPDATE shift SET taken = taken + 1 WHERE id = $1", shift); err != nil {
//			return err
//		}
//		_, err := incidents.Escalate(ctx, in.As(noc), psew.Escalate{Incident: id, Note: "no answer"})
//		return err
//	})
//
// fn writes through tx and not through DB.SQL, and passes on the context that it is given: on SQLite, which has one writer, anything
// else waits for fn itself. It is called once: a conflict of a
// use case is run again inside by the use case itself, and one that only another
// transaction could resolve is for the host. After the commit the engine's
// workers are woken. An error of the commit itself leaves the outcome unknown.
// See [DB.Begin] for what holds on each engine, and [DB.Join].
func (db *DB) Transact(ctx context.Context, engine *forewarn.Engine,
	fn func(ctx context.Context, tx *Tx, in *forewarn.Engine) error) error {
	if engine == nil {
		return &store.InvalidError{Field: "engine", Rule: "is nil"}
	}
	if of, ok := engine.Store().(*DB); ok && of != db {
		return &store.InvalidError{Field: "engine", Rule: "is over another DB"}
	}
	tx, err := db.Begin(ctx)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	joined, err := db.Join(ctx, tx)
	if err != nil {
		return err
	}
	inside, in := engine.On(ctx, joined)
	if err := fn(inside, tx, in); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("sqlstore: transact: commit: %w", busy(err))
	}
	engine.Wake()
	return nil
}
