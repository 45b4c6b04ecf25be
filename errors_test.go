package forewarn_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"testing"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/adapters/memory"
	"github.com/forewarn-go/forewarn/adapters/storagetest"
	"github.com/forewarn-go/forewarn/store"
)

func TestHTTPStatus(t *testing.T) {
	wrap := func(kind error) error { return fmt.Errorf("outside: %w", &forewarn.Error{Kind: kind, Rule: "x"}) }
	for _, c := range []struct {
		err  error
		want int
	}{
		{nil, 200},
		{forewarn.ErrNotFound, 404},
		{forewarn.ErrInvalid, 422},
		{forewarn.ErrRefused, 409},
		{forewarn.ErrForbidden, 403},
		{forewarn.ErrStale, 412},
		{forewarn.ErrReused, 409},
		{forewarn.ErrConflict, 503},
		{forewarn.ErrUnavailable, 503},
		{errToy, 500},
		{context.Canceled, 500},
		{&forewarn.Error{Rule: "of no kind"}, 500},
		{wrap(errToy), 500},
		// the outermost decides, not its cause
		{&forewarn.Error{Kind: forewarn.ErrRefused, Cause: forewarn.NotFound(store.Key{})}, 409},
		{&forewarn.Error{Kind: forewarn.ErrUnavailable, Cause: wrap(forewarn.ErrInvalid)}, 503},
	} {
		if got := forewarn.HTTPStatus(c.err); got != c.want {
			t.Errorf("%v: %d, want %d", c.err, got, c.want)
		}
		var e *forewarn.Error
		if c.err == nil || errors.As(c.err, &e) {
			continue
		}
		for _, wrapped := range []error{wrap(c.err), fmt.Errorf("twice: %w", wrap(c.err)), errors.Join(wrap(c.err))} {
			if got := forewarn.HTTPStatus(wrapped); got != c.want || !errors.Is(wrapped, c.err) {
				t.Errorf("%v: %d, want %d", wrapped, got, c.want)
			}
		}
	}
}

func TestErrorTexts(t *testing.T) {
	key := store.Key{Tenant: "acme", Kind: "account", ID: id("a")}
	for _, c := range []struct {
		err  error
		want string
	}{
		{forewarn.NotFound(key), "not found: account " + key.ID.String()},
		{forewarn.NotFound(store.Key{Tenant: "acme", Kind: "account"}), "not found: account"},
		{forewarn.Invalid("note", "is empty"), "invalid: note: is empty"},
		{forewarn.Invalid("note", "has %d bytes", 3), "invalid: note: has 3 bytes"},
		{forewarn.Invalid("note", "100% of it"), "invalid: note: 100% of it"},
		{forewarn.Refused(key, "state", "is %s", "shut"), "refused: account " + key.ID.String() + ": state: is shut"},
		{forewarn.Forbidden("%s asks for %s", "toy.Write", "writer"), "forbidden: toy.Write asks for writer"},
		{&forewarn.Error{Op: "toy.X", Kind: forewarn.ErrUnavailable, Rule: "r", Cause: errToy}, "toy.X: unavailable: r: toy: it went wrong"},
		{&forewarn.Error{Op: "toy.X", Record: key, Rule: "r"}, "toy.X: account " + key.ID.String() + ": r"},
		{&forewarn.Error{}, ""},
	} {
		if got := c.err.Error(); got != c.want {
			t.Errorf("got  %q\nwant %q", got, c.want)
		}
	}
	w := newWorld(t, nil)
	err := second(forewarn.Do(w.ctx, w.engine, alice, "toy.Get", 1, func(u *forewarn.Unit, _ int) (int, error) {
		return 0, second(accounts.Get(u, id("a")))
	}))
	if got, want := err.Error(), "toy.Get: not found: account "+id("a").String(); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	// a wrapped one keeps its wrapping, and is named
	err = second(forewarn.Do(w.ctx, w.engine, alice, "toy.Get", 1, func(u *forewarn.Unit, _ int) (int, error) {
		return 0, fmt.Errorf("looking: %w", second(accounts.Get(u, id("a"))))
	}))
	if got, want := err.Error(), "toy.Get: looking: not found: account "+id("a").String(); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	// the inner operation is named, where there is one
	err = w.try(alice, func(u *forewarn.Unit) error {
		return second(forewarn.Do(w.ctx, w.engine, u, "toy.Inner", 1, func(u *forewarn.Unit, _ int) (int, error) {
			return 0, forewarn.Invalid("x", "y")
		}))
	})
	if got, want := err.Error(), "toy.Inner: invalid: x: y"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	err = w.try(alice, func(u *forewarn.Unit) error { return second(accounts.Where("none").Page(u, "")) })
	if got, want := err.Error(), `forewarn.Update: invalid: index: kind account has no index "none"`; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	err = w.try(alice, func(u *forewarn.Unit) error { return accounts.Put(u, &account{ID: id("a"), Version: 5}) })
	if got, want := err.Error(), "forewarn.Update: stale: account "+id("a").String()+": is gone, and was given at version 5"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	w = newWorld(t, storagetest.Wrap(memory.New(), storagetest.Faults{FailBefore: func(int) error {
		return conflict(store.Host, accounts.Key("acme", id("a")))
	}}))
	err = w.try(alice, func(u *forewarn.Unit) error { return accounts.Put(u, &account{ID: id("a")}) })
	if got, want := err.Error(), "forewarn.Update: conflict: account "+id("a").String()+": host"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestVersions(t *testing.T) {
	for _, v := range []forewarn.Version{0, 1, 35, 36, 1 << 32, 1<<63 - 1} {
		b, err := json.Marshal(struct{ V forewarn.Version }{v})
		ok(t, err)
		var got struct{ V forewarn.Version }
		ok(t, json.Unmarshal(b, &got))
		if got.V != v {
			t.Errorf("%d through %s is %d", v, b, got.V)
		}
		var text forewarn.Version
		if err := text.UnmarshalText([]byte(v.String())); err != nil || text != v {
			t.Errorf("%s is %d, %v", v, text, err)
		}
	}
	var v forewarn.Version = 7
	if err := v.UnmarshalText(nil); err != nil || v != 0 {
		t.Errorf("the empty text is %d, %v", v, err)
	}
	for _, bad := range []string{"-1", " ", "1 ", "x y", "ü", "99999999999999999999"} {
		if err := v.UnmarshalText([]byte(bad)); err == nil {
			t.Errorf("%q is version %d", bad, v)
		}
	}
}
