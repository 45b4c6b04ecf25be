package archtest

import (
	"os/exec"
	"strings"
	"testing"
)

// Every package opens with a comment that says what it is for.
func TestPackagesHaveComments(t *testing.T) {
	list := exec.Command("go", "list", "-f", "{{.ImportPath}}\t{{.Doc}}", "./...")
	list.Dir = "../.."
	out, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(out)) {
		path, doc, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		if !strings.HasPrefix(doc, "Package ") && !strings.HasPrefix(doc, "Command ") {
			t.Errorf("%s has no package comment: %q", path, doc)
		}
	}
}
