package psew

import (
	"slices"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/inventory"
	"github.com/forewarn-go/forewarn/psew/impact"
)

var directions = impact.DefaultDirections()

// nodes grows the CIs and services that are reached: node after node in the order in which they were found, each node's neighbours behind the last. A
// node is found once, so the walk ends on cycles. It reports whether all are found.
func (w *walk) nodes() (bool, error) {
	if w.p.Nodes == 0 {
		var seeds []inventory.Ref
		for _, id := range w.r.Seeds {
			seeds = append(seeds, inventory.Ref{Type: inventory.TypeCI, ID: id}, inventory.Ref{Type: inventory.TypeService, ID: id})
		}
		if err := w.reach(seeds); err != nil {
			return false, err
		}
	}
	for w.p.Place < w.p.Nodes {
		node, err := w.node(w.p.Place + 1)
		if err != nil {
			return false, err
		}
		over, err := w.neighbours(node)
		if err != nil || !over {
			return false, err
		}
		w.p.Place, w.p.Page, w.p.Skip = w.p.Place+1, "", 0
	}
	return true, nil
}

// node returns the node at a place of the walk.
func (w *walk) node(place int) (Affected, error) {
	return affecteds.Where("walk", walkKey(w.r.Source, w.r.Number)).Range(forewarn.Int(place), forewarn.Int(place+1)).First(w.u)
}

func (a Affected) ref() inventory.Ref {
	if a.Node != nil && a.Node.Kind == impact.Service {
		return inventory.Ref{Type: inventory.TypeService, ID: a.Ref}
	}
	return inventory.Ref{Type: inventory.TypeCI, ID: a.Ref}
}

// neighbours reaches what impact goes to from a node: what stands on it, and what its own relations lead to against their usual way. Pages are of
// CIs first, then of services; the mark at the front of the cursor says which.
func (w *walk) neighbours(node Affected) (bool, error) {
	for {
		from, after := inventory.TypeCI, w.p.Page
		if len(after) > 0 && after[0] == 's' {
			from = inventory.TypeService
		}
		if len(after) > 0 {
			after = after[1:]
		}
		page, err := w.s.inventory.Dependents(w.u, []inventory.Ref{node.ref()}, from, 1000, after)
		if err != nil {
			return false, err
		}
		var found []inventory.Ref
		for _, d := range page.Dependents {
			if way, err := directions.Of(d.Relation); err != nil {
				return false, forewarn.Invalid("inventory."+d.From.String(), "%v", err)
			} else if way == impact.ToHolder || way == impact.BothWays {
				found = append(found, d.From)
			}
		}
		if w.p.Page == "" {
			own, err := w.against(node)
			if err != nil {
				return false, err
			}
			found = append(own, found...)
		}
		for w.p.Skip < len(found) {
			take := min(len(found)-w.p.Skip, max(w.u.Room()/2, 1), 500)
			if w.u.Room() < 4 {
				return false, nil
			}
			if err := w.reach(found[w.p.Skip : w.p.Skip+take]); err != nil {
				return false, err
			}
			w.p.Skip += take
		}
		switch {
		case page.Next != "" && from == inventory.TypeCI:
			w.p.Page = "c" + page.Next
		case page.Next != "":
			w.p.Page = "s" + page.Next
		case from == inventory.TypeCI:
			w.p.Page = "s"
		default:
			return true, nil
		}
		w.p.Skip = 0
	}
}

// against returns what a node's own relations lead to, where impact takes that way.
func (w *walk) against(node Affected) ([]inventory.Ref, error) {
	items, err := w.s.inventory.Items(w.u, node.ref())
	if err != nil || len(items) == 0 {
		return nil, err
	}
	var found []inventory.Ref
	for _, r := range items[0].Relations {
		if way, err := directions.Of(r.Type); err != nil {
			return nil, forewarn.Invalid("inventory."+node.ref().String(), "%v", err)
		} else if way == impact.ToTarget || way == impact.BothWays {
			found = append(found, r.Target())
		}
	}
	return found, nil
}

// reach puts rows for nodes that were not found before.
func (w *walk) reach(refs []inventory.Ref) error {
	items, err := w.s.inventory.Items(w.u, refs...)
	if err != nil {
		return err
	}
	for _, item := range items {
		list, kind := ListServices, impact.CI
		if item.Type == inventory.TypeService {
			kind = impact.Service
		}
		seed := slices.Contains(w.r.Seeds, item.ID)
		if seed && kind == impact.CI {
			list = ListCIs
		}
		ref := string(item.Type) + "/" + item.ID
		if _, err := affectedOne(w.u, w.r.Source, w.r.Number, list, ref); err == nil {
			continue
		} else if !isNotFound(err) {
			return err
		}
		w.p.Nodes++
		node := impact.Node{ID: item.ID, Name: item.Name, Kind: kind, Critical: item.Critical}.Impacted(impact.Running)
		a := Affected{ID: affectedID(w.r.Source, w.r.Number, list, ref), Source: w.r.Source, Number: w.r.Number, List: list, Ref: item.ID,
			Name: item.Named(), Node: &node, Place: w.p.Nodes, Definition: item.Definition}
		if err := w.put(&a); err != nil {
			return err
		}
	}
	return nil
}

// perNode goes over what stands on each node, page by page, as much as fits.
func (w *walk) perNode(from inventory.Type, do func(node Affected, part []inventory.Dependent) error) (bool, error) {
	for w.p.Place < w.p.Nodes {
		node, err := w.node(w.p.Place + 1)
		if err != nil {
			return false, err
		}
		for {
			page, err := w.s.inventory.Dependents(w.u, []inventory.Ref{node.ref()}, from, 1000, w.p.Page)
			if err != nil {
				return false, err
			}
			for w.p.Skip < len(page.Dependents) {
				left := min(w.u.Room()-4, w.s.rows-w.done)
				if left < 1 {
					return false, nil
				}
				part := page.Dependents[w.p.Skip:]
				part = part[:min(len(part), left, 500)]
				if err := do(node, part); err != nil {
					return false, err
				}
				w.p.Skip += len(part)
			}
			w.p.Page, w.p.Skip = page.Next, 0
			if page.Next == "" {
				break
			}
		}
		w.p.Place++
	}
	return true, nil
}

// items counts install-base items of a node for their parties.
func (w *walk) items(node Affected, part []inventory.Dependent) error {
	refs := make([]inventory.Ref, len(part))
	for i, d := range part {
		refs[i] = d.From
	}
	items, err := w.s.inventory.Items(w.u, refs...)
	if err != nil {
		return err
	}
	var owners []inventory.Ref
	shares := map[inventory.Ref]impact.Share{}
	for n, item := range items {
		if part[n].Relation == inventory.OfCI && item.Service != "" {
			// counted with its service, if that is reached
			_, err := affectedOne(w.u, w.r.Source, w.r.Number, ListServices, string(inventory.TypeService)+"/"+item.Service)
			if err == nil {
				continue
			}
			if !isNotFound(err) {
				return err
			}
		}
		var owner inventory.Ref
		kind := impact.AccountParty
		switch {
		case item.Account != "":
			owner = inventory.Ref{Type: inventory.TypeAccount, ID: item.Account}
		case item.Consumer != "":
			owner, kind = inventory.Ref{Type: inventory.TypeConsumer, ID: item.Consumer}, impact.ConsumerParty
		default:
			w.p.Totals.AddUnowned(1)
			continue
		}
		share, ok := shares[owner]
		if !ok {
			owners = append(owners, owner)
			share.Party = impact.Party{Kind: kind, ID: owner.ID}
		}
		share.InstallBase++
		if node.Node.Critical && node.Node.Kind == impact.Service {
			share.Critical = []string{node.Ref}
		}
		shares[owner] = share
	}
	return w.parties(owners, shares)
}

// parties adds shares to the rows of their parties.
func (w *walk) parties(owners []inventory.Ref, shares map[inventory.Ref]impact.Share) error {
	if len(owners) == 0 {
		return nil
	}
	known := map[inventory.Ref]inventory.Item{}
	found, err := w.s.inventory.Items(w.u, owners...)
	if err != nil {
		return err
	}
	for _, item := range found {
		known[item.Ref()] = item
	}
	products := map[inventory.Ref]int{}
	for chunk := range slices.Chunk(owners, 100) {
		counts, err := productsOf(w.u, w.s.inventory, chunk...)
		if err != nil {
			return err
		}
		for r, n := range counts {
			products[r] = n
		}
	}
	for _, owner := range owners {
		list := ListAccounts
		if owner.Type == inventory.TypeConsumer {
			list = ListConsumers
		}
		item, ok := known[owner]
		if !ok {
			item = inventory.Item{Type: owner.Type, ID: owner.ID}
		}
		a, err := affectedOne(w.u, w.r.Source, w.r.Number, list, owner.ID)
		switch {
		case isNotFound(err):
			a, err = partyRow(w.r.Source, w.r.Number, list, item, products[owner])
		case err == nil:
			w.p.Totals.Remove(*a.Party)
		}
		if err != nil {
			return err
		}
		if a.Share, err = a.Share.Merge(shares[owner]); err != nil {
			return forewarn.Invalid("inventory."+owner.String(), "%v", err)
		}
		if err := a.count(item, products[owner]); err != nil {
			return err
		}
		w.p.Totals.Add(*a.Party)
		if err := w.put(&a); err != nil {
			return err
		}
	}
	return nil
}

// assets lists the assets of a node.
func (w *walk) assets(_ Affected, part []inventory.Dependent) error {
	refs := make([]inventory.Ref, len(part))
	for i, d := range part {
		refs[i] = d.From
	}
	items, err := w.s.inventory.Items(w.u, refs...)
	if err != nil {
		return err
	}
	for _, item := range items {
		if _, err := affectedOne(w.u, w.r.Source, w.r.Number, ListAssets, item.ID); err == nil {
			continue
		} else if !isNotFound(err) {
			return err
		}
		a := Affected{ID: affectedID(w.r.Source, w.r.Number, ListAssets, item.ID), Source: w.r.Source, Number: w.r.Number, List: ListAssets,
			Ref: item.ID, Name: item.Named()}
		if err := w.put(&a); err != nil {
			return err
		}
	}
	return nil
}

// clean removes the rows of refreshes before the previous one, which nobody looks at any more.
func (w *walk) clean() (bool, error) {
	rec, err := impactOf(w.u, w.r.Kind, w.r.Source)
	if err != nil {
		return false, err
	}
	last := w.r.Number - 2
	for number := rec.Cleaned + 1; number <= last; number++ {
		for _, list := range Lists() {
			for {
				page, err := affectedPage(w.u, w.r.Source, number, list, 500, "")
				if err != nil {
					return false, err
				}
				for i := range page.Items {
					if w.u.Room() < 4 {
						return false, nil
					}
					if err := affecteds.Delete(w.u, &page.Items[i]); err != nil {
						return false, err
					}
				}
				if page.Next == "" {
					break
				}
			}
		}
	}
	if rec.Cleaned >= last || last < 1 {
		return true, nil
	}
	if rec, err = impacts.Get(w.u, rec.ID); err != nil {
		return false, err
	}
	rec.Cleaned = last
	return true, impacts.Put(w.u, &rec)
}
