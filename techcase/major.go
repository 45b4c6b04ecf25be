package techcase

import (
	"context"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/ticket"
)

// AddChild puts a case under a major case.
type AddChild struct {
	Major uuid.UUID
	Case  uuid.UUID // the child
	Note  string    // why; optional, a work note on the child
}

// AddChild makes a case the child of a major case, and returns the child. One that is its child already stays so.
//
// It returns ErrRefused when the major case is none or is closed, and when the child is major, a draft, closed, cancelled
// or the child of another; ErrForbidden without sn_tech_support.major_case_manager, and ErrNotFound.
func (s *Service) AddChild(ctx context.Context, by forewarn.Caller, cmd AddChild) (Case, error) {
	return forewarn.Do(ctx, s.engine, by, "techcase.AddChild", cmd, s.addChild)
}

func (s *Service) addChild(u *forewarn.Unit, cmd AddChild) (none Case, err error) {
	if _, err := s.find(u, actAddChild, cmd.Major, 0); err != nil {
		return none, err
	}
	c, err := s.find(u, actAddChild, cmd.Case, 0)
	if err != nil {
		return none, err
	}
	switch {
	case c.Parent == cmd.Major:
		return c, nil
	case c.Parent != uuid.Nil:
		return none, forewarn.Refused(c.key(), "parent", "%s is the child of another major case", c.Number)
	case c.Major:
		return none, forewarn.Refused(c.key(), "parent", "%s is a major case itself", c.Number)
	case !c.Open() || c.Status == ticket.Draft:
		return none, forewarn.Refused(c.key(), "parent", "%s is %s", c.Number, c.State)
	}
	if err := joinFamily(u, cmd.Major, 1); err != nil {
		return none, err
	}
	after := c
	after.Parent, after.MajorState = cmd.Major, MajorNone
	return s.decide(u, c, after, cmd.Note)
}

// RemoveChild takes a case out of its major case.
type RemoveChild struct {
	Case   uuid.UUID        // the child
	Expect forewarn.Version // the version the caller saw; zero: any
	Note   string           // why; optional, a work note on the child
}

// RemoveChild makes a child a case of its own, and returns it.
//
// It returns ErrRefused for what is no child, and for a closed or cancelled one; ErrForbidden without
// sn_tech_support.major_case_manager, ErrStale, and ErrNotFound.
func (s *Service) RemoveChild(ctx context.Context, by forewarn.Caller, cmd RemoveChild) (Case, error) {
	return forewarn.Do(ctx, s.engine, by, "techcase.RemoveChild", cmd, s.removeChild)
}

func (s *Service) removeChild(u *forewarn.Unit, cmd RemoveChild) (none Case, err error) {
	c, err := s.find(u, actRemoveChild, cmd.Case, cmd.Expect)
	if err != nil {
		return none, err
	}
	if err := c.writable(); err != nil {
		return none, err
	}
	if c.Parent == uuid.Nil {
		return none, forewarn.Refused(c.key(), "parent", "%s is the child of no major case", c.Number)
	}
	if err := leaveFamily(u, c.Parent); err != nil {
		return none, err
	}
	after := c
	after.Parent = uuid.Nil
	return s.decide(u, c, after, cmd.Note)
}

// ResolveMajor resolves a major case and its children.
type ResolveMajor struct {
	Case   uuid.UUID
	Expect forewarn.Version // the version the caller saw; zero: any
	// What is given replaces what the major case has. Code and notes are required of one of the two.
	ResolutionCode, Notes, Cause string
}

// ResolveMajor takes the major case to Solution Proposed, and each of its children with the resolution data of the major
// case: those that no solution is proposed for by the system edge, the others by data alone. Their contacts are told. As
// many children as fit are resolved when it returns; a worker goes on with the rest, and Resolving tells how far it is.
// Called again it does so for children that came since.
//
// It returns ErrInvalid without code or notes and for a code that is no choice of the tenant; ErrRefused for what is no major case, for a closed or cancelled one, and
// while an earlier call's children are still being resolved; ErrForbidden without sn_tech_support.major_case_manager,
// ErrStale, and ErrNotFound.
func (s *Service) ResolveMajor(ctx context.Context, by forewarn.Caller, cmd ResolveMajor) (Case, error) {
	return forewarn.Do(ctx, s.engine, by, "techcase.ResolveMajor", cmd, s.resolveMajor)
}

func (s *Service) resolveMajor(u *forewarn.Unit, cmd ResolveMajor) (none Case, err error) {
	c, err := s.find(u, actResolveMajor, cmd.Case, cmd.Expect)
	if err != nil {
		return none, err
	}
	if !c.Major {
		return none, forewarn.Refused(c.key(), "major", "%s is no major case", c.Number)
	}
	if c.Status == ticket.Draft {
		return none, forewarn.Refused(c.key(), "state", "%s is a draft", c.Number)
	}
	if err := c.writable(); err != nil {
		return none, err
	}
	if err := checkCode(u, c, cmd.ResolutionCode); err != nil {
		return none, err
	}
	given := c
	given.describe(ticket.Resolution{Code: cmd.ResolutionCode, Notes: cmd.Notes, Cause: cmd.Cause})
	for _, need := range []string{NeedResolutionCode, NeedResolutionNotes} {
		if field, missing := lacks(given, need); missing {
			return none, forewarn.Invalid(field, "is required to resolve a major case")
		}
	}
	r := ticket.Resolution{Code: given.ResolutionCode, Notes: given.ResolutionNotes, Cause: given.Cause}
	if err := s.resolve(u, c, r); err != nil {
		return none, err
	}
	f, err := familyOf(u, c.ID)
	if err != nil {
		return none, err
	}
	if err := resolutions.Begin(u, c.ID.String(), resolving{Major: c.ID, Resolution: r}, f.Members); err != nil {
		return none, err
	}
	return cases.Get(u, c.ID)
}

// Resolving asks how far ResolveMajor is.
type Resolving struct {
	Case uuid.UUID // the major case
}

// Resolving tells how far the children of a major case are resolved. It returns ErrNotFound when nobody has resolved
// it, and ErrForbidden as Get does.
func (s *Service) Resolving(ctx context.Context, by forewarn.Caller, q Resolving) (forewarn.Progress, error) {
	return forewarn.Read(ctx, s.engine, by, "techcase.Resolving", q, s.resolvingOf)
}

func (s *Service) resolvingOf(u *forewarn.Unit, q Resolving) (none forewarn.Progress, err error) {
	if _, err := s.find(u, actResolving, q.Case, 0); err != nil {
		return none, err
	}
	return resolutions.Progress(u, q.Case.String())
}
