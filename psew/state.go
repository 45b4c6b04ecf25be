package psew

import (
	"context"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn"
)

// Begin starts the work on a new incident.
type Begin struct {
	Incident uuid.UUID
	Expect   forewarn.Version
}

// Begin takes an incident from New to In Progress. It returns ErrRefused from another state, ErrForbidden, ErrStale and ErrNotFound.
func (s *Service) Begin(ctx context.Context, by forewarn.Caller, cmd Begin) (Incident, error) {
	return forewarn.Do(ctx, s.engine, by, "psew.Begin", cmd, func(u *forewarn.Unit, cmd Begin) (Incident, error) {
		return s.moved(u, cmd.Incident, cmd.Expect, actWork, TriggerBegin, "", nil)
	})
}

// Hold puts an incident on hold.
type Hold struct {
	Incident uuid.UUID
	Expect   forewarn.Version
	Reason   HoldReason // required
	Note     string     // posted as a work note, unless empty
}

// Hold puts an incident On Hold, for a reason. It returns ErrInvalid without a reason, and otherwise what Begin returns.
func (s *Service) Hold(ctx context.Context, by forewarn.Caller, cmd Hold) (Incident, error) {
	return forewarn.Do(ctx, s.engine, by, "psew.Hold", cmd, func(u *forewarn.Unit, cmd Hold) (Incident, error) {
		if err := new(HoldReason).UnmarshalText([]byte(cmd.Reason)); err != nil || cmd.Reason == "" {
			return Incident{}, forewarn.Invalid("reason", "is one of caller, change, problem and vendor, not %q", cmd.Reason)
		}
		return s.moved(u, cmd.Incident, cmd.Expect, actWork, TriggerHold, cmd.Note, func(i *Incident) { i.HoldReason = cmd.Reason })
	})
}

// Resume goes on with an incident that was on hold.
type Resume struct {
	Incident uuid.UUID
	Expect   forewarn.Version
}

// Resume takes an incident from On Hold to In Progress. It returns what Begin returns.
func (s *Service) Resume(ctx context.Context, by forewarn.Caller, cmd Resume) (Incident, error) {
	return forewarn.Do(ctx, s.engine, by, "psew.Resume", cmd, func(u *forewarn.Unit, cmd Resume) (Incident, error) {
		return s.moved(u, cmd.Incident, cmd.Expect, actWork, TriggerResume, "", nil)
	})
}

// Cancel gives an incident up.
type Cancel struct {
	Incident uuid.UUID
	Expect   forewarn.Version
	Note     string // why; required, posted as a work note
}

// Cancel cancels an incident that is not resolved, and its open task with it. It returns ErrInvalid without a note, and otherwise what
// Begin returns.
func (s *Service) Cancel(ctx context.Context, by forewarn.Caller, cmd Cancel) (Incident, error) {
	return forewarn.Do(ctx, s.engine, by, "psew.Cancel", cmd, func(u *forewarn.Unit, cmd Cancel) (Incident, error) {
		if strings.TrimSpace(cmd.Note) == "" {
			return Incident{}, forewarn.Invalid("note", "is empty: a cancellation says why")
		}
		return s.moved(u, cmd.Incident, cmd.Expect, actWork, TriggerCancel, cmd.Note, func(i *Incident) { i.OpenTask = nil })
	})
}

// Close closes a resolved incident.
type Close struct {
	Incident uuid.UUID
	Expect   forewarn.Version
}

// Close takes an incident from Resolved to Closed, which is final. It returns ErrForbidden without PSEW_USER, and otherwise what Begin
// returns.
func (s *Service) Close(ctx context.Context, by forewarn.Caller, cmd Close) (Incident, error) {
	return forewarn.Do(ctx, s.engine, by, "psew.Close", cmd, func(u *forewarn.Unit, cmd Close) (Incident, error) {
		return s.moved(u, cmd.Incident, cmd.Expect, actClose, TriggerClose, "", func(i *Incident) {
			i.Closed, i.ClosedBy = u.Now(), u.By().ID
		})
	})
}

// Reopen goes on with a resolved incident.
type Reopen struct {
	Incident uuid.UUID
	Expect   forewarn.Version
	Note     string // why; required, posted as a work note
}

// Reopen takes an incident from Resolved to In Progress, back to the stage before Resolution, and opens that stage's task. It touches no
// case. It returns ErrInvalid without a note, and otherwise what Begin returns.
func (s *Service) Reopen(ctx context.Context, by forewarn.Caller, cmd Reopen) (Incident, error) {
	return forewarn.Do(ctx, s.engine, by, "psew.Reopen", cmd, s.reopen)
}

func (s *Service) reopen(u *forewarn.Unit, cmd Reopen) (none Incident, err error) {
	if strings.TrimSpace(cmd.Note) == "" {
		return none, forewarn.Invalid("note", "is empty: reopening says why")
	}
	before, err := incidents.GetAt(u, cmd.Incident, cmd.Expect)
	if err != nil {
		return none, err
	}
	if err := u.Require(actWork, before.subject()); err != nil {
		return none, err
	}
	i := before
	if i.State, err = before.move(TriggerReopen); err != nil {
		return none, err
	}
	i.Stage, i.LastStage = before.LastStage, NoStage
	i.Resolved, i.ResolvedBy = time.Time{}, ""
	i.Reopened++
	if i.Stage.Works() {
		if i, err = s.openAgain(u, i); err != nil {
			return none, err
		}
	}
	if err := workNote(u, i, cmd.Note, "reopened", ""); err != nil {
		return none, err
	}
	return s.save(u, &before, i)
}

// openAgain opens a task for the stage to which a reopened incident goes back. The group is the incident's present one.
func (s *Service) openAgain(u *forewarn.Unit, i Incident) (Incident, error) {
	n, err := u.Number("TASK")
	if err != nil {
		return i, err
	}
	t := Task{ID: u.NewID(), Number: numbered("TASK", n), Incident: i.ID, Stage: i.Stage, Group: i.Group, Assignee: i.Assignee,
		ShortDescription: i.ShortDescription, Priority: i.Priority, State: TaskStateOf(i.State), Opened: u.Now(), Updated: u.Now()}
	for _, flow := range s.flows.All() {
		if flow.Category != i.Category || flow.Subcategory != i.Subcategory {
			continue
		}
		for _, sub := range flow.Subflows {
			if sub.Stage == i.Stage {
				t.Flow = sub.Name
				if t.Message, err = messageText(u, sub.Message); err != nil {
					return i, err
				}
			}
		}
	}
	i.OpenTask = &t.ID
	return i, tasks.Put(u, &t)
}

// moved takes an incident over an edge of its table.
func (s *Service) moved(u *forewarn.Unit, id uuid.UUID, expect forewarn.Version, act forewarn.Act, on Trigger, note string,
	set func(*Incident)) (none Incident, err error) {
	before, err := incidents.GetAt(u, id, expect)
	if err != nil {
		return none, err
	}
	if err := u.Require(act, before.subject()); err != nil {
		return none, err
	}
	i := before
	if i.State, err = before.move(on); err != nil {
		return none, err
	}
	i.HoldReason = ""
	if note != "" {
		if err := workNote(u, i, note, "", ""); err != nil {
			return none, err
		}
	}
	if set != nil {
		set(&i)
	}
	if i.State == StateCancelled && before.OpenTask != nil {
		if err := s.endTask(u, before, i); err != nil {
			return none, err
		}
	}
	return s.save(u, &before, i)
}

// endTask ends the open task of an incident that is resolved or cancelled.
func (s *Service) endTask(u *forewarn.Unit, before, i Incident) error {
	i.OpenTask = before.OpenTask
	return s.syncTask(u, i)
}
