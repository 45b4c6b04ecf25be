package main

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// reason returns why the requirement has no test; empty when nothing says it.
func (c *coverage) reason(i id) string {
	if text, ok := c.absences.pending[i]; ok {
		return text
	}
	if text, ok := c.absences.exact[i]; ok {
		return text
	}
	return c.absences.areas[i.area]
}

// problems says what is wrong in the repository itself.
func (c *coverage) problems() []string {
	problems := slices.Clone(c.mistakes)
	known := func(ids []id, what string) {
		sortIDs(ids)
		for _, i := range ids {
			if _, ok := c.requirements[i]; !ok {
				problems = append(problems, fmt.Sprintf("%s %s, which is no requirement of %s", what, i.text, requirementsFile))
			}
		}
	}
	covered := slices.Collect(maps.Keys(c.tests))
	sortIDs(covered)
	for _, i := range covered {
		if _, ok := c.requirements[i]; !ok {
			problems = append(problems, fmt.Sprintf("%v covers %s, which is no requirement of %s", c.tests[i][0], i.text, requirementsFile))
		}
	}
	known(slices.Collect(maps.Keys(c.absences.exact)), absencesFile+" names")
	known(slices.Collect(maps.Keys(c.absences.pending)), absencesFile+" names")
	for _, i := range c.ids() {
		if len(c.tests[i]) == 0 && c.reason(i) == "" {
			problems = append(problems, fmt.Sprintf("%s has neither a test nor a reason for its absence", i.text))
		}
	}
	return problems
}

// ids lists the requirements in the order of the page.
func (c *coverage) ids() []id {
	ids := slices.Collect(maps.Keys(c.requirements))
	sortIDs(ids)
	return ids
}

var firstColumn = regexp.MustCompile(`(?m)^\|\s*([A-Z]+-[0-9]+|S[0-9]+)\s*\|`)

// specified reads the IDs in the first column of the tables of a specification.
func specified(folder string) ([]id, error) {
	files, err := filepath.Glob(filepath.Join(folder, "*.md"))
	if err != nil {
		return nil, err
	}
	var ids []id
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		for _, m := range firstColumn.FindAllStringSubmatch(string(text), -1) {
			i, err := parseID(m[1])
			if err != nil {
				return nil, fmt.Errorf("%s: %w", filepath.Base(file), err)
			}
			ids = append(ids, i)
		}
	}
	if len(ids) == 0 {
		return nil, fmt.Errorf("%s holds no specification", folder)
	}
	sortIDs(ids)
	return slices.Compact(ids), nil
}

// against compares the requirements with the IDs of the specification.
func (c *coverage) against(spec []id) []string {
	var problems []string
	for _, i := range spec {
		if _, ok := c.requirements[i]; !ok {
			problems = append(problems, fmt.Sprintf("%s stands in the specification and not in %s", i.text, requirementsFile))
		}
	}
	for _, i := range c.ids() {
		if !slices.Contains(spec, i) {
			problems = append(problems, fmt.Sprintf("%s stands in %s and not in the specification", i.text, requirementsFile))
		}
	}
	return problems
}

// unshown lists the requirements that have tests, none of which is among those that passed.
func (c *coverage) unshown(passed []string) []string {
	did := map[string]bool{}
	for _, name := range passed {
		did[name] = true
	}
	var missing []string
	for _, i := range c.ids() {
		tests := c.tests[i]
		if len(tests) == 0 || slices.ContainsFunc(tests, func(t test) bool { return did[t.full()] }) {
			continue
		}
		var names []string
		for _, t := range tests {
			names = append(names, t.String())
		}
		missing = append(missing, i.text+": "+strings.Join(names, ", "))
	}
	return missing
}
