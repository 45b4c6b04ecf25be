package logtest_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/forewarn-go/forewarn/adapters/memory"
	"github.com/forewarn-go/forewarn/adapters/storagetest"
	"github.com/forewarn-go/forewarn/store"
)

// faults are the ways in which a testLog may be broken. The zero value is sound.
type faults struct {
	skipsLate, sweepsLate, waitsForOpen, fewLate bool // readers and late commits
	visibleAtOnce, rollbackCommits               bool

	seqPerLane, seqTwice, seqBeforeLock, shardAsGiven, failedStage bool // staging
	cutTime, cutType, sharesMemory, latin1, dropsLong              bool

	allLanes, allShards, totalN, newAtEnd, sharedCursor, repeats, turnsRound, latestOnly bool // reading
	losesCause, afterClose, anyShard, zeroN, cutsAtThousand, unsorted, placeByRow        bool

	forgetBelow, forgetAnyLane, forgetAnyShard, forgetEarly, forgetStrict, forgetLast, moveLoses, twiceFails bool
}

// testLog keeps records in memory and events in a list of its own, in which
// transactions that are held open draw their numbers before they are visible.
type testLog struct {
	*memory.Store
	f faults

	mu     sync.Mutex
	events []*logged
	seq    map[string]int64
	open   int
	cursor map[string]*testReader
	gone   map[store.Position]bool

	commits, nexts atomic.Int64
}

type logged struct {
	store.Event
	visible bool
}

func newTestLog(f faults) *testLog {
	return &testLog{Store: memory.New(), f: f, seq: map[string]int64{}, cursor: map[string]*testReader{}, gone: map[store.Position]bool{}}
}

func (l *testLog) Commit(ctx context.Context, b store.Batch) error {
	records := store.Batch{Puts: b.Puts, Deletes: b.Deletes, Reads: b.Reads}
	if l.f.forgetEarly {
		l.mu.Lock()
		l.forget(b.Forget)
		l.mu.Unlock()
	}
	var drawn []int64
	if l.f.seqBeforeLock {
		for range b.Events {
			l.mu.Lock()
			l.seq[""]++
			drawn = append(drawn, l.seq[""])
			l.mu.Unlock()
		}
		l.letOthersPass()
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.f.forgetStrict {
		for _, p := range b.Forget {
			if !slices.ContainsFunc(l.events, func(e *logged) bool { return e.Position == p }) && !l.gone[p] {
				return errors.New("there is no such position")
			}
		}
	}
	if l.f.twiceFails {
		for _, p := range b.Forget {
			if l.gone[p] {
				return errors.New("forgotten already")
			}
		}
	}
	if err := l.Store.Commit(ctx, records); err != nil {
		if l.f.failedStage {
			l.stage(b.Events, true, nil)
		}
		return err
	}
	if l.f.moveLoses { // forgets what it has just appended
		l.stage(b.Events, true, nil)
		for _, p := range b.Forget {
			if len(b.Events) > 0 {
				l.events = slices.DeleteFunc(l.events, func(e *logged) bool { return e.ID == b.Events[0].ID })
			}
			l.forget([]store.Position{p})
		}
		return nil
	}
	l.forget(b.Forget)
	l.stage(b.Events, true, drawn)
	l.commits.Add(1)
	return nil
}

// letOthersPass waits until another commit was made and read, or long enough.
func (l *testLog) letOthersPass() {
	commits, nexts := l.commits.Load(), l.nexts.Load()
	for range 5000 {
		if l.commits.Load() > commits && l.nexts.Load() > nexts+1 {
			return
		}
		runtime.Gosched()
	}
}

func (l *testLog) stage(events []store.Event, visible bool, drawn []int64) []*logged {
	var staged []*logged
	for i, e := range events {
		of := ""
		if l.f.seqPerLane {
			of = e.Lane
		}
		if drawn == nil {
			l.seq[of]++
			if l.f.seqTwice && l.seq[of]%4 == 0 {
				l.seq[of]--
			}
			e.Seq = l.seq[of]
		} else {
			e.Seq = drawn[i]
		}
		if !l.f.shardAsGiven || e.Shard == 0 {
			e.Shard = store.ShardOf(e.Ticket)
		}
		if !l.f.sharesMemory {
			e.Body = slices.Clone(e.Body)
		}
		if l.f.cutTime {
			e.At = e.At.Truncate(time.Millisecond)
		}
		if l.f.cutType {
			e.Type = e.Type[:min(len(e.Type), 40)]
		}
		if l.f.latin1 {
			e.Body = []byte(strconv.QuoteToASCII(string(e.Body)))
		}
		if l.f.dropsLong && len(e.Body) > 50_000 {
			continue
		}
		row := &logged{Event: e, visible: visible || l.f.visibleAtOnce}
		staged = append(staged, row)
		l.events = append(l.events, row)
	}
	return staged
}

func (l *testLog) forget(positions []store.Position) {
	for i, p := range positions {
		if l.f.forgetLast && i > 0 {
			p = positions[0]
		}
		l.gone[p] = true
		l.events = slices.DeleteFunc(l.events, func(e *logged) bool {
			at := e.Position
			if l.f.forgetAnyLane {
				at.Lane = p.Lane
			}
			if l.f.forgetAnyShard {
				at.Shard = p.Shard
			}
			return at == p || l.f.forgetBelow && at.Lane == p.Lane && at.Shard == p.Shard && at.Seq < p.Seq
		})
	}
}

// hold opens a transaction whose events have their numbers at once and are seen at its end.
func (l *testLog) hold(ctx context.Context) (storagetest.Joined, error) {
	l.mu.Lock()
	l.open++
	l.mu.Unlock()
	j := &joined{testLog: l}
	end := func(commit bool) error {
		l.mu.Lock()
		defer l.mu.Unlock()
		if j.ended {
			return errors.New("the transaction has ended")
		}
		j.ended = true
		l.open--
		if !commit && !l.f.rollbackCommits {
			l.events = slices.DeleteFunc(l.events, func(e *logged) bool { return slices.Contains(j.staged, e) && !l.f.visibleAtOnce })
			return nil
		}
		for _, b := range j.batches {
			if err := l.Store.Commit(ctx, b); err != nil {
				return err
			}
		}
		for _, e := range j.staged {
			e.visible = true
		}
		return nil
	}
	return storagetest.Joined{Store: j, Commit: func() error { return end(true) }, Rollback: func() error { return end(false) }}, nil
}

type joined struct {
	*testLog
	batches []store.Batch
	staged  []*logged
	ended   bool
}

func (j *joined) Commit(_ context.Context, b store.Batch) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.batches = append(j.batches, store.Batch{Puts: b.Puts})
	j.staged = append(j.staged, j.stage(b.Events, false, nil)...)
	return nil
}

// testReader keeps its place per shard and what it has handed out, so that it
// finds what has become visible behind its place.
type testReader struct {
	log    *testLog
	lane   string
	shards []int
	place  map[int]int64
	had    map[*logged]bool
	last   *logged
	calls  int
	closed bool
}

func (l *testLog) Reader(lane string, shards ...int) (store.LogReader, error) {
	if !l.f.anyShard {
		var err error
		if shards, err = store.CheckShards(shards...); err != nil {
			return nil, err
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if r := l.cursor[lane]; l.f.sharedCursor && r != nil {
		return r, nil
	}
	r := &testReader{log: l, lane: lane, shards: shards, place: map[int]int64{}, had: map[*logged]bool{}}
	l.cursor[lane] = r
	if l.f.newAtEnd {
		for _, e := range l.events {
			r.had[e] = true
		}
	}
	return r, nil
}

func (r *testReader) Close() error { r.closed = true; return nil }

func (r *testReader) Next(ctx context.Context, n int) ([]store.Event, error) {
	f := r.log.f
	if err := ctx.Err(); err != nil {
		if f.losesCause {
			return nil, errors.New(err.Error())
		}
		return nil, fmt.Errorf("next: %w", err)
	}
	if n < 1 && !f.zeroN {
		return nil, &store.InvalidError{Field: "n", Rule: "is below 1"}
	}
	if r.closed && !f.afterClose && !f.sharedCursor {
		return nil, errors.New("closed")
	}
	r.log.mu.Lock()
	defer r.log.mu.Unlock()
	r.calls++
	r.log.nexts.Add(1)
	if f.waitsForOpen && r.log.open > 0 {
		return nil, nil
	}
	sorted := slices.Clone(r.log.events)
	slices.SortStableFunc(sorted, func(a, b *logged) int { return cmp.Compare(a.Seq, b.Seq) })
	left, lates := map[int]int{}, 0
	var found []*logged
	from := 0
	if f.placeByRow && r.last != nil { // its last row must be there
		if from = slices.Index(sorted, r.last); from < 0 {
			return nil, nil
		}
	}
	place := map[int]int64{}
	for s, p := range r.place {
		place[s] = p
	}
	for _, e := range sorted[from:] {
		late := e.Seq <= r.place[e.Shard]
		switch {
		case !e.visible, r.had[e], e.Lane != r.lane && !f.allLanes, !slices.Contains(r.shards, e.Shard) && !f.allShards:
			continue
		case late && (f.skipsLate || f.sweepsLate && r.calls%3 != 0):
			continue
		case late:
			if lates++; f.fewLate && lates > 1000 {
				r.had[e] = true
				continue
			}
		case f.totalN && len(found) >= n, left[e.Shard] == n:
			continue
		default:
			left[e.Shard]++
			place[e.Shard] = e.Seq
		}
		found = append(found, e)
	}
	r.place = place
	if f.cutsAtThousand {
		r.calls += 1
		found = found[:min(len(found), max(0, 1000-len(r.had)))]
	}
	if f.latestOnly { // one event a ticket
		latest := map[store.Key]*logged{}
		for _, e := range found {
			latest[e.Ticket] = e
			r.had[e] = true
		}
		found = slices.DeleteFunc(found, func(e *logged) bool { return latest[e.Ticket] != e })
	}
	if f.turnsRound {
		slices.Reverse(found)
	}
	if f.unsorted {
		slices.SortStableFunc(found, func(a, b *logged) int { return cmp.Compare(a.Shard, b.Shard) })
	}
	var events []store.Event
	for i, e := range found {
		if !f.repeats || i > 0 || r.calls%4 != 0 {
			r.had[e] = true
		} else {
			r.place[e.Shard] = min(r.place[e.Shard], e.Seq-1)
		}
		r.last = e
		copied := e.Event
		if !f.sharesMemory {
			copied.Body = slices.Clone(e.Body)
		}
		events = append(events, copied)
	}
	return events, nil
}
