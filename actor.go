package forewarn

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/forewarn-go/forewarn/store"
)

// Actor is who acts, and for which tenant. What an actor may not see does not exist for him.
type Actor struct {
	Tenant string // of the records that he works on; never empty
	ID     string // the user's id
	Roles  []string
	// Account and Contact are those of a portal user, "" for staff.
	Account, Contact string
	// Consumer is that of a portal user who has no account: a private customer. He has neither Account nor Contact.
	Consumer string

	system bool
}

// A Caller says who acts and in whose unit of work. It is an [Actor], who gets a
// unit of his own; a [Call], which is an actor under a request id; a [*Unit],
// which the use case then joins; or what [Engine.As] returns. No other type can
// be a Caller.
type Caller interface {
	// By returns the actor.
	By() Actor
	caller()
}

// Call is an actor's call under a request id. See Actor.Once.
type Call struct {
	actor   Actor
	request string
}

// By returns the actor himself.
func (a Actor) By() Actor { return a }
func (a Actor) caller()   {}

// By returns the actor who calls.
func (c Call) By() Actor { return c.actor }
func (c Call) caller()   {}

// Once returns the actor's call under a request id of his choice, at most 200
// bytes. A repeat of the same use case with the same command under the same id
// changes nothing and returns the first result; another command under that id is
// ErrReused. Results are kept for 30 days. An empty id is no request.
func (a Actor) Once(request string) Call { return Call{actor: a, request: request} }

// SystemActor acts for the machine in one tenant, without being asked for
// roles; SystemActor(store.System) acts over all tenants.
func SystemActor(tenant string) Actor { return Actor{Tenant: tenant, ID: "system", system: true} }

// System reports whether the actor is the machine itself.
func (a Actor) System() bool { return a.system }

// Portal reports whether the actor is a consumer, or a customer's or partner's contact: by his consumer, account or contact,
// or by the role that he has as one. A portal user without account and consumer sees nothing.
func (a Actor) Portal() bool {
	return a.Account != "" || a.Contact != "" || a.Consumer != "" || slices.ContainsFunc(a.Roles, func(role string) bool {
		return role == RoleCustomer || role == RoleCustomerAdmin || role == RolePartner || role == RolePartnerAdmin
	})
}

// Limits of what names an actor.
const (
	maxTenant  = 100
	maxActor   = 200
	maxRequest = 200
)

func (a Actor) check() error {
	switch {
	case a.Tenant == "":
		return Invalid("actor.tenant", "is empty")
	case a.Tenant == store.System && !a.system:
		return Invalid("actor.tenant", "%q is the machine's own", store.System)
	case !plain(a.Tenant, maxTenant):
		return Invalid("actor.tenant", "is UTF-8 without control characters, at most %d bytes", maxTenant)
	case a.ID == "":
		return Invalid("actor.id", "is empty")
	case !plain(a.ID, maxActor):
		return Invalid("actor.id", "is UTF-8 without control characters, at most %d bytes", maxActor)
	case a.Consumer != "" && (a.Account != "" || a.Contact != ""):
		return Invalid("actor.consumer", "and account or contact exclude each other")
	}
	return nil
}

func plain(s string, limit int) bool {
	return len(s) <= limit && utf8.ValidString(s) && strings.IndexFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f }) < 0
}
