package decision

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"time"
	"unicode/utf8"
)

// Limits of a table's file, in any format. More is an ErrLimit.
const (
	MaxFile  = 32 << 20 // bytes
	MaxDepth = 8        // objects and lists within one another, in JSON
)

//go:embed table.schema.json
var jsonSchema string

// JSONSchema returns the JSON Schema (draft 2020-12) of a table, for editors and
// other languages. What ParseJSON takes is valid by it. ParseJSON refuses more:
// it reads the cells.
func JSONSchema() []byte { return []byte(jsonSchema) }

// ParseJSON reads a table in the form that JSONSchema describes, and validates
// it. A rule is an object with a field for each column:
//
//	{"subcategory": "Link failure", "stage": "", "group": "Network Coordinators"}
//
// A condition is the text of a cell, as ParseCell reads it: "" says empty, and "-"
// any; no condition may be left out. An output is a JSON value: a string is a
// text as it stands, or a date, time or duration; null is null. Where an input
// and an output share a name, or a column is called id, rules have lists instead:
//
//	{"id": "r1", "when": ["Link failure", ""], "then": ["Network Coordinators"]}
//
// Fields that are unknown or given twice are refused. The error names column and
// rule: an *Error for a file that cannot be read, and Errors for a table that is
// read and not valid, which is then returned with them, as Analyze takes it.
func ParseJSON(data []byte) (Table, error) {
	var t Table
	if err := t.UnmarshalJSON(data); err != nil {
		return Table{}, err
	}
	return t, t.Validate()
}

// UnmarshalJSON reads what ParseJSON reads, without validating the table.
func (t *Table) UnmarshalJSON(data []byte) error {
	whole, err := oneJSON(data, "the table")
	if err != nil {
		return err
	}
	var r jsonReader
	if err := r.table(whole); err != nil {
		return located(err, r.t.Name, columnOf(err), ruleOf(err))
	}
	*t = r.t
	return nil
}

// MarshalJSON writes the table as FormatJSON does. The error is that of Validate,
// or an ErrSyntax for a text that is not UTF-8.
func (t Table) MarshalJSON() ([]byte, error) { return FormatJSON(t) }

// FormatJSON writes a valid table as ParseJSON reads it: always the same bytes
// for the same table, a line for each column and each rule, and an end of line.
// Reading them gives the same table, but for the time zone of Created, which is
// UTC.
func FormatJSON(t Table) ([]byte, error) {
	if err := t.writable(); err != nil {
		return nil, err
	}
	w := jsonWriter{t: &t}
	w.table()
	return w.b.Bytes(), nil
}

// writable returns what keeps a table from being written in any format.
func (t *Table) writable() error {
	if err := t.Validate(); err != nil {
		return err
	}
	if at := t.Created.UTC(); at.Year() < 0 || at.Year() > 9999 {
		return &Error{Kind: ErrTable, Table: t.Name, Reason: "created " + at.Format(time.DateOnly) + " lies outside of the years 0 to 9999"}
	}
	return t.texts(func(column string, rule int, text string) error {
		if !utf8.ValidString(text) {
			return &Error{Kind: ErrSyntax, Table: t.Name, Column: column, Rule: rule, Reason: quote(text) + " is not UTF-8"}
		}
		if len(text) > MaxText {
			return &Error{Kind: ErrLimit, Table: t.Name, Column: column, Rule: rule, Reason: "a text has " + itoa(len(text)) + " bytes, at most " + itoa(MaxText)}
		}
		return nil
	})
}

// texts calls see with each text of the table, until it returns an error.
func (t *Table) texts(see func(column string, rule int, text string) error) error {
	var failed error
	visit := func(column string, rule int, texts ...string) {
		for _, s := range texts {
			if failed == nil {
				failed = see(column, rule, s)
			}
		}
	}
	cell := func(column string, rule int, c Cell) {
		for _, test := range c.Tests {
			visit(column, rule, test.Value.s, test.High.s)
		}
	}
	visit("", 0, t.Name, t.Version, t.ItemName, t.Description, t.Application)
	for key, value := range t.Properties {
		visit("", 0, key, value)
	}
	for _, in := range t.Inputs {
		visit(in.Name, 0, in.Name, in.Label, in.Expression)
		cell(in.Name, 0, in.Allowed)
	}
	for _, out := range t.Outputs {
		visit(out.Name, 0, out.Name, out.Label, out.Default.s)
		cell(out.Name, 0, out.Allowed)
	}
	visit("", 0, t.Annotations...)
	for i, r := range t.Rules {
		visit("", i+1, r.ID)
		visit("", i+1, r.Annotations...)
		for j, c := range r.When {
			cell(t.Inputs[j].Name, i+1, c)
		}
		for j, v := range r.Then {
			visit(t.Outputs[j].Name, i+1, v.s)
		}
	}
	return failed
}

// invalidUTF8 returns where the data stops being UTF-8; -1 when it does not.
func invalidUTF8(data []byte) int {
	if utf8.Valid(data) {
		return -1
	}
	for i := 0; i < len(data); {
		r, size := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return -1
}

// tooDeep returns where JSON goes deeper than MaxDepth; -1 when it does not.
func tooDeep(data []byte) int {
	depth, quoted := 0, false
	for i := 0; i < len(data); i++ {
		switch c := data[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			if depth++; depth > MaxDepth {
				return i
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return -1
}

// lineOf names the line of a byte.
func lineOf(data []byte, at int) string { return "line " + itoa(lineAt(data, at)) }

// lineAt returns the line of a byte, from 1.
func lineAt(data []byte, at int) int {
	return 1 + bytes.Count(data[:min(max(at, 0), len(data))], []byte("\n"))
}

func notJSON(data []byte, what string, err error) error {
	bad := &Error{Kind: ErrSyntax, Reason: "the file is not JSON: " + strings.TrimPrefix(err.Error(), "json: ")}
	var at *json.SyntaxError
	switch {
	case errors.As(err, &at):
		bad.Place = lineOf(data, int(at.Offset)-1)
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		bad.Reason, bad.Place = "the file ends within "+what, lineOf(data, len(data))
	}
	return bad
}

func columnOf(err error) string {
	var e *Error
	if errors.As(err, &e) {
		return e.Column
	}
	return ""
}

func ruleOf(err error) int {
	var e *Error
	if errors.As(err, &e) {
		return e.Rule
	}
	return 0
}
