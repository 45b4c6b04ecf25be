package forewarn_test

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/store"
	"github.com/forewarn-go/forewarn/ticket"
)

func snapshot(id uuid.UUID, status ticket.Status, name string, comments ...string) ticket.Snapshot {
	s := ticket.Snapshot{Key: store.Key{Kind: "account", ID: id}, Status: status, Name: name}
	for _, c := range comments {
		s.Comments = append(s.Comments, ticket.PublicComment{ID: store.NameID("comment", c), Text: c})
	}
	return s
}

func staged(t tb, e store.Event) ticket.Staged {
	t.Helper()
	var s ticket.Staged
	if err := json.Unmarshal(e.Body, &s); err != nil {
		t.Fatalf("%v", err)
	}
	return s
}

func TestAnnounceMerges(t *testing.T) {
	w := newWorld(t, nil, func(c *forewarn.Config) { c.Rules = statusRules{} })
	a, b := account{ID: id("a")}, account{ID: id("b")}
	w.update(func(u *forewarn.Unit) error {
		ok(t, accounts.Put(u, &a))
		ok(t, accounts.Put(u, &b))
		before := snapshot(a.ID, ticket.New, "one")
		ok(t, u.Announce(&before, snapshot(a.ID, ticket.InProgress, "one", "x")))
		before.Status, before.Name = ticket.Closed, "changed by the caller afterwards"
		ok(t, u.Announce(&before, snapshot(a.ID, ticket.Resolved, "one", "y", "x")))
		return u.Announce(nil, snapshot(b.ID, ticket.New, "two"))
	})
	events := w.events()
	if len(events) != 3 {
		t.Fatalf("%d events, want a's status and attribute and b's creation", len(events))
	}
	correlation := staged(t, events[0]).Correlation
	for _, e := range events {
		s := staged(t, e)
		if s.Correlation != correlation || correlation == uuid.Nil {
			t.Errorf("correlation %v and %v in one unit", s.Correlation, correlation)
		}
		if e.Ticket != s.Snapshot.Key || e.Ticket.Tenant != "acme" || e.Type != s.Type || !e.At.Equal(monday) {
			t.Errorf("event %+v holds %+v", e, s)
		}
	}
	first := staged(t, events[0])
	if first.Type != "status" || first.Before != ticket.New || first.After != ticket.Resolved {
		t.Errorf("one change from the first before to the last after: %+v", first.Event)
	}
	if got := first.Snapshot.Comments; len(got) != 2 || got[0].Text != "x" || got[1].Text != "y" {
		t.Errorf("comments %+v, want x and y, each once", got)
	}
	w.update(func(u *forewarn.Unit) error {
		ok(t, accounts.PutAny(u, &account{ID: id("a")}))
		return u.Announce(nil, snapshot(a.ID, ticket.New, "x"))
	})
	if all := w.events(); staged(t, all[3]).Correlation == correlation {
		t.Error("two units share a correlation")
	}
}

// A change that is taken back by a later announcement makes no event: the last answer of the rules is staged.
func TestLastAnswerIsStaged(t *testing.T) {
	w := newWorld(t, nil, func(c *forewarn.Config) { c.Rules = statusRules{} })
	w.update(func(u *forewarn.Unit) error {
		ok(t, accounts.Put(u, &account{ID: id("a")}))
		room := u.Room()
		before := snapshot(id("a"), ticket.New, "x")
		ok(t, u.Announce(&before, snapshot(id("a"), ticket.OnHold, "x")))
		if u.Room() >= room {
			t.Error("Room does not count events")
		}
		ok(t, u.Announce(&before, snapshot(id("a"), ticket.New, "x")))
		if u.Room() != room {
			t.Errorf("room for %d, want %d", u.Room(), room)
		}
		return nil
	})
	if n := len(w.events()); n != 0 {
		t.Errorf("%d events", n)
	}
}

func TestAnnouncedIsPut(t *testing.T) {
	w := newWorld(t, nil, func(c *forewarn.Config) { c.Rules = statusRules{} })
	w.open(account{ID: id("a")})
	for name, use := range map[string]func(u *forewarn.Unit) error{
		"not put": func(u *forewarn.Unit) error {
			ok(t, accounts.Put(u, &account{ID: id("beside")}))
			return u.Announce(nil, snapshot(id("a"), ticket.New, "x"))
		},
		"only read": func(u *forewarn.Unit) error {
			ok(t, second(accounts.Get(u, id("a"))))
			ok(t, accounts.Put(u, &account{ID: id("beside")}))
			return u.Announce(nil, snapshot(id("a"), ticket.New, "x"))
		},
		"deleted": func(u *forewarn.Unit) error {
			ok(t, accounts.Delete(u, &account{ID: id("a")}))
			return u.Announce(nil, snapshot(id("a"), ticket.New, "x"))
		},
		"names no record": func(u *forewarn.Unit) error { return u.Announce(nil, ticket.Snapshot{}) },
		"no JSON": func(u *forewarn.Unit) error {
			ok(t, accounts.PutAny(u, &account{ID: id("a")}))
			s := snapshot(id("a"), ticket.New, "x")
			s.Custom = ticket.Custom{"x": json.RawMessage("{")}
			return u.Announce(nil, s)
		},
	} {
		t.Run(name, func(t *testing.T) { wants(t, w.try(alice, use), forewarn.ErrInvalid) })
	}
	if len(w.events()) != 0 || w.version(accounts.Key("acme", id("beside"))) != 0 {
		t.Error("something was committed")
	}
}

func TestAnnouncementTakenBack(t *testing.T) {
	w := newWorld(t, nil, func(c *forewarn.Config) { c.Rules = statusRules{} })
	w.update(func(u *forewarn.Unit) error {
		ok(t, accounts.Put(u, &account{ID: id("a")}))
		before := snapshot(id("a"), ticket.New, "x")
		ok(t, u.Announce(&before, snapshot(id("a"), ticket.InProgress, "x", "kept")))
		room := u.Room()
		err := w.try(u, func(u *forewarn.Unit) error {
			bad := snapshot(id("a"), ticket.Closed, "z")
			bad.Custom = ticket.Custom{"x": json.RawMessage("{")}
			return u.Announce(&before, bad)
		})
		if err == nil || u.Room() != room {
			t.Errorf("%v; room for %d, want %d", err, u.Room(), room)
		}
		err = w.try(u, func(u *forewarn.Unit) error {
			ok(t, accounts.Put(u, &account{ID: id("b")}))
			ok(t, u.Announce(nil, snapshot(id("b"), ticket.New, "y")))
			ok(t, u.Announce(&before, snapshot(id("a"), ticket.Closed, "z", "lost")))
			ok(t, u.Announce(&before, snapshot(id("a"), ticket.Cancelled, "z", "lost too")))
			return errors.New("no")
		})
		if err == nil || u.Room() != room {
			t.Errorf("%v; room for %d, want %d", err, u.Room(), room)
		}
		return nil
	})
	events := w.events()
	if len(events) != 2 {
		t.Fatalf("%d events, want two of a", len(events))
	}
	s := staged(t, events[0])
	if s.After != ticket.InProgress || len(s.Snapshot.Comments) != 1 || s.Snapshot.Comments[0].Text != "kept" {
		t.Errorf("staged %+v", s)
	}
}
