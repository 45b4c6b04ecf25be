package bustest

import (
	"context"
	"errors"
	"time"

	"github.com/forewarn-go/forewarn/bus"
)

// cancelled: the context ended before the call, so nobody knows what arrived, and no message is at fault.
func cancelled(f *fixture) {
	topic := f.topic()
	ctx, cancel := context.WithCancel(f.ctx)
	cancel()
	m := message(topic, "a", 1)
	e := f.fails(ctx, m)
	if e.Down == nil {
		f.Fatalf("a cancelled context is charged to a message: %v", e)
	}
	if !errors.Is(e, context.Canceled) {
		f.Fatalf("%v does not wrap context.Canceled", e)
	}
	after := message(topic, "b", 2)
	f.publish(after)
	if got := keyed(f.read(topic))["b"]; len(got) != 1 || got[0] != string(after.Body) {
		f.Fatalf("after a cancelled call key b has %q", got)
	}
}

func (f *fixture) needsRefused() {
	f.Helper()
	if f.Refused == nil {
		f.Skip("NOT PROVED: Under.Refused is nil, so no message is refused")
	}
}

func (f *fixture) needsBreak() {
	f.Helper()
	if f.Break == nil {
		f.Skip("NOT PROVED: Under.Break is nil, so the bus is never down")
	}
}

func refused(f *fixture) {
	f.needsRefused()
	topic := f.topic()
	call := []bus.Message{message(topic, "a", 1), f.Refused(topic, "b"), message(topic, "c", 2)}
	e := f.fails(f.ctx, call...)
	if e.Down != nil {
		f.Fatalf("a refused message is told as down: %v", e)
	}
	if len(e.Failed) != 1 || e.Failed[0].Index != 1 {
		f.Fatalf("failed are %+v, want the message at index 1 alone", e.Failed)
	}
	if e.Failed[0].Retry {
		f.Fatalf("a message that the bus will never take may be retried: %v", e.Failed[0].Err)
	}
}

func neighbours(f *fixture) {
	f.needsRefused()
	topic := f.topic()
	a, c := message(topic, "a", 1), message(topic, "c", 2)
	f.fails(f.ctx, a, f.Refused(topic, "b"), c)
	f.holds(topic, a, c)
}

// overtakes: what stands behind a refused message of its key waits, and may be retried.
func overtakes(f *fixture) {
	f.needsRefused()
	topic := f.topic()
	first, other, behind := message(topic, "a", 1), message(topic, "b", 2), message(topic, "a", 3)
	e := f.fails(f.ctx, first, f.Refused(topic, "a"), other, behind)
	if e.Down != nil {
		f.Fatalf("a refused message is told as down: %v", e)
	}
	retry := map[int]bool{}
	for _, failure := range e.Failed {
		retry[failure.Index] = failure.Retry
	}
	if wait, told := retry[3]; len(retry) != 2 || !told || !wait || retry[1] {
		f.Fatalf("failed are %+v, want the refused one at 1 and, to be retried, the one behind it at 3", e.Failed)
	}
	f.holds(topic, first, other)
}

// brief is how long a caller waits for a bus that is cut off: the publisher must return when that ends.
const brief = 3 * time.Second

func down(f *fixture) {
	f.needsBreak()
	topic := f.topic()
	f.publish(message(topic, "a", 1))
	heal := f.Break()
	defer heal()
	ctx, cancel := context.WithTimeout(f.ctx, brief)
	defer cancel()
	e := f.fails(ctx, message(topic, "a", 2), message(topic, "b", 3))
	if e.Down == nil {
		f.Fatalf("a bus that is cut off is not told as down: %v", e)
	}
	for _, failure := range e.Failed {
		if !failure.Retry {
			f.Fatalf("a bus that is cut off is charged to message %d: %v", failure.Index, failure.Err)
		}
	}
}

func back(f *fixture) {
	f.needsBreak()
	topic := f.topic()
	first := message(topic, "a", 1)
	f.publish(first)
	heal := f.Break()
	ctx, cancel := context.WithTimeout(f.ctx, brief)
	defer cancel()
	f.fails(ctx, message(topic, "b", 2))
	heal()
	second := message(topic, "a", 3)
	f.publish(second)
	got := keyed(f.read(topic))["a"]
	if len(got) != 2 || got[0] != string(first.Body) || got[1] != string(second.Body) {
		f.Fatalf("key a has %q, want %s and %s", got, first.Body, second.Body)
	}
}
