package sla_test

import (
	"slices"
	"testing"

	"github.com/forewarn-go/forewarn/sla"
)

func lint(definitions ...sla.Definition) []string {
	var all []string
	for _, f := range sla.Lint(definitions, sla.Domain{Fields: map[string][]string{"state": {"New", "Waiting", "Done"}}}) {
		all = append(all, f.String())
	}
	return all
}

// Covers: S1
func TestLint(t *testing.T) {
	d := func(change func(*sla.Definition)) sla.Definition {
		d := sla.Definition{ID: "d", Kind: "k", Task: "case", Target: sla.Target{Days: 1}, Start: sla.Is("state", "New", "Waiting"), Stop: sla.Is("state", "Done")}
		change(&d)
		return d
	}
	other := d(func(d *sla.Definition) { d.ID = "e" })
	for _, c := range []struct {
		name string
		of   []sla.Definition
		want []string
	}{
		{"nothing", []sla.Definition{d(func(*sla.Definition) {})}, nil},
		{"start within stop", []sla.Definition{d(func(d *sla.Definition) { d.Stop = sla.Is("state", "New", "Waiting", "Done") })},
			[]string{"d: never_begins: start never holds where stop and cancel do not"}},
		{"start against itself", []sla.Definition{d(func(d *sla.Definition) { d.Start = sla.All(sla.Ever("x"), sla.Not(sla.Ever("x"))) })},
			[]string{"d: never_begins: start never holds where stop and cancel do not"}},
		{"a pause that is outside of start", []sla.Definition{d(func(d *sla.Definition) {
			d.Start, d.Pause, d.Cancel = sla.Is("state", "New"), sla.Is("state", "Waiting"), sla.Not(sla.Is("state", "New"))
		})}, []string{"d: never_pauses: whenever pause holds, cancel does too and comes first"}},
		{"a pause that stops", []sla.Definition{d(func(d *sla.Definition) { d.Pause = sla.Is("state", "Done") })},
			[]string{"d: never_pauses: whenever pause holds, stop does too and comes first"}},
		{"a pause that is never", []sla.Definition{d(func(d *sla.Definition) { d.Pause = sla.All(sla.Is("state", "New"), sla.Is("state", "Done")) })},
			[]string{"d: never_pauses: pause never holds"}},
		{"a hold that cancels", []sla.Definition{d(func(d *sla.Definition) { d.Hold, d.Cancel = sla.Is("x", "1"), sla.Is("x", "1", "2") })},
			[]string{"d: never_pauses: whenever hold holds, cancel does too and comes first"}},
		{"a value that is not", []sla.Definition{d(func(d *sla.Definition) { d.Cancel = sla.Is("state", "Gone") })},
			[]string{`d: unknown_value: cancel asks whether state is "Gone", which it never is`}},
		{"a stop of one fact", []sla.Definition{d(func(d *sla.Definition) { d.Stop = sla.Happened("answer") })},
			[]string{"d: begins_again: stop can hold at one fact alone, and start still holds after it"}},
		{"a stop that start knows of", []sla.Definition{d(func(d *sla.Definition) {
			d.Stop, d.Start = sla.Happened("answer"), sla.Not(sla.Ever("answer"))
		})}, nil},
		{"two of a kind", []sla.Definition{d(func(*sla.Definition) {}), other}, []string{"e: overlap: begins for tasks for which d begins too"}},
		{"two versions", []sla.Definition{d(func(*sla.Definition) {}), d(func(d *sla.Definition) { d.Version = 1 })}, nil},
		{"too large", []sla.Definition{d(func(d *sla.Definition) {
			d.Stop = sla.Happened("1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "15", "16")
		})}, []string{"d: too_large: its conditions have more than 262144 combinations, so some questions were not asked"}},
	} {
		if got := lint(c.of...); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}
