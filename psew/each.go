package psew

import (
	"errors"
	"strings"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/ticket"
)

func isNotFound(err error) bool { return errors.Is(err, forewarn.ErrNotFound) }

// room tells a step of fan-out how many parts the next page may have: while what is left is at least twice what they are taken to cost.
type room struct {
	u       *forewarn.Unit
	before  int
	dearest int // entries that a part costs, by the page that was dearest so far
	parts   int // of the last page
}

// What a part is taken to cost before one was made, and at least: a page of parts that had little to do says nothing of the next.
const (
	firstPart    = 20
	cheapestPart = 10
)

func newRoom(u *forewarn.Unit) *room { return &room{u: u} }

// next returns the size of the next page, at most 500; 0 when the unit takes no more.
func (r *room) next() int {
	left := r.u.Room()
	switch {
	case r.parts == 0:
		r.dearest = firstPart
	case r.dearest == firstPart:
		r.dearest = max((r.before-left+r.parts-1)/r.parts, cheapestPart)
	default:
		r.dearest = max((r.before-left+r.parts-1)/r.parts, r.dearest)
	}
	r.before = left
	r.parts = min(left/(2*r.dearest), 500)
	return r.parts
}

// A cursor of a step is never empty before the end, so it begins with a mark.
const cursorMark = ">"

func marked(cursor string) string   { return cursorMark + cursor }
func unmarked(cursor string) string { return strings.TrimPrefix(cursor, cursorMark) }

// eachCase does something to the cases that a query finds behind a step's cursor, as many as fit the unit. It returns the cursor of the
// next step, "" when all were done.
func (s *Service) eachCase(u *forewarn.Unit, q ticket.CaseQuery, after string, do func(ticket.BookedCase) error) (next string, done int, err error) {
	fits := newRoom(u)
	q.After = unmarked(after)
	for {
		// A page is what fits, and all of it is done: a case that is closed meanwhile moves no other out of sight.
		if q.Limit = fits.next(); q.Limit == 0 {
			return marked(q.After), done, nil
		}
		page, err := s.cases.Page(u, q)
		if err != nil {
			return "", done, err
		}
		if err := s.readAhead(u, page.Cases); err != nil {
			return "", done, err
		}
		for _, c := range page.Cases {
			if err := do(c); err != nil {
				return "", done, err
			}
			done++
		}
		if page.Next == "" {
			return "", done, nil
		}
		q.After = page.Next
	}
}
