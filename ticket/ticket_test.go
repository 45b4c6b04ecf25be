package ticket_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/forewarn-go/forewarn/ticket"
)

// A status, an entry and nothing else is read back from storage.
func TestUnknownValuesAreErrors(t *testing.T) {
	var s struct {
		Status ticket.Status
		Entry  ticket.Entry
	}
	if err := json.Unmarshal([]byte(`{"Status":"waiting_for_customer","Entry":"comment"}`), &s); err != nil || s.Status != ticket.Waiting || s.Entry != ticket.Comment {
		t.Errorf("%+v, %v", s, err)
	}
	for _, bad := range []string{`{"Status":"odd"}`, `{"Entry":"odd"}`, `{"Entry":""}`} {
		if err := json.Unmarshal([]byte(bad), &s); err == nil || !strings.Contains(err.Error(), "ticket: ") {
			t.Errorf("%s: %v", bad, err)
		}
	}
}

func TestStatus(t *testing.T) {
	for s, want := range map[ticket.Status]struct{ open, final bool }{
		ticket.Draft: {false, false}, ticket.New: {true, false}, ticket.InProgress: {true, false}, ticket.Waiting: {true, false}, ticket.OnHold: {true, false},
		ticket.Resolved: {false, false}, ticket.Closed: {false, true}, ticket.Cancelled: {false, true},
	} {
		if s.Open() != want.open || s.Final() != want.final {
			t.Errorf("%q: open %v, final %v", s, s.Open(), s.Final())
		}
	}
}

// A text that is cut keeps within its bound, stays UTF-8, says that it was cut, and is the beginning of what it was.
func TestCut(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Repeat(rapid.SampledFrom([]string{"a", "ü", "€", "𝄞"}).Draw(t, "letter"), rapid.IntRange(0, ticket.MaxPublic+9).Draw(t, "n"))
		text = strings.Repeat("x", rapid.IntRange(0, 3).Draw(t, "shift")) + text
		cut := ticket.Cut(text)
		if len(text) <= ticket.MaxPublic {
			if cut != text {
				t.Fatal("a short text was cut")
			}
			return
		}
		head, marked := strings.CutSuffix(cut, ticket.CutMark)
		if !marked || len(cut) > ticket.MaxPublic || len(cut) < ticket.MaxPublic-4 || !utf8.ValidString(cut) || !strings.HasPrefix(text, head) {
			t.Fatalf("cut to %d bytes, marked %v", len(cut), marked)
		}
	})
}

func TestCreated(t *testing.T) {
	draft, open := ticket.Snapshot{}, ticket.Snapshot{Status: ticket.New}
	for _, c := range []struct {
		before *ticket.Snapshot
		want   bool
	}{{nil, true}, {&draft, true}, {&open, false}} {
		if got := (ticket.Change{Before: c.before, After: open}).Created(); got != c.want {
			t.Errorf("before %+v: created is %v", c.before, got)
		}
	}
	if ticket.NoEvents.Events(ticket.Change{After: open}) != nil {
		t.Error("no events are some")
	}
}

func ExampleEventRules() {
	rules := onlyClosed{}
	before, after := ticket.Snapshot{Status: ticket.Resolved}, ticket.Snapshot{Status: ticket.Closed}
	for _, e := range rules.Events(ticket.Change{Before: &before, After: after}) {
		fmt.Println(e.Type, e.Before, e.After)
	}
	// Output: TicketClosed resolved closed
}

// onlyClosed makes an event of a ticket's end alone.
type onlyClosed struct{}

func (onlyClosed) Events(c ticket.Change) []ticket.Event {
	if c.Created() || c.Before.Status == c.After.Status || c.After.Status != ticket.Closed {
		return nil
	}
	return []ticket.Event{{Type: "TicketClosed", Before: c.Before.Status, After: c.After.Status}}
}
