package forewarn

import (
	"encoding/json"
	"fmt"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn/store"
)

// Records reads and writes the records of one kind as values of T. It is an
// immutable value, made once for a package, and safe for concurrent use.
type Records[T any] struct {
	kind  store.Kind
	shape *Shape[T]
}

// Shape says where a record's id and version stand in T, and by what it is found.
type Shape[T any] struct {
	// ID and Version return the fields that hold them. Required.
	ID      func(*T) *uuid.UUID
	Version func(*T) *Version
	// Tenant returns the field that is given the record's tenant at reading; nil when T has none. Kinds that
	// are Global need one.
	Tenant func(*T) *string
	// Fields are the values by which records are found, Indexes how.
	Fields  []Field[T]
	Indexes []store.Index
	// Global kinds are paged over all tenants by SystemActor(store.System).
	Global bool
	// Upgrade makes a current body of an old one, before it is decoded; nil leaves bodies as they are.
	Upgrade func(json.RawMessage) (json.RawMessage, error)
}

// Field is a value by which records of T are found.
type Field[T any] struct {
	Name string
	Type store.Type
	Of   func(*T) store.Value
}

// NewRecords returns the records of a kind. It panics when the shape cannot be
// one, which its package's first test shows.
func NewRecords[T any](kind string, s Shape[T]) Records[T] {
	if s.ID == nil || s.Version == nil || s.Global && s.Tenant == nil {
		panic("forewarn: the shape of " + kind + " lacks ID, Version or, being global, Tenant")
	}
	r := Records[T]{shape: &s, kind: store.Kind{Name: kind, Indexes: s.Indexes, Global: s.Global}}
	for _, f := range s.Fields {
		r.kind.Fields = append(r.kind.Fields, store.Field{Name: f.Name, Type: f.Type})
	}
	r.kind.Of = func(body json.RawMessage) ([]store.Value, error) {
		t, err := r.decode(store.Record{Body: body})
		if err != nil {
			return nil, err
		}
		return r.values(&t), nil
	}
	if err := r.kind.Check(); err != nil {
		panic("forewarn: " + err.Error())
	}
	return r
}

// Kind returns the kind, for Engine.Keep.
func (r Records[T]) Kind() store.Kind { return r.kind }

// Key returns the key of a record in a tenant.
func (r Records[T]) Key(tenant string, id uuid.UUID) store.Key {
	return store.Key{Tenant: tenant, Kind: r.kind.Name, ID: id}
}

// Get returns a record and makes its version a precondition of the commit. It returns ErrNotFound when there is
// none, and then its absence is a precondition.
func (r Records[T]) Get(u *Unit, id uuid.UUID) (T, error) { return r.get(u, id, true) }

// GetAt is Get at the version that the caller saw: another version is ErrStale. Zero expects nothing.
func (r Records[T]) GetAt(u *Unit, id uuid.UUID, expect Version) (T, error) {
	t, err := r.get(u, id, true)
	if err == nil && expect != 0 && *r.shape.Version(&t) != expect {
		var none T
		return none, u.stick(&Error{Kind: ErrStale, Record: r.Key(u.actor.Tenant, id),
			Rule: fmt.Sprintf("has version %s, not %s", *r.shape.Version(&t), expect)})
	}
	return t, err
}

// Peek returns a record without making it a precondition.
func (r Records[T]) Peek(u *Unit, id uuid.UUID) (T, error) { return r.get(u, id, false) }

func (r Records[T]) get(u *Unit, id uuid.UUID, hold bool) (none T, err error) {
	if u.err != nil {
		return none, u.err
	}
	key := r.Key(u.actor.Tenant, id)
	if id == uuid.Nil {
		return none, NotFound(key)
	}
	body, version, err := u.get(u.ctx, key, hold && !u.reading)
	if err != nil {
		return none, u.stick(err)
	}
	if version == store.Absent {
		return none, NotFound(key)
	}
	t, err := r.decode(store.Record{Key: key, Version: version, Body: body})
	if err != nil {
		return none, u.stick(err)
	}
	return t, nil
}

// Prefetch reads records in one round trip, for Get and Peek to find.
func (r Records[T]) Prefetch(u *Unit, ids ...uuid.UUID) error {
	keys := make([]store.Key, 0, len(ids))
	for _, id := range ids {
		if id != uuid.Nil {
			keys = append(keys, r.Key(u.actor.Tenant, id))
		}
	}
	return u.Prefetch(keys...)
}

// Put writes a record: at the version that the unit has seen of it, otherwise at the version that it carries, where
// zero creates it. The new version is written into it.
//
// When others have changed meanwhile what the unit has seen, it runs again, and reads anew. A record that it has not
// read, because its value is of an earlier unit or of a caller, would meet the same again: it is ErrStale when it does
// not stand at the version that it carries, and ErrRefused when it was to be created and is there. Both name the record
// and come when the unit commits, after one run; under a request id after eight, since a further run may find the answer.
//
// When the unit has seen several versions of the record, since others changed it between two reads of which neither
// is a precondition, only a value of the last one is written. Any other would undo what they did: it is a conflict at
// once, and the unit runs again.
func (r Records[T]) Put(u *Unit, t *T) error {
	given := int64(*r.shape.Version(t))
	if given < 0 && u.err == nil {
		return u.stick(&Error{Kind: ErrInvalid, Record: r.Key(u.actor.Tenant, *r.shape.ID(t)), Field: r.kind.Name + ".version", Rule: "is below zero"})
	}
	return r.put(u, t, given)
}

// PutAny writes a record whatever stands there, unless the unit has seen it: then at the version seen, which is a
// conflict, as in Put, when there were several.
func (r Records[T]) PutAny(u *Unit, t *T) error { return r.put(u, t, store.Any) }

func (r Records[T]) put(u *Unit, t *T, given int64) error {
	key, err := r.keyOf(u, t)
	if err != nil {
		return err
	}
	if key.ID == uuid.Nil {
		return u.stick(Invalid(r.kind.Name+".id", "is empty"))
	}
	values := r.values(t)
	if err := r.kind.CheckValues(values); err != nil {
		return u.stick(err)
	}
	// The version that it will have stands in the body too, since results are kept as JSON.
	w, err := u.plan(key, given)
	if err != nil {
		return u.stick(err)
	}
	field := r.shape.Version(t)
	before := *field
	*field = Version(w.version)
	if w.body, err = json.Marshal(t); err != nil {
		*field = before
		return u.stick(&Error{Kind: ErrInvalid, Record: key, Rule: "is no JSON", Cause: err})
	}
	w.values = values
	if err := u.put(key, w); err != nil {
		*field = before
		return u.stick(err)
	}
	u.gave(field, before)
	return nil
}

// Delete deletes a record: at the version that the unit has seen, otherwise whatever stands there. When the unit has
// seen several versions, only a value of the last one will do, as in Put.
func (r Records[T]) Delete(u *Unit, t *T) error {
	key, err := r.keyOf(u, t)
	if err != nil {
		return err
	}
	return u.stick(u.delete(key, int64(*r.shape.Version(t))))
}

// keyOf returns the key of a record that is to be written.
func (r Records[T]) keyOf(u *Unit, t *T) (store.Key, error) {
	key := r.Key(u.actor.Tenant, *r.shape.ID(t))
	if u.err != nil {
		return key, u.err
	}
	if u.readonly {
		return key, u.stick(&Error{Kind: ErrInvalid, Record: key, Cause: errReadOnly})
	}
	if r.shape.Tenant == nil {
		return key, nil
	}
	tenant := r.shape.Tenant(t)
	switch {
	case *tenant == "":
		*tenant = key.Tenant
	case *tenant != key.Tenant && u.actor.system && key.Tenant == store.System && r.kind.Global:
		key.Tenant = *tenant
	case *tenant != key.Tenant:
		return key, u.stick(NotFound(key))
	}
	return key, nil
}

func (r Records[T]) values(t *T) []store.Value {
	values := make([]store.Value, len(r.shape.Fields))
	for i, f := range r.shape.Fields {
		values[i] = f.Of(t)
	}
	return values
}

func (r Records[T]) decode(rec store.Record) (t T, err error) {
	body := rec.Body
	if r.shape.Upgrade != nil {
		if body, err = r.shape.Upgrade(body); err != nil {
			return t, unreadable(rec.Key, err)
		}
	}
	if err := json.Unmarshal(body, &t); err != nil {
		return t, unreadable(rec.Key, err)
	}
	if rec.ID != uuid.Nil {
		*r.shape.ID(&t) = rec.ID
		*r.shape.Version(&t) = Version(rec.Version)
		if r.shape.Tenant != nil {
			*r.shape.Tenant(&t) = rec.Tenant
		}
	}
	return t, nil
}

// unreadable says that a stored body is none of its type. It is of no kind: neither the caller nor an outage is to blame.
func unreadable(key store.Key, err error) error {
	return &Error{Record: key, Rule: "the stored body cannot be read", Cause: err}
}
