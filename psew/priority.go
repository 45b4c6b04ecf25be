package psew

import (
	"fmt"
	"strings"

	"github.com/forewarn-go/forewarn"
)

// Priority is 1 - Critical to 5 - Planning.
type Priority int

// The priorities.
const (
	Critical Priority = 1 + iota
	High
	Moderate
	Low
	Planning
)

var priorityNames = [...]string{"", "Critical", "High", "Moderate", "Low", "Planning"}

// String returns the label, as "1-Critical".
func (p Priority) String() string {
	if p < Critical || p > Planning {
		return fmt.Sprintf("Priority(%d)", int(p))
	}
	return fmt.Sprintf("%d-%s", int(p), priorityNames[p])
}

// Matrix gives the priority of an impact and an urgency, each 1 (high) to 3 (low): Matrix[impact-1][urgency-1].
type Matrix [3][3]Priority

// DefaultMatrix returns the usual one: the sum of impact and urgency less one.
func DefaultMatrix() Matrix {
	return Matrix{{Critical, High, Moderate}, {High, Moderate, Low}, {Moderate, Low, Planning}}
}

// Of returns the priority, or an ErrInvalid that names impact or urgency.
func (m Matrix) Of(impact, urgency int) (Priority, error) {
	if impact < 1 || impact > 3 {
		return 0, forewarn.Invalid("impact", "is 1, 2 or 3, not %d", impact)
	}
	if urgency < 1 || urgency > 3 {
		return 0, forewarn.Invalid("urgency", "is 1, 2 or 3, not %d", urgency)
	}
	return m[impact-1][urgency-1], nil
}

// Pair returns the first impact and urgency that give a priority; 3 and 3 when none does.
func (m Matrix) Pair(p Priority) (impact, urgency int) {
	for i := range m {
		for j := range m[i] {
			if m[i][j] == p {
				return i + 1, j + 1
			}
		}
	}
	return 3, 3
}

// Check returns an ErrInvalid unless every entry is a priority, and none rises with impact or urgency falling.
func (m Matrix) Check() error {
	for i := range m {
		for j := range m[i] {
			p := m[i][j]
			if p < Critical || p > Planning {
				return forewarn.Invalid("matrix", "%d at impact %d and urgency %d is no priority", int(p), i+1, j+1)
			}
			if i > 0 && m[i-1][j] > p || j > 0 && m[i][j-1] > p {
				return forewarn.Invalid("matrix", "priority rises although impact or urgency falls, at impact %d and urgency %d", i+1, j+1)
			}
		}
	}
	return nil
}

// ParseSeverity reads what an outside system calls the severity of a fault: a number from 1 to 5, its word, or both, as "1 - Critical". Any other text
// means 4 - Low.
func ParseSeverity(s string) Priority {
	word := strings.ToLower(strings.TrimSpace(s))
	if number, label, both := strings.Cut(word, "-"); both {
		for p := Critical; p <= Planning; p++ {
			if strings.TrimSpace(number) == itoa(int(p)) && strings.TrimSpace(label) == strings.ToLower(priorityNames[p]) {
				return p
			}
		}
	}
	switch word {
	case "1", "critical":
		return Critical
	case "2", "high", "major":
		return High
	case "3", "moderate", "medium", "minor":
		return Moderate
	case "5", "planning":
		return Planning
	}
	return Low
}
