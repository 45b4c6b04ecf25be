package sqlstore

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
)

// newest is the version of the machine's own tables that this code needs: the
// number of the last file in migrations.
const newest = 1

//go:embed migrations/*.sql
var migrations embed.FS

// Migrate makes the tables of the machine and of all kinds that are kept,
// adds the columns and indexes of those that have changed, and fills new
// columns by Kind.Of. It changes nothing where everything fits, and several
// processes may call it at once.
//
// Old and new code may run side by side: columns are only added, and rows keep
// the generation of the code that wrote them. After a change of a kind's
// fields, what an old process wrote since is filled by the next Migrate; so
// call it once more when the last old process is gone. A field cannot change
// its type: give it another name.
//
// A database that newer code has migrated gives a *MigrateError. Indexes of a
// table that has rows are built while its writers wait, each at most as long as
// it waits for a lock.
func (db *DB) Migrate(ctx context.Context) error {
	return failed("migrate", db.migrating(ctx, func(on Querier) error {
		s, err := db.schema(ctx, on)
		if err != nil {
			return err
		}
		todo, err := db.pending(ctx, on, s)
		if err != nil {
			return err
		}
		if err := db.apply(ctx, on, todo); err != nil {
			return err
		}
		return db.fill(ctx, on)
	}))
}

// Statements returns what Migrate would run now, to be read or run by hand. What
// it would fill by Kind.Of stands as comments.
func (db *DB) Statements(ctx context.Context) ([]string, error) {
	var todo []string
	err := db.migrating(ctx, func(on Querier) error {
		s, err := db.schema(ctx, on)
		if err != nil {
			return err
		}
		todo, err = db.pending(ctx, on, s)
		return err
	})
	return todo, failed("statements", err)
}

// migrating runs f on one connection, one process at a time.
func (db *DB) migrating(ctx context.Context, f func(on Querier) error) error {
	if db.dialect == lite {
		if err := db.write(ctx); err != nil {
			return err
		}
		defer db.written()
	}
	conn, err := db.main.Connx(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	if db.dialect == lite { // all of it in one transaction, which keeps other processes out too
		tx, err := conn.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		defer tx.Rollback()
		if err := f(tx); err != nil {
			return err
		}
		return tx.Commit()
	}
	// Whoever comes second waits for the first to end, however long that takes.
	if _, err := conn.ExecContext(ctx, "SET lock_timeout = 0"); err != nil {
		return err
	}
	const lock = "(hashtextextended(current_schema() || '.' || $1, 0))"
	if _, err := conn.ExecContext(ctx, "SELECT pg_advisory_lock"+lock, db.prefix); err != nil {
		return err
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), rollbackTimeout)
		defer cancel()
		_, _ = conn.ExecContext(ctx, "SELECT pg_advisory_unlock"+lock, db.prefix)
		_, _ = conn.ExecContext(ctx, "RESET lock_timeout")
	}()
	if _, err := conn.ExecContext(ctx, "SET lock_timeout = '10s'"); err != nil {
		return err
	}
	return f(conn)
}

// apply runs statements, all or none.
func (db *DB) apply(ctx context.Context, on Querier, todo []string) error {
	var steps []step
	for _, text := range todo {
		if !strings.HasPrefix(text, "--") {
			steps = append(steps, step{text: text})
		}
	}
	return together(ctx, on, steps)
}

// together runs steps in one transaction, unless on is one already.
func together(ctx context.Context, on Querier, steps []step) error {
	conn, ok := on.(*sqlx.Conn)
	if !ok || len(steps) == 0 {
		return runOn(ctx, on, steps)
	}
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if err := runOn(ctx, tx, steps); err != nil {
		return err
	}
	return tx.Commit()
}

// pending returns the statements that are missing.
func (db *DB) pending(ctx context.Context, on Querier, s schema) ([]string, error) {
	if err := s.newer(); err != nil {
		return nil, err
	}
	compression, err := db.compression(ctx, on)
	if err != nil {
		return nil, err
	}
	todo, err := db.machine(ctx, on, s, compression)
	if err != nil {
		return nil, err
	}
	c := db.catalog.Load()
	for _, k := range c.kinds.All() {
		more, err := db.pendingKind(c.tables[k.Name], s.kinds[k.Name], compression)
		if err != nil {
			return nil, err
		}
		todo = append(todo, more...)
	}
	return todo, nil
}

// compression returns the clause that has a server compress by lz4, which
// halves what a big body costs, or "" where the server has none.
func (db *DB) compression(ctx context.Context, on Querier) (string, error) {
	if db.dialect == lite {
		return "", nil
	}
	var has bool
	err := queryRow(ctx, on, "SELECT EXISTS (SELECT FROM pg_settings WHERE name = 'default_toast_compression' AND 'lz4' = ANY (enumvals))",
		nil, &has)
	if err != nil || !has {
		return "", err
	}
	return " COMPRESSION lz4", nil
}

// machine returns the statements of the numbered migrations that are missing.
func (db *DB) machine(ctx context.Context, on Querier, s schema, compression string) ([]string, error) {
	there, err := db.exists(ctx, on, "schema")
	if err != nil {
		return nil, err
	}
	var todo []string
	engine, big := "postgres", "bigint"
	if db.dialect == lite {
		engine, big = "sqlite", "INTEGER"
	}
	if !there {
		todo = append(todo, fmt.Sprintf("CREATE TABLE %s (version %s NOT NULL PRIMARY KEY, applied %s NOT NULL)", db.own("schema"), big, big))
	}
	for v := s.version + 1; v <= newest; v++ {
		text, err := migrations.ReadFile(fmt.Sprintf("migrations/%s_%04d.sql", engine, v))
		if err != nil {
			return nil, err
		}
		names := strings.NewReplacer("{{compression}}", compression, "{{kind}}", db.own("kind"), "{{number}}", db.own("number"),
			"{{event}}", db.own("event"), "{{event_seq}}", db.own("event_seq"), "{{event_xid}}", db.own("event_xid"),
			"{{event_lane}}", db.own("event_lane"))
		for _, one := range strings.Split(names.Replace(string(text)), ";\n") {
			if one = withoutComments(one); one != "" {
				todo = append(todo, one)
			}
		}
		todo = append(todo, fmt.Sprintf("INSERT INTO %s (version, applied) VALUES (%d, %d)", db.own("schema"), v, time.Now().UnixMicro()))
	}
	return todo, nil
}

func withoutComments(text string) string {
	lines := slices.DeleteFunc(strings.Split(text, "\n"), func(l string) bool { return strings.HasPrefix(l, "--") })
	return strings.TrimSpace(strings.Join(lines, "\n"))
}

// pendingKind returns the statements that a kind's table is missing, and at the
// end the one that records what it has then.
func (db *DB) pendingKind(t *table, have []generation, compression string) ([]string, error) {
	want := t.definition()
	for _, g := range have {
		for name, typ := range g.Fields {
			if is, ok := want.Fields[name]; ok && is != typ {
				return nil, &MigrateError{Kind: t.kind.Name, Rule: fmt.Sprintf("field %s was %s and is %s now: give it another name", name, typ, is)}
			}
		}
	}
	if n := len(have); n > 0 && have[n-1].covers(want) && slices.ContainsFunc(have, func(g generation) bool { return g.sameFields(want) }) {
		if have[n-1].sameFields(want) && !have[n-1].filled {
			return []string{fillNote(t, have)}, nil
		}
		return nil, nil
	}
	var todo []string
	columns := map[string]bool{}
	for _, g := range have {
		for name := range g.Fields {
			columns[name] = true
		}
	}
	if len(have) == 0 {
		todo = append(todo, db.createTable(t, compression))
	} else {
		for _, c := range t.columns {
			if name := t.kind.Fields[c.field].Name; !columns[name] {
				todo = append(todo, "ALTER TABLE "+t.name+" ADD COLUMN "+c.name+" "+typeOf(db.dialect, c.typ))
			}
		}
	}
	for _, x := range t.kind.Indexes {
		todo = append(todo, t.createIndex(x.Fields))
	}
	text, err := json.Marshal(want)
	if err != nil {
		return nil, err
	}
	next, filled := int64(1), 1
	if n := len(have); n > 0 {
		next, filled = have[n-1].number+1, 0
	}
	todo = append(todo, fmt.Sprintf("INSERT INTO %s (name, generation, definition, filled) VALUES (%s, %d, %s, %d)",
		db.own("kind"), literal(t.kind.Name), next, literal(string(text)), filled))
	if filled == 0 {
		todo = append(todo, fillNote(t, append(have, generation{number: next, definition: want})))
	}
	return todo, nil
}

func (db *DB) createTable(t *table, compression string) string {
	text, id, big, json := `text COLLATE "C"`, "uuid", "bigint", "json"+compression
	if db.dialect == lite {
		text, id, big, json = "TEXT", "BLOB", "INTEGER", "TEXT"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "CREATE TABLE %s (\n\ttenant %s NOT NULL,\n\tid %s NOT NULL,\n\tversion %s NOT NULL,\n\tgeneration %s NOT NULL,\n",
		t.name, text, id, big, big)
	for _, c := range t.columns {
		fmt.Fprintf(&b, "\t%s %s,\n", c.name, typeOf(db.dialect, c.typ))
	}
	fmt.Fprintf(&b, "\tbody %s NOT NULL,\n\tCONSTRAINT %s PRIMARY KEY (tenant, id)\n)", json, quote(indexName(t.bare, []string{"key"})))
	return b.String()
}

// createIndex returns the statement of an index on fields. Global kinds are
// found across tenants, so theirs end in the tenant. A record with an absent
// value is in none of the indexes that name it; and since what looks for a key
// says nothing of values, the server cannot take one of these for it.
func (t *table) createIndex(fields []string) string {
	var columns, quoted, present []string
	if !t.kind.Global {
		columns, quoted = append(columns, "tenant"), append(quoted, "tenant")
	}
	for _, f := range fields {
		columns, quoted = append(columns, f), append(quoted, t.column(f).name)
		present = append(present, t.column(f).name+" IS NOT NULL")
	}
	columns, quoted = append(columns, "id"), append(quoted, "id")
	if t.kind.Global {
		columns, quoted = append(columns, "tenant"), append(quoted, "tenant")
	}
	return fmt.Sprintf("CREATE INDEX IF NOT EXISTS %s ON %s (%s) WHERE %s", quote(indexName(t.bare, columns)), t.name,
		strings.Join(quoted, ", "), strings.Join(present, " AND "))
}
