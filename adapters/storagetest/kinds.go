package storagetest

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/forewarn-go/forewarn/store"
)

// The kinds of the suite. Item has fields of both types and indexes of one to
// three fields, child is a second kind, plain has no fields, and due is global.
const (
	item  = "suite_item"
	child = "suite_child"
	plain = "suite_plain"
	due   = "suite_due"
)

// Kinds returns the kinds that the clauses use. A store under test keeps them.
func Kinds() []store.Kind {
	text, integer := store.Text, store.Int
	return []store.Kind{
		withOf(store.Kind{
			Name:   item,
			Fields: []store.Field{{Name: "state", Type: text}, {Name: "n", Type: integer}, {Name: "at", Type: integer}, {Name: "name", Type: text}},
			Indexes: []store.Index{
				{Name: "state", Fields: []string{"state"}},
				{Name: "name", Fields: []string{"name"}},
				{Name: "n", Fields: []string{"n"}},
				{Name: "state_at", Fields: []string{"state", "at"}},
				{Name: "state_n_name", Fields: []string{"state", "n", "name"}},
			},
		}),
		withOf(store.Kind{
			Name:    child,
			Fields:  []store.Field{{Name: "parent", Type: text}},
			Indexes: []store.Index{{Name: "parent", Fields: []string{"parent"}}},
		}),
		{Name: plain},
		withOf(store.Kind{
			Name:    due,
			Fields:  []store.Field{{Name: "run", Type: text}, {Name: "shard", Type: integer}, {Name: "at", Type: integer}},
			Indexes: []store.Index{{Name: "due", Fields: []string{"run", "shard", "at"}}},
			Global:  true,
		}),
	}
}

// withOf gives a kind an Of that takes the fields from members of the body of the same names.
func withOf(k store.Kind) store.Kind {
	fields := k.Fields
	k.Of = func(body json.RawMessage) ([]store.Value, error) {
		var b doc
		d := json.NewDecoder(bytes.NewReader(body))
		d.UseNumber()
		if err := d.Decode(&b); err != nil {
			return nil, err
		}
		values := make([]store.Value, len(fields))
		for i, f := range fields {
			switch v := b[f.Name].(type) {
			case nil:
			case string:
				values[i] = store.TextValue(v)
			case json.Number:
				n, err := v.Int64()
				if err != nil {
					return nil, err
				}
				values[i] = store.IntValue(n)
			default:
				return nil, fmt.Errorf("%s is a %T", f.Name, v)
			}
		}
		return values, nil
	}
	return k
}

// doc is a body: members that are fields of the kind stand in the values too, an int or a string each.
type doc map[string]any

// kindOf returns one of Kinds.
func kindOf(name string) store.Kind {
	for _, k := range Kinds() {
		if k.Name == name {
			return k
		}
	}
	return store.Kind{Name: name}
}

// write returns a put of a body with its values.
func write(k store.Key, expect, version int64, d doc) store.Put {
	if d == nil {
		d = doc{}
	}
	body, err := json.Marshal(d)
	if err != nil {
		panic(err)
	}
	p := store.Put{Key: k, Expect: expect, Version: version, Body: body}
	for _, f := range kindOf(k.Kind).Fields {
		switch v := d[f.Name].(type) {
		case string:
			p.Values = append(p.Values, store.TextValue(v))
		case int:
			p.Values = append(p.Values, store.IntValue(int64(v)))
		case int64:
			p.Values = append(p.Values, store.IntValue(v))
		default:
			p.Values = append(p.Values, store.Value{})
		}
	}
	return p
}
