package forewarn

import (
	"context"
	"encoding/json"
	"errors"
	"slices"

	"github.com/forewarn-go/forewarn/store"
)

func isNotFound(err error) bool { return errors.Is(err, ErrNotFound) }

// at returns the entry of a key, made when it is not there.
func (r *run) at(key store.Key) *entry {
	e := r.entries[key]
	if e == nil {
		if len(r.spare) == 0 {
			r.spare = make([]entry, 8)
		}
		e, r.spare = &r.spare[0], r.spare[1:]
		r.entries[key] = e
	}
	return e
}

// load reads what the unit does not hold yet, in one round trip.
func (r *run) load(ctx context.Context, keys ...store.Key) error {
	missing := make([]store.Key, 0, len(keys))
	for _, k := range keys {
		if e := r.entries[k]; e == nil || !e.loaded && e.write.op == opNone {
			missing = append(missing, k)
		}
	}
	if len(missing) > 1 {
		slices.SortFunc(missing, store.Key.Compare)
		missing = slices.Compact(missing)
	}
	for chunk := range slices.Chunk(missing, 1000) {
		records, err := r.store.Get(ctx, chunk...)
		if err != nil {
			return err
		}
		for _, rec := range records {
			e := r.at(rec.Key)
			e.moved = e.moved || e.known && e.version != rec.Version
			e.known, e.loaded, e.version, e.body = true, true, rec.Version, rec.Body
		}
	}
	return nil
}

// get returns the body and version of a record as the unit sees it; version 0 when it is not there. With hold it
// becomes a precondition of the commit.
func (r *run) get(ctx context.Context, key store.Key, hold bool) (json.RawMessage, int64, error) {
	e := r.entries[key]
	if e == nil || !e.loaded && e.write.op == opNone {
		if err := r.load(ctx, key); err != nil {
			return nil, 0, err
		}
		e = r.entries[key]
	}
	switch e.write.op {
	case opPut:
		return e.write.body, e.write.version, nil
	case opDelete:
		return nil, 0, nil
	}
	if hold && !e.got {
		e.got = true
		r.count(1, 0)
	}
	return e.body, e.version, nil
}

// found notes the version of a stored row that a query has found.
func (r *run) found(rec store.Record) error {
	if r.reading {
		return nil // it writes nothing, at no version
	}
	e := r.at(rec.Key)
	if e.known && e.version != rec.Version {
		if e.got || e.write.op != opNone {
			return changed(rec.Key, rec.Version)
		}
		e.loaded, e.body, e.moved = false, nil, true
	}
	e.known, e.version = true, rec.Version
	return nil
}

// older reports whether a value is of another version than the one that the unit has seen last, or has made, of a
// record that others changed under it: written or deleted at that one, it would undo what they did.
func (e *entry) older(given int64) bool {
	return e.moved && given != e.version && (e.write.op != opPut || given != e.write.version)
}

// plan returns what a put of a record expects, and the version that it gives: it is written at the version that the
// unit has seen, otherwise at the given one.
func (r *run) plan(key store.Key, given int64) (write, error) {
	w := write{op: opPut, expect: given, given: given != store.Any}
	if e := r.entries[key]; e != nil {
		switch {
		case e.older(given):
			return w, changed(key, e.version)
		case e.write.op == opPut:
			w.expect, w.given, w.version = e.write.expect, e.write.given, e.write.version
		case e.write.op == opDelete:
			w.expect, w.given = e.write.expect, e.write.given
		case e.known:
			w.expect, w.given = e.version, false
		}
	}
	if w.version == 0 {
		w.version = w.expect + 1
		if w.expect <= 0 {
			w.version = r.freshVersion()
		}
	}
	return w, nil
}

// put writes a record as planned.
func (r *run) put(key store.Key, w write) error {
	if len(w.body) > store.MaxBody {
		return &Error{Kind: ErrInvalid, Record: key, Field: "body", Rule: text("has %d bytes; at most %d", []any{len(w.body), store.MaxBody})}
	}
	return r.write(key, r.at(key), w)
}

// gave notes that a put has written a version into a value of the caller's, to take it back with the put.
func (r *run) gave(field *Version, before Version) {
	u := &r.undo[len(r.undo)-1]
	u.field, u.before, u.after = field, before, *field
}

// delete deletes a record: at the version that the unit has seen, otherwise whatever stands there. given is that of
// the value that was decided on.
func (r *run) delete(key store.Key, given int64) error {
	e := r.at(key)
	w := write{op: opDelete, expect: store.Any}
	switch {
	case e.write.op == opDelete:
		return nil
	case e.known && e.version == store.Absent && e.write.op == opNone:
		return nil
	case e.older(given):
		return changed(key, e.version)
	case e.write.op == opPut:
		w.expect, w.given = e.write.expect, e.write.given // Absent, where it was made here: then it must not be there
	case e.known:
		w.expect = e.version
	}
	return r.write(key, e, w)
}

func (r *run) write(key store.Key, e *entry, w write) error {
	if !e.listed {
		e.listed = true
		r.written[key.Kind] = append(r.written[key.Kind], ownedEntry{key, e})
	}
	before := e.cost()
	r.undo = append(r.undo, undo{entry: e, write: e.write})
	e.write = w
	after := e.cost()
	r.count(after.entries-before.entries, after.bytes-before.bytes)
	return r.fits()
}

// fits returns an ErrInvalid when the unit has outgrown what its store takes in one commit.
func (r *run) fits() error {
	if r.usedEntries > r.maxEntries || r.usedBytes > r.maxBytes {
		return Invalid("unit", "has %d entries and %d bytes; one commit of this store takes %d and %d: what is larger is fan-out",
			r.usedEntries, r.usedBytes, r.maxEntries, r.maxBytes)
	}
	return nil
}

type cost struct{ entries, bytes int }

func (e *entry) cost() cost {
	switch {
	case e.write.op == opPut:
		return cost{1, store.PutBytes(store.Put{Body: e.write.body, Values: e.write.values})}
	case e.write.op == opDelete, e.got:
		return cost{1, 0}
	}
	return cost{}
}

func (r *run) count(entries, bytes int) {
	r.usedEntries += entries
	r.usedBytes += bytes + entries*store.EntryBytes
}

func changed(key store.Key, version int64) error {
	reason := store.Changed
	if version == store.Absent {
		reason = store.Gone
	}
	return &store.ConflictError{Key: key, Reason: reason}
}

// mark is where a nested use case began.
type mark struct{ undo, forget int }

func (r *run) mark() mark { return mark{len(r.undo), len(r.forget)} }

// rollback takes back what was written, scheduled and announced since the mark. What was read stays a precondition.
func (r *run) rollback(to mark) {
	for i := len(r.undo) - 1; i >= to.undo; i-- {
		switch u := r.undo[i]; {
		case u.entry != nil:
			before := u.entry.cost()
			u.entry.write = u.write
			if u.field != nil && *u.field == u.after {
				*u.field = u.before
			}
			after := u.entry.cost()
			r.count(after.entries-before.entries, after.bytes-before.bytes)
		case u.previous == nil:
			r.count(-len(u.ticket.events), -u.ticket.bytes)
			r.tickets = slices.DeleteFunc(r.tickets, func(a *announced) bool { return a == u.ticket })
			r.entries[u.ticket.key].ticket = nil
		default:
			r.count(len(u.previous.events)-len(u.ticket.events), u.previous.bytes-u.ticket.bytes)
			*u.ticket = *u.previous
		}
	}
	r.undo = r.undo[:to.undo]
	dropped := len(r.forget) - to.forget
	r.count(-dropped, 0)
	r.forget = r.forget[:to.forget]
}

// batch makes the batch of the unit; its entries are in the order of their keys. It is empty when the unit writes nothing.
func (r *run) batch() (store.Batch, error) {
	var b store.Batch
	keys := make([]store.Key, 0, len(r.entries))
	puts, deletes := 0, 0
	for k, e := range r.entries {
		if e.write.op == opNone && !e.got {
			continue
		}
		keys = append(keys, k)
		switch e.write.op {
		case opPut:
			puts++
		case opDelete:
			deletes++
		}
	}
	b.Puts = make([]store.Put, 0, puts)
	b.Reads = make([]store.Read, 0, len(keys)-puts-deletes)
	slices.SortFunc(keys, store.Key.Compare)
	for _, k := range keys {
		switch e := r.entries[k]; {
		case e.write.op == opPut:
			b.Puts = append(b.Puts, store.Put{Key: k, Expect: e.write.expect, Version: e.write.version,
				Body: e.write.body, Values: e.write.values})
		case e.write.op == opDelete && e.write.expect == store.Absent:
			b.Reads = append(b.Reads, store.Read{Key: k, Expect: store.Absent}) // made and unmade
		case e.write.op == opDelete:
			b.Deletes = append(b.Deletes, store.Read{Key: k, Expect: e.write.expect})
		default:
			b.Reads = append(b.Reads, store.Read{Key: k, Expect: e.version})
		}
	}
	b.Forget = r.forget
	for _, t := range r.tickets {
		if e := r.entries[t.key]; e == nil || e.write.op != opPut {
			return b, Invalid("announce", "%s %s is announced and not put in the same unit", t.key.Kind, t.key.ID)
		}
		b.Events = append(b.Events, r.stage(t)...)
	}
	if len(b.Puts)+len(b.Deletes)+len(b.Events)+len(b.Forget) == 0 {
		return store.Batch{}, nil
	}
	r.usedEntries, r.usedBytes = b.Entries(), b.Bytes() // reads and events as they are, not as they were estimated
	return b, r.fits()
}

// final returns what a conflict comes to that every further run would meet again, since it is about a record that the
// unit has not read, at what the caller gave; nil for others.
func (r *run) final(err error) error {
	var conflict *store.ConflictError
	if !errors.As(err, &conflict) {
		return nil
	}
	e, reason := r.entries[conflict.Key], conflict.Reason
	given := e != nil && e.write.given
	switch {
	case reason == store.Exists && (e == nil || !e.known || given),
		reason == store.Changed && given && e.write.expect == store.Absent: // found while it was to be created
		return Refused(conflict.Key, "", "it exists already")
	case !given:
	case reason == store.Changed:
		return &Error{Kind: ErrStale, Record: conflict.Key, Rule: "is no longer at version " + Version(e.write.expect).String()}
	case reason == store.Gone:
		return &Error{Kind: ErrStale, Record: conflict.Key, Rule: "is gone, and was given at version " + Version(e.write.expect).String()}
	}
	return nil
}

// keysOf returns the keys of a batch.
func keysOf(b store.Batch) []store.Key {
	keys := make([]store.Key, 0, len(b.Puts)+len(b.Deletes)+len(b.Reads))
	for _, p := range b.Puts {
		keys = append(keys, p.Key)
	}
	for _, d := range b.Deletes {
		keys = append(keys, d.Key)
	}
	for _, d := range b.Reads {
		keys = append(keys, d.Key)
	}
	return keys
}
