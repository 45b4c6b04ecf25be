package tmf

import "github.com/forewarn-go/forewarn/ticket"

// Status is TMF621's TroubleTicketStatusType.
type Status string

// The statuses of TMF621.
const (
	Acknowledged Status = "acknowledged"
	Rejected     Status = "rejected"
	Pending      Status = "pending"
	Held         Status = "held"
	InProgress   Status = "inProgress"
	Cancelled    Status = "cancelled"
	Closed       Status = "closed"
	Resolved     Status = "resolved"
)

// Statuses returns the statuses in the order of the published file.
func Statuses() []Status {
	return []Status{Acknowledged, Rejected, Pending, Held, InProgress, Cancelled, Closed, Resolved}
}

// Valid reports whether s is one of TMF621's statuses.
func (s Status) Valid() bool {
	for _, v := range Statuses() {
		if s == v {
			return true
		}
	}
	return false
}

// StatusOf returns what TMF621 calls a status. It reports false for a draft,
// which is not exposed, and for what is no status.
func StatusOf(s ticket.Status) (Status, bool) {
	switch s {
	case ticket.New:
		return Acknowledged, true
	case ticket.InProgress:
		return InProgress, true
	case ticket.Waiting:
		return Pending, true
	case ticket.OnHold:
		return Held, true
	case ticket.Resolved:
		return Resolved, true
	case ticket.Closed:
		return Closed, true
	case ticket.Cancelled:
		return Cancelled, true
	}
	return "", false
}

// Ticket returns the status of a ticket that TMF621 calls s. It reports false
// for rejected, which no ticket of ours is, and for what is no status.
func (s Status) Ticket() (ticket.Status, bool) {
	switch s {
	case Acknowledged:
		return ticket.New, true
	case InProgress:
		return ticket.InProgress, true
	case Pending:
		return ticket.Waiting, true
	case Held:
		return ticket.OnHold, true
	case Resolved:
		return ticket.Resolved, true
	case Closed:
		return ticket.Closed, true
	case Cancelled:
		return ticket.Cancelled, true
	}
	return "", false
}
