package storagetest_test

import (
	"context"
	"sync"

	"github.com/forewarn-go/forewarn/store"
)

// checkFirst returns an error when an expectation does not hold right now.
func checkFirst(s *sound, ctx context.Context, reads ...store.Read) error {
	return s.Store.Commit(ctx, store.Batch{Reads: reads})
}

func brokenRaces() []broken {
	return []broken{
		{name: "an update is lost: looked at, then written", twist: onCommit(func(s *sound, ctx context.Context, b store.Batch) error {
			if err := b.Check(&s.kinds, store.MinEntries, store.MinBytes); err != nil {
				return err
			}
			late := store.Batch{Deletes: b.Deletes, Reads: b.Reads, Events: b.Events, Forget: b.Forget}
			var first []store.Read
			for _, p := range b.Puts {
				if p.Expect > 0 {
					first = append(first, store.Read{Key: p.Key, Expect: p.Expect})
					p.Expect = store.Any
				}
				late.Puts = append(late.Puts, p)
			}
			if err := checkFirst(s, ctx, first...); err != nil {
				return err
			}
			gap()
			return s.Commit(ctx, late)
		}),
			caught: []string{"no-update-is-lost"}, beside: races},
		{name: "read preconditions are looked at, not held", twist: onCommit(func(s *sound, ctx context.Context, b store.Batch) error {
			if err := b.Check(&s.kinds, store.MinEntries, store.MinBytes); err != nil {
				return err
			}
			if err := checkFirst(s, ctx, b.Reads...); err != nil {
				return err
			}
			gap()
			b.Reads = nil
			return s.Commit(ctx, b)
		}),
			caught: []string{"no-write-skew-over-two-kinds", "no-write-skew-in-one-kind", "absence-that-was-read-is-protected", "a-parent-that-is-read-was-there-when-its-child-was-made"},
			beside: races},
		{name: "absence is not protected", twist: onCommit(func(s *sound, ctx context.Context, b store.Batch) error {
			if err := b.Check(&s.kinds, store.MinEntries, store.MinBytes); err != nil {
				return err
			}
			var absent, held []store.Read
			for _, r := range b.Reads {
				if r.Expect == store.Absent {
					absent = append(absent, r)
				} else {
					held = append(held, r)
				}
			}
			if err := checkFirst(s, ctx, absent...); err != nil {
				return err
			}
			gap()
			b.Reads = held
			return s.Commit(ctx, b)
		}),
			caught: []string{"absence-that-was-read-is-protected"}, beside: []string{"committed-batches-have-one-order"}},
		{name: "a record is created twice", twist: onCommit(func(s *sound, ctx context.Context, b store.Batch) error {
			if err := b.Check(&s.kinds, store.MinEntries, store.MinBytes); err != nil {
				return err
			}
			late := store.Batch{Deletes: b.Deletes, Reads: b.Reads, Events: b.Events, Forget: b.Forget}
			var first []store.Read
			for _, p := range b.Puts {
				if p.Expect == store.Absent {
					first = append(first, store.Read{Key: p.Key, Expect: store.Absent})
					p.Expect = store.Any
				}
				late.Puts = append(late.Puts, p)
			}
			if err := checkFirst(s, ctx, first...); err != nil {
				return err
			}
			gap()
			return s.Commit(ctx, late)
		}),
			caught: []string{"a-record-is-created-once"}, beside: races},
		{name: "a delete is looked at, then made", twist: onCommit(func(s *sound, ctx context.Context, b store.Batch) error {
			if err := b.Check(&s.kinds, store.MinEntries, store.MinBytes); err != nil {
				return err
			}
			late := b
			late.Deletes = nil
			var first []store.Read
			for _, d := range b.Deletes {
				if d.Expect > 0 {
					first = append(first, d)
					d.Expect = store.Any
				}
				late.Deletes = append(late.Deletes, d)
			}
			if err := checkFirst(s, ctx, first...); err != nil {
				return err
			}
			gap()
			return s.Commit(ctx, late)
		}),
			caught: []string{"a-parent-that-is-put-is-not-deleted-under-its-child"}, beside: races},
		{name: "a batch at Any is applied record by record", twist: onCommit(func(s *sound, ctx context.Context, b store.Batch) error {
			if err := b.Check(&s.kinds, store.MinEntries, store.MinBytes); err != nil {
				return err
			}
			rest := b
			rest.Puts, rest.Deletes = nil, nil
			var parts []store.Batch
			for _, p := range b.Puts {
				if p.Expect == store.Any {
					parts = append(parts, store.Batch{Puts: []store.Put{p}})
				} else {
					rest.Puts = append(rest.Puts, p)
				}
			}
			for _, d := range b.Deletes {
				if d.Expect == store.Any {
					parts = append(parts, store.Batch{Deletes: []store.Read{d}})
				} else {
					rest.Deletes = append(rest.Deletes, d)
				}
			}
			if err := s.Commit(ctx, rest); err != nil {
				return err
			}
			for _, part := range parts {
				if err := s.Commit(ctx, part); err != nil {
					return err
				}
				gap()
			}
			return nil
		}),
			caught: []string{"crossing-batches-at-any-do-not-tear"},
			beside: []string{"committed-batches-have-one-order", "a-context-that-ends-during-a-commit-leaves-all-or-nothing"}},
		{name: "a put does not see what holders of a precondition wrote", twist: staleReplica,
			caught: []string{"whoever-has-put-a-record-sees-what-its-holders-wrote"}, beside: []string{"committed-batches-have-one-order"}},
		{name: "whatever is contended is refused", twist: func(s *sound) *twisted {
			var mu sync.Mutex
			var inside int
			return onCommit(func(s *sound, ctx context.Context, b store.Batch) error {
				mu.Lock()
				inside++
				mu.Unlock()
				gap()
				mu.Lock()
				others := inside > 1
				mu.Unlock()
				gap()
				mu.Lock()
				inside--
				mu.Unlock()
				if others {
					return &store.ConflictError{Reason: store.Busy}
				}
				return s.Commit(ctx, b)
			})(s)
		},
			caught: []string{"no-update-is-lost"}, beside: races},
	}
}

// staleReplica commits to one store and reads from another, to which the writes
// of commits with read preconditions come a little later, yet before the commit
// returns. One after the other nothing shows.
func staleReplica(s *sound) *twisted {
	replica := newSound()
	if err := replica.Keep(s.kinds.All()...); err != nil {
		panic(err)
	}
	var mu sync.Mutex
	follow := func(ctx context.Context, b store.Batch) error {
		mu.Lock()
		defer mu.Unlock()
		var keys []store.Key
		for _, p := range b.Puts {
			keys = append(keys, p.Key)
		}
		for _, d := range b.Deletes {
			keys = append(keys, d.Key)
		}
		records, err := s.Get(ctx, keys...)
		if err != nil {
			return err
		}
		var now store.Batch
		for _, r := range records {
			if r.Version == 0 {
				now.Deletes = append(now.Deletes, store.Read{Key: r.Key, Expect: store.Any})
				continue
			}
			k, err := s.kinds.Get(r.Kind)
			if err != nil {
				return err
			}
			p := store.Put{Key: r.Key, Expect: store.Any, Version: r.Version, Body: r.Body}
			if k.Of != nil {
				if p.Values, err = k.Of(r.Body); err != nil {
					return err
				}
			}
			now.Puts = append(now.Puts, p)
		}
		return replica.Commit(ctx, now)
	}
	return &twisted{sound: s, get: replica.Get, find: replica.Find,
		commit: func(ctx context.Context, b store.Batch) error {
			if err := s.Commit(ctx, b); err != nil {
				return err
			}
			if len(b.Reads) > 0 {
				gap()
			}
			return follow(context.WithoutCancel(ctx), b)
		}}
}
