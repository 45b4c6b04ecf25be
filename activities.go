package forewarn

import (
	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn/store"
	"github.com/forewarn-go/forewarn/ticket"
)

// Activities are the activity streams of all tickets of all packages. The index
// "ticket" finds a ticket's by time, "public" only what its customer may read;
// both take the value that StreamOf returns. Write them with Unit.Post.
var Activities = NewRecords("activity", Shape[ticket.Activity]{
	ID:      func(a *ticket.Activity) *uuid.UUID { return &a.ID },
	Version: func(a *ticket.Activity) *Version { return new(Version) },
	Tenant:  func(a *ticket.Activity) *string { return &a.Tenant },
	Fields: []Field[ticket.Activity]{
		{"ticket", store.Text, func(a *ticket.Activity) store.Value { return StreamOf(a.Kind, a.Ticket) }},
		{"public", store.Int, func(a *ticket.Activity) store.Value { return Bool(a.Public()) }},
		{"at", store.Int, func(a *ticket.Activity) store.Value { return Time(a.At) }},
		{"n", store.Int, func(a *ticket.Activity) store.Value { return Int(a.Order) }},
	},
	Indexes: []store.Index{
		{Name: "ticket", Fields: []string{"ticket", "at", "n"}},
		{Name: "public", Fields: []string{"ticket", "public", "at", "n"}},
	},
})

// StreamOf is by what Activities are found: the kind and the id of their ticket.
func StreamOf(kind string, id uuid.UUID) store.Value { return Text(kind + "/" + id.String()) }
