package psew_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/adapters/memory"
	"github.com/forewarn-go/forewarn/adapters/storagetest"
	"github.com/forewarn-go/forewarn/inventory"
	"github.com/forewarn-go/forewarn/psew"
	"github.com/forewarn-go/forewarn/psew/impact"
	"github.com/forewarn-go/forewarn/store"
	"github.com/forewarn-go/forewarn/ticket"
)

// outage is an inventory of a controller, edges and services on it, and n accounts who each have an item of a service, every third another of a second.
func outage(n int) []inventory.Item {
	on := func(to string) []inventory.Relation { return []inventory.Relation{{Type: "depends_on", To: to}} }
	items := []inventory.Item{{Type: inventory.TypeCI, ID: "controller", Relations: on("edge1")}} // and a cycle
	for k := range 4 {
		id := fmt.Sprint("edge", k)
		items = append(items, inventory.Item{Type: inventory.TypeCI, ID: id, Relations: on("controller")},
			inventory.Item{Type: inventory.TypeService, ID: fmt.Sprint("service", k), Critical: k < 2, Relations: on(id)},
			inventory.Item{Type: inventory.TypeAsset, ID: fmt.Sprint("box", k), CI: id, Service: fmt.Sprint("service", k)})
	}
	for k := range n {
		id := fmt.Sprintf("a%06d", k)
		items = append(items, inventory.Item{Type: inventory.TypeAccount, ID: id, Name: "Account " + id},
			inventory.Item{Type: inventory.TypeInstallBase, ID: id + "-1", Service: fmt.Sprint("service", k%4), Account: id},
			inventory.Item{Type: inventory.TypeSoldProduct, ID: id + "-p", Account: id})
		if k%3 == 0 {
			items = append(items, inventory.Item{Type: inventory.TypeInstallBase, ID: id + "-2", Service: fmt.Sprint("service", (k+1)%4), Account: id})
		}
	}
	return items
}

// rows returns all rows of an incident's impact as they are stored, without their versions.
func (f *field) rows(incident uuid.UUID) string {
	f.t.Helper()
	var all []string
	for _, list := range psew.Lists() {
		for after := ""; ; {
			page, err := f.incidents.ListAffected(context.Background(), admin, psew.ListAffected{Incident: incident, List: list, Limit: 1000, After: after})
			f.check(err)
			for _, a := range page.Items {
				a.Version = 0
				line, err := json.Marshal(a)
				f.check(err)
				all = append(all, string(line))
			}
			if after = page.Next; after == "" {
				break
			}
		}
	}
	view, err := f.incidents.ViewImpact(context.Background(), admin, psew.ViewImpact{Incident: incident, Limit: 1})
	f.check(err)
	sums, err := json.Marshal(view.Indicators)
	f.check(err)
	return strings.Join(append(all, string(sums)), "\n")
}

// A refresh that is killed before or after any of its commits, and whose commits lose races, ends with the same rows as one that nothing befalls.
//
// Covers: PSEW-052, PSEW-069
func TestRefreshKilledAnywhere(t *testing.T) {
	run := func(kill func(n int) (before, after error)) (rows string, commits int) {
		inner := minimal{memory.New()}
		n, on := 0, false
		var before, after error
		faulty := storagetest.Wrap(inner, storagetest.Faults{
			FailBefore: func(int) error {
				if !on {
					return nil
				}
				n++
				before, after = kill(n)
				return before
			},
			FailAfter: func(int) error {
				if !on {
					return nil
				}
				return after
			},
		})
		few := func(c *psew.Config) { c.Refresh = 17 }
		f := newField(t, faulty, few)
		f.put(outage(120)...)
		i := f.open("controller")
		on = true
		for range 200 {
			more, err := f.step()
			if err != nil {
				if !errors.Is(err, storagetest.ErrFault) && !errors.Is(err, forewarn.ErrUnavailable) {
					t.Fatal(err)
				}
				on = false
				f.reopen(faulty, few) // the process starts over
				on = true
				continue
			}
			if !more {
				on = false
				return f.rows(i.ID), n
			}
		}
		t.Fatal("it does not end")
		return "", 0
	}
	want, commits := run(func(int) (error, error) { return nil, nil })
	if got := strings.Count(want, `"list":"accounts"`); got != 120 || commits < 5 {
		t.Fatalf("%d accounts in %d commits", got, commits)
	}
	for at := 1; at <= commits; at++ {
		if got, _ := run(func(n int) (error, error) {
			if n == at {
				return storagetest.ErrFault, nil
			}
			return nil, nil
		}); got != want {
			t.Errorf("killed before commit %d: other rows", at)
		}
		if got, _ := run(func(n int) (error, error) {
			if n == at {
				return nil, storagetest.ErrFault
			}
			return nil, nil
		}); got != want {
			t.Errorf("killed after commit %d: other rows", at)
		}
	}
	if got, _ := run(func(n int) (error, error) {
		if n%2 == 1 {
			return storagetest.Conflict(), nil
		}
		return nil, nil
	}); got != want {
		t.Error("every commit lost a race: other rows")
	}
}

// A later refresh overtakes one that runs; of the old ones the rows go, but for the previous number.
//
// Covers: PSEW-052, PSEW-056, PSEW-069
func TestLaterRefreshOvertakes(t *testing.T) {
	s := memory.New()
	f := newField(t, minimal{s})
	f.put(outage(150)...)
	f.put(inventory.Item{Type: inventory.TypeCI, ID: "lonely"})
	ctx := context.Background()
	i := f.open("controller")
	f.settle()
	first := f.rows(i.ID)

	f.refresh(i.ID)
	if more, err := f.step(); !more || err != nil {
		t.Fatal(more, err)
	}
	if got := f.rows(i.ID); got != first {
		t.Error("a refresh that runs is shown already")
	}
	state, err := f.incidents.RefreshProgress(ctx, admin, psew.RefreshProgress{Incident: i.ID})
	if err != nil || state.Number != 2 || state.Current != 1 || !state.Finished.IsZero() || state.Rows == 0 {
		t.Errorf("while it runs: %+v, %v", state, err)
	}
	page, err := f.incidents.ListAffected(ctx, admin, psew.ListAffected{Incident: i.ID, List: psew.ListAccounts, Limit: 100})
	f.check(err)

	lonely := "lonely"
	i, err = f.incidents.Update(ctx, admin, psew.Update{Incident: i.ID, CI: &lonely})
	f.check(err)
	f.settle()
	shards := make([]int, 16)
	for n := range shards {
		shards[n] = n
	}
	if left, err := f.engine.Waiting(ctx, shards, f.engine.Now().AddDate(1, 0, 0), ""); err != nil || len(left.Items) != 0 {
		t.Errorf("the overtaken refresh did not end: %v, %v", left.Items, err)
	}
	got := f.found(i.ID)
	if got.Number != 3 || len(got.Lists[psew.ListAccounts]) != 0 || !slices.Equal(got.Lists[psew.ListCIs], []string{`ci/lonely "" critical=false`}) {
		t.Errorf("after the change of the CI: %s", got.text())
	}
	state, err = f.incidents.RefreshProgress(ctx, admin, psew.RefreshProgress{Incident: i.ID})
	if err != nil || state.Number != 3 || state.Current != 3 || state.Finished.IsZero() {
		t.Errorf("at its end: %+v, %v", state, err)
	}
	// who pages on sees the number that he began with
	next, err := f.incidents.ListAffected(ctx, admin, psew.ListAffected{Incident: i.ID, List: psew.ListAccounts, Limit: 100, After: page.Next})
	if err != nil || len(next.Items) != 50 || next.Items[0].Number != 1 {
		t.Errorf("the second page: %d rows, %v", len(next.Items), err)
	}
	if n := f.numbers(s, i.ID); !slices.Equal(n, []int{1, 3}) {
		t.Errorf("rows of refreshes %v are stored; want 1 and 3", n)
	}
	f.refresh(i.ID)
	f.settle()
	if n := f.numbers(s, i.ID); !slices.Equal(n, []int{3, 4}) {
		t.Errorf("rows of refreshes %v are stored; want 3 and 4", n)
	}
	f.refresh(i.ID)
	f.settle()
	if n := f.numbers(s, i.ID); !slices.Equal(n, []int{4, 5}) {
		t.Errorf("rows of refreshes %v are stored; want 4 and 5", n)
	}
	_, err = f.incidents.ListAffected(ctx, admin, psew.ListAffected{Incident: i.ID, List: psew.ListAccounts, Limit: 100, After: page.Next})
	if !errors.Is(err, forewarn.ErrRefused) {
		t.Errorf("a cursor of a refresh that is gone: %v", err)
	}
}

// numbers returns the numbers of the refreshes of which rows are stored.
func (f *field) numbers(s store.Store, incident uuid.UUID) (all []int) {
	f.t.Helper()
	for number := 1; number <= 6; number++ {
		for _, list := range psew.Lists() {
			page, err := s.Find(context.Background(), store.Query{Tenant: tenant, Kind: "affected", Index: "list",
				Equal: []store.Value{store.TextValue(fmt.Sprintf("%s/%d/%s", incident, number, list))}})
			f.check(err)
			if len(page.Records) > 0 {
				all = append(all, number)
				break
			}
		}
	}
	return all
}

// The first step of a refresh leaves the unit of its caller room, in a store of any limits.
func TestFirstStepLeavesRoom(t *testing.T) {
	f := newField(t, minimal{memory.New()})
	f.put(outage(200)...)
	var i psew.Incident
	err := f.engine.Update(context.Background(), admin, func(ctx context.Context, u *forewarn.Unit) (err error) {
		if i, err = f.incidents.Open(ctx, u, psew.Open{ShortDescription: "down", CI: "controller"}); err != nil {
			return err
		}
		if left := u.Room(); left < 30 {
			t.Errorf("%d entries are left", left)
		}
		_, err = f.inventory.Put(ctx, u, inventory.Put{Items: []inventory.Item{{Type: inventory.TypeAccount, ID: "x"}}})
		return err
	})
	f.check(err)
	f.settle()
	if got := f.found(i.ID); len(got.Lists[psew.ListAccounts]) != 200 || got.Totals.InstallBase != 267 || got.Totals.Products != 200 {
		t.Errorf("%d accounts, totals %+v", len(got.Lists[psew.ListAccounts]), got.Totals)
	}
}

// A relation without a direction of impact keeps nobody from the others: it carries none, and the view tells of it.
func TestUnknownRelationIsTold(t *testing.T) {
	f := newField(t, memory.New())
	f.put(outage(2)...)
	f.put(inventory.Item{Type: inventory.TypeService, ID: "odd", Relations: []inventory.Relation{{Type: "dependsOn", To: "controller"}}})
	i := f.open("controller")
	f.settle()
	view, err := f.incidents.ViewImpact(context.Background(), admin, psew.ViewImpact{Incident: i.ID})
	if err != nil || len(view.Accounts) != 2 || len(view.Warnings) != 1 || !strings.Contains(view.Warnings[0], `service odd: relation "dependsOn"`) {
		t.Errorf("%d accounts, warnings %q, %v", len(view.Accounts), view.Warnings, err)
	}
}

// A host's own types of relations carry impact the way that it says, for whom an incident hits and for what it stands on.
//
// Covers: PSEW-002, PSEW-126
func TestOwnRelationsCarryImpact(t *testing.T) {
	own := impact.DefaultDirections()
	own["dependsOn"], own["feeds"] = impact.ToHolder, impact.ToTarget
	asked := map[string]bool{}
	f := newField(t, memory.New(), func(c *psew.Config) { c.Directions, c.Changes = own, asking(asked) })
	delete(own, "feeds") // the service keeps what it was given
	f.put(outage(2)...)
	f.put(inventory.Item{Type: inventory.TypeCI, ID: "power", Relations: []inventory.Relation{{Type: "feeds", To: "controller"}}},
		inventory.Item{Type: inventory.TypeService, ID: "odd", Relations: []inventory.Relation{{Type: "dependsOn", To: "controller"}}},
		inventory.Item{Type: inventory.TypeInstallBase, ID: "odd-1", Service: "odd", Account: "behind"})
	i := f.open("power")
	f.settle()
	view := f.view(psew.ViewImpact{Incident: i.ID})
	if len(view.Accounts) != 3 || len(view.Warnings) != 0 {
		t.Errorf("%d accounts, warnings %q", len(view.Accounts), view.Warnings)
	}
	if _, err := f.incidents.RecentChanges(context.Background(), admin, psew.RecentChanges{Incident: f.open("controller").ID}); err != nil || !asked["power"] {
		t.Errorf("looked for changes on %v, %v", asked, err)
	}
	own["feeds"] = "up"
	e, err := forewarn.New(forewarn.Config{Store: memory.New()})
	f.check(err)
	_, err = psew.New(psew.Config{Engine: e, Cases: f.book, Directions: own})
	var is *forewarn.Error
	if !errors.As(err, &is) || is.Field != "config.directions" || !strings.Contains(is.Rule, `"feeds"`) {
		t.Errorf("a direction that is none: %v", err)
	}
}

// asking keeps the CIs that recent changes are asked of.
type asking map[string]bool

func (a asking) Recent(_ *forewarn.Unit, ci string, _, _ time.Time) ([]psew.RecentChange, error) {
	a[ci] = true
	return nil, nil
}

// Of an incident without a CI those are affected who have a case of it; a CI that comes later finds the others.
//
// Covers: PSEW-054
func TestCaseOfAnIncidentWithoutCI(t *testing.T) {
	f := newField(t, memory.New())
	f.put(outage(2)...)
	f.put(inventory.Item{Type: inventory.TypeAccount, ID: "far", Name: "Far Away"})
	ctx := context.Background()
	i := f.open("")
	if _, err := f.incidents.RefreshProgress(ctx, admin, psew.RefreshProgress{Incident: i.ID}); !errors.Is(err, forewarn.ErrNotFound) {
		t.Errorf("progress of none: %v", err)
	}
	if _, err := f.incidents.RefreshImpact(ctx, admin, psew.RefreshImpact{Incident: i.ID}); !errors.Is(err, forewarn.ErrRefused) {
		t.Errorf("a refresh without a CI: %v", err)
	}
	f.associate(i.ID, "far", "")
	f.associate(i.ID, "far", "")
	got := f.found(i.ID)
	if !slices.Equal(got.Lists[psew.ListAccounts], []string{"far"}) || got.Rows[0].ReactiveCases != 2 || got.Totals.ReactiveCases != 2 || got.Totals.Accounts != 1 {
		t.Errorf("without a CI: %s", got.text())
	}
	ci := "controller"
	_, err := f.incidents.Update(ctx, admin, psew.Update{Incident: i.ID, CI: &ci})
	f.check(err)
	f.settle()
	got = f.found(i.ID)
	if !slices.Equal(got.Lists[psew.ListAccounts], []string{"a000000", "a000001", "far"}) || got.Totals.ReactiveCases != 2 {
		t.Errorf("with one: %s", got.text())
	}
}

// A case that is associated at any moment of a refresh is in what it finds, wherever its id stands among those that were looked at.
//
// Covers: PSEW-054, PSEW-069
func TestCaseAssociatedWhileRefreshing(t *testing.T) {
	for after := range 16 {
		f := newField(t, memory.New(), func(c *psew.Config) { c.Refresh = 1 })
		f.put(inventory.Item{Type: inventory.TypeCI, ID: "ci"})
		i := f.open("ci")
		for n := range 8 {
			f.associate(i.ID, fmt.Sprint("early", n), "")
		}
		for range after {
			_, err := f.step()
			f.check(err)
		}
		for n := range 4 {
			f.associate(i.ID, fmt.Sprint("late", n), "")
		}
		f.settle()
		if got := f.found(i.ID); len(got.Lists[psew.ListAccounts]) != 12 || got.Totals.ReactiveCases != 12 || got.Totals.Accounts != 12 {
			t.Errorf("associated after %d steps: accounts %q, totals %+v", after, got.Lists[psew.ListAccounts], got.Totals)
		}
	}
}

// Critical services are counted once each, however many there are; a proactive case affects nobody.
//
// Covers: PSEW-065
func TestManyCriticalServices(t *testing.T) {
	f := newField(t, memory.New())
	items := []inventory.Item{{Type: inventory.TypeCI, ID: "ci"}}
	for n := range 250 {
		id := fmt.Sprint("s", n)
		items = append(items, inventory.Item{Type: inventory.TypeService, ID: id, Critical: true, Relations: []inventory.Relation{{Type: "depends_on", To: "ci"}}},
			inventory.Item{Type: inventory.TypeInstallBase, ID: id + "-1", Service: id, Account: "a"},
			inventory.Item{Type: inventory.TypeInstallBase, ID: id + "-2", Service: id, Account: "a"})
	}
	f.put(items...)
	i := f.open("ci")
	id := uuid.NewSHA1(i.ID, nil)
	f.book.cases[id] = ticket.BookedCase{ID: id, Source: store.Key{Kind: "incident", ID: i.ID}, Proactive: true, Account: "elsewhere"}
	f.refresh(i.ID)
	f.settle()
	if got := f.found(i.ID); len(got.Rows) != 1 || got.Rows[0].CriticalServices != 250 || got.Rows[0].InstallBase != 500 {
		t.Errorf("rows %+v", got.Rows)
	}
}
