package techcase_test

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/store"
	"github.com/forewarn-go/forewarn/techcase"
	"github.com/forewarn-go/forewarn/ticket"
)

// outage opens a major case with children through the book, as an incident does.
func (r *rig) outage(accounts ...string) (major uuid.UUID, children []uuid.UUID) {
	r.Helper()
	major = r.book(ticket.NewCase{ID: store.NameID("major"), Source: incident, Major: true, ShortDescription: "outage", Priority: 2, Quiet: true}).ID
	for _, a := range accounts {
		children = append(children, r.book(childOf(major, a)).ID)
	}
	return major, children
}

// Covers: TECH-135, TECH-137, TECH-140, TECH-079, TECH-099
func TestTheMajorCaseManagerResolvesTheMajorCaseAndItsChildren(t *testing.T) {
	r := newRig(t)
	major, children := r.outage("a", "b", "c")
	given := ticket.Resolution{Code: "Fixed", Notes: "Restarted", Cause: "A change"}
	for _, id := range append(children, major) { // the incident was resolved
		r.in(func(u *forewarn.Unit) error { return r.cases.Book().Describe(u, id, given) })
	}
	do(r.cases.AssignToMe(r.ctx, agent, techcase.AssignToMe{Case: children[1]}))(t)
	resolved := do(r.cases.ResolveMajor(r.ctx, manager, techcase.ResolveMajor{Case: major}))(t)
	if resolved.State != techcase.StateSolutionProposed || !resolved.Window.IsZero() || resolved.MajorState != techcase.MajorAccepted {
		t.Errorf("major %+v", resolved)
	}
	for i, id := range children { // without a worker: all that fit are resolved at once
		c := r.get(id)
		if c.State != techcase.StateSolutionProposed || c.ResolutionCode != "Fixed" || c.ResolutionNotes != "Restarted" || c.Cause != "A change" || c.Window.IsZero() {
			t.Errorf("child %+v", c)
		}
		want := []string{"create", "attributes resolutionCode resolutionNotes cause", "status in_progress", "status resolved"}
		if got := r.events(id); !reflect.DeepEqual(got, want) {
			t.Errorf("events of child %d: %q", i, got)
		}
		if got := r.mails(id); len(got) != 1 || !strings.HasPrefix(got[0], "case.resolved.for.customer ") {
			t.Errorf("mails of child %d: %q", i, got)
		}
	}
	if got := r.mails(major); got != nil {
		t.Errorf("a major case is for nobody, but %q", got)
	}
	if p := do(r.cases.Resolving(r.ctx, manager, techcase.Resolving{Case: major}))(t); p.Done != 3 || p.Total != 3 || p.Finished.IsZero() {
		t.Errorf("progress %+v", p)
	}
	r.at(days(30)[0])
	if got := r.get(major); got.State != techcase.StateSolutionProposed || got.Reminded != 0 {
		t.Errorf("the major case was closed by itself: %+v", got)
	}
	for _, id := range children {
		if got := r.get(id).State; got != techcase.StateClosed {
			t.Errorf("child %s", got)
		}
	}
	if got := do(r.cases.Close(r.ctx, manager, techcase.Close{Case: major}))(t); got.State != techcase.StateClosed {
		t.Errorf("%+v", got)
	}
}

// Covers: TECH-135
func TestResolveMajorIsRefused(t *testing.T) {
	r := newRig(t)
	major, children := r.outage("a")
	_, err := r.cases.ResolveMajor(r.ctx, manager, techcase.ResolveMajor{Case: major, Notes: "x"})
	invalid(t, err, "resolutionCode")
	_, err = r.cases.ResolveMajor(r.ctx, manager, techcase.ResolveMajor{Case: major, ResolutionCode: "x"})
	invalid(t, err, "resolutionNotes")
	if _, err := r.cases.ResolveMajor(r.ctx, manager, techcase.ResolveMajor{Case: children[0], ResolutionCode: "x", Notes: "y"}); !errors.Is(err, forewarn.ErrRefused) {
		t.Errorf("a child: %v", err)
	}
	draft := do(r.cases.Create(r.ctx, manager, techcase.Create{ShortDescription: "x", Major: true}))(t)
	if _, err := r.cases.ResolveMajor(r.ctx, manager, techcase.ResolveMajor{Case: draft.ID, ResolutionCode: "x", Notes: "y"}); !errors.Is(err, forewarn.ErrRefused) {
		t.Errorf("a draft: %v", err)
	}
	if got := r.get(children[0]); got.State != techcase.StateNew || r.get(major).State != techcase.StateNew {
		t.Errorf("half done: %+v", got)
	}
}

// Covers: PSEW-106
func TestAMajorCaseIsNotClosedWhileAChildIsOpen(t *testing.T) {
	r := newRig(t)
	major, children := r.outage("a", "b")
	end := func() []error {
		return []error{
			second(r.cases.Close(r.ctx, manager, techcase.Close{Case: major, Notes: "done"})),
			second(r.cases.Cancel(r.ctx, manager, techcase.Cancel{Case: major})),
		}
	}
	for _, err := range end() {
		if !errors.Is(err, forewarn.ErrRefused) || !strings.Contains(err.Error(), "2 child cases are still open") {
			t.Errorf("%v", err)
		}
	}
	do(r.cases.Cancel(r.ctx, agent, techcase.Cancel{Case: children[0]}))(t)
	for _, err := range end() {
		if !errors.Is(err, forewarn.ErrRefused) || !strings.Contains(err.Error(), "1 child case is still open") {
			t.Errorf("%v", err)
		}
	}
	do(r.cases.RemoveChild(r.ctx, manager, techcase.RemoveChild{Case: children[1]}))(t)
	if got := do(r.cases.Close(r.ctx, manager, techcase.Close{Case: major, Notes: "done"}))(t); got.State != techcase.StateClosed {
		t.Errorf("%+v", got)
	}
	late := childOf(major, "c")
	if err := r.try(func(u *forewarn.Unit) error { return second(r.cases.Book().Open(u, late)) }); !errors.Is(err, forewarn.ErrRefused) {
		t.Errorf("a child of a closed major case: %v", err)
	}
	if _, err := r.cases.AddChild(r.ctx, manager, techcase.AddChild{Major: major, Case: children[1]}); !errors.Is(err, forewarn.ErrRefused) {
		t.Errorf("added to a closed major case: %v", err)
	}
}

// A child that is opened between the pass over the children and the commit makes the closing run again and be refused.
//
// Covers: PSEW-106
func TestAChildThatComesWhileTheMajorCaseIsClosed(t *testing.T) {
	r := newRig(t)
	major, _ := r.outage()
	runs := 0
	err := r.try(func(u *forewarn.Unit) error {
		runs++
		_, err := r.cases.Close(r.ctx, u, techcase.Close{Case: major, Notes: "done"})
		if runs == 1 && err == nil {
			r.elsewhere(func(other *rig) { other.book(childOf(major, "late")) })
		}
		return err
	})
	if runs != 2 || !errors.Is(err, forewarn.ErrRefused) || !strings.Contains(err.Error(), "1 child case is still open") {
		t.Errorf("after %d runs: %v", runs, err)
	}
	// and the other way round
	runs = 0
	err = r.try(func(u *forewarn.Unit) error {
		runs++
		_, err := r.cases.Book().Open(u, childOf(major, "later"))
		if runs == 1 && err == nil {
			r.elsewhere(func(other *rig) {
				do(other.cases.Cancel(other.ctx, agent, techcase.Cancel{Case: childOf(major, "late").ID}))(t)
				do(other.cases.Close(other.ctx, manager, techcase.Close{Case: major, Notes: "done"}))(t)
			})
		}
		return err
	})
	if runs != 2 || !errors.Is(err, forewarn.ErrRefused) {
		t.Errorf("after %d runs: %v", runs, err)
	}
}

// The major case is closed after a child has looked at it and before it looks at the family.
//
// Covers: PSEW-106
func TestAMajorCaseThatIsClosedWhileAChildComes(t *testing.T) {
	small := &smallStore{}
	r := newRigOn(t, small)
	major, _ := r.outage()
	small.beforeGet = func(kind string) {
		if kind != "case_family" {
			return
		}
		small.beforeGet = nil
		r.elsewhere(func(other *rig) {
			do(other.cases.Close(other.ctx, manager, techcase.Close{Case: major, Notes: "done"}))(t)
		})
	}
	err := r.try(func(u *forewarn.Unit) error { return second(r.cases.Book().Open(u, childOf(major, "late"))) })
	if !errors.Is(err, forewarn.ErrRefused) || small.beforeGet != nil {
		t.Errorf("opened under a closed major case: %v", err)
	}
}

// elsewhere does something in another process: another engine over the same store.
func (r *rig) elsewhere(do func(*rig)) {
	r.Helper()
	other := *r
	other.changes = &follower{}
	other.engine = r.newEngine(nil)
	cases, err := techcase.New(techcase.Config{Engine: other.engine, Follower: other.changes, Parties: people})
	if err != nil {
		r.Fatal(err)
	}
	other.cases = cases
	do(&other)
}

// Covers: TECH-135, TECH-136, TECH-137
func TestCandidates(t *testing.T) {
	r := newRig(t)
	c := r.working()
	if _, err := r.cases.ApproveMajor(r.ctx, manager, techcase.ApproveMajor{Case: c.ID}); !errors.Is(err, forewarn.ErrRefused) {
		t.Errorf("approved without being proposed: %v", err)
	}
	got := do(r.cases.ProposeMajor(r.ctx, agent, techcase.ProposeMajor{Case: c.ID, Note: "many call"}))(t)
	if got.MajorState != techcase.MajorProposed || got.Major || got.State != c.State {
		t.Errorf("%+v", got)
	}
	if _, err := r.cases.ProposeMajor(r.ctx, agent, techcase.ProposeMajor{Case: c.ID}); !errors.Is(err, forewarn.ErrRefused) {
		t.Errorf("proposed twice: %v", err)
	}
	if got = do(r.cases.RejectMajor(r.ctx, manager, techcase.RejectMajor{Case: c.ID}))(t); got.MajorState != techcase.MajorRejected {
		t.Errorf("%+v", got)
	}
	do(r.cases.ProposeMajor(r.ctx, agent, techcase.ProposeMajor{Case: c.ID}))(t)
	major := do(r.cases.ApproveMajor(r.ctx, manager, techcase.ApproveMajor{Case: c.ID, Note: "yes"}))(t)
	child := r.get(c.ID)
	if major.ID == c.ID || !major.Major || major.MajorState != techcase.MajorAccepted || major.Account != "" || major.Contact != "" ||
		major.ShortDescription != c.ShortDescription || child.Parent != major.ID || r.members(major.ID) != 1 || child.MajorState != techcase.MajorNone || child.Account != "boxeo" {
		t.Errorf("major %+v\nchild %+v", major, child)
	}
	if got := r.mails(major.ID); got != nil {
		t.Errorf("mails %q", got)
	}
	ofNobody := do(r.cases.Create(r.ctx, agent, techcase.Create{ShortDescription: "backbone", Submit: true}))(t)
	do(r.cases.ProposeMajor(r.ctx, agent, techcase.ProposeMajor{Case: ofNobody.ID}))(t)
	if got := do(r.cases.ApproveMajor(r.ctx, manager, techcase.ApproveMajor{Case: ofNobody.ID}))(t); got.ID != ofNobody.ID || !got.Major || got.MajorState != techcase.MajorAccepted {
		t.Errorf("%+v", got)
	}
	for name, id := range map[string]uuid.UUID{"a major case": ofNobody.ID, "a child": c.ID} {
		if _, err := r.cases.ProposeMajor(r.ctx, agent, techcase.ProposeMajor{Case: id}); !errors.Is(err, forewarn.ErrRefused) {
			t.Errorf("%s was proposed: %v", name, err)
		}
	}
	_, err := r.cases.Update(r.ctx, agent, techcase.Update{Case: ofNobody.ID, Contact: text("jane")})
	invalid(t, err, "account")
}

// members is how many children a major case counts, as far as resolving it tells.
func (r *rig) members(major uuid.UUID) int {
	r.Helper()
	do(r.cases.ResolveMajor(r.ctx, manager, techcase.ResolveMajor{Case: major, ResolutionCode: "Fixed", Notes: "Restarted"}))(r)
	return do(r.cases.Resolving(r.ctx, manager, techcase.Resolving{Case: major}))(r).Total
}

// Covers: TECH-135
func TestChildren(t *testing.T) {
	r := newRig(t)
	major, children := r.outage("a")
	c := r.working()
	added := do(r.cases.AddChild(r.ctx, manager, techcase.AddChild{Major: major, Case: c.ID, Note: "the same fault"}))(t)
	if added.Parent != major {
		t.Errorf("%+v", added)
	}
	if again := do(r.cases.AddChild(r.ctx, manager, techcase.AddChild{Major: major, Case: c.ID}))(t); !reflect.DeepEqual(again, added) {
		t.Errorf("added twice: %+v", again)
	}
	if got := do(r.cases.Children(r.ctx, agent, techcase.Children{Case: major}))(t); len(got.Items) != 2 {
		t.Errorf("%d children", len(got.Items))
	}
	do(r.cases.Cancel(r.ctx, agent, techcase.Cancel{Case: children[0]}))(t)
	if got := do(r.cases.Children(r.ctx, agent, techcase.Children{Case: major, Open: true}))(t); len(got.Items) != 1 || got.Items[0].ID != c.ID {
		t.Errorf("open children %+v", got.Items)
	}
	other := do(r.cases.Create(r.ctx, manager, techcase.Create{ShortDescription: "other", Major: true, Submit: true}))(t)
	draft := do(r.cases.Create(r.ctx, agent, techcase.Create{ShortDescription: "draft"}))(t)
	for name, cmd := range map[string]techcase.AddChild{
		"the child of another": {Major: other.ID, Case: c.ID}, "a major case": {Major: major, Case: other.ID}, "itself": {Major: major, Case: major},
		"a closed one": {Major: other.ID, Case: children[0]}, "a draft": {Major: major, Case: draft.ID}, "to what is not major": {Major: c.ID, Case: r.opened().ID},
	} {
		if _, err := r.cases.AddChild(r.ctx, manager, cmd); !errors.Is(err, forewarn.ErrRefused) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got := do(r.cases.RemoveChild(r.ctx, manager, techcase.RemoveChild{Case: c.ID}))(t); got.Parent != uuid.Nil {
		t.Errorf("%+v", got)
	}
	if _, err := r.cases.RemoveChild(r.ctx, manager, techcase.RemoveChild{Case: c.ID}); !errors.Is(err, forewarn.ErrRefused) {
		t.Errorf("removed twice: %v", err)
	}
	if n := r.members(major); n != 1 {
		t.Errorf("%d children after one of two was removed", n)
	}
	if err := r.try(func(u *forewarn.Unit) error { return second(r.cases.Book().Open(u, childOf(c.ID, "x"))) }); !errors.Is(err, forewarn.ErrRefused) {
		t.Errorf("the child of what is not major: %v", err)
	}
	if err := r.try(func(u *forewarn.Unit) error { return second(r.cases.Book().Open(u, childOf(uuid.Max, "x"))) }); !errors.Is(err, forewarn.ErrRefused) {
		t.Errorf("the child of nothing: %v", err)
	}
}

// A storm of children goes through in steps, each child once, over a store that takes little in one commit, whatever
// commit fails; children that are closed meanwhile hide no other.
//
// Covers: TECH-135, TECH-140
func TestResolvingManyChildrenOnceEach(t *testing.T) {
	const n = 60
	small := &smallStore{}
	// Resolving a child costs more than the step thinks before it has seen it.
	dear := techcase.Hook{To: techcase.StateSolutionProposed, Do: func(u *forewarn.Unit, tr techcase.Transition) error {
		for range 12 {
			if err := u.Notify(forewarn.Notification{To: forewarn.Recipient{ID: "x"}, Template: "own", Subject: "x"}); err != nil {
				return err
			}
		}
		return nil
	}}
	r := newRigOn(t, small, func(c *techcase.Config) { c.Types = []techcase.Type{{Name: "own", Hooks: []techcase.Hook{dear}}} })
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("account-%03d", i)
	}
	major, children := r.outage(names...)
	small.entries = 100
	resolved := do(r.cases.ResolveMajor(r.ctx, manager, techcase.ResolveMajor{Case: major, ResolutionCode: "Fixed", Notes: "Restarted"}))(t)
	if resolved.State != techcase.StateSolutionProposed {
		t.Fatalf("%+v", resolved)
	}
	p := do(r.cases.Resolving(r.ctx, manager, techcase.Resolving{Case: major}))(t)
	if p.Done == 0 || p.Done >= n || p.Total != n || !p.Finished.IsZero() {
		t.Errorf("after the call %+v", p)
	}
	if _, err := r.cases.ResolveMajor(r.ctx, manager, techcase.ResolveMajor{Case: major}); !errors.Is(err, forewarn.ErrRefused) {
		t.Errorf("again while it runs: %v", err)
	}
	// some are closed and one is cancelled before the worker comes to them
	for _, id := range []uuid.UUID{children[n-1], children[n-2], children[n-3]} {
		if r.get(id).Open() {
			do(r.cases.Cancel(r.ctx, agent, techcase.Cancel{Case: id}))(t)
		}
	}
	small.failEvery = 3
	for range 60 {
		r.drainOnce()
		r.clock.set(r.clock.Now().Add(10e9)) // failed items wait
	}
	small.failEvery = 0
	r.drain()
	if p := do(r.cases.Resolving(r.ctx, manager, techcase.Resolving{Case: major}))(t); p.Done != n || p.Finished.IsZero() {
		t.Errorf("at the end %+v", p)
	}
	for _, id := range children {
		c := r.get(id)
		if c.State == techcase.StateCancelled {
			continue
		}
		statuses := 0
		for _, e := range r.events(id) {
			if e == "status resolved" {
				statuses++
			}
		}
		if c.State != techcase.StateSolutionProposed || statuses != 1 || len(r.mails(id)) != 1 || len(r.activities(id)) != 1 {
			t.Errorf("%s: %s, %d times, mails %q, %d notes", c.Number, c.State, statuses, r.mails(id), len(r.activities(id)))
		}
	}
	if small.failed == 0 {
		t.Error("no commit failed")
	}
	if got := do(r.cases.List(r.ctx, agent, techcase.List{Filter: techcase.FilterSolutionProposed, Limit: 1000}))(t); !slices.ContainsFunc(got.Items, func(c techcase.Case) bool { return c.ID == major }) {
		t.Error("the major case is not among them")
	}
}

// Who follows cases hears that one became a major case, though its state stays.
func TestTheFollowerHearsOfACaseThatBecomesMajor(t *testing.T) {
	r := newRig(t)
	c := do(r.cases.Create(r.ctx, agent, techcase.Create{ShortDescription: "backbone", Submit: true}))(t)
	r.changes.told = nil
	do(r.cases.ProposeMajor(r.ctx, agent, techcase.ProposeMajor{Case: c.ID}))(t)
	if r.changes.told != nil {
		t.Errorf("of a proposal %+v", r.changes.told)
	}
	do(r.cases.ApproveMajor(r.ctx, manager, techcase.ApproveMajor{Case: c.ID}))(t)
	if n := len(r.changes.told); n != 1 || !r.changes.told[0].Raised || r.changes.told[0].Opened || !r.changes.told[0].Case.Major {
		t.Errorf("told %+v", r.changes.told)
	}
	r.changes.told = nil
	do(r.cases.Update(r.ctx, agent, techcase.Update{Case: c.ID, Priority: new(1)}))(t)
	if r.changes.told != nil {
		t.Errorf("of an update %+v", r.changes.told)
	}
}
