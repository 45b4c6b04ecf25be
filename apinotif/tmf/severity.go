package tmf

import (
	"strings"

	"github.com/forewarn-go/forewarn/ticket"
)

var priorities = []struct {
	label string
	words []string // what severities mean it, in lower case
}{
	{"1 - Critical", []string{"1", "critical"}},
	{"2 - High", []string{"2", "high", "major"}},
	{"3 - Moderate", []string{"3", "moderate", "medium", "minor"}},
	{"4 - Low", []string{"4", "low"}},
	{"5 - Planning", []string{"5", "planning"}},
}

// PriorityLabel returns the label of a priority from 1 to 5, as "2 - High", and "" for any other number.
func PriorityLabel(priority int) string {
	if priority < 1 || priority > len(priorities) {
		return ""
	}
	return priorities[priority-1].label
}

// SeverityPriority returns the priority, from 1 to 5, that a severity sets.
// TMF621 leaves the text free: 1 and Critical mean 1; 2, High and Major 2; 3,
// Moderate, Medium and Minor 3; 5 and Planning 5; a label means its number; any
// other text means 4. Letter case and surrounding blanks do not count.
func SeverityPriority(severity string) int {
	word := strings.ToLower(strings.TrimSpace(severity))
	if number, label, both := strings.Cut(word, "-"); both { // a label in any spacing
		word = strings.TrimSpace(number) + " - " + strings.TrimSpace(label)
	}
	for i, p := range priorities {
		if word == strings.ToLower(p.label) {
			return i + 1
		}
		for _, w := range p.words {
			if word == w {
				return i + 1
			}
		}
	}
	return 4
}

// Severity returns what a ticket answers as its severity: the text that an
// outside system gave it, or the label of its priority.
func Severity(s ticket.Snapshot) string {
	if s.Severity != "" {
		return s.Severity
	}
	return PriorityLabel(s.Priority)
}
