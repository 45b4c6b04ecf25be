package archtest

import (
	"go/ast"
	"go/token"
	"slices"
)

// impure are what a core may not call, by import path; a nil list stands for the whole package.
var impure = map[string][]string{
	"time":                   {"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "Tick", "NewTimer", "NewTicker"},
	"math/rand":              nil,
	"math/rand/v2":           nil,
	"crypto/rand":            nil,
	"github.com/google/uuid": {"New", "NewString", "NewRandom", "NewRandomFromReader", "NewUUID", "NewV6", "NewV7", "NewV7FromReader"},
}

// An exemption allows what the rule forbids to one file, or to a tree when no file is named.
type exemption struct {
	tree, file string
	uses       []string // as path.Name
}

var timers = []string{"time.NewTimer", "time.NewTicker", "time.AfterFunc", "time.After"}

// exemptions are the places where the outside comes in.
var exemptions = []exemption{
	{"", "clock.go", []string{"time.Now", "github.com/google/uuid.NewV7", "math/rand/v2"}}, // the clocks and id sources
	{"", "", timers},                            // a wait between two runs of a unit
	{"worker", "", timers},                      // it wakes up when something is due
	{"worker", "pump.go", []string{"time.Now"}}, // real time paces tries against a bus and a store; what is due is judged by the engine's clock
}

// Purity checks that pure packages read no clock, draw no random number and wait for nothing; that only the root
// package and the worker start goroutines; that there is no init; and that no function changes a variable of its
// package.
func Purity(packages []Package) []Problem {
	var problems []Problem
	for _, p := range packages {
		if !isPure(p.Path) {
			continue
		}
		globals := variables(p)
		for _, f := range p.Files {
			at := where(p.Path) + "/" + f.Name
			for _, what := range impureUses(p.Path, f) {
				problems = append(problems, Problem{at, what})
			}
			for _, d := range f.Syntax.Decls {
				function, ok := d.(*ast.FuncDecl)
				if !ok || function.Body == nil {
					continue
				}
				if function.Recv == nil && function.Name.Name == "init" {
					problems = append(problems, Problem{at, "has a function init"})
				}
				for _, name := range changed(function, globals) {
					problems = append(problems, Problem{at, function.Name.Name + " changes the package's variable " + name})
				}
				ast.Inspect(function.Body, func(n ast.Node) bool {
					if _, ok := n.(*ast.GoStmt); ok && p.Path != "" && !under(p.Path, "worker") {
						problems = append(problems, Problem{at, function.Name.Name + " starts a goroutine"})
					}
					return true
				})
			}
		}
	}
	return problems
}

func impureUses(tree string, f File) []string {
	var found []string
	note := func(use, text string) {
		exempt := slices.ContainsFunc(exemptions, func(e exemption) bool {
			in := under(tree, e.tree)
			if e.tree == "" {
				in = tree == ""
			}
			return in && (e.file == "" || e.file == f.Name) && slices.Contains(e.uses, use)
		})
		if !exempt && !slices.Contains(found, text) {
			found = append(found, text)
		}
	}
	for imported, names := range impure {
		local := f.imported(imported)
		if local == "" {
			continue
		}
		if names == nil {
			note(imported, "uses "+imported)
			continue
		}
		if local == "." {
			note(imported, "imports all names of "+imported)
		}
		ast.Inspect(f.Syntax, func(n ast.Node) bool {
			if e, ok := n.(ast.Expr); ok {
				for _, name := range names {
					if isSelector(e, local, name) {
						note(imported+"."+name, "uses "+imported+"."+name)
					}
				}
			}
			return true
		})
	}
	slices.Sort(found)
	return found
}

// variables names the variables of the package.
func variables(p Package) map[string]bool {
	names := map[string]bool{}
	for _, f := range p.Files {
		for _, d := range f.Syntax.Decls {
			general, ok := d.(*ast.GenDecl)
			if !ok || general.Tok != token.VAR {
				continue
			}
			for _, spec := range general.Specs {
				for _, name := range spec.(*ast.ValueSpec).Names {
					names[name.Name] = true
				}
			}
		}
	}
	delete(names, "_")
	return names
}

// changed names the variables of the package that the function assigns to, or to what they hold. A name that the
// function declares itself, anywhere, is taken for its own.
func changed(function *ast.FuncDecl, globals map[string]bool) []string {
	own := map[string]bool{}
	declare := func(fields *ast.FieldList) {
		if fields == nil {
			return
		}
		for _, field := range fields.List {
			for _, name := range field.Names {
				own[name.Name] = true
			}
		}
	}
	declare(function.Recv)
	var targets []ast.Expr
	ast.Inspect(function, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncType:
			declare(n.Params)
			declare(n.Results)
		case *ast.ValueSpec:
			for _, name := range n.Names {
				own[name.Name] = true
			}
		case *ast.RangeStmt:
			if n.Tok == token.DEFINE {
				for _, e := range []ast.Expr{n.Key, n.Value} {
					if name, ok := e.(*ast.Ident); ok {
						own[name.Name] = true
					}
				}
			} else {
				targets = append(targets, n.Key, n.Value)
			}
		case *ast.AssignStmt:
			for _, e := range n.Lhs {
				if name, ok := e.(*ast.Ident); ok && n.Tok == token.DEFINE {
					own[name.Name] = true
				} else {
					targets = append(targets, e)
				}
			}
		case *ast.IncDecStmt:
			targets = append(targets, n.X)
		case *ast.CallExpr:
			if f, ok := n.Fun.(*ast.Ident); ok && (f.Name == "delete" || f.Name == "clear") && len(n.Args) > 0 {
				targets = append(targets, n.Args[0])
			}
		}
		return true
	})
	var names []string
	for _, e := range targets {
		if name := rooted(e); globals[name] && !own[name] && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// rooted returns the variable that an expression is reached from: x of x.y[3].
func rooted(e ast.Expr) string {
	for {
		switch x := e.(type) {
		case *ast.Ident:
			return x.Name
		case *ast.SelectorExpr:
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		case *ast.StarExpr:
			e = x.X
		case *ast.ParenExpr:
			e = x.X
		default:
			return ""
		}
	}
}
