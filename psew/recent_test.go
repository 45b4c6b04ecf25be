package psew_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/adapters/memory"
	"github.com/forewarn-go/forewarn/inventory"
	"github.com/forewarn-go/forewarn/psew"
)

// changelog is a psew.Changes over a list.
type changelog []psew.RecentChange

func (c changelog) Recent(_ *forewarn.Unit, ci string, since, until time.Time) (found []psew.RecentChange, err error) {
	for _, change := range c {
		if change.CI == ci && !change.Ended.Before(since) && !change.Ended.After(until) {
			found = append(found, change)
		}
	}
	return found, nil
}

// Covers: PSEW-126
func TestRecentChanges(t *testing.T) {
	now := time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)
	changes := changelog{}
	for n, c := range []struct {
		ci  string
		ago time.Duration
	}{
		{"edge", time.Hour}, {"controller", 30 * time.Minute}, {"edge", 5*24*time.Hour + time.Minute}, {"host", 4 * 24 * time.Hour},
		{"power", 2 * time.Hour}, {"above", time.Minute}, {"beside", time.Minute}, {"edge", -time.Hour},
	} {
		changes = append(changes, psew.RecentChange{Number: fmt.Sprint("CHG", n), CI: c.ci, Ended: now.Add(-c.ago)})
	}
	changes = append(changes, psew.RecentChange{Number: "CHG0", CI: "host", Ended: now.Add(-time.Hour)}) // the same change, on a second CI
	f := newField(t, memory.New(), func(c *psew.Config) { c.Changes = changes })
	f.clock.now = now
	relation := func(kind, to string) inventory.Relation { return inventory.Relation{Type: kind, To: to} }
	f.put(
		inventory.Item{Type: inventory.TypeCI, ID: "edge", Relations: []inventory.Relation{relation("depends_on", "controller"), relation("odd", "beside"), relation("hosts", "above")}},
		inventory.Item{Type: inventory.TypeCI, ID: "controller", Relations: []inventory.Relation{relation("runs_on", "host"), relation("depends_on", "edge")}},
		inventory.Item{Type: inventory.TypeCI, ID: "host"}, inventory.Item{Type: inventory.TypeCI, ID: "beside"},
		inventory.Item{Type: inventory.TypeCI, ID: "above", Relations: []inventory.Relation{relation("depends_on", "edge")}},
		inventory.Item{Type: inventory.TypeCI, ID: "power", Relations: []inventory.Relation{relation("powers", "host")}},
	)
	i, other, far := f.open("edge"), f.open("edge"), f.open("above")
	ctx := context.Background()
	ask := func(window time.Duration) (numbers []string, related psew.Related) {
		t.Helper()
		related, err := f.incidents.RecentChanges(ctx, admin, psew.RecentChanges{Incident: i.ID, Window: window})
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range related.Changes {
			numbers = append(numbers, c.Number)
		}
		return numbers, related
	}
	got, related := ask(0)
	if want := []string{"CHG1", "CHG0", "CHG4", "CHG3"}; !slices.Equal(got, want) {
		t.Errorf("in 5 days: %v; want %v", got, want)
	}
	if len(related.Incidents) != 1 || related.Incidents[0].ID != other.ID {
		t.Errorf("related incidents %v; want %s, not %s", related.Incidents, other.Number, far.Number)
	}
	if got, _ := ask(6 * 24 * time.Hour); !slices.Equal(got, []string{"CHG1", "CHG0", "CHG4", "CHG3", "CHG2"}) {
		t.Errorf("in 6 days: %v", got)
	}
	if got, _ := ask(45 * time.Minute); !slices.Equal(got, []string{"CHG1"}) {
		t.Errorf("in 45 minutes: %v", got)
	}
	for _, window := range []time.Duration{-1, 91 * 24 * time.Hour} {
		if _, err := f.incidents.RecentChanges(ctx, admin, psew.RecentChanges{Incident: i.ID, Window: window}); !errors.Is(err, forewarn.ErrInvalid) {
			t.Errorf("a window of %s: %v", window, err)
		}
	}
	if got, err := f.incidents.RecentChanges(ctx, admin, psew.RecentChanges{Incident: f.open("").ID}); err != nil || len(got.Changes)+len(got.Incidents) != 0 {
		t.Errorf("of an incident without a CI: %+v, %v", got, err)
	}
}
