package workertest

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/bus"
	"github.com/forewarn-go/forewarn/store"
	"github.com/forewarn-go/forewarn/ticket"
)

// toy is a ticket that counts its changes: each is an event of that number.
type toy struct {
	ID      uuid.UUID        `json:"id"`
	Version forewarn.Version `json:"version"`
	N       int              `json:"n"`
}

var toys = forewarn.NewRecords("suite_toy", forewarn.Shape[toy]{
	ID:      func(t *toy) *uuid.UUID { return &t.ID },
	Version: func(t *toy) *forewarn.Version { return &t.Version },
})

// effect is one execution of due work. Each has an id of its own, so that work done twice shows.
type effect struct {
	ID      uuid.UUID        `json:"id"`
	Version forewarn.Version `json:"version"`
	Name    string           `json:"name"`
	At      time.Time        `json:"at"`
	Body    string           `json:"body"`
}

var effects = forewarn.NewRecords("suite_effect", forewarn.Shape[effect]{
	ID:      func(e *effect) *uuid.UUID { return &e.ID },
	Version: func(e *effect) *forewarn.Version { return &e.Version },
	Fields:  []forewarn.Field[effect]{{Name: "name", Type: store.Text, Of: func(e *effect) store.Value { return forewarn.Text(e.Name) }}},
	Indexes: []store.Index{{Name: "name", Fields: []string{"name"}}},
})

// rules make one event of every change.
type rules struct{}

func (rules) Events(c ticket.Change) []ticket.Event {
	return []ticket.Event{{Type: "changed", After: c.After.Status}}
}

// change counts a toy up and announces it.
func change(u *forewarn.Unit, id uuid.UUID) error {
	t, err := toys.Get(u, id)
	if err != nil && !isNotFound(err) {
		return err
	}
	t.ID = id
	t.N++
	if err := toys.Put(u, &t); err != nil {
		return err
	}
	return u.Announce(nil, ticket.Snapshot{Key: toys.Key("", id), Number: fmt.Sprint(t.N), Status: ticket.New, Updated: u.Now()})
}

// numbered is the number that an event tells of.
func numbered(body []byte) (n int, err error) {
	var s ticket.Staged
	if err := json.Unmarshal(body, &s); err != nil {
		return 0, err
	}
	_, err = fmt.Sscan(s.Snapshot.Number, &n)
	return n, err
}

// encode makes a message of an event: its key is the ticket, its body the number.
func encode(e store.Event) (bus.Message, error) {
	n, err := numbered(e.Body)
	if err != nil {
		return bus.Message{}, err
	}
	return bus.Message{ID: e.ID, Tenant: e.Ticket.Tenant, Topic: "toys", Key: e.Ticket.ID.String(), Body: []byte(fmt.Sprint(n))}, nil
}
