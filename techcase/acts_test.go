package techcase_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/techcase"
	"github.com/forewarn-go/forewarn/ticket"
)

// rights says who may do what: the roles that are asked for, which the names of the columns stand for.
const rights = `
                       agent  resource  major  creator  writer  viewer  developer  noc  psew  customer
Accept                 x      x         x      .        .       .       .          .    .     .
AcceptSolution         x      x         x      .        x       .       .          .    .     x
Activities             x      x         x      .        x       x       x          x    .     x
AddChild               .      .         x      .        .       .       .          .    .     .
AddImpacted            .      .         x      .        .       .       .          .    .     .
ApproveMajor           .      .         x      .        .       .       .          .    .     .
Assign                 .      x         .      .        .       .       .          .    .     .
AssignToMe             x      x         x      .        .       .       .          .    .     .
Cancel                 x      x         x      .        .       .       .          .    .     .
Children               x      x         x      .        x       x       x          x    .     .
ClearNeedsAttention    .      .         .      .        .       .       .          .    .     .
Close                  x      x         x      .        .       .       .          .    .     .
Comment                x      x         x      .        x       .       .          .    .     x
Create                 x      x         x      x        .       .       .          .    .     x
Create major           .      .         x      .        .       .       .          .    .     .
Defaults               .      .         .      .        .       .       .          .    .     .
EndEscalation          x      x         x      .        x       .       .          .    .     .
Escalate               x      x         x      .        x       .       .          .    .     .
FinishIntake           x      x         x      .        .       .       .          .    .     .
Fire                   x      x         x      .        .       .       .          .    .     .
Get                    x      x         x      .        x       x       x          x    .     x
GetSettings            x      x         x      .        x       x       x          x    .     .
Impacted               x      x         x      .        x       x       x          x    .     .
InformationReceived    x      x         x      .        .       .       .          .    .     .
List                   x      x         x      .        x       x       x          x    .     x
ProposeMajor           x      x         x      .        .       .       .          .    .     .
ProposeSolution        x      x         x      .        .       .       .          .    .     .
PutTemplate            .      .         .      .        .       .       .          .    .     .
RejectMajor            .      .         x      .        .       .       .          .    .     .
RejectSolution         x      x         x      .        x       .       .          .    .     x
RemoveChild            .      .         x      .        .       .       .          .    .     .
RemoveImpacted         .      .         x      .        .       .       .          .    .     .
RequestInformation     x      x         x      .        .       .       .          .    .     .
ResolveMajor           .      .         x      .        .       .       .          .    .     .
ResetTemplate          .      .         .      .        .       .       .          .    .     .
Resolving              x      x         x      .        x       x       x          x    .     .
SetAutoClose           .      .         .      .        .       .       .          .    .     .
SetResolutionCodes     .      .         .      .        .       .       .          .    .     .
Submit                 x      x         x      x        .       .       .          .    .     x
Templates              .      .         .      .        .       .       .          .    .     .
Update                 x      x         x      .        x       .       .          .    .     x
WorkNote               x      x         x      .        x       .       .          .    .     .
`

var columns = map[string]forewarn.Actor{
	"agent": staff("u", forewarn.RoleAgent), "resource": staff("u", forewarn.RoleResourceManager), "major": staff("u", forewarn.RoleMajorCaseManager),
	"creator": staff("u", forewarn.RoleCreator), "writer": staff("u", forewarn.RoleWriter), "viewer": staff("u", forewarn.RoleViewer),
	"developer": staff("u", forewarn.RoleDeveloper), "noc": staff("u", forewarn.RoleNOCAgent), "psew": staff("u", forewarn.RolePSEWUser),
	"customer": customer,
}

// calls are all use cases, on a case of Boxeo; TestEveryUseCaseIsTried shows that none is left out.
func (r *rig) calls() map[string]func(context.Context, forewarn.Caller, uuid.UUID) error {
	s := r.cases
	all := r.mutations()
	for name, call := range map[string]func(context.Context, forewarn.Caller, uuid.UUID) error{
		"Create": func(ctx context.Context, by forewarn.Caller, _ uuid.UUID) error {
			_, err := s.Create(ctx, by, techcase.Create{ShortDescription: "x"})
			return err
		},
		"Create major": func(ctx context.Context, by forewarn.Caller, _ uuid.UUID) error {
			_, err := s.Create(ctx, by, techcase.Create{ShortDescription: "x", Major: true})
			return err
		},
		"Get": func(ctx context.Context, by forewarn.Caller, id uuid.UUID) error {
			_, err := s.Get(ctx, by, techcase.Get{Case: id})
			return err
		},
		"List": func(ctx context.Context, by forewarn.Caller, _ uuid.UUID) error {
			_, err := s.List(ctx, by, techcase.List{})
			return err
		},
		"Activities": func(ctx context.Context, by forewarn.Caller, id uuid.UUID) error {
			_, err := s.Activities(ctx, by, techcase.Activities{Case: id})
			return err
		},
		"Children": func(ctx context.Context, by forewarn.Caller, id uuid.UUID) error {
			_, err := s.Children(ctx, by, techcase.Children{Case: id})
			return err
		},
		"Impacted": func(ctx context.Context, by forewarn.Caller, id uuid.UUID) error {
			_, err := s.Impacted(ctx, by, techcase.Impacted{Major: id})
			return err
		},
		"Resolving": func(ctx context.Context, by forewarn.Caller, id uuid.UUID) error {
			_, err := s.Resolving(ctx, by, techcase.Resolving{Case: id})
			return err
		},
		"GetSettings": func(ctx context.Context, by forewarn.Caller, _ uuid.UUID) error {
			_, err := s.GetSettings(ctx, by, techcase.GetSettings{})
			return err
		},
		"SetAutoClose": func(ctx context.Context, by forewarn.Caller, _ uuid.UUID) error {
			_, err := s.SetAutoClose(ctx, by, techcase.SetAutoClose{})
			return err
		},
		"SetResolutionCodes": func(ctx context.Context, by forewarn.Caller, _ uuid.UUID) error {
			_, err := s.SetResolutionCodes(ctx, by, techcase.SetResolutionCodes{})
			return err
		},
		"ResetTemplate": func(ctx context.Context, by forewarn.Caller, _ uuid.UUID) error {
			_, err := s.ResetTemplate(ctx, by, techcase.ResetTemplate{Name: techcase.TemplateOpened})
			return err
		},
		"Defaults": func(ctx context.Context, by forewarn.Caller, _ uuid.UUID) error {
			_, err := s.Defaults(ctx, by, techcase.Defaults{})
			return err
		},
		"Templates": func(ctx context.Context, by forewarn.Caller, _ uuid.UUID) error {
			_, err := s.Templates(ctx, by, techcase.Templates{})
			return err
		},
		"PutTemplate": func(ctx context.Context, by forewarn.Caller, _ uuid.UUID) error {
			_, err := s.PutTemplate(ctx, by, techcase.PutTemplate{})
			return err
		},
	} {
		all[name] = call
	}
	return all
}

// Covers: SEC-004, SEC-008, SEC-009, SEC-012, SEC-013, SEC-014, SEC-025, SEC-026, TECH-135, TECH-136
func TestTheMatrixOfRoles(t *testing.T) {
	r := newRig(t)
	lines := strings.Split(strings.TrimSpace(rights), "\n")
	names := strings.Fields(lines[0])
	calls := r.calls()
	var listed []string
	for _, line := range lines[1:] {
		name, marks := strings.TrimSpace(line[:23]), strings.Fields(line[23:])
		listed = append(listed, "techcase."+name)
		call := calls[name]
		if call == nil {
			t.Fatalf("there is no call for %s", name)
		}
		for i, column := range names {
			c := r.opened()
			err := call(r.ctx, columns[column], c.ID)
			if refused := errors.Is(err, forewarn.ErrForbidden); refused == (marks[i] == "x") && !(column == "customer" && name == "Update") {
				t.Errorf("%s by %s: %v", name, column, err)
			}
			if errors.Is(err, forewarn.ErrNotFound) && name != "Resolving" {
				t.Errorf("%s by %s: %v", name, column, err)
			}
		}
		if err := call(r.ctx, admin, r.opened().ID); errors.Is(err, forewarn.ErrForbidden) {
			t.Errorf("%s by admin: %v", name, err)
		}
		if err := call(r.ctx, staff("nobody"), r.opened().ID); !errors.Is(err, forewarn.ErrForbidden) {
			t.Errorf("%s without any role: %v", name, err)
		}
		if err := call(r.ctx, stranger, r.opened().ID); name != "Create" && name != "List" && !errors.Is(err, forewarn.ErrNotFound) && !errors.Is(err, forewarn.ErrForbidden) {
			t.Errorf("%s by another account's contact: %v", name, err)
		}
	}
	var acts []string
	for _, a := range techcase.Acts() {
		acts = append(acts, a.Name)
	}
	slices.Sort(listed)
	if !reflect.DeepEqual(listed, acts) {
		t.Errorf("the matrix has %q, Acts %q", listed, acts)
	}
}

// Every exported method of a Service that takes a caller is a use case: it is tried by the matrix, under its own name,
// and has an act.
//
// Covers: SEC-025, SEC-026
func TestEveryUseCaseIsTried(t *testing.T) {
	r := newRig(t)
	calls := r.calls()
	service, caller := reflect.TypeOf(r.cases), reflect.TypeFor[forewarn.Caller]()
	tried := map[string]bool{}
	for i := range service.NumMethod() {
		m := service.Method(i)
		if !slices.ContainsFunc(slices.Collect(m.Type.Ins()), func(in reflect.Type) bool { return in.Implements(caller) }) {
			if m.Name != "Book" {
				t.Errorf("%s takes no caller: is it a use case?", m.Name)
			}
			continue
		}
		if calls[m.Name] == nil {
			t.Errorf("%s is not tried", m.Name)
			continue
		}
		if !slices.ContainsFunc(techcase.Acts(), func(a forewarn.Act) bool { return a.Name == "techcase."+m.Name }) {
			t.Errorf("%s has no act", m.Name)
		}
		tried[m.Name] = true
	}
	tried["Create major"] = true // an act of Create's
	for name, call := range calls {
		if !tried[name] {
			t.Errorf("%s is no use case", name)
		}
		var e *forewarn.Error
		operation, _, _ := strings.Cut("techcase."+name, " ")
		if err := call(r.ctx, staff("nobody"), r.opened().ID); !errors.As(err, &e) || e.Op != operation {
			t.Errorf("%s tries another: %v", name, err)
		}
	}
}

// Covers: TECH-037
func TestAssigneeAndManagerClearNeedsAttention(t *testing.T) {
	r := newRig(t)
	r.in(func(u *forewarn.Unit) error {
		if err := forewarn.PutGroup(u, forewarn.Group{Name: "Support", Manager: "boss"}); err != nil {
			return err
		}
		return errors.Join(forewarn.AddMember(u, "Support", "anna"), forewarn.PutUser(u, forewarn.User{ID: "anna"}))
	})
	c := r.working()
	do(r.cases.Assign(r.ctx, resource, techcase.Assign{Case: c.ID, Group: text("Support")}))(t)
	for name, by := range map[string]forewarn.Actor{"assignee": agent, "group's manager": staff("boss")} {
		if _, err := r.cases.ClearNeedsAttention(r.ctx, by, techcase.ClearNeedsAttention{Case: c.ID}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := r.cases.ClearNeedsAttention(r.ctx, staff("ben", forewarn.RoleAgent), techcase.ClearNeedsAttention{Case: c.ID}); !errors.Is(err, forewarn.ErrForbidden) {
		t.Errorf("another agent: %v", err)
	}
}

// Covers: SEC-019, SEC-020, SEC-024
func TestCustomersSeeTheirOwn(t *testing.T) {
	r := newRig(t)
	mine := r.opened()
	foreign := do(r.cases.Create(r.ctx, agent, techcase.Create{ShortDescription: "No signal", Contact: "sam", Submit: true}))(t)
	major := do(r.cases.Create(r.ctx, manager, techcase.Create{ShortDescription: "outage", Major: true, Submit: true}))(t)
	do(r.cases.WorkNote(r.ctx, agent, techcase.WorkNote{Case: mine.ID, Text: "internal"}))(t)
	do(r.cases.Comment(r.ctx, agent, techcase.Comment{Case: mine.ID, Text: "public"}))(t)

	page := do(r.cases.Activities(r.ctx, customer, techcase.Activities{Case: mine.ID}))(t)
	if len(page.Items) != 1 || page.Items[0].Entry != ticket.Comment {
		t.Errorf("the customer reads %+v", page.Items)
	}
	list := do(r.cases.List(r.ctx, customer, techcase.List{}))(t)
	if len(list.Items) != 1 || list.Items[0].ID != mine.ID {
		t.Errorf("the customer sees %+v", list.Items)
	}
	for _, f := range []techcase.Filter{techcase.FilterUnassigned, techcase.FilterAssignedToMe, techcase.FilterMajor} {
		if _, err := r.cases.List(r.ctx, customer, techcase.List{Filter: f}); !errors.Is(err, forewarn.ErrForbidden) {
			t.Errorf("list %s: %v", f, err)
		}
	}
	if got := do(r.cases.List(r.ctx, customer, techcase.List{Filter: techcase.FilterClosed}))(t); len(got.Items) != 0 {
		t.Errorf("closed ones: %+v", got.Items)
	}
	for _, by := range []forewarn.Actor{customer, carl, {Tenant: tenant, ID: "x", Roles: []string{forewarn.RoleCustomer}, Contact: "sam"},
		{Tenant: tenant, ID: "x", Roles: []string{forewarn.RoleAdmin}, Account: "boxeo"}, {Tenant: "other", ID: "anna", Roles: []string{forewarn.RoleAdmin}}} {
		for _, id := range []uuid.UUID{foreign.ID, major.ID} {
			for name, call := range r.calls() {
				if !aboutCase(name) {
					continue
				}
				if err := call(r.ctx, by, id); !errors.Is(err, forewarn.ErrNotFound) {
					t.Errorf("%s of a foreign case by %+v: %v", name, by, err)
				}
			}
		}
	}
	// A wrong version tells a stranger nothing.
	if _, err := r.cases.Update(r.ctx, stranger, techcase.Update{Case: mine.ID, Expect: 1}); !errors.Is(err, forewarn.ErrNotFound) || errors.Is(err, forewarn.ErrStale) {
		t.Errorf("%v", err)
	}
}

// Covers: SEC-018, SEC-004
func TestCustomersWriteStepsToReproduceAlone(t *testing.T) {
	r := newRig(t)
	c := r.opened()
	got := do(r.cases.Update(r.ctx, customer, techcase.Update{Case: c.ID, StepsToReproduce: text("push the button")}))(t)
	if got.StepsToReproduce != "push the button" || got.UpdatedBy != "portal-jane" {
		t.Errorf("%+v", got)
	}
	fields := reflect.TypeFor[techcase.Update]()
	for i := range fields.NumField() {
		f := fields.Field(i)
		switch f.Name {
		case "Case", "Expect", "StepsToReproduce":
			continue
		}
		cmd := techcase.Update{Case: c.ID, StepsToReproduce: text("other")}
		given := reflect.ValueOf(&cmd).Elem().Field(i)
		if f.Type.Kind() == reflect.Pointer {
			given.Set(reflect.New(f.Type.Elem()))
		} else {
			given.Set(reflect.ValueOf(ticket.Custom{"own": []byte("1")}))
		}
		if _, err := r.cases.Update(r.ctx, customer, cmd); !errors.Is(err, forewarn.ErrForbidden) {
			t.Errorf("a customer has written %s: %v", f.Name, err)
		}
	}
	if after := r.get(c.ID); !reflect.DeepEqual(after, got) {
		t.Errorf("a refused update left %+v", after)
	}
	proposed := r.proposed()
	for name, err := range map[string]error{
		"a work note":      second(r.cases.AcceptSolution(r.ctx, customer, techcase.AcceptSolution{Case: proposed.ID, Note: "x"})),
		"resolution notes": second(r.cases.AcceptSolution(r.ctx, customer, techcase.AcceptSolution{Case: proposed.ID, Notes: "x"})),
		"a reject's note":  second(r.cases.RejectSolution(r.ctx, customer, techcase.RejectSolution{Case: proposed.ID, Note: "x"})),
	} {
		if !errors.Is(err, forewarn.ErrForbidden) {
			t.Errorf("a customer has written %s: %v", name, err)
		}
	}
}

func second[T any](_ T, err error) error { return err }

// Covers: SEC-019, SEC-004, SEC-009, TECH-021
func TestCustomersOpenCasesForThemselves(t *testing.T) {
	r := newRig(t)
	c := do(r.cases.Create(r.ctx, customer, techcase.Create{ShortDescription: "No signal", Submit: true}))(t)
	if c.Account != "boxeo" || c.Contact != "jane" || c.Channel != "portal" || c.State != techcase.StateNew {
		t.Errorf("%+v", c)
	}
	if got := r.mails(c.ID); got != nil {
		t.Errorf("told of his own act: %q", got)
	}
	for name, cmd := range map[string]techcase.Create{
		"account": {Account: "avid"}, "contact": {Contact: "sam"}, "consumer": {Consumer: "carl"}, "priority": {Priority: 1}, "watch": {Watch: []string{"x"}},
		"major": {Major: true},
	} {
		cmd.ShortDescription = "x"
		if _, err := r.cases.Create(r.ctx, customer, cmd); !errors.Is(err, forewarn.ErrForbidden) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestLists(t *testing.T) {
	r := newRig(t)
	var ids []uuid.UUID
	for _, make := range []func() techcase.Case{
		func() techcase.Case {
			return do(r.cases.Create(r.ctx, agent, techcase.Create{ShortDescription: "d"}))(t)
		},
		r.opened, r.working, r.awaiting, r.proposed,
		func() techcase.Case {
			return do(r.cases.Close(r.ctx, agent, techcase.Close{Case: r.working().ID, Notes: "done"}))(t)
		},
		func() techcase.Case { return do(r.cases.Cancel(r.ctx, agent, techcase.Cancel{Case: r.opened().ID}))(t) },
		func() techcase.Case {
			return do(r.cases.Create(r.ctx, manager, techcase.Create{ShortDescription: "outage", Major: true, Submit: true}))(t)
		},
	} {
		ids = append(ids, make().ID)
		r.clock.set(r.clock.Now().Add(1e9))
	}
	for filter, want := range map[techcase.Filter][]int{
		"": {7, 6, 5, 4, 3, 2, 1, 0}, techcase.FilterAll: {7, 6, 5, 4, 3, 2, 1, 0}, techcase.FilterAssignedToMe: {4, 3, 2},
		techcase.FilterUnassigned: {7, 1, 0}, techcase.FilterDraft: {0}, techcase.FilterNew: {7, 1}, techcase.FilterWorkInProgress: {2},
		techcase.FilterAwaitingInfo: {3}, techcase.FilterSolutionProposed: {4}, techcase.FilterClosed: {5}, techcase.FilterCancelled: {6},
		techcase.FilterMajor: {7},
	} {
		var got []int
		q := techcase.List{Filter: filter, Limit: 2}
		for {
			page := do(r.cases.List(r.ctx, agent, q))(t)
			for _, c := range page.Items {
				got = append(got, slices.Index(ids, c.ID))
			}
			if q.After = page.Next; q.After == "" {
				break
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q lists %v, want %v", filter, got, want)
		}
	}
	_, err := r.cases.List(r.ctx, agent, techcase.List{Filter: "none"})
	invalid(t, err, "filter")
	if len(techcase.Filters()) != 11 {
		t.Error(fmt.Sprint(techcase.Filters()))
	}
}
