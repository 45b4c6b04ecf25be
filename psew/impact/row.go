package impact

import (
	"maps"

	"github.com/shopspring/decimal"
)

// Row is all that is known of one affected party.
type Row struct {
	Party             Party  `json:"party"`
	Name              string `json:"name"`
	ContractValue     *Money `json:"contract_value"` // nil: not known, which is not zero
	Escalated         bool   `json:"escalated"`      // accounts only
	Products          int    `json:"products"`       // that the party has purchased
	InstallBase       int    `json:"install_base"`   // items of reached services
	CriticalServices  int    `json:"critical_services"`
	ReactiveCases     int    `json:"reactive_cases"`
	ProactiveRecord   string `json:"proactive_record"` // empty: none
	MajorRecord       string `json:"major_record"`     // empty: none
	CommunicationSent bool   `json:"communication_sent"`
}

// Row makes the row of the account of its share, the number of products it has
// purchased, and the facts. It returns an *[InvalidError] for another party's
// share, a negative number, or a contract value without currency.
func (a Account) Row(s Share, products int, f Facts) (Row, error) {
	r, err := newRow(Party{AccountParty, a.ID}, s, products, f, a.ContractValue)
	if err != nil {
		return Row{}, err
	}
	r.Name, r.Escalated = a.Name, a.Escalated
	return r, nil
}

// Row makes the row of the consumer, as [Account.Row] does.
func (c Consumer) Row(s Share, products int, f Facts) (Row, error) {
	r, err := newRow(Party{ConsumerParty, c.ID}, s, products, f, c.ContractValue)
	if err != nil {
		return Row{}, err
	}
	r.Name = c.Name
	return r, nil
}

func newRow(p Party, s Share, products int, f Facts, value *Money) (Row, error) {
	field := p.String()
	switch {
	case s.Party != p:
		return Row{}, invalid(field, "the share is that of %s", s.Party)
	case products < 0:
		return Row{}, invalid(field+".products", "%d is negative", products)
	case f.ReactiveCases < 0:
		return Row{}, invalid(field+".reactive_cases", "%d is negative", f.ReactiveCases)
	}
	if err := s.check(); err != nil {
		return Row{}, err
	}
	if err := value.check(field + ".contract_value"); err != nil {
		return Row{}, err
	}
	if value != nil {
		value = &Money{value.Amount, value.Currency}
	}
	return Row{
		Party: p, ContractValue: value, Products: products, InstallBase: s.InstallBase, CriticalServices: len(s.Critical),
		ReactiveCases: f.ReactiveCases, ProactiveRecord: f.ProactiveRecord, MajorRecord: f.MajorRecord,
		CommunicationSent: f.CommunicationSent,
	}, nil
}

// Totals are the indicators: the sums over the rows of distinct parties. The
// zero Totals is empty and ready. Copies share memory; see Clone.
type Totals struct {
	Accounts  int `json:"accounts"`
	Consumers int `json:"consumers"`
	// ContractValue has one sum for each currency, which its key names.
	ContractValue        map[string]Sum `json:"contract_value,omitempty"`
	WithoutContractValue int            `json:"without_contract_value"` // parties whose contract value is not known
	Products             int            `json:"products"`
	InstallBase          int            `json:"install_base"` // items of no party among them
	ReactiveCases        int            `json:"reactive_cases"`
}

// Sum is an amount, and the number of parties who make it up.
type Sum struct {
	Amount  decimal.Decimal `json:"amount"`
	Parties int             `json:"parties"`
}

// Add takes a row in. Each party must be added once.
func (t *Totals) Add(r Row) { t.add(r, 1) }

// Remove takes a row out that was added as it is now.
func (t *Totals) Remove(r Row) { t.add(r, -1) }

// AddUnowned counts install-base items that belong to no party.
func (t *Totals) AddUnowned(items int) { t.InstallBase += items }

// Merge takes in the sums over other parties.
func (t *Totals) Merge(o Totals) {
	t.Accounts += o.Accounts
	t.Consumers += o.Consumers
	t.WithoutContractValue += o.WithoutContractValue
	t.Products += o.Products
	t.InstallBase += o.InstallBase
	t.ReactiveCases += o.ReactiveCases
	for currency, s := range o.ContractValue {
		t.value(currency, s)
	}
}

// Clone returns a copy that shares no memory.
func (t Totals) Clone() Totals {
	t.ContractValue = maps.Clone(t.ContractValue)
	return t
}

func (t *Totals) add(r Row, sign int) {
	if r.Party.Kind == AccountParty {
		t.Accounts += sign
	} else {
		t.Consumers += sign
	}
	t.Products += sign * r.Products
	t.InstallBase += sign * r.InstallBase
	t.ReactiveCases += sign * r.ReactiveCases
	if r.ContractValue == nil {
		t.WithoutContractValue += sign
		return
	}
	amount := r.ContractValue.Amount
	if sign < 0 {
		amount = amount.Neg()
	}
	t.value(r.ContractValue.Currency, Sum{amount, sign})
}

// value keeps no sum of no parties, so that what was taken out leaves no trace.
func (t *Totals) value(currency string, s Sum) {
	if t.ContractValue == nil {
		t.ContractValue = map[string]Sum{}
	}
	old := t.ContractValue[currency]
	t.ContractValue[currency] = Sum{old.Amount.Add(s.Amount), old.Parties + s.Parties}
	if old.Parties+s.Parties == 0 {
		delete(t.ContractValue, currency)
	}
}
