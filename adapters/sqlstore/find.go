package sqlstore

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn/store"
)

// Find returns a page of what a query finds, in one round trip.
func (db *DB) Find(ctx context.Context, q store.Query) (store.Page, error) {
	page, err := db.find(ctx, db.readers, q)
	return page, failed("find", err)
}

func (db *DB) find(ctx context.Context, on Querier, q store.Query) (store.Page, error) {
	if err := ctx.Err(); err != nil {
		return store.Page{}, err
	}
	c := db.catalog.Load()
	kind, err := c.kinds.Get(q.Kind)
	if err != nil {
		return store.Page{}, err
	}
	p, err := kind.Plan(q)
	if err != nil {
		return store.Page{}, err
	}
	t := c.tables[q.Kind]
	if err := db.ready(ctx, on, t); err != nil || p.Empty() {
		return store.Page{}, err
	}
	f := finder{d: db.dialect, t: t, p: p}
	text := f.text()
	order := p.Order()
	var page store.Page
	var last store.Place
	more := false
	read := step{text: text, args: f.args, each: func(row scanner) error {
		if len(page.Records) == p.Limit() { // one more than asked for: there is a next page
			more = true
			return nil
		}
		r, values, err := scanFound(row, order)
		if err != nil {
			return err
		}
		r.Kind = q.Kind
		page.Records = append(page.Records, r)
		last = store.Place{Values: values, Key: r.Key}
		return nil
	}}
	if err := read.runOn(ctx, on); err != nil {
		return store.Page{}, err
	}
	if more {
		page.Next = p.Cursor(last)
	}
	return page, nil
}

// scanFound reads tenant, id, version, body and the order fields.
func scanFound(row scanner, order []store.Field) (r store.Record, values []store.Value, err error) {
	var body []byte
	dest := []any{&r.Tenant, &r.ID, &r.Version, &body}
	texts, ints := make([]sql.NullString, len(order)), make([]sql.NullInt64, len(order))
	for i, f := range order {
		if f.Type == store.Int {
			dest = append(dest, &ints[i])
		} else {
			dest = append(dest, &texts[i])
		}
	}
	if err := row.Scan(dest...); err != nil {
		return r, nil, err
	}
	r.Body = json.RawMessage(body)
	for i, f := range order {
		if f.Type == store.Int {
			values = append(values, store.IntValue(ints[i].Int64))
		} else {
			values = append(values, store.TextValue(texts[i].String))
		}
	}
	return r, values, nil
}

// finder writes the statement of a plan.
type finder struct {
	d    dialect
	t    *table
	p    *store.Plan
	args []any
}

// arg adds an argument and returns its placeholder.
func (f *finder) arg(v any) string {
	f.args = append(f.args, v)
	return f.d.place(len(f.args))
}

func (f *finder) value(v store.Value, t store.Type) string { return f.arg(arg(v, t)) }

func (f *finder) id(id uuid.UUID) string {
	if f.d == lite {
		return f.arg(id[:])
	}
	return f.arg(pgID(id))
}

// text returns the statement. Any-of is a query per value, merged: a plain list
// of values would make the engine walk another index, or sort.
func (f *finder) text() string {
	index := f.p.Index().Fields
	fields := make([]column, len(index))
	for i, name := range index {
		fields[i] = f.t.column(name)
	}
	order := fields[len(fields)-len(f.p.Order()):]
	var where []string
	q := f.p.Query()
	if !q.AllTenants {
		where = append(where, "tenant = "+f.arg(q.Tenant))
	}
	equal := f.p.Equal()
	for i, v := range equal {
		where = append(where, fields[i].name+" = "+f.value(v, fields[i].typ))
	}
	for i, c := range order {
		if i == 0 && q.From != nil {
			where = append(where, c.name+" >= "+f.value(*q.From, c.typ))
		}
		if i == 0 && q.To != nil {
			where = append(where, c.name+" < "+f.value(*q.To, c.typ))
		}
		if i > 0 || q.From == nil && q.To == nil {
			where = append(where, c.name+" IS NOT NULL") // an absent value is in no index
		}
	}
	if after := f.p.After(); after != nil {
		where = append(where, f.behind(order, after))
	}
	sorted := f.sorted(order)
	limit := f.arg(int64(f.p.Limit()) + 1)
	one := func(more string) string {
		return "SELECT " + f.columns(order) + " FROM " + f.t.name + " WHERE " + strings.Join(append(where[:len(where):len(where)], more), " AND ") +
			sorted + " LIMIT " + limit
	}
	anyOf, asked := f.p.AnyOf()
	if !asked {
		return one("true")
	}
	c := fields[len(equal)]
	if len(anyOf) == 1 {
		return one(c.name + " = " + f.value(anyOf[0], c.typ))
	}
	if f.d == lite {
		parts := make([]string, len(anyOf))
		for i, v := range anyOf {
			parts[i] = "SELECT * FROM (" + one(c.name+" = "+f.value(v, c.typ)) + ")"
		}
		return "SELECT * FROM (" + strings.Join(parts, " UNION ALL ") + ")" + sorted + " LIMIT " + limit
	}
	return "SELECT f.* FROM unnest(" + f.array(anyOf, c.typ) + "::" + arrayType(c.typ) + ") AS v(val) CROSS JOIN LATERAL (" +
		one(c.name+" = v.val") + ") f" + sorted + " LIMIT " + limit
}

func (f *finder) array(values []store.Value, t store.Type) string {
	if t == store.Int {
		ints := make([]int64, len(values))
		for i, v := range values {
			ints[i] = v.Int
		}
		return f.arg(ints)
	}
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = v.Text
	}
	return f.arg(texts)
}

func (f *finder) columns(order []column) string {
	names := "tenant, id, version, body"
	for _, c := range order {
		names += ", " + c.name
	}
	return names
}

// last are the columns that end the order.
func (f *finder) last() []string {
	if f.p.Query().AllTenants {
		return []string{"id", "tenant"}
	}
	return []string{"id"}
}

func (f *finder) sorted(order []column) string {
	var names []string
	for _, c := range order {
		names = append(names, c.name)
	}
	names = append(names, f.last()...)
	if f.p.Query().Descending {
		for i := range names {
			names[i] += " DESC"
		}
	}
	return " ORDER BY " + strings.Join(names, ", ")
}

// behind compares the place of a row with that of the cursor as the order does.
func (f *finder) behind(order []column, after *store.Place) string {
	var names, values []string
	for i, c := range order {
		names, values = append(names, c.name), append(values, f.value(after.Values[i], c.typ))
	}
	for _, name := range f.last() {
		names = append(names, name)
		if name == "id" {
			values = append(values, f.id(after.Key.ID))
		} else {
			values = append(values, f.arg(after.Key.Tenant))
		}
	}
	sign := ">"
	if f.p.Query().Descending {
		sign = "<"
	}
	return fmt.Sprintf("(%s) %s (%s)", strings.Join(names, ", "), sign, strings.Join(values, ", "))
}
