package main

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/forewarn-go/forewarn/sla"
	"github.com/forewarn-go/forewarn/sla/schedule"
	"github.com/forewarn-go/forewarn/techcase"
)

// outcome is what a scenario is expected to come to.
type outcome struct {
	State     techcase.State `json:"state"`
	SLAs      []clock        `json:"slas"`
	AutoClose []step         `json:"auto_close"`
}

// clock is a clock as the files write it.
type clock struct {
	Definition     string     `json:"def"`
	Start          instant    `json:"start"`
	Attached       instant    `json:"attached"`
	Stop           *instant   `json:"stop"`
	Stage          sla.Stage  `json:"stage"`
	Target         seconds    `json:"target_s"`
	Elapsed        seconds    `json:"elapsed_s"`
	Left           seconds    `json:"time_left_s"`
	Pauses         []interval `json:"pauses"`
	OriginalBreach *instant   `json:"original_breach"`
	Breach         *instant   `json:"breach"`
	HasBreached    bool       `json:"has_breached"`
}

// lived plays the scenario.
func (s scenario) lived(c *calendars) (*life, error) {
	if s.broken != nil {
		return nil, s.broken
	}
	hours, err := c.schedule(s.Calendar)
	if err != nil {
		return nil, err
	}
	if s.BusinessDay != 0 {
		hours.DayLength = schedule.Duration(s.BusinessDay)
	}
	made, err := sla.Compile([]sla.Source{{Name: sla.BusinessHours, Schedule: hours}})
	if err != nil {
		return nil, err
	}
	rules, err := sla.New(sla.Config{Definitions: sla.TechnologySupport(), Calendars: made})
	if err != nil {
		return nil, err
	}
	if s.Now.IsZero() {
		return nil, fmt.Errorf("now: is missing")
	}
	l, err := newLife(rules)
	if err != nil {
		return nil, err
	}
	return l, l.play(s.Events, s.Now)
}

// answer returns what the scenario has come to at its now.
func (s scenario) answer(c *calendars) (any, []string, error) {
	l, err := s.lived(c)
	if err != nil {
		return nil, nil, err
	}
	got := outcome{State: l.state, SLAs: []clock{}, AutoClose: l.steps}
	if got.AutoClose == nil {
		got.AutoClose = []step{}
	}
	clocks := slices.Clone(l.line.Clocks)
	slices.SortStableFunc(clocks, func(a, b sla.Clock) int {
		return cmp.Or(a.Attached.Compare(b.Attached), cmp.Compare(rank(a.Kind), rank(b.Kind)))
	})
	for i := range clocks {
		got.SLAs = append(got.SLAs, report(&clocks[i], s.Now))
	}
	return got, l.notes, nil
}

// order is the order of clocks that came at one instant.
var order = []sla.Kind{sla.FirstResponse, sla.OngoingResponse, sla.Resolution}

func rank(k sla.Kind) int {
	if i := slices.Index(order, k); i >= 0 {
		return i
	}
	return len(order)
}

func report(c *sla.Clock, now time.Time) clock {
	s := c.At(now)
	r := clock{Definition: c.Definition, Start: instant(c.Start), Attached: instant(c.Attached), Stop: maybe(s.Stop), Stage: s.Stage,
		Target: seconds(s.Target), Elapsed: seconds(s.Elapsed), Left: seconds(s.Left), Pauses: []interval{},
		OriginalBreach: maybe(s.OriginalBreach), Breach: maybe(s.Breach), HasBreached: s.HasBreached}
	for _, p := range c.PausesAt(now) {
		pause := interval{from: &p.From}
		if !p.To.IsZero() {
			pause.to = &p.To
		}
		r.Pauses = append(r.Pauses, pause)
	}
	return r
}
