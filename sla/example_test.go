package sla_test

import (
	"errors"
	"fmt"
	"time"

	"github.com/forewarn-go/forewarn/sla"
)

// told is a case as the examples play it.
type told struct {
	rules *sla.Rules
	line  sla.Timeline
}

// open begins a case with the shipped definitions, on Monday to Friday, 09:00 to 17:00.
func open() *told {
	calendars, err := sla.Compile([]sla.Source{{Name: sla.BusinessHours, Schedule: sla.ExampleHours("America/New_York")}})
	if err != nil {
		panic(err)
	}
	rules, err := sla.New(sla.Config{Definitions: sla.TechnologySupport(), Calendars: calendars})
	if err != nil {
		panic(err)
	}
	return &told{rules, rules.Begin(sla.Task{Type: "case", ID: "CS0001"})}
}

// then takes a fact at a local time of New York in June 2024, and prints the events.
func (c *told) then(local, kind string, fields map[string]string) {
	line, events, err := c.rules.Advance(c.line, sla.Fact{At: local2024(local), Kind: kind, Set: fields})
	if err != nil {
		panic(err)
	}
	c.line = line
	for _, e := range events {
		what := string(e.Kind)
		if e.Milestone != "" {
			what = e.Milestone
		}
		if e.Provisional {
			what = "stopped until further notice"
		}
		fmt.Printf("%s  %s: %s\n", newYork(e.At), e.Definition, what)
	}
}

// show prints the clocks of a kind.
func (c *told) show(local string, kind sla.Kind) {
	now := local2024(local)
	for i := range c.line.Clocks {
		if clock := &c.line.Clocks[i]; clock.Kind == kind {
			s := clock.At(now)
			fmt.Printf("%s  %s, %v used, %v left, breached: %v\n", newYork(now), s.Stage, s.Elapsed, s.Left, s.HasBreached)
		}
	}
}

func local2024(text string) time.Time {
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		panic(err)
	}
	t, err := time.ParseInLocation("Jan 2 15:04 2006", text+" 2024", zone)
	if err != nil {
		panic(err)
	}
	return t
}

func newYork(t time.Time) string {
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		panic(err)
	}
	return t.In(zone).Format("Mon Jan 2 15:04")
}

// A first response for priority 2: 8 business hours, from submitting the case to the agent's answer. Submitted on Friday
// at 15:00, two of them pass on that day; the weekend does not count.
//
// Covers: LIB-006
func Example_firstResponse() {
	c := open()
	c.then("Jun 7 15:00", "submit", map[string]string{"state": "New", "priority": "2"})
	c.show("Jun 9 12:00", sla.FirstResponse)
	fmt.Println("due", newYork(c.line.Clocks[0].At(local2024("Jun 9 12:00")).Breach))
	c.then("Jun 10 14:00", "agent_comment", nil)
	c.show("Jun 11 09:00", sla.FirstResponse)
	// Output:
	// Fri Jun 7 15:00  first_response_p2: attached
	// Fri Jun 7 15:00  case_resolution_p2: attached
	// Sun Jun 9 12:00  in_progress, 2h0m0s used, 6h0m0s left, breached: false
	// due Mon Jun 10 15:00
	// Mon Jun 10 11:00  first_response_p2: 50%
	// Mon Jun 10 13:00  first_response_p2: 75%
	// Mon Jun 10 14:00  first_response_p2: completed
	// Mon Jun 10 14:00  ongoing_response_p2: attached
	// Tue Jun 11 09:00  completed, 7h0m0s used, 1h0m0s left, breached: false
}

// Ongoing responses for priority 3: 2 business days to each next update. Every update completes one and begins the
// next; none runs while the customer is asked for information, nor after a solution is proposed.
func Example_ongoingResponses() {
	c := open()
	c.then("Jun 3 09:00", "submit", map[string]string{"state": "New", "priority": "3"})
	c.then("Jun 3 10:00", "agent_comment", map[string]string{"state": "Work in Progress"})
	c.then("Jun 3 16:00", "agent_comment", nil)
	c.then("Jun 3 16:30", "request_info", map[string]string{"state": "Awaiting Info"})
	c.then("Jun 5 10:00", "customer_comment", map[string]string{"state": "Work in Progress"})
	c.then("Jun 7 16:00", "agent_comment", nil)
	c.then("Jun 10 11:00", "propose", map[string]string{"state": "Solution Proposed"})
	c.show("Jun 10 12:00", sla.OngoingResponse)
	// Output:
	// Mon Jun 3 09:00  first_response_p3_p4: attached
	// Mon Jun 3 09:00  case_resolution_p3_p4: attached
	// Mon Jun 3 10:00  first_response_p3_p4: completed
	// Mon Jun 3 10:00  ongoing_response_p3_p4: attached
	// Mon Jun 3 16:00  ongoing_response_p3_p4: completed
	// Mon Jun 3 16:00  ongoing_response_p3_p4: reset
	// Mon Jun 3 16:00  ongoing_response_p3_p4: attached
	// Mon Jun 3 16:30  ongoing_response_p3_p4: paused
	// Mon Jun 3 16:30  case_resolution_p3_p4: paused
	// Wed Jun 5 10:00  ongoing_response_p3_p4: resumed
	// Wed Jun 5 10:00  case_resolution_p3_p4: resumed
	// Thu Jun 6 09:30  ongoing_response_p3_p4: 50%
	// Thu Jun 6 13:30  ongoing_response_p3_p4: 75%
	// Fri Jun 7 09:30  ongoing_response_p3_p4: 100%
	// Fri Jun 7 09:30  ongoing_response_p3_p4: breached
	// Fri Jun 7 16:00  ongoing_response_p3_p4: completed
	// Fri Jun 7 16:00  ongoing_response_p3_p4: reset
	// Fri Jun 7 16:00  ongoing_response_p3_p4: attached
	// Mon Jun 10 11:00  ongoing_response_p3_p4: completed
	// Mon Jun 10 11:00  case_resolution_p3_p4: stopped until further notice
	// Mon Jun 10 12:00  completed, 6h0m0s used, 10h0m0s left, breached: false
	// Mon Jun 10 12:00  completed, 22h30m0s used, -6h30m0s left, breached: true
	// Mon Jun 10 12:00  completed, 3h0m0s used, 13h0m0s left, breached: false
}

// A resolution for priority 2: 14 days of 24 hours, without the time in Awaiting Info and in Solution Proposed. The
// customer rejects the first solution, so the same clock goes on; he accepts the second one two days after it was
// proposed, which is when the clock had stopped.
func Example_resolution() {
	c := open()
	c.then("Jun 3 09:00", "submit", map[string]string{"state": "Work in Progress", "priority": "2"})
	c.then("Jun 4 09:00", "request_info", map[string]string{"state": "Awaiting Info"})
	c.then("Jun 6 09:00", "customer_comment", map[string]string{"state": "Work in Progress"})
	c.then("Jun 10 09:00", "propose", map[string]string{"state": "Solution Proposed"})
	c.show("Jun 12 09:00", sla.Resolution)
	c.then("Jun 13 09:00", "reject", map[string]string{"state": "Work in Progress"})
	c.show("Jun 13 09:00", sla.Resolution)
	c.then("Jun 18 09:00", "propose", map[string]string{"state": "Solution Proposed"})
	c.then("Jun 20 09:00", "accept", map[string]string{"state": "Closed"})
	c.show("Jun 20 09:00", sla.Resolution)
	// Output:
	// Mon Jun 3 09:00  first_response_p2: attached
	// Mon Jun 3 09:00  case_resolution_p2: attached
	// Mon Jun 3 13:00  first_response_p2: 50%
	// Mon Jun 3 15:00  first_response_p2: 75%
	// Mon Jun 3 17:00  first_response_p2: 100%
	// Mon Jun 3 17:00  first_response_p2: breached
	// Tue Jun 4 09:00  case_resolution_p2: paused
	// Thu Jun 6 09:00  case_resolution_p2: resumed
	// Mon Jun 10 09:00  case_resolution_p2: stopped until further notice
	// Wed Jun 12 09:00  completed, 120h0m0s used, 216h0m0s left, breached: false
	// Thu Jun 13 09:00  case_resolution_p2: resumed
	// Thu Jun 13 09:00  in_progress, 120h0m0s used, 216h0m0s left, breached: false
	// Sat Jun 15 09:00  case_resolution_p2: 50%
	// Tue Jun 18 09:00  case_resolution_p2: stopped until further notice
	// Thu Jun 20 09:00  first_response_p2: completed
	// Thu Jun 20 09:00  case_resolution_p2: completed
	// Thu Jun 20 09:00  completed, 240h0m0s used, 96h0m0s left, breached: false
}

// A clock tells how it comes to what it shows.
func ExampleTimeline_Explain() {
	c := open()
	c.then("Jun 7 15:00", "submit", map[string]string{"state": "New", "priority": "2"})
	e, err := c.line.Explain(1, local2024("Jun 10 10:00"))
	if err != nil {
		panic(err)
	}
	for _, s := range e.Spans {
		fmt.Printf("%s to %s: counted %v, %s, %s used\n", newYork(s.From), newYork(s.To), s.Counted, s.Why, s.Used)
	}
	fmt.Println(e.Verdict)
	// Output:
	// Fri Jun 7 15:00  first_response_p2: attached
	// Fri Jun 7 15:00  case_resolution_p2: attached
	// Fri Jun 7 15:00 to Fri Jun 7 17:00: counted true, open, 2h used
	// Fri Jun 7 17:00 to Mon Jun 10 09:00: counted false, closed, 2h used
	// Mon Jun 10 09:00 to Mon Jun 10 10:00: counted true, open, 3h used
	// Mon Jun 10 10:00 to Mon Jun 10 15:00: counted true, open, 8h used
	// its deadline has not come
}

// A fact that comes late is refused; a repair takes it and says what is different.
func ExampleRules_Repair() {
	c := open()
	c.then("Jun 3 09:00", "submit", map[string]string{"state": "New", "priority": "2"})
	c.then("Jun 3 16:00", "agent_comment", nil)
	mail := sla.Fact{At: local2024("Jun 3 11:00"), Kind: "agent_mail"}
	_, _, err := c.rules.Advance(c.line, mail)
	var late *sla.LateError
	fmt.Println(errors.As(err, &late))
	_, difference, err := c.rules.Repair(c.line, mail)
	if err != nil {
		panic(err)
	}
	first := difference.Changes[0]
	fmt.Println(first.Definition, first.Fields[0])
	// Output:
	// Mon Jun 3 09:00  first_response_p2: attached
	// Mon Jun 3 09:00  case_resolution_p2: attached
	// Mon Jun 3 13:00  first_response_p2: 50%
	// Mon Jun 3 15:00  first_response_p2: 75%
	// Mon Jun 3 16:00  first_response_p2: completed
	// Mon Jun 3 16:00  ongoing_response_p2: attached
	// true
	// first_response_p2 {end 2024-06-03T20:00:00Z 2024-06-03T15:00:00Z}
}
