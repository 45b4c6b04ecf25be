package tmf_test

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn/apinotif/tmf"
	"github.com/forewarn-go/forewarn/store"
	"github.com/forewarn-go/forewarn/ticket"
)

// The TMF688 event of a change of a ticket that some other program keeps.
//
// Covers: LIB-006
func ExamplePayload() {
	at := time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)
	key := store.Key{Tenant: "acme", Kind: "fault", ID: uuid.MustParse("6f1c1f0e-6d5c-4c56-9a54-3f3f2a8d5a01")}
	event := store.Event{ID: uuid.MustParse("0d9a3f7e-52f7-4a4d-8d8e-0f6f1c9b7a02"), Ticket: key, Type: tmf.TroubleTicketCreateEvent, At: at}
	staged := ticket.Staged{Event: ticket.Event{Type: tmf.TroubleTicketCreateEvent, After: ticket.New}, Snapshot: ticket.Snapshot{Key: key, Type: ticket.TypeIncident,
		Number: "F-17", Name: "No light on the line", Description: "since this morning", Priority: 2, Status: ticket.New, StatusChanged: at, Created: at, Updated: at}}
	payload, err := tmf.Payload(event, staged, "https://noc.example.com")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(payload.EventType, payload.EventTime)
	fault := payload.Event.TroubleTicket
	fmt.Println(fault.Name, fault.Status, fault.Severity)
	_, err = json.Marshal(payload) // what goes to the bus
	fmt.Println(err)
	// Output:
	// TroubleTicketCreateEvent 2026-01-05 09:00:00 +0000 UTC
	// No light on the line acknowledged 2 - High
	// <nil>
}
