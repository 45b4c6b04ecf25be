package ics

import (
	"strconv"
	"strings"
	"time"

	ical "github.com/arran4/golang-ical"

	"github.com/forewarn-go/forewarn/sla/schedule"
)

// A moment is the value of a property such as DTSTART: a date, or a date with a reading of a clock in a zone.
type moment struct {
	date  schedule.Date
	whole bool           // a date alone
	clock schedule.Clock // unless whole
	zone  string         // "" where the reading is on no particular clock; "UTC" for one that ends in Z
}

// momentsOf reads the values of a property, which may have several with commas between them.
func momentsOf(p *ical.IANAProperty) ([]moment, error) {
	var list []moment
	for text := range strings.SplitSeq(p.Value, ",") {
		m, err := momentOf(p, text)
		if err != nil {
			return nil, err
		}
		list = append(list, m)
	}
	return list, nil
}

func momentOf(p *ical.IANAProperty, text string) (moment, error) {
	name := p.IANAToken
	kind, err := parameter(p, "VALUE")
	if err != nil {
		return moment{}, err
	}
	zone, err := parameter(p, "TZID")
	if err != nil {
		return moment{}, err
	}
	if kind != "" && kind != "DATE" && kind != "DATE-TIME" {
		return moment{}, wrong(name, "is a DATE or a DATE-TIME, not "+short(kind))
	}
	m := moment{zone: zone}
	day, clock, timed := strings.Cut(text, "T")
	var ok bool
	if m.date, ok = dateOf(day); !ok || timed && kind == "DATE" || !timed && kind == "DATE-TIME" {
		return moment{}, wrong(name, short(text)+" is not a "+orElse(kind, "date such as 20241225 or a time such as 20241225T090000"))
	}
	if !timed {
		if zone != "" {
			return moment{}, wrong(name, "has a TZID although it is a date alone")
		}
		m.whole = true
		return m, nil
	}
	clock, utc := strings.CutSuffix(clock, "Z")
	if m.clock, ok = clockOf(clock); !ok {
		return moment{}, wrong(name, short(text)+" is not a time such as 20241225T090000")
	}
	switch {
	case utc && zone != "":
		return moment{}, wrong(name, "has a TZID although it ends in Z")
	case utc:
		m.zone = "UTC"
	case zone != "":
		if _, err := location(zone); err != nil {
			return moment{}, wrong(name, "the TZID "+short(zone)+" is not an IANA time zone that this program knows")
		}
	}
	return m, nil
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// parameter returns the one value of a parameter, "" where it is not there.
func parameter(p *ical.IANAProperty, name string) (string, error) {
	values := p.ICalParameters[name]
	switch len(values) {
	case 0:
		return "", nil
	case 1:
		return values[0], nil
	}
	return "", wrong(p.IANAToken, "has "+name+" more than once")
}

func dateOf(s string) (schedule.Date, bool) {
	if len(s) != 8 {
		return schedule.Date{}, false
	}
	n, ok := number(s)
	d := schedule.Date{Year: n / 10000, Month: time.Month(n / 100 % 100), Day: n % 100}
	return d, ok && d.Valid()
}

// clockOf reads a reading as 090000. A leap second counts as the second before it.
func clockOf(s string) (schedule.Clock, bool) {
	if len(s) != 6 {
		return 0, false
	}
	n, ok := number(s)
	hour, minute, second := n/10000, n/100%100, min(n%100, 60)
	if second == 60 && n%100 == 60 {
		second = 59
	}
	return schedule.At(hour, minute) + schedule.Clock(second), ok && hour < 24 && minute < 60 && n%100 <= 60
}

// number reads a number in digits alone, of a length that fits.
func number(s string) (int, bool) {
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return 0, false
		}
	}
	n, err := strconv.Atoi(s)
	return n, err == nil && len(s) < 10
}

// location loads a zone; Local is none, since it would differ from host to host.
func location(zone string) (*time.Location, error) {
	if zone == "Local" {
		return nil, wrong("TZID", "is Local")
	}
	return time.LoadLocation(zone)
}

// in returns the moment as the clock of another zone reads it. Only a moment in UTC needs that.
func (m moment) in(zone string) (moment, error) {
	if m.whole || m.zone == zone {
		return m, nil
	}
	to, err := location(orElse(zone, "UTC"))
	if err != nil {
		return m, err
	}
	from, err := location(orElse(m.zone, orElse(zone, "UTC")))
	if err != nil {
		return m, err
	}
	t := time.Date(m.date.Year, m.date.Month, m.date.Day, 0, 0, int(m.clock), 0, from).In(to)
	return moment{date: schedule.DateOf(t), clock: schedule.Clock(t.Hour()*3600 + t.Minute()*60 + t.Second()), zone: zone}, nil
}

// duration reads a DURATION such as P1D, PT8H30M or P1W, in seconds of the clock on the wall.
func duration(s string) (seconds int, ok bool) {
	rest, ok := strings.CutPrefix(s, "P")
	if !ok {
		rest, ok = strings.CutPrefix(s, "+P")
	}
	if !ok || rest == "" {
		return 0, false
	}
	units := map[byte]int{'W': 7 * 86400, 'D': 86400}
	least := 1 << 30 // units come from the largest to the smallest
	for rest != "" {
		if rest[0] == 'T' {
			units, rest = map[byte]int{'H': 3600, 'M': 60, 'S': 1}, rest[1:]
			least = 86400
			if rest == "" {
				return 0, false
			}
			continue
		}
		i := 0
		for i < len(rest) && rest[i] >= '0' && rest[i] <= '9' {
			i++
		}
		if i == len(rest) {
			return 0, false
		}
		n, fits := number(rest[:i])
		unit := units[rest[i]]
		if i == 0 || !fits || unit == 0 || unit >= least || n > 1<<30/unit {
			return 0, false
		}
		seconds += n * unit
		least = unit
		rest = rest[i+1:]
	}
	return seconds, seconds < 1<<31
}
