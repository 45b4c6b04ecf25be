package techcase

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/ticket"
)

// What is done to the list of whom a major case hits, as activities name it.
const (
	EventImpactedAdded   = "impacted_added"
	EventImpactedRemoved = "impacted_removed"
)

// maxImpacted is how many parties one call names.
const maxImpacted = 50

// AddImpacted says that a major case hits accounts or consumers.
type AddImpacted struct {
	Major               uuid.UUID
	Accounts, Consumers []string // at most 50 together
	Note                string   // why; optional, a work note on the major case
}

// AddImpacted puts accounts and consumers on the list of whom a major case hits, besides those of its children, and
// returns them. It opens no cases, and tells nobody. The major case's stream names those that are new; one that is on the
// list stays as it is.
//
// It returns ErrInvalid when it names nobody, too many, or an account or consumer that there is not, naming the field;
// ErrRefused when the case is no major case, and in Closed and Cancelled; ErrForbidden without
// sn_tech_support.major_case_manager, and ErrNotFound.
func (s *Service) AddImpacted(ctx context.Context, by forewarn.Caller, cmd AddImpacted) ([]ImpactedParty, error) {
	return forewarn.Do(ctx, s.engine, by, "techcase.AddImpacted", cmd, s.addImpacted)
}

func (s *Service) addImpacted(u *forewarn.Unit, cmd AddImpacted) ([]ImpactedParty, error) {
	c, err := s.majorOf(u, actAddImpacted, cmd.Major)
	if err != nil {
		return nil, err
	}
	named, err := namedParties(u, c.ID, cmd.Accounts, cmd.Consumers)
	if err != nil {
		return nil, err
	}
	var fresh []string
	all := make([]ImpactedParty, len(named))
	for n, name := range named {
		i, err := impactedOf(u, c.ID, name.kind, name.id)
		if err != nil {
			return nil, err
		}
		if !i.Party.Added {
			p, err := s.parties.Party(u, name.kind, name.id)
			if isNotFound(err) {
				return nil, forewarn.Invalid(name.field, "there is no %s %q", name.noun(), name.id)
			}
			if err != nil {
				return nil, err
			}
			i.Party.Added, i.Party.Name, i.Party.By, i.Party.At = true, p.Name, u.By().ID, u.Now()
			if err := impacteds.Put(u, &i); err != nil {
				return nil, err
			}
			fresh = append(fresh, name.noun()+" "+name.id)
		}
		all[n] = i.Party
	}
	return all, s.noteImpacted(u, c, EventImpactedAdded, "Impacted: ", fresh, cmd.Note)
}

// RemoveImpacted says that a major case does not hit accounts or consumers.
type RemoveImpacted struct {
	Major               uuid.UUID
	Accounts, Consumers []string // at most 50 together
	Note                string   // why; optional, a work note on the major case
}

// RemoveImpacted takes accounts and consumers from the list of whom a major case hits, and returns those that were on it.
// The major case's stream names them. One that is not on the list stays so.
//
// It returns ErrInvalid when it names nobody or too many; ErrRefused for one that has a child case, naming it, since
// RemoveChild comes first, when the case is no major case, and in Closed and Cancelled; ErrForbidden without
// sn_tech_support.major_case_manager, and ErrNotFound.
func (s *Service) RemoveImpacted(ctx context.Context, by forewarn.Caller, cmd RemoveImpacted) ([]ImpactedParty, error) {
	return forewarn.Do(ctx, s.engine, by, "techcase.RemoveImpacted", cmd, s.removeImpacted)
}

func (s *Service) removeImpacted(u *forewarn.Unit, cmd RemoveImpacted) ([]ImpactedParty, error) {
	c, err := s.majorOf(u, actRemoveImpacted, cmd.Major)
	if err != nil {
		return nil, err
	}
	named, err := namedParties(u, c.ID, cmd.Accounts, cmd.Consumers)
	if err != nil {
		return nil, err
	}
	var gone []string
	var all []ImpactedParty
	for _, name := range named {
		child, err := childOfParty(u, c.ID, name.kind, name.id)
		if err != nil {
			return nil, err
		}
		if child != "" {
			return nil, forewarn.Refused(c.key(), name.field, "%s %s is hit: %s is a child of the major case, and removed first", name.noun(), name.id, child)
		}
		i, err := impactedOf(u, c.ID, name.kind, name.id)
		if err != nil {
			return nil, err
		}
		if !i.Party.Added {
			continue
		}
		all = append(all, i.Party)
		i.Party = ImpactedParty{Kind: name.kind, ID: name.id}
		if err := i.keep(u); err != nil {
			return nil, err
		}
		gone = append(gone, name.noun()+" "+name.id)
	}
	return all, s.noteImpacted(u, c, EventImpactedRemoved, "Not impacted: ", gone, cmd.Note)
}

// majorOf returns a major case that may still be changed.
func (s *Service) majorOf(u *forewarn.Unit, act forewarn.Act, id uuid.UUID) (none Case, err error) {
	c, err := s.find(u, act, id, 0)
	if err != nil {
		return none, err
	}
	if !c.Major {
		return none, forewarn.Refused(c.key(), "major", "%s is no major case", c.Number)
	}
	return c, c.writable()
}

// namedParty is a party as a command names it.
type namedParty struct{ field, kind, id string }

func (n namedParty) noun() string {
	if n.kind == PartyConsumer {
		return "consumer"
	}
	return "account"
}

// namedParties returns the parties that a command names, each once, and reads their records in one round trip.
func namedParties(u *forewarn.Unit, major uuid.UUID, accounts, consumers []string) ([]namedParty, error) {
	switch n := len(accounts) + len(consumers); {
	case n == 0:
		return nil, forewarn.Invalid("accounts", "nobody is named: name accounts or consumers")
	case n > maxImpacted:
		return nil, forewarn.Invalid("accounts", "and consumers are at most %d in one call, not %d", maxImpacted, n)
	}
	var all []namedParty
	var ids []uuid.UUID
	for _, list := range []struct {
		field, kind string
		ids         []string
	}{{"accounts", PartyAccount, accounts}, {"consumers", PartyConsumer, consumers}} {
		for n, id := range list.ids {
			field := fmt.Sprintf("%s[%d]", list.field, n)
			if strings.TrimSpace(id) == "" || strings.ContainsAny(id, "\r\n") {
				return nil, forewarn.Invalid(field, "%q is no id", id)
			}
			if err := checkText(field, id, maxLine); err != nil {
				return nil, err
			}
			if slices.Index(list.ids, id) < n {
				continue
			}
			all = append(all, namedParty{field: field, kind: list.kind, id: id})
			ids = append(ids, impactedID(major, list.kind, id))
		}
	}
	return all, impacteds.Prefetch(u, ids...)
}

// childOfParty returns the number of a child case of a party, "" when it has none. Cases of one party are few, and so
// they are looked through.
func childOfParty(u *forewarn.Unit, major uuid.UUID, kind, id string) (string, error) {
	index := "account"
	if kind == PartyConsumer {
		index = "consumer"
	}
	for c, err := range cases.Where(index, forewarn.Text(id)).AnyOf(forewarn.Bool(true), forewarn.Bool(false)).All(u) {
		if err != nil {
			return "", err
		}
		if c.Parent == major {
			return c.Number, nil
		}
	}
	return "", nil
}

// noteImpacted writes into the stream of the major case who came onto the list or left it.
func (s *Service) noteImpacted(u *forewarn.Unit, c Case, event, what string, names []string, note string) error {
	if len(names) > 0 {
		text := ticket.Cut(what + strings.Join(names, ", ") + ".")
		if _, err := post(u, c, ticket.Activity{Entry: ticket.Notice, Event: event, Text: text}); err != nil {
			return err
		}
	}
	_, err := s.write(u, c, words{note: note})
	return err
}
