package decision

import (
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestMarkdown(t *testing.T) {
	table, err := ParseCSV([]byte(discountCSV))
	if err != nil {
		t.Fatal(err)
	}
	table.Description = "For *members* | others."
	table.Rules[0].Annotations = []string{"<young>\n|"}
	data, err := FormatMarkdown(table)
	const want = `# Discount

For \*members\* \| others.

| F       | Age     | member | **Percent** | *why*                |
|---------|---------|--------|-------------|----------------------|
| 1       | &lt; 18 | -      | 10          | &lt;young&gt;<br>\|  |
| 2       | &gt;= 65 | true   | 12.5        | because, so          |
| 3       | -       | empty  | 0           |                      |
| default |         |        | 0           |                      |
`
	squeeze := func(s string) string {
		return regexp.MustCompile(` +|-+`).ReplaceAllStringFunc(s, func(s string) string { return s[:1] })
	}
	if err != nil || squeeze(string(data)) != squeeze(want) {
		t.Errorf("%v:\n%s", err, data)
	}
}

// Whatever stands in the cells, each line has all of them.
func TestMarkdownColumns(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		table := genFull(t)
		data, err := FormatMarkdown(table)
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")
		rows := lines[len(lines)-len(table.Rules)-b2i(table.hasDefault())-2:]
		for _, row := range rows {
			bare := strings.ReplaceAll(strings.ReplaceAll(row, `\\`, ""), `\|`, "")
			if have, want := strings.Count(bare, "|"), 2+len(table.Inputs)+len(table.Outputs)+len(table.Annotations); have != want {
				t.Fatalf("%q has %d bars, want %d", row, have, want)
			}
		}
	})
}
