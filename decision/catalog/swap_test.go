package catalog_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/adapters/memory"
	"github.com/forewarn-go/forewarn/decision"
	"github.com/forewarn-go/forewarn/decision/catalog"
)

// wide is a table of many inputs, all of whose rules give the percentage; so a decision that mixed two editions
// would show.
func wide(percent int64) decision.Table {
	t := decision.Table{Name: "Discount", HitPolicy: decision.Collect, Inputs: []decision.Input{{Name: "customer", Type: decision.Number}},
		Outputs: []decision.Output{{Name: "percent", Type: decision.Number}}}
	for n := range int64(20) {
		t.Rules = append(t.Rules, decision.Rule{When: []decision.Cell{decision.IsAtLeast(decision.Int(n))}, Then: []decision.Value{decision.Int(percent)}})
	}
	return t
}

// While editions are put one after another, whoever decides gets one edition as a whole, and never an older one than
// he got before.
//
// Covers: DEC-018, DEC-026
func TestSwapUnderLoad(t *testing.T) {
	const puts = 60
	r := newRig(t, wide(0))
	var readers, writers sync.WaitGroup
	done := make(chan struct{})
	for range 4 {
		readers.Go(func() {
			for last, ended := 0, false; ; {
				d, err := r.tables.Decide(r.ctx, agent, catalog.Decide{Name: "Discount", Inputs: map[string]any{"customer": 30}})
				if err != nil {
					t.Error(err)
					return
				}
				if d.Result.Len() != 20 || d.Number < last {
					t.Errorf("%d rows of edition %d after %d", d.Result.Len(), d.Number, last)
					return
				}
				for i := range d.Result.Len() {
					if p, _ := d.Result.Row(i)[0].Int(); p != int64(d.Number) {
						t.Errorf("edition %d has %d in row %d", d.Number, p, i)
						return
					}
				}
				last = d.Number
				select {
				case <-done: // one more decision was made after this
					if ended {
						return
					}
					ended = true
				default:
				}
			}
		})
	}
	writers.Go(func() {
		for n := range int64(puts) {
			if _, err := r.tables.Put(r.ctx, admin, catalog.Put{Table: wide(n + 1), Expect: int(n)}); err != nil {
				t.Error(err)
				return
			}
		}
	})
	writers.Wait()
	close(done)
	readers.Wait()
	if d, err := r.tables.Decide(r.ctx, agent, catalog.Decide{Name: "Discount", Inputs: map[string]any{"customer": 30}}); err != nil || d.Number != puts {
		t.Errorf("at the end edition %d holds, %v", d.Number, err)
	}
}

// Several who put at once each get a number of their own, and none is lost.
//
// Covers: DEC-018, DEC-026
func TestPutsAtOnce(t *testing.T) {
	r := newRig(t)
	var puts sync.WaitGroup
	for n := range int64(6) {
		puts.Go(func() {
			if _, err := r.tables.Put(r.ctx, admin, catalog.Put{Table: discount(n)}); err != nil {
				t.Error(err)
			}
		})
	}
	puts.Wait()
	page, err := r.tables.History(r.ctx, agent, catalog.History{Name: "Discount"})
	if err != nil || len(page.Items) != 6 {
		t.Fatalf("%d editions, %v", len(page.Items), err)
	}
	for i, e := range page.Items {
		if e.Number != 6-i {
			t.Errorf("edition %d is number %d", i, e.Number)
		}
	}
}

// decided is a record that a host writes by a decision.
type decided struct {
	ID      uuid.UUID        `json:"id"`
	Version forewarn.Version `json:"version"`
	Percent int64            `json:"percent"`
}

var decisions = forewarn.NewRecords("decided", forewarn.Shape[decided]{
	ID:      func(d *decided) *uuid.UUID { return &d.ID },
	Version: func(d *decided) *forewarn.Version { return &d.Version },
})

// Who writes by a decision runs again when the table was swapped before his commit.
//
// Covers: DEC-018, DEC-026
func TestWriterRunsAgain(t *testing.T) {
	r := newRig(t, discount(1))
	if err := r.engine.Keep(decisions.Kind()); err != nil {
		t.Fatal(err)
	}
	runs := 0
	var percents []int64
	err := r.engine.Update(r.ctx, admin, func(_ context.Context, u *forewarn.Unit) error {
		runs++
		held, err := r.tables.Book().Table(u, "Discount", u.Now())
		if err != nil {
			return err
		}
		result, err := held.Table.Eval(decision.Text("new"))
		if err != nil {
			return err
		}
		percent, _ := result.At(0).Int()
		percents = append(percents, percent)
		if runs == 1 { // somebody else, before this unit commits
			r.put(t, r.engine.As(forewarn.Actor{Tenant: "acme", ID: "eve", Roles: []string{forewarn.RoleAdmin}}), catalog.Put{Table: discount(8)})
		}
		return decisions.Put(u, &decided{ID: u.NewID(), Percent: percent})
	})
	if err != nil || runs != 2 || fmt.Sprint(percents) != "[1 8]" {
		t.Errorf("%d runs gave %v, %v", runs, percents, err)
	}
}

// What a unit put and then took back is never taken for another edition of the same number.
//
// Covers: DEC-026
func TestCacheAfterRollback(t *testing.T) {
	r := newRig(t)
	failed := fmt.Errorf("the host thinks better of it")
	err := r.engine.Update(r.ctx, admin, func(_ context.Context, u *forewarn.Unit) error {
		r.put(t, u, catalog.Put{Table: discount(1)})
		if p, n := r.decide(t, u, u.Now()); p != 1 || n != 1 {
			t.Errorf("inside: %d by edition %d", p, n)
		}
		return failed
	})
	if err == nil {
		t.Fatal("the unit has not failed")
	}
	if p, _ := r.decide(t, agent, start); p != -1 {
		t.Errorf("after the roll-back: %d", p)
	}
	r.put(t, admin, catalog.Put{Table: discount(2)})
	if p, n := r.decide(t, agent, start); p != 2 || n != 1 {
		t.Errorf("the edition that stands gives %d by edition %d", p, n)
	}
}

// A cache of one table serves many tenants and tables.
//
// Covers: DEC-026
func TestSmallCache(t *testing.T) {
	engine, err := forewarn.New(forewarn.Config{Store: memory.New()})
	if err != nil {
		t.Fatal(err)
	}
	tables, err := catalog.New(catalog.Config{Engine: engine, Cache: 1})
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{ctx: context.Background(), engine: engine, tables: tables}
	for n, by := range []forewarn.Actor{admin, other} {
		r.put(t, by, catalog.Put{Table: discount(int64(n + 1))})
	}
	for range 3 {
		for n, by := range []forewarn.Actor{admin, other} {
			for range 2 {
				if p, _ := r.decide(t, by, time.Time{}); p != int64(n+1) {
					t.Errorf("%s gets %d", by.Tenant, p)
				}
			}
		}
	}
}
