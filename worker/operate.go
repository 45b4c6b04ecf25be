package worker

import (
	"context"
	"fmt"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/store"
	"github.com/forewarn-go/forewarn/ticket"
)

// EventDropped is the Event of the activity that Drop leaves on a ticket.
const EventDropped = "event_dropped"

// MaxWhy is the most bytes of a reason.
const MaxWhy = 4 << 10

type drop struct {
	Position store.Position
	Why      string
}

// Drop takes an event out of the log that cannot be delivered, so that what lies behind it goes on, and leaves an
// activity with the reason on its ticket. The outside never hears of the event.
//
// It needs role admin, else it returns ErrForbidden; ErrInvalid without a reason or for a position that cannot be;
// ErrNotFound when no event of the caller's tenant stands there.
func (w *Worker) Drop(ctx context.Context, by forewarn.Caller, position store.Position, why string) error {
	_, err := forewarn.Do(ctx, w.engine, by, actDrop.Name, drop{Position: position, Why: why}, w.drop)
	if err == nil {
		w.dropped.ring()
	}
	return err
}

func (w *Worker) drop(u *forewarn.Unit, cmd drop) (struct{}, error) {
	var none struct{}
	switch {
	case cmd.Why == "":
		return none, forewarn.Invalid("why", "is empty: say why the event is given up")
	case len(cmd.Why) > MaxWhy || !utf8.ValidString(cmd.Why):
		return none, forewarn.Invalid("why", "is UTF-8 of at most %d bytes", MaxWhy)
	case cmd.Position.Lane != "":
		return none, forewarn.Invalid("position.lane", "is not empty: there is one lane")
	case cmd.Position.Shard < 0 || cmd.Position.Shard >= store.Shards:
		return none, forewarn.Invalid("position.shard", "is not in 0 to %d", store.Shards-1)
	}
	// Who may drop nothing learns nothing of what there is.
	if err := u.Require(actDrop, forewarn.Subject{}); err != nil {
		return none, err
	}
	var event store.Event
	err := w.scan(u.Context(), cmd.Position, func(e store.Event) bool {
		if e.Position == cmd.Position {
			event = e
		}
		return event.ID == uuid.Nil
	})
	if err != nil {
		return none, fmt.Errorf("read the log: %w", err)
	}
	tenant := u.By().Tenant
	everywhere := u.By().System() && tenant == store.System
	if event.ID == uuid.Nil || !everywhere && event.Ticket.Tenant != tenant {
		return none, forewarn.NotFound(store.Key{Tenant: tenant, Kind: "event"})
	}
	if err := u.Require(actDrop, forewarn.Subject{Key: event.Ticket}); err != nil {
		return none, err
	}
	if err := u.Forget(event.Position); err != nil {
		return none, err
	}
	in := u
	if everywhere {
		in = u.As(forewarn.SystemActor(event.Ticket.Tenant))
	}
	_, err = in.Post(ticket.Activity{Kind: event.Ticket.Kind, Ticket: event.Ticket.ID, Entry: ticket.Notice, Event: EventDropped,
		Text: fmt.Sprintf("The event %s of %s was not delivered and is given up: %s", event.Type, event.At.Format("2006-01-02 15:04:05 MST"), cmd.Why)})
	return none, err
}

type retry struct{ Kind, Name string }

// Retry schedules an item of due work that was given up again, now, in the caller's tenant. Status lists them.
//
// It needs role admin, else it returns ErrForbidden; ErrInvalid without a kind or a name; ErrNotFound when there is no
// such item.
func (w *Worker) Retry(ctx context.Context, by forewarn.Caller, kind, name string) error {
	_, err := forewarn.Do(ctx, w.engine, by, actRetry.Name, retry{Kind: kind, Name: name}, w.retry)
	return err
}

func (w *Worker) retry(u *forewarn.Unit, cmd retry) (struct{}, error) {
	var none struct{}
	switch {
	case cmd.Kind == "":
		return none, forewarn.Invalid("kind", "is empty")
	case cmd.Name == "":
		return none, forewarn.Invalid("name", "is empty")
	}
	if err := u.Require(actRetry, forewarn.Subject{}); err != nil {
		return none, err
	}
	return none, u.RetryFailed(cmd.Kind, cmd.Name)
}
