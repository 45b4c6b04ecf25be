// Package apinotif tells third-party systems what becomes of incidents and
// cases.
//
// [Rules] decide which events a change of a ticket makes: the creation of an
// incident, the creation of a case, each step of a change of status, and a
// change of attributes. An engine that holds them (forewarn.Config.Rules) stages
// the events in the commit of the change, each with a snapshot of the ticket.
// [Encode] makes of a staged event the message that goes to the bus: a TMF688
// event around a TMF621 ticket, as package [tmf] writes them.
//
// The rules know no state of an incident or a case, only [ticket.Status], and
// nothing is read again when a message is made: what an event says is what the
// ticket looked like when it changed.
package apinotif
