package forewarn_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/ticket"
)

// escalated is a record of the size of an incident.
type escalated struct {
	ID      uuid.UUID        `json:"id"`
	Version forewarn.Version `json:"version"`
	Number  string           `json:"number"`
	State   string           `json:"state"`
	Group   string           `json:"group"`
	Text    string           `json:"text"`
	Level   int              `json:"level"`
}

var incidents = forewarn.NewRecords("bench_incident", forewarn.Shape[escalated]{
	ID:      func(i *escalated) *uuid.UUID { return &i.ID },
	Version: func(i *escalated) *forewarn.Version { return &i.Version },
	Fields: []forewarn.Field[escalated]{
		{Name: "state", Type: 1, Of: func(i *escalated) storeValue { return forewarn.Text(i.State) }},
		{Name: "number", Type: 1, Of: func(i *escalated) storeValue { return forewarn.Text(i.Number) }},
		{Name: "level", Type: 2, Of: func(i *escalated) storeValue { return forewarn.Int(i.Level) }},
	},
	Indexes: []storeIndex{{Name: "state", Fields: []string{"state", "level"}}, {Name: "number", Fields: []string{"number"}}},
})

// BenchmarkEscalation is a unit as an escalation makes it: the incident and two tasks, two activities, an event, a due
// item and a mail, authorised by the roles of the actor's group, under a request id.
func BenchmarkEscalation(b *testing.B) {
	w := newWorld(b, nil, func(c *forewarn.Config) { c.Rules = statusRules{}; c.Strict = false })
	ok(b, w.engine.Keep(incidents.Kind()))
	act := forewarn.Act{Name: "bench.Escalate", Roles: []string{forewarn.RolePSEWUser}}
	w.update(func(u *forewarn.Unit) error {
		for i := range 100 {
			for _, what := range []string{"incident", "task"} {
				ok(b, incidents.Put(u, &escalated{ID: id(fmt.Sprint(what, i)), Number: fmt.Sprintf("INC%07d", i), State: "new", Text: strings.Repeat("x", 600)}))
			}
		}
		return errors.Join(
			forewarn.PutGroup(u, forewarn.Group{Name: "noc", Roles: []string{forewarn.RolePSEWUser}}),
			forewarn.PutGroup(u, forewarn.Group{Name: "l2", Roles: []string{forewarn.RolePSEWUser}}),
			forewarn.AddMember(u, "noc", "alice"), forewarn.AddMember(u, "l2", "alice"))
	})
	escalate := func(u *forewarn.Unit, n int) (none escalated, err error) {
		i, err := incidents.Get(u, id(fmt.Sprint("incident", n%100)))
		if err != nil {
			return none, err
		}
		if err := u.Require(act, forewarn.Subject{Group: "noc"}); err != nil {
			return none, err
		}
		t, err := incidents.Get(u, id(fmt.Sprint("task", n%100)))
		if err != nil {
			return none, err
		}
		before := snapshot(i.ID, ticket.New, i.Text)
		before.Key.Kind = "bench_incident"
		after := before
		after.Status = ticket.InProgress
		i.Level++
		t.Level++
		next := escalated{ID: u.NewID(), Number: "TASK", State: "open", Text: t.Text}
		if next.Level = n; err != nil {
			return none, err
		}
		err = errors.Join(incidents.Put(u, &i), incidents.Put(u, &t), incidents.Put(u, &next))
		for _, text := range []string{"no answer", "instructions of the next level"} {
			_, posted := u.Post(ticket.Activity{Kind: "bench_incident", Ticket: i.ID, Entry: ticket.WorkNote, Text: text})
			err = errors.Join(err, posted)
		}
		return i, errors.Join(err, u.Announce(&before, after),
			reminders.At(u, i.ID.String(), u.Now(), "x"),
			u.Notify(forewarn.Notification{To: forewarn.Recipient{ID: "l2"}, Subject: "escalated", Text: i.Text}))
	}
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		n++
		if _, err := forewarn.Do(w.ctx, w.engine, alice.Once(fmt.Sprint(n)), "bench.Escalate", n, escalate); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkFanoutStep is a unit of 1,000 accounts, each found out to be new, as a step of a storm is.
func BenchmarkFanoutStep(b *testing.B) {
	w := newWorld(b, nil, func(c *forewarn.Config) { c.Strict = false })
	b.ReportAllocs()
	for b.Loop() {
		err := w.engine.Update(w.ctx, alice, func(_ context.Context, u *forewarn.Unit) error {
			ids := make([]uuid.UUID, 1000)
			for i := range ids {
				ids[i] = u.NewID()
			}
			if err := accounts.Prefetch(u, ids...); err != nil {
				return err
			}
			for i, id := range ids {
				if err := accounts.Put(u, &account{ID: id, Owner: "x", Balance: i}); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkFindAmongWrites is a unit that asks an index after each of its 500 writes.
func BenchmarkFindAmongWrites(b *testing.B) {
	w := newWorld(b, nil, func(c *forewarn.Config) { c.Strict = false })
	b.ReportAllocs()
	for b.Loop() {
		_ = w.engine.Update(w.ctx, alice, func(_ context.Context, u *forewarn.Unit) error {
			for i := range 500 {
				ok(b, accounts.Put(u, &account{ID: u.NewID(), Owner: fmt.Sprint(i)}))
				if _, err := accounts.Where("owner", forewarn.Text("none")).Page(u, ""); err != nil {
					return err
				}
			}
			return errToy
		})
	}
}
