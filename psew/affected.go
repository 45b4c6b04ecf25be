package psew

import (
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
// reads the rows of one number, so that a view never mixes two refreshes.
type Impact struct {
	ID      uuid.UUID        `json:"id"`
	Version forewarn.Version `json:"version"`
	Kind    string           `json:"kind"`   // of the record: incident, …
	Source  uuid.UUID        `json:"source"` // the record
	// Current is the number of the last refresh that has ended, 0 before the first; Latest that of the last that has begun.
	Current int `json:"current"`
	Latest  int `json:"latest"`
	// Cleaned is the last number whose rows were removed.
	Cleaned  int           `json:"cleaned,omitempty"`
	Begun    time.Time     `json:"begun"`
	Finished time.Time     `json:"finished,omitzero"`
	Counts   map[List]int  `json:"counts,omitempty"`
	Totals   impact.Totals `json:"totals"`
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
	Party   *impact.Row  `json:"party,omitempty"`
	Share   impact.Share `json:"share,omitzero"`
	Contact string       `json:"contact,omitempty"`
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

// affectedOne returns a row of a list, or ErrNotFound.
func affectedOne(u *forewarn.Unit, source uuid.UUID, number int, list List, ref string) (Affected, error) {
	return affecteds.Peek(u, affectedID(source, number, list, ref))
}

// partyRow makes the row of an account or consumer without its share.
func partyRow(source uuid.UUID, number int, list List, item inventory.Item, products int) (Affected, error) {
	a := Affected{ID: affectedID(source, number, list, item.ID), Source: source, Number: number, List: list, Ref: item.ID,
		Name: item.Named(), Contact: item.Contact}
	kind := impact.AccountParty
	if list == ListConsumers {
		kind = impact.ConsumerParty
	}
	a.Share = impact.Share{Party: impact.Party{Kind: kind, ID: item.ID}}
	return a, a.count(item, products)
}

// count makes the row's numbers of its share.
func (a *Affected) count(item inventory.Item, products int) error {
	var money *impact.Money
	if item.ContractValue != nil {
		money = &impact.Money{Amount: *item.ContractValue, Currency: item.Currency}
	}
	var row impact.Row
	var err error
	if a.List == ListConsumers {
		row, err = impact.Consumer{ID: item.ID, Name: item.Name, ContractValue: money}.Row(a.Share, products, impact.Facts{})
	} else {
		row, err = impact.Account{ID: item.ID, Name: item.Name, ContractValue: money, Escalated: item.Escalation != ""}.Row(a.Share, products, impact.Facts{})
	}
	if err != nil {
		return forewarn.Invalid("inventory."+string(item.Type), "%s cannot be counted: %v", item.ID, err)
	}
	a.Party = &row
	return nil
}
