package psew

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/store"
	"github.com/forewarn-go/forewarn/ticket"
)

// TaskState is where an incident task stands.
type TaskState string

// The states of tasks.
const (
	TaskOpen           TaskState = "Open"
	TaskInProgress     TaskState = "Work in Progress"
	TaskPending        TaskState = "Pending"
	TaskClosedComplete TaskState = "Closed Complete"
	TaskCancelled      TaskState = "Cancelled"
)

// UnmarshalText refuses what is no state of a task.
func (s *TaskState) UnmarshalText(b []byte) error {
	return known(s, b, TaskOpen, TaskInProgress, TaskPending, TaskClosedComplete, TaskCancelled)
}

// Done reports whether the task is closed. A closed task never changes again.
func (s TaskState) Done() bool { return s == TaskClosedComplete || s == TaskCancelled }

// TaskStateOf is the state that an incident's open task takes from the incident's (PSEW-129).
func TaskStateOf(s State) TaskState {
	switch s {
	case StateInProgress:
		return TaskInProgress
	case StateOnHold:
		return TaskPending
	case StateResolved, StateClosed:
		return TaskClosedComplete
	case StateCancelled:
		return TaskCancelled
	}
	return TaskOpen
}

// Task is the work of one group on an incident at one stage.
type Task struct {
	ID       uuid.UUID        `json:"id"`
	Version  forewarn.Version `json:"version"`
	Tenant   string           `json:"tenant,omitempty"`
	Number   string           `json:"number"` // TASK and 7 digits
	Incident uuid.UUID        `json:"incident"`

	Stage            Stage     `json:"stage"`
	Flow             string    `json:"flow"` // the subflow that opened it
	Group            string    `json:"assignmentGroup"`
	Assignee         string    `json:"assignedTo,omitempty"`
	ShortDescription string    `json:"shortDescription"`
	Priority         Priority  `json:"priority"`
	State            TaskState `json:"state"`
	Message          string    `json:"message,omitempty"` // the instructions of the stage
	Reached          *Reached  `json:"reached,omitempty"` // why the incident got to this level; nil under a host's own Policy without rows

	Opened  time.Time     `json:"opened"`
	Updated time.Time     `json:"updated"`
	Closed  time.Time     `json:"closed,omitzero"`
	Custom  ticket.Custom `json:"custom,omitempty"`
}

const kindTask = "incident_task"

var tasks = forewarn.NewRecords(kindTask, forewarn.Shape[Task]{
	ID:      func(t *Task) *uuid.UUID { return &t.ID },
	Version: func(t *Task) *forewarn.Version { return &t.Version },
	Tenant:  func(t *Task) *string { return &t.Tenant },
	Fields: []forewarn.Field[Task]{
		{Name: "incident", Type: store.Text, Of: func(t *Task) store.Value { return forewarn.ID(t.Incident) }},
		{Name: "opened", Type: store.Int, Of: func(t *Task) store.Value { return forewarn.Time(t.Opened) }},
		{Name: "level", Type: store.Int, Of: func(t *Task) store.Value { return forewarn.Int(slices.Index(Stages(), t.Stage)) }},
		{Name: "state", Type: store.Text, Of: func(t *Task) store.Value { return forewarn.Text(t.State) }},
		{Name: "assigned_group", Type: store.Text, Of: func(t *Task) store.Value { return forewarn.Text(t.Group) }},
	},
	Indexes: []store.Index{
		{Name: "incident", Fields: []string{"incident", "opened", "level"}},
		{Name: "assigned_group", Fields: []string{"assigned_group", "state", "opened"}},
	},
})

// sync makes the open task follow its incident: short description, priority, state, assignment group, assignee
// (PSEW-030, PSEW-031). A closed task is returned as it is (PSEW-032).
func (t Task) sync(i Incident, now time.Time) Task {
	if t.State.Done() {
		return t
	}
	next := t
	next.ShortDescription, next.Priority, next.Group, next.Assignee = i.ShortDescription, i.Priority, i.Group, i.Assignee
	next.State = TaskStateOf(i.State)
	return next.stamped(t, now)
}

// stamped sets the times of a task that has changed.
func (t Task) stamped(before Task, now time.Time) Task {
	if t.ShortDescription == before.ShortDescription && t.Priority == before.Priority && t.Group == before.Group &&
		t.Assignee == before.Assignee && t.State == before.State {
		return before
	}
	t.Updated = now
	if t.State.Done() {
		t.Closed = now
	}
	return t
}
