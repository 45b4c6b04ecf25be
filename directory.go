package forewarn

import (
	"slices"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn/store"
)

// Directory knows the users and groups of a tenant. What it reads of a unit it peeks: who is in a group is never a
// precondition of a commit.
type Directory interface {
	// User returns a user, or ErrNotFound.
	User(u *Unit, id string) (User, error)
	// Group returns a group by its name, or ErrNotFound.
	Group(u *Unit, name string) (Group, error)
	// Groups returns the groups that a user is in.
	Groups(u *Unit, user string) ([]Group, error)
}

// User is somebody of the provider's staff.
type User struct {
	ID    string   `json:"id"`
	Name  string   `json:"name,omitempty"`
	Email string   `json:"email,omitempty"`
	Roles []string `json:"roles,omitempty"`
}

// Group is an assignment group. Who is in it has its roles.
type Group struct {
	Name    string   `json:"name"`
	Manager string   `json:"manager,omitempty"` // a user's id
	Email   string   `json:"email,omitempty"`
	Roles   []string `json:"roles,omitempty"`
}

// StoredDirectory is the default Directory: users, groups and memberships that are kept in the store. Write them with
// PutUser, PutGroup, AddMember and RemoveMember.
var StoredDirectory Directory = storedDirectory{}

type storedDirectory struct{}

type userRecord struct {
	ID      uuid.UUID `json:"recordId"`
	Version Version   `json:"version"`
	User    User      `json:"user"`
}

type groupRecord struct {
	ID      uuid.UUID `json:"recordId"`
	Version Version   `json:"version"`
	Group   Group     `json:"group"`
}

type memberRecord struct {
	ID      uuid.UUID `json:"recordId"`
	Version Version   `json:"version"`
	Group   string    `json:"group"`
	User    string    `json:"user"`
}

var users = NewRecords("user", Shape[userRecord]{
	ID:      func(r *userRecord) *uuid.UUID { return &r.ID },
	Version: func(r *userRecord) *Version { return &r.Version },
})

var groups = NewRecords("assignment_group", Shape[groupRecord]{
	ID:      func(r *groupRecord) *uuid.UUID { return &r.ID },
	Version: func(r *groupRecord) *Version { return &r.Version },
	Fields:  []Field[groupRecord]{{"name", store.Text, func(r *groupRecord) store.Value { return Text(r.Group.Name) }}},
	Indexes: []store.Index{{Name: "name", Fields: []string{"name"}}},
})

var members = NewRecords("group_member", Shape[memberRecord]{
	ID:      func(r *memberRecord) *uuid.UUID { return &r.ID },
	Version: func(r *memberRecord) *Version { return &r.Version },
	Fields: []Field[memberRecord]{
		{"user", store.Text, func(r *memberRecord) store.Value { return Text(r.User) }},
		{"name", store.Text, func(r *memberRecord) store.Value { return Text(r.Group) }},
	},
	Indexes: []store.Index{{Name: "user", Fields: []string{"user"}}, {Name: "name", Fields: []string{"name", "user"}}},
})

func (storedDirectory) User(u *Unit, id string) (User, error) {
	r, err := users.Peek(u, store.NameID("user", id))
	return r.User, err
}

func (storedDirectory) Group(u *Unit, name string) (Group, error) {
	r, err := groups.Peek(u, store.NameID("assignment_group", name))
	return r.Group, err
}

func (d storedDirectory) Groups(u *Unit, user string) ([]Group, error) {
	var names []string
	var ids []uuid.UUID
	for m, err := range members.Where("user", Text(user)).All(u) {
		if err != nil {
			return nil, err
		}
		names = append(names, m.Group)
		ids = append(ids, store.NameID("assignment_group", m.Group))
	}
	if err := groups.Prefetch(u, ids...); err != nil {
		return nil, err
	}
	var in []Group
	for _, name := range names {
		g, err := d.Group(u, name)
		if isNotFound(err) {
			continue
		}
		if err != nil {
			return nil, err
		}
		in = append(in, g)
	}
	return in, nil
}

// PutUser keeps a user in the stored directory.
func PutUser(u *Unit, user User) error {
	if user.ID == "" {
		return u.stick(Invalid("user.id", "is empty"))
	}
	r, err := users.Get(u, store.NameID("user", user.ID))
	if err != nil && !isNotFound(err) {
		return err
	}
	r.ID, r.User = store.NameID("user", user.ID), user
	return users.Put(u, &r)
}

// PutGroup keeps a group in the stored directory.
func PutGroup(u *Unit, g Group) error {
	if g.Name == "" {
		return u.stick(Invalid("group.name", "is empty"))
	}
	r, err := groups.Get(u, store.NameID("assignment_group", g.Name))
	if err != nil && !isNotFound(err) {
		return err
	}
	r.ID, r.Group = store.NameID("assignment_group", g.Name), g
	return groups.Put(u, &r)
}

// AddMember adds a user to a group of the stored directory. It returns ErrNotFound when there is no such group. A
// membership that stands is left as it is.
func AddMember(u *Unit, group, user string) error {
	if user == "" {
		return u.stick(Invalid("member.user", "is empty"))
	}
	if _, err := groups.Get(u, store.NameID("assignment_group", group)); err != nil {
		return err
	}
	r, err := members.Get(u, store.NameID("group_member", group, user))
	if err == nil || !isNotFound(err) {
		return err
	}
	r = memberRecord{ID: store.NameID("group_member", group, user), Group: group, User: user}
	return members.Put(u, &r)
}

// RemoveMember takes a user out of a group of the stored directory, if he is in it.
func RemoveMember(u *Unit, group, user string) error {
	return members.Delete(u, &memberRecord{ID: store.NameID("group_member", group, user)})
}

// StoredGroups returns the groups of the stored directory by name.
func StoredGroups(u *Unit) ([]Group, error) {
	var all []Group
	for r, err := range groups.Where("name").All(u) {
		if err != nil {
			return nil, err
		}
		all = append(all, r.Group)
	}
	return all, nil
}

// Members returns the ids of the users in a group of the stored directory, sorted.
func Members(u *Unit, group string) ([]string, error) {
	var all []string
	for m, err := range members.Where("name", Text(group)).All(u) {
		if err != nil {
			return nil, err
		}
		all = append(all, m.User)
	}
	slices.Sort(all)
	return all, nil
}
