package psew_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/adapters/memory"
	"github.com/forewarn-go/forewarn/inventory"
	"github.com/forewarn-go/forewarn/psew"
	"github.com/forewarn-go/forewarn/store"
	"github.com/forewarn-go/forewarn/techcase"
	"github.com/forewarn-go/forewarn/ticket"
)

// Covers: PSEW-095, PSEW-099, PSEW-102, APIN-032
func TestACustomersReplyReachesTheIncident(t *testing.T) {
	d := newDesk(t, deskConfig{})
	i := d.hit()
	d.all(i, false)
	must[techcase.Case](d)(d.cases.RequestInformation(d.ctx, actor("ann", forewarn.RoleAgent), techcase.RequestInformation{Case: d.caseOf(i, 1), Comment: "which site?"}))
	d.eventTypes()
	for n, channel := range []string{"portal", "email"} {
		a := must[ticket.Activity](d)(d.cases.Comment(d.ctx, customerOf(account(n)), techcase.Comment{Case: d.caseOf(i, n), Text: "still down by " + channel, Channel: channel}))
		stream := d.stream(i.ID)
		last := stream[len(stream)-1]
		if last.Text != "still down by "+channel || last.Channel != channel || last.Entry != ticket.Comment || last.By != "contact-of-"+account(n) ||
			last.Source != "customer" || last.Origin == nil || *last.Origin != a.ID {
			t.Errorf("the copy is %+v", last)
		}
		c := d.theCase(d.caseOf(i, n))
		want := map[int]techcase.ActionStatus{0: techcase.NeedsAttention, 1: techcase.ActionCustomerResponded}[n]
		if !c.NeedsAttention || c.ActionStatus != want {
			t.Errorf("case %d needs attention %v, action status %q, want %q", n, c.NeedsAttention, c.ActionStatus, want)
		}
		if own := d.notes(c.ID, ticket.Comment); own[len(own)-1] != last.Text {
			t.Errorf("the case has %q", own)
		}
	}
	// announced for the cases alone: two comments, and the second case's way back to work
	if n := d.eventTypes(); n["TroubleTicketAttributeChangeEvent"] != 2 || n["TroubleTicketStatusChangeEvent"] != 1 || len(n) != 2 {
		t.Errorf("events %v", n)
	}
	// nothing is lost after the incident's end
	d.resolve(i)
	must[psew.Incident](d)(d.incidents.Close(d.ctx, cora, psew.Close{Incident: i.ID}))
	must[ticket.Activity](d)(d.cases.Comment(d.ctx, customerOf(account(2)), techcase.Comment{Case: d.caseOf(i, 2), Text: "again"}))
	if stream := d.stream(i.ID); stream[len(stream)-1].Text != "again" {
		t.Error("a reply after the incident was closed is lost")
	}
}

// renamed is a host's inventory, which knows accounts by names of its own.
type renamed struct{ inventory.Source }

func (r renamed) Items(u *forewarn.Unit, refs ...inventory.Ref) ([]inventory.Item, error) {
	items, err := r.Source.Items(u, refs...)
	for n := range items {
		items[n].Name = "the host's " + items[n].ID
	}
	return items, err
}

// The account of a case that is associated with an incident is read where the host says.
//
// Covers: PSEW-054
func TestFollowerReadsTheHostsInventory(t *testing.T) {
	for want, follower := range map[string]psew.Follower{"Far Away": {}, "the host's far": {Inventory: renamed{inventory.Stored}}} {
		f := newField(t, memory.New())
		f.put(inventory.Item{Type: inventory.TypeAccount, ID: "far", Name: "Far Away"})
		i := f.open("")
		c := ticket.BookedCase{ID: uuid.NewSHA1(i.ID, nil), Source: store.Key{Kind: "incident", ID: i.ID}, Account: "far"}
		f.check(f.engine.Update(context.Background(), forewarn.SystemActor(tenant), func(_ context.Context, u *forewarn.Unit) error {
			return follower.CaseChanged(u, ticket.CaseChange{Case: c, Opened: true})
		}))
		if rows := f.view(psew.ViewImpact{Incident: i.ID}).Accounts; len(rows) != 1 || rows[0].Account != want {
			t.Errorf("the affected accounts are %+v, want %s", rows, want)
		}
	}
}

// Comments of customers, Notify, Messages and comments of the incident in any order, with any switches: each is exactly where it belongs, once.
//
// Covers: PSEW-094, PSEW-095, PSEW-096, PSEW-098, C-18, C-54
func TestNothingEchoes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := newDesk(t, deskConfig{settings: func(s *psew.Settings) { s.CommentsSync = true }})
		i := d.hit()
		d.generate(psew.Generate{Incident: i.ID, Accounts: accounts(0, 1, 2)})
		d.work()
		broadcast, as := true, ticket.WorkNote
		comments := map[uuid.UUID][]string{} // by ticket, in any order
		notes := map[uuid.UUID][]string{}
		ids := []uuid.UUID{d.caseOf(i, 0), d.caseOf(i, 1), d.caseOf(i, 2), *d.get(i.ID).MajorCase}
		for step := range rapid.IntRange(1, 12).Draw(t, "steps") {
			text := fmt.Sprint("text ", step)
			selected := rapid.SliceOfNDistinct(rapid.IntRange(0, 2), 1, 3, rapid.ID[int]).Draw(t, "selected")
			switch rapid.IntRange(0, 5).Draw(t, "kind") {
			case 0:
				n := selected[0]
				must[ticket.Activity](d)(d.cases.Comment(d.ctx, customerOf(account(n)), techcase.Comment{Case: ids[n], Text: text}))
				comments[i.ID], comments[ids[n]] = append(comments[i.ID], text), append(comments[ids[n]], text)
			case 1:
				cmd := psew.NotifyCustomers{Incident: i.ID, Note: text}
				for _, n := range append(selected, selected[0]) { // one twice
					cmd.Cases = append(cmd.Cases, ids[n])
				}
				must[psew.Incident](d)(d.incidents.NotifyCustomers(d.ctx, cora, cmd))
				comments[i.ID] = append(comments[i.ID], text)
				for _, n := range selected {
					comments[ids[n]] = append(comments[ids[n]], text)
				}
			case 2:
				must[psew.Incident](d)(d.incidents.Messages(d.ctx, cora, psew.Messages{Incident: i.ID, Accounts: accounts(selected...), Note: text}))
				comments[i.ID] = append(comments[i.ID], text)
				for _, n := range selected {
					comments[ids[n]] = append(comments[ids[n]], text)
				}
			case 3:
				must[ticket.Activity](d)(d.incidents.Comment(d.ctx, cora, psew.Comment{Incident: i.ID, Text: text}))
				comments[i.ID] = append(comments[i.ID], text)
				for _, id := range ids {
					if broadcast && as == ticket.Comment {
						comments[id] = append(comments[id], text)
					} else if broadcast {
						notes[id] = append(notes[id], text)
					}
				}
			case 4:
				broadcast = rapid.Bool().Draw(t, "broadcast")
				d.set(psew.PropertyBroadcast, fmt.Sprint(broadcast))
			case 5:
				as = rapid.SampledFrom([]ticket.Entry{ticket.WorkNote, ticket.Comment}).Draw(t, "as")
				d.set(psew.PropertyBroadcastAs, string(as))
			}
			if rapid.Bool().Draw(t, "work") {
				d.work()
			}
		}
		d.work()
		same := func(what string, got, want []string) {
			got, want = slices.Clone(got), slices.Clone(want)
			slices.Sort(got)
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Fatalf("%s: got %q, want %q", what, got, want)
			}
		}
		var own []string
		for _, a := range d.stream(i.ID) {
			if a.Entry == ticket.Comment {
				own = append(own, a.Text)
			}
		}
		same("the incident", own, comments[i.ID])
		for n, id := range ids {
			same(fmt.Sprint("comments of case ", n), d.notes(id, ticket.Comment), comments[id])
			same(fmt.Sprint("work notes of case ", n), d.notes(id, ticket.WorkNote), notes[id])
		}
	})
}
