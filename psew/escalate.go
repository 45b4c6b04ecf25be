package psew

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/decision"
	"github.com/forewarn-go/forewarn/ticket"
)

// Escalate hands an incident to the next level.
type Escalate struct {
	Incident uuid.UUID
	Expect   forewarn.Version // the version the caller saw; zero: any
	Note     string           // why; required, posted as a work note
}

// Escalate closes the engineer's task as Closed Complete, asks the policy for
// the next level, opens that level's task in Work in Progress, posts its
// instructions, and sets Needs attention. All of it is one commit.
//
// It returns ErrInvalid without a note; ErrRefused when the policy has no row
// for category, subcategory and stage (then it wraps ErrNoPath), and for an
// incident that is resolved, closed or cancelled; ErrForbidden without noc_agent;
// ErrStale; ErrNotFound.
func (s *Service) Escalate(ctx context.Context, by forewarn.Caller, cmd Escalate) (Incident, error) {
	return forewarn.Do(ctx, s.engine, by, "psew.Escalate", cmd, s.escalate)
}

func (s *Service) escalate(u *forewarn.Unit, cmd Escalate) (none Incident, err error) {
	if err := u.Prefetch(incidents.Key(u.By().Tenant, cmd.Incident), policies.Key(u.By().Tenant, policyID)); err != nil {
		return none, err
	}
	incident, err := incidents.GetAt(u, cmd.Incident, cmd.Expect)
	if err != nil {
		return none, err
	}
	if err := u.Require(actEscalate, incident.subject()); err != nil {
		return none, err
	}
	if strings.TrimSpace(cmd.Note) == "" {
		return none, forewarn.Invalid("note", "is empty: an escalation says why")
	}
	next, err := incident.move(TriggerEscalate)
	if err != nil {
		return none, err
	}
	level, err := s.policy.Next(u, incident)
	if err != nil {
		return none, err
	}
	if err := workNote(u, incident, cmd.Note, "", "escalate"); err != nil {
		return none, err
	}
	before := incident
	incident.State, incident.HoldReason, incident.Triggered = next, "", true
	if incident, err = s.reach(u, incident, level); err != nil {
		return none, err
	}
	return s.save(u, &before, incident)
}

// reach takes an incident to a level: it closes the open task, opens the level's, and posts the instructions.
func (s *Service) reach(u *forewarn.Unit, i Incident, level Level) (Incident, error) {
	var open *Task
	message := messageID(level.Flow.Message)
	if i.OpenTask != nil {
		if err := u.Prefetch(tasks.Key(i.Tenant, *i.OpenTask), messages.Key(i.Tenant, message)); err != nil {
			return i, err
		}
		t, err := tasks.Get(u, *i.OpenTask)
		if err != nil {
			return i, err
		}
		open = &t
	}
	text, err := messageText(u, level.Flow.Message)
	if err != nil {
		return i, err
	}
	n, err := u.Number("TASK")
	if err != nil {
		return i, err
	}
	next := reach(i, open, level, text, numbered("TASK", n), u.NewID(), u.Now())
	if next.Closed != nil {
		if err := tasks.Put(u, next.Closed); err != nil {
			return i, err
		}
	}
	if err := tasks.Put(u, &next.Opened); err != nil {
		return i, err
	}
	if _, err := post(u, i, ticket.WorkNote, text, "escalated", level.Flow.Name); err != nil {
		return i, err
	}
	return next.Incident, nil
}

// reached is what reaching a level changes.
type reached struct {
	Incident Incident
	Closed   *Task
	Opened   Task
}

// reach is the rule itself: no store, no clock, nothing hidden.
func reach(i Incident, open *Task, level Level, message, number string, id uuid.UUID, now time.Time) reached {
	out := reached{Incident: i}
	if open != nil && !open.State.Done() {
		closed := *open
		closed.State = TaskClosedComplete
		closed = closed.stamped(*open, now)
		out.Closed = &closed
	}
	out.Incident.Stage = level.Stage
	if i.Group != level.Group {
		out.Incident.Reassigned++
	}
	out.Incident.Group, out.Incident.Assignee = level.Group, level.Flow.Assignee
	out.Incident.NeedsAttention = true
	out.Incident.OpenTask = &id
	out.Opened = Task{ID: id, Tenant: i.Tenant, Number: number, Incident: i.ID, Stage: level.Stage, Flow: level.Flow.Name,
		Group: level.Group, Assignee: level.Flow.Assignee, ShortDescription: i.ShortDescription, Priority: i.Priority,
		State: TaskStateOf(out.Incident.State), Message: message, Opened: now, Updated: now}
	if level.Why.Row > 0 {
		out.Opened.Reached = &Reached{Policy: level.Why.Policy, Row: level.Why.Row, Category: i.Category, Subcategory: i.Subcategory, From: i.Stage}
	}
	return out
}

// Reached says why an incident got to a level: the row of the policy that fitted, and what it fitted. It is kept with the
// level's task, so that it is known whatever becomes of incident and policy.
type Reached struct {
	Policy      string      `json:"policy"`
	Row         int         `json:"row"` // from 1, of the policy as it was then
	Category    Category    `json:"category"`
	Subcategory Subcategory `json:"subcategory"`
	From        Stage       `json:"from,omitempty"` // the stage before
}

// WhyLevel asks why an incident got its level, and where it would go from there.
type WhyLevel struct {
	Incident uuid.UUID
}

// Explanation tells by which row of the policy an incident got its level, what the policy would decide next, and by which row.
type Explanation struct {
	Incident uuid.UUID `json:"incident"`
	Stage    Stage     `json:"stage"`
	// Reached says why the incident is where it is; nil when no level was reached by a row, or its task is gone.
	Reached *Reached `json:"reached,omitempty"`
	Next    Stage    `json:"next,omitempty"`
	Group   string   `json:"assignmentGroup,omitempty"`
	Why     Why      `json:"why"`
	// Decision tells of every row why it fits or not; nil when the service's Policy is no Explainer.
	Decision *decision.Explanation `json:"decision,omitempty"`
	// Text says it in a sentence; where no row fits, it says that.
	Text string `json:"text"`
}

// WhyLevel tells which row of the policy gave the incident its level, and which row decides the next one, as data and in a sentence (DEC-024). It returns
// ErrNotFound and ErrForbidden as Get does.
func (s *Service) WhyLevel(ctx context.Context, by forewarn.Caller, q WhyLevel) (Explanation, error) {
	return forewarn.Read(ctx, s.engine, by, "psew.WhyLevel", q, s.whyLevel)
}

func (s *Service) whyLevel(u *forewarn.Unit, q WhyLevel) (none Explanation, err error) {
	i, err := s.readable(u, q.Incident)
	if err != nil {
		return none, err
	}
	e := Explanation{Incident: i.ID, Stage: i.Stage}
	if i.OpenTask != nil {
		t, err := tasks.Peek(u, *i.OpenTask)
		if err != nil && !isNotFound(err) {
			return none, err
		}
		e.Reached = t.Reached
	}
	if p, ok := s.policy.(Explainer); ok {
		x, err := p.Explain(u, i)
		if err != nil {
			return none, err
		}
		e.Decision = &x
	}
	level, err := s.policy.Next(u, i)
	switch {
	case errors.Is(err, ErrNoPath):
		e.Text = "No row of the policy fits category " + quote(i.Category) + ", subcategory " + quote(i.Subcategory) +
			" and stage " + quote(i.Stage) + ": the incident cannot be escalated from here."
		return e, nil
	case err != nil:
		return none, err
	}
	e.Next, e.Group, e.Why = level.Stage, level.Group, level.Why
	e.Text = "Row " + itoa(level.Why.Row) + " of " + level.Why.Policy + " fits category " + quote(i.Category) + ", subcategory " +
		quote(i.Subcategory) + " and stage " + quote(i.Stage) + ": it leads to " + string(level.Stage) + " at " + level.Group + " by " +
		level.Flow.Name + "."
	return e, nil
}
