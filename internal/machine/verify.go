package machine

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// verifier collects the faults of one table.
type verifier[S, T ~string] struct {
	Table[S, T]
	faults []Fault
}

func verify[S, T ~string](t Table[S, T], rows map[pair[S, T]][]row[S, T], words Words) []Fault {
	v := &verifier[S, T]{Table: t}
	v.names()
	v.declared()
	v.words(words)
	v.reachable()
	v.finals()
	for _, s := range t.States {
		if slices.Contains(t.Final, s) {
			continue // finals has said what is wrong there
		}
		for _, on := range t.Triggers {
			v.decided(s, on, rows[pair[S, T]{s, on}])
		}
	}
	return v.faults
}

func (v *verifier[S, T]) fault(rule string, s S, on T, format string, args ...any) {
	v.faults = append(v.faults, Fault{rule, string(s), string(on), fmt.Sprintf(format, args...)})
}

// names checks that everything has a name to print, and stands once.
func (v *verifier[S, T]) names() {
	if !showable(v.Name) {
		v.fault(Name, "", "", "the table needs a name of one line, not %q", v.Name)
	}
	if len(v.Starts) == 0 {
		v.fault(NoStart, "", "", "the table needs a state to start in")
	}
	list := func(what string, names []string) {
		for i, x := range names {
			if !showable(x) {
				v.fault(Name, "", "", "%q among the %s is no name of one line", x, what)
			}
			if slices.Index(names, x) < i {
				v.fault(Duplicate, "", "", "%q stands twice among the %s", x, what)
			}
		}
	}
	list("states", strs(v.States))
	list("triggers", strs(v.Triggers))
	list("starts", strs(v.Starts))
	list("final states", strs(v.Final))
}

// declared checks that the rows speak of states and triggers of the table.
func (v *verifier[S, T]) declared() {
	check := func(where string, states []S, triggers []T) {
		for _, s := range states {
			if !slices.Contains(v.States, s) {
				v.fault(Undeclared, s, "", "%s, but is not among the states", where)
			}
		}
		for _, on := range triggers {
			if !slices.Contains(v.Triggers, on) {
				v.fault(Undeclared, "", on, "%s, but is not among the triggers", where)
			}
		}
	}
	check("is a start", v.Starts, nil)
	check("is final", v.Final, nil)
	for _, e := range v.Edges {
		check(fmt.Sprintf("stands in the edge from %q on %q to %q", e.From, e.On, e.To), []S{e.From, e.To}, []T{e.On})
	}
	for i, r := range v.Refused {
		check(fmt.Sprintf("stands in refusal %d", i+1), r.From, r.On)
		if !showable(r.Why) || len(r.From) == 0 || len(r.On) == 0 {
			v.fault(NoReason, "", "", "refusal %d, of %v in %v, must name triggers, states and a reason of one line, not %q", i+1, r.On, r.From, r.Why)
		}
	}
}

// words checks that the rows use words that the code knows.
func (v *verifier[S, T]) words(known Words) {
	check := func(s S, on T, what string, used, known []string) {
		for i, x := range used {
			if known != nil && !slices.Contains(known, x) {
				v.fault(UnknownWord, s, on, "%s %q is not known; there are %s", what, x, quoted(known))
			}
			if slices.Index(used, x) < i {
				v.fault(Duplicate, s, on, "%s %q stands twice", what, x)
			}
		}
	}
	facts := strs(known.Facts)
	if known.Facts == nil {
		facts = nil
	}
	guarded := func(s S, on T, g guard) {
		check(s, on, "fact", strs(g.all), facts)
		check(s, on, "fact", strs(g.none), facts)
		for _, f := range g.all {
			if slices.Contains(g.none, f) {
				v.fault(BadGuard, s, on, "fact %q can not be both true and false", f)
			}
		}
	}
	for _, e := range v.Edges {
		guarded(e.From, e.On, guard{e.If, e.Unless})
		check(e.From, e.On, "who", e.Who, known.Who)
		check(e.From, e.On, "requirement", e.Requires, known.Requires)
		check(e.From, e.On, "effect", e.Follows, known.Follows)
	}
	for _, r := range v.Refused {
		if len(r.From) > 0 && len(r.On) > 0 {
			guarded(r.From[0], r.On[0], guard{r.If, r.Unless})
		}
	}
}

// reachable checks that edges lead to every state from a start.
func (v *verifier[S, T]) reachable() {
	seen := slices.Clone(v.Starts)
	for i := 0; i < len(seen); i++ {
		for _, e := range v.Edges {
			if e.From == seen[i] && !slices.Contains(seen, e.To) {
				seen = append(seen, e.To)
			}
		}
	}
	for _, s := range v.States {
		if len(v.Starts) > 0 && !slices.Contains(seen, s) {
			v.fault(Unreachable, s, "", "no edges lead to it from %s", quoted(strs(v.Starts)))
		}
	}
}

// finals checks that nothing leaves a final state, and something every other.
func (v *verifier[S, T]) finals() {
	for _, e := range v.Edges {
		if slices.Contains(v.Final, e.From) {
			v.fault(FinalLeft, e.From, e.On, "the state is final, but an edge leads on to %q", e.To)
		}
	}
	for _, r := range v.Refused {
		for _, s := range r.From {
			if slices.Contains(v.Final, s) {
				v.fault(FinalLeft, s, "", "a final state refuses everything; the refusal %q must not name it", r.Why)
			}
		}
	}
	for _, s := range v.States {
		leads := func(e Edge[S, T]) bool { return e.From == s && e.To != s }
		if !slices.Contains(v.Final, s) && !slices.ContainsFunc(v.Edges, leads) {
			v.fault(DeadEnd, s, "", "no edge leads on from it; if that is meant, it is final")
		}
	}
}

// decided checks that for every combination of the facts that a pair's guards
// read, exactly one row holds.
func (v *verifier[S, T]) decided(s S, on T, rows []row[S, T]) {
	var facts []Fact
	for _, r := range rows {
		for _, f := range slices.Concat(r.all, r.none) {
			if !slices.Contains(facts, f) {
				facts = append(facts, f)
			}
		}
	}
	slices.Sort(facts)
	if len(facts) > mostFacts {
		v.fault(BadGuard, s, on, "its guards read %d facts, more than %d", len(facts), mostFacts)
		return
	}
	var undecided, ambiguous bool // one example of each is enough
	for bits := range 1 << len(facts) {
		var holding []Fact
		for i, f := range facts {
			if bits&(1<<i) != 0 {
				holding = append(holding, f)
			}
		}
		var rule []string
		for _, r := range rows {
			if r.holds(holding...) {
				rule = append(rule, r.String())
			}
		}
		when := ""
		if len(facts) > 0 {
			when = fmt.Sprintf(" when of the facts %s just these are true: [%s]", quoted(strs(facts)), quoted(strs(holding)))
		}
		if len(rule) == 0 && !undecided {
			undecided = true
			v.fault(Undecided, s, on, "neither an edge nor a refusal decides it%s", when)
		}
		if len(rule) > 1 && !ambiguous {
			ambiguous = true
			v.fault(Ambiguous, s, on, "%d rows decide it%s: %s", len(rule), when, strings.Join(rule, "; "))
		}
	}
}

func (r row[S, T]) String() string {
	if r.edge != nil {
		return fmt.Sprintf("to %q", r.edge.To)
	}
	return fmt.Sprintf("refused, as %s", r.why)
}

// showable reports whether a text is a name that fits on one line.
func showable(s string) bool {
	return s != "" && strings.TrimSpace(s) == s && !strings.ContainsFunc(s, unicode.IsControl)
}
