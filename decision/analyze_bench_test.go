package decision

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

// partition returns a table whose rules cover all inputs, each once: it cuts the
// space in two at a random input, again and again, as long as it has too few
// boxes. This is the hard case, since nothing is left out by its first condition.
func partition(rules int) Table {
	rng := rand.New(rand.NewPCG(1, 2))
	t := Table{Name: "partition", Outputs: []Output{{Name: "level", Type: Number}},
		Inputs: []Input{{Name: "service", Type: LooseEnum, Allowed: OneOfTexts(names(40)...)}, {Name: "score", Type: Number},
			{Name: "amount", Type: Number}, {Name: "opened", Type: Date}, {Name: "waited", Type: Duration}}}
	type sides [5][2]int64 // half-open
	boxes := []sides{{{0, 40}, {0, 1000}, {0, 1000}, {0, 1000}, {0, 1000}}}
	for len(boxes) < rules {
		at, j := rng.IntN(len(boxes)), rng.IntN(5)
		b := boxes[at]
		if b[j][1]-b[j][0] < 2 {
			continue
		}
		cut := b[j][0] + 1 + rng.Int64N(b[j][1]-b[j][0]-1)
		other := b
		boxes[at][j][1], other[j][0] = cut, cut
		boxes = append(boxes, other)
	}
	day := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for i, b := range boxes {
		values := []func(int64) Value{nil, Int, Int,
			func(n int64) Value { return DateOf(day.AddDate(0, 0, int(n))) },
			func(n int64) Value { return DurationOf(time.Duration(n) * time.Minute) }}
		r := Rule{When: []Cell{OneOfTexts(names(40)[b[0][0]:b[0][1]]...)}, Then: []Value{Int(int64(i))}}
		for j := 1; j < 5; j++ {
			r.When = append(r.When, between1000(b[j][0], b[j][1], values[j]))
		}
		t.Rules = append(t.Rules, r)
	}
	return t
}

func between1000(low, high int64, of func(int64) Value) Cell {
	switch {
	case low == 0 && high == 1000:
		return Cell{}
	case low == 0:
		return IsLess(of(high))
	case high == 1000:
		return IsAtLeast(of(low))
	}
	return IsFrom(of(low), of(high))
}

func names(n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf("service %d", i)
	}
	return all
}

// keyed returns a table as tariffs are: two texts and a customer class by
// equality, and two ranges, with all values but the last class.
func keyed(rules int) Table {
	t := Table{Name: "keyed", Outputs: []Output{{Name: "price", Type: Number}},
		Inputs: []Input{{Name: "region", Type: LooseEnum, Allowed: OneOfTexts(names(10)...)}, {Name: "product", Type: LooseEnum, Allowed: OneOfTexts(names(5)...)},
			{Name: "class", Type: Enum, Allowed: OneOfTexts("gold", "silver")}, {Name: "seats", Type: Number}, {Name: "term", Type: Months}}}
	for i := range rules {
		n := i
		next := func(size int) int { d := n % size; n /= size; return d }
		r := Rule{When: []Cell{OneOfTexts(names(10)[next(10)]), OneOfTexts(names(5)[next(5)])}}
		seats, term := next(4), next(5)
		r.When = append(r.When, OneOfTexts([]string{"gold", "silver"}[next(2)]), IsFrom(Int(int64(seats*10)), Int(int64(seats*10+10))), IsFrom(MonthsOf(int64(term*6)), MonthsOf(int64(term*6+6))))
		r.Then = []Value{Int(int64(i))}
		t.Rules = append(t.Rules, r)
	}
	return t
}

// scattered returns a table of random boxes of which each takes a tenth of every
// ordered input: it overlaps with itself, and leaves much open.
func scattered(rules int) Table {
	rng := rand.New(rand.NewPCG(3, 4))
	t := Table{Name: "scattered", HitPolicy: First, Outputs: []Output{{Name: "level", Type: Number}},
		Inputs: []Input{{Name: "service", Type: String}, {Name: "a", Type: Number}, {Name: "b", Type: Number}, {Name: "major", Type: Boolean}, {Name: "c", Type: Number}}}
	for i := range rules {
		r := Rule{When: []Cell{OneOfTexts(names(40)[rng.IntN(40)])}, Then: []Value{Int(int64(i))}}
		for j := 1; j < 5; j++ {
			low := rng.Int64N(900)
			if j == 3 {
				r.When = append(r.When, []Cell{{}, Is(Bool(true)), Is(Bool(false))}[low%3])
				continue
			}
			r.When = append(r.When, IsFrom(Int(low), Int(low+100)))
		}
		t.Rules = append(t.Rules, r)
	}
	return t
}

// wide returns a table of random boxes that take up to a share of every input, in
// thousandths: hundreds of them meet everywhere.
func wide(rules int, policy HitPolicy, share int64) Table {
	rng := rand.New(rand.NewPCG(5, uint64(share)))
	t := Table{Name: fmt.Sprintf("wide %s %d", policy, share), HitPolicy: policy, Outputs: []Output{{Name: "level", Type: Number}}}
	for j := range 5 {
		t.Inputs = append(t.Inputs, Input{Name: fmt.Sprint("input ", j), Type: Number})
	}
	for i := range rules {
		r := Rule{Then: []Value{Int(int64(i % 3))}}
		for range 5 {
			width := 1 + rng.Int64N(share)
			low := rng.Int64N(1000 - width)
			r.When = append(r.When, IsFrom(Int(low), Int(low+width)))
		}
		t.Rules = append(t.Rules, r)
	}
	return t
}

// BenchmarkAnalyzeWide has the tables that take longest; they may end with a limit.
func BenchmarkAnalyzeWide(b *testing.B) {
	for _, policy := range []HitPolicy{First, Unique} {
		for _, share := range []int64{100, 200, 300, 500, 900} {
			t := wide(1_000, policy, share)
			b.Run(t.Name, func(b *testing.B) {
				for b.Loop() {
					a, err := Analyze(t)
					if err != nil && !errors.Is(err, ErrLimit) {
						b.Fatal(err)
					}
					b.ReportMetric(float64(len(a.Findings)), "findings")
					b.ReportMetric(map[bool]float64{true: 1}[err != nil], "limit")
				}
			})
		}
	}
}

func BenchmarkAnalyze(b *testing.B) {
	for _, n := range []int{1_000, 10_000} {
		for _, t := range []Table{partition(n), keyed(n), scattered(n)} {
			b.Run(fmt.Sprintf("%s/%d", t.Name, n), func(b *testing.B) {
				for b.Loop() {
					a, err := Analyze(t)
					if err != nil && n == 1_000 {
						b.Fatal(err)
					}
					b.ReportMetric(float64(len(a.Findings)), "findings")
				}
			})
		}
	}
}
