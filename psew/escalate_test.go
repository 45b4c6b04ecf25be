package psew_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/psew"
	"github.com/forewarn-go/forewarn/ticket"
)

// Covers: DEC-001, DEC-002..DEC-016, DEC-017, DEC-019, DEC-027, PSEW-006, PSEW-026, C-04, C-05, C-06, C-45
func TestPolicyRows(t *testing.T) {
	group := map[string]string{"Triage": "Network Coordinators", "L1": "L1 Network Engineering", "L2": "L2 Network Engineering", "L3": "L3 Network Engineering"}
	rows := []struct{ subcategory, stage, level, flow string }{ // as the sources show them, then the six derived ones
		{"Software failure", "", "Triage", "Network Initiated Software Failure - Triage"},
		{"Protocol failure", "L1 Investigation", "L2", "Network Initiated Protocol Failure - L2"},
		{"Link failure", "", "Triage", "Network Initiated Link Failure - Triage"},
		{"Device failure", "L1 Investigation", "L2", "Network Initiated Device Failure - L2"},
		{"Link failure", "Triage", "L1", "Network Initiated Link Failure - L1"},
		{"Protocol failure", "L2 Investigation", "L3", "Network Initiated Protocol Failure - L3"},
		{"Device failure", "Triage", "L1", "Network Initiated Device Failure - L1"},
		{"Software failure", "Triage", "L1", "Network Initiated Software Failure - L1"},
		{"Software failure", "L2 Investigation", "L3", "Network Initiated Software Failure - L3"},
		{"Soft-WAN link failure", "", "Triage", "Network Initiated Soft-WAN Link Failure - Triage"},
		{"Protocol failure", "Triage", "L1", "Network Initiated Protocol Failure - L1"},
		{"Software failure", "L1 Investigation", "L2", "Network Initiated Software Failure - L2"},
		{"Device failure", "L2 Investigation", "L3", "Network Initiated Device Failure - L3"},
		{"Soft-WAN link failure", "L1 Investigation", "L2", "Network Initiated Soft-WAN Link Failure - L2"},
		{"Protocol failure", "", "Triage", "Network Initiated Protocol Failure - Triage"},
		{"Device failure", "", "Triage", "Network Initiated Device Failure - Triage"},
		{"Link failure", "L1 Investigation", "L2", "Network Initiated Link Failure - L2"},
		{"Link failure", "L2 Investigation", "L3", "Network Initiated Link Failure - L3"},
		{"Soft-WAN link failure", "Triage", "L1", "Network Initiated Soft-WAN Link Failure - L1"},
		{"Soft-WAN link failure", "L2 Investigation", "L3", "Network Initiated Soft-WAN Link Failure - L3"},
	}
	table, flows := psew.DefaultTable(), psew.DefaultFlows()
	if err := table.Check(psew.DefaultCategories(), flows); err != nil {
		t.Fatal(err)
	}
	if len(table.Rules) != 20 || len(rows) != 20 {
		t.Fatalf("the table has %d rows, want 20", len(table.Rules))
	}
	for n, want := range rows {
		row, rule := table.Match("SD WAN", strings.ToUpper(want.subcategory), want.stage)
		if row != n+1 || rule.Group != group[want.level] || rule.Flow != want.flow {
			t.Errorf("row %d: got row %d, %+v", n+1, row, rule)
		}
		if derived := rule.Origin == "derived"; derived != (n >= 14) {
			t.Errorf("row %d: origin %q", n+1, rule.Origin)
		}
		sub, ok := flows.Subflow(rule.Flow)
		if !ok || sub.Stage.Short() != want.level {
			t.Errorf("row %d: flow %q declares stage %q, want %s", n+1, rule.Flow, sub.Stage, want.level)
		}
	}
	// each subcategory and stage has exactly one row, and an empty stage is no wildcard
	for _, sub := range psew.DefaultCategories()[psew.SDWAN] {
		for _, stage := range []psew.Stage{psew.NoStage, psew.StageTriage, psew.StageL1, psew.StageL2, psew.StageL3, psew.StageResolution} {
			fits := 0
			for _, r := range table.Rules {
				if one := (psew.Table{Rules: []psew.Rule{r}}); match(one, sub, stage) {
					fits++
				}
			}
			want := 1
			if stage == psew.StageL3 || stage == psew.StageResolution {
				want = 0
			}
			if fits != want {
				t.Errorf("%s at %q: %d rows fit, want %d", sub, stage, fits, want)
			}
		}
	}
}

func match(t psew.Table, sub psew.Subcategory, stage psew.Stage) bool {
	n, _ := t.Match(string(psew.SDWAN), string(sub), string(stage))
	return n > 0
}

// Covers: DEC-017
func TestPolicyCheck(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*psew.Table)
		field  string
	}{
		"no rule":             {func(p *psew.Table) { p.Rules = nil }, "policy.rules"},
		"two rows fit":        {func(p *psew.Table) { p.Rules[1].Subcategory, p.Rules[1].Stage = "software FAILURE", "" }, "policy.rules[2]"},
		"unknown category":    {func(p *psew.Table) { p.Rules[3].Category = "Fibre" }, "policy.rules[4].category"},
		"unknown subcategory": {func(p *psew.Table) { p.Rules[3].Subcategory = "Fibre" }, "policy.rules[4].subcategory"},
		"unknown stage":       {func(p *psew.Table) { p.Rules[3].Stage = "L9" }, "policy.rules[4].stage"},
		"unknown flow":        {func(p *psew.Table) { p.Rules[3].Flow = "none" }, "policy.rules[4].flow"},
		"no group":            {func(p *psew.Table) { p.Rules[3].Group = "" }, "policy.rules[4].assignmentGroup"},
		"leads to Resolution": {func(p *psew.Table) { p.Rules[0].Flow = "Network Initiated Link Failure - Resolution" }, "policy.rules[1].flow"},
		"other hit policy":    {func(p *psew.Table) { p.HitPolicy = "ANY" }, "policy.hitPolicy"},
	} {
		t.Run(name, func(t *testing.T) {
			table := psew.DefaultTable()
			c.change(&table)
			err := table.Check(psew.DefaultCategories(), psew.DefaultFlows())
			var e *forewarn.Error
			if !errors.As(err, &e) || !errors.Is(err, forewarn.ErrInvalid) || e.Field != c.field || e.Rule == "" {
				t.Errorf("got %v, want field %q", err, c.field)
			}
		})
	}
}

// Covers: PSEW-020, PSEW-027, PSEW-028, PSEW-029, PSEW-128, C-07
func TestEntryDecision(t *testing.T) {
	d := newDesk(t, deskConfig{})
	i := d.opened("link failure")
	if i.State != psew.StateNew || i.Stage != psew.StageTriage || i.Group != psew.NetworkCoordinators || !i.NeedsAttention || !i.Triggered || i.Assignee != "" {
		t.Errorf("after the entry decision: %+v", i)
	}
	tasks := d.tasks(i.ID)
	if len(tasks) != 1 || tasks[0].State != psew.TaskOpen || tasks[0].Stage != psew.StageTriage || tasks[0].Group != psew.NetworkCoordinators || tasks[0].ID != *i.OpenTask {
		t.Errorf("tasks: %+v", tasks)
	}
	stream := d.stream(i.ID)
	want := psew.DefaultMessages()[psew.MessageKey(psew.SDWAN, psew.LinkFailure, psew.StageTriage)]
	if len(stream) != 1 || stream[0].Entry != ticket.WorkNote || stream[0].Text != want || stream[0].Event != "escalated" {
		t.Errorf("stream: %+v", stream)
	}
	// no other category enters the workflow, not even when it changes later
	other := must[psew.Incident](d)(d.incidents.Open(d.ctx, cora, psew.Open{ShortDescription: "a question"}))
	if other.Stage != psew.NoStage || other.Triggered || other.OpenTask != nil {
		t.Errorf("without category: %+v", other)
	}
	category, sub := "sd wan", "Device Failure"
	other = must[psew.Incident](d)(d.incidents.Update(d.ctx, cora, psew.Update{Incident: other.ID, Category: &category, Subcategory: &sub}))
	if other.Stage != psew.NoStage || other.Triggered || other.Category != psew.SDWAN || other.Subcategory != psew.DeviceFailure {
		t.Errorf("after the update: %+v", other)
	}
	// it enters by its first Escalate
	other = must[psew.Incident](d)(d.incidents.Escalate(d.ctx, cora, psew.Escalate{Incident: other.ID, Note: "it is a fault"}))
	if other.Stage != psew.StageTriage || !other.Triggered || other.State != psew.StateInProgress {
		t.Errorf("after the first escalation: %+v", other)
	}
}

// Covers: PSEW-041..PSEW-048, PSEW-050, PSEW-038, PSEW-129, DEC-024, C-44, C-52
func TestEscalateToTheTop(t *testing.T) {
	d := newDesk(t, deskConfig{})
	i := d.opened("Protocol Failure")
	d.refusedFor(i, psew.Escalate{Incident: i.ID}, cora, forewarn.ErrInvalid, "note")
	d.refusedFor(i, psew.Escalate{Incident: i.ID, Note: " \n"}, cora, forewarn.ErrInvalid, "note")
	d.refusedFor(i, psew.Escalate{Incident: i.ID, Note: "up"}, nobody, forewarn.ErrForbidden, "")
	d.refusedFor(i, psew.Escalate{Incident: i.ID, Note: "up", Expect: 1}, cora, forewarn.ErrStale, "")
	levels := []struct {
		by    forewarn.Actor
		stage psew.Stage
		group string
	}{{cora, psew.StageL1, psew.L1NetworkEngineering}, {liam, psew.StageL2, psew.L2NetworkEngineering}, {noa, psew.StageL3, psew.L3NetworkEngineering}}
	for n, level := range levels {
		before := i
		why := must[psew.Explanation](d)(d.incidents.WhyLevel(d.ctx, cora, psew.WhyLevel{Incident: i.ID}))
		if why.Next != level.stage || why.Group != level.group || why.Why.Row == 0 || !strings.Contains(why.Text, level.group) {
			t.Errorf("why: %+v", why)
		}
		i = must[psew.Incident](d)(d.incidents.Escalate(d.ctx, level.by, psew.Escalate{Incident: i.ID, Expect: i.Version, Note: fmt.Sprint("note ", n)}))
		if i.Stage != level.stage || i.Group != level.group || !i.NeedsAttention || i.State != psew.StateInProgress || i.Assignee != "" {
			t.Errorf("escalation %d: %+v", n, i)
		}
		tasks := d.tasks(i.ID)
		if len(tasks) != n+2 {
			t.Fatalf("escalation %d: %d tasks", n, len(tasks))
		}
		for m, task := range tasks {
			want := psew.TaskClosedComplete
			if m == n+1 {
				want = psew.TaskInProgress
			}
			if task.State != want {
				t.Errorf("escalation %d: task %d is %s, want %s", n, m, task.State, want)
			}
		}
		if last := tasks[n+1]; last.Group != level.group || last.Stage != level.stage || last.ID != *i.OpenTask || *before.OpenTask == last.ID {
			t.Errorf("escalation %d: new task %+v", n, last)
		}
		stream := d.stream(i.ID)
		note, instructions := stream[len(stream)-2], stream[len(stream)-1]
		if note.Text != fmt.Sprint("note ", n) || note.Entry != ticket.WorkNote || note.By != level.by.ID {
			t.Errorf("escalation %d: note %+v", n, note)
		}
		if instructions.Text != psew.DefaultMessages()[psew.MessageKey(psew.SDWAN, psew.ProtocolFailure, level.stage)] || instructions.Entry != ticket.WorkNote {
			t.Errorf("escalation %d: instructions %+v", n, instructions)
		}
	}
	// past L3 there is no row, and nothing changes
	_, err := d.incidents.Escalate(d.ctx, noa, psew.Escalate{Incident: i.ID, Note: "further"})
	d.refused(err, forewarn.ErrRefused, "stage")
	if !errors.Is(err, psew.ErrNoPath) {
		t.Errorf("got %v, want ErrNoPath", err)
	}
	if again := d.get(i.ID); again.Version != i.Version {
		t.Errorf("a refused escalation changed the incident: %+v", again)
	}
	if why := must[psew.Explanation](d)(d.incidents.WhyLevel(d.ctx, cora, psew.WhyLevel{Incident: i.ID})); why.Next != "" || !strings.Contains(why.Text, "No row") {
		t.Errorf("why past L3: %+v", why)
	}
}

// refusedFor checks that an escalation is refused and leaves nothing behind.
func (d *desk) refusedFor(i psew.Incident, cmd psew.Escalate, by forewarn.Actor, kind error, field string) {
	d.t.Helper()
	before := d.stream(i.ID)
	_, err := d.incidents.Escalate(d.ctx, by, cmd)
	d.refused(err, kind, field)
	if after := d.stream(i.ID); len(after) != len(before) {
		d.t.Errorf("a refused escalation posted %d activities", len(after)-len(before))
	}
	if again := d.get(i.ID); again.Version != i.Version {
		d.t.Errorf("a refused escalation changed the incident")
	}
}

// Covers: PSEW-049
func TestEscalateOnce(t *testing.T) {
	d := newDesk(t, deskConfig{})
	i := d.opened("link failure")
	cmd := psew.Escalate{Incident: i.ID, Note: "no answer"}
	first := must[psew.Incident](d)(d.incidents.Escalate(d.ctx, cora.Once("e1"), cmd))
	again := must[psew.Incident](d)(d.incidents.Escalate(d.ctx, cora.Once("e1"), cmd))
	if again.Version != first.Version || again.Stage != psew.StageL1 || len(d.tasks(i.ID)) != 2 {
		t.Errorf("a repeat changed something: %+v", again)
	}
	_, err := d.incidents.Escalate(d.ctx, cora.Once("e1"), psew.Escalate{Incident: i.ID, Note: "another"})
	d.refused(err, forewarn.ErrReused, "request")
}

// Covers: PSEW-051
func TestEscalateByTheCurrentSubcategory(t *testing.T) {
	d := newDesk(t, deskConfig{})
	i := d.opened("Protocol failure")
	i = must[psew.Incident](d)(d.incidents.Escalate(d.ctx, cora, psew.Escalate{Incident: i.ID, Note: "up"}))
	sub := "device failure"
	must[psew.Incident](d)(d.incidents.Update(d.ctx, liam, psew.Update{Incident: i.ID, Subcategory: &sub}))
	i = must[psew.Incident](d)(d.incidents.Escalate(d.ctx, liam, psew.Escalate{Incident: i.ID, Note: "it is the device"}))
	tasks := d.tasks(i.ID)
	if i.Stage != psew.StageL2 || tasks[2].Flow != "Network Initiated Device Failure - L2" {
		t.Errorf("at %s by %s", i.Stage, tasks[2].Flow)
	}
}

// Covers: PSEW-041
func TestEscalateOnlyWhatIsWorkedOn(t *testing.T) {
	d := newDesk(t, deskConfig{})
	resolved := d.opened("link failure")
	must[psew.Incident](d)(d.incidents.Resolve(d.ctx, cora, psew.Resolve{Incident: resolved.ID, Code: "Solved", Notes: "done"}))
	closed := d.opened("link failure")
	must[psew.Incident](d)(d.incidents.Resolve(d.ctx, cora, psew.Resolve{Incident: closed.ID, Code: "Solved", Notes: "done"}))
	must[psew.Incident](d)(d.incidents.Close(d.ctx, cora, psew.Close{Incident: closed.ID}))
	cancelled := d.opened("link failure")
	must[psew.Incident](d)(d.incidents.Cancel(d.ctx, cora, psew.Cancel{Incident: cancelled.ID, Note: "a mistake"}))
	for _, i := range []psew.Incident{resolved, closed, cancelled} {
		_, err := d.incidents.Escalate(d.ctx, cora, psew.Escalate{Incident: i.ID, Note: "up"})
		d.refused(err, forewarn.ErrRefused, "state")
	}
	held := d.opened("link failure")
	must[psew.Incident](d)(d.incidents.Hold(d.ctx, cora, psew.Hold{Incident: held.ID, Reason: psew.AwaitingVendor}))
	held = must[psew.Incident](d)(d.incidents.Escalate(d.ctx, cora, psew.Escalate{Incident: held.ID, Note: "up"}))
	if held.State != psew.StateInProgress || held.HoldReason != "" {
		t.Errorf("an escalated incident is %s, %q", held.State, held.HoldReason)
	}
}

// Covers: PSEW-045
func TestEscalateToWhomTheFlowAssigns(t *testing.T) {
	flow := psew.Flow{Name: "Network Initiated Link Failure", Category: psew.SDWAN, Subcategory: psew.LinkFailure}
	for _, sub := range psew.DefaultFlows().All()[1].Subflows {
		if sub.Stage == psew.StageL1 {
			sub.Assignee = "liam"
		}
		flow.Subflows = append(flow.Subflows, sub)
	}
	d := newDesk(t, deskConfig{config: func(c *psew.Config) { c.Flows = psew.DefaultFlows().With(flow) }})
	i := d.opened("link failure")
	i = must[psew.Incident](d)(d.incidents.Escalate(d.ctx, cora, psew.Escalate{Incident: i.ID, Note: "up"}))
	if task := d.tasks(i.ID)[1]; i.Assignee != "liam" || task.Assignee != "liam" {
		t.Errorf("assigned to %q, the task to %q", i.Assignee, task.Assignee)
	}
}

// Covers: PSEW-048
func TestNeedsAttention(t *testing.T) {
	d := newDesk(t, deskConfig{})
	i := d.opened("link failure")
	i = must[psew.Incident](d)(d.incidents.Escalate(d.ctx, cora, psew.Escalate{Incident: i.ID, Note: "up"}))
	for _, by := range []forewarn.Actor{cora, liam, noa} {
		_, err := d.incidents.ClearNeedsAttention(d.ctx, by, psew.ClearNeedsAttention{Incident: i.ID})
		d.refused(err, forewarn.ErrForbidden, "")
	}
	i = must[psew.Incident](d)(d.incidents.ClearNeedsAttention(d.ctx, actor("max"), psew.ClearNeedsAttention{Incident: i.ID}))
	if i.NeedsAttention {
		t.Error("the group's manager could not clear it")
	}
	i = must[psew.Incident](d)(d.incidents.Escalate(d.ctx, liam, psew.Escalate{Incident: i.ID, Note: "up"}))
	must[psew.Incident](d)(d.incidents.AssignToMe(d.ctx, noa, psew.AssignToMe{Incident: i.ID}))
	if i = must[psew.Incident](d)(d.incidents.ClearNeedsAttention(d.ctx, noa, psew.ClearNeedsAttention{Incident: i.ID})); i.NeedsAttention {
		t.Error("the assignee could not clear it")
	}
	members := newDesk(t, deskConfig{settings: func(s *psew.Settings) { s.MembersClearAttention = true }})
	i = members.opened("link failure")
	if i = must[psew.Incident](members)(members.incidents.ClearNeedsAttention(d.ctx, cora, psew.ClearNeedsAttention{Incident: i.ID})); i.NeedsAttention {
		t.Error("a member could not clear it although the option is on")
	}
}
