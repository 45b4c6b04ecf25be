package apinotif

import (
	"encoding/json"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn/apinotif/tmf"
	"github.com/forewarn-go/forewarn/bus"
	"github.com/forewarn-go/forewarn/store"
)

// The headers of a message.
const (
	HeaderEventID       = "event-id"
	HeaderEventType     = "event-type"
	HeaderTenant        = "tenant"
	HeaderCorrelationID = "correlation-id"
)

// Encoder makes messages of staged events. It is safe for concurrent use.
type Encoder struct {
	// Topic is where every message goes.
	Topic string
	// Base is where a TMF621 server of the host is reached, as https://noc.example.com, for the tickets'
	// href. Empty leaves href out.
	Base string
}

// Encode returns a function that makes the message of a staged event for a
// topic, as worker.Config.Encode wants it: see [Encoder.Message].
func Encode(topic string) func(store.Event) (bus.Message, error) {
	return Encoder{Topic: topic}.Message
}

// Message makes the message of a staged event. Its ID is the event's, its key
// the ticket's id as text, so that a bus keeps the order of a ticket's events;
// the body is the TMF688 event as JSON; event id, event type, tenant and
// correlation id are headers too, the last one only if there is one. The same
// event makes the same message, byte for byte. It returns a *tmf.PayloadError
// when no TMF688 event can be made of it.
func (n Encoder) Message(e store.Event) (bus.Message, error) {
	staged, err := tmf.Staged(e)
	if err != nil {
		return bus.Message{}, err
	}
	event, err := tmf.Payload(e, staged, n.Base)
	if err != nil {
		return bus.Message{}, err
	}
	body, err := json.Marshal(event)
	if err != nil {
		return bus.Message{}, &tmf.PayloadError{Event: e.ID, Attribute: "event", Rule: "is no JSON", Err: err}
	}
	headers := map[string]string{
		HeaderEventID:   e.ID.String(),
		HeaderEventType: event.EventType,
		HeaderTenant:    e.Ticket.Tenant,
	}
	if staged.Correlation != uuid.Nil {
		headers[HeaderCorrelationID] = staged.Correlation.String()
	}
	return bus.Message{ID: e.ID, Tenant: e.Ticket.Tenant, Topic: n.Topic, Key: e.Ticket.ID.String(), Headers: headers, Body: body}, nil
}
