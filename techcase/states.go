package techcase

import (
	"maps"

	"github.com/forewarn-go/forewarn/internal/machine"
	"github.com/forewarn-go/forewarn/ticket"
)

// State is where a case stands.
type State string

// The states of DefaultFlow.
const (
	StateDraft            State = "Draft"             // being created, not submitted
	StateNew              State = "New"               // submitted, or its intake completed
	StateWorkInProgress   State = "Work in Progress"  // an agent works on it
	StateAwaitingInfo     State = "Awaiting Info"     // the customer was asked for information
	StateSolutionProposed State = "Solution Proposed" // the customer is to accept or to reject
	StateClosed           State = "Closed"            // accepted, closed by an agent or by itself; read-only
	StateCancelled        State = "Cancelled"         // read-only
)

// Trigger is what moves a case from state to state.
type Trigger string

// The triggers that the use cases of a Service pull. Every Flow decides them in every state.
const (
	OnSubmit              Trigger = "Submit case"
	OnFinishIntake        Trigger = "Finish case intake"
	OnAssignToMe          Trigger = "Assign to me"
	OnAccept              Trigger = "Accept"
	OnRequestInformation  Trigger = "Request Information"
	OnInformationReceived Trigger = "Information Received"
	OnCustomerComment     Trigger = "Customer comment"
	OnProposeSolution     Trigger = "Propose Solution"
	OnRejectSolution      Trigger = "Reject Solution"
	OnAcceptSolution      Trigger = "Accept Solution"
	OnClose               Trigger = "Close case"
	OnCancel              Trigger = "Cancel"
	OnAutoClose           Trigger = "Auto close"
	OnResolve             Trigger = "Resolve with origin" // the incident, or the major case, was resolved
)

// Triggers returns the triggers that every Flow has to declare.
func Triggers() []Trigger {
	return []Trigger{OnSubmit, OnFinishIntake, OnAssignToMe, OnAccept, OnRequestInformation, OnInformationReceived,
		OnCustomerComment, OnProposeSolution, OnRejectSolution, OnAcceptSolution, OnClose, OnCancel, OnAutoClose, OnResolve}
}

// Table, Edge, Refusal and Fact are what the states of a case are written in.
type (
	Table   = machine.Table[State, Trigger]
	Edge    = machine.Edge[State, Trigger]
	Refusal = machine.Refusal[State, Trigger]
	Fact    = machine.Fact
)

// Facts that guards may read.
const (
	CustomerActs Fact = "the customer acts" // a contact, in the portal or by mail
	IsMajor      Fact = "the case is major"
)

// Words of an Edge's Who. They are printed; what an actor may do is said by Acts.
const (
	WhoCreator  = "creator"
	WhoAgent    = "agent"
	WhoCustomer = "customer"
	WhoSystem   = "system"
	WhoManager  = "major case manager"
)

// Words of an Edge's Requires: the case has this field, or the command gives it.
const (
	NeedShortDescription = "short description"
	NeedResolutionCode   = "resolution code"
	NeedResolutionNotes  = "resolution notes"
)

// Words of an Edge's Follows: what is done to the case besides its new state. What follows from the status of the
// new state is not written down: entering one that is resolved stamps Resolved and starts auto close, leaving it
// takes both back, entering Closed stamps Closed.
const (
	AssignActor       = "assign to the actor"
	SetAttention      = "set needs attention"
	CustomerResponded = "action status Customer Responded"
	RestartAutoClose  = "restart auto close"
)

// Flow is the states of a type of case, and what each means to the outside. The zero Flow of a Type means DefaultFlow.
type Flow struct {
	Table Table
	// Status of every state: what is announced of it, and what follows by itself from entering it.
	Status map[State]ticket.Status
}

func (f Flow) clone() Flow { return Flow{Table: f.Table, Status: maps.Clone(f.Status)} }

// DefaultFlow returns the states of a technology product support case. An embedder changes the copy.
func DefaultFlow() Flow {
	submit := []string{NeedShortDescription}
	agent, either, system := []string{WhoAgent}, []string{WhoAgent, WhoCustomer}, []string{WhoSystem, WhoManager}
	notes := []string{NeedResolutionNotes}
	assign := []string{AssignActor}
	customer, major := []Fact{CustomerActs}, []Fact{IsMajor}
	return Flow{
		Status: map[State]ticket.Status{StateDraft: ticket.Draft, StateNew: ticket.New, StateWorkInProgress: ticket.InProgress,
			StateAwaitingInfo: ticket.Waiting, StateSolutionProposed: ticket.Resolved, StateClosed: ticket.Closed, StateCancelled: ticket.Cancelled},
		Table: Table{
			Name:     "case",
			States:   []State{StateDraft, StateNew, StateWorkInProgress, StateAwaitingInfo, StateSolutionProposed, StateClosed, StateCancelled},
			Triggers: Triggers(),
			Starts:   []State{StateDraft, StateNew},
			Final:    []State{StateClosed, StateCancelled},
			Edges: []Edge{
				{From: StateDraft, On: OnSubmit, To: StateNew, Who: []string{WhoCreator}, Requires: submit},
				{From: StateDraft, On: OnFinishIntake, To: StateNew, Who: agent, Requires: submit},
				{From: StateDraft, On: OnCancel, To: StateCancelled, Who: agent},

				{From: StateNew, On: OnAssignToMe, To: StateWorkInProgress, Who: agent, Follows: assign},
				{From: StateNew, On: OnAccept, To: StateWorkInProgress, Who: agent, Follows: assign},
				{From: StateNew, On: OnRequestInformation, To: StateAwaitingInfo, Who: agent},
				{From: StateNew, On: OnCustomerComment, To: StateNew, Who: []string{WhoCustomer}, Follows: []string{SetAttention}},
				{From: StateNew, On: OnClose, To: StateClosed, Who: agent, Requires: notes},
				{From: StateNew, On: OnCancel, To: StateCancelled, Who: agent},
				{From: StateNew, On: OnResolve, To: StateSolutionProposed, Who: system},

				{From: StateWorkInProgress, On: OnRequestInformation, To: StateAwaitingInfo, Who: agent},
				{From: StateWorkInProgress, On: OnCustomerComment, To: StateWorkInProgress, Who: []string{WhoCustomer}, Follows: []string{SetAttention}},
				{From: StateWorkInProgress, On: OnProposeSolution, To: StateSolutionProposed, Who: agent, Requires: []string{NeedResolutionCode}},
				{From: StateWorkInProgress, On: OnClose, To: StateClosed, Who: agent, Requires: notes},
				{From: StateWorkInProgress, On: OnCancel, To: StateCancelled, Who: agent},
				{From: StateWorkInProgress, On: OnResolve, To: StateSolutionProposed, Who: system},

				{From: StateAwaitingInfo, On: OnInformationReceived, To: StateWorkInProgress, Who: agent},
				{From: StateAwaitingInfo, On: OnCustomerComment, To: StateWorkInProgress, Who: []string{WhoCustomer},
					Follows: []string{SetAttention, CustomerResponded}},
				{From: StateAwaitingInfo, On: OnClose, To: StateClosed, Who: agent, Requires: notes},
				{From: StateAwaitingInfo, On: OnCancel, To: StateCancelled, Who: agent},
				{From: StateAwaitingInfo, On: OnResolve, To: StateSolutionProposed, Who: system},

				{From: StateSolutionProposed, On: OnRejectSolution, To: StateWorkInProgress, Who: either},
				{From: StateSolutionProposed, On: OnAcceptSolution, To: StateClosed, If: customer, Who: []string{WhoCustomer}},
				{From: StateSolutionProposed, On: OnAcceptSolution, To: StateClosed, Unless: customer, Who: agent, Requires: notes},
				{From: StateSolutionProposed, On: OnAutoClose, To: StateClosed, Unless: major, Who: []string{WhoSystem}},
				{From: StateSolutionProposed, On: OnCustomerComment, To: StateSolutionProposed, Who: []string{WhoCustomer},
					Follows: []string{SetAttention, RestartAutoClose}},
				{From: StateSolutionProposed, On: OnClose, To: StateClosed, Who: agent, Requires: notes},
				{From: StateSolutionProposed, On: OnCancel, To: StateCancelled, Who: agent},
			},
			Refused: []Refusal{
				{From: []State{StateDraft}, Why: "the case is not submitted yet", On: []Trigger{OnAssignToMe, OnAccept, OnRequestInformation,
					OnInformationReceived, OnCustomerComment, OnProposeSolution, OnRejectSolution, OnAcceptSolution, OnClose, OnAutoClose, OnResolve}},
				{From: []State{StateNew, StateWorkInProgress, StateAwaitingInfo, StateSolutionProposed}, On: []Trigger{OnSubmit, OnFinishIntake},
					Why: "the case is submitted already"},
				{From: []State{StateWorkInProgress, StateAwaitingInfo, StateSolutionProposed}, On: []Trigger{OnAssignToMe, OnAccept},
					Why: "work on the case has begun; a resource manager assigns it"},
				{From: []State{StateNew}, On: []Trigger{OnProposeSolution}, Why: "work on the case has not begun"},
				{From: []State{StateAwaitingInfo}, On: []Trigger{OnRequestInformation}, Why: "the customer was asked already"},
				{From: []State{StateAwaitingInfo}, On: []Trigger{OnProposeSolution}, Why: "the case waits for the customer's information"},
				{From: []State{StateNew, StateWorkInProgress, StateSolutionProposed}, On: []Trigger{OnInformationReceived},
					Why: "the case waits for no information"},
				{From: []State{StateNew, StateWorkInProgress, StateAwaitingInfo}, On: []Trigger{OnRejectSolution, OnAcceptSolution, OnAutoClose},
					Why: "no solution is proposed"},
				{From: []State{StateSolutionProposed}, On: []Trigger{OnProposeSolution, OnResolve}, Why: "a solution is proposed already"},
				{From: []State{StateSolutionProposed}, On: []Trigger{OnRequestInformation}, Why: "a solution is proposed; reject it first"},
				{From: []State{StateSolutionProposed}, On: []Trigger{OnAutoClose}, If: major, Why: "a major case is never closed by itself"},
			},
		},
	}
}
