// Package recorder runs a clause of a conformance suite and keeps what it
// reports instead of failing the test, so that the suites can be tested against
// adapters that are broken on purpose.
package recorder

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
)

// TB is a testing.TB that keeps what is reported. What it does not override is
// that of the test it was made for.
type TB struct {
	testing.TB
	name     string
	mu       sync.Mutex
	failed   bool
	skipped  bool
	lines    []string
	cleanups []func()
}

// Run runs a clause of that name to its end, its cleanups included, and returns what it reported.
func Run(t testing.TB, name string, clause func(testing.TB)) *TB {
	r := &TB{TB: t, name: name}
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer r.cleanup()
		clause(r)
	}()
	<-done
	return r
}

func (r *TB) cleanup() {
	for i := len(r.cleanups) - 1; i >= 0; i-- {
		r.cleanups[i]()
	}
}

// Lines returns what was logged, a line per call.
func (r *TB) Lines() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return strings.Join(r.lines, "\n")
}

func (r *TB) note(s string, fail bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lines = append(r.lines, strings.TrimSuffix(s, "\n"))
	r.failed = r.failed || fail
}

// What a test reports, as testing.TB has it.

func (r *TB) Name() string                      { return r.name }
func (r *TB) Helper()                           {}
func (r *TB) Cleanup(f func())                  { r.cleanups = append(r.cleanups, f) }
func (r *TB) Context() context.Context          { return context.Background() }
func (r *TB) Log(args ...any)                   { r.note(fmt.Sprintln(args...), false) }
func (r *TB) Logf(format string, args ...any)   { r.note(fmt.Sprintf(format, args...), false) }
func (r *TB) Error(args ...any)                 { r.note(fmt.Sprintln(args...), true) }
func (r *TB) Errorf(format string, args ...any) { r.note(fmt.Sprintf(format, args...), true) }
func (r *TB) Fatal(args ...any)                 { r.note(fmt.Sprintln(args...), true); runtime.Goexit() }
func (r *TB) Fatalf(format string, args ...any) {
	r.note(fmt.Sprintf(format, args...), true)
	runtime.Goexit()
}
func (r *TB) Fail()            { r.note("failed", true) }
func (r *TB) FailNow()         { r.note("failed", true); runtime.Goexit() }
func (r *TB) Skip(args ...any) { r.Log(args...); r.SkipNow() }
func (r *TB) Skipf(format string, args ...any) {
	r.Logf(format, args...)
	r.SkipNow()
}

// SkipNow marks the clause as skipped and ends it.
func (r *TB) SkipNow() {
	r.mu.Lock()
	r.skipped = true
	r.mu.Unlock()
	runtime.Goexit()
}

// Failed reports whether the clause has failed.
func (r *TB) Failed() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.failed
}

// Skipped reports whether the clause was skipped.
func (r *TB) Skipped() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.skipped
}
