// Package storagetest proves that a store.Store keeps the contract: one named
// clause per promise, contention, and a model.
//
// An adapter's test is a factory and one call:
//
//	func TestStore(t *testing.T) {
//		storagetest.Run(t, func(t testing.TB) storagetest.Under {
//			return storagetest.Under{Store: memory.New()}
//		})
//	}
//
// The clauses use the kinds of Kinds. They work in tenants of their own, so a
// factory may hand out the same store again, and they leave their records
// behind. There are no opt-outs: what is optional is an interface of its own,
// or a field of Under, and a clause that needs it says so when it is skipped.
//
// Package logtest has the same form and proves the log of the same store.
// Faults wraps a store for tests of what stands on top of one.
package storagetest

import (
	"context"
	"testing"

	"github.com/forewarn-go/forewarn/store"
)

// Under is a store under test.
type Under struct {
	// Store keeps the kinds of Kinds; required.
	Store store.Store
	// Hold opens a transaction of a host and a store that is bound to it, for stores that can be joined. Nil:
	// the clauses that need it are skipped, and say so.
	Hold func(ctx context.Context) (Joined, error)
	// OneWriter says that an open transaction of Hold keeps every other commit waiting, as in SQLite.
	OneWriter bool
}

// Joined is a store that is bound to an open transaction: what it commits
// becomes visible to others when Commit ends the transaction.
type Joined struct {
	Store    store.Store
	Commit   func() error
	Rollback func() error
}

// Open returns a store under test that keeps Kinds, migrated if it needs that.
// It is called once per clause and may return the same store again.
type Open func(t testing.TB) Under

// Clause is one promise of the contract and its proof.
type Clause struct {
	Name string
	Run  func(t testing.TB, u Under)
}

// Run runs every clause as a sub-test of its name.
func Run(t *testing.T, open Open) {
	t.Helper()
	for _, c := range Clauses() {
		t.Run(c.Name, func(t *testing.T) { c.Run(t, open(t)) })
	}
}

// Clauses returns the clauses, each once, in the order in which Run runs them.
func Clauses() []Clause {
	var all []Clause
	for _, part := range [][]part{keepClauses, getClauses, commitClauses, conflictClauses, refusalClauses,
		limitClauses, cancelClauses, findClauses, pagingClauses, tenantClauses, numberClauses, raceClauses,
		joinClauses, modelClauses} {
		for _, p := range part {
			all = append(all, Clause{Name: p.name, Run: func(t testing.TB, u Under) {
				t.Helper()
				p.run(newFixture(t, u))
			}})
		}
	}
	return all
}

// part is a clause as the files of this package list it.
type part struct {
	name string
	run  func(*fixture)
}
