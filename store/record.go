package store

import (
	"crypto/sha1"
	"encoding/binary"
	"encoding/json"
	"strings"

	"github.com/google/uuid"
)

// System is the tenant of the machine's own records. It is refused as a host's tenant.
const System = "*"

// Expectations that are not a version.
const (
	// Absent expects that no record stands at the key: a Put creates it, a Read found nothing there.
	Absent int64 = 0
	// Any expects nothing: a Put or a Delete takes effect whatever stands at the key, nothing included.
	// A Read cannot expect Any.
	Any int64 = -1
)

// Key names a record. What comes from outside with an id of its own has the
// version 5 UUID of (kind, that id); see [NameID].
type Key struct {
	Tenant, Kind string
	ID           uuid.UUID
}

// String returns the key as tenant/kind/id.
func (k Key) String() string { return k.Tenant + "/" + k.Kind + "/" + k.ID.String() }

// Compare orders keys by kind, tenant and id, which is the order in which adapters lock.
func (k Key) Compare(o Key) int {
	if c := strings.Compare(k.Kind, o.Kind); c != 0 {
		return c
	}
	if c := strings.Compare(k.Tenant, o.Tenant); c != 0 {
		return c
	}
	return CompareID(k.ID, o.ID)
}

// CompareID orders ids by their bytes, as PostgreSQL orders uuid and SQLite orders a blob.
func CompareID(a, b uuid.UUID) int {
	for i := range a {
		if a[i] != b[i] {
			if a[i] < b[i] {
				return -1
			}
			return 1
		}
	}
	return 0
}

// space is the name space of all ids that are made from names.
var space = uuid.MustParse("5d0e8f34-5f0c-5a6b-9f7e-0d2a0a6f3c11")

// NameID returns the version 5 UUID of the given parts. The parts are told
// apart by their lengths, so ("ab", "c") and ("a", "bc") give different ids.
func NameID(parts ...string) uuid.UUID {
	var room [256]byte // on the stack, as ids are made often
	b := append(room[:0], space[:]...)
	for _, p := range parts {
		b = binary.BigEndian.AppendUint32(b, uint32(len(p)))
		b = append(b, p...)
	}
	sum := sha1.Sum(b)
	id := uuid.UUID(sum[:16])
	id[6] = id[6]&0x0f | 5<<4 // version 5
	id[8] = id[8]&0x3f | 0x80 // as RFC 4122 has it
	return id
}

// Record is what stands at a key. A record that is not there has version 0 and no body.
type Record struct {
	Key
	Version int64
	Body    json.RawMessage // JSON; equal as JSON to what was put, not always byte for byte
}
