package sla

import (
	"fmt"
	"maps"
	"slices"
)

// Domain says which values fields may have, for Lint. A field that is not in it may have any.
type Domain struct {
	Fields map[string][]string
	Cover  []string // fields of which every value should have a clock of each kind
}

// CaseDomain is that of technology product support cases: priorities 1 to 4, which should be covered, and the states.
func CaseDomain() Domain {
	return Domain{Fields: map[string][]string{
		"priority":  {"1", "2", "3", "4"},
		"state":     {"Draft", "New", "Work in Progress", "Awaiting Info", "Solution Proposed", "Closed", "Cancelled"},
		"proactive": {"", "true", "false"},
	}, Cover: []string{"priority"}}
}

// Finding is what Lint has to say of definitions. Rules are verified without it: a finding is no error.
type Finding struct {
	Definition string `json:"definition,omitempty"` // "": of a kind as a whole
	Rule       string `json:"rule"`                 // one of the Lint constants
	Text       string `json:"text"`
}

// String returns the finding on one line.
func (f Finding) String() string {
	if f.Definition == "" {
		return f.Rule + ": " + f.Text
	}
	return f.Definition + ": " + f.Rule + ": " + f.Text
}

// What Lint finds.
const (
	LintUncovered    = "uncovered"     // no clock of the kind ever begins for a value of a field to be covered
	LintNeverBegins  = "never_begins"  // no task can meet start without meeting stop or cancel
	LintNeverPauses  = "never_pauses"  // whenever pause or hold holds, the clock ends first
	LintOverlap      = "overlap"       // two definitions of a kind begin for the same task
	LintBeginsAgain  = "begins_again"  // a clock that was stopped begins anew at the next fact, whatever that is
	LintUnknownValue = "unknown_value" // a condition asks for a value that the field never has
	LintTooLarge     = "too_large"     // the conditions have too many combinations to try
)

// maxTries bounds the combinations of values and kinds that are tried for one question.
const maxTries = 1 << 18

// Lint tells what definitions say that their author can hardly mean. It tries every combination of the values and kinds
// that the conditions tell apart, so what it finds is certain, and what is too large for that it says.
func Lint(definitions []Definition, domain Domain) []Finding {
	l := linter{domain: domain}
	for i := range definitions {
		l.definition(&definitions[i])
	}
	l.kinds(definitions)
	return l.found
}

type linter struct {
	domain Domain
	found  []Finding
}

func (l *linter) find(d *Definition, rule, format string, args ...any) {
	f := Finding{Rule: rule, Text: fmt.Sprintf(format, args...)}
	if d != nil {
		f.Definition = d.ID
	}
	if !slices.Contains(l.found, f) {
		l.found = append(l.found, f)
	}
}

func (l *linter) definition(d *Definition) {
	for _, c := range d.conditions() {
		c.walk(func(part *Condition) {
			known, ok := l.domain.Fields[part.Field]
			for _, value := range part.In {
				if ok && !slices.Contains(known, value) {
					l.find(d, LintUnknownValue, "%s asks whether %s is %q, which it never is", c.name, part.Field, value)
				}
			}
		})
	}
	if !l.can(d, true, d.begins, d) {
		l.find(d, LintNeverBegins, "start never holds where stop and cancel do not")
		return
	}
	for _, c := range []condition{{"pause", &d.Pause}, {"hold", &d.Hold}} {
		if c.IsZero() {
			continue
		}
		ends := func(v *view) string {
			for _, x := range []condition{{"stop", &d.Stop}, {"reset", &d.Reset}, {"cancel", &d.Cancel}} {
				if x.holds(v) {
					return x.name
				}
			}
			return ""
		}
		if l.can(d, true, func(v *view) bool { return c.holds(v) && ends(v) == "" }, d) {
			continue
		}
		first := ""
		l.can(d, true, func(v *view) bool {
			if c.holds(v) {
				first = ends(v)
			}
			return first != ""
		}, d)
		if first == "" {
			l.find(d, LintNeverPauses, "%s never holds", c.name)
		} else {
			l.find(d, LintNeverPauses, "whenever %s holds, %s does too and comes first", c.name, first)
		}
	}
	if l.can(d, false, func(v *view) bool {
		if !d.Stop.holds(v) {
			return false
		}
		next := *v // the same task at a fact of another kind
		next.kind = ""
		return d.begins(&next)
	}, d) {
		l.find(d, LintBeginsAgain, "stop can hold at one fact alone, and start still holds after it")
	}
}

// kinds looks at the definitions of one kind together.
func (l *linter) kinds(all []Definition) {
	type key struct {
		task string
		kind Kind
	}
	groups, order := map[key][]*Definition{}, []key{}
	for i := range all {
		k := key{all[i].Task, all[i].Kind}
		if groups[k] == nil {
			order = append(order, k)
		}
		groups[k] = append(groups[k], &all[i])
	}
	for _, k := range order {
		for _, field := range l.domain.Cover {
			l.cover(k.task, k.kind, field, groups[k])
		}
		for i, a := range groups[k] {
			for _, b := range groups[k][:i] {
				if a.ID != b.ID && l.can(a, false, func(v *view) bool { return a.begins(v) && b.begins(v) }, a, b) {
					l.find(a, LintOverlap, "begins for tasks for which %s begins too", b.ID)
				}
			}
		}
	}
}

func (l *linter) cover(task string, kind Kind, field string, group []*Definition) {
	for _, value := range l.domain.Fields[field] {
		covered := slices.ContainsFunc(group, func(d *Definition) bool {
			return l.can(d, true, func(v *view) bool {
				given, told := v.fields[field]
				return (!told || given == value) && d.begins(v)
			}, d)
		})
		if !covered {
			l.find(nil, LintUncovered, "%s %s of a %s has no clock of kind %s", field, value, task, kind)
		}
	}
}

// walk visits a condition and all that it is made of.
func (c *Condition) walk(visit func(*Condition)) {
	visit(c)
	for i := range c.All {
		c.All[i].walk(visit)
	}
	for i := range c.Any {
		c.Any[i].walk(visit)
	}
	if c.Not != nil {
		c.Not.walk(visit)
	}
}

// can reports whether some task, at some fact, makes the question true, of all that the conditions of the definitions
// tell apart. When there are too many to try, that is found, and the answer is the other one.
func (l *linter) can(d *Definition, otherwise bool, question func(*view) bool, of ...*Definition) bool {
	s := l.space(of)
	if !s.small() {
		l.find(d, LintTooLarge, "its conditions have more than %d combinations, so some questions were not asked", maxTries)
		return otherwise
	}
	v := newView()
	return s.try(&v, 0, question)
}

// space is what conditions tell apart.
type space struct {
	names  []string            // of fields, in order
	values map[string][]string // of each
	kinds  []string
}

func (l *linter) space(of []*Definition) space {
	s := space{values: map[string][]string{}}
	kinds := map[string]bool{}
	for _, d := range of {
		for _, c := range d.conditions() {
			c.walk(func(part *Condition) {
				for _, list := range [][]string{part.Happened, part.Ever} {
					for _, kind := range list {
						kinds[kind] = true
					}
				}
				if part.Field == "" {
					return
				}
				if known, ok := l.domain.Fields[part.Field]; ok {
					s.values[part.Field] = known
					return
				}
				for _, value := range append([]string{"", "\x00 any other"}, part.In...) {
					if !slices.Contains(s.values[part.Field], value) {
						s.values[part.Field] = append(s.values[part.Field], value)
					}
				}
			})
		}
	}
	s.names = slices.Sorted(maps.Keys(s.values))
	s.kinds = slices.Sorted(maps.Keys(kinds))
	return s
}

func (s space) small() bool {
	n := len(s.kinds) + 1
	for range s.kinds {
		if n *= 2; n > maxTries {
			return false
		}
	}
	for _, name := range s.names {
		if n *= len(s.values[name]); n > maxTries {
			return false
		}
	}
	return true
}

// try goes through the values of the fields from number i on, and then through the kinds.
func (s space) try(v *view, i int, question func(*view) bool) bool {
	if i < len(s.names) {
		for _, value := range s.values[s.names[i]] {
			v.fields[s.names[i]] = value
			if s.try(v, i+1, question) {
				return true
			}
		}
		return false
	}
	for ever := range 1 << len(s.kinds) {
		clear(v.first)
		for k, kind := range s.kinds {
			if ever>>k&1 == 1 {
				v.first[kind] = 0
			}
		}
		for k := -1; k < len(s.kinds); k++ {
			v.kind = ""
			if k >= 0 {
				if v.kind = s.kinds[k]; ever>>k&1 == 0 {
					continue // what happens has happened
				}
			}
			if question(v) {
				return true
			}
		}
	}
	return false
}
