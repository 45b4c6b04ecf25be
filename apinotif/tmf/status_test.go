package tmf

import (
	"testing"

	"github.com/forewarn-go/forewarn/ticket"
)

func TestStatusOfEveryStatus(t *testing.T) {
	for _, c := range []struct {
		ticket ticket.Status
		want   Status
		ok     bool
	}{
		{ticket.Draft, "", false},
		{ticket.New, "acknowledged", true},
		{ticket.InProgress, "inProgress", true},
		{ticket.Waiting, "pending", true},
		{ticket.OnHold, "held", true},
		{ticket.Resolved, "resolved", true},
		{ticket.Closed, "closed", true},
		{ticket.Cancelled, "cancelled", true},
		{"open", "", false},
	} {
		got, ok := StatusOf(c.ticket)
		if got != c.want || ok != c.ok {
			t.Errorf("StatusOf(%q) = %q, %v; want %q, %v", c.ticket, got, ok, c.want, c.ok)
		}
		if !ok {
			continue
		}
		if back, ok := got.Ticket(); back != c.ticket || !ok {
			t.Errorf("%q.Ticket() = %q, %v; want %q", got, back, ok, c.ticket)
		}
		if !got.Valid() {
			t.Errorf("%q is not valid", got)
		}
	}
	if s, ok := Rejected.Ticket(); ok {
		t.Errorf("rejected is %q; no ticket of ours is rejected", s)
	}
	if Status("open").Valid() || Status("").Valid() {
		t.Error("a status that TMF621 does not have is valid")
	}
}

func TestSeverityPriority(t *testing.T) {
	for text, want := range map[string]int{
		"1": 1, "Critical": 1, "2": 2, "High": 2, "Major": 2, "3": 3, "Moderate": 3, "Medium": 3, "Minor": 3,
		"4": 4, "Low": 4, "5": 5, "Planning": 5, "1 - Critical": 1, "5 - Planning": 5,
		"CRITICAL": 1, " major ": 2,
		"": 4, "urgent": 4, "6": 4, "0": 4, "1.0": 4, "very high": 4,
	} {
		if got := SeverityPriority(text); got != want {
			t.Errorf("SeverityPriority(%q) = %d, want %d", text, got, want)
		}
	}
	for p, want := range map[int]string{0: "", 1: "1 - Critical", 2: "2 - High", 3: "3 - Moderate", 4: "4 - Low", 5: "5 - Planning", 6: "", -1: ""} {
		if got := PriorityLabel(p); got != want {
			t.Errorf("PriorityLabel(%d) = %q, want %q", p, got, want)
		}
	}
	if got := Severity(ticket.Snapshot{Severity: "Very bad", Priority: 4}); got != "Very bad" {
		t.Errorf("a given severity is answered as %q", got)
	}
	if got := Severity(ticket.Snapshot{Priority: 4}); got != "4 - Low" {
		t.Errorf("without one the label is %q", got)
	}
}

// Covers: APIN-002
func TestTMF621EventType(t *testing.T) {
	for ours, want := range map[string]string{
		"TroubleTicketCreateEvent":          "TroubleTicketCreateEvent",
		"TroubleTicketStatusChangeEvent":    "TroubleTicketStatusChangeEvent",
		"TroubleTicketAttributeChangeEvent": "TroubleTicketAttributeValueChangeEvent",
		"TroubleTicketCreateEventForCase":   "TroubleTicketCreateEvent",
		"SomethingElse":                     "SomethingElse",
	} {
		if got := TMF621EventType(ours); got != want {
			t.Errorf("TMF621EventType(%q) = %q, want %q", ours, got, want)
		}
	}
}
