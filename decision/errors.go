package decision

import (
	"errors"
	"strconv"
	"strings"
)

// What can be wrong. Each is the Kind of an *Error, and errors.Is finds it.
var (
	// ErrTable says that a table cannot be compiled: Error names the column or rule.
	ErrTable = errors.New("invalid table")
	// ErrSyntax says that a text is no cell, value, type or hit policy.
	ErrSyntax = errors.New("invalid syntax")
	// ErrInput says that an input is unknown, or that there are too many or too few.
	ErrInput = errors.New("unknown input")
	// ErrMissing says that an input is missing or null and not optional.
	ErrMissing = errors.New("missing input")
	// ErrType says that a value is not of its column's type.
	ErrType = errors.New("wrong type")
	// ErrNotAllowed says that a value is none of its column's allowed ones.
	ErrNotAllowed = errors.New("value not allowed")
	// ErrNotUnique says that two rules match under the hit policy UNIQUE.
	ErrNotUnique = errors.New("two rules match")
	// ErrUnequal says that two rules with different outputs match under ANY.
	ErrUnequal = errors.New("matching rules differ")
	// ErrLimit says that a table, cell or value is larger than this package takes.
	ErrLimit = errors.New("limit exceeded")
)

// Error says what is wrong, and where.
type Error struct {
	Kind   error  // one of the sentinels of this package
	Table  string // the table's name; empty for a text that belongs to none
	Column string // the input or output; empty when the whole table or rule is meant
	Rule   int    // the rule, from 1; 0 when no rule is concerned
	Other  int    // the second rule of two, from 1; 0 when there is none
	Value  Value  // the value that was refused; missing when there is none
	Place  string // where it stands in a file, such as line 7 or cell C7; empty when not read from one, or not known
	Reason string // what is wrong, in words
}

// Error returns all of it in one line.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("decision: ")
	sep := ""
	part := func(what, name string) {
		b.WriteString(sep + what + name)
		sep = ", "
	}
	if e.Table != "" {
		part("table ", quote(e.Table))
	}
	switch {
	case e.Rule > 0 && e.Other > 0:
		part("rules ", itoa(e.Rule)+" and "+itoa(e.Other))
	case e.Rule > 0:
		part("rule ", itoa(e.Rule))
	}
	if e.Column != "" {
		part("column ", quote(e.Column))
	}
	if e.Place != "" {
		part("", e.Place)
	}
	if sep != "" {
		b.WriteString(": ")
	}
	if e.Kind != nil {
		b.WriteString(e.Kind.Error())
		if e.Reason != "" {
			b.WriteString(": ")
		}
	}
	b.WriteString(e.Reason)
	return b.String()
}

// Unwrap returns the kind, for errors.Is.
func (e *Error) Unwrap() error { return e.Kind }

// Errors are all defects of a table, in the order of its columns and rules.
type Errors []*Error

// maxErrors is how many defects are listed.
const maxErrors = 100

// Error returns the defects, one a line.
func (e Errors) Error() string {
	lines := make([]string, len(e))
	for i, one := range e {
		lines[i] = one.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap returns the defects, for errors.Is and errors.As.
func (e Errors) Unwrap() []error {
	all := make([]error, len(e))
	for i, one := range e {
		all[i] = one
	}
	return all
}

func quote(s string) string { return strconv.Quote(s) }

func itoa(n int) string { return strconv.Itoa(n) }
