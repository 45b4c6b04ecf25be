package psew

import (
	"context"
	"errors"
	"strings"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/inventory"
	"github.com/forewarn-go/forewarn/ticket"
)

// Open opens an incident by hand.
type Open struct {
	ShortDescription string // required
	Description      string
	Company, Caller  string
	Location         string
	Channel          Channel
	Impact, Urgency  int // 1 to 3; 0 means 3
	Service          string
	ServiceOffering  string
	CI               string // the id of a CI or a service of the inventory
	Group, Assignee  string
	Category         string // in any spelling
	Subcategory      string // one of the category's
	Proactive        bool
	Custom           ticket.Custom
}

// Open opens an incident. When category and subcategory are those of the
// workflow, the entry decision is made in the same commit: the stage becomes
// Triage, with the group, the first task and the instructions that the policy
// says. When it names a CI, its impact is found; later changes of the inventory
// count from RefreshImpact on.
//
// It returns ErrInvalid without a short description, for an unknown CI, a group
// that is not there, an assignee who is not in it, or a subcategory that the
// category does not have; ErrForbidden without PSEW_USER or admin; ErrRefused
// for an incident of the workflow in a tenant without Defaults.
func (s *Service) Open(ctx context.Context, by forewarn.Caller, cmd Open) (Incident, error) {
	return forewarn.Do(ctx, s.engine, by, "psew.Open", cmd, s.open)
}

func (s *Service) open(u *forewarn.Unit, cmd Open) (none Incident, err error) {
	if err := u.Require(actOpen, own(u.By())); err != nil {
		return none, err
	}
	impact, urgency := or(cmd.Impact, 3), or(cmd.Urgency, 3)
	priority, err := s.matrix.Of(impact, urgency)
	if err != nil {
		return none, err
	}
	if err := s.checkAssignee(u, Incident{Group: cmd.Group, Assignee: cmd.Assignee}); err != nil {
		return none, err
	}
	return s.create(u, Incident{
		ShortDescription: strings.TrimSpace(cmd.ShortDescription), Description: cmd.Description, Company: cmd.Company,
		Caller: cmd.Caller, Location: cmd.Location, Channel: cmd.Channel, Impact: impact, Urgency: urgency, Priority: priority,
		Service: cmd.Service, ServiceOffering: cmd.ServiceOffering, CI: cmd.CI, Group: cmd.Group, Assignee: cmd.Assignee,
		Category: Category(cmd.Category), Subcategory: Subcategory(cmd.Subcategory), Proactive: cmd.Proactive, Custom: cmd.Custom,
	}, nil)
}

func or(n, otherwise int) int {
	if n == 0 {
		return otherwise
	}
	return n
}

// Report opens an incident for an outside fault-management system, of what its trouble ticket says.
type Report struct {
	Name        string // the ticket's; the first line of the description when empty
	Description string // required
	Severity    string // required; kept and answered as given, see ParseSeverity
	TicketType  string // required; kept and answered as given
	ExternalID  string
	CI          string // the id of a CI or a service of the inventory
	Category    string
	Subcategory string
	Notes       []string // posted as additional comments
	Custom      ticket.Custom
}

// Report opens a proactive incident, through channel Monitoring, of an outside system's trouble ticket; otherwise it is Open.
// It needs the role ticket_integrator or admin.
func (s *Service) Report(ctx context.Context, by forewarn.Caller, cmd Report) (Incident, error) {
	return forewarn.Do(ctx, s.engine, by, "psew.Report", cmd, s.report)
}

func (s *Service) report(u *forewarn.Unit, cmd Report) (none Incident, err error) {
	if err := u.Require(actReport, own(u.By())); err != nil {
		return none, err
	}
	switch {
	case strings.TrimSpace(cmd.Description) == "":
		return none, forewarn.Invalid("description", "is empty")
	case cmd.Severity == "":
		return none, forewarn.Invalid("severity", "is empty")
	case cmd.TicketType == "":
		return none, forewarn.Invalid("ticketType", "is empty")
	}
	name := strings.TrimSpace(cmd.Name)
	if name == "" {
		name, _, _ = strings.Cut(strings.TrimSpace(cmd.Description), "\n")
		name = strings.TrimSpace(name)
		if len(name) > maxShort {
			name = name[:maxShort]
		}
		name = strings.ToValidUTF8(name, "")
	}
	priority := ParseSeverity(cmd.Severity)
	impact, urgency := s.matrix.Pair(priority)
	return s.create(u, Incident{
		ShortDescription: name, Description: cmd.Description, Channel: Monitoring, Impact: impact, Urgency: urgency,
		Priority: priority, CI: cmd.CI, Category: Category(cmd.Category), Subcategory: Subcategory(cmd.Subcategory),
		Proactive: true, ExternalID: cmd.ExternalID, Severity: cmd.Severity, TicketType: cmd.TicketType, Custom: cmd.Custom,
	}, cmd.Notes)
}

// create checks and creates an incident, makes the entry decision, and looks for its impact.
func (s *Service) create(u *forewarn.Unit, i Incident, notes []string) (none Incident, err error) {
	if err := i.check(); err != nil {
		return none, err
	}
	if i.Category, i.Subcategory, err = s.categories.Parse(string(i.Category), string(i.Subcategory)); err != nil {
		return none, err
	}
	if i.CI != "" {
		if i.CIName, err = s.ciName(u, i.CI); err != nil {
			return none, err
		}
	}
	n, err := u.Number("INC")
	if err != nil {
		return none, err
	}
	i.ID, i.Number, i.State = u.NewID(), numbered("INC", n), StateNew
	i.Tenant = u.By().Tenant
	i.Opened, i.OpenedBy = u.Now(), u.By().ID
	if i.Triggers() {
		if i, err = s.enter(u, i); err != nil {
			return none, err
		}
	}
	var comments []ticket.Activity
	for _, note := range notes {
		a, err := post(u, i, ticket.Comment, note, "", "")
		if err != nil {
			return none, err
		}
		comments = append(comments, a)
	}
	if i, err = s.save(u, nil, i, comments...); err != nil {
		return none, err
	}
	if i.CI != "" {
		return i, s.beginRefresh(u, i)
	}
	return i, nil
}

// Triggers reports whether the incident's category and subcategory are those of
// the workflow (PSEW-020): at creation it then makes its entry decision.
func (i Incident) Triggers() bool { return i.Category == SDWAN && i.Subcategory != "" }

// enter makes the entry decision of a new incident: an escalation by the machine, without a note (PSEW-128).
func (s *Service) enter(u *forewarn.Unit, i Incident) (Incident, error) {
	level, err := s.policy.Next(u, i)
	if err != nil {
		if errors.Is(err, ErrNoPath) {
			return i, nil
		}
		return i, err
	}
	i.Triggered = true
	return s.reach(u, i, level)
}

func (i Incident) check() error {
	if i.ShortDescription == "" {
		return forewarn.Invalid("shortDescription", "is empty")
	}
	for _, t := range []struct {
		field, text string
		limit       int
	}{
		{"shortDescription", i.ShortDescription, maxShort}, {"description", i.Description, maxLong}, {"company", i.Company, 200},
		{"caller", i.Caller, 200}, {"location", i.Location, 400}, {"service", i.Service, 200}, {"serviceOffering", i.ServiceOffering, 200},
		{"ci", i.CI, 200}, {"assignmentGroup", i.Group, 200}, {"assignedTo", i.Assignee, 200}, {"cause", i.Cause, 4000},
		{"resolutionCode", i.ResolutionCode, 200}, {"resolutionNotes", i.ResolutionNotes, maxShort * 8},
		{"externalId", i.ExternalID, 200}, {"severity", i.Severity, 200}, {"ticketType", i.TicketType, 200},
	} {
		if err := checkText(t.field, t.text, t.limit); err != nil {
			return err
		}
	}
	if i.Channel != "" {
		if err := new(Channel).UnmarshalText([]byte(i.Channel)); err != nil {
			return forewarn.Invalid("channel", "%q is none", i.Channel)
		}
	}
	return nil
}

// ciName returns the name of a CI, or of a service, or an ErrInvalid for one that the inventory does not have.
func (s *Service) ciName(u *forewarn.Unit, id string) (string, error) {
	found, err := s.inventory.Items(u, inventory.Ref{Type: inventory.TypeCI, ID: id}, inventory.Ref{Type: inventory.TypeService, ID: id})
	if err != nil {
		return "", err
	}
	if len(found) == 0 {
		return "", forewarn.Invalid("ci", "the inventory has no configuration item %q", id)
	}
	return found[0].Named(), nil
}
