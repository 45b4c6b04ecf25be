package psew

import (
	"context"
	"strings"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/ticket"
)

// Resolve resolves an incident.
type Resolve struct {
	Incident uuid.UUID
	Expect   forewarn.Version
	Code     string  // resolution code; required
	Notes    string  // resolution notes; required
	Cause    *string // probable cause; nil leaves what the incident has
}

// MajorCaseNote is the work note of an incident that is resolved while a major case stands (PSEW-105).
const MajorCaseNote = "There is a major case associated with this incident."

// Resolve takes an incident to Resolved and its stage to Resolution, and closes
// the open task. Without a major case all of its cases are resolved with it, and
// closed later by the case type's own auto-close; with one, its cases only get
// code, notes and cause, and the major case's manager resolves them. Cases that do
// not fit the commit follow as fan-out.
//
// It returns ErrInvalid without code or notes; ErrRefused from a state that does
// not allow it, and for an incident of the flows whose workflow was not triggered
// or that has no group; ErrForbidden without PSEW_USER; ErrStale; ErrNotFound.
func (s *Service) Resolve(ctx context.Context, by forewarn.Caller, cmd Resolve) (Incident, error) {
	return forewarn.Do(ctx, s.engine, by, "psew.Resolve", cmd, s.resolve)
}

func (s *Service) resolve(u *forewarn.Unit, cmd Resolve) (none Incident, err error) {
	before, err := incidents.GetAt(u, cmd.Incident, cmd.Expect)
	if err != nil {
		return none, err
	}
	if err := u.Require(actResolve, before.subject()); err != nil {
		return none, err
	}
	if strings.TrimSpace(cmd.Code) == "" {
		return none, forewarn.Invalid("code", "is empty: resolving asks for a resolution code")
	}
	if strings.TrimSpace(cmd.Notes) == "" {
		return none, forewarn.Invalid("notes", "is empty: resolving asks for resolution notes")
	}
	if strings.ContainsAny(strings.TrimSpace(cmd.Code), "\r\n") {
		return none, forewarn.Invalid("code", "has more than one line")
	}
	set, err := settings(u)
	if err != nil {
		return none, err
	}
	if err := before.workflow(set); err != nil {
		return none, err
	}
	i := before
	if i.State, err = before.move(TriggerResolve); err != nil {
		return none, err
	}
	i.HoldReason = ""
	i.ResolutionCode, i.ResolutionNotes = strings.TrimSpace(cmd.Code), strings.TrimSpace(cmd.Notes)
	if cmd.Cause != nil {
		i.Cause = *cmd.Cause
	}
	if err := i.check(); err != nil {
		return none, err
	}
	i.LastStage, i.Stage = before.Stage, StageResolution
	i.Resolved, i.ResolvedBy = u.Now(), u.By().ID
	if before.OpenTask != nil {
		if err := s.endTask(u, before, i); err != nil {
			return none, err
		}
		i.OpenTask = nil
	}
	major, err := s.openMajor(u, i)
	if err != nil {
		return none, err
	}
	if major != uuid.Nil {
		if _, err := post(u, i, ticket.WorkNote, MajorCaseNote, "major_case", ""); err != nil {
			return none, err
		}
	}
	if i, err = s.save(u, &before, i); err != nil {
		return none, err
	}
	return i, resolutions.Begin(u, resolutionName(i), resolutionOf(i, set, major), 0)
}

// workflow refuses what asks for a triggered workflow and an assignment group (PSEW-137).
func (i Incident) workflow(set Settings) error {
	if !set.NeedsWorkflowAlways && !(set.NeedsWorkflow && i.Triggers()) {
		return nil
	}
	if !i.Triggered {
		return forewarn.Refused(i.Key(), "triggered", "the workflow of incident %s has not been triggered: escalate it first", i.Number)
	}
	if i.Group == "" {
		return forewarn.Refused(i.Key(), "assignmentGroup", "incident %s has no assignment group", i.Number)
	}
	return nil
}

// openMajor returns the major case of an incident that is not finished, or the zero id: the one that generation has opened, or one that its
// manager has made of one of the incident's cases.
func (s *Service) openMajor(u *forewarn.Unit, i Incident) (uuid.UUID, error) {
	if i.MajorCase != nil {
		major, err := s.cases.Get(u, *i.MajorCase)
		if err == nil && !major.Status.Final() {
			return major.ID, nil
		}
		if err != nil && !isNotFound(err) {
			return uuid.Nil, err
		}
	}
	q := ticket.CaseQuery{Source: i.ID, Major: true, Open: true}
	for {
		page, err := s.cases.Page(u, q)
		if err != nil {
			return uuid.Nil, err
		}
		for _, c := range page.Cases {
			if c.Major {
				return c.ID, nil
			}
		}
		if page.Next == "" {
			return uuid.Nil, nil
		}
		q.After = page.Next
	}
}

// resolution is what the cases of a resolved incident are told.
type resolution struct {
	Source     uuid.UUID         `json:"source"`
	Major      uuid.UUID         `json:"major"`              // zero: none stands, and the cases are resolved
	Reopened   int               `json:"reopened,omitempty"` // how often the incident had been reopened by then
	Resolution ticket.Resolution `json:"resolution"`
}

// resolutions tells the cases of a resolved incident, as many in a commit as fit.
var resolutions = forewarn.NewFanout[resolution]("psew_resolution")

func resolutionName(i Incident) string { return i.ID.String() + "/" + itoa(i.Reopened) }

// resolutionOf translates an incident's resolution for its cases (PSEW-136).
func resolutionOf(i Incident, set Settings, major uuid.UUID) resolution {
	code := i.ResolutionCode
	if other, ok := set.ResolutionCodes[code]; ok {
		code = other
	}
	return resolution{Source: i.ID, Major: major, Reopened: i.Reopened, Resolution: ticket.Resolution{Code: code, Notes: i.ResolutionNotes, Cause: i.Cause}}
}

func (s *Service) resolutionJob() forewarn.Job { return resolutions.Job(s.resolutionStep) }

// resolutionStep resolves cases, or only describes the resolution in them: those that are or have a major case are its manager's to resolve.
func (s *Service) resolutionStep(u *forewarn.Unit, r resolution, after string) (next string, done int, err error) {
	i, err := incidents.Get(u, r.Source)
	if err != nil {
		return "", 0, err
	}
	if i.Reopened != r.Reopened || i.State != StateResolved && i.State != StateClosed {
		return "", 0, nil // it was reopened, and its other cases go on with it
	}
	return s.eachCase(u, ticket.CaseQuery{Source: r.Source, Open: true}, after, nil, func(c ticket.BookedCase) error {
		if r.Major != uuid.Nil || c.Major || c.Parent != uuid.Nil {
			return s.cases.Describe(u, c.ID, r.Resolution)
		}
		return s.cases.Resolve(u, c.ID, r.Resolution)
	})
}
