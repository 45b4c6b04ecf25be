package impact

import "fmt"

// Pill is a filter over the rows.
type Pill string

// The pills, in the order in which they are shown.
const (
	All                     Pill = "all"
	CriticalServiceImpact   Pill = "critical_service_impact"
	NoProactiveRecords      Pill = "no_proactive_records"
	NoCustomerCommunication Pill = "no_customer_communication"
)

// Pills returns the pills in the order in which they are shown.
func Pills() []Pill {
	return []Pill{All, CriticalServiceImpact, NoProactiveRecords, NoCustomerCommunication}
}

// Label returns the text of the pill, or its value if it is none.
func (p Pill) Label() string {
	switch p {
	case All:
		return "All"
	case CriticalServiceImpact:
		return "Critical service impact"
	case NoProactiveRecords:
		return "No proactive records"
	case NoCustomerCommunication:
		return "No customer communication"
	}
	return string(p)
}

// Matches reports whether the pill shows the row. What is no pill shows none.
func (p Pill) Matches(r Row) bool {
	switch p {
	case All:
		return true
	case CriticalServiceImpact:
		return r.CriticalServices > 0
	case NoProactiveRecords:
		return r.ProactiveRecord == ""
	case NoCustomerCommunication:
		return !r.CommunicationSent
	}
	return false
}

// View is one page of one tab of the customer impact, with the indicators
// above it, all of one result. Of Accounts and Consumers the one is
// set that the tab names, unless the page is empty.
type View struct {
	Indicators Totals        `json:"indicators"`
	Accounts   []AccountRow  `json:"accounts,omitempty"`
	Consumers  []ConsumerRow `json:"consumers,omitempty"`
	Showing    Showing       `json:"showing"`
}

// AccountRow has the columns of the Accounts tab. Absent values are null.
type AccountRow struct {
	ID                       string  `json:"id"`
	Account                  string  `json:"account"`
	ContractValue            *Money  `json:"contract_value"`
	AccountEscalated         bool    `json:"account_escalated"`
	ReactiveCases            int     `json:"reactive_cases"`
	ProactiveRecord          *string `json:"proactive_record"`
	CommunicationSent        bool    `json:"communication_sent"`
	CriticalAffectedServices int     `json:"critical_affected_services"`
	MajorRecord              *string `json:"major_record"`
}

// ConsumerRow has the columns of the Consumers tab. Absent values are null.
type ConsumerRow struct {
	ID                string  `json:"id"`
	Consumer          string  `json:"consumer"`
	CommunicationSent bool    `json:"communication_sent"`
	ReactiveCases     int     `json:"reactive_cases"`
	ProactiveCase     *string `json:"proactive_case"`
	ContractValue     *Money  `json:"contract_value"`
}

// AccountRow returns the columns of the Accounts tab.
func (r Row) AccountRow() AccountRow {
	return AccountRow{r.Party.ID, r.Name, r.ContractValue, r.Escalated, r.ReactiveCases, present(r.ProactiveRecord),
		r.CommunicationSent, r.CriticalServices, present(r.MajorRecord)}
}

// ConsumerRow returns the columns of the Consumers tab.
func (r Row) ConsumerRow() ConsumerRow {
	return ConsumerRow{r.Party.ID, r.Name, r.CommunicationSent, r.ReactiveCases, present(r.ProactiveRecord), r.ContractValue}
}

func present(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// Showing says which of the rows a page has.
type Showing struct {
	From int `json:"from"` // of the first row, counted from 1; 0: the page has none
	To   int `json:"to"`
	Of   int `json:"of"`
}

func (s Showing) String() string {
	if s.From == 0 {
		return fmt.Sprintf("Showing 0 of %d", s.Of)
	}
	return fmt.Sprintf("Showing %d-%d of %d", s.From, s.To, s.Of)
}

// View returns the rows of a tab that a pill shows, limit of them after the
// first offset. A page past the end is empty.
//
// It returns an *[InvalidError] for an unknown tab or pill, a negative offset,
// and a limit under 1.
func (r Result) View(tab PartyKind, pill Pill, offset, limit int) (View, error) {
	switch {
	case tab != AccountParty && tab != ConsumerParty:
		return View{}, invalid("tab", "%q is no tab; there are %q and %q", tab, AccountParty, ConsumerParty)
	case !pill.known():
		return View{}, invalid("pill", "%q is no pill; there are %q", pill, Pills())
	case offset < 0:
		return View{}, invalid("offset", "%d is negative", offset)
	case limit < 1:
		return View{}, invalid("limit", "%d is less than 1", limit)
	}
	v := View{Indicators: r.Totals.Clone()}
	for _, row := range r.Rows {
		if row.Party.Kind != tab || !pill.Matches(row) {
			continue
		}
		v.Showing.Of++
		if n := v.Showing.Of; n <= offset || n-offset > limit {
			continue
		}
		if v.Showing.From == 0 {
			v.Showing.From = v.Showing.Of
		}
		v.Showing.To = v.Showing.Of
		if tab == AccountParty {
			v.Accounts = append(v.Accounts, row.AccountRow())
		} else {
			v.Consumers = append(v.Consumers, row.ConsumerRow())
		}
	}
	return v, nil
}

func (p Pill) known() bool {
	for _, q := range Pills() {
		if p == q {
			return true
		}
	}
	return false
}
