package main

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/inventory"
	"github.com/forewarn-go/forewarn/psew"
	"github.com/forewarn-go/forewarn/techcase"
)

// step is one part of the story: when it happens, and what.
type step struct {
	after time.Duration
	do    func(context.Context) error
}

const day = 24 * time.Hour

// play tells the story. Between its steps the workers run until nothing is due.
func (p *play) play(ctx context.Context) error {
	for _, s := range []step{
		{0, p.stepAlarm},
		{4 * time.Minute, p.stepImpact},
		{6 * time.Minute, p.stepToL1},
		{10 * time.Minute, p.stepChanges},
		{12 * time.Minute, p.stepGenerate},
		{15 * time.Minute, p.stepManager},
		{25 * time.Minute, p.stepToL2},
		{28 * time.Minute, p.stepTake},
		{70 * time.Minute, p.stepAnswers},
		{75 * time.Minute, p.stepNotify},
		{100 * time.Minute, p.stepRestored},
		{110 * time.Minute, p.stepResolve},
		{120 * time.Minute, p.stepResolveMajor},
		{4 * time.Hour, p.stepAccept},
		{3*day + 3*time.Hour, p.stepDay(3)},
		{5*day + 3*time.Hour, p.stepDay(5)},
		{8*day + 3*time.Hour, p.stepDay(8)},
		{10*day + 3*time.Hour, p.stepDay(10)},
		{11 * day, p.stepEnd},
	} {
		if err := p.at(ctx, s.after); err != nil {
			return err
		}
		if err := s.do(ctx); err != nil {
			return err
		}
		if err := p.work(ctx); err != nil {
			return err
		}
	}
	return nil
}

// stepAlarm: the fault-management system sends an alarm as a TMF621 ticket, which becomes an incident.
func (p *play) stepAlarm(ctx context.Context) error {
	report, err := p.alarm()
	if err != nil {
		return err
	}
	i, err := p.incidents.Report(ctx, p.once(p.monitoring(), "alarm"), report)
	if err != nil {
		return err
	}
	p.incident, p.number = i.ID, i.Number
	p.say("An alarm comes in as a trouble ticket: %q on %s.", report.Description, report.CI)
	p.tell("Incident %s is open, %s, %s / %s: stage %s, group %s.", i.Number, i.Priority, i.Category, i.Subcategory, i.Stage, i.Group)
	return nil
}

// stepImpact: an engineer looks at what is hit.
func (p *play) stepImpact(ctx context.Context) error {
	cards, err := p.incidents.ImpactCards(ctx, p.coordinator(), psew.ImpactCards{Incident: p.incident})
	if err != nil {
		return err
	}
	p.say("Cora, a coordinator, opens %s: %s, %s, %s.", p.number, plural(count(cards, psew.ListCIs), "affected CI", "affected CIs"),
		plural(count(cards, psew.ListServices), "impacted service or CI", "impacted services and CIs"),
		plural(count(cards, psew.ListAccounts), "affected account", "affected accounts"))
	return nil
}

// stepToL1: the coordinator escalates from Triage.
func (p *play) stepToL1(ctx context.Context) error {
	return p.escalate(ctx, p.coordinator(), "to L1", "The controller does not answer; needs hands of an engineer.")
}

func (p *play) escalate(ctx context.Context, by forewarn.Actor, step, note string) error {
	i, err := p.incidents.Escalate(ctx, p.once(by, step), psew.Escalate{Incident: p.incident, Note: note})
	if err != nil {
		return err
	}
	p.say("%s escalates: %q", by.ID, note)
	p.tell("%s is at %s with %s, and needs attention.", i.Number, i.Stage, i.Group)
	return nil
}

// stepChanges: the engineer looks for changes that may have caused it.
func (p *play) stepChanges(ctx context.Context) error {
	found, err := p.incidents.RecentChanges(ctx, p.l1(), psew.RecentChanges{Incident: p.incident})
	if err != nil {
		return err
	}
	for _, c := range found.Changes {
		p.say("Liam, L1, finds a change that ended at %s: %s %q.", c.Ended.Format("15:04"), c.Number, c.ShortDescription)
	}
	return nil
}

// stepGenerate: proactive records with communication.
func (p *play) stepGenerate(ctx context.Context) error {
	g, err := p.incidents.Generate(ctx, p.once(p.l1(), "generate"), psew.Generate{Incident: p.incident, All: psew.ListAccounts, Communicate: true})
	if err != nil {
		return err
	}
	if err := p.finish(ctx, "cases", func(ctx context.Context) (forewarn.Progress, error) {
		return p.incidents.GenerationProgress(ctx, p.l1(), psew.GenerationProgress{Incident: p.incident})
	}); err != nil {
		return err
	}
	p.major = g.MajorCase
	if p.major == nil {
		p.say("Liam restarts the controller and generates proactive cases: %s, each with a mail to its contact.",
			plural(p.o.accounts, "individual case", "individual cases"))
		return nil
	}
	p.say("Liam restarts the controller and generates proactive cases: 1 major case and %s, each with a mail to its contact.",
		plural(p.o.accounts, "child", "children"))
	return nil
}

// stepManager: the major issue manager is told, if there is a major case.
func (p *play) stepManager(ctx context.Context) error {
	if p.major == nil {
		return nil
	}
	if _, err := p.incidents.NotifyManager(ctx, p.once(p.l1(), "notify manager"), psew.NotifyManager{Incident: p.incident}); err != nil {
		return err
	}
	p.say("Liam tells Mia, who runs major cases.")
	return nil
}

// stepToL2: it is the device after all.
func (p *play) stepToL2(ctx context.Context) error {
	sub := "device failure"
	i, err := p.incidents.Update(ctx, p.once(p.l1(), "subcategory"), psew.Update{Incident: p.incident, Subcategory: &sub})
	if err != nil {
		return err
	}
	p.say("Liam sees that the device itself has failed: subcategory %s.", i.Subcategory)
	return p.escalate(ctx, p.l1(), "to L2", "Cannot be rebooted; the device may have failed altogether.")
}

// stepTake: an L2 engineer takes it.
func (p *play) stepTake(ctx context.Context) error {
	i, err := p.incidents.AssignToMe(ctx, p.once(p.l2(), "take"), psew.AssignToMe{Incident: p.incident})
	if err != nil {
		return err
	}
	if _, err := p.incidents.AddWorkNote(ctx, p.once(p.l2(), "work note"), psew.AddWorkNote{Incident: p.incident,
		Text: "Power supply replaced, controller boots from the second image."}); err != nil {
		return err
	}
	p.say("Noa, L2, takes %s, and works on it: it is %s.", i.Number, i.State)
	return nil
}

// firsts is how many customers report that all is well again.
func (p *play) firsts() int { return min(4, p.o.accounts-1) }

// stepAnswers: the first customers are well again, the last is not.
func (p *play) stepAnswers(ctx context.Context) error {
	for n := range p.firsts() {
		if err := p.answer(ctx, n, "first answer", "All is well again on our side."); err != nil {
			return err
		}
	}
	return p.answer(ctx, p.o.accounts-1, "first answer", "We still have problems at two sites.")
}

func (p *play) answer(ctx context.Context, n int, step, text string) error {
	account, name := customer(n)
	if _, err := p.cases.Comment(ctx, p.once(p.customer(n), step+" "+account),
		techcase.Comment{Case: p.caseOf(account), Text: text, Channel: "portal"}); err != nil {
		return err
	}
	p.say("%s writes in the portal: %q", name, text)
	return nil
}

func (p *play) caseOf(account string) uuid.UUID {
	return psew.CaseID(p.incident, inventory.TypeAccount, account)
}

// stepNotify: the engineer asks the last customer, from the incident.
func (p *play) stepNotify(ctx context.Context) error {
	account, name := customer(p.o.accounts - 1)
	note := "Please restart the two edges; the controller is reachable again."
	if _, err := p.incidents.NotifyCustomers(ctx, p.once(p.l2(), "notify"), psew.NotifyCustomers{Incident: p.incident,
		Cases: []uuid.UUID{p.caseOf(account)}, Note: note}); err != nil {
		return err
	}
	p.say("Noa writes to %s, from the incident: %q", name, note)
	return nil
}

// stepRestored: the last customer is well again too.
func (p *play) stepRestored(ctx context.Context) error {
	return p.answer(ctx, p.o.accounts-1, "second answer", "Restarted, and it works. Thank you.")
}

// stepResolve: the incident is resolved.
func (p *play) stepResolve(ctx context.Context) error {
	cause := "Power supply failed during the restart after change CHG0030017."
	i, err := p.incidents.Resolve(ctx, p.once(p.l2(), "resolve"), psew.Resolve{Incident: p.incident, Code: "Solved (Permanently)",
		Notes: "Power supply replaced and controller restarted; all customers confirm.", Cause: &cause})
	if err != nil {
		return err
	}
	p.say("Noa sees the answers in the incident and resolves %s: it is %s, stage %s.", i.Number, i.State, i.Stage)
	if p.major == nil {
		p.tell("Its cases are resolved with it.")
	} else {
		p.tell("Code, notes and cause are copied to the major case and its children.")
	}
	return nil
}

// stepResolveMajor: the manager resolves the major case and its children.
func (p *play) stepResolveMajor(ctx context.Context) error {
	if p.major == nil {
		return nil
	}
	c, err := p.cases.ResolveMajor(ctx, p.once(p.manager(), "resolve major"), techcase.ResolveMajor{Case: *p.major})
	if err != nil {
		return err
	}
	p.say("Mia resolves major case %s and its children.", c.Number)
	return nil
}

// stepAccept: all customers but the last accept.
func (p *play) stepAccept(ctx context.Context) error {
	for n := range p.o.accounts - 1 {
		account, _ := customer(n)
		if _, err := p.cases.AcceptSolution(ctx, p.once(p.customer(n), "accept "+account), techcase.AcceptSolution{Case: p.caseOf(account)}); err != nil {
			return err
		}
		p.show("accepted", n+1, p.o.accounts-1)
	}
	_, last := customer(p.o.accounts - 1)
	if p.o.accounts > 1 {
		p.say("%s; %s says nothing.", plural(p.o.accounts-1, "customer accepts the solution", "customers accept the solution"), last)
	}
	return nil
}

// stepDay: what happens by itself on a day after the solution.
func (p *play) stepDay(n int) func(context.Context) error {
	return func(ctx context.Context) error {
		account, name := customer(p.o.accounts - 1)
		if err := p.work(ctx); err != nil {
			return err
		}
		c, err := p.cases.Get(ctx, p.customer(p.o.accounts-1), techcase.Get{Case: p.caseOf(account)})
		if err != nil {
			return err
		}
		if n < 10 {
			p.say("Day %d: %s is reminded of case %s.", n, name, c.Number)
		} else {
			p.say("Day %d: case %s of %s is %s by itself.", n, c.Number, name, c.State)
		}
		return nil
	}
}

// stepEnd: the manager closes the major case.
func (p *play) stepEnd(ctx context.Context) error {
	if p.major == nil {
		p.say("All is done.")
		return nil
	}
	c, err := p.cases.Close(ctx, p.once(p.manager(), "close major"), techcase.Close{Case: *p.major})
	if err != nil {
		return err
	}
	p.say("Mia closes major case %s. All is done.", c.Number)
	return nil
}

// finish lets the workers finish work that goes on in the background, and shows how far it is.
func (p *play) finish(ctx context.Context, what string, ask func(context.Context) (forewarn.Progress, error)) error {
	if p.o.accounts <= 1000 {
		return p.work(ctx)
	}
	done := make(chan error, 1)
	go func() { done <- p.work(ctx) }()
	tick := time.NewTicker(2 * time.Second)
	defer tick.Stop()
	for {
		select {
		case err := <-done:
			return err
		case <-tick.C:
			if g, err := ask(ctx); err == nil && g.Finished.IsZero() {
				fmt.Fprintf(p.progress, "%s: %d of %d\n", what, g.Done, g.Total)
			}
		}
	}
}

// show shows progress of long work.
func (p *play) show(what string, done, total int) {
	if total >= 1000 && done%5000 == 0 {
		fmt.Fprintf(p.progress, "%s: %d of %d\n", what, done, total)
	}
}

// count returns the number on a card.
func count(cards []psew.ImpactCard, of psew.List) int {
	for _, c := range cards {
		if c.List == of {
			return c.Count
		}
	}
	return 0
}
