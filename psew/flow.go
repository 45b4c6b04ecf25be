package psew

import (
	"maps"
	"slices"
	"strings"

	"github.com/forewarn-go/forewarn"
)

// Flow is what the workflow of a subcategory does: a subflow for each stage.
type Flow struct {
	Name        string // as Network Initiated Link Failure
	Category    Category
	Subcategory Subcategory
	Subflows    []Subflow
}

// Subflow is what happens when an incident enters a stage. The escalation
// policy names it, and its stage is the incident's next one (DEC-027).
type Subflow struct {
	Name    string // as Network Initiated Link Failure - L1
	Stage   Stage
	Message string // key of the instructions that are posted as a work note
	// Assignee is whom the flow assigns, a user's id; "" assigns nobody.
	Assignee string
}

// Flows are the flows of the workflow, by name. It is an immutable value.
type Flows struct {
	flows    map[string]Flow
	subflows map[string]Subflow
}

// DefaultFlows returns the five flows of the base system, each with a subflow
// for Triage, L1, L2, L3 and Resolution.
func DefaultFlows() Flows {
	var f Flows
	for _, sub := range DefaultCategories()[SDWAN] {
		name := "Network Initiated " + titled(sub)
		flow := Flow{Name: name, Category: SDWAN, Subcategory: sub}
		for _, stage := range Stages() {
			flow.Subflows = append(flow.Subflows, Subflow{Name: name + " - " + stage.Short(), Stage: stage,
				Message: MessageKey(SDWAN, sub, stage)})
		}
		f = f.With(flow)
	}
	return f
}

// With returns the flows and another, which takes the place of one of its name.
func (f Flows) With(flow Flow) Flows {
	next := Flows{flows: maps.Clone(f.flows), subflows: maps.Clone(f.subflows)}
	if next.flows == nil {
		next.flows, next.subflows = map[string]Flow{}, map[string]Subflow{}
	}
	for _, sub := range next.flows[flow.Name].Subflows {
		delete(next.subflows, fold(sub.Name))
	}
	next.flows[flow.Name] = flow
	for _, sub := range flow.Subflows {
		next.subflows[fold(sub.Name)] = sub
	}
	return next
}

// All returns the flows by name.
func (f Flows) All() []Flow {
	return slices.SortedFunc(maps.Values(f.flows), func(a, b Flow) int { return strings.Compare(a.Name, b.Name) })
}

// Subflow returns a subflow by its name, in any spelling.
func (f Flows) Subflow(name string) (Subflow, bool) {
	s, ok := f.subflows[fold(name)]
	return s, ok
}

// Check returns an ErrInvalid that names the flow: a subflow without name, stage or message, or one that two flows have.
func (f Flows) Check() error {
	seen := map[string]string{}
	for _, flow := range f.All() {
		for _, sub := range flow.Subflows {
			switch {
			case sub.Name == "" || sub.Stage == NoStage || sub.Message == "":
				return forewarn.Invalid("flow "+flow.Name, "subflow %q lacks name, stage or message", sub.Name)
			case seen[fold(sub.Name)] != "":
				return forewarn.Invalid("flow "+flow.Name, "subflow %q is also of %s", sub.Name, seen[fold(sub.Name)])
			}
			seen[fold(sub.Name)] = flow.Name
		}
	}
	return nil
}

// titled writes a subcategory as flows are named: each word with a capital.
func titled(s Subcategory) string {
	words := strings.Fields(string(s))
	for i, w := range words {
		words[i] = strings.ToUpper(w[:1]) + w[1:]
	}
	return strings.Join(words, " ")
}

// MessageKey is the key of the instructions for a subcategory and stage, as sd_wan.link_failure.l1.engineer. The persona follows
// from the stage: the coordinator at Triage, an engineer above.
func MessageKey(c Category, s Subcategory, stage Stage) string {
	snake := func(s string) string {
		return strings.NewReplacer(" ", "_", "-", "_").Replace(strings.ToLower(s))
	}
	return snake(string(c)) + "." + snake(string(s)) + "." + snake(stage.Short()) + "." + persona(stage)
}

func persona(stage Stage) string {
	if stage == StageTriage {
		return "coordinator"
	}
	return "engineer"
}
