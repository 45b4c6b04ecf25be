package techcase

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/store"
)

// ImpactedParty is an account or a consumer whom a major case hits.
type ImpactedParty struct {
	Kind string `json:"kind"` // PartyAccount or PartyConsumer
	ID   string `json:"id"`
	// Added says that the manager has put it on the list; then Name is what it was called, By who did it, and At when.
	Added bool      `json:"added,omitempty"`
	Name  string    `json:"name,omitempty"`
	By    string    `json:"by,omitempty"`
	At    time.Time `json:"at,omitzero"`
	// Case is the child case that the party was found by; zero when it was found on the list.
	Case uuid.UUID `json:"case,omitzero"`
}

// impacted is a party of a major case that is not only found by the one child case that was opened with it: the manager
// has put it on the list, or a case of it became a child. Children that are opened as children have none, so that a
// storm of them writes nothing besides.
type impacted struct {
	ID       uuid.UUID        `json:"id"`
	Version  forewarn.Version `json:"version"`
	Major    uuid.UUID        `json:"major"`
	Party    ImpactedParty    `json:"party"`
	Children int              `json:"children,omitempty"` // how many cases of the party became children and did not leave
}

var impacteds = forewarn.NewRecords("case_impacted", forewarn.Shape[impacted]{
	ID:      func(i *impacted) *uuid.UUID { return &i.ID },
	Version: func(i *impacted) *forewarn.Version { return &i.Version },
	Fields: []forewarn.Field[impacted]{
		{Name: "major", Type: store.Text, Of: func(i *impacted) store.Value { return forewarn.ID(i.Major) }},
		{Name: "kind", Type: store.Text, Of: func(i *impacted) store.Value { return forewarn.Text(i.Party.Kind) }},
		{Name: "party", Type: store.Text, Of: func(i *impacted) store.Value { return forewarn.Text(i.Party.ID) }},
	},
	Indexes: []store.Index{{Name: "major", Fields: []string{"major", "kind", "party"}}},
})

func impactedID(major uuid.UUID, kind, id string) uuid.UUID {
	return store.NameID("case_impacted", major.String(), kind, id)
}

// impactedOf returns the record of a party, a new one when there is none.
func impactedOf(u *forewarn.Unit, major uuid.UUID, kind, id string) (impacted, error) {
	i, err := impacteds.Get(u, impactedID(major, kind, id))
	if isNotFound(err) {
		return impacted{ID: impactedID(major, kind, id), Major: major, Party: ImpactedParty{Kind: kind, ID: id}}, nil
	}
	return i, err
}

// party is whom a case is for, as a list of impacted parties knows it.
func (c Case) party() (kind, id string) {
	if c.Consumer != "" {
		return PartyConsumer, c.Consumer
	}
	return PartyAccount, c.Account
}

// moveParty keeps count of the parties of cases that became children, or that left.
func moveParty(u *forewarn.Unit, before, after Case) error {
	kindWas, was := before.party()
	kind, is := after.party()
	if before.Parent == after.Parent && kindWas == kind && was == is {
		return nil
	}
	if before.Parent != uuid.Nil && was != "" {
		i, err := impactedOf(u, before.Parent, kindWas, was)
		if err != nil {
			return err
		}
		if i.Children > 0 {
			i.Children--
			if err := i.keep(u); err != nil {
				return err
			}
		}
	}
	if after.Parent == uuid.Nil || is == "" {
		return nil
	}
	i, err := impactedOf(u, after.Parent, kind, is)
	if err != nil {
		return err
	}
	i.Children++
	return i.keep(u)
}

// keep puts the record, or deletes it when nothing holds it.
func (i impacted) keep(u *forewarn.Unit) error {
	if i.Party.Added || i.Children > 0 {
		return impacteds.Put(u, &i)
	}
	return impacteds.Delete(u, &i)
}

// Impacted asks for a page of whom a major case hits.
type Impacted struct {
	Major uuid.UUID
	Kind  string // PartyAccount or PartyConsumer; "": both
	Limit int    // 100 when it is 0, at most 1,000
	After string // the cursor of the page before
}

// Impacted returns a page of the accounts and consumers whom a major case hits, each once: those of its list, then those
// of its other children, by the children's ids. A page may be short, or empty, before the last.
//
// It returns ErrInvalid for a kind that there is not and for a cursor of another list, ErrRefused when the case is no
// major case, and ErrNotFound and ErrForbidden as Get does.
func (s *Service) Impacted(ctx context.Context, by forewarn.Caller, q Impacted) (forewarn.Page[ImpactedParty], error) {
	return forewarn.Read(ctx, s.engine, by, "techcase.Impacted", q, s.impacted)
}

// How a cursor of Impacted begins, by what it goes on with.
const (
	cursorListed   = "listed:"
	cursorChildren = "children:"
)

func (s *Service) impacted(u *forewarn.Unit, q Impacted) (page forewarn.Page[ImpactedParty], err error) {
	c, err := s.find(u, actImpacted, q.Major, 0)
	if err != nil {
		return page, err
	}
	if !c.Major {
		return page, forewarn.Refused(c.key(), "major", "%s is no major case", c.Number)
	}
	if q.Kind != "" && q.Kind != PartyAccount && q.Kind != PartyConsumer {
		return page, forewarn.Invalid("kind", "%q is neither %s nor %s", q.Kind, PartyAccount, PartyConsumer)
	}
	if after, ok := strings.CutPrefix(q.After, cursorChildren); ok {
		return impactedChildren(u, q, after)
	}
	after, ok := strings.CutPrefix(q.After, cursorListed)
	if q.After != "" && !ok {
		return page, forewarn.Invalid("after", "%q is no cursor of this list", q.After)
	}
	equal := []store.Value{forewarn.ID(q.Major)}
	if q.Kind != "" {
		equal = append(equal, forewarn.Text(q.Kind))
	}
	found, err := impacteds.Where("major", equal...).Limit(q.Limit).Page(u, after)
	if err != nil {
		return page, err
	}
	page.Items = make([]ImpactedParty, len(found.Items))
	for n, i := range found.Items {
		page.Items[n] = i.Party
	}
	if found.Next != "" {
		page.Next = cursorListed + found.Next
	} else {
		page.Next = cursorChildren
	}
	return page, nil
}

// impactedChildren is a page of the parties that are found by their child alone.
func impactedChildren(u *forewarn.Unit, q Impacted, after string) (page forewarn.Page[ImpactedParty], err error) {
	found, err := cases.Where("parent", forewarn.ID(q.Major)).AnyOf(forewarn.Bool(true), forewarn.Bool(false)).Limit(q.Limit).Page(u, after)
	if err != nil {
		return page, err
	}
	var ids []uuid.UUID
	for _, child := range found.Items {
		kind, id := child.party()
		ids = append(ids, impactedID(q.Major, kind, id))
	}
	if err := impacteds.Prefetch(u, ids...); err != nil {
		return page, err
	}
	first, err := firstChildren(u, q.Major, found.Items)
	if err != nil {
		return page, err
	}
	for n, child := range found.Items {
		kind, id := child.party()
		if first[partyOf{kind, id}] != child.ID.String() {
			continue // another child of the party names it
		}
		if id == "" || q.Kind != "" && kind != q.Kind {
			continue
		}
		_, err := impacteds.Peek(u, ids[n])
		if err == nil {
			continue // it was listed
		}
		if !isNotFound(err) {
			return page, err
		}
		page.Items = append(page.Items, ImpactedParty{Kind: kind, ID: id, Case: child.ID})
	}
	if found.Next != "" {
		page.Next = cursorChildren + found.Next
	}
	return page, nil
}

type partyOf struct{ kind, id string }

// firstChildren returns the child with the lowest id of each party of some children of a major case: the one by which the
// party is named. Cases of one party are few, and so they are looked through, those of many parties at once.
func firstChildren(u *forewarn.Unit, major uuid.UUID, children []Case) (map[partyOf]string, error) {
	first := map[partyOf]string{}
	ids := map[string][]string{} // by kind
	for _, c := range children {
		kind, id := c.party()
		if _, seen := first[partyOf{kind, id}]; id != "" && !seen {
			first[partyOf{kind, id}] = c.ID.String()
			ids[kind] = append(ids[kind], id)
		}
	}
	for kind, all := range ids {
		index := "account"
		if kind == PartyConsumer {
			index = "consumer"
		}
		for some := range slices.Chunk(all, store.MaxAnyOf) {
			for c, err := range cases.Where(index).AnyOf(forewarn.Texts(some...)...).Limit(store.MaxLimit).All(u) {
				if err != nil {
					return nil, err
				}
				kind, id := c.party()
				if c.Parent == major && c.ID.String() < first[partyOf{kind, id}] {
					first[partyOf{kind, id}] = c.ID.String()
				}
			}
		}
	}
	return first, nil
}
