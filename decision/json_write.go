package decision

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"time"
)

type jsonWriter struct {
	t *Table
	b bytes.Buffer
}

func (w *jsonWriter) table() {
	t := w.t
	w.b.WriteByte('{')
	first := true
	field := func(name string) {
		if !first {
			w.b.WriteByte(',')
		}
		first = false
		w.b.WriteString("\n  " + jsonString(name) + ": ")
	}
	text := func(name, s string) {
		if s != "" {
			field(name)
			w.b.WriteString(jsonString(s))
		}
	}
	text("name", t.Name)
	text("version", t.Version)
	text("itemName", t.ItemName)
	text("description", t.Description)
	text("application", t.Application)
	if !t.Created.IsZero() {
		text("created", createdText(t.Created))
	}
	if len(t.Properties) > 0 {
		field("properties")
		w.properties()
	}
	text("hitPolicy", policyText(t))
	list := func(name string, n int, entry func(i int)) {
		field(name)
		w.b.WriteByte('[')
		for i := range n {
			w.b.WriteString([]string{"\n    ", ",\n    "}[min(i, 1)])
			entry(i)
		}
		if n > 0 {
			w.b.WriteString("\n  ")
		}
		w.b.WriteByte(']')
	}
	list("inputs", len(t.Inputs), w.input)
	list("outputs", len(t.Outputs), w.output)
	if len(t.Annotations) > 0 {
		field("annotations")
		w.list(len(t.Annotations), func(i int) string { return jsonString(t.Annotations[i]) })
	}
	rule := w.named
	if _, clash := t.columnNames(); clash != "" {
		rule = w.listed
	}
	list("rules", len(t.Rules), func(i int) { rule(&t.Rules[i]) })
	w.b.WriteString("\n}\n")
}

func (w *jsonWriter) properties() {
	w.b.WriteByte('{')
	for i, name := range slices.Sorted(maps.Keys(w.t.Properties)) {
		w.b.WriteString([]string{"", ", "}[min(i, 1)] + jsonString(name) + ": " + jsonString(w.t.Properties[name]))
	}
	w.b.WriteByte('}')
}

// list writes values in one line.
func (w *jsonWriter) list(n int, value func(i int) string) {
	w.b.WriteByte('[')
	for i := range n {
		w.b.WriteString([]string{"", ", "}[min(i, 1)] + value(i))
	}
	w.b.WriteByte(']')
}

// jsonLine writes an object in one line.
type jsonLine struct {
	b   *bytes.Buffer
	any bool
}

func (l *jsonLine) field(name, value string) {
	l.b.WriteString([]string{"{", ", "}[b2i(l.any)] + jsonString(name) + ": " + value)
	l.any = true
}

func (l *jsonLine) text(name, s string) {
	if s != "" {
		l.field(name, jsonString(s))
	}
}

func (l *jsonLine) end() { l.b.WriteString([]string{"{}", "}"}[b2i(l.any)]) }

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (w *jsonWriter) input(i int) {
	in, l := &w.t.Inputs[i], jsonLine{b: &w.b}
	l.field("name", jsonString(in.Name))
	l.text("label", in.Label)
	l.text("expression", in.Expression)
	l.text("type", in.Type.String())
	w.allowed(&l, in.Allowed)
	if in.Optional {
		l.field("optional", "true")
	}
	l.end()
}

func (w *jsonWriter) output(i int) {
	out, l := &w.t.Outputs[i], jsonLine{b: &w.b}
	l.field("name", jsonString(out.Name))
	l.text("label", out.Label)
	l.text("type", out.Type.String())
	w.allowed(&l, out.Allowed)
	if !out.Default.IsMissing() {
		l.field("default", jsonOf(out.Default))
	}
	l.end()
}

// allowed writes a list where the values are named one by one, and else a cell.
func (w *jsonWriter) allowed(l *jsonLine, c Cell) {
	if c.IsAny() {
		return
	}
	values, listed := c.values()
	if !listed || slices.ContainsFunc(values, Value.IsMissing) {
		l.field("allowed", jsonString(c.String()))
		return
	}
	var list jsonWriter
	list.list(len(values), func(i int) string { return jsonOf(values[i]) })
	l.field("allowed", list.b.String())
}

// named writes a rule with a field for each column.
func (w *jsonWriter) named(r *Rule) {
	l := jsonLine{b: &w.b}
	l.text("id", r.ID)
	for j, in := range w.t.Inputs {
		l.field(in.Name, jsonString(jsonCellText(r.When[j], in.Type)))
	}
	for j, out := range w.t.Outputs {
		l.field(out.Name, jsonOf(r.Then[j]))
	}
	for j, text := range r.Annotations {
		l.field(w.t.Annotations[j], jsonString(text))
	}
	l.end()
}

// listed writes a rule with lists in the order of the columns.
func (w *jsonWriter) listed(r *Rule) {
	l := jsonLine{b: &w.b}
	l.text("id", r.ID)
	list := func(name string, n int, value func(i int) string) {
		var list jsonWriter
		list.list(n, value)
		l.field(name, list.b.String())
	}
	list("when", len(r.When), func(j int) string { return jsonString(jsonCellText(r.When[j], w.t.Inputs[j].Type)) })
	list("then", len(r.Then), func(j int) string { return jsonOf(r.Then[j]) })
	if len(r.Annotations) > 0 {
		list("annotations", len(r.Annotations), func(j int) string { return jsonString(r.Annotations[j]) })
	}
	l.end()
}

// jsonCellText is the text of a condition; that the input is empty is no text.
func jsonCellText(c Cell, t Type) string {
	if !c.Not && len(c.Tests) == 1 && c.Tests[0].Op == Empty {
		return ""
	}
	return bareCell(c, t)
}

func jsonOf(v Value) string {
	if v.kind == kindText {
		return jsonString(v.s)
	}
	b, err := v.MarshalJSON()
	if err != nil { // a number, a boolean or a text of digits: it cannot fail
		panic(err)
	}
	return string(b)
}

// jsonString is the text as people read it: < and & stay what they are.
func jsonString(s string) string {
	var b bytes.Buffer
	out := json.NewEncoder(&b)
	out.SetEscapeHTML(false)
	if err := out.Encode(s); err != nil { // a string always encodes
		panic(err)
	}
	return string(bytes.TrimSuffix(b.Bytes(), []byte("\n")))
}

func createdText(at time.Time) string { return at.UTC().Format(time.RFC3339Nano) }
