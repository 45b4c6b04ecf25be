package schedule

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// On selects local dates: those that meet every condition that is given. At least one of them is needed besides
// Observed. So Yearly alone is a day of every year, Weekdays with Nth -1 and Months 5 the last such day of every May,
// Day 15 the 15th of every month, and From with To a span of dates.
type On struct {
	Dates    []Date       `json:"dates,omitempty"`    // one of these
	Yearly   Yearly       `json:"yearly,omitzero"`    // on or between these days of every year
	Months   []time.Month `json:"months,omitempty"`   // in one of these months, from 1 to 12
	Day      int          `json:"day,omitempty"`      // on this day of the month, 1 to 31; -1 is its last day, -2 the one before
	Weekdays Days         `json:"weekdays,omitempty"` // on one of these days of the week
	Nth      int          `json:"nth,omitempty"`      // the first (1) to fifth (5) or last (-1) to fifth last (-5) of its day of the week in its month
	Easter   *int         `json:"easter,omitempty"`   // so many days after Easter Sunday (Gregorian), or before it when negative
	From     Date         `json:"from,omitzero"`      // on this date or later
	To       Date         `json:"to,omitzero"`        // on this date or earlier
	Observed Observed     `json:"observed,omitempty"` // where a date goes that falls on a weekend; empty: it stays
}

// Observed says where a selected date goes that falls on a Saturday or Sunday.
type Observed string

// The ways to observe a date that falls on a weekend.
const (
	Stay    Observed = ""        // where it is
	Nearest Observed = "nearest" // Saturday to the Friday before, Sunday to the Monday after
	Monday  Observed = "monday"  // to the Monday after
)

// Yearly is a day of every year, or all days from one to another, both included; a span may run over New Year. Its
// text is 12-25 or 12-24/01-02. The zero value selects nothing. 02-29 is there in leap years alone.
type Yearly struct {
	From, To MonthDay // To is From for a single day
}

// A MonthDay is a day of a year on no particular year.
type MonthDay struct {
	Month time.Month
	Day   int
}

// Each returns the day of every year.
func Each(month time.Month, day int) Yearly {
	return Yearly{MonthDay{month, day}, MonthDay{month, day}}
}

// IsZero reports whether no day is given.
func (y Yearly) IsZero() bool { return y == Yearly{} }

func (d MonthDay) valid() bool {
	return d.Month >= 1 && d.Month <= 12 && d.Day >= 1 && d.Day <= daysIn(2000, d.Month)
}

func (d MonthDay) order() int { return int(d.Month)*100 + d.Day }

// String returns 12-25 or 12-24/01-02.
func (y Yearly) String() string {
	text := fmt.Sprintf("%02d-%02d", int(y.From.Month), y.From.Day)
	if y.To != y.From {
		text += fmt.Sprintf("/%02d-%02d", int(y.To.Month), y.To.Day)
	}
	return text
}

// MarshalText returns 12-25 or 12-24/01-02.
func (y Yearly) MarshalText() ([]byte, error) {
	if !y.From.valid() || !y.To.valid() {
		return nil, &textError{y.String(), "is no day of a year"}
	}
	return []byte(y.String()), nil
}

// UnmarshalText reads 12-25 or 12-24/01-02.
func (y *Yearly) UnmarshalText(text []byte) error {
	from, to, both := strings.Cut(string(text), "/")
	if !both {
		to = from
	}
	first, ok := readMonthDay(from)
	last, ok2 := readMonthDay(to)
	if !ok || !ok2 {
		return &textError{string(text), "is not a day of a year such as 12-25, nor a span such as 12-24/01-02"}
	}
	*y = Yearly{first, last}
	return nil
}

func readMonthDay(s string) (MonthDay, bool) {
	if len(s) != 5 || s[2] != '-' {
		return MonthDay{}, false
	}
	m, okM := digits(s[:2])
	d, okD := digits(s[3:])
	read := MonthDay{time.Month(m), d}
	return read, okM && okD && read.valid()
}

// Days are days of the week; their JSON is a list such as ["mon", "tue"].
type Days []time.Weekday

// dayNames are the names of the days in JSON, by time.Weekday.
var dayNames = [7]string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// MarshalJSON returns a list of names.
func (d Days) MarshalJSON() ([]byte, error) {
	names := make([]string, len(d))
	for i, day := range d {
		if day < 0 || day > 6 {
			return nil, fmt.Errorf("%d is no day of the week", int(day))
		}
		names[i] = dayNames[day]
	}
	return json.Marshal(names)
}

func dayNamed(name string) (time.Weekday, bool) {
	for i, n := range dayNames {
		if n == name {
			return time.Weekday(i), true
		}
	}
	return 0, false
}

// Selects reports whether the date is selected: whether a date that meets every condition is observed on it.
func (on On) Selects(d Date) bool {
	m, day := newMatcher(on), dayOf(d.number())
	return m.matches(&day)
}
