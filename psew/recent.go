package psew

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/inventory"
	"github.com/forewarn-go/forewarn/psew/impact"
)

// RecentChanges asks which changes may have caused an incident.
type RecentChanges struct {
	Incident uuid.UUID
	Window   time.Duration // back from now; 0 means 5 days, at most 90 days
}

// Related is what may have to do with an incident.
type Related struct {
	Changes []RecentChange `json:"changes"` // the latest first
	// Incidents are other open incidents on the same CI, the newest first, at most 20.
	Incidents []Incident `json:"incidents"`
}

const (
	defaultWindow = 5 * 24 * time.Hour
	maxWindow     = 90 * 24 * time.Hour
	maxUpstream   = 100 // CIs whose changes are looked at
	maxRelated    = 20
	// pagesOfUpstream bounds what is read of the items that name a CI, to find those that it stands on.
	pagesOfUpstream = 20
)

// RecentChanges returns the changes that have ended within the window on the incident's CI and on what that stands on, by any number of steps as far as 100
// CIs, the latest first, and other open incidents on the CI (PSEW-126). An incident without a CI has none. It returns ErrInvalid for a window that is none,
// and otherwise what Get returns.
func (s *Service) RecentChanges(ctx context.Context, by forewarn.Caller, q RecentChanges) (Related, error) {
	return forewarn.Read(ctx, s.engine, by, "psew.RecentChanges", q, s.recentChanges)
}

func (s *Service) recentChanges(u *forewarn.Unit, q RecentChanges) (none Related, err error) {
	i, err := s.readable(u, q.Incident)
	if err != nil {
		return none, err
	}
	window := q.Window
	if window == 0 {
		window = defaultWindow
	}
	if window < 0 || window > maxWindow {
		return none, forewarn.Invalid("window", "is up to 90 days, not %s", q.Window)
	}
	if i.CI == "" {
		return none, nil
	}
	var out Related
	if s.changes != nil {
		cis, err := s.upstream(u, i.CI)
		if err != nil {
			return none, err
		}
		numbers := map[string]bool{}
		for _, ci := range cis {
			changes, err := s.changes.Recent(u, ci, u.Now().Add(-window), u.Now())
			if err != nil {
				return none, err
			}
			for _, c := range changes {
				if !numbers[c.Number] { // one change may be on several
					numbers[c.Number] = true
					out.Changes = append(out.Changes, c)
				}
			}
		}
		slices.SortStableFunc(out.Changes, func(a, b RecentChange) int {
			return cmp.Or(b.Ended.Compare(a.Ended), cmp.Compare(a.Number, b.Number))
		})
	}
	for other, err := range incidents.Where("ci", forewarn.Text(i.CI)).Descending().All(u) {
		if err != nil {
			return none, err
		}
		if other.ID == i.ID || !other.State.Active() {
			continue
		}
		if out.Incidents = append(out.Incidents, other); len(out.Incidents) == maxRelated {
			break
		}
	}
	return out, nil
}

// upstream returns the ids of a CI and of the CIs and services that it stands on: those whose impact reaches it, the nearest first.
func (s *Service) upstream(u *forewarn.Unit, ci string) ([]string, error) {
	all := []inventory.Ref{{Type: inventory.TypeCI, ID: ci}, {Type: inventory.TypeService, ID: ci}}
	ids := []string{ci}
	seen := map[inventory.Ref]bool{all[0]: true, all[1]: true}
	// Unlike a refresh, whom nothing may escape, this passes over relations without a direction.
	take := func(r inventory.Ref, relation string, wanted impact.Direction) {
		way, err := s.directions.Of(relation)
		if err != nil || way != wanted && way != impact.BothWays || seen[r] || len(ids) == maxUpstream {
			return
		}
		seen[r] = true
		all = append(all, r)
		if !slices.Contains(ids, r.ID) {
			ids = append(ids, r.ID)
		}
	}
	for next := 0; next < len(all); {
		level := all[next:min(len(all), next+chunk)]
		next += len(level)
		items, err := s.inventory.Items(u, level...)
		if err != nil {
			return nil, err
		}
		for _, item := range items {
			for _, r := range item.Relations {
				take(r.Target(), r.Type, impact.ToHolder)
			}
		}
		for _, from := range []inventory.Type{inventory.TypeCI, inventory.TypeService} {
			after := ""
			for range pagesOfUpstream { // mostly these stand on it the other way round, a hundred thousand perhaps
				page, err := s.inventory.Dependents(u, level, from, pageSize, after)
				if err != nil {
					return nil, err
				}
				for _, d := range page.Dependents {
					take(d.From, d.Relation, impact.ToTarget)
				}
				if after = page.Next; after == "" || len(ids) == maxUpstream {
					break
				}
			}
		}
	}
	return ids, nil
}
