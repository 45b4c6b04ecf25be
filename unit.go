package forewarn

import (
	"context"
	"encoding/json"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn/store"
	"github.com/forewarn-go/forewarn/ticket"
)

// Unit is one unit of work as one actor sees it: it reads, sees its own writes,
// and commits once, with the versions that it relied on as preconditions. Its
// methods return the first error again; not found does not stick. A Unit is used
// by one goroutine, and not after the use case has returned.
type Unit struct {
	*run
	ctx      context.Context
	actor    Actor
	readonly bool
}

// By returns the actor.
func (u *Unit) By() Actor { return u.actor }
func (u *Unit) caller()   {}

// As returns the same unit for another actor: for the machine, where the host has decided. An actor whom no unit
// serves, as one without a tenant, is an error of the unit.
func (u *Unit) As(a Actor) *Unit {
	if err := a.check(); err != nil {
		u.stick(err)
	}
	return &Unit{run: u.run, ctx: u.ctx, actor: a, readonly: u.readonly}
}

// Context returns the context of the unit. It does not carry the unit: use cases
// that are to join it are called with the unit itself.
func (u *Unit) Context() context.Context { return u.ctx }

// Now returns the time of the unit, which is one for all of it: UTC, at microseconds.
func (u *Unit) Now() time.Time { return u.now }

// Engine returns the engine that the unit runs on.
func (u *Unit) Engine() *Engine { return u.engine }

// NewID returns an id for a record. Under a request id, and in due work, the ids of a repeat are the same.
func (u *Unit) NewID() uuid.UUID { return u.newID() }

// Number draws the next number of a series of the actor's tenant. Numbers are
// unique and rise in one process; a unit that fails leaves gaps. A use case that only reads draws none.
func (u *Unit) Number(series string) (int64, error) {
	if u.err != nil {
		return 0, u.err
	}
	if u.readonly {
		return 0, u.stick(&Error{Kind: ErrInvalid, Field: series, Rule: "numbers are drawn for good", Cause: errReadOnly})
	}
	n, err := u.engine.number(u.ctx, u.actor.Tenant, series)
	return n, u.stick(err)
}

// Reserve draws n numbers of a series at once, for the next n calls of Number in this process.
func (u *Unit) Reserve(series string, n int) error {
	if u.err != nil {
		return u.err
	}
	if u.readonly {
		return u.stick(&Error{Kind: ErrInvalid, Field: series, Rule: "numbers are drawn for good", Cause: errReadOnly})
	}
	return u.stick(u.engine.reserve(u.ctx, u.actor.Tenant, series, n))
}

// Room returns how many more entries the unit's commit can take. It shrinks
// with bytes too: the bytes left are counted in entries of the unit's mean size.
func (u *Unit) Room() int {
	left := u.maxEntries - u.usedEntries - u.answers
	if u.usedEntries > 0 {
		mean := u.usedBytes/u.usedEntries + 1
		left = min(left, (u.maxBytes-u.usedBytes)/mean)
	}
	return max(left, 0)
}

// Require asks the engine's Authorizer whether the actor may do an act.
func (u *Unit) Require(act Act, on Subject) error {
	if u.err != nil {
		return u.err
	}
	if u.actor.system {
		return nil
	}
	return u.stick(u.engine.cfg.Authorizer.Require(u, act, on))
}

// Post writes an activity into the stream of its ticket: it gives it an id unless it has one, the actor, the time
// and its place among the unit's activities. It does not announce it.
func (u *Unit) Post(a ticket.Activity) (ticket.Activity, error) {
	switch {
	case u.err != nil:
		return a, u.err
	case a.Text == "":
		return a, u.stick(Invalid("text", "is empty"))
	case len(a.Text) > ticket.MaxText:
		return a, u.stick(Invalid("text", "has %d bytes; at most %d", len(a.Text), ticket.MaxText))
	case !utf8.ValidString(a.Text):
		return a, u.stick(Invalid("text", "is not valid UTF-8"))
	case a.Kind == "" || a.Ticket == uuid.Nil:
		return a, u.stick(Invalid("ticket", "names no record"))
	case new(ticket.Entry).UnmarshalText([]byte(a.Entry)) != nil:
		return a, u.stick(Invalid("entry", "%q is no kind of activity", a.Entry))
	}
	if a.ID == uuid.Nil {
		a.ID = u.newID()
	}
	if a.By == "" {
		a.By = u.actor.ID
	}
	a.At = u.now
	a.Order = u.posted
	u.posted++
	err := Activities.Put(u, &a) // before a is returned, since it writes the tenant into it
	return a, err
}

// Announce hands over what a ticket looked like before, nil when it was
// created, and what it looks like now. All of one unit on one ticket is one
// change, from the first before to the last after, with the comments of all. The
// engine's rules make events of it, which are staged in the unit's commit; the
// ticket's record must be put in the same unit.
func (u *Unit) Announce(before *ticket.Snapshot, after ticket.Snapshot) error {
	if u.err != nil {
		return u.err
	}
	if u.readonly {
		return u.stick(&Error{Kind: ErrInvalid, Cause: errReadOnly})
	}
	if after.Key.Tenant == "" {
		after.Key.Tenant = u.actor.Tenant
	}
	if after.Key.Kind == "" || after.Key.ID == uuid.Nil {
		return u.stick(Invalid("snapshot.key", "names no record"))
	}
	if before != nil && before.Key.ID != uuid.Nil && (before.Key.ID != after.Key.ID || before.Key.Kind != after.Key.Kind) {
		return u.stick(Invalid("snapshot.key", "a change is of one record: %s %s before, %s %s after",
			before.Key.Kind, before.Key.ID, after.Key.Kind, after.Key.ID))
	}
	return u.stick(u.announce(before, after))
}

// Forget takes events out of the log. It is for package worker alone.
func (u *Unit) Forget(p ...store.Position) error {
	if u.err != nil {
		return u.err
	}
	if u.readonly {
		return u.stick(&Error{Kind: ErrInvalid, Cause: errReadOnly})
	}
	u.forget = append(u.forget, p...)
	u.count(len(p), 0)
	return u.stick(u.fits())
}

// Prefetch reads records in one round trip, for Get and Peek to find. It makes no precondition.
func (u *Unit) Prefetch(keys ...store.Key) error {
	if u.err != nil {
		return u.err
	}
	return u.stick(u.load(u.ctx, keys...))
}

// run is one run of a unit of work, shared by all its actors and frames.
type run struct {
	engine *Engine
	store  store.Store
	now    time.Time
	err    error // the first; sticks
	// reading runs commit nothing, so that nothing they read is a precondition.
	reading bool

	entries map[store.Key]*entry
	spare   []entry                 // for the next entries
	written map[string][]ownedEntry // by kind, what was written or taken back again
	undo    []undo
	tickets []*announced

	posted      int
	correlation uuid.UUID
	forget      []store.Position
	due         bool

	maxEntries, maxBytes   int
	usedEntries, usedBytes int
	answers                int // entries that the answer to a request will take

	// ids of a request or of due work are derived from its name and a counter.
	idSpace []string
	ids     int
}

func (e *Engine) newRun(idSpace []string) *run {
	r := &run{engine: e, store: e.store, now: e.Now(), entries: map[store.Key]*entry{}, written: map[string][]ownedEntry{}, idSpace: idSpace}
	r.maxEntries, r.maxBytes = store.LimitsOf(e.store)
	return r
}

func (r *run) newID() uuid.UUID {
	if r.idSpace == nil {
		return r.engine.cfg.IDs.NewID()
	}
	r.ids++
	return store.NameID(append(r.idSpace[:len(r.idSpace):len(r.idSpace)], strconv.Itoa(r.ids))...)
}

// freshVersion starts the versions of a record: random in the high bits, so that they never come back.
func (r *run) freshVersion() int64 {
	id := r.engine.cfg.IDs.NewID()
	high := int64(id[12]&0x7f)<<24 | int64(id[13])<<16 | int64(id[14])<<8 | int64(id[15])
	return max(high, 1) << 32
}

// stick keeps the first error of the unit. That a record is not there does not stick.
func (r *run) stick(err error) error {
	if err == nil {
		return nil
	}
	err = storeError(err)
	if r.err == nil && !isNotFound(err) {
		r.err = err
	}
	return err
}

// entry is what a unit knows of a record and does to it.
type entry struct {
	// as read: got is a precondition of the commit, peeked is not, and of what was found only the version is kept.
	known   bool // version is that of the store
	loaded  bool // body is as well
	got     bool
	moved   bool // it has been seen at another version before: others changed it meanwhile
	version int64
	body    json.RawMessage

	write  write
	listed bool       // among run.written
	ticket *announced // nil while nothing is announced of it
}

type ownedEntry struct {
	key store.Key
	*entry
}

// write is what a unit does to a record; its zero value does nothing.
type write struct {
	op      op
	given   bool // expect is what the caller gave, of a record that the unit had not read: a further run gives it again
	expect  int64
	version int64
	body    json.RawMessage
	values  []store.Value
}

type op uint8

const (
	opNone op = iota
	opPut
	opDelete
)

// undo takes back what a nested use case has done.
type undo struct {
	entry *entry
	write write
	// the caller's field that the put wrote the new version into, and what stood there before and after
	field         *Version
	before, after Version
	// or, for announcements, the whole of one as it was; nil when it was not there.
	ticket   *announced
	previous *announced
}
