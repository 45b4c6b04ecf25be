package impact

import (
	"cmp"
	"strings"
)

func partyOf(text string) Party {
	kind, id, _ := strings.Cut(text, ":")
	return Party{PartyKind(kind), id}
}

func (p Party) check(field string) error {
	if p.Kind != AccountParty && p.Kind != ConsumerParty {
		return invalid(field, "%q is no kind of party; there are %q and %q", p.Kind, AccountParty, ConsumerParty)
	}
	if p.ID == "" {
		return invalid(field, "a party needs an id")
	}
	return nil
}

func (p Party) compare(q Party) int {
	return cmp.Or(cmp.Compare(p.Kind, q.Kind), cmp.Compare(p.ID, q.ID))
}

// owner returns the party that account and consumer name, or the zero Party
// when they name none. It returns an error when they name two.
func owner(field, account, consumer string) (Party, error) {
	switch {
	case account != "" && consumer != "":
		return Party{}, invalid(field, "belongs to account %q and to consumer %q, and must belong to one party", account, consumer)
	case account != "":
		return Party{AccountParty, account}, nil
	case consumer != "":
		return Party{ConsumerParty, consumer}, nil
	}
	return Party{}, nil
}

// Owner returns the party that has the item, or the zero Party when none has.
// It returns an *[InvalidError] when two have.
func (i Item) Owner() (Party, error) {
	return owner("install_base["+quote(i.ID)+"]", i.Account, i.Consumer)
}
