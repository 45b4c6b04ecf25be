package psew

import (
	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/ticket"
)

// BulkCaseBook is what a CaseBook may have besides, for generations that open a hundred thousand cases. Without it cases
// are read and opened one by one. techcase.Book has it.
type BulkCaseBook interface {
	// Standing returns those of the ids that are cases. It makes no precondition, and a call of Get that follows costs no
	// further round trip.
	Standing(u *forewarn.Unit, ids ...uuid.UUID) (map[uuid.UUID]bool, error)
	// OpenAll opens those of the cases that do not stand yet, and returns them.
	OpenAll(u *forewarn.Unit, cases []ticket.NewCase) ([]ticket.BookedCase, error)
}

// standing returns those of the ids that are cases.
func (s *Service) standing(u *forewarn.Unit, ids ...uuid.UUID) (map[uuid.UUID]bool, error) {
	if bulk, ok := s.cases.(BulkCaseBook); ok {
		return bulk.Standing(u, ids...)
	}
	found := map[uuid.UUID]bool{}
	for _, id := range ids {
		switch _, err := s.cases.Get(u, id); {
		case err == nil:
			found[id] = true
		case !isNotFound(err):
			return nil, err
		}
	}
	return found, nil
}

// openAll opens those of the cases that do not stand yet, and returns them.
func (s *Service) openAll(u *forewarn.Unit, cases []ticket.NewCase) ([]ticket.BookedCase, error) {
	if bulk, ok := s.cases.(BulkCaseBook); ok {
		return bulk.OpenAll(u, cases)
	}
	opened := make([]ticket.BookedCase, 0, len(cases))
	for _, c := range cases {
		switch _, err := s.cases.Get(u, c.ID); {
		case err == nil:
			continue
		case !isNotFound(err):
			return nil, err
		}
		booked, err := s.cases.Open(u, c)
		if err != nil {
			return nil, err
		}
		opened = append(opened, booked)
	}
	return opened, nil
}

// readAhead reads the cases of a page in one round trip, for what is done to each of them.
func (s *Service) readAhead(u *forewarn.Unit, page []ticket.BookedCase) error {
	bulk, ok := s.cases.(BulkCaseBook)
	if !ok || len(page) < 2 {
		return nil
	}
	ids := make([]uuid.UUID, len(page))
	for n, c := range page {
		ids[n] = c.ID
	}
	_, err := bulk.Standing(u, ids...)
	return err
}
