package storagetest_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn/store"
)

// onCommit returns a store whose commits go through a function.
func onCommit(commit func(s *sound, ctx context.Context, b store.Batch) error) func(*sound) *twisted {
	return func(s *sound) *twisted {
		return &twisted{sound: s, commit: func(ctx context.Context, b store.Batch) error { return commit(s, ctx, b) }}
	}
}

// onPut returns a store that changes each put before it keeps it.
func onPut(change func(p *store.Put)) func(*sound) *twisted {
	return onCommit(func(s *sound, ctx context.Context, b store.Batch) error {
		if err := b.Check(&s.kinds, store.MinEntries, store.MinBytes); err != nil {
			return err
		}
		b.Puts = slices.Clone(b.Puts)
		for i := range b.Puts {
			b.Puts[i].Values = slices.Clone(b.Puts[i].Values)
			b.Puts[i].Body = slices.Clone(b.Puts[i].Body)
			change(&b.Puts[i])
		}
		return s.Commit(ctx, b)
	})
}

func brokenCommits() []broken {
	return []broken{
		{name: "a read precondition is ignored", twist: onCommit(func(s *sound, ctx context.Context, b store.Batch) error {
			if err := b.Check(&s.kinds, store.MinEntries, store.MinBytes); err != nil {
				return err
			}
			b.Reads = nil
			return s.Commit(ctx, b)
		}),
			caught: []string{"a-read-precondition-must-still-hold", "absence-that-was-read-must-still-hold", "a-commit-that-only-reads-is-checked", "no-write-skew-over-two-kinds",
				"no-write-skew-in-one-kind", "absence-that-was-read-is-protected", "a-conflict-names-the-record-and-the-reason", "a-batch-that-fails-leaves-nothing"},
			beside: slices.Concat(races, model)},
		{name: "a put that expects a version takes any", twist: onPut(func(p *store.Put) {
			if p.Expect > 0 {
				p.Expect = store.Any
			}
		}),
			caught: []string{"a-put-succeeds-only-at-the-version-it-expects", "no-update-is-lost", "versions-are-the-callers-and-only-compared-for-equality"},
			beside: slices.Concat(races, model, []string{"versions-do-not-restart-after-delete-and-create", "a-batch-that-fails-leaves-nothing",
				"a-conflict-names-the-record-and-the-reason"})},
		{name: "a put of a lower version than stands there is refused", twist: onCommit(func(s *sound, ctx context.Context, b store.Batch) error {
			for _, p := range b.Puts {
				if v, err := s.stands(ctx, p.Key); err == nil && v > p.Version {
					return &store.ConflictError{Key: p.Key, Reason: store.Changed}
				}
			}
			return s.Commit(ctx, b)
		}),
			caught: []string{"versions-are-the-callers-and-only-compared-for-equality"},
			beside: slices.Concat(races, []string{"put-at-any-takes-effect-whatever-stands-there", "a-batch-that-can-never-succeed-is-refused-before-any-effect"})},
		{name: "versions restart after delete and re-create", twist: func(s *sound) *twisted {
			var mu sync.Mutex
			first := map[store.Key]int64{}
			return onCommit(func(s *sound, ctx context.Context, b store.Batch) error {
				mu.Lock()
				defer mu.Unlock()
				b.Puts = slices.Clone(b.Puts)
				for i := range b.Puts {
					p := &b.Puts[i]
					v, err := s.stands(ctx, p.Key)
					if err != nil {
						return err
					}
					if v != 0 || p.Version <= 0 {
						continue
					}
					if first[p.Key] == 0 {
						first[p.Key] = p.Version
					}
					p.Version = first[p.Key]
				}
				return s.Commit(ctx, b)
			})(s)
		},
			caught: []string{"versions-do-not-restart-after-delete-and-create"},
			beside: slices.Concat(races, model, []string{"a-batch-that-can-never-succeed-is-refused-before-any-effect", "an-incomplete-key-is-refused", "a-kind-that-is-not-kept-is-refused"})},
		{name: "a batch is torn: kind by kind", twist: onCommit(func(s *sound, ctx context.Context, b store.Batch) error {
			if err := b.Check(&s.kinds, store.MinEntries, store.MinBytes); err != nil {
				return err
			}
			if err := s.Commit(ctx, store.Batch{Reads: b.Reads}); err != nil {
				return err
			}
			for _, k := range s.kinds.All() {
				part := store.Batch{}
				for _, p := range b.Puts {
					if p.Kind == k.Name {
						part.Puts = append(part.Puts, p)
					}
				}
				for _, d := range b.Deletes {
					if d.Kind == k.Name {
						part.Deletes = append(part.Deletes, d)
					}
				}
				if err := s.Commit(ctx, part); err != nil {
					return err
				}
			}
			return nil
		}),
			caught: []string{"a-batch-that-fails-leaves-nothing"},
			beside: slices.Concat(races, model, []string{"a-read-precondition-must-still-hold", "a-conflict-names-the-record-and-the-reason",
				"a-context-that-ends-during-a-commit-leaves-all-or-nothing"})},
		{name: "a batch is torn: the deletes stay when a put fails", twist: onCommit(func(s *sound, ctx context.Context, b store.Batch) error {
			if err := b.Check(&s.kinds, store.MinEntries, store.MinBytes); err != nil {
				return err
			}
			if err := s.Commit(ctx, store.Batch{Deletes: b.Deletes}); err != nil {
				return err
			}
			b.Deletes = nil
			return s.Commit(ctx, b)
		}),
			caught: []string{"a-batch-that-fails-leaves-nothing"},
			beside: slices.Concat(races, model, []string{"a-conflict-names-the-record-and-the-reason"})},
		{name: "a creation replaces what stands there", twist: onPut(func(p *store.Put) {
			if p.Expect == store.Absent {
				p.Expect = store.Any
			}
		}),
			caught: []string{"a-creation-succeeds-only-where-nothing-stands", "a-record-is-created-once"},
			beside: slices.Concat(races, model, []string{"a-batch-that-fails-leaves-nothing", "a-conflict-names-the-record-and-the-reason"})},
		{name: "a delete takes whatever stands there", twist: onCommit(func(s *sound, ctx context.Context, b store.Batch) error {
			if err := b.Check(&s.kinds, store.MinEntries, store.MinBytes); err != nil {
				return err
			}
			b.Deletes = slices.Clone(b.Deletes)
			for i := range b.Deletes {
				b.Deletes[i].Expect = store.Any
			}
			return s.Commit(ctx, b)
		}),
			caught: []string{"a-delete-succeeds-only-at-the-version-it-expects"},
			beside: slices.Concat(races, model, []string{"a-batch-that-fails-leaves-nothing", "a-conflict-names-the-record-and-the-reason"})},
		{name: "a put at Any must find a record", twist: onCommit(func(s *sound, ctx context.Context, b store.Batch) error {
			for _, p := range b.Puts {
				if v, err := s.stands(ctx, p.Key); err == nil && v == 0 && p.Expect == store.Any {
					return &store.ConflictError{Key: p.Key, Reason: store.Gone}
				}
			}
			return s.Commit(ctx, b)
		}),
			caught: []string{"put-at-any-takes-effect-whatever-stands-there"},
			beside: slices.Concat(races, model, []string{"delete-at-any-takes-effect-whatever-stands-there", "a-batch-that-fails-leaves-nothing"})},
		{name: "a delete at Any must find a record", twist: onCommit(func(s *sound, ctx context.Context, b store.Batch) error {
			for _, d := range b.Deletes {
				if v, err := s.stands(ctx, d.Key); err == nil && v == 0 && d.Expect == store.Any {
					return &store.ConflictError{Key: d.Key, Reason: store.Gone}
				}
			}
			return s.Commit(ctx, b)
		}),
			caught: []string{"delete-at-any-takes-effect-whatever-stands-there"},
			beside: slices.Concat(races, model, []string{"a-hundred-entries-of-every-sort-are-taken", "a-batch-of-one-entry-too-many-is-refused-whole"})},
		{name: "a conflict names the first record", twist: onCommit(func(s *sound, ctx context.Context, b store.Batch) error {
			err := s.Commit(ctx, b)
			var c *store.ConflictError
			if errors.As(err, &c) && len(b.Puts) > 0 {
				c.Key = b.Puts[0].Key
			}
			return err
		}),
			caught: []string{"a-conflict-names-the-record-and-the-reason"},
			beside: slices.Concat(model, races, []string{"a-read-precondition-must-still-hold", "absence-that-was-read-must-still-hold"})},
		{name: "a conflict always says changed", twist: onCommit(func(s *sound, ctx context.Context, b store.Batch) error {
			err := s.Commit(ctx, b)
			var c *store.ConflictError
			if errors.As(err, &c) {
				c.Reason = store.Changed
			}
			return err
		}),
			caught: []string{"a-conflict-names-the-record-and-the-reason", "a-creation-succeeds-only-where-nothing-stands"},
			beside: slices.Concat(races, model, []string{"a-put-succeeds-only-at-the-version-it-expects", "a-delete-succeeds-only-at-the-version-it-expects",
				"a-read-precondition-must-still-hold", "absence-that-was-read-must-still-hold"})},
		{name: "absence is held by a record of its own that stays", twist: onCommit(func(s *sound, ctx context.Context, b store.Batch) error {
			if err := s.Commit(ctx, b); err != nil {
				return err
			}
			for _, r := range b.Reads {
				if r.Expect != store.Absent {
					continue
				}
				k, err := s.kinds.Get(r.Kind)
				if err != nil {
					return err
				}
				p := store.Put{Key: r.Key, Version: 1, Body: json.RawMessage(`{}`), Values: make([]store.Value, len(k.Fields))}
				if err := s.Commit(ctx, store.Batch{Puts: []store.Put{p}}); err != nil {
					return err
				}
			}
			return nil
		}),
			caught: []string{"absence-that-was-read-must-still-hold", "a-hundred-entries-of-every-sort-are-taken"},
			beside: slices.Concat(races, model)},
		{name: "a commit that only reads is not made", twist: onCommit(func(s *sound, ctx context.Context, b store.Batch) error {
			if len(b.Puts)+len(b.Deletes) == 0 {
				return b.Check(&s.kinds, store.MinEntries, store.MinBytes)
			}
			return s.Commit(ctx, b)
		}),
			caught: []string{"a-commit-that-only-reads-is-checked"},
			beside: slices.Concat(races, model, []string{"an-error-keeps-its-cause"})},
		{name: "an empty commit is refused", twist: onCommit(func(s *sound, ctx context.Context, b store.Batch) error {
			if b.Entries() == 0 {
				return errors.New("nothing to do")
			}
			return s.Commit(ctx, b)
		}), caught: []string{"an-empty-commit-does-nothing"}},
		{name: "deletes leave the record", twist: onCommit(func(s *sound, ctx context.Context, b store.Batch) error {
			for _, d := range b.Deletes {
				b.Reads = append(b.Reads[:len(b.Reads):len(b.Reads)], d)
			}
			b.Deletes = nil
			b.Reads = slices.DeleteFunc(b.Reads, func(r store.Read) bool { return r.Expect == store.Any })
			return s.Commit(ctx, b)
		}), caught: []string{"commit-creates-changes-and-deletes", "find-sees-what-was-committed", "delete-at-any-takes-effect-whatever-stands-there"}, beside: all()},
		{name: "what can never succeed is found out in the middle", twist: onCommit(func(s *sound, ctx context.Context, b store.Batch) error {
			for i := range b.Puts { // one by one, and the limits are not looked at
				if err := s.Store.Commit(ctx, store.Batch{Puts: b.Puts[i : i+1]}); err != nil {
					return err
				}
			}
			b.Puts = nil
			return s.Store.Commit(ctx, b)
		}),
			caught: []string{"a-batch-that-can-never-succeed-is-refused-before-any-effect", "a-kind-that-is-not-kept-is-refused", "an-incomplete-key-is-refused"},
			beside: all()},
		{name: "a limit cuts entries silently", twist: onCommit(func(s *sound, ctx context.Context, b store.Batch) error {
			if len(b.Puts) > store.MinEntries {
				b.Puts = b.Puts[:store.MinEntries]
			}
			return s.Commit(ctx, b)
		}), caught: []string{"a-batch-of-one-entry-too-many-is-refused-whole"}},
		{name: "a limit cuts bytes silently", twist: onCommit(func(s *sound, ctx context.Context, b store.Batch) error {
			for b.Bytes() > store.MinBytes {
				b.Puts = b.Puts[:len(b.Puts)-1]
			}
			return s.Commit(ctx, b)
		}), caught: []string{"a-batch-of-one-byte-too-many-is-refused-whole"}},
		{name: "events and forgotten positions do not count", twist: onCommit(func(s *sound, ctx context.Context, b store.Batch) error {
			rest := b
			rest.Events, rest.Forget = nil, nil
			if err := rest.Check(&s.kinds, store.MinEntries, store.MinBytes); err != nil {
				return err
			}
			return s.Store.Commit(ctx, b)
		}), caught: []string{"a-batch-of-one-entry-too-many-is-refused-whole"}},
		{name: "less is taken than the limits say", twist: onCommit(func(s *sound, ctx context.Context, b store.Batch) error {
			if err := b.Check(&s.kinds, store.MinEntries-1, store.MinBytes-1); err != nil {
				return err
			}
			return s.Commit(ctx, b)
		}), caught: []string{"a-batch-of-all-entries-is-taken-whole", "a-batch-of-all-bytes-is-taken-whole", "a-hundred-entries-of-every-sort-are-taken"}},
		{name: "limits below what every store takes", twist: func(s *sound) *twisted {
			return &twisted{sound: s, limits: func() (int, int) { return 50, 1 << 19 }}
		}, caught: []string{"limits-are-at-least-what-every-store-takes"}, beside: []string{"a-batch-of-one-entry-too-many-is-refused-whole", "a-batch-of-one-byte-too-many-is-refused-whole"}},
		{name: "a large body is cut", twist: onPut(func(p *store.Put) {
			if len(p.Body) > store.MaxBody/2+1024 {
				p.Body = json.RawMessage(`{"cut":true}`)
			}
		}), caught: []string{"a-body-of-the-full-size-is-taken"}},
		{name: "times are cut to milliseconds", twist: onPut(func(p *store.Put) {
			for i, v := range p.Values {
				if v.Int > 1e14 && v.Int < 1e16 && v.Int%1000 == 456 || v.Int%1000 == 457 {
					p.Values[i].Int -= v.Int % 1000
				}
			}
		}), caught: []string{"times-keep-their-microseconds"}},
		{name: "integers go through a float", twist: onPut(func(p *store.Put) {
			for i, v := range p.Values {
				if v.Int > 0 && v.Int < 1<<62 {
					p.Values[i].Int = int64(float64(v.Int))
				}
			}
		}), caught: []string{"integers-keep-all-bits"}},
		{name: "bodies lose what some engines cannot keep", twist: onPut(func(p *store.Put) {
			p.Body = json.RawMessage(strings.ReplaceAll(string(p.Body), `\u0000`, ""))
		}), caught: []string{"bodies-come-back-equal-as-json"}, beside: model},
		{name: "numbers in bodies go through a float", twist: onPut(func(p *store.Put) {
			var v any
			if json.Unmarshal(p.Body, &v) == nil {
				if b, err := json.Marshal(v); err == nil {
					p.Body = b
				}
			}
		}), caught: []string{"bodies-come-back-equal-as-json"}},
		{name: "the id alone is the key", twist: func(s *sound) *twisted {
			var mu sync.Mutex
			tenants := map[uuid.UUID]string{} // the tenant that has the id
			return &twisted{sound: s,
				commit: func(ctx context.Context, b store.Batch) error {
					mu.Lock()
					defer mu.Unlock()
					b.Puts = slices.Clone(b.Puts)
					for i := range b.Puts {
						k := &b.Puts[i].Key
						if t, ok := tenants[k.ID]; ok && k.Kind == "suite_item" {
							k.Tenant = t
						} else if k.Tenant != "" {
							tenants[k.ID] = k.Tenant
						}
					}
					return s.Commit(ctx, b)
				}}
		}, caught: []string{"tenants-do-not-see-each-other"}, beside: slices.Concat(model, pages, []string{"an-incomplete-key-is-refused"})},
	}
}
