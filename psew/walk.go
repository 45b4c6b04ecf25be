package psew

import (
	"slices"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/inventory"
	"github.com/forewarn-go/forewarn/psew/impact"
)

// nodes grows the CIs and services that are reached: chunk after chunk in the order in which they were found, their neighbours behind the last. A node is
// found once, so the walk ends on cycles. It reports whether all are found.
func (w *walk) nodes() (bool, error) {
	if !w.p.Seeded {
		var seeds []inventory.Ref
		for _, id := range w.r.Seeds {
			seeds = append(seeds, inventory.Ref{Type: inventory.TypeCI, ID: id}, inventory.Ref{Type: inventory.TypeService, ID: id})
		}
		if over, err := w.reach(seeds); err != nil || !over {
			return false, err
		}
		w.p.Seeded = true
	}
	for {
		in, err := w.inHand()
		if err != nil || len(in) == 0 {
			return err == nil, err
		}
		if over, err := w.neighbours(in); err != nil || !over {
			return false, err
		}
		w.next()
	}
}

// inHand returns the chunk of nodes that is in hand, none behind the last.
func (w *walk) inHand() ([]Affected, error) {
	if w.p.Upto == w.p.Place {
		w.p.Upto = min(w.p.Place+chunk, w.p.Nodes)
	}
	if w.p.Upto == w.p.Place {
		return nil, nil
	}
	page, err := affecteds.Where("walk", walkKey(w.r.Source, w.r.Number)).
		Range(forewarn.Int(w.p.Place+1), forewarn.Int(w.p.Upto+1)).Limit(chunk).Page(w.u, "")
	if err == nil && len(page.Items) != w.p.Upto-w.p.Place {
		err = forewarn.Invalid("affected", "the refresh has lost rows: %d of those behind %d up to %d", len(page.Items), w.p.Place, w.p.Upto)
	}
	return page.Items, err
}

// next puts the chunk in hand aside.
func (w *walk) next() { w.p.Place, w.p.Stage, w.p.Page = w.p.Upto, 0, "" }

// node returns what a row of the walk is of.
func (a Affected) node() inventory.Ref {
	if a.Node != nil && a.Node.Kind == impact.Service {
		return inventory.Ref{Type: inventory.TypeService, ID: a.Ref}
	}
	return inventory.Ref{Type: inventory.TypeCI, ID: a.Ref}
}

func nodesOf(rows []Affected) []inventory.Ref {
	refs := make([]inventory.Ref, len(rows))
	for n, a := range rows {
		refs[n] = a.node()
	}
	return refs
}

// neighbours reaches what impact goes to from some nodes: in stage 0 what their own relations lead to against their usual way, in 1 the CIs, in 2 the
// services that stand on them. What of a page is reached already is passed over, so a page may be begun again.
func (w *walk) neighbours(in []Affected) (bool, error) {
	refs := nodesOf(in)
	if w.p.Stage == 0 {
		found, err := w.against(refs)
		if err != nil {
			return false, err
		}
		if over, err := w.reach(found); err != nil || !over {
			return false, err
		}
		w.p.Stage = 1
	}
	for ; w.p.Stage <= 2; w.p.Stage++ {
		from := inventory.TypeCI
		if w.p.Stage == 2 {
			from = inventory.TypeService
		}
		for {
			if w.spent() {
				return false, nil
			}
			page, err := w.s.inventory.Dependents(w.u, refs, from, pageSize, w.p.Page)
			if err != nil {
				return false, err
			}
			var found []inventory.Ref
			for _, d := range page.Dependents {
				if way := w.direction(d.From, d.Relation); way == impact.ToHolder || way == impact.BothWays {
					found = append(found, d.From)
				}
			}
			if over, err := w.reach(found); err != nil || !over {
				return false, err
			}
			if w.p.Page = page.Next; page.Next == "" {
				break
			}
		}
	}
	return true, nil
}

// against returns what the nodes' own relations lead to, where impact takes that way.
func (w *walk) against(refs []inventory.Ref) ([]inventory.Ref, error) {
	items, err := w.s.inventory.Items(w.u, refs...)
	if err != nil {
		return nil, err
	}
	var found []inventory.Ref
	for _, item := range items {
		for _, r := range item.Relations {
			if way := w.direction(item.Ref(), r.Type); way == impact.ToTarget || way == impact.BothWays {
				found = append(found, r.Target())
			}
		}
	}
	return found, nil
}

// list returns the list in which the row of a CI or a service stands.
func (r refresh) list(n inventory.Ref) List {
	if n.Type == inventory.TypeCI && slices.Contains(r.Seeds, n.ID) {
		return ListCIs
	}
	return ListServices
}

// id returns the id of the row of a CI or a service: the two may have the same id in the inventory.
func (r refresh) id(list List, n inventory.Ref) uuid.UUID {
	return affectedID(r.Source, r.Number, list, string(n.Type)+"/"+n.ID)
}

// reach puts rows for nodes that were not found before. It reports whether all fitted.
func (w *walk) reach(refs []inventory.Ref) (bool, error) {
	if len(refs) == 0 {
		return true, nil
	}
	ids := make([]uuid.UUID, len(refs))
	for n, ref := range refs {
		ids[n] = w.r.id(w.r.list(ref), ref)
	}
	if err := affecteds.Prefetch(w.u, ids...); err != nil {
		return false, err
	}
	var fresh []inventory.Ref
	for n, ref := range refs {
		if ref.Type != inventory.TypeCI && ref.Type != inventory.TypeService {
			continue
		}
		switch _, err := affecteds.Peek(w.u, ids[n]); {
		case err == nil:
		case isNotFound(err):
			fresh = append(fresh, ref)
		default:
			return false, err
		}
	}
	items, err := w.s.inventory.Items(w.u, fresh...)
	if err != nil {
		return false, err
	}
	for _, item := range items {
		ref := item.Ref()
		list := w.r.list(ref)
		if _, err := affecteds.Peek(w.u, w.r.id(list, ref)); err == nil {
			continue // it stands twice among them
		} else if !isNotFound(err) {
			return false, err
		}
		kind := impact.CI
		if item.Type == inventory.TypeService {
			kind = impact.Service
		}
		node := impact.Node{ID: item.ID, Name: shown(item.Name), Kind: kind, Critical: item.Critical}.Impacted(impact.Running)
		a := Affected{Source: w.r.Source, Number: w.r.Number, Ref: item.ID, Name: shown(item.Named()), Node: &node, Definition: item.Definition}
		if list == ListServices && slices.Contains(w.r.Seeds, item.ID) { // a service that is itself what is affected is among the CIs too
			if over, err := w.list(a, ListCIs, w.r.id(ListCIs, ref)); err != nil || !over {
				return false, err
			}
		}
		a.Place = w.p.Nodes + 1
		if over, err := w.list(a, list, w.r.id(list, ref)); err != nil || !over {
			return false, err
		}
		w.p.Nodes++
	}
	return true, nil
}

// list puts a row that is no party's into a list, unless it is there. It reports whether it is now.
func (w *walk) list(a Affected, list List, id uuid.UUID) (bool, error) {
	if _, err := affecteds.Peek(w.u, id); !isNotFound(err) {
		return err == nil, err
	}
	if w.left() < 1 {
		return false, nil
	}
	a.ID, a.List = id, list
	w.p.Counts = increased(w.p.Counts, list)
	return true, w.put(&a)
}

// perNode goes over what stands on the nodes, chunk by chunk and page by page. A dependent takes one row at most, so a page is never larger than what is
// left.
func (w *walk) perNode(from inventory.Type, do func(in []Affected, page []inventory.Dependent) error) (bool, error) {
	for {
		in, err := w.inHand()
		if err != nil || len(in) == 0 {
			return err == nil, err
		}
		for {
			left := min(w.left(), pageSize)
			if left < 1 || w.spent() {
				return false, nil
			}
			page, err := w.s.inventory.Dependents(w.u, nodesOf(in), from, left, w.p.Page)
			if err != nil {
				return false, err
			}
			if err := do(in, page.Dependents); err != nil {
				return false, err
			}
			if w.p.Page = page.Next; page.Next == "" {
				break
			}
		}
		w.next()
	}
}

// assets lists the assets of nodes.
func (w *walk) assets(_ []Affected, page []inventory.Dependent) error {
	refs := make([]inventory.Ref, 0, len(page))
	ids := make([]uuid.UUID, 0, len(page))
	for _, d := range page {
		refs, ids = append(refs, d.From), append(ids, affectedID(w.r.Source, w.r.Number, ListAssets, d.From.ID))
	}
	if err := affecteds.Prefetch(w.u, ids...); err != nil {
		return err
	}
	items, err := w.s.inventory.Items(w.u, refs...)
	if err != nil {
		return err
	}
	for _, item := range items { // one of a service and a CI may come twice
		a := Affected{Source: w.r.Source, Number: w.r.Number, Ref: item.ID, Name: shown(item.Named())}
		if _, err := w.list(a, ListAssets, affectedID(w.r.Source, w.r.Number, ListAssets, item.ID)); err != nil {
			return err
		}
	}
	return nil
}

// shown is a name as a row keeps it: a provider's own inventory may have names of any length, and rows have to fit a commit.
func shown(name string) string {
	const limit = 300
	if len(name) <= limit {
		return name
	}
	end := limit - len("…")
	for end > 0 && name[end]&0xC0 == 0x80 {
		end--
	}
	return name[:end] + "…"
}
