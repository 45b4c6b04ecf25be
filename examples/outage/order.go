package main

import (
	"encoding/json"
	"fmt"

	"github.com/forewarn-go/forewarn/apinotif/tmf"
	"github.com/forewarn-go/forewarn/bus"
)

// inOrder checks that the events of each ticket have come in their order: the creation first, instants that never go back, and each change of status
// over an edge of the lifecycle from the status before. A message that comes again, by its id, is passed over.
func inOrder(messages []bus.Message) error {
	type seen struct {
		status tmf.Status
		last   string // instant
	}
	tickets := map[string]*seen{}
	ids := map[string]bool{}
	for _, m := range messages {
		if ids[m.ID.String()] {
			continue
		}
		ids[m.ID.String()] = true
		var e struct {
			EventTime string `json:"eventTime"`
			EventType string `json:"eventType"`
			Event     struct {
				TroubleTicket struct {
					Status tmf.Status `json:"status"`
				} `json:"troubleTicket"`
			} `json:"event"`
		}
		if err := json.Unmarshal(m.Body, &e); err != nil {
			return fmt.Errorf("message %s: %w", m.ID, err)
		}
		t := tickets[m.Key]
		created := e.EventType == "TroubleTicketCreateEvent" || e.EventType == "TroubleTicketCreateEventForCase"
		switch {
		case t == nil && !created:
			return fmt.Errorf("ticket %s: %s came before its creation", m.Key, e.EventType)
		case t != nil && created:
			return fmt.Errorf("ticket %s was created twice", m.Key)
		case t == nil:
			tickets[m.Key] = &seen{e.Event.TroubleTicket.Status, e.EventTime}
			continue
		case e.EventTime < t.last:
			return fmt.Errorf("ticket %s: %s of %s came after one of %s", m.Key, e.EventType, e.EventTime, t.last)
		}
		t.last = e.EventTime
		if e.EventType != "TroubleTicketStatusChangeEvent" {
			continue
		}
		if next := e.Event.TroubleTicket.Status; !tmf.TMF621().Allows(t.status, next) {
			return fmt.Errorf("ticket %s: status %s came after %s", m.Key, next, t.status)
		} else {
			t.status = next
		}
	}
	return nil
}
