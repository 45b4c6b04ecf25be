package memory

import (
	"strings"

	"github.com/google/btree"
	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn/store"
)

// index holds the rows of a kind in the order of one declared index: by tenant,
// values and id. A global kind has a second one without the tenant in front, by
// values, id and tenant, for queries across tenants.
type index struct {
	name       string
	allTenants bool
	cols       []int
	tree       *btree.BTreeG[entry]
}

// entry is a row's place in an index, or an edge before or after all rows whose values begin as it says.
type entry struct {
	tenant string
	values []store.Value
	id     uuid.UUID
	edge   int // 0: a row. -1: before, 1: after all rows that begin with values
	row    *row
}

func newIndexes(k store.Kind) []*index {
	var all []*index
	for _, x := range k.Indexes {
		var cols []int
		for _, f := range x.Fields {
			cols = append(cols, k.FieldIndex(f))
		}
		all = append(all, &index{name: x.Name, cols: cols, tree: btree.NewG(32, tenantLess)})
		if k.Global {
			all = append(all, &index{name: x.Name, cols: cols, allTenants: true, tree: btree.NewG(32, globalLess)})
		}
	}
	return all
}

func tenantLess(a, b entry) bool {
	if c := strings.Compare(a.tenant, b.tenant); c != 0 {
		return c < 0
	}
	return compareEntries(a, b) < 0
}

func globalLess(a, b entry) bool { return compareEntries(a, b) < 0 }

// compareEntries orders by values, id and tenant; an edge by the values that it has.
func compareEntries(a, b entry) int {
	for i := range min(len(a.values), len(b.values)) {
		if c := a.values[i].Compare(b.values[i]); c != 0 {
			return c
		}
	}
	switch {
	case a.edge != 0:
		return a.edge
	case b.edge != 0:
		return -b.edge
	}
	if c := store.CompareID(a.id, b.id); c != 0 {
		return c
	}
	return strings.Compare(a.tenant, b.tenant)
}

// entryOf returns a row's place, or false when one of its values in the index is absent.
func (x *index) entryOf(r *row) (entry, bool) {
	e := entry{tenant: r.key.Tenant, values: make([]store.Value, len(x.cols)), id: r.key.ID, row: r}
	for i, c := range x.cols {
		if !r.values[c].Set {
			return entry{}, false
		}
		e.values[i] = r.values[c]
	}
	return e, true
}

func (x *index) insert(r *row) {
	if e, ok := x.entryOf(r); ok {
		x.tree.ReplaceOrInsert(e)
	}
}

func (x *index) remove(r *row) {
	if e, ok := x.entryOf(r); ok {
		x.tree.Delete(e)
	}
}
