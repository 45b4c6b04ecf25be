package techcase

import (
	"context"
	"maps"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/store"
)

// Settings are what a tenant's admin has set.
type Settings struct {
	// AutoClose says, by the name of the case type, when cases that nobody answers close.
	AutoClose map[string]AutoClose `json:"autoClose,omitempty"`
	// ResolutionCodes are the choices of a resolution code; none means that any code goes.
	ResolutionCodes []string `json:"resolutionCodes,omitempty"`
}

// settingsRecord holds what the tenant has set itself; what it has not set is that of Config.
type settingsRecord struct {
	ID       uuid.UUID        `json:"id"`
	Version  forewarn.Version `json:"version"`
	Settings Settings         `json:"settings"`
	// Walks is how often waiting cases were given new days; it names the next time.
	Walks int `json:"walks,omitempty"`
}

var settings = forewarn.NewRecords("case_settings", forewarn.Shape[settingsRecord]{
	ID:      func(r *settingsRecord) *uuid.UUID { return &r.ID },
	Version: func(r *settingsRecord) *forewarn.Version { return &r.Version },
})

var settingsID = store.NameID("case_settings")

// settingsOf returns what the tenant has set, and makes it a precondition: what relies on it runs again when it changes.
func settingsOf(u *forewarn.Unit) (settingsRecord, error) {
	r, err := settings.Get(u, settingsID)
	if isNotFound(err) {
		return settingsRecord{ID: settingsID}, nil
	}
	return r, err
}

// sharedSettings is settingsOf for units that write: where there is no record it makes one that sets nothing, so that from
// then on cases which begin or end to wait share a record that is there. Its absence would have them wait for each other.
func sharedSettings(u *forewarn.Unit) (settingsRecord, error) {
	r, err := settings.Get(u, settingsID)
	if isNotFound(err) {
		r = settingsRecord{ID: settingsID}
		err = settings.Put(u, &r)
	}
	return r, err
}

// autoCloseOf returns when cases of a type close, for the tenant.
func (r settingsRecord) autoCloseOf(t *caseType) AutoClose {
	if own, ok := r.Settings.AutoClose[t.Name]; ok {
		return own
	}
	return t.AutoClose
}

// effective returns the settings with what Config has in the place of what is not set.
func (s *Service) effective(r settingsRecord) Settings {
	all := r.Settings
	all.AutoClose = make(map[string]AutoClose, len(s.types))
	for _, t := range s.types {
		all.AutoClose[t.Name] = r.autoCloseOf(t)
	}
	return all
}

// GetSettings asks for the settings of the tenant.
type GetSettings struct{}

// GetSettings returns the settings of the tenant as they hold: what the tenant has not set is that of Config. It returns
// ErrForbidden without a role that reads cases.
func (s *Service) GetSettings(ctx context.Context, by forewarn.Caller, q GetSettings) (Settings, error) {
	return forewarn.Read(ctx, s.engine, by, "techcase.GetSettings", q, s.getSettings)
}

func (s *Service) getSettings(u *forewarn.Unit, _ GetSettings) (none Settings, err error) {
	if err := u.Require(actGetSettings, own(u.By())); err != nil {
		return none, err
	}
	r, err := settingsOf(u)
	if err != nil {
		return none, err
	}
	return s.effective(r), nil
}

// SetAutoClose changes when a tenant's cases that nobody answers are reminded of and closed.
type SetAutoClose struct {
	// Type is the name of a case type; "" means all.
	Type string
	// AutoClose is what holds from now on; what of it is zero is as in DefaultAutoClose. Nil takes back what the tenant
	// has set, so that Config holds again.
	AutoClose *AutoClose
}

// SetAutoClose changes the days of auto close for the tenant, and returns the settings as they hold then. Cases that wait
// already take the new days, counted from when they began to wait: a worker goes over them, and what is past by the new
// days is done at once, the earliest step first. What was done by the old days is not taken back.
//
// It returns ErrInvalid for a type that there is not and for days that do not rise, naming the field, and ErrForbidden
// without admin.
func (s *Service) SetAutoClose(ctx context.Context, by forewarn.Caller, cmd SetAutoClose) (Settings, error) {
	return forewarn.Do(ctx, s.engine, by, "techcase.SetAutoClose", cmd, s.setAutoClose)
}

func (s *Service) setAutoClose(u *forewarn.Unit, cmd SetAutoClose) (none Settings, err error) {
	if err := u.Require(actSetAutoClose, own(u.By())); err != nil {
		return none, err
	}
	types := s.types
	if cmd.Type != "" {
		t, err := s.typeOf(cmd.Type)
		if err != nil {
			return none, err
		}
		types = []*caseType{t}
	}
	r, err := settingsOf(u)
	if err != nil {
		return none, err
	}
	own := maps.Clone(r.Settings.AutoClose)
	if own == nil {
		own = map[string]AutoClose{}
	}
	for _, t := range types {
		delete(own, t.Name)
		if cmd.AutoClose == nil {
			continue
		}
		given := cmd.AutoClose.orDefault()
		if err := given.check("autoClose"); err != nil {
			return none, err
		}
		own[t.Name] = given
	}
	if len(own) == 0 {
		own = nil
	}
	r.Settings.AutoClose = own
	r.Walks++
	if err := settings.Put(u, &r); err != nil {
		return none, err
	}
	return s.effective(r), s.giveNewDays(u, r.Walks, types)
}
