package techcase_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/store"
	"github.com/forewarn-go/forewarn/techcase"
	"github.com/forewarn-go/forewarn/ticket"
)

// describe is an event in a few words: its type's short name, the statuses or the changed attributes.
func describe(t testing.TB, e store.Event) string {
	t.Helper()
	var s ticket.Staged
	if err := json.Unmarshal(e.Body, &s); err != nil {
		t.Fatal(err)
	}
	switch e.Type {
	case "TroubleTicketCreateEventForCase":
		return "create"
	case "TroubleTicketStatusChangeEvent":
		return "status " + string(s.After)
	case "TroubleTicketAttributeChangeEvent":
		text := "attributes"
		for _, a := range s.Changed {
			text += " " + a
		}
		return text
	}
	t.Fatalf("%s is no event of a case", e.Type)
	return ""
}

var incident = store.Key{Kind: "incident", ID: uuid.MustParse("00000000-0000-4000-8000-0000000000aa")}

func childOf(major uuid.UUID, name string) ticket.NewCase {
	return ticket.NewCase{
		ID: store.NameID("case", "incident", name), Source: incident, Links: map[string]uuid.UUID{"incident": incident.ID},
		Proactive: true, Parent: major, Account: name, Contact: "c-" + name, ShortDescription: "Vmanage_10001 failed to restart",
		Priority: 2, Quiet: true,
	}
}

func (r *rig) book(c ticket.NewCase) (booked ticket.BookedCase) {
	r.Helper()
	r.in(func(u *forewarn.Unit) (err error) { booked, err = r.cases.Book().Open(u, c); return err })
	return booked
}

// Covers: TECH-005, TECH-039
func TestBookOpensACaseOnce(t *testing.T) {
	r := newRig(t)
	first := r.book(childOf(uuid.Nil, "boxeo"))
	if first.Number != "CS0000001" || first.State != "New" || first.Status != ticket.New || first.Source.ID != incident.ID ||
		first.Source.Tenant != tenant || first.Account != "boxeo" || first.Opened != start {
		t.Errorf("opened %+v", first)
	}
	again := childOf(uuid.Nil, "boxeo")
	again.ShortDescription = "something else"
	if second := r.book(again); !reflect.DeepEqual(second, first) {
		t.Errorf("opened again: %+v, want the case that stands %+v", second, first)
	}
	if got := r.events(first.ID); !reflect.DeepEqual(got, []string{"create"}) {
		t.Errorf("events %v", got)
	}
	if got := r.mails(first.ID); got != nil {
		t.Errorf("a quiet case sent %v", got)
	}
	if n := len(r.changes.told); n != 1 || !r.changes.told[0].Opened || r.changes.told[0].Before != ticket.Draft {
		t.Errorf("the follower was told %+v", r.changes.told)
	}
}

// Covers: TECH-140, TECH-079, TECH-046, TECH-099, C-01
func TestBookResolves(t *testing.T) {
	r := newRig(t)
	c := r.book(childOf(uuid.Nil, "boxeo"))
	given := ticket.Resolution{Code: "Fixed", Notes: "Restarted", Cause: "A change"}
	r.in(func(u *forewarn.Unit) error { return r.cases.Book().Resolve(u, c.ID, given) })
	got := r.get(c.ID)
	if got.State != techcase.StateSolutionProposed || got.ResolutionCode != "Fixed" || got.ResolutionNotes != "Restarted" || got.Cause != "A change" ||
		got.Resolved != start || got.Window != start || got.ResolvedBy != "system" {
		t.Errorf("resolved %+v", got)
	}
	want := []string{"create", "status in_progress", "status resolved", "attributes resolutionCode resolutionNotes cause"}
	if got := r.events(c.ID); !reflect.DeepEqual(got, want) {
		t.Errorf("events %q, want %q", got, want)
	}
	if got, want := r.mails(c.ID), []string{"case.resolved.for.customer c-boxeo"}; !reflect.DeepEqual(got, want) {
		t.Errorf("mails %q, want %q", got, want)
	}
	notes := r.activities(c.ID)
	if len(notes) != 1 || notes[0].Entry != ticket.WorkNote || notes[0].Text != "Restarted" {
		t.Errorf("activities %+v", notes)
	}
	if !slices.ContainsFunc(r.stream(c.ID), func(a ticket.Activity) bool {
		return a.Event == techcase.EventOpened && !a.Public() && strings.Contains(a.Text, "proactively")
	}) {
		t.Errorf("a proactive case does not say why it was opened: %+v", r.stream(c.ID))
	}
}

func TestBookDescribesAndComments(t *testing.T) {
	r := newRig(t)
	c := r.book(childOf(uuid.Nil, "boxeo"))
	given := ticket.Resolution{Code: "Fixed", Notes: "Restarted", Cause: "A change"}
	r.in(func(u *forewarn.Unit) error { return r.cases.Book().Describe(u, c.ID, given) })
	described := r.get(c.ID)
	r.in(func(u *forewarn.Unit) error { return r.cases.Book().Describe(u, c.ID, given) })
	if again := r.get(c.ID); again.Version != described.Version {
		t.Error("what the case has already was written again")
	}
	origin := uuid.MustParse("00000000-0000-4000-8000-0000000000bb")
	var posted ticket.Activity
	r.in(func(u *forewarn.Unit) (err error) {
		posted, err = r.cases.Book().Comment(u, ticket.CaseComment{Case: c.ID, Entry: ticket.Comment, Text: "We work on it", Source: "notify", Origin: origin, Mail: true})
		return err
	})
	r.in(func(u *forewarn.Unit) error {
		_, err := r.cases.Book().Comment(u, ticket.CaseComment{Case: c.ID, Entry: ticket.WorkNote, Text: "internal", Source: "broadcast"})
		return err
	})
	if posted.Origin == nil || *posted.Origin != origin || posted.Source != "notify" || !posted.Public() {
		t.Errorf("posted %+v", posted)
	}
	want := []string{"create", "attributes resolutionCode resolutionNotes cause", "attributes comments"}
	if got := r.events(c.ID); !reflect.DeepEqual(got, want) {
		t.Errorf("events %q, want %q", got, want)
	}
	if got, want := r.mails(c.ID), []string{"case.commented.for.customer c-boxeo"}; !reflect.DeepEqual(got, want) {
		t.Errorf("mails %q, want %q", got, want)
	}
	if got := r.get(c.ID); got.State != techcase.StateNew || got.Comments != 1 || got.NeedsAttention {
		t.Errorf("case %+v", got)
	}
	if len(r.changes.told) != 1 {
		t.Errorf("the follower hears only of the opening, not of its own comments: %+v", r.changes.told)
	}
	if n := len(r.activities(c.ID)); n != 2 {
		t.Errorf("%d activities", n)
	}
}

// Covers: TECH-140
func TestBookResolvesWhateverStateACaseIsIn(t *testing.T) {
	r := newRig(t)
	draft := do(r.cases.Create(r.ctx, agent, techcase.Create{ShortDescription: "x"}))(t)
	for _, c := range []struct {
		from techcase.Case
		to   techcase.State
	}{
		{r.opened(), techcase.StateSolutionProposed}, {r.working(), techcase.StateSolutionProposed}, {r.awaiting(), techcase.StateSolutionProposed},
		{r.proposed(), techcase.StateSolutionProposed}, {draft, techcase.StateDraft},
	} {
		mails := len(r.mails(c.from.ID))
		r.in(func(u *forewarn.Unit) error {
			return r.cases.Book().Resolve(u, c.from.ID, ticket.Resolution{Code: "Replaced", Notes: "Swapped it", Cause: "dust"})
		})
		got := r.get(c.from.ID)
		if got.State != c.to || c.to == techcase.StateSolutionProposed && (got.ResolutionCode != "Replaced" || got.Cause != "dust") {
			t.Errorf("from %s: %+v", c.from.State, got)
		}
		if c.from.State == techcase.StateSolutionProposed && (got.Window != c.from.Window || len(r.mails(got.ID)) != mails) {
			t.Errorf("a solution that was proposed already was proposed again: %+v", got)
		}
	}
}

func TestBookPages(t *testing.T) {
	r := newRig(t)
	major := r.book(ticket.NewCase{ID: store.NameID("major"), Source: incident, Major: true, ShortDescription: "outage"})
	for _, name := range []string{"a", "b", "c"} {
		r.book(childOf(major.ID, name))
	}
	consumer := r.book(ticket.NewCase{Source: incident, Consumer: "carl", ShortDescription: "no signal", Quiet: true})
	r.in(func(u *forewarn.Unit) error {
		_, err := r.cases.Cancel(r.ctx, u, techcase.Cancel{Case: consumer.ID})
		return err
	})
	for _, c := range []struct {
		name string
		q    ticket.CaseQuery
		want int
	}{
		{"of a source", ticket.CaseQuery{Source: incident.ID}, 5},
		{"open of a source", ticket.CaseQuery{Source: incident.ID, Open: true}, 4},
		{"of a party of a source", ticket.CaseQuery{Source: incident.ID, Account: "b"}, 1},
		{"of a consumer of a source", ticket.CaseQuery{Source: incident.ID, Consumer: "carl"}, 1},
		{"open of a consumer", ticket.CaseQuery{Consumer: "carl", Open: true}, 0},
		{"of an account", ticket.CaseQuery{Account: "c"}, 1},
		{"children", ticket.CaseQuery{Parent: major.ID}, 3},
		{"of another source", ticket.CaseQuery{Source: uuid.MustParse("00000000-0000-4000-8000-0000000000cc")}, 0},
	} {
		got, seen := 0, map[uuid.UUID]bool{}
		r.in(func(u *forewarn.Unit) error {
			got, seen = 0, map[uuid.UUID]bool{}
			q := c.q
			q.Limit = 2
			for {
				page, err := r.cases.Book().Page(u, q)
				if err != nil {
					return err
				}
				for _, b := range page.Cases {
					got++
					seen[b.ID] = true
				}
				if q.After = page.Next; q.After == "" {
					return nil
				}
			}
		})
		if got != c.want || len(seen) != c.want {
			t.Errorf("%s: %d cases (%d different), want %d", c.name, got, len(seen), c.want)
		}
	}
	for _, q := range []ticket.CaseQuery{{}, {Open: true}, {Account: "a", Consumer: "b"}, {Parent: major.ID, Account: "a"}} {
		err := r.try(func(u *forewarn.Unit) error { _, err := r.cases.Book().Page(u, q); return err })
		if !errors.Is(err, forewarn.ErrInvalid) {
			t.Errorf("%+v: %v", q, err)
		}
	}
}

// Covers: TECH-039
func TestBookOpensManyAtOnce(t *testing.T) {
	r := newRig(t)
	major, _ := r.outage()
	stands := r.book(childOf(major, "b"))
	all := []ticket.NewCase{childOf(major, "a"), childOf(major, "b"), childOf(major, "c"), childOf(major, "a")}
	var opened []ticket.BookedCase
	r.in(func(u *forewarn.Unit) (err error) { opened, err = r.cases.Book().OpenAll(u, all); return err })
	if len(opened) != 2 || opened[0].ID != all[0].ID || opened[1].ID != all[2].ID || opened[0].Number == opened[1].Number ||
		opened[0].State != "New" || opened[0].Parent != major || opened[0].Source.ID != incident.ID {
		t.Errorf("opened %+v", opened)
	}
	r.in(func(u *forewarn.Unit) (err error) { opened, err = r.cases.Book().OpenAll(u, all); return err })
	if len(opened) != 0 {
		t.Errorf("opened again %+v", opened)
	}
	for _, n := range all {
		if got := r.events(n.ID); !reflect.DeepEqual(got, []string{"create"}) {
			t.Errorf("events %q", got)
		}
	}
	if got := r.get(stands.ID); got.Version != forewarn.Version(stands.Version) {
		t.Errorf("the case that stands was changed: %+v", got)
	}
	var standing map[uuid.UUID]bool
	nobody := uuid.MustParse("00000000-0000-4000-8000-0000000000dd")
	r.in(func(u *forewarn.Unit) (err error) {
		standing, err = r.cases.Book().Standing(u, all[0].ID, nobody, major)
		return err
	})
	if len(standing) != 2 || !standing[all[0].ID] || !standing[major] {
		t.Errorf("standing %v", standing)
	}
	if n := r.members(major); n != 3 {
		t.Errorf("%d children", n)
	}
	nameless := childOf(major, "d")
	nameless.ID = uuid.Nil
	invalid(t, r.try(func(u *forewarn.Unit) error { return second(r.cases.Book().OpenAll(u, []ticket.NewCase{nameless})) }), "case.id")
	orphan := childOf(all[0].ID, "e")
	if err := r.try(func(u *forewarn.Unit) error { return second(r.cases.Book().OpenAll(u, []ticket.NewCase{orphan})) }); !errors.Is(err, forewarn.ErrRefused) {
		t.Errorf("the child of what is not major: %v", err)
	}
}

func TestBookFindsTheMajorCasesOfASource(t *testing.T) {
	r := newRig(t)
	major, children := r.outage("a")
	elsewhere := r.book(ticket.NewCase{Source: store.Key{Kind: "incident", ID: uuid.Max}, Major: true, ShortDescription: "other"})
	for name, c := range map[string]struct {
		q    ticket.CaseQuery
		want []uuid.UUID
	}{
		"of the incident": {ticket.CaseQuery{Source: incident.ID, Major: true, Open: true}, []uuid.UUID{major}},
		"of another":      {ticket.CaseQuery{Source: uuid.Max, Major: true, Open: true}, []uuid.UUID{elsewhere.ID}},
		"of none":         {ticket.CaseQuery{Source: children[0], Major: true}, nil},
	} {
		var got []uuid.UUID
		r.in(func(u *forewarn.Unit) error {
			got = nil
			q := c.q
			for {
				page, err := r.cases.Book().Page(u, q)
				if err != nil {
					return err
				}
				for _, b := range page.Cases {
					got = append(got, b.ID)
				}
				if q.After = page.Next; q.After == "" {
					return nil
				}
			}
		})
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
	invalid(t, r.try(func(u *forewarn.Unit) error {
		return second(r.cases.Book().Page(u, ticket.CaseQuery{Account: "a", Major: true}))
	}), "query.major")
}

// A type of cases is chosen by the service definition.
func TestAServiceDefinitionLeadsToItsType(t *testing.T) {
	types := []techcase.Type{{Name: "tech", Services: []string{"SD-WAN"}}, {Name: "base", Services: []string{"Fibre Broadband"}}}
	r := newRig(t, func(c *techcase.Config) { c.Types = types })
	for _, c := range []struct{ service, named, want string }{
		{"", "", "tech"}, {"SD-WAN", "", "tech"}, {"Fibre Broadband", "", "base"}, {"Unknown", "", "tech"}, {"Fibre Broadband", "tech", "tech"},
	} {
		n := ticket.NewCase{Source: incident, Service: c.service, Type: c.named, ShortDescription: "x"}
		if got := r.get(r.book(n).ID).Type; got != c.want {
			t.Errorf("%q, %q: type %q, want %q", c.service, c.named, got, c.want)
		}
	}
	bare := &rig{TB: t, ctx: r.ctx, clock: r.clock}
	twice := append(types, techcase.Type{Name: "third", Services: []string{"SD-WAN"}})
	_, err := techcase.New(techcase.Config{Engine: bare.bareEngine(), Follower: techcase.NoFollower, Types: twice})
	invalid(t, err, "config.types[2].services")
}

func TestBookRefusesWhatNoCaseCanBe(t *testing.T) {
	r := newRig(t)
	major := r.book(ticket.NewCase{Source: incident, Major: true, ShortDescription: "outage"})
	for field, n := range map[string]ticket.NewCase{
		"shortDescription": {Source: incident}, "parent": {Major: true, Parent: major.ID, ShortDescription: "x"}, "priority": {Priority: 5, ShortDescription: "x"},
		"account": {Major: true, Account: "boxeo", ShortDescription: "x"}, "type": {Type: "none", ShortDescription: "x"},
		"consumer": {Account: "boxeo", Consumer: "carl", ShortDescription: "x"},
	} {
		invalid(t, r.try(func(u *forewarn.Unit) error { return second(r.cases.Book().Open(u, n)) }), field)
	}
	invalid(t, r.try(func(u *forewarn.Unit) error {
		return second(r.cases.Book().Comment(u, ticket.CaseComment{Case: major.ID, Entry: ticket.Notice, Text: "x"}))
	}), "entry")
	nobody := uuid.MustParse("00000000-0000-4000-8000-0000000000dd")
	for name, use := range map[string]func(*forewarn.Unit) error{
		"Get":      func(u *forewarn.Unit) error { return second(r.cases.Book().Get(u, nobody)) },
		"Resolve":  func(u *forewarn.Unit) error { return r.cases.Book().Resolve(u, nobody, ticket.Resolution{}) },
		"Describe": func(u *forewarn.Unit) error { return r.cases.Book().Describe(u, nobody, ticket.Resolution{}) },
		"Comment": func(u *forewarn.Unit) error {
			return second(r.cases.Book().Comment(u, ticket.CaseComment{Case: nobody, Entry: ticket.Comment, Text: "x"}))
		},
	} {
		if err := r.try(use); !errors.Is(err, forewarn.ErrNotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
