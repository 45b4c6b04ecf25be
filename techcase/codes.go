package techcase

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/forewarn-go/forewarn"
)

// Limits of a tenant's choice list.
const (
	maxCodes   = 200
	maxCodeLen = 200
)

// SetResolutionCodes changes the choices of a resolution code.
type SetResolutionCodes struct {
	Codes []string // in the order in which they are offered, at most 200 of at most 200 bytes; none lets any code go
}

// SetResolutionCodes sets the codes that people may resolve cases with, and returns the settings as they hold then. A case
// that has another code keeps it. What is copied from an incident, whose codes psew translates, is not asked for.
//
// It returns ErrInvalid, naming the field, for a code that is empty, stands twice, is too long or of several lines, and
// ErrForbidden without admin.
func (s *Service) SetResolutionCodes(ctx context.Context, by forewarn.Caller, cmd SetResolutionCodes) (Settings, error) {
	return forewarn.Do(ctx, s.engine, by, "techcase.SetResolutionCodes", cmd, s.setResolutionCodes)
}

func (s *Service) setResolutionCodes(u *forewarn.Unit, cmd SetResolutionCodes) (none Settings, err error) {
	if err := u.Require(actSetResolutionCodes, own(u.By())); err != nil {
		return none, err
	}
	if len(cmd.Codes) > maxCodes {
		return none, forewarn.Invalid("codes", "are %d; at most %d", len(cmd.Codes), maxCodes)
	}
	for i, code := range cmd.Codes {
		field := fmt.Sprintf("codes[%d]", i)
		switch {
		case strings.TrimSpace(code) == "" || strings.ContainsAny(code, "\r\n"):
			return none, forewarn.Invalid(field, "%q is empty or has more than one line", code)
		case slices.Index(cmd.Codes, code) < i:
			return none, forewarn.Invalid(field, "%q stands twice", code)
		}
		if err := checkText(field, code, maxCodeLen); err != nil {
			return none, err
		}
	}
	r, err := settingsOf(u)
	if err != nil {
		return none, err
	}
	r.Settings.ResolutionCodes = nil
	if len(cmd.Codes) > 0 {
		r.Settings.ResolutionCodes = slices.Clone(cmd.Codes)
	}
	if err := settings.Put(u, &r); err != nil {
		return none, err
	}
	return s.effective(r), nil
}

// checkCode refuses a code that somebody gives a case and that is none of the tenant's choices.
func checkCode(u *forewarn.Unit, c Case, given string) error {
	if given == "" || given == c.ResolutionCode {
		return nil
	}
	r, err := settings.Peek(u, settingsID)
	if isNotFound(err) {
		return nil
	}
	if codes := r.Settings.ResolutionCodes; err == nil && len(codes) > 0 && !slices.Contains(codes, given) {
		return forewarn.Invalid("resolutionCode", "%q is none of %q", given, codes)
	}
	return err
}
