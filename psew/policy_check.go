package psew

import (
	"encoding/json"
	"errors"
	"strings"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/store"
)

// Bounds of what a tenant may write as its policy.
const (
	maxRules  = 400
	maxName   = 200                   // bytes of a text
	maxColumn = 16 << 10              // bytes of what is said of the inputs, or of the outputs
	maxPolicy = store.MaxBody - 1<<10 // bytes of the whole as JSON, for it to fit a record
)

// Check returns an ErrInvalid that names the first rule that cannot stand: two rules that fit the same incident, a category, subcategory or stage that is
// none, a stage from which nothing is escalated, a flow that is none, a rule without group; and what of the table has too many bytes, or is no text.
func (t Table) Check(categories Categories, flows Flows) error {
	if len(t.Rules) == 0 || len(t.Rules) > maxRules {
		return forewarn.Invalid("policy.rules", "has %d; 1 to %d", len(t.Rules), maxRules)
	}
	if err := checkText("policy.name", t.Name, maxName); err != nil {
		return err
	}
	if t.HitPolicy != "" && !strings.EqualFold(t.HitPolicy, "UNIQUE") {
		return forewarn.Invalid("policy.hitPolicy", "is UNIQUE, not %q", shown(t.HitPolicy))
	}
	for _, column := range []struct {
		field string
		said  json.RawMessage
	}{{"policy.inputs", t.Inputs}, {"policy.outputs", t.Outputs}} {
		if err := checkText(column.field, string(column.said), maxColumn); err != nil {
			return err
		}
		if column.said != nil && !json.Valid(column.said) {
			return forewarn.Invalid(column.field, "is no JSON")
		}
	}
	sound := t
	var bad error
	for i, r := range t.Rules {
		if bad = r.check(categories, flows); bad != nil {
			sound.Rules, bad = t.Rules[:i], inRule(i+1, bad)
			break
		}
	}
	if _, err := sound.study(categories, flows); err != nil {
		return err
	}
	if bad != nil {
		return bad
	}
	if size, err := json.Marshal(t); err != nil {
		return forewarn.Invalid("policy", "is no JSON: %v", err)
	} else if len(size) > maxPolicy {
		return forewarn.Invalid("policy", "has %d bytes of JSON; at most %d", len(size), maxPolicy)
	}
	if _, err := t.compile(); err != nil {
		return forewarn.Invalid("policy", "%v", err)
	}
	return nil
}

// check returns what is wrong with a row by itself, as an ErrInvalid that names the column.
func (r Rule) check(categories Categories, flows Flows) error {
	for _, c := range []struct{ field, text string }{{"category", r.Category}, {"subcategory", r.Subcategory}, {"stage", r.Stage},
		{"assignmentGroup", r.Group}, {"flow", r.Flow}, {"origin", r.Origin}} {
		if err := checkText(c.field, c.text, maxName); err != nil {
			return err
		}
	}
	if _, _, err := categories.Parse(r.Category, r.Subcategory); err != nil {
		return err
	}
	if _, err := ParseStage(r.Stage); err != nil {
		return err
	}
	if r.Group == "" {
		return forewarn.Invalid("assignmentGroup", "is empty: the rule has no assignment group")
	}
	flow, ok := flows.Subflow(r.Flow)
	if !ok {
		return forewarn.Invalid("flow", "%q is none", r.Flow)
	}
	if !flow.Stage.Works() {
		return forewarn.Invalid("flow", "leads to stage %s, which resolving alone enters", flow.Stage)
	}
	return nil
}

func inRule(n int, err error) error {
	var e *forewarn.Error
	if !errors.As(err, &e) {
		return err
	}
	named := *e
	named.Field = strings.TrimSuffix("policy.rules["+itoa(n)+"]."+e.Field, ".")
	return &named
}
