package inventory_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/adapters/memory"
	"github.com/forewarn-go/forewarn/inventory"
	"github.com/forewarn-go/forewarn/ticket"
)

func TestNewNeedsAnEngine(t *testing.T) {
	if _, err := inventory.New(inventory.Config{}); !errors.Is(err, forewarn.ErrInvalid) {
		t.Errorf("New without an engine: %v", err)
	}
}

// What comes again as it was writes nothing; what comes changed is replaced, and leaves none of its old links.
func TestPutReplacesByTypeAndID(t *testing.T) {
	e, inv := newMemory(t)
	edge := inventory.Item{Type: inventory.TypeCI, ID: "edge", Relations: []inventory.Relation{{Type: "depends_on", To: "a"}, {Type: "depends_on", To: "b"}}}
	if r := put(t, inv, edge); r.Written != 1 || r.Unchanged != 0 {
		t.Errorf("first: %+v", r)
	}
	if r := put(t, inv, edge, inventory.Item{Type: inventory.TypeService, ID: "edge"}); r.Written != 1 || r.Unchanged != 1 {
		t.Errorf("again, beside a service of the same id: %+v", r)
	}
	edge.Relations = []inventory.Relation{{Type: "depends_on", To: "b"}, {Type: "hosted_on", To: "c"}}
	put(t, inv, edge)
	for id, want := range map[string][]string{"a": nil, "b": {"ci edge depends_on b"}, "c": {"ci edge hosted_on c"}} {
		if got := standing(t, e, inventory.TypeCI, 10, ci(id)); !slices.Equal(got, want) {
			t.Errorf("on %s stand %q; want %q", id, got, want)
		}
	}
	in(t, e, admin.Tenant, func(u *forewarn.Unit) error {
		got, err := inventory.Stored.Items(u, ci("none"), inventory.Ref{Type: inventory.TypeService, ID: "edge"}, ci("edge"))
		if err != nil || len(got) != 2 || got[0].Type != inventory.TypeService || len(got[1].Relations) != 2 {
			t.Errorf("Items = %+v, %v", got, err)
		}
		if _, err := inventory.One(u, inventory.Stored, ci("none")); !errors.Is(err, forewarn.ErrNotFound) {
			t.Errorf("One of none: %v", err)
		}
		return nil
	})
}

// Whatever is put in whatever order, what stands on an item is what the last of each says.
func TestDependentsAreThoseOfTheLastPut(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		e, inv := newService(t, memory.New())
		last := map[string]inventory.Item{}
		for range rapid.IntRange(1, 12).Draw(rt, "puts") {
			var batch []inventory.Item
			for range rapid.IntRange(1, 3).Draw(rt, "batch") {
				item := inventory.Item{ID: rapid.SampledFrom([]string{"p", "q"}).Draw(rt, "id"), Name: rapid.SampledFrom([]string{"", "n"}).Draw(rt, "name")}
				target := func() string { return rapid.SampledFrom([]string{"x", "y", "z"}).Draw(rt, "to") }
				if rapid.Bool().Draw(rt, "item") {
					item.Type, item.CI = inventory.TypeInstallBase, target()
				} else {
					item.Type = inventory.TypeCI
					for range rapid.IntRange(0, 3).Draw(rt, "relations") {
						item.Relations = append(item.Relations, inventory.Relation{Type: rapid.SampledFrom([]string{"uses", "runs_on"}).Draw(rt, "type"), To: target()})
					}
				}
				batch = append(batch, item)
				last[item.Ref().String()] = item
			}
			put(t, inv, batch...)
		}
		limit := rapid.IntRange(1, 4).Draw(rt, "limit")
		for _, on := range []string{"x", "y", "z"} {
			for _, from := range []inventory.Type{inventory.TypeCI, inventory.TypeInstallBase} {
				var want []string
				for _, item := range last {
					if item.Type != from {
						continue
					}
					for _, r := range item.Relations {
						if r.To == on {
							want = append(want, item.Ref().String()+" "+r.Type+" "+on)
						}
					}
					if item.CI == on {
						want = append(want, item.Ref().String()+" of_ci "+on)
					}
				}
				slices.Sort(want)
				want = slices.Compact(want)
				got := standing(t, e, from, limit, ci(on))
				slices.Sort(got)
				if !slices.Equal(got, want) {
					rt.Fatalf("%s on %s: %q; want %q", from, on, got, want)
				}
			}
		}
	})
}

// A hundred items are asked at once, and each of what stands on them comes once, whatever the page.
func TestDependentsOfAHundred(t *testing.T) {
	e, inv := newMemory(t)
	var items []inventory.Item
	var on []inventory.Ref
	for i := range 100 {
		target := fmt.Sprintf("t%03d", i)
		on = append(on, ci(target))
		for j := range 3 {
			items = append(items, inventory.Item{Type: inventory.TypeInstallBase, ID: fmt.Sprintf("i%03d", j*100+i), CI: target})
		}
	}
	put(t, inv, items...)
	for _, limit := range []int{1, 7, 100, 1000} {
		got := standing(t, e, inventory.TypeInstallBase, limit, on...)
		if len(got) != 300 || got[0] != "install_base i000 of_ci t000" || got[299] != "install_base i299 of_ci t099" || !slices.IsSorted(got) {
			t.Errorf("pages of %d: %d, first %q, last %q", limit, len(got), got[0], got[len(got)-1])
		}
	}
	if got := standing(t, e, inventory.TypeInstallBase, 10); len(got) != 0 {
		t.Errorf("on nothing stand %q", got)
	}
	in(t, e, admin.Tenant, func(u *forewarn.Unit) error {
		err := u.Engine().Update(u.Context(), u, func(_ context.Context, u *forewarn.Unit) error {
			_, err := inventory.Stored.Dependents(u, append(on, ci("more")), inventory.TypeInstallBase, 10, "")
			return err
		})
		if !errors.Is(err, forewarn.ErrInvalid) {
			t.Errorf("101 at once: %v", err)
		}
		return nil
	})
}

// References are followed like relations: of install base items and assets to service and CI, of sold products to whose they are.
func TestReferences(t *testing.T) {
	e, inv := newMemory(t)
	put(t, inv,
		inventory.Item{Type: inventory.TypeInstallBase, ID: "i", Service: "s", CI: "c", Account: "a"},
		inventory.Item{Type: inventory.TypeAsset, ID: "as", CI: "c", Account: "a"},
		inventory.Item{Type: inventory.TypeSoldProduct, ID: "p1", Account: "a"},
		inventory.Item{Type: inventory.TypeSoldProduct, ID: "p2", Consumer: "a"},
		inventory.Item{Type: inventory.TypeContact, ID: "ann", Account: "a"},
	)
	for _, c := range []struct {
		from inventory.Type
		on   inventory.Ref
		want []string
	}{
		{inventory.TypeInstallBase, inventory.Ref{Type: inventory.TypeService, ID: "s"}, []string{"install_base i of_service s"}},
		{inventory.TypeInstallBase, ci("c"), []string{"install_base i of_ci c"}},
		{inventory.TypeAsset, ci("c"), []string{"asset as of_ci c"}},
		{inventory.TypeSoldProduct, inventory.Ref{Type: inventory.TypeAccount, ID: "a"}, []string{"sold_product p1 of_account a"}},
		{inventory.TypeSoldProduct, inventory.Ref{Type: inventory.TypeConsumer, ID: "a"}, []string{"sold_product p2 of_consumer a"}},
		{inventory.TypeInstallBase, inventory.Ref{Type: inventory.TypeAccount, ID: "a"}, nil},
		{inventory.TypeContact, inventory.Ref{Type: inventory.TypeAccount, ID: "a"}, nil},
	} {
		if got := standing(t, e, c.from, 10, c.on); !slices.Equal(got, c.want) {
			t.Errorf("%s on %s: %q; want %q", c.from, c.on, got, c.want)
		}
	}
}

// What cannot be kept is refused with its field and rule, and nothing of its batch is written.
func TestPutRefuses(t *testing.T) {
	e, inv := newMemory(t)
	long := strings.Repeat("x", 301)
	many := make([]inventory.Relation, 41)
	for i := range many {
		many[i] = inventory.Relation{Type: "uses", To: fmt.Sprint(i)}
	}
	amount := decimal.RequireFromString
	of := func(d decimal.Decimal) *decimal.Decimal { return &d }
	for name, c := range map[string]struct {
		item  inventory.Item
		field string
		rule  string
	}{
		"no type":           {inventory.Item{ID: "x"}, "type", "missing"},
		"unknown type":      {inventory.Item{Type: "thing", ID: "x"}, "type", `"thing" is none`},
		"no id":             {inventory.Item{Type: "ci"}, "id", "missing"},
		"long id":           {inventory.Item{Type: "ci", ID: long}, "id", "301 bytes; at most 200"},
		"id with NUL":       {inventory.Item{Type: "ci", ID: "a\x00"}, "id", "UTF-8"},
		"id of no text":     {inventory.Item{Type: "ci", ID: "\xff"}, "id", "UTF-8"},
		"long name":         {inventory.Item{Type: "ci", ID: "x", Name: long}, "name", "at most 300"},
		"long service":      {inventory.Item{Type: "asset", ID: "x", Service: long}, "service", "at most 200"},
		"relations of item": {inventory.Item{Type: "asset", ID: "x", Relations: many[:1]}, "relations", "CIs and services alone"},
		"many relations":    {inventory.Item{Type: "ci", ID: "x", Relations: many}, "relations", "41; at most 40"},
		"relation to none":  {inventory.Item{Type: "ci", ID: "x", Relations: []inventory.Relation{{Type: "uses"}}}, "relations[0]", "lacks"},
		"relation untyped":  {inventory.Item{Type: "ci", ID: "x", Relations: []inventory.Relation{{To: "y"}}}, "relations[0]", "lacks"},
		"relation to account": {inventory.Item{Type: "ci", ID: "x", Relations: []inventory.Relation{{Type: "uses", To: "y", ToType: "account"}}},
			"relations[0].toType", "neither"},
		"two owners":     {inventory.Item{Type: "asset", ID: "x", Account: "a", Consumer: "c"}, "consumer", "exclude"},
		"no currency":    {inventory.Item{Type: "account", ID: "x", ContractValue: of(amount("1"))}, "currency", "missing"},
		"small currency": {inventory.Item{Type: "account", ID: "x", Currency: "usd"}, "currency", "capital"},
		"below zero":     {inventory.Item{Type: "account", ID: "x", ContractValue: of(amount("-0.01")), Currency: "USD"}, "contractValue", "below zero"},
		"endless amount": {inventory.Item{Type: "account", ID: "x", ContractValue: of(amount("1e999")), Currency: "USD"}, "contractValue", "exponent"},
		"amount of 39":   {inventory.Item{Type: "account", ID: "x", ContractValue: of(amount(strings.Repeat("9", 39))), Currency: "USD"}, "contractValue", "38 digits"},
		"long class":     {inventory.Item{Type: "ci", ID: "x", Class: long}, "class", "at most 200"},
		"large custom": {inventory.Item{Type: "ci", ID: "x", Custom: ticket.Custom{"k": []byte(`"` + strings.Repeat("x", 16<<10) + `"`)}},
			"custom", "at most 16384"},
		"custom of no JSON": {inventory.Item{Type: "ci", ID: "x", Custom: ticket.Custom{"k": []byte("{")}}, "custom", "no JSON"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := inv.Put(context.Background(), admin, inventory.Put{Items: []inventory.Item{{Type: "ci", ID: "before"}, c.item}})
			var is *forewarn.Error
			if !errors.As(err, &is) || !errors.Is(err, forewarn.ErrInvalid) || is.Field != "items[1]."+c.field || !strings.Contains(is.Rule, c.rule) {
				t.Errorf("got %v; want field items[1].%s, rule …%s…", err, c.field, c.rule)
			}
		})
	}
	in(t, e, admin.Tenant, func(u *forewarn.Unit) error {
		if got, err := inventory.Stored.Items(u, ci("before")); err != nil || len(got) != 0 {
			t.Errorf("of a refused batch stands %v, %v", got, err)
		}
		return nil
	})
}

// Covers: SEC-024
func TestTenantsSeeTheirOwn(t *testing.T) {
	e, inv := newMemory(t)
	put(t, inv, inventory.Item{Type: inventory.TypeInstallBase, ID: "i", CI: "c", Account: "a"}, inventory.Item{Type: inventory.TypeCI, ID: "c"})
	in(t, e, "other", func(u *forewarn.Unit) error {
		items, err := inventory.Stored.Items(u, ci("c"))
		if err != nil || len(items) != 0 {
			t.Errorf("another tenant's item: %v, %v", items, err)
		}
		page, err := inventory.Stored.Dependents(u, []inventory.Ref{ci("c")}, inventory.TypeInstallBase, 10, "")
		if err != nil || len(page.Dependents) != 0 {
			t.Errorf("another tenant's dependents: %v, %v", page, err)
		}
		return nil
	})
	// and the same ids stand beside each other
	theirs := forewarn.Actor{Tenant: "other", ID: "olga", Roles: []string{forewarn.RoleAdmin}}
	if r, err := inv.Put(context.Background(), theirs, inventory.Put{Items: []inventory.Item{{Type: inventory.TypeCI, ID: "c", Name: "theirs"}}}); err != nil || r.Written != 1 {
		t.Errorf("put = %+v, %v", r, err)
	}
	in(t, e, admin.Tenant, func(u *forewarn.Unit) error {
		if c, err := inventory.One(u, inventory.Stored, ci("c")); err != nil || c.Name != "" {
			t.Errorf("ours is %+v, %v", c, err)
		}
		return nil
	})
}

// Covers: SEC-025
func TestPutIsForAdmin(t *testing.T) {
	_, inv := newMemory(t)
	for _, roles := range [][]string{nil, {forewarn.RolePSEWUser}, {forewarn.RoleAgent}} {
		by := forewarn.Actor{Tenant: "acme", ID: "x", Roles: roles}
		if _, err := inv.Put(context.Background(), by, inventory.Put{}); !errors.Is(err, forewarn.ErrForbidden) {
			t.Errorf("roles %v: %v", roles, err)
		}
		if _, err := inv.Import(context.Background(), by, strings.NewReader(`{"type":"ci","id":"x"}`)); !errors.Is(err, forewarn.ErrForbidden) {
			t.Errorf("import, roles %v: %v", roles, err)
		}
	}
}
