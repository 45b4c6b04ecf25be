package bustest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn/bus"
)

// patience is how long a call may take before the suite gives it up. It is no
// measure of anything: a publisher that keeps the contract returns long before.
const patience = time.Minute

// fixture is a publisher under test and how the clauses speak to it.
type fixture struct {
	testing.TB
	Under
	ctx context.Context
}

func newFixture(t testing.TB, u Under) *fixture {
	t.Helper()
	switch {
	case u.Publisher == nil:
		t.Fatal("bustest: Under.Publisher is missing")
	case u.Topic == nil:
		t.Fatal("bustest: Under.Topic is missing")
	case u.Read == nil:
		t.Fatal("bustest: Under.Read is missing")
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	return &fixture{TB: t, Under: u, ctx: ctx}
}

func (f *fixture) topic() string {
	f.Helper()
	name, err := f.Topic(f.ctx)
	if err != nil {
		f.Fatalf("making a topic: %v", err)
	}
	return name
}

// message returns the n-th message of a key, with an id, headers and a body of its own.
func message(topic, key string, n int) bus.Message {
	id := uuid.New()
	return bus.Message{
		ID: id, Tenant: "tenant-a", Topic: topic, Key: key,
		Headers: map[string]string{"event-id": id.String(), "tenant": "tenant-a", "event-type": "E"},
		Body:    fmt.Appendf(nil, `{"key":%q,"n":%d}`, key, n),
	}
}

// try publishes and gives a publisher up that does not return.
func (f *fixture) try(ctx context.Context, m ...bus.Message) error {
	f.Helper()
	done := make(chan error, 1)
	go func() { done <- f.Publisher.Publish(ctx, m...) }()
	select {
	case err := <-done:
		return err
	case <-time.After(patience):
		f.Fatalf("Publish of %d messages has not returned after %s", len(m), patience)
		return nil
	}
}

func (f *fixture) publish(m ...bus.Message) {
	f.Helper()
	if err := f.try(f.ctx, m...); err != nil {
		f.Fatalf("Publish of %d messages: %v", len(m), err)
	}
}

// fails publishes and returns what the publisher says of it, which must be a *bus.Error.
func (f *fixture) fails(ctx context.Context, m ...bus.Message) *bus.Error {
	f.Helper()
	err := f.try(ctx, m...)
	if err == nil {
		f.Fatalf("Publish of %d messages returned nil, and must fail", len(m))
	}
	var e *bus.Error
	if !errors.As(err, &e) {
		f.Fatalf("Publish returned %T (%v), which is no *bus.Error", err, err)
	}
	if e.Down == nil && len(e.Failed) == 0 {
		f.Fatalf("Publish returned a *bus.Error that says nothing")
	}
	for i, failure := range e.Failed {
		if failure.Index < 0 || failure.Index >= len(m) {
			f.Fatalf("failure %d has index %d of %d messages", i, failure.Index, len(m))
		}
		if failure.Err == nil {
			f.Fatalf("failure %d has no error", i)
		}
	}
	return e
}

func (f *fixture) read(topic string) []bus.Message {
	f.Helper()
	m, err := f.Read(f.ctx, topic)
	if err != nil {
		f.Fatalf("reading %s: %v", topic, err)
	}
	return m
}

// keyed returns the bodies of each key, in order.
func keyed(m []bus.Message) map[string][]string {
	out := map[string][]string{}
	for _, x := range m {
		out[x.Key] = append(out[x.Key], string(x.Body))
	}
	return out
}

// holds reports what differs when a topic does not hold exactly these messages, in order per key.
func (f *fixture) holds(topic string, want ...bus.Message) {
	f.Helper()
	got, expected := keyed(f.read(topic)), keyed(want)
	for key, bodies := range expected {
		if len(got[key]) != len(bodies) {
			f.Fatalf("key %s has %d messages, want %d", key, len(got[key]), len(bodies))
		}
		for i, body := range bodies {
			if got[key][i] != body {
				f.Fatalf("message %d of key %s is %s, want %s", i, key, got[key][i], body)
			}
		}
	}
	for key := range got {
		if len(expected[key]) == 0 {
			f.Fatalf("key %s has messages that nobody published: %s", key, got[key])
		}
	}
}

// same reports how a message that was read differs from the one published, "" when it does not.
func same(got, want bus.Message) string {
	switch {
	case got.ID != want.ID:
		return fmt.Sprintf("id %s, want %s", got.ID, want.ID)
	case got.Tenant != want.Tenant:
		return fmt.Sprintf("tenant %q, want %q", got.Tenant, want.Tenant)
	case got.Topic != want.Topic:
		return fmt.Sprintf("topic %q, want %q", got.Topic, want.Topic)
	case got.Key != want.Key:
		return fmt.Sprintf("key %q, want %q", got.Key, want.Key)
	case !bytes.Equal(got.Body, want.Body):
		return fmt.Sprintf("body %.80q of %d bytes, want %.80q of %d", got.Body, len(got.Body), want.Body, len(want.Body))
	}
	for name, value := range want.Headers {
		if has, there := got.Headers[name]; !there || has != value {
			return fmt.Sprintf("header %q is %q (there: %v), want %q", name, has, there, value)
		}
	}
	return ""
}
