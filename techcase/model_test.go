package techcase_test

import (
	"errors"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/internal/machine"
	"github.com/forewarn-go/forewarn/techcase"
	"github.com/forewarn-go/forewarn/ticket"
)

// life is a model of one case: what is known of it beside the product.
type life struct {
	r     *rig
	graph map[techcase.State][]techcase.State // where the edges of the table lead
	seen  techcase.Case                       // as it was last read

	options techcase.AutoClose // that hold of the case
	parties parties
	account bool      // its account is escalated
	free    time.Time // since when it is not; zero: it never was
}

// newLife is the life of no case yet, with options drawn.
func newLife(t *testing.T, rt *rapid.T) *life {
	l := &life{parties: maps.Clone(people), options: techcase.AutoClose{NotWhileAttention: rapid.Bool().Draw(rt, "not while attention"),
		NotWhileEscalated: rapid.Bool().Draw(rt, "not while escalated")}, graph: map[techcase.State][]techcase.State{}}
	m, err := machine.New(techcase.DefaultFlow().Table, machine.Words{})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range m.Table().Edges {
		l.graph[e.From] = append(l.graph[e.From], e.To)
	}
	l.r = newRig(t, func(c *techcase.Config) {
		c.Parties = l.parties
		c.Types = []techcase.Type{{Name: techcase.TechProductSupport, AutoClose: l.options}}
	})
	return l
}

// time goes on, and the worker does what is due.
func (l *life) time(rt *rapid.T) {
	l.pass(rt, time.Duration(rapid.SampledFrom([]int{1, 2, 7, 24, 48, 72}).Draw(rt, "hours"))*time.Hour)
}

func (l *life) pass(rt *rapid.T, d time.Duration) {
	rt.Helper()
	l.r.clock.set(l.r.clock.Now().Add(d))
	l.r.drain()
	l.look(rt)
	l.windows(rt)
	l.done(rt)
}

func (l *life) escalateAccount(*rapid.T) {
	if l.account = !l.account; l.account {
		l.parties["customer/boxeo"] = techcase.Party{Name: "Boxeo", Escalation: "high"}
		return
	}
	l.free, l.parties["customer/boxeo"] = l.r.clock.Now(), techcase.Party{Name: "Boxeo"}
}

// Covers: TECH-009, TECH-017, TECH-020, TECH-027, TECH-029, TECH-046, TECH-100, TECH-101, S13
func TestRandomSequencesNeverLeaveTheGraph(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		l := newLife(t, rt)
		r := l.r
		l.seen = do(r.cases.Create(r.ctx, agent, techcase.Create{ShortDescription: "No signal", Contact: "jane", Submit: rapid.Bool().Draw(rt, "submit")}))(t)
		actions := map[string]func(*rapid.T){
			"":                                 func(rt *rapid.T) { l.check(rt) },
			"time":                             l.time,
			"the account's escalation changes": l.escalateAccount,
			"the origin is resolved": func(rt *rapid.T) {
				l.act(rt, r.try(func(u *forewarn.Unit) error {
					return r.cases.Book().Resolve(u, l.seen.ID, ticket.Resolution{Code: "Fixed", Notes: "Restarted"})
				}))
			},
			"the customer comments": func(rt *rapid.T) {
				l.customer(rt, second(r.cases.Comment(r.ctx, customer, techcase.Comment{Case: l.seen.ID, Text: "hello"})))
			},
			"the customer accepts": func(rt *rapid.T) {
				l.customer(rt, second(r.cases.AcceptSolution(r.ctx, customer, techcase.AcceptSolution{Case: l.seen.ID})))
			},
			"the customer rejects": func(rt *rapid.T) {
				l.customer(rt, second(r.cases.RejectSolution(r.ctx, customer, techcase.RejectSolution{Case: l.seen.ID})))
			},
		}
		mutations := r.mutations()
		for _, name := range slices.Sorted(maps.Keys(mutations)) {
			call := mutations[name]
			switch name {
			case "Close", "Cancel": // rare, so that lives are long
				actions[name] = func(rt *rapid.T) {
					if rapid.IntRange(0, 9).Draw(rt, "rarely") == 0 {
						l.act(rt, call(r.ctx, agent, l.seen.ID))
					}
				}
			case "ApproveMajor", "RejectMajor", "AddChild", "RemoveChild", "ResolveMajor":
			default:
				actions[name] = func(rt *rapid.T) { l.act(rt, call(r.ctx, admin, l.seen.ID)) }
			}
		}
		rt.Repeat(actions)
	})
}

// What auto close does to a case that waits, while what holds it comes and goes.
//
// Covers: TECH-100, TECH-101, TECH-102, S13
func TestAutoCloseWhileWhatHoldsItComesAndGoes(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		l := newLife(t, rt)
		r := l.r
		l.seen = r.proposed()
		mutations := r.mutations()
		rarely := func(do func(*rapid.T)) func(*rapid.T) {
			return func(rt *rapid.T) {
				if rapid.IntRange(0, 4).Draw(rt, "rarely") == 0 {
					do(rt)
				}
			}
		}
		by := func(actor forewarn.Actor, name string) func(*rapid.T) {
			return func(rt *rapid.T) { l.act(rt, mutations[name](r.ctx, actor, l.seen.ID)) }
		}
		rt.Repeat(map[string]func(*rapid.T){
			"": l.check, "time": l.time, "more time": l.time, "the account's escalation changes": l.escalateAccount,
			"Escalate": by(agent, "Escalate"), "EndEscalation": by(agent, "EndEscalation"), "ClearNeedsAttention": by(agent, "ClearNeedsAttention"),
			"the customer comments": rarely(by(customer, "Comment")),
			"the solution changes": rarely(func(rt *rapid.T) {
				by(customer, "RejectSolution")(rt)
				by(agent, "ProposeSolution")(rt)
			}),
			"in another process": func(*rapid.T) {
				r.engine = r.newEngine(nil)
				r.cases = do(techcase.New(techcase.Config{Engine: r.engine, Follower: techcase.NoFollower, Parties: l.parties,
					Types: []techcase.Type{{Name: techcase.TechProductSupport, AutoClose: l.options}}}))(t)
				mutations = r.mutations()
			},
		})
		// When nothing holds it any more, what is left of it comes, each step once.
		if l.account {
			l.escalateAccount(rt)
		}
		by(agent, "EndEscalation")(rt)
		by(agent, "ClearNeedsAttention")(rt)
		l.pass(rt, techcase.LookAgain)
		l.pass(rt, days(10)[0])
		if l.seen.ClosedBy != "system" || l.seen.Reminded != 0 {
			rt.Fatalf("not closed: %+v", l.seen)
		}
	})
}

// customer takes the outcome of what the customer does: for him there is no draft of an agent's.
func (l *life) customer(rt *rapid.T, err error) {
	rt.Helper()
	if !l.seen.Opened.IsZero() {
		l.act(rt, err)
	} else if !errors.Is(err, forewarn.ErrNotFound) {
		rt.Fatalf("of a draft: %v", err)
	}
}

// act takes the outcome of an act: it is done or refused by a typed error, and a refused one has changed nothing.
func (l *life) act(rt *rapid.T, err error) {
	rt.Helper()
	before := l.seen
	var e *forewarn.Error
	switch {
	case err == nil:
	case errors.Is(err, forewarn.ErrRefused), errors.Is(err, forewarn.ErrInvalid):
		if !errors.As(err, &e) || e.Op == "" && !errors.Is(err, forewarn.ErrRefused) {
			rt.Fatalf("%#v", err)
		}
		if now := l.r.get(before.ID); now.Version != before.Version {
			rt.Fatalf("refused with %v, but changed", err)
		}
	default:
		rt.Fatal(err)
	}
	l.look(rt)
	l.r.clock.set(l.r.clock.Now().Add(time.Minute))
	l.r.drain()
	l.look(rt)
	l.done(rt)
}

// look reads the case and checks the step that it has taken.
func (l *life) look(rt *rapid.T) {
	rt.Helper()
	before, after := l.seen, l.r.get(l.seen.ID)
	l.seen = after
	if moved := after.Reminded > before.Reminded || after.ClosedBy == "system"; moved && before.Open() && l.held(before) && l.held(after) {
		rt.Fatalf("held, but %d reminders became %d, %s", before.Reminded, after.Reminded, after.State)
	}
	if before.State != after.State && !reaches(l.graph, before.State, after.State, 3) {
		rt.Fatalf("from %s to %s leads no edge", before.State, after.State)
	}
	if !before.Open() && before.Version != after.Version {
		rt.Fatalf("a case in %s was changed", before.State)
	}
}

// reaches reports whether at most n edges lead from one state to another.
func reaches(graph map[techcase.State][]techcase.State, from, to techcase.State, n int) bool {
	if from == to {
		return true
	}
	return n > 0 && slices.ContainsFunc(graph[from], func(next techcase.State) bool { return reaches(graph, next, to, n-1) })
}

// check is what holds of every case at every time.
func (l *life) check(rt *rapid.T) {
	rt.Helper()
	c := l.seen
	if closed := c.State == techcase.StateClosed; closed != !c.Closed.IsZero() || closed != (c.ClosedBy != "") {
		rt.Fatalf("in %s closed is %v by %q", c.State, c.Closed, c.ClosedBy)
	}
	if resolved := c.State == techcase.StateSolutionProposed; resolved != !c.Window.IsZero() || resolved && (c.Resolved.IsZero() || c.ResolvedBy == "") {
		rt.Fatalf("in %s resolved is %v, auto close counts from %v", c.State, c.Resolved, c.Window)
	}
	if c.State != techcase.StateSolutionProposed && c.State != techcase.StateClosed && !c.Resolved.IsZero() {
		rt.Fatalf("in %s resolved is %v", c.State, c.Resolved)
	}
	last := c.Created
	for _, at := range []time.Time{c.Opened, c.Resolved, c.Closed, c.Updated} {
		if at.IsZero() {
			continue
		}
		if at.Before(last) {
			rt.Fatalf("times fall: %v %v %v %v %v", c.Created, c.Opened, c.Resolved, c.Closed, c.Updated)
		}
		last = at
	}
	if c.State != techcase.StateDraft && c.State != techcase.StateCancelled && c.Opened.IsZero() {
		rt.Fatalf("in %s, and never opened", c.State)
	}
}

// held reports whether auto close does nothing to the case now.
func (l *life) held(c techcase.Case) bool {
	return l.options.NotWhileAttention && c.NeedsAttention || l.options.NotWhileEscalated && (c.Escalation.Open() || l.account)
}

// done checks that auto close has done what it has to by now, when the worker has done what was due.
func (l *life) done(rt *rapid.T) {
	rt.Helper()
	c, now := l.seen, l.r.clock.Now()
	if !c.Open() || c.Window.IsZero() || l.held(c) || l.options.NotWhileEscalated && now.Before(l.free.Add(techcase.LookAgain)) {
		return
	}
	if now.After(c.Window.Add(days(10)[0])) {
		rt.Fatalf("should have closed by itself at %v", c.Window.Add(days(10)[0]))
	}
	for n, after := range days(3, 5, 8) {
		if now.After(c.Window.Add(after)) && c.Reminded <= n {
			rt.Fatalf("at %v reminder %d of %v has not come", now, n+1, c.Window.Add(after))
		}
	}
}

// windows checks the activities of auto close: at most the three reminders in their order, and then one close, per window.
func (l *life) windows(rt *rapid.T) {
	rt.Helper()
	reminders := 0
	for _, a := range l.r.activities(l.seen.ID) {
		switch a.Event {
		case techcase.EventReminded:
			n := int(a.Text[len("Reminder ")] - '0')
			if n != 1 && n != reminders+1 {
				rt.Fatalf("reminder %d after reminder %d", n, reminders)
			}
			reminders = n
		case techcase.EventAutoClosed:
			if reminders != 3 || l.seen.ClosedBy != "system" {
				rt.Fatalf("auto closed after %d reminders, by %q", reminders, l.seen.ClosedBy)
			}
		}
	}
	if l.seen.Reminded > 3 || !l.seen.Window.IsZero() && l.seen.Reminded != 0 && l.seen.Reminded != reminders {
		rt.Fatalf("reminded %d times, with %d activities", l.seen.Reminded, reminders)
	}
}

// Every id that a case has been given is found by its number, and no number stands twice.
//
// Covers: TECH-039
func TestNumbersAreUniqueInATenant(t *testing.T) {
	r := newRig(t)
	seen := map[string]uuid.UUID{}
	for range 50 {
		c := r.opened()
		if other, twice := seen[c.Number]; twice {
			t.Fatalf("%s stands for %s and %s", c.Number, other, c.ID)
		}
		seen[c.Number] = c.ID
		if len(c.Number) != len("CS0000001") || c.Number[:2] != "CS" {
			t.Errorf("%q", c.Number)
		}
	}
	other := forewarn.Actor{Tenant: "other", ID: "x", Roles: []string{forewarn.RoleAdmin}}
	if c := do(r.cases.Create(r.ctx, other, techcase.Create{ShortDescription: "x"}))(t); c.Number != "CS0000001" {
		t.Errorf("another tenant begins at %s", c.Number)
	}
}
