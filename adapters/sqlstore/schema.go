package sqlstore

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/forewarn-go/forewarn/store"
)

// definition is what the tables have of a kind: its columns, by name, and its indexes.
type definition struct {
	Fields  map[string]string   `json:"fields"`  // type by name, of the fields that indexes name
	Indexes map[string][]string `json:"indexes"` // fields by name
	Global  bool                `json:"global"`
}

func (t *table) definition() definition {
	d := definition{Fields: map[string]string{}, Indexes: map[string][]string{}, Global: t.kind.Global}
	for _, c := range t.columns {
		d.Fields[t.kind.Fields[c.field].Name] = c.typ.String()
	}
	for _, x := range t.kind.Indexes {
		d.Indexes[x.Name] = x.Fields
	}
	return d
}

// covers reports whether whoever needs o is served by d.
func (d definition) covers(o definition) bool {
	if d.Global != o.Global || !d.holds(o) {
		return false
	}
	for name, fields := range o.Indexes {
		if !slices.Equal(d.Indexes[name], fields) {
			return false
		}
	}
	return true
}

// holds reports whether d has the fields of o.
func (d definition) holds(o definition) bool {
	for name, typ := range o.Fields {
		if d.Fields[name] != typ {
			return false
		}
	}
	return true
}

// sameFields reports whether rows written under d and under o have the same columns filled.
func (d definition) sameFields(o definition) bool { return d.holds(o) && o.holds(d) }

// generation is one state of a kind's table, as Migrate recorded it.
type generation struct {
	number int64
	definition
	filled bool // every row that was there when it began has its columns
}

// schema is what the database holds.
type schema struct {
	version int64                   // of the machine's own tables; 0: there are none
	kinds   map[string][]generation // by name, oldest first
}

// schema reads what the database holds.
func (db *DB) schema(ctx context.Context, on Querier) (schema, error) {
	s := schema{kinds: map[string][]generation{}}
	there, err := db.exists(ctx, on, "schema")
	if err != nil || !there {
		return s, err
	}
	if err := queryRow(ctx, on, "SELECT coalesce(max(version), 0) FROM "+db.own("schema"), nil, &s.version); err != nil {
		return s, err
	}
	if s.version == 0 {
		return s, nil
	}
	var broken error
	read := step{
		text: "SELECT name, generation, definition, filled FROM " + db.own("kind") + " ORDER BY name, generation",
		each: func(row scanner) error {
			var name, text string
			var g generation
			var filled int64
			if err := row.Scan(&name, &g.number, &text, &filled); err != nil {
				return err
			}
			if err := json.Unmarshal([]byte(text), &g.definition); err != nil {
				broken = fmt.Errorf("definition %d of kind %s: %w", g.number, name, err)
			}
			g.filled = filled != 0
			s.kinds[name] = append(s.kinds[name], g)
			return nil
		},
	}
	if err := read.runOn(ctx, on); err != nil {
		return s, err
	}
	return s, broken
}

// exists reports whether a table of the machine's own is there. It asks in a
// way that leaves a transaction usable when it is not.
func (db *DB) exists(ctx context.Context, on Querier, name string) (bool, error) {
	var there bool
	if db.dialect == lite {
		err := queryRow(ctx, on, "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = ?1",
			[]any{db.prefix + "_" + name}, &there)
		return there, err
	}
	err := queryRow(ctx, on, "SELECT to_regclass($1) IS NOT NULL", []any{db.own(name)}, &there)
	return there, err
}

// newer returns an error when another, newer code made the machine's own tables.
func (s schema) newer() error {
	if s.version > newest {
		return &MigrateError{Rule: fmt.Sprintf("the tables are of version %d, this code knows %d: it is older than the database", s.version, newest)}
	}
	return nil
}

// serve returns the generation that rows written for t are marked with, or a
// *MigrateError when the table does not serve t.
func (s schema) serve(t *table) (int64, error) {
	want := t.definition()
	mark, covered, filling := int64(0), false, false
	for _, g := range s.kinds[t.kind.Name] {
		switch {
		case !g.filled:
			filling = filling || g.covers(want)
			continue
		case g.covers(want):
			covered = true
		}
		if g.sameFields(want) {
			mark = g.number
		}
	}
	switch {
	case covered && mark > 0:
		return mark, nil
	case filling:
		return 0, &MigrateError{Kind: t.kind.Name, Rule: "its table is being filled: wait for Migrate to end, or run it again"}
	case len(s.kinds[t.kind.Name]) == 0:
		return 0, &MigrateError{Kind: t.kind.Name, Rule: "has no table yet: call Migrate, after the engine and its services are made"}
	}
	return 0, &MigrateError{Kind: t.kind.Name, Rule: "its fields or indexes have changed: call Migrate"}
}

// ready returns a *MigrateError unless the machine's own tables and these fit
// the code. It asks the database once per table.
func (db *DB) ready(ctx context.Context, on Querier, tables ...*table) error {
	if db.current.Load() && !slices.ContainsFunc(tables, func(t *table) bool { return t.generation.Load() == 0 }) {
		return nil
	}
	s, err := db.schema(ctx, on)
	if err != nil {
		return err
	}
	if err := s.newer(); err != nil {
		return err
	}
	if s.version < newest {
		return &MigrateError{Rule: fmt.Sprintf("the tables are of version %d, this code needs %d: call Migrate, after the engine and its services are made", s.version, newest)}
	}
	for _, t := range tables {
		mark, err := s.serve(t)
		if err != nil {
			return err
		}
		t.generation.Store(mark)
	}
	db.current.Store(true)
	return nil
}

// typeOf returns the type of a column in SQL.
func typeOf(d dialect, t store.Type) string {
	switch {
	case d == lite && t == store.Int:
		return "INTEGER"
	case d == lite:
		return "TEXT"
	case t == store.Int:
		return "bigint"
	}
	return `text COLLATE "C"`
}
