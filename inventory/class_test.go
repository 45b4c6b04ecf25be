package inventory_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/inventory"
)

// Covers: PSEW-009, PSEW-116, PSEW-117, PSEW-118, PSEW-119, PSEW-120
func TestClassesOfSDWAN(t *testing.T) {
	classes := inventory.DefaultClasses()
	for _, want := range []inventory.Class{
		{Name: "sd_wan_controller", Label: "SD WAN Controller", Extends: "cmdb_ci_Server_Hardware"},
		{Name: "sd_wan_edge", Label: "SD WAN Edge", Extends: "cmdb_ci_netgear"},
		{Name: "sd_wan_edge_port", Label: "SD WAN Edge Port", Extends: "cmdb_ci_netgear"},
		{Name: "network_circuit", Label: "Network Circuit", Extends: "cmdb_ci"},
		{Name: "provider_edge", Label: "Provider Edge", Extends: "cmdb_ci_netgear"},
	} {
		for _, spelling := range []string{want.Name, want.Label, strings.ToUpper(want.Label), strings.ReplaceAll(want.Label, " ", "-")} {
			if got, ok := classes.Get(spelling); !ok || got != want {
				t.Errorf("Get(%q) = %+v, %v; want %+v", spelling, got, ok, want)
			}
		}
		if !classes.Is(want.Name, want.Extends) || !classes.Is(want.Name, inventory.BaseClass) || !classes.Is(want.Name, want.Name) {
			t.Errorf("%s is not what it extends", want.Name)
		}
	}
	for _, not := range [][2]string{{"cmdb_ci_netgear", "sd_wan_edge"}, {"sd_wan_edge", "sd_wan_edge_port"}, {"network_circuit", "cmdb_ci_netgear"}, {"none", "cmdb_ci"}, {"sd_wan_edge", "none"}} {
		if classes.Is(not[0], not[1]) {
			t.Errorf("%s is %s", not[0], not[1])
		}
	}
}

// Covers: PSEW-121
func TestFurtherClasses(t *testing.T) {
	classes := inventory.DefaultClasses()
	more, err := classes.With(inventory.Class{Name: "acme_box", Label: "Acme Box", Extends: "sd_wan_edge"},
		inventory.Class{Name: "acme_mini", Label: "Acme Mini", Extends: "acme_box"})
	if err != nil {
		t.Fatal(err)
	}
	if !more.Is("Acme Mini", "cmdb_ci_netgear") {
		t.Error("a class of a class that was added is no network gear")
	}
	if _, ok := classes.Get("acme_box"); ok {
		t.Error("With has changed what it was called on")
	}
	if again, err := more.With(inventory.Class{Name: "acme_box", Label: "Acme Box", Extends: "sd_wan_edge"}); err != nil || !again.Is("acme_mini", "acme_box") {
		t.Errorf("the same again: %v", err)
	}
	for name, bad := range map[string]inventory.Class{
		"no name":        {Label: "x", Extends: "cmdb_ci"},
		"no parent":      {Name: "x", Label: "x"},
		"unknown parent": {Name: "x", Label: "x", Extends: "y"},
		"itself":         {Name: "x", Label: "x", Extends: "x"},
		"other label":    {Name: "sd_wan_edge", Label: "Edge", Extends: "cmdb_ci_netgear"},
		"other parent":   {Name: "sd_wan_edge", Label: "SD WAN Edge", Extends: "cmdb_ci"},
	} {
		got, err := classes.With(bad)
		if !errors.Is(err, forewarn.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
		if _, ok := got.Get("sd_wan_edge"); !ok {
			t.Errorf("%s: the classes are lost", name)
		}
	}
}
