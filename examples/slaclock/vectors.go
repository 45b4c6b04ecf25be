package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/forewarn-go/forewarn/sla"
	"github.com/forewarn-go/forewarn/sla/schedule"
)

// skipped are operations on dates, kept from other projects: no part of what a clock asks.
var skipped = map[string]bool{"add_business_days": true, "add_days_same_time": true, "count_business_days_inclusive": true,
	"intervals_after": true, "intervals_before": true, "next_day_start": true}

// errSkipped is the answer to an entry that is left out.
type errSkipped struct{ why string }

func (e errSkipped) Error() string { return e.why }

// answer returns what the vector asks for, in the shape of its expect.
func (v vector) answer(c *calendars) (any, error) {
	if v.broken != nil {
		return nil, v.broken
	}
	if skipped[v.Op] {
		return nil, errSkipped{v.Op + " is arithmetic on dates of another project, which no clock asks for"}
	}
	on, err := c.get(v.Calendar)
	if err != nil {
		return nil, err
	}
	start, err := readInstant("start", v.Start)
	if err != nil {
		return nil, err
	}
	switch v.Op {
	case "add":
		return at(on.Add(start, time.Duration(v.Amount)))
	case "sub":
		return at(on.Sub(start, time.Duration(v.Amount)))
	case "between":
		end, err := readInstant("end", v.End)
		if err != nil {
			return nil, err
		}
		return between(on, start, end, v.pauses()), nil
	case "is_open":
		return on.IsOpen(start), nil
	case "next_open":
		return at(on.NextOpen(start))
	case "prev_close":
		return at(on.PrevClose(start))
	case "open_end":
		return at(on.OpenEnd(start))
	case "sla":
		return v.clock(on, start), nil
	}
	return nil, fmt.Errorf("op: %q is not known", v.Op)
}

func readInstant(field string, b json.RawMessage) (time.Time, error) {
	var text string
	if err := json.Unmarshal(b, &text); err != nil {
		return time.Time{}, fmt.Errorf("%s: is no instant", field)
	}
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return time.Time{}, fmt.Errorf("%s: %q is no instant, as 2024-06-06T10:00:00Z", field, text)
	}
	return t, nil
}

// at returns the instant, null where it never comes: the calendar does not open, or does not close, any more.
func at(t time.Time, err error) (any, error) {
	var e *schedule.Error
	switch {
	case errors.Is(err, schedule.ErrNeverOpens):
		return (*instant)(nil), nil
	case errors.Is(err, schedule.ErrOutside) && errors.As(err, &e) && !e.At.Before(schedule.Begin()) && e.At.Before(schedule.End()):
		return (*instant)(nil), nil
	case err != nil:
		return nil, err
	}
	return instant(t), nil
}

func (v vector) pauses() []sla.Pause {
	var all []sla.Pause
	for _, p := range v.Pauses {
		pause := sla.Pause{From: *p.from}
		if p.to != nil {
			pause.To = *p.to
			if !pause.To.After(pause.From) {
				continue
			}
		}
		all = append(all, pause)
	}
	return sla.Merge(all)
}

// between returns the time of the calendar without the pauses; negative when the end is before the start.
func between(on *schedule.Calendar, start, end time.Time, pauses []sla.Pause) seconds {
	if end.Before(start) {
		return -between(on, end, start, pauses)
	}
	return seconds(sla.Run{Hours: on, Start: start, Pauses: pauses}.Elapsed(end))
}

// clock returns the instants of a clock, those that expect names when it names some.
func (v vector) clock(on *schedule.Calendar, start time.Time) map[string]*instant {
	run := sla.Run{Hours: on, Start: start, Pauses: v.pauses()}
	target := time.Duration(v.Target)
	reach := func(r sla.Run, used time.Duration) *instant {
		t, ok := r.Reach(used)
		if !ok {
			return nil
		}
		return maybe(t)
	}
	got := map[string]*instant{"p50": reach(run, (target+1)/2), "p75": reach(run, target/4*3+(target%4*3+3)/4),
		"breach": reach(run, target), "original_breach": reach(sla.Run{Hours: on, Start: start}, target)}
	var named map[string]json.RawMessage
	if json.Unmarshal(v.Expect, &named) == nil && len(named) > 0 {
		for name := range got {
			if _, ok := named[name]; !ok {
				delete(got, name)
			}
		}
	}
	return got
}
