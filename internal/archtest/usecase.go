package archtest

import (
	"go/ast"
	"go/token"
	"slices"
	"strconv"
)

// book is the one exported method of a Service that is no use case: it hands out the seam that other packages take.
const book = "Book"

// useCases are the trees whose services are made of use cases.
var useCases = []string{"psew", "techcase", "diagnostics", "insight", "apinotif", "decision/catalog"}

// UseCases checks that every exported method of a type named Service in one of those is one use case,
//
//	func (s *Service) Escalate(ctx context.Context, by forewarn.Caller, cmd Escalate) (Incident, error) {
//		return forewarn.Do(ctx, s.engine, by, "psew.Escalate", cmd, s.escalate)
//	}
//
// with Do or Read, the name of package and method, and a command whose type is the method's word.
func UseCases(packages []Package) []Problem {
	var problems []Problem
	for _, p := range packages {
		if !slices.ContainsFunc(useCases, func(tree string) bool { return under(p.Path, tree) }) {
			continue
		}
		for _, f := range p.Files {
			for _, d := range f.Syntax.Decls {
				method, ok := d.(*ast.FuncDecl)
				if !ok || receiver(method) != "Service" || !method.Name.IsExported() || method.Name.Name == book {
					continue
				}
				if what := notUseCase(f, method); what != "" {
					problems = append(problems, Problem{p.Path + "/" + f.Name + ": Service." + method.Name.Name, what})
				}
			}
		}
	}
	return problems
}

// notUseCase says why the method is no use case; empty when it is one.
func notUseCase(f File, method *ast.FuncDecl) string {
	name := method.Name.Name
	frame := f.imported(Module)
	if frame == "" {
		return "is no use case: the file does not import the root package"
	}
	params := flatten(method.Type.Params)
	if len(params) != 3 {
		return "is no use case: it takes a context, a Caller and a command"
	}
	if !isSelector(params[0], f.imported("context"), "Context") || !isSelector(params[1], frame, "Caller") {
		return "is no use case: it takes a context.Context and a forewarn.Caller first"
	}
	if command, ok := params[2].(*ast.Ident); !ok || command.Name != name {
		return "takes a command that is not of type " + name
	}
	if method.Body == nil || len(method.Body.List) != 1 {
		return "is more than one statement: the work belongs into the function that it frames"
	}
	returned, ok := method.Body.List[0].(*ast.ReturnStmt)
	if !ok || len(returned.Results) != 1 {
		return "does not return one call of forewarn.Do or forewarn.Read"
	}
	call, ok := returned.Results[0].(*ast.CallExpr)
	if !ok || !(isSelector(uninstantiated(call.Fun), frame, "Do") || isSelector(uninstantiated(call.Fun), frame, "Read")) {
		return "does not return one call of forewarn.Do or forewarn.Read"
	}
	want := strconv.Quote(f.Syntax.Name.Name + "." + name)
	if len(call.Args) < 4 {
		return "gives forewarn.Do no name"
	}
	if literal, ok := call.Args[3].(*ast.BasicLit); !ok || literal.Kind != token.STRING || literal.Value != want {
		return "is not named " + want
	}
	return ""
}

func receiver(method *ast.FuncDecl) string {
	if method.Recv == nil || len(method.Recv.List) != 1 {
		return ""
	}
	t := method.Recv.List[0].Type
	if star, ok := t.(*ast.StarExpr); ok {
		t = star.X
	}
	if name, ok := uninstantiated(t).(*ast.Ident); ok {
		return name.Name
	}
	return ""
}

// flatten returns the type of each parameter.
func flatten(fields *ast.FieldList) []ast.Expr {
	var types []ast.Expr
	for _, field := range fields.List {
		for range max(1, len(field.Names)) {
			types = append(types, field.Type)
		}
	}
	return types
}

func uninstantiated(e ast.Expr) ast.Expr {
	switch e := e.(type) {
	case *ast.IndexExpr:
		return e.X
	case *ast.IndexListExpr:
		return e.X
	}
	return e
}

func isSelector(e ast.Expr, pkg, name string) bool {
	s, ok := e.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	x, ok := s.X.(*ast.Ident)
	return ok && pkg != "" && x.Name == pkg && s.Sel.Name == name
}
