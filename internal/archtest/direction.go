package archtest

import (
	"path"
	"slices"
	"strings"
)

// A layer says what of ours the packages of a tree may import, besides the tree itself. The most exact entry holds for
// a package, so decision/catalog has a rule of its own and decision/dmn has that of decision.
type layer struct {
	tree string
	may  []string // "" is the root package; "x/..." the tree x
}

// base is what the packages of the field stand on.
var base = []string{"", "store", "ticket", "inventory", "internal/machine"}

// layers is the direction of imports, from the bottom up.
var layers = []layer{
	{"store", nil},
	{"bus", nil},
	{"decision", nil},
	{"sla/schedule", nil},
	{"internal/machine", nil},
	{"ticket", []string{"store"}},
	{"", []string{"store", "ticket"}},
	{"inventory", []string{"", "store", "ticket"}},
	{"decision/catalog", join(base, "decision/...")},
	{"sla", base},
	{"sla/ics", []string{"sla/schedule"}},
	{"worker", []string{"", "store", "ticket", "bus", "internal/machine"}},
	{"apinotif", join(base, "bus", "worker", "sla/...", "decision/...")},
	{"apinotif/tmf", []string{"store", "ticket"}},
	{"diagnostics", join(base, "decision/...")},
	{"techcase", join(base, "decision/...", "sla/...", "diagnostics")},
	{"psew", join(base, "decision/...", "sla/...", "diagnostics")},
	{"psew/impact", []string{"", "store", "ticket", "inventory"}},
	{"insight", join(base, "decision/...", "sla/...", "diagnostics", "techcase", "psew/...")},

	// Adapters know what they implement, and none knows another.
	{"adapters", []string{"", "store", "ticket", "bus"}},
	{"adapters/tmfhttp", join(base, "bus", "apinotif/...", "diagnostics", "psew/...", "techcase")}, // serves their use cases
	{"adapters/restbus", []string{"", "store", "ticket", "bus", "apinotif/..."}},

	// The suites know the port that they test.
	{"adapters/storagetest", []string{"", "store", "bus"}},
	{"adapters/logtest", []string{"", "store", "bus", "adapters/storagetest"}},
	{"adapters/bustest", []string{"", "store", "bus"}},
	{"adapters/diagtest", []string{"", "store", "bus", "diagnostics"}},
	{"adapters/notifytest", []string{"", "store", "bus"}},
	{"worker/workertest", []string{"", "store", "ticket", "bus", "worker"}},
	{"adapters/workertest", []string{"", "store", "ticket", "bus", "worker"}},

	// These stand outside, and import what they like.
	{"examples", nil},
	{"internal", nil},
}

// pure are the trees of the library without its adapters. They need nothing beyond the three modules below, import no
// driver and no server, and have neither clock nor randomness.
var pure = []string{"", "store", "bus", "ticket", "inventory", "decision", "sla", "worker", "apinotif", "diagnostics",
	"techcase", "psew", "insight", "internal/machine"}

// isPure reports whether the package belongs to one of the pure trees.
func isPure(p string) bool {
	return !isSuite(p) && slices.ContainsFunc(pure, func(tree string) bool {
		if tree == "" {
			return p == ""
		}
		return under(p, tree)
	})
}

// isSuite reports whether the package is a conformance suite: those may import a test library.
func isSuite(p string) bool { return strings.HasSuffix(path.Base(p), "test") && !under(p, "internal") }

// Directions checks what each package imports of ours.
func Directions(packages []Package) []Problem {
	var problems []Problem
	for _, p := range packages {
		rule, ok := ruleOf(p.Path)
		if !ok {
			problems = append(problems, Problem{where(p.Path), "has no place in the direction of imports"})
			continue
		}
		for _, imported := range p.Imports() {
			target, ours := below(imported)
			if !ours || allowed(p.Path, rule, target) {
				continue
			}
			problems = append(problems, Problem{where(p.Path), "may not import " + where(target)})
		}
	}
	return problems
}

func ruleOf(p string) (layer, bool) {
	best, ok := layer{}, false
	for _, l := range layers {
		if l.tree == "" && p != "" {
			continue
		}
		if under(p, l.tree) && (!ok || len(l.tree) > len(best.tree)) {
			best, ok = l, true
		}
	}
	return best, ok
}

func allowed(from string, rule layer, target string) bool {
	if rule.tree == "examples" || rule.tree == "internal" {
		return true
	}
	if rule.tree != "" && rule.tree != "adapters" && under(target, rule.tree) { // within one tree
		return true
	}
	if rule.tree == "adapters" && top2(from) == top2(target) { // packages inside one adapter
		return true
	}
	return slices.ContainsFunc(rule.may, func(m string) bool {
		if tree, ok := strings.CutSuffix(m, "/..."); ok {
			return under(target, tree)
		}
		return m == target
	})
}

// top2 returns the first two elements of a path: the adapter that a package belongs to.
func top2(p string) string {
	parts := strings.SplitN(p, "/", 3)
	return strings.Join(parts[:min(2, len(parts))], "/")
}

// below returns the path below the module, and whether the import is of ours.
func below(imported string) (string, bool) {
	if imported == Module {
		return "", true
	}
	return strings.CutPrefix(imported, Module+"/")
}

func where(p string) string {
	if p == "" {
		return "forewarn (the root package)"
	}
	return p
}

func join(list []string, more ...string) []string { return append(slices.Clone(list), more...) }
