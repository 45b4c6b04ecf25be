package logtest

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn/store"
)

var laneClauses = []part{
	{"events-as-staged-are-in-the-lane-without-a-name", func(x *fixture) {
		lane := x.lane
		x.lane = ""
		want := x.stage(x.ticket(1), x.ticket(2))
		var mine []store.Event // others use this lane too
		for _, e := range x.drain(x.readerOf(""), 1000) {
			if e.Ticket.Tenant == x.tenant {
				mine = append(mine, e)
			}
		}
		x.got(mine, want...)
		x.got(x.drain(x.readerOf(lane), 10))
		x.commit(store.Batch{Forget: positions(mine)})
	}},
	{"lanes-are-read-apart", func(x *fixture) {
		first, second := x.lane, "lane-"+uuid.NewString()
		k := x.ticket(1)
		a := x.stage(k)
		x.lane = second
		b := x.stage(k, x.ticket(2))
		x.lane = first
		c := x.stage(k)
		x.got(x.drain(x.readerOf(first), 10), append(a, c...)...)
		x.got(x.drain(x.readerOf(second), 10), b...)
		x.got(x.drain(x.readerOf("lane-"+uuid.NewString()), 10))
	}},
	{"numbers-rise-per-ticket-over-all-lanes", func(x *fixture) {
		lanes := []string{x.lane, "lane-" + uuid.NewString(), "lane-" + uuid.NewString()}
		k := x.ticket(1)
		want := map[uuid.UUID]int{}
		for i := range 30 {
			x.lane = lanes[(i*5+i/3)%3]
			want[x.stage(k)[0].ID] = i
		}
		seq := make([]int64, 30)
		for _, lane := range lanes {
			for _, e := range x.drain(x.readerOf(lane), 100) {
				seq[want[e.ID]] = e.Seq
			}
		}
		for i := 1; i < len(seq); i++ {
			if seq[i] <= seq[i-1] {
				x.Errorf("the ticket's event %d has seq %d, the one before %d", i, seq[i], seq[i-1])
			}
		}
	}},
	{"an-event-moves-to-another-lane-in-one-commit", func(x *fixture) {
		first, second := x.lane, "lane-"+uuid.NewString()
		k := x.ticket(1)
		x.stage(k)
		x.stage(k)
		got := x.exactly(2, x.drain(x.readerOf(first), 10))
		x.lane = second
		moved := got[0]
		moved.Position = store.Position{Lane: second}
		b := x.batch(moved)
		b.Forget = positions(got[:1])
		x.commit(b)
		x.got(x.drain(x.readerOf(second), 10), moved)
		x.got(x.drain(x.readerOf(first), 10), got[1])
	}},
}

var forgetClauses = []part{
	{"forget-takes-what-it-was-told-and-no-more", func(x *fixture) {
		first, second := x.lane, "lane-"+uuid.NewString()
		for range 3 { // several events of a commit, several tickets of a shard, several shards, two lanes
			for _, lane := range []string{first, second} {
				x.lane = lane
				tickets := x.inShard(4, 2)
				x.commit(x.batch(x.event(tickets[0]), x.event(tickets[0]), x.event(tickets[1]), x.event(x.inShard(5, 1)[0])))
			}
		}
		left := map[string][]store.Event{first: x.drain(x.readerOf(first), 100), second: x.drain(x.readerOf(second), 100)}
		for len(left[first]) > 0 { // from the middle, then the end, then the beginning
			for _, of := range []func(int) int{func(n int) int { return n / 2 }, func(n int) int { return n - 1 }, func(int) int { return 0 }} {
				events := left[first]
				if len(events) == 0 {
					break
				}
				i := of(len(events))
				x.commit(store.Batch{Forget: positions(events[i : i+1])})
				left[first] = append(append([]store.Event{}, events[:i]...), events[i+1:]...)
				x.got(x.drain(x.readerOf(first), 100), left[first]...)
				x.got(x.drain(x.readerOf(second), 100), left[second]...)
			}
		}
	}},
	{"forget-looks-at-lane-shard-and-number", func(x *fixture) {
		want := x.stage(x.ticket(1))
		at := x.exactly(1, x.drain(x.reader(), 10))[0].Position
		for _, p := range []store.Position{
			{Lane: "lane-" + uuid.NewString(), Shard: at.Shard, Seq: at.Seq}, {Lane: at.Lane, Shard: (at.Shard + 1) % store.Shards, Seq: at.Seq},
			{Lane: at.Lane, Shard: at.Shard, Seq: at.Seq + 1}, {Lane: at.Lane, Shard: at.Shard, Seq: at.Seq - 1},
			{Lane: at.Lane, Shard: at.Shard, Seq: 1 << 60}, {Lane: at.Lane, Shard: at.Shard}, {Lane: at.Lane, Shard: 99, Seq: at.Seq},
		} {
			x.commit(store.Batch{Forget: []store.Position{p}}) // not there: no error
			if left := x.drain(x.reader(), 10); len(left) != 1 {
				x.Fatalf("after %+v was forgotten, the event at %+v is gone", p, at)
			}
		}
		x.got(x.drain(x.reader(), 10), want...)
	}},
	{"forget-again-is-no-error", func(x *fixture) {
		x.stage(x.ticket(1), x.ticket(2))
		at := positions(x.drain(x.reader(), 10))
		x.commit(store.Batch{Forget: at})
		x.commit(store.Batch{Forget: append(at, at...)})
		x.got(x.drain(x.reader(), 10))
	}},
	{"a-commit-that-fails-forgets-nothing", func(x *fixture) {
		want := x.stage(x.ticket(1), x.ticket(2))
		at := positions(x.drain(x.reader(), 10))
		err := x.s.Commit(x.ctx, store.Batch{Forget: at, Reads: []store.Read{{Key: x.ticket(1), Expect: 99}}})
		if err == nil {
			x.Fatalf("a commit with a wrong precondition succeeded")
		}
		x.got(x.drain(x.reader(), 10), want...)
	}},
	{"what-is-forgotten-leaves-readers-where-they-are", func(x *fixture) {
		k := x.ticket(1)
		for range 6 {
			x.stage(k)
		}
		all := x.exactly(6, x.drain(x.reader(), 100))
		r := x.reader()
		got := x.next(r, 2)
		x.got(got, all[:2]...)
		x.commit(store.Batch{Forget: positions([]store.Event{all[0], all[1], all[3]})})
		x.got(x.drain(r, 1), all[2], all[4], all[5])
	}},
}

var refusalClauses = []part{
	{"a-shard-that-is-none-is-refused", func(x *fixture) {
		for _, shard := range []int{-1, store.Shards} {
			r, err := x.log.Reader(x.lane, 0, shard)
			if err == nil {
				_ = r.Close()
				x.Errorf("a reader of shard %d was given", shard)
				continue
			}
			x.invalid(err)
		}
		_, err := x.reader().Next(x.ctx, 0)
		x.invalid(err)
	}},
	{"an-error-keeps-its-cause", func(x *fixture) {
		x.stage(x.ticket(1))
		cancelled, cancel := context.WithCancel(x.ctx)
		cancel()
		expired, cancel := context.WithDeadline(x.ctx, time.Unix(1, 0))
		defer cancel()
		if _, err := x.reader().Next(cancelled, 10); !errors.Is(err, context.Canceled) {
			x.Errorf("Next under a cancelled context gave %v", err)
		}
		if _, err := x.reader().Next(expired, 10); !errors.Is(err, context.DeadlineExceeded) {
			x.Errorf("Next under an expired context gave %v", err)
		}
	}},
	{"a-closed-reader-gives-an-error", func(x *fixture) {
		x.stage(x.ticket(1))
		r := x.reader()
		if err := r.Close(); err != nil {
			x.Errorf("Close: %v", err)
		}
		if events, err := r.Next(x.ctx, 10); err == nil {
			x.Errorf("after Close, Next gave %s", show(events))
		}
	}},
}

// invalid checks that err is a *store.InvalidError.
func (x *fixture) invalid(err error) {
	x.Helper()
	var e *store.InvalidError
	if !errors.As(err, &e) {
		x.Errorf("got %v, want a *store.InvalidError", err)
	}
}
