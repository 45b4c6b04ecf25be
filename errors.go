package forewarn

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn/store"
)

// The errors of use cases. What is returned is an *Error that wraps one of them; ask with errors.Is.
var (
	// ErrNotFound (404): there is no such record, or the actor may not know of it.
	ErrNotFound = errors.New("not found")
	// ErrInvalid (422): the call breaks a rule that needs no record to tell.
	ErrInvalid = errors.New("invalid")
	// ErrRefused (409): a rule of the field forbids it as things stand.
	ErrRefused = errors.New("refused")
	// ErrForbidden (403): the actor may not do this.
	ErrForbidden = errors.New("forbidden")
	// ErrStale (412): the version that the caller saw is not the current one.
	ErrStale = errors.New("stale")
	// ErrReused (409): the request id stands for another command.
	ErrReused = errors.New("request id reused")
	// ErrConflict (503): others changed the same records in all of eight runs. Nothing has happened.
	ErrConflict = errors.New("conflict")
	// ErrUnavailable (503): the store did not answer, or the outcome of a commit is not known. Repeat the call
	// under its request id.
	ErrUnavailable = errors.New("unavailable")
)

// Error says what a use case refused, of which record, by which rule.
type Error struct {
	Op     string    // the use case, as psew.Escalate
	Record store.Key // the record concerned; zero when there is none
	Field  string    // the field of the command or the record; "" when there is none
	Rule   string    // the rule, in words
	Kind   error     // one of the errors of this package
	Cause  error     // what lies below; nil when nothing does
}

// Error returns operation, kind, record, field and rule in one line.
func (e *Error) Error() string {
	var parts []string
	add := func(part string) {
		if part != "" {
			parts = append(parts, part)
		}
	}
	add(e.Op)
	if e.Kind != nil {
		add(e.Kind.Error())
	}
	switch {
	case e.Record.ID != uuid.Nil:
		add(e.Record.Kind + " " + e.Record.ID.String())
	default:
		add(e.Record.Kind)
	}
	add(e.Field)
	add(e.Rule)
	switch cause := e.Cause.(type) {
	case nil, *store.InvalidError: // field and rule are its own
	case *store.ConflictError: // record and reason are
		if cause.Err != nil {
			add(cause.Err.Error())
		}
	default:
		add(cause.Error())
	}
	return strings.Join(parts, ": ")
}

// Unwrap returns the kind and the cause.
func (e *Error) Unwrap() []error {
	all := make([]error, 0, 2)
	if e.Kind != nil {
		all = append(all, e.Kind)
	}
	if e.Cause != nil {
		all = append(all, e.Cause)
	}
	return all
}

// Invalid returns an ErrInvalid that names field and rule.
func Invalid(field, rule string, args ...any) error {
	return &Error{Kind: ErrInvalid, Field: field, Rule: text(rule, args)}
}

// Refused returns an ErrRefused that names record, field and rule.
func Refused(record store.Key, field, rule string, args ...any) error {
	return &Error{Kind: ErrRefused, Record: record, Field: field, Rule: text(rule, args)}
}

// Forbidden returns an ErrForbidden that names the act and what it asks for.
func Forbidden(rule string, args ...any) error {
	return &Error{Kind: ErrForbidden, Rule: text(rule, args)}
}

// NotFound returns an ErrNotFound that names the record.
func NotFound(record store.Key) error { return &Error{Kind: ErrNotFound, Record: record} }

func text(format string, args []any) string {
	if len(args) == 0 {
		return format
	}
	return fmt.Sprintf(format, args...)
}

// HTTPStatus returns the status code that a server answers an error with: 200
// for nil, 404, 422, 409, 403, 412, 409, 503 and 503 for the errors of this
// package in their order, and 500 for any other. The outermost *Error decides,
// not what caused it.
func HTTPStatus(err error) int {
	var e *Error
	if errors.As(err, &e) && e.Kind != nil {
		err = e.Kind
	}
	switch {
	case err == nil:
		return 200
	case errors.Is(err, ErrNotFound):
		return 404
	case errors.Is(err, ErrInvalid):
		return 422
	case errors.Is(err, ErrRefused), errors.Is(err, ErrReused):
		return 409
	case errors.Is(err, ErrForbidden):
		return 403
	case errors.Is(err, ErrStale):
		return 412
	case errors.Is(err, ErrConflict), errors.Is(err, ErrUnavailable):
		return 503
	}
	return 500
}

// storeError makes an *Error of what a store returned.
func storeError(err error) error {
	var e *Error
	if err == nil || errors.As(err, &e) {
		return err
	}
	var bad *store.InvalidError
	if errors.As(err, &bad) {
		return &Error{Kind: ErrInvalid, Field: bad.Field, Rule: bad.Rule, Cause: err}
	}
	var conflict *store.ConflictError
	if errors.As(err, &conflict) {
		return &Error{Kind: ErrConflict, Record: conflict.Key, Rule: conflict.Reason, Cause: err}
	}
	rule := "the store did not answer"
	var unready interface{ NotReady() bool }
	if errors.As(err, &unready) && unready.NotReady() {
		rule = "the store is not ready"
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		rule = "the call ended before the store had answered"
	}
	return &Error{Kind: ErrUnavailable, Rule: rule, Cause: err}
}

// inOp names the operation in an error that does not name one yet.
func inOp(op string, err error) error {
	var e *Error
	if err == nil {
		return nil
	}
	if !errors.As(err, &e) || e.Op != "" {
		return err
	}
	if top, ok := err.(*Error); ok {
		named := *top
		named.Op = op
		return &named
	}
	return fmt.Errorf("%s: %w", op, err)
}
