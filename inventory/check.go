package inventory

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/shopspring/decimal"

	"github.com/forewarn-go/forewarn"
)

// Bounds of an item, so that whatever is made of items fits a commit of any store.
const (
	maxID        = 200      // bytes
	maxName      = 300      // bytes
	maxLinks     = 40       // relations
	maxCustom    = 16 << 10 // bytes of JSON
	mostDigits   = 38       // of an amount
	mostExponent = 18       // of an amount, up and down
)

// Check returns an ErrInvalid that names the field and the rule when the item
// cannot be kept. What it names need not be in the inventory: files come in any
// order, and what leads nowhere has no effect.
func (i Item) Check() error {
	switch {
	case i.Type == "":
		return forewarn.Invalid("type", "is missing")
	case !slices.Contains(Types(), i.Type):
		return forewarn.Invalid("type", "%q is none: there are %q", i.Type, Types())
	case i.ID == "":
		return forewarn.Invalid("id", "is missing")
	}
	for _, t := range []struct {
		field, text string
		limit       int
	}{
		{"id", i.ID, maxID}, {"name", i.Name, maxName}, {"class", i.Class, maxID}, {"definition", i.Definition, maxID},
		{"service", i.Service, maxID}, {"ci", i.CI, maxID}, {"soldProduct", i.SoldProduct, maxID}, {"account", i.Account, maxID},
		{"consumer", i.Consumer, maxID}, {"product", i.Product, maxID}, {"contact", i.Contact, maxID}, {"email", i.Email, maxName},
		{"escalation", i.Escalation, maxID},
	} {
		if err := checkText(t.field, t.text, t.limit); err != nil {
			return err
		}
	}
	if err := i.checkRelations(); err != nil {
		return err
	}
	if i.Account != "" && i.Consumer != "" {
		return forewarn.Invalid("consumer", "and account exclude each other")
	}
	if custom, err := json.Marshal(i.Custom); err != nil {
		return forewarn.Invalid("custom", "is no JSON: %v", err)
	} else if len(custom) > maxCustom {
		return forewarn.Invalid("custom", "has %d bytes; at most %d", len(custom), maxCustom)
	}
	return checkMoney(i.ContractValue, i.Currency)
}

func (i Item) checkRelations() error {
	if len(i.Relations) > 0 && i.Type != TypeCI && i.Type != TypeService {
		return forewarn.Invalid("relations", "are of CIs and services alone")
	}
	if len(i.Relations) > maxLinks {
		return forewarn.Invalid("relations", "has %d; at most %d", len(i.Relations), maxLinks)
	}
	for n, r := range i.Relations {
		field := fmt.Sprintf("relations[%d]", n)
		if r.Type == "" || r.To == "" {
			return forewarn.Invalid(field, "lacks type or to")
		}
		if t := r.Target().Type; t != TypeCI && t != TypeService {
			return forewarn.Invalid(field+".toType", "%q is neither ci nor service", t)
		}
		if err := checkText(field+".type", r.Type, maxID); err != nil {
			return err
		}
		if err := checkText(field+".to", r.To, maxID); err != nil {
			return err
		}
	}
	return nil
}

// checkMoney lets through what can be added up: an amount of bounded length, with a currency as ISO 4217 names it.
func checkMoney(amount *decimal.Decimal, currency string) error {
	letter := func(r rune) bool { return r >= 'A' && r <= 'Z' }
	switch {
	case currency != "" && (len(currency) != 3 || strings.IndexFunc(currency, func(r rune) bool { return !letter(r) }) >= 0):
		return forewarn.Invalid("currency", "%q is not the three capital letters of a currency", currency)
	case amount == nil:
		return nil
	case currency == "":
		return forewarn.Invalid("currency", "is missing beside contractValue")
	case amount.IsNegative():
		return forewarn.Invalid("contractValue", "is below zero")
	case amount.Exponent() > mostExponent || amount.Exponent() < -mostExponent || amount.NumDigits() > mostDigits:
		return forewarn.Invalid("contractValue", "has at most %d digits and an exponent of at most %d", mostDigits, mostExponent)
	}
	return nil
}

// checkText lets through what can be an index field of any store.
func checkText(field, s string, limit int) error {
	switch {
	case len(s) > limit:
		return forewarn.Invalid(field, "has %d bytes; at most %d", len(s), limit)
	case !utf8.ValidString(s) || strings.IndexByte(s, 0) >= 0:
		return forewarn.Invalid(field, "is no UTF-8 text")
	}
	return nil
}
