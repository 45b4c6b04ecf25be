package main

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/shopspring/decimal"

	"github.com/forewarn-go/forewarn/inventory"
)

// controller is the configuration item that fails.
const controller = "Vmanage_10001"

var names = []string{"Avid", "Tom Tom", "Unity", "Northwind", "Fabrikam"}

// customer returns id and name of the n-th customer, from 0.
func customer(n int) (id, name string) {
	id = fmt.Sprintf("account-%06d", n+1)
	if n < len(names) {
		return id, names[n]
	}
	return id, fmt.Sprintf("Customer %06d", n+1)
}

func contact(n int) string { return fmt.Sprintf("contact-%06d", n+1) }

// writeInventory writes the controller, the services that stand on it, and n customers of them, as JSON lines.
func writeInventory(w io.Writer, n int) error {
	lines := json.NewEncoder(w)
	put := func(items ...inventory.Item) error {
		for _, i := range items {
			if err := lines.Encode(i); err != nil {
				return err
			}
		}
		return nil
	}
	err := put(
		inventory.Item{Type: inventory.TypeCI, ID: controller, Name: controller, Class: "sd_wan_controller"},
		inventory.Item{Type: inventory.TypeCI, ID: "edge-1", Name: "SD-WAN edge 1", Class: "sd_wan_edge",
			Relations: []inventory.Relation{{Type: "depends_on", To: controller}}},
		inventory.Item{Type: inventory.TypeService, ID: "sdwan-enterprise", Name: "SD-WAN Enterprise", Critical: true, Definition: "Fibre broadband",
			Relations: []inventory.Relation{{Type: "depends_on", To: "edge-1"}, {Type: "runs_on", To: controller}}},
	)
	for i := 0; i < n && err == nil; i++ {
		id, name := customer(i)
		value := decimal.New(int64(i%40)*2500, 0)
		err = put(
			inventory.Item{Type: inventory.TypeContact, ID: contact(i), Name: "Contact of " + name, Email: contact(i) + "@example.com", Account: id},
			inventory.Item{Type: inventory.TypeAccount, ID: id, Name: name, Contact: contact(i), ContractValue: &value, Currency: "USD"},
			inventory.Item{Type: inventory.TypeInstallBase, ID: id + "-sdwan", Name: name + " SD-WAN", Service: "sdwan-enterprise", Account: id},
			inventory.Item{Type: inventory.TypeSoldProduct, ID: id + "-product", Name: "SD-WAN Enterprise", Account: id},
		)
	}
	return err
}
