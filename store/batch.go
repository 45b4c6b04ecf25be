package store

import (
	"encoding/json"
	"fmt"
)

// What every store takes. See [Limits].
const (
	MinEntries = 100
	MinBytes   = 1 << 20
	// MaxBody is the size in bytes of a body, of a record or of an event, that every store takes.
	MaxBody = 64 << 10
)

// Put writes a record.
type Put struct {
	Key
	Expect  int64 // Absent: creates. Any: whatever stands there. Else the version that must stand there.
	Version int64 // the version it gets, above 0
	Body    json.RawMessage
	Values  []Value // one per entry of the kind's Fields
}

// Read is a precondition on a record that is only read, or a deletion.
type Read struct {
	Key
	Expect int64 // as a precondition: a version, or Absent. As a deletion: a version, or Any.
}

// Batch is what one commit does. A record stands in a batch once.
type Batch struct {
	Puts    []Put
	Deletes []Read
	Reads   []Read     // only read: must still hold at the commit
	Events  []Event    // appended to the log, in this order
	Forget  []Position // taken out of the log; one that is not there is no error
}

// Entries returns the number of entries: puts, deletes, reads, events and forgotten positions.
func (b Batch) Entries() int {
	return len(b.Puts) + len(b.Deletes) + len(b.Reads) + len(b.Events) + len(b.Forget)
}

// EntryBytes is what an entry counts beside its body and its texts.
const EntryBytes = 64

// Bytes returns the size of a batch as limits count it: the bodies and text
// values, and EntryBytes for every entry.
func (b Batch) Bytes() int {
	n := b.Entries() * EntryBytes
	for i := range b.Puts {
		n += PutBytes(b.Puts[i])
	}
	for i := range b.Events {
		n += len(b.Events[i].Body)
	}
	return n
}

// PutBytes returns what a put adds to Bytes beside EntryBytes.
func PutBytes(p Put) int {
	n := len(p.Body)
	for _, v := range p.Values {
		n += len(v.Text)
	}
	return n
}

// Check returns an *InvalidError when no store of these limits and kinds can
// take the batch: a kind that is not kept, a record that stands in it twice, an
// incomplete key, a body that is no JSON, a value that does not fit its field, a
// version that is none, too many entries or bytes. Adapters call it before any
// effect.
func (b Batch) Check(kinds *Kinds, entries, bytes int) error {
	if n := b.Entries(); n > entries {
		return invalid("batch", "has %d entries; this store takes %d", n, entries)
	}
	if n := b.Bytes(); n > bytes {
		return invalid("batch", "has %d bytes; this store takes %d", n, bytes)
	}
	seen := make(map[Key]struct{}, len(b.Puts)+len(b.Deletes)+len(b.Reads))
	for i := range b.Puts {
		p := &b.Puts[i]
		kind, err := checkKey("puts", i, p.Key, kinds, seen)
		if err != nil {
			return err
		}
		if p.Expect < Any {
			return invalid(at("puts", i), "expects %d, which is no version", p.Expect)
		}
		if p.Version <= 0 {
			return invalid(at("puts", i), "gives version %d; versions are above 0", p.Version)
		}
		if p.Version == p.Expect {
			return invalid(at("puts", i), "gives the version that it expects")
		}
		if rule := checkBody(p.Body); rule != "" {
			return invalid(at("puts", i), "%s", rule)
		}
		if err := kind.CheckValues(p.Values); err != nil {
			return err
		}
	}
	for i, d := range b.Deletes {
		if _, err := checkKey("deletes", i, d.Key, kinds, seen); err != nil {
			return err
		}
		if d.Expect < Any || d.Expect == Absent {
			return invalid(at("deletes", i), "expects %d, which is neither a version nor Any", d.Expect)
		}
	}
	for i, r := range b.Reads {
		if _, err := checkKey("reads", i, r.Key, kinds, seen); err != nil {
			return err
		}
		if r.Expect < Absent {
			return invalid(at("reads", i), "expects %d, which is neither a version nor Absent", r.Expect)
		}
	}
	for i := range b.Events {
		if rule := b.Events[i].check(); rule != "" {
			return invalid(at("events", i), "%s", rule)
		}
	}
	return nil
}

func at(list string, i int) string { return fmt.Sprintf("%s[%d]", list, i) }

func checkKey(list string, i int, k Key, kinds *Kinds, seen map[Key]struct{}) (Kind, error) {
	if rule := k.check(); rule != "" {
		return Kind{}, invalid(at(list, i), "%s", rule)
	}
	kind, err := kinds.Get(k.Kind)
	if err != nil {
		return Kind{}, err
	}
	if _, twice := seen[k]; twice {
		return Kind{}, invalid(at(list, i), "%s stands in the batch twice", k)
	}
	seen[k] = struct{}{}
	return kind, nil
}
