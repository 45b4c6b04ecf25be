// Package bus is what a publisher implements: it takes messages to a message
// bus, and says of a failure whether the bus is down or a message was refused.
//
// A worker hands the messages of one shard to Publish in the order of their
// tickets' events, and hands them out again when it is not sure that they
// arrived, so delivery is at least once: consumers tell repeats by [Message].ID.
// Package adapters/bustest proves a Publisher.
package bus

import (
	"context"
	"fmt"
	"strings"

	"github.com/google/uuid"
)

// Publisher takes messages to a bus. Its methods are safe for concurrent use.
type Publisher interface {
	// Publish returns nil when the bus has accepted every message, and an *Error otherwise. Messages of one
	// key arrive in the order given: behind one that failed none of its key arrives, and each is among Failed.
	Publish(ctx context.Context, m ...Message) error
}

// Message is one message.
type Message struct {
	ID      uuid.UUID // stable over repeats
	Tenant  string
	Topic   string
	Key     string // messages of one key keep their order
	Headers map[string]string
	Body    []byte
}

// Error says what of a Publish did not arrive.
type Error struct {
	// Down is set when the bus itself did not answer: nothing is charged to a message, and any of them may
	// have arrived.
	Down error
	// Failed are the messages that did not arrive. The others did, when Down is nil.
	Failed []Failure
}

// Failure is a message that did not arrive.
type Failure struct {
	Index int // of the message in the call
	Err   error
	Retry bool // whether the same message may arrive at another try
}

func (e *Error) Error() string {
	if e.Down != nil {
		return "bus: down: " + e.Down.Error()
	}
	var b strings.Builder
	fmt.Fprintf(&b, "bus: %d messages failed", len(e.Failed))
	for i, f := range e.Failed {
		if i == 3 {
			b.WriteString("; …")
			break
		}
		fmt.Fprintf(&b, "; [%d]: %v", f.Index, f.Err)
	}
	return b.String()
}

// Unwrap returns the errors of the bus and of the messages.
func (e *Error) Unwrap() []error {
	var all []error
	if e.Down != nil {
		all = append(all, e.Down)
	}
	for _, f := range e.Failed {
		if f.Err != nil {
			all = append(all, f.Err)
		}
	}
	return all
}

// Discard is a Publisher that drops every message, for hosts that want none.
var Discard Publisher = discard{}

type discard struct{}

func (discard) Publish(context.Context, ...Message) error { return nil }

// Func makes a Publisher of a function, as for a host that handles its events in its own process.
type Func func(ctx context.Context, m ...Message) error

// Publish calls f.
func (f Func) Publish(ctx context.Context, m ...Message) error { return f(ctx, m...) }
