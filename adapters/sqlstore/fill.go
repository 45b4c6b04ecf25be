package sqlstore

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
)

// fillPage is how many rows are filled at once.
const fillPage = 500

// since returns the oldest generation whose rows have every column of the newest.
func since(have []generation) int64 {
	last := have[len(have)-1]
	n := last.number
	for i := len(have) - 1; i >= 0 && have[i].holds(last.definition); i-- {
		n = have[i].number
	}
	return n
}

func fillNote(t *table, have []generation) string {
	return fmt.Sprintf("-- fill the columns of %s by Kind.Of where generation < %d", t.name, since(have))
}

// fill gives rows of older generations the columns of the newest, for every
// kind whose newest fields are those of this code.
func (db *DB) fill(ctx context.Context, on Querier) error {
	s, err := db.schema(ctx, on)
	if err != nil {
		return err
	}
	c := db.catalog.Load()
	for _, k := range c.kinds.All() {
		t, have := c.tables[k.Name], s.kinds[k.Name]
		if len(have) < 2 || !have[len(have)-1].sameFields(t.definition()) {
			continue
		}
		last := have[len(have)-1]
		if len(t.columns) > 0 {
			if err := db.fillTable(ctx, on, t, since(have), last.number); err != nil {
				return err
			}
		}
		if last.filled {
			continue
		}
		text := "UPDATE " + db.own("kind") + " SET filled = 1 WHERE name = " + db.dialect.place(1) + " AND generation = " + db.dialect.place(2)
		if _, err := on.ExecContext(ctx, text, k.Name, last.number); err != nil {
			return err
		}
	}
	return nil
}

// stale is a row of an older generation.
type stale struct {
	tenant  string
	id      any // as the driver gives and takes it
	version int64
	body    []byte
}

// fillTable goes once over the rows below generation from, in the order of the
// key. What changes meanwhile is left: whoever changed it wrote the columns that
// it knows, and if it was an old process, the next Migrate finds the row.
func (db *DB) fillTable(ctx context.Context, on Querier, t *table, from, mark int64) error {
	place := db.dialect.place
	read := "SELECT tenant, id, version, body FROM " + t.name + " WHERE generation < " + place(1)
	more := " AND (tenant, id) > (" + place(2) + ", " + place(3) + ")"
	order := fmt.Sprintf(" ORDER BY tenant, id LIMIT %d", fillPage)
	var sets strings.Builder
	for i, c := range t.columns {
		fmt.Fprintf(&sets, ", %s = %s", c.name, place(i+5))
	}
	write := "UPDATE " + t.name + " SET generation = " + place(4) + sets.String() +
		" WHERE tenant = " + place(1) + " AND id = " + place(2) + " AND version = " + place(3)
	var last *stale
	for {
		var page []stale
		s := step{text: read + order, args: []any{from}, each: func(row scanner) error {
			var r stale
			if err := row.Scan(&r.tenant, &r.id, &r.version, &r.body); err != nil {
				return err
			}
			page = append(page, r)
			return nil
		}}
		if last != nil {
			s.text, s.args = read+more+order, append(s.args, last.tenant, last.id)
		}
		if err := s.runOn(ctx, on); err != nil {
			return err
		}
		var writes []step
		for _, r := range page {
			values, err := t.kind.Of(json.RawMessage(r.body))
			if err == nil {
				err = t.kind.CheckValues(values)
			}
			if err != nil {
				return fmt.Errorf("fill %s: record %s of tenant %s: %w", t.kind.Name, idText(r.id), r.tenant, err)
			}
			args := []any{r.tenant, r.id, r.version, mark}
			for _, c := range t.columns {
				args = append(args, arg(values[c.field], c.typ))
			}
			writes = append(writes, step{text: write, args: args})
		}
		if err := together(ctx, on, writes); err != nil {
			return err
		}
		if len(page) < fillPage {
			return nil
		}
		last = &page[len(page)-1]
	}
}

func idText(id any) string {
	if b, ok := id.([]byte); ok {
		return fmt.Sprintf("%x", b)
	}
	return fmt.Sprint(id)
}
