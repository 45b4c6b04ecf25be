package machine

import (
	"fmt"
	"strings"
)

// RefusedError says that a trigger does nothing in a state.
type RefusedError struct {
	Machine string   // the name of the table
	From    string   // the state
	Trigger string   // what was tried
	Why     string   // the table's reason
	Allowed []string // the triggers that this state takes now
}

func (e *RefusedError) Error() string {
	s := fmt.Sprintf("%s: %q is refused in state %q: %s", e.Machine, e.Trigger, e.From, e.Why)
	if len(e.Allowed) == 0 {
		return s + "; nothing is allowed there"
	}
	return s + "; allowed there: " + quoted(e.Allowed)
}

// UnknownError says that a table has no such state or trigger.
type UnknownError struct {
	Machine string   // the name of the table
	What    string   // "state" or "trigger"
	Value   string   // what was given
	Known   []string // what the table has
}

func (e *UnknownError) Error() string {
	return fmt.Sprintf("%s: %q is no %s; there are %s", e.Machine, e.Value, e.What, quoted(e.Known))
}

// TableError lists everything that is wrong with a table.
type TableError struct {
	Machine string // the name of the table
	Faults  []Fault
}

// Error has one line for each fault.
func (e *TableError) Error() string {
	name := e.Machine
	if name == "" {
		name = "a table without a name"
	}
	if len(e.Faults) == 1 {
		return name + ": " + e.Faults[0].String()
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s: the table has %d faults:", name, len(e.Faults))
	for _, f := range e.Faults {
		b.WriteString("\n\t" + f.String())
	}
	return b.String()
}

// Rules of a [Fault].
const (
	Name        = "name"         // a name is empty, or can not be shown on one line
	Duplicate   = "duplicate"    // something stands twice
	Undeclared  = "undeclared"   // a row names a state or trigger that is not in the lists
	NoStart     = "no start"     // a table without a start
	Unreachable = "unreachable"  // no edges lead to a state from a start
	FinalLeft   = "final left"   // a row decides something in a final state
	DeadEnd     = "dead end"     // no edge leads on from a state that is not final
	Undecided   = "undecided"    // neither edge nor refusal for a pair
	Ambiguous   = "ambiguous"    // more than one row holds for a pair
	BadGuard    = "bad guard"    // a guard that contradicts itself, or too many facts
	NoReason    = "no reason"    // a refusal that does not say why, or names no pair
	UnknownWord = "unknown word" // a fact, role, requirement or effect that the code does not know
)

// mostFacts are the facts that the guards of one pair may read: verifying
// tries all their combinations.
const mostFacts = 10

// Fault is one thing that is wrong with a table.
type Fault struct {
	Rule    string // the rule that is broken, one of the constants
	State   string // the state it concerns, if any
	Trigger string // the trigger it concerns, if any
	Detail  string // what is wrong, for people
}

func (f Fault) String() string {
	var at string
	switch {
	case f.State != "" && f.Trigger != "":
		at = fmt.Sprintf("state %q on %q: ", f.State, f.Trigger)
	case f.State != "":
		at = fmt.Sprintf("state %q: ", f.State)
	case f.Trigger != "":
		at = fmt.Sprintf("trigger %q: ", f.Trigger)
	}
	return at + f.Detail
}

func quoted(xs []string) string {
	out := make([]string, len(xs))
	for i, x := range xs {
		out[i] = fmt.Sprintf("%q", x)
	}
	return strings.Join(out, ", ")
}
