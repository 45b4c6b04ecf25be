package logtest

import (
	"fmt"
	"slices"

	"github.com/forewarn-go/forewarn/adapters/storagetest"
	"github.com/forewarn-go/forewarn/store"
)

// looks is how many times a late commit's story can be interrupted by a reader.
const looks = 4

var lateClauses = []part{
	{"joined-events-become-visible-with-the-transaction", func(x *fixture) {
		j := x.hold(false)
		want := x.stageTo(j.Store, x.ticket(1))
		r := x.reader()
		x.got(x.next(r, 10))
		if err := j.Commit(); err != nil {
			x.Fatalf("the transaction's commit: %v", err)
		}
		x.got(x.next(r, 10), want...)
	}},
	{"joined-events-go-with-a-rollback", func(x *fixture) {
		a := x.ticket(1)
		want := x.stage(a)
		r := x.reader()
		got := x.drain(r, 10)
		j := x.hold(false)
		b := x.batch(x.event(a))
		if err := j.Store.Commit(x.ctx, b); err != nil {
			x.Fatalf("a commit in the transaction: %v", err)
		}
		if err := j.Rollback(); err != nil {
			x.Fatalf("the rollback: %v", err)
		}
		got = append(got, x.drain(r, 10)...)
		want = append(want, x.stage(a)...)
		x.got(append(got, x.drain(r, 10)...), want...)
		x.got(x.drain(x.reader(), 10), want...)
	}},
	// A transaction stages an event of ticket A and stays open; another commit
	// stages for ticket B of the same shard, so that a reader's place passes A's
	// number; then the first ends, and A gets one more event. The reader looks
	// in between in every combination.
	{"late", func(x *fixture) {
		x.hold(true) // or skip
		for which := range 1 << looks {
			for _, n := range []int{1, 100} {
				x.reset()
				x.late(which, n)
			}
		}
	}},
	{"late-commits-of-several-transactions", func(x *fixture) {
		x.hold(true)
		for which := range 1 << 3 {
			x.reset()
			tickets := x.inShard(6, 4)
			r := x.reader()
			var got, want []store.Event
			look := func(i int) {
				if which&(1<<i) != 0 {
					got = append(got, x.next(r, 10)...)
				}
			}
			first, second := x.open(), x.open()
			want = append(want, x.stageTo(first.Store, tickets[0])...)
			want = append(want, x.stageTo(second.Store, tickets[1])...)
			want = append(want, x.stageTo(first.Store, tickets[2])...)
			want = append(want, x.stage(tickets[3])...)
			look(0)
			x.end(second)
			want = append(want, x.stage(tickets[1])...)
			look(1)
			want = append(want, x.stageTo(first.Store, tickets[0])...)
			look(2)
			x.end(first)
			want = append(want, x.stage(tickets[0], tickets[2])...)
			got = append(got, x.drain(r, 10)...)
			x.got(got, want...)
		}
	}},
	{"late-commits-of-many-events", func(x *fixture) {
		x.hold(true)
		tickets := x.inShard(6, 3)
		entries, _ := store.LimitsOf(x.s)
		j := x.open()
		r := x.reader()
		var want, got []store.Event
		for len(want) < 1300 { // more than any page
			var events []store.Event
			for range min(entries-2, 550) {
				events = append(events, x.event(tickets[len(events)%2]))
			}
			x.commitTo(j.Store, x.batch(events...))
			want = append(want, events...)
			want = append(want, x.stage(tickets[2])...)
			got = append(got, x.next(r, 5)...)
		}
		x.end(j)
		want = append(want, x.stage(tickets...)...)
		x.got(append(got, x.drain(r, 5)...), want...)
	}},
}

// late tells the story of a late commit; which says where the reader looks.
func (x *fixture) late(which, n int) {
	x.Helper()
	tickets := x.inShard(6, 2)
	a, b := tickets[0], tickets[1]
	r := x.reader()
	want := x.stage(a, b)
	var got []store.Event
	look := func(i int) {
		if which&(1<<i) != 0 {
			got = append(got, x.next(r, n)...)
		}
	}
	look(0)
	j := x.open()
	want = append(want, x.stageTo(j.Store, a)...)
	look(1)
	beside := x.stage(b)
	want = append(want, beside...)
	look(2)
	if which&(1<<2) != 0 && n > 1 && !slices.ContainsFunc(got, func(e store.Event) bool { return e.ID == beside[0].ID }) {
		x.Errorf("an event that is committed waits for a transaction that is open")
	}
	x.end(j)
	want = append(want, x.stage(a)...)
	look(3)
	got = append(got, x.drain(r, n)...)
	if !slices.Equal(order(got), order(want)) {
		x.Errorf("the reader looked at %04b, %d per shard", which, n)
	}
	x.got(got, want...)
}

// order names the events by ticket, each ticket's in the order in which they stand.
func order(events []store.Event) []string {
	var all []string
	for k, of := range byTicket(events) {
		for i, e := range of {
			all = append(all, fmt.Sprint(k.ID, i, e.ID))
		}
	}
	slices.Sort(all)
	return all
}

// hold opens a transaction and skips the clause when that cannot be. beside
// asks for other commits while it is open; then it only looks whether they can be.
func (x *fixture) hold(beside bool) storagetest.Joined {
	x.Helper()
	switch {
	case x.u.Hold == nil:
		x.Logf("NOT SHOWN: the factory gives no Hold, so nothing is known of commits that become visible late")
		x.Skipf("no commit of this store can be held open: the factory gives no Hold")
	case beside && x.u.OneWriter:
		x.Logf("NOT SHOWN: one writer at a time, so no commit can become visible late")
		x.Skipf("this store has one writer at a time, so no commit can become visible late")
	case beside:
		return storagetest.Joined{}
	}
	return x.open()
}

func (x *fixture) open() storagetest.Joined {
	x.Helper()
	j, err := x.u.Hold(x.ctx)
	if err != nil {
		x.Fatalf("Hold: %v", err)
	}
	x.test.Cleanup(func() { _ = j.Rollback() }) // after a failure; else it has ended already
	return j
}

func (x *fixture) end(j storagetest.Joined) {
	x.Helper()
	if err := j.Commit(); err != nil {
		x.Fatalf("the transaction's commit: %v", err)
	}
}
