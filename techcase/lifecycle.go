package techcase

import (
	"context"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn"
)

// Cancel ends a case that nobody needs any more.
type Cancel struct {
	Case    uuid.UUID
	Expect  forewarn.Version // the version the caller saw; zero: any
	Comment string           // why; optional, public
}

// Cancel takes a case that is neither closed nor cancelled to Cancelled, where it is read-only. When an agent cancels, the
// contact and who watches the case are told.
//
// It returns ErrRefused in Closed and Cancelled, and for a major case with open children; ErrForbidden without
// sn_tech_support.writer, ErrStale, and ErrNotFound.
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
