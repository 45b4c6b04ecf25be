// Package notifytest proves that a forewarn.Notifier keeps its contract: what
// it accepts arrives whole at its one recipient, a repeat is known by its
// identity, and of a failure it says whether another try may help.
//
// Every promise is a [Clause] of its own, and a test runs them all with [Run].
// What needs a power that the test does not give, a notification that is refused
// for good or a way to cut the notifier off, is skipped and says so.
package notifytest

import (
	"context"
	"testing"

	"github.com/forewarn-go/forewarn"
)

// Under is a notifier under test, and what the test can see of what it sends.
type Under struct {
	// Notifier is the notifier; required.
	Notifier forewarn.Notifier
	// Sent returns all that has arrived anywhere since the notifier was opened, in any order; required.
	Sent func(ctx context.Context) ([]Sent, error)
	// Refused returns a notification that will never be taken. Nil: everything is, and the clause that needs
	// one is skipped.
	Refused func() forewarn.Notification
	// Break cuts the notifier off and returns a function that joins it again. Nil: it cannot be, and the
	// clauses that need it are skipped.
	Break func() (heal func())
}

// Sent is a notification as it arrived.
type Sent struct {
	// Identity is by what the recipient's system knows a repeat, as a mail's Message-ID.
	Identity string
	// To are all that got it.
	To      []string
	Subject string
	Text    string // lines end in \n
}

// Open returns a notifier under test. It is called once per clause, and what
// Sent returns then must be empty.
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
	for _, p := range []part{
		{"what is accepted arrives whole", arrives},
		{"nil means that it was accepted", accepted},
		{"a repeat has the identity of the first", repeat},
		{"two notifications have two identities", identities},
		{"it reaches its recipient alone", alone},
		{"calls may run at once", concurrent},
		{"a cancelled context is not final", cancelled},
		{"a refused notification is final", refused},
		{"a system that is cut off is not final", down},
		{"a system that is back takes notifications again", back},
	} {
		all = append(all, Clause{Name: p.name, Run: func(t testing.TB, u Under) {
			t.Helper()
			p.run(newFixture(t, u))
		}})
	}
	return all
}

// part is a clause as it is listed.
type part struct {
	name string
	run  func(*fixture)
}
