package storagetest

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/forewarn-go/forewarn/store"
)

var limitClauses = []part{
	{"limits-are-at-least-what-every-store-takes", func(x *fixture) {
		entries, bytes := store.LimitsOf(x.s)
		if entries < store.MinEntries || bytes < store.MinBytes {
			x.Errorf("the store takes %d entries and %d bytes; every store takes %d and %d", entries, bytes, store.MinEntries, store.MinBytes)
		}
	}},
	{"a-hundred-entries-of-every-sort-are-taken", func(x *fixture) {
		x.do(x.mixed(store.MinEntries))
		x.mixedDone(store.MinEntries)
	}},
	{"a-body-of-the-full-size-is-taken", func(x *fixture) {
		k := x.key(item, "a")
		body := `{"state":"big","text":"` + strings.Repeat("x", store.MaxBody-len(`{"state":"big","text":""}`)) + `"}`
		p := write(k, store.Absent, 1, doc{"state": "big"})
		p.Body = json.RawMessage(body)
		x.commit(p)
		if r := x.get(k); !sameJSON(r.Body, []byte(body)) {
			x.Errorf("a body of %d bytes came back as %d bytes", len(body), len(r.Body))
		}
	}},
	{"a-batch-of-all-entries-is-taken-whole", func(x *fixture) {
		entries, _ := store.LimitsOf(x.s)
		x.do(x.creations(entries))
		x.count(entries)
	}},
	{"a-batch-of-one-entry-too-many-is-refused-whole", func(x *fixture) {
		entries, _ := store.LimitsOf(x.s)
		x.invalid(x.s.Commit(x.ctx, x.creations(entries+1)))
		x.count(0)
		x.invalid(x.s.Commit(x.ctx, x.mixed(entries+1))) // every sort of entry counts
		x.stands(x.key(plain, "put"), 0)
	}},
	{"a-batch-of-all-bytes-is-taken-whole", func(x *fixture) {
		_, bytes := store.LimitsOf(x.s)
		b := x.sized(bytes)
		x.do(b)
		x.count(len(b.Puts))
		last := b.Puts[len(b.Puts)-1]
		if r := x.get(last.Key); !sameJSON(r.Body, last.Body) {
			x.Errorf("the last body of %d bytes came back as %d bytes", len(last.Body), len(r.Body))
		}
	}},
	{"a-batch-of-one-byte-too-many-is-refused-whole", func(x *fixture) {
		_, bytes := store.LimitsOf(x.s)
		x.invalid(x.s.Commit(x.ctx, x.sized(bytes+1)))
		x.count(0)
	}},
}

// creations returns a batch of n creations whose state is "many".
func (x *fixture) creations(n int) store.Batch {
	var b store.Batch
	for i := range n {
		b.Puts = append(b.Puts, write(x.key(item, fmt.Sprint("many", i)), store.Absent, int64(i+1), doc{"state": "many"}))
	}
	return b
}

// count checks how many records there are whose state is "many".
func (x *fixture) count(want int) {
	x.Helper()
	q := store.Query{Tenant: x.tenant, Kind: item, Index: "state", Equal: texts("many"), Limit: store.MaxLimit}
	if got := len(x.all(q)); got != want {
		x.Errorf("%d records are there, want %d", got, want)
	}
}

// sized returns a batch whose Bytes are exactly n, of bodies that every store takes.
func (x *fixture) sized(n int) store.Batch {
	var b store.Batch
	const (
		state = len("many")
		frame = len(`{"state":"many","text":""}`)
	)
	for left := n; left > 0; {
		size := min(left, store.EntryBytes+state+store.MaxBody/2)
		if rest := left - size; rest > 0 && rest < store.EntryBytes+state+frame {
			size -= store.EntryBytes + state + frame
		}
		left -= size
		p := write(x.key(item, fmt.Sprint("many", len(b.Puts))), store.Absent, int64(len(b.Puts)+1), doc{"state": "many"})
		p.Body = json.RawMessage(`{"state":"many","text":"` + strings.Repeat("x", size-store.EntryBytes-state-frame) + `"}`)
		b.Puts = append(b.Puts, p)
	}
	if b.Bytes() != n {
		x.Fatalf("the suite made a batch of %d bytes, wanted %d", b.Bytes(), n)
	}
	return b
}

// mixed returns a batch of n entries: one put, and the rest in equal parts
// deletes, read absences, events of the put and forgotten positions.
func (x *fixture) mixed(n int) store.Batch {
	ticket := x.key(plain, "put")
	b := store.Batch{Puts: []store.Put{write(ticket, store.Absent, 1, nil)}}
	for i := range n - 1 {
		k := x.key(child, fmt.Sprint("mixed", i))
		switch i % 4 {
		case 0:
			b.Deletes = append(b.Deletes, store.Read{Key: k, Expect: store.Any})
		case 1:
			b.Reads = append(b.Reads, store.Read{Key: k, Expect: store.Absent})
		case 2:
			b.Events = append(b.Events, store.Event{ID: k.ID, Ticket: ticket, Type: "mixed", Body: json.RawMessage(`{}`),
				Position: store.Position{Lane: x.tenant}})
		case 3:
			b.Forget = append(b.Forget, store.Position{Lane: x.tenant, Shard: 3, Seq: int64(i)})
		}
	}
	return b
}

func (x *fixture) mixedDone(n int) {
	x.Helper()
	x.stands(x.key(plain, "put"), 1)
	for i := range n - 1 {
		x.stands(x.key(child, fmt.Sprint("mixed", i)), 0)
	}
}
