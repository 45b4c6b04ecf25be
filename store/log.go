package store

import (
	"context"
	"encoding/json"
	"hash/fnv"
	"time"

	"github.com/google/uuid"
)

// Shards is the number of shards of the log.
const Shards = 16

// Event is what a commit stages for the outside.
type Event struct {
	ID     uuid.UUID
	Ticket Key // the record that it tells of; it stands among the batch's puts
	Type   string
	At     time.Time // UTC, microseconds
	Body   json.RawMessage
	Position
}

// Position is where an event stands in the log.
type Position struct {
	// Lane is "" as staged, or the destination that could not take the event yet. The committer gives it.
	Lane string
	// Shard follows from the ticket: see ShardOf. The log sets it.
	Shard int
	// Seq is unique in its shard and rises per ticket over all lanes; between tickets it only sorts. The
	// log sets it.
	Seq int64
}

// ShardOf returns the shard of a ticket's events: FNV-1a of tenant, kind and id, modulo Shards. It is fixed in the data.
func ShardOf(ticket Key) int {
	h := fnv.New32a()
	h.Write([]byte(ticket.Tenant))
	h.Write([]byte{0})
	h.Write([]byte(ticket.Kind))
	h.Write([]byte{0})
	h.Write(ticket.ID[:])
	return int(h.Sum32() % Shards)
}

// AllShards returns 0 to Shards-1.
func AllShards() []int {
	all := make([]int, Shards)
	for i := range all {
		all[i] = i
	}
	return all
}

// A Log hands out what commits have staged. Every Store of this module is one.
type Log interface {
	// Reader returns a reader of these shards of a lane, which starts at the beginning. A shard that is none
	// is an *InvalidError.
	Reader(lane string, shards ...int) (LogReader, error)
}

// LogReader reads events in order. It is used by one goroutine at a time.
type LogReader interface {
	// Next returns up to n events per shard, and beside them all that became visible late, sorted by Seq,
	// each once in the life of this reader; nothing, when there is nothing new. An event that commits late,
	// whatever the time, is neither skipped nor waited for, and the events of one ticket come in the order
	// of their commits. The caller keeps what it got until it is forgotten. After an error the reader is of
	// no use: close it and open a new one, which starts at the beginning. An n below 1 is an *InvalidError.
	Next(ctx context.Context, n int) ([]Event, error)
	Close() error
}
