package store

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/uuid"
)

func testKinds(t *testing.T) *Kinds {
	t.Helper()
	var ks Kinds
	if err := ks.Add(Kind{Name: "a", Fields: []Field{{"state", Text}}, Of: noValues}, Kind{Name: "b"}); err != nil {
		t.Fatal(err)
	}
	return &ks
}

func testKey(kind, name string) Key {
	return Key{Tenant: "acme", Kind: kind, ID: NameID(kind, name)}
}

func TestBatchCheck(t *testing.T) {
	put := func() Put {
		return Put{Key: testKey("a", "1"), Version: 1, Body: json.RawMessage(`{}`), Values: []Value{TextValue("new")}}
	}
	event := func() Event {
		return Event{ID: uuid.New(), Ticket: testKey("a", "1"), Type: "t", Body: json.RawMessage(`{}`)}
	}
	puts := func(change func(*Put)) Batch { p := put(); change(&p); return Batch{Puts: []Put{p}} }
	events := func(change func(*Event)) Batch { e := event(); change(&e); return Batch{Events: []Event{e}} }
	for _, c := range []struct {
		name, field, rule string
		b                 Batch
	}{
		{name: "empty"},
		{name: "all sorts", b: Batch{Puts: []Put{put()}, Deletes: []Read{{testKey("b", "2"), 4}, {testKey("b", "3"), Any}},
			Reads: []Read{{testKey("b", "4"), 5}, {testKey("b", "5"), Absent}}, Events: []Event{event()}, Forget: []Position{{Seq: 1}}}},
		{name: "at Any", b: puts(func(p *Put) { p.Expect = Any })},
		{name: "a lower version", b: puts(func(p *Put) { p.Expect = 7 })},
		{name: "the same id in two kinds", b: Batch{Puts: []Put{put(), {Key: Key{Tenant: "acme", Kind: "b", ID: put().ID}, Version: 1, Body: json.RawMessage(`1`)}}}},

		{name: "kind", b: puts(func(p *Put) { p.Kind = "c" }), field: "kind c", rule: "not kept"},
		{name: "tenant", b: puts(func(p *Put) { p.Tenant = "" }), field: "puts[0]", rule: "no tenant"},
		{name: "tenant with NUL", b: puts(func(p *Put) { p.Tenant = "a\x00" }), field: "puts[0]", rule: "NUL"},
		{name: "id", b: puts(func(p *Put) { p.ID = uuid.Nil }), field: "puts[0]", rule: "no id"},
		{name: "expect", b: puts(func(p *Put) { p.Expect = -2 }), field: "puts[0]", rule: "no version"},
		{name: "version 0", b: puts(func(p *Put) { p.Version = 0 }), field: "puts[0]", rule: "above 0"},
		{name: "version Any", b: puts(func(p *Put) { p.Version = Any }), field: "puts[0]", rule: "above 0"},
		{name: "version expected", b: puts(func(p *Put) { p.Expect, p.Version = 4, 4 }), field: "puts[0]", rule: "that it expects"},
		{name: "no body", b: puts(func(p *Put) { p.Body = nil }), field: "puts[0]", rule: "no body"},
		{name: "no JSON", b: puts(func(p *Put) { p.Body = json.RawMessage(`{`) }), field: "puts[0]", rule: "not JSON"},
		{name: "no UTF-8", b: puts(func(p *Put) { p.Body = json.RawMessage("\"\xff\"") }), field: "puts[0]", rule: "UTF-8"},
		{name: "values", b: puts(func(p *Put) { p.Values = nil }), field: "values", rule: "1 fields, not 0"},
		{name: "value", b: puts(func(p *Put) { p.Values = []Value{IntValue(1)} }), field: "a.state", rule: "no integer"},
		{name: "twice put", b: Batch{Puts: []Put{put(), put()}}, field: "puts[1]", rule: "twice"},
		{name: "put and deleted", b: Batch{Puts: []Put{put()}, Deletes: []Read{{put().Key, 4}}}, field: "deletes[0]", rule: "twice"},
		{name: "deleted and read", b: Batch{Deletes: []Read{{put().Key, 4}}, Reads: []Read{{put().Key, 4}}}, field: "reads[0]", rule: "twice"},
		{name: "delete absent", b: Batch{Deletes: []Read{{put().Key, Absent}}}, field: "deletes[0]", rule: "neither a version nor Any"},
		{name: "delete below", b: Batch{Deletes: []Read{{put().Key, -2}}}, field: "deletes[0]", rule: "neither"},
		{name: "read any", b: Batch{Reads: []Read{{put().Key, Any}}}, field: "reads[0]", rule: "neither a version nor Absent"},
		{name: "event id", b: events(func(e *Event) { e.ID = uuid.Nil }), field: "events[0]", rule: "no id"},
		{name: "event ticket", b: events(func(e *Event) { e.Ticket.Kind = "" }), field: "events[0]", rule: "ticket: has no kind"},
		{name: "event type", b: events(func(e *Event) { e.Type = "" }), field: "events[0]", rule: "no type"},
		{name: "event type with NUL", b: events(func(e *Event) { e.Type = "\x00" }), field: "events[0]", rule: "NUL"},
		{name: "event lane", b: events(func(e *Event) { e.Lane = "\xff" }), field: "events[0]", rule: "UTF-8"},
		{name: "event body", b: events(func(e *Event) { e.Body = json.RawMessage(`x`) }), field: "events[0]", rule: "not JSON"},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := c.b.Check(testKinds(t), MinEntries, MinBytes)
			if c.field == "" {
				if err != nil {
					t.Errorf("got %v", err)
				}
				return
			}
			refused(t, err, c.field, c.rule)
		})
	}
}

func TestBatchLimits(t *testing.T) {
	b := Batch{
		Puts:    []Put{{Key: testKey("a", "1"), Version: 1, Body: json.RawMessage(`{"a":1}`), Values: []Value{TextValue("four")}}},
		Deletes: []Read{{testKey("b", "1"), Any}},
		Reads:   []Read{{testKey("b", "2"), Absent}},
		Events:  []Event{{ID: uuid.New(), Ticket: testKey("a", "1"), Type: "t", Body: json.RawMessage(`[1]`)}},
		Forget:  []Position{{}, {}},
	}
	const entries, bytes = 6, 6*EntryBytes + 7 + 4 + 3
	if b.Entries() != entries || b.Bytes() != bytes {
		t.Fatalf("%d entries and %d bytes, want %d and %d", b.Entries(), b.Bytes(), entries, bytes)
	}
	ks := testKinds(t)
	if err := b.Check(ks, entries, bytes); err != nil {
		t.Errorf("exactly at the limits: %v", err)
	}
	refused(t, b.Check(ks, entries-1, bytes), "batch", "6 entries; this store takes 5")
	refused(t, b.Check(ks, entries, bytes-1), "batch", "bytes; this store takes")
}

func TestChecksOfArguments(t *testing.T) {
	ks := testKinds(t)
	if err := CheckKeys(ks, testKey("a", "1"), testKey("b", "1")); err != nil {
		t.Error(err)
	}
	refused(t, CheckKeys(ks, testKey("a", "1"), Key{Kind: "a", ID: uuid.New()}), "keys[1]", "no tenant")
	refused(t, CheckKeys(ks, testKey("c", "1")), "kind c", "not kept")
	if err := CheckNumbers("acme", "INC", 1); err != nil {
		t.Error(err)
	}
	refused(t, CheckNumbers("", "INC", 1), "tenant", "empty")
	refused(t, CheckNumbers("acme", "", 1), "series", "empty")
	refused(t, CheckNumbers("acme", "INC", 0), "n", "0 is below 1")
	refused(t, CheckNumbers("acme", strings.Repeat("x", MaxText+1), 1), "series", "1024")
	if got, err := CheckShards(5, 1, 5, 0); err != nil || len(got) != 3 || got[0] != 0 || got[1] != 1 || got[2] != 5 {
		t.Errorf("got %v, %v", got, err)
	}
	_, err := CheckShards(3, Shards)
	refused(t, err, "shards", "16 is not within 0 and 15")
	_, err = CheckShards(-1)
	refused(t, err, "shards", "-1")
}

func TestConflictErrorTellsAndKeepsItsCause(t *testing.T) {
	cause := errors.New("deadlock detected")
	err := error(&ConflictError{Key: testKey("a", "1"), Reason: Busy, Err: cause})
	if !errors.Is(err, cause) || err.Error() != "store: conflict: busy: "+testKey("a", "1").String()+": deadlock detected" {
		t.Errorf("got %v", err)
	}
	if s := (&ConflictError{Reason: Host}).Error(); s != "store: conflict: host" {
		t.Errorf("got %s", s)
	}
}

type limited struct{ Store }

func (limited) Limits() (int, int) { return 7, 8 }

func TestLimitsOf(t *testing.T) {
	if e, b := LimitsOf(limited{}); e != 7 || b != 8 {
		t.Errorf("got %d, %d", e, b)
	}
	if e, b := LimitsOf(struct{ Store }{}); e != MinEntries || b != MinBytes {
		t.Errorf("got %d, %d", e, b)
	}
}

func TestShardOfIsFixedInTheData(t *testing.T) {
	for _, c := range []struct {
		tenant, kind, id string
		shard            int
	}{
		{"acme", "incident", "00000000-0000-0000-0000-000000000001", 10},
		{"acme", "case", "00000000-0000-0000-0000-000000000001", 8},
		{"*", "incident", "6ba7b810-9dad-11d1-80b4-00c04fd430c8", 10},
		{"tenant-ü", "incident_task", "ffffffff-ffff-ffff-ffff-ffffffffffff", 7},
		{"a", "bc", "11111111-2222-3333-4444-555555555555", 9},
		{"ab", "c", "11111111-2222-3333-4444-555555555555", 5},
	} {
		if got := ShardOf(Key{Tenant: c.tenant, Kind: c.kind, ID: uuid.MustParse(c.id)}); got != c.shard {
			t.Errorf("%s/%s/%s is in shard %d, want %d", c.tenant, c.kind, c.id, got, c.shard)
		}
	}
	all := AllShards()
	if len(all) != Shards || all[0] != 0 || all[15] != 15 {
		t.Errorf("all shards are %v", all)
	}
	spread := map[int]int{}
	for range 1600 {
		spread[ShardOf(Key{Tenant: "t", Kind: "k", ID: uuid.New()})]++
	}
	if len(spread) != Shards {
		t.Errorf("1,600 tickets are in %d shards", len(spread))
	}
}

func TestNameIDTellsPartsApart(t *testing.T) {
	if NameID("ab", "c") == NameID("a", "bc") || NameID("a") == NameID("a", "") {
		t.Error("different parts give the same id")
	}
	if got := NameID("incident", "4711"); got.Version() != 5 || got.String() != "8fd3ac26-42d4-5d5d-a29b-f7c6d6024b47" {
		t.Errorf("got %s", got)
	}
}

func TestKeysAreOrderedByKindTenantAndID(t *testing.T) {
	id := func(first byte) uuid.UUID { return uuid.UUID{first} }
	keys := []Key{{"z", "a", id(9)}, {"a", "b", id(9)}, {"b", "b", id(1)}, {"b", "b", id(0x80)}}
	for i, a := range keys {
		for j, b := range keys {
			if sign(a.Compare(b)) != sign(i-j) {
				t.Errorf("%s against %s: %d", a, b, a.Compare(b))
			}
		}
	}
}
