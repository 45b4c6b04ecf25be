package psew_test

import (
	"errors"
	"reflect"
	"slices"
	"testing"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/psew"
)

// usecases says who may call what: PSEW_USER, noc_agent, ticket_integrator, tech support's agent and major case manager.
// Admin may all, nobody and customers nothing.
var usecases = map[string]string{
	"Activities": "untam", "AddMember": "", "AddWorkNote": "u", "AssignToMe": "u", "Begin": "u", "Cancel": "u",
	"ClearNeedsAttention": "", "Close": "u", "Comment": "u", "CommunicationProgress": "untam", "CreateCommunication": "u",
	"Defaults": "", "Escalate": "n", "Generate": "u", "GenerationProgress": "untam", "Get": "untam", "GetSettings": "untam",
	"GetTask": "untam", "Hold": "u", "ImpactCards": "untam", "ImpactDetails": "untam", "ListAffected": "untam",
	"ListCases": "untam", "ListIncidents": "untam", "ListMessages": "untam", "ListTasks": "untam", "Messages": "u",
	"NotifyCustomers": "u", "NotifyManager": "u", "Open": "u", "OpenReactive": "u", "RecentChanges": "untam",
	"RecommendServices": "untam", "RefreshImpact": "u", "RefreshProgress": "untam", "Reopen": "u", "Report": "t", "Resolve": "u",
	"Resume": "u", "SetManager": "", "SetMessage": "", "SetPolicy": "", "SetProperty": "", "Update": "u", "ViewImpact": "untam", "WhyLevel": "untam",
	"GetPolicy": "untam", "ConfigurationHistory": "",
}

// Every exported method that takes a caller is a use case; it is tried by each role on an incident that is there. What a
// role may do need not succeed: commands are empty but for a little.
//
// Covers: SEC-025, SEC-026
func TestMatrixOfUseCases(t *testing.T) {
	d := newDesk(t, deskConfig{})
	i := d.opened("link failure")
	must[psew.Generated](d)(d.incidents.Generate(d.ctx, admin, psew.Generate{Incident: i.ID, Accounts: []string{account(0)}}))
	// What is looked at before the roles.
	given := map[string]reflect.Value{"Incident": reflect.ValueOf(i.ID), "Task": reflect.ValueOf(d.tasks(i.ID)[0].ID), "Note": reflect.ValueOf("because"),
		"Reason": reflect.ValueOf(psew.AwaitingCaller), "Indicator": reflect.ValueOf("products"), "List": reflect.ValueOf(psew.ListAccounts)}
	roles := []struct{ letter, role string }{{"u", forewarn.RolePSEWUser}, {"n", forewarn.RoleNOCAgent}, {"t", forewarn.RoleTicketIntegrator},
		{"a", forewarn.RoleAgent}, {"m", forewarn.RoleMajorCaseManager}}
	service, caller := reflect.ValueOf(d.incidents), reflect.TypeFor[forewarn.Caller]()
	tried := map[string]bool{}
	for n := range service.NumMethod() {
		name, method := service.Type().Method(n).Name, service.Method(n)
		if !slices.ContainsFunc(slices.Collect(method.Type().Ins()), func(in reflect.Type) bool { return in.Implements(caller) }) {
			continue
		}
		tried[name] = true
		call := func(by forewarn.Actor) error {
			cmd := reflect.New(method.Type().In(2)).Elem()
			for field, value := range given {
				if f := cmd.FieldByName(field); f.IsValid() && value.CanConvert(f.Type()) {
					f.Set(value.Convert(f.Type()))
				}
			}
			out := method.Call([]reflect.Value{reflect.ValueOf(d.ctx), reflect.ValueOf(by), cmd})
			err, _ := out[len(out)-1].Interface().(error)
			return err
		}
		got := ""
		for _, r := range roles {
			if err := call(actor("somebody", r.role)); !errors.Is(err, forewarn.ErrForbidden) {
				got += r.letter
			}
		}
		if want, ok := usecases[name]; !ok || got != want {
			t.Errorf("%s is for %q; want %q", name, got, want)
		}
		if err := call(admin); errors.Is(err, forewarn.ErrForbidden) {
			t.Errorf("%s by admin: %v", name, err)
		}
		if err := call(nobody); !errors.Is(err, forewarn.ErrForbidden) {
			t.Errorf("%s by nobody: %v", name, err)
		}
		var e *forewarn.Error
		for _, by := range []forewarn.Actor{customerOf(account(0)), {Tenant: "acme", ID: "carl", Consumer: "carl", Roles: []string{forewarn.RoleCustomer}}} {
			want := forewarn.ErrNotFound // of an incident or a task he may not even know
			if in := method.Type().In(2); !has(in, "Incident") && !has(in, "Task") {
				want = forewarn.ErrForbidden
			}
			if err := call(by); !errors.Is(err, want) || !errors.As(err, &e) || e.Op != "psew."+name {
				t.Errorf("%s by a customer: %v, want %v", name, err, want)
			}
		}
	}
	for name := range usecases {
		if !tried[name] {
			t.Errorf("%s is no use case", name)
		}
	}
}

func has(command reflect.Type, field string) bool {
	_, ok := command.FieldByName(field)
	return ok
}
