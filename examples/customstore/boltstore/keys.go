package boltstore

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn/store"
)

// The keys are made so that their bytes order as the contract does. A text has
// no NUL, so text and a NUL order as the text does, and shorter comes before
// longer. An integer is eight bytes with the sign turned. An id is its bytes.
//
//	records  kind NUL tenant NUL id
//	indexes  kind NUL index NUL "t" tenant NUL values id          one per index
//	         kind NUL index NUL "a" values id tenant              and one more for global kinds
//	events   lane NUL shard sequence

var nul = []byte{0}

func recordKey(k store.Key) []byte {
	return slices.Concat([]byte(k.Kind), nul, []byte(k.Tenant), nul, k.ID[:])
}

func parseRecordKey(b []byte) store.Key {
	kind, rest, _ := strings.Cut(string(b), "\x00")
	tenant, id, _ := strings.Cut(rest, "\x00")
	return store.Key{Tenant: tenant, Kind: kind, ID: uuid.UUID([]byte(id))}
}

// indexHead begins the keys of an index within a tenant, or across all.
func indexHead(kind, index, tenant string, allTenants bool) []byte {
	if allTenants {
		return slices.Concat([]byte(kind), nul, []byte(index), nul, []byte("a"))
	}
	return slices.Concat([]byte(kind), nul, []byte(index), nul, []byte("t"), []byte(tenant), nul)
}

// appendValue appends a value so that keys order as values do.
func appendValue(b []byte, f store.Field, v store.Value) []byte {
	if f.Type == store.Text {
		return append(append(b, v.Text...), 0)
	}
	return binary.BigEndian.AppendUint64(b, uint64(v.Int)^1<<63)
}

// indexKeys returns the keys at which a record stands in the indexes of its kind.
func indexKeys(kind store.Kind, k store.Key, values []store.Value) [][]byte {
	var keys [][]byte
	for _, x := range kind.Indexes {
		var at []byte
		complete := true
		for _, name := range x.Fields {
			i := kind.FieldIndex(name)
			complete = complete && values[i].Set // with an absent value it is not in the index
			at = appendValue(at, kind.Fields[i], values[i])
		}
		if !complete {
			continue
		}
		at = append(at, k.ID[:]...)
		keys = append(keys, slices.Concat(indexHead(k.Kind, x.Name, k.Tenant, false), at))
		if kind.Global {
			keys = append(keys, slices.Concat(indexHead(k.Kind, x.Name, "", true), at, []byte(k.Tenant)))
		}
	}
	return keys
}

// eventKey is the key of a position; with seq 0 it comes before all of the shard.
func eventKey(p store.Position) []byte {
	return binary.BigEndian.AppendUint64(slices.Concat([]byte(p.Lane), nul, []byte{byte(p.Shard)}), uint64(p.Seq))
}

// end returns the first key after all that begin with a head.
func end(head []byte) []byte {
	next := slices.Clone(head)
	for i := len(next) - 1; i >= 0; i-- {
		if next[i]++; next[i] != 0 {
			return next[:i+1]
		}
	}
	return nil // not reached: a head begins with the name of a kind
}

func hasPrefix(key, prefix []byte) bool { return key != nil && bytes.HasPrefix(key, prefix) }
