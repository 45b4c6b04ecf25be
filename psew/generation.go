package psew

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/inventory"
	"github.com/forewarn-go/forewarn/store"
	"github.com/forewarn-go/forewarn/ticket"
)

// generation is what a generation opens cases for, and how.
type generation struct {
	Source      uuid.UUID      `json:"source"`
	List        List           `json:"list"`
	Refs        []string       `json:"refs,omitempty"`   // the selection
	Number      int            `json:"number,omitempty"` // or all rows of this refresh
	Major       uuid.UUID      `json:"major"`
	Service     string         `json:"service,omitempty"`
	Communicate bool           `json:"communicate,omitempty"`
	Fields      ticket.NewCase `json:"fields"` // what every case has of the incident
}

// generations open the cases, as many in a commit as fit.
var generations = forewarn.NewFanout[generation]("psew_generation")

func (s *Service) generationJob() forewarn.Job { return generations.Job(s.generationStep) }

func (g generation) partyType() inventory.Type {
	if g.List == ListConsumers {
		return inventory.TypeConsumer
	}
	return inventory.TypeAccount
}

// party is whom a case is opened for.
type party struct{ Ref, Name, Contact string }

// CaseID is the id of the proactive case of a source for a party: there is one at most.
func CaseID(source uuid.UUID, t inventory.Type, ref string) uuid.UUID {
	return store.NameID("proactive_case", source.String(), string(t), ref)
}

func majorID(i Incident) uuid.UUID { return store.NameID("major_case", i.ID.String(), itoa(i.Majors)) }

// parties returns a page of whom the generation is for, behind a cursor.
func (s *Service) parties(u *forewarn.Unit, g generation, after string, limit int) ([]party, string, error) {
	if g.Refs == nil {
		page, err := affectedPage(u, g.Source, g.Number, g.List, limit, after)
		if err != nil {
			return nil, "", err
		}
		out := make([]party, 0, len(page.Items))
		for _, a := range page.Items {
			out = append(out, party{a.Ref, a.Name, a.Contact})
		}
		return out, page.Next, nil
	}
	from := 0
	if after != "" {
		from, _ = slices.BinarySearch(g.Refs, after)
		from++
	}
	refs := g.Refs[min(from, len(g.Refs)):]
	next := ""
	if len(refs) > limit {
		refs, next = refs[:limit], refs[limit-1]
	}
	names := make([]inventory.Ref, len(refs))
	for i, r := range refs {
		names[i] = inventory.Ref{Type: g.partyType(), ID: r}
	}
	items, err := s.inventory.Items(u, names...)
	if err != nil {
		return nil, "", err
	}
	out := make([]party, 0, len(items))
	for _, item := range items {
		out = append(out, party{item.ID, item.Named(), item.Contact})
	}
	return out, next, nil
}

// checkParties refuses a selection of somebody whom the inventory does not have.
func (s *Service) checkParties(u *forewarn.Unit, g generation) error {
	names := make([]inventory.Ref, len(g.Refs))
	for i, r := range g.Refs {
		names[i] = inventory.Ref{Type: g.partyType(), ID: r}
	}
	items, err := s.inventory.Items(u, names...)
	if err != nil || len(items) == len(g.Refs) {
		return err
	}
	for _, r := range g.Refs {
		if !slices.ContainsFunc(items, func(i inventory.Item) bool { return i.ID == r }) {
			return forewarn.Invalid(string(g.List), "the inventory has no %s %q", g.partyType(), r)
		}
	}
	return nil
}

// countParties counts the parties without a case of this source; of all affected ones up to enough.
func (s *Service) countParties(u *forewarn.Unit, g generation, enough int) (int, error) {
	if g.Refs != nil {
		ids := make([]uuid.UUID, len(g.Refs))
		for i, r := range g.Refs {
			ids[i] = CaseID(g.Source, g.partyType(), r)
		}
		standing, err := s.standing(u, ids...)
		return len(ids) - len(standing), err
	}
	standing, err := s.casesOfSource(u, g.Source)
	if err != nil {
		return 0, err
	}
	n, after := 0, ""
	for {
		page, next, err := s.parties(u, g, after, 500)
		if err != nil {
			return n, err
		}
		for _, p := range page {
			if standing[CaseID(g.Source, g.partyType(), p.Ref)] {
				continue
			}
			if n++; n >= enough {
				return n, nil
			}
		}
		if next == "" {
			return n, nil
		}
		after = next
	}
}

// casesOfSource returns the ids of all cases of a source. A page at a time keeps the unit from holding their bodies.
func (s *Service) casesOfSource(u *forewarn.Unit, source uuid.UUID) (map[uuid.UUID]bool, error) {
	ids := map[uuid.UUID]bool{}
	q := ticket.CaseQuery{Source: source, Limit: store.MaxLimit}
	for {
		page, err := s.cases.Page(u, q)
		if err != nil {
			return nil, err
		}
		for _, c := range page.Cases {
			ids[c.ID] = true
		}
		if page.Next == "" {
			return ids, nil
		}
		q.After = page.Next
	}
}

// generationStep opens as many cases as fit. It ends early when the incident is not worked on any more.
func (s *Service) generationStep(u *forewarn.Unit, g generation, after string) (next string, done int, err error) {
	i, err := incidents.Peek(u, g.Source)
	if err != nil {
		return "", 0, err
	}
	if !i.State.Active() {
		return "", 0, s.generationLate(u, i)
	}
	fits := newRoom(u)
	after = unmarked(after)
	for {
		limit := fits.next()
		if limit == 0 {
			return marked(after), done, nil
		}
		page, following, err := s.parties(u, g, after, limit)
		if err != nil {
			return "", done, err
		}
		if err := s.openCases(u, g, page); err != nil {
			return "", done, err
		}
		done += len(page)
		if following == "" {
			// Here the incident becomes a precondition: who resolves it meanwhile either finds all cases, or is found by this step.
			_, err := incidents.Get(u, g.Source)
			return "", done, err
		}
		after = following
	}
}

// generationLate sees to it that the cases which were opened while their incident was being resolved are resolved as well.
func (s *Service) generationLate(u *forewarn.Unit, i Incident) error {
	if i.State == StateCancelled {
		return nil
	}
	set, err := settings(u)
	if err != nil {
		return err
	}
	major, err := s.openMajor(u, i)
	if err != nil {
		return err
	}
	return resolutions.Start(u, resolutionName(i)+"/late", resolutionOf(i, set, major), 0)
}

// openCases opens the cases of parties, but for those that stand, and mails the contacts of the new ones.
func (s *Service) openCases(u *forewarn.Unit, g generation, parties []party) error {
	all := make([]ticket.NewCase, len(parties))
	of := make(map[uuid.UUID]party, len(parties))
	for n, p := range parties {
		c := g.Fields
		c.ID = CaseID(g.Source, g.partyType(), p.Ref)
		c.Parent = g.Major
		if g.List == ListConsumers {
			c.Consumer = p.Ref
		} else {
			c.Account, c.Contact = p.Ref, p.Contact
		}
		all[n], of[c.ID] = c, p
	}
	var recipients map[uuid.UUID]forewarn.Recipient
	if g.Communicate {
		var err error
		if recipients, err = s.recipients(u, planned(all), of); err != nil {
			return err
		}
		for n := range all {
			_, all[n].Communicated = recipients[all[n].ID]
		}
	}
	opened, err := s.openAll(u, all)
	if err != nil || !g.Communicate {
		return err
	}
	for _, c := range opened {
		if to, ok := recipients[c.ID]; ok {
			if err := s.mailCase(u, c, of[c.ID], to); err != nil {
				return err
			}
		}
	}
	return nil
}

// GenerationProgress asks how far a generation is.
type GenerationProgress struct {
	Incident uuid.UUID
}

// GenerationProgress tells how far the incident's last generation is, or ErrNotFound when there was none.
func (s *Service) GenerationProgress(ctx context.Context, by forewarn.Caller, q GenerationProgress) (forewarn.Progress, error) {
	return forewarn.Read(ctx, s.engine, by, "psew.GenerationProgress", q, func(u *forewarn.Unit, q GenerationProgress) (forewarn.Progress, error) {
		if _, err := s.readable(u, q.Incident); err != nil {
			return forewarn.Progress{}, err
		}
		return generations.Progress(u, q.Incident.String())
	})
}
