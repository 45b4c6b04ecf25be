package tmf

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn/store"
	"github.com/forewarn-go/forewarn/ticket"
)

// Path is the resource of a ticket below the base of a TMF621 v4 server.
const Path = "/tmf-api/troubleTicket/v4/troubleTicket/"

// PayloadError says why a staged event makes no TMF688 event. Trying again
// does not help.
type PayloadError struct {
	Event     uuid.UUID
	Attribute string // of the event or of its ticket, as event.troubleTicket.status
	Rule      string
	Err       error // the cause, if there is one
}

func (e *PayloadError) Error() string {
	s := fmt.Sprintf("tmf: event %s: %s: %s", e.Event, e.Attribute, e.Rule)
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap returns the cause.
func (e *PayloadError) Unwrap() error { return e.Err }

// Staged reads the body of a staged event. It returns a *PayloadError when the
// body is none, and when its snapshot is of another ticket than the event.
func Staged(e store.Event) (ticket.Staged, error) {
	var s ticket.Staged
	if err := json.Unmarshal(e.Body, &s); err != nil {
		return s, &PayloadError{Event: e.ID, Attribute: "body", Rule: "is no staged event", Err: err}
	}
	if s.Snapshot.Key.ID != e.Ticket.ID {
		return s, &PayloadError{Event: e.ID, Attribute: "body.snapshot.key", Rule: "names another ticket than the event, " + e.Ticket.String()}
	}
	return s, nil
}

// Payload returns the TMF688 event of a staged event: what the snapshot says,
// and nothing that was read later. Base is where a TMF621 server of ours is
// reached, as https://noc.example.com, for the ticket's href; "" leaves href
// out. It returns a *PayloadError when one of the attributes that our events
// always have is missing.
func Payload(e store.Event, s ticket.Staged, base string) (Event, error) {
	eventType := e.Type
	if eventType == "" {
		eventType = s.Type
	}
	tt := Ticket(s.Snapshot, base)
	if s.After != ticket.Draft {
		// Of several events of one change each shows the status that it tells of.
		status, _ := StatusOf(s.After)
		tt = at(tt, status)
	}
	out := Event{
		EventID:     e.ID.String(),
		EventTime:   e.At.UTC(),
		EventType:   eventType,
		TimeOcurred: e.At.UTC(),
		Event:       EventPayload{TroubleTicket: tt},
		BaseType:    "Event",
		Type:        eventType,
	}
	if s.Correlation != uuid.Nil {
		out.CorrelationID = s.Correlation.String()
	}
	if before, ok := StatusOf(s.Before); ok && s.Before != s.After {
		out.AnalyticCharacteristic = append(out.AnalyticCharacteristic,
			Characteristic{Name: PreviousStatus, ValueType: "string", Value: string(before)})
	}
	if len(s.Changed) > 0 {
		names := make([]string, len(s.Changed))
		for i, c := range s.Changed {
			names[i] = Attribute(c)
		}
		out.AnalyticCharacteristic = append(out.AnalyticCharacteristic,
			Characteristic{Name: ChangedAttribute, ValueType: "array", Value: names})
	}
	if err := complete(e.ID, out); err != nil {
		return Event{}, err
	}
	return out, nil
}

// complete checks the attributes that our events always have.
func complete(id uuid.UUID, e Event) error {
	t := e.Event.TroubleTicket
	for _, a := range []struct {
		name    string
		missing bool
	}{
		{"eventId", id == uuid.Nil},
		{"eventTime", e.EventTime.IsZero()},
		{"eventType", e.EventType == ""},
		{"event.troubleTicket.id", t.ID == uuid.Nil.String()},
		{"event.troubleTicket.status", t.Status == ""},
		{"event.troubleTicket.description", t.Description == ""},
		{"event.troubleTicket.severity", t.Severity == ""},
		{"event.troubleTicket.ticketType", t.TicketType == ""},
	} {
		if a.missing {
			return &PayloadError{Event: id, Attribute: a.name, Rule: "is missing; every event has it"}
		}
	}
	return nil
}

// Ticket returns a ticket as TMF621 shows it, with an href below base, or none
// when base is "". A ticket without a description shows its name as one. The
// resolution date is shown while the ticket is resolved or closed.
func Ticket(s ticket.Snapshot, base string) TroubleTicket {
	t := TroubleTicket{
		ID:                          s.Key.ID.String(),
		CreationDate:                s.Created.UTC(),
		Description:                 s.Description,
		ExternalID:                  s.ExternalID,
		LastUpdate:                  s.Updated.UTC(),
		Name:                        s.Name,
		Priority:                    PriorityLabel(s.Priority),
		ResolutionDate:              s.Resolved.UTC(),
		Severity:                    Severity(s),
		StatusChangeDate:            s.StatusChanged.UTC(),
		TicketType:                  s.TypeName,
		Type:                        "TroubleTicket",
		TroubleTicketCharacteristic: Extensions(s),
	}
	if base != "" {
		t.Href = base + Path + t.ID
	}
	if t.Description == "" {
		t.Description = s.Name
	}
	if t.TicketType == "" {
		t.TicketType = string(s.Type)
	}
	if s.Channel != "" {
		t.Channel = &ChannelRef{ID: s.Channel, Name: s.Channel}
	}
	for _, c := range s.Comments {
		t.Note = append(t.Note, Note{ID: c.ID.String(), Author: c.By, Date: c.At.UTC(), Text: c.Text, Type: Comments})
	}
	for _, e := range s.Entities {
		role := e.Role
		if role == "" { // which TMF621 requires
			role = e.Type
		}
		t.RelatedEntity = append(t.RelatedEntity, RelatedEntity{ID: e.ID, Name: e.Name, Role: role, ReferredType: e.Type})
	}
	for _, p := range s.Parties {
		t.RelatedParty = append(t.RelatedParty, RelatedParty{ID: p.ID, Name: p.Name, Role: p.Role, ReferredType: p.Type})
	}
	status, _ := StatusOf(s.Status)
	return at(t, status)
}

// at returns the ticket with this status, and without the date of a resolution that it does not have there.
func at(t TroubleTicket, status Status) TroubleTicket {
	t.Status = status
	if status != Resolved && status != Closed {
		t.ResolutionDate = time.Time{}
	}
	return t
}
