package archtest_test

import (
	"go/parser"
	"go/token"
	"strings"
	"testing"

	"github.com/forewarn-go/forewarn/internal/archtest"
)

// parse makes a package of one file.
func parse(t *testing.T, path, file, source string) archtest.Package {
	t.Helper()
	syntax, err := parser.ParseFile(token.NewFileSet(), file, source, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	return archtest.Package{Path: path, Files: []archtest.File{{Name: file, Syntax: syntax}}}
}

// imports makes a package that imports the paths; "./x" is our package x and "./" our root.
func imports(t *testing.T, path string, paths ...string) archtest.Package {
	t.Helper()
	var source strings.Builder
	source.WriteString("package p\n")
	for _, p := range paths {
		if rest, ours := strings.CutPrefix(p, "./"); ours {
			p = strings.TrimSuffix(archtest.Module+"/"+rest, "/")
		}
		source.WriteString("import _ \"" + p + "\"\n")
	}
	return parse(t, path, "p.go", source.String())
}

// expect fails unless there is exactly one problem, whose text holds want; none is expected where want is empty.
func expect(t *testing.T, what string, problems []archtest.Problem, want string) {
	t.Helper()
	switch {
	case want == "" && len(problems) > 0:
		t.Errorf("%s: %v, want no problem", what, problems)
	case want != "" && (len(problems) != 1 || !strings.Contains(problems[0].String(), want)):
		t.Errorf("%s: %v, want one problem: %s", what, problems, want)
	}
}

func TestDirectionsBite(t *testing.T) {
	for _, test := range []struct{ from, to, want string }{
		{"store", "./ticket", "may not import ticket"},
		{"store", "./internal/machine", "may not import internal/machine"},
		{"bus", "./store", "may not import store"},
		{"decision", "./store", "may not import store"},
		{"decision/dmn", "./decision", ""},
		{"decision/dmn", "./", "may not import forewarn"},
		{"decision/catalog", "./decision", ""},
		{"sla/schedule", "./ticket", "may not import ticket"},
		{"ticket", "./store", ""},
		{"ticket", "./", "may not import forewarn"},
		{"", "./ticket", ""},
		{"", "./inventory", "may not import inventory"},
		{"inventory", "./", ""},
		{"worker", "./bus", ""},
		{"worker", "./apinotif", "may not import apinotif"},
		{"apinotif", "./worker", ""},
		{"apinotif", "./psew", "may not import psew"},
		{"psew", "./inventory", ""},
		{"psew", "./psew/impact", ""},
		{"psew", "./techcase", "may not import techcase"},
		{"psew", "./apinotif", "may not import apinotif"},
		{"psew", "./apinotif/tmf", "may not import apinotif/tmf"},
		{"psew", "./adapters/memory", "may not import adapters/memory"},
		{"psew/impact", "./psew", "may not import psew"},
		{"techcase", "./apinotif/tmf", "may not import apinotif/tmf"},
		{"techcase", "./psew", "may not import psew"},
		{"techcase", "./diagnostics", ""},
		{"diagnostics", "./techcase", "may not import techcase"},
		{"adapters/sqlstore", "./", ""},
		{"adapters/sqlstore", "./adapters/memory", "may not import adapters/memory"},
		{"adapters/sqlstore", "./adapters/sqlstore/dialect", ""},
		{"adapters/kafka", "./psew", "may not import psew"},
		{"adapters/kafka", "./adapters/internal/recorder", "may not import adapters/internal/recorder"},
		{"adapters/logtest", "./adapters/internal/recorder", "may not import adapters/internal/recorder"},
		{"adapters/logtest", "./adapters/storagetest", ""},
		{"adapters/storagetest", "./adapters/memory", "may not import adapters/memory"},
		{"adapters/storagetest", "./psew", "may not import psew"},
		{"examples/outage", "./adapters/sqlstore", ""},
		{"internal/archtest", "./psew", ""},
		{"util", "fmt", "has no place"},
	} {
		expect(t, test.from+" imports "+test.to, archtest.Directions([]archtest.Package{imports(t, test.from, test.to)}), test.want)
	}
}

func TestDependenciesBite(t *testing.T) {
	for _, test := range []struct{ from, to, want string }{
		{"", "github.com/google/uuid", ""},
		{"", "github.com/cenkalti/backoff/v4", ""},
		{"", "golang.org/x/text/cases", "may not import golang.org/x/text/cases"},
		{"psew", "database/sql", "may not import database/sql"},
		{"psew", "database/sql/driver", ""},
		{"psew", "net", ""},
		{"psew/impact", "net/http", "may not import net/http"},
		{"worker", "github.com/twmb/franz-go/pkg/kgo", "confined to adapters/kafka"},
		{"techcase", "github.com/jmoiron/sqlx", "confined to adapters/sqlstore"},
		{"adapters/smtp", "github.com/jackc/pgx/v5", "confined to adapters/sqlstore"},
		{"adapters/sqlstore", "github.com/jackc/pgx/v5/pgconn", ""},
		{"adapters/storagetest", "pgregory.net/rapid", ""},
		{"adapters/storagetest", "testing", ""},
		{"adapters/storagetest", "github.com/stretchr/testify/assert", "may not import github.com/stretchr"},
		{"adapters/memory", "testing", "outside of tests and suites"},
		{"adapters/memory", "pgregory.net/rapid", "confined to"},
		{"adapters/internal/recorder", "testing", ""},
		{"sla/schedule", "testing/quick", "outside of tests and suites"},
		{"internal/pgserver", "testing", "outside of tests and suites"},
	} {
		expect(t, test.from+" imports "+test.to, archtest.Dependencies([]archtest.Package{imports(t, test.from, test.to)}, nil), test.want)
	}
	for _, test := range []struct {
		from string
		deps []string
		want string
	}{
		{"psew", []string{"fmt", "net", "database/sql/driver", "github.com/google/uuid", archtest.Module + "/store"}, ""},
		{"sla/ics", []string{"net/http"}, ""},
		{"psew", []string{"database/sql"}, "brings database/sql into a build"},
		{"", []string{"golang.org/x/text/unicode/norm"}, "brings golang.org/x/text/unicode/norm into a build"},
		{"adapters/kafka", []string{"net/http"}, ""},
	} {
		p := []archtest.Package{imports(t, test.from)}
		expect(t, test.from+" depends on more", archtest.Dependencies(p, map[string][]string{test.from: test.deps}), test.want)
	}
}

func TestUseCasesBite(t *testing.T) {
	const header = `package psew
import (
	"context"
	fw "` + archtest.Module + `"
)
type Service struct{ engine *fw.Engine }
`
	for _, test := range []struct{ name, method, want string }{
		{"a use case", `func (s *Service) Escalate(ctx context.Context, by fw.Caller, cmd Escalate) (Incident, error) {
			return fw.Do(ctx, s.engine, by, "psew.Escalate", cmd, s.escalate) }`, ""},
		{"a reading one", `func (s *Service) Get(ctx context.Context, by fw.Caller, q Get) (Incident, error) {
			return fw.Read[Get, Incident](ctx, s.engine, by, "psew.Get", q, s.get) }`, ""},
		{"the seam", `func (s *Service) Book() Book { return Book{} }`, ""},
		{"an unexported method", `func (s *Service) escalate(u *fw.Unit, cmd Escalate) error { return nil }`, ""},
		{"a method of another type", `func (b Book) Open(u *fw.Unit) error { return nil }`, ""},
		{"another name", `func (s *Service) Escalate(ctx context.Context, by fw.Caller, cmd Escalate) (Incident, error) {
			return fw.Do(ctx, s.engine, by, "psew.Resolve", cmd, s.escalate) }`, `is not named "psew.Escalate"`},
		{"a name that is no literal", `func (s *Service) Escalate(ctx context.Context, by fw.Caller, cmd Escalate) (Incident, error) {
			return fw.Do(ctx, s.engine, by, name, cmd, s.escalate) }`, `is not named "psew.Escalate"`},
		{"another command", `func (s *Service) Escalate(ctx context.Context, by fw.Caller, cmd Command) (Incident, error) {
			return fw.Do(ctx, s.engine, by, "psew.Escalate", cmd, s.escalate) }`, "not of type Escalate"},
		{"work outside of the unit", `func (s *Service) Escalate(ctx context.Context, by fw.Caller, cmd Escalate) (Incident, error) {
			cmd.Note = ""
			return fw.Do(ctx, s.engine, by, "psew.Escalate", cmd, s.escalate) }`, "more than one statement"},
		{"no unit at all", `func (s *Service) Escalate(ctx context.Context, by fw.Caller, cmd Escalate) (Incident, error) {
			return s.escalate(ctx, cmd) }`, "does not return one call"},
		{"no caller", `func (s *Service) Escalate(ctx context.Context, by string, cmd Escalate) (Incident, error) {
			return fw.Do(ctx, s.engine, by, "psew.Escalate", cmd, s.escalate) }`, "a forewarn.Caller first"},
		{"no command", `func (s *Service) Count(ctx context.Context, by fw.Caller) (int, error) { return 0, nil }`, "takes a context, a Caller and a command"},
	} {
		expect(t, test.name, archtest.UseCases([]archtest.Package{parse(t, "psew", "p.go", header+test.method)}), test.want)
	}
}

func TestPurityBites(t *testing.T) {
	for _, test := range []struct{ name, path, file, source, want string }{
		{"the time as an argument", "psew", "p.go", `import "time"; func f(now time.Time) time.Time { return now.Add(time.Hour) }`, ""},
		{"a clock", "psew", "p.go", `import "time"; func f() time.Time { return time.Now() }`, "uses time.Now"},
		{"a clock under another name", "sla", "p.go", `import hour "time"; func f(t hour.Time) { hour.Since(t) }`, "uses time.Since"},
		{"a clock as a value", "psew", "p.go", `import "time"; var now = time.Now`, "uses time.Now"},
		{"the clock's own file", "", "clock.go", `import "time"; func f() time.Time { return time.Now() }`, ""},
		{"another file beside it", "", "do.go", `import "time"; func f() time.Time { return time.Now() }`, "uses time.Now"},
		{"a file of that name elsewhere", "psew", "clock.go", `import "time"; func f() time.Time { return time.Now() }`, "uses time.Now"},
		{"sleep", "worker", "p.go", `import "time"; func f() { time.Sleep(1) }`, "uses time.Sleep"},
		{"a timer in the worker", "worker", "p.go", `import "time"; func f() { time.NewTimer(1) }`, ""},
		{"a timer in the field", "techcase", "p.go", `import "time"; func f() { time.NewTimer(1) }`, "uses time.NewTimer"},
		{"randomness", "psew", "p.go", `import "math/rand/v2"; func f() int { return rand.Int() }`, "uses math/rand/v2"},
		{"a random id", "psew", "p.go", `import "github.com/google/uuid"; func f() { uuid.New() }`, "uuid.New"},
		{"a derived id", "psew", "p.go", `import "github.com/google/uuid"; func f() { uuid.NewSHA1(uuid.Nil, nil) }`, ""},
		{"a goroutine", "psew", "p.go", `func f() { go f() }`, "starts a goroutine"},
		{"a goroutine of the worker", "worker", "p.go", `func f() { go f() }`, ""},
		{"init", "ticket", "p.go", `func init() {}`, "has a function init"},
		{"a method init", "ticket", "p.go", `type t int; func (t) init() {}`, ""},
		{"a table", "psew", "p.go", `var table = map[string]int{"a": 1}; func f() int { return table["a"] }`, ""},
		{"a registry", "psew", "p.go", `var table = map[string]int{}; func f(k string) { table[k] = 1 }`, "changes the package's variable table"},
		{"a counter", "psew", "p.go", `var n int; func f() { n++ }`, "changes the package's variable n"},
		{"a deletion", "psew", "p.go", `var m map[int]int; func f() { delete(m, 1) }`, "changes the package's variable m"},
		{"a field of one", "psew", "p.go", `var c struct{ on bool }; func f() { c.on = true }`, "changes the package's variable c"},
		{"a local of that name", "psew", "p.go", `var n int; func f() { n := 1; n++ }`, ""},
		{"a parameter of that name", "psew", "p.go", `var n int; func f(n int) { n++ }`, ""},
		{"an adapter", "adapters/kafka", "p.go", `import "time"; func init() { go time.Now() }`, ""},
	} {
		p := parse(t, test.path, test.file, "package p\n"+strings.ReplaceAll(test.source, "; func", "\nfunc"))
		expect(t, test.name, archtest.Purity([]archtest.Package{p}), test.want)
	}
}

func TestLoadLeavesOutWhatIsNotThePackage(t *testing.T) {
	for _, p := range load(t) {
		if strings.HasPrefix(p.Path, "tools") || strings.HasPrefix(p.Path, "benchmarks") || strings.Contains(p.Path, "testdata") {
			t.Errorf("%s belongs to another module or is test data", p.Path)
		}
		for _, f := range p.Files {
			if strings.HasSuffix(f.Name, "_test.go") {
				t.Errorf("%s/%s is a test", p.Path, f.Name)
			}
		}
	}
}
