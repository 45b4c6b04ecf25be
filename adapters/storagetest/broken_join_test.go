package storagetest_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"

	"github.com/forewarn-go/forewarn/adapters/internal/recorder"
	"github.com/forewarn-go/forewarn/adapters/storagetest"
	"github.com/forewarn-go/forewarn/store"
)

// joinable is a store with one writer at a time that can be joined: a joined
// transaction works on a copy, which is made by committing again all that was
// committed, and its end commits to the store what it committed to the copy.
type joinable struct {
	*sound
	mu   sync.Mutex
	done []store.Batch
}

func newJoinable() *joinable { return &joinable{sound: newSound()} }

func (j *joinable) Commit(ctx context.Context, b store.Batch) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if err := j.sound.Commit(ctx, b); err != nil {
		return err
	}
	j.done = append(j.done, b)
	return nil
}

func (j *joinable) hold(ctx context.Context) (storagetest.Joined, error) {
	inside := newJoinable()
	if err := inside.Keep(storagetest.Kinds()...); err != nil {
		return storagetest.Joined{}, err
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, b := range j.done {
		if err := inside.Commit(ctx, b); err != nil {
			return storagetest.Joined{}, err
		}
	}
	before, ended := len(j.done), false
	return storagetest.Joined{Store: inside,
		Commit: func() error {
			if ended {
				return errors.New("ended")
			}
			ended = true
			for _, b := range inside.done[before:] {
				if err := j.Commit(ctx, b); err != nil {
					return err
				}
			}
			return nil
		},
		Rollback: func() error { ended = true; return nil },
	}, nil
}

type brokenJoin struct {
	name   string
	hold   func(j *joinable) func(context.Context) (storagetest.Joined, error)
	caught []string
}

func brokenJoins() []brokenJoin {
	return []brokenJoin{
		{"joined commits are visible at once", func(j *joinable) func(context.Context) (storagetest.Joined, error) {
			return func(context.Context) (storagetest.Joined, error) {
				end := func() error { return nil }
				return storagetest.Joined{Store: j, Commit: end, Rollback: end}, nil
			}
		}, []string{"joined-commits-become-visible-with-the-transaction", "joined-commits-go-with-a-rollback"}},
		{"a rollback commits", func(j *joinable) func(context.Context) (storagetest.Joined, error) {
			return func(ctx context.Context) (storagetest.Joined, error) {
				joined, err := j.hold(ctx)
				joined.Rollback = joined.Commit
				return joined, err
			}
		}, []string{"joined-commits-go-with-a-rollback"}},
		{"a conflict ends the transaction", func(j *joinable) func(context.Context) (storagetest.Joined, error) {
			return func(ctx context.Context) (storagetest.Joined, error) {
				joined, err := j.hold(ctx)
				aborted := false
				inside := joined.Store
				joined.Store = &twisted{sound: &sound{Store: inside}, commit: func(ctx context.Context, b store.Batch) error {
					if aborted {
						return errors.New("current transaction is aborted")
					}
					err := inside.Commit(ctx, b)
					aborted = err != nil
					return err
				}}
				return joined, err
			}
		}, []string{"a-conflict-in-a-joined-transaction-undoes-its-part-only"}},
		{"a conflict leaves half of its batch", func(j *joinable) func(context.Context) (storagetest.Joined, error) {
			return func(ctx context.Context) (storagetest.Joined, error) {
				joined, err := j.hold(ctx)
				inside := joined.Store
				joined.Store = &twisted{sound: &sound{Store: inside}, commit: func(ctx context.Context, b store.Batch) error {
					err := inside.Commit(ctx, b)
					if err != nil {
						for _, p := range b.Puts { // no savepoint
							if e := inside.Commit(ctx, store.Batch{Puts: []store.Put{p}}); e != nil {
								continue
							}
						}
					}
					return err
				}}
				return joined, err
			}
		}, []string{"a-conflict-in-a-joined-transaction-undoes-its-part-only"}},
	}
}

// Covers: LIB-003, LIB-007
func TestBrokenJoinsAreCaught(t *testing.T) {
	fewChecks(t)
	sound := brokenJoin{"sound", func(j *joinable) func(context.Context) (storagetest.Joined, error) { return j.hold }, nil}
	for _, b := range append(brokenJoins(), sound) {
		t.Run(b.name, func(t *testing.T) {
			for _, c := range storagetest.Clauses() {
				r := recorder.Run(t, c.Name, func(t testing.TB) {
					j := newJoinable()
					c.Run(t, storagetest.Under{Store: j, Hold: b.hold(j), OneWriter: true})
				})
				if want := slices.Contains(b.caught, c.Name); r.Failed() != want || r.Skipped() {
					t.Errorf("clause %s: failed %v, want %v; skipped %v: %s", c.Name, r.Failed(), want, r.Skipped(), r.Lines())
				}
			}
		})
	}
}
