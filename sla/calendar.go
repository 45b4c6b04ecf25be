package sla

import (
	"fmt"
	"slices"
	"time"

	"github.com/forewarn-go/forewarn/sla/schedule"
)

// Calendar is a version of business hours under the name that definitions know.
type Calendar struct {
	Name    string
	Version int       // from 0
	From    time.Time // clocks that attach from this instant on follow this version; zero: always did
	Zone    string    // the zone that it was asked for; "": its own
	Hours   *schedule.Calendar
}

// Calendars is where Rules find calendars. It answers the same to the same question always: what clocks have pinned
// rests on it.
type Calendars interface {
	// Calendar returns the version of the calendar that is in force at the instant, read in the zone; "" is its own.
	Calendar(name, zone string, at time.Time) (Calendar, error)
	// Version returns a certain version of it.
	Version(name, zone string, version int) (Calendar, error)
}

// Fixed are calendars that are given once.
type Fixed []Calendar

// Source is a version of a schedule that Compile makes calendars of.
type Source struct {
	Name     string
	Version  int
	From     time.Time
	Schedule schedule.Schedule
}

// Compile makes calendars of schedules: each in its own zone, and once more in each of the zones. A schedule that is
// made of others has the zones of its parts, and answers the same in every zone.
func Compile(sources []Source, zones ...string) (Fixed, error) {
	var all Fixed
	for i, s := range sources {
		at := fmt.Sprintf("schedules[%d]", i)
		if err := checkName(at+".name", s.Name); err != nil {
			return nil, err
		}
		if slices.ContainsFunc(all, func(c Calendar) bool { return c.Name == s.Name && c.Version == s.Version }) {
			return nil, invalid(at, "version %d of %s stands there twice", s.Version, s.Name)
		}
		for _, zone := range append([]string{""}, zones...) {
			if zone != "" {
				s.Schedule.Zone = zone
			}
			hours, err := schedule.Compile(s.Schedule)
			if err != nil {
				return nil, &Error{Field: at, Rule: s.Name + inZone(zone), Err: err}
			}
			all = append(all, Calendar{Name: s.Name, Version: s.Version, From: s.From, Zone: zone, Hours: hours})
		}
	}
	return all, nil
}

// Calendar returns the highest version that is in force at the instant.
func (f Fixed) Calendar(name, zone string, at time.Time) (Calendar, error) {
	best := -1
	for i, c := range f {
		if c.Name == name && c.Zone == zone && !c.From.After(at) && (best < 0 || c.Version > f[best].Version) {
			best = i
		}
	}
	if best < 0 {
		return Calendar{}, invalid("schedule", "%s: there is no such calendar%s at %s", name, inZone(zone), stamp(at))
	}
	return f[best], nil
}

// Version returns the calendar of that version.
func (f Fixed) Version(name, zone string, version int) (Calendar, error) {
	i := slices.IndexFunc(f, func(c Calendar) bool { return c.Name == name && c.Zone == zone && c.Version == version })
	if i < 0 {
		return Calendar{}, invalid("schedule", "%s: there is no version %d of this calendar%s", name, version, inZone(zone))
	}
	return f[i], nil
}

func inZone(zone string) string {
	if zone == "" {
		return ""
	}
	return " in " + zone
}

// Zones says which zone a source of zones names for a task: caller, definition, ci_location, task_location,
// caller_location, system, or what a host adds. It returns false when the source knows none; then the next source of
// the definition is asked, and the schedule's own zone when there is none left.
type Zones interface {
	Zone(source string, task Task, field func(name string) string) (zone string, ok bool)
}

// FieldZones takes the zone of a source from a field of the task. The zero FieldZones knows none.
type FieldZones struct {
	Fields map[string]string // which field has the zone of which source
	System string            // the zone of the source system; "": none
}

// Zone returns the field's value, when there is one.
func (z FieldZones) Zone(source string, _ Task, field func(name string) string) (string, bool) {
	if source == "system" {
		return z.System, z.System != ""
	}
	name, ok := z.Fields[source]
	if !ok {
		return "", false
	}
	zone := field(name)
	return zone, zone != ""
}

// deadline returns the instant of the relative target for a start.
func (r Relative) deadline(c *schedule.Calendar, start time.Time) (time.Time, bool) {
	local := start.In(c.Location())
	date := schedule.DateOf(local)
	days := r.BusinessDay
	if cut, ok := clockTime(r.CutOff); ok && !local.Before(wall(date, cut, c.Location())) {
		days++
	}
	for days > 0 {
		open, err := c.NextOpen(wall(date.AddDays(1), 0, c.Location()))
		if err != nil {
			return time.Time{}, false
		}
		date = schedule.DateOf(open.In(c.Location()))
		days--
	}
	by, _ := clockTime(r.By)
	t := wall(date, by, c.Location()).UTC()
	if t.Before(start) {
		return start, true
	}
	return t, !t.Before(earliest) && t.Before(latest)
}

// wall returns the instant of a local time. One that daylight saving time skips is as much later as it skips.
func wall(d schedule.Date, minutes int, zone *time.Location) time.Time {
	return time.Date(d.Year, d.Month, d.Day, 0, minutes, 0, 0, zone)
}
