package sla

import (
	"fmt"
	"strings"
	"time"
)

// Target is how much time a clock may use. Exactly one of its parts is used.
type Target struct {
	Duration     Duration  `json:"duration,omitempty"`      // time of the calendar; without a calendar: of the clock on the wall
	Days         int       `json:"days,omitempty"`          // blocks of 24 hours, of the same time as Duration
	BusinessDays int       `json:"business_days,omitempty"` // so many times the calendar's day length
	Relative     *Relative `json:"relative,omitempty"`      // a day and a time of that day
}

// Relative is a target as "the second business day by 16:00". A business day is a local date of the calendar's zone
// on which the calendar opens.
//
// The time of the calendar from the start to that instant is what the clock may use, so a relative target can be
// paused like any other: every pause moves the deadline on by what it kept from the clock. Where the instant lies
// outside of the calendar, it is the deadline as it stands.
type Relative struct {
	BusinessDay int    `json:"business_day"`     // counted from the local date of the start, which is day 0
	By          string `json:"by"`               // local time, as 16:00; 24:00 is the end of the day
	CutOff      string `json:"cut_off,omitzero"` // a start at or after this local time counts for the next business day; "": none
}

// Bounds of a target.
const (
	maxTargetDays = 3660 // of Days and BusinessDays, and of Duration in days of 24 hours
	maxRelative   = 1000 // of Relative.BusinessDay
)

func (t Target) check(schedule string) *Error {
	used := 0
	for _, set := range []bool{t.Duration != 0, t.Days != 0, t.BusinessDays != 0, t.Relative != nil} {
		if set {
			used++
		}
	}
	switch {
	case used != 1:
		return invalid("", "uses %d of duration, days, business_days and relative: exactly one is needed", used)
	case t.Duration < 0 || t.Duration > Duration(maxTargetDays*day):
		return invalid("duration", "%s: lies outside of 0 to %d days", t.Duration, maxTargetDays)
	case t.Days < 0 || t.Days > maxTargetDays:
		return invalid("days", "%d: lies outside of 1 to %d", t.Days, maxTargetDays)
	case t.BusinessDays < 0 || t.BusinessDays > maxTargetDays:
		return invalid("business_days", "%d: lies outside of 1 to %d", t.BusinessDays, maxTargetDays)
	case t.BusinessDays > 0 && schedule == "":
		return invalid("business_days", "needs a schedule")
	}
	if t.Relative != nil {
		if schedule == "" {
			return invalid("relative", "needs a schedule")
		}
		return within("relative", t.Relative.check())
	}
	return nil
}

func (r Relative) check() *Error {
	if r.BusinessDay < 0 || r.BusinessDay > maxRelative {
		return invalid("business_day", "%d: lies outside of 0 to %d", r.BusinessDay, maxRelative)
	}
	if _, ok := clockTime(r.By); !ok {
		return invalid("by", "%q: is no time of day, as 16:00", r.By)
	}
	if _, ok := clockTime(r.CutOff); r.CutOff != "" && !ok {
		return invalid("cut_off", "%q: is no time of day, as 10:00", r.CutOff)
	}
	return nil
}

// clockTime reads hh:mm up to 24:00.
func clockTime(s string) (minutes int, ok bool) {
	if len(s) != 5 || s[2] != ':' {
		return 0, false
	}
	for _, i := range []int{0, 1, 3, 4} {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
	}
	h, m := int(s[0]-'0')*10+int(s[1]-'0'), int(s[3]-'0')*10+int(s[4]-'0')
	return h*60 + m, m < 60 && h*60+m <= 24*60
}

const day = 24 * time.Hour

// String returns the target in words, as 8h of the calendar or business day 2 by 16:00.
func (t Target) String() string {
	plural := func(n int, what string) string {
		if n == 1 {
			return "1 " + what
		}
		return fmt.Sprintf("%d %ss", n, what)
	}
	switch {
	case t.Days != 0:
		return plural(t.Days, "day") + " of 24 hours"
	case t.BusinessDays != 0:
		return plural(t.BusinessDays, "business day")
	case t.Relative != nil:
		text := fmt.Sprintf("business day %d by %s", t.Relative.BusinessDay, t.Relative.By)
		if t.Relative.CutOff != "" {
			text += ", from " + t.Relative.CutOff + " on a day later"
		}
		return text
	}
	return t.Duration.String()
}

// Duration is a time.Duration whose text is what time.ParseDuration reads, without the parts that are zero: 8h, 1h30m.
type Duration time.Duration

// String returns the duration without the parts that are zero.
func (d Duration) String() string {
	text := time.Duration(d).String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

// MarshalText returns String.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what time.ParseDuration reads.
func (d *Duration) UnmarshalText(b []byte) error {
	if len(b) > maxName {
		return invalid("", "is longer than %d bytes", maxName)
	}
	parsed, err := time.ParseDuration(string(b))
	if err != nil {
		return invalid("", "%q: is no duration, as 8h or 90m", b)
	}
	*d = Duration(parsed)
	return nil
}
