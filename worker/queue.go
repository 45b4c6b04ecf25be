package worker

import (
	"slices"
	"time"

	"github.com/forewarn-go/forewarn/store"
)

// queue is what was read of one shard and is not published yet, in the order in which the log gave it.
type queue struct {
	events []store.Event
	flying bool // a call is on its way
	// attempts counts the failures in a row; the next try is made at retryAt.
	attempts int
	retryAt  time.Time
	// left is set when events were dropped from memory, since too many wait behind one that is stuck. They are read
	// again once it is gone.
	left bool
}

// add appends what was read, up to limit while an event of the shard is stuck.
func (q *queue) add(e store.Event, limit int) {
	if q.attempts > 0 && len(q.events) >= limit {
		q.left = true
	}
	if !q.left {
		q.events = append(q.events, e)
	}
}

// take returns what the next call takes: at most n, and after a failure the first alone. So a message that fails is not
// overtaken by what lies behind it, whatever the publisher does with the rest of a batch.
func (q *queue) take(n int) []store.Event {
	if q.attempts > 0 {
		n = 1
	}
	return slices.Clone(q.events[:min(n, len(q.events))])
}

// outcome is what became of a call.
type outcome struct {
	gone   map[int]bool  // were taken out of the log by somebody else
	failed map[int]error // did not arrive
	cut    int           // events from here on were not handed out; those before, which have no entry, arrived
	down   error         // the bus did not answer: nothing is known of any
	store  error         // the store did not say what still stands
}

// settle takes off what arrived or is gone and returns the positions of what arrived. Whoever stands behind a failed
// event of its ticket is handed out again even if it arrived, so that the newest comes last.
func (q *queue) settle(batch []store.Event, o outcome) (arrived []store.Position) {
	rest := make([]store.Event, 0, len(q.events))
	behind := map[store.Key]bool{}
	for i, e := range batch {
		switch {
		case o.gone[i]:
		case i < o.cut && o.failed[i] == nil && !behind[e.Ticket]:
			arrived = append(arrived, e.Position)
		default:
			behind[e.Ticket] = true
			rest = append(rest, e)
		}
	}
	q.events = append(rest, q.events[len(batch):]...)
	return arrived
}
