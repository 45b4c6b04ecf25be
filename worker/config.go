package worker

import (
	"context"
	"log/slog"
	"time"

	"github.com/cenkalti/backoff/v4"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/bus"
	"github.com/forewarn-go/forewarn/store"
)

// Config is what a worker is made of. Engine, Publisher, Encode and Notifier
// have to be given; zero means the default everywhere else.
type Config struct {
	// Engine runs the jobs that services have registered with it. Its store has to be a store.Log. Required.
	Engine *forewarn.Engine
	// Publisher takes the events to a bus. Required; bus.Discard says that none is wanted.
	Publisher bus.Publisher
	// Encode makes a message of a staged event. It is a pure function and safe for concurrent use; an event that it
	// refuses is stuck. Required, unless Publisher is bus.Discard. Package apinotif has one.
	Encode func(store.Event) (bus.Message, error)
	// Notifier sends mails and notices. Required; NoMail says that none are wanted.
	Notifier forewarn.Notifier

	// Poll is how often Run looks for what other processes have scheduled or staged, and for what has become due.
	// What this process commits wakes it at once. Default 250 ms.
	Poll time.Duration
	// Page is how many events of each of the 16 shards are read at once, and at most published in one call.
	// Default 128.
	Page int
	// Units is how many units of due work run at once. Default 4.
	Units int
	// Retry returns how long delivery waits after its n-th failure in a row (from 1), of the bus or of a message,
	// and how long Run waits for a store that does not answer. Default 100 ms, doubled each time, up to 30 s.
	Retry func(attempt int) time.Duration
	// PublishTimeout bounds one call of the Publisher; one that takes longer counts as a bus that is down.
	// Default 30 s.
	PublishTimeout time.Duration
	// Grace is how long what is in hand may take after the context of Run has ended. Default 5 s.
	Grace time.Duration

	// KeepMails is how long mails are kept after they were sent or have failed. Default 90 days.
	KeepMails time.Duration
	// KeepFanouts is how long the records of fan-outs are kept after their end. Default 90 days.
	KeepFanouts time.Duration
	// KeepRequests is how long a request id is answered with its first result. Default 30 days.
	KeepRequests time.Duration

	// Log gets what goes wrong. Default: that of the engine.
	Log *slog.Logger
}

const day = 24 * time.Hour

// check returns an ErrInvalid that names what is missing or cannot be.
func (c Config) check() error {
	switch {
	case c.Engine == nil:
		return forewarn.Invalid("config.engine", "is missing: a worker does the work of an engine")
	case c.Publisher == nil:
		return forewarn.Invalid("config.publisher", "is missing; bus.Discard says that none is wanted")
	case c.Encode == nil && c.Publisher != bus.Discard:
		return forewarn.Invalid("config.encode", "is missing: it makes the messages of the publisher")
	case c.Notifier == nil:
		return forewarn.Invalid("config.notifier", "is missing; worker.NoMail says that none is wanted")
	}
	for field, n := range map[string]int{"page": c.Page, "units": c.Units} {
		if n < 0 {
			return forewarn.Invalid("config."+field, "is below 0")
		}
	}
	for field, d := range map[string]time.Duration{"poll": c.Poll, "publishTimeout": c.PublishTimeout, "grace": c.Grace,
		"keepMails": c.KeepMails, "keepFanouts": c.KeepFanouts, "keepRequests": c.KeepRequests} {
		if d < 0 {
			return forewarn.Invalid("config."+field, "is below 0")
		}
	}
	return nil
}

// withDefaults returns the config with its zero fields filled.
func (c Config) withDefaults() Config {
	c.Poll = or(c.Poll, 250*time.Millisecond)
	c.Page = or(c.Page, 128)
	c.Units = or(c.Units, 4)
	c.PublishTimeout = or(c.PublishTimeout, 30*time.Second)
	c.Grace = or(c.Grace, 5*time.Second)
	c.KeepMails = or(c.KeepMails, 90*day)
	c.KeepFanouts = or(c.KeepFanouts, 90*day)
	c.KeepRequests = or(c.KeepRequests, 30*day)
	if c.Retry == nil {
		c.Retry = retryDelay
	}
	if c.Log == nil {
		c.Log = c.Engine.Log()
	}
	return c
}

func or[T comparable](v, otherwise T) T {
	var zero T
	if v == zero {
		return otherwise
	}
	return v
}

// retryDelay is 100 ms, doubled with every attempt, up to 30 s. It has no jitter: one worker asks one bus.
func retryDelay(attempt int) time.Duration {
	b := &backoff.ExponentialBackOff{InitialInterval: 100 * time.Millisecond, Multiplier: 2,
		MaxInterval: 30 * time.Second, Stop: backoff.Stop, Clock: noClock{}}
	b.Reset()
	d := b.NextBackOff()
	for i := 1; i < attempt && d < b.MaxInterval; i++ {
		d = b.NextBackOff()
	}
	return d
}

// noClock keeps the back-off from asking for the time: it has no end.
type noClock struct{}

func (noClock) Now() time.Time { return time.Time{} }

// NoMail is a Notifier that drops every notification, for hosts that want none sent. Their mails end as sent.
var NoMail forewarn.Notifier = noMail{}

type noMail struct{}

func (noMail) Notify(context.Context, forewarn.Notification) error { return nil }
