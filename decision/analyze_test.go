package decision

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
)

// escalation is the policy that package psew ships: category and subcategory as
// closed lists, and a stage that may be empty.
func escalation(t testing.TB) Table {
	t.Helper()
	text, err := os.ReadFile("../psew/escalation.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Name  string
		Rules []struct{ Category, Subcategory, Stage, AssignmentGroup, Flow string }
	}
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	table := Table{Name: file.Name, Inputs: []Input{
		{Name: "category", Type: LooseEnum, Allowed: OneOfTexts("SD-WAN")},
		{Name: "subcategory", Type: LooseEnum, Allowed: OneOfTexts("Link failure", "Device failure", "Protocol failure", "Software failure", "Soft-WAN link failure")},
		{Name: "stage", Type: LooseEnum, Allowed: OneOfTexts("", "Triage", "L1 investigation", "L2 investigation")}},
		Outputs: []Output{{Name: "assignmentGroup", Type: String}, {Name: "flow", Type: String}}}
	for _, r := range file.Rules {
		if err := table.Add(r.Category, r.Subcategory, r.Stage, r.AssignmentGroup, r.Flow); err != nil {
			t.Fatal(err)
		}
	}
	return table
}

func analyzed(t testing.TB, table Table) Analysis {
	t.Helper()
	a, err := Analyze(table)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// The policy has a row for each subcategory and stage, and each row is needed: the one that is missing is found
// as the only gap, and one that is added contradicts another.
//
// Covers: DEC-016, DEC-017, DEC-020, DEC-025
func TestEscalationPolicyIsCompleteAndUnique(t *testing.T) {
	table := escalation(t)
	a := analyzed(t, table)
	if len(table.Rules) != 20 || !a.Complete || !a.Disjoint || len(a.Findings) != 0 {
		t.Fatalf("%d rules, complete %v, disjoint %v:\n%s", len(table.Rules), a.Complete, a.Disjoint, a.Text())
	}
	for i, r := range table.Rules {
		without := table.Clone()
		without.Rules = slices.Delete(without.Rules, i, i+1)
		a := analyzed(t, without)
		gaps := of(a, FoundGap)
		if a.Complete || a.Defects() != 1 || len(gaps) != 1 {
			t.Fatalf("without rule %d:\n%s", i+1, a.Text())
		}
		for j, v := range gaps[0].Values() {
			if !r.When[j].Matches(v, table.Inputs[j].Type) {
				t.Errorf("without rule %d the gap is %v", i+1, gaps[0].Box)
			}
		}
		twice := table.Clone()
		twice.Rules = append(twice.Rules, Rule{When: r.When, Then: []Value{Text("Somebody else"), Text("Some flow")}})
		a = analyzed(t, twice)
		overlaps := of(a, FoundOverlap)
		if a.Disjoint || a.Defects() != 1 || len(overlaps) != 1 || !slices.Equal(overlaps[0].Rules, []int{i + 1, 21}) {
			t.Fatalf("with rule %d twice:\n%s", i+1, a.Text())
		}
	}
	wide := table.Clone() // an empty stage that is read as any would match in every stage
	wide.Rules[0].When[2] = Cell{}
	if a := analyzed(t, wide); len(of(a, FoundOverlap)) != 3 {
		t.Fatalf("with any stage in rule 1:\n%s", a.Text())
	}
}

// table makes a table of texts, a row of inputs and outputs for each rule.
func tableOf(t testing.TB, policy HitPolicy, inputs []Input, rows ...string) Table {
	t.Helper()
	table := Table{Name: "t", HitPolicy: policy, Inputs: inputs, Outputs: []Output{{Name: "out", Type: Enum, Allowed: OneOfTexts("high", "low")}}}
	for _, row := range rows {
		if err := table.Add(strings.Split(row, " | ")...); err != nil {
			t.Fatal(err)
		}
	}
	return table
}

// Covers: DEC-025
func TestAnalysis(t *testing.T) {
	age := Input{Name: "age", Type: Number}
	percent := Input{Name: "percent", Type: Number, Allowed: IsWithin(Int(0), Int(100))}
	colour := Input{Name: "colour", Type: Enum, Allowed: OneOfTexts("red", "green", "blue")}
	maybe := Input{Name: "maybe", Type: Number, Optional: true}
	day := Input{Name: "day", Type: Date}
	for _, c := range []struct {
		name   string
		table  Table
		want   []string // the findings
		defect int
	}{
		{"a hole between ranges, and the ends", tableOf(t, Unique, []Input{age}, "[0..18) | low", "(18..65] | high"), []string{
			"gap [] age < 0, 18, > 65"}, 1},
		{"allowed values end the line", tableOf(t, Unique, []Input{percent}, "< 50 | low", "[50..99] | high"), []string{"gap [] percent > 99"}, 1},
		{"days have nothing between them", tableOf(t, Unique, []Input{day}, "<= 2026-11-25 | low", ">= 2026-11-26 | high"), nil, 0},
		{"null and missing are inputs too", tableOf(t, Unique, []Input{maybe}, "< 3 | low", ">= 3 | high"), []string{"gap [] maybe missing, null"}, 1},
		{"not covers null", tableOf(t, Unique, []Input{maybe}, "not(3) | low", "3 | high"), nil, 0},
		{"a box of two inputs", tableOf(t, Unique, []Input{colour, age}, "red, green | < 10 | low", "blue | - | high"), []string{
			`gap [] colour "red", "green" and age >= 10`}, 1},
		{"no rule at all", tableOf(t, Unique, []Input{colour, age}), []string{"gap [] "}, 1},
		{"bounds that meet", tableOf(t, Unique, []Input{age}, "<= 18 | low", ">= 18 | high"), []string{"overlap [1 2] age 18",
			"policy [1 2] age 18 -> FIRST"}, 1},
		{"equal outputs under unique", tableOf(t, Unique, []Input{age}, "<= 18 | low", "- | low"), []string{"overlap [1 2] age <= 18",
			"policy [1 2] age <= 18 -> ANY"}, 1},
		{"any disagrees", tableOf(t, Any, []Input{colour}, "red, green | low", "green, blue | high"), []string{`overlap [1 2] colour "green"`,
			`policy [1 2] colour "green" -> FIRST`}, 1},
		{"masked by two together", tableOf(t, First, []Input{age}, "< 10 | low", ">= 10 | high", "[5..15] | low"), []string{
			"unreachable [3 1 2] age [5..15]"}, 1},
		{"masked by one of two", tableOf(t, First, []Input{age}, "< 10 | low", "< 20 | high", "[5..8] | high", "- | low"), []string{
			"unreachable [3 1] age [5..8]", "mergeable [2 3] age < 20 -> < 20"}, 1},
		{"a default that catches all", tableOf(t, First, []Input{age}, "< 10 | low", "- | high"), nil, 0},
		{"never", tableOf(t, First, []Input{percent}, "> 100 | low", "- | high"), []string{
			"outside [1] ", "unreachable [1] ", "policy [] -> UNIQUE"}, 2},
		{"priority goes first", tableOf(t, Priority, []Input{age}, "< 10 | low", "- | high"), []string{"unreachable [1 2] age < 10"}, 1},
		{"two that could be one", tableOf(t, Unique, []Input{colour, age}, "red | < 10 | low", "green | < 10 | low", "blue | < 10 | high", "- | >= 10 | high"), []string{
			`mergeable [1 2] colour "red", "green" and age < 10 -> "red", "green"`}, 0},
		{"ranges that could be one", tableOf(t, Unique, []Input{age}, "< 10 | low", "[10..20) | low", ">= 20 | high"), []string{
			"mergeable [1 2] age < 20 -> < 20"}, 0},
		{"the order forbids it", tableOf(t, First, []Input{colour}, "red | low", "red, green | high", "green, blue | low"), []string{}, 0},
		{"looser than needed", tableOf(t, First, []Input{age}, "< 10 | low", ">= 10 | high"), []string{"policy [] -> UNIQUE"}, 0},
		{"gaps of lists are no defect", tableOf(t, RuleOrder, []Input{age}, "< 10 | low", "< 5 | high"), []string{"gap [] age >= 10"}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := analyzed(t, c.table)
			var got []string
			for _, f := range a.Findings {
				var box []string
				for _, side := range f.Box {
					if !side.Cell.IsAny() {
						box = append(box, side.Input+" "+side.Condition)
					}
				}
				one := fmt.Sprintf("%s %v %s", f.Kind, f.Rules, strings.Join(box, " and "))
				if f.Suggestion != "" {
					one = strings.TrimSpace(one) + " -> " + f.Suggestion
				}
				got = append(got, one)
			}
			if !slices.Equal(got, c.want) || a.Defects() != c.defect {
				t.Errorf("%d defects, found\n  %s\nwant %d\n  %s", a.Defects(), strings.Join(got, "\n  "), c.defect, strings.Join(c.want, "\n  "))
			}
		})
	}
}

// Covers: DEC-025
func TestAnalysisOfUnknownValues(t *testing.T) {
	table := tableOf(t, Unique, []Input{{Name: "colour", Type: Enum, Allowed: OneOfTexts("red", "green")}}, "red | high", "green, pink | low")
	table.Rules[0].Then[0] = Text("higher")
	a := analyzed(t, table)
	outside := of(a, FoundOutside)
	if len(a.Findings) != 2 || len(outside) != 2 || !a.Complete || a.Defects() != 2 {
		t.Fatal(a.Text())
	}
	if f := outside[0]; f.Column != "out" || !slices.Equal(f.Rules, []int{1}) || f.Example != nil {
		t.Errorf("of the output: %+v", f)
	}
	if f := outside[1]; f.Column != "colour" || !slices.Equal(f.Rules, []int{2}) || f.Values()[0] != Text("pink") {
		t.Errorf("of the input: %+v", f)
	}
}

// What cannot be analysed is refused as Compile refuses it, and nothing is said of it.
//
// Covers: DEC-025
func TestAnalysisOfInvalidTables(t *testing.T) {
	table := tableOf(t, Unique, []Input{{Name: "age", Type: Number}}, "3 | high")
	table.Rules[0].When[0] = Is(Text("three"))
	a, err := Analyze(table)
	var defects Errors
	if !errors.Is(err, ErrType) || !errors.As(err, &defects) || defects[0].Rule != 1 || defects[0].Column != "age" || a.Findings != nil {
		t.Errorf("%+v, %v", a, err)
	}
}

// Boxes in general position leave more gaps than can be told, and the analysis says so beside what it found.
//
// Covers: DEC-025
func TestAnalysisHasALimit(t *testing.T) {
	table := Table{Name: "wild", Outputs: []Output{{Name: "out", Type: Number}}}
	for j := range 12 {
		table.Inputs = append(table.Inputs, Input{Name: string(rune('a' + j)), Type: Number})
	}
	for i := range int64(300) {
		r := Rule{Then: []Value{Int(i)}}
		for j := range int64(12) {
			low := (i*(2*j+7) + j) % 53
			r.When = append(r.When, IsWithin(Int(low), Int(low+30)))
		}
		table.Rules = append(table.Rules, r)
	}
	a, err := Analyze(table)
	var e *Error
	if !errors.As(err, &e) || e.Kind != ErrLimit || e.Table != "wild" || !strings.Contains(e.Reason, itoa(maxPieces)) && !strings.Contains(e.Reason, itoa(MaxAnalysis)) {
		t.Fatalf("%v", err)
	}
	if a.Complete || a.Disjoint || len(of(a, FoundOverlap)) == 0 || a.Omitted[FoundOverlap] == 0 {
		t.Errorf("complete %v, disjoint %v, %d overlaps and %d more", a.Complete, a.Disjoint, len(of(a, FoundOverlap)), a.Omitted[FoundOverlap])
	}
	if a.Defects() < MaxFindings+a.Omitted[FoundOverlap] {
		t.Errorf("%d defects with %d omitted", a.Defects(), a.Omitted[FoundOverlap])
	}
}

// Boxes that become one only after others have are found too.
//
// Covers: DEC-025
func TestMergeOfMergedBoxes(t *testing.T) {
	s := &space{lines: make([]line, 2), words: 2, left: MaxAnalysis}
	got := s.merge([]region{{{1}, {1}}, {{1}, {2}}, {{2}, {3}}})
	if len(got) != 1 || got[0].compare(region{{3}, {3}}) != 0 {
		t.Errorf("got %v", got)
	}
}

// Boxes are told apart also when the sums of their sides are the same.
//
// Covers: DEC-025
func TestMergeOfBoxesOfOneSum(t *testing.T) {
	m := newMerger(2, []region{{{1}, {1}}, {{2}, {2}}, {{4}, {1}}})
	rest := m.boxes[0].sum - mark(0, 0)
	for i, b := range m.boxes {
		m.boxes[i].sum = rest + mark(0, b.sides[0])
	}
	if !m.join(0) || len(m.boxes) != 2 || m.sets[0].all[m.boxes[0].sides[0]].compare(set{5}) != 0 {
		t.Errorf("got %+v of %+v", m.boxes, m.sets)
	}
}

// Of many rules that cover another together only those are named that are needed for it.
//
// Covers: DEC-025
func TestFewestThatCover(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	table := Table{Name: "overlapping", HitPolicy: First, Inputs: []Input{{Name: "a", Type: Number}, {Name: "b", Type: Number}}, Outputs: []Output{{Name: "level", Type: Number}}}
	rule := func(sides ...int64) {
		table.Rules = append(table.Rules, Rule{When: []Cell{IsFrom(Int(sides[0]), Int(sides[1])), IsFrom(Int(sides[2]), Int(sides[3]))}, Then: []Value{Int(int64(len(table.Rules)))}})
	}
	for range 120 {
		a, b := rng.Int64N(40), rng.Int64N(40)
		rule(a, a+12, b, b+12)
	}
	rule(12, 40, 12, 40)
	found := of(analyzed(t, table), FoundUnreachable)
	if len(found) == 0 || len(found[len(found)-1].Rules) < 10 || found[len(found)-1].Rules[0] != 121 {
		t.Fatalf("found %v", found)
	}
	for _, f := range found {
		for n := 1; n < len(f.Rules) && len(f.Rules) > 2; n++ {
			fewer := table.Clone()
			fewer.Rules = nil
			for _, i := range slices.Delete(slices.Clone(f.Rules[1:]), n-1, n) {
				fewer.Rules = append(fewer.Rules, table.Rules[i-1])
			}
			fewer.Rules = append(fewer.Rules, table.Rules[f.Rules[0]-1])
			if slices.ContainsFunc(of(analyzed(t, fewer), FoundUnreachable), func(g Finding) bool { return g.Rules[0] == len(fewer.Rules) }) {
				t.Errorf("rule %d is not needed in %v", f.Rules[n], f.Rules)
			}
		}
	}
}

// The tables that have no package yet are complete, and no two of their rules meet.
//
// Covers: DEC-021, DEC-022, DEC-023, DEC-025
func TestAnalysisOfShippedTables(t *testing.T) {
	for file, complete := range map[string]bool{"diagnostics-tabs.json": false, "diagnostic-activity.json": true, "hierarchical-test-runs.json": true} {
		table := readTable(t, file)
		if a := analyzed(t, table); a.Complete != complete || !a.Disjoint || a.Defects() > 0 {
			t.Errorf("%s: %s", file, a.Text())
		}
		for i := range table.Rules {
			without := table.Clone()
			without.Rules = slices.Delete(without.Rules, i, i+1)
			if a := analyzed(t, without); len(of(a, FoundGap)) == 0 {
				t.Errorf("%s without rule %d has no gap", file, i+1)
			}
		}
	}
}

// Many ranges on one input end at the limit before they fill the memory.
//
// Covers: DEC-025
func TestAnalysisOfManyRangesHasALimit(t *testing.T) {
	table := Table{Name: "ranges", Inputs: []Input{{Name: "a", Type: Number}}, Outputs: []Output{{Name: "out", Type: Number}}}
	for i := range int64(20_000) {
		table.Rules = append(table.Rules, Rule{When: []Cell{IsWithin(Int(i), Int(40_000-i))}, Then: []Value{Int(i)}})
	}
	a, err := Analyze(table)
	if !errors.Is(err, ErrLimit) || a.Complete || a.Disjoint || a.Table != "ranges" {
		t.Errorf("%v, %v", a.Complete, err)
	}
}

// Covers: DEC-025
func TestAnalysisAsData(t *testing.T) {
	table := tableOf(t, Unique, []Input{{Name: "age", Type: Number, Optional: true}, {Name: "vip", Type: Boolean}}, "< 18 | - | low", ">= 18 | true | high")
	table.Version = "7"
	a := analyzed(t, table)
	got, err := json.MarshalIndent(a, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "testdata/analysis.json", append(got, '\n'))
	golden(t, "testdata/analysis.txt", []byte(a.Text()))
}

// golden compares with a file, and writes it where UPDATE_GOLDEN is set.
func golden(t *testing.T, file string, got []byte) {
	t.Helper()
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Errorf("%s differs; it is now\n%s", file, got)
	}
}

func ExampleAnalyze() {
	table := Table{
		Name:    "Discount",
		Inputs:  []Input{{Name: "customer", Type: Enum, Allowed: OneOfTexts("new", "regular")}, {Name: "order", Type: Number, Allowed: IsAtLeast(Int(0))}},
		Outputs: []Output{{Name: "percent", Type: Number}},
	}
	for _, row := range [][]string{
		{"new", "-", "0"},
		{"regular", "< 100", "5"},
		{"regular", "> 100", "10"},
		{"-", "> 1000", "15"},
	} {
		if err := table.Add(row...); err != nil {
			panic(err)
		}
	}
	a, err := Analyze(table)
	if err != nil {
		panic(err)
	}
	fmt.Print(a.Text())
	// Output:
	// Discount, UNIQUE, 2 inputs, 4 rules
	//   defect, gap: no rule matches; where customer "regular" and order 100; for example customer = "regular", order = 100
	//   defect, overlap: rules 1 and 4: both match, with different outputs; where customer "new" and order > 1000; for example customer = "new", order = 1001
	//   defect, overlap: rules 3 and 4: both match, with different outputs; where customer "regular" and order > 1000; for example customer = "regular", order = 1001
	//   policy: UNIQUE is stricter than the rules are: some that match one input have different outputs: FIRST would do; where customer "new" and order > 1000; for example customer = "new", order = 1001
}
