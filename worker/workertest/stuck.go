package workertest

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/bus"
	"github.com/forewarn-go/forewarn/store"
	"github.com/forewarn-go/forewarn/worker"
)

// refusing refuses one event of a toy for good.
func refusing(toy uuid.UUID, n int) func(int, bus.Message) *bus.Failure {
	return func(_ int, m bus.Message) *bus.Failure {
		if m.Key == toy.String() && string(m.Body) == fmt.Sprint(n) {
			return &bus.Failure{Err: errors.New("message too large")}
		}
		return nil
	}
}

// stuckDrain drains, which must end with one stuck event, and returns it.
func (x *fixture) stuckDrain(w Worker) worker.Stuck {
	x.Helper()
	err := w.Drain(x.ctx)
	var undelivered *worker.UndeliveredError
	if !errors.As(err, &undelivered) || len(undelivered.Stuck) != 1 || undelivered.Down != nil {
		x.Fatalf("Drain returned %v; want an UndeliveredError with one stuck event", err)
	}
	return undelivered.Stuck[0]
}

// waits checks that of a toy's events exactly the first n have arrived.
func (x *fixture) waits(toy uuid.UUID, n int) {
	x.Helper()
	if got := len(x.bus.first()[toy.String()]); got != n {
		x.Errorf("toy %s: %d events have arrived, want %d", toy, got, n)
	}
}

var stuckClauses = []part{
	{"stuck: what lies behind a refused message waits, other shards go on, and then all of it arrives", func(x *fixture) {
		w := x.worker(func(c *worker.Config) { c.Page = 2 })
		ns := inShard(3, 3)
		other := inShard(4, 1)[0]
		for range 20 { // far more than the worker keeps in hand
			x.stage(ns...)
			x.stage(other)
		}
		x.bus.set(nil, refusing(id(ns[0]), 3))
		s := x.stuckDrain(w)
		x.complete()
		x.waits(id(ns[0]), 2)
		x.waits(id(other), 20)
		if got := len(x.bus.first()[id(ns[1]).String()]); got > 4 {
			x.Errorf("%d events passed the refused one in its shard, want no more than its batch", got)
		}
		if s.Ticket != toys.Key(tenant, id(ns[0])) || s.Shard != 3 || s.Type != "changed" || s.Seq == 0 ||
			!strings.Contains(s.Error, "too large") || s.Tries != 3 || !s.Since.Equal(x.clock.Now()) {
			x.Errorf("the stuck event is %+v", s)
		}
		x.bus.set(nil, nil)
		x.drain(w)
		x.delivered()
	}},
	{"stuck: a message that is taken after all lets one call deliver all that waited behind it", func(x *fixture) {
		w := x.worker(func(c *worker.Config) {
			c.Page = 2
			c.Retry = func(int) time.Duration { return 20 * time.Millisecond } // the log is read to its end meanwhile
		})
		ns := inShard(3, 2)
		for range 30 { // far more than the worker keeps in hand
			x.stage(ns...)
		}
		x.stage(inShard(4, 1)...)
		tries := 0
		x.bus.set(nil, func(call int, m bus.Message) *bus.Failure {
			f := refusing(id(ns[0]), 1)(call, m)
			if f != nil {
				if tries++; tries == 3 {
					return nil
				}
			}
			return f
		})
		x.drain(w)
		x.delivered()
		if got, want := x.bus.count(), 61; got != want {
			x.Errorf("%d messages have arrived, want %d: each once", got, want)
		}
	}},
	{"stuck: an event that cannot be encoded waits, and so does what lies behind it", func(x *fixture) {
		broken := true
		ns := inShard(7, 2)
		w := x.worker(func(c *worker.Config) {
			c.Encode = func(e store.Event) (bus.Message, error) {
				m, err := encode(e)
				if broken && e.Ticket.ID == id(ns[0]) && string(m.Body) == "2" {
					return bus.Message{}, errors.New("no such status")
				}
				return m, err
			}
		})
		x.stage(ns[0], ns[1], ns[0], ns[1], ns[0])
		if s := x.stuckDrain(w); !strings.Contains(s.Error, "encode: no such status") {
			x.Errorf("the stuck event tells %q", s.Error)
		}
		x.complete()
		x.waits(id(ns[0]), 1)
		x.waits(id(ns[1]), 1)
		broken = false
		x.drain(w)
		x.delivered()
	}},
	{"stuck: Status lists it until it is delivered, to an admin of its tenant", func(x *fixture) {
		w := x.worker()
		x.stage(1, 1, 2)
		x.bus.set(nil, refusing(id(1), 1))
		want := x.stuckDrain(w)
		s := x.status(w, x.by)
		if len(s.Stuck) != 1 || s.Stuck[0] != want || s.Undelivered != 2 || !s.Oldest.Equal(x.clock.Now()) {
			x.Errorf("Status is %+v; want the stuck event %+v and 2 undelivered", s, want)
		}
		if s := x.status(w, forewarn.SystemActor(store.System)); len(s.Stuck) != 1 {
			x.Errorf("the machine sees %d stuck events, want 1", len(s.Stuck))
		}
		stranger := forewarn.Actor{Tenant: "other", ID: "stranger", Roles: []string{forewarn.RoleAdmin}}
		if s := x.status(w, stranger); len(s.Stuck) != 0 || s.Undelivered != 0 || !s.Oldest.IsZero() {
			x.Errorf("another tenant sees %+v", s)
		}
		if _, err := w.Status(x.ctx, forewarn.Actor{Tenant: tenant, ID: "nobody"}); !errors.Is(err, forewarn.ErrForbidden) {
			x.Errorf("Status without the role returned %v, want ErrForbidden", err)
		}
		x.bus.set(nil, nil)
		x.drain(w)
		if s := x.status(w, x.by); len(s.Stuck) != 0 || s.Undelivered != 0 {
			x.Errorf("after the delivery Status is %+v", s)
		}
	}},
	{"stuck: Drop gives an event up, with an activity on its ticket, and what waited goes on", func(x *fixture) {
		w := x.worker()
		x.stage(1, 1, 1)
		x.bus.set(nil, refusing(id(1), 2))
		s := x.stuckDrain(w)
		x.check("Drop", w.Drop(x.ctx, x.by, s.Position, "the bus takes no such message"))
		x.drain(w)
		if got := x.bus.first()[id(1).String()]; len(got) != 2 || got[1] != 3 {
			x.Errorf("events %v have arrived, want 1 and 3", got)
		}
		if left := x.left(); len(left) != 0 {
			x.Errorf("%d events are left in the log", len(left))
		}
		if n := len(x.status(w, x.by).Stuck); n != 0 {
			x.Errorf("%d events are still stuck", n)
		}
		x.do(func(u *forewarn.Unit) error {
			page, err := forewarn.Activities.Where("ticket", forewarn.StreamOf(toys.Kind().Name, id(1))).Page(u, "")
			if err != nil {
				return err
			}
			if len(page.Items) != 1 || page.Items[0].Event != worker.EventDropped || page.Items[0].By != x.by.ID ||
				!strings.Contains(page.Items[0].Text, "takes no such message") {
				x.Errorf("the ticket's activities are %+v", page.Items)
			}
			return nil
		})
	}},
	{"stuck: what another process drops between two tries is not tried again", func(x *fixture) {
		other := x.workerOf(x.newEngine())
		w := x.worker()
		x.stage(1, 1)
		x.bus.set(nil, func(call int, m bus.Message) *bus.Failure {
			f := refusing(id(1), 1)(call, m)
			if f != nil && call == 1 {
				x.check("Drop", other.Drop(x.ctx, x.by, x.left()[0].Position, "by hand"))
			}
			return f
		})
		x.drain(w)
		if got := x.bus.first()[id(1).String()]; len(got) != 1 || got[0] != 2 {
			x.Errorf("events %v have arrived, want 2 alone", got)
		}
	}},
	{"stuck: Drop refuses who may not, without a reason, and what is not there", func(x *fixture) {
		w := x.worker()
		x.stage(1)
		at := x.left()[0].Position
		for _, c := range []struct {
			name string
			by   forewarn.Actor
			at   store.Position
			why  string
			want error
			says string
		}{
			{"without the role", forewarn.Actor{Tenant: tenant, ID: "x"}, at, "why", forewarn.ErrForbidden, "worker.Drop"},
			{"of another tenant", forewarn.Actor{Tenant: "other", ID: "x", Roles: []string{forewarn.RoleAdmin}}, at, "why", forewarn.ErrNotFound, "event"},
			{"without a reason", x.by, at, "", forewarn.ErrInvalid, "why"},
			{"with too long a reason", x.by, at, strings.Repeat("x", worker.MaxWhy+1), forewarn.ErrInvalid, "why"},
			{"a sequence that is not there", x.by, store.Position{Shard: at.Shard, Seq: at.Seq + 1}, "why", forewarn.ErrNotFound, "event"},
			{"a shard that is none", x.by, store.Position{Shard: store.Shards, Seq: at.Seq}, "why", forewarn.ErrInvalid, "position.shard"},
			{"another lane", x.by, store.Position{Lane: "hub", Shard: at.Shard, Seq: at.Seq}, "why", forewarn.ErrInvalid, "position.lane"},
		} {
			if err := w.Drop(x.ctx, c.by, c.at, c.why); !errors.Is(err, c.want) || !strings.Contains(fmt.Sprint(err), c.says) {
				x.Errorf("Drop %s returned %v; want %v that names %s", c.name, err, c.want, c.says)
			}
		}
		if n := len(x.left()); n != 1 {
			x.Errorf("%d events are in the log after refused drops, want 1", n)
		}
	}},
	{"stuck: events of a ticket behind one that fails are never handed out with it again", func(x *fixture) {
		w := x.worker()
		x.stage(1, 1, 1, 1)
		fails := 0
		x.bus.set(nil, func(call int, m bus.Message) *bus.Failure {
			if call > 1 && string(m.Body) == "2" && fails == 0 {
				x.Errorf("event 2 was handed out before event 1 had arrived")
			}
			if string(m.Body) == "1" && call < 3 {
				return &bus.Failure{Err: errors.New("leader not available"), Retry: true}
			}
			if string(m.Body) == "1" {
				fails++
			}
			return nil
		})
		x.drain(w)
		x.delivered()
	}},
}

func (x *fixture) status(w Worker, by forewarn.Caller) worker.Status {
	x.Helper()
	s, err := w.Status(x.ctx, by)
	x.check("Status", err)
	return s
}
