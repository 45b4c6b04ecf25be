package ticket

import "fmt"

// Status is where a ticket stands, in words that every kind of ticket shares.
// The zero Status is that of a draft, of which the outside knows nothing.
type Status string

// The statuses.
const (
	Draft      Status = ""
	New        Status = "new"
	InProgress Status = "in_progress"
	Waiting    Status = "waiting_for_customer"
	OnHold     Status = "on_hold"
	Resolved   Status = "resolved"
	Closed     Status = "closed"
	Cancelled  Status = "cancelled"
)

// Final reports whether nothing follows.
func (s Status) Final() bool { return s == Closed || s == Cancelled }

// Open reports whether work is still to be done: neither resolved nor final, and no draft.
func (s Status) Open() bool {
	switch s {
	case New, InProgress, Waiting, OnHold:
		return true
	}
	return false
}

// UnmarshalText refuses what is no status.
func (s *Status) UnmarshalText(b []byte) error {
	switch v := Status(b); v {
	case Draft, New, InProgress, Waiting, OnHold, Resolved, Closed, Cancelled:
		*s = v
		return nil
	}
	return fmt.Errorf("ticket: %q is no status", b)
}
