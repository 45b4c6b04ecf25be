// Package tmf is the wire: the types of TM Forum's TMF621 Trouble Ticket
// v4.0.0 and TMF688 Event v4.0.0 in their exact spelling, how a ticket becomes
// one ([Ticket], [Payload]), how a posted ticket is read ([ParseCreate]), and
// the lifecycles that TM Forum draws for a ticket ([Lifecycle]). Everything in
// it is a pure function; it knows no state of an incident or a case, only
// [ticket.Status].
//
// # What is exact and what is ours
//
//   - The envelope is TMF688's Event. The published v4.0.0 file spells one
//     attribute timeOcurred, and so do we: it is the only spelling that is valid
//     there. It carries the same instant as eventTime.
//   - TMF688's Event has no fieldPath, which TMF621's own envelope has for one
//     attribute. The names of all changed attributes, and the status before a
//     change of status, are entries of analyticCharacteristic, which TMF688 has:
//     see [ChangedAttribute] and [PreviousStatus].
//   - What TMF621 v4 has no attribute for stands in troubleTicketCharacteristic,
//     the element that TMF621 v5 adds to the ticket. It is the one extension: see
//     [Extension].
//   - v4.0.0 requires no attribute of an event. Ours always have eventId,
//     eventTime, eventType and event, and their tickets id, status, description,
//     severity and ticketType: [Payload] makes no event without them.
package tmf
