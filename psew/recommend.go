package psew

import (
	"context"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/store"
)

// RecommendServices asks by which service definitions the cases of an incident may be opened.
type RecommendServices struct {
	Incident uuid.UUID
}

// RecommendServices returns the service definitions of the services that the incident impacts, each once, in their order. Generate takes any
// other as well. There are none before the impact was found. It returns what Get returns.
func (s *Service) RecommendServices(ctx context.Context, by forewarn.Caller, q RecommendServices) ([]string, error) {
	return forewarn.Read(ctx, s.engine, by, "psew.RecommendServices", q, s.recommendServices)
}

func (s *Service) recommendServices(u *forewarn.Unit, q RecommendServices) ([]string, error) {
	if _, err := s.readable(u, q.Incident); err != nil {
		return nil, err
	}
	found, err := impactOf(u, kindIncident, q.Incident)
	if err != nil || found.Current == 0 {
		return nil, err
	}
	var all []string
	for after := ""; ; {
		page, err := affectedPage(u, q.Incident, found.Current, ListServices, store.MaxLimit, after)
		if err != nil {
			return nil, err
		}
		for _, a := range page.Items {
			if a.Definition != "" {
				all = append(all, a.Definition)
			}
		}
		if page.Next == "" {
			return unique(all), nil
		}
		after = page.Next
	}
}
