package xlsx

import (
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"

	"github.com/xuri/excelize/v2"

	"github.com/forewarn-go/forewarn/decision"
)

// Write writes a workbook with a sheet for each table, as Read reads it. Columns
// with listed values offer them. The error is that of decision.FormatJSON, or an
// ErrLimit for a text that is too long for a cell.
func Write(w io.Writer, tables ...decision.Table) error {
	if len(tables) == 0 {
		return &decision.Error{Kind: decision.ErrTable, Reason: "there is no table to write"}
	}
	if len(tables) > MaxSheets {
		return limit("", "there are more than "+strconv.Itoa(MaxSheets)+" tables")
	}
	book := excelize.NewFile()
	defer book.Close()
	looks, err := newLooks(book)
	if err != nil {
		return err
	}
	var names []string
	for i, t := range tables {
		name := sheetName(t.Name, names)
		names = append(names, name)
		if i == 0 {
			err = book.SetSheetName(book.GetSheetName(0), name)
		} else {
			_, err = book.NewSheet(name)
		}
		if err != nil {
			return err
		}
		if err := (writer{book: book, name: name, t: t, looks: looks}).write(); err != nil {
			return err
		}
	}
	_, err = book.WriteTo(w)
	return err
}

// sheetName makes a name that a sheet may have, and none of the others has.
func sheetName(table string, taken []string) string {
	const most = 31 // in UTF-16
	shorten := func(s string, n int) string {
		for len(utf16.Encode([]rune(s))) > n {
			r := []rune(s)
			s = string(r[:len(r)-1])
		}
		return s
	}
	name := strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || strings.ContainsRune(`[]:*?/\'`, r) {
			return '-'
		}
		return r
	}, table)
	if strings.HasPrefix(name, "#") {
		name = "-" + name[1:]
	}
	if name = strings.TrimSpace(shorten(name, most)); name == "" {
		name = "Table"
	}
	for n, first := 2, name; slices.ContainsFunc(taken, func(other string) bool { return strings.EqualFold(other, name) }); n++ {
		suffix := " (" + strconv.Itoa(n) + ")"
		name = shorten(first, most-len(suffix)) + suffix
	}
	return name
}

// looks are the styles of cells.
type looks struct{ word, head, name, text int }

func newLooks(book *excelize.File) (l looks, err error) {
	fill := func(colour string) excelize.Fill {
		return excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{colour}}
	}
	wrap := &excelize.Alignment{WrapText: true, Vertical: "top"}
	for _, s := range []struct {
		to *int
		as excelize.Style
	}{
		{&l.word, excelize.Style{Font: &excelize.Font{Color: "666666"}, Alignment: &excelize.Alignment{Vertical: "top"}}},
		{&l.head, excelize.Style{Fill: fill("F2F2F2"), Alignment: wrap}},
		{&l.name, excelize.Style{Font: &excelize.Font{Bold: true}, Fill: fill("DDEBF7"), Alignment: wrap}},
		{&l.text, excelize.Style{Alignment: wrap}},
	} {
		if *s.to, err = book.NewStyle(&s.as); err != nil {
			return l, err
		}
	}
	return l, nil
}

type writer struct {
	book  *excelize.File
	name  string
	t     decision.Table
	looks looks
}

func (w writer) write() error {
	rows, err := w.t.Sheet()
	if err != nil {
		return err
	}
	ruled := len(rows) - len(w.t.Rules) - 1
	for i, row := range rows {
		if err := w.row(i, row, i > ruled); err != nil {
			return err
		}
	}
	return w.dress(rows, ruled)
}

func (w writer) row(i int, row []string, rule bool) error {
	for j, text := range row {
		axis, err := excelize.CoordinatesToCellName(j+1, i+1)
		if err != nil {
			return err
		}
		if strings.ContainsAny(text, "\ufffe\uffff") {
			return &decision.Error{Kind: decision.ErrSyntax, Table: w.t.Name, Place: "cell " + w.name + "!" + axis, Reason: strconv.Quote(text) + " cannot stand in a workbook"}
		}
		if text == "" {
			continue
		}
		text = escape(text)
		if n := len(utf16.Encode([]rune(text))); n > excelize.TotalCellChars {
			return &decision.Error{Kind: decision.ErrLimit, Table: w.t.Name, Place: "cell " + w.name + "!" + axis,
				Reason: "a cell of a workbook has at most " + strconv.Itoa(excelize.TotalCellChars) + " characters, not " + strconv.Itoa(n)}
		}
		if err := w.cell(axis, text, w.output(j, rule || row[0] == "default")); err != nil {
			return err
		}
	}
	return nil
}

// escaped is how a workbook writes what XML cannot hold, and so what a text must not
// look like. The library takes it apart when it reads, and does not put it there
// when it writes.
var escaped = regexp.MustCompile(`^_x[0-9a-fA-F]{4}_`)

func escape(text string) string {
	if !strings.Contains(text, "_x") {
		return text
	}
	var b strings.Builder
	for i := range len(text) {
		if text[i] == '_' && escaped.MatchString(text[i:]) {
			b.WriteString("_x005F")
		}
		b.WriteByte(text[i])
	}
	return b.String()
}

// output returns the type of the output column of a value; none for anything else.
func (w writer) output(j int, value bool) (none decision.Type) {
	if j -= 1 + len(w.t.Inputs); !value || j < 0 || j >= len(w.t.Outputs) {
		return none
	}
	return w.t.Outputs[j].Type
}

// cell writes a text, or a number or truth value of an output as such.
func (w writer) cell(axis, text string, of decision.Type) error {
	switch {
	case of == decision.Boolean && (text == "true" || text == "false"):
		return w.book.SetCellBool(w.name, axis, text == "true")
	case of == decision.Number:
		f, err := strconv.ParseFloat(text, 64)
		if err == nil && strconv.FormatFloat(f, 'f', -1, 64) == text && len(strings.Trim(text, "-0.")) <= 15 && len(text) <= 20 {
			return w.book.SetCellFloat(w.name, axis, f, -1, 64)
		}
	}
	return w.book.SetCellStr(w.name, axis, text)
}

// dress gives the sheet its looks: the head stays in view, and columns with
// listed values offer them.
func (w writer) dress(rows [][]string, ruled int) error {
	width := len(rows[ruled])
	at := func(column, row int) string {
		axis, _ := excelize.CoordinatesToCellName(column, row) // both count from 1
		return axis
	}
	last := max(len(rows), ruled+2)
	columns := ruled
	for columns > 0 && rows[columns][0] != "column" {
		columns--
	}
	for _, area := range []struct {
		from, to string
		style    int
	}{
		{at(1, 1), at(1, last), w.looks.word},
		{at(2, columns+1), at(max(width, 2), max(ruled, columns+1)), w.looks.head},
		{at(1, ruled+1), at(max(width, 2), ruled+1), w.looks.name},
		{at(2, ruled+2), at(max(width, 2), last), w.looks.text},
	} {
		if err := w.book.SetCellStyle(w.name, area.from, area.to, area.style); err != nil {
			return err
		}
	}
	for j := range width {
		widest := 8
		for _, row := range rows[columns:] {
			if j < len(row) {
				widest = max(widest, min(len([]rune(row[j])), 48))
			}
		}
		name, err := excelize.ColumnNumberToName(j + 1)
		if err != nil {
			return err
		}
		if err := w.book.SetColWidth(w.name, name, name, float64(widest)+3); err != nil {
			return err
		}
	}
	if err := w.offer(ruled+2, last+200); err != nil {
		return err
	}
	return w.book.SetPanes(w.name, &excelize.Panes{Freeze: true, XSplit: 1, YSplit: ruled + 1, TopLeftCell: at(2, ruled+2), ActivePane: "bottomRight"})
}

// offer lists the allowed values of each column for its cells in the rows. Others
// can be written too, since a condition may name several.
func (w writer) offer(from, to int) error {
	column := 1
	list := func(allowed decision.Cell) error {
		column++
		var values []string
		for _, test := range allowed.Tests {
			text := test.Value.Text()
			if allowed.Not || test.Op != decision.Equal || text == "" || strings.ContainsAny(text, `,"`) || strings.TrimSpace(text) != text {
				return nil
			}
			values = append(values, text)
		}
		if len(values) == 0 || len(strings.Join(values, ",")) > 250 {
			return nil
		}
		name, err := excelize.ColumnNumberToName(column)
		if err != nil {
			return err
		}
		dv := excelize.NewDataValidation(true)
		dv.Sqref = name + strconv.Itoa(from) + ":" + name + strconv.Itoa(to)
		dv.ShowErrorMessage = false
		if err := dv.SetDropList(values); err != nil {
			return err
		}
		return w.book.AddDataValidation(w.name, dv)
	}
	for _, in := range w.t.Inputs {
		if err := list(in.Allowed); err != nil {
			return err
		}
	}
	for _, out := range w.t.Outputs {
		if err := list(out.Allowed); err != nil {
			return err
		}
	}
	return nil
}
