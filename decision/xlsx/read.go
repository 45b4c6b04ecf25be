package xlsx

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"github.com/forewarn-go/forewarn/decision"
)

// Limits of a workbook. More is an ErrLimit of package decision. Of its own it
// has those of tables, and of a row decision.MaxColumns.
const (
	MaxFile   = decision.MaxFile // bytes
	MaxUnzip  = 4 * MaxFile      // bytes of all that the file unpacks to
	MaxSheets = 1_000
	MaxRows   = decision.MaxRules + 1_000
	MaxCells  = 4_000_000 // of a sheet
)

// Read reads the tables of a workbook, in the order of its sheets, and validates
// them. The error names sheet and cell: a *decision.Error for a workbook that
// cannot be read, and decision.Errors for sheets that cannot, or whose tables are
// not valid. With Errors come the tables that were read, valid or not, as
// decision.Analyze takes them.
func Read(r io.Reader) ([]decision.Table, error) {
	data, err := whole(r, MaxFile)
	if err != nil {
		return nil, err
	}
	return parse(data)
}

// whole reads a workbook of so many bytes at most. What says itself that it has
// more, as a file in memory does, is not read at all.
func whole(r io.Reader, most int) ([]byte, error) {
	large := limit("", "the workbook has more than "+strconv.Itoa(most)+" bytes")
	if sized, ok := r.(interface{ Len() int }); ok && sized.Len() > most {
		return nil, large
	}
	data, err := io.ReadAll(io.LimitReader(r, int64(most)+1))
	if err == nil && len(data) > most {
		err = large
	}
	return data, err
}

func limit(place, reason string) error {
	return &decision.Error{Kind: decision.ErrLimit, Place: place, Reason: reason}
}

func unreadable(place string, err any) error {
	return &decision.Error{Kind: decision.ErrSyntax, Place: place, Reason: fmt.Sprintf("the file is no Excel workbook that can be read: %v", err)}
}

// parse is Read of the whole file.
func parse(data []byte) (tables []decision.Table, err error) {
	// The library that unpacks workbooks does not expect hostile ones everywhere.
	defer func() {
		if broken := recover(); broken != nil {
			tables, err = nil, unreadable("", broken)
		}
	}()
	book, err := excelize.OpenReader(bytes.NewReader(data), excelize.Options{RawCellValue: true, UnzipSizeLimit: MaxUnzip, UnzipXMLSizeLimit: MaxUnzip})
	if err != nil {
		return nil, unreadable("", err)
	}
	defer func() {
		if broken := book.Close(); broken != nil {
			err = errors.Join(err, broken)
		}
	}()
	sheets := book.GetSheetList()
	if len(sheets) > MaxSheets {
		return nil, limit("", "the workbook has more than "+strconv.Itoa(MaxSheets)+" sheets")
	}
	props, err := book.GetWorkbookProps()
	if err != nil {
		return nil, unreadable("", err)
	}
	var failed decision.Errors
	for _, name := range sheets {
		visible, err := book.GetSheetVisible(name)
		if err != nil {
			return nil, unreadable("sheet "+name, err)
		}
		if !visible || strings.HasPrefix(name, "#") {
			continue
		}
		s := sheet{book: book, name: name, from1904: props.Date1904 != nil && *props.Date1904}
		if err := s.read(); err != nil {
			return nil, err
		}
		if s.blank() {
			continue
		}
		table, err := s.table()
		var invalid decision.Errors
		var unread *decision.Error
		switch {
		case errors.As(err, &invalid):
			failed = append(failed, invalid...)
		case errors.As(err, &unread):
			failed = append(failed, unread)
			continue
		case err != nil:
			return nil, err
		}
		tables = append(tables, table)
	}
	switch {
	case len(failed) > 0:
		return tables, failed
	case len(tables) == 0:
		return nil, &decision.Error{Kind: decision.ErrSyntax, Reason: "the workbook has no sheet with a table"}
	}
	return tables, nil
}

type sheet struct {
	book     *excelize.File
	name     string
	from1904 bool // the workbook counts its days from 1904
	rows     [][]string
}

// read takes the rows one by one, so that a sheet that is too large is refused
// before it is in memory.
func (s *sheet) read() error {
	rows, err := s.book.Rows(s.name)
	if err != nil {
		return unreadable("sheet "+s.name, err)
	}
	defer rows.Close()
	cells := 0
	for rows.Next() {
		row, err := rows.Columns(excelize.Options{RawCellValue: true})
		if err != nil {
			return unreadable(s.place(len(s.rows), 0), err)
		}
		if len(row) > decision.MaxColumns {
			return limit(s.place(len(s.rows), decision.MaxColumns), "a row has more than "+strconv.Itoa(decision.MaxColumns)+" cells")
		}
		if cells += len(row); cells > MaxCells {
			return limit(s.place(len(s.rows), 0), "the sheet has more than "+strconv.Itoa(MaxCells)+" cells")
		}
		if len(s.rows) == MaxRows {
			return limit(s.place(len(s.rows), 0), "the sheet has more than "+strconv.Itoa(MaxRows)+" rows")
		}
		s.rows = append(s.rows, row)
	}
	if err := rows.Error(); err != nil {
		return unreadable("sheet "+s.name, err)
	}
	return nil
}

func (s *sheet) blank() bool {
	for _, row := range s.rows {
		for _, cell := range row {
			if strings.TrimSpace(cell) != "" {
				return false
			}
		}
	}
	return true
}

// place names a cell as spreadsheets do, Discount!C7.
func (s *sheet) place(row, cell int) string {
	axis, err := excelize.CoordinatesToCellName(cell+1, row+1)
	if err != nil {
		return "sheet " + s.name
	}
	return "cell " + s.name + "!" + axis
}

func (s *sheet) table() (decision.Table, error) {
	if err := s.merged(); err != nil {
		return decision.Table{}, err
	}
	width, named := 0, false
	ruled := -1
	var types []decision.Type
	for i, row := range s.rows {
		if len(row) == 0 {
			continue
		}
		width = max(width, len(row))
		switch word := strings.ToLower(strings.TrimSpace(row[0])); {
		case ruled >= 0:
		case word == "table":
			named = true
		case word == "rule":
			ruled = i
		case word == "type":
			for _, cell := range row[1:] {
				t, _ := decision.ParseType(cell) // of what is none, the cells are read as they are
				types = append(types, t)
			}
		}
	}
	for i := range s.rows {
		if err := s.typed(i, types, ruled >= 0 && i > ruled, width); err != nil {
			return decision.Table{}, err
		}
	}
	if !named {
		rows := append([][]string{{"table", s.name}}, s.rows...)
		return decision.ParseSheet(rows, func(row, cell int) string { return s.place(max(row-1, 0), cell) })
	}
	return decision.ParseSheet(s.rows, s.place)
}

// merged gives the value of merged cells to each of them.
func (s *sheet) merged() error {
	all, err := s.book.GetMergeCells(s.name)
	if err != nil {
		return unreadable("sheet "+s.name, err)
	}
	for _, m := range all {
		left, top, err := excelize.CellNameToCoordinates(m.GetStartAxis())
		if err != nil {
			return unreadable("sheet "+s.name, err)
		}
		right, bottom, err := excelize.CellNameToCoordinates(m.GetEndAxis())
		if err != nil {
			return unreadable("sheet "+s.name, err)
		}
		if top > len(s.rows) || left > len(s.rows[top-1]) || s.isHead(top-1) {
			continue // a title over several cells is one title
		}
		value := s.rows[top-1][left-1]
		if right > decision.MaxColumns {
			return limit(s.place(top-1, left-1), "merged cells go beyond column "+strconv.Itoa(decision.MaxColumns))
		}
		for i := top - 1; i < min(bottom, len(s.rows)); i++ {
			for len(s.rows[i]) < right {
				s.rows[i] = append(s.rows[i], "")
			}
			for j := left - 1; j < right; j++ {
				s.rows[i][j] = value
			}
		}
	}
	return nil
}

// isHead reports whether the row says one thing of the whole table.
func (s *sheet) isHead(i int) bool {
	if len(s.rows[i]) == 0 {
		return false
	}
	switch strings.ToLower(strings.TrimSpace(s.rows[i][0])) {
	case "table", "version", "item name", "description", "application", "created", "property", "hit policy":
		return true
	}
	return false
}

// typed makes texts of the cells of a row that were typed as numbers, dates or
// truth values. A rule gets as many cells as the sheet is wide, since a
// spreadsheet does not keep the empty ones at its end.
func (s *sheet) typed(i int, types []decision.Type, rule bool, width int) error {
	row := s.rows[i]
	word := ""
	if len(row) > 0 {
		word = strings.ToLower(strings.TrimSpace(row[0]))
	}
	for j, text := range row {
		if text == "" || !strings.ContainsRune("0123456789.-", rune(text[0])) {
			continue
		}
		var of decision.Type
		switch {
		case (rule || word == "allowed" || word == "default") && j > 0 && j <= len(types):
			of = types[j-1]
		case !rule && word == "created" && j == 1:
			of = decision.DateTime
		}
		axis, err := excelize.CoordinatesToCellName(j+1, i+1)
		if err != nil {
			return unreadable("sheet "+s.name, err)
		}
		kind, err := s.book.GetCellType(s.name, axis)
		if err != nil {
			return unreadable("sheet "+s.name, err)
		}
		switch {
		case kind == excelize.CellTypeBool:
			row[j] = strconv.FormatBool(text == "1")
		case kind == excelize.CellTypeUnset || kind == excelize.CellTypeNumber:
			row[j] = s.number(text, of)
		}
	}
	if rule && len(row) > 0 {
		for len(row) < width {
			row = append(row, "")
		}
		s.rows[i] = row
	}
	for j := range max(len(row), width) {
		if j >= len(row) && !rule {
			break
		}
		if err := s.computed(i, j); err != nil {
			return err
		}
	}
	return nil
}

// computed refuses an empty cell with a formula. Programs that write workbooks
// leave computing to who opens them, and that it has come to the empty text cannot
// be told from that.
func (s *sheet) computed(i, j int) error {
	if j < len(s.rows[i]) && s.rows[i][j] != "" {
		return nil
	}
	axis, err := excelize.CoordinatesToCellName(j+1, i+1)
	if err != nil {
		return unreadable("sheet "+s.name, err)
	}
	formula, err := s.book.GetCellFormula(s.name, axis)
	if err != nil {
		return unreadable(s.place(i, j), err)
	}
	if formula == "" {
		return nil
	}
	return &decision.Error{Kind: decision.ErrSyntax, Place: s.place(i, j),
		Reason: "the formula =" + formula + " has no value: open the workbook in a spreadsheet and save it, or write what the cell says"}
}

// number is the text of a cell that holds a number, in a column of the type.
func (s *sheet) number(text string, of decision.Type) string {
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsInf(f, 0) || math.IsNaN(f) {
		return text
	}
	if of == decision.Date || of == decision.Time || of == decision.DateTime {
		at, err := excelize.ExcelDateToTime(f, s.from1904)
		switch {
		case err != nil || of == decision.Date && f != math.Trunc(f) || of == decision.Time && (f < 0 || f >= 1):
			return text // which its column refuses
		case of == decision.Date:
			return decision.DateOf(at).String()
		case of == decision.Time:
			return decision.TimeOf(at).String()
		}
		return decision.DateTimeOf(at).String()
	}
	// Spreadsheets show 15 digits, and write 17: 1.1 is kept as 1.1000000000000001.
	shown, err := strconv.ParseFloat(strconv.FormatFloat(f, 'g', 15, 64), 64)
	if err != nil {
		return text
	}
	return strconv.FormatFloat(shown, 'f', -1, 64)
}
