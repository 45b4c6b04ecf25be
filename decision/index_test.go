package decision

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"
)

// outcomeOf is what an evaluation comes to, in one comparable text.
func outcomeOf(r Result, err error) string {
	var e *Error
	if errors.As(err, &e) {
		return fmt.Sprintf("error %v of %q, rules %d and %d", e.Kind, e.Column, e.Rule, e.Other)
	}
	return fmt.Sprintf("rules %v default %v rows %v", slices.Collect(r.Rules()), r.IsDefault(), func() (rows [][]Value) {
		for i := range r.Len() {
			rows = append(rows, r.Row(i))
		}
		return rows
	}())
}

// naive decides by a scan of all rules, sharing nothing with the evaluator but
// the meaning of a cell.
func naive(t *Table, values []Value) string {
	for j, in := range t.Inputs {
		v := values[j]
		if v.IsNull() || v.IsMissing() {
			if !in.Optional {
				return fmt.Sprintf("error %v of %q, rules 0 and 0", ErrMissing, in.Name)
			}
			continue
		}
		if !in.Allowed.Matches(v, in.Type) {
			return fmt.Sprintf("error %v of %q, rules 0 and 0", ErrNotAllowed, in.Name)
		}
	}
	var matched []int
rules:
	for i, r := range t.Rules {
		for j, c := range r.When {
			if !c.Matches(values[j], t.Inputs[j].Type) {
				continue rules
			}
		}
		matched = append(matched, i+1)
	}
	row := func(rule int) []Value {
		out := slices.Clone(t.Rules[rule-1].Then)
		for j := range out {
			out[j] = canonical(t.Outputs[j], out[j])
		}
		return out
	}
	say := func(rules []int, rows [][]Value) string {
		return fmt.Sprintf("rules %v default %v rows %v", rules, len(rules) == 0 && len(rows) == 1 && t.Aggregation != Count, rows)
	}
	if len(matched) == 0 {
		var defaults []Value
		some := false
		for _, o := range t.Outputs {
			v := canonical(o, o.Default)
			if v.IsMissing() {
				v = Null()
			} else {
				some = true
			}
			defaults = append(defaults, v)
		}
		switch {
		case some:
			return fmt.Sprintf("rules %v default true rows %v", []int(nil), [][]Value{defaults})
		case t.Aggregation == Count:
			return say(nil, [][]Value{{Int(0)}})
		}
		return say(nil, nil)
	}
	rank := func(rule int) (ranks []int) {
		for j, v := range row(rule) {
			at := slices.IndexFunc(t.Outputs[j].Allowed.Tests, func(x Test) bool { return x.Value == v })
			if at < 0 {
				at = 1000
			}
			ranks = append(ranks, at)
		}
		return ranks
	}
	switch t.HitPolicy {
	case Unique:
		if len(matched) > 1 {
			return fmt.Sprintf("error %v of %q, rules %d and %d", ErrNotUnique, "", matched[0], matched[1])
		}
	case Any:
		for _, other := range matched[1:] {
			if !slices.Equal(row(other), row(matched[0])) {
				return fmt.Sprintf("error %v of %q, rules %d and %d", ErrUnequal, "", matched[0], other)
			}
		}
		matched = matched[:1]
	case First:
		matched = matched[:1]
	case Priority, OutputOrder:
		slices.SortStableFunc(matched, func(a, b int) int { return slices.Compare(rank(a), rank(b)) })
		if t.HitPolicy == Priority {
			matched = matched[:1]
		}
	}
	var rows [][]Value
	for _, n := range matched {
		rows = append(rows, row(n))
	}
	if t.Aggregation == List {
		return say(matched, rows)
	}
	return say(matched, [][]Value{{naiveAggregate(t.Aggregation, rows)}})
}

func naiveAggregate(by Aggregation, rows [][]Value) Value {
	if by == Count {
		return Int(int64(len(rows)))
	}
	var some []Value
	for _, r := range rows {
		if !r[0].IsNull() {
			some = append(some, r[0])
		}
	}
	if len(some) == 0 {
		return Null()
	}
	less := func(a, b Value) int { c, _ := Compare(a, b); return c }
	switch {
	case by == Min:
		return slices.MinFunc(some, less)
	case by == Max:
		return slices.MaxFunc(some, less)
	case some[0].Type() == Number:
		sum := decimal.Zero
		for _, v := range some {
			sum = sum.Add(v.Decimal())
		}
		return Decimal(sum)
	}
	sum := some[0]
	for _, v := range some[1:] {
		sum.n += v.n
	}
	return sum
}

// canonical spells an output as its allowed values do.
func canonical(o Output, v Value) Value {
	for _, t := range o.Allowed.Tests {
		if equal(t.Value, v, o.Type) {
			return t.Value
		}
	}
	return v
}

// layers are the ways to build an index; nil where a table is not for that one.
var layers = map[string]func([]*axis, []box) *index{
	"chosen": newIndex,
	"dense": func(axes []*axis, boxes []box) *index {
		if d := newDense(axes, boxes); d != nil {
			return &index{positions: len(boxes), dense: d}
		}
		return newIndex(axes, boxes)
	},
	"hashed": func(axes []*axis, boxes []box) *index {
		if h := newHashed(axes, boxes); h != nil {
			return &index{positions: len(boxes), hashed: h}
		}
		return newIndex(axes, boxes)
	},
	"group": func(axes []*axis, boxes []box) *index {
		if len(axes) == 0 {
			return newIndex(axes, boxes)
		}
		return &index{positions: len(boxes), all: newGroup(axes, boxes, upTo(int32(len(boxes))), upTo(len(axes)))}
	},
}

var policies = []struct {
	policy HitPolicy
	by     Aggregation
}{{Unique, List}, {First, List}, {Any, List}, {Priority, List}, {RuleOrder, List}, {OutputOrder, List}, {Collect, List},
	{Collect, Sum}, {Collect, Min}, {Collect, Max}, {Collect, Count}}

// Covers: DEC-019, DEC-020
func TestIndexAgreesWithScan(t *testing.T) {
	for _, p := range policies {
		t.Run(p.policy.String()+p.by.String(), func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				table := genTable(t, p.policy, p.by, 40)
				if err := table.Validate(); err != nil {
					t.Fatalf("the generated table: %v", err)
				}
				var queries [][]Value
				for range 20 {
					queries = append(queries, genQuery(t, &table))
				}
				for layer, build := range layers {
					e := compile(table, build)
					for _, q := range queries {
						if got, want := outcomeOf(e.Eval(q...)), naive(&table, q); got != want {
							t.Fatalf("%s index, %v\n got %s\nwant %s", layer, q, got, want)
						}
					}
				}
			})
		})
	}
}

// Covers: DEC-024
func TestExplanationAgreesWithEvaluation(t *testing.T) {
	for _, p := range policies {
		t.Run(p.policy.String()+p.by.String(), func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				table := genTable(t, p.policy, p.by, 12)
				e, err := Compile(table)
				if err != nil {
					t.Fatal(err)
				}
				for range 5 {
					q := genQuery(t, &table)
					r, err := e.Eval(q...)
					x, xerr := e.Explain(q...)
					if fmt.Sprint(err) != fmt.Sprint(xerr) {
						t.Fatalf("%v: Eval says %v, Explain %v", q, err, xerr)
					}
					if (err != nil) != (x.Outcome == OutcomeError) {
						t.Fatalf("%v: outcome %s with error %v", q, x.Outcome, err)
					}
					if err != nil {
						continue
					}
					if want := slices.Collect(r.Rules()); !slices.Equal(x.Applied, want) {
						t.Fatalf("%v: applied %v, want %v", q, x.Applied, want)
					}
					if len(x.Outputs) != r.Len() || len(x.Rules) != len(table.Rules) {
						t.Fatalf("%v: %d rows and %d rules, want %d and %d", q, len(x.Outputs), len(x.Rules), r.Len(), len(table.Rules))
					}
					for i, rule := range x.Rules {
						matches := true
						for j, c := range table.Rules[i].When {
							matches = matches && c.Matches(q[j], table.Inputs[j].Type)
						}
						if rule.Matched != matches || rule.Matched != slices.Contains(x.Matched, i+1) || rule.Matched == (rule.Failed != nil) {
							t.Fatalf("%v: rule %d is told as %+v", q, i+1, rule)
						}
					}
				}
			})
		})
	}
}

// Thousands of rules reach what few do not: coarse bit sets, many words, long lists.
func TestLargeTablesAgreeWithScan(t *testing.T) {
	for _, p := range policies {
		r := rand.New(rand.NewPCG(1, uint64(p.policy)))
		table := Table{Name: "large", HitPolicy: p.policy, Aggregation: p.by, Inputs: []Input{{Name: "low", Type: Number}, {Name: "high", Type: Number, Optional: true},
			{Name: "site", Type: LooseString}}, Outputs: []Output{{Name: "x", Type: Number}}}
		if p.policy == Priority || p.policy == OutputOrder {
			table.Outputs[0].Allowed = OneOf(Int(3), Int(1), Int(2))
		}
		for i := range 3000 {
			low, high := r.Int64N(100_000), r.Int64N(100_000)
			site := OneOfTexts("site " + itoa(i%7))
			if i%50 == 0 {
				site = Cell{}
			}
			table.Rules = append(table.Rules, Rule{When: []Cell{IsFrom(Int(low), Int(low+1+r.Int64N(3000))), IsWithin(Int(high), Int(high+r.Int64N(3000))), site},
				Then: []Value{Int(1 + r.Int64N(3))}})
		}
		for layer, build := range layers {
			e := compile(table, build)
			for range 300 {
				q := []Value{Int(r.Int64N(100_000)), Int(r.Int64N(100_000)), Text("Site-" + itoa(r.IntN(8)))}
				if r.IntN(3) == 0 { // a corner of a rule
					when := table.Rules[r.IntN(3000)].When
					q[0], q[1] = when[0].Tests[0].Value, when[1].Tests[0].High
				}
				if got, want := outcomeOf(e.Eval(q...)), naive(&table, q); got != want {
					t.Fatalf("%v, %s index, %v\n got %s\nwant %s", p, layer, q, got, want)
				}
			}
		}
	}
}
