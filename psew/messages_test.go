package psew_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/adapters/memory"
	"github.com/forewarn-go/forewarn/inventory"
	"github.com/forewarn-go/forewarn/psew"
	"github.com/forewarn-go/forewarn/store"
	"github.com/forewarn-go/forewarn/ticket"
)

// As many parties as may be selected are written to in all of their cases, however many these are.
//
// Covers: PSEW-094
func TestMessagesToMoreCasesThanMayBeSelected(t *testing.T) {
	const parties, called = 500, 40 // the first of them has called as well, some times
	d := newDesk(t, deskConfig{store: minimalLog{memory.New()}, accounts: parties})
	i := d.hit()
	d.all(i, false)
	for range called {
		must[psew.OpenedCase](d)(d.incidents.OpenReactive(d.ctx, cora, psew.OpenReactive{Incident: i.ID, Account: account(0)}))
	}
	var who []string
	for n := range parties {
		who = append(who, account(n))
	}
	must[psew.Incident](d)(d.incidents.Messages(d.ctx, cora, psew.Messages{Incident: i.ID, Accounts: who, Note: "a technician is on his way"}))
	stream := d.stream(i.ID)
	a := stream[len(stream)-1]
	progress := func() forewarn.Progress {
		t.Helper()
		return must[forewarn.Progress](d)(d.incidents.CommunicationProgress(d.ctx, cora, psew.CommunicationProgress{Incident: i.ID, ID: a.ID}))
	}
	if p := progress(); p.Total != parties+called || p.Done == 0 || p.Done >= p.Total {
		t.Errorf("when the call returns: %+v", p)
	}
	d.work()
	if p := progress(); p.Done != parties+called || p.Finished.IsZero() {
		t.Errorf("at the end: %+v", p)
	}
	told := 0
	for after := ""; ; {
		page := must[ticket.CasePage](d)(d.incidents.ListCases(d.ctx, cora, psew.ListCases{Incident: i.ID, Limit: 1000, After: after}))
		for _, c := range page.Cases {
			want := 1
			if c.Major {
				want = 0
			}
			got := d.notes(c.ID, ticket.Comment)
			if len(got) != want {
				t.Fatalf("case %s of %s has %q", c.Number, c.Account, got)
			}
			told += len(got)
		}
		if after = page.Next; after == "" {
			break
		}
	}
	if told != parties+called {
		t.Errorf("%d cases have the message", told)
	}
	// what is selected is bounded by its number, and by what a record takes
	_, err := d.incidents.Messages(d.ctx, cora, psew.Messages{Incident: i.ID, Accounts: append(who, "one-more"), Note: "x"})
	d.refused(err, forewarn.ErrInvalid, "accounts")
}

// The selection is kept until the last case has the note, and so it is bounded in bytes too, under the name of the field that was given.
func TestASelectionOfLongIDsIsBounded(t *testing.T) {
	d := newDesk(t, deskConfig{})
	i := d.hit()
	var long []string
	for n := range 400 {
		long = append(long, fmt.Sprintf("%03d", n)+strings.Repeat("x", 190))
	}
	for field, err := range map[string]error{
		"accounts":  second(d.incidents.Messages(d.ctx, cora, psew.Messages{Incident: i.ID, Accounts: long, Note: "x"})),
		"consumers": second(d.incidents.Messages(d.ctx, cora, psew.Messages{Incident: i.ID, Consumers: long, Note: "x"})),
	} {
		d.refused(err, forewarn.ErrInvalid, field)
	}
	for field, err := range map[string]error{
		"accounts":  second(d.incidents.Generate(d.ctx, cora, psew.Generate{Incident: i.ID, Accounts: long})),
		"consumers": second(d.incidents.Generate(d.ctx, cora, psew.Generate{Incident: i.ID, Consumers: long})),
	} {
		d.refused(err, forewarn.ErrInvalid, field)
		if !strings.Contains(err.Error(), "bytes") {
			t.Errorf("%v", err)
		}
	}
}

func second[T any](_ T, err error) error { return err }

// Whatever is wrong with a selection is said of the field that was given.
//
// Covers: PSEW-073, PSEW-093
func TestErrorsOfASelectionNameTheFieldThatWasGiven(t *testing.T) {
	d := newDesk(t, deskConfig{})
	i := d.hit()
	d.check(d.engine.Update(d.ctx, forewarn.SystemActor(tenant), func(_ context.Context, u *forewarn.Unit) error {
		return second(d.cases.Book().Open(u, ticket.NewCase{ID: uuid.MustParse("00000000-0000-4000-8000-0000000000c0"), Source: store.Key{Kind: i.Key().Kind, ID: i.ID},
			Consumer: "jo", ShortDescription: "no television", Priority: 3}))
	}))
	err := second(d.incidents.CreateCommunication(d.ctx, cora, psew.CreateCommunication{Incident: i.ID, Consumers: []string{"jo"}}))
	d.refused(err, forewarn.ErrRefused, "consumers")
	many := make([]string, 501)
	for n := range many {
		many[n] = uuid.NewString()
	}
	for field, err := range map[string]error{
		"accounts":  second(d.incidents.Generate(d.ctx, cora, psew.Generate{Incident: i.ID, Accounts: many})),
		"consumers": second(d.incidents.Generate(d.ctx, cora, psew.Generate{Incident: i.ID, Consumers: many})),
	} {
		d.refused(err, forewarn.ErrInvalid, field)
	}
	must[inventory.Result](d)(d.inventory.Put(d.ctx, admin, inventory.Put{Items: []inventory.Item{{Type: inventory.TypeConsumer, ID: "ann"}}}))
	d.refused(second(d.incidents.Messages(d.ctx, cora, psew.Messages{Incident: i.ID, Consumers: []string{"ann"}, Note: "x"})), forewarn.ErrRefused, "consumers")
}
