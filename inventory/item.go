package inventory

import (
	"slices"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/store"
	"github.com/forewarn-go/forewarn/ticket"
)

// Type is the type of an item.
type Type string

// The types of items.
const (
	TypeCI          Type = "ci"
	TypeService     Type = "service"
	TypeInstallBase Type = "install_base"
	TypeSoldProduct Type = "sold_product"
	TypeAsset       Type = "asset"
	TypeAccount     Type = "account"
	TypeContact     Type = "contact"
	TypeConsumer    Type = "consumer"
)

// Types returns all types.
func Types() []Type {
	return []Type{TypeCI, TypeService, TypeInstallBase, TypeSoldProduct, TypeAsset, TypeAccount, TypeContact, TypeConsumer}
}

// UnmarshalText refuses what is no type.
func (t *Type) UnmarshalText(b []byte) error {
	if known := Type(b); slices.Contains(Types(), known) {
		*t = known
		return nil
	}
	return forewarn.Invalid("type", "%q is none: there are %q", b, Types())
}

// Ref names an item.
type Ref struct {
	Type Type   `json:"type"`
	ID   string `json:"id"`
}

func (r Ref) String() string { return string(r.Type) + " " + r.ID }

// Relation says that an item has something to do with another, as depends_on,
// runs_on, hosted_on. ToType is ci when it is not given.
type Relation struct {
	Type   string `json:"type"`
	To     string `json:"to"`
	ToType Type   `json:"toType,omitempty"`
}

// Target returns what the relation leads to.
func (r Relation) Target() Ref {
	if r.ToType == "" {
		return Ref{TypeCI, r.To}
	}
	return Ref{r.ToType, r.To}
}

// Item is one thing of the inventory. Which fields count depends on its type;
// ids are those of other items. Money is exact, with its currency.
type Item struct {
	Type Type   `json:"type"`
	ID   string `json:"id"`
	Name string `json:"name,omitempty"`

	Class string `json:"class,omitempty"` // of a CI; see Classes
	// Critical marks a service of high business criticality.
	Critical bool `json:"critical,omitempty"`
	// Definition is the service definition by which cases for a service are opened.
	Definition string     `json:"definition,omitempty"`
	Relations  []Relation `json:"relations,omitempty"` // of CIs and services

	// Of install base items: what they are of, and whose. Also of sold products and assets.
	Service     string `json:"service,omitempty"`
	CI          string `json:"ci,omitempty"`
	SoldProduct string `json:"soldProduct,omitempty"`
	Account     string `json:"account,omitempty"` // of contacts too
	Consumer    string `json:"consumer,omitempty"`
	Product     string `json:"product,omitempty"` // the model

	Contact string `json:"contact,omitempty"` // the primary contact of an account
	Email   string `json:"email,omitempty"`   // of a contact or consumer
	// ContractValue and Currency are those of an account or consumer; nil is unknown.
	ContractValue *decimal.Decimal `json:"contractValue,omitempty"`
	Currency      string           `json:"currency,omitempty"`
	// Escalation is the severity of an account's open escalation; "" when it has none.
	Escalation string `json:"escalation,omitempty"`

	Custom ticket.Custom `json:"custom,omitempty"`

	// Removed takes the item of this type and id away, if it is there; what else the item says is not looked at. A Source never returns such
	// an item.
	Removed bool `json:"removed,omitempty"`
}

// Ref returns the item's name in the inventory.
func (i Item) Ref() Ref { return Ref{i.Type, i.ID} }

// Named returns the item's name, or its id where it has none.
func (i Item) Named() string {
	if i.Name != "" {
		return i.Name
	}
	return i.ID
}

// link is a way from one item to what it stands on: a relation, or a reference of an install base item, an asset or a sold product.
type link struct {
	Relation string
	To       Ref
}

// References that are followed like relations.
const (
	OfService  = "of_service"
	OfCI       = "of_ci"
	OfAccount  = "of_account"
	OfConsumer = "of_consumer"
)

// links returns the ways from an item to what it stands on.
func (i Item) links() []link {
	var all []link
	for _, r := range i.Relations {
		all = append(all, link{r.Type, r.Target()})
	}
	switch i.Type {
	case TypeInstallBase, TypeAsset:
		if i.Service != "" {
			all = append(all, link{OfService, Ref{TypeService, i.Service}})
		}
		if i.CI != "" {
			all = append(all, link{OfCI, Ref{TypeCI, i.CI}})
		}
	case TypeSoldProduct:
		if i.Account != "" {
			all = append(all, link{OfAccount, Ref{TypeAccount, i.Account}})
		}
		if i.Consumer != "" {
			all = append(all, link{OfConsumer, Ref{TypeConsumer, i.Consumer}})
		}
	}
	return all
}

type itemRecord struct {
	Record  uuid.UUID        `json:"record"`
	Version forewarn.Version `json:"version"`
	Item    Item             `json:"item"`
}

var items = forewarn.NewRecords("inventory_item", forewarn.Shape[itemRecord]{
	ID:      func(r *itemRecord) *uuid.UUID { return &r.Record },
	Version: func(r *itemRecord) *forewarn.Version { return &r.Version },
	Fields: []forewarn.Field[itemRecord]{
		{Name: "type", Type: store.Text, Of: func(r *itemRecord) store.Value { return forewarn.Text(r.Item.Type) }},
		{Name: "name", Type: store.Text, Of: func(r *itemRecord) store.Value { return forewarn.Text(r.Item.ID) }},
	},
	Indexes: []store.Index{{Name: "type", Fields: []string{"type", "name"}}},
})

func itemID(r Ref) uuid.UUID { return store.NameID("inventory_item", string(r.Type), r.ID) }

// linkRecord is one way from an item to what it stands on; found by where it leads.
type linkRecord struct {
	Record   uuid.UUID        `json:"record"`
	Version  forewarn.Version `json:"version"`
	From     Ref              `json:"from"`
	Relation string           `json:"relation"`
	To       Ref              `json:"to"`
}

var links = forewarn.NewRecords("inventory_link", forewarn.Shape[linkRecord]{
	ID:      func(r *linkRecord) *uuid.UUID { return &r.Record },
	Version: func(r *linkRecord) *forewarn.Version { return &r.Version },
	Fields: []forewarn.Field[linkRecord]{
		{Name: "target", Type: store.Text, Of: func(r *linkRecord) store.Value { return target(r.From.Type, r.To) }},
		{Name: "source", Type: store.Text, Of: func(r *linkRecord) store.Value { return forewarn.Text(r.From.ID) }},
	},
	Indexes: []store.Index{{Name: "target", Fields: []string{"target", "source"}}},
})

func target(from Type, to Ref) store.Value {
	return forewarn.Text(string(from) + "<" + string(to.Type) + "/" + to.ID)
}

func newLink(from Ref, l link) linkRecord {
	return linkRecord{Record: store.NameID("inventory_link", string(from.Type), from.ID, l.Relation, string(l.To.Type), l.To.ID),
		From: from, Relation: l.Relation, To: l.To}
}
