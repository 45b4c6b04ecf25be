package archtest

import (
	"slices"
	"strings"
)

// kernel are the modules that the library itself stands on. A program that imports nothing but the library and no
// adapter gets these in its build and no other.
var kernel = []string{"github.com/google/uuid", "github.com/shopspring/decimal", "github.com/cenkalti/backoff/v4"}

// confined says where else a module may be used. Tests may use any.
var confined = map[string][]string{
	"github.com/twmb/franz-go":                 {"adapters/kafka", "examples", "internal"},
	"github.com/jmoiron/sqlx":                  {"adapters/sqlstore", "examples", "internal"},
	"github.com/jackc/pgx/v5":                  {"adapters/sqlstore", "examples", "internal"},
	"modernc.org/sqlite":                       {"adapters/sqlstore", "examples", "internal"},
	"github.com/wneessen/go-mail":              {"adapters/smtp", "examples", "internal"},
	"github.com/google/btree":                  {"adapters/memory"},
	"go.etcd.io/bbolt":                         {"examples"},
	"github.com/arran4/golang-ical":            {"sla/ics"},
	"github.com/xuri/excelize/v2":              {"decision/xlsx"},
	"github.com/santhosh-tekuri/jsonschema/v6": {"internal"},
	"pgregory.net/rapid":                       {"adapters/storagetest", "adapters/logtest", "adapters/bustest", "adapters/diagtest", "adapters/notifytest", "adapters/workertest", "worker/workertest", "examples", "internal"},
}

// readers are packages of pure trees that read a format of others through a library. What that library brings into a
// build, they bring too (golang-ical and excelize can fetch what a file names and so have net/http), and only those who import them get it.
var readers = []string{"sla/ics", "decision/xlsx"}

// outside are packages of the standard library that a pure package may not bring into a build, itself or through
// another: by exact path, since uuid brings database/sql/driver and net.
var outside = []string{"database/sql", "net/http", "os/exec", "testing", "plugin"}

// Dependencies checks what each package imports that is not ours, and, where the go command has listed it, all that
// it brings into a build: deps maps a package's path below the module to the import paths of its dependencies.
func Dependencies(packages []Package, deps map[string][]string) []Problem {
	var problems []Problem
	for _, p := range packages {
		for _, imported := range p.Imports() {
			if what := forbidden(p.Path, imported); what != "" {
				problems = append(problems, Problem{where(p.Path), what})
			}
		}
		if !isPure(p.Path) || slices.Contains(readers, p.Path) {
			continue
		}
		for _, dep := range deps[p.Path] {
			if _, ours := below(dep); ours {
				continue
			}
			if slices.Contains(outside, dep) || (external(dep) && moduleOf(dep, kernel) == "") {
				problems = append(problems, Problem{where(p.Path), "brings " + dep + " into a build"})
			}
		}
	}
	return problems
}

// forbidden says what is wrong with an import of what is not ours; empty when nothing is.
func forbidden(p, imported string) string {
	if _, ours := below(imported); ours {
		return ""
	}
	if imported == "testing" || strings.HasPrefix(imported, "testing/") {
		if isSuite(p) || under(p, "adapters/internal") { // the latter serves the suites' own tests, and no code may import it
			return ""
		}
		return "imports " + imported + " outside of tests and suites"
	}
	if isPure(p) && slices.Contains(outside, imported) {
		return "may not import " + imported
	}
	if !external(imported) || moduleOf(imported, kernel) != "" {
		return ""
	}
	for module, trees := range confined {
		if imported == module || strings.HasPrefix(imported, module+"/") {
			if slices.ContainsFunc(trees, func(tree string) bool { return under(p, tree) }) {
				return ""
			}
			return "may not import " + imported + ": it is confined to " + strings.Join(trees, ", ")
		}
	}
	if isPure(p) || isSuite(p) || p == "adapters/memory" {
		return "may not import " + imported
	}
	return ""
}

// external reports whether the import path is that of a package of somebody else's module.
func external(imported string) bool {
	first, _, _ := strings.Cut(imported, "/")
	return strings.Contains(first, ".")
}

func moduleOf(imported string, modules []string) string {
	for _, m := range modules {
		if imported == m || strings.HasPrefix(imported, m+"/") {
			return m
		}
	}
	return ""
}
