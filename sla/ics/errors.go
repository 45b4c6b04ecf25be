package ics

import (
	"strconv"

	"github.com/forewarn-go/forewarn/sla/schedule"
)

// An InvalidError names what in a file is wrong or cannot be read, and the rule. It is [schedule.ErrInvalid].
type InvalidError struct {
	Event    int    // the number of the event in the file, from 1; 0 for the file itself
	UID      string // of the event, where it has one
	Property string // such as "RRULE"; empty for the whole
	Rule     string // what must hold
}

func (e *InvalidError) Error() string {
	text := "ics: "
	if e.Event > 0 {
		text += "event " + strconv.Itoa(e.Event)
		if e.UID != "" {
			text += " (" + short(e.UID) + ")"
		}
		text += ": "
	}
	if e.Property != "" {
		text += e.Property + ": "
	}
	return text + e.Rule
}

// Is reports whether the target is schedule.ErrInvalid.
func (e *InvalidError) Is(target error) bool { return target == schedule.ErrInvalid }

// A fault is what is wrong with one property of an event that its reader knows.
type fault struct{ property, rule string }

func (f *fault) Error() string { return f.property + ": " + f.rule }

func wrong(property, rule string) error { return &fault{property, rule} }

// short quotes a text of somebody else and cuts it where it is long.
func short(s string) string {
	const most = 60
	if len(s) > most {
		return strconv.Quote(s[:most]) + "…"
	}
	return strconv.Quote(s)
}
