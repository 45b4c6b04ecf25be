package techcase

import (
	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/store"
	"github.com/forewarn-go/forewarn/ticket"
)

// resolutions are the major cases whose children are being resolved, by the major case's id.
var resolutions = forewarn.NewFanout[resolving]("techcase_resolve_major")

type resolving struct {
	Major      uuid.UUID         `json:"major"`
	Resolution ticket.Resolution `json:"resolution"`
}

// firstChild sorts before the text of every id.
const firstChild = "-"

// childEntries is what resolving a child is taken to cost until one was resolved.
const childEntries = 12

// resolveChildren is one step of the fan-out: as many children behind the id after as fit the unit.
func (s *Service) resolveChildren(u *forewarn.Unit, r resolving, after string) (next string, done int, err error) {
	dearest := childEntries
	if after == "" {
		after = firstChild
	}
	for {
		if u.Room() < 2*dearest {
			return after, done, nil
		}
		// Closed children stay where they are in the order of ids, so that a step never skips one that closes meanwhile.
		query := cases.Where("parent", forewarn.ID(r.Major)).AnyOf(forewarn.Bool(false), forewarn.Bool(true)).
			Range(forewarn.Text(after+" "), store.Value{}) // behind this id, before the next
		page, err := query.Limit(min(u.Room()/dearest, 500)).Page(u, "")
		if err != nil {
			return "", 0, err
		}
		for _, child := range page.Items {
			room := u.Room()
			if room < 2*dearest {
				return after, done, nil
			}
			if err := s.resolve(u, child, r.Resolution); err != nil {
				return "", 0, err
			}
			dearest = max(dearest, room-u.Room())
			after = child.ID.String()
			done++
		}
		if page.Next == "" {
			return "", done, nil
		}
	}
}
