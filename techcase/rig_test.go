package techcase_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/adapters/memory"
	"github.com/forewarn-go/forewarn/apinotif"
	"github.com/forewarn-go/forewarn/store"
	"github.com/forewarn-go/forewarn/techcase"
	"github.com/forewarn-go/forewarn/ticket"
)

const tenant = "acme"

// start is a Monday.
var start = time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)

func staff(id string, roles ...string) forewarn.Actor {
	return forewarn.Actor{Tenant: tenant, ID: id, Roles: roles}
}

var (
	admin    = staff("adam", forewarn.RoleAdmin)
	agent    = staff("anna", forewarn.RoleAgent)
	manager  = staff("mona", forewarn.RoleMajorCaseManager)
	resource = staff("rick", forewarn.RoleResourceManager)
	customer = forewarn.Actor{Tenant: tenant, ID: "portal-jane", Roles: []string{forewarn.RoleCustomer}, Account: "boxeo", Contact: "jane"}
	carl     = forewarn.Actor{Tenant: tenant, ID: "portal-carl", Roles: []string{forewarn.RoleCustomer}, Consumer: "carl"}
	stranger = forewarn.Actor{Tenant: tenant, ID: "portal-sam", Roles: []string{forewarn.RoleCustomer}, Account: "avid", Contact: "sam"}
)

// rig is a service over memory with a clock of its own.
type rig struct {
	testing.TB
	ctx     context.Context
	clock   *clock
	store   *memory.Store
	engine  *forewarn.Engine
	cases   *techcase.Service
	changes *follower
	around  store.Store // what the engine works on; nil: store
	engines int         // that were made; each draws ids of its own
}

// smallStore is a store that takes little in one commit, and every so often refuses one before or after it took effect.
type smallStore struct {
	*memory.Store
	entries   int  // 0: as the store has it
	failEvery int  // 0: none
	failAt    int  // the commit that fails, from 1; 0: none
	late      bool // that one fails after it took effect
	commits   int
	failed    int
	beforeGet func(kind string) // nil: nothing is done before a read

	beforeCommit func(store.Batch) // nil: nothing is done before a commit
}

func (s *smallStore) Get(ctx context.Context, keys ...store.Key) ([]store.Record, error) {
	if do := s.beforeGet; do != nil && len(keys) == 1 {
		do(keys[0].Kind)
	}
	return s.Store.Get(ctx, keys...)
}

func (s *smallStore) Limits() (entries, bytes int) {
	entries, bytes = s.Store.Limits()
	if s.entries > 0 {
		entries = s.entries
	}
	return entries, bytes
}

var errDown = errors.New("the store is down")

func (s *smallStore) Commit(ctx context.Context, b store.Batch) error {
	if do := s.beforeCommit; do != nil {
		do(b)
	}
	s.commits++
	if s.failAt == s.commits {
		s.failed++
		if s.late {
			if err := s.Store.Commit(ctx, b); err != nil {
				return err
			}
		}
		return errDown
	}
	if s.failEvery == 0 || s.commits%s.failEvery != 0 {
		return s.Store.Commit(ctx, b)
	}
	if s.failed++; s.failed%2 == 0 {
		if err := s.Store.Commit(ctx, b); err != nil {
			return err
		}
	}
	return errDown
}

type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.now }

func (c *clock) set(t time.Time) { c.mu.Lock(); defer c.mu.Unlock(); c.now = t }

// follower keeps what it was told; a unit that runs again tells again, so it is read by case.
type follower struct{ told []ticket.CaseChange }

func (f *follower) CaseChanged(_ *forewarn.Unit, c ticket.CaseChange) error {
	f.told = append(f.told, c)
	return nil
}

type parties map[string]techcase.Party

func (p parties) Party(_ *forewarn.Unit, kind, id string) (techcase.Party, error) {
	found, ok := p[kind+"/"+id]
	if !ok {
		return found, forewarn.NotFound(store.Key{Tenant: tenant, Kind: kind})
	}
	return found, nil
}

var people = parties{
	"customer/boxeo":        {Name: "Boxeo"},
	"customer/avid":         {Name: "Avid"},
	"customer_contact/jane": {Name: "Jane Doe", Email: "jane@boxeo.example", Account: "boxeo"},
	"customer_contact/sam":  {Name: "Sam Poe", Email: "sam@avid.example", Account: "avid"},
	"consumer/carl":         {Name: "Carl Roe", Email: "carl@example.org"},
}

func newRig(t testing.TB, change ...func(*techcase.Config)) *rig {
	t.Helper()
	return newRigOn(t, nil, change...)
}

// newRigOn is a rig whose engine works on a store around the memory store.
func newRigOn(t testing.TB, around store.Store, change ...func(*techcase.Config)) *rig {
	t.Helper()
	r := &rig{TB: t, ctx: context.Background(), clock: &clock{now: start}, store: memory.New(), changes: &follower{}, around: around}
	if small, ok := around.(*smallStore); ok {
		small.Store = r.store
	}
	rules, err := apinotif.NewRules(apinotif.Config{})
	if err != nil {
		t.Fatal(err)
	}
	r.engine = r.newEngine(rules)
	c := techcase.Config{Engine: r.engine, Follower: r.changes, Parties: people}
	for _, f := range change {
		f(&c)
	}
	if r.cases, err = techcase.New(c); err != nil {
		t.Fatal(err)
	}
	return r
}

func (r *rig) newEngine(rules ticket.EventRules) *forewarn.Engine {
	var on store.Store = r.store
	if r.around != nil {
		on = r.around
	}
	r.engines++
	e, err := forewarn.New(forewarn.Config{Store: on, Clock: r.clock, IDs: forewarn.SeededIDs(uint64(r.engines)), Rules: rules, NumberBlock: 1,
		Strict: true, Retry: func(int) time.Duration { return time.Second }})
	if err != nil {
		r.Fatal(err)
	}
	return e
}

// bareEngine is an engine over a store of its own.
func (r *rig) bareEngine() *forewarn.Engine {
	r.store = memory.New()
	return r.newEngine(ticket.NoEvents)
}

// do fails the test on an error of a use case.
func do[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// opened is a case in New that an agent has opened for Jane of Boxeo.
func (r *rig) opened() techcase.Case {
	r.Helper()
	return do(r.cases.Create(r.ctx, agent, techcase.Create{ShortDescription: "No signal", Contact: "jane", Submit: true}))(r)
}

// working is such a case in Work in Progress, assigned to the agent.
func (r *rig) working() techcase.Case {
	r.Helper()
	return do(r.cases.AssignToMe(r.ctx, agent, techcase.AssignToMe{Case: r.opened().ID}))(r)
}

// proposed is such a case in Solution Proposed.
func (r *rig) proposed() techcase.Case {
	r.Helper()
	return do(r.cases.ProposeSolution(r.ctx, agent, techcase.ProposeSolution{Case: r.working().ID,
		ResolutionCode: "Fixed by Support/Guidance provided", Notes: "Restarted it"}))(r)
}

// in runs a function of a unit of the machine.
func (r *rig) in(do func(u *forewarn.Unit) error) {
	r.Helper()
	if err := r.try(do); err != nil {
		r.Fatal(err)
	}
}

func (r *rig) try(do func(u *forewarn.Unit) error) error {
	return r.engine.Update(r.ctx, forewarn.SystemActor(tenant), func(_ context.Context, u *forewarn.Unit) error { return do(u) })
}

// at sets the clock, from start, and works until nothing is due.
func (r *rig) at(after time.Duration) {
	r.Helper()
	r.clock.set(start.Add(after))
	r.drain()
}

// drain does what is due until nothing is; mails are accepted by nobody and stay queued.
func (r *rig) drain() int {
	r.Helper()
	for n := 0; ; n++ {
		done, err := r.drainOnce()
		if err != nil {
			r.Fatal(err)
		}
		if !done {
			return n
		}
		r.clock.set(r.clock.Now().Add(time.Microsecond)) // what one round has written stands before what the next writes
	}
}

// drainOnce does what is due now; it reports false when nothing was.
func (r *rig) drainOnce() (bool, error) {
	r.Helper()
	shards := make([]int, 16)
	for i := range shards {
		shards[i] = i
	}
	page, err := r.engine.Waiting(r.ctx, shards, r.engine.Now(), "")
	if err != nil {
		return false, err
	}
	var first error
	batches := r.engine.Batches(page.Items)
	for _, b := range batches {
		if err := r.engine.Settle(r.ctx, b); err != nil && first == nil {
			first = err
		}
	}
	return len(batches) > 0, first
}

// get returns a case as the machine sees it.
func (r *rig) get(id uuid.UUID) techcase.Case {
	r.Helper()
	c, err := r.cases.Get(r.ctx, forewarn.SystemActor(tenant), techcase.Get{Case: id})
	if err != nil {
		r.Fatal(err)
	}
	return c
}

// mails returns the mails about a case: template and address, in the order in which they were queued.
func (r *rig) mails(id uuid.UUID) []string {
	r.Helper()
	var all []string
	for _, m := range r.letters(id) {
		to := m.To.Email
		if to == "" {
			to = m.To.ID
		}
		all = append(all, m.Template+" "+to)
	}
	return all
}

func (r *rig) letters(id uuid.UUID) []forewarn.Mail {
	r.Helper()
	var all []forewarn.Mail
	r.in(func(u *forewarn.Unit) error {
		all = nil
		about := forewarn.AboutRecord(store.Key{Kind: techcase.Kind, ID: id})
		for m, err := range forewarn.Mails.Where("about", about).All(u) {
			if err != nil {
				return err
			}
			all = append(all, m)
		}
		return nil
	})
	return all
}

// events returns the types of the events staged for a case, with the status after.
func (r *rig) events(id uuid.UUID) []string {
	r.Helper()
	reader, err := r.store.Reader("", 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
	if err != nil {
		r.Fatal(err)
	}
	defer reader.Close()
	var all []string
	for {
		events, err := reader.Next(r.ctx, 1000)
		if err != nil {
			r.Fatal(err)
		}
		if len(events) == 0 {
			return all
		}
		for _, e := range events {
			if e.Ticket.ID == id {
				all = append(all, describe(r.TB, e))
			}
		}
	}
}

// activities returns the stream of a case as entry, event, actor and text.
// activities returns a case's activities but the notice that it was opened, see opened.
func (r *rig) activities(id uuid.UUID) []ticket.Activity {
	r.Helper()
	return slices.DeleteFunc(r.stream(id), func(a ticket.Activity) bool { return a.Event == techcase.EventOpened })
}

// stream returns all activities of a case.
func (r *rig) stream(id uuid.UUID) []ticket.Activity {
	r.Helper()
	page, err := r.cases.Activities(r.ctx, forewarn.SystemActor(tenant), techcase.Activities{Case: id, Limit: 1000})
	if err != nil {
		r.Fatal(err)
	}
	return page.Items
}
