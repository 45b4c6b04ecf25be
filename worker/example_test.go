package worker_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/adapters/memory"
	"github.com/forewarn-go/forewarn/bus"
	"github.com/forewarn-go/forewarn/store"
	"github.com/forewarn-go/forewarn/ticket"
	"github.com/forewarn-go/forewarn/worker"
)

// A lamp is a ticket of the example: switching it on is announced, and it goes out by itself.
type lamp struct {
	ID      uuid.UUID        `json:"id"`
	Version forewarn.Version `json:"version"`
	On      bool             `json:"on"`
}

var (
	lamps = forewarn.NewRecords("lamp", forewarn.Shape[lamp]{
		ID:      func(l *lamp) *uuid.UUID { return &l.ID },
		Version: func(l *lamp) *forewarn.Version { return &l.Version },
	})
	goesOut = forewarn.NewDue[uuid.UUID]("lamp_goes_out")
)

// announceAll makes an event of every change.
type announceAll struct{}

func (announceAll) Events(c ticket.Change) []ticket.Event {
	return []ticket.Event{{Type: "LampEvent", After: c.After.Status}}
}

// byHand is a clock that the example sets.
type byHand struct{ now time.Time }

func (c *byHand) Now() time.Time { return c.now }

func switchLamp(u *forewarn.Unit, id uuid.UUID, on bool) error {
	l := lamp{ID: id, On: on}
	if err := lamps.PutAny(u, &l); err != nil {
		return err
	}
	status := ticket.Resolved
	if on {
		status = ticket.InProgress
		if err := goesOut.At(u, id.String(), u.Now().Add(time.Hour), id); err != nil {
			return err
		}
	}
	return u.Announce(nil, ticket.Snapshot{Key: lamps.Key("", id), Status: status})
}

// A worker delivers what was staged and does what has become due. A process that serves calls Run; this example moves
// the clock by hand and calls Drain.
func Example() {
	ctx := context.Background()
	clock := &byHand{now: time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)}
	engine, err := forewarn.New(forewarn.Config{Store: memory.New(), Clock: clock, Rules: announceAll{}})
	if err != nil {
		log.Fatal(err)
	}
	if err := engine.Keep(lamps.Kind()); err != nil {
		log.Fatal(err)
	}
	if err := engine.Handle(goesOut.Job(func(u *forewarn.Unit, id uuid.UUID) error { return switchLamp(u, id, false) })); err != nil {
		log.Fatal(err)
	}

	w, err := worker.New(worker.Config{
		Engine: engine,
		Encode: func(e store.Event) (bus.Message, error) {
			return bus.Message{ID: e.ID, Tenant: e.Ticket.Tenant, Topic: "lamps", Key: e.Ticket.ID.String(), Body: e.Body}, nil
		},
		Publisher: bus.Func(func(_ context.Context, messages ...bus.Message) error {
			for _, m := range messages {
				fmt.Printf("%s %s: to topic %s\n", clock.now.Format("15:04"), m.Tenant, m.Topic)
			}
			return nil
		}),
		Notifier: worker.NoMail,
	})
	if err != nil {
		log.Fatal(err)
	}

	ann := forewarn.Actor{Tenant: "acme", ID: "ann"}
	err = engine.Update(ctx, ann, func(_ context.Context, u *forewarn.Unit) error {
		return switchLamp(u, u.NewID(), true)
	})
	if err != nil {
		log.Fatal(err)
	}
	for range 3 {
		if err := w.Drain(ctx); err != nil {
			log.Fatal(err)
		}
		clock.now = clock.now.Add(40 * time.Minute)
	}
	// Output:
	// 09:00 acme: to topic lamps
	// 10:20 acme: to topic lamps
}

// An operator looks what is stuck and gives it up.
func ExampleWorker_Drop() {
	ctx := context.Background()
	engine, err := forewarn.New(forewarn.Config{Store: memory.New(), Rules: announceAll{}})
	if err != nil {
		log.Fatal(err)
	}
	if err := engine.Keep(lamps.Kind()); err != nil {
		log.Fatal(err)
	}
	w, err := worker.New(worker.Config{
		Engine:    engine,
		Encode:    func(store.Event) (bus.Message, error) { return bus.Message{}, fmt.Errorf("no such status") },
		Publisher: bus.Func(func(context.Context, ...bus.Message) error { return nil }),
		Notifier:  worker.NoMail,
		Retry:     func(int) time.Duration { return time.Millisecond },
	})
	if err != nil {
		log.Fatal(err)
	}
	admin := forewarn.Actor{Tenant: "acme", ID: "ann", Roles: []string{forewarn.RoleAdmin}}
	err = engine.Update(ctx, admin, func(_ context.Context, u *forewarn.Unit) error { return switchLamp(u, u.NewID(), true) })
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("delivered:", w.Drain(ctx) == nil)
	status, err := w.Status(ctx, admin)
	if err != nil {
		log.Fatal(err)
	}
	for _, s := range status.Stuck {
		fmt.Println("stuck:", s.Type, s.Error)
		if err := w.Drop(ctx, admin, s.Position, "the receiver knows no such status"); err != nil {
			log.Fatal(err)
		}
	}
	fmt.Println("delivered:", w.Drain(ctx) == nil)
	// Output:
	// delivered: false
	// stuck: LampEvent encode: no such status
	// delivered: true
}
