package store

import "fmt"

// InvalidError says that a call can never succeed as it stands: a query that
// does not fit its kind, a batch over the limits, a kind that is not kept.
// Nothing has happened when it is returned.
type InvalidError struct {
	Field string // what is wrong: a field of the query, of the batch, a kind
	Rule  string // the rule that it breaks
}

func (e *InvalidError) Error() string { return "store: " + e.Field + ": " + e.Rule }

func invalid(field, format string, args ...any) error {
	return &InvalidError{Field: field, Rule: fmt.Sprintf(format, args...)}
}

// Reasons of a ConflictError.
const (
	Exists  = "exists"  // a record that was to be created, or was read as absent, stands there
	Changed = "changed" // the record stands at another version
	Gone    = "gone"    // the record is not there any more
	Busy    = "busy"    // the store could not get at the records in time, or it was a deadlock
	Host    = "host"    // a joined transaction that must end first; running the unit again inside it is no use
)

// ConflictError says that a precondition of a commit did not hold, or that the
// store could not decide in time. Nothing of the batch has happened.
type ConflictError struct {
	Key    Key    // zero when the store cannot tell
	Reason string // Exists, Changed, Gone, Busy or Host
	Err    error  // the store's own error, if any
}

func (e *ConflictError) Error() string {
	s := "store: conflict: " + e.Reason
	if e.Key != (Key{}) {
		s += ": " + e.Key.String()
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap returns the store's own error.
func (e *ConflictError) Unwrap() error { return e.Err }
