package schedule

import (
	"errors"
	"time"
)

// Errors of this package; test for them with errors.Is.
var (
	// ErrInvalid is what every [InvalidError] is: the schedule breaks a rule of its form.
	ErrInvalid = errors.New("invalid schedule")
	// ErrNeverOpens is returned by a call that needs open time where the calendar has none in that direction.
	ErrNeverOpens = errors.New("the calendar has no open time in that direction")
	// ErrOutside is returned for an instant before Begin or after End, and when the answer would lie there.
	ErrOutside = errors.New("outside of the years 1970 to 2200")
	// ErrNoDayLength is returned when business days are asked of a schedule that gives no day length and whose days
	// differ.
	ErrNoDayLength = errors.New("the schedule has no day length")
)

// An InvalidError names what in a schedule is wrong and the rule that it breaks. It is ErrInvalid.
type InvalidError struct {
	Field string // the way to it, such as "holidays[3].yearly" or "union[0].week.mon[1]"; empty for the whole
	Rule  string // what must hold, such as "is not a date such as 2024-12-25"
}

func (e *InvalidError) Error() string {
	if e.Field == "" {
		return "schedule: " + e.Rule
	}
	return "schedule: " + e.Field + ": " + e.Rule
}

// Is reports whether the target is ErrInvalid.
func (e *InvalidError) Is(target error) bool { return target == ErrInvalid }

func invalid(field, rule string) error { return &InvalidError{Field: field, Rule: rule} }

// An Error is why a calendar has no answer to a call.
type Error struct {
	Op       string    // the method, such as "Add"
	Calendar string    // the schedule's name
	At       time.Time // the instant asked about; zero where none was
	Err      error     // ErrNeverOpens, ErrOutside or ErrNoDayLength
}

func (e *Error) Error() string {
	text := "schedule: " + e.Op
	if e.Calendar != "" {
		text += " on " + e.Calendar
	}
	if !e.At.IsZero() {
		text += " at " + e.At.UTC().Format(time.RFC3339Nano)
	}
	return text + ": " + e.Err.Error()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }
