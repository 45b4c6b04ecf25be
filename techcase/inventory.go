package techcase

import (
	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/inventory"
)

// FromInventory knows the parties that an inventory has.
func FromInventory(source inventory.Source) Parties { return inventoryParties{source} }

type inventoryParties struct{ source inventory.Source }

func (p inventoryParties) Party(u *forewarn.Unit, kind, id string) (Party, error) {
	types := map[string]inventory.Type{PartyAccount: inventory.TypeAccount, PartyContact: inventory.TypeContact, PartyConsumer: inventory.TypeConsumer}
	t, ok := types[kind]
	if !ok {
		return Party{}, forewarn.Invalid("party", "%q is no kind of party", kind)
	}
	item, err := inventory.One(u, p.source, inventory.Ref{Type: t, ID: id})
	if err != nil {
		return Party{}, err
	}
	return Party{Name: item.Named(), Email: item.Email, Account: item.Account, Escalation: item.Escalation}, nil
}
