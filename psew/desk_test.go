package psew_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/adapters/memory"
	"github.com/forewarn-go/forewarn/apinotif"
	"github.com/forewarn-go/forewarn/bus"
	"github.com/forewarn-go/forewarn/inventory"
	"github.com/forewarn-go/forewarn/psew"
	"github.com/forewarn-go/forewarn/store"
	"github.com/forewarn-go/forewarn/techcase"
	"github.com/forewarn-go/forewarn/ticket"
	"github.com/forewarn-go/forewarn/worker"
)

// desk is an incident desk over a store, with people, an inventory of a few customers, and a bus that counts.
type desk struct {
	t         tester
	ctx       context.Context
	clock     *testClock
	engine    *forewarn.Engine
	incidents *psew.Service
	cases     *techcase.Service
	inventory *inventory.Service
	worker    *worker.Worker

	mu     sync.Mutex
	events []bus.Message
	mails  []forewarn.Notification
	refuse func(forewarn.Notification) error // what the mail server says; nil takes every mail

	arm func(bool) // turns the faults of its store on and off, where it has some
}

type testClock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *testClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(time.Microsecond) // no two units of work at the same instant, so that streams have one order
	return c.now
}

func (c *testClock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

type deskConfig struct {
	store    store.Store
	settings func(*psew.Settings)
	config   func(*psew.Config)
	engine   func(*forewarn.Config)
	accounts int
}

// tester is what *testing.T and *rapid.T share.
type tester interface {
	Helper()
	Fatal(...any)
	Fatalf(string, ...any)
	Error(...any)
	Errorf(string, ...any)
}

func newDesk(t tester, c deskConfig) *desk {
	t.Helper()
	d := &desk{t: t, ctx: context.Background(), clock: &testClock{now: time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)}}
	if c.store == nil {
		c.store = memory.New()
	}
	if c.accounts == 0 {
		c.accounts = 5
	}
	rules, err := apinotif.NewRules(apinotif.Config{})
	d.check(err)
	of := forewarn.Config{Store: c.store, Clock: d.clock, IDs: forewarn.SeededIDs(1), Rules: rules, Strict: true}
	if c.engine != nil {
		c.engine(&of)
	}
	d.engine, err = forewarn.New(of)
	d.check(err)
	d.inventory, err = inventory.New(inventory.Config{Engine: d.engine})
	d.check(err)
	d.cases, err = techcase.New(techcase.Config{Engine: d.engine, Follower: psew.Follower{}, Parties: techcase.FromInventory(inventory.Stored)})
	d.check(err)
	config := psew.Config{Engine: d.engine, Cases: d.cases.Book()}
	if c.config != nil {
		c.config(&config)
	}
	d.incidents, err = psew.New(config)
	d.check(err)
	d.worker, err = worker.New(worker.Config{Engine: d.engine, Publisher: bus.Func(d.publish), Encode: apinotif.Encode("tickets"), Notifier: d})
	d.check(err)
	set := psew.DefaultSettings()
	if c.settings != nil {
		c.settings(&set)
	}
	_, err = d.incidents.Defaults(d.ctx, admin, psew.Defaults{Settings: &set})
	d.check(err)
	_, err = d.cases.Defaults(d.ctx, admin, techcase.Defaults{})
	d.check(err)
	for user, group := range map[string]string{"cora": psew.NetworkCoordinators, "liam": psew.L1NetworkEngineering, "noa": psew.L2NetworkEngineering,
		"lea": psew.L3NetworkEngineering, "mia": psew.MajorIssueManagers} {
		_, err = d.incidents.AddMember(d.ctx, admin, psew.AddMember{Group: group, User: forewarn.User{ID: user, Name: user, Email: user + "@example.com"}})
		d.check(err)
	}
	for group, user := range map[string]string{psew.MajorIssueManagers: "mia", psew.L1NetworkEngineering: "max"} {
		_, err = d.incidents.SetManager(d.ctx, admin, psew.SetManager{Group: group, User: forewarn.User{ID: user, Name: user}})
		d.check(err)
	}
	items := []inventory.Item{
		{Type: inventory.TypeCI, ID: "Vmanage_10001", Name: "Vmanage_10001", Class: "sd_wan_controller"},
		{Type: inventory.TypeCI, ID: "lonely", Name: "lonely"},
		{Type: inventory.TypeService, ID: "sdwan", Name: "SD-WAN", Critical: true, Relations: []inventory.Relation{{Type: "depends_on", To: "Vmanage_10001"}}},
		{Type: inventory.TypeConsumer, ID: "jo", Name: "Jo", Email: "jo@example.com"},
		{Type: inventory.TypeInstallBase, ID: "jo-1", Service: "sdwan", Consumer: "jo"},
	}
	for n := range c.accounts {
		id := account(n)
		items = append(items, inventory.Item{Type: inventory.TypeAccount, ID: id, Name: strings.ToUpper(id), Contact: "contact-of-" + id},
			inventory.Item{Type: inventory.TypeContact, ID: "contact-of-" + id, Name: "Contact of " + id, Email: id + "@example.com", Account: id},
			inventory.Item{Type: inventory.TypeInstallBase, ID: id + "-1", Service: "sdwan", Account: id})
	}
	for len(items) > 0 {
		n := min(len(items), 20)
		_, err = d.inventory.Put(d.ctx, admin, inventory.Put{Items: items[:n]})
		d.check(err)
		items = items[n:]
	}
	return d
}

func account(n int) string { return "acc-" + string(rune('a'+n/26)) + string(rune('a'+n%26)) }

const tenant = "acme"

func actor(id string, roles ...string) forewarn.Actor {
	return forewarn.Actor{Tenant: tenant, ID: id, Roles: roles}
}

// The people. Those of groups have their roles of the groups.
var (
	admin      = actor("admin", forewarn.RoleAdmin)
	monitoring = actor("fault-management", forewarn.RoleTicketIntegrator)
	cora       = actor("cora")
	liam       = actor("liam")
	noa        = actor("noa")
	mia        = actor("mia")
	nobody     = actor("nobody")
)

func customerOf(acc string) forewarn.Actor {
	return forewarn.Actor{Tenant: tenant, ID: "contact-of-" + acc, Roles: []string{forewarn.RoleCustomer}, Account: acc, Contact: "contact-of-" + acc}
}

func (d *desk) publish(_ context.Context, m ...bus.Message) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.events = append(d.events, m...)
	return nil
}

// Notify takes a mail.
func (d *desk) Notify(_ context.Context, n forewarn.Notification) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.refuse != nil {
		if err := d.refuse(n); err != nil {
			return err
		}
	}
	d.mails = append(d.mails, n)
	return nil
}

func (d *desk) check(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

// must returns a value that was got without error.
func must[T any](d *desk) func(T, error) T {
	d.t.Helper()
	return func(v T, err error) T {
		d.t.Helper()
		d.check(err)
		return v
	}
}

// work lets the workers run until nothing is due.
func (d *desk) work() {
	d.t.Helper()
	d.check(d.worker.Drain(d.ctx))
}

// eventTypes counts the events that were published since the last call, by type.
func (d *desk) eventTypes() map[string]int {
	d.work()
	d.mu.Lock()
	defer d.mu.Unlock()
	n := map[string]int{}
	for _, m := range d.events {
		n[m.Headers[apinotif.HeaderEventType]]++
	}
	d.events = nil
	return n
}

// mailed returns the templates and recipients of the mails that were sent since the last call.
func (d *desk) mailed() map[string]int {
	d.work()
	d.mu.Lock()
	defer d.mu.Unlock()
	n := map[string]int{}
	for _, m := range d.mails {
		n[m.Template]++
	}
	d.mails = nil
	return n
}

// opened opens an incident of the workflow.
func (d *desk) opened(subcategory string) psew.Incident {
	d.t.Helper()
	return must[psew.Incident](d)(d.incidents.Open(d.ctx, cora, psew.Open{ShortDescription: "Vmanage_10001 failed to restart", CI: "Vmanage_10001",
		Category: "SD-WAN", Subcategory: subcategory, Impact: 1, Urgency: 1}))
}

func (d *desk) get(id uuid.UUID) psew.Incident {
	d.t.Helper()
	return must[psew.Incident](d)(d.incidents.Get(d.ctx, cora, psew.Get{Incident: id}))
}

// stream returns the incident's activities, the oldest first.
func (d *desk) stream(id uuid.UUID) []ticket.Activity {
	d.t.Helper()
	return must[forewarn.Page[ticket.Activity]](d)(d.incidents.Activities(d.ctx, cora, psew.Activities{Incident: id, Oldest: true, Limit: 1000})).Items
}

func (d *desk) tasks(id uuid.UUID) []psew.Task {
	d.t.Helper()
	return must[forewarn.Page[psew.Task]](d)(d.incidents.ListTasks(d.ctx, cora, psew.ListTasks{Incident: id})).Items
}

func (d *desk) casesOf(id uuid.UUID) []ticket.BookedCase {
	d.t.Helper()
	return must[ticket.CasePage](d)(d.incidents.ListCases(d.ctx, cora, psew.ListCases{Incident: id, Limit: 1000})).Cases
}

// refused checks that an error is of a kind and names a field.
func (d *desk) refused(err, kind error, field string) {
	d.t.Helper()
	var e *forewarn.Error
	if !errors.Is(err, kind) || !errors.As(err, &e) {
		d.t.Fatalf("got %v, want %v", err, kind)
	}
	if field != "" && e.Field != field {
		d.t.Fatalf("the error names field %q, want %q: %v", e.Field, field, err)
	}
	if e.Rule == "" && kind != forewarn.ErrNotFound {
		d.t.Fatalf("the error names no rule: %v", err)
	}
}
