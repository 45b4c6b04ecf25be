package psew_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/adapters/memory"
	"github.com/forewarn-go/forewarn/adapters/storagetest"
	"github.com/forewarn-go/forewarn/inventory"
	"github.com/forewarn-go/forewarn/psew"
	"github.com/forewarn-go/forewarn/psew/impact"
	"github.com/forewarn-go/forewarn/store"
	"github.com/forewarn-go/forewarn/ticket"
)

// minimal is a store that takes what every store takes, and no more.
type minimal struct{ store.Store }

func (minimal) Limits() (entries, bytes int) { return store.MinEntries, store.MinBytes }

// gate is a store that, while it is shut, lets so many commits through.
type gate struct {
	store.Store
	shut    atomic.Bool
	left    atomic.Int64
	refused atomic.Bool
}

func (g *gate) Limits() (entries, bytes int) { return store.LimitsOf(g.Store) }

func (g *gate) Commit(ctx context.Context, b store.Batch) error {
	if g.shut.Load() && g.left.Add(-1) < 0 {
		g.refused.Store(true)
		return storagetest.ErrFault
	}
	return g.Store.Commit(ctx, b)
}

// shelf is a case book that keeps cases in a map.
type shelf struct {
	psew.Cases // for what no test of this file calls
	cases      map[uuid.UUID]ticket.BookedCase
}

func (b *shelf) Get(_ *forewarn.Unit, id uuid.UUID) (ticket.BookedCase, error) {
	c, ok := b.cases[id]
	if !ok {
		return c, forewarn.NotFound(store.Key{Kind: "case", ID: id})
	}
	return c, nil
}

func (b *shelf) Page(_ *forewarn.Unit, q ticket.CaseQuery) (page ticket.CasePage, err error) {
	ids := slices.SortedFunc(maps.Keys(b.cases), func(a, b uuid.UUID) int { return strings.Compare(a.String(), b.String()) })
	limit := q.Limit
	if limit == 0 {
		limit = 2
	}
	for _, id := range ids {
		c := b.cases[id]
		if c.Source.ID != q.Source || q.Account != "" && c.Account != q.Account || q.Consumer != "" && c.Consumer != q.Consumer || id.String() <= q.After {
			continue
		}
		if len(page.Cases) == limit {
			page.Next = page.Cases[limit-1].ID.String()
			return page, nil
		}
		page.Cases = append(page.Cases, c)
	}
	return page, nil
}

// field is an incident service over a store with an inventory, and nothing else.
type field struct {
	t         testing.TB
	engine    *forewarn.Engine
	incidents *psew.Service
	inventory *inventory.Service
	book      *shelf
	clock     testClock
	gate      *gate
}

func newField(t testing.TB, s store.Store, change ...func(*psew.Config)) *field {
	t.Helper()
	f := &field{t: t, book: &shelf{cases: map[uuid.UUID]ticket.BookedCase{}}}
	f.reopen(s, change...)
	return f
}

// reopen is what a process does that starts over the same store.
func (f *field) reopen(s store.Store, change ...func(*psew.Config)) {
	f.t.Helper()
	var err error
	f.gate = &gate{Store: s}
	f.engine, err = forewarn.New(forewarn.Config{Store: f.gate, IDs: forewarn.SeededIDs(1), Strict: true, Clock: &f.clock})
	f.check(err)
	f.inventory, err = inventory.New(inventory.Config{Engine: f.engine})
	f.check(err)
	config := psew.Config{Engine: f.engine, Cases: f.book}
	for _, c := range change {
		c(&config)
	}
	f.incidents, err = psew.New(config)
	f.check(err)
}

func (f *field) check(err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatal(err)
	}
}

func (f *field) put(items ...inventory.Item) {
	f.t.Helper()
	for some := range slices.Chunk(items, 25) {
		_, err := f.inventory.Put(context.Background(), admin, inventory.Put{Items: some})
		f.check(err)
	}
}

func (f *field) open(ci string) psew.Incident {
	f.t.Helper()
	i, err := f.incidents.Open(context.Background(), admin, psew.Open{ShortDescription: "down", CI: ci})
	f.check(err)
	return i
}

func (f *field) refresh(incident uuid.UUID) {
	f.t.Helper()
	_, err := f.incidents.RefreshImpact(context.Background(), admin, psew.RefreshImpact{Incident: incident})
	f.check(err)
}

// step does the due work that there is, of each fan-out one step, and reports whether there was some.
func (f *field) step() (bool, error) {
	f.t.Helper()
	shards := make([]int, 16)
	for n := range shards {
		shards[n] = n
	}
	page, err := f.engine.Waiting(context.Background(), shards, f.engine.Now(), "")
	if err != nil {
		return false, err
	}
	batches := f.engine.Batches(page.Items)
	for _, b := range batches {
		f.gate.left.Store(1)
		f.gate.shut.Store(true)
		f.gate.refused.Store(false)
		err := f.engine.Settle(context.Background(), b)
		f.gate.shut.Store(false)
		if err != nil && !f.gate.refused.Load() {
			return true, err
		}
	}
	return len(batches) > 0, nil
}

// settle does due work until there is none, and returns in how many passes.
func (f *field) settle() (passes int) {
	f.t.Helper()
	for {
		more, err := f.step()
		f.check(err)
		if !more {
			return passes
		}
		passes++
	}
}

// associate opens a reactive case for an account, as a case book that tells psew's follower.
func (f *field) associate(incident uuid.UUID, account, consumer string) {
	f.t.Helper()
	id := uuid.NewSHA1(incident, fmt.Append(nil, len(f.book.cases)))
	c := ticket.BookedCase{ID: id, Key: store.Key{Tenant: tenant, Kind: "case", ID: id}, Number: fmt.Sprint("CS", len(f.book.cases)),
		Source: store.Key{Kind: "incident", ID: incident}, Account: account, Consumer: consumer}
	f.book.cases[id] = c
	f.check(f.engine.Update(context.Background(), forewarn.SystemActor(tenant), func(_ context.Context, u *forewarn.Unit) error {
		return psew.Follower{}.CaseChanged(u, ticket.CaseChange{Case: c, Opened: true})
	}))
}

// found is all that a refresh has found, as it can be compared.
type found struct {
	Number int
	Lists  map[psew.List][]string
	Rows   []impact.Row
	Totals impact.Totals
	Cards  []psew.ImpactCard
}

// found reads everything that is shown, page by page.
func (f *field) found(incident uuid.UUID) (all found) {
	f.t.Helper()
	ctx := context.Background()
	all.Lists = map[psew.List][]string{}
	for _, list := range psew.Lists() {
		all.Lists[list] = []string{}
		for after := ""; ; {
			page, err := f.incidents.ListAffected(ctx, admin, psew.ListAffected{Incident: incident, List: list, Limit: 7, After: after})
			f.check(err)
			for _, a := range page.Items {
				line := a.Ref
				if a.Node != nil {
					line = fmt.Sprintf("%s/%s %q critical=%v", a.Node.Kind, a.Ref, a.Node.Name, a.Node.Critical)
				}
				all.Lists[list] = append(all.Lists[list], line)
				if a.Party != nil {
					all.Rows = append(all.Rows, *a.Party)
				}
				all.Number = a.Number
			}
			if after = page.Next; after == "" {
				break
			}
		}
		slices.Sort(all.Lists[list])
	}
	slices.SortFunc(all.Rows, func(a, b impact.Row) int { return strings.Compare(a.Party.String(), b.Party.String()) })
	view, err := f.incidents.ViewImpact(ctx, admin, psew.ViewImpact{Incident: incident})
	f.check(err)
	all.Totals = view.Indicators
	all.Cards, err = f.incidents.ImpactCards(ctx, admin, psew.ImpactCards{Incident: incident})
	f.check(err)
	return all
}

// text makes what was found comparable.
func (a found) text() string {
	b, err := json.MarshalIndent(a, "", " ")
	if err != nil {
		return err.Error()
	}
	return string(b)
}

// calculated is what the pure calculator makes of an inventory.
func calculated(t testing.TB, items []inventory.Item, ci string, reactive map[impact.Party]int, cases int) (all found) {
	t.Helper()
	known := map[inventory.Ref]bool{}
	for _, item := range items {
		known[item.Ref()] = true
	}
	id := func(r inventory.Ref) string { return string(r.Type) + "/" + r.ID }
	var g impact.Graph
	var seeds []string
	ways := impact.DefaultDirections()
	for _, item := range items {
		if item.Type != inventory.TypeCI && item.Type != inventory.TypeService {
			continue
		}
		n := impact.Node{ID: id(item.Ref()), Name: item.Name, Kind: impact.NodeKind(item.Type), Critical: item.Critical}
		for _, r := range item.Relations {
			if _, err := ways.Of(r.Type); err == nil && known[r.Target()] {
				n.Relations = append(n.Relations, impact.Relation{Type: r.Type, To: id(r.Target())})
			}
		}
		g.Nodes = append(g.Nodes, n)
		if item.ID == ci {
			seeds = append(seeds, n.ID)
		}
	}
	first, err := impact.Calculate(g, seeds, nil)
	if err != nil {
		t.Fatal(err)
	}
	services := map[string]bool{}
	for _, n := range first.ImpactedServices {
		services[n.ID] = true
	}
	parties := map[impact.Party]bool{}
	owner := func(account, consumer string) {
		if account != "" && !known[inventory.Ref{Type: inventory.TypeAccount, ID: account}] && !parties[impact.Party{Kind: impact.AccountParty, ID: account}] {
			parties[impact.Party{Kind: impact.AccountParty, ID: account}] = true
			g.Accounts = append(g.Accounts, impact.Account{ID: account})
		}
		if consumer != "" && !known[inventory.Ref{Type: inventory.TypeConsumer, ID: consumer}] && !parties[impact.Party{Kind: impact.ConsumerParty, ID: consumer}] {
			parties[impact.Party{Kind: impact.ConsumerParty, ID: consumer}] = true
			g.Consumers = append(g.Consumers, impact.Consumer{ID: consumer})
		}
	}
	for _, item := range items {
		var money *impact.Money
		if item.ContractValue != nil {
			money = &impact.Money{Amount: *item.ContractValue, Currency: item.Currency}
		}
		on := inventory.Ref{Type: inventory.TypeCI, ID: item.CI}
		if s := (inventory.Ref{Type: inventory.TypeService, ID: item.Service}); item.Service != "" && (item.CI == "" || services[id(s)]) {
			on = s
		}
		switch item.Type {
		case inventory.TypeInstallBase:
			if known[on] {
				owner(item.Account, item.Consumer)
				g.InstallBase = append(g.InstallBase, impact.Item{ID: item.ID, Service: id(on), Account: item.Account, Consumer: item.Consumer})
			}
		case inventory.TypeAsset:
			if known[on] {
				g.Assets = append(g.Assets, impact.Asset{ID: item.ID, CI: id(on)})
			}
		case inventory.TypeSoldProduct:
			if item.Account+item.Consumer != "" {
				owner(item.Account, item.Consumer)
				g.SoldProducts = append(g.SoldProducts, impact.SoldProduct{ID: item.ID, Account: item.Account, Consumer: item.Consumer})
			}
		case inventory.TypeAccount:
			g.Accounts = append(g.Accounts, impact.Account{ID: item.ID, Name: item.Name, ContractValue: money, Escalated: item.Escalation != ""})
		case inventory.TypeConsumer:
			g.Consumers = append(g.Consumers, impact.Consumer{ID: item.ID, Name: item.Name, ContractValue: money})
		}
	}
	facts := map[impact.Party]impact.Facts{}
	for p, n := range reactive {
		if p.Kind == impact.AccountParty {
			owner(p.ID, "")
		} else {
			owner("", p.ID)
		}
		facts[p] = impact.Facts{ReactiveCases: n, Linked: true}
	}
	r, err := impact.Calculate(g, seeds, facts)
	if err != nil {
		t.Fatal(err)
	}
	all.Lists = map[psew.List][]string{}
	for _, list := range psew.Lists() {
		all.Lists[list] = []string{}
	}
	node := func(list psew.List, n impact.Impacted) {
		all.Lists[list] = append(all.Lists[list], fmt.Sprintf("%s %q critical=%v", n.ID, n.Name, n.Critical))
	}
	for _, n := range r.AffectedCIs {
		node(psew.ListCIs, n)
	}
	for _, n := range append(r.ImpactedCIs, r.ImpactedServices...) {
		node(psew.ListServices, n)
	}
	for _, a := range r.Assets {
		all.Lists[psew.ListAssets] = append(all.Lists[psew.ListAssets], a.ID)
	}
	for _, row := range r.Rows {
		list := psew.ListAccounts
		if row.Party.Kind == impact.ConsumerParty {
			list = psew.ListConsumers
		}
		all.Lists[list] = append(all.Lists[list], row.Party.ID)
	}
	for _, lines := range all.Lists {
		slices.Sort(lines)
	}
	all.Rows, all.Totals = append(all.Rows, r.Rows...), r.Totals
	slices.SortFunc(all.Rows, func(a, b impact.Row) int { return strings.Compare(a.Party.String(), b.Party.String()) })
	for n, title := range []string{"Affected CIs", "Impacted Services/CIs", "Assets", "Affected Accounts", "Affected Consumers"} {
		list := psew.Lists()[n]
		all.Cards = append(all.Cards, psew.ImpactCard{Title: title, List: list, Count: len(all.Lists[list])})
	}
	all.Cards = append(all.Cards, psew.ImpactCard{Title: "Cases", Count: cases})
	return all
}

// drawInventory draws CIs and services of the same ids with cycles, both directions and unknown relations, relations that lead nowhere, items of a
// service and a CI, of nobody and of parties that are not there.
func drawInventory(t *rapid.T) (items []inventory.Item) {
	among := func(what string, n int) string { return fmt.Sprint(what, rapid.IntRange(0, n-1).Draw(t, what)) }
	nodes := rapid.IntRange(1, 8).Draw(t, "nodes")
	types := []string{"depends_on", "runs_on", "used_by", "hosts", "connects", "beside"}
	for n := range nodes {
		for _, kind := range []inventory.Type{inventory.TypeCI, inventory.TypeService} {
			if n > 0 && rapid.IntRange(0, 3).Draw(t, "absent") == 0 {
				continue
			}
			item := inventory.Item{Type: kind, ID: fmt.Sprint("n", n), Name: rapid.SampledFrom([]string{"", "N"}).Draw(t, "name"), Critical: rapid.Bool().Draw(t, "critical")}
			for range rapid.IntRange(0, 3).Draw(t, "relations") {
				item.Relations = append(item.Relations, inventory.Relation{Type: rapid.SampledFrom(types).Draw(t, "type"), To: among("n", nodes),
					ToType: rapid.SampledFrom([]inventory.Type{"", inventory.TypeCI, inventory.TypeService}).Draw(t, "to type")})
			}
			items = append(items, item)
		}
	}
	parties := rapid.IntRange(1, 5).Draw(t, "parties")
	for n := range parties {
		for _, kind := range []inventory.Type{inventory.TypeAccount, inventory.TypeConsumer} {
			if rapid.IntRange(0, 4).Draw(t, "absent") == 0 {
				continue
			}
			item := inventory.Item{Type: kind, ID: fmt.Sprint("p", n), Name: among("name", 2)}
			if rapid.Bool().Draw(t, "valued") {
				value := decimal.New(rapid.Int64Range(0, 99999).Draw(t, "value"), -2)
				item.ContractValue, item.Currency = &value, rapid.SampledFrom([]string{"USD", "EUR"}).Draw(t, "currency")
			}
			if kind == inventory.TypeAccount && rapid.Bool().Draw(t, "escalated") {
				item.Escalation = "high"
			}
			items = append(items, item)
		}
	}
	for _, kind := range []inventory.Type{inventory.TypeInstallBase, inventory.TypeSoldProduct, inventory.TypeAsset} {
		for n := range rapid.IntRange(0, 14).Draw(t, string(kind)) {
			item := inventory.Item{Type: kind, ID: fmt.Sprint("i", n)}
			switch rapid.IntRange(0, 4).Draw(t, "of") {
			case 0:
			case 1, 2:
				item.Account = among("p", parties)
			default:
				item.Consumer = among("p", parties)
			}
			if on := rapid.IntRange(0, 3).Draw(t, "on"); on != 1 {
				item.Service = among("n", nodes)
				if on > 1 {
					item.CI = among("n", nodes)
				}
			} else {
				item.CI = among("n", nodes)
			}
			items = append(items, item)
		}
	}
	return items
}

// Whatever the inventory, and in steps of whatever size, a refresh stores what the calculator finds; a case that is associated before, while or after it
// runs is in it, and counted once.
//
// Covers: PSEW-052, PSEW-053, PSEW-054, PSEW-057, PSEW-060, PSEW-061, PSEW-062, PSEW-063, PSEW-069, PSEW-070, PSEW-071
func TestRefreshEqualsCalculator(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		items := drawInventory(rt)
		var s store.Store = memory.New()
		if rapid.Bool().Draw(rt, "small store") {
			s = minimal{s}
		}
		rows := rapid.SampledFrom([]int{1, 2, 5, 2000}).Draw(rt, "rows of a step")
		f := newField(t, s, func(c *psew.Config) { c.Refresh = rows })
		f.put(items...)
		reactive := map[impact.Party]int{}
		i := f.open("n0")
		link := func() {
			account := fmt.Sprint("p", rapid.IntRange(0, 6).Draw(rt, "account"))
			reactive[impact.Party{Kind: impact.AccountParty, ID: account}]++
			f.associate(i.ID, account, "")
		}
		at := rapid.SliceOfN(rapid.IntRange(0, 8), 0, 4).Draw(rt, "cases after steps")
		for n := 0; ; n++ {
			for _, k := range at {
				if k == n {
					link()
				}
			}
			more, err := f.step()
			f.check(err)
			if !more && n > 8 {
				break
			}
		}
		want := calculated(t, items, "n0", reactive, len(f.book.cases))
		got := f.found(i.ID)
		if got.Number != 1 {
			rt.Fatalf("refresh %d is shown", got.Number)
		}
		got.Number = 0
		if got.text() != want.text() {
			rt.Fatalf("got %s\nwant %s", got.text(), want.text())
		}
		// and found again it is the same
		f.refresh(i.ID)
		f.settle()
		got = f.found(i.ID)
		if got.Number != 2 {
			rt.Fatalf("refresh %d is shown after the second", got.Number)
		}
		got.Number = 0
		if got.text() != want.text() {
			rt.Fatalf("again: got %s\nwant %s", got.text(), want.text())
		}
	})
}
