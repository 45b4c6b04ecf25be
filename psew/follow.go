package psew

import (
	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/inventory"
	"github.com/forewarn-go/forewarn/ticket"
)

// Follower is what the case book tells of its cases, in the unit of work that changes them. The zero value is ready; it needs nothing of the Service.
type Follower struct {
	// Inventory is where the accounts of cases are read: the Config's. nil means inventory.Stored.
	Inventory inventory.Source
}

// CaseChanged copies what a customer has written on a case to the incident that the case came of, and adds the account of a case that was associated with
// an incident to its affected accounts.
//
// A copy carries the id of the activity that it was made of, and what has an origin is never copied again; so nothing echoes. A copy is an activity of the
// incident: it neither changes the incident's record nor is announced for it, since a hundred thousand customers may answer at once.
func (f Follower) CaseChanged(u *forewarn.Unit, c ticket.CaseChange) error {
	if c.Case.Source.Kind != kindIncident || c.Case.Source.ID == uuid.Nil {
		return nil
	}
	// The outer use case was authorised for the case; the incident is none of the customer's.
	machine := u.As(forewarn.SystemActor(u.By().Tenant))
	if a := c.Comment; a != nil && a.Origin == nil && a.Entry == ticket.Comment {
		origin := a.ID
		_, err := machine.Post(ticket.Activity{Kind: kindIncident, Ticket: c.Case.Source.ID, Entry: ticket.Comment, Text: a.Text, By: a.By,
			Channel: a.Channel, Source: sourceCustomer, Origin: &origin})
		if err != nil {
			return err
		}
	}
	if (c.Opened || c.Raised) && c.Case.Major {
		// Whoever opens a major case for an incident, or makes one of a case, puts the incident, so that two never do at once.
		i, err := incidents.Get(machine, c.Case.Source.ID)
		if err != nil {
			return err
		}
		if err := incidents.Put(machine, &i); err != nil {
			return err
		}
	}
	if c.Opened && !c.Case.Proactive && c.Case.Account != "" {
		from := f.Inventory
		if from == nil {
			from = inventory.Stored
		}
		return linkParty(machine, from, c.Case.Source.ID, c.Case.Account)
	}
	return nil
}
