package worker

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/store"
)

// pump delivers events: it reads the log, publishes what it read, and forgets what was published, all at once. One
// goroutine, that of run, decides and owns all state; reading, publishing and forgetting happen in goroutines of their
// own, which hand back a function that notes what came of it. run returns only when none of them is left.
//
// A shard has at most one call of the publisher on its way, so its order is that of the log; several shards are
// published at once. After an error the reader is of no use, and a new one begins at the start: so everything in hand
// is finished and forgotten first, else it would be published again.
type pump struct {
	w     *Worker
	work  context.Context // for what is in hand when the context of run ends
	drain bool            // end when nothing is left, instead of waiting for more

	reader  store.LogReader
	reading bool
	readAt  time.Time // when to look for more
	ended   bool      // the last look found nothing
	reopen  bool      // the reader is of no use any more

	queues [store.Shards]queue

	down      error // of the bus, while it does not answer
	downs     int   // failures in a row
	epoch     int   // counts them over all time, so that calls made at once are one failure
	downUntil time.Time
	probing   bool // one call looks whether the bus is there again

	published  []store.Position // to be forgotten
	forgetting int
	forgets    int // failures in a row
	forgetAt   time.Time
	maxForget  int

	reads     int // failures in a row
	failure   error
	delivered int // events forgotten

	outstanding int
	results     chan func()
}

const (
	// drainTries is how often Drain tries a message, or the bus, without anything arriving.
	drainTries = 3
	// forgetPage is the most positions that one commit forgets, if the store takes them.
	forgetPage = 1000
	// forgetAtOnce is how many commits forget at once.
	forgetAtOnce = 2
)

func newPump(w *Worker, work context.Context, drain bool) *pump {
	entries, bytes := store.LimitsOf(w.engine.Store())
	return &pump{w: w, work: work, drain: drain, results: make(chan func()),
		maxForget: max(1, min(forgetPage, entries, bytes/store.EntryBytes))}
}

// run pumps until ctx ends, or, in a drain, until nothing is left or can be done. It can be called again.
func (p *pump) run(ctx context.Context) error {
	p.readAt, p.ended, p.failure = time.Time{}, false, nil
	for {
		now := time.Now()
		stopping := ctx.Err() != nil || p.failure != nil
		if !stopping {
			p.begin(ctx, now)
		}
		p.forget(now, stopping)
		if p.outstanding == 0 {
			if stopping || p.drain && !p.reopen && p.idle() {
				break
			}
			if p.reopen && len(p.published) == 0 {
				p.close()
				continue
			}
		}
		p.wait(ctx, now)
	}
	return p.end(ctx)
}

// begin begins what can be begun: calls of the publisher, and a read.
func (p *pump) begin(ctx context.Context, now time.Time) {
	if p.reopen {
		return
	}
	for s := range p.queues {
		if p.ready(&p.queues[s], now) {
			p.publish(s)
		}
	}
	if p.roomToRead() && !now.Before(p.readAt) {
		p.read(ctx)
	}
}

// ready reports whether a shard's next call can be made.
func (p *pump) ready(q *queue, now time.Time) bool {
	switch {
	case q.flying, len(q.events) == 0, now.Before(q.retryAt), p.drain && q.attempts >= drainTries:
		return false
	case p.down != nil:
		return !p.probing && !now.Before(p.downUntil) && !p.givenUp()
	}
	return true
}

// givenUp reports whether a drain has done with a bus that is down.
func (p *pump) givenUp() bool { return p.drain && p.downs >= drainTries }

func (p *pump) publish(s int) {
	q := &p.queues[s]
	batch := q.take(p.w.cfg.Page)
	probe, epoch := p.down != nil, p.epoch
	again := probe || q.attempts > 0
	q.flying, p.probing = true, probe
	p.start(func() func() {
		o := p.w.publish(p.work, batch, again)
		return func() {
			q.flying = false
			if probe {
				p.probing = false
			}
			p.settle(q, batch, o, epoch)
		}
	})
}

// settle notes what became of a call.
func (p *pump) settle(q *queue, batch []store.Event, o outcome, epoch int) {
	now := time.Now()
	switch {
	case o.store != nil:
		p.w.trouble("log", o.store)
		q.retryAt = now.Add(p.w.cfg.Retry(max(q.attempts, 1)))
		if p.drain {
			p.fail(o.store)
		}
		return
	case o.down != nil && p.work.Err() != nil:
		return // cut off by the end, which says nothing of the bus
	case o.down != nil:
		if p.epoch == epoch { // else a call made at the same time has noted it
			p.epoch++
			p.downs++
			p.down, p.downUntil = o.down, now.Add(p.w.cfg.Retry(p.downs))
		}
		p.w.trouble("bus", o.down)
		return
	}
	p.down, p.downs = nil, 0
	p.w.trouble("bus", nil)

	arrived := q.settle(batch, o)
	p.published = append(p.published, arrived...)
	p.w.note(batch, o)
	switch {
	case len(o.failed) == 0:
		q.attempts, q.retryAt = 0, time.Time{}
	case len(arrived) > 0:
		q.attempts, q.retryAt = 1, now.Add(p.w.cfg.Retry(1))
	default:
		q.attempts++
		q.retryAt = now.Add(p.w.cfg.Retry(q.attempts))
	}
	if q.left && len(q.events) == 0 {
		p.reopen = true // what was left behind is read again
	}
}

// roomToRead reports whether more may be read: while no shard that goes on has more than two pages in hand, and what
// was published is forgotten in time.
func (p *pump) roomToRead() bool {
	if p.reading || p.drain && p.ended || len(p.published) > 4*store.Shards*p.w.cfg.Page {
		return false
	}
	for s := range p.queues {
		switch q := &p.queues[s]; {
		case p.down != nil && len(q.events) > 0:
			return false
		case q.attempts == 0 && len(q.events) >= 2*p.w.cfg.Page:
			return false
		}
	}
	return true
}

func (p *pump) read(ctx context.Context) {
	if p.reader == nil {
		r, err := p.w.log.Reader("", store.AllShards()...)
		if err != nil {
			p.readFailed(err)
			return
		}
		p.reader = r
	}
	p.reading = true
	reader := p.reader
	p.start(func() func() {
		events, err := reader.Next(ctx, p.w.cfg.Page)
		return func() {
			p.reading = false
			if err != nil {
				p.reopen = true
				if ctx.Err() == nil {
					p.readFailed(err)
				}
				return
			}
			p.reads = 0
			p.w.trouble("log", nil)
			for _, e := range events {
				p.queues[e.Shard].add(e, 2*p.w.cfg.Page)
			}
			if p.ended = len(events) == 0; p.ended {
				p.readAt = time.Now().Add(p.w.cfg.Poll)
			}
		}
	})
}

func (p *pump) readFailed(err error) {
	p.reads++
	p.readAt = time.Now().Add(p.w.cfg.Retry(p.reads))
	p.w.trouble("log", err)
	if p.drain {
		p.fail(err)
	}
}

// forget begins commits that take what was published out of the log. When the pump stops, what could not be forgotten
// is tried once more.
func (p *pump) forget(now time.Time, stopping bool) {
	for len(p.published) >= p.maxForget && p.forgetting < forgetAtOnce || len(p.published) > 0 && p.forgetting == 0 && !p.reading {
		if stopping && p.forgets > 0 && p.failure != nil || !stopping && now.Before(p.forgetAt) || p.work.Err() != nil {
			return
		}
		n := min(len(p.published), p.maxForget)
		page := p.published[:n:n]
		p.published = p.published[n:]
		p.forgetting++
		p.start(func() func() {
			err := p.w.engine.Update(p.work, forewarn.SystemActor(store.System), func(_ context.Context, u *forewarn.Unit) error {
				return u.Forget(page...)
			})
			return func() { p.forgotten(page, err, stopping) }
		})
	}
}

func (p *pump) forgotten(page []store.Position, err error, stopping bool) {
	p.forgetting--
	p.w.trouble("forget", err)
	if err == nil {
		p.forgets = 0
		p.delivered += len(page)
		return
	}
	p.published = append(p.published, page...)
	p.forgets++
	p.forgetAt = time.Now().Add(p.w.cfg.Retry(p.forgets))
	if p.drain || stopping {
		p.fail(err)
	}
}

// fail stops the pump with an error.
func (p *pump) fail(err error) {
	if p.failure == nil {
		p.failure = err
	}
}

func (p *pump) start(work func() func()) {
	p.outstanding++
	go func() { p.results <- work() }()
}

// wait waits until something is to be decided, and notes what has come back.
func (p *pump) wait(ctx context.Context, now time.Time) {
	timer := time.NewTimer(p.nextInstant(now).Sub(now))
	defer timer.Stop()
	ended := ctx.Done()
	if ctx.Err() != nil {
		ended = nil // known; what is outstanding comes back by itself
	}
	select {
	case note := <-p.results:
		p.outstanding--
		note()
	case <-p.w.deliver:
		if p.reads == 0 {
			p.readAt = time.Time{}
		}
	case <-p.w.dropped:
		for s := range p.queues {
			p.queues[s].retryAt = time.Time{}
		}
	case <-timer.C:
	case <-ended:
	}
}

// nextInstant is when something that waits for the time can be begun; an hour from now when nothing does.
func (p *pump) nextInstant(now time.Time) time.Time {
	next := now.Add(time.Hour)
	sooner := func(t time.Time) {
		if t.After(now) && t.Before(next) {
			next = t
		}
	}
	if !p.reading {
		sooner(p.readAt)
	}
	sooner(p.downUntil)
	sooner(p.forgetAt)
	for s := range p.queues {
		sooner(p.queues[s].retryAt)
	}
	return next
}

// idle reports whether a drain can do no more: the log was read to its end, and what is in hand is given up.
func (p *pump) idle() bool {
	switch {
	case len(p.published) > 0:
		return false
	case p.givenUp():
		return true
	case !p.ended:
		return false
	}
	for s := range p.queues {
		if q := &p.queues[s]; len(q.events) > 0 && q.attempts < drainTries {
			return false
		}
	}
	return true
}

// end returns what went wrong.
func (p *pump) end(ctx context.Context) error {
	if p.drain {
		return errors.Join(p.failure, ctx.Err())
	}
	left := len(p.published)
	p.close()
	if left > 0 {
		return fmt.Errorf("worker: %d events were published and could not be forgotten, so they will be published again: %w",
			left, errors.Join(p.failure, p.work.Err()))
	}
	return nil
}

// undelivered returns an error that names what a drain could not deliver, nil when it has delivered all.
func (p *pump) undelivered() error {
	e := &UndeliveredError{}
	if p.givenUp() {
		e.Down = p.down
	}
	for s := range p.queues {
		if q := &p.queues[s]; len(q.events) > 0 {
			e.Waiting += len(q.events)
			e.Stuck = append(e.Stuck, p.w.stuckOf(s)...)
		}
	}
	if e.Down == nil && len(e.Stuck) == 0 {
		return nil
	}
	return e
}

// close gives the reader up, and with it what is in hand. Nothing is outstanding.
func (p *pump) close() {
	if p.reader != nil {
		if err := p.reader.Close(); err != nil {
			p.w.trouble("log", err)
		}
		p.reader = nil
	}
	for s := range p.queues {
		q := &p.queues[s]
		*q = queue{attempts: q.attempts, retryAt: q.retryAt}
	}
	p.reopen, p.ended = false, false
}
