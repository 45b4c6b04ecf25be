package daemon_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/forewarn-go/forewarn/internal/daemon"
)

// shell starts a script, or skips the test where there is no shell.
func shell(t *testing.T, script string) (*daemon.Process, string) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("needs a POSIX shell")
	}
	path, err := exec.LookPath("sh")
	if err != nil {
		t.Skip(err)
	}
	log := filepath.Join(t.TempDir(), "log")
	p, err := daemon.Start(daemon.Config{Path: path, Args: []string{"-c", script}, Log: log, Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Stop(syscall.SIGKILL, time.Second) })
	return p, log
}

func TestEndsByItself(t *testing.T) {
	p, log := shell(t, "echo hello; exit 3")
	<-p.Done()
	var exit *exec.ExitError
	if !errors.As(p.Err(), &exit) || exit.ExitCode() != 3 {
		t.Errorf("Err is %v, want exit status 3", p.Err())
	}
	if b, err := os.ReadFile(log); err != nil || string(b) != "hello\n" {
		t.Errorf("log is %q, %v; want hello", b, err)
	}
	if err := p.Stop(syscall.SIGINT, time.Second); err != nil {
		t.Errorf("Stop of a process that has ended: %v", err)
	}
}

func TestStop(t *testing.T) {
	p, _ := shell(t, "sleep 600")
	if err := p.Stop(syscall.SIGTERM, time.Minute); err != nil {
		t.Fatal(err)
	}
	select {
	case <-p.Done():
	default:
		t.Error("Stop returned before the process had ended")
	}
}

func TestStopKillsWhatDoesNotEnd(t *testing.T) {
	p, log := shell(t, "trap '' TERM; echo ready; while :; do sleep 600; done")
	for { // until the trap is set
		if b, _ := os.ReadFile(log); len(b) > 0 {
			break
		}
		runtime.Gosched()
	}
	if err := p.Stop(syscall.SIGTERM, 50*time.Millisecond); !errors.Is(err, daemon.ErrKilled) {
		t.Errorf("Stop: %v, want ErrKilled", err)
	}
}

func TestStartSaysWhatIsMissing(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "none")
	_, err := daemon.Start(daemon.Config{Path: missing, Log: filepath.Join(t.TempDir(), "log")})
	if !errors.Is(err, os.ErrNotExist) {
		t.Errorf("Start of a program that does not exist: %v", err)
	}
}

func TestFreePortsDiffer(t *testing.T) {
	ports, err := daemon.FreePorts(3)
	if err != nil {
		t.Fatal(err)
	}
	if len(ports) != 3 || ports[0] == ports[1] || ports[1] == ports[2] || ports[0] == ports[2] {
		t.Errorf("got %v, want three different ports", ports)
	}
}
