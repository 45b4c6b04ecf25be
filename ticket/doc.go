// Package ticket is what incidents, cases and changes share, and what the
// outside may know of them: their activity stream, a neutral status, the
// snapshot that an event carries, and the types of the seam through which one
// package opens and follows the cases of another.
//
// A service announces what a ticket looked like before and looks like now;
// [EventRules] say which events that makes:
//
//	before := incident.Snapshot()
//	incident.State = InProgress
//	after := incident.Snapshot()
//	err := u.Announce(&before, after)
//
// No service lists changed fields, and no rule knows the states of a service.
package ticket
