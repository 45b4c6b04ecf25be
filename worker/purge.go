package worker

import (
	"context"
	"time"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/store"
)

// purgeEvery is how often records that were kept long enough are looked for, by the clock of the engine.
const purgeEvery = time.Hour

// purge takes away what was kept long enough, a page a commit, when an hour has gone by since it last did.
func (w *Worker) purge(ctx context.Context) error {
	now := w.engine.Now()
	w.mu.Lock()
	last := w.purged
	w.mu.Unlock()
	if !last.IsZero() && now.Sub(last).Abs() < purgeEvery {
		return nil
	}
	for _, p := range []struct {
		keep time.Duration
		page func(*forewarn.Unit, time.Time) (int, error)
	}{
		{w.cfg.KeepMails, (*forewarn.Unit).PurgeMails},
		{w.cfg.KeepFanouts, (*forewarn.Unit).PurgeFanouts},
		{w.cfg.KeepRequests, (*forewarn.Unit).PurgeRequests},
	} {
		for {
			gone := 0
			err := w.engine.Update(ctx, forewarn.SystemActor(store.System), func(_ context.Context, u *forewarn.Unit) (err error) {
				gone, err = p.page(u, now.Add(-p.keep))
				return err
			})
			if err != nil {
				return err
			}
			if gone == 0 {
				break
			}
		}
	}
	w.mu.Lock()
	w.purged = now
	w.mu.Unlock()
	return nil
}
