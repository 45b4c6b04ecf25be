package psew

import (
	"context"
	"errors"
	"slices"

	"github.com/forewarn-go/forewarn"
)

// The assignment groups of the base system, and the group that runs major cases.
const (
	NetworkCoordinators  = "Network Coordinators"
	L1NetworkEngineering = "L1 Network Engineering"
	L2NetworkEngineering = "L2 Network Engineering"
	L3NetworkEngineering = "L3 Network Engineering"
	MajorIssueManagers   = "Major Issue Management"
)

// DefaultGroups returns the groups that Defaults writes. All of the four that escalate have PSEW_USER and noc_agent.
func DefaultGroups() []forewarn.Group {
	escalating := []string{forewarn.RolePSEWUser, forewarn.RoleNOCAgent}
	return []forewarn.Group{
		{Name: NetworkCoordinators, Roles: escalating}, {Name: L1NetworkEngineering, Roles: escalating},
		{Name: L2NetworkEngineering, Roles: escalating}, {Name: L3NetworkEngineering, Roles: escalating},
		{Name: MajorIssueManagers, Roles: []string{forewarn.RoleMajorCaseManager}},
	}
}

// Defaults writes what a tenant begins with. What is left out is the base system's.
type Defaults struct {
	Groups   []forewarn.Group  // nil: DefaultGroups
	Messages map[string]string // laid over DefaultMessages
	Policy   *Table            // nil: DefaultTable
	Settings *Settings         // nil: DefaultSettings
}

// DefaultsResult says what the tenant should look at.
type DefaultsResult struct {
	Warnings []string `json:"warnings,omitempty"`
}

// Defaults writes groups, messages, policy and settings of the actor's tenant, as
// far as they are not there yet; so it can be called at every start. It warns of
// groups whose members the policy lets reach a stage from which they could not
// escalate, and of incidents that no row of it fits. It returns ErrInvalid for a
// policy that Table.Check refuses, and for what else cannot be kept;
// ErrForbidden without admin.
func (s *Service) Defaults(ctx context.Context, by forewarn.Caller, cmd Defaults) (DefaultsResult, error) {
	return forewarn.Do(ctx, s.engine, by, "psew.Defaults", cmd, s.defaults)
}

func (s *Service) defaults(u *forewarn.Unit, cmd Defaults) (out DefaultsResult, err error) {
	if err := u.Require(actConfigure, own(u.By())); err != nil {
		return out, err
	}
	table, set, groups := DefaultTable(), DefaultSettings(), cmd.Groups
	if cmd.Policy != nil {
		table = *cmd.Policy
	}
	if cmd.Settings != nil {
		set = *cmd.Settings
		if err := set.Check(); err != nil {
			return out, err
		}
	}
	if groups == nil {
		groups = DefaultGroups()
	}
	if err := table.Check(s.categories, s.flows); err != nil {
		return out, err
	}
	if err := checkGroups(groups); err != nil {
		return out, err
	}
	texts := DefaultMessages()
	for k, t := range cmd.Messages {
		if err := checkMessage("messages.key", "messages["+shown(k)+"]", k, t); err != nil {
			return out, err
		}
		texts[k] = t
	}
	if err := putMessages(u, texts); err != nil {
		return out, err
	}
	for _, g := range groups {
		if _, err := forewarn.StoredDirectory.Group(u, g.Name); err == nil {
			continue
		} else if !errors.Is(err, forewarn.ErrNotFound) {
			return out, err
		}
		if err := forewarn.PutGroup(u, g); err != nil {
			return out, err
		}
	}
	if _, err := policies.Get(u, policyID); errors.Is(err, forewarn.ErrNotFound) {
		err = policies.Put(u, &policyRecord{ID: policyID, Table: table})
		if err != nil {
			return out, err
		}
	} else if err != nil {
		return out, err
	}
	if _, err := settingsRecords.Get(u, settingsID); errors.Is(err, forewarn.ErrNotFound) {
		if err := settingsRecords.Put(u, &settingsRecord{ID: settingsID, Settings: set}); err != nil {
			return out, err
		}
	} else if err != nil {
		return out, err
	}
	warnings, err := s.warnings(u, table)
	if err != nil {
		return out, err
	}
	out.Warnings = append(set.Warnings(), warnings...)
	return out, nil
}

// warnings tells of a policy what may stand and may yet be meant otherwise: of the groups as the engine knows them.
func (s *Service) warnings(u *forewarn.Unit, t Table) ([]string, error) {
	var known []forewarn.Group
	asked := map[string]bool{}
	for _, r := range t.Rules {
		if asked[r.Group] {
			continue
		}
		asked[r.Group] = true
		g, err := s.engine.Directory().Group(u, r.Group)
		if isNotFound(err) {
			continue
		}
		if err != nil {
			return nil, err
		}
		g.Name = r.Group // a directory may know it by another spelling
		known = append(known, g)
	}
	gaps, err := t.study(s.categories, s.flows)
	if err != nil {
		return nil, err
	}
	return append(LintGroups(t, known, s.engine.Roles()), gaps...), nil
}

// LintGroups tells of groups that a policy escalates to and whose members cannot escalate further, for want of noc_agent, and of groups that are
// not there (SEC-027).
func LintGroups(t Table, groups []forewarn.Group, roles forewarn.Roles) []string {
	var all []string
	told := map[string]bool{}
	for _, r := range t.Rules {
		if told[r.Group] {
			continue
		}
		told[r.Group] = true
		i := slices.IndexFunc(groups, func(g forewarn.Group) bool { return g.Name == r.Group })
		if i < 0 {
			all = append(all, "the policy escalates to group "+quote(r.Group)+", which is not there")
			continue
		}
		if !slices.Contains(roles.Closure(groups[i].Roles...), forewarn.RoleNOCAgent) {
			all = append(all, "members of group "+quote(r.Group)+" cannot escalate: the group lacks the role "+forewarn.RoleNOCAgent)
		}
	}
	return all
}

// AddMember adds a user to an assignment group.
type AddMember struct {
	Group string
	User  forewarn.User
}

// AddMember adds a user to an assignment group of the stored directory, and keeps what is known of him. Membership gives the group's roles. It returns
// ErrNotFound for a group that is not there, ErrInvalid without a user, or with a text that is too long or no text, ErrForbidden without admin.
func (s *Service) AddMember(ctx context.Context, by forewarn.Caller, cmd AddMember) (forewarn.User, error) {
	return forewarn.Do(ctx, s.engine, by, "psew.AddMember", cmd, func(u *forewarn.Unit, cmd AddMember) (none forewarn.User, err error) {
		if err := u.Require(actMembers, own(u.By())); err != nil {
			return none, err
		}
		if err := checkMember(cmd.Group, cmd.User); err != nil {
			return none, err
		}
		if err := forewarn.PutUser(u, cmd.User); err != nil {
			return none, err
		}
		return cmd.User, forewarn.AddMember(u, cmd.Group, cmd.User.ID)
	})
}

// SetManager makes a user the manager of an assignment group.
type SetManager struct {
	Group string
	User  forewarn.User
}

// SetManager makes a user the manager of an assignment group of the stored directory, and keeps what is known of him. It returns what AddMember
// returns.
func (s *Service) SetManager(ctx context.Context, by forewarn.Caller, cmd SetManager) (forewarn.User, error) {
	return forewarn.Do(ctx, s.engine, by, "psew.SetManager", cmd, func(u *forewarn.Unit, cmd SetManager) (none forewarn.User, err error) {
		if err := u.Require(actMembers, own(u.By())); err != nil {
			return none, err
		}
		if err := checkMember(cmd.Group, cmd.User); err != nil {
			return none, err
		}
		if err := forewarn.PutUser(u, cmd.User); err != nil {
			return none, err
		}
		g, err := forewarn.StoredDirectory.Group(u, cmd.Group)
		if err != nil {
			return none, err
		}
		g.Manager = cmd.User.ID
		return cmd.User, forewarn.PutGroup(u, g)
	})
}
