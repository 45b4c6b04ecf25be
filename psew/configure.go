package psew

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/ticket"
)

// kindSettings is the kind of the tenant's settings, in whose stream all changes of its configuration stand.
const kindSettings = "psew_settings"

// noteChange keeps who has changed the tenant's configuration, when, and from what to what.
func noteChange(u *forewarn.Unit, what, text string) error {
	if len(text) > ticket.MaxText {
		text = text[:ticket.MaxText-3] + "…"
	}
	_, err := u.Post(ticket.Activity{Kind: kindSettings, Ticket: settingsID, Entry: ticket.Notice, Event: "configured", Source: what, Text: strings.ToValidUTF8(text, "")})
	return err
}

// StoredPolicy is the escalation policy of a tenant as it is kept.
type StoredPolicy struct {
	Version forewarn.Version `json:"version"`
	Table   Table            `json:"table"`
	// Warnings tell of groups that the policy escalates to and whose members could not escalate further; SetPolicy gives them.
	Warnings []string `json:"warnings,omitempty"`
}

// GetPolicy asks for the escalation policy of the tenant.
type GetPolicy struct{}

// GetPolicy returns the escalation policy of the tenant. It returns ErrRefused before Defaults, and ErrForbidden to who may not read incidents.
func (s *Service) GetPolicy(ctx context.Context, by forewarn.Caller, q GetPolicy) (StoredPolicy, error) {
	return forewarn.Read(ctx, s.engine, by, "psew.GetPolicy", q, func(u *forewarn.Unit, _ GetPolicy) (none StoredPolicy, err error) {
		if err := u.Require(actRead, forewarn.Subject{}); err != nil {
			return none, err
		}
		rec, err := policies.Peek(u, policyID)
		if isNotFound(err) {
			return none, noDefaults(u.By().Tenant)
		}
		return StoredPolicy{Version: rec.Version, Table: rec.Table}, err
	})
}

// SetPolicy replaces the escalation policy of the tenant.
type SetPolicy struct {
	Expect forewarn.Version // the version that the caller saw, of GetPolicy; zero: any
	Table  Table            // the whole of it
}

// SetPolicy replaces the escalation policy of the tenant, all rows at once; the next escalation is decided by it. A policy that is the same writes nothing.
//
// It returns ErrInvalid that names the first row that cannot stand, as Table.Check does; ErrRefused before Defaults, and where the Config has a Policy of its
// own, which asks no table; ErrForbidden without admin; ErrStale.
func (s *Service) SetPolicy(ctx context.Context, by forewarn.Caller, cmd SetPolicy) (StoredPolicy, error) {
	return forewarn.Do(ctx, s.engine, by, "psew.SetPolicy", cmd, s.setPolicy)
}

func (s *Service) setPolicy(u *forewarn.Unit, cmd SetPolicy) (none StoredPolicy, err error) {
	if err := u.Require(actSetPolicy, forewarn.Subject{}); err != nil {
		return none, err
	}
	if _, own := s.policy.(tablePolicy); !own {
		return none, forewarn.Refused(policies.Key(u.By().Tenant, policyID), "policy", "this service decides by a policy of its host, which no table changes")
	}
	if err := cmd.Table.Check(s.categories, s.flows); err != nil {
		return none, err
	}
	rec, err := policies.GetAt(u, policyID, cmd.Expect)
	if isNotFound(err) {
		return none, noDefaults(u.By().Tenant)
	}
	if err != nil {
		return none, err
	}
	groups, err := forewarn.StoredGroups(u)
	if err != nil {
		return none, err
	}
	out := StoredPolicy{Version: rec.Version, Table: rec.Table, Warnings: LintGroups(cmd.Table, groups, forewarn.DefaultRoles())}
	before, err := json.Marshal(rec.Table)
	if err != nil {
		return none, err
	}
	after, err := json.Marshal(cmd.Table)
	if err != nil {
		return none, forewarn.Invalid("policy", "is no JSON: %v", err)
	}
	if string(before) == string(after) {
		return out, nil
	}
	changes := policyChanges(rec.Table, cmd.Table)
	rec.Table = Table{}
	if err := json.Unmarshal(after, &rec.Table); err != nil { // as it is read later, so that the answer is what a repeat gets
		return none, forewarn.Invalid("policy", "is no table that can be kept: %v", err)
	}
	if err := policies.Put(u, &rec); err != nil {
		return none, err
	}
	out.Version, out.Table = rec.Version, rec.Table
	return out, noteChange(u, "escalation_policy", changes)
}

// policyChanges says which rows a policy has no more, and which it has now.
func policyChanges(from, to Table) string {
	text := "The escalation policy has " + itoa(len(to.Rules)) + " rows."
	for n, r := range from.Rules {
		if !slices.Contains(to.Rules, r) {
			text += "\n- row " + itoa(n+1) + ": " + r.String()
		}
	}
	for n, r := range to.Rules {
		if !slices.Contains(from.Rules, r) {
			text += "\n+ row " + itoa(n+1) + ": " + r.String()
		}
	}
	return text
}

// String returns the row as a line: what it fits, and where it leads.
func (r Rule) String() string {
	return quote(r.Category) + ", " + quote(r.Subcategory) + ", " + quote(r.Stage) + " → " + quote(r.Group) + " by " + quote(r.Flow)
}

// settingChanges says what of the settings is not what it was; "" when nothing is.
func settingChanges(from, to Settings) string {
	text := ""
	a, b := reflect.ValueOf(from), reflect.ValueOf(to)
	for n := range a.NumField() {
		if reflect.DeepEqual(a.Field(n).Interface(), b.Field(n).Interface()) {
			continue
		}
		was, err := json.Marshal(a.Field(n).Interface())
		is, err2 := json.Marshal(b.Field(n).Interface())
		if errors.Join(err, err2) != nil {
			continue
		}
		if text != "" {
			text += "\n"
		}
		text += a.Type().Field(n).Name + ": " + string(was) + " → " + string(is)
	}
	return text
}

// ConfigurationHistory asks for what was changed of the tenant's configuration.
type ConfigurationHistory struct {
	Limit int
	After string
}

// ConfigurationHistory returns what SetProperty, SetPolicy and SetMessage have changed, by whom and when, the latest first. It returns ErrForbidden without
// admin.
func (s *Service) ConfigurationHistory(ctx context.Context, by forewarn.Caller, q ConfigurationHistory) (forewarn.Page[ticket.Activity], error) {
	return forewarn.Read(ctx, s.engine, by, "psew.ConfigurationHistory", q, func(u *forewarn.Unit, q ConfigurationHistory) (none forewarn.Page[ticket.Activity], err error) {
		if err := u.Require(actConfigure, forewarn.Subject{}); err != nil {
			return none, err
		}
		return forewarn.Activities.Where("ticket", forewarn.StreamOf(kindSettings, settingsID)).Descending().Limit(q.Limit).Page(u, q.After)
	})
}
