package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/forewarn-go/forewarn/internal/daemon"
)

// buildDir holds what a run builds and writes. It is not kept in the repository.
const buildDir = ".build"

// A runner does one run, step by step, and notes what fails: a failure does not keep the next step from running.
type runner struct {
	ctx      context.Context
	quick    bool
	run      string // only these tests, as of go test
	bench    string // these benchmarks instead of tests
	packages []string
	required map[string]bool
	out      io.Writer

	failures []string
	notes    []string // what was left out, said at the end
}

func (r *runner) all() {
	begin := time.Now()
	modules, err := modules(".")
	if err != nil {
		r.fail("modules", err)
		return
	}
	if err := os.MkdirAll(buildDir, 0o755); err != nil {
		r.fail(buildDir, err)
		return
	}
	whole := r.run == "" && r.bench == "" && len(r.packages) == 0
	if whole {
		r.check(modules)
	}
	remove, err := runDir()
	if err != nil {
		r.fail("directory of the run", err)
		return
	}
	servers := r.startServers()
	defer func() { // the last lines of a run
		for _, s := range servers {
			if err := s.stop(); err != nil {
				r.fail(s.name, err)
			}
		}
		if err := remove(); err != nil {
			r.fail("directory of the run", err)
		}
		r.summary(time.Since(begin))
		for _, s := range servers {
			fmt.Fprintln(r.out, s)
		}
	}()
	if r.bench != "" {
		r.step("go test -bench in benchmarks", func() error { return r.benchmarks(servers) })
		return
	}
	r.test(modules, servers, whole)
}

// runDir makes the directory of all throw-away servers, those that tests start too, and names it in the environment.
// What it returns removes it, with what a test that was interrupted left there.
func runDir() (remove func() error, err error) {
	dir, err := os.MkdirTemp("", "forewarn-run-")
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(dir, 0o755); err != nil { // a server that refuses root runs as somebody else
		return nil, err
	}
	if err := os.Setenv(daemon.DirEnv, dir); err != nil {
		return nil, err
	}
	return func() error {
		err := os.RemoveAll(dir)
		for range 50 { // a server whose test was killed may still be writing its last
			if err == nil {
				break
			}
			time.Sleep(100 * time.Millisecond)
			err = os.RemoveAll(dir)
		}
		return err
	}, nil
}

// summary says how the run went.
func (r *runner) summary(took time.Duration) {
	for _, note := range r.notes {
		fmt.Fprintln(r.out, note)
	}
	verdict := "passed"
	switch {
	case r.ctx.Err() != nil:
		verdict = "interrupted"
	case len(r.failures) > 0:
		verdict = "FAILED: " + strings.Join(r.failures, "; ")
	}
	fmt.Fprintf(r.out, "testrun: %s in %v\n", verdict, took.Round(time.Second))
}

// step says what runs and notes its failure. Nothing starts after an interrupt.
func (r *runner) step(name string, do func() error) {
	if r.ctx.Err() != nil {
		return
	}
	fmt.Fprintf(r.out, "# %s\n", name)
	if err := do(); err != nil && r.ctx.Err() == nil {
		r.fail(name, err)
	}
}

func (r *runner) fail(name string, err error) {
	fmt.Fprintf(r.out, "testrun: %s: %v\n", name, err)
	r.failures = append(r.failures, name)
}

// note says at once, and again at the end, that something was left out.
func (r *runner) note(format string, args ...any) {
	line := fmt.Sprintf(format, args...)
	fmt.Fprintln(r.out, line)
	r.notes = append(r.notes, line)
}

// command runs a program with its output shown.
func (r *runner) command(dir string, env []string, name string, args ...string) error {
	cmd := r.prepare(dir, env, name, args...)
	cmd.Stdout, cmd.Stderr = r.out, r.out
	return cmd.Run()
}

func (r *runner) prepare(dir string, env []string, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(r.ctx, name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), env...)
	daemon.Group(cmd)
	return cmd
}

// modules lists the directories of the modules under the root, the root first.
func modules(root string) ([]string, error) {
	var dirs []string
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && path != root && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata") {
			return filepath.SkipDir
		}
		if d.Name() == "go.mod" {
			dirs = append(dirs, filepath.Dir(path))
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if !slices.Contains(dirs, filepath.Clean(root)) {
		return nil, errors.New("run it from the root of the module")
	}
	slices.Sort(dirs)
	return dirs, nil
}
