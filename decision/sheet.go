package decision

import (
	"maps"
	"slices"
	"strings"
)

// A sheet is a table as rows of texts, as CSV and spreadsheets have it. The first
// cell of a row says what the row is:
//
//	table,       Discount
//	version,     3
//	property,    owner,   Sales
//	hit policy,  UNIQUE
//	column,      input,   input,   output,  annotation
//	label,       Age,     Member,  Percent
//	type,        number,  boolean, number
//	allowed,     [0..150]
//	optional,    ,        yes
//	default,     ,        ,        0
//	expression,  person.age
//	rule,        age,     member,  percent, why
//	,            < 18,    -,       10,      young
//
// The row "rule" has the names of the columns, and is followed by the rules; the
// first cell of a rule is its ID. Only the rows table, column, type and rule must
// be there. Rows without any text say nothing.

// What the rows of a sheet's head are.
const (
	sheetTable       = "table"
	sheetVersion     = "version"
	sheetItem        = "item name"
	sheetDescription = "description"
	sheetApplication = "application"
	sheetCreated     = "created"
	sheetProperty    = "property"
	sheetPolicy      = "hit policy"
	sheetColumn      = "column"
	sheetLabel       = "label"
	sheetType        = "type"
	sheetAllowed     = "allowed"
	sheetOptional    = "optional"
	sheetDefault     = "default"
	sheetExpression  = "expression"
	sheetRule        = "rule"

	kindInput      = "input"
	kindOutput     = "output"
	kindAnnotation = "annotation"
)

var sheetWords = []string{sheetTable, sheetVersion, sheetItem, sheetDescription, sheetApplication, sheetCreated, sheetProperty, sheetPolicy,
	sheetColumn, sheetLabel, sheetType, sheetAllowed, sheetOptional, sheetDefault, sheetExpression, sheetRule}

// columnWords are the rows with a cell for each column.
var columnWords = []string{sheetColumn, sheetLabel, sheetType, sheetAllowed, sheetOptional, sheetDefault, sheetExpression, sheetRule}

// sheetText writes a text that is no cell: a name, a description, an annotation.
// It is as it stands, in quotes where that would be read as another one.
func sheetText(s string) string {
	if strings.HasPrefix(s, `"`) || strings.TrimSpace(s) != s || formula(s) || strings.HasPrefix(s, "\ufeff") ||
		strings.ContainsFunc(s, func(r rune) bool { return control(r) && r != '\n' }) {
		return quoteText(s)
	}
	return s
}

// readText reads what sheetText writes.
func readText(s string) (string, error) {
	s = strings.TrimSpace(s)
	if len(s) > 6*MaxText { // all of it escaped
		return "", &Error{Kind: ErrLimit, Reason: "a text has " + itoa(len(s)) + " bytes"}
	}
	if !strings.HasPrefix(s, `"`) {
		return s, nil
	}
	text, rest, err := unquoteText(s)
	if err == nil && rest != "" {
		err = syntax("there is %s after the text", quote(cut(rest)))
	}
	return text, err
}

// Sheet returns a valid table as rows of texts, as CSV and spreadsheets have it
// and ParseSheet reads it. The rows have as many cells as they need. The error is
// that of FormatJSON.
func (t Table) Sheet() ([][]string, error) {
	if err := t.writable(); err != nil {
		return nil, err
	}
	var rows [][]string
	head := func(word, text string) {
		if text != "" {
			rows = append(rows, []string{word, sheetText(text)})
		}
	}
	head(sheetTable, t.Name)
	head(sheetVersion, t.Version)
	head(sheetItem, t.ItemName)
	head(sheetDescription, t.Description)
	head(sheetApplication, t.Application)
	if !t.Created.IsZero() {
		head(sheetCreated, createdText(t.Created))
	}
	for _, name := range slices.Sorted(maps.Keys(t.Properties)) {
		rows = append(rows, []string{sheetProperty, sheetText(name), sheetText(t.Properties[name])})
	}
	head(sheetPolicy, policyText(&t))
	rows = append(rows, t.sheetColumns()...)
	for i := range t.Rules {
		rows = append(rows, t.sheetRule(&t.Rules[i]))
	}
	return rows, nil
}

// sheetColumns returns the rows that describe the columns, those left out that say nothing.
func (t *Table) sheetColumns() [][]string {
	width := 1 + len(t.Inputs) + len(t.Outputs) + len(t.Annotations)
	row := func(word string, in func(*Input) string, out func(*Output) string) []string {
		cells := make([]string, width)
		cells[0] = word
		said := false
		for i := range t.Inputs {
			cells[1+i] = in(&t.Inputs[i])
			said = said || cells[1+i] != ""
		}
		for i := range t.Outputs {
			cells[1+len(t.Inputs)+i] = out(&t.Outputs[i])
			said = said || cells[1+len(t.Inputs)+i] != ""
		}
		if !said {
			return nil
		}
		return cells
	}
	annotations := func(cells []string, text func(name string) string) []string {
		for i, name := range t.Annotations {
			cells[width-len(t.Annotations)+i] = text(name)
		}
		return cells
	}
	allowed := func(c Cell, typ Type) string {
		if c.IsAny() {
			return ""
		}
		return bareCell(c, typ)
	}
	no := func(*Input) string { return "" }
	none := func(*Output) string { return "" }
	all := [][]string{
		annotations(row(sheetColumn, func(*Input) string { return kindInput }, func(*Output) string { return kindOutput }), func(string) string { return kindAnnotation }),
		row(sheetLabel, func(in *Input) string { return sheetText(in.Label) }, func(out *Output) string { return sheetText(out.Label) }),
		row(sheetType, func(in *Input) string { return in.Type.String() }, func(out *Output) string { return out.Type.String() }),
		row(sheetAllowed, func(in *Input) string { return allowed(in.Allowed, in.Type) }, func(out *Output) string { return allowed(out.Allowed, out.Type) }),
		row(sheetOptional, func(in *Input) string { return []string{"", "yes"}[b2i(in.Optional)] }, none),
		row(sheetDefault, no, func(out *Output) string {
			if out.Default.IsMissing() {
				return ""
			}
			return bareValue(out.Default, out.Type)
		}),
		row(sheetExpression, func(in *Input) string { return sheetText(in.Expression) }, none),
		annotations(row(sheetRule, func(in *Input) string { return sheetText(in.Name) }, func(out *Output) string { return sheetText(out.Name) }), sheetText),
	}
	rows := all[:0]
	for _, cells := range all {
		if cells != nil {
			rows = append(rows, cells)
		}
	}
	return rows
}

func (t *Table) sheetRule(r *Rule) []string {
	cells := []string{sheetText(r.ID)}
	for j, in := range t.Inputs {
		cells = append(cells, bareCell(r.When[j], in.Type))
	}
	for j, out := range t.Outputs {
		cells = append(cells, bareValue(r.Then[j], out.Type))
	}
	for _, text := range r.Annotations {
		if text == "" {
			text = `""` // which is a text, and not none
		} else {
			text = sheetText(text)
		}
		cells = append(cells, text)
	}
	return cells
}
