package main

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func texts(ids []id) string {
	var all []string
	for _, i := range ids {
		all = append(all, i.text)
	}
	return strings.Join(all, " ")
}

func TestParseIDs(t *testing.T) {
	for list, want := range map[string]string{
		"PSEW-049":                       "PSEW-049",
		" PSEW-049, C-08 ,S13":           "PSEW-049 C-08 S13",
		"TECH-099..101":                  "TECH-099 TECH-100 TECH-101",
		"TECH-099..TECH-101":             "TECH-099 TECH-100 TECH-101",
		"C-08..10":                       "C-08 C-09 C-10",
		"S9..11":                         "S9 S10 S11",
		"APIN-001, DEC-002..003, LIB-09": "APIN-001 DEC-002 DEC-003 LIB-09",
	} {
		ids, err := parseIDs(list)
		if err != nil || texts(ids) != want {
			t.Errorf("parseIDs(%q) is %q, %v; want %q", list, texts(ids), err, want)
		}
	}
	for _, list := range []string{"", "PSEW", "PSEW-", "psew-001", "PSEW-1", "PSEW-0001", "NONE-001", "S1000", "PSEW-001 PSEW-002",
		"PSEW-003..001", "PSEW-001..001", "PSEW-001..TECH-002", "PSEW-001..x", "PSEW-001,", "PSEW-001-003"} {
		if ids, err := parseIDs(list); err == nil {
			t.Errorf("parseIDs(%q) is %q, want an error", list, texts(ids))
		}
	}
}

func FuzzParseIDs(f *testing.F) {
	f.Add("PSEW-049, TECH-099..101, S13")
	f.Add("C-08..10")
	f.Fuzz(func(t *testing.T, list string) {
		ids, err := parseIDs(list)
		if err != nil {
			return
		}
		for _, i := range ids { // what is read is in the form that is read
			again, err := parseID(i.text)
			if err != nil || again != i {
				t.Errorf("%q gives %v, which reads as %v, %v", list, i, again, err)
			}
		}
	})
}

// repository makes one in a directory: go.mod, requirements, absences, and the files given.
func repository(t *testing.T, requirements, absences string, files map[string]string) *coverage {
	t.Helper()
	root := t.TempDir()
	all := map[string]string{"go.mod": "module m\n", requirementsFile: requirements, absencesFile: absences}
	maps.Copy(all, files)
	for name, text := range all {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	c, err := collect(root)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

const someRequirements = "PSEW-001: one\nPSEW-002: two\nDEC-001: three | four\nS13: five\n"

var someTests = map[string]string{
	"p/p_test.go": "package p\n\n// TestIt tests.\n//\n// Covers: PSEW-001..002\nfunc TestIt(t *testing.T) {}\n",
	"n/go.mod":    "module nested\n",
	"n/q/q_test.go": "package q_test\n\n// Covers: S13, PSEW-001\nfunc FuzzIt(f *testing.F) {}\n\n" +
		"// Covers: S13\nfunc ExampleIt() {}\n",
}

func TestPage(t *testing.T) {
	c := repository(t, someRequirements, "# why\nDEC-*: because | so\n", someTests)
	if problems := c.problems(); len(problems) > 0 {
		t.Errorf("problems %v, want none", problems)
	}
	page := c.page()
	for _, row := range []string{
		"4 requirements: 3 shown by tests, 0 pending, 1 absent for a reason.",
		"| PSEW-001 | one | `n/q.FuzzIt`, `p.TestIt` |",
		"| PSEW-002 | two | `p.TestIt` |",
		`| DEC-001 | three \| four | *absent:* because \| so |`,
		"| S13 | five | `n/q.ExampleIt`, `n/q.FuzzIt` |",
	} {
		if !strings.Contains(page, row+"\n") {
			t.Errorf("no line %q in\n%s", row, page)
		}
	}
	file := filepath.Join(t.TempDir(), "page.md")
	if fresh(file, page) == nil {
		t.Error("a page that is not there counts as fresh")
	}
	if err := os.WriteFile(file, []byte(page), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := fresh(file, page); err != nil {
		t.Error(err)
	}
	if fresh(file, page+"| PSEW-003 |\n") == nil {
		t.Error("a stale page counts as fresh")
	}
}

func TestUnshown(t *testing.T) {
	c := repository(t, someRequirements, "DEC-*: because\n", someTests)
	for _, test := range []struct {
		passed string
		want   []string
	}{
		{"m/p.TestIt nested/q.FuzzIt nested/q.ExampleIt", nil},
		{"m/p.TestIt nested/q.ExampleIt", nil}, // another test of S13 was skipped
		{"nested/q.FuzzIt", []string{"PSEW-002: p.TestIt"}},
		{"m/p.TestIt", []string{"S13: n/q.ExampleIt, n/q.FuzzIt"}},
		{"m/p.TestItNot", []string{"PSEW-001: n/q.FuzzIt, p.TestIt", "PSEW-002: p.TestIt", "S13: n/q.ExampleIt, n/q.FuzzIt"}},
	} {
		if got := c.unshown(strings.Fields(test.passed)); !slices.Equal(got, test.want) {
			t.Errorf("of %q: %q, want %q", test.passed, got, test.want)
		}
	}
}

func TestProblemsBite(t *testing.T) {
	for _, test := range []struct{ name, requirements, absences, source, want string }{
		{"neither test nor reason", "PSEW-001: one\n", "", "", "PSEW-001 has neither a test nor a reason"},
		{"a test of no requirement", "PSEW-001: one\n", "PSEW-001: why\n", "// Covers: PSEW-009\nfunc TestIt() {}", "PSEW-009, which is no requirement"},
		{"an absence of no requirement", "PSEW-001: one\n", "PSEW-001..002: why\n", "", "PSEW-002, which is no requirement"},
		{"no form of an ID", "PSEW-001: one\n", "PSEW-001: why\n", "// Covers: PSEW 1\nfunc TestIt() {}", `p/p_test.go:3: "PSEW 1" is not the form`},
		{"above no test", "PSEW-001: one\n", "PSEW-001: why\n", "// Covers: PSEW-001\n\nfunc TestIt() {}", "not directly above a test"},
		{"above a function that nobody runs", "PSEW-001: one\n", "PSEW-001: why\n", "// Covers: PSEW-001\nfunc check() {}", "not directly above a test"},
		{"a pending one is known", "PSEW-001: one\n", "pending:\nPSEW-001: not yet built\n", "", ""},
	} {
		problems := repository(t, test.requirements, test.absences, map[string]string{"p/p_test.go": "package p\n\n" + test.source + "\n"}).problems()
		if test.want == "" && len(problems) > 0 || test.want != "" && (len(problems) != 1 || !strings.Contains(problems[0], test.want)) {
			t.Errorf("%s: problems %q, want %q", test.name, problems, test.want)
		}
	}
}

func TestListsRefuse(t *testing.T) {
	for _, test := range []struct{ name, requirements, absences, want string }{
		{"a requirement twice", "PSEW-001: one\nPSEW-001: two\n", "", "spec-requirements.txt:2: PSEW-001 stands here twice"},
		{"a requirement without text", "PSEW-001:\n", "", "PSEW-001 has no text"},
		{"a requirement without colon", "PSEW-001 one\n", "", "no colon"},
		{"an absence twice", "", "PSEW-001..002: a\nPSEW-002: b\n", "spec-absences.txt:2: PSEW-002 stands here twice"},
		{"an absence without reason", "", "PSEW-001:\n", "PSEW-001 has no reason"},
		{"an area that is none", "", "NONE-*: a\n", "NONE-* names no area"},
	} {
		root := t.TempDir()
		if err := os.Mkdir(filepath.Join(root, "docs"), 0o755); err != nil {
			t.Fatal(err)
		}
		for name, text := range map[string]string{requirementsFile: test.requirements, absencesFile: test.absences} {
			if err := os.WriteFile(filepath.Join(root, name), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := collect(root); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %q", test.name, err, test.want)
		}
	}
}

func TestSpecification(t *testing.T) {
	folder := t.TempDir()
	text := "| ID | Requirement |\n|---|---|\n| PSEW-001 | see DEC-009 |\n| PSEW-002 | two |\n|C-08|x|\nDEC-007 | no table |\n| S13 | y |\n"
	if err := os.WriteFile(filepath.Join(folder, "a.md"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	ids, err := specified(folder)
	if err != nil || texts(ids) != "PSEW-001 PSEW-002 S13 C-08" {
		t.Fatalf("got %q, %v", texts(ids), err)
	}
	c := repository(t, "PSEW-001: one\nC-08: eight\nS13: thirteen\nDEC-001: ours\n", "", nil)
	want := []string{
		"PSEW-002 stands in the specification and not in " + requirementsFile,
		"DEC-001 stands in " + requirementsFile + " and not in the specification",
	}
	if got := c.against(ids); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if _, err := specified(t.TempDir()); err == nil {
		t.Error("an empty folder counts as a specification")
	}
}
