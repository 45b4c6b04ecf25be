package techcase_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/techcase"
	"github.com/forewarn-go/forewarn/ticket"
)

const (
	jane  = "jane@boxeo.example"
	watch = "noc@boxeo.example"
)

// watched is a case of Jane's in a state, which somebody watches; what was sent on the way is left out.
func (r *rig) watched(in techcase.State) techcase.Case {
	r.Helper()
	c := do(r.cases.Create(r.ctx, agent, techcase.Create{ShortDescription: "No signal", Description: "The router blinks red.", Contact: "jane",
		Submit: true, Watch: []string{watch}}))(r)
	if in == techcase.StateNew {
		return c
	}
	c = do(r.cases.AssignToMe(r.ctx, agent, techcase.AssignToMe{Case: c.ID}))(r)
	if in == techcase.StateSolutionProposed {
		c = do(r.cases.ProposeSolution(r.ctx, agent, techcase.ProposeSolution{Case: c.ID, ResolutionCode: "Fixed", Notes: "Restarted it", Cause: "A change"}))(r)
	}
	return c
}

// Covers: TECH-072, TECH-073, TECH-074, TECH-075, TECH-076, TECH-077, TECH-078, TECH-079, TECH-080, TECH-087, TECH-100, TECH-144
func TestWhoIsToldOfWhat(t *testing.T) {
	type act func(r *rig, c techcase.Case) error
	for _, c := range []struct {
		name string
		in   techcase.State
		act  act
		want []string // template and address
	}{
		{"an agent opens it for a contact", "", nil, []string{"case.opened.for.customer " + jane, "case.opened.for.customer " + watch}},
		{"an agent comments", techcase.StateNew, func(r *rig, c techcase.Case) error {
			return second(r.cases.Comment(r.ctx, agent, techcase.Comment{Case: c.ID, Text: "We are on it"}))
		}, []string{"case.commented.for.customer " + jane, "case.commented.for.customer " + watch}},
		{"the customer comments", techcase.StateNew, func(r *rig, c techcase.Case) error {
			return second(r.cases.Comment(r.ctx, customer, techcase.Comment{Case: c.ID, Text: "Any news?"}))
		}, []string{"case.commented.for.customer " + watch}},
		{"a work note", techcase.StateNew, func(r *rig, c techcase.Case) error {
			return second(r.cases.WorkNote(r.ctx, agent, techcase.WorkNote{Case: c.ID, Text: "internal"}))
		}, nil},
		{"an agent asks", techcase.StateWorkInProgress, func(r *rig, c techcase.Case) error {
			return second(r.cases.RequestInformation(r.ctx, agent, techcase.RequestInformation{Case: c.ID, Comment: "Which model?"}))
		}, []string{"tech.case.awaiting.info " + jane, "tech.case.awaiting.info " + watch}},
		{"an agent proposes", techcase.StateWorkInProgress, func(r *rig, c techcase.Case) error {
			return second(r.cases.ProposeSolution(r.ctx, agent, techcase.ProposeSolution{Case: c.ID, ResolutionCode: "Fixed", Notes: "Restarted it"}))
		}, []string{"case.resolved.for.customer " + jane, "case.resolved.for.customer.watchlist " + watch}},
		{"the origin is resolved", techcase.StateNew, func(r *rig, c techcase.Case) error {
			return r.try(func(u *forewarn.Unit) error {
				return r.cases.Book().Resolve(u, c.ID, ticket.Resolution{Code: "Fixed", Notes: "Restarted it"})
			})
		}, []string{"case.resolved.for.customer " + jane, "case.resolved.for.customer.watchlist " + watch}},
		{"an agent accepts on behalf", techcase.StateSolutionProposed, func(r *rig, c techcase.Case) error {
			return second(r.cases.AcceptSolution(r.ctx, agent, techcase.AcceptSolution{Case: c.ID}))
		}, []string{"case.closed.for.customer " + watch, "tech.case.solution.accepted.for.customer " + jane}},
		{"the customer accepts", techcase.StateSolutionProposed, func(r *rig, c techcase.Case) error {
			return second(r.cases.AcceptSolution(r.ctx, customer, techcase.AcceptSolution{Case: c.ID}))
		}, []string{"case.closed.for.customer " + watch}},
		{"an agent rejects on behalf", techcase.StateSolutionProposed, func(r *rig, c techcase.Case) error {
			return second(r.cases.RejectSolution(r.ctx, agent, techcase.RejectSolution{Case: c.ID, Comment: "Still broken, she says"}))
		}, []string{"tech.case.solution.rejected.for.customer " + jane}},
		{"the customer rejects", techcase.StateSolutionProposed, func(r *rig, c techcase.Case) error {
			return second(r.cases.RejectSolution(r.ctx, customer, techcase.RejectSolution{Case: c.ID}))
		}, nil},
		{"an agent closes", techcase.StateWorkInProgress, func(r *rig, c techcase.Case) error {
			return second(r.cases.Close(r.ctx, agent, techcase.Close{Case: c.ID, Notes: "Restarted it", CloseNotes: "By phone."}))
		}, []string{"case.closed.for.customer " + jane, "case.closed.for.customer " + watch}},
		{"an agent cancels", techcase.StateNew, func(r *rig, c techcase.Case) error {
			return second(r.cases.Cancel(r.ctx, agent, techcase.Cancel{Case: c.ID, Comment: "Opened twice."}))
		}, []string{"tech.case.cancelled " + jane, "tech.case.cancelled " + watch}},
		{"a reminder", techcase.StateSolutionProposed, func(r *rig, c techcase.Case) error { r.at(days(3)[0]); return nil },
			[]string{"tech.case.auto.close.reminder " + jane}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t)
			in := c.in
			if in == "" {
				in = techcase.StateNew
			}
			opened := r.watched(in)
			known := map[string]int{}
			if c.act != nil {
				for _, m := range r.mails(opened.ID) {
					known[m]++
				}
				if err := c.act(r, opened); err != nil {
					t.Fatal(err)
				}
			}
			var got []string
			for _, m := range r.mails(opened.ID) {
				if known[m]--; known[m] < 0 {
					got = append(got, m)
				}
			}
			slices.Sort(got)
			if !slices.Equal(got, c.want) {
				t.Errorf("told %q, want %q", got, c.want)
			}
		})
	}
}

// Covers: TECH-075, TECH-103, TECH-144
func TestAutoCloseTellsContactAndWatchers(t *testing.T) {
	r := newRig(t)
	c := r.watched(techcase.StateSolutionProposed)
	r.at(days(10)[0])
	var got []string
	for _, m := range r.mails(c.ID) {
		if strings.HasPrefix(m, techcase.TemplateClosed+" ") {
			got = append(got, m)
		}
	}
	slices.Sort(got)
	if want := []string{"case.closed.for.customer " + jane, "case.closed.for.customer " + watch}; !slices.Equal(got, want) {
		t.Errorf("told %q", got)
	}
}

// Covers: TECH-087
func TestNobodyIsToldTwiceOrOfHisOwnAct(t *testing.T) {
	r := newRig(t)
	r.in(func(u *forewarn.Unit) error {
		return forewarn.PutUser(u, forewarn.User{ID: "anna", Name: "Anna", Email: "anna@acme.example"})
	})
	c := do(r.cases.Create(r.ctx, agent, techcase.Create{ShortDescription: "No signal", Contact: "jane", Submit: true,
		Watch: []string{"JANE@boxeo.example", "anna", "ben"}}))(t)
	got := r.mails(c.ID)
	slices.Sort(got)
	if want := []string{"case.opened.for.customer ben", "case.opened.for.customer " + jane}; !slices.Equal(got, want) {
		t.Errorf("the contact watches his own case, and Anna has opened it: %q", got)
	}
	r.in(func(u *forewarn.Unit) error { return r.cases.Book().Resolve(u, c.ID, ticket.Resolution{Code: "Fixed"}) })
	got = r.mails(c.ID)
	if n := len(got); n != 5 || !slices.Contains(got, "case.resolved.for.customer.watchlist anna@acme.example") {
		t.Errorf("%q", got)
	}
	letter := r.letters(c.ID)[0]
	if letter.About.ID != c.ID || letter.About.Kind != "case" || letter.State != forewarn.MailQueued {
		t.Errorf("%+v", letter)
	}
}

// Who watches a case by his address is told of what others do, and not of what he does himself.
//
// Covers: TECH-087
func TestAWatcherByAddressIsNotToldOfHisOwnAct(t *testing.T) {
	r := newRig(t)
	r.in(func(u *forewarn.Unit) error {
		return forewarn.PutUser(u, forewarn.User{ID: "anna", Name: "Anna", Email: "Anna@acme.example"})
	})
	c := do(r.cases.Create(r.ctx, agent, techcase.Create{ShortDescription: "No signal", Account: "boxeo", Submit: true,
		Watch: []string{" anna@ACME.example", "Jane@boxeo.example", watch}}))(t)
	mails := func(act func()) (all []string) {
		known := map[string]int{}
		for _, m := range r.mails(c.ID) {
			known[m]++
		}
		act()
		for _, m := range r.mails(c.ID) {
			if known[m]--; known[m] < 0 {
				all = append(all, strings.ToLower(strings.Join(strings.Fields(m)[1:], " ")))
			}
		}
		slices.Sort(all)
		return all
	}
	const anna = "anna@acme.example"
	if got := r.mails(c.ID); len(got) != 2 || slices.ContainsFunc(got, func(m string) bool { return strings.Contains(m, "ACME") }) {
		t.Errorf("opened: %q", got)
	}
	for who, step := range map[string]struct {
		by   forewarn.Actor
		want []string
	}{
		"anna": {agent, []string{jane, watch}}, "jane": {customer, []string{anna, watch}}, "mona": {manager, []string{anna, jane, watch}},
	} {
		got := mails(func() { do(r.cases.Comment(r.ctx, step.by, techcase.Comment{Case: c.ID, Text: "hello"}))(t) })
		if !slices.Equal(got, step.want) {
			t.Errorf("%s has commented, told are %q", who, got)
		}
	}
}

// Covers: TECH-051, TECH-072
func TestAConsumerIsToldHimself(t *testing.T) {
	r := newRig(t)
	c := r.book(ticket.NewCase{Source: incident, Consumer: "carl", ShortDescription: "No signal"})
	if got := r.mails(c.ID); !slices.Equal(got, []string{"case.opened.for.customer carl@example.org"}) {
		t.Errorf("%q", got)
	}
	unknown := r.book(ticket.NewCase{Source: incident, Account: "x", Contact: "zoe", ShortDescription: "No signal"})
	if got := r.mails(unknown.ID); !slices.Equal(got, []string{"case.opened.for.customer zoe"}) {
		t.Errorf("a contact whose address is not known: %q", got)
	}
}

// Covers: TECH-072, TECH-073, TECH-074, TECH-075, TECH-076, TECH-077, TECH-078, TECH-079, TECH-080, TECH-081, TECH-100
func TestTheMails(t *testing.T) {
	r := newRig(t)
	var all []forewarn.Mail
	keep := func(c techcase.Case, wanted ...string) {
		for _, m := range r.letters(c.ID) {
			if m.To.Email == watch && m.Template != techcase.TemplateResolvedWatch && m.Template != techcase.TemplateClosed {
				continue // as the contact's, without his name
			}
			if slices.Contains(wanted, m.Template) && !slices.ContainsFunc(all, func(o forewarn.Mail) bool { return o.Template == m.Template && o.About == m.About && o.To == m.To }) {
				all = append(all, m)
			}
		}
	}
	c := r.watched(techcase.StateWorkInProgress)
	do(r.cases.Comment(r.ctx, agent, techcase.Comment{Case: c.ID, Text: "We are on it"}))(t)
	do(r.cases.RequestInformation(r.ctx, agent, techcase.RequestInformation{Case: c.ID, Comment: "Which model?"}))(t)
	do(r.cases.Cancel(r.ctx, agent, techcase.Cancel{Case: c.ID, Comment: "Opened twice."}))(t)
	keep(c, techcase.TemplateOpened, techcase.TemplateCommented, techcase.TemplateAwaitingInfo, techcase.TemplateCancelled)
	c = r.watched(techcase.StateSolutionProposed)
	do(r.cases.RejectSolution(r.ctx, agent, techcase.RejectSolution{Case: c.ID, Comment: "Still broken"}))(t)
	keep(c, techcase.TemplateRejected)
	c = r.watched(techcase.StateSolutionProposed)
	r.at(days(4)[0])
	do(r.cases.AcceptSolution(r.ctx, agent, techcase.AcceptSolution{Case: c.ID}))(t)
	keep(c, techcase.TemplateResolved, techcase.TemplateResolvedWatch, techcase.TemplateReminder, techcase.TemplateAccepted, techcase.TemplateClosed)
	c = r.watched(techcase.StateSolutionProposed)
	r.at(days(30)[0])
	keep(c, techcase.TemplateClosed)
	r.in(func(u *forewarn.Unit) error {
		return forewarn.PutUser(u, forewarn.User{ID: "anna", Email: "anna@acme.example"})
	})
	c = r.opened()
	do(r.cases.Assign(r.ctx, resource, techcase.Assign{Case: c.ID, Assignee: text("anna")}))(t)
	keep(c, techcase.TemplateAssignedNotice)

	slices.SortStableFunc(all, func(a, b forewarn.Mail) int {
		return strings.Compare(a.Template+a.Subject+a.To.Email, b.Template+b.Subject+b.To.Email)
	})
	templates := map[string]bool{}
	var b strings.Builder
	for _, m := range all {
		templates[m.Template] = true
		fmt.Fprintf(&b, "=== %s\nTo: %s\nSubject: %s\n\n%s\n", m.Template, m.To.Email, m.Subject, m.Text)
	}
	if len(templates) != len(techcase.DefaultTemplates()) {
		t.Errorf("%d of %d templates were sent", len(templates), len(techcase.DefaultTemplates()))
	}
	golden(t, filepath.Join("testdata", "mails.golden"), b.String())
}

// Covers: TECH-081
func TestTemplatesOfATenant(t *testing.T) {
	r := newRig(t)
	builtIn := do(r.cases.Templates(r.ctx, admin, techcase.Templates{}))(t)
	if len(builtIn) != 11 || !slices.IsSortedFunc(builtIn, func(a, b techcase.Template) int { return strings.Compare(a.Name, b.Name) }) || builtIn[0].Own {
		t.Errorf("%+v", builtIn)
	}
	own := techcase.PutTemplate{Name: techcase.TemplateOpened, Subject: "{{.Number}}\n opened", Text: `{{if and .Account (eq .Priority "4 - Low")}}Hello {{.Account}}{{else}}Hello{{end}}`}
	do(r.cases.PutTemplate(r.ctx, admin, own))(t)
	c := r.opened()
	if m := r.letters(c.ID)[0]; m.Subject != c.Number+" opened" || m.Text != "Hello boxeo" {
		t.Errorf("%q %q", m.Subject, m.Text)
	}
	other := forewarn.Actor{Tenant: "other", ID: "x", Roles: []string{forewarn.RoleAdmin}}
	if got := do(r.cases.Templates(r.ctx, other, techcase.Templates{}))(t); !reflect.DeepEqual(got, builtIn) {
		t.Error("another tenant has them too")
	}
	first := do(r.cases.Defaults(r.ctx, admin, techcase.Defaults{}))(t)
	again := do(r.cases.Defaults(r.ctx, admin, techcase.Defaults{}))(t)
	listed := do(r.cases.Templates(r.ctx, admin, techcase.Templates{}))(t)
	if !reflect.DeepEqual(first, again) || !reflect.DeepEqual(first, listed) || len(first) != 11 {
		t.Errorf("%+v\n%+v\n%+v", first, again, listed)
	}
	for _, tmpl := range first {
		if !tmpl.Own || tmpl.Name == techcase.TemplateOpened && tmpl.Subject != own.Subject {
			t.Errorf("%+v", tmpl)
		}
	}
}

// Covers: TECH-081
func TestTemplatesAreConfined(t *testing.T) {
	r := newRig(t)
	for _, c := range []struct{ field, subject, text string }{
		{"subject", "", "x"}, {"subject", " {{.Comment}}{{if .Comment}}{{end}}", "x"}, {"subject", "{{", "x"}, {"text", "x", "{{.Nothing}}"},
		{"text", "x", "{{range 1000000000}}x{{end}}"}, {"text", "x", `{{printf "%1000000000d" 1}}`}, {"text", "x", `{{define "a"}}{{end}}`},
		{"text", "x", `{{template "a"}}`}, {"text", "x", `{{block "a" .}}{{end}}`}, {"text", "x", "{{$x := 1}}"}, {"text", "x", "{{len .Number}}"},
		{"text", "x", "{{html .Number}}"}, {"text", "x", `{{with .Number}}{{printf "x"}}{{end}}`}, {"text", "x", strings.Repeat("x", ticket.MaxText+1)},
		{"text", "x", "{{if .Number}}{{else}}{{len .Number}}{{end}}"},
	} {
		_, err := r.cases.PutTemplate(r.ctx, admin, techcase.PutTemplate{Name: techcase.TemplateOpened, Subject: c.subject, Text: c.text})
		invalid(t, err, c.field)
	}
	_, err := r.cases.PutTemplate(r.ctx, admin, techcase.PutTemplate{Name: "none", Subject: "x", Text: "x"})
	invalid(t, err, "template.name")
	if got := do(r.cases.Templates(r.ctx, admin, techcase.Templates{}))(t); slices.ContainsFunc(got, func(t techcase.Template) bool { return t.Own }) {
		t.Error("a refused template was kept")
	}
}

// What a case holds is never read as a template, breaks no subject and never outgrows a mail.
func TestAMailOfHostileTexts(t *testing.T) {
	r := newRig(t)
	do(r.cases.PutTemplate(r.ctx, admin, techcase.PutTemplate{Name: techcase.TemplateCommented, Subject: "x", Text: "{{.Comment}}{{.Comment}}"}))(t)
	c := do(r.cases.Create(r.ctx, agent, techcase.Create{ShortDescription: "{{.Number}} {{range 9}}", Description: "\r\nBcc: all@x.example", Contact: "jane", Submit: true}))(t)
	opened := r.letters(c.ID)[0]
	if opened.Subject != "Case CS0000001 was opened: {{.Number}} {{range 9}}" {
		t.Errorf("%q", opened.Subject)
	}
	do(r.cases.Comment(r.ctx, agent, techcase.Comment{Case: c.ID, Text: strings.Repeat("ä", ticket.MaxText/2)}))(t)
	for _, m := range r.letters(c.ID) {
		if m.Template == techcase.TemplateCommented && (len(m.Text) > ticket.MaxText || !strings.HasSuffix(m.Text, "ä"+ticket.CutMark)) {
			t.Errorf("%d bytes", len(m.Text))
		}
	}
}

// When nobody can tell whom a mail is for, the act fails as a whole.
func TestAPartyThatCannotBeRead(t *testing.T) {
	broken := errors.New("no line to the inventory")
	r := newRig(t, func(c *techcase.Config) { c.Parties = failing{broken} })
	_, err := r.cases.Create(r.ctx, agent, techcase.Create{ShortDescription: "x", Account: "boxeo", Contact: "jane", Submit: true})
	if !errors.Is(err, broken) {
		t.Errorf("%v", err)
	}
	if got := do(r.cases.List(r.ctx, agent, techcase.List{}))(t); len(got.Items) != 0 {
		t.Errorf("half there: %+v", got.Items)
	}
}

type failing struct{ err error }

func (f failing) Party(*forewarn.Unit, string, string) (techcase.Party, error) {
	return techcase.Party{}, f.err
}
