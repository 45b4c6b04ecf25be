package techcase

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/ticket"
)

// Create makes a case by hand, or by the portal's form.
type Create struct {
	Type    string // "" is the service's first
	Service string // service definition
	Submit  bool   // into New at once; else it is a draft

	// Account, Contact or Consumer say for whom. A portal user's are his own; else an account that is not given is taken
	// from the contact.
	Account, Contact, Consumer string
	Company, Contract          string

	ShortDescription string // required in New
	Description      string
	IssueType        string
	BusinessImpact   string
	StepsToReproduce string
	SoldProduct      string
	Category         string
	Subcategory      string
	Channel          string // "portal" for portal users who name none
	Priority         int    // 1 to 4; 0 is 4 - Low; staff's
	CI               string
	Entities         []ticket.Entity
	Watch            []string      // staff's
	Major            bool          // a major case; the major case manager's
	Custom           ticket.Custom // a field that is null is none
}

// Create opens a case in New or makes a draft. When an agent opens one for a contact, the contact and who watches the
// case are told. Of a draft nobody is told, nothing is announced, and in the portal only its maker sees it, until it is
// opened; one that is cancelled before stays so.
//
// It returns ErrInvalid for what no case can be and for a contact of another account, naming the field; ErrForbidden
// without sn_tech_support.creator, for a major case without sn_tech_support.major_case_manager, and for another account
// or a field of staff's in the portal.
func (s *Service) Create(ctx context.Context, by forewarn.Caller, cmd Create) (Case, error) {
	return forewarn.Do(ctx, s.engine, by, "techcase.Create", cmd, s.create)
}

func (s *Service) create(u *forewarn.Unit, cmd Create) (none Case, err error) {
	by := u.By()
	if err := u.Require(actCreate, own(by)); err != nil {
		return none, err
	}
	if cmd.Major {
		if err := u.Require(actCreateMajor, own(by)); err != nil {
			return none, err
		}
	}
	if by.Portal() {
		if cmd, err = portalForm(by, cmd); err != nil {
			return none, err
		}
	}
	c := Case{
		Type: cmd.Type, Service: cmd.Service, Account: cmd.Account, Contact: cmd.Contact, Consumer: cmd.Consumer, Company: cmd.Company,
		Contract: cmd.Contract, ShortDescription: cmd.ShortDescription, Description: cmd.Description, IssueType: cmd.IssueType,
		BusinessImpact: cmd.BusinessImpact, StepsToReproduce: cmd.StepsToReproduce, SoldProduct: cmd.SoldProduct, Category: cmd.Category,
		Subcategory: cmd.Subcategory, Channel: cmd.Channel, Priority: cmd.Priority, CI: cmd.CI, Major: cmd.Major,
	}
	// What is empty is nil, so that a repeat is given the same.
	if len(cmd.Entities) > 0 {
		c.Entities = slices.Clone(cmd.Entities)
	}
	if len(cmd.Watch) > 0 {
		c.Watch = slices.Clone(cmd.Watch)
	}
	c.Custom = withoutNull(cmd.Custom)
	if cmd.Major {
		c.MajorState = MajorAccepted
	}
	on := Trigger("")
	if cmd.Submit {
		on = OnSubmit
	}
	if err := s.open(u, &c, on); err != nil {
		return none, err
	}
	return c, s.tell(u, c, mailings(on, by.Portal()), MailData{})
}

// portalForm is what a portal user's command says: for himself, and nothing of staff's.
func portalForm(by forewarn.Actor, cmd Create) (Create, error) {
	switch {
	case cmd.Account != "" && cmd.Account != by.Account, cmd.Contact != "" && cmd.Contact != by.Contact,
		cmd.Consumer != "" && cmd.Consumer != by.Consumer:
		return cmd, forewarn.Forbidden("a customer opens cases for himself")
	case cmd.Priority != 0:
		return cmd, forewarn.Forbidden("priority is not for customers")
	case len(cmd.Watch) > 0:
		return cmd, forewarn.Forbidden("watchList is not for customers")
	}
	cmd.Account, cmd.Contact, cmd.Consumer = by.Account, by.Contact, by.Consumer
	if cmd.Channel == "" {
		cmd.Channel = "portal"
	}
	return cmd, nil
}

// Submit hands in a draft.
type Submit struct {
	Case   uuid.UUID
	Expect forewarn.Version // the version the caller saw; zero: any
}

// Submit takes a draft to New.
//
// It returns ErrInvalid without a short description, ErrRefused for what is no draft, ErrForbidden without
// sn_tech_support.creator, ErrStale, and ErrNotFound.
func (s *Service) Submit(ctx context.Context, by forewarn.Caller, cmd Submit) (Case, error) {
	return forewarn.Do(ctx, s.engine, by, "techcase.Submit", cmd, s.submit)
}

func (s *Service) submit(u *forewarn.Unit, cmd Submit) (none Case, err error) {
	c, err := s.find(u, actSubmit, cmd.Case, cmd.Expect)
	if err != nil {
		return none, err
	}
	return s.take(u, c, turn{on: OnSubmit}, words{})
}

// FinishIntake says that all that is needed to begin is known of a draft.
type FinishIntake struct {
	Case   uuid.UUID
	Expect forewarn.Version // the version the caller saw; zero: any
}

// FinishIntake takes a draft to New, as Submit does, for an agent.
//
// It returns ErrInvalid without a short description, ErrRefused for what is no draft, ErrForbidden without an agent's
// role, ErrStale, and ErrNotFound.
func (s *Service) FinishIntake(ctx context.Context, by forewarn.Caller, cmd FinishIntake) (Case, error) {
	return forewarn.Do(ctx, s.engine, by, "techcase.FinishIntake", cmd, s.finishIntake)
}

func (s *Service) finishIntake(u *forewarn.Unit, cmd FinishIntake) (none Case, err error) {
	c, err := s.find(u, actFinishIntake, cmd.Case, cmd.Expect)
	if err != nil {
		return none, err
	}
	return s.take(u, c, turn{on: OnFinishIntake}, words{})
}
