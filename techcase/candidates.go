package techcase

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/ticket"
)

// ProposeMajor says that a case may be the first of many.
type ProposeMajor struct {
	Case   uuid.UUID
	Expect forewarn.Version // the version the caller saw; zero: any
	Note   string           // why; optional, a work note
}

// ProposeMajor makes a case a major case candidate: its major case state becomes Proposed.
//
// It returns ErrRefused for a case that is not open, is major, a child or proposed already; ErrForbidden without an
// agent's role, ErrStale, and ErrNotFound.
func (s *Service) ProposeMajor(ctx context.Context, by forewarn.Caller, cmd ProposeMajor) (Case, error) {
	return forewarn.Do(ctx, s.engine, by, "techcase.ProposeMajor", cmd, s.proposeMajor)
}

func (s *Service) proposeMajor(u *forewarn.Unit, cmd ProposeMajor) (none Case, err error) {
	c, err := s.find(u, actProposeMajor, cmd.Case, cmd.Expect)
	if err != nil {
		return none, err
	}
	switch {
	case !c.Open() || c.Status == ticket.Draft:
		return none, forewarn.Refused(c.key(), "majorState", "the case is %s", c.State)
	case c.Major:
		return none, forewarn.Refused(c.key(), "majorState", "the case is a major case")
	case c.Parent != uuid.Nil:
		return none, forewarn.Refused(c.key(), "majorState", "the case is a child of a major case")
	case c.MajorState == MajorProposed:
		return none, forewarn.Refused(c.key(), "majorState", "the case is proposed already")
	}
	after := c
	after.MajorState = MajorProposed
	return s.decide(u, c, after, cmd.Note)
}

// decide saves a candidate with the note that says why.
func (s *Service) decide(u *forewarn.Unit, c, after Case, note string) (none Case, err error) {
	if err := checkText("note", note, ticket.MaxText); err != nil {
		return none, err
	}
	n, err := s.write(u, c, words{note: note})
	if err != nil {
		return none, err
	}
	return s.saved(u, c, after, n)
}

// ApproveMajor makes a candidate a major case.
type ApproveMajor struct {
	Case   uuid.UUID
	Expect forewarn.Version // the version the caller saw; zero: any
	Note   string           // optional, a work note
}

// ApproveMajor returns the major case. A candidate that is for nobody becomes the major case itself. One that is for an
// account, a contact or a consumer becomes the first child of a new one, which takes over what is known of the fault: a
// major case is for nobody.
//
// It returns ErrRefused for what is no open candidate, and for one whose incident has an open major case already, which the
// error names as its record: AddChild makes the candidate a child of that. That of two candidates of one source which are
// approved at once the second is refused is up to Config.Follower, which has to read the source in the unit; psew's does. It returns ErrForbidden without
// sn_tech_support.major_case_manager, ErrStale, and ErrNotFound.
func (s *Service) ApproveMajor(ctx context.Context, by forewarn.Caller, cmd ApproveMajor) (Case, error) {
	return forewarn.Do(ctx, s.engine, by, "techcase.ApproveMajor", cmd, s.approveMajor)
}

func (s *Service) approveMajor(u *forewarn.Unit, cmd ApproveMajor) (none Case, err error) {
	c, err := s.find(u, actApproveMajor, cmd.Case, cmd.Expect)
	if err != nil {
		return none, err
	}
	if err := c.candidate(); err != nil {
		return none, err
	}
	if err := s.onlyMajor(u, c); err != nil {
		return none, err
	}
	after := c
	if c.Account == "" && c.Contact == "" && c.Consumer == "" {
		after.Major, after.MajorState = true, MajorAccepted
		after.endWindow() // a major case is not closed by itself
		return s.decide(u, c, after, cmd.Note)
	}
	major := Case{
		Type: c.Type, Service: c.Service, Source: c.Source, Links: c.Links, Proactive: c.Proactive, Major: true, MajorState: MajorAccepted,
		ShortDescription: c.ShortDescription, Description: c.Description, IssueType: c.IssueType, Category: c.Category,
		Subcategory: c.Subcategory, Channel: c.Channel, Priority: c.Priority, CI: c.CI, Entities: slices.Clone(c.Entities), Custom: c.Custom,
	}
	if err := s.open(u, &major, OnSubmit); err != nil {
		return none, err
	}
	if err := joinFamily(u, major.ID, 1); err != nil {
		return none, err
	}
	after.MajorState, after.Parent = MajorNone, major.ID
	if _, err := s.decide(u, c, after, cmd.Note); err != nil {
		return none, err
	}
	return major, nil
}

// onlyMajor refuses a candidate whose source has an open major case (PSEW-076). Whoever follows the source's cases sees to it that of two that are
// approved at once one runs again.
func (s *Service) onlyMajor(u *forewarn.Unit, c Case) error {
	if c.Source.ID == uuid.Nil {
		return nil
	}
	q := ticket.CaseQuery{Source: c.Source.ID, Major: true, Open: true}
	for {
		page, err := s.Book().Page(u, q)
		if err != nil {
			return err
		}
		if len(page.Cases) > 0 {
			standing := page.Cases[0]
			return forewarn.Refused(standing.Key, "majorState", "major case %s stands for the same %s as %s: the case may become its child", standing.Number, c.Source.Kind, c.Number)
		}
		if q.After = page.Next; q.After == "" {
			return nil
		}
	}
}

// candidate refuses what is no open major case candidate.
func (c Case) candidate() error {
	if c.MajorState != MajorProposed || !c.Open() {
		return forewarn.Refused(c.key(), "majorState", "the case is no open major case candidate")
	}
	return nil
}

// RejectMajor says that a candidate is no major case.
type RejectMajor struct {
	Case   uuid.UUID
	Expect forewarn.Version // the version the caller saw; zero: any
	Note   string           // why; optional, a work note
}

// RejectMajor sets a candidate's major case state to Rejected. It may be proposed again.
//
// It returns ErrRefused for what is no open candidate, ErrForbidden without sn_tech_support.major_case_manager, ErrStale,
// and ErrNotFound.
func (s *Service) RejectMajor(ctx context.Context, by forewarn.Caller, cmd RejectMajor) (Case, error) {
	return forewarn.Do(ctx, s.engine, by, "techcase.RejectMajor", cmd, s.rejectMajor)
}

func (s *Service) rejectMajor(u *forewarn.Unit, cmd RejectMajor) (none Case, err error) {
	c, err := s.find(u, actRejectMajor, cmd.Case, cmd.Expect)
	if err != nil {
		return none, err
	}
	if err := c.candidate(); err != nil {
		return none, err
	}
	after := c
	after.MajorState = MajorRejected
	return s.decide(u, c, after, cmd.Note)
}
