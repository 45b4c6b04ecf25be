package psew

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/ticket"
)

// noteChange keeps who has changed the tenant's configuration, when, and from what to what. What does not fit one entry is in several, in their order.
func noteChange(u *forewarn.Unit, what, text string) error {
	parts := pieces(strings.ToValidUTF8(text, ""), ticket.MaxText-len("(99 of 99) "))
	for n, part := range parts {
		if len(parts) > 1 {
			part = "(" + itoa(n+1) + " of " + itoa(len(parts)) + ") " + part
		}
		_, err := u.Post(ticket.Activity{Kind: kindSettings, Ticket: settingsID, Entry: ticket.Notice, Event: "configured", Source: what, Text: part})
		if err != nil {
			return err
		}
	}
	return nil
}

// pieces cuts a text into as few as fit the limit, none within a character.
func pieces(text string, limit int) (all []string) {
	for len(text) > limit {
		end := limit
		for !utf8.RuneStart(text[end]) {
			end--
		}
		all, text = append(all, text[:end]), text[end:]
	}
	return append(all, text)
}

// settingChanges says what of the settings is not what it was; "" when nothing is.
func settingChanges(from, to Settings) string {
	var all []string
	a, b := reflect.ValueOf(from), reflect.ValueOf(to)
	for n := range a.NumField() {
		if reflect.DeepEqual(a.Field(n).Interface(), b.Field(n).Interface()) {
			continue
		}
		was, err := json.Marshal(a.Field(n).Interface())
		is, err2 := json.Marshal(b.Field(n).Interface())
		if errors.Join(err, err2) != nil {
			continue
		}
		all = append(all, a.Type().Field(n).Name+": "+string(was)+" → "+string(is))
	}
	return strings.Join(all, "\n")
}

// policyChanges says what of a policy is not what it was: a line for each thing that is said of the whole, and then the rows: those that have gone (-)
// and come (+), where one that decides otherwise has both, and those that stand elsewhere among those that stayed (>).
func policyChanges(from, to Table) string {
	text := "The escalation policy has " + itoa(len(to.Rules)) + " rows."
	for _, part := range []struct{ name, was, is string }{
		{"name", quote(from.Name), quote(to.Name)}, {"hitPolicy", quote(from.HitPolicy), quote(to.HitPolicy)},
		{"inputs", raw(from.Inputs), raw(to.Inputs)}, {"outputs", raw(from.Outputs), raw(to.Outputs)},
	} {
		if part.was != part.is {
			text += "\n" + part.name + ": " + part.was + " → " + part.is
		}
	}
	var stayed []int // the row of from, of each that is in both, in the order of to
	for n, r := range to.Rules {
		if was := slices.Index(from.Rules, r); was >= 0 && slices.Index(to.Rules, r) == n {
			stayed = append(stayed, was)
		}
	}
	unmoved := longestRising(stayed)
	for n, r := range from.Rules {
		if !slices.Contains(to.Rules, r) {
			text += "\n- row " + itoa(n+1) + ": " + r.line()
		}
	}
	for n, r := range to.Rules {
		was := slices.Index(from.Rules, r)
		switch {
		case was < 0:
			text += "\n+ row " + itoa(n+1) + ": " + r.line()
		case !slices.Contains(unmoved, was):
			text += "\n> row " + itoa(n+1) + ", before row " + itoa(was+1) + ": " + r.line()
		}
	}
	return text
}

// raw is JSON on one line.
func raw(m json.RawMessage) string {
	b, err := json.Marshal(m)
	if err != nil || len(m) == 0 {
		return "none"
	}
	return string(b)
}

// longestRising returns a longest part of the numbers that rises: the rows that need not have moved.
func longestRising(all []int) []int {
	best := make([][]int, len(all))
	var longest []int
	for n, v := range all {
		for m := range n {
			if all[m] < v && len(best[m]) > len(best[n]) {
				best[n] = best[m]
			}
		}
		if best[n] = append(slices.Clip(best[n]), v); len(best[n]) >= len(longest) {
			longest = best[n]
		}
	}
	return longest
}

// line is the row as the history has it: as String, with where the row is from.
func (r Rule) line() string {
	if r.Origin == "" {
		return r.String()
	}
	return r.String() + " (" + r.Origin + ")"
}

// ConfigurationHistory asks for what was changed of the tenant's configuration.
type ConfigurationHistory struct {
	Limit int
	After string
}

// ConfigurationHistory returns what SetProperty, SetPolicy and SetMessage have changed, from what to what, by whom and when, the latest first. A change that
// is too long for one entry is in several, each with its number. What Defaults writes is no change. It returns ErrForbidden without admin.
func (s *Service) ConfigurationHistory(ctx context.Context, by forewarn.Caller, q ConfigurationHistory) (forewarn.Page[ticket.Activity], error) {
	return forewarn.Read(ctx, s.engine, by, "psew.ConfigurationHistory", q, func(u *forewarn.Unit, q ConfigurationHistory) (none forewarn.Page[ticket.Activity], err error) {
		if err := u.Require(actConfigure, own(u.By())); err != nil {
			return none, err
		}
		return forewarn.Activities.Where("ticket", forewarn.StreamOf(kindSettings, settingsID)).Descending().Limit(q.Limit).Page(u, q.After)
	})
}
