package psew_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/adapters/memory"
	"github.com/forewarn-go/forewarn/inventory"
	"github.com/forewarn-go/forewarn/psew"
	"github.com/forewarn-go/forewarn/psew/impact"
	"github.com/forewarn-go/forewarn/store"
	"github.com/forewarn-go/forewarn/techcase"
	"github.com/forewarn-go/forewarn/ticket"
)

// bookOf is a case book that can be set after the service above it was made.
type bookOf struct{ psew.Cases }

// newHouse is a field whose cases are those of package techcase.
func newHouse(t testing.TB, s store.Store) (*field, *techcase.Service) {
	t.Helper()
	later := &bookOf{}
	f := newField(t, s, func(c *psew.Config) { c.Cases = later })
	cases, err := techcase.New(techcase.Config{Engine: f.engine, Follower: psew.Follower{}, Parties: techcase.FromInventory(inventory.Stored)})
	f.check(err)
	later.Cases = cases.Book()
	_, err = f.incidents.Defaults(context.Background(), admin, psew.Defaults{})
	f.check(err)
	_, err = cases.Defaults(context.Background(), admin, techcase.Defaults{})
	f.check(err)
	return f, cases
}

// demoItems are the demo data of package impact as items of the inventory, with a contact for Avid.
func demoItems(t *testing.T) []inventory.Item {
	t.Helper()
	text, err := os.ReadFile("impact/testdata/demo.json")
	if err != nil {
		t.Fatal(err)
	}
	var demo struct{ Graph impact.Graph }
	if err := json.Unmarshal(text, &demo); err != nil {
		t.Fatal(err)
	}
	items := []inventory.Item{{Type: inventory.TypeContact, ID: "ann", Name: "Ann", Email: "ann@example.com", Account: "avid"}}
	kinds := map[string]inventory.Type{}
	for _, n := range demo.Graph.Nodes {
		kinds[n.ID] = inventory.Type(n.Kind)
	}
	for _, n := range demo.Graph.Nodes {
		item := inventory.Item{Type: kinds[n.ID], ID: n.ID, Name: n.Name, Critical: n.Critical}
		for _, r := range n.Relations {
			item.Relations = append(item.Relations, inventory.Relation{Type: r.Type, To: r.To, ToType: kinds[r.To]})
		}
		items = append(items, item)
	}
	for _, i := range demo.Graph.InstallBase {
		items = append(items, inventory.Item{Type: inventory.TypeInstallBase, ID: i.ID, Name: i.Name, Service: i.Service, Account: i.Account})
	}
	for _, p := range demo.Graph.SoldProducts {
		items = append(items, inventory.Item{Type: inventory.TypeSoldProduct, ID: p.ID, Name: p.Name, Account: p.Account})
	}
	for _, a := range demo.Graph.Assets {
		items = append(items, inventory.Item{Type: inventory.TypeAsset, ID: a.ID, Name: a.Name, CI: a.CI})
	}
	for _, a := range demo.Graph.Accounts {
		item := inventory.Item{Type: inventory.TypeAccount, ID: a.ID, Name: a.Name}
		if a.ContractValue != nil {
			item.ContractValue, item.Currency = &a.ContractValue.Amount, a.ContractValue.Currency
		}
		if a.Escalated {
			item.Escalation = "high"
		}
		if a.ID == "avid" {
			item.Contact = "ann"
		}
		items = append(items, item)
	}
	return items
}

func (f *field) view(q psew.ViewImpact) psew.ImpactView {
	f.t.Helper()
	v, err := f.incidents.ViewImpact(context.Background(), admin, q)
	f.check(err)
	return v
}

// The example of the customer impact tab, from demo data, through the service: the case of Avid is opened with its communication.
//
// Covers: PSEW-057, PSEW-060, PSEW-061, PSEW-062, PSEW-063, PSEW-065, PSEW-067, PSEW-068, PSEW-071, PSEW-101
func TestExampleThroughTheService(t *testing.T) {
	s := memory.New()
	f, _ := newHouse(t, s)
	ctx := context.Background()
	f.put(demoItems(t)...)
	if _, err := s.Numbers(ctx, tenant, "CS", 1021); err != nil {
		t.Fatal(err)
	}
	i, err := f.incidents.Open(ctx, admin, psew.Open{ShortDescription: "controller down", CI: "Vmanage_10001", Category: "SD-WAN", Subcategory: "Device failure"})
	f.check(err)
	f.settle()
	_, err = f.incidents.Generate(ctx, admin, psew.Generate{Incident: i.ID, Accounts: []string{"avid"}, Communicate: true})
	f.check(err)
	f.settle()

	v := f.view(psew.ViewImpact{Incident: i.ID, Limit: 20})
	got, err := json.MarshalIndent(v.View, "", "  ")
	f.check(err)
	want, err := os.ReadFile("impact/testdata/view.golden.json")
	f.check(err)
	if !bytes.Equal(append(got, '\n'), want) {
		t.Errorf("got %s", got)
	}
	if got := v.Showing.String(); got != "Showing 1-3 of 3" || v.AtLeast || v.Next != "" {
		t.Errorf("%q, %v, %q", got, v.AtLeast, v.Next)
	}
	for pill, names := range map[impact.Pill][]string{
		impact.All:                     {"Avid Corporation", "Tom Tom Networks", "Unity System"},
		impact.CriticalServiceImpact:   {"Avid Corporation"},
		impact.NoProactiveRecords:      {"Tom Tom Networks", "Unity System"},
		impact.NoCustomerCommunication: {"Tom Tom Networks", "Unity System"},
	} {
		var shown []string
		for after := ""; ; { // one row a page
			v := f.view(psew.ViewImpact{Incident: i.ID, Pill: pill, Limit: 1, After: after})
			for _, a := range v.Accounts {
				shown = append(shown, a.Account)
				if want := fmt.Sprintf("Showing %d-%d of %d", len(shown), len(shown), len(names)); v.Showing.String() != want {
					t.Errorf("%s: %q; want %q", pill, v.Showing, want)
				}
			}
			if v.Indicators.InstallBase != 6 {
				t.Errorf("%s: indicators %+v", pill, v.Indicators)
			}
			if after = v.Next; after == "" {
				break
			}
		}
		if !slices.Equal(shown, names) {
			t.Errorf("%s shows %q; want %q", pill, shown, names)
		}
	}
	cards, err := f.incidents.ImpactCards(ctx, admin, psew.ImpactCards{Incident: i.ID})
	f.check(err)
	if want := []psew.ImpactCard{{"Affected CIs", psew.ListCIs, 1}, {"Impacted Services/CIs", psew.ListServices, 5}, {"Assets", psew.ListAssets, 1},
		{"Affected Accounts", psew.ListAccounts, 3}, {"Affected Consumers", psew.ListConsumers, 0}, {"Cases", "", 1}}; !slices.Equal(cards, want) {
		t.Errorf("cards %v", cards)
	}
}

// A row shows what the cases of its party say now: the proactive case and the major case above it, reactive cases, and whether somebody was written to
// about one of them.
//
// Covers: PSEW-065, PSEW-066, PSEW-101
func TestRowsFollowCases(t *testing.T) {
	f := newField(t, memory.New())
	f.put(outage(2)...)
	f.put(inventory.Item{Type: inventory.TypeConsumer, ID: "jo", Name: "Jo"}, inventory.Item{Type: inventory.TypeInstallBase, ID: "jo-1", Service: "service0", Consumer: "jo"})
	i := f.open("controller")
	f.settle()
	book := func(c ticket.BookedCase, number string) ticket.BookedCase {
		c.ID = uuid.NewSHA1(i.ID, []byte(number))
		c.Key, c.Number, c.Source = store.Key{Tenant: tenant, Kind: "case", ID: c.ID}, number, store.Key{Kind: "incident", ID: i.ID}
		f.book.cases[c.ID] = c
		return c
	}
	account := func() impact.AccountRow { return f.view(psew.ViewImpact{Incident: i.ID}).Accounts[0] }
	consumer := func() impact.ConsumerRow {
		return f.view(psew.ViewImpact{Incident: i.ID, Tab: psew.ListConsumers}).Consumers[0]
	}
	if a, c := account(), consumer(); a.ProactiveRecord != nil || a.MajorRecord != nil || a.CommunicationSent || c.ProactiveCase != nil || c.CommunicationSent || a.ReactiveCases != 0 {
		t.Errorf("before any case: %+v, %+v", a, c)
	}
	major := book(ticket.BookedCase{Proactive: true, Major: true}, "CS1")
	theirs := book(ticket.BookedCase{Proactive: true, Parent: major.ID, Account: "a000000"}, "CS2")
	his := book(ticket.BookedCase{Proactive: true, Consumer: "jo"}, "CS3")
	f.associate(i.ID, "a000000", "")
	if a, c := account(), consumer(); a.ProactiveRecord == nil || *a.ProactiveRecord != "CS2" || a.MajorRecord == nil || *a.MajorRecord != "CS1" ||
		a.ReactiveCases != 1 || c.ProactiveCase == nil || *c.ProactiveCase != "CS3" || a.CommunicationSent || c.CommunicationSent {
		t.Errorf("with cases: %+v, %+v", a, c)
	}
	tell := func(c ticket.BookedCase) {
		c.Communicated = f.clock.Now()
		f.book.cases[c.ID] = c
	}
	tell(major)
	if a := account(); a.CommunicationSent {
		t.Error("a communication of another case counts")
	}
	tell(theirs)
	tell(his)
	if a, c := account(), consumer(); !a.CommunicationSent || !c.CommunicationSent {
		t.Errorf("who was written to: %+v, %+v", a, c)
	}
	if v := f.view(psew.ViewImpact{Incident: i.ID}); len(v.Accounts) != 2 || v.Accounts[1].ProactiveRecord != nil || v.Accounts[1].CommunicationSent || v.Indicators.ReactiveCases != 1 {
		t.Errorf("the other account: %+v", v)
	}
}

// The lines of every indicator are those of the calculator and add up to it, in pages of any size.
//
// Covers: PSEW-064
func TestDetailsAddUp(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		items := drawInventory(rt)
		f := newField(t, memory.New())
		f.put(items...)
		i := f.open("n0")
		for range rapid.IntRange(0, 3).Draw(rt, "cases") {
			f.associate(i.ID, fmt.Sprint("p", rapid.IntRange(0, 6).Draw(rt, "account")), "")
		}
		f.settle()
		limit := rapid.IntRange(1, 5).Draw(rt, "limit")
		in := f.view(psew.ViewImpact{Incident: i.ID}).Indicators
		sums := map[impact.Indicator]int{}
		values := map[string]int{}
		for _, of := range []impact.Indicator{impact.AffectedContractValue, impact.AffectedProducts, impact.AffectedInstallBase, impact.TotalReactiveCases} {
			seen := map[string]bool{}
			for after := ""; ; {
				page, err := f.incidents.ImpactDetails(context.Background(), admin, psew.ImpactDetails{Incident: i.ID, Indicator: of, Limit: limit, After: after})
				f.check(err)
				if len(page.Items) > limit {
					rt.Fatalf("%s: a page of %d, of at most %d", of, len(page.Items), limit)
				}
				for _, d := range page.Items {
					key := fmt.Sprint(d.Party, " ", d.ID)
					if seen[key] {
						rt.Fatalf("%s: %s stands twice", of, key)
					}
					seen[key] = true
					sums[of] += d.Count
					if d.Value != nil {
						values[d.Value.Currency]++
					}
				}
				if after = page.Next; after == "" {
					break
				}
			}
		}
		want := map[impact.Indicator]int{impact.AffectedContractValue: in.Accounts + in.Consumers, impact.AffectedProducts: in.Products,
			impact.AffectedInstallBase: in.InstallBase, impact.TotalReactiveCases: in.ReactiveCases}
		for of, n := range want {
			if sums[of] != n {
				rt.Fatalf("%s: the lines add up to %d, the indicator is %d", of, sums[of], n)
			}
		}
		for currency, sum := range in.ContractValue {
			if values[currency] != sum.Parties {
				rt.Fatalf("%s: %d lines of %d parties", currency, values[currency], sum.Parties)
			}
		}
	})
}

// Before the first refresh has ended there is nothing to see, and what cannot be asked is refused by its field.
//
// Covers: PSEW-069, SEC-024
func TestViewRefuses(t *testing.T) {
	f := newField(t, memory.New(), func(c *psew.Config) { c.Refresh = 1 })
	f.put(outage(3)...)
	ctx := context.Background()
	i := f.open("controller")
	if v := f.view(psew.ViewImpact{Incident: i.ID}); v.Number != 0 || len(v.Accounts) != 0 || v.Showing.Of != 0 {
		t.Errorf("while the first refresh runs: %+v", v)
	}
	f.settle()
	field := func(err error) string {
		var is *forewarn.Error
		if !errors.As(err, &is) || !errors.Is(err, forewarn.ErrInvalid) {
			return fmt.Sprint("no ErrInvalid: ", err)
		}
		return is.Field
	}
	for want, q := range map[string]psew.ViewImpact{
		"tab": {Tab: psew.ListAssets}, "pill": {Pill: "odd"}, "limit": {Limit: 201}, "after": {After: "odd"},
	} {
		q.Incident = i.ID
		if _, err := f.incidents.ViewImpact(ctx, admin, q); field(err) != want {
			t.Errorf("%s: %v", want, err)
		}
	}
	if _, err := f.incidents.ListAffected(ctx, admin, psew.ListAffected{Incident: i.ID, List: "odd"}); field(err) != "list" {
		t.Errorf("list: %v", err)
	}
	if _, err := f.incidents.ImpactDetails(ctx, admin, psew.ImpactDetails{Incident: i.ID, Indicator: "odd"}); field(err) != "indicator" {
		t.Errorf("indicator: %v", err)
	}
	if _, err := f.incidents.ImpactDetails(ctx, admin, psew.ImpactDetails{Incident: i.ID, Indicator: impact.AffectedProducts, After: `{"n":1,"p":-1}`}); field(err) != "after" {
		t.Errorf("a cursor below 0: %v", err)
	}
	other := forewarn.Actor{Tenant: "other", ID: "olga", Roles: []string{forewarn.RoleAdmin}}
	for by, kind := range map[*forewarn.Actor]error{&other: forewarn.ErrNotFound, &nobody: forewarn.ErrForbidden} {
		all := map[string]error{}
		_, all["view"] = f.incidents.ViewImpact(ctx, *by, psew.ViewImpact{Incident: i.ID})
		_, all["cards"] = f.incidents.ImpactCards(ctx, *by, psew.ImpactCards{Incident: i.ID})
		_, all["list"] = f.incidents.ListAffected(ctx, *by, psew.ListAffected{Incident: i.ID, List: psew.ListAccounts})
		_, all["details"] = f.incidents.ImpactDetails(ctx, *by, psew.ImpactDetails{Incident: i.ID, Indicator: impact.AffectedProducts})
		_, all["progress"] = f.incidents.RefreshProgress(ctx, *by, psew.RefreshProgress{Incident: i.ID})
		_, all["changes"] = f.incidents.RecentChanges(ctx, *by, psew.RecentChanges{Incident: i.ID})
		_, all["refresh"] = f.incidents.RefreshImpact(ctx, *by, psew.RefreshImpact{Incident: i.ID})
		for what, err := range all {
			if !errors.Is(err, kind) {
				t.Errorf("%s for %s: %v", what, by.ID, err)
			}
		}
	}
}

// A pill that shows few of many rows pages on, and says that it has not counted them all.
//
// Covers: PSEW-067
func TestPillOverManyRows(t *testing.T) {
	f := newField(t, memory.New())
	f.put(outage(700)...)
	i := f.open("controller")
	f.settle()
	for n := range 650 {
		c := ticket.BookedCase{ID: uuid.NewSHA1(i.ID, fmt.Append(nil, n)), Number: fmt.Sprint("CS", n), Proactive: true, Account: fmt.Sprintf("a%06d", n),
			Source: store.Key{Kind: "incident", ID: i.ID}}
		c.Key = store.Key{Tenant: tenant, Kind: "case", ID: c.ID}
		f.book.cases[c.ID] = c
	}
	first := f.view(psew.ViewImpact{Incident: i.ID, Pill: impact.NoProactiveRecords, Limit: 30})
	if len(first.Accounts) != 0 || !first.AtLeast || first.Next == "" || first.Showing.Of != 0 {
		t.Fatalf("the first page: %d rows, %+v, %v", len(first.Accounts), first.Showing, first.AtLeast)
	}
	second := f.view(psew.ViewImpact{Incident: i.ID, Pill: impact.NoProactiveRecords, Limit: 30, After: first.Next})
	if len(second.Accounts) != 30 || second.AtLeast || second.Showing.String() != "Showing 1-30 of 50" || second.Accounts[0].ID != "a000650" {
		t.Errorf("the second page: %d rows, %s, %v", len(second.Accounts), second.Showing, second.AtLeast)
	}
}
