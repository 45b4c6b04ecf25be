package forewarn

import (
	"time"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn/store"
)

// Text returns a text value; the empty text is found like any other.
func Text[S ~string](s S) store.Value { return store.TextValue(string(s)) }

// OptionalText returns a text value that is absent when empty, and then not in the indexes that name it.
func OptionalText[S ~string](s S) store.Value {
	if s == "" {
		return store.Value{}
	}
	return store.TextValue(string(s))
}

// Texts returns text values.
func Texts[S ~string](s ...S) []store.Value {
	all := make([]store.Value, len(s))
	for i := range s {
		all[i] = Text(s[i])
	}
	return all
}

// ID returns an id as a value; the zero id is absent.
func ID(id uuid.UUID) store.Value {
	if id == uuid.Nil {
		return store.Value{}
	}
	return store.TextValue(id.String())
}

// IDs returns ids as values.
func IDs(ids ...uuid.UUID) []store.Value {
	all := make([]store.Value, len(ids))
	for i := range ids {
		all[i] = ID(ids[i])
	}
	return all
}

// Int returns an integer value.
func Int[N ~int | ~int64](n N) store.Value { return store.IntValue(int64(n)) }

// Bool returns a boolean value.
func Bool(b bool) store.Value { return store.BoolValue(b) }

// Time returns a time as a value; the zero time is absent.
func Time(t time.Time) store.Value { return store.TimeValue(t) }
