package psew

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/forewarn-go/forewarn"
)

// Category and Subcategory say what has broken. They are kept in the spelling
// of the constants, and read in any spelling of case, spaces and dashes.
type (
	Category    string
	Subcategory string
)

// The base system's category and its subcategories.
const (
	SDWAN Category = "SD-WAN"

	LinkFailure        Subcategory = "Link failure"
	DeviceFailure      Subcategory = "Device failure"
	ProtocolFailure    Subcategory = "Protocol failure"
	SoftWANLinkFailure Subcategory = "Soft-WAN link failure"
	SoftwareFailure    Subcategory = "Software failure"
)

// Categories are the choices: which subcategories each category has.
type Categories map[Category][]Subcategory

// DefaultCategories returns those of the base system.
func DefaultCategories() Categories {
	return Categories{SDWAN: {LinkFailure, DeviceFailure, ProtocolFailure, SoftWANLinkFailure, SoftwareFailure}}
}

// Parse returns category and subcategory in their own spelling, or an
// ErrInvalid that names the field: an unknown category, or a subcategory that
// the category does not have. Both may be empty; a subcategory needs a category.
func (c Categories) Parse(category, subcategory string) (Category, Subcategory, error) {
	if fold(category) == "" {
		if fold(subcategory) != "" {
			return "", "", forewarn.Invalid("category", "is missing beside subcategory %q", subcategory)
		}
		return "", "", nil
	}
	for known, subs := range c {
		if fold(string(known)) != fold(category) {
			continue
		}
		if fold(subcategory) == "" {
			return known, "", nil
		}
		for _, sub := range subs {
			if fold(string(sub)) == fold(subcategory) {
				return known, sub, nil
			}
		}
		return "", "", forewarn.Invalid("subcategory", "%q is none of category %s", subcategory, known)
	}
	return "", "", forewarn.Invalid("category", "%q is none", category)
}

// Check returns an ErrInvalid, field "config.categories", for a category or a subcategory of a category that is empty or
// stands twice, in whichever spelling.
func (c Categories) Check() error {
	twice := func(seen map[string]bool, name, of string) error {
		folded := fold(name)
		if folded == "" || seen[folded] {
			return forewarn.Invalid("config.categories", "%q%s is empty, or stands twice in different spellings", name, of)
		}
		seen[folded] = true
		return nil
	}
	categories := map[string]bool{}
	for _, category := range slices.Sorted(maps.Keys(c)) {
		if err := twice(categories, string(category), ""); err != nil {
			return err
		}
		subs := map[string]bool{}
		for _, sub := range c[category] {
			if err := twice(subs, string(sub), " of "+string(category)); err != nil {
				return err
			}
		}
	}
	return nil
}

// fold takes away what spellings differ in, as the loose types of package decision do: case, white space, dashes and
// underscores.
func fold(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '_' || unicode.IsSpace(r) || unicode.Is(unicode.Pd, r) {
			return -1
		}
		return unicode.ToLower(r)
	}, s)
}

// Stage is how far up an incident has been escalated. It is empty before the first decision.
type Stage string

// The stages.
const (
	NoStage         Stage = ""
	StageTriage     Stage = "Triage"
	StageL1         Stage = "L1 investigation"
	StageL2         Stage = "L2 investigation"
	StageL3         Stage = "L3 investigation"
	StageResolution Stage = "Resolution" // entered by resolving alone
)

// Stages returns the five stages in their order.
func Stages() []Stage { return []Stage{StageTriage, StageL1, StageL2, StageL3, StageResolution} }

// ParseStage returns a stage in its own spelling, from any, and from Short.
func ParseStage(s string) (Stage, error) {
	if fold(s) == "" {
		return NoStage, nil
	}
	for _, stage := range Stages() {
		if fold(s) == fold(string(stage)) || fold(s) == fold(stage.Short()) {
			return stage, nil
		}
	}
	return NoStage, forewarn.Invalid("stage", "%q is none", s)
}

// Short returns Triage, L1, L2, L3 or Resolution.
func (s Stage) Short() string { return strings.TrimSuffix(string(s), " investigation") }

// Works reports whether a group works at this stage, and so has a task.
func (s Stage) Works() bool { return s != NoStage && s != StageResolution }

// UnmarshalText refuses what is no stage.
func (s *Stage) UnmarshalText(b []byte) error { return known(s, b, append(Stages(), NoStage)...) }

// known sets an enumeration that was kept, and refuses a value that is none.
func known[T ~string](to *T, b []byte, values ...T) error {
	if !slices.Contains(values, T(b)) {
		return fmt.Errorf("psew: %q is no %T", b, *to)
	}
	*to = T(b)
	return nil
}
