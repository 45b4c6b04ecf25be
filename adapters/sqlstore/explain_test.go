package sqlstore

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/forewarn-go/forewarn/store"
)

// explain returns the plan that the server makes of a statement, whatever its arguments are.
func explain(t *testing.T, db *DB, text string, args ...any) string {
	t.Helper()
	conn, err := db.main.Connx(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.ExecContext(t.Context(), "SET plan_cache_mode = force_generic_plan"); err != nil {
		t.Fatal(err)
	}
	var lines []string
	if err := conn.SelectContext(t.Context(), &lines, "EXPLAIN "+text, args...); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	if _, err := conn.ExecContext(t.Context(), "RESET plan_cache_mode"); err != nil {
		t.Fatal(err)
	}
	return strings.Join(lines, "\n")
}

// scans returns which indexes of a table a plan goes through, and "seq" for the table itself.
func scans(plan string) []string {
	var found []string
	for _, m := range regexp.MustCompile(`(Seq Scan on|Index (?:Only )?Scan(?: Backward)? using|Bitmap Index Scan on) "?([^ "]+)`).FindAllStringSubmatch(plan, -1) {
		if strings.HasPrefix(m[1], "Seq") {
			m[2] = "seq"
		}
		found = append(found, m[2])
	}
	return found
}

// TestPlansOfThePoll shows that a poll goes through the index of the sequence
// for what is new and through that of transactions for what is late, in a backlog and when
// everything is dead.
func TestPlansOfThePoll(t *testing.T) {
	db := open(t, serverURL(t), things())
	ctx := t.Context()
	check := func(when string) {
		t.Helper()
		plan := explain(t, db, pollText(`"forewarn__event"`), toInt16(store.AllShards()), make([]int64, store.Shards), 128, "{1,2,3}", never, int64(lateBound), "")
		if got := strings.Join(scans(plan), " "); got != "forewarn__event_pkey forewarn__event_xid forewarn__event_xid" {
			t.Errorf("%s a poll goes through %s:\n%s", when, got, plan)
		}
	}
	check("empty,")
	if _, err := db.SQL().ExecContext(ctx, `INSERT INTO forewarn__event (lane, shard, id, tenant, kind, ticket, type, at, body)
		SELECT '', n % 16, gen_random_uuid(), 'acme', 'thing', gen_random_uuid(), 'e', 0, '{}' FROM generate_series(1, 40000) n`); err != nil {
		t.Fatal(err)
	}
	for _, analyzed := range []bool{false, true} {
		if analyzed {
			if _, err := db.SQL().ExecContext(ctx, "ANALYZE forewarn__event"); err != nil {
				t.Fatal(err)
			}
		}
		check(fmt.Sprintf("in a backlog (analyzed: %v)", analyzed))
	}
	if _, err := db.SQL().ExecContext(ctx, "DELETE FROM forewarn__event"); err != nil {
		t.Fatal(err)
	}
	check("when all is dead,")
	if _, err := db.SQL().ExecContext(ctx, "ANALYZE forewarn__event"); err != nil {
		t.Fatal(err)
	}
	check("when all is dead and analyzed,")
	if _, err := db.SQL().ExecContext(ctx, "VACUUM forewarn__event"); err != nil {
		t.Fatal(err)
	}
	check("when it was counted empty,")
}

// TestPlansOfFind shows that pages go through the declared index, deep ones and
// any-of as well, and locks through the key.
func TestPlansOfFind(t *testing.T) {
	db := open(t, serverURL(t), things(), dueKind())
	ctx := t.Context()
	for _, table := range []string{"forewarn_thing", "forewarn_due"} {
		if _, err := db.SQL().ExecContext(ctx, `INSERT INTO `+table+` (tenant, id, version, generation, state, _id, body)
			SELECT 'acme', gen_random_uuid(), 1, 1, 'state' || n % 10, n, '{}' FROM generate_series(1, 20000) n; ANALYZE `+table); err != nil {
			t.Fatal(err)
		}
	}
	state, from := []store.Value{store.TextValue("state1")}, store.IntValue(5000)
	states := []store.Value{store.TextValue("state1"), store.TextValue("state2")}
	for _, q := range []store.Query{
		{Kind: "thing", Equal: state},
		{Kind: "thing", Equal: state, From: &from, Descending: true},
		{Kind: "thing", AnyOf: states},
		{Kind: "due", AllTenants: true, AnyOf: states, To: &from},
	} {
		q.Index = "state"
		if !q.AllTenants {
			q.Tenant = "acme"
		}
		for range 2 { // the first page, and one behind it
			kind, err := db.catalog.Load().kinds.Get(q.Kind)
			if err != nil {
				t.Fatal(err)
			}
			p, err := kind.Plan(q)
			if err != nil {
				t.Fatal(err)
			}
			f := finder{d: postgres, t: db.catalog.Load().tables[q.Kind], p: p}
			text := f.text()
			plan := explain(t, db, text, f.args...)
			if got := scans(plan); len(got) != 1 || !strings.HasPrefix(got[0], "forewarn_"+q.Kind+"$") || strings.Contains(got[0], "$key") {
				t.Errorf("%+v goes through %v:\n%s\n%s", q, got, text, plan)
			}
			page, err := db.Find(ctx, q)
			if err != nil || page.Next == "" {
				t.Fatalf("next %q, %v", page.Next, err)
			}
			q.After = page.Next
		}
	}
	for _, text := range []string{"DELETE FROM forewarn_thing", "VACUUM ANALYZE forewarn_thing"} {
		if _, err := db.SQL().ExecContext(ctx, text); err != nil {
			t.Fatal(err)
		}
	}
	x := db.catalog.Load().tables["thing"].texts
	tenants, ids := []string{"acme"}, []string{thing("a").ID.String()}
	for name, s := range map[string]step{
		"locks":   {text: x.locks, args: []any{tenants, ids, []int64{1}, []bool{true}}},
		"lock":    {text: x.lock, args: []any{tenants[0], ids[0]}},
		"gets":    {text: x.gets, args: []any{tenants, ids}},
		"removes": {text: x.removes, args: []any{tenants, ids}},
		"updates": {text: x.updates, args: []any{tenants, ids, []int64{1}, 1, []string{"{}"}, []string{"s"}, []int64{1}}},
	} {
		plan := explain(t, db, s.text, s.args...)
		for _, through := range scans(plan) {
			if !strings.Contains(through, "$key") {
				t.Errorf("%s goes through %s in a table that was counted empty:\n%s", name, through, plan)
			}
		}
	}
}
