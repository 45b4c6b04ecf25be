package impact

import "cmp"

// Indicator is one of the numbers above the view.
type Indicator string

// The indicators, in the order in which they are shown.
const (
	AffectedContractValue Indicator = "contract_value"
	AffectedProducts      Indicator = "products"
	AffectedInstallBase   Indicator = "install_base"
	TotalReactiveCases    Indicator = "reactive_cases"
)

// Detail is one line of what an indicator adds up.
type Detail struct {
	Party Party  `json:"party,omitzero"`  // zero for an install-base item of no party
	ID    string `json:"id"`              // of the product, the item, or the party itself
	Name  string `json:"name"`            // of the same, or its id
	Value *Money `json:"value,omitempty"` // of contract value; nil: not known
	Count int    `json:"count"`           // that the line adds to the indicator; for contract value 1
}

// Details returns the lines that an indicator adds up: of contract value every
// affected party, those without one too; of products and install base each
// record; of reactive cases the parties that have some. The counts of the lines,
// or the values of each currency, add up to the indicator.
//
// It returns an *[InvalidError] for what is no indicator.
func (r Result) Details(of Indicator) ([]Detail, error) {
	out := []Detail{}
	switch of {
	case AffectedContractValue:
		for _, row := range r.Rows {
			out = append(out, Detail{row.Party, row.Party.ID, cmp.Or(row.Name, row.Party.ID), row.ContractValue, 1})
		}
	case TotalReactiveCases:
		for _, row := range r.Rows {
			if row.ReactiveCases > 0 {
				out = append(out, Detail{row.Party, row.Party.ID, cmp.Or(row.Name, row.Party.ID), nil, row.ReactiveCases})
			}
		}
	case AffectedProducts:
		for _, p := range r.Products {
			party, err := owner(at("products", p.ID), p.Account, p.Consumer)
			if err != nil {
				return nil, err
			}
			out = append(out, Detail{party, p.ID, cmp.Or(p.Name, p.ID), nil, 1})
		}
	case AffectedInstallBase:
		for _, i := range r.InstallBase {
			party, err := i.Owner()
			if err != nil {
				return nil, err
			}
			out = append(out, Detail{party, i.ID, cmp.Or(i.Name, i.ID), nil, 1})
		}
	default:
		return nil, invalid("indicator", "%q is no indicator; there are %q, %q, %q and %q", of,
			AffectedContractValue, AffectedProducts, AffectedInstallBase, TotalReactiveCases)
	}
	return out, nil
}
