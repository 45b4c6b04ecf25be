package impact

import (
	"errors"
	"fmt"
	"maps"
	"slices"
)

// indexed is a graph that was checked, with its ways in.
type indexed struct {
	nodes     map[string]*Node
	onward    map[string][]string // what impact reaches from a node in one step
	condition map[string]Condition
	accounts  map[string]*Account
	consumers map[string]*Consumer
	products  map[Party][]SoldProduct
}

func index(g Graph, seeds []string, facts map[Party]Facts) (*indexed, error) {
	x := &indexed{
		onward: map[string][]string{}, condition: map[string]Condition{}, products: map[Party][]SoldProduct{},
	}
	var err error
	if x.nodes, err = byID("nodes", g.Nodes, func(n Node) string { return n.ID }); err != nil {
		return nil, err
	}
	if x.accounts, err = byID("accounts", g.Accounts, func(a Account) string { return a.ID }); err != nil {
		return nil, err
	}
	if x.consumers, err = byID("consumers", g.Consumers, func(c Consumer) string { return c.ID }); err != nil {
		return nil, err
	}
	if _, err := byID("install_base", g.InstallBase, func(i Item) string { return i.ID }); err != nil {
		return nil, err
	}
	if _, err := byID("sold_products", g.SoldProducts, func(p SoldProduct) string { return p.ID }); err != nil {
		return nil, err
	}
	if _, err := byID("assets", g.Assets, func(a Asset) string { return a.ID }); err != nil {
		return nil, err
	}
	for _, check := range []func() error{
		func() error { return x.relate(g) },
		func() error { return x.own(g) },
		func() error { return x.mark(g.Outages) },
		func() error { return x.given(seeds, facts) },
	} {
		if err := check(); err != nil {
			return nil, err
		}
	}
	return x, nil
}

// relate checks nodes and relations, and lays out the way of the impact.
func (x *indexed) relate(g Graph) error {
	directions := g.Directions
	if directions == nil {
		directions = DefaultDirections()
	}
	for _, n := range g.Nodes {
		if n.Kind != CI && n.Kind != Service {
			return invalid(at("nodes", n.ID)+".kind", "%q is no kind of node; there are %q and %q", n.Kind, CI, Service)
		}
		for i, rel := range n.Relations {
			field := fmt.Sprintf("%s.relations[%d]", at("nodes", n.ID), i)
			way, err := directions.Of(rel.Type)
			if err != nil {
				return within(field+".type", err)
			}
			if err := x.known(field+".to", rel.To); err != nil {
				return err
			}
			if way == ToHolder || way == BothWays {
				x.onward[rel.To] = append(x.onward[rel.To], n.ID)
			}
			if way == ToTarget || way == BothWays {
				x.onward[n.ID] = append(x.onward[n.ID], rel.To)
			}
		}
	}
	return nil
}

// own checks what belongs to parties, and the parties.
func (x *indexed) own(g Graph) error {
	for _, item := range g.InstallBase {
		if err := x.known(at("install_base", item.ID)+".service", item.Service); err != nil {
			return err
		}
		p, err := item.Owner()
		if err == nil && p != (Party{}) {
			err = x.party(at("install_base", item.ID), p)
		}
		if err != nil {
			return err
		}
	}
	for _, s := range g.SoldProducts {
		field := at("sold_products", s.ID)
		p, err := owner(field, s.Account, s.Consumer)
		if err == nil && p == (Party{}) {
			err = invalid(field, "belongs to no account and no consumer")
		}
		if err == nil {
			err = x.party(field, p)
		}
		if err != nil {
			return err
		}
		x.products[p] = append(x.products[p], s)
	}
	for _, a := range g.Assets {
		if err := x.known(at("assets", a.ID)+".ci", a.CI); err != nil {
			return err
		}
	}
	for _, a := range g.Accounts {
		if err := a.ContractValue.check(at("accounts", a.ID) + ".contract_value"); err != nil {
			return err
		}
	}
	for _, c := range g.Consumers {
		if err := c.ContractValue.check(at("consumers", c.ID) + ".contract_value"); err != nil {
			return err
		}
	}
	return nil
}

// mark finds the condition of the nodes that have open outages.
func (x *indexed) mark(open []Outage) error {
	on := map[string][]OutageType{}
	for i, o := range open {
		if err := x.known(fmt.Sprintf("outages[%d].on", i), o.On); err != nil {
			return err
		}
		on[o.On] = append(on[o.On], o.Type)
		c, err := ConditionOf(on[o.On]...)
		if err != nil {
			return within(fmt.Sprintf("outages[%d].type", i), err)
		}
		x.condition[o.On] = c
	}
	return nil
}

// given checks what comes beside the graph.
func (x *indexed) given(seeds []string, facts map[Party]Facts) error {
	for i, id := range seeds {
		if err := x.known(fmt.Sprintf("seeds[%d]", i), id); err != nil {
			return err
		}
	}
	for _, p := range slices.SortedFunc(maps.Keys(facts), Party.compare) { // sorted: always the same error
		if err := x.party("facts", p); err != nil {
			return err
		}
		if f := facts[p]; f.ReactiveCases < 0 {
			return invalid(at("facts", p.String())+".reactive_cases", "%d is negative", f.ReactiveCases)
		}
	}
	return nil
}

func (x *indexed) reachedFrom(ids []string) ([]string, error) {
	var out []string
	for _, id := range ids {
		out = append(out, x.onward[id]...)
	}
	return out, nil
}

func (x *indexed) impacted(id string) Impacted { return x.nodes[id].Impacted(x.condition[id]) }

func (x *indexed) known(field, id string) error {
	if _, ok := x.nodes[id]; !ok {
		return invalid(field, "there is no configuration item or service %q", id)
	}
	return nil
}

func (x *indexed) party(field string, p Party) error {
	if err := p.check(field); err != nil {
		return err
	}
	_, account := x.accounts[p.ID]
	_, consumer := x.consumers[p.ID]
	if p.Kind == AccountParty && account || p.Kind == ConsumerParty && consumer {
		return nil
	}
	return invalid(field, "there is no %s %q", p.Kind, p.ID)
}

func byID[T any](field string, all []T, id func(T) string) (map[string]*T, error) {
	out := make(map[string]*T, len(all))
	for i := range all {
		key := id(all[i])
		if key == "" {
			return nil, invalid(fmt.Sprintf("%s[%d].id", field, i), "an id is needed")
		}
		if _, twice := out[key]; twice {
			return nil, invalid(at(field, key)+".id", "stands twice")
		}
		out[key] = &all[i]
	}
	return out, nil
}

func at(field, id string) string { return field + "[" + quote(id) + "]" }

// within names the field of an error more closely.
func within(field string, err error) error {
	var bad *InvalidError
	if errors.As(err, &bad) {
		return &InvalidError{Field: field, Rule: bad.Rule}
	}
	return err
}
