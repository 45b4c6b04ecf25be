package sla

import (
	"fmt"
	"time"
)

// Error says which value breaks which rule. Nothing has changed when a function returns one.
type Error struct {
	Field string // the value, as definitions[2].target.duration
	Rule  string // the rule, in words, with the value where that helps
	Err   error  // what lies below; nil when nothing does
}

// Error returns field and rule in one line.
func (e *Error) Error() string {
	text := "sla: " + e.Rule
	if e.Field != "" {
		text = "sla: " + e.Field + ": " + e.Rule
	}
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Unwrap returns what lies below.
func (e *Error) Unwrap() error { return e.Err }

func invalid(field, rule string, args ...any) *Error {
	return &Error{Field: field, Rule: fmt.Sprintf(rule, args...)}
}

// within puts the name of what holds the value in front of an error's field.
func within(outer string, err *Error) *Error {
	if err == nil {
		return nil
	}
	named := *err
	named.Field = outer
	if err.Field != "" && err.Field[0] != '[' {
		named.Field += "."
	}
	named.Field += err.Field
	return &named
}

// LateError is returned by Advance for a fact that is earlier than the last one of the timeline. Repair takes it.
type LateError struct {
	Fact Fact
	Last time.Time // the instant of the last fact
}

// Error names the fact and the two instants.
func (e *LateError) Error() string {
	return fmt.Sprintf("sla: fact %q of %s is late: the timeline is at %s", e.Fact.Kind, stamp(e.Fact.At), stamp(e.Last))
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }
