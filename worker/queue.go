package worker

import (
	"slices"
	"time"

	"github.com/forewarn-go/forewarn/store"
)

// queue is what was read of one shard and is not published yet, in the order in which the log gave it.
type queue struct {
	events []store.Event
	// held is how many events at the head have to arrive before any other: what a failed call has left.
	held   int
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

// take returns what the next call takes, at most n. After a failure that is only what the failed call has left, and of
// each ticket the first, so that a message that fails again is not overtaken by the next of its ticket.
func (q *queue) take(n int) []store.Event {
	if q.held == 0 {
		if q.attempts > 0 {
			n = 1 // what has failed was read anew and may stand anywhere
		}
		return slices.Clone(q.events[:min(n, len(q.events))])
	}
	var batch []store.Event
	seen := map[store.Key]bool{}
	for _, e := range q.events[:q.held] {
		if !seen[e.Ticket] && len(batch) < n {
			seen[e.Ticket] = true
			batch = append(batch, e)
		}
	}
	return batch
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
	if q.held == 0 && len(o.gone) == 0 && len(o.failed) == 0 {
		for _, e := range batch {
			arrived = append(arrived, e.Position)
		}
		clear(q.events[:len(batch)])
		q.events = q.events[len(batch):]
		return arrived
	}
	off := make(map[int64]bool, len(batch))
	behind := map[store.Key]bool{}
	held := 0
	for i, e := range batch {
		switch {
		case o.gone[i]:
			off[e.Seq] = true
		case i < o.cut && o.failed[i] == nil && !behind[e.Ticket]:
			off[e.Seq] = true
			arrived = append(arrived, e.Position)
		default:
			behind[e.Ticket] = true
			held++
		}
	}
	if q.held > 0 {
		held = q.held - len(off)
	}
	head := max(len(batch), q.held)
	rest := slices.DeleteFunc(slices.Clone(q.events[:head]), func(e store.Event) bool { return off[e.Seq] })
	q.events = append(rest, q.events[head:]...)
	q.held = held
	return arrived
}
