package sqlstore

import (
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/forewarn-go/forewarn/store"
)

// MigrateError says that the tables do not fit the code. Nothing has happened
// when it is returned.
type MigrateError struct {
	Kind string // the kind whose table does not fit; "" for the tables of the machine
	Rule string // what is wrong and what helps
}

// NotReady tells that repeating the call does not help until somebody has acted.
func (e *MigrateError) NotReady() bool { return true }

func (e *MigrateError) Error() string {
	if e.Kind == "" {
		return "sqlstore: " + e.Rule
	}
	return "sqlstore: kind " + e.Kind + ": " + e.Rule
}

// States of PostgreSQL that matter here.
const (
	serialization    = "40001"
	deadlock         = "40P01"
	unique           = "23505"
	lockNotAvailable = "55P03"
	idleInTx         = "25P03"
)

// state returns the SQLSTATE of an error of PostgreSQL, or "".
func state(err error) string {
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		return pg.Code
	}
	return ""
}

// busy turns what the server answers when it could not give us what we wanted,
// in time or at all, into a conflict. Each of these says that nothing of the
// transaction, or of the part since the savepoint, is left.
func busy(err error) error {
	switch state(err) {
	case serialization, deadlock, unique, lockNotAvailable, idleInTx:
		return &store.ConflictError{Reason: store.Busy, Err: err}
	}
	if lite, ok := errors.AsType[*sqlite.Error](err); ok {
		switch code := lite.Code(); {
		case code == sqlite3.SQLITE_BUSY_SNAPSHOT:
			return &store.ConflictError{Reason: store.Host, Err: err}
		case code&0xff == sqlite3.SQLITE_BUSY, code&0xff == sqlite3.SQLITE_LOCKED:
			return &store.ConflictError{Reason: store.Busy, Err: err}
		}
	}
	return err
}

// failed names the method in an error that is none of the vocabulary's.
func failed(method string, err error) error {
	if err == nil || typed(err) {
		return err
	}
	if err = busy(err); typed(err) {
		return err
	}
	return fmt.Errorf("sqlstore: %s: %w", method, err)
}

// typed reports whether err says what happened in the words of the contract, or of this package.
func typed(err error) bool {
	if _, ok := errors.AsType[*store.ConflictError](err); ok {
		return true
	}
	if _, ok := errors.AsType[*store.InvalidError](err); ok {
		return true
	}
	_, ok := errors.AsType[*MigrateError](err)
	return ok
}
