package inventory

import (
	"strings"
	"unicode"

	"github.com/forewarn-go/forewarn"
)

// Class is a class of configuration items.
type Class struct {
	Name    string // as a CI names it
	Label   string
	Extends string // the name of the class above; "" for the root
}

// Classes is the tree of CI classes. It is an immutable value; With returns a larger one.
type Classes struct{ byName map[string]Class }

// BaseClass is the root of the tree.
const BaseClass = "cmdb_ci"

// DefaultClasses returns the classes of the original's SD-WAN application above those that they extend.
func DefaultClasses() Classes {
	c, err := Classes{}.With(
		Class{BaseClass, "Configuration Item", ""},
		Class{"cmdb_ci_hardware", "Hardware", BaseClass},
		Class{"cmdb_ci_computer", "Computer", "cmdb_ci_hardware"},
		Class{"cmdb_ci_server", "Server", "cmdb_ci_computer"},
		Class{"cmdb_ci_Server_Hardware", "Server Hardware", "cmdb_ci_server"},
		Class{"cmdb_ci_netgear", "Network Gear", "cmdb_ci_hardware"},
		Class{"sd_wan_controller", "SD WAN Controller", "cmdb_ci_Server_Hardware"},
		Class{"sd_wan_edge", "SD WAN Edge", "cmdb_ci_netgear"},
		Class{"sd_wan_edge_port", "SD WAN Edge Port", "cmdb_ci_netgear"},
		Class{"network_circuit", "Network Circuit", BaseClass},
		Class{"provider_edge", "Provider Edge", "cmdb_ci_netgear"},
	)
	if err != nil {
		panic(err) // the list above is wrong, and the first test shows it
	}
	return c
}

// With returns the classes and further ones. Each extends one that is there, or stands before it in the list. A class
// that is there already with another label or parent is an ErrInvalid.
func (c Classes) With(more ...Class) (Classes, error) {
	next := make(map[string]Class, len(c.byName)+len(more))
	for n, k := range c.byName {
		next[n] = k
	}
	for _, k := range more {
		switch old, ok := next[fold(k.Name)]; {
		case strings.TrimSpace(k.Name) == "":
			return c, forewarn.Invalid("class.name", "is empty")
		case ok && old != k:
			return c, forewarn.Invalid("class "+k.Name, "is there already as %q, which extends %q", old.Label, old.Extends)
		case k.Extends == "" && k.Name != BaseClass:
			return c, forewarn.Invalid("class "+k.Name, "extends no class")
		}
		if k.Extends != "" {
			if _, ok := next[fold(k.Extends)]; !ok {
				return c, forewarn.Invalid("class "+k.Name, "extends %q, which is no class", k.Extends)
			}
		}
		next[fold(k.Name)] = k
	}
	return Classes{next}, nil
}

// Get returns a class by its name or its label, in any spelling of case, spaces, dashes and underscores.
func (c Classes) Get(name string) (Class, bool) {
	if k, ok := c.byName[fold(name)]; ok {
		return k, true
	}
	for _, k := range c.byName {
		if fold(k.Label) == fold(name) {
			return k, true
		}
	}
	return Class{}, false
}

// Is reports whether a class is another, or extends it by any number of steps.
func (c Classes) Is(name, ancestor string) bool {
	want, ok := c.Get(ancestor)
	if !ok {
		return false
	}
	k, ok := c.Get(name)
	for ok {
		if k == want {
			return true
		}
		k, ok = c.byName[fold(k.Extends)]
	}
	return false
}

func fold(s string) string {
	return strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' || r == '_' {
			return -1
		}
		return unicode.ToLower(r)
	}, s)
}
