package store

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"hash/fnv"
	"slices"
	"strings"

	"github.com/google/uuid"
)

// Plan is a query checked against its kind. It holds, once for every store and
// for units of work, what a query matches, how that is ordered and where a
// cursor stands.
//
// A store that can only scan filters rows by Match, sorts their places by
// Compare, skips those that are not After, and cuts at Limit. An SQL store
// builds its statement of Equal, AnyOf, From, To, Order and Cursor.
type Plan struct {
	kind  Kind
	q     Query
	index Index
	cols  []int // positions of the index's fields among the kind's
	equal []Value
	anyOf []Value // sorted, each once; nil when not asked
	limit int
	after *Place
	hash  uint64
}

// Place is where a record stands in the order of a plan.
type Place struct {
	Values []Value // of the order fields
	Key    Key
}

// Plan checks a query against its kind and returns an *InvalidError that names
// the field when it does not fit: another kind, an index that is none, more
// values than the index has fields, a value of the wrong type, an empty tenant,
// all tenants of a kind that is not Global, a limit over MaxLimit, the cursor of
// another query.
func (k Kind) Plan(q Query) (*Plan, error) {
	if q.Kind != k.Name {
		return nil, invalid("kind", "the query asks for %q, the kind is %q", q.Kind, k.Name)
	}
	switch {
	case q.AllTenants && !k.Global:
		return nil, invalid("allTenants", "kind %s is not global", k.Name)
	case q.AllTenants && q.Tenant != "":
		return nil, invalid("allTenants", "and a tenant exclude each other")
	case !q.AllTenants && q.Tenant == "":
		return nil, invalid("tenant", "is empty")
	case checkText(q.Tenant) != "":
		return nil, invalid("tenant", "%s", checkText(q.Tenant))
	}
	x, ok := k.Index(q.Index)
	if !ok {
		return nil, invalid("index", "kind %s has no index %q", k.Name, q.Index)
	}
	p := &Plan{kind: k, q: q, index: x, limit: q.Limit, equal: q.Equal}
	for _, f := range x.Fields {
		p.cols = append(p.cols, k.FieldIndex(f))
	}
	switch {
	case q.Limit == 0:
		p.limit = DefaultLimit
	case q.Limit < 0 || q.Limit > MaxLimit:
		return nil, invalid("limit", "%d is not within 1 and %d", q.Limit, MaxLimit)
	}
	if len(q.Equal) > len(x.Fields) {
		return nil, invalid("equal", "%d values for the %d fields of index %s", len(q.Equal), len(x.Fields), x.Name)
	}
	if err := p.checkValues("equal", 0, q.Equal...); err != nil {
		return nil, err
	}
	used := len(q.Equal)
	if q.AnyOf != nil {
		if len(q.AnyOf) > MaxAnyOf {
			return nil, invalid("anyOf", "%d values; at most %d", len(q.AnyOf), MaxAnyOf)
		}
		if used == len(x.Fields) {
			return nil, invalid("anyOf", "index %s has no field after equal", x.Name)
		}
		for _, v := range q.AnyOf {
			if err := p.checkValues("anyOf", used, v); err != nil {
				return nil, err
			}
		}
		p.anyOf = slices.Clone(q.AnyOf)
		slices.SortFunc(p.anyOf, Value.Compare)
		p.anyOf = slices.Compact(p.anyOf)
		if p.anyOf == nil {
			p.anyOf = []Value{}
		}
		used++
	}
	for _, b := range []struct {
		name string
		v    *Value
	}{{"from", q.From}, {"to", q.To}} {
		if b.v == nil {
			continue
		}
		if used == len(x.Fields) {
			return nil, invalid(b.name, "index %s has no field after equal and any of", x.Name)
		}
		if err := p.checkValues(b.name, used, *b.v); err != nil {
			return nil, err
		}
	}
	p.hash = p.fingerprint()
	if q.After != "" {
		place, err := p.readCursor(q.After)
		if err != nil {
			return nil, err
		}
		p.after = place
	}
	return p, nil
}

// checkValues checks values of the index's fields from field first on.
func (p *Plan) checkValues(name string, first int, values ...Value) error {
	for i, v := range values {
		f := p.kind.Fields[p.cols[first+i]]
		if !v.Set {
			return invalid(name, "the value of %s is absent, and absent values are not in an index", f.Name)
		}
		if rule := v.check(f.Type); rule != "" {
			return invalid(name, "%s: %s", f.Name, rule)
		}
	}
	return nil
}

// Kind returns the kind that is asked for.
func (p *Plan) Kind() Kind { return p.kind }

// Query returns the query as it was asked.
func (p *Plan) Query() Query { return p.q }

// Index returns the index that is asked.
func (p *Plan) Index() Index { return p.index }

// Limit returns the size of the page.
func (p *Plan) Limit() int { return p.limit }

// Equal returns the values of the leading fields of the index.
func (p *Plan) Equal() []Value { return p.equal }

// AnyOf returns the values of the field after Equal, sorted and each once, and whether they were asked for.
func (p *Plan) AnyOf() ([]Value, bool) { return p.anyOf, p.anyOf != nil }

// Order returns the fields by which the result is ordered, before id and tenant.
func (p *Plan) Order() []Field {
	order := make([]Field, 0, len(p.cols))
	for _, c := range p.cols[p.ordered():] {
		order = append(order, p.kind.Fields[c])
	}
	return order
}

// After returns the place behind which the page begins, nil for the first page.
func (p *Plan) After() *Place { return p.after }

// Empty reports whether the query finds nothing whatever is stored.
func (p *Plan) Empty() bool {
	return p.anyOf != nil && len(p.anyOf) == 0 || p.q.From != nil && p.q.To != nil && p.q.From.Compare(*p.q.To) >= 0
}

// ordered returns the number of index fields that are fixed by Equal and AnyOf.
func (p *Plan) ordered() int {
	n := len(p.equal)
	if p.anyOf != nil {
		n++
	}
	return n
}

// Indexed reports whether a row is in the plan's index: no value that the index names is absent.
func (p *Plan) Indexed(values []Value) bool {
	for _, c := range p.cols {
		if !values[c].Set {
			return false
		}
	}
	return true
}

// Match reports whether the query finds a row with this key and these values,
// one per field of the kind. It does not look at the cursor.
func (p *Plan) Match(key Key, values []Value) bool {
	if key.Kind != p.kind.Name || !p.q.AllTenants && key.Tenant != p.q.Tenant || !p.Indexed(values) {
		return false
	}
	for i, v := range p.equal {
		if values[p.cols[i]] != v {
			return false
		}
	}
	if p.anyOf != nil {
		if _, ok := slices.BinarySearchFunc(p.anyOf, values[p.cols[len(p.equal)]], Value.Compare); !ok {
			return false
		}
	}
	if p.q.From == nil && p.q.To == nil {
		return true
	}
	v := values[p.cols[p.ordered()]]
	return (p.q.From == nil || v.Compare(*p.q.From) >= 0) && (p.q.To == nil || v.Compare(*p.q.To) < 0)
}

// Place returns where a row stands in the order.
func (p *Plan) Place(key Key, values []Value) Place {
	at := Place{Key: key}
	for _, c := range p.cols[p.ordered():] {
		at.Values = append(at.Values, values[c])
	}
	return at
}

// Compare orders two places as the query does, the direction included.
func (p *Plan) Compare(a, b Place) int {
	c := slices.CompareFunc(a.Values, b.Values, Value.Compare)
	if c == 0 {
		c = CompareID(a.Key.ID, b.Key.ID)
	}
	if c == 0 {
		c = strings.Compare(a.Key.Tenant, b.Key.Tenant)
	}
	if p.q.Descending {
		return -c
	}
	return c
}

// Cursor returns the cursor that stands at a place; a page that begins After it begins with the next row.
func (p *Plan) Cursor(at Place) string {
	b := binary.BigEndian.AppendUint64(nil, p.hash)
	for _, v := range at.Values {
		b = binary.AppendVarint(b, v.Int)
		b = binary.AppendUvarint(b, uint64(len(v.Text)))
		b = append(b, v.Text...)
	}
	b = append(b, at.Key.ID[:]...)
	b = append(b, at.Key.Tenant...)
	return base64.RawURLEncoding.EncodeToString(b)
}

// maxCursor bounds what is read as a cursor: a few values of MaxText and a key.
const maxCursor = 64 << 10

func (p *Plan) readCursor(s string) (*Place, error) {
	bad := invalid("after", "is no cursor of this query")
	if len(s) > maxCursor {
		return nil, bad
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err != nil || len(b) < 8 || binary.BigEndian.Uint64(b) != p.hash {
		return nil, bad
	}
	b = b[8:]
	at := &Place{Key: Key{Kind: p.kind.Name}}
	for _, f := range p.Order() {
		n, w := binary.Varint(b)
		if w <= 0 {
			return nil, bad
		}
		b = b[w:]
		l, w := binary.Uvarint(b)
		if w <= 0 || l > uint64(len(b)-w) {
			return nil, bad
		}
		v := Value{Int: n, Text: string(b[w : w+int(l)]), Set: true}
		if v.check(f.Type) != "" {
			return nil, bad
		}
		at.Values = append(at.Values, v)
		b = b[w+int(l):]
	}
	if len(b) <= len(uuid.UUID{}) {
		return nil, bad
	}
	at.Key.ID = uuid.UUID(bytes.Clone(b[:16]))
	at.Key.Tenant = string(b[16:])
	if checkText(at.Key.Tenant) != "" || !p.q.AllTenants && at.Key.Tenant != p.q.Tenant {
		return nil, bad
	}
	return at, nil
}

// fingerprint tells queries apart that may not share a cursor: From, To and Limit may differ.
func (p *Plan) fingerprint() uint64 {
	h := fnv.New64a()
	var b []byte
	put := func(s string) {
		b = binary.AppendUvarint(b, uint64(len(s)))
		b = append(b, s...)
	}
	put(p.q.Tenant)
	put(p.q.Kind)
	put(p.q.Index)
	values := func(vs []Value) {
		b = binary.AppendUvarint(b, uint64(len(vs)))
		for _, v := range vs {
			b = binary.AppendVarint(b, v.Int)
			put(v.Text)
		}
	}
	values(p.equal)
	flags := byte(0)
	if p.q.AllTenants {
		flags |= 1
	}
	if p.q.Descending {
		flags |= 2
	}
	if p.anyOf != nil {
		flags |= 4
	}
	b = append(b, flags)
	values(p.anyOf)
	h.Write(b)
	return h.Sum64()
}

// PrefixEnd returns the end of the range of texts that begin with prefix: the
// next text after all of them. It reports false when there is none, as for the
// empty prefix; then the range has no end.
func PrefixEnd(prefix string) (string, bool) {
	r := []rune(prefix)
	for i := len(r) - 1; i >= 0; i-- {
		switch {
		case r[i] == 0x10FFFF:
			continue
		case r[i] == 0xD7FF: // the surrogates are no text
			r[i] = 0xE000
		default:
			r[i]++
		}
		// An end that is too long for a text: no text that begins as it does and is longer fits either.
		if end := string(r[:i+1]); len(end) <= MaxText {
			return end, true
		}
	}
	return "", false
}
