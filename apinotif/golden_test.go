package apinotif

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn/apinotif/tmf"
	"github.com/forewarn-go/forewarn/bus"
	"github.com/forewarn-go/forewarn/store"
	"github.com/forewarn-go/forewarn/ticket"
)

var update = flag.Bool("update", false, "write the golden files")

// sample is a change and the place, among its events, of the one with a golden file.
type sample struct {
	file   string // testdata/FILE.golden.json
	change ticket.Change
	event  int
	want   string // event type
}

func samples() []sample {
	at := func(minute int) time.Time { return time.Date(2026, 1, 5, 9, minute, 0, 123456000, time.UTC) }
	incident := ticket.Snapshot{
		Key:  store.Key{Tenant: "acme", Kind: "incident", ID: uuid.MustParse("0191e2a0-0000-7000-8000-000000000001")},
		Type: ticket.TypeIncident, Number: "INC0000001", TypeName: "Incident", Severity: "Critical", ExternalID: "ALM-1",
		Name: "Link to Vmanage_10001 is down", Description: "Link to Vmanage_10001 is down\nseen by <probe> & operator",
		Priority: 1, Channel: "fault-management", Category: "Network", Subcategory: "Link Failure", Stage: "Triage", Group: "NOC",
		Status: ticket.New, StatusChanged: at(0), Created: at(0), Updated: at(0), Proactive: true,
		Entities: []ticket.Entity{
			{ID: "Vmanage_10001", Type: "cmdb_ci", Role: "configuration item", Name: "Vmanage 10001"},
			{ID: "svc-1", Type: "cmdb_ci_service"},
		},
	}
	proactive := ticket.Snapshot{
		Key:  store.Key{Tenant: "acme", Kind: "case", ID: uuid.MustParse("0191e2a0-0000-7000-8000-000000000002")},
		Type: ticket.TypeCase, Number: "CS0000001", Name: "Service of Funco Intl is degraded", Priority: 2,
		Status: ticket.New, StatusChanged: at(1), Created: at(1), Updated: at(1), Proactive: true, Major: true,
		Parties: []ticket.Party{
			{ID: "ACC1", Type: "customer", Role: "account", Name: "Funco Intl"},
			{ID: "C1", Type: "customer_contact"},
		},
	}
	waiting := incident
	waiting.Status, waiting.StatusChanged, waiting.Updated = ticket.Waiting, at(2), at(2)
	before := waiting
	before.Priority, before.Severity = 2, ""
	resolved := before
	resolved.Status, resolved.StatusChanged, resolved.Updated, resolved.Resolved = ticket.Resolved, at(3), at(3), at(3)
	resolved.Priority, resolved.Stage = 1, "Resolution"
	resolved.ResolutionCode, resolved.ResolutionNotes, resolved.Cause = "Fixed", "The card was replaced", "A card had failed"
	resolved.Comments = []ticket.PublicComment{{ID: uuid.MustParse("0191e2a0-0000-7000-8000-0000000000c1"), Text: "Service is back", By: "noc", At: at(3)}}
	resolved.CommentCount = 2
	return []sample{
		{"create", ticket.Change{After: incident}, 0, "TroubleTicketCreateEvent"},
		{"create-for-case", ticket.Change{After: proactive}, 0, "TroubleTicketCreateEventForCase"},
		{"status-change", ticket.Change{Before: &incident, After: waiting}, 1, "TroubleTicketStatusChangeEvent"},
		{"attribute-change", ticket.Change{Before: &before, After: resolved}, 2, "TroubleTicketAttributeChangeEvent"},
	}
}

// stage makes the staged event of a sample as an engine does.
func stage(t testing.TB, s sample) store.Event {
	t.Helper()
	events := rules(t, Config{}).Events(s.change)
	if len(events) <= s.event {
		t.Fatalf("%s: the rules make %v", s.file, events)
	}
	body, err := json.Marshal(ticket.Staged{
		Event:       events[s.event],
		Correlation: uuid.MustParse("0191e2a0-0000-7000-8000-00000000c0de"),
		Snapshot:    s.change.After,
	})
	if err != nil {
		t.Fatal(err)
	}
	return store.Event{ID: uuid.MustParse("0191e2a0-0000-7000-8000-00000000e001"), Ticket: s.change.After.Key,
		Type: events[s.event].Type, At: s.change.After.Updated, Body: body}
}

func message(t testing.TB, s sample) bus.Message {
	t.Helper()
	m, err := Encode("tickets")(stage(t, s))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// Covers: APIN-002, APIN-003, APIN-031
func TestGolden(t *testing.T) {
	for _, s := range samples() {
		t.Run(s.file, func(t *testing.T) {
			m := message(t, s)
			var got bytes.Buffer
			if err := json.Indent(&got, m.Body, "", "  "); err != nil {
				t.Fatal(err)
			}
			got.WriteByte('\n')
			file := filepath.Join("testdata", s.file+".golden.json")
			if *update {
				if err := os.WriteFile(file, got.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got.Bytes(), want) {
				t.Errorf("%s: got\n%s\nwant\n%s", file, got.Bytes(), want)
			}
			headers := map[string]string{
				"event-id": "0191e2a0-0000-7000-8000-00000000e001", "event-type": s.want, "tenant": "acme",
				"correlation-id": "0191e2a0-0000-7000-8000-00000000c0de",
			}
			if !reflect.DeepEqual(m.Headers, headers) {
				t.Errorf("headers %v, want %v", m.Headers, headers)
			}
			if m.Key != s.change.After.Key.ID.String() || m.Topic != "tickets" || m.Tenant != "acme" || m.ID.String() != headers["event-id"] {
				t.Errorf("message %+v", m)
			}
		})
	}
}

// Covers: APIN-005
func TestLaterEditsChangeNoEarlierEvent(t *testing.T) {
	s := samples()[3]
	earlier := stage(t, s)
	first, err := Encode("tickets")(earlier)
	if err != nil {
		t.Fatal(err)
	}
	s.change.After.Name = "renamed later"
	s.change.After.Entities[0].Name = "renamed later"
	later := message(t, s)
	again, err := Encode("tickets")(earlier)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(first, again) {
		t.Errorf("the earlier event now makes\n%s\nbefore\n%s", again.Body, first.Body)
	}
	if n := strings.Count(string(later.Body), "renamed later"); n != 2 {
		t.Errorf("the later event shows the edits %d times, want 2", n)
	}
}

// Covers: APIN-002
func TestEachEdgeShowsItsOwnStatus(t *testing.T) {
	s := samples()[3] // pending to resolved: inProgress, resolved, attributes
	for i, want := range []struct {
		status   tmf.Status
		previous any
		resolved bool
	}{{tmf.InProgress, "pending", false}, {tmf.Resolved, "inProgress", true}, {tmf.Resolved, nil, true}} {
		s.event = i
		var got tmf.Event
		if err := json.Unmarshal(message(t, s).Body, &got); err != nil {
			t.Fatal(err)
		}
		tt := got.Event.TroubleTicket
		if tt.Status != want.status || tt.ResolutionDate.IsZero() == want.resolved {
			t.Errorf("event %d: status %s, resolved %v; want %+v", i, tt.Status, tt.ResolutionDate, want)
		}
		var previous any
		for _, c := range got.AnalyticCharacteristic {
			if c.Name == tmf.PreviousStatus {
				previous = c.Value
			}
		}
		if previous != want.previous {
			t.Errorf("event %d: previous status %v, want %v", i, previous, want.previous)
		}
	}
}

func TestHref(t *testing.T) {
	m, err := Encoder{Topic: "t", Base: "https://noc.example.com"}.Message(stage(t, samples()[0]))
	if err != nil {
		t.Fatal(err)
	}
	var e tmf.Event
	if err := json.Unmarshal(m.Body, &e); err != nil {
		t.Fatal(err)
	}
	if want := "https://noc.example.com/tmf-api/troubleTicket/v4/troubleTicket/0191e2a0-0000-7000-8000-000000000001"; e.Event.TroubleTicket.Href != want {
		t.Errorf("href %q, want %q", e.Event.TroubleTicket.Href, want)
	}
}

func TestEncodeRefuses(t *testing.T) {
	good := samples()[0]
	staged := func(change func(*sample)) store.Event {
		s := good
		e := stage(t, s)
		change(&s)
		body, err := json.Marshal(ticket.Staged{Event: ticket.Event{Type: e.Type, After: s.change.After.Status}, Snapshot: s.change.After})
		if err != nil {
			t.Fatal(err)
		}
		e.Body = body
		return e
	}
	with := func(change func(*store.Event)) store.Event {
		e := stage(t, good)
		change(&e)
		return e
	}
	for _, c := range []struct {
		name      string
		event     store.Event
		attribute string
	}{
		{"no body", with(func(e *store.Event) { e.Body = nil }), "body"},
		{"other body", with(func(e *store.Event) { e.Body = []byte(`[]`) }), "body"},
		{"unknown status", with(func(e *store.Event) {
			e.Body = bytes.Replace(e.Body, []byte(`"status":"new"`), []byte(`"status":"open"`), 1)
		}), "body"},
		{"another ticket", with(func(e *store.Event) { e.Ticket.ID = uuid.UUID{5} }), "body.snapshot.key"},
		{"no id", with(func(e *store.Event) { e.ID = uuid.Nil }), "eventId"},
		{"no time", with(func(e *store.Event) { e.At = time.Time{} }), "eventTime"},
		{"no type", staged(func(s *sample) {}), ""},
		{"a draft", staged(func(s *sample) { s.change.After.Status = ticket.Draft }), "event.troubleTicket.status"},
		{"no description", staged(func(s *sample) { s.change.After.Name, s.change.After.Description = "", "" }), "event.troubleTicket.description"},
		{"no severity", staged(func(s *sample) { s.change.After.Priority, s.change.After.Severity = 0, "" }), "event.troubleTicket.severity"},
		{"no ticket type", staged(func(s *sample) { s.change.After.Type, s.change.After.TypeName = "", "" }), "event.troubleTicket.ticketType"},
	} {
		if c.name == "no type" {
			c.event.Type, c.attribute = "", "eventType"
			c.event.Body = bytes.Replace(c.event.Body, []byte(`"type":"TroubleTicketCreateEvent"`), []byte(`"type":""`), 1)
		}
		m, err := Encode("tickets")(c.event)
		var bad *tmf.PayloadError
		if !errors.As(err, &bad) || bad.Attribute != c.attribute || bad.Rule == "" {
			t.Errorf("%s: %v, want a *PayloadError for %s", c.name, err, c.attribute)
		}
		if !reflect.DeepEqual(m, bus.Message{}) {
			t.Errorf("%s: an error and a message %+v", c.name, m)
		}
	}
}
