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
	begin   int // entries that the unit took at the beginning
	budget  int // of them, those that the step may use
	before  int
	dearest int // entries that a part costs, by the page that was dearest so far
	parts   int // of the last page
}

const (
	// maxStep bounds a commit, whatever the store takes.
	maxStep = 5000
	// firstPart is what a part is taken to cost before one was made, and idlePart when those of the last page had little to do, at most
	// idle entries each: such a page says nothing of the next.
	firstPart, idlePart, idle = 20, 10, 3
	// lastPages is the part of the budget, as one in so many, that is left unused: its pages would have few parts each, and every page costs
	// the same round trips.
	lastPages = 8
)

func newRoom(u *forewarn.Unit) *room { return &room{u: u} }

// next returns the size of the next page, at most 500; 0 when the step is to end.
func (r *room) next() int {
	if r.parts == 0 {
		r.begin = r.u.Room()
		r.budget = min(r.begin, maxStep)
		r.dearest = firstPart
	}
	left := r.budget - (r.begin - r.u.Room())
	if r.parts > 0 {
		cost := (r.before - left + r.parts - 1) / r.parts
		if cost <= idle {
			cost = idlePart
		}
		if r.dearest == firstPart {
			r.dearest = cost
		}
		r.dearest = max(r.dearest, cost)
	}
	r.before = left
	if r.parts = 0; left >= r.budget/lastPages {
		r.parts = min(left/(2*r.dearest), 500)
	}
	return r.parts
}

// A cursor of a step is never empty before the end, so it begins with a mark.
const cursorMark = ">"

func marked(cursor string) string   { return cursorMark + cursor }
func unmarked(cursor string) string { return strings.TrimPrefix(cursor, cursorMark) }

// eachCase does something to the cases that a query finds behind a step's cursor, as many as fit the unit. Of each page ahead, where it is given, reads what
// is needed besides the cases. It returns the cursor of the next step, "" when all were done.
func (s *Service) eachCase(u *forewarn.Unit, q ticket.CaseQuery, after string, ahead func([]ticket.BookedCase) error,
	do func(ticket.BookedCase) error) (next string, done int, err error) {
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
		if ahead != nil {
			if err := ahead(page.Cases); err != nil {
				return "", done, err
			}
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
