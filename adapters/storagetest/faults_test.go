package storagetest_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"

	"github.com/forewarn-go/forewarn/adapters/logtest"
	"github.com/forewarn-go/forewarn/adapters/memory"
	"github.com/forewarn-go/forewarn/adapters/storagetest"
	"github.com/forewarn-go/forewarn/store"
)

func creation(name string) store.Batch {
	return store.Batch{Puts: []store.Put{{Key: faultKey(name), Version: 1, Body: json.RawMessage(`{}`)}}}
}

func faultKey(name string) store.Key {
	return store.Key{Tenant: "acme", Kind: "suite_plain", ID: store.NameID(name)}
}

func faulty(t *testing.T, f storagetest.Faults) (*memory.Store, *storagetest.Faulty) {
	t.Helper()
	s := memory.New()
	if err := s.Keep(storagetest.Kinds()...); err != nil {
		t.Fatal(err)
	}
	return s, storagetest.Wrap(s, f)
}

func version(t *testing.T, s store.Store, name string) int64 {
	t.Helper()
	records, err := s.Get(context.Background(), faultKey(name))
	if err != nil {
		t.Fatal(err)
	}
	return records[0].Version
}

func TestFaultsBeforeACommitLeaveNothing(t *testing.T) {
	s, f := faulty(t, storagetest.Faults{FailBefore: storagetest.Every(2, storagetest.ErrFault)})
	for i, name := range []string{"a", "b", "c", "d"} {
		err := f.Commit(context.Background(), creation(name))
		if fails := i%2 == 1; errors.Is(err, storagetest.ErrFault) != fails || (version(t, s, name) == 0) != fails {
			t.Errorf("commit %d: %v, version %d", i+1, err, version(t, s, name))
		}
	}
	if f.Commits() != 4 {
		t.Errorf("%d commits", f.Commits())
	}
}

func TestFaultsAfterACommitLeaveItThere(t *testing.T) {
	s, f := faulty(t, storagetest.Faults{FailAfter: storagetest.Odd(storagetest.ErrFault)})
	for i, name := range []string{"a", "b", "c"} {
		err := f.Commit(context.Background(), creation(name))
		if errors.Is(err, storagetest.ErrFault) != (i%2 == 0) || version(t, s, name) != 1 {
			t.Errorf("commit %d: %v, version %d", i+1, err, version(t, s, name))
		}
	}
	// A commit that fails by itself is not said to be unknown.
	var conflict *store.ConflictError
	if err := f.Commit(context.Background(), creation("a")); !errors.As(err, &conflict) {
		t.Errorf("got %v", err)
	}
}

func TestFaultsOfReads(t *testing.T) {
	_, f := faulty(t, storagetest.Faults{FailRead: storagetest.Every(2, storagetest.ErrFault)})
	ctx := context.Background()
	if _, err := f.Get(ctx, faultKey("a")); err != nil {
		t.Error(err)
	}
	if _, err := f.Find(ctx, store.Query{Tenant: "acme", Kind: "suite_child", Index: "parent"}); !errors.Is(err, storagetest.ErrFault) {
		t.Errorf("got %v", err)
	}
	if _, err := f.Get(ctx, faultKey("a")); err != nil {
		t.Error(err)
	}
	if _, err := f.Get(ctx, faultKey("a")); !errors.Is(err, storagetest.ErrFault) {
		t.Errorf("got %v", err)
	}
}

func TestSomethingHappensBetweenReadAndCommit(t *testing.T) {
	var f *storagetest.Faulty
	s, f := faulty(t, storagetest.Faults{Before: func(ctx context.Context, n int, b store.Batch) {
		if n == 1 {
			if err := f.Store.Commit(ctx, creation("a")); err != nil {
				t.Error(err)
			}
		}
	}})
	var conflict *store.ConflictError
	if err := f.Commit(context.Background(), creation("a")); !errors.As(err, &conflict) || conflict.Reason != store.Exists {
		t.Errorf("got %v", err)
	}
	if version(t, s, "a") != 1 {
		t.Error("what came before is not there")
	}
}

func TestEveryAndOdd(t *testing.T) {
	every, odd, never := storagetest.Every(3, storagetest.ErrFault), storagetest.Odd(storagetest.Conflict()), storagetest.Every(0, storagetest.ErrFault)
	for n := 1; n <= 9; n++ {
		if (every(n) != nil) != (n%3 == 0) || (odd(n) != nil) != (n%2 == 1) || never(n) != nil {
			t.Errorf("call %d: %v, %v, %v", n, every(n), odd(n), never(n))
		}
	}
}

// Without faults the wrapper keeps the contract of what it wraps, limits and log included.
//
// Covers: LIB-003
func TestAWrapperWithoutFaultsKeepsTheContract(t *testing.T) {
	open := func(testing.TB) storagetest.Under {
		return storagetest.Under{Store: storagetest.Wrap(memory.New(), storagetest.Faults{})}
	}
	storagetest.Run(t, open)
	logtest.Run(t, open)
	if e, b := storagetest.Wrap(memory.New(), storagetest.Faults{}).Limits(); e != 10_000 || b != 32<<20 {
		t.Errorf("limits %d, %d", e, b)
	}
	if _, err := storagetest.Wrap(newSound(), storagetest.Faults{}).Reader(""); err == nil {
		t.Error("a store without a log gave a reader")
	}
}
