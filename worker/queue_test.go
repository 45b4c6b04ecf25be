package worker

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn/store"
)

// event returns an event of a ticket named by a letter.
func event(ticket string, seq int64) store.Event {
	return store.Event{Ticket: store.Key{Tenant: "t", Kind: "k", ID: store.NameID(ticket)}, ID: uuid.New(), Position: store.Position{Seq: seq}}
}

func seqs(events []store.Event) (all []int64) {
	for _, e := range events {
		all = append(all, e.Seq)
	}
	return all
}

func TestAShardThatIsStuckKeepsNoMoreThanItsLimit(t *testing.T) {
	var q queue
	for n := range 10 {
		q.add(event("a", int64(n)), 3)
	}
	if len(q.events) != 10 || q.left {
		t.Errorf("a shard that goes on keeps %v", seqs(q.events))
	}
	q = queue{attempts: 1}
	for n := range 10 {
		q.add(event("a", int64(n)), 3)
	}
	q.attempts = 0 // it goes on, with a gap behind what it keeps
	q.add(event("a", 10), 3)
	if !slices.Equal(seqs(q.events), []int64{0, 1, 2}) || !q.left {
		t.Errorf("a shard that was stuck keeps %v, left %v; want 0, 1, 2 and no later event in front of those that were left", seqs(q.events), q.left)
	}
}

func TestWhatACallLeavesInItsShard(t *testing.T) {
	bad := errors.New("bad")
	for _, c := range []struct {
		name    string
		o       outcome
		arrived []int64
		left    []int64
	}{
		{"all arrived", outcome{cut: 5}, []int64{1, 2, 3, 4, 5}, []int64{6}},
		{"one failed, and one of its ticket behind it", outcome{cut: 5, failed: map[int]error{1: bad}}, []int64{1, 3, 5}, []int64{2, 4, 6}},
		{"cut at one that cannot be encoded", outcome{cut: 2, failed: map[int]error{2: bad}}, []int64{1, 2}, []int64{3, 4, 5, 6}},
		{"one is gone", outcome{cut: 5, gone: map[int]bool{0: true}}, []int64{2, 3, 4, 5}, []int64{6}},
		{"the last failed", outcome{cut: 5, failed: map[int]error{4: bad}}, []int64{1, 2, 3, 4}, []int64{5, 6}},
	} {
		var q queue
		for i, ticket := range []string{"a", "b", "a", "b", "c", "a"} {
			q.add(event(ticket, int64(i+1)), 100)
		}
		batch := q.take(5)
		var arrived []int64
		for _, p := range q.settle(batch, c.o) {
			arrived = append(arrived, p.Seq)
		}
		if !slices.Equal(arrived, c.arrived) || !slices.Equal(seqs(q.events), c.left) {
			t.Errorf("%s: arrived %v, left %v; want %v and %v", c.name, arrived, seqs(q.events), c.arrived, c.left)
		}
		q.attempts = 1
		if got := fmt.Sprint(seqs(q.take(5))); got != fmt.Sprint(c.left[:1]) {
			t.Errorf("%s: the next try takes %s, want the first alone", c.name, got)
		}
	}
}
