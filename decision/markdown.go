package decision

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// FormatMarkdown writes a valid table for documents: its name and description,
// and the rules as a table of Markdown, whose first column has the sign of the hit
// policy and the numbers of the rules. Results stand in bold heads, as
// **percent**; a row of defaults comes last. It cannot be read again. The error
// is that of FormatJSON.
func FormatMarkdown(t Table) ([]byte, error) {
	if err := t.writable(); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	b.WriteString("# " + markdownText(t.Name) + "\n\n")
	if t.Description != "" {
		b.WriteString(markdownText(t.Description) + "\n\n")
	}
	rows := [][]string{{HitPolicyLetter(t.HitPolicy, t.Aggregation)}}
	title := func(label, name string) string {
		if label != "" {
			name = label
		}
		return markdownText(name)
	}
	for _, in := range t.Inputs {
		rows[0] = append(rows[0], title(in.Label, in.Name))
	}
	for _, out := range t.Outputs {
		rows[0] = append(rows[0], "**"+title(out.Label, out.Name)+"**")
	}
	for _, a := range t.Annotations {
		rows[0] = append(rows[0], "*"+markdownText(a)+"*")
	}
	for i, r := range t.Rules {
		row := []string{itoa(i + 1)}
		for j, in := range t.Inputs {
			row = append(row, markdownText(bareCell(r.When[j], in.Type)))
		}
		for j, out := range t.Outputs {
			row = append(row, markdownText(bareValue(r.Then[j], out.Type)))
		}
		for _, text := range r.Annotations {
			row = append(row, markdownText(text))
		}
		rows = append(rows, row)
	}
	if t.hasDefault() {
		row := append([]string{"default"}, make([]string, len(t.Inputs))...)
		for _, out := range t.Outputs {
			v := out.Default
			if v.IsMissing() {
				v = Null()
			}
			row = append(row, markdownText(bareValue(v, out.Type)))
		}
		rows = append(rows, row)
	}
	markdownTable(&b, rows)
	return b.Bytes(), nil
}

// markdownTable writes rows under a head, each column as wide as its widest cell.
func markdownTable(b *bytes.Buffer, rows [][]string) {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for j, cell := range row {
			widths[j] = max(widths[j], 3, min(utf8.RuneCountInString(cell), 60))
		}
	}
	line := func(cell func(j int) string, pad string) {
		b.WriteByte('|')
		for j, width := range widths {
			text := cell(j)
			b.WriteString(pad + text + strings.Repeat(pad, max(0, width-utf8.RuneCountInString(text))) + pad + "|")
		}
		b.WriteByte('\n')
	}
	for i, row := range rows {
		line(func(j int) string {
			if j < len(row) {
				return row[j]
			}
			return ""
		}, " ")
		if i == 0 {
			line(func(int) string { return "" }, "-")
		}
	}
}

// markdownText keeps a text in its cell, and from meaning anything to Markdown.
func markdownText(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case strings.ContainsRune("\\`*_{}[]|&~", r):
			b.WriteString(`\` + string(r))
		case r == '<':
			b.WriteString("&lt;")
		case r == '>':
			b.WriteString("&gt;")
		case r == '\n':
			b.WriteString("<br>")
		case control(r):
			b.WriteByte(' ')
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
