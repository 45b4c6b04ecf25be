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

// Several use cases in one commit: one that fails leaves nothing of itself behind, and the others may go on.
func ExampleEngine_Update() {
	ctx, ann := context.Background(), forewarn.Actor{Tenant: "acme", ID: "ann"}
	engine, _ := forewarn.New(forewarn.Config{Store: memory.New()})
	_ = engine.Keep(doors.Kind())
	service := Doors{engine}
	front, back := store.NameID("front"), store.NameID("back")
	err := engine.Update(ctx, ann, func(ctx context.Context, u *forewarn.Unit) error {
		if _, err := service.Swing(ctx, u, Swing{Door: front}); err != nil {
			return err
		}
		if _, err := service.Swing(ctx, u, Swing{}); err != nil {
			fmt.Println(err)
		}
		_, err := service.Swing(ctx, u, Swing{Door: back})
		return err
	})
	fmt.Println(err)
	// Output:
	// doors.Swing: invalid: door.id: is empty
	// <nil>
}

// Work that waits for an instant is scheduled with the unit that wants it, and done by a worker: here by hand.
func ExampleDue() {
	ctx := context.Background()
	engine, _ := forewarn.New(forewarn.Config{Store: memory.New()})
	_ = engine.Keep(doors.Kind())
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
	_ = engine.Keep(doors.Kind())
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
		return build.Begin(u, "my house", "house 1", 7) // and does the first step
	})
	tell := func() {
		p, _ := forewarn.Read(ctx, engine, ann, "doors.Progress", "my house", build.Progress)
		fmt.Println(p.Done, "of", p.Total, "finished:", !p.Finished.IsZero())
	}
	tell()
	page, _ := engine.Waiting(ctx, store.AllShards(), engine.Now(), "")
	_ = engine.Settle(ctx, page.Items) // which a worker does
	tell()
	// Output:
	// 3 of 7 finished: false
	// 7 of 7 finished: true
}
