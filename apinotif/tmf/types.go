package tmf

import "time"

// TroubleTicket is TMF621 v4.0.0's TroubleTicket with [Extension]. Attributes
// that we never answer (attachment, statusChange, …) are left out. An absent
// attribute is the zero value.
type TroubleTicket struct {
	ID                          string           `json:"id,omitempty"`
	Href                        string           `json:"href,omitempty"`
	CreationDate                time.Time        `json:"creationDate,omitzero"`
	Description                 string           `json:"description,omitempty"`
	ExternalID                  string           `json:"externalId,omitempty"`
	LastUpdate                  time.Time        `json:"lastUpdate,omitzero"`
	Name                        string           `json:"name,omitempty"`
	Priority                    string           `json:"priority,omitempty"`
	ResolutionDate              time.Time        `json:"resolutionDate,omitzero"`
	Severity                    string           `json:"severity,omitempty"`
	StatusChangeDate            time.Time        `json:"statusChangeDate,omitzero"`
	TicketType                  string           `json:"ticketType,omitempty"`
	Channel                     *ChannelRef      `json:"channel,omitempty"`
	Note                        []Note           `json:"note,omitempty"`
	RelatedEntity               []RelatedEntity  `json:"relatedEntity,omitempty"`
	RelatedParty                []RelatedParty   `json:"relatedParty,omitempty"`
	Status                      Status           `json:"status,omitempty"`
	Type                        string           `json:"@type,omitempty"`
	TroubleTicketCharacteristic []Characteristic `json:"troubleTicketCharacteristic,omitempty"` // Extension
}

// ChannelRef is TMF621's ChannelRef.
type ChannelRef struct {
	ID   string `json:"id"`
	Name string `json:"name,omitempty"`
}

// Note is TMF621's Note.
type Note struct {
	ID     string    `json:"id,omitempty"`
	Author string    `json:"author,omitempty"`
	Date   time.Time `json:"date,omitzero"`
	Text   string    `json:"text,omitempty"`
	Type   string    `json:"@type,omitempty"` // comments or work_notes
}

// The types of notes.
const (
	Comments  = "comments"
	WorkNotes = "work_notes"
)

// RelatedEntity is TMF621's RelatedEntity.
type RelatedEntity struct {
	ID           string `json:"id"`
	Name         string `json:"name,omitempty"`
	Role         string `json:"role"`
	ReferredType string `json:"@referredType"`
}

// RelatedParty is TMF621's RelatedParty.
type RelatedParty struct {
	ID           string `json:"id"`
	Name         string `json:"name,omitempty"`
	Role         string `json:"role,omitempty"`
	ReferredType string `json:"@referredType"`
}

// Characteristic is a name and its value, of an event's analyticCharacteristic
// and of [Extension].
type Characteristic struct {
	Name      string `json:"name"`
	ValueType string `json:"valueType,omitempty"` // string, boolean, integer or array
	Value     any    `json:"value"`
}

// Event is TMF688 v4.0.0's Event.
type Event struct {
	CorrelationID          string           `json:"correlationId,omitempty"`
	Description            string           `json:"description,omitempty"`
	Domain                 string           `json:"domain,omitempty"`
	EventID                string           `json:"eventId"`
	EventTime              time.Time        `json:"eventTime"`
	EventType              string           `json:"eventType"`
	Priority               string           `json:"priority,omitempty"`
	TimeOcurred            time.Time        `json:"timeOcurred,omitzero"` // spelt as published
	Title                  string           `json:"title,omitempty"`
	AnalyticCharacteristic []Characteristic `json:"analyticCharacteristic,omitempty"`
	Event                  EventPayload     `json:"event"`
	BaseType               string           `json:"@baseType,omitempty"`
	Type                   string           `json:"@type,omitempty"`
}

// EventPayload is what an event is about: TMF621's payload of each of its events.
type EventPayload struct {
	TroubleTicket TroubleTicket `json:"troubleTicket"`
}

// Error is the body with which each of TM Forum's APIs answers a refusal.
type Error struct {
	Code    string `json:"code"`
	Reason  string `json:"reason"`            // the rule
	Message string `json:"message,omitempty"` // the attribute
	Status  string `json:"status,omitempty"`
}

// The types of our events, in the vendor's words. TMF621 has two of them under
// its own name: see [TMF621EventType].
const (
	TroubleTicketCreateEvent          = "TroubleTicketCreateEvent"
	TroubleTicketStatusChangeEvent    = "TroubleTicketStatusChangeEvent"
	TroubleTicketAttributeChangeEvent = "TroubleTicketAttributeChangeEvent"
	TroubleTicketCreateEventForCase   = "TroubleTicketCreateEventForCase"
)

// TMF621EventType returns what TMF621 itself calls an event type of ours; a
// type that is not ours is returned as it is.
func TMF621EventType(eventType string) string {
	switch eventType {
	case TroubleTicketAttributeChangeEvent:
		return "TroubleTicketAttributeValueChangeEvent"
	case TroubleTicketCreateEventForCase:
		return TroubleTicketCreateEvent
	}
	return eventType
}
