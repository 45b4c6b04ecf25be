package schedule

import (
	"bytes"
	"encoding/json"
	"errors"
	"time"
)

// A Schedule says when somebody works. It is data, and the same in Go and in JSON: keep it, version it, and [Compile]
// it to ask it. The zero value never opens.
//
// Its own hours are Always, or Week with Rules; Special replaces them on some dates; Breaks and Holidays take away from
// them. Union adds the hours of other schedules. If there are no own hours and no Union, what Intersect and Exclude
// begin with is all time. Intersect then keeps what is open in every one of its schedules too, and Exclude takes away
// what is open in one of its. Each of them is read in its own zone.
type Schedule struct {
	Ref  string `json:"ref,omitempty"`  // the name of a schedule of a Library, in place of everything else
	Name string `json:"name,omitempty"` // for people; stands in errors and reasons
	Zone string `json:"zone,omitempty"` // an IANA name such as Europe/Berlin; needed by own hours other than a bare Always

	Always   bool      `json:"always,omitempty"`   // open all day on every day; with it there is no Week
	Week     Week      `json:"week,omitempty"`     // the windows that start on each day of the week
	Rules    []Rule    `json:"rules,omitempty"`    // windows that are added to the week's on some dates
	Special  []Rule    `json:"special,omitempty"`  // windows in place of the week's and the rules' on some dates; of several, the last
	Breaks   []Rule    `json:"breaks,omitempty"`   // what is taken out of the hours on some dates, over special hours too
	Holidays []Holiday `json:"holidays,omitempty"` // whole local dates that are closed, over everything else

	HolidayMode HolidayMode `json:"holiday_mode,omitempty"` // what a holiday closes; empty is Mask

	// DayLength is how long a business day is. Zero: the total of a day of the week, if all days that have hours have
	// the same total less the breaks that fall on a day of the week every week.
	DayLength Duration `json:"day_length,omitempty"`

	// Parent is a schedule that this one is a child of. The child has what the parent has, and more: a day in the
	// child's Week replaces the parent's; Rules, Special, Breaks, Holidays, Union, Intersect and Exclude of the child
	// come after the parent's; Zone, HolidayMode and DayLength of the child, where given, replace the parent's. A child
	// with a Week does not inherit Always.
	Parent *Schedule `json:"parent,omitempty"`

	Union     []Schedule `json:"union,omitempty"`     // hours of others that are added
	Intersect []Schedule `json:"intersect,omitempty"` // others that must be open too
	Exclude   []Schedule `json:"exclude,omitempty"`   // others that must not be open
}

// A Week gives the windows that start on each day of the week. A day that is absent has none; in a child, a day that
// is absent is inherited and an empty list closes it.
type Week map[time.Weekday][]Window

// Weekdays returns a week with the same windows on Monday to Friday.
func Weekdays(windows ...Window) Week {
	return EachOf(Days{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday}, windows...)
}

// EachOf returns a week with the same windows on each of the days.
func EachOf(days Days, windows ...Window) Week {
	week := Week{}
	for _, day := range days {
		week[day] = append([]Window{}, windows...)
	}
	return week
}

// A Rule gives windows that start on the dates that it selects. As Special without Hours it closes them.
type Rule struct {
	Name  string   `json:"name,omitempty"`
	On             // the dates
	Hours []Window `json:"hours,omitempty"`
}

// A Holiday closes whole local dates.
type Holiday struct {
	Name string `json:"name,omitempty"`
	On          // the dates
}

// HolidayMode says what a holiday closes where a window runs over midnight.
type HolidayMode string

// The modes of holidays.
const (
	Mask  HolidayMode = "mask"  // every instant of the local date, and the windows that start on it to their end; the default
	Owner HolidayMode = "owner" // the windows that start on the date to their end, but not the tail of the day before
)

// A Duration is a time.Duration whose text is as Go writes it, such as 8h or 7h30m.
type Duration time.Duration

// MarshalText returns such as 8h or 7h30m.
func (d Duration) MarshalText() ([]byte, error) {
	text := []byte(time.Duration(d).String())
	if bytes.HasSuffix(text, []byte("m0s")) {
		text = text[:len(text)-2]
	}
	if bytes.HasSuffix(text, []byte("h0m")) {
		text = text[:len(text)-2]
	}
	return text, nil
}

// UnmarshalText reads such as 8h or 7h30m.
func (d *Duration) UnmarshalText(text []byte) error {
	read, err := time.ParseDuration(string(text))
	if err != nil {
		return &textError{string(text), "is not a duration such as 8h or 7h30m"}
	}
	*d = Duration(read)
	return nil
}

// weekJSON is a week in JSON. A nil pointer is a day that is absent.
type weekJSON struct {
	Mon *[]Window `json:"mon,omitempty"`
	Tue *[]Window `json:"tue,omitempty"`
	Wed *[]Window `json:"wed,omitempty"`
	Thu *[]Window `json:"thu,omitempty"`
	Fri *[]Window `json:"fri,omitempty"`
	Sat *[]Window `json:"sat,omitempty"`
	Sun *[]Window `json:"sun,omitempty"`
}

func (w *weekJSON) days() [7]**[]Window {
	return [7]**[]Window{&w.Sun, &w.Mon, &w.Tue, &w.Wed, &w.Thu, &w.Fri, &w.Sat}
}

// MarshalJSON returns the days from mon to sun, without those that are absent.
func (w Week) MarshalJSON() ([]byte, error) {
	var out weekJSON
	days := out.days()
	for day, windows := range w {
		if day < 0 || day > 6 {
			return nil, errors.New("the week has a day that is not from Sunday to Saturday")
		}
		list := append([]Window{}, windows...)
		*days[day] = &list
	}
	return json.Marshal(out)
}
