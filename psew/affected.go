package psew

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/inventory"
	"github.com/forewarn-go/forewarn/psew/impact"
	"github.com/forewarn-go/forewarn/store"
)

// List is one of the lists of what an incident affects.
type List string

// The lists.
const (
	ListCIs      List = "cis"      // the affected CIs themselves
	ListServices List = "services" // impacted services and CIs
	ListAssets   List = "assets"
	ListAccounts List = "accounts"
	// ListConsumers are the consumers, who are persons.
	ListConsumers List = "consumers"
)

// Lists returns the lists in the order in which they are shown.
func Lists() []List { return []List{ListCIs, ListServices, ListAssets, ListAccounts, ListConsumers} }

// UnmarshalText refuses what is no list.
func (l *List) UnmarshalText(b []byte) error { return known(l, b, append(Lists(), "")...) }

// Impact is what is known of whom a record hits: the number of the refresh that is current, and its sums. Its rows are Affected. Whoever looks at it
// reads the rows of one number, so that a view never mixes two refreshes; those of the previous number are kept as long.
type Impact struct {
	ID      uuid.UUID        `json:"id"`
	Version forewarn.Version `json:"version"`
	Kind    string           `json:"kind"`   // of the record: incident, …
	Source  uuid.UUID        `json:"source"` // the record
	// Current is the number of the last refresh that has ended, 0 before the first; Latest that of the last that has begun.
	Current int `json:"current"`
	Latest  int `json:"latest"`
	// Links is how often a case was associated with the record.
	Links int `json:"links,omitempty"`
	// Cleaned says that no refresh up to this number has rows.
	Cleaned  int       `json:"cleaned,omitempty"`
	Begun    time.Time `json:"begun"`
	Finished time.Time `json:"finished,omitzero"`
	// Sums are those of Current.
	Sums
	// Previous is what was current before; nil when nothing was.
	Previous *PreviousImpact `json:"previous,omitempty"`
}

// PreviousImpact is the refresh before the current one.
type PreviousImpact struct {
	Number int `json:"number"`
	Sums
}

// Sums are what the rows of one refresh add up to.
type Sums struct {
	Counts map[List]int `json:"counts,omitempty"`
	// Critical counts the parties of a list who have critical affected services.
	Critical map[List]int  `json:"critical,omitempty"`
	Totals   impact.Totals `json:"totals"`
	// Warnings tell of what of the inventory could not be used: a relation without a direction of impact, a value that cannot be added up. They are the
	// first 20.
	Warnings []string `json:"warnings,omitempty"`
}

const maxWarnings = 20

// warn keeps a warning, once.
func (s *Sums) warn(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if len(s.Warnings) < maxWarnings && !slices.Contains(s.Warnings, text) {
		s.Warnings = append(s.Warnings, text)
	}
}

// replace counts a row of a party in the place of what it was; before is nil for a new one.
func (s *Sums) replace(list List, before *impact.Row, after impact.Row) {
	was := 0
	if before != nil {
		s.Totals.Remove(*before)
		was = before.CriticalServices
	} else {
		s.Counts = increased(s.Counts, list)
	}
	s.Totals.Add(after)
	if was == 0 && after.CriticalServices > 0 {
		s.Critical = increased(s.Critical, list)
	}
}

func increased(counts map[List]int, list List) map[List]int {
	if counts == nil {
		counts = map[List]int{}
	}
	counts[list]++
	return counts
}

var impacts = forewarn.NewRecords("impact", forewarn.Shape[Impact]{
	ID:      func(i *Impact) *uuid.UUID { return &i.ID },
	Version: func(i *Impact) *forewarn.Version { return &i.Version },
})

func impactID(kind string, source uuid.UUID) uuid.UUID {
	return store.NameID("impact", kind, source.String())
}

// impactOf returns the impact of a record, peeked; the zero Impact before the first refresh.
func impactOf(u *forewarn.Unit, kind string, source uuid.UUID) (Impact, error) {
	i, err := impacts.Peek(u, impactID(kind, source))
	if isNotFound(err) {
		return Impact{}, nil
	}
	return i, err
}

// Affected is one row of a refresh.
type Affected struct {
	ID      uuid.UUID        `json:"id"`
	Version forewarn.Version `json:"version"`
	Source  uuid.UUID        `json:"source"`
	Number  int              `json:"number"` // of the refresh
	List    List             `json:"list"`
	Ref     string           `json:"ref"` // id in the inventory
	Name    string           `json:"name"`

	// Node is what a CI or a service is, Place where the walk came to it, from 1.
	Node  *impact.Impacted `json:"node,omitempty"`
	Place int              `json:"place,omitempty"`
	// Definition is the service definition of a service.
	Definition string `json:"definition,omitempty"`

	// Party is what an account or consumer has of the impact, Contact the account's primary contact.
	Party   *impact.Row `json:"party,omitempty"`
	Contact string      `json:"contact,omitempty"`
	// Counted are the critical services that Party counts of the walk's chunk in hand: those of earlier chunks do not come again, so a party of any number
	// of services needs no list of them.
	Counted counted `json:"counted,omitzero"`
}

// chunk is the number of CIs and services that a walk has in hand at once.
const chunk = 100

// counted is a set of places in a chunk.
type counted struct {
	From   int                       `json:"from"` // the place before the chunk
	Places [(chunk + 63) / 64]uint64 `json:"places"`
}

// add takes places into the set of a chunk and returns how many were not in it.
func (c *counted) add(from int, places []int) (n int) {
	if c.From != from {
		*c = counted{From: from}
	}
	for _, p := range places {
		word, bit := &c.Places[p/64], uint64(1)<<(p%64)
		if *word&bit == 0 {
			*word |= bit
			n++
		}
	}
	return n
}

var affecteds = forewarn.NewRecords("affected", forewarn.Shape[Affected]{
	ID:      func(a *Affected) *uuid.UUID { return &a.ID },
	Version: func(a *Affected) *forewarn.Version { return &a.Version },
	Fields: []forewarn.Field[Affected]{
		{Name: "list", Type: store.Text, Of: func(a *Affected) store.Value { return listKey(a.Source, a.Number, a.List) }},
		{Name: "name", Type: store.Text, Of: func(a *Affected) store.Value { return forewarn.Text(words(a.Name)) }},
		{Name: "walk", Type: store.Text, Of: func(a *Affected) store.Value {
			if a.Place == 0 {
				return store.Value{}
			}
			return walkKey(a.Source, a.Number)
		}},
		{Name: "place", Type: store.Int, Of: func(a *Affected) store.Value { return forewarn.Int(a.Place) }},
	},
	Indexes: []store.Index{
		{Name: "list", Fields: []string{"list", "name"}},
		{Name: "walk", Fields: []string{"walk", "place"}},
	},
})

func listKey(source uuid.UUID, number int, list List) store.Value {
	return forewarn.Text(strings.Join([]string{source.String(), strconv.Itoa(number), string(list)}, "/"))
}

func walkKey(source uuid.UUID, number int) store.Value {
	return forewarn.Text(source.String() + "/" + strconv.Itoa(number))
}

func affectedID(source uuid.UUID, number int, list List, ref string) uuid.UUID {
	return store.NameID("affected", source.String(), strconv.Itoa(number), string(list), ref)
}

// affectedPage returns a page of a list of one refresh, by name.
func affectedPage(u *forewarn.Unit, source uuid.UUID, number int, list List, limit int, after string) (forewarn.Page[Affected], error) {
	return affecteds.Where("list", listKey(source, number, list)).Limit(limit).Page(u, after)
}

// party returns the account or consumer that a row is of.
func (a Affected) party() inventory.Ref {
	if a.List == ListConsumers {
		return inventory.Ref{Type: inventory.TypeConsumer, ID: a.Ref}
	}
	return inventory.Ref{Type: inventory.TypeAccount, ID: a.Ref}
}
