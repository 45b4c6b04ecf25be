package decision

import (
	"testing"

	"pgregory.net/rapid"
)

// Cells do not tell the values of a rank apart, and a sample lies in its rank.
func TestRanksSayWhatCellsSay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := genInput(t, "in")
		var cells []Cell
		for range rapid.IntRange(0, 6).Draw(t, "cells") {
			cells = append(cells, genCell(t, in))
		}
		a := newAxis(&in, cells)
		says := func(v Value) {
			r := a.rank(&v)
			if r < 0 || int(r) >= a.size {
				t.Fatalf("%v has rank %d of %d", v, r, a.size)
			}
			takes := in.Optional
			if v.Type() != 0 {
				takes = in.Allowed.Matches(v, in.Type)
			}
			if a.takes[r] != takes {
				t.Fatalf("%v is taken: %v, want %v", v, a.takes[r], takes)
			}
			for _, c := range cells {
				if got, want := inSpans(a.spans(c), r), c.Matches(v, in.Type); got != want {
					t.Fatalf("%v in %v: ranks say %v, the cell %v", v, c, got, want)
				}
			}
		}
		says(Null())
		says(Missing())
		for range 20 {
			says(genPlain(t, in.Type))
		}
		for r := range a.size {
			v, ok := a.sample(r)
			if !ok {
				continue
			}
			if got := a.rank(&v); int(got) != r {
				t.Fatalf("the sample %v of rank %d has rank %d", v, r, got)
			}
			says(v)
		}
		for _, c := range cells {
			spans := a.spans(c)
			for i, s := range spans {
				if s.lo >= s.hi || i > 0 && spans[i-1].hi >= s.lo {
					t.Fatalf("%v has the ranks %v: not sorted, or not joined", c, spans)
				}
			}
		}
	})
}

// A sample is missing only where no value lies.
func TestSamplesAreComplete(t *testing.T) {
	day := func(text string) Cell { return Is(mustValue(text, Date)) }
	in := Input{Name: "day", Type: Date}
	a := newAxis(&in, []Cell{day("2026-11-25"), day("2026-11-26"), day("2026-11-28")})
	var got []bool
	for r := range a.size {
		_, ok := a.sample(r)
		got = append(got, ok)
	}
	want := []bool{false, false, true, true, false, true, true, true, true} // nothing lies between the 25th and the 26th
	for r := range want {
		if got[r] != want[r] {
			t.Errorf("rank %d has a sample: %v, want %v", r, got[r], want[r])
		}
	}
	in = Input{Name: "time", Type: Time}
	a = newAxis(&in, []Cell{Is(mustValue("00:00", Time)), Is(mustValue("23:59:59.999999999", Time))})
	if v, ok := a.sample(rankFirst); ok {
		t.Errorf("%v lies before midnight", v)
	}
	if v, ok := a.sample(a.size - 1); ok {
		t.Errorf("%v lies after the day's last nanosecond", v)
	}
}
