// Package schedule is business calendars: when somebody works, exact to the
// nanosecond, on any weekly pattern, with holidays, special hours, time zones
// and daylight saving time. It stands on the standard library alone.
//
// A [Schedule] is data: windows of a week, rules, special hours, breaks,
// holidays and an IANA time zone, or a union, intersection or exclusion of other
// schedules. It is written in Go or read from JSON with [Parse]; the JSON form
// is described by schedule.schema.json, which [Schema] returns. [Compile]
// turns it into a [Calendar], which answers:
//
//	office, err := schedule.Compile(schedule.Schedule{
//		Zone: "Europe/Berlin",
//		Week: schedule.Weekdays(schedule.Hours(9, 17)),
//	})
//	due, err := office.Add(start, 8*time.Hour)   // the earliest instant at which 8 hours are used up
//	spent := office.Between(start, now)          // the open time from start to now
//
// # When a calendar is open
//
// An instant is open if and only if what a clock on the wall reads at it, in the
// schedule's zone, lies in a window [start, end) of that local date or in the
// tail of a window that began the day before. So the hour that daylight saving
// time skips adds nothing, and the hour that it repeats counts twice. Of several
// things that a schedule says about a date, the first of these decides: a
// holiday, a break, special hours, the week with its rules.
//
// # Range and precision
//
// Instants and durations are exact to the nanosecond; windows begin and end on
// whole seconds. Calendars are defined for instants from [Begin] (1970) up to and
// without [End] (the end of 2200). Outside of that they are closed: IsOpen is
// false and Between counts nothing; Add, Sub, NextOpen, PrevClose and OpenEnd
// return [ErrOutside] for an instant outside and for an answer that would lie
// there. The zero time.Time lies outside.
//
// # Time zones
//
// Zones are loaded with [time.LoadLocation]. Whether the table of zones comes from the
// system or with the program is the choice of the program: one that must not
// depend on its host imports time/tzdata. What a zone will do in years to come is
// what that table says; a new table can move deadlines, and a compiled calendar
// keeps the one that it was compiled with.
package schedule
