package decision

import (
	"slices"
	"time"
)

// Tables are read field by field, because encoding/json takes a field that is
// given twice, looks at names without regard to case, and does not say in which
// rule it met what it could not read.

type jsonReader struct {
	t     Table
	flat  bool           // whether rules may be objects with a field for each column
	clash string         // why not
	at    map[string]int // the columns by name: inputs, outputs, annotations
}

func (r *jsonReader) table(data []byte) error {
	fields, err := jsonFields(data, "the table", "$schema", "name", "version", "itemName", "description", "application", "created",
		"properties", "hitPolicy", "inputs", "outputs", "annotations", "rules")
	if err != nil {
		return err
	}
	t := &r.t
	for _, text := range []struct {
		name string
		to   *string
	}{{"name", &t.Name}, {"version", &t.Version}, {"itemName", &t.ItemName}, {"description", &t.Description}, {"application", &t.Application}, {"$schema", new(string)}} {
		if err := fields.text(text.name, text.to); err != nil {
			return err
		}
	}
	if err := r.head(fields); err != nil {
		return err
	}
	for _, list := range []struct {
		name string
		read func(n int, data []byte) error
	}{{"inputs", r.input}, {"outputs", r.output}, {"annotations", r.annotation}} {
		if err := fields.list(list.name, list.read); err != nil {
			return err
		}
	}
	r.names()
	return fields.list("rules", r.rule)
}

// head reads when the table was created, its properties, and the hit policy.
func (r *jsonReader) head(fields jsonObject) error {
	t := &r.t
	var created, policy string
	if err := fields.text("created", &created); err != nil {
		return err
	}
	if created != "" {
		at, err := parseCreated(created)
		if err != nil {
			return err
		}
		t.Created = at
	}
	if err := fields.text("hitPolicy", &policy); err != nil {
		return err
	}
	var err error
	if t.HitPolicy, t.Aggregation, err = ParseHitPolicy(policy); err != nil {
		return err
	}
	if policy != "" && policy != policyText(t) && policy != HitPolicyLetter(t.HitPolicy, t.Aggregation) {
		return syntax("the hit policy %s is written %s", quote(policy), policyText(t))
	}
	raw, given := fields["properties"]
	if !given {
		return nil
	}
	properties, err := jsonFields(raw, "properties")
	if err != nil {
		return err
	}
	for name := range properties {
		var value string
		if err := properties.text(name, &value); err != nil {
			return err
		}
		if t.Properties == nil {
			t.Properties = map[string]string{}
		}
		t.Properties[name] = value
	}
	return nil
}

// parseCreated reads an instant, or a day.
func parseCreated(text string) (time.Time, error) {
	for _, layout := range []string{time.RFC3339Nano, time.DateOnly} {
		if at, err := time.Parse(layout, text); err == nil {
			return at.UTC(), nil
		}
	}
	return time.Time{}, syntax("created %s is no instant, such as 2026-11-25T10:30:00Z", quote(text))
}

// policyText is the hit policy with its aggregation: UNIQUE, COLLECT SUM.
func policyText(t *Table) string {
	if t.Aggregation == List {
		return t.HitPolicy.String()
	}
	return t.HitPolicy.String() + " " + t.Aggregation.String()
}

func (r *jsonReader) input(n int, data []byte) error {
	what := "input " + itoa(n)
	fields, err := jsonFields(data, what, "name", "label", "expression", "type", "allowed", "optional")
	if err != nil {
		return err
	}
	var in Input
	if err := fields.column(what, &in.Name, &in.Label, &in.Type, &in.Allowed); err != nil {
		return located(err, "", in.Name, 0)
	}
	if err := fields.text("expression", &in.Expression); err != nil {
		return located(err, "", in.Name, 0)
	}
	if raw, given := fields["optional"]; given {
		if in.Optional = string(raw) == "true"; !in.Optional && string(raw) != "false" {
			return located(syntax(`the field "optional" is true or false`), "", in.Name, 0)
		}
	}
	r.t.Inputs = append(r.t.Inputs, in)
	return nil
}

func (r *jsonReader) output(n int, data []byte) error {
	what := "output " + itoa(n)
	fields, err := jsonFields(data, what, "name", "label", "type", "allowed", "default")
	if err != nil {
		return err
	}
	var out Output
	if err := fields.column(what, &out.Name, &out.Label, &out.Type, &out.Allowed); err != nil {
		return located(err, "", out.Name, 0)
	}
	if raw, given := fields["default"]; given {
		if out.Default, err = jsonValue(raw, out.Type); err != nil {
			return located(err, "", out.Name, 0)
		}
	}
	r.t.Outputs = append(r.t.Outputs, out)
	return nil
}

func (r *jsonReader) annotation(n int, data []byte) error {
	var name string
	if err := jsonText(data, "annotation "+itoa(n), &name); err != nil {
		return err
	}
	r.t.Annotations = append(r.t.Annotations, name)
	return nil
}

// column reads what inputs and outputs have in common.
func (o jsonObject) column(what string, name, label *string, of *Type, allowed *Cell) error {
	if err := o.text("name", name); err != nil {
		return err
	}
	if err := o.text("label", label); err != nil {
		return err
	}
	var typ string
	if err := o.text("type", &typ); err != nil {
		return err
	}
	t, err := ParseType(typ)
	switch {
	case typ == "":
		return syntax("%s has no type", what)
	case err != nil:
		return err
	case typ != t.String():
		return syntax("the type %s is written %s", quote(typ), quote(t.String()))
	}
	*of = t
	raw, given := o["allowed"]
	switch {
	case !given:
		return nil
	case raw[0] == '[':
		err := o.list("allowed", func(_ int, data []byte) error {
			v, err := jsonValue(data, t)
			allowed.Tests = append(allowed.Tests, Test{Value: v})
			return err
		})
		if err == nil && allowed.IsAny() {
			return syntax(`the list "allowed" is empty: leave it out, and any value is allowed`)
		}
		return err
	}
	var text string
	if err := o.text("allowed", &text); err != nil {
		return err
	}
	*allowed, err = ParseCell(text, t)
	return err
}

// names finds out whether the names of the columns tell them apart.
func (r *jsonReader) names() { r.at, r.clash = r.t.columnNames(); r.flat = r.clash == "" }

// columnNames returns where each column is in the order inputs, outputs,
// annotations, and what keeps names from telling the columns apart.
func (t *Table) columnNames() (at map[string]int, clash string) {
	at = map[string]int{}
	add := func(name string) {
		if _, twice := at[name]; twice && clash == "" {
			clash = "two columns have the name " + quote(name)
		}
		at[name] = len(at)
	}
	for _, in := range t.Inputs {
		add(in.Name)
	}
	for _, out := range t.Outputs {
		add(out.Name)
	}
	for _, a := range t.Annotations {
		add(a)
	}
	if _, has := at["id"]; has && clash == "" {
		clash = `a column has the name "id"`
	}
	return at, clash
}

func (r *jsonReader) rule(n int, data []byte) error {
	fields, err := jsonFields(data, "the rule")
	if err != nil {
		return located(err, "", "", n)
	}
	var rule Rule
	if raw := fields["when"]; len(raw) > 0 && raw[0] == '[' {
		err = r.listed(fields, &rule)
	} else {
		err = r.named(fields, &rule)
	}
	if err != nil {
		return located(err, "", columnOf(err), n)
	}
	r.t.Rules = append(r.t.Rules, rule)
	return nil
}

// named reads a rule with a field for each column.
func (r *jsonReader) named(fields jsonObject, rule *Rule) error {
	if !r.flat {
		return syntax(`%s, so the rule has the lists "when", "then" and "annotations"`, r.clash)
	}
	for name := range fields {
		if _, known := r.at[name]; !known && name != "id" {
			return syntax("the table has no column %s", quote(cut(name)))
		}
	}
	if err := fields.text("id", &rule.ID); err != nil {
		return err
	}
	for _, in := range r.t.Inputs {
		raw, given := fields[in.Name]
		if !given {
			return located(syntax(`the rule has no condition; any value is written "-"`), "", in.Name, 0)
		}
		cell, err := jsonCell(raw, in.Type)
		if err != nil {
			return located(err, "", in.Name, 0)
		}
		rule.When = append(rule.When, cell)
	}
	for _, out := range r.t.Outputs {
		raw, given := fields[out.Name]
		if !given {
			return located(syntax("the rule has no value; no value is written null"), "", out.Name, 0)
		}
		v, err := jsonValue(raw, out.Type)
		if err != nil {
			return located(err, "", out.Name, 0)
		}
		rule.Then = append(rule.Then, v)
	}
	for i, name := range r.t.Annotations {
		if _, given := fields[name]; !given {
			continue
		}
		rule.Annotations = append(rule.Annotations, make([]string, i+1-len(rule.Annotations))...)
		if err := fields.text(name, &rule.Annotations[i]); err != nil {
			return located(err, "", name, 0)
		}
	}
	return nil
}

// listed reads a rule with lists in the order of the columns.
func (r *jsonReader) listed(fields jsonObject, rule *Rule) error {
	for name := range fields {
		if !slices.Contains([]string{"id", "when", "then", "annotations"}, name) {
			return syntax("the rule has the unknown field %s", quote(cut(name)))
		}
	}
	if err := fields.text("id", &rule.ID); err != nil {
		return err
	}
	err := fields.list("when", func(n int, data []byte) error {
		if n > len(r.t.Inputs) {
			return syntax("there are more conditions than inputs")
		}
		in := &r.t.Inputs[n-1]
		cell, err := jsonCell(data, in.Type)
		rule.When = append(rule.When, cell)
		return located(err, "", in.Name, 0)
	})
	if err != nil {
		return err
	}
	err = fields.list("then", func(n int, data []byte) error {
		if n > len(r.t.Outputs) {
			return syntax("there are more values than outputs")
		}
		out := &r.t.Outputs[n-1]
		v, err := jsonValue(data, out.Type)
		rule.Then = append(rule.Then, v)
		return located(err, "", out.Name, 0)
	})
	if err != nil {
		return err
	}
	return fields.list("annotations", func(_ int, data []byte) error {
		var text string
		err := jsonText(data, "an annotation", &text)
		rule.Annotations = append(rule.Annotations, text)
		return err
	})
}

// jsonCell reads a condition: the text of a cell, or a number, true or false that
// the input is.
func jsonCell(raw []byte, t Type) (Cell, error) {
	switch {
	case raw[0] == '"':
		var text string
		if err := jsonText(raw, "the condition", &text); err != nil {
			return Cell{}, err
		}
		return ParseCell(text, t)
	case t == Number && raw[0] != '{' && raw[0] != '[' && raw[0] != 'n', t == Boolean && (raw[0] == 't' || raw[0] == 'f'):
		v, err := jsonValue(raw, t)
		return Is(v), err
	}
	return Cell{}, syntax("a condition is a text, and not %s", cut(string(raw)))
}

// jsonValue reads a value of a column.
func jsonValue(raw []byte, t Type) (Value, error) {
	x, err := jsonAny(raw)
	if err != nil {
		return Value{}, err
	}
	v, ok := ValueOf(x, t)
	if !ok {
		return Value{}, &Error{Kind: ErrType, Reason: cut(string(raw)) + " is no " + t.String()}
	}
	return v, nil
}
