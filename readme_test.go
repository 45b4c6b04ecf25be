package forewarn_test

import (
	"os"
	"strings"
	"testing"
)

// The README's first program is the Example, line for line.
func TestReadmeShowsTheExample(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	example, err := os.ReadFile("example_first_test.go")
	if err != nil {
		t.Fatal(err)
	}
	_, body, ok := strings.Cut(string(example), "ctx := context.Background()\n\n")
	if !ok {
		t.Fatal("the example does not begin as it did")
	}
	body, _, _ = strings.Cut(body, "\n\n\t// Output:")
	lines := strings.Split(body, "\n")
	if len(lines) > 40 {
		t.Errorf("the first program has %d lines; at most 40", len(lines))
	}
	for _, line := range lines {
		if line = strings.TrimPrefix(line, "\t"); !strings.Contains(string(readme), line+"\n") {
			t.Errorf("the README lacks the line %q", line)
		}
	}
	embed, err := os.ReadFile("examples/embed/main.go")
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(embed), "\n"); n > 60 {
		t.Errorf("examples/embed has %d lines; at most 60", n)
	}
}
