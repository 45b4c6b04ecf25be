package decision

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
)

// MaxColumns is how many cells a row of CSV or of a spreadsheet may have.
const MaxColumns = 1_000

// ParseCSV reads a table from CSV whose rows are those of ParseSheet, and
// validates it. The separator is the comma, semicolon or tab that stands first, or
// that of a first line sep=; as spreadsheets take it. Numbers have a decimal point
// whatever the separator: in a condition, 1,5 is 1 or 5. The file is UTF-8. The
// error is that of ParseSheet, with or without a table
// beside it, and names the line.
func ParseCSV(data []byte) (Table, error) {
	if len(data) > MaxFile {
		return Table{}, &Error{Kind: ErrLimit, Reason: "the file has " + itoa(len(data)) + " bytes, at most " + itoa(MaxFile)}
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if at := invalidUTF8(data); at >= 0 {
		return Table{}, &Error{Kind: ErrSyntax, Place: lineOf(data, at), Reason: "the file is not UTF-8; spreadsheets save that as CSV UTF-8"}
	}
	comma, skipped := byte(','), 0
	first, rest, _ := bytes.Cut(data, []byte("\n"))
	if sep, ok := bytes.CutPrefix(bytes.TrimRight(first, "\r"), []byte("sep=")); ok && len(sep) == 1 && bytes.ContainsAny(sep, ",;\t") {
		comma, data, skipped = sep[0], rest, 1
	} else if at := bytes.IndexAny(data, ",;\t"); at >= 0 {
		comma = data[at]
	}
	if at := tooWide(data, comma); at >= 0 {
		return Table{}, &Error{Kind: ErrLimit, Place: "line " + itoa(lineAt(data, at)+skipped), Reason: "a row has more than " + itoa(MaxColumns) + " cells"}
	}
	in := csv.NewReader(bytes.NewReader(data))
	in.Comma, in.FieldsPerRecord = rune(comma), -1
	var (
		rows  [][]string
		lines []int
	)
	for {
		row, err := in.Read()
		var bad *csv.ParseError
		switch {
		case errors.Is(err, io.EOF):
			return ParseSheet(rows, func(row, _ int) string {
				if row >= len(lines) {
					return ""
				}
				return "line " + itoa(lines[row]+skipped)
			})
		case errors.As(err, &bad):
			return Table{}, &Error{Kind: ErrSyntax, Place: "line " + itoa(bad.Line+skipped), Reason: "the file is not CSV: " + bad.Err.Error()}
		case err != nil:
			return Table{}, err
		}
		line, _ := in.FieldPos(0)
		rows, lines = append(rows, row), append(lines, line)
	}
}

// tooWide returns where a row has more than MaxColumns cells; -1 when none has.
func tooWide(data []byte, comma byte) int {
	cells, quoted := 1, false
	for i, c := range data {
		switch {
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '\n':
			cells = 1
		case c == comma:
			if cells++; cells > MaxColumns {
				return i
			}
		}
	}
	return -1
}

// FormatCSV writes a valid table as ParseCSV reads it: always the same bytes for
// the same table. Reading them gives the same table, but for the time zone of
// Created, which is UTC. No cell begins as a formula of a spreadsheet does,
// except for a dash that stands for any value and for negative numbers.
func FormatCSV(t Table) ([]byte, error) {
	rows, err := t.Sheet()
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	out := csv.NewWriter(&b)
	for _, row := range rows {
		if err := out.Write(row); err != nil {
			return nil, err
		}
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return nil, err
	}
	if b.Len() > MaxFile {
		return nil, &Error{Kind: ErrLimit, Table: t.Name, Reason: "the file would have " + itoa(b.Len()) + " bytes, at most " + itoa(MaxFile)}
	}
	return b.Bytes(), nil
}
