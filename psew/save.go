package psew

import (
	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/ticket"
)

// save stamps and puts an incident that has changed, makes its open task follow, and announces before and after with the
// comments that became public. before is nil when the incident is new.
func (s *Service) save(u *forewarn.Unit, before *Incident, i Incident, comments ...ticket.Activity) (Incident, error) {
	i.Updated, i.UpdatedBy = u.Now(), u.By().ID
	if before == nil || before.State != i.State || before.status() != i.status() {
		i.StateChanged = u.Now()
	}
	i.Comments += len(comments)
	if err := incidents.Put(u, &i); err != nil {
		return Incident{}, err
	}
	if before != nil && before.OpenTask != nil && i.OpenTask != nil && *before.OpenTask == *i.OpenTask && follows(*before, i) {
		if err := s.syncTask(u, i); err != nil {
			return Incident{}, err
		}
	}
	var was *ticket.Snapshot
	if before != nil {
		snapshot := before.Snapshot()
		was = &snapshot
	}
	after := i.Snapshot()
	for _, c := range comments {
		after.Comments = append(after.Comments, ticket.Public(c))
	}
	return i, u.Announce(was, after)
}

// follows reports whether something has changed that the open task follows.
func follows(a, b Incident) bool {
	return a.ShortDescription != b.ShortDescription || a.Priority != b.Priority || a.State != b.State ||
		a.Group != b.Group || a.Assignee != b.Assignee
}

func (s *Service) syncTask(u *forewarn.Unit, i Incident) error {
	t, err := tasks.Get(u, *i.OpenTask)
	if err != nil {
		return err
	}
	next := t.sync(i, u.Now())
	if next.Updated.Equal(t.Updated) && next.State == t.State {
		return nil
	}
	return tasks.Put(u, &next)
}

// post writes an activity into the incident's stream.
func post(u *forewarn.Unit, i Incident, entry ticket.Entry, text, event, source string) (ticket.Activity, error) {
	return u.Post(ticket.Activity{Kind: kindIncident, Ticket: i.ID, Entry: entry, Text: text, Event: event, Source: source})
}
