package logtest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn/adapters/storagetest"
	"github.com/forewarn-go/forewarn/store"
)

// ticketKind is the kind of storagetest.Kinds that has no fields.
const ticketKind = "suite_plain"

// tb is what a clause needs of a test; *rapid.T has it too.
type tb interface {
	Helper()
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
	Logf(format string, args ...any)
	Skipf(format string, args ...any)
}

// fixture is a clause at work: a store, a tenant and a lane that nobody else uses.
type fixture struct {
	tb
	test   testing.TB
	u      storagetest.Under
	s      store.Store
	log    store.Log
	ctx    context.Context
	tenant string
	lane   string
	at     time.Time
	// versions are those of the tickets, so that each commit can put them.
	versions map[store.Key]int64
	staged   map[store.Key]int // events per ticket
}

func newFixture(t testing.TB, u storagetest.Under) *fixture {
	t.Helper()
	if u.Store == nil {
		t.Fatalf("the factory gave no store")
	}
	log, ok := u.Store.(store.Log)
	if !ok {
		t.Fatalf("the store is no store.Log")
	}
	if err := u.Store.Keep(storagetest.Kinds()...); err != nil {
		t.Fatalf("the store does not keep the kinds of the suite: %v", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	t.Cleanup(cancel)
	x := &fixture{tb: t, test: t, u: u, s: u.Store, log: log, ctx: ctx, at: time.Date(2026, 1, 5, 9, 0, 0, 123456000, time.UTC)}
	x.reset()
	return x
}

// reset gives the fixture a tenant and a lane of its own.
func (x *fixture) reset() {
	x.tenant = "tenant-" + uuid.NewString()
	x.lane = "lane-" + uuid.NewString()
	x.versions, x.staged = map[store.Key]int64{}, map[store.Key]int{}
}

// ticket returns the n-th of the fixture's tickets.
func (x *fixture) ticket(n int) store.Key {
	return store.Key{Tenant: x.tenant, Kind: ticketKind, ID: store.NameID(x.tenant, fmt.Sprint(n))}
}

// inShard returns n tickets of one shard.
func (x *fixture) inShard(shard, n int) []store.Key {
	var keys []store.Key
	for i := 0; len(keys) < n; i++ {
		if k := x.ticket(i); store.ShardOf(k) == shard {
			keys = append(keys, k)
		}
	}
	return keys
}

// event returns the next event of a ticket, numbered in its body, for the fixture's lane.
func (x *fixture) event(ticket store.Key) store.Event {
	x.staged[ticket]++
	n := x.staged[ticket]
	return store.Event{ID: store.NameID(x.tenant, "event", ticket.ID.String(), fmt.Sprint(n)), Ticket: ticket, Type: "numbered",
		At: x.at.Add(time.Duration(n) * time.Microsecond), Body: json.RawMessage(fmt.Sprintf(`{"n":%d}`, n)),
		Position: store.Position{Lane: x.lane}}
}

// batch returns a batch that puts the tickets of events and stages these.
func (x *fixture) batch(events ...store.Event) store.Batch {
	b := store.Batch{Events: events}
	for _, e := range events {
		if slices.ContainsFunc(b.Puts, func(p store.Put) bool { return p.Key == e.Ticket }) {
			continue
		}
		v := x.versions[e.Ticket]
		b.Puts = append(b.Puts, store.Put{Key: e.Ticket, Expect: v, Version: v + 1, Body: json.RawMessage(`{}`)})
	}
	return b
}

// commit commits a batch, which must succeed.
func (x *fixture) commit(b store.Batch) {
	x.Helper()
	x.commitTo(x.s, b)
}

func (x *fixture) commitTo(s store.Store, b store.Batch) {
	x.Helper()
	if err := s.Commit(x.ctx, b); err != nil {
		x.Fatalf("Commit of %d puts, %d events, %d forgotten: %v", len(b.Puts), len(b.Events), len(b.Forget), err)
	}
	for _, p := range b.Puts {
		x.versions[p.Key] = p.Version
	}
}

// stage commits one event for each of the tickets, in one commit, and returns them.
func (x *fixture) stage(tickets ...store.Key) []store.Event {
	x.Helper()
	return x.stageTo(x.s, tickets...)
}

func (x *fixture) stageTo(s store.Store, tickets ...store.Key) []store.Event {
	x.Helper()
	var events []store.Event
	for _, k := range tickets {
		events = append(events, x.event(k))
	}
	x.commitTo(s, x.batch(events...))
	return events
}

// reader returns a reader of the fixture's lane that is closed with the test.
func (x *fixture) reader(shards ...int) store.LogReader {
	x.Helper()
	return x.readerOf(x.lane, shards...)
}

func (x *fixture) readerOf(lane string, shards ...int) store.LogReader {
	x.Helper()
	if len(shards) == 0 {
		shards = store.AllShards()
	}
	r, err := x.log.Reader(lane, shards...)
	if err != nil {
		x.Fatalf("Reader of lane %q, shards %v: %v", lane, shards, err)
	}
	x.test.Cleanup(func() { _ = r.Close() })
	return r
}

// next returns what one call gives. It checks that it is sorted and of the lane.
func (x *fixture) next(r store.LogReader, n int) []store.Event {
	x.Helper()
	events, err := r.Next(x.ctx, n)
	if err != nil {
		x.Fatalf("Next: %v", err)
	}
	if !slices.IsSortedFunc(events, func(a, b store.Event) int { return int(min(max(a.Seq-b.Seq, -1), 1)) }) {
		x.Errorf("Next gave events that are not sorted by Seq: %s", show(events))
	}
	return events
}

// drain calls Next until there is nothing more.
func (x *fixture) drain(r store.LogReader, n int) []store.Event {
	x.Helper()
	var all []store.Event
	for range 100_000 {
		events := x.next(r, n)
		if len(events) == 0 {
			return all
		}
		all = append(all, events...)
	}
	x.Fatalf("the log does not end")
	return nil
}

// got checks that events are those staged: the same ones, and those of one
// ticket in the order of want.
func (x *fixture) got(got []store.Event, want ...store.Event) {
	x.Helper()
	if len(got) != len(want) {
		x.Errorf("got %d events %s, want %d %s", len(got), show(got), len(want), show(want))
		return
	}
	came := byTicket(got)
	for k, ws := range byTicket(want) {
		gs := came[k]
		if len(gs) != len(ws) {
			x.Errorf("ticket %s: got %s, want %s", k.ID, show(gs), show(ws))
			continue
		}
		for i := range ws {
			if gs[i].ID != ws[i].ID {
				x.Errorf("ticket %s: got %s, want %s", k.ID, show(gs), show(ws))
				break
			}
			x.equal(gs[i], ws[i])
		}
	}
}

// exactly returns events, of which there must be n.
func (x *fixture) exactly(n int, events []store.Event) []store.Event {
	x.Helper()
	if len(events) != n {
		x.Fatalf("got %d events %s, want %d", len(events), show(events), n)
	}
	return events
}

// equal checks all that an event carries, and that its position is as the log must give it.
func (x *fixture) equal(got, want store.Event) {
	x.Helper()
	if got.ID != want.ID || got.Ticket != want.Ticket || got.Type != want.Type || !got.At.Equal(want.At) || !sameJSON(got.Body, want.Body) {
		x.Errorf("got %+v with body %s, want %+v with body %s", got, got.Body, want, want.Body)
	}
	if got.Lane != want.Lane || got.Shard != store.ShardOf(want.Ticket) {
		x.Errorf("event %s is in lane %q, shard %d; want lane %q, shard %d", got.ID, got.Lane, got.Shard, want.Lane, store.ShardOf(want.Ticket))
	}
}

func byTicket(events []store.Event) map[store.Key][]store.Event {
	m := map[store.Key][]store.Event{}
	for _, e := range events {
		m[e.Ticket] = append(m[e.Ticket], e)
	}
	return m
}

func positions(events []store.Event) []store.Position {
	var all []store.Position
	for _, e := range events {
		all = append(all, e.Position)
	}
	return all
}

func show(events []store.Event) string {
	var b strings.Builder
	for i, e := range events {
		if i == 20 {
			fmt.Fprintf(&b, "and %d more", len(events)-i)
			break
		}
		fmt.Fprintf(&b, "[%s %s seq %d] ", e.Ticket.ID.String()[:4], e.Body, e.Seq)
	}
	return b.String()
}

func sameJSON(a, b []byte) bool {
	var x, y any
	if json.Unmarshal(a, &x) != nil || json.Unmarshal(b, &y) != nil {
		return false
	}
	p, errP := json.Marshal(x)
	q, errQ := json.Marshal(y)
	return errP == nil && errQ == nil && bytes.Equal(p, q)
}
