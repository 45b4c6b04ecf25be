package sqlstore_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/adapters/sqlstore"
	"github.com/forewarn-go/forewarn/store"
)

// note is a record of a service.
type note struct {
	ID      uuid.UUID        `json:"id"`
	Version forewarn.Version `json:"version"`
	Text    string           `json:"text"`
}

var notes = forewarn.NewRecords("note", forewarn.Shape[note]{
	ID:      func(n *note) *uuid.UUID { return &n.ID },
	Version: func(n *note) *forewarn.Version { return &n.Version },
	Fields: []forewarn.Field[note]{
		{Name: "text", Type: store.Text, Of: func(n *note) store.Value { return forewarn.Text(n.Text) }},
	},
	Indexes: []store.Index{{Name: "text", Fields: []string{"text"}}},
})

var alice = forewarn.Actor{Tenant: "acme", ID: "alice"}

// post writes a note as a service's use case does.
func post(ctx context.Context, engine *forewarn.Engine, by forewarn.Caller, text string) error {
	return engine.Update(ctx, by, func(_ context.Context, u *forewarn.Unit) error {
		return notes.Put(u, &note{ID: u.NewID(), Text: text})
	})
}

// Transact carries a use case and a statement of the host in one transaction.
func ExampleDB_Transact() {
	ctx := context.Background()
	check := func(err error) {
		if err != nil {
			panic(err)
		}
	}
	dir, err := os.MkdirTemp("", "sqlstore")
	check(err)
	defer os.RemoveAll(dir)

	db, err := sqlstore.Open(ctx, "sqlite:"+filepath.Join(dir, "ops.db"))
	check(err)
	defer db.Close()
	engine, err := forewarn.New(forewarn.Config{Store: db})
	check(err)
	check(engine.Keep(notes.Kind()))
	check(db.Migrate(ctx))
	_, err = db.SQL().ExecContext(ctx, "CREATE TABLE shift (name text, notes int); INSERT INTO shift VALUES ('night', 0)")
	check(err)

	err = db.Transact(ctx, engine, func(ctx context.Context, tx *sqlstore.Tx, in *forewarn.Engine) error {
		if _, err := tx.ExecContext(ctx, "UPDATE shift SET notes = notes + 1 WHERE name = 'night'"); err != nil {
			return err
		}
		return post(ctx, engine, in.As(alice), "all quiet")
	})
	check(err)

	var n int
	check(db.SQL().GetContext(ctx, &n, "SELECT notes FROM shift"))
	page, err := db.Find(ctx, store.Query{Tenant: "acme", Kind: "note", Index: "text"})
	check(err)
	fmt.Println(n, "of the host,", len(page.Records), "of the service")
	// Output: 1 of the host, 1 of the service
}

// TestTransact shows that all or nothing of a host's transaction takes effect,
// that a plain actor is refused inside, and that workers are woken by its commit.
// Covers: LIB-007
func TestTransact(t *testing.T) {
	for _, url := range []string{"sqlite:" + filepath.Join(t.TempDir(), "x.db"), os.Getenv("FOREWARN_POSTGRES_URL")} {
		t.Run(url[:min(len(url), 6)], func(t *testing.T) {
			if url == "" {
				t.Skip("NOT SHOWN on PostgreSQL: FOREWARN_POSTGRES_URL names no server")
			}
			ctx := t.Context()
			// Tables of a prefix of the test's own, since this package cannot make a schema of its own.
			prefix := "t" + uuid.NewString()[:8] + "_"
			db, err := sqlstore.OpenConfig(ctx, sqlstore.Config{URL: url, Prefix: prefix})
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			engine, err := forewarn.New(forewarn.Config{Store: db})
			if err != nil {
				t.Fatal(err)
			}
			if err := engine.Keep(notes.Kind()); err != nil {
				t.Fatal(err)
			}
			if err := db.Migrate(ctx); err != nil {
				t.Fatal(err)
			}
			defer func() {
				for _, name := range []string{"note", "_kind", "_number", "_event", "_schema"} {
					if _, err := db.SQL().Exec(`DROP TABLE "` + prefix + name + `"`); err != nil {
						t.Error(err)
					}
				}
				if url[:6] != "sqlite" {
					if _, err := db.SQL().Exec(`DROP SEQUENCE "` + prefix + `_event_seq"`); err != nil {
						t.Error(err)
					}
				}
			}()
			written := func(text string) int {
				page, err := db.Find(ctx, store.Query{Tenant: "acme", Kind: "note", Index: "text", Equal: []store.Value{store.TextValue(text)}})
				if err != nil {
					t.Fatal(err)
				}
				return len(page.Records)
			}
			cause := errors.New("the host thinks better of it")
			err = db.Transact(ctx, engine, func(ctx context.Context, tx *sqlstore.Tx, in *forewarn.Engine) error {
				if err := post(ctx, engine, in.As(alice), "undone"); err != nil {
					t.Error(err)
				}
				if err := post(ctx, engine, alice, "outside"); err == nil {
					t.Error("a plain actor wrote beside the host's transaction")
				}
				return cause
			})
			if !errors.Is(err, cause) {
				t.Errorf("Transact gave %v", err)
			}
			func() {
				defer func() {
					if recover() == nil {
						t.Error("the panic was lost")
					}
				}()
				_ = db.Transact(ctx, engine, func(ctx context.Context, tx *sqlstore.Tx, in *forewarn.Engine) error {
					if err := post(ctx, engine, in.As(alice), "undone"); err != nil {
						t.Error(err)
					}
					panic("the host fails")
				})
			}()
			if n := written("undone"); n != 0 {
				t.Errorf("%d notes of transactions that were undone", n)
			}
			select {
			case <-engine.Woken():
			default:
			}
			if err := db.Transact(ctx, engine, func(ctx context.Context, tx *sqlstore.Tx, in *forewarn.Engine) error {
				return errors.Join(post(ctx, engine, in.As(alice), "kept"), post(ctx, engine, in.As(alice), "kept"))
			}); err != nil {
				t.Fatal(err)
			}
			if n := written("kept"); n != 2 {
				t.Errorf("%d of 2 notes", n)
			}
			select {
			case <-engine.Woken():
			default:
				t.Error("nobody was woken by the host's commit")
			}
			if err := db.Transact(ctx, nil, nil); err == nil {
				t.Error("no engine, and no error")
			}
		})
	}
}
