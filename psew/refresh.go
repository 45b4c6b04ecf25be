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
	Seeds  []string  `json:"seeds,omitempty"`
}

// refreshes are done in as many commits as they need; the one that ends a refresh makes its number current.
var refreshes = forewarn.NewFanout[refresh]("psew_refresh")

func (r refresh) name() string { return r.Kind + "/" + r.Source.String() + "/" + itoa(r.Number) }

// beginRefresh begins a refresh of an incident's impact, in the unit that has changed its CI. One that is running is overtaken. Of an incident without a CI
// those are affected who have a case.
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
	r := refresh{Kind: kindIncident, Source: i.ID, Number: rec.Latest}
	if i.CI != "" {
		r.Seeds = []string{i.CI}
	}
	return refreshes.Begin(u, r.name(), r, 0)
}

func (s *Service) refreshJob() forewarn.Job { return refreshes.Job(s.refreshStep) }

// phase is a part of a refresh. Each goes over pages, and stops where the unit is full.
type phase string

// The phases in their order.
const (
	phaseNodes phase = ""      // grow the CIs and services that are reached
	phaseItems phase = "items" // count their install base for accounts and consumers
	phaseAsset phase = "asset" // list their assets
	phaseCases phase = "cases" // take in whose case was associated with the record, and count these cases
	phaseEnd   phase = "end"   // make the number current
	phaseClean phase = "clean" // remove the rows of old refreshes
)

// progress is where a refresh stands between two commits.
type progress struct {
	Phase  phase `json:"phase,omitempty"`
	Seeded bool  `json:"seeded,omitempty"`
	// Nodes is the number of CIs and services found; those behind Place up to Upto are in hand, Stage says with what.
	Nodes int `json:"nodes,omitempty"`
	Place int `json:"place,omitempty"`
	Upto  int `json:"upto,omitempty"`
	Stage int `json:"stage,omitempty"`
	// Page is the cursor of the page in hand.
	Page string `json:"page,omitempty"`
	// Links is how many cases had been associated when they were looked for.
	Links int `json:"links,omitempty"`
	Sums
}

// walk is one step of a refresh.
type walk struct {
	s     *Service
	u     *forewarn.Unit
	r     refresh
	p     progress
	keep  int // entries that the unit must have left
	rows  int // that may be written yet
	pages int // that may be read yet
	done  int
}

const (
	// ownEntries are those of the fan-out, its next step and the impact.
	ownEntries = 4
	// maxRows bounds a commit, whatever the store takes.
	maxRows = 4900
	// pageSize and pagesOfStep bound what a step reads.
	pageSize    = 500
	pagesOfStep = 200
)

// left returns how many more rows the step may write; below 1 it ends.
func (w *walk) left() int { return min(w.u.Room()-w.keep, w.rows) }

// spent counts a page that is read, and reports whether the step has read enough before it.
func (w *walk) spent() bool {
	w.pages--
	return w.pages < 0
}

func (s *Service) refreshStep(u *forewarn.Unit, r refresh, after string) (next string, done int, err error) {
	w := &walk{s: s, u: u, r: r, keep: ownEntries, rows: min(s.rows, maxRows), pages: pagesOfStep}
	if after == "" {
		w.keep = max(ownEntries, u.Room()/2) // it is in the unit of a use case, which may not be at its end
	} else if err := json.Unmarshal([]byte(after), &w.p); err != nil {
		return "", 0, forewarn.Invalid("cursor", "of a refresh cannot be read: %v", err)
	}
	if w.p.Phase != phaseClean {
		// Got, so that a step never commits after a later refresh has begun.
		rec, err := impacts.Get(u, impactID(r.Kind, r.Source))
		if err != nil && !isNotFound(err) {
			return "", 0, err
		}
		if rec.Latest != r.Number {
			return "", 0, nil
		}
	}
	for {
		last := w.p.Phase == phaseClean
		over, err := w.phase()
		switch {
		case err != nil:
			return "", w.done, err
		case over && last:
			return "", w.done, nil
		case !over:
			cursor, err := json.Marshal(w.p)
			return string(cursor), w.done, err
		}
	}
}

// phase goes on with the phase in hand. When it is over the next one is in hand.
func (w *walk) phase() (over bool, err error) {
	next := phaseClean
	switch w.p.Phase {
	case phaseNodes:
		over, err = w.nodes()
		next = phaseItems
	case phaseItems:
		over, err = w.perNode(inventory.TypeInstallBase, w.items)
		next = phaseAsset
	case phaseAsset:
		over, err = w.perNode(inventory.TypeAsset, w.assets)
		next = phaseCases
	case phaseCases:
		over, err = w.cases()
		next = phaseEnd
	case phaseEnd:
		over = true
		next, err = w.end()
	case phaseClean:
		return w.clean()
	default:
		return false, forewarn.Invalid("cursor", "%q is no phase of a refresh", w.p.Phase)
	}
	if over {
		w.p.Phase, w.p.Place, w.p.Upto, w.p.Stage, w.p.Page = next, 0, 0, 0, ""
	}
	return over, err
}

// put writes a row, and counts it when it is new.
func (w *walk) put(a *Affected) error {
	if a.Version == 0 {
		w.done++
	}
	w.rows--
	return affecteds.Put(w.u, a)
}

// end makes the refresh's number the current one, unless a case was associated since cases were looked for: then they are looked for again.
func (w *walk) end() (phase, error) {
	rec, err := impacts.Get(w.u, impactID(w.r.Kind, w.r.Source))
	if err != nil {
		return phaseEnd, err
	}
	if rec.Links != w.p.Links {
		return phaseCases, nil
	}
	rec.Previous = nil
	if rec.Current > 0 {
		rec.Previous = &PreviousImpact{Number: rec.Current, Sums: rec.Sums}
	}
	rec.Current, rec.Finished, rec.Sums = w.r.Number, w.u.Now(), w.p.Sums
	return phaseClean, impacts.Put(w.u, &rec)
}

// clean removes the rows of old refreshes: all but those of the current and the previous one. While cases are generated none are, since a generation reads
// the rows of the number that it began with; they go with the next refresh.
func (w *walk) clean() (bool, error) {
	running, err := generations.Progress(w.u, w.r.Source.String())
	if err == nil && running.Finished.IsZero() {
		return true, nil
	}
	if err != nil && !isNotFound(err) {
		return false, err
	}
	rec, err := impacts.Get(w.u, impactID(w.r.Kind, w.r.Source))
	if err != nil {
		return isNotFound(err), err
	}
	kept := rec.Current
	if rec.Previous != nil {
		kept = rec.Previous.Number
	}
	for number := rec.Cleaned + 1; number < rec.Current; number++ {
		if number == kept {
			continue
		}
		for _, list := range Lists() {
			if over, err := w.remove(number, list); err != nil || !over {
				return false, err
			}
		}
	}
	if rec.Cleaned >= kept-1 {
		return true, nil
	}
	rec.Cleaned = kept - 1
	return true, impacts.Put(w.u, &rec)
}

// remove removes the rows of a list, as many as fit.
func (w *walk) remove(number int, list List) (bool, error) {
	for after := ""; ; {
		left := min(w.left(), pageSize)
		if left < 1 || w.spent() {
			return false, nil
		}
		page, err := affectedPage(w.u, w.r.Source, number, list, left, after)
		if err != nil {
			return false, err
		}
		for n := range page.Items {
			if err := affecteds.Delete(w.u, &page.Items[n]); err != nil {
				return false, err
			}
			w.rows--
		}
		if page.Next == "" {
			return true, nil
		}
		after = page.Next
	}
}

// direction returns the way that impact takes over a relation. One without a direction carries none: the inventory is loaded by others, and one spelling
// must not keep an incident from its other customers. The refresh tells of it.
func (w *walk) direction(holder inventory.Ref, relation string) impact.Direction {
	way, err := w.s.directions.Of(relation)
	if err != nil {
		w.p.warn("%s: relation %q has no direction of impact, and carries none", holder, relation)
		return impact.NoImpact
	}
	return way
}
