package psew

import (
	"errors"
	"strings"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/ticket"
)

func isNotFound(err error) bool { return errors.Is(err, forewarn.ErrNotFound) }

// room tells a step of fan-out whether the unit takes another part: while what is left is at least twice the dearest part so far.
type room struct {
	u       *forewarn.Unit
	before  int
	dearest int
	parts   int
}

// firstPart is what a part is taken to cost before one was made.
const firstPart = 20

func newRoom(u *forewarn.Unit) *room { return &room{u: u, dearest: firstPart} }

// more reports whether another part fits.
func (r *room) more() bool {
	left := r.u.Room()
	if r.parts > 0 {
		if cost := r.before - left; r.parts == 1 || cost > r.dearest {
			r.dearest = max(cost, 1)
		}
	}
	r.before = left
	r.parts++
	return left >= 2*r.dearest
}

// page bounds a page of what a step works on, so that one with little room reads little that it cannot take.
func (r *room) page() int { return min(500, max(r.u.Room()/r.dearest, 1)) }

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
		q.Limit = fits.page()
		page, err := s.cases.Page(u, q)
		if err != nil {
			return "", done, err
		}
		for n, c := range page.Cases {
			if !fits.more() {
				if n == 0 {
					return marked(q.After), done, nil
				}
				q.Limit = n // the same rows again, to have the cursor behind them
				part, err := s.cases.Page(u, q)
				return marked(part.Next), done, err
			}
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
