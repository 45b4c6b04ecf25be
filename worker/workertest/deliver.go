package workertest

import (
	"errors"
	"math/rand/v2"

	"github.com/forewarn-go/forewarn/bus"
	"github.com/forewarn-go/forewarn/worker"
)

var deliveryClauses = []part{
	{"deliver: every event arrives, in the order of its ticket, and the log is empty", func(x *fixture) {
		w := x.worker()
		for round := range 3 {
			for i := range 40 {
				x.stage(i, i, i%7)
			}
			x.drain(w)
			x.delivered()
			if want := (round + 1) * 120; x.bus.count() != want {
				x.Errorf("%d messages arrived, want %d: each once while nothing fails", x.bus.count(), want)
			}
		}
	}},
	{"deliver: a backlog of many pages is taken in order", func(x *fixture) {
		w := x.worker(func(c *worker.Config) { c.Page = 3 })
		for range 10 {
			for i := range 20 {
				x.stage(i)
			}
		}
		x.drain(w)
		x.delivered()
	}},
	{"deliver: a bus that is down now and then loses and reorders nothing", func(x *fixture) {
		w := x.worker(func(c *worker.Config) { c.Page = 4 })
		r := rand.New(rand.NewPCG(1, 2))
		for i := range 100 {
			x.stage(i % 9)
		}
		x.bus.set(func(call int) error {
			if r.IntN(3) == 0 {
				return errors.New("connection refused")
			}
			return nil
		}, nil)
		x.untilDelivered(w)
	}},
	{"deliver: messages that fail now and then are neither overtaken within their ticket nor lost", func(x *fixture) {
		w := x.worker(func(c *worker.Config) { c.Page = 5 })
		r := rand.New(rand.NewPCG(3, 4))
		for i := range 120 {
			x.stage(i % 8)
		}
		x.bus.set(nil, func(int, bus.Message) *bus.Failure {
			if r.IntN(4) == 0 {
				return &bus.Failure{Err: errors.New("leader not available"), Retry: true}
			}
			return nil
		})
		x.untilDelivered(w)
	}},
	{"deliver: a drain names a bus that is down, and the next one delivers", func(x *fixture) {
		w := x.worker()
		x.stage(1, 2, 1)
		gone := errors.New("no route to host")
		x.bus.set(func(int) error { return gone }, nil)
		err := w.Drain(x.ctx)
		var undelivered *worker.UndeliveredError
		if !errors.As(err, &undelivered) || !errors.Is(err, gone) {
			x.Errorf("Drain on a bus that is down returned %v; want an UndeliveredError with its error", err)
		}
		x.complete()
		if n := len(x.left()); n != 3 {
			x.Errorf("%d events are in the log, want 3: nothing is forgotten that did not arrive", n)
		}
		x.bus.set(nil, nil)
		x.drain(w)
		x.delivered()
	}},
}

// untilDelivered drains until a drain succeeds, and checks after each that nothing is lost or out of order.
func (x *fixture) untilDelivered(w Worker) {
	x.Helper()
	for range 1000 {
		err := w.Drain(x.ctx)
		x.complete()
		var undelivered *worker.UndeliveredError
		switch {
		case err == nil:
			x.delivered()
			return
		case !errors.As(err, &undelivered):
			x.Fatalf("Drain: %v", err)
		}
	}
	x.Fatalf("1000 drains did not deliver what a bus takes now and then")
}
