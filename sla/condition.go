package sla

import (
	"fmt"
	"slices"
	"strings"
)

// Condition is a question to a task after a fact. Exactly one of its parts is used; a condition without any is not
// set, and never holds. In JSON the part's name says which: {"field": "state", "in": ["New"]}, {"not": {…}}.
type Condition struct {
	All []Condition `json:"all,omitzero"` // all of these hold; of none: it holds
	Any []Condition `json:"any,omitzero"` // one of these holds
	Not *Condition  `json:"not,omitempty"`

	Field string   `json:"field,omitempty"` // this field of the task …
	In    []string `json:"in,omitzero"`     // … has one of these values; a field that was never set has ""

	Happened []string `json:"happened,omitzero"` // this very fact is of one of these kinds
	Ever     []string `json:"ever,omitzero"`     // this fact or one before it is of one of these kinds
}

// All holds when all of the conditions do.
func All(c ...Condition) Condition { return Condition{All: append([]Condition{}, c...)} }

// Any holds when one of the conditions does.
func Any(c ...Condition) Condition { return Condition{Any: append([]Condition{}, c...)} }

// Not holds when the condition does not.
func Not(c Condition) Condition { return Condition{Not: &c} }

// Is holds when the field has one of the values.
func Is(field string, values ...string) Condition { return Condition{Field: field, In: values} }

// Happened holds at a fact of one of the kinds, and at no other.
func Happened(kinds ...string) Condition { return Condition{Happened: kinds} }

// Ever holds from the first fact of one of the kinds on.
func Ever(kinds ...string) Condition { return Condition{Ever: kinds} }

// Bounds of a condition.
const (
	maxDepth = 16  // of conditions in conditions
	maxParts = 500 // of conditions in one, itself included
	maxWords = 200 // values or kinds in one list
)

// IsZero reports whether the condition is not set.
func (c Condition) IsZero() bool {
	return c.All == nil && c.Any == nil && c.Not == nil && c.Field == "" && c.In == nil && c.Happened == nil && c.Ever == nil
}

// holds answers for the task as the view shows it.
func (c *Condition) holds(v *view) bool {
	switch {
	case c.All != nil:
		for i := range c.All {
			if !c.All[i].holds(v) {
				return false
			}
		}
		return true
	case c.Any != nil:
		for i := range c.Any {
			if c.Any[i].holds(v) {
				return true
			}
		}
		return false
	case c.Not != nil:
		return !c.Not.holds(v)
	case c.Field != "":
		return slices.Contains(c.In, v.fields[c.Field])
	case c.Happened != nil:
		return v.kind != "" && slices.Contains(c.Happened, v.kind)
	}
	for _, kind := range c.Ever {
		if _, ok := v.first[kind]; ok {
			return true
		}
	}
	return false
}

// check verifies a condition that is set.
func (c Condition) check() *Error {
	parts := 0
	return c.checkPart(0, &parts)
}

func (c Condition) checkPart(depth int, parts *int) *Error {
	*parts++
	switch {
	case depth >= maxDepth:
		return invalid("", "is nested deeper than %d", maxDepth)
	case *parts > maxParts:
		return invalid("", "has more than %d parts", maxParts)
	}
	used := 0
	for _, set := range []bool{c.All != nil, c.Any != nil, c.Not != nil, c.Field != "" || c.In != nil, c.Happened != nil, c.Ever != nil} {
		if set {
			used++
		}
	}
	if used != 1 {
		return invalid("", "uses %d of all, any, not, field with in, happened and ever: exactly one is needed", used)
	}
	switch {
	case c.Not != nil:
		return within("not", c.Not.checkPart(depth+1, parts))
	case c.Field != "" || c.In != nil:
		if err := checkName("field", c.Field); err != nil {
			return err
		}
		return checkWords("in", c.In, true)
	case c.Happened != nil:
		return checkWords("happened", c.Happened, false)
	case c.Ever != nil:
		return checkWords("ever", c.Ever, false)
	}
	name, list := "all", c.All
	if c.Any != nil {
		name, list = "any", c.Any
	}
	for i, part := range list {
		if err := part.checkPart(depth+1, parts); err != nil {
			return within(fmt.Sprintf("%s[%d]", name, i), err)
		}
	}
	return nil
}

func checkWords(field string, words []string, empty bool) *Error {
	switch {
	case len(words) == 0:
		return invalid(field, "is empty")
	case len(words) > maxWords:
		return invalid(field, "has %d entries, at most %d are allowed", len(words), maxWords)
	}
	for i, w := range words {
		at := fmt.Sprintf("%s[%d]", field, i)
		if w != "" || !empty {
			if err := checkName(at, w); err != nil {
				return err
			}
		}
		if slices.Contains(words[:i], w) {
			return invalid(at, "%q stands there twice", w)
		}
	}
	return nil
}

// String returns the condition in words: state is one of New, "" and not (priority is 2).
func (c Condition) String() string {
	join := func(list []Condition, word, none string) string {
		if len(list) == 0 {
			return none
		}
		texts := make([]string, len(list))
		for i, part := range list {
			texts[i] = part.String()
			if len(list) > 1 && (len(part.All) > 1 || len(part.Any) > 1) {
				texts[i] = "(" + texts[i] + ")"
			}
		}
		return strings.Join(texts, word)
	}
	switch {
	case c.All != nil:
		return join(c.All, " and ", "always")
	case c.Any != nil:
		return join(c.Any, " or ", "never")
	case c.Not != nil:
		return "not (" + c.Not.String() + ")"
	case c.Field != "":
		return c.Field + " is " + words(c.In)
	case c.Happened != nil:
		return words(c.Happened) + " happens"
	case c.Ever != nil:
		return words(c.Ever) + " has happened"
	}
	return "never"
}

func words(list []string) string {
	texts := make([]string, len(list))
	for i, w := range list {
		texts[i] = w
		if w == "" {
			texts[i] = `""`
		}
	}
	if len(texts) == 1 {
		return texts[0]
	}
	return "one of " + strings.Join(texts, ", ")
}
