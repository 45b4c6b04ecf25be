package techcase_test

import (
	"errors"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/store"
	"github.com/forewarn-go/forewarn/techcase"
)

// setDays has an admin set the days of auto close: the last closes, the others remind.
func (r *rig) setDays(n ...int) {
	r.Helper()
	all := days(n...)
	do(r.cases.SetAutoClose(r.ctx, admin, techcase.SetAutoClose{AutoClose: &techcase.AutoClose{
		After: all[len(all)-1], Reminders: append([]time.Duration{}, all[:len(all)-1]...)}}))(r)
}

// lived tells on what days of a case the system did what.
func (r *rig) lived(id uuid.UUID) (all []string) {
	r.Helper()
	for _, a := range r.activities(id) {
		if a.Event != "" {
			all = append(all, a.Event+" "+a.At.Format("Jan 2"))
		}
	}
	return all
}

// Covers: TECH-099, TECH-100, SEC-025
func TestAnAdminChangesTheDaysOfAutoClose(t *testing.T) {
	for _, c := range []struct {
		name string
		wait int // days that the case has waited when the days are changed
		set  *techcase.AutoClose
		want []string
	}{
		{"longer", 4, &techcase.AutoClose{After: days(14)[0], Reminders: days(6, 12)}, []string{"reminded Jan 8", "reminded Jan 17", "auto_closed Jan 19"}},
		{"shorter", 1, &techcase.AutoClose{After: days(4)[0], Reminders: days(2)}, []string{"reminded Jan 7", "auto_closed Jan 9"}},
		{"shorter than it has waited", 6, &techcase.AutoClose{After: days(4)[0], Reminders: days(1, 2, 3)},
			[]string{"reminded Jan 8", "reminded Jan 10", "reminded Jan 11", "auto_closed Jan 11"}},
		{"what is left out is as by default", 1, &techcase.AutoClose{After: days(6)[0]}, []string{"reminded Jan 8", "reminded Jan 10", "auto_closed Jan 11"}},
		{"no reminders", 1, &techcase.AutoClose{Reminders: days()}, []string{"auto_closed Jan 15"}},
		{"off", 4, &techcase.AutoClose{Off: true}, []string{"reminded Jan 8"}},
		{"as it was", 4, nil, []string{"reminded Jan 8", "reminded Jan 10", "reminded Jan 13", "auto_closed Jan 15"}},
	} {
		r := newRig(t)
		old := r.proposed()
		for d := range c.wait + 1 {
			r.at(days(d)[0] + time.Hour)
		}
		if got := do(r.cases.SetAutoClose(r.ctx, admin, techcase.SetAutoClose{AutoClose: c.set}))(t); c.set != nil && !reflect.DeepEqual(got.AutoClose, map[string]techcase.AutoClose{
			techcase.TechProductSupport: r.days(*c.set), techcase.ProactiveCase: r.days(*c.set)}) {
			t.Errorf("%s: %+v", c.name, got)
		}
		fresh := r.proposed()
		for d := c.wait; d < 40; d++ {
			r.at(days(d)[0] + 2*time.Hour)
		}
		if got := r.lived(old.ID); !slices.Equal(got, c.want) {
			t.Errorf("%s: a case that waited: %q", c.name, got)
		}
		if c.set == nil {
			continue
		}
		want := []string{}
		for n, after := range append(r.days(*c.set).Reminders, r.days(*c.set).After) {
			what := "reminded "
			if n == len(r.days(*c.set).Reminders) {
				what = "auto_closed "
			}
			if !c.set.Off {
				want = append(want, what+start.Add(days(c.wait)[0]+after).Format("Jan 2"))
			}
		}
		if got := r.lived(fresh.ID); !slices.Equal(got, want) {
			t.Errorf("%s: a new case %q, want %q", c.name, got, want)
		}
	}
}

// days is what a setting means.
func (r *rig) days(a techcase.AutoClose) techcase.AutoClose {
	if a.After == 0 {
		a.After = days(10)[0]
	}
	if a.Reminders == nil {
		a.Reminders = slices.DeleteFunc(days(3, 5, 8), func(d time.Duration) bool { return d >= a.After })
	}
	return a
}

// What a tenant sets holds for the types it names, for that tenant, until it is taken back.
//
// Covers: TECH-099, SEC-021
func TestDaysAreOfATypeAndATenant(t *testing.T) {
	base := techcase.AutoClose{After: days(20)[0], Reminders: days(7)}
	r := newRig(t, func(c *techcase.Config) { c.Types = []techcase.Type{{Name: "own"}, {Name: "base", AutoClose: base}} })
	own := techcase.AutoClose{After: days(2)[0], Reminders: days(1)}
	got := do(r.cases.SetAutoClose(r.ctx, admin, techcase.SetAutoClose{Type: "own", AutoClose: &own}))(t)
	if want := map[string]techcase.AutoClose{"own": own, "base": base}; !reflect.DeepEqual(got.AutoClose, want) {
		t.Errorf("%+v", got)
	}
	if read := do(r.cases.GetSettings(r.ctx, agent, techcase.GetSettings{}))(t); !reflect.DeepEqual(read, got) {
		t.Errorf("read %+v", read)
	}
	elsewhere := do(r.cases.GetSettings(r.ctx, forewarn.Actor{Tenant: "other", ID: "x", Roles: []string{forewarn.RoleViewer}}, techcase.GetSettings{}))(t)
	if want := map[string]techcase.AutoClose{"own": techcase.DefaultAutoClose(), "base": base}; !reflect.DeepEqual(elsewhere.AutoClose, want) {
		t.Errorf("another tenant has %+v", elsewhere)
	}
	back := do(r.cases.SetAutoClose(r.ctx, admin, techcase.SetAutoClose{}))(t)
	if !reflect.DeepEqual(back, elsewhere) {
		t.Errorf("taken back %+v", back)
	}
}

// Covers: TECH-099
func TestDaysThatAreRefused(t *testing.T) {
	r := newRig(t)
	for field, set := range map[string]techcase.AutoClose{
		"autoClose.after": {After: -1}, "autoClose.reminders": {Reminders: days(3, 2)},
	} {
		_, err := r.cases.SetAutoClose(r.ctx, admin, techcase.SetAutoClose{AutoClose: &set})
		invalid(t, err, field)
	}
	many := make([]time.Duration, 21)
	for i := range many {
		many[i] = time.Duration(i + 1)
	}
	for field, set := range map[string]techcase.AutoClose{
		"autoClose.after": {After: days(10001)[0]}, "autoClose.reminders": {Reminders: many},
	} {
		_, err := r.cases.SetAutoClose(r.ctx, admin, techcase.SetAutoClose{AutoClose: &set})
		invalid(t, err, field)
	}
	for _, reminders := range [][]time.Duration{days(0), days(3, 3), days(10)} {
		_, err := r.cases.SetAutoClose(r.ctx, admin, techcase.SetAutoClose{AutoClose: &techcase.AutoClose{Reminders: reminders}})
		invalid(t, err, "autoClose.reminders")
	}
	_, err := r.cases.SetAutoClose(r.ctx, admin, techcase.SetAutoClose{Type: "nonsense"})
	invalid(t, err, "type")
	if got := do(r.cases.GetSettings(r.ctx, admin, techcase.GetSettings{}))(t); !reflect.DeepEqual(got.AutoClose[techcase.TechProductSupport], techcase.DefaultAutoClose()) {
		t.Errorf("half set: %+v", got)
	}
}

// Every waiting case takes the new days, over a store that takes little at once and fails; days that are changed while
// the walk runs hold in the end.
//
// Covers: TECH-099, TECH-102
func TestManyWaitingCasesTakeTheNewDays(t *testing.T) {
	small := &smallStore{}
	r := newRigOn(t, small)
	var waiting []uuid.UUID
	for range 60 {
		waiting = append(waiting, r.proposed().ID)
	}
	small.entries, small.failEvery = 100, 3
	for _, n := range []int{1, 2} { // the second while the first is under way
		all := days(n)
		for {
			_, err := r.cases.SetAutoClose(r.ctx, admin, techcase.SetAutoClose{AutoClose: &techcase.AutoClose{After: all[0], Reminders: days()}})
			if err == nil {
				break
			}
		}
		_, _ = r.drainOnce()
	}
	settle := func() {
		for idle := 0; idle < 3; {
			if done, err := r.drainOnce(); done || err != nil {
				idle = 0
			} else {
				idle++
			}
			r.clock.set(r.clock.Now().Add(10 * time.Second)) // failed items wait
		}
	}
	settle()
	small.failEvery = 0
	r.clock.set(start.Add(days(1)[0] + time.Hour))
	settle()
	for _, id := range waiting {
		if got := r.lived(id); got != nil {
			t.Fatalf("on the first days: %q", got)
		}
	}
	r.clock.set(start.Add(days(2)[0] + time.Hour))
	settle()
	for _, id := range waiting {
		if got := r.lived(id); !slices.Equal(got, []string{"auto_closed Jan 7"}) {
			t.Fatalf("%q", got)
		}
	}
	if small.failed == 0 {
		t.Error("no commit failed")
	}
}

// A case that comes to wait by the old days, while they are changed elsewhere, waits by the new.
//
// Covers: TECH-099
func TestDaysThatChangeWhileACaseComesToWait(t *testing.T) {
	r := newRig(t)
	c := r.working()
	runs := 0
	err := r.try(func(u *forewarn.Unit) error {
		runs++
		_, err := r.cases.ProposeSolution(r.ctx, u, techcase.ProposeSolution{Case: c.ID, ResolutionCode: "Fixed"})
		if runs == 1 && err == nil {
			r.elsewhere(func(other *rig) { other.setDays(1, 2); other.drain() })
		}
		return err
	})
	if err != nil || runs != 2 {
		t.Fatalf("after %d runs: %v", runs, err)
	}
	r.at(days(1)[0] + time.Hour)
	r.at(days(2)[0] + time.Hour)
	if got := r.lived(c.ID); !slices.Equal(got, []string{"reminded Jan 6", "auto_closed Jan 7"}) {
		t.Errorf("%q", got)
	}
	if _, err := r.cases.SetAutoClose(r.ctx, agent, techcase.SetAutoClose{}); !errors.Is(err, forewarn.ErrForbidden) {
		t.Errorf("an agent has changed the days: %v", err)
	}
}

// Defaults makes settings that say nothing, and leaves those that were made.
func TestDefaultsLeaveTheSettings(t *testing.T) {
	r := newRig(t)
	do(r.cases.Defaults(r.ctx, admin, techcase.Defaults{}))(t)
	before := do(r.cases.GetSettings(r.ctx, admin, techcase.GetSettings{}))(t)
	if len(before.AutoClose) == 0 {
		t.Fatalf("after Defaults: %+v", before)
	}
	r.setDays(2, 5)
	after := do(r.cases.GetSettings(r.ctx, admin, techcase.GetSettings{}))(t)
	do(r.cases.Defaults(r.ctx, admin, techcase.Defaults{}))(t)
	if got := do(r.cases.GetSettings(r.ctx, admin, techcase.GetSettings{}))(t); !reflect.DeepEqual(got, after) || reflect.DeepEqual(got, before) {
		t.Errorf("after Defaults again: %+v, want %+v", got, after)
	}
}

// In a tenant that never set anything the first case that comes to wait makes settings of nothing, once; what follows relies
// on no absence of them, and reads make none.
func TestSettingsAreMadeOnceByTheFirstCaseThatWaits(t *testing.T) {
	small := &smallStore{}
	r := newRigOn(t, small)
	puts, absent := 0, 0
	small.beforeCommit = func(b store.Batch) {
		for _, p := range b.Puts {
			if p.Key.Kind == "case_settings" {
				puts++
			}
		}
		for _, read := range b.Reads {
			if read.Key.Kind == "case_settings" && read.Expect == store.Absent {
				absent++
			}
		}
	}
	before := do(r.cases.GetSettings(r.ctx, agent, techcase.GetSettings{}))(t)
	if puts != 0 {
		t.Error("a read has made settings")
	}
	for range 3 {
		c := r.proposed()
		do(r.cases.RejectSolution(r.ctx, customer, techcase.RejectSolution{Case: c.ID}))(t)
	}
	c := r.proposed()
	for d := range 11 {
		r.at(days(d)[0])
	}
	do(r.cases.Defaults(r.ctx, admin, techcase.Defaults{}))(t)
	if puts != 1 || absent != 0 {
		t.Errorf("made %d times, %d commits relied on their absence", puts, absent)
	}
	if after := do(r.cases.GetSettings(r.ctx, agent, techcase.GetSettings{}))(t); !reflect.DeepEqual(before, after) {
		t.Errorf("settings of nothing say %+v, none said %+v", after, before)
	}
	if got := r.lived(c.ID); len(got) != 4 {
		t.Errorf("%q", got)
	}
}
