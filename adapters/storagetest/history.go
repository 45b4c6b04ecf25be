package storagetest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sort"
	"strings"

	"github.com/forewarn-go/forewarn/store"
)

// state is the versions that stand at a few keys; a key that is not in it is absent.
type state map[store.Key]int64

// oneOrder races random batches over a few records, and looks for an order of
// those that were committed in which every precondition held and which leaves
// what stands there.
func (x *fixture) oneOrder() {
	x.Helper()
	const contenders, perContender = 5, 2 // ten commits a round
	keys := []store.Key{x.key(item, "1"), x.key(item, "2"), x.key(child, "3"), x.key(plain, "4")}
	version := int64(0)
	total, contended := 0, 0
	for round := range 2 * rounds {
		rnd := rand.New(rand.NewPCG(7, uint64(round)))
		before := x.state(keys)
		batches := make([]store.Batch, contenders*perContender)
		for i := range batches {
			batches[i] = randomBatch(rnd, keys, before, &version)
		}
		errs := make([]error, len(batches))
		race(contenders, func(c int) error {
			for n := range perContender {
				i := c*perContender + n
				errs[i] = x.s.Commit(x.ctx, batches[i])
			}
			return nil
		})
		var committed []store.Batch
		for i, err := range errs {
			if !x.isConflict(err) {
				committed = append(committed, batches[i])
			}
		}
		total += len(committed)
		if len(committed) > 1 {
			contended++
		}
		after := x.state(keys)
		if !hasOrder(committed, before, after, map[string]bool{}, 0) {
			var b strings.Builder
			for _, c := range committed {
				fmt.Fprintf(&b, "\n  %s", show(c))
			}
			x.Fatalf("round %d: no order of the committed batches holds all their preconditions and leaves what stands there\nbefore %v\nafter %v%s", round, before, after, b.String())
		}
	}
	if contended == 0 {
		x.Errorf("no round of %d had two commits (%d in all): nothing was shown", 2*rounds, total)
	}
}

// state reads the versions that stand at the keys.
func (x *fixture) state(keys []store.Key) state {
	x.Helper()
	records, err := x.s.Get(x.ctx, keys...)
	if err != nil {
		x.Fatalf("Get: %v", err)
	}
	s := state{}
	for _, r := range records {
		if r.Version != 0 {
			s[r.Key] = r.Version
		}
	}
	return s
}

// randomBatch makes a batch that fits a state: each key is put, deleted, read or left alone, some at Any.
func randomBatch(rnd *rand.Rand, keys []store.Key, s state, version *int64) store.Batch {
	var b store.Batch
	for b.Entries() == 0 {
		for _, k := range keys {
			*version++
			stands := s[k]
			switch rnd.IntN(8) {
			case 0, 1:
				b.Puts = append(b.Puts, write(k, stands, *version, nil))
			case 2:
				b.Puts = append(b.Puts, write(k, store.Any, *version, nil))
			case 3:
				if stands != store.Absent {
					b.Deletes = append(b.Deletes, store.Read{Key: k, Expect: stands})
				}
			case 4, 5:
				b.Reads = append(b.Reads, store.Read{Key: k, Expect: stands})
			}
		}
	}
	return b
}

// hasOrder reports whether the batches that are not done yet can follow, one
// after the other, from one state to another. tried are the ways that led nowhere.
func hasOrder(batches []store.Batch, from, to state, tried map[string]bool, done uint) bool {
	if done == 1<<len(batches)-1 {
		return same(from, to)
	}
	way := fmt.Sprint(done, from.String())
	if tried[way] {
		return false
	}
	tried[way] = true
	for i, b := range batches {
		if done&(1<<i) != 0 || !holds(b, from) {
			continue
		}
		if hasOrder(batches, apply(b, from), to, tried, done|1<<i) {
			return true
		}
	}
	return false
}

// holds reports whether every precondition of a batch holds in a state.
func holds(b store.Batch, s state) bool {
	for _, p := range b.Puts {
		if p.Expect != store.Any && s[p.Key] != p.Expect {
			return false
		}
	}
	for _, r := range b.Deletes {
		if r.Expect != store.Any && s[r.Key] != r.Expect {
			return false
		}
	}
	for _, r := range b.Reads {
		if s[r.Key] != r.Expect {
			return false
		}
	}
	return true
}

// apply returns the state after a batch.
func apply(b store.Batch, s state) state {
	next := state{}
	for k, v := range s {
		next[k] = v
	}
	for _, p := range b.Puts {
		next[p.Key] = p.Version
	}
	for _, d := range b.Deletes {
		delete(next, d.Key)
	}
	return next
}

func same(a, b state) bool { return a.String() == b.String() }

// String lists the records and versions in order.
func (s state) String() string {
	var lines []string
	for k, v := range s {
		lines = append(lines, fmt.Sprint(k.Kind, "/", k.ID.String()[:4], "@", v))
	}
	sort.Strings(lines)
	return strings.Join(lines, " ")
}

func show(b store.Batch) string {
	var s strings.Builder
	for _, p := range b.Puts {
		fmt.Fprintf(&s, "put %s/%s %d->%d ", p.Kind, p.ID.String()[:4], p.Expect, p.Version)
	}
	for _, d := range b.Deletes {
		fmt.Fprintf(&s, "delete %s/%s@%d ", d.Kind, d.ID.String()[:4], d.Expect)
	}
	for _, r := range b.Reads {
		fmt.Fprintf(&s, "read %s/%s@%d ", r.Kind, r.ID.String()[:4], r.Expect)
	}
	return s.String()
}

func isBusy(err error) bool {
	var c *store.ConflictError
	return errors.As(err, &c) && c.Reason == store.Busy
}
