package sqlstore

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn/adapters/storagetest"
	"github.com/forewarn-go/forewarn/store"
)

// serverURL returns the URL of a schema of the test's own on the server that
// FOREWARN_POSTGRES_URL names, or skips the test.
func serverURL(t testing.TB) string {
	t.Helper()
	server := os.Getenv("FOREWARN_POSTGRES_URL")
	if server == "" {
		t.Skip("NOT SHOWN on PostgreSQL: FOREWARN_POSTGRES_URL names no server")
	}
	ctx := context.Background()
	admin, err := Open(ctx, server)
	if err != nil {
		t.Fatal(err)
	}
	schema := "fw_" + strings.ReplaceAll(uuid.NewString(), "-", "")
	if _, err := admin.SQL().ExecContext(ctx, "CREATE SCHEMA "+schema); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := admin.SQL().ExecContext(ctx, "SET lock_timeout = '60s'; DROP SCHEMA "+schema+" CASCADE"); err != nil {
			t.Errorf("the schema stays behind: %v", err)
		}
		_ = admin.Close()
	})
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	q.Set("search_path", schema)
	u.RawQuery = q.Encode()
	return u.String()
}

// engines are the engines that a test runs on.
var engines = []struct {
	name string
	url  func(t testing.TB) string
}{
	{"sqlite", func(t testing.TB) string { return "sqlite:" + filepath.Join(t.TempDir(), "a db%?#.db") }},
	{"postgres", serverURL},
}

// onEach runs a test on SQLite and, where there is a server, on PostgreSQL.
func onEach(t *testing.T, test func(t *testing.T, url string)) {
	for _, e := range engines {
		t.Run(e.name, func(t *testing.T) { test(t, e.url(t)) })
	}
}

// open opens a DB that keeps kinds, migrated, until the test's end.
func open(t testing.TB, url string, kinds ...store.Kind) *DB {
	t.Helper()
	return openConfig(t, Config{URL: url}, kinds...)
}

func openConfig(t testing.TB, c Config, kinds ...store.Kind) *DB {
	t.Helper()
	db, err := OpenConfig(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := db.Keep(kinds...); err != nil {
		t.Fatal(err)
	}
	if err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return db
}

// under returns a DB as the suites want it.
func under(db *DB) storagetest.Under {
	return storagetest.Under{Store: db, OneWriter: db.dialect == lite, Hold: func(ctx context.Context) (storagetest.Joined, error) {
		tx, err := db.Begin(ctx)
		if err != nil {
			return storagetest.Joined{}, err
		}
		s, err := db.Join(ctx, tx)
		return storagetest.Joined{Store: s, Commit: tx.Commit, Rollback: tx.Rollback}, err
	}}
}

// TestStore runs the suite.
// Covers: LIB-003
func TestStore(t *testing.T) {
	onEach(t, func(t *testing.T, url string) {
		db := open(t, url, storagetest.Kinds()...)
		storagetest.Run(t, func(testing.TB) storagetest.Under { return under(db) })
	})
}

// TestStoreCopies runs the suite with a DB that copies whatever is more than one row.
func TestStoreCopies(t *testing.T) {
	db := open(t, serverURL(t), storagetest.Kinds()...)
	db.bulk = 2
	storagetest.Run(t, func(testing.TB) storagetest.Under { return under(db) })
}

// TestCopyAppeared shows which of many copied records it was that stood there
// already, and that one which is to be written whatever stands there only makes
// the batch run again.
func TestCopyAppeared(t *testing.T) {
	db := open(t, serverURL(t), things())
	ctx := t.Context()
	b := store.Batch{}
	for i := range 2 * db.bulk {
		b.Puts = append(b.Puts, putThing(thing(fmt.Sprint(i)), store.Absent, 1, "s", int64(i)))
	}
	there := thing("7")
	if err := db.Commit(ctx, store.Batch{Puts: []store.Put{putThing(there, store.Absent, 9, "s", 1)}}); err != nil {
		t.Fatal(err)
	}
	isConflict(t, db.Commit(ctx, b), store.Exists, there)
	if n := len(versions(t, db, thing("0"))); n != 1 {
		t.Fatal(n)
	}
	p := db.plan(db.catalog.Load(), b, db.bulk)
	for _, e := range p.groups[0].entries {
		if e.key == there {
			e.expect, e.absent = store.Any, true // as if phase 1 had found nothing
		}
	}
	err := db.pipelined(ctx, func(on *pipeline) error { return on.run(ctx, append([]step{{text: "BEGIN"}}, p.creates()...)) })
	if state(err) != unique {
		t.Fatalf("the copy gave %v", err)
	}
	if err := db.lost(ctx, p, err); err != errAppeared {
		t.Errorf("the copy of a record at Any that appeared gave %v", err)
	}
	if v := versions(t, db, thing("0"), there); v[0] != 0 || v[1] != 9 {
		t.Errorf("versions %v after what failed", v)
	}
}

// things is a kind with a text and a number.
func things() store.Kind {
	return store.Kind{
		Name:    "thing",
		Fields:  []store.Field{{Name: "state", Type: store.Text}, {Name: "id", Type: store.Int}},
		Indexes: []store.Index{{Name: "state", Fields: []string{"state", "id"}}},
		Of:      thingOf,
	}
}

func thingOf(body json.RawMessage) ([]store.Value, error) {
	var b struct {
		State string
		N     int64
	}
	err := json.Unmarshal(body, &b)
	return []store.Value{store.TextValue(b.State), store.IntValue(b.N)}, err
}

func thing(name string) store.Key {
	return store.Key{Tenant: "acme", Kind: "thing", ID: store.NameID("thing", name)}
}

func putThing(k store.Key, expect, version int64, state string, n int64) store.Put {
	return store.Put{Key: k, Expect: expect, Version: version, Body: json.RawMessage(fmt.Sprintf(`{"State":%q,"N":%d}`, state, n)),
		Values: []store.Value{store.TextValue(state), store.IntValue(n)}}
}
