package storagetest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn/store"
)

// tb is what a clause needs of a test; *rapid.T has it too.
type tb interface {
	Helper()
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
	Logf(format string, args ...any)
	Skipf(format string, args ...any)
}

// fixture is a clause at work: a store and a tenant that nobody else uses.
type fixture struct {
	tb
	test   testing.TB
	u      Under
	s      store.Store
	ctx    context.Context
	tenant string
}

func newFixture(t testing.TB, u Under) *fixture {
	t.Helper()
	if u.Store == nil {
		t.Fatalf("the factory gave no store")
	}
	if err := u.Store.Keep(Kinds()...); err != nil {
		t.Fatalf("the store does not keep the kinds of the suite: %v", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	t.Cleanup(cancel)
	return &fixture{tb: t, test: t, u: u, s: u.Store, ctx: ctx, tenant: newTenant()}
}

// newTenant returns a tenant that nobody else uses.
func newTenant() string { return "tenant-" + uuid.NewString() }

// key returns the key of a name in the fixture's tenant.
func (x *fixture) key(kind, name string) store.Key {
	return store.Key{Tenant: x.tenant, Kind: kind, ID: store.NameID(x.tenant, kind, name)}
}

// commit commits puts, which must succeed.
func (x *fixture) commit(puts ...store.Put) {
	x.Helper()
	x.do(store.Batch{Puts: puts})
}

// do commits a batch, which must succeed.
func (x *fixture) do(b store.Batch) {
	x.Helper()
	if err := x.s.Commit(x.ctx, b); err != nil {
		x.Fatalf("Commit of %d puts, %d deletes, %d reads: %v", len(b.Puts), len(b.Deletes), len(b.Reads), err)
	}
}

// get returns a record.
func (x *fixture) get(k store.Key) store.Record {
	x.Helper()
	return x.getOf(x.s, k)
}

func (x *fixture) getOf(s store.Store, k store.Key) store.Record {
	x.Helper()
	records, err := s.Get(x.ctx, k)
	if err != nil {
		x.Fatalf("Get %s: %v", k, err)
	}
	if len(records) != 1 || records[0].Key != k {
		x.Fatalf("Get of one key %s gave %v", k, records)
	}
	return records[0]
}

// stands checks the version that stands at a key; 0 that none does.
func (x *fixture) stands(k store.Key, version int64) {
	x.Helper()
	if r := x.get(k); r.Version != version {
		x.Errorf("%s stands at version %d, want %d", k, r.Version, version)
	}
}

// conflict checks that err is a conflict at one of the keys, for this reason.
func (x *fixture) conflict(err error, reason string, keys ...store.Key) {
	x.Helper()
	var c *store.ConflictError
	switch {
	case !errors.As(err, &c):
		x.Errorf("got %v, want a *store.ConflictError (%s)", err, reason)
	case c.Reason != reason:
		x.Errorf("got %v, want reason %s", err, reason)
	case !slices.Contains(keys, c.Key):
		x.Errorf("got %v, want it to name %v", err, keys)
	}
}

// isConflict reports whether err is a conflict, and fails when it is any other error.
func (x *fixture) isConflict(err error) bool {
	x.Helper()
	if err == nil {
		return false
	}
	var c *store.ConflictError
	if !errors.As(err, &c) {
		x.Errorf("a race gave %v, want nil or a *store.ConflictError", err)
	}
	return true
}

// invalid checks that err is a *store.InvalidError.
func (x *fixture) invalid(err error) {
	x.Helper()
	var e *store.InvalidError
	if !errors.As(err, &e) {
		x.Errorf("got %v, want a *store.InvalidError", err)
	}
}

// find returns a page.
func (x *fixture) find(q store.Query) store.Page {
	x.Helper()
	page, err := x.s.Find(x.ctx, q)
	if err != nil {
		x.Fatalf("Find %+v: %v", q, err)
	}
	return page
}

// all returns all pages of a query, at most limit records each.
func (x *fixture) all(q store.Query) []store.Record {
	x.Helper()
	var all []store.Record
	for {
		page := x.find(q)
		limit := q.Limit
		if limit == 0 {
			limit = store.DefaultLimit
		}
		if len(page.Records) > limit {
			x.Fatalf("a page of %d records, the limit is %d", len(page.Records), limit)
		}
		all = append(all, page.Records...)
		if page.Next == "" {
			return all
		}
		if page.Next == q.After || len(all) > 100_000 {
			x.Fatalf("the pages do not end")
		}
		q.After = page.Next
	}
}

// finds checks that a query finds these keys, in this order.
func (x *fixture) finds(q store.Query, want ...store.Key) {
	x.Helper()
	var got []store.Key
	for _, r := range x.all(q) {
		got = append(got, r.Key)
	}
	if !slices.Equal(got, want) {
		x.Errorf("Find %s\n got %s\nwant %s", describe(q), ids(got), ids(want))
	}
}

func describe(q store.Query) string {
	b, err := json.Marshal(q)
	if err != nil {
		return err.Error()
	}
	return string(b)
}

func ids(keys []store.Key) string {
	var b strings.Builder
	for _, k := range keys {
		b.WriteString(k.Tenant[:min(len(k.Tenant), 12)] + "/" + k.ID.String()[:8] + " ")
	}
	return b.String()
}

// texts returns text values.
func texts(ss ...string) []store.Value {
	values := []store.Value{}
	for _, s := range ss {
		values = append(values, store.TextValue(s))
	}
	return values
}

func ints(ns ...int64) []store.Value {
	values := []store.Value{}
	for _, n := range ns {
		values = append(values, store.IntValue(n))
	}
	return values
}

func bound(v store.Value) *store.Value { return &v }

// sameJSON reports whether two bodies are equal as JSON: members in any order, numbers by what they are worth.
func sameJSON(a, b []byte) bool {
	read := func(body []byte) (v any, err error) {
		d := json.NewDecoder(bytes.NewReader(body))
		d.UseNumber()
		err = d.Decode(&v)
		return v, err
	}
	x, errX := read(a)
	y, errY := read(b)
	return errX == nil && errY == nil && sameValue(x, y)
}

func sameValue(a, b any) bool {
	switch a := a.(type) {
	case map[string]any:
		b, ok := b.(map[string]any)
		if !ok || len(a) != len(b) {
			return false
		}
		for k, v := range a {
			if w, ok := b[k]; !ok || !sameValue(v, w) {
				return false
			}
		}
		return true
	case []any:
		b, ok := b.([]any)
		return ok && slices.EqualFunc(a, b, sameValue)
	case json.Number:
		b, ok := b.(json.Number)
		if !ok {
			return false
		}
		x, okX := new(big.Rat).SetString(a.String())
		y, okY := new(big.Rat).SetString(b.String())
		return okX && okY && x.Cmp(y) == 0
	}
	return a == b
}
