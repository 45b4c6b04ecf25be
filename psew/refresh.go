package psew

import (
	"context"
	"encoding/json"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/inventory"
	"github.com/forewarn-go/forewarn/psew/impact"
)

// RefreshImpact finds again whom an incident hits.
type RefreshImpact struct {
	Incident uuid.UUID
}

// RefreshImpact finds again whom an incident hits, from its CI over services and install base to accounts and consumers. It returns when the first part is
// done; the new numbers are shown when all is. It returns ErrRefused for an incident without a CI, ErrForbidden, ErrNotFound.
func (s *Service) RefreshImpact(ctx context.Context, by forewarn.Caller, cmd RefreshImpact) (Impact, error) {
	return forewarn.Do(ctx, s.engine, by, "psew.RefreshImpact", cmd, s.refreshImpact)
}

func (s *Service) refreshImpact(u *forewarn.Unit, cmd RefreshImpact) (none Impact, err error) {
	i, err := incidents.Get(u, cmd.Incident)
	if err != nil {
		return none, err
	}
	if err := u.Require(actWork, i.subject()); err != nil {
		return none, err
	}
	if i.CI == "" {
		return none, forewarn.Refused(i.Key(), "ci", "incident %s names no configuration item", i.Number)
	}
	if err := s.beginRefresh(u, i); err != nil {
		return none, err
	}
	return impactOf(u, kindIncident, i.ID)
}

// refresh is a walk from affected CIs to whom they hit, under a number of its own.
type refresh struct {
	Kind   string    `json:"kind"`
	Source uuid.UUID `json:"source"`
	Number int       `json:"number"`
	Seeds  []string  `json:"seeds"`
}

// refreshes are done in as many commits as they need; the one that ends a refresh makes its number current.
var refreshes = forewarn.NewFanout[refresh]("psew_refresh")

func (r refresh) name() string { return r.Kind + "/" + r.Source.String() + "/" + itoa(r.Number) }

// beginRefresh begins a refresh of an incident's impact, in the unit that has changed its CI. One that is running is overtaken.
func (s *Service) beginRefresh(u *forewarn.Unit, i Incident) error {
	id := impactID(kindIncident, i.ID)
	rec, err := impacts.Get(u, id)
	if err != nil && !isNotFound(err) {
		return err
	}
	rec.ID, rec.Kind, rec.Source = id, kindIncident, i.ID
	rec.Latest++
	rec.Begun = u.Now()
	if err := impacts.Put(u, &rec); err != nil {
		return err
	}
	r := refresh{Kind: kindIncident, Source: i.ID, Number: rec.Latest, Seeds: []string{i.CI}}
	return refreshes.Begin(u, r.name(), r, 0)
}

func (s *Service) refreshJob() forewarn.Job { return refreshes.Job(s.refreshStep) }

// progress is where a refresh stands between two commits.
type progress struct {
	Phase string `json:"phase"` // see the functions of walk
	// Nodes is the number of CIs and services found, Place that of the one in hand.
	Nodes int `json:"nodes"`
	Place int `json:"place"`
	// Page is the cursor of the page in hand, Skip what was done of it.
	Page   string        `json:"page,omitempty"`
	Skip   int           `json:"skip,omitempty"`
	Counts map[List]int  `json:"counts"`
	Totals impact.Totals `json:"totals"`
}

const (
	phaseNodes = ""      // grow the CIs and services that are reached
	phaseItems = "items" // count their install base for accounts and consumers
	phaseAsset = "asset" // list their assets
	phaseClean = "clean" // remove the rows of old refreshes
)

// walk is one step of a refresh.
type walk struct {
	s    *Service
	u    *forewarn.Unit
	r    refresh
	p    progress
	fits *room
	done int
}

func (s *Service) refreshStep(u *forewarn.Unit, r refresh, after string) (next string, done int, err error) {
	w := walk{s: s, u: u, r: r, fits: newRoom(u), p: progress{Counts: map[List]int{}}}
	w.fits.dearest = 2
	if after != "" {
		if err := json.Unmarshal([]byte(after), &w.p); err != nil {
			return "", 0, forewarn.Invalid("cursor", "of a refresh cannot be read: %v", err)
		}
	}
	if w.p.Phase != phaseClean {
		now, err := impactOf(u, r.Kind, r.Source)
		if err != nil {
			return "", 0, err
		}
		if now.Latest != r.Number {
			return "", 0, nil // a later one has begun
		}
	}
	for {
		var over bool
		switch w.p.Phase {
		case phaseNodes:
			over, err = w.nodes()
		case phaseItems:
			over, err = w.perNode(inventory.TypeInstallBase, w.items)
		case phaseAsset:
			over, err = w.perNode(inventory.TypeAsset, w.assets)
		default:
			over, err = w.clean()
		}
		if err != nil {
			return "", w.done, err
		}
		if !over {
			cursor, err := json.Marshal(w.p)
			return string(cursor), w.done, err
		}
		switch w.p.Phase {
		case phaseNodes:
			w.p.Phase = phaseItems
		case phaseItems:
			w.p.Phase = phaseAsset
		case phaseAsset:
			// Ending the refresh is a commit of its own with what the last step has written.
			if err := w.end(); err != nil {
				return "", w.done, err
			}
			w.p.Phase = phaseClean
		default:
			return "", w.done, nil
		}
		w.p.Place, w.p.Page, w.p.Skip = 0, "", 0
	}
}

// put writes a row and counts it.
func (w *walk) put(a *Affected) error {
	if a.Version == 0 {
		w.p.Counts[a.List]++
		w.done++
	}
	return affecteds.Put(w.u, a)
}

// end makes the refresh's number the current one.
func (w *walk) end() error {
	rec, err := impacts.Get(w.u, impactID(w.r.Kind, w.r.Source))
	if err != nil {
		return err
	}
	rec.Current, rec.Finished = w.r.Number, w.u.Now()
	rec.Counts, rec.Totals = w.p.Counts, w.p.Totals
	return impacts.Put(w.u, &rec)
}

// linkParty adds the account of an associated case to the affected accounts (PSEW-054).
func linkParty(u *forewarn.Unit, source uuid.UUID, account string) error {
	rec, err := impacts.Get(u, impactID(kindIncident, source))
	if isNotFound(err) {
		return nil // nothing was looked for yet; the refresh that does finds it among the cases
	}
	if err != nil || rec.Current == 0 {
		return err
	}
	_, err = affectedOne(u, source, rec.Current, ListAccounts, account)
	if err == nil || !isNotFound(err) {
		return err
	}
	item := inventory.Item{Type: inventory.TypeAccount, ID: account}
	found, err := inventory.Stored.Items(u, item.Ref())
	if err != nil {
		return err
	}
	if len(found) > 0 {
		item = found[0]
	}
	products, err := productsOf(u, inventory.Stored, item.Ref())
	if err != nil {
		return err
	}
	a, err := partyRow(source, rec.Current, ListAccounts, item, products[item.Ref()])
	if err != nil {
		return err
	}
	if err := affecteds.Put(u, &a); err != nil {
		return err
	}
	rec.Totals = rec.Totals.Clone()
	rec.Totals.Add(*a.Party)
	if rec.Counts == nil {
		rec.Counts = map[List]int{}
	}
	rec.Counts[ListAccounts]++
	return impacts.Put(u, &rec)
}

// productsOf counts the products that parties have purchased.
func productsOf(u *forewarn.Unit, from inventory.Source, parties ...inventory.Ref) (map[inventory.Ref]int, error) {
	counts := map[inventory.Ref]int{}
	for after := ""; ; {
		page, err := from.Dependents(u, parties, inventory.TypeSoldProduct, 1000, after)
		if err != nil {
			return nil, err
		}
		for _, d := range page.Dependents {
			counts[d.To]++
		}
		if page.Next == "" {
			return counts, nil
		}
		after = page.Next
	}
}
