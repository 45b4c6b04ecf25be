package forewarn

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v4"

	"github.com/forewarn-go/forewarn/store"
	"github.com/forewarn-go/forewarn/ticket"
)

// Config is what an engine is made of. Only Store has to be given.
type Config struct {
	// Store keeps everything. Required.
	Store store.Store
	// Clock tells the time; nil means SystemClock.
	Clock Clock
	// IDs makes the ids of records that are made without a request id; nil means RandomIDs.
	IDs IDSource
	// Rules say which events a change of a ticket makes; nil means none. Package apinotif has some.
	Rules ticket.EventRules
	// Authorizer answers what an actor may do; nil means by his roles and those of his groups.
	Authorizer Authorizer
	// Roles says which roles contain which, for the default Authorizer; nil means DefaultRoles.
	Roles Roles
	// Directory knows users and groups; nil means StoredDirectory.
	Directory Directory
	// Observer sees use cases begin and end; nil means none.
	Observer Observer
	// Log gets what no caller is told, as due work that failed; nil means slog.Default().
	Log *slog.Logger
	// NumberBlock is how many numbers of a series are drawn from the store at once; 0 means 20. A process that ends
	// loses what it has drawn, so numbers have gaps of up to this. 1 keeps their
	// order over processes that share a store.
	NumberBlock int
	// Retry returns how long due work waits after its n-th failed attempt (from 1); nil means a second,
	// doubled each time, up to five minutes.
	Retry func(attempt int) time.Duration
	// Attempts is how often due work is tried before it is set aside as failed; 0 means 10.
	Attempts int
	// Strict decodes each result again and compares it, so that a result type that loses fields in JSON
	// fails in tests and not at the first repeated request.
	Strict bool
}

// Engine runs use cases over a store. A process has one per store: what
// re-runs wait for is held in it. It is safe for concurrent use.
type Engine struct {
	*shared
	store  store.Store
	joined bool // over a host's transaction
}

// shared is what an engine shares with those over a host's transactions.
type shared struct {
	cfg   Config
	holds holds
	draws numbers
	woken chan struct{}

	mu     sync.RWMutex
	jobs   map[string]Job
	onMail []func(*Unit, MailState, Mail) error
}

// New returns an engine, or an ErrInvalid that says what is missing. It tells
// the store of the kinds that the engine itself keeps.
func New(c Config) (*Engine, error) {
	if c.Store == nil {
		return nil, Invalid("config.store", "is missing: an engine keeps everything in a store")
	}
	if c.NumberBlock < 0 {
		return nil, Invalid("config.numberBlock", "is below 0")
	}
	if c.Attempts < 0 {
		return nil, Invalid("config.attempts", "is below 0")
	}
	if c.Clock == nil {
		c.Clock = SystemClock
	}
	if c.IDs == nil {
		c.IDs = RandomIDs
	}
	if c.Rules == nil {
		c.Rules = ticket.NoEvents
	}
	if c.Roles == nil {
		c.Roles = DefaultRoles()
	}
	if err := c.Roles.Check(); err != nil {
		return nil, err
	}
	if c.Directory == nil {
		c.Directory = StoredDirectory
	}
	if c.Authorizer == nil {
		c.Authorizer = newRoleAuthorizer(c.Roles, c.Directory)
	}
	if c.Observer == nil {
		c.Observer = noObserver{}
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	if c.NumberBlock == 0 {
		c.NumberBlock = 20
	}
	if c.Attempts == 0 {
		c.Attempts = 10
	}
	if c.Retry == nil {
		c.Retry = retryDelay
	}
	e := &Engine{store: c.Store, shared: &shared{cfg: c, woken: make(chan struct{}, 1), jobs: map[string]Job{}}}
	err := e.Keep(Activities.Kind(), dues.Kind(), failedDues.Kind(), requests.Kind(), Mails.Kind(), fanouts.Kind(),
		groups.Kind(), members.Kind(), users.Kind())
	if err != nil {
		return nil, err
	}
	return e, nil
}

// Keep tells the store of kinds. Services call it when they are made, so that what is not wired fails at wiring.
func (e *Engine) Keep(kinds ...store.Kind) error { return storeError(e.store.Keep(kinds...)) }

// Handle registers what does the due work of a kind. A kind that has a job already, or that is named as no kind of
// records could be, is an ErrInvalid, and then none is registered.
func (e *Engine) Handle(jobs ...Job) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	for i, j := range jobs {
		if j.kind == "" || j.do == nil {
			return Invalid("job "+j.kind, "is none: make it with Due or Fanout")
		}
		if err := (store.Kind{Name: j.kind}).Check(); err != nil {
			return storeError(err)
		}
		if _, twice := e.jobs[j.kind]; twice {
			return Invalid("job "+j.kind, "is handled already")
		}
		for _, before := range jobs[:i] {
			if before.kind == j.kind {
				return Invalid("job "+j.kind, "stands twice")
			}
		}
	}
	for _, j := range jobs {
		e.jobs[j.kind] = j
	}
	return nil
}

func (e *Engine) job(kind string) (Job, bool) {
	e.mu.RLock()
	defer e.mu.RUnlock()
	j, ok := e.jobs[kind]
	return j, ok
}

// Store returns the store of the engine. It is for package worker and for servers that report on it.
func (e *Engine) Store() store.Store { return e.store }

// Now returns the time of the engine's clock, in UTC at microseconds.
func (e *Engine) Now() time.Time { return e.cfg.Clock.Now().UTC().Truncate(time.Microsecond) }

// Log returns the logger of the engine.
func (e *Engine) Log() *slog.Logger { return e.cfg.Log }

// Directory returns the directory of users and groups.
func (e *Engine) Directory() Directory { return e.cfg.Directory }

// Roles returns which roles contain which, as Config says. An Authorizer of the host's own need not go by them.
func (e *Engine) Roles() Roles { return maps.Clone(e.cfg.Roles) }

// Wake tells whoever waits on Woken that there may be something to do. A host
// calls it after it has committed a transaction that use cases had joined.
func (e *Engine) Wake() {
	select {
	case e.woken <- struct{}{}:
	default:
	}
}

// Woken is sent to after commits that staged events or due work. One receiver hears of it.
func (e *Engine) Woken() <-chan struct{} { return e.woken }

// As returns the caller on this engine: use cases of services over the engine
// that On was called on then work in the host's transaction.
func (e *Engine) As(by Caller) Caller { return onEngine{engine: e, by: by} }

type onEngine struct {
	engine *Engine
	by     Caller
}

func (o onEngine) By() Actor { return o.by.By() }
func (o onEngine) caller()   {}

// On returns an engine over a store that is bound to a host's transaction, and
// a context for what runs in it: a call by a plain actor under that context is
// refused, since it would commit on its own. Adapters have a Transact that does
// all of it.
func (e *Engine) On(ctx context.Context, s store.Store) (context.Context, *Engine) {
	in := &Engine{shared: e.shared, store: s, joined: true}
	return context.WithValue(ctx, tripwire{e.shared}, in), in
}

// tripwire is the key, one for each engine, of contexts under which a plain actor's call would commit on its own. Its
// value is the *Engine over the host's transaction; nil under a unit of work.
type tripwire struct{ of *shared }

// Update runs several use cases in one unit of work, which fn passes to them as
// their caller. It takes no request id, since a closure has no name.
func (e *Engine) Update(ctx context.Context, by Caller, fn func(context.Context, *Unit) error) error {
	return e.perform(ctx, by, frame{name: "forewarn.Update", use: func(u *Unit) error { return fn(u.Context(), u) }})
}

// retryDelay is a second, doubled with every attempt, up to five minutes.
func retryDelay(attempt int) time.Duration {
	b := &backoff.ExponentialBackOff{InitialInterval: time.Second, Multiplier: 2, MaxInterval: 5 * time.Minute,
		Stop: backoff.Stop, Clock: fixedClock{}}
	b.Reset()
	var d time.Duration
	for range attempt {
		d = b.NextBackOff()
	}
	return d
}

// fixedClock keeps the back-off from asking for the time.
type fixedClock struct{}

func (fixedClock) Now() time.Time { return time.Time{} }

var errReadOnly = errors.New("a read writes nothing")
