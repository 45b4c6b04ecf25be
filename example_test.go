package forewarn_test

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/adapters/memory"
	"github.com/forewarn-go/forewarn/store"
)

// Door is a record, and doors how it is found.
type Door struct {
	ID      uuid.UUID        `json:"id"`
	Version forewarn.Version `json:"version"`
	Open    bool             `json:"open"`
}

var doors = forewarn.NewRecords("door", forewarn.Shape[Door]{
	ID:      func(d *Door) *uuid.UUID { return &d.ID },
	Version: func(d *Door) *forewarn.Version { return &d.Version },
})

// Doors is a service: each exported method is one use case.
type Doors struct{ engine *forewarn.Engine }

func NewDoors(e *forewarn.Engine) (*Doors, error) { return &Doors{e}, e.Keep(doors.Kind()) }

// Swing opens or shuts a door.
type Swing struct {
	Door uuid.UUID
	Open bool
}

func (s *Doors) Swing(ctx context.Context, by forewarn.Caller, cmd Swing) (Door, error) {
	return forewarn.Do(ctx, s.engine, by, "doors.Swing", cmd, s.swing)
}

func (s *Doors) swing(u *forewarn.Unit, cmd Swing) (Door, error) {
	door, err := doors.Get(u, cmd.Door)
	if err != nil {
		return Door{}, err
	}
	if door.Open == cmd.Open {
		return Door{}, forewarn.Refused(doors.Key(u.By().Tenant, door.ID), "open", "it is so already")
	}
	door.Open = cmd.Open
	return door, doors.Put(u, &door)
}

// A service of one use case: called under a request id it takes effect once, and a repeat is given the first answer.
func Example() {
	ctx := context.Background()
	engine, _ := forewarn.New(forewarn.Config{Store: memory.New()})
	service, _ := NewDoors(engine)
	ann := forewarn.Actor{Tenant: "acme", ID: "ann"}
	front := store.NameID("door", "front")
	_ = engine.Update(ctx, ann, func(_ context.Context, u *forewarn.Unit) error {
		return doors.Put(u, &Door{ID: front})
	})

	door, err := service.Swing(ctx, ann.Once("click 1"), Swing{Door: front, Open: true})
	fmt.Println(door.Open, err)
	door, err = service.Swing(ctx, ann.Once("click 1"), Swing{Door: front, Open: true}) // the answer was lost
	fmt.Println(door.Open, err)
	_, err = service.Swing(ctx, ann.Once("click 2"), Swing{Door: front, Open: true})
	fmt.Println(forewarn.HTTPStatus(err))
	// Output:
	// true <nil>
	// true <nil>
	// 409
}

// Several use cases in one commit: what fails leaves nothing behind, and what follows still may go on.
func ExampleEngine_Update() {
	ctx := context.Background()
	engine, _ := forewarn.New(forewarn.Config{Store: memory.New()})
	service, _ := NewDoors(engine)
	ann := forewarn.Actor{Tenant: "acme", ID: "ann"}
	err := engine.Update(ctx, ann, func(ctx context.Context, u *forewarn.Unit) error {
		door := Door{ID: store.NameID("door", "back")}
		if err := doors.Put(u, &door); err != nil {
			return err
		}
		if _, err := service.Swing(ctx, u, Swing{Door: door.ID, Open: true}); err != nil {
			return err
		}
		_, err := service.Swing(ctx, u, Swing{Door: door.ID, Open: true})
		fmt.Println(forewarn.HTTPStatus(err)) // refused, and the unit goes on
		return nil
	})
	fmt.Println(err)
	// Output:
	// 409
	// <nil>
}

// Work that waits for an instant is scheduled with the unit that wants it, and done by a worker: here by hand.
func ExampleDue() {
	ctx := context.Background()
	engine, _ := forewarn.New(forewarn.Config{Store: memory.New()})
	_, _ = NewDoors(engine)
	shut := forewarn.NewDue[uuid.UUID]("shut_door")
	_ = engine.Handle(shut.Job(func(u *forewarn.Unit, id uuid.UUID) error {
		door, err := doors.Get(u, id)
		if err != nil {
			return err
		}
		fmt.Println("shutting a door that is open:", door.Open)
		door.Open = false
		return doors.Put(u, &door)
	}))
	ann := forewarn.Actor{Tenant: "acme", ID: "ann"}
	_ = engine.Update(ctx, ann, func(_ context.Context, u *forewarn.Unit) error {
		door := Door{ID: u.NewID(), Open: true}
		if err := doors.Put(u, &door); err != nil {
			return err
		}
		return shut.At(u, door.ID.String(), u.Now().Add(time.Hour), door.ID)
	})

	for _, at := range []time.Time{engine.Now(), engine.Now().Add(time.Hour)} {
		page, _ := engine.Waiting(ctx, store.AllShards(), at, "")
		fmt.Println(len(page.Items), "due")
		for _, batch := range engine.Batches(page.Items) {
			_ = engine.Settle(ctx, batch)
		}
	}
	// Output:
	// 0 due
	// 1 due
	// shutting a door that is open: true
}

// Work too large for one commit goes in steps, each of which commits what it makes together with how far it is.
func ExampleFanout() {
	ctx := context.Background()
	engine, _ := forewarn.New(forewarn.Config{Store: memory.New()})
	_, _ = NewDoors(engine)
	build := forewarn.NewFanout[string]("build_doors")
	_ = engine.Handle(build.Job(func(u *forewarn.Unit, house, after string) (next string, done int, err error) {
		for n := len(after); n < 7; n++ {
			if done == 3 { // as much as a step does: while u.Room() is large enough
				return "|||||||"[:n], done, nil
			}
			if err := doors.Put(u, &Door{ID: store.NameID(house, fmt.Sprint(n))}); err != nil {
				return "", 0, err
			}
			done++
		}
		return "", done, nil
	}))
	ann := forewarn.Actor{Tenant: "acme", ID: "ann"}
	_ = engine.Update(ctx, ann, func(_ context.Context, u *forewarn.Unit) error {
		return build.Start(u, "my house", "house 1", 7)
	})
	for range 3 {
		page, _ := engine.Waiting(ctx, store.AllShards(), engine.Now(), "")
		_ = engine.Settle(ctx, page.Items)
		p, _ := forewarn.Read(ctx, engine, ann, "doors.Progress", "my house", build.Progress)
		fmt.Println(p.Done, "of", p.Total, "finished:", !p.Finished.IsZero())
	}
	// Output:
	// 3 of 7 finished: false
	// 6 of 7 finished: false
	// 7 of 7 finished: true
}
