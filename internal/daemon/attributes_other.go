//go:build !unix

package daemon

import (
	"os"
	"os/exec"
	"syscall"
	"time"
)

// Group makes a command end when its context ends: by being killed, ten seconds after its pipes at the latest.
func Group(cmd *exec.Cmd) { cmd.WaitDelay = 10 * time.Second }

func attributes(*User) *syscall.SysProcAttr { return nil }

func killGroup(p *os.Process) { _ = p.Kill() }
