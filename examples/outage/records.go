package main

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/bus"
	"github.com/forewarn-go/forewarn/psew"
	"github.com/forewarn-go/forewarn/store"
)

// playRun is the record of a run: it says that there was one, and keeps the clock.
type playRun struct {
	ID       uuid.UUID        `json:"id"`
	Version  forewarn.Version `json:"version"`
	Clock    time.Time        `json:"clock"`
	Accounts int              `json:"accounts"`
	Loaded   bool             `json:"loaded"` // the inventory is
}

var runs = forewarn.NewRecords("outage_run", forewarn.Shape[playRun]{
	ID:      func(r *playRun) *uuid.UUID { return &r.ID },
	Version: func(r *playRun) *forewarn.Version { return &r.Version },
})

var runID = store.NameID("outage_run")

// message is a message that the bus in this process has taken.
type message struct {
	ID      uuid.UUID         `json:"id"`
	Version forewarn.Version  `json:"version"`
	At      time.Time         `json:"at"`
	Key     string            `json:"key"`
	Headers map[string]string `json:"headers"`
	Body    []byte            `json:"body"`
}

var outbox = forewarn.NewRecords("outage_message", forewarn.Shape[message]{
	ID:      func(m *message) *uuid.UUID { return &m.ID },
	Version: func(m *message) *forewarn.Version { return &m.Version },
	Fields:  []forewarn.Field[message]{{Name: "at", Type: store.Int, Of: func(m *message) store.Value { return forewarn.Time(m.At) }}},
	Indexes: []store.Index{{Name: "at", Fields: []string{"at"}}},
})

// keepMessage keeps a message of the in-process bus as a record under its event's id, so that one which comes twice counts once.
func keepMessage(ctx context.Context, e *forewarn.Engine, m bus.Message) error {
	by := forewarn.SystemActor(m.Tenant)
	return e.Update(ctx, by, func(_ context.Context, u *forewarn.Unit) error {
		return outbox.PutAny(u, &message{ID: m.ID, At: u.Now(), Key: m.Key, Headers: m.Headers, Body: m.Body})
	})
}

func keptMessages(ctx context.Context, e *forewarn.Engine, tenant string) ([]bus.Message, error) {
	return forewarn.Read(ctx, e, forewarn.SystemActor(tenant), "outage.Messages", struct{}{}, func(u *forewarn.Unit, _ struct{}) ([]bus.Message, error) {
		var all []bus.Message
		for m, err := range outbox.Where("at").Limit(store.MaxLimit).All(u) {
			if err != nil {
				return nil, err
			}
			all = append(all, bus.Message{ID: m.ID, Tenant: tenant, Key: m.Key, Headers: m.Headers})
		}
		return all, nil
	})
}

// begin notes that a run begins, or goes on where it was.
func (p *play) begin(ctx context.Context) error {
	return p.engine.Update(ctx, forewarn.SystemActor(p.tenant), func(_ context.Context, u *forewarn.Unit) error {
		r, err := runs.Get(u, runID)
		switch {
		case err == nil && !p.o.resume:
			return usageError{"tenant " + p.tenant + " has a run already: choose another -seed, or go on with -resume"}
		case err == nil:
			if r.Accounts != p.o.accounts {
				return usageError{"the run that is resumed has another number of -accounts"}
			}
			p.clock.turn(r.Clock)
			p.loaded = r.Loaded
			return nil
		case !errors.Is(err, forewarn.ErrNotFound):
			return err
		}
		return runs.Put(u, &playRun{ID: runID, Clock: p.clock.Now(), Accounts: p.o.accounts})
	})
}

// note keeps the clock, and that the inventory is loaded, in the run's record.
func (p *play) note(ctx context.Context) error {
	return p.engine.Update(ctx, forewarn.SystemActor(p.tenant), func(_ context.Context, u *forewarn.Unit) error {
		r, err := runs.Get(u, runID)
		if err != nil {
			return err
		}
		r.Clock, r.Loaded = p.clock.Now(), p.loaded
		return runs.Put(u, &r)
	})
}

// lastChanges knows of the change after which the controller failed.
type lastChanges struct{}

func (lastChanges) Recent(_ *forewarn.Unit, ci string, since, until time.Time) ([]psew.RecentChange, error) {
	ended := start.Add(-20 * time.Minute)
	if ci != controller || ended.Before(since) || ended.After(until) {
		return nil, nil
	}
	return []psew.RecentChange{{Number: "CHG0030017", ShortDescription: "Upgrade of the SD-WAN controller", State: "Closed", CI: ci, Ended: ended}}, nil
}
