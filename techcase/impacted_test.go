package techcase_test

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/techcase"
	"github.com/forewarn-go/forewarn/ticket"
)

// hit returns whom a major case hits as kind, id and how he was found, over pages of a size.
func (r *rig) hit(major uuid.UUID, kind string, limit int) (all []string) {
	r.Helper()
	q := techcase.Impacted{Major: major, Kind: kind, Limit: limit}
	for {
		page := do(r.cases.Impacted(r.ctx, agent, q))(r)
		if limit > 0 && len(page.Items) > limit {
			r.Fatalf("a page of %d has %d", limit, len(page.Items))
		}
		for _, p := range page.Items {
			how := " by a child on the list"
			switch {
			case p.Case != uuid.Nil:
				how = " by its child"
			case p.Added:
				how = " by hand"
			}
			all = append(all, p.Kind+" "+p.ID+how)
		}
		if q.After = page.Next; q.After == "" {
			return all
		}
	}
}

// notices returns what the stream of a case tells of its list.
func (r *rig) notices(id uuid.UUID) (all []string) {
	r.Helper()
	for _, a := range r.activities(id) {
		if a.Public() {
			r.Errorf("customers read %q", a.Text)
		}
		all = append(all, a.Event+" by "+a.By+": "+a.Text)
	}
	return all
}

// Covers: TECH-135
func TestImpactedAccountsAndConsumers(t *testing.T) {
	r := newRig(t)
	major, _ := r.outage("a", "b")
	add := techcase.AddImpacted{Major: major, Accounts: []string{"boxeo", "avid", "boxeo"}, Consumers: []string{"carl"}, Note: "they have called"}
	added := do(r.cases.AddImpacted(r.ctx, manager, add))(t)
	want := []techcase.ImpactedParty{
		{Kind: techcase.PartyAccount, ID: "boxeo", Added: true, Name: "Boxeo", By: "mona", At: start},
		{Kind: techcase.PartyAccount, ID: "avid", Added: true, Name: "Avid", By: "mona", At: start},
		{Kind: techcase.PartyConsumer, ID: "carl", Added: true, Name: "Carl Roe", By: "mona", At: start},
	}
	if !reflect.DeepEqual(added, want) {
		t.Errorf("added %+v", added)
	}
	r.clock.set(start.Add(days(1)[0]))
	if again := do(r.cases.AddImpacted(r.ctx, manager, add))(t); !reflect.DeepEqual(again, want) {
		t.Errorf("added twice %+v", again)
	}
	both := []string{"consumer carl by hand", "customer avid by hand", "customer boxeo by hand", "customer a by its child", "customer b by its child"}
	for _, limit := range []int{0, 1, 2, 3} {
		got := r.hit(major, "", limit)
		slices.Sort(got)
		if sorted := slices.Sorted(slices.Values(both)); !slices.Equal(got, sorted) {
			t.Errorf("in pages of %d: %q", limit, got)
		}
	}
	if got := r.hit(major, techcase.PartyConsumer, 1); !slices.Equal(got, both[:1]) {
		t.Errorf("consumers %q", got)
	}
	if got := r.hit(major, techcase.PartyAccount, 1); len(got) != 4 || slices.Contains(got, both[0]) {
		t.Errorf("accounts %q", got)
	}
	if mails, events := r.mails(major), r.events(major); mails != nil || !slices.Equal(events, []string{"create"}) {
		t.Errorf("the list was told: %q, %q", mails, events)
	}

	r.clock.set(start.Add(days(2)[0]))
	remove := techcase.RemoveImpacted{Major: major, Accounts: []string{"avid", "nobody"}, Consumers: []string{"carl"}}
	if gone := do(r.cases.RemoveImpacted(r.ctx, manager, remove))(t); !reflect.DeepEqual(gone, want[1:]) {
		t.Errorf("removed %+v", gone)
	}
	if gone := do(r.cases.RemoveImpacted(r.ctx, manager, remove))(t); gone != nil {
		t.Errorf("removed twice %+v", gone)
	}
	if got := r.hit(major, "", 0); len(got) != 3 {
		t.Errorf("left are %q", got)
	}
	stream := []string{
		"impacted_added by mona: Impacted: account boxeo, account avid, consumer carl.", " by mona: they have called", " by mona: they have called",
		"impacted_removed by mona: Not impacted: account avid, consumer carl.",
	}
	if got := r.notices(major); !slices.Equal(got, stream) {
		t.Errorf("stream %q", got)
	}
}

// Covers: TECH-135
func TestImpactedIsRefused(t *testing.T) {
	r := newRig(t)
	major, children := r.outage("a")
	many := make([]string, 51)
	for i := range many {
		many[i] = strings.Repeat("x", i+1)
	}
	for _, c := range []struct {
		field               string
		accounts, consumers []string
	}{
		{"accounts", nil, nil}, {"accounts", many, nil}, {"accounts[1]", []string{"boxeo", "nobody"}, nil}, {"consumers[0]", nil, []string{"boxeo"}},
		{"accounts[0]", []string{" "}, nil}, {"consumers[0]", nil, []string{"a\nb"}}, {"accounts[0]", []string{strings.Repeat("x", 1001)}, nil},
	} {
		_, err := r.cases.AddImpacted(r.ctx, manager, techcase.AddImpacted{Major: major, Accounts: c.accounts, Consumers: c.consumers})
		invalid(t, err, c.field)
	}
	_, err := r.cases.RemoveImpacted(r.ctx, manager, techcase.RemoveImpacted{Major: major})
	invalid(t, err, "accounts")
	_, err = r.cases.Impacted(r.ctx, manager, techcase.Impacted{Major: major, Kind: techcase.PartyContact})
	invalid(t, err, "kind")
	for _, cursor := range []string{"x", "listed:x", "children:x"} {
		if _, err := r.cases.Impacted(r.ctx, manager, techcase.Impacted{Major: major, After: cursor}); !errors.Is(err, forewarn.ErrInvalid) {
			t.Errorf("cursor %q: %v", cursor, err)
		}
	}
	if _, err := r.cases.Impacted(r.ctx, manager, techcase.Impacted{Major: children[0]}); !errors.Is(err, forewarn.ErrRefused) {
		t.Errorf("of a child: %v", err)
	}
	_, err = r.cases.RemoveImpacted(r.ctx, manager, techcase.RemoveImpacted{Major: major, Accounts: []string{"nobody", "a"}})
	if number := r.get(children[0]).Number; !errors.Is(err, forewarn.ErrRefused) || !strings.Contains(err.Error(), number) || !strings.Contains(err.Error(), "accounts[1]") {
		t.Errorf("removed while its child stands: %v", err)
	}
	if got := r.hit(major, "", 0); !slices.Equal(got, []string{"customer a by its child"}) || r.notices(major) != nil {
		t.Errorf("half done: %q, %q", got, r.notices(major))
	}
}

// The list has each party once, whatever comes and goes by hand and by children.
//
// Covers: TECH-135
func TestImpactedHasEachPartyOnce(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		r := newRig(t, func(c *techcase.Config) { c.Parties = techcase.NoParties })
		major, generated := r.outage("a", "b")
		free := map[uuid.UUID]string{} // account by case
		child := map[uuid.UUID]string{generated[0]: "a", generated[1]: "b"}
		for _, account := range []string{"a", "a", "c"} {
			c := do(r.cases.Create(r.ctx, agent, techcase.Create{ShortDescription: "x", Account: account, Submit: true}))(t)
			free[c.ID] = account
		}
		byHand := map[string]bool{}
		account := rapid.SampledFrom([]string{"a", "b", "c"})
		any := func(rt *rapid.T, of map[uuid.UUID]string) uuid.UUID {
			if len(of) == 0 {
				rt.Skip("there is none")
			}
			ids := []uuid.UUID{}
			for id := range of {
				ids = append(ids, id)
			}
			slices.SortFunc(ids, func(x, y uuid.UUID) int { return strings.Compare(x.String(), y.String()) })
			return rapid.SampledFrom(ids).Draw(rt, "case")
		}
		rt.Repeat(map[string]func(*rapid.T){
			"add": func(rt *rapid.T) {
				a := account.Draw(rt, "account")
				do(r.cases.AddImpacted(r.ctx, manager, techcase.AddImpacted{Major: major, Accounts: []string{a}}))(t)
				byHand[a] = true
			},
			"remove": func(rt *rapid.T) {
				a := account.Draw(rt, "account")
				_, err := r.cases.RemoveImpacted(r.ctx, manager, techcase.RemoveImpacted{Major: major, Accounts: []string{a}})
				has := false
				for _, of := range child {
					has = has || of == a
				}
				if has != errors.Is(err, forewarn.ErrRefused) || !has && err != nil {
					rt.Fatalf("%s with a child %v: %v", a, has, err)
				}
				if !has {
					delete(byHand, a)
				}
			},
			"add child": func(rt *rapid.T) {
				id := any(rt, free)
				do(r.cases.AddChild(r.ctx, manager, techcase.AddChild{Major: major, Case: id}))(t)
				child[id] = free[id]
				delete(free, id)
			},
			"open a child": func(rt *rapid.T) {
				a := account.Draw(rt, "account")
				n := childOf(major, a)
				n.ID = uuid.UUID(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(rt, "id"))
				child[r.book(n).ID] = a
			},
			"remove child": func(rt *rapid.T) {
				id := any(rt, child)
				do(r.cases.RemoveChild(r.ctx, manager, techcase.RemoveChild{Case: id}))(t)
				free[id] = child[id]
				delete(child, id)
			},
			"give a child to another": func(rt *rapid.T) {
				id, a := any(rt, child), account.Draw(rt, "account")
				do(r.cases.Update(r.ctx, agent, techcase.Update{Case: id, Account: &a}))(t)
				child[id] = a
			},
			"": func(rt *rapid.T) {
				want := map[string]bool{}
				for a := range byHand {
					want[a] = true
				}
				for _, a := range child {
					want[a] = true
				}
				got := r.hit(major, "", 2)
				seen := map[string]bool{}
				for _, line := range got {
					seen[strings.Fields(line)[1]] = true
				}
				if len(got) != len(want) || !reflect.DeepEqual(seen, want) {
					rt.Fatalf("listed %q, want %v", got, want)
				}
			},
		})
	})
}

// A candidate that becomes the first child, and a closed child, are of the list.
//
// Covers: TECH-135
func TestImpactedOfACandidateAndOfAClosedChild(t *testing.T) {
	r := newRig(t)
	c := r.working()
	do(r.cases.ProposeMajor(r.ctx, agent, techcase.ProposeMajor{Case: c.ID}))(t)
	major := do(r.cases.ApproveMajor(r.ctx, manager, techcase.ApproveMajor{Case: c.ID}))(t)
	consumers := r.book(ticket.NewCase{ID: uuid.MustParse("00000000-0000-4000-8000-0000000000c1"), Source: incident, Parent: major.ID, Consumer: "carl",
		ShortDescription: "outage", Priority: 4})
	do(r.cases.Cancel(r.ctx, agent, techcase.Cancel{Case: consumers.ID}))(t)
	if got := r.hit(major.ID, "", 0); !slices.Equal(got, []string{"customer boxeo by a child on the list", "consumer carl by its child"}) {
		t.Errorf("%q", got)
	}
	do(r.cases.Cancel(r.ctx, agent, techcase.Cancel{Case: c.ID}))(t)
	do(r.cases.Close(r.ctx, manager, techcase.Close{Case: major.ID, Notes: "done"}))(t)
	if got := r.hit(major.ID, "", 0); len(got) != 2 {
		t.Errorf("of a closed one %q", got)
	}
}
