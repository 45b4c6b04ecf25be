package ics_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/forewarn-go/forewarn/sla/ics"
	"github.com/forewarn-go/forewarn/sla/schedule"
)

// file makes an iCalendar file of events, each given as lines.
func file(events ...string) string {
	var b strings.Builder
	b.WriteString("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\n")
	for i, e := range events {
		fmt.Fprintf(&b, "BEGIN:VEVENT\r\nDTSTAMP:20240101T000000Z\r\n")
		if !strings.Contains(e, "UID:") {
			fmt.Fprintf(&b, "UID:%d\r\n", i+1)
		}
		b.WriteString(strings.ReplaceAll(e, "\n", "\r\n") + "\r\nEND:VEVENT\r\n")
	}
	b.WriteString("END:VCALENDAR\r\n")
	return b.String()
}

// dates lists the first dates, of so many at most, that one of the conditions selects.
func dates(most int, from string, ons ...schedule.On) []string {
	start, err := time.Parse(time.DateOnly, from)
	if err != nil {
		panic(err)
	}
	var list []string
	d := schedule.DateOf(start)
	for range 366 * 9 {
		if slices.ContainsFunc(ons, func(on schedule.On) bool { return on.Selects(d) }) {
			if list = append(list, d.String()); len(list) == most {
				break
			}
		}
		d = d.AddDays(1)
	}
	return list
}

// first returns the first day of the year in which the event starts.
func first(event string) string {
	_, start, _ := strings.Cut(event, "DTSTART")
	_, start, _ = strings.Cut(start, ":")
	return start[:4] + "-01-01"
}

func holidays(f ics.File) (ons []schedule.On) {
	for _, h := range f.Holidays {
		ons = append(ons, h.On)
	}
	return ons
}

// Recurrences fall on the dates that RFC 5545 gives for its own examples, and for such as public holidays have.
//
// Covers: SLA-020
func TestRecurrences(t *testing.T) {
	for _, test := range []struct{ event, want string }{
		{"DTSTART;VALUE=DATE:20241225", "2024-12-25"},
		{"DTSTART;VALUE=DATE:20241225\nDTEND;VALUE=DATE:20241227", "2024-12-25 2024-12-26"},
		{"DTSTART:20241225\nDURATION:P2D", "2024-12-25 2024-12-26"},
		{"DTSTART;VALUE=DATE:20241225\nRRULE:FREQ=YEARLY", "2024-12-25 2025-12-25 2026-12-25 2027-12-25"},
		{"DTSTART;VALUE=DATE:20241225\nDTEND;VALUE=DATE:20241227\nRRULE:FREQ=YEARLY", "2024-12-25 2024-12-26 2025-12-25 2025-12-26"},
		{"DTSTART;VALUE=DATE:20241231\nDURATION:P2D\nRRULE:FREQ=YEARLY", "2024-12-31 2025-01-01 2025-12-31 2026-01-01"},
		{"DTSTART;VALUE=DATE:20230228\nDURATION:P2D\nRRULE:FREQ=YEARLY", "2023-02-28 2023-03-01 2024-02-28 2024-02-29 2025-02-28 2025-03-01"},
		{"DTSTART;VALUE=DATE:20240229\nRRULE:FREQ=YEARLY", "2024-02-29 2028-02-29 2032-02-29"},
		{"DTSTART;VALUE=DATE:20241128\nRRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=4TH", "2024-11-28 2025-11-27 2026-11-26 2027-11-25"},
		{"DTSTART;VALUE=DATE:20240527\nRRULE:FREQ=YEARLY;BYDAY=-1MO;BYMONTH=5", "2024-05-27 2025-05-26 2026-05-25"},
		{"DTSTART;VALUE=DATE:20240527\nRRULE:FREQ=YEARLY;BYMONTH=5;BYDAY=-1MO;UNTIL=20250526", "2024-05-27 2025-05-26"},
		{"DTSTART;VALUE=DATE:20240527\nRRULE:FREQ=YEARLY;COUNT=2;BYMONTH=5;BYDAY=-1MO", "2024-05-27 2025-05-26"},
		{"DTSTART;VALUE=DATE:20241225\nRRULE:FREQ=YEARLY\nEXDATE;VALUE=DATE:20251225,20261225", "2024-12-25 2027-12-25 2028-12-25"},
		{"DTSTART;VALUE=DATE:20241225\nRRULE:FREQ=YEARLY;COUNT=2\nRDATE;VALUE=DATE:20250704", "2024-12-25 2025-07-04 2025-12-25"},
		{"DTSTART;VALUE=DATE:20241225\nRDATE;VALUE=DATE:20250704\nRDATE;VALUE=DATE:20260704", "2024-12-25 2025-07-04 2026-07-04"},
		{"DTSTART;VALUE=DATE:19970902\nRRULE:FREQ=DAILY;COUNT=3", "1997-09-02 1997-09-03 1997-09-04"},
		{"DTSTART;VALUE=DATE:19970902\nRRULE:FREQ=DAILY;INTERVAL=10;COUNT=5", "1997-09-02 1997-09-12 1997-09-22 1997-10-02 1997-10-12"},
		{"DTSTART;VALUE=DATE:19970902\nRRULE:FREQ=WEEKLY;INTERVAL=2;WKST=SU", "1997-09-02 1997-09-16 1997-09-30 1997-10-14"},
		{"DTSTART;VALUE=DATE:19970902\nRRULE:FREQ=WEEKLY;COUNT=10;WKST=SU;BYDAY=TU,TH", "1997-09-02 1997-09-04 1997-09-09 1997-09-11 1997-09-16"},
		{"DTSTART;VALUE=DATE:19970805\nRRULE:FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO", "1997-08-05 1997-08-10 1997-08-19 1997-08-24"},
		{"DTSTART;VALUE=DATE:19970805\nRRULE:FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU", "1997-08-05 1997-08-17 1997-08-19 1997-08-31"},
		{"DTSTART;VALUE=DATE:19970907\nRRULE:FREQ=MONTHLY;INTERVAL=2;COUNT=10;BYDAY=1SU,-1SU", "1997-09-07 1997-09-28 1997-11-02 1997-11-30 1998-01-04 1998-01-25"},
		{"DTSTART;VALUE=DATE:19970928\nRRULE:FREQ=MONTHLY;BYMONTHDAY=-3", "1997-09-28 1997-10-29 1997-11-28 1997-12-29 1998-01-29 1998-02-26"},
		{"DTSTART;VALUE=DATE:19970930\nRRULE:FREQ=MONTHLY;COUNT=10;BYMONTHDAY=1,-1", "1997-09-30 1997-10-01 1997-10-31 1997-11-01 1997-11-30"},
		{"DTSTART;VALUE=DATE:19980213\nRRULE:FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13", "1998-02-13 1998-03-13 1998-11-13 1999-08-13 2000-10-13"},
		{"DTSTART;VALUE=DATE:19970610\nRRULE:FREQ=YEARLY;COUNT=10;BYMONTH=6,7", "1997-06-10 1997-07-10 1998-06-10 1998-07-10"},
		{"DTSTART;VALUE=DATE:19970310\nRRULE:FREQ=YEARLY;INTERVAL=2;COUNT=10;BYMONTH=1,2,3", "1997-03-10 1999-01-10 1999-02-10 1999-03-10 2001-01-10"},
		{"DTSTART;VALUE=DATE:19970131\nRRULE:FREQ=MONTHLY", "1997-01-31 1997-03-31 1997-05-31"},
		{"DTSTART;VALUE=DATE:20240105\nDURATION:P3D\nRRULE:FREQ=MONTHLY;BYDAY=1FR", "2024-01-05 2024-01-06 2024-01-07 2024-02-02 2024-02-03"},
		{"STATUS:CANCELLED\nDTSTART;VALUE=DATE:20240105", ""},
	} {
		f, err := ics.Read([]byte(file(test.event)))
		if err != nil {
			t.Errorf("%q: %v", test.event, err)
			continue
		}
		want := strings.Fields(test.want)
		got := dates(len(want)+1, first(test.event), holidays(f)...)
		if unbounded := strings.Contains(test.event, "RRULE") && !strings.Contains(test.event, "UNTIL") && !strings.Contains(test.event, "COUNT=2"); unbounded && len(got) > len(want) {
			got = got[:len(want)]
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q: %v, want %v", test.event, got, want)
		}
	}
}

// Events with times are windows in their zone, as a schedule takes them.
func TestWindows(t *testing.T) {
	for _, test := range []struct{ event, zone, hours, dates string }{
		{"DTSTART;TZID=Europe/Berlin:20240603T090000\nDTEND;TZID=Europe/Berlin:20240603T173000\nRRULE:FREQ=WEEKLY;BYDAY=MO,WE", "Europe/Berlin", "09:00-17:30", "2024-06-03 2024-06-05 2024-06-10"},
		{"DTSTART;TZID=Europe/Berlin:20240603T220000\nDTEND;TZID=Europe/Berlin:20240604T060000", "Europe/Berlin", "22:00-06:00", "2024-06-03"},
		{"DTSTART;TZID=Europe/Berlin:20240603T220000\nDTEND;TZID=Europe/Berlin:20240604T000000", "Europe/Berlin", "22:00-24:00", "2024-06-03"},
		{"DTSTART:20240603T220000Z\nDURATION:PT8H30M", "UTC", "22:00-06:30", "2024-06-03"},
		{"DTSTART:20240603T220000\nDURATION:P1D", "", "22:00-22:00", "2024-06-03"},
		{"DTSTART;TZID=Europe/Berlin:20240603T090000\nDTEND:20240603T150000Z", "Europe/Berlin", "09:00-17:00", "2024-06-03"},
		// UNTIL is an instant: on the 10th it is past 09:00 in Berlin, at 08:59 it is not.
		{"DTSTART;TZID=Europe/Berlin:20240603T090000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;UNTIL=20240610T070000Z", "Europe/Berlin", "09:00-10:00", "2024-06-03 2024-06-10"},
		{"DTSTART;TZID=Europe/Berlin:20240603T090000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;UNTIL=20240610T065959Z", "Europe/Berlin", "09:00-10:00", "2024-06-03"},
		{"DTSTART;TZID=Europe/Berlin:20240603T090000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;UNTIL=20240610", "Europe/Berlin", "09:00-10:00", "2024-06-03 2024-06-10"},
		// 22:30 in UTC on the 9th is the 10th in Berlin.
		{"DTSTART;TZID=Europe/Berlin:20240603T003000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;COUNT=3\nEXDATE:20240609T223000Z", "Europe/Berlin", "00:30-01:30", "2024-06-03 2024-06-17"},
	} {
		f, err := ics.Read([]byte(file("SUMMARY:shift\n" + test.event)))
		if err != nil {
			t.Errorf("%q: %v", test.event, err)
			continue
		}
		if len(f.Windows) != 1 || len(f.Holidays) != 0 || f.Zone != test.zone || f.Windows[0].Name != "shift" {
			t.Errorf("%q: %+v", test.event, f)
			continue
		}
		want := strings.Fields(test.dates)
		got := dates(len(want), "2024-01-01", f.Windows[0].On)
		if strings.Contains(test.event, "UNTIL") || strings.Contains(test.event, "COUNT") || !strings.Contains(test.event, "RRULE") {
			got = dates(len(want)+1, "2024-01-01", f.Windows[0].On)
		}
		if hours := fmt.Sprint(f.Windows[0].Hours); hours != "["+test.hours+"]" || !slices.Equal(got, want) {
			t.Errorf("%q: %s on %v, want %s on %v", test.event, hours, got, test.hours, want)
		}
	}
}

// An event with a RECURRENCE-ID stands for one occurrence of the series.
func TestReplacedOccurrence(t *testing.T) {
	const series = "UID:shift\nDTSTART;TZID=Europe/Berlin:20240603T090000\nDURATION:PT8H\nRRULE:FREQ=DAILY;COUNT=3"
	for _, id := range []string{"RECURRENCE-ID;TZID=Europe/Berlin:20240604T090000", "RECURRENCE-ID:20240604T070000Z"} {
		f, err := ics.Read([]byte(file("UID:shift\n"+id+"\nDTSTART;TZID=Europe/Berlin:20240604T120000\nDURATION:PT2H", series)))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, w := range f.Windows {
			got = append(got, fmt.Sprint(dates(9, "2024-01-01", w.On), w.Hours))
		}
		if want := "[2024-06-04] [12:00-14:00]; [2024-06-03 2024-06-05] [09:00-17:00]"; strings.Join(got, "; ") != want {
			t.Errorf("%s: %v", id, got)
		}
		// One that is cancelled leaves nothing in its place.
		f, err = ics.Read([]byte(file(series, "UID:shift\nSTATUS:CANCELLED\n"+id+"\nDTSTART;TZID=Europe/Berlin:20240604T120000")))
		if err != nil || len(f.Windows) != 1 || len(dates(9, "2024-01-01", f.Windows[0].On)) != 2 {
			t.Errorf("%s: %+v (%v)", id, f, err)
		}
	}
}

// What cannot be read exactly is refused, naming event, property and rule.
func TestReadRefuses(t *testing.T) {
	const good = "DTSTART;VALUE=DATE:20241225"
	const timed = "DTSTART:20240603T090000Z\nDURATION:PT1H\n"
	for _, test := range []struct{ text, property, rule string }{
		{"", "", "is not iCalendar"},
		{"hello", "", "is not iCalendar"},
		{"BEGIN:VCALENDAR\r\n", "", "is not iCalendar"},
		{file(good) + file(good), "", "is not iCalendar"},
		{file("SUMMARY:x"), "DTSTART", "is missing"},
		{file(good + "\n" + good), "DTSTART", "more than once"},
		{file("DTSTART;VALUE=DATE:20240230"), "DTSTART", "is not a DATE"},
		{file("DTSTART;VALUE=DATE:2024-02-20"), "DTSTART", "is not a DATE"},
		{file("DTSTART;VALUE=DATE:20240220T090000"), "DTSTART", "is not a DATE"},
		{file("DTSTART;VALUE=DATE-TIME:20240220"), "DTSTART", "is not a DATE-TIME"},
		{file("DTSTART;VALUE=PERIOD:20240220"), "DTSTART", "not \"PERIOD\""},
		{file("DTSTART:20240220T250000\nDURATION:PT1H"), "DTSTART", "is not a time"},
		{file("DTSTART;TZID=W. Europe Standard Time:20240220T090000\nDURATION:PT1H"), "DTSTART", "not an IANA time zone"},
		{file("DTSTART;TZID=Local:20240220T090000\nDURATION:PT1H"), "DTSTART", "not an IANA time zone"},
		{file("DTSTART;TZID=Europe/Berlin:20240220T090000Z\nDURATION:PT1H"), "DTSTART", "although it ends in Z"},
		{file("DTSTART;TZID=Europe/Berlin:20240220"), "DTSTART", "although it is a date alone"},
		{file("DTSTART:20240220T090000"), "DTEND", "is needed"},
		{file(good + "\nDTEND;VALUE=DATE:20241225"), "DTEND", "is after DTSTART"},
		{file(good + "\nDTEND;VALUE=DATE:20241224"), "DTEND", "is after DTSTART"},
		{file(good + "\nDTEND:20241225T090000Z"), "DTEND", "is a date where DTSTART is a time"},
		{file(good + "\nDTEND;VALUE=DATE:20261225"), "DTEND", "at most 366 days"},
		{file(good + "\nDTEND;VALUE=DATE:20241226\nDURATION:P1D"), "DURATION", "beside DTEND"},
		{file(good + "\nDURATION:PT1H"), "DURATION", "whole days"},
		{file(good + "\nDURATION:1D"), "DURATION", "is not a duration"},
		{file(good + "\nDURATION:P1D1W"), "DURATION", "is not a duration"},
		{file(good + "\nDURATION:P99999999999D"), "DURATION", "is not a duration"},
		{file(good + "\nDURATION:-P1D"), "DURATION", "is not a duration"},
		{file("DTSTART:20240603T090000Z\nDTEND:20240604T100000Z"), "DTEND", "at most 24 hours"},
		{file("DTSTART;TZID=Europe/Berlin:20240603T090000\nDTEND;TZID=Europe/Paris:20240603T100000"), "DTEND", "in another zone"},
		{file(timed, "DTSTART;TZID=Europe/Berlin:20240603T090000\nDURATION:PT1H"), "DTSTART", "a schedule has one"},
		{file(good + "\nRRULE:FREQ=YEARLY\nRRULE:FREQ=DAILY"), "RRULE", "more than once"},
		{file(good + "\nRRULE:FREQ=HOURLY"), "RRULE", "is none of DAILY"},
		{file(good + "\nRRULE:COUNT=3"), "RRULE", "has no FREQ"},
		{file(good + "\nRRULE:FREQ=YEARLY;FREQ=DAILY"), "RRULE", "given twice"},
		{file(good + "\nRRULE:FREQ"), "RRULE", "is not NAME=VALUE"},
		{file(good + "\nRRULE:FREQ=YEARLY;BYSETPOS=1"), "RRULE", "\"BYSETPOS\" is not read"},
		{file(good + "\nRRULE:FREQ=YEARLY;BYWEEKNO=20"), "RRULE", "\"BYWEEKNO\" is not read"},
		{file(good + "\nRRULE:FREQ=YEARLY;INTERVAL=0"), "RRULE", "from 1 to 100000"},
		{file(good + "\nRRULE:FREQ=YEARLY;COUNT=x"), "RRULE", "from 1 to 100000"},
		{file(good + "\nRRULE:FREQ=YEARLY;COUNT=2;UNTIL=20300101"), "RRULE", "COUNT and UNTIL"},
		{file(good + "\nRRULE:FREQ=YEARLY;UNTIL=20300199"), "RRULE", "is not a date or time"},
		{file(good + "\nRRULE:FREQ=YEARLY;UNTIL=20200101"), "RRULE", "UNTIL is before DTSTART"},
		{file(good + "\nRRULE:FREQ=YEARLY;BYDAY=20MO"), "RRULE", "is not a list of days"},
		{file(good + "\nRRULE:FREQ=YEARLY;BYDAY=2MO"), "RRULE", "YEARLY with BYMONTH"},
		{file(good + "\nRRULE:FREQ=WEEKLY;BYDAY=2MO"), "RRULE", "YEARLY with BYMONTH"},
		{file(good + "\nRRULE:FREQ=WEEKLY;BYMONTHDAY=2"), "RRULE", "although it is WEEKLY"},
		{file(good + "\nRRULE:FREQ=MONTHLY;BYMONTHDAY=32"), "RRULE", "is not a list of days"},
		{file(good + "\nRRULE:FREQ=YEARLY;BYMONTH=13"), "RRULE", "is not a list of months"},
		{file(good + "\nRRULE:FREQ=WEEKLY;WKST=XX"), "RRULE", "is not a day of the week"},
		{file(good + "\nRRULE:FREQ=DAILY;INTERVAL=2"), "RRULE", "more than 20000 dates"},
		{file(good + "\nEXRULE:FREQ=DAILY"), "EXRULE", "is not read"},
		{file(good + "\nRDATE;VALUE=PERIOD:20240101T000000Z/PT1H"), "RDATE", "not \"PERIOD\""},
		{file(timed + "RDATE:20240604T100000Z"), "RDATE", "has the time of DTSTART"},
		{file(good + "\nRECURRENCE-ID;RANGE=THISANDFUTURE:20241225"), "RECURRENCE-ID", "RANGE"},
		{strings.Replace(file(good+"\nRECURRENCE-ID:20241225"), "UID:1\r\n", "", 1), "UID", "is needed"},
		{file(slices.Repeat([]string{good}, ics.MaxEvents+1)...), "", "more than 2000 events"},
		{strings.Repeat(" ", ics.MaxSize+1), "", "is larger than"},
		{file(slices.Repeat([]string{good + "\nRRULE:FREQ=YEARLY;INTERVAL=90"}, 60)...), "RRULE", "too many days to go through"},
	} {
		f, err := ics.Read([]byte(test.text))
		var invalid *ics.InvalidError
		if !errors.As(err, &invalid) || !errors.Is(err, schedule.ErrInvalid) || invalid.Property != test.property || !strings.Contains(invalid.Rule, test.rule) {
			t.Errorf("%.200q: %v, want %s: %s", test.text, err, test.property, test.rule)
		}
		if f.Holidays != nil || f.Windows != nil {
			t.Errorf("%.200q comes with entries", test.text)
		}
	}
	_, err := ics.Read([]byte(file(good, "UID:xmas@example.com\nSUMMARY:x\nDTSTART;VALUE=DATE:20241301")))
	if want := `ics: event 2 ("xmas@example.com"): DTSTART: "20241301" is not a DATE`; err == nil || err.Error() != want {
		t.Errorf("the error is %v", err)
	}
}

// A name that is too long, or no text, is cut to one that a schedule takes.
func TestNames(t *testing.T) {
	f, err := ics.Read([]byte(file("SUMMARY:" + strings.Repeat("ü", 150) + "\nDTSTART;VALUE=DATE:20241225")))
	if err != nil || f.Holidays[0].Name != strings.Repeat("ü", 100) {
		t.Errorf("%+v (%v)", f, err)
	}
}
