package techcase

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/internal/machine"
	"github.com/forewarn-go/forewarn/ticket"
)

// TransitionError says that a case does not go from its state on a trigger.
type TransitionError struct {
	From    State
	To      State // where the trigger leads from other states; "" when it leads nowhere, or to several
	Action  Trigger
	Why     string
	Allowed []Trigger // what the state takes
}

func (e *TransitionError) Error() string {
	to := ""
	if e.To != "" {
		to = fmt.Sprintf(" to %q", e.To)
	}
	return fmt.Sprintf("%q does not lead from %q%s: %s", e.Action, e.From, to, e.Why)
}

// flow is a verified Flow.
type flow struct {
	machine *machine.Machine[State, Trigger]
	status  map[State]ticket.Status
}

// newFlow verifies a Flow: its table by the rules of internal/machine, every trigger of the use cases declared, each
// state with a status, final states with a final status and no others.
func newFlow(f Flow) (flow, error) {
	f = f.clone()
	m, err := machine.New(f.Table, machine.Words{
		Facts:    []Fact{CustomerActs, IsMajor},
		Who:      []string{WhoCreator, WhoAgent, WhoCustomer, WhoSystem, WhoManager},
		Requires: []string{NeedShortDescription, NeedResolutionCode, NeedResolutionNotes},
		Follows:  []string{AssignActor, SetAttention, CustomerResponded, RestartAutoClose},
	})
	if err != nil {
		return flow{}, err
	}
	for _, on := range Triggers() {
		if !slices.Contains(f.Table.Triggers, on) {
			return flow{}, forewarn.Invalid("flow.table.triggers", "lack %q", on)
		}
	}
	for _, start := range []State{StateDraft, StateNew} {
		if !slices.Contains(f.Table.Starts, start) {
			return flow{}, forewarn.Invalid("flow.table.starts", "lack %q, in which cases are made", start)
		}
	}
	for _, s := range f.Table.States {
		status, ok := f.Status[s]
		switch {
		case !ok:
			return flow{}, forewarn.Invalid("flow.status", "says nothing of state %q", s)
		case status.UnmarshalText([]byte(status)) != nil:
			return flow{}, forewarn.Invalid("flow.status", "%q of state %q is no status", status, s)
		case status.Final() != m.IsFinal(s):
			return flow{}, forewarn.Invalid("flow.status", "state %q and its status %q are not final alike", s, status)
		}
	}
	return flow{machine: m, status: f.Status}, nil
}

// turn is a trigger, with what is given with it.
type turn struct {
	on         Trigger
	resolution ticket.Resolution // what is not empty replaces what the case has
	rootCause  string
	closeNotes string
}

// take moves a case along its flow: no store, no clock, nothing hidden.
func (f flow) take(c Case, t turn, by forewarn.Actor, now time.Time) (Case, error) {
	edge, err := f.machine.Next(c.State, t.on, f.facts(c, by)...)
	if err != nil {
		return c, f.refused(c, t.on, err)
	}
	c.describe(t.resolution)
	replace(&c.RootCause, t.rootCause)
	replace(&c.CloseNotes, t.closeNotes)
	for _, need := range edge.Requires {
		if field, ok := lacks(c, need); ok {
			return c, &forewarn.Error{Kind: forewarn.ErrInvalid, Record: c.key(), Field: field,
				Rule: fmt.Sprintf("is required for %q in state %q", t.on, c.State)}
		}
	}
	for _, effect := range edge.Follows {
		c.follow(effect, by, now)
	}
	f.enter(&c, edge.To, by, now)
	return c, nil
}

func (f flow) facts(c Case, by forewarn.Actor) []Fact {
	var facts []Fact
	if by.Portal() {
		facts = append(facts, CustomerActs)
	}
	if c.Major {
		facts = append(facts, IsMajor)
	}
	return facts
}

// refused makes an error of this package of what the machine refuses.
func (f flow) refused(c Case, on Trigger, err error) error {
	var refused *machine.RefusedError
	if !errors.As(err, &refused) {
		return &forewarn.Error{Kind: forewarn.ErrInvalid, Record: c.key(), Field: "trigger", Cause: err}
	}
	e := &TransitionError{From: c.State, Action: on, Why: refused.Why}
	for _, a := range refused.Allowed {
		e.Allowed = append(e.Allowed, Trigger(a))
	}
	for _, edge := range f.machine.Table().Edges {
		switch {
		case edge.On != on || edge.To == edge.From || edge.To == e.To:
		case e.To == "":
			e.To = edge.To
		default:
			e.To = ""
		}
	}
	return &forewarn.Error{Kind: forewarn.ErrRefused, Record: c.key(), Field: "state", Rule: "does not allow it", Cause: e}
}

// lacks returns the field that an edge requires and the case has not.
func lacks(c Case, need string) (string, bool) {
	switch need {
	case NeedShortDescription:
		return "shortDescription", strings.TrimSpace(c.ShortDescription) == ""
	case NeedResolutionCode:
		return "resolutionCode", strings.TrimSpace(c.ResolutionCode) == ""
	case NeedResolutionNotes:
		return "resolutionNotes", strings.TrimSpace(c.ResolutionNotes) == ""
	}
	return need, true
}

// follow does what an edge names.
func (c *Case) follow(effect string, by forewarn.Actor, now time.Time) {
	switch effect {
	case AssignActor:
		c.Assignee = by.ID
	case SetAttention:
		c.NeedsAttention = true
	case CustomerResponded:
		c.NeedsAttention, c.Responded = true, true
	case RestartAutoClose:
		if !c.Window.IsZero() {
			c.Window, c.Reminded = now, 0
		}
	}
}

// enter puts the case into a state, and does what follows from the status of that state.
func (f flow) enter(c *Case, to State, by forewarn.Actor, now time.Time) {
	was := c.Status
	c.State, c.Status = to, f.status[to]
	if c.Status == was {
		return
	}
	c.StatusChanged = now
	if was == ticket.Draft && c.Opened.IsZero() && c.Status != ticket.Cancelled {
		c.Opened, c.OpenedBy = now, by.ID
	}
	switch c.Status {
	case ticket.Resolved:
		c.Resolved, c.ResolvedBy = now, c.Assignee
		if c.ResolvedBy == "" {
			c.ResolvedBy = by.ID
		}
		if !c.Major {
			c.Window, c.Reminded = now, 0
		}
	case ticket.Closed:
		c.Closed, c.ClosedBy = now, by.ID
		c.endWindow()
	case ticket.Waiting:
		c.Responded = false
		c.reopen()
	default:
		c.reopen()
	}
}

// reopen takes back that the case was resolved.
func (c *Case) reopen() {
	c.Resolved, c.ResolvedBy = time.Time{}, ""
	c.endWindow()
}

func (c *Case) endWindow() { c.Window, c.Reminded = time.Time{}, 0 }

// describe copies what is given of a resolution into the case.
func (c *Case) describe(r ticket.Resolution) {
	replace(&c.ResolutionCode, r.Code)
	replace(&c.ResolutionNotes, r.Notes)
	replace(&c.Cause, r.Cause)
}

func replace(field *string, given string) {
	if given != "" {
		*field = given
	}
}
