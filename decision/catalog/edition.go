package catalog

import (
	"errors"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/decision"
	"github.com/forewarn-go/forewarn/store"
)

// Edition is one version of a tenant's table, as it was put. It never changes.
type Edition struct {
	ID      uuid.UUID        `json:"id"`      // of its record; zero for a shipped table that nobody has overridden
	Version forewarn.Version `json:"version"` // of its record
	Name    string           `json:"name"`
	// Number counts the tenant's editions of the name from 1; 0 is the shipped table.
	Number int `json:"number"`
	// From is the instant from which it holds, exact to the microsecond; zero for a
	// shipped table that nobody has overridden.
	From time.Time `json:"from,omitzero"`
	// Shipped says that it is no table of the tenant's own: it goes back to the
	// shipped one.
	Shipped bool `json:"shipped,omitempty"`
	// Table is the table; nil where it goes back to a shipped table that there is not.
	Table *decision.Table `json:"table,omitempty"`
	By    string          `json:"by,omitempty"` // who put it
	At    time.Time       `json:"at,omitzero"`  // when
	Note  string          `json:"note,omitempty"`
}

// editions are found by their name and number, and by their name and the instant
// from which they hold.
var editions = forewarn.NewRecords("decision_edition", forewarn.Shape[Edition]{
	ID:      func(e *Edition) *uuid.UUID { return &e.ID },
	Version: func(e *Edition) *forewarn.Version { return &e.Version },
	Fields: []forewarn.Field[Edition]{
		{Name: "name", Type: store.Text, Of: func(e *Edition) store.Value { return forewarn.Text(e.Name) }},
		{Name: "number", Type: store.Int, Of: func(e *Edition) store.Value { return forewarn.Int(e.Number) }},
		{Name: "from", Type: store.Int, Of: func(e *Edition) store.Value { return forewarn.Time(e.From) }},
	},
	Indexes: []store.Index{
		{Name: "name_number", Fields: []string{"name", "number"}},
		{Name: "name_from", Fields: []string{"name", "from", "number"}},
	},
})

func editionID(name string, number int) uuid.UUID {
	return store.NameID("decision_edition", name, strconv.Itoa(number))
}

// head says which editions of a name hold now and later. Every put writes it, so
// that puts come one after another.
type head struct {
	ID      uuid.UUID        `json:"id"`
	Version forewarn.Version `json:"version"`
	Name    string           `json:"name"`
	Latest  int              `json:"latest"` // the number of the last edition
	At      time.Time        `json:"at"`     // when it was put; the next is put no earlier, whatever its clock says
	// Slots are the editions that hold when the last was put, and from later
	// instants, in the order of time. What held before is found among the editions.
	Slots []slot `json:"slots"`
}

// slot is an edition from the instant where it holds.
type slot struct {
	Number  int              `json:"number"`
	From    time.Time        `json:"from"`
	Version forewarn.Version `json:"version"` // of the edition's record: with its id it stands for these contents alone
	Shipped bool             `json:"shipped,omitempty"`
}

var heads = forewarn.NewRecords("decision_table", forewarn.Shape[head]{
	ID:      func(h *head) *uuid.UUID { return &h.ID },
	Version: func(h *head) *forewarn.Version { return &h.Version },
	Fields: []forewarn.Field[head]{
		{Name: "name", Type: store.Text, Of: func(h *head) store.Value { return forewarn.Text(h.Name) }},
	},
	Indexes: []store.Index{{Name: "name", Fields: []string{"name"}}},
})

func headID(name string) uuid.UUID { return store.NameID("decision_table", name) }

// headOf returns the head of a name, and makes it a precondition; an empty one
// when the tenant has none.
func headOf(u *forewarn.Unit, name string) (head, error) {
	h, err := heads.Get(u, headID(name))
	if errors.Is(err, forewarn.ErrNotFound) {
		return head{ID: headID(name), Name: name}, nil
	}
	return h, err
}

// add puts an edition into its place, and drops what has ended at now.
func (h *head) add(s slot, now time.Time) {
	at := len(h.Slots)
	for at > 0 && h.Slots[at-1].From.After(s.From) {
		at--
	}
	kept := append(append(h.Slots[:at:at], s), h.Slots[at:]...)
	first := 0
	for i, k := range kept {
		if !k.From.After(now) {
			first = i
		}
	}
	h.Slots = kept[first:]
}

// slotAt returns the edition that holds at an instant, and ok false when the head
// does not know.
func (h *head) slotAt(at time.Time) (s slot, ok bool) {
	for _, k := range h.Slots {
		if k.From.After(at) {
			break
		}
		s, ok = k, true
	}
	return s, ok
}

// editionAt finds the edition that holds at an instant; nil when the shipped
// table does.
func editionAt(u *forewarn.Unit, name string, at time.Time) (*slot, error) {
	h, err := headOf(u, name)
	if err != nil || h.Latest == 0 {
		return nil, err
	}
	if s, ok := h.slotAt(at); ok {
		return &s, nil
	}
	page, err := editions.Where("name_from", forewarn.Text(name)).Range(store.Value{}, forewarn.Time(at.Add(time.Microsecond))).Descending().Limit(1).Page(u, "")
	if err != nil || len(page.Items) == 0 {
		return nil, err
	}
	e := page.Items[0]
	return &slot{Number: e.Number, From: e.From, Version: e.Version, Shipped: e.Shipped}, nil
}

// maxName bounds the name of a table, in bytes.
const maxName = 200

func checkName(field, name string) error {
	switch {
	case name == "":
		return forewarn.Invalid(field, "is empty")
	case len(name) > maxName:
		return forewarn.Invalid(field, "has %d bytes; at most %d", len(name), maxName)
	case !utf8.ValidString(name) || strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r == 0x7f }):
		return forewarn.Invalid(field, "is UTF-8 without control characters")
	}
	return nil
}

// instant cuts a time to what the store keeps.
func instant(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }
