package schedule

import (
	"fmt"
	"strings"
	"time"
)

// A Clock is what a clock on the wall reads: the seconds since 00:00, from 0 to 86400, which is 24:00. Its text is
// 09:00 or 09:00:30.
type Clock int

// Noon and Midnight are for readability; EndOfDay is 24:00.
const (
	Midnight Clock = 0
	Noon     Clock = 12 * 3600
	EndOfDay Clock = 24 * 3600
)

// At returns the clock at the hour and minute.
func At(hour, minute int) Clock { return Clock(hour*3600 + minute*60) }

// String returns the clock as 09:00, or as 09:00:30 where it has seconds.
func (c Clock) String() string {
	if c%60 != 0 {
		return fmt.Sprintf("%02d:%02d:%02d", c/3600, c/60%60, c%60)
	}
	return fmt.Sprintf("%02d:%02d", c/3600, c/60%60)
}

// MarshalText returns the clock as 09:00 or 09:00:30.
func (c Clock) MarshalText() ([]byte, error) {
	if c < 0 || c > EndOfDay {
		return nil, fmt.Errorf("%d seconds is no clock reading from 00:00 to 24:00", int(c))
	}
	return []byte(c.String()), nil
}

// UnmarshalText reads a clock as 09:00 or 09:00:30, from 00:00 to 24:00.
func (c *Clock) UnmarshalText(text []byte) error {
	read, ok := readClock(string(text))
	if !ok {
		return &textError{string(text), "is not a clock reading from 00:00 to 24:00"}
	}
	*c = read
	return nil
}

func readClock(s string) (Clock, bool) {
	if len(s) != 5 && len(s) != 8 || s[2] != ':' {
		return 0, false
	}
	hour, okH := digits(s[:2])
	minute, okM := digits(s[3:5])
	second, okS := 0, true
	if len(s) == 8 {
		second, okS = digits(s[6:])
		okS = okS && s[5] == ':'
	}
	c := Clock(hour*3600 + minute*60 + second)
	return c, okH && okM && okS && minute < 60 && second < 60 && c <= EndOfDay
}

// A Window is open from the reading Start up to and without the reading End of the same local day. An End that is not
// after Start lies on the next day: 22:00-06:00 is a night, and 00:00-00:00 a whole day, as 00:00-24:00 is. Its text
// is 09:00-17:00.
type Window struct {
	Start, End Clock
}

// Hours returns a window between two full hours.
func Hours(start, end int) Window { return Window{At(start, 0), At(end, 0)} }

// AllDay is the window of a whole day.
func AllDay() Window { return Window{Midnight, EndOfDay} }

// Overnight reports whether the window runs into the next day.
func (w Window) Overnight() bool { return w.End <= w.Start && w.End != 0 }

// Length returns how long the window is by the clock on the wall.
func (w Window) Length() time.Duration {
	s := w.span()
	return time.Duration(s.end-s.start) * time.Second
}

// span returns the window in seconds since the midnight that its day begins with.
func (w Window) span() span {
	end := int64(w.End)
	if w.End <= w.Start {
		end += secondsPerDay
	}
	return span{int64(w.Start), end}
}

// check returns the rule that the window breaks, empty when none.
func (w Window) check() string {
	switch {
	case w.Start < 0 || w.Start >= EndOfDay:
		return "starts at a clock reading from 00:00 to 23:59:59"
	case w.End < 0 || w.End > EndOfDay:
		return "ends at a clock reading from 00:00 to 24:00"
	}
	return ""
}

// String returns the window as 09:00-17:00.
func (w Window) String() string { return w.Start.String() + "-" + w.End.String() }

// MarshalText returns the window as 09:00-17:00.
func (w Window) MarshalText() ([]byte, error) {
	if rule := w.check(); rule != "" {
		return nil, &textError{w.String(), rule}
	}
	return []byte(w.String()), nil
}

// UnmarshalText reads a window as 09:00-17:00; either reading may have seconds.
func (w *Window) UnmarshalText(text []byte) error {
	from, to, _ := strings.Cut(string(text), "-")
	start, okStart := readClock(from)
	end, okEnd := readClock(to)
	if !okStart || !okEnd || start == EndOfDay {
		return &textError{string(text), "is not a window such as 09:00-17:00"}
	}
	*w = Window{start, end}
	return nil
}

// A span is a stretch of seconds [start, end): of readings of a clock on the wall, or of instants.
type span struct{ start, end int64 }
