package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// coverage is what the repository says of its requirements.
type coverage struct {
	requirements map[id]string
	absences     absences
	tests        map[id][]test
	mistakes     []string // Covers lines that cannot be read or stand above no test
}

// A test is a function that the go command runs.
type test struct {
	importPath string // of its package
	dir        string // of its package, below the root
	name       string
}

func (t test) String() string { return strings.TrimPrefix(t.dir+".", "./") + t.name }

// full is how a test run names it.
func (t test) full() string { return t.importPath + "." + t.name }

func collect(root string) (*coverage, error) {
	c := &coverage{tests: map[id][]test{}}
	var err error
	if c.requirements, err = readRequirements(filepath.Join(root, requirementsFile)); err != nil {
		return nil, err
	}
	if c.absences, err = readAbsences(filepath.Join(root, absencesFile)); err != nil {
		return nil, err
	}
	modules := map[string]string{} // directory below the root to the module's path
	err = filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		below, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		below = filepath.ToSlash(below)
		if d.IsDir() {
			if below != "." && (strings.HasPrefix(d.Name(), ".") || strings.HasPrefix(d.Name(), "_") || d.Name() == "testdata") {
				return filepath.SkipDir
			}
			text, err := os.ReadFile(filepath.Join(name, "go.mod"))
			if err == nil {
				modules[below] = modulePath(string(text))
			}
			return nil
		}
		if !strings.HasSuffix(name, "_test.go") {
			return nil
		}
		source, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		dir := path.Dir(below)
		return c.scan(dir, importPath(modules, dir), below, source)
	})
	if err != nil {
		return nil, err
	}
	for _, tests := range c.tests {
		slices.SortFunc(tests, func(a, b test) int { return strings.Compare(a.String(), b.String()) })
	}
	return c, nil
}

var module = regexp.MustCompile(`(?m)^module\s+(\S+)`)

func modulePath(goMod string) string {
	if m := module.FindStringSubmatch(goMod); m != nil {
		return m[1]
	}
	return ""
}

// importPath joins the path of the nearest module above the directory with what lies between.
func importPath(modules map[string]string, dir string) string {
	for at := dir; ; at = path.Dir(at) {
		if m, ok := modules[at]; ok {
			if at == "." {
				return path.Join(m, dir)
			}
			return path.Join(m, strings.TrimPrefix(dir, at))
		}
		if at == "." {
			return dir
		}
	}
}

const marker = "Covers:"

// scan reads the Covers lines of one file.
func (c *coverage) scan(dir, importPath, file string, source []byte) error {
	if !strings.Contains(string(source), marker) {
		return nil
	}
	set := token.NewFileSet()
	syntax, err := parser.ParseFile(set, file, source, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	above := map[*ast.CommentGroup]string{}
	for _, d := range syntax.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && f.Doc != nil && f.Recv == nil && runs(f.Name.Name) {
			above[f.Doc] = f.Name.Name
		}
	}
	for _, group := range syntax.Comments {
		for _, comment := range group.List {
			list, ok := strings.CutPrefix(comment.Text, "// "+marker)
			if !ok {
				continue
			}
			at := set.Position(comment.Pos())
			name := above[group]
			if name == "" {
				c.mistakes = append(c.mistakes, fmt.Sprintf("%s:%d: a line %q that is not directly above a test", file, at.Line, marker))
				continue
			}
			ids, err := parseIDs(list)
			if err != nil {
				c.mistakes = append(c.mistakes, fmt.Sprintf("%s:%d: %v", file, at.Line, err))
				continue
			}
			for _, i := range ids {
				t := test{importPath, dir, name}
				if !slices.Contains(c.tests[i], t) {
					c.tests[i] = append(c.tests[i], t)
				}
			}
		}
	}
	return nil
}

// runs reports whether go test runs a function of that name.
func runs(name string) bool {
	for _, prefix := range []string{"Test", "Fuzz", "Example"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}
