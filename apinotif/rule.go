package apinotif

import (
	"fmt"
	"slices"

	"github.com/forewarn-go/forewarn/apinotif/tmf"
	"github.com/forewarn-go/forewarn/ticket"
)

// Rule is the name of one of the rules, as administrators know it.
type Rule string

// The rules. Each makes events of one type, and each can be switched off.
const (
	CreateTroubleTicket          Rule = "Create Trouble Ticket Event"
	TroubleTicketStateChange     Rule = "Trouble Ticket State Change Event"
	TroubleTicketAttributeChange Rule = "Trouble Ticket Attribute Change Event"
	CreateTroubleTicketForCase   Rule = "Create Trouble Ticket Event for Case"
)

// trigger is what of a change makes a rule fire.
type trigger int

const (
	created trigger = iota
	statusChanged
	attributesChanged
)

// rule is a line of the table.
type rule struct {
	name    Rule
	on      trigger
	tickets []ticket.Type
	event   string
}

// table is the rules in the order in which their events are announced. Tickets
// of other types, changes and problems, make no event.
var table = []rule{
	{CreateTroubleTicket, created, []ticket.Type{ticket.TypeIncident}, tmf.TroubleTicketCreateEvent},
	{CreateTroubleTicketForCase, created, []ticket.Type{ticket.TypeCase}, tmf.TroubleTicketCreateEventForCase},
	{TroubleTicketStateChange, statusChanged, []ticket.Type{ticket.TypeIncident, ticket.TypeCase}, tmf.TroubleTicketStatusChangeEvent},
	{TroubleTicketAttributeChange, attributesChanged, []ticket.Type{ticket.TypeIncident, ticket.TypeCase}, tmf.TroubleTicketAttributeChangeEvent},
}

// AllRules returns the names of the rules.
func AllRules() []Rule {
	names := make([]Rule, len(table))
	for i, r := range table {
		names[i] = r.name
	}
	return names
}

// Config says which events are made.
type Config struct {
	// Off are the rules that are switched off. None by default.
	Off []Rule
	// Lifecycle is the table whose edges a change of status is announced along. The zero Lifecycle means
	// tmf.TMF621().
	Lifecycle tmf.Lifecycle
	// Kinds are the kinds of records whose tickets make events. Nil means every kind that has incidents or
	// cases.
	Kinds []string
	// Attributes are those whose change makes an event, of the names that Attributes returns. Nil means all.
	Attributes []string
}

// ConfigError says which field of a Config is wrong, and why.
type ConfigError struct {
	Field, Rule string
}

func (e *ConfigError) Error() string { return "apinotif: " + e.Field + ": " + e.Rule }

func refuse(field, format string, args ...any) error {
	return &ConfigError{Field: field, Rule: fmt.Sprintf(format, args...)}
}

func (c Config) check() error {
	for _, off := range c.Off {
		if !slices.Contains(AllRules(), off) {
			return refuse("Off", "there is no rule %q", off)
		}
	}
	for _, a := range c.Attributes {
		if !slices.Contains(Attributes(), a) {
			return refuse("Attributes", "%q is none of %v", a, Attributes())
		}
	}
	for _, k := range c.Kinds {
		if k == "" {
			return refuse("Kinds", "a kind has no name")
		}
	}
	return nil
}
