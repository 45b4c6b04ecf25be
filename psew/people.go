package psew

import "github.com/forewarn-go/forewarn"

// Bounds of the groups and of who is in them.
const (
	maxGroups = 1000
	maxRoles  = 100 // of a group, or a user
	maxMail   = 320 // bytes of an address
)

// checkGroups returns an ErrInvalid that names the first group that cannot be kept.
func checkGroups(groups []forewarn.Group) error {
	if len(groups) > maxGroups {
		return forewarn.Invalid("groups", "has %d; at most %d", len(groups), maxGroups)
	}
	for n, g := range groups {
		field := "groups[" + itoa(n) + "]."
		if g.Name == "" {
			return forewarn.Invalid(field+"name", "is empty")
		}
		if err := checkText(field+"name", g.Name, maxName); err != nil {
			return err
		}
		if err := checkText(field+"manager", g.Manager, maxName); err != nil {
			return err
		}
		if err := checkText(field+"email", g.Email, maxMail); err != nil {
			return err
		}
		if err := checkRoles(field+"roles", g.Roles); err != nil {
			return err
		}
	}
	return nil
}

// checkMember returns an ErrInvalid for a group's name, or a user, that cannot be kept.
func checkMember(group string, user forewarn.User) error {
	if err := checkText("group", group, maxName); err != nil {
		return err
	}
	if user.ID == "" {
		return forewarn.Invalid("user.id", "is empty")
	}
	if err := checkText("user.id", user.ID, maxName); err != nil {
		return err
	}
	if err := checkText("user.name", user.Name, maxName); err != nil {
		return err
	}
	if err := checkText("user.email", user.Email, maxMail); err != nil {
		return err
	}
	return checkRoles("user.roles", user.Roles)
}

func checkRoles(field string, roles []string) error {
	if len(roles) > maxRoles {
		return forewarn.Invalid(field, "has %d; at most %d", len(roles), maxRoles)
	}
	for n, role := range roles {
		if err := checkText(field+"["+itoa(n)+"]", role, maxName); err != nil {
			return err
		}
	}
	return nil
}
