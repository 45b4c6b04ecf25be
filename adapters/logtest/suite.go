// Package logtest proves that a store.Log keeps the contract: what commits have
// staged comes out in order per ticket, each event once per reader, whatever
// commits late, and goes by exact position only.
//
// It has the form of package storagetest, and the same factory serves both:
//
//	func TestLog(t *testing.T) {
//		logtest.Run(t, func(t testing.TB) storagetest.Under {
//			return storagetest.Under{Store: memory.New()}
//		})
//	}
//
// The store under test must be a store.Log. What only a store with several
// writers at once can do wrong, a commit that becomes visible late, needs
// Under.Hold: a store that has none, or one writer, says so loudly and the
// clause is skipped with the reason.
package logtest

import (
	"testing"

	"github.com/forewarn-go/forewarn/adapters/storagetest"
)

// Run runs every clause as a sub-test of its name.
func Run(t *testing.T, open storagetest.Open) {
	t.Helper()
	for _, c := range Clauses() {
		t.Run(c.Name, func(t *testing.T) { c.Run(t, open(t)) })
	}
}

// Clauses returns the clauses, each once, in the order in which Run runs them.
func Clauses() []storagetest.Clause {
	var all []storagetest.Clause
	for _, part := range [][]part{readClauses, laneClauses, forgetClauses, refusalClauses, lateClauses, raceClauses, modelClauses} {
		for _, p := range part {
			all = append(all, storagetest.Clause{Name: p.name, Run: func(t testing.TB, u storagetest.Under) {
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
