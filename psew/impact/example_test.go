package impact_test

import (
	"fmt"

	"github.com/forewarn-go/forewarn/psew/impact"
)

// Who is hit when a controller fails, and how badly.
//
// Covers: LIB-006, PSEW-002
func ExampleCalculate() {
	graph := impact.Graph{
		Nodes: []impact.Node{
			{ID: "Vmanage_10001", Kind: impact.CI},
			{ID: "Vedge_20001", Kind: impact.CI, Relations: []impact.Relation{{Type: "depends_on", To: "Vmanage_10001"}}},
			{ID: "sdwan", Kind: impact.Service, Critical: true, Relations: []impact.Relation{{Type: "runs_on", To: "Vedge_20001"}}},
		},
		InstallBase: []impact.Item{
			{ID: "site-berlin", Service: "sdwan", Account: "avid"},
			{ID: "site-rome", Service: "sdwan", Account: "avid"},
		},
		Accounts: []impact.Account{{ID: "avid", Name: "Avid Corporation"}},
	}
	result, err := impact.Calculate(graph, []string{"Vmanage_10001"}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, row := range result.Rows {
		fmt.Println(row.Name, row.InstallBase, "items,", row.CriticalServices, "critical service, contract value known:", row.ContractValue != nil)
	}
	// Output: Avid Corporation 2 items, 1 critical service, contract value known: false
}

// A walk over a store, a page at a time.
func ExampleReach() {
	standsOn := map[string][]string{"power": {"router", "switch"}, "router": {"internet"}, "switch": {"internet", "power"}}
	reach, err := impact.NewReach("power")
	for err == nil && !reach.Done() {
		err = reach.Step(100, func(ids []string) (found []string, err error) {
			for _, id := range ids {
				found = append(found, standsOn[id]...)
			}
			return found, nil
		})
	}
	fmt.Println(reach.IDs(), err)
	// Output: [internet power router switch] <nil>
}
