package psew

import (
	"slices"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/inventory"
	"github.com/forewarn-go/forewarn/psew/impact"
	"github.com/forewarn-go/forewarn/ticket"
)

// share is what some install-base items add to the row of their party.
type share struct {
	items    int
	critical []int // places in the chunk of critical services
}

// items counts install-base items of nodes for their parties. An item of a service and a CI is counted with its service, if that is reached.
func (w *walk) items(in []Affected, page []inventory.Dependent) error {
	refs := make([]inventory.Ref, len(page))
	for n, d := range page {
		refs[n] = d.From
	}
	found, err := w.s.inventory.Items(w.u, refs...)
	if err != nil {
		return err
	}
	items := make(map[inventory.Ref]inventory.Item, len(found))
	var services []uuid.UUID
	for _, item := range found {
		items[item.Ref()] = item
		if item.Service != "" && item.CI != "" {
			services = append(services, w.r.id(ListServices, inventory.Ref{Type: inventory.TypeService, ID: item.Service}))
		}
	}
	if err := affecteds.Prefetch(w.u, services...); err != nil {
		return err
	}
	places := make(map[inventory.Ref]int, len(in))
	for n, a := range in {
		places[a.node()] = n
	}
	var owners []inventory.Ref
	shares := map[inventory.Ref]share{}
	for _, d := range page {
		item, ok := items[d.From]
		if !ok {
			continue
		}
		if d.To.Type == inventory.TypeCI && item.Service != "" {
			_, err := affecteds.Peek(w.u, w.r.id(ListServices, inventory.Ref{Type: inventory.TypeService, ID: item.Service}))
			if err == nil {
				continue
			}
			if !isNotFound(err) {
				return err
			}
		}
		owner, ok := ownerOf(item)
		if !ok {
			w.p.Totals.AddUnowned(1)
			continue
		}
		s, ok := shares[owner]
		if !ok {
			owners = append(owners, owner)
		}
		s.items++
		if place, ok := places[d.To]; ok && in[place].Node.Critical && in[place].Node.Kind == impact.Service {
			s.critical = append(s.critical, place)
		}
		shares[owner] = s
	}
	return w.parties(owners, func(owner inventory.Ref, a *Affected) {
		s := shares[owner]
		a.Party.InstallBase += s.items
		if len(s.critical) > 0 {
			a.Party.CriticalServices += a.Counted.add(w.p.Place, s.critical)
		}
	})
}

// ownerOf returns the party to whom an item belongs.
func ownerOf(item inventory.Item) (owner inventory.Ref, ok bool) {
	switch {
	case item.Account != "":
		return inventory.Ref{Type: inventory.TypeAccount, ID: item.Account}, true
	case item.Consumer != "":
		return inventory.Ref{Type: inventory.TypeConsumer, ID: item.Consumer}, true
	}
	return owner, false
}

// cases takes in the parties of the cases that were associated with the record, and counts these cases for them (C-53). To count again changes nothing.
func (w *walk) cases() (bool, error) {
	if w.p.Page == "" {
		rec, err := impacts.Get(w.u, impactID(w.r.Kind, w.r.Source))
		if err != nil {
			return false, err
		}
		w.p.Links = rec.Links
	}
	for {
		left := min(w.left(), pageSize)
		if left < 1 || w.spent() {
			return false, nil
		}
		page, err := w.s.cases.Page(w.u, ticket.CaseQuery{Source: w.r.Source, Limit: left, After: w.p.Page})
		if err != nil {
			return false, err
		}
		var owners []inventory.Ref
		counts := map[inventory.Ref]int{}
		for _, c := range page.Cases {
			owner, ok := ownerOf(inventory.Item{Account: c.Account, Consumer: c.Consumer})
			if _, known := counts[owner]; !ok || known || c.Proactive {
				continue
			}
			if counts[owner], err = w.s.reactive(w.u, w.r.Source, owner); err != nil {
				return false, err
			}
			owners = append(owners, owner)
		}
		err = w.parties(owners, func(owner inventory.Ref, a *Affected) { a.Party.ReactiveCases = counts[owner] })
		if err != nil {
			return false, err
		}
		if w.p.Page = page.Next; page.Next == "" {
			return true, nil
		}
	}
}

// reactive counts the reactive cases of a party that are linked to a record.
func (s *Service) reactive(u *forewarn.Unit, source uuid.UUID, owner inventory.Ref) (n int, err error) {
	all, err := s.casesOfParty(u, source, owner)
	for _, c := range all {
		if !c.Proactive {
			n++
		}
	}
	return n, err
}

// casesOfParty returns all cases of a party that are linked to a record.
func (s *Service) casesOfParty(u *forewarn.Unit, source uuid.UUID, owner inventory.Ref) (all []ticket.BookedCase, err error) {
	q := ticket.CaseQuery{Source: source, Account: owner.ID}
	if owner.Type == inventory.TypeConsumer {
		q.Account, q.Consumer = "", owner.ID
	}
	for {
		page, err := s.cases.Page(u, q)
		if err != nil {
			return nil, err
		}
		all = append(all, page.Cases...)
		if page.Next == "" {
			return all, nil
		}
		q.After = page.Next
	}
}

// parties changes the rows of parties, made where they are not there yet.
func (w *walk) parties(owners []inventory.Ref, change func(owner inventory.Ref, a *Affected)) error {
	rows, err := partyRows(w.u, w.s.inventory, w.r.Source, w.r.Number, owners, &w.p.Sums)
	if err != nil {
		return err
	}
	for n := range rows {
		changeRow(&w.p.Sums, &rows[n], func(a *Affected) { change(owners[n], a) })
		if err := w.put(&rows[n]); err != nil {
			return err
		}
	}
	return nil
}

// changeRow changes a party's row and the sums with it.
func changeRow(sums *Sums, a *Affected, change func(*Affected)) {
	var before *impact.Row
	if a.Version != 0 {
		was := *a.Party
		before = &was
	}
	change(a)
	sums.replace(a.List, before, *a.Party)
}

// partyRows returns the rows of parties in their order. One that is not there yet has version 0, and what the inventory says of its party.
func partyRows(u *forewarn.Unit, from inventory.Source, source uuid.UUID, number int, owners []inventory.Ref, sums *Sums) ([]Affected, error) {
	ids := make([]uuid.UUID, len(owners))
	for n, owner := range owners {
		ids[n] = affectedID(source, number, listOf(owner), owner.ID)
	}
	if err := affecteds.Prefetch(u, ids...); err != nil {
		return nil, err
	}
	rows := make([]Affected, len(owners))
	var fresh []inventory.Ref
	for n, id := range ids {
		a, err := affecteds.Peek(u, id)
		if isNotFound(err) {
			fresh = append(fresh, owners[n])
		} else if err != nil {
			return nil, err
		}
		rows[n] = a
	}
	found, err := from.Items(u, fresh...)
	if err != nil {
		return nil, err
	}
	known := make(map[inventory.Ref]inventory.Item, len(found))
	for _, item := range found {
		known[item.Ref()] = item
	}
	products, err := productsOf(u, from, fresh)
	if err != nil {
		return nil, err
	}
	for n, owner := range owners {
		if rows[n].Version != 0 {
			continue
		}
		item, ok := known[owner]
		if !ok {
			item = inventory.Item{Type: owner.Type, ID: owner.ID} // whoever it is, it is hit
		}
		rows[n] = Affected{ID: ids[n], Source: source, Number: number, List: listOf(owner), Ref: owner.ID, Name: shown(item.Named()), Contact: item.Contact}
		if rows[n].Party, err = rowOf(item, products[owner], sums); err != nil {
			return nil, err
		}
	}
	return rows, nil
}

func listOf(owner inventory.Ref) List {
	if owner.Type == inventory.TypeConsumer {
		return ListConsumers
	}
	return ListAccounts
}

// rowOf is what the inventory says of a party. A contract value that cannot be added up is not known.
func rowOf(item inventory.Item, products int, sums *Sums) (*impact.Row, error) {
	of := func(value *impact.Money) (impact.Row, error) {
		name := shown(item.Name)
		if item.Type == inventory.TypeConsumer {
			s := impact.Share{Party: impact.Party{Kind: impact.ConsumerParty, ID: item.ID}}
			return impact.Consumer{ID: item.ID, Name: name, ContractValue: value}.Row(s, products, impact.Facts{})
		}
		s := impact.Share{Party: impact.Party{Kind: impact.AccountParty, ID: item.ID}}
		return impact.Account{ID: item.ID, Name: name, ContractValue: value, Escalated: item.Escalation != ""}.Row(s, products, impact.Facts{})
	}
	if item.ContractValue != nil {
		row, err := of(&impact.Money{Amount: *item.ContractValue, Currency: item.Currency})
		if err == nil {
			return &row, nil
		}
		sums.warn("%s: its contract value is taken as not known: %v", item.Ref(), err)
	}
	row, err := of(nil)
	return &row, err
}

// productsOf counts the products that parties have purchased.
func productsOf(u *forewarn.Unit, from inventory.Source, parties []inventory.Ref) (map[inventory.Ref]int, error) {
	counts := map[inventory.Ref]int{}
	for some := range slices.Chunk(parties, 100) {
		for after := ""; ; {
			page, err := from.Dependents(u, some, inventory.TypeSoldProduct, 1000, after)
			if err != nil {
				return nil, err
			}
			for _, d := range page.Dependents {
				counts[d.To]++
			}
			if page.Next == "" {
				break
			}
			after = page.Next
		}
	}
	return counts, nil
}

// linkParty adds the account of a case that was associated with an incident to its affected accounts, and counts the case (PSEW-054). While a refresh runs
// it looks for cases again before it ends. An incident whose impact was never looked for gets one of this account alone.
func linkParty(u *forewarn.Unit, from inventory.Source, source uuid.UUID, account string) error {
	id := impactID(kindIncident, source)
	rec, err := impacts.Get(u, id)
	switch {
	case isNotFound(err):
		rec = Impact{ID: id, Kind: kindIncident, Source: source, Current: 1, Latest: 1, Begun: u.Now(), Finished: u.Now()}
	case err != nil:
		return err
	}
	rec.Links++
	if rec.Current > 0 {
		owners := []inventory.Ref{{Type: inventory.TypeAccount, ID: account}}
		rows, err := partyRows(u, from, source, rec.Current, owners, &rec.Sums)
		if err != nil {
			return err
		}
		changeRow(&rec.Sums, &rows[0], func(a *Affected) { a.Party.ReactiveCases++ })
		if err := affecteds.Put(u, &rows[0]); err != nil {
			return err
		}
	}
	return impacts.Put(u, &rec)
}
