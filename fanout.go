package forewarn

import (
	"encoding/json"
	"time"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn/store"
)

// Fanout is work too large for one commit. The use case commits its decision
// and a record of the work (what, cursor, done, total); a worker goes on in steps,
// each of which puts that record together with what it creates. So the work
// survives any crash, and everybody sees how far it is.
type Fanout[T any] struct{ kind string }

// NewFanout returns the fan-outs of a kind, which is named as kinds of records are.
func NewFanout[T any](kind string) Fanout[T] { return Fanout[T]{kind: kind} }

// Progress is how far a fan-out is.
type Progress struct {
	Name     string
	Done     int
	Total    int // as it was known at the start; 0 when it was not
	Started  time.Time
	Finished time.Time // zero while it runs
}

// fanoutRecord is the record of a fan-out.
type fanoutRecord struct {
	ID       uuid.UUID       `json:"id"`
	Version  Version         `json:"version"`
	Tenant   string          `json:"-"`
	Kind     string          `json:"kind"`
	Name     string          `json:"name"`
	Body     json.RawMessage `json:"body"`
	Cursor   string          `json:"cursor,omitempty"`
	Done     int             `json:"done"`
	Total    int             `json:"total"`
	Started  time.Time       `json:"started"`
	Finished time.Time       `json:"finished,omitzero"`
}

var fanouts = NewRecords("fanout", Shape[fanoutRecord]{
	ID:      func(f *fanoutRecord) *uuid.UUID { return &f.ID },
	Version: func(f *fanoutRecord) *Version { return &f.Version },
	Tenant:  func(f *fanoutRecord) *string { return &f.Tenant },
	Fields: []Field[fanoutRecord]{
		{"finished", store.Int, func(f *fanoutRecord) store.Value { return Time(f.Finished) }},
		{"running", store.Int, func(f *fanoutRecord) store.Value {
			if f.Finished.IsZero() {
				return Time(f.Started)
			}
			return store.Value{}
		}},
	},
	Indexes: []store.Index{
		{Name: "finished", Fields: []string{"finished"}},
		{Name: "running", Fields: []string{"running"}},
	},
	Global: true,
})

func (f Fanout[T]) id(u *Unit, name string) uuid.UUID {
	return store.NameID("fanout", u.actor.Tenant, f.kind, name)
}

// step is the body of a fan-out's due item.
type step struct {
	ID uuid.UUID `json:"id"`
}

// Start begins a fan-out: a worker does its first step. A fan-out of that name which has finished begins again;
// one that runs is ErrRefused.
func (f Fanout[T]) Start(u *Unit, name string, body T, total int) error {
	if _, err := f.begin(u, name, body, total); err != nil {
		return err
	}
	return f.next(u, name)
}

// Begin is Start with the first step done in this unit, so that a few results are there when the use case returns. The
// fan-out's job must be registered.
func (f Fanout[T]) Begin(u *Unit, name string, body T, total int) error {
	rec, err := f.begin(u, name, body, total)
	if err != nil {
		return err
	}
	j, ok := u.engine.job(f.kind)
	if !ok {
		return u.stick(Invalid("fanout "+f.kind, "has no job in this engine"))
	}
	b, err := json.Marshal(step{ID: rec.ID})
	if err != nil {
		return u.stick(Invalid("fanout "+f.kind, "the step is no JSON: %v", err))
	}
	return u.stick(j.do(u.As(SystemActor(u.actor.Tenant)), []Item{{Tenant: u.actor.Tenant, Kind: f.kind, Name: name, body: b}}))
}

func (f Fanout[T]) begin(u *Unit, name string, body T, total int) (none fanoutRecord, err error) {
	rec, err := fanouts.Get(u, f.id(u, name))
	switch {
	case err == nil && rec.Finished.IsZero():
		return none, u.stick(Refused(fanouts.Key(u.actor.Tenant, rec.ID), "fanout", "%s %s is still running", f.kind, name))
	case err != nil && !isNotFound(err):
		return none, err
	}
	b, err := json.Marshal(body)
	if err != nil {
		return none, u.stick(Invalid("fanout "+f.kind, "the body is no JSON: %v", err))
	}
	rec = fanoutRecord{ID: f.id(u, name), Kind: f.kind, Name: name, Body: b, Total: total, Started: u.now}
	err = fanouts.Put(u, &rec) // before rec is returned, since it writes the version into it
	return rec, err
}

func (f Fanout[T]) next(u *Unit, name string) error {
	b, err := json.Marshal(step{ID: f.id(u, name)})
	if err != nil {
		return u.stick(Invalid("fanout "+f.kind, "the step is no JSON: %v", err))
	}
	return u.schedule(f.kind, name, u.now, b)
}

// Job makes a job of a function that does one step: as much behind the cursor after as fits the unit. It returns the
// next cursor, "" at the end, and how many it has done. What a step creates it creates so that a repeat finds it.
func (f Fanout[T]) Job(do func(u *Unit, body T, after string) (next string, done int, err error)) Job {
	return Job{kind: f.kind, max: 1, chained: true, do: func(u *Unit, items []Item) error {
		for _, item := range items {
			var s step
			if err := item.decode(&s); err != nil {
				return err
			}
			rec, err := fanouts.Get(u, s.ID)
			if isNotFound(err) {
				continue // taken away since
			}
			if err != nil {
				return err
			}
			if !rec.Finished.IsZero() {
				continue
			}
			var body T
			if err := json.Unmarshal(rec.Body, &body); err != nil {
				return Invalid("fanout "+f.kind, "the body of %s cannot be read: %v", rec.Name, err)
			}
			next, done, err := do(u, body, rec.Cursor)
			if err != nil {
				return err
			}
			rec.Cursor = next
			rec.Done += done
			if next == "" {
				rec.Finished = u.now
			} else if err := f.next(u, rec.Name); err != nil {
				return err
			}
			if err := fanouts.Put(u, &rec); err != nil {
				return err
			}
		}
		return nil
	}}
}

// Progress returns how far the fan-out of a name is, or ErrNotFound.
func (f Fanout[T]) Progress(u *Unit, name string) (Progress, error) {
	rec, err := fanouts.Peek(u, f.id(u, name))
	if err != nil {
		return Progress{}, err
	}
	return Progress{Name: rec.Name, Done: rec.Done, Total: rec.Total, Started: rec.Started, Finished: rec.Finished}, nil
}

// RunningFanout is a fan-out that has not finished.
type RunningFanout struct {
	Tenant, Kind string
	Progress
}

// RunningFanouts returns a page of the fan-outs that have not finished, the oldest first: those of the actor's tenant,
// of SystemActor(store.System) those of all tenants.
func RunningFanouts(u *Unit, limit int, after string) (Page[RunningFanout], error) {
	found, err := fanouts.Where("running").Limit(limit).Page(u, after)
	if err != nil {
		return Page[RunningFanout]{}, err
	}
	page := Page[RunningFanout]{Next: found.Next, Items: make([]RunningFanout, len(found.Items))}
	for i, f := range found.Items {
		page.Items[i] = RunningFanout{Tenant: f.Tenant, Kind: f.Kind,
			Progress: Progress{Name: f.Name, Done: f.Done, Total: f.Total, Started: f.Started}}
	}
	return page, nil
}
