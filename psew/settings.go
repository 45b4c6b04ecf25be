package psew

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/store"
	"github.com/forewarn-go/forewarn/ticket"
)

// Settings are the properties of a tenant. They are read at each call.
type Settings struct {
	// Threshold is the number of parties from which one generation opens a major case; 3 by default.
	Threshold int `json:"threshold"`
	// MajorCases says that generation may open major cases at all; on by default.
	MajorCases bool `json:"majorCases"`
	// CommentsSync turns NotifyCustomers on; off by default.
	CommentsSync bool `json:"commentsSync"`
	// Broadcast copies the incident's comments to all of its cases, as BroadcastAs says; on by default, as work notes.
	Broadcast   bool         `json:"broadcast"`
	BroadcastAs ticket.Entry `json:"broadcastAs"`
	// NeedsWorkflow refuses to generate from, and to resolve, an incident of the flows whose workflow has not been
	// triggered or that has no assignment group; on by default. NeedsWorkflowAlways asks it of every incident.
	NeedsWorkflow       bool `json:"needsWorkflow"`
	NeedsWorkflowAlways bool `json:"needsWorkflowAlways"`
	// MembersClearAttention lets any member of the assignment group set Needs attention to false; off by default.
	MembersClearAttention bool `json:"membersClearAttention"`
	// NotifyManager tells the major issue manager of a new major case without being asked; off by default.
	NotifyManager bool `json:"notifyManager"`
	// ManagerGroup is the group whose manager runs major cases.
	ManagerGroup string `json:"managerGroup"`
	// CaseFields are the incident fields that are passed to the cases it generates; see DefaultCaseFields.
	CaseFields []string `json:"caseFields"`
	// ResolutionCodes translate an incident's resolution code for its cases; a code that is not there stays as it is.
	ResolutionCodes map[string]string `json:"resolutionCodes,omitempty"`
}

// DefaultSettings returns what a tenant begins with.
func DefaultSettings() Settings {
	return Settings{Threshold: 3, MajorCases: true, Broadcast: true, BroadcastAs: ticket.WorkNote, NeedsWorkflow: true,
		ManagerGroup: MajorIssueManagers, CaseFields: DefaultCaseFields()}
}

// maxCodes bounds the resolution codes that are translated.
const maxCodes = 100

// Check returns an ErrInvalid that names the setting when it cannot be kept.
func (s Settings) Check() error {
	switch {
	case s.Threshold < 1:
		return forewarn.Invalid("settings.threshold", "is a number from 1, not %d", s.Threshold)
	case s.BroadcastAs != ticket.WorkNote && s.BroadcastAs != ticket.Comment:
		return forewarn.Invalid("settings.broadcastAs", "is work_note or comment, not %q", s.BroadcastAs)
	case s.ManagerGroup == "":
		return forewarn.Invalid("settings.managerGroup", "is empty")
	case len(s.CaseFields) > len(caseFields):
		return forewarn.Invalid("settings.caseFields", "has %d; there are %d", len(s.CaseFields), len(caseFields))
	case len(s.ResolutionCodes) > maxCodes:
		return forewarn.Invalid("settings.resolutionCodes", "has %d; at most %d", len(s.ResolutionCodes), maxCodes)
	}
	if err := checkText("settings.managerGroup", s.ManagerGroup, maxName); err != nil {
		return err
	}
	for _, f := range s.CaseFields {
		if _, ok := caseFields[f]; !ok {
			return forewarn.Invalid("settings.caseFields", "%q is no field that is passed to cases", f)
		}
	}
	for from, to := range s.ResolutionCodes {
		if err := errors.Join(checkText("settings.resolutionCodes", from, maxName), checkText("settings.resolutionCodes", to, maxName)); err != nil {
			return forewarn.Invalid("settings.resolutionCodes", "a code has at most %d bytes of UTF-8 text", maxName)
		}
		if to == "" || strings.ContainsAny(from+to, "\r\n") {
			return forewarn.Invalid("settings.resolutionCodes", "%q becomes %q: a code is one line, and not empty", from, to)
		}
	}
	return nil
}

// The names of the properties, and the other names that are accepted for them.
const (
	PropertyThreshold     = "sn_ind_tsm_core.major_case_affected_account_threshold"
	PropertyCommentsSync  = "proactive_workflows_for_providers.additional_comments_sync"
	PropertyBroadcast     = "update_case_worknote_for_comments_change.active"
	PropertyBroadcastAs   = "update_case_worknote_for_comments_change.entry"
	PropertyMajorCases    = "major_cases.active"
	PropertyNeedsWorkflow = "needs_workflow.active"
	PropertyNeedsAlways   = "needs_workflow.always"
	PropertyNotifyManager = "notify_major_issue_manager.active"
	PropertyManagerGroup  = "major_issue_manager.group"
	PropertyMembersClear  = "set_needs_attention_false.members"
	PropertyCaseFields    = "case_fields"      // names, with commas between
	PropertyCodes         = "resolution_codes" // as JSON: {"incident's code":"case's code"}
)

var propertyAliases = map[string]string{
	"major_case_affected_account_threshold":                 PropertyThreshold,
	"major_case_affected_threshold":                         PropertyThreshold,
	"sn_ind_tsm_core.major_case-affected_account_threshold": PropertyThreshold,
}

// Set sets one property by its name or another name for it. It returns an ErrInvalid for an unknown name or a bad value.
func (s *Settings) Set(name, value string) error {
	if full, ok := propertyAliases[name]; ok {
		name = full
	}
	if err := checkText(name, value, maxLong); err != nil {
		return err
	}
	flag := func(to *bool) error {
		b, err := strconv.ParseBool(strings.TrimSpace(value))
		if err != nil {
			return forewarn.Invalid(name, "is true or false, not %q", value)
		}
		*to = b
		return nil
	}
	switch name {
	case PropertyThreshold:
		n, err := strconv.Atoi(strings.TrimSpace(value))
		if err != nil || n < 1 {
			return forewarn.Invalid(name, "is a number from 1, not %q", value)
		}
		s.Threshold = n
		return nil
	case PropertyCommentsSync:
		return flag(&s.CommentsSync)
	case PropertyBroadcast:
		return flag(&s.Broadcast)
	case PropertyMajorCases:
		return flag(&s.MajorCases)
	case PropertyNeedsWorkflow:
		return flag(&s.NeedsWorkflow)
	case PropertyNeedsAlways:
		return flag(&s.NeedsWorkflowAlways)
	case PropertyNotifyManager:
		return flag(&s.NotifyManager)
	case PropertyMembersClear:
		return flag(&s.MembersClearAttention)
	case PropertyManagerGroup:
		if value == "" {
			return forewarn.Invalid(name, "is empty")
		}
		if err := checkText(name, value, maxName); err != nil {
			return err
		}
		s.ManagerGroup = value
		return nil
	case PropertyBroadcastAs:
		e := ticket.Entry(value)
		if e != ticket.WorkNote && e != ticket.Comment {
			return forewarn.Invalid(name, "is work_note or comment, not %q", value)
		}
		s.BroadcastAs = e
		return nil
	case PropertyCaseFields:
		var fields []string
		for f := range strings.SplitSeq(value, ",") {
			if f = strings.TrimSpace(f); f == "" {
				continue
			}
			if _, ok := caseFields[f]; !ok {
				return forewarn.Invalid(name, "%q is no field that is passed to cases", f)
			}
			fields = append(fields, f)
		}
		if len(fields) > len(caseFields) {
			return forewarn.Invalid(name, "has %d; there are %d", len(fields), len(caseFields))
		}
		s.CaseFields = fields
		return nil
	case PropertyCodes:
		codes := map[string]string{}
		if err := json.Unmarshal([]byte(value), &codes); err != nil {
			return forewarn.Invalid(name, "is a JSON object of texts, not %q", value)
		}
		if len(codes) == 0 {
			codes = nil // as they are kept
		}
		next := *s
		if next.ResolutionCodes = codes; next.Check() != nil {
			return forewarn.Invalid(name, "%q has more than %d codes, or one that is empty, has more than one line, or more than %d bytes", shown(value), maxCodes, maxName)
		}
		s.ResolutionCodes = codes
		return nil
	}
	return forewarn.Invalid("property", "%q is none", name)
}

// Warnings tells of settings that go badly together: with NotifyCustomers on and the broadcast on, a note that is meant for
// selected cases and an additional comment of the incident reach different cases.
func (s Settings) Warnings() []string {
	if s.CommentsSync && s.Broadcast {
		return []string{PropertyCommentsSync + " and " + PropertyBroadcast +
			" are both on: comments of an incident go to all of its cases beside the notes for selected ones"}
	}
	return nil
}

type settingsRecord struct {
	ID       uuid.UUID        `json:"id"`
	Version  forewarn.Version `json:"version"`
	Settings Settings         `json:"settings"`
}

var settingsRecords = forewarn.NewRecords(kindSettings, forewarn.Shape[settingsRecord]{
	ID:      func(r *settingsRecord) *uuid.UUID { return &r.ID },
	Version: func(r *settingsRecord) *forewarn.Version { return &r.Version },
})

var settingsID = store.NameID(kindSettings)

// settings returns the tenant's settings, peeked.
func settings(u *forewarn.Unit) (Settings, error) {
	r, err := settingsRecords.Peek(u, settingsID)
	if errors.Is(err, forewarn.ErrNotFound) {
		return Settings{}, noDefaults(u.By().Tenant)
	}
	return r.Settings, err
}

// SetProperty sets a property of the tenant.
type SetProperty struct {
	Name  string // see the constants; the sources' other spellings are accepted
	Value string
}

// SetProperty sets a property of the tenant, for every call from now on; ConfigurationHistory tells of it. It returns ErrInvalid for an unknown name or a bad
// value, ErrForbidden without admin, and ErrRefused before Defaults.
func (s *Service) SetProperty(ctx context.Context, by forewarn.Caller, cmd SetProperty) (Settings, error) {
	return forewarn.Do(ctx, s.engine, by, "psew.SetProperty", cmd, s.setProperty)
}

func (s *Service) setProperty(u *forewarn.Unit, cmd SetProperty) (none Settings, err error) {
	if err := u.Require(actConfigure, own(u.By())); err != nil {
		return none, err
	}
	r, err := settingsRecords.Get(u, settingsID)
	if errors.Is(err, forewarn.ErrNotFound) {
		return none, noDefaults(u.By().Tenant)
	}
	if err != nil {
		return none, err
	}
	before := r.Settings
	r.Settings.CaseFields = slices.Clone(r.Settings.CaseFields)
	if err := r.Settings.Set(cmd.Name, cmd.Value); err != nil {
		return none, err
	}
	changes := settingChanges(before, r.Settings)
	if changes == "" {
		return r.Settings, nil
	}
	if err := settingsRecords.Put(u, &r); err != nil {
		return none, err
	}
	return r.Settings, noteChange(u, "property", changes)
}

// GetSettings asks for the settings of the tenant.
type GetSettings struct{}

// GetSettings returns the settings of the tenant.
func (s *Service) GetSettings(ctx context.Context, by forewarn.Caller, q GetSettings) (Settings, error) {
	return forewarn.Read(ctx, s.engine, by, "psew.GetSettings", q, func(u *forewarn.Unit, _ GetSettings) (none Settings, err error) {
		if err := u.Require(actRead, own(u.By())); err != nil {
			return none, err
		}
		return settings(u)
	})
}
