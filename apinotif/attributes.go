package apinotif

import (
	"slices"
	"strings"

	"github.com/forewarn-go/forewarn/apinotif/tmf"
	"github.com/forewarn-go/forewarn/ticket"
)

// attribute is one that a ticket shows and whose change is announced.
type attribute struct {
	name    string // of ticket.Snapshot's JSON
	differs func(before, after ticket.Snapshot) bool
}

func field[T comparable](name string, of func(ticket.Snapshot) T) attribute {
	return attribute{name, func(b, a ticket.Snapshot) bool { return of(b) != of(a) }}
}

// announced is the table of what the body of a ticket shows beside its status and
// its dates. What is not in it (number, assignee, custom fields, …) is never
// announced by itself.
var announced = []attribute{
	field("name", func(s ticket.Snapshot) string { return s.Name }),
	field("description", func(s ticket.Snapshot) string { return s.Description }),
	field("severity", tmf.Severity), // as it is shown: a priority's label, when no severity was given
	field("priority", func(s ticket.Snapshot) int { return s.Priority }),
	field("channel", func(s ticket.Snapshot) string { return s.Channel }),
	field("category", func(s ticket.Snapshot) string { return s.Category }),
	field("subCategory", func(s ticket.Snapshot) string { return s.Subcategory }),
	field("stage", func(s ticket.Snapshot) string { return s.Stage }),
	field("assignmentGroup", func(s ticket.Snapshot) string { return s.Group }),
	field("resolutionCode", func(s ticket.Snapshot) string { return s.ResolutionCode }),
	field("resolutionNotes", func(s ticket.Snapshot) string { return s.ResolutionNotes }),
	field("cause", func(s ticket.Snapshot) string { return s.Cause }),
	{"entities", func(b, a ticket.Snapshot) bool { return !same(b.Entities, a.Entities, compareEntities) }},
	{"parties", func(b, a ticket.Snapshot) bool { return !same(b.Parties, a.Parties, compareParties) }},
	{"comments", commented},
}

// Attributes returns the names of the attributes whose change makes an event, by the names of ticket.Snapshot's JSON.
func Attributes() []string {
	names := make([]string, len(announced))
	for i, a := range announced {
		names[i] = a.name
	}
	return names
}

// commented reports whether a comment became public.
func commented(before, after ticket.Snapshot) bool {
	return slices.ContainsFunc(after.Comments, func(c ticket.PublicComment) bool {
		return !slices.ContainsFunc(before.Comments, func(b ticket.PublicComment) bool { return b.ID == c.ID })
	})
}

// same reports whether two lists have the same entries, in whatever order.
func same[T comparable](a, b []T, compare func(a, b T) int) bool {
	if len(a) != len(b) {
		return false
	}
	if slices.Equal(a, b) {
		return true
	}
	a, b = slices.Clone(a), slices.Clone(b)
	slices.SortFunc(a, compare)
	slices.SortFunc(b, compare)
	return slices.Equal(a, b)
}

func compareEntities(a, b ticket.Entity) int {
	return compareTexts([4]string{a.Type, a.ID, a.Role, a.Name}, [4]string{b.Type, b.ID, b.Role, b.Name})
}

func compareParties(a, b ticket.Party) int {
	return compareTexts([4]string{a.Type, a.ID, a.Role, a.Name}, [4]string{b.Type, b.ID, b.Role, b.Name})
}

func compareTexts(a, b [4]string) int {
	for i := range a {
		if c := strings.Compare(a[i], b[i]); c != 0 {
			return c
		}
	}
	return 0
}
