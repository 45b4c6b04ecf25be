// Package bustest proves that a bus.Publisher keeps its contract: what it says
// it has accepted has arrived, byte for byte and in order per key, and of what
// has not it says whether the bus is down or the message is refused.
//
// Every promise is a [Clause] of its own, and a test runs them all with [Run]:
//
//	func TestPublisher(t *testing.T) {
//		bustest.Run(t, func(t testing.TB) bustest.Under {
//			b := inproc.New()
//			…
//			return bustest.Under{Publisher: b, Topic: topic, Read: read}
//		})
//	}
//
// What needs a power that the test does not give, a message that this bus
// refuses or a way to cut it off, is skipped and says so.
package bustest

import (
	"context"
	"testing"

	"github.com/forewarn-go/forewarn/bus"
)

// Under is a publisher under test, and what the test can do with its bus.
type Under struct {
	// Publisher is the publisher; required.
	Publisher bus.Publisher
	// Topic makes a topic that takes messages and holds none, and returns its name; required.
	Topic func(ctx context.Context) (string, error)
	// Read returns all messages that a topic holds, those of one key in the order in which they arrived;
	// required. Headers may hold more than the publisher was given.
	Read func(ctx context.Context, topic string) ([]bus.Message, error)
	// Refused returns a message to a topic that this bus will never take, with the given key. Nil: the bus
	// takes everything, and the clauses that need one are skipped.
	Refused func(topic, key string) bus.Message
	// Break cuts the publisher off from the bus and returns a function that joins them again. Nil: it
	// cannot be, and the clauses that need it are skipped.
	Break func() (heal func())
}

// Open returns a publisher under test. It is called once per clause and may
// return the same one again.
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
		{"every field arrives byte for byte", arrives},
		{"nil means that all were accepted", accepted},
		{"each message goes to its own topic", topics},
		{"messages of a key keep their order in a call", orderInCall},
		{"messages of a key keep their order over calls", orderOverCalls},
		{"calls may run at once", concurrent},
		{"a call without messages is nothing", empty},
		{"a repeat is taken", repeat},
		{"nothing of the caller's is kept or changed", keepsNothing},
		{"a cancelled context is told as down", cancelled},
		{"a refused message is told by its index and cannot be retried", refused},
		{"the neighbours of a refused message arrive", neighbours},
		{"nothing of a key overtakes a refused message", overtakes},
		{"a bus that is cut off is down and charges no message", down},
		{"a bus that is back takes messages again", back},
	} {
		all = append(all, Clause{Name: p.name, Run: func(t testing.TB, u Under) {
			t.Helper()
			p.run(newFixture(t, u))
		}})
	}
	return all
}

// part is a clause as the files of this package list it.
type part struct {
	name string
	run  func(*fixture)
}
