package archtest_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/forewarn-go/forewarn/internal/archtest"
)

// root is the directory of the module.
var root = filepath.Join("..", "..")

func load(t *testing.T) []archtest.Package {
	t.Helper()
	packages, err := archtest.Load(root)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(packages, func(p archtest.Package) bool { return p.Path == "store" }) {
		t.Fatal("the package store is not found: nothing would be checked")
	}
	return packages
}

func report(t *testing.T, problems []archtest.Problem) {
	t.Helper()
	for _, p := range problems {
		t.Error(p)
	}
}

// Covers: LIB-001
func TestDirections(t *testing.T) { report(t, archtest.Directions(load(t))) }

// Covers: LIB-002
func TestDependencies(t *testing.T) {
	packages := load(t)
	report(t, archtest.Dependencies(packages, dependencies(t)))
}

func TestUseCases(t *testing.T) { report(t, archtest.UseCases(load(t))) }

// Covers: LIB-009
func TestPurity(t *testing.T) { report(t, archtest.Purity(load(t))) }

// dependencies asks the go command for all that each package of the module brings into a build.
func dependencies(t *testing.T) map[string][]string {
	t.Helper()
	var complaint bytes.Buffer
	cmd := exec.CommandContext(t.Context(), "go", "list", "-e", "-deps", "-json=ImportPath,Deps", "./...")
	cmd.Dir, cmd.Stderr = root, &complaint
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, complaint.String())
	}
	deps := map[string][]string{}
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var p struct {
			ImportPath string
			Deps       []string
		}
		err := decoder.Decode(&p)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if p.ImportPath == archtest.Module {
			deps[""] = p.Deps
		} else if path, ours := strings.CutPrefix(p.ImportPath, archtest.Module+"/"); ours {
			deps[path] = p.Deps
		}
	}
	if len(deps["store"]) == 0 {
		t.Fatal("go list tells no dependencies of the package store")
	}
	return deps
}
