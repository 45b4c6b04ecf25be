// Package archtest holds the rules of the house that a compiler does not know, and checks the repository for them:
//
//   - who may import whom, of ours and of others ([Directions], [Dependencies]);
//   - an exported method of a Service is one use case, named as what it is ([UseCases]);
//   - the core has no clock, no randomness, no goroutine and no hidden state of its own ([Purity]).
//
// Each rule is a function of parsed packages, and is tested on code that breaks it.
package archtest

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Module is the import path of the module whose packages are checked.
const Module = "github.com/forewarn-go/forewarn"

// A Package is the code of one directory, its tests left out.
type Package struct {
	Path  string // below the module: "" is its root, else such as "adapters/memory"
	Files []File
}

// A File is one parsed file that is not a test.
type File struct {
	Name   string // without its directory
	Syntax *ast.File
}

// A Problem is one breach of a rule.
type Problem struct {
	Where string // the package, with the file or the method where that helps
	What  string
}

func (p Problem) String() string { return p.Where + ": " + p.What }

// Imports lists what the files of the package import, sorted, each once.
func (p Package) Imports() []string {
	var all []string
	for _, f := range p.Files {
		for _, spec := range f.Syntax.Imports {
			all = append(all, importPath(spec))
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func importPath(spec *ast.ImportSpec) string {
	s, err := strconv.Unquote(spec.Path.Value)
	if err != nil {
		return spec.Path.Value // the parser has taken it, so this cannot be
	}
	return s
}

// imported returns the name by which the file uses the package with the path; empty when it does not import it.
func (f File) imported(of string) string {
	for _, spec := range f.Syntax.Imports {
		if importPath(spec) != of {
			continue
		}
		if spec.Name != nil {
			return spec.Name.Name
		}
		if base := path.Base(of); !isVersion(base) {
			return base
		}
		return path.Base(path.Dir(of)) // math/rand/v2 is used as rand
	}
	return ""
}

func isVersion(s string) bool {
	_, err := strconv.Atoi(strings.TrimPrefix(s, "v"))
	return strings.HasPrefix(s, "v") && err == nil
}

// Load parses the packages of the module in the directory, all build tags alike. Nested modules, testdata and
// directories whose name starts with a dot or underscore are left out, as the go command does.
func Load(root string) ([]Package, error) {
	found := map[string]*Package{}
	files := token.NewFileSet()
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if name == root {
				return nil
			}
			if d.Name() == "testdata" || strings.HasPrefix(d.Name(), ".") || strings.HasPrefix(d.Name(), "_") {
				return filepath.SkipDir
			}
			if _, err := os.Stat(filepath.Join(name, "go.mod")); err == nil {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		syntax, err := parser.ParseFile(files, name, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		dir, err := filepath.Rel(root, filepath.Dir(name))
		if err != nil {
			return err
		}
		dir = strings.TrimPrefix(filepath.ToSlash(dir), ".")
		if found[dir] == nil {
			found[dir] = &Package{Path: dir}
		}
		found[dir].Files = append(found[dir].Files, File{Name: d.Name(), Syntax: syntax})
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("load the module: %w", err)
	}
	var packages []Package
	for _, p := range found {
		packages = append(packages, *p)
	}
	slices.SortFunc(packages, func(a, b Package) int { return strings.Compare(a.Path, b.Path) })
	return packages, nil
}

// under reports whether a path is the tree's root or lies below it.
func under(p, tree string) bool { return p == tree || strings.HasPrefix(p, tree+"/") }
