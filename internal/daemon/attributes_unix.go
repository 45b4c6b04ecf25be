//go:build unix && !linux

package daemon

import "syscall"

func attributes(u *User) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Credential: credential(u)}
}
