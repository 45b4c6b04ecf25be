package forewarn_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/adapters/memory"
	"github.com/forewarn-go/forewarn/store"
)

var (
	toyNames  = rapid.SampledFrom([]string{"a", "b", "c", "d", "e", "f", "g", "h"})
	toyOwners = rapid.SampledFrom([]string{"", "ann", "anna", "bea", "bx"})
	toyStates = rapid.SampledFrom([]string{"", "open", "shut"})
)

func drawAccount(t *rapid.T) account {
	return account{ID: id(toyNames.Draw(t, "name")), Owner: toyOwners.Draw(t, "owner"), State: toyStates.Draw(t, "state"),
		Balance: rapid.IntRange(0, 3).Draw(t, "balance")}
}

// asked is a query in the words of the model.
type asked struct {
	index      string
	equal      *string
	anyOf      []string
	from, to   *int
	descending bool
	limit      int
}

func drawQuery(t *rapid.T) asked {
	q := asked{index: rapid.SampledFrom([]string{"owner", "state"}).Draw(t, "index"), limit: rapid.IntRange(1, 4).Draw(t, "limit"),
		descending: rapid.Bool().Draw(t, "descending")}
	values := toyOwners
	if q.index == "state" {
		values = toyStates
	}
	switch rapid.IntRange(0, 2).Draw(t, "how") {
	case 0:
		v := values.Draw(t, "equal")
		q.equal = &v
	case 1:
		q.anyOf = rapid.SliceOfN(values, 0, 3).Draw(t, "anyOf")
	default:
		return q
	}
	if rapid.Bool().Draw(t, "bounded") {
		from, to := rapid.IntRange(0, 3).Draw(t, "from"), rapid.IntRange(0, 4).Draw(t, "to")
		q.from, q.to = &from, &to
	}
	return q
}

func (q asked) query() forewarn.Query[account] {
	var equal []store.Value
	if q.equal != nil {
		equal = append(equal, forewarn.Text(*q.equal))
	}
	query := accounts.Where(q.index, equal...).Limit(q.limit)
	if q.anyOf != nil {
		query = query.AnyOf(forewarn.Texts(q.anyOf...)...)
	}
	if q.from != nil {
		query = query.Range(forewarn.Int(*q.from), forewarn.Int(*q.to))
	}
	if q.descending {
		query = query.Descending()
	}
	return query
}

// naive finds as the contract says, by looking at everything.
func (q asked) naive(all map[uuid.UUID]account) []account {
	var found []account
	for _, a := range all {
		leading := a.Owner
		if q.index == "state" {
			if leading = a.State; leading == "" {
				continue // an absent value is in no index
			}
		}
		if q.equal != nil && leading != *q.equal || q.anyOf != nil && !slices.Contains(q.anyOf, leading) ||
			q.from != nil && (a.Balance < *q.from || a.Balance >= *q.to) {
			continue
		}
		found = append(found, a)
	}
	slices.SortFunc(found, func(a, b account) int {
		c := 0
		if q.equal == nil && q.anyOf == nil {
			x, y := a.Owner, b.Owner
			if q.index == "state" {
				x, y = a.State, b.State
			}
			if x != y {
				c = 1
				if x < y {
					c = -1
				}
			}
		}
		if c == 0 {
			c = a.Balance - b.Balance
		}
		if c == 0 {
			c = store.CompareID(a.ID, b.ID)
		}
		if q.descending {
			return -c
		}
		return c
	})
	return found
}

func balances(all []account) string {
	s := ""
	for _, a := range all {
		s += fmt.Sprintf("%s/%s/%s/%d ", a.ID.String()[:4], a.Owner, a.State, a.Balance)
	}
	return s
}

// A unit finds its own writes among what is stored: made, deleted, moved between places of the index, in full pages
// whose cursors lead on.
func TestFindOwnWrites(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t, memory.New())
		model := map[uuid.UUID]account{}
		w.update(func(u *forewarn.Unit) error {
			for range rapid.IntRange(0, 10).Draw(t, "stored") {
				a := drawAccount(t)
				model[a.ID] = a
				ok(t, accounts.PutAny(u, &a))
			}
			return nil
		})
		check := func(u *forewarn.Unit) {
			q := drawQuery(t)
			want := q.naive(model)
			var got []account
			after := ""
			for {
				page, err := q.query().Page(u, after)
				ok(t, err)
				if page.Next != "" && len(page.Items) != q.limit {
					t.Fatalf("a page of %d with more behind it, the limit is %d", len(page.Items), q.limit)
				}
				if len(page.Items) > q.limit {
					t.Fatalf("a page of %d, the limit is %d", len(page.Items), q.limit)
				}
				got = append(got, page.Items...)
				if after = page.Next; after == "" {
					break
				}
				if len(got) > 100 {
					t.Fatalf("the pages do not end")
				}
			}
			for i := range got {
				got[i].Version = 0
			}
			if !slices.Equal(got, want) {
				t.Fatalf("%+v\n got %s\nwant %s", q, balances(got), balances(want))
			}
		}
		w.update(func(u *forewarn.Unit) error {
			t.Repeat(map[string]func(*rapid.T){
				"put": func(t *rapid.T) {
					a := drawAccount(t)
					model[a.ID] = a
					ok(t, accounts.PutAny(u, &a))
				},
				"get and put": func(t *rapid.T) {
					a := drawAccount(t)
					if _, err := accounts.Get(u, a.ID); err != nil && !errors.Is(err, forewarn.ErrNotFound) {
						t.Fatalf("%v", err)
					}
					model[a.ID] = a
					ok(t, accounts.Put(u, &a))
				},
				"delete": func(t *rapid.T) {
					a := drawAccount(t)
					delete(model, a.ID)
					ok(t, accounts.Delete(u, &a))
				},
				"get": func(t *rapid.T) {
					want, there := model[id(toyNames.Draw(t, "name"))]
					got, err := accounts.Get(u, want.ID)
					got.Version = 0
					if there && (err != nil || got != want) {
						t.Fatalf("got %+v, %v, want %+v", got, err, want)
					}
				},
				"find": func(t *rapid.T) { check(u) },
			})
			return nil
		})
		// and what was committed is what was seen
		w.update(func(u *forewarn.Unit) error { check(u); check(u); return nil })
	})
}

// A cursor goes on behind what was seen, also when the row that it names was deleted in between.
func TestCursorOfOwnRow(t *testing.T) {
	w := newWorld(t, nil)
	w.open(account{ID: id("a"), Owner: "x", Balance: 1}, account{ID: id("c"), Owner: "x", Balance: 3})
	w.update(func(u *forewarn.Unit) error {
		b := account{ID: id("b"), Owner: "x", Balance: 2}
		ok(t, accounts.Put(u, &b))
		q := accounts.Where("owner", forewarn.Text("x")).Limit(2)
		page, err := q.Page(u, "")
		ok(t, err)
		if len(page.Items) != 2 || page.Items[1].ID != b.ID || page.Next == "" {
			t.Fatalf("%+v", page)
		}
		ok(t, accounts.Delete(u, &b))
		page, err = q.Page(u, page.Next)
		if len(page.Items) != 1 || page.Items[0].Balance != 3 || page.Next != "" {
			t.Errorf("%+v", page)
		}
		return err
	})
}
