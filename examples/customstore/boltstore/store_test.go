package boltstore_test

import (
	"context"
	"encoding/json"
	"path/filepath"
	"testing"

	"go.etcd.io/bbolt"

	"github.com/forewarn-go/forewarn/adapters/logtest"
	"github.com/forewarn-go/forewarn/adapters/storagetest"
	"github.com/forewarn-go/forewarn/examples/customstore/boltstore"
	"github.com/forewarn-go/forewarn/store"
)

// Covers: LIB-003
func TestStore(t *testing.T) { storagetest.Run(t, open) }

// Covers: LIB-003
func TestLog(t *testing.T) { logtest.Run(t, open) }

func open(t testing.TB) storagetest.Under {
	return storagetest.Under{Store: openFile(t, filepath.Join(t.TempDir(), "test.db"))}
}

func openFile(t testing.TB, path string) *boltstore.Store {
	t.Helper()
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{NoSync: true}) // tests need not outlive a power cut
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	s, err := boltstore.New(db)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// What was committed is there when the file is opened again, and a kind whose
// fields have changed is found by the new ones.
func TestAFileOutlivesItsStore(t *testing.T) {
	ctx, path := context.Background(), filepath.Join(t.TempDir(), "test.db")
	field := func(name string) store.Kind {
		return store.Kind{Name: "note", Fields: []store.Field{{Name: name, Type: store.Text}}, Indexes: []store.Index{{Name: name, Fields: []string{name}}},
			Of: func(body json.RawMessage) ([]store.Value, error) {
				var b map[string]string
				err := json.Unmarshal(body, &b)
				return []store.Value{store.TextValue(b[name])}, err
			}}
	}
	key := store.Key{Tenant: "acme", Kind: "note", ID: store.NameID("note", "1")}
	db, err := bbolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	s, err := boltstore.New(db)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Keep(field("author")); err != nil {
		t.Fatal(err)
	}
	put := store.Put{Key: key, Version: 7, Body: json.RawMessage(`{"author":"ann","state":"new"}`), Values: []store.Value{store.TextValue("ann")}}
	if err := s.Commit(ctx, store.Batch{Puts: []store.Put{put}}); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}

	again := openFile(t, path)
	if err := again.Keep(field("state")); err != nil {
		t.Fatal(err)
	}
	page, err := again.Find(ctx, store.Query{Tenant: "acme", Kind: "note", Index: "state", Equal: []store.Value{store.TextValue("new")}})
	if err != nil || len(page.Records) != 1 || page.Records[0].Version != 7 {
		t.Errorf("found %+v, %v", page, err)
	}
	if err := again.Commit(ctx, store.Batch{Deletes: []store.Read{{Key: key, Expect: 7}}}); err != nil {
		t.Error(err)
	}
	page, err = again.Find(ctx, store.Query{Tenant: "acme", Kind: "note", Index: "state"})
	if err != nil || len(page.Records) != 0 {
		t.Errorf("after the deletion found %+v, %v", page, err)
	}
}
