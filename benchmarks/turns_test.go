package benchmarks

import (
	"slices"
	"testing"
	"time"
)

// contender does the same work as the others of a race, n times.
type contender struct {
	name string
	run  func(n int)
}

// race lets the contenders run in turns, each round in another order, and returns the nanoseconds that each took for
// one piece of work, by round.
func race(b *testing.B, rounds int, turn time.Duration, all ...contender) [][]float64 {
	b.Helper()
	if testing.Short() {
		rounds, turn = min(rounds, 3), turn/4
	}
	times := make([]int, len(all))
	for i, c := range all { // how often each may run in a turn
		n, took := 1, time.Duration(0)
		for ; took < turn/8; n *= 2 {
			begin := time.Now()
			c.run(n)
			took = time.Since(begin)
		}
		times[i] = max(1, int(float64(n/2)*float64(turn)/float64(took)))
	}
	took := make([][]float64, len(all))
	for round := range rounds {
		for i := range all {
			at := (i + round) % len(all)
			if round%2 == 1 {
				at = (len(all) - 1 - i + round) % len(all)
			}
			begin := time.Now()
			all[at].run(times[at])
			took[at] = append(took[at], float64(time.Since(begin).Nanoseconds())/float64(times[at]))
		}
	}
	for i, c := range all {
		b.Logf("%-44s %9.1f ns (%.1f to %.1f)", c.name, median(took[i]), slices.Min(took[i]), slices.Max(took[i]))
	}
	return took
}

// reportRatio reports the ratio of two times within a round: the median, the least and the greatest of all rounds.
func reportRatio(b *testing.B, unit string, of, to []float64) {
	b.Helper()
	ratios := make([]float64, len(of))
	for i := range of {
		ratios[i] = of[i] / to[i]
	}
	b.ReportMetric(median(ratios), unit)
	b.ReportMetric(slices.Min(ratios), unit+"-min")
	b.ReportMetric(slices.Max(ratios), unit+"-max")
}

// fastest returns, round by round, the time of the fastest.
func fastest(of [][]float64) []float64 {
	least := slices.Clone(of[0])
	for _, one := range of[1:] {
		for round, took := range one {
			least[round] = min(least[round], took)
		}
	}
	return least
}
