package worker

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/store"
)

// Acts are what operators may do with a worker.
var (
	actStatus = forewarn.Act{Name: "worker.Status", Roles: []string{forewarn.RoleAdmin}}
	actDrop   = forewarn.Act{Name: "worker.Drop", Roles: []string{forewarn.RoleAdmin}}
	actRetry  = forewarn.Act{Name: "worker.Retry", Roles: []string{forewarn.RoleAdmin}}
)

// statusPage is how many of each list a Status has at most.
const statusPage = 100

// Status says how the work stands: of the caller's tenant; of forewarn.SystemActor(store.System), of all. Lists have
// at most 100 entries, the oldest first.
type Status struct {
	Running bool // whether Run is at work in this worker

	// Stuck are the events that this worker could not deliver, by shard and sequence. Drop gives one up.
	Stuck []Stuck
	// Failed are the items of due work that were given up. Retry schedules one again.
	Failed []forewarn.FailedDue
	// Fanouts are those that have not finished.
	Fanouts []forewarn.RunningFanout
	// Troubles are what did not answer when it was last asked: the bus, the store.
	Troubles []Trouble

	// Due is how many items of due work are due now, counted to the end of the first page of 1,000; DueMore says
	// that there are more.
	Due     int
	DueMore bool
	// Undelivered is how many events are in the log, counted in the first page of each shard; UndeliveredMore says
	// that there may be more. Oldest is when the oldest of them was staged, zero when there is none.
	Undelivered     int
	UndeliveredMore bool
	Oldest          time.Time
}

// Status returns how the work stands. It needs role admin, else it returns ErrForbidden.
func (w *Worker) Status(ctx context.Context, by forewarn.Caller) (Status, error) {
	return forewarn.Read(ctx, w.engine, by, actStatus.Name, struct{}{}, w.status)
}

func (w *Worker) status(u *forewarn.Unit, _ struct{}) (Status, error) {
	var s Status
	if err := u.Require(actStatus, forewarn.Subject{}); err != nil {
		return s, err
	}
	tenant := u.By().Tenant
	all := u.By().System() && tenant == store.System
	s.Running = w.isRunning()
	s.Troubles = w.troubled()

	failed, err := forewarn.FailedDues().Where("at").Limit(statusPage).Page(u, "")
	if err != nil {
		return s, err
	}
	s.Failed = failed.Items
	running, err := forewarn.RunningFanouts(u, statusPage, "")
	if err != nil {
		return s, err
	}
	s.Fanouts = running.Items

	due, err := w.engine.Waiting(u.Context(), store.AllShards(), u.Now(), "")
	if err != nil {
		return s, err
	}
	s.DueMore = due.Next != ""
	for _, i := range due.Items {
		if all || i.Tenant == tenant {
			s.Due++
		}
	}
	if err := w.backlog(u.Context(), &s, func(ticket string) bool { return all || ticket == tenant }); err != nil {
		return s, err
	}
	for shard := range store.Shards {
		for _, e := range w.stuckOf(shard) {
			if (all || e.Ticket.Tenant == tenant) && len(s.Stuck) < statusPage {
				s.Stuck = append(s.Stuck, e)
			}
		}
	}
	return s, nil
}

// backlog counts what is in the log, and strikes off the stuck events that are gone from it: another process may have
// dropped them.
func (w *Worker) backlog(ctx context.Context, s *Status, mine func(tenant string) bool) error {
	for shard := range store.Shards {
		stuck := map[store.Position]bool{}
		for _, e := range w.stuckOf(shard) {
			stuck[e.Position] = true
		}
		seen := 0
		err := w.scan(ctx, store.Position{Shard: shard}, func(e store.Event) bool {
			if delete(stuck, e.Position); seen < w.cfg.Page && mine(e.Ticket.Tenant) {
				s.Undelivered++
				if s.Oldest.IsZero() || e.At.Before(s.Oldest) {
					s.Oldest = e.At
				}
			}
			if seen++; seen == w.cfg.Page {
				s.UndeliveredMore = true
			}
			return seen < w.cfg.Page || len(stuck) > 0
		})
		if err != nil {
			return err
		}
		for at := range stuck {
			w.unstick(at)
		}
	}
	return nil
}

func (w *Worker) unstick(at store.Position) {
	w.mu.Lock()
	delete(w.stuck, at)
	w.mu.Unlock()
}

func (w *Worker) troubled() []Trouble {
	w.mu.Lock()
	defer w.mu.Unlock()
	var all []Trouble
	for _, t := range w.troubles {
		all = append(all, t)
	}
	slices.SortFunc(all, func(a, b Trouble) int { return cmp.Compare(a.What, b.What) })
	return all
}
