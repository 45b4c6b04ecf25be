package decision

import (
	"errors"
	"slices"
)

// Analysis is what Analyze found out about a table. Its JSON is stable: fields
// are added, never changed.
type Analysis struct {
	Table     string `json:"table"`
	Version   string `json:"version,omitempty"`
	HitPolicy string `json:"hitPolicy"` // UNIQUE … COLLECT SUM
	Inputs    int    `json:"inputs"`
	Rules     int    `json:"rules"`
	// Complete says that some rule matches every input. A default does not count.
	Complete bool `json:"complete"`
	// Disjoint says that no two rules match one input.
	Disjoint bool `json:"disjoint"`
	// Findings come in the order of their kinds, and within a kind in that of the
	// rules, or of the inputs.
	Findings []Finding `json:"findings"`
	// Omitted counts the findings of each kind past the first MaxFindings.
	Omitted map[FindingKind]int `json:"omitted,omitempty"`
}

// FindingKind says what a finding is.
type FindingKind string

// The kinds of findings, in their order.
const (
	// FoundOutside is a condition or an output outside the allowed values of its
	// column. It is a defect.
	FoundOutside FindingKind = "outside"
	// FoundGap is a box of inputs that no rule matches. No two boxes meet, and no
	// two together make one. It is a defect unless the table has a default, or its
	// hit policy is one that may give any number of rows.
	FoundGap FindingKind = "gap"
	// FoundOverlap are two rules that match the same inputs, and of which the hit
	// policy does not say which counts: any two under UNIQUE, two with different
	// outputs under ANY, and under PRIORITY two with different outputs of the same
	// priority. It is a defect.
	FoundOverlap FindingKind = "overlap"
	// FoundUnreachable is a rule that never fires: because one of its conditions
	// holds for no value that the input may have, or, under FIRST and PRIORITY,
	// because others that come before it match all that it matches. It is a defect.
	FoundUnreachable FindingKind = "unreachable"
	// FoundMergeable are rules that could be one without any change of behaviour:
	// their outputs are the same, and all conditions but one. Annotations do not
	// count.
	FoundMergeable FindingKind = "mergeable"
	// FoundPolicy is a hit policy stricter or looser than the rules need.
	FoundPolicy FindingKind = "policy"
)

var findingKinds = []FindingKind{FoundOutside, FoundGap, FoundOverlap, FoundUnreachable, FoundMergeable, FoundPolicy}

// Finding is one thing that the analysis found.
type Finding struct {
	Kind FindingKind `json:"kind"`
	// Defect tells what must be mended from what may be well as it is.
	Defect bool `json:"defect"`
	// Rules are the rules concerned, from 1, in increasing order; that which never
	// fires comes before those that keep it from it.
	Rules []int `json:"rules,omitempty"`
	// Column is the input or output that the finding is about, if it is about one.
	Column string `json:"column,omitempty"`
	// Box are the inputs concerned: all that meet each condition, one for each
	// input of the table. None for a finding that is not about inputs.
	Box []Side `json:"box,omitempty"`
	// Example is an input that shows the finding, with a value for each input of
	// the table. None where no input can: a rule that is looser than needed.
	Example []ExplainedInput `json:"example,omitempty"`
	// Suggestion is what would do instead: the condition of the merged rules on
	// Column, or the hit policy that fits.
	Suggestion string `json:"suggestion,omitempty"`
	// Message says it in a sentence.
	Message string `json:"message"`
}

// Side is the condition of a box on one input.
type Side struct {
	Input     string `json:"input"`
	Cell      Cell   `json:"-"`
	Condition string `json:"condition"` // the cell's text
}

// Values returns the example as Evaluator.Eval takes it; nil when there is none.
func (f Finding) Values() []Value {
	if f.Example == nil {
		return nil
	}
	values := make([]Value, len(f.Example))
	for i, in := range f.Example {
		values[i] = in.Value
	}
	return values
}

// Limits of an analysis. What takes more ends with an ErrLimit.
const (
	// MaxFindings is how many findings of a kind are listed; the others are
	// counted.
	MaxFindings = 1_000
	// MaxAnalysis is how many steps an analysis may take, one to two seconds of
	// them. A step compares a rule with up to 64 ranges of values of one input. A
	// thousand rules of five inputs mostly take some millions; where hundreds of
	// them meet everywhere, and leave gaps that cannot be told in few boxes, they
	// take any number.
	MaxAnalysis = 400_000_000
	// maxPieces bounds the boxes that gaps are put together from.
	maxPieces = 200_000
	// maxPairs bounds the pairs of rules that match a common input: a thousand
	// rules have no more.
	maxPairs = 500_000
)

// Analyze proves what can be said of a table without an input: whether rules are
// missing, contradict each other, never fire, could be fewer, or lie outside the
// allowed values, and whether the hit policy fits them. It is exact: it reasons
// about all values of each input, also of numbers and instants, and samples
// nothing.
//
// Values outside the allowed ones are findings. Any other defect that keeps the
// table from being compiled is returned as Errors, and nothing is analysed. Past
// MaxAnalysis steps it returns an ErrLimit beside what it found until then; then
// a finding may be missing, and Complete and Disjoint say true of what is proved
// only.
func Analyze(t Table) (Analysis, error) {
	var outside Errors
	if err := t.Validate(); err != nil {
		if !errors.As(err, &outside) || slices.ContainsFunc(outside, func(e *Error) bool { return e.Kind != ErrNotAllowed }) {
			return Analysis{}, err
		}
	}
	t = t.Clone()
	t.respell()
	a := &analyzer{space: newSpace(&t), t: &t, outputs: outputClasses(t.Rules), listed: map[FindingKind]int{}}
	a.out = Analysis{Table: t.Name, Version: t.Version, HitPolicy: t.HitPolicy.String(), Inputs: len(t.Inputs), Rules: len(t.Rules), Findings: []Finding{}}
	if t.Aggregation != List {
		a.out.HitPolicy += " " + t.Aggregation.String()
	}
	for _, step := range []func(){func() { a.outside(outside) }, a.pairs, a.overlaps, a.unreachable, a.mergeable, a.policy, a.gaps} {
		if a.space.exceeded == "" {
			step()
		}
	}
	a.sort()
	if a.space.exceeded != "" {
		return a.out, &Error{Kind: ErrLimit, Table: t.Name, Reason: a.space.exceeded}
	}
	return a.out, nil
}

// analyzer is one analysis on its way.
type analyzer struct {
	space   *space
	t       *Table
	outputs []int32 // of each rule: equal numbers for equal outputs
	meets   []pair  // rules that match a common input, sorted
	out     Analysis
	listed  map[FindingKind]int
}

// pair are two rules, by position, the first before the second.
type pair struct{ i, k int32 }

// found lists a finding, or counts it when its kind has enough of them: then it
// is not made.
func (a *analyzer) found(kind FindingKind, f func() Finding) {
	if a.listed[kind] < MaxFindings {
		a.listed[kind]++
		one := f()
		one.Kind = kind
		a.out.Findings = append(a.out.Findings, one)
		return
	}
	if a.out.Omitted == nil {
		a.out.Omitted = map[FindingKind]int{}
	}
	a.out.Omitted[kind]++
}

// sort puts the findings in the order of their kinds.
func (a *analyzer) sort() {
	slices.SortStableFunc(a.out.Findings, func(f, g Finding) int {
		return slices.Index(findingKinds, f.Kind) - slices.Index(findingKinds, g.Kind)
	})
}

// Defects counts the findings that are defects, listed or not.
func (a Analysis) Defects() int {
	n := 0
	defect := map[FindingKind]bool{}
	for _, f := range a.Findings {
		if f.Defect {
			n++
			defect[f.Kind] = true
		}
	}
	for kind, more := range a.Omitted { // the findings of a kind are all defects, or none
		if defect[kind] {
			n += more
		}
	}
	return n
}
