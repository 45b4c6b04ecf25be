package forewarn_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/adapters/memory"
)

type Door struct {
	ID      uuid.UUID
	Version forewarn.Version
	Open    bool
}

var doors = forewarn.NewRecords("door", forewarn.Shape[Door]{
	ID:      func(d *Door) *uuid.UUID { return &d.ID },
	Version: func(d *Door) *forewarn.Version { return &d.Version },
})

// Doors is a service: each exported method is one use case, a frame around a function of a unit of work.
type Doors struct{ engine *forewarn.Engine }

type Swing struct{ Door uuid.UUID }

func (s Doors) Swing(ctx context.Context, by forewarn.Caller, cmd Swing) (Door, error) {
	return forewarn.Do(ctx, s.engine, by, "doors.Swing", cmd, func(u *forewarn.Unit, cmd Swing) (Door, error) {
		door, err := doors.Get(u, cmd.Door)
		if err != nil && !errors.Is(err, forewarn.ErrNotFound) {
			return Door{}, err
		}
		door.ID, door.Open = cmd.Door, !door.Open
		return door, doors.Put(u, &door)
	})
}

// A service of one use case. Under a request id a call takes effect once, and a repeat is given the first answer.
func Example() {
	ctx, ann := context.Background(), forewarn.Actor{Tenant: "acme", ID: "ann"}
	engine, err := forewarn.New(forewarn.Config{Store: memory.New()})
	service := Doors{engine}
	fmt.Println(err, engine.Keep(doors.Kind()))
	for _, request := range []string{"click 1", "click 1", "click 2"} { // the first answer was lost
		door, err := service.Swing(ctx, ann.Once(request), Swing{Door: uuid.NameSpaceDNS})
		fmt.Println("open:", door.Open, err)
	}
	// Output:
	// <nil> <nil>
	// open: true <nil>
	// open: true <nil>
	// open: false <nil>
}
