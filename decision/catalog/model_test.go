package catalog_test

import (
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/decision"
	"github.com/forewarn-go/forewarn/decision/catalog"
)

// kept is an edition as the model keeps it.
type kept struct {
	from    time.Time
	percent int64 // -1: back to the shipped table
}

// holds returns the last of those that begin last, by a look at all of them.
func holds(all []kept, at time.Time, shipped int64) (percent int64, number int) {
	percent = shipped
	var since time.Time
	for i, k := range all {
		if !k.from.After(at) && !k.from.Before(since) {
			percent, number, since = k.percent, i+1, k.from
		}
	}
	if percent < 0 {
		percent = shipped
	}
	return percent, number
}

// Editions are put, scheduled and reset by two tenants in any order while time passes, and what held at any instant,
// past or to come, is what a list of all of them says.
//
// Covers: DEC-018, DEC-026, SEC-023
func TestEditionsAgainstModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		shipped := int64(-1)
		var tables []decision.Table
		if rapid.Bool().Draw(t, "shipped") {
			shipped, tables = 99, append(tables, discount(99))
		}
		r := newRig(t, tables...)
		all := map[string][]kept{}
		who := func() forewarn.Actor { return rapid.SampledFrom([]forewarn.Actor{admin, other}).Draw(t, "who") }
		from := func() time.Time {
			hours := rapid.IntRange(-1, 5).Draw(t, "hours")
			if hours < 0 {
				return time.Time{}
			}
			return r.clock.Now().Add(time.Duration(hours) * time.Hour)
		}
		keep := func(by forewarn.Actor, from time.Time, percent int64) {
			if from.IsZero() {
				from = r.clock.Now()
			}
			all[by.Tenant] = append(all[by.Tenant], kept{from, percent})
		}
		t.Repeat(map[string]func(*rapid.T){
			"wait": func(t *rapid.T) {
				r.clock.set(r.clock.Now().Add(time.Duration(rapid.IntRange(1, 3).Draw(t, "hours")) * time.Hour))
			},
			"put": func(t *rapid.T) {
				by, at, percent := who(), from(), rapid.Int64Range(0, 50).Draw(t, "percent")
				expect := rapid.IntRange(0, 6).Draw(t, "expect")
				e, err := r.tables.Put(r.ctx, by, catalog.Put{Table: discount(percent), From: at, Expect: expect})
				if last := len(all[by.Tenant]); expect != 0 && expect != last {
					if !errors.Is(err, forewarn.ErrStale) {
						t.Fatalf("expecting %d after %d: %v", expect, last, err)
					}
					return
				}
				if err != nil {
					t.Fatalf("Put: %v", err)
				}
				keep(by, at, percent)
				if e.Number != len(all[by.Tenant]) {
					t.Fatalf("number %d, want %d", e.Number, len(all[by.Tenant]))
				}
			},
			"reset": func(t *rapid.T) {
				by, at := who(), from()
				_, err := r.tables.Reset(r.ctx, by, catalog.Reset{Name: "Discount", From: at})
				if len(all[by.Tenant]) == 0 {
					if !errors.Is(err, forewarn.ErrNotFound) {
						t.Fatalf("Reset without an edition: %v", err)
					}
					return
				}
				if err != nil {
					t.Fatalf("Reset: %v", err)
				}
				keep(by, at, -1)
			},
			"": func(t *rapid.T) {
				for _, by := range []forewarn.Actor{admin, other} {
					for hours := -4; hours < 8; hours += 2 {
						at := r.clock.Now().Add(time.Duration(hours)*time.Hour + time.Duration(hours%4)*time.Minute)
						percent, number := r.decide(t, by, at)
						want, wantNumber := holds(all[by.Tenant], at, shipped)
						if want < 0 {
							wantNumber = 0
						}
						if percent != want || number != wantNumber {
							t.Fatalf("%s at %v: %d by edition %d, want %d by %d of %v", by.Tenant, at, percent, number, want, wantNumber, all[by.Tenant])
						}
					}
					if p, n := r.decide(t, by, time.Time{}); n > 0 {
						if want, number := holds(all[by.Tenant], r.clock.Now(), shipped); p != want || n != number {
							t.Fatalf("%s now: %d by edition %d, want %d by %d", by.Tenant, p, n, want, number)
						}
					}
				}
			},
		})
	})
}
