package impact_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"github.com/forewarn-go/forewarn/psew/impact"
)

// Each fault of the input is refused with the field it stands in and its rule.
func TestBadInput(t *testing.T) {
	for _, c := range []struct {
		field, rule string
		spoil       func(*demo)
	}{
		{"nodes[7].id", "an id is needed", func(d *demo) { d.Graph.Nodes = append(d.Graph.Nodes, impact.Node{Kind: impact.CI}) }},
		{`nodes["mpls-west"].id`, "stands twice", func(d *demo) { d.Graph.Nodes = append(d.Graph.Nodes, d.Graph.Nodes[6]) }},
		{`accounts["avid"].id`, "stands twice", func(d *demo) { d.Graph.Accounts = append(d.Graph.Accounts, d.Graph.Accounts[3]) }},
		{`consumers["c"].id`, "stands twice", func(d *demo) { d.Graph.Consumers = []impact.Consumer{{ID: "c"}, {ID: "c"}} }},
		{`install_base["ib-1"].id`, "stands twice", func(d *demo) { d.Graph.InstallBase[1].ID = "ib-1" }},
		{"sold_products[0].id", "an id is needed", func(d *demo) { d.Graph.SoldProducts[0].ID = "" }},
		{"assets[0].id", "an id is needed", func(d *demo) { d.Graph.Assets[0].ID = "" }},
		{`nodes["Vedge_20001"].kind`, `"thing" is no kind of node; there are "ci" and "service"`, func(d *demo) { d.Graph.Nodes[1].Kind = "thing" }},
		{`nodes["Vedge_20001"].relations[0].type`, `no direction of impact is known for "dependson"`, func(d *demo) { d.Graph.Nodes[1].Relations[0].Type = "dependson" }},
		{`nodes["Vedge_20001"].relations[0].type`, `"up" is no direction`, func(d *demo) { d.Graph.Directions = impact.Directions{"depends_on": "up", "used_by": impact.ToTarget} }},
		{`nodes["Vedge_20001"].relations[0].to`, `there is no configuration item or service "gone"`, func(d *demo) { d.Graph.Nodes[1].Relations[0].To = "gone" }},
		{`install_base["ib-2"].service`, `there is no configuration item or service "gone"`, func(d *demo) { d.Graph.InstallBase[1].Service = "gone" }},
		{`install_base["ib-2"]`, `there is no account "gone"`, func(d *demo) { d.Graph.InstallBase[1].Account = "gone" }},
		{`install_base["ib-2"]`, `belongs to account "avid" and to consumer "c", and must belong to one party`, func(d *demo) { d.Graph.InstallBase[1].Consumer = "c" }},
		{`sold_products["sp-1"]`, "belongs to no account and no consumer", func(d *demo) { d.Graph.SoldProducts[0].Account = "" }},
		{`sold_products["sp-1"]`, `there is no consumer "distant"`, func(d *demo) {
			d.Graph.SoldProducts[0].Account, d.Graph.SoldProducts[0].Consumer = "", "distant"
		}},
		{`assets["as-1"].ci`, `there is no configuration item or service "gone"`, func(d *demo) { d.Graph.Assets[0].CI = "gone" }},
		{`accounts["avid"].contract_value.currency`, `"" is not the three capital letters of a currency`, func(d *demo) { d.Graph.Accounts[3].ContractValue.Currency = "" }},
		{`accounts["avid"].contract_value.currency`, `"usd" is not the three capital letters of a currency`, func(d *demo) { d.Graph.Accounts[3].ContractValue.Currency = "usd" }},
		{`accounts["avid"].contract_value.amount`, "an amount has at most 38 digits and an exponent of at most 18", func(d *demo) {
			d.Graph.Accounts[3].ContractValue.Amount = decimal.New(1, 1_000_000_000)
		}},
		{`accounts["avid"].contract_value.amount`, "an amount has at most 38 digits and an exponent of at most 18", func(d *demo) {
			d.Graph.Accounts[3].ContractValue.Amount = decimal.New(1, -19)
		}},
		{`accounts["avid"].contract_value.amount`, "an amount has at most 38 digits and an exponent of at most 18", func(d *demo) {
			d.Graph.Accounts[3].ContractValue.Amount = decimal.RequireFromString(strings.Repeat("9", 39))
		}},
		{`consumers["c"].contract_value.currency`, `"EURO" is not the three capital letters of a currency`, func(d *demo) {
			d.Graph.Consumers = []impact.Consumer{{ID: "c", ContractValue: &impact.Money{Currency: "EURO"}}}
		}},
		{"outages[0].on", `there is no configuration item or service "gone"`, func(d *demo) {
			d.Graph.Outages = []impact.Outage{{On: "gone", Type: impact.FullOutage}}
		}},
		{"outages[0].type", `"" is no type of outage`, func(d *demo) { d.Graph.Outages = []impact.Outage{{On: "mpls-west"}} }},
		{"seeds[1]", `there is no configuration item or service "gone"`, func(d *demo) { d.Seeds = append(d.Seeds, "gone") }},
		{"facts", `there is no account "gone"`, func(d *demo) { d.Facts[impact.Party{Kind: impact.AccountParty, ID: "gone"}] = impact.Facts{} }},
		{"facts", `"" is no kind of party; there are "account" and "consumer"`, func(d *demo) { d.Facts[impact.Party{ID: "avid"}] = impact.Facts{} }},
		{`facts["account:avid"].reactive_cases`, "-1 is negative", func(d *demo) {
			d.Facts[impact.Party{Kind: impact.AccountParty, ID: "avid"}] = impact.Facts{ReactiveCases: -1}
		}},
	} {
		t.Run(c.field+" "+c.rule, func(t *testing.T) {
			d := readDemo(t)
			c.spoil(&d)
			result, err := impact.Calculate(d.Graph, d.Seeds, d.Facts)
			wantInvalid(t, err, c.field, c.rule)
			if result.Rows != nil {
				t.Errorf("a result beside the error: %+v", result)
			}
		})
	}
}

func wantInvalid(t *testing.T, err error, field, rule string) {
	t.Helper()
	var bad *impact.InvalidError
	if !errors.As(err, &bad) || bad.Field != field || bad.Rule != rule {
		t.Errorf("got %v; want %s: %s", err, field, rule)
	}
}

// A long chain that ends in a cycle is walked without a stack.
//
// Covers: PSEW-070
func TestDeepAndCyclic(t *testing.T) {
	g, seed := chain(100_000)
	result, err := impact.Calculate(g, []string{seed}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(result.AffectedCIs) + len(result.ImpactedCIs) + len(result.ImpactedServices); n != 100_000 {
		t.Errorf("%d nodes are reached", n)
	}
	if len(result.Rows) != 1 || result.Rows[0].InstallBase != 1 {
		t.Errorf("rows %+v", result.Rows)
	}
}

// chain returns n nodes, each depending on the one before and the first on the
// last, and an account that stands on the last.
func chain(n int) (impact.Graph, string) {
	id := func(i int) string { return fmt.Sprint("n", (i+n)%n) }
	g := impact.Graph{Nodes: make([]impact.Node, n), Accounts: []impact.Account{{ID: "a"}}}
	for i := range g.Nodes {
		g.Nodes[i] = impact.Node{ID: id(i), Kind: impact.CI, Relations: []impact.Relation{{Type: "depends_on", To: id(i - 1)}}}
	}
	g.Nodes[n-1].Kind = impact.Service
	g.InstallBase = []impact.Item{{ID: "i", Service: id(n - 1), Account: "a"}}
	return g, id(0)
}

// An open outage or degradation makes a service critical; a planned one does not.
//
// Covers: PSEW-052, C-13
func TestOutagesMakeCritical(t *testing.T) {
	for _, c := range []struct {
		open      []impact.OutageType
		condition impact.Condition
		critical  bool
	}{
		{nil, impact.Running, false},
		{[]impact.OutageType{impact.PlannedOutage}, impact.Running, false},
		{[]impact.OutageType{impact.Degradation, impact.PlannedOutage}, impact.Degraded, true},
		{[]impact.OutageType{impact.FullOutage, impact.Degradation}, impact.OutOfService, true},
		{[]impact.OutageType{impact.Degradation, impact.FullOutage}, impact.OutOfService, true},
	} {
		d := readDemo(t)
		for _, o := range c.open {
			d.Graph.Outages = append(d.Graph.Outages, impact.Outage{On: "sdwan-south", Type: o})
		}
		result, err := impact.Calculate(d.Graph, d.Seeds, d.Facts)
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(result.ImpactedServices, func(n impact.Impacted) bool { return n.ID == "sdwan-south" })
		if s := result.ImpactedServices[i]; s.Condition != c.condition || s.Critical != c.critical {
			t.Errorf("%v: %+v; want %q, %v", c.open, s, c.condition, c.critical)
		}
		view, err := result.View(impact.AccountParty, impact.CriticalServiceImpact, 0, 20)
		if err != nil {
			t.Fatal(err)
		}
		want := []string{"avid"} // by the critical sdwan-north
		if c.critical {
			want = []string{"avid", "tomtom", "unity"}
		}
		if got := ids(view.Accounts, func(a impact.AccountRow) string { return a.ID }); !slices.Equal(got, want) {
			t.Errorf("%v: pill shows %v, want %v", c.open, got, want)
		}
	}
}

// A party whose case was associated is affected without install base.
//
// Covers: PSEW-054
func TestLinkedParty(t *testing.T) {
	d := readDemo(t)
	d.Facts[impact.Party{Kind: impact.AccountParty, ID: "distant"}] = impact.Facts{Linked: true, ReactiveCases: 2}
	result, err := impact.Calculate(d.Graph, d.Seeds, d.Facts)
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(result.Rows, func(r impact.Row) bool { return r.Party.ID == "distant" })
	if i < 0 {
		t.Fatal("no row")
	}
	if r := result.Rows[i]; r.InstallBase != 0 || r.Products != 1 || !r.Escalated || r.ReactiveCases != 2 {
		t.Errorf("row %+v", r)
	}
	if in := result.Totals; in.Accounts != 4 || in.InstallBase != 6 || in.ReactiveCases != 2 || in.ContractValue["EUR"].Amount.String() != "12000.5" {
		t.Errorf("totals %+v", in)
	}
}

// Covers: PSEW-066
func TestConsumerColumns(t *testing.T) {
	d := readDemo(t)
	d.Graph.Consumers = []impact.Consumer{{ID: "c1", Name: "Ada Byron", ContractValue: &impact.Money{Amount: decimal.RequireFromString("19.90"), Currency: "EUR"}}, {ID: "c2", Name: "Bo Diddley"}}
	d.Graph.InstallBase[4].Account, d.Graph.InstallBase[4].Consumer = "", "c1"
	d.Graph.InstallBase[5].Account, d.Graph.InstallBase[5].Consumer = "", "c2"
	d.Facts[impact.Party{Kind: impact.ConsumerParty, ID: "c1"}] = impact.Facts{ReactiveCases: 1, ProactiveRecord: "CS0001023", CommunicationSent: true}
	result, err := impact.Calculate(d.Graph, d.Seeds, d.Facts)
	if err != nil {
		t.Fatal(err)
	}
	view, err := result.View(impact.ConsumerParty, impact.All, 0, 20)
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "testdata/consumers.golden.json", view)
	lines, err := result.Details(impact.TotalReactiveCases)
	if err != nil || len(lines) != 1 || lines[0].ID != "c1" || lines[0].Name != "Ada Byron" || lines[0].Count != 1 {
		t.Errorf("details %+v, %v", lines, err)
	}
}

func TestViewRefuses(t *testing.T) {
	var r impact.Result
	for _, c := range []struct {
		tab           impact.PartyKind
		pill          impact.Pill
		offset, limit int
		field, rule   string
	}{
		{"partner", impact.All, 0, 1, "tab", `"partner" is no tab; there are "account" and "consumer"`},
		{impact.AccountParty, "some", 0, 1, "pill", `"some" is no pill; there are ["all" "critical_service_impact" "no_proactive_records" "no_customer_communication"]`},
		{impact.AccountParty, impact.All, -1, 1, "offset", "-1 is negative"},
		{impact.AccountParty, impact.All, 0, 0, "limit", "0 is less than 1"},
	} {
		_, err := r.View(c.tab, c.pill, c.offset, c.limit)
		wantInvalid(t, err, c.field, c.rule)
	}
	_, err := r.Details("age")
	wantInvalid(t, err, "indicator", `"age" is no indicator; there are "contract_value", "products", "install_base" and "reactive_cases"`)
	if v, err := r.View(impact.AccountParty, impact.All, 0, 20); err != nil || v.Showing.String() != "Showing 0 of 0" {
		t.Errorf("empty view %+v, %v", v, err)
	}
	if impact.Pill("some").Matches(impact.Row{}) {
		t.Error("what is no pill shows a row")
	}
	labels := ids(impact.Pills(), impact.Pill.Label)
	if !slices.Equal(labels, []string{"All", "Critical service impact", "No proactive records", "No customer communication"}) {
		t.Errorf("labels %q", labels)
	}
}

// A step that fails changes nothing and can be made again.
func TestReachStepFails(t *testing.T) {
	r, err := impact.NewReach("a")
	if err != nil {
		t.Fatal(err)
	}
	down := errors.New("the store is down")
	if err := r.Step(1, func([]string) ([]string, error) { return []string{"b"}, down }); !errors.Is(err, down) {
		t.Errorf("error %v", err)
	}
	wantInvalid(t, r.Step(1, func([]string) ([]string, error) { return []string{"b", ""}, nil }), "neighbours", "there is an empty id among them")
	wantInvalid(t, r.Step(0, nil), "limit", "0 is less than 1")
	if r.Done() || r.Len() != 1 || r.Has("b") {
		t.Errorf("a failed step changed %s", text(t, r))
	}
	if err := r.Step(9, func(ids []string) ([]string, error) { ids[0] = "x"; return []string{"b", "a", "b"}, nil }); err != nil {
		t.Fatal(err)
	}
	if got := text(t, r); got != `{"reached":["a","b"],"asked":1}` {
		t.Errorf("reach %s", got)
	}
	if none, err := impact.NewReach("a", ""); none != nil || err == nil {
		t.Errorf("an empty seed gives %v, %v", none, err)
	}
}

func TestTallyRefuses(t *testing.T) {
	var tally impact.Tally
	node := impact.Impacted{ID: "s", Kind: impact.Service, Critical: true}
	good := impact.Item{ID: "1", Service: "s", Account: "a"}
	wantInvalid(t, tally.Add(node, good, impact.Item{ID: "2", Service: "t"}), `install_base["2"].service`, `"t" was counted for "s"`)
	wantInvalid(t, tally.Add(node, good, impact.Item{ID: "2", Service: "s", Account: "a", Consumer: "c"}), `install_base["2"]`, `belongs to account "a" and to consumer "c", and must belong to one party`)
	wantInvalid(t, tally.Link(impact.Party{Kind: "partner", ID: "a"}), "party", `"partner" is no kind of party; there are "account" and "consumer"`)
	wantInvalid(t, tally.Link(impact.Party{Kind: impact.AccountParty}), "party", "a party needs an id")
	if len(tally.Shares()) != 0 {
		t.Errorf("what was refused was counted: %+v", tally.Shares())
	}
	if err := tally.Add(node, good); err != nil {
		t.Fatal(err)
	}
	_, err := tally.Shares()[0].Merge(impact.Share{Party: impact.Party{Kind: impact.ConsumerParty, ID: "a"}})
	wantInvalid(t, err, "party", "a share of account:a can not be merged with one of consumer:a")
	_, err = impact.Account{ID: "b"}.Row(tally.Shares()[0], 0, impact.Facts{})
	wantInvalid(t, err, "account:b", "the share is that of account:a")
	_, err = impact.Account{ID: "a"}.Row(tally.Shares()[0], -1, impact.Facts{})
	wantInvalid(t, err, "account:a.products", "-1 is negative")
	_, err = impact.Account{ID: "a"}.Row(tally.Shares()[0], 0, impact.Facts{ReactiveCases: -1})
	wantInvalid(t, err, "account:a.reactive_cases", "-1 is negative")
	_, err = impact.Account{ID: "a", ContractValue: &impact.Money{}}.Row(tally.Shares()[0], 0, impact.Facts{})
	wantInvalid(t, err, "account:a.contract_value.currency", `"" is not the three capital letters of a currency`)
}

// The shares that a tally hands out, and tallies that were merged, stay apart;
// a tally merged with itself counts twice.
func TestTallySharesNoMemory(t *testing.T) {
	var a, b impact.Tally
	add := func(tally *impact.Tally, service string) {
		node := impact.Impacted{ID: service, Kind: impact.Service, Critical: true}
		if err := tally.Add(node, impact.Item{ID: service, Service: service, Account: "x"}); err != nil {
			t.Fatal(err)
		}
	}
	add(&a, "m")
	b.Merge(&a)
	add(&b, "a")
	add(&a, "z")
	a.Shares()[0].Critical[0] = "changed"
	b.Merge(&b)
	if got := text(t, &a); got != `{"shares":[{"party":"account:x","install_base":2,"critical":["m","z"]}]}` {
		t.Errorf("a: %s", got)
	}
	if got := text(t, &b); got != `{"shares":[{"party":"account:x","install_base":4,"critical":["a","m"]}]}` {
		t.Errorf("b: %s", got)
	}
}

// What no MarshalJSON wrote is refused, and leaves the value as it was.
func TestUnmarshalRefuses(t *testing.T) {
	for _, c := range []struct {
		into        json.Unmarshaler
		text, error string
	}{
		{&impact.Reach{}, `{"reached":["a","a"],"asked":0}`, "reached: an id stands twice"},
		{&impact.Reach{}, `{"reached":["a",""],"asked":0}`, "seeds: there is an empty id among them"},
		{&impact.Reach{}, `{"reached":["a"],"asked":2}`, "asked: 2 is not between 0 and the 1 that are reached"},
		{&impact.Reach{}, `{"reached":["a"],"asked":-1}`, "asked: -1 is not between 0"},
		{&impact.Reach{}, `{"reached":1}`, "cannot unmarshal"},
		{&impact.Tally{}, `{"unowned":-1}`, "unowned: -1 is negative"},
		{&impact.Tally{}, `{"shares":[{"party":"account:a","install_base":-1}]}`, `shares["account:a"].install_base: -1 is negative`},
		{&impact.Tally{}, `{"shares":[{"party":"account:a"},{"party":"account:a"}]}`, "shares: account:a stands twice"},
		{&impact.Tally{}, `{"shares":[{"party":"a"}]}`, `"a" is no kind of party`},
		{&impact.Tally{}, `{"shares":[{"install_base":1}]}`, `"" is no kind of party`},
		{&impact.Tally{}, `{"shares":1}`, "cannot unmarshal"},
	} {
		if err := json.Unmarshal([]byte(c.text), c.into); err == nil || !strings.Contains(err.Error(), c.error) {
			t.Errorf("%s: %v; want %s", c.text, err, c.error)
		}
	}
}

// Of two faults in the facts always the same is named.
func TestSameErrorEveryTime(t *testing.T) {
	for range 50 {
		d := readDemo(t)
		for _, id := range []string{"gone-2", "gone-1", "gone-3"} {
			d.Facts[impact.Party{Kind: impact.AccountParty, ID: id}] = impact.Facts{}
		}
		_, err := impact.Calculate(d.Graph, d.Seeds, d.Facts)
		wantInvalid(t, err, "facts", `there is no account "gone-1"`)
	}
}

// Rows are in the order of names, whatever the ids.
func TestRowsByName(t *testing.T) {
	d := readDemo(t)
	d.Graph.Accounts[3].Name = "Zenith"
	result, err := impact.Calculate(d.Graph, d.Seeds, d.Facts)
	if err != nil {
		t.Fatal(err)
	}
	names := ids(result.Rows, func(r impact.Row) string { return r.Name })
	if !slices.Equal(names, []string{"Tom Tom Networks", "Unity System", "Zenith"}) {
		t.Errorf("rows %q", names)
	}
}

// What happens to the input, or to a view, does not happen to the result.
//
// Covers: PSEW-069
func TestResultSharesNoMemory(t *testing.T) {
	d := readDemo(t)
	result, err := impact.Calculate(d.Graph, d.Seeds, d.Facts)
	if err != nil {
		t.Fatal(err)
	}
	before := text(t, result)
	d.Graph.Accounts[3].ContractValue.Currency = "XXX"
	view, err := result.View(impact.AccountParty, impact.All, 0, 20)
	if err != nil {
		t.Fatal(err)
	}
	view.Indicators.Add(impact.Row{Party: impact.Party{Kind: impact.AccountParty, ID: "x"}, ContractValue: &impact.Money{Currency: "EUR"}})
	if text(t, result) != before {
		t.Errorf("the result changed to %s", text(t, result))
	}

	spare := append(make([]string, 0, 9), "m")
	share := impact.Share{Party: impact.Party{Kind: impact.AccountParty, ID: "x"}, Critical: spare}
	if _, err := share.Merge(impact.Share{Party: share.Party, Critical: []string{"a"}}); err != nil || share.Critical[0] != "m" {
		t.Errorf("merging changed the share to %v, %v", share, err)
	}
}

// What is taken out again leaves no trace.
func TestTotalsRemove(t *testing.T) {
	row := impact.Row{Party: impact.Party{Kind: impact.AccountParty, ID: "a"}, ContractValue: &impact.Money{Amount: decimal.New(125, -2), Currency: "EUR"},
		Products: 1, InstallBase: 2, ReactiveCases: 3}
	var none, sum impact.Totals
	sum.Add(row)
	sum.Remove(row)
	if text(t, sum) != text(t, none) {
		t.Errorf("left are %s", text(t, sum))
	}
}

func TestTotalsCloneAndSelfMerge(t *testing.T) {
	var a impact.Totals
	a.Add(impact.Row{Party: impact.Party{Kind: impact.ConsumerParty, ID: "c"}, ContractValue: &impact.Money{Amount: decimal.New(5, 0), Currency: "EUR"}})
	b := a.Clone()
	a.Merge(a)
	if a.Consumers != 2 || a.ContractValue["EUR"].Amount.String() != "10" || b.ContractValue["EUR"].Amount.String() != "5" {
		t.Errorf("a %+v, b %+v", a, b)
	}
}
