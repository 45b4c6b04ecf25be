// Package sla keeps the clocks of service level agreements: exact at every instant, and able to say why.
//
// A [Definition] is data: how much time may be used, on which calendar, and under which conditions a clock starts,
// pauses, is held, stops, is cancelled or begins anew. [Rules] are verified definitions with their calendars. A
// [Timeline] is a value: the facts of one task, and the clocks that follow from them. [Rules.Advance] takes one fact
// and returns the timeline after it, with the events since the fact before.
//
//	rules, err := sla.New(sla.Config{Definitions: sla.TechnologySupport(), Calendars: calendars})
//	line := rules.Begin(sla.Task{Type: "case", ID: "CS0001"})
//	line, events, err := rules.Advance(line, sla.Fact{At: t, Kind: "submit", Set: map[string]string{"state": "New", "priority": "2"}})
//	state := line.Clocks[0].At(now)
//
// Nothing that passes with time is stored. What a clock shows at an instant ([Clock.At]) is computed from when it
// started, when it was paused and where it ended: so it is never stale, and reading it takes no lock and no memory.
// What happens by itself as time passes, milestones and breaches, is a pure function as well: [Timeline.Upto] lists
// it, [Timeline.Next] says when the next of it is due.
//
// # What is decided how
//
// Everything is decided on instants, in nanoseconds; a percentage is only ever shown. A fact comes before what time
// brings at the same instant: an answer at the deadline is in time, a clock that still runs at it is breached. The
// deadline is the earliest instant at which the target is used up, 17:00 and not the next opening. No time of the
// calendar passes between the two: who answers then has used the target and no more, and has met it, while a clock
// that nobody stops is breached from the deadline on.
//
// A fact that is earlier than the last one is refused by Advance with a [LateError]. [Rules.Repair] takes it, derives
// the timeline anew, and reports the difference. Equal facts give equal timelines, in whatever pieces they came.
//
// All functions are pure, and all values are safe for concurrent reading.
package sla
