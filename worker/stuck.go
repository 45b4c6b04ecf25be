package worker

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/forewarn-go/forewarn/store"
)

// Stuck is an event that cannot be delivered. What lies behind it in its shard waits.
type Stuck struct {
	store.Position
	Ticket store.Key
	Type   string
	Error  string    // of the last try
	Since  time.Time // of the first failure that this worker has seen
	Tries  int       // that have failed
}

// Trouble is something that does not answer at present.
type Trouble struct {
	What  string // "bus", "log", "forget" or "due work"
	Error string // the last
	Since time.Time
}

// UndeliveredError says what a Drain could not deliver.
type UndeliveredError struct {
	Down    error   // the bus itself does not answer; nil when it does
	Stuck   []Stuck // the events that were refused or could not be encoded
	Waiting int     // how many events are known to wait, those stuck included
}

// Error names the first stuck event and counts the others.
func (e *UndeliveredError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "worker: %d events wait", e.Waiting)
	if e.Down != nil {
		fmt.Fprintf(&b, ": %v", e.Down)
	}
	for i, s := range e.Stuck {
		if i == 3 {
			fmt.Fprintf(&b, "; and %d more are stuck", len(e.Stuck)-i)
			break
		}
		fmt.Fprintf(&b, "; %s of %s %s at shard %d, %d: %s", s.Type, s.Ticket.Kind, s.Ticket.ID, s.Shard, s.Seq, s.Error)
	}
	return b.String()
}

// Unwrap returns the error of the bus, if there is one.
func (e *UndeliveredError) Unwrap() error { return e.Down }

// note keeps which events of a call are stuck, and which no more.
func (w *Worker) note(batch []store.Event, o outcome) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.stuck)+len(o.failed) == 0 {
		return
	}
	behind := map[store.Key]bool{} // what failed behind another of its ticket only waits
	for i, e := range batch {
		err := o.failed[i]
		s, known := w.stuck[e.Position]
		switch {
		case err != nil && behind[e.Ticket]:
			continue
		case err == nil && i < o.cut:
			delete(w.stuck, e.Position)
			continue
		case err == nil:
			continue
		case !known:
			s = Stuck{Position: e.Position, Ticket: e.Ticket, Type: e.Type, Since: w.engine.Now()}
			w.cfg.Log.Error("an event cannot be delivered", "tenant", e.Ticket.Tenant, "kind", e.Ticket.Kind, "id", e.Ticket.ID,
				"shard", e.Shard, "seq", e.Seq, "error", err)
		}
		behind[e.Ticket] = true
		s.Error, s.Tries = err.Error(), s.Tries+1
		w.stuck[e.Position] = s
	}
}

// stuckOf returns the stuck events of a shard, in order.
func (w *Worker) stuckOf(shard int) []Stuck {
	w.mu.Lock()
	defer w.mu.Unlock()
	var all []Stuck
	for _, s := range w.stuck {
		if s.Shard == shard {
			all = append(all, s)
		}
	}
	slices.SortFunc(all, func(a, b Stuck) int { return cmp.Compare(a.Seq, b.Seq) })
	return all
}

// trouble keeps that something does not answer, or, with nil, that it does again.
func (w *Worker) trouble(what string, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	t, known := w.troubles[what]
	switch {
	case err == nil && !known:
		return
	case err == nil:
		delete(w.troubles, what)
		w.cfg.Log.Info("answers again", "what", what)
		return
	case !known:
		t = Trouble{What: what, Since: w.engine.Now()}
	}
	t.Error = err.Error()
	w.troubles[what] = t
	w.cfg.Log.Warn("does not answer", "what", what, "error", err)
}
