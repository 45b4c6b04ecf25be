package ticket

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn/store"
)

// Custom holds an embedder's own fields of a record; they are carried, never read.
type Custom map[string]json.RawMessage

// Entry is the kind of an activity.
type Entry string

// The kinds of activities.
const (
	WorkNote Entry = "work_note" // internal
	Comment  Entry = "comment"   // an additional comment, visible to the customer
	Notice   Entry = "notice"    // what the system has done, internal
)

// UnmarshalText refuses what is no entry.
func (e *Entry) UnmarshalText(b []byte) error {
	switch v := Entry(b); v {
	case WorkNote, Comment, Notice:
		*e = v
		return nil
	}
	return fmt.Errorf("ticket: %q is no kind of activity", b)
}

// MaxText is the length in bytes of an activity's text.
const MaxText = 32 << 10

// Activity is one entry of a ticket's activity stream. It is never changed.
type Activity struct {
	ID      uuid.UUID `json:"id"`
	Tenant  string    `json:"tenant,omitempty"`
	Kind    string    `json:"kind"`   // of the ticket's record
	Ticket  uuid.UUID `json:"ticket"` // the ticket's id
	Entry   Entry     `json:"entry"`
	Text    string    `json:"text"`
	By      string    `json:"by"`                // the actor's id, "system" for the machine
	Channel string    `json:"channel,omitempty"` // how it came in: portal, email, …
	At      time.Time `json:"at"`
	Order   int       `json:"order,omitempty"` // among the activities of one unit of work
	// Event is what the system has done, in a word that programs can count: escalated, reminded,
	// auto_closed, …; "" for what people write.
	Event string `json:"event,omitempty"`
	// Source is who caused it, in words that programs can tell apart: notify, messages, broadcast,
	// customer, …; "" for what was written on this ticket itself.
	Source string `json:"source,omitempty"`
	// Origin is the activity that this one was copied from; what has an origin is never copied again.
	Origin *uuid.UUID `json:"origin,omitempty"`
	Custom Custom     `json:"custom,omitempty"`
}

// Of returns the key of the ticket's record, with the given tenant.
func (a Activity) Of(tenant string) store.Key {
	return store.Key{Tenant: tenant, Kind: a.Kind, ID: a.Ticket}
}

// Public reports whether the customer may read it.
func (a Activity) Public() bool { return a.Entry == Comment }
