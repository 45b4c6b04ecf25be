package psew

import (
	"context"
	"strings"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/inventory"
	"github.com/forewarn-go/forewarn/store"
)

// OpenReactive opens a reactive case for an account that has called about an incident.
type OpenReactive struct {
	Incident         uuid.UUID
	Account          string // required
	Consumer         string // refused: a reactive record is for accounts alone
	Contact          string // the account's primary contact when empty
	ShortDescription string // the incident's when empty
	Description      string
	Service          string
}

// OpenedCase is a case that was opened for an incident.
type OpenedCase struct {
	ID     uuid.UUID `json:"id"`
	Number string    `json:"number"`
	State  string    `json:"state"`
}

// OpenReactive opens a case that is not proactive, saves it and associates it with the incident, whose affected accounts then have its account. It returns
// ErrInvalid without an account that the inventory has, for a contact who is not the account's, or for a consumer; ErrRefused for an incident that is closed or cancelled; ErrForbidden without
// PSEW_USER; ErrNotFound.
func (s *Service) OpenReactive(ctx context.Context, by forewarn.Caller, cmd OpenReactive) (OpenedCase, error) {
	return forewarn.Do(ctx, s.engine, by, "psew.OpenReactive", cmd, s.openReactive)
}

func (s *Service) openReactive(u *forewarn.Unit, cmd OpenReactive) (none OpenedCase, err error) {
	i, err := incidents.Get(u, cmd.Incident)
	if err != nil {
		return none, err
	}
	if err := u.Require(actReactive, i.subject()); err != nil {
		return none, err
	}
	switch {
	case cmd.Consumer != "":
		return none, forewarn.Invalid("consumer", "a reactive record is opened for customer accounts alone")
	case cmd.Account == "":
		return none, forewarn.Invalid("account", "is empty")
	case i.State.Final():
		return none, forewarn.Refused(i.Key(), "state", "incident %s is %s", i.Number, i.State)
	}
	found, err := s.inventory.Items(u, inventory.Ref{Type: inventory.TypeAccount, ID: cmd.Account})
	if err != nil {
		return none, err
	}
	if len(found) == 0 {
		return none, forewarn.Invalid("account", "the inventory has no account %q", cmd.Account)
	}
	set, err := settings(u)
	if err != nil {
		return none, err
	}
	c := s.caseOf(i, set)
	c.ID, c.Source, c.Proactive, c.Quiet = u.NewID(), store.Key{Kind: kindIncident, ID: i.ID}, false, false
	c.Links = map[string]uuid.UUID{LinkIncident: i.ID}
	c.Account, c.Contact, c.Service = cmd.Account, cmd.Contact, cmd.Service
	if c.Contact == "" {
		c.Contact = found[0].Contact
	} else if err := s.checkContact(u, cmd); err != nil {
		return none, err
	}
	if d := strings.TrimSpace(cmd.ShortDescription); d != "" {
		c.ShortDescription = d
	}
	if cmd.Description != "" {
		c.Description = cmd.Description
	}
	opened, err := s.cases.Open(u, c)
	if err != nil {
		return none, err
	}
	return OpenedCase{ID: opened.ID, Number: opened.Number, State: opened.State}, nil
}

// checkContact refuses a contact whom the inventory does not have, or who is another account's.
func (s *Service) checkContact(u *forewarn.Unit, cmd OpenReactive) error {
	found, err := s.inventory.Items(u, inventory.Ref{Type: inventory.TypeContact, ID: cmd.Contact})
	switch {
	case err != nil:
		return err
	case len(found) == 0:
		return forewarn.Invalid("contact", "the inventory has no contact %q", cmd.Contact)
	case found[0].Account != "" && found[0].Account != cmd.Account:
		return forewarn.Invalid("contact", "%q is not of account %q", cmd.Contact, cmd.Account)
	}
	return nil
}
