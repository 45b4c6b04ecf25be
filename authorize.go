package forewarn

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/forewarn-go/forewarn/store"
)

// Act is what an actor must be allowed to do. A service keeps its acts in one
// table, which its documentation and the matrix test of its roles are made of.
type Act struct {
	Name string // package and word, as psew.Escalate
	// Roles of which any one is enough. Empty allows every member of staff.
	Roles []string
	// Assignee and Manager allow, beside the roles, the record's assignee, and the manager of its assignment group.
	Assignee, Manager bool
	// Portal allows customers' contacts as well, on records of their own account, and consumers on their own; their roles
	// count too.
	Portal bool
}

// Subject is what an act is done to.
type Subject struct {
	Key              store.Key
	Account, Contact string
	Consumer         string
	Group, Assignee  string
}

// Authorizer answers whether the actor of a unit may do an act. It returns nil,
// ErrForbidden, or ErrNotFound where the actor may not even know of the subject.
// SystemActor is never asked for.
type Authorizer interface {
	Require(u *Unit, act Act, on Subject) error
}

// Roles says which roles each role contains. Containment is transitive.
type Roles map[string][]string

// Check returns an ErrInvalid that names the cycle when a role contains itself.
func (r Roles) Check() error {
	const walking, done = 1, 2
	state := map[string]int{}
	var walk func(role string, path []string) error
	walk = func(role string, path []string) error {
		switch state[role] {
		case done:
			return nil
		case walking:
			from := slices.Index(path, role)
			return Invalid("roles", "contain each other: %s", strings.Join(append(path[from:], role), " > "))
		}
		state[role] = walking
		for _, in := range r[role] {
			if err := walk(in, append(path, role)); err != nil {
				return err
			}
		}
		state[role] = done
		return nil
	}
	for _, role := range slices.Sorted(maps.Keys(r)) {
		if err := walk(role, nil); err != nil {
			return err
		}
	}
	return nil
}

// Closure returns the given roles and all that they contain, sorted, each once.
func (r Roles) Closure(roles ...string) []string { return slices.Sorted(maps.Keys(r.within(roles...))) }

// within returns the given roles and all that they contain.
func (r Roles) within(roles ...string) map[string]bool {
	seen := map[string]bool{}
	var walk func(string)
	walk = func(role string) {
		if seen[role] {
			return
		}
		seen[role] = true
		for _, in := range r[role] {
			walk(in)
		}
	}
	for _, role := range roles {
		walk(role)
	}
	return seen
}

// roleAuthorizer is the default: the actor's roles, joined with those of his
// groups in the directory, decide; a portal user sees his own account alone, a
// consumer what is his.
type roleAuthorizer struct {
	within    map[string]map[string]bool // by role: it and all that it contains
	directory Directory
}

func newRoleAuthorizer(roles Roles, d Directory) roleAuthorizer {
	a := roleAuthorizer{within: make(map[string]map[string]bool, len(roles)), directory: d}
	for role := range roles {
		a.within[role] = roles.within(role)
	}
	return a
}

func (a roleAuthorizer) Require(u *Unit, act Act, on Subject) error {
	by := u.By()
	if by.Portal() {
		own := by.Account != "" && on.Account == by.Account || by.Consumer != "" && on.Consumer == by.Consumer
		if !own {
			return NotFound(on.Key)
		}
		if !act.Portal {
			return Forbidden("%s is not for customers", act.Name)
		}
	}
	if len(act.Roles) == 0 {
		return nil
	}
	if a.holds(by.Roles, act.Roles) {
		return nil
	}
	if by.Portal() { // the directory's groups, and assignees, are staff
		return Forbidden("%s asks for %s", act.Name, act.who())
	}
	if act.Assignee && on.Assignee == by.ID {
		return nil
	}
	groups, err := a.directory.Groups(u, by.ID)
	if err != nil {
		return err
	}
	for _, g := range groups {
		if a.holds(g.Roles, act.Roles) {
			return nil
		}
	}
	if act.Manager && on.Group != "" {
		g, err := a.directory.Group(u, on.Group)
		if err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
		if err == nil && g.Manager == by.ID {
			return nil
		}
	}
	return Forbidden("%s asks for %s", act.Name, act.who())
}

func (a roleAuthorizer) holds(has, want []string) bool {
	for _, role := range has {
		if slices.Contains(want, role) {
			return true
		}
		within := a.within[role]
		for _, w := range want {
			if within[w] {
				return true
			}
		}
	}
	return false
}

// who says in words whom an act is for.
func (act Act) who() string {
	who := slices.Clone(act.Roles)
	if act.Assignee {
		who = append(who, "the assignee")
	}
	if act.Manager {
		who = append(who, "the group's manager")
	}
	if len(who) == 0 {
		return "staff"
	}
	if len(who) == 1 {
		return who[0]
	}
	return fmt.Sprintf("%s or %s", strings.Join(who[:len(who)-1], ", "), who[len(who)-1])
}
