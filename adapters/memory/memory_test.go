package memory_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/forewarn-go/forewarn/adapters/logtest"
	"github.com/forewarn-go/forewarn/adapters/memory"
	"github.com/forewarn-go/forewarn/adapters/storagetest"
	"github.com/forewarn-go/forewarn/store"
)

func open(testing.TB) storagetest.Under { return storagetest.Under{Store: memory.New()} }

// Covers: LIB-003
func TestStore(t *testing.T) { storagetest.Run(t, open) }

// Covers: LIB-003
func TestLog(t *testing.T) { logtest.Run(t, open) }

// A page costs the same however many rows there are, at the head and behind a
// cursor: no Find scans the kind.
func TestFindDoesNotScan(t *testing.T) {
	s := memory.New()
	if err := s.Keep(storagetest.Kinds()...); err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	add := func(from, to int) {
		var b store.Batch
		for i := from; i < to; i++ {
			b.Puts = append(b.Puts, store.Put{Version: 1, Body: json.RawMessage(`{}`),
				Key:    store.Key{Tenant: fmt.Sprint("t", i%10), Kind: "suite_due", ID: store.NameID(fmt.Sprint(i))},
				Values: []store.Value{store.TextValue("run"), store.IntValue(int64(i % 16)), store.IntValue(int64(i))}})
		}
		if err := s.Commit(ctx, b); err != nil {
			t.Fatal(err)
		}
	}
	q := store.Query{AllTenants: true, Kind: "suite_due", Index: "due", Equal: []store.Value{store.TextValue("run")},
		AnyOf: []store.Value{store.IntValue(1), store.IntValue(2), store.IntValue(3)}, Limit: 20}
	cost := func() (head, deep float64) {
		first, err := s.Find(ctx, q)
		if err != nil || len(first.Records) != 20 {
			t.Fatalf("%d records, %v", len(first.Records), err)
		}
		behind := q
		behind.After = first.Next
		find := func(q store.Query) func() {
			return func() {
				if _, err := s.Find(ctx, q); err != nil {
					t.Fatal(err)
				}
			}
		}
		return testing.AllocsPerRun(10, find(q)), testing.AllocsPerRun(10, find(behind))
	}
	add(0, 1000)
	fewHead, fewDeep := cost()
	for i := 1000; i < 31000; i += 10000 {
		add(i, i+10000)
	}
	manyHead, manyDeep := cost()
	if manyHead > fewHead*1.5 || manyDeep > fewDeep*1.5 {
		t.Errorf("allocations of a page: %v and %v of 1,000 rows, %v and %v of 31,000", fewHead, fewDeep, manyHead, manyDeep)
	}
}

// Limits of this store, beside those that every store has.
func TestLimits(t *testing.T) {
	if entries, bytes := store.LimitsOf(memory.New()); entries != 10_000 || bytes != 32<<20 {
		t.Errorf("limits are %d and %d", entries, bytes)
	}
}

func ExampleNew() {
	s := memory.New()
	if err := s.Keep(store.Kind{Name: "note"}); err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	key := store.Key{Tenant: "acme", Kind: "note", ID: store.NameID("note", "1")}
	put := store.Put{Key: key, Expect: store.Absent, Version: 1, Body: json.RawMessage(`{"text":"hello"}`)}
	fmt.Println(s.Commit(ctx, store.Batch{Puts: []store.Put{put}}))
	fmt.Println(s.Commit(ctx, store.Batch{Puts: []store.Put{put}}) != nil) // it stands there already
	records, err := s.Get(ctx, key)
	fmt.Println(string(records[0].Body), err)
	// Output:
	// <nil>
	// true
	// {"text":"hello"} <nil>
}
