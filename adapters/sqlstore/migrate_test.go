package sqlstore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/forewarn-go/forewarn/store"
)

// withOwner is things after a change: another field, and another index beside the first.
func withOwner() store.Kind {
	k := things()
	k.Fields = append(k.Fields, store.Field{Name: "owner", Type: store.Text})
	k.Indexes = append(k.Indexes, store.Index{Name: "owner", Fields: []string{"owner", "id"}})
	k.Of = func(body json.RawMessage) ([]store.Value, error) {
		values, err := thingOf(body)
		return append(values, store.TextValue("owner of "+values[0].Text)), err
	}
	return k
}

// ownerOf finds how many things have the owner that withOwner gives those of a state.
func ownerOf(t *testing.T, db *DB, state string) int {
	t.Helper()
	page, err := db.Find(t.Context(), store.Query{Tenant: "acme", Kind: "thing", Index: "owner",
		Equal: []store.Value{store.TextValue("owner of " + state)}, Limit: store.MaxLimit})
	if err != nil {
		t.Fatal(err)
	}
	return len(page.Records)
}

func refusedForMigrate(t *testing.T, err error, kind, rule string) {
	t.Helper()
	m, ok := errors.AsType[*MigrateError](err)
	if !ok || m.Kind != kind || !strings.Contains(m.Error(), rule) {
		t.Errorf("got %v; want a *MigrateError of kind %q with %q", err, kind, rule)
	}
}

// reopen opens the database again, as another process with these kinds does, and does not migrate.
func reopen(t *testing.T, url string, kinds ...store.Kind) *DB {
	t.Helper()
	db, err := Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	if err := db.Keep(kinds...); err != nil {
		t.Fatal(err)
	}
	return db
}

// TestMigrateForgotten shows what each method says when Migrate was not called.
func TestMigrateForgotten(t *testing.T) {
	onEach(t, func(t *testing.T, url string) {
		ctx := t.Context()
		db := reopen(t, url, things())
		_, get := db.Get(ctx, thing("a"))
		_, find := db.Find(ctx, store.Query{Tenant: "acme", Kind: "thing", Index: "state"})
		_, numbers := db.Numbers(ctx, "acme", "INC", 1)
		commit := db.Commit(ctx, store.Batch{Puts: []store.Put{putThing(thing("a"), store.Absent, 1, "s", 1)}})
		log, err := db.Reader("")
		if err != nil {
			t.Fatal(err)
		}
		_, next := log.Next(ctx, 1)
		if next != nil {
			t.Errorf("a reader of no shard: %v", next)
		}
		if log, err = db.Reader("", 1); err != nil {
			t.Fatal(err)
		}
		_, next = log.Next(ctx, 1)
		for _, err := range []error{get, find, numbers, commit, next} {
			refusedForMigrate(t, err, "", "call Migrate")
		}
		tx, err := db.Begin(ctx)
		if err != nil {
			t.Fatal(err)
		}
		s, _ := db.Join(ctx, tx)
		_, get = s.Get(ctx, thing("a"))
		refusedForMigrate(t, get, "", "call Migrate")
		if err := tx.Commit(); err != nil {
			t.Errorf("the host's transaction: %v", err)
		}

		if err := db.Migrate(ctx); err != nil {
			t.Fatal(err)
		}
		if _, err := db.Get(ctx, thing("a")); err != nil {
			t.Error(err)
		}
		if err := db.Keep(linkKind()); err != nil {
			t.Fatal(err)
		}
		_, get = db.Get(ctx, thing("a"), link("a"))
		refusedForMigrate(t, get, "link", "has no table yet")
		_, get = reopen(t, url, withOwner()).Get(ctx, thing("a"))
		refusedForMigrate(t, get, "thing", "have changed")
	})
}

// TestMigrateFills shows that a new field is filled by Kind.Of, over several
// pages, that old code goes on beside the new, and that the next Migrate fills
// what it wrote.
func TestMigrateFills(t *testing.T) {
	const rows = 2*fillPage + 7
	onEach(t, func(t *testing.T, url string) {
		ctx := t.Context()
		old := open(t, url, things())
		var b store.Batch
		for i := range rows {
			b.Puts = append(b.Puts, putThing(thing(fmt.Sprint(i)), store.Absent, 1, "a", int64(i)))
		}
		if err := old.Commit(ctx, b); err != nil {
			t.Fatal(err)
		}
		now := open(t, url, withOwner())
		if n := ownerOf(t, now, "a"); n != min(rows, store.MaxLimit) {
			t.Errorf("%d of %d rows were filled", n, rows)
		}
		// The old process goes on, and knows nothing of the owner.
		if err := old.Commit(ctx, store.Batch{Puts: []store.Put{
			putThing(thing("0"), 1, 2, "b", 0), putThing(thing("new"), store.Absent, 1, "b", 0)}}); err != nil {
			t.Fatal(err)
		}
		if err := old.Commit(ctx, store.Batch{Puts: []store.Put{ // the same, by the statements of many rows
			putThing(thing("1"), 1, 2, "b", 0), putThing(thing("2"), 1, 2, "b", 0),
			putThing(thing("new1"), store.Absent, 1, "b", 0), putThing(thing("new2"), store.Absent, 1, "b", 0)}}); err != nil {
			t.Fatal(err)
		}
		if n := ownerOf(t, now, "b"); n != 0 {
			t.Errorf("%d rows of the old process have the new field", n)
		}
		if err := now.Migrate(ctx); err != nil {
			t.Fatal(err)
		}
		if n := ownerOf(t, now, "b"); n != 6 {
			t.Errorf("%d of 6 rows of the old process were filled by the next Migrate", n)
		}
		// Old code that starts again finds what it needs, and changes nothing.
		again := open(t, url, things())
		if todo, err := again.Statements(ctx); err != nil || len(todo) != 0 {
			t.Errorf("old code would run %q, %v", todo, err)
		}
		if err := again.Commit(ctx, store.Batch{Puts: []store.Put{putThing(thing("0"), 2, 3, "c", 0)}}); err != nil {
			t.Fatal(err)
		}
		page, err := again.Find(ctx, store.Query{Tenant: "acme", Kind: "thing", Index: "state", Equal: []store.Value{store.TextValue("b")}})
		if err != nil || len(page.Records) != 5 {
			t.Errorf("%d records, %v; want 5", len(page.Records), err)
		}
		// A field that is dropped and comes back is filled anew.
		if err := open(t, url, withOwner()).Migrate(ctx); err != nil {
			t.Fatal(err)
		}
		if n := ownerOf(t, now, "c"); n != 1 {
			t.Errorf("%d of 1 row were filled", n)
		}
	})
}

// TestMigrateFillFails shows that a body that Of does not read stops Migrate, and
// that the kind then stays closed to the new code but not to the old.
func TestMigrateFillFails(t *testing.T) {
	onEach(t, func(t *testing.T, url string) {
		ctx := t.Context()
		old := open(t, url, things())
		if err := old.Commit(ctx, store.Batch{Puts: []store.Put{putThing(thing("a"), store.Absent, 1, "a", 1)}}); err != nil {
			t.Fatal(err)
		}
		broken := withOwner()
		cause := errors.New("no owner in it")
		broken.Of = func(json.RawMessage) ([]store.Value, error) { return nil, cause }
		db := reopen(t, url, broken)
		if err := db.Migrate(ctx); !errors.Is(err, cause) {
			t.Errorf("Migrate gave %v", err)
		}
		_, get := db.Get(ctx, thing("a"))
		rule := "being filled"
		if db.dialect == lite { // there all of Migrate is one transaction
			rule = "have changed"
		}
		refusedForMigrate(t, get, "thing", rule)
		if _, err := reopen(t, url, things()).Get(ctx, thing("a")); err != nil {
			t.Errorf("old code: %v", err)
		}
		mended := open(t, url, withOwner())
		if n := ownerOf(t, mended, "a"); n != 1 {
			t.Errorf("%d of 1 row were filled once Of was mended", n)
		}
	})
}

// TestMigrateRefuses shows what a database of newer code, and a field of
// another type, give.
func TestMigrateRefuses(t *testing.T) {
	onEach(t, func(t *testing.T, url string) {
		ctx := t.Context()
		db := open(t, url, things())
		typed := things()
		typed.Fields[1].Type = store.Text
		refusedForMigrate(t, reopen(t, url, typed).Migrate(ctx), "thing", "field id was int and is text now")

		if _, err := db.SQL().ExecContext(ctx, fmt.Sprintf("INSERT INTO forewarn__schema (version, applied) VALUES (%d, 0)", newest+1)); err != nil {
			t.Fatal(err)
		}
		late := reopen(t, url, things())
		refusedForMigrate(t, late.Migrate(ctx), "", "older than the database")
		_, get := late.Get(ctx, thing("a"))
		refusedForMigrate(t, get, "", "older than the database")
	})
}

// TestStatements shows that what is printed is what Migrate runs: run by hand,
// it leaves nothing to do.
func TestStatements(t *testing.T) {
	onEach(t, func(t *testing.T, url string) {
		ctx := t.Context()
		db := reopen(t, url, things(), dueKind())
		todo, err := db.Statements(ctx)
		if err != nil || len(todo) == 0 {
			t.Fatalf("%d statements, %v", len(todo), err)
		}
		_, get := db.Get(ctx, thing("a"))
		refusedForMigrate(t, get, "", "call Migrate") // nothing was run
		for _, text := range todo {
			if _, err := db.SQL().ExecContext(ctx, text); err != nil {
				t.Fatalf("%s: %v", text, err)
			}
		}
		if todo, err = db.Statements(ctx); err != nil || len(todo) != 0 {
			t.Errorf("still to do: %q, %v", todo, err)
		}
		if _, err := db.Get(ctx, thing("a")); err != nil {
			t.Error(err)
		}
		// A second prefix has tables of its own.
		other, err := OpenConfig(ctx, Config{URL: url, Prefix: "other_"})
		if err != nil {
			t.Fatal(err)
		}
		defer other.Close()
		if err := other.Migrate(ctx); err != nil {
			t.Fatal(err)
		}
		if first, err := other.Numbers(ctx, "acme", "INC", 3); err != nil || first != 1 {
			t.Errorf("first %d, %v", first, err)
		}
	})
}

// TestMigrateAtOnce lets several processes migrate at the same time.
func TestMigrateAtOnce(t *testing.T) {
	onEach(t, func(t *testing.T, url string) {
		var all sync.WaitGroup
		for range 4 {
			db := reopen(t, url, things(), linkKind(), dueKind())
			all.Go(func() {
				if err := db.Migrate(context.WithoutCancel(t.Context())); err != nil {
					t.Error(err)
				}
				if _, err := db.Get(t.Context(), thing("a"), link("a"), dueName(1)); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
	})
}

// TestOpenRefuses shows what a Config that cannot be gives.
func TestOpenRefuses(t *testing.T) {
	for _, c := range []struct {
		field string
		Config
	}{
		{"URL", Config{}},
		{"URL", Config{URL: "mysql://x"}},
		{"URL", Config{URL: "sqlite:"}},
		{"URL", Config{URL: "sqlite::memory:"}},
		{"URL", Config{URL: "postgres://h:port/x"}},
		{"Prefix", Config{URL: "sqlite:x", Prefix: "No_"}},
		{"Prefix", Config{URL: "sqlite:x", Prefix: `a"; DROP`}},
		{"Prefix", Config{URL: "sqlite:x", Prefix: strings.Repeat("a", maxPrefix+1)}},
		{"MaxConns", Config{URL: "sqlite:x", MaxConns: -1}},
	} {
		db, err := OpenConfig(t.Context(), c.Config)
		if e, ok := errors.AsType[*store.InvalidError](err); !ok || e.Field != c.field || db != nil {
			t.Errorf("%+v gave %v, want a *store.InvalidError of %s", c.Config, err, c.field)
		}
	}
	if _, err := Open(t.Context(), "sqlite:"+t.TempDir()+"/missing/x.db"); err == nil {
		t.Error("a file in a folder that is not there was opened")
	}
	if _, err := Open(t.Context(), "postgres://127.0.0.1:1/x?connect_timeout=1"); err == nil {
		t.Error("a server that is not there was opened")
	}
}

// TestNames shows that names that are long, or taken, do.
func TestNames(t *testing.T) {
	onEach(t, func(t *testing.T, url string) {
		long := strings.Repeat("n", 40)
		k := store.Kind{Name: long, Of: func(json.RawMessage) ([]store.Value, error) { return nil, nil }}
		all := store.Index{Name: long}
		var values []store.Value
		for name := range taken {
			k.Fields = append(k.Fields, store.Field{Name: name, Type: store.Text})
			all.Fields = append(all.Fields, name)
			values = append(values, store.TextValue(name))
		}
		k.Fields = append(k.Fields, store.Field{Name: "select", Type: store.Int}, store.Field{Name: "unused", Type: store.Int})
		values = append(values, store.IntValue(1), store.IntValue(2))
		k.Indexes = []store.Index{all, {Name: long[1:], Fields: []string{"select"}}}
		db := openConfig(t, Config{URL: url, Prefix: strings.Repeat("p", maxPrefix)}, k)
		key := store.Key{Tenant: "acme", Kind: long, ID: store.NameID("x")}
		if err := db.Commit(t.Context(), store.Batch{Puts: []store.Put{{Key: key, Version: 1, Body: []byte(`{}`), Values: values}}}); err != nil {
			t.Fatal(err)
		}
		page, err := db.Find(t.Context(), store.Query{Tenant: "acme", Kind: long, Index: long, Equal: values[:3]})
		if err != nil || len(page.Records) != 1 {
			t.Errorf("%d records, %v", len(page.Records), err)
		}
	})
}
