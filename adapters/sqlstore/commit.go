package sqlstore

import (
	"context"
	"errors"
	"slices"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn/store"
)

// mostRuns is how often a batch is run when records that it writes whatever
// stands there appear between its first two phases.
const mostRuns = 20

// errAppeared says that a record at Any which was not there in phase 1 was
// there in phase 2. The batch is run again from its beginning.
var errAppeared = errors.New("a record appeared meanwhile")

// Commit does all that the batch says, or nothing. When ctx ends before the
// batch has begun, nothing has happened; when it ends later, or the connection
// breaks, the outcome may be unknown, and the cause is what the error wraps.
func (db *DB) Commit(ctx context.Context, b store.Batch) error {
	if db.dialect == lite {
		return failed("commit", db.commitLite(ctx, b))
	}
	return failed("commit", db.commitPostgres(ctx, b))
}

// check returns the tables of a batch that a store of these limits can take.
func (db *DB) check(ctx context.Context, on Querier, b store.Batch) (*catalog, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	c := db.catalog.Load()
	if err := b.Check(&c.kinds, maxEntries, maxBytes); err != nil {
		return nil, err
	}
	return c, db.ready(ctx, on, c.of(b)...)
}

// of returns the tables that a batch goes at.
func (c *catalog) of(b store.Batch) []*table {
	var tables []*table
	add := func(kind string) {
		if t := c.tables[kind]; len(tables) == 0 || tables[len(tables)-1] != t && !slices.Contains(tables, t) {
			tables = append(tables, t)
		}
	}
	for i := range b.Puts {
		add(b.Puts[i].Kind)
	}
	for i := range b.Deletes {
		add(b.Deletes[i].Kind)
	}
	for i := range b.Reads {
		add(b.Reads[i].Kind)
	}
	return tables
}

func (db *DB) commitPostgres(ctx context.Context, b store.Batch) error {
	c, err := db.check(ctx, db.main, b)
	if err != nil || b.Entries() == 0 {
		return err
	}
	for n := range mostRuns {
		if n == 1 { // one at a time from here on: they are in each other's way
			select {
			case db.again <- struct{}{}:
				defer func() { <-db.again }()
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		p := db.plan(c, b, db.bulk)
		err = db.pipelined(ctx, func(on *pipeline) error { return commitOn(ctx, on, p) })
		if state(err) == unique { // what was copied, or a row that a trigger of the host refuses
			err = db.lost(ctx, p, err)
		}
		if !errors.Is(err, errAppeared) {
			return err
		}
	}
	return &store.ConflictError{Reason: store.Busy, Err: err}
}

// commitOn takes three round trips: the locks, the writes, and the commit,
// which waits for the answers of what was created. Where there is nothing to
// lock or nothing to create there are two; and where there is neither, one: no answer can be refused then, and what goes
// to the server at once is one transaction by itself.
func commitOn(ctx context.Context, on *pipeline, p *plan) error {
	begin, commit := step{text: "BEGIN"}, step{text: "COMMIT"}
	locks := p.locks()
	first := append([]step{begin}, locks...)
	if len(locks) > 0 {
		if err := on.run(ctx, first); err != nil {
			return err
		}
		first = nil
	}
	creates := p.creates()
	if len(locks)+len(creates) == 0 {
		if alone := p.writes(); !slices.ContainsFunc(alone, func(s step) bool { return s.copy != nil }) {
			return on.run(ctx, alone)
		}
	}
	writes := append(append(first, creates...), p.writes()...)
	if len(creates) == 0 {
		return on.run(ctx, append(writes, commit))
	}
	if err := on.run(ctx, writes); err != nil {
		return err
	}
	return on.run(ctx, []step{commit})
}

// lost says which of the records that were to be created stands there already.
func (db *DB) lost(ctx context.Context, p *plan, cause error) error {
	var keys []store.Key
	for _, g := range p.groups {
		for _, e := range g.entries {
			if e.creates() {
				keys = append(keys, e.key)
			}
		}
	}
	there, err := db.get(ctx, db.main, keys)
	if err != nil {
		return errors.Join(cause, err)
	}
	appeared := false
	for _, g := range p.groups {
		for _, e := range g.entries {
			if !e.creates() {
				continue
			}
			if there[0].Version != 0 {
				if e.expect == store.Absent {
					return &store.ConflictError{Key: e.key, Reason: store.Exists}
				}
				appeared = true
			}
			there = there[1:]
		}
	}
	if appeared {
		return errAppeared
	}
	return cause // it is gone again: busy
}

// entry is what a batch wants of one record.
type entry struct {
	key     store.Key
	expect  int64
	put     *store.Put // nil: deleted, or only read
	written bool
	absent  bool // expected Any, and phase 1 found nothing
}

// creates reports whether a row is to be made in phase 2: a record, or a
// placeholder that keeps others from making one until the commit.
func (e *entry) creates() bool { return e.expect == store.Absent || e.absent }

// stands returns a conflict unless what stands there, 0 for nothing, is what is expected.
func (e *entry) stands(version int64) error {
	switch {
	case e.expect == store.Any:
		e.absent = version == 0
	case version == e.expect:
	case version == 0:
		return &store.ConflictError{Key: e.key, Reason: store.Gone}
	default:
		return &store.ConflictError{Key: e.key, Reason: store.Changed}
	}
	return nil
}

// group is what a batch wants of one table, by tenant and id.
type group struct {
	table   *table
	entries []*entry
}

// plan is a batch in the order in which it is done: see the package's comment.
type plan struct {
	db     *DB
	batch  store.Batch
	groups []group // by the kind's name
	bulk   int     // from how many rows on creations and events are copied; 0: never
}

func (db *DB) plan(c *catalog, b store.Batch, bulk int) *plan {
	all := make([]entry, 0, len(b.Puts)+len(b.Deletes)+len(b.Reads))
	for i := range b.Puts {
		p := &b.Puts[i]
		all = append(all, entry{key: p.Key, expect: p.Expect, put: p, written: true})
	}
	for _, d := range b.Deletes {
		all = append(all, entry{key: d.Key, expect: d.Expect, written: true})
	}
	for _, r := range b.Reads {
		all = append(all, entry{key: r.Key, expect: r.Expect})
	}
	slices.SortFunc(all, func(x, y entry) int { return x.key.Compare(y.key) })
	p := &plan{db: db, batch: b, bulk: bulk}
	for i := range all {
		e := &all[i]
		if n := len(p.groups); n == 0 || p.groups[n-1].table.kind.Name != e.key.Kind {
			p.groups = append(p.groups, group{table: c.tables[e.key.Kind]})
		}
		g := &p.groups[len(p.groups)-1]
		g.entries = append(g.entries, e)
	}
	return p
}

// some returns the entries that pass.
func (g *group) some(pass func(*entry) bool) []*entry {
	var some []*entry
	for _, e := range g.entries {
		if pass(e) {
			some = append(some, e)
		}
	}
	return some
}

// each returns the steps that do gives for each table's entries that pass.
func (p *plan) each(steps []step, pass func(*entry) bool, do func(*table, []*entry) step) []step {
	for i := range p.groups {
		if some := p.groups[i].some(pass); len(some) > 0 {
			steps = append(steps, do(p.groups[i].table, some))
		}
	}
	return steps
}

// locks is phase 1: every record that may stand there is locked, with the
// strength that its use needs, and checked.
func (p *plan) locks() []step {
	return p.each(nil, func(e *entry) bool { return e.expect != store.Absent }, (*table).lockStep)
}

// creates is phase 2.
func (p *plan) creates() []step {
	return p.each(nil, (*entry).creates, func(t *table, some []*entry) step {
		if p.bulk > 0 && len(some) >= p.bulk {
			return t.copyStep(some)
		}
		return t.insertStep(some)
	})
}

// writes is phase 3. Nothing in it waits: what it touches is locked, or was
// made by this transaction.
func (p *plan) writes() []step {
	steps := p.each(nil, func(e *entry) bool { return e.put != nil && !e.creates() }, (*table).updateStep)
	steps = p.each(steps, func(e *entry) bool { return e.written && e.put == nil && !e.creates() }, (*table).removeStep)
	steps = p.each(steps, func(e *entry) bool { return e.put == nil && e.creates() }, (*table).unholdStep)
	if len(p.batch.Forget) > 0 {
		steps = append(steps, p.forgetStep())
	}
	if len(p.batch.Events) > 0 {
		steps = append(steps, p.eventStep())
	}
	return steps
}

// creationsLost says what it means that rows of phase 2 were not made.
func creationsLost(lost []*entry) error {
	for _, e := range lost {
		if e.expect == store.Absent {
			return &store.ConflictError{Key: e.key, Reason: store.Exists}
		}
	}
	return errAppeared
}

// keyOf is a record within its table.
type keyOf struct {
	tenant string
	id     uuid.UUID
}
