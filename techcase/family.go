package techcase

import (
	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/store"
)

// family guards the set of a major case's children: who adds a child puts it, and so does who closes the major case. So a
// child that comes while the major case is being closed conflicts with it, and editing the major case does not conflict
// with a hundred thousand children that are being opened. Its id is that of the major case.
type family struct {
	ID      uuid.UUID        `json:"id"`
	Version forewarn.Version `json:"version"`
	Members int              `json:"members,omitempty"` // how many children were added and not removed
	Closed  bool             `json:"closed,omitempty"`
}

var families = forewarn.NewRecords("case_family", forewarn.Shape[family]{
	ID:      func(f *family) *uuid.UUID { return &f.ID },
	Version: func(f *family) *forewarn.Version { return &f.Version },
})

func familyOf(u *forewarn.Unit, major uuid.UUID) (family, error) {
	f, err := families.Get(u, major)
	if isNotFound(err) {
		return family{ID: major}, nil
	}
	return f, err
}

// joinFamily makes room for children of a major case.
func joinFamily(u *forewarn.Unit, major uuid.UUID, children int) error {
	parent, err := cases.Peek(u, major)
	if isNotFound(err) {
		return forewarn.Refused(cases.Key("", major), "parent", "there is no such major case")
	}
	if err != nil {
		return err
	}
	if !parent.Major {
		return forewarn.Refused(parent.key(), "parent", "%s is no major case", parent.Number)
	}
	f, err := familyOf(u, major)
	if err != nil {
		return err
	}
	if f.Closed || !parent.Open() {
		return forewarn.Refused(parent.key(), "parent", "major case %s is %s", parent.Number, parent.State)
	}
	f.Members += children
	return families.Put(u, &f)
}

// leaveFamily counts a child that is removed.
func leaveFamily(u *forewarn.Unit, major uuid.UUID) error {
	f, err := familyOf(u, major)
	if err != nil {
		return err
	}
	f.Members = max(f.Members-1, 0)
	return families.Put(u, &f)
}

// finish refuses to end a major case while a child is open, and ends its family with it.
func (s *Service) finish(u *forewarn.Unit, before *Case, after Case) error {
	if before == nil || !after.Major || !before.Open() || after.Open() {
		return nil
	}
	f, err := familyOf(u, after.ID)
	if err != nil {
		return err
	}
	open, cursor := 0, ""
	for {
		page, err := cases.Where("parent", forewarn.ID(after.ID), forewarn.Bool(true)).Limit(store.MaxLimit).Page(u, cursor)
		if err != nil {
			return err
		}
		if open += len(page.Items); page.Next == "" {
			break
		}
		cursor = page.Next
	}
	if open > 0 {
		noun := "child cases are"
		if open == 1 {
			noun = "child case is"
		}
		return forewarn.Refused(after.key(), "state", "%d %s still open", open, noun)
	}
	f.Closed = true
	return families.Put(u, &f)
}
