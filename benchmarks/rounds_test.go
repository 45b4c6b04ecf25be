package benchmarks

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// A side does its work once and returns how many units it has done in how long.
type side func(b *testing.B) (units int, in time.Duration)

func rate(b *testing.B, s side) float64 {
	units, in := s(b)
	return float64(units) / in.Seconds()
}

// compare runs both sides in turns, each round the other one first, and reports the ratio of their rates within a round:
// the median, the least and the greatest of all rounds. Rates are of this machine at this time; only ratios travel.
func compare(b *testing.B, rounds int, ours, peer side) {
	b.Helper()
	if testing.Short() {
		rounds = min(rounds, 3)
	}
	for b.Loop() {
		var ratios, our, their []float64
		for n := range rounds {
			var o, p float64
			if n%2 == 0 {
				o = rate(b, ours)
				p = rate(b, peer)
			} else {
				p = rate(b, peer)
				o = rate(b, ours)
			}
			b.Logf("round %d: ours %.0f/s, peer %.0f/s: %.2f", n+1, o, p, o/p)
			ratios, our, their = append(ratios, o/p), append(our, o), append(their, p)
		}
		b.ReportMetric(median(ratios), "x")
		b.ReportMetric(slices.Min(ratios), "x-min")
		b.ReportMetric(slices.Max(ratios), "x-max")
		b.ReportMetric(median(our), "ours/s")
		b.ReportMetric(median(their), "peer/s")
		b.ReportMetric(0, "ns/op") // of all rounds of both: it says nothing
	}
}

func median(of []float64) float64 {
	of = slices.Sorted(slices.Values(of))
	n := len(of)
	return (of[(n-1)/2] + of[n/2]) / 2
}

// workers is how many callers there are at once.
const workers = 8

// slice is for how long callers call in one turn.
func slice() time.Duration {
	if testing.Short() {
		return 500 * time.Millisecond
	}
	return 4 * time.Second
}

// calling makes a side of a call: the workers make it again and again for the time of a slice.
func calling(call func(ctx context.Context, r *rand.Rand) error) side {
	seed := uint64(0)
	return func(b *testing.B) (int, time.Duration) {
		b.Helper()
		seed++
		var (
			all   sync.WaitGroup
			done  atomic.Int64
			mu    sync.Mutex
			fault error
			begin = time.Now()
			end   = begin.Add(slice())
		)
		for w := range workers {
			r := rand.New(rand.NewPCG(seed, uint64(w)))
			all.Go(func() {
				for time.Now().Before(end) {
					if err := call(context.Background(), r); err != nil {
						mu.Lock()
						fault = errors.Join(fault, err)
						mu.Unlock()
						return
					}
					done.Add(1)
				}
			})
		}
		all.Wait()
		check(b, fault)
		return int(done.Load()), time.Since(begin)
	}
}
