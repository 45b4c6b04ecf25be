package psew

import (
	"context"
	"encoding/json"

	"github.com/forewarn-go/forewarn"
)

// kindSettings is the kind of the tenant's settings, in whose stream all changes of its configuration stand.
const kindSettings = "psew_settings"

// StoredPolicy is the escalation policy of a tenant as it is kept.
type StoredPolicy struct {
	Version forewarn.Version `json:"version"`
	Table   Table            `json:"table"`
	// Warnings tell of groups that the policy escalates to and whose members could not escalate further, and of incidents that no row fits; SetPolicy
	// gives them.
	Warnings []string `json:"warnings,omitempty"`
}

// GetPolicy asks for the escalation policy of the tenant.
type GetPolicy struct{}

// GetPolicy returns the escalation policy of the tenant. It returns ErrRefused before Defaults, and ErrForbidden to who may not read incidents.
func (s *Service) GetPolicy(ctx context.Context, by forewarn.Caller, q GetPolicy) (StoredPolicy, error) {
	return forewarn.Read(ctx, s.engine, by, "psew.GetPolicy", q, func(u *forewarn.Unit, _ GetPolicy) (none StoredPolicy, err error) {
		if err := u.Require(actRead, own(u.By())); err != nil {
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
// It returns ErrInvalid that names the first row that cannot stand, as Table.Check does: one that contradicts another, or never fires, among them. What the
// policy leaves open it tells of in Warnings, and takes. It returns ErrRefused before Defaults, and where the Config has a Policy of its
// own, which asks no table; ErrForbidden without admin; ErrStale.
func (s *Service) SetPolicy(ctx context.Context, by forewarn.Caller, cmd SetPolicy) (StoredPolicy, error) {
	return forewarn.Do(ctx, s.engine, by, "psew.SetPolicy", cmd, s.setPolicy)
}

func (s *Service) setPolicy(u *forewarn.Unit, cmd SetPolicy) (none StoredPolicy, err error) {
	if err := u.Require(actSetPolicy, own(u.By())); err != nil {
		return none, err
	}
	if _, asked := s.policy.(tablePolicy); !asked {
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
	out := StoredPolicy{Version: rec.Version, Table: rec.Table}
	if out.Warnings, err = s.warnings(u, cmd.Table); err != nil {
		return none, err
	}
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

// String returns the row as a line: what it fits, and where it leads.
func (r Rule) String() string {
	return quote(r.Category) + ", " + quote(r.Subcategory) + ", " + quote(r.Stage) + " → " + quote(r.Group) + " by " + quote(r.Flow)
}
