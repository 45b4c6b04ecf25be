package benchmarks

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/interpreter"
	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/vm"
	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/storage/inmem"

	"github.com/forewarn-go/forewarn/decision"
	"github.com/forewarn-go/forewarn/psew"
)

// asked is one input of the escalation policy, with the number of the row that fits; 0: none.
type asked struct {
	Category    string `expr:"category"`
	Subcategory string `expr:"subcategory"`
	Stage       string `expr:"stage"`
	row         int
}

// queries are inputs in random order, one of eleven without a row. Their texts are copies, so that no comparison ends
// at equal addresses.
func queries(rows []psew.Rule) []asked {
	r := rand.New(rand.NewPCG(1, 2))
	all := make([]asked, 256)
	for i := range all {
		n := r.IntN(len(rows))
		q := asked{rows[n].Category, rows[n].Subcategory, rows[n].Stage, n + 1}
		if i%11 == 0 {
			q.Stage, q.row = string(psew.StageL3), 0
		}
		all[i] = asked{strings.Clone(q.Category), strings.Clone(q.Subcategory), strings.Clone(q.Stage), q.row}
	}
	return all
}

func texts[T ~string](of []T) []string {
	all := make([]string, len(of))
	for i, s := range of {
		all[i] = string(s)
	}
	return all
}

// escalation is the policy of the base system as a decision table.
func escalation(b *testing.B) (decision.Table, []psew.Rule) {
	rows := psew.DefaultTable().Rules
	var subcategories []string
	seen := map[string]bool{}
	for _, r := range rows {
		if !seen[r.Subcategory] {
			seen[r.Subcategory] = true
			subcategories = append(subcategories, r.Subcategory)
		}
	}
	t := decision.Table{Name: "Incident Escalation Policy", Inputs: []decision.Input{
		{Name: "category", Type: decision.LooseEnum, Allowed: decision.OneOfTexts(rows[0].Category)},
		{Name: "subcategory", Type: decision.LooseEnum, Allowed: decision.OneOfTexts(subcategories...)},
		{Name: "stage", Type: decision.LooseEnum, Allowed: decision.OneOfTexts(append(texts(psew.Stages()), "")...)}},
		Outputs: []decision.Output{{Name: "assignmentGroup", Type: decision.String}, {Name: "flow", Type: decision.String}}}
	for _, r := range rows {
		check(b, t.Add(r.Category, r.Subcategory, r.Stage, r.Group, r.Flow))
	}
	return t, rows
}

// BenchmarkDecision is one decision of the escalation policy, 20 rows over three texts, typed and by a map of names,
// beside a plain Go map and beside what else evaluates rules in Go; then larger tables beside that one; then compiling.
func BenchmarkDecision(b *testing.B) {
	b.Run("policy", benchmarkPolicy)
	b.Run("rows", benchmarkRows)
	b.Run("compile", benchmarkCompile)
}

func benchmarkPolicy(b *testing.B) {
	table, rows := escalation(b)
	qs := queries(rows)
	e, err := decision.Compile(table)
	check(b, err)
	type input struct{ Category, Subcategory, Stage string }
	type output struct {
		AssignmentGroup, Flow string
	}
	typed, err := decision.Bind[input, output](e)
	check(b, err)

	plain := map[[3]string]int{}
	for i, r := range rows {
		plain[[3]string{r.Category, r.Subcategory, r.Stage}] = i + 1
	}
	maps := make([]map[string]any, len(qs))
	for i, q := range qs {
		maps[i] = map[string]any{"category": q.Category, "subcategory": q.Subcategory, "stage": q.Stage}
	}
	ours := []contender{
		{"a Go map", each(b, qs, func(_ int, q *asked) int { return plain[[3]string{q.Category, q.Subcategory, q.Stage}] })},
		{"decision, positional values", each(b, qs, func(_ int, q *asked) int {
			r, err := e.Eval(decision.Text(q.Category), decision.Text(q.Subcategory), decision.Text(q.Stage))
			if err != nil {
				b.Fatal(err)
			}
			return r.Rule()
		})},
		{"decision, structs", each(b, qs, func(_ int, q *asked) int {
			in := input{q.Category, q.Subcategory, q.Stage}
			_, r, err := typed.Eval(&in)
			if err != nil {
				b.Fatal(err)
			}
			return r.Rule()
		})},
		{"decision, a map of names", each(b, qs, func(i int, _ *asked) int {
			r, err := e.EvalMap(maps[i])
			if err != nil {
				b.Fatal(err)
			}
			return r.Rule()
		})},
	}
	for i, most := range []float64{0, 0, 0, 2} {
		if got := testing.AllocsPerRun(100, func() { ours[i].run(1) }); got > most {
			b.Fatalf("%s: %v allocations, at most %v", ours[i].name, got, most)
		}
	}
	peers := append(append(exprs(b, "a chain", chain(rows), qs, maps), cels(b, "a chain", chain(rows), qs, maps)...), opas(b, rows, qs)...)
	byHand := append(exprs(b, "a tree by hand", tree(rows), qs, maps), cels(b, "a tree by hand", tree(rows), qs, maps)...)
	for b.Loop() {
		took := race(b, 21, 20*time.Millisecond, append(append(ours, peers...), byHand...)...)
		peer := fastest(took[len(ours) : len(ours)+len(peers)])
		arranged := fastest(took[len(ours)+len(peers):])
		reportRatio(b, "typed/gomap", took[1], took[0])
		reportRatio(b, "struct/gomap", took[2], took[0])
		reportRatio(b, "peer/typed", peer, took[1])
		reportRatio(b, "peer/struct", peer, took[2])
		reportRatio(b, "peer/map", peer, took[3])
		reportRatio(b, "tree/typed", arranged, took[1])
		reportRatio(b, "tree/map", arranged, took[3])
		b.ReportMetric(0, "ns/op")
	}
}

// each makes a run of a decision that returns its row, and checks every row once before.
func each(b *testing.B, qs []asked, decide func(i int, q *asked) int) func(n int) {
	b.Helper()
	for i := range qs {
		if got := decide(i, &qs[i]); got != qs[i].row {
			b.Fatalf("row %d for %+v, want %d", got, qs[i], qs[i].row)
		}
	}
	at := 0
	return func(n int) {
		for range n {
			decide(at, &qs[at])
			at = (at + 1) % len(qs)
		}
	}
}

// chain writes the rows as nested conditionals, the most selective comparison first.
func chain(rows []psew.Rule) string {
	var b strings.Builder
	for i, r := range rows {
		fmt.Fprintf(&b, "stage == %q && subcategory == %q && category == %q ? %d : ", r.Stage, r.Subcategory, r.Category, i+1)
	}
	return b.String() + "0"
}

// tree writes the rows as somebody would who looks for speed: by subcategory first, then by stage.
func tree(rows []psew.Rule) string {
	var b strings.Builder
	done := map[string]bool{}
	fmt.Fprintf(&b, "category != %q ? 0 : ", rows[0].Category)
	for _, r := range rows {
		if done[r.Subcategory] {
			continue
		}
		done[r.Subcategory] = true
		fmt.Fprintf(&b, "subcategory == %q ? (", r.Subcategory)
		for i, s := range rows {
			if s.Subcategory == r.Subcategory {
				fmt.Fprintf(&b, "stage == %q ? %d : ", s.Stage, i+1)
			}
		}
		b.WriteString("0) : ")
	}
	return b.String() + "0"
}

// exprs are programs of github.com/expr-lang/expr: compiled once, with the types of their variables, run by a virtual
// machine that is used again.
func exprs(b *testing.B, name, text string, qs []asked, maps []map[string]any) []contender {
	byStruct, err := expr.Compile(text, expr.Env(asked{}), expr.AsInt())
	check(b, err)
	byMap, err := expr.Compile(text, expr.Env(map[string]any{"category": "", "subcategory": "", "stage": ""}), expr.AsInt())
	check(b, err)
	var machine vm.VM
	run := func(p *vm.Program, env any) int {
		row, err := machine.Run(p, env)
		if err != nil {
			b.Fatal(err)
		}
		return row.(int)
	}
	return []contender{
		{"expr, " + name + ", struct", each(b, qs, func(_ int, q *asked) int { return run(byStruct, q) })},
		{"expr, " + name + ", map", each(b, qs, func(i int, _ *asked) int { return run(byMap, maps[i]) })},
	}
}

// activation gives CEL the values without a map.
type activation struct{ category, subcategory, stage types.String }

func (a *activation) ResolveName(name string) (any, bool) {
	switch name {
	case "category":
		return a.category, true
	case "subcategory":
		return a.subcategory, true
	case "stage":
		return a.stage, true
	}
	return nil, false
}

func (*activation) Parent() interpreter.Activation { return nil }

// cels are programs of cel-go: checked with the types of their variables, planned once, optimised.
func cels(b *testing.B, name, text string, qs []asked, maps []map[string]any) []contender {
	env, err := cel.NewEnv(cel.Variable("category", cel.StringType), cel.Variable("subcategory", cel.StringType), cel.Variable("stage", cel.StringType))
	check(b, err)
	checked, issues := env.Compile(text)
	check(b, issues.Err())
	program, err := env.Program(checked, cel.EvalOptions(cel.OptOptimize))
	check(b, err)
	decide := func(input any) int {
		row, _, err := program.Eval(input)
		if err != nil {
			b.Fatal(err)
		}
		return int(row.(types.Int))
	}
	return []contender{
		{"cel-go, " + name + ", activation", each(b, qs, func(_ int, q *asked) int {
			return decide(&activation{types.String(q.Category), types.String(q.Subcategory), types.String(q.Stage)})
		})},
		{"cel-go, " + name + ", map", each(b, qs, func(i int, _ *asked) int { return decide(maps[i]) })},
	}
}

// opas are prepared queries of OPA, with inputs that are parsed already: rules, which it indexes, and a document that
// it looks up in.
func opas(b *testing.B, rows []psew.Rule, qs []asked) []contender {
	var rules strings.Builder
	rules.WriteString("package policy\n\ndefault row := 0\n")
	document := map[string]any{}
	at := func(in map[string]any, key string) map[string]any {
		if in[key] == nil {
			in[key] = map[string]any{}
		}
		return in[key].(map[string]any)
	}
	for i, r := range rows {
		fmt.Fprintf(&rules, "row := %d if {\n\tinput.category == %q\n\tinput.subcategory == %q\n\tinput.stage == %q\n}\n", i+1, r.Category, r.Subcategory, r.Stage)
		at(at(document, r.Category), r.Subcategory)[r.Stage] = i + 1
	}
	inputs := make([]ast.Value, len(qs))
	for i, q := range qs {
		inputs[i] = ast.NewObject(ast.Item(ast.StringTerm("category"), ast.StringTerm(q.Category)),
			ast.Item(ast.StringTerm("subcategory"), ast.StringTerm(q.Subcategory)), ast.Item(ast.StringTerm("stage"), ast.StringTerm(q.Stage)))
	}
	numbers := map[json.Number]int{}
	for row := range len(rows) + 1 {
		numbers[json.Number(strconv.Itoa(row))] = row
	}
	const look = "package policy\n\ndefault row := 0\nrow := data.rows[input.category][input.subcategory][input.stage]\n"
	ctx := context.Background()
	var all []contender
	for name, module := range map[string]string{"rules": rules.String(), "a document": look} {
		store := inmem.NewFromObjectWithOpts(map[string]any{"rows": document}, inmem.OptReturnASTValuesOnRead(true))
		query, err := rego.New(rego.Query("data.policy.row"), rego.Module("policy.rego", module), rego.Store(store)).PrepareForEval(ctx)
		check(b, err)
		all = append(all, contender{"opa, " + name, each(b, qs, func(i int, _ *asked) int {
			set, err := query.Eval(ctx, rego.EvalParsedInput(inputs[i]))
			if err != nil {
				b.Fatal(err)
			}
			return numbers[set[0].Expressions[0].Value.(json.Number)]
		})})
	}
	return all
}

// equals is a table of so many rows over three texts, as the policy is.
func equals(b *testing.B, rows int) (decision.Table, [][]decision.Value) {
	t := decision.Table{Name: "equality", Inputs: []decision.Input{{Name: "category", Type: decision.String},
		{Name: "subcategory", Type: decision.String}, {Name: "stage", Type: decision.String}},
		Outputs: []decision.Output{{Name: "row", Type: decision.Number}}}
	for i := range rows {
		check(b, t.Add(fmt.Sprint("Category ", i%10), fmt.Sprint("Subcategory ", i/40), fmt.Sprint("Stage ", i/10%4), fmt.Sprint(i+1)))
	}
	return t, asks(t, func(c decision.Cell) decision.Value { return decision.Text(strings.Clone(c.Tests[0].Value.Text())) })
}

// ranges is a table of so many rows with two numeric ranges and a text. Each row has bounds of its own: there are as
// many ranges as rows in both columns, and they overlap.
func ranges(rows int) (decision.Table, [][]decision.Value) {
	r := rand.New(rand.NewPCG(3, uint64(rows)))
	t := decision.Table{Name: "ranges", HitPolicy: decision.First, Inputs: []decision.Input{{Name: "accounts", Type: decision.Number},
		{Name: "loss", Type: decision.Number}, {Name: "region", Type: decision.String}},
		Outputs: []decision.Output{{Name: "row", Type: decision.Number}}}
	within := func() decision.Cell {
		low := r.Int64N(1_000_000)
		return decision.IsFrom(decision.Int(low), decision.Int(low+1+r.Int64N(200_000)))
	}
	for i := range rows {
		t.Rules = append(t.Rules, decision.Rule{When: []decision.Cell{within(), within(), decision.OneOfTexts(fmt.Sprint("Region ", i%10))},
			Then: []decision.Value{decision.Int(int64(i + 1))}})
	}
	return t, asks(t, func(c decision.Cell) decision.Value {
		if low, ok := c.Tests[0].Value.Int(); ok {
			return decision.Int(low)
		}
		return decision.Text(strings.Clone(c.Tests[0].Value.Text()))
	})
}

// asks are inputs that rows match, but for one of eleven.
func asks(t decision.Table, value func(decision.Cell) decision.Value) [][]decision.Value {
	r := rand.New(rand.NewPCG(5, 6))
	all := make([][]decision.Value, 256)
	for i := range all {
		for _, c := range t.Rules[r.IntN(len(t.Rules))].When {
			all[i] = append(all[i], value(c))
		}
		if i%11 == 0 {
			all[i][2] = decision.Text("none")
		}
	}
	return all
}

// deciding compiles a table and makes a contender of it, whose every answer a scan of the rows has confirmed.
func deciding(b *testing.B, name string, t decision.Table, asks [][]decision.Value) contender {
	b.Helper()
	e, err := decision.Compile(t)
	check(b, err)
	for _, ask := range asks {
		r, err := e.Eval(ask...)
		check(b, err)
		if want := scan(t, ask); r.Rule() != want {
			b.Fatalf("%s: row %d for %v, want %d", name, r.Rule(), ask, want)
		}
	}
	at := 0
	run := func(n int) {
		for range n {
			a := asks[at]
			if _, err := e.Eval(a[0], a[1], a[2]); err != nil {
				b.Fatal(err)
			}
			at = (at + 1) % len(asks)
		}
	}
	if got := testing.AllocsPerRun(100, func() { run(1) }); got > 0 {
		b.Fatalf("%s: %v allocations", name, got)
	}
	return contender{name, run}
}

// scan returns the first row that matches.
func scan(t decision.Table, ask []decision.Value) int {
rows:
	for i, r := range t.Rules {
		for j, c := range r.When {
			if !c.Matches(ask[j], t.Inputs[j].Type) {
				continue rows
			}
		}
		return i + 1
	}
	return 0
}

func benchmarkRows(b *testing.B) {
	policy, rows := escalation(b)
	var policyAsks [][]decision.Value
	for _, q := range queries(rows) {
		policyAsks = append(policyAsks, []decision.Value{decision.Text(q.Category), decision.Text(q.Subcategory), decision.Text(q.Stage)})
	}
	all := []contender{deciding(b, "the policy, 20 rows", policy, policyAsks)}
	for _, n := range []int{1000, 10_000} {
		t, asks := equals(b, n)
		all = append(all, deciding(b, fmt.Sprint("equality, ", n, " rows"), t, asks))
	}
	for _, n := range []int{20, 1000, 10_000} {
		t, asks := ranges(n)
		all = append(all, deciding(b, fmt.Sprint("two ranges and a text, ", n, " rows"), t, asks))
	}
	for b.Loop() {
		took := race(b, 15, 20*time.Millisecond, all...)
		reportRatio(b, "equal1000/20", took[1], took[0])
		reportRatio(b, "equal10000/20", took[2], took[0])
		reportRatio(b, "ranges1000/20", took[4], took[0])
		reportRatio(b, "ranges10000/20", took[5], took[0])
		b.ReportMetric(0, "ns/op")
	}
}

func benchmarkCompile(b *testing.B) {
	for name, make := range map[string]func() decision.Table{
		"equality": func() decision.Table { t, _ := equals(b, 10_000); return t },
		"ranges":   func() decision.Table { t, _ := ranges(10_000); return t },
	} {
		b.Run(name, func(b *testing.B) {
			t := make()
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			e, err := decision.Compile(t)
			check(b, err)
			runtime.ReadMemStats(&after)
			allocated := float64(after.TotalAlloc-before.TotalAlloc) / (1 << 20)
			runtime.GC()
			runtime.ReadMemStats(&after)
			kept := float64(after.HeapAlloc-before.HeapAlloc) / (1 << 20)
			runtime.KeepAlive(e)
			for b.Loop() {
				_, err := decision.Compile(t)
				check(b, err)
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/1000/float64(b.N), "ms")
			b.ReportMetric(allocated, "MiB-allocated")
			b.ReportMetric(kept, "MiB-kept")
		})
	}
}
