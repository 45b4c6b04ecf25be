package worker

import (
	"context"
	"sync"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/store"
)

// keepDue does due work as it comes until ctx ends; what is in hand then goes on under work.
func (w *Worker) keepDue(ctx, work context.Context) {
	failures := 0
	for ctx.Err() == nil {
		done, err := w.pass(ctx, work)
		if err == nil {
			err = w.purge(ctx)
		}
		if ctx.Err() != nil {
			return
		}
		w.trouble("due work", err)
		switch {
		case err != nil:
			failures++
			pause(ctx, w.cfg.Retry(failures), nil)
		case done > 0:
			failures = 0
		default:
			failures = 0
			pause(ctx, w.cfg.Poll, w.due)
		}
	}
}

// drainDue does due work until a pass finds none.
func (w *Worker) drainDue(ctx, work context.Context) error {
	for {
		done, err := w.pass(ctx, work)
		w.trouble("due work", err)
		if err != nil {
			return err
		}
		if done == 0 {
			return w.purge(ctx)
		}
	}
}

// pass does what is due now, page by page up to one instant, and returns how many items it had in hand. What is
// scheduled, put off or committed meanwhile is found by the next pass, which begins at the start.
func (w *Worker) pass(ctx, work context.Context) (done int, err error) {
	to := w.engine.Now()
	after := ""
	for {
		page, err := w.engine.Waiting(ctx, store.AllShards(), to, after)
		if err != nil {
			return done, err
		}
		n, err := w.settle(ctx, work, w.engine.Batches(page.Items))
		done += n
		if err != nil || page.Next == "" {
			return done, err
		}
		after = page.Next
	}
}

// settle does batches of items, several at once. It begins none after an error or the end of ctx.
func (w *Worker) settle(ctx, work context.Context, batches [][]forewarn.Item) (done int, err error) {
	var (
		mu    sync.Mutex
		all   sync.WaitGroup
		slots = make(chan struct{}, w.cfg.Units)
	)
	failed := func() error {
		mu.Lock()
		defer mu.Unlock()
		return err
	}
	for _, items := range batches {
		slots <- struct{}{}
		if ctx.Err() != nil || failed() != nil {
			break
		}
		done += len(items)
		all.Go(func() {
			defer func() { <-slots }()
			if e := w.engine.Settle(work, items); e != nil {
				mu.Lock()
				if err == nil {
					err = e
				}
				mu.Unlock()
			}
		})
	}
	all.Wait()
	if err == nil {
		err = ctx.Err()
	}
	return done, err
}
