package catalog_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/adapters/memory"
	"github.com/forewarn-go/forewarn/decision"
	"github.com/forewarn-go/forewarn/decision/catalog"
)

// A tenant's table takes the place of the shipped one for himself alone, from the instant that he gives, and back.
//
// Covers: SEC-023, DEC-018, DEC-026
func TestOverride(t *testing.T) {
	r := newRig(t, discount(1))
	if p, n := r.decide(t, agent, time.Time{}); p != 1 || n != 0 {
		t.Errorf("shipped: %d by edition %d", p, n)
	}
	next := start.Add(24 * time.Hour)
	e := r.put(t, admin, catalog.Put{Table: discount(7), From: next, Note: "new year"})
	if e.Number != 1 || !e.From.Equal(next) || e.By != "adam" || !e.At.Equal(start) || e.Note != "new year" || e.Table.Version != "1" || e.Shipped {
		t.Errorf("the edition is %+v", e)
	}
	for _, c := range []struct {
		by      forewarn.Actor
		at      time.Time
		percent int64
		number  int
	}{
		{agent, start, 1, 0},
		{agent, next.Add(-time.Microsecond), 1, 0},
		{agent, next, 7, 1},
		{other, next, 1, 0},
	} {
		r.clock.set(c.at)
		if p, n := r.decide(t, c.by, time.Time{}); p != c.percent || n != c.number {
			t.Errorf("of %s at %v: %d by edition %d, want %d by %d", c.by.Tenant, c.at, p, n, c.percent, c.number)
		}
	}
	reset, err := r.tables.Reset(r.ctx, admin, catalog.Reset{Name: "Discount", Expect: 1})
	if err != nil || !reset.Shipped || reset.Number != 2 || reset.Table == nil || len(reset.Table.Rules) != 2 {
		t.Fatalf("%+v, %v", reset, err)
	}
	if p, n := r.decide(t, agent, time.Time{}); p != 1 || n != 2 {
		t.Errorf("after the reset: %d by edition %d", p, n)
	}
	r.clock.set(next.Add(time.Hour))
	if p, n := r.decide(t, agent, next.Add(-time.Second)); p != 1 || n != 0 {
		t.Errorf("as of before: %d by edition %d", p, n)
	}
}

// All metadata of a table comes back, and every edition stands.
//
// Covers: DEC-018, DEC-026
func TestEveryEditionIsKept(t *testing.T) {
	r := newRig(t)
	table := discount(3)
	table.Application, table.Created, table.Description = "Sales", start.Add(-time.Hour), "what customers get"
	table.Properties, table.Annotations = map[string]string{"owner": "anna"}, []string{"why"}
	table.Version, table.Rules[0].Annotations = "spring", []string{"agreed"}
	first := r.put(t, admin, catalog.Put{Table: table})
	for n := int64(4); n < 8; n++ {
		r.clock.set(start.Add(time.Duration(n) * time.Hour))
		r.put(t, admin, catalog.Put{Table: discount(n)})
	}
	got, err := r.tables.Get(r.ctx, agent, catalog.Get{Name: "Discount", Number: 1})
	if err != nil || !reflect.DeepEqual(got, first) || !reflect.DeepEqual(*got.Table, table) {
		t.Errorf("%+v, %v\nwant %+v", got, err, table)
	}
	if got, err = r.tables.Get(r.ctx, agent, catalog.Get{Name: "Discount", At: start.Add(5 * time.Hour)}); err != nil || got.Number != 3 {
		t.Errorf("as of five hours later: %d, %v", got.Number, err)
	}
	var numbers []int
	for after := ""; ; {
		page, err := r.tables.History(r.ctx, agent, catalog.History{Name: "Discount", After: after, Limit: 2})
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range page.Items {
			numbers = append(numbers, e.Number)
		}
		if after = page.Next; after == "" {
			break
		}
	}
	if !slices.Equal(numbers, []int{5, 4, 3, 2, 1}) {
		t.Errorf("the history is %v", numbers)
	}
	if page, err := r.tables.History(r.ctx, other, catalog.History{Name: "Discount"}); err != nil || len(page.Items) != 0 {
		t.Errorf("another tenant sees %v, %v", page.Items, err)
	}
}

// Covers: SEC-023
func TestList(t *testing.T) {
	second := discount(2)
	second.Name = "Bonus"
	third := discount(3)
	third.Name = "Rebate"
	r := newRig(t, discount(1), second)
	r.put(t, admin, catalog.Put{Table: discount(4)})
	r.put(t, admin, catalog.Put{Table: third, From: start.Add(time.Hour)})
	got, err := r.tables.List(r.ctx, agent, catalog.List{})
	want := []catalog.Listed{{Name: "Bonus", Shipped: true}, {Name: "Discount", Shipped: true, Latest: 1, Holds: 1, Own: true}, {Name: "Rebate", Latest: 1}}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%+v, %v", got, err)
	}
}

// What is refused leaves nothing behind.
//
// Covers: DEC-018, DEC-025, SEC-023
func TestRefused(t *testing.T) {
	r := newRig(t, discount(1))
	r.put(t, admin, catalog.Put{Table: discount(2)})
	change := func(do func(*decision.Table)) decision.Table { d := discount(5); do(&d); return d }
	own := func(do func(*decision.Table)) decision.Table { d := change(do); d.Name = "Own"; return d }
	for _, c := range []struct {
		name  string
		by    forewarn.Caller
		cmd   catalog.Put
		kind  error
		field string
	}{
		{"not an admin", agent, catalog.Put{Table: discount(3)}, forewarn.ErrForbidden, ""},
		{"no name", admin, catalog.Put{Table: change(func(d *decision.Table) { d.Name = "" })}, forewarn.ErrInvalid, "table.name"},
		{"a long name", admin, catalog.Put{Table: change(func(d *decision.Table) { d.Name = strings.Repeat("n", 201) })}, forewarn.ErrInvalid, "table.name"},
		{"a name of two lines", admin, catalog.Put{Table: change(func(d *decision.Table) { d.Name = "a\nb" })}, forewarn.ErrInvalid, "table.name"},
		{"the past", admin, catalog.Put{Table: discount(3), From: start.Add(-time.Second)}, forewarn.ErrInvalid, "from"},
		{"another came", admin, catalog.Put{Table: discount(3), Expect: 2}, forewarn.ErrStale, "expect"},
		{"a negative number", admin, catalog.Put{Table: discount(3), Expect: -1}, forewarn.ErrInvalid, "expect"},
		{"a long note", admin, catalog.Put{Table: discount(3), Note: strings.Repeat("n", 4001)}, forewarn.ErrInvalid, "note"},
		{"another input", admin, catalog.Put{Table: change(func(d *decision.Table) { d.Inputs[0].Name = "client" })}, forewarn.ErrInvalid, "table.inputs[0]"},
		{"another type", admin, catalog.Put{Table: change(func(d *decision.Table) { d.Inputs[0].Type = decision.String })}, forewarn.ErrInvalid, "table.inputs[0]"},
		{"one more output", admin, catalog.Put{Table: change(func(d *decision.Table) {
			d.Outputs = append(d.Outputs, decision.Output{Name: "why", Type: decision.String})
			for i := range d.Rules {
				d.Rules[i].Then = append(d.Rules[i].Then, decision.Null())
			}
		})}, forewarn.ErrInvalid, "table.outputs[1]"},
		{"it cannot be compiled", admin, catalog.Put{Table: own(func(d *decision.Table) { d.Rules[0].Then = nil })}, forewarn.ErrInvalid, "table"},
		{"an unknown value", admin, catalog.Put{Table: own(func(d *decision.Table) { d.Rules[0].When[0] = decision.OneOfTexts("old") })}, forewarn.ErrInvalid, "table"},
		{"a gap", admin, catalog.Put{Table: own(func(d *decision.Table) { d.Rules = d.Rules[:1] })}, forewarn.ErrInvalid, "table"},
		{"a contradiction", admin, catalog.Put{Table: own(func(d *decision.Table) { d.Rules = append(d.Rules, d.Rules[0]) })}, forewarn.ErrInvalid, "table"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := r.tables.Put(r.ctx, c.by, c.cmd)
			refused(t, err, c.kind, c.field)
		})
	}
	for _, name := range []string{"Discount", "Own"} {
		page, err := r.tables.History(r.ctx, agent, catalog.History{Name: name})
		if want := map[string]int{"Discount": 1}[name]; err != nil || len(page.Items) != want {
			t.Errorf("%d editions of %s, %v", len(page.Items), name, err)
		}
	}
	_, err := r.tables.Reset(r.ctx, agent, catalog.Reset{Name: "Discount"})
	refused(t, err, forewarn.ErrForbidden, "")
	_, err = r.tables.Reset(r.ctx, admin, catalog.Reset{Name: "Own"})
	refused(t, err, forewarn.ErrNotFound, "name")
	_, err = r.tables.Reset(r.ctx, admin, catalog.Reset{Name: "Discount", From: start.Add(-time.Hour)})
	refused(t, err, forewarn.ErrInvalid, "from")
	_, err = r.tables.Get(r.ctx, agent, catalog.Get{Name: "Own"})
	refused(t, err, forewarn.ErrNotFound, "name")
	_, err = r.tables.Get(r.ctx, agent, catalog.Get{Name: "Discount", Number: -1})
	refused(t, err, forewarn.ErrInvalid, "number")
	_, err = r.tables.Get(r.ctx, agent, catalog.Get{Name: "Discount", Number: 9})
	refused(t, err, forewarn.ErrNotFound, "")
	_, err = r.tables.Decide(r.ctx, agent, catalog.Decide{Name: "Own"})
	refused(t, err, forewarn.ErrNotFound, "name")
	_, err = r.tables.Decide(r.ctx, agent, catalog.Decide{Name: "Discount", Inputs: map[string]any{"customer": "old"}})
	refused(t, err, forewarn.ErrInvalid, "inputs")
	var cause *decision.Error
	if !errors.As(err, &cause) || cause.Column != "customer" || !errors.Is(err, decision.ErrNotAllowed) {
		t.Errorf("the cause is %v", cause)
	}
	portal := forewarn.Actor{Tenant: "acme", ID: "jane", Roles: []string{forewarn.RoleCustomer}, Account: "boxeo", Contact: "jane"}
	if _, err := r.tables.Decide(r.ctx, portal, catalog.Decide{Name: "Discount"}); !errors.Is(err, forewarn.ErrNotFound) {
		t.Errorf("a customer gets %v", err)
	}
}

// The defects are handed out as data, and a caller may take the table with them.
//
// Covers: DEC-025
func TestDefects(t *testing.T) {
	r := newRig(t)
	table := discount(1)
	table.Rules = append(table.Rules[:1], table.Rules[0])
	_, err := r.tables.Put(r.ctx, admin, catalog.Put{Table: table})
	var defects *catalog.DefectsError
	if !errors.As(err, &defects) || defects.Analysis.Defects() != 2 || !strings.Contains(err.Error(), "2 defects") {
		t.Fatalf("%v", err)
	}
	e := r.put(t, admin, catalog.Put{Table: table, Tolerate: true})
	x, err := r.tables.Explain(r.ctx, agent, catalog.Explain{Name: "Discount", Inputs: map[string]any{"customer": "new"}})
	if err != nil || x.Number != e.Number || x.Explanation.Outcome != decision.OutcomeError || !slices.Equal(x.Explanation.Matched, []int{1, 2}) {
		t.Errorf("%+v, %v", x, err)
	}
	_, err = r.tables.Explain(r.ctx, agent, catalog.Explain{Name: "Discount", Inputs: map[string]any{"customer": 3}})
	refused(t, err, forewarn.ErrInvalid, "inputs")
}

// The explanation names the edition, and the decision is data.
//
// Covers: DEC-024
func TestExplain(t *testing.T) {
	r := newRig(t)
	r.put(t, admin, catalog.Put{Table: discount(1)})
	r.clock.set(start.Add(time.Hour))
	r.put(t, admin, catalog.Put{Table: discount(2)})
	q := catalog.Explain{Name: "Discount", At: start, Inputs: map[string]any{"customer": "regular"}}
	x, err := r.tables.Explain(r.ctx, agent, q)
	if err != nil || x.Number != 1 || x.Explanation.Version != "1" || !slices.Equal(x.Explanation.Applied, []int{2}) {
		t.Errorf("%+v, %v", x, err)
	}
	d, err := r.tables.Decide(r.ctx, agent, catalog.Decide(q))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := json.Marshal(d); err != nil || string(got) != `{"name":"Discount","number":1,"result":{"rules":[2],"outputs":[{"percent":1}]}}` {
		t.Errorf("%s, %v", got, err)
	}
}

// A table that is not shipped ends with its reset.
//
// Covers: SEC-023
func TestResetOfOwnTable(t *testing.T) {
	r := newRig(t)
	r.put(t, admin, catalog.Put{Table: discount(1)})
	end := start.Add(time.Hour)
	e, err := r.tables.Reset(r.ctx, admin, catalog.Reset{Name: "Discount", From: end})
	if err != nil || e.Table != nil {
		t.Fatalf("%+v, %v", e, err)
	}
	if p, _ := r.decide(t, agent, time.Time{}); p != 1 {
		t.Errorf("before its end it gives %d", p)
	}
	r.clock.set(end)
	if p, _ := r.decide(t, agent, time.Time{}); p != -1 {
		t.Errorf("after its end it gives %d", p)
	}
	_, err = r.tables.Get(r.ctx, agent, catalog.Get{Name: "Discount"})
	refused(t, err, forewarn.ErrNotFound, "name")
}

// What is put last holds, also when the clock of its process is behind that of the one before.
//
// Covers: DEC-018
func TestClockThatIsBehind(t *testing.T) {
	r := newRig(t)
	r.clock.set(start.Add(2 * time.Second))
	r.put(t, admin, catalog.Put{Table: discount(1)})
	r.clock.set(start)
	if e := r.put(t, admin, catalog.Put{Table: discount(2)}); !e.From.Equal(start.Add(2*time.Second)) || !e.At.Equal(e.From) {
		t.Errorf("the second holds from %v", e.From)
	}
	_, err := r.tables.Put(r.ctx, admin, catalog.Put{Table: discount(3), From: start.Add(time.Second)})
	refused(t, err, forewarn.ErrInvalid, "from")
	r.clock.set(start.Add(time.Minute))
	if p, n := r.decide(t, agent, time.Time{}); p != 2 || n != 2 {
		t.Errorf("%d by edition %d", p, n)
	}
}

// A hundred editions may wait for their instants, and room comes back as they come.
//
// Covers: DEC-018
func TestManyAhead(t *testing.T) {
	r := newRig(t)
	later := func(n int) time.Time { return start.Add(time.Duration(n) * time.Hour) }
	for n := range 100 {
		r.put(t, admin, catalog.Put{Table: discount(int64(n)), From: later(n)})
	}
	_, err := r.tables.Put(r.ctx, admin, catalog.Put{Table: discount(1), From: later(200)})
	refused(t, err, forewarn.ErrRefused, "from")
	r.clock.set(later(2))
	r.put(t, admin, catalog.Put{Table: discount(1), From: later(200)})
	if p, n := r.decide(t, agent, later(1)); p != 1 || n != 2 {
		t.Errorf("as of the first hour: %d by edition %d", p, n)
	}
}

// A repeat under the same request adds no second edition.
//
// Covers: DEC-018
func TestPutOnce(t *testing.T) {
	r := newRig(t)
	cmd := catalog.Put{Table: discount(1)}
	first := r.put(t, admin.Once("r1"), cmd)
	r.clock.set(start.Add(time.Hour))
	if again := r.put(t, admin.Once("r1"), cmd); !reflect.DeepEqual(again, first) {
		t.Errorf("%+v\nthen %+v", first, again)
	}
	_, err := r.tables.Put(r.ctx, admin.Once("r1"), catalog.Put{Table: discount(2)})
	if !errors.Is(err, forewarn.ErrReused) {
		t.Errorf("%v", err)
	}
}

// Covers: DEC-018
func TestConfig(t *testing.T) {
	engine, err := forewarn.New(forewarn.Config{Store: memory.New()})
	if err != nil {
		t.Fatal(err)
	}
	broken := discount(1)
	broken.Outputs = nil
	for _, c := range []struct {
		config catalog.Config
		field  string
	}{
		{catalog.Config{}, "config.engine"},
		{catalog.Config{Engine: engine, Cache: -1}, "config.cache"},
		{catalog.Config{Engine: engine, Shipped: []decision.Table{discount(1), discount(2)}}, "config.shipped[1].name"},
		{catalog.Config{Engine: engine, Shipped: []decision.Table{{}}}, "config.shipped[0].name"},
		{catalog.Config{Engine: engine, Shipped: []decision.Table{broken}}, "config.shipped[0]"},
	} {
		_, err := catalog.New(c.config)
		refused(t, err, forewarn.ErrInvalid, c.field)
	}
	for _, act := range catalog.Acts() {
		if !strings.HasPrefix(act.Name, "catalog.") || act.Portal {
			t.Errorf("%+v", act)
		}
	}
}
