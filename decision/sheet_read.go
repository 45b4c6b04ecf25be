package decision

import (
	"slices"
	"strings"
)

// ParseSheet reads a table from rows of texts, as CSV and spreadsheets have them,
// and validates it:
//
//	table,      Discount
//	hit policy, UNIQUE
//	column,     input,   input,   output,  annotation
//	type,       number,  boolean, number
//	rule,       age,     member,  percent, why
//	,           < 18,    -,       10,      young
//
// The first cell of a row says what the row is: table, version, item name,
// description, application, created, property (name and value), hit policy; then,
// with a cell for each column, column (input, output or annotation), label, type,
// allowed, optional (yes), default, expression; and rule, with the names of the
// columns. All rows after that are rules, whose first cell is an ID or empty.
// Rows without any text say nothing. Conditions are read by ParseCell and outputs
// by ParseValue. An empty cell is a condition that says empty: the input is null,
// missing or the empty text. It never says any, which is a dash. As an output an
// empty cell is null, in every column: the empty text is written "". Other texts may
// stand in double quotes.
//
// place names a cell for errors, by the index of its row and its own; nil leaves
// it out. The error is an *Error for rows that cannot be read, and Errors for a
// table that is read and not valid, which is then returned with them, as Analyze
// takes it.
func ParseSheet(rows [][]string, place func(row, cell int) string) (Table, error) {
	r := sheetReader{rows: rows, place: place, seen: map[string]int{}}
	if place == nil {
		r.place = func(int, int) string { return "" }
	}
	if err := r.read(); err != nil {
		return Table{}, err
	}
	if err := r.t.Validate(); err != nil {
		return r.t, r.placed(err)
	}
	return r.t, nil
}

type sheetReader struct {
	t     Table
	rows  [][]string
	place func(row, cell int) string
	seen  map[string]int // the rows of the head, by what they are
	kinds []string       // of the columns
	names []string
	lines []int // the row of each rule
}

// bad returns an error with the table and the place.
func (r *sheetReader) bad(err error, column string, rule, row, cell int) error {
	e, ok := located(err, r.t.Name, column, rule).(*Error)
	if !ok {
		return err
	}
	e.Place = r.place(row, cell)
	return e
}

// placed gives the errors of Validate their places.
func (r *sheetReader) placed(err error) error {
	all, ok := err.(Errors)
	if !ok {
		return err
	}
	for _, e := range all {
		cell := max(0, slices.Index(r.names, e.Column)+1)
		switch {
		case e.Rule > 0 && e.Rule <= len(r.lines):
			e.Place = r.place(r.lines[e.Rule-1], cell)
		case e.Column != "":
			e.Place = r.place(r.seen[sheetRule], cell)
		}
	}
	return all
}

func (r *sheetReader) read() error {
	for i, row := range r.rows {
		blank := !slices.ContainsFunc(row, func(cell string) bool { return strings.TrimSpace(cell) != "" })
		if blank {
			continue
		}
		var err error
		if _, ruled := r.seen[sheetRule]; ruled {
			err = r.rule(i, row)
		} else {
			err = r.head(i, row)
		}
		if err != nil {
			return err
		}
	}
	if _, ruled := r.seen[sheetRule]; !ruled {
		return r.bad(syntax(`there is no row "rule" with the names of the columns`), "", 0, max(0, len(r.rows)-1), 0)
	}
	return nil
}

// head reads a row before the rules.
func (r *sheetReader) head(i int, row []string) error {
	at := slices.IndexFunc(sheetWords, func(word string) bool { return fold(word) == fold(row[0]) })
	if at < 0 {
		return r.bad(syntax("a row begins with %s, which is none of %s", quote(cut(row[0])), strings.Join(sheetWords, ", ")), "", 0, i, 0)
	}
	word := sheetWords[at]
	if _, twice := r.seen[word]; twice && word != sheetProperty {
		return r.bad(syntax("there is a second row %s", quote(word)), "", 0, i, 0)
	}
	r.seen[word] = i
	if word == sheetRule {
		return r.columns(i)
	}
	if slices.Contains(columnWords, word) {
		return nil // read with the names
	}
	most := 1
	if word == sheetProperty {
		most = 2
	}
	for j := most + 1; j < len(row); j++ {
		if strings.TrimSpace(row[j]) != "" {
			return r.bad(syntax("the row %s has %s too much", quote(word), quote(cut(row[j]))), "", 0, i, j)
		}
	}
	var texts [2]string
	for j := range min(most, len(row)-1) {
		var err error
		if texts[j], err = readText(row[1+j]); err != nil {
			return r.bad(err, "", 0, i, 1+j)
		}
	}
	if err := r.meta(word, texts); err != nil {
		return r.bad(err, "", 0, i, 1)
	}
	return nil
}

// meta takes what a row says of the table.
func (r *sheetReader) meta(word string, texts [2]string) (err error) {
	t, text := &r.t, texts[0]
	switch word {
	case sheetTable:
		t.Name = text
	case sheetVersion:
		t.Version = text
	case sheetItem:
		t.ItemName = text
	case sheetDescription:
		t.Description = text
	case sheetApplication:
		t.Application = text
	case sheetCreated:
		if text != "" {
			t.Created, err = parseCreated(text)
		}
	case sheetPolicy:
		t.HitPolicy, t.Aggregation, err = ParseHitPolicy(text)
	case sheetProperty:
		if _, twice := t.Properties[text]; twice {
			return syntax("the property %s is given twice", quote(cut(text)))
		}
		if t.Properties == nil {
			t.Properties = map[string]string{}
		}
		t.Properties[text] = texts[1]
	}
	return err
}

// columns makes the columns of the rows that describe them; i is the row with their names.
func (r *sheetReader) columns(i int) error {
	for _, word := range []string{sheetColumn, sheetType} {
		if _, given := r.seen[word]; !given {
			return r.bad(syntax("there is no row %s before the row %s", quote(word), quote(sheetRule)), "", 0, i, 0)
		}
	}
	width := 1
	for _, word := range columnWords {
		if at, given := r.seen[word]; given {
			width = max(width, len(r.rows[at]))
		}
	}
	for width > 1 && r.blankColumn(width-1) {
		width--
	}
	for j := 1; j < width; j++ {
		name, err := readText(r.cell(sheetRule, j))
		if err != nil {
			return r.bad(err, "", 0, i, j)
		}
		r.names = append(r.names, name)
		if err := r.column(name, j); err != nil {
			return err
		}
	}
	return nil
}

// blankColumn reports whether no row of the head says anything of a column.
func (r *sheetReader) blankColumn(j int) bool {
	for _, word := range columnWords {
		if strings.TrimSpace(r.cell(word, j)) != "" {
			return false
		}
	}
	return true
}

// cell returns what a row of the head has for a column.
func (r *sheetReader) cell(word string, j int) string {
	if at, given := r.seen[word]; given && j < len(r.rows[at]) {
		return r.rows[at][j]
	}
	return ""
}

func (r *sheetReader) column(name string, j int) error {
	bad := func(word string, err error) error {
		at, given := r.seen[word]
		if !given {
			at = r.seen[sheetRule]
		}
		return r.bad(err, name, 0, at, j)
	}
	kind := strings.ToLower(strings.TrimSpace(r.cell(sheetColumn, j)))
	says := map[string][]string{
		kindInput:      {sheetColumn, sheetRule, sheetLabel, sheetType, sheetAllowed, sheetOptional, sheetExpression},
		kindOutput:     {sheetColumn, sheetRule, sheetLabel, sheetType, sheetAllowed, sheetDefault},
		kindAnnotation: {sheetColumn, sheetRule},
	}
	if says[kind] == nil {
		return bad(sheetColumn, syntax("%s is none of input, output, annotation", quote(cut(kind))))
	}
	for _, word := range []string{sheetLabel, sheetType, sheetAllowed, sheetOptional, sheetDefault, sheetExpression} {
		if text := strings.TrimSpace(r.cell(word, j)); text != "" && !slices.Contains(says[kind], word) {
			return bad(word, syntax("an %s has no %s", kind, word))
		}
	}
	r.kinds = append(r.kinds, kind)
	if kind == kindAnnotation {
		r.t.Annotations = append(r.t.Annotations, name)
		return nil
	}
	label, err := readText(r.cell(sheetLabel, j))
	if err != nil {
		return bad(sheetLabel, err)
	}
	typ, err := ParseType(r.cell(sheetType, j))
	if err != nil {
		return bad(sheetType, err)
	}
	var allowed Cell
	if text := r.cell(sheetAllowed, j); strings.TrimSpace(text) != "" {
		if allowed, err = ParseCell(text, typ); err != nil {
			return bad(sheetAllowed, err)
		}
	}
	if kind == kindInput {
		in := Input{Name: name, Label: label, Type: typ, Allowed: allowed}
		if in.Optional, err = yesOrNo(r.cell(sheetOptional, j)); err != nil {
			return bad(sheetOptional, err)
		}
		if in.Expression, err = readText(r.cell(sheetExpression, j)); err != nil {
			return bad(sheetExpression, err)
		}
		r.t.Inputs = append(r.t.Inputs, in)
		return nil
	}
	out := Output{Name: name, Label: label, Type: typ, Allowed: allowed}
	if text := r.cell(sheetDefault, j); strings.TrimSpace(text) != "" {
		if out.Default, err = ParseValue(text, typ); err != nil {
			return bad(sheetDefault, err)
		}
	}
	r.t.Outputs = append(r.t.Outputs, out)
	return nil
}

func yesOrNo(text string) (bool, error) {
	switch strings.ToLower(strings.TrimSpace(text)) {
	case "yes", "true", "x":
		return true, nil
	case "", "no", "false":
		return false, nil
	}
	return false, syntax("%s is neither yes nor no", quote(cut(text)))
}

// rule reads a row after the names.
func (r *sheetReader) rule(i int, row []string) error {
	number := len(r.t.Rules) + 1
	if number > MaxRules {
		return r.bad(&Error{Kind: ErrLimit, Reason: "the table has more than " + itoa(MaxRules) + " rules"}, "", number, i, 0)
	}
	for j := len(r.names) + 1; j < len(row); j++ {
		if strings.TrimSpace(row[j]) != "" {
			return r.bad(syntax("the rule has %s beyond the last column", quote(cut(row[j]))), "", number, i, j)
		}
	}
	rule := Rule{}
	var err error
	if rule.ID, err = readText(row[0]); err != nil {
		return r.bad(err, "", number, i, 0)
	}
	inputs, outputs := 0, 0
	for j, kind := range r.kinds {
		at, name := j+1, r.names[j]
		if at >= len(row) && kind != kindAnnotation {
			return r.bad(syntax(`the rule ends before the column; a condition on any value is written "-", no value null`), name, number, i, at)
		}
		text := ""
		if at < len(row) {
			text = row[at]
		}
		switch kind {
		case kindInput:
			var cell Cell
			cell, err = ParseCell(text, r.t.Inputs[inputs].Type)
			rule.When = append(rule.When, cell)
			inputs++
		case kindOutput:
			var v Value
			v, err = ParseValue(text, r.t.Outputs[outputs].Type)
			rule.Then = append(rule.Then, v)
			outputs++
		default:
			var said string
			said, err = readText(text)
			rule.Annotations = append(rule.Annotations, said)
			if strings.TrimSpace(text) != "" {
				break
			}
			// What is not there at the end is not there at all.
			last := !slices.ContainsFunc(row[min(at, len(row)):], func(s string) bool { return strings.TrimSpace(s) != "" })
			if last {
				rule.Annotations = rule.Annotations[:len(rule.Annotations)-1]
			}
		}
		if err != nil {
			return r.bad(err, name, number, i, at)
		}
	}
	r.t.Rules = append(r.t.Rules, rule)
	r.lines = append(r.lines, i)
	return nil
}
