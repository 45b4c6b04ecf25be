package inproc_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"sync"
	"testing"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn/adapters/bustest"
	"github.com/forewarn-go/forewarn/adapters/inproc"
	"github.com/forewarn-go/forewarn/bus"
)

func Example() {
	b := inproc.New()
	b.Subscribe("tickets", func(_ context.Context, m bus.Message) error {
		fmt.Printf("%s %s %s\n", m.Key, m.Headers["event-type"], m.Body)
		return nil
	})
	// A worker does this; the host hands the bus to it as its publisher.
	err := b.Publish(context.Background(),
		bus.Message{Topic: "tickets", Key: "INC1", Headers: map[string]string{"event-type": "TroubleTicketCreateEvent"}, Body: []byte(`{"n":1}`)},
		bus.Message{Topic: "tickets", Key: "INC1", Headers: map[string]string{"event-type": "TroubleTicketStatusChangeEvent"}, Body: []byte(`{"n":2}`)},
	)
	fmt.Println(err)
	// Output:
	// INC1 TroubleTicketCreateEvent {"n":1}
	// INC1 TroubleTicketStatusChangeEvent {"n":2}
	// <nil>
}

// reader keeps the messages of topics, as a host does that stores what it gets.
type reader struct {
	mu     sync.Mutex
	made   int
	topics map[string][]bus.Message
}

func TestPublisher(t *testing.T) {
	bustest.Run(t, func(testing.TB) bustest.Under {
		b, r := inproc.New(), &reader{topics: map[string][]bus.Message{}}
		return bustest.Under{
			Publisher: b,
			Topic: func(context.Context) (string, error) {
				r.mu.Lock()
				defer r.mu.Unlock()
				r.made++
				topic := fmt.Sprint("topic", r.made)
				b.Subscribe(topic, func(_ context.Context, m bus.Message) error {
					if m.Headers["refuse"] != "" {
						return fmt.Errorf("no such thing: %w", inproc.ErrRefused)
					}
					r.mu.Lock()
					defer r.mu.Unlock()
					r.topics[topic] = append(r.topics[topic], m)
					return nil
				})
				return topic, nil
			},
			Read: func(_ context.Context, topic string) ([]bus.Message, error) {
				r.mu.Lock()
				defer r.mu.Unlock()
				return r.topics[topic], nil
			},
			Refused: func(topic, key string) bus.Message {
				return bus.Message{ID: uuid.New(), Topic: topic, Key: key, Headers: map[string]string{"refuse": "1"}}
			},
		}
	})
}

func TestAHandlersErrorIsTriedAgain(t *testing.T) {
	b := inproc.New()
	fail := true
	var first, second []string
	b.Subscribe("t", func(_ context.Context, m bus.Message) error { first = append(first, string(m.Body)); return nil })
	cause := errors.New("full")
	b.Subscribe("t", func(_ context.Context, m bus.Message) error {
		if fail && string(m.Body) == "a1" {
			return cause
		}
		second = append(second, string(m.Body))
		return nil
	})
	message := func(key, body string) bus.Message { return bus.Message{Topic: "t", Key: key, Body: []byte(body)} }
	call := []bus.Message{message("a", "a1"), message("b", "b1"), message("a", "a2"), {Topic: "other", Key: "a", Body: []byte("o")}}

	var e *bus.Error
	if err := b.Publish(context.Background(), call...); !errors.As(err, &e) || e.Down != nil || !errors.Is(err, cause) {
		t.Fatalf("got %v", err)
	}
	if len(e.Failed) != 2 || e.Failed[0].Index != 0 || !e.Failed[0].Retry || e.Failed[1].Index != 2 || !e.Failed[1].Retry {
		t.Fatalf("failed are %+v, want 0 and, behind it, 2", e.Failed)
	}
	fail = false
	if err := b.Publish(context.Background(), call[0], call[2]); err != nil {
		t.Fatal(err)
	}
	if want := []string{"a1", "b1", "a1", "a2"}; !reflect.DeepEqual(first, want) {
		t.Errorf("the first handler got %v, want %v", first, want)
	}
	if want := []string{"b1", "a1", "a2"}; !reflect.DeepEqual(second, want) {
		t.Errorf("the second handler got %v, want %v", second, want)
	}
}

func TestAContextThatEndsWhileAnotherCallHandsOut(t *testing.T) {
	b := inproc.New()
	ctx, cancel := context.WithCancel(context.Background())
	in, out := make(chan struct{}), make(chan struct{})
	b.Subscribe("slow", func(context.Context, bus.Message) error { close(in); <-out; return nil })
	done := make(chan error, 1)
	go func() { done <- b.Publish(context.Background(), bus.Message{Topic: "slow"}) }()
	<-in
	cancel()
	var e *bus.Error
	if err := b.Publish(ctx, bus.Message{Topic: "x"}); !errors.As(err, &e) || !errors.Is(e.Down, context.Canceled) {
		t.Errorf("a call that waits for its turn: %v", err)
	}
	close(out)
	if err := <-done; err != nil {
		t.Error(err)
	}
	if err := b.Publish(context.Background(), bus.Message{Topic: "x"}); err != nil {
		t.Errorf("the turn was not given back: %v", err)
	}
}

func TestAContextThatEndsBetweenTwoMessages(t *testing.T) {
	b := inproc.New()
	ctx, cancel := context.WithCancel(context.Background())
	var got []string
	b.Subscribe("t", func(_ context.Context, m bus.Message) error { got = append(got, string(m.Body)); cancel(); return nil })
	var e *bus.Error
	err := b.Publish(ctx, bus.Message{Topic: "t", Body: []byte("1")}, bus.Message{Topic: "t", Body: []byte("2")})
	if !errors.As(err, &e) || !errors.Is(e.Down, context.Canceled) || len(got) != 1 {
		t.Errorf("got %v and %v", err, got)
	}
}
