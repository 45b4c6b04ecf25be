package main

import (
	"context"
	_ "embed"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/apinotif/tmf"
	"github.com/forewarn-go/forewarn/psew"
	"github.com/forewarn-go/forewarn/techcase"
)

//go:embed alarm.json
var defaultAlarm []byte

// play is one run of the story.
type play struct {
	*house
	o        options
	tenant   string
	out      io.Writer
	progress io.Writer
	loaded   bool

	incident uuid.UUID
	number   string
	major    *uuid.UUID
}

func tenant(seed uint64) string { return fmt.Sprintf("outage-%d", seed) }

func newPlay(h *house, o options, out, progress io.Writer) *play {
	return &play{house: h, o: o, tenant: tenant(o.seed), out: out, progress: progress}
}

// The people of the story.
func (p *play) actor(id string, roles ...string) forewarn.Actor {
	return forewarn.Actor{Tenant: p.tenant, ID: id, Roles: roles}
}
func (p *play) admin() forewarn.Actor { return p.actor("admin", forewarn.RoleAdmin) }
func (p *play) monitoring() forewarn.Actor {
	return p.actor("fault-management", forewarn.RoleTicketIntegrator)
}
func (p *play) coordinator() forewarn.Actor { return p.actor("cora") } // Network Coordinators
func (p *play) l1() forewarn.Actor          { return p.actor("liam") } // L1 Network Engineering
func (p *play) l2() forewarn.Actor          { return p.actor("noa") }  // L2 Network Engineering
func (p *play) manager() forewarn.Actor     { return p.actor("mia") }  // Major Issue Management
func (p *play) customer(n int) forewarn.Actor {
	account, _ := customer(n)
	return forewarn.Actor{Tenant: p.tenant, ID: contact(n), Roles: []string{forewarn.RoleCustomer}, Account: account, Contact: contact(n)}
}

// once is a call that is made once in a run, however often the run is resumed.
func (p *play) once(by forewarn.Actor, step string) forewarn.Call {
	return by.Once(fmt.Sprintf("outage/%d/%s", p.o.seed, step))
}

func (p *play) say(format string, args ...any) {
	fmt.Fprintf(p.out, "%s  %s\n", p.clock.Now().Format("2006-01-02 15:04"), fmt.Sprintf(format, args...))
}

func (p *play) tell(format string, args ...any) {
	fmt.Fprintf(p.out, "%16s    %s\n", "", fmt.Sprintf(format, args...))
}

// prepare sets the tenant up: groups and people, the policy, the customers and what they have.
func (p *play) prepare(ctx context.Context) error {
	if err := p.begin(ctx); err != nil {
		return err
	}
	if _, err := p.incidents.Defaults(ctx, p.once(p.admin(), "defaults"), psew.Defaults{}); err != nil {
		return err
	}
	if _, err := p.cases.Defaults(ctx, p.once(p.admin(), "case defaults"), techcase.Defaults{}); err != nil {
		return err
	}
	for group, who := range map[string]forewarn.User{
		psew.NetworkCoordinators:  {ID: "cora", Name: "Cora", Email: "cora@noc.example.com"},
		psew.L1NetworkEngineering: {ID: "liam", Name: "Liam", Email: "liam@noc.example.com"},
		psew.L2NetworkEngineering: {ID: "noa", Name: "Noa", Email: "noa@noc.example.com"},
	} {
		if _, err := p.incidents.AddMember(ctx, p.once(p.admin(), "member "+who.ID), psew.AddMember{Group: group, User: who}); err != nil {
			return err
		}
	}
	mia := forewarn.User{ID: "mia", Name: "Mia", Email: "mia@noc.example.com"}
	if _, err := p.incidents.AddMember(ctx, p.once(p.admin(), "member mia"), psew.AddMember{Group: psew.MajorIssueManagers, User: mia}); err != nil {
		return err
	}
	if _, err := p.incidents.SetManager(ctx, p.once(p.admin(), "manager"), psew.SetManager{Group: psew.MajorIssueManagers, User: mia}); err != nil {
		return err
	}
	for name, value := range map[string]string{
		psew.PropertyCommentsSync: "true",
		psew.PropertyBroadcast:    "false",
		psew.PropertyThreshold:    fmt.Sprint(p.o.threshold),
	} {
		if _, err := p.incidents.SetProperty(ctx, p.once(p.admin(), "property "+name), psew.SetProperty{Name: name, Value: value}); err != nil {
			return err
		}
	}
	if p.loaded {
		return nil
	}
	r, w := io.Pipe()
	go func() { w.CloseWithError(writeInventory(w, p.o.accounts)) }()
	defer r.Close()
	if p.o.accounts > 1000 {
		fmt.Fprintf(p.progress, "loading %d customers …\n", p.o.accounts)
	}
	if _, err := p.inventory.Import(ctx, p.admin(), r); err != nil {
		return err
	}
	p.loaded = true
	return p.note(ctx)
}

// at turns the clock to an instant of the story, and keeps it.
func (p *play) at(ctx context.Context, after time.Duration) error {
	p.clock.turn(start.Add(after))
	return p.note(ctx)
}

// work lets the workers run until nothing is due.
func (p *play) work(ctx context.Context) error { return p.worker.Drain(ctx) }

func (p *play) alarm() (psew.Report, error) {
	body := defaultAlarm
	if p.o.ticket != "" {
		var err error
		if body, err = os.ReadFile(p.o.ticket); err != nil {
			return psew.Report{}, err
		}
	}
	t, err := tmf.ParseCreate(body)
	if err != nil {
		return psew.Report{}, fmt.Errorf("-ticket: %w", err)
	}
	r := psew.Report{Name: t.Name, Description: t.Description, Severity: t.Severity, TicketType: t.TicketType, ExternalID: t.ExternalID,
		CI: t.CI, Category: t.Category, Subcategory: t.Subcategory, Custom: t.Custom}
	for _, n := range t.Notes {
		if !n.Work {
			r.Notes = append(r.Notes, n.Text)
		}
	}
	return r, nil
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
