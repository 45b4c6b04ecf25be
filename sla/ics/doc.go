// Package ics reads holidays and working hours from iCalendar files (RFC 5545), as public holidays are published and
// rosters are exported, into the entries of a [schedule.Schedule].
//
//	file, err := ics.Read(data)
//	office.Holidays = append(office.Holidays, file.Holidays...)
//
// An event of whole days (DTSTART;VALUE=DATE) becomes a holiday. An event with times becomes a window, which the host
// takes as rules, special hours or breaks. Its name is the SUMMARY. Events that are cancelled are left out.
//
// Recurrences (RRULE) become conditions where conditions can say the same, such as every fourth Thursday of
// November; else, and where there are EXDATE, RDATE, COUNT, an INTERVAL or an event that replaces one occurrence,
// they become the list of their dates up to the year 2200. What the package cannot read exactly, it refuses, naming
// the event and the property: a calendar that is a little wrong is worse than none.
//
// Because of the library that it reads with, the package brings net/http into a build. It opens no connection.
package ics
