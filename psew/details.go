package psew

import (
	"cmp"
	"context"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/inventory"
	"github.com/forewarn-go/forewarn/psew/impact"
)

// ImpactDetails asks for what an indicator of the customer impact adds up.
type ImpactDetails struct {
	Incident  uuid.UUID
	Indicator impact.Indicator
	Limit     int // 100 when 0, at most 200
	After     string
}

// ImpactDetails returns a page of the lines that an indicator adds up, as impact.Result.Details says: the affected parties with their contract values or
// their reactive cases; their products; the install-base items of what is reached. Parties are those of one refresh; products and items are those that the
// inventory has now. A page may have fewer lines than asked for, or none, and a Next. It returns ErrInvalid for what is no indicator, limit or cursor;
// ErrRefused for a cursor of a refresh that two later ones have followed; and what Get returns.
func (s *Service) ImpactDetails(ctx context.Context, by forewarn.Caller, q ImpactDetails) (forewarn.Page[impact.Detail], error) {
	return forewarn.Read(ctx, s.engine, by, "psew.ImpactDetails", q, s.impactDetails)
}

func (s *Service) impactDetails(u *forewarn.Unit, q ImpactDetails) (page forewarn.Page[impact.Detail], err error) {
	limit, err := shownLimit(q.Limit)
	if err != nil {
		return page, err
	}
	d := detailing{s: s, u: u, source: q.Incident, limit: limit}
	var next func() error
	switch q.Indicator {
	case impact.AffectedContractValue:
		next = func() error { return d.parties(true) }
	case impact.TotalReactiveCases:
		next = func() error { return d.parties(false) }
	case impact.AffectedProducts:
		next = d.products
	case impact.AffectedInstallBase:
		next = d.items
	default:
		return page, forewarn.Invalid("indicator", "%q is none: there are %q, %q, %q and %q", q.Indicator, impact.AffectedContractValue,
			impact.AffectedProducts, impact.AffectedInstallBase, impact.TotalReactiveCases)
	}
	if _, d.at, err = s.shownOf(u, q.Incident, q.After); err != nil || d.at.Number == 0 {
		return page, err
	}
	if d.at.List == "" {
		d.at.List = ListAccounts
	}
	if d.at.List != ListAccounts && d.at.List != ListConsumers || d.at.Place < 0 {
		return page, forewarn.Invalid("after", "is no cursor of this list")
	}
	// Every part is a page of something; a page of lines ends after a few parts, however few of them count.
	for parts := 0; len(d.lines) < limit && !d.over && parts < 20; parts++ {
		if err := next(); err != nil {
			return page, err
		}
	}
	page.Items = d.lines
	if !d.over {
		page.Next = d.at.String()
	}
	return page, nil
}

// detailing goes over what an indicator adds up, from a cursor on.
type detailing struct {
	s      *Service
	u      *forewarn.Unit
	source uuid.UUID
	at     pageOf
	limit  int
	lines  []impact.Detail
	over   bool
}

// rows returns a page of the parties at the cursor, accounts before consumers, and what the cursor is behind it.
func (d *detailing) rows(limit int) ([]Affected, pageOf, bool, error) {
	page, err := affectedPage(d.u, d.source, d.at.Number, d.at.List, limit, d.at.Rows)
	next := pageOf{Number: d.at.Number, List: d.at.List, Rows: page.Next}
	over := page.Next == "" && d.at.List == ListConsumers
	if page.Next == "" {
		next.List = ListConsumers
	}
	return page.Items, next, over, err
}

// parties lists the parties themselves.
func (d *detailing) parties(values bool) error {
	rows, next, over, err := d.rows(d.limit - len(d.lines))
	if err != nil {
		return err
	}
	for _, a := range rows {
		line := impact.Detail{Party: a.Party.Party, ID: a.Ref, Name: cmp.Or(a.Party.Name, a.Ref), Count: a.Party.ReactiveCases}
		if values {
			line.Value, line.Count = a.Party.ContractValue, 1
		}
		if line.Count > 0 {
			d.lines = append(d.lines, line)
		}
	}
	d.at, d.over = next, over
	return nil
}

// products lists what the parties have purchased.
func (d *detailing) products() error {
	rows, next, over, err := d.rows(chunk)
	if err != nil {
		return err
	}
	owners := make([]inventory.Ref, len(rows))
	for n, a := range rows {
		owners[n] = a.party()
	}
	return d.dependents(owners, inventory.TypeSoldProduct, next, over, func(d inventory.Dependent, _ inventory.Item) (bool, error) { return true, nil })
}

// items lists the install base of what is reached. An item of a service and a CI is listed with its service, if that is reached.
func (d *detailing) items() error {
	r := refresh{Source: d.source, Number: d.at.Number}
	page, err := affecteds.Where("walk", walkKey(r.Source, r.Number)).
		Range(forewarn.Int(d.at.Place+1), forewarn.Int(d.at.Place+chunk+1)).Limit(chunk).Page(d.u, "")
	if err != nil {
		return err
	}
	next := pageOf{Number: d.at.Number, List: d.at.List, Place: d.at.Place + chunk}
	return d.dependents(nodesOf(page.Items), inventory.TypeInstallBase, next, len(page.Items) < chunk,
		func(on inventory.Dependent, item inventory.Item) (bool, error) {
			if on.To.Type != inventory.TypeCI || item.Service == "" {
				return true, nil
			}
			_, err := affecteds.Peek(d.u, r.id(ListServices, inventory.Ref{Type: inventory.TypeService, ID: item.Service}))
			if isNotFound(err) {
				return true, nil
			}
			return false, err
		})
}

// dependents lists a page of what stands on some items; behind its last page the cursor is next.
func (d *detailing) dependents(on []inventory.Ref, from inventory.Type, next pageOf, over bool, counts func(inventory.Dependent, inventory.Item) (bool, error)) error {
	var found inventory.DependentPage
	if len(on) > 0 {
		var err error
		if found, err = d.s.inventory.Dependents(d.u, on, from, d.limit-len(d.lines), d.at.Items); err != nil {
			return err
		}
	}
	refs := make([]inventory.Ref, len(found.Dependents))
	for n, f := range found.Dependents {
		refs[n] = f.From
	}
	items, err := d.s.inventory.Items(d.u, refs...)
	if err != nil {
		return err
	}
	byRef := make(map[inventory.Ref]inventory.Item, len(items))
	for _, item := range items {
		byRef[item.Ref()] = item
	}
	for _, f := range found.Dependents {
		item, ok := byRef[f.From]
		if !ok {
			continue
		}
		if ok, err := counts(f, item); err != nil {
			return err
		} else if !ok {
			continue
		}
		line := impact.Detail{ID: item.ID, Name: item.Named(), Count: 1}
		if owner, ok := ownerOf(item); ok {
			line.Party = impact.Party{Kind: impact.PartyKind(owner.Type), ID: owner.ID}
		}
		d.lines = append(d.lines, line)
	}
	if found.Next != "" {
		d.at.Items = found.Next
		return nil
	}
	d.at, d.over = next, over
	return nil
}
