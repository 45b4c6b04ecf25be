package psew_test

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/forewarn-go/forewarn/internal/machine"
	"github.com/forewarn-go/forewarn/psew"
)

var update = flag.Bool("update", false, "write docs/psew-states.md anew")

// Covers: LIB-005
func TestStatesPage(t *testing.T) {
	m, err := machine.New(psew.StateTable(), machine.Words{})
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	b.WriteString("# The states of an incident\n\nMade of `psew.StateTable`; `go test ./psew -run TestStatesPage -update` writes it anew.\n\n```mermaid\n")
	b.WriteString(m.Mermaid())
	b.WriteString("```\n\n")
	b.WriteString(m.Markdown())
	b.WriteString("\n# The escalation policy\n\nThe rows of `psew/escalation.json`; derived rows complete the pattern of those that the sources show.\n\n" +
		"| row | category | subcategory | stage | assignment group | flow | origin |\n|---|---|---|---|---|---|---|\n")
	for n, r := range psew.DefaultTable().Rules {
		stage := r.Stage
		if stage == "" {
			stage = "(empty)"
		}
		b.WriteString("| " + strings.Join([]string{itoa(n + 1), r.Category, r.Subcategory, stage, r.Group, r.Flow, r.Origin}, " | ") + " |\n")
	}
	const page = "../docs/psew-states.md"
	if *update {
		if err := os.WriteFile(page, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(page)
	if err != nil || string(have) != b.String() {
		t.Errorf("%s is stale: run go test ./psew -run TestStatesPage -update (%v)", page, err)
	}
}

func itoa(n int) string {
	if n < 10 {
		return string(rune('0' + n))
	}
	return itoa(n/10) + string(rune('0'+n%10))
}
