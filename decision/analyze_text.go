package decision

import "strings"

// Text returns the analysis as people read it: what is proved in the first
// lines, then a line for each finding with its box and its example.
func (a Analysis) Text() string {
	var b strings.Builder
	b.WriteString(a.Table)
	if a.Version != "" {
		b.WriteString(", version " + a.Version)
	}
	b.WriteString(", " + a.HitPolicy + ", " + count(a.Inputs, "input") + ", " + count(a.Rules, "rule") + "\n")
	switch {
	case a.Complete && a.Disjoint:
		b.WriteString("Every input is matched by exactly one rule.\n")
	case a.Complete:
		b.WriteString("Every input is matched by a rule.\n")
	case a.Disjoint:
		b.WriteString("No input is matched by two rules.\n")
	}
	if len(a.Findings) == 0 {
		b.WriteString("Nothing else was found.\n")
	}
	for _, f := range a.Findings {
		b.WriteString("  " + f.text() + "\n")
	}
	for _, kind := range findingKinds {
		if n := a.Omitted[kind]; n > 0 {
			b.WriteString("  " + string(kind) + ": " + itoa(n) + " more\n")
		}
	}
	return b.String()
}

func (f Finding) text() string {
	var b strings.Builder
	if f.Defect {
		b.WriteString("defect, ")
	}
	b.WriteString(string(f.Kind) + ": " + f.Message)
	var where []string
	for _, side := range f.Box {
		if !side.Cell.IsAny() {
			where = append(where, side.Input+" "+side.Condition)
		}
	}
	if len(where) > 0 {
		b.WriteString("; where " + strings.Join(where, " and "))
	}
	if len(f.Example) > 0 {
		var values []string
		for _, in := range f.Example {
			values = append(values, in.Name+" = "+in.Value.String())
		}
		b.WriteString("; for example " + strings.Join(values, ", "))
	}
	return b.String()
}
