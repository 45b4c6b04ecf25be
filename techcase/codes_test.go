package techcase_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/techcase"
	"github.com/forewarn-go/forewarn/ticket"
)

// Covers: TECH-044
func TestATenantsResolutionCodes(t *testing.T) {
	r := newRig(t)
	before := r.proposed() // any code goes
	codes := []string{"Fixed by Support/Guidance provided", "Workaround"}
	do(r.cases.SetResolutionCodes(r.ctx, admin, techcase.SetResolutionCodes{Codes: []string{"Workaround"}}))(t)
	major, _ := r.outage("a")
	c := r.working()
	for name, err := range map[string]error{
		"propose": second(r.cases.ProposeSolution(r.ctx, agent, techcase.ProposeSolution{Case: c.ID, ResolutionCode: "Other", Notes: "x"})),
		"close":   second(r.cases.Close(r.ctx, agent, techcase.Close{Case: c.ID, ResolutionCode: "Other", Notes: "x"})),
		"update":  second(r.cases.Update(r.ctx, agent, techcase.Update{Case: c.ID, ResolutionCode: text("Other")})),
		"major":   second(r.cases.ResolveMajor(r.ctx, manager, techcase.ResolveMajor{Case: major, ResolutionCode: "Other", Notes: "x"})),
	} {
		t.Log(name)
		invalid(t, err, "resolutionCode")
	}
	if got := r.get(c.ID); !reflect.DeepEqual(got, c) {
		t.Errorf("half done: %+v", got)
	}
	// Settings change again after the first time, and are those of the tenant alone.
	if got := do(r.cases.SetResolutionCodes(r.ctx, admin, techcase.SetResolutionCodes{Codes: codes}))(t); !slices.Equal(got.ResolutionCodes, codes) {
		t.Errorf("%+v", got)
	}
	if got := do(r.cases.GetSettings(r.ctx, agent, techcase.GetSettings{}))(t); !slices.Equal(got.ResolutionCodes, codes) {
		t.Errorf("%+v", got)
	}
	elsewhere := forewarn.Actor{Tenant: "other", ID: "x", Roles: []string{forewarn.RoleViewer}}
	if got := do(r.cases.GetSettings(r.ctx, elsewhere, techcase.GetSettings{}))(t); got.ResolutionCodes != nil {
		t.Errorf("another tenant has %q", got.ResolutionCodes)
	}
	do(r.cases.ProposeSolution(r.ctx, agent, techcase.ProposeSolution{Case: c.ID, ResolutionCode: codes[0]}))(t)
	// What has another code keeps it, and may be worked on.
	do(r.cases.SetResolutionCodes(r.ctx, admin, techcase.SetResolutionCodes{Codes: []string{"Workaround"}}))(t)
	do(r.cases.Update(r.ctx, agent, techcase.Update{Case: before.ID, ResolutionCode: &before.ResolutionCode, Cause: text("a change")}))(t)
	do(r.cases.Close(r.ctx, agent, techcase.Close{Case: before.ID}))(t)
	// An incident's code is translated by psew, and not asked for here.
	given := r.working()
	r.in(func(u *forewarn.Unit) error {
		return r.cases.Book().Resolve(u, given.ID, ticket.Resolution{Code: "Solved", Notes: "x"})
	})
	if got := r.get(given.ID); got.ResolutionCode != "Solved" || got.State != techcase.StateSolutionProposed {
		t.Errorf("%+v", got)
	}
	if got := do(r.cases.SetResolutionCodes(r.ctx, admin, techcase.SetResolutionCodes{}))(t); got.ResolutionCodes != nil {
		t.Errorf("%+v", got)
	}
	do(r.cases.ProposeSolution(r.ctx, agent, techcase.ProposeSolution{Case: r.working().ID, ResolutionCode: "Anything"}))(t)
}

// Covers: TECH-044
func TestResolutionCodesThatAreRefused(t *testing.T) {
	r := newRig(t)
	for field, codes := range map[string][]string{
		"codes": make([]string, 201), "codes[0]": {" "}, "codes[1]": {"a", "a"}, "codes[2]": {"a", "b", "c\nd"}, "codes[3]": {"a", "b", "c", strings.Repeat("x", 201)},
	} {
		_, err := r.cases.SetResolutionCodes(r.ctx, admin, techcase.SetResolutionCodes{Codes: codes})
		invalid(t, err, field)
	}
}

// Covers: TECH-081
func TestATemplateIsTakenBack(t *testing.T) {
	r := newRig(t)
	do(r.cases.Defaults(r.ctx, admin, techcase.Defaults{}))(t)
	do(r.cases.PutTemplate(r.ctx, admin, techcase.PutTemplate{Name: techcase.TemplateOpened, Subject: "ours", Text: "ours"}))(t)
	opened := func() string { return r.letters(r.opened().ID)[0].Subject }
	if got := opened(); got != "ours" {
		t.Errorf("%q", got)
	}
	for range 2 {
		got := do(r.cases.ResetTemplate(r.ctx, admin, techcase.ResetTemplate{Name: techcase.TemplateOpened}))(t)
		i := slices.IndexFunc(techcase.DefaultTemplates(), func(t techcase.Template) bool { return t.Name == techcase.TemplateOpened })
		if want := techcase.DefaultTemplates()[i]; got != want {
			t.Errorf("%+v", got)
		}
		if got := opened(); !strings.HasSuffix(got, "was opened: No signal") {
			t.Errorf("%q", got)
		}
	}
	for _, tmpl := range do(r.cases.Templates(r.ctx, admin, techcase.Templates{}))(t) {
		if tmpl.Own != (tmpl.Name != techcase.TemplateOpened) {
			t.Errorf("%s: own %v", tmpl.Name, tmpl.Own)
		}
	}
	_, err := r.cases.ResetTemplate(r.ctx, admin, techcase.ResetTemplate{Name: "nonsense"})
	invalid(t, err, "name")
}
