package sqlstore

import (
	"fmt"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/forewarn-go/forewarn/store"
)

// dialect is the engine that a statement is for.
type dialect uint8

const (
	postgres dialect = iota
	lite
)

// place returns the placeholder of the n-th argument, from 1.
func (d dialect) place(n int) string {
	if d == lite {
		return fmt.Sprintf("?%d", n)
	}
	return fmt.Sprintf("$%d", n)
}

// column is the column of a field that an index names.
type column struct {
	name  string // quoted
	field int    // position among the kind's fields
	typ   store.Type
}

// table is the table of a kind, and the statements that go at it.
type table struct {
	kind    store.Kind
	bare    string // the name, not quoted
	name    string // the name, quoted
	columns []column
	texts   texts

	// generation is what rows written by this process are marked with; 0 until the table was seen to fit.
	generation atomic.Int64
}

func newTable(d dialect, prefix string, k store.Kind) *table {
	t := &table{kind: k, bare: prefix + k.Name, name: quote(prefix + k.Name)}
	for i, f := range k.Fields {
		if slices.ContainsFunc(k.Indexes, func(x store.Index) bool { return slices.Contains(x.Fields, f.Name) }) {
			t.columns = append(t.columns, column{name: quote(columnName(f.Name)), field: i, typ: f.Type})
		}
	}
	if d == lite {
		t.texts = liteTexts(t)
	} else {
		t.texts = postgresTexts(t)
	}
	return t
}

// column returns the column of the named field.
func (t *table) column(field string) column {
	i := slices.IndexFunc(t.columns, func(c column) bool { return t.kind.Fields[c.field].Name == field })
	return t.columns[i]
}

// texts are the statements of a table that do not depend on their arguments.
// The plural ones take an array per column; SQLite has none of these.
type texts struct {
	get, gets          string // PostgreSQL gets: ord, version, body; get, and SQLite: version, body
	lock, share        string // one row: its version
	locks              string // the rows that do not stand as expected: ord, version
	insert, inserts    string
	update, updates    string
	remove, removes    string
	unhold, unholds    string // remove placeholders
	replace            string // SQLite: whatever stands there
	updateAt, removeAt string // SQLite: where the version stands
}

// arrayType returns the type of an array of a column's values.
func arrayType(t store.Type) string {
	if t == store.Int {
		return "bigint[]"
	}
	return "text[]"
}

func postgresTexts(t *table) texts {
	var names, values, sets, arrays, fields strings.Builder
	for i, c := range t.columns {
		fmt.Fprintf(&names, ", %s", c.name)
		fmt.Fprintf(&values, ", $%d", i+6)
		fmt.Fprintf(&sets, ", %s = $%d", c.name, i+6)
		fmt.Fprintf(&arrays, ", $%d::%s", i+6, arrayType(c.typ))
		fmt.Fprintf(&fields, ", c%d", i)
	}
	from := "unnest($1::text[], $2::uuid[], $3::bigint[], $5::json[]" + arrays.String() +
		") AS d(tenant, id, version, body" + fields.String() + ")"
	var setFields, selectFields strings.Builder
	for i, c := range t.columns {
		fmt.Fprintf(&setFields, ", %s = d.c%d", c.name, i)
		fmt.Fprintf(&selectFields, ", d.c%d", i)
	}
	head := "INSERT INTO " + t.name + " (tenant, id, version, generation, body" + names.String() + ") "
	return texts{
		get: "SELECT version, body FROM " + t.name + " WHERE tenant = $1 AND id = $2",
		gets: "SELECT r.ord, t.version, t.body FROM unnest($1::text[], $2::uuid[]) WITH ORDINALITY AS r(tenant, id, ord)" +
			" CROSS JOIN LATERAL (SELECT version, body FROM " + t.name + " WHERE tenant = r.tenant AND id = r.id LIMIT 1) t",
		lock:  "SELECT version FROM " + t.name + " WHERE tenant = $1 AND id = $2 FOR NO KEY UPDATE",
		share: "SELECT version FROM " + t.name + " WHERE tenant = $1 AND id = $2 FOR SHARE",
		// One pass in the order of the arrays with the strength that each row needs: two passes, one per
		// strength, would deadlock. LATERAL keeps the order.
		locks: "SELECT r.ord, coalesce(w.version, s.version, 0)" +
			" FROM unnest($1::text[], $2::uuid[], $3::bigint[], $4::bool[]) WITH ORDINALITY AS r(tenant, id, expect, written, ord)" +
			" LEFT JOIN LATERAL (SELECT version FROM " + t.name +
			" WHERE tenant = r.tenant AND id = r.id AND r.written FOR NO KEY UPDATE) w ON true" +
			" LEFT JOIN LATERAL (SELECT version FROM " + t.name +
			" WHERE tenant = r.tenant AND id = r.id AND NOT r.written FOR SHARE) s ON true" +
			" WHERE coalesce(w.version, s.version, 0) <> r.expect AND (r.expect <> -1 OR w.version IS NULL)",
		insert: head + "VALUES ($1, $2, $3, $4, $5" + values.String() + ") ON CONFLICT (tenant, id) DO NOTHING",
		inserts: head + "SELECT d.tenant, d.id, d.version, $4::bigint, d.body" + selectFields.String() +
			" FROM " + from + " ON CONFLICT (tenant, id) DO NOTHING RETURNING tenant, id",
		update: "UPDATE " + t.name + " SET version = $3, generation = $4, body = $5" + sets.String() +
			" WHERE tenant = $1 AND id = $2",
		updates: "UPDATE " + t.name + " t SET version = d.version, generation = $4::bigint, body = d.body" + setFields.String() +
			" FROM " + from + " WHERE t.tenant = d.tenant AND t.id = d.id",
		remove: "DELETE FROM " + t.name + " WHERE tenant = $1 AND id = $2",
		removes: "DELETE FROM " + t.name + " t USING unnest($1::text[], $2::uuid[]) AS d(tenant, id)" +
			" WHERE t.tenant = d.tenant AND t.id = d.id",
		// The version keeps these from waiting for a row that is not ours.
		unhold: "DELETE FROM " + t.name + " WHERE tenant = $1 AND id = $2 AND version = 0",
		unholds: "DELETE FROM " + t.name + " t USING unnest($1::text[], $2::uuid[]) AS d(tenant, id)" +
			" WHERE t.tenant = d.tenant AND t.id = d.id AND t.version = 0",
	}
}

func liteTexts(t *table) texts {
	var names, values, sets strings.Builder
	for i, c := range t.columns {
		fmt.Fprintf(&names, ", %s", c.name)
		fmt.Fprintf(&values, ", ?%d", i+6)
		fmt.Fprintf(&sets, ", %s = ?%d", c.name, i+6)
	}
	set := "SET version = ?3, generation = ?4, body = ?5" + sets.String()
	insert := "INSERT INTO " + t.name + " (tenant, id, version, generation, body" + names.String() +
		") VALUES (?1, ?2, ?3, ?4, ?5" + values.String() + ") ON CONFLICT (tenant, id) DO "
	at := fmt.Sprintf(" AND version = ?%d", len(t.columns)+6)
	return texts{
		get:      "SELECT version, body FROM " + t.name + " WHERE tenant = ?1 AND id = ?2",
		insert:   insert + "NOTHING",
		replace:  insert + "UPDATE " + set,
		updateAt: "UPDATE " + t.name + " " + set + " WHERE tenant = ?1 AND id = ?2" + at,
		remove:   "DELETE FROM " + t.name + " WHERE tenant = ?1 AND id = ?2",
		removeAt: "DELETE FROM " + t.name + " WHERE tenant = ?1 AND id = ?2 AND version = ?3",
	}
}
