package techcase_test

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/techcase"
	"github.com/forewarn-go/forewarn/ticket"
)

func text(s string) *string { return &s }

// Covers: TECH-011, TECH-021, TECH-026, TECH-029, TECH-039, TECH-041
func TestCreateAndSubmit(t *testing.T) {
	r := newRig(t)
	draft := do(r.cases.Create(r.ctx, agent, techcase.Create{Contact: "jane", Channel: "phone", Priority: 2}))(t)
	if draft.State != techcase.StateDraft || !draft.Opened.IsZero() || draft.Account != "boxeo" || draft.CreatedBy != "anna" || draft.Number != "CS0000001" {
		t.Errorf("draft %+v", draft)
	}
	_, err := r.cases.Submit(r.ctx, agent, techcase.Submit{Case: draft.ID})
	invalid(t, err, "shortDescription")
	do(r.cases.Update(r.ctx, agent, techcase.Update{Case: draft.ID, ShortDescription: text("No signal")}))(t)
	if got := r.events(draft.ID); got != nil {
		t.Errorf("the outside heard of a draft: %q", got)
	}
	r.clock.set(start.Add(time.Hour))
	c := do(r.cases.Submit(r.ctx, agent, techcase.Submit{Case: draft.ID}))(t)
	if c.State != techcase.StateNew || c.Opened != start.Add(time.Hour) || c.OpenedBy != "anna" || c.Created != start || c.Channel != "phone" {
		t.Errorf("submitted %+v", c)
	}
	if got := r.events(c.ID); !reflect.DeepEqual(got, []string{"create"}) {
		t.Errorf("events %q", got)
	}
	if last := r.changes.told[len(r.changes.told)-1]; !last.Opened || last.Before != ticket.Draft || last.Case.Status != ticket.New {
		t.Errorf("the follower was told %+v", last)
	}
	if _, err := r.cases.Submit(r.ctx, agent, techcase.Submit{Case: c.ID}); !errors.Is(err, forewarn.ErrRefused) {
		t.Errorf("submitted twice: %v", err)
	}
	other := do(r.cases.Create(r.ctx, agent, techcase.Create{ShortDescription: "x", Contact: "sam"}))(t)
	if got := do(r.cases.FinishIntake(r.ctx, agent, techcase.FinishIntake{Case: other.ID}))(t); got.State != techcase.StateNew || got.Number != "CS0000002" || got.Priority != 4 {
		t.Errorf("after its intake %+v", got)
	}
}

func invalid(t testing.TB, err error, field string) {
	t.Helper()
	var e *forewarn.Error
	if !errors.Is(err, forewarn.ErrInvalid) || !errors.As(err, &e) || e.Field != field || e.Rule == "" {
		t.Errorf("%v; want an invalid %s", err, field)
	}
}

// Covers: TECH-041, TECH-048
func TestWhatNoCaseCanBe(t *testing.T) {
	r := newRig(t)
	long := strings.Repeat("x", 1001)
	for _, c := range []struct {
		field string
		cmd   techcase.Create
	}{
		{"shortDescription", techcase.Create{Submit: true}},
		{"shortDescription", techcase.Create{Submit: true, ShortDescription: " \t"}},
		{"shortDescription", techcase.Create{ShortDescription: long}},
		{"shortDescription", techcase.Create{ShortDescription: "a\nb"}},
		{"shortDescription", techcase.Create{ShortDescription: "a\x00b"}},
		{"description", techcase.Create{Description: strings.Repeat("x", 16<<10+1)}},
		{"description", techcase.Create{Description: "\xff"}},
		{"priority", techcase.Create{Priority: 5}},
		{"priority", techcase.Create{Priority: -1}},
		{"type", techcase.Create{Type: "none"}},
		{"consumer", techcase.Create{Consumer: "carl", Account: "boxeo"}},
		{"watchList", techcase.Create{Watch: []string{"a", "a"}}},
		{"watchList", techcase.Create{Watch: []string{" "}}},
	} {
		_, err := r.cases.Create(r.ctx, agent, c.cmd)
		invalid(t, err, c.field)
	}
	for _, party := range []techcase.Create{{Account: "boxeo"}, {Contact: "jane"}, {Consumer: "carl"}} {
		party.Major, party.ShortDescription = true, "outage"
		_, err := r.cases.Create(r.ctx, manager, party)
		invalid(t, err, "account")
	}
	if page := do(r.cases.List(r.ctx, agent, techcase.List{}))(t); len(page.Items) != 0 {
		t.Errorf("something is half there: %+v", page.Items)
	}
}

// Covers: TECH-012, TECH-013, TECH-014, TECH-015, TECH-016, TECH-017, TECH-027, TECH-044, TECH-046, TECH-090
func TestACaseGoesItsWay(t *testing.T) {
	r := newRig(t)
	c := r.opened()
	step := func(name string, state techcase.State, status techcase.ActionStatus) func(techcase.Case, error) {
		return func(got techcase.Case, err error) {
			t.Helper()
			if err != nil || got.State != state || got.ActionStatus != status {
				t.Fatalf("%s: %s %q, %v; want %s %q", name, got.State, got.ActionStatus, err, state, status)
			}
			r.clock.set(r.clock.Now().Add(time.Minute))
			c = got
		}
	}
	step("accept", techcase.StateWorkInProgress, "")(r.cases.Accept(r.ctx, agent, techcase.Accept{Case: c.ID}))
	if c.Assignee != "anna" {
		t.Errorf("assigned to %q", c.Assignee)
	}
	step("ask", techcase.StateAwaitingInfo, techcase.BlockedByCustomer)(r.cases.RequestInformation(r.ctx, agent, techcase.RequestInformation{Case: c.ID, Comment: "Which model?"}))
	step("answered", techcase.StateWorkInProgress, "")(r.cases.InformationReceived(r.ctx, agent, techcase.InformationReceived{Case: c.ID, Note: "V2, he says"}))
	_, err := r.cases.ProposeSolution(r.ctx, agent, techcase.ProposeSolution{Case: c.ID, Notes: "Restarted it"})
	invalid(t, err, "resolutionCode")
	step("propose", techcase.StateSolutionProposed, "")(r.cases.ProposeSolution(r.ctx, agent, techcase.ProposeSolution{Case: c.ID, ResolutionCode: "Fixed",
		Notes: "Restarted it", Cause: "dust", RootCause: "hardware", AddToComments: true}))
	if c.Resolved.IsZero() || c.ResolvedBy != "anna" || c.Window != c.Resolved || c.Cause != "dust" || c.RootCause != "hardware" {
		t.Errorf("proposed %+v", c)
	}
	step("reject", techcase.StateWorkInProgress, "")(r.cases.RejectSolution(r.ctx, customer, techcase.RejectSolution{Case: c.ID, Comment: "Still broken"}))
	if !c.Resolved.IsZero() || c.ResolvedBy != "" || !c.Window.IsZero() || c.ResolutionCode != "Fixed" {
		t.Errorf("rejected %+v", c)
	}
	step("propose", techcase.StateSolutionProposed, "")(r.cases.ProposeSolution(r.ctx, agent, techcase.ProposeSolution{Case: c.ID}))
	step("accept", techcase.StateClosed, "")(r.cases.AcceptSolution(r.ctx, customer, techcase.AcceptSolution{Case: c.ID}))
	if c.Closed.IsZero() || c.ClosedBy != "portal-jane" || c.Open() {
		t.Errorf("accepted %+v", c)
	}
	want := []string{"create", "status in_progress", "status waiting_for_customer", "attributes comments", "status in_progress",
		"status resolved", "attributes resolutionCode resolutionNotes cause comments", "status in_progress", "attributes comments",
		"status resolved", "status closed"}
	if got := r.events(c.ID); !reflect.DeepEqual(got, want) {
		t.Errorf("events %q", got)
	}
	var comments []string
	for _, a := range r.activities(c.ID) {
		comments = append(comments, string(a.Entry)+" "+a.By+" "+a.Channel+": "+a.Text)
	}
	if want := []string{"comment anna : Which model?", "work_note anna : V2, he says", "comment anna : Restarted it", "comment portal-jane portal: Still broken"}; !reflect.DeepEqual(comments, want) {
		t.Errorf("stream %q", comments)
	}
}

// Covers: TECH-045, TECH-019, TECH-027
func TestResolutionNotesAreAskedOfAgentsAlone(t *testing.T) {
	r := newRig(t)
	propose := func() techcase.Case {
		return do(r.cases.ProposeSolution(r.ctx, agent, techcase.ProposeSolution{Case: r.working().ID, ResolutionCode: "Fixed"}))(t)
	}
	c := propose()
	_, err := r.cases.AcceptSolution(r.ctx, agent, techcase.AcceptSolution{Case: c.ID})
	invalid(t, err, "resolutionNotes")
	_, err = r.cases.Close(r.ctx, resource, techcase.Close{Case: c.ID})
	invalid(t, err, "resolutionNotes")
	if got := do(r.cases.AcceptSolution(r.ctx, customer, techcase.AcceptSolution{Case: c.ID}))(t); got.State != techcase.StateClosed || got.ResolutionNotes != "" {
		t.Errorf("accepted by the customer %+v", got)
	}
	if got := do(r.cases.AcceptSolution(r.ctx, agent, techcase.AcceptSolution{Case: propose().ID, Notes: "Restarted it"}))(t); got.State != techcase.StateClosed {
		t.Errorf("accepted by the agent %+v", got)
	}
	for _, from := range []techcase.Case{r.opened(), r.working(), r.awaiting(), propose()} {
		if _, err := r.cases.Close(r.ctx, agent, techcase.Close{Case: from.ID}); from.ResolutionNotes == "" {
			invalid(t, err, "resolutionNotes")
		}
		got := do(r.cases.Close(r.ctx, agent, techcase.Close{Case: from.ID, Notes: "Restarted it", CloseNotes: "by phone"}))(t)
		if got.State != techcase.StateClosed || got.ClosedBy != "anna" || got.Closed.IsZero() || got.CloseNotes != "by phone" {
			t.Errorf("closed from %s: %+v", from.State, got)
		}
	}
}

// awaiting is a case in Awaiting Info.
func (r *rig) awaiting() techcase.Case {
	r.Helper()
	return do(r.cases.RequestInformation(r.ctx, agent, techcase.RequestInformation{Case: r.working().ID}))(r)
}

// Covers: TECH-014, TECH-022, TECH-023, TECH-037, TECH-090, TECH-091
func TestACustomersComment(t *testing.T) {
	for _, c := range []struct {
		name   string
		from   func(*rig) techcase.Case
		state  techcase.State
		action techcase.ActionStatus
		events []string
	}{
		{"in New", (*rig).opened, techcase.StateNew, techcase.NeedsAttention, []string{"attributes comments"}},
		{"in Work in Progress", (*rig).working, techcase.StateWorkInProgress, techcase.NeedsAttention, []string{"attributes comments"}},
		{"in Awaiting Info", (*rig).awaiting, techcase.StateWorkInProgress, techcase.ActionCustomerResponded, []string{"status in_progress", "attributes comments"}},
		{"in Solution Proposed", (*rig).proposed, techcase.StateSolutionProposed, techcase.NeedsAttention, []string{"attributes comments"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t)
			before := c.from(r)
			events, mails := len(r.events(before.ID)), len(r.mails(before.ID))
			r.changes.told = nil
			r.clock.set(start.Add(time.Hour))
			a := do(r.cases.Comment(r.ctx, customer, techcase.Comment{Case: before.ID, Text: "any news?", Channel: "email"}))(t)
			after := r.get(before.ID)
			if after.State != c.state || after.ActionStatus != c.action || !after.NeedsAttention || after.Comments != before.Comments+1 {
				t.Errorf("%s %q %+v", after.State, after.ActionStatus, after)
			}
			if got := r.events(before.ID)[events:]; !reflect.DeepEqual(got, c.events) {
				t.Errorf("events %q", got)
			}
			if got := r.mails(before.ID)[mails:]; len(got) != 0 {
				t.Errorf("mails %q", got)
			}
			if len(r.changes.told) != 1 || r.changes.told[0].Comment == nil || !reflect.DeepEqual(*r.changes.told[0].Comment, a) || r.changes.told[0].Opened {
				t.Errorf("the follower was told %+v", r.changes.told)
			}
			if a.Channel != "email" || a.By != "portal-jane" || a.Entry != ticket.Comment || a.Source != "" {
				t.Errorf("posted %+v", a)
			}
			if before.State == after.State && after.StatusChanged != before.StatusChanged {
				t.Errorf("the status has not changed since %v, but %v", before.StatusChanged, after.StatusChanged)
			}
			if c.state == techcase.StateSolutionProposed && after.Window != start.Add(time.Hour) {
				t.Errorf("auto close counts from %v", after.Window)
			}
			cleared := do(r.cases.ClearNeedsAttention(r.ctx, admin, techcase.ClearNeedsAttention{Case: before.ID}))(t)
			if cleared.NeedsAttention || cleared.Responded || cleared.ActionStatus != "" {
				t.Errorf("cleared %+v", cleared)
			}
		})
	}
}

// Covers: TECH-090
func TestEveryPairOfActionStatuses(t *testing.T) {
	for _, c := range []struct {
		attention, responded, blocked, waiting bool
		want                                   techcase.ActionStatus
	}{
		{false, false, false, false, ""},
		{true, false, false, false, "Needs attention"},
		{true, true, false, false, "Customer Responded"},
		{false, false, true, false, "Blocked internally"},
		{false, false, false, true, "Blocked by customer"},
		{true, false, true, false, "Needs attention"},
		{true, false, false, true, "Needs attention"},
		{true, true, true, true, "Customer Responded"},
		{false, false, true, true, "Blocked internally"},
		{false, true, false, false, ""},
	} {
		if got := techcase.ActionStatusOf(c.attention, c.responded, c.blocked, c.waiting); got != c.want {
			t.Errorf("%+v: %q", c, got)
		}
	}
	r := newRig(t)
	yes := true
	if got := do(r.cases.Update(r.ctx, agent, techcase.Update{Case: r.working().ID, Blocked: &yes}))(t); got.ActionStatus != techcase.BlockedInternally {
		t.Errorf("%q", got.ActionStatus)
	}
}

// Covers: TECH-024, TECH-025, TECH-012, TECH-141
func TestWhoIsAssignedIsInTheGroup(t *testing.T) {
	r := newRig(t)
	r.in(func(u *forewarn.Unit) error {
		for _, user := range []forewarn.User{{ID: "anna", Name: "Anna", Email: "anna@acme.example"}, {ID: "ben"}} {
			if err := forewarn.PutUser(u, user); err != nil {
				return err
			}
		}
		if err := forewarn.PutGroup(u, forewarn.Group{Name: "Support"}); err != nil {
			return err
		}
		return forewarn.AddMember(u, "Support", "anna")
	})
	c := r.opened()
	for field, cmd := range map[string]techcase.Assign{
		"assignmentGroup": {Case: c.ID, Group: text("Nobody")}, "assignedTo": {Case: c.ID, Assignee: text("zoe")},
	} {
		_, err := r.cases.Assign(r.ctx, resource, cmd)
		invalid(t, err, field)
	}
	if _, err := r.cases.Assign(r.ctx, resource, techcase.Assign{Case: c.ID, Group: text("Support"), Assignee: text("ben")}); !errors.Is(err, forewarn.ErrRefused) {
		t.Errorf("ben is not in Support: %v", err)
	}
	sent := len(r.mails(c.ID))
	assigned := do(r.cases.Assign(r.ctx, resource, techcase.Assign{Case: c.ID, Group: text("Support"), Assignee: text("anna")}))(t)
	if assigned.State != techcase.StateNew || assigned.Group != "Support" || assigned.Assignee != "anna" {
		t.Errorf("assigned %+v", assigned)
	}
	if got := r.events(c.ID); !slices.Equal(got, []string{"create", "attributes assignmentGroup"}) {
		t.Errorf("events %q", got)
	}
	if got := r.mails(c.ID)[sent:]; !slices.Equal(got, []string{"tech.case.assigned anna@acme.example"}) {
		t.Errorf("mails %q", got)
	}
	for name, start := range map[string]func(forewarn.Actor) error{
		"Accept": func(a forewarn.Actor) error {
			_, err := r.cases.Accept(r.ctx, a, techcase.Accept{Case: c.ID})
			return err
		},
		"Assign to me": func(a forewarn.Actor) error {
			_, err := r.cases.AssignToMe(r.ctx, a, techcase.AssignToMe{Case: c.ID})
			return err
		},
	} {
		if err := start(staff("ben", forewarn.RoleAgent)); !errors.Is(err, forewarn.ErrRefused) {
			t.Errorf("%s by ben: %v", name, err)
		}
	}
	if got := do(r.cases.Accept(r.ctx, agent, techcase.Accept{Case: c.ID}))(t); got.State != techcase.StateWorkInProgress {
		t.Errorf("accepted %+v", got)
	}
	if _, err := r.cases.Assign(r.ctx, resource, techcase.Assign{Case: c.ID, Assignee: text("ben")}); !errors.Is(err, forewarn.ErrRefused) {
		t.Errorf("ben is not in the group that is set: %v", err)
	}
	if got := do(r.cases.Assign(r.ctx, resource, techcase.Assign{Case: c.ID, Assignee: text("")}))(t); got.Assignee != "" || got.State != techcase.StateWorkInProgress {
		t.Errorf("unassigned %+v", got)
	}
}

// Covers: TECH-141
func TestACaseThatComesToWorkWithoutAnAssignee(t *testing.T) {
	r := newRig(t)
	c := r.opened()
	do(r.cases.RequestInformation(r.ctx, agent, techcase.RequestInformation{Case: c.ID}))(t)
	do(r.cases.Comment(r.ctx, customer, techcase.Comment{Case: c.ID, Text: "model V2"}))(t)
	if got := r.get(c.ID); got.State != techcase.StateWorkInProgress || got.Assignee != "" {
		t.Errorf("%+v", got)
	}
	page := do(r.cases.List(r.ctx, agent, techcase.List{Filter: techcase.FilterUnassigned}))(t)
	if len(page.Items) != 1 || page.Items[0].ID != c.ID {
		t.Errorf("unassigned are %+v", page.Items)
	}
}

// Covers: TECH-028, TECH-047, TECH-048, TECH-051, TECH-021
func TestUpdate(t *testing.T) {
	r := newRig(t)
	c := r.opened()
	two := 2
	all := techcase.Update{Case: c.ID, Expect: c.Version, ShortDescription: text("a"), Description: text("b"), IssueType: text("Question"), BusinessImpact: text("d"),
		StepsToReproduce: text("e"), SoldProduct: text("f"), Category: text("g"), Subcategory: text("h"), Channel: text("chat"), Priority: &two,
		Service: text("i"), CI: text("j"), Company: text("k"), Contact: text("sam"), Contract: text("l"), ResolutionCode: text("m"),
		ResolutionNotes: text("n"), RootCause: text("o"), Cause: text("p"), Watch: &[]string{"x@y.example"}, Custom: ticket.Custom{"own": []byte(`1`)}}
	got := do(r.cases.Update(r.ctx, agent, all))(t)
	want := c
	want.Version, want.ShortDescription, want.Description, want.IssueType, want.BusinessImpact = got.Version, "a", "b", "Question", "d"
	want.StepsToReproduce, want.SoldProduct, want.Category, want.Subcategory, want.Channel, want.Priority = "e", "f", "g", "h", "chat", 2
	want.Service, want.CI, want.Company, want.Contact, want.Account, want.Contract, want.ResolutionCode = "i", "j", "k", "sam", "avid", "l", "m"
	want.ResolutionNotes, want.RootCause, want.Cause, want.Watch, want.Custom = "n", "o", "p", []string{"x@y.example"}, ticket.Custom{"own": []byte(`1`)}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if _, err := r.cases.Update(r.ctx, agent, all); !errors.Is(err, forewarn.ErrStale) {
		t.Errorf("at a version that is gone: %v", err)
	}
	_, err := r.cases.Update(r.ctx, agent, techcase.Update{Case: c.ID, ShortDescription: text("")})
	invalid(t, err, "shortDescription")
	_, err = r.cases.Update(r.ctx, agent, techcase.Update{Case: c.ID, Consumer: text("carl")})
	invalid(t, err, "consumer")
	if again := r.get(c.ID); !reflect.DeepEqual(again, got) {
		t.Errorf("a refused update left %+v", again)
	}
}

// Covers: TECH-023
func TestNotesAndComments(t *testing.T) {
	r := newRig(t)
	c := r.opened()
	for _, bad := range []string{"", " \n", strings.Repeat("x", ticket.MaxText+1), "\xff"} {
		_, err := r.cases.Comment(r.ctx, agent, techcase.Comment{Case: c.ID, Text: bad})
		invalid(t, err, "text")
		_, err = r.cases.WorkNote(r.ctx, agent, techcase.WorkNote{Case: c.ID, Text: bad})
		invalid(t, err, "text")
	}
	_, err := r.cases.Comment(r.ctx, agent, techcase.Comment{Case: c.ID, Text: "a", Channel: "a\nb"})
	invalid(t, err, "channel")
	r.changes.told = nil
	version := r.get(c.ID).Version
	do(r.cases.WorkNote(r.ctx, agent, techcase.WorkNote{Case: c.ID, Text: "internal"}))(t)
	if got := r.get(c.ID); got.Version != version {
		t.Error("a work note has disturbed those who edit the case")
	}
	do(r.cases.Comment(r.ctx, agent, techcase.Comment{Case: c.ID, Text: "We are on it"}))(t)
	if got := r.get(c.ID); got.Comments != 1 || got.NeedsAttention || got.State != techcase.StateNew {
		t.Errorf("%+v", got)
	}
	if got := r.events(c.ID); !slices.Equal(got, []string{"create", "attributes comments"}) {
		t.Errorf("events %q", got)
	}
	if r.changes.told != nil {
		t.Errorf("the follower was told what staff wrote: %+v", r.changes.told)
	}
}

// Covers: TECH-046
func TestResolvedByIsTheAgentAssigned(t *testing.T) {
	r := newRig(t)
	c := do(r.cases.ProposeSolution(r.ctx, resource, techcase.ProposeSolution{Case: r.working().ID, ResolutionCode: "Fixed"}))(t)
	if c.ResolvedBy != "anna" {
		t.Errorf("resolved by %q", c.ResolvedBy)
	}
}

// changes are the use cases that change a case.
func (r *rig) mutations() map[string]func(context.Context, forewarn.Caller, uuid.UUID) error {
	s, yes := r.cases, true
	return map[string]func(context.Context, forewarn.Caller, uuid.UUID) error{
		"Submit": func(ctx context.Context, by forewarn.Caller, id uuid.UUID) error {
			_, err := s.Submit(ctx, by, techcase.Submit{Case: id})
			return err
		},
		"FinishIntake": func(ctx context.Context, by forewarn.Caller, id uuid.UUID) error {
			_, err := s.FinishIntake(ctx, by, techcase.FinishIntake{Case: id})
			return err
		},
		"AssignToMe": func(ctx context.Context, by forewarn.Caller, id uuid.UUID) error {
			_, err := s.AssignToMe(ctx, by, techcase.AssignToMe{Case: id})
			return err
		},
		"Accept": func(ctx context.Context, by forewarn.Caller, id uuid.UUID) error {
			_, err := s.Accept(ctx, by, techcase.Accept{Case: id})
			return err
		},
		"RequestInformation": func(ctx context.Context, by forewarn.Caller, id uuid.UUID) error {
			_, err := s.RequestInformation(ctx, by, techcase.RequestInformation{Case: id})
			return err
		},
		"InformationReceived": func(ctx context.Context, by forewarn.Caller, id uuid.UUID) error {
			_, err := s.InformationReceived(ctx, by, techcase.InformationReceived{Case: id})
			return err
		},
		"ProposeSolution": func(ctx context.Context, by forewarn.Caller, id uuid.UUID) error {
			_, err := s.ProposeSolution(ctx, by, techcase.ProposeSolution{Case: id, ResolutionCode: "Fixed", Notes: "done"})
			return err
		},
		"AcceptSolution": func(ctx context.Context, by forewarn.Caller, id uuid.UUID) error {
			_, err := s.AcceptSolution(ctx, by, techcase.AcceptSolution{Case: id})
			return err
		},
		"RejectSolution": func(ctx context.Context, by forewarn.Caller, id uuid.UUID) error {
			_, err := s.RejectSolution(ctx, by, techcase.RejectSolution{Case: id})
			return err
		},
		"Close": func(ctx context.Context, by forewarn.Caller, id uuid.UUID) error {
			_, err := s.Close(ctx, by, techcase.Close{Case: id, Notes: "done"})
			return err
		},
		"Cancel": func(ctx context.Context, by forewarn.Caller, id uuid.UUID) error {
			_, err := s.Cancel(ctx, by, techcase.Cancel{Case: id})
			return err
		},
		"Fire": func(ctx context.Context, by forewarn.Caller, id uuid.UUID) error {
			_, err := s.Fire(ctx, by, techcase.Fire{Case: id, On: "Kick"})
			return err
		},
		"Comment": func(ctx context.Context, by forewarn.Caller, id uuid.UUID) error {
			_, err := s.Comment(ctx, by, techcase.Comment{Case: id, Text: "hello"})
			return err
		},
		"WorkNote": func(ctx context.Context, by forewarn.Caller, id uuid.UUID) error {
			_, err := s.WorkNote(ctx, by, techcase.WorkNote{Case: id, Text: "hello"})
			return err
		},
		"Update": func(ctx context.Context, by forewarn.Caller, id uuid.UUID) error {
			_, err := s.Update(ctx, by, techcase.Update{Case: id, StepsToReproduce: text("push"), Blocked: &yes})
			return err
		},
		"Assign": func(ctx context.Context, by forewarn.Caller, id uuid.UUID) error {
			_, err := s.Assign(ctx, by, techcase.Assign{Case: id, Assignee: text("")})
			return err
		},
		"ClearNeedsAttention": func(ctx context.Context, by forewarn.Caller, id uuid.UUID) error {
			_, err := s.ClearNeedsAttention(ctx, by, techcase.ClearNeedsAttention{Case: id})
			return err
		},
		"Escalate": func(ctx context.Context, by forewarn.Caller, id uuid.UUID) error {
			_, err := s.Escalate(ctx, by, techcase.Escalate{Case: id, Severity: techcase.EscalationHigh, Reason: "x"})
			return err
		},
		"EndEscalation": func(ctx context.Context, by forewarn.Caller, id uuid.UUID) error {
			_, err := s.EndEscalation(ctx, by, techcase.EndEscalation{Case: id})
			return err
		},
		"ProposeMajor": func(ctx context.Context, by forewarn.Caller, id uuid.UUID) error {
			_, err := s.ProposeMajor(ctx, by, techcase.ProposeMajor{Case: id})
			return err
		},
		"ApproveMajor": func(ctx context.Context, by forewarn.Caller, id uuid.UUID) error {
			_, err := s.ApproveMajor(ctx, by, techcase.ApproveMajor{Case: id})
			return err
		},
		"RejectMajor": func(ctx context.Context, by forewarn.Caller, id uuid.UUID) error {
			_, err := s.RejectMajor(ctx, by, techcase.RejectMajor{Case: id})
			return err
		},
		"AddChild": func(ctx context.Context, by forewarn.Caller, id uuid.UUID) error {
			_, err := s.AddChild(ctx, by, techcase.AddChild{Major: id, Case: id})
			return err
		},
		"RemoveChild": func(ctx context.Context, by forewarn.Caller, id uuid.UUID) error {
			_, err := s.RemoveChild(ctx, by, techcase.RemoveChild{Case: id})
			return err
		},
		"AddImpacted": func(ctx context.Context, by forewarn.Caller, id uuid.UUID) error {
			_, err := s.AddImpacted(ctx, by, techcase.AddImpacted{Major: id, Accounts: []string{"boxeo"}})
			return err
		},
		"RemoveImpacted": func(ctx context.Context, by forewarn.Caller, id uuid.UUID) error {
			_, err := s.RemoveImpacted(ctx, by, techcase.RemoveImpacted{Major: id, Accounts: []string{"boxeo"}})
			return err
		},
		"ResolveMajor": func(ctx context.Context, by forewarn.Caller, id uuid.UUID) error {
			_, err := s.ResolveMajor(ctx, by, techcase.ResolveMajor{Case: id, ResolutionCode: "Fixed", Notes: "done"})
			return err
		},
	}
}

// Covers: TECH-009, TECH-010, TECH-019
func TestClosedAndCancelledAreReadOnly(t *testing.T) {
	r := newRig(t)
	closed := do(r.cases.Close(r.ctx, agent, techcase.Close{Case: r.opened().ID, Notes: "done"}))(t)
	cancelled := do(r.cases.Cancel(r.ctx, agent, techcase.Cancel{Case: r.opened().ID}))(t)
	for _, c := range []techcase.Case{closed, cancelled} {
		activities := len(r.activities(c.ID))
		for name, change := range r.mutations() {
			err := change(r.ctx, admin, c.ID)
			want := forewarn.ErrRefused
			if name == "Fire" {
				want = forewarn.ErrInvalid // there is no such trigger in any state
			}
			if !errors.Is(err, want) {
				t.Errorf("%s of a case in %s: %v", name, c.State, err)
			}
		}
		r.in(func(u *forewarn.Unit) error {
			if _, err := r.cases.Book().Comment(u, ticket.CaseComment{Case: c.ID, Entry: ticket.Comment, Text: "x"}); !errors.Is(err, forewarn.ErrRefused) {
				t.Errorf("the book has commented a case in %s: %v", c.State, err)
			}
			given := ticket.Resolution{Code: "other", Notes: "other"}
			return errors.Join(r.cases.Book().Resolve(u, c.ID, given), r.cases.Book().Describe(u, c.ID, given))
		})
		if got := r.get(c.ID); !reflect.DeepEqual(got, c) || len(r.activities(c.ID)) != activities {
			t.Errorf("changed to %+v", got)
		}
	}
}

func TestWhatIsNotThere(t *testing.T) {
	r := newRig(t)
	nobody := uuid.MustParse("00000000-0000-4000-8000-0000000000dd")
	for name, change := range r.mutations() {
		if err := change(r.ctx, admin, nobody); !errors.Is(err, forewarn.ErrNotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
	other := forewarn.Actor{Tenant: "other", ID: "adam", Roles: []string{forewarn.RoleAdmin}}
	c := r.opened()
	for name, change := range r.mutations() {
		if err := change(r.ctx, other, c.ID); !errors.Is(err, forewarn.ErrNotFound) {
			t.Errorf("%s of another tenant's case: %v", name, err)
		}
	}
}

// A repeat under a request id changes nothing and answers the same.
func TestARepeatedRequest(t *testing.T) {
	r := newRig(t)
	first := do(r.cases.Create(r.ctx, agent.Once("1"), techcase.Create{ShortDescription: "No signal", Contact: "jane", Submit: true}))(t)
	again := do(r.cases.Create(r.ctx, agent.Once("1"), techcase.Create{ShortDescription: "No signal", Contact: "jane", Submit: true}))(t)
	if !reflect.DeepEqual(first, again) || len(r.mails(first.ID)) != 1 || len(r.events(first.ID)) != 1 {
		t.Errorf("%+v\n%+v", first, again)
	}
	a := do(r.cases.Comment(r.ctx, customer.Once("2"), techcase.Comment{Case: first.ID, Text: "hello"}))(t)
	b := do(r.cases.Comment(r.ctx, customer.Once("2"), techcase.Comment{Case: first.ID, Text: "hello"}))(t)
	if !reflect.DeepEqual(a, b) || len(r.activities(first.ID)) != 1 {
		t.Errorf("%+v\n%+v", a, b)
	}
}
