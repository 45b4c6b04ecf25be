// Package workertest proves that a worker keeps what package worker promises,
// over any store: order and completeness of delivery, due work once and in time,
// fan-out, mails, what is given up and done again.
//
//	func TestWorker(t *testing.T) {
//		workertest.Run(t, func(t testing.TB) workertest.Under {
//			return workertest.Under{Store: memory.New()}
//		})
//	}
//
// A store that passes storagetest and logtest passes this suite: it shows that
// the two promise all that a worker needs. It does not wait on the clock.
package workertest

import (
	"context"
	"testing"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/store"
	"github.com/forewarn-go/forewarn/worker"
)

// Worker is what the clauses ask of a worker. *worker.Worker is one.
type Worker interface {
	Drain(ctx context.Context) error
	Status(ctx context.Context, by forewarn.Caller) (worker.Status, error)
	Drop(ctx context.Context, by forewarn.Caller, position store.Position, why string) error
	Retry(ctx context.Context, by forewarn.Caller, kind, name string) error
}

// Under is a store that a worker is tested over.
type Under struct {
	// Store is a store.Log too, empty, and of this clause alone. Required.
	Store store.Store
	// Migrate makes room for the kinds that the store was told of; nil when it needs none.
	Migrate func(ctx context.Context) error
	// Stories is how many random stories the model plays; 0 is as many as rapid has checks. Fewer, for stores
	// that are slow.
	Stories int
	// Make makes the worker; nil is worker.New. The suite's own tests make broken ones.
	Make func(worker.Config) (Worker, error)
}

// Open returns a store for one clause.
type Open func(t testing.TB) Under

// Clause is one promise and its proof.
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
	for _, part := range [][]part{deliveryClauses, stuckClauses, dueClauses, fanoutClauses, mailClauses, purgeClauses, modelClauses} {
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
