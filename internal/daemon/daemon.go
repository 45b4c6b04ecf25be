// Package daemon runs a server as a child process: in a process group of its own, so that an interrupt typed at the
// terminal reaches it only through its owner; as another user where the server refuses root; and, on Linux, ended by
// the kernel when its owner dies without stopping it.
package daemon

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

// Config says what to start.
type Config struct {
	Path string   // the program
	Args []string // its arguments, without the program's name
	Dir  string   // where it runs
	Env  []string // its environment; nil: that of this process
	Log  string   // the file that its output is appended to; required
	User *User    // whom it runs as; nil: as this process
}

// A User is an account of the operating system.
type User struct {
	Name     string
	UID, GID uint32
}

// A Process is a running server. Its methods may be called from any goroutine.
type Process struct {
	cmd  *exec.Cmd
	done chan struct{}
	err  error // set before done is closed
}

// Start starts the server and returns without waiting for it to answer.
func Start(c Config) (*Process, error) {
	log, err := os.OpenFile(c.Log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		return nil, fmt.Errorf("log of %s: %w", c.Path, err)
	}
	defer log.Close() // the child holds its own

	cmd := exec.Command(c.Path, c.Args...)
	cmd.Dir, cmd.Env = c.Dir, c.Env
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = attributes(c.User)

	p := &Process{cmd: cmd, done: make(chan struct{})}
	started := make(chan error, 1)
	go func() {
		// The kernel ends the child when the thread that made it goes, so that thread stays here until the child is gone.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			p.err = cmd.Wait()
		}
		close(p.done)
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("start %s: %w", c.Path, err)
	}
	return p, nil
}

// PID returns the process id.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Done is closed when the process has ended.
func (p *Process) Done() <-chan struct{} { return p.done }

// Err says how the process ended; nil while it runs and when it ended well.
func (p *Process) Err() error {
	select {
	case <-p.done:
		return p.err
	default:
		return nil
	}
}

// ErrKilled is returned by Stop when the process had to be killed.
var ErrKilled = errors.New("did not end when asked and was killed")

// Stop sends the signal and waits until the process has ended, however it ended; when the grace is over it is killed,
// with what it started, and Stop says so. A process that has ended is no error.
func (p *Process) Stop(signal syscall.Signal, grace time.Duration) error {
	select {
	case <-p.done:
		return nil
	default:
	}
	if err := p.cmd.Process.Signal(signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
		_ = p.cmd.Process.Kill() // a platform without that signal
	}
	timer := time.NewTimer(grace)
	defer timer.Stop()
	select {
	case <-p.done:
		return nil
	case <-timer.C:
		killGroup(p.cmd.Process)
		<-p.done
		return fmt.Errorf("%s: %w after %v", p.cmd.Path, ErrKilled, grace)
	}
}
