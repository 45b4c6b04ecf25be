package ics

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"

	ical "github.com/arran4/golang-ical"

	"github.com/forewarn-go/forewarn/sla/schedule"
)

// The limits on a file. What is past them is refused with an [InvalidError].
const (
	MaxSize   = 4 << 20 // bytes
	MaxEvents = schedule.MaxRules
	MaxDates  = schedule.MaxDates // dates that all recurrences become

	// maxSought is how many days are gone through in all, to find the dates of recurrences.
	maxSought = 2_000_000
)

// A File is what an iCalendar file says.
type File struct {
	Zone     string             // the zone of the windows; empty when they are on no particular clock, or there are none
	Holidays []schedule.Holiday // of the events of whole days
	Windows  []schedule.Rule    // of the events with times
}

// Read reads an iCalendar file. All events with times must be in one zone, or on no particular clock, because a
// schedule has one.
//
// It returns an [InvalidError] that names the event, the property and the rule: for what is no iCalendar, for
// what the package does not read, and for sizes past the limits.
func Read(data []byte) (File, error) {
	if len(data) > MaxSize {
		return File{}, &InvalidError{Rule: "is larger than " + strconv.Itoa(MaxSize) + " bytes"}
	}
	events, err := parse(data)
	if err != nil {
		return File{}, err
	}
	if len(events) > MaxEvents {
		return File{}, &InvalidError{Rule: "has more than " + strconv.Itoa(MaxEvents) + " events"}
	}
	r := reader{replaced: map[string][]moment{}}
	for i, e := range events {
		if err := r.note(e); err != nil {
			return File{}, located(i, e, err)
		}
	}
	for i, e := range events {
		if err := r.event(e); err != nil {
			return File{}, located(i, e, err)
		}
	}
	return r.file, nil
}

// parse has the library read the file.
func parse(data []byte) (events []*ical.VEvent, err error) {
	defer func() {
		if broken := recover(); broken != nil { // a fault in the library is no reason to take the host down
			events, err = nil, &InvalidError{Rule: fmt.Sprintf("is not iCalendar: %v", broken)}
		}
	}()
	data = bytes.TrimSpace(bytes.TrimPrefix(data, []byte("\ufeff")))
	if !bytes.HasSuffix(data, []byte("END:VCALENDAR")) { // the library takes what ends anywhere
		return nil, &InvalidError{Rule: "is not iCalendar: it does not end in END:VCALENDAR"}
	}
	calendar, err := ical.ParseCalendarWithOptions(bytes.NewReader(data), ical.WithUnknownPropertyHandler(ical.AcceptUnknownPropertyHandler))
	if err != nil {
		return nil, &InvalidError{Rule: "is not iCalendar: " + err.Error()}
	}
	return calendar.Events(), nil
}

func located(i int, e *ical.VEvent, err error) error {
	located := &InvalidError{Event: i + 1, Rule: err.Error()}
	if uid := e.GetProperty(ical.ComponentPropertyUniqueId); uid != nil {
		located.UID = uid.Value
	}
	var f *fault
	if errors.As(err, &f) {
		located.Property, located.Rule = f.property, f.rule
	}
	return located
}

type reader struct {
	file     File
	zoned    bool                // a window has said which zone
	replaced map[string][]moment // occurrences that another event stands for, by UID
	dates    int
	sought   int
}

// note takes down what the event says about others: which occurrence of a series it replaces.
func (r *reader) note(e *ical.VEvent) error {
	id, err := one(e, ical.ComponentPropertyRecurrenceId)
	if err != nil || id == nil {
		return err
	}
	if id.ICalParameters["RANGE"] != nil {
		return wrong("RECURRENCE-ID", "has a RANGE, which is not read")
	}
	uid, err := one(e, ical.ComponentPropertyUniqueId)
	if err != nil {
		return err
	}
	if uid == nil {
		return wrong("UID", "is needed by an event with a RECURRENCE-ID")
	}
	at, err := momentOf(id, id.Value)
	if err != nil {
		return err
	}
	r.replaced[uid.Value] = append(r.replaced[uid.Value], at)
	return nil
}

func (r *reader) event(e *ical.VEvent) error {
	status, err := one(e, ical.ComponentPropertyStatus)
	if err != nil {
		return err
	}
	if status != nil && strings.EqualFold(status.Value, "CANCELLED") {
		return nil
	}
	begin, err := one(e, ical.ComponentPropertyDtStart)
	if err != nil {
		return err
	}
	if begin == nil {
		return wrong("DTSTART", "is missing")
	}
	start, err := momentOf(begin, begin.Value)
	if err != nil {
		return err
	}
	seconds, err := length(e, start)
	if err != nil {
		return err
	}
	name := ""
	if summary := e.GetProperty(ical.ComponentPropertySummary); summary != nil {
		name = cut(summary.Value)
	}
	days := 1
	if start.whole {
		days = seconds / 86400
	}
	on, err := r.occurrences(e, start, days)
	if err != nil {
		return err
	}
	if start.whole {
		for _, on := range on {
			r.file.Holidays = append(r.file.Holidays, schedule.Holiday{Name: name, On: on})
		}
	} else {
		if r.zoned && r.file.Zone != start.zone {
			return wrong("DTSTART", "is in the zone "+short(start.zone)+" and an event before it in "+short(r.file.Zone)+": a schedule has one")
		}
		r.file.Zone, r.zoned = start.zone, true
		end := schedule.Clock((int(start.clock) + seconds) % 86400)
		if end == 0 && start.clock+schedule.Clock(seconds) == schedule.EndOfDay {
			end = schedule.EndOfDay
		}
		for _, on := range on {
			r.file.Windows = append(r.file.Windows, schedule.Rule{Name: name, On: on, Hours: []schedule.Window{{Start: start.clock, End: end}}})
		}
	}
	if len(r.file.Holidays)+len(r.file.Windows) > schedule.MaxRules {
		return wrong("", "makes more than "+strconv.Itoa(schedule.MaxRules)+" entries")
	}
	return nil
}

// length returns how long the event is by the clock on the wall, in seconds: whole days for one of whole days.
func length(e *ical.VEvent, start moment) (int, error) {
	until, err := one(e, ical.ComponentPropertyDtEnd)
	if err != nil {
		return 0, err
	}
	lasts, err := one(e, ical.ComponentPropertyDuration)
	if err != nil {
		return 0, err
	}
	property, seconds := "DTEND", 86400
	switch {
	case until != nil && lasts != nil:
		return 0, wrong("DURATION", "is given beside DTEND")
	case until != nil:
		end, err := momentOf(until, until.Value)
		if err != nil {
			return 0, err
		}
		if end.whole != start.whole {
			return 0, wrong("DTEND", "is a date where DTSTART is a time, or the other way round")
		}
		if end.zone != start.zone && end.zone != "UTC" {
			return 0, wrong("DTEND", "is in another zone than DTSTART")
		}
		if end, err = end.in(start.zone); err != nil {
			return 0, wrong("DTEND", "cannot be read in the zone of DTSTART")
		}
		seconds = daysBetween(start.date, end.date)*86400 + int(end.clock) - int(start.clock)
	case lasts != nil:
		var ok bool
		if seconds, ok = duration(lasts.Value); !ok {
			return 0, wrong("DURATION", short(lasts.Value)+" is not a duration such as P1D or PT8H30M")
		}
		property = "DURATION"
	case !start.whole:
		return 0, wrong("DTEND", "is needed by an event with times, or a DURATION")
	}
	switch {
	case seconds <= 0:
		return 0, wrong(property, "is after DTSTART")
	case start.whole && seconds%86400 != 0:
		return 0, wrong(property, "makes whole days of an event that starts with one")
	case start.whole && seconds > 366*86400:
		return 0, wrong(property, "makes at most 366 days")
	case !start.whole && seconds > 86400:
		return 0, wrong(property, "makes a window of at most 24 hours")
	}
	return seconds, nil
}

// one returns the one property of the name, nil where there is none.
func one(e *ical.VEvent, name ical.ComponentProperty) (*ical.IANAProperty, error) {
	all := e.GetProperties(name)
	switch len(all) {
	case 0:
		return nil, nil
	case 1:
		return all[0], nil
	}
	return nil, wrong(string(name), "is given more than once")
}

// cut shortens a name to what a schedule takes, at the edge of a character.
func cut(name string) string {
	name = strings.ToValidUTF8(name, "")
	if len(name) <= schedule.MaxName {
		return name
	}
	return strings.ToValidUTF8(name[:schedule.MaxName], "")
}
