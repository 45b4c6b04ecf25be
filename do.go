package forewarn

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"time"

	"github.com/forewarn-go/forewarn/store"
)

// Do runs a use case: it is what an exported method of a service is made of.
// name is the package and the method, cmd what is asked, use a function of a
// unit of work and the command.
//
// A plain actor gets a unit of his own, which commits when use returns without
// error and is run again when others have changed what it relied on, at most 8
// times in all. A unit is joined: the use case acts in it, and leaves nothing
// behind in it when it fails. A call under a request id takes effect once.
//
// When ctx ends before the commit has begun, nothing happens, and the error is an
// ErrUnavailable that wraps that of the context. A joined unit has a context of its
// own, Unit.Context, and ctx is not looked at.
//
// The error is an *Error, or what use returned.
func Do[C, T any](ctx context.Context, e *Engine, by Caller, name string, cmd C, use func(*Unit, C) (T, error)) (T, error) {
	var result T
	err := e.perform(ctx, by, frame{
		name: name,
		use: func(u *Unit) (err error) {
			result, err = use(u, cmd)
			return err
		},
		command: func() ([]byte, error) { return json.Marshal(cmd) },
		result:  func() (json.RawMessage, error) { return json.Marshal(result) },
		restore: func(stored json.RawMessage) error {
			var first T
			if err := json.Unmarshal(stored, &first); err != nil {
				return err
			}
			result = first
			return nil
		},
		same: func(stored json.RawMessage) bool {
			var again T
			return json.Unmarshal(stored, &again) == nil && reflect.DeepEqual(again, result)
		},
	})
	if err != nil {
		var none T
		return none, err
	}
	return result, nil
}

// Read runs a use case that only reads. It refuses writes, commits nothing, and takes no request id.
func Read[C, T any](ctx context.Context, e *Engine, by Caller, name string, q C, use func(*Unit, C) (T, error)) (T, error) {
	var result T
	err := e.perform(ctx, by, frame{name: name, readonly: true, use: func(u *Unit) (err error) {
		result, err = use(u, q)
		return err
	}})
	if err != nil {
		var none T
		return none, err
	}
	return result, nil
}

// frame is a use case with its types taken off.
type frame struct {
	name     string
	readonly bool
	use      func(*Unit) error
	command  func() ([]byte, error)
	result   func() (json.RawMessage, error)
	restore  func(json.RawMessage) error
	same     func(json.RawMessage) bool
	idSpace  []string // what ids are derived from, when there is no request
}

// perform runs a frame for a caller: in his unit, in a host's transaction, or in a unit of its own.
func (e *Engine) perform(ctx context.Context, by Caller, f frame) (err error) {
	request := ""
	engine := e
	for {
		switch c := by.(type) {
		case *Unit:
			if c == nil {
				return inOp(f.name, Invalid("caller", "is missing"))
			}
			if c.engine.shared != e.shared {
				return inOp(f.name, Invalid("caller", "the unit belongs to another engine"))
			}
			if engine.joined && c.engine != engine {
				return inOp(f.name, Invalid("caller", "the unit is not of this transaction: pass the unit itself, or the actor"))
			}
			return inOp(f.name, c.nested(f))
		case onEngine:
			if c.engine.shared != e.shared {
				return inOp(f.name, Invalid("caller", "belongs to another engine"))
			}
			engine, by = c.engine, c.by
			continue
		case Call:
			request, by = c.request, c.actor
			if request != "" && f.command == nil {
				return inOp(f.name, Invalid("caller", "it takes no request id: only a command does, whose result can be kept"))
			}
			continue
		case Actor:
			return inOp(f.name, engine.own(ctx, c, request, f))
		}
		return inOp(f.name, Invalid("caller", "is missing"))
	}
}

// nested runs a frame inside the unit. What it wrote, scheduled and announced is taken back when it fails.
func (u *Unit) nested(f frame) (err error) {
	if u.err != nil {
		return u.err
	}
	runs := 1
	ctx, done := u.engine.cfg.Observer.Begin(u.ctx, f.name, u.actor)
	defer func() { done(runs, err) }()
	mark := u.mark()
	returned := false
	defer func() {
		if !returned {
			u.takeBack(mark) // it has panicked, and whoever recovers goes on without it
		}
	}()
	inner := &Unit{run: u.run, ctx: ctx, actor: u.actor, readonly: u.readonly || f.readonly}
	err = f.use(inner)
	returned = true
	if err == nil {
		err = u.err
	}
	if err == nil && u.engine.cfg.Strict && !f.readonly && f.result != nil {
		err = f.strict()
	}
	if err != nil {
		u.takeBack(mark)
	}
	return err
}

// takeBack undoes a nested use case, its error too, unless it says that the whole unit is lost.
func (r *run) takeBack(to mark) {
	r.rollback(to)
	if !ofStore(r.err) {
		r.err = nil
	}
}

// errEnded is what the methods of a unit return that is used after its use case.
var errEnded = &Error{Kind: ErrInvalid, Field: "unit", Rule: "its use case has returned: what it does now is lost"}

// ofStore reports whether an error says that the whole unit is lost: a conflict, or the store's own.
func ofStore(err error) bool { return errors.Is(err, ErrConflict) || errors.Is(err, ErrUnavailable) }

const (
	maxRuns    = 8
	commitTime = 10 * time.Second // a commit's own, from when the store has it
)

// own runs a frame in a unit of its own.
func (e *Engine) own(ctx context.Context, by Actor, request string, f frame) (err error) {
	if err := e.admit(ctx, by, request); err != nil {
		return err
	}
	hash := ""
	if request != "" {
		if hash, err = f.hash(); err != nil { // before use, which may change what the command refers to
			return err
		}
	}
	runs := 0
	ctx, done := e.cfg.Observer.Begin(ctx, f.name, by)
	defer func() { done(runs, err) }()
	ctx = context.WithValue(ctx, tripwire{e.shared}, (*Engine)(nil))
	idSpace := f.idSpace
	if request != "" {
		idSpace = []string{"request", by.Tenant, by.ID, request}
	}
	held := e.holds.none()
	defer func() { held.release() }()
	for {
		runs++
		if err := ctx.Err(); err != nil {
			return storeError(err)
		}
		r := e.newRun(idSpace)
		r.reading = f.readonly
		if request != "" {
			r.answers = 1
		}
		u := &Unit{run: r, ctx: ctx, actor: by, readonly: f.readonly}
		tried, err := e.once(u, request, hash, f, held)
		first, final := store.Key{}, error(nil)
		if err != nil {
			first, final = r.first(), r.final(err)
			r.rollback(mark{}) // for the versions that it gave
		}
		r.err = errEnded
		if err == nil {
			return nil
		}
		if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
			err = storeError(err)
		}
		if request != "" {
			if answered, err := e.answer(ctx, by, request, hash, f, tried && outcomeUnknown(err)); answered {
				return err
			}
		}
		var conflict *store.ConflictError
		if !errors.As(err, &conflict) || conflict.Reason == store.Host {
			return err
		}
		err = storeError(err)
		if final != nil && (request == "" || runs == maxRuns) {
			return final
		}
		if runs == maxRuns {
			return err
		}
		if e.joined {
			continue
		}
		key := conflict.Key
		if key == (store.Key{}) {
			key = first
		}
		if key != held.key { // what it holds it keeps: those that wait would come in between
			held.release()
			if held, err = e.holds.take(ctx, key); err != nil {
				return storeError(err)
			}
		}
		if runs >= 2 {
			if err := pause(ctx, e.cfg.IDs, runs-1); err != nil {
				return storeError(err)
			}
		}
	}
}

// admit refuses callers that cannot be served.
func (e *Engine) admit(ctx context.Context, by Actor, request string) error {
	if err := by.check(); err != nil {
		return err
	}
	if !plain(request, maxRequest) {
		return Invalid("request", "is UTF-8 without control characters, at most %d bytes", maxRequest)
	}
	if in, under := ctx.Value(tripwire{e.shared}).(*Engine); under && (in == nil || in != e) {
		return Invalid("caller", "a plain actor under the context of a unit of work would commit on its own: pass the unit, or Engine.As")
	}
	return nil
}

// once runs the frame and commits. It reports whether the commit was tried.
func (e *Engine) once(u *Unit, request, hash string, f frame, held *hold) (tried bool, err error) {
	err = f.use(u)
	if u.err != nil && (err == nil || ofStore(u.err)) {
		err = u.err // whatever the use case made of it
	}
	if err != nil || f.readonly {
		return false, err
	}
	if e.cfg.Strict && f.result != nil {
		if err := f.strict(); err != nil {
			return false, err
		}
	}
	if request != "" {
		u.answers = 0
		if err := u.keepRequest(request, hash, f); err != nil {
			return false, err
		}
	}
	b, err := u.batch()
	if err != nil || b.Entries() == 0 {
		return false, err
	}
	if !e.joined && held.key == (store.Key{}) {
		if err := e.holds.wait(u.ctx, keysOf(b)); err != nil {
			return false, storeError(err)
		}
	}
	if err := u.ctx.Err(); err != nil {
		return false, storeError(err)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(u.ctx), commitTime)
	defer cancel()
	if err := e.store.Commit(ctx, b); err != nil {
		return true, storeError(err)
	}
	if !e.joined && (len(b.Events) > 0 || u.due) {
		e.Wake()
	}
	return true, nil
}

// strict compares the result with what a repeated request would be given.
func (f frame) strict() error {
	stored, err := f.result()
	if err != nil {
		return Invalid("result", "is no JSON: %v", err)
	}
	if !f.same(stored) {
		return Invalid("result", "loses fields in JSON: a repeated request would be given another result")
	}
	return nil
}

// first returns the first record, in the order of keys, that the unit puts.
func (r *run) first() store.Key {
	var first store.Key
	for k, e := range r.entries {
		if e.write.op == opPut && (first == (store.Key{}) || k.Compare(first) < 0) {
			first = k
		}
	}
	return first
}

// pause sleeps up to 2^n milliseconds, for processes that know nothing of this one's holds.
func pause(ctx context.Context, ids IDSource, n int) error {
	random := ids.NewID()
	d := time.Duration(int64(time.Millisecond) << n / 256 * (int64(random[15]) + 1))
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
