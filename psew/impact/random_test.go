package impact_test

import (
	"encoding/json"
	"fmt"
	"math/rand"
	"slices"
	"testing"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"github.com/forewarn-go/forewarn/psew/impact"
)

// drawDemo draws an inventory with cycles, self-loops and doubled relations.
func drawDemo(t *rapid.T) demo {
	var d demo
	g := &d.Graph
	pick := func(what string, n int) string { return fmt.Sprint(what, rapid.IntRange(0, n-1).Draw(t, what)) }
	nodes := rapid.IntRange(1, 12).Draw(t, "nodes")
	types := []string{"depends_on", "used_by", "runs_on", "hosts", "uses", "beside", "near"}
	g.Directions = impact.DefaultDirections()
	g.Directions["beside"], g.Directions["near"] = impact.BothWays, impact.NoImpact
	for i := range nodes {
		n := impact.Node{
			ID: fmt.Sprint("n", i), Kind: rapid.SampledFrom([]impact.NodeKind{impact.CI, impact.Service}).Draw(t, "kind"),
			Critical: rapid.Bool().Draw(t, "critical"),
		}
		for range rapid.IntRange(0, 2).Draw(t, "relations") {
			n.Relations = append(n.Relations, impact.Relation{Type: rapid.SampledFrom(types).Draw(t, "type"), To: pick("n", nodes)})
		}
		g.Nodes = append(g.Nodes, n)
	}
	d.Facts = map[impact.Party]impact.Facts{}
	parties := rapid.IntRange(1, 4).Draw(t, "parties")
	for i := range parties {
		id := fmt.Sprint("p", i) // accounts and consumers have the same ids, and are not the same
		g.Accounts = append(g.Accounts, impact.Account{ID: id, Name: pick("name", 2), ContractValue: drawMoney(t), Escalated: rapid.Bool().Draw(t, "escalated")})
		g.Consumers = append(g.Consumers, impact.Consumer{ID: id, Name: pick("name", 2), ContractValue: drawMoney(t)})
		for _, kind := range []impact.PartyKind{impact.AccountParty, impact.ConsumerParty} {
			if rapid.Bool().Draw(t, "has facts") {
				d.Facts[impact.Party{Kind: kind, ID: id}] = impact.Facts{
					ReactiveCases: rapid.IntRange(0, 3).Draw(t, "reactive"), ProactiveRecord: rapid.SampledFrom([]string{"", "CS1"}).Draw(t, "proactive"),
					CommunicationSent: rapid.Bool().Draw(t, "sent"), Linked: rapid.IntRange(0, 4).Draw(t, "linked") == 0,
				}
			}
		}
	}
	for i := range rapid.IntRange(0, 15).Draw(t, "items") {
		item := impact.Item{ID: fmt.Sprint("i", i), Service: pick("n", nodes)}
		switch rapid.IntRange(0, 4).Draw(t, "of") {
		case 0: // of no party
		case 1, 2:
			item.Account = pick("p", parties)
		default:
			item.Consumer = pick("p", parties)
		}
		g.InstallBase = append(g.InstallBase, item)
	}
	for i := range rapid.IntRange(0, 6).Draw(t, "products") {
		p := impact.SoldProduct{ID: fmt.Sprint("s", i)}
		if rapid.Bool().Draw(t, "to account") {
			p.Account = pick("p", parties)
		} else {
			p.Consumer = pick("p", parties)
		}
		g.SoldProducts = append(g.SoldProducts, p)
	}
	for i := range rapid.IntRange(0, 3).Draw(t, "assets") {
		g.Assets = append(g.Assets, impact.Asset{ID: fmt.Sprint("a", i), CI: pick("n", nodes)})
	}
	for range rapid.IntRange(0, 3).Draw(t, "outages") {
		g.Outages = append(g.Outages, impact.Outage{On: pick("n", nodes), Type: rapid.SampledFrom([]impact.OutageType{
			impact.FullOutage, impact.Degradation, impact.PlannedOutage}).Draw(t, "outage")})
	}
	for range rapid.IntRange(0, 2).Draw(t, "seeds") {
		d.Seeds = append(d.Seeds, pick("n", nodes))
	}
	return d
}

func drawMoney(t *rapid.T) *impact.Money {
	if rapid.IntRange(0, 2).Draw(t, "absent") == 0 {
		return nil
	}
	return &impact.Money{
		Amount:   decimal.New(rapid.Int64Range(-1000, 1_000_000).Draw(t, "amount"), rapid.Int32Range(-4, 1).Draw(t, "exponent")),
		Currency: rapid.SampledFrom([]string{"USD", "EUR"}).Draw(t, "currency"),
	}
}

// bruteForce says which nodes are reached: it goes over all relations until
// nothing changes, by the words of the relations themselves.
func bruteForce(d demo) map[string]bool {
	reached := map[string]bool{}
	for _, s := range d.Seeds {
		reached[s] = true
	}
	for range d.Graph.Nodes {
		for _, n := range d.Graph.Nodes {
			for _, r := range n.Relations {
				switch r.Type {
				case "depends_on", "runs_on", "uses":
					reached[n.ID] = reached[n.ID] || reached[r.To]
				case "used_by", "hosts":
					reached[r.To] = reached[r.To] || reached[n.ID]
				case "beside":
					both := reached[n.ID] || reached[r.To]
					reached[n.ID], reached[r.To] = both, both
				}
			}
		}
	}
	return reached
}

func ids[T any](all []T, id func(T) string) []string {
	out := []string{}
	for _, one := range all {
		out = append(out, id(one))
	}
	return out
}

// On random graphs the result is what brute force finds, number by number.
//
// Covers: PSEW-002, PSEW-053, PSEW-060, PSEW-061, PSEW-062, PSEW-063, PSEW-070, C-12, C-13, C-53
func TestCalculateEqualsBruteForce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := drawDemo(t)
		g := d.Graph
		got, err := impact.Calculate(g, d.Seeds, d.Facts)
		if err != nil {
			t.Fatal(err)
		}
		reached := bruteForce(d)
		bad := map[string]bool{} // nodes with an open outage or degradation
		for _, o := range g.Outages {
			bad[o.On] = bad[o.On] || o.Type != impact.PlannedOutage
		}
		var seeds, cis, services []string
		critical := map[string]bool{}
		for _, n := range g.Nodes {
			seed := slices.Contains(d.Seeds, n.ID)
			if seed {
				seeds = append(seeds, n.ID)
			}
			if reached[n.ID] && n.Kind == impact.Service {
				services = append(services, n.ID)
				critical[n.ID] = n.Critical || bad[n.ID]
			}
			if reached[n.ID] && n.Kind == impact.CI && !seed {
				cis = append(cis, n.ID)
			}
		}
		nodeID := func(n impact.Impacted) string { return n.ID }
		for _, c := range []struct {
			what string
			got  []impact.Impacted
			want []string
		}{{"affected", got.AffectedCIs, seeds}, {"CIs", got.ImpactedCIs, cis}, {"services", got.ImpactedServices, services}} {
			slices.Sort(c.want)
			if !slices.Equal(ids(c.got, nodeID), c.want) {
				t.Fatalf("%s: %v, want %v", c.what, c.got, c.want)
			}
		}
		for _, s := range got.ImpactedServices {
			if s.Critical != critical[s.ID] {
				t.Fatalf("critical: %+v", s)
			}
		}
		assets, items := 0, 0
		for _, a := range g.Assets {
			if reached[a.CI] {
				assets++
			}
		}
		for _, i := range g.InstallBase {
			if reached[i.Service] {
				items++
			}
		}
		if len(got.Assets) != assets || len(got.InstallBase) != items || got.Totals.InstallBase != items {
			t.Fatalf("assets %d, install base %d and %d; want %d, %d", len(got.Assets), len(got.InstallBase), got.Totals.InstallBase, assets, items)
		}

		rows := map[impact.Party]impact.Row{}
		for _, r := range got.Rows {
			rows[r.Party] = r
		}
		sums := map[string]decimal.Decimal{}
		absent, products, reactive, affected := 0, 0, 0, 0
		party := func(p impact.Party, value *impact.Money, escalated bool) {
			own := func(account, consumer string) bool {
				return p.Kind == impact.AccountParty && account == p.ID || p.Kind == impact.ConsumerParty && consumer == p.ID
			}
			n, bought, crit := 0, 0, map[string]bool{}
			for _, i := range g.InstallBase {
				if own(i.Account, i.Consumer) && reached[i.Service] {
					n++
					if critical[i.Service] {
						crit[i.Service] = true
					}
				}
			}
			for _, s := range g.SoldProducts {
				if own(s.Account, s.Consumer) {
					bought++
				}
			}
			row, ok := rows[p]
			if ok != (n > 0 || d.Facts[p].Linked) {
				t.Fatalf("%s has a row: %v, with %d items", p, ok, n)
			}
			if !ok {
				return
			}
			affected++
			f := d.Facts[p]
			if row.InstallBase != n || row.Products != bought || row.CriticalServices != len(crit) || row.Escalated != escalated ||
				row.ReactiveCases != f.ReactiveCases || row.ProactiveRecord != f.ProactiveRecord || row.CommunicationSent != f.CommunicationSent {
				t.Fatalf("row %+v; want %d items, %d products, critical %v, escalated %v, %+v", row, n, bought, crit, escalated, f)
			}
			products, reactive = products+bought, reactive+f.ReactiveCases
			if (value == nil) != (row.ContractValue == nil) {
				t.Fatalf("contract value of %s: %v, want %v", p, row.ContractValue, value)
			}
			if value == nil {
				absent++
			} else {
				sums[value.Currency] = sums[value.Currency].Add(value.Amount)
			}
		}
		for _, a := range g.Accounts {
			party(impact.Party{Kind: impact.AccountParty, ID: a.ID}, a.ContractValue, a.Escalated)
		}
		for _, c := range g.Consumers {
			party(impact.Party{Kind: impact.ConsumerParty, ID: c.ID}, c.ContractValue, false)
		}
		sum := got.Totals
		if affected != len(got.Rows) || sum.Accounts+sum.Consumers != affected || sum.Products != products || len(got.Products) != products ||
			sum.ReactiveCases != reactive || sum.WithoutContractValue != absent || len(sum.ContractValue) != len(sums) {
			t.Fatalf("totals %+v; want %d parties, %d products, %d reactive, %d absent, %v", sum, affected, products, reactive, absent, sums)
		}
		for currency, want := range sums {
			if !sum.ContractValue[currency].Amount.Equal(want) {
				t.Fatalf("%s: %v, want %s", currency, sum.ContractValue[currency], want)
			}
		}
	})
}

func shuffled[T any](r *rand.Rand, all []T) []T {
	all = slices.Clone(all)
	r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all
}

func text(t interface{ Fatal(...any) }, v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// Input in another order gives the same result, to the byte.
//
// Covers: PSEW-060, PSEW-069, PSEW-070
func TestOrderDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := drawDemo(t)
		want, err := impact.Calculate(d.Graph, d.Seeds, d.Facts)
		if err != nil {
			t.Fatal(err)
		}
		r := rand.New(rand.NewSource(rapid.Int64().Draw(t, "order")))
		g := d.Graph
		g.Nodes = shuffled(r, g.Nodes)
		for i := range g.Nodes {
			g.Nodes[i].Relations = shuffled(r, g.Nodes[i].Relations)
		}
		g.InstallBase, g.SoldProducts, g.Assets = shuffled(r, g.InstallBase), shuffled(r, g.SoldProducts), shuffled(r, g.Assets)
		g.Accounts, g.Consumers, g.Outages = shuffled(r, g.Accounts), shuffled(r, g.Consumers), shuffled(r, g.Outages)
		got, err := impact.Calculate(g, append(shuffled(r, d.Seeds), d.Seeds...), d.Facts)
		if err != nil {
			t.Fatal(err)
		}
		if text(t, got) != text(t, want) {
			t.Fatalf("got\n%s\nwant\n%s", text(t, got), text(t, want))
		}
	})
}

// The parts, fed page by page and kept as JSON in between, come to what
// Calculate finds, in whatever order pages and tallies meet.
//
// Covers: PSEW-053, PSEW-069
func TestPageByPageEqualsCalculate(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := drawDemo(t)
		want, err := impact.Calculate(d.Graph, d.Seeds, d.Facts)
		if err != nil {
			t.Fatal(err)
		}
		random := rand.New(rand.NewSource(rapid.Int64().Draw(t, "order")))

		reach, err := impact.NewReach(d.Seeds...)
		if err != nil {
			t.Fatal(err)
		}
		for limit := rapid.IntRange(1, 3).Draw(t, "limit"); !reach.Done(); {
			if err := reach.Step(limit, func(ids []string) ([]string, error) {
				if len(ids) > limit {
					t.Fatalf("%d ids, more than %d", len(ids), limit)
				}
				return shuffled(random, neighbours(d.Graph, ids)), nil
			}); err != nil {
				t.Fatal(err)
			}
			again := &impact.Reach{}
			if err := json.Unmarshal([]byte(text(t, reach)), again); err != nil {
				t.Fatal(err)
			}
			reach = again
		}
		all := slices.Concat(want.AffectedCIs, want.ImpactedCIs, want.ImpactedServices)
		wantIDs := slices.Compact(slices.Sorted(slices.Values(ids(all, func(n impact.Impacted) string { return n.ID }))))
		if !slices.Equal(reach.IDs(), wantIDs) {
			t.Fatalf("reached %v, want %v", reach.IDs(), wantIDs)
		}

		var pages []impact.Tally // of one item each, then merged at random
		nodes := map[string]impact.Impacted{}
		for _, n := range all {
			nodes[n.ID] = n
		}
		for _, i := range shuffled(random, want.InstallBase) {
			var tally impact.Tally
			if err := tally.Add(nodes[i.Service], i); err != nil {
				t.Fatal(err)
			}
			pages = append(pages, tally)
		}
		for p, f := range d.Facts {
			if f.Linked {
				var tally impact.Tally
				if err := tally.Link(p); err != nil {
					t.Fatal(err)
				}
				pages = append(pages, tally)
			}
		}
		for len(pages) > 1 {
			i := rapid.IntRange(0, len(pages)-2).Draw(t, "merge at")
			pages[i].Merge(&pages[i+1])
			pages = slices.Delete(pages, i+1, i+2)
			var again impact.Tally
			if err := json.Unmarshal([]byte(text(t, &pages[i])), &again); err != nil {
				t.Fatal(err)
			}
			pages[i] = again
		}
		tally := impact.Tally{}
		if len(pages) == 1 {
			tally.Merge(&pages[0])
		}

		bought := map[impact.Party]int{}
		for _, s := range d.Graph.SoldProducts {
			if s.Account != "" {
				bought[impact.Party{Kind: impact.AccountParty, ID: s.Account}]++
			} else {
				bought[impact.Party{Kind: impact.ConsumerParty, ID: s.Consumer}]++
			}
		}
		var totals, half impact.Totals
		for n, share := range tally.Shares() {
			row, err := rowOf(d.Graph, share, bought[share.Party], d.Facts[share.Party])
			if err != nil {
				t.Fatal(err)
			}
			if i := slices.IndexFunc(want.Rows, func(r impact.Row) bool { return r.Party == share.Party }); i < 0 || text(t, want.Rows[i]) != text(t, row) {
				t.Fatalf("row %+v is not among %+v", row, want.Rows)
			}
			// A party that was counted too early is taken back and counted again.
			early := row
			early.InstallBase, early.ReactiveCases = 0, 7
			totals.Add(early)
			totals.Remove(early)
			if n%2 == 0 {
				totals.Add(row)
			} else {
				half.Add(row)
			}
		}
		totals.AddUnowned(tally.Unowned())
		totals.Merge(half)
		if text(t, totals) != text(t, want.Totals) {
			t.Fatalf("totals %s, want %s", text(t, totals), text(t, want.Totals))
		}
	})
}

// neighbours answers as a store would: from the relations of the nodes, and
// from those of others that name them.
func neighbours(g impact.Graph, of []string) (out []string) {
	for _, n := range g.Nodes {
		for _, r := range n.Relations {
			way, _ := g.Directions.Of(r.Type)
			if slices.Contains(of, r.To) && (way == impact.ToHolder || way == impact.BothWays) {
				out = append(out, n.ID)
			}
			if slices.Contains(of, n.ID) && (way == impact.ToTarget || way == impact.BothWays) {
				out = append(out, r.To)
			}
		}
	}
	return out
}

func rowOf(g impact.Graph, s impact.Share, products int, f impact.Facts) (impact.Row, error) {
	for _, a := range g.Accounts {
		if s.Party == (impact.Party{Kind: impact.AccountParty, ID: a.ID}) {
			return a.Row(s, products, f)
		}
	}
	for _, c := range g.Consumers {
		if s.Party == (impact.Party{Kind: impact.ConsumerParty, ID: c.ID}) {
			return c.Row(s, products, f)
		}
	}
	return impact.Row{}, fmt.Errorf("no party %s", s.Party)
}

// Merging is associative and commutative, on tallies and on totals.
//
// Covers: PSEW-060
func TestMergeLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := func(name string) (tally impact.Tally, totals impact.Totals) {
			for range rapid.IntRange(0, 6).Draw(t, name) {
				node := impact.Impacted{ID: rapid.SampledFrom([]string{"x", "y", "z"}).Draw(t, "node"), Kind: impact.Service, Critical: rapid.Bool().Draw(t, "critical")}
				item := impact.Item{ID: "i", Service: node.ID, Account: rapid.SampledFrom([]string{"", "a", "b"}).Draw(t, "account")}
				if err := tally.Add(node, item); err != nil {
					t.Fatal(err)
				}
				row := impact.Row{Party: impact.Party{Kind: impact.AccountParty, ID: "a"}, ContractValue: drawMoney(t), InstallBase: 1, Products: 2}
				totals.Add(row)
			}
			return tally, totals
		}
		ta, na := draw("a")
		tb, nb := draw("b")
		tc, nc := draw("c")
		merge := func(ts ...impact.Tally) impact.Tally {
			var out impact.Tally
			for i := range ts {
				out.Merge(&ts[i])
			}
			return out
		}
		sum := func(ts ...impact.Totals) impact.Totals {
			var out impact.Totals
			for _, s := range ts {
				out.Merge(s)
			}
			return out
		}
		left, right, other := merge(merge(ta, tb), tc), merge(ta, merge(tb, tc)), merge(tc, tb, ta)
		if text(t, &left) != text(t, &right) || text(t, &left) != text(t, &other) {
			t.Fatalf("tallies: %s, %s, %s", text(t, &left), text(t, &right), text(t, &other))
		}
		l, r, o := sum(sum(na, nb), nc), sum(na, sum(nb, nc)), sum(nc, nb, na)
		if text(t, l) != text(t, r) || text(t, l) != text(t, o) {
			t.Fatalf("totals: %s, %s, %s", text(t, l), text(t, r), text(t, o))
		}
	})
}

// Every pill shows some of what All shows, by its own definition, and pages
// together show each row once; the lines of an indicator add up to it.
//
// Covers: PSEW-064, PSEW-067, PSEW-069
func TestViewsOfRandomResults(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := drawDemo(t)
		result, err := impact.Calculate(d.Graph, d.Seeds, d.Facts)
		if err != nil {
			t.Fatal(err)
		}
		before := text(t, result)
		limit := rapid.IntRange(1, 3).Draw(t, "limit")
		for _, tab := range []impact.PartyKind{impact.AccountParty, impact.ConsumerParty} {
			shown := map[impact.Pill][]string{}
			for _, pill := range impact.Pills() {
				for offset := 0; ; offset += limit {
					v, err := result.View(tab, pill, offset, limit)
					if err != nil {
						t.Fatal(err)
					}
					page := append(ids(v.Accounts, func(a impact.AccountRow) string { return a.ID }), ids(v.Consumers, func(c impact.ConsumerRow) string { return c.ID })...)
					if len(page) > limit || len(page) > 0 && (v.Showing.From != offset+1 || v.Showing.To != offset+len(page)) || text(t, v.Indicators) != text(t, result.Totals) {
						t.Fatalf("view %+v of %v after %d, limit %d", v, pill, offset, limit)
					}
					shown[pill] = append(shown[pill], page...)
					if offset+limit >= v.Showing.Of {
						if v.Showing.Of != len(shown[pill]) {
							t.Fatalf("%v shows %v, of %d", pill, shown[pill], v.Showing.Of)
						}
						break
					}
				}
			}
			want := map[impact.Pill][]string{}
			for _, r := range result.Rows {
				if r.Party.Kind != tab {
					continue
				}
				want[impact.All] = append(want[impact.All], r.Party.ID)
				if r.CriticalServices > 0 {
					want[impact.CriticalServiceImpact] = append(want[impact.CriticalServiceImpact], r.Party.ID)
				}
				if r.ProactiveRecord == "" {
					want[impact.NoProactiveRecords] = append(want[impact.NoProactiveRecords], r.Party.ID)
				}
				if !r.CommunicationSent {
					want[impact.NoCustomerCommunication] = append(want[impact.NoCustomerCommunication], r.Party.ID)
				}
			}
			for _, pill := range impact.Pills() {
				if !slices.Equal(shown[pill], want[pill]) {
					t.Fatalf("%v shows %v, want %v", pill, shown[pill], want[pill])
				}
			}
		}
		sum := func(of impact.Indicator) (n int) {
			lines, err := result.Details(of)
			if err != nil {
				t.Fatal(err)
			}
			for _, l := range lines {
				n += l.Count
			}
			return n
		}
		in := result.Totals
		if sum(impact.AffectedProducts) != in.Products || sum(impact.AffectedInstallBase) != in.InstallBase ||
			sum(impact.TotalReactiveCases) != in.ReactiveCases || sum(impact.AffectedContractValue) != in.Accounts+in.Consumers {
			t.Fatalf("details do not add up to %+v", in)
		}
		lines, _ := result.Details(impact.AffectedContractValue)
		money := map[string]decimal.Decimal{}
		absent := 0
		for _, l := range lines {
			if l.Value == nil {
				absent++
				continue
			}
			money[l.Value.Currency] = money[l.Value.Currency].Add(l.Value.Amount)
		}
		for currency, s := range in.ContractValue {
			if !money[currency].Equal(s.Amount) || absent != in.WithoutContractValue {
				t.Fatalf("details add up to %v and %d without, not to %+v", money, absent, in)
			}
		}
		if text(t, result) != before {
			t.Fatal("looking at a result changed it")
		}
	})
}
