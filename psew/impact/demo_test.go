package impact_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"testing"

	"github.com/forewarn-go/forewarn/psew/impact"
)

var update = flag.Bool("update", false, "write the golden files anew")

type demo struct {
	Graph impact.Graph                  `json:"graph"`
	Seeds []string                      `json:"seeds"`
	Facts map[impact.Party]impact.Facts `json:"facts"`
}

func readDemo(t testing.TB) demo {
	t.Helper()
	text, err := os.ReadFile("testdata/demo.json")
	if err != nil {
		t.Fatal(err)
	}
	var d demo
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&d); err != nil {
		t.Fatal(err)
	}
	return d
}

func golden(t *testing.T, file string, v any) {
	t.Helper()
	got, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	got = append(got, '\n')
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs; got\n%s", file, got)
	}
}

// The example of the customer impact tab, from demo data.
//
// Covers: PSEW-065, PSEW-068, PSEW-071
func TestExampleOfTheTab(t *testing.T) {
	d := readDemo(t)
	result, err := impact.Calculate(d.Graph, d.Seeds, d.Facts)
	if err != nil {
		t.Fatal(err)
	}
	view, err := result.View(impact.AccountParty, impact.All, 0, 20)
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "testdata/view.golden.json", view)

	if got := view.Showing.String(); got != "Showing 1-3 of 3" {
		t.Errorf("showing %q", got)
	}
	in := view.Indicators
	if usd := in.ContractValue["USD"]; len(in.ContractValue) != 1 || !usd.Amount.IsZero() || usd.Parties != 1 || in.WithoutContractValue != 2 {
		t.Errorf("contract value %v, without %d; want $0 of one party, two without", in.ContractValue, in.WithoutContractValue)
	}
	if in.Products != 0 || in.InstallBase != 6 || in.ReactiveCases != 0 {
		t.Errorf("products %d, install base %d, reactive %d; want 0, 6, 0", in.Products, in.InstallBase, in.ReactiveCases)
	}
	want := []struct {
		name, record string
		value        bool // it is known, and zero
		sent         bool
		critical     int
	}{{"Avid Corporation", "CS0001022", true, true, 1}, {"Tom Tom Networks", "", false, false, 0}, {"Unity System", "", false, false, 0}}
	if len(view.Accounts) != len(want) {
		t.Fatalf("%d rows", len(view.Accounts))
	}
	for i, w := range want {
		a := view.Accounts[i]
		record := ""
		if a.ProactiveRecord != nil {
			record = *a.ProactiveRecord
		}
		if a.Account != w.name || record != w.record || a.AccountEscalated || a.CommunicationSent != w.sent ||
			(a.ContractValue != nil) != w.value || a.CriticalAffectedServices != w.critical {
			t.Errorf("row %d = %+v; want %+v", i, a, w)
		}
	}
}

// Covers: PSEW-057
func TestCardsOfTheExample(t *testing.T) {
	d := readDemo(t)
	result, err := impact.Calculate(d.Graph, d.Seeds, d.Facts)
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "testdata/result.golden.json", result)
}
