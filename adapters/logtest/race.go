package logtest

import (
	"errors"
	"math/rand/v2"
	"sync"
	"sync/atomic"

	"github.com/forewarn-go/forewarn/store"
)

var raceClauses = []part{
	{"beside-writers-nothing-is-lost-twice-or-out-of-order", func(x *fixture) {
		const writers, commits, tickets = 6, 40, 5
		keys := x.inShard(6, tickets)
		var mu sync.Mutex
		next := map[store.Key]int{}
		var running atomic.Int32
		running.Store(writers)
		var done sync.WaitGroup
		defer done.Wait() // also when the reader fails the test
		for w := range writers {
			done.Go(func() {
				defer running.Add(-1)
				rnd := rand.New(rand.NewPCG(11, uint64(w)))
				for range commits {
					i, j := rnd.IntN(tickets), rnd.IntN(tickets)
					x.contend(&mu, next, keys[i], keys[j])
				}
			})
		}
		r := x.reader()
		var got []store.Event
		for running.Load() > 0 {
			got = append(got, x.next(r, 3)...)
		}
		done.Wait()
		got = append(got, x.drain(r, 50)...)
		for k, events := range byTicket(got) {
			if len(events) != next[k] {
				x.Errorf("ticket %s: %d events came, %d were committed", k.ID, len(events), next[k])
			}
			for i, e := range events {
				if want := x.numbered(k, i+1); e.ID != want.ID {
					x.Fatalf("ticket %s: event %d is %s, want %s", k.ID, i+1, e.Body, want.Body)
				}
			}
		}
		if len(byTicket(got)) != len(next) {
			x.Errorf("events of %d tickets came, %d have some", len(byTicket(got)), len(next))
		}
	}},
}

// contend commits one event for each of two tickets, again until no conflict is
// in the way. The number of an event is that of its ticket's version.
func (x *fixture) contend(mu *sync.Mutex, next map[store.Key]int, keys ...store.Key) {
	x.Helper()
	if keys[0] == keys[1] {
		keys = keys[:1]
	}
	for range 10_000 {
		records, err := x.s.Get(x.ctx, keys...)
		if err != nil {
			x.Errorf("Get: %v", err)
			return
		}
		var b store.Batch
		for _, r := range records {
			b.Puts = append(b.Puts, store.Put{Key: r.Key, Expect: r.Version, Version: r.Version + 1, Body: []byte(`{}`)})
			b.Events = append(b.Events, x.numbered(r.Key, int(r.Version)+1))
		}
		err = x.s.Commit(x.ctx, b)
		var conflict *store.ConflictError
		if errors.As(err, &conflict) {
			continue
		}
		if err != nil {
			x.Errorf("Commit: %v", err)
			return
		}
		mu.Lock()
		for _, p := range b.Puts {
			next[p.Key] = max(next[p.Key], int(p.Version))
		}
		mu.Unlock()
		return
	}
	x.Errorf("a commit lost against others 10,000 times")
}

// numbered returns the n-th event of a ticket, which only depends on n.
func (x *fixture) numbered(k store.Key, n int) store.Event {
	f := *x
	f.staged = map[store.Key]int{k: n - 1}
	return f.event(k)
}
