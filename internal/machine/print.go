package machine

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
)

// Mermaid returns the machine as a Mermaid stateDiagram-v2: states, starts,
// edges labelled with trigger and guard, and final states.
func (m *Machine[S, T]) Mermaid() string {
	var b strings.Builder
	b.WriteString("stateDiagram-v2\n")
	ids := map[S]string{}
	for _, s := range m.table.States {
		ids[s] = identifier(string(s), ids)
		if ids[s] != string(s) {
			fmt.Fprintf(&b, "    state \"%s\" as %s\n", mermaidText.Replace(string(s)), ids[s])
		}
	}
	for _, s := range m.table.Starts {
		fmt.Fprintf(&b, "    [*] --> %s\n", ids[s])
	}
	for _, e := range m.table.Edges {
		label := string(e.On)
		if g := (guard{e.If, e.Unless}).String(); g != "" {
			label += " [" + g + "]"
		}
		fmt.Fprintf(&b, "    %s --> %s : %s\n", ids[e.From], ids[e.To], mermaidText.Replace(label))
	}
	for _, s := range m.table.Final {
		fmt.Fprintf(&b, "    %s --> [*]\n", ids[s])
	}
	return b.String()
}

// Markdown returns the machine as a Markdown table: a row for each edge, then
// one for each refusal, then one for each final state.
func (m *Machine[S, T]) Markdown() string {
	var b strings.Builder
	line := func(cells ...string) {
		for i, c := range cells {
			cells[i] = markdownText.Replace(c)
		}
		b.WriteString("| " + strings.Join(cells, " | ") + " |\n")
	}
	line("From", "Trigger", "When", "To", "Who may", "Requires", "What follows")
	b.WriteString("|---|---|---|---|---|---|---|\n")
	for _, e := range m.table.Edges {
		line(string(e.From), string(e.On), guard{e.If, e.Unless}.String(), string(e.To),
			strings.Join(e.Who, ", "), strings.Join(e.Requires, ", "), strings.Join(e.Follows, ", "))
	}
	for _, r := range m.table.Refused {
		line(strings.Join(strs(r.From), ", "), strings.Join(strs(r.On), ", "), guard{r.If, r.Unless}.String(), "refused: "+r.Why, "", "", "")
	}
	for _, s := range m.table.Final {
		line(string(s), "any", "", "refused: "+string(s)+" is final", "", "", "")
	}
	return b.String()
}

// String returns "if a and b, unless c or d", or nothing for a guard that
// always holds.
func (g guard) String() string {
	var parts []string
	if len(g.all) > 0 {
		parts = append(parts, "if "+strings.Join(strs(g.all), " and "))
	}
	if len(g.none) > 0 {
		parts = append(parts, "unless "+strings.Join(strs(g.none), " or "))
	}
	return strings.Join(parts, ", ")
}

// Mermaid ends a label at these, so they are written as its entity codes.
var mermaidText = strings.NewReplacer("#", "#35;", ";", "#59;", ":", "#58;", `"`, "#quot;")

var markdownText = strings.NewReplacer(`\`, `\\`, "|", `\|`, "<", "&lt;", "\r", " ", "\n", " ")

// identifier makes an identifier for Mermaid of a state's name, other than
// those taken. A lone keyword of Mermaid gets an underscore as well.
func identifier[S ~string](name string, taken map[S]string) string {
	id := strings.Map(func(r rune) rune {
		if r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r)) {
			return r
		}
		return '_'
	}, name)
	if slices.Contains([]string{"state", "note", "end", "as", "direction", "class", "classdef", "style"}, strings.ToLower(id)) {
		id += "_"
	}
	for base, n := id, 2; slices.Contains(slices.Collect(maps.Values(taken)), id); n++ {
		id = fmt.Sprintf("%s_%d", base, n)
	}
	return id
}
