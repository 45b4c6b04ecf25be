package store

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// A Kind says how a type of record is found: by which fields, in which indexes.
type Kind struct {
	// Name is the kind's name: a lower-case letter, then letters, digits and underscores, at most 40 bytes.
	Name string
	// Fields are the values that stand beside a record, each once, named as kinds are.
	Fields []Field
	// Indexes name fields; each index is named as kinds are.
	Indexes []Index
	// Of returns one value per field from a body: for back-fill after a change of the fields, and for stored
	// rows that a unit of work holds against its own writes. It is not compared by Keep.
	Of func(body json.RawMessage) ([]Value, error)
	// Global kinds are also found across tenants.
	Global bool
}

// A Field is one value by which records are found.
type Field struct {
	Name string
	Type Type
}

// Type is the type of a field.
type Type uint8

// The types of fields. Booleans are 0 and 1, times are microseconds since 1970 UTC.
const (
	Text Type = iota + 1
	Int
)

// String returns "text" or "int".
func (t Type) String() string {
	switch t {
	case Text:
		return "text"
	case Int:
		return "int"
	}
	return fmt.Sprintf("Type(%d)", uint8(t))
}

// An Index orders records by one or more fields, then by id, and for global
// kinds then by tenant. {state} finds by state, {state, opened} by state and
// then in order of opening.
type Index struct {
	Name   string
	Fields []string
}

// Bounds of text values, in bytes.
const (
	MaxText    = 1 << 10 // of one value
	MaxIndexed = 2 << 10 // of the values of one index together: the rows of an engine's index have a bound
)

// Value is the value of a field. The zero Value is absent: a record with an
// absent value is not in the indexes that name the field.
type Value struct {
	Text string // at most MaxText bytes of valid UTF-8 without NUL
	Int  int64
	Set  bool
}

// TextValue returns a value of type Text. The empty text is a value, not an absent one.
func TextValue(s string) Value { return Value{Text: s, Set: true} }

// IntValue returns a value of type Int.
func IntValue(n int64) Value { return Value{Int: n, Set: true} }

// BoolValue returns 1 for true and 0 for false.
func BoolValue(b bool) Value {
	if b {
		return IntValue(1)
	}
	return IntValue(0)
}

// TimeValue returns a time as microseconds since 1970 UTC; the zero time is absent.
func TimeValue(t time.Time) Value {
	if t.IsZero() {
		return Value{}
	}
	return IntValue(t.UnixMicro())
}

// Compare orders two values of the same type: integers by size, texts by bytes. Absent values come first.
func (v Value) Compare(o Value) int {
	switch {
	case v.Set != o.Set:
		if o.Set {
			return -1
		}
		return 1
	case v.Int != o.Int:
		return cmp.Compare(v.Int, o.Int)
	}
	return strings.Compare(v.Text, o.Text)
}

// check returns why v is no value of type t, or "".
func (v Value) check(t Type) string {
	switch {
	case !v.Set:
		if v.Text != "" || v.Int != 0 {
			return "an absent value holds nothing"
		}
	case t == Text:
		if v.Int != 0 {
			return "a text holds no integer"
		}
		return checkText(v.Text)
	case v.Text != "":
		return "an integer holds no text"
	}
	return ""
}

// FieldIndex returns the position of the named field, or -1.
func (k Kind) FieldIndex(name string) int {
	return slices.IndexFunc(k.Fields, func(f Field) bool { return f.Name == name })
}

// Index returns the named index.
func (k Kind) Index(name string) (Index, bool) {
	i := slices.IndexFunc(k.Indexes, func(x Index) bool { return x.Name == name })
	if i < 0 {
		return Index{}, false
	}
	return k.Indexes[i], true
}

// Check returns an *InvalidError when the kind is not well formed.
func (k Kind) Check() error {
	if !validName(k.Name) {
		return invalid("kind", "%q is no name: a lower-case letter, then lower-case letters, digits and underscores, at most 40", k.Name)
	}
	if len(k.Fields) > 0 && k.Of == nil {
		return invalid("kind "+k.Name, "has fields and no Of")
	}
	seen := map[string]bool{}
	for _, f := range k.Fields {
		switch {
		case !validName(f.Name):
			return invalid("kind "+k.Name, "field %q is no name", f.Name)
		case seen[f.Name]:
			return invalid("kind "+k.Name, "field %q stands twice", f.Name)
		case f.Type != Text && f.Type != Int:
			return invalid("kind "+k.Name, "field %q has no type", f.Name)
		}
		seen[f.Name] = true
	}
	names := map[string]bool{}
	for _, x := range k.Indexes {
		switch {
		case !validName(x.Name):
			return invalid("kind "+k.Name, "index %q is no name", x.Name)
		case names[x.Name]:
			return invalid("kind "+k.Name, "index %q stands twice", x.Name)
		case len(x.Fields) == 0:
			return invalid("kind "+k.Name, "index %q names no field", x.Name)
		}
		names[x.Name] = true
		in := map[string]bool{}
		for _, f := range x.Fields {
			if !seen[f] {
				return invalid("kind "+k.Name, "index %q names %q, which is no field", x.Name, f)
			}
			if in[f] {
				return invalid("kind "+k.Name, "index %q names %q twice", x.Name, f)
			}
			in[f] = true
		}
	}
	return nil
}

// Same reports whether two kinds are found the same way: name, fields, indexes
// and global are compared, Of is not.
func (k Kind) Same(o Kind) bool {
	return k.Name == o.Name && k.Global == o.Global && slices.Equal(k.Fields, o.Fields) &&
		slices.EqualFunc(k.Indexes, o.Indexes, func(a, b Index) bool {
			return a.Name == b.Name && slices.Equal(a.Fields, b.Fields)
		})
}

// CheckValues returns an *InvalidError unless values has one fitting value per field.
func (k Kind) CheckValues(values []Value) error {
	if len(values) != len(k.Fields) {
		return invalid("values", "kind %s has %d fields, not %d", k.Name, len(k.Fields), len(values))
	}
	for i, v := range values {
		if rule := v.check(k.Fields[i].Type); rule != "" {
			return invalid(k.Name+"."+k.Fields[i].Name, "%s", rule)
		}
	}
	for _, x := range k.Indexes {
		if len(x.Fields) < 3 {
			continue // two values cannot pass the bound
		}
		n := 0
		for _, f := range x.Fields {
			n += len(values[k.FieldIndex(f)].Text)
		}
		if n > MaxIndexed {
			return invalid(k.Name+"."+x.Name, "the texts of the index have %d bytes together; at most %d", n, MaxIndexed)
		}
	}
	return nil
}

func validName(s string) bool {
	if s == "" || len(s) > 40 || s[0] < 'a' || s[0] > 'z' {
		return false
	}
	for i := 1; i < len(s); i++ {
		c := s[i]
		if c != '_' && (c < 'a' || c > 'z') && (c < '0' || c > '9') {
			return false
		}
	}
	return true
}

// Kinds holds the kinds that a store keeps. The zero value is empty. It is not
// safe for concurrent use while kinds are added.
type Kinds struct{ byName map[string]Kind }

// Add adds kinds. The same kind twice is fine; a different one of that name is an *InvalidError,
// and then none is added.
func (ks *Kinds) Add(kinds ...Kind) error {
	next := make(map[string]Kind, len(ks.byName)+len(kinds))
	for n, k := range ks.byName {
		next[n] = k
	}
	for _, k := range kinds {
		if err := k.Check(); err != nil {
			return err
		}
		if old, ok := next[k.Name]; ok {
			if !old.Same(k) {
				return invalid("kind "+k.Name, "is kept already with other fields or indexes")
			}
			continue
		}
		next[k.Name] = k.clone()
	}
	ks.byName = next
	return nil
}

// clone returns the kind in memory of its own.
func (k Kind) clone() Kind {
	k.Fields = slices.Clone(k.Fields)
	k.Indexes = slices.Clone(k.Indexes)
	for i := range k.Indexes {
		k.Indexes[i].Fields = slices.Clone(k.Indexes[i].Fields)
	}
	return k
}

// Get returns the kind of that name, or an *InvalidError that says that it is not kept.
func (ks *Kinds) Get(name string) (Kind, error) {
	k, ok := ks.byName[name]
	if !ok {
		return Kind{}, invalid("kind "+name, "is not kept by this store; call Keep first")
	}
	return k, nil
}

// All returns the kinds by name.
func (ks *Kinds) All() []Kind {
	all := make([]Kind, 0, len(ks.byName))
	for _, k := range ks.byName {
		all = append(all, k)
	}
	slices.SortFunc(all, func(a, b Kind) int { return strings.Compare(a.Name, b.Name) })
	return all
}
