package apinotif

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/forewarn-go/forewarn/apinotif/tmf"
	"github.com/forewarn-go/forewarn/store"
	"github.com/forewarn-go/forewarn/ticket"
)

func rules(t testing.TB, c Config) Rules {
	t.Helper()
	r, err := NewRules(c)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func snapshot(of ticket.Type, status ticket.Status) ticket.Snapshot {
	return ticket.Snapshot{Key: store.Key{Tenant: "t", Kind: strings.ToLower(string(of)), ID: uuid.UUID{1}},
		Type: of, Number: "INC0000001", Name: "Link down", Priority: 2, Status: status}
}

// edge is the naive reading of TMF621's picture in our words.
var edge = map[ticket.Status][]ticket.Status{
	ticket.New:        {ticket.InProgress, ticket.Cancelled},
	ticket.InProgress: {ticket.OnHold, ticket.Waiting, ticket.Resolved, ticket.Cancelled},
	ticket.OnHold:     {ticket.InProgress},
	ticket.Waiting:    {ticket.InProgress, ticket.Cancelled},
	ticket.Resolved:   {ticket.Closed, ticket.InProgress},
}

// shortest is a breadth-first search over whole paths, without memory of what it saw.
func shortest(from, to ticket.Status) []ticket.Status {
	if from == to {
		return nil
	}
	level := [][]ticket.Status{{from}}
	for range statuses {
		var next [][]ticket.Status
		for _, p := range level {
			for _, s := range edge[p[len(p)-1]] {
				longer := append(slices.Clone(p), s)
				if s == to {
					return longer[1:]
				}
				next = append(next, longer)
			}
		}
		level = next
	}
	return []ticket.Status{to} // no path: announced as it is
}

// Covers: APIN-002, APIN-026, APIN-028, APIN-035, C-38
func TestEveryPairOfStatuses(t *testing.T) {
	r := rules(t, Config{})
	for _, of := range []ticket.Type{ticket.TypeIncident, ticket.TypeCase} {
		for _, from := range statuses {
			for _, to := range statuses {
				before, after := snapshot(of, from), snapshot(of, to)
				var want []ticket.Event
				at := from
				for _, next := range shortest(from, to) {
					want = append(want, ticket.Event{Type: "TroubleTicketStatusChangeEvent", Before: at, After: next})
					at = next
				}
				if got := r.Events(ticket.Change{Before: &before, After: after}); !reflect.DeepEqual(got, want) {
					t.Errorf("%s %s to %s: %v, want %v", of, from, to, got, want)
				}
			}
		}
	}
}

// Covers: APIN-002
func TestExamplesOfTheSpecification(t *testing.T) {
	r := rules(t, Config{})
	for _, c := range []struct {
		name     string
		from, to ticket.Status
		want     []tmf.Status
	}{
		{"New → Awaiting Info: inProgress, pending", ticket.New, ticket.Waiting, []tmf.Status{tmf.InProgress, tmf.Pending}},
		{"On Hold → Resolved: inProgress, resolved", ticket.OnHold, ticket.Resolved, []tmf.Status{tmf.InProgress, tmf.Resolved}},
		{"Work in Progress → Closed: resolved, closed", ticket.InProgress, ticket.Closed, []tmf.Status{tmf.Resolved, tmf.Closed}},
		{"Solution Proposed → Cancelled: inProgress, cancelled", ticket.Resolved, ticket.Cancelled, []tmf.Status{tmf.InProgress, tmf.Cancelled}},
	} {
		before, after := snapshot(ticket.TypeCase, c.from), snapshot(ticket.TypeCase, c.to)
		var got []tmf.Status
		for _, e := range r.Events(ticket.Change{Before: &before, After: after}) {
			s, _ := tmf.StatusOf(e.After)
			got = append(got, s)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: got %v", c.name, got)
		}
	}
}

// Covers: APIN-002, APIN-028
func TestCreationIsOneEvent(t *testing.T) {
	r := rules(t, Config{})
	for _, c := range []struct {
		of   ticket.Type
		want string
	}{
		{ticket.TypeIncident, "TroubleTicketCreateEvent"},
		{ticket.TypeCase, "TroubleTicketCreateEventForCase"},
		{ticket.TypeChange, ""},
		{ticket.TypeProblem, ""},
	} {
		draft := snapshot(c.of, ticket.Draft)
		for _, before := range []*ticket.Snapshot{nil, &draft} {
			after := snapshot(c.of, ticket.InProgress)
			after.Stage, after.Comments = "Triage", []ticket.PublicComment{{ID: uuid.UUID{9}}}
			var want []ticket.Event
			if c.want != "" {
				want = []ticket.Event{{Type: c.want, After: ticket.InProgress}}
			}
			if got := r.Events(ticket.Change{Before: before, After: after}); !reflect.DeepEqual(got, want) {
				t.Errorf("%s from %v: %v, want %v", c.of, before, got, want)
			}
		}
		if got := r.Events(ticket.Change{After: draft}); got != nil {
			t.Errorf("%s: a draft makes %v", c.of, got)
		}
		now := snapshot(c.of, ticket.New)
		if got := r.Events(ticket.Change{Before: &now, After: draft}); got != nil {
			t.Errorf("%s: what becomes a draft makes %v", c.of, got)
		}
	}
}

// changes are one change of each attribute, by its name.
var changes = map[string]func(*ticket.Snapshot){
	"name":            func(s *ticket.Snapshot) { s.Name = "other" },
	"description":     func(s *ticket.Snapshot) { s.Description = "other" },
	"severity":        func(s *ticket.Snapshot) { s.Severity = "Critical" },
	"priority":        func(s *ticket.Snapshot) { s.Priority = 1 },
	"channel":         func(s *ticket.Snapshot) { s.Channel = "portal" },
	"category":        func(s *ticket.Snapshot) { s.Category = "Hardware" },
	"subCategory":     func(s *ticket.Snapshot) { s.Subcategory = "Link Failure" },
	"stage":           func(s *ticket.Snapshot) { s.Stage = "L1" },
	"assignmentGroup": func(s *ticket.Snapshot) { s.Group = "L1 Group" },
	"resolutionCode":  func(s *ticket.Snapshot) { s.ResolutionCode = "Fixed" },
	"resolutionNotes": func(s *ticket.Snapshot) { s.ResolutionNotes = "replaced" },
	"cause":           func(s *ticket.Snapshot) { s.Cause = "card" },
	"entities":        func(s *ticket.Snapshot) { s.Entities = []ticket.Entity{{ID: "a", Type: "cmdb_ci"}} },
	"parties":         func(s *ticket.Snapshot) { s.Parties = []ticket.Party{{ID: "a", Type: "customer"}} },
	"comments":        func(s *ticket.Snapshot) { s.Comments = []ticket.PublicComment{{ID: uuid.UUID{7}, Text: "hello"}} },
}

// silent are changes that are none to the outside.
var silent = []func(*ticket.Snapshot){
	func(s *ticket.Snapshot) { s.Number = "INC0000002" },
	func(s *ticket.Snapshot) { s.ExternalID = "x" },
	func(s *ticket.Snapshot) { s.TypeName = "incident" },
	func(s *ticket.Snapshot) { s.Updated = s.Updated.AddDate(0, 0, 1) },
	func(s *ticket.Snapshot) { s.StatusChanged = s.StatusChanged.AddDate(0, 0, 1) },
	func(s *ticket.Snapshot) { s.Resolved = s.Resolved.AddDate(1, 0, 0) },
	func(s *ticket.Snapshot) { s.CommentCount = 3 },
	func(s *ticket.Snapshot) { s.Custom = ticket.Custom{"a": []byte(`1`)} },
}

// Covers: APIN-002, APIN-035
func TestEachAttribute(t *testing.T) {
	r := rules(t, Config{})
	if got := Attributes(); len(got) != len(changes) {
		t.Fatalf("attributes %v, want those of the %d changes", got, len(changes))
	}
	for _, of := range []ticket.Type{ticket.TypeIncident, ticket.TypeCase} {
		for _, name := range Attributes() {
			before := snapshot(of, ticket.InProgress)
			before.Severity = "High"
			after := before
			changes[name](&after)
			want := []ticket.Event{{Type: "TroubleTicketAttributeChangeEvent", Before: ticket.InProgress, After: ticket.InProgress, Changed: []string{name}}}
			if got := r.Events(ticket.Change{Before: &before, After: after}); !reflect.DeepEqual(got, want) {
				t.Errorf("%s %s: %v, want %v", of, name, got, want)
			}
		}
	}
	for i, change := range silent {
		before := snapshot(ticket.TypeIncident, ticket.InProgress)
		after := before
		change(&after)
		if got := r.Events(ticket.Change{Before: &before, After: after}); got != nil {
			t.Errorf("silent change %d makes %v", i, got)
		}
	}
}

func TestSeverityIsAsShown(t *testing.T) {
	r := rules(t, Config{})
	before := snapshot(ticket.TypeIncident, ticket.New)
	after := before
	after.Priority = 1 // no severity was given, so the label is shown as one, and changes too
	got := r.Events(ticket.Change{Before: &before, After: after})
	if len(got) != 1 || !slices.Equal(got[0].Changed, []string{"severity", "priority"}) {
		t.Errorf("got %v", got)
	}
	before.Severity, after = "2 - High", before
	after.Severity = "" // the label says the same
	if got := r.Events(ticket.Change{Before: &before, After: after}); got != nil {
		t.Errorf("a severity that is shown as before makes %v", got)
	}
}

func TestOrderOfListsDoesNotCount(t *testing.T) {
	r := rules(t, Config{})
	before := snapshot(ticket.TypeIncident, ticket.New)
	a, b := ticket.Entity{ID: "a", Type: "cmdb_ci"}, ticket.Entity{ID: "b", Type: "cmdb_ci_service"}
	p, q := ticket.Party{ID: "a", Type: "customer"}, ticket.Party{ID: "b", Type: "consumer"}
	c := ticket.PublicComment{ID: uuid.UUID{1}}
	before.Entities, before.Parties, before.Comments = []ticket.Entity{a, b}, []ticket.Party{p, q}, []ticket.PublicComment{c}
	after := before
	after.Entities, after.Parties = []ticket.Entity{b, a}, []ticket.Party{q, p}
	if got := r.Events(ticket.Change{Before: &before, After: after}); got != nil {
		t.Errorf("another order, and a comment that is known, make %v", got)
	}
	after.Entities = []ticket.Entity{b, b}
	if got := r.Events(ticket.Change{Before: &before, After: after}); len(got) != 1 || !slices.Equal(got[0].Changed, []string{"entities"}) {
		t.Errorf("another entity makes %v", got)
	}
}

// Covers: APIN-002, APIN-026
func TestRulesAgainstAModel(t *testing.T) {
	r := rules(t, Config{})
	rapid.Check(t, func(t *rapid.T) {
		of := rapid.SampledFrom([]ticket.Type{ticket.TypeIncident, ticket.TypeCase, ticket.TypeChange, ticket.TypeProblem}).Draw(t, "type")
		status := rapid.SampledFrom(append([]ticket.Status{ticket.Draft}, statuses...))
		before := snapshot(of, status.Draw(t, "before"))
		before.Severity = "High"
		after := before
		after.Status = status.Draw(t, "after")
		changed := rapid.SliceOfDistinct(rapid.SampledFrom(Attributes()), rapid.ID[string]).Draw(t, "changed")
		for _, name := range changed {
			changes[name](&after)
		}
		for i := range silent {
			if rapid.Bool().Draw(t, fmt.Sprint("silent", i)) {
				silent[i](&after)
			}
		}
		got := r.Events(ticket.Change{Before: &before, After: after})
		if again := r.Events(ticket.Change{Before: &before, After: after}); !reflect.DeepEqual(got, again) {
			t.Fatalf("asked twice: %v and %v", got, again)
		}

		var want []string
		switch told := of == ticket.TypeIncident || of == ticket.TypeCase; {
		case !told || after.Status == ticket.Draft:
		case before.Status == ticket.Draft && of == ticket.TypeIncident:
			want = []string{"TroubleTicketCreateEvent"}
		case before.Status == ticket.Draft:
			want = []string{"TroubleTicketCreateEventForCase"}
		default:
			for range shortest(before.Status, after.Status) {
				want = append(want, "TroubleTicketStatusChangeEvent")
			}
			if len(changed) > 0 {
				want = append(want, "TroubleTicketAttributeChangeEvent")
			}
		}
		var types []string
		for _, e := range got {
			types = append(types, e.Type)
		}
		if !slices.Equal(types, want) {
			t.Fatalf("%s %q to %q with %v: %v, want %v", of, before.Status, after.Status, changed, types, want)
		}
		if len(got) == 0 {
			return
		}
		if last := got[len(got)-1]; last.After != after.Status {
			t.Fatalf("the last event tells of %q, the ticket is %q", last.After, after.Status)
		}
		at := before.Status
		for _, e := range got {
			if e.Type == "TroubleTicketAttributeChangeEvent" {
				slices.Sort(changed)
				if names := slices.Sorted(slices.Values(e.Changed)); !slices.Equal(names, changed) {
					t.Fatalf("changed %v, announced %v", changed, names)
				}
				continue
			}
			if e.Before != at || e.Changed != nil {
				t.Fatalf("%v does not go on from %q", got, at)
			}
			at = e.After
		}
	})
}

// Covers: APIN-027
func TestEachRuleCanBeSwitchedOff(t *testing.T) {
	after := snapshot(ticket.TypeIncident, ticket.InProgress)
	before := snapshot(ticket.TypeIncident, ticket.New)
	after.Stage = "L1"
	opened := snapshot(ticket.TypeCase, ticket.New)
	all := map[Rule]ticket.Change{
		CreateTroubleTicket:          {After: after},
		CreateTroubleTicketForCase:   {After: opened},
		TroubleTicketStateChange:     {Before: &before, After: after},
		TroubleTicketAttributeChange: {Before: &before, After: after},
	}
	types := map[Rule]string{
		CreateTroubleTicket:          "TroubleTicketCreateEvent",
		CreateTroubleTicketForCase:   "TroubleTicketCreateEventForCase",
		TroubleTicketStateChange:     "TroubleTicketStatusChangeEvent",
		TroubleTicketAttributeChange: "TroubleTicketAttributeChangeEvent",
	}
	count := func(r Rules, of Rule) (n int) {
		for _, e := range r.Events(all[of]) {
			if e.Type == types[of] {
				n++
			}
		}
		return n
	}
	for _, off := range AllRules() {
		r := rules(t, Config{Off: []Rule{off}})
		for _, other := range AllRules() {
			want := 1
			if other == off {
				want = 0
			}
			if got := count(r, other); got != want {
				t.Errorf("%s is off: %s makes %d events, want %d", off, other, got, want)
			}
		}
	}
	if got := (Rules{}).Events(ticket.Change{After: after}); got != nil {
		t.Errorf("the zero Rules make %v", got)
	}
}

// Covers: APIN-035
func TestKindsAndAttributesAreConfigured(t *testing.T) {
	r := rules(t, Config{Kinds: []string{"case"}, Attributes: []string{"stage"}})
	before := snapshot(ticket.TypeCase, ticket.New)
	after := before
	after.Name, after.Stage = "other", "Diagnose"
	if got := r.Events(ticket.Change{Before: &before, After: after}); len(got) != 1 || !slices.Equal(got[0].Changed, []string{"stage"}) {
		t.Errorf("got %v", got)
	}
	if got := r.Events(ticket.Change{After: snapshot(ticket.TypeIncident, ticket.New)}); got != nil {
		t.Errorf("a kind that is not listed makes %v", got)
	}
	none := rules(t, Config{Attributes: []string{}})
	if got := none.Events(ticket.Change{Before: &before, After: after}); got != nil {
		t.Errorf("no attributes: %v", got)
	}
}

func TestLifecycleIsSelectable(t *testing.T) {
	r := rules(t, Config{Lifecycle: tmf.TMF656()})
	before, after := snapshot(ticket.TypeIncident, ticket.OnHold), snapshot(ticket.TypeIncident, ticket.Resolved)
	if got := r.Events(ticket.Change{Before: &before, After: after}); len(got) != 1 || got[0].After != ticket.Resolved {
		t.Errorf("held to resolved along TMF656's own edge: %v", got)
	}
}

func TestNewRulesRefuses(t *testing.T) {
	through, err := tmf.NewLifecycle("odd", tmf.Acknowledged, tmf.Edge{From: tmf.Acknowledged, To: tmf.Rejected}, tmf.Edge{From: tmf.Rejected, To: tmf.Held})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		config      Config
		field, rule string
	}{
		{Config{Off: []Rule{"Create Ticket"}}, "Off", `there is no rule "Create Ticket"`},
		{Config{Attributes: []string{"assignee"}}, "Attributes", `"assignee" is none of`},
		{Config{Kinds: []string{""}}, "Kinds", "a kind has no name"},
		{Config{Lifecycle: through}, "Lifecycle", "odd leads from acknowledged to held through rejected, which no ticket is"},
	} {
		_, err := NewRules(c.config)
		var bad *ConfigError
		if !errors.As(err, &bad) || bad.Field != c.field || !strings.HasPrefix(bad.Rule, c.rule) {
			t.Errorf("%+v: %v, want %s: %s", c.config, err, c.field, c.rule)
		}
	}
}

func ExampleRules() {
	r, err := NewRules(Config{Off: []Rule{TroubleTicketAttributeChange}})
	if err != nil {
		fmt.Println(err)
		return
	}
	before := ticket.Snapshot{Type: ticket.TypeIncident, Status: ticket.OnHold}
	after := ticket.Snapshot{Type: ticket.TypeIncident, Status: ticket.Resolved, Cause: "A card had failed"}
	for _, e := range r.Events(ticket.Change{Before: &before, After: after}) {
		fmt.Println(e.Type, e.Before, "->", e.After)
	}
	// Output:
	// TroubleTicketStatusChangeEvent on_hold -> in_progress
	// TroubleTicketStatusChangeEvent in_progress -> resolved
}
