package main

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/forewarn-go/forewarn/decision"
	"github.com/forewarn-go/forewarn/internal/subcommand"
)

const testHelp = `Decides for each row of CASES, a CSV file, and compares. Its first line names the columns: inputs, outputs ("=NAME" where
an input has the same name), and, if you like, case (a name), rule (the number of the rule that decides, 0 for none) and
error (a part of the error that is expected). Cells hold values as in a table; several rows of outputs are separated by
commas in their cell. The cells of a row are separated by the comma, semicolon or tab that stands first in the file; rows
without any text say nothing. An input without text is missing, or the empty text where the input is not optional.

  category,subcategory,stage,assignmentGroup,rule
  SD-WAN,Link failure,,Network Coordinators,3

It ends with the rules that no case has applied. The exit code is 1 when a case fails, or, with -full, a rule is left out.

  decide test psew/escalation.json cases.csv

`

func test(c *subcommand.Call) error {
	full := c.Bool("full", false, "fail when a rule is applied by no case")
	name := named(c)
	operands, err := c.Operands(2, 2)
	if err != nil {
		return err
	}
	t, err := table(c, operands[0], *name)
	if err != nil {
		return err
	}
	data, err := c.ReadFile(operands[1], decision.MaxFile)
	if err != nil {
		return err
	}
	e, err := decision.Compile(t)
	if err != nil {
		return err
	}
	s := suite{t: t, e: e, applied: make([]bool, len(t.Rules)), out: c.Out}
	if err := s.run(data); err != nil {
		return fileError{operands[1], err}
	}
	left := s.report()
	switch {
	case s.failed > 0:
		return fmt.Errorf("%d of %d cases failed", s.failed, s.cases)
	case *full && left > 0:
		return fmt.Errorf("%d of %d rules were applied by no case", left, len(t.Rules))
	}
	return nil
}

// suite runs the cases of a table.
type suite struct {
	t             decision.Table
	e             *decision.Evaluator
	columns       []column
	applied       []bool
	cases, failed int
	out           io.Writer
}

// column is what a column of the cases means.
type column struct {
	what string // input, output, case, rule, error
	at   int    // the input or output
}

func (s *suite) run(data []byte) error {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if !utf8.Valid(data) {
		return errors.New("is not UTF-8; spreadsheets save that as CSV UTF-8")
	}
	in := csv.NewReader(bytes.NewReader(data))
	in.FieldsPerRecord = -1
	if at := bytes.IndexAny(data, ",;\t"); at >= 0 {
		in.Comma = rune(data[at])
	}
	names, err := in.Read()
	if errors.Is(err, io.EOF) {
		return errors.New("has no line with the names of the columns")
	}
	if err != nil {
		return err
	}
	for _, name := range names {
		c, err := s.column(strings.TrimSpace(name))
		if err != nil {
			return err
		}
		s.columns = append(s.columns, c)
	}
	for {
		row, err := in.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		line, _ := in.FieldPos(0)
		if !slices.ContainsFunc(row, func(cell string) bool { return strings.TrimSpace(cell) != "" }) {
			continue // what a spreadsheet leaves of rows that were deleted
		}
		if len(row) != len(s.columns) {
			return fmt.Errorf("line %d has %d cells for %d columns", line, len(row), len(s.columns))
		}
		s.cases++
		label, wrong, err := s.one(row)
		if err != nil {
			return fmt.Errorf("line %d: %w", line, err)
		}
		if label == "" {
			label = "line " + strconv.Itoa(line)
		}
		if wrong != "" {
			s.failed++
			fmt.Fprintf(s.out, "FAIL %s: %s\n", label, wrong)
		}
	}
}

func (s *suite) column(name string) (column, error) {
	expected, output := strings.CutPrefix(name, "=")
	for i, in := range s.t.Inputs {
		if !output && in.Name == name {
			return column{"input", i}, nil
		}
	}
	for i, out := range s.t.Outputs {
		if out.Name == expected {
			return column{"output", i}, nil
		}
	}
	switch name {
	case "case", "rule", "error":
		return column{what: name}, nil
	}
	return column{}, fmt.Errorf("the column %q is neither an input nor an output of the table, nor case, rule or error", name)
}

// one runs a case. It returns its name and what came out wrong; the error is of a case that cannot be read.
func (s *suite) one(row []string) (label, wrong string, err error) {
	values := make([]decision.Value, len(s.t.Inputs))
	for j, in := range s.t.Inputs {
		if in.Type.IsText() && !in.Optional {
			values[j] = decision.Text("") // also of an input that has no column
		}
	}
	wantError := ""
	for j, c := range s.columns {
		switch in := c.at; {
		case c.what == "input" && strings.TrimSpace(row[j]) != "":
			if values[in], err = decision.ParseValue(row[j], s.t.Inputs[in].Type); err != nil {
				return "", "", fmt.Errorf("column %q: %w", s.t.Inputs[in].Name, err)
			}
		case c.what == "case":
			label = row[j]
		case c.what == "error":
			wantError = strings.TrimSpace(row[j])
		}
	}
	r, failure := s.e.Eval(values...)
	switch {
	case failure != nil && wantError == "":
		return label, failure.Error(), nil
	case failure != nil && !strings.Contains(failure.Error(), wantError):
		return label, fmt.Sprintf("the error is %v, want %s", failure, wantError), nil
	case failure != nil:
		return label, "", nil
	case wantError != "":
		return label, "there is no error, want " + wantError, nil
	}
	for n := range r.Rules() {
		s.applied[n-1] = true
	}
	wrong, err = s.compare(row, r)
	return label, wrong, err
}

// compare says what differs between a result and what the case expects.
func (s *suite) compare(row []string, r decision.Result) (string, error) {
	var wrong []string
	for j, c := range s.columns {
		text := strings.TrimSpace(row[j])
		switch c.what {
		case "rule":
			if text == "" {
				continue
			}
			n, err := strconv.Atoi(text)
			if err != nil {
				return "", fmt.Errorf("the rule %q is no number", text)
			}
			if n != r.Rule() {
				wrong = append(wrong, fmt.Sprintf("rule %d, want %d", r.Rule(), n))
			}
		case "output":
			out := s.t.Outputs[c.at]
			typ := out.Type
			if s.t.Aggregation == decision.Count {
				typ = decision.Number
			}
			want, err := s.expected(text, typ)
			if err != nil {
				return "", fmt.Errorf("column %q: %w", out.Name, err)
			}
			if have := s.got(r, c.at); !same(have, want, typ) {
				wrong = append(wrong, fmt.Sprintf("%s = %s, want %s", out.Name, listed(have), listed(want)))
			}
		}
	}
	return strings.Join(wrong, "; "), nil
}

// expected reads the values of an output: one, or, of a hit policy that gives several rows, as many as there are.
func (s *suite) expected(text string, t decision.Type) ([]decision.Value, error) {
	if s.single() {
		v, err := decision.ParseValue(text, t)
		return []decision.Value{v}, err
	}
	if text == "" {
		return nil, nil
	}
	cell, err := decision.ParseCell(text, t)
	if err != nil {
		return nil, err
	}
	var values []decision.Value
	for _, test := range cell.Tests {
		if cell.Not || test.Op != decision.Equal {
			return nil, fmt.Errorf("%q is no list of values", text)
		}
		values = append(values, test.Value)
	}
	return values, nil
}

func (s *suite) single() bool {
	return s.t.HitPolicy.Single() || s.t.Aggregation != decision.List
}

func (s *suite) got(r decision.Result, output int) []decision.Value {
	if s.single() {
		return []decision.Value{r.At(output)}
	}
	var values []decision.Value
	for i := range r.Len() {
		values = append(values, r.Row(i)[output])
	}
	return values
}

// same compares in the spelling of the column. The count of rules is a number in a column of any type.
func same(a, b []decision.Value, t decision.Type) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] && !decision.Is(b[i]).Matches(a[i], t) {
			return false
		}
	}
	return true
}

func listed(values []decision.Value) string {
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = v.String()
	}
	if len(texts) == 0 {
		return "nothing"
	}
	return strings.Join(texts, ", ")
}

// report prints the sum, and returns how many rules no case has applied.
func (s *suite) report() (left int) {
	var never []string
	for i, applied := range s.applied {
		if !applied {
			left++
			never = append(never, strconv.Itoa(i+1))
		}
	}
	fmt.Fprintf(s.out, "%d cases, %d failed; %d of %d rules applied", s.cases, s.failed, len(s.applied)-left, len(s.applied))
	if left > 0 {
		fmt.Fprintf(s.out, ", not %s", strings.Join(never, ", "))
	}
	fmt.Fprintln(s.out)
	return left
}
