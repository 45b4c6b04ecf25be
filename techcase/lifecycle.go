package techcase

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/ticket"
)

// AssignToMe is an agent's taking a new case.
type AssignToMe struct {
	Case   uuid.UUID
	Expect forewarn.Version // the version the caller saw; zero: any
}

// AssignToMe takes a case from New to Work in Progress and assigns it to the caller.
//
// It returns ErrRefused in other states and for an agent who is not in the case's assignment group, ErrForbidden without
// an agent's role, ErrStale, and ErrNotFound.
func (s *Service) AssignToMe(ctx context.Context, by forewarn.Caller, cmd AssignToMe) (Case, error) {
	return forewarn.Do(ctx, s.engine, by, "techcase.AssignToMe", cmd, s.assignToMe)
}

func (s *Service) assignToMe(u *forewarn.Unit, cmd AssignToMe) (none Case, err error) {
	c, err := s.find(u, actAssignToMe, cmd.Case, cmd.Expect)
	if err != nil {
		return none, err
	}
	return s.begin(u, c, OnAssignToMe)
}

// Accept is an agent's accepting a new case that was offered or assigned to him.
type Accept struct {
	Case   uuid.UUID
	Expect forewarn.Version // the version the caller saw; zero: any
}

// Accept takes a case from New to Work in Progress and assigns it to the caller.
//
// It returns ErrRefused in other states and for an agent who is not in the case's assignment group, ErrForbidden without
// an agent's role, ErrStale, and ErrNotFound.
func (s *Service) Accept(ctx context.Context, by forewarn.Caller, cmd Accept) (Case, error) {
	return forewarn.Do(ctx, s.engine, by, "techcase.Accept", cmd, s.accept)
}

func (s *Service) accept(u *forewarn.Unit, cmd Accept) (none Case, err error) {
	c, err := s.find(u, actAccept, cmd.Case, cmd.Expect)
	if err != nil {
		return none, err
	}
	return s.begin(u, c, OnAccept)
}

// begin assigns a case to the actor, who has to be in its group.
func (s *Service) begin(u *forewarn.Unit, c Case, on Trigger) (none Case, err error) {
	if err := s.inGroup(u, c, u.By().ID, c.Group); err != nil {
		return none, err
	}
	return s.take(u, c, turn{on: on}, words{})
}

// inGroup refuses a user who is not in a group; everybody is in none.
func (s *Service) inGroup(u *forewarn.Unit, c Case, user, group string) error {
	if group == "" || user == "" || u.By().System() {
		return nil
	}
	groups, err := s.engine.Directory().Groups(u, user)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(groups, func(g forewarn.Group) bool { return g.Name == group }) {
		return forewarn.Refused(c.key(), "assignedTo", "%s is not in the assignment group %s", user, group)
	}
	return nil
}

// RequestInformation asks the customer.
type RequestInformation struct {
	Case    uuid.UUID
	Expect  forewarn.Version // the version the caller saw; zero: any
	Comment string           // the question; public
}

// RequestInformation takes a case from New or Work in Progress to Awaiting Info, posts the question, and sends it to the
// contact and to who watches the case.
//
// It returns ErrRefused in other states, ErrForbidden without an agent's role, ErrStale, and ErrNotFound.
func (s *Service) RequestInformation(ctx context.Context, by forewarn.Caller, cmd RequestInformation) (Case, error) {
	return forewarn.Do(ctx, s.engine, by, "techcase.RequestInformation", cmd, s.requestInformation)
}

func (s *Service) requestInformation(u *forewarn.Unit, cmd RequestInformation) (none Case, err error) {
	c, err := s.find(u, actRequestInformation, cmd.Case, cmd.Expect)
	if err != nil {
		return none, err
	}
	return s.take(u, c, turn{on: OnRequestInformation}, words{comment: cmd.Comment})
}

// InformationReceived says that the customer has answered otherwise than in the case.
type InformationReceived struct {
	Case   uuid.UUID
	Expect forewarn.Version // the version the caller saw; zero: any
	Note   string           // what he said; optional, a work note
}

// InformationReceived takes a case from Awaiting Info to Work in Progress.
//
// It returns ErrRefused in other states, ErrForbidden without an agent's role, ErrStale, and ErrNotFound.
func (s *Service) InformationReceived(ctx context.Context, by forewarn.Caller, cmd InformationReceived) (Case, error) {
	return forewarn.Do(ctx, s.engine, by, "techcase.InformationReceived", cmd, s.informationReceived)
}

func (s *Service) informationReceived(u *forewarn.Unit, cmd InformationReceived) (none Case, err error) {
	c, err := s.find(u, actInformationReceived, cmd.Case, cmd.Expect)
	if err != nil {
		return none, err
	}
	return s.take(u, c, turn{on: OnInformationReceived}, words{note: cmd.Note})
}

// ProposeSolution proposes a solution to the customer.
type ProposeSolution struct {
	Case           uuid.UUID
	Expect         forewarn.Version // the version the caller saw; zero: any
	ResolutionCode string           // required, unless the case has one
	Notes          string           // resolution notes
	RootCause      string           // root cause code
	Cause          string
	AddToComments  bool // posts the resolution notes as a public comment
}

// ProposeSolution takes a case from Work in Progress to Solution Proposed, where auto close begins to count. The contact
// and who watches the case are told.
//
// It returns ErrInvalid without a resolution code and for one that is no choice of the tenant, ErrRefused in other states, ErrForbidden without an agent's role,
// ErrStale, and ErrNotFound.
func (s *Service) ProposeSolution(ctx context.Context, by forewarn.Caller, cmd ProposeSolution) (Case, error) {
	return forewarn.Do(ctx, s.engine, by, "techcase.ProposeSolution", cmd, s.proposeSolution)
}

func (s *Service) proposeSolution(u *forewarn.Unit, cmd ProposeSolution) (none Case, err error) {
	c, err := s.find(u, actProposeSolution, cmd.Case, cmd.Expect)
	if err != nil {
		return none, err
	}
	var w words
	if cmd.AddToComments {
		if w.comment = cmd.Notes; w.comment == "" {
			w.comment = c.ResolutionNotes
		}
	}
	if err := checkCode(u, c, cmd.ResolutionCode); err != nil {
		return none, err
	}
	r := ticket.Resolution{Code: cmd.ResolutionCode, Notes: cmd.Notes, Cause: cmd.Cause}
	return s.take(u, c, turn{on: OnProposeSolution, resolution: r, rootCause: cmd.RootCause}, w)
}

// AcceptSolution is the customer's accepting the solution, or an agent's for him.
type AcceptSolution struct {
	Case    uuid.UUID
	Expect  forewarn.Version // the version the caller saw; zero: any
	Comment string           // optional, public
	Notes   string           // resolution notes; an agent has to give them unless the case has them, a customer may not
	Note    string           // a work note of an agent
}

// AcceptSolution takes a case from Solution Proposed to Closed. When an agent accepts for the customer, the contact is
// told of it; who watches the case is told that it is closed.
//
// It returns ErrInvalid for an agent without resolution notes, ErrRefused in other states, ErrForbidden without
// sn_tech_support.writer, ErrStale, and ErrNotFound.
func (s *Service) AcceptSolution(ctx context.Context, by forewarn.Caller, cmd AcceptSolution) (Case, error) {
	return forewarn.Do(ctx, s.engine, by, "techcase.AcceptSolution", cmd, s.acceptSolution)
}

func (s *Service) acceptSolution(u *forewarn.Unit, cmd AcceptSolution) (none Case, err error) {
	c, err := s.find(u, actAcceptSolution, cmd.Case, cmd.Expect)
	if err != nil {
		return none, err
	}
	if u.By().Portal() && (cmd.Notes != "" || cmd.Note != "") {
		return none, forewarn.Forbidden("resolution notes and work notes are not for customers")
	}
	t := turn{on: OnAcceptSolution, resolution: ticket.Resolution{Notes: cmd.Notes}}
	c, err = s.take(u, c, t, words{comment: cmd.Comment, note: cmd.Note, channel: channelOf(u, "")})
	return c.shownTo(u.By()), err
}

// RejectSolution is the customer's rejecting the solution, or an agent's for him.
type RejectSolution struct {
	Case    uuid.UUID
	Expect  forewarn.Version // the version the caller saw; zero: any
	Comment string           // why; optional, public
	Note    string           // a work note of an agent
}

// RejectSolution takes a case from Solution Proposed to Work in Progress, which ends auto close. When an agent rejects
// for the customer, the contact is told.
//
// It returns ErrRefused in other states, ErrForbidden without sn_tech_support.writer, ErrStale, and ErrNotFound.
func (s *Service) RejectSolution(ctx context.Context, by forewarn.Caller, cmd RejectSolution) (Case, error) {
	return forewarn.Do(ctx, s.engine, by, "techcase.RejectSolution", cmd, s.rejectSolution)
}

func (s *Service) rejectSolution(u *forewarn.Unit, cmd RejectSolution) (none Case, err error) {
	c, err := s.find(u, actRejectSolution, cmd.Case, cmd.Expect)
	if err != nil {
		return none, err
	}
	if u.By().Portal() && cmd.Note != "" {
		return none, forewarn.Forbidden("work notes are not for customers")
	}
	c, err = s.take(u, c, turn{on: OnRejectSolution}, words{comment: cmd.Comment, note: cmd.Note, channel: channelOf(u, "")})
	return c.shownTo(u.By()), err
}

// Close is an agent's ending a case.
type Close struct {
	Case           uuid.UUID
	Expect         forewarn.Version // the version the caller saw; zero: any
	ResolutionCode string
	Notes          string // resolution notes; required, unless the case has them
	RootCause      string
	Cause          string
	CloseNotes     string // optional
	Comment        string // optional, public
	Note           string // a work note
}

// Close takes a case that is submitted to Closed, where it is read-only. The contact and who watches the case are told.
//
// It returns ErrInvalid without resolution notes and for a code that is no choice of the tenant; ErrRefused for a draft,
// in Closed and Cancelled, and for a major case with open children, naming how many; ErrForbidden without an agent's
// role, ErrStale, and ErrNotFound.
func (s *Service) Close(ctx context.Context, by forewarn.Caller, cmd Close) (Case, error) {
	return forewarn.Do(ctx, s.engine, by, "techcase.Close", cmd, s.close)
}

func (s *Service) close(u *forewarn.Unit, cmd Close) (none Case, err error) {
	c, err := s.find(u, actClose, cmd.Case, cmd.Expect)
	if err != nil {
		return none, err
	}
	if err := checkCode(u, c, cmd.ResolutionCode); err != nil {
		return none, err
	}
	r := ticket.Resolution{Code: cmd.ResolutionCode, Notes: cmd.Notes, Cause: cmd.Cause}
	t := turn{on: OnClose, resolution: r, rootCause: cmd.RootCause, closeNotes: cmd.CloseNotes}
	return s.take(u, c, t, words{comment: cmd.Comment, note: cmd.Note})
}

// Cancel ends a case that nobody needs any more.
type Cancel struct {
	Case    uuid.UUID
	Expect  forewarn.Version // the version the caller saw; zero: any
	Comment string           // why; optional, public
}

// Cancel takes a case that is neither closed nor cancelled to Cancelled, where it is read-only. The contact and who
// watches the case are told, unless it was a draft.
//
// It returns ErrRefused in Closed and Cancelled, and for a major case with open children; ErrForbidden without an agent's
// role, ErrStale, and ErrNotFound.
func (s *Service) Cancel(ctx context.Context, by forewarn.Caller, cmd Cancel) (Case, error) {
	return forewarn.Do(ctx, s.engine, by, "techcase.Cancel", cmd, s.cancel)
}

func (s *Service) cancel(u *forewarn.Unit, cmd Cancel) (none Case, err error) {
	c, err := s.find(u, actCancel, cmd.Case, cmd.Expect)
	if err != nil {
		return none, err
	}
	return s.take(u, c, turn{on: OnCancel}, words{comment: cmd.Comment})
}

// Fire pulls a trigger of one's own Flow.
type Fire struct {
	Case    uuid.UUID
	Expect  forewarn.Version // the version the caller saw; zero: any
	On      Trigger          // none of Triggers, which have use cases of their own
	Comment string           // optional, public
	Note    string           // optional, a work note
}

// Fire moves a case by a trigger that an embedder has added to its type's Flow.
//
// It returns ErrInvalid for a trigger of Triggers, for one that the Flow does not have and without what the Flow requires,
// ErrRefused where the Flow refuses it, ErrForbidden without an agent's role, ErrStale, and ErrNotFound.
func (s *Service) Fire(ctx context.Context, by forewarn.Caller, cmd Fire) (Case, error) {
	return forewarn.Do(ctx, s.engine, by, "techcase.Fire", cmd, s.fire)
}

func (s *Service) fire(u *forewarn.Unit, cmd Fire) (none Case, err error) {
	c, err := s.find(u, actFire, cmd.Case, cmd.Expect)
	if err != nil {
		return none, err
	}
	if slices.Contains(Triggers(), cmd.On) {
		return none, forewarn.Invalid("on", "%q has a use case of its own", cmd.On)
	}
	return s.take(u, c, turn{on: cmd.On}, words{comment: cmd.Comment, note: cmd.Note})
}
