package schedule

import (
	"errors"
	"fmt"
	"strconv"
	"time"
)

// A Date is a day of the calendar on no particular clock. The zero value is no date. Its text is 2024-12-25.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// DateOf returns the date that a clock in the instant's location shows.
func DateOf(t time.Time) Date {
	y, m, d := t.Date()
	return Date{y, m, d}
}

// Valid reports whether there is such a day; 2023-02-29 is not.
func (d Date) Valid() bool {
	return d.Year >= 1 && d.Year <= 9999 && d.Month >= 1 && d.Month <= 12 && d.Day >= 1 && d.Day <= daysIn(d.Year, d.Month)
}

// IsZero reports whether the date is the zero value, which stands for no date.
func (d Date) IsZero() bool { return d == Date{} }

// Weekday returns the day of the week.
func (d Date) Weekday() time.Weekday { return weekday(d.number()) }

// AddDays returns the date so many days later, or earlier when n is negative.
func (d Date) AddDays(n int) Date { return dateOf(d.number() + int64(n)) }

// Compare returns -1 when d is before the other date, +1 when it is after it, and 0 for the same date.
func (d Date) Compare(other Date) int {
	switch a, b := d.number(), other.number(); {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// String returns the date as 2024-12-25.
func (d Date) String() string { return fmt.Sprintf("%04d-%02d-%02d", d.Year, int(d.Month), d.Day) }

// MarshalText returns the date as 2024-12-25. A date that is not valid is an error.
func (d Date) MarshalText() ([]byte, error) {
	if !d.Valid() {
		return nil, errors.New(d.String() + " is no date")
	}
	return []byte(d.String()), nil
}

// UnmarshalText reads a date as 2024-12-25.
func (d *Date) UnmarshalText(text []byte) error {
	s := string(text)
	if len(s) == 10 && s[4] == '-' && s[7] == '-' {
		y, okY := digits(s[:4])
		m, okM := digits(s[5:7])
		day, okD := digits(s[8:])
		if read := (Date{y, time.Month(m), day}); okY && okM && okD && read.Valid() {
			*d = read
			return nil
		}
	}
	return &textError{s, "is not a date such as 2024-12-25"}
}

// A textError says which text does not have which form.
type textError struct{ text, rule string }

func (e *textError) Error() string { return quote(e.text) + " " + e.rule }

// quote quotes the text, and cuts it where it is long.
func quote(s string) string {
	const most = 40
	if len(s) > most {
		return strconv.Quote(s[:most]) + "…"
	}
	return strconv.Quote(s)
}

// digits reads a number that is written in digits only.
func digits(s string) (int, bool) {
	n := 0
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return n, len(s) > 0
}

const secondsPerDay = 86400

// number returns the days from 1970-01-01 to the date, in the Gregorian calendar.
func (d Date) number() int64 {
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC).Unix() / secondsPerDay
}

// dateOf is the inverse of number.
func dateOf(number int64) Date { return DateOf(time.Unix(number*secondsPerDay, 0).UTC()) }

func weekday(number int64) time.Weekday { return time.Weekday(((number+4)%7 + 7) % 7) }

func daysIn(year int, month time.Month) int {
	switch month {
	case time.February:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	case time.April, time.June, time.September, time.November:
		return 30
	}
	return 31
}

// easter returns the number of Easter Sunday of the Gregorian calendar (the anonymous computus).
func easter(year int) int64 {
	a, b, c := year%19, year/100, year%100
	h := (19*a + b - b/4 - (b-(b+8)/25+1)/3 + 15) % 30
	l := (32 + 2*(b%4) + 2*(c/4) - h - c%4) % 7
	m := (a + 11*h + 22*l) / 451
	n := h + l - 7*m + 114
	return Date{year, time.Month(n / 31), n%31 + 1}.number()
}
