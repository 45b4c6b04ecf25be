package psew

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/store"
	"github.com/forewarn-go/forewarn/ticket"
)

// caseFields are the incident's fields that an administrator may have passed to cases, by name.
var caseFields = map[string]func(i Incident, c *ticket.NewCase){
	"short_description": func(i Incident, c *ticket.NewCase) { c.ShortDescription = i.ShortDescription },
	"description":       func(i Incident, c *ticket.NewCase) { c.Description = i.Description },
	"channel":           func(i Incident, c *ticket.NewCase) { c.Channel = string(i.Channel) },
	"priority":          func(i Incident, c *ticket.NewCase) { c.Priority = min(int(i.Priority), int(Low)) },
	"category":          func(i Incident, c *ticket.NewCase) { c.Category = string(i.Category) },
	"subcategory":       func(i Incident, c *ticket.NewCase) { c.Subcategory = string(i.Subcategory) },
	"ci": func(i Incident, c *ticket.NewCase) {
		c.CI = i.CI
		if i.CI != "" {
			c.Entities = append(c.Entities, ticket.Entity{ID: i.CI, Type: "cmdb_ci", Role: "affected", Name: i.CIName})
		}
	},
	"custom": func(i Incident, c *ticket.NewCase) { c.Custom = maps.Clone(i.Custom) },
}

// DefaultCaseFields are the fields that are passed to cases unless the administrator says otherwise. Proactive, the links to the incident,
// and the party are not fields of the incident: every generated case has them.
func DefaultCaseFields() []string {
	return []string{"short_description", "description", "channel", "priority", "category", "subcategory", "ci"}
}

// CaseFields returns the names of all fields that can be passed to cases.
func CaseFields() []string { return slices.Sorted(maps.Keys(caseFields)) }

// Roles of the links between tickets.
const (
	LinkIncident         = "incident"
	LinkCausedByIncident = "caused_by_incident"
)

// caseOf is what every generated case of an incident has (PSEW-080, PSEW-081).
func (s *Service) caseOf(i Incident, set Settings) ticket.NewCase {
	c := ticket.NewCase{Source: store.Key{Kind: kindIncident, ID: i.ID}, Proactive: true, Quiet: true,
		Links: map[string]uuid.UUID{LinkIncident: i.ID, LinkCausedByIncident: i.ID}}
	for _, name := range set.CaseFields {
		if pass, ok := caseFields[name]; ok {
			pass(i, &c)
		}
	}
	if c.ShortDescription == "" {
		c.ShortDescription = "Service incident " + i.Number
	}
	return fitting(c)
}

// maxCaseText is the length in bytes of a case's description; an incident's may be twice as long.
const maxCaseText = 16 << 10

// fitting makes of what an incident may be what a case may be: single lines, and a description that is cut.
func fitting(c ticket.NewCase) ticket.NewCase {
	for _, line := range []*string{&c.ShortDescription, &c.Channel, &c.Category, &c.Subcategory, &c.CI} {
		if strings.ContainsAny(*line, "\r\n") {
			*line = strings.Join(strings.Fields(*line), " ")
		}
	}
	if len(c.Description) > maxCaseText {
		end := maxCaseText - len(ticket.CutMark)
		for end > 0 && !utf8.RuneStart(c.Description[end]) {
			end--
		}
		c.Description = c.Description[:end] + ticket.CutMark
	}
	return c
}

// openMajorCase opens the major case of a generation: of nobody's account, contact or consumer (PSEW-078, PSEW-079). Where its manager is to
// be told and cannot be, a work note says so: the customers' cases do not wait for him.
func (s *Service) openMajorCase(u *forewarn.Unit, i Incident, g generation, set Settings) error {
	c := g.Fields
	c.ID, c.Major = g.Major, true
	major, err := s.cases.Open(u, c)
	if err != nil || !set.NotifyManager {
		return err
	}
	if err = s.mailManager(u, i, major, set); !errors.Is(err, forewarn.ErrRefused) {
		return err
	}
	_, err = post(u, i, ticket.WorkNote, "Nobody was told of major case "+major.Number+": group "+quote(set.ManagerGroup)+" has no manager.",
		"manager_missing", "")
	return err
}
