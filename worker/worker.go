package worker

import (
	"context"
	"sync"
	"time"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/store"
)

// Worker does what waits in a store. An engine has one. Its methods are safe
// for concurrent use, but one Run or Drain works at a time.
type Worker struct {
	cfg    Config
	engine *forewarn.Engine
	log    store.Log
	turn   chan struct{} // holds one token while nobody works

	deliver, due bell // rung when there may be something to do
	dropped      bell // rung when a stuck event was dropped

	mu       sync.Mutex
	running  bool
	stuck    map[store.Position]Stuck
	troubles map[string]Trouble // by what is in trouble
	purged   time.Time          // when the last purge ended, by the engine's clock
}

// New returns a worker, or an ErrInvalid that says what is missing. It registers
// the job that sends mails with the engine, so that a second worker of the same
// engine is refused.
func New(c Config) (*Worker, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	log, ok := c.Engine.Store().(store.Log)
	if !ok {
		return nil, forewarn.Invalid("config.engine", "has a store that is no store.Log: its events cannot be read")
	}
	c = c.withDefaults()
	if err := c.Engine.Handle(c.Engine.MailJob(c.Notifier)); err != nil {
		return nil, err
	}
	w := &Worker{cfg: c, engine: c.Engine, log: log, turn: make(chan struct{}, 1), deliver: newBell(), due: newBell(),
		dropped: newBell(), stuck: map[store.Position]Stuck{}, troubles: map[string]Trouble{}}
	w.turn <- struct{}{}
	return w, nil
}

// Run does what waits, as it comes, until ctx ends. What other processes commit
// it finds by polling, what this one commits at once. A store or a bus that does
// not answer is waited for.
//
// When ctx ends, nothing new is begun and what is in hand is finished, for at
// most Config.Grace; then Run returns nil, or an error that says what could not
// be finished, which the next Run does again. It returns ErrRefused when the
// worker is at work already.
func (w *Worker) Run(ctx context.Context) error {
	select {
	case <-w.turn:
	default:
		return forewarn.Refused(store.Key{}, "worker", "is at work already")
	}
	w.setRunning(true)
	defer func() { w.setRunning(false); w.turn <- struct{}{} }()

	work, release := graced(ctx, w.cfg.Grace)
	defer release()
	var all sync.WaitGroup
	all.Go(func() { w.listen(ctx) })
	all.Go(func() { w.keepDue(ctx, work) })
	err := newPump(w, work, false).run(ctx)
	all.Wait()
	return err
}

// Drain does what is ready now, by the clock of the engine, and what comes of it,
// until nothing is left: due work, mails, fan-outs, and the delivery of all events
// in the log. Work that fails is put off and left for a later call; the clock
// decides when.
//
// A message that the publisher does not take after three tries is left, and with
// it what lies behind it in its shard. Drain then delivers all that it can and
// returns an *UndeliveredError that names it. Any other error is that of the
// store. It returns nil although a mail or another job has failed and is to be tried later: see Status and the log. While Run is at work Drain returns ErrRefused; another Drain is waited for.
func (w *Worker) Drain(ctx context.Context) error {
	if w.isRunning() {
		return forewarn.Refused(store.Key{}, "worker", "is at work already")
	}
	select {
	case <-w.turn:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { w.turn <- struct{}{} }()

	work, release := graced(ctx, w.cfg.Grace)
	defer release()
	p := newPump(w, work, true)
	defer p.close()
	for {
		if err := w.drainDue(ctx, work); err != nil {
			return err
		}
		before := p.delivered
		if err := p.run(ctx); err != nil {
			return err
		}
		// a publisher in this process may have made work of what it was given
		if p.delivered == before {
			return p.undelivered()
		}
	}
}

func (w *Worker) setRunning(running bool) {
	w.mu.Lock()
	w.running = running
	w.mu.Unlock()
}

func (w *Worker) isRunning() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.running
}

// listen hands the engine's one wake on to both that wait for it.
func (w *Worker) listen(ctx context.Context) {
	for {
		select {
		case <-w.engine.Woken():
			w.deliver.ring()
			w.due.ring()
		case <-ctx.Done():
			return
		}
	}
}

// bell is rung by anybody and heard by one; rung twice it is heard once.
type bell chan struct{}

func newBell() bell { return make(bell, 1) }

func (b bell) ring() {
	select {
	case b <- struct{}{}:
	default:
	}
}

// graced returns a context that outlives another by a while. The caller calls release, which ends it.
func graced(ctx context.Context, grace time.Duration) (context.Context, func()) {
	work, cancel := context.WithCancel(context.WithoutCancel(ctx))
	var mu sync.Mutex
	var late *time.Timer
	stop := context.AfterFunc(ctx, func() {
		mu.Lock()
		defer mu.Unlock()
		if work.Err() == nil {
			late = time.AfterFunc(grace, cancel)
		}
	})
	return work, func() {
		stop()
		mu.Lock()
		defer mu.Unlock()
		cancel()
		if late != nil {
			late.Stop()
		}
	}
}

// pause waits for a while, a bell (nil: none) or the end of ctx.
func pause(ctx context.Context, d time.Duration, b bell) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-b:
	case <-ctx.Done():
	}
}
