package logtest

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/forewarn-go/forewarn/store"
)

var readClauses = []part{
	{"events-come-in-order-per-ticket", func(x *fixture) {
		var want []store.Event
		for i := range 40 {
			a, b := x.ticket(i%7), x.ticket((i+3)%7)
			events := []store.Event{x.event(a), x.event(b), x.event(a)} // two of one ticket in a commit
			x.commit(x.batch(events...))
			want = append(want, events...)
		}
		x.got(x.drain(x.reader(), 5), want...)
	}},
	{"each-event-once-per-reader", func(x *fixture) {
		r := x.reader()
		var want, got []store.Event
		for i := range 12 {
			want = append(want, x.stage(x.ticket(i%3), x.ticket(i%5+10))...)
			got = append(got, x.next(r, i%3+1)...)
		}
		got = append(got, x.drain(r, 2)...)
		x.got(got, want...)
		if more := x.next(r, 100); len(more) > 0 {
			x.Errorf("with nothing new Next gave %s", show(more))
		}
		late := x.stage(x.ticket(1))
		x.got(x.next(r, 100), late...)
	}},
	{"a-new-reader-starts-at-the-beginning", func(x *fixture) {
		want := x.stage(x.ticket(1), x.ticket(2))
		first := x.reader()
		x.got(x.drain(first, 10), want...)
		want = append(want, x.stage(x.ticket(1))...)
		x.got(x.drain(x.reader(), 10), want...)
		if err := first.Close(); err != nil {
			x.Errorf("Close: %v", err)
		}
		x.got(x.drain(x.reader(), 10), want...)
	}},
	{"readers-do-not-take-from-each-other", func(x *fixture) {
		a, b := x.reader(), x.reader()
		want := x.stage(x.ticket(1), x.ticket(2), x.ticket(3))
		x.got(x.drain(a, 1), want...)
		x.got(x.drain(b, 1), want...)
	}},
	{"id-type-time-and-body-come-back", func(x *fixture) {
		k := x.ticket(1)
		var want []store.Event
		for i, body := range []string{`{"a":1}`, `{}`, `[]`, `"text"`, `{"nul":"a\u0000b","high":"\ud83d\ude00 ü","html":"<&>"}`,
			`{"big":` + `"` + strings.Repeat("x", 60_000) + `"}`} {
			e := x.event(k)
			e.Type = []string{"TroubleTicketCreateEvent", "ü", "a b", "x", "y", strings.Repeat("t", 200)}[i]
			e.Body = json.RawMessage(body)
			e.At = time.Date(2026, 1, 5, 9, 0, i, 123456000+i*1000, time.UTC)
			want = append(want, e)
		}
		x.commit(x.batch(want...))
		got := x.drain(x.reader(), 100)
		x.got(got, want...)
		for _, e := range got {
			if _, offset := e.At.Zone(); offset != 0 {
				x.Errorf("the time %v is not UTC", e.At)
			}
		}
	}},
	{"times-keep-their-microseconds", func(x *fixture) {
		e := x.event(x.ticket(1))
		e.At = time.Date(2026, 1, 5, 9, 0, 0, 999_999_000, time.UTC)
		x.commit(x.batch(e))
		if got := x.drain(x.reader(), 100); len(got) != 1 || !got[0].At.Equal(e.At) {
			x.Errorf("got %+v, want the time %v", got, e.At)
		}
	}},
	{"the-shard-follows-from-the-ticket", func(x *fixture) {
		var want []store.Event
		for i := range 64 {
			e := x.event(x.ticket(i))
			want = append(want, e)
			e.Shard, e.Seq = (store.ShardOf(e.Ticket)+5)%store.Shards, 1<<40 // the log sets both
			x.commit(x.batch(e))
		}
		var all []store.Event
		for shard := range store.Shards {
			for _, e := range x.drain(x.reader(shard), 100) {
				if e.Shard != shard || store.ShardOf(e.Ticket) != shard {
					x.Errorf("the reader of shard %d gave an event of shard %d of a ticket of shard %d", shard, e.Shard, store.ShardOf(e.Ticket))
				}
				all = append(all, e)
			}
		}
		x.got(all, want...)
	}},
	{"a-reader-reads-its-shards-only", func(x *fixture) {
		var want []store.Event
		for i := range 48 {
			e := x.stage(x.ticket(i))
			if s := store.ShardOf(x.ticket(i)); s == 3 || s == 8 {
				want = append(want, e...)
			}
		}
		x.got(x.drain(x.reader(8, 3), 2), want...)
		x.got(x.drain(x.reader(3, 8, 3), 100), want...) // a shard named twice counts once
	}},
	{"n-counts-per-shard", func(x *fixture) {
		hot, cold := x.inShard(2, 1)[0], x.inShard(9, 1)[0]
		var want []store.Event
		for range 20 {
			want = append(want, x.stage(hot)...)
		}
		want = append(want, x.stage(cold)...)
		r := x.reader(2, 9)
		first := x.next(r, 3)
		of := byTicket(first)
		if len(of[hot]) != 3 || len(of[cold]) != 1 {
			x.Errorf("Next of 3 per shard gave %d of the hot shard and %d of the other, want 3 and 1", len(of[hot]), len(of[cold]))
		}
		x.got(append(first, x.drain(r, 3)...), want...)
	}},
	{"numbers-are-unique-in-a-shard-and-rise-per-ticket", func(x *fixture) {
		for i := range 60 {
			x.stage(x.ticket(i%4), x.ticket(i%9))
		}
		seen := map[store.Position]bool{}
		last := map[store.Key]int64{}
		for _, e := range x.drain(x.reader(), 7) {
			at := store.Position{Shard: e.Shard, Seq: e.Seq} // over all lanes
			if seen[at] {
				x.Errorf("position %v stands twice", at)
			}
			seen[at] = true
			if e.Seq <= last[e.Ticket] {
				x.Errorf("ticket %s: seq %d after %d", e.Ticket.ID, e.Seq, last[e.Ticket])
			}
			last[e.Ticket] = e.Seq
		}
	}},
	{"events-of-a-failed-commit-never-appear", func(x *fixture) {
		a, b := x.ticket(1), x.ticket(2)
		want := x.stage(a, b)
		r := x.reader()
		got := x.drain(r, 10)
		bad := x.batch(x.event(a), x.event(b))
		bad.Puts[1].Expect += 5
		if err := x.s.Commit(x.ctx, bad); err == nil {
			x.Fatalf("a commit with a wrong expectation succeeded")
		}
		bad = x.batch(x.event(a))
		bad.Reads = []store.Read{{Key: b, Expect: store.Absent}}
		if err := x.s.Commit(x.ctx, bad); err == nil {
			x.Fatalf("a commit with a wrong read precondition succeeded")
		}
		got = append(got, x.drain(r, 10)...)
		want = append(want, x.stage(a)...)
		got = append(got, x.drain(r, 10)...)
		x.got(got, want...)
		x.got(x.drain(x.reader(), 10), want...)
	}},
	{"a-long-log-is-read-whole", func(x *fixture) {
		entries, _ := store.LimitsOf(x.s)
		var want []store.Event
		for len(want) < 1200 {
			var events []store.Event
			for i := range min(entries/2, 500) {
				events = append(events, x.event(x.ticket(len(want)+i)))
			}
			for _, part := range slices.Collect(slices.Chunk(events, entries/2)) {
				x.commit(x.batch(part...))
			}
			want = append(want, events...)
		}
		x.got(x.drain(x.reader(), 100), want...)
		x.got(x.drain(x.reader(), 10_000), want...)
	}},
	{"memory-is-not-shared-with-the-caller", func(x *fixture) {
		e := x.event(x.ticket(1))
		b := x.batch(e)
		want := e
		want.Body = slices.Clone(e.Body)
		x.commit(b)
		for i := range e.Body {
			e.Body[i] = 'x'
		}
		b.Events[0].Type = "changed"
		got := x.drain(x.reader(), 10)
		x.got(got, want)
		for _, g := range got {
			for i := range g.Body {
				g.Body[i] = 'y'
			}
		}
		x.got(x.drain(x.reader(), 10), want)
	}},
}
