package sla

import (
	"fmt"
	"slices"
	"time"
)

// Config is what Rules are made of.
type Config struct {
	Definitions []Definition // at one instant, clocks are attached in this order; several versions of one may stand here
	Calendars   Calendars    // required when a definition has a schedule
	Zones       Zones        // nil: FieldZones{}, which knows none
}

// Rules are verified definitions with their calendars. They are immutable. The zero Rules attach nothing.
type Rules struct {
	calendars Calendars
	zones     Zones
	groups    []group
}

// group is the versions of a definition, the highest first.
type group struct {
	id       string
	task     string
	versions []*Definition
}

// New verifies the definitions. It returns an Error that names the first that breaks a rule.
func New(c Config) (*Rules, error) {
	r := &Rules{calendars: c.Calendars, zones: c.Zones}
	if r.zones == nil {
		r.zones = FieldZones{}
	}
	if len(c.Definitions) > maxDefinitions {
		return nil, invalid("definitions", "has %d entries, at most %d are allowed", len(c.Definitions), maxDefinitions)
	}
	for i, given := range c.Definitions {
		at := fmt.Sprintf("definitions[%d]", i)
		d := given // a copy; nothing below changes what its slices hold
		if err := d.check(); err != nil {
			return nil, within(at, err)
		}
		if d.Schedule != "" && r.calendars == nil {
			return nil, invalid(at+".schedule", "%s: there are no calendars", d.Schedule)
		}
		if err := r.add(at, &d); err != nil {
			return nil, err
		}
	}
	for i := range r.groups {
		slices.SortFunc(r.groups[i].versions, func(a, b *Definition) int { return b.Version - a.Version })
	}
	return r, nil
}

func (r *Rules) add(at string, d *Definition) *Error {
	i := slices.IndexFunc(r.groups, func(g group) bool { return g.id == d.ID })
	if i < 0 {
		r.groups = append(r.groups, group{id: d.ID, task: d.Task, versions: []*Definition{d}})
		return nil
	}
	g := &r.groups[i]
	switch {
	case slices.ContainsFunc(g.versions, func(other *Definition) bool { return other.Version == d.Version }):
		return invalid(at+".version", "%d of %s: stands there twice", d.Version, d.ID)
	case g.task != d.Task:
		return invalid(at+".task", "%s: other versions of %s are for %s", d.Task, d.ID, g.task)
	}
	g.versions = append(g.versions, d)
	return nil
}

// at returns the version that clocks follow which attach at the instant; nil when there is none.
func (g group) at(t time.Time) *Definition {
	for _, d := range g.versions {
		if !d.From.After(t) {
			return d
		}
	}
	return nil
}

// pinned returns a version of a definition; nil when there is no such one.
func (r *Rules) pinned(id string, version int) *Definition {
	for _, g := range r.groups {
		if g.id != id {
			continue
		}
		for _, d := range g.versions {
			if d.Version == version {
				return d
			}
		}
	}
	return nil
}

// zone returns the zone that the definition's schedule is read in for a task; "" is the schedule's own.
func (r *Rules) zone(d *Definition, task Task, v *view) string {
	for _, source := range d.Zone {
		if zone, ok := r.zones.Zone(source, task, func(name string) string { return v.fields[name] }); ok {
			return zone
		}
	}
	return ""
}
