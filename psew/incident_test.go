package psew_test

import (
	"encoding/json"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/psew"
	"github.com/forewarn-go/forewarn/ticket"
)

// Covers: PSEW-012, PSEW-013, PSEW-019, APIN-031
func TestOpenKeepsEveryField(t *testing.T) {
	d := newDesk(t, deskConfig{})
	for _, channel := range psew.Channels() {
		cmd := psew.Open{ShortDescription: "short", Description: "long", Company: "c", Caller: "k", Location: "l", Channel: channel, Impact: 2, Urgency: 1,
			Service: "s", ServiceOffering: "o", CI: "Vmanage_10001", Group: psew.NetworkCoordinators, Assignee: "cora", Category: "SD-WAN", Custom: ticket.Custom{"x": json.RawMessage(`1`)}}
		i := must[psew.Incident](d)(d.incidents.Open(d.ctx, cora, cmd))
		i = d.get(i.ID)
		if i.ShortDescription != "short" || i.Description != "long" || i.Company != "c" || i.Caller != "k" || i.Location != "l" || i.Channel != channel ||
			i.Impact != 2 || i.Urgency != 1 || i.Priority != psew.High || i.Service != "s" || i.ServiceOffering != "o" || i.CI != "Vmanage_10001" ||
			i.Group != psew.NetworkCoordinators || i.Assignee != "cora" || i.Category != psew.SDWAN || string(i.Custom["x"]) != "1" || i.Proactive {
			t.Errorf("got %+v", i)
		}
		if !strings.HasPrefix(i.Number, "INC") || len(i.Number) != 10 || i.OpenedBy != "cora" || i.Opened.IsZero() {
			t.Errorf("number %q, opened by %q", i.Number, i.OpenedBy)
		}
	}
}

// Covers: PSEW-019, APIN-031, SEC-003
func TestReportOfAnOutsideSystem(t *testing.T) {
	d := newDesk(t, deskConfig{})
	cmd := psew.Report{Description: "Vmanage_10001 failed to restart after a change was implemented.\nmore", Severity: "Critical", TicketType: "incident",
		ExternalID: "x-1", CI: "Vmanage_10001", Category: "SD WAN", Subcategory: "Protocol Failure", Notes: []string{"first seen at 8"}}
	for _, by := range []forewarn.Actor{cora, nobody, customerOf(account(0))} {
		if _, err := d.incidents.Report(d.ctx, by, cmd); err == nil {
			t.Errorf("%s may report", by.ID)
		}
	}
	i := must[psew.Incident](d)(d.incidents.Report(d.ctx, monitoring, cmd))
	if i.ShortDescription != "Vmanage_10001 failed to restart after a change was implemented." || i.Channel != psew.Monitoring || !i.Proactive || i.Priority != psew.Critical ||
		i.Impact != 1 || i.Urgency != 1 || i.Severity != "Critical" || i.TicketType != "incident" || i.ExternalID != "x-1" || i.Stage != psew.StageTriage {
		t.Errorf("got %+v", i)
	}
	by := must[psew.Incident](d)(d.incidents.Open(d.ctx, cora, psew.Open{ShortDescription: "the same by hand", CI: "Vmanage_10001", Category: "SD-WAN", Subcategory: "Protocol failure"}))
	if by.Stage != i.Stage || by.Group != i.Group || by.State != i.State {
		t.Errorf("by hand: %+v", by)
	}
	for name, c := range map[string]struct {
		change func(*psew.Report)
		field  string
	}{
		"no description":      {func(r *psew.Report) { r.Description = " " }, "description"},
		"no severity":         {func(r *psew.Report) { r.Severity = "" }, "severity"},
		"no type":             {func(r *psew.Report) { r.TicketType = "" }, "ticketType"},
		"unknown CI":          {func(r *psew.Report) { r.CI = "nothing" }, "ci"},
		"unknown category":    {func(r *psew.Report) { r.Category = "Fibre" }, "category"},
		"unknown subcategory": {func(r *psew.Report) { r.Subcategory = "Fibre" }, "subcategory"},
		"sub without":         {func(r *psew.Report) { r.Category = "" }, "category"},
		"bad text":            {func(r *psew.Report) { r.ExternalID = "\xff" }, "externalId"},
	} {
		t.Run(name, func(t *testing.T) {
			bad := cmd
			c.change(&bad)
			_, err := d.incidents.Report(d.ctx, monitoring, bad)
			d.refused(err, forewarn.ErrInvalid, c.field)
		})
	}
	page := must[forewarn.Page[psew.Incident]](d)(d.incidents.ListIncidents(d.ctx, cora, psew.ListIncidents{}))
	if len(page.Items) != 2 {
		t.Errorf("refused reports left %d incidents", len(page.Items)-2)
	}
}

// Covers: PSEW-014, PSEW-021
func TestPriority(t *testing.T) {
	m := psew.DefaultMatrix()
	if err := m.Check(); err != nil {
		t.Fatal(err)
	}
	labels := map[psew.Priority]string{psew.Critical: "1-Critical", psew.High: "2-High", psew.Moderate: "3-Moderate", psew.Low: "4-Low", psew.Planning: "5-Planning"}
	for p, label := range labels {
		if p.String() != label {
			t.Errorf("%d is %q, want %q", int(p), p, label)
		}
		impact, urgency := m.Pair(p)
		if got, _ := m.Of(impact, urgency); got != p {
			t.Errorf("the pair of %s gives %s", p, got)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.IntRange(1, 3).Draw(t, "impact"), rapid.IntRange(1, 3).Draw(t, "urgency")
		p, err := m.Of(a, b)
		if err != nil {
			t.Fatal(err)
		}
		if a < 3 {
			if q, _ := m.Of(a+1, b); q < p {
				t.Fatalf("a smaller impact raises %s to %s", p, q)
			}
		}
		if b < 3 {
			if q, _ := m.Of(a, b+1); q < p {
				t.Fatalf("a smaller urgency raises %s to %s", p, q)
			}
		}
	})
	for _, bad := range [][2]int{{0, 1}, {4, 1}, {1, 0}, {1, 4}} {
		if _, err := m.Of(bad[0], bad[1]); err == nil {
			t.Errorf("impact %d and urgency %d have a priority", bad[0], bad[1])
		}
	}
	broken := m
	broken[2][2] = psew.Critical
	if broken.Check() == nil {
		t.Error("a matrix that rises passes")
	}
	for s, want := range map[string]psew.Priority{"1": 1, "critical": 1, "Major": 2, "HIGH": 2, "minor": 3, "Medium": 3, "moderate": 3, "4": 4, "Low": 4, "5": 5, "Planning": 5, "": 4, "odd": 4, "1-Critical": 1, "1 - Critical": 1, "2 - high": 2, "5-Planning": 5, "1 - low": 4} {
		if got := psew.ParseSeverity(s); got != want {
			t.Errorf("severity %q is %s, want %s", s, got, want)
		}
	}
}

// Covers: PSEW-017, PSEW-018, C-45
func TestCategories(t *testing.T) {
	c := psew.DefaultCategories()
	for _, in := range [][2]string{{"SD-WAN", "Link failure"}, {"SD WAN", "Link Failure"}, {"sdwan", "LINK-FAILURE"}} {
		category, sub, err := c.Parse(in[0], in[1])
		if err != nil || category != psew.SDWAN || sub != psew.LinkFailure {
			t.Errorf("%q: %q %q %v", in, category, sub, err)
		}
	}
	if len(c[psew.SDWAN]) != 5 {
		t.Errorf("%d subcategories", len(c[psew.SDWAN]))
	}
	for s, want := range map[string]psew.Stage{"": psew.NoStage, "L1 Investigation": psew.StageL1, "l2": psew.StageL2, "triage": psew.StageTriage, "Resolution": psew.StageResolution} {
		if got, err := psew.ParseStage(s); err != nil || got != want {
			t.Errorf("stage %q: %q %v", s, got, err)
		}
	}
	if _, err := psew.ParseStage("L4"); err == nil {
		t.Error("L4 is a stage")
	}
}

// Covers: PSEW-015, PSEW-030, PSEW-031, PSEW-032, PSEW-047, C-19
func TestTheOpenTaskFollows(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		d := newDesk(rt, deskConfig{accounts: 1})
		i := d.opened("link failure")
		i = must[psew.Incident](d)(d.incidents.Escalate(d.ctx, cora, psew.Escalate{Incident: i.ID, Note: "up"}))
		closed := d.tasks(i.ID)[0]
		people := map[string]string{psew.NetworkCoordinators: "cora", psew.L1NetworkEngineering: "liam", psew.L2NetworkEngineering: "noa"}
		for range rapid.IntRange(1, 6).Draw(rt, "changes") {
			before := d.get(i.ID)
			cmd := psew.Update{Incident: i.ID}
			switch rapid.IntRange(0, 3).Draw(rt, "change") {
			case 0:
				text := rapid.StringMatching(`[a-z]{1,8}`).Draw(rt, "text")
				cmd.ShortDescription = &text
			case 1:
				n := rapid.IntRange(1, 3).Draw(rt, "impact")
				cmd.Impact = &n
			case 2:
				group := rapid.SampledFrom([]string{psew.NetworkCoordinators, psew.L1NetworkEngineering, psew.L2NetworkEngineering}).Draw(rt, "group")
				cmd.Group = &group
			case 3:
				who := people[before.Group]
				cmd.Assignee = &who
			}
			after := must[psew.Incident](d)(d.incidents.Update(d.ctx, admin, cmd))
			if after.Group != before.Group && after.Assignee != "" {
				rt.Fatalf("another group and still assigned to %q", after.Assignee)
			}
			if after.Stage != before.Stage {
				rt.Fatalf("an update by hand moved the stage to %q", after.Stage)
			}
			tasks := d.tasks(i.ID)
			task := tasks[len(tasks)-1]
			if task.ShortDescription != after.ShortDescription || task.Priority != after.Priority || task.Group != after.Group || task.Assignee != after.Assignee ||
				task.State != psew.TaskStateOf(after.State) {
				rt.Fatalf("the open task does not follow: %+v of %+v", task, after)
			}
			if tasks[0].Version != closed.Version {
				rt.Fatalf("a closed task has changed: %+v", tasks[0])
			}
		}
	})
}

// Covers: PSEW-015, PSEW-023, PSEW-052
func TestUpdate(t *testing.T) {
	d := newDesk(t, deskConfig{})
	i := d.opened("link failure")
	s := func(v string) *string { return &v }
	n := func(v int) *int { return &v }
	for name, c := range map[string]struct {
		cmd   psew.Update
		kind  error
		field string
	}{
		"no short description": {psew.Update{ShortDescription: s(" ")}, forewarn.ErrInvalid, "shortDescription"},
		"unknown CI":           {psew.Update{CI: s("nothing")}, forewarn.ErrInvalid, "ci"},
		"wrong pair":           {psew.Update{Subcategory: s("Fibre")}, forewarn.ErrInvalid, "subcategory"},
		"impact":               {psew.Update{Impact: n(9)}, forewarn.ErrInvalid, "impact"},
		"no such group":        {psew.Update{Group: s("Nobody")}, forewarn.ErrInvalid, "assignmentGroup"},
		"not in the group":     {psew.Update{Assignee: s("noa")}, forewarn.ErrInvalid, "assignedTo"},
		"too long":             {psew.Update{Cause: s(strings.Repeat("x", 5000))}, forewarn.ErrInvalid, "cause"},
		"stale":                {psew.Update{Expect: 7, Cause: s("x")}, forewarn.ErrStale, ""},
	} {
		t.Run(name, func(t *testing.T) {
			c.cmd.Incident = i.ID
			_, err := d.incidents.Update(d.ctx, cora, c.cmd)
			d.refused(err, c.kind, c.field)
			if again := d.get(i.ID); again.Version != i.Version {
				t.Error("a refused update changed the incident")
			}
		})
	}
	i = must[psew.Incident](d)(d.incidents.Update(d.ctx, cora, psew.Update{Incident: i.ID, Cause: s("a loose plug"), Custom: ticket.Custom{"a": json.RawMessage(`"b"`)}}))
	if again := d.get(i.ID); again.Cause != "a loose plug" || string(again.Custom["a"]) != `"b"` {
		t.Errorf("got %+v", again)
	}
	i = must[psew.Incident](d)(d.incidents.Update(d.ctx, cora, psew.Update{Incident: i.ID, Custom: ticket.Custom{"a": json.RawMessage(`null`)}}))
	if len(i.Custom) != 0 {
		t.Errorf("custom: %v", i.Custom)
	}
	must[psew.Incident](d)(d.incidents.Cancel(d.ctx, cora, psew.Cancel{Incident: i.ID, Note: "no"}))
	_, err := d.incidents.Update(d.ctx, cora, psew.Update{Incident: i.ID, Cause: s("x")})
	d.refused(err, forewarn.ErrRefused, "state")
}

// Covers: PSEW-022, PSEW-024, PSEW-129, LIB-005
func TestStatesStayInTheTable(t *testing.T) {
	edges := map[psew.State]map[psew.State]bool{
		psew.StateNew:        {psew.StateInProgress: true, psew.StateOnHold: true, psew.StateResolved: true, psew.StateCancelled: true},
		psew.StateInProgress: {psew.StateOnHold: true, psew.StateResolved: true, psew.StateCancelled: true},
		psew.StateOnHold:     {psew.StateInProgress: true, psew.StateResolved: true, psew.StateCancelled: true},
		psew.StateResolved:   {psew.StateClosed: true, psew.StateInProgress: true},
	}
	rapid.Check(t, func(rt *rapid.T) {
		d := newDesk(rt, deskConfig{accounts: 1})
		i := d.opened("software failure")
		for range rapid.IntRange(1, 10).Draw(rt, "steps") {
			before := d.get(i.ID)
			var err error
			switch step := rapid.SampledFrom([]string{"begin", "hold", "resume", "resolve", "bare resolve", "cancel", "close", "reopen", "escalate"}).Draw(rt, "step"); step {
			case "begin":
				_, err = d.incidents.Begin(d.ctx, admin, psew.Begin{Incident: i.ID})
			case "hold":
				_, err = d.incidents.Hold(d.ctx, admin, psew.Hold{Incident: i.ID, Reason: rapid.SampledFrom([]psew.HoldReason{psew.AwaitingCaller, psew.AwaitingChange, psew.AwaitingProblem, psew.AwaitingVendor}).Draw(rt, "reason")})
			case "resume":
				_, err = d.incidents.Resume(d.ctx, admin, psew.Resume{Incident: i.ID})
			case "resolve":
				_, err = d.incidents.Resolve(d.ctx, admin, psew.Resolve{Incident: i.ID, Code: "Solved", Notes: "done"})
			case "bare resolve":
				_, err = d.incidents.Resolve(d.ctx, admin, psew.Resolve{Incident: i.ID, Code: rapid.SampledFrom([]string{"", "Solved"}).Draw(rt, "code")})
				if err == nil {
					rt.Fatal("resolved without notes")
				}
			case "cancel":
				_, err = d.incidents.Cancel(d.ctx, admin, psew.Cancel{Incident: i.ID, Note: "no"})
			case "close":
				_, err = d.incidents.Close(d.ctx, admin, psew.Close{Incident: i.ID})
			case "reopen":
				_, err = d.incidents.Reopen(d.ctx, admin, psew.Reopen{Incident: i.ID, Note: "again"})
			case "escalate":
				_, err = d.incidents.Escalate(d.ctx, admin, psew.Escalate{Incident: i.ID, Note: "up"})
			}
			after := d.get(i.ID)
			if err != nil && after.Version != before.Version {
				rt.Fatalf("a refused step changed the incident: %v", err)
			}
			if after.State != before.State && !edges[before.State][after.State] {
				rt.Fatalf("from %s to %s", before.State, after.State)
			}
			if (after.Stage == psew.StageResolution) != (after.State == psew.StateResolved || after.State == psew.StateClosed) {
				rt.Fatalf("%s at stage %q", after.State, after.Stage)
			}
			if (after.HoldReason != "") != (after.State == psew.StateOnHold) {
				rt.Fatalf("%s for %q", after.State, after.HoldReason)
			}
			open := 0
			for _, task := range d.tasks(i.ID) {
				if !task.State.Done() {
					open++
					if after.OpenTask == nil || task.ID != *after.OpenTask || task.State != psew.TaskStateOf(after.State) || task.Stage != after.Stage {
						rt.Fatalf("open task %+v of %+v", task, after)
					}
				}
			}
			if want := after.State.Active(); (open == 1) != want || open > 1 {
				rt.Fatalf("%d open tasks while %s", open, after.State)
			}
		}
	})
}

// Covers: PSEW-016, SEC-020, SEC-024, SEC-021
func TestWhoReads(t *testing.T) {
	d := newDesk(t, deskConfig{})
	i := d.opened("link failure")
	must[ticket.Activity](d)(d.incidents.AddWorkNote(d.ctx, cora, psew.AddWorkNote{Incident: i.ID, Text: "internal"}))
	must[ticket.Activity](d)(d.incidents.Comment(d.ctx, cora, psew.Comment{Incident: i.ID, Text: "public"}))
	public := must[forewarn.Page[ticket.Activity]](d)(d.incidents.Activities(d.ctx, cora, psew.Activities{Incident: i.ID, Public: true}))
	if len(public.Items) != 1 || public.Items[0].Text != "public" {
		t.Errorf("public: %+v", public.Items)
	}
	stranger := forewarn.Actor{Tenant: "other", ID: "cora", Roles: []string{forewarn.RoleAdmin}}
	for _, by := range []forewarn.Actor{customerOf(account(0)), stranger} {
		_, err := d.incidents.Get(d.ctx, by, psew.Get{Incident: i.ID})
		d.refused(err, forewarn.ErrNotFound, "")
		_, err = d.incidents.Activities(d.ctx, by, psew.Activities{Incident: i.ID})
		d.refused(err, forewarn.ErrNotFound, "")
		_, err = d.incidents.Escalate(d.ctx, by, psew.Escalate{Incident: i.ID, Note: "x"})
		d.refused(err, forewarn.ErrNotFound, "")
		page, err := d.incidents.ListIncidents(d.ctx, by, psew.ListIncidents{})
		if err == nil && len(page.Items) > 0 {
			t.Errorf("%s of %s lists %d incidents", by.ID, by.Tenant, len(page.Items))
		}
	}
	_, err := d.incidents.Get(d.ctx, nobody, psew.Get{Incident: i.ID})
	d.refused(err, forewarn.ErrForbidden, "")
}

// Covers: PSEW-022, PSEW-021
func TestLists(t *testing.T) {
	d := newDesk(t, deskConfig{})
	first := d.opened("link failure")
	second := must[psew.Incident](d)(d.incidents.Open(d.ctx, cora, psew.Open{ShortDescription: "Something else", Group: psew.NetworkCoordinators, Assignee: "cora"}))
	third := d.opened("device failure")
	must[psew.Incident](d)(d.incidents.Cancel(d.ctx, cora, psew.Cancel{Incident: third.ID, Note: "no"}))
	for name, c := range map[string]struct {
		q    psew.ListIncidents
		want []psew.Incident
	}{
		"all":      {psew.ListIncidents{}, []psew.Incident{third, second, first}},
		"open":     {psew.ListIncidents{Filter: psew.OpenIncidents}, []psew.Incident{second, first}},
		"mine":     {psew.ListIncidents{Filter: psew.AssignedToMe}, []psew.Incident{second}},
		"group":    {psew.ListIncidents{Filter: psew.OfGroup, Text: psew.NetworkCoordinators}, []psew.Incident{second, first}},
		"ci":       {psew.ListIncidents{Filter: psew.OnCI, Text: "Vmanage_10001"}, []psew.Incident{third, first}},
		"number":   {psew.ListIncidents{Filter: psew.ByNumber, Text: second.Number}, []psew.Incident{second}},
		"words":    {psew.ListIncidents{Filter: psew.ByWords, Text: "something"}, []psew.Incident{second}},
		"external": {psew.ListIncidents{Filter: psew.ByExternalID, Text: "none"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			page := must[forewarn.Page[psew.Incident]](d)(d.incidents.ListIncidents(d.ctx, cora, c.q))
			if len(page.Items) != len(c.want) {
				t.Fatalf("%d incidents, want %d", len(page.Items), len(c.want))
			}
			for n := range c.want {
				if page.Items[n].ID != c.want[n].ID {
					t.Errorf("at %d: %s", n, page.Items[n].Number)
				}
			}
		})
	}
	_, err := d.incidents.ListIncidents(d.ctx, cora, psew.ListIncidents{Filter: "odd"})
	d.refused(err, forewarn.ErrInvalid, "filter")
}
