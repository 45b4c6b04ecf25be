//go:build unix

package daemon

import (
	"os"
	"os/exec"
	"syscall"
	"time"
)

// Group puts a command that is not started yet into a process group of its own. When the command's context ends, the
// whole group is interrupted, and it is killed when it has not ended ten seconds later.
func Group(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.WaitDelay = 10 * time.Second
	cmd.Cancel = func() error {
		group := -cmd.Process.Pid
		time.AfterFunc(cmd.WaitDelay, func() { _ = syscall.Kill(group, syscall.SIGKILL) })
		return syscall.Kill(group, syscall.SIGINT)
	}
}

func credential(u *User) *syscall.Credential {
	if u == nil {
		return nil
	}
	return &syscall.Credential{Uid: u.UID, Gid: u.GID}
}

func killGroup(p *os.Process) { _ = syscall.Kill(-p.Pid, syscall.SIGKILL) }
