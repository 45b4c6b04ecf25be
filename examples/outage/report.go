package main

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/apinotif"
	"github.com/forewarn-go/forewarn/psew"
	"github.com/forewarn-go/forewarn/store"
	"github.com/forewarn-go/forewarn/techcase"
)

// counted is the line that ends a run with -json. Everything in it is counted in the store or read back from the bus.
type counted struct {
	AffectedAccounts int            `json:"affected_accounts"`
	MajorCases       int            `json:"major_cases"`
	ChildCases       int            `json:"child_cases"` // all that are not major
	OpenCasesAtEnd   int            `json:"open_cases_at_end"`
	Stages           []string       `json:"stages"`
	Events           map[string]int `json:"events"`
	Notifications    int            `json:"notifications"`
	DueWorkDone      int            `json:"due_work_done"`
}

func (p *play) report(ctx context.Context) error {
	c := counted{Events: map[string]int{}}
	cards, err := p.incidents.ImpactCards(ctx, p.l2(), psew.ImpactCards{Incident: p.incident})
	if err != nil {
		return err
	}
	c.AffectedAccounts = count(cards, psew.ListAccounts)
	if err := p.countStages(ctx, &c); err != nil {
		return err
	}
	if err := p.countCases(ctx, &c); err != nil {
		return err
	}
	if err := p.countEvents(ctx, &c); err != nil {
		return err
	}
	line, err := json.Marshal(c)
	if err != nil {
		return err
	}
	fmt.Fprintf(p.out, "%s\n", line)
	return nil
}

// countStages lists the stages that the incident went through: those of its tasks, and the one it is at.
func (p *play) countStages(ctx context.Context, c *counted) error {
	tasks, err := p.incidents.ListTasks(ctx, p.l2(), psew.ListTasks{Incident: p.incident})
	if err != nil {
		return err
	}
	for _, t := range tasks.Items {
		c.Stages = append(c.Stages, t.Stage.Short())
	}
	i, err := p.incidents.Get(ctx, p.l2(), psew.Get{Incident: p.incident})
	if err != nil {
		return err
	}
	if last := i.Stage.Short(); len(c.Stages) == 0 || c.Stages[len(c.Stages)-1] != last {
		c.Stages = append(c.Stages, last)
	}
	return nil
}

// countCases counts cases, and in their activities what was done by due work; and the mails that were sent.
func (p *play) countCases(ctx context.Context, c *counted) error {
	_, err := forewarn.Read(ctx, p.engine, forewarn.SystemActor(p.tenant), "outage.Count", struct{}{}, func(u *forewarn.Unit, _ struct{}) (struct{}, error) {
		n := 0
		for k, err := range techcase.Records().Where("source", forewarn.ID(p.incident)).Limit(store.MaxLimit).All(u) {
			if err != nil {
				return struct{}{}, err
			}
			if k.Major {
				c.MajorCases++
			} else {
				c.ChildCases++
			}
			if k.Open() {
				c.OpenCasesAtEnd++
			}
			for a, err := range forewarn.Activities.Where("ticket", forewarn.StreamOf(techcase.Kind, k.ID)).All(u) {
				if err != nil {
					return struct{}{}, err
				}
				if a.Event == techcase.EventReminded || a.Event == techcase.EventAutoClosed {
					c.DueWorkDone++
				}
			}
			n++
			p.show("counted", n, p.o.accounts)
		}
		for m, err := range forewarn.Mails.Where("ended").Limit(store.MaxLimit).All(u) {
			if err != nil {
				return struct{}{}, err
			}
			if m.State == forewarn.MailSent {
				c.Notifications++
			}
		}
		return struct{}{}, nil
	})
	return err
}

// countEvents counts the events of this run that have arrived on the bus, each once.
func (p *play) countEvents(ctx context.Context, c *counted) error {
	messages, err := p.read(ctx)
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	for _, m := range messages {
		if m.Headers[apinotif.HeaderTenant] != p.tenant || seen[m.Headers[apinotif.HeaderEventID]] {
			continue
		}
		seen[m.Headers[apinotif.HeaderEventID]] = true
		c.Events[m.Headers[apinotif.HeaderEventType]]++
	}
	return nil
}
