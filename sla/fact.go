package sla

import (
	"fmt"
	"maps"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/forewarn-go/forewarn/sla/schedule"
)

// Task names what the clocks of a timeline belong to. Definitions are attached to tasks of their type.
type Task struct {
	Type string `json:"type"` // as case or incident
	ID   string `json:"id"`   // of the host, or ""
}

// Fact is what happened to a task at an instant: something that has a name, new values of fields, or both.
type Fact struct {
	At   time.Time         `json:"at"`
	Kind string            `json:"kind,omitempty"` // what happened, as agent_comment; "" when only fields changed
	Set  map[string]string `json:"set,omitempty"`  // fields and their new values; a field that was never set is ""
}

// What may stand in a fact.
const (
	maxName   = 100  // bytes of a kind or of a field's name
	maxValue  = 1000 // bytes of a value
	maxFields = 50   // fields in one fact
)

// Facts lie in the years that calendars know.
var earliest, latest = schedule.Begin(), schedule.End()

func checkInstant(field string, t time.Time) *Error {
	if t.Before(earliest) || !t.Before(latest) {
		return invalid(field, "%s: lies outside of the years 1970 to 2200", stamp(t))
	}
	return nil
}

func checkName(field, name string) *Error {
	switch {
	case name == "":
		return invalid(field, "is empty")
	case len(name) > maxName:
		return invalid(field, "is longer than %d bytes", maxName)
	case !utf8.ValidString(name):
		return invalid(field, "is not UTF-8")
	}
	return nil
}

func (f Fact) check() *Error {
	if err := checkInstant("fact.at", f.At); err != nil {
		return err
	}
	if f.Kind != "" {
		if err := checkName("fact.kind", f.Kind); err != nil {
			return err
		}
	}
	switch {
	case f.Kind == "" && len(f.Set) == 0:
		return invalid("fact", "says neither what happened nor which fields changed")
	case len(f.Set) > maxFields:
		return invalid("fact.set", "has %d fields, at most %d are allowed", len(f.Set), maxFields)
	}
	for _, name := range slices.Sorted(maps.Keys(f.Set)) {
		if err := checkName("fact.set", name); err != nil {
			return err
		}
		if v := f.Set[name]; len(v) > maxValue || !utf8.ValidString(v) {
			return invalid("fact.set."+name, "is longer than %d bytes or not UTF-8", maxValue)
		}
	}
	return nil
}

// normal returns the fact as timelines keep it: in UTC, without a monotonic reading, not shared with the caller.
func (f Fact) normal() Fact {
	f.At = f.At.UTC().Round(0)
	if len(f.Set) == 0 {
		f.Set = nil
	}
	f.Set = maps.Clone(f.Set)
	return f
}

// String returns the fact on one line: instant, kind, fields by name.
func (f Fact) String() string {
	text := stamp(f.At)
	if f.Kind != "" {
		text += " " + f.Kind
	}
	for _, name := range slices.Sorted(maps.Keys(f.Set)) {
		text += fmt.Sprintf(" %s=%q", name, f.Set[name])
	}
	return text
}

// view is what conditions see: the task after some fact.
type view struct {
	fields map[string]string
	kind   string         // of the fact itself
	first  map[string]int // the first and the last fact of each kind so far
	last   map[string]int
}

func newView() view {
	return view{fields: map[string]string{}, first: map[string]int{}, last: map[string]int{}}
}

func (v view) clone() view {
	return view{maps.Clone(v.fields), v.kind, maps.Clone(v.first), maps.Clone(v.last)}
}

// take goes on to fact number i. The view must be the caller's own.
func (v *view) take(i int, f Fact) {
	v.kind = f.Kind
	maps.Copy(v.fields, f.Set)
	if f.Kind == "" {
		return
	}
	if _, ok := v.first[f.Kind]; !ok {
		v.first[f.Kind] = i
	}
	v.last[f.Kind] = i
}
