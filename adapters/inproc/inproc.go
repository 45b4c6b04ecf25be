// Package inproc is a bus in the host's own process, for hosts without a
// message bus: it hands the messages that a worker publishes to functions of the
// host, in order.
package inproc

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"slices"
	"sync"

	"github.com/forewarn-go/forewarn/bus"
)

// Handler is a function of the host that gets the messages of a topic. It may
// keep the message. An error means that the message has not arrived: it is
// published again later, and those of its key that stand behind it wait. An
// error that wraps [ErrRefused] means that trying again is no use. A handler
// may not publish to its own bus within the call: it would wait for itself.
type Handler func(ctx context.Context, m bus.Message) error

// ErrRefused is wrapped by a handler's error to say that it will never take the message.
var ErrRefused = errors.New("inproc: refused")

// errBehind is told of a message whose key has one before it that did not arrive.
var errBehind = errors.New("inproc: a message of the same key before it has not arrived")

// Bus is a bus.Publisher that hands messages to handlers. Make it with [New].
// Its methods are safe for concurrent use; handlers run one at a time, in the
// goroutine that publishes.
type Bus struct {
	turn chan struct{} // holds a token while a call hands out messages

	mu       sync.Mutex
	handlers []subscription
}

type subscription struct {
	topic  string
	handle Handler
}

var _ bus.Publisher = (*Bus)(nil)

// New returns a bus without handlers. A message whose topic nobody has
// subscribed to is dropped, as any bus does.
func New() *Bus { return &Bus{turn: make(chan struct{}, 1)} }

// Subscribe hands the messages of a topic, from now on, to a handler; of several
// handlers of a topic each gets every message, in the order in which they
// subscribed. When one fails, the earlier ones get the message again with it.
func (b *Bus) Subscribe(topic string, handle Handler) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.handlers = append(slices.Clone(b.handlers), subscription{topic, handle})
}

// Publish hands the messages over in their order and returns when every handler
// has returned. It returns a *bus.Error: down, when the context ended before a
// message was handed over, or the messages that a handler did not take.
func (b *Bus) Publish(ctx context.Context, m ...bus.Message) error {
	if len(m) == 0 {
		return nil
	}
	select {
	case b.turn <- struct{}{}:
	case <-ctx.Done():
		return &bus.Error{Down: ctx.Err()}
	}
	defer func() { <-b.turn }()
	b.mu.Lock()
	handlers := b.handlers
	b.mu.Unlock()

	var failed []bus.Failure
	held := map[key]bool{}
	for i, x := range m {
		if err := ctx.Err(); err != nil {
			return &bus.Error{Down: err, Failed: failed}
		}
		of := key{x.Topic, x.Key}
		if held[of] {
			failed = append(failed, bus.Failure{Index: i, Err: errBehind, Retry: true})
			continue
		}
		if err := hand(ctx, handlers, x); err != nil {
			held[of] = true
			failed = append(failed, bus.Failure{Index: i, Err: err, Retry: !errors.Is(err, ErrRefused)})
		}
	}
	if len(failed) > 0 {
		return &bus.Error{Failed: failed}
	}
	return nil
}

type key struct{ topic, key string }

func hand(ctx context.Context, handlers []subscription, m bus.Message) error {
	for _, s := range handlers {
		if s.topic != m.Topic {
			continue
		}
		own := m // a handler may keep it, the caller may use its memory again
		own.Headers, own.Body = maps.Clone(m.Headers), bytes.Clone(m.Body)
		if err := s.handle(ctx, own); err != nil {
			return err
		}
	}
	return nil
}
