package forewarn

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"time"

	"github.com/cenkalti/backoff/v4"
	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn/store"
)

// request is the answer that a request id was given. It is created blindly in
// the commit of its use case and looked up only after a failure, which saves a
// round trip and leaves no outcome unknown.
type request struct {
	ID      uuid.UUID       `json:"id"`
	Version Version         `json:"version"`
	Tenant  string          `json:"-"`
	Name    string          `json:"name"`
	Command string          `json:"command"` // SHA-256 of the command's JSON
	Result  json.RawMessage `json:"result"`
	At      time.Time       `json:"at"`
}

var requests = NewRecords("request", Shape[request]{
	ID:      func(r *request) *uuid.UUID { return &r.ID },
	Version: func(r *request) *Version { return &r.Version },
	Tenant:  func(r *request) *string { return &r.Tenant },
	Fields:  []Field[request]{{"at", store.Int, func(r *request) store.Value { return Time(r.At) }}},
	Indexes: []store.Index{{Name: "at", Fields: []string{"at"}}},
	Global:  true,
})

func requestID(by Actor, id string) uuid.UUID { return store.NameID("request", by.Tenant, by.ID, id) }

func (f frame) hash() (string, error) {
	if f.command == nil {
		return "", Invalid("request", "%s takes none", f.name)
	}
	b, err := f.command()
	if err != nil {
		return "", Invalid("command", "is no JSON: %v", err)
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:]), nil
}

// keepRequest writes the answer into the unit.
func (u *Unit) keepRequest(id, hash string, f frame) error {
	result, err := f.result()
	if err != nil {
		return Invalid("result", "is no JSON: %v", err)
	}
	if len(result) > store.MaxBody/2 {
		return Invalid("result", "has %d bytes of JSON; under a request id at most %d", len(result), store.MaxBody/2)
	}
	r := request{ID: requestID(u.actor, id), Name: f.name, Command: hash, Result: result, At: u.now}
	own := &Unit{run: u.run, ctx: u.ctx, actor: u.actor}
	return requests.Put(own, &r)
}

// answer looks whether a request that has failed was answered before, by whom and however it failed now. It
// reports false when it was not, and the failure stands. With unknown, its own commit may have taken effect.
func (e *Engine) answer(ctx context.Context, by Actor, id, hash string, f frame, unknown bool) (bool, error) {
	key := store.Key{Tenant: by.Tenant, Kind: requests.kind.Name, ID: requestID(by, id)}
	if unknown {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(context.WithoutCancel(ctx), commitTime)
		defer cancel()
	} else if ctx.Err() != nil {
		return false, nil
	}
	var found store.Record
	look := func() error {
		records, err := e.store.Get(ctx, key)
		if err == nil {
			found = records[0]
		}
		return err
	}
	var err error
	if unknown && !e.joined {
		// the store may be on its way up again
		err = backoff.Retry(look, backoff.WithContext(&backoff.ExponentialBackOff{InitialInterval: 20 * time.Millisecond,
			Multiplier: 1.5, MaxInterval: time.Second, Clock: backoff.SystemClock}, ctx))
	} else {
		err = look()
	}
	if err != nil || found.Version == 0 {
		return false, nil
	}
	r, err := requests.decode(found)
	if err != nil {
		return true, err
	}
	if r.Name != f.name || r.Command != hash {
		return true, &Error{Kind: ErrReused, Record: key, Field: "request", Rule: "stands for another command of " + r.Name}
	}
	if err := f.restore(r.Result); err != nil {
		return true, unreadable(key, err)
	}
	return true, nil
}

// outcomeUnknown reports whether a commit may have taken effect although it failed.
func outcomeUnknown(err error) bool { return errors.Is(err, ErrUnavailable) }
