package storagetest_test

import (
	"context"
	"flag"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/forewarn-go/forewarn/adapters/internal/recorder"
	"github.com/forewarn-go/forewarn/adapters/memory"
	"github.com/forewarn-go/forewarn/adapters/storagetest"
	"github.com/forewarn-go/forewarn/store"
)

// Models fail on purpose here: they need not shrink what they found, nor keep it.
func TestMain(m *testing.M) {
	flag.Parse()
	for name, value := range map[string]string{"rapid.nofailfile": "true", "rapid.shrinktime": "0s"} {
		if err := flag.Set(name, value); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}

// sound is a store without faults that takes no more than every store must.
type sound struct {
	store.Store
	kinds store.Kinds
}

func newSound() *sound {
	s := &sound{Store: memory.New()}
	if err := s.kinds.Add(storagetest.Kinds()...); err != nil {
		panic(err)
	}
	return s
}

func (s *sound) Commit(ctx context.Context, b store.Batch) error {
	if err := b.Check(&s.kinds, store.MinEntries, store.MinBytes); err != nil {
		return err
	}
	return s.Store.Commit(ctx, b)
}

// plan checks a query and tells what it asks.
func (s *sound) plan(q store.Query) (*store.Plan, error) {
	k, err := s.kinds.Get(q.Kind)
	if err != nil {
		return nil, err
	}
	return k.Plan(q)
}

// stands returns the version at a key, read on its own: what a careless store
// looks at before it commits.
func (s *sound) stands(ctx context.Context, k store.Key) (int64, error) {
	records, err := s.Get(ctx, k)
	if err != nil {
		return 0, err
	}
	return records[0].Version, nil
}

// twisted is a sound store of which some methods are replaced.
type twisted struct {
	*sound
	keep    func(kinds ...store.Kind) error
	get     func(ctx context.Context, keys ...store.Key) ([]store.Record, error)
	find    func(ctx context.Context, q store.Query) (store.Page, error)
	commit  func(ctx context.Context, b store.Batch) error
	numbers func(ctx context.Context, tenant, series string, n int) (int64, error)
	limits  func() (int, int)
}

func (t *twisted) Keep(kinds ...store.Kind) error {
	if t.keep != nil {
		return t.keep(kinds...)
	}
	return t.sound.Keep(kinds...)
}

func (t *twisted) Get(ctx context.Context, keys ...store.Key) ([]store.Record, error) {
	if t.get != nil {
		return t.get(ctx, keys...)
	}
	return t.sound.Get(ctx, keys...)
}

func (t *twisted) Find(ctx context.Context, q store.Query) (store.Page, error) {
	if t.find != nil {
		return t.find(ctx, q)
	}
	return t.sound.Find(ctx, q)
}

func (t *twisted) Commit(ctx context.Context, b store.Batch) error {
	if t.commit != nil {
		return t.commit(ctx, b)
	}
	return t.sound.Commit(ctx, b)
}

func (t *twisted) Numbers(ctx context.Context, tenant, series string, n int) (int64, error) {
	if t.numbers != nil {
		return t.numbers(ctx, tenant, series, n)
	}
	return t.sound.Numbers(ctx, tenant, series, n)
}

func (t *twisted) Limits() (int, int) {
	if t.limits != nil {
		return t.limits()
	}
	return store.MinEntries, store.MinBytes
}

// gap lets others run: the time between a look and the act that rests on it.
func gap() {
	for range 200 {
		runtime.Gosched()
	}
}

// fewChecks makes models short for a test that runs them very often.
func fewChecks(t *testing.T) {
	t.Helper()
	old := flag.Lookup("rapid.checks").Value.String()
	set := func(n string) {
		if err := flag.Set("rapid.checks", n); err != nil {
			t.Fatal(err)
		}
	}
	set("25")
	t.Cleanup(func() { set(old) })
}

// broken is an adapter that breaks the contract in one way.
type broken struct {
	name  string
	twist func(s *sound) *twisted
	// caught are the clauses that must fail.
	caught []string
	// beside are clauses that may fail too, because they lean on what is broken or race for it.
	beside []string
}

// The clauses that race commits, and those that compare at large.
var (
	races = []string{"no-update-is-lost", "no-write-skew-over-two-kinds", "no-write-skew-in-one-kind", "absence-that-was-read-is-protected",
		"a-record-is-created-once", "a-parent-that-is-put-is-not-deleted-under-its-child", "a-parent-that-is-read-was-there-when-its-child-was-made",
		"crossing-batches-at-any-do-not-tear", "whoever-has-put-a-record-sees-what-its-holders-wrote", "committed-batches-have-one-order"}
	model = []string{"the-store-does-what-a-naive-model-does"}
)

func TestASoundStoreWithSmallLimitsPasses(t *testing.T) {
	for _, c := range storagetest.Clauses() {
		r := recorder.Run(t, c.Name, func(t testing.TB) { c.Run(t, storagetest.Under{Store: &twisted{sound: newSound()}}) })
		if r.Failed() {
			t.Errorf("%s: %s", c.Name, r.Lines())
		}
		if r.Skipped() && (!strings.HasPrefix(c.Name, "joined") && !strings.Contains(c.Name, "joined") || !strings.Contains(r.Lines(), "NOT SHOWN")) {
			t.Errorf("%s was skipped: %s", c.Name, r.Lines())
		}
	}
}

// Each broken adapter is caught by the clause that it breaks, and by no clause
// that has nothing to do with it.
//
// Covers: LIB-003
func TestBrokenAdaptersAreCaught(t *testing.T) {
	if testing.Short() {
		t.Skip("81 broken stores take half a minute: run without -short")
	}
	fewChecks(t)
	for _, b := range brokenAdapters() {
		t.Run(b.name, func(t *testing.T) {
			if len(b.caught) == 0 {
				t.Fatal("no clause is said to catch it")
			}
			for _, c := range storagetest.Clauses() {
				must := slices.Contains(b.caught, c.Name)
				run := func() *recorder.TB {
					return recorder.Run(t, c.Name, func(t testing.TB) { c.Run(t, storagetest.Under{Store: b.twist(newSound())}) })
				}
				r := run()
				for more := 0; must && !r.Failed() && more < 8; more++ { // a model draws its stories, and may draw none that shows it
					r = run()
				}
				switch {
				case must && !r.Failed():
					t.Errorf("clause %s does not catch it", c.Name)
				case must:
					t.Logf("caught by %s: %.200s", c.Name, r.Lines())
				case r.Failed() && !slices.Contains(b.beside, c.Name):
					t.Errorf("clause %s fails, which has nothing to do with it: %.300s", c.Name, r.Lines())
				}
			}
		})
	}
}

// Every clause bites: some broken adapter is caught by it.
func TestEveryClauseBites(t *testing.T) {
	bites := map[string]bool{}
	for _, b := range brokenAdapters() {
		for _, name := range b.caught {
			bites[name] = true
		}
	}
	for _, b := range brokenJoins() {
		for _, name := range b.caught {
			bites[name] = true
		}
	}
	seen := map[string]bool{}
	for _, c := range storagetest.Clauses() {
		if seen[c.Name] {
			t.Errorf("clause %s stands twice", c.Name)
		}
		seen[c.Name] = true
		if !bites[c.Name] {
			t.Errorf("no broken adapter is caught by %s", c.Name)
		}
	}
	for name := range bites {
		if !seen[name] {
			t.Errorf("%s is no clause", name)
		}
	}
	if n := len(brokenAdapters()); n < 20 {
		t.Errorf("only %d broken adapters", n)
	}
}

func brokenAdapters() []broken {
	return slices.Concat(brokenCommits(), brokenRaces(), brokenFinds(), brokenPages(), brokenRest())
}

// all returns every clause's name: for adapters so broken that anything may fail.
func all() []string {
	var names []string
	for _, c := range storagetest.Clauses() {
		names = append(names, c.Name)
	}
	return names
}
