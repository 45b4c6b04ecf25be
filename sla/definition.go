package sla

import (
	"fmt"
	"slices"
	"time"
)

// Kind groups the definitions of which one at a time should apply to a task.
type Kind string

// The kinds of the shipped definitions. A definition may be of any other kind.
const (
	FirstResponse   Kind = "first_response"
	OngoingResponse Kind = "ongoing_response"
	Resolution      Kind = "resolution"
)

// Definition says when a task has a clock, and how that runs. It is data: see [ParseDefinitions] for the JSON.
//
// After every fact, the conditions are asked in this order. Of a clock that is not at its end: Stop completes it,
// Reset completes it and lets another begin, Cancel cancels it; else Hold and Pause stand still and Resume lets it go
// on. Then a clock begins where none is left, when Start holds, and neither Stop nor Cancel.
type Definition struct {
	ID      string    `json:"id"`
	Version int       `json:"version,omitempty"` // from 0; of two versions, the later one has the higher number
	From    time.Time `json:"from,omitzero"`     // clocks that attach from this instant on follow this version; zero: always did
	Name    string    `json:"name,omitempty"`    // as people read it
	Kind    Kind      `json:"kind"`
	Task    string    `json:"task"` // the type of tasks it is for, as case

	Target   Target   `json:"target"`
	Schedule string   `json:"schedule,omitempty"` // name of a calendar; "": every instant counts
	Zone     []string `json:"zone,omitzero"`      // whose zone the schedule is read in, the first that is known; none: its own

	Start     Condition `json:"start"`
	StartFrom *Origin   `json:"start_from,omitempty"` // since when time counts; nil: since the clock was attached
	Pause     Condition `json:"pause,omitzero"`       // while it holds, no time counts
	Resume    Condition `json:"resume,omitzero"`      // ends a pause; not set: a pause ends when Pause does not hold
	// Hold stops a clock until further notice: it shows as completed. When Hold does not hold any more the clock goes
	// on, as after a pause; when Stop comes, the end was where the hold began.
	Hold   Condition `json:"hold,omitzero"`
	Stop   Condition `json:"stop,omitzero"`
	Cancel Condition `json:"cancel,omitzero"`
	Reset  Condition `json:"reset,omitzero"`

	Milestones []Milestone       `json:"milestones,omitzero"` // nil: 50, 75 and 100 percent
	Workflow   string            `json:"workflow,omitempty"`  // what the host runs for its events; not read here
	Labels     map[string]string `json:"labels,omitempty"`    // what else the host keeps with it; not read here
}

// Origin says since when a clock's time counts, where that is before the fact that attaches it. The time before is
// judged as though the clock had been there: it has the pauses and holds that it would have had. Exactly one part is
// used; where the task has no such fact, or the field no value, time counts from the attachment.
type Origin struct {
	First []string `json:"first,omitzero"`  // since the first fact of one of these kinds
	Last  []string `json:"last,omitzero"`   // since the last one so far
	Field string   `json:"field,omitempty"` // since the instant in this field of the task, RFC 3339
}

// Milestone is a part of the target that is worth an event. Exactly one of Percent, After and Left is used.
type Milestone struct {
	Name    string   `json:"name,omitempty"`    // "": made of the part, as 75%
	Percent int      `json:"percent,omitempty"` // of the target, 1 to 1000
	After   Duration `json:"after,omitempty"`   // so much time is used
	Left    Duration `json:"left,omitempty"`    // so much of the target is left
}

// standardMilestones are those of a definition that names none.
var standardMilestones = []Milestone{{Percent: 50}, {Percent: 75}, {Percent: 100}}

// Bounds of definitions.
const (
	maxMilestones  = 20
	maxDefinitions = 1000
	maxVersion     = 1_000_000
)

func (m Milestone) String() string {
	switch {
	case m.Name != "":
		return m.Name
	case m.After != 0:
		return m.After.String()
	case m.Left != 0:
		return m.Left.String() + " left"
	}
	return fmt.Sprintf("%d%%", m.Percent)
}

func (m Milestone) check() *Error {
	used := 0
	for _, set := range []bool{m.Percent != 0, m.After != 0, m.Left != 0} {
		if set {
			used++
		}
	}
	switch {
	case used != 1:
		return invalid("", "uses %d of percent, after and left: exactly one is needed", used)
	case m.Percent < 0 || m.Percent > 1000:
		return invalid("percent", "%d: lies outside of 1 to 1000", m.Percent)
	case m.After < 0 || m.After > Duration(maxTargetDays*day):
		return invalid("after", "%s: lies outside of 0 to %d days", m.After, maxTargetDays)
	case m.Left < 0 || m.Left > Duration(maxTargetDays*day):
		return invalid("left", "%s: lies outside of 0 to %d days", m.Left, maxTargetDays)
	case m.Name != "":
		return checkName("name", m.Name)
	}
	return nil
}

// used returns the time after which the milestone is reached, false when it has no place in the target.
func (m Milestone) used(target time.Duration) (time.Duration, bool) {
	switch {
	case m.After != 0:
		return time.Duration(m.After), true
	case m.Left != 0:
		return target - time.Duration(m.Left), time.Duration(m.Left) <= target
	}
	// The product stays below 2^63 for the longest target: whole hundredths first, then the rest, rounded up.
	whole, rest := target/100, target%100
	return whole*time.Duration(m.Percent) + (rest*time.Duration(m.Percent)+99)/100, true
}

func (o Origin) check() *Error {
	used := 0
	for _, set := range []bool{o.First != nil, o.Last != nil, o.Field != ""} {
		if set {
			used++
		}
	}
	switch {
	case used != 1:
		return invalid("", "uses %d of first, last and field: exactly one is needed", used)
	case o.First != nil:
		return checkWords("first", o.First, false)
	case o.Last != nil:
		return checkWords("last", o.Last, false)
	}
	return checkName("field", o.Field)
}

// String returns the origin in words.
func (o Origin) String() string {
	switch {
	case o.First != nil:
		return "the first " + words(o.First)
	case o.Last != nil:
		return "the last " + words(o.Last)
	}
	return "field " + o.Field
}

// Check verifies the definition by itself; New does it for all.
func (d Definition) Check() error {
	if err := d.check(); err != nil {
		return err
	}
	return nil
}

func (d Definition) check() *Error {
	for _, n := range []struct{ field, value string }{{"id", d.ID}, {"kind", string(d.Kind)}, {"task", d.Task}} {
		if err := checkName(n.field, n.value); err != nil {
			return err
		}
	}
	for _, n := range []struct{ field, value string }{{"name", d.Name}, {"schedule", d.Schedule}, {"workflow", d.Workflow}} {
		if n.value != "" {
			if err := checkName(n.field, n.value); err != nil {
				return err
			}
		}
	}
	if d.Version < 0 || d.Version > maxVersion {
		return invalid("version", "%d: lies outside of 0 to %d", d.Version, maxVersion)
	}
	if !d.From.IsZero() {
		if err := checkInstant("from", d.From); err != nil {
			return err
		}
	}
	if err := d.Target.check(d.Schedule); err != nil {
		return within("target", err)
	}
	if d.Zone != nil {
		if d.Schedule == "" {
			return invalid("zone", "needs a schedule")
		}
		if err := checkWords("zone", d.Zone, false); err != nil {
			return err
		}
	}
	if d.StartFrom != nil {
		if err := d.StartFrom.check(); err != nil {
			return within("start_from", err)
		}
	}
	if err := d.checkConditions(); err != nil {
		return err
	}
	return d.checkRest()
}

// condition is one of a definition's, by its name.
type condition struct {
	name string
	*Condition
}

func (d *Definition) conditions() []condition {
	return []condition{{"start", &d.Start}, {"pause", &d.Pause}, {"resume", &d.Resume}, {"hold", &d.Hold}, {"stop", &d.Stop},
		{"cancel", &d.Cancel}, {"reset", &d.Reset}}
}

func (d Definition) checkConditions() *Error {
	for _, c := range d.conditions() {
		if c.IsZero() {
			if c.name == "start" {
				return invalid("start", "is missing: no clock would ever begin")
			}
			continue
		}
		if err := c.check(); err != nil {
			return within(c.name, err)
		}
	}
	if !d.Resume.IsZero() && d.Pause.IsZero() {
		return invalid("resume", "needs a pause")
	}
	if d.Stop.IsZero() && d.Cancel.IsZero() && d.Reset.IsZero() {
		return invalid("stop", "is missing, and so are cancel and reset: no clock would ever end")
	}
	return nil
}

func (d Definition) checkRest() *Error {
	if len(d.Milestones) > maxMilestones {
		return invalid("milestones", "has %d entries, at most %d are allowed", len(d.Milestones), maxMilestones)
	}
	for i, m := range d.Milestones {
		at := fmt.Sprintf("milestones[%d]", i)
		if err := m.check(); err != nil {
			return within(at, err)
		}
		if slices.ContainsFunc(d.Milestones[:i], func(other Milestone) bool { return other.String() == m.String() }) {
			return invalid(at, "%s: stands there twice", m)
		}
	}
	if len(d.Labels) > maxFields {
		return invalid("labels", "has %d entries, at most %d are allowed", len(d.Labels), maxFields)
	}
	for k, v := range d.Labels {
		if err := checkName("labels", k); err != nil {
			return err
		}
		if len(v) > maxValue {
			return invalid("labels."+k, "is longer than %d bytes", maxValue)
		}
	}
	return nil
}

func (d *Definition) milestones() []Milestone {
	if d.Milestones == nil {
		return standardMilestones
	}
	return d.Milestones
}
