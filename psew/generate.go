package psew

import (
	"context"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn"
)

// Generate opens proactive cases for the customers whom an incident hits.
type Generate struct {
	Incident uuid.UUID
	Expect   forewarn.Version
	// Accounts or Consumers are the selected parties, at most 500 and 32 KiB of ids; never both. With neither, All says for whom.
	Accounts, Consumers []string
	// All generates for all affected accounts, or consumers, that have no proactive case of this incident yet.
	All List
	// Service is the type of service: a service definition; it decides the case type.
	Service string
	// Communicate sends the mail "Email to proactive case" to the contact of each new case (option A).
	Communicate bool
}

// Generated says what a generation has decided.
type Generated struct {
	// Parties is the number of parties without a case: exact below the threshold, and at least the threshold from it on.
	Parties int `json:"parties"`
	// MajorCase is the major case above them; nil when the cases are individual.
	MajorCase *uuid.UUID `json:"majorCase,omitempty"`
	// NewMajor says that it was opened by this call.
	NewMajor bool `json:"newMajor,omitempty"`
	// Fanout is the name under which GenerationProgress tells how far it is; empty when there was nobody to generate for.
	Fanout string `json:"fanout,omitempty"`
}

// Generate opens a proactive case for each party that has none of this incident
// yet. From a threshold of parties on (a property, 3 by default) a major case is
// opened first and the cases become its children; while a major case of the
// incident stands, further cases become its children. With major cases switched
// off every case is individual. What does not fit the commit follows as fan-out.
//
// It returns ErrInvalid for accounts and consumers at once, or neither;
// ErrRefused for an incident that is resolved, closed or cancelled, of the flows
// without a triggered workflow or a group, while an earlier generation runs, or
// for All before the impact was found; ErrForbidden without PSEW_USER or admin;
// ErrStale; ErrNotFound.
func (s *Service) Generate(ctx context.Context, by forewarn.Caller, cmd Generate) (Generated, error) {
	return forewarn.Do(ctx, s.engine, by, "psew.Generate", cmd, s.generate)
}

func (s *Service) generate(u *forewarn.Unit, cmd Generate) (none Generated, err error) {
	i, err := incidents.GetAt(u, cmd.Incident, cmd.Expect)
	if err != nil {
		return none, err
	}
	if err := u.Require(actGenerate, i.subject()); err != nil {
		return none, err
	}
	parties, err := cmd.check()
	if err != nil {
		return none, err
	}
	if !i.State.Active() {
		return none, forewarn.Refused(i.Key(), "state", "incident %s is %s: cases are generated while it is worked on", i.Number, i.State)
	}
	set, err := settings(u)
	if err != nil {
		return none, err
	}
	if err := i.workflow(set); err != nil {
		return none, err
	}
	g := generation{Source: i.ID, Service: cmd.Service, Communicate: cmd.Communicate}
	if g.List = cmd.All; len(parties.Refs) > 0 {
		g.List, g.Refs = parties.List, parties.Refs
	}
	total := len(g.Refs)
	if g.Refs == nil {
		// Got, not peeked: a refresh that ends meanwhile, or cleans, makes this run again with the number that is current then.
		found, err := impacts.Get(u, impactID(kindIncident, i.ID))
		if err != nil && !isNotFound(err) {
			return none, err
		}
		if found.Current == 0 {
			return none, forewarn.Refused(i.Key(), "impact", "the impact of incident %s has not been found yet", i.Number)
		}
		g.Number, total = found.Current, found.Counts[g.List]
	} else if err := s.checkParties(u, g); err != nil {
		return none, err
	}
	standing := uuid.Nil
	if set.MajorCases {
		if standing, err = s.openMajor(u, i); err != nil {
			return none, err
		}
	}
	var out Generated
	enough := set.Threshold
	if standing != uuid.Nil || !set.MajorCases {
		enough = 1 // one is enough to know that there is something to do
	}
	if out.Parties, err = s.countParties(u, g, enough); err != nil {
		return none, err
	}
	if out.Parties == 0 {
		return out, nil
	}
	out.Fanout = i.ID.String()
	before := i
	switch {
	case standing != uuid.Nil:
		g.Major = standing
	case set.MajorCases && out.Parties >= set.Threshold:
		i.Majors++
		g.Major = majorID(i)
		i.MajorCase = &g.Major
		out.NewMajor = true
	}
	if g.Major != uuid.Nil {
		out.MajorCase = &g.Major
	}
	g.Fields = s.caseOf(i, set)
	g.Fields.Service = g.Service
	if out.NewMajor {
		if err := s.openMajorCase(u, i, g, set); err != nil {
			return none, err
		}
	}
	// It is put even where nothing of it has changed, so that a generation and a resolution that begin at once conflict.
	if _, err = s.save(u, &before, i); err != nil {
		return none, err
	}
	return out, generations.Begin(u, out.Fanout, g, total)
}

// check returns the parties that are selected, none where it is for all.
func (cmd Generate) check() (none chosen, err error) {
	parties, err := choose(cmd.Accounts, cmd.Consumers)
	if err != nil {
		return none, err
	}
	switch {
	case len(parties.Refs) > 0:
		if cmd.All != "" {
			return none, forewarn.Invalid("all", "and a selection exclude each other")
		}
	case cmd.All != ListAccounts && cmd.All != ListConsumers:
		return none, forewarn.Invalid("accounts", "nobody is selected: name accounts or consumers, or all of one kind")
	}
	return parties, checkText("service", cmd.Service, 200)
}
