package bus_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/forewarn-go/forewarn/bus"
)

// An error tells a bus that is down from messages that failed, names at most three of these, and keeps every cause.
func TestError(t *testing.T) {
	down, refused := errors.New("no route"), errors.New("too large")
	err := error(&bus.Error{Down: down})
	if !errors.Is(err, down) || !strings.Contains(err.Error(), "down: no route") {
		t.Errorf("down: %v", err)
	}
	err = &bus.Error{Failed: []bus.Failure{{Index: 1, Err: refused}, {Index: 2}, {Index: 3}, {Index: 7, Err: down}}}
	if !errors.Is(err, refused) || !errors.Is(err, down) {
		t.Errorf("a cause is lost: %v", err)
	}
	if s := err.Error(); !strings.Contains(s, "4 messages failed") || !strings.Contains(s, "[1]: too large") || strings.Contains(s, "[7]") {
		t.Errorf("failed: %s", s)
	}
}

func TestFuncAndDiscard(t *testing.T) {
	ctx := context.Background()
	var got []bus.Message
	p := bus.Func(func(_ context.Context, m ...bus.Message) error { got = m; return nil })
	if err := p.Publish(ctx, bus.Message{Key: "k"}); err != nil || len(got) != 1 || got[0].Key != "k" {
		t.Errorf("the function got %+v, %v", got, err)
	}
	if err := bus.Discard.Publish(ctx, bus.Message{}); err != nil {
		t.Errorf("discard: %v", err)
	}
}
