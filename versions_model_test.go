package forewarn_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/adapters/memory"
	"github.com/forewarn-go/forewarn/adapters/storagetest"
	"github.com/forewarn-go/forewarn/store"
)

// step is what a unit of the model does with one record, or others behind its back.
type step struct {
	do   string
	name string
	pick int // which of the values that it has is written
}

func drawSteps(t *rapid.T) []step {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) step {
		return step{
			do: rapid.SampledFrom([]string{"get", "peek", "peek", "find", "find", "prefetch", "put", "put", "put any", "put as new", "delete",
				"others change", "others change", "others change", "others delete"}).Draw(t, "do"),
			name: rapid.SampledFrom([]string{"a", "a", "a", "b"}).Draw(t, "name"),
			pick: rapid.IntRange(0, 3).Draw(t, "pick"),
		}
	}), 4, 12).Draw(t, "steps")
}

// hand is what one run of a unit of the model has in its hand of one record.
type hand struct {
	values []account // as they were read, each at its version
	absent bool      // it was last read as not there
	moved  bool      // it was read at several versions
	own    *account  // as this run has put it
	wrote  bool
	gone   bool  // this run has deleted it
	given  bool  // it was first written without having been read, at the version that its value carries
	basis  int64 // the version of the value that it was first written from; store.Any: of none
}

// saw notes a value that was read, unless it is what the run itself has written.
func (h *hand) saw(a account, there bool) {
	if h.wrote {
		return
	}
	if n := len(h.values); n > 0 && (!there || h.values[n-1].Version != a.Version) || there && h.absent {
		h.moved = true
	}
	if h.absent = !there; there {
		h.values = append(h.values, a)
	}
}

// value returns what is written: a value that was read, or one of an earlier unit.
func (h *hand) value(pick int, earlier account) account {
	switch {
	case h.own != nil && !h.moved:
		return *h.own
	case len(h.values) > 0:
		return h.values[pick%len(h.values)]
	case h.absent:
		return account{ID: earlier.ID, Owner: earlier.Owner}
	}
	return earlier
}

// write notes the first write of a record, from a value of the version.
func (h *hand) write(version forewarn.Version, whatever bool) {
	if h.wrote {
		return
	}
	read := len(h.values) > 0 || h.absent
	h.wrote, h.basis, h.given = true, int64(version), !read && !whatever
	if !read && whatever {
		h.basis = store.Any
	}
}

// Units read, write and delete at versions of their own and of earlier units, while others change and delete the same
// records between any two steps. Nothing that others did is undone; a unit that was not disturbed is not run again;
// and what no further run could change is an error at once.
func TestVersionsModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		for range 5 {
			steps := drawSteps(rt)
			disturbed := rapid.IntRange(0, 2).Draw(rt, "runs disturbed")
			there := map[string]bool{"a": rapid.Bool().Draw(rt, "a is there"), "b": rapid.Bool().Draw(rt, "b is there")}
			old := rapid.Bool().Draw(rt, "changed since the earlier unit")
			versionsModel(rt, steps, disturbed, there, old)
		}
	})
}

func versionsModel(t *rapid.T, steps []step, disturbed int, there map[string]bool, old bool) {
	m := memory.New()
	stood := map[uuid.UUID]account{} // what the last commit met
	current := func() map[uuid.UUID]account {
		all := map[uuid.UUID]account{}
		w := newWorld(t, m)
		for name := range there {
			if a, err := w.lookup(alice, id(name)); err == nil {
				all[a.ID] = a
			}
		}
		return all
	}
	w := newWorld(t, storagetest.Wrap(m, storagetest.Faults{Before: func(context.Context, int, store.Batch) { stood = current() }}))
	earlier := map[string]account{}
	for name, is := range there {
		if earlier[name] = (account{ID: id(name), Owner: "ann"}); is {
			w.open(earlier[name])
			earlier[name] = w.account(id(name))
		}
		if old {
			w.behind(m, id(name), func(a *account) { a.Owner = "ann"; a.Balance += 10 })
		}
	}
	runs, disturbances := 0, 0
	var hands map[string]*hand
	err := w.try(alice, func(u *forewarn.Unit) error {
		runs++
		disturbances = 0
		hands = map[string]*hand{"a": {}, "b": {}}
		for _, s := range steps {
			if err := runStep(t, w, m, u, s, hands, earlier, runs <= disturbed, &disturbances); err != nil {
				return err
			}
		}
		return accounts.PutAny(u, &account{ID: id("beside")})
	})
	if runs > disturbed+1 || disturbed == 0 && runs != 1 {
		t.Fatalf("%d runs, of which %d were disturbed", runs, disturbed)
	}
	var e *forewarn.Error
	switch now := current(); {
	case err == nil:
		for name, h := range hands {
			checkHand(t, name, h, stood, now)
		}
	case errors.Is(err, forewarn.ErrStale), errors.Is(err, forewarn.ErrRefused):
		if !errors.As(err, &e) {
			t.Fatalf("%v", err)
		}
		for name, h := range hands {
			if e.Record.ID != id(name) {
				continue
			}
			version := int64(now[id(name)].Version)
			if !h.given || version == h.basis || errors.Is(err, forewarn.ErrRefused) != (h.basis == store.Absent) {
				t.Fatalf("%v of %+v, which stands at %d", err, *h, version)
			}
		}
	default:
		t.Fatalf("%v after %d runs", err, runs)
	}
}

// checkHand checks a record after a commit that met it as it stood.
func checkHand(t *rapid.T, name string, h *hand, stood, now map[uuid.UUID]account) {
	before, after := stood[id(name)], now[id(name)]
	switch {
	case !h.wrote:
		if before != after {
			t.Fatalf("%s was not written, and is %+v after %+v", name, after, before)
		}
		return
	case h.basis != store.Any && h.basis != int64(before.Version):
		t.Fatalf("%s stood at %v, and a value of version %v was written over it", name, before.Version, h.basis)
	case h.gone:
		if after.Version != 0 {
			t.Fatalf("%s was deleted, and is %+v", name, after)
		}
		return
	}
	if after != *h.own {
		t.Fatalf("%s is %+v, and was put as %+v", name, after, *h.own)
	}
}

// runStep does one step of a run.
func runStep(t *rapid.T, w *world, m store.Store, u *forewarn.Unit, s step, hands map[string]*hand, earlier map[string]account, disturb bool, n *int) error {
	h := hands[s.name]
	read := func(a account, err error) error {
		if err == nil || errors.Is(err, forewarn.ErrNotFound) {
			h.saw(a, err == nil)
			return nil
		}
		return err
	}
	put := func(a account, whatever bool) error {
		version := a.Version
		a.Balance++
		write := accounts.Put
		if whatever {
			write = accounts.PutAny
		}
		if err := write(u, &a); err != nil {
			return err
		}
		h.write(version, whatever)
		h.own, h.gone = &a, false
		return nil
	}
	switch s.do {
	case "get":
		return read(accounts.Get(u, id(s.name)))
	case "peek":
		return read(accounts.Peek(u, id(s.name)))
	case "prefetch":
		if err := accounts.Prefetch(u, id(s.name)); err != nil {
			return err
		}
		return read(accounts.Peek(u, id(s.name)))
	case "find":
		for a, err := range accounts.Where("owner", forewarn.Text("ann")).All(u) {
			if err != nil {
				return err
			}
			for name, h := range hands {
				if a.ID == id(name) {
					h.saw(a, true)
				}
			}
		}
	case "put":
		return put(h.value(s.pick, earlier[s.name]), false)
	case "put any":
		return put(h.value(s.pick, earlier[s.name]), true)
	case "put as new":
		if !h.wrote && len(h.values) == 0 {
			return put(account{ID: id(s.name), Owner: "ann"}, false)
		}
	case "delete":
		a := h.value(s.pick, earlier[s.name])
		if h.gone || h.absent && !h.wrote {
			return accounts.Delete(u, &a) // there is nothing to do
		}
		if err := accounts.Delete(u, &a); err != nil {
			return err
		}
		h.write(a.Version, true)
		h.own, h.gone = nil, true
	case "others change":
		if *n++; disturb {
			w.behind(m, id(s.name), func(a *account) { a.Owner = "ann"; a.Balance += 10 })
		}
	case "others delete":
		if *n++; disturb {
			ok(t, m.Commit(w.ctx, store.Batch{Deletes: []store.Read{{Key: accounts.Key("acme", id(s.name)), Expect: store.Any}}}))
		}
	}
	return nil
}
