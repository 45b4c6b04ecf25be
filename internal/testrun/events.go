package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
)

// An event is a line of go test -json, as cmd/test2json documents it.
type event struct {
	Action  string
	Package string
	Test    string
	Output  string
}

// A report reads go test -json, shows what go test would, with a line for each skipped test besides, and keeps how the
// tests ended.
type report struct {
	out    io.Writer
	output map[string][]string        // package, or package and test, to its lines
	ended  map[string]map[string]bool // package to the tests that have ended
	shown  map[string]bool            // top-level test to: something in it ran to its end
	inner  map[string]bool            // tests that have sub-tests

	passed                  []string // package.Test: top-level tests that passed and were not skipped whole
	passes, failed, skipped int      // of top-level tests
}

func newReport(out io.Writer) *report {
	return &report{out: out, output: map[string][]string{}, ended: map[string]map[string]bool{},
		shown: map[string]bool{}, inner: map[string]bool{}}
}

// read reads to the end. A line that is no event is shown as it is.
func (r *report) read(from io.Reader) error {
	lines := bufio.NewReader(from)
	for {
		line, err := lines.ReadString('\n')
		if line != "" {
			var e event
			if json.Unmarshal([]byte(line), &e) != nil || e.Action == "" {
				fmt.Fprint(r.out, line)
			} else {
				r.take(e)
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func (r *report) take(e event) {
	id := e.Package
	if e.Test != "" {
		id += "." + e.Test
	}
	switch e.Action {
	case "build-output":
		fmt.Fprint(r.out, e.Output)
	case "run":
		if r.ended[e.Package] == nil {
			r.ended[e.Package] = map[string]bool{}
		}
		r.ended[e.Package][e.Test] = false
		if i := strings.LastIndex(id, "/"); i > len(e.Package) {
			r.inner[id[:i]] = true
		}
	case "output":
		r.output[id] = append(r.output[id], e.Output)
	case "pass", "fail", "skip":
		if e.Test == "" {
			r.endPackage(e)
		} else {
			r.endTest(e, id)
		}
	}
}

func (r *report) endTest(e event, id string) {
	if r.ended[e.Package] == nil {
		r.ended[e.Package] = map[string]bool{}
	}
	r.ended[e.Package][e.Test] = true
	root, _, sub := strings.Cut(e.Test, "/")
	top := e.Package + "." + root
	lines := own(r.output[id])
	delete(r.output, id)
	switch e.Action {
	case "fail":
		fmt.Fprint(r.out, strings.Join(lines, ""))
	case "skip":
		fmt.Fprintf(r.out, "--- SKIP: %s: %s\n", e.Test, reason(lines))
	}
	if e.Action != "skip" && !r.inner[id] {
		r.shown[top] = true
	}
	if sub {
		return
	}
	switch {
	case e.Action == "fail":
		r.failed++
	case e.Action == "skip" || !r.shown[top]: // itself, or everything in it
		r.skipped++
	default:
		r.passes++
		r.passed = append(r.passed, top)
	}
}

func (r *report) endPackage(e event) {
	lines := r.output[e.Package]
	delete(r.output, e.Package)
	if e.Action != "fail" {
		for _, line := range lines {
			if strings.HasPrefix(line, "ok  \t") || strings.HasPrefix(line, "?   \t") {
				fmt.Fprint(r.out, line)
			}
		}
		return
	}
	var unfinished []string // what ran when the process died
	for test, ended := range r.ended[e.Package] {
		if !ended {
			unfinished = append(unfinished, test)
		}
	}
	slices.Sort(unfinished)
	for _, test := range unfinished {
		fmt.Fprintf(r.out, "--- did not end: %s\n%s", test, strings.Join(own(r.output[e.Package+"."+test]), ""))
		delete(r.output, e.Package+"."+test)
		if !strings.Contains(test, "/") {
			r.failed++
		}
	}
	fmt.Fprint(r.out, strings.Join(lines, ""))
}

// own returns the lines that go test shows without -v.
func own(lines []string) []string {
	return slices.DeleteFunc(slices.Clone(lines), func(line string) bool { return strings.HasPrefix(line, "=== ") })
}

// reason returns in one line what a skipped test said.
func reason(lines []string) string {
	var said []string
	for _, line := range lines {
		line = strings.TrimSpace(line)
		if line != "" && !strings.HasPrefix(line, "--- SKIP") {
			said = append(said, line)
		}
	}
	if len(said) == 0 {
		return "no reason given"
	}
	return strings.Join(said, " ")
}
