package storagetest

import (
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/forewarn-go/forewarn/store"
)

// rounds is how often each race is run.
const rounds = 60

// race runs n functions at once: each waits at a barrier until all are there.
// It returns their errors.
func race(n int, run func(i int) error) []error {
	errs := make([]error, n)
	var ready atomic.Int32
	var done sync.WaitGroup
	for i := range n {
		done.Go(func() {
			ready.Add(1)
			for ready.Load() < int32(n) {
				runtime.Gosched() // nearer to at once than a channel that wakes one after the other
			}
			errs[i] = run(i)
		})
	}
	done.Wait()
	return errs
}

// commits races batches and returns which of them were committed; whatever else
// happens to one must be a conflict.
func (x *fixture) commits(batches ...store.Batch) []bool {
	x.Helper()
	errs := race(len(batches), func(i int) error { return x.s.Commit(x.ctx, batches[i]) })
	won := make([]bool, len(batches))
	for i, err := range errs {
		won[i] = !x.isConflict(err)
	}
	return won
}

func count(won []bool) int {
	n := 0
	for _, w := range won {
		if w {
			n++
		}
	}
	return n
}

func put(puts ...store.Put) store.Batch { return store.Batch{Puts: puts} }

func (b reading) and(k store.Key, version int64) store.Batch {
	return store.Batch{Puts: b, Reads: []store.Read{{Key: k, Expect: version}}}
}

// reading are puts that hold another record as a precondition.
type reading []store.Put

var raceClauses = []part{
	{"no-update-is-lost", func(x *fixture) {
		const contenders = 4
		total := 0
		k := x.key(item, "counter")
		x.commit(write(k, store.Absent, 1, doc{"n": 0}))
		for round := range rounds {
			before := x.get(k) // all have read before any commits
			var batches []store.Batch
			for i := range contenders {
				batches = append(batches, put(write(k, before.Version, int64(round*contenders+i+2), doc{"n": total + 1, "by": i})))
			}
			won := x.commits(batches...)
			total += count(won)
			if count(won) > 1 {
				x.Fatalf("round %d: %d of %d puts at the same version succeeded", round, count(won), contenders)
			}
			after := x.get(k)
			if i := slices.Index(won, true); i >= 0 && (after.Version != batches[i].Puts[0].Version || !sameJSON(after.Body, batches[i].Puts[0].Body)) {
				x.Fatalf("round %d: the put that succeeded is not what stands there: %d %s", round, after.Version, after.Body)
			} else if i < 0 && after.Version != before.Version {
				x.Fatalf("round %d: no put succeeded, and the version went from %d to %d", round, before.Version, after.Version)
			}
		}
		x.progress(total)
	}},
	{"no-write-skew-over-two-kinds", func(x *fixture) { x.skew(item, child) }},
	{"no-write-skew-in-one-kind", func(x *fixture) { x.skew(item, item) }},
	{"absence-that-was-read-is-protected", func(x *fixture) {
		total := 0
		for round := range rounds {
			kinds := [][2]string{{item, child}, {plain, plain}}[round%2]
			a, b := x.key(kinds[0], fmt.Sprint("a", round)), x.key(kinds[1], fmt.Sprint("b", round))
			// Each creates one and has read that the other is not there.
			won := x.commits(reading{write(a, store.Absent, 1, nil)}.and(b, store.Absent), reading{write(b, store.Absent, 2, nil)}.and(a, store.Absent))
			total += count(won)
			if count(won) == 2 {
				x.Fatalf("round %d: both were created, though each had read the other's absence", round)
			}
			if got, want := []bool{x.get(a).Version != 0, x.get(b).Version != 0}, won; !slices.Equal(got, want) {
				x.Fatalf("round %d: succeeded %v, there %v", round, want, got)
			}
		}
		x.progress(total)
	}},
	{"a-record-is-created-once", func(x *fixture) {
		const contenders = 4
		total := 0
		for round := range rounds {
			k := x.key(item, fmt.Sprint("once", round))
			var batches []store.Batch
			var own []store.Key
			for i := range contenders {
				o := x.key(child, fmt.Sprint("own", round, i))
				own = append(own, o)
				batches = append(batches, put(write(o, store.Absent, 1, nil), write(k, store.Absent, int64(i+1), doc{"state": "s"})))
			}
			won := x.commits(batches...)
			total += count(won)
			if count(won) > 1 {
				x.Fatalf("round %d: the record was created %d times", round, count(won))
			}
			for i, o := range own {
				if there := x.get(o).Version != 0; there != won[i] {
					x.Fatalf("round %d: the creation by %d succeeded: %v, the other record of its batch is there: %v", round, i, won[i], there)
				}
			}
			if i := slices.Index(won, true); i >= 0 && x.get(k).Version != int64(i+1) {
				x.Fatalf("round %d: %d created it, and version %d stands there", round, i, x.get(k).Version)
			}
		}
		x.progress(total)
	}},
	{"a-parent-that-is-put-is-not-deleted-under-its-child", func(x *fixture) {
		total := 0
		for round := range rounds {
			parent, c := x.key(item, fmt.Sprint("p", round)), x.key(child, fmt.Sprint("c", round))
			x.commit(write(parent, store.Absent, 1, nil))
			won := x.commits(put(write(parent, 1, 2, nil), write(c, store.Absent, 1, doc{"parent": "p"})),
				store.Batch{Deletes: []store.Read{{Key: parent, Expect: 1}}})
			total += count(won)
			there, orphan := x.get(parent).Version != 0, x.get(c).Version != 0
			if count(won) == 2 || !there && orphan {
				x.Fatalf("round %d: child made: %v, parent deleted: %v; the parent is there: %v, the child: %v", round, won[0], won[1], there, orphan)
			}
		}
		x.progress(total)
	}},
	{"a-parent-that-is-read-was-there-when-its-child-was-made", func(x *fixture) {
		total := 0
		for round := range rounds {
			// The child also appends to the trail that the deletion reads, so that the order shows.
			parent, c, trail := x.key(item, fmt.Sprint("p", round)), x.key(child, fmt.Sprint("c", round)), x.key(plain, fmt.Sprint("t", round))
			x.commit(write(parent, store.Absent, 1, nil), write(trail, store.Absent, 1, nil))
			b := reading{write(c, store.Absent, 1, nil), write(trail, 1, 2, nil)}.and(parent, 1)
			won := x.commits(b, store.Batch{Deletes: []store.Read{{Key: parent, Expect: 1}}, Reads: []store.Read{{Key: trail, Expect: 1}}})
			total += count(won)
			if count(won) == 2 {
				x.Fatalf("round %d: the child was made at a parent that was there, and the parent was deleted while there was no child", round)
			}
			if won[1] { // whoever comes later finds the parent gone
				x.conflict(x.s.Commit(x.ctx, reading{write(c, store.Absent, 1, nil)}.and(parent, 1)), store.Gone, parent)
			}
		}
		x.progress(total)
	}},
	{"crossing-batches-at-any-do-not-tear", func(x *fixture) {
		a, b := x.key(due, "a"), x.key(due, "b")
		total := 0
		for round := range rounds {
			v := int64(round*3 + 1)
			d := func(by int) doc { return doc{"run": x.tenant, "shard": by, "at": round} }
			batches := []store.Batch{
				put(write(a, store.Any, v, d(0)), write(b, store.Any, v, d(0))),
				put(write(b, store.Any, v+1, d(1)), write(a, store.Any, v+1, d(1))),
			}
			if round%2 == 0 {
				batches = append(batches, store.Batch{Deletes: []store.Read{{Key: b, Expect: store.Any}, {Key: a, Expect: store.Any}}})
			} else {
				batches = append(batches, store.Batch{Deletes: []store.Read{{Key: b, Expect: store.Any}}, Puts: []store.Put{write(a, store.Any, v+2, d(2))}})
			}
			errs := race(len(batches), func(i int) error { return x.s.Commit(x.ctx, batches[i]) })
			for _, err := range errs {
				if x.isConflict(err) { // nothing is expected, so nothing but time can be in conflict
					if k, _ := conflictKey(err); !isBusy(err) {
						x.Errorf("a batch at Any failed at %s: %v", k, err)
					}
					continue
				}
				total++
			}
			va, vb := x.get(a).Version, x.get(b).Version
			last := va == v+2 && vb == 0 // of the third batch in odd rounds
			if va != vb && !last {
				x.Fatalf("round %d: a stands at %d and b at %d, which no order of the commits leaves", round, va, vb)
			}
		}
		x.progress(total)
	}},
	{"whoever-has-put-a-record-sees-what-its-holders-wrote", func(x *fixture) {
		const holders = 3
		for round := range rounds {
			lease := x.key(plain, fmt.Sprint("lease", round))
			x.commit(write(lease, store.Absent, 1, nil))
			name := fmt.Sprint("held", round)
			written := make([][]store.Key, holders)
			var seen map[store.Key]bool
			var took bool
			race(holders+1, func(i int) error {
				if i == holders {
					took, seen = x.take(lease, name)
					return nil
				}
				for n := range 60 { // until somebody takes the lease
					k := x.key(child, fmt.Sprint(name, "/", i, "/", n))
					if x.isConflict(x.s.Commit(x.ctx, reading{write(k, store.Absent, 1, doc{"parent": name})}.and(lease, 1))) {
						if now, err := x.s.Get(x.ctx, lease); err != nil || now[0].Version != 1 {
							return err
						}
						continue
					}
					written[i] = append(written[i], k)
				}
				return nil
			})
			if !took {
				x.Fatalf("round %d: the lease could not be taken", round)
			}
			for _, k := range slices.Concat(written...) {
				if !seen[k] {
					x.Fatalf("round %d: a commit that held the lease at the version before wrote %s, and who took the lease did not see it", round, k)
				}
			}
		}
	}},
	{"committed-batches-have-one-order", func(x *fixture) { x.oneOrder() }},
}

// take puts the lease and returns what it reads afterwards: the records found by name.
func (x *fixture) take(lease store.Key, name string) (took bool, seen map[store.Key]bool) {
	for range 1000 {
		if !x.isConflict(x.s.Commit(x.ctx, put(write(lease, 1, 2, nil)))) {
			took = true
			break
		}
	}
	seen = map[store.Key]bool{}
	q := store.Query{Tenant: x.tenant, Kind: child, Index: "parent", Equal: texts(name), Limit: store.MaxLimit}
	for {
		page, err := x.s.Find(x.ctx, q)
		if err != nil {
			x.Errorf("Find: %v", err)
			return took, seen
		}
		for _, r := range page.Records {
			seen[r.Key] = true
		}
		if q.After = page.Next; q.After == "" {
			return took, seen
		}
	}
}

// skew races two commits of which each puts the record that the other has only read.
func (x *fixture) skew(kindA, kindB string) {
	x.Helper()
	total := 0
	for round := range rounds {
		a, b := x.key(kindA, fmt.Sprint("a", round)), x.key(kindB, fmt.Sprint("b", round))
		x.commit(write(a, store.Absent, 1, nil), write(b, store.Absent, 1, nil))
		won := x.commits(reading{write(a, 1, 2, nil)}.and(b, 1), reading{write(b, 1, 2, nil)}.and(a, 1))
		total += count(won)
		if count(won) == 2 {
			x.Fatalf("round %d: both commits succeeded, though each had read what the other wrote", round)
		}
	}
	x.progress(total)
}

// progress checks that a race is not won by refusing everything.
func (x *fixture) progress(won int) {
	x.Helper()
	if won < rounds/2 {
		x.Errorf("in %d rounds only %d commits succeeded", rounds, won)
	}
}
