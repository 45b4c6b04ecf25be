package techcase

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/ticket"
)

// newDays are the walks over waiting cases after the days of auto close were changed, by their number.
var newDays = forewarn.NewFanout[newDaysOf]("techcase_new_days")

type newDaysOf struct {
	Types  []string `json:"types"`
	States []State  `json:"states"` // those in which cases of the types wait
}

// newDaysPage is how many cases a walk reads at once.
const newDaysPage = 25

// giveNewDays begins a walk. It begins after the commit that has changed the days: a case that comes to wait by the old
// ones conflicts with it, or stands before the walk looks.
func (s *Service) giveNewDays(u *forewarn.Unit, number int, types []*caseType) error {
	var w newDaysOf
	for _, t := range types {
		w.Types = append(w.Types, t.Name)
		for state, status := range t.status {
			if status == ticket.Resolved && !slices.Contains(w.States, state) {
				w.States = append(w.States, state)
			}
		}
	}
	slices.Sort(w.States)
	return newDays.Start(u.As(forewarn.SystemActor(u.By().Tenant)), strconv.Itoa(number), w, 0)
}

// reschedule is one step of a walk: it names the next step of auto close anew for as many cases as fit the unit. It
// neither reads nor writes the cases for the commit: what a case does meanwhile it schedules itself, and an item that is
// early only looks again. So an item that is not needed any more is left to find nothing to do.
func (s *Service) reschedule(u *forewarn.Unit, w newDaysOf, after string) (next string, done int, err error) {
	r, err := settingsOf(u)
	if err != nil {
		return "", 0, err
	}
	place, cursor := 0, ""
	if after != "" {
		number, rest, _ := strings.Cut(after, "/")
		if place, err = strconv.Atoi(number); err != nil {
			return "", 0, forewarn.Invalid("cursor", "%q is none", after)
		}
		cursor = rest
	}
	for place < len(w.States) {
		if u.Room() < 2*newDaysPage {
			return fmt.Sprintf("%d/%s", place, cursor), done, nil
		}
		page, err := cases.Where("state", forewarn.Text(w.States[place])).Limit(newDaysPage).Page(u, cursor)
		if err != nil {
			return "", 0, err
		}
		for _, c := range page.Items {
			if !slices.Contains(w.Types, c.Type) {
				continue
			}
			t, err := s.typeOf(c.Type)
			if err != nil {
				return "", 0, err
			}
			done++
			step, waits := r.autoCloseOf(t).Next(c.waiting())
			if !waits {
				continue
			}
			if err := autoCloses.At(u, c.ID.String(), step.At, autoCloseItem{Case: c.ID}); err != nil {
				return "", 0, err
			}
		}
		if cursor = page.Next; cursor == "" {
			place++
		}
	}
	return "", done, nil
}
