package psew

import (
	"errors"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/internal/machine"
	"github.com/forewarn-go/forewarn/store"
	"github.com/forewarn-go/forewarn/ticket"
)

// State is where an incident stands.
type State string

// The states.
const (
	StateNew        State = "New"
	StateInProgress State = "In Progress"
	StateOnHold     State = "On Hold"
	StateResolved   State = "Resolved"
	StateClosed     State = "Closed"
	StateCancelled  State = "Cancelled"
)

// UnmarshalText refuses what is no state.
func (s *State) UnmarshalText(b []byte) error {
	return known(s, b, StateNew, StateInProgress, StateOnHold, StateResolved, StateClosed, StateCancelled)
}

// Final reports whether nothing follows.
func (s State) Final() bool { return s == StateClosed || s == StateCancelled }

// Active reports whether the incident is being worked on: neither resolved nor final.
func (s State) Active() bool { return s == StateNew || s == StateInProgress || s == StateOnHold }

// HoldReason says what an incident On Hold waits for.
type HoldReason string

// What an incident waits for.
const (
	AwaitingCaller  HoldReason = "Awaiting Caller"
	AwaitingChange  HoldReason = "Awaiting Change"
	AwaitingProblem HoldReason = "Awaiting Problem"
	AwaitingVendor  HoldReason = "Awaiting Vendor"
)

// UnmarshalText refuses what is no reason.
func (r *HoldReason) UnmarshalText(b []byte) error {
	return known(r, b, "", AwaitingCaller, AwaitingChange, AwaitingProblem, AwaitingVendor)
}

// Trigger is what moves an incident from state to state.
type Trigger string

// The triggers.
const (
	TriggerBegin    Trigger = "Begin"
	TriggerEscalate Trigger = "Escalate"
	TriggerHold     Trigger = "Hold"
	TriggerResume   Trigger = "Resume"
	TriggerResolve  Trigger = "Resolve"
	TriggerCancel   Trigger = "Cancel"
	TriggerClose    Trigger = "Close"
	TriggerReopen   Trigger = "Reopen"
)

// Words of the table's rows.
const (
	needsNote       = "note"
	needsReason     = "reason"
	needsResolution = "resolution code and notes"

	closesTask   = "the open task is closed"
	opensTask    = "the task of the stage is opened"
	resolvesCase = "related cases are told"
)

// StateTable is the life of an incident (PSEW-022, PSEW-129).
func StateTable() machine.Table[State, Trigger] {
	type edge = machine.Edge[State, Trigger]
	return machine.Table[State, Trigger]{
		Name:   "incident",
		States: []State{StateNew, StateInProgress, StateOnHold, StateResolved, StateClosed, StateCancelled},
		Triggers: []Trigger{TriggerBegin, TriggerEscalate, TriggerHold, TriggerResume, TriggerResolve, TriggerCancel,
			TriggerClose, TriggerReopen},
		Starts: []State{StateNew},
		Final:  []State{StateClosed, StateCancelled},
		Edges: []edge{
			{From: StateNew, On: TriggerBegin, To: StateInProgress},
			{From: StateNew, On: TriggerEscalate, To: StateInProgress, Requires: []string{needsNote}, Follows: []string{closesTask, opensTask}},
			{From: StateNew, On: TriggerHold, To: StateOnHold, Requires: []string{needsReason}},
			{From: StateNew, On: TriggerResolve, To: StateResolved, Requires: []string{needsResolution}, Follows: []string{closesTask, resolvesCase}},
			{From: StateNew, On: TriggerCancel, To: StateCancelled, Requires: []string{needsNote}, Follows: []string{closesTask}},

			{From: StateInProgress, On: TriggerEscalate, To: StateInProgress, Requires: []string{needsNote}, Follows: []string{closesTask, opensTask}},
			{From: StateInProgress, On: TriggerHold, To: StateOnHold, Requires: []string{needsReason}},
			{From: StateInProgress, On: TriggerResolve, To: StateResolved, Requires: []string{needsResolution}, Follows: []string{closesTask, resolvesCase}},
			{From: StateInProgress, On: TriggerCancel, To: StateCancelled, Requires: []string{needsNote}, Follows: []string{closesTask}},

			{From: StateOnHold, On: TriggerEscalate, To: StateInProgress, Requires: []string{needsNote}, Follows: []string{closesTask, opensTask}},
			{From: StateOnHold, On: TriggerResume, To: StateInProgress},
			{From: StateOnHold, On: TriggerResolve, To: StateResolved, Requires: []string{needsResolution}, Follows: []string{closesTask, resolvesCase}},
			{From: StateOnHold, On: TriggerCancel, To: StateCancelled, Requires: []string{needsNote}, Follows: []string{closesTask}},

			{From: StateResolved, On: TriggerClose, To: StateClosed},
			{From: StateResolved, On: TriggerReopen, To: StateInProgress, Requires: []string{needsNote}, Follows: []string{opensTask}},
		},
		Refused: []machine.Refusal[State, Trigger]{
			{From: []State{StateInProgress, StateOnHold}, On: []Trigger{TriggerBegin}, Why: "work has begun"},
			{From: []State{StateOnHold}, On: []Trigger{TriggerHold}, Why: "it is on hold"},
			{From: []State{StateNew, StateInProgress}, On: []Trigger{TriggerResume}, Why: "it is not on hold"},
			{From: []State{StateNew, StateInProgress, StateOnHold}, On: []Trigger{TriggerClose, TriggerReopen}, Why: "it is not resolved"},
			{From: []State{StateResolved}, On: []Trigger{TriggerBegin, TriggerEscalate, TriggerHold, TriggerResume, TriggerResolve,
				TriggerCancel}, Why: "it is resolved"},
		},
	}
}

// states is the verified table.
var states = func() *machine.Machine[State, Trigger] {
	m, err := machine.New(StateTable(), machine.Words{Facts: []machine.Fact{},
		Requires: []string{needsNote, needsReason, needsResolution}, Follows: []string{closesTask, opensTask, resolvesCase}})
	if err != nil {
		panic(err)
	}
	return m
}()

// move returns the state after a trigger, or an ErrRefused that names state, trigger and what is allowed.
func (i Incident) move(on Trigger) (State, error) {
	edge, err := states.Next(i.State, on)
	if err == nil {
		return edge.To, nil
	}
	var refused *machine.RefusedError
	if errors.As(err, &refused) {
		return i.State, &forewarn.Error{Kind: forewarn.ErrRefused, Record: store.Key{Kind: incidents.Kind().Name, ID: i.ID},
			Field: "state", Rule: "incident " + i.Number + " is " + string(i.State), Cause: err}
	}
	return i.State, err
}

// status is the state in words that all tickets share.
func (i Incident) status() ticket.Status {
	switch i.State {
	case StateInProgress:
		return ticket.InProgress
	case StateOnHold:
		if i.HoldReason == AwaitingCaller {
			return ticket.Waiting
		}
		return ticket.OnHold
	case StateResolved:
		return ticket.Resolved
	case StateClosed:
		return ticket.Closed
	case StateCancelled:
		return ticket.Cancelled
	}
	return ticket.New
}
