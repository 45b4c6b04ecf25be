package psew

import (
	"context"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/ticket"
)

// Update changes fields of an incident. A nil field stays as it is.
type Update struct {
	Incident uuid.UUID
	Expect   forewarn.Version

	ShortDescription, Description, Company, Caller, Location *string
	Channel                                                  *Channel
	Impact, Urgency                                          *int
	Service, ServiceOffering, CI                             *string
	Category, Subcategory                                    *string       // in any spelling
	Cause                                                    *string       // probable cause
	Group                                                    *string       // clears the assignee, unless one is given too
	Assignee                                                 *string       // a member of the group, where there is one
	Custom                                                   ticket.Custom // entries replace those of their name; null takes one away
}

// Update changes fields of an incident. A new CI has its impact found; another
// group clears the assignee; impact and urgency set the priority; a category
// without a subcategory clears the subcategory. The open task follows.
//
// It returns ErrInvalid for an unknown CI, a subcategory that the category does
// not have, an assignee who is not in the group; ErrRefused for an incident that
// is closed or cancelled; ErrForbidden; ErrStale; ErrNotFound.
func (s *Service) Update(ctx context.Context, by forewarn.Caller, cmd Update) (Incident, error) {
	return forewarn.Do(ctx, s.engine, by, "psew.Update", cmd, s.update)
}

func (s *Service) update(u *forewarn.Unit, cmd Update) (none Incident, err error) {
	before, err := incidents.GetAt(u, cmd.Incident, cmd.Expect)
	if err != nil {
		return none, err
	}
	if err := u.Require(actWork, before.subject()); err != nil {
		return none, err
	}
	if before.State.Final() {
		return none, forewarn.Refused(before.Key(), "state", "incident %s is %s and does not change any more", before.Number, before.State)
	}
	i, err := s.apply(before, cmd)
	if err != nil {
		return none, err
	}
	if i.CI != before.CI {
		i.CIName = ""
		if i.CI != "" {
			if i.CIName, err = s.ciName(u, i.CI); err != nil {
				return none, err
			}
		}
	}
	if i.Group != before.Group || i.Assignee != before.Assignee {
		if err := s.checkAssignee(u, i); err != nil {
			return none, err
		}
	}
	if i, err = s.save(u, &before, i); err != nil {
		return none, err
	}
	if i.CI != before.CI {
		return i, s.beginRefresh(u, i)
	}
	return i, nil
}

// apply is what an update makes of an incident: no store, no clock.
func (s *Service) apply(i Incident, cmd Update) (Incident, error) {
	for _, f := range []struct{ to, from *string }{
		{&i.ShortDescription, cmd.ShortDescription}, {&i.Description, cmd.Description}, {&i.Company, cmd.Company},
		{&i.Caller, cmd.Caller}, {&i.Location, cmd.Location}, {&i.Service, cmd.Service}, {&i.ServiceOffering, cmd.ServiceOffering},
		{&i.CI, cmd.CI}, {&i.Cause, cmd.Cause},
	} {
		if f.from != nil {
			*f.to = *f.from
		}
	}
	i.ShortDescription = strings.TrimSpace(i.ShortDescription)
	if cmd.Channel != nil {
		i.Channel = *cmd.Channel
	}
	if cmd.Group != nil && *cmd.Group != i.Group {
		i.Group, i.Assignee = *cmd.Group, ""
		i.Reassigned++
	}
	if cmd.Assignee != nil {
		i.Assignee = *cmd.Assignee
	}
	if cmd.Impact != nil || cmd.Urgency != nil {
		if cmd.Impact != nil {
			i.Impact = *cmd.Impact
		}
		if cmd.Urgency != nil {
			i.Urgency = *cmd.Urgency
		}
		var err error
		if i.Priority, err = s.matrix.Of(i.Impact, i.Urgency); err != nil {
			return i, err
		}
		i.Severity = "" // from now on the priority's label
	}
	if cmd.Category != nil || cmd.Subcategory != nil {
		category, subcategory := string(i.Category), string(i.Subcategory)
		if cmd.Category != nil {
			if fold(*cmd.Category) != fold(category) {
				subcategory = ""
			}
			category = *cmd.Category
		}
		if cmd.Subcategory != nil {
			subcategory = *cmd.Subcategory
		}
		var err error
		if i.Category, i.Subcategory, err = s.categories.Parse(category, subcategory); err != nil {
			return i, err
		}
	}
	i.Custom = merged(i.Custom, cmd.Custom)
	return i, i.check()
}

// merged returns custom fields with others laid over them.
func merged(old, over ticket.Custom) ticket.Custom {
	if len(over) == 0 {
		return old
	}
	next := ticket.Custom{}
	for k, v := range old {
		next[k] = v
	}
	for k, v := range over {
		if string(v) == "null" {
			delete(next, k)
			continue
		}
		next[k] = v
	}
	if len(next) == 0 {
		return nil
	}
	return next
}

// checkAssignee refuses an assignee who is not in the assignment group, and a group that the directory does not have.
func (s *Service) checkAssignee(u *forewarn.Unit, i Incident) error {
	directory := s.engine.Directory()
	if i.Group != "" {
		if _, err := directory.Group(u, i.Group); err != nil {
			if isNotFound(err) {
				return forewarn.Invalid("assignmentGroup", "there is no group %q", i.Group)
			}
			return err
		}
	}
	if i.Assignee == "" || i.Group == "" {
		return nil
	}
	groups, err := directory.Groups(u, i.Assignee)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(groups, func(g forewarn.Group) bool { return g.Name == i.Group }) {
		return forewarn.Invalid("assignedTo", "%s is not in group %s", i.Assignee, i.Group)
	}
	return nil
}

// AssignToMe takes an incident for the caller.
type AssignToMe struct {
	Incident uuid.UUID
	Expect   forewarn.Version
}

// AssignToMe makes the caller the incident's assignee. The state stays. It returns ErrInvalid for a caller who is not in the
// assignment group, and otherwise what Update returns.
func (s *Service) AssignToMe(ctx context.Context, by forewarn.Caller, cmd AssignToMe) (Incident, error) {
	return forewarn.Do(ctx, s.engine, by, "psew.AssignToMe", cmd, s.assignToMe)
}

func (s *Service) assignToMe(u *forewarn.Unit, cmd AssignToMe) (Incident, error) {
	me := u.By().ID
	return s.update(u, Update{Incident: cmd.Incident, Expect: cmd.Expect, Assignee: &me})
}

// ClearNeedsAttention sets Needs attention to false.
type ClearNeedsAttention struct {
	Incident uuid.UUID
	Expect   forewarn.Version
}

// ClearNeedsAttention sets Needs attention to false. The manager of the assignment group, the assignee and admin may; with the property
// set_needs_attention_false.members any member of the group may too.
func (s *Service) ClearNeedsAttention(ctx context.Context, by forewarn.Caller, cmd ClearNeedsAttention) (Incident, error) {
	return forewarn.Do(ctx, s.engine, by, "psew.ClearNeedsAttention", cmd, s.clearNeedsAttention)
}

func (s *Service) clearNeedsAttention(u *forewarn.Unit, cmd ClearNeedsAttention) (none Incident, err error) {
	before, err := incidents.GetAt(u, cmd.Incident, cmd.Expect)
	if err != nil {
		return none, err
	}
	set, err := settings(u)
	if err != nil {
		return none, err
	}
	member := false
	if set.MembersClearAttention && before.Group != "" {
		groups, err := s.engine.Directory().Groups(u, u.By().ID)
		if err != nil {
			return none, err
		}
		member = slices.ContainsFunc(groups, func(g forewarn.Group) bool { return g.Name == before.Group })
	}
	if !member {
		if err := u.Require(actClearAttention, before.subject()); err != nil {
			return none, err
		}
	}
	if !before.NeedsAttention {
		return before, nil
	}
	i := before
	i.NeedsAttention = false
	return s.save(u, &before, i)
}
