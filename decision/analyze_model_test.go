package decision

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// small is a column with a list of values that together show every condition
// that its cells can express: every bound that they use, and a value on each side.
type small struct {
	in     Input
	values []Value
	named  []Value // what cells name
}

func smallColumn(t *rapid.T, name string) small {
	in := Input{Name: name, Optional: rapid.IntRange(0, 2).Draw(t, "optional") == 0}
	var c small
	switch rapid.IntRange(0, 6).Draw(t, "column") {
	case 0:
		in.Type, in.Allowed = LooseEnum, OneOfTexts("SD-WAN", "Fibre", "")
		c.named = []Value{Text("sd wan"), Text("SD-WAN"), Text("fibre"), Text("")}
		c.values = []Value{Text("SD_WAN"), Text("Fibre"), Text("")}
	case 1:
		in.Type = String
		c.named = []Value{Text("a"), Text("b"), Text("")}
		c.values = append(slices.Clone(c.named), Text("anything else"))
	case 2:
		in.Type = Boolean
		c.named = []Value{Bool(false), Bool(true)}
		c.values = c.named
	case 3:
		in.Type = Number
		for n := range int64(4) {
			c.named = append(c.named, Int(n))
			c.values = append(c.values, Float(float64(n)-0.5), Int(n))
		}
		c.values = append(c.values, Float(3.5))
	case 4:
		in.Type, in.Allowed = Number, OneOf(Int(0), Int(1), Int(3))
		if rapid.Bool().Draw(t, "range") {
			in.Allowed = Cell{Tests: []Test{{Op: Within, Value: Int(0), High: Int(2), HighOpen: true}, {Op: Equal, Value: Int(3)}}}
		}
		for n := range int64(4) {
			c.named = append(c.named, Int(n))
			c.values = append(c.values, Float(float64(n)-0.5), Int(n))
		}
	case 5:
		in.Type = Date
		for n := range 4 {
			day := DateOf(time.Date(2026, 11, 25+n, 0, 0, 0, 0, time.UTC))
			c.named = append(c.named, day)
		}
		c.values = append(slices.Clone(c.named), DateOf(time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)), DateOf(time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)))
	default:
		in.Type = Time
		last := TimeOf(time.Date(2026, 1, 1, 23, 59, 59, 999999999, time.UTC))
		first := TimeOf(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
		noon := TimeOf(time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC))
		c.named = []Value{first, noon, last}
		c.values = append(slices.Clone(c.named), TimeOf(time.Date(2026, 1, 1, 7, 0, 0, 0, time.UTC)), TimeOf(time.Date(2026, 1, 1, 20, 0, 0, 0, time.UTC)))
	}
	c.values = slices.DeleteFunc(c.values, func(v Value) bool { return !in.Allowed.Matches(v, in.Type) })
	if in.Optional {
		c.values = append(c.values, Null(), Missing())
		c.named = append(c.named, Null(), Missing())
	}
	c.in = in
	return c
}

func (c small) cell(t *rapid.T) Cell {
	if rapid.IntRange(0, 3).Draw(t, "any") == 0 {
		return Cell{}
	}
	var cell Cell
	for range rapid.SampledFrom([]int{1, 1, 2}).Draw(t, "tests") {
		cell.Tests = append(cell.Tests, c.test(t))
	}
	cell.Not = rapid.IntRange(0, 4).Draw(t, "not") == 0
	return cell
}

func (c small) test(t *rapid.T) Test {
	v, w := rapid.SampledFrom(c.named).Draw(t, "v"), rapid.SampledFrom(c.named).Draw(t, "w")
	order, ok := Compare(v, w)
	if order > 0 {
		v, w = w, v
	}
	if !c.in.Type.IsOrdered() || !ok || rapid.IntRange(0, 2).Draw(t, "equal") == 0 {
		if v.Type() != 0 && !c.in.Allowed.Matches(v, c.in.Type) {
			v = c.values[0] // Validate refuses it
		}
		return Test{Value: v}
	}
	test := Test{Op: rapid.SampledFrom([]Op{Less, AtMost, Greater, AtLeast, Within}).Draw(t, "op"), Value: v}
	if test.Op == Within {
		test.High = w
		if order != 0 {
			test.LowOpen, test.HighOpen = rapid.Bool().Draw(t, "low open"), rapid.Bool().Draw(t, "high open")
		}
	}
	return test
}

func smallTable(t *rapid.T) (Table, [][]Value) {
	policy := rapid.SampledFrom([]HitPolicy{Unique, First, Any, Priority, RuleOrder, OutputOrder, Collect}).Draw(t, "policy")
	table := Table{Name: "small", HitPolicy: policy, Outputs: []Output{{Name: "x", Type: Enum, Allowed: OneOfTexts("p", "q")}, {Name: "y", Type: Boolean}}}
	if policy == Collect {
		table.Aggregation = rapid.SampledFrom([]Aggregation{List, Sum, Min, Count}).Draw(t, "aggregation")
		table.Outputs = []Output{{Name: "x", Type: Number}}
	}
	var columns []small
	for i := range rapid.IntRange(0, 3).Draw(t, "inputs") {
		c := smallColumn(t, string(rune('a'+i)))
		columns = append(columns, c)
		table.Inputs = append(table.Inputs, c.in)
	}
	if rapid.IntRange(0, 4).Draw(t, "default") == 0 {
		table.Outputs[0].Default = Null()
	}
	for range rapid.IntRange(0, 7).Draw(t, "rules") {
		var r Rule
		for _, c := range columns {
			r.When = append(r.When, c.cell(t))
		}
		if policy == Collect {
			r.Then = []Value{Int(rapid.Int64Range(1, 2).Draw(t, "x"))}
		} else {
			r.Then = []Value{Text(rapid.SampledFrom([]string{"p", "p", "q"}).Draw(t, "x")), Bool(rapid.IntRange(0, 3).Draw(t, "y") == 0)}
		}
		table.Rules = append(table.Rules, r)
	}
	points := [][]Value{nil}
	for _, c := range columns {
		var more [][]Value
		for _, p := range points {
			for _, v := range c.values {
				more = append(more, append(slices.Clone(p), v))
			}
		}
		points = more
	}
	return table, points
}

func (t *Table) hits(values []Value) []int {
	var hit []int
	for i, r := range t.Rules {
		if !slices.ContainsFunc(seq(len(values)), func(j int) bool { return !r.When[j].Matches(values[j], t.Inputs[j].Type) }) {
			hit = append(hit, i+1)
		}
	}
	return hit
}

func seq(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}

func (f Finding) holds(t *Table, values []Value) bool {
	for j, side := range f.Box {
		if !side.Cell.Matches(values[j], t.Inputs[j].Type) {
			return false
		}
	}
	return true
}

// rowsOf is what a table gives, without the numbers of the rules.
func rowsOf(e *Evaluator, values []Value) string {
	r, err := e.Eval(values...)
	if err != nil {
		return "error"
	}
	var rows []string
	for i := range r.Len() {
		rows = append(rows, fmt.Sprint(r.Row(i)))
	}
	return fmt.Sprint(r.IsDefault(), rows)
}

func of(a Analysis, kind FindingKind) []Finding {
	var some []Finding
	for _, f := range a.Findings {
		if f.Kind == kind {
			some = append(some, f)
		}
	}
	return some
}

func sureOf(t interface{ Fatalf(string, ...any) }, table Table) *Evaluator {
	e, err := Compile(table)
	if err != nil {
		t.Fatalf("a table does not compile: %v", err)
	}
	return e
}

// Covers: DEC-016, DEC-017, DEC-025
func TestAnalysisAgainstBruteForce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		table, points := smallTable(t)
		a, err := Analyze(table)
		if err != nil {
			t.Fatalf("Analyze: %v", err)
		}
		if len(a.Omitted) > 0 {
			t.Fatalf("%v omitted of a small table", a.Omitted)
		}
		e := sureOf(t, table)
		checkGaps(t, &table, a, points)
		checkOverlaps(t, &table, a, points)
		checkUnreachable(t, &table, a, e, points)
		checkMergeable(t, &table, a, e, points)
		checkPolicy(t, &table, a, e, points)
	})
}

func checkGaps(t *rapid.T, table *Table, a Analysis, points [][]Value) {
	gaps := of(a, FoundGap)
	if a.Complete != (len(gaps) == 0) {
		t.Fatalf("Complete %v with %d gaps", a.Complete, len(gaps))
	}
	for _, p := range points {
		in := 0
		for _, f := range gaps {
			if f.holds(table, p) {
				in++
			}
		}
		if want := len(table.hits(p)) == 0; want != (in == 1) || in > 1 {
			t.Fatalf("%v lies in %d gaps, and is matched by %v", p, in, table.hits(p))
		}
	}
	for i, f := range gaps {
		if hit := table.hits(f.Values()); len(hit) > 0 || !f.holds(table, f.Values()) {
			t.Fatalf("the example of gap %d is matched by %v", i, hit)
		}
		for k := range i {
			differ := 0
			for j := range f.Box {
				if f.Box[j].Condition != gaps[k].Box[j].Condition {
					differ++
				}
			}
			if differ < 2 {
				t.Fatalf("gaps %v and %v would be one box", f.Box, gaps[k].Box)
			}
		}
		if want := table.HitPolicy.Single() && !table.hasDefault(); f.Defect != want {
			t.Fatalf("a gap under %v is a defect: %v", table.HitPolicy, f.Defect)
		}
	}
}

func checkOverlaps(t *rapid.T, table *Table, a Analysis, points [][]Value) {
	conflicts, disjoint := map[[2]int]bool{}, true
	for _, p := range points {
		hit := table.hits(p)
		disjoint = disjoint && len(hit) < 2
		for n, i := range hit {
			for _, k := range hit[n+1:] {
				x, y := table.Rules[i-1].Then, table.Rules[k-1].Then
				same := slices.Equal(x, y)
				switch table.HitPolicy {
				case Unique:
					conflicts[[2]int{i, k}] = true
				case Any:
					if !same {
						conflicts[[2]int{i, k}] = true
					}
				case Priority: // the second output has no priority
					if !same && x[0] == y[0] {
						conflicts[[2]int{i, k}] = true
					}
				}
			}
		}
	}
	if a.Disjoint != disjoint {
		t.Fatalf("Disjoint %v, want %v", a.Disjoint, disjoint)
	}
	for _, f := range of(a, FoundOverlap) {
		p := [2]int{f.Rules[0], f.Rules[1]}
		if !conflicts[p] {
			t.Fatalf("rules %v do not conflict", p)
		}
		delete(conflicts, p)
		if hit := table.hits(f.Values()); !slices.Contains(hit, p[0]) || !slices.Contains(hit, p[1]) {
			t.Fatalf("the example %v of %v is matched by %v", f.Values(), p, hit)
		}
		for _, v := range points {
			hit := table.hits(v)
			if f.holds(table, v) != (slices.Contains(hit, p[0]) && slices.Contains(hit, p[1])) {
				t.Fatalf("%v in the box of %v: %v, matched by %v", v, p, f.holds(table, v), hit)
			}
		}
	}
	if len(conflicts) > 0 {
		t.Fatalf("conflicts not found: %v", conflicts)
	}
}

func checkUnreachable(t *rapid.T, table *Table, a Analysis, e *Evaluator, points [][]Value) {
	fires := map[int]bool{}
	for _, p := range points {
		if table.HitPolicy == First || table.HitPolicy == Priority {
			if r, err := e.Eval(p...); err == nil {
				fires[r.Rule()] = true
			}
			continue
		}
		for _, i := range table.hits(p) {
			fires[i] = true
		}
	}
	never := map[int]bool{}
	for _, f := range of(a, FoundUnreachable) {
		i := f.Rules[0]
		never[i] = true
		if f.Example == nil {
			continue
		}
		r, err := e.Eval(f.Values()...)
		if err != nil || r.Rule() == i || !slices.Contains(table.hits(f.Values()), i) {
			t.Fatalf("the example %v of %v gives rule %d, %v", f.Values(), f.Rules, r.Rule(), err)
		}
		for _, k := range f.Rules[1:] { // each of the named rules is needed
			if len(f.Rules) > 2 && !slices.ContainsFunc(points, func(p []Value) bool {
				hit := table.hits(p)
				return slices.Contains(hit, i) && !slices.ContainsFunc(hit, func(m int) bool { return m != k && slices.Contains(f.Rules[1:], m) })
			}) {
				t.Fatalf("rule %d is not needed in %v", k, f.Rules)
			}
		}
		for _, p := range points { // and together they cover it
			if hit := table.hits(p); slices.Contains(hit, i) && !slices.ContainsFunc(hit, func(k int) bool { return slices.Contains(f.Rules[1:], k) }) {
				t.Fatalf("%v is matched by rule %d and by none of %v", p, i, f.Rules[1:])
			}
		}
	}
	for i := 1; i <= len(table.Rules); i++ {
		if never[i] == fires[i] {
			t.Fatalf("rule %d fires: %v, reported as never firing: %v", i, fires[i], never[i])
		}
	}
}

func checkMergeable(t *rapid.T, table *Table, a Analysis, e *Evaluator, points [][]Value) {
	found := map[[2]int]bool{}
	for _, f := range of(a, FoundMergeable) {
		for n, i := range f.Rules {
			for _, k := range f.Rules[n+1:] {
				found[[2]int{i, k}] = true
			}
		}
		merged := table.Clone()
		j := slices.IndexFunc(table.Inputs, func(in Input) bool { return in.Name == f.Column })
		cell, err := ParseCell(f.Suggestion, table.Inputs[j].Type)
		if err != nil {
			t.Fatalf("the suggestion %q: %v", f.Suggestion, err)
		}
		merged.Rules[f.Rules[0]-1].When[j] = cell
		for _, i := range slices.Backward(f.Rules[1:]) {
			merged.Rules = slices.Delete(merged.Rules, i-1, i)
		}
		without := sureOf(t, merged)
		for _, p := range points {
			if got, want := rowsOf(without, p), rowsOf(e, p); got != want {
				t.Fatalf("with %v merged %v gives %s, else %s", f.Rules, p, got, want)
			}
		}
	}
	if table.HitPolicy != Any && (table.HitPolicy != Unique || !a.Disjoint) { // what contradicts itself is to be mended first
		return
	}
	for i := range table.Rules {
		for k := range i {
			if shouldMerge(table, points, k, i) && !found[[2]int{k + 1, i + 1}] {
				t.Fatalf("rules %d and %d could be one", k+1, i+1)
			}
		}
	}
}

// shouldMerge reports whether two rules differ in one condition at most, seen at
// all points, both can fire, and, under UNIQUE, no input meets both.
func shouldMerge(table *Table, points [][]Value, i, k int) bool {
	x, y := table.Rules[i], table.Rules[k]
	if !slices.Equal(x.Then, y.Then) || len(table.Inputs) == 0 {
		return false
	}
	var fires [2]bool
	for _, p := range points {
		hit := table.hits(p)
		one, other := slices.Contains(hit, i+1), slices.Contains(hit, k+1)
		fires[0], fires[1] = fires[0] || one, fires[1] || other
		if one && other && table.HitPolicy == Unique {
			return false
		}
	}
	differ := map[int]bool{}
	for _, p := range points {
		for j, v := range p {
			if x.When[j].Matches(v, table.Inputs[j].Type) != y.When[j].Matches(v, table.Inputs[j].Type) {
				differ[j] = true
			}
		}
	}
	return fires[0] && fires[1] && len(differ) < 2
}

func checkPolicy(t *rapid.T, table *Table, a Analysis, e *Evaluator, points [][]Value) {
	found := of(a, FoundPolicy)
	many, unequal := false, false // rules that match one input; those that differ
	for _, p := range points {
		hit := table.hits(p)
		many = many || len(hit) > 1
		for _, i := range hit {
			unequal = unequal || !slices.Equal(table.Rules[i-1].Then, table.Rules[hit[0]-1].Then)
		}
	}
	want := ""
	switch p := table.HitPolicy; {
	case len(table.Rules) < 2:
	case (p == Unique || p == Any) && unequal:
		want = "FIRST"
	case (p == Unique || p == First || p == Priority) && many && !unequal:
		want = "ANY"
	case p != Unique && !many && table.Aggregation != Count:
		want = "UNIQUE"
	}
	switch {
	case want == "" && len(found) == 0:
		return
	case len(found) != 1 || found[0].Suggestion != want:
		t.Fatalf("under %v the analysis suggests %v, want %q", table.HitPolicy, found, want)
	}
	if v := found[0].Values(); v != nil {
		hit := table.hits(v)
		if len(hit) < 2 || want == "FIRST" && !strings.Contains(found[0].Message, "different") {
			t.Fatalf("the example %v is matched by %v", v, hit)
		}
	}
	fit := table.Clone()
	fit.HitPolicy, fit.Aggregation, _ = ParseHitPolicy(want)
	other := sureOf(t, fit)
	for _, p := range points {
		if got, before := rowsOf(other, p), rowsOf(e, p); got == "error" || before != "error" && got != before {
			t.Fatalf("under %s %v gives %s, else %s", want, p, got, before)
		}
	}
}
