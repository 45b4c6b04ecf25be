package impact

import (
	"cmp"
	"slices"
)

// Impacted is a node that the impact reaches.
type Impacted struct {
	ID        string    `json:"id"`
	Name      string    `json:"name,omitempty"`
	Kind      NodeKind  `json:"kind"`
	Critical  bool      `json:"critical"` // critical to the business, or not running
	Condition Condition `json:"condition,omitempty"`
}

// Impacted makes of the node what is counted of it in a condition.
func (n Node) Impacted(c Condition) Impacted {
	return Impacted{n.ID, n.Name, n.Kind, n.Critical || c != Running, c}
}

// Result is the impact of one snapshot of the inventory and the facts. Its
// lists are sorted, nodes and assets by id, rows by kind, name and id of their
// parties; equal input in any order gives an equal result.
type Result struct {
	AffectedCIs      []Impacted    `json:"affected_cis"`      // the seeds
	ImpactedCIs      []Impacted    `json:"impacted_cis"`      // reached configuration items that are no seeds
	ImpactedServices []Impacted    `json:"impacted_services"` // reached services
	InstallBase      []Item        `json:"install_base"`      // of reached nodes
	Assets           []Asset       `json:"assets"`            // whose configuration item is reached
	Products         []SoldProduct `json:"products"`          // that affected parties have purchased
	Rows             []Row         `json:"rows"`              // affected parties
	Totals           Totals        `json:"totals"`
}

// Calculate returns the impact of a fault of the seeds, which are ids of nodes.
// The facts are those of the record at hand; a party may have none. Without
// seeds only linked parties are affected.
//
// It returns an *[InvalidError] for the first thing, in the order of the
// graph's fields, that does not fit: an id that is empty, stands twice, or is
// referred to and not there; an unknown kind or type; an item or product of two
// parties, a product of none; a contract value without currency; a negative
// number.
func Calculate(g Graph, seeds []string, facts map[Party]Facts) (Result, error) {
	x, err := index(g, seeds, facts)
	if err != nil {
		return Result{}, err
	}
	reach, err := NewReach(seeds...)
	for err == nil && !reach.Done() {
		err = reach.Step(reach.Len(), x.reachedFrom)
	}
	if err != nil {
		return Result{}, err
	}
	r := Result{Assets: []Asset{}, InstallBase: []Item{}}
	x.nodesOf(&r, reach, seeds)
	for _, a := range g.Assets {
		if reach.Has(a.CI) {
			r.Assets = append(r.Assets, a)
		}
	}
	var tally Tally
	for _, item := range g.InstallBase {
		if !reach.Has(item.Service) {
			continue
		}
		r.InstallBase = append(r.InstallBase, item)
		if err := tally.Add(x.impacted(item.Service), item); err != nil {
			return Result{}, err
		}
	}
	for p, f := range facts {
		if f.Linked {
			if err := tally.Link(p); err != nil {
				return Result{}, err
			}
		}
	}
	if err := x.partiesOf(&r, &tally, facts); err != nil {
		return Result{}, err
	}
	slices.SortFunc(r.Assets, func(a, b Asset) int { return cmp.Compare(a.ID, b.ID) })
	slices.SortFunc(r.InstallBase, func(a, b Item) int { return cmp.Compare(a.ID, b.ID) })
	return r, nil
}

// nodesOf sorts the reached nodes into the lists of the result.
func (x *indexed) nodesOf(r *Result, reach *Reach, seeds []string) {
	r.AffectedCIs, r.ImpactedCIs, r.ImpactedServices = []Impacted{}, []Impacted{}, []Impacted{}
	seed := make(map[string]bool, len(seeds))
	for _, id := range seeds {
		seed[id] = true
	}
	for _, id := range reach.IDs() {
		n := x.impacted(id)
		if seed[id] {
			r.AffectedCIs = append(r.AffectedCIs, n)
		}
		if n.Kind == Service {
			r.ImpactedServices = append(r.ImpactedServices, n)
		} else if !seed[id] {
			r.ImpactedCIs = append(r.ImpactedCIs, n)
		}
	}
}

// partiesOf makes the rows, the totals and the list of products.
func (x *indexed) partiesOf(r *Result, tally *Tally, facts map[Party]Facts) error {
	r.Rows, r.Products = []Row{}, []SoldProduct{}
	for _, share := range tally.Shares() {
		p := share.Party
		bought := x.products[p]
		var row Row
		var err error
		if p.Kind == AccountParty {
			row, err = x.accounts[p.ID].Row(share, len(bought), facts[p])
		} else {
			row, err = x.consumers[p.ID].Row(share, len(bought), facts[p])
		}
		if err != nil {
			return err
		}
		r.Rows = append(r.Rows, row)
		r.Products = append(r.Products, bought...)
		r.Totals.Add(row)
	}
	r.Totals.AddUnowned(tally.Unowned())
	slices.SortFunc(r.Products, func(a, b SoldProduct) int { return cmp.Compare(a.ID, b.ID) })
	slices.SortFunc(r.Rows, func(a, b Row) int {
		return cmp.Or(cmp.Compare(a.Party.Kind, b.Party.Kind), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Party.ID, b.Party.ID))
	})
	return nil
}
