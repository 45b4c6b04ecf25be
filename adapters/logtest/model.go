package logtest

import (
	"cmp"
	"slices"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/forewarn-go/forewarn/store"
)

var modelClauses = []part{
	{"the-log-does-what-a-naive-model-does", func(x *fixture) {
		rapid.Check(x.test, func(t *rapid.T) {
			sub := *x
			sub.tb = t
			sub.reset()
			m := &model{fixture: &sub, lanes: []string{sub.lane, "lane-" + uuid.NewString()}}
			t.Repeat(map[string]func(*rapid.T){
				"stage":  m.stageSome,
				"fail":   m.failSome,
				"forget": m.forgetSome,
				"open":   m.openReader,
				"read":   m.readSome,
				"":       func(*rapid.T) {},
			})
			for _, r := range m.readers {
				_ = r.r.Close()
			}
		})
	}},
}

// model is a list of the events that stand in the log, in the order of their
// commits, and what each reader has had.
type model struct {
	*fixture
	lanes   []string
	events  []store.Event
	at      map[uuid.UUID]store.Position // as far as some reader has seen it
	readers []*modelReader
}

type modelReader struct {
	r      store.LogReader
	lane   string
	shards []int
	had    map[uuid.UUID]bool
}

func (m *model) draw(t *rapid.T) []store.Event {
	m.tb = t
	m.lane = rapid.SampledFrom(m.lanes).Draw(t, "lane")
	var events []store.Event
	for range rapid.IntRange(1, 4).Draw(t, "events") {
		events = append(events, m.event(m.ticket(rapid.IntRange(0, 5).Draw(t, "ticket"))))
	}
	return events
}

func (m *model) stageSome(t *rapid.T) {
	events := m.draw(t)
	m.commit(m.batch(events...))
	m.events = append(m.events, events...)
}

func (m *model) failSome(t *rapid.T) {
	b := m.batch(m.draw(t)...)
	b.Puts[len(b.Puts)-1].Expect = 1 << 40
	b.Forget = m.someSeen(t)
	if err := m.s.Commit(m.ctx, b); err == nil {
		t.Fatalf("a commit with a wrong expectation succeeded")
	}
}

// someSeen draws positions that a reader has seen.
func (m *model) someSeen(t *rapid.T) []store.Position {
	var all []store.Position
	for _, p := range m.at {
		all = append(all, p)
	}
	slices.SortFunc(all, func(a, b store.Position) int {
		return cmp.Or(cmp.Compare(a.Seq, b.Seq), cmp.Compare(a.Shard, b.Shard))
	})
	var some []store.Position
	for range min(len(all), rapid.IntRange(0, 3).Draw(t, "forget")) {
		some = append(some, all[rapid.IntRange(0, len(all)-1).Draw(t, "which")])
	}
	return some
}

func (m *model) forgetSome(t *rapid.T) {
	m.tb = t
	some := m.someSeen(t)
	m.commit(store.Batch{Forget: some})
	m.events = slices.DeleteFunc(m.events, func(e store.Event) bool {
		at, seen := m.at[e.ID]
		return seen && slices.Contains(some, at)
	})
}

func (m *model) openReader(t *rapid.T) {
	r := &modelReader{lane: rapid.SampledFrom(m.lanes).Draw(t, "lane"), shards: store.AllShards(), had: map[uuid.UUID]bool{}}
	if rapid.Bool().Draw(t, "half") {
		r.shards = r.shards[:store.Shards/2]
	}
	var err error
	if r.r, err = m.log.Reader(r.lane, r.shards...); err != nil {
		t.Fatalf("Reader: %v", err)
	}
	m.readers = append(m.readers, r)
}

func (m *model) readSome(t *rapid.T) {
	if len(m.readers) == 0 {
		t.Skip("no reader")
	}
	m.tb = t
	r := rapid.SampledFrom(m.readers).Draw(t, "reader")
	n := rapid.IntRange(1, 4).Draw(t, "n")
	// One commit at a time: what comes is the next n of each shard, no more and no fewer.
	var want []store.Event
	left := map[int]int{}
	for _, e := range m.events {
		shard := store.ShardOf(e.Ticket)
		if e.Lane != r.lane || r.had[e.ID] || !slices.Contains(r.shards, shard) || left[shard] == n {
			continue
		}
		left[shard]++
		want = append(want, e)
	}
	got := m.next(r.r, n)
	m.got(got, want...)
	if m.at == nil {
		m.at = map[uuid.UUID]store.Position{}
	}
	for _, e := range got {
		r.had[e.ID] = true
		m.at[e.ID] = e.Position
	}
}
