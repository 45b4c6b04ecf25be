package worker

import (
	"context"
	"errors"
	"fmt"

	"github.com/forewarn-go/forewarn/bus"
	"github.com/forewarn-go/forewarn/store"
)

// publish hands a batch of one shard to the publisher. At a further try of events that were refused it first looks
// which of them still stand in the log: one may have been dropped, by another process too.
func (w *Worker) publish(ctx context.Context, batch []store.Event, again bool) outcome {
	o := outcome{cut: len(batch)}
	if again {
		standing, err := w.standing(ctx, batch)
		if err != nil {
			return outcome{store: err}
		}
		o.gone = map[int]bool{}
		for i, e := range batch {
			o.gone[i] = !standing[e.Position]
		}
	}
	messages := make([]bus.Message, 0, len(batch))
	index := make([]int, 0, len(batch)) // of a message's event in the batch
	for i, e := range batch {
		if o.gone[i] {
			continue
		}
		m, err := w.encode(e)
		if err != nil {
			o.cut, o.failed = i, map[int]error{i: fmt.Errorf("encode: %w", err)}
			break
		}
		messages, index = append(messages, m), append(index, i)
	}
	if len(messages) == 0 {
		return o
	}
	ctx, cancel := context.WithTimeout(ctx, w.cfg.PublishTimeout)
	defer cancel()
	err := w.cfg.Publisher.Publish(ctx, messages...)
	if err == nil {
		return o
	}
	var of *bus.Error
	if !errors.As(err, &of) || of.Down != nil || len(of.Failed) == 0 {
		return outcome{down: err}
	}
	for _, f := range of.Failed {
		if f.Index < 0 || f.Index >= len(messages) {
			return outcome{down: fmt.Errorf("the publisher failed message %d of %d: %w", f.Index, len(messages), err)}
		}
		if o.failed == nil {
			o.failed = map[int]error{}
		}
		if f.Err == nil {
			f.Err = errors.New("the publisher gives no reason")
		}
		o.failed[index[f.Index]] = f.Err
	}
	return o
}

func (w *Worker) encode(e store.Event) (bus.Message, error) {
	if w.cfg.Encode == nil {
		return bus.Message{ID: e.ID}, nil // for bus.Discard
	}
	return w.cfg.Encode(e)
}

// standing returns which of some events of one shard still stand in the log.
func (w *Worker) standing(ctx context.Context, events []store.Event) (map[store.Position]bool, error) {
	want := make(map[store.Position]bool, len(events))
	for _, e := range events {
		want[e.Position] = true
	}
	standing := make(map[store.Position]bool, len(events))
	err := w.scan(ctx, events[0].Position, func(e store.Event) bool {
		if want[e.Position] {
			standing[e.Position] = true
		}
		return len(standing) < len(want)
	})
	return standing, err
}

// scan reads the log of a position's lane and shard from the beginning, as long as see returns true.
func (w *Worker) scan(ctx context.Context, at store.Position, see func(store.Event) bool) (err error) {
	r, err := w.log.Reader(at.Lane, at.Shard)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	for {
		events, err := r.Next(ctx, w.cfg.Page)
		if err != nil {
			return err
		}
		if len(events) == 0 {
			return nil
		}
		for _, e := range events {
			if !see(e) {
				return nil
			}
		}
	}
}
