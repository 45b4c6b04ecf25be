package ics_test

import (
	"errors"
	"testing"

	"github.com/forewarn-go/forewarn/sla/ics"
	"github.com/forewarn-go/forewarn/sla/schedule"
)

// Whatever the file, it is refused with an InvalidError, or its entries make a schedule that compiles.
func FuzzRead(f *testing.F) {
	f.Add([]byte(file("SUMMARY:x\nDTSTART;VALUE=DATE:20241225\nDTEND;VALUE=DATE:20241227\nRRULE:FREQ=YEARLY")))
	f.Add([]byte(file("DTSTART;TZID=Europe/Berlin:20240603T090000\nDURATION:PT8H30M\nRRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,-1TU;UNTIL=20250101T000000Z\nEXDATE:20240617T070000Z")))
	f.Add([]byte(file("UID:a\nDTSTART:20240603T090000Z\nDTEND:20240604T090000Z\nRRULE:FREQ=MONTHLY;BYMONTHDAY=1,-1;COUNT=4", "UID:a\nRECURRENCE-ID:20240701T090000Z\nDTSTART:20240702T090000Z\nDURATION:P1D")))
	f.Add([]byte(file("DTSTART;VALUE=DATE:20241128\nRRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=4TH;WKST=SU\nRDATE;VALUE=DATE:20250101")))
	f.Fuzz(func(t *testing.T, data []byte) {
		read, err := ics.Read(data)
		if err != nil {
			if !errors.Is(err, schedule.ErrInvalid) {
				t.Fatalf("not an InvalidError: %v", err)
			}
			return
		}
		zone := read.Zone
		if zone == "" {
			zone = "UTC"
		}
		if _, err := schedule.Compile(schedule.Schedule{Zone: zone, Week: schedule.Week{}, Rules: read.Windows, Holidays: read.Holidays}); err != nil {
			t.Fatalf("its entries make no schedule: %v", err)
		}
	})
}
