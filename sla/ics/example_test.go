package ics_test

import (
	"fmt"
	"time"

	"github.com/forewarn-go/forewarn/sla/ics"
	"github.com/forewarn-go/forewarn/sla/schedule"
)

// Public holidays as they are published, into an office's hours.
func ExampleRead() {
	file, err := ics.Read([]byte("BEGIN:VCALENDAR\r\n" +
		"VERSION:2.0\r\nPRODID:-//example//holidays//EN\r\n" +
		"BEGIN:VEVENT\r\nUID:1@example.com\r\nDTSTAMP:20240101T000000Z\r\nSUMMARY:Thanksgiving Day\r\n" +
		"DTSTART;VALUE=DATE:20241128\r\nRRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=4TH\r\nEND:VEVENT\r\n" +
		"END:VCALENDAR\r\n"))
	if err != nil {
		fmt.Println(err)
		return
	}
	office, err := schedule.Compile(schedule.Schedule{
		Zone:     "America/New_York",
		Week:     schedule.Weekdays(schedule.Hours(9, 17)),
		Holidays: file.Holidays,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	why := office.Why(time.Date(2025, time.November, 27, 12, 0, 0, 0, office.Location()))
	fmt.Println(why.Open, why.Kind, why.Name)
	// Output:
	// false holiday Thanksgiving Day
}
