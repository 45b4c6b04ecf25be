package main

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/forewarn-go/forewarn/internal/machine"
	"github.com/forewarn-go/forewarn/sla"
	"github.com/forewarn-go/forewarn/techcase"
	"github.com/forewarn-go/forewarn/ticket"
)

// triggers are what the events pull in the case's state table. Those that are not here change no state.
var triggers = map[string]techcase.Trigger{
	"submit": techcase.OnSubmit, "assign": techcase.OnAssignToMe, "customer_comment": techcase.OnCustomerComment,
	"request_info": techcase.OnRequestInformation, "info_received": techcase.OnInformationReceived, "propose": techcase.OnProposeSolution,
	"reject": techcase.OnRejectSolution, "accept": techcase.OnAcceptSolution, "close": techcase.OnClose, "cancel": techcase.OnCancel,
}

// quiet are events that change no state.
var quiet = map[string]bool{"agent_comment": true, "priority": true}

// byCustomer are the triggers that the customer pulls here.
var byCustomer = map[techcase.Trigger]bool{techcase.OnCustomerComment: true, techcase.OnAcceptSolution: true}

// step is a reminder or the closing by itself.
type step struct {
	Kind string  `json:"kind"`
	At   instant `json:"at"`
}

// life is a case as its events move it: its state by the state table of techcase, its reminders and its closing by
// the function of auto close, and its clocks by the facts that follow.
type life struct {
	flow    techcase.Flow
	table   *machine.Machine[techcase.State, techcase.Trigger]
	close   techcase.AutoClose
	state   techcase.State
	waiting techcase.Waiting
	steps   []step
	notes   []string

	rules *sla.Rules
	line  sla.Timeline
	told  []sla.Event
}

func newLife(rules *sla.Rules) (*life, error) {
	flow := techcase.DefaultFlow()
	table, err := machine.New(flow.Table, machine.Words{})
	if err != nil {
		return nil, err
	}
	return &life{flow: flow, table: table, state: techcase.StateDraft, rules: rules, line: rules.Begin(sla.Task{Type: "case"})}, nil
}

// play takes the events up to the instant, and what time brings between them: an event comes before what time brings at
// its instant.
func (l *life) play(events []event, now time.Time) error {
	for i, e := range events {
		if i > 0 && e.At.Before(events[i-1].At) {
			return fmt.Errorf("events[%d].at: is before that of the event before", i)
		}
		if e.At.After(now) {
			break
		}
		if err := l.wait(e.At, false); err != nil {
			return err
		}
		if err := l.take(e); err != nil {
			return fmt.Errorf("events[%d]: %w", i, err)
		}
	}
	return l.wait(now, true)
}

// wait reminds and closes up to the instant.
func (l *life) wait(until time.Time, inclusive bool) error {
	for {
		next, ok := l.close.Next(l.waiting)
		if !ok || next.At.After(until) || !inclusive && next.At.Equal(until) {
			return nil
		}
		if next.Reminder > 0 {
			l.steps = append(l.steps, step{"reminder_" + strconv.Itoa(next.Reminder), instant(next.At)})
			l.waiting.Reminded = next.Reminder
			continue
		}
		l.steps = append(l.steps, step{"auto_close", instant(next.At)})
		if err := l.move(techcase.OnAutoClose, next.At); err != nil {
			return err
		}
		if err := l.tell(sla.Fact{At: next.At, Kind: "auto_close"}); err != nil {
			return err
		}
	}
}

// take lets an event happen. One that the state table refuses changes nothing, and is noted.
func (l *life) take(e event) error {
	on, moves := triggers[e.Type]
	if !moves && !quiet[e.Type] {
		return fmt.Errorf("type: %q is not known", e.Type)
	}
	refused := func(why error) { l.notes = append(l.notes, fmt.Sprintf("%s at %s: %v", e.Type, instant(e.At), why)) }
	if !moves && (l.state == techcase.StateDraft || l.table.IsFinal(l.state)) {
		refused(fmt.Errorf("nothing is done in state %s", l.state))
		return nil
	}
	if on == techcase.OnAssignToMe && l.state != techcase.StateNew {
		on, moves = "", false // another agent takes it, which moves no case
	}
	if moves {
		if on == techcase.OnProposeSolution && l.state == techcase.StateNew {
			if err := l.move(techcase.OnAssignToMe, e.At); err != nil { // who proposes has taken it
				return err
			}
		}
		if err := l.move(on, e.At); err != nil {
			refused(err)
			return nil
		}
	}
	f := sla.Fact{At: e.At, Kind: e.Type}
	if e.Priority != 0 {
		f.Set = map[string]string{"priority": strconv.Itoa(e.Priority)}
	}
	return l.tell(f)
}

// move pulls a trigger. Entering a state that is resolved starts auto close, leaving it ends that.
func (l *life) move(on techcase.Trigger, at time.Time) error {
	var facts []techcase.Fact
	if byCustomer[on] {
		facts = append(facts, techcase.CustomerActs)
	}
	edge, err := l.table.Next(l.state, on, facts...)
	if err != nil {
		return err
	}
	if edge.To != l.state || slices.Contains(edge.Follows, techcase.RestartAutoClose) {
		l.waiting = techcase.Waiting{}
		if l.flow.Status[edge.To] == ticket.Resolved {
			l.waiting.Since = at
		}
	}
	l.state = edge.To
	return nil
}

// tell gives the clocks a fact, with the state that the case is in.
func (l *life) tell(f sla.Fact) error {
	if f.Set == nil {
		f.Set = map[string]string{}
	}
	f.Set["state"] = string(l.state)
	line, events, err := l.rules.Advance(l.line, f)
	if err != nil {
		return err
	}
	l.line, l.told = line, append(l.told, events...)
	return nil
}
