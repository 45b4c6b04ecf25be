package main

import (
	"fmt"
	"strings"
)

// page writes the whole of docs/spec-coverage.md.
func (c *coverage) page() string {
	var b strings.Builder
	b.WriteString("# What is required, and what shows it\n\n")
	b.WriteString("Written by `make spec` from the `Covers:` lines of the tests, " +
		"[spec-requirements.txt](spec-requirements.txt) and [spec-absences.txt](spec-absences.txt): do not edit it by hand. " +
		"A test fails when it is stale.\n\n")
	b.WriteString(c.counts() + "\n")
	for _, area := range areas {
		rows := 0
		for _, i := range c.ids() {
			if i.area != area.name {
				continue
			}
			if rows++; rows == 1 {
				fmt.Fprintf(&b, "\n## %s\n\n| ID | Requirement | Shown by |\n|---|---|---|\n", area.title)
			}
			fmt.Fprintf(&b, "| %s | %s | %s |\n", i.text, cell(c.requirements[i]), c.shownBy(i))
		}
	}
	return b.String()
}

// counts sums the page up in one line.
func (c *coverage) counts() string {
	covered, pending, absent := 0, 0, 0
	for _, i := range c.ids() {
		switch _, waits := c.absences.pending[i]; {
		case len(c.tests[i]) > 0:
			covered++
		case waits:
			pending++
		default:
			absent++
		}
	}
	return fmt.Sprintf("%d requirements: %d shown by tests, %d pending, %d absent for a reason.",
		len(c.requirements), covered, pending, absent)
}

func (c *coverage) shownBy(i id) string {
	var names []string
	for _, t := range c.tests[i] {
		names = append(names, "`"+t.String()+"`")
	}
	if len(names) > 0 {
		return strings.Join(names, ", ")
	}
	if text, ok := c.absences.pending[i]; ok {
		return "*pending:* " + cell(text)
	}
	if text := c.reason(i); text != "" {
		return "*absent:* " + cell(text)
	}
	return "**nothing**"
}

// cell keeps a text within its column.
func cell(text string) string { return strings.ReplaceAll(text, "|", `\|`) }
