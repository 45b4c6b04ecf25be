package impact

import (
	"strings"

	"github.com/shopspring/decimal"
)

// Graph is an inventory, or the part of one that is looked at.
type Graph struct {
	Nodes        []Node        `json:"nodes"`
	InstallBase  []Item        `json:"install_base,omitempty"`
	SoldProducts []SoldProduct `json:"sold_products,omitempty"`
	Assets       []Asset       `json:"assets,omitempty"`
	Accounts     []Account     `json:"accounts,omitempty"`
	Consumers    []Consumer    `json:"consumers,omitempty"`
	Outages      []Outage      `json:"outages,omitempty"`    // the open ones
	Directions   Directions    `json:"directions,omitempty"` // nil: DefaultDirections
}

// NodeKind is what a [Node] is.
type NodeKind string

// The kinds of nodes.
const (
	CI      NodeKind = "ci"
	Service NodeKind = "service"
)

// Node is a configuration item or a service.
type Node struct {
	ID        string     `json:"id"`
	Name      string     `json:"name,omitempty"`
	Kind      NodeKind   `json:"kind"`
	Critical  bool       `json:"critical,omitempty"` // critical to the business by itself, outage or not
	Relations []Relation `json:"relations,omitempty"`
}

// Relation leads from the node that holds it to another.
type Relation struct {
	Type string `json:"type"` // one of the graph's Directions
	To   string `json:"to"`
}

// Item is an item of the install base: what a party has of a service. At most
// one of Account and Consumer is set; an item of neither counts in the total.
type Item struct {
	ID       string `json:"id"`
	Name     string `json:"name,omitempty"`
	Service  string `json:"service"` // the service it is an instance of, or the CI
	Account  string `json:"account,omitempty"`
	Consumer string `json:"consumer,omitempty"`
}

// SoldProduct is a product that a party has purchased. Several instances of one
// product are several sold products. One of Account and Consumer is set.
type SoldProduct struct {
	ID       string `json:"id"`
	Name     string `json:"name,omitempty"`
	Account  string `json:"account,omitempty"`
	Consumer string `json:"consumer,omitempty"`
}

// Asset is what is owned, with the configuration item that it is in operation.
type Asset struct {
	ID   string `json:"id"`
	Name string `json:"name,omitempty"`
	CI   string `json:"ci"`
}

// Account is a customer that is an organisation.
type Account struct {
	ID            string `json:"id"`
	Name          string `json:"name,omitempty"`
	ContractValue *Money `json:"contract_value,omitempty"` // nil: not known, which is not zero
	Escalated     bool   `json:"escalated,omitempty"`      // it has an open account escalation
}

// Consumer is a customer that is a person.
type Consumer struct {
	ID            string `json:"id"`
	Name          string `json:"name,omitempty"`
	ContractValue *Money `json:"contract_value,omitempty"` // nil: not known, which is not zero
}

// Money is an amount of a currency, which is named by the three capital
// letters of ISO 4217. The amount has at most 38 digits and an exponent between
// -18 and 18. The zero Money is invalid: it has no currency.
type Money struct {
	Amount   decimal.Decimal `json:"amount"`
	Currency string          `json:"currency"`
}

// Bounds of an amount, so that adding a few of them can not fill the memory.
const (
	mostDigits   = 38
	mostExponent = 18 // up and down
)

func (m *Money) check(field string) error {
	if m == nil {
		return nil
	}
	small := func(r rune) bool { return r < 'A' || r > 'Z' }
	if len(m.Currency) != 3 || strings.ContainsFunc(m.Currency, small) {
		return invalid(field+".currency", "%q is not the three capital letters of a currency", m.Currency)
	}
	if e := m.Amount.Exponent(); e > mostExponent || e < -mostExponent || m.Amount.NumDigits() > mostDigits {
		return invalid(field+".amount", "an amount has at most %d digits and an exponent of at most %d", mostDigits, mostExponent)
	}
	return nil
}

// OutageType is the type of an [Outage].
type OutageType string

// The types of outages. A planned outage marks nothing as critical.
const (
	FullOutage    OutageType = "outage"
	Degradation   OutageType = "degradation"
	PlannedOutage OutageType = "planned_outage"
)

// Outage is an open outage of one node. It marks that node alone; what stands
// on the node is reached through relations.
type Outage struct {
	On   string     `json:"on"`
	Type OutageType `json:"type"`
}

// Condition is how a node does, by the open outages on it.
type Condition string

// The conditions.
const (
	Running      Condition = ""
	Degraded     Condition = "degraded"
	OutOfService Condition = "out_of_service"
)

// ConditionOf returns the worst condition that open outages on one node leave
// it in. It returns an *[InvalidError] for an unknown type.
func ConditionOf(open ...OutageType) (Condition, error) {
	worst := Running
	for _, t := range open {
		switch t {
		case FullOutage:
			worst = OutOfService
		case Degradation:
			if worst == Running {
				worst = Degraded
			}
		case PlannedOutage:
		default:
			return Running, invalid("outages.type", "%q is no type of outage", t)
		}
	}
	return worst, nil
}

// PartyKind is what a [Party] is.
type PartyKind string

// The kinds of parties.
const (
	AccountParty  PartyKind = "account"
	ConsumerParty PartyKind = "consumer"
)

// Party names an account or a consumer. Its text is kind, colon, id.
type Party struct {
	Kind PartyKind
	ID   string
}

func (p Party) String() string { return string(p.Kind) + ":" + p.ID }

// MarshalText returns the text of the party.
func (p Party) MarshalText() ([]byte, error) { return []byte(p.String()), p.check("party") }

// UnmarshalText reads what MarshalText writes, and returns an *[InvalidError]
// for anything else.
func (p *Party) UnmarshalText(text []byte) error {
	read := partyOf(string(text))
	if err := read.check("party"); err != nil {
		return err
	}
	*p = read
	return nil
}

// Facts is what the cases and communication of the record at hand say of a
// party. The zero Facts says that there are none.
type Facts struct {
	ReactiveCases     int    `json:"reactive_cases,omitempty"`   // its cases that are linked to the record and not proactive
	ProactiveRecord   string `json:"proactive_record,omitempty"` // number of its proactive case
	MajorRecord       string `json:"major_record,omitempty"`     // number of the major case above that
	CommunicationSent bool   `json:"communication_sent,omitempty"`
	// Linked is set when a case of the party was associated with the record: the
	// party is affected, whatever the graph says.
	Linked bool `json:"linked,omitempty"`
}
