package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// vetted are the nested modules whose tests a run leaves alone: make bench runs the one, the other has none.
var vetted = []string{"benchmarks", "tools"}

// test runs the tests of every module, and then asks whether every requirement was shown.
func (r *runner) test(modules []string, servers []server, whole bool) {
	args := []string{"test", "-json", "-timeout", "13m"}
	var env []string
	complete := true
	for _, s := range servers {
		env = append(env, s.env...)
		complete = complete && s.skipped == ""
	}
	switch {
	case r.quick:
		args = append(args, "-short")
		env = append(env, postgresEnv+"=", kafkaEnv+"=")
	case haveCompiler():
		args = append(args, "-race")
		env = append(env, "CGO_ENABLED=1")
	default:
		r.note("race: SKIPPED, the tests run WITHOUT the race detector: no C compiler; on Debian: %s",
			aptLine([]string{"gcc", "libc6-dev"}))
	}
	if r.run != "" {
		args = append(args, "-run", r.run)
	}
	packages := r.packages
	if whole {
		packages = []string{"./..."}
	}
	report := newReport(r.out)
	for _, module := range modules {
		if slices.Contains(vetted, filepath.ToSlash(module)) || (!whole && module != ".") {
			continue
		}
		name := "go test"
		if module != "." {
			name += " in " + module
		}
		r.step(name, func() error { return r.goTest(report, module, env, append(slices.Clone(args), packages...)) })
	}
	fmt.Fprintf(r.out, "tests: %d passed, %d failed, %d skipped\n", report.passes, report.failed, report.skipped)
	if whole && !r.quick {
		r.step("requirements shown by this run", func() error { return r.covered(report.passed, complete) })
	}
}

// benchmarks measures one package after another, each alone on the machine, without the race detector.
func (r *runner) benchmarks(servers []server) error {
	var env []string
	for _, s := range servers {
		env = append(env, s.env...)
	}
	packages := r.packages
	if len(packages) == 0 {
		packages = []string{"./..."}
	}
	args := append([]string{"test", "-p", "1", "-run", "^$", "-bench", r.bench, "-timeout", "3h"}, packages...)
	return r.command("benchmarks", env, "go", args...)
}

func (r *runner) goTest(report *report, module string, env, args []string) error {
	cmd := r.prepare(module, env, "go", args...)
	cmd.Stderr = r.out
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	if err := report.read(stdout); err != nil {
		return err
	}
	return cmd.Wait()
}

// covered asks speccover whether each requirement has a test that passed in this run. That fails the run where
// servers were required and there, and the specification is there too; elsewhere it is said and no more.
func (r *runner) covered(passed []string, complete bool) error {
	file, err := filepath.Abs(filepath.Join(buildDir, "passed.txt"))
	if err != nil {
		return err
	}
	slices.Sort(passed)
	if err := os.WriteFile(file, []byte(strings.Join(passed, "\n")+"\n"), 0o644); err != nil {
		return err
	}
	args := []string{"run", "./internal/speccover", "-passed", file}
	if complete && len(r.required) > 0 && os.Getenv("FOREWARN_SPEC") != "" {
		args = append(args, "-strict")
	}
	return r.command(".", nil, "go", args...)
}
