package forewarn_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/forewarn-go/forewarn"
)

// Covers: SEC-001, SEC-004, SEC-005, SEC-006, SEC-007, SEC-008, SEC-010, SEC-013, SEC-014
func TestDefaultRoles(t *testing.T) {
	roles := forewarn.DefaultRoles()
	ok(t, roles.Check())
	tickets := []string{"sn_incident_write", "sn_problem_write", "sn_request_write", "sn_change_write"}
	for role, contains := range map[string][]string{
		"sn_ind_tsm_core.noc_agent": {"itil", "wm_initiator", "wm_read", "sn_customerservice.case_viewer",
			"sn_customerservice.customer_data_viewer"},
		"sn_tech_support.customer":       {"sn_customerservice.customer", "sn_tech_support.creator", "sn_tech_support.writer"},
		"sn_tech_support.customer_admin": {"sn_customerservice.customer_admin", "sn_tech_support.creator", "sn_tech_support.writer"},
		"sn_tech_support.partner":        {"sn_customerservice.partner", "sn_tech_support.creator", "sn_tech_support.writer"},
		"sn_tech_support.partner_admin":  {"sn_customerservice.partner_admin", "sn_tech_support.creator", "sn_tech_support.writer"},
		"sn_tech_support.agent": append([]string{"sn_customerservice_agent", "sn_tech_support.writer", "sn_tech_support.creator",
			"sn_tech_support.navigation_menu"}, tickets...),
		"sn_tech_support.resource_manager": append([]string{"sn_customerservice_agent", "sn_tech_support.writer",
			"sn_tech_support.creator", "sn_tech_support.navigation_menu"}, tickets...),
		"sn_tech_support.developer": append([]string{"sn_customerservice.case_task_agent", "sn_tech_support.viewer",
			"sn_tech_support.navigation_menu"}, tickets...),
		"sn_tech_support.writer": {"sn_tech_support.viewer"},
		"sn_tech_support.major_case_manager": append([]string{"sn_majorissue_mgt.major_issue_manager", "sn_tech_support.writer",
			"sn_tech_support.creator", "sn_tech_support.navigation_menu"}, tickets...),
	} {
		want := append([]string{role}, contains...)
		if slices.Contains(contains, "sn_tech_support.writer") {
			want = append(want, "sn_tech_support.viewer") // by way of writer
		}
		slices.Sort(want)
		if got := roles.Closure(role); !slices.Equal(got, want) {
			t.Errorf("%s\n got %v\nwant %v", role, got, want)
		}
	}
	for _, alone := range []string{"sn_ind_tsm_sdwan.PSEW_USER", "sn_ind_tsm_sdwan.ticket_integrator", "sn_tech_support.creator",
		"sn_tech_support.viewer", "sn_tech_support.report_viewer", "sn_tech_support.navigation_menu"} {
		if got := roles.Closure(alone); len(got) != 1 {
			t.Errorf("%s contains %v", alone, got)
		}
	}
	// what one caller does to them is not seen by another
	roles["sn_tech_support.viewer"] = []string{"admin"}
	roles["sn_tech_support.agent"][0] = "admin"
	if slices.Contains(forewarn.DefaultRoles().Closure("sn_tech_support.agent"), "admin") {
		t.Error("DefaultRoles shares memory")
	}
}

// Containment is transitive; roles that contain each other are refused.
// Covers: SEC-017
func TestClosure(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		names := []string{"a", "b", "c", "d", "e", "f"}
		roles := forewarn.Roles{}
		for range rapid.IntRange(0, 10).Draw(t, "edges") {
			from, to := rapid.SampledFrom(names).Draw(t, "from"), rapid.SampledFrom(names).Draw(t, "to")
			roles[from] = append(roles[from], to)
		}
		// Warshall's, naively
		reach := map[[2]string]bool{}
		for from, all := range roles {
			for _, to := range all {
				reach[[2]string{from, to}] = true
			}
		}
		for _, via := range names {
			for _, from := range names {
				for _, to := range names {
					if reach[[2]string{from, via}] && reach[[2]string{via, to}] {
						reach[[2]string{from, to}] = true
					}
				}
			}
		}
		cyclic := false
		for _, n := range names {
			cyclic = cyclic || reach[[2]string{n, n}]
		}
		err := roles.Check()
		if cyclic != errors.Is(err, forewarn.ErrInvalid) || !cyclic && err != nil {
			t.Fatalf("%v: %v, cyclic %v", roles, err, cyclic)
		}
		given := rapid.SliceOfN(rapid.SampledFrom(names), 0, 3).Draw(t, "given")
		want := map[string]bool{}
		for _, g := range given {
			want[g] = true
			for _, n := range names {
				if reach[[2]string{g, n}] {
					want[n] = true
				}
			}
		}
		if got := roles.Closure(given...); !slices.Equal(got, slices.Sorted(maps.Keys(want))) {
			t.Fatalf("%v of %v: got %v, want %v", given, roles, got, want)
		}
		if cyclic {
			return
		}
		// and an actor with the given roles may do what asks for exactly those
		w := newWorld(t, nil, func(c *forewarn.Config) { c.Roles = roles })
		by := alice
		by.Roles = given
		for _, n := range names {
			err := w.try(by, func(u *forewarn.Unit) error {
				return u.Require(forewarn.Act{Name: "x", Roles: []string{n}}, forewarn.Subject{})
			})
			if (err == nil) != want[n] {
				t.Fatalf("%v asks for %s: %v", given, n, err)
			}
		}
	})
}

func TestCycleIsNamed(t *testing.T) {
	err := forewarn.Roles{"a": {"b"}, "b": {"x", "c"}, "c": {"b"}}.Check()
	if e := wants(t, err, forewarn.ErrInvalid); !strings.Contains(e.Error(), "b > c > b") {
		t.Errorf("%v", e)
	}
}

// Who may do an act: by role, by the roles of his groups, as assignee, as manager; and what a portal user is told.
// Covers: SEC-019, SEC-026
func TestRequire(t *testing.T) {
	w := newWorld(t, nil)
	w.update(func(u *forewarn.Unit) error {
		return errors.Join(
			forewarn.PutGroup(u, forewarn.Group{Name: "noc", Manager: "mia", Roles: []string{"sn_ind_tsm_core.noc_agent"}}),
			forewarn.PutGroup(u, forewarn.Group{Name: "empty"}),
			forewarn.AddMember(u, "noc", "gus"),
			forewarn.AddMember(u, "empty", "gus"),
			forewarn.AddMember(u, "empty", "eli"),
			forewarn.AddMember(u, "noc", "c1"), // a user who happens to have the id of a contact
		)
	})
	staff := func(id string, roles ...string) forewarn.Actor {
		return forewarn.Actor{Tenant: "acme", ID: id, Roles: roles}
	}
	portal := func(account string, roles ...string) forewarn.Actor {
		return forewarn.Actor{Tenant: "acme", ID: "c1", Account: account, Contact: "c1", Roles: roles}
	}
	consumer := func(id string, roles ...string) forewarn.Actor {
		return forewarn.Actor{Tenant: "acme", ID: "c2", Consumer: id, Roles: roles}
	}
	itil := forewarn.Act{Name: "toy.X", Roles: []string{"other", "itil"}}
	manager, assignee, all := itil, itil, itil
	manager.Manager, assignee.Assignee = true, true
	all.Manager, all.Assignee, all.Portal = true, true, true
	anybody := forewarn.Act{Name: "toy.Any"}
	view := forewarn.Act{Name: "toy.View", Portal: true, Roles: []string{"sn_tech_support.viewer"}}
	key := accounts.Key("acme", id("a"))
	on := forewarn.Subject{Key: key, Account: "acc", Contact: "c1", Group: "noc", Assignee: "ada"}
	for _, c := range []struct {
		name string
		by   forewarn.Actor
		act  forewarn.Act
		on   forewarn.Subject
		want error
	}{
		{"the role itself", staff("x", "itil"), itil, on, nil},
		{"a role that contains it", staff("x", "sn_ind_tsm_core.noc_agent"), itil, on, nil},
		{"admin contains all", staff("x", "admin"), itil, on, nil},
		{"another role", staff("x", "wm_read"), itil, on, forewarn.ErrForbidden},
		{"no role", staff("x"), itil, on, forewarn.ErrForbidden},
		{"any staff", staff("x"), anybody, on, nil},
		{"by his group", staff("gus"), itil, on, nil},
		{"by a group without roles", staff("eli"), itil, on, forewarn.ErrForbidden},
		{"the assignee, where he counts", staff("ada"), assignee, on, nil},
		{"the assignee, where he does not", staff("ada"), itil, on, forewarn.ErrForbidden},
		{"not the assignee", staff("x"), assignee, on, forewarn.ErrForbidden},
		{"nobody is assigned", staff("x"), assignee, forewarn.Subject{Key: key}, forewarn.ErrForbidden},
		{"the manager, where he counts", staff("mia"), manager, on, nil},
		{"the manager, where he does not", staff("mia"), itil, on, forewarn.ErrForbidden},
		{"another group's manager", staff("mia"), manager, forewarn.Subject{Key: key, Group: "empty"}, forewarn.ErrForbidden},
		{"a group that is none", staff("mia"), manager, forewarn.Subject{Key: key, Group: "none"}, forewarn.ErrForbidden},
		{"the machine", forewarn.SystemActor("acme"), itil, on, nil},

		{"portal, own account", portal("acc", "sn_tech_support.customer"), view, on, nil},
		{"portal, own account, without the role", portal("acc"), view, on, forewarn.ErrForbidden},
		{"portal, another's", portal("acc2", "sn_tech_support.customer"), view, on, forewarn.ErrNotFound},
		{"portal, another's, an act that is not for him", portal("acc2", "admin"), itil, on, forewarn.ErrNotFound},
		{"portal, nobody's", portal("acc", "admin"), view, forewarn.Subject{Key: key}, forewarn.ErrNotFound},
		{"portal, no account", portal("", "admin"), view, forewarn.Subject{Key: key}, forewarn.ErrNotFound},
		{"portal, not for customers", portal("acc", "admin"), itil, on, forewarn.ErrForbidden},
		{"portal, not even what any staff may", portal("acc"), anybody, on, forewarn.ErrForbidden},
		{"consumer, his own", consumer("con", "sn_tech_support.customer"), view, forewarn.Subject{Key: key, Consumer: "con"}, nil},
		{"consumer, his own, without the role", consumer("con"), view, forewarn.Subject{Key: key, Consumer: "con"}, forewarn.ErrForbidden},
		{"consumer, his own, not for customers", consumer("con", "admin"), itil, forewarn.Subject{Key: key, Consumer: "con"}, forewarn.ErrForbidden},
		{"consumer, another's", consumer("con", "admin"), view, forewarn.Subject{Key: key, Consumer: "con2"}, forewarn.ErrNotFound},
		{"consumer, an account's", consumer("acc", "admin"), view, on, forewarn.ErrNotFound},
		{"consumer, nobody's", consumer("con", "admin"), view, forewarn.Subject{Key: key}, forewarn.ErrNotFound},
		{"portal, a consumer's", portal("con", "admin"), view, forewarn.Subject{Key: key, Consumer: "con"}, forewarn.ErrNotFound},
		{"portal, groups and assignees are staff's", portal("acc"), all, forewarn.Subject{Key: key, Account: "acc", Group: "noc", Assignee: "c1"}, forewarn.ErrForbidden},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := w.try(c.by, func(u *forewarn.Unit) error { return u.Require(c.act, c.on) })
			if (err == nil) != (c.want == nil) || c.want != nil && !errors.Is(err, c.want) {
				t.Fatalf("got %v, want %v", err, c.want)
			}
			if errors.Is(err, forewarn.ErrNotFound) && wants(t, err, forewarn.ErrNotFound).Record != key {
				t.Errorf("%v names another record", err)
			}
			if errors.Is(err, forewarn.ErrForbidden) && !strings.Contains(err.Error(), c.act.Name) {
				t.Errorf("%v does not name the act", err)
			}
		})
	}
	err := w.try(staff("x"), func(u *forewarn.Unit) error { return u.Require(all, on) })
	if got, want := err.Error(), "forewarn.Update: forbidden: toy.X asks for other, itil, the assignee or the group's manager"; got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	// who is in a group is no precondition of the commit: nothing was held
	w.update(func(u *forewarn.Unit) error {
		room := u.Room()
		ok(t, u.As(staff("gus")).Require(itil, on))
		if u.Room() != room {
			t.Error("the directory's records became preconditions")
		}
		return nil
	})
}

// A portal user is never let to a record of another account, nor a consumer to one of another's, whatever his roles and
// the act.
// Covers: SEC-019
func TestPortalIsolation(t *testing.T) {
	w := newWorld(t, nil)
	every := slices.Sorted(maps.Keys(forewarn.DefaultRoles()))
	rapid.Check(t, func(t *rapid.T) {
		roles := rapid.SliceOfN(rapid.SampledFrom(every), 0, 4)
		accountOf := rapid.SampledFrom([]string{"", "acc", "acc2"})
		by := forewarn.Actor{Tenant: "acme", ID: "c1", Contact: "c1", Account: accountOf.Draw(t, "account"), Roles: roles.Draw(t, "roles")}
		if rapid.Bool().Draw(t, "a consumer") {
			by.Consumer, by.Account, by.Contact = rapid.SampledFrom([]string{"acc", "acc2"}).Draw(t, "consumer"), "", ""
		}
		act := forewarn.Act{Name: "x", Roles: roles.Draw(t, "asked"), Portal: rapid.Bool().Draw(t, "portal"), Assignee: true, Manager: true}
		on := forewarn.Subject{Account: accountOf.Draw(t, "of"), Consumer: accountOf.Draw(t, "of consumer"), Contact: "c1", Assignee: "c1"}
		err := w.try(by, func(u *forewarn.Unit) error { return u.Require(act, on) })
		switch {
		case by.Consumer != "" && by.Consumer != on.Consumer, by.Consumer == "" && (by.Account == "" || by.Account != on.Account):
			if !errors.Is(err, forewarn.ErrNotFound) {
				t.Fatalf("%+v on %+v: %v", by, on, err)
			}
		case !act.Portal && !errors.Is(err, forewarn.ErrForbidden):
			t.Fatalf("%+v: %v", act, err)
		}
	})
}

// asking is an Authorizer of a host's own.
type asking struct{ asked []string }

func (a *asking) Require(u *forewarn.Unit, act forewarn.Act, on forewarn.Subject) error {
	a.asked = append(a.asked, u.By().ID+" "+act.Name+" "+on.Account)
	if u.By().ID == "bob" {
		return forewarn.Forbidden("not bob")
	}
	return nil
}

// Who may what is a port: a host's own Authorizer decides, but is never asked for the machine.
// Covers: SEC-026
func TestOwnAuthorizer(t *testing.T) {
	a := &asking{}
	w := newWorld(t, nil, func(c *forewarn.Config) { c.Authorizer = a })
	act, on := forewarn.Act{Name: "x", Roles: []string{"none"}}, forewarn.Subject{Account: "acc"}
	w.update(func(u *forewarn.Unit) error {
		ok(t, u.As(forewarn.SystemActor("acme")).Require(act, on))
		return u.Require(act, on)
	})
	wants(t, w.try(bob, func(u *forewarn.Unit) error { u.Require(act, on); return nil }), forewarn.ErrForbidden)
	if got := fmt.Sprint(a.asked); got != "[alice x acc bob x acc]" {
		t.Errorf("asked %s", got)
	}
}

func TestStoredDirectory(t *testing.T) {
	w := newWorld(t, nil)
	d := w.engine.Directory()
	w.update(func(u *forewarn.Unit) error {
		for range 2 { // the second changes nothing
			ok(t, forewarn.PutUser(u, forewarn.User{ID: "gus", Name: "Gus", Email: "gus@example.com", Roles: []string{"r"}}))
			ok(t, forewarn.PutGroup(u, forewarn.Group{Name: "noc", Manager: "mia"}))
			ok(t, forewarn.PutGroup(u, forewarn.Group{Name: "l2"}))
			ok(t, forewarn.AddMember(u, "noc", "gus"))
			ok(t, forewarn.AddMember(u, "noc", "eli"))
			ok(t, forewarn.AddMember(u, "l2", "gus"))
		}
		wants(t, forewarn.AddMember(u, "none", "gus"), forewarn.ErrNotFound)
		return nil
	})
	w.update(func(u *forewarn.Unit) error {
		gus, err := d.User(u, "gus")
		if err != nil || gus.Name != "Gus" || gus.Email != "gus@example.com" || len(gus.Roles) != 1 {
			t.Errorf("%+v, %v", gus, err)
		}
		noc, err := d.Group(u, "noc")
		if err != nil || noc.Manager != "mia" {
			t.Errorf("%+v, %v", noc, err)
		}
		wants(t, second(d.User(u, "none")), forewarn.ErrNotFound)
		wants(t, second(d.Group(u, "none")), forewarn.ErrNotFound)
		in, err := d.Groups(u, "gus")
		if err != nil || len(in) != 2 {
			t.Errorf("%+v, %v", in, err)
		}
		members, err := forewarn.Members(u, "noc")
		if err != nil || !slices.Equal(members, []string{"eli", "gus"}) {
			t.Errorf("%v, %v", members, err)
		}
		all, err := forewarn.StoredGroups(u)
		if err != nil || len(all) != 2 || all[0].Name != "l2" || all[1].Name != "noc" {
			t.Errorf("%+v, %v", all, err)
		}
		ok(t, forewarn.RemoveMember(u, "noc", "gus"))
		ok(t, forewarn.RemoveMember(u, "noc", "never was"))
		if in, err := d.Groups(u, "gus"); err != nil || len(in) != 1 || in[0].Name != "l2" {
			t.Errorf("after removal: %+v, %v", in, err)
		}
		return nil
	})
	ok(t, w.try(eve, func(u *forewarn.Unit) error {
		wants(t, second(d.User(u, "gus")), forewarn.ErrNotFound)
		if in, err := d.Groups(u, "gus"); err != nil || len(in) != 0 {
			t.Errorf("another tenant sees %+v, %v", in, err)
		}
		return nil
	}))
	for field, use := range map[string]func(u *forewarn.Unit) error{
		"user.id":     func(u *forewarn.Unit) error { return forewarn.PutUser(u, forewarn.User{}) },
		"group.name":  func(u *forewarn.Unit) error { return forewarn.PutGroup(u, forewarn.Group{}) },
		"member.user": func(u *forewarn.Unit) error { return forewarn.AddMember(u, "noc", "") },
	} {
		if e := wants(t, w.try(alice, use), forewarn.ErrInvalid); e.Field != field {
			t.Errorf("%v names %q, want %q", e, e.Field, field)
		}
	}
}
