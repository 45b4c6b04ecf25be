package psew

import (
	"errors"
	"maps"
	"slices"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/decision"
)

// maxGaps bounds the warnings of what a policy leaves open.
const maxGaps = 20

// study proves what can be said of a policy whose rows may each stand by itself (DEC-025). It returns an ErrInvalid that names the first row that fits what
// another fits, or that never fires, with an incident that shows it; and in words what no row fits, for each category that the policy has, and for that of
// the workflow.
func (t Table) study(categories Categories, flows Flows) (gaps []string, err error) {
	parts := map[Category][]int{} // rows, from 0
	if _, ok := categories[SDWAN]; ok {
		parts[SDWAN] = nil
	}
	for n, r := range t.Rules {
		category, _, err := categories.Parse(r.Category, r.Subcategory)
		if err != nil {
			return nil, inRule(n+1, err)
		}
		parts[category] = append(parts[category], n)
	}
	first, more := 0, 0
	for _, category := range slices.Sorted(maps.Keys(parts)) {
		rows := parts[category]
		if len(rows) == 0 {
			gaps = append(gaps, "no row of the policy fits category "+quote(category)+": an incident of the workflow gets no level")
			continue
		}
		part := t.part(category, rows, categories, flows)
		a, failed := decision.Analyze(part)
		if failed != nil && !errors.Is(failed, decision.ErrLimit) {
			return nil, forewarn.Invalid("policy", "%v", failed)
		}
		for _, f := range a.Findings {
			row, bad := 0, error(nil)
			switch f.Kind {
			case decision.FoundOverlap:
				row = rows[f.Rules[1]-1] + 1
				bad = forewarn.Invalid("", "fits the same incidents as rule %d, as one of %s", rows[f.Rules[0]-1]+1, example(f))
			case decision.FoundOutside, decision.FoundUnreachable:
				row = rows[f.Rules[0]-1] + 1
				bad = forewarn.Invalid(f.Column, "never fires: no incident that can be escalated has %s %q", f.Column, t.Rules[row-1].condition(f.Column))
			case decision.FoundGap:
				if len(gaps) < maxGaps {
					gaps = append(gaps, gap(part, f))
				} else {
					more++
				}
			}
			if bad != nil && (first == 0 || row < first) {
				first, err = row, inRule(row, bad)
			}
		}
		more += a.Omitted[decision.FoundGap]
		if failed != nil {
			gaps = append(gaps, "the rows of category "+quote(category)+" could not be looked through to the end: "+failed.Error())
		}
	}
	if more > 0 {
		gaps = append(gaps, "and "+itoa(more)+" more sorts of incidents that no row of the policy fits")
	}
	return gaps, err
}

// part makes a table of the rows of a category, whose inputs have the values that an incident of it may have where it is escalated: its subcategories, and
// the stages that the policy leads to or names. None but the empty one where the rows name it, and L3 alike, since nobody stands behind it.
func (t Table) part(category Category, rows []int, categories Categories, flows Flows) decision.Table {
	all := t.decision()
	part := all
	part.Rules = make([]decision.Rule, len(rows))
	subcategories, named, leads := []string{}, map[Stage]bool{}, map[Stage][]Stage{}
	for _, sub := range categories[category] {
		if !slices.ContainsFunc(subcategories, func(s string) bool { return fold(s) == fold(string(sub)) }) {
			subcategories = append(subcategories, string(sub))
		}
	}
	withNone := len(subcategories) == 0
	for n, row := range rows {
		part.Rules[n] = all.Rules[row]
		r := t.Rules[row]
		withNone = withNone || fold(r.Subcategory) == ""
		from, _ := ParseStage(r.Stage) // checked before
		flow, _ := flows.Subflow(r.Flow)
		named[from] = true
		leads[from] = append(leads[from], flow.Stage)
	}
	if withNone {
		subcategories = append(subcategories, "")
	}
	reached := []Stage{NoStage}
	for n := 0; n < len(reached); n++ {
		for _, to := range leads[reached[n]] {
			if !slices.Contains(reached, to) {
				reached = append(reached, to)
			}
		}
	}
	var stages []string
	for _, stage := range append([]Stage{NoStage}, Stages()...) {
		if named[stage] && stage != StageResolution || slices.Contains(reached, stage) && stage.next() {
			stages = append(stages, string(stage))
		}
	}
	part.Inputs = []decision.Input{{Name: "category", Type: decision.LooseEnum, Allowed: decision.OneOfTexts(string(category))},
		{Name: "subcategory", Type: decision.LooseEnum, Allowed: decision.OneOfTexts(subcategories...)},
		{Name: "stage", Type: decision.LooseEnum, Allowed: decision.OneOfTexts(stages...)}}
	return part
}

// next reports whether somebody stands behind the stage.
func (s Stage) next() bool { return s != StageL3 && s != StageResolution }

// condition returns what a row says of an input.
func (r Rule) condition(input string) string {
	switch input {
	case "category":
		return r.Category
	case "subcategory":
		return r.Subcategory
	}
	return r.Stage
}

// gap says in words what no row fits.
func gap(part decision.Table, f decision.Finding) string {
	sides := make([]string, len(f.Box))
	for n, side := range f.Box {
		switch one := len(part.Inputs[n].Allowed.Tests) == 1; {
		case one:
			sides[n] = side.Input + " " + quote(f.Example[n].Value.Text())
		case side.Cell.IsAny():
			sides[n] = "any " + side.Input
		default:
			sides[n] = side.Input + " " + shown(side.Condition)
		}
	}
	text, shows := listed(sides), example(f)
	said := "no row of the policy fits " + text + ": such an incident cannot be escalated"
	if text != shows {
		said += ", as one of " + shows
	}
	return said
}

// example is an incident that shows a finding.
func example(f decision.Finding) string {
	values := make([]string, len(f.Example))
	for n, in := range f.Example {
		values[n] = in.Name + " " + quote(in.Value.Text())
	}
	return listed(values)
}

// listed is a list of three in words.
func listed(of []string) string {
	text := ""
	for n, s := range of {
		switch {
		case n > 0 && n == len(of)-1:
			text += " and "
		case n > 0:
			text += ", "
		}
		text += s
	}
	return text
}
